/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The activities of a world, and what they tell the explorer. */

#include <scenario/litmus_private.h>

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static struct activity *current(struct litmus *l)
{
    return &l->activity[l->order->current(l->order->context)];
}

/* ---- leaving, and coming back ---- */

static void leave(struct litmus *l, struct activity *a)
{
    machine_activity_leave(l->world->machine, &a->machine);
}

static void come_back(struct litmus *l, const struct activity *a)
{
    machine_activity_enter(l->world->machine, &a->machine);
    if ( a->operation != NO_OPERATION )
        l->world->operation = a->operation;
}

/* The running activity stands at @where until @until, see sched_pause(). */
static void stand(struct litmus *l, const char *where,
                  bool (*until)(const void *what), const void *what,
                  const struct touch *on)
{
    struct activity *a = current(l);

    leave(l, a);
    l->order->pause(l->order->context, where, until, what, on);
    come_back(l, a);
}

static void on_yield(void *context, const char *where,
                     const struct machine_await *await)
{
    if ( await )
        stand(context, where, await->until, await->what,
              &(struct touch) { (uint32_t)await->resource, true, await->key,
                                await->key });
    else
        stand(context, where, NULL, NULL, NULL);
}

static void on_wait(void *context, const char *where)
{
    struct litmus *l = context;
    struct activity *a = current(l);

    leave(l, a);
    l->order->wait(l->order->context, where);
    come_back(l, a);
}

static void on_turn(void *context)
{
    struct litmus *l = context;

    if ( l->order->turn )
        l->order->turn(l->order->context);
}

static void on_look(void *context)
{
    struct litmus *l = context;

    l->order->look(l->order->context);
}

static void on_touch(void *context, enum machine_resource resource,
                     uint64_t first, uint64_t last, bool write)
{
    struct litmus *l = context;
    const struct touch touch = { (uint32_t)resource, write, first, last };

    l->order->touch(l->order->context, &touch);
}

/* ---- what a register write sets off ---- */

struct spawned {
    struct litmus *l;
    void (*run)(void *argument);
    void *argument;
};

static void run_spawned(void *argument)
{
    const struct spawned s = *(const struct spawned *)argument;
    struct activity *a = current(s.l);

    *a = (struct activity) { .litmus = s.l, .operation = NO_OPERATION };
    machine_activity_enter(s.l->world->machine, &a->machine);
    s.run(s.argument);
}

/* Numbers from here on: behind actors, interrupts and deferred work. */
static unsigned int first_spawned(const struct litmus *l)
{
    return l->program->litmus.actors + l->world->units + MACHINE_MAX_WORKS;
}

static void on_spawn(void *context, const char *name,
                     void (*run)(void *argument), void *argument)
{
    struct litmus *l = context;
    struct activity *a = current(l);
    struct spawned spawned = { l, run, argument };
    struct sched_actor actor = { .run = run_spawned,
                                 .argument = &spawned,
                                 .daemon = true };
    bool done;

    snprintf(actor.name, sizeof(actor.name), "%s", name);
    leave(l, a);
    done = l->order->spawn(l->order->context, &actor, first_spawned(l));
    come_back(l, a);
    if ( done )
        return;
    /* It must not be lost; but who had one of its own would be another. */
    world_refuse(l->world,
                 "more than %u writes to registers are under way at once: let "
                 "actors wait for some of them, or have fewer",
                 SCHED_MAX_ACTORS - first_spawned(l));
    run(argument);
}

/* ---- the code under test ---- */

static void on_entered(void *context, struct host_work *work)
{
    struct litmus *l = context;

    l->order->entered(l->order->context, work);
}

static void on_returned(void *context)
{
    struct litmus *l = context;

    l->order->returned(l->order->context);
}

/* ---- actors ---- */

static void on_dma_ended(struct execution *e, const struct operation *op,
                         const struct dma_transfer *transfer,
                         const struct dma_result *result)
{
    struct activity *a = e->context;
    const struct response *first = &result->piece[0].response;
    uint64_t reason = response_reached(first) ?
                          0 :
                          architected_reason(e, (unsigned int)op_arg(op, 0),
                                             transfer, first);

    litmus_dma_ended(a->litmus, a->number, result, reason);
}

static void run_actor(void *argument)
{
    struct activity *a = argument;
    struct litmus *l = a->litmus;
    const struct program *program = l->program;

    come_back(l, a);
    for ( size_t i = 0; i < program->ops && !*l->world->refused; i++ )
    {
        if ( program->op[i].actor != a->number + 1 )
            continue;
        a->operation = l->world->operation = i;
        activity_begins(l, i);
        activity_stands(l, i | (uint64_t)a->execution.skip << 32);
        execute_operation(&a->execution, i);
        l->order->progress(l->order->context);
    }
    activity_begins(l, NO_OPERATION);
    activity_stands(l, NO_OPERATION);
    leave(l, a);
}

/* ---- interrupts, deferred work ---- */

static bool interrupt_waits(const void *what)
{
    const struct activity *a = what;

    return machine_interrupt_waits(a->litmus->world->machine, a->number);
}

