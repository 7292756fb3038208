/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream table entries (5.2): fetch, the cache of them, and which of them are
 * ILLEGAL (5.2.2).
 */
#include "cover.h"

/* In word 3 of a cached STE, above S2TTB: the STE is legal. */
#define CACHED_LEGAL BIT64(63)

/* ---- 5.2.2 ---- */

static bool uses(const uint64_t *ste, unsigned int stage)
{
    return STE_CONFIG(ste[0]) & stage;
}

static bool not_implemented(const struct smmuv3 *smmu, const uint64_t *ste)
{
    uint32_t idr0 = smmu->config.idr[0];

    return (uses(ste, CONFIG_S1) && !(idr0 & IDR0_S1P)) ||
           (uses(ste, CONFIG_S2) && !(idr0 & IDR0_S2P));
}

static bool bad_strw(const struct smmuv3 *smmu, const uint64_t *ste)
{
    return ste_el2(smmu, ste) && STE_STRW(ste[1]) != STRW_EL2;
}

/* S2VMID is ignored without stage 2 and in the other StreamWorlds. */
static bool bad_vmid(const struct smmuv3 *smmu, const uint64_t *ste)
{
    return (smmu->config.idr[0] & IDR0_S2P) && !ste_el2(smmu, ste) &&
           uses(ste, CONFIG_S1 | CONFIG_S2) &&
           !(smmu->config.idr[0] & IDR0_VMID16) && STE_S2VMID(ste[2]) >> 8;
}

/* STALL_MODEL is 1. */
static bool bad_stalld(const struct smmuv3 *smmu, const uint64_t *ste)
{
    (void)smmu;
    return uses(ste, CONFIG_S1) && (ste[1] & STE_S1STALLD);
}

static bool bad_cd_table(const struct smmuv3 *smmu, const uint64_t *ste)
{
    unsigned int ssidsize = IDR1_SSIDSIZE(smmu->config.idr[1]);
    unsigned int fmt = STE_S1FMT(ste[0]);

    if ( !uses(ste, CONFIG_S1) || !ssidsize || !STE_S1CDMAX(ste[0]) )
        return false;
    return STE_S1CDMAX(ste[0]) > ssidsize ||
           ((fmt == S1FMT_4K || fmt == S1FMT_64K) &&
            !(smmu->config.idr[0] & IDR0_CD2L));
}

/* 3.4.3: a PA beyond the OAS, or an IPA beyond the IAS, which is the same. */
static bool bad_context_pointer(const struct smmuv3 *smmu, const uint64_t *ste)
{
    return uses(ste, CONFIG_S1) &&
           (ste[0] & STE_S1CONTEXTPTR & ~smmu->oas_mask);
}

/* AArch64, little-endian, no hardware updates, no stalls. */
static bool bad_s2_features(const struct smmuv3 *smmu, const uint64_t *ste)
{
    (void)smmu;
    return uses(ste, CONFIG_S2) &&
           (!(ste[2] & STE_S2AA64) ||
            (ste[2] & (STE_S2ENDI | STE_S2HA | STE_S2HD | STE_S2S)));
}

static unsigned int s2_granule(const uint64_t *ste)
{
    static const uint8_t shifts[4] = TG0_SHIFTS;

    return shifts[STE_S2TG(ste[2])];
}

static bool bad_s2_granule(const struct smmuv3 *smmu, const uint64_t *ste)
{
    unsigned int granule = s2_granule(ste);

    return uses(ste, CONFIG_S2) &&
           (!granule || !(smmu->granules & BIT32(granule)));
}

static bool bad_s2_base(const struct smmuv3 *smmu, const uint64_t *ste)
{
    unsigned int bits = smmu_config_address_bits(&smmu->config,
                                                 STE_S2PS(ste[2]));

    return uses(ste, CONFIG_S2) && (ste[3] & STE_S2TTB) >> bits;
}

/* The size by itself, and against the start level: 1 to 16 start tables,
 * none of them with a single entry. */
