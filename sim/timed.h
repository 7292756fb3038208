/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sim/: a program's run in simulated time, from inside. */
#ifndef SIM_TIMED_H
#define SIM_TIMED_H

#include <scenario/thread_order.h>
#include <sim/load.h>

#define TIMED_MAX_OWED 16

struct timed {
    const struct sim_config *config;
    const struct program *program;
    struct platform *platform;
    struct world *world;
    struct load_pages *pages;
    struct load_cursor cursor[PROGRAM_MAX_DEVICES];
    struct unit {
        struct timed *timed;
        unsigned int number;
    } unit[PROGRAM_MAX_UNITS];
    struct source {
        struct timed *timed;
        unsigned int device;
    } source[PROGRAM_MAX_DEVICES];
    /* By the platform's numbers; the first is the program's own. */
    struct timed_thread {
        size_t operation; /* the one that runs */
        uint64_t began;   /* when it did */
        uint64_t write_began, invalidations;
        bool busy;          /* litmus: an operation runs */
        unsigned int depth; /* of register writes in each other */
    } thread[1 + SCHED_MAX_ACTORS];
    struct order order; /* of a litmus test's activities */
    struct litmus *litmus;
    /* Invalidations that have been handed over and have not completed. */
    struct timed_owed {
        uint64_t began;
        uint64_t upto; /* in the oracle's numbering */
    } owed[WORLD_MAX_DOMAINS][TIMED_MAX_OWED];
    unsigned int owing[WORLD_MAX_DOMAINS];
    struct sim_result *result;
};

/* That of the running thread. */
struct timed_thread *timed_thread(struct timed *t);

/* timed.c: in a process of its own. */
void timed_run(struct timed *t);

/* What the timing file says of the units. */
struct world_hardware timed_hardware(const struct timing *timing);

/* timed.c: operation @operation of the running thread begins, or the end. */
void timed_begins(struct timed *t, size_t operation);
/* That of the running thread has ended. */
void timed_ended(struct timed *t);

/* timed_litmus.c: on the program's thread, the activities beside it. */
void timed_run_litmus(struct timed *t);
/* platform_config's. */
void timed_left(void *context, unsigned int thread);
void timed_resumed(void *context, unsigned int thread);

/* timed_load.c: a device that loads its unit, if there is a page for it. */
void timed_add_load(struct timed *t, unsigned int device);

#endif /* SIM_TIMED_H */
