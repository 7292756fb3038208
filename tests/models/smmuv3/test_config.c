/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <string.h>

#define B(n) (UINT32_C(1) << (n))

static void the_default_is_usable_and_has_all_that_is_built(void **state)
{
    /* word, bits that must be there, value */
    static const struct {
        const char *row;
        unsigned int idr;
        uint32_t mask, value;
    } rows[] = {
        { "S2P, S1P", 0, 0x3, 0x3 },
        { "TTF AArch64", 0, 0xc, 0x8 },
        { "HYP", 0, B(9), B(9) },
        { "ASID16", 0, B(12), B(12) },
        { "VMID16", 0, B(18), B(18) },
        { "CD2L", 0, B(19), B(19) },
        { "TTENDIAN little", 0, 3u << 21, 2u << 21 },
        { "STALL_MODEL terminate", 0, 3u << 24, 1u << 24 },
        { "ST_LEVEL", 0, 3u << 27, 1u << 27 },
        { "ATTR_PERMS_OVR", 1, B(26), B(26) },
        { "HAD", 3, B(2), B(2) },
        { "XNX", 3, B(4), B(4) },
        { "RIL", 3, B(10), B(10) },
        { "OAS 48", 5, 7, 5 },
        { "4K, 16K, 64K", 5, 0x70, 0x70 },
    };
    struct smmuv3_config config;

    (void)state;
    smmuv3_config_default(&config);
    assert_null(smmuv3_config_check(&config));
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        expect_equal(rows[i].row, config.idr[rows[i].idr] & rows[i].mask,
                     rows[i].value);
    assert_int_equal(config.wires.eventq, 74);
    assert_int_equal(config.wires.priq, 75);
    assert_int_equal(config.wires.sync, 76);
    assert_int_equal(config.wires.gerror, 77);
}

static void what_the_tests_build_upon_is_usable(void **state)
{
    struct smmuv3_config config;

    (void)state;
    rig_config(&config);
    assert_null(smmuv3_config_check(&config));
}

/* Bits toggled in the rig's configuration, and a word of the sentence. */
static const struct {
    unsigned int idr;
    uint32_t toggle;
    const char *says;
} refusals[] = {
    { 0, B(0) | B(1) | B(9) | B(19), "at least one stage" },
    { 0, B(1) | B(19), "S1P" },        /* Hyp without stage 1 */
    { 0, B(1) | B(9), "S1P" },         /* CD2L without stage 1 */
    { 0, B(1) | B(9) | B(19), "S1P" }, /* substreams without stage 1 */
    { 0, B(2), "TTF" },                /* AArch32 as well */
    { 0, B(2) | B(3), "TTF" },         /* AArch32 only */
    { 0, B(3), "TTF" },                /* none */
    { 0, B(5), "BTM" },
    { 0, B(6), "HTTU" },
    { 0, B(7), "HTTU" },
    { 0, B(6) | B(7), "HTTU" },
    { 0, B(8), "DORMHINT" },
    { 0, B(10), "ATS" },
    { 0, B(11), "NS1ATS" },
    { 0, B(13), "MSI" },
    { 0, B(15), "ATOS" },
    { 0, B(16), "PRI" },
    { 0, B(17), "VMW" },
    { 0, B(20), "VATOS" },
    { 0, B(21), "TTENDIAN" },            /* 2 -> 3: big-endian */
    { 0, B(22), "TTENDIAN" },            /* 2 -> 0: mixed */
    { 0, B(22) | B(21), "TTENDIAN" },    /* 2 -> 1: reserved */
    { 0, B(24), "STALL_MODEL" },         /* 1 -> 0 */
    { 0, B(24) | B(25), "STALL_MODEL" }, /* 1 -> 2 */
    { 0, B(25), "STALL_MODEL" },         /* 1 -> 3: reserved */
    { 0, B(28), "ST_LEVEL" },            /* reserved */
    { 0, B(30), "RME" },
    { 0, B(31), "eserved" },
    { 1, B(27), "ATTR_TYPES_OVR" },
    { 1, B(28), "REL" },
    { 1, B(29), "PRESET" },
    { 1, B(30), "PRESET" },
    { 1, B(31), "ECMDQ" },
    { 1, B(5), "SIDSIZE" },      /* 16 -> 48 */
    { 1, B(6), "SSIDSIZE" },     /* 20 -> 21 */
    { 1, 15u << 16, "EVENTQS" }, /* 19 -> 28 */
    { 1, 15u << 21, "CMDQS" },
    { 3, B(0), "eserved" },
    { 3, B(1), "eserved" },
    { 3, B(6), "eserved" },
    { 3, B(31), "eserved" },
    { 3, B(3), "PBHA" },
    { 3, B(7), "MPAM" },
    { 3, B(8), "FWB" },
    { 3, B(9), "STT" },
    { 3, B(11), "BBML" }, /* 2 -> 3: reserved */
    { 3, B(13), "E0PD" },
    { 3, B(15), "later" },               /* DPT */
    { 5, B(0) | B(1), "OAS" },           /* 5 -> 6: 52 bits */
    { 5, B(1), "OAS" },                  /* 5 -> 7 */
    { 5, B(4) | B(5) | B(6), "ranule" }, /* none at all */
    { 5, B(3), "eserved" },
    { 5, B(9), "eserved" },
    { 5, B(7), "DS" },
    { 5, B(8), "D128" },
    { 5, B(10), "VAX" },
    { 5, B(11), "VAX" },
    { 5, B(16), "STALL_MAX" },
};

