/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scheduler itself: who waits, and who is spawned. */
#include <explore/explore.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct waiting {
    struct sched *s;
    unsigned int word;
};

static void touch_word(struct waiting *w, bool write)
{
    sched_touch(w->s, &(struct touch) { 0, write, 0, 0 });
}

/* In one step it begins to look and looks; only in another it waits. */
static void wait_for_word(void *argument)
{
    struct waiting *w = argument;
    bool set;

    do
    {
        sched_pause(w->s, "look", NULL, NULL, NULL);
        sched_look(w->s);
        touch_word(w, false);
        set = w->word;
        sched_pause(w->s, "decide", NULL, NULL, NULL);
        if ( !set )
            sched_wait(w->s, "wait");
    } while ( !set );
}

static void set_word(void *argument)
{
    struct waiting *w = argument;

    sched_pause(w->s, "set", NULL, NULL, NULL);
    touch_word(w, true);
    w->word = 1;
}

static void nothing(void *context, unsigned int actor)
{
    (void)context;
    (void)actor;
}

static void begin_waiting(void *context, struct sched *s)
{
    struct waiting *w = context;

    *w = (struct waiting) { .s = s };
    sched_add(s,
              &(struct sched_actor) {
                  .name = "waits", .run = wait_for_word, .argument = w },
              0);
    sched_add(s,
              &(struct sched_actor) {
                  .name = "sets", .run = set_word, .argument = w },
              0);
}

static bool end_waiting(void *context, struct sched *s, enum sched_end end)
{
    (void)context;
    (void)s;
    assert_int_equal(end, SCHED_DONE);
    return false;
}

static void a_change_between_look_and_wait_is_noticed(void **state)
{
    static struct waiting w;
    const struct explore_system system = { .begin = begin_waiting,
                                           .end = end_waiting,
                                           .enter = nothing,
                                           .leave = nothing,
                                           .context = &w };
    const struct explore_config config = { .strategy = EXPLORE_PLAIN,
                                           .preemptions = EXPLORE_NO_LIMIT,
                                           .runs = 10000,
                                           .steps = 1000 };
    struct explore_result result;

    (void)state;
    explore(&system, &config, &result);
    assert_true(result.schedules > 1);
    assert_int_equal(result.looked, 0);
    assert_true(explore_is_exhaustive(&config, &result));
}

/* ---- spawning ---- */

struct family {
    struct sched *s;
    unsigned int born, refused, ran;
};

static void child(void *argument)
{
    struct family *f = argument;

    f->ran++;
    sched_pause(f->s, "born", NULL, NULL, NULL);
}

static void parent(void *argument)
{
    struct family *f = argument;

    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS + 3; i++ )
    {
        const struct sched_actor actor = {
            .name = "child", .run = child, .argument = f, .daemon = true
        };

        if ( sched_spawn(f->s, &actor, 1) )
            f->born++;
        else
            f->refused++;
    }
}

static void begin_family(void *context, struct sched *s)
{
    struct family *f = context;

    *f = (struct family) { .s = s };
    sched_add(s,
              &(struct sched_actor) {
                  .name = "parent", .run = parent, .argument = f },
              0);
}

static bool end_family(void *context, struct sched *s, enum sched_end end)
{
    (void)context;
    (void)s;
    assert_int_equal(end, SCHED_DONE);
    return true;
}

static void of_too_many_actors_those_that_find_no_place_do_not_run(
    void **state)
{
    static struct family f;
    const struct explore_system system = { .begin = begin_family,
                                           .end = end_family,
                                           .enter = nothing,
                                           .leave = nothing,
                                           .context = &f };
    const struct explore_config config = { .strategy = EXPLORE_RANDOM,
                                           .runs = 1,
                                           .steps = 1000 };
    struct explore_result result;

    (void)state;
    explore(&system, &config, &result);
    assert_int_equal(f.born, SCHED_MAX_ACTORS - 1);
    assert_int_equal(f.ran, f.born);
    assert_int_equal(f.refused, 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_between_look_and_wait_is_noticed),
        cmocka_unit_test(
            of_too_many_actors_those_that_find_no_place_do_not_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
