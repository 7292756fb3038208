/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many cases on several processes, each with a QEMU of its own. */
#ifndef HARNESS_QEMU_SHARD_H
#define HARNESS_QEMU_SHARD_H

#include <qemu/diff.h>

#define DIFF_MAX_FINDINGS 32
#define DIFF_MAX_JOBS     64

struct diff_job {
    const struct diff_arch *arch;
    const char *program;  /* QEMU */
    const char *version;  /* of it */
    uint64_t cases, seed; /* the seeds of the cases are seed, seed + 1 ... */
    const struct program_list *files; /* in place of drawn ones; or NULL */
    bool strict;                      /* no deviation is excused */
    bool stop;                        /* at the first disagreement */
    bool alone;                       /* our own oracle has no say */
    unsigned int jobs;
    unsigned int endless; /* a program that runs so long never ends: seconds;
                           * 0: what is usual */
    const char *findings_dir;
    /* Called now and then; the number of cases that have ended, and of those
     * that did not agree. */
    void (*progress)(void *context, uint64_t done, uint64_t failed);
    void *context;
};

struct diff_finding {
    uint64_t seed;
    struct diff_result result;
};

struct diff_outcome {
    struct diff_figures figures;
    struct program_machine machine; /* that the cases were drawn for */
    struct diff_finding finding[DIFF_MAX_FINDINGS]; /* the first of them */
    unsigned int findings;
    char why[300]; /* it could not be run; empty: it was */
};

void diff_run(const struct diff_job *job, struct diff_outcome *outcome);

#endif /* HARNESS_QEMU_SHARD_H */
