/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a completed command removes: one row for each command and class of
 * cache.  What has no row stays.
 *
 * docs/ledger.md shows this table for readers.
 */
#include "internal.h"

enum extent {
    EXTENT_STREAM,                /* SID, or the range of them */
    EXTENT_STREAM_UNLESS_LEAF,    /* likewise, kept if Leaf = 1 */
    EXTENT_SUBSTREAM,             /* SID and SubstreamID */
    EXTENT_SUBSTREAM_UNLESS_LEAF, /* likewise, kept if Leaf = 1 */
    EXTENT_VMID,
    EXTENT_ASID,           /* VMID, ASID, and not global */
    EXTENT_VA,             /* VMID, ASID or global, address */
    EXTENT_VA_UNLESS_LEAF, /* likewise, kept if Leaf = 1 */
    EXTENT_VAA,            /* VMID, address */
    EXTENT_VAA_UNLESS_LEAF,
    EXTENT_ATC, /* SID, SubstreamID or none as it says, address */
    EXTENT_ALL
};

/* The translation regimes that a TLBI is about. */
enum regime { REGIME_NONE, REGIME_EL1, REGIME_EL2, REGIME_EL2_BY_E2H };

struct rule {
    unsigned int op;
    enum regime regime;
    enum cache_class class;
    enum extent extent;
    const char *citation;
};

