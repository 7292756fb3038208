/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is only so much of, and who waits for it. */
#include "rig.h"

/* ---- bandwidth ---- */

static void memory_gives_no_more_than_its_width(void **state)
{
    (void)state;
    for ( uint32_t channels = 1; channels <= 4; channels *= 2 )
    {
        struct rig rig;
        double rate;

        rig_default(&rig);
        rig.channels = 16;
        rig.requests = 20000;
        rig.timing.memory_width = 4;
        rig.timing.memory_channels = channels;
        rig.timing.tlb_ports = 4;
        rig_run(&rig);
        rate = (double)rig.stats.bytes / (double)rig.stats.cycles;
        assert_true(rate <= 4.0 * channels);
        /* All channels are used: a line is the step of the device, too. */
        assert_true(rig.stats.memory_busy <= 1.0);
        assert_true(channels > 1 || rate > 0.95 * 4);
        assert_true(rig.stats.memory_busy > (channels == 1 ? 0.95 : 0.2));
    }
}

static void the_interconnect_gives_no_more_than_its_width(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.channels = 16;
    rig.requests = 20000;
    rig.access = REQUEST_WRITE;
    rig.timing.bus_width = 4;
    rig.timing.memory_width = 64;
    rig.timing.memory_channels = 4;
    rig_run(&rig);
    assert_true((double)rig.stats.bytes / (double)rig.stats.cycles <= 4.0);
    assert_true(rig.stats.bus_busy > 0.95);
}

static void requests_keep_their_gap(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.channels = 8;
    rig.gap = 500;
    rig_run(&rig);
    assert_true(rig.stats.cycles >= 999 * 500);
    assert_true(rig.stats.cycles < 1001 * 500);
}

/* As many in all, but sixteen at once. */
static void a_burst_waits_longer_than_a_stream(void **state)
{
    struct rig stream, burst;

    (void)state;
    rig_default(&stream);
    stream.channels = 16;
    stream.gap = 40;
    stream.requests = 8000;
    burst = stream;
    burst.burst = 16;
    rig_run(&stream);
    rig_run(&burst);
    assert_true(burst.stats.latency[PLATFORM_DMA].p50 >
                stream.stats.latency[PLATFORM_DMA].p50);
    assert_true(burst.stats.most_inside > stream.stats.most_inside);
}

/* ---- the unit ---- */

static void one_walker_serves_one_walk(void **state)
{
    struct rig one, eight;

    (void)state;
    rig_default(&one);
    one.misses = true;
    one.channels = 8;
    one.timing.memory_channels = 8;
    eight = one;
    one.timing.walkers = 1;
    eight.timing.walkers = 8;
    rig_run(&one);
    rig_run(&eight);
    assert_true(one.stats.walkers_busy <= 1.0);
    assert_true(one.stats.walkers_busy > 0.9);
    assert_true(eight.stats.cycles * 3 < one.stats.cycles);
}

static void lookups_begin_one_a_cycle_and_port(void **state)
{
    struct rig one, four;

    (void)state;
    rig_default(&one);
    one.channels = 32;
    one.requests = 20000;
    one.size = 8;
    one.timing.memory_width = 4096;
    one.timing.memory_channels = 8;
    one.timing.bus_width = 4096;
    one.timing.memory_latency = 1;
    one.timing.device_link = 0;
    four = one;
    four.timing.tlb_ports = 4;
    rig_run(&one);
    rig_run(&four);
    assert_true(one.stats.cycles >= 20000);
    assert_true(four.stats.cycles <= one.stats.cycles);
}

static void the_link_costs_misses_only(void **state)
{
    struct rig near, far;

    (void)state;
    rig_default(&near);
    far = near;
    far.timing.link_request = 8;
    far.timing.link_response = 8;
    rig_run(&near);
    rig_run(&far);
    assert_int_equal(far.stats.latency[PLATFORM_DMA_HIT].p50,
                     near.stats.latency[PLATFORM_DMA_HIT].p50);
    assert_int_equal(far.stats.latency[PLATFORM_DMA_MISS].p50,
                     near.stats.latency[PLATFORM_DMA_MISS].p50 + 8 + 8);
}

