/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P3: what is shadowed is what the tables say. */
#include "world.h"

static struct world w;

static void start(void)
{
    world_start(&w,
                &(struct options) { .cap = CAP_CM_BIT, .virtual_unit = true });
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
}

static void check(void)
{
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
}

static void equal_tables_are_fine(void **state)
{
    struct oracle_stats stats;

    (void)state;
    start();
    check();
    assert_int_equal(w.findings, 0);
    oracle_stats(w.oracle, &stats);
    assert_true(stats.p3_pages > 0);
    world_end(&w);
}

struct page_row {
    const char *what;
    struct oracle_outcome instead;
    const char *property, *rule;
};

/* clang-format off */
static const struct page_row page_rows[] = {
    { "missing", { .ok = false }, "P3", "missing mapping" },
    { "elsewhere", { .ok = true, .hpa = HPA_OFFSET + DATA2, .mask = 0xfff, .rights = RW },
      "P3", "wrong mapping" },
    { "a right lost", { .ok = true, .hpa = HPA_OFFSET + DATA, .mask = 0xfff, .rights = R },
      "P3", "wrong mapping" },
    { "larger than the guest's", { .ok = true, .hpa = HPA_OFFSET + DATA, .mask = 0x1fffff, .rights = RW },
      "P3", "wrong mapping" },
};
/* clang-format on */

static void a_difference_in_a_mapped_page_is_found(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++ )
    {
        print_message("%s\n", page_rows[i].what);
        start();
        w.exception = IOVA;
        w.instead = page_rows[i].instead;
        check();
        assert_true(reported(&w, page_rows[i].property, page_rows[i].rule));
        world_end(&w);
    }
}

static void a_right_that_the_guest_does_not_give_is_found(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, DATA | R);
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    oracle_quiescent(w.oracle);
    w.exception = IOVA;
    w.instead = to(DATA, RW);
    check();
    assert_true(w.findings > 0);
    world_end(&w);
}

static void a_changed_page_is_looked_at_where_nothing_is_mapped(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, 0);
    w.exception = IOVA;
    w.instead = to(DATA2, RW);
    check();
    assert_true(found(&w, "P3", "extra mapping"));
    world_end(&w);
}

static void an_old_mapping_is_legal_until_invalidated(void **state)
{
    (void)state;
    start();
    w.exception = IOVA;
    w.instead = to(DATA, RW);
    map_page(&w, TABLES_A, IOVA, 0);
    check();
    assert_int_equal(w.findings, 0);
    invalidate(&w, IOTLB_DOMAIN(1));
    check();
    assert_true(reported(&w, "P2", "stale translation"));
    world_end(&w);
}

static void a_mapped_hole_breaks_p1(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, HOLE | RW);
    invalidate(&w, IOTLB_DOMAIN(1));
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    w.exception = IOVA;
    w.instead = to(HOLE, RW);
    check();
    assert_true(found(&w, "P1", "access to what the p2m refuses"));
    world_end(&w);
}

static void superpages_are_looked_at_inside(void **state)
{
    (void)state;
    start();
    store(&w, TABLES_A + 0x1000, DATA2 | PS | RW);
    invalidate(&w, IOTLB_DOMAIN(1));
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    w.exception = IOVA + 0x123000;
    check();
    assert_true(reported(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void both_devices_are_looked_at(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_B, IOVA + 0x9000, DATA2 | RW);
    invalidate(&w, IOTLB_PAGE(2, IOVA + 0x9000, 0));
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    w.exception = IOVA + 0x9000;
    check();
    assert_true(found(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void translation_off_is_the_p2m(void **state)
{
    (void)state;
    start();
    gcmd(&w, 0x04000000);
    check();
    assert_int_equal(w.findings, 0);
    w.exception = ROOT;
    check();
    assert_true(found(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void a_table_that_links_itself_is_bounded(void **state)
{
    struct oracle_stats stats;

    (void)state;
    start();
    for ( uint64_t i = 0; i < 512; i++ )
        store(&w, TABLES_A + 8 * i, TABLES_A | RW);
    invalidate(&w, IOTLB_DOMAIN(1));
    check();
    assert_int_equal(w.findings, 0);
    oracle_stats(w.oracle, &stats);
    assert_true(stats.p3_pages < 1000000);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_tables_are_fine),
        cmocka_unit_test(a_difference_in_a_mapped_page_is_found),
        cmocka_unit_test(a_right_that_the_guest_does_not_give_is_found),
        cmocka_unit_test(a_changed_page_is_looked_at_where_nothing_is_mapped),
        cmocka_unit_test(an_old_mapping_is_legal_until_invalidated),
        cmocka_unit_test(a_mapped_hole_breaks_p1),
        cmocka_unit_test(superpages_are_looked_at_inside),
        cmocka_unit_test(both_devices_are_looked_at),
        cmocka_unit_test(translation_off_is_the_p2m),
        cmocka_unit_test(a_table_that_links_itself_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
