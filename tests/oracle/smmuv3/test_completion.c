/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P5: commands that are taken in order, completed once, and never lost. */
#include "world.h"

static struct world w;

/* The unit stops at a command: CMDQ_CONS with the reason, GERROR, its wire. */
static void fail_command(uint32_t cons)
{
    set_reg(&w, 0x9c, 4, cons);
    set_reg(&w, 0x60, 4, 1);
    wire(&w, WIRE_GERROR);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void sync_never_consumed_is_found(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, NSNH_ALL);
    submit(&w, SYNC);
    prod(&w);
    set_reg(&w, 0x9c, 4, 1);
    oracle_quiescent(w.oracle);
    assert_true(reported(&w, "P5", "never completed"));
    assert_int_equal(w.findings, 2);
    world_end(&w);
}

static void consumption_beyond_prod_is_found(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, NSNH_ALL);
    prod(&w);
    set_reg(&w, 0x9c, 4, 2);
    oracle_poll(w.oracle);
    assert_true(found(&w, "P5", "consumed what was not submitted"));
    world_end(&w);
}

static void the_queue_wraps(void **state)
{
    struct oracle_stats stats;

    (void)state;
    world_start(&w, NULL);
    for ( unsigned int i = 0; i < 100; i++ )
        command(&w, NH_VA(0, 1, IOVA, 0));
    oracle_quiescent(w.oracle);
    oracle_stats(w.oracle, &stats);
    assert_int_equal(stats.invalidations, 100);
    assert_int_equal(stats.completions, 100);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* ---- illegal commands ---- */

struct bad_row {
    const char *what;
    uint64_t low, high;
    uint64_t idr0_clear;
    bool good;
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
    { "0", 0, 0, 0, false },
    { "PREFETCH_CONFIG", 0x01, 0, 0, true },
    { "PREFETCH_ADDR", 0x02, 0, 0, true },
    { "CFGI_VMS_PIDM", 0x07, 0, 0, false },
    { "CFGI_CD without stage 1", CFGI_CD(1, 0, 0), 2, false },
    { "CFGI_STE without stage 1", CFGI_STE(1, 0), 2, true },
    { "NH_ALL without stage 1", NH_ALL(0), 2, false },
    { "NH_VA without stage 2", NH_VA(0, 1, IOVA, 0), 1, true },
    { "S12_VMALL without stage 2", S12_VMALL(0), 1, false },
    { "S2_IPA without stage 2", S2_IPA(0, 0, 0), 1, false },
    { "NSNH_ALL without stage 2", NSNH_ALL, 1, true },
    { "EL2_ALL", EL2_ALL, 0, true },
    { "EL2_ALL without Hyp", EL2_ALL, BIT(9), false },
    { "EL3_ALL", 0x18, 0, 0, false },
    { "S_EL2_ALL", 0x50, 0, 0, false },
    { "SNH_ALL", 0x60, 0, 0, false },
    { "ATC_INV", 0x40, 0, 0, false },
    { "PRI_RESP", 0x41, 0, 0, false },
    { "RESUME", 0x44, 0, 0, false },
    { "STALL_TERM", 0x45, 0, 0, false },
    { "SSec", 0x403, 0, 0, false },
    { "SYNC with CS 3", 0x3046, 0, 0, false },
    { "SYNC with CS 2", 0x2046, 0, 0, true },
    { "range: TG and nothing else", 0x12, TG_TTL(1, 0), 0, false },
    { "range: TG and TTL", 0x12, TG_TTL(1, 3), 0, true },
    { "range: 16K with TTL 1", 0x12, TG_TTL(2, 1), 0, false },
    { "range: TTL alone", 0x12, TG_TTL(0, 1), 0, true },
};
/* clang-format on */

static void an_illegal_command_stops_the_queue(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(bad_rows); i++ )
    {
        const struct bad_row *row = &bad_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, &(struct options) { .idr0_clear = row->idr0_clear });
        submit(&w, SYNC);
        submit(&w, row->low, row->high);
        submit(&w, SYNC);
        prod(&w);
        if ( row->good )
            consume(&w);
        else
        {
            fail_command(1 | 1 << 24); /* CERROR_ILL */
        }
        oracle_quiescent(w.oracle);
        oracle_check(w.oracle);
        assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

static void a_bad_command_that_is_taken_is_found(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, 0, 0);
    prod(&w);
    consume(&w);
    assert_true(found(&w, "P5", "consumed what was not submitted"));
    world_end(&w);
    world_start(&w, NULL);
    submit(&w, 0, 0);
    prod(&w);
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P4", "global error"));
    world_end(&w);
}

