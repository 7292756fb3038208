/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The p2m: shapes, orders, changes, references. */
#include "support.h"

#include <stdlib.h>

static const enum p2m_shape shapes[] = { P2M_SCATTERED, P2M_CONTIGUOUS,
                                         P2M_MIXED };

static struct machine *machine_of(enum p2m_shape shape, uint64_t ram)
{
    struct machine_config config = small_config(shape, ram);
    struct machine *m = machine_create(&config);

    assert_non_null(m);
    return m;
}

/* ---- the computed bijection ---- */

static void m2p_is_the_inverse_of_p2m(void **state)
{
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(shapes); i++ )
    {
        struct machine *m = machine_of(shapes[i], 40 * MIB);
        struct domain *d = machine_domain(m, 0), *owner;
        struct p2m_entry entry;
        uint64_t gfn, back;

        for ( gfn = 0; gfn < 40 * MIB >> 12; gfn++ )
        {
            p2m_lookup(d, gfn, &entry);
            if ( entry.type != REGION_RAM && entry.type != REGION_ROM )
                continue;
            assert_true(m2p_lookup(m, entry.mfn, &owner, &back));
            assert_ptr_equal(owner, d);
            assert_int_equal(back, gfn);
        }
        machine_destroy(m);
    }
}

static struct machine *machine_of_seed(enum p2m_shape shape, uint64_t ram,
                                       uint64_t seed)
{
    struct machine_config config = small_config(shape, ram);
    struct machine *m;

    config.seed = seed;
    m = machine_create(&config);
    assert_non_null(m);
    return m;
}

static void the_inverse_holds_in_large_domains_for_any_seed(void **state)
{
    uint64_t seed;

    (void)state;
    for ( seed = 0; seed < 24; seed++ )
    {
        struct machine *m = machine_of_seed(shapes[seed % ARRAY_SIZE(shapes)],
                                            512 * GIB, seed);
        struct domain *owner;
        struct p2m_entry entry;
        uint64_t gfn, back;

        for ( gfn = 0x100; gfn < 512 * GIB >> 12; gfn += 0x54321 )
        {
            p2m_lookup(machine_domain(m, 0), gfn, &entry);
            assert_true(m2p_lookup(m, entry.mfn, &owner, &back));
            assert_int_equal(back, gfn);
        }
        machine_destroy(m);
    }
}

static void no_page_is_at_its_own_address(void **state)
{
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(shapes); i++ )
    {
        struct machine *m = machine_of(shapes[i], 4 * GIB);
        struct p2m_entry entry;
        uint64_t gfn;

        for ( gfn = 0; gfn < 4 * GIB >> 12; gfn += 7 )
        {
            p2m_lookup(machine_domain(m, 0), gfn, &entry);
            assert_true(entry.mfn != gfn);
        }
        machine_destroy(m);
    }
}

static void bare_metal_is_the_identity(void **state)
{
    struct machine *m = machine_of(P2M_BARE, 64 * MIB);
    struct p2m_entry entry;

    (void)state;
    p2m_lookup(machine_domain(m, 0), 0x1234, &entry);
    assert_int_equal(entry.type, REGION_RAM);
    assert_int_equal(entry.mfn, 0x1234);
    machine_destroy(m);
}

