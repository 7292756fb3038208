/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a litmus test: setup once, then the actors in many orders. */

#include <explore/coroutine.h>
#include <scenario/arch.h>
#include <scenario/litmus_private.h>
#include <scenario/world_private.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RUNS 1000000
#define MOST_STEPS   20000
#define FEW_PAGES    8
/* Runs of reduction, before states are matched instead. */
#define REDUCED_RUNS 1000

/* ---- the parts of a program that run in one order ---- */

static void run_part(struct litmus *l, uint8_t actor)
{
    struct execution e = { .world = l->world, .result = &l->run };

    for ( size_t i = 0; i < l->program->ops; i++ )
    {
        if ( l->program->op[i].actor != actor || l->world->findings ||
             *l->world->refused )
            continue;
        l->world->operation = i;
        activity_begins(l, i);
        execute_operation(&e, i);
    }
    activity_begins(l, NO_OPERATION);
}

static bool refuse(struct litmus *l, const char *why)
{
    const struct program *program = l->program;

    l->result->refused = true;
    if ( !*l->result->why )
        snprintf(l->result->why, sizeof(l->result->why), "%.80s:%u: %.120s",
                 program->file ? program->file : program->name,
                 program->op[l->world->operation].line, why);
    return false;
}

/* Kinds of calls that an actor makes fail. */
static uint32_t failures_of(const struct program *program)
{
    uint32_t kinds = 0;

    for ( size_t i = 0; i < program->ops; i++ )
        if ( program->op[i].code == OP_FAIL &&
             program->op[i].actor != ACTOR_SETUP )
            kinds |= UINT32_C(1) << op_arg(&program->op[i], 0);
    return kinds;
}

static bool set_up(struct litmus *l)
{
    machine_may_fail(l->world->machine, failures_of(l->program));
    run_part(l, ACTOR_SETUP);
    if ( *l->world->refused )
        return refuse(l, l->world->refused);
    return !l->world->findings || refuse(l, l->world->finding[0].message);
}

static bool prepare(struct litmus *l)
{
    struct world *world = l->world;

    world->judged = &l->pages;
    if ( !set_up(l) )
        return false;
    return world_snapshot(world) ? true : refuse(l, "out of memory");
}

/* ---- a run ---- */

static void begin(void *context, struct sched *s)
{
    struct litmus *l = context;

    world_restore(l->world, l->program);
    l->schedule.steps = 0;
    memset(l->dmas, 0, sizeof(l->dmas));
    memset(l->hash, 0, sizeof(l->hash));
    l->explored = explored_order(s);
    l->order = &l->explored;
    activities_begin(l);
}

/* What a step changes, but for what is asked for in replays alone. */
static uint64_t save(void *context, struct image *image)
{
    struct litmus *l = context;

    image_add(image, &l->schedule.steps, sizeof(l->schedule.steps));
    image_add(image, l->dmas, sizeof(l->dmas));
    image_add(image, l->dma, l->program->litmus.actors * sizeof(l->dma[0]));
    return activities_save(l, sched_used(l->explored.context), image);
}

static void rewind_to(void *context, uint64_t mark)
{
    activities_rewind(context, mark);
}

static void report_stuck(struct litmus *l, enum sched_end end)
{
    const struct litmus_order *o = l->order;
    uint32_t stuck = o->stuck(o->context);
    char text[300] = "";
    size_t used = 0;

    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS && used < sizeof(text);
          i++ )
        if ( stuck >> i & 1 )
            used += (size_t)snprintf(text + used, sizeof(text) - used,
                                     "%s'%s' at %s", used ? ", " : "",
                                     o->name(o->context, i),
                                     o->where(o->context, i));
    world_find(l->world, "P5", "%s: %s",
               end == SCHED_DEADLOCK ? "nobody can go on" :
                                       "nobody gets any further",
               text);
}

