/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Context descriptors (5.3, 5.4): which one a request uses, fetch - through
 * stage 2 where that is enabled - and which are ILLEGAL (5.4.2).
 */
#include "cover.h"

/* In word 3 of a cached CD: it is legal. */
#define CACHED_LEGAL UINT64_C(1)

/* ---- 3.3.2, 5.2 S1CDMax, S1DSS ---- */

enum event smmu_context_select(struct walk *walk, uint32_t *ssid, bool *bypass)
{
    bool given = walk->request->pasid != REQUEST_NO_PASID;
    unsigned int max = IDR1_SSIDSIZE(walk->smmu->config.idr[1]) ?
                           STE_S1CDMAX(walk->ste.word[0]) :
                           0;

    *bypass = !(STE_CONFIG(walk->ste.word[0]) & CONFIG_S1);
    *ssid = given ? walk->request->pasid : 0;
    if ( given && (*bypass || !max || *ssid >> max) )
        COVER("smmuv3.substream.%s", *bypass ? "without-stage1" :
                                     !max    ? "not-enabled" :
                                               "too-large");
    if ( given && (*bypass || !max || *ssid >> max) )
        return C_BAD_SUBSTREAMID;
    if ( *bypass || !max )
        return EVENT_NONE;
    COVER("smmuv3.s1dss%u.%s", (unsigned int)STE_S1DSS(walk->ste.word[1]),
          !given ? "none" :
          *ssid  ? "substream" :
                   "substream0");
    switch ( STE_S1DSS(walk->ste.word[1]) )
    {
    case S1DSS_BYPASS:
        *bypass = !given;
        return EVENT_NONE;
    case S1DSS_CD0:
        return given && !*ssid ? F_STREAM_DISABLED : EVENT_NONE;
    default:
        return given ? EVENT_NONE : F_STREAM_DISABLED;
    }
}

/* ---- 5.4.2 ---- */

static bool bad_half(const struct smmuv3 *smmu, unsigned int granule,
                     unsigned int tsz, uint64_t ttb, unsigned int bits)
{
    return !granule || !(smmu->granules & BIT32(granule)) || tsz < TXSZ_MIN ||
           tsz > TXSZ_MAX || (ttb & CD_TTB) >> bits;
}

static bool bad_tables(const struct walk *walk, const uint64_t *cd)
{
    static const uint8_t tg0[4] = TG0_SHIFTS, tg1[4] = TG1_SHIFTS;
    const struct smmuv3 *smmu = walk->smmu;
    unsigned int bits = smmu_config_address_bits(&smmu->config, CD_IPS(cd[0]));
    /* EL2 has one half, and EPDx mean nothing there. */
    bool one_half = walk->regime == REGIME_EL2;
    bool use0 = one_half || !(cd[0] & CD_EPD0);
    bool use1 = !one_half && !(cd[0] & CD_EPD1);

    return ((use0 || use1) && (cd[0] & CD_ENDI)) ||
           (use0 &&
            bad_half(smmu, tg0[CD_TG0(cd[0])], CD_T0SZ(cd[0]), cd[1], bits)) ||
           (use1 &&
            bad_half(smmu, tg1[CD_TG1(cd[0])], CD_T1SZ(cd[0]), cd[2], bits));
}

static bool legal(const struct walk *walk, const uint64_t *cd)
{
    uint32_t idr0 = walk->smmu->config.idr[0];

    if ( !(cd[0] & CD_V) )
        return false;
    /* TTF, STALL_MODEL and HTTU are fixed; TERM_MODEL is not. */
    if ( !(cd[0] & CD_AA64) || (cd[0] & (CD_S | CD_HA | CD_HD)) ||
         ((idr0 & IDR0_TERM_MODEL) && !(cd[0] & CD_A)) )
        return false;
    if ( walk->regime != REGIME_EL2 && !(idr0 & IDR0_ASID16) &&
         CD_ASID(cd[0]) >> 8 )
        return false;
    return !bad_tables(walk, cd);
}

/* ---- fetch ---- */

/* Read of @len bytes at a pointer of the STE or of an L1CD: an IPA where
 * stage 2 is enabled. */
static enum event fetch(struct walk *walk, uint64_t address, void *buffer,
                        unsigned int len)
{
    enum event error;

    if ( walk->stage2 )
    {
        error = smmu_stage2_read(walk, address, CLASS_CD, &address);
        if ( error != EVENT_NONE )
            return error;
    }
    if ( !(address & ~walk->smmu->oas_mask) &&
         smmu_walk_fetch(walk, address, buffer, len, COST_CONFIG_FETCH) )
        return EVENT_NONE;
    walk->fault.address = address & walk->smmu->oas_mask;
    return F_CD_FETCH;
}

static uint64_t align(uint64_t address, unsigned int log2bytes)
{
    return address & (~UINT64_C(0) << log2bytes);
}

