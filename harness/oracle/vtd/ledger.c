/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The freshness ledger: which results are legal for an access.
 *
 * See docs/ledger.md, and life.c for what becomes of a composite.
 */
#include "internal.h"

#define VISITS_MAX     20000 /* composites looked at for one access */
#define SELECTIONS_MAX 16

struct search {
    struct oracle *o;
    const struct query *q;
    struct legal_set *set;
    bool with_dead;
    unsigned int visits;
    struct selection { /* domains that the access may have selected */
        uint16_t did;
        bool alive, fpd_clear, fpd_set;
        uint64_t cut;
    } selected[SELECTIONS_MAX];
    unsigned int selections;
};

/* ---- results ---- */

bool vtd_ledger_drains(const struct oracle *o, const struct logged *logged,
                       const struct query *q)
{
    const struct invalidation *inv = (const struct invalidation *)logged;

    /* The device answers when it no longer uses it (PCIe, 10.3.2). */
    if ( inv->command == COMMAND_DEVICE_TLB )
        return inv->sid == q->source;
    if ( inv->command != COMMAND_IOTLB )
        return false;
    if ( VER_MAJOR(vtd(o)->version) >= 6 )
        return true;
    return q->write ? inv->dw && CAP_DWD(vtd(o)->cap) :
                      inv->dr && CAP_DRD(vtd(o)->cap);
}

static void add(struct search *s, const struct legal *legal)
{
    if ( legal->alive || s->with_dead )
        legal_add(s->set, legal);
}

static void add_fault(struct search *s, const struct composite *c,
                      enum fault_id id, uint16_t did, unsigned int level,
                      unsigned int selected)
{
    const struct fault_rule *fault = vtd_fault_rule(id);
    bool told = vtd_query_is_told(s->q, fault);

    add(s, &(struct legal) {
               .kind = LEGAL_FAULT,
               .alive = c->alive && s->selected[selected].alive,
               .fault = fault,
               .tagged = true,
               .tag = did,
               .level = level,
               .usable = c->usable,
               .removed_by = c->removed_by,
               .recorded = !told && (!fault->qualified ||
                                     s->selected[selected].fpd_clear),
               .unrecorded = told || (fault->qualified &&
                                      s->selected[selected].fpd_set) });
}

/* ---- paging entries ---- */

/* A place in the tables, and what leads to it. */
struct place {
    const struct composite *parent;
    const struct context *context;
    uint64_t table;
    unsigned int level, selected;
    unsigned int rights; /* of all the entries above */
};

static void span_of(const struct search *s, const struct place *p,
                    struct cached *cached, uint64_t mask)
{
    *cached = (struct cached) { .class = p->level > LEVEL_LEAF ? CLASS_PAGING :
                                                                 CLASS_IOTLB,
                                .did = p->context->did,
                                .first = s->q->iova & ~mask,
                                .last = s->q->iova | mask };
}

static void fault_at(struct search *s, const struct place *p,
                     struct span formed, uint64_t obsolete, enum fault_id id)
{
    struct cached cached;
    struct composite c;

    /* 6.1: erroneous and not-present entries are cached with CM = 1 only. */
    span_of(s, p, &cached, LEVEL_MASK(p->level));
    c = composite(s->o, s->q, formed, obsolete, &cached, caching_mode(s->o));
    add_fault(s, &c, id, p->context->did, p->level, p->selected);
}

/*
 * What a device-TLB holds was answered while an entry of the IOTLB was usable,
 * or could have been; it stays until the device-TLB is invalidated.
 */
static struct composite in_device_tlb(const struct search *s,
                                      const struct composite *parent,
                                      const struct cached *leaf)
{
    struct cached cached = *leaf;
    uint64_t obsolete = parent->obsolete < parent->removal ? parent->obsolete :
                                                             parent->removal;

    cached.class = CLASS_DEVICE_TLB;
    cached.sid = (uint16_t)s->q->source;
    return composite(s->o, s->q, parent->usable, obsolete, &cached, true);
}

static void leaf_at(struct search *s, const struct place *p,
                    struct span formed, uint64_t obsolete, uint64_t page)
{
    uint64_t mask = LEVEL_MASK(p->level);
    uint64_t gpa = page | (s->q->iova & mask);
    bool bad = vtd_in_interrupt_range(gpa);
    struct cached cached;
    struct composite c;

