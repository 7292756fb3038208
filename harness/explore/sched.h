/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run: actors, each a coroutine, of which one at a time makes a step -
 * from one yield to the next - as somebody chooses.
 *
 * An actor is enabled unless it has finished, what it stands at says that it
 * can't go on yet, or it waits for a change.  The run ends when no actor is
 * enabled: well if all that are not daemons have finished, else in a deadlock.
 */
#ifndef HARNESS_EXPLORE_SCHED_H
#define HARNESS_EXPLORE_SCHED_H

#include <explore/footprint.h>
#include <explore/image.h>

#define SCHED_MAX_ACTORS 26
#define SCHED_NAME       24

struct sched;
struct past;

/* The lowest actor of a mask, which loses it; there must be one. */
static inline unsigned int sched_take(uint32_t *mask)
{
    unsigned int lowest = (unsigned int)__builtin_ctz(*mask);

    *mask &= *mask - 1;
    return lowest;
}

enum sched_end {
    SCHED_DONE,
    SCHED_DEADLOCK, /* somebody never goes on */
    SCHED_LIVELOCK, /* all that are left look at the same again and again */
    SCHED_CUT,      /* more steps than were allowed */
    SCHED_LEFT,     /* whoever chooses did not want to see the rest */
};

struct sched_config {
    /*
     * Which of @enabled (a mask) makes the next step; negative: leave.  Called
     * also where only one is enabled.
     */
    int (*choose)(void *context, struct sched *s, uint32_t enabled);
    /* It has made it. */
    void (*stepped)(void *context, struct sched *s, unsigned int actor,
                    const struct footprint *footprint);
    void *context;
    /* Just before and just after an actor's step; may touch. */
    void (*enter)(void *world, unsigned int actor);
    void (*leave)(void *world, unsigned int actor);
    void *world;
    /* Resources (1 << number) whose writes are no news to who waits: locks. */
    uint32_t weak;
    unsigned int most_steps;
    struct past *past; /* of what actors come to know, or NULL */
};

struct sched *sched_create(const struct sched_config *config);
void sched_destroy(struct sched *s);

/* ---- a run ---- */

/* Forget all actors; their stacks are kept for the next. */
void sched_reset(struct sched *s);

struct sched_actor {
    char name[SCHED_NAME];
    void (*run)(void *argument);
    void *argument;
    bool daemon;
    /* Of @argument: does not begin before it says so; or NULL. */
    bool (*until)(const void *argument);
};

/*
 * Numbers count from 0.  From inside a step: as a consequence of it, with a
 * number of its own from @least on; -1: there are too many.
 */
int sched_add(struct sched *s, const struct sched_actor *actor,
              unsigned int least);
enum sched_end sched_run(struct sched *s);

/*
 * Between two steps: where all actors are, into @image.  When that has been
 * put back sched_run() goes on from here.  See coroutine_can_save().
 */
void sched_save(struct sched *s, struct image *image);

/* ---- from inside ---- */

unsigned int sched_current(const struct sched *s);

/*
 * @where: what the next step is about to touch.  @until, if not NULL: not
 * before it says so; @on: what that depends on, if it is but one thing, or
 * NULL.
 */
void sched_pause(struct sched *s, const char *where,
                 bool (*until)(const void *what), const void *what,
                 const struct touch *on);

/* Not before another actor has changed what was touched since the last time:
 * until then one would see the same again. */
void sched_wait(struct sched *s, const char *where);

/* What is looked at from here on is what a following wait waits for: nothing
 * before decides whether it goes on. */
void sched_look(struct sched *s);

/* A turn of a loop is over that began with sched_look() and remembers nothing
 * of its turns: before a wait. */
void sched_turn(struct sched *s);

/* Nothing of what has been read so far matters any more, but @place. */
void sched_stand(struct sched *s, uint64_t place);

/* What is waited for has happened: what follows is something new. */
void sched_progress(struct sched *s);

void sched_touch(struct sched *s, const struct touch *touch);

/* Let a new actor run until its first yield, as a part of the present step.
 * False: there are too many, and nothing has run. */
bool sched_spawn(struct sched *s, const struct sched_actor *actor,
                 unsigned int least);

/* ---- for whoever watches ---- */

const char *sched_name(const struct sched *s, unsigned int actor);
const char *sched_where(const struct sched *s, unsigned int actor);
unsigned int sched_steps(const struct sched *s);
/* All, but daemons that have finished, as a mask. */
uint32_t sched_used(const struct sched *s);
/* Those that can go on, as a mask. */
uint32_t sched_enabled(const struct sched *s);
/* What it depends on that one of them goes on. */
void sched_awaited(const struct sched *s, unsigned int actor,
                   struct footprint *footprint);
/* Those that have neither finished nor can go on, as a mask. */
uint32_t sched_stuck(const struct sched *s);

/* How it stands there: what wakes it.  True: it has ended. */
bool sched_standing(const struct sched *s, unsigned int actor,
                    uint64_t hash[2]);

/* Did nobody go on but those that looked again without a reason? */
bool sched_looked(const struct sched *s);

#endif /* HARNESS_EXPLORE_SCHED_H */
