/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to sim/: the order of a litmus test's activities that simulated time
 * makes.  Each is a thread of the platform; who waits for another is asked
 * whenever something has changed.
 */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

#include <scenario/litmus.h>
#include <sim/platform.h>

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
    struct platform *platform;
    struct order_thread thread[SCHED_MAX_ACTORS];
    uint64_t news;  /* changes that somebody may wait for */
    uint64_t turns; /* of waiting, since somebody got any further */
    bool over;      /* nobody goes on any more */
};

void order_init(struct order *order, struct platform *platform);
/* Without begins(). */
struct litmus_order order_of(struct order *order);

#endif /* SIM_ORDER_H */
