/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of states by value: what each actor knows, which is what it has read
 * since it last stood at a place where nothing of that matters, and what is
 * shared.  docs/explorer.md argues why states with the same name are equal.
 *
 * What can be read is named by its content.  What can't is cut into cells:
 * intervals of a resource, each named by the step that wrote it last - by all
 * that its actor knew.
 */
#ifndef HARNESS_EXPLORE_PAST_H
#define HARNESS_EXPLORE_PAST_H

#include <explore/image.h>
#include <explore/sched.h>

/* Of a system whose states have names by value. */
struct explore_values {
    /* 128 bits of all that is shared and can be read, but for ... */
    void (*shared)(void *context, uint64_t hash[2]);
    /* ... what is private to holders of guarding resources. */
    void (*guarded)(void *context, uint64_t hash[2]);
    /* The content of what is touched, which is of @valued. */
    uint64_t (*content)(void *context, const struct touch *touch);
    /* Resources, as masks of 1 << number: */
    uint32_t valued;  /* have a content */
    uint32_t guards;  /* locks: writes of one take it and give it back */
    uint32_t witness; /* that somebody has read it is remembered */
    uint32_t empty;   /* hold nothing */
};

#define PAST_CELLS 2048
#define PAST_HOLDS 32

struct known {
    uint64_t hash[2];
    uint64_t mark[2];       /* what it was when a loop began */
    uint64_t place[2];      /* where it stood last, */
    unsigned int witnessed; /* and how often it has witnessed since */
    bool wrote;             /* since @mark */
};

struct cell {
    uint64_t resource, first, last; /* both included */
    uint64_t name[2];
};

struct hold {
    unsigned int actor;
    bool released; /* in this step */
    uint64_t resource, key;
};

struct past {
    const struct explore_values *values;
    void *context;
    /* What has been known in this step, and no longer matters. */
    uint64_t dropped[2];
    /* From here on: what past_save() saves. */
    bool lost;           /* there was no room: no state has a name any more */
    uint64_t guarded[2]; /* as of the last step */
    uint64_t witnessed[2]; /* a sum */
    unsigned int cells, holds;
    struct known known[SCHED_MAX_ACTORS];
    struct hold hold[PAST_HOLDS];
    struct cell cell[PAST_CELLS]; /* in the order of resource and first */
};

struct past *past_create(const struct explore_values *values, void *context);
void past_destroy(struct past *h);

/* Before the first step. */
void past_begin(struct past *h);
void past_save(struct past *h, struct image *image);

/* ---- during a step ---- */

void past_touched(struct past *h, unsigned int actor,
                  const struct touch *touch);
void past_spawned(struct past *h, unsigned int parent, unsigned int child);
void past_joined(struct past *h, unsigned int parent, unsigned int child);
/* Nothing that it has read matters any more, but @place. */
void past_stands(struct past *h, unsigned int actor, uint64_t place);
/* A loop begins that remembers nothing of its turns; one is over. */
void past_looked(struct past *h, unsigned int actor);
void past_turned(struct past *h, unsigned int actor);

/* Its end; @guarded: what is so now, NULL: ask. */
void past_stepped(struct past *h, unsigned int actor,
                  const struct footprint *footprint, const uint64_t *guarded);

/* False: it has none. */
bool past_name(const struct past *h, const struct sched *s, uint64_t name[2]);

#endif /* HARNESS_EXPLORE_PAST_H */
