/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways into a world of device models: each step of them is one call, and
 * whatever else happens may happen between two.
 */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <public/viommu.h>

#include <string.h>

static struct oracle_dma dma_of(const struct world_device *device,
                                const struct vdev_request *request,
                                unsigned int size)
{
    return (struct oracle_dma) {
        .source = device->source,
        .pasid = request->pasid,
        .iova = request->iova,
        .size = size,
        .read = request->read,
        .write = request->write,
        .type = request->ats ? REQUEST_TRANSLATION : REQUEST_UNTRANSLATED,
        .privileged = request->privileged,
        .execute = request->execute,
    };
}

static struct dut_translation translation_of(
    const struct world_device *device, const struct vdev_request *request)
{
    return (struct dut_translation) { .vsbdf = device->source,
                                      .dm = device->vdev.dm,
                                      .iova = request->iova,
                                      .pasid = request->pasid,
                                      .read = request->read,
                                      .write = request->write,
                                      .privileged = request->privileged,
                                      .execute = request->execute,
                                      .ats = request->ats };
}

/* Only what is attached is the unit's affair. */
static struct oracle *oracle_of(const struct world_device *device)
{
    return device->attached ? device->owner->oracle : NULL;
}

/* What a device model has of its devices; and the oracle watches each step. */
static void touch_device(struct world_device *device)
{
    uint64_t key = UINT64_C(2) << 32 | device->vdev.dm;

    world_touch(device->owner->world, MACHINE_GUEST, key, key, true);
    world_touch_ledger(device->owner, true);
}

/* ---- translations ---- */

/* A translation request is told which rights there are. */
static bool rights_suffice(const struct vdev_request *request,
                           unsigned int rights)
{
    return !(request->read && !(rights & 1)) &&
           !(request->write && !(rights & 2));
}

/* RAZ/WI, as the oracle knows it. */
static const struct oracle_outcome zero_outcome = { .ok = true,
                                                    .hpa = UINT64_MAX };

static void translation_ended(struct world_device *device,
                              struct vdev_translation *slot,
                              const struct vdev_request *request)
{
    bool zeroes = !slot->rights && !request->ats;
    struct oracle_outcome outcome = {
        .ok = request->ats ? rights_suffice(request, slot->rights) : !zeroes,
        .guest = true,
        .hpa = slot->gpa,
        .mask = slot->mask,
        .rights = slot->rights,
    };
    struct oracle *oracle = oracle_of(device);

    slot->used = outcome.ok;
    if ( zeroes )
        outcome = zero_outcome;
    if ( !oracle )
        return;
    if ( slot->used )
        oracle_translation_end(oracle, slot->watch, &outcome);
    else
        oracle_dma_end(oracle, slot->watch, &outcome);
}

void world_vdev_drop(struct world *world, unsigned int index,
                     unsigned int slot)
{
    struct world_device *device = &world->device[index];
    struct vdev_translation *t = &device->vdev.slot[slot];

    touch_device(device);
    if ( t->used && device->owner->oracle )
        oracle_translation_drop(device->owner->oracle, t->watch);
    t->used = false;
}

int world_vdev_translate(struct world *world, unsigned int index,
                         unsigned int slot, const struct vdev_request *request)
{
    struct world_device *device = &world->device[index];
    struct dut_translation t = translation_of(device, request);
    const struct oracle_dma dma = dma_of(device, request, 1);
    const struct oracle_outcome nothing = { .ok = false };
    struct oracle *oracle = oracle_of(device);
    unsigned int watch = 0;
    int rc;

    world_others(world, "translate");
    world_vdev_drop(world, index, slot);
    if ( oracle )
        watch = oracle_dma_begin(oracle, &dma);
    world_step(device->owner, WORLD_DM_CALL);
    rc = world->ops->translate(world->dut, &device->owner->viommu, &t);
    touch_device(device);
    oracle = oracle_of(device);
    if ( !rc )
    {
        device->vdev.slot[slot] = (struct vdev_translation) {
            .request = *request,
            .gpa = t.gpa,
            .mask = t.mask,
            .rights = t.rights,
            .watch = watch,
        };
        translation_ended(device, &device->vdev.slot[slot], request);
    }
    else if ( oracle && rc == -XEN_EFAULT )
        oracle_dma_end(oracle, watch, &nothing);
    else if ( oracle )
        oracle_translation_drop(oracle, watch);
    world_add_outcome(world, rc ? (uint64_t)rc : t.gpa ^ t.rights);
    world_settle(world);
    return rc;
}