static void run_interrupts(void *argument)
{
    struct activity *a = argument;
    struct litmus *l = a->litmus;

    come_back(l, a);
    for ( ;; )
    {
        machine_interrupt_run(l->world->machine, a->number);
        activity_stands(l, 0);
        stand(l, "interrupt", interrupt_waits, a, NULL);
    }
}

static bool work_waits(const void *what)
{
    const struct activity *a = what;

    return machine_work_waits(a->litmus->world->machine, a->number);
}

static void run_work(void *argument)
{
    struct activity *a = argument;
    struct litmus *l = a->litmus;

    come_back(l, a);
    for ( ;; )
    {
        bool more, busy;

        machine_work_run(l->world->machine, a->number, &more, &busy);
        activity_stands(l, (uint64_t)(more && !busy));
        if ( more && !busy )
            on_wait(l, "deferred work");
        else
            l->order->progress(l->order->context);
        stand(l, "deferred work", work_waits, a, NULL);
    }
}

/* ---- all of them ---- */

static void add(struct litmus *l, const char *name, unsigned int number,
                const struct sched_actor *kind)
{
    struct sched_actor actor = *kind;
    unsigned int at = 0;
    struct activity *a;

    while ( l->activity[at].litmus )
        at++;
    a = &l->activity[at];
    *a = (struct activity) { .litmus = l,
                             .number = number,
                             .operation = NO_OPERATION };
    a->execution = (struct execution) { .world = l->world,
                                        .result = &l->run,
                                        .dma_ended = on_dma_ended,
                                        .context = a };
    snprintf(actor.name, sizeof(actor.name), "%s", name);
    actor.argument = a;
    l->order->add(l->order->context, &actor, at);
}

void activities_begin(struct litmus *l)
{
    static const struct sched_actor actor = { .run = run_actor };
    static const struct sched_actor interrupt = { .run = run_interrupts,
                                                  .until = interrupt_waits,
                                                  .daemon = true };
    static const struct sched_actor work = { .run = run_work,
                                             .until = work_waits,
                                             .daemon = true };
    const struct program_litmus *p = &l->program->litmus;
    char name[SCHED_NAME];

    memset(l->activity, 0, sizeof(l->activity));
    for ( unsigned int i = 0; i < p->actors; i++ )
        add(l, p->actor[i], i, &actor);
    for ( unsigned int i = 0; i < l->world->units; i++ )
    {
        snprintf(name, sizeof(name), "interrupt %u", i);
        add(l, name, i, &interrupt);
    }
    for ( unsigned int i = 0; i < MACHINE_MAX_WORKS; i++ )
    {
        snprintf(name, sizeof(name), "deferred %u", i);
        add(l, name, i, &work);
    }
    l->interleave = (struct machine_interleave) { .yield = on_yield,
                                                  .wait = on_wait,
                                                  .turn = on_turn,
                                                  .look = on_look,
                                                  .touch = on_touch,
                                                  .spawn = on_spawn,
                                                  .context = l };
    if ( l->order->entered )
    {
        l->interleave.entered = on_entered;
        l->interleave.returned = on_returned;
    }
    l->world->interleave = &l->interleave;
    machine_interleave(l->world->machine, &l->interleave);
}

void activities_end(struct litmus *l)
{
    static const struct machine_activity nobody;

    l->world->interleave = NULL;
    machine_interleave(l->world->machine, NULL);
    machine_activity_enter(l->world->machine, &nobody);
}

void litmus_left(struct litmus *l, unsigned int activity)
{
    leave(l, &l->activity[activity]);
}

void litmus_resumed(struct litmus *l, unsigned int activity)
{
    come_back(l, &l->activity[activity]);
}

static void add_piece(void *context, void *at, size_t size)
{
    image_add(context, at, size);
}

uint64_t activities_save(struct litmus *l, uint32_t used, struct image *image)
{
    while ( used )
    {
        struct activity *a = &l->activity[sched_take(&used)];

        image_add(image, a, sizeof(*a));
    }
    return world_pieces(l->world, add_piece, image);
}

void activities_rewind(struct litmus *l, uint64_t mark)
{
    world_rewind(l->world, mark);
    machine_interleave(l->world->machine, &l->interleave);
}

/* ---- steps ---- */

void activities_enter(struct litmus *l, unsigned int number)
{
    struct activity *a = &l->activity[number];
    const struct operation *op = a->operation == NO_OPERATION ?
                                     NULL :
                                     &l->program->op[a->operation];

    schedule_add(&l->schedule, number);
    /* The driver of a domain is one, whoever runs it. */
    if ( op && op->code >= OP_ARCH && op->code < OP_ACTIVITY &&
         l->sharing >> op->domain & 1 )
        on_touch(l, MACHINE_GUEST, op->domain, op->domain, true);
}

void activities_leave(struct litmus *l, unsigned int number)
{
    const struct activity *a = &l->activity[number];
    const char *where = l->order->where(l->order->context, number);
    uint64_t step[2] = { number, a->operation };

    if ( l->config->strategy != EXPLORE_REPLAY )
        return;
    l->hash[0] = XXH3_64bits_withSeed(step, sizeof(step), l->hash[0]);
    l->hash[1] = XXH3_64bits_withSeed(where, strlen(where), l->hash[1]);
    if ( l->config->step )
        l->config->step(l->config->context, number, a->operation,
                        l->order->name(l->order->context, number), where);
}
