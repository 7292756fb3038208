/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The freshness ledger: which results are legal for an access.
 *
 * An access selects a context of its own stream; with the tags of that it may
 * meet whatever any stream let form under the same tags.  A fresh walk is the
 * same search over the current values.  See docs/ledger.md, and life.c for
 * what becomes of a composite.
 */
#include "internal.h"

#include <assert.h>

#define VISITS_MAX 20000 /* composites looked at for one access */
#define NOW_MAX    8     /* results of one walk: a fault of each step */

/* ---- what the chapters of the search share ---- */

struct composite search_life(const struct search *s, struct span formed,
                             uint64_t obsolete, const struct cached *cached)
{
    static const struct cached nothing = { .class = CACHE_COUNT };

    if ( !s->now )
        return composite(s->o, s->q, formed, obsolete,
                         cached ? cached : &nothing, cached != NULL);
    return (struct composite) { .usable = { 0, NEVER },
                                .obsolete = NEVER,
                                .removal = NEVER,
                                .alive = true };
}

void search_versions(struct search *s, uint64_t gpa, struct word *word)
{
    if ( !s->now )
    {
        word_versions(s->o, gpa, word);
        return;
    }
    word->only = (struct version) { .span = { 0, NEVER } };
    word->only.readable = word_now(s->o, gpa, &word->only.value);
    word->version = &word->only;
    word->count = 1;
}

bool search_exhausted(struct search *s)
{
    if ( ++s->visits <= VISITS_MAX )
        return false;
    s->set->open = true;
    return true;
}

static bool overridden(unsigned int override, bool incoming)
{
    return override == OVERRIDE_OFF || override == 1 ?
               incoming :
               override == OVERRIDE_HIGH;
}

bool query_privileged(const struct query *q, const struct ste *ste)
{
    return overridden(ste ? ste->privcfg : OVERRIDE_OFF, q->privileged);
}

/* 13.1.2: a write is always data.  What was told which rights there are is
 * overridden no more. */
bool query_instruction(const struct query *q, const struct ste *ste)
{
    return overridden(ste && !q->told ? ste->instcfg : OVERRIDE_OFF,
                      q->execute) &&
           !q->write;
}

void search_fail(struct search *s, const struct composite *c,
                 const struct selection *selection, const struct failure *f)
{
    const struct ste *ste = selection ? &selection->context.ste : f->ste;
    struct legal legal = { .kind = f->silent ? LEGAL_SILENT : LEGAL_FAULT,
                           .alive = c->alive,
                           .fault = f->silent ? NULL : smmu_event(f->event),
                           .recorded = f->recorded && !f->silent,
                           .zeroes = f->zeroes,
                           .level = f->level,
                           .detail = f->detail,
                           .address = f->address,
                           .usable = c->usable,
                           .removed_by = c->removed_by };

    legal.unrecorded = !legal.recorded;
    /* The device is told; whether an error is recorded as well is not judged,
     * faults of the tables never are. */
    if ( s->q->type == AT_TRANSLATION_REQUEST )
    {
        legal.recorded &= legal.fault && !legal.fault->qualified;
        legal.unrecorded = true;
        legal.zeroes = false;
    }
    if ( query_privileged(s->q, ste) )
        legal.detail |= DETAIL_PRIV;
    if ( query_instruction(s->q, ste) )
        legal.detail |= DETAIL_INST;
    if ( !ste || ste->mev )
        legal.detail |= DETAIL_MEV;
    if ( selection )
    {
        legal.alive &= selection->alive;
        legal.tagged = true;
        legal.tag = TAG(selection->context.ste.vmid,
                        context_asid(&selection->context));
    }
    if ( legal.alive || s->with_dead )
        legal_add(s->set, &legal);
}

/* ---- formation ---- */

static void root_found(struct search *s, const struct visit *v,
                       const struct composite *c,
                       const struct context *context)
{
    (void)v;
    if ( !context->ste.stage2 )
        return;
    if ( s->roots == ROOTS_MAX )
        s->set->open = true;
    else
        s->root[s->roots++] = (struct root) { *c, context->ste };
}

/* ---- translation off ---- */

/* 3.4, 3.11: bypass, or abort; beyond OAS abort. */
static void add_disabled(struct search *s, uint64_t gbpa, struct span usable,
                         bool alive)
{
    bool abort = (gbpa & GBPA_ABORT) || above_haw(s->o, s->q->iova);

    if ( alive || s->with_dead )
        legal_add(s->set,
                  &(struct legal) { .kind = abort ? LEGAL_SILENT : LEGAL_MAP,
                                    .alive = alive,
                                    .off = true,
                                    .unrecorded = abort,
                                    .gpa = s->q->iova,
                                    .mask = UINT64_MAX,
                                    .rights = RIGHT_ALL,
                                    .usable = usable });
}

