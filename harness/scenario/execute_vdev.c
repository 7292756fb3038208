/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What device models do. */

#include <scenario/execute.h>

#include <public/viommu.h>

#include <string.h>

/* ---- devices ---- */

/* NULL: the program is at fault. */
static struct world_device *vdevice_of(struct execution *e,
                                       const struct operation *op)
{
    struct world_device *device = &e->world->device[op_arg(op, 0)];

    if ( device->is_virtual && !device->owner->destroyed )
        return device;
    world_refuse(e->world, device->is_virtual ?
                               "the device's domain has been destroyed" :
                               "it is no virtual device ('vdevice')");
    return NULL;
}

static bool slot_exists(struct execution *e, uint64_t slot)
{
    if ( slot >= VDEV_SLOTS )
        world_refuse(e->world, "slots are 0 to %d", VDEV_SLOTS - 1);
    return slot < VDEV_SLOTS;
}

static struct vdev_request request_of(uint64_t access, uint64_t iova)
{
    return (struct vdev_request) { .iova = iova,
                                   .pasid = UINT32_MAX,
                                   .read = access != REQUEST_WRITE,
                                   .write = access != REQUEST_READ };
}

/* What the guest's tables say. */
static unsigned int reason_of(const struct world_device *device,
                              const struct vdev_request *request)
{
    const struct oracle_dma dma = {
        .source = device->source,
        .pasid = request->pasid,
        .iova = request->iova,
        .size = 1,
        .read = request->read,
        .write = request->write,
        .type = request->ats ? REQUEST_TRANSLATION : REQUEST_UNTRANSLATED,
        .privileged = request->privileged,
        .execute = request->execute,
    };
    struct oracle_walk walk;

    oracle_walk(device->owner->oracle, &dma, &walk);
    return walk.ok ? 0 : walk.reason;
}

/* True: it was blocked, as the program said, or it was not to be. */
static bool blocked_as_said(struct execution *e,
                            const struct world_device *device,
                            const struct vdev_request *request, int rc,
                            uint64_t fault)
{
    unsigned int reason;

    /* Beside others it may be, unless something is said. */
    if ( !fault && e->world->interleave )
        return true;
    if ( !fault )
        return rc != -XEN_EFAULT;
    if ( rc != -XEN_EFAULT )
        return false;
    reason = device->owner->oracle ? reason_of(device, request) : 0;
    if ( reason && reason != fault )
        world_expect(e->world, "P4", "the reason is %#x, expected %#llx",
                     reason, (unsigned long long)fault);
    return true;
}

static bool answered_as_said(struct execution *e, const char *what, int rc,
                             uint64_t error)
{
    if ( rc == -XEN_EFAULT || -rc == (int)error )
        return true;
    world_expect(e->world, "P7", "%s answered %d, expected %d", what, rc,
                 -(int)error);
    return false;
}

void execute_translate(struct execution *e, const struct operation *op)
{
    struct world_device *device = vdevice_of(e, op);
    struct vdev_request request = request_of(op_arg(op, 1), op_arg(op, 2));
    uint64_t slot = op_arg(op, 3), to = op_arg(op, 10);
    const struct vdev_translation *t;
    int rc;

    if ( !device || !slot_exists(e, slot) )
        return;
    request.privileged = op_arg(op, 5);
    request.execute = op_arg(op, 6);
    request.ats = op_arg(op, 7);
    request.pasid = (uint32_t)op_arg(op, 11);
    rc = world_vdev_translate(e->world, (unsigned int)op_arg(op, 0),
                              (unsigned int)slot, &request);
    t = &device->vdev.slot[slot];
    if ( !answered_as_said(e, "translate", rc, op_arg(op, 12)) )
        return;
    if ( !blocked_as_said(e, device, &request, rc, op_arg(op, 4)) )
        world_expect(e->world, "P4", "the translation %s",
                     rc ? "was blocked" : "was given");
    if ( rc )
        return;
    if ( !t->used != op_arg(op, 8) && !e->world->interleave )
        world_expect(e->world, "P2", "the rights %s",
                     t->used ? "suffice" : "do not suffice");
    if ( to != UINT64_MAX && t->gpa != to )
        world_expect(e->world, "P2", "it leads to %#llx, expected %#llx",
                     (unsigned long long)t->gpa, (unsigned long long)to);
    if ( op_arg(op, 9) != 4 && t->rights != op_arg(op, 9) )
        world_expect(e->world, "P2", "the rights are %u, expected %u",
                     t->rights, (unsigned int)op_arg(op, 9));
}

