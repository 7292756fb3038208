/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counterexamples made small: fewest operations, then fewest switches. */

#include <scenario/litmus.h>

#include <stdlib.h>
#include <string.h>

/* Schedules that one attempt may take. */
#define ATTEMPT   5000
#define MOST_TURN 5 /* preemptions that are tried one after another */

/* The same kind of thing, reached by the same line? */
static bool same(const struct litmus_result *a, const struct litmus_result *b)
{
    return b->found && a->verdict == b->verdict &&
           !strcmp(a->finding.property, b->finding.property) &&
           a->finding.expectation == b->finding.expectation;
}

/* Was it found because the program asks for it? */
static bool asked(const struct program *program,
                  const struct litmus_result *found)
{
    return program->litmus.verdict[found->verdict].allow;
}

/* *schedule: the order in which @program comes to the same; or false. */
static bool attempt(const struct program *program,
                    const struct world_config *way,
                    const struct litmus_config *config,
                    const struct litmus_result *found, char **schedule)
{
    struct litmus_result result;
    bool ok = litmus_explore(program, way, config, &result) &&
              same(found, &result);

    *schedule = ok ? strdup(result.schedule) : NULL;
    litmus_result_free(&result);
    return ok;
}

char *litmus_fewest_switches(const struct program *program,
                             const struct world_config *way,
                             const struct litmus_result *found)
{
    struct litmus_config config = { .strategy = EXPLORE_MATCHED,
                                    .runs = ATTEMPT,
                                    .allow_counts = asked(program, found) };
    char *schedule;

    for ( config.preemptions = 0; config.preemptions <= MOST_TURN;
          config.preemptions++ )
        if ( attempt(program, way, &config, found, &schedule) )
            return schedule;
    return strdup(found->schedule);
}

/* Without operation @at; an actor may be left with nothing to do. */
static struct program *without(const struct program *program, size_t at)
{
    struct program *copy = program_copy(program, program->ops);

    memmove(copy->op + at, copy->op + at + 1,
            (copy->ops - at - 1) * sizeof(*copy->op));
    copy->ops--;
    return copy;
}

struct program *litmus_shrink(const struct program *program,
                              const struct world_config *way,
                              const struct litmus_result *found,
                              char **schedule)
{
    const struct litmus_config config = { .strategy = EXPLORE_EXHAUSTIVE,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .runs = ATTEMPT,
                                          .allow_counts = asked(program,
                                                                found) };
    struct program *small = program_copy(program, program->ops);
    bool fewer = !found->finding.expectation;

    free(small->litmus.schedule);
    small->litmus.schedule = NULL;
    while ( fewer )
    {
        fewer = false;
        for ( size_t i = small->ops; i-- > 0 && small->ops > 1; )
        {
            struct program *less = without(small, i);

            if ( attempt(less, way, &config, found, schedule) )
            {
                free(*schedule);
                program_free(small);
                small = less;
                fewer = true;
            }
            else
                program_free(less);
        }
    }
    *schedule = litmus_fewest_switches(small, way, found);
    return small;
}
