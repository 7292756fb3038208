/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primary fault logging of a physical unit (7.2): records are looked at in
 * ring order from FSTS.FRI; one that is taken is cleared.
 */
#include <piommu/vtd/vtd.h>

static void decode(const struct vtd_unit *unit, uint64_t lo, uint64_t hi,
                   struct piommu_fault *fault)
{
    static const enum piommu_access access[4] = {
        PIOMMU_ACCESS_WRITE,  /* T1 T2 = 00 */
        PIOMMU_ACCESS_READ,   /* a page request: not in legacy mode */
        PIOMMU_ACCESS_READ,   /* 10 */
        PIOMMU_ACCESS_ATOMIC, /* 11 */
    };

    *fault = (struct piommu_fault) {
        .unit = unit->common.index,
        .source_id = VTD_FRCD_SID(hi),
        .pasid = hi & VTD_FRCD_PP ? VTD_FRCD_PV(hi) : PIOMMU_NO_PASID,
        .privileged = hi & VTD_FRCD_PRIV,
        .execute = hi & VTD_FRCD_EXE,
        .address = lo & VTD_ADDRESS,
        .type = (enum piommu_request_type)VTD_FRCD_AT(hi),
        .access = access[!!(hi & VTD_FRCD_T1) * 2 + !!(hi & VTD_FRCD_T2)],
        .reason = VTD_FRCD_FR(hi),
    };
}

/* All ones: the unit is gone. */
static uint32_t status(const struct vtd_unit *unit)
{
    uint32_t fsts = host_mmio_read32(unit->common.hw, VTD_FSTS);

    return fsts == UINT32_MAX ? 0 : fsts;
}

#define NO_RECORD UINT32_MAX

static unsigned int offset_of(const struct vtd_unit *unit, unsigned int index)
{
    return VTD_CAP_FRO(unit->cap) + index * VTD_ENTRY_SIZE;
}

/* Nothing waits in this slot any more. */
static void pass(struct vtd_unit *unit, unsigned int index)
{
    if ( index == unit->fault_oldest )
        unit->fault_oldest = (index + 1) % VTD_CAP_NFR(unit->cap);
}

/*
 * The oldest record of these, or (NULL) of anybody.  Hardware goes round the
 * ring, and what it writes while others are taken is behind them all: the
 * search begins at the oldest that is left, where there was none at FRI.
 */
static unsigned int find(struct vtd_unit *unit,
                         const struct piommu_sources *of, uint64_t *hi)
{
    unsigned int count = VTD_CAP_NFR(unit->cap), i, first, index;
    uint32_t fsts = status(unit);

    if ( (fsts & VTD_FSTS_PPF) && !unit->faults_wait )
        unit->fault_oldest = VTD_FSTS_FRI(fsts) % count;
    unit->faults_wait = fsts & VTD_FSTS_PPF;
    first = unit->fault_oldest;
    for ( i = 0; unit->faults_wait && i < count; i++ )
    {
        index = (first + i) % count;
        *hi = host_mmio_read64(unit->common.hw, offset_of(unit, index) + 8);
        if ( !(*hi & VTD_FRCD_F) )
            pass(unit, index);
        else if ( !of || of->mine(of->context, VTD_FRCD_SID(*hi)) )
            return index;
    }
    return NO_RECORD;
}

bool vtd_fault_first(struct piommu_unit *common, uint32_t *source_id)
{
    struct vtd_unit *unit = vtd_unit(common);
    uint64_t hi;

    /* The event comes back only when no status bit is left. */
    while ( find(unit, NULL, &hi) == NO_RECORD )
    {
        if ( !(status(unit) & VTD_FSTS_PFO) )
            return false;
        host_mmio_write32(common->hw, VTD_FSTS, VTD_FSTS_PFO);
    }
    *source_id = VTD_FRCD_SID(hi);
    return true;
}

bool vtd_fault_take(struct piommu_unit *common,
                    const struct piommu_sources *sources,
                    struct piommu_fault *fault)
{
    struct vtd_unit *unit = vtd_unit(common);
    uint64_t hi;
    unsigned int index = find(unit, sources, &hi), at;

    if ( index == NO_RECORD )
        return false;
    at = offset_of(unit, index);
    decode(unit, host_mmio_read64(common->hw, at), hi, fault);
    /* F is bit 127: the top of the fourth double word, cleared by a 1. */
    host_mmio_write32(common->hw, at + 12, UINT32_C(1) << 31);
    pass(unit, index);
    return true;
}
