/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every verb's command line has in common. */

#include <cli/cli.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t number_option(struct argp_state *state, const char *text,
                       uint64_t least, uint64_t most)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);

    if ( *end || end == text || *text == '-' || value < least || value > most )
        argp_error(state, "'%s' is no number from %llu to %llu", text,
                   (unsigned long long)least, (unsigned long long)most);
    return value;
}

unsigned int name_option(struct argp_state *state, const char *text,
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
    struct common_options *options = state->input;

    switch ( key )
    {
    case 1:
        options->json = arg;
        return 0;
    case 2:
        options->seed = number_option(state, arg, 0, INT64_MAX);
        return 0;
    case 'j':
        options->jobs = (unsigned int)number_option(state, arg, 1, 256);
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "json", 1, "FILE", 0, "write the results as JSON ('-': to the output)",
      10 },
    { "seed", 2, "N", 0, "seed of everything that is drawn (default 1)", 10 },
    { "jobs", 'j', "N", 0, "processes (default: one a processor)", 10 },
    { "quiet", 'q', NULL, 0, "say nothing but what was found", 10 },
    { 0 },
};

const struct argp common_argp = { .options = list, .parser = parse };

static error_t parse_pattern(int key, char *arg, struct argp_state *state)
{
    struct selection *selection = state->input;

    if ( key != ARGP_KEY_ARG )
        return ARGP_ERR_UNKNOWN;
    if ( selection->patterns == MAX_PATTERNS )
        argp_error(state, "more than %d patterns", MAX_PATTERNS);
    selection->pattern[selection->patterns++] = arg;
    return 0;
}

const struct argp selection_argp = { .parser = parse_pattern };

static error_t parse_file(int key, char *arg, struct argp_state *state)
{
    const char **file = state->input;

    switch ( key )
    {
    case ARGP_KEY_ARG:
        if ( *file )
            argp_error(state, "one file at a time");
        *file = arg;
        return 0;
    case ARGP_KEY_END:
        if ( !*file )
            argp_error(state, "which file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp file_argp = { .parser = parse_file };

bool selection_load(const struct selection *selection, const char *verb,
                    struct program_list *programs)
{
    struct program_error error = { 0 };

    if ( suite_load(scenario_root(), selection->pattern, selection->patterns,
                    programs, &error) )
        return true;
    fprintf(stderr, "umbra %s: %s\n", verb, error.text);
    return false;
}

void common_defaults(struct common_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    *options = (struct common_options) {
        .seed = 1,
        .jobs = processors > 0 ? (unsigned int)processors : 1,
    };
}

const char *scenario_root(void)
{
    const char *root = getenv("UMBRA_SCENARIOS");

    return root ? root : "scenarios";
}

const char *fuzz_root(void)
{
    const char *root = getenv("UMBRA_FUZZ");

    return root ? root : "fuzz";
}

const char *build_root(void)
{
    const char *root = getenv("UMBRA_BUILD");

    return root ? root : "build";
}