static void scattered_neighbours_are_not_neighbours_in_the_host(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct p2m_entry a, b;
    uint64_t gfn;

    (void)state;
    for ( gfn = 0x100; gfn + 1 < 64 * MIB >> 12; gfn++ )
    {
        p2m_lookup(machine_domain(m, 0), gfn, &a);
        p2m_lookup(machine_domain(m, 0), gfn + 1, &b);
        assert_true(b.mfn != a.mfn + 1);
    }
    machine_destroy(m);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void domains_share_no_host_page(void **state)
{
    struct machine_config config = small_config(P2M_SCATTERED, 32 * MIB);
    const unsigned int pages = 32 * MIB >> 12;
    uint64_t *mfn = malloc(4 * pages * sizeof(*mfn)), gfn;
    struct p2m_entry entry;
    struct domain *owner;
    struct machine *m;
    unsigned int i, n = 0;
    uint64_t back;

    (void)state;
    config.domains = 4;
    for ( i = 1; i < 4; i++ )
    {
        config.domain[i] = config.domain[0];
        config.domain[i].id = (uint16_t)(i + 1);
        config.domain[i].shape = i == 3 ? P2M_BARE : shapes[i];
    }
    config.domain[3].region[0].size = 5 * GIB; /* no power of two */
    m = machine_create(&config);
    assert_non_null(m);
    for ( i = 0; i < 4; i++ )
        for ( gfn = 0; gfn < pages; gfn++ )
        {
            p2m_lookup(machine_domain(m, i), gfn, &entry);
            if ( entry.type != REGION_RAM )
                continue;
            mfn[n++] = entry.mfn;
            assert_true(m2p_lookup(m, entry.mfn, &owner, &back));
            assert_ptr_equal(owner, machine_domain(m, i));
            assert_int_equal(back, gfn);
        }
    qsort(mfn, n, sizeof(*mfn), by_value);
    for ( i = 1; i < n; i++ )
        assert_true(mfn[i] != mfn[i - 1]);
    free(mfn);
    machine_destroy(m);
}

static void host_pages_stay_clear_of_the_interrupt_range(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct p2m_entry entry;
    uint64_t gfn;

    (void)state;
    for ( gfn = 0x100; gfn < 64 * MIB >> 12; gfn++ )
    {
        p2m_lookup(machine_domain(m, 0), gfn, &entry);
        assert_false(entry.mfn >= 0xfee00 && entry.mfn <= 0xfeeff);
    }
    machine_destroy(m);
}

static void seeds_give_different_layouts(void **state)
{
    struct machine_config config = small_config(P2M_SCATTERED, 64 * MIB);
    struct p2m_entry a, b;
    struct machine *m;

    (void)state;
    m = machine_create(&config);
    p2m_lookup(machine_domain(m, 0), 0x300, &a);
    machine_destroy(m);
    config.seed = 99;
    m = machine_create(&config);
    p2m_lookup(machine_domain(m, 0), 0x300, &b);
    machine_destroy(m);
    assert_true(a.mfn != b.mfn);
}

static void a_host_too_small_for_the_guest_is_refused(void **state)
{
    struct machine_config config = small_config(P2M_SCATTERED, 4 * GIB);

    (void)state;
    config.haw = 32;
    assert_null(machine_create(&config));
}

/* ---- orders ---- */

/* By definition: every page of the run has the type and the next frame. */
static bool run_holds(struct domain *d, uint64_t gfn, unsigned int order)
{
    uint64_t pages = UINT64_C(1) << order, first = gfn & ~(pages - 1), i;
    struct p2m_entry start, entry;

    p2m_lookup(d, first, &start);
    for ( i = 0; i < pages; i++ )
    {
        p2m_lookup(d, first + i, &entry);
        if ( start.type == REGION_RAM || start.type == REGION_ROM )
        {
            if ( entry.type != start.type || entry.mfn != start.mfn + i ||
                 start.mfn % pages )
                return false;
        }
        else if ( entry.type == REGION_RAM || entry.type == REGION_ROM )
            return false;
    }
    return true;
}

static void check_order(struct domain *d, uint64_t gfn, unsigned int max)
{
    static const unsigned int orders[] = { 18, 9, 0 };
    struct host_p2m_entry entry;
    unsigned int i;

    assert_int_equal(host_p2m_get(d, _gfn(gfn), max, &entry), 0);
    for ( i = 0; orders[i] > max || !run_holds(d, gfn, orders[i]); i++ )
        ;
    assert_int_equal(entry.order, orders[i]);
    if ( entry.type == HOST_P2M_RAM_RW || entry.type == HOST_P2M_RAM_RO )
        host_p2m_put(
            d, _mfn(mfn_x(entry.mfn) & ~((UINT64_C(1) << entry.order) - 1)),
            entry.order);
}

static void order_is_the_largest_run_that_holds(void **state)
{
    static const uint64_t gfns[] = { 0,       0x9f,    0xa0,    0xd0,
                                     0xf0,    0x1ff,   0x200,   0x3ff,
                                     0x400,   0x3ffff, 0x40000, 0x7ffff,
                                     0x80000, 0xa0000, 0xa0201, 0x200000 };
    static const unsigned int maxima[] = { 0, 9, 18 };
    unsigned int i, j, k;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(shapes); i++ )
    {
        struct machine *m = machine_of(shapes[i], 7 * GIB / 2);
        struct domain *d = machine_domain(m, 0);

        for ( j = 0; j < ARRAY_SIZE(gfns); j++ )
            for ( k = 0; k < ARRAY_SIZE(maxima); k++ )
                check_order(d, gfns[j], maxima[k]);

        /* The same with a change in the middle of a run. */
        assert_true(p2m_remove(d, 0x40212));
        assert_true(p2m_populate(d, 0x40a33, REGION_ROM));
        assert_true(p2m_populate(d, 0xa0, REGION_RAM));
        for ( k = 0; k < ARRAY_SIZE(maxima); k++ )
        {
            check_order(d, 0x40212, maxima[k]);
            check_order(d, 0x40213, maxima[k]);
            check_order(d, 0x40400, maxima[k]);
            check_order(d, 0x40a33, maxima[k]);
            check_order(d, 0x60000, maxima[k]);
            check_order(d, 0x80400, maxima[k]);
            check_order(d, 0xa1, maxima[k]);
        }
        machine_destroy(m);
    }
}

