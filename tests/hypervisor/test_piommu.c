/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of the physical unit: queue, attach, flush, maps, faults. */
#include "piommu_rig.h"

#define SID 0x100u

static void answer(struct rig *r)
{
    fake_unit_answer(r->host);
}

static void start(struct rig *r, uint64_t cap)
{
    struct host *host = fake_host(true, cap, 0x2);

    host->incoherent = true; /* ECAP.C is 0 */
    rig_start_on(r, host, SID);
    r->silent = &r->host->unit.silent;
    r->answer = answer;
}

static void attach(struct rig *r, struct piommu_space *s)
{
    assert_int_equal(rig_attach(r, SID, s), 0);
}

static void the_unit_starts_with_caches_flushed(void **state)
{
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    assert_int_equal(r.host->unit.logged, 3);
    assert_int_equal(r.host->unit.log[0][0], 0x11);
    assert_int_equal(r.host->unit.log[1][0], 0x12 | 0xc0);
    assert_int_equal(r.host->unit.log[2][0] & 0xffffffff, 0x25);
    /* Of the later commands none repeats SRTP (11.4.4). */
    assert_int_equal(r.host->unit.root_commands, 1);
    assert_false(fake_dma(r.host, SID, 0, false, NULL));
    rig_stop(&r);
}

static void reserved_bits_of_FECTL_are_preserved(void **state)
{
    const struct piommu_events events = { .fault = NULL };
    struct host *host = fake_host(true, fake_unit_cap(), 0x2);
    struct piommu *piommu;

    (void)state;
    host->budget = 1000000000;
    host_mmio_write32(&host->unit, 0x38, 0x80000123);
    assert_int_equal(piommu_init(host, &events, &piommu), 0);
    assert_int_equal(host_mmio_read32(&host->unit, 0x38), 0x123);
    piommu_fini(piommu);
    assert_int_equal(host_mmio_read32(&host->unit, 0x38), 0x80000123);
    fake_free(host);
}

static void unsuitable_units_are_refused(void **state)
{
    static const uint64_t flips[] = { 1u << 7, 1u << 4, 0x600, 1 };
    const struct piommu_events events = { .fault = NULL };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(flips); i++ )
    {
        struct host *host = fake_host(true, fake_unit_cap() ^ flips[i], 0x2);
        struct piommu *piommu;

        assert_int_equal(piommu_init(host, &events, &piommu), -XEN_EOPNOTSUPP);
        assert_int_equal(host->tables + host->allocations, 0);
        fake_free(host);
    }
}

static void a_host_has_up_to_four_units(void **state)
{
    const struct piommu_events events = { .fault = NULL };
    unsigned int units;

    (void)state;
    for ( units = 1; units <= PIOMMU_MAX_UNITS + 1; units++ )
    {
        struct host *host = fake_host(true, fake_unit_cap(), 0x2);
        struct piommu *piommu;
        int rc;

        host->units = units;
        host->budget = 1000000000;
        rc = piommu_init(host, &events, &piommu);
        assert_int_equal(rc, units > PIOMMU_MAX_UNITS ? -XEN_ENOSPC : 0);
        if ( !rc )
            piommu_fini(piommu);
        assert_int_equal(host->tables + host->allocations, 0);
        fake_free(host);
    }
}

static void leaving_a_space_flushes_context_then_iotlb(void **state)
{
    struct piommu_space *s;
    struct rig r;
    uint64_t did;

    (void)state;
    start(&r, fake_unit_cap());
    s = rig_space(&r, PIOMMU_P2M, 0);
    attach(&r, s);
    assert_int_equal(r.host->unit.logged, 3); /* from blocked: nothing */
    attach(&r, r.blocked);
    assert_int_equal(r.host->unit.logged, 6);
    did = r.host->unit.log[3][0] >> 16 & 0xffff;
    assert_int_not_equal(did, 0);
    assert_int_equal(r.host->unit.log[3][0],
                     0x31 | did << 16 | (uint64_t)SID << 32);
    assert_int_equal(r.host->unit.log[4][0], 0x22 | 0xc0 | did << 16);
    rig_drop(&r, s);
    rig_stop(&r);
}

