/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dynamic partial-order reduction: which steps are ordered by chains of
 * dependences, and which others have to be tried the other way round. */
#include <explore/tree.h>

#include <string.h>

static const struct node *last_of(const struct explorer *e, size_t before,
                                  unsigned int actor)
{
    while ( before-- )
        if ( e->node[before].actor == actor )
            return &e->node[before];
    return NULL;
}

static void join(uint32_t *clock, const uint32_t *other)
{
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( other[i] > clock[i] )
            clock[i] = other[i];
}

static bool ordered(const struct node *node, const uint32_t *clock)
{
    return node->index <= clock[node->actor];
}

/* Is @later ordered after @earlier by a chain of dependences? */
static bool follows(const struct node *later, const struct node *earlier)
{
    return ordered(earlier, later->clock);
}

/*
 * The race of the step at @at with @step, in the other order: all that came in
 * between and does not follow from it, then @step.  Whoever can begin that,
 * by making his step with nothing of it before, is an initial (source sets:
 * Abdulla and others 2014).
 */
static uint32_t initials(const struct node *first, const struct node *step)
{
    uint32_t found = 0, seen = 0;

    for ( const struct node *n = first + 1; n <= step; n++ )
    {
        bool begins = !(seen & BIT(n->actor));

        if ( n != step && follows(n, first) )
            continue;
        seen |= BIT(n->actor);
        for ( const struct node *m = first + 1; begins && m < n; m++ )
            begins = follows(m, first) || !follows(n, m);
        if ( begins )
            found |= BIT(n->actor);
    }
    return found;
}

/* One of those has to be tried at the node. */
static void backtrack(struct node *node, const struct node *step)
{
    uint32_t begin = initials(node, step);

    if ( begin & (node->todo | node->done) )
        return;
    begin &= node->enabled;
    node->todo |= begin ? begin & -begin : node->enabled;
}

void explore_find_clock(struct explorer *e, size_t at, uint32_t *before)
{
    struct node *step = &e->node[at];
    const struct node *own = last_of(e, at, step->actor);

    if ( own )
        join(before, own->clock);
    step->index = before[step->actor] + 1;
    memcpy(step->clock, before, sizeof(step->clock));
    step->clock[step->actor] = step->index;
    for ( size_t i = at; i-- > 0; )
        if ( !ordered(&e->node[i], step->clock) &&
             footprints_dependent(&e->node[i].footprint, &step->footprint) )
            join(step->clock, e->node[i].clock);
}

void explore_find_races(struct explorer *e, size_t at)
{
    struct node *step = &e->node[at];
    uint32_t before[SCHED_MAX_ACTORS] = { 0 };
    uint32_t met = 0; /* actors whose last race has been found */

    explore_find_clock(e, at, before);
    for ( size_t i = at; i-- > 0; )
    {
        struct node *n = &e->node[i];

        if ( n->actor == step->actor || met & BIT(n->actor) ||
             ordered(n, before) ||
             !footprints_dependent(&n->footprint, &step->footprint) )
            continue;
        backtrack(n, step);
        if ( n->enabled & BIT(step->actor) )
            met |= BIT(n->actor);
    }
}
