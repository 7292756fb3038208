/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded sessions in lockstep.  The harness replays a session through the C
 * model as ever; the linker wraps some functions of the model, and what they
 * are called with is put to the RTL as well.  The RTL is fed with the very
 * words that the C model read: it must ask for the same ones.
 */
#ifndef TESTS_RTL_SESSION_H
#define TESTS_RTL_SESSION_H

#include <common/port.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SESSION_READS 64u

/* One translation's reads of descriptors. */
struct session_reads {
    struct {
        uint64_t address, value;
        bool ok;
    } read[SESSION_READS];
    unsigned int count; /* that the C model made */
    unsigned int taken; /* by the RTL */
    bool recording, strayed;
};

struct session_result {
    uint64_t translations, hits, faults, invalidations, reads;
    char disagreement[512]; /* the first; empty: none */
};
extern struct session_result session;

/* The unit's port, that records on the way; the unit gets *@port. */
void session_port(struct port *port);
extern struct session_reads session_reads;
void session_record(bool on);
/* For rtl_memory. */
bool session_replay(void *world, uint64_t address, uint64_t *value);

__attribute__((format(printf, 1, 2))) void session_disagree(const char *format,
                                                            ...);

/* No unit of the last program is left. */
void session_vtd_end(void);
void session_smmuv3_end(void);

#endif /* TESTS_RTL_SESSION_H */
