/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P10: the register map. */
#include "world.h"

static struct world w;

struct bits_row {
    const char *name;
    uint32_t offset;
    unsigned int size;
    uint64_t write, reads, judged;
};

/* What reads back after @write, in the bits that are judged. */
/* clang-format off */
static const struct bits_row bits_rows[] = {
    { "VER", 0x00, 4, 0xffffffff, 0x10, 0xffffffff },
    { "RTADDR", 0x20, 8, UINT64_MAX, UINT64_C(0xfffffffffffffc00),
      UINT64_MAX },
    { "FEDATA", 0x3c, 4, 0xffffffff, 0xffff, 0xffff01ff },
    { "FEADDR", 0x40, 4, 0xffffffff, 0xfffffffc, 0xffffffff },
    { "FEUADDR without EIM", 0x44, 4, 0xffffffff, 0, 0xffffffff },
    { "IEDATA", 0xa4, 4, 0xffffffff, 0xffff, 0xffff01ff },
    { "IEADDR", 0xa8, 4, 0xffffffff, 0xfffffffc, 0xffffffff },
    { "IQA", 0x90, 8, UINT64_C(0xfffffffffffff7ff),
      UINT64_C(0xfffffffffffff007), UINT64_C(0xfffffffffffff7ff) },
    { "IQT", 0x88, 8, UINT64_C(0xff0), 0xff0, UINT64_MAX },
    { "IRTA without IR", 0xb8, 8, UINT64_MAX, 0, UINT64_MAX },
    { "AFLOG without AFL", 0x58, 8, UINT64_MAX, 0, UINT64_MAX },
    { "PMEN without PLMR", 0x64, 4, 0xffffffff, 0, 0xffffffff },
    { "reserved", 0xff0, 8, UINT64_MAX, 0, UINT64_MAX },
    { "FECTL", 0x38, 4, 0x7fffffff, 0, 0xffffffff },
    { "IECTL", 0xa0, 4, 0x7fffffff, 0, 0xffffffff },
};
/* clang-format on */

static void start(void)
{
    world_start(&w, &(struct options) { .off = true });
}

static void what_reads_back_is_predicted(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(bits_rows) / sizeof(bits_rows[0]); i++ )
    {
        const struct bits_row *row = &bits_rows[i];

        print_message("%s\n", row->name);
        start();
        oracle_register_write(w.oracle, row->offset, row->size, row->write);
        oracle_register_written(w.oracle, row->offset, row->size, row->write);
        oracle_register_read(w.oracle, row->offset, row->size, row->reads);
        assert_int_equal(w.findings, 0);
        oracle_quiescent(w.oracle);
        for ( unsigned int bit = 0; bit < row->size * 8; bit++ )
        {
            unsigned int before = w.findings;

            if ( w.findings == FINDINGS_MAX )
                w.findings = before = 0;
            oracle_register_read(w.oracle, row->offset, row->size,
                                 row->reads ^ UINT64_C(1) << bit);
            assert_int_equal(w.findings - before, row->judged >> bit & 1);
        }
        world_end(&w);
    }
}

static void halves_and_wholes_are_the_same(void **state)
{
    (void)state;
    start();
    oracle_register_write(w.oracle, 0x20, 4, 0x5000);
    oracle_register_write(w.oracle, 0x24, 4, 0x1);
    oracle_register_read(w.oracle, 0x20, 8, UINT64_C(0x100005000));
    oracle_register_write(w.oracle, 0x38, 8, UINT64_C(0x2100000000));
    oracle_register_read(w.oracle, 0x38, 4, 0);
    oracle_register_read(w.oracle, 0x3c, 4, 0x21);
    assert_int_equal(w.findings, 0);
    oracle_register_read(w.oracle, 0x24, 4, 0);
    assert_true(found(&w, "P10", "register value"));
    world_end(&w);
}

