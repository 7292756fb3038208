/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of VMSAv8-64 tables (3.4, 7.3.22), for both stages: 4, 16 and
 * 64 KiB granules, blocks, and the order of faults at one descriptor -
 * abort, translation, address size, access flag.  Permission is the callers'.
 */
#include "cover.h"

void smmu_walk_start(struct tables *tables, uint64_t base, unsigned int level,
                     unsigned int bits)
{
    unsigned int entries = bits - LEVEL_SHIFT(tables->granule, level);

    tables->table = base & (~UINT64_C(0) << (entries + 3));
    tables->level = level;
    tables->bits = bits;
}

enum event smmu_walk_fault(struct walk *walk, const struct tables *tables,
                           enum event event)
{
    cover_walk_fault(tables, event);
    walk->fault = (struct fault) {
        .event = event,
        .class = tables->s2 ? tables->class : CLASS_IN,
        .s2 = tables->s2,
        .address = tables->s2 ? tables->input : 0,
    };
    return event;
}

/* 7.3.12: a stage-1 descriptor is always of class TT. */
static enum event walk_abort(struct walk *walk, const struct tables *tables,
                             uint64_t address)
{
    cover_walk_fault(tables, F_WALK_EABT);
    walk->fault = (struct fault) {
        .event = F_WALK_EABT,
        .class = tables->s2 ? tables->class : CLASS_TT,
        .s2 = tables->s2,
        .address = address,
    };
    return F_WALK_EABT;
}

static enum event fetch_descriptor(struct walk *walk,
                                   const struct tables *tables,
                                   uint64_t *descriptor)
{
    unsigned int shift = LEVEL_SHIFT(tables->granule, tables->level);
    uint64_t index = (tables->input & (BIT64(tables->bits) - 1)) >> shift;
    uint64_t address = tables->table + index * DESCRIPTOR_SIZE;
    enum event error;

    if ( !tables->s2 && walk->stage2 )
    {
        error = smmu_stage2_read(walk, address, CLASS_TT, &address);
        if ( error != EVENT_NONE )
            return error;
    }
    if ( !smmu_walk_fetch(walk, address, descriptor, DESCRIPTOR_SIZE,
                          COST_WALK_STEP) )
        return walk_abort(walk, tables, address);
    return EVENT_NONE;
}

/* Level 2 everywhere, and level 1 with 4 KiB. */
static bool may_be_block(const struct tables *tables)
{
    return tables->level == 2 || (tables->level == 1 && tables->granule == 12);
}

static bool is_leaf(const struct tables *tables, uint64_t descriptor)
{
    return tables->level == LEVEL_LAST || !(descriptor & TTD_TABLE);
}

static bool is_valid(const struct tables *tables, uint64_t descriptor)
{
    if ( !(descriptor & TTD_VALID) )
        return false;
    if ( tables->level == LEVEL_LAST )
        return descriptor & TTD_TABLE;
    return (descriptor & TTD_TABLE) || may_be_block(tables);
}

uint64_t smmu_walk_page(const struct tables *tables, uint64_t input)
{
    return input &
           (~UINT64_C(0) << LEVEL_SHIFT(tables->granule, tables->level));
}

uint64_t smmu_walk_output(const struct tables *tables, uint64_t leaf)
{
    return smmu_walk_page(tables, leaf & TTD_ADDRESS);
}

bool smmu_walk_no_fill(const struct walk *walk, const struct tables *tables,
                       uint64_t leaf)
{
    return tables->level != LEVEL_LAST && (leaf & TTD_NT) &&
           IDR3_BBML(walk->smmu->config.idr[3]);
}

static void descend(struct tables *tables, uint64_t descriptor)
{
    tables->table = descriptor & TTD_ADDRESS &
                    (~UINT64_C(0) << tables->granule);
    tables->hierarchy |= descriptor & tables->hierarchy_mask;
    tables->bits = LEVEL_SHIFT(tables->granule, tables->level);
    tables->level++;
}

static enum event check_leaf(struct walk *walk, const struct tables *tables,
                             uint64_t leaf)
{
    if ( smmu_walk_output(tables, leaf) & ~tables->output_mask )
        return smmu_walk_fault(walk, tables, F_ADDR_SIZE);
    if ( !(leaf & TTD_AF) && !tables->ignore_af )
        return smmu_walk_fault(walk, tables, F_ACCESS);
    cover_leaf(walk, tables);
    return EVENT_NONE;
}

enum event smmu_walk_tables(struct walk *walk, struct tables *tables,
                            uint64_t *leaf)
{
    enum event error;

    smmu_tlb_table_lookup(walk, tables);
    if ( walk->live )
        spend(walk->live, COST_WALK_START);
    /* One level a turn, and level 3 is the last. */
    for ( ;; )
    {
        error = fetch_descriptor(walk, tables, leaf);
        if ( error != EVENT_NONE )
            return error;
        if ( !is_valid(tables, *leaf) )
            return smmu_walk_fault(walk, tables, F_TRANSLATION);
        if ( is_leaf(tables, *leaf) )
            return check_leaf(walk, tables, *leaf);
        descend(tables, *leaf);
        if ( tables->table & ~tables->output_mask )
            return smmu_walk_fault(walk, tables, F_ADDR_SIZE);
        smmu_tlb_table_fill(walk, tables);
    }
}
