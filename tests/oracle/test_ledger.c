/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P2: what each invalidation removes, and what may be cached at all. */
#include "world.h"

static struct world w;

#define CM                                                                    \
    &(struct options)                                                         \
    {                                                                         \
        .cap = CAP_CM_BIT                                                     \
    }

/* ---- commands against a superseded leaf ---- */

struct leaf_row {
    const char *what;
    uint64_t low, high;
    bool stale; /* the old translation is still legal afterwards */
};

/* clang-format off */
static const struct leaf_row leaf_rows[] = {
    { "IOTLB global", IOTLB_GLOBAL, false },
    { "IOTLB domain", IOTLB_DOMAIN(1), false },
    { "IOTLB another domain", IOTLB_DOMAIN(2), true },
    { "IOTLB page", IOTLB_PAGE(1, IOVA, 0), false },
    { "IOTLB page with IH", IOTLB_PAGE(1, IOVA | IH, 0), false },
    { "IOTLB the page below", IOTLB_PAGE(1, IOVA - 0x1000, 0), true },
    { "IOTLB the page above", IOTLB_PAGE(1, IOVA + 0x1000, 0), true },
    { "IOTLB page of another domain", IOTLB_PAGE(2, IOVA, 0), true },
    { "IOTLB 2 pages", IOTLB_PAGE(1, IOVA, 1), false },
    { "IOTLB 2 pages, low address bits set", IOTLB_PAGE(1, IOVA | 0x1000, 1),
      false },
    { "IOTLB 2 pages above", IOTLB_PAGE(1, IOVA + 0x2000, 1), true },
    { "IOTLB 512 pages, low address bits set",
      IOTLB_PAGE(1, IOVA | 0x1ff000, 9), false },
    { "context global", CC_GLOBAL, true },
    { "context domain", CC_DOMAIN(1), true },
    { "context device", CC_DEVICE(1, DEV_A, 0), true },
};
/* clang-format on */

static void a_superseded_leaf_goes_with_what_covers_it(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(leaf_rows) / sizeof(leaf_rows[0]); i++ )
    {
        const struct leaf_row *row = &leaf_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        map_page(&w, TABLES_A, IOVA, DATA2 | RW);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
        invalidate(&w, row->low, row->high);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
        assert_int_equal(w.findings, 0);
        assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)),
                         row->stale);
        assert_int_equal(found(&w, "P2", "stale translation"), !row->stale);
        world_end(&w);
    }
}

static void a_cleared_leaf_is_a_missing_fault_once_invalidated(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, IOVA + 0x1000, false, to(DATA, RW)));
    assert_true(found(&w, "P2", "missing fault"));
    map_page(&w, TABLES_A, IOVA, 0);
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void a_present_page_may_not_fault(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, IOVA, false, blocked));
    assert_true(found(&w, "P2", "lost translation"));
    world_end(&w);
}

static void a_translation_to_elsewhere_is_wrong(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_true(found(&w, "P2", "wrong translation"));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, R)));
    assert_true(found(&w, "P2", "wrong translation"));
    world_end(&w);
}

static void without_psi_a_page_is_a_domain(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .cap_clear = UINT64_C(1) << 39 });
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    invalidate(&w, IOTLB_PAGE(1, IOVA + 0x9000, 0));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void a_value_superseded_after_submission_stays(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, IOTLB_PAGE(1, IOVA, 0));
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    follow_queue(&w);
    status(&w, STATUS, 2);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void a_pending_invalidation_removes_nothing_yet(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    submit(&w, IOTLB_PAGE(1, IOVA, 0));
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    status(&w, STATUS, 2);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

/* ---- upper levels ---- */

#define NEXT (IOVA + 0x1000)
/* A second level-1 table below TABLES_A. */
#define OTHER_LEAVES UINT64_C(0x14000)

struct upper_row {
    const char *what;
    uint64_t low, high;
    bool stale;
};

/* clang-format off */
static const struct upper_row upper_rows[] = {
    { "page", IOTLB_PAGE(1, IOVA, 0), false },
    { "page with IH keeps the paging structure",
      IOTLB_PAGE(1, IOVA | IH, 0), true },
    { "the next page: this one's IOTLB entry stays",
      IOTLB_PAGE(1, NEXT, 0), true },
    { "the whole region", IOTLB_PAGE(1, IOVA, 9), false },
    { "the whole region with IH", IOTLB_PAGE(1, IOVA | IH, 9), true },
    { "domain", IOTLB_DOMAIN(1), false },
};
/* clang-format on */

static void a_superseded_table_goes_unless_ih(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(upper_rows) / sizeof(upper_rows[0]); i++ )
    {
        const struct upper_row *row = &upper_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        store(&w, OTHER_LEAVES, DATA2 | RW);
        store(&w, TABLES_A + 0x1000, OTHER_LEAVES | RW);
        invalidate(&w, row->low, row->high);
        assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)),
                         row->stale);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
        world_end(&w);
    }
}