    span_of(s, p, &cached, mask);
    cached.class = CLASS_IOTLB;
    c = composite(s->o, s->q, formed, obsolete, &cached,
                  !bad || caching_mode(s->o));
    if ( s->q->type == AT_TRANSLATED && !bad )
        c = in_device_tlb(s, &c, &cached);
    if ( bad && vtd_query_goes_on(s->o, s->q, p->rights) )
        add_fault(s, &c, FAULT_LGN_4, p->context->did, p->level, p->selected);
    else if ( !vtd_query_satisfied(s->o, s->q, p->rights) )
        add_fault(s, &c, vtd_query_denied(s->q, p->rights), p->context->did,
                  p->level, p->selected);
    else
        add(s,
            &(struct legal) {
                .kind = LEGAL_MAP,
                .alive = c.alive && s->selected[p->selected].alive,
                .gpa = gpa,
                .mask = p->context->tt == TT_PASS_THROUGH ? UINT64_MAX : mask,
                .rights = p->rights,
                .level = p->level,
                .tagged = true,
                .tag = p->context->did,
                .usable = c.usable,
                .removed_by = c.removed_by });
}

static void descend(struct search *s, const struct place *p);

static void version_at(struct search *s, const struct place *p,
                       const struct version *v)
{
    struct span formed = span_meet(p->parent->usable, v->span);
    uint64_t obsolete = v->span.end < p->parent->removal ? v->span.end :
                                                           p->parent->removal;
    struct place next = *p;
    struct entry entry;
    struct composite c;
    struct cached cached;
    bool top = p->level == AW_LEVELS(p->context->aw);

    if ( span_empty(formed) || formed.start > s->q->t1 ||
         obsolete <= s->selected[p->selected].cut )
        return;
    if ( ++s->visits > VISITS_MAX )
    {
        s->set->open = true;
        return;
    }
    if ( !v->readable )
    {
        fault_at(s, p, formed, obsolete, top ? FAULT_LCT_4_3 : FAULT_LSL_1);
        return;
    }
    vtd_decode_entry(s->o, v->value, p->level, &entry);
    s->set->open |= entry.disputed;
    next.rights &= entry.rights;
    if ( !entry.rights || (entry.kind == ENTRY_BAD &&
                           !vtd_query_goes_on(s->o, s->q, next.rights)) )
        fault_at(s, p, formed, obsolete, vtd_query_denied(s->q, next.rights));
    else if ( entry.kind == ENTRY_BAD )
        fault_at(s, p, formed, obsolete, FAULT_LSL_2);
    else if ( entry.kind == ENTRY_LEAF )
        leaf_at(s, &next, formed, obsolete, entry.address);
    else
    {
        span_of(s, p, &cached, LEVEL_MASK(p->level));
        c = composite(s->o, s->q, formed, obsolete, &cached, true);
        /* The first level that lacks a right decides. */
        if ( !vtd_query_goes_on(s->o, s->q, next.rights) )
            add_fault(s, &c, vtd_query_denied(s->q, next.rights),
                      p->context->did, p->level, p->selected);
        next.parent = &c;
        next.table = entry.address;
        next.level--;
        descend(s, &next);
    }
}

static void descend(struct search *s, const struct place *p)
{
    struct word word;

    word_versions(s->o, p->table + 8 * LEVEL_INDEX(s->q->iova, p->level),
                  &word);
    for ( unsigned int i = word.count; i > 0; i-- )
        version_at(s, p, &word.version[i - 1]);
}

/* ---- contexts ---- */

/* Which of a source's context composites are wanted. */
struct context_visit {
    void (*found)(struct search *s, const struct composite *c,
                  const struct context *context, unsigned int selected);
    uint32_t source;
    struct span present; /* the source, under the unit */
    bool of_selected;    /* only those that have the DID of @selected */
    unsigned int selected;
};

static void context_found(struct search *s, const struct context_visit *visit,
                          struct span formed, const struct context *context,
                          bool cacheable)
{
    const struct cached cached = { .class = CLASS_CONTEXT,
                                   .did = context->fault ? 0 : context->did,
                                   .sid = (uint16_t)visit->source };
    bool error = context->fault || context->silent;
    struct composite c;

    if ( visit->of_selected &&
         (error || context->did != s->selected[visit->selected].did) )
        return;
    c = composite(s->o, s->q, formed, formed.end, &cached,
                  cacheable && (!error || caching_mode(s->o)));
    /* One that leaves takes its context along: nothing forms any more. */
    if ( c.usable.end > visit->present.end )
        c.usable.end = visit->present.end;
    if ( c.removal > visit->present.end )
        c.removal = visit->present.end;
    visit->found(s, &c, context, visit->selected);
}

