/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What former runs have said, below build/report: how each case ended, and the
 * figures of benchmarks.  history.json (docs/json.md).
 */
#ifndef HARNESS_CLI_HISTORY_H
#define HARNESS_CLI_HISTORY_H

#include <cli/report.h>

struct history;

/* From the file in @directory; none, or no such file: empty.  NULL: no
 * memory. */
struct history *history_load(const char *directory);
void history_free(struct history *history);

/* The cases, or the figures, of a run are the latest; a few dozen are kept. */
void history_add(struct history *history, const struct report *report);

/* 0 or -errno. */
int history_save(const struct history *history, const char *directory);

/* How the case ended, oldest first: '+' passed, '-' failed, '.' skipped.
 * NULL: it never ran. */
const char *history_of(const struct history *history, const char *name);

/* The section of the page: a line for each benchmark. */
void history_html(FILE *stream, const struct history *history);

#endif /* HARNESS_CLI_HISTORY_H */