static void a_cached_table_with_a_later_leaf_is_a_legal_mix(void **state)
{
    (void)state;
    world_start(&w, NULL);
    store(&w, TABLES_A + 0x1000, OTHER_LEAVES | RW); /* unlink */
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);        /* in the old table */
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    invalidate(&w, IOTLB_PAGE(1, IOVA | IH, 0));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    world_end(&w);
}

static void a_superpage_goes_when_any_part_is_invalidated(void **state)
{
    static const struct {
        uint64_t address;
        unsigned int am;
        bool stale;
    } rows[] = { { IOVA + 0x155000, 0, false },
                 { IOVA + 0x1fe000, 1, false },
                 { IOVA + 0x200000, 0, true },
                 { IOVA - 0x1000, 0, true } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        world_start(&w, NULL);
        store(&w, TABLES_A + 0x1000, DATA2 | PS | RW);
        invalidate(&w, IOTLB_DOMAIN(1));
        store(&w, TABLES_A + 0x1000, 0);
        invalidate(&w, IOTLB_PAGE(1, rows[i].address, rows[i].am));
        assert_int_equal(
            legal(&w, DEV_A, IOVA + 0x7000, false, to(DATA2 + 0x7000, RW)),
            rows[i].stale);
        world_end(&w);
    }
}

/* ---- not-present entries ---- */

static void not_present_is_cached_with_cm_only(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, NEXT, DATA2 | RW);
    assert_false(legal(&w, DEV_A, NEXT, false, blocked));
    assert_true(found(&w, "P2", "stale fault"));
    world_end(&w);

    world_start(&w, CM);
    map_page(&w, TABLES_A, NEXT, DATA2 | RW);
    assert_true(legal(&w, DEV_A, NEXT, false, blocked));
    invalidate(&w, IOTLB_PAGE(1, NEXT | IH, 0));
    assert_false(legal(&w, DEV_A, NEXT, false, blocked));
    assert_true(found(&w, "P2", "stale fault"));
    world_end(&w);
}

static void a_cached_missing_table_is_kept_by_ih(void **state)
{
    uint64_t far = IOVA + 0x200000;

    (void)state;
    world_start(&w, CM);
    store(&w, OTHER_LEAVES, DATA2 | RW);
    store(&w, TABLES_A + 0x1008, OTHER_LEAVES | RW);
    invalidate(&w, IOTLB_PAGE(1, far | IH, 0));
    assert_true(legal(&w, DEV_A, far, false, blocked));
    invalidate(&w, IOTLB_PAGE(1, far, 0));
    assert_false(legal(&w, DEV_A, far, false, blocked));
    world_end(&w);
}

static void an_upgrade_of_rights_may_be_seen_late(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA | R);
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    assert_false(legal(&w, DEV_A, IOVA, true, to(DATA, RW)));
    map_page(&w, TABLES_A, IOVA, DATA | RW);
    /* A present entry may be cached without caching mode. */
    assert_true(legal(&w, DEV_A, IOVA, true, blocked));
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    assert_false(legal(&w, DEV_A, IOVA, true, blocked));
    world_end(&w);
}

/* ---- contexts ---- */

/* Device A's context changes to other tables, same domain-id. */
static void change_context(void)
{
    store(&w, TABLES_B + 0x2000, DATA2 | RW);
    store(&w, CONTEXTS + 16 * DEV_A, TABLES_B | 1);
}

struct context_row {
    const char *what;
    uint64_t first_low, first_high, second_low, second_high;
    bool stale;
};

