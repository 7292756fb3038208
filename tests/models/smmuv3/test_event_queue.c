/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Event queue: indexes, overflow, errors, interrupts, merging (7.2 ff.).
 */
#include "expect.h"
#include "rig.h"

#define EVENTQ_ABT 4u
#define OVERFLOW   UINT32_C(0x80000000)

static void use_queue(struct rig *rig, unsigned int log2)
{
    rig_set32(rig, CR0, 0x9);
    rig->eventq_log2 = log2;
    rig->eventq = rig_alloc(rig, UINT64_C(32) << log2);
    rig_set64(rig, EVENTQ_BASE, rig->eventq | log2);
    rig_set32(rig, EVENTQ_PROD, 0);
    rig_set32(rig, EVENTQ_CONS, 0);
    rig_set32(rig, CR0, 0xd);
}

/* C_BAD_STE of the stream @sid. */
static void fault(struct rig *rig, uint32_t sid)
{
    assert_int_equal(rig_read(rig, sid, IOVA), ABORTED | C_BAD_STE);
}

static void records_follow_each_other_around_the_queue(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( unsigned int log2 = 0; log2 <= 7; log2++ )
    {
        use_queue(&rig, log2);
        for ( uint32_t i = 1; i <= 3u << log2; i++ )
        {
            struct event event;

            fault(&rig, i % 64);
            expect_equal("PROD", rig_get32(&rig, EVENTQ_PROD),
                         i & ((2u << log2) - 1));
            assert_int_equal(rig_event(&rig, &event), C_BAD_STE);
            assert_int_equal(rig_bits(&event, 63, 32), i % 64);
        }
    }
    rig_destroy(&rig);
}

/* 7.4: OVFLG toggles once for each acknowledged overflow. */
static void lost_records_toggle_OVFLG(void **state)
{
    struct event event;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    use_queue(&rig, 1);
    for ( uint32_t round = 0; round < 4; round++ )
    {
        uint32_t before = round & 1 ? OVERFLOW : 0;
        uint32_t after = before ^ OVERFLOW;

        fault(&rig, 1);
        fault(&rig, 2);
        assert_int_equal(rig_get32(&rig, EVENTQ_PROD) & OVERFLOW, before);
        fault(&rig, 3);
        assert_int_equal(rig_get32(&rig, EVENTQ_PROD) & OVERFLOW, after);
        fault(&rig, 4);
        assert_int_equal(rig_get32(&rig, EVENTQ_PROD) & OVERFLOW, after);
        /* What is there is not overwritten. */
        rig_event(&rig, &event);
        assert_int_equal(rig_bits(&event, 63, 32), 1);
        /* Space is used although nobody has acknowledged. */
        fault(&rig, 5);
        rig_event(&rig, &event);
        assert_int_equal(rig_bits(&event, 63, 32), 2);
        rig_event(&rig, &event);
        assert_int_equal(rig_bits(&event, 63, 32), 5);
        assert_int_equal(rig_event(&rig, &event), 0);
        assert_int_equal(rig_get32(&rig, EVENTQ_PROD) & OVERFLOW, after);
        rig_set32(&rig, EVENTQ_CONS,
                  (rig_get32(&rig, EVENTQ_CONS) & ~OVERFLOW) | after);
    }
    assert_int_equal(smmuv3_stats(rig.smmu)->events_lost, 8);
    rig_destroy(&rig);
}

static void a_disabled_queue_loses_records_without_overflow(void **state)
{
    struct event event;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    use_queue(&rig, 1);
    rig_set32(&rig, CR0, 0x9);
    rig.ram.writes = 0;
    for ( uint32_t i = 0; i < 4; i++ )
        fault(&rig, i);
    assert_int_equal(rig_get32(&rig, EVENTQ_PROD), 0);
    assert_int_equal(rig.ram.writes, 0);
    assert_int_equal(rig.edges.eventq, 0);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(rig_event(&rig, &event), 0);
    fault(&rig, 7);
    assert_int_equal(rig_event(&rig, &event), C_BAD_STE);
    rig_destroy(&rig);
}

/* 7.2, 7.5: an aborted write; nothing is written until it is acknowledged. */
static void an_aborted_write_is_EVENTQ_ABT(void **state)
{
    struct event event;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( uint32_t i = 1; i <= 2; i++ )
    {
        rig_refuse(&rig, rig.eventq, 0x1000);
        fault(&rig, 1);
        assert_int_equal(rig_get32(&rig, GERROR), i & 1 ? EVENTQ_ABT : 0);
        assert_int_equal(rig.edges.gerror, i);
        rig_refuse(&rig, 0, 0);
        rig.ram.writes = 0;
        fault(&rig, 2);
        assert_int_equal(rig.ram.writes, 0);
        rig_set32(&rig, GERRORN, rig_get32(&rig, GERROR));
        fault(&rig, 3);
        assert_int_equal(rig.ram.writes, 1);
        assert_int_equal(rig_event(&rig, &event), C_BAD_STE);
        while ( rig_bits(&event, 63, 32) != 3 )
            assert_int_equal(rig_event(&rig, &event), C_BAD_STE);
    }
    rig_destroy(&rig);
}

