/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: everything that a unit does outside of traps.
 *
 * One job at a time, in short steps, from deferred work; between two steps the
 * budget is asked.  A job ends by telling who asked for it: only then are IVT,
 * ICC, TES or IQH changed.  docs/hypervisor.md shows the state machine.
 */
#include <viommu/vvtd/vvtd.h>

/* ---- contexts, translation on and off ----------------------------------- */

static void root_taken(struct vvtd *v)
{
    v->root_changes = false;
    v->reg[VVTD_R_GSTS] |= VTD_G_SRTP;
}

static void context_step(struct vvtd *v)
{
    struct vvtd_device *device = vvtd_device_stale(v);

    if ( device )
        vvtd_device_refresh(v, device);
    else
        v->job.kind = VVTD_JOB_REAP;
}

static void te_off_step(struct vvtd *v)
{
    unsigned int i;

    for ( i = 0; i < v->devices; i++ )
        if ( v->device[i].used &&
             v->device[i].context.kind != VVTD_CONTEXT_OFF )
        {
            vvtd_device_park(v, &v->device[i], v->viommu.vd->p2m);
            return;
        }
    v->reg[VVTD_R_GSTS] &= ~(uint64_t)VTD_G_TE;
    v->job.kind = VVTD_JOB_REAP;
}

static void reap_step(struct vvtd *v)
{
    if ( vvtd_space_reap(v) )
        shadow_finish(v);
    else
    {
        v->reap = false;
        v->job.kind = VVTD_JOB_COMPLETE;
    }
}

/* ---- IOTLB invalidations ------------------------------------------------ */

static void iotlb_step(struct vvtd *v)
{
    const struct vvtd_invalidate *invalidate = &v->job.invalidate;
    struct vvtd_space *space = v->job.space;

    if ( !space )
    {
        v->job.kind = VVTD_JOB_COMPLETE;
        return;
    }
    v->job.space = space->next;
    if ( invalidate->granularity == VTD_GRAN_GLOBAL )
        shadow_sync(v, space, 0, SHADOW_ALL);
    else if ( space->did != invalidate->did )
        return;
    else if ( invalidate->granularity == VTD_GRAN_DOMAIN )
        shadow_sync(v, space, 0, SHADOW_ALL);
    else
        shadow_sync(v, space, dfn_x(invalidate->dfn), invalidate->am);
}

/* ---- the p2m has changed ------------------------------------------------ */

static bool affected(const struct vvtd *v, const struct shadow_page *page,
                     unsigned int index)
{
    const struct vvtd_job *job = &v->job;
    unsigned int level = page->key.level, order = VTD_SL_ORDER(level);
    uint64_t gfn;

    if ( page->key.rights )
        gfn = gfn_x(page->key.gfn) + ((uint64_t)index << order);
    else
    {
        struct vvtd_entry entry = vvtd_entry_decode(v, level,
                                                    page->source[index]);

        if ( entry.kind != VVTD_ENTRY_LEAF )
            return false;
        gfn = gfn_x(entry.gfn);
    }
    return gfn < gfn_x(job->gfn) + (UINT64_C(1) << job->order) &&
           gfn_x(job->gfn) < gfn + (UINT64_C(1) << order);
}

/* One page, as far as its next entry that is affected. */
static void p2m_step(struct vvtd *v)
{
    struct shadow_page *page = v->job.page;

    if ( !page )
    {
        v->job.kind = VVTD_JOB_COMPLETE;
        return;
    }
    while ( v->job.index < VTD_SL_ENTRIES )
        if ( affected(v, page, v->job.index++) )
        {
            shadow_resolve(v, page, v->job.index - 1);
            return;
        }
    v->job.page = page->next;
    v->job.index = 0;
}

/* ---- jobs --------------------------------------------------------------- */

/* The hardware is done.  What device models have under way is no job: nobody
 * else waits for it. */
