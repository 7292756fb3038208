/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define ALL UINT32_C(0xffffffff)

/*
 * What each dword of an idle unit is (6.3).  Beside the rows everything is
 * reserved: reads 0.
 */
static const struct dword {
    uint32_t offset;
    uint32_t writable; /* RW */
    uint32_t either;   /* a unit may store these bits or not */
} dwords[] = {
    { 0x28, 0xfff, 0 },               /* CR1 */
    { 0x2c, 0x3, 0x4 },               /* CR2; PTM needs BTM */
    { 0x50, 0x5, 0 },                 /* IRQ_CTRL; no PRI */
    { 0x80, 0xffffffc0, 0 },          /* STRTAB_BASE */
    { 0x84, 0x4000ffff, 0x00ff0000 }, /* RA; beyond OAS */
    { 0x88, 0x307ff, 0 },             /* STRTAB_BASE_CFG */
    { 0x90, ALL, 0 },                 /* CMDQ_BASE */
    { 0x94, 0x4000ffff, 0x00ff0000 },
    { 0x98, 0xfffff, 0 },          /* CMDQ_PROD */
    { 0x9c, 0xfffff, 0x7f000000 }, /* CMDQ_CONS */
    { 0xa0, ALL, 0 },              /* EVENTQ_BASE */
    { 0xa4, 0x4000ffff, 0x00ff0000 },
    { 0x100a8, 0x800fffff, 0 }, /* EVENTQ_PROD */
    { 0x100ac, 0x800fffff, 0 }, /* EVENTQ_CONS */
};

static const struct dword *row_of(uint32_t offset)
{
    static const struct dword reserved;

    for ( size_t i = 0; i < sizeof(dwords) / sizeof(*dwords); i++ )
        if ( dwords[i].offset == offset )
            return &dwords[i];
    return &reserved;
}

/* Read-only words; the others have no bits that always read 1. */
static uint32_t fixed_bits(const struct rig *rig, uint32_t offset)
{
    if ( offset < 0x18 )
        return rig->config.idr[offset / 4];
    return offset == 0x18 ? rig->config.iidr :
           offset == 0x1c ? rig->config.aidr :
                            0;
}

/*
 * Those with effects have tests of their own.  What page 0 has in place of
 * registers of page 1, and the identification registers, are free.
 */
static bool has_own_test(uint32_t offset)
{
    return offset == CR0 || offset == CR0ACK || offset == GBPA ||
           offset == GERRORN || offset == 0x54 || offset == 0xa8 ||
           offset == 0xac || offset == 0xc8 || offset == 0xcc ||
           (offset >= 0xfd0 && offset < 0x1000);
}

static void every_dword_keeps_its_writable_bits_and_no_others(void **state)
{
    static const uint32_t patterns[] = { ALL, 0, 0xa5a5a5a5, 0x5a5a5a5a };
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t offset = 0; offset < SMMUV3_REGISTER_SPACE; offset += 4 )
    {
        const struct dword *row = row_of(offset);

        for ( size_t i = 0; i < 4 && !has_own_test(offset); i++ )
        {
            char name[32];

            snprintf(name, sizeof(name), "offset %05x", offset);
            rig_set32(&rig, offset, patterns[i]);
            expect_equal(name, rig_get32(&rig, offset) & ~row->either,
                         fixed_bits(&rig, offset) |
                             (patterns[i] & row->writable));
        }
    }
    assert_int_equal(rig.edges.other + rig.edges.eventq + rig.edges.gerror, 0);
    assert_int_equal(rig.ram.reads + rig.ram.writes, 0);
    rig_destroy(&rig);
}

static void identification_registers_are_read_only(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t offset = 0xfd0; offset < 0x1000; offset += 4 )
    {
        uint32_t value = rig_get32(&rig, offset);

        rig_set32(&rig, offset, ~value);
        assert_int_equal(rig_get32(&rig, offset), value);
    }
    rig_destroy(&rig);
}

