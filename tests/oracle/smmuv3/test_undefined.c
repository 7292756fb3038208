/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The undefined-program conditions: noticed, suspended, resumed. */
#include "world.h"

static struct world w;

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool met(unsigned int number)
{
    return oracle_undefined(w.oracle) >> number & 1;
}

/* A wrong result is let pass. */
static bool suspended(uint32_t sid)
{
    return legal(&w, sid, IOVA, false, to(DATA2 + 0x5000, RW));
}

static void every_condition_has_a_text(void **state)
{
    (void)state;
    for ( unsigned int i = 1; i <= 15; i++ )
        assert_non_null(oracle_undefined_text(&oracle_smmuv3, i));
    assert_null(oracle_undefined_text(&oracle_smmuv3, 0));
    assert_null(oracle_undefined_text(&oracle_smmuv3, 16));
}

static void u1_one_asid_with_two_tables(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_cd(&w, cd_at(DEV_B, 0), &(struct cd) { .asid = 1, .ttb0 = TABLES_B });
    assert_true(met(1));
    assert_true(suspended(DEV_A));
    command(&w, NH_ASID(0, 1)); /* it holds still */
    assert_true(suspended(DEV_A));
    set_cd(&w, cd_at(DEV_B, 0), &cd_b);
    command(&w, CFGI_CD(DEV_B, 0, 1));
    command(&w, NH_ASID(0, 2)); /* of another */
    assert_true(suspended(DEV_A));
    command(&w, NH_ASID(0, 1));
    assert_false(suspended(DEV_A));
    world_end(&w);
}

static void u1_is_not_the_same_asid_with_the_same_table(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_cd(&w, cd_at(DEV_B, 0), &cd_a);
    assert_false(met(1));
    assert_false(suspended(DEV_A));
    world_end(&w);
}

static void u2_one_vmid_with_and_without_stage_2(void **state)
{
    struct ste nested = ste_nested, other = ste_b;

    (void)state;
    world_start(&w, NULL);
    other.vmid = 7;
    set_ste(&w, DEV_A, &nested);
    assert_false(met(2));
    set_ste(&w, DEV_B, &other);
    assert_true(met(2));
    assert_true(suspended(DEV_A));
    set_ste(&w, DEV_B, &ste_b);
    command(&w, CFGI_ALL);
    command(&w, NH_ALL(7));
    assert_true(suspended(DEV_A));
    command(&w, S12_VMALL(7));
    assert_false(suspended(DEV_A));
    world_end(&w);
}

static void u2_two_stage_2_tables(void **state)
{
    struct ste other = ste_stage2;

    (void)state;
    world_start(&w, NULL);
    other.ttb = TABLES_B;
    set_ste(&w, DEV_A, &ste_stage2);
    set_ste(&w, DEV_B, &other);
    assert_true(met(2));
    world_end(&w);
}

static void u3_a_block_for_a_table_without_a_break(void **state)
{
    (void)state;
    for ( unsigned int bbml = 0; bbml < 3; bbml += 2 )
        for ( unsigned int broken = 0; broken < 2; broken++ )
        {
            world_start(&w,
                        &(struct options) { .idr3_clear = (2 - bbml) << 11 });
            if ( broken )
                store(&w, TABLES_A + 0x1000, 0);
            store(&w, TABLES_A + 0x1000, DATA | BLOCK);
            assert_int_equal(met(3), !broken && !bbml);
            if ( met(3) )
            {
                assert_true(suspended(DEV_A));
                command(&w, NSNH_ALL);
                assert_true(suspended(DEV_A));
                command(&w, CFGI_ALL);
                command(&w, NSNH_ALL);
            }
            assert_false(suspended(DEV_A));
            world_end(&w);
        }
}

static void u3_ends_with_nh_all_where_there_is_no_stage_2(void **state)
{
    (void)state;
    for ( unsigned int stage2 = 0; stage2 < 2; stage2++ )
    {
        world_start(&w, &(struct options) { .idr0_clear = !stage2,
                                            .idr3_clear = 2 << 11 });
        store(&w, TABLES_A + 0x1000, DATA | BLOCK);
        assert_true(suspended(DEV_A));
        command(&w, CFGI_ALL);
        command(&w, NH_ALL(0));
        assert_int_equal(suspended(DEV_A), stage2);
        world_end(&w);
    }
}

static void u3_is_not_another_page(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .idr3_clear = 3 << 11 });
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    assert_false(met(3));
    world_end(&w);
}

struct disputed_row {
    const char *what;
    struct ste ste;
    uint64_t idr0_clear, idr1_clear;
    bool met;
};

#define STAGE1 .config = 5, .cd = CDS + 0x400 * DEV_A

