/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways into a world of the toolstack. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <public/viommu.h>

#include <string.h>

int world_viommu_create(struct world_domain *wd, const uint64_t *id)
{
    const struct program_machine *m = &wd->world->program->machine;
    struct world *world = wd->world;
    int rc;

    wd->viommu = (struct dut_viommu) {
        .domain = wd->index,
        .type = m->arch->viommu_type,
        .base = m->arch->unit_base,
        .capabilities = m->arch->capabilities,
        .shadow_limit = m->shadow_limit,
        .haw = m->haw,
        .options = m->options,
    };
    memcpy(wd->viommu.id_register, id, sizeof(wd->viommu.id_register));
    rc = world->ops->viommu_create(world->dut, &wd->viommu);
    if ( rc )
        return rc;
    wd->viommu_live = true;
    wd->viommus++;
    if ( world_create_oracle(wd, id) )
        world_find(world, "P10",
                   "the vIOMMU took capabilities that the oracle can't judge");
    return 0;
}

/* Devices of the domain (one, or all: @only NULL) come under another unit, or
 * have come. */
static void move(struct world_domain *wd, const struct world_device *only,
                 bool moving)
{
    struct world *world = wd->world;

    world_touch_ledger(wd, true);
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
    {
        struct world_device *device = &world->device[i];

        if ( device->owner != wd || (only && device != only) )
            continue;
        device->moving = moving;
        device->moves++;
    }
}

int world_viommu_destroy(struct world_domain *wd)
{
    struct world *world = wd->world;
    struct oracle *oracle = wd->oracle;
    int rc;

    move(wd, NULL, true);
    /* What others see of a unit that is on its way out is not judged. */
    if ( world->interleave )
        wd->oracle = NULL;
    rc = world->ops->viommu_destroy(world->dut, &wd->viommu);
    move(wd, NULL, false);
    if ( rc )
    {
        wd->oracle = oracle;
        return rc;
    }
    wd->viommu_live = false;
    if ( oracle )
        oracle_destroy(oracle);
    wd->oracle = NULL;
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        if ( world->device[i].owner == wd )
            world->device[i].attached = false;
    world_settle(world);
    return 0;
}

int world_assign(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    bool before = device->assigned;
    int rc;

    machine_pdev_give(world->machine, device->psbdf, device->owner->domain);
    /* It may reach the domain's memory before the hypercall has ended. */
    device->assigned = true;
    rc = world->ops->assign(world->dut, device->owner->index, device->psbdf);
    if ( rc )
        device->assigned = before;
    world_settle(world);
    return rc;
}

int world_deassign(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc;

    move(device->owner, device, true);
    rc = world->ops->deassign(world->dut, device->owner->index, device->psbdf);
    move(device->owner, device, false);
    if ( !rc )
    {
        machine_pdev_give(world->machine, device->psbdf, NULL);
        device->assigned = device->attached = false;
        if ( device->owner->oracle )
            oracle_device_remove(device->owner->oracle, device->source);
    }
    world_settle(world);
    return rc;
}

static int attach_virtual(struct world *world, struct world_device *device)
{
    struct world_domain *wd = device->owner;
    const struct dut_vpdev vpdev = { .vsbdf = device->source,
                                     .dm = device->vdev.dm,
                                     .drains = device->vdev.drains,
                                     .ats = device->vdev.ats };
    const struct oracle_vdev watched = { .source = device->source,
                                         .dm = device->vdev.dm,
                                         .drains = device->vdev.drains,
                                         .ats = device->vdev.ats,
                                         .gone = !machine_dm_connected(
                                             wd->domain, device->vdev.dm) };
    int rc = world->ops->attach_vpdev(world->dut, &wd->viommu, &vpdev);

    device->attached |= !rc;
    if ( !rc && wd->oracle )
        oracle_vdev_add(wd->oracle, &watched);
    return rc;
}

