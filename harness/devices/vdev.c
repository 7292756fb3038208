/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device model has in its hands, and what a message ends of it. */
#include <devices/vdev.h>

#include <string.h>

bool vdev_concerns(const struct vdev *vdev, uint32_t source,
                   const struct vdev_translation *translation,
                   const struct dm_message *message)
{
    uint64_t first = translation->request.iova & ~translation->mask;
    uint64_t last = translation->request.iova | translation->mask;

    if ( !translation->used ||
         translation->request.ats != message->invalidate )
        return false;
    if ( message->invalidate ? source != message->source : !vdev->drains )
        return false;
    return first <= message->last && last >= message->first;
}

bool dm_take(struct dm *dm, const struct dm_message *message)
{
    if ( dm->count == DM_RECEIVED )
        return false;
    dm->received[dm->count++] = *message;
    return true;
}

void dm_answered(struct dm *dm, unsigned int nth)
{
    dm->last = dm->received[nth].sequence;
    dm->count--;
    memmove(dm->received + nth, dm->received + nth + 1,
            (dm->count - nth) * sizeof(dm->received[0]));
}