/* clang-format off */
static const struct context_row context_rows[] = {
    { "context device, IOTLB domain",
      CC_DEVICE(1, DEV_A, 0), IOTLB_DOMAIN(1), false },
    { "context domain, IOTLB domain", CC_DOMAIN(1), IOTLB_DOMAIN(1), false },
    { "context global, IOTLB global", CC_GLOBAL, IOTLB_GLOBAL, false },
    { "IOTLB first: re-filled through the old context",
      IOTLB_DOMAIN(1), CC_DEVICE(1, DEV_A, 0), true },
    { "context of another function", CC_DEVICE(1, DEV_A + 1, 0),
      IOTLB_DOMAIN(1), true },
    { "context of another function, under FM",
      CC_DEVICE(1, DEV_A + 7, 3), IOTLB_DOMAIN(1), false },
    { "FM leaves bit 0 of the function", CC_DEVICE(1, DEV_A + 1, 2),
      IOTLB_DOMAIN(1), true },
    { "context of another domain", CC_DOMAIN(2), IOTLB_DOMAIN(1), true },
    { "device-selective with another domain", CC_DEVICE(2, DEV_A, 0),
      IOTLB_DOMAIN(1), true },
    { "IOTLB entries are retained", CC_GLOBAL, CC_GLOBAL, true },
    { "the context is retained", IOTLB_GLOBAL, IOTLB_GLOBAL, true },
};
/* clang-format on */

static void a_superseded_context_needs_both_caches(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(context_rows) / sizeof(context_rows[0]);
          i++ )
    {
        const struct context_row *row = &context_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        change_context();
        submit(&w, row->first_low, row->first_high);
        submit(&w, row->second_low, row->second_high);
        submit(&w, WAIT(STATUS, 2));
        tail(&w);
        follow_queue(&w);
        status(&w, STATUS, 2);
        assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)),
                         row->stale);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
        world_end(&w);
    }
}

static void a_missing_context_is_cached_under_domain_0(void **state)
{
    (void)state;
    world_start(&w, CM);
    set_context(&w, CONTEXTS, DEV_A, 0, 0);
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 1));
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    invalidate(&w, CC_DEVICE(1, DEV_A, 0));
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    invalidate(&w, CC_DEVICE(0, DEV_A, 0));
    assert_false(legal(&w, DEV_A, IOVA, false, blocked));
    world_end(&w);
}

static void a_domain_is_not_another(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_B, IOVA, DATA2 | RW);
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA2, RW)));
    assert_false(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    assert_true(found(&w, "P2", "wrong translation"));
    world_end(&w);
}

static void devices_of_one_domain_share_its_entries(void **state)
{
    (void)state;
    world_start(&w, NULL);
    /* A leaves domain 1 without an IOTLB invalidation; B enters it. */
    set_context(&w, CONTEXTS, DEV_A, 0, 0);
    invalidate(&w, CC_GLOBAL);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 1));
    map_page(&w, TABLES_B, IOVA, DATA2 | RW);
    invalidate(&w, CC_GLOBAL);
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA2, RW)));
    invalidate(&w, IOTLB_DOMAIN(1));
    assert_false(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA2, RW)));
    world_end(&w);
}

static void what_a_device_let_form_outlives_it(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 3));
    map_page(&w, TABLES_B, IOVA, DATA2 | RW);
    invalidate(&w, CC_GLOBAL);
    set_context(&w, CONTEXTS, DEV_B, 0, 0);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 3));
    invalidate(&w, CC_GLOBAL);
    oracle_device_remove(w.oracle, DEV_B);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    invalidate(&w, IOTLB_DOMAIN(3));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    world_end(&w);
}

static void a_device_that_left_fills_nothing(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 3));
    map_page(&w, TABLES_B, IOVA, DATA2 | RW);
    invalidate(&w, CC_GLOBAL);
    /* Gone from memory, and still in the context cache. */
    set_context(&w, CONTEXTS, DEV_B, 0, 0);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 3));
    invalidate(&w, IOTLB_DOMAIN(3));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    oracle_device_remove(w.oracle, DEV_B);
    invalidate(&w, IOTLB_DOMAIN(3));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    world_end(&w);
}

