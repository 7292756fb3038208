/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole cases, with QEMU on one side. */

#include "support.h"

#include <qemu/fields.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
    struct qemu_machine m;
    struct diff_target target;
    struct diff_arch arch;
    char version[64];
    char directory[32];
};

static int start(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    *state = NULL;
    if ( !b || !start_machine(&b->m, &qemu_x86) )
        return 0;
    b->arch = diff_vtd;
    b->target = (struct diff_target) { .arch = &b->arch,
                                       .qemu = &b->m,
                                       .version = b->version };
    qemu_version(qemu_x86.program, b->version, sizeof(b->version));
    assert_null(diff_vtd.machine(&b->m, &b->target.machine));
    strcpy(b->directory, "/tmp/umbra-diff-XXXXXX");
    assert_non_null(mkdtemp(b->directory));
    *state = b;
    return 0;
}

static int stop(void **state)
{
    struct bench *b = *state;

    if ( !b )
        return 0;
    qemu_stop(&b->m);
    rmdir(b->directory);
    free(b);
    return 0;
}

static struct bench *bench(void **state)
{
    if ( !*state )
        skip();
    return *state;
}

#define HEAD                                                                  \
    "title t\nsection s\ndevice a 00:05.0\ndevice b 01:00.0\ntable T\n"       \
    "start\ncontext a table=T did=5\ncc-global\niotlb-global\nsync\n"

static enum diff_verdict run(struct bench *b, const char *text,
                             struct diff_figures *figures,
                             struct diff_result *result)
{
    struct program *p = parse(text);

    memset(figures, 0, sizeof(*figures));
    diff_case_run(&b->target, p, 1, b->directory, figures, result);
    program_free(p);
    return result->verdict;
}

/* What was saved: the scenario, and the script beside it. */
static void discard(const struct diff_result *result)
{
    char script[300];

    snprintf(script, sizeof(script), "%.*s.sh",
             (int)(strlen(result->file) - strlen(".scn")), result->file);
    assert_int_equal(unlink(result->file), 0);
    assert_int_equal(unlink(script), 0);
}

static void a_plain_program_agrees_on_all_sides(void **state)
{
    struct bench *b = bench(state);
    struct diff_figures f;
    struct diff_result r;

    assert_int_equal(run(b,
                         HEAD "map T 0x10000 0x200000 4k rw\nsync\n"
                              "store 0x200010 0xa0000001\n"
                              "dma a read 0x10010\ndma a write 0x10010\n"
                              "dma a read 0x20000\ndma b read 0\n",
                         &f, &r),
                     VERDICT_AGREES);
    assert_int_equal(f.dma, 4);
    assert_int_equal(f.page[12], 2);
    assert_int_equal(f.reason[6], 1);
    assert_true(f.reason[1] + f.reason[2] == 1);
}

/* Every row of the table, by its scenario. */
static void check_rows(const struct diff_target *target, const char *directory)
{
    const struct diff_arch *arch = target->arch;

    for ( unsigned int i = 0; arch->deviation[i].id; i++ )
    {
        struct program_list list = { 0 };
        struct program_error error = { 0 };
        struct diff_figures f = { 0 };
        struct diff_result r;
        char path[512];

        snprintf(path, sizeof(path), "%s/%s/qemu-%s.scn", directory,
                 arch->qemu->name, arch->deviation[i].id);
        if ( !program_read(path, NULL, &list, &error) )
            fail_msg("%s", error.text);
        diff_case_run(target, list.program[0], 1, NULL, &f, &r);
        program_list_free(&list);
        if ( deviation_concerns(&arch->deviation[i], target->version) &&
             f.deviation[i] != 1 )
            fail_msg("%s: %s", path, r.message);
    }
}

static void every_known_deviation_still_triggers(void **state)
{
    struct bench *b = bench(state);
    const char *directory = getenv("UMBRA_SCENARIOS");
    struct qemu_machine *m = calloc(1, sizeof(*m));
    struct diff_target target = { .arch = &diff_smmuv3,
                                  .qemu = m,
                                  .version = b->target.version };

    if ( !directory || !m )
        skip();
    check_rows(&b->target, directory);
    if ( start_machine(m, &qemu_arm) )
    {
        assert_null(diff_smmuv3.machine(m, &target.machine));
        check_rows(&target, directory);
    }
    qemu_stop(m);
    free(m);
}

static bool of_this_case(const struct diff_case *c, const struct difference *d)
{
    return c->program->op[d->operation].code == OP_DMA;
}

/* A right that is missing on a hit is what every QEMU does otherwise. */
static const char *const deviant = HEAD
    "map T 0x10000 0x200000 4k r\nmap T 0x11000 0x201000 4k r\nsync\n"
    "dma a read 0x11000\ndma a read 0x10010\ndma a write 0x10018\n";

