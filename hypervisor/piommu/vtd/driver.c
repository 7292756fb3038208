/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VT-d units together: common capabilities, what a flush means. */
#include <piommu/vtd/vtd.h>

static void intersect(struct piommu *piommu)
{
    struct piommu_capabilities *c = &piommu->capabilities;
    unsigned int i, nd = 6;

    c->widths = (1u << 3) | (1u << 4);
    c->superpages = (1u << 9) | (1u << 18);
    c->zlr_all = true;
    for ( i = 0; i < piommu->units; i++ )
    {
        const struct vtd_unit *unit = vtd_unit(piommu->unit[i]);
        uint64_t cap = unit->cap;

        /* 3 levels are had below a top page where there are only 4. */
        if ( !(cap & VTD_CAP_SAGAW_48) )
            c->widths &= ~(1u << 4);
        if ( !(cap & VTD_CAP_SLLPS_2M) )
            c->superpages &= ~(1u << 9);
        if ( !(cap & VTD_CAP_SLLPS_1G) )
            c->superpages &= ~(1u << 18);
        c->zlr_some |= cap & VTD_CAP_ZLR;
        c->zlr_all &= !!(cap & VTD_CAP_ZLR);
        if ( VTD_CAP_ND(cap) < nd )
            nd = VTD_CAP_ND(cap);
        piommu->writeback |= !(unit->ecap & VTD_ECAP_C);
    }
    c->max_width = c->widths & (1u << 4) ? 48 : 39;
    for ( i = 0; i < piommu->units; i++ )
        if ( VTD_CAP_MGAW(vtd_unit(piommu->unit[i])->cap) < c->max_width )
            c->max_width = VTD_CAP_MGAW(vtd_unit(piommu->unit[i])->cap);
    piommu->tags = 1u << (4 + 2 * nd);
    piommu->last_source = 0xffff;
}

static struct piommu_command space_flush(const struct vtd_unit *unit,
                                         const struct piommu_flush *flush,
                                         uint16_t did)
{
    struct piommu_command d;

    if ( flush->all || !(unit->cap & VTD_CAP_PSI) ||
         flush->order > VTD_CAP_MAMV(unit->cap) )
        return vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN, did);
    d = vtd_iotlb_descriptor(unit, VTD_GRAN_PAGE, did);
    d.hi = (dfn_x(flush->dfn) << PAGE_SHIFT) | flush->order;
    if ( flush->leaf_only )
        d.hi |= VTD_IVA_IH;
    return d;
}

static unsigned int plan_flush(struct piommu_unit *common,
                               const struct piommu_flush *flush,
                               struct piommu_command *descriptor)
{
    const struct vtd_unit *unit = vtd_unit(common);
    const struct piommu_space *s;
    unsigned int count = 0;

    if ( flush->space )
    {
        if ( !flush->space->attached[common->index] || !flush->space->tag )
            return 0;
        descriptor[0] = space_flush(unit, flush, flush->space->tag);
        return 1;
    }
    for ( s = common->piommu->spaces; s; s = s->next )
    {
        if ( s->domain != flush->domain || !s->tag ||
             !s->attached[common->index] )
            continue;
        if ( count == FLUSH_COMMANDS )
        {
            descriptor[0] = vtd_iotlb_descriptor(unit, VTD_GRAN_GLOBAL, 0);
            return 1;
        }
        descriptor[count++] = vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN,
                                                   s->tag);
    }
    return count;
}

const struct piommu_driver vtd_driver = {
    .unit_create = vtd_unit_create,
    .unit_destroy = vtd_unit_destroy,
    .fault_first = vtd_fault_first,
    .fault_take = vtd_fault_take,
    .intersect = intersect,
    .space_complete = vtd_space_complete,
    .encode = vtd_encode,
    .decode = vtd_decode,
    .prepare = vtd_prepare,
    .change = vtd_change,
    .plan_flush = plan_flush,
    .queue_room = vtd_queue_room,
    .queue_submit = vtd_queue_submit,
    .queue_poll = vtd_queue_poll,
};
