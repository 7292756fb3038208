/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shadowing: what a DMA meets after the guest's invalidations. */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define CONTEXT_LO (TOP | 1)
#define CONTEXT_HI (2 | DID << 8) /* 4 levels */
#define RW         3u

static void start(struct guest *g, bool contiguous, uint32_t limit)
{
    guest_start(g, contiguous, limit);
    guest_context(g, SID, CONTEXT_LO, CONTEXT_HI);
}

static void expect_mapped(struct guest *g, uint64_t iova, uint64_t gpa)
{
    uint64_t hpa;

    assert_true(fake_dma(g->host, PSID, iova, false, &hpa));
    assert_int_equal(hpa, fake_hpa(g->host, gpa));
}

static void expect_blocked(struct guest *g, uint64_t iova, bool write)
{
    assert_false(fake_dma(g->host, PSID, iova, write, NULL));
}

/* The last IOTLB descriptor that the physical unit got. */
static const uint64_t *last_iotlb(const struct guest *g)
{
    unsigned int i = g->host->unit.logged;

    while ( i-- )
        if ( (g->host->unit.log[i][0] & 0xf) == 2 )
            return g->host->unit.log[i];
    fail_msg("no IOTLB invalidation");
    return NULL;
}

static void translation_off_is_the_p2m(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    expect_mapped(&g, 0x201000, 0x201000);
    guest_stop(&g);
}

static void translation_on_shadows_the_guests_tables(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x7000000000, 0x123000, 1, RW);
    guest_enable(&g);
    expect_mapped(&g, 0x7000000abc, 0x123abc);
    expect_blocked(&g, 0x7000001000, false);
    guest_stop(&g);
}

static void translation_off_again_leaves_no_shadow(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x1000, 0x123000, 1, RW);
    guest_enable(&g);
    guest_write(&g, 0x18, 4, 1u << 26);
    assert_int_equal(guest_read(&g, 0x1c, 4) >> 31, 1);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0x1c, 4), 0x44000000);
    expect_mapped(&g, 0x1000, 0x1000);
    assert_int_equal(guest_query(&g).u.query.shadow_pages, 0);
    assert_int_equal(fake_references(g.host), 0);
    guest_stop(&g);
}

static void a_new_mapping_is_seen_after_its_invalidation_only(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_enable(&g);
    guest_map(&g, 0x5000, 0x200000, 1, RW);
    expect_blocked(&g, 0x5000, false);
    guest_iotlb_page(&g, 0x5000, 0);
    guest_wait(&g, 1);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 1);
    expect_mapped(&g, 0x5000, 0x200000);
    guest_stop(&g);
}

static void wait_status_is_written_after_the_physical_flush(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x5000, 0x200000, 1, RW);
    guest_enable(&g);
    guest_store(&g, guest_entry(&g, 0x5000, 1), 0);
    g.host->unit.silent = true;
    guest_iotlb_page(&g, 0x5000, 0);
    guest_wait(&g, 7);
    fake_run_some(g.host, 50);
    assert_int_equal(guest_status(&g), 0);
    assert_int_equal(guest_read(&g, 0x80, 8), 0);
    assert_int_equal(g.host->domain.p2m[0x200].references, 1);
    fake_unit_answer(g.host);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 7);
    assert_int_equal(guest_read(&g, 0x80, 8), 32);
    assert_int_equal(g.host->domain.p2m[0x200].references, 0);
    guest_stop(&g);
}

/* A DMA after each store of the driver. */
static void look(void *context, uint64_t mfn, unsigned int offset,
                 uint64_t value)
{
    struct guest *g = context;

    (void)mfn;
    (void)offset;
    (void)value;
    assert_true(fake_dma(g->host, PSID, 0x5000, false, NULL));
}

static void an_entry_that_changes_is_never_absent_in_between(void **state)
{
    struct guest g;
    uint64_t hpa;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x5000, 0x200000, 1, RW);
    guest_enable(&g);
    guest_store(&g, guest_entry(&g, 0x5000, 1), 0x300000 | RW);
    g.host->watch = (struct fake_watch) { .store = look, .context = &g };
    guest_iotlb_page(&g, 0x5000, 0);
    fake_run(g.host);
    g.host->watch.store = NULL;
    assert_true(fake_dma(g.host, PSID, 0x5000, false, &hpa));
    assert_int_equal(hpa, fake_hpa(g.host, 0x300000));
    guest_stop(&g);
}

