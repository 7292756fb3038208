/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of table pages: what stream tables and queues of hardware ask for. */
#include "support.h"

static int setup(void **state)
{
    return small_setup(state, P2M_SCATTERED);
}

static mfn_t take(struct small *f, struct domain *d, unsigned int order)
{
    mfn_t mfn;

    assert_int_equal(host_table_alloc_run(f->host, d, order, &mfn), 0);
    return mfn;
}

static uint64_t charged(struct small *f)
{
    struct machine_stats stats;

    machine_stats(f->m, &stats);
    return stats.charged[0];
}

static void a_run_is_aligned_to_its_size(void **state)
{
    struct small *f = *state;
    unsigned int order;

    for ( order = 0; order < 9; order++ )
    {
        take(f, NULL, 0); /* so that the next is not aligned by itself */
        assert_int_equal(mfn_x(take(f, NULL, order)) % (1u << order), 0);
    }
}

static void every_page_of_a_run_is_a_zeroed_table(void **state)
{
    struct small *f = *state;
    mfn_t single = take(f, NULL, 0), run, page;
    unsigned int i, at;

    host_table_write64(f->host, single, 0, 1);
    host_table_free(f->host, single);
    run = take(f, NULL, 3);
    for ( i = 0; i < 8; i++ )
    {
        page = mfn_add(run, i);
        for ( at = 0; at < PAGE_SIZE; at += 8 )
            assert_int_equal(host_table_read64(f->host, page, at), 0);
        host_table_write64(f->host, page, 8 * i, i + 1);
    }
    for ( i = 0; i < 8; i++ )
        assert_int_equal(host_table_read64(f->host, mfn_add(run, i), 8 * i),
                         i + 1);
    assert_int_equal(f->recorder.count, 0);
}

static void runs_do_not_overlap(void **state)
{
    struct small *f = *state;
    uint64_t first[12], size[12];
    unsigned int i, j;

    for ( i = 0; i < 12; i++ )
    {
        size[i] = UINT64_C(1) << i % 4;
        first[i] = mfn_x(take(f, NULL, i % 4));
        for ( j = 0; j < i; j++ )
            assert_true(first[i] + size[i] <= first[j] ||
                        first[j] + size[j] <= first[i]);
    }
}

/* The frames that alignment steps over are the next single pages. */
static void frames_skipped_for_alignment_are_used(void **state)
{
    struct small *f = *state;
    uint64_t before = mfn_x(take(f, NULL, 0)), run, single;
    unsigned int i, skipped;

    run = mfn_x(take(f, NULL, 6));
    skipped = (unsigned int)(run - before - 1);
    assert_true(skipped > 0 && skipped < 64);
    for ( i = 0; i < skipped; i++ )
    {
        single = mfn_x(take(f, NULL, 0));
        assert_true(single > before && single < run);
    }
    assert_true(mfn_x(take(f, NULL, 0)) >= run + 64);
}

static void the_pages_of_a_freed_run_are_used_again(void **state)
{
    struct small *f = *state;
    uint64_t run = mfn_x(take(f, NULL, 2)), single;
    unsigned int i;

    host_table_free_run(f->host, _mfn(run), 2);
    for ( i = 0; i < 4; i++ )
    {
        single = mfn_x(take(f, NULL, 0));
        assert_true(single >= run && single < run + 4);
    }
}

static void a_run_is_charged_and_given_back_whole(void **state)
{
    struct small *f = *state;
    mfn_t run = take(f, f->d, 4);

    assert_int_equal(charged(f), 16 * PAGE_SIZE);
    host_table_free_run(f->host, run, 4);
    assert_int_equal(charged(f), 0);
    take(f, NULL, 4);
    assert_int_equal(charged(f), 0); /* the host's is nobody's */
}

static void census_counts_every_page_of_a_run(void **state)
{
    struct small *f = *state;
    mfn_t run = take(f, f->d, 3);

    machine_census(f->m, f->d);
    assert_int_equal(
        recorder_violations(&f->recorder, "P9", "8 table pages left"), 1);
    host_table_free_run(f->host, run, 3);
    f->recorder.count = 0;
    machine_census(f->m, f->d);
    assert_int_equal(f->recorder.count, 0);
}

static void a_run_fails_on_demand_and_takes_nothing(void **state)
{
    struct small *f = *state;
    mfn_t mfn;

    machine_fail(f->m, FAIL_TABLE_ALLOC, 2);
    take(f, f->d, 0);
    assert_int_equal(host_table_alloc_run(f->host, f->d, 2, &mfn),
                     -XEN_ENOMEM);
    assert_int_equal(charged(f), PAGE_SIZE);
    take(f, f->d, 2);
}

static void a_run_that_does_not_fit_is_refused(void **state)
{
    struct small *f = *state;
    mfn_t mfn;

    assert_int_equal(host_table_alloc_run(f->host, f->d, 60, &mfn),
                     -XEN_ENOMEM);
    assert_int_equal(charged(f), 0);
    take(f, f->d, 0);
}

static void a_page_of_a_freed_run_is_no_table(void **state)
{
    struct small *f = *state;
    mfn_t run = take(f, NULL, 1);

    host_table_free_run(f->host, run, 1);
    host_table_write64(f->host, mfn_add(run, 1), 0, 1);
    assert_int_equal(
        recorder_violations(&f->recorder, "P9", "allocated table"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, small_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_is_aligned_to_its_size),
        TEST(every_page_of_a_run_is_a_zeroed_table),
        TEST(runs_do_not_overlap),
        TEST(frames_skipped_for_alignment_are_used),
        TEST(the_pages_of_a_freed_run_are_used_again),
        TEST(a_run_is_charged_and_given_back_whole),
        TEST(census_counts_every_page_of_a_run),
        TEST(a_run_fails_on_demand_and_takes_nothing),
        TEST(a_run_that_does_not_fit_is_refused),
        TEST(a_page_of_a_freed_run_is_no_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
