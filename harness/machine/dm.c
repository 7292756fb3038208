/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device models of domains: what they are told, how they reach guest memory,
 * and that they no longer do once they have been cut off.
 */
#include <machine/state.h>

static struct device_model *model_of(const struct domain *d, unsigned int dm)
{
    return dm < MACHINE_MAX_DMS ? &d->machine->dm[d->index][dm] : NULL;
}

static void touch_model(const struct domain *d, unsigned int dm, bool write)
{
    uint64_t key = (uint64_t)d->index << 32 | dm;

    touch(d->machine, MACHINE_MESSAGES, key, key, write);
}

void machine_dm_connect(struct domain *d, unsigned int dm)
{
    struct device_model *model = model_of(d, dm);

    if ( !model )
        return;
    if ( !model->mail )
        model->mail = machine_alloc(d->machine,
                                    MACHINE_MAIL * sizeof(*model->mail), 16);
    *model = (struct device_model) { .connected = model->mail,
                                     .mail = model->mail };
}

bool machine_dm_connected(const struct domain *d, unsigned int dm)
{
    const struct device_model *model = model_of(d, dm);

    return model && model->connected;
}

unsigned int machine_dm_messages(const struct domain *d, unsigned int dm)
{
    const struct device_model *model = model_of(d, dm);

    return model ? model->messages : 0;
}

bool machine_dm_receive(struct domain *d, unsigned int dm,
                        struct machine_dm_message *message)
{
    struct device_model *model = model_of(d, dm);

    touch_model(d, dm, model && model->messages);
    if ( !model || !model->messages )
        return false;
    *message = model->mail[model->first];
    model->first = (model->first + 1) % MACHINE_MAIL;
    model->messages--;
    return true;
}

bool machine_dm_access(struct domain *d, unsigned int dm, bool write,
                       uint64_t gpa, void *buffer, size_t len)
{
    touch_model(d, dm, false);
    if ( !machine_dm_connected(d, dm) )
        return false;
    return write ? domain_write(d, WRITER_DEVICE, gpa, buffer, len) :
                   domain_read(d, gpa, buffer, len);
}

void machine_caller(struct machine *m, void *memory, size_t size)
{
    m->control.caller = memory;
    m->control.caller_size = size;
}

/* ---- host.h ---- */

int host_dm_send(struct domain *d, uint32_t dm,
                 const struct host_dm_message *message)
{
    const struct machine_observer *o = &d->machine->control.observer;
    struct device_model *model = model_of(d, dm);
    struct machine_dm_message *mail;

    host_call(d->machine, "dm_send");
    others(d->machine, "dm_send");
    touch_model(d, dm, true);
    if ( !model || !model->connected )
        return -XEN_ENODEV;
    if ( model->messages == MACHINE_MAIL )
    {
        violation(d->machine, "P7",
                  "more than %d messages wait for a device model",
                  MACHINE_MAIL);
        return -XEN_ENODEV;
    }
    mail = &model->mail[(model->first + model->messages++) % MACHINE_MAIL];
    *mail = (struct machine_dm_message) {
        .invalidate = message->kind == HOST_DM_INVALIDATE,
        .viommu_id = message->viommu_id,
        .sequence = message->sequence,
        .first = message->first,
        .last = message->last,
        .source = message->vsbdf,
        .reads = message->flags & HOST_DM_READS,
        .writes = message->flags & HOST_DM_WRITES,
    };
    if ( o->dm_message )
        o->dm_message(o->context, d, dm, mail);
    return 0;
}

int host_dm_revoke(struct domain *d, uint32_t dm)
{
    const struct machine_observer *o = &d->machine->control.observer;
    struct device_model *model = model_of(d, dm);

    host_call(d->machine, "dm_revoke");
    others(d->machine, "dm_revoke");
    touch_model(d, dm, true);
    if ( !model )
        return 0;
    if ( model->connected )
        *model = (struct device_model) { .mail = model->mail };
    if ( o->dm_revoked )
        o->dm_revoked(o->context, d, dm);
    return 0;
}

static uint8_t *caller_at(struct machine *m, uint64_t handle, size_t len)
{
    if ( handle > m->control.caller_size ||
         len > m->control.caller_size - handle )
        return NULL;
    return m->control.caller + handle;
}

int host_caller_read(struct host *host, uint64_t handle, void *buf, size_t len)
{
    const uint8_t *from = caller_at(host->machine, handle, len);

    host_call(host->machine, "caller_read");
    if ( !from )
        return -XEN_EFAULT;
    memcpy(buf, from, len);
    return 0;
}

int host_caller_write(struct host *host, uint64_t handle, const void *buf,
                      size_t len)
{
    uint8_t *to = caller_at(host->machine, handle, len);

    host_call(host->machine, "caller_write");
    if ( !to )
        return -XEN_EFAULT;
    memcpy(to, buf, len);
    return 0;
}
