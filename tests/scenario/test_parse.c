/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario text: what is read, and what is said of what can't be. */

#include <scenario/vtd/vtd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                  \
    "title t\ndevice nic 00:02.0\ntable A levels=3\n" /* lines 1 to 3 */

static struct program_list list;
static struct program_error error;

static bool parse(const char *text)
{
    list = (struct program_list) { 0 };
    memset(&error, 0, sizeof(error));
    return program_parse_text(text, "x.scn", "x", &list, &error);
}

static int forget(void **state)
{
    (void)state;
    program_list_free(&list);
    return 0;
}

static void an_error_names_file_line_and_what_was_expected(void **state)
{
    static const struct {
        const char *text;
        const char *where, *says;
    } rows[] = {
        { HEAD "frobnicate 1\n", "x.scn:4:", "frobnicate" },
        { HEAD "map A 0x1000 0x2000 4k\n", "x.scn:4:", "misses" },
        { HEAD "map B 0x1000 0x2000 4k rw\n", "x.scn:4:", "not declared" },
        { HEAD "map A 0x1000 0x2000 5k rw\n", "x.scn:4:", "4k 2m 1g" },
        { HEAD "map A 0x1000 0x2000 4k rw rw\n", "x.scn:4:", "rw" },
        { HEAD "\n\ndma nix read 0\n", "x.scn:6:", "not declared" },
        { HEAD "write NOSUCH 1\n", "x.scn:4:", "NOSUCH" },
        { HEAD "write 0xffc/8 1\n", "x.scn:4:", "0x1000" },
        { HEAD "repeat 0 start\n", "x.scn:4:", "repeat" },
        { HEAD "repeat 2\n", "x.scn:4:", "repeat" },
        { HEAD "@0 store 0 0\n", "x.scn:4:", "call of host.h" },
        { HEAD "@p0 store 0 0\n", "x.scn:4:", "access of the physical" },
        { HEAD "@p1 start\n", "x.scn:4:", "inside" },
        { HEAD "attach nic\n", "x.scn:4:", "through stack" },
        { HEAD "store $x 1\n", "x.scn:4:", "matrix" },
        { HEAD "iotlb-page 1 0 64\n", "x.scn:4:", "6 bits" },
        { "title t\ncap nd=8\nstart\n", "x.scn:2:", "3 bits" },
        { "title t\ncap foo=1\nstart\n", "x.scn:2:", "foo" },
        { "title t\nram 0 0x1001\nstart\n", "x.scn:2:", "0x1000" },
        { "title t\ndevice a 0:20.0\nstart\n", "x.scn:2:", "BB:DD.F" },
        { "title t\nmatrix a = \nstart\n", "x.scn:2:", "matrix" },
        { "title t\nmatrix a,b = 1 2\nstart\n", "x.scn:2:", "2 names" },
        { "title t\nhaw 60\nstart\n", "x.scn:2:", "haw" },
        { "title t\narch x86\nstart\n", "x.scn:2:", "arch NAME" },
        { "title t\nhaw 40\narch vtd\nstart\n", "x.scn:3:", "before" },
        { "title t\ndevice a 00:01.0 c\nstart\n", "x.scn:2:", "unit=N" },
        { "title t\ndevice a 00:01.0 unit=9\n", "x.scn:2:", "units" },
        { "title t\ntable A colour=3\nstart\n", "x.scn:2:", "colour" },
        { "title t\ndevice a23456789012345678901234 00:01.0\nstart\n",
          "x.scn:2:", "at most 23 characters" },
        { "start\n", "x.scn:1:", "title" },
        { "title t\n", "x.scn:1:", "no operation" },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        assert_false(parse(rows[i].text));
        assert_ptr_equal(strstr(error.text, rows[i].where), error.text);
        assert_non_null(strstr(error.text, rows[i].says));
        program_list_free(&list);
    }
}

static void a_matrix_makes_a_case_of_every_point(void **state)
{
    (void)state;
    assert_true(parse(HEAD "matrix a = 1 2 3\nmatrix b,c = 4,5 6,7\n"
                           "store 8*$a 0x$b$c\n"));
    assert_int_equal(list.count, 6);
    assert_string_equal(list.program[0]->name, "x[a=1,b=4,c=5]");
    assert_string_equal(list.program[5]->name, "x[a=3,b=6,c=7]");
    assert_int_equal(list.program[5]->op[0].arg[0], 24);
    assert_int_equal(list.program[5]->op[0].arg[1], 0x67);
}

static void a_range_counts_up(void **state)
{
    (void)state;
    assert_true(parse(HEAD "matrix a = 0..11 20\nstore 8*$a 0\n"));
    assert_int_equal(list.count, 13);
    assert_int_equal(list.program[12]->op[0].arg[0], 160);
}

static void registers_follow_the_capabilities(void **state)
{
    (void)state;
    assert_true(parse("title t\ncap fro=0x40\necap iro=0x20\n"
                      "write FRCD1_HI 1\nwrite IOTLB 2\nwrite 0x22c/4 3\n"));
    assert_int_equal(REG_OFFSET(op_arg(&list.program[0]->op[0], 0)), 0x418);
    assert_int_equal(REG_OFFSET(op_arg(&list.program[0]->op[1], 0)), 0x208);
    assert_int_equal(REG_OFFSET(op_arg(&list.program[0]->op[2], 0)), 0x22c);
    assert_int_equal(REG_SIZE(op_arg(&list.program[0]->op[2], 0)), 4);
}

static void a_repeated_operation_counts(void **state)
{
    (void)state;
    assert_true(parse(HEAD "repeat 3 store 0x1000+8*i i\nstart\n"));
    assert_int_equal(list.program[0]->ops, 4);
    assert_int_equal(list.program[0]->op[2].arg[0], 0x1010);
    assert_int_equal(list.program[0]->op[2].arg[1], 2);
    assert_int_equal(list.program[0]->op[3].code, VTD_OP_START);
}

static void comments_and_blank_lines_mean_nothing(void **state)
{
    (void)state;
    assert_true(parse("# a\n\n" HEAD "  \nstart # b\n#\n"));
    assert_int_equal(list.program[0]->ops, 1);
    assert_int_equal(list.program[0]->op[0].line, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_names_file_line_and_what_was_expected),
        cmocka_unit_test_teardown(a_matrix_makes_a_case_of_every_point,
                                  forget),
        cmocka_unit_test_teardown(a_range_counts_up, forget),
        cmocka_unit_test_teardown(registers_follow_the_capabilities, forget),
        cmocka_unit_test_teardown(a_repeated_operation_counts, forget),
        cmocka_unit_test_teardown(comments_and_blank_lines_mean_nothing,
                                  forget),
    };

    return cmocka_run_group_tests_name("scenario/parse", tests, NULL, NULL);
}
