/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to scenario/: the reader of scenario text. */
#ifndef HARNESS_SCENARIO_PARSE_H
#define HARNESS_SCENARIO_PARSE_H

#include <scenario/program.h>

#define MAX_TOKENS  80
#define MAX_LINE    512
#define MAX_NAMES   64
#define MAX_MATRIX  6
#define MAX_COLUMNS 4
#define MAX_ROWS    160
#define MAX_TWINS   6

/* Of a program that is written by hand. */
#define MAX_OPERATIONS 1000000

/* A dimension: some names, and the values they take together. */
struct matrix {
    char name[MAX_COLUMNS][PROGRAM_NAME_LENGTH];
    unsigned int columns;
    char value[MAX_ROWS][MAX_COLUMNS][PROGRAM_NAME_LENGTH];
    unsigned int rows;
};

struct let {
    char name[PROGRAM_NAME_LENGTH];
    uint64_t value;
};

struct parser {
    const char *file;
    unsigned int line;
    struct program *program;
    struct program_error *error;
    bool failed;
    bool machine_lines; /* something was said of the machine */

    struct matrix *matrix; /* MAX_MATRIX of them */
    unsigned int dimensions;
    unsigned int point[MAX_MATRIX]; /* the row taken of each */

    char twin[MAX_TWINS][PROGRAM_NAME_LENGTH];
    unsigned int twins;
    unsigned int present_twin; /* 1 + number of the one that is read, or 0 */
    uint8_t actor;             /* of the operations that follow */
    unsigned int litmus_line;  /* that only a litmus test has; 0: none */

    struct let let[MAX_NAMES + 1]; /* one more: repeat's counter */
    unsigned int lets;
    char expanded[MAX_LINE];
    char *token[MAX_TOKENS];
    unsigned int tokens;
};

/* The first error of a file stays; returns false. */
bool parse_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- parse_tokens.c ---- */

/* p->expanded: @line with every $name replaced by its value here. */
bool parse_substitute(struct parser *p, const char *line);
/* p->token[]: the words of p->expanded. */
bool parse_tokenize(struct parser *p);
bool parse_number(struct parser *p, const char *text, uint64_t *value);
bool parse_name(struct parser *p, const char *text,
                const struct name_tables *names, const char *what,
                uint64_t *value);
/* Into a name of PROGRAM_NAME_LENGTH. */
bool parse_copy_name(struct parser *p, char *to, const char *from);
/* The value that follows "key=" in token @i, or NULL. */
const char *parse_keyed(const struct parser *p, unsigned int i,
                        const char *key);

/* ---- parse_device.c ---- */

/* device, vdevice */
bool parse_device(struct parser *p);

/* ---- parse_header.c, parse_operation.c ---- */

/* True with *known = false: the line is no header line. */
bool parse_header(struct parser *p, const char *line, bool *known);
/* OPERATION, or repeat N OPERATION, in which i counts from 0. */
bool parse_operation(struct parser *p);

/* ---- parse_litmus.c: likewise ---- */

bool parse_litmus(struct parser *p, bool *known);
bool parse_scan_twin(struct parser *p);
bool parse_litmus_end(struct parser *p);

#endif /* HARNESS_SCENARIO_PARSE_H */
