/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CD is found, and which one is ILLEGAL (3.3.2, 5.3, 5.4). */
#include "expect.h"
#include "rig.h"

#define OTHER_PAGE UINT64_C(0xabcd000)

static uint64_t go_ssid(struct rig *rig, uint32_t ssid)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);

    request.pasid = ssid;
    return rig_go(rig, &request);
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

            rig_stream(&rig, &device, config);
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

            rig_stream(&rig, &device, config);
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
    rig_stream(&rig, &device, STAGE1);
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

            rig_stream(&rig, &device, rows[i].config);
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

            rig_stream(&rig, &device, config);
            page = device.page;
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

            rig_stream(&rig, &device, config);
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

            rig_stream(&rig, &device, NESTED);
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
    };

    return RUN(tests);
}
