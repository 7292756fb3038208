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

/*
 * A leaf of the guest allows the access.  Either its target does not, which is
 * not the guest's unit's business: no record; or the leaf was put in after
 * the access: at that time it was not present.
 */
static unsigned int at_leaf(struct vvtd *v, const struct vvtd_fault *fault,
                            gfn_t gfn)
{
    struct host_p2m_entry target;
    bool usable;

    if ( vvtd_msi_range(gfn, 0) )
        return VTD_FR_LGN_4;
    if ( host_p2m_get(v->viommu.vd->d, gfn, 0, &target) )
        return 0;
    usable = target.type == HOST_P2M_RAM_RW ||
             (target.type == HOST_P2M_RAM_RO && !is_write(fault));
    if ( target.type == HOST_P2M_RAM_RW || target.type == HOST_P2M_RAM_RO )
        host_p2m_put(v->viommu.vd->d, target.mfn, 0);
    if ( !usable )
        return 0;
    return vvtd_missing_right(fault, 0);
}

static unsigned int walk(struct vvtd *v, const struct shadow_page *page,
                         const struct vvtd_fault *fault)
{
    uint64_t dfn = fault->address >> PAGE_SHIFT;
    unsigned int top = page->key.level;

    for ( ;; )
    {
        unsigned int level = page->key.level, reason;
        unsigned int index = (unsigned int)(dfn >> VTD_SL_ORDER(level)) %
                             VTD_SL_ENTRIES;
        struct vvtd_entry entry = vvtd_entry_decode(v, level,
                                                    page->source[index]);

        if ( page->state[index] == SHADOW_UNREADABLE )
            return level == top ? VTD_FR_LCT_4 : VTD_FR_LSL_1;
        reason = vvtd_missing_right(fault, entry.rights);
        if ( reason )
            return reason;
        if ( entry.kind == VVTD_ENTRY_RESERVED )
            return VTD_FR_LSL_2;
        if ( page->state[index] == SHADOW_REFUSED ||
             (page->state[index] == SHADOW_SPLIT &&
              shadow_page_child(page, index)->incomplete) )
            return 0;
        if ( entry.kind == VVTD_ENTRY_LEAF )
            return at_leaf(
                v, fault,
                gfn_add(entry.gfn,
                        dfn & ((UINT64_C(1) << VTD_SL_ORDER(level)) - 1)));
        page = shadow_page_child(page, index);
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

/* In the order of the specification's checks (7.1.3); 0: no record. */
unsigned int vvtd_fault_reason(struct vvtd *v,
                               const struct vvtd_context *context,
                               const struct vvtd_fault *fault)
{
    if ( context->kind == VVTD_CONTEXT_OFF )
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
    return walk(v, context->space->root, fault);
}
