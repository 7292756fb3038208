/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation caches (3.17, 16.2): what they hold, how it is tagged, and what
 * an invalidation takes away.
 *
 *   micro TLB     regime, VMID, ASID, 4 KiB of the input address
 *   main TLB      regime, VMID, ASID or global, page: VA to PA, through both
 *                 stages where both are enabled; and, as a regime of its own,
 *                 IPA to PA, which CMD_TLBI_S2_IPA alone acts on
 *   walk caches   regime, VMID, ASID, address prefix: the table below a
 *                 descriptor; of stage 1 and of stage 2
 *
 * An entry that was made through stage 2 serves such requests only.
 */
#include "unit.h"

#include <string.h>

/* cache_key.kind */
#define KIND_REGIME(kind) ((enum regime)((kind)&0x7))
#define KIND_NESTED       BIT32(3)
#define KIND_SHIFT(kind)  ((kind) >> 8)

#define MICRO_SHIFT 12u

/* cache_value words of a table; a translation is held as it is */
#define WORD_TABLE     0
#define WORD_HIERARCHY 1

/* ---- keys and values ---- */

static struct cache_key make_key(const struct walk *walk, enum regime regime,
                                 uint64_t address, unsigned int shift,
                                 bool global)
{
    struct cache_key key = {
        .address = address >> shift,
        .kind = (uint32_t)regime | shift << 8,
    };

    if ( regime == REGIME_EL1 || regime == REGIME_STAGE2 )
        key.tag = walk->vmid;
    if ( regime == REGIME_EL1 && walk->stage2 )
        key.kind |= KIND_NESTED;
    if ( regime != REGIME_STAGE2 )
        key.tag2 = global ? (walk->asid & TAG2_ASET) | TAG2_GLOBAL :
                            walk->asid;
    return key;
}

static struct cache_value pack(const struct translation *translation)
{
    struct cache_value value;

    memcpy(&value, translation, sizeof(value));
    return value;
}

static void unpack(const struct cache_value *value,
                   struct translation *translation)
{
    memcpy(translation, value, sizeof(*translation));
}

/* ---- micro and main TLB ---- */

bool smmu_tlb_micro_lookup(struct walk *walk, uint64_t address)
{
    struct cache_key key = make_key(walk, walk->regime, address, MICRO_SHIFT,
                                    false);
    struct cache_value value;

    if ( !smmu_walk_lookup(walk, walk->smmu->micro_tlb, &key, &value) )
        return false;
    unpack(&value, &walk->translation);
    return true;
}

/* Two hits in a row: pages at random don't drive out those that are in use. */
bool smmu_tlb_micro_wants(const struct walk *walk, uint64_t address)
{
    uint64_t page = address >> MICRO_SHIFT;
    bool again = page == walk->smmu->last_page;

    if ( walk->live )
    {
        touch(walk->live, LATCH_LAST_PAGE, 1, true);
        walk->live->last_page = page;
    }
    return again;
}

void smmu_tlb_micro_fill(const struct walk *walk, uint64_t address)
{
    struct cache_key key = make_key(walk, walk->regime, address, MICRO_SHIFT,
                                    false);
    struct cache_value value = pack(&walk->translation);

    if ( !walk->translation.no_fill )
        smmu_walk_fill(walk, walk->smmu->micro_tlb, &key, &value);
}

/* The entries of @key's kind, by the page sizes that there are. */
static bool lookup_sizes(const struct walk *walk, struct cache_key *key,
                         uint64_t address, uint64_t sizes,
                         struct translation *translation)
{
    uint32_t kind = key->kind;
    struct cache_value value;

    for ( ; sizes; sizes &= sizes - 1 )
    {
        unsigned int shift = (unsigned int)__builtin_ctzll(sizes);

        key->address = address >> shift;
        key->kind = kind | shift << 8;
        if ( !smmu_walk_lookup(walk, walk->smmu->main_tlb, key, &value) )
            continue;
        unpack(&value, translation);
        return true;
    }
    return false;
}

bool smmu_tlb_main_lookup(const struct walk *walk, enum regime regime,
                          uint64_t address, struct translation *translation)
{
    const struct smmuv3 *smmu = walk->smmu;
    struct cache_key key = make_key(walk, regime, 0, 0, false);

    if ( walk->live )
        touch(smmu, LATCH_SIZES, 1, false);
    if ( lookup_sizes(walk, &key, address, smmu->sizes[regime], translation) )
        return true;
    if ( !smmu->global_sizes[regime] )
        return false;
    key = make_key(walk, regime, 0, 0, true);
    return lookup_sizes(walk, &key, address, smmu->global_sizes[regime],
                        translation);
}

void smmu_tlb_main_fill(const struct walk *walk, enum regime regime,
                        uint64_t address,
                        const struct translation *translation)
{
    struct cache_key key = make_key(walk, regime, address, translation->shift,
                                    translation->global);
    struct cache_value value = pack(translation);
    uint64_t *sizes;

    if ( translation->no_fill ||
         !smmu_walk_fill(walk, walk->smmu->main_tlb, &key, &value) )
        return;
    touch(walk->live, LATCH_SIZES, 1,
          !((translation->global ? walk->live->global_sizes :
                                   walk->live->sizes)[regime] >>
                translation->shift &
            1));
    sizes = translation->global ? walk->live->global_sizes : walk->live->sizes;
    sizes[regime] |= BIT64(translation->shift);
}

