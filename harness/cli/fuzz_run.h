/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of fuzz targets: starting, watching, collecting. */
#ifndef HARNESS_CLI_FUZZ_RUN_H
#define HARNESS_CLI_FUZZ_RUN_H

#include <cli/cli.h>

#include <fuzz/target.h>

struct fuzz_limits {
    const char *preset;   /* whose build directory has the programs */
    unsigned int seconds; /* over all targets */
    uint64_t executions;  /* of each target; 0: no limit */
    uint64_t seed;
    unsigned int jobs;
    bool quiet;
    char **engine_option; /* handed on */
    unsigned int engine_options;
};

struct fuzz_figures {
    uint64_t executions, operations, dma, suspended, refused, findings, edges;
};

struct fuzz_finding {
    char property[8];
    char message[400];
    char file[300];
};

#define FUZZ_MAX_FINDINGS 32

struct fuzz_run {
    const char *target;
    struct fuzz_figures figures;
    struct fuzz_finding finding[FUZZ_MAX_FINDINGS];
    unsigned int findings; /* different ones */
    unsigned int crashes;  /* of them: ends of the process */
    double seconds;
    char failed[200]; /* it could not be run; empty: it could */
};

/* As many side by side as there are jobs, the time shared evenly.  To be
 * freed. */
struct fuzz_run *fuzz_run_all(const char *const *targets, unsigned int count,
                              const struct fuzz_limits *limits);

/* The table of all runs, on standard output. */
void fuzz_table(const struct fuzz_run *runs, unsigned int count);

#endif /* HARNESS_CLI_FUZZ_RUN_H */
