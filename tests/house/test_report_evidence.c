/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page and the summary take over from other verbs, SARIF, and a
 * report that was read back. */
#include "sample.h"

#include <cli/evidence.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/umbra-evidence-XXXXXX";

static void in_directory(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", directory, name);
}

static void put_file(const char *name, const char *text)
{
    char path[128];
    FILE *stream;

    in_directory(path, sizeof(path), name);
    stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static const char cover[] =
    "{\"verb\":\"cover\",\"lines\":{\"models\":99.25},"
    "\"branches\":{\"models\":97.5},\"functions\":{\"models\":100.0},"
    "\"points_total\":7,\"points_hit\":5,\"points_explained\":1,"
    "\"sections\":[{\"list\":\"vtd\",\"section\":\"6.5.2\",\"hit\":5,"
    "\"total\":7,\"explained\":1}],"
    "\"points_unhit\":[\"vtd.x (6.5.2): a < b\"],\"short\":[]}";
static const char mutants[] =
    "{\"verb\":\"mutants\",\"total\":2,\"killed\":1,\"survived\":1,"
    "\"not_applicable\":3,\"by_suite\":1,\"results\":["
    "{\"slug\":\"one\",\"room\":\"models\",\"killed\":true,\"by\":\"P2\","
    "\"killer\":\"run:vtd/iotlb\","
    "\"seconds\":1.5,\"executions\":1},"
    "{\"slug\":\"two\",\"room\":\"models\",\"killed\":false,"
    "\"by\":\"nothing <was> found\",\"seconds\":1.5,\"executions\":1}]}";

static struct evidence *both(void)
{
    struct evidence *evidence;

    put_file("cover.json", cover);
    put_file("mutants.json", mutants);
    evidence = evidence_load(directory);
    assert_non_null(evidence);
    return evidence;
}

static char *with_evidence(report_writer *writer,
                           const struct evidence *evidence)
{
    struct report report;
    char *text;

    sample_report(&report, "run");
    report.evidence = evidence;
    text = written(writer, &report);
    report_free(&report);
    return text;
}

static void assert_contains(const char *text, const char *part)
{
    if ( !strstr(text, part) )
        fail_msg("it lacks: %s", part);
}

static void the_page_shows_coverage_and_mutants(void **state)
{
    struct evidence *evidence = both();
    char *page = with_evidence(report_html, evidence);

    (void)state;
    assert_contains(page, "5 of 7 points");
    assert_contains(page, "<td>6.5.2</td>");
    assert_contains(page, "vtd.x (6.5.2): a &lt; b");
    assert_contains(page, "99.25&#8239;%");
    assert_contains(page, "1 of 2 known defects");
    assert_contains(page, "1 of them by umbra run alone");
    assert_contains(page, "<td>run:vtd/iotlb</td>");
    assert_contains(page, "nothing &lt;was&gt; found");
    /* a survivor is not hidden */
    assert_contains(page, "<details open><summary>each of them");
    free(page);
    evidence_free(evidence);
}

static void the_summary_shows_them_as_well(void **state)
{
    struct evidence *evidence = both();
    char *text = with_evidence(report_markdown, evidence);

    (void)state;
    assert_contains(text, "something was found");
    assert_contains(text, "5 of 7 points");
    assert_contains(text, "models: 99.2 % lines, 97.5 % branches");
    assert_contains(text, "1 of 2 known defects");
    assert_contains(text, "./umbra replay build/report/1.scn");
    free(text);
    evidence_free(evidence);
}

static void what_is_missing_or_of_another_verb_is_left_out(void **state)
{
    struct evidence *evidence;
    char *page;

    (void)state;
    put_file("cover.json", mutants);
    put_file("mutants.json", "{");
    evidence = evidence_load(directory);
    page = with_evidence(report_html, evidence);
    assert_null(strstr(page, "Functional coverage"));
    assert_null(strstr(page, "known defects"));
    free(page);
    evidence_free(evidence);
}

static void each_finding_is_a_result_of_sarif(void **state)
{
    char *text = with_evidence(report_sarif, NULL);
    json_t *top = json_loads(text, 0, NULL);
    const json_t *run = json_array_get(json_object_get(top, "runs"), 0);
    const json_t *results = json_object_get(run, "results");
    const json_t *first = json_array_get(results, 0);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(top, "version")),
                        "2.1.0");
    assert_int_equal(json_array_size(results), 2);
    assert_non_null(json_object_get(first, "ruleId"));
    assert_non_null(
        json_object_get(json_object_get(first, "message"), "text"));
    assert_int_equal(json_array_size(json_object_get(first, "locations")), 1);
    json_decref(top);
    free(text);
}

/* Everything that JSON holds comes back. */
static void a_report_that_is_read_back_is_the_same(void **state)
{
    struct report report, again;
    char path[128], *before, *after;

    (void)state;
    sample_report(&report, "run");
    in_directory(path, sizeof(path), "run.json");
    assert_int_equal(report_json(&report, path), 0);
    assert_int_equal(report_load(&again, path, "run", report.version), 0);
    before = written(report_junit, &report);
    after = written(report_junit, &again);
    assert_string_equal(before, after);
    assert_int_equal(again.seed, report.seed);
    assert_int_equal(again.finding_count, report.finding_count);
    assert_int_equal(again.case_count, report.case_count);
    for ( size_t i = 0; i < report.case_count; i++ )
        if ( report.cases[i].order )
            assert_string_equal(again.cases[i].order, report.cases[i].order);
    free(before);
    free(after);
    report_free(&report);
    report_free(&again);
}

static void no_file_is_an_error(void **state)
{
    struct report report;

    (void)state;
    assert_true(report_load(&report, "/nowhere/run.json", "run", "1") < 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "cover.json", "mutants.json",
                                         "run.json" };

    (void)state;
    for ( size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++ )
    {
        char path[128];

        in_directory(path, sizeof(path), names[i]);
        (void)unlink(path);
    }
    return rmdir(directory);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_shows_coverage_and_mutants),
        cmocka_unit_test(the_summary_shows_them_as_well),
        cmocka_unit_test(what_is_missing_or_of_another_verb_is_left_out),
        cmocka_unit_test(each_finding_is_a_result_of_sarif),
        cmocka_unit_test(a_report_that_is_read_back_is_the_same),
        cmocka_unit_test(no_file_is_an_error),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
