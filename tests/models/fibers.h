/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A few coroutines and all their interleavings.  A run is decided by a string
 * of choices, one where more than one fiber can go on; the next run replays
 * it from the start with the last choice that has an alternative changed.
 */
#ifndef TESTS_MODELS_FIBERS_H
#define TESTS_MODELS_FIBERS_H

#include <stdbool.h>

#define FIBERS_MAX  4u
#define CHOICES_MAX 256u

struct choices {
    unsigned char taken[CHOICES_MAX], options[CHOICES_MAX];
    unsigned int length;
};

/* False: there is no other string. */
bool choices_next(struct choices *choices);

struct fibers;
typedef void fiber_fn(void *argument);

struct fibers *fibers_create(void);
void fibers_destroy(struct fibers *fibers);

/*
 * Run @count functions to their ends, by @choices where it says something and
 * the first possible fiber beyond; @choices becomes the string of this run.
 * False: all that are left wait for each other.
 */
bool fibers_run(struct fibers *fibers, fiber_fn *const *functions,
                unsigned int count, void *argument, struct choices *choices);

/* Called by a fiber: somebody may go on.  @waits: it makes no sense to come
 * back before another one has done something. */
void fibers_yield(struct fibers *fibers, bool waits);

/* Is a fiber running (and may yield)? */
bool fibers_inside(const struct fibers *fibers);

#endif /* TESTS_MODELS_FIBERS_H */
