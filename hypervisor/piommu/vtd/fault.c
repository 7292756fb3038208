/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primary fault logging of a physical unit (7.2): records are read in ring
 * order from FSTS.FRI, each is cleared and reported upwards.
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

/* Take one record out of the ring; false: there is none. */
static bool take(struct vtd_unit *unit, unsigned int index,
                 struct piommu_fault *fault)
{
    unsigned int offset = VTD_CAP_FRO(unit->cap) + index * VTD_ENTRY_SIZE;
    uint64_t hi = host_mmio_read64(unit->common.hw, offset + 8);

    if ( !(hi & VTD_FRCD_F) )
        return false;
    decode(unit, host_mmio_read64(unit->common.hw, offset), hi, fault);
    /* F is bit 127: the top of the fourth double word, cleared by a 1. */
    host_mmio_write32(unit->common.hw, offset + 12, UINT32_C(1) << 31);
    return true;
}

void vtd_fault_drain(struct piommu_unit *common)
{
    struct vtd_unit *unit = vtd_unit(common);
    struct piommu *piommu = common->piommu;
    unsigned int count = VTD_CAP_NFR(unit->cap);
    uint32_t status = host_mmio_read32(unit->common.hw, VTD_FSTS);
    struct piommu_fault fault;
    unsigned int i;

    /* All ones: the unit is gone. */
    while ( status != UINT32_MAX && (status & (VTD_FSTS_PPF | VTD_FSTS_PFO)) )
    {
        for ( i = 0; i < count; i++ )
            if ( take(unit, (VTD_FSTS_FRI(status) + i) % count, &fault) &&
                 piommu->events.fault )
                piommu->events.fault(piommu->events.context, &fault);
        /* The event comes back only when no status bit is left. */
        host_mmio_write32(unit->common.hw, VTD_FSTS, VTD_FSTS_PFO);
        status = host_mmio_read32(unit->common.hw, VTD_FSTS);
        if ( (status & VTD_FSTS_PPF) && host_preempt_check(piommu->host) )
        {
            host_work_schedule(piommu->host, &unit->fault_work);
            break;
        }
    }
}

void vtd_fault_work(struct host_work *work)
{
    vtd_fault_drain(&container_of(work, struct vtd_unit, fault_work)->common);
}
