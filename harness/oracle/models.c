/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices and their device models: translations that are used later
 * than they were given (P2), and drains that are owed (P5).
 *
 * A translation that a device model has in its hands is an access that has
 * begun and not ended: what an invalidation does to that is the ledger's.
 */
#include "internal.h"

#include <inttypes.h>

/* ---- devices ---- */

const struct vdev *vdev_find(const struct oracle *o, uint32_t source)
{
    for ( size_t i = 0; i < o->models.vdevs; i++ )
        if ( o->models.vdev[i].is.source == source )
            return &o->models.vdev[i];
    return NULL;
}

void oracle_vdev_add(struct oracle *o, const struct oracle_vdev *vdev)
{
    struct models *m = &o->models;

    if ( vdev_find(o, vdev->source) )
        return;
    m->vdev = oracle_grow(o, m->vdev, m->vdevs, &m->vdev_room,
                          sizeof(m->vdev[0]));
    m->vdev[m->vdevs++] = (struct vdev) { *vdev,
                                          vdev->gone ? NEVER : o->tick + 1 };
    oracle_device_add(o, vdev->source);
}

void oracle_vdev_remove(struct oracle *o, uint32_t source)
{
    struct models *m = &o->models;

    for ( size_t i = 0; i < m->vdevs; i++ )
        if ( m->vdev[i].is.source == source )
        {
            m->vdev[i] = m->vdev[--m->vdevs];
            oracle_device_remove(o, source);
            return;
        }
}

/* ---- messages ---- */

void oracle_dm_told(struct oracle *o, const struct oracle_dm_message *message)
{
    struct models *m = &o->models;

    o->tick++;
    m->told = oracle_grow(o, m->told, m->tolds, &m->told_room,
                          sizeof(m->told[0]));
    m->told[m->tolds++] = (struct told) { .message = *message,
                                          .sent = o->tick,
                                          .answered = NEVER };
}

static struct told *told_find(struct oracle *o, unsigned int dm,
                              uint64_t sequence)
{
    for ( size_t i = o->models.tolds; i > 0; i-- )
    {
        struct told *told = &o->models.told[i - 1];

        if ( told->message.dm == dm && told->message.sequence == sequence )
            return told;
    }
    return NULL;
}

static bool is_oldest(const struct oracle *o, const struct told *told)
{
    for ( size_t i = 0; i < o->models.tolds; i++ )
        if ( o->models.told[i].message.dm == told->message.dm &&
             o->models.told[i].answered == NEVER &&
             o->models.told[i].sent < told->sent )
            return false;
    return true;
}

void oracle_dm_answers(struct oracle *o, unsigned int dm, uint64_t sequence)
{
    struct told *told = told_find(o, dm, sequence);

    o->tick++;
    if ( !told || told->answered != NEVER )
        return;
    told->answered = o->tick;
    told->answering = true;
}

void oracle_dm_answered(struct oracle *o, unsigned int dm, uint64_t sequence,
                        bool taken)
{
    struct told *told = told_find(o, dm, sequence);
    bool good = told && told->answering;

    o->tick++;
    if ( good )
        told->answering = false;
    if ( taken && !good )
        oracle_report(o, "P5", "answer that was not due",
                      "an answer of device model %u to message %" PRIu64
                      " was taken: %s",
                      dm, sequence,
                      told ? "it had been answered" : "it was not sent to it");
    if ( taken || !good )
        return;
    told->answered = NEVER;
    if ( is_oldest(o, told) )
        oracle_report(o, "P5", "answer refused",
                      "the answer of device model %u to message %" PRIu64
                      " was refused",
                      dm, sequence);
}

/* What it held has gone with its access to memory. */
void oracle_dm_gone(struct oracle *o, unsigned int dm)
{
    struct models *m = &o->models;

    o->tick++;
    for ( size_t i = 0; i < m->tolds; i++ )
        if ( m->told[i].message.dm == dm && m->told[i].answered == NEVER )
            m->told[i].answered = o->tick;
    for ( size_t i = m->vdevs; i > 0; i-- )
        if ( m->vdev[i - 1].is.dm == dm )
            oracle_vdev_remove(o, m->vdev[i - 1].is.source);
}

void oracle_dm_back(struct oracle *o, unsigned int dm)
{
    struct models *m = &o->models;

    o->tick++;
    for ( size_t i = 0; i < m->vdevs; i++ )
        if ( m->vdev[i].is.dm == dm && m->vdev[i].since == NEVER )
            m->vdev[i].since = o->tick + 1;
}

