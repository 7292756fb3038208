/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a litmus test's activities where each is a thread of somebody
 * else's: of simulated time (sim/), or of the system (harness/threads).  Who
 * waits for another is asked whenever something has changed.
 */
#ifndef HARNESS_SCENARIO_THREAD_ORDER_H
#define HARNESS_SCENARIO_THREAD_ORDER_H

#include <scenario/litmus.h>

/* One thread at a time is inside of a world.  Numbers are below
 * SCHED_MAX_ACTORS. */
struct thread_ops {
    unsigned int (*current)(void *context);
    /* Others may run; NULL: something else says when. */
    void (*yield)(void *context);
    /* Until @done says so, which is asked after every notify(). */
    void (*wait)(void *context, bool (*done)(void *argument), void *argument);
    void (*notify)(void *context);
    /* One more thread. */
    void (*spawn)(void *context, unsigned int number, const char *name,
                  void (*run)(void *argument), void *argument);
    /* Likewise; returns when it stands somewhere for the first time. */
    void (*post)(void *context, unsigned int number, const char *name,
                 void (*run)(void *argument), void *argument);
    /* The running one has nothing more to do; may be NULL. */
    void (*ending)(void *context);
};

struct order_thread {
    struct order *order;
    unsigned int number;
    struct sched_actor is;
    bool used, finished;
    bool standing; /* at @where, until ready() */
    const char *where;
    bool (*until)(const void *what); /* NULL: for news of others */
    const void *what;
    uint64_t own;   /* of the news that it has made itself */
    uint64_t heard; /* of others, when it last began to look */
};

struct order {
    const struct thread_ops *ops;
    void *context; /* of the ops */
    struct order_thread thread[SCHED_MAX_ACTORS];
    uint64_t news;  /* changes that somebody may wait for */
    uint64_t turns; /* of waiting, since somebody got any further */
    uint64_t looks; /* without news, likewise */
    bool over;      /* nobody goes on any more */
};

/* Before every run. */
void order_init(struct order *order, const struct thread_ops *ops,
                void *context);
/* Without begins(). */
struct litmus_order order_of(struct order *order);

#endif /* HARNESS_SCENARIO_THREAD_ORDER_H */
