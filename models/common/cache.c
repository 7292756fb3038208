/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout of the block: this header, one signature word per entry, the entries.
 * A signature of 0 is an empty entry; a lookup compares the signatures of a
 * set first and touches an entry only when one is equal.
 */
#include <common/cache.h>

#include <string.h>

#define LINE 64u

/* CACHE_RANDOM: one lookup in this many loses an entry of its set. */
#define RANDOM_EVICTION_PERIOD 16u

struct cache {
    struct cache_config config;
    uint32_t set_mask;
    uint32_t count;
    uint64_t clock;  /* stamps of the least-recently-used order */
    uint64_t random; /* state of the generator, never 0 */
};

struct entry {
    struct cache_key key;
    struct cache_value value;
    uint64_t stamp;
};
_Static_assert(sizeof(struct entry) == LINE, "an entry fills a cache line");

static bool power_of_two(unsigned int v)
{
    return v && !(v & (v - 1));
}

static size_t round_up(size_t size)
{
    return (size + LINE - 1) & ~(size_t)(LINE - 1);
}

static size_t entries_offset(const struct cache_config *config)
{
    return round_up(sizeof(struct cache)) +
           round_up(config->entries * sizeof(uint32_t));
}

static uint32_t *signatures(const struct cache *cache)
{
    return (uint32_t *)((uintptr_t)cache + round_up(sizeof(struct cache)));
}

static struct entry *entries(const struct cache *cache)
{
    return (struct entry *)((uintptr_t)cache + entries_offset(&cache->config));
}

const char *cache_config_check(const struct cache_config *config)
{
    if ( config->retention > CACHE_RANDOM )
        return "a cache has an unknown retention policy";
    if ( !config->entries )
        return NULL;
    if ( !power_of_two(config->entries) || config->entries > 1u << 20 )
        return "the entries of a cache must be a power of two up to 2^20";
    if ( !power_of_two(config->ways) || config->ways > config->entries )
        return "the ways of a cache must be a power of two up to its entries";
    return NULL;
}

size_t cache_size(const struct cache_config *config)
{
    return entries_offset(config) + config->entries * sizeof(struct entry);
}

struct cache *cache_init(void *memory, const struct cache_config *config)
{
    struct cache *cache = memory;

    memset(memory, 0, cache_size(config));
    cache->config = *config;
    if ( config->entries )
        cache->set_mask = config->entries / config->ways - 1;
    cache->random = (config->seed * UINT64_C(0x9e3779b97f4a7c15)) | 1;
    return cache;
}

void cache_clear(struct cache *cache)
{
    struct cache_config config = cache->config;

    cache_init(cache, &config);
}

static bool holds_nothing(const struct cache *cache)
{
    return !cache->config.entries ||
           cache->config.retention == CACHE_ALWAYS_MISS;
}

/* xorshift64 */
static uint32_t next_random(struct cache *cache)
{
    cache->random ^= cache->random << 13;
    cache->random ^= cache->random >> 7;
    cache->random ^= cache->random << 17;
    return (uint32_t)(cache->random >> 32);
}

/* First entry of the key's set: neighbours in address go to different sets. */
static uint32_t first_way(const struct cache *cache,
                          const struct cache_key *key)
{
    uint32_t set = (uint32_t)(key->address ^ key->address >> 20) ^
                   key->tag * 0x9e37u ^ key->tag2 * 0x85ebu ^
                   key->kind * 0x45d9u;

    return (set & cache->set_mask) * cache->config.ways;
}

static uint32_t signature(const struct cache_key *key)
{
    uint64_t mix = key->address * UINT64_C(0x9e3779b97f4a7c15) ^
                   (((uint64_t)key->tag << 32) | key->kind) *
                       UINT64_C(0xd6e8feb86659fd93) ^
                   key->tag2;

    return (uint32_t)(mix >> 32) | 1;
}

static bool key_equal(const struct cache_key *a, const struct cache_key *b)
{
    return a->address == b->address && a->tag == b->tag &&
           a->tag2 == b->tag2 && a->kind == b->kind;
}

#define NOT_FOUND UINT32_MAX

