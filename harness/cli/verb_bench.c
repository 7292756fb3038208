/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra bench: rates, each measured several times; the median counts. */

#include <cli/cli.h>
#include <cli/history.h>

#include <bench.h>

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REPEAT 25

struct bench_options {
    struct common_options common;
    const char *pattern;
    unsigned int seconds, repeat;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 's':
        options->seconds = (unsigned int)number_option(state, arg, 1, 36000);
        return 0;
    case 'r':
        options->repeat = (unsigned int)number_option(state, arg, 1,
                                                      MAX_REPEAT);
        return 0;
    case ARGP_KEY_ARG:
        if ( options->pattern )
            argp_error(state, "one pattern");
        options->pattern = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "seconds", 's', "N", 0, "in all (default 20)", 0 },
    { "repeat", 'r', "N", 0, "measurements of each (default 5)", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "[PATTERN]",
    "Measure: translations per second of the models, events per second of "
    "sessions, schedules per second of the explorer, executions of the "
    "fuzzers.\v"
    "Example: umbra bench 'vtd hit*' --seconds 5\n\n"
    "Machines are noisy: compare figures of one run with each other.",
    children,
    NULL,
    NULL
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* False: it could not be measured. */
static bool measure(const struct bench *bench, double seconds,
                    unsigned int repeat, struct report *report)
{
    double value[MAX_REPEAT], median;

    for ( unsigned int i = 0; i < repeat; i++ )
    {
        value[i] = bench->measure(bench, seconds / repeat);
        if ( value[i] < 0 )
            return false;
    }
    qsort(value, repeat, sizeof(value[0]), by_value);
    median = value[repeat / 2];
    report_add_result(report,
                      &(struct report_result) {
                          .name = bench->name,
                          .unit = bench->unit,
                          .value = median,
                          .repeat = repeat,
                          .spread = (value[repeat - 1] - value[0]) / median,
                          .aim = bench->aim });
    return true;
}

static bool selected(const struct bench *bench, const char *pattern)
{
    return !pattern || !fnmatch(pattern, bench->name, 0) ||
           !strncmp(pattern, bench->name, strlen(pattern));
}

static void print(const struct report_result *r)
{
    printf("%-36s %12.0f %s (spread %.0f %%", r->name, r->value, r->unit,
           100 * r->spread);
    if ( r->aim > 0 )
        printf("; aim %.0f: %.0f %% of it", r->aim, 100 * r->value / r->aim);
    printf(")\n");
}

/* For the plots of the page.  False: that was said. */
static bool keep(const struct report *report)
{
    struct history *history;
    char path[512];
    int rc = -ENOMEM;

    snprintf(path, sizeof(path), "%s/report", build_root());
    history = history_load(path);
    if ( history )
    {
        history_add(history, report);
        rc = history_save(history, path);
    }
    history_free(history);
    if ( rc )
        fprintf(stderr, "umbra bench: %s: %s\n", path, strerror(-rc));
    return !rc;
}

int verb_bench(int argc, char **argv)
{
    struct bench_options options = { .seconds = 20, .repeat = 5 };
    unsigned int count = 0;
    struct report report;
    double start = wall_seconds();
    int status = STATUS_OK;
    bool quiet;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    quiet = json_to_output(&options.common);
    for ( const struct bench *b = bench_table; b->name; b++ )
        count += selected(b, options.pattern);
    if ( !count )
    {
        fprintf(stderr, "umbra bench: nothing matches '%s'\n",
                options.pattern);
        return STATUS_USAGE;
    }
    report_init(&report, "bench", UMBRA_VERSION, options.common.seed);
    for ( const struct bench *b = bench_table; b->name; b++ )
    {
        const struct report_result *r;

        if ( !selected(b, options.pattern) )
            continue;
        if ( !measure(b, (double)options.seconds / count, options.repeat,
                      &report) )
        {
            fprintf(stderr, "umbra bench: '%s' could not be measured\n",
                    b->name);
            status = STATUS_USAGE;
            continue;
        }
        r = &report.results[report.result_count - 1];
        if ( !quiet )
            print(r);
    }
    report.ok = status == STATUS_OK;
    report.seconds = wall_seconds() - start;
    if ( !json_written(&report, &options.common) || !keep(&report) )
        status = STATUS_USAGE;
    report_free(&report);
    return status;
}
