/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strategies on small random programs: reduction loses no outcome, and a
 * schedule is a run.
 */
#include <explore/coroutine.h>
#include <explore/explore.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACTORS   3u
#define LENGTH   3u
#define WORDS    3u
#define OUTCOMES 4096u

enum code {
    READ,
    WRITE,
    ADD,
    LOCK,
    UNLOCK,
    AWAIT,
    SECTION,
    EVENT,  /* what an observer sees, */
    ACCESS, /* and what he judges by what he has seen so far */
    CODES
};

/* Resources: words and their lock; the lock of what is private; the observer.
 */
#define SHARED  0u
#define PRIVATE 1u
#define LEDGER  2u

struct op {
    enum code code;
    unsigned int word;
};

struct toy;

struct toy_actor {
    struct toy *toy;
    unsigned int number;
};

/* A program, its memory, and the outcomes that its runs have had. */
struct toy {
    struct op op[ACTORS][LENGTH];
    struct sched *s;
    struct toy_actor actor[ACTORS];
    unsigned int word[WORDS], locked, inside, private, seen;
    unsigned int events, judged;
    unsigned int outcome[OUTCOMES], outcomes;
    unsigned int deadlocks;
    unsigned int stands; /* before every so manieth operation */
    struct schedule schedule;
};

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

/* Its words can be read; or each is named by who wrote it last. */
static const struct explore_values by_value = { .shared = all_shared,
                                                .guarded = all_private,
                                                .content = content,
                                                .valued = 1u << SHARED,
                                                .guards = 1u << PRIVATE,
                                                .witness = 1u << LEDGER };
static const struct explore_values by_writer = { .shared = seen_so_far,
                                                 .guarded = all_private,
                                                 .guards = 1u << PRIVATE,
                                                 .witness = 1u << LEDGER };

static void explore_named(struct toy *t, const struct explore_values *values,
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

static void explore_toy(struct toy *t, const struct explore_config *config,
                        struct explore_result *result)
{
    explore_named(t, NULL, config, result);
}

static bool has(const struct toy *t, unsigned int outcome)
{
    for ( unsigned int i = 0; i < t->outcomes; i++ )
        if ( t->outcome[i] == outcome )
            return true;
    return false;
}

/* Every third has but a few kinds of operations, which meet more often. */
static void random_program(struct toy *t, unsigned int seed)
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

/* Under sanitizers, where no run begins in the middle, a fifth of @count. */
static unsigned int programs(unsigned int count)
{
    return coroutine_can_save() ? count : count / 5;
}

static void reduction_loses_no_outcome(void **state)
{
    static struct toy plain, reduced;
    uint64_t runs[2] = { 0, 0 };

    (void)state;
    for ( unsigned int seed = 0; seed < programs(100); seed++ )
    {
        struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                         .preemptions = EXPLORE_NO_LIMIT,
                                         .runs = 1000000,
                                         .steps = 1000 };
        struct explore_result a, b;

        random_program(&plain, seed);
        random_program(&reduced, seed);
        explore_toy(&plain, &config, &a);
        config.strategy = EXPLORE_EXHAUSTIVE;
        explore_toy(&reduced, &config, &b);
        assert_true(a.complete && b.complete);
        if ( plain.outcomes != reduced.outcomes )
            fail_msg("program %u: %u outcomes of %u", seed, reduced.outcomes,
                     plain.outcomes);
        for ( unsigned int i = 0; i < plain.outcomes; i++ )
            assert_true(has(&reduced, plain.outcome[i]));
        assert_int_equal(!plain.deadlocks, !reduced.deadlocks);
        runs[0] += a.schedules;
        runs[1] += b.schedules + b.redundant;
    }
    assert_true(runs[1] * 2 < runs[0]);
    schedule_free(&plain.schedule);
    schedule_free(&reduced.schedule);
}

static void assert_same_outcomes(const struct toy *plain,
                                 const struct toy *matched,
                                 const struct explore_config *config,
                                 unsigned int program)
{
    if ( plain->outcomes != matched->outcomes )
        fail_msg("program %u, bound %d: %u outcomes of %u", program,
                 (int)config->preemptions, matched->outcomes, plain->outcomes);
    for ( unsigned int i = 0; i < plain->outcomes; i++ )
        assert_true(has(matched, plain->outcome[i]));
    assert_int_equal(!plain->deadlocks, !matched->deadlocks);
}

