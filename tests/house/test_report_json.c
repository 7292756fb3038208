/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON of the verbs: keys as docs/json.md promises, in that order. */
#include "sample.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *loaded(const char *verb)
{
    struct report report;
    json_error_t error;
    json_t *top;
    char *text;

    sample_report(&report, verb);
    text = written(report_json, &report);
    report_free(&report);
    top = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(top);
    free(text);
    return top;
}

/* The keys of @object, each followed by a blank. */
static void assert_keys(json_t *object, const char *keys)
{
    char found[600] = "";
    const char *key;
    json_t *value;

    assert_true(json_is_object(object));
    json_object_foreach(object, key, value)
    {
        assert_true(strlen(found) + strlen(key) + 2 < sizeof(found));
        strcat(strcat(found, key), " ");
    }
    assert_string_equal(found, keys);
}

#define COMMON "verb version seed seconds ok findings "
#define CASES  "passed failed skipped cases "
#define COMPARISON                                                            \
    "expected equal faults_expected faults_equal interrupts_expected "        \
    "interrupts_equal statuses_expected statuses_equal not_modelled "         \
    "events_per_second "
#define CASE                                                                  \
    "name kind arch ok skipped seconds dma invalidations suspended "          \
    "schedules exhaustive "

static const struct {
    const char *verb, *keys;
} verb_table[] = {
    { "run", COMMON CASES },
    { "replay", COMMON CASES COMPARISON "runs " },
    { "bench", COMMON "results " },
    { "list", COMMON },
    { "convert", COMMON },
};

static void each_verb_has_its_keys_in_order(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(verb_table) / sizeof(verb_table[0]); i++ )
    {
        json_t *top = loaded(verb_table[i].verb);

        assert_keys(top, verb_table[i].keys);
        assert_string_equal(json_string_value(json_object_get(top, "verb")),
                            verb_table[i].verb);
        json_decref(top);
    }
}

static void elements_have_their_keys_in_order(void **state)
{
    json_t *run = loaded("run"), *bench = loaded("bench");
    json_t *cases = json_object_get(run, "cases");
    json_t *session = json_array_get(cases, 4);

    (void)state;
    assert_keys(json_array_get(cases, 0), CASE);
    assert_keys(json_array_get(cases, 2), CASE "order ");
    assert_keys(session, CASE "runs ");
    assert_keys(json_array_get(json_object_get(session, "runs"), 0),
                "through p2m retention " COMPARISON
                "physical_register_writes shadow_entries iotlb_hits "
                "iotlb_misses ");
    assert_keys(json_array_get(json_object_get(run, "findings"), 0),
                "property message file operation case ");
    assert_keys(json_array_get(json_object_get(bench, "results"), 0),
                "name unit value repeat spread aim ");
    json_decref(run);
    json_decref(bench);
}

