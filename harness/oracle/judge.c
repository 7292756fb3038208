/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened against what is legal: P1, P2, and the words for it.
 */
#include "internal.h"

#include <coverage/cover.h>

#include <inttypes.h>
#include <stdio.h>

static bool legal_same(const struct legal *a, const struct legal *b)
{
    return a->kind == b->kind && a->gpa == b->gpa && a->mask == b->mask &&
           a->rights == b->rights && a->fault == b->fault &&
           a->tag == b->tag && a->detail == b->detail &&
           a->address == b->address && a->alive == b->alive &&
           a->zeroes == b->zeroes;
}

void legal_add(struct legal_set *set, const struct legal *legal)
{
    for ( unsigned int i = 0; i < set->count; i++ )
        if ( legal_same(&set->item[i], legal) )
        {
            set->item[i].recorded |= legal->recorded;
            set->item[i].unrecorded |= legal->unrecorded;
            return;
        }
    if ( set->count == set->room )
        set->open = true;
    else
        set->item[set->count++] = *legal;
}

/* ---- does it fit? ---- */

bool outcome_is_zeroes(const struct oracle_outcome *outcome)
{
    return outcome->ok && !outcome->guest && outcome->hpa == UINT64_MAX;
}

/* Is this where @gpa is? */
static bool leads_to(struct oracle *o, const struct query *q, uint64_t gpa,
                     const struct oracle_outcome *outcome, struct span window)
{
    if ( outcome->guest )
        return gpa == outcome->hpa;
    /* A read of no bytes asks nobody whether there is memory. */
    if ( !q->size && !o->config.virtual_unit )
        return gpa == outcome->hpa;
    return p2m_leads(o, gpa, outcome->hpa, q->write, window);
}

/* Execution is judged where it is claimed: not every world tells. */
static bool same_rights(unsigned int told, unsigned int legal)
{
    return ((told ^ legal) & 3) == 0 && !(told & ~legal);
}

bool outcome_fits(struct oracle *o, const struct query *q,
                  const struct oracle_outcome *outcome,
                  const struct legal *legal)
{
    const struct span window = { q->t0, q->t1 + 1 };

    if ( legal->kind != LEGAL_MAP )
        return legal->zeroes ? outcome_is_zeroes(outcome) : !outcome->ok;
    if ( !outcome->ok )
        return p2m_refuses(o, legal->gpa, q->write, window);
    if ( !leads_to(o, q, legal->gpa, outcome, window) ||
         outcome->mask > legal->mask )
        return false;
    return !outcome->rights || same_rights(outcome->rights, legal->rights) ||
           (same_rights(outcome->rights, legal->rights & ~2u) &&
            p2m_refuses(o, legal->gpa, true, window));
}

static bool fits_any(struct oracle *o, const struct query *q,
                     const struct oracle_outcome *outcome,
                     const struct legal_set *set, bool alive)
{
    for ( unsigned int i = 0; i < set->count; i++ )
        if ( set->item[i].alive == alive &&
             outcome_fits(o, q, outcome, &set->item[i]) )
            return true;
    return false;
}

/* Is there a legal mapping (to memory, or to what the p2m refuses)? */
static bool any_map(struct oracle *o, const struct query *q,
                    const struct legal_set *set, bool refused)
{
    const struct span window = { q->t0, q->t1 + 1 };

    for ( unsigned int i = 0; i < set->count; i++ )
        if ( set->item[i].alive && set->item[i].kind == LEGAL_MAP &&
             (!refused || p2m_refuses(o, set->item[i].gpa, q->write, window)) )
            return true;
    return false;
}

/* Was there a fault that is no longer usable? */
static bool dead_fault(const struct legal_set *set)
{
    for ( unsigned int i = 0; i < set->count; i++ )
        if ( !set->item[i].alive && set->item[i].kind == LEGAL_FAULT )
            return true;
    return false;
}

/* Why is it illegal?  The set holds the dead ones too. */
static void classify(struct oracle *o, const struct query *q,
                     const struct oracle_outcome *outcome,
                     const struct legal_set *set, struct judgement *j)
{
    j->property = "P2";
    if ( !outcome->ok )
        j->rule = dead_fault(set) ? "stale fault" : "lost translation";
    else if ( fits_any(o, q, outcome, set, false) )
        j->rule = "stale translation";
    else if ( any_map(o, q, set, true) )
    {
        j->property = "P1";
        j->rule = "access to what the p2m refuses";
    }
    else if ( any_map(o, q, set, false) )
        j->rule = "wrong translation";
    else
        j->rule = "missing fault";
}

