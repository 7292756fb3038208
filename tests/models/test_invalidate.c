/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidation by registers and by descriptors: scope, both ways (6.5). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

enum way { BY_REGISTER, BY_QUEUE, WAYS };

static void start(struct rig *rig, enum way way, uint64_t toggle_cap)
{
    struct vtd_config config;

    vtd_config_default(&config);
    config.cap ^= toggle_cap;
    config.iotlb.entries = 256;
    config.iotlb.ways = 256;
    rig_start(rig, &config);
    if ( way == BY_QUEUE )
        rig_queue_start(rig, 0);
}

static void contexts(struct rig *rig, enum way way, unsigned int g,
                     uint32_t did, uint32_t sid, unsigned int fm)
{
    if ( way == BY_REGISTER )
        rig_ccmd(rig, g, did, sid, fm);
    else
        rig_submit(rig,
                   1 | g << 4 | (uint64_t)did << 16 | (uint64_t)sid << 32 |
                       (uint64_t)fm << 48,
                   0);
}

static void pages(struct rig *rig, enum way way, unsigned int g, uint32_t did,
                  uint64_t iova, unsigned int am, bool ih)
{
    if ( way == BY_REGISTER )
        rig_iotlb(rig, g, did, iova, am, ih);
    else
        rig_submit(rig, 2 | g << 4 | 0xc0 | (uint64_t)did << 16,
                   iova | am | (ih ? 0x40u : 0));
}

/* ---- IOTLB ---- */

#define PAGES 16u

static uint64_t page_iova(unsigned int i)
{
    return IOVA + i * UINT64_C(0x1000);
}

/* AM and where the range begins: exactly the pages inside are fetched anew. */
static void page_selective_takes_2_to_the_AM_aligned_pages(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( unsigned int am = 0; am <= 5; am++ )
            for ( unsigned int at = 0; at < PAGES; at++ )
            {
                uint64_t first = page_iova(at) >> (12 + am);
                struct rig rig;
                uint64_t table;
                char row[64];

                start(&rig, way, 0);
                table = rig_simple_context(&rig, SID, DID);
                for ( unsigned int i = 0; i < PAGES; i++ )
                {
                    rig_map(&rig, table, page_iova(i), 0x10000 + i * 0x1000,
                            RW, 1);
                    rig_reason(&rig, SID, page_iova(i), REQUEST_READ);
                }
                pages(&rig, way, 3, DID, page_iova(at), am, false);
                for ( unsigned int i = 0; i < PAGES; i++ )
                {
                    bool inside = page_iova(i) >> (12 + am) == first;

                    snprintf(row, sizeof(row), "way %u am %u at %u page %u",
                             way, am, at, i);
                    expect_equal(
                        row,
                        rig_translate(&rig, SID, page_iova(i), REQUEST_READ)
                            .hit,
                        !inside);
                }
                rig_destroy(&rig);
            }
}

static void a_large_page_goes_when_any_part_is_named(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( unsigned int level = 2; level <= 3; level++ )
            for ( int beside = 0; beside < 2; beside++ )
            {
                uint64_t size = UINT64_C(0x1000) << 9 * (level - 1);
                uint64_t base = IOVA & ~(size - 1);
                struct rig rig;
                uint64_t table;

                start(&rig, way, 0);
                table = rig_simple_context(&rig, SID, DID);
                rig_map(&rig, table, base, UINT64_C(0x140000000), RW, level);
                rig_reason(&rig, SID, IOVA, REQUEST_READ);
                pages(&rig, way, 3, DID, base + size - (beside ? 0 : 0x1000),
                      0, false);
                assert_int_equal(
                    rig_translate(&rig, SID, IOVA, REQUEST_READ).hit, beside);
                rig_destroy(&rig);
            }
}

