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

static void append(struct oracle *o, const struct expected *e)
{
    struct expectations *x = &o->expected;

    x->item = oracle_grow(o, x->item, x->count, &x->room, sizeof(x->item[0]));
    x->item[x->count++] = *e;
}

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
    append(o, &(struct expected) {
                  .query = *q,
                  .fault = j->fresh ? j->now.fault : NULL,
                  .detail = j->now.detail,
                  .address = j->now.address,
                  .recorded = recorded,
              });
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
    return step == STEP_DONE || step == STEP_DROPPED || step == STEP_SILENT;
}

/*
 * The unit may have met older values, and a virtual one decides on the reason
 * when it gets to it: what is legal then?
 */
static void alternatives(struct oracle *o, const struct expected *e,
                         struct legal_set *set)
{
    struct query q = e->query;

    if ( o->config.virtual_unit )
    {
        q.ended = q.t1;
        q.t1 = o->tick;
    }
    o->config.arch->collect(o, &q, false, set);
}

/* May it have been blocked without a record? */
static bool may_be_silent(struct oracle *o, const struct expected *e,
                          const struct legal_set *set)
{
    const struct span window = { e->query.t0, o->tick + 1 };

    /* What was refused memory aborts, and says nothing to the guest. */
    if ( o->tolerate_missing || e->query.moved )
        return true;
    for ( unsigned int i = 0; i < set->count; i++ )
    {
        const struct legal *l = &set->item[i];

        if ( l->kind == LEGAL_SILENT || l->unrecorded ||
             (l->kind == LEGAL_MAP &&
              p2m_refuses(o, l->gpa, e->query.write, window)) )
            return true;
    }
    return false;
}

static void had(struct oracle *o, struct expected *e, const struct legal *l)
{
    o->stats.noticed++;
    e->fault = l->fault;
    e->detail = l->detail;
    e->address = l->address;
    e->recorded = true;
}

/* What may have been dropped before may have been recorded after all, as
 * another alternative. */
static bool is_certain(enum step step, const struct expected *e)
{
    return step == STEP_DONE || (step == STEP_DROPPED && !e->query.dropped);
}

/* Is what the unit did one of the alternatives?  @e says which, then. */
static enum step alternative_step(struct oracle *o, struct expected *e)
{
    const struct oracle_arch *arch = o->config.arch;
    LEGAL_SET(set, LEGAL_MAX);
    enum step step = STEP_NOT_YET;
    bool dropped = false;

    alternatives(o, e, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
    {
        const struct legal *l = &set.item[i];

        if ( l->kind != LEGAL_FAULT || !l->recorded )
            continue;
        step = arch->record_step(o, e, l);
        if ( step == STEP_DONE )
            had(o, e, l);
        if ( is_certain(step, e) )
            return step;
        dropped |= step == STEP_DROPPED;
    }
    if ( dropped )
        return STEP_DROPPED;
    /* More was legal than is known: what there is is taken over. */
    if ( set.open && (step != STEP_NOT_YET || arch->records_follow) )
        o->expected.lost = true;
    return set.open || may_be_silent(o, e, &set) ? STEP_SILENT : step;
}

static enum step expected_step(struct oracle *o, struct expected *e)
{
    const struct legal now = legal_of(e);
    enum step step = STEP_NOT_YET, other;