/* However states are named: by order, by writer, by value. */
static void matching_loses_no_outcome_within_a_bound(void **state)
{
    static const struct explore_values *const names[] = { NULL, &by_writer,
                                                          &by_value };
    static const uint32_t bounds[] = { 0, 1, 2, 3, EXPLORE_NO_LIMIT };
    static struct toy plain, matched;
    uint64_t runs = 0, states[] = { 0, 0, 0 };

    (void)state;
    for ( unsigned int n = 0; n < programs(250); n++ )
    {
        struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                         .preemptions = bounds[n % 5],
                                         .runs = 1000000,
                                         .steps = 1000 };
        struct explore_result a, b;

        random_program(&plain, n / 5);
        random_program(&matched, n / 5);
        explore_toy(&plain, &config, &a);
        runs += a.schedules;
        config.strategy = EXPLORE_MATCHED;
        for ( unsigned int i = 0; i < 3; i++ )
            for ( matched.stands = 1; matched.stands <= 2; matched.stands++ )
            {
                explore_named(&matched, names[i], &config, &b);
                assert_true(explore_is_exhaustive(&config, &b));
                assert_same_outcomes(&plain, &matched, &config, n / 5);
                states[i] += b.states;
            }
    }
    print_message("states: %lu by order, %lu by writer, %lu by value\n",
                  (unsigned long)states[0], (unsigned long)states[1],
                  (unsigned long)states[2]);
    assert_true(states[0] < runs);
    assert_true(states[2] < states[1] && states[2] < states[0]);
    schedule_free(&plain.schedule);
    schedule_free(&matched.schedule);
}

/* The first reads a word that the others write, and goes on when the last has
 * written it. */
static void write_program(struct toy *t)
{
    static const struct op program[ACTORS][LENGTH] = {
        { { READ, 0 }, { AWAIT, 1 }, { READ, 2 } },
        { { WRITE, 0 }, { READ, 2 }, { READ, 2 } },
        { { WRITE, 0 }, { WRITE, 1 }, { READ, 2 } },
    };

    memcpy(t->op, program, sizeof(program));
}

/* What stands in memory may be the same, and what has been read another. */
static void what_has_been_read_tells_states_apart(void **state)
{
    static struct toy plain, matched;
    struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                     .preemptions = EXPLORE_NO_LIMIT,
                                     .runs = 1000000,
                                     .steps = 1000 };
    struct explore_result result;

    (void)state;
    write_program(&plain);
    write_program(&matched);
    explore_toy(&plain, &config, &result);
    assert_true(result.complete);
    config.strategy = EXPLORE_MATCHED;
    matched.stands = 2;
    explore_named(&matched, &by_value, &config, &result);
    assert_true(explore_is_exhaustive(&config, &result));
    assert_same_outcomes(&plain, &matched, &config, 0);
    schedule_free(&plain.schedule);
    schedule_free(&matched.schedule);
}

/* Run for run, and with fewer steps in all. */
static void runs_may_begin_in_the_middle(void **state)
{
    static struct toy whole, parts;
    uint64_t steps[2] = { 0, 0 };

    (void)state;
    for ( unsigned int seed = 0; seed < programs(200); seed++ )
    {
        struct explore_config config = { .strategy = seed % 2 ?
                                                         EXPLORE_EXHAUSTIVE :
                                                         EXPLORE_PLAIN,
                                         .preemptions = EXPLORE_NO_LIMIT,
                                         .runs = 500,
                                         .steps = 1000 };
        struct explore_result a, b;

        random_program(&whole, seed);
        random_program(&parts, seed);
        explore_toy(&parts, &config, &b);
        config.from_start = true;
        explore_toy(&whole, &config, &a);
        assert_int_equal(a.schedules, b.schedules);
        assert_int_equal(a.redundant, b.redundant);
        assert_int_equal(a.states, b.states);
        assert_int_equal(whole.deadlocks, parts.deadlocks);
        assert_int_equal(whole.outcomes, parts.outcomes);
        assert_memory_equal(whole.outcome, parts.outcome,
                            whole.outcomes * sizeof(whole.outcome[0]));
        steps[0] += a.steps;
        steps[1] += b.steps;
    }
    if ( coroutine_can_save() )
        assert_true(steps[1] * 2 < steps[0]);
    schedule_free(&whole.schedule);
    schedule_free(&parts.schedule);
}

static void every_order_of_three_times_four_steps_is_run_once(void **state)
{
    static struct toy t;
    struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                     .preemptions = EXPLORE_NO_LIMIT,
                                     .runs = 100000,
                                     .steps = 100 };
    struct explore_result result;

    (void)state;
    /* Three actors of four steps each: 12! / 4!^3. */
    for ( unsigned int a = 0; a < ACTORS; a++ )
        for ( unsigned int i = 0; i < LENGTH; i++ )
            t.op[a][i] = (struct op) { READ, a };
    config.runs = 1000000;
    explore_toy(&t, &config, &result);
    assert_int_equal(result.schedules, 34650);
    config.strategy = EXPLORE_EXHAUSTIVE;
    explore_toy(&t, &config, &result);
    assert_int_equal(result.schedules, 1);
    config.strategy = EXPLORE_PLAIN;
    config.preemptions = 0;
    explore_toy(&t, &config, &result);
    assert_int_equal(result.schedules, 6);
    schedule_free(&t.schedule);
}

