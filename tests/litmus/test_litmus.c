/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Litmus tests as systems of the explorer: what reduction leaves out, what a
 * schedule is worth, what is said of the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <scenario/lanes.h>
#include <scenario/litmus.h>

/* The guest's table is three levels deep, and one page is mapped. */
#define SETUP                                                                 \
    "title t\nthrough model\nretention normal\n"                              \
    "device nic 00:02.0\ntable A levels=3\n"                                  \
    "start\ncontext nic table=A did=5\nmap A 0x10000 0x200000 4k rw\n"        \
    "cc-device nic did=5\niotlb-domain 5\nsync\n"

/* The context and the tables are in the caches; the queue waits to be rung. */
static const char unmap[] = SETUP
    "map A 0x11000 0x201000 4k rw\niotlb-domain 5\nsync\n"
    "dma nic read 0x11000\niotlb-page 5 0x10000 0 ih dr dw\n"
    "actor cpu\nunmap A 0x10000 4k\nsubmit\n"
    "actor nic\ndma nic write 0x10000\n"
    "exhaustive\n";

static const char evict[] = SETUP
    "dma nic read 0x10000\nactor cpu\nmap A 0x10000 0x201000 4k rw\n"
    "actor unit\nevict translations\n"
    "actor nic\ndma nic read 0x10000\nexhaustive\n";

static const char flags[] = SETUP "actor one\nset 0\nawait 1\nstore 0x1000 1\n"
                                  "actor two\nset 1\nawait 0\nstore 0x1000 2\n"
                                  "exhaustive\n";

static const char crossed[] = SETUP "actor one\nlock 0\nlock 1\n"
                                    "unlock 1\nunlock 0\n"
                                    "actor two\nlock 1\nlock 0\n"
                                    "unlock 0\nunlock 1\n";

static const char never[] = SETUP "actor one\nawait 3\nactor two\nset 2\n";

static struct program *parse(const char *text, struct program_list *list)
{
    struct program_error error;

    *list = (struct program_list) { 0 };
    if ( !program_parse_text(text, "t.litmus", "t", list, &error) )
        fail_msg("%s", error.text);
    return list->program[0];
}

static const struct world_config way = { .through = THROUGH_MODEL };

static void explore_by(const struct program *program,
                       enum explore_strategy strategy,
                       struct litmus_result *result)
{
    const struct litmus_config config = { .strategy = strategy,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .runs = 300000,
                                          .all = true };

    assert_true(litmus_explore(program, &way, &config, result));
}

static bool has(const struct litmus_result *result, const char *text)
{
    for ( unsigned int i = 0; i < result->outcomes; i++ )
        if ( !strcmp(result->outcome[i].text, text) )
            return true;
    return false;
}

static void reduction_loses_no_outcome_of_a_world(void **state)
{
    static const char *const text[] = { unmap, evict, flags };

    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct program_list list;
        const struct program *program = parse(text[i], &list);
        struct litmus_result plain, reduced;

        explore_by(program, EXPLORE_PLAIN, &plain);
        explore_by(program, EXPLORE_EXHAUSTIVE, &reduced);
        assert_true(plain.exhaustive);
        assert_true(reduced.exhaustive);
        assert_int_equal(plain.found, reduced.found);
        assert_int_equal(plain.outcomes, reduced.outcomes);
        for ( unsigned int n = 0; n < plain.outcomes; n++ )
            assert_true(has(&reduced, plain.outcome[n].text));
        assert_true(reduced.explored.schedules < plain.explored.schedules);
        litmus_result_free(&plain);
        litmus_result_free(&reduced);
        program_list_free(&list);
    }
}

static void what_another_sets_is_a_choice_of_the_schedule(void **state)
{
    static const char choice[] = SETUP "actor nic\nskip-if 0\n"
                                       "dma nic read 0x10000\n"
                                       "actor fate\nset 0\nexhaustive\n";
    static const enum explore_strategy strategies[] = { EXPLORE_PLAIN,
                                                        EXPLORE_MATCHED,
                                                        EXPLORE_EXHAUSTIVE };
    struct program_list list;
    const struct program *program = parse(choice, &list);

    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct litmus_result result;

        explore_by(program, strategies[i], &result);
        assert_true(result.exhaustive);
        assert_int_equal(result.outcomes, 2);
        assert_true(has(&result, ""));
        assert_true(has(&result, "nic.1=to:0x200000"));
        litmus_result_free(&result);
    }
    program_list_free(&list);
}

