/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream table entries and context descriptors: where they stand, what they
 * say, and what is ILLEGAL (5.1 to 5.4).
 */
#include "internal.h"

const struct fault_rule *smmu_event(enum event event)
{
    static const struct fault_rule rules[EVENT_COUNT] = {
        [EVENT_BAD_STREAMID] = { 0x02, "C_BAD_STREAMID", false },
        [EVENT_STE_FETCH] = { 0x03, "F_STE_FETCH", false },
        [EVENT_BAD_STE] = { 0x04, "C_BAD_STE", false },
        [EVENT_BAD_ATS_TREQ] = { 0x05, "F_BAD_ATS_TREQ", false },
        [EVENT_STREAM_DISABLED] = { 0x06, "F_STREAM_DISABLED", false },
        [EVENT_BAD_SUBSTREAMID] = { 0x08, "C_BAD_SUBSTREAMID", false },
        [EVENT_CD_FETCH] = { 0x09, "F_CD_FETCH", false },
        [EVENT_BAD_CD] = { 0x0a, "C_BAD_CD", false },
        [EVENT_WALK_EABT] = { 0x0b, "F_WALK_EABT", false },
        [EVENT_TRANSLATION] = { 0x10, "F_TRANSLATION", true },
        [EVENT_ADDR_SIZE] = { 0x11, "F_ADDR_SIZE", true },
        [EVENT_ACCESS] = { 0x12, "F_ACCESS", true },
        [EVENT_PERMISSION] = { 0x13, "F_PERMISSION", true },
    };

    return &rules[event];
}

/* ---- the stream table ---- */

/* 6.3.25: a value that is not built acts as 6. */
static unsigned int split_of(const struct frame *frame)
{
    unsigned int split = STRTAB_SPLIT(frame->cfg);

    return split == 8 || split == 10 ? split : 6;
}

static bool is_two_level(const struct oracle *o, const struct frame *frame)
{
    return STRTAB_FMT(frame->cfg) == STRTAB_TWO_LEVEL &&
           IDR0_ST_LEVEL(smmu(o)->idr[0]) == 1;
}

static uint64_t align_down(uint64_t address, unsigned int bits)
{
    return bits > 63 ? 0 : address & ~(BIT64(bits) - 1);
}

bool smmu_ste_locate(const struct oracle *o, const struct frame *frame,
                     uint32_t sid, bool *two_level, uint64_t *at)
{
    unsigned int log2size = STRTAB_LOG2SIZE(frame->cfg);
    unsigned int split = split_of(frame), l1bits = 6;
    uint64_t base = STRTAB_ADDR(frame->strtab);

    *two_level = is_two_level(o, frame);
    if ( (uint64_t)sid >> IDR1_SIDSIZE(smmu(o)->idr[1]) ||
         (log2size < 32 && sid >> log2size) )
        return false;
    if ( !*two_level )
    {
        *at = align_down(base, log2size + 6) + (uint64_t)sid * STE_BYTES;
        return true;
    }
    if ( log2size >= split && log2size - split + 3 > l1bits )
        l1bits = log2size - split + 3;
    *at = align_down(base, l1bits) + 8 * (uint64_t)(sid >> split);
    return true;
}

uint32_t smmu_l1std_streams(const struct frame *frame)
{
    return UINT32_MAX << split_of(frame);
}

bool smmu_l1std_decode(const struct frame *frame, uint64_t l1std, uint32_t sid,
                       uint64_t *at)
{
    unsigned int span = L1STD_SPAN(l1std), split = split_of(frame);
    uint32_t index = sid & ((1u << split) - 1);

    if ( !span || span > split + 1 || index >= 1u << (span - 1) )
        return false;
    *at = align_down(L1STD_L2PTR(l1std), span - 1 + 6) +
          (uint64_t)index * STE_BYTES;
    return true;
}

/* ---- STE (5.2) ---- */

/* 4 KiB, 16 KiB, 64 KiB; 0: reserved, or not built. */
static unsigned int granule(const struct oracle *o, unsigned int shift)
{
    static const unsigned int order[3] = { 12, 14, 16 };

    for ( unsigned int i = 0; i < 3; i++ )
        if ( order[i] == shift )
            return IDR5_GRANULES(smmu(o)->idr[5]) >> i & 1 ? shift : 0;
    return 0;
}

static unsigned int granule_low(const struct oracle *o, unsigned int tg)
{
    static const unsigned int shift[4] = { 12, 16, 14, 0 };

    return granule(o, shift[tg & 3]);
}

