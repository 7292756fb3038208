/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What arch_smmuv3.c and tame_smmuv3.c share. */
#ifndef FUZZ_ARCH_SMMUV3_H
#define FUZZ_ARCH_SMMUV3_H

#include <fuzz/input.h>

#include <scenario/smmuv3/smmuv3.h>

#define MAP_TARGET       2 /* fields of SMMUV3_OP_MAP and _ENTRY */
#define ENTRY_VALUE      3
#define HAS_ATS(machine) ((machine)->id[SMMUV3_ID_IDR0] >> 10 & 1)

/* fuzz_arch.tame of SMMUv3. */
void fuzz_tame_smmuv3(const struct program *program, size_t before,
                      struct operation *op);

#endif /* FUZZ_ARCH_SMMUV3_H */
