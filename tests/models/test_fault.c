/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault recording, FSTS and the fault event (chapter 7). */
#include "expect.h"
#include "rig.h"

#define FSTS 0x34u
#define PFO  0x1u
#define PPF  0x2u
#define IQE  0x10u

#define F (UINT64_C(1) << 63)

/* No context at all: each request faults with 02h or 01h. */
static void start(struct rig *rig, unsigned int records, bool collapse)
{
    struct vtd_config config;

    vtd_config_default(&config);
    config.cap &= ~(UINT64_C(0xff) << 40);
    config.cap |= (uint64_t)(records - 1) << 40;
    config.collapse_faults = collapse;
    rig_start(rig, &config);
    rig_context_entry(rig, SID); /* the bus has a table */
    rig_unmask_faults(rig);
}

static void fault(struct rig *rig, uint32_t sid)
{
    assert_int_not_equal(rig_reason(rig, sid, IOVA, REQUEST_READ), 0);
}

static uint64_t record_low(struct rig *rig, unsigned int index)
{
    return rig_get64(rig, FRO + index * 16);
}

static uint64_t record_high(struct rig *rig, unsigned int index)
{
    return rig_get64(rig, FRO + index * 16 + 8);
}

/* As Linux does: bit 31 of the fourth dword. */
static void clear_record(struct rig *rig, unsigned int index)
{
    rig_set32(rig, FRO + index * 16 + 12, 0x80000000);
}

static void a_record_has_every_field_in_its_place(void **state)
{
    static const struct {
        const char *row;
        struct request request;
        uint64_t high;
    } rows[] = {
        { "read",
          { .source = SID, .pasid = REQUEST_NO_PASID, .size = 4 },
          UINT64_C(0xc000000200000108) },
        { "write",
          { .source = SID,
            .pasid = REQUEST_NO_PASID,
            .size = 4,
            .access = REQUEST_WRITE },
          UINT64_C(0x8000000200000108) },
        { "atomic",
          { .source = SID,
            .pasid = REQUEST_NO_PASID,
            .size = 4,
            .access = REQUEST_ATOMIC },
          UINT64_C(0xc000000210000108) },
        { "translation request",
          { .source = SID,
            .pasid = REQUEST_NO_PASID,
            .type = REQUEST_TRANSLATION },
          UINT64_C(0xd000000200000108) },
        { "translated request",
          { .source = SID,
            .pasid = REQUEST_NO_PASID,
            .type = REQUEST_TRANSLATED },
          UINT64_C(0xe000000200000108) },
        { "privileged and execute without PASID",
          { .source = SID,
            .pasid = REQUEST_NO_PASID,
            .privileged = true,
            .execute = true },
          UINT64_C(0xc000000200000108) },
        { "PASID",
          { .source = SID, .pasid = 0xabcde },
          UINT64_C(0xcabcde3180000108) },
        { "PASID, privileged, execute",
          { .source = SID, .pasid = 1, .privileged = true, .execute = true },
          UINT64_C(0xc0000131e0000108) },
        { "last source",
          { .source = 0x1ff, .pasid = REQUEST_NO_PASID },
          UINT64_C(0xc0000002000001ff) },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct request request = rows[i].request;
        struct rig rig;

        start(&rig, 8, false);
        request.address = UINT64_C(0x123456789abc);
        rig_send(&rig, &request);
        expect_equal(rows[i].row, record_low(&rig, 0),
                     UINT64_C(0x123456789000));
        expect_equal(rows[i].row, record_high(&rig, 0), rows[i].high);
        rig_destroy(&rig);
    }
}

/* The recorded session's own records (its PASID field apart). */
static void a_permission_fault_is_recorded_as_in_the_recorded_session(
    void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 1, true);
    rig_simple_context(&rig, 0x18, DID);
    rig_reason(&rig, 0x18, 0x12345000, REQUEST_READ);
    assert_int_equal(record_low(&rig, 0), 0x12345000);
    assert_int_equal(record_high(&rig, 0), UINT64_C(0xc000000600000018));
    rig_destroy(&rig);
}

static void records_are_used_in_a_circle(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 4, false);
    for ( unsigned int i = 0; i < 10; i++ )
    {
        fault(&rig, SID + i);
        assert_int_equal(record_high(&rig, i % 4) & 0xffff, SID + i);
        assert_int_equal(rig_get32(&rig, FSTS), PPF | (i % 4) << 8);
        clear_record(&rig, i % 4);
        assert_int_equal(rig_get32(&rig, FSTS) & PPF, 0);
    }
    rig_destroy(&rig);
}