static enum event get_l1cd(struct walk *walk, uint64_t address, uint32_t ssid,
                           unsigned int bits, uint64_t *l1cd)
{
    struct cache_key key = {
        .address = ssid >> bits,
        .tag = walk->request->source,
        .tag2 = bits,
        .kind = CONFIG_LEVEL1,
    };
    struct cache_value value = { { 0 } };
    enum event error;

    if ( smmu_walk_lookup(walk, walk->smmu->cd_cache, &key, &value) )
    {
        *l1cd = value.word[0];
        return EVENT_NONE;
    }
    error = fetch(walk, address, l1cd, L1CD_SIZE);
    if ( error != EVENT_NONE )
        return error;
    /* 3.4.3: an L2Ptr out of range is no better than V = 0. */
    COVER("smmuv3.l1cd.v%d", (*l1cd & L1CD_V) != 0);
    if ( !(*l1cd & L1CD_V) || (*l1cd & L1CD_L2PTR & ~walk->smmu->oas_mask) )
        return C_BAD_SUBSTREAMID; /* may be cached as well, is not */
    value.word[0] = *l1cd;
    smmu_walk_fill(walk, walk->smmu->cd_cache, &key, &value);
    return EVENT_NONE;
}

/* Where the CD of @ssid is. */
static enum event locate(struct walk *walk, uint32_t ssid, uint64_t *address)
{
    uint64_t pointer = walk->ste.word[0] & STE_S1CONTEXTPTR, l1cd = 0;
    unsigned int max = STE_S1CDMAX(walk->ste.word[0]), fmt, bits, log2bytes;
    enum event error;

    if ( !IDR1_SSIDSIZE(walk->smmu->config.idr[1]) )
        max = 0;
    fmt = max ? STE_S1FMT(walk->ste.word[0]) : S1FMT_LINEAR;
    COVER("smmuv3.cd.table.%s", fmt == S1FMT_4K  ? "4k" :
                                fmt == S1FMT_64K ? "64k" :
                                max              ? "linear" :
                                                   "single");
    if ( fmt != S1FMT_4K && fmt != S1FMT_64K )
    {
        *address = align(pointer, max + 6) + (uint64_t)ssid * CD_SIZE;
        return EVENT_NONE;
    }
    bits = fmt == S1FMT_4K ? 6 : 10;
    log2bytes = max > bits + 3 ? max - bits + 3 : 6;
    error = get_l1cd(
        walk, align(pointer, log2bytes) + (uint64_t)(ssid >> bits) * L1CD_SIZE,
        ssid, bits, &l1cd);
    *address = align(l1cd & L1CD_L2PTR, bits + 6) +
               (uint64_t)(ssid & (BIT32(bits) - 1)) * CD_SIZE;
    return error;
}

static enum event read_cd(struct walk *walk, uint32_t ssid,
                          const struct cache_key *key)
{
    struct cache_value *value = &walk->cd;
    uint64_t address = 0, raw[CD_SIZE / 8];
    enum event error = locate(walk, ssid, &address);

    if ( error == EVENT_NONE )
        error = fetch(walk, address, raw, CD_SIZE);
    if ( error != EVENT_NONE )
        return error;
    for ( unsigned int i = 0; i < CD_WORDS; i++ )
        value->word[i] = raw[i];
    COVER("smmuv3.cd.%s", !(raw[0] & CD_V) ? "v0" :
                          legal(walk, raw) ? "legal" :
                                             "illegal");
    value->word[CD_WORDS] = legal(walk, raw) ? CACHED_LEGAL : 0;
    /* 3.21.3: whether valid or not. */
    smmu_walk_fill(walk, walk->smmu->cd_cache, key, value);
    return EVENT_NONE;
}

enum event smmu_context_get(struct walk *walk, uint32_t ssid)
{
    struct cache_key key = {
        .tag = walk->request->source,
        .tag2 = ssid,
        .kind = CONFIG_LEAF,
    };
    enum event error;
    bool hit;

    if ( walk->live )
        spend(walk->live, COST_CONFIG_LOOKUP);
    hit = smmu_walk_lookup(walk, walk->smmu->cd_cache, &key, &walk->cd);
    if ( walk->live && !walk->silent )
    {
        walk->live->stats.cd_hits += hit;
        walk->live->stats.cd_misses += !hit;
    }
    COVER("smmuv3.cache.cd.%s", hit ? "hit" : "miss");
    if ( !hit )
    {
        error = read_cd(walk, ssid, &key);
        if ( error != EVENT_NONE )
            return error;
    }
    if ( !(walk->cd.word[CD_WORDS] & CACHED_LEGAL) )
        return C_BAD_CD;
    walk->cd_valid = true;
    return EVENT_NONE;
}
