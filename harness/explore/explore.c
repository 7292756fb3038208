/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of a strategy, and those strategies that remember nothing. */
#include <explore/private.h>

#include <stdlib.h>
#include <string.h>

const char *const explore_strategy_names[EXPLORE_STRATEGIES + 1] = {
    "exhaustive", "plain", "matched", "pct", "urw", "random", "replay", NULL
};

bool explore_is_exhaustive(const struct explore_config *config,
                           const struct explore_result *result)
{
    return result->complete && !result->cut && !result->looked &&
           !result->circles && config->strategy <= EXPLORE_MATCHED;
}

/* ---- random numbers: splitmix64 ---- */

static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static unsigned int nth_of(uint32_t mask, unsigned int n)
{
    while ( n-- )
        mask &= mask - 1;
    return (unsigned int)__builtin_ctz(mask);
}

static unsigned int any_of(struct explorer *e, uint32_t enabled)
{
    unsigned int count = (unsigned int)__builtin_popcount(enabled);

    return nth_of(enabled, (unsigned int)(draw(&e->random) % count));
}

/* ---- random, PCT, URW ---- */

static int choose_random(void *context, struct sched *s, uint32_t enabled)
{
    (void)s;
    return (int)any_of(context, enabled);
}

/*
 * PCT (Burckhardt 2010): the enabled actor of the highest priority, and d - 1
 * places, drawn among as many steps as the last run had, where the one that
 * runs falls below all others.
 */
static int choose_pct(void *context, struct sched *s, uint32_t enabled)
{
    struct explorer *e = context;
    unsigned int best = (unsigned int)__builtin_ctz(enabled);

    for ( unsigned int i = best + 1; i < SCHED_MAX_ACTORS; i++ )
        if ( enabled >> i & 1 && e->priority[i] > e->priority[best] )
            best = i;
    for ( unsigned int i = 0; i < e->changes; i++ )
        if ( e->change[i] == sched_steps(s) )
            e->priority[best] = e->changes - i;
    return (int)best;
}

static void begin_pct(struct explorer *e)
{
    uint64_t span = e->last_steps ? e->last_steps : 64;

    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        e->priority[i] = PCT_MOST_CHANGES + 1 + (draw(&e->random) >> 8);
    e->changes = e->config->depth ? e->config->depth - 1 : 0;
    if ( e->changes > PCT_MOST_CHANGES )
        e->changes = PCT_MOST_CHANGES;
    for ( unsigned int i = 0; i < e->changes; i++ )
        e->change[i] = draw(&e->random) % span;
}

/* URW (Zhao 2024): an actor in proportion to the steps that it has left; how
 * many there are is what it had in the run before. */
static int choose_urw(void *context, struct sched *s, uint32_t enabled)
{
    struct explorer *e = context;
    uint64_t total = 0, at;

    (void)s;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( enabled >> i & 1 )
            total += 1 + (e->had[i] > e->made[i] ? e->had[i] - e->made[i] : 0);
    at = draw(&e->random) % total;
    for ( unsigned int i = 0;; i++ )
    {
        uint64_t weight = 1 + (e->had[i] > e->made[i] ?
                                   e->had[i] - e->made[i] :
                                   0);

        if ( !(enabled >> i & 1) )
            continue;
        if ( at < weight )
            return (int)i;
        at -= weight;
    }
}

/* ---- replay ---- */

static int choose_replay(void *context, struct sched *s, uint32_t enabled)
{
    struct explorer *e = context;
    int next = e->reader.at ? schedule_next(&e->reader) : -1;

    (void)s;
    if ( next >= 0 && enabled >> next & 1 )
        return next;
    if ( next != -1 )
    {
        e->result->misfit = true;
        return -1;
    }
    e->reader.at = NULL;
    return (int)explore_same_or_first(e, enabled);
}

/* ---- the loop ---- */

