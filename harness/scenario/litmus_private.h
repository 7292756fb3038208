/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between litmus.c (a run), activities.c (its activities) and litmus_judge.c
 * (what came of it). */
#ifndef HARNESS_SCENARIO_LITMUS_PRIVATE_H
#define HARNESS_SCENARIO_LITMUS_PRIVATE_H

#include <scenario/execute.h>
#include <scenario/litmus.h>

#define LITMUS_MAX_DMAS 8 /* of an actor */
#define NO_OPERATION    SIZE_MAX

/* What a DMA of an actor became. */
struct litmus_dma {
    enum outcome outcome;
    uint64_t value;
};

/* An activity: what is its own while others run. */
struct activity {
    struct litmus *litmus;
    unsigned int number; /* of the actor, the unit, the work */
    size_t operation;    /* of the program, NO_OPERATION: none */
    struct execution execution;
    struct machine_activity machine;
};

struct litmus {
    const struct program *program;
    const struct litmus_config *config;
    struct litmus_result *result;
    struct world *world;
    struct run_result run;
    struct machine_interleave interleave;
    struct world_pages pages;
    const struct litmus_order *order;
    struct litmus_order explored; /* the explorer's */
    struct activity activity[SCHED_MAX_ACTORS];
    unsigned int dmas[PROGRAM_MAX_ACTORS];
    struct litmus_dma dma[PROGRAM_MAX_ACTORS][LITMUS_MAX_DMAS];
    bool reduces;     /* not every order is run */
    bool repeat;      /* from the beginning: too many were left out */
    uint32_t sharing; /* domains whose driver several actors are */
    struct schedule schedule;
    uint64_t hash[2]; /* of the steps */
};

/* ---- activities.c ---- */

/* The running activity's next operation; NO_OPERATION: there is none. */
static inline void activity_begins(struct litmus *l, size_t operation)
{
    if ( l->order && l->order->begins )
        l->order->begins(l->order->context, operation);
}

/* Nothing that the running activity has read matters any more. */
static inline void activity_stands(struct litmus *l, uint64_t place)
{
    if ( l->order->stand )
        l->order->stand(l->order->context, place);
}

/* Everything that may run is added to the order. */
void activities_begin(struct litmus *l);
/* Those in @used, and their world: see struct explore_system. */
uint64_t activities_save(struct litmus *l, uint32_t used, struct image *image);
void activities_rewind(struct litmus *l, uint64_t mark);
/* From now on one thing at a time again. */
void activities_end(struct litmus *l);
void activities_enter(struct litmus *l, unsigned int number);
void activities_leave(struct litmus *l, unsigned int number);

/* ---- litmus_values.c ---- */

/* States of a world by value; NULL: they have none. */
const struct explore_values *litmus_values(const struct litmus *l);

/* ---- litmus_order.c ---- */

/* The explorer makes it. */
struct litmus_order explored_order(struct sched *s);

/* ---- litmus_judge.c ---- */

/* An actor's DMA has ended. */
void litmus_dma_ended(struct litmus *l, unsigned int actor,
                      const struct dma_result *result, uint64_t reason);
/* What the oracles have counted, into the result. */
void litmus_add_stats(struct litmus *l);
/* Replay: the hash of the run; else a sum over all runs. */
void litmus_hash_end(struct litmus *l);
void litmus_add_hash(struct litmus *l);
/* The run has ended: which verdicts does it reach?  True: enough is known. */
bool litmus_judge(struct litmus *l);

#endif /* HARNESS_SCENARIO_LITMUS_PRIVATE_H */
