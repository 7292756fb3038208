/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads, and whose turn it is.  Futexes by themselves, because those of the
 * library are orders that ThreadSanitizer would believe in. */
#define _GNU_SOURCE
#include <threads/threads.h>

#include <linux/futex.h>
#include <sanitizer/tsan_interface.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Thread_local struct thread *self;

struct thread *thread_self(void)
{
    return self;
}

/* ---- sleeping ---- */

static void sleep_on(uint32_t *word, uint32_t value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

/* For a while at most. */
static void nap_on(uint32_t *word, uint32_t value, long nanoseconds)
{
    const struct timespec time = { .tv_nsec = nanoseconds };

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &time, NULL, 0);
}

static void wake(uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void sleep_until_woken(struct thread *t)
{
    while ( !__atomic_exchange_n(&t->woken, 0, __ATOMIC_ACQUIRE) )
        sleep_on(&t->woken, 0);
}

static void wake_thread(struct thread *t)
{
    __atomic_store_n(&t->woken, 1, __ATOMIC_RELEASE);
    wake(&t->woken);
}

/* ---- what ThreadSanitizer leaves out ---- */

void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);

/* What the library does in our name it would see all the same. */
static void ignore(bool on)
{
    if ( on )
    {
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
        AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    else
    {
        AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    }
}

/* ---- the turn: 0 nobody's, 1 somebody's, 2 and others sleep ---- */

void turn_keep(void)
{
    ignore(false);
}

void turn_kept(void)
{
    ignore(true);
}

void turn_take(struct thread *t)
{
    uint32_t *turn = &t->all->turn, free = 0;

    if ( !__atomic_compare_exchange_n(turn, &free, 1, false, __ATOMIC_ACQUIRE,
                                      __ATOMIC_RELAXED) )
        while ( __atomic_exchange_n(turn, 2, __ATOMIC_ACQUIRE) )
            sleep_on(turn, 2);
    /* Who has given it may have waited for just this. */
    __atomic_add_fetch(&t->all->taken, 1, __ATOMIC_RELAXED);
    if ( __atomic_load_n(&t->all->napping, __ATOMIC_RELAXED) )
        wake(&t->all->taken);
    ignore(true);
}

/* Who waits for something that is so now looks for himself.  True: there are
 * such. */
static bool wake_those_who_can(struct threads *all)
{
    bool any = false;

    if ( !all->changed )
        return false;
    all->changed = false;
    for ( struct thread *t = all->thread; t; t = t->next )
        if ( t->done && (all->over || t->done(t->done_argument)) )
        {
            t->done = NULL;
            wake_thread(t);
            any = true;
        }
    if ( all->own.done && all->own.done(all->own.done_argument) )
    {
        all->own.done = NULL;
        wake_thread(&all->own);
    }
    return any;
}

void turn_give(struct thread *t)
{
    struct thread *spawner = t->spawner;

    ignore(false);
    t->spawner = NULL;
    t->wanted = false;
    if ( spawner )
    {
        wake_thread(spawner);
        return;
    }
    t->wanted = wake_those_who_can(t->all);
    t->taken = __atomic_load_n(&t->all->taken, __ATOMIC_RELAXED);
    if ( __atomic_exchange_n(&t->all->turn, 0, __ATOMIC_RELEASE) == 2 )
    {
        t->wanted = true;
        wake(&t->all->turn);
    }
}

/* ---- lingering ---- */

#define NAP_ONE_OF 2
#define NAP_NS     100000
#define MOST_TURNS 512 /* of a loop, otherwise */

static uint64_t draw(struct thread *t)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return t->random >> 20;
}

/* Until another has taken the turn, if one wants it.  No sched_yield(): on a
 * busy machine it takes milliseconds. */
void thread_linger(struct thread *t)
{
    uint32_t *napping = &t->all->napping;

    if ( t->wanted && draw(t) % NAP_ONE_OF == 0 )
    {
        __atomic_add_fetch(napping, 1, __ATOMIC_RELAXED);
        nap_on(&t->all->taken, t->taken, NAP_NS);
        __atomic_sub_fetch(napping, 1, __ATOMIC_RELAXED);
    }
    for ( uint64_t i = draw(t) % MOST_TURNS; i; i-- )
        __asm__ volatile("");
}

/* ---- what the order asks for ---- */

static unsigned int current(void *context)
{
    (void)context;
    return self->number;
}

