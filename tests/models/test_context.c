/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

/* A device with one page mapped. */
static uint64_t start(struct rig *rig, const struct vtd_config *config)
{
    uint64_t table;

    rig_start(rig, config);
    table = rig_simple_context(rig, SID, DID);
    rig_map(rig, table, IOVA, 0x5000, RW, 1);
    return table;
}

static void expect_condition(struct rig *rig, const char *row,
                             unsigned int reason, const char *condition)
{
    struct response response;

    rig_flush(rig);
    response = rig_translate(rig, SID, IOVA, REQUEST_READ);
    expect_equal(row, response.status, RESPONSE_ABORT);
    expect_equal(row, response.reason, reason);
    assert_string_equal(response.condition, condition);
}

static void a_root_entry_that_is_not_present_is_LRT_2(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    expect_condition(&rig, "empty", 0x01, "LRT.2");
    rig_destroy(&rig);
}

static void every_reserved_bit_of_a_root_entry_is_LRT_3(void **state)
{
    struct rig rig;
    uint64_t entry, low;

    (void)state;
    start(&rig, NULL);
    entry = rig_root_entry(&rig, SID);
    low = rig_load(&rig, entry);
    for ( unsigned int bit = 1; bit < 128; bit++ )
    {
        if ( bit >= 12 && bit < 46 )
            continue; /* CTP below HAW */
        if ( bit < 64 )
            rig_store(&rig, entry, low | UINT64_C(1) << bit);
        else
            rig_store(&rig, entry + 8, UINT64_C(1) << (bit - 64));
        expect_condition(&rig, "reserved", 0x0a, "LRT.3");
        rig_store(&rig, entry, low);
        rig_store(&rig, entry + 8, 0);
    }
    rig_flush(&rig);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    rig_destroy(&rig);
}

static void every_reserved_bit_of_a_context_entry_is_LCT_3(void **state)
{
    struct rig rig;
    uint64_t entry, low, high;

    (void)state;
    start(&rig, NULL);
    entry = rig_context_entry(&rig, SID);
    low = rig_load(&rig, entry);
    high = rig_load(&rig, entry + 8);
    for ( unsigned int bit = 4; bit < 128; bit++ )
    {
        bool reserved = bit < 12 || (bit >= 46 && bit < 64) || bit == 71 ||
                        bit >= 88;

        if ( !reserved )
            continue;
        if ( bit < 64 )
            rig_store(&rig, entry, low | UINT64_C(1) << bit);
        else
            rig_store(&rig, entry + 8, high | UINT64_C(1) << (bit - 64));
        expect_condition(&rig, "reserved", 0x0b, "LCT.3");
        rig_store(&rig, entry, low);
        rig_store(&rig, entry + 8, high);
    }
    rig_destroy(&rig);
}

static void bits_70_to_67_of_a_context_entry_are_ignored(void **state)
{
    struct rig rig;
    uint64_t entry;

    (void)state;
    start(&rig, NULL);
    entry = rig_context_entry(&rig, SID) + 8;
    rig_store(&rig, entry, rig_load(&rig, entry) | 0x78);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    rig_destroy(&rig);
}

static void reserved_bits_do_not_count_without_P(void **state)
{
    struct rig rig;
    uint64_t entry;

    (void)state;
    start(&rig, NULL);
    entry = rig_context_entry(&rig, SID);
    rig_store(&rig, entry, ~UINT64_C(3));
    expect_condition(&rig, "context", 0x02, "LCT.2");
    rig_store(&rig, rig_root_entry(&rig, SID), ~UINT64_C(1));
    expect_condition(&rig, "root", 0x01, "LRT.2");
    rig_destroy(&rig);
}

static void tables_that_cannot_be_read_are_LRT_1_and_LCT_1(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, NULL);
    rig_store(&rig, rig_root_entry(&rig, SID), UINT64_C(1) << 40 | 1);
    expect_condition(&rig, "context table", 0x09, "LCT.1");
    rig_set_root(&rig, UINT64_C(1) << 40);
    expect_condition(&rig, "root table", 0x08, "LRT.1");
    rig_destroy(&rig);
}

