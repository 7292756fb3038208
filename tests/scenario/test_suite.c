/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways in which a case is run. */

#include <scenario/suite.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BOTH 3u

static struct program *program(uint32_t through, uint32_t retention,
                               uint32_t shapes)
{
    struct program *p = program_new(PROGRAM_SCENARIO, "x");

    p->through = through;
    p->retention = retention;
    p->shapes = shapes;
    return p;
}

static void all_ways_are_the_whole_product(void **state)
{
    struct program *p = program(BOTH, 0x7, 0x7);
    struct case_ways ways;

    (void)state;
    case_ways(p, 0, true, BOTH, 1, &ways);
    assert_int_equal(ways.ways, 3 + 9); /* a bare machine has no shape */
    program_free(p);
}

static void rotation_meets_every_pair_of_shape_and_policy(void **state)
{
    struct program *p = program(1u << THROUGH_STACK, 0x7, 0x7);
    bool seen[SHAPE_COUNT][RETENTION_COUNT] = { { false } };
    struct case_ways ways;

    (void)state;
    for ( unsigned int number = 0; number < 9; number++ )
    {
        case_ways(p, number, false, BOTH, 1, &ways);
        assert_int_equal(ways.ways, 1);
        seen[ways.way[0].shape][ways.way[0].retention] = true;
    }
    for ( unsigned int s = 0; s < SHAPE_COUNT; s++ )
        for ( unsigned int r = 0; r < 3; r++ )
            assert_true(seen[s][r]);
    program_free(p);
}

static void a_pinned_program_runs_in_its_one_way(void **state)
{
    struct program *p = program(1u << THROUGH_STACK, 1u << CACHE_NEVER_EVICT,
                                1u << P2M_MIXED);
    struct case_ways ways;

    (void)state;
    for ( unsigned int all = 0; all < 2; all++ )
    {
        case_ways(p, 5, all, BOTH, 1, &ways);
        assert_int_equal(ways.ways, 1);
        assert_int_equal(ways.way[0].shape, P2M_MIXED);
        assert_int_equal(ways.way[0].retention, CACHE_NEVER_EVICT);
    }
    case_ways(p, 5, true, 1u << THROUGH_MODEL, 1, &ways);
    assert_int_equal(ways.ways, 0);
    program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_are_the_whole_product),
        cmocka_unit_test(rotation_meets_every_pair_of_shape_and_policy),
        cmocka_unit_test(a_pinned_program_runs_in_its_one_way),
    };

    return cmocka_run_group_tests_name("scenario/suite", tests, NULL, NULL);
}
