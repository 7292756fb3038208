/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra explore: a litmus test in every order, or in many. */

#include <cli/explore_common.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

static const char doc[] =
    "Run a litmus test in every order of its events (one of each class of "
    "equivalent ones), or in many.\v"
    "Example: umbra explore scenarios/litmus/vtd/unmap-free.litmus "
    "--case twin=no-wait\n"
    "         umbra explore scenarios/litmus/vtd/two-vcpus.litmus --threads\n\n"
    "Exit status 1: what the test forbids, or asks for by 'allow', was "
    "found; or a data race.";

/* ---- telling people ---- */

static void print_outcomes(const struct litmus_result *result)
{
    for ( unsigned int i = 0; i < result->outcomes; i++ )
        printf("  %8" PRIu64 "  %s\n", result->outcome[i].runs,
               *result->outcome[i].text ? result->outcome[i].text : "-");
}

static void print_result(const struct program *program,
                         const struct world_config *way,
                         const struct litmus_result *result)
{
    const struct explore_result *e = &result->explored;

    printf("%s through %s: %s%s\n", program->name, through_names[way->through],
           result->found      ? "FOUND" :
           result->exhaustive ? "exhaustive" :
                                "not exhaustive",
           result->strategy == EXPLORE_MATCHED ? ", states matched" : "");
    printf("  %" PRIu64 " schedules, %" PRIu64 " left as equivalent, %" PRIu64
           " cut, %" PRIu64 " states, %" PRIu64 " steps, %.2f s, %.0f/s\n",
           e->schedules, e->redundant, e->cut, e->states, e->steps,
           result->seconds,
           result->seconds > 0 ?
               (double)(e->schedules + e->redundant) / result->seconds :
               0);
    print_outcomes(result);
}

/* ---- what was found ---- */

static void add_figure(struct report *report, const char *name, uint64_t value)
{
    report_add_figure(
        report, &(struct report_figure) { .name = name, .value = value });
}

/* Sums over what was run; "exhaustive" only if all of it was. */
struct totals {
    uint64_t schedules, states, steps, equivalent;
    uint32_t bound;
    bool exhaustive;
    double seconds;
    char file[300]; /* counterexample */
};

static void tell_found(const struct explore_options *o,
                       const struct program *program,
                       const struct world_config *way,
                       const struct litmus_result *result,
                       struct report *report, struct totals *totals)
{
    char *schedule = o->config.strategy == EXPLORE_REPLAY ?
                         strdup(result->schedule) :
                         litmus_fewest_switches(program, way, result);

    if ( !explore_save(program, way, schedule, totals->file,
                       sizeof(totals->file)) )
        totals->file[0] = 0;
    report_add_finding(report, &(struct report_finding) {
                                   .property = *result->finding.property ?
                                                   result->finding.property :
                                                   "litmus",
                                   .message = result->finding.message,
                                   .file = *totals->file ? totals->file : NULL,
                                   .test_case = program->name });
    if ( !json_to_output(&o->common) )
    {
        printf("  %s %s\n  schedule %s\n", result->finding.property,
               result->finding.message, schedule);
        explore_show(o, program, way, schedule);
        if ( *totals->file )
            printf("  see it again: ./umbra replay %s\n", totals->file);
    }
    free(schedule);
}

/* An allow that has been reached: what was asked for. */
static bool asked_for(const struct program *program,
                      const struct litmus_result *result)
{
    for ( unsigned int i = 0; i < program->litmus.verdicts; i++ )
        if ( program->litmus.verdict[i].allow && result->allowed >> i & 1 )
            return true;
    return false;
}

/* An order in which it is what was asked for. */
static void find_again(const struct explore_options *o,
                       const struct program *program,
                       const struct world_config *way,
                       struct litmus_result *result)
{
    struct litmus_config config = o->config;

    litmus_result_free(result);
    config.allow_counts = true;
    config.all = false;
    litmus_explore(program, way, &config, result);
}

static int explore_way(const struct explore_options *o,
                       const struct program *program,
                       const struct world_config *way, struct report *report,
                       struct totals *totals)
{
    struct litmus_result result;
    int status = STATUS_OK;

