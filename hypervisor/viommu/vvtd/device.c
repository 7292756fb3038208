/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices below a unit, and how one gets from what its context says to
 * what it says now:
 *
 *   stale -> read the context, find or make its space -> piommu_attach() ->
 *   leave the old space
 *
 * What it has met is recorded before that goes: nothing else explains it.
 */
#include <viommu/vvtd/vvtd.h>

/* ---- moving one --------------------------------------------------------- */

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

/* ---- coming and going --------------------------------------------------- */

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

/* ---- another context ---------------------------------------------------- */

static bool sid_matches(uint16_t a, uint16_t b, unsigned int fm)
{
    /* FM: which bits of the function number are not compared (6.5.2.1). */
    static const uint16_t compared[] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 };

    return !((a ^ b) & compared[fm]);
}

void vvtd_devices_invalidate(struct vvtd *v,
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

struct vvtd_device *vvtd_device_stale(struct vvtd *v)
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
 * one stays (6.6).
 */
bool vvtd_devices_refused(struct vvtd *v)
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

void vvtd_device_refresh(struct vvtd *v, struct vvtd_device *device)
{
    if ( device->decided )
        switch_over(v, device);
    else
        decide(v, device);
}