/* One step may go beyond the budget, never a whole invalidation. */
static void an_item_of_work_ends_with_its_budget(void **state)
{
    const unsigned int budget = 100, step = 1100;
    unsigned int items = 0, page;
    struct guest g;

    (void)state;
    start(&g, false, 0);
    for ( page = 0; page < 512; page++ )
        guest_map(&g, (uint64_t)page << 12, (0x200 + page % 64) << 12, 1, RW);
    guest_enable(&g);
    for ( page = 0; page < 512; page++ )
        guest_store(&g, guest_entry(&g, (uint64_t)page << 12, 1), 0);
    g.host->budget = budget;
    guest_iotlb_domain(&g);
    guest_wait(&g, 7);
    for ( ; g.host->work; items++ )
    {
        fake_run_some(g.host, 1);
        assert_in_range(g.host->used, 1, budget + step);
    }
    assert_in_range(items, 10, UINT32_MAX);
    assert_int_equal(guest_status(&g), 7);
    g.host->budget = 1000000000;
    guest_stop(&g);
}

static void only_the_range_is_read_again(void **state)
{
    static const struct {
        uint64_t iova;
        unsigned int am;
        bool first, second; /* pages 0x4000, 0x5000 seen as unmapped? */
    } rows[] = {
        { 0x4000, 0, true, false },  { 0x5000, 0, false, true },
        { 0x4000, 1, true, true },   { 0x5000, 1, true, true },
        { 0x6000, 1, false, false }, { 0x0, 2, false, false },
        { 0x7000, 2, true, true },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, false, 0);
        guest_map(&g, 0x4000, 0x200000, 1, RW);
        guest_map(&g, 0x5000, 0x300000, 1, RW);
        guest_enable(&g);
        guest_store(&g, guest_entry(&g, 0x4000, 1), 0);
        guest_store(&g, guest_entry(&g, 0x5000, 1), 0);
        guest_iotlb_page(&g, rows[i].iova, rows[i].am);
        fake_run(g.host);
        assert_int_equal(fake_dma(g.host, PSID, 0x4000, false, NULL),
                         !rows[i].first);
        assert_int_equal(fake_dma(g.host, PSID, 0x5000, false, NULL),
                         !rows[i].second);
        guest_stop(&g);
    }
}

static void another_domain_id_is_left_alone(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x4000, 0x200000, 1, RW);
    guest_enable(&g);
    guest_store(&g, guest_entry(&g, 0x4000, 1), 0);
    guest_queue(&g, 0x2 | 2u << 4 | (DID + 1) << 16, 0);
    fake_run(g.host);
    expect_mapped(&g, 0x4000, 0x200000);
    guest_iotlb_domain(&g);
    fake_run(g.host);
    expect_blocked(&g, 0x4000, false);
    guest_stop(&g);
}

static void rights_are_the_guests_and_the_p2ms(void **state)
{
    static const struct {
        unsigned int rights;
        enum host_p2m_type type;
        bool read, write;
    } rows[] = {
        { 1, HOST_P2M_RAM_RW, true, false },
        { 2, HOST_P2M_RAM_RW, false, true },
        { 3, HOST_P2M_RAM_RW, true, true },
        { 1, HOST_P2M_RAM_RO, true, false },
        { 2, HOST_P2M_RAM_RO, false, false },
        { 3, HOST_P2M_RAM_RO, true, false },
        { 3, HOST_P2M_HOLE, false, false },
        { 3, HOST_P2M_MMIO, false, false },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, false, 0);
        g.host->domain.p2m[0x300].type = rows[i].type;
        guest_map(&g, 0x4000, 0x300000, 1, rows[i].rights);
        guest_enable(&g);
        assert_int_equal(fake_dma(g.host, PSID, 0x4000, false, NULL),
                         rows[i].read);
        assert_int_equal(fake_dma(g.host, PSID, 0x4000, true, NULL),
                         rows[i].write);
        guest_stop(&g);
    }
}

static void a_superpage_stays_one_where_the_p2m_allows(void **state)
{
    struct guest g;
    unsigned int contiguous;

    (void)state;
    for ( contiguous = 0; contiguous < 2; contiguous++ )
    {
        start(&g, contiguous, 0);
        guest_map(&g, 0x40000000, 0x400000, 2, RW);
        guest_enable(&g);
        expect_mapped(&g, 0x40000000, 0x400000);
        expect_mapped(&g, 0x401ff000, 0x5ff000);
        /* Levels 4, 3, 2; and the split page. */
        assert_int_equal(guest_query(&g).u.query.shadow_pages,
                         contiguous ? 3 : 4);
        guest_stop(&g);
    }
}