static void only_the_named_domain_loses_entries(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( unsigned int g = 1; g <= 3; g++ )
        {
            struct rig rig;
            uint64_t a, b;

            start(&rig, way, 0);
            a = rig_simple_context(&rig, SID, DID);
            b = rig_simple_context(&rig, 0x210, DID + 1);
            rig_map(&rig, a, IOVA, 0x5000, RW, 1);
            rig_map(&rig, b, IOVA, 0x6000, RW, 1);
            rig_reason(&rig, SID, IOVA, REQUEST_READ);
            rig_reason(&rig, 0x210, IOVA, REQUEST_READ);
            pages(&rig, way, g, DID, IOVA, 0, false);
            assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
            assert_int_equal(
                rig_translate(&rig, 0x210, IOVA, REQUEST_READ).hit, g != 1);
            rig_destroy(&rig);
        }
}

static void domain_selective_takes_every_page_of_the_domain(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
    {
        struct rig rig;
        uint64_t table;

        start(&rig, way, 0);
        table = rig_simple_context(&rig, SID, DID);
        for ( unsigned int i = 0; i < PAGES; i++ )
        {
            rig_map(&rig, table, page_iova(i), 0x5000, RW, 1);
            rig_reason(&rig, SID, page_iova(i), REQUEST_READ);
        }
        pages(&rig, way, 2, DID, 0, 0, false);
        for ( unsigned int i = 0; i < PAGES; i++ )
            assert_false(
                rig_translate(&rig, SID, page_iova(i), REQUEST_READ).hit);
        rig_destroy(&rig);
    }
}

/* The table below an upper entry is exchanged. */
static void IH_leaves_the_paging_structures(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( int ih = 0; ih < 2; ih++ )
            for ( unsigned int level = 2; level <= 4; level++ )
            {
                struct rig rig;
                uint64_t table, entry, old;

                start(&rig, way, 0);
                table = rig_simple_context(&rig, SID, DID);
                rig_map(&rig, table, IOVA, 0x5000, RW, 1);
                rig_reason(&rig, SID, IOVA, REQUEST_READ);
                entry = rig_entry(&rig, table, 4, IOVA, level);
                old = rig_load(&rig, entry);
                rig_store(&rig, entry, 0);
                rig_map(&rig, table, IOVA, 0x6000, RW, 1);
                assert_int_not_equal(rig_load(&rig, entry), old);
                pages(&rig, way, 3, DID, IOVA, 0, ih);
                assert_int_equal(
                    rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                    ih ? 0x5000 : 0x6000);
                rig_destroy(&rig);
            }
}

static void IH_counts_for_pages_only(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    start(&rig, BY_REGISTER, 0);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    rig_store(&rig, rig_entry(&rig, table, 4, IOVA, 2), 0);
    rig_map(&rig, table, IOVA, 0x6000, RW, 1);
    pages(&rig, BY_REGISTER, 2, DID, IOVA, 0, true);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     0x6000);
    rig_destroy(&rig);
}

static void address_bits_beyond_MGAW_are_ignored(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
    {
        struct rig rig;
        uint64_t table;

        start(&rig, way, 0);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        pages(&rig, way, 3, DID, IOVA | UINT64_C(0xffff) << 48, 0, false);
        assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
        rig_destroy(&rig);
    }
}

