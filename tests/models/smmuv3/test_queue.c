/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Command queue: indexes, errors, CMD_SYNC (3.5, 4.1, 4.7.3, 7.1). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define CMDQ_ERR 1u
#define ILL      1u
#define ABT      2u
#define CS(n)    ((uint64_t)(n) << 12)
#define SSEC     (UINT64_C(1) << 10)

static uint32_t cons_index(struct rig *rig)
{
    return rig_get32(rig, CMDQ_CONS) & 0xfffff;
}

static uint32_t cons_error(struct rig *rig)
{
    return rig_get32(rig, CMDQ_CONS) >> 24 & 0x7f;
}

static bool error_active(struct rig *rig)
{
    return (rig_get32(rig, GERROR) ^ rig_get32(rig, GERRORN)) & CMDQ_ERR;
}

static void acknowledge(struct rig *rig)
{
    rig_set32(rig, GERRORN, rig_get32(rig, GERROR));
}

/* Another queue for the unit. */
static void use_queue(struct rig *rig, unsigned int log2)
{
    rig_set32(rig, CR0, 0x5);
    rig->cmdq_log2 = log2;
    rig->cmdq = rig_alloc(rig, log2 < 1 ? 32 : UINT64_C(16) << log2);
    rig_set64(rig, CMDQ_BASE, rig->cmdq | log2);
    rig_set32(rig, CMDQ_PROD, 0);
    rig_set32(rig, CMDQ_CONS, 0);
    rig_set32(rig, CR0, 0xd);
}

/* From one entry to many, three times around. */
static void indexes_wrap_at_every_size(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( unsigned int log2 = 0; log2 <= 12; log2++ )
    {
        use_queue(&rig, log2);
        for ( uint32_t i = 1; i <= 3u << log2; i++ )
        {
            rig_submit(&rig, CMD_SYNC, 0);
            expect_equal("CONS", cons_index(&rig), i & ((2u << log2) - 1));
        }
        assert_false(error_active(&rig));
    }
    rig_destroy(&rig);
}

/* Equal indexes with equal wrap flags: nothing; else all of the queue. */
static void a_full_queue_is_not_an_empty_one(void **state)
{
    (void)state;
    for ( unsigned int log2 = 0; log2 <= 4; log2++ )
        for ( uint32_t full = 0; full < 2; full++ )
        {
            struct rig rig;
            uint32_t size = 1u << log2;

            rig_start(&rig, NULL);
            use_queue(&rig, log2);
            rig_set32(&rig, CR0, 0x5);
            for ( uint32_t i = 0; i < size; i++ )
                rig_store(&rig, rig.cmdq + i * 16, CMD_SYNC | CS(1));
            rig_set32(&rig, CMDQ_PROD, full << log2);
            assert_int_equal(rig.edges.sync, 0);
            rig_set32(&rig, CR0, 0xd);
            assert_int_equal(rig.edges.sync, full ? size : 0);
            assert_int_equal(cons_index(&rig), full << log2);
            rig_destroy(&rig);
        }
}

static void commands_wait_for_CMDQEN(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set32(&rig, CR0, 0x5);
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    assert_int_equal(cons_index(&rig), 0);
    assert_int_equal(rig.edges.sync, 0);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(cons_index(&rig), 1);
    assert_int_equal(rig.edges.sync, 1);
    rig_destroy(&rig);
}

/* 6.3.26: aligned to the larger of its size and 32 bytes. */
static void the_base_is_aligned_to_the_queue(void **state)
{
    (void)state;
    for ( unsigned int log2 = 0; log2 <= 8; log2++ )
    {
        uint64_t size = log2 < 1 ? 32 : UINT64_C(16) << log2;
        struct rig rig;

        rig_start(&rig, NULL);
        use_queue(&rig, log2);
        rig_set32(&rig, CR0, 0x5);
        rig_set64(&rig, CMDQ_BASE, rig.cmdq | (size - 32) | log2);
        rig_set32(&rig, CR0, 0xd);
        rig_submit(&rig, CMD_SYNC | CS(1), 0);
        assert_int_equal(rig.edges.sync, 1);
        rig_destroy(&rig);
    }
}

