/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a world tells whoever runs several activities in it: where others may
 * come in, and what is touched. */

#include <scenario/world_private.h>

void world_others(struct world *world, const char *where)
{
    const struct machine_interleave *i = world->interleave;

    if ( i && !world->observed )
        i->yield(i->context, where, NULL);
}

bool world_wait(struct world *world)
{
    const struct machine_interleave *i = world->interleave;

    if ( i && !world->observed )
        i->wait(i->context, "wait");
    return i && !world->observed;
}

bool world_idle(struct world *world)
{
    const struct machine_interleave *i = world->interleave;

    if ( i && !world->observed )
        i->turn(i->context);
    return world_wait(world);
}

void world_look(struct world *world)
{
    const struct machine_interleave *i = world->interleave;

    if ( i )
        i->look(i->context);
}

void world_touch(struct world *world, enum machine_resource resource,
                 uint64_t first, uint64_t last, bool write)
{
    const struct machine_interleave *i = world->interleave;

    if ( i )
        i->touch(i->context, resource, first, last, write);
}

void world_touch_ledger(struct world_domain *wd, bool write)
{
    uint64_t first = (uint64_t)wd->index << 52;

    world_touch(wd->world, MACHINE_LEDGER, first,
                first | UINT64_C(0xfffffffffffff), write);
}

static uint64_t page_key(const struct world_domain *wd, uint64_t gpa)
{
    return (uint64_t)wd->index << 52 | gpa >> 12;
}

static bool page_judged(const struct world_pages *pages, uint64_t key)
{
    unsigned int i = 0;

    while ( i < pages->count && pages->key[i] != key )
        i++;
    return pages->full || i < pages->count;
}

void world_page_look(struct world_domain *wd, uint64_t gpa)
{
    struct world_pages *pages = wd->world->judged;

    if ( !pages || wd->world->submitting ||
         page_judged(pages, page_key(wd, gpa)) )
        return;
    pages->full = pages->count == WORLD_MAX_PAGES;
    pages->grown = true;
    if ( !pages->full )
        pages->key[pages->count++] = page_key(wd, gpa);
}

void world_store_judged(struct world_domain *wd, uint64_t gpa)
{
    const struct world *world = wd->world;
    uint64_t key = page_key(wd, gpa);

    if ( !world->interleave || !world->judged ||
         page_judged(world->judged, key) )
        world_touch(wd->world, MACHINE_LEDGER, key, key, true);
}

uint64_t world_completions(const struct world_domain *wd)
{
    struct oracle_stats stats;

    if ( !wd->world->interleave || !wd->oracle )
        return 0;
    oracle_stats(wd->oracle, &stats);
    return stats.completions + stats.noticed;
}

void world_completed(struct world_domain *wd, uint64_t before)
{
    if ( world_completions(wd) != before )
        world_touch_ledger(wd, true);
}

void world_looked(struct world_domain *wd)
{
    uint64_t before;

    if ( !wd->world->interleave || wd->world->observed || !wd->oracle )
        return;
    before = world_completions(wd);
    oracle_poll(wd->oracle);
    world_completed(wd, before);
}
