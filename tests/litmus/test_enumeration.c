/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every litmus test of the suite that is small enough to be enumerated has
 * the same outcomes and the same verdict with and without reduction, with and
 * without matching; and each of them runs the same whether runs begin in the
 * middle or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <explore/coroutine.h>
#include <scenario/litmus.h>

/* Orders that are compared one by one. */
#define FEW 200
/* So many programs at least must be compared, or this proves nothing. */
#define FEWEST 10

/* Under sanitizers each run begins at the start, and costs twenty times as
 * much; and gcov counts each of them. */
static bool is_fast(void)
{
#ifdef UMBRA_COVERAGE
    return false;
#else
    return coroutine_can_save();
#endif
}

/* Orders that count as small, and programs that have no more at least. */
static unsigned int small(void)
{
    return is_fast() ? 2000 : 300;
}

static unsigned int most(void)
{
    return is_fast() ? 100 : 60;
}

static void explore_by(const struct program *program,
                       const struct world_config *way,
                       enum explore_strategy strategy, uint32_t bound,
                       struct litmus_result *result)
{
    const struct litmus_config config = { .strategy = strategy,
                                          .preemptions = bound,
                                          .runs = small(),
                                          .all = true };

    if ( !litmus_explore(program, way, &config, result) )
        fail_msg("%s: %s", program->name, result->why);
}

static bool has(const struct litmus_result *result, const char *text)
{
    for ( unsigned int i = 0; i < result->outcomes; i++ )
        if ( !strcmp(result->outcome[i].text, text) )
            return true;
    return false;
}

static void assert_same(const struct program *program,
                        const struct litmus_result *a,
                        const struct litmus_result *b)
{
    if ( a->found != b->found || a->allowed != b->allowed ||
         a->outcomes != b->outcomes )
        fail_msg("%s: %u outcomes of %u", program->name, b->outcomes,
                 a->outcomes);
    for ( unsigned int i = 0; i < a->outcomes; i++ )
        if ( !has(b, a->outcome[i].text) )
            fail_msg("%s: '%s' is lost", program->name, a->outcome[i].text);
}

/* By two strategies; false: one has too many orders.  Of plain enumeration no
 * other may need more. */
static bool compare_by(const struct program *program,
                       const struct world_config *way, uint32_t bound,
                       enum explore_strategy first,
                       enum explore_strategy second)
{
    struct litmus_result a, b;
    bool small;

    explore_by(program, way, first, bound, &a);
    small = a.exhaustive;
    if ( small )
    {
        explore_by(program, way, second, bound, &b);
        assert_true(b.exhaustive || first != EXPLORE_PLAIN);
        small = b.exhaustive;
        if ( small )
            assert_same(program, &a, &b);
        litmus_result_free(&b);
    }
    litmus_result_free(&a);
    return small;
}

static bool plain_and_reduced(const struct program *program,
                              const struct world_config *way)
{
    return program->litmus.bound == PROGRAM_NO_BOUND &&
           compare_by(program, way, EXPLORE_NO_LIMIT, EXPLORE_PLAIN,
                      EXPLORE_EXHAUSTIVE);
}

/* Where there are too many orders for enumeration as well. */
static bool reduced_and_matched(const struct program *program,
                                const struct world_config *way)
{
    return program->litmus.bound == PROGRAM_NO_BOUND &&
           compare_by(program, way, EXPLORE_NO_LIMIT, EXPLORE_MATCHED,
                      EXPLORE_EXHAUSTIVE);
}

static bool plain_and_matched(const struct program *program,
                              const struct world_config *way)
{
    return compare_by(program, way, 1, EXPLORE_PLAIN, EXPLORE_MATCHED) &&
           compare_by(program, way, 2, EXPLORE_PLAIN, EXPLORE_MATCHED);
}

/* How many of the suite's programs @one has compared. */
static unsigned int compare_all(bool (*one)(const struct program *program,
                                            const struct world_config *way))
{
    char *pattern[] = { "litmus/" };
    struct program_list list;
    struct program_error error;
    unsigned int compared = 0;

    if ( !suite_load(SCENARIOS, pattern, 1, &list, &error) )
        fail_msg("%s", error.text);
    for ( size_t i = 0; i < list.count; i++ )
    {
        struct case_ways ways;

        case_ways(list.program[i], 0, false, UINT32_MAX, 1, &ways);
        for ( unsigned int w = 0; w < ways.ways; w++ )
            compared += one(list.program[i], &ways.way[w]);
    }
    program_list_free(&list);
    print_message("%u compared\n", compared);
    return compared;
}

static void reduction_changes_no_verdict_of_the_suite(void **state)
{
    (void)state;
    assert_true(compare_all(plain_and_reduced) >= FEWEST);
}

static void reduction_and_matching_agree_on_the_suite(void **state)
{
    (void)state;
    assert_true(compare_all(reduced_and_matched) >= most());
}

static void matching_changes_no_verdict_within_a_bound(void **state)
{
    (void)state;
    assert_true(compare_all(plain_and_matched) >= most());
}

static void explore_from(const struct program *program,
                         const struct world_config *way, bool start,
                         enum explore_strategy strategy,
                         struct litmus_result *result)
{
    const struct litmus_config config = { .strategy = strategy,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .runs = FEW,
                                          .all = true,
                                          .from_start = start,
                                          .hash_ends = true };

    if ( !litmus_explore(program, way, &config, result) )
        fail_msg("%s: %s", program->name, result->why);
}

/* The same runs, each with the same state at its end, bit by bit.  False: none
 * began in the middle. */
static bool runs_alike(const struct program *program,
                       const struct world_config *way)
{
    bool fewer = false;

    for ( int s = EXPLORE_EXHAUSTIVE; s <= EXPLORE_MATCHED; s++ )
    {
        struct litmus_result a, b;

        explore_from(program, way, true, (enum explore_strategy)s, &a);
        explore_from(program, way, false, (enum explore_strategy)s, &b);
        if ( a.hash[0] != b.hash[0] || a.hash[1] != b.hash[1] )
            fail_msg("%s: states differ", program->name);
        assert_int_equal(a.explored.schedules, b.explored.schedules);
        assert_int_equal(a.explored.redundant, b.explored.redundant);
        assert_int_equal(a.explored.states, b.explored.states);
        assert_int_equal(a.explored.cut, b.explored.cut);
        assert_int_equal(a.exhaustive, b.exhaustive);
        assert_int_equal(a.found, b.found);
        assert_int_equal(a.allowed, b.allowed);
        assert_string_equal(a.schedule, b.schedule);
        assert_string_equal(a.finding.message, b.finding.message);
        assert_int_equal(a.outcomes, b.outcomes);
        assert_memory_equal(a.outcome, b.outcome,
                            a.outcomes * sizeof(a.outcome[0]));
        fewer |= a.explored.steps > b.explored.steps;
        litmus_result_free(&a);
        litmus_result_free(&b);
    }
    return fewer;
}

static void a_run_that_begins_in_the_middle_is_the_same(void **state)
{
    (void)state;
    if ( !coroutine_can_save() )
        skip(); /* none does */
    assert_true(compare_all(runs_alike) >= FEWEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduction_changes_no_verdict_of_the_suite),
        cmocka_unit_test(reduction_and_matching_agree_on_the_suite),
        cmocka_unit_test(matching_changes_no_verdict_within_a_bound),
        cmocka_unit_test(a_run_that_begins_in_the_middle_is_the_same),
    };

    return cmocka_run_group_tests_name("enumeration", tests, NULL, NULL);
}
