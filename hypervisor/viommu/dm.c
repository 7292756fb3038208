/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to device models, and their answers.
 *
 * An invalidation that owes a drain is complete when every device model that
 * drains has answered, never before; nothing else waits for that.  So a device
 * model that does not answer holds off the guest's invalidation, and nobody
 * else: not the engine, not the toolstack, not the end of the domain.
 */
#include <viommu/private.h>

bool viommu_dm_room(const struct viommu *viommu)
{
    unsigned int i, free = 0;

    for ( i = 0; i < VIOMMU_DM_MESSAGES; i++ )
        free += !viommu->message[i].outstanding;
    return free >= XEN_VIOMMU_MAX_DEVICE_MODELS;
}

bool viommu_dm_waiting(const struct viommu *viommu, bool queued)
{
    unsigned int i;

    for ( i = 0; i < VIOMMU_DM_MESSAGES; i++ )
        if ( viommu->message[i].outstanding &&
             viommu->message[i].queued == queued )
            return true;
    return false;
}

/* viommu_dm_room() has seen to it that there is a slot. */
static void send(struct viommu *viommu, uint32_t dm,
                 const struct viommu_dm_order *order)
{
    struct viommu_dm_message *slot = viommu->message;
    struct host_dm_message message = order->message;

    while ( slot < viommu->message + VIOMMU_DM_MESSAGES && slot->outstanding )
        slot++;
    if ( slot == viommu->message + VIOMMU_DM_MESSAGES )
        return;
    message.viommu_id = viommu->id;
    message.sequence = ++viommu->vd->dm_sequence;
    *slot = (struct viommu_dm_message) { .outstanding = true,
                                         .queued = order->queued,
                                         .dm = dm,
                                         .sequence = message.sequence };
    /* One that is gone has nothing under way. */
    if ( host_dm_send(viommu->vd->d, dm, &message) )
        slot->outstanding = false;
}

void viommu_dm_drain(struct viommu *viommu,
                     const struct viommu_dm_order *order)
{
    const struct viommu_vpdev *vpdev, *first;

    for ( vpdev = viommu->vpdevs; vpdev; vpdev = vpdev->next )
    {
        if ( !(vpdev->flags & XEN_VIOMMU_VPDEV_drain) )
            continue;
        first = viommu->vpdevs;
        while ( first->dm != vpdev->dm ||
                !(first->flags & XEN_VIOMMU_VPDEV_drain) )
            first = first->next;
        if ( first == vpdev )
            send(viommu, vpdev->dm, order);
    }
}

/* One that is not below this unit, or has no device-TLB, has nothing there. */
void viommu_dm_invalidate(struct viommu *viommu, xen_viommu_sbdf_t vsbdf,
                          uint64_t first, uint64_t last)
{
    const struct viommu_vpdev *vpdev = viommu_vpdev_find(viommu, vsbdf);
    const struct viommu_dm_order order = {
        .message = { .kind = HOST_DM_INVALIDATE,
                     .first = first,
                     .last = last,
                     .vsbdf = vsbdf,
                     .flags = HOST_DM_READS | HOST_DM_WRITES },
        .queued = true,
    };

    if ( vpdev && (vpdev->flags & XEN_VIOMMU_VPDEV_ats) )
        send(viommu, vpdev->dm, &order);
}

/* ---- answers ------------------------------------------------------------ */

static struct viommu_dm_message *find(struct viommu *viommu, uint64_t sequence)
{
    unsigned int i;

    for ( i = 0; i < VIOMMU_DM_MESSAGES; i++ )
        if ( viommu->message[i].outstanding &&
             viommu->message[i].sequence == sequence )
            return &viommu->message[i];
    return NULL;
}

static bool is_of_another(const struct viommu *viommu, uint64_t sequence)
{
    struct viommu *other;

    for ( other = viommu->vd->viommus; other; other = other->next )
        if ( other != viommu && find(other, sequence) )
            return true;
    return false;
}

/* A drain ends what came before a message, so also what came before an older
 * one: who answers that later has lost count. */
static bool is_oldest(const struct viommu *viommu,
                      const struct viommu_dm_message *message)
{
    unsigned int i;

    for ( i = 0; i < VIOMMU_DM_MESSAGES; i++ )
        if ( viommu->message[i].outstanding &&
             viommu->message[i].dm == message->dm &&
             viommu->message[i].sequence < message->sequence )
            return false;
    return true;
}

int viommu_dm_answer(struct viommu *viommu, uint32_t dm, uint64_t sequence)
{
    struct viommu_dm_message *message = find(viommu, sequence);

    if ( !message )
        return is_of_another(viommu, sequence) ? -XEN_EPERM : -XEN_ENOENT;
    if ( message->dm != dm )
        return -XEN_EPERM;
    if ( !is_oldest(viommu, message) )
        return -XEN_EBUSY;
    message->outstanding = false;
    viommu->type->answered(viommu);
    return 0;
}

/* ---- the end of a device model ------------------------------------------ */

static void forget(struct viommu *viommu, uint32_t dm)
{
    struct viommu_vpdev *vpdev, *next;
    unsigned int i;

    for ( vpdev = viommu->vpdevs; vpdev; vpdev = next )
    {
        next = vpdev->next;
        if ( vpdev->dm == dm )
            viommu_vpdev_detach(viommu, vpdev);
    }
    for ( i = 0; i < VIOMMU_DM_MESSAGES; i++ )
        if ( viommu->message[i].dm == dm )
            viommu->message[i].outstanding = false;
    if ( !viommu->dying )
        viommu->type->answered(viommu);
}

/* First its memory, then its drains: what is complete is not undone by an
 * access that was under way. */
int viommu_dm_disconnect(struct viommu_registry *registry, struct domain *d,
                         uint32_t dm)
{
    struct viommu_domain *vd = viommu_domain_get(d);
    struct viommu *viommu;
    int rc = host_dm_revoke(d, dm);

    if ( rc || !vd )
        return rc;
    host_lock(registry->host, &vd->lock);
    for ( viommu = vd->viommus; viommu; viommu = viommu->next )
        forget(viommu, dm);
    host_unlock(registry->host, &vd->lock);
    return 0;
}
