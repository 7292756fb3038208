/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A litmus test in simulated time: each of its activities is a thread. */
#include <sim/timed.h>

#include <stdio.h>
#include <string.h>

void timed_left(void *context, unsigned int thread)
{
    struct timed *t = context;

    litmus_left(t->litmus, thread - 1);
}

void timed_resumed(void *context, unsigned int thread)
{
    struct timed *t = context;

    litmus_resumed(t->litmus, thread - 1);
}

static struct timed *timed_of(struct order *order)
{
    return (struct timed *)((char *)order - offsetof(struct timed, order));
}

/* ---- threads of the platform; its first one is the program's own ---- */

static unsigned int current(void *context)
{
    return platform_thread(context) - 1;
}

static void wait(void *context, bool (*done)(void *argument), void *argument)
{
    platform_wait(context, done, argument);
}

static void notify(void *context)
{
    platform_notify(context);
}

static void spawn(void *context, unsigned int number, const char *name,
                  void (*run)(void *argument), void *argument)
{
    platform_spawn(context, number + 1, name, run, argument);
}

static void post(void *context, unsigned int number, const char *name,
                 void (*run)(void *argument), void *argument)
{
    platform_post(context, number + 1, name, run, argument);
}

/* Until the time of the last thing that it did has come. */
static void ending(void *context)
{
    platform_spend(context, 0);
}

/* Time says when others run: nobody yields. */
static const struct thread_ops threads = { .current = current,
                                           .wait = wait,
                                           .notify = notify,
                                           .spawn = spawn,
                                           .post = post,
                                           .ending = ending };

/* A thread's first operation has none before it. */
static void begins(void *context, size_t operation)
{
    struct timed *t = timed_of(context);
    struct timed_thread *th = timed_thread(t);

    if ( th->busy )
        timed_ended(t);
    th->busy = operation < t->program->ops;
    if ( th->busy )
        timed_begins(t, operation);
}

/* Of the run, what is asked of every run; of the outcome, what exploration has
 * said that there may be. */
static void tell(struct timed *t, const struct litmus_result *litmus)
{
    struct sim_result *result = t->result;
    struct run_result *run = &result->timed;

    run->dma = litmus->dma;
    run->invalidations = litmus->invalidations;
    run->suspended = litmus->unjudged;
    result->litmus.reached = litmus->allowed;
    result->litmus.found = litmus->found;
    result->litmus.finding = litmus->finding;
    snprintf(result->litmus.outcome, sizeof(result->litmus.outcome), "%s",
             litmus->outcome[0].text);
    /* What a defect or a race leads to is what the test is there to show. */
    if ( litmus->found && !*t->program->litmus.twin )
    {
        result->findings = 1;
        result->finding[0] = litmus->finding;
    }
}

void timed_run_litmus(struct timed *t)
{
    struct litmus_order order = order_of(&t->order);
    struct litmus_result litmus;

    order.begins = begins;
    order_init(&t->order, &threads, t->platform);
    t->litmus = litmus_new(t->world, &order);
    if ( litmus_once(t->litmus, &litmus) )
        tell(t, &litmus);
    else
        snprintf(t->result->why, sizeof(t->result->why), "%s", litmus.why);
    litmus_result_free(&litmus);
    litmus_free(t->litmus);
}
