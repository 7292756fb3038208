/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra shrink: a counterexample with less in it. */

#include <cli/explore_common.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doc[] =
    "Make a counterexample small: fewest operations, then fewest switches.\v"
    "Example: umbra shrink build/findings/litmus-vtd-unmap-free.litmus";

static bool wanted(const struct explore_options *o,
                   const struct program *program)
{
    return program->kind == PROGRAM_LITMUS &&
           (!o->select || strstr(program->name, o->select));
}

static void tell(const struct explore_options *o, struct program *program,
                 const struct world_config *way,
                 const struct litmus_result *result)
{
    char *schedule, file[300];
    struct program *small = litmus_shrink(program, way, result, &schedule);

    printf("%s: %zu operations of %zu are left\n  %s %s\n", program->name,
           small->ops, program->ops, result->finding.property,
           result->finding.message);
    explore_show(o, small, way, schedule);
    if ( explore_save(small, way, schedule, file, sizeof(file)) )
        printf("  see it again: ./umbra replay %s\n", file);
    free(schedule);
    program_free(small);
}

/* False: nothing is found in it. */
static bool shrink(const struct explore_options *o, struct program *program)
{
    struct litmus_config config = o->config;
    struct litmus_result result;
    struct case_ways ways;
    bool found;

    case_ways(program, 0, false, UINT32_MAX, o->common.seed, &ways);
    config.strategy = program->litmus.schedule ? EXPLORE_REPLAY :
                                                 EXPLORE_EXHAUSTIVE;
    found = litmus_explore(program, &ways.way[0], &config, &result) &&
            result.found;
    if ( found )
        tell(o, program, &ways.way[0], &result);
    litmus_result_free(&result);
    return found;
}

int verb_shrink(int argc, char **argv)
{
    struct explore_options o = { .config = {
                                     .preemptions = EXPLORE_NO_LIMIT } };
    struct program_list programs;
    struct program_error error;
    int status = STATUS_USAGE;

    explore_parse(doc, argc, argv, &o);
    if ( !program_read(o.file, NULL, &programs, &error) )
        fprintf(stderr, "umbra shrink: %s\n", error.text);
    for ( size_t i = 0; i < programs.count && status == STATUS_USAGE; i++ )
        if ( wanted(&o, programs.program[i]) &&
             shrink(&o, programs.program[i]) )
            status = STATUS_FOUND;
    if ( status == STATUS_USAGE && programs.count )
        fprintf(stderr, "umbra shrink: nothing is found in %s\n", o.file);
    program_list_free(&programs);
    return status;
}
