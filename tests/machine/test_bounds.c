/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P7 and P9: budgets, locks, deferred work, census, failures on demand. */
#include "support.h"

#include <machine/interleave.h>

static int setup(void **state)
{
    return small_setup(state, P2M_CONTIGUOUS);
}

/* ---- census ---- */

static void assert_census(struct small *f, const char *kind)
{
    f->recorder.count = 0;
    machine_census(f->m, f->d);
    assert_int_equal(f->recorder.count, kind ? 1 : 0);
    if ( kind )
        assert_int_equal(recorder_violations(&f->recorder, "P9", kind), 1);
}

static void census_is_silent_when_all_was_given_back(void **state)
{
    struct small *f = *state;
    struct host_p2m_entry run;
    mfn_t mfn;

    host_p2m_get(f->d, _gfn(0x200), 9, &run);
    host_p2m_put(f->d, run.mfn, run.order);
    host_free(f->host, host_zalloc(f->host, f->d, 10));
    host_table_alloc(f->host, f->d, &mfn);
    host_table_free(f->host, mfn);
    assert_census(f, NULL);
}

static void census_finds_a_page_reference(void **state)
{
    struct small *f = *state;
    struct host_p2m_entry run;

    host_p2m_get(f->d, _gfn(0x200), 9, &run);
    host_p2m_get(f->d, _gfn(0x200), 9, &run);
    host_p2m_put(f->d, run.mfn, run.order);
    assert_census(f, "1 page references left");
    assert_int_equal(recorder_violations(&f->recorder, "P9", "order 9"), 1);
}

static void census_finds_a_table_page(void **state)
{
    struct small *f = *state;
    mfn_t mfn;

    host_table_alloc(f->host, f->d, &mfn);
    assert_census(f, "1 table pages left");
}

static void census_finds_an_allocation(void **state)
{
    struct small *f = *state;

    assert_non_null(host_zalloc(f->host, f->d, 24));
    assert_census(f, "1 allocations left");
}

static void census_finds_a_held_lock(void **state)
{
    struct small *f = *state;
    struct host_lock lock;

    host_lock_init(&lock, "test");
    host_lock(f->host, &lock);
    assert_census(f, "'test' is held");
}

static void census_of_all_includes_the_host(void **state)
{
    struct small *f = *state;

    assert_non_null(host_zalloc(f->host, NULL, 24));
    assert_census(f, NULL);
    machine_census(f->m, NULL);
    assert_int_equal(recorder_violations(&f->recorder, "P9", "host: 1 alloc"),
                     1);
}

static void a_reference_that_is_not_held_cannot_be_dropped(void **state)
{
    struct small *f = *state;
    struct host_p2m_entry run;

    host_p2m_get(f->d, _gfn(0x200), 9, &run);
    host_p2m_put(f->d, run.mfn, 0);
    assert_int_equal(recorder_violations(&f->recorder, "P9", "not held"), 1);
}

static void a_double_free_is_reported(void **state)
{
    struct small *f = *state;
    void *p = host_zalloc(f->host, f->d, 24);

    host_free(f->host, p);
    host_free(f->host, p);
    assert_int_equal(recorder_violations(&f->recorder, "P9", "freed twice"),
                     1);
}

static void a_write_beyond_an_allocation_is_reported(void **state)
{
    struct small *f = *state;
    char *p = host_zalloc(f->host, f->d, 24);

    p[24] = 1;
    host_free(f->host, p);
    assert_int_equal(recorder_violations(&f->recorder, "P9", "beyond an"), 1);
}

static void allocations_are_zeroed_aligned_and_poisoned_when_freed(
    void **state)
{
    struct small *f = *state;
    unsigned char *p = host_zalloc(f->host, f->d, 1000), *q;
    unsigned int i;

    assert_int_equal((uintptr_t)p % 16, 0);
    memset(p, 1, 1000);
    host_free(f->host, p);
    assert_int_equal(p[500], 0xdb);
    q = host_zalloc(f->host, f->d, 999);
    for ( i = 0; i < 999; i++ )
        assert_int_equal(q[i], 0);
}