/* 3.18: an edge when the queue becomes non-empty. */
static void the_interrupt_tells_that_the_queue_is_no_longer_empty(void **s)
{
    struct event event;
    struct rig rig;

    (void)s;
    rig_start(&rig, NULL);
    fault(&rig, 1);
    assert_int_equal(rig.edges.eventq, 1);
    fault(&rig, 2);
    assert_int_equal(rig.edges.eventq, 1);
    rig_event(&rig, &event);
    fault(&rig, 3);
    assert_int_equal(rig.edges.eventq, 1);
    rig_event(&rig, &event);
    rig_event(&rig, &event);
    fault(&rig, 4);
    assert_int_equal(rig.edges.eventq, 2);
    rig_event(&rig, &event);
    rig_set32(&rig, IRQ_CTRL, 1);
    fault(&rig, 5);
    assert_int_equal(rig.edges.eventq, 2);
    assert_int_equal(rig.edges.gerror + rig.edges.sync + rig.edges.priq +
                         rig.edges.other + rig.ram.messages,
                     0);
    rig_destroy(&rig);
}

/* ---- merging (7.3.1) ---- */

static unsigned int records_left(struct rig *rig)
{
    struct event event;
    unsigned int n = 0;

    while ( rig_event(rig, &event) )
        n++;
    return n;
}

/* Two requests, one after the other: how many records. */
static void equal_events_are_merged_where_MEV_allows(void **state)
{
    static const struct {
        const char *row;
        bool merge, mev;
        uint64_t second;
        enum request_access access;
        unsigned int records;
    } rows[] = {
        { "equal", true, true, IOVA, REQUEST_READ, 1 },
        { "same page", true, true, IOVA + 0xffc, REQUEST_READ, 1 },
        { "other page", true, true, IOVA + 0x1000, REQUEST_READ, 2 },
        { "other access", true, true, IOVA, REQUEST_WRITE, 2 },
        { "MEV = 0", true, false, IOVA, REQUEST_READ, 2 },
        { "a unit that does not", false, true, IOVA, REQUEST_READ, 2 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct smmuv3_config config;
        struct device device = { 0 };
        struct request request;
        struct rig rig;

        rig_config(&config);
        config.merge_events = rows[i].merge;
        rig_start(&rig, &config);
        rig_device(&rig, &device, STAGE1);
        rig_patch(&rig, device.ste, 83, 83, rows[i].mev);
        rig_store(&rig, rig_entry(&rig, &device.s1, IOVA, 3), 0);
        rig_read(&rig, SID, IOVA);
        request = rig_request(SID, rows[i].second, rows[i].access);
        assert_int_equal(rig_go(&rig, &request), ABORTED | F_TRANSLATION);
        expect_equal(rows[i].row, records_left(&rig), rows[i].records);
        /* Nothing is merged into a record that software has taken. */
        rig_go(&rig, &request);
        expect_equal(rows[i].row, records_left(&rig), 1);
        rig_destroy(&rig);
    }
}

/* Before a valid STE is known there is no MEV to ask (7.3.1). */
static void errors_before_the_STE_are_always_merged(void **state)
{
    static const struct {
        unsigned int event, records;
    } rows[] = {
        { C_BAD_STREAMID, 1 },
        { F_STE_FETCH, 1 },
        { C_BAD_STE, 1 },
        { C_BAD_SUBSTREAMID, 2 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_READ);
        struct device device = { 0 };
        struct smmuv3_config config;
        struct rig rig;

        rig_config(&config);
        config.merge_events = true;
        rig_start(&rig, &config);
        rig_set_cr2(&rig, 2);
        rig_device(&rig, &device, STAGE1);
        if ( rows[i].event == C_BAD_STREAMID )
            request.source = 0x1000;
        if ( rows[i].event == F_STE_FETCH )
            rig_refuse(&rig, device.ste, 64);
        if ( rows[i].event == C_BAD_STE )
            request.source = SID + 1;
        if ( rows[i].event == C_BAD_SUBSTREAMID )
            request.pasid = 1;
        assert_int_equal(rig_go(&rig, &request), ABORTED | rows[i].event);
        assert_int_equal(rig_go(&rig, &request), ABORTED | rows[i].event);
        expect_equal("records", records_left(&rig), rows[i].records);
        rig_destroy(&rig);
    }
}

/* Nor into what an earlier use of the queue has left. */
static void nothing_is_merged_into_a_queue_that_was_set_up_anew(void **state)
{
    struct smmuv3_config config;
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.merge_events = true;
    rig_start(&rig, &config);
    fault(&rig, 1);
    rig_set32(&rig, CR0, 0x9);
    rig_set32(&rig, EVENTQ_PROD, 1);
    rig_set32(&rig, EVENTQ_CONS, 0);
    rig_set32(&rig, CR0, 0xd);
    fault(&rig, 1);
    assert_int_equal(rig_get32(&rig, EVENTQ_PROD), 2);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_follow_each_other_around_the_queue),
        cmocka_unit_test(lost_records_toggle_OVFLG),
        cmocka_unit_test(a_disabled_queue_loses_records_without_overflow),
        cmocka_unit_test(an_aborted_write_is_EVENTQ_ABT),
        cmocka_unit_test(
            the_interrupt_tells_that_the_queue_is_no_longer_empty),
        cmocka_unit_test(equal_events_are_merged_where_MEV_allows),
        cmocka_unit_test(errors_before_the_STE_are_always_merged),
        cmocka_unit_test(nothing_is_merged_into_a_queue_that_was_set_up_anew),
    };

    return RUN(tests);
}
