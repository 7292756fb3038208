/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <scenario/thread_order.h>

#include <string.h>

/* So often they may look in vain before nobody gets any further. */
#define MANY_TURNS 10000u

/* When nobody goes on any more, so often those that wait for news look again
 * without any: what they wait for may have happened while they looked. */
#define LAST_LOOKS 3u

void order_init(struct order *order, const struct thread_ops *ops,
                void *context)
{
    *order = (struct order) { .ops = ops, .context = context };
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        order->thread[i] = (struct order_thread) { .order = order,
                                                   .number = i };
}

static unsigned int current(void *context)
{
    const struct order *order = context;

    return order->ops->current(order->context);
}

static void notify(const struct order *order)
{
    order->ops->notify(order->context);
}

static struct order_thread *running(struct order *order)
{
    return &order->thread[current(order)];
}

/* ---- standing ---- */

static uint64_t news_of_others(const struct order_thread *t)
{
    return t->order->news - t->own;
}

/* False: not yet, or never again. */
static bool ready(const struct order_thread *t)
{
    if ( t->order->over )
        return false;
    return t->until ? t->until(t->what) : news_of_others(t) != t->heard;
}

static bool may_go_on(void *context)
{
    return ready(context);
}

/* Others may have waited for just this: that nobody goes on. */
static void stand(struct order_thread *t, const char *where)
{
    t->where = where;
    t->standing = true;
    notify(t->order);
    t->order->ops->wait(t->order->context, may_go_on, t);
    t->standing = false;
}

static void order_pause(void *context, const char *where,
                        bool (*until)(const void *what), const void *what,
                        const struct touch *on)
{
    struct order_thread *t = running(context);

    (void)on;
    t->where = where;
    if ( !until )
    {
        if ( t->order->ops->yield )
            t->order->ops->yield(t->order->context);
        return;
    }
    t->until = until;
    t->what = what;
    stand(t, where);
    t->until = NULL;
}

static void order_wait(void *context, const char *where)
{
    struct order_thread *t = running(context);

    t->order->turns++;
    stand(t, where);
    t->heard = news_of_others(t);
}

static void order_look(void *context)
{
    struct order_thread *t = running(context);

    t->heard = news_of_others(t);
}

static void order_progress(void *context)
{
    struct order *order = context;

    order->turns = order->looks = 0;
}

static void order_touch(void *context, const struct touch *touch)
{
    struct order *order = context;

    if ( !touch->write )
        return;
    if ( !(LITMUS_WEAK >> touch->resource & 1) )
    {
        order->news++;
        running(order)->own++;
    }
    notify(order);
}

/* ---- threads ---- */

static void run(void *argument)
{
    struct order_thread *t = argument;

    if ( t->is.until )
    {
        t->until = t->is.until;
        t->what = t->is.argument;
        stand(t, "start");
        t->until = NULL;
    }
    t->is.run(t->is.argument);
    if ( t->order->ops->ending )
        t->order->ops->ending(t->order->context);
    t->finished = true;
    t->used = !t->is.daemon;
    t->order->turns = 0;
    t->order->news++;
    t->own++;
    notify(t->order);
}

/* -1: there are too many. */
static int add(struct order *order, const struct sched_actor *actor,
               unsigned int least)
{
    struct order_thread *t;

    while ( least < SCHED_MAX_ACTORS && order->thread[least].used )
        least++;
    if ( least == SCHED_MAX_ACTORS )
        return -1;
    t = &order->thread[least];
    *t = (struct order_thread) { .order = order,
                                 .number = least,
                                 .is = *actor,
                                 .used = true,
                                 .where = "start",
                                 .heard = order->news };
    return (int)least;
}

static int order_add(void *context, const struct sched_actor *actor,
                     unsigned int least)
{
    return add(context, actor, least);
}

/* A register write that goes on by itself. */
static bool order_spawn(void *context, const struct sched_actor *actor,
                        unsigned int least)
{
    struct order *order = context;
    int number = add(order, actor, least);

    if ( number >= 0 )
        order->ops->post(order->context, (unsigned int)number, actor->name,
                         run, &order->thread[number]);
    return number >= 0;
}

/* ---- the run ---- */

/* Is nobody going on any more, but to look in vain? */
static bool is_quiet(void *context)
{
    const struct order *order = context;

    if ( order->turns > MANY_TURNS )
        return true;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
    {
        const struct order_thread *t = &order->thread[i];

        if ( t->used && !t->finished && (!t->standing || ready(t)) )
            return false;
    }
    return true;
}

/* Daemons may stand for ever, but not in the middle of something. */
static bool is_stuck(const struct order_thread *t)
{
    return t->used && !t->finished && (!t->is.daemon || !t->until);
}

static uint32_t order_stuck(void *context)
{
    const struct order *order = context;
    uint32_t stuck = 0;

    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( is_stuck(&order->thread[i]) )
            stuck |= UINT32_C(1) << i;
    return stuck;
}

/* True: somebody does. */
static bool look_again(struct order *order)
{
    bool somebody = false;

    if ( order->turns > MANY_TURNS || order->looks++ == LAST_LOOKS )
        return false;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
    {
        const struct order_thread *t = &order->thread[i];

        somebody |= t->used && !t->finished && !t->until;
    }
    order->news += somebody;
    notify(order);
    return somebody;
}

static enum sched_end order_run(void *context)
{
    struct order *order = context;
    uint32_t added = 0;

    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        added |= (uint32_t)order->thread[i].used << i;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( added >> i & 1 )
            order->ops->spawn(order->context, i, order->thread[i].is.name, run,
                              &order->thread[i]);
    do
        order->ops->wait(order->context, is_quiet, order);
    while ( look_again(order) );
    order->over = true;
    if ( order->turns > MANY_TURNS )
        return SCHED_LIVELOCK;
    return order_stuck(order) ? SCHED_DEADLOCK : SCHED_DONE;
}

static const char *order_name(void *context, unsigned int activity)
{
    const struct order *order = context;

    return order->thread[activity].is.name;
}

static const char *order_where(void *context, unsigned int activity)
{
    const struct order *order = context;

    return order->thread[activity].where;
}

struct litmus_order order_of(struct order *order)
{
    return (struct litmus_order) { .add = order_add,
                                   .run = order_run,
                                   .current = current,
                                   .pause = order_pause,
                                   .wait = order_wait,
                                   .look = order_look,
                                   .progress = order_progress,
                                   .touch = order_touch,
                                   .spawn = order_spawn,
                                   .name = order_name,
                                   .where = order_where,
                                   .stuck = order_stuck,
                                   .context = order };
}
