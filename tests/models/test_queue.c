/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queued invalidation (6.5.2). */
#include "expect.h"
#include "rig.h"

#define STATUS 0x7f0000u

#define WAIT_SW(data)  (UINT64_C(0x25) | (uint64_t)(data) << 32)
#define WAIT_IF        UINT64_C(0x15)
#define WAIT_FN        UINT64_C(0x45)
#define GLOBAL_CONTEXT UINT64_C(0x11)
#define GLOBAL_IOTLB   UINT64_C(0x12)

#define FSTS_IQE 0x10u

static void start(struct rig *rig, unsigned int qs)
{
    rig_start(rig, NULL);
    rig_queue_start(rig, qs);
}

static unsigned int iqei(struct rig *rig)
{
    return (unsigned int)(rig_get64(rig, 0xb0) & 0xf);
}

static void a_status_write_is_4_bytes_at_STADDR(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_store(&rig, STATUS, UINT64_MAX);
    rig_submit(&rig, WAIT_SW(0x12345678), STATUS);
    assert_int_equal(rig_load(&rig, STATUS), UINT64_C(0xffffffff12345678));
    assert_int_equal(rig_get64(&rig, 0x80), 0x10);
    rig_destroy(&rig);
}

/* At the moment of the status write nothing old is left. */
static void look_at_status_write(struct rig *rig, uint64_t address, bool write)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);
    uint64_t *seen = rig->ram.context;

    if ( write && address == STATUS )
        *seen = rig_probe(rig, &request).address;
}

static void status_is_written_after_the_invalidations_before_it(void **state)
{
    struct rig rig;
    uint64_t table, seen = 0;

    (void)state;
    start(&rig, 0);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    rig_map(&rig, table, IOVA, 0x6000, RW, 1);
    rig.ram.before = look_at_status_write;
    rig.ram.context = &seen;
    rig_store(&rig, rig.queue, GLOBAL_IOTLB);
    rig_store(&rig, rig.queue + 16, WAIT_SW(1));
    rig_store(&rig, rig.queue + 24, STATUS);
    rig_set32(&rig, 0x88, 0x20);
    assert_int_equal(seen, 0x6000);
    rig_destroy(&rig);
}

static void a_status_write_that_the_bus_refuses_is_lost_silently(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_submit(&rig, WAIT_SW(1), UINT64_C(1) << 40);
    assert_int_equal(rig_get32(&rig, 0x34), 0);
    assert_int_equal(rig_get64(&rig, 0x80), 0x10);
    rig_destroy(&rig);
}

static void program_event(struct rig *rig, bool masked)
{
    rig_set32(rig, 0xa4, 0x41);
    rig_set32(rig, 0xa8, 0xfee02004);
    rig_set32(rig, 0xa0, masked ? 0x80000000u : 0);
}

static void IF_sets_IWC_and_sends_the_event(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    program_event(&rig, false);
    rig_submit(&rig, WAIT_IF, 0);
    assert_int_equal(rig_get32(&rig, 0x9c), 1);
    assert_int_equal(rig.ram.messages, 1);
    assert_int_equal(rig.ram.message[0].address, 0xfee02004);
    assert_int_equal(rig.ram.message[0].data, 0x41);
    rig_destroy(&rig);
}

static void a_second_IF_is_no_new_event_until_IWC_is_cleared(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    program_event(&rig, false);
    rig_submit(&rig, WAIT_IF, 0);
    rig_submit(&rig, WAIT_IF, 0);
    assert_int_equal(rig.ram.messages, 1);
    rig_set32(&rig, 0x9c, 1);
    assert_int_equal(rig_get32(&rig, 0x9c), 0);
    rig_submit(&rig, WAIT_IF, 0);
    assert_int_equal(rig.ram.messages, 2);
    rig_destroy(&rig);
}

static void a_masked_event_is_sent_when_it_is_unmasked(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    program_event(&rig, true);
    rig_submit(&rig, WAIT_IF, 0);
    assert_int_equal(rig.ram.messages, 0);
    assert_int_equal(rig_get32(&rig, 0xa0), 0xc0000000);
    rig_set32(&rig, 0xa0, 0);
    assert_int_equal(rig.ram.messages, 1);
    assert_int_equal(rig_get32(&rig, 0xa0), 0);
    rig_destroy(&rig);
}

