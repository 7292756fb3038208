/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be known of a run by whoever watches it. */
#include <explore/sched_state.h>

void sched_add_seen(const struct sched *s, unsigned int actor,
                    struct footprint *footprint)
{
    const struct footprint *seen = &s->seen[actor];

    for ( unsigned int i = 0; i < seen->count; i++ )
    {
        struct touch t = seen->touch[i];

        if ( !t.write && t.resource != RESOURCE_NUMBERS &&
             t.resource != RESOURCE_SPAWNED &&
             !(s->config.weak >> t.resource & 1) )
            footprint_add(footprint, &t);
    }
    footprint->everything |= seen->everything;
}

void sched_awaited(const struct sched *s, unsigned int actor,
                   struct footprint *footprint)
{
    const struct actor *a = &s->actor[actor];

    footprint_clear(footprint);
    if ( a->waiting )
        sched_add_seen(s, actor, footprint);
    else if ( a->until && a->on_known )
        footprint_add(footprint, &a->on);
    else
        footprint->everything = true;
}

const char *sched_name(const struct sched *s, unsigned int actor)
{
    return s->actor[actor].is.name;
}

const char *sched_where(const struct sched *s, unsigned int actor)
{
    return s->actor[actor].where;
}

unsigned int sched_steps(const struct sched *s)
{
    return s->steps;
}

uint32_t sched_used(const struct sched *s)
{
    return s->used;
}

uint32_t sched_stuck(const struct sched *s)
{
    uint32_t mask = 0;

    for ( uint32_t left = s->used; left; )
    {
        unsigned int i = sched_take(&left);
        const struct actor *a = &s->actor[i];

        if ( !a->finished && (!a->is.daemon || a->waiting) )
            mask |= UINT32_C(1) << i;
    }
    return mask;
}

bool sched_looked(const struct sched *s)
{
    return s->looked;
}
