/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stateless search: the path of the last run is kept as nodes, one for each
 * choice, and the next run follows it to the deepest node that has something
 * left to try.
 *
 * Exhaustive: dynamic partial-order reduction (Flanagan, Godefroid 2005) with
 * sleep sets (Godefroid 1996), on the footprints that steps really had.  A
 * race is two dependent steps of two actors that no chain of dependences
 * orders; the later actor has to be tried before the earlier step as well.
 *
 * Plain: every enabled actor at every node, with at most so many preemptions.
 * Matched: the same, but for nodes whose state has been gone on from before.
 */
#include <explore/tree.h>

#include <stdlib.h>
#include <string.h>

/* ---- a new node ---- */

static void inherit(struct node *node, unsigned int actor,
                    struct footprint *footprint, const struct footprint *step)
{
    if ( node->asleep & BIT(actor) || footprints_dependent(footprint, step) )
        return;
    node->asleep |= BIT(actor);
    node->sleeper[node->sleepers++] = (struct sleeper) { actor, footprint };
}

static void fall_asleep(struct node *node, const struct node *parent)
{
    for ( unsigned int i = 0; i < parent->sleepers; i++ )
        if ( parent->asleep & BIT(parent->sleeper[i].actor) )
            inherit(node, parent->sleeper[i].actor,
                    parent->sleeper[i].footprint, &parent->footprint);
    for ( uint32_t left = parent->tried & ~BIT(parent->actor); left; )
    {
        unsigned int i = sched_take(&left);

        inherit(node, i, parent->of_tried[i], &parent->footprint);
    }
}

/* Would it take the turn from one that could go on? */
static bool preempts(const struct node *node, unsigned int actor)
{
    return node->before >= 0 && (unsigned int)node->before != actor &&
           node->enabled >> node->before & 1;
}

static uint32_t affordable(const struct explorer *e, const struct node *node)
{
    uint32_t mask = 0;

    for ( uint32_t left = node->enabled; left; )
    {
        unsigned int i = sched_take(&left);

        if ( node->preemptions + preempts(node, i) <= e->config->preemptions )
            mask |= BIT(i);
    }
    return mask;
}

static struct node *grow(struct explorer *e)
{
    struct node *node;

    if ( e->nodes == e->room )
    {
        e->room = e->room ? 2 * e->room : 64;
        e->node = realloc(e->node, e->room * sizeof(*e->node));
        if ( !e->node )
            abort();
    }
    node = &e->node[e->nodes++];
    memset(node, 0, offsetof(struct node, sleeper));
    footprint_clear(&node->footprint);
    return node;
}

static int leave_node(struct explorer *e)
{
    e->nodes--;
    return -1;
}

static int open_node(struct explorer *e, const struct sched *s,
                     uint32_t enabled)
{
    struct node *node = grow(e), *parent = e->nodes > 1 ? node - 1 : NULL;
    uint32_t can;

    e->result->states++;
    node->enabled = enabled;
    node->before = e->last;
    if ( parent )
    {
        if ( e->config->preemptions != EXPLORE_NO_LIMIT )
            node->preemptions = parent->preemptions +
                                preempts(parent, parent->actor);
        if ( explore_sleeps(e) )
            fall_asleep(node, parent);
    }
    if ( explore_matches(e) )
        explore_name_state(e, s, node);
    can = affordable(e, node);
    if ( explore_matches(e) && explore_seen(e, node, &can) )
        return leave_node(e);
    can &= ~node->asleep;
    if ( !can )
    {
        if ( explore_matches(e) )
            explore_seen_all(e, node);
        return leave_node(e);
    }
    node->actor = explore_same_or_first(e, can);
    node->todo = explore_reduces(e) ? BIT(node->actor) : can;
    e->depth++;
    return (int)node->actor;
}

/* ---- the choice ---- */

int explore_tree_choose(void *context, struct sched *s, uint32_t enabled)
{
    struct explorer *e = context;

    explore_keep_image(e, s);
    if ( e->depth < e->nodes )
        return (int)e->node[e->depth++].actor;
    return open_node(e, s, enabled);
}

/* ---- steps ---- */

void explore_tree_stepped(struct explorer *e, unsigned int actor,
                          const struct footprint *footprint)
{
    size_t at = e->depth - 1;
    struct node *node = &e->node[at];

    if ( e->past )
        past_stepped(e->past, actor, footprint,
                     at + 1 < e->nodes ? node[1].guarded : NULL);
    /* Followed, not made for the first time. */
    if ( at + 1 < e->nodes || node->done & BIT(actor) )
        return;
    node->done |= BIT(actor);
    if ( !explore_reduces(e) && !explore_matches(e) )
        return;
    footprint_copy(&node->footprint, footprint);
    if ( explore_reduces(e) )
        explore_find_races(e, at);
    else if ( !e->past )
        explore_find_clock(e, at, (uint32_t[SCHED_MAX_ACTORS]) { 0 });
}

/*
 * The run has ended with actors that can't go on.  In another order of what
 * that depends on they may be enabled.
 */
void explore_tree_stuck(struct explorer *e, const struct sched *s)
{
    uint32_t stuck = sched_stuck(s) & ~sched_enabled(s);

    if ( !explore_reduces(e) )
        return;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
    {
        struct node *node;

        if ( !(stuck & BIT(i)) )
            continue;
        node = grow(e);
        node->actor = i;
        sched_awaited(s, i, &node->footprint);
        explore_find_races(e, e->nodes - 1);
        e->nodes--;
    }
}

/* ---- the next path ---- */

static void close_node(struct explorer *e)
{
    struct node *node = &e->node[--e->nodes];

    if ( explore_matches(e) )
        explore_seen_all(e, node);
    while ( node->tried )
        free(node->of_tried[sched_take(&node->tried)]);
}

static void remember(struct node *node)
{
    struct footprint *copy = malloc(sizeof(*copy));

    if ( !copy )
        abort();
    footprint_copy(copy, &node->footprint);
    node->of_tried[node->actor] = copy;
    node->tried |= BIT(node->actor);
}

bool explore_tree_next(struct explorer *e)
{
    while ( e->nodes )
    {
        struct node *node = &e->node[e->nodes - 1];
        uint32_t left;

        if ( explore_sleeps(e) && !(node->tried & BIT(node->actor)) )
            remember(node);
        node->done |= BIT(node->actor);
        left = node->todo & ~node->done & ~node->asleep;
        if ( left )
        {
            node->actor = (unsigned int)__builtin_ctz(left);
            return true;
        }
        close_node(e);
    }
    return false;
}

void explore_tree_free(struct explorer *e)
{
    while ( e->nodes )
        close_node(e);
    free(e->node);
    explore_free_images(e);
    explore_forget_seen(e);
}
