/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <explore/past.h>
#include <explore/sched_state.h>

#include <stdlib.h>
#include <string.h>

static void body(struct coroutine *self, void *argument)
{
    struct actor *a = argument;

    (void)self;
    a->is.run(a->is.argument);
    a->finished = true;
}

struct sched *sched_create(const struct sched_config *config)
{
    struct sched *s = calloc(1, sizeof(*s));

    if ( !s )
        abort();
    s->config = *config;
    s->current = SCHED_MAX_ACTORS;
    return s;
}

void sched_destroy(struct sched *s)
{
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        coroutine_destroy(s->coroutine[i]);
    free(s);
}

void sched_reset(struct sched *s)
{
    s->used = 0;
    s->steps = s->looks = 0;
    s->looked = false;
    s->current = SCHED_MAX_ACTORS;
}

/* Until it yields.  Many daemons never make a step: only now it gets a stack.
 */
static void resume(struct sched *s, unsigned int number)
{
    struct actor *a = &s->actor[number];

    if ( !s->coroutine[number] )
        s->coroutine[number] = coroutine_create(body, a, COROUTINE_STACK);
    else if ( !a->begun )
        coroutine_restart(s->coroutine[number]);
    if ( !s->coroutine[number] )
        abort();
    a->begun = true;
    coroutine_resume(s->coroutine[number]);
}

int sched_add(struct sched *s, const struct sched_actor *actor,
              unsigned int least)
{
    struct actor *a;

    while ( least < SCHED_MAX_ACTORS && s->used >> least & 1 )
        least++;
    if ( least == SCHED_MAX_ACTORS )
        return -1;
    a = &s->actor[least];
    a->is = *actor;
    s->used |= UINT32_C(1) << least;
    a->begun = a->finished = a->waiting = a->spinning = a->disturbed = false;
    a->fresh = false;
    a->spawned = s->current < SCHED_MAX_ACTORS;
    a->where = "start";
    a->until = actor->until;
    a->what = actor->argument;
    a->on_known = false;
    footprint_clear(&s->seen[least]);
    return (int)least;
}

/* ---- the run ---- */

static bool can_go(const struct actor *a)
{
    return !a->finished && !a->waiting && (!a->until || a->until(a->what));
}

uint32_t sched_enabled(const struct sched *s)
{
    uint32_t mask = 0;

    for ( uint32_t left = s->used; left; )
    {
        unsigned int i = sched_take(&left);

        if ( can_go(&s->actor[i]) )
            mask |= UINT32_C(1) << i;
    }
    return mask;
}

static void wake(struct sched *s, unsigned int by,
                 const struct footprint *footprint)
{
    for ( uint32_t left = s->used & ~(UINT32_C(1) << by); left; )
    {
        unsigned int i = sched_take(&left);
        struct actor *a = &s->actor[i];

        if ( !a->finished &&
             footprint_disturbs(footprint, &s->seen[i], s->config.weak) )
        {
            a->waiting = false;
            a->disturbed = true;
        }
    }
}

static void touch_numbers(struct sched *s, uint32_t resource,
                          unsigned int first, unsigned int last, bool write)
{
    const struct touch touch = { resource, write, first, last };

    footprint_add(&s->footprint, &touch);
}

static void forget_seen(struct sched *s, unsigned int number)
{
    struct actor *a = &s->actor[number];

    footprint_clear(&s->seen[number]);
    a->disturbed = a->fresh = false;
}

/* What a following wait waits for. */
static void add_to_seen(struct sched *s, unsigned int number)
{
    if ( s->actor[number].fresh )
    {
        forget_seen(s, number);
        footprint_merge(&s->seen[number], &s->looked_at);
    }
    else
        footprint_merge(&s->seen[number], &s->footprint);
}

static void step(struct sched *s, unsigned int number)
{
    struct actor *a = &s->actor[number];

    footprint_clear(&s->footprint);
    s->current = number;
    s->config.enter(s->config.world, number);
    resume(s, number);
    s->config.leave(s->config.world, number);
    s->current = SCHED_MAX_ACTORS;
    s->steps++;
    if ( a->spawned )
        touch_numbers(s, RESOURCE_SPAWNED, number, number, false);
    if ( a->finished )
        touch_numbers(s, RESOURCE_NUMBERS, number, number, true);
    if ( !a->waiting )
        add_to_seen(s, number);
    wake(s, number, &s->footprint);
    if ( !a->spinning )
        s->looks = 0;
    if ( s->config.stepped )
        s->config.stepped(s->config.context, s, number, &s->footprint);
    if ( a->finished && a->is.daemon )
        s->used &= ~(UINT32_C(1) << number);
}

