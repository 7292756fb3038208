/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices below a unit, and how one gets from what its STE said to what it
 * says now:
 *
 *   stale -> read the STE, make a space -> drain the events of the old one ->
 *   piommu_attach() -> give back the old space
 *
 * Only piommu_attach() changes what hardware does: there is no state between
 * the old and the new one that is ours (I4).
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

struct vsmmuv3_device *vsmmuv3_device_find(struct vsmmuv3 *v, uint32_t sid)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        if ( v->device[i].used && v->device[i].sid == sid )
            return &v->device[i];
    return NULL;
}

unsigned int vsmmuv3_units(const struct vsmmuv3 *v)
{
    unsigned int i, units = 0;

    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        if ( v->device[i].used )
            units |= 1u << v->device[i].pdev->device.unit;
    return units;
}

struct vsmmuv3_device *vsmmuv3_device_stale(struct vsmmuv3 *v)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        if ( v->device[i].used && (v->device[i].stale || v->device[i].old) )
            return &v->device[i];
    return NULL;
}

void vsmmuv3_make_stale(struct vsmmuv3 *v, uint32_t sid, unsigned int ignored)
{
    unsigned int i;

    vsmmuv3_undrained(v);
    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
    {
        struct vsmmuv3_device *device = &v->device[i];
        uint64_t differ = device->sid ^ sid;

        device->stale |= device->used &&
                         (!(differ >> ignored) || vsmmuv3_without_ste(device));
    }
}

/* Nobody is attached to it, and nothing of it is cached. */
static int give_back(struct piommu_space **space)
{
    int rc = *space ? piommu_space_destroy(*space) : 0;

    if ( !rc )
        *space = NULL;
    return rc;
}

/* ---- coming and going --------------------------------------------------- */

/* With SMMUEN = 0 and without GBPA.ABORT a device stays at the p2m, otherwise
 * it is blocked until its STE has been read: -XEN_ERESTART until then. */
int vsmmuv3_device_add(struct vsmmuv3 *v, struct viommu_pdev *pdev)
{
    struct vsmmuv3_device *device = v->device;

    while ( device < v->device + ARRAY_SIZE(v->device) && device->used )
        device++;
    if ( device == v->device + ARRAY_SIZE(v->device) )
        return -XEN_ENOSPC;
    *device = (struct vsmmuv3_device) { .sid = pdev->vsbdf, .pdev = pdev };
    if ( v->enabled || v->abort )
    {
        int rc = viommu_attach(&v->viommu, device->pdev,
                               v->viommu.vd->registry->blocked);

        if ( rc )
            return rc;
        device->stream.kind = VSMMUV3_STREAM_REFUSED;
        device->stale = pdev->attaching = true;
        vsmmuv3_kick(v);
    }
    device->used = true;
    pdev->index = (unsigned int)(device - v->device);
    return pdev->attaching ? -XEN_ERESTART : 0;
}

/* -XEN_ERESTART: call again; it is at @space already. */
int vsmmuv3_device_remove(struct vsmmuv3 *v, struct vsmmuv3_device *device,
                          struct piommu_space *space)
{
    int rc = viommu_attach(&v->viommu, device->pdev, space);

    if ( rc )
        return rc;
    device->stream = (struct vsmmuv3_stream) { .kind = VSMMUV3_STREAM_OFF };
    device->stale = device->decided = false;
    rc = give_back(&device->old);
    if ( !rc )
        rc = give_back(&device->next_space);
    if ( !rc )
        rc = give_back(&device->space);
    if ( rc )
        return rc;
    device->pdev->viommu = NULL;
    device->used = false;
    vsmmuv3_kick(v);
    return 0;
}

/* ---- a new STE ---------------------------------------------------------- */

static bool same(const struct vsmmuv3_stream *a,
                 const struct vsmmuv3_stream *b)
{
    return a->kind == b->kind && a->kind != VSMMUV3_STREAM_REFUSED &&
           a->event == b->event && a->fetch == b->fetch &&
           a->ste[0] == b->ste[0] && a->ste[1] == b->ste[1];
}