static uint32_t find(const struct cache *cache, const struct cache_key *key)
{
    uint32_t first = first_way(cache, key), sig = signature(key);
    const uint32_t *signs = signatures(cache);

    for ( uint32_t i = first; i < first + cache->config.ways; i++ )
        if ( signs[i] == sig && key_equal(&entries(cache)[i].key, key) )
            return i;
    return NOT_FOUND;
}

static void drop(struct cache *cache, uint32_t index)
{
    signatures(cache)[index] = 0;
    cache->count--;
}

static void evict_at_random(struct cache *cache, const struct cache_key *key)
{
    uint32_t random = next_random(cache);
    uint32_t index;

    if ( random % RANDOM_EVICTION_PERIOD )
        return;
    index = first_way(cache, key) +
            ((random >> 16) & (cache->config.ways - 1));
    if ( signatures(cache)[index] )
        drop(cache, index);
}

bool cache_lookup(struct cache *cache, const struct cache_key *key,
                  struct cache_value *value)
{
    uint32_t index;

    if ( holds_nothing(cache) )
        return false;
    if ( cache->config.retention == CACHE_RANDOM )
        evict_at_random(cache, key);
    index = find(cache, key);
    if ( index == NOT_FOUND )
        return false;
    entries(cache)[index].stamp = ++cache->clock;
    *value = entries(cache)[index].value;
    return true;
}

bool cache_peek(const struct cache *cache, const struct cache_key *key,
                struct cache_value *value)
{
    uint32_t index;

    if ( holds_nothing(cache) )
        return false;
    index = find(cache, key);
    if ( index == NOT_FOUND )
        return false;
    *value = entries(cache)[index].value;
    return true;
}

/* The way that a new entry takes, or NOT_FOUND: none. */
static uint32_t choose_way(struct cache *cache, const struct cache_key *key)
{
    uint32_t first = first_way(cache, key), oldest = first;
    const struct entry *entry = entries(cache);

    for ( uint32_t i = first; i < first + cache->config.ways; i++ )
    {
        if ( !signatures(cache)[i] )
            return i;
        if ( entry[i].stamp < entry[oldest].stamp )
            oldest = i;
    }
    if ( cache->config.retention == CACHE_NEVER_EVICT )
        return NOT_FOUND;
    if ( cache->config.retention == CACHE_RANDOM )
        oldest = first + (next_random(cache) & (cache->config.ways - 1));
    drop(cache, oldest);
    return oldest;
}

void cache_fill(struct cache *cache, const struct cache_key *key,
                const struct cache_value *value)
{
    uint32_t index;

    if ( holds_nothing(cache) )
        return;
    index = find(cache, key);
    if ( index == NOT_FOUND )
    {
        index = choose_way(cache, key);
        if ( index == NOT_FOUND )
            return;
        cache->count++;
    }
    signatures(cache)[index] = signature(key);
    entries(cache)[index] = (struct entry) {
        .key = *key,
        .value = *value,
        .stamp = ++cache->clock,
    };
}

bool cache_remove(struct cache *cache, const struct cache_key *key)
{
    uint32_t index;

    if ( holds_nothing(cache) )
        return false;
    index = find(cache, key);
    if ( index == NOT_FOUND )
        return false;
    drop(cache, index);
    return true;
}

unsigned int cache_remove_if(struct cache *cache,
                             bool (*match)(const struct cache_key *key,
                                           const struct cache_value *value,
                                           const void *context),
                             const void *context)
{
    uint32_t left = cache->count;
    unsigned int removed = 0;

    for ( uint32_t i = 0; left; i++ )
    {
        const struct entry *entry = &entries(cache)[i];

        if ( !signatures(cache)[i] )
            continue;
        left--;
        if ( !match(&entry->key, &entry->value, context) )
            continue;
        drop(cache, i);
        removed++;
    }
    return removed;
}

unsigned int cache_count(const struct cache *cache)
{
    return cache->count;
}

void cache_visit(const struct cache *cache,
                 void (*visit)(const struct cache_key *key,
                               const struct cache_value *value, void *context),
                 void *context)
{
    for ( uint32_t i = 0; i < cache->config.entries; i++ )
        if ( signatures(cache)[i] )
            visit(&entries(cache)[i].key, &entries(cache)[i].value, context);
}
