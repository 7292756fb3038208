/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SMMUv3 units together: what all of them can do. */
#include <piommu/smmuv3/smmuv3.h>

/*
 * Of a number the smallest counts, of a bit that it is everywhere; but for
 * restrictions, which bind if one unit has them.
 */
static const struct {
    uint8_t idr, hi, lo;
    bool restriction;
} fields[] = {
    { 0, 3, 2, false },   /* TTF: bits, below */
    { 0, 7, 6, false },   /* HTTU */
    { 0, 22, 21, true },  /* TTENDIAN: 0 both, 2 little (3 is refused) */
    { 0, 25, 24, true },  /* STALL_MODEL: 0 both, 1 terminate */
    { 0, 26, 26, true },  /* TERM_MODEL: 1 CD.A = 0 is ILLEGAL */
    { 0, 28, 27, false }, /* ST_LEVEL */
    { 1, 5, 0, false },   /* SIDSIZE */
    { 1, 10, 6, false },  /* SSIDSIZE */
    { 1, 15, 11, false }, /* PRIQS */
    { 1, 20, 16, false }, /* EVENTQS */
    { 1, 25, 21, false }, /* CMDQS */
    { 3, 12, 11, false }, /* BBML */
    { 5, 2, 0, false },   /* OAS */
    { 5, 11, 10, false }, /* VAX */
    { 5, 31, 16, false }, /* STALL_MAX */
};

static void meet(uint32_t all[6], const uint32_t idr[6])
{
    uint32_t both[6];
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(both); i++ )
        both[i] = all[i] & idr[i];
    for ( i = 0; i < ARRAY_SIZE(fields); i++ )
    {
        uint32_t mask = (uint32_t)SMMU_MASK(fields[i].hi, fields[i].lo);
        unsigned int at = fields[i].idr;
        uint32_t a = all[at] & mask, b = idr[at] & mask;

        both[at] = (both[at] & ~mask) |
                   ((a < b) != fields[i].restriction ? a : b);
    }
    for ( i = 0; i < ARRAY_SIZE(both); i++ )
        all[i] = both[i];
}

static void intersect(struct piommu *piommu)
{
    struct piommu_capabilities *c = &piommu->capabilities;
    unsigned int i, bits;

    piommu->tags = 1u << 16;
    piommu->last_source = UINT32_MAX;
    for ( i = 0; i < piommu->units; i++ )
    {
        const struct smmuv3_unit *unit = smmuv3_unit(piommu->unit[i]);
        uint32_t last = (uint32_t)(SMMU_BIT(unit->sid_bits) - 1);
        unsigned int word;

        if ( i )
            meet(c->smmuv3_idr, unit->idr);
        else
            for ( word = 0; word < ARRAY_SIZE(unit->idr); word++ )
                c->smmuv3_idr[word] = unit->idr[word];
        if ( !(unit->idr[0] & SMMU_IDR0_VMID16) )
            piommu->tags = 1u << 8;
        piommu->writeback |= !(unit->idr[0] & SMMU_IDR0_COHACC);
        if ( last < piommu->last_source )
            piommu->last_source = last;
    }
    c->nested = c->smmuv3_idr[0] & SMMU_IDR0_S1P;

    /* Level 0 needs 44 bits of output; level 1 alone gives 39 of input. */
    bits = smmuv3_output_bits(c->smmuv3_idr[5]);
    c->widths = (1u << 3) | (bits >= 44 ? 1u << 4 : 0);
    c->max_width = bits < 39 || bits >= 44 ? bits : 39;
    /*
     * Splitting a block under a DMA is possible at BBML level 2 only: the
     * break before the make would abort DMA to pages that do not change.
     */
    if ( SMMU_IDR3_BBML(c->smmuv3_idr[3]) >= 2 )
        c->superpages = (1u << 9) | (1u << 18);
}

const struct piommu_driver smmuv3_driver = {
    .unit_create = smmuv3_unit_create,
    .unit_destroy = smmuv3_unit_destroy,
    .interrupt = smmuv3_interrupt,
    .fault_first = smmuv3_event_first,
    .fault_take = smmuv3_event_take,
    .fault_count = smmuv3_event_count,
    .intersect = intersect,
    .encode = smmuv3_encode,
    .decode = smmuv3_decode,
    .break_before_make = true,
    .prepare = smmuv3_prepare,
    .change = smmuv3_change,
    .plan_flush = smmuv3_plan_flush,
    .queue_room = smmuv3_queue_room,
    .queue_submit = smmuv3_queue_submit,
    .queue_poll = smmuv3_queue_poll,
    .plan_nest = smmuv3_plan_nest,
    .invalidate_check = smmuv3_invalidate_check,
    .plan_invalidate = smmuv3_plan_invalidate,
};
