/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every translation that tables of stage 1 could ever have led to, combined
 * with stage 2 where there is one.  Walk caches keep table descriptors, TLBs
 * keep leaves, also those that lack a right; invalid descriptors, and address
 * size and access flag faults, are not kept (3.21.1, 16.2).
 */
#include "internal.h"

/* A place in the tables, and what leads to it. */
struct place {
    const struct composite *parent;
    const struct context *context, *below; /* below: who may read on */
    const struct selection *selection;
    const struct table *table;
    uint64_t at; /* of the table: an IPA where there is stage 2 */
    unsigned int level;
    struct limits limits;
    /* A leaf: what is left to be done by stage 2. */
    uint64_t mask;
    unsigned int rights;
    bool global;
};

/* Entries of another ASID are met where they are global. */
static bool same_asid(const struct place *p)
{
    return context_asid(p->context) == context_asid(&p->selection->context);
}

static bool is_global(const struct place *p, const struct entry *entry)
{
    return p->context->ste.world == WORLD_EL2 || !(entry->raw & DESC_NG);
}

static struct cached cached1(const struct search *s, const struct place *p,
                             enum cache_class class, uint64_t mask)
{
    uint64_t va = va_canonical(s->q->iova);

    return (struct cached) { .class = class,
                             .world = p->context->ste.world,
                             .vmid = p->context->ste.vmid,
                             .asid = context_asid(p->context),
                             .global = p->global ||
                                       p->context->ste.world == WORLD_EL2,
                             .granule = p->table->shift,
                             .level = p->level,
                             .first = va & ~mask,
                             .last = va | mask };
}

static void fail1(struct search *s, const struct place *p, struct span formed,
                  uint64_t obsolete, const struct cached *cached,
                  struct failure failure)
{
    /* Whatever it meets: what becomes of a fault the CD selected says. */
    const struct cd *cd = &p->selection->context.cd;
    struct composite c;

    if ( !same_asid(p) && !p->global )
        return;
    failure.level = p->level;
    failure.recorded = cd->r || !smmu_event(failure.event)->qualified;
    failure.zeroes = !cd->a && smmu_event(failure.event)->qualified;
    failure.detail = DETAIL_CLASS(failure.event == EVENT_WALK_EABT ? CLASS_TT :
                                                                     CLASS_IN);
    c = search_life(s, formed, obsolete, cached);
    search_fail(s, &c, p->selection, &failure);
}

static void add_map(struct search *s, const struct composite *c,
                    const struct context *context,
                    const struct selection *selection, struct legal legal)
{
    legal.kind = LEGAL_MAP;
    legal.alive = c->alive && selection->alive;
    legal.tagged = true;
    legal.tag = TAG(context->ste.vmid, context_asid(context));
    legal.usable = c->usable;
    legal.removed_by = c->removed_by;
    if ( legal.alive || s->with_dead )
        legal_add(s->set, &legal);
}

/* Stage 2 failed for a descriptor's or the output address.  A combined entry
 * that lacks a right is kept like any other. */
static void blocked1(struct search *s, const struct stage2 *r,
                     const struct composite *via,
                     const struct failure *failure)
{
    const struct place *p = r->cookie;
    const struct cached cached = cached1(s, p, CACHE_TLB1, p->mask);
    bool kept = r->class == CLASS_IN && failure->event == EVENT_PERMISSION;
    struct composite c;

    if ( !same_asid(p) && !p->global )
        return;
    c = stage2_refusal(s, r, via, kept ? &cached : NULL);
    search_fail(s, &c, r->selection, failure);
}

static void combined(struct search *s, const struct stage2 *r,
                     const struct composite *via, uint64_t pa, uint64_t mask,
                     unsigned int rights, unsigned int level)
{
    const struct place *p = r->cookie;
    struct span formed = span_meet(p->parent->usable, via->usable);
    struct cached cached;
    struct composite c;

    (void)level;
    if ( span_empty(formed) )
        return;
    mask &= p->mask;
    cached = cached1(s, p, CACHE_TLB1, mask);
    c = search_life(s, formed, earlier(p->parent->removal, via->removal),
                    &cached);
    add_map(s, &c, p->context, p->selection,
            (struct legal) { .gpa = pa,
                             .mask = mask,
                             .rights = rights & p->rights,
                             .level = p->level });
}