/* Visit all pairs of versions of a 16-byte entry that held at one instant. */
struct pair {
    struct word low, high;
    unsigned int i, j;
    struct span span;
    struct raw128 raw;
};

static void pair_start(struct oracle *o, struct pair *p, uint64_t gpa)
{
    word_versions(o, gpa, &p->low);
    word_versions(o, gpa + 8, &p->high);
    p->i = p->low.count - 1;
    p->j = p->high.count;
}

static bool pair_next(struct pair *p, struct span within)
{
    for ( ;; )
    {
        const struct version *low, *high;

        if ( p->j == 0 )
        {
            if ( p->i == 0 )
                return false;
            p->i--;
            p->j = p->high.count;
        }
        p->j--;
        low = &p->low.version[p->i];
        high = &p->high.version[p->j];
        p->span = span_meet(within, span_meet(low->span, high->span));
        if ( span_empty(p->span) )
            continue;
        p->raw = (struct raw128) { low->readable && high->readable, low->value,
                                   high->value };
        return true;
    }
}

/* What can be formed below one root pointer during @life. */
static void contexts_below(struct search *s, const struct context_visit *visit,
                           uint64_t rtaddr, struct span life)
{
    struct oracle *o = s->o;
    struct context context;
    struct pair root, entry;
    uint64_t ctp;

    if ( !vtd_decode_rtaddr(o, rtaddr, s->q, &context) )
    {
        context_found(s, visit, life, &context, false);
        return;
    }
    pair_start(o, &root, vtd_root_entry_at(rtaddr, visit->source));
    while ( pair_next(&root, life) )
    {
        context = (struct context) { 0 };
        if ( !vtd_decode_root(o, &root.raw, &context, &ctp) )
        {
            context_found(s, visit, root.span, &context, true);
            continue;
        }
        pair_start(o, &entry, vtd_context_entry_at(ctp, visit->source));
        while ( pair_next(&entry, root.span) )
        {
            context = (struct context) { 0 };
            vtd_decode_context(o, &entry.raw, &context);
            context_found(s, visit, entry.span, &context, true);
        }
    }
}

/*
 * Every context composite that @visit->source could ever have formed: nothing
 * is fetched while translation is off.
 */
static void contexts_visit(struct search *s, const struct context_visit *visit)
{
    const struct history *rtaddr = &vtd(s->o)->rtaddr, *tes = &vtd(s->o)->tes;

    for ( unsigned int t = tes->count; t > 0; t-- )
        for ( unsigned int i = rtaddr->count; i > 0; i-- )
        {
            const struct version *r = &rtaddr->version[i - 1];
            const struct version *on = &tes->version[t - 1];
            struct span life = { visit->present.start, NEVER };

            life = span_meet(life, span_meet(r->span, on->span));
            if ( on->value && !span_empty(life) )
                contexts_below(s, visit, r->value, life);
        }
}

/* The last invalidation that left nothing of this page before the access. */
static uint64_t cut_of(const struct search *s, uint16_t did)
{
    bool device_tlb = s->q->type == AT_TRANSLATED;
    struct cached page = { .class = device_tlb ? CLASS_DEVICE_TLB :
                                                 CLASS_PAGING,
                           .did = did,
                           .sid = (uint16_t)s->q->source,
                           .first = s->q->iova & ~PAGE_OFFSET,
                           .last = s->q->iova | PAGE_OFFSET };

    if ( s->with_dead )
        return 0;
    for ( size_t i = s->o->log.count; i > 0; i-- )
    {
        const struct logged *inv = log_at(s->o, i - 1);

        if ( inv->complete <= s->q->t0 && vtd_rule_covers(s->o, inv, &page) )
            return inv->submit;
    }
    return 0;
}

static struct selection *selection_of(struct search *s, uint16_t did)
{
    struct selection *selection = s->selected;

    while ( selection < s->selected + s->selections && selection->did != did )
        selection++;
    if ( selection == s->selected + SELECTIONS_MAX )
    {
        s->set->open = true;
        return NULL;
    }
    if ( selection == s->selected + s->selections )
    {
        s->selections++;
        *selection = (struct selection) { .did = did, .cut = cut_of(s, did) };
    }
    return selection;
}

