/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 in differential runs: what the files of this directory share. */
#ifndef HARNESS_QEMU_SMMUV3_SMMUV3_H
#define HARNESS_QEMU_SMMUV3_SMMUV3_H

#include <qemu/diff.h>
#include <scenario/smmuv3/smmuv3.h>

extern const struct deviation smmuv3_deviations[]; /* ended by a NULL id */

/* Places in the table of registers. */
enum smmuv3_register {
    REG_CR0,
    REG_STRTAB_BASE = 6,
    REG_EVENTQ_BASE = 11,
    REG_EVENTQ_PROD,
    REG_EVENTQ_CONS,
    REG_EVENT, /* 4 words of the newest record */
};

/* IDR0 (6.3.1) */
#define SMMUV3_IDR0_S2P    UINT32_C(1)
#define SMMUV3_IDR0_VMID16 (UINT32_C(1) << 18)

/* STE.Config (5.2): the smallest with stage 2, and both stages. */
#define SMMUV3_CONFIG_STAGE_2 6
#define SMMUV3_CONFIG_NESTED  7

/* The first version whose events have a CLASS. */
#define VERSION_WITH_CLASS "8.0"

void smmuv3_generate(const struct diff_target *target, struct rng *rng,
                     struct program *program);

#endif /* HARNESS_QEMU_SMMUV3_SMMUV3_H */
