/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CD is found, and which one is ILLEGAL (3.3.2, 5.3, 5.4). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define OTHER_PAGE UINT64_C(0xabcd000)

static uint64_t go_ssid(struct rig *rig, uint32_t ssid)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);

    request.pasid = ssid;
    return rig_go(rig, &request);
}

static uint64_t fresh(struct rig *rig)
{
    rig_command(rig, CFGI_ALL);
    rig_command(rig, NSNH_ALL);
    rig_command(rig, 0x20, 0); /* TLBI_EL2_ALL */
    return rig_read(rig, SID, IOVA);
}

static uint64_t start(struct rig *rig, struct device *device,
                      unsigned int config)
{
    *device = (struct device) { 0 };
    rig_start(rig, NULL);
    rig_device(rig, device, config);
    return device->page;
}

/* S1Fmt, S1CDMax and a table of CDs for the stream. */
static void use_cds(struct rig *rig, struct device *device, unsigned int fmt,
                    unsigned int max, uint64_t table)
{
    rig_patch(rig, device->ste, 5, 4, fmt);
    rig_patch(rig, device->ste, 63, 59, max);
    rig_patch(rig, device->ste, 55, 6, (table + device->s1.moved) >> 6);
    rig_command(rig, CFGI_ALL);
}

static void a_linear_table_has_64_bytes_for_each_substream(void **state)
{
    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
        for ( unsigned int fmt = 0; fmt < 4; fmt += 3 ) /* 3 as 0 */
        {
            struct device device;
            struct rig rig;
            uint64_t table;

            start(&rig, &device, config);
            table = rig_alloc(&rig, 64 << 5);
            rig_second_cd(&rig, &device, table + 21 * 64, device.page);
            use_cds(&rig, &device, fmt, 5, table);
            assert_int_equal(go_ssid(&rig, 21), device.page);
            assert_int_equal(go_ssid(&rig, 20), ABORTED | C_BAD_CD);
            assert_int_equal(go_ssid(&rig, 32), ABORTED | C_BAD_SUBSTREAMID);
            assert_int_equal(go_ssid(&rig, 21 + 32),
                             ABORTED | C_BAD_SUBSTREAMID);
            rig_destroy(&rig);
        }
}

/* S1Fmt 1: 64 CDs a leaf, 2: 1024. */
static void two_levels_split_the_SubstreamID(void **state)
{
    static const struct {
        unsigned int fmt, split, max;
        uint32_t ssid;
    } rows[] = {
        { 1, 6, 20, 0x91234 }, { 1, 6, 7, 0x7f },      { 1, 6, 6, 0x3f },
        { 1, 6, 3, 0x7 },      { 2, 10, 20, 0xc5432 }, { 2, 10, 10, 0x3ff },
        { 2, 10, 5, 0x1f },
    };

    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
        for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        {
            uint32_t index = rows[i].ssid >> rows[i].split;
            struct device device;
            struct rig rig;
            uint64_t l1, l2;

            start(&rig, &device, config);
            l1 = rig_alloc(&rig, 0x20000);
            l2 = rig_alloc(&rig, UINT64_C(64) << rows[i].split);
            rig_store(&rig, l1 + index * 8, (l2 + device.s1.moved) | 1);
            rig_second_cd(&rig, &device,
                          l2 + (rows[i].ssid & ((1u << rows[i].split) - 1)) *
                                   UINT64_C(64),
                          device.page);
            use_cds(&rig, &device, rows[i].fmt, rows[i].max, l1);
            expect_equal("CD", go_ssid(&rig, rows[i].ssid), device.page);
            expect_equal("neighbour", go_ssid(&rig, rows[i].ssid ^ 1),
                         ABORTED | C_BAD_CD);
            if ( rows[i].max > rows[i].split )
                expect_equal(
                    "L1CD.V",
                    go_ssid(&rig, rows[i].ssid ^ (1u << rows[i].split)),
                    ABORTED | C_BAD_SUBSTREAMID);
            rig_destroy(&rig);
        }
}

/* 5.3: out of range of the PA. */
static void an_L2Ptr_beyond_OAS_is_C_BAD_SUBSTREAMID(void **state)
{
    struct device device;
    struct rig rig;
    uint64_t l1;

    (void)state;
    start(&rig, &device, STAGE1);
    l1 = rig_alloc(&rig, 0x1000);
    rig_store(&rig, l1, UINT64_C(1) << 48 | 1);
    use_cds(&rig, &device, 1, 7, l1);
    assert_int_equal(go_ssid(&rig, 3), ABORTED | C_BAD_SUBSTREAMID);
    rig_destroy(&rig);
}

