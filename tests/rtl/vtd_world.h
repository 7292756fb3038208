/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random world for a VT-d unit: capabilities, domains, tables that are
 * right and wrong in every way, and the addresses that lead into them.
 */
#ifndef TESTS_RTL_VTD_WORLD_H
#define TESTS_RTL_VTD_WORLD_H

#include "rig.h"

#define WORLD_TABLES  24u
#define WORLD_DOMAINS 4u
#define WORLD_HOT     24u

struct domain {
    uint32_t sid;
    unsigned int did;
    uint64_t slptptr;
    bool aw48;
};

struct world {
    struct rig rig;
    uint64_t random;
    uint64_t table[WORLD_TABLES];
    struct domain domain[WORLD_DOMAINS];
    /* Addresses that come again; which was taken last. */
    uint64_t hot[WORLD_DOMAINS][WORLD_HOT], *last;
    unsigned int sllps; /* as in CAP */
    bool sc, cm, zlr;
};

/* The IOTLB is @entries x @ways, and no other cache is on. */
void world_create(struct world *world, uint64_t seed, unsigned int entries,
                  unsigned int ways);
void world_destroy(struct world *world);

uint64_t world_random(struct world *world);
unsigned int world_below(struct world *world, unsigned int n);
bool world_one_in(struct world *world, unsigned int n);

uint64_t world_address(struct world *world, unsigned int domain);
/* The last one led to a fault: it shall not come for ever. */
void world_forget(struct world *world);
/* Some entry of some table, and what it might become. */
uint64_t world_any_entry(struct world *world);
uint64_t world_any_value(struct world *world);

#endif /* TESTS_RTL_VTD_WORLD_H */
