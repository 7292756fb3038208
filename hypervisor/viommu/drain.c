/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drains: every event that the physical units had recorded when a vIOMMU asked
 * is reported before it is told so.
 *
 * Reporting takes the registry's lock, so this is work of the registry, which
 * nobody who holds that lock waits for.  A request that comes while a drain is
 * running needs another: what was recorded before it may have come after the
 * first has looked.
 */
#include <viommu/private.h>

/* True: there are others that want one. */
static bool drains_move(struct viommu_registry *registry,
                        enum viommu_drain_state from,
                        enum viommu_drain_state to)
{
    struct viommu_domain *vd;
    struct viommu *viommu;
    bool wanted = false;

    host_lock(registry->host, &registry->lock);
    for ( vd = registry->domains; vd; vd = vd->next )
    {
        host_lock(registry->host, &vd->lock);
        for ( viommu = vd->viommus; viommu; viommu = viommu->next )
        {
            wanted |= viommu->drain == VIOMMU_DRAIN_WANTED;
            if ( viommu->drain != from )
                continue;
            viommu->drain = to;
            if ( to == VIOMMU_DRAIN_NONE && !viommu->dying )
                viommu->type->drained(viommu);
        }
        host_unlock(registry->host, &vd->lock);
    }
    host_unlock(registry->host, &registry->lock);
    return wanted;
}

static void drain_begin(struct viommu_registry *registry)
{
    struct piommu_event_count count;
    unsigned int i;

    (void)drains_move(registry, VIOMMU_DRAIN_WANTED, VIOMMU_DRAIN_RUNNING);
    for ( i = 0; i < host_unit_count(registry->host); i++ )
    {
        piommu_event_count(registry->piommu, i, &count);
        registry->drain.upto[i] = count.recorded;
    }
    registry->drain.running = true;
}

/* What had been recorded at the beginning: a flood does not hold it off. */
static bool drain_done(struct viommu_registry *registry)
{
    struct piommu_event_count count;
    unsigned int i;

    for ( i = 0; i < host_unit_count(registry->host); i++ )
    {
        piommu_event_count(registry->piommu, i, &count);
        if ( count.taken < registry->drain.upto[i] &&
             count.taken < count.recorded )
            return false;
    }
    return true;
}

void viommu_drain_work(struct host_work *work)
{
    struct viommu_registry *registry = container_of(
        work, struct viommu_registry, drain.work);
    unsigned int i;

    if ( !registry->drain.running )
        drain_begin(registry);
    for ( i = 0; i < host_unit_count(registry->host); i++ )
        piommu_interrupt(registry->piommu, i);
    if ( !drain_done(registry) )
    {
        host_relax(registry->host);
        host_work_schedule(registry->host, work);
        return;
    }
    registry->drain.running = false;
    if ( drains_move(registry, VIOMMU_DRAIN_RUNNING, VIOMMU_DRAIN_NONE) )
        host_work_schedule(registry->host, work);
}

void viommu_drain(struct viommu *viommu)
{
    viommu->drain = VIOMMU_DRAIN_WANTED;
    host_work_schedule(viommu_host(viommu), &viommu->vd->registry->drain.work);
}
