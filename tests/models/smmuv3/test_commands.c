/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands are legal (4.1.3 to 4.7); prefetches (4.2). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define SSEC (UINT64_C(1) << 10)

/* Bits of IDR0 taken away. */
#define NO_S1P 0x81202u
#define NO_S2P 0x40001u
#define NO_HYP 0x200u

static const struct opcode {
    unsigned int opcode;
    uint32_t needs; /* of the above */
    bool ssec;      /* has that field */
} opcodes[] = {
    { 0x01, 0, true },       { 0x02, 0, true },       { 0x03, 0, true },
    { 0x04, 0, true },       { 0x05, NO_S1P, true },  { 0x06, NO_S1P, true },
    { 0x10, NO_S1P, false }, { 0x11, NO_S1P, false }, { 0x12, NO_S1P, false },
    { 0x13, NO_S1P, false }, { 0x20, NO_HYP, false }, { 0x21, NO_HYP, false },
    { 0x22, NO_HYP, false }, { 0x23, NO_HYP, false }, { 0x28, NO_S2P, false },
    { 0x2a, NO_S2P, false }, { 0x30, 0, false },      { 0x46, 0, false },
};

static const struct opcode *known(unsigned int opcode)
{
    for ( size_t i = 0; i < sizeof(opcodes) / sizeof(*opcodes); i++ )
        if ( opcodes[i].opcode == opcode )
            return &opcodes[i];
    return NULL;
}

static void expect_command(struct rig *rig, uint64_t low, uint64_t high,
                           bool legal)
{
    uint32_t before = rig_cons_index(rig);
    char row[64];

    snprintf(row, sizeof(row), "command %llx %llx", (unsigned long long)low,
             (unsigned long long)high);
    rig_submit(rig, low, high);
    expect_equal(row, rig_error_active(rig), !legal);
    expect_equal(row, rig_cons_index(rig),
                 legal ? ((before + 1) & 0x1ff) : before);
    if ( legal )
        return;
    expect_equal(row, rig_cons_error(rig), ILL);
    /* As a driver does: a SYNC in its place. */
    rig_store(rig, rig->cmdq + (before & 0xff) * 16, CMD_SYNC);
    rig_acknowledge(rig);
    expect_equal(row, rig_cons_index(rig), (before + 1) & 0x1ff);
}

static void a_command_is_known_or_illegal(void **state)
{
    static const uint32_t without[] = { 0, NO_S1P, NO_S2P, NO_HYP };

    (void)state;
    for ( size_t w = 0; w < 4; w++ )
    {
        struct smmuv3_config config;
        struct rig rig;

        rig_config(&config);
        config.idr[0] &= ~without[w];
        if ( without[w] == NO_S1P )
            config.idr[1] &= ~(31u << 6);
        rig_start(&rig, &config);
        for ( unsigned int opcode = 0; opcode < 256; opcode++ )
        {
            const struct opcode *op = known(opcode);
            bool legal = op && (!without[w] || op->needs != without[w]);

            /* Hyp goes with stage 1. */
            if ( op && op->needs == NO_HYP && without[w] == NO_S1P )
                legal = false;
            expect_command(&rig, opcode, 0, legal);
            if ( op && op->ssec )
                expect_command(&rig, opcode | SSEC, 0, false);
        }
        rig_destroy(&rig);
    }
}

