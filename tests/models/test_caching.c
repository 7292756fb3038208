/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be cached, and what a hit answers (6.1, 6.2). */
#include "expect.h"
#include "rig.h"

static void configure(struct vtd_config *config, bool cm,
                      enum cache_retention retention)
{
    vtd_config_default(config);
    if ( cm )
        config->cap |= CAP_CM_BIT;
    config->iotlb.retention = retention;
    config->context_cache.retention = retention;
    config->paging_structure_cache.retention = retention;
}

static uint64_t start(struct rig *rig, bool cm)
{
    struct vtd_config config;

    configure(&config, cm, CACHE_NEVER_EVICT);
    rig_start(rig, &config);
    return rig_simple_context(rig, SID, DID);
}

static void a_hit_does_not_see_a_changed_leaf(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    table = start(&rig, false);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    rig_map(&rig, table, IOVA, 0x6000, R, 1);
    assert_true(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     0x5000);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_WRITE), 0);
    rig_destroy(&rig);
}

static void rights_are_checked_on_hits(void **state)
{
    struct response response;
    struct rig rig;
    uint64_t table;

    (void)state;
    table = start(&rig, false);
    rig_map(&rig, table, IOVA, 0x5000, R, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    response = rig_translate(&rig, SID, IOVA, REQUEST_WRITE);
    assert_true(response.hit);
    assert_int_equal(response.reason, 0x05);
    rig_destroy(&rig);
}

static void a_missing_right_is_not_remembered(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    table = start(&rig, true);
    rig_map(&rig, table, IOVA, 0x5000, R, 1);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_WRITE), 0x05);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_WRITE), 0);
    rig_destroy(&rig);
}

/* An upper entry that is replaced is still seen through its cache. */
static void paging_structure_caches_keep_upper_levels(void **state)
{
    (void)state;
    for ( unsigned int level = 2; level <= 4; level++ )
    {
        struct rig rig;
        uint64_t table, next;

        table = start(&rig, false);
        next = IOVA + 0x2000;
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_map(&rig, table, next, 0x7000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        rig_store(&rig, rig_entry(&rig, table, 4, IOVA, level), 0);
        assert_int_equal(rig_translate(&rig, SID, next, REQUEST_READ).address,
                         0x7000);
        rig_destroy(&rig);
    }
}

/* Which entry is faulty, and how it is repaired behind the caches' back. */
struct defect {
    const char *row;
    unsigned int level; /* 1..4: paging entry, 5: context, 6: root */
    uint64_t set;       /* low quadword of the defect: OR */
    bool clear;         /* or not present */
    unsigned int reason;
};

static const struct defect defects[] = {
    { "leaf not present", 1, 0, true, 0x06 },
    { "level 2 not present", 2, 0, true, 0x06 },
    { "level 3 not present", 3, 0, true, 0x06 },
    { "level 4 not present", 4, 0, true, 0x06 },
    { "leaf reserved", 1, UINT64_C(1) << 62, false, 0x0c },
    { "level 2 reserved", 2, UINT64_C(1) << 51, false, 0x0c },
    { "level 3 reserved", 3, UINT64_C(1) << 51, false, 0x0c },
    { "level 4 reserved", 4, 0x80, false, 0x0c },
    { "context not present", 5, 0, true, 0x02 },
    { "context reserved", 5, 0x10, false, 0x0b },
    { "context invalid", 5, 0xc, false, 0x03 },
    { "root not present", 6, 0, true, 0x01 },
    { "root reserved", 6, 2, false, 0x0a },
};

static uint64_t entry_of(struct rig *rig, uint64_t table, unsigned int level)
{
    if ( level == 6 )
        return rig_root_entry(rig, SID);
    if ( level == 5 )
        return rig_context_entry(rig, SID);
    return rig_entry(rig, table, 4, IOVA, level);
}

static void break_entry(struct rig *rig, uint64_t entry,
                        const struct defect *defect)
{
    rig_store(rig, entry,
              defect->clear ? 0 : rig_load(rig, entry) | defect->set);
}

static void faulty_entries_are_cached_with_CM_only(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(defects) / sizeof(*defects); i++ )
        for ( int cm = 0; cm < 2; cm++ )
        {
            struct rig rig;
            uint64_t table, entry, good;

            table = start(&rig, cm);
            rig_map(&rig, table, IOVA, 0x5000, RW, 1);
            entry = entry_of(&rig, table, defects[i].level);
            good = rig_load(&rig, entry);
            break_entry(&rig, entry, &defects[i]);
            expect_equal(defects[i].row,
                         rig_reason(&rig, SID, IOVA, REQUEST_READ),
                         defects[i].reason);
            rig_store(&rig, entry, good);
            expect_equal(defects[i].row,
                         rig_reason(&rig, SID, IOVA, REQUEST_READ),
                         cm ? defects[i].reason : 0);
            rig_flush(&rig);
            expect_equal(defects[i].row,
                         rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
            rig_destroy(&rig);
        }
}

/* An absent upper entry faults for all of its span. */
static void a_cached_absent_entry_covers_its_span(void **state)
{
    struct rig rig;
    uint64_t table, other = IOVA ^ UINT64_C(0x100000);

    (void)state;
    table = start(&rig, true);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x06);
    rig_map(&rig, table, other, 0x5000, RW, 1);
    assert_int_equal(rig_reason(&rig, SID, other, REQUEST_READ), 0x06);
    assert_int_equal(rig_reason(&rig, SID, other, REQUEST_WRITE), 0x05);
    rig_destroy(&rig);
}