/* ---- accesses ---- */

static void access_ended(struct world *world, struct world_device *device,
                         const struct vdev_translation *t,
                         const struct vdev_request *request, bool reached)
{
    const struct oracle_dma dma = dma_of(device, request, 1);
    const struct oracle_outcome outcome = {
        .ok = reached,
        .guest = true,
        .hpa = t->gpa + (request->iova - t->request.iova),
        .rights = t->rights,
    };

    world_add_outcome(world, reached ? outcome.hpa : 0);
    if ( oracle_of(device) )
        oracle_translation_used(device->owner->oracle, t->watch, &dma,
                                &outcome);
}

/* Are reads by it fetches of instructions?  By the rights that were told; what
 * was asked for to write is no permission to do so. */
static bool fetches(const struct vdev_translation *t)
{
    return (t->rights & XEN_VIOMMU_ACCESS_execute) && !t->request.write &&
           (t->request.execute || !(t->rights & XEN_VIOMMU_ACCESS_read));
}

bool world_vdev_access(struct world *world, unsigned int index,
                       unsigned int slot, const struct vdev_access *access)
{
    struct world_device *device = &world->device[index];
    const struct vdev_translation *t = &device->vdev.slot[slot];
    struct world_domain *wd = device->owner;
    struct vdev_request request = t->request;
    bool reached;

    world_step(wd, WORLD_DM_ACCESS);
    world_others(world, "access");
    touch_device(device);
    reached = machine_dm_access(wd->domain, device->vdev.dm, access->write,
                                t->gpa + access->offset, access->data,
                                access->size);
    request.iova += access->offset;
    request.execute = fetches(t);
    request.read = !access->write;
    request.write = access->write;
    /* Who can't reach memory has not accessed it. */
    if ( machine_dm_connected(wd->domain, device->vdev.dm) )
        access_ended(world, device, t, &request, reached);
    world_settle(world);
    return reached;
}

/* ---- copies ---- */

/* A store of the hypervisor that is a piece of a copy under way? */
bool world_is_copy(const struct world *world, uint64_t gpa, const void *data,
                   size_t len)
{
    const struct world_copy *copy = &world->copy;
    size_t at = (gpa - copy->iova) & 0xfff;

    return copy->data && at + len <= copy->size &&
           !memcmp(copy->data + at, data, len);
}

static void copy_ended(struct world *world, struct world_device *device,
                       unsigned int watch, const struct dut_translation *t,
                       int rc)
{
    const struct oracle_outcome done = { .ok = !rc,
                                         .guest = true,
                                         .hpa = t->gpa };
    const struct oracle_outcome outcome = t->gpa == UINT64_MAX ? zero_outcome :
                                                                 done;
    struct oracle *oracle = oracle_of(device);

    world_add_outcome(world, rc ? (uint64_t)rc : t->gpa);
    if ( !oracle )
        return;
    if ( !rc || rc == -XEN_EFAULT )
        oracle_dma_end(oracle, watch, &outcome);
    else
        oracle_translation_drop(oracle, watch);
}

int world_vdev_copy(struct world *world, unsigned int index,
                    const struct vdev_request *request, void *data,
                    unsigned int size, uint64_t *gpa)
{
    struct world_device *device = &world->device[index];
    struct dut_translation t = translation_of(device, request);
    const struct oracle_dma dma = dma_of(device, request, size);
    struct oracle *oracle = oracle_of(device);
    unsigned int watch = 0;
    int rc;

    world_others(world, "copy");
    touch_device(device);
    if ( oracle )
        watch = oracle_dma_begin(oracle, &dma);
    if ( request->write )
        world->copy = (struct world_copy) { data, request->iova, size };
    world_step(device->owner, WORLD_DM_CALL);
    rc = world->ops->copy(world->dut, &device->owner->viommu, &t, data, size);
    world->copy.data = NULL;
    touch_device(device);
    copy_ended(world, device, watch, &t, rc);
    *gpa = t.gpa;
    world_settle(world);
    return rc;
}