static json_int_t figure(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void figures_are_those_of_the_report(void **state)
{
    json_t *top = loaded("replay");
    json_t *cases = json_object_get(top, "cases"), *runs;

    (void)state;
    assert_int_equal(figure(top, "seed"), 42);
    assert_true(json_is_false(json_object_get(top, "ok")));
    assert_int_equal(figure(top, "passed"), 3);
    assert_int_equal(figure(top, "failed"), 1);
    assert_int_equal(figure(top, "skipped"), 1);
    assert_int_equal(figure(top, "expected"), 2400);
    assert_int_equal(figure(top, "equal"), 2399);
    assert_int_equal(figure(json_array_get(cases, 1), "dma"), 20);
    runs = json_object_get(top, "runs");
    assert_int_equal(json_array_size(runs), 2);
    assert_int_equal(figure(json_array_get(runs, 1), "shadow_entries"), 400);
    assert_int_equal(json_real_value(json_object_get(json_array_get(runs, 0),
                                                     "events_per_second")),
                     20000);
    json_decref(top);
}

static void figures_of_a_verb_stand_at_the_end_or_in_their_group(void **state)
{
    struct report report;
    json_error_t error;
    json_t *top, *group;
    char *text;

    (void)state;
    report_init(&report, "diff", "1", 7);
    report_add_figure(&report, &(struct report_figure) { .group = "vtd.faults",
                                                         .name = "0x5",
                                                         .value = 3 });
    report_add_figure(
        &report, &(struct report_figure) { .name = "cases", .value = 2000 });
    report_add_figure(&report, &(struct report_figure) { .group = "vtd.faults",
                                                         .name = "0x6",
                                                         .value = 4 });
    report_add_figure(&report, &(struct report_figure) {
                                   .name = "oracle", .text = "QEMU 7.2.22" });
    report_add_figure(&report, &(struct report_figure) { .group = "a/b",
                                                         .name = "real",
                                                         .decimal = true,
                                                         .real = 0.5 });
    report_add_figure(&report, &(struct report_figure) { .group = "a/b",
                                                         .name = "so",
                                                         .truth = true,
                                                         .value = 1 });
    text = written(report_json, &report);
    report_free(&report);
    top = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    free(text);
    assert_keys(top, COMMON "vtd.faults cases oracle a ");
    group = json_object_get(json_object_get(top, "a"), "b");
    assert_true(json_real_value(json_object_get(group, "real")) == 0.5);
    assert_true(json_is_true(json_object_get(group, "so")));
    assert_int_equal(json_integer_value(json_object_get(top, "cases")), 2000);
    assert_string_equal(json_string_value(json_object_get(top, "oracle")),
                        "QEMU 7.2.22");
    group = json_object_get(top, "vtd.faults");
    assert_keys(group, "0x5 0x6 ");
    assert_int_equal(json_integer_value(json_object_get(group, "0x6")), 4);
    json_decref(top);
}

static void a_skipped_case_is_no_failure(void **state)
{
    json_t *top = loaded("run");
    json_t *skipped = json_array_get(json_object_get(top, "cases"), 3);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(skipped, "skipped")),
                        "needs scalable mode");
    assert_true(json_is_true(json_object_get(skipped, "ok")));
    json_decref(top);
}

static void what_is_unknown_is_null(void **state)
{
    json_t *top = loaded("run");
    json_t *stray = json_array_get(json_object_get(top, "findings"), 1);
    json_t *first = json_array_get(json_object_get(top, "cases"), 0);

    (void)state;
    assert_true(json_is_null(json_object_get(stray, "file")));
    assert_true(json_is_null(json_object_get(stray, "operation")));
    assert_true(json_is_null(json_object_get(stray, "case")));
    assert_true(json_is_null(json_object_get(first, "skipped")));
    json_decref(top);
}

/* tools/test.sh and mutants/run.sh read these lines with sed and grep. */
static void shell_scripts_can_read_it_by_lines(void **state)
{
    struct report report;
    char *text;

    (void)state;
    sample_report(&report, "run");
    text = written(report_json, &report);
    assert_non_null(strstr(text, "\n  \"passed\": 3,\n"));
    assert_non_null(strstr(text, "\n  \"failed\": 1,\n"));
    assert_non_null(strstr(text, "\n      \"kind\": \"scenario\",\n"));
    assert_non_null(strstr(text, "\n      \"property\": \"P2\",\n"));
    free(text);
    report_free(&report);
}

static void a_figure_that_is_no_number_is_refused(void **state)
{
    struct report report;

    (void)state;
    sample_report(&report, "run");
    report.seconds = NAN;
    assert_true(report_json(&report, "never-there") < 0);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verb_has_its_keys_in_order),
        cmocka_unit_test(elements_have_their_keys_in_order),
        cmocka_unit_test(figures_are_those_of_the_report),
        cmocka_unit_test(figures_of_a_verb_stand_at_the_end_or_in_their_group),
        cmocka_unit_test(a_skipped_case_is_no_failure),
        cmocka_unit_test(what_is_unknown_is_null),
        cmocka_unit_test(shell_scripts_can_read_it_by_lines),
        cmocka_unit_test(a_figure_that_is_no_number_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
