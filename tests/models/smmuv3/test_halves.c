/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which table a VA selects, and its range (3.4.1, 5.4.1.1). */
#include "expect.h"
#include "rig.h"

static const unsigned int granules[] = { 12, 14, 16 };

/* An address that has a bit in the index of each level. */
static uint64_t some_address(unsigned int bits)
{
    return UINT64_C(0x0000a5a5a5a5a5a5) & rig_low_bits(bits);
}

/* VA[55] selects; the bits above the size must be equal, TBI ignores 63:56. */
static void a_VA_selects_its_half_and_must_be_in_range(void **state)
{
    static const struct {
        const char *row;
        uint64_t va;
        bool tbi0, tbi1;
        unsigned int half; /* 2: F_TRANSLATION */
    } rows[] = {
        { "lower", 0x0000000012340000, false, false, 0 },
        { "upper", 0xffffffff92340000, false, false, 1 },
        { "lower, beyond", 0x0000004012340000, false, false, 2 },
        { "lower, bit 54", 0x0040000012340000, false, false, 2 },
        { "lower, top byte", 0x0100000012340000, false, false, 2 },
        { "lower, top bit", 0x8000000012340000, false, false, 2 },
        { "upper, beyond", 0xffffffbf92340000, false, false, 2 },
        { "upper, bit 40", 0xfffffeff92340000, false, false, 2 },
        { "upper, top byte", 0xfeffffff92340000, false, false, 2 },
        { "upper, top bit", 0x7fffffff92340000, false, false, 2 },
        { "TBI0", 0xff00000012340000, true, false, 0 },
        { "TBI0, bit 54", 0xff40000012340000, true, false, 2 },
        { "TBI0 is not of the upper", 0x00ffffff92340000, true, false, 2 },
        { "TBI1", 0x00ffffff92340000, false, true, 1 },
        { "TBI1, bit 40", 0x00fffeff92340000, false, true, 2 },
        { "TBI1 is not of the lower", 0xff00000012340000, false, true, 2 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = {
            .s1 = { .shift = 12, .bits = 38, .start = 1 },
        };
        struct tables upper = device.s1;
        struct rig rig;

        rig_start(&rig, NULL);
        rig_device(&rig, &device, STAGE1);
        upper.bits = 38;
        rig_tables(&rig, &upper);
        rig_map(&rig, &upper, 0xffffffff92340000, 0x600000, S1_LEAF, 3);
        rig_patch(&rig, device.cd, 30, 30, 0);
        rig_patch(&rig, device.cd, 21, 16, 64 - 38);
        rig_patch(&rig, device.cd, 23, 22, 2); /* TG1: 4K */
        rig_patch(&rig, device.cd, 183, 132, upper.base >> 4);
        rig_patch(&rig, device.cd, 38, 38, rows[i].tbi0);
        rig_patch(&rig, device.cd, 39, 39, rows[i].tbi1);
        expect_equal(rows[i].row, rig_read(&rig, SID, rows[i].va),
                     rows[i].half == 0 ? device.page :
                     rows[i].half == 1 ? 0x600000 :
                                         ABORTED | F_TRANSLATION);
        rig_destroy(&rig);
    }
}

/* TG1 has a coding of its own. */
static void the_upper_half_has_its_own_granule_and_size(void **state)
{
    static const unsigned int tg1[] = { 2, 1, 3 };

    (void)state;
    for ( size_t g = 0; g < 3; g++ )
        for ( unsigned int bits = 30; bits <= 48; bits += 3 )
        {
            struct tables upper = {
                .shift = granules[g],
                .bits = bits,
                .start = rig_first_level(granules[g], bits),
            };
            uint64_t va = UINT64_MAX << bits |
                          (some_address(bits) & ~UINT64_C(0xffff));
            struct device device = { 0 };
            struct rig rig;

            rig_stream(&rig, &device, STAGE1);
            rig_tables(&rig, &upper);
            rig_map(&rig, &upper, va, 0x650000, S1_LEAF, 3);
            rig_patch(&rig, device.cd, 30, 30, 0);
            rig_patch(&rig, device.cd, 21, 16, 64 - bits);
            rig_patch(&rig, device.cd, 23, 22, tg1[g]);
            rig_patch(&rig, device.cd, 183, 132, upper.base >> 4);
            expect_equal("upper", rig_read(&rig, SID, va + 7), 0x650007);
            expect_equal("lower", rig_read(&rig, SID, IOVA), device.page);
            rig_destroy(&rig);
        }
}

static void EPD_disables_walks_of_its_half(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    assert_int_equal(rig_read(&rig, SID, UINT64_MAX - 0xfff),
                     ABORTED | F_TRANSLATION);
    rig_patch(&rig, device.cd, 14, 14, 1);
    rig_flush(&rig);
    rig.ram.reads = 0;
    assert_int_equal(rig_read(&rig, SID, IOVA), ABORTED | F_TRANSLATION);
    assert_int_equal(rig.ram.reads, 2); /* STE and CD, no table */
    rig_destroy(&rig);
}

/* The EL2 regime has one range, and it ends where T0SZ says (5.4.1). */
static void EL2_has_the_lower_half_only(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    rig_patch(&rig, device.ste, 95, 94, 2);
    rig_patch(&rig, device.cd, 30, 30, 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_int_equal(rig_read(&rig, SID, UINT64_MAX - 0xfff),
                     ABORTED | F_TRANSLATION);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_VA_selects_its_half_and_must_be_in_range),
        cmocka_unit_test(the_upper_half_has_its_own_granule_and_size),
        cmocka_unit_test(EPD_disables_walks_of_its_half),
        cmocka_unit_test(EL2_has_the_lower_half_only),
    };

    return RUN(tests);
}
