/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Root and context entries of the guest (9.1, 9.3), and the shadow space that
 * belongs to what a context entry says.
 */
#include <viommu/vvtd/vvtd.h>

static bool beyond_haw(const struct vvtd *v, uint64_t entry)
{
    return (entry & VTD_ADDRESS) >> v->haw;
}

/* The root entry of the bus.  0, or the fault reason. */
static unsigned int read_root(struct vvtd *v, uint16_t sid, paddr_t *context)
{
    uint64_t root[2];

    if ( VTD_RTADDR_TTM(v->root) )
        return VTD_FR_RTA_1;
    if ( host_guest_read128(
             v->viommu.vd->d,
             (v->root & VTD_ADDRESS) + (sid >> 8) * VTD_ENTRY_SIZE, root) )
        return VTD_FR_LRT_1;
    if ( !(root[0] & VTD_PRESENT) )
        return VTD_FR_LRT_2;
    if ( (root[0] & VTD_ROOT_RSVD_LO) || root[1] || beyond_haw(v, root[0]) )
        return VTD_FR_LRT_3;
    *context = (root[0] & VTD_ADDRESS) + (sid & 0xff) * VTD_ENTRY_SIZE;
    return 0;
}

static unsigned int largest_levels(const struct vvtd *v)
{
    return v->config.cap & VTD_CAP_SAGAW_48 ? 4 : 3;
}

/* AW and TT: LCT.4.1 and LCT.4.2. */
static bool valid(const struct vvtd *v, unsigned int tt, unsigned int levels)
{
    bool supported = (levels == 3 && (v->config.cap & VTD_CAP_SAGAW_39)) ||
                     (levels == 4 && (v->config.cap & VTD_CAP_SAGAW_48));

    if ( tt == VTD_TT_PASS_THROUGH )
        return (v->config.ecap & VTD_ECAP_PT) && levels == largest_levels(v);
    if ( tt == VTD_TT_DEVICE_TLB && !(v->config.ecap & VTD_ECAP_DT) )
        return false;
    return tt <= VTD_TT_DEVICE_TLB && supported;
}

static unsigned int decode(const struct vvtd *v, const uint64_t entry[2],
                           struct vvtd_context *context)
{
    unsigned int tt = VTD_CONTEXT_TT(entry[0]);

    context->fpd = entry[0] & VTD_CONTEXT_FPD;
    if ( !(entry[0] & VTD_PRESENT) )
        return VTD_FR_LCT_2;
    context->levels = VTD_CONTEXT_AW(entry[1]) + 2;
    if ( (entry[0] & VTD_CONTEXT_RSVD_LO) ||
         (entry[1] & VTD_CONTEXT_RSVD_HI) ||
         (tt != VTD_TT_PASS_THROUGH && beyond_haw(v, entry[0])) )
        return VTD_FR_LCT_3;
    if ( !valid(v, tt, context->levels) )
        return VTD_FR_LCT_4;
    /* What faults is cached, and invalidated, with domain-id 0 (6.2.2.1). */
    context->did = VTD_CONTEXT_DID(entry[1]);
    context->root = gaddr_to_gfn(entry[0] & VTD_ADDRESS);
    context->device_tlb = tt == VTD_TT_DEVICE_TLB;
    context->kind = tt == VTD_TT_PASS_THROUGH ? VVTD_CONTEXT_PASS :
                                                VVTD_CONTEXT_SPACE;
    return 0;
}

void vvtd_context_read(struct vvtd *v, uint16_t sid,
                       struct vvtd_context *context)
{
    uint64_t entry[2];
    paddr_t address;

    *context = (struct vvtd_context) { .kind = VVTD_CONTEXT_FAULT };
    context->reason = read_root(v, sid, &address);
    if ( context->reason )
        return;
    if ( host_guest_read128(v->viommu.vd->d, address, entry) )
        context->reason = VTD_FR_LCT_1;
    else
        context->reason = decode(v, entry, context);
}

/* ---- spaces ------------------------------------------------------------- */

static struct vvtd_space *find(struct vvtd *v,
                               const struct vvtd_context *context)
{
    struct vvtd_space *space;

    for ( space = v->spaces; space; space = space->next )
        if ( space->did == context->did &&
             space->root->key.level == context->levels &&
             gfn_eq(space->root->key.gfn, context->root) )
            return space;
    return NULL;
}

static int make(struct vvtd *v, const struct vvtd_context *context,
                struct vvtd_space **result)
{
    const struct shadow_key key = {
        .gfn = context->root,
        .level = context->levels,
        .limit = shadow_limit(context->levels, v->width),
    };
    struct piommu_space_config config = { .kind = PIOMMU_SHADOW,
                                          .domain = v->viommu.vd->d };
    struct vvtd_space *space = host_zalloc(vvtd_host(v), v->viommu.vd->d,
                                           sizeof(*space));
    int rc;

    if ( !space )
        return -XEN_ENOMEM;
    rc = shadow_page_get(v, &key, &space->root);
    if ( !rc )
    {
        config.root = space->root->table;
        rc = piommu_space_create(v->viommu.vd->registry->piommu, &config,
                                 &space->space);
        if ( rc )
            shadow_page_put(v, space->root);
    }
    if ( rc )
    {
        host_free(vvtd_host(v), space);
        return rc;
    }
    space->did = context->did;
    space->next = v->spaces;
    v->spaces = space;
    *result = space;
    return 0;
}

/* The space of @context, which then counts one device more.  *made: its
 * tables are still to be synchronised. */
int vvtd_space_get(struct vvtd *v, struct vvtd_context *context, bool *made)
{
    struct vvtd_space *space = find(v, context);
    int rc = 0;

    *made = !space;
    if ( !space )
        rc = make(v, context, &space);
    if ( rc )
        return rc;
    space->devices++;
    context->space = space;
    return 0;
}

/*
 * Give back one space that no device uses.  When the last one left,
 * piommu_attach() flushed it: what only this space reached, nobody reaches.
 */
bool vvtd_space_reap(struct vvtd *v)
{
    struct vvtd_space **at = &v->spaces, *space;

    while ( *at && (*at)->devices )
        at = &(*at)->next;
    space = *at;
    if ( !space )
        return false;
    if ( piommu_space_destroy(space->space) )
    {
        v->viommu.failed =
            true; /* a unit did not confirm: it may still be used */
        return false;
    }
    *at = space->next;
    shadow_page_put(v, space->root);
    host_free(vvtd_host(v), space);
    return true;
}
