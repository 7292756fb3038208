/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMSAv8-64 walks of both stages (3.4, DDI 0487 D8). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

static const unsigned int granules[] = { 12, 14, 16 };

/* Blocks: 4K 1G and 2M, 16K 32M, 64K 512M; pages everywhere. */
static bool leaf_allowed(unsigned int shift, int level)
{
    return level >= (shift == 12 ? 1 : 2);
}

/* An address that has a bit in the index of each level. */
static uint64_t some_address(unsigned int bits)
{
    return UINT64_C(0x0000a5a5a5a5a5a5) & rig_low_bits(bits);
}

/* Tables with one leaf at @level; where it leads. */
static uint64_t put_leaf(struct rig *rig, const struct tables *tables,
                         uint64_t input, int level, uint64_t attributes)
{
    uint64_t mask = rig_low_bits(rig_level_shift(tables, level));
    uint64_t output = UINT64_C(0x7fc000000000) & ~mask;

    rig_map(rig, tables, input & ~mask, output, attributes, level);
    return output | (input & mask);
}

static void expect_leaf(struct rig *rig, struct tables *tables,
                        const char *row, int level, uint64_t attributes)
{
    uint64_t input = some_address(tables->bits), size;
    uint64_t output = put_leaf(rig, tables, input, level, attributes);
    struct request request = rig_request(SID, input, REQUEST_READ);
    struct response response;

    rig_flush(rig);
    response = rig_send(rig, &request);
    size = rig_low_bits(rig_level_shift(tables, level));
    if ( !leaf_allowed(tables->shift, level) )
    {
        expect_equal(row, rig_result(&response), ABORTED | F_TRANSLATION);
        return;
    }
    expect_equal(row, rig_result(&response), output);
    expect_equal(row, response.mask, size);
    expect_equal(row, rig_read(rig, SID, input | size), output | size);
    expect_equal(row, rig_read(rig, SID, input & ~size), output & ~size);
    /* The neighbour is not mapped. */
    expect_equal(row, rig_read(rig, SID, input ^ (size + 1)),
                 ABORTED | F_TRANSLATION);
}

/* Every size of the input, granule and level of the leaf. */
static void stage_1_maps_pages_and_blocks(void **state)
{
    (void)state;
    for ( size_t g = 0; g < 3; g++ )
        for ( unsigned int bits = 25; bits <= 48; bits++ )
        {
            int first = rig_first_level(granules[g], bits);

            for ( int level = first; level <= 3; level++ )
            {
                struct device device = {
                    .s1 = { .shift = granules[g],
                            .bits = bits,
                            .start = first },
                };
                struct rig rig;
                char row[64];

                /* The neighbour would be beyond the range. */
                if ( rig_level_shift(&device.s1, level) >= bits )
                    continue;
                snprintf(row, sizeof(row), "granule %u bits %u level %d",
                         granules[g], bits, level);
                rig_start(&rig, NULL);
                rig_device(&rig, &device, STAGE1);
                rig_tables(&rig, &device.s1);
                rig_cd(&rig, &device);
                expect_leaf(&rig, &device.s1, row, level, S1_LEAF);
                rig_destroy(&rig);
            }
        }
}

/* Start levels and concatenated first tables (up to 16). */
static const struct tables stage_2_starts[] = {
    { .shift = 12, .start = 2, .bits = 25 },
    { .shift = 12, .start = 2, .bits = 30 },
    { .shift = 12, .start = 2, .bits = 34 },
    { .shift = 12, .start = 1, .bits = 31 },
    { .shift = 12, .start = 1, .bits = 40 },
    { .shift = 12, .start = 1, .bits = 43 },
    { .shift = 12, .start = 0, .bits = 40 },
    { .shift = 12, .start = 0, .bits = 48 },
    { .shift = 14, .start = 3, .bits = 25 },
    { .shift = 14, .start = 3, .bits = 29 },
    { .shift = 14, .start = 2, .bits = 26 },
    { .shift = 14, .start = 2, .bits = 40 },
    { .shift = 14, .start = 1, .bits = 37 },
    { .shift = 14, .start = 1, .bits = 48 },
    { .shift = 16, .start = 3, .bits = 25 },
    { .shift = 16, .start = 3, .bits = 33 },
    { .shift = 16, .start = 2, .bits = 30 },
    { .shift = 16, .start = 2, .bits = 46 },
    { .shift = 16, .start = 1, .bits = 43 },
    { .shift = 16, .start = 1, .bits = 48 },
};