static void charges_follow_the_domain(void **state)
{
    struct small *f = *state;
    void *p = host_zalloc(f->host, f->d, 1000);
    struct machine_stats stats;
    mfn_t mfn;

    host_table_alloc(f->host, f->d, &mfn);
    machine_stats(f->m, &stats);
    assert_int_equal(stats.charged[0], 5096);
    host_free(f->host, p);
    host_table_free(f->host, mfn);
    machine_stats(f->m, &stats);
    assert_int_equal(stats.charged[0], 0);
    assert_int_equal(stats.most_charged[0], 5096);
}

static void memory_beyond_the_limit_breaks_p7_once(void **state)
{
    struct small *f = *state;
    unsigned int i;

    for ( i = 0; i < 66; i++ )
        assert_non_null(host_zalloc(f->host, f->d, MIB));
    assert_int_equal(recorder_violations(&f->recorder, "P7", "is charged"), 1);
}

/* ---- failures ---- */

static int call_zalloc(struct small *f)
{
    void *p = host_zalloc(f->host, f->d, 8);

    host_free(f->host, p);
    return p ? 0 : -XEN_ENOMEM;
}

static int call_table(struct small *f)
{
    mfn_t mfn;

    return host_table_alloc(f->host, f->d, &mfn);
}

static int call_p2m(struct small *f)
{
    struct host_p2m_entry entry;

    return host_p2m_get(f->d, _gfn(1), 0, &entry);
}

static int call_read(struct small *f)
{
    uint64_t value;

    return host_guest_read64(f->d, 0x1000, &value);
}

static int call_write(struct small *f)
{
    return host_guest_write32(f->d, 0x1000, 1);
}

static void the_kth_call_fails_and_no_other(void **state)
{
    static const struct {
        enum failure failure;
        int (*call)(struct small *f);
        int error;
    } rows[] = {
        { FAIL_ALLOC, call_zalloc, -XEN_ENOMEM },
        { FAIL_TABLE_ALLOC, call_table, -XEN_ENOMEM },
        { FAIL_P2M_GET, call_p2m, -XEN_ENOMEM },
        { FAIL_GUEST_READ, call_read, -XEN_EFAULT },
        { FAIL_GUEST_WRITE, call_write, -XEN_EFAULT },
    };
    struct small *f = *state;
    unsigned int i, k, n;

    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
        for ( k = 1; k <= 3; k++ )
        {
            machine_fail(f->m, rows[i].failure, k);
            for ( n = 1; n <= 4; n++ )
                assert_int_equal(rows[i].call(f), n == k ? rows[i].error : 0);
        }
    machine_fail(f->m, FAIL_ALLOC, 1);
    machine_fail(f->m, FAIL_ALLOC, 0);
    assert_int_equal(call_zalloc(f), 0);
}

/* ---- budgets ---- */

static void preempt_check_says_so_when_the_budget_is_used(void **state)
{
    struct small *f = *state;
    unsigned int i, budget = machine_config(f->m)->budget;

    assert_false(host_preempt_check(f->host)); /* outside any entry */
    machine_enter(f->m, "test");
    for ( i = 1; i < budget; i++ )
        assert_false(host_preempt_check(f->host));
    assert_true(host_preempt_check(f->host));
    machine_leave(f->m);

    machine_enter(f->m, "test");
    assert_false(host_preempt_check(f->host));
    machine_leave(f->m);
}