/* clang-format off */
static const struct rule rules[] = {
    { OP_CFGI_STE, REGIME_NONE, CACHE_STE, EXTENT_STREAM,
      "4.3.1 CMD_CFGI_STE: the STE, and all CDs and L1CDs of the stream" },
    { OP_CFGI_STE, REGIME_NONE, CACHE_L1STD, EXTENT_STREAM_UNLESS_LEAF,
      "4.3.1 CMD_CFGI_STE: the L1STD unless Leaf" },
    { OP_CFGI_STE, REGIME_NONE, CACHE_L1CD, EXTENT_STREAM, "4.3.1" },
    { OP_CFGI_STE, REGIME_NONE, CACHE_CD, EXTENT_STREAM, "4.3.1" },
    { OP_CFGI_STE_RANGE, REGIME_NONE, CACHE_STE, EXTENT_STREAM,
      "4.3.2, 4.3.6 CMD_CFGI_STE_RANGE: all structures of the streams" },
    { OP_CFGI_STE_RANGE, REGIME_NONE, CACHE_L1STD, EXTENT_STREAM, "4.3.2" },
    { OP_CFGI_STE_RANGE, REGIME_NONE, CACHE_L1CD, EXTENT_STREAM, "4.3.2" },
    { OP_CFGI_STE_RANGE, REGIME_NONE, CACHE_CD, EXTENT_STREAM, "4.3.2" },
    { OP_CFGI_CD, REGIME_NONE, CACHE_CD, EXTENT_SUBSTREAM,
      "4.3.3 CMD_CFGI_CD: the CD" },
    { OP_CFGI_CD, REGIME_NONE, CACHE_L1CD, EXTENT_SUBSTREAM_UNLESS_LEAF,
      "4.3.3 CMD_CFGI_CD: the L1CD unless Leaf" },
    { OP_CFGI_CD_ALL, REGIME_NONE, CACHE_CD, EXTENT_STREAM,
      "4.3.4 CMD_CFGI_CD_ALL: all CDs and L1CDs of the stream" },
    { OP_CFGI_CD_ALL, REGIME_NONE, CACHE_L1CD, EXTENT_STREAM, "4.3.4" },
    { OP_TLBI_NH_ALL, REGIME_EL1, CACHE_TLB1, EXTENT_VMID,
      "4.4.2.1 CMD_TLBI_NH_ALL: stage 1 of the VMID" },
    { OP_TLBI_NH_ALL, REGIME_EL1, CACHE_WALK1, EXTENT_VMID, "4.4.2.1" },
    { OP_TLBI_NH_ASID, REGIME_EL1, CACHE_TLB1, EXTENT_ASID,
      "4.4.2.2 CMD_TLBI_NH_ASID: non-global entries of VMID and ASID" },
    { OP_TLBI_NH_ASID, REGIME_EL1, CACHE_WALK1, EXTENT_ASID, "4.4.2.2" },
    { OP_TLBI_NH_VA, REGIME_EL1, CACHE_TLB1, EXTENT_VA,
      "4.4.2.4 CMD_TLBI_NH_VA: by VMID, ASID or global, VA" },
    { OP_TLBI_NH_VA, REGIME_EL1, CACHE_WALK1, EXTENT_VA_UNLESS_LEAF,
      "4.4.2.4" },
    { OP_TLBI_NH_VAA, REGIME_EL1, CACHE_TLB1, EXTENT_VAA,
      "4.4.2.3 CMD_TLBI_NH_VAA: by VMID and VA" },
    { OP_TLBI_NH_VAA, REGIME_EL1, CACHE_WALK1, EXTENT_VAA_UNLESS_LEAF,
      "4.4.2.3" },
    { OP_TLBI_EL2_ALL, REGIME_EL2, CACHE_TLB1, EXTENT_ALL,
      "4.4.2.7 CMD_TLBI_EL2_ALL" },
    { OP_TLBI_EL2_ALL, REGIME_EL2, CACHE_WALK1, EXTENT_ALL, "4.4.2.7" },
    { OP_TLBI_EL2_ASID, REGIME_EL2_BY_E2H, CACHE_TLB1, EXTENT_ASID,
      "4.4.2.10 CMD_TLBI_EL2_ASID: EL2-E2H by ASID" },
    { OP_TLBI_EL2_ASID, REGIME_EL2_BY_E2H, CACHE_WALK1, EXTENT_ASID,
      "4.4.2.10" },
    { OP_TLBI_EL2_VA, REGIME_EL2_BY_E2H, CACHE_TLB1, EXTENT_VA,
      "4.4.2.8 CMD_TLBI_EL2_VA: by VA, with E2H by ASID" },
    { OP_TLBI_EL2_VA, REGIME_EL2_BY_E2H, CACHE_WALK1, EXTENT_VA_UNLESS_LEAF,
      "4.4.2.8" },
    { OP_TLBI_EL2_VAA, REGIME_EL2_BY_E2H, CACHE_TLB1, EXTENT_VAA,
      "4.4.2.9 CMD_TLBI_EL2_VAA: by VA" },
    { OP_TLBI_EL2_VAA, REGIME_EL2_BY_E2H, CACHE_WALK1,
      EXTENT_VAA_UNLESS_LEAF, "4.4.2.9" },
    { OP_TLBI_S12_VMALL, REGIME_EL1, CACHE_TLB1, EXTENT_VMID,
      "4.4.3.2 CMD_TLBI_S12_VMALL: both stages of the VMID" },
    { OP_TLBI_S12_VMALL, REGIME_EL1, CACHE_WALK1, EXTENT_VMID, "4.4.3.2" },
    { OP_TLBI_S12_VMALL, REGIME_EL1, CACHE_TLB2, EXTENT_VMID, "4.4.3.2" },
    { OP_TLBI_S12_VMALL, REGIME_EL1, CACHE_WALK2, EXTENT_VMID, "4.4.3.2" },
    { OP_TLBI_S2_IPA, REGIME_EL1, CACHE_TLB2, EXTENT_VAA,
      "4.4.3.1 CMD_TLBI_S2_IPA: stage 2 by VMID and IPA, not combined" },
    { OP_TLBI_S2_IPA, REGIME_EL1, CACHE_WALK2, EXTENT_VAA_UNLESS_LEAF,
      "4.4.3.1" },
    { OP_TLBI_NSNH_ALL, REGIME_EL1, CACHE_TLB1, EXTENT_ALL,
      "4.4.4 CMD_TLBI_NSNH_ALL: all that is not EL2's" },
    { OP_TLBI_NSNH_ALL, REGIME_EL1, CACHE_WALK1, EXTENT_ALL, "4.4.4" },
    { OP_TLBI_NSNH_ALL, REGIME_EL1, CACHE_TLB2, EXTENT_ALL, "4.4.4" },
    { OP_TLBI_NSNH_ALL, REGIME_EL1, CACHE_WALK2, EXTENT_ALL, "4.4.4" },
    { OP_ATC_INV, REGIME_NONE, CACHE_ATC, EXTENT_ATC,
      "4.5.1 CMD_ATC_INV: what the device holds of the range" },
};
/* clang-format on */

#define RULES (sizeof(rules) / sizeof(rules[0]))

static const struct rule *rule_find(unsigned int op, enum cache_class class)
{
    for ( size_t i = 0; i < RULES; i++ )
        if ( rules[i].op == op && rules[i].class == class )
            return &rules[i];
    return NULL;
}