/* ---- messages ---- */

bool world_dm_receive(struct world_domain *wd, unsigned int dm)
{
    struct machine_dm_message mail;

    world_others(wd->world, "receive");
    if ( !machine_dm_receive(wd->domain, dm, &mail) )
        return false;
    world_step(wd, WORLD_DM_MESSAGE);
    return dm_take(&wd->dm[dm],
                   &(struct dm_message) { .invalidate = mail.invalidate,
                                          .source = mail.source,
                                          .sequence = mail.sequence,
                                          .first = mail.first,
                                          .last = mail.last });
}

bool world_is_model_of(const struct world_device *device,
                       const struct world_domain *wd, unsigned int dm)
{
    return device->owner == wd && device->is_virtual && device->vdev.dm == dm;
}

/* Does @slot hold what a message to a device model is to end? */
static bool concerned(const struct world_device *device, unsigned int slot,
                      const struct world_domain *wd, unsigned int dm,
                      const struct dm_message *message)
{
    return world_is_model_of(device, wd, dm) &&
           vdev_concerns(&device->vdev, device->source,
                         &device->vdev.slot[slot], message);
}

void world_dm_end(struct world_domain *wd, unsigned int dm,
                  const struct dm_message *message)
{
    struct world *world = wd->world;

    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        for ( unsigned int n = 0; n < VDEV_SLOTS; n++ )
            if ( concerned(&world->device[i], n, wd, dm, message) )
                world_vdev_drop(world, i, n);
}

static int answer(struct world_domain *wd, unsigned int dm, uint64_t sequence)
{
    struct world *world = wd->world;
    int rc;

    world_others(world, "answer");
    world_touch_ledger(wd, true);
    if ( wd->oracle )
        oracle_dm_answers(wd->oracle, dm, sequence);
    world_step(wd, WORLD_DM_CALL);
    rc = world->ops->drain_completed(world->dut, &wd->viommu, dm, sequence);
    world_touch_ledger(wd, true);
    if ( wd->oracle )
        oracle_dm_answered(wd->oracle, dm, sequence, !rc);
    return rc;
}

int world_dm_answer(struct world_domain *wd, unsigned int dm,
                    uint64_t sequence)
{
    struct world *world = wd->world;
    struct dm *model = &wd->dm[dm];
    int rc = answer(wd, dm, sequence);

    for ( unsigned int i = 0; !rc && i < model->count; i++ )
        if ( model->received[i].sequence == sequence )
        {
            dm_answered(model, i);
            break;
        }
    world_settle(world);
    return rc;
}

/* Those that answer by themselves.  False: none had anything to answer. */
bool world_dms_answer(struct world *world)
{
    bool any = false;

    for ( unsigned int i = 0; i < world->domains; i++ )
        for ( unsigned int dm = 0; dm < MACHINE_MAX_DMS; dm++ )
        {
            struct world_domain *wd = &world->domain[i];
            struct dm *model = &wd->dm[dm];
            const struct dm_message *message = model->received;

            if ( !model->answers || !wd->domain || !world_dm_receive(wd, dm) )
                continue;
            world_dm_end(wd, dm, message);
            any |= !answer(wd, dm, message->sequence);
            dm_answered(model, 0);
        }
    return any;
}

int world_dm_disconnect(struct world_domain *wd, unsigned int dm)
{
    struct world *world = wd->world;
    int rc = world->ops->dm_disconnect(world->dut, wd->index, dm);

    world_settle(world);
    return rc;
}

void world_dm_connect(struct world_domain *wd, unsigned int dm)
{
    const struct program_machine *m = &wd->world->program->machine;

    if ( machine_dm_connected(wd->domain, dm) )
        return;
    machine_dm_connect(wd->domain, dm);
    wd->dm[dm].count = 0;
    /* It is new, and has nothing in its hands. */
    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( world_is_model_of(&wd->world->device[i], wd, dm) )
            for ( unsigned int n = 0; n < VDEV_SLOTS; n++ )
                world_vdev_drop(wd->world, i, n);
    if ( wd->oracle )
        oracle_dm_back(wd->oracle, dm);
}
