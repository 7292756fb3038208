/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every translation of stage 2 that tables could ever have led to, for input
 * addresses, for descriptors of stage 1 and for CDs.
 */
#include "internal.h"

/* Does a group with the contiguous hint agree (VMSAv8-64)? */
static void check_contiguous(struct search *s, const struct table *t,
                             unsigned int level, uint64_t pa, uint64_t raw)
{
    uint64_t step = table_mask(t, level) + 1;
    uint64_t count = (table_contiguous(t, level) + 1) / step;
    uint64_t first = pa & ~(8 * count - 1), value;
    uint64_t base = raw - ((pa - first) / 8) * step;

    for ( uint64_t i = 0; i < count; i++ )
        if ( !word_now(s->o, first + 8 * i, &value) ||
             value != base + i * step )
            s->set->open = true;
}

uint64_t tables_leaf_mask(struct search *s, const struct table *t,
                          unsigned int level, uint64_t pa, uint64_t raw)
{
    if ( !(raw & DESC_CONTIG) )
        return table_mask(t, level);
    check_contiguous(s, t, level, pa, raw);
    return table_contiguous(t, level);
}

bool tables_satisfied(const struct query *q, const struct selection *selection,
                      unsigned int rights)
{
    /* A translation request is told about execution beside the rest (Exe). */
    if ( selection->instruction && q->type != AT_TRANSLATION_REQUEST )
        return rights & RIGHT_X;
    return (!q->write || (rights & RIGHT_W)) &&
           ((!q->read && q->write) || (rights & RIGHT_R));
}

/* ---- the walk ---- */

struct place2 {
    const struct stage2 *r;
    const struct table *table;
    const struct ste *ste;
    const struct composite *parent;
    uint64_t at; /* of the table */
    unsigned int level;
};

static struct cached cached2(const struct place2 *p, enum cache_class class,
                             uint64_t mask)
{
    return (struct cached) { .class = class,
                             .vmid = p->ste->vmid,
                             .granule = p->table->shift,
                             .level = p->level,
                             .first = p->r->ipa & ~mask,
                             .last = p->r->ipa | mask };
}

static void fail2(struct search *s, const struct place2 *p, struct span formed,
                  uint64_t obsolete, const struct cached *cached,
                  struct failure failure)
{
    const struct ste *ste = p->r->selection ? &p->r->selection->context.ste :
                                              p->r->ste;
    struct composite c;

    if ( !p->r->failed )
        return;
    failure.level = p->level;
    failure.detail |= DETAIL_S2 | DETAIL_CLASS(p->r->class);
    failure.recorded = ste->s2r || !smmu_event(failure.event)->qualified;
    if ( failure.event != EVENT_WALK_EABT )
        failure.address = p->r->ipa;
    c = search_life(s, formed, obsolete, cached);
    p->r->failed(s, p->r, &c, &failure);
}

/* 3.3: the access that stage 2 sees is the request, or a data read. */
static bool allowed2(const struct search *s, const struct place2 *p,
                     uint64_t raw, unsigned int *rights)
{
    const struct selection *selection = p->r->selection;

    if ( p->r->class != CLASS_IN )
    {
        *rights = stage2_rights(s->o, raw, true);
        return (*rights & RIGHT_R) &&
               !(p->r->class == CLASS_TT && p->ste->s2ptw &&
                 S2ATTR_DEVICE(DESC_S2ATTR(raw)));
    }
    *rights = stage2_rights(s->o, raw, selection->privileged);
    return tables_satisfied(s->q, selection, *rights);
}

/* 13.1.1: an atomic access that may write but not read has failed as a read.
 */
static uint32_t reading_fails(const struct search *s, const struct place2 *p,
                              unsigned int rights)
{
    return p->r->class == CLASS_IN && s->q->read && (rights & RIGHT_W) ?
               DETAIL_READS :
               0;
}

