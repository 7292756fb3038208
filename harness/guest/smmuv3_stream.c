/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: stream table and context descriptors (3.3, 5). */
#include <guest/smmuv3_guest.h>
#include <guest/smmuv3_layout.h>
#include <guest/smmuv3_private.h>

#include <stddef.h>

/* ---- stream table ---- */

bool smmuv3_guest_strtab_init(struct smmuv3_guest *guest,
                              unsigned int sid_bits, unsigned int split)
{
    guest->sid_bits = sid_bits;
    guest->split = split < sid_bits ? split : 0;
    guest->strtab = guest_alloc(
        guest, guest->split ?
                   GUEST_BIT(sid_bits - guest->split + GUEST_L1STD_SHIFT) :
                   GUEST_BIT(sid_bits + GUEST_STE_SHIFT));
    return guest->strtab != 0;
}

uint64_t smmuv3_guest_l1std(const struct smmuv3_guest *guest, uint32_t sid)
{
    if ( !guest->split || sid >= GUEST_BIT(guest->sid_bits) )
        return 0;
    return guest->strtab +
           ((uint64_t)(sid >> guest->split) << GUEST_L1STD_SHIFT);
}

/* Span n is 2^(n - 1) STEs (5.1): a second-level table of all of them. */
static uint64_t second_level(struct smmuv3_guest *guest, uint64_t l1std)
{
    uint64_t entry = guest_load(guest, l1std), table;

    if ( entry )
        return entry & GUEST_L2PTR_MASK;
    table = guest_alloc(guest, GUEST_BIT(guest->split + GUEST_STE_SHIFT));
    if ( table )
        guest_store(guest, l1std, table | GUEST_L1STD_SPAN(guest->split + 1));
    return table;
}

uint64_t smmuv3_guest_ste_address(struct smmuv3_guest *guest, uint32_t sid)
{
    uint64_t table = guest->strtab, index = sid;

    if ( !table || sid >= GUEST_BIT(guest->sid_bits) )
        return 0;
    if ( guest->split )
    {
        table = second_level(guest, smmuv3_guest_l1std(guest, sid));
        index = sid & (GUEST_BIT(guest->split) - 1);
    }
    return table ? table + (index << GUEST_STE_SHIFT) : 0;
}

/* 0: 4 KiB, 1: 64 KiB, 2: 16 KiB; of S2TG and TG0. */
static unsigned int granule(unsigned int bits)
{
    return bits == 12 ? 0 : bits == 16 ? 1 : 2;
}

/* S2SL0 counts upwards from the deepest start level: 2 with 4 KiB, else 3. */
static unsigned int s2sl0(const struct smmuv3_guest_space_config *config)
{
    return (config->granule_bits == 12 ? 2 : 3) - config->start_level;
}

static void stage2_words(const struct smmuv3_guest_ste *ste, uint64_t *word)
{
    const struct smmuv3_guest_space_config *config;

    word[2] = GUEST_STE_S2VMID(ste->s2vmid);
    if ( !ste->stage2 )
        return;
    config = &ste->stage2->config;
    word[2] |= GUEST_STE_S2T0SZ(64 - config->input_bits) |
               GUEST_STE_S2SL0(s2sl0(config) & 3) | GUEST_STE_S2CACHED |
               GUEST_STE_S2TG(granule(config->granule_bits)) |
               GUEST_STE_S2PS(ste->s2ps) | GUEST_STE_S2AA64 |
               (ste->s2affd ? GUEST_STE_S2AFFD : 0) |
               (ste->s2ptw ? GUEST_STE_S2PTW : 0) |
               (ste->s2s ? GUEST_STE_S2S : 0) | (ste->s2r ? GUEST_STE_S2R : 0);
    word[3] = ste->stage2->root;
}

