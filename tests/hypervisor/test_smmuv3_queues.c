/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of a physical SMMUv3: its command queue. */
#include "smmuv3_rig.h"

#define GERROR  0x60
#define GERRORN 0x64

/* ---- the command queue -------------------------------------------------- */

static void a_flush_is_complete_when_its_sync_is_consumed(void **state)
{
    struct piommu_token first = { { 0 } }, second = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    flush.space = rig_mapped(&r);
    r.unit->hold = true;
    assert_int_equal(piommu_flush(r.piommu, &flush, &first), 0);
    assert_int_equal(piommu_flush(r.piommu, &flush, &second), 0);
    assert_int_equal(piommu_flush_poll(r.piommu, &first), -XEN_EAGAIN);
    /* One SYNC only. */
    r.unit->reg[0x98 / 4] -= 2;
    fake_smmuv3_answer(r.unit);
    r.unit->hold = true;
    r.unit->reg[0x98 / 4] += 2;
    assert_int_equal(piommu_flush_poll(r.piommu, &first), 0);
    assert_int_equal(piommu_flush_poll(r.piommu, &second), -XEN_EAGAIN);
    fake_smmuv3_answer(r.unit);
    assert_int_equal(piommu_flush_poll(r.piommu, &second), 0);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

static void the_queue_goes_round(void **state)
{
    struct idr small = idr_with(1, 31u << 21, 4 << 21); /* 16 entries */
    struct fake_smmuv3_trace command[4];
    struct piommu_flush flush = { .all = true };
    struct rig r;
    unsigned int i;

    (void)state;
    rig_start(&r, small.word);
    flush.space = rig_mapped(&r);
    for ( i = 0; i < 100; i++ )
        assert_int_equal(rig_flush(&r, &flush, command, 4), 1);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

static void a_full_queue_says_again(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    /* Two commands each; the first of all was consumed at once. */
    rig_check_full_queue(&r, 128);
    rig_stop(&r);
}

static void a_flush_goes_to_all_units_or_to_none(void **state)
{
    const struct piommu_device second = { .unit = 1, .source_id = SID };
    struct piommu_token token = { { 0 } }, none = { { 0 } };
    struct piommu_flush flush = { .all = true }, other;
    struct rig r = { .host = fake_smmuv3_host(true, fake_smmuv3_idr),
                     .sid = SID };
    const struct piommu_space_config blocked = { .kind = PIOMMU_BLOCKED };
    const struct piommu_events events = { .fault = NULL };
    struct piommu_space *s;
    unsigned int before;

    (void)state;
    r.host->budget = 1000000000;
    r.unit = r.host->unit.smmu;
    fake_smmuv3_second(r.host, fake_smmuv3_idr);
    assert_int_equal(piommu_init(r.host, &events, &r.piommu), 0);
    assert_int_equal(piommu_space_create(r.piommu, &blocked, &r.blocked), 0);
    s = flush.space = rig_space(&r, PIOMMU_MAPPED, 4);
    assert_int_equal(rig_attach(&r, SID, s), 0);
    /* Only where a device is attached. */
    before = r.host->other.smmu->traced;
    assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
    assert_int_equal(r.host->other.smmu->traced, before);
    assert_int_equal(piommu_attach(r.piommu, &second, PIOMMU_NO_PASID, s), 0);
    other = flush;
    other.space = rig_space(&r, PIOMMU_MAPPED, 4);
    assert_int_equal(
        piommu_attach(r.piommu,
                      &(struct piommu_device) { .unit = 1, .source_id = 1 },
                      PIOMMU_NO_PASID, other.space),
        0);
    r.host->other.smmu->hold = true;
    while ( !piommu_flush(r.piommu, &other, &token) )
        ;
    before = r.unit->traced;
    assert_int_equal(piommu_flush(r.piommu, &flush, &none), -XEN_EAGAIN);
    assert_int_equal(r.unit->traced, before);
    assert_int_equal(none.sequence[0], 0);
    fake_smmuv3_answer(r.host->other.smmu);
    piommu_fini(r.piommu);
    assert_int_equal(r.host->tables + r.host->allocations, 0);
    fake_free(r.host);
}

static void a_queue_that_stays_full_is_given_up(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    rig_check_no_room(&r);
    rig_stop(&r);
}

static void a_silent_unit_is_given_up(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    rig_check_silence(&r);
    rig_stop(&r);
}

/* Registers of a unit that is gone read as ones: that completes nothing. */
static void ones_are_no_completion(void **state)
{
    struct piommu_token token = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct rig r;
    unsigned int n;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    flush.space = rig_mapped(&r);
    r.unit->hold = true;
    /* So many that each value of the pointer is one in use. */
    for ( n = 0; n < 2 * 256 / 2; n++ )
    {
        uint32_t cons;

        assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
        cons = r.unit->reg[0x9c / 4];
        r.unit->reg[0x9c / 4] = UINT32_MAX;
        assert_int_equal(piommu_flush_poll(r.piommu, &token), -XEN_EAGAIN);
        r.unit->reg[0x9c / 4] = cons;
        fake_smmuv3_answer(r.unit);
        assert_int_equal(piommu_flush_poll(r.piommu, &token), 0);
        r.unit->hold = true;
    }
    fake_smmuv3_answer(r.unit);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

/* ---- errors of the command queue ---------------------------------------- */

struct error_row {
    unsigned int error;
    uint64_t lo, hi; /* what is executed at last; VMID left out */
};

static void a_failed_command_is_executed_after_all(void **state)
{
    static const struct error_row rows[] = {
        { 1, OP_NSNH_ALL, 0 },  /* ILL: more in its place */
        { 2, OP_S12_VMALL, 0 }, /* ABT: the same again */
        { 3, OP_S12_VMALL, 0 },
    };
    unsigned int i, by_interrupt;

    (void)state;
    for ( i = 0; i < 2 * ARRAY_SIZE(rows); i++ )
    {
        const struct error_row *row = &rows[i / 2];
        struct piommu_token token = { { 0 } };
        struct piommu_flush flush = { .all = true };
        struct fake_smmuv3_trace command[8];
        unsigned int from;
        struct rig r;

        by_interrupt = i % 2;
        rig_start(&r, fake_smmuv3_idr);
        flush.space = rig_mapped(&r);
        from = r.unit->traced;
        r.unit->error = row->error;
        assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
        assert_int_equal(rig_commands(&r, from, command, 8), 0);
        if ( by_interrupt )
            piommu_interrupt(r.piommu, 0);
        else
            assert_int_equal(piommu_flush_poll(r.piommu, &token), -XEN_EAGAIN);
        assert_int_equal(piommu_flush_poll(r.piommu, &token), 0);
        assert_int_equal(rig_commands(&r, from, command, 8), 2);
        assert_int_equal(command[0].lo & 0xff, row->lo);
        assert_int_equal(command[0].hi, row->hi);
        assert_int_equal(r.unit->reg[GERROR / 4], r.unit->reg[GERRORN / 4]);
        rig_drop(&r, flush.space);
        rig_stop(&r);
    }
}

static void an_illegal_cfgi_becomes_cfgi_all(void **state)
{
    struct fake_smmuv3_trace command[16];
    struct piommu_space *s;
    unsigned int from, n, i, all = 0;
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    s = rig_space(&r, PIOMMU_MAPPED, 4);
    from = r.unit->traced;
    r.unit->reject = OP_CFGI_STE;
    assert_int_equal(rig_attach(&r, SID, s), 0);
    n = rig_commands(&r, from, command, 16);
    for ( i = 0; i < n; i++ )
        all += command[i].lo == OP_CFGI_ALL && command[i].hi == 31;
    /* The new L1STD, the words without V, V. */
    assert_int_equal(all, 3);
    rig_drop(&r, s);
    rig_stop(&r);
}

static void a_second_error_at_one_place_gives_the_unit_up(void **state)
{
    static const unsigned int again[] = { OP_S12_VMALL, OP_NSNH_ALL };
    struct piommu_token token = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct rig r;
    int rc;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    flush.space = rig_mapped(&r);
    r.unit->reject = again[0];
    assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
    /* It rejects what replaces it, too. */
    r.unit->reject = again[1];
    rc = piommu_flush_wait(r.piommu, &token);
    assert_int_equal(rc, -XEN_EIO);
    assert_int_equal(piommu_space_destroy(flush.space), -XEN_EBUSY);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_is_complete_when_its_sync_is_consumed),
        cmocka_unit_test(the_queue_goes_round),
        cmocka_unit_test(a_full_queue_says_again),
        cmocka_unit_test(a_flush_goes_to_all_units_or_to_none),
        cmocka_unit_test(a_queue_that_stays_full_is_given_up),
        cmocka_unit_test(a_silent_unit_is_given_up),
        cmocka_unit_test(ones_are_no_completion),
        cmocka_unit_test(a_failed_command_is_executed_after_all),
        cmocka_unit_test(an_illegal_cfgi_becomes_cfgi_all),
        cmocka_unit_test(a_second_error_at_one_place_gives_the_unit_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
