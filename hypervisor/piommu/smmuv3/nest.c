/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's own stage 1 on the stage 2 of its domain: which fields of its STE
 * reach ours, and which invalidations of its are forwarded, under our VMID
 * and StreamID.  All else that it writes stays with the virtual unit.
 */
#include <piommu/smmuv3/smmuv3.h>

#define STAGE1_WORD0                                                          \
    (SMMU_STE0_S1FMT_MASK | SMMU_STE0_S1CONTEXTPTR | SMMU_STE0_S1CDMAX_MASK)
/* STRW stays NS-EL1: the guest has no hypervisor mode. */
#define STAGE1_WORD1                                                          \
    (SMMU_STE1_S1DSS_MASK | SMMU_STE1_S1CIR_MASK | SMMU_STE1_S1COR_MASK |     \
     SMMU_STE1_S1CSH_MASK | SMMU_STE1_OVERRIDES)

/*
 * Words 0 and 1.  A guest's bypass is stage 2 alone under the nest's VMID, so
 * that its change between bypass and stage 1 is one store here as well.
 */
void smmuv3_nest_stage1(const struct smmuv3_unit *unit,
                        const struct piommu_space *space,
                        struct smmuv3_ste *ste)
{
    const uint64_t *guest = space->configuration;

    if ( !(guest[0] & SMMU_STE0_V) )
        return;
    if ( SMMU_STE0_CONFIG(guest[0]) == SMMU_STE_CONFIG_BYPASS )
    {
        ste->word[0] = SMMU_STE0_V | SMMU_STE0_CONFIG_PUT(SMMU_STE_CONFIG_S2);
        ste->word[1] = guest[1] & SMMU_STE1_OVERRIDES;
    }
    if ( SMMU_STE0_CONFIG(guest[0]) == SMMU_STE_CONFIG_S1 )
    {
        ste->word[0] = SMMU_STE0_V |
                       SMMU_STE0_CONFIG_PUT(SMMU_STE_CONFIG_NESTED) |
                       (guest[0] & STAGE1_WORD0);
        ste->word[1] = guest[1] & STAGE1_WORD1;
        /* Where a CD could ask for a stall, nobody would ever resume it. */
        if ( SMMU_IDR0_STALL_MODEL(unit->idr[0]) == SMMU_STALL_AND_TERMINATE )
            ste->word[1] |= SMMU_STE1_S1STALLD;
    }
}

/* ---- invalidations ------------------------------------------------------ */

#define RANGE_LO (SMMU_CMD_NUM_MASK | SMMU_CMD_SCALE_MASK)
#define RANGE_HI (SMMU_CMD_TTL_MASK | SMMU_CMD_TG_MASK)

/* The fields of a command that are the guest's to choose. */
static const struct {
    uint8_t op;
    bool device; /* names a StreamID, else a VMID */
    bool range;  /* may be a range, where there is RIL */
    uint64_t lo, hi;
} forwarded[] = {
    { SMMU_CMD_CFGI_CD, true, false, SMMU_CMD_SSID_MASK, SMMU_CMD_LEAF },
    { SMMU_CMD_CFGI_CD_ALL, true, false, 0, 0 },
    { SMMU_CMD_TLBI_NH_ALL, false, false, 0, 0 },
    { SMMU_CMD_TLBI_NH_ASID, false, false, SMMU_CMD_ASID_MASK, 0 },
    { SMMU_CMD_TLBI_NH_VA, false, true, SMMU_CMD_ASID_MASK,
      SMMU_CMD_LEAF | SMMU_CMD_ADDR },
    { SMMU_CMD_TLBI_NH_VAA, false, true, 0, SMMU_CMD_LEAF | SMMU_CMD_ADDR },
};

static unsigned int row_of(const struct piommu_cache_invalidate *invalidate)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(forwarded); i++ )
        if ( SMMU_CMD_OP(invalidate->command[0]) == forwarded[i].op )
            break;
    return i;
}

/*
 * Nothing illegal goes into the queue, which is everybody's.  A range without
 * RIL would be executed as one address: the caller has to know better.
 */
int smmuv3_invalidate_check(const struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate)
{
    const uint64_t *command = invalidate->command;
    unsigned int row = row_of(invalidate);

    if ( row == ARRAY_SIZE(forwarded) )
        return -XEN_EINVAL;
    if ( forwarded[row].device &&
         (!invalidate->device || invalidate->device->unit >= piommu->units) )
        return -XEN_EINVAL;
    if ( forwarded[row].range && SMMU_CMD_TG(command[1]) &&
         (!(piommu->capabilities.smmuv3_idr[3] & SMMU_IDR3_RIL) ||
          !((command[0] & RANGE_LO) | (command[1] & SMMU_CMD_TTL_MASK))) )
        return -XEN_EINVAL;
    return 0;
}

unsigned int smmuv3_plan_invalidate(
    struct piommu_unit *unit, const struct piommu_cache_invalidate *invalidate,
    struct piommu_command *command)
{
    unsigned int row = row_of(invalidate);
    uint64_t lo = forwarded[row].lo, hi = forwarded[row].hi, who;

    if ( forwarded[row].device )
    {
        if ( invalidate->device->unit != unit->index )
            return 0;
        who = SMMU_CMD_SID_PUT(invalidate->device->source_id);
    }
    else
    {
        if ( !invalidate->nest->attached[unit->index] )
            return 0;
        who = SMMU_CMD_VMID_PUT(invalidate->nest->tag);
    }
    if ( forwarded[row].range && SMMU_CMD_TG(invalidate->command[1]) )
    {
        lo |= RANGE_LO;
        hi |= RANGE_HI;
    }
    *command = (struct piommu_command) { forwarded[row].op | who |
                                             (invalidate->command[0] & lo),
                                         invalidate->command[1] & hi };
    return 1;
}
