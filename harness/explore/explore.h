/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many runs of one system, by a strategy.  docs/explorer.md says what each
 * strategy promises, and argues when it may call itself exhaustive.
 */
#ifndef HARNESS_EXPLORE_EXPLORE_H
#define HARNESS_EXPLORE_EXPLORE_H

#include <explore/past.h>

enum explore_strategy {
    EXPLORE_EXHAUSTIVE, /* one run of each class of equivalent orders */
    EXPLORE_PLAIN,      /* every order; with @preemptions: up to so many */
    EXPLORE_MATCHED,    /* likewise, but no state is gone on from twice */
    EXPLORE_PCT,        /* random priorities that change at @depth places */
    EXPLORE_URW,        /* weighted by the steps that an actor has left */
    EXPLORE_RANDOM,
    EXPLORE_REPLAY, /* as @schedule says, then without switches */
    EXPLORE_STRATEGIES
};
extern const char *const explore_strategy_names[EXPLORE_STRATEGIES + 1];

#define EXPLORE_NO_LIMIT UINT32_MAX

/* What is explored. */
struct explore_system {
    /* Everything as before the first step, and the actors added to @s. */
    void (*begin)(void *context, struct sched *s);
    /* The run is over; true: enough has been seen, stop. */
    bool (*end)(void *context, struct sched *s, enum sched_end end);
    void (*enter)(void *context, unsigned int actor);
    void (*leave)(void *context, unsigned int actor);
    /*
     * All that a run has changed by now, but for the scheduler, into @image,
     * and a number; the same number just before the image is put back.  With
     * these a run may begin in the middle of the last one, where
     * coroutine_can_save().  NULL: never.
     */
    uint64_t (*save)(void *context, struct image *image);
    void (*rewind)(void *context, uint64_t mark);
    void *context;
    uint32_t weak;
    /* By which states are named where they are matched; NULL: by how they
     * came about. */
    const struct explore_values *values;
};

struct explore_config {
    enum explore_strategy strategy;
    uint32_t preemptions; /* plain, matched: at most; EXPLORE_NO_LIMIT */
    uint32_t depth;       /* pct */
    uint64_t runs;        /* at most */
    unsigned int steps;   /* of a run, at most */
    uint64_t seed;
    const char *schedule; /* replay */
    bool from_start;      /* every run begins at the beginning */
};

struct explore_result {
    uint64_t schedules; /* runs that came to their end */
    uint64_t redundant; /* runs that were left: equivalent to another */
    uint64_t cut;       /* runs that exceeded the number of steps */
    uint64_t looked;    /* runs in which somebody looked again for no reason */
    uint64_t circles;   /* runs that came back to a state of their own */
    uint64_t states;    /* places in the tree of choices */
    uint64_t steps;     /* that were made */
    bool complete;      /* the strategy has nothing more to run */
    bool misfit;        /* replay: the schedule is not one of this system */
};

/* Is completeness a proof for every order (within the preemptions)? */
bool explore_is_exhaustive(const struct explore_config *config,
                           const struct explore_result *result);

void explore(const struct explore_system *system,
             const struct explore_config *config,
             struct explore_result *result);

/* ---- schedules ----
 * "a12b3a": the actor with number 0 makes 12 steps, number 1 makes 3 ...
 */
struct schedule {
    uint8_t *actor; /* malloc'ed: who made each step */
    size_t steps;   /* may be set back */
    size_t room;
};
void schedule_add(struct schedule *schedule, unsigned int actor);
/* To be freed; never NULL. */
char *schedule_text(const struct schedule *schedule);
void schedule_free(struct schedule *schedule);

/* The next actor of a text; -1: its end, -2: it is malformed. */
struct schedule_reader {
    const char *at;
    unsigned int left;
    int actor;
};
int schedule_next(struct schedule_reader *reader);

#endif /* HARNESS_EXPLORE_EXPLORE_H */
