/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P5: invalidations complete once, in order, and after their effects. */
#include "world.h"

static struct world w;

static void start(void)
{
    world_start(&w, NULL);
}

static void a_status_that_was_asked_for_is_fine(void **state)
{
    (void)state;
    start();
    invalidate(&w, IOTLB_GLOBAL);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_status_must_be_the_right_one(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t data;
    } rows[] = { { STATUS + 4, 2 }, { STATUS, 3 } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start();
        submit(&w, WAIT(STATUS, 2));
        tail(&w);
        status(&w, rows[i].address, rows[i].data);
        assert_true(found(&w, "P5", "status nobody asked for"));
        world_end(&w);
    }
}

static void a_status_before_the_tail_is_early(void **state)
{
    (void)state;
    start();
    submit(&w, WAIT(STATUS, 2));
    status(&w, STATUS, 2);
    assert_true(found(&w, "P5", "status nobody asked for"));
    world_end(&w);
}

static void a_status_is_stored_once(void **state)
{
    (void)state;
    start();
    invalidate(&w, IOTLB_GLOBAL);
    status(&w, STATUS, 2);
    assert_true(found(&w, "P5", "status stored twice"));
    world_end(&w);
}

static void waits_complete_in_order(void **state)
{
    (void)state;
    start();
    submit(&w, WAIT(STATUS, 2));
    submit(&w, WAIT(STATUS + 8, 3));
    tail(&w);
    status(&w, STATUS + 8, 3);
    assert_true(found(&w, "P5", "status out of order"));
    world_end(&w);
}