static int attach_physical(struct world *world, struct world_device *device)
{
    struct oracle *oracle = device->owner->oracle;
    int rc;

    move(device->owner, device, true);
    /* What its unit reads while it comes is what it may have cached. */
    if ( oracle && !device->attached )
        oracle_device_add(oracle, device->source);
    rc = world->ops->attach(world->dut, &device->owner->viommu, device->source,
                            device->psbdf);
    move(device->owner, device, false);
    if ( !rc )
        device->attached = true;
    else if ( oracle && !device->attached )
        oracle_device_remove(oracle, device->source);
    return rc;
}

int world_attach(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc = device->is_virtual ? attach_virtual(world, device) :
                                  attach_physical(world, device);

    world_settle(world);
    return rc;
}

int world_detach(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc;

    move(device->owner, device, true);
    rc = world->ops->detach(world->dut, &device->owner->viommu,
                            device->source);
    move(device->owner, device, false);
    if ( !rc )
    {
        device->attached = false;
        if ( device->owner->oracle && device->is_virtual )
            oracle_vdev_remove(device->owner->oracle, device->source);
        else if ( device->owner->oracle )
            oracle_device_remove(device->owner->oracle, device->source);
    }
    world_settle(world);
    return rc;
}

int world_domain_destroy(struct world_domain *wd)
{
    struct world *world = wd->world;
    int rc;

    move(wd, NULL, true);
    if ( wd->oracle )
        oracle_destroy(wd->oracle);
    wd->oracle = NULL;
    rc = world->ops->domain_destroy(world->dut, wd->index);
    wd->viommu_live = false;
    wd->destroyed = true;
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
    {
        if ( world->device[i].owner != wd )
            continue;
        world->device[i].attached = false;
        /* Else it may reach what it could: nothing of it is given back. */
        if ( !rc )
            world->device[i].assigned = false;
    }
    world_settle(world);
    return rc;
}

/* Whoever was refused memory by the program asks again, once for each way in
 * which it may have been. */
static int p2m_changed(struct world_domain *wd, uint64_t gfn)
{
    struct world *world = wd->world;
    int rc = world->ops->p2m_changed(world->dut, wd->index, gfn, 0);

    for ( unsigned int n = 0; rc == -XEN_ENOMEM && world->failing &&
                              world->program->oracle_only && n < FAILURE_COUNT;
          n++ )
        rc = world->ops->p2m_changed(world->dut, wd->index, gfn, 0);
    return rc;
}

bool world_p2m_change(struct world_domain *wd, uint64_t gfn,
                      enum region_type type, int *rc)
{
    bool nested = wd->world->nested;

    *rc = 0;
    if ( (nested && wd->p2m_locked) ||
         !(type == REGION_HOLE ? p2m_remove(wd->domain, gfn) :
                                 p2m_populate(wd->domain, gfn, type)) )
        return false;
    wd->p2m_locked = true;
    wd->p2m_late = nested;
    wd->p2m_gfn = gfn;
    if ( nested )
        return true;
    *rc = p2m_changed(wd, gfn);
    wd->p2m_locked = false;
    return true;
}

void world_p2m_settle(struct world_domain *wd)
{
    if ( !wd->p2m_late )
        return;
    wd->p2m_late = false;
    if ( p2m_changed(wd, wd->p2m_gfn) )
        world_find(wd->world, "P9", "a change of the p2m was not accepted");
    wd->p2m_locked = false;
}

void world_fail(struct world *world, enum failure failure, unsigned int k)
{
    world_others(world, "fail");
    world->failing = true;
    machine_fail(world->machine, failure, k);
    /* Without activities the oracles are told when all has settled. */
    for ( unsigned int i = 0; world->interleave && i < world->domains; i++ )
    {
        struct world_domain *wd = &world->domain[i];

        world_touch_ledger(wd, true);
        if ( wd->oracle )
            oracle_tolerate_missing(wd->oracle, true);
    }
}