/* TT, AW and capabilities against the result. */
static void type_and_width_must_be_supported(void **state)
{
    static const struct {
        const char *row;
        unsigned int sagaw; /* bit 1: 39, bit 2: 48 */
        bool pt;
        unsigned int tt, aw;
        const char *condition; /* NULL: no fault */
    } rows[] = {
        { "4 levels", 6, true, 0, 2, NULL },
        { "3 levels", 6, true, 0, 1, NULL },
        { "AW 0", 6, true, 0, 0, "LCT.4.1" },
        { "AW 3: 57 bits", 6, true, 0, 3, "LCT.4.1" },
        { "AW 4", 6, true, 0, 4, "LCT.4.1" },
        { "AW 5", 6, true, 0, 5, "LCT.4.1" },
        { "AW 6", 6, true, 0, 6, "LCT.4.1" },
        { "AW 7", 6, true, 0, 7, "LCT.4.1" },
        { "48 bits of 39", 2, true, 0, 2, "LCT.4.1" },
        { "39 bits of 48", 4, true, 0, 1, "LCT.4.1" },
        { "TT 1 without DT", 6, true, 1, 2, "LCT.4.2" },
        { "TT 3", 6, true, 3, 2, "LCT.4.2" },
        { "pass-through", 6, true, 2, 2, NULL },
        { "pass-through, not the largest", 6, true, 2, 1, "LCT.4.1" },
        { "pass-through, 39 bits only", 2, true, 2, 1, NULL },
        { "pass-through, AW 0", 6, true, 2, 0, "LCT.4.1" },
        { "pass-through without PT", 6, false, 2, 2, "LCT.4.2" },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig_context context = {
            .sid = SID, .aw = rows[i].aw, .tt = rows[i].tt, .did = DID
        };
        struct vtd_config config;
        struct response response;
        struct rig rig;
        uint64_t table;

        vtd_config_default(&config);
        config.cap &= ~(UINT64_C(0x1f) << 8 | UINT64_C(0x3f) << 16);
        config.cap |= (uint64_t)rows[i].sagaw << 8 | UINT64_C(38) << 16;
        if ( !rows[i].pt )
            config.ecap &= ~UINT64_C(0x40);
        rig_start(&rig, &config);
        table = rig_set_context(&rig, &context);
        rig_store(&rig,
                  rig_entry(&rig, table, rows[i].aw == 1 ? 3 : 4, IOVA, 1),
                  0x5000 | RW);
        response = rig_translate(&rig, SID, IOVA, REQUEST_READ);
        expect_equal(rows[i].row, response.reason, rows[i].condition ? 3 : 0);
        if ( rows[i].condition )
            assert_string_equal(response.condition, rows[i].condition);
        rig_destroy(&rig);
    }
}

static void pass_through_gives_the_address_unchanged(void **state)
{
    struct rig_context context = { .sid = SID, .aw = 2, .tt = 2, .did = DID };
    struct response response;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set_context(&rig, &context);
    response = rig_translate(&rig, SID, 0x12345678, REQUEST_ATOMIC);
    assert_int_equal(response.status, RESPONSE_OK);
    assert_int_equal(response.address, 0x12345678);
    assert_int_equal(response.rights, RW);
    rig_destroy(&rig);
}

static void pass_through_ignores_slptptr(void **state)
{
    struct rig_context context = {
        .sid = SID, .aw = 2, .tt = 2, .did = DID, .slptptr = UINT64_C(1) << 50
    };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set_context(&rig, &context);
    assert_int_equal(rig_reason(&rig, SID, 0x1000, REQUEST_READ), 0);
    rig_destroy(&rig);
}

static void pass_through_has_limits(void **state)
{
    struct rig_context context = { .sid = SID, .aw = 2, .tt = 2, .did = DID };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set_context(&rig, &context);
    assert_int_equal(
        rig_reason(&rig, SID, (UINT64_C(1) << 46) - 4, REQUEST_READ), 0);
    assert_int_equal(rig_reason(&rig, SID, UINT64_C(1) << 46, REQUEST_READ),
                     0x04);
    assert_int_equal(rig_reason(&rig, SID, 0xfee00000, REQUEST_READ), 0x0e);
    rig_destroy(&rig);
}

static void devices_of_one_bus_have_entries_by_devfn(void **state)
{
    struct rig rig;
    uint64_t a, b;

    (void)state;
    rig_start(&rig, NULL);
    a = rig_simple_context(&rig, 0x0108, 1);
    b = rig_simple_context(&rig, 0x0109, 2);
    rig_map(&rig, a, IOVA, 0x5000, RW, 1);
    rig_map(&rig, b, IOVA, 0x6000, RW, 1);
    assert_int_equal(rig_translate(&rig, 0x108, IOVA, REQUEST_READ).address,
                     0x5000);
    assert_int_equal(rig_translate(&rig, 0x109, IOVA, REQUEST_READ).address,
                     0x6000);
    assert_int_equal(rig_reason(&rig, 0x10a, IOVA, REQUEST_READ), 0x02);
    assert_int_equal(rig_reason(&rig, 0x208, IOVA, REQUEST_READ), 0x01);
    rig_destroy(&rig);
}

