/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command queue of vsmmuv3, and what it sends to the hardware. */
#include "vsmmu_guest.h"

#include <stdlib.h>

#define ASID 0x1234u
#define PAGE UINT64_C(0x0000123456789000)

static void start_nested(struct guest *g)
{
    vguest_start(g);
    vguest_ste(g, SID, STE_S1 | CDS, 0);
    vguest_enable(g);
}

/* Whose VMID a command must not name: 0, the p2m's, or the one it asked for.
 */
static const uint64_t foreign_vmid = UINT64_C(0x4321) << 32;

static void invalidations_are_forwarded_in_our_own_name(void **state)
{
    const uint64_t asid = (uint64_t)ASID << 48;
    const uint64_t range = UINT64_C(5) << 12 | UINT64_C(3) << 20;
    const uint64_t range_hi = 2 << 8 | 1 << 10;
    const struct {
        uint64_t lo, hi;         /* of the guest */
        uint64_t out_lo, out_hi; /* without VMID and StreamID */
    } rows[] = {
        { OP_NH_ALL | foreign_vmid, 0, OP_NH_ALL, 0 },
        { OP_NSNH_ALL | foreign_vmid, 0, OP_NH_ALL, 0 },
        { OP_NH_ASID | asid | foreign_vmid, 0, OP_NH_ASID | asid, 0 },
        { OP_NH_VA | asid | foreign_vmid, PAGE | 1, OP_NH_VA | asid,
          PAGE | 1 },
        { OP_NH_VA | asid, PAGE, OP_NH_VA | asid, PAGE },
        { OP_NH_VAA | asid, PAGE | 1, OP_NH_VAA, PAGE | 1 },
        /* a range, with RIL */
        { OP_NH_VA | asid | range, PAGE | range_hi, OP_NH_VA | asid | range,
          PAGE | range_hi },
        { OP_NH_VAA | range, PAGE | range_hi | 1, OP_NH_VAA | range,
          PAGE | range_hi | 1 },
        { OP_NH_VAA | range, PAGE | 1 << 8 | 2 << 10, OP_NH_VAA | range,
          PAGE | 2 << 10 },
        /* no range: the fields mean nothing */
        { OP_NH_VA | asid | range, PAGE | 2 << 8, OP_NH_VA | asid, PAGE },
        { OP_NH_ASID | asid | range, PAGE | range_hi, OP_NH_ASID | asid, 0 },
        /* bits that are in no field */
        { OP_NH_VA | asid | 0x0e08fb00, PAGE | 0x0fe, OP_NH_VA | asid, PAGE },
    };
    struct fake_smmuv3_trace done[4];
    struct guest g;
    uint64_t vmid;
    unsigned int i, from;

    (void)state;
    start_nested(&g);
    vmid = vguest_vmid(&g, PSID);
    assert_int_not_equal(vmid, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        from = g.unit->traced;
        vguest_command(&g, rows[i].lo & ~BIT(10), rows[i].hi);
        vguest_sync(&g);
        assert_int_equal(vguest_executed(&g, from, done, 4), 1);
        assert_int_equal(done[0].lo, rows[i].out_lo | vmid << 32);
        assert_int_equal(done[0].hi, rows[i].out_hi);
    }
    guest_stop(&g);
}

static void cds_are_invalidated_of_the_physical_stream(void **state)
{
    static const struct {
        uint64_t lo, hi, out_lo, out_hi;
        unsigned int forwarded;
    } rows[] = {
        { OP_CFGI_CD | CMD_SID(SID), 1, OP_CFGI_CD | CMD_SID(PSID), 1, 1 },
        { OP_CFGI_CD | CMD_SID(SID) | 0x12000, 0,
          OP_CFGI_CD | CMD_SID(PSID) | 0x12000, 0, 1 },
        { OP_CFGI_CDS | CMD_SID(SID) | 0x12000, 1, OP_CFGI_CDS | CMD_SID(PSID),
          0, 1 },
        /* beyond SSIDSIZE, a stream that is nobody's: nothing */
        { OP_CFGI_CD | CMD_SID(SID) | 0x100000, 0, 0, 0, 0 },
        { OP_CFGI_CD | CMD_SID(SID + 1), 0, 0, 0, 0 },
        { OP_CFGI_CDS | CMD_SID(PSID), 0, 0, 0, 0 },
        { OP_CFGI_CD | CMD_SID(UINT32_MAX), 0, 0, 0, 0 },
    };
    struct fake_smmuv3_trace done[4];
    struct guest g;
    unsigned int i, from;

    (void)state;
    start_nested(&g);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        from = g.unit->traced;
        vguest_command(&g, rows[i].lo, rows[i].hi);
        vguest_sync(&g);
        assert_int_equal(vguest_executed(&g, from, done, 4),
                         rows[i].forwarded);
        if ( !rows[i].forwarded )
            continue;
        assert_int_equal(done[0].lo, rows[i].out_lo);
        assert_int_equal(done[0].hi, rows[i].out_hi);
    }
    /* A stream in bypass has no CDs. */
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    from = g.unit->traced;
    vguest_command(&g, OP_CFGI_CDS | CMD_SID(SID), 0);
    vguest_sync(&g);
    assert_int_equal(vguest_executed(&g, from, done, 4), 0);
    guest_stop(&g);
}

