/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra list: the suite's cases and what each proves. */

#include <cli/cli.h>

#include <jansson.h>

#include <stdio.h>
#include <string.h>

struct list_options {
    struct common_options common;
    struct selection selection;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct list_options *options = state->input;

    (void)arg;
    if ( key != ARGP_KEY_INIT )
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &options->common;
    state->child_inputs[1] = &options->selection;
    return 0;
}

static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { &selection_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    NULL,
    parse,
    "[PATTERN...]",
    "List the suite's cases: name, how it runs, what it proves.\v"
    "Example: umbra list 'vtd/fault*'",
    children,
    NULL,
    NULL
};

static const char *const kinds[] = { "scenario", "session", "litmus" };

static void print_program(const struct program *program)
{
    printf("%-44s %-8s %s%s  %s%s%s%s\n", program->name, kinds[program->kind],
           program->through & 1u << THROUGH_MODEL ? "m" : "-",
           program->through & 1u << THROUGH_STACK ? "s" : "-",
           program->title ? program->title : "", program->section ? " [" : "",
           program->section ? program->section : "",
           program->section ? "]" : "");
}

static json_t *to_json(const struct program *program)
{
    json_t *ways = json_array();

    for ( unsigned int t = 0; t < THROUGH_COUNT; t++ )
        if ( program->through & 1u << t )
            json_array_append_new(ways, json_string(through_names[t]));
    return json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:o, s:i}", "name",
                     program->name, "kind", kinds[program->kind], "arch",
                     program_arch_name(program), "title", program->title,
                     "section", program->section, "through", ways,
                     "operations", (int)program->ops);
}

static int write_json(const struct list_options *options,
                      const struct program_list *programs)
{
    json_t *cases = json_array();
    json_t *root;
    int rc;

    for ( size_t i = 0; i < programs->count; i++ )
        json_array_append_new(cases, to_json(programs->program[i]));
    root = json_pack("{s:s, s:s, s:I, s:f, s:b, s:[], s:o}", "verb", "list",
                     "version", UMBRA_VERSION, "seed",
                     (json_int_t)options->common.seed, "seconds", 0.0, "ok", 1,
                     "findings", "cases", cases);
    rc = strcmp(options->common.json, "-") ?
             json_dump_file(root, options->common.json, JSON_INDENT(1)) :
             json_dumpf(root, stdout, JSON_INDENT(1));
    json_decref(root);
    return rc;
}

int verb_list(int argc, char **argv)
{
    struct list_options options = { 0 };
    struct program_list programs;
    int status = STATUS_OK;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if ( !selection_load(&options.selection, "list", &programs) )
        status = STATUS_USAGE;
    else if ( !programs.count )
    {
        fprintf(stderr, "umbra list: no case matches\n");
        status = STATUS_USAGE;
    }
    else if ( options.common.json )
    {
        if ( write_json(&options, &programs) )
        {
            fprintf(stderr, "umbra list: %s can't be written\n",
                    options.common.json);
            status = STATUS_USAGE;
        }
    }
    else
        for ( size_t i = 0; i < programs.count; i++ )
            print_program(programs.program[i]);
    program_list_free(&programs);
    return status;
}