static void ttm_other_than_legacy_is_RTA_1(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, NULL);
    for ( unsigned int ttm = 1; ttm < 4; ttm++ )
    {
        rig_set_root(&rig, rig.root | (uint64_t)ttm << 10);
        expect_condition(&rig, "ttm", 0x30, "RTA.1");
    }
    rig_destroy(&rig);
}

static void a_pasid_in_legacy_mode_is_RTA_2(void **state)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);
    struct rig rig;

    (void)state;
    start(&rig, NULL);
    request.pasid = 1;
    assert_int_equal(rig_send(&rig, &request).reason, 0x31);
    rig_destroy(&rig);
}

static void ats_requests_are_LCT_5_with_either_type(void **state)
{
    static const enum request_type types[] = { REQUEST_TRANSLATION,
                                               REQUEST_TRANSLATED };

    (void)state;
    for ( unsigned int tt = 0; tt <= 2; tt += 2 )
        for ( size_t i = 0; i < 2; i++ )
        {
            struct rig_context context = { .sid = SID, .aw = 2, .tt = tt };
            struct request request = rig_request(SID, IOVA, REQUEST_READ);
            struct rig rig;

            rig_start(&rig, NULL);
            rig_set_context(&rig, &context);
            request.type = types[i];
            assert_int_equal(rig_send(&rig, &request).reason, 0x0d);
            rig_destroy(&rig);
        }
}

/* The earlier condition wins: each row adds a defect before the last one. */
static void conditions_are_found_in_the_specified_order(void **state)
{
    struct request request = rig_request(SID, UINT64_C(1) << 50, REQUEST_READ);
    struct rig rig;
    uint64_t entry;

    (void)state;
    start(&rig, NULL);
    entry = rig_context_entry(&rig, SID);
    assert_int_equal(rig_send(&rig, &request).reason, 0x04);
    request.type = REQUEST_TRANSLATED;
    assert_int_equal(rig_send(&rig, &request).reason, 0x0d);
    rig_store(&rig, entry + 8, 0); /* AW 0 */
    rig_flush(&rig);
    assert_int_equal(rig_send(&rig, &request).reason, 0x03);
    rig_store(&rig, entry + 8, 0x80);
    rig_flush(&rig);
    assert_int_equal(rig_send(&rig, &request).reason, 0x0b);
    rig_store(&rig, entry, 0);
    rig_flush(&rig);
    assert_int_equal(rig_send(&rig, &request).reason, 0x02);
    rig_store(&rig, rig_root_entry(&rig, SID) + 8, 1);
    rig_flush(&rig);
    assert_int_equal(rig_send(&rig, &request).reason, 0x0a);
    request.pasid = 5;
    assert_int_equal(rig_send(&rig, &request).reason, 0x31);
    rig_set_root(&rig, rig.root | 0x800);
    assert_int_equal(rig_send(&rig, &request).reason, 0x30);
    rig_destroy(&rig);
}

static void the_domain_id_has_the_implemented_bits_only(void **state)
{
    struct vtd_config config;
    struct rig rig;
    uint64_t table;

    (void)state;
    vtd_config_default(&config);
    config.cap &= ~UINT64_C(7); /* ND 0: 16 domains */
    rig_start(&rig, &config);
    table = rig_simple_context(&rig, SID, 0x15);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    rig_map(&rig, table, IOVA, 0x6000, RW, 1);
    rig_iotlb(&rig, 2, 5, 0, 0, false);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     0x6000);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_entry_that_is_not_present_is_LRT_2),
        cmocka_unit_test(every_reserved_bit_of_a_root_entry_is_LRT_3),
        cmocka_unit_test(every_reserved_bit_of_a_context_entry_is_LCT_3),
        cmocka_unit_test(bits_70_to_67_of_a_context_entry_are_ignored),
        cmocka_unit_test(reserved_bits_do_not_count_without_P),
        cmocka_unit_test(tables_that_cannot_be_read_are_LRT_1_and_LCT_1),
        cmocka_unit_test(type_and_width_must_be_supported),
        cmocka_unit_test(pass_through_gives_the_address_unchanged),
        cmocka_unit_test(pass_through_ignores_slptptr),
        cmocka_unit_test(pass_through_has_limits),
        cmocka_unit_test(devices_of_one_bus_have_entries_by_devfn),
        cmocka_unit_test(ttm_other_than_legacy_is_RTA_1),
        cmocka_unit_test(a_pasid_in_legacy_mode_is_RTA_2),
        cmocka_unit_test(ats_requests_are_LCT_5_with_either_type),
        cmocka_unit_test(conditions_are_found_in_the_specified_order),
        cmocka_unit_test(the_domain_id_has_the_implemented_bits_only),
    };

    return RUN(tests);
}
