/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an STE does, and which one is ILLEGAL (5.2, 5.2.2, 3.4). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

/* The result with the STE as it is now. */
static uint64_t fresh(struct rig *rig, uint64_t iova)
{
    rig_flush(rig);
    return rig_read(rig, SID, iova);
}

static bool illegal(struct rig *rig)
{
    return fresh(rig, IOVA) == (ABORTED | C_BAD_STE);
}

static void Config_selects_the_stages(void **state)
{
    (void)state;
    for ( unsigned int config = 0; config < 8; config++ )
    {
        struct device device = { 0 };
        struct event event;
        struct rig rig;

        rig_stream(&rig, &device, config);
        expect_equal("Config", fresh(&rig, IOVA + 0x123),
                     config < 4 ? ABORTED : device.page + 0x123);
        /* An abort by Config is silent (7.3.7). */
        assert_int_equal(rig_event(&rig, &event), 0);
        rig_destroy(&rig);
    }
}

/*
 * Which bit of a good STE, turned over, makes it ILLEGAL; one column for each
 * Config: 0 abort, 4 bypass, 5 stage 1, 6 stage 2, 7 both.  The good ones have
 * S1CDMax=0, S2T0SZ=24, S2SL0=1, S2TG=4K, S2PS=48, S2AA64.
 */
#define IN_ABORT  1u
#define IN_BYPASS 2u
#define IN_S1     4u
#define IN_S2     8u
#define IN_NESTED 16u
#define WITH_S1   (IN_S1 | IN_NESTED)
#define WITH_S2   (IN_S2 | IN_NESTED)

static const struct bits {
    unsigned int high, low, in;
    const char *row;
} illegal_bits[] = {
    { 0, 0, 31, "V" },
    { 2, 2, IN_BYPASS | IN_S1, "Config: stage 2 with S2T0SZ = 0" },
    { 55, 48, IN_S1, "S1ContextPtr beyond OAS" },
    { 91, 91, WITH_S1, "S1STALLD" },
    { 94, 94, IN_S1, "STRW reserved" },
    { 165, 163, WITH_S2, "S2T0SZ" },
    { 167, 166, WITH_S2, "S2SL0" },
    { 179, 179, WITH_S2, "S2AA64" },
    { 180, 180, WITH_S2, "S2ENDI" },
    { 183, 183, WITH_S2, "S2HD" },
    { 184, 184, WITH_S2, "S2HA" },
    { 185, 185, WITH_S2, "S2S" },
    { 243, 240, WITH_S2, "S2TTB beyond 48 bits; 247:244 are RES0" },
};

static unsigned int illegal_in(unsigned int bit)
{
    unsigned int in = 0;

    for ( size_t i = 0; i < sizeof(illegal_bits) / sizeof(*illegal_bits); i++ )
        if ( bit >= illegal_bits[i].low && bit <= illegal_bits[i].high )
            in |= illegal_bits[i].in;
    return in;
}

/* 3.4.3: an S1ContextPtr that is no IPA may also fault in stage 2. */
static bool is_free(unsigned int config, unsigned int bit)
{
    return config == NESTED && bit >= 48 && bit <= 55;
}

static void single_bits_are_legal_or_not(void **state)
{
    static const unsigned int configs[] = { ABORT, BYPASS, STAGE1, STAGE2,
                                            NESTED };

    (void)state;
    for ( unsigned int i = 0; i < 5; i++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_start(&rig, NULL);
        rig_device(&rig, &device, configs[i]);
        assert_false(illegal(&rig));
        for ( unsigned int bit = 0; bit < 512; bit++ )
        {
            uint64_t at = device.ste + bit / 64 * 8;
            uint64_t flip = UINT64_C(1) << bit % 64;
            char row[48];

            snprintf(row, sizeof(row), "Config %u bit %u", configs[i], bit);
            rig_store(&rig, at, rig_load(&rig, at) ^ flip);
            if ( !is_free(configs[i], bit) )
                expect_equal(row, illegal(&rig), illegal_in(bit) >> i & 1);
            rig_store(&rig, at, rig_load(&rig, at) ^ flip);
        }
        rig_destroy(&rig);
    }
}

