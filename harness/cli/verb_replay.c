/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra replay: one file, in the ways that are asked for, told in detail. */

#include <cli/cli.h>
#include <scenario/lanes.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_options {
    struct common_options common;
    const char *file;
    uint32_t through, shapes, retention; /* 0: not said */
    bool all;
};

static uint32_t name_mask(struct argp_state *state, const char *text,
                          const char *const *names, const char *what)
{
    if ( !strcmp(text, "all") || !strcmp(text, "both") )
        return UINT32_MAX;
    return 1u << name_option(state, text, names, what);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct replay_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        state->child_inputs[1] = &options->file;
        return 0;
    case 't':
        options->through = name_mask(state, arg, through_names,
                                     "way (model, stack, both)");
        return 0;
    case 'p':
        options->shapes = name_mask(
            state, arg, shape_names,
            "p2m shape (scattered, contiguous, mixed, all)");
        return 0;
    case 'r':
        options->retention = name_mask(
            state, arg, retention_names,
            "policy (normal, never-evict, always-miss, random, all)");
        return 0;
    case 'a':
        options->all = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "through", 't', "WAY", 0, "model, stack or both (default: both)", 0 },
    { "p2m", 'p', "SHAPE", 0, "scattered, contiguous, mixed or all", 0 },
    { "retention", 'r', "POLICY", 0,
      "normal, never-evict, always-miss, random or all", 0 },
    { "all", 'a', NULL, 0, "every shape with every policy", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { &file_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "FILE",
    "Replay a recorded session, a scenario or a finding.\v"
    "Example: umbra replay scenarios/vtd/sessions/vtd-cm.trace.gz "
    "--through both --all",
    children,
    NULL,
    NULL
};

static void print_run(const struct run_result *run)
{
    printf("  %-5s %-10s %-11s", through_names[run->through],
           run->through == THROUGH_MODEL ? "bare" : shape_names[run->shape],
           retention_names[run->retention]);
    if ( run->expected )
        printf(" translations %llu/%llu", (unsigned long long)run->equal,
               (unsigned long long)run->expected);
    if ( run->faults_expected )
        printf(" faults %llu/%llu", (unsigned long long)run->faults_equal,
               (unsigned long long)run->faults_expected);
    if ( run->interrupts_expected )
        printf(" interrupts %llu/%llu",
               (unsigned long long)run->interrupts_equal,
               (unsigned long long)run->interrupts_expected);
    if ( run->statuses_expected )
        printf(" statuses %llu/%llu", (unsigned long long)run->statuses_equal,
               (unsigned long long)run->statuses_expected);
    if ( run->not_modelled )
        printf(" (%llu remapped interrupts not modelled yet)",
               (unsigned long long)run->not_modelled);
    printf(" %llu operations, %llu hits, %llu misses, %.2f s\n",
           (unsigned long long)run->operations,
           (unsigned long long)run->iotlb_hits,
           (unsigned long long)run->iotlb_misses, run->seconds);
}

/* What the file pins and the command line narrows. */
static void narrow(struct program *program,
                   const struct replay_options *options)
{
    if ( options->shapes )
        program->shapes &= options->shapes;
    if ( options->retention )
        program->retention &= options->retention;
}

static struct case_result *replay_one(struct program *program,
                                      const struct replay_options *options,
                                      struct report *report)
{
    struct case_result *result = calloc(1, sizeof(*result));
    struct case_ways ways;
    char findings_dir[512];

    if ( !result )
        abort();
    narrow(program, options);
    snprintf(findings_dir, sizeof(findings_dir), "%s/findings", build_root());
    case_ways(program, 0,
              options->all || options->shapes || options->retention,
              options->through ? options->through : UINT32_MAX,
              options->common.seed, &ways);
    case_run(program, &ways, findings_dir, result);
    if ( !result->skipped && !ways.ways )
    {
        result->ok = false;
        snprintf(result->reason, sizeof(result->reason),
                 "it does not run that way; its file says how it does");
    }
    report_case_result(report, program, result);
    report->seconds += result->seconds;
    return result;
}

static void print_one(const struct program *program,
                      const struct case_result *result)
{
    printf("%s: %s%s%s\n", program->name,
           result->skipped ? "skipped: " :
           result->ok      ? "ok" :
                             "FAILED ",
           result->reason, result->findings ? " (see below)" : "");
    for ( unsigned int i = 0; i < result->runs; i++ )
        print_run(&result->run[i]);
    if ( result->findings )
        print_finding(program, result);
}

/* The order that a counterexample says. */
static void print_order(const struct program *program,
                        const struct case_result *result)
{
    struct lanes lanes;

    if ( !program->litmus.schedule ||
         !lanes_record(program, &result->config, program->litmus.schedule,
                       &lanes) )
        return;
    lanes_print(&lanes, stdout);
    lanes_free(&lanes);
}

int verb_replay(int argc, char **argv)
{
    struct replay_options options = { 0 };
    struct program_list programs;
    struct program_error error;
    struct report report;
    bool read, unable = false, quiet;
    int status;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    read = program_read(options.file, NULL, &programs, &error);
    if ( !read )
        fprintf(stderr, "umbra replay: %s\n", error.text);
    if ( !read && programs.count )
        fprintf(stderr,
                "umbra replay: going on with the %zu operations "
                "before that\n",
                error.good);
    quiet = json_to_output(&options.common);
    report_init(&report, "replay", UMBRA_VERSION, options.common.seed);
    for ( size_t i = 0; i < programs.count; i++ )
    {
        struct program *program = programs.program[i];
        struct case_result *result = replay_one(program, &options, &report);

        if ( !quiet && (!options.common.quiet || !result->ok) )
        {
            print_one(program, result);
            print_order(program, result);
        }
        unable |= !result->ok && !result->findings && !result->skipped;
        free(result);
    }
    status = !read || unable ? STATUS_USAGE :
             report.ok       ? STATUS_OK :
                               STATUS_FOUND;
    if ( !json_written(&report, &options.common) )
        status = STATUS_USAGE;
    report_free(&report);
    program_list_free(&programs);
    return status;
}
