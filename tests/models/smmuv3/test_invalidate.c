/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every invalidation command: what goes, and what stays (4.3, 4.4). */
#include "expect.h"
#include "rig.h"

#define A UINT64_C(0x12340000)
#define B UINT64_C(0x12350000)
#define G UINT64_C(0x12360000) /* a global page */
#define T UINT64_C(0x20000000) /* mapped by a block of level 2 */

/* ---- translations ---- */

/* The streams; a page of each is in the TLB. */
enum { S_7_21 = 1, S_7_22, S_8_21, S_STAGE2, S_NESTED, S_EL2, STREAMS };
#define VMID_S2 9u

static const struct {
    uint32_t sid;
    uint64_t iova;
} entries[] = {
    { S_7_21, A },   { S_7_21, B },   { S_7_21, G },
    { S_7_21, T },   { S_7_22, A },   { S_8_21, A },
    { S_STAGE2, A }, { S_NESTED, A }, { S_EL2, A },
};
#define ENTRIES (sizeof(entries) / sizeof(*entries))

/* Bits of a set of entries. */
#define A_7_21 (1u << 0)
#define B_7_21 (1u << 1)
#define G_7    (1u << 2)
#define T_7_21 (1u << 3)
#define A_7_22 (1u << 4)
#define A_8_21 (1u << 5)
#define A_S2   (1u << 6)
#define A_BOTH (1u << 7)
#define A_EL2  (1u << 8)

static void make_stream(struct rig *rig, uint32_t sid, unsigned int config,
                        unsigned int vmid, unsigned int asid)
{
    struct device device = { .sid = sid };

    rig_device(rig, &device, config);
    rig_patch(rig, device.ste, 143, 128, vmid);
    if ( sid == S_EL2 )
        rig_patch(rig, device.ste, 95, 94, 2);
    if ( config & 1 )
        rig_patch(rig, device.cd, 63, 48, asid);
    if ( sid != S_7_21 )
        return;
    rig_map(rig, &device.s1, B, 0x5000, S1_LEAF, 3);
    rig_map(rig, &device.s1, G, 0x6000, S1_LEAF & ~NG, 3);
    rig_map(rig, &device.s1, T, 0x600000, S1_LEAF, 2);
}

static void make_streams(struct rig *rig, bool e2h)
{
    rig_start(rig, NULL);
    rig_set_cr2(rig, e2h);
    make_stream(rig, S_7_21, STAGE1, 7, 0x21);
    make_stream(rig, S_7_22, STAGE1, 7, 0x22);
    make_stream(rig, S_8_21, STAGE1, 8, 0x21);
    make_stream(rig, S_STAGE2, STAGE2, VMID_S2, 0);
    make_stream(rig, S_NESTED, NESTED, VMID_S2, 0x21);
    make_stream(rig, S_EL2, STAGE1, 0, 0x21);
}

static unsigned int cached(struct rig *rig)
{
    unsigned int set = 0;

    for ( size_t i = 0; i < ENTRIES; i++ )
    {
        struct request request = rig_request(entries[i].sid, entries[i].iova,
                                             REQUEST_READ);

        if ( rig_probe(rig, &request).hit )
            set |= 1u << i;
    }
    return set;
}

static void fill(struct rig *rig)
{
    for ( size_t i = 0; i < ENTRIES; i++ )
        assert_int_equal(
            rig_read(rig, entries[i].sid, entries[i].iova) & ABORTED, 0);
    assert_int_equal(cached(rig), (1u << ENTRIES) - 1);
}

