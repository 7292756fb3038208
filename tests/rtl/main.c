/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lockstep runs as a program: length, seed, waves. */
#include "lockstep.h"

#include <argp.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct arguments {
    struct lockstep_options options;
    bool quiet;
};

static const struct argp_option described[] = {
    { "transactions", 'n', "N", 0, "how many (1000000)", 0 },
    { "seed", 's', "S", 0, "another seed, other worlds (1)", 0 },
    { "size", 'g', "N", 0, "0: 16 entries, 1: 64, 2: 2048 (1)", 0 },
    { "vcd", 'w', "FILE", 0, "waves of the RTL", 0 },
    { "quiet", 'q', NULL, 0, "no progress", 0 },
    { 0 },
};

static uint64_t number(struct argp_state *state, const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);

    if ( !*text || *end )
        argp_error(state, "'%s' is no number", text);
    return value;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch ( key )
    {
    case 'n':
        arguments->options.transactions = number(state, text);
        break;
    case 's':
        arguments->options.seed = number(state, text);
        break;
    case 'g':
        arguments->options.size = (enum rtl_size)number(state, text);
        if ( arguments->options.size >= RTL_SIZES )
            argp_error(state, "--size is 0, 1 or 2");
        break;
    case 'w':
        arguments->options.waves = text;
        break;
    case 'q':
        arguments->quiet = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static uint64_t target;

static void progress(const struct lockstep_result *result)
{
    fprintf(stderr, "\r%3u %%",
            (unsigned int)(100 * result->transactions / target));
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool run(const struct arguments *arguments)
{
    const struct lockstep *unit = &lockstep_unit;
    struct lockstep_result r;
    double seconds = cpu_seconds();

    target = arguments->options.transactions;
    if ( !arguments->quiet && isatty(STDERR_FILENO) )
        lockstep_progress = progress;
    unit->run(&arguments->options, &r);
    seconds = cpu_seconds() - seconds;
    printf("%s: %llu transactions: %llu hits, %llu walks with %llu reads, "
           "%llu faults, %llu invalidations and %llu in the middle of a "
           "walk; %llu cycles, %.1f s\n",
           unit->name, (unsigned long long)r.transactions,
           (unsigned long long)r.hits, (unsigned long long)r.walks,
           (unsigned long long)r.reads, (unsigned long long)r.faults,
           (unsigned long long)r.invalidations, (unsigned long long)r.met,
           (unsigned long long)r.cycles, seconds);
    if ( *r.disagreement )
        printf("%s: seed %llu: %s", unit->name,
               (unsigned long long)arguments->options.seed, r.disagreement);
    return !*r.disagreement;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .doc = "The Verilated RTL and the C models in lockstep.\v"
               "Example: rtl_lockstep_vtd --transactions 10000000 --size 2\n\n"
               "Exit status: 0 they agree, 1 they do not, 2 usage.",
    };
    struct arguments arguments = {
        .options = { .seed = 1, .transactions = 1000000, .size = RTL_64X4 },
    };

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    return !run(&arguments);
}
