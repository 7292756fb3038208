/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash map from words to words. */
#include <machine/map.h>

static uint64_t home(const struct map *map, uint64_t key)
{
    return ((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & map->mask;
}

bool map_init(struct map *map, struct machine *m, uint64_t slots)
{
    uint64_t i;

    map->slot = machine_alloc(m, slots * sizeof(*map->slot), 64);
    if ( !map->slot )
        return false;
    for ( i = 0; i < slots; i++ )
        map->slot[i].key = MAP_NO_KEY;
    map->machine = m;
    map->mask = slots - 1;
    map->count = 0;
    return true;
}

/* The slot of @key, or the free one where it would go. */
static struct map_slot *probe(const struct map *map, uint64_t key)
{
    uint64_t i = home(map, key);

    while ( map->slot[i].key != key && map->slot[i].key != MAP_NO_KEY )
        i = (i + 1) & map->mask;
    return &map->slot[i];
}

bool map_get(const struct map *map, uint64_t key, uint64_t *value)
{
    const struct map_slot *slot = probe(map, key);

    if ( slot->key != key )
        return false;
    *value = slot->value;
    return true;
}

static bool grow(struct map *map)
{
    struct map old = *map;
    uint64_t cursor = 0;
    const struct map_slot *slot;

    if ( !map_init(map, old.machine, (old.mask + 1) * 2) )
    {
        *map = old;
        return false;
    }
    while ( (slot = map_next(&old, &cursor)) )
        *probe(map, slot->key) = *slot;
    map->count = old.count;
    return true;
}

bool map_set(struct map *map, uint64_t key, uint64_t value)
{
    struct map_slot *slot = probe(map, key);

    if ( slot->key != key )
    {
        if ( (map->count + 1) * 4 > (map->mask + 1) * 3 )
        {
            if ( !grow(map) )
                return false;
            slot = probe(map, key);
        }
        slot->key = key;
        map->count++;
    }
    slot->value = value;
    return true;
}

bool map_remove(struct map *map, uint64_t key)
{
    struct map_slot *slot = probe(map, key);
    uint64_t hole, i;

    if ( slot->key != key )
        return false;

    /* Close the gap: move up what probes from its home across the hole. */
    hole = (uint64_t)(slot - map->slot);
    for ( i = (hole + 1) & map->mask; map->slot[i].key != MAP_NO_KEY;
          i = (i + 1) & map->mask )
    {
        uint64_t distance = (i - home(map, map->slot[i].key)) & map->mask;

        if ( distance >= ((i - hole) & map->mask) )
        {
            map->slot[hole] = map->slot[i];
            hole = i;
        }
    }
    map->slot[hole].key = MAP_NO_KEY;
    map->count--;
    return true;
}

const struct map_slot *map_next(const struct map *map, uint64_t *cursor)
{
    while ( *cursor <= map->mask )
    {
        const struct map_slot *slot = &map->slot[(*cursor)++];

        if ( slot->key != MAP_NO_KEY )
            return slot;
    }
    return NULL;
}