static void expect_order(struct domain *d, uint64_t gfn, unsigned int order)
{
    struct host_p2m_entry entry;

    assert_int_equal(host_p2m_get(d, _gfn(gfn), 18, &entry), 0);
    assert_int_equal(entry.order, order);
}

static void shapes_offer_the_superpages_they_promise(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 4 * GIB);

    (void)state;
    expect_order(machine_domain(m, 0), 0x40000, 0);
    machine_destroy(m);

    m = machine_of(P2M_CONTIGUOUS, 4 * GIB);
    expect_order(machine_domain(m, 0), 0, 0);        /* holes in it */
    expect_order(machine_domain(m, 0), 0x200, 9);    /* gigabyte 0 */
    expect_order(machine_domain(m, 0), 0x40000, 18); /* gigabyte 1 */
    expect_order(machine_domain(m, 0), 0x80000, 9);  /* gigabyte 2 */
    machine_destroy(m);

    m = machine_of(P2M_MIXED, 4 * GIB);
    expect_order(machine_domain(m, 0), 0x200, 0);
    expect_order(machine_domain(m, 0), 0x400, 9);
    machine_destroy(m);
}

/* A block may lie at its own offset in a gigabyte of the host by chance: the
 * others of its gigabyte still do not. */
static void a_block_in_its_place_makes_no_gigabyte(void **state)
{
    uint64_t seed, block;

    (void)state;
    for ( seed = 0; seed < 16; seed++ )
    {
        struct machine *m = machine_of_seed(P2M_CONTIGUOUS, 4 * GIB, seed);
        struct domain *d = machine_domain(m, 0);

        assert_true(p2m_remove(d, 0x300)); /* the slow way from now on */
        for ( block = 0; block < 512; block++ )
            expect_order(d, 0x80000 + block * 512, 9);
        machine_destroy(m);
    }
}

static void a_contiguous_run_that_is_not_aligned_alike_is_no_run(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct domain *d = machine_domain(m, 0);
    struct p2m_entry first, last;
    mfn_t mfn;
    uint64_t i;

    (void)state;
    /* Spare frames come in a row; one before them breaks the alignment. */
    assert_int_equal(host_table_alloc(machine_host(m), d, &mfn), 0);
    for ( i = 0; i < 512; i++ )
    {
        assert_true(p2m_remove(d, 0x400 + i));
        assert_true(p2m_populate(d, 0x400 + i, REGION_RAM));
    }
    p2m_lookup(d, 0x400, &first);
    p2m_lookup(d, 0x5ff, &last);
    assert_int_equal(last.mfn, first.mfn + 511);
    expect_order(d, 0x4ff, 0);
    machine_destroy(m);
}