/* What the sizes of the unit make ILLEGAL. */
static void features_that_are_absent_make_an_STE_illegal(void **state)
{
    static const struct {
        const char *row;
        unsigned int config, idr;
        uint32_t without; /* bits of that IDR */
        unsigned int high, low, value;
        bool illegal;
    } rows[] = {
        { "S1P, stage 1", STAGE1, 0, 0x81202, 84, 84, 0, true },
        { "S1P, nested", NESTED, 0, 0x81202, 84, 84, 0, true },
        { "S1P, stage 2", STAGE2, 0, 0x81202, 84, 84, 0, false },
        { "S2P, stage 2", STAGE2, 0, 0x40001, 84, 84, 0, true },
        { "S2P, nested", NESTED, 0, 0x40001, 84, 84, 0, true },
        { "S2P, stage 1", STAGE1, 0, 0x40001, 84, 84, 0, false },
        { "S2P, VMID ignored", STAGE1, 0, 0x40001, 143, 128, 0x100, false },
        { "8-bit VMID", STAGE2, 0, 1u << 18, 143, 128, 0xff, false },
        { "9 bits of VMID", STAGE2, 0, 1u << 18, 143, 128, 0x100, true },
        { "VMID of stage 1", STAGE1, 0, 1u << 18, 143, 136, 0x80, true },
        { "VMID of bypass", BYPASS, 0, 1u << 18, 143, 136, 0x80, false },
        { "STRW needs Hyp", STAGE1, 0, 1u << 9, 95, 94, 1, false },
        { "S2TG 4K", STAGE2, 5, 1u << 4, 175, 174, 0, true },
        { "S2TG 16K", STAGE2, 5, 1u << 5, 175, 174, 2, true },
        { "S2TG 64K", STAGE2, 5, 1u << 6, 175, 174, 1, true },
        { "S2TG other", STAGE2, 5, 1u << 6, 175, 174, 2, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = { 0 };
        struct smmuv3_config config;
        struct rig rig;

        rig_config(&config);
        config.idr[rows[i].idr] &= ~rows[i].without;
        if ( !(config.idr[0] & 2) )
            config.idr[1] &= ~(31u << 6);
        rig_start(&rig, &config);
        rig_device(&rig, &device, rows[i].config);
        rig_patch(&rig, device.ste, rows[i].high, rows[i].low, rows[i].value);
        expect_equal(rows[i].row, illegal(&rig), rows[i].illegal);
        rig_destroy(&rig);
    }
}

static void the_CD_table_must_be_one_the_unit_has(void **state)
{
    (void)state;
    for ( unsigned int cd2l = 0; cd2l < 2; cd2l++ )
        for ( unsigned int fmt = 0; fmt < 4; fmt++ )
            for ( unsigned int max = 0; max < 32; max++ )
            {
                bool bad = max > 8 || (!cd2l && max && (fmt == 1 || fmt == 2));
                struct device device = { 0 };
                struct smmuv3_config config;
                struct rig rig;

                rig_config(&config);
                config.idr[0] &= cd2l ? UINT32_MAX : ~(1u << 19);
                config.idr[1] = (config.idr[1] & ~(31u << 6)) | 8u << 6;
                rig_start(&rig, &config);
                rig_device(&rig, &device, STAGE1);
                rig_patch(&rig, device.ste, 5, 4, fmt);
                rig_patch(&rig, device.ste, 63, 59, max);
                expect_equal("S1Fmt, S1CDMax", illegal(&rig), bad);
                rig_destroy(&rig);
            }
}

/* STRW counts with stage 1 alone (5.2, IgnoreSTESTRW). */
static void STRW_selects_a_StreamWorld_of_stage_1(void **state)
{
    (void)state;
    for ( unsigned int config = BYPASS; config <= NESTED; config++ )
        for ( unsigned int strw = 0; strw < 4; strw++ )
        {
            struct device device = { 0 };
            struct rig rig;

            rig_stream(&rig, &device, config);
            rig_patch(&rig, device.ste, 95, 94, strw);
            expect_equal("STRW", illegal(&rig),
                         config == STAGE1 && (strw & 1));
            rig_destroy(&rig);
        }
}

/*
 * DDI 0487, AArch64.S2InconsistentSL: S2TG, S2SL0, the sizes of an IPA that
 * it takes, and the OAS that it needs.
 */
static bool s2_legal(unsigned int s2tg, unsigned int sl0, unsigned int t0sz,
                     unsigned int oas)
{
    static const struct {
        unsigned int tg, sl0, least, most, oas;
    } rows[] = {
        { 0, 0, 22, 34, 0 }, { 0, 1, 31, 43, 0 }, { 0, 2, 40, 52, 44 },
        { 2, 0, 15, 29, 0 }, { 2, 1, 26, 40, 0 }, { 2, 2, 37, 51, 42 },
        { 1, 0, 17, 33, 0 }, { 1, 1, 30, 46, 0 }, { 1, 2, 43, 59, 44 },
    };
    unsigned int bits = 64 - t0sz;

    if ( bits < 25 || bits > oas )
        return false;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        if ( rows[i].tg == s2tg && rows[i].sl0 == sl0 )
            return bits >= rows[i].least && bits <= rows[i].most &&
                   oas >= rows[i].oas;
    return false;
}

static void S2T0SZ_S2SL0_and_S2TG_must_fit(void **state)
{
    static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48 };

    (void)state;
    for ( unsigned int oas = 0; oas < 6; oas++ )
    {
        struct device device = { 0 };
        struct smmuv3_config config;
        struct rig rig;

        rig_config(&config);
        config.idr[5] = (config.idr[5] & ~7u) | oas;
        rig_start(&rig, &config);
        if ( oas < 2 ) /* 32 and 36 bits of IPA have no 40-bit tables */
            device.s2 = (struct tables) { .shift = 12,
                                          .bits = 32,
                                          .start = 1 };
        rig_device(&rig, &device, STAGE2);
        for ( unsigned int i = 0; i < 4 * 4 * 64; i++ )
        {
            unsigned int tg = i >> 8, sl0 = i >> 6 & 3, t0sz = i & 63;
            char row[64];

            snprintf(row, sizeof(row), "OAS %u S2TG %u S2SL0 %u S2T0SZ %u",
                     sizes[oas], tg, sl0, t0sz);
            rig_patch(&rig, device.ste, 165, 160, t0sz);
            rig_patch(&rig, device.ste, 167, 166, sl0);
            rig_patch(&rig, device.ste, 175, 174, tg);
            expect_equal(row, illegal(&rig),
                         !s2_legal(tg, sl0, t0sz, sizes[oas]));
        }
        rig_destroy(&rig);
    }
}