static void once_acknowledged_the_command_is_read_again(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    submit(&w, 0, 0);
    submit(&w, NH_VA(0, 1, IOVA, 0));
    submit(&w, SYNC);
    prod(&w);
    fail_command(0 | 1 << 24);
    store(&w, CMDQ, 0x46); /* a SYNC in its place */
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    write_reg(&w, 0x64, 4, 1);
    consume(&w);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void a_queue_in_a_hole_is_an_abort(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x20, 4, 0x5);
    write_reg(&w, 0x90, 8, HOLE | 6);
    write_reg(&w, 0x20, 4, 0xd);
    write_reg(&w, 0x98, 4, 1);
    fail_command(2 << 24);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void what_was_not_synchronised_never_completes(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    submit(&w, NH_VA(0, 1, IOVA, 0));
    prod(&w);
    consume(&w);
    write_reg(&w, 0x20, 4, 0x5);
    write_reg(&w, 0x20, 4, 0xd);
    submit(&w, SYNC);
    prod(&w);
    consume(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_sync_with_an_interrupt_raises_it_once(void **state)
{
    (void)state;
    for ( unsigned int raised = 0; raised < 3; raised++ )
    {
        world_start(&w, NULL);
        submit(&w, SYNC_IRQ);
        submit(&w, SYNC);
        prod(&w);
        consume(&w);
        for ( unsigned int i = 0; i < raised; i++ )
            wire(&w, WIRE_SYNC);
        oracle_quiescent(w.oracle);
        assert_int_equal(w.findings, raised != 1);
        world_end(&w);
    }
}

static void acknowledgements_come(void **state)
{
    static const struct {
        uint32_t offset;
        uint64_t value;
    } rows[] = { { 0x20, 0xc }, { 0x50, 0 }, { 0x44, BIT(31) } };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        world_start(&w, NULL);
        w.deaf = true;
        write_reg(&w, rows[i].offset, 4, rows[i].value);
        assert_int_equal(w.findings, 0);
        oracle_quiescent(w.oracle);
        assert_true(found(&w, "P5", "never completed"));
        world_end(&w);
    }
}

/* ---- effects ---- */

#define VIRTUAL                                                               \
    &(struct options)                                                         \
    {                                                                         \
        .virtual_unit = true, .idr0_clear = 1 | BIT(9)                        \
    }

struct effect_row {
    const char *what;
    uint64_t low, high;
    bool looks;
};

/* clang-format off */
static const struct effect_row effect_rows[] = {
    { "NH_VA", NH_VA(0, 1, IOVA, 1), true },
    { "NH_VA of another ASID", NH_VA(0, 2, IOVA + 0x100000, 1), false },
    { "NH_VAA", NH_VAA(0, IOVA, 1), true },
    { "NH_ASID", NH_ASID(0, 1), true },
    { "NH_ALL", NH_ALL(0), true },
    { "NSNH_ALL", NSNH_ALL, true },
};
/* clang-format on */

static void what_is_stale_at_completion_and_right_later_is_p5(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(effect_rows); i++ )
    {
        const struct effect_row *row = &effect_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, VIRTUAL);
        map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
        w.exception = IOVA;
        w.instead = (struct oracle_outcome) {
            .ok = true, .hpa = HPA_OFFSET + DATA, .mask = 0xfff, .rights = RW
        };
        command(&w, row->low, row->high);
        w.exception = UINT64_MAX;
        oracle_quiescent(w.oracle);
        assert_int_equal(reported(&w, "P5", "completed before its effects"),
                         row->looks);
        world_end(&w);
    }
}

static void what_stays_stale_is_p2(void **state)
{
    (void)state;
    world_start(&w, VIRTUAL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    w.exception = IOVA;
    w.instead = (struct oracle_outcome) {
        .ok = true, .hpa = HPA_OFFSET + DATA, .mask = 0xfff, .rights = RW
    };
    command(&w, NH_VA(0, 1, IOVA, 1));
    oracle_quiescent(w.oracle);
    assert_true(reported(&w, "P2", "stale translation"));
    world_end(&w);
}

static void a_device_s_context_is_looked_at_when_its_ste_is(void **state)
{
    (void)state;
    world_start(&w, VIRTUAL);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    set_cd(&w, cd_at(DEV_A, 0), &(struct cd) { .asid = 3, .ttb0 = TABLES_B });
    w.exception = IOVA;
    w.instead = blocked;
    command(&w, CFGI_CD(DEV_A, 0, 1));
    oracle_quiescent(w.oracle);
    assert_true(reported(&w, "P3", "missing mapping"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sync_never_consumed_is_found),
        cmocka_unit_test(consumption_beyond_prod_is_found),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(an_illegal_command_stops_the_queue),
        cmocka_unit_test(a_bad_command_that_is_taken_is_found),
        cmocka_unit_test(once_acknowledged_the_command_is_read_again),
        cmocka_unit_test(a_queue_in_a_hole_is_an_abort),
        cmocka_unit_test(what_was_not_synchronised_never_completes),
        cmocka_unit_test(a_sync_with_an_interrupt_raises_it_once),
        cmocka_unit_test(acknowledgements_come),
        cmocka_unit_test(what_is_stale_at_completion_and_right_later_is_p5),
        cmocka_unit_test(what_stays_stale_is_p2),
        cmocka_unit_test(a_device_s_context_is_looked_at_when_its_ste_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
