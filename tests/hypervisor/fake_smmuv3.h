/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A register-level SMMUv3 without any cache for the tests of its driver: it
 * acknowledges registers, consumes and records commands, takes events that a
 * test makes up, and walks stream table and stage 2 for a DMA.
 */
#ifndef FAKE_SMMUV3_H
#define FAKE_SMMUV3_H

#include "fake_host.h"

#define FAKE_SMMUV3_LOG 4096u

/* What happened to the unit, in order. */
struct fake_smmuv3_trace {
    bool command;    /* else a store to a register */
    uint64_t lo, hi; /* command; register: offset, value */
};

struct fake_smmuv3 {
    struct host *host;
    uint32_t reg[0x20000 / 4];
    bool deaf;           /* *ACK and UPDATE do not follow */
    bool hold;           /* a CMD_SYNC does not complete */
    unsigned int error;  /* CERROR_* in place of the next command */
    unsigned int reject; /* this opcode is CERROR_ILL */
    struct fake_smmuv3_trace trace[FAKE_SMMUV3_LOG];
    unsigned int traced;
    void (*synced)(void *context); /* a CMD_SYNC has completed */
    void *context;
};

/* IDR0..IDR5 of a unit that can do all that the driver uses. */
extern const uint32_t fake_smmuv3_idr[6];

/* A host with one such unit, or two. */
struct host *fake_smmuv3_host(bool contiguous, const uint32_t idr[6]);
void fake_smmuv3_second(struct host *host, const uint32_t idr[6]);

void fake_smmuv3_write(struct fake_smmuv3 *smmu, unsigned int offset,
                       uint32_t value);
void fake_smmuv3_write64(struct fake_smmuv3 *smmu, unsigned int offset,
                         uint64_t value);
uint32_t fake_smmuv3_read(const struct fake_smmuv3 *smmu, unsigned int offset);

/* Complete what was held back. */
void fake_smmuv3_answer(struct fake_smmuv3 *smmu);
/* Record an event, as far as the queue takes it. */
void fake_smmuv3_event(struct fake_smmuv3 *smmu, const uint64_t event[4]);
/* Activate a global error. */
void fake_smmuv3_gerror(struct fake_smmuv3 *smmu, uint32_t bit);

/* The STE of @sid as it stands in memory; false: there is no table for it. */
bool fake_smmuv3_ste(struct fake_smmuv3 *smmu, uint32_t sid, uint64_t ste[8]);
uint64_t fake_smmuv3_ste_address(struct fake_smmuv3 *smmu, uint32_t sid);

/* Stage 2 of an STE for one access; false: it faults. */
bool fake_smmuv3_stage2(struct fake_smmuv3 *smmu, const uint64_t ste[8],
                        uint64_t ipa, bool write, uint64_t *hpa);
/* A DMA of @sid by stage 2 alone. */
bool fake_smmuv3_dma(struct fake_smmuv3 *smmu, uint32_t sid, uint64_t address,
                     bool write, uint64_t *hpa);

#endif /* FAKE_SMMUV3_H */
