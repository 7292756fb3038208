/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random world for an SMMUv3: ID registers, streams of all kinds, tables of
 * both stages that are right and wrong in every way, and the addresses that
 * lead into them.
 */
#ifndef TESTS_RTL_SMMU_WORLD_H
#define TESTS_RTL_SMMU_WORLD_H

#include "rig.h"

#define WORLD_POOL    10u /* tables of a pool */
#define WORLD_STREAMS 6u
#define WORLD_HOT     24u
#define WORLD_LEVELS  4u
#define WORLD_START   16u /* concatenated tables of stage 2 */

struct stream {
    uint32_t sid;
    unsigned int config; /* STAGE1, STAGE2, NESTED */
    uint64_t ste, cd;
};

struct world {
    struct rig rig;
    uint64_t random;
    bool e2h;
    struct stream stream[WORLD_STREAMS];
    /* Stage 1: pointers are physical, pointers are IPAs; stage 2 by level. */
    uint64_t plain[WORLD_POOL], nested[WORLD_POOL];
    uint64_t start, s2[WORLD_LEVELS][2];
    /* Addresses that come again; which was taken last. */
    uint64_t hot[WORLD_STREAMS][WORLD_HOT], *last;
};

/* The main TLB is @entries x @ways; no other cache of translations is on.
 * STEs and CDs are cached, the TLB is empty. */
void world_create(struct world *world, uint64_t seed, unsigned int entries,
                  unsigned int ways);
void world_destroy(struct world *world);

uint64_t world_random(struct world *world);
unsigned int world_below(struct world *world, unsigned int n);
bool world_one_in(struct world *world, unsigned int n);

uint64_t world_address(struct world *world, unsigned int stream);
/* The last one led to a fault: it shall not come for ever. */
void world_forget(struct world *world);

/* Some descriptor becomes something else. */
struct change {
    uint64_t address, value;
};
struct change world_any_change(struct world *world);

#endif /* TESTS_RTL_SMMU_WORLD_H */
