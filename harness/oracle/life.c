/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of invalidations, and the life of what they remove.
 *
 * A cached composite comes into being at an instant at which all that it is
 * made of is usable, and goes with the first invalidation that covers it and
 * was submitted after it had become obsolete.  See docs/ledger.md.
 */
#include "internal.h"

#include <string.h>

struct logged *log_at(const struct oracle *o, size_t index)
{
    return (struct logged *)((char *)o->log.item + index * o->log.size);
}

size_t log_submit(struct oracle *o, struct logged *entry)
{
    struct log *log = &o->log;

    entry->submit = ++o->tick;
    entry->complete = NEVER;
    log->item = oracle_grow(o, log->item, log->count, &log->room, log->size);
    memcpy((char *)log->item + log->count * log->size, entry, log->size);
    o->stats.invalidations++;
    return log->count++;
}

bool log_complete(struct oracle *o, size_t index)
{
    struct logged *entry = log_at(o, index);

    if ( entry->complete != NEVER )
        return false;
    entry->complete = o->tick;
    o->stats.completions++;
    models_completed(o, entry);
    return true;
}

void log_reset(struct oracle *o, size_t size)
{
    o->log.size = size;
    o->log.count = 0;
}

/* The first invalidation of the log submitted at or after @tick. */
static size_t log_from(const struct oracle *o, uint64_t tick)
{
    size_t low = 0, high = o->log.count;

    while ( low < high )
    {
        size_t middle = (low + high) / 2;

        if ( log_at(o, middle)->submit < tick )
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct composite composite(const struct oracle *o, const struct query *q,
                           struct span formed, uint64_t obsolete,
                           const void *cached, bool cacheable)
{
    const struct oracle_arch *arch = o->config.arch;
    const uint64_t ended = q->ended ? q->ended : q->t1;
    struct composite c = { .usable = { formed.start, NEVER },
                           .obsolete = obsolete,
                           .removal = NEVER };

    c.alive = formed.start <= q->t1 && (cacheable || formed.end > q->t0);
    if ( !cacheable )
        c.usable.end = formed.end;
    /* What is dead before any invalidation has no children that are not. */
    if ( obsolete == NEVER || !c.alive )
        return c;
    for ( size_t i = log_from(o, obsolete); i < o->log.count; i++ )
    {
        const struct logged *inv = log_at(o, i);

        if ( !arch->covers(o, inv, cached) )
            continue;
        if ( c.removal == NEVER )
        {
            c.removal = inv->submit;
            c.removed_by = i + 1;
        }
        if ( inv->complete < c.usable.end )
        {
            c.usable.end = inv->complete;
            c.removed_by = i + 1;
        }
        if ( inv->complete <= q->t0 ||
             (inv->complete <= ended && arch->drains(o, inv, q)) )
            c.alive = false;
        if ( inv->submit > q->t1 || !c.alive )
            break;
    }
    return c;
}
