/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P3 and P5: what devices would meet, against what is legal, at completions
 * and at quiescence.  Needs a world that can tell what a DMA would meet.
 *
 * Where to look is the architecture's; how, is here.
 */
#include "internal.h"

#include <assert.h>
#include <inttypes.h>

#define PAGES_PER_SPAN 512 /* all of them; samples beyond */
#define SAMPLES        6
#define IDENTITY_PAGES 32

static uint64_t random_next(struct oracle *o)
{
    uint64_t x = o->exact.random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return o->exact.random = x;
}

static void effective(struct sweep *s, const struct query *q,
                      struct oracle_outcome *outcome)
{
    const struct oracle_world *world = &s->o->config.world;
    const struct oracle_dma dma = { .source = q->source,
                                    .pasid = q->pasid,
                                    .iova = q->iova,
                                    .size = q->size,
                                    .write = q->write,
                                    .read = q->read };

    *outcome = (struct oracle_outcome) { .ok = false };
    world->effective(world->context, &dma, s->hardware, outcome);
}

/* In the words of P3. */
static const char *exactness(const struct judgement *j,
                             const struct oracle_outcome *outcome)
{
    if ( !outcome->ok )
        return "missing mapping";
    return j->now.kind == LEGAL_MAP ? "wrong mapping" : "extra mapping";
}

static void report_page(struct oracle *o, const struct query *q,
                        const struct oracle_outcome *outcome,
                        const struct judgement *j)
{
    bool p3 = j->property[1] == '2' && j->rule[0] != 's';

    if ( !outcome->ok )
        p3 = true;
    judge_report(o, q, outcome, j, p3 ? "P3" : j->property,
                 p3 ? exactness(j, outcome) : j->rule, "would meet");
}

static void remember(struct oracle *o, const struct query *q)
{
    struct exact *e = &o->exact;

    e->early = oracle_grow(o, e->early, e->count, &e->room,
                           sizeof(e->early[0]));
    e->early[e->count++] = *q;
}

/* True: legal. */
static bool look_judge(struct sweep *s, const struct query *q,
                       const struct oracle_outcome *outcome,
                       struct judgement *j)
{
    judge(s->o, q, outcome, j);
    if ( j->tolerated )
        s->o->stats.missing_tolerated++;
    if ( j->verdict != VERDICT_ILLEGAL )
        return true;
    if ( s->early )
        remember(s->o, q);
    else
        report_page(s->o, q, outcome, j);
    return false;
}

static bool is_fresh(const struct judgement *j)
{
    return j->verdict == VERDICT_LEGAL && j->fresh;
}

/* What a write would meet, where a read met what the tables say: the same, if
 * they let it write.  Then only the p2m can still object. */
static bool write_is_legal(struct sweep *s, const struct query *q,
                           const struct oracle_outcome *outcome,
                           const struct judgement *read)
{
    struct judgement whole;
    bool legal = is_fresh(read) && read->now.kind == LEGAL_MAP &&
                 (read->now.rights & 2) && outcome->ok &&
                 outcome_fits(s->o, q, outcome, &read->now);

    assert(!legal || (judge(s->o, q, outcome, &whole), whole.fresh));
    (void)whole;
    return legal;
}

/* A read and a write; as exact_look().  *fresh: both meet what the tables say
 * now, which no completion changes. */
static uint64_t look(struct sweep *s, uint64_t iova, bool *fresh)
{
    struct query q = { .source = s->source,
                       .pasid = s->pasid,
                       .iova = iova,
                       .size = 1,
                       .read = true,
                       .t0 = s->o->tick,
                       .t1 = s->o->tick };
    struct oracle_outcome read, write;
    struct judgement j;
    uint64_t mask = PAGE_OFFSET;
    bool legal;

    *fresh = false;
    s->o->stats.p3_pages++;
    effective(s, &q, &read);
    if ( !look_judge(s, &q, &read, &j) )
        return mask;
    *fresh = is_fresh(&j);
    if ( read.ok && read.mask && j.fresh )
        mask = read.mask < j.now.mask ? read.mask : j.now.mask;
    q.write = true;
    q.read = false;
    /* What may not be written may be answered in more than one way. */
    write = read;
    if ( !read.ok || !(read.rights & 2) )
        effective(s, &q, &write);
    if ( write.rights && !(write.rights & 2) )
        write.ok = false;
    if ( write_is_legal(s, &q, &write, &j) )
        return mask;
    legal = look_judge(s, &q, &write, &j);
    *fresh &= is_fresh(&j);
    return legal ? mask : PAGE_OFFSET;
}

static struct looked *looked_at(struct sweep *s, uint64_t iova)
{
    uint64_t key = (iova >> 12) ^ s->source ^ (s->hardware ? 1 : 0);

    return &s->o->exact.looked[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 32 &
                               (LOOKED_PAGES - 1)];
}

static bool moves(const struct sweep *s)
{
    const struct oracle_world *world = &s->o->config.world;

    return world->moves && world->moves(world->context, s->source);
}

/* Tables, what was touched of them and samples meet in the same pages: one
 * that is fresh is looked at once in an instant. */