static void FRI_stays_at_the_first_pending_record(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 4, false);
    fault(&rig, SID);
    clear_record(&rig, 0);
    fault(&rig, SID);
    fault(&rig, SID);
    assert_int_equal(rig_get32(&rig, FSTS), PPF | 1 << 8);
    rig_destroy(&rig);
}

static void PPF_is_set_while_any_record_is_pending(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 4, false);
    fault(&rig, SID);
    fault(&rig, SID);
    clear_record(&rig, 0);
    assert_int_equal(rig_get32(&rig, FSTS) & PPF, PPF);
    rig_set32(&rig, FSTS, PPF); /* read-only */
    assert_int_equal(rig_get32(&rig, FSTS) & PPF, PPF);
    clear_record(&rig, 1);
    assert_int_equal(rig_get32(&rig, FSTS) & PPF, 0);
    rig_destroy(&rig);
}

static void a_full_circle_sets_PFO_and_drops(void **state)
{
    (void)state;
    for ( unsigned int records = 1; records <= 4; records++ )
    {
        struct rig rig;

        start(&rig, records, false);
        for ( unsigned int i = 0; i < records; i++ )
            fault(&rig, SID + i);
        assert_int_equal(rig_get32(&rig, FSTS) & PFO, 0);
        fault(&rig, 0x1f0);
        assert_int_equal(rig_get32(&rig, FSTS) & PFO, PFO);
        for ( unsigned int i = 0; i < records; i++ )
            assert_int_equal(record_high(&rig, i) & 0xffff, SID + i);
        rig_destroy(&rig);
    }
}

static void nothing_is_recorded_while_PFO_is_set(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 1, false);
    fault(&rig, SID);
    fault(&rig, SID + 1);
    clear_record(&rig, 0);
    fault(&rig, SID + 2);
    assert_int_equal(record_high(&rig, 0) & F, 0);
    rig_set32(&rig, FSTS, PFO);
    assert_int_equal(rig_get32(&rig, FSTS), 0);
    fault(&rig, SID + 3);
    assert_int_equal(record_high(&rig, 0) & 0xffff, SID + 3);
    rig_destroy(&rig);
}

static void collapsing_drops_faults_of_a_source_with_a_record(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 4, true);
    fault(&rig, SID);
    fault(&rig, SID);
    assert_int_equal(record_high(&rig, 1) & F, 0);
    fault(&rig, SID + 1);
    assert_int_equal(record_high(&rig, 1) & 0xffff, SID + 1);
    fault(&rig, SID);
    assert_int_equal(rig_get32(&rig, FSTS), PPF);
    clear_record(&rig, 0);
    fault(&rig, SID);
    assert_int_equal(record_high(&rig, 2) & 0xffff, SID);
    rig_destroy(&rig);
}

static void the_event_is_sent_for_the_first_condition_only(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 1, false);
    fault(&rig, SID);
    assert_int_equal(rig.ram.messages, 1);
    assert_int_equal(rig.ram.message[0].address, 0xfee01004);
    assert_int_equal(rig.ram.message[0].data, 0x21);
    fault(&rig, SID); /* PFO */
    assert_int_equal(rig.ram.messages, 1);
    clear_record(&rig, 0);
    rig_set32(&rig, FSTS, PFO);
    fault(&rig, SID);
    assert_int_equal(rig.ram.messages, 2);
    rig_destroy(&rig);
}

static void an_uncleared_overflow_holds_back_the_next_event(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 1, false);
    fault(&rig, SID);
    fault(&rig, SID);
    clear_record(&rig, 0); /* PFO stays */
    rig_queue_start(&rig, 0);
    rig_submit(&rig, 0, 0); /* IQE */
    assert_int_equal(rig_get32(&rig, FSTS) & (PFO | IQE), PFO | IQE);
    assert_int_equal(rig.ram.messages, 1);
    rig_destroy(&rig);
}

static void a_masked_event_waits_in_IP(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 4, false);
    rig_set32(&rig, 0x38, 0x80000000);
    fault(&rig, SID);
    assert_int_equal(rig.ram.messages, 0);
    assert_int_equal(rig_get32(&rig, 0x38), 0xc0000000);
    rig_set32(&rig, 0x38, 0x80000000); /* IP is read-only */
    assert_int_equal(rig_get32(&rig, 0x38), 0xc0000000);
    rig_set32(&rig, 0x38, 0);
    assert_int_equal(rig.ram.messages, 1);
    assert_int_equal(rig_get32(&rig, 0x38), 0);
    rig_set32(&rig, 0x38, 0x80000000);
    rig_set32(&rig, 0x38, 0);
    assert_int_equal(rig.ram.messages, 1);
    rig_destroy(&rig);
}