/* Where its device was, or came, there is no unit. */
static bool leads_past(struct oracle *o, const struct query *q,
                       const struct oracle_outcome *outcome)
{
    const struct span window = { q->t0, q->t1 + 1 };

    return !outcome->ok ||
           p2m_leads(o, q->iova, outcome->hpa, q->write, window);
}

static bool suspended(const struct oracle *o, const struct legal *now)
{
    return now->disputed || o->config.arch->suspends(o, now);
}

static bool suspends_any(const struct oracle *o, const struct legal_set *set)
{
    if ( set->open )
        return true;
    for ( unsigned int i = 0; i < set->count; i++ )
        if ( o->config.arch->suspends(o, &set->item[i]) )
            return true;
    return false;
}

static void add_result(struct oracle_legal *legal,
                       const struct oracle_result *result)
{
    for ( unsigned int i = 0; i < legal->count; i++ )
    {
        const struct oracle_result *known = &legal->result[i];

        if ( known->ok == result->ok && known->gpa == result->gpa &&
             known->reason == result->reason &&
             known->recorded == result->recorded &&
             known->detail == result->detail &&
             known->address == result->address )
            return;
    }
    if ( legal->count == ORACLE_MAX_LEGAL )
        legal->open = true;
    else
        legal->result[legal->count++] = *result;
}

/* A fault may be recorded, or left out, or either: then it is two results. */
static void add_results(struct oracle_legal *legal, const struct legal *l)
{
    struct oracle_result result = { .ok = l->kind == LEGAL_MAP };

    if ( result.ok )
        result.gpa = l->gpa;
    else if ( l->fault )
    {
        result.reason = l->fault->reason;
        result.condition = l->fault->condition;
    }
    if ( l->unrecorded || !l->recorded )
        add_result(legal, &result);
    if ( !l->recorded )
        return;
    result.recorded = true;
    result.detail = l->detail;
    result.address = l->address;
    add_result(legal, &result);
}

void judge_legal(struct oracle *o, const struct query *q,
                 struct oracle_legal *legal)
{
    const struct oracle_arch *arch = o->config.arch;
    LEGAL_SET(set, LEGAL_MAX);
    struct legal now;

    *legal = (struct oracle_legal) { .open = arch->unjudged(o, q) };
    if ( legal->open )
        return;
    arch->fresh(o, q, &now);
    arch->collect(o, q, false, &set);
    legal->open = suspended(o, &now) || suspends_any(o, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
        add_results(legal, &set.item[i]);
}

/* It is not what the tables say now.  Could it be what they said? */
static void judge_stale(struct oracle *o, const struct query *q,
                        const struct oracle_outcome *outcome,
                        struct judgement *j)
{
    const struct oracle_arch *arch = o->config.arch;
    LEGAL_SET(set, LEGAL_MAX);

