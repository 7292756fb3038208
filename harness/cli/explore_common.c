/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explore and shrink share. */

#include <cli/explore_common.h>
#include <scenario/lanes.h>

#include <stdio.h>
#include <string.h>

/* ---- options ---- */

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
        o->config.strategy = (enum explore_strategy)name_option(
            state, arg, explore_strategy_names,
            "strategy (exhaustive, plain, matched, pct, urw, random)");
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
    case 'P':
        o->threads = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "strategy", 's', "NAME", 0,
      "exhaustive (default), plain, matched, pct, urw or random", 0 },
    { "bound", 'b', "N", 0, "at most N preemptions; matched, or plain", 0 },
    { "depth", 'd', "N", 0, "pct: so many places that matter (3)", 0 },
    { "runs", 'n', "N", 0, "at most N schedules; of threads: N rounds (64)",
      0 },
    { "schedule", 'S', "TEXT", 0, "run this one schedule", 0 },
    { "through", 't', "WAY", 0, "model or stack (default: both)", 0 },
    { "case", 'c', "NAME", 0, "which case: twin=NAME, or of a matrix", 0 },
    { "all", 'a', NULL, 0, "go on after something has been found", 0 },
    { "html", 'H', "FILE", 0, "write the counterexample as a page", 0 },
    { "trace", 'T', "FILE", 0, "write it as a trace for Perfetto", 0 },
    { "threads", 'P', NULL, 0,
      "explore: run it with real threads, and look for data races in "
      "hypervisor/",
      0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { &file_argp, 0, NULL, 0 },
                                              { 0 } };
void explore_parse(const char *doc, int argc, char **argv,
                   struct explore_options *options)
{
    const struct argp argp = {
        list, parse, "FILE", doc, children, NULL, NULL
    };

    common_defaults(&options->common);
    argp_parse(&argp, argc, argv, 0, NULL, options);
}

bool explore_selects(const struct explore_options *options,
                     const struct program_list *programs, size_t number)
{
    const struct program *program = programs->program[number];

    if ( options->select )
        return strstr(program->name, options->select);
    return !*program->litmus.twin || programs->count == 1;
}

bool explore_is_litmus(const struct explore_options *options,
                       const struct program *program)
{
    if ( program->kind == PROGRAM_LITMUS )
        return true;
    fprintf(stderr, "umbra explore: %s has no actors: it is no litmus test\n",
            options->file);
    return false;
}

int explore_no_case(const struct explore_options *options)
{
    fprintf(stderr, "umbra explore: %s has no case '%s'\n", options->file,
            options->select ? options->select : "");
    return STATUS_USAGE;
}

/* ---- a counterexample ---- */

bool explore_save(const struct program *program,
                  const struct world_config *way, const char *schedule,
                  char *path, size_t size)
{
    char directory[512];

    snprintf(directory, sizeof(directory), "%s/findings", build_root());
    return order_save(program, way, schedule, directory, path, size);
}

void explore_show(const struct explore_options *o,
                  const struct program *program,
                  const struct world_config *way, const char *schedule)
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
