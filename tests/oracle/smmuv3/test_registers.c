/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P10: what registers hold, when they can be written, what is reserved. */
#include "world.h"

static struct world w;

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool reads(uint32_t offset, unsigned int size, uint64_t value)
{
    unsigned int before = w.findings;

    oracle_register_read(w.oracle, offset, size, value);
    return w.findings == before;
}

struct hold_row {
    const char *what;
    uint32_t offset;
    unsigned int size;
    uint64_t written, reads, other; /* another value that may not be read */
    bool off_only; /* holds nothing new while its enable is on */
};

/* clang-format off */
static const struct hold_row hold_rows[] = {
    { "CR1", 0x28, 4, 0xffffffff, 0xfff, 0xffe, true },
    { "CR2", 0x2c, 4, 0xfffffff8, 0, 2, true },
    { "IRQ_CTRL", 0x50, 4, 0xfffffffa, 0, 1, false },
    { "STRTAB_BASE", 0x80, 8, 0x4000123456789abf, 0x4000123456789a80,
      0x4000123456789abf, true },
    { "STRTAB_BASE, low half", 0x80, 4, 0x56789abf, 0x56789a80, 0, true },
    { "STRTAB_BASE, high half", 0x84, 4, 0xffff1234, 0x40001234, 0x80001234,
      true },
    { "STRTAB_BASE_CFG", 0x88, 4, 0xffffffff, 0x307ff, 0x307fe, true },
    { "CMDQ_BASE", 0x90, 8, 0x40000000000010e3, 0x40000000000010e3, 0, true },
    { "CMDQ_CONS", 0x9c, 4, 0x01000003, 0x01000003, 2, true },
    { "EVENTQ_BASE", 0xa0, 8, 0x40000000000010e3, 0x40000000000010e3, 0,
      true },
    { "EVENTQ_PROD", 0x100a8, 4, 0x80000003, 0x80000003, 3, true },
    { "EVENTQ_CONS", 0x100ac, 4, 0x80000003, 0x80000003, 3, false },
};
/* clang-format on */

static void a_register_holds_what_it_stores(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(hold_rows); i++ )
    {
        const struct hold_row *row = &hold_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, &(struct options) { .off = true });
        if ( row->offset == 0x9c )
            write_reg(&w, 0x90, 8, CMDQ | 6);
        if ( row->offset > 0x10000 )
            write_reg(&w, 0xa0, 8, EVENTQ | 3);
        write_reg(&w, row->offset, row->size, row->written);
        assert_true(reads(row->offset, row->size, row->reads));
        assert_false(reads(row->offset, row->size, row->other));
        assert_true(found(&w, "P10", "register value"));
        world_end(&w);
    }
}

static void enabled_structures_are_read_only(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(hold_rows); i++ )
    {
        const struct hold_row *row = &hold_rows[i];
        uint64_t before;

        if ( row->size != 4 && row->size != 8 )
            continue;
        print_message("%s\n", row->what);
        world_start(&w, NULL);
        if ( row->offset == 0x28 )
        {
            world_end(&w);
            world_start(&w, &(struct options) { .off = true });
            write_reg(&w, 0x28, 4, 0);
            write_reg(&w, 0x20, 4, 0xd);
        }
        before = get_reg(&w, row->offset, row->size);
        oracle_register_write(w.oracle, row->offset, row->size, row->written);
        oracle_register_written(w.oracle, row->offset, row->size,
                                row->written);
        oracle_quiescent(w.oracle);
        w.findings = 0;
        assert_int_equal(reads(row->offset, row->size, before),
                         row->off_only || row->reads == before);
        world_end(&w);
    }
}

static void identification_is_constant(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( uint32_t i = 0; i < 8; i++ )
    {
        write_reg(&w, 4 * i, 4, UINT32_MAX);
        assert_true(reads(4 * i, 4, w.config.id[i]));
        assert_false(reads(4 * i, 4, w.config.id[i] ^ 1));
    }
    world_end(&w);
}

static void what_is_not_built_reads_zero(void **state)
{
    static const uint32_t offset[] = {
        0x30,   0x3c,    0x40,    0x4c,    0x68,    0x70,    0x74,
        0xb0,   0xb8,    0xc0,    0xd0,    0x100,   0x118,   0x130,
        0x180,  0x190,   0x200,   0x3fc,   0x400,   0x4000,  0x8000,
        0xfffc, 0x10000, 0x100a4, 0x100b0, 0x100c8, 0x10400, 0x1fffc,
    };

    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < COUNT(offset); i++ )
    {
        write_reg(&w, offset[i], 4, 0);
        oracle_register_write(w.oracle, offset[i], 4, UINT32_MAX);
        assert_true(reads(offset[i], 4, 0));
        assert_false(reads(offset[i], 4, 1));
    }
    /* Implementation defined, and the component's identification. */
    assert_true(reads(0x48, 4, 1));
    assert_true(reads(0xe00, 4, 1));
    assert_true(reads(0xfe0, 4, 0x43));
    world_end(&w);
}

static void acknowledgements_echo_what_has_settled(void **state)
{
    (void)state;
    world_start(&w, NULL);
    w.deaf = true;
    write_reg(&w, 0x20, 4, 0xc);
    assert_true(reads(0x24, 4, 0xc));
    assert_true(reads(0x24, 4, 0xd));
    assert_false(reads(0x24, 4, 0x8));
    set_reg(&w, 0x24, 4, 0xc);
    oracle_poll(w.oracle);
    assert_false(reads(0x24, 4, 0xd));
    assert_true(reads(0x20, 4, 0xc));
    world_end(&w);
}

