/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of choices: between tree.c, races.c, seen.c and images.c. */
#ifndef HARNESS_EXPLORE_TREE_H
#define HARNESS_EXPLORE_TREE_H

#include <explore/private.h>

#define BIT(n) (UINT32_C(1) << (n))

/* A step that was explored from here, or from above and is independent of all
 * that came since: it need not be made first again. */
struct sleeper {
    unsigned int actor;
    struct footprint *footprint; /* of the node that explored it */
};

struct node {
    uint32_t enabled, todo, done;
    uint32_t asleep; /* actors */
    uint32_t tried;  /* those of @done whose footprint is kept */
    unsigned int actor;
    unsigned int preemptions; /* before this choice */
    int before;               /* who made the last step */
    uint32_t index;           /* it is that actor's n-th step */
    unsigned int sleepers;
    uint64_t state[2];   /* before this choice, see seen.c */
    uint64_t guarded[2]; /* likewise, of past.c */
    /* How many steps of each actor are before the end of this one, by chains
     * of dependences; its own included. */
    uint32_t clock[SCHED_MAX_ACTORS];
    /* From here on what is there is said above. */
    struct sleeper sleeper[SCHED_MAX_ACTORS];
    struct footprint *of_tried[SCHED_MAX_ACTORS];
    struct footprint footprint;
};

/* Only one order of each class is wanted? */
static inline bool explore_reduces(const struct explorer *e)
{
    return e->config->strategy == EXPLORE_EXHAUSTIVE;
}

/* No state is gone on from twice? */
static inline bool explore_matches(const struct explorer *e)
{
    return e->config->strategy == EXPLORE_MATCHED;
}

/* Of two independent steps only one order is wanted?  It may be the one with
 * more preemptions. */
static inline bool explore_sleeps(const struct explorer *e)
{
    return explore_reduces(e) ||
           (explore_matches(e) && e->config->preemptions == EXPLORE_NO_LIMIT);
}

/* ---- races.c ---- */

/* What is before the end of the step at @at; @before: of its actor's last. */
void explore_find_clock(struct explorer *e, size_t at, uint32_t *before);
/* The step at @at has been made for the first time: what of it has to be
 * tried in another order is put down. */
void explore_find_races(struct explorer *e, size_t at);

/* ---- seen.c ---- */

/* Name the state before the choice of @node, the last. */
void explore_name_state(struct explorer *e, const struct sched *s,
                        struct node *node);
/* Have all paths that are wanted from @node been explored from somewhere else?
 * If not they will be from here: *first are the steps that begin them, of
 * those that it had at first. */
bool explore_seen(struct explorer *e, struct node *node, uint32_t *first);
/* They have been. */
void explore_seen_all(struct explorer *e, const struct node *node);
void explore_forget_seen(struct explorer *e);

/* ---- images.c ---- */

/* Before the choice at the present depth. */
void explore_keep_image(struct explorer *e, struct sched *s);
void explore_free_images(struct explorer *e);

#endif /* HARNESS_EXPLORE_TREE_H */
