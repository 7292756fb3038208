/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which words of memory are whose tables: so that a store tells which
 * addresses it concerns, and P3 need not look at everything each time.
 *
 * This decides where to look, never what is legal.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define TOUCHED_MAX 1024

static size_t page_slot(const struct structure *s, uint64_t gpa)
{
    size_t i = (size_t)(((gpa >> 12) * UINT64_C(0x9e3779b97f4a7c15)) >> 24);

    for ( i &= s->capacity - 1; s->page[i].links && s->page[i].gpa != gpa; )
        i = (i + 1) & (s->capacity - 1);
    return i;
}

static struct table_page *page_find(const struct structure *s, uint64_t gpa)
{
    struct table_page *page;

    if ( !s->capacity )
        return NULL;
    page = &s->page[page_slot(s, gpa & ~PAGE_OFFSET)];
    return page->links ? page : NULL;
}

static struct table_page *page_get(struct structure *s, uint64_t gpa)
{
    struct structure old = *s;

    if ( s->used * 2 >= s->capacity )
    {
        s->capacity = old.capacity ? old.capacity * 2 : 256;
        s->page = calloc(s->capacity, sizeof(s->page[0]));
        if ( !s->page )
            abort();
        for ( size_t i = 0; i < old.capacity; i++ )
            if ( old.page[i].links )
                s->page[page_slot(s, old.page[i].gpa)] = old.page[i];
        free(old.page);
    }
    return &s->page[page_slot(s, gpa)];
}

static bool entry_now(struct oracle *o, uint64_t table, uint64_t address,
                      unsigned int level, struct entry *entry)
{
    uint64_t value;

    if ( !word_now(o, table + 8 * LEVEL_INDEX(address, level), &value) )
        return false;
    vtd_decode_entry(o, value, level, entry);
    return true;
}

/* Do the tables still lead from the top to @gpa? */
static bool link_is_live(struct oracle *o, const struct link *link,
                         uint64_t gpa)
{
    uint64_t table = link->top;
    struct entry entry;

    for ( unsigned int level = link->height; level > link->level; level-- )
    {
        if ( !entry_now(o, table, link->prefix, level, &entry) ||
             entry.kind != ENTRY_TABLE )
            return false;
        table = entry.address;
    }
    return table == gpa;
}

/* False: known already, or too many alike. */
static bool link_add(struct oracle *o, uint64_t gpa, const struct link *link)
{
    struct table_page *page = page_get(&vtd(o)->structure, gpa);
    unsigned int kept = 0;

    for ( unsigned int i = 0; i < page->links; i++ )
        if ( !memcmp(&page->link[i], link, sizeof(*link)) )
            return false;
    if ( page->links == LINKS_MAX )
    {
        for ( unsigned int i = 0; i < page->links; i++ )
            if ( link_is_live(o, &page->link[i], gpa) )
                page->link[kept++] = page->link[i];
        if ( kept == LINKS_MAX )
            return false;
        /* Never none in between: a page without links is a free slot. */
        page->links = kept;
    }
    if ( !page->links && page->gpa != gpa )
        vtd(o)->structure.used++;
    page->gpa = gpa;
    page->link[page->links++] = *link;
    return true;
}

/* A table hangs here now: remember it and what is below. */
static void discover(struct oracle *o, uint64_t gpa, const struct link *link)
{
    struct link below = *link;

    if ( !link_add(o, gpa, link) || link->level == LEVEL_LEAF )
        return;
    below.level--;
    for ( uint64_t i = 0; i < 512; i++ )
    {
        uint64_t at = link->prefix + (i << LEVEL_SHIFT(link->level));
        struct entry entry;

        if ( !entry_now(o, gpa, at, link->level, &entry) ||
             entry.kind != ENTRY_TABLE )
            continue;
        below.prefix = at;
        discover(o, entry.address, &below);
    }
}

/* ---- what was touched ---- */

/* Too many: forget the details, one entry for each top. */
static void touched_coarsen(struct structure *s)
{
    size_t kept = 0;

    for ( size_t i = 0; i < s->count; i++ )
    {
        size_t j = 0;

        while ( j < kept && s->touched[j].top != s->touched[i].top )
            j++;
        if ( j == kept )
            s->touched[kept++] = (struct touched) { s->touched[i].top, 0,
                                                    UINT64_MAX };
    }
    s->count = kept;
}

