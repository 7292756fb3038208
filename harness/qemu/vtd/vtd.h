/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d in differential runs: what the files of this directory share. */
#ifndef HARNESS_QEMU_VTD_VTD_H
#define HARNESS_QEMU_VTD_VTD_H

#include <qemu/diff.h>
#include <scenario/vtd/vtd.h>

/* Places in the table of registers. */
enum vtd_register {
    REG_GSTS,
    REG_RTADDR,
    REG_FSTS,
    REG_FECTL,
    REG_IQH = 7,
    REG_IQT,
    REG_IQA,
    REG_FRCD_LOW = 15,
    REG_FRCD_HIGH
};

extern const struct deviation vtd_deviations[]; /* ended by a NULL id */

void vtd_generate(const struct diff_target *target, struct rng *rng,
                  struct program *program);

#endif /* HARNESS_QEMU_VTD_VTD_H */