/* 7.3.9, 7.3.7 */
static void a_SubstreamID_needs_substreams(void **state)
{
    static const struct {
        unsigned int config;
        uint64_t expected;
    } rows[] = {
        { ABORT, ABORTED },
        { BYPASS, ABORTED | C_BAD_SUBSTREAMID },
        { STAGE1, ABORTED | C_BAD_SUBSTREAMID },
        { STAGE2, ABORTED | C_BAD_SUBSTREAMID },
        { NESTED, ABORTED | C_BAD_SUBSTREAMID },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        for ( uint32_t ssid = 0; ssid < 2; ssid++ )
        {
            struct device device;
            struct rig rig;

            start(&rig, &device, rows[i].config);
            expect_equal("Config", go_ssid(&rig, ssid), rows[i].expected);
            rig_destroy(&rig);
        }
}

/* SSIDSIZE = 0: S1CDMax, S1Fmt and S1DSS are ignored. */
static void a_unit_without_substreams_has_one_CD(void **state)
{
    struct smmuv3_config config;
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.idr[1] &= ~(31u << 6);
    rig_start(&rig, &config);
    rig_device(&rig, &device, STAGE1);
    rig_patch(&rig, device.ste, 5, 4, 1);
    rig_patch(&rig, device.ste, 63, 59, 8);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_int_equal(go_ssid(&rig, 0), ABORTED | C_BAD_SUBSTREAMID);
    rig_destroy(&rig);
}

/* 5.2, S1DSS: without SubstreamID, with 0, with 1. */
static void S1DSS_decides_over_traffic_without_SubstreamID(void **state)
{
    static const struct {
        unsigned int dss;
        uint64_t without, zero;
    } rows[] = {
        { 0, ABORTED | F_STREAM_DISABLED, 0 },
        { 1, IOVA, 0 },
        { 2, 0, ABORTED | F_STREAM_DISABLED },
        { 3, ABORTED | F_STREAM_DISABLED, 0 }, /* as 0 */
    };

    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
        for ( size_t i = 0; i < 4; i++ )
        {
            uint64_t without = rows[i].without, page, table;
            struct device device;
            struct rig rig;

            page = start(&rig, &device, config);
            table = rig_alloc(&rig, 64 << 5);
            rig_second_cd(&rig, &device, table, page);
            rig_second_cd(&rig, &device, table + 64, page);
            rig_patch(&rig, device.ste, 65, 64, rows[i].dss);
            use_cds(&rig, &device, 0, 5, table);
            /* Bypass of stage 1 only: IOVA is an IPA. */
            if ( rows[i].dss == 1 && config == NESTED )
            {
                rig_map(&rig, &device.s2, IOVA, OTHER_PAGE, S2_LEAF, 3);
                without = OTHER_PAGE;
            }
            expect_equal("without", rig_read(&rig, SID, IOVA),
                         without ? without : page);
            expect_equal("zero", go_ssid(&rig, 0),
                         rows[i].zero ? rows[i].zero : page);
            expect_equal("one", go_ssid(&rig, 1), page);
            rig_destroy(&rig);
        }
}

static void aborted_fetches_are_F_CD_FETCH_with_their_address(void **state)
{
    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
        for ( unsigned int leaf = 0; leaf < 2; leaf++ )
        {
            struct device device;
            struct event event;
            struct rig rig;
            uint64_t l1, l2, fetched;

            start(&rig, &device, config);
            l1 = rig_alloc(&rig, 0x1000);
            l2 = rig_alloc(&rig, 0x1000);
            rig_store(&rig, l1 + 8, (l2 + device.s1.moved) | 1);
            rig_second_cd(&rig, &device, l2 + 3 * 64, device.page);
            use_cds(&rig, &device, 1, 8, l1);
            fetched = leaf ? l2 + 3 * 64 : l1 + 8;
            rig_refuse(&rig, fetched, 8);
            assert_int_equal(go_ssid(&rig, 64 + 3), ABORTED | F_CD_FETCH);
            assert_int_equal(rig_event(&rig, &event), F_CD_FETCH);
            assert_int_equal(rig_bits(&event, 11, 11), 1);
            assert_int_equal(rig_bits(&event, 31, 12), 64 + 3);
            assert_int_equal(event.word[3], fetched);
            rig_refuse(&rig, 0, 0);
            assert_int_equal(go_ssid(&rig, 64 + 3), device.page);
            rig_destroy(&rig);
        }
}

/* Nested: each fault of stage 2 at the fetch of an L1CD or CD. */
static void stage_2_faults_of_a_CD_fetch_have_CLASS_CD(void **state)
{
    static const struct {
        unsigned int event;
        uint64_t leaf; /* descriptor of the page in stage 2 */
    } rows[] = {
        { F_TRANSLATION, 0 },
        { F_ACCESS, S2AP(3) | 3 },
        { F_PERMISSION, AF | S2AP(2) | 3 }, /* write only */
        { F_ADDR_SIZE, AF | S2AP(3) | 3 | UINT64_C(1) << 44 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        for ( unsigned int leaf = 0; leaf < 2; leaf++ )
        {
            struct device device;
            struct event event;
            struct rig rig;
            uint64_t l1, l2, ipa, page;

            start(&rig, &device, NESTED);
            rig_patch(&rig, device.ste, 178, 176, 4); /* S2PS 44 */
            l1 = rig_alloc(&rig, 0x1000);
            l2 = rig_alloc(&rig, 0x1000);
            rig_store(&rig, l1 + 8, (l2 + MOVED) | 1);
            rig_second_cd(&rig, &device, l2 + 3 * 64, device.page);
            use_cds(&rig, &device, 1, 8, l1);
            page = leaf ? l2 : l1;
            ipa = page + MOVED;
            rig_store(&rig, rig_entry(&rig, &device.s2, ipa, 3),
                      rows[i].leaf ? rows[i].leaf | page : 0);
            expect_equal("reason", go_ssid(&rig, 64 + 3),
                         ABORTED | rows[i].event);
            assert_int_equal(rig_event(&rig, &event), rows[i].event);
            assert_int_equal(rig_bits(&event, 103, 103), 1); /* S2 */
            assert_int_equal(rig_bits(&event, 105, 104), 0); /* CD */
            assert_int_equal(rig_bits(&event, 191, 128), IOVA);
            assert_int_equal(event.word[3], ipa);
            rig_destroy(&rig);
        }
}

/* Bits of a good CD (EPD1, T0SZ=25, TG0=4K) that make it ILLEGAL. */
static bool bit_is_illegal(unsigned int bit)
{
    static const struct {
        unsigned int high, low;
        const char *row;
    } rows[] = {
        { 5, 4, "T0SZ" },
        { 15, 15, "ENDI" },
        { 30, 30, "EPD1: a TTB1 with T1SZ = 0" },
        { 31, 31, "V" },
        { 41, 41, "AA64" },
        { 42, 42, "HD" },
        { 43, 43, "HA" },
        { 44, 44, "S" },
        { 115, 112, "TTB0 beyond 48 bits; 119:116 are RES0" },
    };

    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        if ( bit >= rows[i].low && bit <= rows[i].high )
            return true;
    return false;
}

static void single_bits_are_legal_or_not(void **state)
{
    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
    {
        struct device device;
        struct rig rig;

        start(&rig, &device, config);
        assert_int_equal(fresh(&rig), device.page);
        for ( unsigned int bit = 0; bit < 512; bit++ )
        {
            uint64_t at = device.cd + bit / 64 * 8;
            uint64_t flip = UINT64_C(1) << bit % 64;
            char row[16];

            snprintf(row, sizeof(row), "bit %u", bit);
            rig_store(&rig, at, rig_load(&rig, at) ^ flip);
            expect_equal(row, fresh(&rig) == (ABORTED | C_BAD_CD),
                         bit_is_illegal(bit));
            rig_store(&rig, at, rig_load(&rig, at) ^ flip);
        }
        rig_destroy(&rig);
    }
}

/* TxSZ 16 to 39, granules of the unit, and nothing of a disabled half. */
static void a_half_is_checked_when_it_is_used(void **state)
{
    static const unsigned int shift0[] = { 12, 16, 14, 0 };
    static const unsigned int shift1[] = { 0, 14, 12, 16 };

    (void)state;
    for ( uint32_t without = 0; without < 4; without++ ) /* a granule */
    {
        struct smmuv3_config config;
        struct device device = { 0 };
        struct rig rig;

        rig_config(&config);
        config.idr[5] &= without ? ~(8u << without) : UINT32_MAX;
        if ( without == 1 )
            device.s1 = (struct tables) { .shift = 14,
                                          .bits = 36,
                                          .start = 2 };
        rig_start(&rig, &config);
        rig_device(&rig, &device, STAGE1);
        for ( unsigned int i = 0; i < 2 * 2 * 4 * 64; i++ )
        {
            unsigned int epd = i >> 9, half = i >> 8 & 1, tg = i >> 6 & 3;
            unsigned int txsz = i & 63;
            unsigned int shift = half ? shift1[tg] : shift0[tg];
            /* 4, 5, 6: 4K, 16K, 64K */
            bool have = shift && config.idr[5] >> (shift / 2 - 2) & 1;

            rig_cd(&rig, &device);
            rig_patch(&rig, device.cd, 14, 14, half || epd);
            rig_patch(&rig, device.cd, 30, 30, !half || epd);
            rig_patch(&rig, device.cd, half ? 21 : 5, half ? 16 : 0, txsz);
            rig_patch(&rig, device.cd, half ? 23 : 7, half ? 22 : 6, tg);
            expect_equal("half", fresh(&rig) == (ABORTED | C_BAD_CD),
                         !epd && (!have || txsz < 16 || txsz > 39));
        }
        rig_destroy(&rig);
    }
}

static void TTBs_must_be_in_the_output_range(void **state)
{
    static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48, 48, 48 };

    (void)state;
    for ( unsigned int half = 0; half < 2; half++ )
        for ( unsigned int ips = 0; ips < 8; ips++ )
        {
            struct device device;
            struct rig rig;

            start(&rig, &device, STAGE1);
            rig_patch(&rig, device.cd, half ? 14 : 30, half ? 14 : 30, 1);
            rig_patch(&rig, device.cd, half ? 30 : 14, half ? 30 : 14, 0);
            rig_patch(&rig, device.cd, 21, 16, 25);
            rig_patch(&rig, device.cd, 23, 22, 2);
            rig_patch(&rig, device.cd, 34, 32, ips);
            for ( unsigned int bit = 31; bit < 52; bit++ )
            {
                rig_patch(&rig, device.cd, half ? 183 : 119, half ? 132 : 68,
                          UINT64_C(1) << (bit - 4));
                expect_equal("TTB", fresh(&rig) == (ABORTED | C_BAD_CD),
                             bit >= sizes[ips]);
            }
            rig_destroy(&rig);
        }
}

/* What features and the STE say about a CD. */
static void the_unit_and_the_STE_decide_as_well(void **state)
{
    static const struct {
        const char *row;
        uint32_t toggle; /* IDR0 */
        unsigned int strw, high, low, value;
        bool illegal;
    } rows[] = {
        { "TERM_MODEL, A=0", 1u << 26, 0, 46, 46, 0, true },
        { "TERM_MODEL, A=1", 1u << 26, 0, 46, 46, 1, false },
        { "8-bit ASID", 1u << 12, 0, 63, 48, 0xff, false },
        { "9 bits of ASID", 1u << 12, 0, 63, 48, 0x100, true },
        { "9 bits of ASID, EL2", 1u << 12, 2, 63, 48, 0x100, false },
        { "16-bit ASID", 0, 0, 63, 48, 0xffff, false },
        { "EPD1 clear, T1SZ = 0", 0, 0, 30, 30, 0, true },
        { "no second half in EL2", 0, 2, 30, 30, 0, false },
        { "EPD0 and EPD1, ENDI", 0, 0, 15, 14, 3, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct smmuv3_config config;
        struct device device = { 0 };
        struct rig rig;

        rig_config(&config);
        config.idr[0] ^= rows[i].toggle;
        rig_start(&rig, &config);
        rig_device(&rig, &device, STAGE1);
        rig_patch(&rig, device.ste, 95, 94, rows[i].strw);
        rig_patch(&rig, device.cd, rows[i].high, rows[i].low, rows[i].value);
        expect_equal(rows[i].row, fresh(&rig) == (ABORTED | C_BAD_CD),
                     rows[i].illegal);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_table_has_64_bytes_for_each_substream),
        cmocka_unit_test(two_levels_split_the_SubstreamID),
        cmocka_unit_test(an_L2Ptr_beyond_OAS_is_C_BAD_SUBSTREAMID),
        cmocka_unit_test(a_SubstreamID_needs_substreams),
        cmocka_unit_test(a_unit_without_substreams_has_one_CD),
        cmocka_unit_test(S1DSS_decides_over_traffic_without_SubstreamID),
        cmocka_unit_test(aborted_fetches_are_F_CD_FETCH_with_their_address),
        cmocka_unit_test(stage_2_faults_of_a_CD_fetch_have_CLASS_CD),
        cmocka_unit_test(single_bits_are_legal_or_not),
        cmocka_unit_test(a_half_is_checked_when_it_is_used),
        cmocka_unit_test(TTBs_must_be_in_the_output_range),
        cmocka_unit_test(the_unit_and_the_STE_decide_as_well),
    };

    return RUN(tests);
}
