/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contexts that an access may have selected, and what others let form for
 * it under the same tags.
 */
#include "internal.h"

/* The last invalidation that left nothing of this address before the access:
 * by ASID it leaves global entries, by range those of other granules. */
static void set_cuts(const struct search *s, struct selection *selection)
{
    const struct context *context = &selection->context;
    const struct cached atc = smmu_atc(s->q, s->q->iova & ~PAGE_OFFSET,
                                       s->q->iova | PAGE_OFFSET);
    struct cached page = { .class = CACHE_WALK1,
                           .world = context->ste.world,
                           .vmid = context->ste.vmid,
                           .asid = context_asid(context),
                           .first = va_canonical(s->q->iova) & ~PAGE_OFFSET,
                           .last = va_canonical(s->q->iova) | PAGE_OFFSET };

    if ( s->with_dead || s->now )
        return;
    if ( s->q->type == AT_TRANSLATED )
        page = atc;
    for ( size_t i = s->o->log.count; i > 0 && !selection->cut; i-- )
    {
        const struct invalidation *inv = smmu_log(s->o, i - 1);
        bool by_asid = inv->op == OP_TLBI_NH_ASID ||
                       inv->op == OP_TLBI_EL2_ASID;

        if ( inv->life.complete > s->q->t0 || inv->range ||
             (by_asid && selection->cut_local) ||
             !smmu_rule_covers(s->o, &inv->life, &page) )
            continue;
        if ( !selection->cut_local )
            selection->cut_local = inv->life.submit;
        if ( !by_asid )
            selection->cut = inv->life.submit;
    }
}

static struct selection *selection_of(struct search *s,
                                      const struct context *context)
{
    struct selection *selection = s->selected;

    while ( selection < s->selected + s->selections &&
            !context_same(&selection->context, context) )
        selection++;
    if ( selection == s->selected + SELECTIONS_MAX )
    {
        s->set->open = true;
        return NULL;
    }
    if ( selection == s->selected + s->selections )
    {
        s->selections++;
        *selection = (struct selection) {
            .context = *context,
            .privileged = query_privileged(s->q, &context->ste),
            .instruction = query_instruction(s->q, &context->ste)
        };
        set_cuts(s, selection);
    }
    return selection;
}

void selection_found(struct search *s, const struct visit *v,
                     const struct composite *c, const struct context *context)
{
    /* What the device-TLB holds, the context need not say any more. */
    bool alive = c->alive || s->q->type == AT_TRANSLATED;
    struct selection *selection;
    unsigned int half;

    (void)v;
    if ( !alive && !s->with_dead )
        return;
    if ( s->q->type != AT_UNTRANSLATED &&
         (!context->stage1 || context->ste.eats != EATS_FULL) )
    {
        search_fail(s, c, NULL,
                    &(struct failure) { .event = EVENT_BAD_ATS_TREQ,
                                        .recorded = true,
                                        .ste = &context->ste });
        return;
    }
    selection = selection_of(s, context);
    if ( !selection )
        return;
    selection->alive |= alive;
    if ( context->stage1 && !tables_half(context, s->q->iova, &half) )
        search_fail(s, c, selection,
                    &(struct failure) { .event = EVENT_TRANSLATION,
                                        .recorded = context->cd.r,
                                        .zeroes = !context->cd.a,
                                        .detail = DETAIL_CLASS(CLASS_IN) });
    if ( s->now || !context->stage1 )
        tables_form(s, c, context, NULL, selection);
}

void selection_failed(struct search *s, const struct visit *v,
                      const struct composite *c, const struct failure *failure)
{
    (void)v;
    search_fail(s, c, NULL, failure);
}

/* ---- formation ---- */

static void take_attributes(struct cd *to, const struct cd *from)
{
    to->affd = from->affd;
    to->wxn = from->wxn;
    to->pan = from->pan;
}

/* A walk by @cd goes on from what is cached of another's tables: by its own
 * rules, from there on. */
static void walk_on(struct cd *below, const struct cd *cd)
{
    take_attributes(below, cd);
    for ( unsigned int i = 0; i < 2; i++ )
    {
        below->enabled[i] &= cd->enabled[i] &&
                             cd->half[i].shift == below->half[i].shift;
        below->half[i].out = cd->half[i].out;
        below->half[i].flat = cd->half[i].flat;
    }
}

/* What a context with the selected tags lets form: under its own attributes,
 * kept with an entry, and under those of the CD selected. */
void selection_form(struct search *s, const struct visit *v,
                    const struct composite *c, const struct context *context)
{
    const struct selection *selection = &s->selected[v->selected];
    const struct cd *cd = &selection->context.cd;
    struct context mixed = *context, below = *context;

    if ( !context->stage1 ||
         context->ste.world != selection->context.ste.world ||
         context->ste.vmid != selection->context.ste.vmid )
        return;
    s->set->open |= context->ste.disputed && context_asid(context) == cd->asid;
    walk_on(&below.cd, cd);
    tables_form(s, c, context,
                cd->asid == context->cd.asid &&
                        !context_same(&below, context) ?
                    &below :
                    NULL,
                selection);
    take_attributes(&mixed.cd, cd);
    if ( !context_same(&mixed, context) )
        tables_form(s, c, &mixed, NULL, selection);
}
