/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States that have been gone on from.  A state is named by what has happened:
 * each step, and which steps are before it by chains of dependences.  Orders
 * with the same of that differ only in the order of independent steps, so they
 * lead to the same state (Musuvathi, Qadeer 2007); the name is the same
 * whatever the compiler, and wherever things lie.
 *
 * With a bound it counts as well whose turn it was, since taking it away is a
 * preemption; and how many there have been: what was gone on from with fewer
 * or as many is done.  Without one the sleep set is kept with the state
 * (Godefroid 1996): where it comes up again with a smaller one, what had been
 * asleep and is not any more is still to be explored.
 */
#include <explore/tree.h>

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Then no more are remembered, and some are gone on from again. */
#define MOST_SEEN (UINT32_C(1) << 22)

struct seen {
    uint64_t state[2]; /* both 0: none */
    uint32_t preemptions;
    uint32_t asleep; /* actors */
    uint32_t open;   /* so often is it on the present path */
};

static void name_by_value(struct explorer *e, const struct sched *s,
                          struct node *node)
{
    memcpy(node->guarded, e->past->guarded, sizeof(node->guarded));
    if ( past_name(e->past, s, node->state) )
        return;
    /* Like no other. */
    node->state[0] = e->result->states;
    node->state[1] = 0;
}

static void name_by_order(const struct explorer *e, struct node *node)
{
    const struct node *last = node - 1;
    uint32_t step[1 + SCHED_MAX_ACTORS];
    XXH128_hash_t hash;

    if ( node == e->node )
        return;
    step[0] = last->actor;
    memcpy(step + 1, last->clock, sizeof(last->clock));
    hash = XXH3_128bits(step, sizeof(step));
    node->state[0] = last->state[0] + hash.low64;
    node->state[1] = last->state[1] + hash.high64;
}

void explore_name_state(struct explorer *e, const struct sched *s,
                        struct node *node)
{
    if ( e->past )
        name_by_value(e, s, node);
    else
        name_by_order(e, node);
}

/* Where it stands, or would. */
static struct seen *place_of(struct seen *table, uint32_t room,
                             const uint64_t state[2])
{
    uint32_t at = (uint32_t)state[0] & (room - 1);

    while ( (table[at].state[0] || table[at].state[1]) &&
            memcmp(table[at].state, state, sizeof(table[at].state)) )
        at = (at + 1) & (room - 1);
    return &table[at];
}

static void make_room(struct explorer *e)
{
    uint32_t room = e->seen_room ? 2 * e->seen_room : 1024;
    struct seen *table = calloc(room, sizeof(*table));

    if ( !table )
        abort();
    for ( uint32_t i = 0; i < e->seen_room; i++ )
        if ( e->seen[i].state[0] || e->seen[i].state[1] )
            *place_of(table, room, e->seen[i].state) = e->seen[i];
    free(e->seen);
    e->seen = table;
    e->seen_room = room;
}

static struct seen *find(const struct explorer *e, const struct node *node,
                         uint64_t state[2])
{
    uint64_t turn = e->config->preemptions == EXPLORE_NO_LIMIT ?
                        0 :
                        (uint64_t)node->before + 2;

    state[0] = node->state[0] ^ turn << 32;
    state[1] = node->state[1] + turn;
    return place_of(e->seen, e->seen_room, state);
}

/* It comes up again. */
static bool is_done(struct seen *seen, struct node *node, uint32_t *first)
{
    *first &= seen->asleep & ~node->asleep;
    seen->asleep &= node->asleep;
    node->asleep = seen->asleep;
    return seen->preemptions <= node->preemptions && !*first;
}

bool explore_seen(struct explorer *e, struct node *node, uint32_t *first)
{
    uint64_t state[2];
    uint32_t all = *first;
    struct seen *seen;

    if ( 2 * e->seens >= e->seen_room && e->seens < MOST_SEEN )
        make_room(e);
    seen = find(e, node, state);
    if ( seen->state[0] || seen->state[1] )
    {
        if ( is_done(seen, node, first) )
        {
            e->result->circles += !!seen->open;
            return true;
        }
        if ( seen->preemptions > node->preemptions )
            *first = all;
    }
    else if ( e->seens == MOST_SEEN )
        return false;
    else
    {
        memcpy(seen->state, state, sizeof(state));
        seen->asleep = node->asleep;
        e->seens++;
    }
    seen->preemptions = node->preemptions;
    seen->open++;
    return false;
}

void explore_seen_all(struct explorer *e, const struct node *node)
{
    uint64_t state[2];

    struct seen *seen = find(e, node, state);

    seen->open -= !!seen->open;
}

void explore_forget_seen(struct explorer *e)
{
    free(e->seen);
}