static void more_than_the_hard_budget_in_one_entry_breaks_p7(void **state)
{
    struct small *f = *state;
    unsigned int i, hard = machine_config(f->m)->hard_budget;
    struct machine_stats stats;

    machine_enter(f->m, "test");
    for ( i = 0; i < hard; i++ )
        call_write(f);
    machine_leave(f->m);
    assert_int_equal(recorder_violations(&f->recorder, "P7", ""), 0);

    machine_enter(f->m, "test");
    for ( i = 0; i < hard + 1; i++ )
        host_preempt_check(f->host);
    machine_leave(f->m);
    assert_int_equal(recorder_violations(&f->recorder, "P7", "test:"), 1);
    machine_stats(f->m, &stats);
    assert_int_equal(stats.most_calls_in_an_entry, hard + 1);
}

static void endless_relaxing_breaks_p7_and_returns(void **state)
{
    struct small *f = *state;
    unsigned int i;

    machine_enter(f->m, "test");
    for ( i = 0; i < 200000; i++ )
        host_relax(f->host);
    assert_int_equal(recorder_violations(&f->recorder, "P7", "waits"), 1);
    machine_leave(f->m);
}

/* ---- locks ---- */

static void taking_a_held_lock_breaks_p7(void **state)
{
    struct small *f = *state;
    struct host_lock lock;

    host_lock_init(&lock, "test");
    host_lock(f->host, &lock);
    host_lock(f->host, &lock);
    assert_int_equal(recorder_violations(&f->recorder, "P7", "deadlock"), 1);
}

static void leaving_with_a_lock_breaks_p7(void **state)
{
    struct small *f = *state;
    struct host_lock a, b;

    host_lock_init(&a, "first");
    host_lock_init(&b, "second");
    machine_enter(f->m, "test");
    host_lock(f->host, &a);
    host_lock(f->host, &b);
    host_unlock(f->host, &a);
    machine_leave(f->m);
    assert_int_equal(
        recorder_violations(&f->recorder, "P7", "'second' is held"), 1);
}

static void unlocking_a_free_lock_breaks_p7(void **state)
{
    struct small *f = *state;
    struct host_lock lock;

    host_lock_init(&lock, "test");
    host_unlock(f->host, &lock);
    assert_int_equal(recorder_violations(&f->recorder, "P7", "not held"), 1);
}

/* ---- deferred work ---- */

struct job {
    struct host_work work;
    struct host *host;
    unsigned int runs, again;
};

static void run_job(struct host_work *work)
{
    struct job *job = container_of(work, struct job, work);

    job->runs++;
    if ( job->again )
    {
        job->again--;
        host_work_schedule(job->host, work);
    }
}

static struct job make_job(struct small *f, unsigned int again)
{
    return (struct job) { .work = { .fn = run_job },
                          .host = f->host,
                          .again = again };
}

static void work_runs_once_per_schedule_in_order(void **state)
{
    struct small *f = *state;
    struct job a = make_job(f, 0), b = make_job(f, 0);

    host_work_schedule(f->host, &a.work);
    host_work_schedule(f->host, &b.work);
    host_work_schedule(f->host, &a.work);
    assert_true(machine_run_one(f->m));
    assert_int_equal(a.runs, 1);
    assert_int_equal(b.runs, 0);
    assert_true(machine_run_one(f->m));
    assert_int_equal(b.runs, 1);
    assert_false(machine_run_one(f->m));
}

static void cancelled_work_does_not_run(void **state)
{
    struct small *f = *state;
    struct job job[3];
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        job[i] = make_job(f, 0);
        host_work_schedule(f->host, &job[i].work);
    }
    host_work_cancel(f->host, &job[2].work);
    host_work_cancel(f->host, &job[0].work);
    host_work_schedule(f->host, &job[2].work);
    assert_true(machine_run_until_idle(f->m, 10));
    assert_int_equal(job[0].runs, 0);
    assert_int_equal(job[1].runs, 1);
    assert_int_equal(job[2].runs, 1);
}