static void a_hole_in_a_superpage_is_not_mapped(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    g.host->domain.p2m[0x410].type = HOST_P2M_HOLE;
    guest_map(&g, 0x40000000, 0x400000, 2, RW);
    guest_enable(&g);
    expect_mapped(&g, 0x4000f000, 0x40f000);
    expect_blocked(&g, 0x40010000, false);
    expect_mapped(&g, 0x40011000, 0x411000);
    guest_stop(&g);
}

static void a_gigabyte_beyond_ram_maps_what_there_is(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0x80000000, 0, 3, RW);
    guest_enable(&g);
    expect_mapped(&g, 0x80123000, 0x123000);
    expect_blocked(&g, 0x81000000, false);
    guest_stop(&g);
}

static void reserved_bits_map_nothing(void **state)
{
    static const struct {
        unsigned int level;
        uint64_t entry;
    } rows[] = {
        { 1, 0x200003 | UINT64_C(1) << 48 },
        { 1, 0x200003 | 1u << 11 },
        { 2, 0x201083 },
        { 3, 0x200083 },
        { 4, 0x83 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, true, 0);
        guest_store(&g, guest_entry(&g, 0, rows[i].level), rows[i].entry);
        guest_enable(&g);
        expect_blocked(&g, 0, false);
        guest_stop(&g);
    }
}

static void a_page_of_a_former_superpage_covers_all_of_it(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    guest_map(&g, 0x200000, 0x400000, 2, RW);
    guest_enable(&g);
    guest_store(&g, guest_entry(&g, 0x200000, 2), 0);
    guest_iotlb_page(&g, 0x201000, 0);
    fake_run(g.host);
    expect_blocked(&g, 0x3ff000, false);
    /* Physically too: 512 pages from 0x200000. */
    assert_int_equal(last_iotlb(&g)[1] & ~UINT64_C(0x40), 0x200009);
    guest_stop(&g);
}

static void a_table_in_place_of_a_superpage_is_read_whole(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    guest_map(&g, 0x200000, 0x400000, 2, RW);
    guest_enable(&g);
    guest_store(&g, guest_entry(&g, 0x200000, 2), 0);
    guest_map(&g, 0x2ff000, 0x700000, 1, RW);
    guest_iotlb_page(&g, 0x200000, 0);
    fake_run(g.host);
    expect_mapped(&g, 0x2ff000, 0x700000);
    expect_blocked(&g, 0x200000, false);
    guest_stop(&g);
}

static void a_table_that_links_itself_needs_four_pages(void **state)
{
    struct guest g;
    unsigned int i;

    (void)state;
    start(&g, false, 0);
    for ( i = 0; i < 512; i++ )
        guest_store(&g, TOP + i * 8, TOP | 3);
    guest_enable(&g);
    assert_int_equal(guest_query(&g).u.query.shadow_pages, 4);
    expect_mapped(&g, 0x123456789000, TOP);
    guest_iotlb_domain(&g);
    guest_wait(&g, 3);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 3);
    guest_stop(&g);
}

static void beyond_the_limit_entries_stay_absent(void **state)
{
    struct guest g;
    struct xen_dmop_viommu_op op;

    (void)state;
    start(&g, false, 4);
    guest_map(&g, 0, 0x200000, 1, RW);
    guest_map(&g, 0x40000000, 0x300000, 1, RW);
    guest_enable(&g);
    expect_mapped(&g, 0, 0x200000);
    expect_blocked(&g, 0x40000000, false);
    op = guest_query(&g);
    assert_int_equal(op.u.query.shadow_pages, 4);
    assert_int_equal(op.u.query.shadow_limit, 4);
    assert_true(op.u.query.shadow_refused > 0);
    /* When the first goes, the second fits. */
    guest_store(&g, guest_entry(&g, 0, 3), 0);
    guest_iotlb_domain(&g);
    fake_run(g.host);
    expect_mapped(&g, 0x40000000, 0x300000);
    guest_stop(&g);
}

static void a_table_linked_twice_flushes_every_space(void **state)
{
    struct guest g;
    uint64_t table;

    (void)state;
    start(&g, false, 0);
    guest_map(&g, 0, 0x200000, 1, RW);
    table = g.host->domain.ram[guest_entry(&g, 0, 2) >> 12][0];
    guest_store(&g, guest_entry(&g, 0x200000, 2), table);
    guest_enable(&g);
    expect_mapped(&g, 0x200000, 0x200000);
    guest_store(&g, guest_entry(&g, 0, 1), 0);
    guest_iotlb_page(&g, 0, 0);
    fake_run(g.host);
    expect_blocked(&g, 0x200000, false);
    /* Not by page: the other way to it was flushed as well. */
    assert_int_equal(last_iotlb(&g)[0] >> 4 & 3, 2);
    guest_stop(&g);
}

