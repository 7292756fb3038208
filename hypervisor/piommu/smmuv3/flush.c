/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation of what stage 2 translates (4.4).  The tables of a p2m space
 * are used under its own VMID and under those of the nests on it.  TLBI_S2_IPA
 * does not reach entries that combine the two stages: where there may be such,
 * TLBI_NH_ALL of the VMID follows it (4.4.3).
 */
#include <piommu/smmuv3/smmuv3.h>

struct plan {
    const struct smmuv3_unit *unit;
    const struct piommu_flush *flush;
    struct piommu_command *command;
    unsigned int count;
    bool too_many;
};

static void add(struct plan *plan, uint64_t lo, uint64_t hi)
{
    unsigned int room = (1u << plan->unit->cmdq.log2size) - 1;

    if ( plan->count == FLUSH_COMMANDS || plan->count == room )
        plan->too_many = true;
    else
        plan->command[plan->count++] = (struct piommu_command) { lo, hi };
}

/* One command for the pages of @flush, or all of the VMID. */
static bool is_range(const struct plan *plan)
{
    const struct piommu_flush *flush = plan->flush;

    if ( !flush->space || flush->all )
        return false;
    return !flush->order || ((plan->unit->idr[3] & SMMU_IDR3_RIL) &&
                             flush->order <= SMMU_CMD_SCALE_MAX);
}

static void add_vmid(struct plan *plan, uint16_t vmid, bool nested)
{
    const struct piommu_flush *flush = plan->flush;
    uint64_t tag = SMMU_CMD_VMID_PUT(vmid), scale = 0, hi;

    if ( !is_range(plan) )
    {
        add(plan, SMMU_CMD_TLBI_S12_VMALL | tag, 0);
        return;
    }
    hi = ((dfn_x(flush->dfn) << PAGE_SHIFT) & SMMU_CMD_IPA) |
         (flush->leaf_only ? SMMU_CMD_LEAF : 0);
    if ( flush->order ) /* (NUM + 1) * 2^SCALE pages */
    {
        scale = SMMU_CMD_SCALE_PUT(flush->order);
        hi |= SMMU_CMD_TG_PUT(SMMU_CMD_TG_4K);
    }
    add(plan, SMMU_CMD_TLBI_S2_IPA | tag | scale, hi);
    if ( nested )
        add(plan, SMMU_CMD_TLBI_NH_ALL | tag, 0);
}

/* Is @space one of those that @flush means? */
static bool covers(const struct piommu_flush *flush,
                   const struct piommu_space *space)
{
    return flush->space ? flush->space == space :
                          flush->domain == space->domain;
}

unsigned int smmuv3_plan_flush(struct piommu_unit *common,
                               const struct piommu_flush *flush,
                               struct piommu_command *command)
{
    struct plan plan = { .unit = smmuv3_unit(common),
                         .flush = flush,
                         .command = command };
    const struct piommu_space *s;
    const struct piommu_nest *nest;

    for ( s = common->piommu->spaces; s; s = s->next )
        if ( covers(flush, s) && s->tag && s->attached[common->index] )
            add_vmid(&plan, s->tag, false);
    for ( nest = common->piommu->nests; nest; nest = nest->next )
        if ( (covers(flush, nest->p2m) ||
              (flush->space && flush->space->nest == nest)) &&
             nest->attached[common->index] )
            add_vmid(&plan, nest->tag, true);
    if ( !plan.too_many )
        return plan.count;
    command[0] = (struct piommu_command) { SMMU_CMD_TLBI_NSNH_ALL, 0 };
    return 1;
}

unsigned int smmuv3_plan_nest(struct piommu_unit *common,
                              const struct piommu_nest *nest,
                              struct piommu_command *command)
{
    (void)common;
    command[0] = (struct piommu_command) {
        SMMU_CMD_TLBI_S12_VMALL | SMMU_CMD_VMID_PUT(nest->tag), 0
    };
    return 1;
}