/* What a bound on the steps says: somebody never ends. */
static void finish(struct litmus *l, enum sched_end end)
{
    if ( end == SCHED_DEADLOCK || end == SCHED_LIVELOCK )
        report_stuck(l, end);
    activities_end(l);
    if ( end != SCHED_DONE || *l->world->refused )
        return;
    world_settle(l->world);
    run_part(l, ACTOR_FINALLY);
    if ( !l->world->findings )
        execute_check_all(l->world);
}

/*
 * Which pages decide what is legal is known when they have been looked at.  If
 * one is found, what was taken for independent so far was not: it all begins
 * again.
 */
static bool must_repeat(struct litmus *l)
{
    l->repeat = l->reduces && l->pages.grown;
    return l->repeat;
}

static bool end(void *context, struct sched *s, enum sched_end end)
{
    struct litmus *l = context;

    (void)s;
    if ( l->config->hash_ends )
        litmus_add_hash(l);
    /* Equivalent to another: it was left in the middle. */
    if ( end == SCHED_LEFT )
    {
        activities_end(l);
        return must_repeat(l);
    }
    finish(l, end);
    if ( *l->world->refused )
    {
        refuse(l, l->world->refused);
        return true;
    }
    litmus_add_stats(l);
    if ( l->config->strategy == EXPLORE_REPLAY )
        litmus_hash_end(l);
    return litmus_judge(l) || must_repeat(l);
}

static void enter(void *context, unsigned int actor)
{
    activities_enter(context, actor);
}

static void leave(void *context, unsigned int actor)
{
    activities_leave(context, actor);
}

/* ---- all of them ---- */

/* A domain's driver has state of its own: who shares it, depends. */
static uint32_t sharing(const struct program *program)
{
    uint8_t actor[2] = { 0, 0 };
    uint32_t mask = 0;

    for ( size_t i = 0; i < program->ops; i++ )
    {
        const struct operation *op = &program->op[i];

        if ( op->code < OP_ARCH || op->code >= OP_ACTIVITY ||
             op->actor == ACTOR_SETUP || op->actor == ACTOR_FINALLY )
            continue;
        if ( actor[op->domain] && actor[op->domain] != op->actor )
            mask |= 1u << op->domain;
        actor[op->domain] = op->actor;
    }
    return mask;
}

static void explore_by(struct litmus *l, const struct explore_system *system,
                       const struct explore_config *config)
{
    struct litmus_result *result = l->result;

    l->reduces = config->strategy == EXPLORE_EXHAUSTIVE ||
                 config->strategy == EXPLORE_MATCHED;
    do
    {
        l->repeat = l->pages.grown = false;
        memset(result->outcome, 0, sizeof(result->outcome));
        result->outcomes = 0;
        result->allowed = 0;
        explore(system, config, &result->explored);
    } while ( l->repeat );
}

static uint64_t runs_of(const struct explore_result *result)
{
    return result->schedules + result->redundant;
}

static void explore_all(struct litmus *l)
{
    const struct litmus_config *c = l->config;
    const struct explore_system system = { .begin = begin,
                                           .end = end,
                                           .enter = enter,
                                           .leave = leave,
                                           .save = save,
                                           .rewind = rewind_to,
                                           .context = l,
                                           .weak = LITMUS_WEAK,
                                           .values = litmus_values(l) };
    uint32_t bound = c->preemptions != EXPLORE_NO_LIMIT ?
                         c->preemptions :
                         l->program->litmus.bound;
    uint64_t runs = c->runs ? c->runs : DEFAULT_RUNS;
    struct explore_config config = {
        .strategy = c->strategy,
        .preemptions = bound,
        .depth = c->depth,
        .runs = runs,
        .steps = MOST_STEPS,
        .seed = c->seed,
        .schedule = c->schedule ? c->schedule : l->program->litmus.schedule,
        .from_start = c->from_start,
    };
    struct litmus_result *result = l->result;
    double start = cpu_seconds();

    /* A bound is one of preemptions: not all of a class have as many. */
    if ( config.strategy == EXPLORE_EXHAUSTIVE && bound != EXPLORE_NO_LIMIT )
        config.strategy = EXPLORE_MATCHED;
    if ( config.strategy != EXPLORE_PLAIN &&
         config.strategy != EXPLORE_MATCHED )
        config.preemptions = EXPLORE_NO_LIMIT;
    if ( config.strategy == EXPLORE_EXHAUSTIVE && config.runs > REDUCED_RUNS )
        config.runs = REDUCED_RUNS;
    explore_by(l, &system, &config);
    if ( config.strategy == EXPLORE_EXHAUSTIVE && config.runs != runs &&
         runs_of(&result->explored) >= config.runs && !result->refused )
    {
        config.strategy = EXPLORE_MATCHED;
        config.runs = runs;
        explore_by(l, &system, &config);
    }
    result->strategy = config.strategy;
    result->bound = config.preemptions;
    result->exhaustive = explore_is_exhaustive(&config, &result->explored);
    result->exploring = cpu_seconds() - start;
}

