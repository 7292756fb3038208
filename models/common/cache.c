/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout of the block: this header, one signature word per entry, the stamps
 * of their last use, the entries.  A signature of 0 is an empty entry; a
 * lookup compares the signatures of a set first and touches an entry only when
 * one is equal.
 */
#include <common/cache.h>

#include <string.h>

#define LINE 64u

/* CACHE_RANDOM: one lookup in this many loses an entry of its set. */
#define RANDOM_EVICTION_PERIOD 16u

struct cache {
    struct cache_config config;
    size_t stamps, entries; /* where they begin */
    bool holds_nothing;
    uint32_t set_mask;
    uint32_t count;
    uint64_t clock;  /* stamps of the least-recently-used order */
    uint64_t random; /* state of the generator, never 0 */
};

struct entry {
    struct cache_key key;
    struct cache_value value;
    uint64_t unused;
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

static size_t stamps_offset(const struct cache_config *config)
{
    return round_up(sizeof(struct cache)) +
           round_up(config->entries * sizeof(uint32_t));
}

static size_t entries_offset(const struct cache_config *config)
{
    return stamps_offset(config) +
           round_up(config->entries * sizeof(uint64_t));
}

static uint32_t *signatures(const struct cache *cache)
{
    return (uint32_t *)((uintptr_t)cache + round_up(sizeof(struct cache)));
}

static uint64_t *stamps(const struct cache *cache)
{
    return (uint64_t *)((uintptr_t)cache + cache->stamps);
}

static struct entry *entries(const struct cache *cache)
{
    return (struct entry *)((uintptr_t)cache + cache->entries);
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
    cache->stamps = stamps_offset(config);
    cache->entries = entries_offset(config);
    cache->holds_nothing = !config->entries ||
                           config->retention == CACHE_ALWAYS_MISS;
    if ( config->entries )
        cache->set_mask = config->entries / config->ways - 1;
    cache->random = (config->seed * UINT64_C(0x9e3779b97f4a7c15)) | 1;
    return cache;
}

static void touch_all(const struct cache *cache)
{
    uint64_t first = (uint64_t)cache->config.number << 32;

    port_touch(&cache->config.port, PORT_CACHE, first, first | UINT32_MAX,
               true);
}

void cache_clear(struct cache *cache)
{
    struct cache_config config = cache->config;

    touch_all(cache);
    cache_init(cache, &config);
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

/* The entries with this signature. */
static void touch(const struct cache *cache, uint32_t sig, bool write)
{
    uint64_t at = (uint64_t)cache->config.number << 32 | sig;

    if ( cache->config.port.ops )
        port_touch(&cache->config.port, PORT_CACHE, at, at, write);
}

#define NOT_FOUND UINT32_MAX

/* In the set that begins at @first, by signature and key. */
static inline uint32_t find_in(const struct cache *cache,
                               const struct cache_key *key, uint32_t first,
                               uint32_t sig)
{
    uint32_t end = first + cache->config.ways;
    const uint32_t *signs = signatures(cache);

    for ( uint32_t i = first; i < end; i++ )
        if ( signs[i] == sig && key_equal(&entries(cache)[i].key, key) )
            return i;
    return NOT_FOUND;
}

static inline uint32_t find(const struct cache *cache,
                            const struct cache_key *key, uint32_t sig)
{
    if ( !cache->count )
        return NOT_FOUND;
    return find_in(cache, key, first_way(cache, key), sig);
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
    uint32_t index, sig;

    if ( cache->holds_nothing )
        return false;
    sig = signature(key);
    touch(cache, sig, false);
    if ( cache->config.retention == CACHE_RANDOM )
    {
        touch_all(cache);
        evict_at_random(cache, key);
    }
    index = find(cache, key, sig);
    if ( index == NOT_FOUND )
        return false;
    stamps(cache)[index] = ++cache->clock;
    *value = entries(cache)[index].value;
    return true;
}

bool cache_peek(const struct cache *cache, const struct cache_key *key,
                struct cache_value *value)
{
    uint32_t index, sig;

    if ( cache->holds_nothing )
        return false;
    sig = signature(key);
    touch(cache, sig, false);
    index = find(cache, key, sig);
    if ( index == NOT_FOUND )
        return false;
    *value = entries(cache)[index].value;
    return true;
}

/* The way that a new entry takes of a set that begins at @first, or NOT_FOUND:
 * none. */
static uint32_t choose_way(struct cache *cache, uint32_t first)
{
    uint32_t oldest = first, end = first + cache->config.ways;
    const uint32_t *signs = signatures(cache);
    const uint64_t *stamp = stamps(cache);

    for ( uint32_t i = first; i < end; i++ )
    {
        if ( !signs[i] )
        {
            cache->count++;
            return i;
        }
        if ( stamp[i] < stamp[oldest] )
            oldest = i;
    }
    /* Who came first, and who was used last, decides. */
    touch_all(cache);
    if ( cache->config.retention == CACHE_NEVER_EVICT )
        return NOT_FOUND;
    if ( cache->config.retention == CACHE_RANDOM )
        oldest = first + (next_random(cache) & (cache->config.ways - 1));
    return oldest;
}

void cache_fill(struct cache *cache, const struct cache_key *key,
                const struct cache_value *value)
{
    uint32_t first, sig, index;

    if ( cache->holds_nothing )
        return;
    sig = signature(key);
    touch(cache, sig, true);
    first = first_way(cache, key);
    index = find_in(cache, key, first, sig);
    if ( index == NOT_FOUND )
    {
        index = choose_way(cache, first);
        if ( index == NOT_FOUND )
            return;
    }
    signatures(cache)[index] = sig;
    stamps(cache)[index] = ++cache->clock;
    entries(cache)[index].key = *key;
    entries(cache)[index].value = *value;
}

bool cache_remove(struct cache *cache, const struct cache_key *key)
{
    uint32_t index, sig;

    if ( cache->holds_nothing )
        return false;
    sig = signature(key);
    touch(cache, sig, true);
    index = find(cache, key, sig);
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

    touch_all(cache);
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
