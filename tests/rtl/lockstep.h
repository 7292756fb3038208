/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lockstep: the Verilated units and the C models on one memory, transaction
 * by transaction.  Both must read the same words, hit the same, answer the
 * same, and fault the same.
 */
#ifndef TESTS_RTL_LOCKSTEP_H
#define TESTS_RTL_LOCKSTEP_H

#include <rtl/rtl.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct lockstep_options {
    uint64_t seed;
    uint64_t transactions;
    const char *waves; /* VCD, of the RTL; NULL: none */
    enum rtl_size size;
    bool calm; /* no invalidation meets a walk */
};

struct lockstep_result {
    uint64_t transactions; /* requests and invalidations */
    uint64_t hits, walks, faults, invalidations;
    uint64_t met;            /* invalidations in the middle of a walk */
    uint64_t reads;          /* of memory */
    uint64_t cycles;         /* of the RTL's clock */
    char disagreement[2048]; /* empty: none */
};

/* Runs until the transactions are done or the two disagree. */
struct lockstep {
    const char *name;
    void (*run)(const struct lockstep_options *options,
                struct lockstep_result *result);
};
/* The one that the program is built with. */
extern const struct lockstep lockstep_unit;

/* Told now and then how far a run is; NULL: nobody. */
extern void (*lockstep_progress)(const struct lockstep_result *result);

/* The words that one side read. */
#define TRAIL_KEPT 32u
struct trail {
    unsigned int reads;
    uint64_t hash, address[TRAIL_KEPT];
};
static inline void trail_follow(struct trail *trail, uint64_t address)
{
    if ( trail->reads < TRAIL_KEPT )
        trail->address[trail->reads] = address;
    trail->reads++;
    trail->hash = (trail->hash ^ address) * UINT64_C(0x100000001b3);
}

/* Appends what printf would to the text of a result. */
__attribute__((format(printf, 2, 3))) void lockstep_tell(
    struct lockstep_result *result, const char *format, ...);
void lockstep_tell_trails(struct lockstep_result *result,
                          const struct trail *c, const struct trail *rtl);

#endif /* TESTS_RTL_LOCKSTEP_H */