static void yield(void *context)
{
    (void)context;
    turn_give(self);
    thread_linger(self);
    turn_take(self);
}

static void notify(void *context)
{
    struct threads *all = context;

    all->changed = true;
}

static void wait(void *context, bool (*done)(void *argument), void *argument)
{
    struct threads *all = context;
    struct thread *t = self;

    while ( !done(argument) )
    {
        if ( all->over )
        {
            turn_give(t);
            longjmp(t->end, 1);
        }
        t->done = done;
        t->done_argument = argument;
        turn_give(t);
        sleep_until_woken(t);
        turn_take(t);
    }
}

/* ---- threads: each is used again, since making one takes long ---- */

/* What it was given to do has come to its end: who runs the round sleeps on
 * how many have not. */
static void end_job(struct thread *t)
{
    struct threads *all = t->all;

    __tsan_release(all);
    __atomic_store_n(&t->busy, false, __ATOMIC_RELEASE);
    if ( !__atomic_sub_fetch(&all->busy, 1, __ATOMIC_ACQ_REL) )
        wake(&all->busy);
}

static void do_job(struct thread *t)
{
    if ( setjmp(t->end) )
        return;
    if ( t->spawner )
        ignore(true);
    else
        turn_take(t);
    t->run(t->argument);
    turn_give(t);
}

static void *body(void *argument)
{
    struct thread *t = argument;

    self = t;
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* nanoseconds */
    for ( ;; )
    {
        sleep_until_woken(t);
        __tsan_acquire(t);
        if ( !t->run )
            return NULL;
        pthread_setname_np(pthread_self(), t->name);
        do_job(t);
        end_job(t);
    }
}

/* One that has nothing to do. */
static struct thread *idle(struct threads *all)
{
    struct thread *t = all->thread;

    while ( t && __atomic_load_n(&t->busy, __ATOMIC_ACQUIRE) )
        t = t->next;
    if ( t )
        return t;
    t = calloc(1, sizeof(*t));
    if ( !t )
        abort();
    t->all = all;
    t->next = all->thread;
    if ( pthread_create(&t->pthread, NULL, body, t) )
        abort();
    all->thread = t;
    all->threads++;
    return t;
}

static uint64_t seeded(const struct threads *all, unsigned int number)
{
    uint64_t seed = (all->seed + number) * UINT64_C(0x9e3779b97f4a7c15);

    return (seed ^ seed >> 29) | 1;
}

static void begin(struct threads *all, unsigned int number, const char *name,
                  void (*run)(void *argument), void *argument,
                  struct thread *spawner)
{
    struct thread *t = idle(all);

    t->number = number;
    t->name = name;
    t->run = run;
    t->argument = argument;
    t->random = seeded(all, number);
    t->spawner = spawner;
    t->outside = t->kept = false;
    t->locks = 0;
    t->work = NULL;
    t->done = NULL;
    t->busy = true;
    __atomic_add_fetch(&all->busy, 1, __ATOMIC_RELAXED);
    __tsan_release(t);
    wake_thread(t);
}

static void spawn(void *context, unsigned int number, const char *name,
                  void (*run)(void *argument), void *argument)
{
    begin(context, number, name, run, argument, NULL);
}

static void post(void *context, unsigned int number, const char *name,
                 void (*run)(void *argument), void *argument)
{
    begin(context, number, name, run, argument, self);
    sleep_until_woken(self);
}

const struct thread_ops thread_ops = { .current = current,
                                       .yield = yield,
                                       .wait = wait,
                                       .notify = notify,
                                       .spawn = spawn,
                                       .post = post };

/* ---- a round ---- */

void threads_begin(struct threads *all)
{
    all->over = all->changed = false;
    all->freshs = 0;
    all->seed += SCHED_MAX_ACTORS;
    all->own = (struct thread) { .all = all, .number = SCHED_MAX_ACTORS };
    self = &all->own;
    turn_take(self);
}

void threads_end(struct threads *all)
{
    uint32_t busy;

    all->over = all->changed = true;
    turn_give(self);
    self = NULL;
    while ( (busy = __atomic_load_n(&all->busy, __ATOMIC_ACQUIRE)) != 0 )
        sleep_on(&all->busy, busy);
    __tsan_acquire(all);
}

void threads_free(struct threads *all)
{
    while ( all->thread )
    {
        struct thread *t = all->thread;

        all->thread = t->next;
        t->run = NULL;
        wake_thread(t);
        pthread_join(t->pthread, NULL);
        free(t);
    }
}
