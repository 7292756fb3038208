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
 * or as many is done.
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
};

void explore_name_state(const struct explorer *e, struct node *node)
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

bool explore_seen(struct explorer *e, const struct node *node)
{
    uint64_t turn = e->config->preemptions == EXPLORE_NO_LIMIT ?
                        0 :
                        (uint64_t)node->before + 2;
    uint64_t state[2] = { node->state[0] ^ turn << 32, node->state[1] + turn };
    struct seen *seen;

    if ( 2 * e->seens >= e->seen_room && e->seens < MOST_SEEN )
        make_room(e);
    seen = place_of(e->seen, e->seen_room, state);
    if ( seen->state[0] || seen->state[1] )
    {
        if ( seen->preemptions <= node->preemptions )
            return true;
        seen->preemptions = node->preemptions;
        return false;
    }
    if ( e->seens < MOST_SEEN )
    {
        memcpy(seen->state, state, sizeof(state));
        seen->preemptions = node->preemptions;
        e->seens++;
    }
    return false;
}

void explore_forget_seen(struct explorer *e)
{
    free(e->seen);
}
