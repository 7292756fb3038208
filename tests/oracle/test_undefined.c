/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undefined programs: what is met, what is suspended, until when. */
#include "world.h"

static struct world w;

#define GO UINT64_C(0x8000000000000000)

static bool met(unsigned int number)
{
    return oracle_undefined(w.oracle) >> number & 1;
}

/* On undefined ground nothing is said about a wrong result. */
static bool suspended(void)
{
    return legal(&w, DEV_A, IOVA, false, to(DATA2, RW));
}

static void flush(void)
{
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
}

static void every_condition_has_a_text(void **state)
{
    (void)state;
    for ( unsigned int i = 1; i <= 15; i++ )
        assert_non_null(oracle_undefined_text(&oracle_vtd, i));
    assert_null(oracle_undefined_text(&oracle_vtd, 0));
    assert_null(oracle_undefined_text(&oracle_vtd, 16));
}

static void a_defined_program_meets_none(void **state)
{
    (void)state;
    world_start(&w, NULL);
    flush();
    assert_int_equal(oracle_undefined(w.oracle), 0);
    assert_false(suspended());
    world_end(&w);
}

static void u1_one_domain_id_with_two_tables(void **state)
{
    struct oracle_stats stats;

    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 1));
    assert_true(met(1));
    assert_true(suspended());
    oracle_stats(w.oracle, &stats);
    assert_int_equal(stats.suspended, 1);
    /* While it holds an invalidation does not help. */
    invalidate(&w, IOTLB_DOMAIN(1));
    assert_true(suspended());
    set_context(&w, CONTEXTS, DEV_B, TABLES_A | 1, context_high(1, 1));
    assert_true(suspended());
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_DOMAIN(1));
    assert_false(suspended());
    world_end(&w);
}

static void u1_leaves_other_domains_alone(void **state)
{
    (void)state;
    world_start(&w, NULL);
    oracle_device_add(w.oracle, 0x18);
    set_context(&w, CONTEXTS, 0x18, TABLES_A | 1, context_high(1, 2));
    assert_true(met(1));
    assert_false(suspended());
    world_end(&w);
}

static void u1_is_not_met_by_equal_contexts(void **state)
{
    (void)state;
    world_start(&w, NULL);
    store(&w, CONTEXTS + 16 * DEV_B, 0);
    set_context(&w, CONTEXTS, DEV_B, TABLES_A | 1, context_high(1, 1));
    assert_false(met(1));
    world_end(&w);
}

static void u2_register_commands_with_the_queue_on(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x28, 8, GO | UINT64_C(1) << 61);
    assert_true(met(2));
    assert_true(suspended());
    flush();
    assert_false(suspended());
    write_reg(&w, IOTLB_AT, 8, GO | UINT64_C(1) << 60);
    assert_true(suspended());
    world_end(&w);
}

static void start_registers(void)
{
    world_start(&w, &(struct options) { .off = true });
    write_reg(&w, 0x20, 8, ROOT);
    gcmd(&w, 0x40000000);
    gcmd(&w, 0x80000000);
}

static void u3_a_command_while_one_is_under_way(void **state)
{
    (void)state;
    start_registers();
    write_reg(&w, 0x28, 8, GO | UINT64_C(1) << 61);
    assert_false(met(3));
    write_reg(&w, 0x28, 8, GO | UINT64_C(1) << 61);
    assert_true(met(3));
    world_end(&w);
}

static void u4_two_commands_at_once(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .off = true });
    gcmd(&w, 0x40000000);
    assert_false(met(4));
    gcmd(&w, 0xc0000000);
    assert_true(met(4));
    world_end(&w);
}

static void u5_the_base_changes_under_the_queue(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x90, 8, QUEUE + 0x1000);
    assert_true(met(5));
    assert_true(suspended());
    world_end(&w);
}

static void u6_the_tail_is_beyond_the_queue(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x88, 8, 0x1000);
    assert_true(met(6));
    assert_true(suspended());
    world_end(&w);
}

