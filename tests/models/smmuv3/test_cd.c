/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CD is ILLEGAL (5.4, 5.4.2). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

static uint64_t fresh(struct rig *rig)
{
    rig_flush(rig);
    return rig_read(rig, SID, IOVA);
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

        rig_stream(&rig, &device, config);
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

            rig_stream(&rig, &device, STAGE1);
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
        cmocka_unit_test(single_bits_are_legal_or_not),
        cmocka_unit_test(a_half_is_checked_when_it_is_used),
        cmocka_unit_test(TTBs_must_be_in_the_output_range),
        cmocka_unit_test(the_unit_and_the_STE_decide_as_well),
    };

    return RUN(tests);
}
