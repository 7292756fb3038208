/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inputs are programs, and runs of them can be repeated. */

#include <fuzz/judge.h>
#include <fuzz/text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (INPUT_HEADER + 64 * INPUT_RECORD)

static uint64_t state = 1;

static uint8_t random_byte(void)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint8_t)(state >> 56);
}

static void random_input(uint8_t *data, size_t size)
{
    for ( size_t i = 0; i < size; i++ )
        data[i] = random_byte();
}

static struct program *decode(const struct input_rules *rules,
                              const uint8_t *data, size_t size)
{
    struct world_config config;
    size_t prologue;

    return input_decode(rules, data, size, &config, &prologue);
}

static bool is_program(const struct fuzz_target *target)
{
    return target->kind == TARGET_PROGRAM ||
           target->kind == TARGET_EQUIVALENCE;
}

/* Whatever the bytes are: what comes out can be run, and be written. */
static void every_input_is_a_possible_program(void **unused)
{
    uint8_t data[ROOM];
    uint32_t line;

    (void)unused;
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
    {
        struct input_rules rules;

        if ( !is_program(t) )
            continue;
        assert_true(input_rules_init(&rules, t));
        for ( unsigned int n = 0; n < 300; n++ )
        {
            size_t size = n < 40 ? n : ROOM;
            struct program *p;

            random_input(data, size);
            p = decode(&rules, data, size);
            if ( program_check(p, &line) )
                fail_msg("%s: %s", t->name, program_check(p, &line));
            program_free(p);
        }
        input_rules_free(&rules);
    }
}

static unsigned int distinct_codes(const struct input_rules *rules)
{
    bool seen[256] = { false };
    unsigned int count = 0;

    for ( unsigned int i = 0; i < 256; i++ )
        seen[rules->code[i]] = true;
    for ( unsigned int i = 0; i < 256; i++ )
        count += seen[i];
    return count;
}

/* What the guest and its devices can do is in each target of programs, without
 * a word of it here. */
static void every_operation_of_a_guest_is_fuzzed(void **unused)
{
    struct input_rules rules;
    const struct op_spec *spec;

    (void)unused;
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
    {
        unsigned int guest = 0;

        if ( t->kind != TARGET_PROGRAM )
            continue;
        assert_true(input_rules_init(&rules, t));
        for ( unsigned int i = 0; (spec = op_spec_of(t->arch->arch, i)); i++ )
            guest += (spec->through & 3) == 3;
        /* Less what a program itself expects: 13 operations say that. */
        assert_in_range(distinct_codes(&rules), guest - 13, 256);
        input_rules_free(&rules);
    }
}

static bool is_fuzzed(const struct input_rules *rules, const char *keyword)
{
    for ( unsigned int i = 0; i < 256; i++ )
        if ( !strcmp(op_spec_of(rules->arch->arch, rules->code[i])->keyword,
                     keyword) )
            return true;
    return false;
}

/* However many are rare. */
static void every_operation_that_a_target_names_is_fuzzed(void **unused)
{
    struct input_rules rules;

    (void)unused;
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
    {
        char words[1024], *rest = words, *word;

        assert_true(input_rules_init(&rules, t));
        snprintf(words, sizeof(words), "%s %s", t->focus,
                 t->rare ? t->rare : "");
        while ( (word = strtok_r(rest, " ", &rest)) )
            if ( !is_fuzzed(&rules, word) )
                fail_msg("%s has no '%s'", t->name, word);
        input_rules_free(&rules);
    }
}

static void a_mutant_has_whole_operations(void **unused)
{
    uint8_t data[ROOM] = { 0 };
    size_t size = 0;

    (void)unused;
    for ( unsigned int seed = 0; seed < 2000; seed++ )
    {
        size = input_mutate(data, size, sizeof(data), seed);
        assert_in_range(size, INPUT_HEADER, sizeof(data));
        assert_int_equal((size - INPUT_HEADER) % INPUT_RECORD, 0);
    }
}

static void a_mutant_depends_on_its_seed_alone(void **unused)
{
    uint8_t a[ROOM] = { 0 }, b[ROOM] = { 0 };
    size_t a_size = 0, b_size = 0;

    (void)unused;
    for ( unsigned int seed = 0; seed < 200; seed++ )
    {
        a_size = input_mutate(a, a_size, ROOM, seed);
        b_size = input_mutate(b, b_size, ROOM, seed);
    }
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
}