static void the_p2m_space_is_the_p2m(void **state)
{
    struct piommu_space *s;
    struct rig r;
    uint64_t hpa, gfn;

    (void)state;
    start(&r, fake_unit_cap());
    r.host->domain.p2m[0x321].type = HOST_P2M_RAM_RO;
    r.host->domain.p2m[0x322].type = HOST_P2M_MMIO;
    r.host->domain.p2m[0x323].type = HOST_P2M_HOLE;
    s = rig_space(&r, PIOMMU_P2M, 0);
    attach(&r, s);
    for ( gfn = 0; gfn < FAKE_PAGES; gfn++ )
    {
        bool ram = gfn != 0x322 && gfn != 0x323;

        assert_int_equal(fake_dma(r.host, SID, gfn << 12, false, &hpa), ram);
        if ( ram )
            assert_int_equal(hpa, fake_hpa(r.host, gfn << 12));
        assert_int_equal(fake_dma(r.host, SID, gfn << 12, true, NULL),
                         ram && gfn != 0x321);
    }
    rig_drop(&r, s);
    rig_stop(&r);
}

static void superpages_are_kept_where_the_unit_has_them(void **state)
{
    unsigned int has;

    (void)state;
    for ( has = 0; has < 2; has++ )
    {
        struct piommu_space *s;
        struct rig r;
        unsigned int before;
        uint64_t hpa;

        start(&r, fake_unit_cap() & ~(has ? 0 : UINT64_C(3) << 34));
        before = r.host->tables;
        s = rig_space(&r, PIOMMU_P2M, 0);
        /* Levels 4, 3, 2; without superpages one table per 2 MiB more. */
        assert_int_equal(r.host->tables - before, has ? 3 : 3 + 8);
        attach(&r, s);
        assert_true(fake_dma(r.host, SID, 0x654321, false, &hpa));
        assert_int_equal(hpa, fake_hpa(r.host, 0x654321));
        rig_drop(&r, s);
        rig_stop(&r);
    }
}

static void map_refuses_and_unmap_splits(void **state)
{
    struct piommu_space *s;
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    s = rig_mapped(&r);
    assert_int_equal(
        piommu_map(s, _dfn(0x400), _mfn(0x100200), 9, PIOMMU_READ), 0);
    assert_int_equal(
        piommu_map(s, _dfn(0x401), _mfn(0x100001), 0, PIOMMU_READ),
        -XEN_EEXIST);
    assert_int_equal(piommu_unmap(s, _dfn(0x401), 0), 0);
    assert_true(fake_dma(r.host, SID, 0x400000, false, NULL));
    assert_false(fake_dma(r.host, SID, 0x401000, false, NULL));
    assert_true(fake_dma(r.host, SID, 0x402000, false, NULL));
    assert_false(fake_dma(r.host, SID, 0x402000, true, NULL));
    assert_int_equal(piommu_map(s, _dfn(0x401), _mfn(0x100001), 3, 1),
                     -XEN_EINVAL);
    rig_drop(&r, s);
    rig_stop(&r);
}

static void a_unit_of_four_levels_gets_a_top_page(void **state)
{
    struct piommu_space *s;
    struct rig r;
    uint64_t hpa;

    (void)state;
    start(&r, fake_unit_cap() & ~UINT64_C(0x200));
    s = rig_space(&r, PIOMMU_MAPPED, 3);
    attach(&r, s);
    assert_int_equal(piommu_map(s, _dfn(5), _mfn(0x100000), 0, 3), 0);
    assert_true(fake_dma(r.host, SID, 0x5000, true, &hpa));
    assert_int_equal(hpa, 0x100000000);
    assert_false(
        fake_dma(r.host, SID, (UINT64_C(1) << 39) + 0x5000, true, NULL));
    rig_drop(&r, s);
    rig_stop(&r);
}

