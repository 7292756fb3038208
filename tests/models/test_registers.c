/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

/*
 * What each dword is: written with ones and zeroes on an idle unit, what it
 * reads afterwards.  Beside the rows everything is reserved: reads 0.
 */
struct dword {
    uint32_t offset;
    uint32_t fixed;    /* bits that always read 1 */
    uint32_t writable; /* RW */
};

static const struct dword dwords[] = {
    { 0x000, 0x10, 0 }, /* VER */
    { 0x008, 0, 0 },    /* CAP, compared with the configuration */
    { 0x00c, 0, 0 },
    { 0x010, 0, 0 }, /* ECAP */
    { 0x014, 0, 0 },
    { 0x020, 0, 0xfffffc00 }, /* RTADDR */
    { 0x024, 0, 0xffffffff },
    { 0x028, 0, 0xffffffff }, /* CCMD: low half starts nothing */
    { 0x03c, 0, 0x0000ffff }, /* FEDATA */
    { 0x040, 0, 0xfffffffc }, /* FEADDR */
    { 0x038, 0, 0x80000000 }, /* FECTL */
    { 0x090, 0, 0xfffff807 }, /* IQA */
    { 0x094, 0, 0xffffffff },
    { 0x088, 0, 0x0007fff0 }, /* IQT, with the queue off */
    { 0x0a0, 0, 0x80000000 }, /* IECTL */
    { 0x0a4, 0, 0x0000ffff }, /* IEDATA */
    { 0x0a8, 0, 0xfffffffc }, /* IEADDR */
};

static const struct dword *row_of(uint32_t offset)
{
    for ( size_t i = 0; i < sizeof(dwords) / sizeof(*dwords); i++ )
        if ( dwords[i].offset == offset )
            return &dwords[i];
    return NULL;
}

static uint32_t fixed_bits(const struct rig *rig, uint32_t offset)
{
    const struct dword *row = row_of(offset);

    switch ( offset )
    {
    case 0x008:
        return (uint32_t)rig->config.cap;
    case 0x00c:
        return (uint32_t)(rig->config.cap >> 32);
    case 0x010:
        return (uint32_t)rig->config.ecap;
    case 0x014:
        return (uint32_t)(rig->config.ecap >> 32);
    default:
        return row ? row->fixed : 0;
    }
}

/* CCMD and IOTLB high start commands, GCMD changes the unit: own tests. */
static bool has_commands(uint32_t offset)
{
    return offset == 0x18 || offset == 0x2c || offset == IRO + 0xc;
}

static void every_dword_keeps_its_writable_bits_and_no_others(void **state)
{
    static const uint32_t patterns[] = { UINT32_MAX, 0, 0xa5a5a5a5,
                                         0x5a5a5a5a };
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t offset = 0; offset < 4096; offset += 4 )
    {
        const struct dword *row = row_of(offset);
        uint32_t writable = row ? row->writable : 0;

        if ( has_commands(offset) )
            continue;
        for ( size_t i = 0; i < 4; i++ )
        {
            char name[32];

            snprintf(name, sizeof(name), "offset %03x", offset);
            rig_set32(&rig, offset, patterns[i]);
            expect_equal(name, rig_get32(&rig, offset),
                         fixed_bits(&rig, offset) | (patterns[i] & writable));
        }
    }
    assert_int_equal(rig.ram.messages, 0);
    rig_destroy(&rig);
}

static void reset_values_are_those_of_the_specification(void **state)
{
    static const struct {
        uint32_t offset, value;
    } rows[] = {
        { 0x18, 0 },     { 0x1c, 0 },          { 0x20, 0 },
        { 0x28, 0 },     { 0x34, 0 },          { 0x38, 0x80000000 },
        { 0x80, 0 },     { 0x88, 0 },          { 0x90, 0 },
        { 0x9c, 0 },     { 0xa0, 0x80000000 }, { 0xb0, 0 },
        { IRO, 0 },      { IRO + 8, 0 },       { FRO, 0 },
        { FRO + 12, 0 },
    };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set32(&rig, 0x38, 0);
    rig_queue_start(&rig, 0);
    vtd_reset(rig.vtd);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        expect_equal("reset", rig_get32(&rig, rows[i].offset), rows[i].value);
    rig_destroy(&rig);
}