/* ---- what an invalidation owes ---- */

static bool owes_drain(const struct oracle *o, const struct logged *inv,
                       uint32_t source)
{
    const struct query reads = { .source = source, .read = true },
                       writes = { .source = source, .write = true };
    const struct oracle_arch *arch = o->config.arch;

    return arch->drains(o, inv, &reads) || arch->drains(o, inv, &writes);
}

/* Does it say as much as @owed does? */
static bool says(const struct oracle_dm_message *message,
                 const struct oracle_dm_message *owed)
{
    if ( message->dm != owed->dm || message->invalidate != owed->invalidate )
        return false;
    return !owed->invalidate ||
           (message->source == owed->source && message->first <= owed->first &&
            message->last >= owed->last);
}

/* Since it was submitted. */
static bool was_answered(const struct oracle *o, const struct logged *inv,
                         const struct oracle_dm_message *owed)
{
    for ( size_t i = o->models.tolds; i > 0; i-- )
    {
        const struct told *told = &o->models.told[i - 1];

        if ( told->sent <= inv->submit )
            break;
        if ( told->answered != NEVER && says(&told->message, owed) )
            return true;
    }
    return false;
}

/*
 * P5: an invalidation that completes has had its drain from every device model
 * with devices that drain, and a device-TLB's from the one that has it.
 */
void models_completed(struct oracle *o, const struct logged *inv)
{
    const struct oracle_arch *arch = o->config.arch;

    if ( !o->models.vdevs )
        return;
    for ( size_t i = 0; i < o->models.vdevs; i++ )
    {
        const struct vdev *vdev = &o->models.vdev[i];
        struct oracle_dm_message owed = { .dm = vdev->is.dm,
                                          .source = vdev->is.source };

        owed.invalidate = arch->device_tlb(inv, owed.source, &owed.first,
                                           &owed.last);
        if ( vdev->since > inv->submit )
            continue;
        if ( owed.invalidate ?
                 !vdev->is.ats :
                 !vdev->is.drains || !owes_drain(o, inv, owed.source) )
            continue;
        if ( !was_answered(o, inv, &owed) )
            oracle_report(o, "P5", "completed before its drain",
                          "an invalidation (%s) completed, device model %u "
                          "of device %" PRIx32 " had not answered",
                          arch->citation(inv), vdev->is.dm, vdev->is.source);
    }
}

/* Does a device model hold it off, so that it may stay pending? */
bool models_hold(const struct oracle *o, uint64_t submit)
{
    for ( size_t i = 0; i < o->models.tolds; i++ )
        if ( o->models.told[i].answered == NEVER &&
             o->models.told[i].sent > submit )
            return true;
    return false;
}

bool models_may_hold(const struct oracle *o)
{
    return o->models.vdevs || models_hold(o, 0);
}

/* ---- translations in the hands of device models ---- */

/* NULL: there is none. */
static const struct query *held(const struct oracle *o, unsigned int id)
{
    return id < o->opens && o->open[id].used ? &o->open[id].query : NULL;
}

static void judge_translation(struct oracle *o, const struct query *q,
                              const struct oracle_outcome *outcome)
{
    struct judgement j;

    if ( !o->config.arch->unjudged(o, q) )
        judge_dma(o, q, outcome, &j);
}

void oracle_translation_end(struct oracle *o, unsigned int id,
                            const struct oracle_outcome *outcome)
{
    const struct query *asked = held(o, id);
    struct query q;

    o->tick++;
    if ( !asked )
        return;
    q = *asked;
    q.t1 = o->tick;
    judge_translation(o, &q, outcome);
}

void oracle_translation_used(struct oracle *o, unsigned int id,
                             const struct oracle_dma *dma,
                             const struct oracle_outcome *outcome)
{
    const struct query *asked = held(o, id);
    struct query q;

    o->tick++;
    if ( !asked )
        return;
    q = query_of(o, dma);
    q.told = true;
    /* A device-TLB may keep it; otherwise the access began with it. */
    if ( asked->type )
        q.type = AT_TRANSLATED;
    else
        q.t0 = asked->t0;
    o->stats.dma++;
    judge_translation(o, &q, outcome);
}

void oracle_translation_drop(struct oracle *o, unsigned int id)
{
    if ( id < o->opens )
        o->open[id].used = false;
}

void models_reset(struct oracle *o)
{
    o->models.tolds = 0;
}
