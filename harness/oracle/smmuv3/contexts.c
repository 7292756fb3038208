/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every STE and CD that a stream could ever have formed, with its life: L1STD,
 * STE, L1CD and CD are cached one by one, also when they are invalid (4.3,
 * 16.2).  Nothing is fetched while translation is off.
 */
#include "internal.h"

/* ---- several words that held at one instant ---- */

#define TUPLE_WORDS 4

struct tuple {
    struct word word[TUPLE_WORDS];
    unsigned int at[TUPLE_WORDS], words;
    bool done;
    struct span span;
    bool readable;
    uint64_t value[TUPLE_WORDS];
};

static void note(struct search *s, uint64_t gpa)
{
    if ( s->notes )
        smmu_config_page(s->o, gpa);
}

static void tuple_start(struct search *s, struct tuple *t, uint64_t gpa,
                        unsigned int words)
{
    note(s, gpa);
    t->words = words;
    t->done = false;
    for ( unsigned int i = 0; i < words; i++ )
    {
        search_versions(s, gpa + 8 * i, &t->word[i]);
        t->at[i] = t->word[i].count - 1;
    }
}

static void tuple_take(struct tuple *t)
{
    t->span = (struct span) { 0, NEVER };
    t->readable = true;
    for ( unsigned int i = 0; i < t->words; i++ )
    {
        const struct version *v = &t->word[i].version[t->at[i]];

        t->span = span_meet(t->span, v->span);
        t->readable &= v->readable;
        t->value[i] = v->value;
    }
}

/* Newest first; each step goes back to before the youngest of its words. */
static bool tuple_next(struct tuple *t, struct span within)
{
    while ( !t->done )
    {
        uint64_t start;

        tuple_take(t);
        start = t->span.start;
        for ( unsigned int i = 0; i < t->words; i++ )
            if ( t->word[i].version[t->at[i]].span.start == start )
            {
                if ( t->at[i] )
                    t->at[i]--;
                else
                    t->done = true;
            }
        t->span = span_meet(t->span, within);
        if ( !span_empty(t->span) )
            return true;
    }
    return false;
}

/* ---- the steps ---- */

static void fail(struct search *s, const struct visit *v, struct span formed,
                 uint64_t obsolete, const struct cached *cached,
                 const struct failure *failure)
{
    struct composite c;

    if ( !v->failed )
        return;
    c = search_life(s, formed, obsolete, cached);
    v->failed(s, v, &c, failure);
}

/* One that leaves takes its structures along: nothing forms any more. */
static struct composite structure(struct search *s, const struct visit *v,
                                  struct span formed, uint64_t obsolete,
                                  const struct cached *cached)
{
    struct composite c = search_life(s, formed, obsolete, cached);

    c.usable.end = earlier(c.usable.end, v->present.end);
    c.removal = earlier(c.removal, v->present.end);
    return c;
}

/* A step on the way to a CD. */
struct cd_step {
    const struct visit *visit;
    const struct composite *parent;
    const struct context *context; /* its STE */
    uint32_t index;
    uint64_t at; /* as the structures name it */
    bool level1; /* an L1CD */
    void (*read)(struct search *s, const struct cd_step *step,
                 const struct composite *via, uint64_t pa);
};

static struct cached cached_cd(const struct cd_step *step,
                               enum cache_class class)
{
    const struct ste *ste = &step->context->ste;
    uint32_t mask = UINT32_MAX;

    if ( class == CACHE_L1CD )
        mask <<= ste->s1fmt == S1FMT_64K ? 10 : 6;
    return (struct cached) { .class = class,
                             .sid = step->visit->sid,
                             .sid_mask = UINT32_MAX,
                             .ssid = step->index,
                             .ssid_mask = mask };
}

static void step_translated(struct search *s, const struct stage2 *r,
                            const struct composite *c, uint64_t pa,
                            uint64_t mask, unsigned int rights,
                            unsigned int level)
{
    const struct cd_step *step = r->cookie;

    (void)mask;
    (void)rights;
    (void)level;
    step->read(s, step, c, pa);
}

static void step_blocked(struct search *s, const struct stage2 *r,
                         const struct composite *via,
                         const struct failure *failure)
{
    const struct composite c = stage2_refusal(s, r, via, NULL);
    const struct cd_step *step = r->cookie;
    struct failure failed = *failure;

    failed.ste = &step->context->ste;
    if ( step->visit->failed )
        step->visit->failed(s, step->visit, &c, &failed);
}