static void stage_2_maps_pages_and_blocks(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(stage_2_starts) / sizeof(struct tables);
          i++ )
        for ( int level = stage_2_starts[i].start; level <= 3; level++ )
        {
            struct device device = { .s2 = stage_2_starts[i] };
            struct rig rig;
            char row[64];

            snprintf(row, sizeof(row), "row %zu level %d", i, level);
            rig_start(&rig, NULL);
            device.sid = SID;
            device.config = STAGE2;
            device.ste = rig.strtab + SID * 64;
            rig_tables(&rig, &device.s2);
            rig_ste(&rig, &device);
            expect_leaf(&rig, &device.s2, row, level, S2_LEAF);
            assert_int_equal(
                rig_read(&rig, SID, UINT64_C(1) << device.s2.bits),
                ABORTED |
                    (device.s2.bits == 48 ? F_ADDR_SIZE : F_TRANSLATION));
            rig_destroy(&rig);
        }
}

/* All nine pairs of granules; the page used is the smaller one. */
static void both_stages_may_have_any_granules(void **state)
{
    static const struct tables s1[] = {
        { .shift = 12, .bits = 39, .start = 1 },
        { .shift = 14, .bits = 36, .start = 2 },
        { .shift = 16, .bits = 42, .start = 2 },
    };
    static const struct tables s2[] = {
        { .shift = 12, .bits = 40, .start = 1 },
        { .shift = 14, .bits = 40, .start = 2 },
        { .shift = 16, .bits = 40, .start = 2 },
    };

    (void)state;
    for ( size_t a = 0; a < 3; a++ )
        for ( size_t b = 0; b < 3; b++ )
        {
            struct device device = { .s1 = s1[a], .s2 = s2[b] };
            struct request request = rig_request(SID, IOVA + 0x345,
                                                 REQUEST_READ);
            struct response response;
            struct rig rig;

            rig_start(&rig, NULL);
            rig_device(&rig, &device, NESTED);
            response = rig_send(&rig, &request);
            assert_int_equal(rig_result(&response), device.page + 0x345);
            assert_int_equal(response.mask,
                             rig_low_bits(a < b ? s1[a].shift : s2[b].shift));
            rig_destroy(&rig);
        }
}

/* Each level of each stage not valid, and beyond the output size. */
static void every_level_may_fault(void **state)
{
    (void)state;
    for ( unsigned int stage = 1; stage <= 2; stage++ )
        for ( int level = 1; level <= 3; level++ )
            for ( int size = 0; size < 2; size++ )
            {
                struct device device = { 0 };
                struct tables *tables = stage == 1 ? &device.s1 : &device.s2;
                struct event event;
                struct rig rig;
                uint64_t at, good;

                rig_start(&rig, NULL);
                rig_device(&rig, &device, stage == 1 ? STAGE1 : STAGE2);
                if ( stage == 1 ) /* 44 bits */
                    rig_patch(&rig, device.cd, 34, 32, 4);
                else
                    rig_patch(&rig, device.ste, 178, 176, 4);
                at = rig_entry(&rig, tables, IOVA, level);
                good = rig_load(&rig, at);
                rig_store(&rig, at,
                          size ? good | UINT64_C(1) << 44 :
                                 good & ~UINT64_C(1));
                assert_int_equal(rig_read(&rig, SID, IOVA),
                                 ABORTED |
                                     (size ? F_ADDR_SIZE : F_TRANSLATION));
                rig_event(&rig, &event);
                assert_int_equal(rig_bits(&event, 103, 103), stage == 2);
                rig_destroy(&rig);
            }
}

struct leaf_row {
    const char *row;
    uint64_t set, clear; /* bits of the leaf */
    bool affd;
    unsigned int event;
};

/* 44 bits of output; the leaf as the row has it; a write. */
static void expect_leaf_row(unsigned int config, const struct leaf_row *row)
{
    struct device device = { 0 };
    struct rig rig;
    uint64_t at;

    rig_stream(&rig, &device, config);
    if ( config == STAGE1 )
    {
        rig_patch(&rig, device.cd, 34, 32, 4);
        rig_patch(&rig, device.cd, 35, 35, row->affd);
    }
    else
    {
        rig_patch(&rig, device.ste, 178, 176, 4);
        rig_patch(&rig, device.ste, 181, 181, row->affd);
    }
    at = rig_entry(&rig, config == STAGE1 ? &device.s1 : &device.s2, IOVA, 3);
    rig_store(&rig, at, (rig_load(&rig, at) | row->set) & ~row->clear);
    expect_equal(row->row, rig_write(&rig, SID, IOVA),
                 row->event ? ABORTED | row->event : device.page);
    rig_destroy(&rig);
}

