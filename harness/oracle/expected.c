/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P4: accesses that were blocked, and the records that the unit makes of them.
 *
 * They leave expectations, which are settled in order when the unit has had
 * time to record them.  What a record is, and where it stands, is the
 * architecture's.
 */
#include "internal.h"

#include <string.h>

void expected_add(struct oracle *o, const struct query *q,
                  const struct judgement *j)
{
    struct expectations *x = &o->expected;
    bool recorded = j->fresh && j->now.recorded;

    if ( q->recorded )
        return;
    if ( j->verdict != VERDICT_LEGAL )
    {
        x->lost = true; /* nothing to go by */
        return;
    }
    if ( recorded )
        o->stats.faults_expected++;
    x->item = oracle_grow(o, x->item, x->count, &x->room, sizeof(x->item[0]));
    x->item[x->count++] = (struct expected) {
        .query = *q,
        .fault = j->fresh ? j->now.fault : NULL,
        .detail = j->now.detail,
        .address = j->now.address,
        .recorded = recorded,
    };
}

/* By the fresh walk. */
static struct legal legal_of(const struct expected *e)
{
    return (struct legal) { .kind = LEGAL_FAULT,
                            .fault = e->fault,
                            .recorded = e->recorded,
                            .detail = e->detail,
                            .address = e->address };
}

static void forget(struct expectations *x, size_t first, size_t count)
{
    if ( !count )
        return; /* there may be no array yet */
    x->count -= count;
    memmove(x->item + first, x->item + first + count,
            (x->count - first) * sizeof(x->item[0]));
}

/* ---- one of them ---- */

static bool is_over(enum step step)
{
    return step == STEP_DONE || step == STEP_DROPPED;
}

/*
 * The unit may have met older values, and a virtual one decides on the reason
 * when it gets to it: is what it did one of the legal alternatives?
 */
static enum step alternative_step(struct oracle *o, const struct expected *e)
{
    const struct oracle_arch *arch = o->config.arch;
    const struct span window = { e->query.t0, o->tick + 1 };
    struct query q = e->query;
    struct legal_set set;
    enum step step = STEP_NOT_YET;
    /* What was refused memory aborts, and says nothing to the guest. */
    bool silent = o->tolerate_missing;

    if ( o->config.virtual_unit )
        q.t1 = o->tick;
    arch->collect(o, &q, false, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
    {
        const struct legal *l = &set.item[i];

        if ( l->kind == LEGAL_FAULT && l->recorded )
        {
            step = arch->record_step(o, e, l);
            if ( is_over(step) )
                return step;
        }
        silent |= l->kind == LEGAL_SILENT || l->unrecorded ||
                  (l->kind == LEGAL_MAP &&
                   p2m_refuses(o, l->gpa, q.write, window));
    }
    /* More was legal than is known: what there is is taken over. */
    if ( set.open && (step != STEP_NOT_YET || arch->records_follow) )
        o->expected.lost = true;
    return silent || set.open ? STEP_DONE : step;
}

static enum step expected_step(struct oracle *o, const struct expected *e)
{
    const struct legal now = legal_of(e);
    enum step step = STEP_NOT_YET;

    if ( e->recorded )
        step = o->config.arch->record_step(o, e, &now);
    return is_over(step) ? step : alternative_step(o, e);
}

/* ---- accesses that overlap ----
 * Nothing orders the records of two accesses that overlap; and one that is
 * under way may have made its record, which others may see.
 */

/* Does the next record, which is new, come of this access? */
static bool explains(struct oracle *o, const struct query *query)
{
    const struct oracle_arch *arch = o->config.arch;
    struct query q = *query;
    struct legal_set set;

    if ( !arch->record_of(o, query) )
        return false;
    q.t1 = o->tick;
    arch->collect(o, &q, false, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
        if ( set.item[i].kind == LEGAL_FAULT && set.item[i].recorded &&
             arch->record_take(o, query, &set.item[i]) )
            return true;
    return false;
}

/* An access that is under way. */
static bool open_explains(struct oracle *o)
{
    for ( size_t i = 0; i < o->opens; i++ )
        if ( o->open[i].used && !o->open[i].query.recorded &&
             explains(o, &o->open[i].query) )
        {
            o->open[i].query.recorded = true;
            return true;
        }
    return false;
}

/* One that has ended after the one at @first, but began before that ended. */
static bool later_explains(struct oracle *o, size_t first)
{
    struct expectations *x = &o->expected;

    for ( size_t i = first + 1; i < x->count; i++ )
        if ( x->item[i].query.t0 <= x->item[first].query.t1 &&
             explains(o, &x->item[i].query) )
        {
            forget(x, i, 1);
            return true;
        }
    return false;
}

/* ---- all of them ---- */

void expected_settle(struct oracle *o, bool force)
{
    struct expectations *x = &o->expected;
    size_t i;

    for ( i = 0; i < x->count && !x->lost; i++ )
    {
        struct legal now;
        enum step step;

        while ( later_explains(o, i) )
            ;
        step = expected_step(o, &x->item[i]);
        if ( step == STEP_DROPPED && !force && o->config.virtual_unit )
        {
            x->item[i].dropped = true;
            break;
        }
        if ( is_over(step) )
            continue;
        if ( !force )
            break;
        now = legal_of(&x->item[i]);
        o->config.arch->record_missed(o, &x->item[i].query, &now,
                                      step == STEP_WRONG);
        x->lost = true;
    }
    if ( !x->lost )
        forget(x, 0, i);
    while ( !x->lost && open_explains(o) )
        ;
}

void expected_reset(struct oracle *o)
{
    o->expected.count = 0;
    o->expected.lost = false;
}
