/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The activities of a litmus test as threads of the system, on a hypervisor/
 * that ThreadSanitizer watches.
 *
 * Whoever is inside of the world - machine, models, oracle, the program - has
 * the turn: one thread at a time.  It gives it back where it enters the code
 * under test, and takes it in each call of host.h (host.c), so that only that
 * code runs side by side.  Of turns ThreadSanitizer knows nothing: they are
 * made without instrumentation, and what is done inside is ignored.
 *
 * Without a lock a thread keeps the turn after such a call, until the next one
 * or the end of the entry.  So whoever is inside sees at once that an entry
 * has ended, as in the explorer, and the oracle may judge as there.
 */
#ifndef HARNESS_THREADS_THREADS_H
#define HARNESS_THREADS_THREADS_H

#include <scenario/thread_order.h>

#include <pthread.h>
#include <setjmp.h>

struct host_work;

/* So much that a round has made, which nobody else can know of before. */
#define THREADS_MAX_FRESH 64

struct thread {
    struct threads *all;
    struct thread *next; /* of threads.thread */
    pthread_t pthread;
    bool busy; /* what follows counts */
    jmp_buf end;
    unsigned int number; /* the activity's; SCHED_MAX_ACTORS: the round's */
    const char *name;
    void (*run)(void *argument);
    void *argument;
    uint64_t random;
    bool outside;           /* in the code under test: */
    bool kept;              /* it still has the turn there */
    unsigned int locks;     /* that it holds there */
    struct host_work *work; /* that it runs there, or NULL */
    bool wanted;    /* the turn by others, when it last gave it; then so */
    uint32_t taken; /* often had it been taken */
    struct thread *spawner; /* gets the turn when this one gives it first */
    /* Waiting for the turn until it is so; NULL: it does not. */
    bool (*done)(void *argument);
    void *done_argument;
    uint32_t woken; /* what it sleeps on */
};

struct threads {
    struct order order;
    struct litmus *litmus;
    uint32_t turn, taken; /* whether somebody has it; how often so far */
    uint32_t napping;     /* they are, until it is taken again */
    bool changed;         /* somebody's done() may be so now */
    bool over;            /* all but the round's own end */
    uint64_t seed;
    struct thread own, *thread;           /* who runs a round; the others */
    unsigned int threads;                 /* of them */
    uint32_t busy;                        /* likewise */
    enum sched_end (*run)(void *context); /* of the order */
    const struct threads_config *config;
    struct threads_result *result;
    struct {
        const char *from;
        size_t size;
        struct host_work *scheduled; /* that lies there */
    } fresh[THREADS_MAX_FRESH];
    unsigned int freshs;
};

/* The program's setup once, then its activities so many times.  False:
 * result->litmus.why.  Ends with the first round that found something, a race
 * or what the oracle objects to, unless @all. */
struct threads_config {
    uint64_t rounds;
    uint64_t seed; /* of who lingers where */
    bool all;
};
struct threads_result {
    struct litmus_result litmus;
    unsigned int threads; /* as many as were needed at a time */
};
bool threads_run(const struct program *program, const struct world_config *way,
                 const struct threads_config *config,
                 struct threads_result *result);

/* ---- turn.c ---- */

/* The running one; NULL: no round runs. */
struct thread *thread_self(void);
void turn_take(struct thread *t);
void turn_give(struct thread *t);
/* What it does from here on, with the turn, is not what has the turn. */
void turn_keep(void);
void turn_kept(void);

/* Stay away for a while, without the turn: where races show. */
void thread_linger(struct thread *t);

extern const struct thread_ops thread_ops;
/* Around a round, on the thread that runs it. */
void threads_begin(struct threads *all);
void threads_end(struct threads *all);
/* Of all rounds. */
void threads_free(struct threads *all);

/* ---- host.c: the way in, and back ---- */

void host_entered(void *order, struct host_work *work);
void host_returned(void *order);

#endif /* HARNESS_THREADS_THREADS_H */
