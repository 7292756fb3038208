/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <string.h>

#define B(n) (UINT64_C(1) << (n))

static void the_default_is_usable(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    assert_null(vtd_config_check(&config));
}

/* Bits toggled in a default configuration, and a word of the sentence. */
static const struct refusal {
    uint64_t cap, ecap;
    const char *says;
} refusals[] = {
    { B(3), 0, "AFL" },
    { B(4), 0, "RWBF" },
    { B(5), 0, "PLMR" },
    { B(6), 0, "PHMR" },
    { B(0), 0, "ND" },            /* 6 -> 7 */
    { B(8), 0, "SAGAW" },         /* reserved width */
    { B(11), 0, "5-level" },      /* 57 bits */
    { B(12), 0, "SAGAW" },        /* reserved width */
    { B(9) | B(10), 0, "SAGAW" }, /* no width at all */
    { B(10), 0, "MGAW" },         /* 48 bits with 39-bit tables */
    { B(20), 0, "MGAW" },         /* 64 bits */
    { B(21) | B(19) | B(18) | B(17) | B(16), 0, "MGAW" }, /* 1 bit */
    { B(13), 0, "reserved" },
    { B(14), 0, "reserved" },
    { B(15), 0, "reserved" },
    { B(23), 0, "reserved" },
    { B(38), 0, "reserved" },
    { B(57), 0, "reserved" },
    { B(58), 0, "reserved" },
    { B(36), 0, "SLLPS" },
    { B(37), 0, "SLLPS" },
    { B(53) | B(50), 0, "MAMV" }, /* 18 -> 54 */
    { B(56), 0, "legacy" },
    { B(59), 0, "PI" },
    { B(60), 0, "legacy" },
    { B(61), 0, "ECMDS" },
    { B(62), 0, "replay" },
    { 0, B(2), "DT" },
    { 0, B(3), "replay" },
    { 0, B(4), "replay" },
    { 0, B(20), "replay" },
    { 0, B(5), "deprecated" },
    { 0, B(24), "deprecated" },
    { 0, B(27), "deprecated" },
    { 0, B(28), "deprecated" },
    { 0, B(32), "reserved" },
    { 0, B(50), "reserved" },
    { 0, B(63), "reserved" },
    { 0, B(25), "MTS" },
    { 0, B(26), "legacy" },
    { 0, B(29), "PRS" },
    { 0, B(30), "scalable" },
    { 0, B(31), "scalable" },
    { 0, B(33), "NWFS" },
    { 0, B(34), "scalable" },
    { 0, B(35), "scalable" },
    { 0, B(39), "scalable" },
    { 0, B(40), "scalable" },
    { 0, B(41), "DIT" },
    { 0, B(42), "PDS" },
    { 0, B(43), "legacy" },
    { 0, B(44), "legacy" },
    { 0, B(45), "legacy" },
    { 0, B(46), "legacy" },
    { 0, B(47), "legacy" },
    { 0, B(48), "legacy" },
    { 0, B(49), "legacy" },
    { 0, B(51), "PMS" },
    { 0, B(52), "ADMS" },
    { 0, B(53), "legacy" },
};

static void what_is_not_built_is_refused_with_a_reason(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++ )
    {
        const struct refusal *row = &refusals[i];
        struct vtd_config config;
        const char *reason;

        vtd_config_default(&config);
        config.cap ^= row->cap;
        config.ecap ^= row->ecap;
        reason = vtd_config_check(&config);
        if ( !reason )
            fail_msg("row %zu (%s) was accepted", i, row->says);
        if ( !strstr(reason, row->says) )
            fail_msg("row %zu: '%s' says nothing of %s", i, reason, row->says);
    }
}

static void register_positions_that_collide_are_refused(void **state)
{
    static const struct {
        const char *row;
        unsigned int fro, iro, nfr;
        bool usable;
    } rows[] = {
        { "as recorded from an emulator", 0x22, 0xf, 0, true },
        { "IOTLB behind the fault records", 0x20, 0x40, 7, true },
        { "FRCD over CAP", 0x00, 0xf, 0, false },
        { "FRCD over IQT", 0x08, 0xf, 0, false },
        { "IOTLB over FSTS", 0x22, 0x03, 0, false },
        { "IOTLB in the middle of the FRCDs", 0x20, 0x24, 7, false },
        { "IOTLB just behind the FRCDs", 0x20, 0x28, 7, true },
        { "FRCD to the very end", 0xff, 0xf, 0, true },
        { "FRCD beyond the page", 0xff, 0xf, 1, false },
        { "FRCD far beyond the page", 0x3ff, 0xf, 0, false },
        { "IOTLB beyond the page", 0x22, 0x100, 0, false },
        { "256 FRCDs do not fit", 0x22, 0xf, 255, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct vtd_config config;

        vtd_config_default(&config);
        config.cap &= ~(UINT64_C(0x3ff) << 24 | UINT64_C(0xff) << 40);
        config.cap |= (uint64_t)rows[i].fro << 24;
        config.cap |= (uint64_t)rows[i].nfr << 40;
        config.ecap &= ~(UINT64_C(0x3ff) << 8);
        config.ecap |= (uint64_t)rows[i].iro << 8;
        expect_equal(rows[i].row, !vtd_config_check(&config), rows[i].usable);
    }
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    config.haw = 31;
    assert_non_null(vtd_config_check(&config));
    config.haw = 53;
    assert_non_null(vtd_config_check(&config));
    config.haw = 52;
    assert_null(vtd_config_check(&config));
    config.slots = 0;
    assert_non_null(vtd_config_check(&config));
    config.slots = 65;
    assert_non_null(vtd_config_check(&config));
    config.slots = 64;
    assert_null(vtd_config_check(&config));
    config.iotlb.ways = 3;
    assert_non_null(vtd_config_check(&config));
    config.iotlb.ways = 4;
    config.version = 0x100;
    assert_non_null(vtd_config_check(&config));
}

static void replay_takes_interrupt_remapping_bits(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    config.ecap |= B(3) | UINT64_C(0xf) << 20;
    assert_non_null(vtd_config_check(&config));
    config.replay = true;
    assert_null(vtd_config_check(&config));
    config.ecap &= ~B(3);
    assert_non_null(vtd_config_check(&config));
}

static void interrupt_remapping_needs_the_queue(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    config.replay = true;
    config.ecap |= B(3);
    config.ecap &= ~B(1);
    assert_non_null(strstr(vtd_config_check(&config), "QI"));
}

static void major_version_6_needs_the_queue(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    config.version = 0x60;
    assert_null(vtd_config_check(&config));
    config.ecap &= ~B(1);
    assert_non_null(strstr(vtd_config_check(&config), "QI"));
}

/* The capabilities of a recorded session. */
static void a_recorded_unit_is_usable(void **state)
{
    struct vtd_config config;

    (void)state;
    vtd_config_default(&config);
    config.cap = UINT64_C(0xd2008c222f0686);
    config.ecap = UINT64_C(0xf00f4a);
    assert_non_null(vtd_config_check(&config));
    config.replay = true;
    assert_null(vtd_config_check(&config));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_usable),
        cmocka_unit_test(what_is_not_built_is_refused_with_a_reason),
        cmocka_unit_test(register_positions_that_collide_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(replay_takes_interrupt_remapping_bits),
        cmocka_unit_test(interrupt_remapping_needs_the_queue),
        cmocka_unit_test(major_version_6_needs_the_queue),
        cmocka_unit_test(a_recorded_unit_is_usable),
    };

    return RUN(tests);
}
