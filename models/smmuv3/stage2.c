/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 2 (3.4, 5.2): of requests, of CDs and of stage-1 descriptors.
 *
 * S2PTW asks for the memory type of the page that is read; this unit has no
 * memory types, all its pages are Normal, and the bit has no effect.
 */
#include "unit.h"

/* XN of a leaf; with XNX the two levels apart. */
static uint32_t execute_rights(const struct walk *walk, uint64_t leaf)
{
    static const uint8_t xnx[4] = {
        [0] = BOTH(RIGHT_EXECUTE),
        [1] = RIGHT_EXECUTE << USER,
        [2] = 0,
        [3] = RIGHT_EXECUTE,
    };
    unsigned int xn = TTD_S2_XN(leaf);

    if ( !(walk->smmu->config.idr[3] & IDR3_XNX) )
        xn &= 2;
    return xnx[xn];
}

static void set_tables(const struct walk *walk, struct tables *tables)
{
    static const uint8_t tg[4] = TG0_SHIFTS;
    uint64_t ste2 = walk->ste.word[2];
    unsigned int level,
        ps = smmu_config_address_bits(&walk->smmu->config, STE_S2PS(ste2));

    tables->granule = tg[STE_S2TG(ste2)];
    tables->output_mask = BIT64(ps) - 1;
    tables->ignore_af = ste2 & STE_S2AFFD;
    level = (tables->granule == 12 ? 2 : 3) - STE_S2SL0(ste2);
    smmu_walk_start(tables, walk->ste.word[3] & STE_S2TTB, level,
                    64 - STE_S2T0SZ(ste2));
}

enum event smmu_stage2_walk(struct walk *walk, uint64_t ipa,
                            enum event_class class,
                            struct translation *translation)
{
    struct tables tables = { .s2 = true, .input = ipa, .class = class };
    uint64_t leaf;
    enum event error;

    set_tables(walk, &tables);
    if ( ipa >> tables.bits )
        return smmu_walk_fault(walk, &tables, F_TRANSLATION);
    error = smmu_walk_tables(walk, &tables, &leaf);
    if ( error != EVENT_NONE )
        return error;
    *translation = (struct translation) {
        .output = smmu_walk_output(&tables, leaf),
        .ipa = smmu_walk_page(&tables, ipa),
        .shift2 = (uint8_t)LEVEL_SHIFT(tables.granule, tables.level),
        .no_fill = smmu_walk_no_fill(walk, &tables, leaf),
    };
    translation->shift = translation->shift2;
    translation->rights2 = (uint8_t)(BOTH(
                                         (leaf & TTD_S2_R ? RIGHT_READ : 0) |
                                         (leaf & TTD_S2_W ? RIGHT_WRITE : 0)) |
                                     execute_rights(walk, leaf));
    smmu_tlb_main_fill(walk, REGIME_STAGE2, ipa, translation);
    return EVENT_NONE;
}

enum event smmu_stage2_translate(struct walk *walk, uint64_t ipa,
                                 enum event_class class,
                                 struct translation *translation)
{
    if ( walk->live )
        spend(walk->live, COST_TLB_LOOKUP);
    if ( smmu_tlb_main_lookup(walk, REGIME_STAGE2, ipa, translation) )
        return EVENT_NONE;
    return smmu_stage2_walk(walk, ipa, class, translation);
}

enum event smmu_stage2_permission(struct walk *walk, uint64_t ipa,
                                  enum event_class class, uint32_t missing)
{
    walk->fault = (struct fault) {
        .event = F_PERMISSION,
        .class = class,
        .s2 = true,
        .missing = missing,
        .address = ipa,
    };
    return F_PERMISSION;
}

enum event smmu_stage2_read(struct walk *walk, uint64_t ipa,
                            enum event_class class, uint64_t *pa)
{
    struct translation translation;
    enum event error = smmu_stage2_translate(walk, ipa, class, &translation);

    if ( error != EVENT_NONE )
        return error;
    if ( !(translation.rights2 & RIGHT_READ) )
        return smmu_stage2_permission(walk, ipa, class, RIGHT_READ);
    *pa = translation.output | (ipa & (BIT64(translation.shift) - 1));
    return EVENT_NONE;
}
