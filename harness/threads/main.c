/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra explore --threads, which verb_explore starts with its own arguments:
 * litmus tests in rounds of real threads. */
#include <cli/explore_common.h>
#include <threads/races.h>
#include <threads/threads.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 64u

struct run {
    const struct explore_options *options;
    struct report report;
    uint64_t rounds;
    unsigned int threads, told; /* most; of the races */
    char log[320];
};

/* Where ThreadSanitizer writes: it puts the process's number behind a name. */
static bool reports_begin(struct run *run)
{
    char name[300];

    snprintf(name, sizeof(name), "%s/findings", build_root());
    if ( !make_directories(name) )
    {
        perror(name);
        return false;
    }
    snprintf(name, sizeof(name), "%s/findings/race", build_root());
    races_to(name);
    snprintf(run->log, sizeof(run->log), "%s.%d", name, (int)getpid());
    return true;
}

static void add_finding(struct run *run, const struct program *program,
                        const char *property, const char *message,
                        const char *file)
{
    report_add_finding(
        &run->report, &(struct report_finding) { .property = property,
                                                 .message = message,
                                                 .file = file,
                                                 .test_case = program->name });
    if ( json_to_output(&run->options->common) )
        return;
    printf("  %s %s\n", property, message);
    if ( file )
        printf("  the whole report: %s\n", file);
}

static void tell(struct run *run, const struct program *program,
                 const struct threads_result *result)
{
    const struct litmus_result *litmus = &result->litmus;
    const struct finding *finding = &litmus->finding;
    char text[400];

    run->rounds += litmus->explored.schedules;
    run->report.seconds += litmus->seconds;
    if ( result->threads > run->threads )
        run->threads = result->threads;
    if ( !json_to_output(&run->options->common) &&
         !run->options->common.quiet )
        printf("%s: %" PRIu64 " rounds of up to %u threads, %.2f s: %s\n",
               program->name, litmus->explored.schedules, result->threads,
               litmus->seconds,
               run->told == races_seen() && !litmus->found ? "nothing found" :
                                                             "FOUND");
    for ( ; run->told < races_seen(); run->told++ )
    {
        race_text(run->told, text, sizeof(text));
        add_finding(run, program, "race", text, run->log);
    }
    if ( litmus->found )
        add_finding(run, program,
                    *finding->property ? finding->property : "litmus",
                    finding->message, NULL);
}

/*
 * Through the stack, even if the explorer takes the model: there are the
 * locks, and here nobody counts orders.  What such a test itself expects is of
 * the model, where no effect waits for deferred work: the oracle judges alone.
 */
static void take_through_stack(struct program *program)
{
    struct program_litmus *p = &program->litmus;

    if ( !(program->through & 1u << THROUGH_STACK) )
    {
        program->oracle_only = true;
        p->verdicts = 1;
        p->verdict[0] = (struct program_verdict) { .finding = true };
    }
    program->through = 1u << THROUGH_STACK;
}

static int run_program(struct run *run, struct program *program)
{
    const struct explore_options *o = run->options;
    const struct threads_config config = {
        .rounds = o->config.runs ? o->config.runs : ROUNDS,
        .seed = o->common.seed,
        .all = o->config.all,
    };
    struct threads_result result;
    struct case_ways ways;
    int status = STATUS_OK;

    take_through_stack(program);
    case_ways(program, 0, false, 1u << THROUGH_STACK, o->common.seed, &ways);
    if ( threads_run(program, &ways.way[0], &config, &result) )
        tell(run, program, &result);
    else
    {
        fprintf(stderr, "umbra explore: %s\n", result.litmus.why);
        status = STATUS_USAGE;
    }
    litmus_result_free(&result.litmus);
    return status;
}

static int run_all(struct run *run, const struct program_list *programs)
{
    int status = STATUS_OK;
    unsigned int ran = 0;

    for ( size_t i = 0; i < programs->count && status == STATUS_OK; i++ )
        if ( !explore_is_litmus(run->options, programs->program[i]) )
            return STATUS_USAGE;
        else if ( explore_selects(run->options, programs, i) )
        {
            status = run_program(run, programs->program[i]);
            ran++;
        }
    return ran ? status : explore_no_case(run->options);
}

static int write_result(struct run *run, int status)
{
    const struct report_exploration exploration = { .exhaustive = false };
    struct report *report = &run->report;

    if ( status == STATUS_OK && report->finding_count )
        status = STATUS_FOUND;
    report->ok = status == STATUS_OK;
    report->exploration = &exploration;
    report_add_figure(report, &(struct report_figure) {
                                  .name = "schedules", .value = run->rounds });
    report_add_figure(report, &(struct report_figure) {
                                  .name = "threads", .value = run->threads });
    report_add_figure(report, &(struct report_figure) { .name = "races",
                                                        .value = run->told });
    return json_written(report, &run->options->common) ? status : STATUS_USAGE;
}

/* Threads make an order of their own, through the stack. */
static bool asks_for_orders(const struct explore_options *o)
{
    return o->config.strategy || o->config.preemptions != EXPLORE_NO_LIMIT ||
           o->through || o->html || o->trace;
}

int main(int argc, char **argv)
{
    struct explore_options o = { .config = {
                                     .preemptions = EXPLORE_NO_LIMIT } };
    struct run run = { .options = &o };
    struct program_list programs;
    struct program_error error;
    int status = STATUS_USAGE;

    argp_err_exit_status = STATUS_USAGE;
    explore_parse("", argc, argv, &o);
    if ( asks_for_orders(&o) )
    {
        fprintf(stderr, "umbra explore: beside --threads only --case, --runs, "
                        "--all, --seed, --json and --quiet mean something\n");
        return STATUS_USAGE;
    }
    if ( !reports_begin(&run) )
        return STATUS_USAGE;
    if ( !program_read(o.file, NULL, &programs, &error) )
        fprintf(stderr, "umbra explore: %s\n", error.text);
    else
    {
        report_init(&run.report, "explore", UMBRA_VERSION, o.common.seed);
        status = write_result(&run, run_all(&run, &programs));
        report_free(&run.report);
    }
    program_list_free(&programs);
    return status;
}