static int make_space(struct vsmmuv3 *v, struct vsmmuv3_device *device)
{
    struct viommu_domain *vd = v->viommu.vd;
    struct piommu *piommu = vd->registry->piommu;
    struct piommu_space_config config = { .kind = PIOMMU_NESTED,
                                          .domain = vd->d };
    int rc = 0;

    if ( !v->nest )
        rc = piommu_nest_create(piommu, vd->p2m, &v->nest);
    if ( rc )
        return rc;
    config.stage1.nest = v->nest;
    memcpy(config.stage1.configuration, device->next.ste,
           sizeof(config.stage1.configuration));
    return piommu_space_create(piommu, &config, &device->next_space);
}

static bool has_space(const struct vsmmuv3_stream *stream)
{
    return stream->kind == VSMMUV3_STREAM_BYPASS ||
           stream->kind == VSMMUV3_STREAM_STAGE1;
}

/* Without memory, or without room in the hardware, the device is blocked until
 * its STE is invalidated again. */
static void decide(struct vsmmuv3 *v, struct vsmmuv3_device *device)
{
    vsmmuv3_stream_read(v, device->sid, &device->next);
    device->decided = true;
    if ( has_space(&device->next) && !same(&device->stream, &device->next) &&
         make_space(v, device) )
    {
        device->next.kind = VSMMUV3_STREAM_REFUSED;
        v->viommu.vd->shadow_refused++;
    }
}

static struct piommu_space *target_of(const struct vsmmuv3 *v,
                                      const struct vsmmuv3_device *device)
{
    if ( device->next_space )
        return device->next_space;
    return device->next.kind == VSMMUV3_STREAM_OFF ?
               v->viommu.vd->p2m :
               v->viommu.vd->registry->blocked;
}

static void done(struct vsmmuv3_device *device)
{
    device->stream = device->next;
    device->stale = device->decided = false;
    device->pdev->attached = true;
}

/* Events of what it met up to now may still be on their way to us, and must
 * find what it met. */
static bool reports(const struct vsmmuv3_stream *stream)
{
    return stream->kind != VSMMUV3_STREAM_ABORT &&
           stream->kind != VSMMUV3_STREAM_REFUSED;
}

static void switch_over(struct vsmmuv3 *v, struct vsmmuv3_device *device)
{
    if ( viommu_attach(&v->viommu, device->pdev, target_of(v, device)) )
        return;
    device->old = device->space;
    device->space = device->next_space;
    device->next_space = NULL;
    if ( reports(&device->stream) )
    {
        device->before = device->stream;
        device->changed = true;
    }
    done(device);
}

/* The STE says what it said; the CDs below it are invalidated as well by a
 * CFGI_STE (4.3.1). */
static int stay(struct vsmmuv3 *v, struct vsmmuv3_device *device)
{
    int rc = 0;

    if ( device->stream.kind == VSMMUV3_STREAM_STAGE1 )
        rc = vsmmuv3_forward(v, device, SMMU_CMD_CFGI_CD_ALL, 0);
    if ( !rc )
        done(device);
    return rc;
}

/* One step for a device that vsmmuv3_device_stale() has found. */
enum vsmmuv3_progress vsmmuv3_device_refresh(struct vsmmuv3 *v,
                                             struct vsmmuv3_device *device)
{
    int rc = 0;

    if ( device->old )
    {
        rc = give_back(&device->old);
        if ( rc && rc != -XEN_ERESTART )
            v->viommu.failed = true; /* it may still be used */
        return VSMMUV3_WORKED;
    }
    if ( !device->decided )
        decide(v, device);
    else if ( same(&device->stream, &device->next) )
        rc = stay(v, device);
    else if ( reports(&device->stream) && !v->drained )
        return vsmmuv3_drain(v);
    else
        switch_over(v, device);
    return rc == -XEN_EAGAIN ? VSMMUV3_LATER : VSMMUV3_WORKED;
}