uint64_t va_canonical(uint64_t va)
{
    return va >> 55 & 1 ? va | MASK64(63, 56) : va & MASK64(55, 0);
}

static bool in_regime(const struct invalidation *inv, enum regime regime,
                      enum stream_world world)
{
    switch ( regime )
    {
    case REGIME_EL1:
        return world == WORLD_EL1;
    case REGIME_EL2:
        return world != WORLD_EL1;
    case REGIME_EL2_BY_E2H:
        return world == (inv->e2h ? WORLD_E2H : WORLD_EL2);
    case REGIME_NONE:
        break;
    }
    return true;
}

static bool same_stream(const struct invalidation *inv,
                        const struct cached *cached)
{
    return !((inv->sid ^ cached->sid) & inv->sid_mask & cached->sid_mask);
}

static bool same_substream(const struct invalidation *inv,
                           const struct cached *cached)
{
    return same_stream(inv, cached) &&
           !((inv->ssid ^ cached->ssid) & cached->ssid_mask);
}

/* 4.4.1.1: the address, and what TG and TTL leave of the scope. */
static bool same_address(const struct invalidation *inv,
                         const struct cached *cached)
{
    bool table = cached->class == CACHE_WALK1 || cached->class == CACHE_WALK2;

    if ( inv->range && inv->granule != cached->granule )
        return false;
    if ( inv->ttl &&
         (table ? cached->level >= inv->ttl : cached->level != inv->ttl) )
        return false;
    return inv->first <= cached->last && inv->last >= cached->first;
}

static bool in_extent(const struct invalidation *inv, enum extent extent,
                      const struct cached *cached)
{
    bool same_vmid = inv->vmid == cached->vmid;

    switch ( extent )
    {
    case EXTENT_ALL:
        return true;
    case EXTENT_ATC:
        return inv->sid == cached->sid && inv->first <= cached->last &&
               inv->last >= cached->first &&
               (inv->any_ssid ||
                (inv->ssv ? inv->ssid : UINT32_MAX) == cached->ssid);
    case EXTENT_STREAM_UNLESS_LEAF:
        return !inv->leaf && same_stream(inv, cached);
    case EXTENT_STREAM:
        return same_stream(inv, cached);
    case EXTENT_SUBSTREAM_UNLESS_LEAF:
        return !inv->leaf && same_substream(inv, cached);
    case EXTENT_SUBSTREAM:
        return same_substream(inv, cached);
    case EXTENT_VMID:
        return same_vmid;
    case EXTENT_ASID:
        return same_vmid && inv->asid == cached->asid && !cached->global;
    case EXTENT_VA_UNLESS_LEAF:
    case EXTENT_VA:
        return same_vmid && (cached->global || inv->asid == cached->asid) &&
               (extent == EXTENT_VA || !inv->leaf) &&
               same_address(inv, cached);
    case EXTENT_VAA_UNLESS_LEAF:
    case EXTENT_VAA:
        return same_vmid && (extent == EXTENT_VAA || !inv->leaf) &&
               same_address(inv, cached);
    }
    return false;
}

bool smmu_rule_covers(const struct oracle *o, const struct logged *logged,
                      const void *what)
{
    const struct invalidation *inv = (const struct invalidation *)logged;
    const struct cached *cached = what;
    const struct rule *rule = rule_find(inv->op, cached->class);

    (void)o;
    return rule && in_regime(inv, rule->regime, cached->world) &&
           in_extent(inv, rule->extent, cached);
}

bool smmu_rule_device_tlb(const struct logged *logged, uint32_t source,
                          uint64_t *first, uint64_t *last)
{
    const struct invalidation *inv = (const struct invalidation *)logged;

    *first = inv->first;
    *last = inv->last;
    return inv->op == OP_ATC_INV && inv->sid == source;
}

struct cached smmu_atc(const struct query *q, uint64_t first, uint64_t last)
{
    return (struct cached) { .class = CACHE_ATC,
                             .sid = q->source,
                             .sid_mask = UINT32_MAX,
                             .ssid = q->pasid,
                             .first = first,
                             .last = last };
}

const char *smmu_rule_citation(const struct logged *logged)
{
    const struct invalidation *inv = (const struct invalidation *)logged;

    for ( size_t i = 0; i < RULES; i++ )
        if ( rules[i].op == inv->op )
            return rules[i].citation;
    return "a command that removes nothing";
}
