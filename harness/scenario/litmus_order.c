/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The explorer as the one who makes the order of activities. */

#include <scenario/litmus_private.h>

static int add(void *context, const struct sched_actor *actor,
               unsigned int least)
{
    return sched_add(context, actor, least);
}

static unsigned int current(void *context)
{
    return sched_current(context);
}

static void pause(void *context, const char *where,
                  bool (*until)(const void *what), const void *what,
                  const struct touch *on)
{
    sched_pause(context, where, until, what, on);
}

static void wait(void *context, const char *where)
{
    sched_wait(context, where);
}

static void look(void *context)
{
    sched_look(context);
}

static void progress(void *context)
{
    sched_progress(context);
}

static void turn(void *context)
{
    sched_turn(context);
}

static void place(void *context, uint64_t place)
{
    sched_stand(context, place);
}

static void touch(void *context, const struct touch *what)
{
    sched_touch(context, what);
}

static bool spawn(void *context, const struct sched_actor *actor,
                  unsigned int least)
{
    return sched_spawn(context, actor, least);
}

static const char *name(void *context, unsigned int activity)
{
    return sched_name(context, activity);
}

static const char *where(void *context, unsigned int activity)
{
    return sched_where(context, activity);
}

static uint32_t stuck(void *context)
{
    return sched_stuck(context);
}

/* It runs them itself. */
struct litmus_order explored_order(struct sched *s)
{
    return (struct litmus_order) { .add = add,
                                   .current = current,
                                   .pause = pause,
                                   .wait = wait,
                                   .look = look,
                                   .progress = progress,
                                   .turn = turn,
                                   .stand = place,
                                   .touch = touch,
                                   .spawn = spawn,
                                   .name = name,
                                   .where = where,
                                   .stuck = stuck,
                                   .context = s };
}
