/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: one function a verb, and what they share. */
#ifndef HARNESS_CLI_CLI_H
#define HARNESS_CLI_CLI_H

#include <cli/report.h>
#include <scenario/suite.h>

#include <argp.h>

/* Exit statuses of every verb. */
#define STATUS_OK    0
#define STATUS_FOUND 1
#define STATUS_USAGE 2

/* Options that every verb has, spelled alike. */
struct common_options {
    const char *json;  /* --json FILE, or NULL */
    uint64_t seed;     /* --seed */
    unsigned int jobs; /* -j, at least 1 */
    bool quiet;
};

/* A child parser for them: struct common_options is its input. */
extern const struct argp common_argp;
void common_defaults(struct common_options *options);

/* [PATTERN...]: which cases of the suite.  A child parser, too. */
#define MAX_PATTERNS 64

struct selection {
    char *pattern[MAX_PATTERNS];
    unsigned int patterns; /* 0: all */
};

extern const struct argp selection_argp;

/* Load them; says what is wrong, under the verb's name, if it can't. */
bool selection_load(const struct selection *selection, const char *verb,
                    struct program_list *programs);

/* FILE, one and no more.  A child parser, too: a const char * is its input. */
extern const struct argp file_argp;

/* A decimal or 0x number; argp_error when it is none. */
uint64_t number_option(struct argp_state *state, const char *text,
                       uint64_t least, uint64_t most);

/* Which of @names (a NULL ends them) it is; argp_error, "is no @what", when it
 * is none. */
unsigned int name_option(struct argp_state *state, const char *text,
                         const char *const *names, const char *what);

/* The scenarios' directory: $UMBRA_SCENARIOS, or "scenarios" here. */
const char *scenario_root(void);

/* Where reports and findings go: $UMBRA_BUILD, or "build" here. */
const char *build_root(void);

/* Corpora and dictionaries: $UMBRA_FUZZ, or "fuzz" here. */
const char *fuzz_root(void);

typedef int verb_fn(int argc, char **argv);
verb_fn verb_run, verb_replay, verb_convert, verb_list, verb_bench, verb_diff,
    verb_report, verb_fuzz, verb_explore, verb_shrink, verb_sim;

/* ---- running many cases ---- */

struct batch {
    const struct program_list *programs;
    const struct case_ways *ways; /* one for each */
    const char *findings_dir;
    unsigned int jobs;
    const char *label;  /* of the progress bar; NULL: none */
    bool first;         /* stop soon after the first finding */
    unsigned int limit; /* of a case: seconds of processor time */
};

/*
 * Run every program in worker processes.  The results (one for each program,
 * shared memory: give them to batch_free) come in the programs' order; a
 * worker that crashes costs its case only.  With @first neighbours, which are
 * often alike, are run far from each other, and what was left out is skipped.
 */
struct case_result *batch_run(const struct batch *batch);
void batch_free(struct case_result *results, size_t count);

/* Into a report: the case, its runs, its findings. */
void report_case_result(struct report *report, const struct program *program,
                        const struct case_result *result);

/* With so large a share of accesses on undefined ground nothing is judged any
 * more?  The @message of that finding (P2). */
bool too_much_suspended(uint64_t suspended, uint64_t dma, char *message,
                        size_t size);

/* "--json -": the output is for a machine, nothing else may be printed. */
bool json_to_output(const struct common_options *options);

/* Write it if it was asked for; false: it could not be, and that was said. */
bool json_written(const struct report *report,
                  const struct common_options *options);

/* Print a finding with what led to it and how to see it again. */
void print_finding(const struct program *program,
                   const struct case_result *result);

#endif /* HARNESS_CLI_CLI_H */