static void touch(struct oracle *o, uint64_t top, uint64_t first,
                  uint64_t last)
{
    struct structure *s = &vtd(o)->structure;
    struct touched *t = s->count ? &s->touched[s->count - 1] : NULL;

    if ( !o->config.world.effective )
        return;
    if ( t && t->top == top && first <= t->last + 1 && last + 1 >= t->first &&
         t->last != UINT64_MAX )
    {
        t->first = first < t->first ? first : t->first;
        t->last = last > t->last ? last : t->last;
        return;
    }
    if ( s->count >= TOUCHED_MAX )
        touched_coarsen(s);
    s->touched = oracle_grow(s->touched, s->count, &s->room,
                             sizeof(s->touched[0]));
    s->touched[s->count++] = (struct touched) { top, first, last };
}

static void touch_whole(struct oracle *o, const struct context *context)
{
    if ( !context->fault && !context->silent )
        touch(o, context->slptptr, 0, UINT64_MAX);
}

/* ---- events ---- */

static bool same_context(const struct context *a, const struct context *b)
{
    return a->fault == b->fault && a->silent == b->silent && a->tt == b->tt &&
           a->aw == b->aw && a->did == b->did && a->slptptr == b->slptptr;
}

static uint64_t context_page_now(struct oracle *o, uint32_t source)
{
    uint64_t rtaddr = history_last(&vtd(o)->rtaddr)->value;
    struct context context = { 0 };
    struct raw128 raw = { .high = 0 };
    uint64_t ctp, at = vtd_root_entry_at(rtaddr, source);

    raw.readable = word_now(o, at, &raw.low);
    return vtd_decode_root(o, &raw, &context, &ctp) ? ctp : NEVER;
}

void vtd_structure_contexts(struct oracle *o)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        struct watch *device = &vtd(o)->watch[i];
        struct context now;

        device->context_page = context_page_now(o, device->source);
        vtd_context_now(o, device->source, &now);
        if ( same_context(&now, &device->context) )
            continue;
        touch_whole(o, &device->context);
        touch_whole(o, &now);
        if ( !device->context.fault && !device->context.silent )
            device->before = device->context;
        device->context = now;
        if ( !now.fault && !now.silent && now.tt != TT_PASS_THROUGH )
        {
            const struct link link = { now.slptptr, AW_LEVELS(now.aw), 0,
                                       AW_LEVELS(now.aw) };

            discover(o, now.slptptr, &link);
        }
    }
    vtd_undefined_contexts(o);
}

static void table_store(struct oracle *o, const struct link *link,
                        uint64_t gpa, uint64_t value)
{
    struct link below = *link;
    struct entry entry;

    below.prefix += ((gpa & PAGE_OFFSET) / 8) << LEVEL_SHIFT(link->level);
    below.level--;
    touch(o, link->top, below.prefix, below.prefix | LEVEL_MASK(link->level));
    vtd_decode_entry(o, value, link->level, &entry);
    if ( entry.disputed )
        o->met |= BIT64(U_DISPUTED_BIT);
    if ( entry.kind == ENTRY_TABLE )
        discover(o, entry.address, &below);
}

void vtd_structure_store(struct oracle *o, uint64_t gpa, uint64_t value)
{
    const struct table_page *found = page_find(&vtd(o)->structure, gpa);
    uint64_t page = gpa & ~PAGE_OFFSET;
    bool context = RTADDR_RTA(history_last(&vtd(o)->rtaddr)->value) == page;
    struct table_page copy;

    for ( unsigned int i = 0; i < o->devices; i++ )
        context |= vtd(o)->watch[i].context_page == page;
    if ( context )
        vtd_structure_contexts(o);
    if ( !found )
        return;
    copy = *found; /* the map may grow */
    for ( unsigned int i = 0; i < copy.links; i++ )
        table_store(o, &copy.link[i], gpa, value);
}

bool vtd_structure_is_page(const struct oracle *o, uint64_t gpa)
{
    uint64_t page = gpa & ~PAGE_OFFSET;

    if ( !history_last(&vtd(o)->tes)->value )
        return false;
    if ( RTADDR_RTA(history_last(&vtd(o)->rtaddr)->value) == page )
        return true;
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( vtd(o)->watch[i].context_page == page )
            return true;
    return page_find(&vtd(o)->structure, gpa) != NULL;
}

void vtd_structure_reset(struct oracle *o)
{
    struct structure *s = &vtd(o)->structure;

    free(s->page);
    s->page = NULL;
    s->capacity = s->used = s->count = 0;
}

void vtd_structure_free(struct oracle *o)
{
    free(vtd(o)->structure.page);
    free(vtd(o)->structure.touched);
}