/* S2TTB within the effective S2PS: the smaller of S2PS and OAS. */
static void S2TTB_must_be_in_the_output_range(void **state)
{
    static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48, 52, 56 };
    static const unsigned int oas[] = { 4, 5 };

    (void)state;
    for ( size_t o = 0; o < 2; o++ )
        for ( unsigned int ps = 0; ps < 8; ps++ )
            for ( unsigned int bit = 31; bit < 52; bit++ )
            {
                unsigned int limit = sizes[ps] < sizes[oas[o]] ? sizes[ps] :
                                                                 sizes[oas[o]];
                struct device device = { 0 };
                struct smmuv3_config config;
                struct rig rig;

                rig_config(&config);
                config.idr[5] = (config.idr[5] & ~7u) | oas[o];
                rig_start(&rig, &config);
                rig_device(&rig, &device, STAGE2);
                rig_patch(&rig, device.ste, 178, 176, ps);
                rig_patch(&rig, device.ste, 247, 196,
                          UINT64_C(1) << (bit - 4));
                expect_equal("S2TTB", illegal(&rig), bit >= limit);
                rig_destroy(&rig);
            }
}

/* 3.4: Config 4 with an address beyond OAS. */
static void a_bypass_beyond_OAS_is_a_stage_1_F_ADDR_SIZE(void **state)
{
    struct device device = { 0 };
    struct event event;
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, BYPASS);
    assert_int_equal(rig_read(&rig, SID, 0xffffffffffff), 0xffffffffffff);
    assert_int_equal(rig_read(&rig, SID, UINT64_C(1) << 48),
                     ABORTED | F_ADDR_SIZE);
    assert_int_equal(rig_event(&rig, &event), F_ADDR_SIZE);
    assert_int_equal(rig_bits(&event, 103, 103), 0);
    rig_destroy(&rig);
}

static void a_stage_2_input_beyond_IAS_is_a_stage_1_F_ADDR_SIZE(void **state)
{
    struct device device = { 0 };
    struct event event;
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE2);
    /* Beyond S2T0SZ, 40 bits: a fault of stage 2. */
    assert_int_equal(rig_read(&rig, SID, UINT64_C(1) << 40),
                     ABORTED | F_TRANSLATION);
    assert_int_equal(rig_event(&rig, &event), F_TRANSLATION);
    assert_int_equal(rig_bits(&event, 103, 103), 1);
    assert_int_equal(rig_read(&rig, SID, UINT64_C(1) << 48),
                     ABORTED | F_ADDR_SIZE);
    assert_int_equal(rig_event(&rig, &event), F_ADDR_SIZE);
    assert_int_equal(rig_bits(&event, 103, 103), 0);
    rig_destroy(&rig);
}

/* SMMUEN = 0 (3.4, 3.11, 6.3.14): no table is read, no event recorded. */
static void a_disabled_unit_does_what_GBPA_says(void **state)
{
    (void)state;
    for ( uint32_t abort = 0; abort < 2; abort++ )
    {
        struct event event;
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set32(&rig, CR0, 0xc);
        rig_set32(&rig, GBPA, 0x80000000 | abort << 20);
        rig.ram.reads = rig.ram.writes = 0;
        assert_int_equal(rig_read(&rig, 0x12345, 0xfedcba987654),
                         abort ? ABORTED : 0xfedcba987654);
        assert_int_equal(rig_read(&rig, SID, UINT64_C(1) << 48), ABORTED);
        assert_int_equal(rig.ram.reads + rig.ram.writes, 0);
        assert_int_equal(rig_event(&rig, &event), 0);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(Config_selects_the_stages),
        cmocka_unit_test(single_bits_are_legal_or_not),
        cmocka_unit_test(features_that_are_absent_make_an_STE_illegal),
        cmocka_unit_test(the_CD_table_must_be_one_the_unit_has),
        cmocka_unit_test(STRW_selects_a_StreamWorld_of_stage_1),
        cmocka_unit_test(S2T0SZ_S2SL0_and_S2TG_must_fit),
        cmocka_unit_test(S2TTB_must_be_in_the_output_range),
        cmocka_unit_test(a_bypass_beyond_OAS_is_a_stage_1_F_ADDR_SIZE),
        cmocka_unit_test(a_stage_2_input_beyond_IAS_is_a_stage_1_F_ADDR_SIZE),
        cmocka_unit_test(a_disabled_unit_does_what_GBPA_says),
    };

    return RUN(tests);
}