/* Of text: within its room, of its seed alone, and lines remain lines. */
static void mutated_text_stays_in_its_room(void **unused)
{
    static const char text[] = "title t\ndevice nic 00:02.0\ntable A\n\n"
                               "map A 0x10000 0x200000 4k rw\nstart\n";
    char a[128], b[128], child[200];
    size_t a_size = sizeof(text) - 1, b_size = a_size, size;
    unsigned int changed = 0;

    (void)unused;
    for ( unsigned int seed = 0; seed < 20000; seed++ )
    {
        if ( seed % 20 == 0 || !a_size )
        {
            memcpy(a, text, sizeof(text));
            memcpy(b, text, sizeof(text));
            a_size = b_size = sizeof(text) - 1;
        }
        a_size = text_mutate(a, a_size, 100, seed);
        b_size = text_mutate(b, b_size, 100, seed);
        assert_true(a_size <= 100);
        assert_int_equal(a_size, b_size);
        assert_memory_equal(a, b, a_size);
        changed += a_size != sizeof(text) - 1 || memcmp(a, text, a_size) != 0;
        size = text_cross(a, a_size, text, sizeof(text) - 1, child,
                          sizeof(child), seed);
        assert_true(size <= sizeof(child));
        assert_int_equal(child[size - 1], '\n');
    }
    assert_true(changed > 19000);
}

static void a_child_has_the_machine_of_the_first(void **unused)
{
    uint8_t a[ROOM], b[ROOM], child[ROOM];

    (void)unused;
    random_input(a, ROOM);
    random_input(b, ROOM);
    for ( unsigned int seed = 0; seed < 200; seed++ )
    {
        size_t size = input_cross(a, ROOM, b, ROOM, child, ROOM, seed);

        assert_in_range(size, INPUT_HEADER, ROOM);
        assert_memory_equal(a, child, INPUT_HEADER);
    }
}

/* A world that is restored gives what a new one gives. */
static void a_restored_world_is_as_new(void **unused)
{
    static const char *const names[] = { "vtd_queue", "smmuv3_commands",
                                         "vtd_races" };
    uint8_t data[ROOM];

    (void)unused;
    for ( unsigned int n = 0; n < 3; n++ )
    {
        struct judge *judge = calloc(1, sizeof(*judge));

        assert_non_null(judge);
        assert_true(judge_init(judge, fuzz_target_by_name(names[n])));
        for ( unsigned int i = 0; i < 60; i++ )
        {
            struct finding findings[WORLD_MAX_FINDINGS];
            struct verdict verdict;
            struct run_result fresh;
            unsigned int count = 0;

            random_input(data, ROOM);
            memset(data, 0, INPUT_HEADER);
            data[INPUT_WAY] = (uint8_t)(i & 0x1f);
            judge_input(judge, data, ROOM, &verdict);
            assert_true(program_run(verdict.program, &verdict.config, &fresh,
                                    findings, &count));
            assert_int_equal(fresh.outcomes, judge->outcomes);
            assert_int_equal(verdict.found, count != 0);
            program_free(verdict.program);
        }
        judge_free(judge);
        free(judge);
    }
}

/* Behind its prologue a world comes back in every bit that counts. */
static void a_restored_world_has_the_hash_of_its_snapshot(void **unused)
{
    struct input_rules rules;
    uint8_t data[ROOM];

    (void)unused;
    assert_true(input_rules_init(&rules, fuzz_target_by_name("vtd_queue")));
    for ( unsigned int i = 0; i < 20; i++ )
    {
        uint64_t saved[2], ran[2], restored[2];
        struct run_result result = { 0 };
        struct world_config config;
        const char *reason;
        struct program *p;
        struct world *world;
        size_t prologue;

        random_input(data, ROOM);
        memset(data, 0, INPUT_HEADER);
        data[INPUT_WAY] = (uint8_t)(i & 0x1f);
        p = input_decode(&rules, data, ROOM, &config, &prologue);
        world = world_create(p, &config, &reason);
        assert_non_null(world);
        world_begin(world, prologue);
        assert_true(world_snapshot(world));
        world_hash(world, saved);
        world_run(world, &result);
        world_hash(world, ran);
        assert_memory_not_equal(saved, ran, sizeof(saved));
        world_restore(world, p);
        world_hash(world, restored);
        assert_memory_equal(saved, restored, sizeof(saved));
        world_destroy(world);
        program_free(p);
    }
    input_rules_free(&rules);
}

