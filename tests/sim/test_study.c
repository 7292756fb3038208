/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of a study, and plots. */
#include <sim/plot.h>
#include <sim/study_program.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned int count_of(const char *text, const char *what)
{
    unsigned int count = 0;

    while ( (text = strstr(text, what)) )
    {
        count++;
        text += strlen(what);
    }
    return count;
}

/* All shapes are programs, and the spans are what they say. */
static void flushes_are_found_where_they_are(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 64; i++ )
    {
        const struct study_shape shape = {
            .smmuv3 = i & 1,
            .through = i & 2 ? THROUGH_STACK : THROUGH_MODEL,
            .whole = i & 4,
            .drain = i & 8,
            .rounds = 3,
            .batch = i & 16 ? 8 : 1,
        };
        const unsigned int commands = shape.whole ? 1 : shape.batch;
        struct study_program made;
        char error[512];

        if ( !study_program_make(&made, &shape, error, sizeof(error)) )
            fail_msg("%s", error);
        assert_int_equal(made.rounds, 3);
        for ( unsigned int j = 0; j < made.rounds; j++ )
        {
            char text[256];

            assert_int_equal(made.io[j].end - made.io[j].first, shape.batch);
            assert_int_equal(made.flush[j].end - made.flush[j].first,
                             commands + 1);
            operation_text(made.program,
                           &made.program->op[made.flush[j].end - 1], text,
                           sizeof(text));
            assert_string_equal(text, "sync");
        }
        program_free(made.program);
    }
}

static void every_protocol_has_a_program(void **state)
{
    (void)state;
    for ( unsigned int p = 0; p < STUDY_PROTOCOLS; p++ )
    {
        const struct study_shape shape = {
            .through = THROUGH_STACK,
            .rounds = 2,
            .batch = 1,
            .drain = true,
            .emulated = true,
            .protocol = (enum study_protocol)p,
        };
        struct study_program made;
        char error[512];

        if ( !study_program_make(&made, &shape, error, sizeof(error)) )
            fail_msg("%s: %s", study_protocol_names[p], error);
        program_free(made.program);
    }
}

static void a_plot_shows_every_point(void **state)
{
    static const bool axes[][2] = {
        { false, false }, { true, false }, { false, true }, { true, true }
    };

    (void)state;
    for ( unsigned int i = 0; i < 4; i++ )
    {
        const struct plot plot = {
            .title = "a title",
            .x_label = "x",
            .y_label = "y",
            .log_x = axes[i][0],
            .log_y = axes[i][1],
            .x = { 1, 10, 1000 },
            .points = 3,
            .series = { { "one", { 5, 6, 7 } }, { "two", { 1, 1, 100000 } } },
            .count = 2,
        };
        char *text;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        plot_lines(stream, &plot);
        fclose(stream);
        assert_int_equal(count_of(text, "<circle"), 6);
        assert_int_equal(count_of(text, "<svg "), 1);
        assert_int_equal(count_of(text, "</svg>"), 1);
        assert_int_equal(count_of(text, "nan"), 0);
        assert_int_equal(count_of(text, "inf"), 0);
        assert_int_equal(count_of(text, ">two<"), 1);
        free(text);
    }
}

static uint64_t start(unsigned int bin)
{
    return bin * 10;
}

static void a_distribution_shows_every_bin_that_holds_something(void **state)
{
    static const uint64_t bins[][4] = { { 0, 5, 0, 7 },
                                        { 1, 0, 0, 0 },
                                        { 0, 0, 0, 0 } };
    static const unsigned int bars[] = { 2, 1, 0 };
    const struct plot_mark mark = { "p50", 31 };

    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        char *text;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        plot_distribution(stream, &(struct plot_distribution) { .title = "t",
                                                                .x_label = "x",
                                                                .bin = bins[i],
                                                                .bins = 4,
                                                                .start = start,
                                                                .mark = &mark,
                                                                .marks = 1 });
        fclose(stream);
        /* One is the background. */
        assert_int_equal(count_of(text, "<rect"), bars[i] + 1);
        assert_int_equal(count_of(text, "p50 31"), 1);
        assert_int_equal(count_of(text, "nan") + count_of(text, "inf"), 0);
        free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(flushes_are_found_where_they_are),
        cmocka_unit_test(every_protocol_has_a_program),
        cmocka_unit_test(a_plot_shows_every_point),
        cmocka_unit_test(a_distribution_shows_every_bin_that_holds_something),
    };

    return cmocka_run_group_tests_name("sim/study", tests, NULL, NULL);
}
