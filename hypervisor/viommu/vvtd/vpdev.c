/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices below a vvtd: where their accesses go, by the guest's tables
 * as they are now; and what their device models are told of invalidations.
 *
 * Nothing is cached for them, so an IOTLB invalidation has nothing to do here
 * but to end what device models have under way.
 */
#include <viommu/vvtd/vvtd.h>

/* What is known of an access before its tables are looked at. */
struct request {
    struct vvtd_fault fault; /* as it would be recorded */
    struct vvtd_context context;
    bool ats;
};

static enum piommu_access access_of(uint32_t access)
{
    if ( !(access & XEN_VIOMMU_ACCESS_write) )
        return PIOMMU_ACCESS_READ;
    return access & XEN_VIOMMU_ACCESS_read ? PIOMMU_ACCESS_ATOMIC :
                                             PIOMMU_ACCESS_WRITE;
}

static void request_of(const struct viommu_access *access, struct request *r)
{
    *r = (struct request) {
        .fault = { .sid = (uint16_t)access->vsbdf,
                   .address = access->iova,
                   .access = access_of(access->access),
                   .pasid = access->access & XEN_VIOMMU_ACCESS_pasid ?
                                access->pasid :
                                PIOMMU_NO_PASID,
                   .privileged = access->access & XEN_VIOMMU_ACCESS_privileged,
                   .execute = access->access & XEN_VIOMMU_ACCESS_execute },
        .ats = access->access & XEN_VIOMMU_ACCESS_ats,
    };
    r->fault.type = r->ats ? PIOMMU_TRANSLATION_REQUEST : PIOMMU_UNTRANSLATED;
}

/* What is checked before the tables are walked (7.1.3); 0 or the reason. */
static unsigned int check(struct vvtd *v, struct request *r)
{
    uint64_t address = r->fault.address;

    if ( r->fault.pasid != PIOMMU_NO_PASID )
        return VTD_FR_RTA_2;
    vvtd_context_read(v, r->fault.sid, &r->context);
    if ( r->context.kind == VVTD_CONTEXT_FAULT )
        return r->context.reason;
    if ( r->ats && !r->context.device_tlb )
        return VTD_FR_LCT_5;
    if ( vvtd_msi_range(gaddr_to_gfn(address), 0) )
        return VTD_FR_LGN_4;
    return vvtd_too_wide(v, &r->context, address) ? VTD_FR_LGN_1 : 0;
}

/* One level.  0: *entry is a leaf, a table, or nothing; or the reason. */
static unsigned int step(struct vvtd *v, const struct request *r,
                         paddr_t table, unsigned int level,
                         struct vvtd_entry *entry)
{
    uint64_t dfn = r->fault.address >> PAGE_SHIFT, value;
    unsigned int index = (unsigned int)(dfn >> VTD_SL_ORDER(level)) %
                         VTD_SL_ENTRIES;
    unsigned int reason;

    if ( host_guest_read64(v->viommu.vd->d, table + index * sizeof(value),
                           &value) )
        return level == r->context.levels ? VTD_FR_LCT_4 : VTD_FR_LSL_1;
    *entry = vvtd_entry_decode(v, level, value);
    /* A right that is missing stops an access; a translation request is told.
     */
    reason = r->ats ? 0 : vvtd_missing_right(&r->fault, entry->rights);
    if ( reason )
        return reason;
    return entry->kind == VVTD_ENTRY_RESERVED ? VTD_FR_LSL_2 : 0;
}

static unsigned int walk(struct vvtd *v, const struct request *r,
                         struct viommu_translation *t)
{
    paddr_t table = gfn_to_gaddr(r->context.root);
    unsigned int level = r->context.levels, reason;
    struct vvtd_entry entry;

    t->rights = VTD_SL_R | VTD_SL_W;
    for ( ;; level-- )
    {
        reason = step(v, r, table, level, &entry);
        if ( reason )
            return reason;
        t->rights &= entry.rights;
        if ( entry.kind != VVTD_ENTRY_TABLE || !t->rights )
            break;
        table = gfn_to_gaddr(entry.gfn);
    }
    t->mask = (PAGE_SIZE << VTD_SL_ORDER(level)) - 1;
    if ( !t->rights )
        return 0; /* an ATS request: not present, or disjoint rights */
    t->gpa = gfn_to_gaddr(entry.gfn) | (r->fault.address & t->mask);
    return vvtd_msi_range(gaddr_to_gfn(t->gpa), 0) ? VTD_FR_LGN_4 : 0;
}

_Static_assert(VTD_SL_R == XEN_VIOMMU_ACCESS_read &&
                   VTD_SL_W == XEN_VIOMMU_ACCESS_write,
               "rights are told as the tables have them");

/* A page of memory that is where its device address says. */
static void identity(const struct request *r, struct viommu_translation *t)
{
    t->gpa = r->fault.address;
    t->mask = PAGE_SIZE - 1;
    t->rights = VTD_SL_R | VTD_SL_W;
}

/* 3.14: a write without PASID there is an interrupt request. */
static bool is_interrupt(const struct request *r)
{
    return vvtd_msi_range(gaddr_to_gfn(r->fault.address), 0) && !r->ats &&
           r->fault.access == PIOMMU_ACCESS_WRITE &&
           r->fault.pasid == PIOMMU_NO_PASID;
}

int vvtd_translate(struct vvtd *v, const struct viommu_access *access,
                   struct viommu_translation *t)
{
    unsigned int reason;
    struct request r;

    request_of(access, &r);
    *t = (struct viommu_translation) { .gpa = 0 };
    if ( is_interrupt(&r) )
        return -XEN_EINVAL;
    if ( !vvtd_translating(v) )
    {
        identity(&r, t);
        return r.ats ? -XEN_EFAULT : 0; /* Unsupported Request, 4.2.1 */
    }
    reason = check(v, &r);
    if ( !reason && r.context.kind == VVTD_CONTEXT_PASS )
        identity(&r, t);
    else if ( !reason )
        reason = walk(v, &r, t);
    if ( !reason )
        return 0;
    /* What physical devices met before comes before it. */
    vvtd_faults_collect(v, NULL, NULL);
    vvtd_fault_record(v, &r.fault, &r.context, reason);
    return -XEN_EFAULT;
}

/* ---- invalidations ------------------------------------------------------ */

/* DR and DW count where CAP.DRD and CAP.DWD say so (6.5.4). */
void vvtd_drain(struct vvtd *v, const struct vvtd_invalidate *invalidate,
                bool queued)
{
    bool reads = invalidate->dr && (v->config.cap & VTD_CAP_DRD);
    bool writes = invalidate->dw && (v->config.cap & VTD_CAP_DWD);
    uint64_t span = ~UINT64_C(0);
    struct viommu_dm_order order = {
        .message = { .kind = HOST_DM_DRAIN,
                     .last = ~UINT64_C(0),
                     .flags = (reads ? HOST_DM_READS : 0) |
                              (writes ? HOST_DM_WRITES : 0) },
        .queued = queued,
    };

    if ( !order.message.flags || !invalidate->granularity )
        return;
    if ( invalidate->granularity == VTD_GRAN_PAGE &&
         invalidate->am < 64 - PAGE_SHIFT )
    {
        span = (PAGE_SIZE << invalidate->am) - 1;
        order.message.first = dfn_x(invalidate->dfn) << PAGE_SHIFT & ~span;
        order.message.last = order.message.first | span;
    }
    viommu_dm_drain(&v->viommu, &order);
}
