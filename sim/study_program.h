/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sim/: programs that a study runs, and what is measured in them.
 */
#ifndef SIM_STUDY_PROGRAM_H
#define SIM_STUDY_PROGRAM_H

#include <scenario/program.h>

/* How the device model of a virtual device keeps from stale translations. */
enum study_protocol {
    STUDY_NAIVE,
    STUDY_COPY,
    STUDY_ATS,
    STUDY_DRAIN,
    STUDY_PROTOCOLS
};
extern const char *const study_protocol_names[STUDY_PROTOCOLS];

/*
 * Rounds: @batch pages are mapped, used, unmapped, and what is cached of them
 * is invalidated - page by page, or with all of its domain.
 */
struct study_shape {
    bool smmuv3;
    enum through through;
    unsigned int rounds, batch; /* batch: a power of two up to 64 */
    bool whole;                 /* the domain, the ASID */
    bool drain;                 /* DR and DW (VT-d) */
    /* Instead of DMA a device model's accesses; through the stack, VT-d. */
    bool emulated;
    enum study_protocol protocol;
};

#define STUDY_MAX_ROUNDS 64u
#define STUDY_LOAD_PAGES 32u /* that stay mapped all the time */

/* Operations of the program that belong together. */
struct study_span {
    size_t first, end;
};

struct study_program {
    struct program *program;
    struct study_span io[STUDY_MAX_ROUNDS], flush[STUDY_MAX_ROUNDS];
    unsigned int rounds;
};

/* Never fails but for a mistake in here: then NULL and @error. */
bool study_program_make(struct study_program *made,
                        const struct study_shape *shape, char *error,
                        size_t size);

#endif /* SIM_STUDY_PROGRAM_H */
