/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run in simulated time has to tell. */
#ifndef HARNESS_CLI_SIM_REPORT_H
#define HARNESS_CLI_SIM_REPORT_H

#include <cli/cli.h>

#include <sim/sim.h>

/* Into the report: the keys of docs/json.md, and what does not agree. */
void sim_report(struct report *report, const struct program *program,
                const struct sim_config *config,
                const struct sim_result *result);

/* For people. */
void sim_print(const struct program *program, const struct sim_config *config,
               const char *timing_name, const struct sim_result *result);

#define SIM_LITMUS_TEXT 1000
/* What a litmus test came to in the one order that time has made: a few lines
 * of text. */
void sim_litmus_text(const struct program *program,
                     const struct sim_litmus *litmus, char *text, size_t size);

/* As a page.  0 or a negative errno. */
int sim_html(const char *path, const struct program *program,
             const struct sim_config *config, const char *timing_name,
             const struct sim_result *result);

#endif /* HARNESS_CLI_SIM_REPORT_H */
