/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P3 and P5: what devices would meet, against what is legal, at completions
 * and at quiescence.  Needs a world that can tell what a DMA would meet.
 */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>

#define PAGES_PER_SPAN  512    /* all of them; samples beyond */
#define PAGES_PER_EVENT 2048   /* looked at upon one completion */
#define PAGES_PER_CHECK 262144 /* looked at for one device in a check */
#define SAMPLES         6

struct sweep {
    struct oracle *o;
    const struct watch *device;
    bool hardware; /* caches included */
    bool early;    /* remember what is wrong, judge it at quiescence */
    unsigned int left;
};

static uint64_t random_next(struct oracle *o)
{
    uint64_t x = vtd(o)->exact.random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return vtd(o)->exact.random = x;
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
    struct exact *e = &vtd(o)->exact;

    e->early = oracle_grow(e->early, e->count, &e->room, sizeof(e->early[0]));
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

/*
 * Look at the page of @iova for reading and writing; returns the offset mask
 * of what this look has answered for.
 */
static uint64_t look(struct sweep *s, uint64_t iova)
{
    struct query q = { .source = s->device->source,
                       .pasid = UINT32_MAX,
                       .iova = iova,
                       .size = 1,
                       .read = true,
                       .t0 = s->o->tick,
                       .t1 = s->o->tick };
    struct oracle_outcome read, write;
    struct judgement j;
    uint64_t mask = PAGE_OFFSET;

    if ( !s->left || vtd_in_interrupt_range(iova) )
        return mask;
    s->left--;
    s->o->stats.p3_pages++;
    effective(s, &q, &read);
    if ( !look_judge(s, &q, &read, &j) )
        return mask;
    if ( read.ok && read.mask && j.fresh )
        mask = read.mask < j.now.mask ? read.mask : j.now.mask;
    q.write = true;
    q.read = false;
    write = read;
    if ( !read.ok || !read.rights )
        effective(s, &q, &write);
    else if ( !(read.rights & RIGHT_W) )
        write = (struct oracle_outcome) { .ok = false };
    return look_judge(s, &q, &write, &j) ? mask : PAGE_OFFSET;
}

/* All pages of a span, or its ends and some between. */
static void look_span(struct sweep *s, uint64_t first, uint64_t last)
{
    uint64_t pages = (last - first) / PAGE_BYTES + 1;
    uint64_t at = first;

    if ( pages <= PAGES_PER_SPAN )
        while ( at >= first && at <= last )
            at = (at | look(s, at)) + 1;
    else
    {
        look(s, first);
        look(s, last & ~PAGE_OFFSET);
        for ( unsigned int i = 0; i < SAMPLES; i++ )
            look(s, first + random_next(s->o) % pages * PAGE_BYTES);
    }
}

/* A leaf of the guest: all of it where the unit uses smaller pages. */
static void look_leaf(struct sweep *s, uint64_t iova, unsigned int level)
{
    uint64_t mask = LEVEL_MASK(level);
    uint64_t done = look(s, iova);

    if ( done >= mask )
        return;
    if ( level == LEVEL_2M )
        look_span(s, iova, iova | mask);
    else
        for ( unsigned int i = 0; i <= SAMPLES; i++ )
        {
            uint64_t at = i ? random_next(s->o) & mask : mask;

            look(s, iova | (at & ~PAGE_OFFSET));
        }
}

/* Everything that is present below a table. */
static void look_table(struct sweep *s, uint64_t table, uint64_t prefix,
                       unsigned int level)
{
    for ( uint64_t i = 0; i < 512 && s->left; i++ )
    {
        uint64_t at = prefix + (i << LEVEL_SHIFT(level)), value;
        struct entry entry;

        if ( !word_now(s->o, table + 8 * i, &value) )
            return;
        vtd_decode_entry(s->o, value, level, &entry);
        if ( entry.kind == ENTRY_LEAF )
            look_leaf(s, at, level);
        else if ( entry.kind == ENTRY_TABLE )
            look_table(s, entry.address, at, level - 1);
    }
}

static void look_context(struct sweep *s, const struct context *context)
{
    if ( context->fault || context->silent || !context->slptptr )
        return;
    if ( context->tt != TT_PASS_THROUGH )
        look_table(s, context->slptptr, 0, AW_LEVELS(context->aw));
}

/* Translation is off, or passed through: some of what it says elsewhere. */
static void look_identity(struct sweep *s)
{
    const struct history_map *words = &s->o->words;

    for ( size_t i = 0, n = 0; i < words->capacity && n < 64; i++ )
        if ( words->slot[i] )
        {
            look(s, words->slot[i]->key & ~PAGE_OFFSET);
            n++;
        }
}

/* ---- at completions ---- */

static bool has_top(const struct watch *device, uint64_t top)
{
    return (!device->context.fault && device->context.slptptr == top) ||
           (!device->before.fault && device->before.slptptr == top);
}

static bool has_did(const struct watch *device, uint16_t did)
{
    return (!device->context.fault && device->context.did == did) ||
           (!device->before.fault && device->before.did == did);
}

static struct sweep sweep_for(struct oracle *o, const struct watch *device)
{
    return (struct sweep) { .o = o,
                            .device = device,
                            .hardware = true,
                            .early = true,
                            .left = PAGES_PER_EVENT };
}

static void look_touched(struct sweep *s, const struct touched *t)
{
    if ( t->last != UINT64_MAX )
    {
        look_span(s, t->first, t->last);
        return;
    }
    look_context(s, &s->device->context);
    look_context(s, &s->device->before);
}

/* Drop what an invalidation of one page range has answered for. */
static void forget_range(struct oracle *o, const struct invalidation *inv)
{
    struct structure *s = &vtd(o)->structure;
    size_t kept = 0;

    for ( size_t i = 0; i < s->count; i++ )
    {
        const struct touched *t = &s->touched[i];
        bool gone = false;

        for ( unsigned int d = 0; d < o->devices; d++ )
            gone |= t->first >= inv->first && t->last <= inv->last &&
                    has_did(&vtd(o)->watch[d], inv->did) &&
                    has_top(&vtd(o)->watch[d], t->top);
        if ( !gone )
            s->touched[kept++] = *t;
    }
    s->count = kept;
}

static void completed_range(struct oracle *o, const struct invalidation *inv)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        struct sweep s = sweep_for(o, &vtd(o)->watch[i]);

        if ( has_did(s.device, inv->did) )
            look_span(&s, inv->first, inv->last);
    }
    forget_range(o, inv);
}