/* clang-format off */
static const struct disputed_row disputed_rows[] = {
    { "nothing", { STAGE1 }, 0, 0, false },
    { "S1Fmt 3", { STAGE1, .cdmax = 1, .fmt = 3, .dss = 2 }, 0, 0, true },
    { "S1Fmt 3 without substreams", { STAGE1, .fmt = 3 }, 0, 0, false },
    { "S1DSS 3", { STAGE1, .cdmax = 1, .dss = 3 }, 0, 0, true },
    { "S1CDMax without substreams", { STAGE1, .cdmax = 1 }, 0, 0x7c0, true },
    { "STRW without Hyp", { STAGE1, .strw = 2 }, BIT(9), 0, true },
    { "a group that disagrees", { STAGE1, .cont = 1 }, 0, 0, true },
};
/* clang-format on */

static void u4_disputed_fields_suspend_their_access(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(disputed_rows); i++ )
    {
        const struct disputed_row *row = &disputed_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, &(struct options) { .idr0_clear = row->idr0_clear,
                                            .idr1_clear = row->idr1_clear });
        set_ste(&w, DEV_A, &row->ste);
        command(&w, CFGI_ALL);
        assert_int_equal(suspended(DEV_A), row->met);
        assert_int_equal(met(4), row->met);
        assert_false(suspended(DEV_B));
        world_end(&w);
    }
}

static void u4_a_contiguous_group_must_agree(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( unsigned int i = 0; i < 16; i++ )
        map_page(&w, TABLES_A, IOVA + 0x1000 * i,
                 (DATA + 0x1000 * i) | PAGE | BIT(52));
    command(&w, NSNH_ALL);
    assert_false(suspended(DEV_A));
    assert_false(met(4));
    map_page(&w, TABLES_A, IOVA + 0x3000, DATA2 | PAGE | BIT(52));
    command(&w, NSNH_ALL);
    assert_true(suspended(DEV_A));
    assert_true(met(4));
    world_end(&w);
}

static void u5_the_memory_of_a_live_table_is_exchanged(void **state)
{
    static const uint64_t page[] = { STRTAB, CDS, TABLES_A, TABLES_A + 0x2000,
                                     DATA };

    (void)state;
    for ( size_t i = 0; i < COUNT(page); i++ )
    {
        uint64_t frame = page[i] >> 12;

        world_start(&w, NULL);
        oracle_p2m_change(w.oracle, page[i], ORACLE_RAM, w.hpa[frame],
                          ORACLE_RAM, w.hpa[frame] + BIT(35));
        w.hpa[frame] += BIT(35);
        assert_int_equal(met(5), page[i] != DATA);
        world_end(&w);
    }
}

static void u6_cr0_before_its_acknowledgement(void **state)
{
    (void)state;
    world_start(&w, NULL);
    w.deaf = true;
    write_reg(&w, 0x20, 4, 0xc);
    assert_false(met(6));
    write_reg(&w, 0x20, 4, 0xd);
    assert_true(met(6));
    assert_true(suspended(DEV_A));
    world_end(&w);
}

static void u7_a_guarded_register_in_between(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x88, 4, 7); /* ignored: no condition */
    assert_false(met(7));
    w.deaf = true;
    write_reg(&w, 0x20, 4, 0xc);
    write_reg(&w, 0x88, 4, 7);
    assert_true(met(7));
    world_end(&w);
}

static void u8_gbpa_while_update_is_set(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x20, 4, 0xc);
    w.deaf = true;
    write_reg(&w, 0x44, 4, BIT(31) | BIT(20));
    write_reg(&w, 0x44, 4, BIT(31));
    assert_true(met(8));
    set_reg(&w, 0x44, 4, BIT(20)); /* it took the first */
    oracle_poll(w.oracle);
    assert_true(legal(&w, DEV_A, DATA, false, blocked));
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void u9_odd_accesses(void **state)
{
    static const struct {
        uint32_t offset;
        unsigned int size;
        bool met;
    } rows[] = { { 0x20, 4, false }, { 0x20, 1, true },  { 0x20, 8, true },
                 { 0x80, 8, false }, { 0x84, 4, false }, { 0x82, 4, true },
                 { 0x300, 1, false } };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        uint64_t value;

        world_start(&w, NULL);
        value = get_reg(&w, rows[i].offset, rows[i].size);
        write_reg(&w, rows[i].offset, rows[i].size, value);
        assert_int_equal(met(9), rows[i].met);
        world_end(&w);
    }
}

static void u10_event_registers_in_page_0(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x100ac, 4, 0);
    assert_false(met(10));
    write_reg(&w, 0xac, 4, 0);
    assert_true(met(10));
    world_end(&w);
}

