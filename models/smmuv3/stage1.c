/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 1 (3.4, 5.4): the half of the address space, its tables, and the
 * rights of a leaf with all that the tables above and the CD say of them.
 */
#include "cover.h"

static bool upper_half(const struct walk *walk)
{
    return walk->regime != REGIME_EL2 && (walk->request->address & BIT64(55));
}

uint64_t smmu_stage1_canonical(const struct walk *walk)
{
    uint64_t va = walk->request->address;

    if ( !(walk->cd.word[0] & (upper_half(walk) ? CD_TBI1 : CD_TBI0)) )
        return va;
    /* EL2 has no upper half to extend the sign of. */
    return upper_half(walk) ? va | BITS64(63, 56) : va & BITS64(55, 0);
}

/* Bits above the input size must be those of the half. */
static bool in_range(const struct walk *walk, uint64_t va, unsigned int bits)
{
    return upper_half(walk) ? !(~va >> bits) : !(va >> bits);
}

/* 5.4: the first level by the size alone. */
static unsigned int start_level(unsigned int granule, unsigned int bits)
{
    return 4 - (bits - 4) / STRIDE(granule);
}

/* False: the address is outside the tables. */
static bool select_tables(const struct walk *walk, struct tables *tables)
{
    static const uint8_t tg0[4] = TG0_SHIFTS, tg1[4] = TG1_SHIFTS;
    bool upper = upper_half(walk);
    uint64_t cd0 = walk->cd.word[0], half = walk->cd.word[upper ? 2 : 1];
    unsigned int bits = 64 - (upper ? CD_T1SZ(cd0) : CD_T0SZ(cd0));

    COVER("smmuv3.stage1.%s", upper ? "upper" : "lower");
    tables->granule = upper ? tg1[CD_TG1(cd0)] : tg0[CD_TG0(cd0)];
    if ( walk->regime != REGIME_EL2 && (cd0 & (upper ? CD_EPD1 : CD_EPD0)) )
        return false;
    if ( !in_range(walk, tables->input, bits) )
        return false;
    if ( !(walk->smmu->config.idr[3] & IDR3_HAD) || !(half & CD_HAD) )
        tables->hierarchy_mask = TTD_S1_HIERARCHY;
    smmu_walk_start(tables, half & CD_TTB, start_level(tables->granule, bits),
                    bits);
    return true;
}

/* Without EL0: all accesses are privileged. */
static uint32_t rights_of_el2(const struct walk *walk, uint64_t leaf,
                              uint64_t hierarchy)
{
    uint32_t rights = RIGHTS_ALL;

    if ( (leaf & TTD_S1_AP_RO) || (hierarchy & TTD_S1_APTABLE_RO) )
        rights &= ~RIGHT_WRITE;
    if ( (leaf & TTD_S1_UXN) || (hierarchy & TTD_S1_UXNTABLE) ||
         ((rights & RIGHT_WRITE) && (walk->cd.word[0] & CD_WXN)) )
        rights &= ~RIGHT_EXECUTE;
    return BOTH(rights);
}

static uint32_t rights_of_el1(const struct walk *walk, uint64_t leaf,
                              uint64_t hierarchy)
{
    bool user = (leaf & TTD_S1_AP_EL0) && !(hierarchy & TTD_S1_APTABLE_EL0);
    bool read_only = (leaf & TTD_S1_AP_RO) || (hierarchy & TTD_S1_APTABLE_RO);
    uint32_t data = RIGHT_READ | (read_only ? 0 : RIGHT_WRITE);
    bool wxn = !read_only && (walk->cd.word[0] & CD_WXN);
    uint32_t el1 = data, el0 = user ? data : 0;

    /* What EL0 may write EL1 never executes. */
    if ( !(leaf & TTD_S1_PXN) && !(hierarchy & TTD_S1_PXNTABLE) && !wxn &&
         !(el0 & RIGHT_WRITE) )
        el1 |= RIGHT_EXECUTE;
    if ( !(leaf & TTD_S1_UXN) && !(hierarchy & TTD_S1_UXNTABLE) &&
         !(wxn && user) )
        el0 |= RIGHT_EXECUTE;
    if ( user && (walk->cd.word[0] & CD_PAN) )
        el1 &= ~(RIGHT_READ | RIGHT_WRITE);
    return el1 | el0 << USER;
}

enum event smmu_stage1_walk(struct walk *walk)
{
    struct tables tables = {
        .input = smmu_stage1_canonical(walk),
        .ignore_af = walk->cd.word[0] & CD_AFFD,
    };
    struct translation *translation = &walk->translation;
    unsigned int ips = smmu_config_address_bits(&walk->smmu->config,
                                                CD_IPS(walk->cd.word[0]));
    uint64_t leaf;
    enum event error;

    tables.output_mask = BIT64(ips) - 1;
    if ( !select_tables(walk, &tables) )
        return smmu_walk_fault(walk, &tables, F_TRANSLATION);
    error = smmu_walk_tables(walk, &tables, &leaf);
    if ( error != EVENT_NONE )
        return error;
    *translation = (struct translation) {
        .output = smmu_walk_output(&tables, leaf),
        .shift1 = (uint8_t)LEVEL_SHIFT(tables.granule, tables.level),
        .global = walk->regime != REGIME_EL2 && !(leaf & TTD_S1_NG),
        .no_fill = smmu_walk_no_fill(walk, &tables, leaf),
    };
    translation->shift = translation->shift1;
    translation->rights1 =
        (uint8_t)(walk->regime == REGIME_EL2 ?
                      rights_of_el2(walk, leaf, tables.hierarchy) :
                      rights_of_el1(walk, leaf, tables.hierarchy));
    return EVENT_NONE;
}
