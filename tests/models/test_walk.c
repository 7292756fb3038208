/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

/* Output of a page of each size, aligned to it. */
static const uint64_t outputs[] = { 0, UINT64_C(0x76543000),
                                    UINT64_C(0x54200000),
                                    UINT64_C(0x140000000) };

/* The rights given at one level against each access: the whole matrix, on a
 * miss and then again, when a cache may answer. */
static void rights_at_every_level_and_size_decide(void **state)
{
    static const uint32_t needs[] = {
        [REQUEST_READ] = R, [REQUEST_WRITE] = W, [REQUEST_ATOMIC] = RW
    };

    (void)state;
    for ( unsigned int leaf = 1; leaf <= 3; leaf++ )
        for ( unsigned int level = leaf; level <= 4; level++ )
            for ( unsigned int rights = 0; rights < 4; rights++ )
                for ( enum request_access access = 0; access < 3; access++ )
                {
                    uint32_t missing = needs[access] & ~rights;
                    unsigned int want = missing & W ? 0x05 :
                                        missing & R ? 0x06 :
                                                      0;
                    struct rig rig;
                    uint64_t table, entry;
                    char row[64];

                    snprintf(row, sizeof(row),
                             "leaf %u level %u rights %u access %u", leaf,
                             level, rights, access);
                    rig_start(&rig, NULL);
                    table = rig_simple_context(&rig, SID, DID);
                    rig_map(&rig, table, IOVA, outputs[leaf], RW, leaf);
                    entry = rig_entry(&rig, table, 4, IOVA, level);
                    rig_store(&rig, entry,
                              (rig_load(&rig, entry) & ~UINT64_C(3)) | rights);
                    expect_equal(row, rig_reason(&rig, SID, IOVA, access),
                                 want);
                    rig_reason(&rig, SID, IOVA, REQUEST_READ);
                    rig_reason(&rig, SID, IOVA, REQUEST_WRITE);
                    expect_equal(row, rig_reason(&rig, SID, IOVA, access),
                                 want);
                    rig_destroy(&rig);
                }
}

static void a_page_of_each_size_translates_its_whole_span(void **state)
{
    (void)state;
    for ( unsigned int level = 1; level <= 3; level++ )
    {
        uint64_t mask = (UINT64_C(0x1000) << 9 * (level - 1)) - 1;
        uint64_t base = UINT64_C(0x40000000) & ~mask;
        uint64_t offsets[] = { 0, 0x123 & mask, mask & ~UINT64_C(3) };
        struct rig rig;
        uint64_t table;

        rig_start(&rig, NULL);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, base, outputs[level], RW, level);
        for ( size_t i = 0; i < 3; i++ )
        {
            struct response response = rig_translate(
                &rig, SID, base + offsets[i], REQUEST_READ);

            assert_int_equal(response.status, RESPONSE_OK);
            assert_int_equal(response.address, outputs[level] + offsets[i]);
            assert_int_equal(response.mask, mask);
            assert_int_equal(response.hit, i != 0);
        }
        assert_int_not_equal(
            rig_reason(&rig, SID, base + mask + 1, REQUEST_READ), 0);
        rig_destroy(&rig);
    }
}

/* Which bits of an entry are checked, by level and kind. */
static bool reserved_bit(unsigned int level, bool leaf, unsigned int bit,
                         bool sc)
{
    if ( bit >= 46 && bit < 52 )
        return true; /* address beyond HAW */
    if ( bit == 7 )
        return level == 4;
    if ( !leaf )
        return false;
    if ( bit == 62 || (bit == 11 && !sc) )
        return true;
    return bit >= 12 && bit < 12 + 9 * (level - 1);
}

/* A bit that makes an entry say something else. */
static bool changes_meaning(unsigned int level, unsigned int bit)
{
    return bit < 2 || (bit == 7 && (level == 2 || level == 3)) ||
           (bit >= 12 && bit < 46);
}

