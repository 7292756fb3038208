/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P9: what is outstanding. */
#include <machine/state.h>

#include <stdio.h>

static uint64_t sum(const uint64_t by_owner[OWNERS])
{
    uint64_t n = 0;
    unsigned int i;

    for ( i = 0; i <= HOST_INDEX; i++ )
        n += by_owner[i];
    return n;
}

void machine_stats(const struct machine *m, struct machine_stats *stats)
{
    unsigned int i;

    *stats = (struct machine_stats) {
        .host_calls = m->host_calls,
        .most_calls_in_an_entry = m->most_calls,
        .work_items = m->work_items,
        .frames = m->frame_count,
        .tables = sum(m->tables),
        .allocations = sum(m->allocations),
        .references = sum(m->held),
        .locks_held = m->locks,
    };
    for ( i = 0; i < MACHINE_MAX_DOMAINS; i++ )
    {
        stats->charged[i] = m->charged[i];
        stats->most_charged[i] = m->most_charged[i];
    }
}

/* The smallest key, so that the message does not depend on hashing. */
static void report_references(struct machine *m, unsigned int owner,
                              const char *name)
{
    const struct map_slot *slot;
    uint64_t cursor = 0, first = MAP_NO_KEY;

    while ( (slot = map_next(&m->references, &cursor)) )
        if ( reference_owner(slot->key) == owner && slot->key < first )
            first = slot->key;
    violation(m, "P9", "%s: %llu page references left, mfn %#llx order %u",
              name, (unsigned long long)m->held[owner],
              (unsigned long long)reference_mfn(first),
              reference_order(first));
}

static void census(struct machine *m, unsigned int owner)
{
    char name[24] = "host";

    if ( owner != HOST_INDEX )
        snprintf(name, sizeof(name), "domain %u", m->domain[owner].config->id);

    if ( m->held[owner] )
        report_references(m, owner, name);
    if ( m->tables[owner] )
        violation(m, "P9", "%s: %llu table pages left", name,
                  (unsigned long long)m->tables[owner]);
    if ( m->allocations[owner] )
        violation(m, "P9", "%s: %llu allocations left", name,
                  (unsigned long long)m->allocations[owner]);
}

void machine_census(struct machine *m, const struct domain *d)
{
    unsigned int i;

    if ( d )
        census(m, d->index);
    else
        for ( i = 0; i <= HOST_INDEX; i++ )
            if ( i < m->config.domains || i == HOST_INDEX )
                census(m, i);
    if ( m->locks )
        violation(m, "P9", "lock '%s' is held", m->lock[m->locks - 1]->name);
}