uint64_t exact_look(struct sweep *s, uint64_t iova)
{
    struct looked *known = looked_at(s, iova);
    struct looked now = { .tick = s->o->tick,
                          .iova = iova,
                          .source = s->source,
                          .pasid = s->pasid,
                          .hardware = s->hardware };
    bool fresh;

    if ( !s->left || (s->skips && s->skips(iova)) || moves(s) )
        return PAGE_OFFSET;
    s->left--;
    if ( known->tick == now.tick && known->iova == iova &&
         known->source == now.source && known->pasid == now.pasid &&
         known->hardware == now.hardware )
    {
        assert(look(s, iova, &fresh) == known->mask && fresh);
        return known->mask;
    }
    now.mask = look(s, iova, &fresh);
    if ( fresh )
        *known = now;
    return now.mask;
}

/* Ranges of so many pages are looked at page by page. */
static uint64_t pages_per_span(const struct sweep *s)
{
    unsigned int pages = s->o->config.span_pages;

    return pages ? pages : PAGES_PER_SPAN;
}

void exact_look_span(struct sweep *s, uint64_t first, uint64_t last)
{
    uint64_t pages = (last - first) / PAGE_BYTES + 1;
    uint64_t at = first;

    /* Nothing is shadowed for a virtual device. */
    if ( vdev_find(s->o, s->source) )
        return;
    if ( pages <= pages_per_span(s) )
        while ( at >= first && at <= last )
            at = (at | exact_look(s, at)) + 1;
    else
    {
        exact_look(s, first);
        exact_look(s, last & ~PAGE_OFFSET);
        for ( unsigned int i = 0; i < SAMPLES; i++ )
            exact_look(s, first + random_next(s->o) % pages * PAGE_BYTES);
    }
}

/* A leaf of the guest: all of it where the unit uses smaller pages. */
static void look_leaf(struct sweep *s, uint64_t iova, uint64_t mask)
{
    uint64_t done = exact_look(s, iova);

    if ( done >= mask )
        return;
    if ( mask < pages_per_span(s) * PAGE_BYTES )
        exact_look_span(s, iova, iova | mask);
    else
        for ( unsigned int i = 0; i <= SAMPLES; i++ )
        {
            uint64_t at = i ? random_next(s->o) & mask : mask;

            exact_look(s, iova | (at & ~PAGE_OFFSET));
        }
}

void exact_look_table(struct sweep *s, const struct walk_table *table,
                      uint64_t prefix)
{
    uint64_t mask = walk_table_span(s->o, table);
    unsigned int entries = s->o->config.arch->entries(s->o, table->format,
                                                      table->level);

    if ( vdev_find(s->o, s->source) )
        return;
    for ( uint64_t i = walk_table_skip(s->o, table, 0); i < entries && s->left;
          i = walk_table_skip(s->o, table, i + 1) )
    {
        uint64_t at = prefix + i * (mask + 1);
        struct walk_table next;
        enum below below;

        if ( !walk_table_below(s->o, table, at, &next, &below) )
            return;
        if ( below == BELOW_LEAF )
            look_leaf(s, at, mask);
        else if ( below == BELOW_TABLE )
            exact_look_table(s, &next, at);
    }
}

/* Where all passes: some of what the software wrote elsewhere; for one who
 * looks very often fewer, and others each time. */
void exact_look_identity(struct sweep *s)
{
    const struct history_map *words = &s->o->words;
    uint64_t looked[IDENTITY_PAGES];
    unsigned int span = s->o->config.span_pages, count = 0, i;
    unsigned int most = span && span < IDENTITY_PAGES ? span : IDENTITY_PAGES;
    size_t first = span ? random_next(s->o) : 0;

    if ( vdev_find(s->o, s->source) )
        return;
    for ( size_t n = 0; n < words->capacity && count < most; n++ )
    {
        size_t slot = (first + n) & (words->capacity - 1);
        uint64_t page;

        if ( !words->slot[slot] )
            continue;
        page = words->slot[slot]->key & ~PAGE_OFFSET;
        for ( i = 0; i < count && looked[i] != page; i++ )
            ;
        if ( i < count )
            continue;
        exact_look(s, page);
        looked[count++] = page;
    }
}

/* What was wrong at a completion: has it become right since? */
void exact_quiescent(struct oracle *o, bool (*skips)(uint64_t iova))
{
    struct exact *e = &o->exact;

    for ( size_t i = 0; i < e->count; i++ )
    {
        struct query q = e->early[i];
        struct sweep s = { .o = o,
                           .source = q.source,
                           .pasid = q.pasid,
                           .hardware = true,
                           .skips = skips };
        struct oracle_outcome outcome;
        struct judgement j;
        bool present = false;

        for ( unsigned int d = 0; d < o->devices; d++ )
            present |= o->device[d].source == q.source;
        if ( !present )
            continue;
        q.t0 = q.t1 = o->tick;
        effective(&s, &q, &outcome);
        /* What is tolerated has not become right: it is missing still. */
        if ( look_judge(&s, &q, &outcome, &j) && !j.tolerated )
            oracle_report(o, "P5", "completed before its effects",
                          "source %" PRIx32 " at %" PRIx64
                          " was wrong when the invalidation completed, and "
                          "has become right since",
                          q.source, q.iova);
    }
    e->count = 0;
}

void exact_reset(struct oracle *o)
{
    o->exact.count = 0;
    o->exact.random = UINT64_C(0x2545f4914f6cdd1d);
}