/* ---- accesses ---- */

#define ACCESS_MAX 64u

static bool access_possible(struct execution *e,
                            const struct vdev_translation *t, uint64_t offset,
                            uint64_t size, bool write)
{
    const char *why = NULL;

    /* It was blocked: then there is nothing to be done. */
    if ( !t->used && e->world->interleave )
        return false;
    if ( !t->used )
        why = "there is no translation in that slot";
    else if ( !size || size > ACCESS_MAX ||
              (t->request.iova & t->mask) + offset + size - 1 > t->mask )
        why = "an access has 1 to 64 bytes, inside the page";
    else if ( !(t->rights & (write ? 2 : 1)) )
        why = "the translation does not give that right";
    if ( why )
        world_refuse(e->world, "%s", why);
    return !why;
}

static void put_value(uint8_t *data, uint64_t value)
{
    memcpy(data, &value, sizeof(value));
}

/* Of what was read. */
static void expect_value(struct execution *e, const uint8_t *data,
                         uint64_t size, uint64_t value)
{
    uint64_t read = 0;

    memcpy(&read, data, size < 8 ? size : 8);
    if ( value != UINT64_MAX && read != value )
        world_expect(e->world, "P2", "it read %#llx, expected %#llx",
                     (unsigned long long)read, (unsigned long long)value);
}

void execute_access(struct execution *e, const struct operation *op)
{
    struct world_device *device = vdevice_of(e, op);
    uint64_t slot = op_arg(op, 2), to = op_arg(op, 8);
    uint8_t data[ACCESS_MAX] = { 1 };
    const struct vdev_access access = { .write = op_arg(op, 1) != REQUEST_READ,
                                        .offset = op_arg(op, 6),
                                        .data = data,
                                        .size = (unsigned int)op_arg(op, 5) };
    const struct vdev_translation *t;
    bool reached;

    if ( !device || !slot_exists(e, slot) )
        return;
    t = &device->vdev.slot[slot];
    if ( !access_possible(e, t, access.offset, access.size, access.write) )
        return;
    if ( access.write && op_arg(op, 7) != UINT64_MAX )
        put_value(data, op_arg(op, 7));
    e->result->dma++;
    reached = world_vdev_access(e->world, (unsigned int)op_arg(op, 0),
                                (unsigned int)slot, &access);
    if ( reached == op_arg(op, 3) && !op_arg(op, 4) )
        world_expect(e->world, "P1", "the access %s memory",
                     reached ? "reached" : "did not reach");
    if ( reached && !access.write )
        expect_value(e, data, access.size, op_arg(op, 7));
    if ( to != UINT64_MAX && t->gpa + access.offset != to )
        world_expect(e->world, "P2", "it was to %#llx, expected %#llx",
                     (unsigned long long)(t->gpa + access.offset),
                     (unsigned long long)to);
}

void execute_copy(struct execution *e, const struct operation *op)
{
    struct world_device *device = vdevice_of(e, op);
    struct vdev_request request = request_of(op_arg(op, 1), op_arg(op, 2));
    uint64_t size = op_arg(op, 7), to = op_arg(op, 9), gpa = 0;
    uint8_t data[DMA_MAX_SIZE] = { 1 };
    int rc;

    if ( !device )
        return;
    if ( !size || size > sizeof(data) )
    {
        world_refuse(e->world, "a copy has 1 to %zu bytes", sizeof(data));
        return;
    }
    request.privileged = op_arg(op, 4);
    request.execute = op_arg(op, 5);
    if ( request.write && op_arg(op, 10) != UINT64_MAX )
        put_value(data, op_arg(op, 10));
    e->result->dma++;
    rc = world_vdev_copy(e->world, (unsigned int)op_arg(op, 0), &request, data,
                         (unsigned int)size, &gpa);
    if ( !answered_as_said(e, "copy", rc, op_arg(op, 8)) )
        return;
    if ( op_arg(op, 6) ?
             rc != -XEN_EFAULT :
             !blocked_as_said(e, device, &request, rc, op_arg(op, 3)) )
        world_expect(e->world, "P4", "the copy %s",
                     rc ? "was blocked" : "was made");
    if ( rc )
        return;
    if ( !request.write )
        expect_value(e, data, size, op_arg(op, 10));
    if ( to != UINT64_MAX && gpa != to )
        world_expect(e->world, "P2", "it was to %#llx, expected %#llx",
                     (unsigned long long)gpa, (unsigned long long)to);
}

