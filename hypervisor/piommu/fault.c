/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults, from the units to who has the device.
 *
 * A fault stays in its unit until it is taken, under the lock of who has the
 * device: so it can be had before the device is attached elsewhere, and what
 * it met is not forgotten while somebody else has it on its way.
 */
#include <piommu/private.h>

static bool take(struct piommu_unit *unit,
                 const struct piommu_sources *sources,
                 struct piommu_fault *fault)
{
    bool taken = unit->piommu->driver->fault_take(unit, sources, fault);

    unit->faults_taken += taken;
    return taken;
}

static bool is_device(const void *context, uint32_t source_id)
{
    const struct piommu_device *device = context;

    return device->source_id == source_id;
}

bool piommu_fault_take(struct piommu *piommu, unsigned int unit,
                       const struct piommu_sources *sources,
                       struct piommu_fault *fault)
{
    bool taken;

    host_lock(piommu->host, &piommu->lock);
    taken = take(piommu->unit[unit], sources, fault);
    host_unlock(piommu->host, &piommu->lock);
    return taken;
}

bool piommu_fault_take_of(struct piommu *piommu,
                          const struct piommu_device *device,
                          struct piommu_fault *fault)
{
    const struct piommu_sources sources = { is_device, device };

    return piommu_fault_take(piommu, device->unit, &sources, fault);
}

/* What has been reported, and is the oldest still, nobody wants. */
struct report {
    struct piommu_device device;
    bool reported;
    uint64_t taken; /* faults of the unit, before it */
};

/* False: there are no more. */
static bool next(struct piommu_unit *unit, struct report *report)
{
    struct piommu *piommu = unit->piommu;
    const struct piommu_sources reported = { is_device, &report->device };
    struct piommu_fault fault;

    host_lock(piommu->host, &piommu->lock);
    if ( report->reported && unit->faults_taken == report->taken )
        (void)take(unit, &reported, &fault);
    report->reported = piommu->driver->fault_first(unit,
                                                   &report->device.source_id);
    report->taken = unit->faults_taken;
    host_unlock(piommu->host, &piommu->lock);
    return report->reported;
}

void piommu_faults_report(struct piommu_unit *unit)
{
    struct piommu *piommu = unit->piommu;
    struct report report = { .device.unit = unit->index };
    bool more = next(unit, &report);

    while ( more )
    {
        if ( piommu->events.fault )
            piommu->events.fault(piommu->events.context, &report.device);
        more = next(unit, &report);
        if ( more && host_preempt_check(piommu->host) )
        {
            host_work_schedule(piommu->host, &unit->fault_work);
            return;
        }
    }
}

void piommu_fault_work(struct host_work *work)
{
    piommu_faults_report(container_of(work, struct piommu_unit, fault_work));
}

void piommu_interrupt(struct piommu *piommu, unsigned int index)
{
    struct piommu_unit *unit;

    if ( index >= piommu->units )
        return;
    unit = piommu->unit[index];
    if ( piommu->driver->interrupt )
        piommu->driver->interrupt(unit);
    piommu_faults_report(unit);
}

void piommu_event_count(struct piommu *piommu, unsigned int index,
                        struct piommu_event_count *count)
{
    struct piommu_unit *unit;

    *count = (struct piommu_event_count) { 0 };
    if ( index >= piommu->units || !piommu->driver->fault_count )
        return;
    unit = piommu->unit[index];
    host_lock(piommu->host, &piommu->lock);
    count->taken = unit->faults_taken;
    count->recorded = count->taken + piommu->driver->fault_count(unit);
    host_unlock(piommu->host, &piommu->lock);
}
