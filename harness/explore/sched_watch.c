/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be known of a run by whoever watches it. */
#include <explore/sched_state.h>

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

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

/* Of what it has seen the order makes no difference. */
bool sched_standing(const struct sched *s, unsigned int actor,
                    uint64_t hash[2])
{
    const struct actor *a = &s->actor[actor];
    const struct footprint *seen = &s->seen[actor];

    hash[0] = a->finished ?
                  1 :
                  a->begun << 1 | a->waiting << 2 | a->disturbed << 3 |
                      a->fresh << 4 | a->spinning << 5 | seen->everything << 6;
    hash[1] = s->looks;
    for ( unsigned int i = 0; i < seen->count && !a->finished; i++ )
    {
        const struct touch *t = &seen->touch[i];
        uint64_t key[] = { t->resource, t->write, t->first, t->last };
        XXH128_hash_t h = XXH3_128bits(key, sizeof(key));

        hash[0] += h.low64;
        hash[1] += h.high64;
    }
    return a->finished;
}

bool sched_looked(const struct sched *s)
{
    return s->looked;
}
