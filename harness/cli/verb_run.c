/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra run: the regression suite, the main job. */

#include <cli/cli.h>
#include <cli/evidence.h>
#include <cli/history.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_options {
    struct common_options common;
    struct selection selection;
    bool all, first;
    unsigned int limit; /* of a case: seconds of processor time */
};

#define DEFAULT_LIMIT 120

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_options *options = state->input;

    (void)arg;
    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        state->child_inputs[1] = &options->selection;
        return 0;
    case 'a':
        options->all = true;
        return 0;
    case 'f':
        options->first = true;
        return 0;
    case 'l':
        options->limit = (unsigned int)number_option(state, arg, 1, 86400);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "all", 'a', NULL, 0,
      "every p2m shape with every retention policy, not one pair in rotation",
      0 },
    { "first", 'f', NULL, 0, "stop at the first finding", 0 },
    { "limit", 'l', "SECONDS", 0,
      "processor time after which a case is a finding (120)", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { &selection_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "[PATTERN...]",
    "Run the regression suite: scenarios, litmus tests and recorded "
    "sessions.\n\n"
    "A PATTERN is a shell pattern for case names, or their beginning.\v"
    "Example: umbra run 'vtd/iotlb*' --json -\n\n"
    "Reports: build/report/index.html, build/report/junit.xml.",
    children,
    NULL,
    NULL
};

/* ---- telling people ---- */

#define CONTEXT_OPERATIONS 6

void print_finding(const struct program *program,
                   const struct case_result *result)
{
    const struct finding *f = &result->finding[0];
    size_t first = f->operation > CONTEXT_OPERATIONS - 1 ?
                       f->operation - (CONTEXT_OPERATIONS - 1) :
                       0;
    char text[256];

    printf("\nFINDING %s in %s (through %s, %s p2m, %s retention)\n  %s\n",
           f->property, program->name, through_names[result->config.through],
           shape_names[result->config.shape],
           retention_names[result->config.retention], f->message);
    if ( result->findings > 1 && strcmp(result->finding[1].message, "") )
        printf("  then %s: %s\n", result->finding[1].property,
               result->finding[1].message);
    for ( size_t i = first; i <= f->operation && i < program->ops; i++ )
        printf("  %c %s:%u: %s\n", i == f->operation ? '>' : ' ',
               program->file, program->op[i].line,
               operation_text(program, &program->op[i], text, sizeof(text)));
    if ( result->file[0] )
        printf("  see it again: ./umbra replay %s\n", result->file);
}

/* One line: translations that came out as recorded, both ways. */
static void print_session(const struct program *program,
                          const struct case_result *result)
{
    printf("%-28s", program->name);
    for ( unsigned int t = 0; t < THROUGH_COUNT; t++ )
    {
        uint64_t expected = 0, equal = 0;
        unsigned int runs = 0;

        for ( unsigned int i = 0; i < result->runs; i++ )
            if ( result->run[i].through == t )
            {
                expected += result->run[i].expected;
                equal += result->run[i].equal;
                runs++;
            }
        if ( runs )
            printf("  %s %llu/%llu equal", through_names[t],
                   (unsigned long long)equal, (unsigned long long)expected);
    }
    printf("  %s\n", result->ok ? "ok" : "FAILED");
}

static void print_results(const struct program_list *programs,
                          const struct case_result *results, bool quiet)
{
    for ( size_t i = 0; i < programs->count; i++ )
    {
        const struct program *program = programs->program[i];
        const struct case_result *result = &results[i];

        if ( result->skipped && !quiet )
            printf("%-28s  skipped: %s\n", program->name, result->reason);
        else if ( program->kind == PROGRAM_SESSION && !quiet )
            print_session(program, result);
    }
    for ( size_t i = 0; i < programs->count; i++ )
    {
        const struct case_result *result = &results[i];

        if ( result->findings )
            print_finding(programs->program[i], result);
        else if ( !result->ok && !result->skipped )
            printf("\nFAILED %s: %s\n", programs->program[i]->name,
                   result->reason);
    }
}

/* ---- the verb ---- */

/* False: it could not be, and that was said. */
static bool written(int rc, const char *path)
{
    if ( rc )
        fprintf(stderr, "umbra run: %s: %s\n", path, strerror(-rc));
    return !rc;
}

typedef int writer(const struct report *report, const char *path);

static bool write_one(writer *write, const struct report *report,
                      const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/report/%s", build_root(), name);
    return written(write(report, path), path);
}

/* With what other verbs have found, and this run among the former ones. */
static bool write_page(struct report *report)
{
    struct evidence *evidence;
    struct history *history;
    char directory[512];
    bool ok;

    snprintf(directory, sizeof(directory), "%s/report", build_root());
    evidence = evidence_load(directory);
    history = history_load(directory);
    if ( history )
        history_add(history, report);
    report->evidence = evidence;
    report->history = history;
    ok = write_one(report_html, report, "index.html");
    report->evidence = NULL;
    report->history = NULL;
    if ( ok && history )
        ok = written(history_save(history, directory), directory);
    evidence_free(evidence);
    history_free(history);
    return ok;
}

/* False: one of them could not be, and that was said. */
static bool write_reports(struct report *report,
                          const struct common_options *options)
{
    return write_page(report) && write_one(report_json, report, "run.json") &&
           write_one(report_junit, report, "junit.xml") &&
           json_written(report, options);
}

static struct case_ways *choose_ways(const struct program_list *programs,
                                     const struct run_options *options)
{
    struct case_ways *ways = calloc(programs->count, sizeof(*ways));

    if ( !ways )
        abort();
    for ( size_t i = 0; i < programs->count; i++ )
        case_ways(programs->program[i], (unsigned int)i, options->all,
                  (1u << THROUGH_COUNT) - 1, options->common.seed, &ways[i]);
    return ways;
}

static void judge_suspended(struct report *report)
{
    uint64_t dma = 0, suspended = 0;
    char message[128];

    for ( size_t i = 0; i < report->case_count; i++ )
    {
        dma += report->cases[i].dma;
        suspended += report->cases[i].suspended;
    }
    if ( !too_much_suspended(suspended, dma, message, sizeof(message)) )
        return;
    fprintf(stderr, "\nFINDING P2: %s\n", message);
    report_add_finding(report, &(struct report_finding) {
                                   .property = "P2", .message = message });
}

/* A case that could not be run at all: its file is at fault. */
static bool unable(const struct case_result *results, size_t count)
{
    for ( size_t i = 0; i < count; i++ )
        if ( !results[i].ok && !results[i].skipped && !results[i].findings )
            return true;
    return false;
}

static int run_suite(const struct run_options *options,
                     const struct program_list *programs)
{
    struct case_ways *ways = choose_ways(programs, options);
    struct report report;
    struct report_totals totals;
    struct case_result *results;
    double start = wall_seconds();
    char findings_dir[512];
    int rc;

    snprintf(findings_dir, sizeof(findings_dir), "%s/findings", build_root());
    results = batch_run(
        &(struct batch) { .programs = programs,
                          .ways = ways,
                          .findings_dir = findings_dir,
                          .jobs = options->common.jobs,
                          .first = options->first,
                          .limit = options->limit,
                          .label = options->common.quiet ? NULL : "run" });
    report_init(&report, "run", UMBRA_VERSION, options->common.seed);
    for ( size_t i = 0; i < programs->count; i++ )
        report_case_result(&report, programs->program[i], &results[i]);
    report.seconds = wall_seconds() - start;
    if ( !options->selection.patterns )
        judge_suspended(&report);
    if ( !json_to_output(&options->common) )
    {
        print_results(programs, results, options->common.quiet);
        report_totals(&report, &totals);
        if ( !options->common.quiet )
            printf(
                "\n%zu passed, %zu failed, %zu skipped (%llu DMA, %.1f s)\n",
                totals.passed, totals.failed, totals.skipped,
                (unsigned long long)totals.dma, report.seconds);
    }
    rc = !write_reports(&report, &options->common) ||
                 unable(results, programs->count) ?
             STATUS_USAGE :
         report.ok ? STATUS_OK :
                     STATUS_FOUND;
    report_free(&report);
    batch_free(results, programs->count);
    free(ways);
    return rc;
}

int verb_run(int argc, char **argv)
{
    struct run_options options = { 0 };
    struct program_list programs;
    int status = STATUS_USAGE;

    common_defaults(&options.common);
    options.limit = DEFAULT_LIMIT;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if ( selection_load(&options.selection, "run", &programs) )
    {
        if ( programs.count )
            status = run_suite(&options, &programs);
        else
            fprintf(stderr, "umbra run: no case matches; 'umbra list' shows "
                            "which there are\n");
    }
    program_list_free(&programs);
    return status;
}