static void leaf2(struct search *s, const struct place2 *p, struct span formed,
                  uint64_t obsolete, const struct entry *entry, uint64_t pa)
{
    uint64_t mask = table_mask(p->table, p->level);
    uint64_t output = entry->address | (p->r->ipa & mask);
    struct cached cached;
    struct composite c;
    unsigned int rights;

    if ( output >> p->table->out )
    {
        fail2(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ADDR_SIZE });
        return;
    }
    if ( !(entry->raw & DESC_AF) && !p->ste->s2affd )
    {
        fail2(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ACCESS });
        return;
    }
    mask = tables_leaf_mask(s, p->table, p->level, pa, entry->raw);
    cached = cached2(p, CACHE_TLB2, mask);
    if ( !allowed2(s, p, entry->raw, &rights) )
    {
        fail2(s, p, formed, obsolete, &cached,
              (struct failure) { .event = EVENT_PERMISSION,
                                 .detail = reading_fails(s, p, rights) });
        return;
    }
    c = search_life(s, formed, obsolete, &cached);
    p->r->done(s, p->r, &c, output, mask, rights, p->level);
}

static void descend2(struct search *s, const struct place2 *p);

static void version2(struct search *s, const struct place2 *p, uint64_t pa,
                     const struct version *v)
{
    struct span formed = span_meet(p->parent->usable, v->span);
    uint64_t obsolete = earlier(v->span.end, p->parent->removal);
    struct place2 next = *p;
    struct cached cached;
    struct composite c;
    struct entry entry;

    if ( span_empty(formed) || formed.start > s->q->t1 || search_exhausted(s) )
        return;
    if ( !v->readable )
    {
        fail2(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_WALK_EABT, .address = pa });
        return;
    }
    table_decode(p->table, p->level, v->value, &entry);
    s->set->open |= entry.disputed;
    if ( entry.kind == ENTRY_INVALID )
        fail2(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_TRANSLATION });
    else if ( entry.kind == ENTRY_LEAF )
        leaf2(s, p, formed, obsolete, &entry, pa);
    else if ( entry.address >> p->table->out )
        fail2(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ADDR_SIZE });
    else
    {
        cached = cached2(p, CACHE_WALK2, table_mask(p->table, p->level));
        c = search_life(s, formed, obsolete, &cached);
        next.parent = &c;
        next.at = entry.address;
        next.level++;
        descend2(s, &next);
    }
}

static void descend2(struct search *s, const struct place2 *p)
{
    uint64_t pa = table_entry_at(p->table, p->at, p->level, p->r->ipa);
    struct word word;

    search_versions(s, pa, &word);
    for ( unsigned int i = word.count; i > 0; i-- )
        version2(s, p, pa, &word.version[i - 1]);
}

static void enter2(struct search *s, const struct stage2 *r,
                   const struct composite *parent, const struct ste *ste)
{
    const struct place2 place = { .r = r,
                                  .table = &ste->s2,
                                  .ste = ste,
                                  .parent = parent,
                                  .at = table_first(&ste->s2),
                                  .level = ste->s2.start };

    if ( r->ipa >> ste->s2.bits )
        fail2(s, &place, parent->usable, parent->removal, NULL,
              (struct failure) { .event = EVENT_TRANSLATION });
    else
        descend2(s, &place);
}

void stage2_translate(struct search *s, const struct stage2 *r)
{
    if ( s->now )
        enter2(s, r, r->parent, r->ste);
    for ( unsigned int i = 0; i < s->roots; i++ )
        if ( s->root[i].ste.vmid == r->ste->vmid )
            enter2(s, r, &s->root[i].composite, &s->root[i].ste);
}

/*
 * What stage 2 refused, and who asked, were usable at one instant.  @cached:
 * both may have been kept as one entry; NULL: it was met on the way.
 */
struct composite stage2_refusal(const struct search *s, const struct stage2 *r,
                                const struct composite *c,
                                const struct cached *cached)
{
    return search_life(s, span_meet(r->parent->usable, c->usable),
                       earlier(r->parent->removal, c->removal), cached);
}
