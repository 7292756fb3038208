/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: everything that a unit does outside of traps.
 *
 * One job at a time, in short steps, from deferred work; between two steps the
 * budget is asked.  A job ends by telling who asked for it: only then are IVT,
 * ICC, TES or IQH changed.  docs/hypervisor.md shows the state machine.
 */
#include <viommu/vvtd/vvtd.h>

static void leave_space(struct vvtd *v, struct vvtd_context *context)
{
    if ( context->kind != VVTD_CONTEXT_SPACE )
        return;
    context->kind = VVTD_CONTEXT_OFF;
    if ( !--context->space->devices )
        v->reap = true;
}

/*
 * The device gets from what its context says to @next, at @space.  What it met
 * before, and what it may have met meanwhile, is recorded while the old
 * context is there to explain it.
 */
static int move(struct vvtd *v, const struct vvtd_device *device,
                const struct vvtd_context *next, struct piommu_space *space)
{
    int rc;

    vvtd_faults_collect(v, NULL, NULL);
    rc = viommu_attach(&v->viommu, device->pdev, space);
    if ( !rc )
        vvtd_faults_collect(v, device, next);
    return rc;
}

/* Take the device out of translation, to @space. */
int vvtd_device_park(struct vvtd *v, struct vvtd_device *device,
                     struct piommu_space *space)
{
    const struct vvtd_context off = { .kind = VVTD_CONTEXT_OFF };
    int rc = move(v, device, &off, space);

    if ( rc )
        return rc;
    leave_space(v, &device->context);
    if ( device->decided )
        leave_space(v, &device->next);
    device->context = off;
    device->stale = device->decided = false;
    device->pdev->attached = true;
    return 0;
}

/* ---- devices ------------------------------------------------------------ */

static bool evaluating(const struct vvtd *v)
{
    return vvtd_translating(v) ||
           (v->job.kind != VVTD_JOB_NONE && v->job.asker == VVTD_ASKER_TE);
}

/* A device comes under the unit.  With translation on it is blocked until its
 * context has been read: -XEN_ERESTART until then. */
int vvtd_device_add(struct vvtd *v, struct viommu_pdev *pdev)
{
    struct vvtd_device *device = v->device;

    while ( device < v->device + ARRAY_SIZE(v->device) && device->used )
        device++;
    if ( device == v->device + ARRAY_SIZE(v->device) )
        return -XEN_ENOSPC;
    *device = (struct vvtd_device) { .sid = (uint16_t)pdev->vsbdf,
                                     .pdev = pdev };
    if ( evaluating(v) )
    {
        int rc = viommu_attach(&v->viommu, device->pdev,
                               v->viommu.vd->registry->blocked);

        if ( rc )
            return rc;
        device->context.kind = VVTD_CONTEXT_NEW;
        device->stale = pdev->attaching = true;
        vvtd_kick(v);
    }
    device->used = true;
    pdev->index = (unsigned int)(device - v->device);
    if ( pdev->index >= v->devices )
        v->devices = pdev->index + 1;
    /* Of what it has met elsewhere nothing is left. */
    if ( pdev->attaching )
        vvtd_faults_collect(v, NULL, NULL);
    return pdev->attaching ? -XEN_ERESTART : 0;
}

int vvtd_device_remove(struct vvtd *v, unsigned int index,
                       struct piommu_space *space)
{
    struct vvtd_device *device = &v->device[index];
    int rc = vvtd_device_park(v, device, space);

    if ( rc )
        return rc;
    device->pdev->viommu = NULL;
    device->used = false;
    vvtd_kick(v);
    return 0;
}

/* ---- context-cache invalidations, translation on and off ---------------- */

static bool sid_matches(uint16_t a, uint16_t b, unsigned int fm)
{
    /* FM: which bits of the function number are not compared (6.5.2.1). */
    static const uint16_t compared[] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 };

    return !((a ^ b) & compared[fm]);
}