static unsigned int granule_high(const struct oracle *o, unsigned int tg)
{
    static const unsigned int shift[4] = { 0, 14, 12, 16 };

    return granule(o, shift[tg & 3]);
}

/* The starting level of stage 2 and the size of its input must agree. */
static bool stage2_consistent(const struct oracle *o, const struct table *t,
                              unsigned int sl0)
{
    unsigned int stride = t->shift - 3, entries;

    if ( sl0 == 3 || t->bits <= table_shift(t, t->start) )
        return false;
    if ( sl0 == 2 && o->config.haw < (t->shift == 14 ? 42u : 44u) )
        return false;
    entries = t->bits - table_shift(t, t->start);
    return entries <= stride + 4; /* 16 tables side by side */
}

/* False: ILLEGAL. */
static bool decode_stage2(const struct oracle *o, const uint64_t *word,
                          struct ste *ste)
{
    unsigned int t0sz = STE2_S2T0SZ(word[2]), sl0 = STE2_S2SL0(word[2]);
    unsigned int ias = o->config.haw < 48 ? o->config.haw : 48;
    struct table *t = &ste->s2;

    t->stage2 = true;
    t->shift = granule_low(o, STE2_S2TG(word[2]));
    t->out = output_bits(o, STE2_S2PS(word[2]));
    t->bits = 64 - t0sz;
    t->base = STE3_S2TTB(word[3]);
    ste->s2affd = STE2_S2AFFD(word[2]);
    ste->s2ptw = STE2_S2PTW(word[2]);
    ste->s2r = STE2_S2R(word[2]);
    if ( !t->shift || !STE2_S2AA64(word[2]) || STE2_S2HD_HA(word[2]) ||
         STE2_S2ENDI(word[2]) || STE2_S2S(word[2]) )
        return false;
    if ( t0sz > 39 || t->bits > ias || t->base >> t->out )
        return false;
    /* Whether S2PS bounds the input too is read in both ways. */
    ste->disputed |= t->bits > t->out;
    t->start = (t->shift == 12 ? 2 : 3) - (sl0 < 3 ? sl0 : 0);
    return stage2_consistent(o, t, sl0);
}

static bool decode_stage1(const struct oracle *o, const uint64_t *word,
                          struct ste *ste)
{
    const uint32_t *idr = smmu(o)->idr;
    unsigned int ssids = IDR1_SSIDSIZE(idr[1]);

    ste->s1_context = STE0_S1CTXPTR(word[0]);
    ste->cdmax = STE0_S1CDMAX(word[0]);
    if ( STE1_S1STALLD(word[1]) )
        return false;
    if ( ste->cdmax > ssids )
    {
        ste->disputed |= !ssids; /* IGNORED, or ILLEGAL */
        return false;
    }
    if ( ste->cdmax )
    {
        ste->s1fmt = STE0_S1FMT(word[0]);
        ste->s1dss = STE1_S1DSS(word[1]);
        /* 3 acts as 0, or is ILLEGAL. */
        ste->disputed |= ste->s1fmt == 3 || ste->s1dss == 3;
        if ( (ste->s1fmt == S1FMT_4K || ste->s1fmt == S1FMT_64K) &&
             !IDR0_CD2L(idr[0]) )
            return false;
    }
    if ( ste->s1_context >> o->config.haw )
    {
        ste->disputed |= ste->stage2; /* or a stage 2 fault: 3.4.3 */
        return false;
    }
    return true;
}

/* False: ILLEGAL.  STRW counts for stage 1 alone. */
static bool decode_world(const struct oracle *o, const struct frame *frame,
                         const uint64_t *word, struct ste *ste)
{
    unsigned int strw = STE1_STRW(word[1]);

    if ( !ste->stage1 || ste->stage2 )
    {
        /* IGNORED in later issues. */
        ste->disputed |= ste->stage1 && strw != STRW_EL1;
        return true;
    }
    if ( !IDR0_HYP(smmu(o)->idr[0]) )
    {
        ste->disputed |= strw != STRW_EL1;
        return true;
    }
    if ( strw == STRW_EL2 )
        ste->world = frame->cr2 & CR2_E2H ? WORLD_E2H : WORLD_EL2;
    return !(strw & 1);
}

static void decode_vmid(const struct oracle *o, const uint64_t *word,
                        struct ste *ste)
{
    const uint32_t *idr = smmu(o)->idr;