/* Descriptor type 1 at level 3, and type 1 where there are no blocks: above;
 * priority at a leaf: size, access flag, permission. */
static void leaf_faults_have_their_order(void **state)
{
    static const struct leaf_row rows[] = {
        { "type 1 at level 3", 0, 2, false, F_TRANSLATION },
        { "size, AF, AP", UINT64_C(1) << 44 | AP(2), AF, false, F_ADDR_SIZE },
        { "size, AP", UINT64_C(1) << 44 | AP(2), 0, false, F_ADDR_SIZE },
        { "AF, AP", AP(2), AF, false, F_ACCESS },
        { "AF", 0, AF, false, F_ACCESS },
        { "AFFD", 0, AF, true, 0 },
        { "AFFD, AP", AP(2), AF, true, F_PERMISSION },
        { "AP", AP(2), 0, false, F_PERMISSION },
        { "contiguous hint", UINT64_C(1) << 52, 0, false, 0 },
        { "software bits", UINT64_C(15) << 55, 0, false, 0 },
        { "PBHA", UINT64_C(15) << 59, 0, false, 0 },
        { "DBM", UINT64_C(1) << 51 | AP(2), 0, false, F_PERMISSION },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        expect_leaf_row(STAGE1, &rows[i]);
}

static void stage_2_leaf_faults_have_their_order(void **state)
{
    static const struct leaf_row rows[] = {
        { "type 1 at level 3", 0, 2, false, F_TRANSLATION },
        { "size, AF, AP", UINT64_C(1) << 44, AF | S2AP(2), false,
          F_ADDR_SIZE },
        { "AF, AP", 0, AF | S2AP(2), false, F_ACCESS },
        { "S2AFFD", 0, AF, true, 0 },
        { "S2AFFD, AP", 0, AF | S2AP(2), true, F_PERMISSION },
        { "AP", 0, S2AP(2), false, F_PERMISSION },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        expect_leaf_row(STAGE2, &rows[i]);
}

/* Pages and blocks of one stage behind those of the other: the smaller one. */
static void leaves_of_both_stages_combine(void **state)
{
    (void)state;
    for ( int l1 = 1; l1 <= 3; l1++ )
        for ( int l2 = 1; l2 <= 3; l2++ )
        {
            uint64_t va = UINT64_C(0x12345a6789), ipa = UINT64_C(0x9000000000);
            uint64_t pa = UINT64_C(0x700000000000);
            struct request request = rig_request(SID, va, REQUEST_READ);
            struct device device = { 0 };
            struct response response;
            uint64_t size1, size2, offset;
            struct rig rig;

            rig_stream(&rig, &device, NESTED);
            size1 = rig_low_bits(rig_level_shift(&device.s1, l1));
            size2 = rig_low_bits(rig_level_shift(&device.s2, l2));
            rig_map(&rig, &device.s1, va & ~size1, ipa, S1_LEAF, l1);
            offset = va & size1;
            rig_map(&rig, &device.s2, (ipa + offset) & ~size2, pa, S2_LEAF,
                    l2);
            for ( int hit = 0; hit < 2; hit++ )
            {
                response = rig_send(&rig, &request);
                assert_int_equal(rig_result(&response),
                                 pa + ((ipa + offset) & size2));
                assert_int_equal(response.mask, size1 < size2 ? size1 : size2);
                assert_int_equal(response.hit, hit);
            }
            rig_destroy(&rig);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_1_maps_pages_and_blocks),
        cmocka_unit_test(stage_2_maps_pages_and_blocks),
        cmocka_unit_test(both_stages_may_have_any_granules),
        cmocka_unit_test(every_level_may_fault),
        cmocka_unit_test(leaf_faults_have_their_order),
        cmocka_unit_test(stage_2_leaf_faults_have_their_order),
        cmocka_unit_test(leaves_of_both_stages_combine),
    };

    return RUN(tests);
}
