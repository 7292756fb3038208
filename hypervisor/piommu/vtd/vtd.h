/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the driver of the physical VT-d units. */
#ifndef PIOMMU_VTD_VTD_H
#define PIOMMU_VTD_VTD_H

#include <piommu/private.h>
#include <piommu/vtd/layout.h>

#define QUEUE_ENTRIES 256u /* IQA.QS = 0: one page */

struct vtd_unit {
    struct piommu_unit common; /* first */
    uint64_t cap, ecap;
    mfn_t root;
    mfn_t context[256]; /* by bus; INVALID_MFN: none yet */

    mfn_t queue, status; /* the status page holds one word, at 0 */
    unsigned int tail;   /* entry that the next descriptor goes to */
    uint64_t submitted;  /* sequence number of the last wait descriptor */
    uint64_t completed;  /* of the last one that is known to be done */
    unsigned int polls;  /* without progress */
    unsigned int retried_head; /* of the last IQE; QUEUE_ENTRIES: none */

    bool faults_wait;          /* FSTS.PPF, when it was last looked at */
    unsigned int fault_oldest; /* index of a record */
};

static inline struct vtd_unit *vtd_unit(struct piommu_unit *unit)
{
    return container_of(unit, struct vtd_unit, common);
}

/* unit.c */
int vtd_unit_create(struct piommu *piommu, unsigned int index);
void vtd_unit_destroy(struct piommu_unit *unit);
void vtd_unit_writeback(const struct vtd_unit *unit, mfn_t mfn,
                        unsigned int offset, unsigned int len);
bool vtd_unit_has_levels(const struct vtd_unit *unit, unsigned int levels);

/* queue.c: all with the lock held.  Submit adds the wait descriptor. */
int vtd_queue_room(struct piommu_unit *unit, unsigned int descriptors);
int vtd_queue_submit(struct piommu_unit *unit,
                     const struct piommu_command *descriptor,
                     unsigned int count, uint64_t *sequence);
int vtd_queue_poll(struct piommu_unit *unit, uint64_t sequence);
struct piommu_command vtd_iotlb_descriptor(const struct vtd_unit *unit,
                                           unsigned int granularity,
                                           uint16_t did);

/* fault.c */
bool vtd_fault_first(struct piommu_unit *unit, uint32_t *source_id);
bool vtd_fault_take(struct piommu_unit *unit,
                    const struct piommu_sources *sources,
                    struct piommu_fault *fault);

/* tables.c */
uint64_t vtd_encode(unsigned int level, const struct piommu_entry *entry);
void vtd_decode(unsigned int level, uint64_t value,
                struct piommu_entry *entry);

/* space.c */
int vtd_space_complete(struct piommu_space *space);
int vtd_prepare(struct piommu_unit *unit, uint32_t source_id);
int vtd_change(struct piommu_unit *unit, uint32_t source_id,
               const struct piommu_space *old,
               const struct piommu_space *space);

#endif /* PIOMMU_VTD_VTD_H */