static void completed_domain(struct oracle *o, const struct invalidation *inv)
{
    struct structure *st = &vtd(o)->structure;
    size_t kept = 0;

    for ( size_t i = 0; i < st->count; i++ )
    {
        const struct touched t = st->touched[i];
        bool looked = false;

        for ( unsigned int d = 0; d < o->devices; d++ )
        {
            struct sweep s = sweep_for(o, &vtd(o)->watch[d]);

            if ( !has_top(s.device, t.top) || (inv->granularity == G_DOMAIN &&
                                               !has_did(s.device, inv->did)) )
                continue;
            look_touched(&s, &t);
            looked = true;
        }
        if ( !looked && inv->granularity != G_GLOBAL )
            st->touched[kept++] = t;
    }
    st->count = kept;
}

static void completed_context(struct oracle *o, const struct invalidation *inv)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        struct sweep s = sweep_for(o, &vtd(o)->watch[i]);
        const struct cached cached = { .class = CLASS_CONTEXT,
                                       .did = inv->did,
                                       .sid = (uint16_t)s.device->source };

        s.left = 64;
        if ( !vtd_rule_covers(o, &inv->life, &cached) )
            continue;
        look_context(&s, &s.device->context);
        look_context(&s, &s.device->before);
    }
}

void vtd_exact_completed(struct oracle *o, const struct invalidation *inv)
{
    if ( !o->config.world.effective )
        return;
    if ( inv->command == COMMAND_CONTEXT )
        completed_context(o, inv);
    else if ( inv->granularity == G_SELECT )
        completed_range(o, inv);
    else
        completed_domain(o, inv);
}

/* ---- at quiescence ---- */

static const struct watch *device_of(const struct oracle *o, uint32_t source)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( vtd(o)->watch[i].source == source )
            return &vtd(o)->watch[i];
    return NULL;
}

/* What was wrong at a completion: has it become right since? */
void vtd_exact_quiescent(struct oracle *o)
{
    struct exact *e = &vtd(o)->exact;

    for ( size_t i = 0; i < e->count; i++ )
    {
        struct query q = e->early[i];
        struct sweep s = sweep_for(o, device_of(o, q.source));
        struct oracle_outcome outcome;
        struct judgement j;

        if ( !s.device )
            continue;
        q.t0 = q.t1 = o->tick;
        s.early = false;
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

void vtd_exact_check(struct oracle *o)
{
    if ( !o->config.world.effective )
        return;
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        struct sweep s = sweep_for(o, &vtd(o)->watch[i]);
        const struct context *context = &s.device->context;

        s.hardware = s.early = false;
        s.left = PAGES_PER_CHECK;
        if ( !history_last(&vtd(o)->tes)->value ||
             (!context->fault && context->tt == TT_PASS_THROUGH) )
            look_identity(&s);
        look_context(&s, context);
        for ( size_t t = 0; t < vtd(o)->structure.count; t++ )
            if ( has_top(s.device, vtd(o)->structure.touched[t].top) )
                look_touched(&s, &vtd(o)->structure.touched[t]);
    }
}

void vtd_exact_reset(struct oracle *o)
{
    vtd(o)->exact.count = 0;
    vtd(o)->exact.random = UINT64_C(0x2545f4914f6cdd1d);
}

void vtd_exact_free(struct oracle *o)
{
    free(vtd(o)->exact.early);
}