void execute_drop(struct execution *e, const struct operation *op)
{
    if ( vdevice_of(e, op) && slot_exists(e, op_arg(op, 1)) )
        world_vdev_drop(e->world, (unsigned int)op_arg(op, 0),
                        (unsigned int)op_arg(op, 1));
}

/* ---- messages ---- */

static bool model_exists(struct execution *e, uint64_t dm)
{
    if ( dm >= MACHINE_MAX_DMS )
        world_refuse(e->world, "device models are 0 to %d",
                     MACHINE_MAX_DMS - 1);
    return dm < MACHINE_MAX_DMS;
}

#define ANY_KIND 15

static void expect_message(struct execution *e, const struct operation *op,
                           const struct dm_message *m)
{
    uint64_t kind = op_arg(op, 1), first = op_arg(op, 3), last = op_arg(op, 4);

    if ( kind != ANY_KIND && m->invalidate != kind )
        world_expect(e->world, "P5", "the message is to %s",
                     m->invalidate ? "invalidate" : "drain");
    /* Left out: first=1 last=0. */
    if ( first <= last && (m->first != first || m->last != last) )
        world_expect(e->world, "P5", "the message is about %#llx to %#llx",
                     (unsigned long long)m->first,
                     (unsigned long long)m->last);
}

void execute_receive(struct execution *e, const struct operation *op)
{
    unsigned int dm = (unsigned int)op_arg(op, 0);
    const struct dm *model;
    bool received;

    if ( !model_exists(e, dm) )
        return;
    model = &e->wd->dm[dm];
    if ( model->count == DM_RECEIVED )
    {
        world_refuse(e->world, "it has %d messages to answer", DM_RECEIVED);
        return;
    }
    world_look(e->world);
    do
        received = world_dm_receive(e->wd, dm);
    while ( !received && !op_arg(op, 2) && world_idle(e->world) );
    if ( received == op_arg(op, 2) )
        world_expect(e->world, "P5", "device model %u %s", dm,
                     received ? "was told something" : "was told nothing");
    if ( received )
        expect_message(e, op, &model->received[model->count - 1]);
}

void execute_messages(struct execution *e, const struct operation *op)
{
    unsigned int dm = (unsigned int)op_arg(op, 0), count;

    if ( !model_exists(e, dm) )
        return;
    count = machine_dm_messages(e->wd->domain, dm);
    if ( count != op_arg(op, 1) )
        world_expect(e->world, "P5", "%u messages wait, expected %llu", count,
                     (unsigned long long)op_arg(op, 1));
}

/* The message to be answered; NULL: there is none. */
static const struct dm_message *message_of(struct execution *e,
                                           const struct operation *op)
{
    uint64_t nth = op_arg(op, 1), of = op_arg(op, 2);
    unsigned int dm = (unsigned int)(of == 255 ? op_arg(op, 0) : of);
    const struct dm *model;

    if ( !model_exists(e, dm) )
        return NULL;
    model = &e->wd->dm[dm];
    world_look(e->world);
    while ( nth >= model->count &&
            (world_dm_receive(e->wd, dm) || world_idle(e->world)) )
        ;
    if ( nth < model->count )
        return &model->received[nth];
    world_refuse(e->world, "device model %u has no such message", dm);
    return NULL;
}

void execute_answer(struct execution *e, const struct operation *op)
{
    unsigned int dm = (unsigned int)op_arg(op, 0);
    uint64_t sequence = op_arg(op, 5);
    const struct dm_message *message;

    if ( !model_exists(e, dm) )
        return;
    if ( op_arg(op, 4) )
        sequence = e->wd->dm[dm].last;
    else if ( !sequence )
    {
        message = message_of(e, op);
        if ( !message )
            return;
        sequence = message->sequence;
        if ( !op_arg(op, 3) )
            world_dm_end(e->wd, dm, message);
    }
    execute_error(e, op, world_dm_answer(e->wd, dm, sequence));
}

void execute_hold(struct execution *e, const struct operation *op)
{
    if ( model_exists(e, op_arg(op, 0)) )
        e->wd->dm[op_arg(op, 0)].answers = op_arg(op, 1);
    world_settle(e->world);
}

void execute_connect(struct execution *e, const struct operation *op)
{
    if ( model_exists(e, op_arg(op, 0)) )
        world_dm_connect(e->wd, (unsigned int)op_arg(op, 0));
}

void execute_disconnect(struct execution *e, const struct operation *op)
{
    if ( model_exists(e, op_arg(op, 0)) )
        execute_error(e, op,
                      world_dm_disconnect(e->wd, (unsigned int)op_arg(op, 0)));
}
