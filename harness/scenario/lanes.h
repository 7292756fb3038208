/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One order of a litmus test, to be looked at: a lane for each activity.
 */
#ifndef HARNESS_SCENARIO_LANES_H
#define HARNESS_SCENARIO_LANES_H

#include <explore/sched.h>
#include <scenario/suite.h>

#include <stdio.h>

#define LANES_NAME 24
#define LANES_TEXT 96

/* Steps of one activity that belong together: of one operation, with nobody
 * else in between. */
struct lanes_row {
    unsigned int lane;
    uint64_t first, steps; /* the first is the n-th of the run, from 0 */
    char text[LANES_TEXT]; /* the operation, or what it stood at */
    bool resumes;          /* the operation was begun above */
};

struct lanes {
    char lane[SCHED_MAX_ACTORS][LANES_NAME];
    bool used[SCHED_MAX_ACTORS];
    struct lanes_row *row;
    size_t rows, room;
    char finding[480]; /* how it ended */
    char *title, *schedule;
    size_t last_operation[SCHED_MAX_ACTORS];
    const struct program *program;
};

/* Run it again.  False: the schedule is not one of it. */
bool lanes_record(const struct program *program,
                  const struct world_config *way, const char *schedule,
                  struct lanes *lanes);
void lanes_free(struct lanes *lanes);

void lanes_print(const struct lanes *lanes, FILE *out);
/* False: errno. */
bool lanes_html(const struct lanes *lanes, const char *path);
bool lanes_perfetto(const struct lanes *lanes, const char *path);

#endif /* HARNESS_SCENARIO_LANES_H */