static void a_status_without_memory_is_not_waited_for(void **state)
{
    (void)state;
    start();
    submit(&w, WAIT(HOLE, 2));
    submit(&w, WAIT(STATUS, 3));
    tail(&w);
    follow_queue(&w);
    status(&w, STATUS, 3);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_wait_completes_before_it_is_quiet(void **state)
{
    (void)state;
    start();
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P5", "never completed"));
    world_end(&w);
}

static void the_queue_wraps(void **state)
{
    (void)state;
    start();
    for ( unsigned int i = 0; i < 300; i++ )
        invalidate(&w, IOTLB_GLOBAL);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    set_reg(&w, 0x80, 8, (w.tail - 16) & 0xfff);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_true(found(&w, "P10", "register value"));
    world_end(&w);
}

static void the_head_beyond_an_interrupt_wait_completes_it(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    submit(&w, IOTLB_DOMAIN(1));
    submit(&w, 0x15, 0);
    tail(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    follow_queue(&w);
    set_reg(&w, 0x9c, 4, 1);
    set_reg(&w, 0xa0, 4, 0xc0000000);
    oracle_poll(w.oracle);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 1);
    world_end(&w);
}

static void an_interrupt_wait_sets_iwc(void **state)
{
    (void)state;
    start();
    submit(&w, 0x15, 0);
    tail(&w);
    follow_queue(&w);
    set_reg(&w, 0xa0, 4, 0xc0000000);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_true(found(&w, "P10", "register value")); /* ICS */
    world_end(&w);
}

static void an_interrupt_wait_raises_its_event(void **state)
{
    (void)state;
    for ( unsigned int raised = 0; raised < 2; raised++ )
    {
        start();
        write_reg(&w, 0xa4, 4, 0x31);
        write_reg(&w, 0xa8, 4, 0xfee02000);
        write_reg(&w, 0xa0, 4, 0);
        submit(&w, 0x15, 0);
        tail(&w);
        follow_queue(&w);
        set_reg(&w, 0x9c, 4, 1);
        if ( raised )
            oracle_interrupt(w.oracle, 0xfee02000, 0x31);
        oracle_quiescent(w.oracle);
        assert_int_equal(reported(&w, "P4", "missing event interrupt"),
                         !raised);
        world_end(&w);
    }
}

static void an_erroneous_descriptor_stops_the_queue(void **state)
{
    static const struct {
        uint64_t low, high;
    } rows[] = {
        { 0x02, 0 },                              /* reserved granularity */
        { 0x01, 0 },                              /* likewise */
        { 0x1f, 0 },                              /* type */
        { 0x03, 0 },                              /* no device-TLBs */
        { 0x04, 0 },                              /* no remapping */
        { 0x12 | UINT64_C(1) << 40, 0 },          /* reserved, low */
        { 0x12, 0x80 },                           /* reserved, high */
        { 0x11, 1 },                              /* likewise */
        { 0x32 | 1 << 16, IOVA | 10 },            /* AM > MAMV */
        { 0x25 | UINT64_C(2) << 32, STATUS | 1 }, /* reserved, high */
        { 0x05, 0 },                              /* a wait for nothing */
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        uint64_t at;

        start();
        at = w.tail;
        submit(&w, rows[i].low, rows[i].high);
        submit(&w, WAIT(STATUS, 2));
        tail(&w);
        set_reg(&w, 0x80, 8, at);
        set_reg(&w, 0x34, 4, 0x10);
        set_reg(&w, 0x38, 4, 0xc0000000);
        oracle_quiescent(w.oracle);
        oracle_check(w.oracle);
        assert_int_equal(w.findings, 0);
        status(&w, STATUS, 2);
        assert_true(found(&w, "P5", "status nobody asked for"));
        world_end(&w);
    }
}

static void a_cleared_error_fetches_the_same_slot_again(void **state)
{
    (void)state;
    start();
    submit(&w, 0x1f, 0);
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    set_reg(&w, 0x34, 4, 0x10);
    store(&w, QUEUE, 0x12); /* repaired */
    oracle_register_write(w.oracle, 0x34, 4, 0x10);
    set_reg(&w, 0x34, 4, 0);
    follow_queue(&w);
    status(&w, STATUS, 2);
    oracle_register_written(w.oracle, 0x34, 4, 0x10);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* ---- registers ---- */

#define GO UINT64_C(0x8000000000000000)

static void start_registers(void)
{
    world_start(&w, &(struct options) { .off = true });
    write_reg(&w, 0x20, 8, ROOT);
    gcmd(&w, 0x40000000);
    gcmd(&w, 0x80000000);
}

static void ivt_and_icc_complete_register_commands(void **state)
{
    (void)state;
    start_registers();
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    write_reg(&w, IVA_AT, 8, IOVA);
    write_reg(&w, IOTLB_AT, 8, GO | UINT64_C(3) << 60 | UINT64_C(1) << 32);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    set_reg(&w, IOTLB_AT, 8,
            UINT64_C(3) << 60 | UINT64_C(3) << 57 | UINT64_C(1) << 32);
    oracle_poll(w.oracle);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_int_equal(w.findings, 1);
    write_reg(&w, 0x28, 8, GO | UINT64_C(1) << 61);
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P5", "never completed"));
    world_end(&w);
}

static void what_was_done_is_not_finer_than_asked(void **state)
{
    (void)state;
    for ( uint64_t actual = 0; actual < 4; actual++ )
    {
        start_registers();
        write_reg(&w, 0x28, 8, GO | UINT64_C(2) << 61);
        set_reg(&w, 0x28, 8, UINT64_C(2) << 61 | actual << 59);
        oracle_poll(w.oracle);
        assert_int_equal(reported(&w, "P10", "actual granularity"),
                         actual == 0 || actual == 3);
        world_end(&w);
    }
}

static void a_command_in_two_halves_goes_with_the_high_one(void **state)
{
    (void)state;
    start_registers();
    set_context(&w, CONTEXTS, DEV_A, 0, 0);
    oracle_register_write(w.oracle, 0x28, 4, DEV_A << 16 | 1);
    oracle_register_written(w.oracle, 0x28, 4, DEV_A << 16 | 1);
    oracle_register_write(w.oracle, 0x2c, 4, 0xe0000000);
    set_reg(&w, 0x28, 8, UINT64_C(3) << 61 | UINT64_C(3) << 59 | 1);
    oracle_register_written(w.oracle, 0x2c, 4, 0xe0000000);
    oracle_register_write(w.oracle, IOTLB_AT + 4, 4, 0x90000000);
    set_reg(&w, IOTLB_AT, 8, UINT64_C(1) << 60 | UINT64_C(1) << 57);
    oracle_register_written(w.oracle, IOTLB_AT + 4, 4, 0x90000000);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void gsts_must_follow_gcmd(void **state)
{
    (void)state;
    start();
    oracle_register_write(w.oracle, 0x18, 4, 0x04000000);
    oracle_register_written(w.oracle, 0x18, 4, 0x04000000);
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P5", "never completed"));
    world_end(&w);
}

/* ---- effects ---- */

struct effect_row {
    uint64_t low, high;
    bool becomes_right;
    const char *property, *rule;
};

/* clang-format off */
static const struct effect_row effect_rows[] = {
    { IOTLB_PAGE(1, IOVA, 0), true,
      "P5", "completed before its effects" },
    { IOTLB_PAGE(1, IOVA, 0), false, "P2", "stale translation" },
    { IOTLB_PAGE(1, IOVA, 9), false, "P2", "stale translation" },
    { IOTLB_DOMAIN(1), true, "P5", "completed before its effects" },
    { IOTLB_DOMAIN(1), false, "P2", "stale translation" },
    { IOTLB_GLOBAL, false, "P2", "stale translation" },
    { IOTLB_DOMAIN(2), false, NULL, NULL },
    { IOTLB_PAGE(1, IOVA + 0x1000, 0), false, NULL, NULL },
};
/* clang-format on */

static void effects_precede_completion(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(effect_rows) / sizeof(effect_rows[0]); i++ )
    {
        const struct effect_row *row = &effect_rows[i];

        world_start(
            &w, &(struct options) { .cap = CAP_CM_BIT, .virtual_unit = true });
        w.exception_of = DEV_A;
        w.exception = IOVA;
        w.instead = to(DATA, RW);
        map_page(&w, TABLES_A, IOVA, DATA2 | RW);
        invalidate(&w, row->low, row->high);
        if ( row->becomes_right )
            w.exception = 0;
        assert_int_equal(w.findings, 0);
        oracle_quiescent(w.oracle);
        if ( row->property )
            assert_true(found(&w, row->property, row->rule));
        else
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

static void a_mapping_that_stays_missing_breaks_p3(void **state)
{
    (void)state;
    world_start(&w,
                &(struct options) { .cap = CAP_CM_BIT, .virtual_unit = true });
    w.exception_of = DEV_A;
    w.exception = IOVA + 0x1000;
    map_page(&w, TABLES_A, IOVA + 0x1000, DATA2 | RW);
    invalidate(&w, IOTLB_PAGE(1, IOVA + 0x1000, 0));
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void a_cleared_context_blocks_once_its_cache_is_flushed(void **state)
{
    (void)state;
    world_start(&w,
                &(struct options) { .cap = CAP_CM_BIT, .virtual_unit = true });
    w.exception_of = DEV_A;
    w.exception = IOVA;
    w.instead = to(DATA, RW);
    store(&w, CONTEXTS + 16 * DEV_A, 0);
    invalidate(&w, CC_DEVICE(2, DEV_A, 0));
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    invalidate(&w, CC_DEVICE(1, DEV_A, 0));
    oracle_quiescent(w.oracle);
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_that_was_asked_for_is_fine),
        cmocka_unit_test(a_status_must_be_the_right_one),
        cmocka_unit_test(a_status_before_the_tail_is_early),
        cmocka_unit_test(a_status_is_stored_once),
        cmocka_unit_test(waits_complete_in_order),
        cmocka_unit_test(a_status_without_memory_is_not_waited_for),
        cmocka_unit_test(a_wait_completes_before_it_is_quiet),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(the_head_beyond_an_interrupt_wait_completes_it),
        cmocka_unit_test(an_interrupt_wait_sets_iwc),
        cmocka_unit_test(an_interrupt_wait_raises_its_event),
        cmocka_unit_test(an_erroneous_descriptor_stops_the_queue),
        cmocka_unit_test(a_cleared_error_fetches_the_same_slot_again),
        cmocka_unit_test(ivt_and_icc_complete_register_commands),
        cmocka_unit_test(what_was_done_is_not_finer_than_asked),
        cmocka_unit_test(a_command_in_two_halves_goes_with_the_high_one),
        cmocka_unit_test(gsts_must_follow_gcmd),
        cmocka_unit_test(effects_precede_completion),
        cmocka_unit_test(a_mapping_that_stays_missing_breaks_p3),
        cmocka_unit_test(a_cleared_context_blocks_once_its_cache_is_flushed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
