/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzz targets: one table (targets.c). */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <fuzz/input.h>

enum target_kind {
    TARGET_PROGRAM,     /* inputs are programs; the properties judge */
    TARGET_EQUIVALENCE, /* likewise; the physical unit alone, with all its
                         * caches and with none, must give the same */
    TARGET_TEXT,        /* inputs are scenario text or a binary program */
    TARGET_TRACE,       /* inputs are recorded sessions */
};

/* Operations happen inside others: at calls of host.h, also at accesses of the
 * physical units to memory. */
enum target_inside { INSIDE_NOT, INSIDE_CALLS, INSIDE_ACCESSES };

struct fuzz_target {
    const char *name;
    const char *help;
    enum target_kind kind;
    const struct fuzz_arch *arch;
    uint32_t through; /* mask of 1 << enum through */
    /* Keywords that three of four operations come from, blanks between. */
    const char *focus;
    enum target_inside inside;
    /* A machine (fuzz_arch.change) that all inputs have; 0: none. */
    unsigned int always;
    /* Keywords that one of 64 operations comes from; NULL: none. */
    const char *rare;
};

extern const struct fuzz_target fuzz_targets[]; /* ended by a NULL name */
const struct fuzz_target *fuzz_target_by_name(const char *name);

#endif /* FUZZ_TARGET_H */