/* With stage 2 the address is an IPA. */
static void step_read(struct search *s, const struct cd_step *step)
{
    const struct stage2 r = { .ipa = step->at,
                              .class = CLASS_CD,
                              .ste = &step->context->ste,
                              .parent = step->parent,
                              .cookie = step,
                              .done = step_translated,
                              .failed = step_blocked };

    if ( step->context->ste.stage2 )
        stage2_translate(s, &r);
    else
        step->read(s, step, NULL, step->at);
}

static struct span meet(const struct composite *a, const struct composite *b,
                        struct span span)
{
    span = span_meet(span, a->usable);
    return b ? span_meet(span, b->usable) : span;
}

static uint64_t outlived(const struct composite *a, const struct composite *b,
                         uint64_t end)
{
    end = earlier(end, a->removal);
    return b ? earlier(end, b->removal) : end;
}

static void cd_read(struct search *s, const struct cd_step *step,
                    const struct composite *via, uint64_t pa)
{
    const struct cached cached = cached_cd(step, CACHE_CD);
    struct context context = *step->context;
    struct tuple t;

    tuple_start(s, &t, pa, CD_WORDS);
    while (
        tuple_next(&t, meet(step->parent, via, (struct span) { 0, NEVER })) )
    {
        uint64_t obsolete = outlived(step->parent, via, t.span.end);
        struct composite c;

        if ( search_exhausted(s) )
            return;
        if ( !t.readable )
        {
            fail(s, step->visit, t.span, obsolete, NULL,
                 &(struct failure) { .event = EVENT_CD_FETCH,
                                     .recorded = true,
                                     .address = pa });
            continue;
        }
        smmu_cd_decode(s->o, &context.ste, t.value, &context.cd);
        if ( context.cd.bad )
        {
            fail(
                s, step->visit, t.span, obsolete, &cached,
                &(struct failure) { .event = EVENT_BAD_CD, .recorded = true });
            continue;
        }
        c = structure(s, step->visit, t.span, obsolete, &cached);
        context.stage1 = true;
        step->visit->found(s, step->visit, &c, &context);
    }
}

static void l1cd_version(struct search *s, const struct cd_step *step,
                         const struct composite *via, uint64_t pa,
                         const struct version *version)
{
    const struct cached cached = cached_cd(step, CACHE_L1CD);
    struct span formed = meet(step->parent, via, version->span);
    uint64_t obsolete = outlived(step->parent, via, version->span.end);
    struct cd_step next = *step;
    struct composite c;

    if ( span_empty(formed) || search_exhausted(s) )
        return;
    if ( !version->readable )
        fail(s, step->visit, formed, obsolete, NULL,
             &(struct failure) {
                 .event = EVENT_CD_FETCH, .recorded = true, .address = pa });
    else if ( !smmu_l1cd_decode(s->o, &step->context->ste, version->value,
                                step->index, &next.at) )
        fail(s, step->visit, formed, obsolete, &cached,
             &(struct failure) { .event = EVENT_BAD_SUBSTREAMID,
                                 .recorded = true });
    else
    {
        c = structure(s, step->visit, formed, obsolete, &cached);
        next.parent = &c;
        next.read = cd_read;
        step_read(s, &next);
    }
}

static void l1cd_read(struct search *s, const struct cd_step *step,
                      const struct composite *via, uint64_t pa)
{
    struct word word;

    note(s, pa);
    search_versions(s, pa, &word);
    for ( unsigned int i = word.count; i > 0; i-- )
        l1cd_version(s, step, via, pa, &word.version[i - 1]);
}

static void ste_good(struct search *s, const struct visit *v,
                     const struct composite *c, const struct context *context)
{
    struct failure failure = { .recorded = true };
    struct cd_step step = {
        .visit = v, .parent = c, .context = context, .read = cd_read
    };
    bool two_level;
    enum way way;

    if ( v->only_ste )
    {
        v->found(s, v, c, context);
        return;
    }
    way = smmu_ste_way(&context->ste, v->pasid, &step.index, &failure.event);
    switch ( way )
    {
    case WAY_SILENT:
    case WAY_FAIL:
        failure.silent = way == WAY_SILENT;
        if ( v->failed )
            v->failed(s, v, c, &failure);
        break;
    case WAY_BYPASS_S1:
        v->found(s, v, c, context);
        break;
    case WAY_CD:
        smmu_cd_locate(&context->ste, step.index, &two_level, &step.at);
        if ( two_level )
            step.read = l1cd_read;
        step_read(s, &step);
        break;
    }
}

