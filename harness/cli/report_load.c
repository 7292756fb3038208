/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report back from the JSON that report_json() wrote. */
#include <cli/report.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static uint64_t figure(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value > 0 ? (uint64_t)value : 0;
}

static double decimal(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* NULL: null, or missing. */
static const char *words(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool truth(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void load_finding(struct report *report, const json_t *one)
{
    report_add_finding(report, &(struct report_finding) {
                                   .property = words(one, "property"),
                                   .message = words(one, "message"),
                                   .file = words(one, "file"),
                                   .operation = words(one, "operation"),
                                   .test_case = words(one, "case"),
                               });
}

/* JSON keeps a rate and not the seconds: they are taken from it. */
static void load_run(struct report_run *run, const json_t *one)
{
    *run = (struct report_run) {
        .through = words(one, "through"),
        .p2m = words(one, "p2m"),
        .retention = words(one, "retention"),
        .expected = figure(one, "expected"),
        .equal = figure(one, "equal"),
        .faults_expected = figure(one, "faults_expected"),
        .faults_equal = figure(one, "faults_equal"),
        .interrupts_expected = figure(one, "interrupts_expected"),
        .interrupts_equal = figure(one, "interrupts_equal"),
        .statuses_expected = figure(one, "statuses_expected"),
        .statuses_equal = figure(one, "statuses_equal"),
        .not_modelled = figure(one, "not_modelled"),
        .physical_register_writes = figure(one, "physical_register_writes"),
        .shadow_entries = figure(one, "shadow_entries"),
        .iotlb_hits = figure(one, "iotlb_hits"),
        .iotlb_misses = figure(one, "iotlb_misses"),
        .events = (uint64_t)decimal(one, "events_per_second"),
        .seconds = 1,
    };
}

static enum report_kind kind_of(const char *name)
{
    for ( enum report_kind kind = REPORT_SCENARIO; kind <= REPORT_SESSION;
          kind++ )
        if ( name && !strcmp(name, report_kind_name(kind)) )
            return kind;
    return REPORT_SCENARIO;
}

static int load_case(struct report *report, const json_t *one)
{
    const json_t *list = json_object_get(one, "runs"), *element;
    size_t count = json_array_size(list), i;
    struct report_run *runs = calloc(count + 1, sizeof(*runs));

    if ( !runs || !words(one, "name") )
    {
        free(runs);
        return runs ? -EINVAL : -ENOMEM;
    }
    json_array_foreach(list, i, element) load_run(&runs[i], element);
    report_add_case(report, &(struct report_case) {
                                .name = words(one, "name"),
                                .kind = kind_of(words(one, "kind")),
                                .arch = words(one, "arch"),
                                .skipped = words(one, "skipped"),
                                .ok = truth(one, "ok"),
                                .exhaustive = truth(one, "exhaustive"),
                                .seconds = decimal(one, "seconds"),
                                .dma = figure(one, "dma"),
                                .invalidations = figure(one, "invalidations"),
                                .schedules = figure(one, "schedules"),
                                .suspended = figure(one, "suspended"),
                                .order = words(one, "order"),
                                .runs = runs,
                                .run_count = count,
                            });
    free(runs);
    return 0;
}

int report_load(struct report *report, const char *path, const char *verb,
                const char *version)
{
    json_t *top = json_load_file(path, 0, NULL);
    const json_t *one;
    int status = 0;
    size_t i;

    if ( !top )
        return -ENOENT;
    report_init(report, verb, version, figure(top, "seed"));
    report->seconds = decimal(top, "seconds");
    json_array_foreach(json_object_get(top, "findings"), i, one)
        load_finding(report, one);
    json_array_foreach(json_object_get(top, "cases"), i, one) if ( !status )
        status = load_case(report, one);
    json_decref(top);
    if ( !status && report->incomplete )
        status = -ENOMEM;
    if ( status )
        report_free(report);
    return status;
}