static void u11_acknowledging_what_is_not_active(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x64, 4, 0);
    assert_false(met(11));
    write_reg(&w, 0x64, 4, 4);
    assert_true(met(11));
    world_end(&w);
}

static void u12_more_commands_than_the_queue_holds(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x98, 4, 0x41); /* 65 of 64 */
    assert_true(met(12));
    assert_true(suspended(DEV_A));
    set_reg(&w, 0x9c, 4, 9);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
    world_start(&w, NULL);
    for ( unsigned int i = 0; i < 64; i++ )
        submit(&w, SYNC);
    prod(&w);
    assert_false(met(12));
    world_end(&w);
}

/* Where it stood behind what is submitted, or was consumed, it is nothing. */
static void u13_a_command_that_was_submitted_changes(void **state)
{
    uint64_t at;

    (void)state;
    world_start(&w, NULL);
    at = CMDQ + 16 * (uint64_t)(w.tail & 0x3f);
    submit(&w, CFGI_ALL);
    store(&w, at, 0x46);
    prod(&w);
    assert_false(met(13));
    store(&w, at + 16, 0x46);
    assert_false(met(13));
    consume(&w);
    store(&w, at, 0x30);
    assert_false(met(13));
    submit(&w, SYNC);
    prod(&w);
    store(&w, at + 16, 0xff);
    assert_true(met(13));
    assert_true(suspended(DEV_A));
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* The queue has eight entries; EVENTQ_PROD is 0. */
static void u14_more_records_than_the_queue_holds(void **state)
{
    static const struct {
        uint32_t cons;
        bool met;
    } rows[] = {
        { 0, false }, { 8, false }, { 9, false }, { 7, true }, { 1, true }
    };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        world_start(&w, NULL);
        write_reg(&w, 0x100ac, 4, rows[i].cons);
        assert_int_equal(met(14), rows[i].met);
        assert_false(suspended(DEV_A));
        world_end(&w);
    }
}

/* The eight entries of the queue; and while none is due it is memory. */
static void u15_a_record_that_is_due_is_written_over(void **state)
{
    static const struct {
        uint64_t at;
        bool due, met;
    } rows[] = {
        { EVENTQ, true, true },        { EVENTQ + 8 * 32 - 8, true, true },
        { EVENTQ - 8, true, false },   { EVENTQ + 8 * 32, true, false },
        { EVENTQ + 32, false, false },
    };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        world_start(&w, NULL);
        if ( rows[i].due )
            assert_true(legal(&w, DEV_A, IOVA + 0x5000, false, blocked));
        oracle_software_store(w.oracle, rows[i].at);
        assert_int_equal(met(15), rows[i].met);
        oracle_quiescent(w.oracle);
        assert_int_equal(w.findings, rows[i].due && !rows[i].met);
        world_end(&w);
    }
}

static void suspended_accesses_are_counted(void **state)
{
    struct oracle_stats stats;

    (void)state;
    world_start(&w, NULL);
    set_cd(&w, cd_at(DEV_B, 0), &(struct cd) { .asid = 1, .ttb0 = TABLES_B });
    assert_true(suspended(DEV_A));
    assert_true(suspended(DEV_B));
    oracle_stats(w.oracle, &stats);
    assert_int_equal(stats.suspended, 2);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_condition_has_a_text),
        cmocka_unit_test(u1_one_asid_with_two_tables),
        cmocka_unit_test(u1_is_not_the_same_asid_with_the_same_table),
        cmocka_unit_test(u2_one_vmid_with_and_without_stage_2),
        cmocka_unit_test(u2_two_stage_2_tables),
        cmocka_unit_test(u3_a_block_for_a_table_without_a_break),
        cmocka_unit_test(u3_ends_with_nh_all_where_there_is_no_stage_2),
        cmocka_unit_test(u3_is_not_another_page),
        cmocka_unit_test(u4_disputed_fields_suspend_their_access),
        cmocka_unit_test(u4_a_contiguous_group_must_agree),
        cmocka_unit_test(u5_the_memory_of_a_live_table_is_exchanged),
        cmocka_unit_test(u6_cr0_before_its_acknowledgement),
        cmocka_unit_test(u7_a_guarded_register_in_between),
        cmocka_unit_test(u8_gbpa_while_update_is_set),
        cmocka_unit_test(u9_odd_accesses),
        cmocka_unit_test(u10_event_registers_in_page_0),
        cmocka_unit_test(u11_acknowledging_what_is_not_active),
        cmocka_unit_test(u12_more_commands_than_the_queue_holds),
        cmocka_unit_test(u13_a_command_that_was_submitted_changes),
        cmocka_unit_test(u14_more_records_than_the_queue_holds),
        cmocka_unit_test(u15_a_record_that_is_due_is_written_over),
        cmocka_unit_test(suspended_accesses_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
