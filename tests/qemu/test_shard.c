/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workers that come to a bad end. */

#include "support.h"

#include <qemu/shard.h>

#include <stdlib.h>
#include <unistd.h>

static unsigned int crash(const struct operation *op)
{
    (void)op;
    _exit(7);
}

static unsigned int hang(const struct operation *op)
{
    (void)op;
    while ( !pause() )
        ;
    return REACHES_NOT;
}

static void run(struct diff_outcome *outcome,
                unsigned int (*reaches)(const struct operation *op))
{
    struct diff_arch arch = diff_vtd;
    char version[64];

    if ( !qemu_version(qemu_x86.program, version, sizeof(version)) )
        skip();
    arch.reaches = reaches;
    diff_run(&(struct diff_job) { .arch = &arch,
                                  .program = qemu_x86.program,
                                  .version = version,
                                  .cases = 3,
                                  .seed = 5,
                                  .jobs = 2,
                                  .endless = 1 },
             outcome);
}

static void check(const struct diff_outcome *outcome, const char *how)
{
    assert_int_equal(outcome->findings, 3);
    assert_int_equal(outcome->figures.disagreements, 3);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        const struct diff_finding *f = &outcome->finding[i];

        assert_int_equal(f->result.verdict, VERDICT_DIED);
        assert_in_range(f->seed, 5, 7);
        assert_non_null(strstr(f->result.message, how));
    }
}

static void each_crash_of_ours_is_a_finding_with_its_seed(void **state)
{
    struct diff_outcome outcome;

    (void)state;
    run(&outcome, crash);
    check(&outcome, "died of it");
}

static void a_program_that_never_ends_is_a_finding(void **state)
{
    struct diff_outcome outcome;

    (void)state;
    run(&outcome, hang);
    check(&outcome, "does not end within 1 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_crash_of_ours_is_a_finding_with_its_seed),
        cmocka_unit_test(a_program_that_never_ends_is_a_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