/*
 * What a device-TLB holds was answered while an entry of the TLB was usable,
 * or could have been; it stays until it is invalidated itself.
 */
static struct composite in_atc(const struct search *s, const struct place *p,
                               const struct composite *parent)
{
    const struct cached cached = smmu_atc(s->q, s->q->iova & ~p->mask,
                                          s->q->iova | p->mask);

    return search_life(s, parent->usable,
                       earlier(parent->obsolete, parent->removal), &cached);
}

static void output(struct search *s, const struct place *p,
                   const struct composite *c, uint64_t address)
{
    const struct stage2 r = { .ipa = address,
                              .class = CLASS_IN,
                              .ste = &p->context->ste,
                              .parent = c,
                              .selection = p->selection,
                              .cookie = p,
                              .done = combined,
                              .failed = blocked1 };

    if ( p->context->ste.stage2 )
        stage2_translate(s, &r);
    else
        add_map(s, c, p->context, p->selection,
                (struct legal) { .gpa = address,
                                 .mask = p->mask,
                                 .rights = p->rights,
                                 .level = p->level });
}

/* The order at a leaf: address size, access flag, permission. */
static void leaf1(struct search *s, const struct place *p, struct span formed,
                  uint64_t obsolete, const struct entry *entry, uint64_t pa)
{
    const struct context *context = p->context;
    uint64_t mask = table_mask(p->table, p->level);
    uint64_t address = entry->address | (s->q->iova & mask);
    struct place leaf = *p;
    struct cached cached;
    struct composite c;

    leaf.global = is_global(p, entry);
    if ( !same_asid(p) && !leaf.global )
        return;
    if ( address >> p->table->out )
    {
        fail1(s, &leaf, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ADDR_SIZE });
        return;
    }
    if ( !(entry->raw & DESC_AF) && !context->cd.affd )
    {
        fail1(s, &leaf, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ACCESS });
        return;
    }
    leaf.mask = tables_leaf_mask(s, p->table, p->level, pa, entry->raw);
    leaf.rights = stage1_rights(&context->ste, &context->cd, &p->limits,
                                entry->raw, p->selection->privileged);
    cached = cached1(s, &leaf, CACHE_TLB1, leaf.mask);
    if ( !tables_satisfied(s->q, p->selection, leaf.rights) )
    {
        fail1(s, &leaf, formed, obsolete, &cached,
              (struct failure) { .event = EVENT_PERMISSION });
        return;
    }
    c = search_life(s, formed, obsolete, &cached);
    if ( s->q->type == AT_TRANSLATED )
        c = in_atc(s, &leaf, &c);
    leaf.parent = &c;
    output(s, &leaf, &c, address);
}

static void descend1(struct search *s, const struct place *p);

/* @via: the stage 2 translation of the descriptor's address, or NULL. */
static void version1(struct search *s, const struct place *p,
                     const struct composite *via, uint64_t pa,
                     const struct version *v)
{
    struct span formed = span_meet(p->parent->usable, v->span);
    uint64_t obsolete = earlier(v->span.end, p->parent->removal);
    struct place next = *p;
    struct cached cached;
    struct composite c;
    struct entry entry;

    if ( via )
    {
        formed = span_meet(formed, via->usable);
        obsolete = earlier(obsolete, via->removal);
    }
    if ( span_empty(formed) || formed.start > s->q->t1 ||
         (obsolete <= p->selection->cut && same_asid(p)) ||
         search_exhausted(s) )
        return;
    if ( !v->readable )
    {
        fail1(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_WALK_EABT, .address = pa });
        return;
    }
    table_decode(p->table, p->level, v->value, &entry);
    s->set->open |= entry.disputed;
    if ( obsolete <= p->selection->cut_local && same_asid(p) &&
         (entry.kind == ENTRY_INVALID ||
          (entry.kind == ENTRY_LEAF && !is_global(p, &entry))) )
        return;
    if ( entry.kind == ENTRY_INVALID )
        fail1(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_TRANSLATION });
    else if ( entry.kind == ENTRY_LEAF )
        leaf1(s, p, formed, obsolete, &entry, pa);
    else if ( entry.address >> p->table->out )
        fail1(s, p, formed, obsolete, NULL,
              (struct failure) { .event = EVENT_ADDR_SIZE });
    else
    {
        cached = cached1(s, p, CACHE_WALK1, table_mask(p->table, p->level));
        c = search_life(s, formed, obsolete, &cached);
        limits_add(&next.limits, p->table, v->value);
        next.parent = &c;
        next.at = entry.address;
        next.level++;
        descend1(s, &next);
        if ( next.below && next.below != next.context )
        {
            next.table =
                &next.below->cd.half[next.table - next.context->cd.half];
            next.context = next.below;
            descend1(s, &next);
        }
    }
}