    if ( !IDR0_S2P(idr[0]) || (!ste->stage1 && !ste->stage2) ||
         ste->world != WORLD_EL1 )
        return;
    ste->vmid = STE2_S2VMID(word[2]);
    ste->bad |= !IDR0_VMID16(idr[0]) && ste->vmid >> 8;
}

void smmu_ste_decode(const struct oracle *o, const struct frame *frame,
                     const uint64_t *word, struct ste *ste)
{
    const uint32_t *idr = smmu(o)->idr;
    unsigned int config = STE0_CONFIG(word[0]);

    *ste = (struct ste) { .bad = true };
    if ( !STE0_V(word[0]) )
        return;
    ste->bad = false;
    ste->mev = STE1_MEV(word[1]);
    ste->cont = STE1_CONT(word[1]);
    ste->eats = IDR0_ATS(idr[0]) ? STE1_EATS(word[1]) : 0;
    ste->disputed = ste->eats > EATS_FULL; /* split, or reserved */
    if ( !(config & CONFIG_BYPASS) )
    {
        ste->silent = true;
        return;
    }
    ste->stage1 = config & CONFIG_S1;
    ste->stage2 = config & CONFIG_S2;
    if ( IDR1_PERMS_OVR(idr[1]) )
    {
        ste->privcfg = STE1_PRIVCFG(word[1]);
        ste->instcfg = STE1_INSTCFG(word[1]);
    }
    ste->bad = (ste->stage1 && !IDR0_S1P(idr[0])) ||
               (ste->stage2 && !IDR0_S2P(idr[0])) ||
               !decode_world(o, frame, word, ste) ||
               (ste->stage1 && !decode_stage1(o, word, ste)) ||
               (ste->stage2 && !decode_stage2(o, word, ste));
    decode_vmid(o, word, ste);
}

/* ---- substreams (3.3.2, 5.2) ---- */

enum way smmu_ste_way(const struct ste *ste, uint32_t pasid, uint32_t *index,
                      enum event *event)
{
    bool substream = pasid != UINT32_MAX;

    *index = substream ? pasid : 0;
    if ( ste->silent )
        return WAY_SILENT;
    if ( substream )
    {
        *event = EVENT_BAD_SUBSTREAMID;
        if ( !ste->stage1 || !ste->cdmax || pasid >> ste->cdmax )
            return WAY_FAIL;
        *event = EVENT_STREAM_DISABLED;
        return ste->s1dss == S1DSS_SSID0 && !pasid ? WAY_FAIL : WAY_CD;
    }
    if ( !ste->stage1 )
        return WAY_BYPASS_S1;
    if ( !ste->cdmax || ste->s1dss == S1DSS_SSID0 )
        return WAY_CD;
    *event = EVENT_STREAM_DISABLED;
    return ste->s1dss == S1DSS_BYPASS ? WAY_BYPASS_S1 : WAY_FAIL;
}

static unsigned int leaf_bits(const struct ste *ste)
{
    return ste->s1fmt == S1FMT_64K ? 10 : 6;
}

void smmu_cd_locate(const struct ste *ste, uint32_t index, bool *two_level,
                    uint64_t *at)
{
    unsigned int bits = ste->cdmax + 6;

    *two_level = ste->s1fmt == S1FMT_4K || ste->s1fmt == S1FMT_64K;
    if ( *two_level )
    {
        bits = ste->cdmax > leaf_bits(ste) ? ste->cdmax - leaf_bits(ste) : 0;
        bits = bits + 3 > 6 ? bits + 3 : 6;
        *at = align_down(ste->s1_context, bits) +
              8 * (uint64_t)(index >> leaf_bits(ste));
    }
    else
        *at = align_down(ste->s1_context, bits) + (uint64_t)index * CD_BYTES;
}

bool smmu_l1cd_decode(const struct oracle *o, const struct ste *ste,
                      uint64_t l1cd, uint32_t index, uint64_t *at)
{
    uint64_t table = L1CD_L2PTR(l1cd);

    if ( !L1CD_V(l1cd) || table >> o->config.haw )
        return false;
    table = align_down(table, leaf_bits(ste) + 6);
    *at = table + (index & ((1u << leaf_bits(ste)) - 1)) * CD_BYTES;
    return true;
}

/* ---- CD (5.4) ---- */

static unsigned int start_level(const struct table *t)
{
    return 4 - (t->bits - 4) / (t->shift - 3);
}

