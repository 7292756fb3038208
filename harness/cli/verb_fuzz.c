/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * umbra fuzz: starts the targets that clang has built, shows how they do, and
 * tells what they found.
 */

#include <cli/fuzz_run.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TARGETS 64

struct fuzz_options {
    struct common_options common;
    const char *target[MAX_TARGETS];
    unsigned int targets;
    struct fuzz_limits limits;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fuzz_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 's':
        options->limits.seconds = (unsigned int)number_option(state, arg, 1,
                                                              864000);
        return 0;
    case 'r':
        options->limits.executions = number_option(state, arg, 1, INT64_MAX);
        return 0;
    case 'f':
        options->limits.preset = "fuzz-fast";
        return 0;
    case ARGP_KEY_ARG:
        if ( options->targets == MAX_TARGETS )
            argp_error(state, "more than %d targets", MAX_TARGETS);
        options->target[options->targets++] = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "seconds", 's', "N", 0, "in all, over all targets (default 60)", 0 },
    { "runs", 'r', "N", 0, "executions of a target at most", 0 },
    { "fast", 'f', NULL, 0, "the build without sanitizers (build/fuzz-fast)",
      0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "[TARGET...|all] [-- LIBFUZZER-OPTION...]",
    "Fuzz registers, queues, tables, races, hypercalls and readers.\v"
    "Example: umbra fuzz vtd_queue --seconds 60\n\n"
    "Findings are shrunk and written to build/findings as scenarios; corpora "
    "grow in build/corpora. docs/fuzzing.md describes the targets.",
    children,
    NULL,
    NULL
};

/* What stands behind "--" is libFuzzer's. */
static int split_arguments(int argc, char **argv, struct fuzz_limits *limits)
{
    for ( int i = 1; i < argc; i++ )
        if ( !strcmp(argv[i], "--") )
        {
            limits->engine_option = argv + i + 1;
            limits->engine_options = (unsigned int)(argc - i - 1);
            return i;
        }
    return argc;
}

/* All of them, if none or "all" was named.  False: there is none such. */
static bool choose(struct fuzz_options *options)
{
    bool all = !options->targets ||
               (options->targets == 1 && !strcmp(options->target[0], "all"));

    if ( all )
        options->targets = 0;
    for ( const struct fuzz_target *t = fuzz_targets; all && t->name; t++ )
        options->target[options->targets++] = t->name;
    for ( unsigned int i = 0; i < options->targets; i++ )
        if ( !fuzz_target_by_name(options->target[i]) )
        {
            fprintf(stderr, "umbra fuzz: there is no target '%s'; there are:",
                    options->target[i]);
            for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
                fprintf(stderr, " %s", t->name);
            fprintf(stderr, "\n");
            return false;
        }
    return true;
}

/* Of so few accesses the share on undefined ground says nothing. */
#define FEW_DMA 1000

static void add_findings(struct report *report, const struct fuzz_run *run)
{
    char message[160];

    for ( unsigned int i = 0; i < run->findings; i++ )
        report_add_finding(report, &(struct report_finding) {
                                       .property = run->finding[i].property,
                                       .message = run->finding[i].message,
                                       .file = run->finding[i].file,
                                       .test_case = run->target });
    if ( run->figures.dma >= FEW_DMA &&
         too_much_suspended(run->figures.suspended, run->figures.dma, message,
                            sizeof(message)) )
        report_add_finding(
            report, &(struct report_finding) { .property = "P2",
                                               .message = message,
                                               .test_case = run->target });
    if ( run->failed[0] )
        report_add_finding(
            report, &(struct report_finding) { .message = run->failed,
                                               .test_case = run->target });
}

static void print_findings(const struct report *report)
{
    for ( size_t i = 0; i < report->finding_count; i++ )
    {
        const struct report_finding *f = &report->findings[i];

        printf("\nFINDING %s in %s\n  %s\n",
               f->property ? f->property : "(crash)", f->test_case,
               f->message);
        if ( f->file )
            printf("  see it again: ./umbra replay %s\n", f->file);
    }
}

static void sum(struct report_fuzz *total, const struct fuzz_run *run)
{
    total->executions += run->figures.executions;
    total->operations += run->figures.operations;
    total->suspended += run->figures.suspended;
    total->dma += run->figures.dma;
    total->edges += run->figures.edges;
    total->crashes += run->crashes;
    total->seconds += run->seconds;
}

static int fuzz_all(const struct fuzz_options *options)
{
    struct fuzz_run *runs = fuzz_run_all(options->target, options->targets,
                                         &options->limits);
    struct report_fuzz total = { 0 };
    struct report report;
    bool unable = false;
    int status;

    report_init(&report, "fuzz", UMBRA_VERSION, options->common.seed);
    report.fuzz = &total;
    for ( unsigned int i = 0; i < options->targets; i++ )
    {
        add_findings(&report, &runs[i]);
        sum(&total, &runs[i]);
        unable |= runs[i].failed[0] != 0;
    }
    report.seconds = total.seconds;
    if ( !json_to_output(&options->common) )
    {
        fuzz_table(runs, options->targets);
        print_findings(&report);
    }
    status = unable ? STATUS_USAGE : report.ok ? STATUS_OK : STATUS_FOUND;
    if ( !json_written(&report, &options->common) )
        status = STATUS_USAGE;
    report_free(&report);
    free(runs);
    return status;
}

int verb_fuzz(int argc, char **argv)
{
    struct fuzz_options options = { .limits = { .preset = "fuzz",
                                                .seconds = 60 } };

    common_defaults(&options.common);
    argc = split_arguments(argc, argv, &options.limits);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if ( !choose(&options) )
        return STATUS_USAGE;
    options.limits.jobs = options.common.jobs;
    options.limits.seed = options.common.seed;
    options.limits.quiet = options.common.quiet ||
                           json_to_output(&options.common);
    return fuzz_all(&options);
}
