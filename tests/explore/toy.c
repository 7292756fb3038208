/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "toy.h"

static void touch(struct toy *t, unsigned int word, bool write)
{
    sched_touch(t->s, &(struct touch) { 0, write, word * 64, word * 64 });
}

static bool is_unlocked(const void *toy)
{
    return !((const struct toy *)toy)->locked;
}

static bool is_set(const void *word)
{
    return *(const unsigned int *)word;
}

static void lock(struct toy *t, bool take)
{
    sched_pause(t->s, "lock", take ? is_unlocked : NULL, t,
                &(struct touch) { 0, true, WORDS * 64, WORDS * 64 });
    touch(t, WORDS, true);
    t->locked = take;
}

static bool is_left(const void *toy)
{
    return !((const struct toy *)toy)->inside;
}

/* Two steps, between which nobody else is inside; of what is private only the
 * lock is told. */
static unsigned int be_inside(struct toy *t)
{
    const struct touch touch = { PRIVATE, true, 0, 0 };
    unsigned int was;

    sched_pause(t->s, "enter", is_left, t, &touch);
    sched_touch(t->s, &touch);
    t->inside = true;
    was = t->private;
    sched_pause(t->s, "leave", NULL, NULL, NULL);
    t->private = was < 2 ? was + 1 : was;
    sched_touch(t->s, &touch);
    t->inside = false;
    return was;
}

/* The observer tells nobody before the end. */
static unsigned int be_observed(struct toy *t, unsigned int actor, bool event)
{
    sched_pause(t->s, "observed", NULL, NULL, NULL);
    sched_touch(t->s, &(struct touch) { LEDGER, event, 0, 0 });
    if ( event )
        t->events = t->events * 5 + actor + 1;
    else
        t->judged += t->events * (actor * 7 + 1);
    return 0;
}

/* What it has read. */
static unsigned int do_op(struct toy *t, unsigned int actor,
                          const struct op *op)
{
    if ( op->code == LOCK || op->code == UNLOCK )
    {
        lock(t, op->code == LOCK);
        return 0;
    }
    if ( op->code == SECTION )
        return be_inside(t);
    if ( op->code == EVENT || op->code == ACCESS )
        return be_observed(t, actor, op->code == EVENT);
    sched_pause(t->s, "word", op->code == AWAIT ? is_set : NULL,
                &t->word[op->word],
                &(struct touch) { 0, false, op->word * 64, op->word * 64 });
    touch(t, op->word, op->code == WRITE || op->code == ADD);
    switch ( op->code )
    {
    case WRITE:
        t->word[op->word] = actor + 1;
        return 0;
    case ADD:
        t->word[op->word] += 4;
        return 0;
    default:
        return t->word[op->word] + 1;
    }
}

/* What an actor has read is its own until the end. */
static void run(void *argument)
{
    struct toy_actor *a = argument;
    struct toy *t = a->toy;
    unsigned int read = 0;

    for ( unsigned int i = 0; i < LENGTH; i++ )
    {
        if ( i % t->stands == 0 )
            sched_stand(t->s, (uint64_t)i << 32 | read);
        read = read * 131 + do_op(t, a->number, &t->op[a->number][i]);
    }
    t->seen += read * (a->number * 1009 + 17);
}

static void begin(void *context, struct sched *s)
{
    struct toy *t = context;

    t->s = s;
    memset(t->word, 0, sizeof(t->word));
    t->locked = t->inside = t->private = t->seen = 0;
    t->events = t->judged = 0;
    t->schedule.steps = 0;
    for ( unsigned int i = 0; i < ACTORS; i++ )
    {
        struct sched_actor actor = { .name = "toy", .run = run };

        t->actor[i] = (struct toy_actor) { t, i };
        actor.argument = &t->actor[i];
        sched_add(s, &actor, i);
    }
}

static void enter(void *context, unsigned int actor)
{
    struct toy *t = context;

    schedule_add(&t->schedule, actor);
}

static void leave(void *context, unsigned int actor)
{
    (void)context;
    (void)actor;
}

