/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small random programs for the explorer: actors that read and write words,
 * take locks, and are observed.
 */
#ifndef TESTS_EXPLORE_TOY_H
#define TESTS_EXPLORE_TOY_H

#include <explore/coroutine.h>
#include <explore/explore.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACTORS   3u
#define LENGTH   3u
#define WORDS    3u
#define OUTCOMES 4096u

enum code {
    READ,
    WRITE,
    ADD,
    LOCK,
    UNLOCK,
    AWAIT,
    SECTION,
    EVENT,  /* what an observer sees, */
    ACCESS, /* and what he judges by what he has seen so far */
    CODES
};

/* Resources: words and their lock; the lock of what is private; the observer.
 */
#define SHARED  0u
#define PRIVATE 1u
#define LEDGER  2u

struct op {
    enum code code;
    unsigned int word;
};

struct toy;

struct toy_actor {
    struct toy *toy;
    unsigned int number;
};

/* A program, its memory, and the outcomes that its runs have had. */
struct toy {
    struct op op[ACTORS][LENGTH];
    struct sched *s;
    struct toy_actor actor[ACTORS];
    unsigned int word[WORDS], locked, inside, private, seen;
    unsigned int events, judged;
    unsigned int outcome[OUTCOMES], outcomes;
    unsigned int deadlocks;
    unsigned int stands; /* before every so manieth operation */
    struct schedule schedule;
};

/* Its words can be read; or each is named by who wrote it last. */
extern const struct explore_values toy_by_value, toy_by_writer;

/* The outcomes of all its runs, by a strategy; @values: NULL, or how states
 * are named. */
void toy_explore(struct toy *t, const struct explore_values *values,
                 const struct explore_config *config,
                 struct explore_result *result);

bool toy_has(const struct toy *t, unsigned int outcome);

/* Every third has but a few kinds of operations, which meet more often. */
void toy_random(struct toy *t, unsigned int seed);

/* Under sanitizers, where no run begins in the middle, a tenth of @count. */
static inline unsigned int programs(unsigned int count)
{
    return coroutine_can_save() ? count : count / 10;
}

#endif /* TESTS_EXPLORE_TOY_H */
