/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The explorer: how fast it runs a litmus test in all its orders, how large
 * the tree of choices is, and what reduction spares.  docs/explorer.md.
 */

#include <bench.h>

#include <scenario/litmus.h>

/* Orders of plain enumeration that are counted, at most. */
#define MOST_ORDERS 20000

/* The first case of the file, in its first way. */
static bool run(const struct bench *bench, enum explore_strategy strategy,
                struct litmus_result *result)
{
    const struct litmus_config config = { .strategy = strategy,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .runs = MOST_ORDERS,
                                          .all = true };
    struct program_list list;
    struct case_ways ways;
    bool ok = bench_read(bench, &list);

    *result = (struct litmus_result) { 0 };
    if ( ok )
    {
        case_ways(list.program[0], 0, false, UINT32_MAX, 1, &ways);
        ok = litmus_explore(list.program[0], &ways.way[0], &config, result);
    }
    program_list_free(&list);
    return ok;
}

/* Of exploring alone: reading the file, making the world and its setup, which
 * is done once, are left out. */
double bench_explore(const struct bench *bench, double seconds)
{
    double start = cpu_seconds(), exploring = 0;
    uint64_t schedules = 0;
    bool ok = true;

    while ( ok && cpu_seconds() - start < seconds )
    {
        struct litmus_result result;

        ok = run(bench, EXPLORE_EXHAUSTIVE, &result) && result.exhaustive;
        schedules += result.explored.schedules;
        exploring += result.exploring;
        litmus_result_free(&result);
    }
    return ok ? (double)schedules / exploring : -1;
}

/* The same each time: a change is one of the reduction, or of the program. */
double bench_explore_states(const struct bench *bench, double seconds)
{
    struct litmus_result result;
    bool ok = run(bench, EXPLORE_EXHAUSTIVE, &result) && result.exhaustive;

    (void)seconds;
    litmus_result_free(&result);
    return ok ? (double)result.explored.states : -1;
}

/* Orders for each class.  The orders must all be known, unless @capped: then
 * there are MOST_ORDERS at least, and none of the tree was left out. */
double bench_explore_reduction(const struct bench *bench, double seconds)
{
    struct litmus_result reduced, plain;
    bool ok = run(bench, EXPLORE_EXHAUSTIVE, &reduced) && reduced.exhaustive;

    (void)seconds;
    ok = run(bench, EXPLORE_PLAIN, &plain) && ok;
    if ( bench->capped )
        ok = ok && plain.explored.schedules == MOST_ORDERS;
    else
        ok = ok && plain.exhaustive;
    litmus_result_free(&reduced);
    litmus_result_free(&plain);
    return ok ? (double)plain.explored.schedules /
                    (double)reduced.explored.schedules :
                -1;
}