/* More requests than slots: the others wait, and are counted as inside. */
static void who_gets_no_slot_waits(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.channels = 64;
    rig.misses = true;
    rig.timing.walkers = 64;
    rig_run(&rig);
    assert_true(rig.stats.slot_wait > 0);
    rig.channels = 4;
    rig.issued = rig.done = 0;
    rig_run(&rig);
    assert_int_equal(rig.stats.slot_wait, 0);
}

/* ---- drain ---- */

#define ECAP_REG    0x10u
#define IVT         (UINT64_C(1) << 63)
#define IIRG_GLOBAL (UINT64_C(1) << 60)
#define DR          (UINT64_C(1) << 49)
#define DW          (UINT64_C(1) << 48)

static void invalidate(struct platform *p, struct rig *rig)
{
    uint64_t ecap = platform_register_peek(p, 0, ECAP_REG, 8);
    uint32_t iotlb = (uint32_t)(ecap >> 8 & 0x3ff) * 16 + 8;

    for ( unsigned int i = 0; i < 100; i++ )
    {
        uint64_t before, took;

        platform_spend(p, 1009);
        before = platform_now(p);
        platform_register_write(p, 0, iotlb, 8,
                                IVT | IIRG_GLOBAL | rig->value[0]);
        took = platform_now(p) - before;
        if ( took > rig->value[1] )
            rig->value[1] = took;
    }
}

static struct rig invalidate_under(unsigned int channels, uint64_t drain)
{
    struct rig rig;

    rig_default(&rig);
    rig.channels = channels;
    rig.requests = channels ? 0 : 1;
    rig.timing.memory_latency = 400;
    rig.value[0] = drain;
    rig.program = invalidate;
    if ( !channels )
        rig.channels = 1;
    rig_run(&rig);
    assert_int_equal(rig.stats.latency[PLATFORM_HARDWARE].count, 100);
    return rig;
}

/* 6.5.4: with DR, until the reads in flight have ended, and no longer than
 * the longest of them takes. */
static void a_drain_waits_for_what_is_in_flight(void **state)
{
    const struct rig idle = invalidate_under(0, DR | DW);
    const struct rig busy = invalidate_under(8, DR | DW);

    (void)state;
    assert_int_equal(idle.stats.latency[PLATFORM_DRAIN].p90, 0);
    assert_true(busy.stats.latency[PLATFORM_DRAIN].p50 > 100);
    assert_true(busy.stats.latency[PLATFORM_DRAIN].max <=
                busy.stats.latency[PLATFORM_DMA].max);
    assert_true(busy.value[1] > idle.value[1]);
}

/* Without DR and DW only walks are waited for. */
static void without_a_drain_reads_go_on(void **state)
{
    const struct rig drained = invalidate_under(8, DR | DW);
    const struct rig plain = invalidate_under(8, 0);

    (void)state;
    assert_true(plain.stats.latency[PLATFORM_DRAIN].mean <
                drained.stats.latency[PLATFORM_DRAIN].mean);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_gives_no_more_than_its_width),
        cmocka_unit_test(the_interconnect_gives_no_more_than_its_width),
        cmocka_unit_test(requests_keep_their_gap),
        cmocka_unit_test(a_burst_waits_longer_than_a_stream),
        cmocka_unit_test(one_walker_serves_one_walk),
        cmocka_unit_test(lookups_begin_one_a_cycle_and_port),
        cmocka_unit_test(the_link_costs_misses_only),
        cmocka_unit_test(who_gets_no_slot_waits),
        cmocka_unit_test(a_drain_waits_for_what_is_in_flight),
        cmocka_unit_test(without_a_drain_reads_go_on),
    };

    return cmocka_run_group_tests_name("sim/limits", tests, NULL, NULL);
}
