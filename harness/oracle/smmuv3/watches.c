/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contexts that streams select as the structures are, and their tables:
 * where P3 looks, and what is compared for undefined conditions.
 */
#include "internal.h"

/* ---- formats of tables, for the common bookkeeping ---- */

static uint32_t format_of(struct oracle *o, const struct table *t)
{
    struct watches *w = &smmu(o)->watches;

    for ( uint32_t i = 0; i < w->formats; i++ )
        if ( w->format[i].shift == t->shift && w->format[i].bits == t->bits &&
             w->format[i].start == t->start )
            return i;
    w->format = oracle_grow(o, w->format, w->formats, &w->format_room,
                            sizeof(w->format[0]));
    w->format[w->formats] = *t;
    return (uint32_t)w->formats++;
}

unsigned int smmu_entry_shift(const struct oracle *o, uint32_t format,
                              unsigned int level)
{
    return table_shift(&smmu(o)->watches.format[format], 4 - level);
}

unsigned int smmu_entries(const struct oracle *o, uint32_t format,
                          unsigned int level)
{
    return table_entries(&smmu(o)->watches.format[format], 4 - level);
}

enum below smmu_entry(const struct oracle *o, uint32_t format,
                      unsigned int level, uint64_t value, uint64_t *address)
{
    const struct table *t = &smmu(o)->watches.format[format];
    struct entry entry;

    table_decode(t, 4 - level, value, &entry);
    *address = entry.address;
    if ( entry.kind == ENTRY_TABLE )
        return BELOW_TABLE;
    return entry.kind == ENTRY_LEAF ? BELOW_LEAF : BELOW_NOTHING;
}

bool smmu_context_top(struct oracle *o, const struct context *context,
                      unsigned int half, struct walk_table *top,
                      uint64_t *prefix)
{
    const struct table *t = &context->cd.half[half];

    if ( !context->stage1 || context->ste.stage2 ||
         !context->cd.enabled[half] )
        return false;
    *top = (struct walk_table) { table_first(t), format_of(o, t),
                                 4 - t->start };
    *prefix = half ? UINT64_MAX << t->bits : 0;
    return true;
}

/* ---- the contexts ---- */

static void touch_whole(struct oracle *o, const struct context *context)
{
    for ( unsigned int half = 0; half < 2; half++ )
        if ( context->stage1 && context->cd.enabled[half] )
            structure_touch(o, table_first(&context->cd.half[half]), 0,
                            UINT64_MAX);
}

static void discover(struct oracle *o, const struct context *context)
{
    struct walk_table top;
    uint64_t prefix;

    for ( unsigned int half = 0; half < 2; half++ )
        if ( smmu_context_top(o, context, half, &top, &prefix) )
            structure_discover(o, &top, prefix);
}

static void watch_look(struct oracle *o, struct watch *watch)
{
    struct context now = { .stage1 = false };
    bool selects = smmu_context_now(o, watch->sid, watch->pasid, &now);

    if ( selects == watch->selects && context_same(&now, &watch->now) )
        return;
    if ( watch->selects )
    {
        touch_whole(o, &watch->now);
        watch->before = watch->now;
    }
    watch->now = now;
    watch->selects = selects;
    if ( selects )
    {
        touch_whole(o, &now);
        discover(o, &now);
    }
}

void smmu_watches_changed(struct oracle *o)
{
    struct watches *w = &smmu(o)->watches;

    for ( unsigned int i = 0; i < w->count; i++ )
        watch_look(o, &w->watch[i]);
    smmu_undefined_contexts(o);
}

void smmu_watch(struct oracle *o, uint32_t sid, uint32_t pasid)
{
    struct watches *w = &smmu(o)->watches;
    bool device = false;

    for ( unsigned int i = 0; i < o->devices; i++ )
        device |= o->device[i].source == sid;
    for ( unsigned int i = 0; i < w->count; i++ )
        device &= w->watch[i].sid != sid || w->watch[i].pasid != pasid;
    if ( !device || w->count == WATCHES_MAX )
        return;
    w->watch = oracle_grow(o, w->watch, w->count, &w->room,
                           sizeof(w->watch[0]));
    w->watch[w->count++] = (struct watch) { .sid = sid, .pasid = pasid };
    smmu_watches_changed(o);
}

void smmu_watches_forget(struct oracle *o, uint32_t sid)
{
    struct watches *w = &smmu(o)->watches;

    for ( unsigned int i = 0; i < w->count; )
        if ( w->watch[i].sid == sid )
            w->watch[i] = w->watch[--w->count];
        else
            i++;
}

/* ---- stores ---- */

/* Is this word part of what a walk from the registers to a context reads?
 * Pages are remembered as they are met: too many only cost time. */
static bool is_config_page(struct oracle *o, uint64_t gpa)
{
    return history_find(&smmu(o)->watches.config, gpa & ~PAGE_OFFSET);
}

void smmu_config_page(struct oracle *o, uint64_t gpa)
{
    history_get(o, &smmu(o)->watches.config, gpa & ~PAGE_OFFSET);
}

/* 3.21.1: break before make, where BBML does not do without. */
static void entry_changed(struct oracle *o, uint32_t format,
                          unsigned int level, uint64_t gpa, uint64_t value)
{
    const struct history *history = history_find(&o->words, gpa);
    const struct table *t = &smmu(o)->watches.format[format];
    struct entry now, before;

    if ( IDR3_BBML(smmu(o)->idr[3]) == 2 || !history || history->count < 2 )
        return;
    table_decode(t, 4 - level, value, &now);
    table_decode(t, 4 - level, history->version[history->count - 2].value,
                 &before);
    if ( now.kind != ENTRY_INVALID && before.kind != ENTRY_INVALID &&
         (now.kind != before.kind || ((now.raw ^ before.raw) & DESC_CONTIG)) )
        smmu_undefined_meet(o, U_NOT_BROKEN, 0);
}

void smmu_watches_store(struct oracle *o, uint64_t gpa, uint64_t value)
{
    if ( is_config_page(o, gpa) )
        smmu_watches_changed(o);
    structure_store(o, gpa, value, entry_changed);
}

bool smmu_watches_is_page(const struct oracle *o, uint64_t gpa)
{
    return history_last(&smmu(o)->enable)->value &&
           (history_find(&smmu(o)->watches.config, gpa & ~PAGE_OFFSET) ||
            structure_is_table(o, gpa));
}

void smmu_watches_reset(struct oracle *o)
{
    struct watches *w = &smmu(o)->watches;

    history_map_clear(o, &w->config);
    w->count = 0;
    for ( unsigned int i = 0; i < o->devices; i++ )
        smmu_watch(o, o->device[i].source, UINT32_MAX);
}