static void a_schedule_is_the_same_run_again(void **state)
{
    struct litmus_config config = { .strategy = EXPLORE_RANDOM,
                                    .preemptions = EXPLORE_NO_LIMIT,
                                    .runs = 1,
                                    .all = true };
    struct program_list list;
    const struct program *program = parse(unmap, &list);

    (void)state;
    for ( config.seed = 1; config.seed < 20; config.seed++ )
    {
        struct litmus_result first, again, third;
        struct litmus_config replay = { .strategy = EXPLORE_REPLAY,
                                        .preemptions = EXPLORE_NO_LIMIT,
                                        .all = true };

        assert_true(litmus_explore(program, &way, &config, &first));
        replay.schedule = first.schedule;
        assert_true(litmus_explore(program, &way, &replay, &again));
        assert_true(litmus_explore(program, &way, &replay, &third));
        assert_false(again.explored.misfit);
        assert_string_equal(first.outcome[0].text, again.outcome[0].text);
        assert_string_equal(first.schedule, again.schedule);
        assert_memory_equal(again.hash, third.hash, sizeof(again.hash));
        litmus_result_free(&first);
        litmus_result_free(&again);
        litmus_result_free(&third);
    }
    program_list_free(&list);
}

/* The same with every compiler and level of optimization: a change of the
 * programs' meaning changes it, nothing else may. */
static void a_schedule_has_one_hash(void **state)
{
    const struct litmus_config replay = { .strategy = EXPLORE_REPLAY,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .schedule = "ab2ab",
                                          .all = true };
    struct program_list list;
    const struct program *program = parse(unmap, &list);
    struct litmus_result result;

    (void)state;
    assert_true(litmus_explore(program, &way, &replay, &result));
    assert_false(result.explored.misfit);
    if ( result.hash[0] != UINT64_C(0x5d1dc58b76e56cbd) ||
         result.hash[1] != UINT64_C(0x58ff0cf67ee96ddb) )
        fail_msg("hash %016llx %016llx", (unsigned long long)result.hash[0],
                 (unsigned long long)result.hash[1]);
    litmus_result_free(&result);
    program_list_free(&list);
}

static void a_schedule_of_another_program_is_refused(void **state)
{
    const struct litmus_config replay = { .strategy = EXPLORE_REPLAY,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .schedule = "z" };
    struct program_list list;
    const struct program *program = parse(unmap, &list);
    struct litmus_result result;

    (void)state;
    assert_true(litmus_explore(program, &way, &replay, &result));
    assert_true(result.explored.misfit);
    litmus_result_free(&result);
    program_list_free(&list);
}

static void expect_stuck(const char *text, const char *what)
{
    struct program_list list;
    const struct program *program = parse(text, &list);
    struct litmus_result result;

    explore_by(program, EXPLORE_EXHAUSTIVE, &result);
    assert_true(result.found);
    assert_string_equal(result.finding.property, "P5");
    if ( !strstr(result.finding.message, what) )
        fail_msg("%s", result.finding.message);
    litmus_result_free(&result);
    program_list_free(&list);
}

static void locks_in_crossed_order_are_a_deadlock(void **state)
{
    (void)state;
    expect_stuck(crossed, "'one' at wait, 'two' at wait");
}

static void a_wait_for_what_never_comes_is_found(void **state)
{
    (void)state;
    expect_stuck(never, "'one' at wait");
}