static void IAIG_says_what_was_done(void **state)
{
    static const struct {
        const char *row;
        unsigned int iirg, am;
        bool psi;
        unsigned int iaig;
    } rows[] = {
        { "reserved", 0, 0, true, 0 },
        { "global", 1, 0, true, 1 },
        { "domain", 2, 0, true, 2 },
        { "page", 3, 0, true, 3 },
        { "page, largest AM", 3, 18, true, 3 },
        { "page, AM beyond MAMV", 3, 19, true, 0 },
        { "page, AM 63", 3, 63, true, 0 },
        { "page without PSI", 3, 0, false, 2 },
        { "page without PSI, AM 63", 3, 63, false, 2 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig rig;
        uint64_t table;

        start(&rig, BY_REGISTER, rows[i].psi ? 0 : CAP_PSI_BIT);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        expect_equal(
            rows[i].row,
            rig_iotlb(&rig, rows[i].iirg, DID, IOVA, rows[i].am, false),
            rows[i].iaig);
        expect_equal(rows[i].row,
                     rig_translate(&rig, SID, IOVA, REQUEST_READ).hit,
                     !rows[i].iaig);
        expect_equal(rows[i].row, rig_get64(&rig, IRO + 8) >> 63, 0);
        rig_destroy(&rig);
    }
}

static void page_selective_without_PSI_takes_the_domain(void **state)
{
    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
    {
        struct rig rig;
        uint64_t table;

        start(&rig, way, CAP_PSI_BIT);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        pages(&rig, way, 3, DID, IOVA + 0x100000, 0, true);
        assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
        rig_destroy(&rig);
    }
}

/* ---- contexts ---- */

/* True: the context was fetched anew. */
static bool refetched(struct rig *rig, uint32_t sid)
{
    uint64_t misses = vtd_stats(rig->vtd)->context_misses;

    rig_reason(rig, sid, IOVA, REQUEST_READ);
    return vtd_stats(rig->vtd)->context_misses != misses;
}

static void the_function_mask_widens_device_selective(void **state)
{
    static const uint32_t ignored[] = { 0, 4, 6, 7 };

    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( unsigned int fm = 0; fm < 4; fm++ )
            for ( uint32_t named = 0; named < 8; named++ )
            {
                struct rig rig;

                start(&rig, way, 0);
                for ( uint32_t function = 0; function < 16; function++ )
                {
                    rig_simple_context(&rig, 0x100 + function, DID);
                    rig_reason(&rig, 0x100 + function, IOVA, REQUEST_READ);
                }
                contexts(&rig, way, 3, DID, 0x100 + named, fm);
                for ( uint32_t function = 0; function < 16; function++ )
                    assert_int_equal(refetched(&rig, 0x100 + function),
                                     !((function ^ named) & ~ignored[fm]));
                rig_destroy(&rig);
            }
}

static void context_granularities_take_their_scope(void **state)
{
    static const struct {
        const char *row;
        unsigned int g;
        uint32_t did, sid;
        bool a, b, c; /* SID with DID; 0x210 with DID; 0x318 with DID+1 */
    } rows[] = {
        { "global", 1, 0, 0, true, true, true },
        { "domain", 2, DID, 0, true, true, false },
        { "other domain", 2, DID + 1, 0, false, false, true },
        { "device", 3, DID, SID, true, false, false },
        { "device, wrong domain", 3, DID + 1, SID, false, false, false },
    };

    (void)state;
    for ( enum way way = 0; way < WAYS; way++ )
        for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        {
            struct rig rig;

            start(&rig, way, 0);
            rig_simple_context(&rig, SID, DID);
            rig_simple_context(&rig, 0x210, DID);
            rig_simple_context(&rig, 0x318, DID + 1);
            rig_reason(&rig, SID, IOVA, REQUEST_READ);
            rig_reason(&rig, 0x210, IOVA, REQUEST_READ);
            rig_reason(&rig, 0x318, IOVA, REQUEST_READ);
            contexts(&rig, way, rows[i].g, rows[i].did, rows[i].sid, 0);
            expect_equal(rows[i].row, refetched(&rig, SID), rows[i].a);
            expect_equal(rows[i].row, refetched(&rig, 0x210), rows[i].b);
            expect_equal(rows[i].row, refetched(&rig, 0x318), rows[i].c);
            rig_destroy(&rig);
        }
}

static void a_context_invalidation_leaves_the_iotlb(void **state)
{
    (void)state;
    for ( unsigned int g = 1; g <= 3; g++ )
    {
        struct rig rig;
        uint64_t table;

        start(&rig, BY_REGISTER, 0);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        rig_ccmd(&rig, g, DID, SID, 0);
        assert_true(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
        rig_destroy(&rig);
    }
}

static void an_iotlb_invalidation_leaves_the_contexts(void **state)
{
    (void)state;
    for ( unsigned int g = 1; g <= 3; g++ )
    {
        struct rig rig;

        start(&rig, BY_REGISTER, 0);
        rig_simple_context(&rig, SID, DID);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        rig_iotlb(&rig, g, DID, IOVA, 0, false);
        assert_false(refetched(&rig, SID));
        rig_destroy(&rig);
    }
}

static void CAIG_says_what_was_done(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, BY_REGISTER, 0);
    for ( unsigned int cirg = 0; cirg < 4; cirg++ )
    {
        assert_int_equal(rig_ccmd(&rig, cirg, DID, SID, 0), cirg);
        assert_int_equal(rig_get64(&rig, 0x28) >> 63, 0);
    }
    rig_destroy(&rig);
}

/* ---- the registers as such ---- */

static void a_command_starts_with_the_high_half(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    start(&rig, BY_REGISTER, 0);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    rig_set32(&rig, IRO + 8, 0xffffffff);
    assert_true(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    rig_set32(&rig, IRO + 12, 0x90000000); /* IVT, global */
    assert_false(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    assert_int_equal(rig_get32(&rig, IRO + 12), 0x12000000);
    rig_set32(&rig, 0x28, SID << 16 | DID);
    rig_set32(&rig, 0x2c, 0xe0000000); /* ICC, device */
    assert_true(refetched(&rig, SID));
    assert_int_equal(rig_get32(&rig, 0x2c), 0x78000000);
    rig_destroy(&rig);
}

static void IVA_reads_0(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, BY_REGISTER, 0);
    rig_set64(&rig, IRO, UINT64_MAX);
    assert_int_equal(rig_get64(&rig, IRO), 0);
    rig_destroy(&rig);
}

static void with_the_queue_enabled_register_commands_are_ignored(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    start(&rig, BY_QUEUE, 0);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    assert_int_equal(rig_iotlb(&rig, 1, 0, 0, 0, false), 0);
    assert_int_equal(rig_ccmd(&rig, 1, 0, 0, 0), 0);
    assert_true(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    assert_false(refetched(&rig, SID));
    rig_destroy(&rig);
}

/* ---- whom a command waits for ---- */

static void invalidate_other_domain(struct rig *rig, uint64_t address,
                                    bool write)
{
    const uint64_t *leaf = rig->ram.context;

    if ( write || address != *leaf )
        return;
    rig->ram.before = NULL;
    pages(rig, BY_REGISTER, 2, DID + 1, 0, 0, false);
    contexts(rig, BY_REGISTER, 2, DID + 1, 0, 0);
    contexts(rig, BY_REGISTER, 3, DID, 0x210, 0);
}

/* The walk cannot end before the commands have: waiting would be for ever. */
static void a_walk_of_another_domain_or_device_is_not_waited_for(void **state)
{
    struct rig rig;
    uint64_t table, leaf;

    (void)state;
    start(&rig, BY_REGISTER, 0);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    leaf = rig_entry(&rig, table, 4, IOVA, 1);
    rig.ram.context = &leaf;
    rig.ram.before = invalidate_other_domain;
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    assert_null(rig.ram.before);
    assert_int_equal(rig.ram.relaxes, 0);
    /* Nor was it poisoned. */
    assert_true(rig_translate(&rig, SID, IOVA, REQUEST_READ).hit);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_selective_takes_2_to_the_AM_aligned_pages),
        cmocka_unit_test(a_large_page_goes_when_any_part_is_named),
        cmocka_unit_test(only_the_named_domain_loses_entries),
        cmocka_unit_test(domain_selective_takes_every_page_of_the_domain),
        cmocka_unit_test(IH_leaves_the_paging_structures),
        cmocka_unit_test(IH_counts_for_pages_only),
        cmocka_unit_test(address_bits_beyond_MGAW_are_ignored),
        cmocka_unit_test(IAIG_says_what_was_done),
        cmocka_unit_test(page_selective_without_PSI_takes_the_domain),
        cmocka_unit_test(the_function_mask_widens_device_selective),
        cmocka_unit_test(context_granularities_take_their_scope),
        cmocka_unit_test(a_context_invalidation_leaves_the_iotlb),
        cmocka_unit_test(an_iotlb_invalidation_leaves_the_contexts),
        cmocka_unit_test(CAIG_says_what_was_done),
        cmocka_unit_test(a_command_starts_with_the_high_half),
        cmocka_unit_test(IVA_reads_0),
        cmocka_unit_test(with_the_queue_enabled_register_commands_are_ignored),
        cmocka_unit_test(a_walk_of_another_domain_or_device_is_not_waited_for),
    };

    return RUN(tests);
}