static void without_ril_nothing_is_a_range(void **state)
{
    struct fake_smmuv3_trace done[2];
    struct xen_dmop_viommu_op op;
    struct guest g;
    unsigned int from;

    (void)state;
    vguest_start(&g);
    assert_int_equal(guest_destroy(&g), 0);
    op = vguest_create_op(&g);
    op.u.create_smmuv3.idr3 &= ~(1u << 10);
    op.u.create_smmuv3.idr0 &= ~(1u << 12); /* nor an ASID of 16 bits */
    assert_int_equal(guest_call(&g, &op), 0);
    g.id = op.u.create_smmuv3.viommu_id;
    assert_int_equal(guest_attach(&g, SID, PSID), 0);
    vguest_ste(&g, SID, STE_S1 | CDS, 0);
    vguest_enable(&g);

    from = g.unit->traced;
    vguest_command(&g, OP_NH_VA | (uint64_t)ASID << 48 | 0x3005000,
                   PAGE | 1 << 10 | 1);
    vguest_sync(&g);
    assert_int_equal(vguest_executed(&g, from, done, 2), 1);
    assert_int_equal(done[0].lo & ~(UINT64_C(0xffff) << 32),
                     OP_NH_VA | (uint64_t)(ASID & 0xff) << 48);
    assert_int_equal(done[0].hi, PAGE | 1);
    /* The encoding that is reserved with RIL is none here. */
    vguest_command(&g, OP_NH_VA, PAGE | 1 << 10);
    vguest_sync(&g);
    guest_stop(&g);
}

static void what_is_no_command_stops_the_queue(void **state)
{
    static const struct {
        uint64_t lo, hi;
    } rows[] = {
        { 0, 0 },
        { 0x07, 0 }, /* CFGI_VMS_PIDM */
        { 0x18, 0 }, /* EL3 */
        { 0x20, 0 }, /* EL2 without HYP */
        { 0x22, 0 },
        { OP_S12_VMALL, 0 }, /* stage 2 without S2P */
        { 0x2a, 0 },
        { 0x40, 0 }, /* ATC_INV without ATS */
        { 0x41, 0 }, /* PRI_RESP */
        { 0x44, 0 }, /* RESUME of no stalls */
        { 0x45, 0 },
        { 0x50, 0 }, /* Secure */
        { 0x70, 0 }, /* DPT */
        { 0x80, 0 },
        { 0xff, ~UINT64_C(0) },
        { OP_SYNC | 3 << 12, 0 },     /* reserved CS */
        { OP_CFGI_STE | BIT(10), 0 }, /* SSec */
        { OP_PREFETCH | BIT(10), 0 },
        { OP_CFGI_CDS | BIT(10), 0 },
        { OP_NH_VA, PAGE | 1 << 10 }, /* a range without extent */
        { OP_NH_VAA, PAGE | 3 << 10 | 1 },
        { OP_NH_VAA, PAGE | 2 << 10 | 1 << 8 }, /* TTL 1 of 16 KiB: as 0 */
    };
    struct guest g;
    unsigned int i, from;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        start_nested(&g);
        vguest_sync(&g);
        from = g.unit->traced;
        vguest_command(&g, rows[i].lo, rows[i].hi);
        vguest_command(&g, OP_NH_ALL, 0);
        fake_run(g.host);
        assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 1 << 24 | 1);
        assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
        assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
        assert_int_equal(g.unit->traced, from);
        /* As Linux does: a SYNC in its place, then acknowledge. */
        guest_store(&g, CMDQ + 16, OP_SYNC);
        guest_write(&g, R_GERRORN, 4, CMDQ_ERR);
        fake_run(g.host);
        assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4) & 0xfffff, 3);
        assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
        guest_stop(&g);
    }
}

