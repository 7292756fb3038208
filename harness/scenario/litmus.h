/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus test in many orders: its world as a system of the explorer.
 *
 * Activities are the actors of the program, each unit's interrupt and each
 * deferred work of the hypervisor, and what a register write sets off inside a
 * unit.  docs/litmus.md describes the language, docs/explorer.md what an
 * exhaustive run proves.
 */
#ifndef HARNESS_SCENARIO_LITMUS_H
#define HARNESS_SCENARIO_LITMUS_H

#include <explore/explore.h>
#include <scenario/suite.h>

#define LITMUS_MAX_OUTCOMES 64
#define LITMUS_OUTCOME      160

/* Of these resources a write is no news to who waits: a lock is waited for by
 * itself, and what observers keep nobody reads. */
#define LITMUS_WEAK ((1u << MACHINE_LOCK) | (1u << MACHINE_LEDGER))

struct litmus_config {
    /* Exhaustive: where reduction takes too long states are matched. */
    enum explore_strategy strategy;
    uint32_t preemptions; /* EXPLORE_NO_LIMIT: the program's bound */
    uint32_t depth;       /* pct */
    uint64_t runs;        /* at most; 0: a default */
    uint64_t seed;
    const char *schedule; /* replay; NULL: the program's */
    bool allow_counts;    /* what is allowed is looked for like a finding */
    bool all;             /* go on after what was looked for has been found */
    bool from_start;      /* no run begins in the middle of the last one */
    bool hash_ends;       /* the hash is of how each run has ended */
    /* Told of every step that is made; may be NULL. */
    void (*step)(void *context, unsigned int actor, size_t operation,
                 const char *name, const char *where);
    void *context;
};

/* What came of the DMAs of a run, and whether it ended well, as text. */
struct litmus_outcome {
    char text[LITMUS_OUTCOME];
    uint64_t runs;
};

struct litmus_result {
    struct explore_result explored;
    enum explore_strategy strategy; /* the one that it comes from */
    bool exhaustive;
    uint32_t bound; /* preemptions, EXPLORE_NO_LIMIT: none */
    double seconds;
    double exploring; /* seconds of a processor, without making the world */
    uint64_t dma, invalidations, unjudged;
    bool refused; /* it can't be run; why says how */
    char why[240];

    /* What was looked for: of a forbid, or of an allow. */
    bool found;
    unsigned int verdict; /* which, of the program's */
    struct finding finding;
    char *schedule;   /* to be freed; of the last run if nothing was found */
    uint64_t hash[2]; /* replay: of the run, its steps and how it ended */
    uint32_t allowed; /* mask of the verdicts that have been reached */

    struct litmus_outcome outcome[LITMUS_MAX_OUTCOMES];
    unsigned int outcomes;
};

/*
 * Who makes the order of activities: the explorer, or simulated time (sim/).
 * explore/sched.h says what these do; numbers of activities are below
 * SCHED_MAX_ACTORS.
 */
struct litmus_order {
    int (*add)(void *context, const struct sched_actor *actor,
               unsigned int least);
    enum sched_end (*run)(void *context);
    /* Told of the next operation of the running activity, SIZE_MAX: it was
     * the last; NULL: nobody asks. */
    void (*begins)(void *context, size_t operation);
    /* See machine/interleave.h; both NULL: nobody asks. */
    void (*entered)(void *context, struct host_work *work);
    void (*returned)(void *context);

    unsigned int (*current)(void *context);
    void (*pause)(void *context, const char *where,
                  bool (*until)(const void *what), const void *what,
                  const struct touch *on);
    void (*wait)(void *context, const char *where);
    void (*look)(void *context);
    void (*progress)(void *context);
    /* A turn of a waiting loop is over, see sched_turn(); nothing that the
     * running activity has read matters any more, but @place.  NULL: nobody
     * asks. */
    void (*turn)(void *context);
    void (*stand)(void *context, uint64_t place);
    void (*touch)(void *context, const struct touch *touch);
    bool (*spawn)(void *context, const struct sched_actor *actor,
                  unsigned int least);

    const char *(*name)(void *context, unsigned int activity);
    const char *(*where)(void *context, unsigned int activity);
    uint32_t (*stuck)(void *context);
    void *context;
};

/*
 * The program of a new world once, from its setup to its end, the activities
 * in the order that @order makes.  Where one may be left elsewhere than in
 * functions of @order, litmus_left() and litmus_resumed() are to be called
 * around it, with its number.
 */
struct litmus;
struct litmus *litmus_new(struct world *world,
                          const struct litmus_order *order);
/* False: result->why says what the program is at fault in. */
bool litmus_once(struct litmus *l, struct litmus_result *result);
/* The same @rounds times, from the end of the setup on each time; @before is
 * called before each, and may stop it by false. */
bool litmus_rounds(struct litmus *l, uint64_t rounds,
                   bool (*before)(void *context), void *context,
                   struct litmus_result *result);
void litmus_free(struct litmus *l);
void litmus_left(struct litmus *l, unsigned int activity);
void litmus_resumed(struct litmus *l, unsigned int activity);

/* False: result->why says what the program is at fault in. */
bool litmus_explore(const struct program *program,
                    const struct world_config *way,
                    const struct litmus_config *config,
                    struct litmus_result *result);
void litmus_result_free(struct litmus_result *result);

/*
 * A smaller program and an order with fewer switches that come to the same:
 * operations are left out as long as what the oracle found stays (what the
 * program itself expects would not mean the same without them).  @schedule and
 * the result are to be freed.  NULL: nothing is found any more.
 */
struct program *litmus_shrink(const struct program *program,
                              const struct world_config *way,
                              const struct litmus_result *found,
                              char **schedule);
/* The same program, in an order with the fewest switches that is found within
 * a reasonable time; to be freed. */
char *litmus_fewest_switches(const struct program *program,
                             const struct world_config *way,
                             const struct litmus_result *found);

/* Is this what the program says?  NULL, or what is not so. */
const char *litmus_disagrees(const struct program *program,
                             const struct litmus_result *result, char *buffer,
                             size_t size);

#endif /* HARNESS_SCENARIO_LITMUS_H */
