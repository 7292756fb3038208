/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Second-level translation (3.6, 9.8): 3 or 4 levels, 4 KiB, 2 MiB and 1 GiB
 * pages, with the IOTLB and the paging-structure caches before it.
 *
 * Rights are ANDed down the tables.  A hit answers as the walk would: rights
 * first, then what was wrong with the entry.
 */
#include "cover.h"

static enum condition check_rights(const struct walk *walk, uint32_t rights)
{
    uint32_t missing = walk->need & ~rights;

    if ( walk->need_any )
        return rights ? CONDITION_NONE : LGN_3;
    if ( missing & RIGHT_WRITE )
        return LGN_2;
    return missing & RIGHT_READ ? LGN_3 : CONDITION_NONE;
}

/* ---- access of a live request or of a probe ---- */

bool walk_fetch(struct walk *walk, uint64_t address, void *buffer,
                unsigned int len, enum cost what)
{
    if ( !walk->live )
        return walk->read(walk->world, address, buffer, len);
    walk->live->stats.walk_reads++;
    spend(walk->live, what);
    return port_read(&walk->live->port, address, buffer, len, len);
}

bool walk_lookup(struct walk *walk, struct cache *cache,
                 const struct cache_key *key, struct cache_value *value)
{
    return walk->live ? cache_lookup(cache, key, value) :
                        cache_peek(cache, key, value);
}

void walk_fill(struct walk *walk, struct cache *cache,
               const struct cache_key *key, const struct cache_value *value)
{
    if ( walk->live )
        inflight_touch(&walk->live->inflight, walk->slot, false);
    if ( walk->live && walk->live->inflight.slot[walk->slot].poisoned )
        COVER("vtd.cache.poisoned");
    if ( walk->live && !walk->live->inflight.slot[walk->slot].poisoned )
        cache_fill(cache, key, value);
}

static uint32_t walk_did(const struct walk *walk)
{
    return CONTEXT_DID(walk->context.high) & walk->vtd->did_mask;
}

/* ---- caches ---- */

static bool iotlb_lookup(struct walk *walk)
{
    const struct vtd *vtd = walk->vtd;
    uint64_t address = walk->request->address;
    uint32_t did = walk_did(walk);

    if ( walk->live )
        spend(walk->live, COST_TLB_LOOKUP);
    for ( unsigned int level = 1; vtd->page_levels >> level; level++ )
    {
        struct cache_key key = iotlb_key(did, address, level);
        struct cache_value value;

        if ( !(vtd->page_levels >> level & 1) ||
             !walk_lookup(walk, iotlb(vtd), &key, &value) )
            continue;
        iotlb_from(&value, &walk->translation);
        return true;
    }
    return false;
}

static void iotlb_fill(struct walk *walk)
{
    struct cache_key key = iotlb_key(walk_did(walk), walk->request->address,
                                     walk->translation.level);
    struct cache_value value = iotlb_value(&walk->translation);

    walk_fill(walk, iotlb(walk->vtd), &key, &value);
}

/* The lowest table that is known, or the root of the tables. */
static struct table first_table(struct walk *walk)
{
    unsigned int levels = AW_LEVELS(CONTEXT_AW(walk->context.high));
    struct table table = {
        .address = walk->context.low & CONTEXT_SLPTPTR,
        .rights = RIGHT_READ | RIGHT_WRITE,
        .level = levels,
    };

    if ( walk->live )
        spend(walk->live, COST_WALK_LOOKUP);
    for ( unsigned int level = 2; level <= levels; level++ )
    {
        struct cache_key key = paging_key(walk_did(walk),
                                          walk->request->address, level);
        struct cache_value value;

        if ( !walk_lookup(walk, paging_cache(walk->vtd), &key, &value) )
            continue;
        paging_from(&value, &table);
        COVER("vtd.cache.paging.level%u", level);
        break;
    }
    return table;
}

static void table_fill(struct walk *walk, const struct table *table)
{
    struct cache_key key = paging_key(walk_did(walk), walk->request->address,
                                      table->level + 1);
    struct cache_value value = paging_value(table);

    walk_fill(walk, paging_cache(walk->vtd), &key, &value);
}

/* ---- one paging entry ---- */

static bool is_leaf(uint64_t entry, unsigned int level)
{
    return level == 1 || (entry & SL_PS);
}

/* Those that are set.  PS at a level that has no page of that size is one;
 * such an entry is no leaf, in which more is reserved. */