static void check_bits(unsigned int leaf_level, bool sc)
{
    for ( unsigned int level = leaf_level; level <= 4; level++ )
        for ( unsigned int bit = 0; bit < 64; bit++ )
        {
            bool reserved = reserved_bit(level, level == leaf_level, bit, sc);
            struct response response;
            struct vtd_config config;
            struct rig rig;
            uint64_t table, entry;
            char row[64];

            if ( changes_meaning(level, bit) && !reserved )
                continue;
            snprintf(row, sizeof(row), "leaf %u level %u bit %u sc %d",
                     leaf_level, level, bit, sc);
            vtd_config_default(&config);
            if ( !sc )
                config.ecap &= ~UINT64_C(0x80);
            rig_start(&rig, &config);
            table = rig_simple_context(&rig, SID, DID);
            rig_map(&rig, table, IOVA, outputs[leaf_level], RW, leaf_level);
            entry = rig_entry(&rig, table, 4, IOVA, level);
            rig_store(&rig, entry, rig_load(&rig, entry) | UINT64_C(1) << bit);
            response = rig_translate(&rig, SID, IOVA, REQUEST_READ);
            expect_equal(row, response.reason, reserved ? 0x0c : 0);
            if ( reserved )
                assert_string_equal(response.condition, "LSL.2");
            rig_destroy(&rig);
        }
}

static void every_reserved_bit_of_a_paging_entry_is_LSL_2(void **state)
{
    (void)state;
    for ( unsigned int leaf = 1; leaf <= 3; leaf++ )
    {
        check_bits(leaf, true);
        check_bits(leaf, false);
    }
}

static void page_sizes_that_are_not_supported_are_LSL_2(void **state)
{
    (void)state;
    for ( unsigned int sllps = 0; sllps < 4; sllps++ )
        for ( unsigned int level = 2; level <= 3; level++ )
        {
            bool supported = sllps >> (level - 2) & 1;
            struct vtd_config config;
            struct rig rig;
            uint64_t table;

            vtd_config_default(&config);
            config.cap &= ~(UINT64_C(0xf) << 34);
            config.cap |= (uint64_t)sllps << 34;
            rig_start(&rig, &config);
            table = rig_simple_context(&rig, SID, DID);
            rig_map(&rig, table, IOVA, outputs[level], RW, level);
            assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ),
                             supported ? 0 : 0x0c);
            rig_destroy(&rig);
        }
}

/* An address of 0 has no bit below a page of 512 GiB. */
static void PS_at_level_4_is_LSL_2_whatever_the_address(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    rig_store(&rig, rig_entry(&rig, table, 4, IOVA, 4), 0x80 | RW);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x0c);
    rig_destroy(&rig);
}

static void rights_come_before_reserved_bits(void **state)
{
    struct rig rig;
    uint64_t table, entry;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, outputs[1], R, 1);
    entry = rig_entry(&rig, table, 4, IOVA, 1);
    rig_store(&rig, entry, rig_load(&rig, entry) | UINT64_C(1) << 62);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_WRITE), 0x05);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x0c);
    rig_store(&rig, entry, UINT64_C(1) << 62); /* not present: no LSL.2 */
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x06);
    rig_destroy(&rig);
}

static void addresses_beyond_the_width_are_LGN_1(void **state)
{
    static const struct {
        const char *row;
        unsigned int mgaw, aw;
        unsigned int limit; /* bits */
    } rows[] = {
        { "48 bits", 48, 2, 48 },
        { "39 bits", 48, 1, 39 },
        { "MGAW below AW", 42, 2, 42 },
        { "MGAW below AW, 3 levels", 36, 1, 36 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig_context context = { .sid = SID, .aw = rows[i].aw };
        uint64_t limit = UINT64_C(1) << rows[i].limit;
        struct vtd_config config;
        struct rig rig;

        vtd_config_default(&config);
        config.cap &= ~(UINT64_C(0x3f) << 16);
        config.cap |= (uint64_t)(rows[i].mgaw - 1) << 16;
        rig_start(&rig, &config);
        rig_set_context(&rig, &context);
        expect_equal(rows[i].row, rig_reason(&rig, SID, limit, REQUEST_READ),
                     0x04);
        expect_equal(rows[i].row,
                     rig_reason(&rig, SID, UINT64_C(1) << 63, REQUEST_READ),
                     0x04);
        expect_equal(rows[i].row,
                     rig_reason(&rig, SID, limit - 4, REQUEST_READ), 0x06);
        rig_destroy(&rig);
    }
}

static void three_levels_start_at_level_3(void **state)
{
    struct rig_context context = { .sid = SID, .aw = 1, .did = DID };
    struct rig rig;
    uint64_t table;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_set_context(&rig, &context);
    rig_store(&rig, rig_entry(&rig, table, 3, IOVA, 1), outputs[1] | RW);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     outputs[1]);
    assert_int_equal(vtd_stats(rig.vtd)->walk_reads, 2 + 3);
    rig_destroy(&rig);
}