static void a_known_deviation_is_counted_for_its_row(void **state)
{
    struct bench *b = bench(state);
    struct diff_figures f;
    struct diff_result r;

    assert_int_equal(run(b, deviant, &f, &r), VERDICT_EXPLAINED);
    assert_int_equal(f.explained, 1);
    assert_int_equal(f.deviation[0], 1);
    assert_string_equal(r.difference.deviation->id, "right-missing-on-hit");
}

static void what_is_not_explained_is_shrunk_and_saved(void **state)
{
    static const struct deviation none[] = {
        { "elsewhere", "99.0", NULL, "", "", of_this_case },
        { NULL, NULL, NULL, NULL, NULL, NULL },
    };
    struct bench *b = bench(state);
    struct program_list list = { 0 };
    struct program_error error = { 0 };
    struct diff_figures f;
    struct diff_result r;

    b->arch.deviation = none;
    assert_int_equal(run(b, deviant, &f, &r), VERDICT_DISAGREES);
    b->arch.deviation = diff_vtd.deviation;
    assert_int_equal(f.disagreements, 1);
    /* start, context, cc, map, read, write; perhaps a sync */
    assert_in_range(r.operations, 5, 8);
    assert_true(program_read(r.file, NULL, &list, &error));
    assert_int_equal(list.program[0]->ops, r.operations);
    program_list_free(&list);
    discard(&r);
}

static void a_crash_of_qemu_is_kept_apart(void **state)
{
    struct bench *b = bench(state);
    struct diff_figures f;
    struct diff_result r;

    /* 7.2 asserts on a wait that writes a status and interrupts. */
    if ( run(b, HEAD "wait status=1 interrupt\nsubmit\n", &f, &r) !=
         VERDICT_CRASH )
        skip();
    assert_int_equal(f.oracle_crashes, 1);
    assert_int_equal(f.disagreements, 0);
    assert_non_null(strstr(r.message, "QEMU died"));
    assert_true(r.operations <= 4);
    discard(&r);
    assert_int_equal(run(b, HEAD "dma a read 0\n", &f, &r), VERDICT_AGREES);
}

static void memory_does_not_leak_from_case_to_case(void **state)
{
    struct bench *b = bench(state);
    struct diff_figures f;
    struct diff_result r;

    /* Through tables of its own, and with translation off. */
    assert_int_equal(run(b,
                         HEAD "map T 0 0 1g rw\nsync\ndma a write 0x300020\n"
                              "gcmd te off\ndma a write 0x301020\n",
                         &f, &r),
                     VERDICT_AGREES);
    assert_int_equal(qemu_load(&b->m, 0x300020, 8), 0);
    assert_int_equal(qemu_load(&b->m, 0x301020, 8), 0);
    assert_int_equal(qemu_load(&b->m, 0x800000, 8), 0);
}

static void memory_that_does_not_begin_at_0_does_not_leak(void **state)
{
    struct qemu_machine *m = calloc(1, sizeof(*m));
    struct diff_target target = { .arch = &diff_smmuv3,
                                  .qemu = m,
                                  .version = "7.2.22" };
    struct program *p = parse("arch smmuv3\ntitle t\nsection s\n"
                              "device a 00:05.0\nstart sid-bits=9\n"
                              "ste a bypass\ncfgi-ste a\nsync\n"
                              "dma a write 0x40300020\n");
    struct diff_figures f = { 0 };
    struct diff_result r;

    (void)state;
    if ( !m || !start_machine(m, &qemu_arm) )
        skip();
    assert_null(diff_smmuv3.machine(m, &target.machine));
    diff_case_run(&target, p, 1, NULL, &f, &r);
    assert_int_equal(r.verdict, VERDICT_AGREES);
    assert_int_equal(f.reached, 1);
    assert_int_equal(qemu_load(m, 0x40300020, 8), 0);
    program_free(p);
    qemu_stop(m);
    free(m);
}

static void what_needs_the_stack_is_skipped(void **state)
{
    struct bench *b = bench(state);
    struct diff_figures f;
    struct diff_result r;

    assert_int_equal(run(b,
                         "title t\nsection s\nthrough stack\n"
                         "device a 00:05.0\ndetach a\n",
                         &f, &r),
                     VERDICT_SKIPPED);
    assert_int_equal(f.skipped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_program_agrees_on_all_sides),
        cmocka_unit_test(a_known_deviation_is_counted_for_its_row),
        cmocka_unit_test(every_known_deviation_still_triggers),
        cmocka_unit_test(what_is_not_explained_is_shrunk_and_saved),
        cmocka_unit_test(a_crash_of_qemu_is_kept_apart),
        cmocka_unit_test(memory_does_not_leak_from_case_to_case),
        cmocka_unit_test(memory_that_does_not_begin_at_0_does_not_leak),
        cmocka_unit_test(what_needs_the_stack_is_skipped),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