static const struct {
    const char *row;
    uint64_t low, high;
    unsigned int gone;     /* CR2.E2H = 0 */
    unsigned int gone_e2h; /* CR2.E2H = 1 */
} tlbis[] = {
#define SAME(set) (set), (set)
#define ALL_7     (A_7_21 | B_7_21 | G_7 | T_7_21 | A_7_22)
    { "NH_ALL 7", CMD_TLBI(0x10, 7, 0), 0, SAME(ALL_7) },
    { "NH_ALL 8", CMD_TLBI(0x10, 8, 0), 0, SAME(A_8_21) },
    { "NH_ALL 9", CMD_TLBI(0x10, 9, 0), 0, SAME(A_BOTH) },
    { "NH_ALL 107h", CMD_TLBI(0x10, 0x107, 0), 0, SAME(0) },
    { "NH_ASID 7 21", CMD_TLBI(0x11, 7, 0x21), 0,
      SAME(A_7_21 | B_7_21 | T_7_21) },
    { "NH_ASID 7 22", CMD_TLBI(0x11, 7, 0x22), 0, SAME(A_7_22) },
    { "NH_ASID 7 121h", CMD_TLBI(0x11, 7, 0x121), 0, SAME(0) },
    { "NH_ASID 8 21", CMD_TLBI(0x11, 8, 0x21), 0, SAME(A_8_21) },
    { "NH_ASID 9 21", CMD_TLBI(0x11, 9, 0x21), 0, SAME(A_BOTH) },
    { "NH_VA 7 21 A", CMD_TLBI(0x12, 7, 0x21), A, SAME(A_7_21) },
    { "NH_VA 7 21 B", CMD_TLBI(0x12, 7, 0x21), B, SAME(B_7_21) },
    { "NH_VA 7 22 A", CMD_TLBI(0x12, 7, 0x22), A, SAME(A_7_22) },
    { "NH_VA 7 21 next page", CMD_TLBI(0x12, 7, 0x21), A + 0x1000, SAME(0) },
    { "NH_VA 7 21 global", CMD_TLBI(0x12, 7, 0x21), G, SAME(G_7) },
    { "NH_VA 7 99 global", CMD_TLBI(0x12, 7, 0x99), G, SAME(G_7) },
    { "NH_VA 8 21 global of 7", CMD_TLBI(0x12, 8, 0x21), G, SAME(0) },
    { "NH_VA 7 99 A", CMD_TLBI(0x12, 7, 0x99), A, SAME(0) },
    { "NH_VA 7 21 block", CMD_TLBI(0x12, 7, 0x21), T, SAME(T_7_21) },
    { "NH_VA 7 21 end of block", CMD_TLBI(0x12, 7, 0x21), T + 0x1ff000,
      SAME(T_7_21) },
    { "NH_VA 7 21 behind block", CMD_TLBI(0x12, 7, 0x21), T + 0x200000,
      SAME(0) },
    { "NH_VA 9 21 A", CMD_TLBI(0x12, 9, 0x21), A, SAME(A_BOTH) },
    { "NH_VA 7 21 A, Leaf", CMD_TLBI(0x12, 7, 0x21), A | LEAF, SAME(A_7_21) },
    { "NH_VAA 7 A", CMD_TLBI(0x13, 7, 0), A, SAME(A_7_21 | A_7_22) },
    { "NH_VAA 7 global", CMD_TLBI(0x13, 7, 0), G, SAME(G_7) },
    { "NH_VAA 9 A, Leaf", CMD_TLBI(0x13, 9, 0), A | LEAF, SAME(A_BOTH) },
    { "S12_VMALL 7", CMD_TLBI(0x28, 7, 0), 0, SAME(ALL_7) },
    { "S12_VMALL 9", CMD_TLBI(0x28, 9, 0), 0, SAME(A_S2 | A_BOTH) },
    { "S2_IPA 9 A", CMD_TLBI(0x2a, 9, 0), A, SAME(A_S2) },
    { "S2_IPA 9 A, Leaf", CMD_TLBI(0x2a, 9, 0), A | LEAF, SAME(A_S2) },
    { "S2_IPA 9 B", CMD_TLBI(0x2a, 9, 0), B, SAME(0) },
    { "S2_IPA 7 A", CMD_TLBI(0x2a, 7, 0), A, SAME(0) },
    { "NSNH_ALL", 0x30, 0, SAME(ALL_7 | A_8_21 | A_S2 | A_BOTH) },
    { "EL2_ALL", 0x20, 0, SAME(A_EL2) },
    { "EL2_VA 21 A", CMD_TLBI(0x22, 0, 0x21), A, SAME(A_EL2) },
    { "EL2_VA 22 A", CMD_TLBI(0x22, 0, 0x22), A, A_EL2, 0 },
    { "EL2_VA 21 B", CMD_TLBI(0x22, 0, 0x21), B, SAME(0) },
    { "EL2_VAA A", CMD_TLBI(0x23, 0, 0), A, SAME(A_EL2) },
    { "EL2_VAA B", CMD_TLBI(0x23, 0, 0), B, SAME(0) },
    { "EL2_ASID 21", CMD_TLBI(0x21, 0, 0x21), 0, 0, A_EL2 },
    { "EL2_ASID 22", CMD_TLBI(0x21, 0, 0x22), 0, SAME(0) },
    { "CFGI_ALL", 0x04, 31, SAME(0) },
    { "CFGI_STE", CMD_SID(0x03, S_7_21), 0, SAME(0) },
    { "CFGI_CD_ALL", CMD_SID(0x06, S_7_21), 0, SAME(0) },
    { "SYNC", CMD_SYNC, 0, SAME(0) },
#undef SAME
};