static void a_fetch_error_is_LCT_4_3_at_the_top_and_LSL_1_below(void **state)
{
    (void)state;
    for ( unsigned int level = 1; level <= 4; level++ )
    {
        struct response response;
        struct rig rig;
        uint64_t table;

        rig_start(&rig, NULL);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, outputs[1], RW, 1);
        rig.ram.refused = rig_entry(&rig, table, 4, IOVA, level);
        rig.ram.refused_end = rig.ram.refused + 8;
        response = rig_translate(&rig, SID, IOVA, REQUEST_READ);
        assert_int_equal(response.reason, level == 4 ? 0x03 : 0x07);
        assert_string_equal(response.condition,
                            level == 4 ? "LCT.4.3" : "LSL.1");
        rig_destroy(&rig);
    }
}

static void a_table_that_links_to_itself_ends(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    for ( unsigned int i = 0; i < 512; i++ )
        rig_store(&rig, table + i * 8, table | RW);
    assert_int_equal(
        rig_translate(&rig, SID, UINT64_C(0x876543210000), REQUEST_READ)
            .address,
        table);
    rig_destroy(&rig);
}

static void an_output_in_the_interrupt_range_is_LGN_4(void **state)
{
    (void)state;
    for ( unsigned int level = 1; level <= 3; level++ )
    {
        uint64_t mask = (UINT64_C(0x1000) << 9 * (level - 1)) - 1;
        uint64_t output = UINT64_C(0xfee12000);
        struct rig rig;
        uint64_t table, iova = UINT64_C(0x4000000000) | (output & mask);

        rig_start(&rig, NULL);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, iova, output & ~mask, RW, level);
        for ( int again = 0; again < 2; again++ )
        {
            assert_int_equal(rig_reason(&rig, SID, iova, REQUEST_READ), 0x0e);
            assert_int_equal(rig_reason(&rig, SID, iova, REQUEST_WRITE), 0x0e);
        }
        /* The rest of a large page is usable. */
        if ( level > 1 )
            assert_int_equal(
                rig_reason(&rig, SID, iova ^ UINT64_C(0x100000), REQUEST_READ),
                0);
        rig_destroy(&rig);
    }
}

static void zero_length_reads_of_a_write_only_page_need_ZLR(void **state)
{
    (void)state;
    for ( unsigned int zlr = 0; zlr < 2; zlr++ )
        for ( unsigned int rights = 0; rights < 4; rights++ )
        {
            struct request request = rig_request(SID, IOVA, REQUEST_READ);
            bool allowed = (rights & R) || (zlr && (rights & W));
            struct vtd_config config;
            struct rig rig;
            uint64_t table;

            vtd_config_default(&config);
            config.cap &= ~(UINT64_C(1) << 22);
            config.cap |= (uint64_t)zlr << 22;
            rig_start(&rig, &config);
            table = rig_simple_context(&rig, SID, DID);
            rig_map(&rig, table, IOVA, outputs[1], rights, 1);
            request.size = 0;
            for ( int again = 0; again < 2; again++ )
            {
                assert_int_equal(rig_send(&rig, &request).reason,
                                 allowed ? 0 : 0x06);
                rig_reason(&rig, SID, IOVA, REQUEST_WRITE);
            }
            rig_destroy(&rig);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_at_every_level_and_size_decide),
        cmocka_unit_test(a_page_of_each_size_translates_its_whole_span),
        cmocka_unit_test(every_reserved_bit_of_a_paging_entry_is_LSL_2),
        cmocka_unit_test(page_sizes_that_are_not_supported_are_LSL_2),
        cmocka_unit_test(PS_at_level_4_is_LSL_2_whatever_the_address),
        cmocka_unit_test(rights_come_before_reserved_bits),
        cmocka_unit_test(addresses_beyond_the_width_are_LGN_1),
        cmocka_unit_test(three_levels_start_at_level_3),
        cmocka_unit_test(a_fetch_error_is_LCT_4_3_at_the_top_and_LSL_1_below),
        cmocka_unit_test(a_table_that_links_to_itself_ends),
        cmocka_unit_test(an_output_in_the_interrupt_range_is_LGN_4),
        cmocka_unit_test(zero_length_reads_of_a_write_only_page_need_ZLR),
    };

    return RUN(tests);
}
