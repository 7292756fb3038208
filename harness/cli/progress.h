/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a long-running verb has come: one line that is rewritten on a
 * terminal; elsewhere (CI) plain lines, at least a second and 5 % apart.
 */
#ifndef HARNESS_CLI_PROGRESS_H
#define HARNESS_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress_config {
    FILE *stream;                      /* NULL: stderr */
    const char *what;                  /* "run": stands before each line */
    uint64_t total;                    /* steps; 0: nothing is shown */
    bool terminal;                     /* progress_on_terminal() */
    unsigned int columns;              /* of the terminal, 0: 80 */
    uint64_t (*now_ns)(void *context); /* NULL: the monotonic clock */
    void *context;
};

/* The caller's; its fields are progress.c's business. */
struct progress {
    struct progress_config config;
    uint64_t done, failed;
    uint64_t begin, shown; /* ns; when the last line was shown */
    uint64_t shown_done;   /* and how many steps were done then */
    bool visible;          /* an unfinished line stands on the terminal */
};

/* @stream is a terminal, of *@columns columns. */
bool progress_on_terminal(FILE *stream, unsigned int *columns);

/* @config is copied; its strings and stream must outlive @progress. */
void progress_begin(struct progress *progress,
                    const struct progress_config *config);

/* @name is what is being done now. */
void progress_show(struct progress *progress, const char *name);

/* One step has ended. */
void progress_step(struct progress *progress, bool ok);

/* Make room for a line that somebody else prints. */
void progress_clear(struct progress *progress);

/* The last line: everything that was done, and how long it took. */
void progress_end(struct progress *progress);

#endif /* HARNESS_CLI_PROGRESS_H */
