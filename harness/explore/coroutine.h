/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coroutines on one thread: each actor of a run is one.  A switch costs some
 * nanoseconds; stacks are mapped with a guard page below.  The sanitizers are
 * told about every switch.
 */
#ifndef HARNESS_EXPLORE_COROUTINE_H
#define HARNESS_EXPLORE_COROUTINE_H

#include <explore/image.h>

#include <stdbool.h>

struct coroutine;

#define COROUTINE_STACK (256 * 1024) /* bytes, a good default */

/* Not started.  NULL: no memory.  @self is to be given to coroutine_yield. */
struct coroutine *coroutine_create(void (*fn)(struct coroutine *self,
                                              void *argument),
                                   void *argument, size_t stack);

/*
 * Run it until it yields or returns; true: it can be resumed again.  Not from
 * inside itself.  Coroutines may resume others (nested).
 */
bool coroutine_resume(struct coroutine *co);

/* From inside @co: back to whoever has resumed it. */
void coroutine_yield(struct coroutine *co);

bool coroutine_finished(const struct coroutine *co);

/* Start from the beginning at the next resume; what the old run had on its
 * stack is forgotten. */
void coroutine_restart(struct coroutine *co);

/*
 * What it is now, its stack included, into @image: when that has been put back
 * it goes on from here.  Not from inside itself.  The sanitizers follow a
 * stack by its switches, and would be led astray: with them it can't be done.
 */
bool coroutine_can_save(void);
void coroutine_save(struct coroutine *co, struct image *image);

/* Need not have finished. */
void coroutine_destroy(struct coroutine *co);

#endif /* HARNESS_EXPLORE_COROUTINE_H */
