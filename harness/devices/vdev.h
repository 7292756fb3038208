/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices: devices that a device model emulates.
 *
 * Their DMA takes steps that others may come between: the device model asks
 * for a translation, has it in its hands, accesses memory by it, drops it.
 * When it is told of an invalidation it ends what that concerns, and answers.
 * What it does when is the program's, or the explorer's; here is what it has.
 */
#ifndef HARNESS_DEVICES_VDEV_H
#define HARNESS_DEVICES_VDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDEV_SLOTS  4  /* translations in its hands at a time */
#define DM_RECEIVED 32 /* messages that it has taken and not answered */

/* What a device asks for. */
struct vdev_request {
    uint64_t iova;
    uint32_t pasid; /* or UINT32_MAX */
    bool read, write, privileged, execute;
    bool ats; /* a translation request */
};

/* A translation in the hands of a device model. */
struct vdev_translation {
    bool used;
    struct vdev_request request; /* ats: it is in the device-TLB */
    uint64_t gpa, mask;
    unsigned int rights; /* 1 read, 2 write */
    unsigned int watch;  /* number that the watching oracle has for it */
};

struct vdev {
    unsigned int dm; /* which device model has it */
    bool drains;     /* it is told of IOTLB invalidations */
    bool ats;        /* it has a device-TLB */
    struct vdev_translation slot[VDEV_SLOTS];
};

/* What a device model was told. */
struct dm_message {
    bool invalidate; /* the device-TLB of @source */
    uint32_t source;
    uint64_t sequence, first, last;
};

struct dm {
    bool answers; /* as soon as it is told, having ended what it had */
    unsigned int count;
    struct dm_message received[DM_RECEIVED]; /* oldest first */
    uint64_t last; /* sequence number that it answered last, or 0 */
};

/* Is this translation among what @message ends?  @source: of @vdev. */
bool vdev_concerns(const struct vdev *vdev, uint32_t source,
                   const struct vdev_translation *translation,
                   const struct dm_message *message);

/* It has been taken; false: too many are not answered. */
bool dm_take(struct dm *dm, const struct dm_message *message);
/* The @nth is answered. */
void dm_answered(struct dm *dm, unsigned int nth);

#endif /* HARNESS_DEVICES_VDEV_H */
