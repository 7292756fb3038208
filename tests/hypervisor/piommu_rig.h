/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of all physical drivers share: a driver on a fake host. */
#ifndef PIOMMU_RIG_H
#define PIOMMU_RIG_H

#include "fake_host.h"

#include <piommu.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

struct rig {
    struct host *host;
    uint32_t sid; /* of the device */
    struct piommu *piommu;
    struct piommu_space *blocked;
    struct piommu_fault fault[64];
    unsigned int faults;
    bool nested_interrupt;    /* another one, once, while one is reported */
    bool nobody;              /* takes what is reported */
    struct fake_smmuv3 *unit; /* SMMUv3 */
    bool *silent;             /* the unit completes nothing */
    void (*answer)(struct rig *rig); /* it does what it has not done */
};

/* @host is the rig's; silent and answer are still to be set. */
void rig_start_on(struct rig *r, struct host *host, uint32_t sid);
/* Checks that the driver gives all back. */
void rig_stop(struct rig *r);

struct piommu_space *rig_space(struct rig *r, enum piommu_space_kind kind,
                               unsigned int levels);
int rig_attach(struct rig *r, uint32_t sid, struct piommu_space *s);
/* Of the device alone. */
void rig_drop(struct rig *r, struct piommu_space *s);
/* A mapped space with the device. */
struct piommu_space *rig_mapped(struct rig *r);

/* So many flushes get into the queue of a unit that completes none. */
void rig_check_full_queue(struct rig *r, unsigned int flushes);
/* Who must wait for room waits only so long, and nothing is dropped. */
void rig_check_no_room(struct rig *r);
/* It is given up, with all that it may still use. */
void rig_check_silence(struct rig *r);

#endif /* PIOMMU_RIG_H */
