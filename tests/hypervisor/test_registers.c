/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register file of vvtd, and the invalidation interfaces behind it. */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define FULL ~UINT64_C(0)

static void every_register_keeps_what_it_may(void **state)
{
    static const struct guest_register rows[] = {
        { 0x000, 4, 0x10, 0x10 },
        { 0x004, 4, 0, 0 },
        { 0x008, 8, GUEST_CAP, GUEST_CAP },
        { 0x010, 8, GUEST_ECAP, GUEST_ECAP },
        { 0x020, 8, 0, FULL << 10 },
        { 0x034, 4, 0, 0 },
        { 0x038, 4, 0x80000000, 0x80000000 },
        { 0x03c, 4, 0, 0xffff },
        { 0x040, 4, 0, 0xfffffffc },
        { 0x044, 4, 0, 0 },
        { 0x058, 8, 0, 0 },
        { 0x064, 4, 0, 0 },
        { 0x080, 8, 0, 0 },
        { 0x088, 8, 0, 0x7fff0 },
        { 0x090, 8, 0, FULL << 12 | 7 },
        { 0x09c, 4, 0, 0 },
        { 0x0a0, 4, 0x80000000, 0x80000000 },
        { 0x0a4, 4, 0, 0xffff },
        { 0x0a8, 4, 0, 0xfffffffc },
        { 0x0ac, 4, 0, 0 },
        { 0x0b0, 8, 0, 0 },
        { 0x0b8, 8, 0, 0 }, /* IRTA: no interrupt remapping */
        { 0x0f0, 8, 0, 0 }, /* IVA */
        { 0x220, 8, 0, 0 },
        { 0x228, 8, 0, 0 },
        { 0xff8, 8, 0, 0 },
    };
    struct guest g;
    unsigned int half;

    (void)state;
    for ( half = 0; half < 2; half++ )
    {
        guest_start(&g, true, 0);
        guest_check_registers(&g, rows, ARRAY_SIZE(rows), half);
        guest_stop(&g);
    }
}

static void small_and_crooked_writes_are_dropped(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_write(&g, 0x3c, 2, 0xffff);
    guest_write(&g, 0x3c, 1, 0xff);
    guest_write(&g, 0x3e, 4, FULL);
    guest_write(&g, 0x41, 8, FULL);
    assert_int_equal(guest_read(&g, 0x3c, 8), 0);
    guest_stop(&g);
}

static void reads_of_any_size_give_the_bytes(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_check_bytes(&g, 8, GUEST_CAP);
    guest_stop(&g);
}

static void a_quadword_over_two_registers_is_both(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    /* FEDATA is the upper half of the quadword at 38h. */
    guest_write(&g, 0x38, 8, UINT64_C(0x123400000000));
    assert_int_equal(guest_read(&g, 0x38, 4), 0);
    assert_int_equal(guest_read(&g, 0x3c, 4), 0x1234);
    guest_stop(&g);
}

static void the_queue_base_is_read_only_while_enabled(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_write(&g, 0x90, 8, QUEUE);
    guest_write(&g, 0x18, 4, 1u << 26);
    guest_write(&g, 0x90, 8, 0x777000);
    assert_int_equal(guest_read(&g, 0x90, 8), QUEUE);
    guest_write(&g, 0x18, 4, 0);
    assert_int_equal(guest_read(&g, 0x1c, 4), 0);
    guest_write(&g, 0x90, 8, 0x777000);
    assert_int_equal(guest_read(&g, 0x90, 8), 0x777000);
    guest_stop(&g);
}