static void u7_and_u8_bad_register_commands(void **state)
{
    (void)state;
    start_registers();
    write_reg(&w, 0x28, 8, GO);
    assert_true(met(7));
    assert_false(met(8));
    world_end(&w);
    start_registers();
    write_reg(&w, IVA_AT, 8, IOVA | 10);
    write_reg(&w, IOTLB_AT, 8, GO | UINT64_C(3) << 60 | UINT64_C(1) << 32);
    assert_true(met(8));
    assert_false(met(7));
    world_end(&w);
}

static void u9_a_domain_id_beyond_nd(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 0x100));
    assert_true(met(9));
    assert_true(suspended());
    world_end(&w);
}

static void u10_a_disputed_bit_suspends_its_page(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA + 0x1000, DATA | UINT64_C(1) << 62 | RW);
    assert_true(met(10));
    assert_true(legal(&w, DEV_A, IOVA + 0x1000, false, to(DATA2, RW)));
    assert_false(suspended());
    world_end(&w);
}

static void u11_the_memory_of_a_table_is_exchanged(void **state)
{
    uint64_t page = TABLES_A + 0x2000;

    (void)state;
    world_start(&w, NULL);
    oracle_p2m_change(w.oracle, DATA, ORACLE_RAM, HPA_OFFSET + DATA,
                      ORACLE_HOLE, 0);
    assert_false(met(11));
    w.type[page >> 12] = ORACLE_HOLE;
    oracle_p2m_change(w.oracle, page, ORACLE_RAM, HPA_OFFSET + page,
                      ORACLE_HOLE, 0);
    assert_true(met(11));
    assert_true(suspended());
    flush();
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void u12_the_queue_is_switched_off_while_busy(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    gcmd(&w, 0x80000000);
    assert_true(met(12));
    world_end(&w);
}

static void u13_wide_descriptors(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .off = true });
    write_reg(&w, 0x90, 8, QUEUE | 0x800);
    gcmd(&w, 0x04000000);
    assert_true(met(13));
    world_end(&w);
}

static void u14_register_commands_of_newer_units(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .off = true, .version = 0x60 });
    write_reg(&w, 0x28, 8, GO | UINT64_C(1) << 61);
    assert_true(met(14));
    world_end(&w);
}

static void the_context_cache_comes_first(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x90, 8, QUEUE);
    assert_true(suspended());
    invalidate(&w, IOTLB_GLOBAL);
    invalidate(&w, CC_GLOBAL);
    assert_true(suspended());
    invalidate(&w, IOTLB_GLOBAL);
    assert_false(suspended());
    world_end(&w);
}

static void completion_is_judged_on_undefined_ground(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_context(&w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 1));
    status(&w, STATUS, 2);
    assert_true(found(&w, "P5", "status nobody asked for"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_condition_has_a_text),
        cmocka_unit_test(a_defined_program_meets_none),
        cmocka_unit_test(u1_one_domain_id_with_two_tables),
        cmocka_unit_test(u1_leaves_other_domains_alone),
        cmocka_unit_test(u1_is_not_met_by_equal_contexts),
        cmocka_unit_test(u2_register_commands_with_the_queue_on),
        cmocka_unit_test(u3_a_command_while_one_is_under_way),
        cmocka_unit_test(u4_two_commands_at_once),
        cmocka_unit_test(u5_the_base_changes_under_the_queue),
        cmocka_unit_test(u6_the_tail_is_beyond_the_queue),
        cmocka_unit_test(u7_and_u8_bad_register_commands),
        cmocka_unit_test(u9_a_domain_id_beyond_nd),
        cmocka_unit_test(u10_a_disputed_bit_suspends_its_page),
        cmocka_unit_test(u11_the_memory_of_a_table_is_exchanged),
        cmocka_unit_test(u12_the_queue_is_switched_off_while_busy),
        cmocka_unit_test(u13_wide_descriptors),
        cmocka_unit_test(u14_register_commands_of_newer_units),
        cmocka_unit_test(the_context_cache_comes_first),
        cmocka_unit_test(completion_is_judged_on_undefined_ground),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
