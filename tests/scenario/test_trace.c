/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recorded sessions as text. */

#include <scenario/vtd/vtd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                  \
    "# umbra-trace 1\n# arch vtd\n# mem 0 10000000\n"                         \
    "# reg 8 8 d2008c222f0686 CAP\n# reg 10 8 f00f4a ECAP\n"

static struct program_list list;
static struct program_error error;

static bool parse(const char *text)
{
    char *copy = strdup(text);
    bool ok;

    list = (struct program_list) { 0 };
    memset(&error, 0, sizeof(error));
    ok = program_parse_trace(copy, strlen(copy), "x.trace", "x", &list,
                             &error);
    free(copy);
    return ok;
}

static int forget(void **state)
{
    (void)state;
    program_list_free(&list);
    return 0;
}

static void each_line_becomes_its_operation(void **state)
{
    static const uint8_t codes[] = {
        OP_STORE,
        OP_WRITE,
        VTD_OP_EXPECT_STATUS,
        OP_EXPECT_DMA,
        OP_EXPECT_FAULT,
        VTD_OP_EXPECT_RECORD,
        VTD_OP_EXPECT_EVENT,
        VTD_OP_EXPECT_INTERRUPT,
    };

    (void)state;
    assert_true(parse(HEAD "M 1000 22\nG 34 4 0\nR 88 4 20\nS 2000 2\n"
                           "D 10 - fffff000 6460000 fff rw\n"
                           "F 18 - 12345000 6 r\n"
                           "L 0 12345000 40ffff0600000018\n"
                           "E fee01004 21\n"
                           "I 10 fee00298 0 14 2a 1 1 0 0\n"));
    assert_int_equal(list.program[0]->ops, sizeof(codes));
    for ( size_t i = 0; i < sizeof(codes); i++ )
        assert_int_equal(list.program[0]->op[i].code, codes[i]);
    assert_int_equal(list.program[0]->machine.id[VTD_ID_CAP],
                     0xd2008c222f0686);
    assert_int_equal(list.program[0]->machine.devices, 2);
}

static void an_error_names_the_line(void **state)
{
    static const char *const rows[] = {
        "X 1 2\n",      "M 1000\n",           "M 1001 2\n",
        "M 1000 2 3\n", "R 88 3 1\n",         "R 88\n",
        "D 10 - 1\n",   "D 10 - 1 2 fff x\n", "F 18 - 1 2 q\n",
        "S 1\n",        "M -1 2\n",           "M 11111111111111111 2\n",
        "L 0 1\n",      "E 1 100000000\n",    "D 10 5 1000 2000 fff r\n",
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        char text[512];

        strcpy(text, HEAD "M 1000 1\n");
        strcat(text, rows[i]);
        assert_false(parse(text));
        assert_ptr_equal(strstr(error.text, "x.trace:7:"), error.text);
        assert_int_equal(error.good, 1);
        program_list_free(&list);
    }
}

static void a_truncated_session_is_kept_as_far_as_it_goes(void **state)
{
    (void)state;
    assert_false(parse(HEAD "M 1000 1\nM 1008 2\nM 10"));
    assert_non_null(strstr(error.text, "truncated"));
    assert_int_equal(list.program[0]->ops, 2);
    assert_int_equal(error.good, 2);
}

static void scalable_mode_is_named_as_what_is_missing(void **state)
{
    (void)state;
    assert_true(parse("# umbra-trace 1\n# arch vtd\n"
                      "# reg 10 8 480080f00f4a ECAP\nM 1000 1\n"));
    assert_string_equal(list.program[0]->needs, "needs scalable mode");
}

static void without_caching_mode_only_the_model_can_follow(void **state)
{
    (void)state;
    assert_true(parse("# umbra-trace 1\n# arch vtd\n"
                      "# reg 8 8 d2008c222f0606 CAP\nM 1000 1\n"));
    assert_int_equal(list.program[0]->through, 1u << THROUGH_MODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_line_becomes_its_operation, forget),
        cmocka_unit_test(an_error_names_the_line),
        cmocka_unit_test_teardown(
            a_truncated_session_is_kept_as_far_as_it_goes, forget),
        cmocka_unit_test_teardown(scalable_mode_is_named_as_what_is_missing,
                                  forget),
        cmocka_unit_test_teardown(
            without_caching_mode_only_the_model_can_follow, forget),
    };

    return cmocka_run_group_tests_name("scenario/trace", tests, NULL, NULL);
}