/* Returns whether translation may have been on. */
static bool disabled(struct search *s)
{
    const struct history *enable = &smmu(s->o)->enable;
    const struct history *gbpa = &smmu(s->o)->gbpa;
    const struct span window = { s->q->t0, s->q->t1 + 1 };
    bool on = false;

    for ( unsigned int i = 0; i < enable->count; i++ )
    {
        const struct version *v = &enable->version[i];

        on |= v->value && !span_empty(span_meet(v->span, window));
        for ( unsigned int j = 0; j < gbpa->count && !v->value; j++ )
        {
            struct span usable = span_meet(v->span, gbpa->version[j].span);

            if ( !span_empty(usable) )
                add_disabled(s, gbpa->version[j].value, usable,
                             !span_empty(span_meet(usable, window)));
        }
    }
    return on;
}

/* ---- the two searches ---- */

static void select_own(struct search *s)
{
    struct visit visit = { .found = selection_found,
                           .failed = selection_failed };

    streams_visit_own(s, &visit);
}

void smmu_collect(struct oracle *o, const struct query *q, bool with_dead,
                  struct legal_set *set)
{
    struct search s;
    struct visit visit = { .only_ste = true, .found = root_found };

    s.o = o;
    s.q = q;
    s.set = set;
    s.with_dead = with_dead;
    s.now = s.notes = false;
    s.visits = s.selections = s.roots = 0;
    set->count = 0;
    set->open = false;
    if ( !disabled(&s) )
        return;
    if ( IDR0_S2P(smmu(o)->idr[0]) )
        streams_visit(&s, &visit);
    select_own(&s);
    visit = (struct visit) { .found = selection_form };
    for ( unsigned int i = 0; i < s.selections; i++ )
        if ( s.selected[i].context.stage1 )
        {
            visit.selected = i;
            streams_visit(&s, &visit);
        }
}

static void search_now(struct search *s, struct oracle *o,
                       const struct query *q, struct legal_set *set)
{
    s->o = o;
    s->q = q;
    s->set = set;
    s->now = true;
    s->with_dead = s->notes = false;
    s->visits = s->selections = s->roots = 0;
    set->count = 0;
    set->open = false;
}

static void select_noted(struct search *s, const struct visit *v,
                         const struct composite *c,
                         const struct context *context)
{
    /* What is disputed, or reached through stage 2, says more than this. */
    if ( !s->set->open && !context->ste.stage2 )
        smmu(s->o)->selected = (struct selected) { s->o->tick, v->sid,
                                                   v->pasid, *context };
    selection_found(s, v, c, context);
}

/* As select_own(), with what was selected at the same instant. */
static void select_now(struct search *s)
{
    const struct selected *known = &smmu(s->o)->selected;
    const struct visit visit = { .sid = s->q->source,
                                 .pasid = s->q->pasid,
                                 .present = { 0, NEVER },
                                 .found = select_noted,
                                 .failed = selection_failed };
    struct context now = { .stage1 = false };
    struct composite c;

    if ( known->tick != s->o->tick || known->sid != visit.sid ||
         known->pasid != visit.pasid )
    {
        contexts_visit(s, &visit);
        return;
    }
    assert(smmu_context_now(s->o, known->sid, known->pasid, &now) &&
           context_same(&now, &known->context));
    (void)now;
    c = search_life(s, (struct span) { 0, NEVER }, NEVER, NULL);
    selection_found(s, &visit, &c, &known->context);
}

void smmu_fresh(struct oracle *o, const struct query *q, struct legal *legal)
{
    LEGAL_SET(set, NOW_MAX);
    struct search s;

    search_now(&s, o, q, &set);
    if ( history_last(&smmu(o)->enable)->value )
        select_now(&s);
    else
        add_disabled(&s, history_last(&smmu(o)->gbpa)->value,
                     (struct span) { 0, NEVER }, true);
    *legal = (struct legal) { .kind = LEGAL_SILENT, .unrecorded = true };
    if ( set.count )
        *legal = set.item[0];
    legal->disputed = set.open;
}

struct found_context {
    struct visit visit;
    struct context *context;
    bool found;
};

static void context_found(struct search *s, const struct visit *v,
                          const struct composite *c,
                          const struct context *context)
{
    struct found_context *f = (struct found_context *)v;

    (void)s;
    (void)c;
    *f->context = *context;
    f->found = true;
}

bool smmu_context_now(struct oracle *o, uint32_t sid, uint32_t pasid,
                      struct context *context)
{
    const struct query q = { .source = sid, .pasid = pasid };
    struct found_context f = { .visit = { .sid = sid,
                                          .pasid = pasid,
                                          .present = { 0, NEVER },
                                          .found = context_found },
                               .context = context };
    LEGAL_SET(set, NOW_MAX);
    struct search s;

    search_now(&s, o, &q, &set);
    s.notes = true;
    if ( history_last(&smmu(o)->enable)->value )
        contexts_visit(&s, &f.visit);
    return f.found;
}