static void clearing_IWC_withdraws_a_masked_event(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    program_event(&rig, true);
    rig_submit(&rig, WAIT_IF, 0);
    rig_set32(&rig, 0x9c, 1);
    assert_int_equal(rig_get32(&rig, 0xa0), 0x80000000);
    rig_set32(&rig, 0xa0, 0);
    assert_int_equal(rig.ram.messages, 0);
    rig_destroy(&rig);
}

static void SW_is_written_before_the_event_is_sent(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    program_event(&rig, false);
    rig_submit(&rig, WAIT_SW(9) | WAIT_IF, STATUS);
    assert_int_equal(rig_load(&rig, STATUS), 9);
    assert_int_equal(rig.ram.messages, 1);
    rig_destroy(&rig);
}

static void a_wait_with_FN_only_completes(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_submit(&rig, WAIT_FN, 0);
    assert_int_equal(rig_get32(&rig, 0x34), 0);
    assert_int_equal(rig_get64(&rig, 0x80), 0x10);
    rig_destroy(&rig);
}

/* Each row stops the queue at its descriptor. */
static const struct bad_descriptor {
    const char *row;
    uint64_t low, high;
    unsigned int iqei;
} bad_descriptors[] = {
    { "type 0", 0, 0, 3 },
    { "device-TLB without DT", 3, 0, 3 },
    { "IEC without IR", 4, 0, 3 },
    { "PASID-based IOTLB", 6, 0, 3 },
    { "PASID cache", 7, 0, 3 },
    { "type F", 0xf, 0, 3 },
    { "context with a high type bit", GLOBAL_CONTEXT | 0x200, 0, 3 },
    { "context G 0", 1, 0, 4 },
    { "IOTLB G 0", 2, 0, 4 },
    { "IOTLB AM beyond MAMV", 0x32, 19, 4 },
    { "wait that asks for nothing", 5, 0, 4 },
};

static void a_bad_descriptor_stops_the_queue(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(bad_descriptors) / sizeof(*bad_descriptors);
          i++ )
    {
        const struct bad_descriptor *bad = &bad_descriptors[i];
        struct rig rig;

        start(&rig, 0);
        rig_submit(&rig, GLOBAL_IOTLB, 0);
        rig_submit(&rig, bad->low, bad->high);
        rig_submit(&rig, WAIT_SW(1), STATUS);
        expect_equal(bad->row, rig_get32(&rig, 0x34), FSTS_IQE);
        expect_equal(bad->row, iqei(&rig), bad->iqei);
        expect_equal(bad->row, rig_get64(&rig, 0x80), 0x10);
        expect_equal(bad->row, rig_load(&rig, STATUS), 0);
        rig_destroy(&rig);
    }
}

