/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P3 and P5 of a virtual unit, which has stage 1 alone: where to look at what
 * devices would meet.
 */
#include "internal.h"

#define PAGES_PER_EVENT 2048   /* looked at upon one completion */
#define PAGES_PER_CHECK 262144 /* looked at for one stream in a check */

static void look_context(struct sweep *s, const struct context *context)
{
    struct walk_table top;
    uint64_t prefix;

    for ( unsigned int half = 0; half < 2; half++ )
        if ( smmu_context_top(s->o, context, half, &top, &prefix) )
            exact_look_table(s, &top, prefix);
}

static void look_both(struct sweep *s, const struct watch *watch)
{
    if ( watch->selects )
        look_context(s, &watch->now);
    look_context(s, &watch->before);
}

static void look_touched(struct sweep *s, const struct watch *watch,
                         const struct touched *t)
{
    if ( t->last != UINT64_MAX )
        exact_look_span(s, t->first, t->last);
    else
        look_both(s, watch);
}

static bool context_has_top(const struct context *c, uint64_t top)
{
    for ( unsigned int half = 0; half < 2; half++ )
        if ( c->stage1 && c->cd.enabled[half] &&
             table_first(&c->cd.half[half]) == top )
            return true;
    return false;
}

static bool has_top(const struct watch *watch, uint64_t top)
{
    return context_has_top(&watch->now, top) ||
           context_has_top(&watch->before, top);
}

/* Is the TLB entry of this page and context one that @inv removes? */
static bool covers(const struct oracle *o, const struct invalidation *inv,
                   const struct context *c, uint64_t first, uint64_t last)
{
    struct cached cached = { .class = CACHE_TLB1,
                             .world = c->ste.world,
                             .vmid = c->ste.vmid,
                             .asid = context_asid(c),
                             .level = inv->ttl ? inv->ttl : LEVEL_LAST,
                             .granule = inv->granule,
                             .first = first,
                             .last = last };

    return c->stage1 && smmu_rule_covers(o, &inv->life, &cached);
}

static bool concerns(const struct oracle *o, const struct invalidation *inv,
                     const struct watch *watch, uint64_t first, uint64_t last)
{
    return covers(o, inv, &watch->now, first, last) ||
           covers(o, inv, &watch->before, first, last);
}

static struct sweep sweep_for(struct oracle *o, const struct watch *watch)
{
    return (struct sweep) { .o = o,
                            .source = watch->sid,
                            .pasid = watch->pasid,
                            .hardware = true,
                            .early = true,
                            .left = PAGES_PER_EVENT };
}

/* ---- at completions ---- */

/* By address: the range, whatever was touched. */
static void completed_range(struct oracle *o, const struct invalidation *inv)
{
    const struct watches *w = &smmu(o)->watches;

    for ( unsigned int i = 0; i < w->count; i++ )
    {
        struct sweep s = sweep_for(o, &w->watch[i]);

        if ( concerns(o, inv, &w->watch[i], inv->first, inv->last) )
            exact_look_span(&s, inv->first, inv->last);
    }
}

/* What was touched of the tables that it concerns; it is answered for. */
static void completed_tables(struct oracle *o, const struct invalidation *inv)
{
    const struct watches *w = &smmu(o)->watches;
    struct structure *st = &o->structure;
    size_t kept = 0;

    for ( size_t i = 0; i < st->count; i++ )
    {
        const struct touched t = st->touched[i];
        bool looked = false;

        for ( unsigned int d = 0; d < w->count; d++ )
        {
            struct sweep s = sweep_for(o, &w->watch[d]);

            if ( !has_top(&w->watch[d], t.top) ||
                 !concerns(o, inv, &w->watch[d], 0, UINT64_MAX) )
                continue;
            look_touched(&s, &w->watch[d], &t);
            looked = true;
        }
        if ( !looked )
            st->touched[kept++] = t;
    }
    st->count = kept;
}

static void completed_config(struct oracle *o, const struct invalidation *inv)
{
    const struct watches *w = &smmu(o)->watches;

    for ( unsigned int i = 0; i < w->count; i++ )
    {
        const struct watch *watch = &w->watch[i];
        struct sweep s = sweep_for(o, watch);
        struct cached cached = { .class = CACHE_CD,
                                 .sid = watch->sid,
                                 .sid_mask = UINT32_MAX,
                                 .ssid = watch->pasid == UINT32_MAX ?
                                             0 :
                                             watch->pasid,
                                 .ssid_mask = UINT32_MAX };

        s.left = 64;
        if ( smmu_rule_covers(o, &inv->life, &cached) )
            look_both(&s, watch);
    }
}

void smmu_exact_completed(struct oracle *o, const struct invalidation *inv)
{
    if ( !o->config.world.effective )
        return;
    switch ( inv->op )
    {
    case OP_CFGI_STE:
    case OP_CFGI_STE_RANGE:
    case OP_CFGI_CD:
    case OP_CFGI_CD_ALL:
        completed_config(o, inv);
        break;
    case OP_TLBI_NH_VA:
    case OP_TLBI_NH_VAA:
    case OP_TLBI_EL2_VA:
    case OP_TLBI_EL2_VAA:
        if ( inv->first <= inv->last )
            completed_range(o, inv);
        break;
    default:
        completed_tables(o, inv);
        break;
    }
}

/* ---- at quiescence ---- */

void smmu_exact_check(struct oracle *o)
{
    const struct watches *w = &smmu(o)->watches;

    if ( !o->config.world.effective )
        return;
    for ( unsigned int i = 0; i < w->count; i++ )
    {
        const struct watch *watch = &w->watch[i];
        struct sweep s = sweep_for(o, watch);

        s.hardware = s.early = false;
        s.left = PAGES_PER_CHECK;
        if ( !history_last(&smmu(o)->enable)->value || !watch->now.stage1 )
            exact_look_identity(&s);
        if ( watch->selects )
            look_context(&s, &watch->now);
        for ( size_t t = 0; t < o->structure.count; t++ )
            if ( has_top(watch, o->structure.touched[t].top) )
                look_touched(&s, watch, &o->structure.touched[t]);
    }
}
