/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architectures that there are.  The first is what a scenario without an
 * "arch" line is about. */

#include <scenario/smmuv3/smmuv3.h>
#include <scenario/vtd/vtd.h>

#include <string.h>

/* Caches of a litmus test: enough for what it uses, and quick to copy. */
#define FEW_ENTRIES 16
#define FEW_WAYS    4

const struct arch *const arch_table[] = { &arch_vtd, &arch_smmuv3, NULL };

const struct arch *arch_by_name(const char *name)
{
    for ( const struct arch *const *a = arch_table; *a; a++ )
        if ( !strcmp((*a)->name, name) )
            return *a;
    return NULL;
}

unsigned int arch_number(const struct arch *arch)
{
    unsigned int n = 0;

    while ( arch_table[n] != arch )
        n++;
    return n;
}

bool arch_has_option(const struct world *world, unsigned int option)
{
    return world->program->machine.options >> option & 1;
}

void arch_set_cache(struct cache_config *cache, const struct world *world,
                    unsigned int number)
{
    cache->retention = world->config.retention;
    if ( world->program->kind == PROGRAM_LITMUS )
    {
        cache->entries = FEW_ENTRIES;
        cache->ways = FEW_WAYS;
    }
    cache->seed = world->config.seed + number;
}

void arch_resize(struct cache_config *cache, const struct world_cache *size)
{
    if ( !size->entries )
        return;
    cache->entries = size->entries;
    cache->ways = size->ways;
}
