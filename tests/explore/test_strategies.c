/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strategies on small random programs: reduction loses no outcome, and a
 * schedule is a run.
 */
#include "toy.h"

static void reduction_loses_no_outcome(void **state)
{
    static struct toy plain, reduced;
    uint64_t runs[2] = { 0, 0 };

    (void)state;
    for ( unsigned int seed = 0; seed < programs(60); seed++ )
    {
        struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                         .preemptions = EXPLORE_NO_LIMIT,
                                         .runs = 1000000,
                                         .steps = 1000 };
        struct explore_result a, b;

        toy_random(&plain, seed);
        toy_random(&reduced, seed);
        toy_explore(&plain, NULL, &config, &a);
        config.strategy = EXPLORE_EXHAUSTIVE;
        toy_explore(&reduced, NULL, &config, &b);
        assert_true(a.complete && b.complete);
        if ( plain.outcomes != reduced.outcomes )
            fail_msg("program %u: %u outcomes of %u", seed, reduced.outcomes,
                     plain.outcomes);
        for ( unsigned int i = 0; i < plain.outcomes; i++ )
            assert_true(toy_has(&reduced, plain.outcome[i]));
        assert_int_equal(!plain.deadlocks, !reduced.deadlocks);
        runs[0] += a.schedules;
        runs[1] += b.schedules + b.redundant;
    }
    assert_true(runs[1] * 2 < runs[0]);
    schedule_free(&plain.schedule);
    schedule_free(&reduced.schedule);
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

        toy_random(&whole, seed);
        toy_random(&parts, seed);
        toy_explore(&parts, NULL, &config, &b);
        config.from_start = true;
        toy_explore(&whole, NULL, &config, &a);
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
    toy_explore(&t, NULL, &config, &result);
    assert_int_equal(result.schedules, 34650);
    config.strategy = EXPLORE_EXHAUSTIVE;
    toy_explore(&t, NULL, &config, &result);
    assert_int_equal(result.schedules, 1);
    config.strategy = EXPLORE_PLAIN;
    config.preemptions = 0;
    toy_explore(&t, NULL, &config, &result);
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

        toy_random(&t, 3);
        config.strategy = EXPLORE_RANDOM;
        toy_explore(&t, NULL, &config, &result);
        outcome = t.outcome[0];
        text = schedule_text(&t.schedule);
        config.strategy = EXPLORE_REPLAY;
        config.schedule = text;
        toy_explore(&t, NULL, &config, &result);
        assert_false(result.misfit);
        assert_int_equal(t.outcome[0], outcome);
        again = schedule_text(&t.schedule);
        assert_string_equal(again, text);
        free(again);
        free(text);
    }
    config.schedule = "a2z";
    toy_explore(&t, NULL, &config, &result);
    assert_true(result.misfit);
    schedule_free(&t.schedule);
}

static void random_strategies_are_not_exhaustive(void **state)
{
    static struct toy t;
    struct explore_config config = { .runs = 100, .steps = 1000, .depth = 3 };
    struct explore_result result;

    (void)state;
    toy_random(&t, 5);
    for ( int s = EXPLORE_PCT; s <= EXPLORE_RANDOM; s++ )
    {
        config.strategy = (enum explore_strategy)s;
        toy_explore(&t, NULL, &config, &result);
        assert_int_equal(result.schedules, 100);
        assert_false(explore_is_exhaustive(&config, &result));
    }
    schedule_free(&t.schedule);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduction_loses_no_outcome),
        cmocka_unit_test(runs_may_begin_in_the_middle),
        cmocka_unit_test(every_order_of_three_times_four_steps_is_run_once),
        cmocka_unit_test(a_schedule_is_a_run),
        cmocka_unit_test(random_strategies_are_not_exhaustive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
