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
 */
#include <explore/coroutine.h>
#include <explore/private.h>

#include <stdlib.h>
#include <string.h>

#define BIT(n) (UINT32_C(1) << (n))

/* Steps from one image of a new path to the next. */
#define SPACING 64

/* A step that was explored from here, or from above and is independent of all
 * that came since: it need not be made first again. */
struct sleeper {
    unsigned int actor;
    struct footprint *footprint; /* of the node that explored it */
};

struct node {
    uint32_t enabled, todo, done;
    uint32_t asleep; /* actors */
    uint32_t tried;  /* those of @done whose footprint is kept */
    unsigned int actor;
    unsigned int preemptions; /* before this choice */
    int before;               /* who made the last step */
    uint32_t index;           /* it is that actor's n-th step */
    unsigned int sleepers;
    /* How many steps of each actor are before the end of this one, by chains
     * of dependences; its own included. */
    uint32_t clock[SCHED_MAX_ACTORS];
    /* From here on what is there is said above. */
    struct sleeper sleeper[SCHED_MAX_ACTORS];
    struct footprint *of_tried[SCHED_MAX_ACTORS];
    struct footprint footprint;
};

static bool reduces(const struct explorer *e)
{
    return e->config->strategy == EXPLORE_EXHAUSTIVE;
}

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
        if ( parent->sleeper[i].actor != parent->actor )
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

static int open_node(struct explorer *e, uint32_t enabled)
{
    struct node *node = grow(e), *parent = e->nodes > 1 ? node - 1 : NULL;
    uint32_t can;

    e->result->states++;
    node->enabled = enabled;
    node->before = e->last;
    if ( parent )
    {
        node->preemptions = parent->preemptions +
                            preempts(parent, parent->actor);
        if ( reduces(e) )
            fall_asleep(node, parent);
    }
    can = reduces(e) ? enabled & ~node->asleep : affordable(e, node);
    if ( !can )
    {
        e->nodes--;
        return -1;
    }
    node->actor = explore_same_or_first(e, can);
    node->todo = reduces(e) ? BIT(node->actor) : can;
    e->depth++;
    return (int)node->actor;
}

/* ---- images ---- */

/*
 * On a new path some, so that not too many steps are made again; on one that
 * is followed again, where another path will leave it.
 */
static bool worth_keeping(const struct explorer *e)
{
    size_t last = e->kepts ? e->kept[e->kepts - 1].node : 0;
    const struct node *node = &e->node[e->depth];

    if ( !e->system->save || e->config->from_start || !coroutine_can_save() )
        return false;
    if ( !e->kepts )
        return true;
    if ( e->depth == e->nodes )
        return e->depth - last >= SPACING;
    return e->depth > last &&
           node->todo & ~node->done & ~node->asleep & ~BIT(node->actor);
}

/* There is no room: every other one goes. */
static void thin_out(struct explorer *e)
{
    for ( size_t i = 0; i < IMAGES / 2; i++ )
    {
        struct kept odd = e->kept[i];

        e->kept[i] = e->kept[2 * i];
        e->kept[2 * i] = odd;
    }
    e->kepts = IMAGES / 2;
}

static void keep(struct explorer *e, struct sched *s)
{
    struct kept *kept;

    if ( e->kepts == IMAGES )
        thin_out(e);
    kept = &e->kept[e->kepts++];
    kept->node = e->depth;
    image_clear(&kept->image);
    sched_save(s, &kept->image);
    kept->mark = e->system->save(e->system->context, &kept->image);
}

bool explore_tree_resume(struct explorer *e)
{
    const struct kept *kept;

    while ( e->kepts && e->kept[e->kepts - 1].node >= e->nodes )
        e->kepts--;
    if ( !e->kepts )
        return false;
    kept = &e->kept[e->kepts - 1];
    e->system->rewind(e->system->context, kept->mark);
    image_restore(&kept->image);
    e->depth = kept->node;
    e->last = e->node[e->depth].before;
    return true;
}

/* ---- the choice ---- */

int explore_tree_choose(void *context, struct sched *s, uint32_t enabled)
{
    struct explorer *e = context;

    if ( worth_keeping(e) )
        keep(e, s);
    if ( e->depth < e->nodes )
        return (int)e->node[e->depth++].actor;
    return open_node(e, enabled);
}

/* ---- races ---- */

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

/* What is before the end of the step at @at. */
static void find_clock(struct explorer *e, size_t at, uint32_t *before)
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

/* The step at @at has been made for the first time. */
static void find_races(struct explorer *e, size_t at)
{
    struct node *step = &e->node[at];
    uint32_t before[SCHED_MAX_ACTORS] = { 0 };
    uint32_t met = 0; /* actors whose last race has been found */

    find_clock(e, at, before);
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

void explore_tree_stepped(struct explorer *e, unsigned int actor,
                          const struct footprint *footprint)
{
    size_t at = e->depth - 1;
    struct node *node = &e->node[at];

    /* Followed, not made for the first time. */
    if ( at + 1 < e->nodes || node->done & BIT(actor) )
        return;
    node->done |= BIT(actor);
    if ( !reduces(e) )
        return;
    footprint_copy(&node->footprint, footprint);
    find_races(e, at);
}

/*
 * The run has ended with actors that can't go on.  In another order of what
 * that depends on they may be enabled.
 */
void explore_tree_stuck(struct explorer *e, const struct sched *s)
{
    uint32_t stuck = sched_stuck(s) & ~sched_enabled(s);

    if ( !reduces(e) )
        return;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
    {
        struct node *node;

        if ( !(stuck & BIT(i)) )
            continue;
        node = grow(e);
        node->actor = i;
        sched_awaited(s, i, &node->footprint);
        find_races(e, e->nodes - 1);
        e->nodes--;
    }
}

/* ---- the next path ---- */

static void close_node(struct explorer *e)
{
    struct node *node = &e->node[--e->nodes];

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

        if ( reduces(e) && !(node->tried & BIT(node->actor)) )
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
    for ( size_t i = 0; i < IMAGES; i++ )
        image_free(&e->kept[i].image);
}