static void versions1(struct search *s, const struct place *p,
                      const struct composite *via, uint64_t pa)
{
    struct word word;

    search_versions(s, pa, &word);
    for ( unsigned int i = word.count; i > 0; i-- )
        version1(s, p, via, pa, &word.version[i - 1]);
}

static void descriptor_found(struct search *s, const struct stage2 *r,
                             const struct composite *c, uint64_t pa,
                             uint64_t mask, unsigned int rights,
                             unsigned int level)
{
    (void)mask;
    (void)rights;
    (void)level;
    versions1(s, r->cookie, c, pa);
}

static void descend1(struct search *s, const struct place *p)
{
    uint64_t at = table_entry_at(p->table, p->at, p->level, s->q->iova);
    const struct stage2 r = { .ipa = at,
                              .class = CLASS_TT,
                              .ste = &p->context->ste,
                              .parent = p->parent,
                              .selection = p->selection,
                              .cookie = p,
                              .done = descriptor_found,
                              .failed = blocked1 };

    if ( p->context->ste.stage2 )
        stage2_translate(s, &r);
    else
        versions1(s, p, NULL, at);
}

/* ---- without stage 1 ---- */

static void passed_found(struct search *s, const struct stage2 *r,
                         const struct composite *c, uint64_t pa, uint64_t mask,
                         unsigned int rights, unsigned int level)
{
    const struct context *context = r->cookie;

    add_map(s, c, context, r->selection,
            (struct legal) {
                .gpa = pa, .mask = mask, .rights = rights, .level = level });
}

static void passed_blocked(struct search *s, const struct stage2 *r,
                           const struct composite *via,
                           const struct failure *failure)
{
    const struct composite c = stage2_refusal(s, r, via, NULL);

    search_fail(s, &c, r->selection, failure);
}

/* 3.4: beyond IAS it is a fault of stage 1. */
static void pass_stage1(struct search *s, const struct composite *c,
                        const struct context *context,
                        const struct selection *selection)
{
    const struct stage2 r = { .ipa = s->q->iova,
                              .class = CLASS_IN,
                              .ste = &context->ste,
                              .parent = c,
                              .selection = selection,
                              .cookie = context,
                              .done = passed_found,
                              .failed = passed_blocked };

    if ( above_haw(s->o, s->q->iova) )
        search_fail(s, c, selection,
                    &(struct failure) { .event = EVENT_ADDR_SIZE,
                                        .recorded = true,
                                        .detail = DETAIL_CLASS(CLASS_IN) });
    else if ( context->ste.stage2 )
        stage2_translate(s, &r);
    else
        add_map(s, c, context, selection,
                (struct legal) { .gpa = s->q->iova,
                                 .mask = UINT64_MAX,
                                 .rights = RIGHT_ALL });
}

void tables_form(struct search *s, const struct composite *c,
                 const struct context *context, const struct context *below,
                 const struct selection *selection)
{
    struct place place = { .parent = c,
                           .context = context,
                           .selection = selection };
    unsigned int half;

    if ( !context->stage1 )
    {
        pass_stage1(s, c, context, selection);
        return;
    }
    if ( !context_reaches(context,
                          context_untagged(&selection->context, s->q->iova),
                          &half) )
        return;
    if ( below && below->cd.enabled[half] )
        place.below = below;
    place.table = &context->cd.half[half];
    place.at = table_first(place.table);
    place.level = place.table->start;
    descend1(s, &place);
}
