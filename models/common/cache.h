/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one set-associative cache of the models.
 *
 * Keys and values are small fixed-size words, so that one piece of code serves
 * context caches, IOTLBs, paging-structure caches, STE and CD caches.  Lookup
 * copies out: no pointer into the cache leaves it.  Memory is the caller's:
 * the state is one block that can be copied whole.
 *
 * Retention says which of the behaviours that the architectures allow is
 * taken; what is *permitted* to be cached is the caller's business.
 */
#ifndef MODELS_COMMON_CACHE_H
#define MODELS_COMMON_CACHE_H

#include <common/port.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cache_retention {
    CACHE_NORMAL,      /* least recently used of the set goes */
    CACHE_NEVER_EVICT, /* only invalidations remove; a full set takes
                        * no more; the model prefetches as well */
    CACHE_ALWAYS_MISS, /* holds nothing */
    CACHE_RANDOM,      /* random victim, random eviction at lookups */
};

struct cache_config {
    unsigned int entries; /* power of two; 0: the cache is off */
    unsigned int ways;    /* power of two, <= entries */
    enum cache_retention retention;
    uint64_t seed; /* CACHE_RANDOM */
    /* Is told of what is looked at, as PORT_CACHE, under this number. */
    struct port port;
    unsigned int number;
};

/* Compared whole.  Unused words are zero. */
struct cache_key {
    uint64_t address; /* page or index, already shifted */
    uint32_t tag;     /* DID, VMID, SID ... */
    uint32_t tag2;    /* PASID, ASID ... */
    uint32_t kind;    /* level, page size, stage ... */
    uint32_t pad;
};

#define CACHE_VALUE_WORDS 4
struct cache_value {
    uint64_t word[CACHE_VALUE_WORDS];
};

struct cache;

/* NULL, or why @config is impossible. */
const char *cache_config_check(const struct cache_config *config);

/* Bytes that cache_init needs; a multiple of 64. */
size_t cache_size(const struct cache_config *config);
struct cache *cache_init(void *memory, const struct cache_config *config);
void cache_clear(struct cache *cache);

bool cache_lookup(struct cache *cache, const struct cache_key *key,
                  struct cache_value *value);

/* As a lookup, without any effect on the cache. */
bool cache_peek(const struct cache *cache, const struct cache_key *key,
                struct cache_value *value);

/* Insert or replace. */
void cache_fill(struct cache *cache, const struct cache_key *key,
                const struct cache_value *value);

bool cache_remove(struct cache *cache, const struct cache_key *key);

/* Remove all that @match accepts; returns how many. */
unsigned int cache_remove_if(struct cache *cache,
                             bool (*match)(const struct cache_key *key,
                                           const struct cache_value *value,
                                           const void *context),
                             const void *context);

unsigned int cache_count(const struct cache *cache);

/* Visit every entry (tests, exploration, statistics). */
void cache_visit(const struct cache *cache,
                 void (*visit)(const struct cache_key *key,
                               const struct cache_value *value, void *context),
                 void *context);

#endif /* MODELS_COMMON_CACHE_H */
