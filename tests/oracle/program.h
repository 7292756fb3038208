/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random programs on a small caching unit: one that does what the architecture
 * allows is never accused, one with a defect always is.
 */
#ifndef TESTS_ORACLE_PROGRAM_H
#define TESTS_ORACLE_PROGRAM_H

#include "common.h"

struct program_command {
    uint64_t low, high;
};

struct program_unit {
    unsigned int defects;    /* numbered from 0: none */
    unsigned int programs;   /* for what is legal, of each defect */
    unsigned int patience;   /* so many programs must do to find a defect */
    unsigned int operations; /* in a program */
    /* Not all of them are: the architecture allows some. */
    bool (*is_defect)(unsigned int defect, bool variant);
    /* A new world, and a unit with empty caches. */
    void (*start)(unsigned int defect, bool variant);
    /* Something random. */
    void (*store)(void);
    void (*structure)(void);
    void (*dma)(void);
    struct program_command (*command)(void);
    void (*submit)(const struct program_command *command);
    void (*go)(void); /* what was submitted is visible, to a SYNC or WAIT */
    void (*execute)(const struct program_command *command);
    void (*complete)(void); /* of all that was submitted */
};

/* Of the program that runs. */
unsigned int random_below(unsigned int n);

void program_legal(const struct program_unit *unit, struct world *w);
void program_defects(const struct program_unit *unit, struct world *w);

#endif /* TESTS_ORACLE_PROGRAM_H */