bool litmus_explore(const struct program *program,
                    const struct world_config *way,
                    const struct litmus_config *config,
                    struct litmus_result *result)
{
    struct world_config often = *way;
    struct litmus *l = calloc(1, sizeof(*l));
    const char *reason = NULL;
    double start = wall_seconds();

    if ( !l )
        abort();
    *result = (struct litmus_result) { .bound = EXPLORE_NO_LIMIT };
    l->program = program;
    l->config = config;
    l->result = result;
    l->sharing = sharing(program);
    /* The oracle looks at the end of every run: let it look at a few. */
    often.span_pages = FEW_PAGES;
    often.few_registers = true;
    l->world = world_create(program, &often, &reason);
    if ( !l->world )
    {
        result->refused = true;
        snprintf(result->why, sizeof(result->why), "%s", reason);
        free(l);
        return false;
    }
    if ( prepare(l) )
    {
        if ( coroutine_can_save() && !config->from_start )
            machine_track(l->world->machine);
        explore_all(l);
        machine_untrack(l->world->machine);
        if ( !result->found )
            result->schedule = schedule_text(&l->schedule);
        world_restore(l->world, program);
    }
    world_destroy(l->world);
    schedule_free(&l->schedule);
    free(l);
    result->seconds = wall_seconds() - start;
    return !result->refused;
}

/* ---- one of them ---- */

struct litmus *litmus_new(struct world *world,
                          const struct litmus_order *order)
{
    static const struct litmus_config all = { .all = true };
    struct litmus *l = calloc(1, sizeof(*l));

    if ( !l )
        abort();
    l->program = world->program;
    l->config = &all;
    l->sharing = sharing(world->program);
    l->world = world;
    l->order = order;
    return l;
}

static bool run_activities(struct litmus *l)
{
    activities_begin(l);
    finish(l, l->order->run(l->order->context));
    if ( *l->world->refused )
        return refuse(l, l->world->refused);
    litmus_add_stats(l);
    litmus_judge(l);
    l->result->explored.schedules++;
    return true;
}

static bool start(struct litmus *l, struct litmus_result *result)
{
    *result = (struct litmus_result) { .bound = EXPLORE_NO_LIMIT };
    l->result = result;
    return set_up(l);
}

bool litmus_once(struct litmus *l, struct litmus_result *result)
{
    return start(l, result) && run_activities(l);
}

bool litmus_rounds(struct litmus *l, uint64_t rounds,
                   bool (*before)(void *context), void *context,
                   struct litmus_result *result)
{
    if ( !start(l, result) )
        return false;
    if ( !world_snapshot(l->world) )
        return refuse(l, "out of memory");
    for ( uint64_t i = 0; i < rounds && before(context); i++ )
    {
        world_restore(l->world, l->program);
        memset(l->dmas, 0, sizeof(l->dmas));
        if ( !run_activities(l) )
            return false;
    }
    return true;
}

void litmus_free(struct litmus *l)
{
    schedule_free(&l->schedule);
    free(l);
}

void litmus_result_free(struct litmus_result *result)
{
    free(result->schedule);
    result->schedule = NULL;
}
