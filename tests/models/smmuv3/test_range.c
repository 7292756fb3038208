/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Range invalidation and level hints (4.4.1.1) against brute force. */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define PAGES 96u

static const struct {
    const char *row;
    unsigned int config;
    uint64_t low;
} commands[] = {
    { "NH_VA", STAGE1, CMD_TLBI(0x12, VMID, ASID) },
    { "NH_VAA", STAGE1, CMD_TLBI(0x13, VMID, 0) },
    { "S2_IPA", STAGE2, CMD_TLBI(0x2a, VMID, 0) },
};

struct range {
    unsigned int num, scale, ttl;
    uint64_t address;
};

/* TG of a command: 1 4K, 2 16K, 3 64K. */
static unsigned int tg(unsigned int shift)
{
    return shift / 2 - 5;
}

static uint64_t first(unsigned int shift)
{
    return UINT64_C(0x100) << shift;
}

static void make(struct rig *rig, struct device *device, unsigned int config,
                 unsigned int shift, bool ril)
{
    struct smmuv3_config unit;
    struct tables *tables = config == STAGE1 ? &device->s1 : &device->s2;

    rig_config(&unit);
    rig_caches(&unit, 256, CACHE_NORMAL);
    unit.idr[3] &= ril ? UINT32_MAX : ~(1u << 10);
    rig_start(rig, &unit);
    *device = (struct device) { 0 };
    *tables = (struct tables) {
        .shift = shift,
        .bits = 36,
        .start = shift == 12 ? 1 : 2,
    };
    rig_device(rig, device, config);
    for ( uint64_t i = 0; i < PAGES; i++ )
        rig_map(rig, tables, first(shift) + (i << shift), i << shift,
                config == STAGE1 ? S1_LEAF : S2_LEAF, 3);
}

static void fill(struct rig *rig, unsigned int shift)
{
    for ( uint64_t i = 0; i < PAGES; i++ )
        assert_int_equal(rig_read(rig, SID, first(shift) + (i << shift)),
                         i << shift);
}

static bool present(struct rig *rig, uint64_t iova)
{
    struct request request = rig_request(SID, iova, REQUEST_READ);

    return rig_probe(rig, &request).hit;
}

static bool in_range(const struct range *range, unsigned int shift,
                     uint64_t iova)
{
    /* 32 pages of 64K, 2^31 times, fit into 64 bits. */
    uint64_t size = (uint64_t)(range->num + 1) << range->scale << shift;

    return iova >= range->address && iova - range->address < size;
}

static void expect_range(struct rig *rig, const char *command,
                         unsigned int shift, uint64_t low,
                         const struct range *range)
{
    fill(rig, shift);
    rig_command(
        rig, low | (uint64_t)range->num << 12 | (uint64_t)range->scale << 20,
        range->address | tg(shift) << 10 | range->ttl << 8 | LEAF);
    for ( uint64_t i = 0; i < PAGES; i++ )
    {
        uint64_t iova = first(shift) + (i << shift);
        char row[96];

        snprintf(row, sizeof(row), "%s shift %u NUM %u SCALE %u page %u",
                 command, shift, range->num, range->scale, (unsigned int)i);
        expect_equal(row, present(rig, iova), !in_range(range, shift, iova));
    }
}

static void ranges_are_NUM_and_SCALE_pages_of_TG(void **state)
{
    static const struct range ranges[] = {
        { 0, 0, 3, 0 },  { 1, 0, 0, 0 },  { 4, 0, 0, 0 },   { 31, 0, 0, 0 },
        { 0, 1, 0, 0 },  { 2, 1, 0, 0 },  { 0, 5, 0, 0 },   { 2, 4, 3, 0 },
        { 31, 2, 0, 0 }, { 0, 12, 0, 0 }, { 31, 31, 0, 0 }, { 0, 31, 0, 0 },
    };

    (void)state;
    for ( size_t c = 0; c < sizeof(commands) / sizeof(*commands); c++ )
        for ( unsigned int shift = 12; shift <= 16; shift += 2 )
        {
            struct device device;
            struct rig rig;

            make(&rig, &device, commands[c].config, shift, true);
            for ( size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++ )
                for ( uint64_t at = 0; at < 100; at += 7 )
                {
                    struct range range = ranges[i];

                    /* From before the first page to the last one. */
                    range.address = first(shift) + (at << shift) -
                                    (UINT64_C(3) << shift);
                    expect_range(&rig, commands[c].row, shift, commands[c].low,
                                 &range);
                }
            rig_destroy(&rig);
        }
}

