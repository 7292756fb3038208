/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from 64-bit keys to 64-bit values inside the machine's state: open
 * addressing, linear probing, no tombstones.  The order of a visit depends on
 * keys and history alone, never on addresses.
 */
#ifndef HARNESS_MACHINE_MAP_H
#define HARNESS_MACHINE_MAP_H

#include <machine/machine.h>

#define MAP_NO_KEY UINT64_MAX /* not usable as a key */

struct map_slot {
    uint64_t key, value;
};

struct map {
    struct machine *machine;
    struct map_slot *slot;
    uint64_t mask; /* slots - 1 */
    uint64_t count;
};

/* @slots: a power of two.  False: no memory. */
bool map_init(struct map *map, struct machine *m, uint64_t slots);

bool map_get(const struct map *map, uint64_t key, uint64_t *value);

/* Insert or replace.  False: no memory to grow. */
bool map_set(struct map *map, uint64_t key, uint64_t value);
bool map_remove(struct map *map, uint64_t key);

/* Visit all; start with *cursor = 0.  The map must not change meanwhile, but
 * for values. */
const struct map_slot *map_next(const struct map *map, uint64_t *cursor);

#endif /* HARNESS_MACHINE_MAP_H */
