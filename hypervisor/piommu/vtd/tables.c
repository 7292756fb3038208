/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Second-level table pages (9.8): pages of 512 entries, each written with one
 * atomic store.
 */
#include <piommu/private.h>

_Static_assert(PIOMMU_READ == VTD_SL_R && PIOMMU_WRITE == VTD_SL_W,
               "rights go into entries as they are");

int piommu_table_create(struct piommu *piommu, struct domain *d,
                        unsigned int level, struct piommu_table **table)
{
    struct host *host = piommu->host;
    struct piommu_table *t = host_zalloc(host, d, sizeof(*t));

    if ( !t )
        return -XEN_ENOMEM;
    t->piommu = piommu;
    t->level = level;
    if ( level > 1 )
        t->child = host_zalloc(host, d, VTD_SL_ENTRIES * sizeof(*t->child));
    if ( (level > 1 && !t->child) || host_table_alloc(host, d, &t->mfn) )
    {
        host_free(host, t->child);
        host_free(host, t);
        return -XEN_ENOMEM;
    }
    *table = t;
    return 0;
}

void piommu_table_destroy(struct piommu_table *table)
{
    struct host *host = table->piommu->host;

    host_table_free(host, table->mfn);
    host_free(host, table->child);
    host_free(host, table);
}

void piommu_table_set_owner(struct piommu_table *table, void *owner)
{
    table->owner = owner;
}

void *piommu_table_owner(const struct piommu_table *table)
{
    return table->owner;
}

static uint64_t encode(const struct piommu_table *table,
                       const struct piommu_entry *entry)
{
    uint64_t rights = entry->rights & (PIOMMU_READ | PIOMMU_WRITE);

    switch ( entry->kind )
    {
    case PIOMMU_ENTRY_LEAF:
        return mfn_to_maddr(entry->mfn) | rights |
               (table->level > 1 ? VTD_SL_PS : 0);
    case PIOMMU_ENTRY_TABLE:
        return mfn_to_maddr(entry->table->mfn) | rights;
    case PIOMMU_ENTRY_NONE:
        break;
    }
    return 0;
}

void piommu_table_set(struct piommu_table *table, unsigned int index,
                      const struct piommu_entry *entry)
{
    struct piommu *piommu = table->piommu;
    unsigned int offset = index * (unsigned int)sizeof(uint64_t), i;

    if ( table->child )
        table->child[index] = entry->kind == PIOMMU_ENTRY_TABLE ?
                                  entry->table :
                                  NULL;
    host_table_write64(piommu->host, table->mfn, offset, encode(table, entry));
    for ( i = 0; i < piommu->units; i++ )
        if ( !(piommu->unit[i]->ecap & VTD_ECAP_C) )
        {
            host_table_writeback(piommu->host, table->mfn, offset,
                                 sizeof(uint64_t));
            break;
        }
}

void piommu_table_get(const struct piommu_table *table, unsigned int index,
                      struct piommu_entry *entry)
{
    uint64_t value = host_table_read64(table->piommu->host, table->mfn,
                                       index * sizeof(uint64_t));

    *entry = (struct piommu_entry) {
        .kind = PIOMMU_ENTRY_NONE,
        .rights = value & (PIOMMU_READ | PIOMMU_WRITE),
        .mfn = INVALID_MFN,
    };
    if ( !entry->rights )
        return;
    if ( table->child && table->child[index] )
    {
        entry->kind = PIOMMU_ENTRY_TABLE;
        entry->table = table->child[index];
        return;
    }
    entry->kind = PIOMMU_ENTRY_LEAF;
    entry->mfn = maddr_to_mfn(value & VTD_SL_ADDRESS);
}