/* Nobody can go on: those that wait may look for a last time. */
static enum sched_end look_again(struct sched *s)
{
    bool waiting = false, stuck = false;

    for ( uint32_t left = s->used; left; )
    {
        struct actor *a = &s->actor[sched_take(&left)];

        if ( a->finished )
            continue;
        stuck |= !a->is.daemon || a->waiting;
        waiting |= a->waiting;
        a->waiting &= s->looks >= LAST_LOOKS;
    }
    if ( !stuck )
        return SCHED_DONE;
    if ( !waiting )
        return SCHED_DEADLOCK;
    s->looked = true;
    return s->looks++ < LAST_LOOKS ? SCHED_LEFT : SCHED_LIVELOCK;
}

enum sched_end sched_run(struct sched *s)
{
    for ( ;; )
    {
        uint32_t can = sched_enabled(s);
        int next;

        if ( !can )
        {
            enum sched_end end = look_again(s);

            if ( end != SCHED_LEFT )
                return end;
            continue;
        }
        if ( s->steps >= s->config.most_steps )
            return SCHED_CUT;
        next = s->config.choose(s->config.context, s, can);
        if ( next < 0 )
            return SCHED_LEFT;
        step(s, (unsigned int)next);
    }
}

void sched_save(struct sched *s, struct image *image)
{
    unsigned int end = s->used ? 32 - (unsigned int)__builtin_clz(s->used) : 0;

    image_add(image, &s->used,
              offsetof(struct sched, actor) - offsetof(struct sched, used) +
                  end * sizeof(s->actor[0]));
    for ( uint32_t left = s->used; left; )
    {
        unsigned int i = sched_take(&left);

        if ( s->actor[i].finished )
            continue;
        image_add(image, &s->seen[i], footprint_size(&s->seen[i]));
        if ( s->actor[i].begun )
            coroutine_save(s->coroutine[i], image);
    }
}

/* ---- from inside ---- */

unsigned int sched_current(const struct sched *s)
{
    return s->current;
}

void sched_pause(struct sched *s, const char *where,
                 bool (*until)(const void *what), const void *what,
                 const struct touch *on)
{
    struct actor *a = &s->actor[s->current];

    a->where = where;
    a->until = until;
    a->what = what;
    a->on_known = on;
    if ( on )
        a->on = *on;
    coroutine_yield(s->coroutine[s->current]);
    a->until = NULL;
}

void sched_wait(struct sched *s, const char *where)
{
    struct actor *a = &s->actor[s->current];

    add_to_seen(s, s->current);
    a->waiting = !a->disturbed;
    a->spinning = true;
    a->where = where;
    coroutine_yield(s->coroutine[s->current]);
    /* What it goes on for is a change of this. */
    sched_add_seen(s, s->current, &s->footprint);
    a->disturbed = false;
    footprint_clear(&s->seen[s->current]);
}

void sched_look(struct sched *s)
{
    s->actor[s->current].fresh = true;
    footprint_clear(&s->looked_at);
    if ( s->config.past )
        past_looked(s->config.past, s->current);
}

void sched_turn(struct sched *s)
{
    if ( s->config.past )
        past_turned(s->config.past, s->current);
}

void sched_stand(struct sched *s, uint64_t place)
{
    if ( s->config.past )
        past_stands(s->config.past, s->current, place);
}

void sched_progress(struct sched *s)
{
    s->actor[s->current].spinning = false;
}

void sched_touch(struct sched *s, const struct touch *touch)
{
    footprint_add(&s->footprint, touch);
    if ( s->actor[s->current].fresh )
        footprint_add(&s->looked_at, touch);
    if ( s->config.past )
        past_touched(s->config.past, s->current, touch);
}

bool sched_spawn(struct sched *s, const struct sched_actor *actor,
                 unsigned int least)
{
    unsigned int spawner = s->current;
    int number = sched_add(s, actor, least);
    struct footprint looked_at;
    struct actor *a;

    if ( number < 0 )
        return false;
    a = &s->actor[number];
    s->current = (unsigned int)number;
    footprint_copy(&looked_at, &s->looked_at);
    if ( s->config.past )
        past_spawned(s->config.past, spawner, s->current);
    resume(s, s->current);
    if ( s->config.past )
        past_joined(s->config.past, spawner, s->current);
    if ( a->fresh )
        add_to_seen(s, s->current);
    s->current = spawner;
    footprint_copy(&s->looked_at, &looked_at);
    if ( a->finished )
        s->used &= ~(UINT32_C(1) << number);
    else
    {
        touch_numbers(s, RESOURCE_NUMBERS, least, (unsigned int)number, true);
        touch_numbers(s, RESOURCE_SPAWNED, (unsigned int)number,
                      (unsigned int)number, true);
    }
    return true;
}