    arch->collect(o, q, false, &set);
    if ( fits_any(o, q, outcome, &set, true) )
        return;
    if ( suspends_any(o, &set) )
    {
        j->verdict = VERDICT_SUSPENDED;
        return;
    }
    if ( o->tolerate_missing && !outcome->ok )
    {
        j->tolerated = true;
        return;
    }
    j->verdict = VERDICT_ILLEGAL;
    arch->collect(o, q, true, &set);
    classify(o, q, outcome, &set, j);
}

void judge(struct oracle *o, const struct query *q,
           const struct oracle_outcome *outcome, struct judgement *j)
{
    j->property = j->rule = NULL;
    j->tolerated = false;
    o->config.arch->fresh(o, q, &j->now);
    j->fresh = outcome_fits(o, q, outcome, &j->now);
    j->verdict = suspended(o, &j->now) ? VERDICT_SUSPENDED : VERDICT_LEGAL;
    if ( !j->fresh && j->verdict == VERDICT_LEGAL &&
         !(q->moved && leads_past(o, q, outcome)) )
        judge_stale(o, q, outcome, j);
}

/* ---- in words ---- */

const char *rights_text(unsigned int rights)
{
    static const char *const names[] = { "",   " r",  " w",  " rw",
                                         " x", " rx", " wx", " rwx" };

    return names[rights & 7];
}

const char *outcome_text(const struct oracle_outcome *outcome,
                         struct phrase *phrase)
{
    if ( !outcome->ok )
        return "nothing";
    if ( outcome_is_zeroes(outcome) )
        return "zeroes (RAZ/WI)";
    snprintf(phrase->text, sizeof(phrase->text), "%s address %" PRIx64 "%s",
             outcome->guest ? "guest" : "host", outcome->hpa,
             rights_text(outcome->rights));
    return phrase->text;
}

const char *legal_text(const struct legal *legal, struct phrase *phrase)
{
    if ( legal->kind == LEGAL_MAP )
        snprintf(phrase->text, sizeof(phrase->text),
                 "guest address %" PRIx64 "%s", legal->gpa,
                 rights_text(legal->rights));
    else
        snprintf(phrase->text, sizeof(phrase->text), "a fault, %s",
                 legal->fault ? legal->fault->condition : "not recorded");
    return phrase->text;
}

void judge_report(struct oracle *o, const struct query *q,
                  const struct oracle_outcome *outcome,
                  const struct judgement *j, const char *property,
                  const char *rule, const char *verb)
{
    struct phrase got, said;
    char substream[24] = "";

    if ( q->pasid != UINT32_MAX )
        snprintf(substream, sizeof(substream), ":%" PRIx32, q->pasid);
    oracle_report(
        o, property, rule,
        "source %" PRIx32 "%s, a %s at %" PRIx64 " %s %s; the tables say %s",
        q->source, substream, q->write ? "write" : "read", q->iova, verb,
        outcome_text(outcome, &got), legal_text(&j->now, &said));
}

/* ---- an access has ended ---- */

void judge_dma(struct oracle *o, const struct query *q,
               const struct oracle_outcome *outcome, struct judgement *j)
{
    judge(o, q, outcome, j);
    switch ( j->verdict )
    {
    case VERDICT_SUSPENDED:
        COVER("oracle.dma.suspended");
        o->stats.suspended++;
        break;
    case VERDICT_LEGAL:
        COVER("oracle.dma.%s.%s",
              j->tolerated ? "tolerated" :
              j->fresh     ? "fresh" :
                             "stale",
              outcome->ok ? "map" : "fault");
        if ( j->tolerated )
            o->stats.missing_tolerated++;
        else if ( !j->fresh )
            o->stats.stale_allowed++;
        break;
    case VERDICT_ILLEGAL:
        judge_report(o, q, outcome, j, j->property, j->rule, "got");
        break;
    }
}

/* ---- for people ---- */

/* Until when a result is usable. */
static void explain_end(const struct oracle *o, const struct legal *l,
                        char *buffer, size_t size)
{
    const struct logged *inv;

    if ( l->removed_by )
    {
        inv = log_at(o, l->removed_by - 1);
        snprintf(buffer, size, "until invalidation #%zu%s (%s)",
                 l->removed_by - 1,
                 inv->complete == NEVER ? " which is pending" : "",
                 o->config.arch->citation(inv));
    }
    else if ( l->usable.end != NEVER )
        snprintf(buffer, size, "until tick %" PRIu64, l->usable.end);
    else
        snprintf(buffer, size, "from then on");
}

static int explain_one(const struct oracle *o, const struct legal *l,
                       char *buffer, size_t size)
{
    const struct oracle_arch *arch = o->config.arch;
    char until[128];

    explain_end(o, l, until, sizeof(until));
    if ( l->kind == LEGAL_SILENT )
        return snprintf(buffer, size, "blocked silently\n");
    if ( l->kind == LEGAL_FAULT )
        return snprintf(buffer, size,
                        "fault %02x %s%s at level %u, since tick %" PRIu64
                        ", %s\n",
                        l->fault->reason, l->fault->condition,
                        l->recorded ? "" : " (not recorded)", l->level,
                        l->usable.start, until);
    return snprintf(buffer, size,
                    "gpa %" PRIx64 "%s %s (%s %" PRIx32 ") since tick %" PRIu64
                    ", %s\n",
                    l->gpa, rights_text(l->rights),
                    l->off ? "with translation off" : "by the tables",
                    arch->tag_name, l->tag, l->usable.start, until);
}

void judge_explain(struct oracle *o, const struct query *q, char *buffer,
                   size_t size)
{
    LEGAL_SET(set, LEGAL_MAX);
    size_t used = 0;

    o->config.arch->collect(o, q, false, &set);
    for ( unsigned int i = 0; i < set.count && used < size; i++ )
        used += (size_t)explain_one(o, &set.item[i], buffer + used,
                                    size - used);
    if ( set.open && used < size )
        snprintf(buffer + used, size - used, "and more\n");
}
