/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timing files: what is taken, and what is told about the others. */
#include <sim/timing.h>

#include <stdio.h> /* for cmocka */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_preset_is_read(void **state)
{
    char error[TIMING_ERROR];
    struct timing timing;

    (void)state;
    for ( unsigned int i = 0; timing_presets[i]; i++ )
        if ( !timing_read(&timing, timing_presets[i], error) )
            fail_msg("%s", error);
}

/* So that a figure has its source where it is read. */
static void every_figure_of_a_preset_says_where_it_is_from(void **state)
{
    char path[128], line[256];

    (void)state;
    for ( unsigned int i = 0; timing_presets[i]; i++ )
    {
        FILE *stream;

        snprintf(path, sizeof(path), "%s/%s.ini", getenv("UMBRA_TIMING"),
                 timing_presets[i]);
        stream = fopen(path, "r");
        assert_non_null(stream);
        while ( fgets(line, sizeof(line), stream) )
            if ( *line != '#' && strchr(line, '=') )
                assert_non_null(strchr(line, '#'));
        fclose(stream);
    }
}

static void small_soc_is_the_default(void **state)
{
    char error[TIMING_ERROR];
    struct timing preset, timing;

    (void)state;
    assert_true(timing_read(&preset, "small-soc", error));
    timing_default(&timing);
    assert_int_equal(preset.memory_latency, timing.memory_latency);
    assert_memory_equal(&preset.costs, &timing.costs, sizeof(timing.costs));
    assert_int_equal(preset.cpu_trap, timing.cpu_trap);
    assert_int_equal(preset.slots, timing.slots);
}

static void what_a_file_says_is_taken(void **state)
{
    char error[TIMING_ERROR];
    struct timing timing;

    (void)state;
    assert_true(timing_parse(&timing,
                             "# a comment\n"
                             "[memory]\r\n"
                             "latency=7 ; another\n"
                             "\t width\t = 32\n"
                             "[cost]\n"
                             "walk_step = 0\n",
                             "x", error));
    assert_int_equal(timing.memory_latency, 7);
    assert_int_equal(timing.memory_width, 32);
    assert_int_equal(timing.costs.cycles[COST_WALK_STEP], 0);
    assert_int_equal(timing.costs.cycles[COST_TLB_LOOKUP],
                     cost_defaults.cycles[COST_TLB_LOOKUP]);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        { "\n[nosuch]", "t.ini:2: there is no such section; there are: "
                        "clock, cost, unit, bus, memory, cpu, dm, device" },
        { "[bus", "t.ini:1: a section is [NAME]" },
        { "[bus] x", "t.ini:1: a section is [NAME]" },
        { "width = 3", "t.ini:1: 'width' stands before any [section]" },
        { "[bus]\nlatency = 3", "t.ini:2: no such key in this section; it "
                                "has: request, response, width" },
        { "[bus]\n\nwidth", "t.ini:3: a line is [SECTION] or KEY = NUMBER" },
        { "[bus]\nwidth = ", "t.ini:2: '' is no decimal number" },
        { "[bus]\nwidth = -1", "t.ini:2: '-1' is no decimal number" },
        { "[bus]\nwidth = 12x", "t.ini:2: '12x' is no decimal number" },
        { "[bus]\nwidth = 0", "t.ini:2: width is 1 to 4096" },
        { "[bus]\nwidth = 99999999999999999999", "no decimal number" },
        { "[bus]\nwidth = 4\nwidth = 4", "t.ini:3: 'width' has been said" },
        { "[unit]\ntlb-entries = 48", "t.ini:2: tlb-entries is 0 to 1048576, "
                                      "a power of two" },
        { "[unit]\ntlb-entries = 2", "tlb has more ways than entries" },
        { "[unit]\ntlb-ways = 0", "tlb-ways is 1 or more" },
        { "[unit]\nwalkers = 65", "t.ini:2: walkers is 1 to 64" },
    };
    char error[TIMING_ERROR];
    struct timing timing;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        *error = 0;
        assert_false(timing_parse(&timing, cases[i].text, "t.ini", error));
        if ( !strstr(error, cases[i].error) )
            fail_msg("'%s' gives '%s'", cases[i].text, error);
    }
}

static void a_file_that_is_not_there_is_told(void **state)
{
    char error[TIMING_ERROR];
    struct timing timing;

    (void)state;
    assert_false(timing_read(&timing, "/nonexistent/t.ini", error));
    assert_non_null(strstr(error, "/nonexistent/t.ini: No such file"));
    assert_non_null(strstr(error, "mmu600-like"));
    assert_false(timing_read(&timing, "/", error));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_is_read),
        cmocka_unit_test(every_figure_of_a_preset_says_where_it_is_from),
        cmocka_unit_test(small_soc_is_the_default),
        cmocka_unit_test(what_a_file_says_is_taken),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests_name("sim/timing", tests, NULL, NULL);
}