static void a_queue_outside_memory_aborts(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    guest_write(&g, R_CR0, 4, 0);
    guest_write(&g, R_CMDQ_BASE, 8, NO_RAM | CMDQ_LOG2);
    guest_write(&g, R_CR0, 4, CR0_CMDQEN);
    guest_write(&g, R_CMDQ_PROD, 4, 1);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 2 << 24);
    assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
    guest_stop(&g);
}

static void hints_and_unknown_streams_are_taken(void **state)
{
    static const uint64_t commands[][2] = {
        { OP_PREFETCH | CMD_SID(SID), 0 },
        { 0x02 | CMD_SID(SID), PAGE },
        { OP_CFGI_STE | CMD_SID(UINT32_MAX), 0 },
        { OP_CFGI_RANGE | CMD_SID(0xffff0000), 4 },
        { OP_SYNC | 2 << 12, 0 }, /* SIG_SEV */
        { OP_SYNC | BIT(10), 0 }, /* has no SSec */
        { OP_NH_ALL | BIT(10), 0 },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    start_nested(&g);
    for ( i = 0; i < ARRAY_SIZE(commands); i++ )
        vguest_command(&g, commands[i][0], commands[i][1]);
    vguest_sync(&g);
    assert_int_equal(guest_read(&g, R_GERROR, 4), 0);
    guest_stop(&g);
}

/* The hardware holds back what a SYNC with an interrupt waits for. */
static void start_held(struct guest *g)
{
    start_nested(g);
    g->unit->hold = true;
    vguest_command(g, OP_NH_ALL, 0);
    vguest_command(g, OP_SYNC | 1 << 12, 0);
    fake_run_some(g->host, 50);
}

static void sync_waits_for_the_hardware(void **state)
{
    struct guest g;

    (void)state;
    start_held(&g);
    /* The invalidation was taken, the SYNC was not. */
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 1);
    assert_int_equal(g.d->virqs[VIRQ_SYNC], 0);
    /* It has been fetched: what stands in the queue now does not count. */
    guest_store(&g, CMDQ + 16, 0xff);
    fake_smmuv3_answer(g.unit);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 2);
    assert_int_equal(g.d->virqs[VIRQ_SYNC], 1);
    assert_int_equal(guest_read(&g, R_GERROR, 4), 0);
    guest_stop(&g);
}

static void a_full_physical_queue_is_waited_for(void **state)
{
    struct fake_smmuv3_trace *done = calloc(FAKE_SMMUV3_LOG, sizeof(*done));
    struct guest g;
    unsigned int i, round, from;

    (void)state;
    start_nested(&g);
    from = g.unit->traced;
    g.unit->hold = true;
    for ( round = 0; round < 4; round++ )
        for ( i = 0; i < 60; i++ )
        {
            vguest_command(&g, OP_NH_ALL, 0);
            fake_run_some(g.host, 3);
        }
    assert_false(vguest_queue_empty(&g));
    fake_smmuv3_answer(g.unit);
    vguest_sync(&g);
    i = vguest_executed(&g, from, done, FAKE_SMMUV3_LOG);
    assert_in_range(i, 100, 240);
    free(done);
    guest_stop(&g);
}

static void disabling_the_queue_forgets_the_sync(void **state)
{
    struct guest g;

    (void)state;
    start_held(&g);
    guest_write(&g, R_CR0, 4, CR0_SMMUEN | CR0_EVENTQEN);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), CR0_SMMUEN | CR0_EVENTQEN);
    fake_smmuv3_answer(g.unit);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 1);
    assert_int_equal(g.d->virqs[VIRQ_SYNC], 0);
    /* Enabled again it is fetched anew. */
    guest_write(&g, R_CR0, 4, CR0_ALL);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 2);
    assert_int_equal(g.d->virqs[VIRQ_SYNC], 1);
    guest_stop(&g);
}

/* 2^19 entries, and a guest that has filled them with whatever it likes. */
static void a_huge_queue_costs_a_bounded_piece_of_work_a_time(void **state)
{
    struct guest g;
    unsigned int i, items = 0;

    (void)state;
    start_nested(&g);
    guest_write(&g, R_CR0, 4, 0);
    fake_run(g.host);
    guest_write(&g, R_CMDQ_BASE, 8, UINT64_C(0x800000) | 19);
    for ( i = 0; i < 8u << 20; i += 16 )
        guest_store(&g, 0x800000 + i, OP_PREFETCH);
    guest_write(&g, R_CR0, 4, CR0_CMDQEN);
    guest_write(&g, R_CMDQ_PROD, 4, 1u << 19);
    while ( g.host->work )
    {
        fake_run_some(g.host, 1);
        assert_true(g.host->used < g.host->budget + 50);
        items++;
    }
    assert_true(items > 1000);
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 1u << 19);
    guest_stop(&g);
}

