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
    order_init(&t->order, t->platform);
    t->litmus = litmus_new(t->world, &order);
    if ( litmus_once(t->litmus, &litmus) )
        tell(t, &litmus);
    else
        snprintf(t->result->why, sizeof(t->result->why), "%s", litmus.why);
    litmus_result_free(&litmus);
    litmus_free(t->litmus);
}