static void reset_values_are_those_of_the_specification(void **state)
{
    static const uint32_t zero[] = { CR0,         CR0ACK,     IRQ_CTRL,
                                     0x54,        GERROR,     GERRORN,
                                     CMDQ_BASE,   CMDQ_PROD,  CMDQ_CONS,
                                     EVENTQ_PROD, EVENTQ_CONS };
    struct rig rig;

    (void)state;
    for ( int abort = 0; abort < 2; abort++ )
    {
        struct smmuv3_config config;

        rig_config(&config);
        config.gbpa_abort = abort;
        rig_start(&rig, &config);
        rig_submit(&rig, 0, 0); /* CMDQ_ERR */
        smmuv3_reset(rig.smmu);
        for ( size_t i = 0; i < sizeof(zero) / sizeof(*zero); i++ )
            expect_equal("reset", rig_get32(&rig, zero[i]), 0);
        assert_int_equal(smmuv3_stats(rig.smmu)->register_writes, 0);
        expect_equal("GBPA.ABORT", rig_get32(&rig, GBPA) >> 20 & 1, abort);
        expect_equal("GBPA.UPDATE", rig_get32(&rig, GBPA) >> 31, 0);
        rig_destroy(&rig);
    }
}

static void aligned_accesses_of_4_and_8_bytes_see_the_same(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( uint32_t offset = 0; offset < SMMUV3_REGISTER_SPACE; offset += 8 )
        expect_equal("quadword", rig_get64(&rig, offset),
                     rig_get32(&rig, offset) |
                         (uint64_t)rig_get32(&rig, offset + 4) << 32);
    rig_destroy(&rig);
}

/* 6.2: bytes, or 0. */
static void other_accesses_read_the_bytes_and_write_nothing(void **state)
{
    static const unsigned int sizes[] = { 1, 2, 4, 8 };
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set64(&rig, STRTAB_BASE, 0x123456789ac0);
    for ( uint32_t offset = 0; offset < 0x1000; offset++ )
        for ( size_t s = 0; s < 4; s++ )
        {
            uint64_t value = smmuv3_mmio_read(rig.smmu, offset, sizes[s]);

            for ( uint32_t i = 0; i < sizes[s]; i++ )
                expect_equal("byte", value >> (i * 8) & 0xff,
                             rig_get32(&rig, (offset + i) & ~3u) >>
                                     ((offset + i) % 4 * 8) &
                                 0xff);
            if ( sizes[s] >= 4 && offset % 4 == 0 )
                continue;
            smmuv3_mmio_write(rig.smmu, offset, sizes[s], UINT64_MAX);
        }
    assert_int_equal(rig_get64(&rig, STRTAB_BASE), 0x123456789ac0);
    assert_int_equal(rig_get32(&rig, CR1), 0);
    assert_int_equal(rig_get32(&rig, CR0), 0);
    rig_destroy(&rig);
}

/* Any offset below SMMUV3_REGISTER_SPACE, the last ones with any size. */
static void the_end_of_the_space_takes_any_size(void **state)
{
    static const unsigned int sizes[] = { 1, 2, 4, 8 };
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t offset = SMMUV3_REGISTER_SPACE - 8;
          offset < SMMUV3_REGISTER_SPACE; offset++ )
        for ( size_t s = 0; s < 4; s++ )
        {
            smmuv3_mmio_write(rig.smmu, offset, sizes[s], UINT64_MAX);
            assert_int_equal(smmuv3_mmio_read(rig.smmu, offset, sizes[s]), 0);
        }
    rig_destroy(&rig);
}

static void a_64_bit_register_is_written_by_halves(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set32(&rig, STRTAB_BASE + 4, 0x1234);
    rig_set32(&rig, STRTAB_BASE, 0x56789ac0);
    assert_int_equal(rig_get64(&rig, STRTAB_BASE), 0x123456789ac0);
    rig_set32(&rig, STRTAB_BASE + 4, 0x4321);
    assert_int_equal(rig_get64(&rig, STRTAB_BASE), 0x432156789ac0);
    rig_destroy(&rig);
}