static void register_commands_complete_from_deferred_work(void **state)
{
    static const struct {
        unsigned int offset;
        uint64_t value, done;
    } rows[] = {
        { 0x28, UINT64_C(0xa) << 60, UINT64_C(0x28) << 56 },
        { 0x28, UINT64_C(0xc) << 60 | DID, UINT64_C(0x50) << 56 | DID },
        { 0x28, UINT64_C(0xe) << 60, UINT64_C(0x78) << 56 },
        { 0x28, UINT64_C(0x8) << 60, 0 },
        { 0xf8, UINT64_C(0x9) << 60, UINT64_C(0x12) << 56 },
        { 0xf8, UINT64_C(0xa) << 60, UINT64_C(0x24) << 56 },
        { 0xf8, UINT64_C(0xb) << 60, UINT64_C(0x36) << 56 },
        { 0xf8, UINT64_C(0x8) << 60, 0 },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    guest_start(&g, true, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        guest_write(&g, rows[i].offset, 8, rows[i].value);
        assert_int_equal(guest_read(&g, rows[i].offset, 8) >> 63, 1);
        fake_run(g.host);
        assert_int_equal(guest_read(&g, rows[i].offset, 8), rows[i].done);
    }
    guest_stop(&g);
}

static void a_register_page_invalidation_takes_the_mask(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, false, 0);
    guest_context(&g, SID, TOP | 1, 2 | DID << 8);
    guest_map(&g, 0x5000, 0x300000, 1, 3);
    guest_write(&g, 0x20, 8, ROOT);
    guest_write(&g, 0x18, 4, 1u << 30);
    guest_write(&g, 0x18, 4, 1u << 31);
    fake_run(g.host);
    guest_store(&g, guest_entry(&g, 0x5000, 1), 0);
    /* AM 19 is more than MAMV: ignored, IAIG 0 says so. */
    guest_write(&g, 0xf0, 8, 19);
    guest_write(&g, 0xf8, 8, UINT64_C(0xb) << 60 | (uint64_t)DID << 32);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0xf8, 8) >> 57 & 3, 0);
    assert_true(fake_dma(g.host, PSID, 0x5000, false, NULL));
    guest_write(&g, 0xf0, 8, 0x4000 | 1);
    guest_write(&g, 0xf8, 8, UINT64_C(0xb) << 60 | (uint64_t)DID << 32);
    fake_run(g.host);
    assert_false(fake_dma(g.host, PSID, 0x5000, false, NULL));
    guest_stop(&g);
}

static void a_bad_descriptor_stops_the_queue_until_iqe_is_cleared(void **state)
{
    static const struct {
        uint64_t lo, hi;
        unsigned int code;
    } rows[] = {
        { 0x3, 0, 3 }, /* device-TLB: not built */
        { 0x4, 0, 3 }, /* IEC: only in replay */
        { 0x0, 0, 3 },
        { 0x1, 0, 4 }, /* granularity 0 */
        { 0x11 | 1u << 6, 0, 4 },
        { 0x11, 1, 4 },
        { 0x2, 0, 4 },
        { 0x12, 0x80, 4 },
        { 0x32, 19, 4 }, /* AM > MAMV */
        { 0x25, STATUS | 1, 4 },
        { 0x25 | 1u << 7, STATUS, 4 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        guest_start(&g, true, 0);
        guest_enable(&g);
        guest_wait(&g, 1);
        guest_queue(&g, rows[i].lo, rows[i].hi);
        guest_wait(&g, 2);
        fake_run(g.host);
        assert_int_equal(guest_status(&g), 1);
        assert_int_equal(guest_read(&g, 0x80, 8), 16);
        assert_int_equal(guest_read(&g, 0x34, 4), 0x10);
        assert_int_equal(guest_read(&g, 0xb0, 8), rows[i].code);
        /* Repaired in place, as Linux does. */
        guest_store(&g, QUEUE + 16, 0x5 | 0x20);
        guest_store(&g, QUEUE + 24, STATUS);
        guest_write(&g, 0x34, 4, 0x10);
        fake_run(g.host);
        assert_int_equal(guest_status(&g), 2);
        assert_int_equal(guest_read(&g, 0x80, 8), 48);
        guest_stop(&g);
    }
}

static void a_tail_beyond_the_queue_is_an_error(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_enable(&g);
    guest_write(&g, 0x88, 8, 4096);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0xb0, 8), 1);
    assert_int_equal(guest_read(&g, 0x34, 4), 0x10);
    guest_stop(&g);
}