static void a_schedule_is_a_run(void **state)
{
    static struct toy t;
    struct explore_config config = { .strategy = EXPLORE_RANDOM,
                                     .runs = 1,
                                     .steps = 1000 };
    struct explore_result result;

    (void)state;
    for ( config.seed = 0; config.seed < 50; config.seed++ )
    {
        unsigned int outcome;
        char *text, *again;

        random_program(&t, 3);
        config.strategy = EXPLORE_RANDOM;
        explore_toy(&t, &config, &result);
        outcome = t.outcome[0];
        text = schedule_text(&t.schedule);
        config.strategy = EXPLORE_REPLAY;
        config.schedule = text;
        explore_toy(&t, &config, &result);
        assert_false(result.misfit);
        assert_int_equal(t.outcome[0], outcome);
        again = schedule_text(&t.schedule);
        assert_string_equal(again, text);
        free(again);
        free(text);
    }
    config.schedule = "a2z";
    explore_toy(&t, &config, &result);
    assert_true(result.misfit);
    schedule_free(&t.schedule);
}

static void random_strategies_are_not_exhaustive(void **state)
{
    static struct toy t;
    struct explore_config config = { .runs = 100, .steps = 1000, .depth = 3 };
    struct explore_result result;

    (void)state;
    random_program(&t, 5);
    for ( int s = EXPLORE_PCT; s <= EXPLORE_RANDOM; s++ )
    {
        config.strategy = (enum explore_strategy)s;
        explore_toy(&t, &config, &result);
        assert_int_equal(result.schedules, 100);
        assert_false(explore_is_exhaustive(&config, &result));
    }
    schedule_free(&t.schedule);
}

/* ---- waiting ---- */

struct waiting {
    struct sched *s;
    unsigned int word;
};

static void touch_word(struct waiting *w, bool write)
{
    sched_touch(w->s, &(struct touch) { 0, write, 0, 0 });
}

/* In one step it begins to look and looks; only in another it waits. */
static void wait_for_word(void *argument)
{
    struct waiting *w = argument;
    bool set;

    do
    {
        sched_pause(w->s, "look", NULL, NULL, NULL);
        sched_look(w->s);
        touch_word(w, false);
        set = w->word;
        sched_pause(w->s, "decide", NULL, NULL, NULL);
        if ( !set )
            sched_wait(w->s, "wait");
    } while ( !set );
}

static void set_word(void *argument)
{
    struct waiting *w = argument;

    sched_pause(w->s, "set", NULL, NULL, NULL);
    touch_word(w, true);
    w->word = 1;
}

static void begin_waiting(void *context, struct sched *s)
{
    struct waiting *w = context;

    *w = (struct waiting) { .s = s };
    sched_add(s,
              &(struct sched_actor) {
                  .name = "waits", .run = wait_for_word, .argument = w },
              0);
    sched_add(s,
              &(struct sched_actor) {
                  .name = "sets", .run = set_word, .argument = w },
              0);
}

static bool end_waiting(void *context, struct sched *s, enum sched_end end)
{
    (void)context;
    (void)s;
    assert_int_equal(end, SCHED_DONE);
    return false;
}

static void a_change_between_look_and_wait_is_noticed(void **state)
{
    static struct waiting w;
    const struct explore_system system = { .begin = begin_waiting,
                                           .end = end_waiting,
                                           .enter = leave,
                                           .leave = leave,
                                           .context = &w };
    const struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                           .preemptions = EXPLORE_NO_LIMIT,
                                           .runs = 10000,
                                           .steps = 1000 };
    struct explore_result result;

    (void)state;
    explore(&system, &config, &result);
    assert_true(result.schedules > 1);
    assert_int_equal(result.looked, 0);
    assert_true(explore_is_exhaustive(&config, &result));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduction_loses_no_outcome),
        cmocka_unit_test(matching_loses_no_outcome_within_a_bound),
        cmocka_unit_test(what_has_been_read_tells_states_apart),
        cmocka_unit_test(runs_may_begin_in_the_middle),
        cmocka_unit_test(every_order_of_three_times_four_steps_is_run_once),
        cmocka_unit_test(a_schedule_is_a_run),
        cmocka_unit_test(random_strategies_are_not_exhaustive),
        cmocka_unit_test(a_change_between_look_and_wait_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
