/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Back to the beginning: what a fuzzer does many times a second. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <stdlib.h>
#include <string.h>

struct world_saved {
    struct world world;
    void *guest[2];
};

/* The identification registers of a domain's unit, as its oracle knows them.
 */
static const uint64_t *id_of(const struct world_domain *wd)
{
    return wd->world->dut ? wd->viommu.id_register :
                            wd->world->program->machine.id;
}

static void save_guest(struct world_saved *saved, unsigned int index)
{
    const struct world *world = &saved->world;
    size_t size = world->program->machine.arch->guest_size;

    saved->guest[index] = malloc(size);
    if ( !saved->guest[index] )
        abort();
    memcpy(saved->guest[index], world->domain[index].guest, size);
}

bool world_snapshot(struct world *world)
{
    struct world_saved *saved = calloc(1, sizeof(*saved));

    if ( !saved )
        abort();
    world_forget(world);
    saved->world = *world;
    for ( unsigned int i = 0; i < world->domains; i++ )
        save_guest(saved, i);
    world->saved = saved;
    return machine_snapshot(world->machine);
}

void world_forget(struct world *world)
{
    if ( !world->saved )
        return;
    for ( unsigned int i = 0; i < world->domains; i++ )
        free(world->saved->guest[i]);
    free(world->saved);
    world->saved = NULL;
}

static void restore_device(struct oracle *oracle,
                           const struct world_device *device)
{
    const struct oracle_vdev vdev = { .source = device->source,
                                      .dm = device->vdev.dm,
                                      .drains = device->vdev.drains,
                                      .ats = device->vdev.ats };

    if ( device->is_virtual )
        oracle_vdev_add(oracle, &vdev);
    else
        oracle_device_add(oracle, device->source);
}

static void restore_oracle(struct world *world, struct world_domain *wd)
{
    const struct program_machine *m = &world->program->machine;

    if ( !world_create_oracle(wd, id_of(wd)) )
        for ( unsigned int i = 0; i < m->devices; i++ )
            if ( world->device[i].owner == wd && world->device[i].attached )
                restore_device(wd->oracle, &world->device[i]);
}

void world_restore(struct world *world, const struct program *program)
{
    struct world_saved *saved = world->saved;
    size_t guest_size = program->machine.arch->guest_size;
    bool watched[2];

    for ( unsigned int i = 0; i < world->domains; i++ )
    {
        if ( world->domain[i].oracle )
            oracle_destroy(world->domain[i].oracle);
        watched[i] = saved->world.domain[i].oracle;
        memcpy(world->domain[i].guest, saved->guest[i], guest_size);
    }
    *world = saved->world;
    world->saved = saved;
    world->program = program;
    machine_restore(world->machine);
    for ( unsigned int i = 0; i < world->domains; i++ )
    {
        world->domain[i].oracle = NULL;
        if ( watched[i] )
            restore_oracle(world, &world->domain[i]);
    }
}
