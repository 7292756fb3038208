/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's second-level entries (9.8), and why a request faults (7.1.3).
 *
 * The hardware only knows that a shadow entry is not present.  The reason that
 * the guest must see is found by walking its tables once more, *as they were
 * when the shadow was made from them*: that is what a unit with these entries
 * in its caches would report, whatever the guest has stored since.
 */
#include <viommu/vvtd/vvtd.h>

bool vvtd_msi_range(gfn_t gfn, unsigned int order)
{
    uint64_t last = gfn_x(gfn) + (UINT64_C(1) << order) - 1;

    return gfn_x(gfn) <= VTD_MSI_LAST >> PAGE_SHIFT &&
           last >= VTD_MSI_FIRST >> PAGE_SHIFT;
}

static bool leaf_size_supported(const struct vvtd *v, unsigned int level)
{
    return (level == 2 && (v->config.cap & VTD_CAP_SLLPS_2M)) ||
           (level == 3 && (v->config.cap & VTD_CAP_SLLPS_1G));
}

struct vvtd_entry vvtd_entry_decode(const struct vvtd *v, unsigned int level,
                                    uint64_t value)
{
    struct vvtd_entry entry = {
        .kind = VVTD_ENTRY_NONE,
        .rights = value & (VTD_SL_R | VTD_SL_W),
        .gfn = gaddr_to_gfn(value & VTD_SL_ADDRESS),
    };
    bool leaf = level == 1 || (value & VTD_SL_PS);
    uint64_t reserved = VTD_SL_ADDRESS & ~((UINT64_C(1) << v->haw) - 1);

    if ( !entry.rights )
        return entry;
    if ( leaf )
    {
        reserved |= VTD_SL_SNP; /* ECAP.SC is not built */
        reserved |= ((UINT64_C(1) << VTD_SL_ORDER(level)) - 1) << PAGE_SHIFT;
        if ( level > 1 && !leaf_size_supported(v, level) )
            reserved |= VTD_SL_PS;
    }
    if ( value & reserved )
        entry.kind = VVTD_ENTRY_RESERVED;
    else
        entry.kind = leaf ? VVTD_ENTRY_LEAF : VVTD_ENTRY_TABLE;
    return entry;
}

static bool is_write(const struct vvtd_fault *fault)
{
    return fault->access != PIOMMU_ACCESS_READ;
}

unsigned int vvtd_missing_right(const struct vvtd_fault *fault,
                                unsigned int rights)
{
    if ( is_write(fault) && !(rights & PIOMMU_WRITE) )
        return VTD_FR_LGN_2;
    if ( fault->access != PIOMMU_ACCESS_WRITE && !(rights & PIOMMU_READ) )
        return VTD_FR_LGN_3;
    return 0;
}

typedef struct shadow_entry look_fn(const struct vvtd *v,
                                    struct shadow_page *page,
                                    unsigned int index);

/* The entry of @page for the address of the fault. */
static struct shadow_entry look(const struct vvtd *v,
                                const struct vvtd_fault *fault,
                                struct shadow_page *page, look_fn *entry)
{
    unsigned int order = VTD_SL_ORDER(page->key.level);

    return entry(v, page,
                 (unsigned int)(fault->address >> PAGE_SHIFT >> order) %
                     VTD_SL_ENTRIES);
}

/*
 * A leaf of the guest allows the access.  What stops it is then no business of
 * the guest's unit: no record; unless nothing does.
 */
static unsigned int at_leaf(const struct vvtd *v,
                            const struct vvtd_fault *fault,
                            struct shadow_entry leaf, look_fn *entry)
{
    unsigned int order = VTD_SL_ORDER(leaf.page->key.level);
    uint64_t dfn = fault->address >> PAGE_SHIFT;

    if ( vvtd_msi_range(
             gfn_add(leaf.guest.gfn, dfn & ((UINT64_C(1) << order) - 1)), 0) )
        return VTD_FR_LGN_4;
    while ( leaf.state == SHADOW_SPLIT )
        leaf = look(v, fault, leaf.child, entry);
    if ( leaf.state != SHADOW_MAPPED )
        return 0; /* no memory there, or none for the shadow */
    return vvtd_missing_right(fault, leaf.rights) ? 0 : VVTD_UNEXPLAINED;
}

static unsigned int walk(const struct vvtd *v, struct shadow_page *root,
                         const struct vvtd_fault *fault, look_fn *entry)
{
    struct shadow_page *page = root;

    for ( ;; )
    {
        const struct shadow_entry e = look(v, fault, page, entry);
        unsigned int reason;

        if ( e.state == SHADOW_UNREADABLE )
            return page == root ? VTD_FR_LCT_4 : VTD_FR_LSL_1;
        reason = vvtd_missing_right(fault, e.guest.rights);
        if ( reason )
            return reason;
        if ( e.guest.kind == VVTD_ENTRY_RESERVED )
            return VTD_FR_LSL_2;
        if ( e.guest.kind == VVTD_ENTRY_LEAF )
            return at_leaf(v, fault, e, entry);
        if ( e.state == SHADOW_REFUSED )
            return 0;
        page = e.child;
    }
}

bool vvtd_too_wide(const struct vvtd *v, const struct vvtd_context *context,
                   uint64_t address)
{
    unsigned int width = 12 + 9 * context->levels;

    if ( context->kind == VVTD_CONTEXT_PASS )
        width = v->haw;
    else if ( v->width < width )
        width = v->width;
    return address >> width;
}

/* In the order of the specification's checks (7.1.3). */
unsigned int vvtd_fault_reason(struct vvtd *v,
                               const struct vvtd_context *context,
                               const struct vvtd_fault *fault)
{
    unsigned int reason;

    if ( context->kind == VVTD_CONTEXT_OFF ||
         context->kind == VVTD_CONTEXT_NEW )
        return 0;
    if ( fault->pasid != PIOMMU_NO_PASID )
        return VTD_FR_RTA_2;
    if ( context->kind == VVTD_CONTEXT_FAULT )
        return context->reason;
    /* Physical devices have no ATS here: nothing that the guest's unit has a
     * record for, where it would have answered. */
    if ( fault->type != PIOMMU_UNTRANSLATED )
        return context->device_tlb ? 0 : VTD_FR_LCT_5;
    if ( vvtd_too_wide(v, context, fault->address) )
        return VTD_FR_LGN_1;
    if ( vvtd_msi_range(gaddr_to_gfn(fault->address), 0) )
        return VTD_FR_LGN_4;
    if ( context->kind == VVTD_CONTEXT_PASS ||
         context->kind == VVTD_CONTEXT_REFUSED )
        return 0;
    reason = walk(v, context->space->root, fault, shadow_entry_former);
    if ( reason == VVTD_UNEXPLAINED )
        reason = walk(v, context->space->root, fault, shadow_entry_now);
    return reason;
}
