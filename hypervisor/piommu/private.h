/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the drivers of the physical units.  One lock, piommu->lock, protects
 * all of it; it is taken after a vIOMMU's lock and never held when calling up.
 */
#ifndef PIOMMU_PRIVATE_H
#define PIOMMU_PRIVATE_H

#include <piommu.h>
#include <piommu/vtd/layout.h>

/* Polls without an answer after which a unit is given up (-XEN_EIO). */
#define UNIT_PATIENCE 20000u

/* More spaces than this in one flush: everything of the unit is flushed. */
#define FLUSH_SPACES 16u

#define QUEUE_ENTRIES 256u /* IQA.QS = 0: one page */

struct piommu_device_state {
    struct piommu_device_state *next;
    uint32_t source_id;
    struct piommu_space *space;
};

struct vtd_unit {
    struct piommu *piommu;
    unsigned int index;
    struct host_unit *hw;
    uint64_t cap, ecap;
    mfn_t root;
    mfn_t context[256]; /* by bus; INVALID_MFN: none yet */
    struct piommu_device_state *devices;

    mfn_t queue, status; /* the status page holds one word, at 0 */
    unsigned int tail;   /* entry that the next descriptor goes to */
    uint64_t submitted;  /* sequence number of the last wait descriptor */
    uint64_t completed;  /* of the last one that is known to be done */
    unsigned int polls;  /* without progress */
    unsigned int retried_head; /* of the last IQE; QUEUE_ENTRIES: none */
    bool failed;               /* it no longer answers */

    struct host_work fault_work; /* the rest of a flood of faults */
};

struct piommu {
    struct host *host;
    struct piommu_events events;
    struct host_lock lock;
    struct piommu_capabilities capabilities;
    unsigned int units;
    struct vtd_unit *unit[PIOMMU_MAX_UNITS];
    struct piommu_space *spaces;
    unsigned int dids; /* ids that every unit can hold */
    uint8_t *did_used; /* bit map; DID 0 is never given */
};

struct piommu_table {
    struct piommu *piommu;
    struct piommu_table *next; /* of the same p2m or mapped space */
    unsigned int level;
    mfn_t mfn;
    void *owner;
    struct piommu_table **child; /* by entry; NULL at level 1 */
};

struct piommu_space {
    struct piommu *piommu;
    struct piommu_space *next;
    enum piommu_space_kind kind;
    struct domain *domain;
    uint16_t did; /* 0: blocked, never in hardware */
    struct piommu_table *root;
    struct piommu_table *top;    /* above a 3-level root, for a unit that
                                  * has 4 levels only */
    struct piommu_table *tables; /* p2m, mapped: all that it owns */
    gfn_t populated;             /* p2m: done up to here */
    unsigned int attached[PIOMMU_MAX_UNITS];
};

struct vtd_descriptor {
    uint64_t lo, hi;
};

/* unit.c */
int vtd_unit_create(struct piommu *piommu, unsigned int index);
void vtd_unit_destroy(struct vtd_unit *unit);
void vtd_unit_writeback(const struct vtd_unit *unit, mfn_t mfn,
                        unsigned int offset, unsigned int len);

/* queue.c: all with the lock held.  Submit adds the wait descriptor. */
int vtd_queue_room(struct vtd_unit *unit, unsigned int descriptors);
int vtd_queue_submit(struct vtd_unit *unit,
                     const struct vtd_descriptor *descriptor,
                     unsigned int count, uint64_t *sequence);
int vtd_queue_poll(struct vtd_unit *unit, uint64_t sequence);
int vtd_queue_execute(struct vtd_unit *unit,
                      const struct vtd_descriptor *descriptor,
                      unsigned int count);
struct vtd_descriptor vtd_iotlb_descriptor(const struct vtd_unit *unit,
                                           unsigned int granularity,
                                           uint16_t did);

/* fault.c */
void vtd_fault_drain(struct vtd_unit *unit);
void vtd_fault_work(struct host_work *work);

/* space.c */
void vtd_space_release(struct piommu_space *space);
bool vtd_unit_has_levels(const struct vtd_unit *unit, unsigned int levels);

#endif /* PIOMMU_PRIVATE_H */
