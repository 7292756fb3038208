/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report with everything in it, and what a writer makes of it. */
#ifndef TESTS_HOUSE_SAMPLE_H
#define TESTS_HOUSE_SAMPLE_H

#include <cli/report.h>

/* Before cmocka.h, which wants them. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* One passed, one failed, one skipped case, a session of two runs, a finding
 * of a case and one of none, with every character that needs escaping. */
void sample_report(struct report *report, const char *verb);

typedef int report_writer(const struct report *report, const char *path);

/* The text that @writer makes of @report; to be freed. */
char *written(report_writer *writer, const struct report *report);

#endif /* TESTS_HOUSE_SAMPLE_H */
