/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress, with a clock that the test turns. */
#include <cli/progress.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

struct desk {
    struct progress progress;
    uint64_t now; /* ns */
    char *text;
    size_t size;
    FILE *stream;
};

static uint64_t desk_now(void *context)
{
    return ((struct desk *)context)->now;
}

static void desk_open(struct desk *desk, bool terminal, uint64_t total)
{
    *desk = (struct desk) { .now = 77 };
    desk->stream = open_memstream(&desk->text, &desk->size);
    assert_non_null(desk->stream);
    progress_begin(&desk->progress, &(struct progress_config) {
                                        .stream = desk->stream,
                                        .what = "run",
                                        .total = total,
                                        .terminal = terminal,
                                        .columns = 60,
                                        .now_ns = desk_now,
                                        .context = desk,
                                    });
}

static void desk_close(struct desk *desk)
{
    fclose(desk->stream);
    free(desk->text);
}

static void work(struct desk *desk, unsigned int steps, unsigned int ms_each)
{
    for ( unsigned int i = 0; i < steps; i++ )
    {
        progress_show(&desk->progress, "vtd/am.scn");
        desk->now += UINT64_C(1000000) * ms_each;
        progress_step(&desk->progress, true);
    }
}

static unsigned int count(const char *text, char c)
{
    unsigned int n = 0;

    for ( ; *text; text++ )
        n += *text == c;
    return n;
}

static void plain_lines_are_a_second_apart(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, false, 100);
    work(&desk, 100, 100); /* 10 s: each second is 10 % */
    fflush(desk.stream);
    assert_int_equal(count(desk.text, '\n'), 9);
    desk_close(&desk);
}

static void plain_lines_are_five_percent_apart(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, false, 1000);
    work(&desk, 1000, 3000); /* every step is more than a second */
    fflush(desk.stream);
    assert_int_equal(count(desk.text, '\n'), 19);
    desk_close(&desk);
}

static void a_plain_line_has_counts_time_and_name(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, false, 10);
    work(&desk, 3, 30000);
    progress_step(&desk.progress, false);
    desk.now += UINT64_C(10000000000);
    progress_show(&desk.progress, "vtd/ih.scn");
    fflush(desk.stream);
    assert_non_null(strstr(desk.text, "run: 4/10  40 % 1 failed 1:40 "
                                      "eta 2:30 vtd/ih.scn\n"));
    assert_null(strchr(desk.text, '\033'));
    desk_close(&desk);
}

static void a_terminal_has_one_line_that_fits(void **state)
{
    struct desk desk;
    char *line;

    (void)state;
    desk_open(&desk, true, 10);
    work(&desk, 5, 1000);
    progress_show(&desk.progress,
                  "a/name/that/is/much/longer/than/what/is/left/of/the/line");
    fflush(desk.stream);
    assert_int_equal(count(desk.text, '\n'), 0);
    line = strrchr(desk.text, '\r') + strlen("\r\033[K");
    assert_memory_equal(line, "run [##########..........] 5/10  50 % ", 38);
    assert_int_equal(strlen(line), 59);
    desk_close(&desk);
}

static void a_terminal_is_drawn_ten_times_a_second_at_most(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, true, 100000);
    work(&desk, 10000, 1); /* 10 s */
    fflush(desk.stream);
    assert_int_equal(count(desk.text, '\r'), 100);
    desk_close(&desk);
}

static void the_line_makes_room_and_ends_with_the_sum(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, true, 2);
    work(&desk, 1, 61000);
    progress_clear(&desk.progress);
    progress_step(&desk.progress, false);
    fflush(desk.stream);
    assert_string_equal(strrchr(desk.text, '\r'), "\r\033[K");
    progress_end(&desk.progress);
    fflush(desk.stream);
    assert_non_null(strstr(desk.text, "\r\033[Krun: 2 of 2 done, "
                                      "1 failed, 1:01\n"));
    desk_close(&desk);
}

static void nothing_to_do_shows_nothing(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, true, 0);
    progress_show(&desk.progress, "x");
    progress_step(&desk.progress, true);
    progress_end(&desk.progress);
    fflush(desk.stream);
    assert_int_equal(desk.size, 0);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_are_a_second_apart),
        cmocka_unit_test(plain_lines_are_five_percent_apart),
        cmocka_unit_test(a_plain_line_has_counts_time_and_name),
        cmocka_unit_test(a_terminal_has_one_line_that_fits),
        cmocka_unit_test(a_terminal_is_drawn_ten_times_a_second_at_most),
        cmocka_unit_test(the_line_makes_room_and_ends_with_the_sum),
        cmocka_unit_test(nothing_to_do_shows_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