static void iotlb_register_done(struct vvtd *v)
{
    v->drained = v->job.invalidate.granularity;
    v->draining = true;
    vvtd_drain(v, &v->job.invalidate, false);
}

static void iotlb_register_drained(struct vvtd *v)
{
    v->draining = false;
    v->reg[VVTD_R_IOTLB] &= ~(VTD_IOTLB_IVT | VTD_IOTLB_IAIG(3));
    v->reg[VVTD_R_IOTLB] |= VTD_IOTLB_IAIG(v->drained);
}

static void complete(struct vvtd *v)
{
    unsigned int granularity = v->job.invalidate.granularity;

    switch ( v->job.asker )
    {
    case VVTD_ASKER_TE:
        v->reg[VVTD_R_GSTS] |= VTD_G_TE;
        break;
    case VVTD_ASKER_CCMD:
        v->reg[VVTD_R_CCMD] &= ~(VTD_CCMD_ICC | VTD_CCMD_CAIG(3));
        v->reg[VVTD_R_CCMD] |= VTD_CCMD_CAIG(granularity);
        break;
    case VVTD_ASKER_IOTLB:
        iotlb_register_done(v);
        break;
    case VVTD_ASKER_QUEUE:
        vvtd_drain(v, &v->job.invalidate, true);
        vvtd_queue_advance(v);
        break;
    case VVTD_ASKER_NONE:
        break;
    }
    v->job.kind = VVTD_JOB_NONE;
}

static void begin(struct vvtd *v, enum vvtd_job_kind kind,
                  enum vvtd_asker asker)
{
    v->job = (struct vvtd_job) { .kind = kind, .asker = asker };
    shadow_pass(v);
}

static void begin_te(struct vvtd *v)
{
    const struct vvtd_invalidate all = { .granularity = VTD_GRAN_GLOBAL };

    if ( !v->te_wanted )
    {
        begin(v, VVTD_JOB_TE_OFF, VVTD_ASKER_NONE);
        return;
    }
    vvtd_devices_invalidate(v, &all);
    begin(v, VVTD_JOB_CONTEXT, VVTD_ASKER_TE);
}

void vvtd_begin_context(struct vvtd *v, enum vvtd_asker asker,
                        const struct vvtd_invalidate *invalidate)
{
    /* Without translation no context is held, so there is none to drop. */
    if ( vvtd_translating(v) && invalidate->granularity )
        vvtd_devices_invalidate(v, invalidate);
    begin(v, VVTD_JOB_CONTEXT, asker);
    v->job.invalidate = *invalidate;
}

void vvtd_begin_iotlb(struct vvtd *v, enum vvtd_asker asker,
                      const struct vvtd_invalidate *invalidate)
{
    begin(v, VVTD_JOB_IOTLB, asker);
    v->job.invalidate = *invalidate;
    v->job.space = invalidate->granularity ? v->spaces : NULL;
}

static void begin_ccmd(struct vvtd *v)
{
    uint64_t ccmd = v->reg[VVTD_R_CCMD];
    const struct vvtd_invalidate invalidate = {
        .granularity = VTD_CCMD_CIRG(ccmd), /* 0: CAIG says so, 11.4.6.1 */
        .did = VTD_CCMD_DID(ccmd),
        .sid = VTD_CCMD_SID(ccmd),
        .fm = VTD_CCMD_FM(ccmd),
    };

    vvtd_begin_context(v, VVTD_ASKER_CCMD, &invalidate);
}

