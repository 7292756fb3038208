/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plots as SVG, self-contained: lines over an axis, and distributions. */
#ifndef SIM_PLOT_H
#define SIM_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PLOT_MAX_SERIES 6
#define PLOT_MAX_POINTS 32

struct plot_series {
    const char *name;
    double y[PLOT_MAX_POINTS];
};

/* Lines through points at the same places of the x axis. */
struct plot {
    const char *title, *x_label, *y_label;
    bool log_x, log_y; /* then all values of that axis are above 0 */
    double x[PLOT_MAX_POINTS];
    size_t points;
    struct plot_series series[PLOT_MAX_SERIES];
    size_t count;
};

void plot_lines(FILE *stream, const struct plot *plot);

/*
 * How often which value: @bins counts, bin i from @start(i) up to @start(i +
 * 1); @mark: values that a line shows, and what stands at it.
 */
struct plot_mark {
    const char *name;
    uint64_t value;
};

struct plot_distribution {
    const char *title, *x_label;
    const uint64_t *bin;
    unsigned int bins;
    uint64_t (*start)(unsigned int bin);
    const struct plot_mark *mark;
    unsigned int marks;
};

void plot_distribution(FILE *stream, const struct plot_distribution *plot);

#endif /* SIM_PLOT_H */
