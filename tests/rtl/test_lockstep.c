/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lockstep as unit tests: short runs, in worlds of their own. */
#include "lockstep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TRANSACTIONS 60000u

static void run(const struct lockstep_options *options)
{
    struct lockstep_result result;

    lockstep_unit.run(options, &result);
    if ( *result.disagreement )
        fail_msg("seed %llu: %s", (unsigned long long)options->seed,
                 result.disagreement);
    /* All that can be compared was there. */
    assert_int_equal(result.transactions, options->transactions);
    assert_true(result.hits > result.transactions / 20);
    assert_true(result.walks > result.transactions / 8);
    assert_true(result.faults > result.transactions / 8);
    assert_true(result.faults < result.transactions * 3 / 4);
    assert_true(result.invalidations > result.transactions / 100);
    assert_int_equal(result.met != 0, !options->calm);
}

static void the_rtl_answers_as_the_model(void **state)
{
    (void)state;
    for ( unsigned int size = 0; size < RTL_SIZES; size++ )
        run(&(struct lockstep_options) { .seed = 4711,
                                         .transactions = TRANSACTIONS,
                                         .size = (enum rtl_size)size,
                                         .calm = true });
}

static void a_walk_that_meets_an_invalidation_fills_nothing_old(void **state)
{
    (void)state;
    for ( unsigned int size = 0; size < RTL_SIZES; size++ )
        run(&(struct lockstep_options) { .seed = 4712,
                                         .transactions = TRANSACTIONS,
                                         .size = (enum rtl_size)size });
}

static void the_same_seed_gives_the_same_cycles(void **state)
{
    struct lockstep_options options = { .seed = 5, .transactions = 5000 };
    struct lockstep_result first, second;

    (void)state;
    lockstep_unit.run(&options, &first);
    lockstep_unit.run(&options, &second);
    assert_int_equal(first.cycles, second.cycles);
    assert_int_equal(first.reads, second.reads);
    options.seed = 6;
    lockstep_unit.run(&options, &second);
    assert_int_not_equal(first.cycles, second.cycles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rtl_answers_as_the_model),
        cmocka_unit_test(a_walk_that_meets_an_invalidation_fills_nothing_old),
        cmocka_unit_test(the_same_seed_gives_the_same_cycles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