static void pass_through_entries_are_retained_by_the_iotlb(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_A, 1 | 2 << 2, context_high(2, 1));
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    assert_true(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    set_context(&w, CONTEXTS, DEV_A, 0, 0);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 1));
    invalidate(&w, CC_GLOBAL);
    assert_true(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    invalidate(&w, IOTLB_PAGE(1, DATA2, 0));
    assert_false(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    world_end(&w);
}

/* ---- root pointer, TE ---- */

static void second_root(void)
{
    store(&w, ROOT2, CONTEXT2 | 1);
    set_context(&w, CONTEXT2, DEV_A, TABLES_B | 1, context_high(1, 1));
    store(&w, TABLES_B + 0x2000, DATA2 | RW);
    write_reg(&w, 0x20, 8, ROOT2);
}

static void the_old_root_is_usable_until_global_invalidations(void **state)
{
    (void)state;
    world_start(&w, NULL);
    second_root();
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    gcmd(&w, 0xc4000000);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void esrtps_invalidates_with_the_root_pointer(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .cap = CAP_ESRTPS_BIT });
    second_root();
    gcmd(&w, 0xc4000000);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void te_off_passes_once_gsts_says_so(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    oracle_register_write(w.oracle, 0x18, 4, 0x04000000);
    oracle_register_written(w.oracle, 0x18, 4, 0x04000000);
    assert_true(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    assert_true(legal(&w, DEV_A, IOVA, true, to(DATA, RW)));
    set_reg(&w, 0x1c, 4, 0x44000000);
    oracle_poll(w.oracle);
    assert_true(legal(&w, DEV_A, DATA2, true, to(DATA2, RW)));
    assert_false(legal(&w, DEV_A, IOVA, true, to(DATA, RW)));
    world_end(&w);
}

/* ---- accesses in flight ---- */

struct drain_row {
    uint64_t cap_clear, bits;
    uint32_t version;
    bool write, stale;
};

static const struct drain_row drain_rows[] = {
    { 0, 0, 0, false, true },
    { 0, DESC_DRDW, 0, false, false },
    { 0, DESC_DRDW, 0, true, false },
    { 0, 0x80, 0, true, true },
    { 0, 0x40, 0, true, false },
    { 0, 0x40, 0, false, true },
    { CAP_DRAIN_BITS, DESC_DRDW, 0, false, true },
    { CAP_DRAIN_BITS, 0, 0x60, false, false },
};

static void an_access_in_flight_ends_before_a_drain_completes(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(drain_rows) / sizeof(drain_rows[0]); i++ )
    {
        const struct drain_row *row = &drain_rows[i];
        unsigned int id;

        world_start(&w, &(struct options) { .cap_clear = row->cap_clear,
                                            .version = row->version });
        id = begin(&w, DEV_A, IOVA, row->write);
        map_page(&w, TABLES_A, IOVA, DATA2 | RW);
        invalidate(&w, 0x32 | 1 << 16 | row->bits, IOVA);
        assert_int_equal(end_legal(&w, id, to(DATA, RW)), row->stale);
        world_end(&w);
    }
}

static void an_access_that_begins_after_completion_is_fresh(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    assert_false(end_legal(&w, begin(&w, DEV_A, IOVA, false), to(DATA, RW)));
    world_end(&w);
}

/* ---- p2m ---- */

static void a_hole_and_rom_refuse(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, HOLE | RW);
    map_page(&w, TABLES_A, NEXT, ROM | RW);
    invalidate(&w, IOTLB_DOMAIN(1));
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    assert_false(legal(&w, DEV_A, IOVA, false, to(HOLE, RW)));
    assert_true(found(&w, "P1", "access to what the p2m refuses"));
    assert_true(legal(&w, DEV_A, NEXT, false, to(ROM, R)));
    assert_true(legal(&w, DEV_A, NEXT, true, blocked));
    assert_false(legal(&w, DEV_A, NEXT, true, to(ROM, RW)));
    assert_true(found(&w, "P1", "access to what the p2m refuses"));
    world_end(&w);
}

static void a_changed_p2m_entry_is_usable_until_quiescence(void **state)
{
    uint64_t old = HPA_OFFSET + DATA, now = HPA_OFFSET + 0x900000;
    struct oracle_outcome before = {
        .ok = true, .hpa = old, .mask = 0, .rights = RW
    };
    struct oracle_outcome after = {
        .ok = true, .hpa = now, .mask = 0, .rights = RW
    };

    (void)state;
    world_start(&w, NULL);
    w.hpa[DATA >> 12] = now;
    oracle_p2m_change(w.oracle, DATA, ORACLE_RAM, old, ORACLE_RAM, now);
    assert_true(legal(&w, DEV_A, IOVA, true, before));
    assert_true(legal(&w, DEV_A, IOVA, true, after));
    oracle_quiescent(w.oracle);
    assert_true(legal(&w, DEV_A, IOVA, true, after));
    assert_int_equal(w.findings, 0);
    assert_false(legal(&w, DEV_A, IOVA, true, before));
    world_end(&w);
}

/* ---- the rest ---- */

static void missing_mappings_are_counted_when_tolerated(void **state)
{
    struct oracle_stats stats;

    (void)state;
    world_start(&w, NULL);
    oracle_tolerate_missing(w.oracle, true);
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    oracle_stats(w.oracle, &stats);
    assert_int_equal(stats.missing_tolerated, 1);
    world_end(&w);
}

