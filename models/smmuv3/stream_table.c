/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream table (3.3.1, 5.1, 6.3.24, 6.3.25): linear or of two levels.
 */
#include "cover.h"

static unsigned int split(uint32_t cfg)
{
    unsigned int bits = STRTAB_BASE_CFG_SPLIT(cfg);

    return bits == 8 || bits == 10 ? bits : 6;
}

/* The base is aligned to the table by the literal LOG2SIZE. */
static uint64_t table_base(const struct smmuv3 *smmu, unsigned int log2bytes)
{
    uint64_t base = reg64(smmu, SMMU_STRTAB_BASE) & STRTAB_BASE_ADDR;

    return log2bytes < 64 ? base & (~UINT64_C(0) << log2bytes) : 0;
}

/* 3.4.3: an address beyond the OAS can't be fetched. */
static enum event fetch_fault(struct walk *walk, uint64_t address)
{
    walk->fault.address = address & walk->smmu->oas_mask;
    return F_STE_FETCH;
}

/* Of the second-level table with @sid's STE; Span 0: there is none. */
static enum event get_l1std(struct walk *walk, uint64_t address,
                            unsigned int bits, uint64_t *l1std)
{
    struct cache_key key = {
        .address = walk->request->source >> bits,
        .tag2 = bits,
        .kind = CONFIG_LEVEL1,
    };
    struct cache_value value = { { 0 } };
    unsigned int span;

    if ( smmu_walk_lookup(walk, walk->smmu->ste_cache, &key, &value) )
    {
        *l1std = value.word[0];
        return EVENT_NONE;
    }
    if ( (address & ~walk->smmu->oas_mask) ||
         !smmu_walk_fetch(walk, address, l1std, L1STD_SIZE,
                          COST_CONFIG_FETCH) )
        return fetch_fault(walk, address);
    span = L1STD_SPAN(*l1std);
    COVER("smmuv3.l1std.span.%s", !span           ? "0" :
                                  span > SPAN_MAX ? "reserved" :
                                                    "valid");
    if ( !span || span > SPAN_MAX )
        return C_BAD_STREAMID; /* may be cached as well, is not */
    value.word[0] = *l1std;
    smmu_walk_fill(walk, walk->smmu->ste_cache, &key, &value);
    return EVENT_NONE;
}

static enum event locate_two_level(struct walk *walk, uint32_t cfg,
                                   uint64_t *address)
{
    unsigned int bits = split(cfg), size = STRTAB_BASE_CFG_SIZE(cfg);
    unsigned int log2bytes = size > bits + 3 ? size - bits + 3 : 6, span;
    uint32_t sid = walk->request->source, index = sid & (BIT32(bits) - 1);
    uint64_t l1std = 0;
    enum event error;

    error = get_l1std(walk,
                      table_base(walk->smmu, log2bytes) +
                          (uint64_t)(sid >> bits) * L1STD_SIZE,
                      bits, &l1std);
    if ( error != EVENT_NONE )
        return error;
    span = L1STD_SPAN(l1std);
    COVER("smmuv3.strtab.split%u", bits);
    if ( span > bits + 1 || index >> (span - 1) )
        COVER("smmuv3.l1std.span.%s",
              span > bits + 1 ? "above-split" : "too-small");
    if ( span > bits + 1 || index >> (span - 1) )
        return C_BAD_STREAMID;
    /* L2Ptr is aligned to the size of the array. */
    *address = (l1std & L1STD_L2PTR & (~UINT64_C(0) << (5 + span))) +
               (uint64_t)index * STE_SIZE;
    return EVENT_NONE;
}

enum event smmu_stream_table_locate(struct walk *walk, uint64_t *address)
{
    const struct smmuv3 *smmu = walk->smmu;
    uint32_t cfg = reg32(smmu, SMMU_STRTAB_BASE_CFG);
    unsigned int size = STRTAB_BASE_CFG_SIZE(cfg);
    unsigned int implemented = IDR1_SIDSIZE(smmu->config.idr[1]);
    uint32_t sid = walk->request->source;
    enum event error = EVENT_NONE;

    if ( (uint64_t)sid >> (size < implemented ? size : implemented) )
        COVER("smmuv3.strtab.beyond.%s",
              size < implemented ? "log2size" : "sidsize");
    if ( (uint64_t)sid >> (size < implemented ? size : implemented) )
        return C_BAD_STREAMID;
    if ( STRTAB_BASE_CFG_FMT(cfg) == FMT_2LEVEL )
        error = locate_two_level(walk, cfg, address);
    else
        COVER("smmuv3.strtab.linear");
    if ( STRTAB_BASE_CFG_FMT(cfg) != FMT_2LEVEL )
        *address = table_base(smmu, size + 6) + (uint64_t)sid * STE_SIZE;
    if ( error == EVENT_NONE && (*address & ~smmu->oas_mask) )
        error = fetch_fault(walk, *address);
    return error;
}