static void a_counterexample_has_few_lines(void **state)
{
    static const char late[] = SETUP
        "actor cpu\nunmap A 0x10000 4k\n"
        "iotlb-page 5 0x10000 0 dr dw\nsubmit\nstore 0x200000 2\n"
        "actor nic\ndma nic write 0x10000\n"
        "finally\nload 0x200000 is=2\n";
    struct program_list list;
    const struct program *program = parse(late, &list);
    struct litmus_result result;
    struct lanes lanes;
    char *schedule;

    (void)state;
    explore_by(program, EXPLORE_EXHAUSTIVE, &result);
    assert_true(result.found);
    schedule = litmus_fewest_switches(program, &way, &result);
    assert_true(lanes_record(program, &way, schedule, &lanes));
    assert_true(lanes.rows <= 10);
    assert_non_null(strstr(lanes.finding, "memory at 0x200000"));
    lanes_free(&lanes);
    free(schedule);
    litmus_result_free(&result);
    program_list_free(&list);
}

static void a_litmus_test_survives_text_and_binary(void **state)
{
    struct program_list list, text_list, binary_list;
    const struct program *program = parse(evict, &list);
    char *text = program_text(program);
    struct program_error error;
    char *again;
    size_t size;
    void *binary = program_binary(program, &size);

    (void)state;
    parse(text, &text_list);
    again = program_text(text_list.program[0]);
    assert_string_equal(text, again);
    free(again);
    binary_list = (struct program_list) { 0 };
    assert_true(program_parse_binary(binary, size, "t.bin", "t", &binary_list,
                                     &error));
    again = program_text(binary_list.program[0]);
    assert_string_equal(text, again);
    free(again);
    free(text);
    free(binary);
    program_list_free(&list);
    program_list_free(&text_list);
    program_list_free(&binary_list);
}

static void a_twin_has_what_is_only_its_own(void **state)
{
    static const char twins[] = SETUP
        "twin lazy it does nothing\nactor cpu\n"
        "without lazy unmap A 0x10000 4k\nonly lazy store 0x1000 1\n";
    struct program_list list;

    (void)state;
    parse(twins, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.program[0]->name, "t");
    assert_string_equal(list.program[1]->name, "t[twin=lazy]");
    assert_string_equal(list.program[1]->litmus.twin, "lazy");
    assert_int_equal(list.program[0]->ops, list.program[1]->ops);
    assert_true(list.program[1]->op[list.program[1]->ops - 1].code ==
                OP_STORE);
    program_list_free(&list);
}

static void what_is_wrong_in_a_litmus_test_is_said(void **state)
{
    static const struct {
        const char *text, *error;
    } wrong[] = {
        { SETUP "forbid finding\nstore 0 1\n", "actor" },
        { SETUP "actor a\nstore 0 1\nactor a\n", "two actors" },
        { SETUP "actor a\nstore 0 1\nallow b.1=abort\n", "no actor 'b'" },
        { SETUP "actor a\nonly x store 0 1\n", "twin x" },
        { SETUP "actor a\n@1 store 0 1\nstore 8 1\n", "no @" },
        { SETUP "actor a\nstore 0 1\nfinally\nactor b\n", "comes last" },
    };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++ )
    {
        struct program_list list = { 0 };
        struct program_error error;

        assert_false(
            program_parse_text(wrong[i].text, "t", "t", &list, &error));
        if ( !strstr(error.text, wrong[i].error) )
            fail_msg("%s", error.text);
        program_list_free(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduction_loses_no_outcome_of_a_world),
        cmocka_unit_test(what_another_sets_is_a_choice_of_the_schedule),
        cmocka_unit_test(a_schedule_is_the_same_run_again),
        cmocka_unit_test(a_schedule_has_one_hash),
        cmocka_unit_test(a_schedule_of_another_program_is_refused),
        cmocka_unit_test(locks_in_crossed_order_are_a_deadlock),
        cmocka_unit_test(a_wait_for_what_never_comes_is_found),
        cmocka_unit_test(a_counterexample_has_few_lines),
        cmocka_unit_test(a_litmus_test_survives_text_and_binary),
        cmocka_unit_test(a_twin_has_what_is_only_its_own),
        cmocka_unit_test(what_is_wrong_in_a_litmus_test_is_said),
    };

    return cmocka_run_group_tests_name("litmus", tests, NULL, NULL);
}