static void what_is_not_built_is_refused_with_a_reason(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++ )
    {
        struct smmuv3_config config;
        const char *reason;

        rig_config(&config);
        config.idr[refusals[i].idr] ^= refusals[i].toggle;
        reason = smmuv3_config_check(&config);
        if ( !reason )
            fail_msg("row %zu (%s) was accepted", i, refusals[i].says);
        if ( !strstr(reason, refusals[i].says) )
            fail_msg("row %zu: '%s' says nothing of %s", i, reason,
                     refusals[i].says);
    }
}

/* What may be left away or chosen. */
static void every_smaller_unit_is_usable(void **state)
{
    static const struct {
        const char *row;
        unsigned int idr;
        uint32_t toggle;
    } rows[] = {
        { "no stage 2", 0, B(0) | B(18) },
        { "no stage 1, no Hyp", 0, B(1) | B(9) | B(12) | B(19) },
        { "COHACC", 0, B(4) },
        { "no Hyp", 0, B(9) },
        { "8-bit ASIDs", 0, B(12) },
        { "no SEV", 0, B(14) },
        { "8-bit VMIDs", 0, B(18) },
        { "no 2-level CD tables", 0, B(19) },
        { "TERM_MODEL", 0, B(26) },
        { "no ATTR_PERMS_OVR", 1, B(26) },
        { "no substreams", 1, 20u << 6 },
        { "no HAD", 3, B(2) },
        { "no XNX", 3, B(4) },
        { "no RIL", 3, B(10) },
        { "BBML 0", 3, 2u << 11 },
        { "BBML 1", 3, 3u << 11 },
        { "OAS 44", 5, 1 },
        { "OAS 32", 5, 5 },
        { "no 4K", 5, B(4) },
        { "no 16K", 5, B(5) },
        { "no 64K", 5, B(6) },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct smmuv3_config config;
        const char *reason;

        rig_config(&config);
        config.idr[rows[i].idr] ^= rows[i].toggle;
        if ( !(config.idr[0] & B(1)) )
            config.idr[1] &= ~(31u << 6); /* substreams are of stage 1 */
        reason = smmuv3_config_check(&config);
        if ( reason )
            fail_msg("%s: '%s'", rows[i].row, reason);
    }
}

/* 6.3.2: from 64 StreamIDs upwards two levels must be there. */
static void a_linear_stream_table_only_needs_few_streams(void **state)
{
    struct smmuv3_config config;

    (void)state;
    rig_config(&config);
    config.idr[0] &= ~B(27);
    assert_non_null(smmuv3_config_check(&config));
    config.idr[1] = (config.idr[1] & ~0x3fu) | 7;
    assert_non_null(smmuv3_config_check(&config));
    config.idr[1] = (config.idr[1] & ~0x3fu) | 6;
    assert_null(smmuv3_config_check(&config));
}

/* 6.3.8: 0.n is SMMUv3.n. */
static void another_major_version_is_refused(void **state)
{
    struct smmuv3_config config;

    (void)state;
    rig_config(&config);
    config.aidr = 0x10;
    assert_non_null(strstr(smmuv3_config_check(&config), "AIDR"));
    config.aidr = 0x05;
    assert_null(smmuv3_config_check(&config));
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct smmuv3_config config;
    struct cache_config *const caches[] = {
        &config.ste_cache, &config.cd_cache,      &config.micro_tlb,
        &config.main_tlb,  &config.walk_cache[0], &config.walk_cache[1],
    };

    (void)state;
    rig_config(&config);
    config.slots = 0;
    assert_non_null(smmuv3_config_check(&config));
    config.slots = 65;
    assert_non_null(smmuv3_config_check(&config));
    config.slots = 64;
    assert_null(smmuv3_config_check(&config));
    for ( size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++ )
    {
        caches[i]->ways = 3;
        assert_non_null(smmuv3_config_check(&config));
        caches[i]->ways = caches[i]->entries;
        assert_null(smmuv3_config_check(&config));
        caches[i]->entries = 0;
        assert_null(smmuv3_config_check(&config));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_usable_and_has_all_that_is_built),
        cmocka_unit_test(what_the_tests_build_upon_is_usable),
        cmocka_unit_test(what_is_not_built_is_refused_with_a_reason),
        cmocka_unit_test(every_smaller_unit_is_usable),
        cmocka_unit_test(a_linear_stream_table_only_needs_few_streams),
        cmocka_unit_test(another_major_version_is_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
    };

    return RUN(tests);
}
