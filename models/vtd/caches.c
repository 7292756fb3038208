/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation caches (6.2): what they hold, how it is tagged, and what an
 * invalidation of each scope takes away.
 *
 *   context cache            SID; holds the DID, 0 for an entry that is not
 *                            present or erroneous (CM=1 only)
 *   IOTLB                    DID, page, level of the entry
 *   paging-structure caches  DID, address prefix, level of the entry
 */
#include "unit.h"

/* cache_value words */
#define CONTEXT_WORD_LOW   0
#define CONTEXT_WORD_HIGH  1
#define CONTEXT_WORD_ERROR 2
#define CONTEXT_WORD_DID   3

#define ENTRY_WORD_ADDRESS 0
#define ENTRY_WORD_RIGHTS  1
#define ENTRY_WORD_LEVEL   2
#define ENTRY_WORD_ERROR   3

struct cache_key context_key(uint32_t sid)
{
    return (struct cache_key) { .tag = sid };
}

struct cache_value context_value(const struct vtd *vtd,
                                 const struct context *context)
{
    struct cache_value value = { { 0 } };

    value.word[CONTEXT_WORD_LOW] = context->low;
    value.word[CONTEXT_WORD_HIGH] = context->high;
    value.word[CONTEXT_WORD_ERROR] = context->error;
    if ( context->error == CONDITION_NONE )
        value.word[CONTEXT_WORD_DID] = CONTEXT_DID(context->high) &
                                       vtd->did_mask;
    return value;
}

void context_from(const struct cache_value *value, struct context *context)
{
    context->low = value->word[CONTEXT_WORD_LOW];
    context->high = value->word[CONTEXT_WORD_HIGH];
    context->error = (enum condition)value->word[CONTEXT_WORD_ERROR];
}

static struct cache_key address_key(uint32_t did, uint64_t address,
                                    unsigned int level)
{
    return (struct cache_key) {
        .address = address >> SL_SHIFT(level),
        .tag = did,
        .kind = level,
    };
}

struct cache_key iotlb_key(uint32_t did, uint64_t address, unsigned int level)
{
    return address_key(did, address, level);
}

struct cache_value iotlb_value(const struct translation *translation)
{
    struct cache_value value;

    value.word[ENTRY_WORD_ADDRESS] = translation->base;
    value.word[ENTRY_WORD_RIGHTS] = translation->rights;
    value.word[ENTRY_WORD_LEVEL] = translation->level;
    value.word[ENTRY_WORD_ERROR] = translation->error;
    return value;
}

void iotlb_from(const struct cache_value *value,
                struct translation *translation)
{
    translation->base = value->word[ENTRY_WORD_ADDRESS];
    translation->rights = (uint32_t)value->word[ENTRY_WORD_RIGHTS];
    translation->level = (unsigned int)value->word[ENTRY_WORD_LEVEL];
    translation->error = (enum condition)value->word[ENTRY_WORD_ERROR];
}

struct cache_key paging_key(uint32_t did, uint64_t address, unsigned int level)
{
    return address_key(did, address, level);
}

struct cache_value paging_value(const struct table *table)
{
    struct cache_value value = { { 0 } };

    value.word[ENTRY_WORD_ADDRESS] = table->address;
    value.word[ENTRY_WORD_RIGHTS] = table->rights;
    value.word[ENTRY_WORD_LEVEL] = table->level;
    return value;
}

void paging_from(const struct cache_value *value, struct table *table)
{
    table->address = value->word[ENTRY_WORD_ADDRESS];
    table->rights = (uint32_t)value->word[ENTRY_WORD_RIGHTS];
    table->level = (unsigned int)value->word[ENTRY_WORD_LEVEL];
}

/* 6.5.1.1: device-selective names the source-id and the domain-id. */
static bool context_matches(const struct cache_key *key,
                            const struct cache_value *value,
                            const void *argument)
{
    const struct scope *scope = argument;
    bool same_did = value->word[CONTEXT_WORD_DID] == scope->did;

    switch ( scope->granularity )
    {
    case GRANULARITY_GLOBAL:
        return true;
    case GRANULARITY_DOMAIN:
        return same_did;
    case GRANULARITY_SELECTIVE:
        return same_did && !((key->tag ^ scope->sid) & scope->sid_mask);
    default:
        return false;
    }
}

/* 6.5.1.2: an entry goes when its span touches any part of the range. */
static bool translation_matches(const struct cache_key *key,
                                const struct cache_value *value,
                                const void *argument)
{
    const struct scope *scope = argument;
    uint64_t first = key->address << SL_SHIFT(key->kind);

    (void)value;
    if ( scope->granularity == GRANULARITY_GLOBAL )
        return true;
    if ( key->tag != scope->did )
        return false;
    return scope->granularity == GRANULARITY_DOMAIN ||
           (first <= scope->last &&
            (first | SL_OFFSET_MASK(key->kind)) >= scope->first);
}

void caches_drop_contexts(struct vtd *vtd, const struct scope *scope)
{
    cache_remove_if(context_cache(vtd), context_matches, scope);
}

void caches_drop_translations(struct vtd *vtd, const struct scope *scope,
                              bool leaf_only)
{
    cache_remove_if(iotlb(vtd), translation_matches, scope);
    if ( !leaf_only )
        cache_remove_if(paging_cache(vtd), translation_matches, scope);
}

void caches_clear(struct vtd *vtd)
{
    cache_clear(context_cache(vtd));
    cache_clear(iotlb(vtd));
    cache_clear(paging_cache(vtd));
}