/* Reserved bits by descriptor: every one of them, alone. */
static void every_reserved_bit_of_a_descriptor_is_an_error(void **state)
{
    static const struct {
        uint64_t low, reserved_low, reserved_high;
    } rows[] = {
        { GLOBAL_CONTEXT, UINT64_C(0xfffc00000000f1c0), UINT64_MAX },
        { GLOBAL_IOTLB, UINT64_C(0xffffffff0000f100), 0xf80 },
        { WAIT_SW(0), 0xfffff180, 3 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        for ( unsigned int bit = 0; bit < 128; bit++ )
        {
            uint64_t low = bit < 64 ? UINT64_C(1) << bit : 0;
            uint64_t high = bit < 64 ? 0 : UINT64_C(1) << (bit - 64);
            bool reserved = (low & rows[i].reserved_low) |
                            (high & rows[i].reserved_high);
            struct rig rig;

            /* type and G */
            if ( !reserved && low && (low & UINT64_C(0xe3f)) )
                continue;
            start(&rig, 0);
            rig_submit(&rig, rows[i].low | low, high);
            assert_int_equal(iqei(&rig), reserved ? 4 : 0);
            assert_int_equal(rig_get32(&rig, 0x34), reserved ? FSTS_IQE : 0);
            rig_destroy(&rig);
        }
}

static void with_replay_the_IEC_descriptor_is_taken(void **state)
{
    struct vtd_config config;
    struct rig rig;

    (void)state;
    vtd_config_default(&config);
    config.replay = true;
    config.ecap |= 8;
    rig_start(&rig, &config);
    rig_queue_start(&rig, 0);
    rig_submit(&rig, 4 | UINT64_C(0x1234) << 32 | 0x10, 0);
    assert_int_equal(rig_get32(&rig, 0x34), 0);
    rig_submit(&rig, 4 | 0x20, 0);
    assert_int_equal(iqei(&rig), 4);
    rig_destroy(&rig);
}

static void a_fetch_error_stops_the_queue(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig.ram.refused = rig.queue;
    rig.ram.refused_end = rig.queue + 16;
    rig_submit(&rig, GLOBAL_IOTLB, 0);
    assert_int_equal(iqei(&rig), 2);
    rig_destroy(&rig);
}

static void a_tail_outside_the_queue_is_an_error(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_set32(&rig, 0x88, 0x1000);
    assert_int_equal(iqei(&rig), 1);
    assert_int_equal(rig_get64(&rig, 0x80), 0);
    rig_destroy(&rig);
}

static void wide_descriptors_need_scalable_mode(void **state)
{
    static const struct {
        uint32_t tail;
        unsigned int iqei;
    } rows[] = { { 0x20, 5 }, { 0x10, 6 }, { 0x30, 6 } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set64(&rig, 0x90, rig_page(&rig) | 0x800);
        rig_gcmd(&rig, 1u << 26, true);
        rig_set32(&rig, 0x88, rows[i].tail);
        assert_int_equal(iqei(&rig), rows[i].iqei);
        rig_destroy(&rig);
    }
}

/* The Linux driver rewrites the slot, then clears IQE. */
static void clearing_IQE_fetches_the_same_slot_again(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_submit(&rig, 0, 0);
    rig_submit(&rig, WAIT_SW(2), STATUS);
    rig_store(&rig, rig.queue, WAIT_FN);
    assert_int_equal(rig_load(&rig, STATUS), 0);
    rig_set32(&rig, 0x34, FSTS_IQE);
    assert_int_equal(rig_get32(&rig, 0x34), 0);
    assert_int_equal(rig_load(&rig, STATUS), 2);
    assert_int_equal(rig_get64(&rig, 0x80), 0x20);
    rig_destroy(&rig);
}

static void a_slot_that_is_still_bad_stops_again(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_submit(&rig, 0, 0);
    rig_set32(&rig, 0x34, FSTS_IQE);
    assert_int_equal(rig_get32(&rig, 0x34), FSTS_IQE);
    assert_int_equal(rig_get64(&rig, 0x80), 0);
    rig_destroy(&rig);
}

static void an_error_raises_the_fault_event(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_unmask_faults(&rig);
    rig_submit(&rig, 0, 0);
    assert_int_equal(rig.ram.messages, 1);
    assert_int_equal(rig.ram.message[0].data, 0x21);
    rig_destroy(&rig);
}

static void the_queue_wraps_at_its_size(void **state)
{
    (void)state;
    for ( unsigned int qs = 0; qs < 3; qs++ )
    {
        uint64_t size = UINT64_C(0x1000) << qs;
        struct rig rig;

        start(&rig, qs);
        for ( uint32_t i = 0; i < size / 16 + 3; i++ )
        {
            rig_submit(&rig, WAIT_SW(i), STATUS);
            assert_int_equal(rig_load(&rig, STATUS), i);
            assert_int_equal(rig_get64(&rig, 0x80), (i + 1) * 16 & (size - 1));
        }
        assert_int_equal(rig_get32(&rig, 0x34), 0);
        rig_destroy(&rig);
    }
}

static void a_batch_may_wrap(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    for ( uint32_t i = 0; i < 255; i++ )
        rig_store(&rig, rig.queue + i * 16, GLOBAL_IOTLB);
    rig_set32(&rig, 0x88, 0xff0);
    rig_store(&rig, rig.queue + 0xff0, GLOBAL_CONTEXT);
    rig_store(&rig, rig.queue, WAIT_SW(3));
    rig_store(&rig, rig.queue + 8, STATUS);
    rig_set32(&rig, 0x88, 0x10);
    assert_int_equal(rig_load(&rig, STATUS), 3);
    assert_int_equal(rig_get64(&rig, 0x80), 0x10);
    rig_destroy(&rig);
}

static void nothing_is_fetched_while_the_queue_is_off(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig.queue = rig_page(&rig);
    rig_set64(&rig, 0x90, rig.queue);
    rig_submit(&rig, WAIT_SW(1), STATUS);
    assert_int_equal(rig_load(&rig, STATUS), 0);
    /* Enabled with a tail: it starts at once. */
    rig_gcmd(&rig, 1u << 26, true);
    assert_int_equal(rig_load(&rig, STATUS), 1);
    rig_destroy(&rig);
}

static void disabling_resets_the_head(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, 0);
    rig_submit(&rig, WAIT_SW(1), STATUS);
    rig_gcmd(&rig, 1u << 26, false);
    assert_int_equal(rig_get64(&rig, 0x80), 0);
    assert_int_equal(rig_get32(&rig, 0x1c) >> 26 & 1, 0);
    rig_destroy(&rig);
}

/* ---- register writes that arrive while the engine is in a port call ---- */

static void submit_once(struct rig *rig, uint64_t address, bool write)
{
    if ( !write || address != STATUS )
        return;
    rig->ram.before = NULL;
    rig_submit(rig, WAIT_SW(7), STATUS + 8);
    /* The second descriptor waits its turn. */
    *(uint64_t *)rig->ram.context = rig_load(rig, STATUS + 8);
}

static void a_tail_written_meanwhile_is_picked_up_in_order(void **state)
{
    struct rig rig;
    uint64_t during = 99;

    (void)state;
    start(&rig, 0);
    rig.ram.before = submit_once;
    rig.ram.context = &during;
    rig_submit(&rig, WAIT_SW(6), STATUS);
    assert_int_equal(during, 0);
    assert_int_equal(rig_load(&rig, STATUS), 6);
    assert_int_equal(rig_load(&rig, STATUS + 8), 7);
    assert_int_equal(rig_get64(&rig, 0x80), 0x20);
    rig_destroy(&rig);
}

static void disable_once(struct rig *rig, uint64_t address, bool write)
{
    if ( !write || address != STATUS )
        return;
    rig->ram.before = NULL;
    rig_gcmd(rig, 1u << 26, false);
    *(uint64_t *)rig->ram.context = rig_get32(rig, 0x1c) >> 26 & 1;
}

static void disabling_meanwhile_ends_after_the_descriptor(void **state)
{
    struct rig rig;
    uint64_t during = 0;

    (void)state;
    start(&rig, 0);
    rig.ram.before = disable_once;
    rig.ram.context = &during;
    rig_store(&rig, rig.queue, WAIT_SW(6));
    rig_store(&rig, rig.queue + 8, STATUS);
    rig_store(&rig, rig.queue + 16, WAIT_SW(7));
    rig_store(&rig, rig.queue + 24, STATUS + 8);
    rig_set32(&rig, 0x88, 0x20);
    assert_int_equal(during, 1);
    assert_int_equal(rig_get32(&rig, 0x1c) >> 26 & 1, 0);
    assert_int_equal(rig_load(&rig, STATUS), 6);
    assert_int_equal(rig_load(&rig, STATUS + 8), 0);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_write_is_4_bytes_at_STADDR),
        cmocka_unit_test(status_is_written_after_the_invalidations_before_it),
        cmocka_unit_test(a_status_write_that_the_bus_refuses_is_lost_silently),
        cmocka_unit_test(IF_sets_IWC_and_sends_the_event),
        cmocka_unit_test(a_second_IF_is_no_new_event_until_IWC_is_cleared),
        cmocka_unit_test(a_masked_event_is_sent_when_it_is_unmasked),
        cmocka_unit_test(clearing_IWC_withdraws_a_masked_event),
        cmocka_unit_test(SW_is_written_before_the_event_is_sent),
        cmocka_unit_test(a_wait_with_FN_only_completes),
        cmocka_unit_test(a_bad_descriptor_stops_the_queue),
        cmocka_unit_test(every_reserved_bit_of_a_descriptor_is_an_error),
        cmocka_unit_test(with_replay_the_IEC_descriptor_is_taken),
        cmocka_unit_test(a_fetch_error_stops_the_queue),
        cmocka_unit_test(a_tail_outside_the_queue_is_an_error),
        cmocka_unit_test(wide_descriptors_need_scalable_mode),
        cmocka_unit_test(clearing_IQE_fetches_the_same_slot_again),
        cmocka_unit_test(a_slot_that_is_still_bad_stops_again),
        cmocka_unit_test(an_error_raises_the_fault_event),
        cmocka_unit_test(the_queue_wraps_at_its_size),
        cmocka_unit_test(a_batch_may_wrap),
        cmocka_unit_test(nothing_is_fetched_while_the_queue_is_off),
        cmocka_unit_test(disabling_resets_the_head),
        cmocka_unit_test(a_tail_written_meanwhile_is_picked_up_in_order),
        cmocka_unit_test(disabling_meanwhile_ends_after_the_descriptor),
    };

    return RUN(tests);
}
