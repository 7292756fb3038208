/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra explore: a litmus test in every order, or in many. */

#include <cli/cli.h>
#include <scenario/lanes.h>
#include <scenario/litmus.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explore_options {
    struct common_options common;
    const char *file, *select, *schedule, *strategy;
    uint32_t through; /* 0: not said */
    struct litmus_config config;
    const char *html, *trace;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct explore_options *o = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        state->child_inputs[1] = &o->file;
        return 0;
    case 's':
        o->strategy = arg;
        o->config.strategy = (enum explore_strategy)name_option(
            state, arg, explore_strategy_names,
            "strategy (exhaustive, plain, pct, urw, random)");
        return 0;
    case 'b':
        o->config.preemptions = (uint32_t)number_option(state, arg, 0,
                                                        UINT32_MAX - 1);
        return 0;
    case 'd':
        o->config.depth = (uint32_t)number_option(state, arg, 1, 16);
        return 0;
    case 'n':
        o->config.runs = number_option(state, arg, 1, UINT64_MAX);
        return 0;
    case 'S':
        o->config.schedule = arg;
        o->config.strategy = EXPLORE_REPLAY;
        return 0;
    case 't':
        o->through = 1u << name_option(state, arg, through_names,
                                       "way (model, stack)");
        return 0;
    case 'c':
        o->select = arg;
        return 0;
    case 'a':
        o->config.all = true;
        return 0;
    case 'H':
        o->html = arg;
        return 0;
    case 'T':
        o->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "strategy", 's', "NAME", 0,
      "exhaustive (default), plain, pct, urw or random", 0 },
    { "bound", 'b', "N", 0, "plain: at most N preemptions", 0 },
    { "depth", 'd', "N", 0, "pct: so many places that matter (3)", 0 },
    { "runs", 'n', "N", 0, "at most N schedules", 0 },
    { "schedule", 'S', "TEXT", 0, "run this one schedule", 0 },
    { "through", 't', "WAY", 0, "model or stack (default: both)", 0 },
    { "case", 'c', "NAME", 0, "which case: twin=NAME, or of a matrix", 0 },
    { "all", 'a', NULL, 0, "go on after something has been found", 0 },
    { "html", 'H', "FILE", 0, "write the counterexample as a page", 0 },
    { "trace", 'T', "FILE", 0, "write it as a trace for Perfetto", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { &file_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "FILE",
    "Run a litmus test in every order of its events (one of each class of "
    "equivalent ones), or in many.\v"
    "Example: umbra explore scenarios/litmus/vtd/unmap-free.litmus "
    "--case twin=no-wait\n\n"
    "Exit status 1: what the test forbids, or asks for by 'allow', was "
    "found.",
    children,
    NULL,
    NULL
};

static const struct argp shrink_argp = {
    list,
    parse,
    "FILE",
    "Make a counterexample small: fewest operations, then fewest switches.\v"
    "Example: umbra shrink build/findings/litmus-vtd-unmap-free.litmus",
    children,
    NULL,
    NULL
};

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

    printf("%s through %s: %s\n", program->name, through_names[way->through],
           result->found      ? "FOUND" :
           result->exhaustive ? "exhaustive" :
                                "not exhaustive");
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

/* The counterexample as a file, next to other findings. */
static bool save(const struct program *program, const struct world_config *way,
                 const char *schedule, char *path, size_t size)
{
    char directory[512];

    snprintf(directory, sizeof(directory), "%s/findings", build_root());
    return order_save(program, way, schedule, directory, path, size);
}

static void show(const struct explore_options *o,
                 const struct program *program, const struct world_config *way,
                 const char *schedule)
{
    struct lanes lanes;

    if ( !lanes_record(program, way, schedule, &lanes) )
    {
        fprintf(stderr, "umbra explore: the schedule is none of %s\n",
                program->name);
        return;
    }
    if ( !json_to_output(&o->common) && !o->common.quiet )
        lanes_print(&lanes, stdout);
    if ( o->html && !lanes_html(&lanes, o->html) )
        perror(o->html);
    if ( o->trace && !lanes_perfetto(&lanes, o->trace) )
        perror(o->trace);
    lanes_free(&lanes);
}

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

    if ( !save(program, way, schedule, totals->file, sizeof(totals->file)) )
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
        show(o, program, way, schedule);
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
            show(o, program, way, result.schedule);
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

        if ( program->kind != PROGRAM_LITMUS )
        {
            fprintf(stderr,
                    "umbra explore: %s has no actors: it is no litmus test\n",
                    o->file);
            return STATUS_USAGE;
        }
        if ( o->select ? !strstr(program->name, o->select) :
                         *program->litmus.twin != 0 && programs->count > 1 )
            continue;
        ran++;
        one = explore_program(o, program, report, totals);
        status = one > status ? one : status;
    }
    if ( !ran )
        fprintf(stderr, "umbra explore: %s has no case '%s'\n", o->file,
                o->select ? o->select : "");
    return ran ? status : STATUS_USAGE;
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

    common_defaults(&o.common);
    argp_parse(&argp, argc, argv, 0, NULL, &o);
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

int verb_shrink(int argc, char **argv)
{
    struct explore_options o = { .config = {
                                     .preemptions = EXPLORE_NO_LIMIT } };
    struct program_list programs;
    struct program_error error;
    struct totals totals = { 0 };
    struct case_ways ways;
    struct litmus_result result;
    int status = STATUS_USAGE;

    common_defaults(&o.common);
    argp_parse(&shrink_argp, argc, argv, 0, NULL, &o);
    if ( !program_read(o.file, NULL, &programs, &error) )
        fprintf(stderr, "umbra shrink: %s\n", error.text);
    for ( size_t i = 0; i < programs.count && status == STATUS_USAGE; i++ )
    {
        struct program *program = programs.program[i], *small;
        char *schedule;

        if ( program->kind != PROGRAM_LITMUS ||
             (o.select && !strstr(program->name, o.select)) )
            continue;
        case_ways(program, 0, false, UINT32_MAX, o.common.seed, &ways);
        o.config.strategy = program->litmus.schedule ? EXPLORE_REPLAY :
                                                       EXPLORE_EXHAUSTIVE;
        if ( litmus_explore(program, &ways.way[0], &o.config, &result) &&
             result.found )
        {
            small = litmus_shrink(program, &ways.way[0], &result, &schedule);
            printf("%s: %zu operations of %zu are left\n  %s %s\n",
                   program->name, small->ops, program->ops,
                   result.finding.property, result.finding.message);
            show(&o, small, &ways.way[0], schedule);
            if ( save(small, &ways.way[0], schedule, totals.file,
                      sizeof(totals.file)) )
                printf("  see it again: ./umbra replay %s\n", totals.file);
            free(schedule);
            program_free(small);
            status = STATUS_FOUND;
        }
        litmus_result_free(&result);
    }
    if ( status == STATUS_USAGE && programs.count )
        fprintf(stderr, "umbra shrink: nothing is found in %s\n", o.file);
    program_list_free(&programs);
    return status;
}