static void LOG2SIZE_is_capped_at_CMDQS(void **state)
{
    struct smmuv3_config config;
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.idr[1] = (config.idr[1] & ~(31u << 21)) | 3u << 21;
    rig_start(&rig, &config);
    rig_set32(&rig, CR0, 0x5);
    rig_set64(&rig, CMDQ_BASE, rig.cmdq | 8);
    rig_set32(&rig, CR0, 0xd);
    rig.cmdq_log2 = 3;
    for ( uint32_t i = 1; i <= 20; i++ )
    {
        rig_submit(&rig, CMD_SYNC, 0);
        assert_int_equal(cons_index(&rig), i & 15);
    }
    assert_int_equal(rig_get64(&rig, CMDQ_BASE) & 31, 8);
    rig_destroy(&rig);
}

/* 6.3.27: the bits of PROD above the wrap flag have no effect. */
static void PROD_counts_up_to_its_wrap_flag(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    use_queue(&rig, 2);
    rig_store(&rig, rig.cmdq, CMD_SYNC | CS(1));
    rig_set32(&rig, CMDQ_PROD, 0xffff8);
    assert_int_equal(rig.edges.sync, 0);
    rig_set32(&rig, CMDQ_PROD, 0xffff9);
    assert_int_equal(rig.edges.sync, 1);
    assert_int_equal(cons_index(&rig), 1);
    rig_destroy(&rig);
}

/* ---- CERROR_ILL ---- */

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
    uint32_t before = cons_index(rig);
    char row[64];

    snprintf(row, sizeof(row), "command %llx %llx", (unsigned long long)low,
             (unsigned long long)high);
    rig_submit(rig, low, high);
    expect_equal(row, error_active(rig), !legal);
    expect_equal(row, cons_index(rig),
                 legal ? ((before + 1) & 0x1ff) : before);
    if ( legal )
        return;
    expect_equal(row, cons_error(rig), ILL);
    /* As a driver does: a SYNC in its place. */
    rig_store(rig, rig->cmdq + (before & 0xff) * 16, CMD_SYNC);
    acknowledge(rig);
    expect_equal(row, cons_index(rig), (before + 1) & 0x1ff);
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

static void an_error_stops_the_queue_until_it_is_acknowledged(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set32(&rig, CR0, 0x5);
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    rig_submit(&rig, 0xff, 0);
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(rig.edges.sync, 1);
    assert_int_equal(cons_index(&rig), 1);
    assert_true(error_active(&rig));
    /* More work does not wake it. */
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    assert_int_equal(rig.edges.sync, 1);
    /* Nor does the enable. */
    rig_set32(&rig, CR0, 0x5);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(cons_index(&rig), 1);
    /* Acknowledged but still wrong: the same again. */
    acknowledge(&rig);
    assert_true(error_active(&rig));
    assert_int_equal(cons_index(&rig), 1);
    /* Repaired. */
    rig_store(&rig, rig.cmdq + 16, CMD_SYNC | CS(1));
    acknowledge(&rig);
    assert_false(error_active(&rig));
    assert_int_equal(cons_index(&rig), 4);
    assert_int_equal(rig.edges.sync, 4);
    rig_destroy(&rig);
}

/* 7.1: PROD may be moved back to CONS while the error is active. */
static void the_rest_of_the_queue_may_be_taken_back(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_submit(&rig, 0xff, 0);
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    rig_set32(&rig, CMDQ_PROD, 0);
    acknowledge(&rig);
    assert_false(error_active(&rig));
    assert_int_equal(rig.edges.sync, 0);
    rig_destroy(&rig);
}