/* 6.2.2.1: under CM such a context is tagged with domain 0. */
static void an_absent_context_is_cached_under_domain_0(void **state)
{
    static const struct {
        unsigned int cirg;
        uint32_t did;
        bool gone;
    } rows[] = {
        { 2, DID, false },
        { 2, 0, true },
        { 3, DID, false },
        { 3, 0, true },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig rig;
        uint64_t table, entry, good;

        table = start(&rig, true);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        entry = rig_context_entry(&rig, SID);
        good = rig_load(&rig, entry);
        rig_store(&rig, entry, 0);
        assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x02);
        rig_store(&rig, entry, good);
        rig_ccmd(&rig, rows[i].cirg, rows[i].did, SID, 0);
        assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ),
                         rows[i].gone ? 0 : 0x02);
        rig_destroy(&rig);
    }
}

static void fetch_errors_are_never_cached(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    table = start(&rig, true);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    for ( unsigned int level = 1; level <= 6; level++ )
    {
        rig_flush(&rig);
        rig.ram.refused = entry_of(&rig, table, level);
        rig.ram.refused_end = rig.ram.refused + 8;
        assert_int_not_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
        rig.ram.refused = rig.ram.refused_end = 0;
        assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    }
    rig_destroy(&rig);
}

static void pass_through_uses_no_iotlb_entry(void **state)
{
    struct rig_context context = { .sid = SID, .aw = 2, .tt = 2, .did = DID };
    struct rig rig;

    (void)state;
    start(&rig, false);
    rig_set_context(&rig, &context);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    assert_int_equal(vtd_stats(rig.vtd)->iotlb_misses, 0);
    rig_destroy(&rig);
}

static void devices_of_one_domain_share_iotlb_entries(void **state)
{
    struct rig_context context = { .sid = 0x210, .aw = 2, .did = DID };
    struct rig rig;
    uint64_t table;

    (void)state;
    table = start(&rig, false);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    context.slptptr = table;
    rig_set_context(&rig, &context);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    assert_true(rig_translate(&rig, 0x210, IOVA, REQUEST_READ).hit);
    rig_destroy(&rig);
}

static void never_evict_fetches_the_next_page_ahead(void **state)
{
    struct rig rig;
    uint64_t table, next = IOVA + 0x1000;

    (void)state;
    table = start(&rig, false);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_map(&rig, table, next, 0x6000, W, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    assert_int_equal(vtd_stats(rig.vtd)->prefetches, 1);
    assert_true(rig_translate(&rig, SID, next, REQUEST_WRITE).hit);
    /* A hit fetches nothing ahead. */
    assert_int_equal(vtd_stats(rig.vtd)->prefetches, 1);
    rig_destroy(&rig);
}

static void a_prefetch_that_fails_is_silent(void **state)
{
    (void)state;
    for ( int cm = 0; cm < 2; cm++ )
    {
        struct rig rig;
        uint64_t table;

        table = start(&rig, cm);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        assert_int_equal(rig_get32(&rig, 0x34), 0);
        /* What it found is kept only with CM=1. */
        rig_map(&rig, table, IOVA + 0x1000, 0x6000, RW, 1);
        assert_int_equal(rig_reason(&rig, SID, IOVA + 0x1000, REQUEST_READ),
                         cm ? 0x06 : 0);
        rig_destroy(&rig);
    }
}

static void other_retentions_do_not_prefetch(void **state)
{
    static const enum cache_retention retentions[] = { CACHE_NORMAL,
                                                       CACHE_ALWAYS_MISS,
                                                       CACHE_RANDOM };

    (void)state;
    for ( size_t i = 0; i < 3; i++ )
    {
        struct vtd_config config;
        struct rig rig;
        uint64_t table;

        configure(&config, false, retentions[i]);
        rig_start(&rig, &config);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        assert_int_equal(vtd_stats(rig.vtd)->prefetches, 0);
        rig_destroy(&rig);
    }
}

static void always_miss_sees_every_change_at_once(void **state)
{
    struct vtd_config config;
    struct rig rig;
    uint64_t table;

    (void)state;
    configure(&config, true, CACHE_ALWAYS_MISS);
    rig_start(&rig, &config);
    table = rig_simple_context(&rig, SID, DID);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x06);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    rig_store(&rig, rig_context_entry(&rig, SID), 0);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x02);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_does_not_see_a_changed_leaf),
        cmocka_unit_test(rights_are_checked_on_hits),
        cmocka_unit_test(a_missing_right_is_not_remembered),
        cmocka_unit_test(paging_structure_caches_keep_upper_levels),
        cmocka_unit_test(faulty_entries_are_cached_with_CM_only),
        cmocka_unit_test(a_cached_absent_entry_covers_its_span),
        cmocka_unit_test(an_absent_context_is_cached_under_domain_0),
        cmocka_unit_test(fetch_errors_are_never_cached),
        cmocka_unit_test(pass_through_uses_no_iotlb_entry),
        cmocka_unit_test(devices_of_one_domain_share_iotlb_entries),
        cmocka_unit_test(never_evict_fetches_the_next_page_ahead),
        cmocka_unit_test(a_prefetch_that_fails_is_silent),
        cmocka_unit_test(other_retentions_do_not_prefetch),
        cmocka_unit_test(always_miss_sees_every_change_at_once),
    };

    return RUN(tests);
}
