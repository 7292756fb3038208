/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scheduler from inside: between sched.c and sched_watch.c. */
#ifndef HARNESS_EXPLORE_SCHED_STATE_H
#define HARNESS_EXPLORE_SCHED_STATE_H

#include <explore/coroutine.h>
#include <explore/sched.h>

/* Which numbers are taken is a resource of its own; and an actor's steps come
 * after the one that has spawned it. */
#define RESOURCE_SPAWNED 30
#define RESOURCE_NUMBERS 31

/* So often may all that are left look again before it is a livelock. */
#define LAST_LOOKS 3

struct actor {
    struct sched_actor is;
    bool begun, finished;
    bool spawned; /* from inside a step of another */
    const char *where;
    bool (*until)(const void *what);
    const void *what;
    struct touch on; /* what @until depends on; */
    bool on_known;   /* if that is known */
    bool waiting;    /* for a change of what it has seen */
    bool disturbed;  /* ... which has come already */
    bool fresh;      /* what it has seen so far does not count */
    bool spinning;   /* it has waited since its last progress */
};

struct sched {
    struct sched_config config;
    struct coroutine *coroutine[SCHED_MAX_ACTORS]; /* NULL: never used */
    /* From here on: what sched_save() saves. */
    uint32_t used;        /* of @actor */
    unsigned int current; /* SCHED_MAX_ACTORS: none */
    unsigned int steps, looks;
    bool looked; /* in this run */
    struct actor actor[SCHED_MAX_ACTORS];
    struct footprint seen[SCHED_MAX_ACTORS]; /* since it last waited */
    struct footprint footprint;              /* of the present step */
    struct footprint looked_at;              /* of it, since its last look */
};

/* What @actor waits for a change of. */
void sched_add_seen(const struct sched *s, unsigned int actor,
                    struct footprint *footprint);

#endif /* HARNESS_EXPLORE_SCHED_STATE_H */
