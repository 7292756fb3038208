/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be cached, under which tags, and until when (3.17, 4.3, 16.6). */
#include "expect.h"
#include "rig.h"

#define OTHER UINT64_C(0x7fff0000)

/* ---- translations ---- */

static void a_hit_does_not_see_a_changed_leaf(void **state)
{
    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config++ )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_READ);
        struct response response;
        struct device device;
        struct rig rig;

        rig_cached(&rig, &device, config, CACHE_NORMAL);
        assert_false(rig_send(&rig, &request).hit);
        if ( config != STAGE1 )
            rig_map(&rig, &device.s2,
                    config == STAGE2 ? IOVA : device.page + MOVED, OTHER,
                    S2_LEAF, 3);
        if ( config != STAGE2 )
            rig_remap(&rig, &device, OTHER);
        response = rig_send(&rig, &request);
        assert_true(response.hit);
        assert_int_equal(response.address, device.page);
        rig_command(&rig, NSNH_ALL);
        assert_false(rig_send(&rig, &request).hit);
        rig_destroy(&rig);
    }
}

/* By the micro TLB or, where it holds nothing, by the main TLB. */
static void rights_are_checked_on_hits(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 6; i++ )
    {
        unsigned int config = STAGE1 + i / 2;
        struct device device = { 0 };
        struct smmuv3_config unit;
        struct event event;
        struct rig rig;

        rig_config(&unit);
        unit.micro_tlb.entries = i % 2 ? 0 : 64;
        rig_start(&rig, &unit);
        rig_device(&rig, &device, config);
        if ( config == STAGE1 )
            rig_map(&rig, &device.s1, IOVA, device.page, AF | NG | AP(3), 3);
        else
            rig_map(&rig, &device.s2,
                    config == STAGE2 ? IOVA : device.page + MOVED, device.page,
                    AF | S2AP(1), 3);
        assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
        assert_int_equal(rig_write(&rig, SID, IOVA), ABORTED | F_PERMISSION);
        assert_int_equal(rig_event(&rig, &event), F_PERMISSION);
        assert_int_equal(rig_bits(&event, 103, 103), config != STAGE1);
        if ( config != STAGE1 )
            assert_int_equal(event.word[3],
                             config == STAGE2 ? IOVA : device.page + MOVED);
        assert_true(rig_hits(&rig, SID, IOVA));
        rig_destroy(&rig);
    }
}

/* A right that was added is seen after the TLBI at the latest. */
static void an_upgrade_is_seen_after_the_invalidation(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_NORMAL);
    rig_map(&rig, &device.s1, IOVA, device.page, AF | NG | AP(3), 3);
    assert_int_equal(rig_write(&rig, SID, IOVA), ABORTED | F_PERMISSION);
    rig_remap(&rig, &device, device.page);
    rig_command(&rig, CMD_TLBI(0x12, VMID, ASID), IOVA | LEAF);
    assert_int_equal(rig_write(&rig, SID, IOVA), device.page);
    rig_destroy(&rig);
}

/* DDI 0487 D8.13: a descriptor that faults is not cached, at any level. */
static void faults_are_never_cached(void **state)
{
    static const struct {
        const char *row;
        uint64_t set, clear;
    } rows[] = {
        { "invalid", 0, 1 },
        { "size", UINT64_C(1) << 44, 0 },
        { "access flag", 0, AF },
    };

    (void)state;
    for ( unsigned int stage = 1; stage <= 2; stage++ )
        for ( int level = 1; level <= 3; level++ )
            for ( size_t i = 0; i < (level == 3 ? 3 : 2); i++ )
            {
                struct device device;
                struct rig rig;
                uint64_t at, good;

                rig_cached(&rig, &device, stage == 1 ? STAGE1 : STAGE2,
                           CACHE_NEVER_EVICT);
                if ( stage == 1 )
                    rig_patch(&rig, device.cd, 34, 32, 4);
                else
                    rig_patch(&rig, device.ste, 178, 176, 4);
                at = rig_entry(&rig, stage == 1 ? &device.s1 : &device.s2,
                               IOVA, level);
                good = rig_load(&rig, at);
                rig_store(&rig, at, (good | rows[i].set) & ~rows[i].clear);
                expect_equal(rows[i].row, rig_read(&rig, SID, IOVA) & ABORTED,
                             ABORTED);
                rig_store(&rig, at, good);
                expect_equal(rows[i].row, rig_read(&rig, SID, IOVA),
                             device.page);
                rig_destroy(&rig);
            }
}

