/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Histories: the values that each word, p2m entry and latched register has
 * had, and when.  A word that never changed has none: its value is read.
 */
#include "internal.h"

#define MAP_SLOTS 32 /* at first */

static size_t slot_of(const struct history_map *map, uint64_t key)
{
    size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20);

    for ( i &= map->capacity - 1; map->slot[i] && map->slot[i]->key != key; )
        i = (i + 1) & (map->capacity - 1);
    return i;
}

struct history *history_find(const struct history_map *map, uint64_t key)
{
    return map->capacity ? map->slot[slot_of(map, key)] : NULL;
}

static void map_rehash(struct oracle *o, struct history_map *map)
{
    struct history_map old = *map;

    map->capacity = old.capacity ? old.capacity * 2 : MAP_SLOTS;
    map->slot = oracle_alloc(o, map->capacity * sizeof(map->slot[0]));
    for ( size_t i = 0; i < old.capacity; i++ )
        if ( old.slot[i] )
            map->slot[slot_of(map, old.slot[i]->key)] = old.slot[i];
    oracle_free(o, old.slot, old.capacity * sizeof(old.slot[0]));
}

struct history *history_get(struct oracle *o, struct history_map *map,
                            uint64_t key)
{
    size_t i;

    if ( map->used * 2 >= map->capacity )
        map_rehash(o, map);
    i = slot_of(map, key);
    if ( !map->slot[i] )
    {
        map->slot[i] = oracle_alloc(o, sizeof(struct history));
        map->slot[i]->key = key;
        map->used++;
    }
    return map->slot[i];
}

void history_map_clear(struct oracle *o, struct history_map *map)
{
    for ( size_t i = 0; i < map->capacity; i++ )
        if ( map->slot[i] )
        {
            oracle_free(o, map->slot[i]->version,
                        map->slot[i]->room * sizeof(struct version));
            oracle_free(o, map->slot[i], sizeof(struct history));
        }
    oracle_free(o, map->slot, map->capacity * sizeof(map->slot[0]));
    *map = (struct history_map) { 0 };
}

void history_append(struct oracle *o, struct history *history,
                    const struct version *version)
{
    size_t room = history->room;

    history->version = oracle_grow(o, history->version, history->count, &room,
                                   sizeof(*version));
    history->room = (unsigned int)room;
    history->version[history->count++] = *version;
}

const struct version *history_last(const struct history *history)
{
    return &history->version[history->count - 1];
}

static void history_supersede(struct oracle *o, struct history *history,
                              uint64_t value, bool readable)
{
    history->version[history->count - 1].span.end = o->tick;
    history_append(o, history,
                   &(struct version) { .value = value,
                                       .span = { o->tick, NEVER },
                                       .readable = readable });
}

/* ---- latches ---- */

void latch_reset(struct oracle *o, struct history *latched, uint64_t value)
{
    latched->count = 0;
    latch_begin(o, latched, value);
}

void latch_begin(struct oracle *o, struct history *latched, uint64_t value)
{
    history_append(
        o, latched,
        &(struct version) { .value = value, .span = { o->tick, NEVER } });
}

void latch_end(struct oracle *o, struct history *latched)
{
    for ( unsigned int i = 0; i + 1 < latched->count; i++ )
        if ( latched->version[i].span.end == NEVER )
        {
            latched->version[i].span.end = o->tick;
            o->stats.noticed++;
        }
}

/* ---- words ---- */

static bool read_world(struct oracle *o, uint64_t gpa, uint64_t *value)
{
    const struct oracle_world *world = &o->config.world;

    return !above_haw(o, gpa) && world->read64(world->context, gpa, value);
}

static void tell_looked(const struct oracle *o, uint64_t gpa)
{
    if ( o->config.world.looked )
        o->config.world.looked(o->config.world.context, gpa);
}

void word_versions(struct oracle *o, uint64_t gpa, struct word *word)
{
    const struct history *history = history_find(&o->words, gpa);

    tell_looked(o, gpa);
    if ( history )
    {
        word->version = history->version;
        word->count = history->count;
        return;
    }
    word->only = (struct version) { .span = { 0, NEVER } };
    word->only.readable = read_world(o, gpa, &word->only.value);
    word->version = &word->only;
    word->count = 1;
}

bool word_now(struct oracle *o, uint64_t gpa, uint64_t *value)
{
    const struct history *history = history_find(&o->words, gpa);

    tell_looked(o, gpa);
    if ( !history )
        return read_world(o, gpa, value);
    *value = history_last(history)->value;
    return history_last(history)->readable;
}

