/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the driver of the physical SMMUv3 units. */
#ifndef PIOMMU_SMMUV3_SMMUV3_H
#define PIOMMU_SMMUV3_SMMUV3_H

#include <piommu/private.h>
#include <piommu/smmuv3/layout.h>

/*
 * Of a two-level stream table: STEs by one L1STD (the devices of a PCI bus),
 * and how much of the StreamIDs it covers at most (512 KiB of L1STDs).
 */
#define STRTAB_SPLIT    8u
#define STRTAB_L2_ORDER 2u /* pages, as a power of two */
#define STRTAB_MAX_BITS 24u
/* A linear table of this size is 4 MiB. */
#define STRTAB_LINEAR_BITS 16u

/* One page each, less where the unit can't do that much. */
#define CMDQ_LOG2SIZE   8u
#define EVENTQ_LOG2SIZE 7u
#define CMDQ_LEAST      4u /* log2: a flush and its SYNC */

/* A queue: entries are counted from the start, for ever. */
struct smmuv3_cmdq {
    mfn_t mfn;
    unsigned int log2size;
    uint64_t produced;
    uint64_t consumed;  /* as last seen */
    uint64_t bad;       /* consumed + 1 at the last error; 0: none */
    unsigned int polls; /* without progress */
};

struct smmuv3_unit {
    struct piommu_unit common; /* first */
    uint32_t idr[6];
    bool taken; /* its registers are ours */

    mfn_t strtab; /* linear, or the L1STDs */
    unsigned int strtab_order, sid_bits;
    bool two_level;

    struct smmuv3_cmdq cmdq;
    mfn_t eventq;
    unsigned int eventq_log2size;
    uint32_t event_cons; /* as written to EVENTQ_CONS */
};

struct smmuv3_ste {
    uint64_t word[SMMU_STE_WORDS];
};

static inline struct smmuv3_unit *smmuv3_unit(struct piommu_unit *unit)
{
    return container_of(unit, struct smmuv3_unit, common);
}

/* The VMID under which hardware caches what @space translates; 0: none. */
static inline uint16_t smmuv3_vmid(const struct piommu_space *space)
{
    return space->nest ? space->nest->tag : space->tag;
}

/* unit.c */
int smmuv3_unit_create(struct piommu *piommu, unsigned int index);
void smmuv3_unit_destroy(struct piommu_unit *unit);
void smmuv3_writeback(const struct smmuv3_unit *unit, mfn_t mfn,
                      unsigned int offset, unsigned int len);

/* stream_table.c */
int smmuv3_strtab_alloc(struct smmuv3_unit *unit);
void smmuv3_strtab_free(struct smmuv3_unit *unit);
void smmuv3_strtab_program(const struct smmuv3_unit *unit);
int smmuv3_prepare(struct piommu_unit *unit, uint32_t sid);
/* Where the STE of @sid is, which smmuv3_prepare() has made. */
mfn_t smmuv3_ste_at(const struct smmuv3_unit *unit, uint32_t sid,
                    unsigned int *offset);

/* ste.c */
int smmuv3_change(struct piommu_unit *unit, uint32_t sid,
                  const struct piommu_space *old,
                  const struct piommu_space *space);

/* queue.c: all with the lock held.  Submit adds the CMD_SYNC. */
int smmuv3_queue_room(struct piommu_unit *unit, unsigned int commands);
int smmuv3_queue_submit(struct piommu_unit *unit,
                        const struct piommu_command *command,
                        unsigned int count, uint64_t *sequence);
int smmuv3_queue_poll(struct piommu_unit *unit, uint64_t sequence);
int smmuv3_queue_error(struct smmuv3_unit *unit);
void smmuv3_gerror_acknowledge(const struct smmuv3_unit *unit, uint32_t bits);

/* flush.c */
unsigned int smmuv3_plan_flush(struct piommu_unit *unit,
                               const struct piommu_flush *flush,
                               struct piommu_command *command);
unsigned int smmuv3_plan_nest(struct piommu_unit *unit,
                              const struct piommu_nest *nest,
                              struct piommu_command *command);

/* nest.c */
void smmuv3_nest_stage1(const struct smmuv3_unit *unit,
                        const struct piommu_space *space,
                        struct smmuv3_ste *ste);
int smmuv3_invalidate_check(const struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate);
unsigned int smmuv3_plan_invalidate(
    struct piommu_unit *unit, const struct piommu_cache_invalidate *invalidate,
    struct piommu_command *command);

/* event.c */
void smmuv3_interrupt(struct piommu_unit *unit);
bool smmuv3_event_first(struct piommu_unit *unit, uint32_t *source_id);
bool smmuv3_event_take(struct piommu_unit *unit,
                       const struct piommu_sources *sources,
                       struct piommu_fault *fault);
uint64_t smmuv3_event_count(struct piommu_unit *unit);

/* tables.c */
uint64_t smmuv3_encode(unsigned int level, const struct piommu_entry *entry);
void smmuv3_decode(unsigned int level, uint64_t value,
                   struct piommu_entry *entry);
void smmuv3_stage2(const struct smmuv3_unit *unit,
                   const struct piommu_space *tables, uint16_t vmid,
                   struct smmuv3_ste *ste);
unsigned int smmuv3_output_bits(uint32_t idr5);

#endif /* PIOMMU_SMMUV3_SMMUV3_H */
