/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sim/: a program's run in simulated time, from inside. */
#ifndef SIM_TIMED_H
#define SIM_TIMED_H

#include <sim/load.h>

struct timed {
    const struct sim_config *config;
    const struct program *program;
    struct platform *platform;
    struct world *world;
    struct load_pages *pages;
    struct load_cursor cursor[PROGRAM_MAX_DEVICES];
    struct unit {
        struct timed *timed;
        unsigned int number;
    } unit[PROGRAM_MAX_UNITS];
    struct source {
        struct timed *timed;
        unsigned int device;
    } source[PROGRAM_MAX_DEVICES];
    size_t operation; /* the one that runs */
    uint64_t began;   /* when it did */
    uint64_t write_began, invalidations;
    unsigned int depth; /* of register writes in each other */
    struct sim_result *result;
};

/* timed.c: in a process of its own. */
void timed_run(struct timed *t);

/* What the timing file says of the units. */
struct world_hardware timed_hardware(const struct timing *timing);

/* timed_load.c: a device that loads its unit, if there is a page for it. */
void timed_add_load(struct timed *t, unsigned int device);

#endif /* SIM_TIMED_H */
