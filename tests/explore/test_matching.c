/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matching of states on small random programs: however they are named, no
 * outcome is lost.
 */
#include "toy.h"

static void assert_same_outcomes(const struct toy *plain,
                                 const struct toy *matched,
                                 const struct explore_config *config,
                                 unsigned int program)
{
    if ( plain->outcomes != matched->outcomes )
        fail_msg("program %u, bound %d: %u outcomes of %u", program,
                 (int)config->preemptions, matched->outcomes, plain->outcomes);
    for ( unsigned int i = 0; i < plain->outcomes; i++ )
        assert_true(toy_has(matched, plain->outcome[i]));
    assert_int_equal(!plain->deadlocks, !matched->deadlocks);
}

/* However states are named: by order, by writer, by value. */
static void matching_loses_no_outcome_within_a_bound(void **state)
{
    static const struct explore_values *const names[] = { NULL, &toy_by_writer,
                                                          &toy_by_value };
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

        toy_random(&plain, n / 5);
        toy_random(&matched, n / 5);
        toy_explore(&plain, NULL, &config, &a);
        runs += a.schedules;
        config.strategy = EXPLORE_MATCHED;
        for ( unsigned int i = 0; i < 3; i++ )
            for ( matched.stands = 1; matched.stands <= 2; matched.stands++ )
            {
                toy_explore(&matched, names[i], &config, &b);
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

typedef struct op program[ACTORS][LENGTH];

/* All outcomes are there, standing before every @stands-th operation. */
static void compare_one(const program *p, const struct explore_values *values,
                        unsigned int stands)
{
    static struct toy plain, matched;
    struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                     .preemptions = EXPLORE_NO_LIMIT,
                                     .runs = 1000000,
                                     .steps = 1000 };
    struct explore_result result;

    memcpy(plain.op, p, sizeof(plain.op));
    memcpy(matched.op, p, sizeof(matched.op));
    toy_explore(&plain, NULL, &config, &result);
    assert_true(result.complete);
    config.strategy = EXPLORE_MATCHED;
    matched.stands = stands;
    toy_explore(&matched, values, &config, &result);
    assert_true(explore_is_exhaustive(&config, &result));
    assert_same_outcomes(&plain, &matched, &config, 0);
    schedule_free(&plain.schedule);
    schedule_free(&matched.schedule);
}

/* What stands in memory may be the same, and what has been read another: the
 * first reads a word that the others write, and goes on when the last has
 * written it. */
static void what_has_been_read_tells_states_apart(void **state)
{
    static const program p = {
        { { READ, 0 }, { AWAIT, 1 }, { READ, 2 } },
        { { WRITE, 0 }, { READ, 2 }, { READ, 2 } },
        { { WRITE, 0 }, { WRITE, 1 }, { READ, 2 } },
    };

    (void)state;
    compare_one(&p, &toy_by_value, 2);
}

/* Who writes last may be the same, and what was there before another: he knew
 * it, though at the end of the step he does not any more. */
static void what_was_known_tells_what_was_written(void **state)
{
    static const program p = {
        { { EVENT, 0 }, { READ, 2 }, { READ, 2 } },
        { { EVENT, 0 }, { READ, 2 }, { READ, 2 } },
        { { EVENT, 0 }, { ACCESS, 0 }, { READ, 2 } },
    };

    (void)state;
    compare_one(&p, &toy_by_writer, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching_loses_no_outcome_within_a_bound),
        cmocka_unit_test(what_has_been_read_tells_states_apart),
        cmocka_unit_test(what_was_known_tells_what_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
