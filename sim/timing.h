/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a machine in simulated time, read from an INI file
 * (sim/timing/, docs/timing.md).  All are cycles of one clock, unless they say
 * otherwise.
 */
#ifndef SIM_TIMING_H
#define SIM_TIMING_H

#include <common/cost.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cache of a unit; 0 entries: as the model has it. */
struct timing_cache {
    uint32_t entries, ways;
};

struct timing {
    uint32_t period; /* picoseconds */

    struct cost_table costs; /* of the units (models/common/cost.h) */
    uint32_t slots;          /* requests in flight below a unit */
    uint32_t walkers;
    uint32_t tlb_ports;    /* lookups that begin in one cycle */
    uint32_t link_request; /* from the TLB to the walkers */
    uint32_t link_response;
    struct timing_cache config_cache, tlb, walk_cache;

    uint32_t bus_request, bus_response; /* each way */
    uint32_t bus_width;                 /* bytes a cycle, each way */

    uint32_t memory_latency;
    uint32_t memory_width; /* bytes a cycle and channel */
    uint32_t memory_channels;

    uint32_t cpu_processors; /* that software runs on */
    uint32_t cpu_access;     /* a load or store, the caches hit */
    uint32_t cpu_register;   /* to a register of a unit and back, beside the
                              * bus */
    uint32_t cpu_trap;       /* into the hypervisor and back */
    uint32_t cpu_call;       /* a call of host.h */
    uint32_t cpu_dispatch;   /* until deferred work is run */

    uint32_t dm_call;    /* a hypercall of a device model */
    uint32_t dm_access;  /* by a mapping that it has, up to 64 bytes */
    uint32_t dm_message; /* until it looks at what it was told */

    uint32_t device_link;     /* from a device to its unit, each way */
    uint32_t device_channels; /* requests of a device at once */
};

/* Room for what is wrong with a file. */
#define TIMING_ERROR 512

/* The figures of small-soc, which is what is used when none are named. */
void timing_default(struct timing *timing);

/*
 * @name: a file, or one of the presets in $UMBRA_TIMING (or sim/timing).  What
 * the file leaves out keeps its default.  False: @error says what is wrong,
 * where (file:line), and what would be right.
 */
bool timing_read(struct timing *timing, const char *name, char *error);

/* The same from text; @file is for messages. */
bool timing_parse(struct timing *timing, const char *text, const char *file,
                  char *error);

/* Ended by NULL. */
extern const char *const timing_presets[];

#endif /* SIM_TIMING_H */