/* CONT: any STE of the group may be used, so they must be identical. */
static bool group_agrees(struct search *s, uint64_t at, uint32_t sid,
                         unsigned int cont)
{
    uint64_t first = at - (sid & ((1u << cont) - 1)) * (uint64_t)STE_BYTES;
    uint64_t own, other;

    for ( uint64_t i = 0; i < STE_BYTES << cont; i += 8 )
        if ( !word_now(s->o, at + i % STE_BYTES, &own) ||
             !word_now(s->o, first + i, &other) || own != other )
            return false;
    return true;
}

static void stes_at(struct search *s, const struct visit *v,
                    const struct frame *frame, const struct composite *parent,
                    uint64_t at)
{
    struct tuple t;

    tuple_start(s, &t, at, STE_WORDS);
    while ( tuple_next(&t, parent->usable) )
    {
        uint64_t obsolete = earlier(t.span.end, parent->removal);
        const struct cached cached = { .class = CACHE_STE,
                                       .sid = v->sid,
                                       .sid_mask = UINT32_MAX };
        struct context context = { .stage1 = false };
        struct composite c;

        if ( search_exhausted(s) )
            return;
        if ( !t.readable )
        {
            fail(s, v, t.span, obsolete, NULL,
                 &(struct failure) { .event = EVENT_STE_FETCH,
                                     .recorded = true,
                                     .address = at });
            continue;
        }
        smmu_ste_decode(s->o, frame, t.value, &context.ste);
        if ( context.ste.cont &&
             !group_agrees(s, at, v->sid, context.ste.cont) )
            context.ste.disputed = true;
        /* Of others' it counts where they are met: see form(). */
        s->set->open |= context.ste.disputed && v->failed;
        if ( context.ste.bad )
        {
            fail(s, v, t.span, obsolete, &cached,
                 &(struct failure) { .event = EVENT_BAD_STE,
                                     .recorded = true });
            continue;
        }
        c = structure(s, v, t.span, obsolete, &cached);
        ste_good(s, v, &c, &context);
    }
}

static void l1std_version(struct search *s, const struct visit *v,
                          const struct frame *frame,
                          const struct composite *parent, uint64_t at,
                          const struct version *version)
{
    const struct cached cached = { .class = CACHE_L1STD,
                                   .sid = v->sid,
                                   .sid_mask = smmu_l1std_streams(frame) };
    struct span formed = span_meet(parent->usable, version->span);
    uint64_t obsolete = earlier(version->span.end, parent->removal), ste;
    struct composite c;

    if ( span_empty(formed) || search_exhausted(s) )
        return;
    if ( !version->readable )
        fail(s, v, formed, obsolete, NULL,
             &(struct failure) {
                 .event = EVENT_STE_FETCH, .recorded = true, .address = at });
    else if ( !smmu_l1std_decode(frame, version->value, v->sid, &ste) )
        fail(s, v, formed, obsolete, &cached,
             &(struct failure) { .event = EVENT_BAD_STREAMID,
                                 .recorded = frame->cr2 & CR2_RECINVSID });
    else
    {
        c = structure(s, v, formed, obsolete, &cached);
        stes_at(s, v, frame, &c, ste);
    }
}

/* What can be formed while one frame is latched. */
static void below_frame(struct search *s, const struct visit *v,
                        const struct frame *frame, struct span life)
{
    const struct composite top = { .usable = life,
                                   .obsolete = life.end,
                                   .removal = life.end,
                                   .alive = true };
    struct word word;
    bool two_level;
    uint64_t at;

    if ( !smmu_ste_locate(s->o, frame, v->sid, &two_level, &at) )
        fail(s, v, life, life.end, NULL,
             &(struct failure) { .event = EVENT_BAD_STREAMID,
                                 .recorded = frame->cr2 & CR2_RECINVSID });
    else if ( !two_level )
        stes_at(s, v, frame, &top, at);
    else
    {
        note(s, at);
        search_versions(s, at, &word);
        for ( unsigned int i = word.count; i > 0; i-- )
            l1std_version(s, v, frame, &top, at, &word.version[i - 1]);
    }
}

void contexts_visit(struct search *s, const struct visit *v)
{
    const struct history *enable = &smmu(s->o)->enable;
    const struct frame *frames = smmu(s->o)->frame;

    for ( unsigned int i = enable->count; i > 0; i-- )
    {
        const struct version *on = &enable->version[i - 1];
        struct span life = { v->present.start, NEVER };

        life = span_meet(life, on->span);
        if ( s->now )
            life = (struct span) { 0, NEVER };
        if ( on->value && !span_empty(life) )
            below_frame(s, v, &frames[on->value - 1], life);
        if ( s->now )
            return;
    }
}