/* Any offset, any size: the bytes are those of the dwords. */
static void reads_of_every_size_give_the_same_bytes(void **state)
{
    static const unsigned int sizes[] = { 1, 2, 4, 8 };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_reason(&rig, SID, IOVA, REQUEST_READ); /* a fault record */
    for ( uint32_t offset = 0; offset < 4096; offset++ )
        for ( size_t s = 0; s < 4; s++ )
        {
            uint64_t value = vtd_mmio_read(rig.vtd, offset, sizes[s]);

            for ( uint32_t i = 0; i < 8; i++ )
            {
                uint32_t at = offset + i;
                uint32_t byte = 0;

                if ( i < sizes[s] && at < 4096 )
                    byte = rig_get32(&rig, at & ~3u) >> (at % 4 * 8) & 0xff;
                expect_equal("byte", value >> (i * 8) & 0xff, byte);
            }
        }
    rig_destroy(&rig);
}

static void writes_below_a_dword_and_unaligned_ones_are_dropped(void **state)
{
    static const struct {
        uint32_t offset;
        unsigned int size;
    } rows[] = { { 0x20, 1 }, { 0x21, 1 }, { 0x20, 2 }, { 0x22, 2 },
                 { 0x22, 4 }, { 0x21, 8 }, { 0x1e, 4 }, { 0xffc, 8 } };
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        vtd_mmio_write(rig.vtd, rows[i].offset, rows[i].size, UINT64_MAX);
        assert_int_equal(rig_get64(&rig, 0x20), 0);
        assert_int_equal(rig_get32(&rig, 0x1c), 0);
    }
    rig_destroy(&rig);
}

static void a_64_bit_register_is_written_by_halves(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set32(&rig, 0x24, 0x12);
    rig_set32(&rig, 0x20, 0x3456f000);
    assert_int_equal(rig_get64(&rig, 0x20), 0x123456f000);
    rig_set32(&rig, 0x24, 0x13);
    assert_int_equal(rig_get64(&rig, 0x20), 0x133456f000);
    rig_destroy(&rig);
}

static void eight_bytes_over_two_registers_write_both(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set64(&rig, 0x38, UINT64_C(0x0000002100000000)); /* FECTL, FEDATA */
    assert_int_equal(rig_get32(&rig, 0x38), 0);
    assert_int_equal(rig_get32(&rig, 0x3c), 0x21);
    /* IEDATA at a4 and IEADDR at a8: not 8-byte aligned. */
    rig_set64(&rig, 0xa4, UINT64_C(0xfee0100400000033));
    assert_int_equal(rig_get32(&rig, 0xa4), 0x33);
    assert_int_equal(rig_get32(&rig, 0xa8), 0xfee01004);
    rig_destroy(&rig);
}

static void capabilities_decide_which_registers_exist(void **state)
{
    static const struct {
        const char *row;
        uint32_t version;
        uint64_t ecap; /* toggled */
        uint32_t offset;
        uint32_t value;
    } rows[] = {
        { "IQA", 0x10, 0, 0x90, 0xfffff807 },
        { "IQA without QI", 0x10, 2, 0x90, 0 },
        { "IECTL without QI", 0x10, 2, 0xa0, 0 },
        { "FEUADDR without EIM", 0x10, 0, 0x44, 0 },
        { "FEUADDR with EIM", 0x10, 0x18, 0x44, 0xffffffff },
        { "IEUADDR with EIM", 0x10, 0x18, 0xac, 0xffffffff },
        { "IRTA without IR", 0x10, 0, 0xb8, 0 },
        { "IRTA with IR", 0x10, 8, 0xb8, 0xfffff80f },
        { "CCMD low", 0x10, 0, 0x28, 0xffffffff },
        { "CCMD from version 6 on", 0x60, 0, 0x28, 0 },
        { "IOTLB from version 6 on", 0x60, 0, IRO + 8, 0 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct vtd_config config;
        struct rig rig;

        vtd_config_default(&config);
        config.replay = true;
        config.version = rows[i].version;
        config.ecap ^= rows[i].ecap;
        rig_create(&rig, &config);
        rig_set32(&rig, rows[i].offset, UINT32_MAX);
        expect_equal(rows[i].row, rig_get32(&rig, rows[i].offset),
                     rows[i].value);
        rig_destroy(&rig);
    }
}

static void gcmd_is_write_only_and_gsts_mirrors_its_level_bits(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_gcmd(&rig, 1u << 30, true);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x40000000);
    rig_gcmd(&rig, 1u << 31, true);
    assert_int_equal(rig_get32(&rig, 0x1c), 0xc0000000);
    rig_gcmd(&rig, 1u << 26, true);
    assert_int_equal(rig_get32(&rig, 0x1c), 0xc4000000);
    assert_int_equal(rig_get32(&rig, 0x18), 0);
    rig_gcmd(&rig, 1u << 31, false);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x44000000);
    rig_gcmd(&rig, 1u << 26, false);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x40000000);
    rig_destroy(&rig);
}