static void begin_iotlb(struct vvtd *v)
{
    uint64_t iotlb = v->reg[VVTD_R_IOTLB], iva = v->reg[VVTD_R_IVA];
    struct vvtd_invalidate invalidate = {
        .granularity = VTD_IOTLB_IIRG(iotlb),
        .did = VTD_IOTLB_DID(iotlb),
        .am = VTD_IVA_AM(iva),
        .dfn = _dfn(iva >> PAGE_SHIFT),
        .dr = iotlb & VTD_IOTLB_DR,
        .dw = iotlb & VTD_IOTLB_DW,
    };

    if ( invalidate.granularity == VTD_GRAN_PAGE )
    {
        /* An address mask that is not supported is ignored, and IAIG = 0
         * reports it (11.4.6.2). */
        if ( !(v->config.cap & VTD_CAP_PSI) )
            invalidate.granularity = VTD_GRAN_DOMAIN;
        else if ( invalidate.am > VTD_CAP_MAMV(v->config.cap) )
            invalidate.granularity = 0;
    }
    vvtd_begin_iotlb(v, VVTD_ASKER_IOTLB, &invalidate);
}

static void begin_p2m(struct vvtd *v)
{
    begin(v, VVTD_JOB_P2M, VVTD_ASKER_NONE);
    v->job.page = v->shadow.pages;
    v->job.gfn = v->viommu.vd->change.gfn;
    v->job.order = v->viommu.vd->change.order;
    v->p2m_changed = false;
}

static bool iotlb_register_ready(const struct vvtd *v)
{
    return (v->reg[VVTD_R_IOTLB] & VTD_IOTLB_IVT) && !v->draining &&
           viommu_dm_room(&v->viommu);
}

/* What is to be done next?  False: nothing. */
static bool next_job(struct vvtd *v)
{
    /* First what others wait for: the guest can't hold them off. */
    if ( v->p2m_changed )
        begin_p2m(v);
    else if ( v->te_wanted != vvtd_translating(v) )
        begin_te(v);
    else if ( v->root_changes && !vvtd_devices_refused(v) )
        root_taken(v);
    else if ( vvtd_device_stale(v) )
        begin(v, VVTD_JOB_CONTEXT, VVTD_ASKER_NONE);
    else if ( v->reg[VVTD_R_CCMD] & VTD_CCMD_ICC )
        begin_ccmd(v);
    else if ( v->draining && !viommu_dm_waiting(&v->viommu, false) )
        iotlb_register_drained(v);
    else if ( iotlb_register_ready(v) )
        begin_iotlb(v);
    else if ( v->reap )
        begin(v, VVTD_JOB_REAP, VVTD_ASKER_NONE);
    else
        return vvtd_queue_start(v);
    return true;
}

static void job_step(struct vvtd *v)
{
    switch ( v->job.kind )
    {
    case VVTD_JOB_CONTEXT:
        context_step(v);
        break;
    case VVTD_JOB_TE_OFF:
        te_off_step(v);
        break;
    case VVTD_JOB_IOTLB:
        iotlb_step(v);
        break;
    case VVTD_JOB_P2M:
        p2m_step(v);
        break;
    case VVTD_JOB_REAP:
        reap_step(v);
        break;
    case VVTD_JOB_COMPLETE:
        complete(v);
        break;
    case VVTD_JOB_NONE:
        break;
    }
}

enum vvtd_progress vvtd_run(struct vvtd *v)
{
    while ( !v->viommu.failed )
    {
        if ( v->shadow.stage != SHADOW_IDLE )
        {
            int rc = shadow_step(v);

            if ( rc == -XEN_EAGAIN )
                return VVTD_MORE;
            v->viommu.failed = rc != 0;
        }
        else if ( v->job.kind != VVTD_JOB_NONE )
            job_step(v);
        else if ( !next_job(v) )
            return VVTD_IDLE;
        /* At the end: however small the budget, one step was made. */
        if ( host_preempt_check(vvtd_host(v)) )
            return VVTD_MORE;
    }
    return VVTD_IDLE;
}

void vvtd_work(struct host_work *work)
{
    struct vvtd *v = container_of(work, struct vvtd, work);
    struct host *host = vvtd_host(v);

    host_lock(host, &v->viommu.vd->lock);
    if ( !v->viommu.dying )
    {
        if ( vvtd_run(v) == VVTD_MORE )
            vvtd_kick(v);
    }
    host_unlock(host, &v->viommu.vd->lock);
}
