/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of a physical SMMUv3: its event queue, its global errors. */
#include "smmuv3_rig.h"

#define GERROR  0x60
#define GERRORN 0x64

static void events_are_decoded_and_kept_raw(void **state)
{
    static const struct {
        uint64_t event[4];
        struct piommu_fault fault;
    } rows[] = {
        /* C_BAD_STE */
        { { UINT64_C(0x1234) << 32 | 0x04, 0, 0, 0 },
          { .source_id = 0x1234,
            .pasid = PIOMMU_NO_PASID,
            .access = PIOMMU_ACCESS_WRITE,
            .reason = 0x04 } },
        /* F_TRANSLATION: SSID 7, privileged read, stage 2, CLASS IN */
        { { UINT64_C(0xffffffff) << 32 | 7 << 12 | 1 << 11 | 0x10,
            UINT64_C(1) << 33 | UINT64_C(1) << 35 | UINT64_C(1) << 39 |
                UINT64_C(2) << 40,
            UINT64_C(0xffff123456789abc), UINT64_C(0x1234567000) },
          { .source_id = 0xffffffff,
            .pasid = 7,
            .address = UINT64_C(0xffff123456789abc),
            .access = PIOMMU_ACCESS_READ,
            .privileged = true,
            .reason = 0x10 } },
        /* F_PERMISSION: a fetch of instructions; an SSID without SSV */
        { { UINT64_C(1) << 32 | 9 << 12 | 0x13,
            UINT64_C(1) << 34 | UINT64_C(1) << 35, 0x1000, 0 },
          { .source_id = 1,
            .pasid = PIOMMU_NO_PASID,
            .address = 0x1000,
            .access = PIOMMU_ACCESS_READ,
            .execute = true,
            .reason = 0x13 } },
    };
    struct rig r;
    unsigned int i;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
        fake_smmuv3_event(r.unit, rows[i].event);
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, ARRAY_SIZE(rows));
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        const struct piommu_fault *f = &r.fault[i], *e = &rows[i].fault;

        assert_int_equal(f->source_id, e->source_id);
        assert_int_equal(f->pasid, e->pasid);
        assert_int_equal(f->address, e->address);
        assert_int_equal(f->access, e->access);
        assert_int_equal(f->privileged, e->privileged);
        assert_int_equal(f->execute, e->execute);
        assert_int_equal(f->reason, e->reason);
        assert_memory_equal(f->record, rows[i].event, sizeof(f->record));
    }
    assert_int_equal(r.unit->reg[0x100a8 / 4], r.unit->reg[0x100ac / 4]);
    rig_stop(&r);
}

static void a_full_event_queue_is_drained_and_acknowledged(void **state)
{
    struct idr small = idr_with(1, 31u << 16, 2 << 16); /* 4 entries */
    unsigned int round, i;
    struct rig r;

    (void)state;
    rig_start(&r, small.word);
    for ( round = 0; round < 5; round++ )
    {
        r.faults = 0;
        for ( i = 0; i < 6; i++ )
            fake_smmuv3_event(r.unit, (uint64_t[4]) { (uint64_t)i << 32 | 4 });
        assert_int_equal(
            (r.unit->reg[0x100a8 / 4] ^ r.unit->reg[0x100ac / 4]) >> 31, 1);
        piommu_interrupt(r.piommu, 0);
        assert_int_equal(r.faults, 4);
        for ( i = 0; i < 4; i++ )
            assert_int_equal(r.fault[i].source_id, i);
        assert_int_equal(r.unit->reg[0x100a8 / 4], r.unit->reg[0x100ac / 4]);
    }
    rig_stop(&r);
}

static void a_flood_of_events_is_drained_in_bounded_steps(void **state)
{
    struct rig r;
    unsigned int i, steps = 0;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( i = 0; i < 100; i++ )
        fake_smmuv3_event(r.unit, (uint64_t[4]) { (uint64_t)i << 32 | 4 });
    r.host->budget = 60;
    r.host->used = 0;
    piommu_interrupt(r.piommu, 0);
    assert_true(r.faults > 0 && r.faults < 100);
    while ( r.host->work )
    {
        unsigned int before = r.faults;

        fake_run_some(r.host, 1);
        assert_true(r.faults > before);
        assert_true(r.host->used <= 60 + 10);
        steps++;
    }
    assert_true(steps > 5);
    assert_int_equal(r.faults, 100);
    rig_stop(&r);
}