/* 11.2: what reaches the unit are double words. */
static void a_quadword_may_begin_at_any_double_word(void **state)
{
    (void)state;
    start();
    oracle_register_write(w.oracle, 0x3c, 8, UINT64_C(0xfee0100000000033));
    oracle_register_read(w.oracle, 0x3c, 4, 0x33);
    oracle_register_read(w.oracle, 0x40, 4, 0xfee01000);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void narrow_and_unaligned_writes_have_no_effect(void **state)
{
    (void)state;
    start();
    oracle_register_write(w.oracle, 0x20, 1, 0xff);
    oracle_register_write(w.oracle, 0x22, 2, 0xffff);
    oracle_register_write(w.oracle, 0x26, 8, UINT64_MAX);
    oracle_register_write(w.oracle, 0xffd, 4, UINT64_MAX);
    oracle_register_read(w.oracle, 0x20, 8, 0);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void reset_values_are_checked(void **state)
{
    (void)state;
    start();
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    set_reg(&w, 0x38, 4, 0); /* IM is 1 at reset */
    oracle_check(w.oracle);
    assert_true(found(&w, "P10", "register value"));
    world_end(&w);
}

static void a_reserved_register_reads_as_0(void **state)
{
    (void)state;
    start();
    oracle_quiescent(w.oracle);
    set_reg(&w, 0x7f0, 4, 1);
    oracle_check(w.oracle);
    assert_true(found(&w, "P10", "register value"));
    world_end(&w);
}

static void gsts_shows_the_commands(void **state)
{
    (void)state;
    world_start(&w, NULL);
    oracle_register_read(w.oracle, 0x1c, 4, 0xc4000000);
    assert_int_equal(w.findings, 0);
    for ( unsigned int bit = 0; bit < 32; bit++ )
    {
        oracle_register_read(w.oracle, 0x1c, 4, 0xc4000000 ^ 1u << bit);
        assert_int_equal(w.findings, bit + 1);
    }
    world_end(&w);
}

static void remapping_is_taken_in_replay_only(void **state)
{
    const struct oracle_config *config = &w.config;
    struct oracle_config other;
    const char *reason;

    (void)state;
    world_start(&w, &(struct options) { .ecap = 8, .replay = true });
    other = *config;
    write_reg(&w, 0xb8, 8, 0x500f);
    oracle_register_write(w.oracle, 0x18, 4, 0x85000000);
    set_reg(&w, 0x1c, 4, 0xc5000000);
    oracle_register_written(w.oracle, 0x18, 4, 0x85000000);
    invalidate(&w, 0x04, 0);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    other.options = 0;
    assert_null(oracle_create(&other, &reason));
    assert_non_null(strstr(reason, "interrupt remapping"));
    world_end(&w);
}

static void what_it_cannot_judge_it_refuses(void **state)
{
    static const struct {
        uint64_t cap, ecap;
        const char *what;
    } rows[] = { { 1 << 3, 0, "AFL" },  { 1 << 5, 0, "PLMR" },
                 { 1 << 6, 0, "PHMR" }, { 5, 0, "ND" },
                 { 0, 4, "DT" },        { 0, UINT64_C(1) << 43, "SMTS" } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct oracle_config other;
        const char *reason;

        start();
        other = w.config;
        other.id[0] |= rows[i].cap;
        other.id[1] |= rows[i].ecap;
        assert_null(oracle_create(&other, &reason));
        assert_non_null(strstr(reason, rows[i].what));
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_reads_back_is_predicted),
        cmocka_unit_test(halves_and_wholes_are_the_same),
        cmocka_unit_test(a_quadword_may_begin_at_any_double_word),
        cmocka_unit_test(narrow_and_unaligned_writes_have_no_effect),
        cmocka_unit_test(reset_values_are_checked),
        cmocka_unit_test(a_reserved_register_reads_as_0),
        cmocka_unit_test(gsts_shows_the_commands),
        cmocka_unit_test(remapping_is_taken_in_replay_only),
        cmocka_unit_test(what_it_cannot_judge_it_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