/* Guarded registers (6.3.9 ff.): what enables, and what is read-only then. */
static void guarded_registers_are_read_only_while_enabled(void **state)
{
    static const struct {
        const char *row;
        uint32_t enable, offset;
        bool guarded;
    } rows[] = {
        { "CR1.TABLE_*, SMMUEN", 1, CR1, true },
        { "CR2, SMMUEN", 1, CR2, true },
        { "STRTAB_BASE, SMMUEN", 1, STRTAB_BASE, true },
        { "STRTAB_BASE high, SMMUEN", 1, STRTAB_BASE + 4, true },
        { "STRTAB_BASE_CFG, SMMUEN", 1, STRTAB_BASE_CFG, true },
        { "CMDQ_BASE, CMDQEN", 8, CMDQ_BASE, true },
        { "CMDQ_BASE high, CMDQEN", 8, CMDQ_BASE + 4, true },
        { "CMDQ_CONS, CMDQEN", 8, CMDQ_CONS, true },
        { "EVENTQ_BASE, EVENTQEN", 4, EVENTQ_BASE, true },
        { "EVENTQ_BASE high, EVENTQEN", 4, EVENTQ_BASE + 4, true },
        { "EVENTQ_PROD, EVENTQEN", 4, EVENTQ_PROD, true },
        { "EVENTQ_CONS, EVENTQEN", 4, EVENTQ_CONS, false },
        { "STRTAB_BASE, EVENTQEN", 4, STRTAB_BASE, false },
        { "CMDQ_BASE, SMMUEN", 1, CMDQ_BASE, false },
        { "CMDQ_CONS, SMMUEN", 1, CMDQ_CONS, false },
        { "EVENTQ_BASE, CMDQEN", 8, EVENTQ_BASE, false },
        { "EVENTQ_PROD, SMMUEN", 1, EVENTQ_PROD, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct rig rig;
        /* TABLE_* of CR1, within the index of a queue of one entry. */
        uint32_t ones = rows[i].offset == CR1 ? 0xfc0 : 0x1;

        rig_create(&rig, NULL);
        if ( rows[i].offset == STRTAB_BASE )
            ones = 0x1000;
        rig_set32(&rig, CR0, rows[i].enable);
        rig_set32(&rig, rows[i].offset, ones);
        expect_equal(rows[i].row, rig_get32(&rig, rows[i].offset),
                     rows[i].guarded ? 0 : ones);
        rig_set32(&rig, CR0, 0);
        rig_set32(&rig, rows[i].offset, ones);
        expect_equal(rows[i].row, rig_get32(&rig, rows[i].offset), ones);
        rig_destroy(&rig);
    }
}

/* 6.3.11: QUEUE_* while any queue is enabled. */
static void queue_attributes_are_guarded_by_the_queues(void **state)
{
    static const uint32_t enables[] = { 4, 8 };
    struct rig rig;

    (void)state;
    for ( size_t i = 0; i < 2; i++ )
    {
        rig_create(&rig, NULL);
        rig_set32(&rig, CR0, enables[i]);
        rig_set32(&rig, CR1, 0xfff);
        expect_equal("CR1", rig_get32(&rig, CR1), 0xfc0);
        rig_set32(&rig, CR0, 1);
        rig_set32(&rig, CR1, 0x03f);
        expect_equal("CR1", rig_get32(&rig, CR1), 0xfff);
        rig_destroy(&rig);
    }
}

static void CR0ACK_echoes_the_fields_that_exist(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t value = 0; value < 0x1000; value++ )
    {
        rig_set32(&rig, CR0, value);
        expect_equal("CR0", rig_get32(&rig, CR0), value & 0xd);
        expect_equal("CR0ACK", rig_get32(&rig, CR0ACK), value & 0xd);
    }
    rig_set32(&rig, CR0, 0);
    rig_set32(&rig, CR0ACK, ALL);
    assert_int_equal(rig_get32(&rig, CR0ACK), 0);
    rig_destroy(&rig);
}

static void IRQ_CTRLACK_echoes_IRQ_CTRL(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set32(&rig, IRQ_CTRL, ALL);
    assert_int_equal(rig_get32(&rig, 0x54), 5);
    rig_set32(&rig, 0x54, 0);
    assert_int_equal(rig_get32(&rig, 0x54), 5);
    rig_set32(&rig, IRQ_CTRL, 1);
    assert_int_equal(rig_get32(&rig, 0x54), 1);
    rig_destroy(&rig);
}