static bool bad_s2_size(const struct smmuv3 *smmu, const uint64_t *ste)
{
    unsigned int oas = smmu_config_address_bits(&smmu->config, 7);
    unsigned int granule = s2_granule(ste), t0sz = STE_S2T0SZ(ste[2]);
    unsigned int sl0 = STE_S2SL0(ste[2]), level, lowest;
    /* VTCR_EL2.SL0: the highest level needs large physical addresses. */
    unsigned int needs = granule == 14 ? 42 : 44;

    if ( !uses(ste, CONFIG_S2) || !granule )
        return false;
    if ( t0sz > TXSZ_MAX || t0sz < TXSZ_MIN || t0sz < 64 - oas )
        return true;
    if ( sl0 > 2 || (sl0 == 2 && oas < needs) )
        return true;
    level = (granule == 12 ? 2 : 3) - sl0;
    lowest = LEVEL_SHIFT(granule, level);
    return 64 - t0sz <= lowest || 64 - t0sz > lowest + STRIDE(granule) + 4;
}

static bool (*const illegal[])(const struct smmuv3 *smmu,
                               const uint64_t *ste) = {
    not_implemented, bad_strw,       bad_vmid,
    bad_stalld,      bad_cd_table,   bad_context_pointer,
    bad_s2_features, bad_s2_granule, bad_s2_base,
    bad_s2_size,
};

static bool legal(const struct smmuv3 *smmu, const uint64_t *ste)
{
    if ( !(ste[0] & STE_V) )
        return false;
    if ( !(STE_CONFIG(ste[0]) & CONFIG_PASS) )
        return true;
    for ( size_t i = 0; i < sizeof(illegal) / sizeof(*illegal); i++ )
        if ( illegal[i](smmu, ste) )
        {
            COVER("smmuv3.ste.illegal.%u", (unsigned int)i);
            return false;
        }
    return true;
}

/* ---- fetch ---- */

static enum event fetch(struct walk *walk, const struct cache_key *key)
{
    struct cache_value *value = &walk->ste;
    uint64_t address = 0, raw[STE_SIZE / 8];
    enum event error = smmu_stream_table_locate(walk, &address);

    if ( error != EVENT_NONE )
        return error;
    if ( !smmu_walk_fetch(walk, address, raw, STE_SIZE, COST_CONFIG_FETCH) )
    {
        walk->fault.address = address;
        return F_STE_FETCH;
    }
    for ( unsigned int i = 0; i < STE_WORDS; i++ )
        value->word[i] = raw[i];
    value->word[3] &= STE_S2TTB;
    if ( raw[0] & STE_V )
        COVER("smmuv3.ste.config%u", (unsigned int)STE_CONFIG(raw[0]));
    else
        COVER("smmuv3.ste.v0");
    if ( legal(walk->smmu, value->word) )
        value->word[3] |= CACHED_LEGAL;
    /* 3.21.3: whether valid or not. */
    smmu_walk_fill(walk, walk->smmu->ste_cache, key, value);
    return EVENT_NONE;
}

enum event smmu_ste_get(struct walk *walk)
{
    struct cache_key key = { .tag = walk->request->source,
                             .kind = CONFIG_LEAF };
    bool hit;

    if ( walk->live )
        spend(walk->live, COST_CONFIG_LOOKUP);
    hit = smmu_walk_lookup(walk, walk->smmu->ste_cache, &key, &walk->ste);
    if ( walk->live && !walk->silent )
    {
        walk->live->stats.ste_hits += hit;
        walk->live->stats.ste_misses += !hit;
    }
    walk->ste_missed = !hit;
    COVER("smmuv3.cache.ste.%s", hit ? "hit" : "miss");
    if ( !hit )
    {
        enum event error = fetch(walk, &key);

        if ( error != EVENT_NONE )
            return error;
    }
    if ( !(walk->ste.word[3] & CACHED_LEGAL) )
        return C_BAD_STE;
    walk->ste_valid = true;
    return STE_CONFIG(walk->ste.word[0]) & CONFIG_PASS ? EVENT_NONE :
                                                         TERMINATED;
}