    if ( e->recorded )
        step = o->config.arch->record_step(o, e, &now);
    if ( is_certain(step, e) )
        return step;
    other = alternative_step(o, e);
    return step == STEP_DROPPED && !is_over(other) ? step : other;
}

/* ---- two accesses, equal records ----
 * A record goes to the first that it fits, which may have been blocked
 * silently, or makes its own later.  Who misses one asks those.
 */

static void remember_taken(struct expectations *x, const struct expected *e)
{
    if ( x->takens == EXPECTED_TAKEN )
        memmove(x->taken, x->taken + 1, --x->takens * sizeof(x->taken[0]));
    x->taken[x->takens++] = *e;
}

/*
 * Does the record of @before stand before that of @after?  Nothing orders two
 * that overlap; nor two that different physical units below a virtual one have
 * in logs of their own.
 */
static bool in_order(const struct oracle *o, const struct query *before,
                     const struct query *after)
{
    return before->t1 < after->t0 &&
           (before->unit == after->unit || !o->config.virtual_unit);
}

/* Would the record that @taken has be one of @missed, of which @set is legal?
 */
static bool same_record(struct oracle *o, const struct expected *taken,
                        const struct expected *missed,
                        const struct legal_set *set)
{
    const struct legal had = legal_of(taken);

    for ( unsigned int i = 0; i < set->count; i++ )
        if ( set->item[i].recorded && set->item[i].fault == taken->fault &&
             o->config.arch->record_equal(o, &taken->query, &had,
                                          &missed->query, &set->item[i]) )
            return true;
    return false;
}

/*
 * Gives the record of another one to @missed.  Who may not be without is
 * expected to have one yet; nothing orders the records of those that overlap.
 */
static bool is_given_back(struct oracle *o, const struct expected *missed)
{
    struct expectations *x = &o->expected;
    LEGAL_SET(of_missed, LEGAL_MAX);
    LEGAL_SET(set, LEGAL_MAX);

    alternatives(o, missed, &of_missed);
    for ( size_t i = x->takens; i > 0; i-- )
    {
        const struct expected taken = x->taken[i - 1];
        bool silent;

        alternatives(o, &taken, &set);
        silent = taken.query.dropped || may_be_silent(o, &taken, &set);
        if ( !silent && in_order(o, &taken.query, &missed->query) )
            return false; /* its own record stands behind those before */
        if ( !same_record(o, &taken, missed, &of_missed) )
            continue;
        x->takens--;
        memmove(x->taken + i - 1, x->taken + i,
                (x->takens - (i - 1)) * sizeof(x->taken[0]));
        if ( !silent )
            append(o, &taken);
        return true;
    }
    return false;
}

/* ---- accesses that overlap ----
 * Nothing orders the records of two accesses that overlap; and one that is
 * under way may have made its record, which others may see.
 */

/* Does the next record, which is new, come of this access? */
static bool explains(struct oracle *o, const struct query *query)
{
    const struct oracle_arch *arch = o->config.arch;
    struct expected e = { .query = *query };
    LEGAL_SET(set, LEGAL_MAX);

    if ( !arch->record_of(o, query) )
        return false;
    alternatives(o, &e, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
        if ( set.item[i].kind == LEGAL_FAULT && set.item[i].recorded &&
             arch->record_take(o, query, &set.item[i]) )
        {
            had(o, &e, &set.item[i]);
            remember_taken(&o->expected, &e);
            return true;
        }
    return false;
}

/* An access that is under way. */
static bool open_explains(struct oracle *o)
{
    for ( size_t i = 0; i < o->opens; i++ )
    {
        struct query so_far = o->open[i].query;

        so_far.t1 = o->tick;
        if ( o->open[i].used && !so_far.recorded && explains(o, &so_far) )
        {
            o->open[i].query.recorded = true;
            return true;
        }
    }
    return false;
}

/* One that has ended after the one at @first, but need not come after it. */
static bool later_explains(struct oracle *o, size_t first)
{
    struct expectations *x = &o->expected;

    for ( size_t i = first + 1; i < x->count; i++ )
        if ( !in_order(o, &x->item[first].query, &x->item[i].query) &&
             explains(o, &x->item[i].query) )
        {
            forget(x, i, 1);
            return true;
        }
    return false;
}

/* ---- all of them ---- */

/* The first @count, but those of which a virtual unit may still tell. */
static void forget_settled(struct expectations *x, size_t count)
{
    size_t kept = 0;

    for ( size_t i = 0; i < count; i++ )
        if ( x->item[i].waits )
            x->item[kept++] = x->item[i];
    forget(x, kept, count - kept);
}

/* No record of it need be there; may there be one yet? */
static bool may_come_later(const struct oracle *o, const struct expected *e,
                           enum step step)
{
    if ( step == STEP_DROPPED )
        return o->config.virtual_unit || e->query.dropped;
    return step == STEP_SILENT && o->config.virtual_unit;
}

/*
 * Software is about to change what drops records.  Those that are still due
 * may have been dropped before, by a virtual unit: nothing orders all of them;
 * and those of accesses that are under way.
 */
static void note_drops(struct oracle *o, size_t first)
{
    const struct oracle_arch *arch = o->config.arch;
    size_t end = o->config.virtual_unit ? o->expected.count : 0;

    if ( !arch->record_drops )
        return;
    for ( size_t i = first; i < end; i++ )
        o->expected.item[i].query.dropped |= arch->record_drops(
            o, &o->expected.item[i].query);
    for ( size_t i = 0; i < o->opens; i++ )
        o->open[i].query.dropped |= o->open[i].used &&
                                    arch->record_drops(o, &o->open[i].query);
}

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
        if ( step == STEP_DONE )
            remember_taken(x, &x->item[i]);
        x->item[i].waits = !force && may_come_later(o, &x->item[i], step);
        x->item[i].query.dropped |= step == STEP_DROPPED;
        if ( is_over(step) )
            continue;
        if ( !force )
            break;
        if ( is_given_back(o, &x->item[i]) )
            continue;
        now = legal_of(&x->item[i]);
        o->config.arch->record_missed(o, &x->item[i].query, &now,
                                      step == STEP_WRONG);
        x->lost = true;
    }
    if ( !x->lost )
    {
        note_drops(o, i);
        o->stats.noticed += i;
        forget_settled(x, i);
    }
    while ( !x->lost && open_explains(o) )
        ;
    if ( force )
        x->takens = 0;
}

void expected_device_left(struct oracle *o, uint32_t source)
{
    for ( size_t i = 0; i < o->expected.count; i++ )
        if ( o->expected.item[i].query.source == source )
            o->expected.item[i].query.moved = true;
}

bool expected_any(const struct oracle *o)
{
    for ( size_t i = 0; i < o->opens; i++ )
        if ( o->open[i].used )
            return true;
    return o->expected.count;
}

void expected_reset(struct oracle *o)
{
    o->expected.count = o->expected.takens = 0;
    o->expected.lost = false;
}
