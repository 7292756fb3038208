/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a world by value: what can be read of it.  docs/explorer.md
 * says what can't, and how that is named. */
#include <scenario/arch.h>
#include <scenario/litmus_private.h>

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- words, one behind the other: what lies between fields means nothing */

struct sum {
    uint64_t low, high;
};

static void put(struct sum *sum, uint64_t word)
{
    sum->low = (sum->low ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    sum->low ^= sum->low >> 29;
    sum->high = (sum->high + word + 1) * UINT64_C(0xd6e8feb86659fd93);
    sum->high ^= sum->high >> 31;
}

static void put_bytes(struct sum *sum, const void *data, size_t size)
{
    XXH128_hash_t h = XXH3_128bits(data, size);

    put(sum, h.low64);
    put(sum, h.high64);
}

static void put_events(struct sum *sum, const struct world_events *events)
{
    put(sum, events->count);
    for ( unsigned int i = 0; i < events->count; i++ )
    {
        const struct world_event *event =
            &events->event[(events->first + i) % WORLD_MAX_EVENTS];

        put(sum, event->address);
        put(sum, event->data);
    }
}

static void put_model(struct sum *sum, const struct dm *dm)
{
    put(sum, dm->answers | (uint64_t)dm->count << 1);
    put(sum, dm->last);
    for ( unsigned int i = 0; i < dm->count; i++ )
    {
        const struct dm_message *message = &dm->received[i];

        put(sum, message->invalidate | (uint64_t)message->source << 1);
        put(sum, message->sequence);
        put(sum, message->first);
        put(sum, message->last);
    }
}

static void put_domain(struct sum *sum, const struct world_domain *wd)
{
    put(sum, wd->viommu_live | wd->destroyed << 1 | wd->driver_ready << 2);
    put(sum, wd->viommu.id);
    put(sum, wd->next_page);
    put(sum, (uint64_t)wd->locks << 32 | wd->flags);
    put_events(sum, &wd->interrupts);
    put_events(sum, &wd->statuses);
    for ( unsigned int i = 0; i < MACHINE_MAX_DMS; i++ )
        put_model(sum, &wd->dm[i]);
    put_bytes(sum, wd->guest, wd->world->program->machine.arch->guest_size);
}

/* The number that the oracle has for a translation is but a name. */
static void put_device(struct sum *sum, const struct world_device *device)
{
    put(sum, device->owner->index | (uint64_t)device->source << 32);
    put(sum, device->assigned | device->attached << 1 | device->moving << 2 |
                 (uint64_t)device->moves << 3);
    for ( unsigned int i = 0; device->is_virtual && i < VDEV_SLOTS; i++ )
    {
        const struct vdev_translation *t = &device->vdev.slot[i];

        put(sum, t->used);
        if ( !t->used )
            continue;
        put(sum, t->request.iova);
        put(sum, t->request.pasid);
        put(sum, t->request.read | t->request.write << 1 |
                     t->request.privileged << 2 | t->request.execute << 3 |
                     t->request.ats << 4);
        put(sum, t->gpa);
        put(sum, t->mask);
        put(sum, t->rights);
    }
}

/* What processors and device models have among themselves. */
static void put_world(struct sum *sum, const struct world *world)
{
    for ( unsigned int i = 0; i < world->domains; i++ )
        put_domain(sum, &world->domain[i]);
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        put_device(sum, &world->device[i]);
    put(sum, world->copy.data ? world->copy.iova : UINT64_MAX);
    put(sum, world->copy.data ? world->copy.size : 0);
    put(sum, world->failing);
}

/* ---- what the explorer asks for ---- */

/* And what has come of it all so far. */
static void shared(void *context, uint64_t hash[2])
{
    const struct litmus *l = context;
    struct sum sum = { 0, 0 };

    put_world(&sum, l->world);
    for ( unsigned int i = 0; i < l->program->litmus.actors; i++ )
    {
        put(&sum, l->dmas[i]);
        for ( unsigned int n = 0; n < l->dmas[i]; n++ )
        {
            put(&sum, l->dma[i][n].outcome);
            put(&sum, l->dma[i][n].value);
        }
    }
    put(&sum, l->world->findings);
    for ( unsigned int i = 0; i < l->world->findings; i++ )
        put_bytes(&sum, l->world->finding[i].message,
                  strlen(l->world->finding[i].message));
    machine_contents(l->world->machine, hash);
    hash[0] += sum.low;
    hash[1] += sum.high;
}

static void hold(const struct litmus *l, bool hold)
{
    for ( uint32_t left = sched_used(l->explored.context); left; )
        machine_activity_hold(&l->activity[sched_take(&left)].machine, hold);
}

static void guarded(void *context, uint64_t hash[2])
{
    const struct litmus *l = context;

    hold(l, false);
    machine_private_contents(l->world->machine, hash);
    hold(l, true);
}

static uint64_t content(void *context, const struct touch *touch)
{
    const struct litmus *l = context;

    struct sum sum = { 0, 0 };

    if ( touch->resource == MACHINE_GUEST )
    {
        put_world(&sum, l->world);
        return sum.low;
    }
    return machine_content(l->world->machine,
                           (enum machine_resource)touch->resource,
                           touch->first, touch->last, touch->write);
}

const struct explore_values *litmus_values(const struct litmus *l)
{
    static const struct explore_values values = {
        .shared = shared,
        .guarded = guarded,
        .content = content,
        .valued = 1u << MACHINE_MEMORY | 1u << MACHINE_WORK |
                  1u << MACHINE_TABLES | 1u << MACHINE_FAILURES |
                  1u << MACHINE_INTERRUPT | 1u << MACHINE_GUEST,
        .guards = 1u << MACHINE_LOCK,
        .witness = 1u << MACHINE_LEDGER,
        .empty = 1u << MACHINE_NEWS,
    };

    return machine_has_contents(l->world->machine) ? &values : NULL;
}