/* ---- walk caches ---- */

static struct cache_key table_key(const struct walk *walk,
                                  const struct tables *tables,
                                  unsigned int level)
{
    return make_key(walk, tables->s2 ? REGIME_STAGE2 : walk->regime,
                    tables->input, LEVEL_SHIFT(tables->granule, level), false);
}

void smmu_tlb_table_lookup(const struct walk *walk, struct tables *tables)
{
    if ( walk->live )
        spend(walk->live, COST_WALK_LOOKUP);
    for ( unsigned int level = LEVEL_LAST; level > tables->level; level-- )
    {
        struct cache_key key = table_key(walk, tables, level - 1);
        struct cache_value value;

        if ( !smmu_walk_lookup(walk, walk->smmu->walk_cache[tables->s2], &key,
                               &value) )
            continue;
        tables->table = value.word[WORD_TABLE];
        tables->hierarchy = value.word[WORD_HIERARCHY];
        tables->level = level;
        tables->bits = LEVEL_SHIFT(tables->granule, level - 1);
        return;
    }
}

void smmu_tlb_table_fill(const struct walk *walk, const struct tables *tables)
{
    struct cache_key key = table_key(walk, tables, tables->level - 1);
    struct cache_value value = { { 0 } };

    value.word[WORD_TABLE] = tables->table;
    value.word[WORD_HIERARCHY] = tables->hierarchy;
    smmu_walk_fill(walk, walk->smmu->walk_cache[tables->s2], &key, &value);
}

/* ---- invalidation ---- */

static bool same_owner(const struct cache_key *key,
                       const struct tlb_scope *scope)
{
    return (scope->regimes >> KIND_REGIME(key->kind) & 1) &&
           (!scope->by_vmid || key->tag == scope->vmid);
}

static bool same_asid(const struct cache_key *key,
                      const struct tlb_scope *scope)
{
    return !scope->by_asid || (key->tag2 & TAG2_ASID) == scope->asid;
}

/* Does the span of 2^@shift bytes around the entry touch the range? */
static bool touches(const struct cache_key *key, unsigned int shift,
                    const struct tlb_scope *scope)
{
    uint64_t input = key->address << KIND_SHIFT(key->kind);
    uint64_t offsets = BIT64(shift) - 1;

    return !scope->by_address || ((input & ~offsets) <= scope->last &&
                                  (input | offsets) >= scope->first);
}

/* Shifts of one granule are 3 and a multiple of its stride. */
static bool of_granule(unsigned int shift, unsigned int granule)
{
    return !granule || (shift - 3) % STRIDE(granule) == 0;
}

/* All that came from one leaf goes, in whatever pieces it is held. */
static bool translation_matches(const struct cache_key *key,
                                const struct cache_value *value,
                                const void *argument)
{
    const struct tlb_scope *scope = argument;
    struct translation translation;
    unsigned int leaf;

    unpack(value, &translation);
    leaf = KIND_REGIME(key->kind) == REGIME_STAGE2 ? translation.shift2 :
                                                     translation.shift1;
    return same_owner(key, scope) &&
           (translation.global ? !scope->by_asid || scope->globals :
                                 same_asid(key, scope)) &&
           touches(key, leaf, scope) && of_granule(leaf, scope->granule) &&
           (!scope->leaf_shift || leaf == scope->leaf_shift);
}

/* 4.4.1.1: with a level hint the tables above that level. */
static bool table_matches(const struct cache_key *key,
                          const struct cache_value *value,
                          const void *argument)
{
    const struct tlb_scope *scope = argument;
    unsigned int shift = KIND_SHIFT(key->kind);

    (void)value;
    return same_owner(key, scope) && same_asid(key, scope) &&
           touches(key, shift, scope) && of_granule(shift, scope->granule) &&
           shift > scope->leaf_shift;
}

static void forget_sizes(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_SIZES, 1, true);
    for ( unsigned int i = 0; i < REGIME_COUNT; i++ )
        smmu->sizes[i] = smmu->global_sizes[i] = 0;
}

void smmu_tlb_drop(struct smmuv3 *smmu, const struct tlb_scope *scope)
{
    struct cache *main_tlb = cache_at(smmu, smmu->main_tlb);

    cache_remove_if(cache_at(smmu, smmu->micro_tlb), translation_matches,
                    scope);
    cache_remove_if(main_tlb, translation_matches, scope);
    if ( !cache_count(main_tlb) )
        forget_sizes(smmu);
    if ( scope->leaf_only )
        return;
    for ( unsigned int i = 0; i < 2; i++ )
        cache_remove_if(cache_at(smmu, smmu->walk_cache[i]), table_matches,
                        scope);
}

void smmu_tlb_clear(struct smmuv3 *smmu)
{
    cache_clear(cache_at(smmu, smmu->micro_tlb));
    cache_clear(cache_at(smmu, smmu->main_tlb));
    for ( unsigned int i = 0; i < 2; i++ )
        cache_clear(cache_at(smmu, smmu->walk_cache[i]));
    forget_sizes(smmu);
}
