/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra convert: between the forms of a program. */

#include <cli/cli.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct convert_options {
    struct common_options common;
    const char *in, *out;
    const char *select;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct convert_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'c':
        options->select = arg;
        return 0;
    case ARGP_KEY_ARG:
        if ( !options->in )
            options->in = arg;
        else if ( !options->out )
            options->out = arg;
        else
            argp_error(state, "two files: IN and OUT");
        return 0;
    case ARGP_KEY_END:
        if ( !options->out )
            argp_error(state, "two files: IN and OUT");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "case", 'c', "NAME", 0,
      "which case of a scenario with a matrix: its name, or what stands in "
      "the brackets",
      0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "IN OUT",
    "Convert a program: text (.scn), binary (.bin), recorded session "
    "(.trace, .trace.gz; as input).\v"
    "Example: umbra convert scenarios/vtd/sessions/vtd-cm-head.trace x.scn",
    children,
    NULL,
    NULL
};

static const struct program *choose(const struct program_list *programs,
                                    const char *select)
{
    for ( size_t i = 0; i < programs->count; i++ )
        if ( !select || strstr(programs->program[i]->name, select) )
            return programs->program[i];
    return NULL;
}

static int convert(const struct convert_options *options,
                   const struct program_list *programs)
{
    const struct program *program = choose(programs, options->select);
    const char *ending = strrchr(options->out, '.');

    if ( !ending || (strcmp(ending, ".scn") && strcmp(ending, ".bin")) )
        fprintf(stderr, "umbra convert: %s: the output ends in .scn or .bin\n",
                options->out);
    else if ( !program )
        fprintf(stderr, "umbra convert: %s has no case '%s'\n", options->in,
                options->select);
    else if ( programs->count > 1 && !options->select )
        fprintf(stderr,
                "umbra convert: %s has %zu cases; choose one with "
                "--case, as %s\n",
                options->in, programs->count, program->name);
    else if ( !program_write(program, options->out) )
        fprintf(stderr, "umbra convert: %s: %s\n", options->out,
                strerror(errno));
    else
        return STATUS_OK;
    return STATUS_USAGE;
}

static int write_json(const struct convert_options *options, int status)
{
    struct report report;
    bool written;

    report_init(&report, "convert", UMBRA_VERSION, options->common.seed);
    report.ok = status == STATUS_OK;
    written = json_written(&report, &options->common);
    report_free(&report);
    return written ? status : STATUS_USAGE;
}

int verb_convert(int argc, char **argv)
{
    struct convert_options options = { 0 };
    struct program_list programs;
    struct program_error error;
    int status = STATUS_USAGE;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if ( !program_read(options.in, NULL, &programs, &error) )
        fprintf(stderr, "umbra convert: %s\n", error.text);
    else
        status = convert(&options, &programs);
    program_list_free(&programs);
    return write_json(&options, status);
}