static bool end(void *context, struct sched *s, enum sched_end how)
{
    struct toy *t = context;
    unsigned int result = t->seen, i = 0;

    (void)s;
    if ( how == SCHED_LEFT )
        return false;
    for ( unsigned int w = 0; w < WORDS; w++ )
        result = result * 257 + t->word[w];
    result = (result * 257 + t->private) * 257 + t->judged;
    if ( how == SCHED_DEADLOCK )
        result = 1;
    t->deadlocks += how == SCHED_DEADLOCK;
    while ( i < t->outcomes && t->outcome[i] != result )
        i++;
    if ( i == t->outcomes && i < OUTCOMES )
        t->outcome[t->outcomes++] = result;
    return false;
}

static uint64_t save(void *context, struct image *image)
{
    struct toy *t = context;

    image_add(image, t->word, sizeof(t->word));
    image_add(image, &t->locked, sizeof(t->locked));
    image_add(image, &t->inside, sizeof(t->inside));
    image_add(image, &t->private, sizeof(t->private));
    image_add(image, &t->events, sizeof(t->events));
    image_add(image, &t->judged, sizeof(t->judged));
    image_add(image, &t->seen, sizeof(t->seen));
    image_add(image, &t->schedule.steps, sizeof(t->schedule.steps));
    return 7;
}

static void rewind_to(void *context, uint64_t mark)
{
    (void)context;
    assert_int_equal(mark, 7);
}

/* ---- its states by value ---- */

static void mix(uint64_t hash[2], uint64_t value)
{
    hash[0] = (hash[0] ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    hash[0] ^= hash[0] >> 31;
    hash[1] = (hash[1] + value + 1) * UINT64_C(0xd6e8feb86659fd93);
    hash[1] ^= hash[1] >> 29;
}

static void seen_so_far(void *context, uint64_t hash[2])
{
    const struct toy *t = context;

    hash[0] = hash[1] = 0;
    mix(hash, t->seen);
    mix(hash, t->inside);
}

static void all_shared(void *context, uint64_t hash[2])
{
    const struct toy *t = context;

    seen_so_far(context, hash);
    for ( unsigned int w = 0; w < WORDS; w++ )
        mix(hash, t->word[w]);
    mix(hash, t->locked);
}

static void all_private(void *context, uint64_t hash[2])
{
    const struct toy *t = context;

    hash[0] = hash[1] = 0;
    mix(hash, t->private);
}

static uint64_t content(void *context, const struct touch *touch)
{
    const struct toy *t = context;

    return touch->first == WORDS * 64 ? t->locked : t->word[touch->first / 64];
}

const struct explore_values toy_by_value = { .shared = all_shared,
                                             .guarded = all_private,
                                             .content = content,
                                             .valued = 1u << SHARED,
                                             .guards = 1u << PRIVATE,
                                             .witness = 1u << LEDGER };
const struct explore_values toy_by_writer = { .shared = seen_so_far,
                                              .guarded = all_private,
                                              .guards = 1u << PRIVATE,
                                              .witness = 1u << LEDGER };

void toy_explore(struct toy *t, const struct explore_values *values,
                 const struct explore_config *config,
                 struct explore_result *result)
{
    const struct explore_system system = { .begin = begin,
                                           .end = end,
                                           .enter = enter,
                                           .leave = leave,
                                           .save = save,
                                           .rewind = rewind_to,
                                           .values = values,
                                           .context = t };

    t->outcomes = t->deadlocks = 0;
    t->stands += !t->stands;
    explore(&system, config, result);
}

bool toy_has(const struct toy *t, unsigned int outcome)
{
    for ( unsigned int i = 0; i < t->outcomes; i++ )
        if ( t->outcome[i] == outcome )
            return true;
    return false;
}

void toy_random(struct toy *t, unsigned int seed)
{
    static const enum code few[] = { SECTION, SECTION, WRITE, READ };
    unsigned int x = seed * 2654435761u + 1;

    for ( unsigned int a = 0; a < ACTORS; a++ )
        for ( unsigned int i = 0; i < LENGTH; i++ )
        {
            x = x * 1664525u + 1013904223u;
            t->op[a][i] = (struct op) { seed % 3 == 0 ?
                                            few[x >> 16 & 3] :
                                            (enum code)((x >> 16) % CODES),
                                        (x >> 24) % WORDS };
        }
}
