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

static unsigned int name_of_list(struct argp_state *state, const char *text,
                                 const char *const *names, const char *what)
{
    unsigned int i = 0;

    while ( names[i] && strcmp(names[i], text) )
        i++;
    if ( !names[i] )
        argp_error(state, "'%s' is no %s", text, what);
    return i;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct explore_options *o = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case 's':
        o->strategy = arg;
        o->config.strategy = (enum explore_strategy)name_of_list(
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
        o->through = 1u << name_of_list(state, arg, through_names,
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
    case ARGP_KEY_ARG:
        if ( o->file )
            argp_error(state, "one file at a time");
        o->file = arg;
        return 0;
    case ARGP_KEY_END:
        if ( !o->file )
            argp_error(state, "which file?");
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

/* ---- the verb ---- */

/* What was found, made small and shown. */
static void show(const struct explore_options *options,
                 const struct program *program, const struct world_config *way,
                 struct litmus_result *result)
{
    struct lanes lanes;

    if ( !lanes_record(program, way, result->schedule, &lanes) )
        return;
    if ( !json_to_output(&options->common) )
        lanes_print(&lanes, stdout);
    if ( options->html )
        lanes_html(&lanes, options->html);
    if ( options->trace )
        lanes_perfetto(&lanes, options->trace);
    lanes_free(&lanes);
}

static int explore_one(const struct explore_options *options,
                       const struct program *program, struct report *report)
{
    struct case_ways ways;
    int status = STATUS_OK;

    (void)report;
    case_ways(program, 0, false,
              options->through ? options->through : UINT32_MAX,
              options->common.seed, &ways);
    for ( unsigned int i = 0; i < ways.ways; i++ )
    {
        struct litmus_result result;

        if ( !litmus_explore(program, &ways.way[i], &options->config,
                             &result) )
        {
            fprintf(stderr, "umbra explore: %s\n", result.why);
            status = STATUS_USAGE;
        }
        else
        {
            if ( !json_to_output(&options->common) )
                print_result(program, &ways.way[i], &result);
            if ( result.found )
            {
                printf("  %s %s\n  schedule %s\n", result.finding.property,
                       result.finding.message, result.schedule);
                show(options, program, &ways.way[i], &result);
                status = STATUS_FOUND;
            }
        }
        litmus_result_free(&result);
    }
    return status;
}

int verb_explore(int argc, char **argv)
{
    struct explore_options options = {
        .config = { .preemptions = EXPLORE_NO_LIMIT, .depth = 3 }
    };
    struct program_list programs;
    struct program_error error;
    struct report report;
    int status = STATUS_OK;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    options.config.seed = options.common.seed;
    if ( !program_read(options.file, NULL, &programs, &error) )
    {
        fprintf(stderr, "umbra explore: %s\n", error.text);
        program_list_free(&programs);
        return STATUS_USAGE;
    }
    report_init(&report, "explore", UMBRA_VERSION, options.common.seed);
    for ( size_t i = 0; i < programs.count; i++ )
    {
        const struct program *program = programs.program[i];
        int one;

        if ( program->kind != PROGRAM_LITMUS )
        {
            fprintf(stderr,
                    "umbra explore: %s has no actors: it is no litmus "
                    "test\n",
                    options.file);
            status = STATUS_USAGE;
            break;
        }
        if ( options.select ? !strstr(program->name, options.select) :
                              *program->litmus.twin != 0 )
            continue;
        one = explore_one(&options, program, &report);
        status = one > status ? one : status;
    }
    report_free(&report);
    program_list_free(&programs);
    return status;
}
