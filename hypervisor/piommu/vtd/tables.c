/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second-level paging entries (9.8). */
#include <piommu/vtd/vtd.h>

#define RIGHTS (PIOMMU_READ | PIOMMU_WRITE)

_Static_assert(PIOMMU_READ == VTD_SL_R && PIOMMU_WRITE == VTD_SL_W,
               "rights go into entries as they are");
_Static_assert(TABLE_ENTRIES == VTD_SL_ENTRIES &&
                   TABLE_ORDER(3) == VTD_SL_ORDER(3),
               "the shape of the tree is the common one");

uint64_t vtd_encode(unsigned int level, const struct piommu_entry *entry)
{
    uint64_t rights = entry->rights & RIGHTS;

    switch ( entry->kind )
    {
    case PIOMMU_ENTRY_LEAF:
        return mfn_to_maddr(entry->mfn) | rights | (level > 1 ? VTD_SL_PS : 0);
    case PIOMMU_ENTRY_TABLE:
        return mfn_to_maddr(entry->table->mfn) | rights;
    case PIOMMU_ENTRY_NONE:
        break;
    }
    return 0;
}

void vtd_decode(unsigned int level, uint64_t value, struct piommu_entry *entry)
{
    (void)level;
    entry->rights = value & RIGHTS;
    entry->mfn = maddr_to_mfn(value & VTD_SL_ADDRESS);
}