/* Other tags are not touched by a range of any size. */
static void a_range_has_the_tags_of_its_command(void **state)
{
    static const struct {
        const char *row;
        unsigned int config;
        uint64_t low;
        bool gone;
    } rows[] = {
        { "VMID", STAGE1, CMD_TLBI(0x12, VMID + 1, ASID), false },
        { "ASID", STAGE1, CMD_TLBI(0x12, VMID, ASID + 1), false },
        { "any ASID", STAGE1, CMD_TLBI(0x13, VMID, ASID + 1), true },
        { "stage", STAGE1, CMD_TLBI(0x2a, VMID, 0), false },
        { "stage 2", STAGE2, CMD_TLBI(0x2a, VMID, 0), true },
        { "VMID of stage 2", STAGE2, CMD_TLBI(0x2a, VMID + 1, 0), false },
        { "VA in stage 2", STAGE2, CMD_TLBI(0x13, VMID, 0), false },
        { "EL2", STAGE1, CMD_TLBI(0x23, VMID, 0), false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device;
        struct rig rig;

        make(&rig, &device, rows[i].config, 12, true);
        fill(&rig, 12);
        rig_command(&rig, rows[i].low | 31u << 12 | 31u << 20, 1u << 10);
        expect_equal(rows[i].row, present(&rig, first(12)), !rows[i].gone);
        rig_destroy(&rig);
    }
}

/* Without RIL, and with TG = 0: the one page of the address. */
static void without_TG_or_RIL_one_address_is_meant(void **state)
{
    (void)state;
    for ( int ril = 0; ril < 2; ril++ )
    {
        struct device device;
        struct rig rig;

        make(&rig, &device, STAGE1, 12, ril);
        fill(&rig, 12);
        rig_command(&rig, commands[0].low | 31u << 12 | 5u << 20,
                    first(12) | (ril ? 0 : 1u << 10) | 3u << 8);
        assert_false(present(&rig, first(12)));
        for ( uint64_t i = 1; i < PAGES; i++ )
            assert_true(present(&rig, first(12) + (i << 12)));
        rig_destroy(&rig);
    }
}

/* A block goes with any part of it; with a hint of its own level as well. */
static void a_block_in_the_range_goes(void **state)
{
    static const struct {
        const char *row;
        uint64_t from;
        unsigned int num, scale, ttl;
        bool gone;
    } rows[] = {
        { "before", 0, 31, 0, 0, false },
        { "still before", 0, 31, 4, 0, false },
        { "reaches it", 0, 0, 18, 0, true },
        { "its begin", 0x40000000, 0, 1, 0, true },
        { "its end", 0x401ff000, 1, 0, 0, true },
        { "behind", 0x40200000, 31, 4, 0, false },
        { "TTL 2", 0x40000000, 0, 0, 2, true },
        { "TTL 2, several", 0x3fe00000, 3, 9, 2, true },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device;
        struct rig rig;
        uint64_t block = 0x40000000;

        make(&rig, &device, STAGE1, 12, true);
        rig_map(&rig, &device.s1, block, 0x80000000, S1_LEAF, 2);
        assert_int_equal(rig_read(&rig, SID, block + 0x1ff000), 0x801ff000);
        /* "reaches it": 2^18 + 1 pages from 0 */
        rig_command(&rig,
                    commands[0].low | rows[i].num << 12 | rows[i].scale << 20,
                    (rows[i].from + (i == 2 ? 0x1000 : 0)) | 1u << 10 |
                        rows[i].ttl << 8);
        expect_equal(rows[i].row, present(&rig, block + 0x1ff000),
                     !rows[i].gone);
        rig_destroy(&rig);
    }
}

/* The end of the address space is the end of a range. */
static void a_range_does_not_wrap(void **state)
{
    struct device device;
    struct rig rig;

    (void)state;
    make(&rig, &device, STAGE1, 12, true);
    fill(&rig, 12);
    rig_command(&rig, commands[0].low | 31u << 12 | 31u << 20,
                (UINT64_MAX - 0xfff) | 1u << 10);
    assert_true(present(&rig, first(12)));
    rig_destroy(&rig);
}

/* What TG and TTL do not name stays: nothing asks for more than is meant. */
static void TG_and_TTL_spare_other_leaves(void **state)
{
    static const struct {
        const char *row;
        uint64_t tg, ttl, iova;
    } rows[] = {
        { "16K", 2, 0, 0 },
        { "64K", 3, 3, 0 },
        { "a page, TTL 2", 1, 2, 0 },
        { "a block, TTL 3", 1, 3, 0x40000000 },
        { "a block, TTL 1", 1, 1, 0x40000000 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        uint64_t iova = rows[i].iova ? rows[i].iova : first(12);
        struct device device;
        struct rig rig;

        make(&rig, &device, STAGE1, 12, true);
        rig_map(&rig, &device.s1, 0x40000000, 0x80000000, S1_LEAF, 2);
        assert_int_equal(rig_read(&rig, SID, iova) & ABORTED, 0);
        rig_command(&rig, commands[0].low | 31u << 12 | 20u << 20,
                    rows[i].tg << 10 | rows[i].ttl << 8);
        expect_equal(rows[i].row, present(&rig, iova), true);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_NUM_and_SCALE_pages_of_TG),
        cmocka_unit_test(a_range_has_the_tags_of_its_command),
        cmocka_unit_test(without_TG_or_RIL_one_address_is_meant),
        cmocka_unit_test(a_block_in_the_range_goes),
        cmocka_unit_test(a_range_does_not_wrap),
        cmocka_unit_test(TG_and_TTL_spare_other_leaves),
    };

    return RUN(tests);
}