    if ( !litmus_explore(program, way, &o->config, &result) )
    {
        fprintf(stderr, "umbra explore: %s\n", result.why);
        return STATUS_USAGE;
    }
    if ( result.explored.misfit )
    {
        fprintf(stderr, "umbra explore: the schedule is none of %s\n",
                program->name);
        litmus_result_free(&result);
        return STATUS_USAGE;
    }
    totals->schedules += result.explored.schedules;
    totals->equivalent += result.explored.redundant;
    totals->states += result.explored.states;
    totals->steps += result.explored.steps;
    totals->seconds += result.seconds;
    totals->exhaustive &= result.exhaustive;
    totals->bound = result.bound;
    if ( !json_to_output(&o->common) )
        print_result(program, way, &result);
    if ( o->config.strategy == EXPLORE_REPLAY && !json_to_output(&o->common) )
    {
        printf("  state %016" PRIx64 "%016" PRIx64 "\n", result.hash[0],
               result.hash[1]);
        if ( !result.found )
            explore_show(o, program, way, result.schedule);
    }
    if ( !result.found && asked_for(program, &result) )
        find_again(o, program, way, &result);
    if ( result.found )
    {
        tell_found(o, program, way, &result, report, totals);
        status = STATUS_FOUND;
    }
    litmus_result_free(&result);
    return status;
}

/* ---- threads: a program of its own ---- */

/* Older sanitizers can't place their shadow where addresses are very random.
 */
static int start_threads(char **argv)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *name;

    program[length > 0 ? length : 0] = 0;
    name = strstr(program, "cli/umbra");
    if ( !name )
        return STATUS_USAGE;
    strcpy(name, "threads/umbra-threads");
    personality(ADDR_NO_RANDOMIZE);
    execv(program, argv);
    fprintf(stderr,
            "umbra explore: %s can't be started (%s): --threads is for the "
            "builds 'release' and 'clang'\n",
            program, strerror(errno));
    return STATUS_USAGE;
}

/* ---- the verb ---- */

static int explore_program(const struct explore_options *o,
                           struct program *program, struct report *report,
                           struct totals *totals)
{
    struct case_ways ways;
    int status = STATUS_OK;

    case_ways(program, 0, false, o->through ? o->through : UINT32_MAX,
              o->common.seed, &ways);
    for ( unsigned int i = 0; i < ways.ways; i++ )
    {
        int one = explore_way(o, program, &ways.way[i], report, totals);

        status = one > status ? one : status;
    }
    return status;
}

static int explore_all(const struct explore_options *o,
                       const struct program_list *programs,
                       struct report *report, struct totals *totals)
{
    int status = STATUS_OK;
    unsigned int ran = 0;

    for ( size_t i = 0; i < programs->count; i++ )
    {
        struct program *program = programs->program[i];
        int one;

        if ( !explore_is_litmus(o, program) )
            return STATUS_USAGE;
        if ( !explore_selects(o, programs, i) )
            continue;
        ran++;
        one = explore_program(o, program, report, totals);
        status = one > status ? one : status;
    }
    return ran ? status : explore_no_case(o);
}

static bool write_json(const struct explore_options *o, struct report *report,
                       const struct totals *t, int status)
{
    report->ok = status == STATUS_OK;
    report->seconds = t->seconds;
    add_figure(report, "schedules", t->schedules);
    add_figure(report, "equivalent", t->equivalent);
    add_figure(report, "states", t->states);
    add_figure(report, "steps", t->steps);
    add_figure(report, "schedules_per_second",
               t->seconds > 0 ? (uint64_t)((double)t->schedules / t->seconds) :
                                0);
    report->exploration = &(struct report_exploration) {
        .exhaustive = t->exhaustive,
        .bounded = t->bound != EXPLORE_NO_LIMIT,
        .bound = t->bound,
        .counterexample = *t->file ? t->file : NULL,
    };
    return json_written(report, &o->common);
}

int verb_explore(int argc, char **argv)
{
    struct explore_options o = { .config = { .preemptions = EXPLORE_NO_LIMIT,
                                             .depth = 3 } };
    struct totals totals = { .exhaustive = true };
    struct program_list programs;
    struct program_error error;
    struct report report;
    int status = STATUS_USAGE;

    explore_parse(doc, argc, argv, &o);
    if ( o.threads )
        return start_threads(argv);
    o.config.seed = o.common.seed;
    if ( !program_read(o.file, NULL, &programs, &error) )
        fprintf(stderr, "umbra explore: %s\n", error.text);
    else
    {
        report_init(&report, "explore", UMBRA_VERSION, o.common.seed);
        status = explore_all(&o, &programs, &report, &totals);
        if ( !write_json(&o, &report, &totals, status) )
            status = STATUS_USAGE;
        report_free(&report);
    }
    program_list_free(&programs);
    return status;
}