static void bits_of_cr0_that_are_not_built_stay_zero(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .off = true });
    write_reg(&w, 0x20, 4, 0xfffffff2);
    assert_true(reads(0x20, 4, 0));
    assert_false(reads(0x20, 4, 2));
    world_end(&w);
}

static void gbpa_takes_fields_with_update_alone(void **state)
{
    (void)state;
    world_start(&w, &(struct options) { .off = true });
    write_reg(&w, 0x44, 4, BIT(20));
    assert_false(reads(0x44, 4, BIT(20)));
    write_reg(&w, 0x44, 4, BIT(31) | BIT(20));
    assert_true(reads(0x44, 4, BIT(20)));
    assert_false(reads(0x44, 4, 0));
    assert_false(reads(0x44, 4, BIT(31) | BIT(20)));
    assert_false(reads(0x44, 4, BIT(25) | BIT(20)));
    world_end(&w);
}

static void a_pointer_of_the_hardware_is_judged_when_it_is_quiet(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, SYNC);
    prod(&w);
    assert_true(reads(0x9c, 4, 0));
    assert_true(reads(0x9c, 4, 1));
    consume(&w);
    oracle_quiescent(w.oracle);
    assert_true(reads(0x9c, 4, 1));
    assert_false(reads(0x9c, 4, 0));
    assert_true(reads(0x98, 4, 1));
    assert_false(reads(0x98, 4, 0));
    assert_true(reads(0x100a8, 4, 0));
    assert_false(reads(0x100a8, 4, 1));
    assert_true(reads(0x60, 4, 0));
    assert_false(reads(0x60, 4, 1));
    world_end(&w);
}

static void check_sees_every_register(void **state)
{
    static const uint32_t offset[] = { 0x00, 0x20, 0x84, 0x200, 0x100ac };

    (void)state;
    for ( size_t i = 0; i < COUNT(offset); i++ )
    {
        world_start(&w, NULL);
        oracle_quiescent(w.oracle);
        oracle_check(w.oracle);
        assert_int_equal(w.findings, 0);
        w.reg[offset[i]] ^= 1;
        oracle_check(w.oracle);
        assert_true(found(&w, "P10", "register value"));
        world_end(&w);
    }
}

static void checks_sweep_over_what_is_reserved(void **state)
{
    (void)state;
    world_start(&w, NULL);
    oracle_quiescent(w.oracle);
    set_reg(&w, 0x1a000, 4, 1);
    for ( unsigned int i = 0; i < 32; i++ )
        oracle_check(w.oracle);
    assert_true(reported(&w, "P10", "register value"));
    world_end(&w);
}

static void an_odd_access_is_followed_wherever_it_goes(void **state)
{
    (void)state;
    for ( unsigned int taken = 0; taken < 2; taken++ )
    {
        world_start(&w, NULL);
        oracle_register_write(w.oracle, 0x100ac, 2, 5);
        if ( taken )
            set_reg(&w, 0x100ac, 4, 5);
        oracle_register_written(w.oracle, 0x100ac, 2, 5);
        assert_true(oracle_undefined(w.oracle) >> 9 & 1);
        assert_int_equal(reads(0x100ac, 4, 5), taken);
        world_end(&w);
    }
}

static void what_it_cannot_judge_it_refuses(void **state)
{
    static const struct {
        unsigned int id;
        uint64_t flip;
        const char *what;
    } rows[] = {
        { 0, BIT(2), "TTF" },
        { 0, 3, "stage" },
        { 0, BIT(6), "HTTU" },
        { 0, BIT(10), "ATS" },
        { 0, BIT(16), "PRI" },
        { 0, BIT(13), "MSI" },
        { 0, BIT(5), "broadcast" },
        { 0, BIT(17), "VMID wildcards" },
        { 0, BIT(21), "TTENDIAN" },
        { 0, BIT(24), "STALL_MODEL" },
        { 0, BIT(28), "ST_LEVEL" },
        { 0, BIT(30), "RME" },
        { 1, BIT(27), "TYPES_OVR" },
        { 1, BIT(31), "ECMDQ" },
        { 3, BIT(8), "IDR3" },
        { 5, 3, "52-bit" },
        { 5, 1, "OAS" },
        { 5, 0x70, "granule" },
    };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        struct oracle_config other;
        const char *reason = "";

        world_start(&w, NULL);
        other = w.config;
        other.id[rows[i].id] ^= rows[i].flip;
        assert_null(oracle_create(&other, &reason));
        assert_non_null(strstr(reason, rows[i].what));
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_holds_what_it_stores),
        cmocka_unit_test(enabled_structures_are_read_only),
        cmocka_unit_test(identification_is_constant),
        cmocka_unit_test(what_is_not_built_reads_zero),
        cmocka_unit_test(acknowledgements_echo_what_has_settled),
        cmocka_unit_test(bits_of_cr0_that_are_not_built_stay_zero),
        cmocka_unit_test(gbpa_takes_fields_with_update_alone),
        cmocka_unit_test(a_pointer_of_the_hardware_is_judged_when_it_is_quiet),
        cmocka_unit_test(check_sees_every_register),
        cmocka_unit_test(checks_sweep_over_what_is_reserved),
        cmocka_unit_test(an_odd_access_is_followed_wherever_it_goes),
        cmocka_unit_test(what_it_cannot_judge_it_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
