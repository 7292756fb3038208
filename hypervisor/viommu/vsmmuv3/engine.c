/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: everything that a unit does outside of traps, one short step at
 * a time.  docs/hypervisor.md has the picture.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

/* ---- events before and after -------------------------------------------- */

enum vsmmuv3_progress vsmmuv3_drain(struct vsmmuv3 *v)
{
    if ( v->drained )
        return VSMMUV3_WORKED;
    if ( v->viommu.drain == VIOMMU_DRAIN_NONE )
        viommu_drain(&v->viommu);
    return VSMMUV3_WAITING;
}

void vsmmuv3_undrained(struct vsmmuv3 *v)
{
    v->drained = false;
    v->viommu.drain = VIOMMU_DRAIN_NONE;
}

void vsmmuv3_drained(struct vsmmuv3 *v)
{
    unsigned int i;

    v->drained = true;
    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        v->device[i].changed = false;
    vsmmuv3_kick(v);
}

/* ---- steps -------------------------------------------------------------- */

static bool any_changed(const struct vsmmuv3 *v)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        if ( v->device[i].changed )
            return true;
    return false;
}

/*
 * No device is stale: what the devices now do is what v->enabled says.  What
 * they met while it changed is told before CR0ACK is: without SMMUEN the same
 * DMA has no event.
 */
static enum vsmmuv3_progress enable_step(struct vsmmuv3 *v)
{
    if ( any_changed(v) )
    {
        if ( v->drained )
            vsmmuv3_undrained(v);
        return vsmmuv3_drain(v);
    }
    if ( v->enabled )
        v->reg[VSMMUV3_R_CR0ACK] |= SMMU_CR0_SMMUEN;
    else
        v->reg[VSMMUV3_R_CR0ACK] &= ~(uint64_t)SMMU_CR0_SMMUEN;
    return VSMMUV3_WORKED;
}

static enum vsmmuv3_progress gbpa_step(struct vsmmuv3 *v)
{
    bool abort = v->reg[VSMMUV3_R_GBPA] & SMMU_GBPA_ABORT;

    if ( v->abort == abort )
        v->reg[VSMMUV3_R_GBPA] &= ~(uint64_t)SMMU_GBPA_UPDATE;
    else
    {
        v->abort = abort;
        if ( !v->enabled )
            vsmmuv3_make_stale(v, 0, 32);
    }
    return VSMMUV3_WORKED;
}

/* First what others wait for: the guest can't hold them off. */
static enum vsmmuv3_progress step(struct vsmmuv3 *v)
{
    struct vsmmuv3_device *device = vsmmuv3_device_stale(v);
    bool wanted = v->reg[VSMMUV3_R_CR0] & SMMU_CR0_SMMUEN;
    bool told = v->reg[VSMMUV3_R_CR0ACK] & SMMU_CR0_SMMUEN;

    if ( device )
        return vsmmuv3_device_refresh(v, device);
    if ( v->enabled != told )
        return enable_step(v);
    if ( v->enabled != wanted )
    {
        v->enabled = wanted;
        vsmmuv3_make_stale(v, 0, 32);
        return VSMMUV3_WORKED;
    }
    if ( v->reg[VSMMUV3_R_GBPA] & SMMU_GBPA_UPDATE )
        return gbpa_step(v);
    return vsmmuv3_queue_step(v);
}

bool vsmmuv3_run(struct vsmmuv3 *v)
{
    while ( !v->viommu.failed )
    {
        switch ( step(v) )
        {
        case VSMMUV3_IDLE:
        case VSMMUV3_WAITING:
            return false;
        case VSMMUV3_LATER:
            return true;
        case VSMMUV3_WORKED:
            break;
        }
        /* At the end: however small the budget, one step was made. */
        if ( host_preempt_check(viommu_host(&v->viommu)) )
            return true;
    }
    return false;
}

void vsmmuv3_work(struct host_work *work)
{
    struct vsmmuv3 *v = container_of(work, struct vsmmuv3, work);
    struct host *host = viommu_host(&v->viommu);

    host_lock(host, &v->viommu.vd->lock);
    if ( !v->viommu.dying )
    {
        if ( !vsmmuv3_events_deliver(v) || vsmmuv3_run(v) )
            vsmmuv3_kick(v);
    }
    host_unlock(host, &v->viommu.vd->lock);
}
