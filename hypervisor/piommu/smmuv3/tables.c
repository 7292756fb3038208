/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 2: descriptors of VMSAv8-64 with 4 KiB granule, and the fields of an
 * STE that lead to them (5.2: S2T0SZ, S2SL0, S2TTB ...).  Our level n is the
 * architecture's level 4 - n; start tables are never concatenated.
 */
#include <piommu/smmuv3/smmuv3.h>

uint64_t smmuv3_encode(unsigned int level, const struct piommu_entry *entry)
{
    uint64_t value = SMMU_TTD_VALID;

    switch ( entry->kind )
    {
    case PIOMMU_ENTRY_LEAF:
        value |= mfn_to_maddr(entry->mfn) | SMMU_TTD_AF |
                 SMMU_TTD_MEMATTR(SMMU_TTD_MEMATTR_WB) |
                 SMMU_TTD_SH(SMMU_SH_ISH);
        if ( level == 1 )
            value |= SMMU_TTD_TABLE;
        if ( entry->rights & PIOMMU_READ )
            value |= SMMU_TTD_S2AP_R;
        if ( entry->rights & PIOMMU_WRITE )
            value |= SMMU_TTD_S2AP_W;
        if ( !(entry->rights & PIOMMU_EXECUTE) )
            value |= SMMU_TTD_XN;
        return value;
    case PIOMMU_ENTRY_TABLE:
        return value | SMMU_TTD_TABLE | mfn_to_maddr(entry->table->mfn);
    case PIOMMU_ENTRY_NONE:
        break;
    }
    return 0;
}

void smmuv3_decode(unsigned int level, uint64_t value,
                   struct piommu_entry *entry)
{
    if ( !(value & SMMU_TTD_VALID) )
        return;
    entry->mfn = maddr_to_mfn(value & SMMU_TTD_ADDRESS);
    if ( level > 1 && (value & SMMU_TTD_TABLE) )
    {
        entry->rights = PIOMMU_READ | PIOMMU_WRITE;
        return;
    }
    if ( value & SMMU_TTD_S2AP_R )
        entry->rights |= PIOMMU_READ;
    if ( value & SMMU_TTD_S2AP_W )
        entry->rights |= PIOMMU_WRITE;
    if ( !(value & SMMU_TTD_XN) )
        entry->rights |= PIOMMU_EXECUTE;
}

/* 52 bits need a granule of 64 KiB, or IDR5.DS: they count as 48. */
static unsigned int output_code(uint32_t idr5)
{
    return SMMU_IDR5_OAS(idr5) < SMMU_OAS_48 ? SMMU_IDR5_OAS(idr5) :
                                               SMMU_OAS_48;
}

unsigned int smmuv3_output_bits(uint32_t idr5)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

    return bits[output_code(idr5)];
}

/*
 * The input size is what the tables span, but not more than any unit can
 * output (IAS = OAS without AArch32 tables): units may share the tables.
 */
void smmuv3_stage2(const struct smmuv3_unit *unit,
                   const struct piommu_space *tables, uint16_t vmid,
                   struct smmuv3_ste *ste)
{
    const struct piommu *piommu = unit->common.piommu;
    bool coherent = unit->idr[0] & SMMU_IDR0_COHACC;
    unsigned int cache = coherent ? SMMU_CACHE_WB : SMMU_CACHE_NC;
    unsigned int levels = tables->root->level;
    unsigned int size = PAGE_SHIFT + TABLE_ORDER(levels + 1);

    if ( size > piommu->capabilities.max_width )
        size = piommu->capabilities.max_width;
    ste->word[2] = SMMU_STE2_S2VMID_PUT(vmid) |
                   SMMU_STE2_S2T0SZ_PUT(64 - size) |
                   SMMU_STE2_S2SL0_PUT(levels - 2) |
                   SMMU_STE2_S2IR0_PUT(cache) | SMMU_STE2_S2OR0_PUT(cache) |
                   SMMU_STE2_S2SH0_PUT(coherent ? SMMU_SH_ISH : SMMU_SH_OSH) |
                   SMMU_STE2_S2TG_PUT(SMMU_STE_S2TG_4K) |
                   SMMU_STE2_S2PS_PUT(output_code(unit->idr[5])) |
                   SMMU_STE2_S2AA64 | SMMU_STE2_S2AFFD | SMMU_STE2_S2R;
    ste->word[3] = mfn_to_maddr(tables->root->mfn) & SMMU_STE3_S2TTB;
}