static void pass_through_is_the_p2m(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    guest_context(&g, SID, 1 | 2u << 2, CONTEXT_HI);
    guest_enable(&g);
    expect_mapped(&g, 0x201000, 0x201000);
    guest_stop(&g);
}

static void a_context_change_is_seen_after_its_invalidation(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    guest_map(&g, 0x1000, 0x300000, 1, RW);
    guest_enable(&g);
    guest_context(&g, SID, 0, 0);
    guest_iotlb_domain(&g);
    fake_run(g.host);
    expect_mapped(&g, 0x1000, 0x300000);
    guest_context_global(&g);
    fake_run(g.host);
    expect_blocked(&g, 0x1000, false);
    assert_int_equal(guest_query(&g).u.query.shadow_pages, 0);
    /* A not-present context counts as DID 0. */
    guest_context(&g, SID, CONTEXT_LO, CONTEXT_HI);
    guest_queue(&g, 0x1 | 2u << 4, 0);
    fake_run(g.host);
    expect_mapped(&g, 0x1000, 0x300000);
    guest_stop(&g);
}

static void three_levels_are_shadowed_by_three(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, false, 0);
    guest_map(&g, 0x1000, 0x300000, 1, RW);
    /* The level-3 table of the first 512 GiB as the root. */
    guest_context(&g, SID,
                  (g.host->domain.ram[TOP >> 12][0] & ~UINT64_C(0xfff)) | 1,
                  1 | DID << 8);
    guest_enable(&g);
    expect_mapped(&g, 0x1000, 0x300000);
    expect_blocked(&g, UINT64_C(1) << 39, false);
    guest_stop(&g);
}

static int p2m_changed(struct guest *g, uint64_t gfn, unsigned int order)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_p2m_changed(g->registry, &g->host->domain, _gfn(gfn),
                                order);
        assert_int_equal(g->host->locks, 0);
    } while ( rc == -XEN_ERESTART );
    return rc;
}

static void a_removed_frame_leaves_all_tables(void **state)
{
    struct guest g;
    unsigned int contiguous, level;

    (void)state;
    for ( contiguous = 0; contiguous < 2; contiguous++ )
        for ( level = 1; level <= 2; level++ )
        {
            start(&g, contiguous, 0);
            guest_map(&g, 0x200000, 0x400000, level, RW);
            guest_enable(&g);
            expect_mapped(&g, 0x200000, 0x400000);
            g.host->domain.p2m[0x400].type = HOST_P2M_HOLE;
            assert_int_equal(p2m_changed(&g, 0x400, 0), 0);
            assert_int_equal(g.host->domain.p2m[0x400].references, 0);
            expect_blocked(&g, 0x200000, false);
            if ( level == 2 )
                expect_mapped(&g, 0x201000, 0x401000);
            guest_write(&g, 0x18, 4, 1u << 26);
            fake_run(g.host);
            expect_blocked(&g, 0x400000, false);
            expect_mapped(&g, 0x401000, 0x401000);
            guest_stop(&g);
        }
}

static void a_frame_that_comes_is_mapped_without_an_invalidation(void **state)
{
    struct guest g;

    (void)state;
    start(&g, false, 0);
    g.host->domain.p2m[0x400].type = HOST_P2M_HOLE;
    guest_map(&g, 0x200000, 0x400000, 1, RW);
    guest_enable(&g);
    expect_blocked(&g, 0x200000, false);
    g.host->domain.p2m[0x400].type = HOST_P2M_RAM_RW;
    assert_int_equal(p2m_changed(&g, 0x400, 0), 0);
    expect_mapped(&g, 0x200000, 0x400000);
    guest_stop(&g);
}

static void an_allocation_that_fails_maps_less_and_leaks_nothing(void **state)
{
    unsigned int k;

    (void)state;
    for ( k = 1; k < 24; k++ )
    {
        struct guest g;

        start(&g, false, 0);
        guest_map(&g, 0, 0x200000, 1, RW);
        guest_map(&g, 0x40200000, 0x400000, 2, RW);
        g.host->fail_alloc = (int)k;
        guest_enable(&g);
        g.host->fail_alloc = 0;
        guest_context_global(&g);
        guest_iotlb_domain(&g);
        fake_run(g.host);
        expect_mapped(&g, 0, 0x200000);
        expect_mapped(&g, 0x40200000, 0x400000);
        guest_stop(&g);
    }
}

