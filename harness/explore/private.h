/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between explore.c (the loop) and the strategies that backtrack. */
#ifndef HARNESS_EXPLORE_PRIVATE_H
#define HARNESS_EXPLORE_PRIVATE_H

#include <explore/explore.h>

#define PCT_MOST_CHANGES 16

/* Images of a path that are kept at a time. */
#define IMAGES 32

struct node;
struct seen;

/* How everything was before the choice of node @node. */
struct kept {
    size_t node;
    uint64_t mark;
    struct image image;
};

struct explorer {
    const struct explore_system *system;
    const struct explore_config *config;
    struct explore_result *result;
    uint64_t random;
    int last; /* who made the last step, -1: nobody */
    uint64_t had[SCHED_MAX_ACTORS], made[SCHED_MAX_ACTORS];

    /* pct */
    uint64_t priority[SCHED_MAX_ACTORS], change[PCT_MOST_CHANGES];
    unsigned int changes, last_steps;

    /* replay */
    struct schedule_reader reader;

    /* the tree: nodes of the present path, of which @depth are replayed */
    struct node *node;
    size_t nodes, room, depth;

    /* matched: a hash table */
    struct seen *seen;
    uint32_t seens, seen_room;

    struct past *past; /* NULL: states aren't named by value */

    struct kept kept[IMAGES]; /* of the present path, from the root on */
    size_t kepts;
};

unsigned int explore_same_or_first(const struct explorer *e, uint32_t enabled);

static inline bool explore_is_tree(const struct explorer *e)
{
    return e->config->strategy <= EXPLORE_MATCHED;
}

/* ---- tree.c, images.c ---- */

int explore_tree_choose(void *context, struct sched *s, uint32_t enabled);
void explore_tree_stepped(struct explorer *e, unsigned int actor,
                          const struct footprint *footprint);
void explore_tree_stuck(struct explorer *e, const struct sched *s);
/* Prepare the next path; false: there is none. */
bool explore_tree_next(struct explorer *e);
/* Go to the last place of that path that an image is kept of; false: there is
 * none. */
bool explore_tree_resume(struct explorer *e);
void explore_tree_free(struct explorer *e);

#endif /* HARNESS_EXPLORE_PRIVATE_H */
