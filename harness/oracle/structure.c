/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which words of memory are whose tables: so that a store tells which
 * addresses it concerns, and P3 need not look at everything each time.
 *
 * This decides where to look, never what is legal.
 */
#include "internal.h"

#include <string.h>

#define TOUCHED_MAX 1024
#define PAGE_SLOTS  16 /* at first */

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

static struct table_page *page_get(struct oracle *o, uint64_t gpa)
{
    struct structure *s = &o->structure;
    struct structure old = *s;

    if ( s->used * 2 >= s->capacity )
    {
        s->capacity = old.capacity ? old.capacity * 2 : PAGE_SLOTS;
        s->page = oracle_alloc(o, s->capacity * sizeof(s->page[0]));
        for ( size_t i = 0; i < old.capacity; i++ )
            if ( old.page[i].links )
                s->page[page_slot(s, old.page[i].gpa)] = old.page[i];
        oracle_free(o, old.page, old.capacity * sizeof(old.page[0]));
    }
    return &s->page[page_slot(s, gpa)];
}

/* ---- the tables ---- */

uint64_t walk_table_span(const struct oracle *o, const struct walk_table *t)
{
    return BIT64(o->config.arch->entry_shift(o, t->format, t->level)) - 1;
}

static uint64_t entry_at(const struct oracle *o, const struct walk_table *t,
                         uint64_t address)
{
    uint64_t index = address >>
                     o->config.arch->entry_shift(o, t->format, t->level);

    return t->at +
           8 * (index & (o->config.arch->entries(o, t->format, t->level) - 1));
}

bool walk_table_below(struct oracle *o, const struct walk_table *t,
                      uint64_t address, struct walk_table *next,
                      enum below *below)
{
    uint64_t value, at = 0;

    if ( !word_now(o, entry_at(o, t, address), &value) )
        return false;
    *below = o->config.arch->entry(o, t->format, t->level, value, &at);
    *next = *t;
    next->at = at;
    next->level--;
    return true;
}

#define LINE_WORDS 8 /* looked at together, where they begin a line */

static bool line_is_zero(const uint8_t *line)
{
    uint64_t word, any = 0;

    for ( unsigned int i = 0; i < LINE_WORDS; i++ )
    {
        memcpy(&word, line + i * sizeof(word), sizeof(word));
        any |= word;
    }
    return !any;
}

/* Words of 0 from @from on, in its page; 0 where there is no memory. */
static uint64_t zeros_at(struct oracle *o, uint64_t from)
{
    const struct oracle_world *world = &o->config.world;
    const uint8_t *page = world->page ? world->page(world->context, from) :
                                        NULL;
    uint64_t at = from & PAGE_OFFSET, word = 0;

    while ( page && at < PAGE_BYTES )
    {
        if ( at % sizeof(uint64_t[LINE_WORDS]) == 0 &&
             line_is_zero(page + at) )
        {
            at += sizeof(uint64_t[LINE_WORDS]);
            continue;
        }
        memcpy(&word, page + at, sizeof(word));
        if ( word )
            break;
        at += sizeof(word);
    }
    return page ? (at - (from & PAGE_OFFSET)) / sizeof(word) : 0;
}

uint64_t walk_table_skip(struct oracle *o, const struct walk_table *t,
                         uint64_t entry)
{
    uint64_t entries = o->config.arch->entries(o, t->format, t->level);
    uint64_t zeros;

    do
    {
        if ( entry >= entries || above_haw(o, t->at + 8 * entry) )
            break;
        zeros = zeros_at(o, t->at + 8 * entry);
        entry += zeros;
    } while ( zeros && (t->at + 8 * entry) % PAGE_BYTES == 0 );
    return entry < entries ? entry : entries;
}

/* Do the tables still lead from the top to @link? */
static bool link_is_live(struct oracle *o, const struct link *link)
{
    struct walk_table t = link->top, next;
    enum below below;

    for ( ; t.level > link->level; t = next )
        if ( !walk_table_below(o, &t, link->prefix, &next, &below) ||
             below != BELOW_TABLE )
            return false;
    return t.at == link->at;
}

static bool same_link(const struct link *a, const struct link *b)
{
    return a->top.at == b->top.at && a->top.format == b->top.format &&
           a->prefix == b->prefix && a->at == b->at && a->level == b->level;
}