static void the_queue_wraps(void **state)
{
    struct guest g;
    unsigned int i;

    (void)state;
    start_nested(&g);
    for ( i = 0; i < 3u << CMDQ_LOG2; i++ )
    {
        vguest_command(&g, OP_PREFETCH, 0);
        fake_run(g.host);
        assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), g.tail);
    }
    guest_stop(&g);
}

static void the_largest_queue_is_what_idr1_says(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start(&g);
    assert_int_equal(guest_destroy(&g), 0);
    op = vguest_create_op(&g);
    op.u.create_smmuv3.idr1 = (op.u.create_smmuv3.idr1 & ~(0x1fu << 21)) |
                              CMDQ_LOG2 << 21;
    assert_int_equal(guest_call(&g, &op), 0);
    guest_write(&g, R_CMDQ_BASE, 8, CMDQ | 19);
    guest_write(&g, R_CR0, 4, CR0_CMDQEN);
    for ( i = 0; i < 3u << CMDQ_LOG2; i++ )
    {
        vguest_command(&g, OP_PREFETCH, 0);
        fake_run(g.host);
        assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), g.tail);
    }
    guest_stop(&g);
}

/* 3.4.3: and the guest can't reach beyond its address space with them. */
static void addresses_of_queues_are_truncated(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    guest_write(&g, R_CMDQ_BASE, 8,
                UINT64_C(0xff) << 48 | CMDQ | 0x20 | CMDQ_LOG2);
    guest_write(&g, R_CR0, 4, CR0_CMDQEN);
    vguest_command(&g, OP_PREFETCH, 0);
    vguest_sync(&g);
    guest_stop(&g);
}

/* Its own CMD_SYNC makes the hardware's events visible (4.7.3). */
static void a_lone_sync_reaches_the_units_of_the_devices(void **state)
{
    struct guest g;
    unsigned int from, i, syncs = 0;

    (void)state;
    start_nested(&g);
    vguest_sync(&g);
    from = g.unit->traced;
    vguest_sync(&g);
    for ( i = from; i < g.unit->traced; i++ )
        syncs += g.unit->trace[i].command && g.unit->trace[i].lo == OP_SYNC;
    assert_int_equal(syncs, 1);
    assert_int_equal(guest_detach(&g, SID), 0);
    fake_run(g.host);
    g.unit->hold = true; /* no device: nothing to wait for */
    vguest_sync(&g);
    fake_smmuv3_answer(g.unit);
    guest_stop(&g);
}

static void a_unit_that_is_gone_leaves_the_sync_pending(void **state)
{
    struct guest g;

    (void)state;
    start_nested(&g);
    g.unit->hold = true;
    vguest_command(&g, OP_NH_ALL, 0);
    vguest_command(&g, OP_SYNC, 0);
    fake_run(g.host); /* until the driver gives it up */
    assert_int_equal(guest_read(&g, R_CMDQ_CONS, 4), 1);
    assert_int_equal(guest_destroy(&g), -XEN_EIO);
    /* Nothing can be given back: no census. */
    fake_free(g.host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalidations_are_forwarded_in_our_own_name),
        cmocka_unit_test(cds_are_invalidated_of_the_physical_stream),
        cmocka_unit_test(without_ril_nothing_is_a_range),
        cmocka_unit_test(what_is_no_command_stops_the_queue),
        cmocka_unit_test(a_queue_outside_memory_aborts),
        cmocka_unit_test(hints_and_unknown_streams_are_taken),
        cmocka_unit_test(sync_waits_for_the_hardware),
        cmocka_unit_test(a_full_physical_queue_is_waited_for),
        cmocka_unit_test(disabling_the_queue_forgets_the_sync),
        cmocka_unit_test(a_huge_queue_costs_a_bounded_piece_of_work_a_time),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(the_largest_queue_is_what_idr1_says),
        cmocka_unit_test(addresses_of_queues_are_truncated),
        cmocka_unit_test(a_lone_sync_reaches_the_units_of_the_devices),
        cmocka_unit_test(a_unit_that_is_gone_leaves_the_sync_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
