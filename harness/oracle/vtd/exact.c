/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P3 and P5: where to look at what devices would meet.
 */
#include "internal.h"

#define PAGES_PER_EVENT 2048   /* looked at upon one completion */
#define PAGES_PER_CHECK 262144 /* looked at for one device in a check */

static void look_context(struct sweep *s, const struct context *context)
{
    const struct walk_table top = { context->slptptr, 0,
                                    AW_LEVELS(context->aw) };

    if ( context->fault || context->silent || !context->slptptr )
        return;
    if ( context->tt != TT_PASS_THROUGH )
        exact_look_table(s, &top, 0);
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

static struct sweep sweep_for(struct oracle *o, const struct watch *watch)
{
    return (struct sweep) { .o = o,
                            .source = watch->source,
                            .pasid = UINT32_MAX,
                            .skips = vtd_in_interrupt_range,
                            .hardware = true,
                            .early = true,
                            .left = PAGES_PER_EVENT };
}

static void look_touched(struct sweep *s, const struct watch *watch,
                         const struct touched *t)
{
    if ( t->last != UINT64_MAX )
    {
        exact_look_span(s, t->first, t->last);
        return;
    }
    look_context(s, &watch->context);
    look_context(s, &watch->before);
}

/* Drop what an invalidation of one page range has answered for. */
static void forget_range(struct oracle *o, const struct invalidation *inv)
{
    struct structure *s = &o->structure;
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
        const struct watch *watch = &vtd(o)->watch[i];
        struct sweep s = sweep_for(o, watch);

        if ( has_did(watch, inv->did) )
            exact_look_span(&s, inv->first, inv->last);
    }
    forget_range(o, inv);
}

static void completed_domain(struct oracle *o, const struct invalidation *inv)
{
    struct structure *st = &o->structure;
    size_t kept = 0;

    for ( size_t i = 0; i < st->count; i++ )
    {
        const struct touched t = st->touched[i];
        bool looked = false;

        for ( unsigned int d = 0; d < o->devices; d++ )
        {
            const struct watch *watch = &vtd(o)->watch[d];
            struct sweep s = sweep_for(o, watch);

            if ( !has_top(watch, t.top) ||
                 (inv->granularity == G_DOMAIN && !has_did(watch, inv->did)) )
                continue;
            look_touched(&s, watch, &t);
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
        const struct watch *watch = &vtd(o)->watch[i];
        struct sweep s = sweep_for(o, watch);
        const struct cached cached = { .class = CLASS_CONTEXT,
                                       .did = inv->did,
                                       .sid = (uint16_t)watch->source };

        s.left = 64;
        if ( !vtd_rule_covers(o, &inv->life, &cached) )
            continue;
        look_context(&s, &watch->context);
        look_context(&s, &watch->before);
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

void vtd_exact_check(struct oracle *o)
{
    if ( !o->config.world.effective )
        return;
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        const struct watch *watch = &vtd(o)->watch[i];
        struct sweep s = sweep_for(o, watch);
        const struct context *context = &watch->context;

        s.hardware = s.early = false;
        s.left = PAGES_PER_CHECK;
        if ( !history_last(&vtd(o)->tes)->value ||
             (!context->fault && context->tt == TT_PASS_THROUGH) )
            exact_look_identity(&s);
        look_context(&s, context);
        for ( size_t t = 0; t < o->structure.count; t++ )
            if ( has_top(watch, o->structure.touched[t].top) )
                look_touched(&s, watch, &o->structure.touched[t]);
    }
}