unsigned int explore_same_or_first(const struct explorer *e, uint32_t enabled)
{
    return e->last >= 0 && enabled >> e->last & 1 ?
               (unsigned int)e->last :
               (unsigned int)__builtin_ctz(enabled);
}

static int choose(void *context, struct sched *s, uint32_t enabled)
{
    static int (*const by_strategy[])(void *context, struct sched *s,
                                      uint32_t enabled) = {
        [EXPLORE_EXHAUSTIVE] = explore_tree_choose,
        [EXPLORE_PLAIN] = explore_tree_choose,
        [EXPLORE_MATCHED] = explore_tree_choose,
        [EXPLORE_PCT] = choose_pct,
        [EXPLORE_URW] = choose_urw,
        [EXPLORE_RANDOM] = choose_random,
        [EXPLORE_REPLAY] = choose_replay,
    };
    struct explorer *e = context;
    int next = by_strategy[e->config->strategy](e, s, enabled);

    e->last = next;
    return next;
}

static void stepped(void *context, struct sched *s, unsigned int actor,
                    const struct footprint *footprint)
{
    struct explorer *e = context;

    (void)s;
    e->made[actor]++;
    e->result->steps++;
    if ( explore_is_tree(e) )
        explore_tree_stepped(e, actor, footprint);
}

static bool next_run(struct explorer *e)
{
    switch ( e->config->strategy )
    {
    case EXPLORE_EXHAUSTIVE:
    case EXPLORE_PLAIN:
    case EXPLORE_MATCHED:
        return explore_tree_next(e);
    case EXPLORE_REPLAY:
        return false;
    default:
        return true;
    }
}

static void count(struct explorer *e, enum sched_end end, bool looked)
{
    if ( end == SCHED_LEFT )
        e->result->redundant++;
    else
        e->result->schedules++;
    if ( end == SCHED_CUT )
        e->result->cut++;
    e->result->looked += looked;
}

static void begin_run(struct explorer *e)
{
    memcpy(e->had, e->made, sizeof(e->had));
    memset(e->made, 0, sizeof(e->made));
    e->last = -1;
    e->depth = 0;
    if ( e->config->strategy == EXPLORE_PCT )
        begin_pct(e);
}

void explore(const struct explore_system *system,
             const struct explore_config *config,
             struct explore_result *result)
{
    struct explorer *e = calloc(1, sizeof(*e));
    struct sched_config sched_config = {
        .choose = choose,
        .stepped = stepped,
        .context = e,
        .enter = system->enter,
        .leave = system->leave,
        .world = system->context,
        .weak = system->weak,
        .most_steps = config->steps,
    };
    struct sched *s;
    enum sched_end end;
    bool stop, more = true;

    if ( !e )
        abort();
    *result = (struct explore_result) { 0 };
    e->system = system;
    e->config = config;
    e->result = result;
    e->random = config->seed;
    e->reader.at = config->schedule;
    if ( system->values && config->strategy == EXPLORE_MATCHED )
        e->past = past_create(system->values, system->context);
    sched_config.past = e->past;
    s = sched_create(&sched_config);
    do
    {
        begin_run(e);
        if ( !explore_is_tree(e) || !explore_tree_resume(e) )
        {
            sched_reset(s);
            system->begin(system->context, s);
            if ( e->past )
                past_begin(e->past);
        }
        end = sched_run(s);
        e->last_steps = sched_steps(s);
        if ( (end == SCHED_DEADLOCK || end == SCHED_LIVELOCK ||
              end == SCHED_LEFT) &&
             explore_is_tree(e) )
            explore_tree_stuck(e, s);
        count(e, end, sched_looked(s));
        stop = system->end(system->context, s, end);
        if ( !stop )
            more = next_run(e);
    } while ( !stop && more &&
              result->schedules + result->redundant < config->runs );
    result->complete = !stop && !more && !result->misfit;
    sched_destroy(s);
    explore_tree_free(e);
    past_destroy(e->past);
    free(e);
}
