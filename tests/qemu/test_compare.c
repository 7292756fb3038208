/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the sides agree, and what explains it when they don't. */

#include "support.h"

#include <qemu/fields.h>

#define PAGE_A   UINT64_C(0x200010)
#define PAGE_B   UINT64_C(0x300010)
#define UNMARKED UINT64_C(0x400010)

static bool never(const struct diff_case *c, const struct difference *d)
{
    (void)c;
    (void)d;
    return false;
}

static bool always(const struct diff_case *c, const struct difference *d)
{
    (void)c;
    (void)d;
    return true;
}

static struct deviation deviations[] = {
    { "never", NULL, NULL, "", "", never },
    { "old", NULL, "7.1", "", "", always },
    { "new", "10.0", NULL, "", "", always },
    { NULL, NULL, NULL, NULL, NULL, NULL },
};

/* A DMA write, then the faults are handled, then another DMA write; all sides
 * have seen it reach PAGE_A. */
struct rig {
    struct diff_case c;
    struct diff_arch arch;
    struct diff_target target;
    struct diff_seen seen[SIDE_COUNT][3];
    struct diff_dma dma[3];
};

static void allow(struct diff_dma *dma, uint64_t gpa)
{
    struct oracle_result *r = &dma->legal.result[dma->legal.count++];

    r->ok = gpa;
    r->gpa = gpa;
    dma->made = true;
}

static int set_up(void **state)
{
    static struct rig rig;
    struct rig *r = &rig;

    memset(r, 0, sizeof(*r));
    r->arch = diff_vtd;
    r->arch.deviation = deviations;
    r->target = (struct diff_target) { .arch = &r->arch, .version = "7.2.22" };
    r->c.target = &r->target;
    r->c.sides = SIDE_COUNT;
    r->c.dma = r->dma;
    r->c.program = parse("title t\nsection s\ndevice nic 00:05.0\n"
                         "store 0x200010 0\nstore 0x300010 0\n"
                         "dma nic write 0x10 size=4\nhandle-faults\n"
                         "dma nic write 0x10 size=4\n");
    diff_marks_collect(r->c.program, &r->c.marks);
    r->c.program->ops -= 2;
    memmove(r->c.program->op, r->c.program->op + 2,
            3 * sizeof(r->c.program->op[0]));
    for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
    {
        r->c.run[side] = (struct diff_run) { .ran = true,
                                             .done = 3,
                                             .seen = r->seen[side] };
        for ( unsigned int i = 0; i < 3; i++ )
            r->seen[side][i].looked = true;
        r->seen[side][0].data = r->seen[side][2].data = PAGE_A;
    }
    allow(&r->dma[0], PAGE_A);
    allow(&r->dma[2], PAGE_A);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    program_free(((struct rig *)*state)->c.program);
    return 0;
}

static enum difference_kind compare(struct rig *r, struct difference *d)
{
    diff_compare(&r->c, d);
    return d->kind;
}

static void equal_sides_agree(void **state)
{
    struct difference d;

    assert_int_equal(compare(*state, &d), DIFFERENCE_NONE);
}

static void one_legal_result_leaves_no_choice(void **state)
{
    struct rig *r = *state;
    struct difference d;

    for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
    {
        r->seen[side][0].data = PAGE_B;
        if ( side != SIDE_QEMU )
            continue;
        assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
        assert_int_equal(d.side, SIDE_MODEL);
        assert_int_equal(d.operation, 0);
    }
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
}

static void the_stack_is_compared_as_well(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->seen[SIDE_STACK][2].data = 0;
    assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
    assert_int_equal(d.side, SIDE_STACK);
    assert_int_equal(d.operation, 2);
}

/* What a virtual unit has not can't be asked of it. */
static void a_stack_that_has_no_part_is_not_compared(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->c.sides = SIDE_STACK;
    r->seen[SIDE_STACK][2].data = 0;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
    r->seen[SIDE_MODEL][2].data = 0;
    assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
}

static void a_stale_window_allows_old_and_new(void **state)
{
    struct rig *r = *state;
    struct difference d;

    allow(&r->dma[0], PAGE_B);
    r->seen[SIDE_QEMU][0].data = PAGE_B;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
    r->seen[SIDE_QEMU][0].data = 0; /* a fault: not one of the two */
    assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
}