/* A scenario as a seed has the operations of the scenario. */
static void a_seed_says_what_its_scenario_says(void **unused)
{
    static const char text[] = "title A seed\n"
                               "device nic 00:02.0\n"
                               "table A\n"
                               "start\n"
                               "context nic table=A did=1\n"
                               "map A 0x10000 0x200000 4k rw\n"
                               "iotlb-page 1 0x10000 0\n"
                               "sync\n"
                               "dma nic write 0x10000\n";
    struct program_list list = { 0 };
    struct program_error error = { 0 };
    struct input_rules rules;
    uint8_t data[ROOM];
    struct program *p;
    size_t size;

    (void)unused;
    assert_true(program_parse_text(text, "seed", "seed", &list, &error));
    assert_true(input_rules_init(&rules, fuzz_target_by_name("vtd_queue")));
    size = input_encode(&rules, list.program[0], 0, data, sizeof(data));
    p = decode(&rules, data, size);
    assert_int_equal(p->ops, list.program[0]->ops);
    for ( size_t i = 0; i < p->ops; i++ )
    {
        assert_int_equal(p->op[i].code, list.program[0]->op[i].code);
        assert_memory_equal(p->op[i].arg, list.program[0]->op[i].arg,
                            sizeof(p->op[i].arg));
    }
    program_free(p);
    input_rules_free(&rules);
    program_list_free(&list);
}

/* U1 of both architectures, U10 of VT-d, U4 of SMMUv3: what inputs that are to
 * stay on defined ground were drawn to. */
static void tamed_operations_stay_on_defined_ground(void **unused)
{
    static const struct {
        const char *target;
        unsigned int condition[2];
    } rows[] = {
        { "vtd_equivalence", { 1, 10 } },
        { "smmuv3_equivalence", { 1, 4 } },
    };
    uint8_t data[ROOM];

    (void)unused;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        static struct judge judge;

        assert_true(judge_init(&judge, fuzz_target_by_name(rows[i].target)));
        for ( unsigned int n = 0; n < 400; n++ )
        {
            struct verdict verdict;

            random_input(data, ROOM);
            data[INPUT_GROUND] = 0;
            judge_input(&judge, data, ROOM, &verdict);
            assert_false(verdict.found);
            program_free(verdict.program);
        }
        assert_true(judge.total.dma > 1000);
        for ( unsigned int c = 0; c < 2; c++ )
            assert_int_equal(judge.total.undefined[rows[i].condition[c]], 0);
        judge_free(&judge);
    }
}

/* One finding, many figures: one group. */
static void findings_of_a_rule_are_one_group(void **unused)
{
    const struct finding a = { "P9", "domain 1: 21 table pages left", 0,
                               false },
                         b = { "P9", "domain 2: 3 allocations left", 0,
                               false },
                         c = { "P1", "a DMA of nic at 0x10 reached 0x2f", 0,
                               false },
                         d = { "P1", "a DMA of nic at 0x7fff reached 0x1", 0,
                               false };
    char x[GROUP_LENGTH], y[GROUP_LENGTH];

    (void)unused;
    finding_group(&a, x);
    finding_group(&b, y);
    assert_string_equal(x, y);
    finding_group(&c, x);
    finding_group(&d, y);
    assert_string_equal(x, y);
    finding_group(&a, y);
    assert_string_not_equal(x, y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_input_is_a_possible_program),
        cmocka_unit_test(every_operation_of_a_guest_is_fuzzed),
        cmocka_unit_test(every_operation_that_a_target_names_is_fuzzed),
        cmocka_unit_test(a_mutant_has_whole_operations),
        cmocka_unit_test(a_mutant_depends_on_its_seed_alone),
        cmocka_unit_test(mutated_text_stays_in_its_room),
        cmocka_unit_test(a_child_has_the_machine_of_the_first),
        cmocka_unit_test(a_restored_world_is_as_new),
        cmocka_unit_test(a_restored_world_has_the_hash_of_its_snapshot),
        cmocka_unit_test(a_seed_says_what_its_scenario_says),
        cmocka_unit_test(tamed_operations_stay_on_defined_ground),
        cmocka_unit_test(findings_of_a_rule_are_one_group),
    };

    return cmocka_run_group_tests_name("fuzz input", tests, NULL, NULL);
}
