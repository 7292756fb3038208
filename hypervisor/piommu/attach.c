/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device is in which space. */
#include <piommu/private.h>

static struct piommu_device_state *find_device(const struct piommu_unit *unit,
                                               uint32_t source_id)
{
    struct piommu_device_state *device = unit->devices;

    while ( device && device->source_id != source_id )
        device = device->next;
    return device;
}

static int add_device(struct piommu_unit *unit, uint32_t source_id,
                      struct piommu_device_state **device)
{
    *device = host_zalloc(unit->piommu->host, NULL, sizeof(**device));
    if ( !*device )
        return -XEN_ENOMEM;
    (*device)->source_id = source_id;
    (*device)->next = unit->devices;
    unit->devices = *device;
    return 0;
}

static void count(struct piommu_space *space, unsigned int unit, int by)
{
    space->attached[unit] += (unsigned int)by;
    if ( space->nest )
        space->nest->attached[unit] += (unsigned int)by;
}

static int attach_locked(struct piommu_unit *unit, uint32_t source_id,
                         struct piommu_space *space)
{
    const struct piommu_driver *driver = unit->piommu->driver;
    struct piommu_device_state *device = find_device(unit, source_id);
    struct piommu_space *old = device ? device->space : NULL;
    int rc = 0;

    if ( old == space || (!device && space->kind == PIOMMU_BLOCKED) )
        return 0;
    if ( unit->failed )
        return -XEN_EIO;
    if ( !device )
        rc = add_device(unit, source_id, &device);
    if ( !rc )
        rc = driver->prepare(unit, source_id);
    if ( rc )
        return rc;

    device->space = space;
    count(space, unit->index, 1);
    rc = driver->change(unit, source_id, old, space);
    /* What was not flushed must never be taken apart, and nobody may believe
     * that the device is in either space: a second try fails, too. */
    if ( rc )
        device->space = NULL;
    else if ( old )
        count(old, unit->index, -1);
    return rc;
}

int piommu_attach(struct piommu *piommu, const struct piommu_device *device,
                  uint32_t pasid, struct piommu_space *space)
{
    int rc;

    if ( pasid != PIOMMU_NO_PASID )
        return -XEN_EOPNOTSUPP;
    if ( device->unit >= piommu->units ||
         device->source_id > piommu->last_source )
        return -XEN_EINVAL;
    host_lock(piommu->host, &piommu->lock);
    rc = attach_locked(piommu->unit[device->unit], device->source_id, space);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}
