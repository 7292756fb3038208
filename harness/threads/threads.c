/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A litmus test in rounds of real threads. */
#include <threads/races.h>
#include <threads/threads.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the oracle's looks at the end of a round: as of an explored order. */
#define FEW_PAGES 8

/* Seconds, after which nobody gets any further and nobody notices: a thread
 * that loops inside hypervisor/ without a call of host.h. */
#define WATCHDOG 60u

static struct threads *of_order(void *context)
{
    return (struct threads *)((char *)context -
                              offsetof(struct threads, order));
}

static bool before(void *context)
{
    struct threads *all = context;

    if ( !all->config->all && (races_seen() || all->result->litmus.found) )
        return false;
    alarm(WATCHDOG);
    order_init(&all->order, &thread_ops, all);
    return true;
}

static enum sched_end run(void *context)
{
    struct threads *all = of_order(context);
    enum sched_end end;

    threads_begin(all);
    end = all->run(context);
    threads_end(all);
    return end;
}

bool threads_run(const struct program *program, const struct world_config *way,
                 const struct threads_config *config,
                 struct threads_result *result)
{
    struct threads all = { .seed = config->seed,
                           .config = config,
                           .result = result };
    struct world_config often = *way;
    struct litmus_order order = order_of(&all.order);
    const char *reason = NULL;
    struct world *world;
    double start = wall_seconds();
    bool ran;

    *result = (struct threads_result) { .threads = 0 };
    often.span_pages = FEW_PAGES;
    often.few_registers = true;
    world = world_create(program, &often, &reason);
    if ( !world )
    {
        snprintf(result->litmus.why, sizeof(result->litmus.why), "%s", reason);
        return false;
    }
    all.run = order.run;
    order.run = run;
    order.entered = host_entered;
    order.returned = host_returned;
    all.litmus = litmus_new(world, &order);
    ran = litmus_rounds(all.litmus, config->rounds, before, &all,
                        &result->litmus);
    alarm(0);
    litmus_free(all.litmus);
    world_destroy(world);
    result->threads = all.threads;
    threads_free(&all);
    result->litmus.seconds = wall_seconds() - start;
    return ran;
}