void smmuv3_guest_ste_words(const struct smmuv3_guest_ste *ste,
                            uint64_t word[SMMUV3_GUEST_STE_WORDS])
{
    unsigned int i;

    for ( i = 0; i < SMMUV3_GUEST_STE_WORDS; i++ )
        word[i] = 0;
    word[0] = (ste->valid ? GUEST_V : 0) | GUEST_STE_CONFIG(ste->config);
    word[1] = GUEST_STE_STRW(ste->strw) | GUEST_STE_EATS(ste->eats) |
              GUEST_STE_CONT(ste->cont) | GUEST_STE_SHCFG(ste->shcfg) |
              GUEST_STE_PRIVCFG(ste->privcfg) |
              GUEST_STE_INSTCFG(ste->instcfg) | (ste->mev ? GUEST_STE_MEV : 0);
    if ( ste->cds )
    {
        word[0] |= ste->cds->base | GUEST_STE_S1FMT(ste->cds->fmt) |
                   GUEST_STE_S1CDMAX(ste->cds->max);
        word[1] |= GUEST_STE_S1DSS(ste->s1dss) | GUEST_STE_S1CACHED |
                   (ste->s1stalld ? GUEST_STE_S1STALLD : 0);
    }
    stage2_words(ste, word);
}

bool smmuv3_guest_set_ste(struct smmuv3_guest *guest, uint32_t sid,
                          const struct smmuv3_guest_ste *ste)
{
    uint64_t gpa = smmuv3_guest_ste_address(guest, sid);
    uint64_t word[SMMUV3_GUEST_STE_WORDS];
    unsigned int i;

    if ( !gpa )
        return false;
    smmuv3_guest_ste_words(ste, word);
    if ( guest_load(guest, gpa) & GUEST_V )
        guest_store(guest, gpa, 0);
    for ( i = SMMUV3_GUEST_STE_WORDS; i--; )
        guest_store(guest, gpa + 8 * i, word[i]);
    return true;
}

/* ---- context descriptors ---- */

/* log2 of the CDs of a second-level table (5.2 STE.S1Fmt). */
static unsigned int cd_split(unsigned int fmt)
{
    return fmt == 1 ? 6 : 10;
}

static bool two_levels(const struct smmuv3_guest_cd_table *cds)
{
    return cds->max && cds->fmt;
}

/* log2 of first-level descriptors: one at least. */
static unsigned int l1_bits(const struct smmuv3_guest_cd_table *cds)
{
    unsigned int split = cd_split(cds->fmt);

    return cds->max > split ? cds->max - split : 0;
}

bool smmuv3_guest_cd_table_init(struct smmuv3_guest *guest,
                                struct smmuv3_guest_cd_table *cds,
                                unsigned int fmt, unsigned int max)
{
    cds->fmt = fmt;
    cds->max = max;
    cds->base = guest_alloc(
        guest, two_levels(cds) ? GUEST_BIT(l1_bits(cds) + GUEST_L1CD_SHIFT) :
                                 GUEST_BIT(max + GUEST_CD_SHIFT));
    return cds->base != 0;
}

uint64_t smmuv3_guest_l1cd(const struct smmuv3_guest_cd_table *cds,
                           uint32_t ssid)
{
    if ( !cds->base || !two_levels(cds) || ssid >= GUEST_BIT(cds->max) )
        return 0;
    return cds->base +
           ((uint64_t)(ssid >> cd_split(cds->fmt)) << GUEST_L1CD_SHIFT);
}

uint64_t smmuv3_guest_cd_address(struct smmuv3_guest *guest,
                                 const struct smmuv3_guest_cd_table *cds,
                                 uint32_t ssid)
{
    unsigned int split = cd_split(cds->fmt);
    uint64_t table = cds->base, index = ssid, l1;

    if ( !table || ssid >= GUEST_BIT(cds->max) )
        return 0;
    if ( two_levels(cds) )
    {
        l1 = smmuv3_guest_l1cd(cds, ssid);
        index = ssid & (GUEST_BIT(split) - 1);
        table = guest_load(guest, l1) & GUEST_L1CD_PTR_MASK;
        if ( !table )
        {
            table = guest_alloc(guest, GUEST_BIT(split + GUEST_CD_SHIFT));
            if ( table )
                guest_store(guest, l1, table | GUEST_V);
        }
    }
    return table ? table + (index << GUEST_CD_SHIFT) : 0;
}