static void commands_that_are_not_built_change_nothing(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    /* SFL, EAFL, WBF (RWBF=0), IRE, SIRTP, CFI, and the reserved ones */
    rig_set32(&rig, 0x18, 0x3bffffff);
    assert_int_equal(rig_get32(&rig, 0x1c), 0);
    rig_destroy(&rig);
}

static void qie_without_qi_is_ignored(void **state)
{
    struct vtd_config config;
    struct rig rig;

    (void)state;
    vtd_config_default(&config);
    config.ecap &= ~UINT64_C(2);
    rig_create(&rig, &config);
    rig_gcmd(&rig, 1u << 26, true);
    assert_int_equal(rig_get32(&rig, 0x1c), 0);
    rig_destroy(&rig);
}

static void replay_takes_interrupt_remapping_commands(void **state)
{
    struct vtd_config config;
    struct rig rig;

    (void)state;
    vtd_config_default(&config);
    config.replay = true;
    config.ecap |= 8;
    rig_create(&rig, &config);
    rig_set32(&rig, 0x18, 0x04000000);
    rig_set32(&rig, 0x18, 0x05000000);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x05000000);
    rig_set32(&rig, 0x18, 0x06000000);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x07000000);
    rig_set32(&rig, 0x18, 0x04000000);
    assert_int_equal(rig_get32(&rig, 0x1c), 0x05000000);
    rig_destroy(&rig);
}

static void rtaddr_counts_only_when_srtp_latches_it(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_set64(&rig, 0x20, rig_page(&rig)); /* an empty root table */
    rig_flush(&rig);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    rig_gcmd(&rig, 1u << 30, true);
    rig_flush(&rig);
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0x01);
    rig_destroy(&rig);
}

static void srtp_flushes_by_itself_only_with_esrtps(void **state)
{
    (void)state;
    for ( int esrtps = 0; esrtps < 2; esrtps++ )
    {
        struct vtd_config config;
        struct rig rig;
        uint64_t table;

        vtd_config_default(&config);
        config.cap |= (uint64_t)esrtps << 63;
        rig_start(&rig, &config);
        table = rig_simple_context(&rig, SID, DID);
        rig_map(&rig, table, IOVA, 0x5000, RW, 1);
        rig_reason(&rig, SID, IOVA, REQUEST_READ);
        rig_set_root(&rig, rig_page(&rig));
        assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ),
                         esrtps ? 0x01 : 0);
        rig_destroy(&rig);
    }
}

static void iqa_is_read_only_while_the_queue_is_enabled(void **state)
{
    struct rig rig;
    uint64_t iqa;

    (void)state;
    rig_create(&rig, NULL);
    rig_queue_start(&rig, 1);
    iqa = rig_get64(&rig, 0x90);
    rig_set64(&rig, 0x90, UINT64_C(0xabc000));
    assert_int_equal(rig_get64(&rig, 0x90), iqa);
    rig_gcmd(&rig, 1u << 26, false);
    rig_set64(&rig, 0x90, UINT64_C(0xabc000));
    assert_int_equal(rig_get64(&rig, 0x90), 0xabc000);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dword_keeps_its_writable_bits_and_no_others),
        cmocka_unit_test(reset_values_are_those_of_the_specification),
        cmocka_unit_test(reads_of_every_size_give_the_same_bytes),
        cmocka_unit_test(writes_below_a_dword_and_unaligned_ones_are_dropped),
        cmocka_unit_test(a_64_bit_register_is_written_by_halves),
        cmocka_unit_test(eight_bytes_over_two_registers_write_both),
        cmocka_unit_test(capabilities_decide_which_registers_exist),
        cmocka_unit_test(gcmd_is_write_only_and_gsts_mirrors_its_level_bits),
        cmocka_unit_test(commands_that_are_not_built_change_nothing),
        cmocka_unit_test(qie_without_qi_is_ignored),
        cmocka_unit_test(replay_takes_interrupt_remapping_commands),
        cmocka_unit_test(rtaddr_counts_only_when_srtp_latches_it),
        cmocka_unit_test(srtp_flushes_by_itself_only_with_esrtps),
        cmocka_unit_test(iqa_is_read_only_while_the_queue_is_enabled),
    };

    return RUN(tests);
}