/* False: known already, or too many alike. */
static bool link_add(struct oracle *o, uint64_t gpa, const struct link *link)
{
    struct table_page *page = page_get(o, gpa);
    unsigned int kept = 0;

    for ( unsigned int i = 0; i < page->links; i++ )
        if ( same_link(&page->link[i], link) )
            return false;
    if ( page->links == LINKS_MAX )
    {
        for ( unsigned int i = 0; i < page->links; i++ )
            if ( link_is_live(o, &page->link[i]) )
                page->link[kept++] = page->link[i];
        if ( kept == LINKS_MAX )
            return false;
        /* Never none in between: a page without links is a free slot. */
        page->links = kept;
    }
    if ( !page->links && page->gpa != gpa )
        o->structure.used++;
    page->gpa = gpa;
    page->link[page->links++] = *link;
    return true;
}

/* A table hangs here now: remember it and what is below. */
static void discover(struct oracle *o, const struct link *link)
{
    const struct oracle_arch *arch = o->config.arch;
    const struct walk_table t = { link->at, link->top.format, link->level };
    unsigned int entries = arch->entries(o, t.format, t.level);
    uint64_t last = t.at + 8 * (uint64_t)entries - 1;
    bool fresh = false;

    for ( uint64_t page = t.at & ~PAGE_OFFSET; page <= last;
          page += PAGE_BYTES )
        fresh |= link_add(o, page, link);
    if ( !fresh || link->level == 1 )
        return;
    for ( uint64_t i = walk_table_skip(o, &t, 0); i < entries;
          i = walk_table_skip(o, &t, i + 1) )
    {
        struct link below = *link;
        struct walk_table next;
        enum below kind;

        below.prefix += i << arch->entry_shift(o, t.format, t.level);
        if ( !walk_table_below(o, &t, below.prefix, &next, &kind) )
            return;
        below.at = next.at;
        below.level--;
        if ( kind == BELOW_TABLE )
            discover(o, &below);
    }
}

void structure_discover(struct oracle *o, const struct walk_table *top,
                        uint64_t prefix)
{
    const struct link link = { *top, prefix, top->at, top->level };

    discover(o, &link);
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

void structure_touch(struct oracle *o, uint64_t top, uint64_t first,
                     uint64_t last)
{
    struct structure *s = &o->structure;
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
    s->touched = oracle_grow(o, s->touched, s->count, &s->room,
                             sizeof(s->touched[0]));
    s->touched[s->count++] = (struct touched) { top, first, last };
}

/* ---- events ---- */

static void table_store(struct oracle *o, const struct link *link,
                        uint64_t gpa, uint64_t value,
                        structure_entry_fn *changed)
{
    const struct oracle_arch *arch = o->config.arch;
    uint32_t format = link->top.format;
    unsigned int shift = arch->entry_shift(o, format, link->level);
    struct link below = *link;

    if ( gpa < link->at || gpa >= link->at + 8 * (uint64_t)arch->entries(
                                                     o, format, link->level) )
        return;
    below.prefix += ((gpa - link->at) / 8) << shift;
    below.level--;
    structure_touch(o, link->top.at, below.prefix,
                    below.prefix | (BIT64(shift) - 1));
    if ( changed )
        changed(o, format, link->level, gpa, value);
    if ( arch->entry(o, format, link->level, value, &below.at) == BELOW_TABLE )
        discover(o, &below);
}

void structure_store(struct oracle *o, uint64_t gpa, uint64_t value,
                     structure_entry_fn *changed)
{
    const struct table_page *found = page_find(&o->structure, gpa);
    struct table_page copy;

    if ( !found )
        return;
    copy = *found; /* the map may grow */
    for ( unsigned int i = 0; i < copy.links; i++ )
        table_store(o, &copy.link[i], gpa, value, changed);
}

bool structure_is_table(const struct oracle *o, uint64_t gpa)
{
    return page_find(&o->structure, gpa) != NULL;
}

void structure_reset(struct oracle *o)
{
    struct structure *s = &o->structure;

    oracle_free(o, s->page, s->capacity * sizeof(s->page[0]));
    s->page = NULL;
    s->capacity = s->used = s->count = 0;
}