static void the_queue_wraps(void **state)
{
    struct guest g;
    unsigned int i;

    (void)state;
    guest_start(&g, true, 0);
    guest_enable(&g);
    for ( i = 1; i <= 300; i++ )
    {
        guest_wait(&g, i);
        fake_run(g.host);
        assert_int_equal(guest_status(&g), i);
        assert_int_equal(guest_read(&g, 0x80, 8), i * 16 % 4096);
    }
    guest_stop(&g);
}

static void a_wait_without_a_status_page_goes_on(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_enable(&g);
    guest_queue(&g, 0x5 | 0x20, UINT64_C(0x7000000));
    guest_wait(&g, 9);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 9);
    guest_stop(&g);
}

static void a_wait_raises_its_interrupt_after_the_status(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_enable(&g);
    guest_write(&g, 0xa4, 4, 0x31);
    guest_write(&g, 0xa8, 4, 0xfee00000);
    guest_write(&g, 0xa0, 4, 0);
    guest_queue(&g, 0x5 | 0x10, 0);
    fake_run(g.host);
    assert_int_equal(g.host->domain.msis, 1);
    assert_int_equal(g.host->domain.msi_data, 0x31);
    assert_int_equal(guest_read(&g, 0x9c, 4), 1);
    /* IWC is still set: no second one. */
    guest_queue(&g, 0x5 | 0x10, 0);
    fake_run(g.host);
    assert_int_equal(g.host->domain.msis, 1);
    guest_write(&g, 0x9c, 4, 1);
    /* Masked: pending; clearing IWC clears it. */
    guest_write(&g, 0xa0, 4, 1u << 31);
    guest_queue(&g, 0x5 | 0x10, 0);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0xa0, 4), 0xc0000000);
    guest_write(&g, 0x9c, 4, 1);
    assert_int_equal(guest_read(&g, 0xa0, 4), 0x80000000);
    guest_stop(&g);
}

static void replay_takes_interrupt_remapping_and_does_nothing(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    assert_int_equal(guest_destroy(&g), 0);
    assert_int_equal(
        guest_create(&g, GUEST_CAP, 0xf00f4a, XEN_VIOMMU_CREATE_replay, 0), 0);
    guest_write(&g, 0xb8, 8, 0x80000f);
    assert_int_equal(guest_read(&g, 0xb8, 8), 0x80000f);
    guest_write(&g, 0x18, 4, 1u << 24);
    guest_write(&g, 0x18, 4, 1u << 25);
    assert_int_equal(guest_read(&g, 0x1c, 4), 3u << 24);
    guest_write(&g, 0x90, 8, QUEUE);
    guest_write(&g, 0x18, 4, 1u << 26 | 1u << 25);
    guest_queue(&g, 0x4, 0);
    guest_wait(&g, 4);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 4);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_keeps_what_it_may),
        cmocka_unit_test(small_and_crooked_writes_are_dropped),
        cmocka_unit_test(reads_of_any_size_give_the_bytes),
        cmocka_unit_test(a_quadword_over_two_registers_is_both),
        cmocka_unit_test(the_queue_base_is_read_only_while_enabled),
        cmocka_unit_test(register_commands_complete_from_deferred_work),
        cmocka_unit_test(a_register_page_invalidation_takes_the_mask),
        cmocka_unit_test(
            a_bad_descriptor_stops_the_queue_until_iqe_is_cleared),
        cmocka_unit_test(a_tail_beyond_the_queue_is_an_error),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(a_wait_without_a_status_page_goes_on),
        cmocka_unit_test(a_wait_raises_its_interrupt_after_the_status),
        cmocka_unit_test(replay_takes_interrupt_remapping_and_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
