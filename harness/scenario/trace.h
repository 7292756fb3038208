/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to scenario/: the reader of recorded sessions. */
#ifndef HARNESS_SCENARIO_TRACE_H
#define HARNESS_SCENARIO_TRACE_H

#include <scenario/program.h>

struct trace {
    const char *file;
    unsigned int line;
    struct program *program;
    struct program_error *error;
    const char *why; /* what is wrong with the present line */
    bool foreign;    /* of an architecture that is not known: not read */
};

/* One hexadecimal number, and the separator behind it. */
bool trace_hex(char **at, uint64_t *value);
/* The next word; empty at the end of the line. */
char *trace_word(char **at);
/* Set the n-th field of @op. */
void trace_set(struct operation *op, unsigned int n, uint64_t value);
/* An operation with two fields, "address value", value of 4 bytes. */
bool trace_pair(struct trace *t, unsigned int code, char *at);

#endif /* HARNESS_SCENARIO_TRACE_H */
