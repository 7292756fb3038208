/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collected report: ownership, cleaning, sums, files. */
#include "sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void additions_are_copied(void **state)
{
    char name[] = "vtd/x.scn", through[] = "model", message[] = "lost";
    struct report_run runs[] = { { .through = through, .expected = 7 } };
    struct report report;

    (void)state;
    report_init(&report, "run", "1", 0);
    report_add_case(&report, &(struct report_case) {
                                 .name = name, .runs = runs, .run_count = 1 });
    report_add_finding(&report,
                       &(struct report_finding) { .message = message });
    memset(name, 'z', 3);
    memset(through, 'z', 3);
    memset(message, 'z', 3);
    runs[0].expected = 0;

    assert_string_equal(report.cases[0].name, "vtd/x.scn");
    assert_string_equal(report.cases[0].runs[0].through, "model");
    assert_int_equal(report.cases[0].runs[0].expected, 7);
    assert_string_equal(report.findings[0].message, "lost");
    assert_null(report.findings[0].file);
    report_free(&report);
}

static void arrays_grow_and_keep_their_order(void **state)
{
    struct report report;
    char name[24];

    (void)state;
    report_init(&report, "run", "1", 0);
    for ( unsigned int i = 0; i < 1000; i++ )
    {
        snprintf(name, sizeof(name), "%u", i);
        report_add_case(&report, &(struct report_case) { .name = name });
        report_add_result(&report, &(struct report_result) { .name = name });
    }
    assert_int_equal(report.case_count, 1000);
    assert_string_equal(report.cases[999].name, "999");
    assert_string_equal(report.results[500].name, "500");
    assert_false(report.incomplete);
    report_free(&report);
}

/* What a guest's or a file's bytes may do to a report. */
static const struct {
    const char *given, *kept;
} text_table[] = {
    { "plain", "plain" },
    { "tab\tand\nline", "tab\tand\nline" },
    { "\x1b[31m\r\x7f", "?[31m??" },
    { "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\x92",
      "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\x92" },
    { "\xff\xfe", "??" },
    { "\xc3", "?" },                /* ends in the middle */
    { "\xc3(", "?(" },              /* no continuation */
    { "\x80x", "?x" },              /* a continuation alone */
    { "\xc0\xaf", "??" },           /* longer than need be */
    { "\xed\xa0\x80", "???" },      /* a surrogate */
    { "\xef\xbf\xbe", "???" },      /* not a character */
    { "\xf4\x90\x80\x80", "????" }, /* beyond the last code point */
    { "\xc2\x85", "??" },           /* a C1 control */
};

static void text_is_cleaned(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(text_table) / sizeof(text_table[0]); i++ )
    {
        struct report report;

        report_init(&report, "run", "1", 0);
        report_add_finding(&report, &(struct report_finding) {
                                        .message = text_table[i].given });
        assert_string_equal(report.findings[0].message, text_table[i].kept);
        report_free(&report);
    }
}

static void only_findings_and_failures_make_it_not_ok(void **state)
{
    struct report report;

    (void)state;
    report_init(&report, "run", "1", 0);
    report_add_case(&report, &(struct report_case) { .name = "a", .ok = 1 });
    report_add_case(&report,
                    &(struct report_case) { .name = "b", .skipped = "why" });
    assert_true(report.ok);
    report_add_case(&report, &(struct report_case) { .name = "c" });
    assert_false(report.ok);
    report_free(&report);

    report_init(&report, "run", "1", 0);
    report_add_finding(&report, &(struct report_finding) { .message = "m" });
    assert_false(report.ok);
    report_free(&report);
}

static void totals_are_sums_over_cases_and_runs(void **state)
{
    struct report_totals totals;
    struct report report;

    (void)state;
    sample_report(&report, "run");
    report_totals(&report, &totals);
    assert_int_equal(totals.passed, 3);
    assert_int_equal(totals.failed, 1);
    assert_int_equal(totals.skipped, 1);
    assert_int_equal(totals.dma, 2430);
    assert_int_equal(totals.invalidations, 16);
    assert_int_equal(totals.runs.expected, 2400);
    assert_int_equal(totals.runs.equal, 2399);
    assert_int_equal(totals.runs.iotlb_hits, 1000);
    assert_int_equal(report_event_rate(&totals.runs), 10000);
    report_free(&report);
}

static void a_rate_without_time_is_zero(void **state)
{
    (void)state;
    assert_true(report_event_rate(&(struct report_run) { .events = 5 }) == 0);
}

static void equal_means_everything_that_was_expected(void **state)
{
    static const struct report_run unequal[] = {
        { .expected = 1 },
        { .faults_expected = 1 },
        { .interrupts_equal = 1 },
        { .statuses_expected = 1 },
    };

    (void)state;
    assert_true(report_run_is_equal(&(struct report_run) {
        .expected = 2, .equal = 2, .faults_expected = 1, .faults_equal = 1 }));
    for ( size_t i = 0; i < sizeof(unequal) / sizeof(unequal[0]); i++ )
        assert_false(report_run_is_equal(&unequal[i]));
}

static report_writer *const writers[] = { report_json, report_junit,
                                          report_html };

static void directories_on_the_way_are_made(void **state)
{
    struct report report;

    (void)state;
    sample_report(&report, "run");
    for ( unsigned int i = 0; i < 3; i++ )
    {
        char top[] = "made-XXXXXX", path[64], middle[64];

        assert_non_null(mkdtemp(top));
        snprintf(middle, sizeof(middle), "%s/a", top);
        snprintf(path, sizeof(path), "%s/a/file", top);
        assert_int_equal(writers[i](&report, path), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(middle), 0);
        assert_int_equal(rmdir(top), 0);
    }
    report_free(&report);
}

static void a_write_that_fails_is_an_error(void **state)
{
    struct report report;

    (void)state;
    sample_report(&report, "run");
    for ( unsigned int i = 0; i < 3; i++ )
    {
        assert_int_equal(writers[i](&report, ""), -ENOENT);
        assert_int_equal(writers[i](&report, "."), -EISDIR);
        assert_true(writers[i](&report, "/dev/full") < 0);
    }
    report_free(&report);
}

static void an_incomplete_report_is_not_written(void **state)
{
    struct report report;

    (void)state;
    sample_report(&report, "run");
    report.incomplete = true;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        assert_int_equal(writers[i](&report, "never-there"), -ENOMEM);
        assert_int_not_equal(access("never-there", F_OK), 0);
    }
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_are_copied),
        cmocka_unit_test(arrays_grow_and_keep_their_order),
        cmocka_unit_test(text_is_cleaned),
        cmocka_unit_test(only_findings_and_failures_make_it_not_ok),
        cmocka_unit_test(totals_are_sums_over_cases_and_runs),
        cmocka_unit_test(a_rate_without_time_is_zero),
        cmocka_unit_test(equal_means_everything_that_was_expected),
        cmocka_unit_test(directories_on_the_way_are_made),
        cmocka_unit_test(a_write_that_fails_is_an_error),
        cmocka_unit_test(an_incomplete_report_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
