/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device uses which space: root and context tables (9.1, 9.3). */
#include <piommu/vtd/vtd.h>

static bool needs_top(const struct piommu *piommu,
                      const struct piommu_table *root)
{
    unsigned int i;

    for ( i = 0; i < piommu->units; i++ )
        if ( !vtd_unit_has_levels(vtd_unit(piommu->unit[i]), root->level) )
            return true;
    return false;
}

/* A page of 4 levels above a root of 3: the first 512 GiB lead to it. */
int vtd_space_complete(struct piommu_space *space)
{
    const struct piommu_entry link = {
        .kind = PIOMMU_ENTRY_TABLE,
        .rights = PIOMMU_READ | PIOMMU_WRITE,
        .table = space->root,
    };
    int rc;

    if ( !needs_top(space->piommu, space->root) )
        return 0;
    rc = piommu_table_create(space->piommu, space->domain,
                             space->root->level + 1, &space->top);
    if ( !rc )
        piommu_table_set(space->top, 0, &link);
    return rc;
}

/* The context table of the device's bus. */
int vtd_prepare(struct piommu_unit *common, uint32_t source_id)
{
    struct vtd_unit *unit = vtd_unit(common);
    struct host *host = common->piommu->host;
    unsigned int bus = source_id >> 8;
    mfn_t mfn;
    int rc;

    if ( !mfn_eq(unit->context[bus], INVALID_MFN) )
        return 0;
    rc = host_table_alloc(host, NULL, &mfn);
    if ( rc )
        return rc;
    vtd_unit_writeback(unit, mfn, 0, PAGE_SIZE);
    unit->context[bus] = mfn;
    host_table_write128(host, unit->root, bus * VTD_ENTRY_SIZE,
                        mfn_to_maddr(mfn) | VTD_PRESENT, 0);
    vtd_unit_writeback(unit, unit->root, bus * VTD_ENTRY_SIZE, VTD_ENTRY_SIZE);
    return 0;
}

/* The whole entry at once: a walk sees the old or the new one (I1, I4). */
static void write_context(const struct vtd_unit *unit, uint32_t source_id,
                          const struct piommu_space *space)
{
    mfn_t mfn = unit->context[source_id >> 8];
    unsigned int offset = (source_id & 0xff) * VTD_ENTRY_SIZE;
    uint64_t lo = 0, hi = 0;

    if ( space->kind != PIOMMU_BLOCKED )
    {
        const struct piommu_table *root = vtd_unit_has_levels(
                                              unit, space->root->level) ?
                                              space->root :
                                              space->top;

        lo = mfn_to_maddr(root->mfn) | VTD_PUT(VTD_TT_UNTRANSLATED, 3, 2) |
             VTD_PRESENT;
        hi = VTD_CONTEXT_HI(root->level, space->tag);
    }
    host_table_write128(unit->common.piommu->host, mfn, offset, lo, hi);
    vtd_unit_writeback(unit, mfn, offset, VTD_ENTRY_SIZE);
}

/*
 * A device that was blocked leaves nothing behind: what is not present is not
 * cached by a unit with CAP.CM = 0.  But its requests may still be under way,
 * and their faults: they are drained with the domain that it comes to.
 */
int vtd_change(struct piommu_unit *common, uint32_t source_id,
               const struct piommu_space *old,
               const struct piommu_space *space)
{
    struct vtd_unit *unit = vtd_unit(common);
    uint16_t did = old && old->tag ? old->tag : space->tag;
    const struct piommu_command flush[] = {
        { VTD_DESC_CONTEXT | VTD_PUT(VTD_GRAN_PAGE, 5, 4) |
              VTD_PUT(did, 31, 16) | VTD_PUT(source_id, 47, 32),
          0 },
        vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN, did),
    };

    write_context(unit, source_id, space);
    return old ? piommu_execute(common, flush, ARRAY_SIZE(flush)) : 0;
}