static void select_error(struct search *s, const struct composite *c,
                         const struct context *context)
{
    struct legal legal = { .kind = context->silent ? LEGAL_SILENT :
                                                     LEGAL_FAULT,
                           .alive = c->alive,
                           .fault = context->fault,
                           .usable = c->usable,
                           .removed_by = c->removed_by };

    legal.unrecorded = context->fault && context->fault->qualified &&
                       context->fpd;
    legal.recorded = !legal.unrecorded;
    add(s, &legal);
}

/* Contexts that the access may select; their faults are its faults. */
static void select_context(struct search *s, const struct composite *c,
                           const struct context *context, unsigned int unused)
{
    struct selection *selection;
    enum fault_id fault;

    /* What the device-TLB holds, the context need not say any more. */
    bool alive = c->alive || s->q->type == AT_TRANSLATED;

    (void)unused;
    if ( !alive && !s->with_dead )
        return;
    if ( context->fault || context->silent )
    {
        select_error(s, c, context);
        return;
    }
    selection = selection_of(s, context->did);
    if ( !selection )
        return;
    selection->alive |= alive;
    selection->fpd_set |= context->fpd;
    selection->fpd_clear |= !context->fpd;
    fault = vtd_query_input(s->o, s->q, context);
    if ( fault != FAULT_COUNT )
        add_fault(s, c, fault, context->did, 0,
                  (unsigned int)(selection - s->selected));
}

/* What a context with the selected DID lets form. */
static void form(struct search *s, const struct composite *c,
                 const struct context *context, unsigned int selected)
{
    struct place place = { .parent = c,
                           .context = context,
                           .table = context->slptptr,
                           .level = AW_LEVELS(context->aw),
                           .selected = selected,
                           .rights = RIGHT_R | RIGHT_W };

    if ( vtd_query_input(s->o, s->q, context) != FAULT_COUNT ||
         c->removal <= s->selected[selected].cut )
        return;
    if ( context->tt == TT_PASS_THROUGH )
    {
        place.level = LEVEL_LEAF;
        leaf_at(s, &place, c->usable, c->removal, s->q->iova & ~PAGE_OFFSET);
    }
    else
        descend(s, &place);
}

static void form_all(struct search *s, unsigned int selected)
{
    const struct oracle *o = s->o;
    struct context_visit visit = { .found = form,
                                   .of_selected = true,
                                   .selected = selected };
    bool known = false;

    visit.present.end = NEVER;
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        visit.source = o->device[i].source;
        visit.present.start = o->device[i].since;
        known |= visit.source == s->q->source;
        contexts_visit(s, &visit);
    }
    if ( !known )
    {
        visit.source = s->q->source;
        visit.present.start = o->epoch;
        contexts_visit(s, &visit);
    }
    for ( size_t i = 0; i < o->formers; i++ )
    {
        visit.source = o->former[i].source;
        visit.present = o->former[i].present;
        contexts_visit(s, &visit);
    }
}

static uint64_t source_since(const struct oracle *o, uint32_t source)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
            return o->device[i].since;
    return o->epoch;
}

void vtd_ledger_collect(struct oracle *o, const struct query *q,
                        bool with_dead, struct legal_set *set)
{
    struct search s = { .o = o, .q = q, .set = set, .with_dead = with_dead };
    struct context_visit visit = { .found = select_context,
                                   .source = q->source,
                                   .present = { source_since(o, q->source),
                                                NEVER } };
    const struct span window = { q->t0, q->t1 + 1 };
    bool on = false;

    set->count = 0;
    set->open = false;
    for ( unsigned int i = 0; i < vtd(o)->tes.count; i++ )
    {
        const struct version *v = &vtd(o)->tes.version[i];
        bool alive = !span_empty(span_meet(v->span, window));

        on |= alive && v->value;
        if ( !v->value && !span_empty(v->span) )
            add(&s, &(struct legal) { .kind = LEGAL_MAP,
                                      .alive = alive,
                                      .off = true,
                                      .gpa = q->iova,
                                      .mask = UINT64_MAX,
                                      .rights = RIGHT_R | RIGHT_W,
                                      .usable = v->span });
    }
    if ( !on )
        return;
    contexts_visit(&s, &visit);
    /* One that has left, and come back, may still have begun it then. */
    for ( size_t i = 0; i < o->formers; i++ )
    {
        visit.present = o->former[i].present;
        if ( o->former[i].source == q->source && visit.present.end > q->t0 )
            contexts_visit(&s, &visit);
    }
    for ( unsigned int i = 0; i < s.selections; i++ )
        form_all(&s, i);
}