/* False: ILLEGAL. */
static bool decode_half(struct table *t, unsigned int shift, unsigned int tsz,
                        uint64_t base, bool flat)
{
    t->shift = shift;
    t->bits = 64 - tsz;
    t->base = base;
    t->flat = flat;
    if ( !shift || tsz < 16 || tsz > 39 || base >> t->out )
        return false;
    t->start = start_level(t);
    return true;
}

static bool decode_halves(const struct oracle *o, const uint64_t *word,
                          struct cd *cd)
{
    bool had = IDR3_HAD(smmu(o)->idr[3]);

    cd->half[0].out = cd->half[1].out = output_bits(o, CD0_IPS(word[0]));
    if ( cd->enabled[0] &&
         !decode_half(&cd->half[0], granule_low(o, CD0_TG0(word[0])),
                      CD0_T0SZ(word[0]), CD1_TTB0(word[1]),
                      had && CD1_HAD0(word[1])) )
        return false;
    return !cd->enabled[1] ||
           decode_half(&cd->half[1], granule_high(o, CD0_TG1(word[0])),
                       CD0_T1SZ(word[0]), CD2_TTB1(word[2]),
                       had && CD2_HAD1(word[2]));
}

void smmu_cd_decode(const struct oracle *o, const struct ste *ste,
                    const uint64_t *word, struct cd *cd)
{
    const uint32_t *idr = smmu(o)->idr;
    bool single = ste->world == WORLD_EL2; /* one range, no ASID */

    *cd = (struct cd) { .bad = true };
    if ( !CD0_V(word[0]) )
        return;
    cd->enabled[0] = single || !CD0_EPD0(word[0]);
    cd->enabled[1] = !single && !CD0_EPD1(word[0]);
    cd->tbi[0] = CD0_TBI0(word[0]);
    cd->tbi[1] = CD0_TBI1(word[0]);
    cd->affd = CD0_AFFD(word[0]);
    cd->wxn = CD0_WXN(word[0]);
    cd->pan = CD0_PAN(word[0]) && !single;
    cd->r = CD0_R(word[0]);
    cd->a = CD0_A(word[0]);
    cd->asid = single ? 0 : CD0_ASID(word[0]);
    if ( !CD0_AA64(word[0]) || CD0_S(word[0]) || CD0_HD_HA(word[0]) ||
         (IDR0_TERM_MODEL(idr[0]) && !cd->a) ||
         (CD0_ENDI(word[0]) && (cd->enabled[0] || cd->enabled[1])) ||
         (!IDR0_ASID16(idr[0]) && cd->asid >> 8) )
        return;
    cd->bad = !decode_halves(o, word, cd);
}

/* ---- comparison ---- */

/* As translation sees them. */
bool table_same(const struct table *a, const struct table *b)
{
    return a->shift == b->shift && a->start == b->start &&
           a->bits == b->bits && a->out == b->out && a->base == b->base &&
           a->flat == b->flat;
}

static bool ste_same(const struct ste *a, const struct ste *b)
{
    return a->stage1 == b->stage1 && a->stage2 == b->stage2 &&
           a->mev == b->mev && a->world == b->world && a->vmid == b->vmid &&
           a->s1_context == b->s1_context && a->s1fmt == b->s1fmt &&
           a->cdmax == b->cdmax && a->s1dss == b->s1dss &&
           a->privcfg == b->privcfg && a->instcfg == b->instcfg &&
           a->cont == b->cont && a->eats == b->eats &&
           a->s2affd == b->s2affd && a->s2ptw == b->s2ptw &&
           a->s2r == b->s2r && (!a->stage2 || table_same(&a->s2, &b->s2));
}

static bool cd_same(const struct cd *a, const struct cd *b)
{
    for ( unsigned int i = 0; i < 2; i++ )
        if ( a->enabled[i] != b->enabled[i] || a->tbi[i] != b->tbi[i] ||
             (a->enabled[i] && !table_same(&a->half[i], &b->half[i])) )
            return false;
    return a->asid == b->asid && a->affd == b->affd && a->wxn == b->wxn &&
           a->pan == b->pan && a->r == b->r && a->a == b->a;
}

bool context_same(const struct context *a, const struct context *b)
{
    return a->stage1 == b->stage1 && ste_same(&a->ste, &b->ste) &&
           (!a->stage1 || cd_same(&a->cd, &b->cd));
}
