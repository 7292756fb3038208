/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Under which tags translations are cached (3.17). */
#include "expect.h"
#include "rig.h"

#define OTHER UINT64_C(0x7fff0000)

/* Two streams; what differs; does the second use the entry of the first? */
static void entries_are_shared_by_streams_of_equal_tags(void **state)
{
    static const struct {
        const char *row;
        unsigned int config;
        bool global;
        unsigned int in_ste; /* else in the CD */
        unsigned int high, low;
        uint64_t value;
        bool shared;
    } rows[] = {
        { "equal", STAGE1, false, 1, 84, 84, 0, true },
        { "equal, stage 2", STAGE2, false, 1, 84, 84, 0, true },
        { "equal, nested", NESTED, false, 1, 84, 84, 0, true },
        { "ASID", STAGE1, false, 0, 63, 48, ASID + 1, false },
        { "ASID, upper byte", STAGE1, false, 0, 63, 48, 0x121, false },
        { "ASID, global", STAGE1, true, 0, 63, 48, ASID + 1, true },
        { "ASID, nested", NESTED, false, 0, 63, 48, ASID + 1, false },
        { "ASET, global", STAGE1, true, 0, 47, 47, 1, false },
        { "VMID", STAGE1, false, 1, 143, 128, VMID + 1, false },
        { "VMID, upper byte", STAGE1, false, 1, 143, 128, 0x107, false },
        { "VMID, global", STAGE1, true, 1, 143, 128, VMID + 1, false },
        { "VMID, stage 2", STAGE2, false, 1, 143, 128, VMID + 1, false },
        { "StreamWorld", STAGE1, false, 1, 95, 94, 2, false },
        { "StreamWorld, global", STAGE1, true, 1, 95, 94, 2, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device, second;
        struct rig rig;
        uint64_t leaf;

        rig_cached(&rig, &device, rows[i].config, CACHE_NORMAL);
        leaf = rig_entry(&rig, &device.s1, IOVA, 3);
        if ( rows[i].global )
            rig_store(&rig, leaf, rig_load(&rig, leaf) & ~NG);
        rig_second_stream(&rig, &device, &second);
        rig_patch(&rig, rows[i].in_ste ? second.ste : second.cd, rows[i].high,
                  rows[i].low, rows[i].value);
        assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
        expect_equal(rows[i].row, rig_hits(&rig, SID + 1, IOVA),
                     rows[i].shared);
        rig_destroy(&rig);
    }
}

/* EL2 has neither ASIDs nor VMIDs; EL2-E2H has ASIDs. */
static void EL2_entries_are_tagged_as_their_regime_says(void **state)
{
    static const struct {
        const char *row;
        bool e2h;
        uint64_t asid, vmid;
        bool shared;
    } rows[] = {
        { "EL2, ASID", false, ASID + 1, VMID, true },
        { "EL2, VMID", false, ASID, VMID + 1, true },
        { "EL2-E2H, ASID", true, ASID + 1, VMID, false },
        { "EL2-E2H, VMID", true, ASID, VMID + 1, true },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device, second;
        struct rig rig;

        rig_cached(&rig, &device, STAGE1, CACHE_NORMAL);
        rig_set_cr2(&rig, rows[i].e2h);
        rig_patch(&rig, device.ste, 95, 94, 2);
        rig_second_stream(&rig, &device, &second);
        rig_patch(&rig, second.ste, 95, 94, 2);
        rig_patch(&rig, second.ste, 143, 128, rows[i].vmid);
        rig_patch(&rig, second.cd, 63, 48, rows[i].asid);
        assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
        expect_equal(rows[i].row, rig_hits(&rig, SID + 1, IOVA),
                     rows[i].shared);
        rig_destroy(&rig);
    }
}

static void a_bypass_uses_no_translation_cache(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, BYPASS, CACHE_NEVER_EVICT);
    rig_read(&rig, SID, IOVA);
    assert_false(rig_hits(&rig, SID, IOVA));
    assert_int_equal(smmuv3_stats(rig.smmu)->tlb_misses, 0);
    rig_destroy(&rig);
}

/* 6.3.9.6: nothing is invalidated by SMMUEN. */
static void disabling_the_unit_leaves_the_caches(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    rig_cached(&rig, &device, STAGE1, CACHE_NORMAL);
    rig_read(&rig, SID, IOVA);
    rig_remap(&rig, &device, OTHER);
    rig_set32(&rig, CR0, 0xc);
    assert_int_equal(rig_read(&rig, SID, IOVA), IOVA);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_shared_by_streams_of_equal_tags),
        cmocka_unit_test(EL2_entries_are_tagged_as_their_regime_says),
        cmocka_unit_test(a_bypass_uses_no_translation_cache),
        cmocka_unit_test(disabling_the_unit_leaves_the_caches),
    };

    return RUN(tests);
}