void history_store(struct oracle *o, uint64_t gpa, uint64_t old,
                   uint64_t value)
{
    struct history *history = history_get(o, &o->words, gpa);

    if ( !history->count )
    {
        o->stats.words++;
        history_append(o, history,
                       &(struct version) { .value = old,
                                           .span = { 0, NEVER },
                                           .readable = true });
    }
    if ( history_last(history)->value != value ||
         !history_last(history)->readable )
        history_supersede(o, history, value, true);
}

/* ---- p2m ---- */

/* A version's value: the frame's address and the type below it. */
#define P2M_VALUE(type, hpa) (((hpa) & ~PAGE_OFFSET) | (uint64_t)(type))
#define P2M_TYPE(v)          ((enum oracle_memory)((v)&PAGE_OFFSET))

void history_p2m_change(struct oracle *o, uint64_t gpa,
                        enum oracle_memory old_type, uint64_t old_hpa,
                        enum oracle_memory type, uint64_t hpa)
{
    uint64_t page = gpa & ~PAGE_OFFSET;
    struct history *history = history_get(o, &o->p2m, page);

    if ( !history->count )
        history_append(
            o, history,
            &(struct version) { .value = P2M_VALUE(old_type, old_hpa),
                                .span = { 0, NEVER } });
    /* The old one stays usable until history_p2m_settle(). */
    history_append(o, history,
                   &(struct version) { .value = P2M_VALUE(type, hpa),
                                       .span = { o->tick, NEVER } });
    o->zombie = oracle_grow(o, o->zombie, o->zombies, &o->zombie_room,
                            sizeof(o->zombie[0]));
    o->zombie[o->zombies++] = page;
    o->exchanged = oracle_grow(o, o->exchanged, o->exchanges,
                               &o->exchange_room, sizeof(o->exchanged[0]));
    o->exchanged[o->exchanges++] = page;
}

void history_p2m_settle(struct oracle *o)
{
    while ( o->zombies )
    {
        struct history *history = history_find(&o->p2m,
                                               o->zombie[--o->zombies]);

        for ( unsigned int i = 0; i + 1 < history->count; i++ )
            if ( history->version[i].span.end == NEVER )
                history->version[i].span.end = o->tick;
    }
}

void history_refresh(struct oracle *o)
{
    while ( o->exchanges )
    {
        uint64_t page = o->exchanged[--o->exchanges];

        for ( uint64_t gpa = page; gpa < page + PAGE_BYTES; gpa += 8 )
        {
            struct history *history = history_find(&o->words, gpa);
            uint64_t value = 0;
            bool readable;

            if ( !history )
                continue;
            readable = read_world(o, gpa, &value);
            if ( readable != history_last(history)->readable ||
                 value != history_last(history)->value )
                history_supersede(o, history, value, readable);
        }
    }
}

static bool p2m_allows(enum oracle_memory type, bool write)
{
    return type == ORACLE_RAM || (type == ORACLE_ROM && !write);
}

/* The versions usable in @window that allow the access, or that do not. */
static bool p2m_any(struct oracle *o, uint64_t gpa, bool write, bool allow,
                    const uint64_t *hpa, struct span window)
{
    const struct history *history = history_find(&o->p2m, gpa & ~PAGE_OFFSET);
    const struct oracle_world *world = &o->config.world;
    uint64_t now = 0;

    if ( !history )
    {
        enum oracle_memory type = world->p2m(world->context, gpa, &now);

        return p2m_allows(type, write) == allow && (!hpa || now == *hpa);
    }
    for ( unsigned int i = 0; i < history->count; i++ )
    {
        const struct version *v = &history->version[i];

        if ( span_empty(span_meet(v->span, window)) ||
             p2m_allows(P2M_TYPE(v->value), write) != allow )
            continue;
        if ( !hpa ||
             ((v->value & ~PAGE_OFFSET) | (gpa & PAGE_OFFSET)) == *hpa )
            return true;
    }
    return false;
}

bool p2m_leads(struct oracle *o, uint64_t gpa, uint64_t hpa, bool write,
               struct span window)
{
    return p2m_any(o, gpa, write, true, &hpa, window);
}

bool p2m_refuses(struct oracle *o, uint64_t gpa, bool write,
                 struct span window)
{
    return p2m_any(o, gpa, write, false, NULL, window);
}