/* Upper levels: a neighbour is found by a table that is no longer linked. */
static void walk_caches_keep_upper_levels(void **state)
{
    (void)state;
    for ( unsigned int stage = 1; stage <= 2; stage++ )
        for ( int level = 1; level <= 2; level++ )
        {
            struct device device;
            struct tables *tables = stage == 1 ? &device.s1 : &device.s2;
            struct rig rig;
            uint64_t leaf = stage == 1 ? S1_LEAF : S2_LEAF;

            rig_cached(&rig, &device, stage == 1 ? STAGE1 : STAGE2,
                       CACHE_NORMAL);
            rig_map(&rig, tables, IOVA + 0x3000, OTHER, leaf, 3);
            rig_read(&rig, SID, IOVA);
            rig_store(&rig, rig_entry(&rig, tables, IOVA, level), 0);
            assert_int_equal(rig_read(&rig, SID, IOVA + 0x3000), OTHER);
            rig_command(&rig, NSNH_ALL);
            assert_int_equal(rig_read(&rig, SID, IOVA + 0x3000),
                             ABORTED | F_TRANSLATION);
            rig_destroy(&rig);
        }
}

/* DDI 0487 D8.16.1: nT = 1 of a block, where there is BBML 1 or 2. */
static void a_block_with_nT_is_not_cached(void **state)
{
    (void)state;
    for ( unsigned int stage = 1; stage <= 2; stage++ )
        for ( uint32_t bbml = 0; bbml < 3; bbml++ )
        {
            struct device device = { 0 };
            struct smmuv3_config unit;
            struct rig rig;

            rig_config(&unit);
            unit.idr[3] = (unit.idr[3] & ~(3u << 11)) | bbml << 11;
            rig_start(&rig, &unit);
            rig_device(&rig, &device, stage == 1 ? STAGE1 : STAGE2);
            rig_map(&rig, stage == 1 ? &device.s1 : &device.s2, 0x20000000,
                    0x600000,
                    (stage == 1 ? S1_LEAF : S2_LEAF) | UINT64_C(1) << 16, 2);
            assert_int_equal(rig_read(&rig, SID, 0x20012000), 0x612000);
            assert_int_equal(rig_hits(&rig, SID, 0x20012000), !bbml);
            rig_destroy(&rig);
        }
}

static void aborted_reads_are_never_cached(void **state)
{
    (void)state;
    for ( unsigned int stage = 1; stage <= 2; stage++ )
        for ( int level = 1; level <= 3; level++ )
        {
            struct device device;
            struct rig rig;

            rig_cached(&rig, &device, stage == 1 ? STAGE1 : STAGE2,
                       CACHE_NEVER_EVICT);
            rig_refuse(&rig,
                       rig_entry(&rig, stage == 1 ? &device.s1 : &device.s2,
                                 IOVA, level),
                       8);
            assert_int_equal(rig_read(&rig, SID, IOVA), ABORTED | F_WALK_EABT);
            rig_refuse(&rig, 0, 0);
            assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
            rig_destroy(&rig);
        }
}

/* ---- retention ---- */

static void always_miss_sees_every_change_at_once(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_ALWAYS_MISS);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_false(rig_hits(&rig, SID, IOVA));
    rig_remap(&rig, &device, OTHER);
    assert_int_equal(rig_read(&rig, SID, IOVA), OTHER);
    rig_store(&rig, device.cd, 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), ABORTED | C_BAD_CD);
    rig_store(&rig, device.ste, 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), ABORTED | C_BAD_STE);
    rig_destroy(&rig);
}

static void never_evict_fetches_the_next_page_ahead(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_NEVER_EVICT);
    rig_map(&rig, &device.s1, IOVA + 0x1000, OTHER, S1_LEAF, 3);
    rig_read(&rig, SID, IOVA);
    assert_int_equal(smmuv3_stats(rig.smmu)->prefetches, 1);
    assert_true(rig_hits(&rig, SID, IOVA + 0x1000));
    rig_destroy(&rig);
}

