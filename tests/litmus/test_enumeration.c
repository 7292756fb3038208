/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every litmus test of the suite that is small enough to be enumerated has
 * the same outcomes and the same verdict with and without reduction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <scenario/litmus.h>

/* Orders that count as small. */
#define SMALL 4000
/* So many at least must be, or this proves nothing. */
#define FEWEST 10

static void explore_by(const struct program *program,
                       const struct world_config *way,
                       enum explore_strategy strategy,
                       struct litmus_result *result)
{
    const struct litmus_config config = { .strategy = strategy,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .runs = SMALL,
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

/* False: it is not small. */
static bool compare(const struct program *program,
                    const struct world_config *way)
{
    struct litmus_result plain, reduced;
    bool small;

    if ( program->litmus.bound != PROGRAM_NO_BOUND )
        return false;
    explore_by(program, way, EXPLORE_PLAIN, &plain);
    small = plain.exhaustive;
    litmus_result_free(&plain);
    if ( !small )
        return false;
    explore_by(program, way, EXPLORE_EXHAUSTIVE, &reduced);
    if ( !reduced.exhaustive || plain.found != reduced.found ||
         plain.allowed != reduced.allowed ||
         plain.outcomes != reduced.outcomes )
        fail_msg("%s: %u outcomes of %u", program->name, reduced.outcomes,
                 plain.outcomes);
    for ( unsigned int i = 0; i < plain.outcomes; i++ )
        if ( !has(&reduced, plain.outcome[i].text) )
            fail_msg("%s: '%s' is lost", program->name, plain.outcome[i].text);
    litmus_result_free(&reduced);
    return true;
}

static void reduction_changes_no_verdict_of_the_suite(void **state)
{
    char *pattern[] = { "litmus/" };
    struct program_list list;
    struct program_error error;
    unsigned int compared = 0;

    (void)state;
    if ( !suite_load(SCENARIOS, pattern, 1, &list, &error) )
        fail_msg("%s", error.text);
    for ( size_t i = 0; i < list.count; i++ )
    {
        struct case_ways ways;

        case_ways(list.program[i], 0, false, UINT32_MAX, 1, &ways);
        for ( unsigned int w = 0; w < ways.ways; w++ )
            compared += compare(list.program[i], &ways.way[w]);
    }
    print_message("%u compared\n", compared);
    assert_true(compared >= FEWEST);
    program_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduction_changes_no_verdict_of_the_suite),
    };

    return cmocka_run_group_tests_name("enumeration", tests, NULL, NULL);
}
