/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table pages: 512 entries of 64 bits, each written with one atomic store.
 * What is in an entry is the architecture's (VT-d 9.8, VMSAv8-64 stage 2 with
 * 4 KiB granule); the shape of page and tree is the same.
 */
#include <piommu/private.h>

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
        t->child = host_zalloc(host, d, TABLE_ENTRIES * sizeof(*t->child));
    if ( (level > 1 && !t->child) || host_table_alloc(host, d, &t->mfn) )
    {
        host_free(host, t->child);
        host_free(host, t);
        return -XEN_ENOMEM;
    }
    /* Its zeros as well: a unit that does not snoop would walk what memory
     * held before. */
    if ( piommu->writeback )
        host_table_writeback(host, t->mfn, 0, PAGE_SIZE);
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

void piommu_table_set(struct piommu_table *table, unsigned int index,
                      const struct piommu_entry *entry)
{
    struct piommu *piommu = table->piommu;
    unsigned int offset = index * (unsigned int)sizeof(uint64_t);

    if ( table->child )
        table->child[index] = entry->kind == PIOMMU_ENTRY_TABLE ?
                                  entry->table :
                                  NULL;
    host_table_write64(piommu->host, table->mfn, offset,
                       piommu->driver->encode(table->level, entry));
    if ( piommu->writeback )
        host_table_writeback(piommu->host, table->mfn, offset,
                             sizeof(uint64_t));
}

void piommu_table_get(const struct piommu_table *table, unsigned int index,
                      struct piommu_entry *entry)
{
    uint64_t value = host_table_read64(table->piommu->host, table->mfn,
                                       index * sizeof(uint64_t));

    *entry = (struct piommu_entry) { .kind = PIOMMU_ENTRY_NONE };
    table->piommu->driver->decode(table->level, value, entry);
    if ( !entry->rights )
    {
        entry->mfn = INVALID_MFN;
        return;
    }
    if ( table->child && table->child[index] )
    {
        entry->kind = PIOMMU_ENTRY_TABLE;
        entry->mfn = INVALID_MFN;
        entry->table = table->child[index];
        return;
    }
    entry->kind = PIOMMU_ENTRY_LEAF;
}
