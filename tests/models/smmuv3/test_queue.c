/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Command queue: indexes, errors, CMD_SYNC (3.5, 4.1, 4.7.3, 7.1). */
#include "expect.h"
#include "rig.h"

#define ABT 2u

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
            expect_equal("CONS", rig_cons_index(&rig), i & ((2u << log2) - 1));
        }
        assert_false(rig_error_active(&rig));
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
            assert_int_equal(rig_cons_index(&rig), full << log2);
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
    assert_int_equal(rig_cons_index(&rig), 0);
    assert_int_equal(rig.edges.sync, 0);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(rig_cons_index(&rig), 1);
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
        assert_int_equal(rig_cons_index(&rig), i & 15);
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
    assert_int_equal(rig_cons_index(&rig), 1);
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
    assert_int_equal(rig_cons_index(&rig), 1);
    assert_true(rig_error_active(&rig));
    /* More work does not wake it. */
    rig_submit(&rig, CMD_SYNC | CS(1), 0);
    assert_int_equal(rig.edges.sync, 1);
    /* Nor does the enable. */
    rig_set32(&rig, CR0, 0x5);
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(rig_cons_index(&rig), 1);
    /* Acknowledged but still wrong: the same again. */
    rig_acknowledge(&rig);
    assert_true(rig_error_active(&rig));
    assert_int_equal(rig_cons_index(&rig), 1);
    /* Repaired. */
    rig_store(&rig, rig.cmdq + 16, CMD_SYNC | CS(1));
    rig_acknowledge(&rig);
    assert_false(rig_error_active(&rig));
    assert_int_equal(rig_cons_index(&rig), 4);
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
    rig_acknowledge(&rig);
    assert_false(rig_error_active(&rig));
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
    assert_true(rig_error_active(&rig));
    assert_int_equal(rig_cons_error(&rig), ABT);
    assert_int_equal(rig_cons_index(&rig), 1);
    rig_refuse(&rig, 0, 0);
    rig_acknowledge(&rig);
    assert_int_equal(rig.edges.sync, 1);
    assert_int_equal(rig_cons_index(&rig), 2);
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
            rig_acknowledge(&rig);
            assert_int_equal(rig_get32(&rig, GERRORN), i & 1);
            assert_int_equal(rig_cons_index(&rig), i);
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
        rig.ram.writes = 0;
        rig_submit(&rig, CMD_SYNC | CS(cs) | UINT64_C(0x55) << 32, 0x700000);
        assert_int_equal(rig.edges.sync, cs == 1);
        assert_int_equal(rig.edges.eventq + rig.edges.gerror + rig.edges.priq +
                             rig.edges.other,
                         0);
        assert_int_equal(rig.ram.messages + rig.ram.writes, 0);
        rig_destroy(&rig);
    }
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
        cmocka_unit_test(an_error_stops_the_queue_until_it_is_acknowledged),
        cmocka_unit_test(the_rest_of_the_queue_may_be_taken_back),
        cmocka_unit_test(an_aborted_fetch_is_CERROR_ABT_and_may_be_repeated),
        cmocka_unit_test(each_error_toggles_GERROR_and_interrupts),
        cmocka_unit_test(a_SYNC_signals_as_CS_says),
    };

    return RUN(tests);
}
