/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plot of predicted over measured cycles, both axes logarithmic. */
#ifndef TESTS_RTL_PLOT_H
#define TESTS_RTL_PLOT_H

#include <stdbool.h>
#include <stddef.h>

struct plot_point {
    const char *name;
    double measured, predicted; /* cycles, 1 to 10000 */
    bool fitted;
};

/* An SVG file; false: it can't be written. */
bool plot_write(const char *file, const struct plot_point *points,
                size_t count);

#endif /* TESTS_RTL_PLOT_H */