static struct piommu_event_count count_of(struct rig *r)
{
    struct piommu_event_count count;

    piommu_event_count(r->piommu, 0, &count);
    return count;
}

/* Whoever waits for all events that there are knows when he has them. */
static void events_are_counted_from_the_start(void **state)
{
    const uint64_t event[4] = { 4 };
    struct rig r;
    unsigned int i, sum = 0, burst;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( burst = 1; burst < 40; burst++ ) /* more than the queue holds */
    {
        for ( i = 0; i < burst; i++ )
            fake_smmuv3_event(r.unit, event);
        assert_int_equal(count_of(&r).taken, sum);
        sum += burst;
        assert_int_equal(count_of(&r).recorded, sum);
        piommu_interrupt(r.piommu, 0);
        assert_int_equal(count_of(&r).taken, sum);
        assert_int_equal(count_of(&r).recorded, sum);
    }
    r.unit->reg[0x100a8 / 4] = UINT32_MAX; /* the unit is gone */
    assert_int_equal(count_of(&r).recorded, sum);
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, sum);
    rig_stop(&r);
}

/* An interrupt while an event is reported: none is taken twice, nor before an
 * older one. */
static void two_who_report_keep_the_order(void **state)
{
    struct rig r;
    unsigned int i;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    r.nested_interrupt = true;
    for ( i = 0; i < 5; i++ )
        fake_smmuv3_event(r.unit, (uint64_t[4]) { (uint64_t)i << 32 | 4 });
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, 5);
    for ( i = 0; i < 5; i++ )
        assert_int_equal(r.fault[i].source_id, i);
    rig_stop(&r);
}

static void what_nobody_takes_is_dropped(void **state)
{
    struct rig r;
    unsigned int i;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    r.nobody = true;
    for ( i = 0; i < 5; i++ )
        fake_smmuv3_event(r.unit, (uint64_t[4]) { (uint64_t)i << 32 | 4 });
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, 0);
    assert_int_equal(count_of(&r).taken, 5);
    assert_int_equal(count_of(&r).recorded, 5);
    rig_stop(&r);
}

/* The queue is in order: what is behind another's is not had. */
static void an_event_is_taken_when_it_is_the_first(void **state)
{
    const struct piommu_device zero = { .source_id = 0 },
                               one = { .source_id = 1 };
    struct piommu_fault fault;
    struct rig r;
    unsigned int i;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( i = 0; i < 2; i++ )
        fake_smmuv3_event(r.unit, (uint64_t[4]) { (uint64_t)i << 32 | 4 });
    assert_false(piommu_fault_take_of(r.piommu, &one, &fault));
    assert_true(piommu_fault_take_of(r.piommu, &zero, &fault));
    assert_true(piommu_fault_take_of(r.piommu, &one, &fault));
    assert_int_equal(fault.source_id, 1);
    assert_false(piommu_fault_take_of(r.piommu, &one, &fault));
    rig_stop(&r);
}

static void global_errors_are_acknowledged(void **state)
{
    static const uint32_t bits[] = { 1u << 2, 1u << 5, 1u << 7 };
    unsigned int i, round;
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( round = 0; round < 2; round++ )
        for ( i = 0; i < ARRAY_SIZE(bits); i++ )
        {
            fake_smmuv3_gerror(r.unit, bits[i]);
            piommu_interrupt(r.piommu, 0);
            assert_int_equal(r.unit->reg[GERROR / 4],
                             r.unit->reg[GERRORN / 4]);
        }
    rig_stop(&r);
}

static void a_service_failure_gives_the_unit_up(void **state)
{
    struct piommu_space *s;
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    s = rig_space(&r, PIOMMU_MAPPED, 4);
    fake_smmuv3_gerror(r.unit, 1u << 8);
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(rig_attach(&r, SID, s), -XEN_EIO);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_decoded_and_kept_raw),
        cmocka_unit_test(a_full_event_queue_is_drained_and_acknowledged),
        cmocka_unit_test(a_flood_of_events_is_drained_in_bounded_steps),
        cmocka_unit_test(global_errors_are_acknowledged),
        cmocka_unit_test(a_service_failure_gives_the_unit_up),
        cmocka_unit_test(events_are_counted_from_the_start),
        cmocka_unit_test(two_who_report_keep_the_order),
        cmocka_unit_test(what_nobody_takes_is_dropped),
        cmocka_unit_test(an_event_is_taken_when_it_is_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