/* Whoever explores runs items by their numbers: two would run it twice. */
static void work_has_one_number(void **state)
{
    struct small *f = *state;
    struct job a = make_job(f, 0), b = make_job(f, 0);
    unsigned int i, waits = 0;

    host_work_schedule(f->host, &a.work);
    host_work_schedule(f->host, &b.work);
    host_work_cancel(f->host, &a.work);
    assert_true(machine_run_one(f->m));
    host_work_schedule(f->host, &b.work);
    for ( i = 0; i < MACHINE_MAX_WORKS; i++ )
        waits += machine_work_waits(f->m, i);
    assert_int_equal(waits, 1);
}

static void work_that_never_ends_is_noticed(void **state)
{
    struct small *f = *state;
    struct job job = make_job(f, 1000);

    host_work_schedule(f->host, &job.work);
    assert_false(machine_run_until_idle(f->m, 100));
    assert_true(machine_run_until_idle(f->m, 1000));
    assert_int_equal(job.runs, 1001);
}

static void rewrite(void *context, const char *where)
{
    struct small *f = context;

    if ( !strcmp(where, "guest_read64") )
        domain_write64(f->d, WRITER_VCPU, 0x1000,
                       (uint64_t)f->recorder.count + 100);
}

static void others_can_act_between_two_reads(void **state)
{
    struct small *f = *state;
    uint64_t a, b;

    machine_on_switch(f->m, rewrite, f);
    assert_int_equal(host_guest_read64(f->d, 0x1000, &a), 0);
    assert_int_equal(host_guest_read64(f->d, 0x1000, &b), 0);
    assert_int_not_equal(a, b);
}

static void store_next_word(void *context, const char *where)
{
    struct small *f = context;
    uint64_t n = f->recorder.count;

    if ( !strcmp(where, "guest_read") )
        domain_write64(f->d, WRITER_VCPU, 0x1000 + 8 * (n % 8), n + 100);
}

/* A read of a line is one call, and no safer than reads of its words. */
static void others_can_act_between_the_words_of_a_read(void **state)
{
    struct small *f = *state;
    struct machine_stats before, after;
    uint64_t line[8], first = f->recorder.count;

    machine_stats(f->m, &before);
    machine_on_switch(f->m, store_next_word, f);
    assert_int_equal(host_guest_read(f->d, 0x1000, line, sizeof(line)), 0);
    machine_on_switch(f->m, NULL, NULL);
    machine_stats(f->m, &after);
    assert_int_equal(f->recorder.count, first + 8);
    assert_int_equal(after.host_calls, before.host_calls + 1);
    for ( unsigned int i = 0; i < 8; i++ )
        if ( (first + i) % 8 <= i )
            assert_int_equal(line[(first + i) % 8], first + i + 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, small_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(census_is_silent_when_all_was_given_back),
        TEST(census_finds_a_page_reference),
        TEST(census_finds_a_table_page),
        TEST(census_finds_an_allocation),
        TEST(census_finds_a_held_lock),
        TEST(census_of_all_includes_the_host),
        TEST(a_reference_that_is_not_held_cannot_be_dropped),
        TEST(a_double_free_is_reported),
        TEST(a_write_beyond_an_allocation_is_reported),
        TEST(allocations_are_zeroed_aligned_and_poisoned_when_freed),
        TEST(charges_follow_the_domain),
        TEST(memory_beyond_the_limit_breaks_p7_once),
        TEST(the_kth_call_fails_and_no_other),
        TEST(preempt_check_says_so_when_the_budget_is_used),
        TEST(more_than_the_hard_budget_in_one_entry_breaks_p7),
        TEST(endless_relaxing_breaks_p7_and_returns),
        TEST(taking_a_held_lock_breaks_p7),
        TEST(leaving_with_a_lock_breaks_p7),
        TEST(unlocking_a_free_lock_breaks_p7),
        TEST(work_runs_once_per_schedule_in_order),
        TEST(cancelled_work_does_not_run),
        TEST(work_has_one_number),
        TEST(work_that_never_ends_is_noticed),
        TEST(others_can_act_between_two_reads),
        TEST(others_can_act_between_the_words_of_a_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
