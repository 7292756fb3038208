/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream table (5.1): two levels where the unit has them and more
 * StreamIDs than one second level holds, else linear.  All STEs start with
 * V = 0; second levels are made when a device below them is first attached.
 */
#include <piommu/smmuv3/smmuv3.h>

#define STES_IN_PAGE   ((uint32_t)(PAGE_SIZE / SMMU_STE_SIZE))
#define L1STDS_IN_PAGE ((uint32_t)(PAGE_SIZE / SMMU_L1STD_SIZE))

_Static_assert((1u << STRTAB_SPLIT) * SMMU_STE_SIZE == PAGE_SIZE
                                                           << STRTAB_L2_ORDER,
               "a second level fills its pages");

static unsigned int order_of(unsigned int log2_bytes)
{
    return log2_bytes > PAGE_SHIFT ? log2_bytes - PAGE_SHIFT : 0;
}

int smmuv3_strtab_alloc(struct smmuv3_unit *unit)
{
    unsigned int bits = SMMU_IDR1_SIDSIZE(unit->idr[1]);

    unit->two_level = SMMU_IDR0_ST_LEVEL(unit->idr[0]) && bits > STRTAB_SPLIT;
    if ( bits > STRTAB_MAX_BITS )
        bits = STRTAB_MAX_BITS;
    unit->sid_bits = bits;
    unit->strtab_order = unit->two_level ? order_of(bits - STRTAB_SPLIT + 3) :
                                           order_of(bits + 6);
    return host_table_alloc_run(unit->common.piommu->host, NULL,
                                unit->strtab_order, &unit->strtab);
}

void smmuv3_strtab_program(const struct smmuv3_unit *unit)
{
    mfn_t page = unit->strtab;
    unsigned int i;

    for ( i = 0; i < 1u << unit->strtab_order; i++ )
        smmuv3_writeback(unit, mfn_add(page, i), 0, PAGE_SIZE);
    host_mmio_write64(unit->common.hw, SMMU_STRTAB_BASE,
                      SMMU_STRTAB_BASE_RA | mfn_to_maddr(unit->strtab));
    host_mmio_write32(
        unit->common.hw, SMMU_STRTAB_BASE_CFG,
        SMMU_STRTAB_BASE_CFG_PUT(
            unit->two_level ? SMMU_STRTAB_2LEVEL : SMMU_STRTAB_LINEAR,
            unit->two_level ? STRTAB_SPLIT : 0, unit->sid_bits));
}

/* ---- two levels --------------------------------------------------------- */

static mfn_t l1std_at(const struct smmuv3_unit *unit, uint32_t index,
                      unsigned int *offset)
{
    *offset = index % L1STDS_IN_PAGE * SMMU_L1STD_SIZE;
    return mfn_add(unit->strtab, index / L1STDS_IN_PAGE);
}

static uint64_t l1std_read(const struct smmuv3_unit *unit, uint32_t index)
{
    unsigned int offset;
    mfn_t mfn = l1std_at(unit, index, &offset);

    return host_table_read64(unit->common.piommu->host, mfn, offset);
}

mfn_t smmuv3_ste_at(const struct smmuv3_unit *unit, uint32_t sid,
                    unsigned int *offset)
{
    uint32_t index = sid;
    mfn_t table = unit->strtab;

    if ( unit->two_level )
    {
        index = sid % (1u << STRTAB_SPLIT);
        table = maddr_to_mfn(l1std_read(unit, sid >> STRTAB_SPLIT) &
                             SMMU_L1STD_L2PTR);
    }
    *offset = index % STES_IN_PAGE * SMMU_STE_SIZE;
    return mfn_add(table, index / STES_IN_PAGE);
}

/*
 * Link the second level of @sid.  An L1STD without one may be cached:
 * CFGI_STE with Leaf = 0 covers it (4.3.1).
 */
int smmuv3_prepare(struct piommu_unit *common, uint32_t sid)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    struct host *host = common->piommu->host;
    const struct piommu_command flush = {
        SMMU_CMD_CFGI_STE | SMMU_CMD_SID_PUT(sid), 0
    };
    uint32_t index = sid >> STRTAB_SPLIT;
    unsigned int offset, i;
    mfn_t l1, l2;
    int rc;

    if ( !unit->two_level || l1std_read(unit, index) )
        return 0;
    rc = host_table_alloc_run(host, NULL, STRTAB_L2_ORDER, &l2);
    if ( rc )
        return rc;
    for ( i = 0; i < 1u << STRTAB_L2_ORDER; i++ )
        smmuv3_writeback(unit, mfn_add(l2, i), 0, PAGE_SIZE);
    l1 = l1std_at(unit, index, &offset);
    host_table_write64(host, l1, offset,
                       mfn_to_maddr(l2) | (STRTAB_SPLIT + 1));
    smmuv3_writeback(unit, l1, offset, SMMU_L1STD_SIZE);
    return piommu_execute(common, &flush, 1);
}

/* No unit can use it (any more). */
void smmuv3_strtab_free(struct smmuv3_unit *unit)
{
    struct host *host = unit->common.piommu->host;
    uint32_t i;

    if ( mfn_eq(unit->strtab, INVALID_MFN) )
        return;
    for ( i = 0; unit->two_level && i < 1u << (unit->sid_bits - STRTAB_SPLIT);
          i++ )
    {
        uint64_t l1std = l1std_read(unit, i);

        if ( l1std )
            host_table_free_run(host, maddr_to_mfn(l1std & SMMU_L1STD_L2PTR),
                                STRTAB_L2_ORDER);
    }
    host_table_free_run(host, unit->strtab, unit->strtab_order);
}