static void a_TLBI_removes_its_scope_and_nothing_else(void **state)
{
    (void)state;
    for ( int e2h = 0; e2h < 2; e2h++ )
    {
        struct rig rig;

        make_streams(&rig, e2h);
        for ( size_t i = 0; i < sizeof(tlbis) / sizeof(*tlbis); i++ )
        {
            unsigned int gone = e2h ? tlbis[i].gone_e2h : tlbis[i].gone;

            fill(&rig);
            rig_command(&rig, tlbis[i].low, tlbis[i].high);
            expect_equal(tlbis[i].row, cached(&rig) ^ ((1u << ENTRIES) - 1),
                         gone);
        }
        rig_destroy(&rig);
    }
}

/* 4.4: an ASID is matched whatever ASET the entry has. */
static void commands_disregard_ASET(void **state)
{
    static const struct {
        uint64_t low, high;
    } rows[] = {
        { CMD_TLBI(0x11, VMID, ASID), 0 },
        { CMD_TLBI(0x12, VMID, ASID), IOVA },
        { CMD_TLBI(0x13, VMID, 0), IOVA },
        { CMD_TLBI(0x10, VMID, 0), 0 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_stream(&rig, &device, STAGE1);
        rig_patch(&rig, device.cd, 47, 47, 1);
        rig_read(&rig, SID, IOVA);
        assert_true(rig_hits(&rig, SID, IOVA));
        rig_command(&rig, rows[i].low, rows[i].high);
        assert_false(rig_hits(&rig, SID, IOVA));
        rig_destroy(&rig);
    }
}

/* Leaf = 1 is for the last level; Leaf = 0 for the tables above as well. */
static void Leaf_decides_over_the_tables_above(void **state)
{
    static const struct {
        unsigned int config;
        uint64_t low;
    } rows[] = {
        { STAGE1, CMD_TLBI(0x12, VMID, ASID) },
        { STAGE1, CMD_TLBI(0x13, VMID, 0) },
        { STAGE2, CMD_TLBI(0x2a, VMID, 0) },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        for ( uint64_t leaf = 0; leaf < 2; leaf++ )
            for ( int level = 1; level <= 3; level++ )
            {
                struct device device = { 0 };
                struct tables *tables = rows[i].config == STAGE1 ? &device.s1 :
                                                                   &device.s2;
                struct rig rig;

                rig_start(&rig, NULL);
                rig_device(&rig, &device, rows[i].config);
                rig_read(&rig, SID, IOVA);
                rig_store(&rig, rig_entry(&rig, tables, IOVA, level), 0);
                rig_command(&rig, rows[i].low, IOVA | leaf);
                expect_equal("Leaf", rig_read(&rig, SID, IOVA),
                             leaf && level < 3 ? device.page :
                                                 ABORTED | F_TRANSLATION);
                rig_destroy(&rig);
            }
}

/* After S2_IPA the combined entry may stay; NH_ALL takes it away (4.4.3.1). */
static void S2_IPA_and_NH_ALL_remove_a_nested_translation(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, NESTED);
    rig_read(&rig, SID, IOVA);
    rig_store(&rig, rig_entry(&rig, &device.s2, device.page + MOVED, 3), 0);
    rig_command(&rig, CMD_TLBI(0x2a, VMID, 0), (device.page + MOVED) | LEAF);
    rig_command(&rig, CMD_TLBI(0x10, VMID, 0), 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), ABORTED | F_TRANSLATION);
    rig_destroy(&rig);
}

/* ---- configuration (4.3) ---- */