static void a_prefetch_that_fails_is_silent(void **state)
{
    struct device device;
    struct event event;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_NEVER_EVICT);
    rig_read(&rig, SID, IOVA);
    assert_int_equal(rig_event(&rig, &event), 0);
    rig_map(&rig, &device.s1, IOVA + 0x1000, OTHER, S1_LEAF, 3);
    assert_int_equal(rig_read(&rig, SID, IOVA + 0x1000), OTHER);
    rig_destroy(&rig);
}

static void other_retentions_do_not_prefetch(void **state)
{
    static const enum cache_retention retentions[] = { CACHE_NORMAL,
                                                       CACHE_ALWAYS_MISS,
                                                       CACHE_RANDOM };

    (void)state;
    for ( size_t i = 0; i < 3; i++ )
    {
        struct device device;
        struct rig rig;

        rig_cached(&rig, &device, STAGE1, retentions[i]);
        rig_map(&rig, &device.s1, IOVA + 0x1000, OTHER, S1_LEAF, 3);
        rig_read(&rig, SID, IOVA);
        assert_int_equal(smmuv3_stats(rig.smmu)->prefetches, 0);
        rig_destroy(&rig);
    }
}

/* ---- the probe ---- */

static void a_probe_answers_as_a_request_and_leaves_no_trace(void **state)
{
    (void)state;
    for ( unsigned int config = ABORT; config <= NESTED; config++ )
    {
        struct request request = rig_request(SID, IOVA + 0x21, REQUEST_WRITE);
        struct smmuv3_stats before;
        struct response probed;
        struct device device;
        struct event event;
        struct rig rig;

        rig_cached(&rig, &device, config, CACHE_NEVER_EVICT);
        for ( int broken = 0; broken < 2; broken++ )
        {
            if ( broken && config >= STAGE1 )
                rig_store(&rig, device.ste, 0);
            rig_command(&rig, CFGI_ALL);
            before = *smmuv3_stats(rig.smmu);
            rig.ram.reads = rig.ram.writes = 0;
            probed = rig_probe(&rig, &request);
            assert_int_equal(rig.ram.reads + rig.ram.writes, 0);
            assert_memory_equal(&before, smmuv3_stats(rig.smmu),
                                sizeof(before));
            assert_int_equal(rig_event(&rig, &event), 0);
            assert_int_equal(rig_result(&probed), rig_go(&rig, &request));
            rig_event(&rig, &event);
        }
        rig_destroy(&rig);
    }
}

/* 3.21.3: configuration that can be reached may be fetched at any time. */
static void never_evict_fetches_the_next_stream_ahead(void **state)
{
    struct device device, second;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_NEVER_EVICT);
    second = device;
    second.ste += 64;
    rig_ste(&rig, &second);
    rig_read(&rig, SID, IOVA);
    rig_store(&rig, second.ste, 0);
    assert_int_equal(rig_read(&rig, SID + 1, IOVA), device.page);
    rig_command(&rig, CMD_SID(0x03, SID + 1), LEAF);
    assert_int_equal(rig_read(&rig, SID + 1, IOVA), ABORTED | C_BAD_STE);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_does_not_see_a_changed_leaf),
        cmocka_unit_test(rights_are_checked_on_hits),
        cmocka_unit_test(an_upgrade_is_seen_after_the_invalidation),
        cmocka_unit_test(faults_are_never_cached),
        cmocka_unit_test(walk_caches_keep_upper_levels),
        cmocka_unit_test(a_block_with_nT_is_not_cached),
        cmocka_unit_test(aborted_reads_are_never_cached),
        cmocka_unit_test(always_miss_sees_every_change_at_once),
        cmocka_unit_test(never_evict_fetches_the_next_page_ahead),
        cmocka_unit_test(a_prefetch_that_fails_is_silent),
        cmocka_unit_test(other_retentions_do_not_prefetch),
        cmocka_unit_test(a_probe_answers_as_a_request_and_leaves_no_trace),
        cmocka_unit_test(never_evict_fetches_the_next_stream_ahead),
    };

    return RUN(tests);
}
