/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The suite: files -> programs -> cases, and running a case.
 */
#ifndef HARNESS_SCENARIO_SUITE_H
#define HARNESS_SCENARIO_SUITE_H

#include <scenario/world.h>

/* Seconds of the monotonic clock; of a processor, that this process had. */
double wall_seconds(void);
double cpu_seconds(void);

/* One way in which a program ran. */
struct run_result {
    enum through through;
    enum p2m_shape shape;
    enum cache_retention retention;
    uint64_t expected, equal;                       /* translations */
    uint64_t faults_expected, faults_equal;         /* F and L lines */
    uint64_t interrupts_expected, interrupts_equal; /* E lines */
    uint64_t statuses_expected, statuses_equal;     /* S lines */
    uint64_t not_modelled;                          /* I lines */
    uint64_t dma, invalidations, suspended;
    uint64_t undefined; /* mask of the conditions that were met */
    uint64_t physical_register_writes, shadow_entries;
    uint64_t iotlb_hits, iotlb_misses;
    uint64_t operations; /* done */
    uint64_t outcomes;   /* hash of what all DMAs became */
    uint64_t schedules;  /* litmus: orders that were run; else 1 */
    bool exhaustive;     /* litmus: these are all */
    double seconds;
    char why[240]; /* it could not be run so, or not to its end */
};

#define CASE_MAX_RUNS 16
#define CASE_SCHEDULE 256

struct case_result {
    bool ok, skipped;
    char reason[240]; /* skipped, or why it could not run */
    struct run_result run[CASE_MAX_RUNS];
    unsigned int runs;
    struct finding finding[2];
    unsigned int findings;
    struct world_config config;   /* of the first finding, or the last run */
    char file[256];               /* that shows the finding again */
    char schedule[CASE_SCHEDULE]; /* litmus: in the way of config, of what
                                     was looked for; empty: it was not found,
                                     or the order is too long to be shown */
    double seconds;
};

/* The first @operations of the program of a new world happen: what
 * world_snapshot() is to keep, and world_run() then goes on from. */
void world_begin(struct world *world, size_t operations);

/* Run the program of a new, or restored, world to its end, and add to *result
 * what happened.  False: the program is at fault, result->why says how. */
bool world_run(struct world *world, struct run_result *result);

/* Run a program in one way.  False: it can't be, result->why says why. */
bool program_run(const struct program *program,
                 const struct world_config *config, struct run_result *result,
                 struct finding *findings, unsigned int *count);

/* The ways in which a case is to be run. */
struct case_ways {
    struct world_config way[CASE_MAX_RUNS];
    unsigned int ways;
};

/*
 * @all: the whole product of what the program allows (without the random
 * policy for sessions); else each way (model, stack) once, shape and policy
 * taken in rotation by @number.  @through: mask of 1 << enum through.
 */
void case_ways(const struct program *program, unsigned int number, bool all,
               uint32_t through, uint64_t seed, struct case_ways *ways);

/* Run @program in all @ways; stops at the first finding, and writes a file
 * that shows it again into @findings_dir (NULL: none). */
void case_run(const struct program *program, const struct case_ways *ways,
              const char *findings_dir, struct case_result *result);

/* Like mkdir -p; false: errno. */
bool make_directories(const char *path);

/* A file that shows the finding again: the program up to the operation, pinned
 * to the way in which it happened.  False: could not be written. */
bool finding_save(const struct program *program,
                  const struct world_config *config, size_t operation,
                  const char *directory, char *path, size_t size);

/* Of a litmus test: the whole program, pinned likewise, and the order. */
bool order_save(const struct program *program, const struct world_config *way,
                const char *schedule, const char *directory, char *path,
                size_t size);

/* All programs of the files below @root whose case name matches one of the
 * patterns (shell patterns, or a path's beginning); none: all. */
bool suite_load(const char *root, char *const *patterns,
                unsigned int pattern_count, struct program_list *list,
                struct program_error *error);

#endif /* HARNESS_SCENARIO_SUITE_H */