static void make_stale(struct vvtd *v,
                       const struct vvtd_invalidate *invalidate)
{
    unsigned int i;

    for ( i = 0; i < v->devices; i++ )
    {
        struct vvtd_device *device = &v->device[i];
        bool hit = device->used;

        if ( invalidate->granularity == VTD_GRAN_DOMAIN )
            hit = hit && device->context.did == invalidate->did;
        /* The DID of a device-selective one is not compared: re-reading more
         * than asked is always allowed. */
        if ( invalidate->granularity == VTD_GRAN_PAGE )
            hit = hit &&
                  sid_matches(device->sid, invalidate->sid, invalidate->fm);
        device->stale |= hit;
    }
}

static struct vvtd_device *stale_device(struct vvtd *v)
{
    unsigned int i;

    for ( i = 0; i < v->devices; i++ )
        if ( v->device[i].used && v->device[i].stale )
            return &v->device[i];
    return NULL;
}

/*
 * What RTADDR.TTM refuses is refused by nothing that could be cached: as soon
 * as RTPS shows another root it no longer is.  What is cached below the old
 * one stays (6.6).  False: there is nothing of the kind.
 */
static bool refused_by_old_root(struct vvtd *v)
{
    bool any = false;
    unsigned int i;

    for ( i = 0; !VTD_RTADDR_TTM(v->root) && i < v->devices; i++ )
    {
        struct vvtd_device *device = &v->device[i];

        if ( !device->used || device->context.kind != VVTD_CONTEXT_FAULT ||
             device->context.reason != VTD_FR_RTA_1 )
            continue;
        device->stale = any = true;
    }
    return any;
}

static void root_taken(struct vvtd *v)
{
    v->root_changes = false;
    v->reg[VVTD_R_GSTS] |= VTD_G_SRTP;
}

static void decide(struct vvtd *v, struct vvtd_device *device)
{
    bool made = false;

    vvtd_context_read(v, device->sid, &device->next);
    device->decided = true;
    if ( device->next.kind != VVTD_CONTEXT_SPACE )
        return;
    if ( vvtd_space_get(v, &device->next, &made) )
    {
        device->next.kind = VVTD_CONTEXT_REFUSED;
        v->viommu.vd->shadow_refused++;
    }
    else if ( made )
        shadow_sync(v, device->next.space, 0, SHADOW_ALL);
}

static struct piommu_space *target_of(const struct vvtd *v,
                                      const struct vvtd_context *context)
{
    switch ( context->kind )
    {
    case VVTD_CONTEXT_OFF:
    case VVTD_CONTEXT_PASS:
        return v->viommu.vd->p2m;
    case VVTD_CONTEXT_SPACE:
        return context->space->space;
    case VVTD_CONTEXT_NEW:
    case VVTD_CONTEXT_FAULT:
    case VVTD_CONTEXT_REFUSED:
        break;
    }
    return v->viommu.vd->registry->blocked;
}

static void switch_over(struct vvtd *v, struct vvtd_device *device)
{
    if ( move(v, device, &device->next, target_of(v, &device->next)) )
        return;
    leave_space(v, &device->context);
    device->context = device->next;
    device->stale = device->decided = false;
    device->pdev->attached = true;
}

static void context_step(struct vvtd *v)
{
    struct vvtd_device *device = stale_device(v);

    if ( !device )
        v->job.kind = VVTD_JOB_REAP;
    else if ( !device->decided )
        decide(v, device);
    else
        switch_over(v, device);
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
    make_stale(v, &all);
    begin(v, VVTD_JOB_CONTEXT, VVTD_ASKER_TE);
}

void vvtd_begin_context(struct vvtd *v, enum vvtd_asker asker,
                        const struct vvtd_invalidate *invalidate)
{
    /* Without translation no context is held, so there is none to drop. */
    if ( vvtd_translating(v) && invalidate->granularity )
        make_stale(v, invalidate);
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
    else if ( v->root_changes && !refused_by_old_root(v) )
        root_taken(v);
    else if ( stale_device(v) )
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