/* Without Hyp STRW says nothing, without stage 2 S2VMID and VMIDs. */
static void absent_features_leave_no_tags(void **state)
{
    struct device device = { 0 }, second;
    struct smmuv3_config unit;
    struct rig rig;

    (void)state;
    rig_config(&unit);
    unit.idr[0] &= ~(1u | 1u << 9 | 1u << 18);
    rig_start(&rig, &unit);
    rig_device(&rig, &device, STAGE1);
    rig_patch(&rig, device.ste, 95, 94, 2);
    rig_second_stream(&rig, &device, &second);
    rig_patch(&rig, second.ste, 143, 128, VMID + 1);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_true(rig_hits(&rig, SID + 1, IOVA));
    rig_command(&rig, CMD_TLBI(0x11, 0, ASID), 0);
    assert_false(rig_hits(&rig, SID, IOVA));
    rig_destroy(&rig);
}

/* EL2-E2H: global entries go with any ASID, but not by the ASID alone. */
static void global_entries_of_EL2_E2H_go_by_address(void **state)
{
    static const struct {
        const char *row;
        uint64_t low, high;
        bool gone;
    } rows[] = {
        { "EL2_ASID", CMD_TLBI(0x21, 0, ASID), 0, false },
        { "EL2_VA", CMD_TLBI(0x22, 0, ASID + 1), IOVA, true },
        { "EL2_VA elsewhere", CMD_TLBI(0x22, 0, ASID), IOVA + 0x1000, false },
        { "EL2_VAA", CMD_TLBI(0x23, 0, 0), IOVA, true },
        { "NH_VAA", CMD_TLBI(0x13, VMID, 0), IOVA, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set_cr2(&rig, 1);
        rig_device(&rig, &device, STAGE1);
        rig_patch(&rig, device.ste, 95, 94, 2);
        rig_map(&rig, &device.s1, IOVA, device.page, S1_LEAF & ~NG, 3);
        rig_read(&rig, SID, IOVA);
        rig_command(&rig, rows[i].low, rows[i].high);
        expect_equal(rows[i].row, rig_hits(&rig, SID, IOVA), !rows[i].gone);
        rig_destroy(&rig);
    }
}

/* The tables above have tags as well. */
static void walk_caches_of_others_stay(void **state)
{
    static const struct {
        const char *row;
        uint64_t low, high;
        bool gone;
    } rows[] = {
        { "NH_ALL", CMD_TLBI(0x10, VMID, 0), 0, true },
        { "NH_ALL of another", CMD_TLBI(0x10, VMID + 1, 0), 0, false },
        { "NH_ASID", CMD_TLBI(0x11, VMID, ASID), 0, true },
        { "NH_ASID of another", CMD_TLBI(0x11, VMID, ASID + 1), 0, false },
        { "NH_VA", CMD_TLBI(0x12, VMID, ASID), IOVA, true },
        { "NH_VA elsewhere", CMD_TLBI(0x12, VMID, ASID), IOVA + 0x40000000,
          false },
        { "NH_VA of another", CMD_TLBI(0x12, VMID, ASID + 1), IOVA, false },
        { "NH_VA, 4K", CMD_TLBI(0x12, VMID, ASID), IOVA | 7u << 8, true },
        { "NH_VA, 64K", CMD_TLBI(0x12, VMID, ASID), IOVA | 15u << 8, false },
        { "NH_VA, TTL 1", CMD_TLBI(0x12, VMID, ASID), IOVA | 5u << 8, false },
        { "EL2_ALL", 0x20, 0, false },
        { "S2_IPA", CMD_TLBI(0x2a, VMID, 0), IOVA, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_stream(&rig, &device, STAGE1);
        rig_map(&rig, &device.s1, IOVA + 0x5000, 0x9000, S1_LEAF, 3);
        rig_read(&rig, SID, IOVA);
        /* The neighbour is not in a TLB. */
        rig_store(&rig, rig_entry(&rig, &device.s1, IOVA, 2), 0);
        rig_command(&rig, rows[i].low, rows[i].high);
        expect_equal(rows[i].row, rig_read(&rig, SID, IOVA + 0x5000),
                     rows[i].gone ? ABORTED | F_TRANSLATION : 0x9000);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_TLBI_removes_its_scope_and_nothing_else),
        cmocka_unit_test(commands_disregard_ASET),
        cmocka_unit_test(Leaf_decides_over_the_tables_above),
        cmocka_unit_test(S2_IPA_and_NH_ALL_remove_a_nested_translation),
        cmocka_unit_test(absent_features_leave_no_tags),
        cmocka_unit_test(global_entries_of_EL2_E2H_go_by_address),
        cmocka_unit_test(walk_caches_of_others_stay),
    };

    return RUN(tests);
}