/* From @first on, in a small domain of @shape with a page missing. */
static void check_next(enum p2m_shape shape, uint64_t first)
{
    struct machine *m = machine_of(shape, 20 * MIB);
    struct domain *d = machine_domain(m, 0);
    struct host_p2m_entry entry;
    struct p2m_entry e;
    gfn_t gfn = _gfn(first);
    uint64_t expected = first;

    assert_true(p2m_remove(d, 0x123));
    for ( ; !host_p2m_next(d, &gfn, &entry);
          gfn = gfn_add(gfn, UINT64_C(1) << entry.order) )
    {
        for ( ; expected < gfn_x(gfn); expected++ )
        {
            p2m_lookup(d, expected, &e);
            assert_true(e.type == REGION_HOLE || e.type == REGION_MMIO);
        }
        p2m_lookup(d, gfn_x(gfn), &e);
        assert_int_equal(mfn_x(entry.mfn), e.mfn);
        assert_int_equal(entry.type, e.type == REGION_ROM ? HOST_P2M_RAM_RO :
                                                            HOST_P2M_RAM_RW);
        expected += UINT64_C(1) << entry.order;
    }
    assert_int_equal(expected, 20 * MIB >> 12);
    machine_destroy(m);
}

static void p2m_next_visits_every_ram_page_once(void **state)
{
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(shapes); i++ )
    {
        check_next(shapes[i], 3);
        check_next(shapes[i], 0x403); /* inside a run */
    }
}

/* ---- changes and ownership ---- */

static void a_removed_frame_is_owned_until_release_and_last_reference(
    void **state)
{
    struct machine *m = machine_of(P2M_CONTIGUOUS, 64 * MIB);
    struct domain *d = machine_domain(m, 0), *owner;
    struct host_p2m_entry run;
    struct p2m_entry before, after;
    uint64_t word, gfn;

    (void)state;
    p2m_lookup(d, 0x401, &before);
    assert_true(domain_write64(d, WRITER_VCPU, 0x401000, 42));
    assert_int_equal(host_p2m_get(d, _gfn(0x400), 9, &run), 0);
    assert_true(p2m_remove(d, 0x401));

    p2m_lookup(d, 0x401, &after);
    assert_int_equal(after.type, REGION_HOLE);
    assert_false(m2p_lookup(m, before.mfn, &owner, &gfn));
    assert_true(domain_owns(d, before.mfn, true));

    p2m_release(d);
    assert_true(domain_owns(d, before.mfn, true));
    assert_true(memory_read(m, before.mfn << 12, &word, 8));
    assert_int_equal(word, 42);

    host_p2m_put(d, run.mfn, 9);
    assert_false(domain_owns(d, before.mfn, false));
    assert_true(memory_read(m, before.mfn << 12, &word, 8));
    assert_int_equal(word, UINT64_C(0xdbdbdbdbdbdbdbdb));
    machine_destroy(m);
}

static void a_removed_frame_without_references_goes_at_release(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct domain *d = machine_domain(m, 0);
    struct p2m_entry entry;

    (void)state;
    p2m_lookup(d, 0x401, &entry);
    assert_true(p2m_remove(d, 0x401));
    assert_true(domain_owns(d, entry.mfn, false));
    p2m_release(d);
    assert_false(domain_owns(d, entry.mfn, false));
    machine_destroy(m);
}

static void a_populated_page_is_fresh_zeroed_and_found_both_ways(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct domain *d = machine_domain(m, 0), *owner;
    struct p2m_entry old, now;
    uint64_t word, gfn;

    (void)state;
    p2m_lookup(d, 0x500, &old);
    assert_true(domain_write64(d, WRITER_VCPU, 0x500000, 42));
    assert_true(p2m_remove(d, 0x500));
    assert_true(p2m_populate(d, 0x500, REGION_RAM));
    p2m_lookup(d, 0x500, &now);
    assert_true(now.mfn != old.mfn);
    assert_true(m2p_lookup(m, now.mfn, &owner, &gfn));
    assert_int_equal(gfn, 0x500);
    assert_true(domain_read64(d, 0x500000, &word));
    assert_int_equal(word, 0);
    machine_destroy(m);
}