static void flushes_are_as_fine_as_the_unit_allows(void **state)
{
    static const struct {
        uint64_t cap;
        unsigned int order;
        bool all, leaf_only;
        uint64_t lo, hi; /* without the DID */
    } rows[] = {
        { 0, 0, false, true, 0x32 | 0xc0, 0x400040 },
        { 0, 9, false, false, 0x32 | 0xc0, 0x400009 },
        { 0, 18, false, true, 0x32 | 0xc0, 0x400052 },
        { 0, 19, false, false, 0x22 | 0xc0, 0 },
        { 0, 0, true, false, 0x22 | 0xc0, 0 },
        { UINT64_C(1) << 39, 0, false, false, 0x22 | 0xc0, 0 },
        { UINT64_C(1) << 54, 0, false, false, 0x32 | 0x80, 0x400000 },
        { UINT64_C(1) << 55, 0, false, false, 0x32 | 0x40, 0x400000 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct piommu_token token = { { 0 } };
        struct piommu_flush flush = { .dfn = _dfn(0x400),
                                      .order = rows[i].order,
                                      .all = rows[i].all,
                                      .leaf_only = rows[i].leaf_only };
        struct rig r;

        start(&r, fake_unit_cap() & ~rows[i].cap);
        flush.space = rig_mapped(&r);
        assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
        assert_int_equal(piommu_flush_wait(r.piommu, &token), 0);
        assert_int_equal(r.host->unit.log[3][0] & ~UINT64_C(0xffff0000),
                         rows[i].lo);
        assert_int_equal(r.host->unit.log[3][1], rows[i].hi);
        rig_drop(&r, flush.space);
        rig_stop(&r);
    }
}

static void a_full_queue_says_again(void **state)
{
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    /* Two descriptors each, one entry is free. */
    rig_check_full_queue(&r, 127);
    rig_stop(&r);
}

static void an_earlier_completion_satisfies_no_later_wait(void **state)
{
    struct piommu_token first = { { 0 } }, second = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct host_unit *unit;
    struct rig r;
    uint64_t tail;

    (void)state;
    start(&r, fake_unit_cap());
    unit = &r.host->unit;
    flush.space = rig_mapped(&r);
    unit->silent = true;
    assert_int_equal(piommu_flush(r.piommu, &flush, &first), 0);
    assert_int_equal(piommu_flush(r.piommu, &flush, &second), 0);
    /* Only the first is executed. */
    tail = unit->reg[0x88 / 8];
    unit->reg[0x88 / 8] = tail - 32;
    fake_unit_answer(r.host);
    unit->silent = true;
    unit->reg[0x88 / 8] = tail;
    assert_int_equal(piommu_flush_poll(r.piommu, &first), 0);
    assert_int_equal(piommu_flush_poll(r.piommu, &second), -XEN_EAGAIN);
    fake_unit_answer(r.host);
    assert_int_equal(piommu_flush_poll(r.piommu, &second), 0);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

static void a_full_queue_is_seen_where_it_wraps(void **state)
{
    struct piommu_token token = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct host_unit *unit;
    unsigned int n = 0;
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    unit = &r.host->unit;
    flush.space = rig_mapped(&r);
    /* The head is at the first entry, so the last may not be taken.  A flush
     * is two descriptors, a wait alone is one. */
    if ( unit->reg[0x80 / 8] & 16 )
        assert_int_equal(piommu_sync(r.piommu, 1, &token), 0);
    while ( unit->reg[0x80 / 8] )
    {
        assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
        assert_true(++n < 300);
    }
    unit->silent = true;
    for ( n = 0; n < 127; n++ )
        assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
    assert_int_equal(piommu_flush(r.piommu, &flush, &token), -XEN_EAGAIN);
    fake_unit_answer(r.host);
    assert_int_equal(piommu_flush_poll(r.piommu, &token), 0);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

static void a_queue_that_stays_full_is_given_up(void **state)
{
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    rig_check_no_room(&r);
    piommu_fini(r.piommu);
    fake_free(r.host);
}

static void a_silent_unit_is_given_up(void **state)
{
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    rig_check_silence(&r);
    /* It keeps its tables. */
    piommu_fini(r.piommu);
    fake_free(r.host);
}

static void a_queue_error_is_retried_and_nothing_skipped(void **state)
{
    struct piommu_token token = { { 0 } };
    struct piommu_flush flush = { .all = true };
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    flush.space = rig_mapped(&r);
    r.host->unit.break_next = true;
    assert_int_equal(piommu_flush(r.piommu, &flush, &token), 0);
    assert_int_equal(r.host->unit.logged, 3);
    assert_int_equal(piommu_flush_wait(r.piommu, &token), 0);
    assert_int_equal(r.host->unit.logged, 5);
    rig_drop(&r, flush.space);
    rig_stop(&r);
}

static void faults_are_reported_in_ring_order_and_cleared(void **state)
{
    struct rig r;
    unsigned int i, round;

    (void)state;
    start(&r, fake_unit_cap());
    r.host->budget = r.host->used + 100000;
    for ( round = 0; round < 3; round++ )
    {
        r.faults = 0;
        for ( i = 0; i < 3; i++ )
            assert_false(fake_dma(r.host, (uint16_t)(SID + i), 0x1000 * i,
                                  i & 1, NULL));
        piommu_interrupt(r.piommu, 0);
        assert_int_equal(r.faults, 3);
        for ( i = 0; i < 3; i++ )
        {
            assert_int_equal(r.fault[i].source_id, SID + i);
            assert_int_equal(r.fault[i].address, 0x1000 * i);
            assert_int_equal(r.fault[i].access,
                             i & 1 ? PIOMMU_ACCESS_WRITE : PIOMMU_ACCESS_READ);
        }
        assert_int_equal(host_mmio_read32(&r.host->unit, 0x34) & 3, 0);
    }
    rig_stop(&r);
}

static void an_overflow_is_cleared(void **state)
{
    struct rig r;
    unsigned int i;

    (void)state;
    start(&r, fake_unit_cap());
    for ( i = 0; i < FAKE_NFR + 1; i++ )
        assert_false(fake_dma(r.host, SID, 0x1000 * i, true, NULL));
    assert_int_equal(host_mmio_read32(&r.host->unit, 0x34) & 3, 3);
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, FAKE_NFR);
    assert_int_equal(host_mmio_read32(&r.host->unit, 0x34) & 3, 0);
    rig_stop(&r);
}

/* Those of others stay, and the interrupt's work with them. */
static void faults_are_taken_by_their_device(void **state)
{
    const struct piommu_device second = { .source_id = SID + 1 };
    struct piommu_fault fault;
    struct rig r;
    unsigned int i;

    (void)state;
    start(&r, fake_unit_cap());
    for ( i = 0; i < 4; i++ )
        assert_false(fake_dma(r.host, (uint16_t)(SID + i % 2), 0x1000 * i,
                              false, NULL));
    for ( i = 1; i < 4; i += 2 )
    {
        assert_true(piommu_fault_take_of(r.piommu, &second, &fault));
        assert_int_equal(fault.source_id, SID + 1);
        assert_int_equal(fault.address, 0x1000 * i);
    }
    assert_false(piommu_fault_take_of(r.piommu, &second, &fault));
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(r.faults, 2);
    assert_int_equal(r.fault[0].address, 0);
    assert_int_equal(r.fault[1].address, 0x2000);
    rig_stop(&r);
}

/* Hardware goes on round the ring while it is read: what is written to a slot
 * that was read is the youngest. */
static void a_ring_that_fills_while_it_is_read_keeps_its_order(void **state)
{
    const struct piommu_device device = { .source_id = SID };
    struct piommu_fault fault;
    struct rig r;
    unsigned int i;

    (void)state;
    start(&r, fake_unit_cap());
    for ( i = 0; i < FAKE_NFR; i++ )
        assert_false(fake_dma(r.host, SID, 0x1000 * i, false, NULL));
    for ( i = 0; i < 3 * FAKE_NFR; i++ )
    {
        assert_true(piommu_fault_take_of(r.piommu, &device, &fault));
        assert_int_equal(fault.address, 0x1000 * i);
        assert_false(
            fake_dma(r.host, SID, 0x1000 * (FAKE_NFR + i), false, NULL));
    }
    rig_stop(&r);
}

static void faults_of_nobody_are_dropped(void **state)
{
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    r.nobody = true;
    assert_false(fake_dma(r.host, SID, 0x1000, true, NULL));
    assert_false(fake_dma(r.host, SID + 1, 0x1000, true, NULL));
    piommu_interrupt(r.piommu, 0);
    assert_int_equal(host_mmio_read32(&r.host->unit, 0x34) & 3, 0);
    rig_stop(&r);
}

/* ---- stores that a walk may see ---- */

/* A DMA of the device after each store; of a write of 128 bits after all. */
struct onlooker {
    struct rig *r;
    unsigned int stores, blocked;
};

static void look(void *context, uint64_t mfn, unsigned int offset,
                 uint64_t value)
{
    struct onlooker *o = context;

    (void)mfn;
    (void)value;
    o->stores++;
    if ( offset % 16 == 8 )
        o->blocked += !fake_dma(o->r->host, SID, 0x5000, false, NULL);
}

static void a_device_changes_its_space_without_a_gap(void **state)
{
    struct onlooker o = { 0 };
    struct piommu_space *a, *b;
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    r.host->incoherent = false;
    a = rig_space(&r, PIOMMU_P2M, 0);
    b = rig_space(&r, PIOMMU_P2M, 0);
    attach(&r, a);
    o.r = &r;
    r.host->watch = (struct fake_watch) { .store = look, .context = &o };
    attach(&r, b);
    r.host->watch.store = NULL;
    assert_true(o.stores > 0);
    assert_int_equal(o.blocked, 0);
    rig_drop(&r, b);
    assert_int_equal(piommu_space_destroy(a), 0);
    rig_stop(&r);
}

static void count_store(void *context, uint64_t mfn, unsigned int offset,
                        uint64_t value)
{
    (void)mfn;
    (void)offset;
    (void)value;
    ++*(unsigned int *)context;
}

static void an_entry_is_replaced_by_one_store(void **state)
{
    struct piommu_entry entry = { .kind = PIOMMU_ENTRY_LEAF,
                                  .rights = PIOMMU_READ,
                                  .mfn = _mfn(0x100) };
    struct piommu_table *table;
    unsigned int stores = 0;
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    assert_int_equal(piommu_table_create(r.piommu, &r.host->domain, 1, &table),
                     0);
    piommu_table_set(table, 7, &entry);
    r.host->watch = (struct fake_watch) { .store = count_store,
                                          .context = &stores };
    entry.mfn = _mfn(0x101);
    piommu_table_set(table, 7, &entry);
    assert_int_equal(stores, 1);
    r.host->watch.store = NULL;
    piommu_table_destroy(table);
    rig_stop(&r);
}

static void legacy_units_do_not_nest(void **state)
{
    struct piommu_cache_invalidate invalidate = { .command = { 0x10, 0 } };
    struct piommu_token token = { { 0 } };
    struct piommu_event_count count;
    struct piommu_nest *nest;
    struct piommu_space *s;
    struct rig r;

    (void)state;
    start(&r, fake_unit_cap());
    s = rig_space(&r, PIOMMU_P2M, 0);
    assert_int_equal(piommu_nest_create(r.piommu, s, &nest), -XEN_EOPNOTSUPP);
    assert_int_equal(piommu_cache_invalidate(r.piommu, &invalidate, &token),
                     -XEN_EOPNOTSUPP);
    piommu_event_count(r.piommu, 0, &count);
    assert_int_equal(count.recorded, count.taken);
    assert_int_equal(piommu_space_destroy(s), 0);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unit_starts_with_caches_flushed),
        cmocka_unit_test(reserved_bits_of_FECTL_are_preserved),
        cmocka_unit_test(unsuitable_units_are_refused),
        cmocka_unit_test(a_host_has_up_to_four_units),
        cmocka_unit_test(leaving_a_space_flushes_context_then_iotlb),
        cmocka_unit_test(the_p2m_space_is_the_p2m),
        cmocka_unit_test(superpages_are_kept_where_the_unit_has_them),
        cmocka_unit_test(map_refuses_and_unmap_splits),
        cmocka_unit_test(a_unit_of_four_levels_gets_a_top_page),
        cmocka_unit_test(flushes_are_as_fine_as_the_unit_allows),
        cmocka_unit_test(a_full_queue_says_again),
        cmocka_unit_test(an_earlier_completion_satisfies_no_later_wait),
        cmocka_unit_test(a_full_queue_is_seen_where_it_wraps),
        cmocka_unit_test(a_queue_that_stays_full_is_given_up),
        cmocka_unit_test(a_silent_unit_is_given_up),
        cmocka_unit_test(a_queue_error_is_retried_and_nothing_skipped),
        cmocka_unit_test(faults_are_reported_in_ring_order_and_cleared),
        cmocka_unit_test(an_overflow_is_cleared),
        cmocka_unit_test(faults_are_taken_by_their_device),
        cmocka_unit_test(a_ring_that_fills_while_it_is_read_keeps_its_order),
        cmocka_unit_test(faults_of_nobody_are_dropped),
        cmocka_unit_test(a_device_changes_its_space_without_a_gap),
        cmocka_unit_test(an_entry_is_replaced_by_one_store),
        cmocka_unit_test(legacy_units_do_not_nest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