/* Fields that are reserved, ignored or wrong. */
static void fields_may_make_a_command_illegal(void **state)
{
    static const struct {
        uint64_t low, high;
        bool legal;
    } rows[] = {
        { CMD_SYNC | CS(0), 0, true },
        { CMD_SYNC | CS(1), 0, true },
        { CMD_SYNC | CS(2), 0, true },
        { CMD_SYNC | CS(3), 0, false },
        { CMD_SYNC | SSEC, 0, true }, /* no field of these: reserved */
        { 0x10 | SSEC, 0, true },
        { 0x20 | SSEC, 0, true },
        { 0x22 | SSEC, 0, true },
        { 0x2a | SSEC, 0, true },
        { 0x30 | SSEC, 0, true },
        { CMD_SID(0x03, 0xffffffff), 1, true },
        { CMD_SID(0x04, 0xffffffff), 30, true },
        { CMD_CD(0xffffffff, 0xfffff), 0, true },
        /* RIL: TG with NUM = SCALE = TTL = 0 (4.4.1.1) */
        { 0x12, 1u << 10, false },
        { 0x13, 2u << 10, false },
        { 0x2a, 3u << 10, false },
        { 0x22, 1u << 10, false },
        { 0x23, 1u << 10, false },
        { 0x12, 1u << 10 | 3u << 8, true },  /* TTL 3 */
        { 0x12 | 1u << 12, 1u << 10, true }, /* NUM 1 */
        { 0x12 | 1u << 20, 1u << 10, true }, /* SCALE 1 */
        { 0x12 | 31u << 12 | 31u << 20, 3u << 10, true },
        { 0x12, 2u << 10 | 1u << 8, false }, /* 16K: TTL 1 is as 0 */
        { 0x12 | 1u << 12, 2u << 10 | 1u << 8, true },
        { 0x12 | 31u << 12, 0, true }, /* TG 0: ignored */
        { 0x12, 3u << 8, true },
    };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        expect_command(&rig, rows[i].low, rows[i].high, rows[i].legal);
    rig_destroy(&rig);
}

static void without_RIL_its_fields_are_ignored(void **state)
{
    struct smmuv3_config config;
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.idr[3] &= ~(1u << 10);
    rig_start(&rig, &config);
    for ( uint64_t tg = 0; tg < 4; tg++ )
        expect_command(&rig, 0x12, tg << 10, true);
    rig_destroy(&rig);
}

/* 7.2: a prefetch that finds an error records nothing. */
static void prefetches_are_silent(void **state)
{
    struct device device = { 0 };
    struct event event;
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, NESTED);
    rig_command(&rig, CMD_SID(0x01, 9), 0); /* an STE of zeroes */
    rig_command(&rig, CMD_SID(0x02, 9), IOVA);
    rig_command(&rig, CMD_SID(0x02, SID), IOVA + 0x100000);
    rig_command(&rig, CMD_SID(0x02, SID), IOVA);
    assert_int_equal(rig_event(&rig, &event), 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    rig_destroy(&rig);
}

/* 4.2: what they fetch is there for the next request. */
static void prefetches_fill_the_caches(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    rig_map(&rig, &device.s1, IOVA + 0x4000, 0x9000, S1_LEAF, 3);
    rig_command(&rig, CMD_SID(0x01, SID), 0);
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_int_equal(smmuv3_stats(rig.smmu)->ste_hits, 1);
    assert_int_equal(smmuv3_stats(rig.smmu)->cd_hits, 1);
    /* Size 1: two pages, Stride 2: of 16 KiB */
    rig_command(&rig, NSNH_ALL);
    rig_command(&rig, CMD_SID(0x02, SID), IOVA | 2u << 5 | 1);
    assert_true(rig_hits(&rig, SID, IOVA));
    assert_true(rig_hits(&rig, SID, IOVA + 0x4000));
    rig_destroy(&rig);
}

/* 6.3.9.6 */
static void a_disabled_unit_prefetches_nothing(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    rig_set32(&rig, CR0, 0xc);
    rig.ram.reads = 0;
    rig_command(&rig, CMD_SID(0x01, SID), 0);
    rig_command(&rig, CMD_SID(0x02, SID), IOVA);
    assert_int_equal(rig.ram.reads, 4); /* the commands and their SYNCs */
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_known_or_illegal),
        cmocka_unit_test(fields_may_make_a_command_illegal),
        cmocka_unit_test(without_RIL_its_fields_are_ignored),
        cmocka_unit_test(prefetches_are_silent),
        cmocka_unit_test(prefetches_fill_the_caches),
        cmocka_unit_test(a_disabled_unit_prefetches_nothing),
    };

    return RUN(tests);
}