/* Where no mark is a write can't be seen, but read later. */
static void a_stale_write_that_is_unseen_leaves_its_offset_open(void **state)
{
    struct rig *r = *state;
    struct difference d;

    for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
        r->seen[side][0].data = 0;
    allow(&r->dma[0], UNMARKED);
    r->seen[SIDE_QEMU][2].data = PAGE_B;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
    r->dma[0].legal.result[1].gpa = PAGE_B; /* it would have been seen */
    r->dma[0].legal.result[0].ok = false;
    assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
}

static void after_a_stale_window_faults_may_differ_until_handled(void **state)
{
    struct rig *r = *state;
    struct difference d;
    unsigned int fsts = 2;

    allow(&r->dma[0], 0);
    r->seen[SIDE_QEMU][0].data = 0;
    r->seen[SIDE_QEMU][0].reg[fsts] = 2;
    r->seen[SIDE_QEMU][0].events = 1;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
    r->seen[SIDE_QEMU][1].reg[fsts] = 2; /* handled, and still there */
    assert_int_equal(compare(r, &d), DIFFERENCE_REGISTER);
    assert_int_equal(d.reg, fsts);
    assert_int_equal(d.operation, 1);
}

/* QEMU's machine has devices where a program has nothing. */
static void what_is_read_outside_memory_is_nobody_s_business(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->target.machine.region[0] = (struct region) { 0, 0x1000000, REGION_RAM };
    field_set(&r->c.program->op[0], "to", UINT64_MAX);
    r->c.program->op[0].arg[0] &= ~(UINT64_C(0xf) << 8); /* a read */
    r->seen[SIDE_QEMU][0].data = 0xffffffff;
    r->seen[SIDE_MODEL][0].data = r->seen[SIDE_STACK][0].data = 0;
    r->dma[0].legal.result[0].gpa = 0x1000010;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
    r->dma[0].legal.result[0].gpa = PAGE_A;
    assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
}

static void registers_and_interrupts_are_compared(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->seen[SIDE_MODEL][1].events = 1;
    assert_int_equal(compare(r, &d), DIFFERENCE_EVENT);
    r->seen[SIDE_MODEL][1].reg[0] = 1;
    assert_int_equal(compare(r, &d), DIFFERENCE_REGISTER);
}

static void memory_is_compared_at_the_end(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->c.run[SIDE_STACK].mark[1] = 7;
    assert_int_equal(compare(r, &d), DIFFERENCE_MEMORY);
    assert_int_equal(d.side, SIDE_STACK);
}

static void a_driver_that_waits_in_vain_on_both_sides_agrees(void **state)
{
    struct rig *r = *state;
    struct difference d;

    r->c.run[SIDE_MODEL].found = true;
    assert_int_equal(compare(r, &d), DIFFERENCE_FINDING);
    r->c.run[SIDE_QEMU].found = r->c.run[SIDE_STACK].found = true;
    assert_int_equal(compare(r, &d), DIFFERENCE_NONE);
}

static void a_row_explains_only_its_versions(void **state)
{
    static const struct {
        const char *version, *id;
    } rows[] = {
        { "7.2.22", NULL },  { "7.1.5", "old" }, { "6.9", "old" },
        { "10.0.2", "new" }, { "9.2.0", NULL },  { "11.0", "new" },
    };
    struct rig *r = *state;
    struct difference d;

    r->seen[SIDE_QEMU][0].data = PAGE_B;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        r->target.version = rows[i].version;
        assert_int_equal(compare(r, &d), DIFFERENCE_DATA);
        if ( rows[i].id )
            assert_string_equal(d.deviation->id, rows[i].id);
        else
            assert_null(d.deviation);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(equal_sides_agree),
        TEST(one_legal_result_leaves_no_choice),
        TEST(the_stack_is_compared_as_well),
        TEST(a_stack_that_has_no_part_is_not_compared),
        TEST(a_stale_window_allows_old_and_new),
        TEST(a_stale_write_that_is_unseen_leaves_its_offset_open),
        TEST(after_a_stale_window_faults_may_differ_until_handled),
        TEST(what_is_read_outside_memory_is_nobody_s_business),
        TEST(registers_and_interrupts_are_compared),
        TEST(memory_is_compared_at_the_end),
        TEST(a_driver_that_waits_in_vain_on_both_sides_agrees),
        TEST(a_row_explains_only_its_versions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