static void an_aborted_fetch_is_CERROR_ABT_and_may_be_repeated(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_submit(&rig, CMD_SYNC, 0);
    rig_refuse(&rig, rig.cmdq + 16, 16);
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    assert_true(error_active(&rig));
    assert_int_equal(cons_error(&rig), ABT);
    assert_int_equal(cons_index(&rig), 1);
    rig_refuse(&rig, 0, 0);
    acknowledge(&rig);
    assert_int_equal(rig.edges.sync, 1);
    assert_int_equal(cons_index(&rig), 2);
    rig_destroy(&rig);
}

/* 7.5: GERROR toggles, an edge for each error that becomes active. */
static void each_error_toggles_GERROR_and_interrupts(void **state)
{
    (void)state;
    for ( uint32_t enabled = 0; enabled < 2; enabled++ )
    {
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set32(&rig, IRQ_CTRL, enabled);
        for ( uint32_t i = 1; i <= 4; i++ )
        {
            rig_submit(&rig, 0xff, 0);
            assert_int_equal(rig_get32(&rig, GERROR), i & 1);
            assert_int_equal(rig.edges.gerror, enabled * i);
            rig_store(&rig, rig.cmdq + (i - 1) * 16, CMD_SYNC);
            acknowledge(&rig);
            assert_int_equal(rig_get32(&rig, GERRORN), i & 1);
            assert_int_equal(cons_index(&rig), i);
        }
        rig_destroy(&rig);
    }
}

/* 4.7.3: SIG_IRQ has no enable; MSI fields are ignored without MSIs. */
static void a_SYNC_signals_as_CS_says(void **state)
{
    (void)state;
    for ( unsigned int cs = 0; cs < 3; cs++ )
    {
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set32(&rig, IRQ_CTRL, 0);
        rig.writes = 0;
        rig_submit(&rig, CMD_SYNC | CS(cs) | UINT64_C(0x55) << 32, 0x700000);
        assert_int_equal(rig.edges.sync, cs == 1);
        assert_int_equal(rig.edges.eventq + rig.edges.gerror + rig.edges.priq +
                             rig.edges.other,
                         0);
        assert_int_equal(rig.messages + rig.writes, 0);
        rig_destroy(&rig);
    }
}

/* 7.2: a prefetch that finds an error records nothing. */
static void prefetches_are_silent(void **state)
{
    struct device device = { 0 };
    struct event event;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_device(&rig, &device, NESTED);
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
    rig_start(&rig, NULL);
    rig_device(&rig, &device, STAGE1);
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
    rig_start(&rig, NULL);
    rig_device(&rig, &device, STAGE1);
    rig_set32(&rig, CR0, 0xc);
    rig.reads = 0;
    rig_command(&rig, CMD_SID(0x01, SID), 0);
    rig_command(&rig, CMD_SID(0x02, SID), IOVA);
    assert_int_equal(rig.reads, 4); /* the commands and their SYNCs */
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_wrap_at_every_size),
        cmocka_unit_test(a_full_queue_is_not_an_empty_one),
        cmocka_unit_test(commands_wait_for_CMDQEN),
        cmocka_unit_test(the_base_is_aligned_to_the_queue),
        cmocka_unit_test(LOG2SIZE_is_capped_at_CMDQS),
        cmocka_unit_test(PROD_counts_up_to_its_wrap_flag),
        cmocka_unit_test(a_command_is_known_or_illegal),
        cmocka_unit_test(fields_may_make_a_command_illegal),
        cmocka_unit_test(without_RIL_its_fields_are_ignored),
        cmocka_unit_test(an_error_stops_the_queue_until_it_is_acknowledged),
        cmocka_unit_test(the_rest_of_the_queue_may_be_taken_back),
        cmocka_unit_test(an_aborted_fetch_is_CERROR_ABT_and_may_be_repeated),
        cmocka_unit_test(each_error_toggles_GERROR_and_interrupts),
        cmocka_unit_test(a_SYNC_signals_as_CS_says),
        cmocka_unit_test(prefetches_are_silent),
        cmocka_unit_test(prefetches_fill_the_caches),
        cmocka_unit_test(a_disabled_unit_prefetches_nothing),
    };

    return RUN(tests);
}