static void a_detached_device_goes_to_the_p2m(void **state)
{
    struct guest g;

    (void)state;
    start(&g, true, 0);
    guest_map(&g, 0x1000, 0x300000, 1, RW);
    guest_enable(&g);
    assert_int_equal(guest_detach(&g, SID), 0);
    expect_mapped(&g, 0x1000, 0x1000);
    fake_run(g.host);
    assert_int_equal(fake_references(g.host), 0);
    assert_int_equal(guest_attach(&g, SID, PSID), 0);
    expect_mapped(&g, 0x1000, 0x300000);
    guest_stop(&g);
}

static void destroy_in_the_middle_of_a_pass_gives_all_back(void **state)
{
    unsigned int items;

    (void)state;
    for ( items = 0; items < 12; items++ )
    {
        struct guest g;

        start(&g, false, 0);
        g.host->budget = 30;
        guest_map(&g, 0, 0, 3, RW);
        guest_enable(&g);
        guest_store(&g, guest_entry(&g, 0, 3), 0);
        guest_iotlb_domain(&g);
        fake_run_some(g.host, items);
        assert_int_equal(guest_destroy(&g), 0);
        assert_int_equal(fake_references(g.host), 0);
        expect_mapped(&g, 0x1000, 0x1000);
        guest_stop(&g);
    }
}

/* Also of the context that has been decided on, and was never switched to. */
static void detach_in_the_middle_of_a_context_change_gives_all_back(
    void **state)
{
    const uint32_t top = 0x8000;
    unsigned int items;

    (void)state;
    for ( items = 0; items < 12; items++ )
    {
        unsigned int without;
        struct guest g;

        start(&g, false, 0);
        guest_map(&g, 0x1000, 0x300000, 1, RW);
        guest_enable(&g);
        assert_int_equal(guest_detach(&g, SID), 0);
        fake_run(g.host);
        without = g.host->tables;
        assert_int_equal(guest_attach(&g, SID, PSID), 0);

        guest_context(&g, SID, top | 1, DID << 8 | 2);
        g.host->budget = 1;
        guest_context_global(&g);
        fake_run_some(g.host, items);
        assert_int_equal(guest_detach(&g, SID), 0);
        fake_run(g.host);
        assert_int_equal(g.host->tables, without);
        guest_stop(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translation_off_is_the_p2m),
        cmocka_unit_test(translation_on_shadows_the_guests_tables),
        cmocka_unit_test(translation_off_again_leaves_no_shadow),
        cmocka_unit_test(a_new_mapping_is_seen_after_its_invalidation_only),
        cmocka_unit_test(wait_status_is_written_after_the_physical_flush),
        cmocka_unit_test(an_entry_that_changes_is_never_absent_in_between),
        cmocka_unit_test(an_item_of_work_ends_with_its_budget),
        cmocka_unit_test(only_the_range_is_read_again),
        cmocka_unit_test(another_domain_id_is_left_alone),
        cmocka_unit_test(rights_are_the_guests_and_the_p2ms),
        cmocka_unit_test(a_superpage_stays_one_where_the_p2m_allows),
        cmocka_unit_test(a_hole_in_a_superpage_is_not_mapped),
        cmocka_unit_test(a_gigabyte_beyond_ram_maps_what_there_is),
        cmocka_unit_test(reserved_bits_map_nothing),
        cmocka_unit_test(a_page_of_a_former_superpage_covers_all_of_it),
        cmocka_unit_test(a_table_in_place_of_a_superpage_is_read_whole),
        cmocka_unit_test(a_table_that_links_itself_needs_four_pages),
        cmocka_unit_test(beyond_the_limit_entries_stay_absent),
        cmocka_unit_test(a_table_linked_twice_flushes_every_space),
        cmocka_unit_test(pass_through_is_the_p2m),
        cmocka_unit_test(a_context_change_is_seen_after_its_invalidation),
        cmocka_unit_test(three_levels_are_shadowed_by_three),
        cmocka_unit_test(a_removed_frame_leaves_all_tables),
        cmocka_unit_test(a_frame_that_comes_is_mapped_without_an_invalidation),
        cmocka_unit_test(an_allocation_that_fails_maps_less_and_leaks_nothing),
        cmocka_unit_test(a_detached_device_goes_to_the_p2m),
        cmocka_unit_test(destroy_in_the_middle_of_a_pass_gives_all_back),
        cmocka_unit_test(
            detach_in_the_middle_of_a_context_change_gives_all_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