static void stale_but_legal_accesses_are_counted(void **state)
{
    struct oracle_stats stats;

    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    oracle_stats(w.oracle, &stats);
    assert_int_equal(stats.stale_allowed, 1);
    assert_int_equal(stats.dma, 2);
    world_end(&w);
}

static void explain_names_the_invalidation_that_ends_it(void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     false,
                                    true,  0,    false, false, 0 };
    char text[512];

    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    submit(&w, IOTLB_PAGE(1, IOVA, 0));
    tail(&w);
    oracle_explain(w.oracle, &dma, text, sizeof(text));
    assert_non_null(strstr(text, "gpa 100000 rw"));
    assert_non_null(strstr(text, "until invalidation #0 which is pending"));
    assert_non_null(strstr(text, "gpa 200000 rw"));
    world_end(&w);
}

static void the_legal_set_has_one_member_unless_something_is_stale(
    void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     false,
                                    true,  0,    false, false, 0 };
    struct oracle_legal set;

    (void)state;
    world_start(&w, NULL);
    oracle_legal(w.oracle, &dma, &set);
    assert_false(set.open);
    assert_int_equal(set.count, 1);
    assert_true(set.result[0].ok && set.result[0].gpa == DATA);
    map_page(&w, TABLES_A, IOVA, 0);
    oracle_legal(w.oracle, &dma, &set);
    assert_false(set.open);
    assert_int_equal(set.count, 2);
    assert_true(set.result[0].ok != set.result[1].ok);
    invalidate(&w, IOTLB_PAGE(1, IOVA, 0));
    oracle_legal(w.oracle, &dma, &set);
    assert_int_equal(set.count, 1);
    assert_false(set.result[0].ok);
    assert_int_equal(set.result[0].reason, 6);
    assert_true(set.result[0].recorded);
    world_end(&w);
}

static void a_reset_empties_the_caches(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | RW);
    oracle_reset(w.oracle);
    set_reg(&w, 0x1c, 4, 0);
    w.tail = 0;
    write_reg(&w, 0x20, 8, ROOT);
    gcmd(&w, 0x40000000);
    gcmd(&w, 0x80000000);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_superseded_leaf_goes_with_what_covers_it),
        cmocka_unit_test(a_cleared_leaf_is_a_missing_fault_once_invalidated),
        cmocka_unit_test(a_present_page_may_not_fault),
        cmocka_unit_test(a_translation_to_elsewhere_is_wrong),
        cmocka_unit_test(without_psi_a_page_is_a_domain),
        cmocka_unit_test(a_value_superseded_after_submission_stays),
        cmocka_unit_test(a_pending_invalidation_removes_nothing_yet),
        cmocka_unit_test(a_superseded_table_goes_unless_ih),
        cmocka_unit_test(a_cached_table_with_a_later_leaf_is_a_legal_mix),
        cmocka_unit_test(a_superpage_goes_when_any_part_is_invalidated),
        cmocka_unit_test(not_present_is_cached_with_cm_only),
        cmocka_unit_test(a_cached_missing_table_is_kept_by_ih),
        cmocka_unit_test(an_upgrade_of_rights_may_be_seen_late),
        cmocka_unit_test(a_superseded_context_needs_both_caches),
        cmocka_unit_test(a_missing_context_is_cached_under_domain_0),
        cmocka_unit_test(a_domain_is_not_another),
        cmocka_unit_test(devices_of_one_domain_share_its_entries),
        cmocka_unit_test(what_a_device_let_form_outlives_it),
        cmocka_unit_test(a_device_that_left_fills_nothing),
        cmocka_unit_test(pass_through_entries_are_retained_by_the_iotlb),
        cmocka_unit_test(the_old_root_is_usable_until_global_invalidations),
        cmocka_unit_test(esrtps_invalidates_with_the_root_pointer),
        cmocka_unit_test(te_off_passes_once_gsts_says_so),
        cmocka_unit_test(an_access_in_flight_ends_before_a_drain_completes),
        cmocka_unit_test(an_access_that_begins_after_completion_is_fresh),
        cmocka_unit_test(a_hole_and_rom_refuse),
        cmocka_unit_test(a_changed_p2m_entry_is_usable_until_quiescence),
        cmocka_unit_test(missing_mappings_are_counted_when_tolerated),
        cmocka_unit_test(stale_but_legal_accesses_are_counted),
        cmocka_unit_test(explain_names_the_invalidation_that_ends_it),
        cmocka_unit_test(
            the_legal_set_has_one_member_unless_something_is_stale),
        cmocka_unit_test(a_reset_empties_the_caches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
