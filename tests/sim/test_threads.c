/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several threads of software on the platform. */
#include "rig.h"

#define SLICES 100u
#define SLICE  50u /* cycles */

/* Threads that compute, until @left is 0. */
struct busy {
    struct platform *platform;
    unsigned int left;
    uint64_t ended; /* the last one */
};

static void compute(void *argument)
{
    struct busy *busy = argument;

    for ( unsigned int i = 0; i < SLICES; i++ )
        platform_spend(busy->platform, SLICE);
    busy->left--;
    busy->ended = platform_now(busy->platform);
    platform_notify(busy->platform);
}

static bool all_ended(void *context)
{
    const struct busy *busy = context;

    return !busy->left;
}

#define THREADS 4u

static void compute_at_once(struct platform *p, struct rig *rig)
{
    struct busy busy = { p, THREADS, 0 };

    for ( unsigned int i = 1; i <= THREADS; i++ )
        platform_spawn(p, i, "busy", compute, &busy);
    platform_wait(p, all_ended, &busy);
    rig->value[0] = busy.ended;
}

static uint64_t cycles_with(unsigned int processors)
{
    struct rig rig;

    rig_default(&rig);
    rig.requests = 1;
    rig.timing.cpu_processors = processors;
    rig.program = compute_at_once;
    rig_run(&rig);
    return rig.value[0];
}

static void threads_share_the_processors(void **state)
{
    (void)state;
    assert_int_equal(cycles_with(1), THREADS * SLICES * SLICE);
    assert_int_equal(cycles_with(2), THREADS * SLICES * SLICE / 2);
    assert_int_equal(cycles_with(THREADS), SLICES * SLICE);
    assert_int_equal(cycles_with(THREADS + 1), SLICES * SLICE);
}

/* ---- posted writes ---- */

/* VT-d 11.4.5: global, register based. */
#define CCMD        0x28u
#define CCMD_GLOBAL (UINT64_C(1) << 63 | UINT64_C(1) << 61)

static void invalidate(void *argument)
{
    struct busy *busy = argument;

    platform_register_write(busy->platform, 0, CCMD, 8, CCMD_GLOBAL);
    busy->left--;
    busy->ended = platform_now(busy->platform);
    platform_notify(busy->platform);
}

static void post_one(struct platform *p, struct rig *rig)
{
    struct busy busy = { p, 1, 0 };

    platform_post(p, 1, "write", invalidate, &busy);
    rig->value[0] = platform_now(p);
    rig->value[1] = platform_register_peek(p, 0, CCMD, 8) >> 63;
    platform_wait(p, all_ended, &busy);
    rig->value[2] = busy.ended;
    rig->value[3] = platform_register_peek(p, 0, CCMD, 8) >> 63;
}

static void a_posted_write_is_at_the_unit_before_its_work_is_done(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.requests = 1;
    rig.program = post_one;
    rig_run(&rig);
    assert_in_range(rig.value[0], rig.timing.cpu_register, 1000);
    assert_int_equal(rig.value[1], 1);
    assert_true(rig.value[2] >=
                rig.value[0] + rig.timing.costs.cycles[COST_INVALIDATE]);
    assert_int_equal(rig.value[3], 0);
}

/* ---- waiting ---- */

struct flag {
    struct platform *platform;
    bool set;
};

static bool is_set(void *context)
{
    return ((const struct flag *)context)->set;
}

static void set_it(void *argument)
{
    struct flag *flag = argument;

    platform_spend(flag->platform, 777);
    flag->set = true;
    platform_notify(flag->platform);
}

static void wait_for_it(struct platform *p, struct rig *rig)
{
    struct flag flag = { p, false };

    platform_spawn(p, 1, "other", set_it, &flag);
    platform_wait(p, is_set, &flag);
    rig->value[0] = platform_now(p);
}

static void who_waits_goes_on_when_the_other_has_done_it(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.requests = 1;
    rig.program = wait_for_it;
    rig_run(&rig);
    assert_int_equal(rig.value[0], 777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_the_processors),
        cmocka_unit_test(
            a_posted_write_is_at_the_unit_before_its_work_is_done),
        cmocka_unit_test(who_waits_goes_on_when_the_other_has_done_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
