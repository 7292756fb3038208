/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in scenarios. */

#include <scenario/program.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool lookup(void *context, const char *name, size_t length,
                   uint64_t *value)
{
    *value = *(uint64_t *)context;
    return length == 4 && !memcmp(name, "page", 4);
}

static void operators_bind_as_in_c(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        { "0", 0 },       { "0x10", 16 },
        { "1+2*3", 7 },   { "1<<12|1", 0x1001 },
        { "1+1<<4", 32 }, { "0xff&0x0f|0x30", 0x3f },
        { "(1+2)*3", 9 }, { "~0", UINT64_MAX },
        { "~0>>60", 15 }, { "10-3-2", 5 },
        { "1<<64", 0 },   { "page+8*3", 0x5018 },
    };
    uint64_t page = 0x5000, value;

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        assert_null(expression_parse(rows[i].text, lookup, &page, &value));
        assert_int_equal(value, rows[i].value);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    static const char *const rows[] = {
        "",     "+",     "1+",  "12x", "1 2", "(1",
        "none", "1<2",   "1<<", "0x",  "1)",  "0x10000000000000000",
        "$a",   "page.", "-1x", "|1"
    };
    uint64_t page = 0, value;

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        assert_non_null(expression_parse(rows[i], lookup, &page, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_c),
        cmocka_unit_test(what_is_no_number_is_refused),
    };

    return cmocka_run_group_tests_name("scenario/expression", tests, NULL,
                                       NULL);
}
