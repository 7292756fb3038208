/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of cases -> the report. */

#include <cli/cli.h>
#include <scenario/lanes.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct report_run to_report_run(const struct run_result *run)
{
    return (struct report_run) {
        .through = through_names[run->through],
        .p2m = run->through == THROUGH_MODEL ? "bare" :
                                               shape_names[run->shape],
        .retention = retention_names[run->retention],
        .expected = run->expected,
        .equal = run->equal,
        .faults_expected = run->faults_expected,
        .faults_equal = run->faults_equal,
        .interrupts_expected = run->interrupts_expected,
        .interrupts_equal = run->interrupts_equal,
        .statuses_expected = run->statuses_expected,
        .statuses_equal = run->statuses_equal,
        .not_modelled = run->not_modelled,
        .physical_register_writes = run->physical_register_writes,
        .shadow_entries = run->shadow_entries,
        .iotlb_hits = run->iotlb_hits,
        .iotlb_misses = run->iotlb_misses,
        .events = run->operations,
        .seconds = run->seconds,
    };
}

static void add_findings(struct report *report, const struct program *program,
                         const struct case_result *result)
{
    char text[256];

    for ( unsigned int i = 0; i < result->findings; i++ )
    {
        const struct finding *f = &result->finding[i];

        report_add_finding(
            report,
            &(struct report_finding) {
                .property = f->property,
                .message = f->message,
                .file = result->file[0] ? result->file : NULL,
                .operation = f->operation < program->ops ?
                                 operation_text(program,
                                                &program->op[f->operation],
                                                text, sizeof(text)) :
                                 NULL,
                .test_case = program->name });
    }
}

/* The order that a litmus test kept, as lanes; to be freed.  NULL: none. */
static char *order_of(const struct program *program,
                      const struct case_result *result)
{
    const char *case_of = strchr(program->name, '[');
    struct lanes lanes;
    char *text = NULL;
    size_t size;
    FILE *stream;

    if ( !*result->schedule ||
         !lanes_record(program, &result->config, result->schedule, &lanes) )
        return NULL;
    stream = open_memstream(&text, &size);
    if ( !stream )
        abort();
    lanes_print(&lanes, stream);
    fprintf(stream,
            "  ./umbra explore %s --case '%s' --through %s --schedule %s\n",
            program->file, case_of ? case_of : "",
            through_names[result->config.through], result->schedule);
    fclose(stream);
    lanes_free(&lanes);
    return text;
}

void report_case_result(struct report *report, const struct program *program,
                        const struct case_result *result)
{
    static const enum report_kind kinds[] = {
        [PROGRAM_SCENARIO] = REPORT_SCENARIO,
        [PROGRAM_SESSION] = REPORT_SESSION,
        [PROGRAM_LITMUS] = REPORT_LITMUS,
    };
    bool session = program->kind == PROGRAM_SESSION;
    char *order = order_of(program, result);
    struct report_run runs[CASE_MAX_RUNS];
    struct report_case one = {
        .name = program->name,
        .kind = kinds[program->kind],
        .arch = program_arch_name(program),
        .skipped = result->skipped ? result->reason : NULL,
        .ok = result->ok,
        .seconds = result->seconds,
        .exhaustive = program->kind == PROGRAM_LITMUS,
        .order = order,
        .runs = runs,
        .run_count = session ? result->runs : 0,
    };

    for ( unsigned int i = 0; i < result->runs; i++ )
    {
        runs[i] = to_report_run(&result->run[i]);
        one.dma += result->run[i].dma;
        one.invalidations += result->run[i].invalidations;
        one.suspended += result->run[i].suspended;
        one.schedules += result->run[i].schedules;
        one.exhaustive &= result->run[i].exhaustive;
    }
    report_add_case(report, &one);
    free(order);
    add_findings(report, program, result);
}

#define MOST_SUSPENDED 5 /* percent */

bool too_much_suspended(uint64_t suspended, uint64_t dma, char *message,
                        size_t size)
{
    snprintf(message, size,
             "%llu of %llu accesses were on undefined ground and not judged; "
             "at most %d %% may be",
             (unsigned long long)suspended, (unsigned long long)dma,
             MOST_SUSPENDED);
    return suspended * 100 > dma * MOST_SUSPENDED;
}

bool json_to_output(const struct common_options *options)
{
    return options->json && !strcmp(options->json, "-");
}

bool json_written(const struct report *report,
                  const struct common_options *options)
{
    int rc = options->json ? report_json(report, options->json) : 0;

    if ( rc )
        fprintf(stderr, "umbra %s: %s: %s\n", report->verb, options->json,
                strerror(-rc));
    return !rc;
}
