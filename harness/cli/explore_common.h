/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explore and shrink share: options, and a counterexample shown. */
#ifndef HARNESS_CLI_EXPLORE_COMMON_H
#define HARNESS_CLI_EXPLORE_COMMON_H

#include <cli/cli.h>
#include <scenario/litmus.h>

struct explore_options {
    struct common_options common;
    const char *file, *select;
    uint32_t through; /* 0: not said */
    struct litmus_config config;
    const char *html, *trace;
    bool threads; /* real ones: harness/threads */
};

/* The command line of a verb, over defaults that stand in @options; @doc is
 * what its --help says. */
void explore_parse(const char *doc, int argc, char **argv,
                   struct explore_options *options);

/* Is that case to be run?  The one that was named, or all but twins. */
bool explore_selects(const struct explore_options *options,
                     const struct program_list *programs, size_t number);

/* False: that is said. */
bool explore_is_litmus(const struct explore_options *options,
                       const struct program *program);

/* Says that none was selected; the exit status for it. */
int explore_no_case(const struct explore_options *options);

/* The counterexample as a file, next to other findings. */
bool explore_save(const struct program *program,
                  const struct world_config *way, const char *schedule,
                  char *path, size_t size);

/* Its lanes: printed, and as the page and the trace that were asked for. */
void explore_show(const struct explore_options *options,
                  const struct program *program,
                  const struct world_config *way, const char *schedule);

#endif /* HARNESS_CLI_EXPLORE_COMMON_H */