static uint64_t half_of_ttb0(const struct smmuv3_guest_space *space, bool epd)
{
    if ( !space )
        return GUEST_CD_EPD0;
    return GUEST_CD_T0SZ(64 - space->config.input_bits) |
           GUEST_CD_TG0(granule(space->config.granule_bits)) |
           GUEST_CD_CACHED0 | (epd ? GUEST_CD_EPD0 : 0);
}

/* TG1 is encoded otherwise than TG0: 1 16 KiB, 2 4 KiB, 3 64 KiB (5.4). */
static uint64_t half_of_ttb1(const struct smmuv3_guest_space *space, bool epd)
{
    static const unsigned int tg1[] = { 2, 3, 1 };

    if ( !space )
        return GUEST_CD_EPD1;
    return GUEST_CD_T1SZ(64 - space->config.input_bits) |
           GUEST_CD_TG1(tg1[granule(space->config.granule_bits)]) |
           GUEST_CD_CACHED1 | (epd ? GUEST_CD_EPD1 : 0);
}

static uint64_t flags(const struct smmuv3_guest_cd *cd)
{
    return (cd->valid ? GUEST_CD_V : 0) | (cd->affd ? GUEST_CD_AFFD : 0) |
           (cd->wxn ? GUEST_CD_WXN : 0) | (cd->uwxn ? GUEST_CD_UWXN : 0) |
           (cd->tbi[0] ? GUEST_CD_TBI0 : 0) |
           (cd->tbi[1] ? GUEST_CD_TBI1 : 0) | (cd->pan ? GUEST_CD_PAN : 0) |
           (cd->s ? GUEST_CD_S : 0) | (cd->r ? GUEST_CD_R : 0) |
           (cd->a ? GUEST_CD_A : 0) | (cd->aset ? GUEST_CD_ASET : 0);
}

void smmuv3_guest_cd_words(const struct smmuv3_guest_cd *cd,
                           uint64_t word[SMMUV3_GUEST_CD_WORDS])
{
    unsigned int i;

    for ( i = 0; i < SMMUV3_GUEST_CD_WORDS; i++ )
        word[i] = 0;
    word[0] = half_of_ttb0(cd->table[0], cd->epd[0]) |
              half_of_ttb1(cd->table[1], cd->epd[1]) | flags(cd) |
              GUEST_CD_AA64 | GUEST_CD_IPS(cd->ips) | GUEST_CD_ASID(cd->asid);
    for ( i = 0; i < 2; i++ )
        word[1 + i] = (cd->table[i] ? cd->table[i]->root : 0) |
                      (cd->had[i] ? GUEST_CD_HAD : 0);
    word[3] = GUEST_CD_MAIR;
}

bool smmuv3_guest_set_cd(struct smmuv3_guest *guest,
                         const struct smmuv3_guest_cd_table *cds,
                         uint32_t ssid, const struct smmuv3_guest_cd *cd)
{
    uint64_t gpa = smmuv3_guest_cd_address(guest, cds, ssid);
    uint64_t word[SMMUV3_GUEST_CD_WORDS];
    unsigned int i;

    if ( !gpa )
        return false;
    smmuv3_guest_cd_words(cd, word);
    if ( guest_load(guest, gpa) & GUEST_CD_V )
        guest_store(guest, gpa, 0);
    for ( i = SMMUV3_GUEST_CD_WORDS; i--; )
        guest_store(guest, gpa + 8 * i, word[i]);
    return true;
}
