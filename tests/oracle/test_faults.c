/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P4: fault records, status and the event interrupt. */
#include "world.h"

static struct world w;

#define NOWHERE (IOVA + 0x5000) /* not mapped */
#define F       (UINT64_C(1) << 63)
#define T1      (UINT64_C(1) << 62)
#define T2      (UINT64_C(1) << 28)
#define FR(r)   ((uint64_t)(r) << 32)
#define IM      0x80000000u
#define IP      0x40000000u

static void start(unsigned int records, bool collapses)
{
    world_start(&w, &(struct options) { .cap = CAP_NFR_BITS(records),
                                        .collapses = collapses });
}

static void record(unsigned int index, uint64_t low, uint64_t high)
{
    set_reg(&w, FRCD_AT + 16 * index, 8, low);
    set_reg(&w, FRCD_AT + 16 * index + 8, 8, high);
}

static void fsts(uint32_t value)
{
    set_reg(&w, 0x34, 4, value);
}

/* The unit has recorded the first fault, with IM = 1. */
static void first_record(uint64_t low, uint64_t high)
{
    record(0, low, high);
    fsts(2);
    set_reg(&w, 0x38, 4, IM | IP);
}

static void quiet(void)
{
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
}

static void a_fault_leaves_exactly_its_record(void **state)
{
    static const struct {
        bool write;
        uint64_t iova, high;
        const char *rule;
    } rows[] = {
        { false, NOWHERE, F | T1 | FR(6) | DEV_A, NULL },
        { true, NOWHERE, F | FR(5) | DEV_A, NULL },
        { false, NOWHERE + 0x10, F | T1 | FR(6) | DEV_A, NULL },
        { true, NOWHERE, F | FR(6) | DEV_A, "wrong fault record" },
        { true, NOWHERE, F | T1 | FR(5) | DEV_A, "wrong fault record" },
        { true, NOWHERE, F | FR(5) | DEV_B, "wrong fault record" },
        { true, NOWHERE, F | FR(5) | DEV_A | 1 << 20, "wrong fault record" },
        { true, NOWHERE, FR(5) | DEV_A, "missing fault record" },
        { false, UINT64_C(1) << 40, F | T1 | FR(4) | DEV_A, NULL },
        { false, UINT64_C(1) << 40, F | T1 | FR(6) | DEV_A,
          "wrong fault record" },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start(1, false);
        assert_true(legal(&w, DEV_A, rows[i].iova, rows[i].write, blocked));
        first_record(rows[i].iova & ~UINT64_C(0xfff), rows[i].high);
        quiet();
        if ( rows[i].rule )
            assert_true(reported(&w, "P4", rows[i].rule));
        else
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

static void the_pasid_fields_mean_nothing_without_pp(void **state)
{
    (void)state;
    start(1, false);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A | UINT64_C(0xfffff) << 40);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_request_with_pasid_has_it_recorded(void **state)
{
    const struct oracle_dma dma = { DEV_A, 5, IOVA,  4,     false,
                                    true,  0, false, false, 0 };
    const uint64_t high = F | T1 | FR(0x31) | UINT64_C(1) << 31 | DEV_A;

    (void)state;
    for ( uint64_t pasid = 4; pasid < 7; pasid++ )
    {
        start(1, false);
        oracle_dma_end(w.oracle, oracle_dma_begin(w.oracle, &dma), &blocked);
        first_record(IOVA, high | pasid << 40);
        quiet();
        assert_int_equal(w.findings != 0, pasid != 5);
        world_end(&w);
    }
}

static void an_access_that_does_not_fault_leaves_none(void **state)
{
    (void)state;
    start(1, false);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    first_record(IOVA, F | T1 | FR(6) | DEV_A);
    quiet();
    assert_true(reported(&w, "P4", "fault record nobody caused"));
    world_end(&w);
}

static void a_hole_aborts_without_a_record(void **state)
{
    (void)state;
    start(1, false);
    map_page(&w, TABLES_A, NOWHERE, HOLE | RW);
    invalidate(&w, IOTLB_DOMAIN(1));
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    quiet();
    assert_int_equal(w.findings, 0);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    quiet();
    assert_true(reported(&w, "P4", "fault record nobody caused"));
    world_end(&w);
}

static void fpd_suppresses_qualified_faults(void **state)
{
    (void)state;
    start(1, false);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 3, context_high(1, 1));
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    quiet();
    assert_int_equal(w.findings, 0);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    quiet();
    assert_true(reported(&w, "P4", "fault record nobody caused"));
    world_end(&w);
}

static void fpd_counts_in_a_context_that_is_not_present(void **state)
{
    (void)state;
    start(1, false);
    set_context(&w, CONTEXTS, DEV_A, 2, 0);
    invalidate(&w, CC_GLOBAL);
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void records_go_round_in_order(void **state)
{
    (void)state;
    start(2, false);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    assert_true(legal(&w, DEV_B, NOWHERE, true, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    record(1, NOWHERE, F | FR(5) | DEV_B);
    quiet();
    /* The first is cleared; the next fault goes there. */
    write_reg(&w, FRCD_AT + 12, 4, 0x80000000);
    record(0, NOWHERE, T1 | FR(6) | DEV_A);
    assert_true(legal(&w, DEV_A, NOWHERE + 0x1000, true, blocked));
    record(0, NOWHERE + 0x1000, F | FR(5) | DEV_A);
    fsts(2 | 1 << 8);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_full_ring_overflows(void **state)
{
    (void)state;
    for ( unsigned int flagged = 0; flagged < 2; flagged++ )
    {
        start(1, false);
        assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
        assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
        first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
        fsts(flagged ? 3 : 2);
        quiet();
        assert_int_equal(reported(&w, "P4", "missing fault record"), !flagged);
        world_end(&w);
    }
}

static void nothing_is_recorded_while_overflow_is_set(void **state)
{
    (void)state;
    start(1, false);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    fsts(3);
    quiet();
    write_reg(&w, FRCD_AT + 12, 4, 0x80000000);
    record(0, NOWHERE, T1 | FR(6) | DEV_A);
    fsts(1);
    assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
    quiet();
    assert_int_equal(w.findings, 0);
    /* PFO is cleared: recording goes on. */
    fsts(0);
    oracle_register_write(w.oracle, 0x34, 4, 1);
    set_reg(&w, 0x38, 4, IM);
    oracle_register_written(w.oracle, 0x34, 4, 1);
    assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
    quiet();
    assert_true(reported(&w, "P4", "missing fault record"));
    world_end(&w);
}

static void faults_of_one_source_collapse_where_configured(void **state)
{
    (void)state;
    start(2, true);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void a_racing_fault_may_have_either_reason(void **state)
{
    (void)state;
    for ( unsigned int reason = 2; reason < 8; reason++ )
    {
        unsigned int id;

        start(1, false);
        id = begin(&w, DEV_A, NOWHERE, false); /* 06h now */
        store(&w, CONTEXTS + 16 * DEV_A, 0);   /* 02h then */
        assert_true(end_legal(&w, id, blocked));
        first_record(NOWHERE, F | T1 | FR(reason) | DEV_A);
        quiet();
        assert_int_equal(w.findings != 0, reason != 2 && reason != 6);
        world_end(&w);
    }
}

static void a_blocked_translation_request_has_its_type_recorded(void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     false,
                                    true,  1,    false, false, 0 };

    (void)state;
    start(1, false);
    oracle_dma_end(w.oracle, oracle_dma_begin(w.oracle, &dma), &blocked);
    first_record(IOVA, F | T1 | FR(0xd) | DEV_A | UINT64_C(1) << 60);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void an_atomic_access_has_both_type_bits(void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, NOWHERE, 4,     true,
                                    true,  0,    false,   false, 0 };

    (void)state;
    start(1, false);
    oracle_dma_end(w.oracle, oracle_dma_begin(w.oracle, &dma), &blocked);
    first_record(NOWHERE, F | T1 | T2 | FR(5) | DEV_A);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* ---- the event ---- */

static void program_event(void)
{
    write_reg(&w, 0x3c, 4, 0x21);
    write_reg(&w, 0x40, 4, 0xfee01004);
    write_reg(&w, 0x38, 4, 0);
}

static void the_first_fault_raises_the_event_once(void **state)
{
    static const struct {
        unsigned int raised;
        uint32_t data;
        const char *rule;
    } rows[] = { { 1, 0x21, NULL },
                 { 0, 0, "missing event interrupt" },
                 { 1, 0x22, "missing event interrupt" },
                 { 2, 0x21, "event interrupt nobody asked for" } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start(2, false);
        program_event();
        assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
        assert_true(legal(&w, DEV_A, NOWHERE, true, blocked));
        record(0, NOWHERE, F | T1 | FR(6) | DEV_A);
        record(1, NOWHERE, F | FR(5) | DEV_A);
        fsts(2);
        for ( unsigned int n = 0; n < rows[i].raised; n++ )
            oracle_interrupt(w.oracle, 0xfee01004, rows[i].data);
        quiet();
        if ( rows[i].rule )
            assert_true(reported(&w, "P4", rows[i].rule));
        else
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

static void a_devices_own_message_is_not_the_units(void **state)
{
    unsigned int id;

    (void)state;
    start(1, false);
    id = begin(&w, DEV_A, 0xfee01000, true);
    oracle_interrupt(w.oracle, 0xfee01000, 1);
    assert_true(end_legal(&w, id, to(0, RW)));
    quiet();
    assert_int_equal(w.findings, 0);
    oracle_interrupt(w.oracle, 0xfee01000, 1);
    quiet();
    assert_true(found(&w, "P4", "event interrupt nobody asked for"));
    world_end(&w);
}

static void a_masked_event_is_sent_when_unmasked(void **state)
{
    (void)state;
    for ( unsigned int sent = 0; sent < 2; sent++ )
    {
        start(1, false);
        program_event();
        write_reg(&w, 0x38, 4, IM);
        assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
        first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
        quiet();
        assert_int_equal(w.findings, 0);
        oracle_register_write(w.oracle, 0x38, 4, 0);
        set_reg(&w, 0x38, 4, 0);
        if ( sent )
            oracle_interrupt(w.oracle, 0xfee01004, 0x21);
        oracle_register_written(w.oracle, 0x38, 4, 0);
        quiet();
        assert_int_equal(reported(&w, "P4", "missing event interrupt"), !sent);
        world_end(&w);
    }
}

static void clearing_all_status_clears_ip(void **state)
{
    (void)state;
    start(1, false);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    first_record(NOWHERE, F | T1 | FR(6) | DEV_A);
    quiet();
    oracle_register_write(w.oracle, FRCD_AT + 12, 4, 0x80000000);
    record(0, NOWHERE, T1 | FR(6) | DEV_A);
    fsts(0);
    oracle_register_written(w.oracle, FRCD_AT + 12, 4, 0x80000000);
    quiet(); /* IP is still there */
    assert_true(reported(&w, "P10", "register value"));
    world_end(&w);
}

static void status_without_a_cause_is_reported(void **state)
{
    (void)state;
    start(1, false);
    fsts(0x10);
    quiet();
    assert_true(reported(&w, "P4", "fault status"));
    world_end(&w);
}

static void undefined_ground_takes_the_units_word(void **state)
{
    (void)state;
    start(1, false);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 1));
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    first_record(IOVA, F | T1 | FR(7) | DEV_A);
    quiet();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_leaves_exactly_its_record),
        cmocka_unit_test(the_pasid_fields_mean_nothing_without_pp),
        cmocka_unit_test(a_request_with_pasid_has_it_recorded),
        cmocka_unit_test(an_access_that_does_not_fault_leaves_none),
        cmocka_unit_test(a_hole_aborts_without_a_record),
        cmocka_unit_test(fpd_suppresses_qualified_faults),
        cmocka_unit_test(fpd_counts_in_a_context_that_is_not_present),
        cmocka_unit_test(records_go_round_in_order),
        cmocka_unit_test(a_full_ring_overflows),
        cmocka_unit_test(nothing_is_recorded_while_overflow_is_set),
        cmocka_unit_test(faults_of_one_source_collapse_where_configured),
        cmocka_unit_test(a_racing_fault_may_have_either_reason),
        cmocka_unit_test(a_blocked_translation_request_has_its_type_recorded),
        cmocka_unit_test(an_atomic_access_has_both_type_bits),
        cmocka_unit_test(the_first_fault_raises_the_event_once),
        cmocka_unit_test(a_devices_own_message_is_not_the_units),
        cmocka_unit_test(a_masked_event_is_sent_when_unmasked),
        cmocka_unit_test(clearing_all_status_clears_ip),
        cmocka_unit_test(status_without_a_cause_is_reported),
        cmocka_unit_test(undefined_ground_takes_the_units_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
