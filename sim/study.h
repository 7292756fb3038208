/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A study: what invalidations cost, by programs that are made for it and run
 * in simulated time (docs/timing.md).
 */
#ifndef SIM_STUDY_H
#define SIM_STUDY_H

#include <sim/sim.h>

#define STUDY_RUNS 106u

struct study_config {
    const char *directory; /* there: study.md and plots as SVG */
    uint64_t seed;
    bool rtl; /* it looks up and walks */
    /* After each of STUDY_RUNS, for whoever shows progress; or NULL. */
    void (*progress)(void *context);
    void *context;
};

/* False: @error says what went wrong: a program that could not be run, or that
 * found something, or a file that could not be written. */
bool study_run(const struct study_config *config, char *error, size_t size);

#endif /* SIM_STUDY_H */