static void servicing_every_condition_clears_IP(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 1, false);
    rig_set32(&rig, 0x38, 0x80000000);
    fault(&rig, SID);
    fault(&rig, SID);
    clear_record(&rig, 0);
    assert_int_equal(rig_get32(&rig, 0x38), 0xc0000000);
    rig_set32(&rig, FSTS, PFO);
    assert_int_equal(rig_get32(&rig, 0x38), 0x80000000);
    rig_set32(&rig, 0x38, 0);
    assert_int_equal(rig.ram.messages, 0);
    rig_destroy(&rig);
}

static void the_message_has_an_upper_address_with_EIM(void **state)
{
    struct vtd_config config;
    struct rig rig;

    (void)state;
    vtd_config_default(&config);
    config.replay = true;
    config.ecap |= 0x18;
    rig_start(&rig, &config);
    rig_unmask_faults(&rig);
    rig_set32(&rig, 0x44, 0x12300);
    fault(&rig, SID);
    assert_int_equal(rig.ram.message[0].address, UINT64_C(0x12300fee01004));
    rig_destroy(&rig);
}

/* ---- FPD: qualified faults only, on misses and on hits ---- */

static const struct fpd_row {
    const char *row;
    uint64_t root_high, context_low, context_high; /* XORed in */
    uint64_t address;
    unsigned int reason;
    bool qualified;
} fpd_rows[] = {
    { "root reserved", 1, 0, 0, IOVA, 0x0a, false },
    { "context not present", 0, 1, 0, IOVA, 0x02, true },
    { "context reserved", 0, 0x10, 0, IOVA, 0x0b, true },
    { "context invalid", 0, 0xc, 0, IOVA, 0x03, true },
    { "address width", 0, 0, 0, UINT64_C(1) << 50, 0x04, true },
    { "no permission", 0, 0, 0, IOVA, 0x06, true },
    { "interrupt range", 0, 0, 0, 0xfee00000, 0x0e, true },
};

static void FPD_suppresses_qualified_faults_on_misses_and_hits(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(fpd_rows) / sizeof(*fpd_rows); i++ )
        for ( int fpd = 0; fpd < 2; fpd++ )
        {
            const struct fpd_row *row = &fpd_rows[i];
            struct rig_context context = { .sid = SID, .aw = 2, .fpd = fpd };
            bool recorded = !fpd || !row->qualified;
            struct vtd_config config;
            struct rig rig;
            uint64_t entry;

            vtd_config_default(&config);
            config.cap |= CAP_CM_BIT; /* so that defects hit as well */
            rig_start(&rig, &config);
            rig_set_context(&rig, &context);
            entry = rig_context_entry(&rig, SID);
            rig_store(&rig, entry, rig_load(&rig, entry) ^ row->context_low);
            entry += 8;
            rig_store(&rig, entry, rig_load(&rig, entry) ^ row->context_high);
            rig_store(&rig, rig_root_entry(&rig, SID) + 8, row->root_high);
            for ( int again = 0; again < 2; again++ )
            {
                expect_equal(row->row,
                             rig_reason(&rig, SID, row->address, REQUEST_READ),
                             row->reason);
                expect_equal(row->row, record_high(&rig, again) >> 63,
                             recorded);
            }
            rig_destroy(&rig);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_has_every_field_in_its_place),
        cmocka_unit_test(
            a_permission_fault_is_recorded_as_in_the_recorded_session),
        cmocka_unit_test(records_are_used_in_a_circle),
        cmocka_unit_test(FRI_stays_at_the_first_pending_record),
        cmocka_unit_test(PPF_is_set_while_any_record_is_pending),
        cmocka_unit_test(a_full_circle_sets_PFO_and_drops),
        cmocka_unit_test(nothing_is_recorded_while_PFO_is_set),
        cmocka_unit_test(collapsing_drops_faults_of_a_source_with_a_record),
        cmocka_unit_test(the_event_is_sent_for_the_first_condition_only),
        cmocka_unit_test(an_uncleared_overflow_holds_back_the_next_event),
        cmocka_unit_test(a_masked_event_waits_in_IP),
        cmocka_unit_test(servicing_every_condition_clears_IP),
        cmocka_unit_test(the_message_has_an_upper_address_with_EIM),
        cmocka_unit_test(FPD_suppresses_qualified_faults_on_misses_and_hits),
    };

    return RUN(tests);
}
