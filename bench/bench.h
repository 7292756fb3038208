/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Benchmarks: each measures one rate over about @seconds, or counts. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>

struct bench {
    const char *name;
    const char *unit;
    /* Operations per second of CPU time, or what @unit says; negative: it
     * could not run. */
    double (*measure)(const struct bench *bench, double seconds);
    unsigned int order; /* model: page order */
    bool hit;           /* model: the working set fits the TLB */
    bool nested;        /* model: stage 1 on stage 2 */
    bool at;            /* sim: approximately timed */
    bool capped;        /* explorer: more orders than are counted */
    double aim;         /* what is asked for ; 0: nothing */
    const char *file;   /* below the scenarios' directory; or a fuzz target */
};

/* Ended by a NULL name. */
extern const struct bench bench_table[];

double bench_vtd(const struct bench *bench, double seconds);
double bench_smmuv3(const struct bench *bench, double seconds);
double bench_smmuv3_tlbi(const struct bench *bench, double seconds);
double bench_sim(const struct bench *bench, double seconds);
double bench_rtl(const struct bench *bench, double seconds);
double bench_explore(const struct bench *bench, double seconds);
double bench_explore_states(const struct bench *bench, double seconds);
double bench_explore_reduction(const struct bench *bench, double seconds);
double bench_session(const struct bench *bench, double seconds);
double bench_fuzz(const struct bench *bench, double seconds);
/* An execution in 4K misses of the VT-d model, both measured in turns. */
double bench_fuzz_cost(const struct bench *bench, double seconds);

/* The programs of its file; *list is to be freed either way. */
struct program_list;
bool bench_read(const struct bench *bench, struct program_list *list);

#endif /* BENCH_BENCH_H */