static void no_page_is_populated_beyond_the_host_address_width(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct domain *d = machine_domain(m, 0);
    const uint64_t end = UINT64_C(1) << 34; /* of 46 bits */
    struct p2m_entry entry;

    (void)state;
    assert_false(p2m_populate(d, end, REGION_RAM));
    assert_false(p2m_populate(d, UINT64_MAX >> 12, REGION_ROM));
    p2m_lookup(d, end, &entry);
    assert_int_equal(entry.type, REGION_HOLE);
    assert_true(p2m_populate(d, end - 1, REGION_RAM));
    machine_destroy(m);
}

static void a_page_that_becomes_rom_may_be_written_until_release(void **state)
{
    struct machine *m = machine_of(P2M_SCATTERED, 64 * MIB);
    struct domain *d = machine_domain(m, 0);
    struct p2m_entry entry;

    (void)state;
    assert_true(p2m_populate(d, 0x500, REGION_ROM));
    p2m_lookup(d, 0x500, &entry);
    assert_int_equal(entry.type, REGION_ROM);
    assert_true(domain_owns(d, entry.mfn, true));
    p2m_release(d);
    assert_false(domain_owns(d, entry.mfn, true));
    assert_true(domain_owns(d, entry.mfn, false));
    machine_destroy(m);
}

static void bare_metal_gets_its_own_frame_back_zeroed(void **state)
{
    struct machine *m = machine_of(P2M_BARE, 64 * MIB);
    struct domain *d = machine_domain(m, 0);
    struct p2m_entry entry;
    uint64_t word;

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x500000, 42));
    assert_true(p2m_remove(d, 0x500));
    p2m_release(d);
    assert_false(domain_read64(d, 0x500000, &word));
    assert_true(p2m_populate(d, 0x500, REGION_RAM));
    p2m_lookup(d, 0x500, &entry);
    assert_int_equal(entry.mfn, 0x500);
    assert_true(domain_read64(d, 0x500000, &word));
    assert_int_equal(word, 0);
    machine_destroy(m);
}

static void ownership_ends_at_the_domain(void **state)
{
    struct machine_config config = small_config(P2M_SCATTERED, 32 * MIB);
    struct p2m_entry entry;
    struct machine *m;

    (void)state;
    config.domains = 2;
    config.domain[1] = config.domain[0];
    config.domain[1].id = 2;
    m = machine_create(&config);
    p2m_lookup(machine_domain(m, 0), 0x300, &entry);
    assert_true(domain_owns(machine_domain(m, 0), entry.mfn, true));
    assert_false(domain_owns(machine_domain(m, 1), entry.mfn, false));
    machine_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m2p_is_the_inverse_of_p2m),
        cmocka_unit_test(the_inverse_holds_in_large_domains_for_any_seed),
        cmocka_unit_test(no_page_is_at_its_own_address),
        cmocka_unit_test(bare_metal_is_the_identity),
        cmocka_unit_test(scattered_neighbours_are_not_neighbours_in_the_host),
        cmocka_unit_test(domains_share_no_host_page),
        cmocka_unit_test(host_pages_stay_clear_of_the_interrupt_range),
        cmocka_unit_test(seeds_give_different_layouts),
        cmocka_unit_test(a_host_too_small_for_the_guest_is_refused),
        cmocka_unit_test(order_is_the_largest_run_that_holds),
        cmocka_unit_test(shapes_offer_the_superpages_they_promise),
        cmocka_unit_test(a_block_in_its_place_makes_no_gigabyte),
        cmocka_unit_test(a_contiguous_run_that_is_not_aligned_alike_is_no_run),
        cmocka_unit_test(p2m_next_visits_every_ram_page_once),
        cmocka_unit_test(
            a_removed_frame_is_owned_until_release_and_last_reference),
        cmocka_unit_test(a_removed_frame_without_references_goes_at_release),
        cmocka_unit_test(a_populated_page_is_fresh_zeroed_and_found_both_ways),
        cmocka_unit_test(no_page_is_populated_beyond_the_host_address_width),
        cmocka_unit_test(a_page_that_becomes_rom_may_be_written_until_release),
        cmocka_unit_test(bare_metal_gets_its_own_frame_back_zeroed),
        cmocka_unit_test(ownership_ends_at_the_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