static uint64_t reserved_bits(const struct vtd *vtd, uint64_t entry,
                              unsigned int level)
{
    uint64_t reserved = SL_ADDR & ~vtd->haw_mask;
    unsigned int sllps = CAP_SLLPS(vtd->config.cap);

    if ( !is_leaf(entry, level) )
        return entry & reserved;
    if ( level > 3 || (level == 3 && !(sllps & SLLPS_1G)) ||
         (level == 2 && !(sllps & SLLPS_2M)) )
        return SL_PS | (entry & reserved);
    reserved |= vtd->sl_leaf_reserved | (SL_OFFSET_MASK(level) & SL_ADDR);
    return entry & reserved;
}

/* 6.1: with CM=1 an entry that faults may be cached as well. */
static enum condition faulty_entry(struct walk *walk, enum condition error,
                                   enum condition fault)
{
    if ( walk->vtd->config.cap & CAP_CM )
    {
        COVER("vtd.cache.faulty.level%u.%s", walk->translation.level,
              error == CONDITION_NONE ? "absent" : "reserved");
        walk->translation.base = 0;
        walk->translation.error = error;
        iotlb_fill(walk);
    }
    return fault;
}

/*
 * The entry for the request's address in @table.  *done: it was a leaf and
 * walk->translation is complete; else @table is the next one.
 */
static enum condition walk_step(struct walk *walk, struct table *table,
                                bool *done)
{
    unsigned int top = AW_LEVELS(CONTEXT_AW(walk->context.high));
    uint64_t address = walk->request->address, entry;
    unsigned int level = table->level;
    struct translation *translation = &walk->translation;
    enum condition fault;
    uint64_t reserved;

    /* 1. Fetch. */
    if ( !walk_fetch(walk,
                     table->address + SL_INDEX(address, level) * SL_ENTRY_SIZE,
                     &entry, SL_ENTRY_SIZE, COST_WALK_STEP) )
    {
        COVER("vtd.sl.level%u.fetch-error", level);
        return level == top ? LCT_4_3 : LSL_1;
    }
    cover_entry(entry, level, table->rights);

    /* 2. The rights of this request, at this entry and those above. */
    translation->level = level;
    translation->rights = table->rights & (entry & (SL_R | SL_W));
    fault = check_rights(walk, translation->rights);
    if ( fault != CONDITION_NONE )
        return entry & (SL_R | SL_W) ?
                   fault :
                   faulty_entry(walk, CONDITION_NONE, fault);

    /* 3. Reserved bits. */
    reserved = reserved_bits(walk->vtd, entry, level);
    if ( reserved )
    {
        cover_reserved(reserved, level, SL_ADDR & ~walk->vtd->haw_mask);
        return faulty_entry(walk, LSL_2, LSL_2);
    }

    /* 4. A page, or the next table. */
    *done = is_leaf(entry, level);
    if ( *done )
    {
        COVER("vtd.walk.%ulevels.leaf%u", top, level);
        translation->base = entry & SL_ADDR & ~SL_OFFSET_MASK(level);
        translation->error = CONDITION_NONE;
        iotlb_fill(walk);
        return CONDITION_NONE;
    }
    table->address = entry & SL_ADDR;
    table->rights = translation->rights;
    table->level = level - 1;
    table_fill(walk, table);
    return CONDITION_NONE;
}
_Static_assert(SL_R == RIGHT_READ && SL_W == RIGHT_WRITE,
               "the rights of an entry are its low bits");

static enum condition walk_tables(struct walk *walk)
{
    struct table table = first_table(walk);
    enum condition fault = check_rights(walk, table.rights);
    bool done = false;

    if ( walk->live )
        spend(walk->live, COST_WALK_START);
    while ( fault == CONDITION_NONE && !done )
        fault = walk_step(walk, &table, &done);
    return fault;
}

enum condition walk_second_level(struct walk *walk)
{
    enum condition fault;

    walk->hit = iotlb_lookup(walk);
    if ( walk->live && !walk->silent )
    {
        walk->live->stats.iotlb_hits += walk->hit;
        walk->live->stats.iotlb_misses += !walk->hit;
    }
    walk->missed = !walk->hit;
    cover_lookup(walk, "iotlb", walk->hit);
    if ( walk->missed )
        return walk_tables(walk);
    fault = check_rights(walk, walk->translation.rights);
    COVER("vtd.cache.iotlb.level%u.%s", walk->translation.level,
          fault != CONDITION_NONE                   ? "no-right" :
          walk->translation.error != CONDITION_NONE ? "reserved" :
                                                      "served");
    return fault != CONDITION_NONE ? fault : walk->translation.error;
}