static void GBPA_changes_only_with_UPDATE(void **state)
{
    const uint32_t fields = 0x1f0000; /* ABORT, INSTCFG, PRIVCFG */
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    rig_set32(&rig, GBPA, 0x80000000);
    rig_set32(&rig, GBPA, 0x7fffffff);
    assert_int_equal(rig_get32(&rig, GBPA) & fields, 0);
    rig_set32(&rig, GBPA, 0xffffffff);
    assert_int_equal(rig_get32(&rig, GBPA) & fields, fields);
    assert_int_equal(rig_get32(&rig, GBPA) >> 21, 0);
    rig_set32(&rig, GBPA, 0);
    assert_int_equal(rig_get32(&rig, GBPA) & fields, fields);
    rig_destroy(&rig);
}

/*
 * Bits above the wrap flag: RAZ where the unit moves the index (6.3.28), kept
 * or not where software does (6.3.27).
 */
static void indexes_have_the_bits_of_their_queue(void **state)
{
    struct rig rig;

    (void)state;
    rig_create(&rig, NULL);
    for ( uint32_t log2 = 0; log2 < 32; log2++ )
    {
        uint32_t bits = log2 > 19 ? 0xfffff : (2u << log2) - 1;

        rig_set64(&rig, CMDQ_BASE, log2);
        rig_set64(&rig, EVENTQ_BASE, log2);
        rig_set32(&rig, CMDQ_PROD, 0xfffff);
        rig_set32(&rig, CMDQ_CONS, 0xfffff);
        rig_set32(&rig, EVENTQ_PROD, 0xfffff);
        rig_set32(&rig, EVENTQ_CONS, 0xfffff);
        expect_equal("BASE", rig_get64(&rig, CMDQ_BASE), log2);
        expect_equal("CMDQ_PROD", rig_get32(&rig, CMDQ_PROD) & bits, bits);
        expect_equal("CMDQ_CONS", rig_get32(&rig, CMDQ_CONS), bits);
        expect_equal("EVENTQ_PROD", rig_get32(&rig, EVENTQ_PROD), bits);
        expect_equal("EVENTQ_CONS", rig_get32(&rig, EVENTQ_CONS) & bits, bits);
    }
    rig_destroy(&rig);
}

/* E2H without Hyp, FMT and SPLIT without two levels. */
static void fields_without_their_feature_are_reserved(void **state)
{
    struct smmuv3_config config;
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.idr[0] &= ~(1u << 9 | 3u << 27);
    config.idr[1] = (config.idr[1] & ~0x3fu) | 6;
    rig_create(&rig, &config);
    rig_set32(&rig, CR2, 3);
    assert_int_equal(rig_get32(&rig, CR2), 2);
    rig_set32(&rig, STRTAB_BASE_CFG, ALL);
    assert_int_equal(rig_get32(&rig, STRTAB_BASE_CFG), 0x3f);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dword_keeps_its_writable_bits_and_no_others),
        cmocka_unit_test(identification_registers_are_read_only),
        cmocka_unit_test(reset_values_are_those_of_the_specification),
        cmocka_unit_test(aligned_accesses_of_4_and_8_bytes_see_the_same),
        cmocka_unit_test(other_accesses_read_the_bytes_and_write_nothing),
        cmocka_unit_test(the_end_of_the_space_takes_any_size),
        cmocka_unit_test(a_64_bit_register_is_written_by_halves),
        cmocka_unit_test(guarded_registers_are_read_only_while_enabled),
        cmocka_unit_test(queue_attributes_are_guarded_by_the_queues),
        cmocka_unit_test(CR0ACK_echoes_the_fields_that_exist),
        cmocka_unit_test(IRQ_CTRLACK_echoes_IRQ_CTRL),
        cmocka_unit_test(GBPA_changes_only_with_UPDATE),
        cmocka_unit_test(indexes_have_the_bits_of_their_queue),
        cmocka_unit_test(fields_without_their_feature_are_reserved),
    };

    return RUN(tests);
}
