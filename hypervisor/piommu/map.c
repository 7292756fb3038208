/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of the p2m and mapped kinds: map, unmap, following the p2m. */
#include <piommu/private.h>

int piommu_new_table(struct piommu_space *space, unsigned int level,
                     struct piommu_table **table)
{
    int rc = piommu_table_create(space->piommu, space->domain, level, table);

    if ( rc )
        return rc;
    (*table)->next = space->tables;
    space->tables = *table;
    return 0;
}

static unsigned int index_at(dfn_t dfn, unsigned int level)
{
    return (unsigned int)(dfn_x(dfn) >> TABLE_ORDER(level)) % TABLE_ENTRIES;
}

static bool in_width(const struct piommu_space *space, dfn_t dfn)
{
    return !(dfn_x(dfn) >> TABLE_ORDER(space->root->level + 1));
}

/* Replace a leaf by a table that says the same: one store, no gap. */
static int split(struct piommu_space *space, struct piommu_table *table,
                 unsigned int index, const struct piommu_entry *leaf)
{
    struct piommu_entry link = { .kind = PIOMMU_ENTRY_TABLE,
                                 .rights = PIOMMU_READ | PIOMMU_WRITE };
    struct piommu_entry part = *leaf;
    unsigned int i;
    int rc = piommu_new_table(space, table->level - 1, &link.table);

    if ( rc )
        return rc;
    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        part.mfn = mfn_add(leaf->mfn,
                           (uint64_t)i << TABLE_ORDER(table->level - 1));
        piommu_table_set(link.table, i, &part);
    }
    piommu_table_set(table, index, &link);
    return 0;
}

/*
 * The table of @level that holds the entry of @dfn; *table is NULL when the
 * walk meets nothing there.  @make: tables are added, so it is never NULL.
 */
static int descend(struct piommu_space *space, dfn_t dfn, unsigned int level,
                   bool make, struct piommu_table **table)
{
    struct piommu_table *t = space->root;
    struct piommu_entry entry;
    int rc;

    *table = NULL;
    while ( t->level > level )
    {
        unsigned int index = index_at(dfn, t->level);

        piommu_table_get(t, index, &entry);
        if ( entry.kind == PIOMMU_ENTRY_NONE )
        {
            if ( !make )
                return 0;
            entry.kind = PIOMMU_ENTRY_TABLE;
            entry.rights = PIOMMU_READ | PIOMMU_WRITE;
            rc = piommu_new_table(space, t->level - 1, &entry.table);
            if ( rc )
                return rc;
            piommu_table_set(t, index, &entry);
        }
        else if ( entry.kind == PIOMMU_ENTRY_LEAF )
        {
            if ( make )
                return -XEN_EEXIST;
            rc = split(space, t, index, &entry);
            if ( rc )
                return rc;
            piommu_table_get(t, index, &entry);
        }
        t = entry.table;
    }
    *table = t;
    return 0;
}

/* Superpages that the units can't do, or that would replace a table. */
static int map_parts(struct piommu_space *space, dfn_t dfn, mfn_t mfn,
                     unsigned int order, unsigned int rights)
{
    unsigned int part = order - 9, i;
    int rc = 0;

    for ( i = 0; i < TABLE_ENTRIES && !rc; i++ )
        rc = piommu_map(space, dfn_add(dfn, (uint64_t)i << part),
                        mfn_add(mfn, (uint64_t)i << part), part, rights);
    return rc;
}

int piommu_map(struct piommu_space *space, dfn_t dfn, mfn_t mfn,
               unsigned int order, unsigned int rights)
{
    const struct piommu_entry leaf = { .kind = PIOMMU_ENTRY_LEAF,
                                       .rights = rights,
                                       .mfn = mfn };
    struct piommu_entry old;
    struct piommu_table *table;
    unsigned int level = order / 9 + 1;
    int rc;

    if ( !piommu_owns_tables(space) || order % 9 || order > 18 ||
         !in_width(space, dfn) )
        return -XEN_EINVAL;
    if ( order && !(space->piommu->capabilities.superpages & (1u << order)) )
        return map_parts(space, dfn, mfn, order, rights);
    rc = descend(space, dfn, level, true, &table);
    if ( rc )
        return rc;
    piommu_table_get(table, index_at(dfn, level), &old);
    if ( old.kind == PIOMMU_ENTRY_TABLE )
        return map_parts(space, dfn, mfn, order, rights);
    if ( old.kind == PIOMMU_ENTRY_LEAF )
        return -XEN_EEXIST;
    piommu_table_set(table, index_at(dfn, level), &leaf);
    return 0;
}

int piommu_unmap(struct piommu_space *space, dfn_t dfn, unsigned int order)
{
    const struct piommu_entry none = { .kind = PIOMMU_ENTRY_NONE };
    struct piommu_entry old;
    struct piommu_table *table;
    unsigned int level = order / 9 + 1, i;
    int rc;

    if ( !piommu_owns_tables(space) || order % 9 || order > 18 )
        return -XEN_EINVAL;
    if ( !in_width(space, dfn) )
        return 0;
    rc = descend(space, dfn, level, false, &table);
    if ( rc || !table )
        return rc;
    piommu_table_get(table, index_at(dfn, level), &old);
    /* A table stays, empty: hardware may still walk it until the flush. */
    if ( old.kind == PIOMMU_ENTRY_TABLE )
        for ( i = 0; i < TABLE_ENTRIES && !rc; i++ )
            rc = piommu_unmap(space, dfn_add(dfn, (uint64_t)i << (order - 9)),
                              order - 9);
    else if ( old.kind == PIOMMU_ENTRY_LEAF )
        piommu_table_set(table, index_at(dfn, level), &none);
    return rc;
}

static unsigned int rights_of(enum host_p2m_type type)
{
    return PIOMMU_READ | PIOMMU_EXECUTE |
           (type == HOST_P2M_RAM_RW ? PIOMMU_WRITE : 0);
}

/* Map what the p2m has from @gfn on, as far as @end; *gfn follows. */
static int map_from_p2m(struct piommu_space *space, gfn_t *gfn, gfn_t end)
{
    struct host_p2m_entry entry;
    uint64_t first = gfn_x(*gfn), run, size, at;
    unsigned int order;
    int rc = host_p2m_next(space->domain, gfn, &entry);

    if ( rc )
    {
        *gfn = end;
        return rc == -XEN_ENOENT ? 0 : rc;
    }
    /* A run that begins before, or is larger, is taken from @first on. */
    run = gfn_x(*gfn);
    order = entry.order;
    at = run > first ? run : first;
    while ( order && ((at & ((UINT64_C(1) << order) - 1)) ||
                      at + (UINT64_C(1) << order) > gfn_x(end)) )
        order -= 9;
    size = UINT64_C(1) << order;
    if ( at >= gfn_x(end) )
    {
        *gfn = end;
        return 0;
    }
    rc = piommu_map(space, _dfn(at), mfn_add(entry.mfn, at - run), order,
                    rights_of(entry.type));
    *gfn = _gfn(rc ? first : at + size);
    return rc;
}

int piommu_space_populate(struct piommu_space *space)
{
    const gfn_t end = _gfn(UINT64_C(1) << TABLE_ORDER(space->root->level + 1));
    int rc = 0;

    while ( !rc && gfn_x(space->populated) < gfn_x(end) )
    {
        rc = map_from_p2m(space, &space->populated, end);
        if ( !rc && host_preempt_check(space->piommu->host) )
            return -XEN_ERESTART;
    }
    return rc;
}

/*
 * Break before make: what was cleared is in no TLB before something else is
 * put there.  Bounded as every wait for a unit is.
 */
static int settle(struct piommu_space *space, gfn_t gfn, unsigned int order)
{
    const struct piommu_flush flush = { .space = space,
                                        .dfn = _dfn(gfn_x(gfn)),
                                        .order = order };
    struct piommu *piommu = space->piommu;
    struct piommu_token token = { { 0 } };
    unsigned int patience = UNIT_PATIENCE;
    int rc;

    while ( (rc = piommu_flush(piommu, &flush, &token)) == -XEN_EAGAIN &&
            patience-- )
        host_relax(piommu->host);
    if ( rc )
        return rc == -XEN_EAGAIN ? -XEN_EIO : rc;
    return piommu_flush_wait(piommu, &token);
}

/*
 * Does the p2m have the frame that is mapped?  Then its rights follow in one
 * store: who may access it before and after may do so all the time.  (DDI 0487
 * D8.16.1: permissions change without break before make.)
 */
static int keep_frame(struct piommu_space *space, gfn_t gfn,
                      unsigned int order, bool *kept)
{
    unsigned int level = order / 9 + 1;
    unsigned int index = index_at(_dfn(gfn_x(gfn)), level);
    struct host_p2m_entry entry;
    struct piommu_entry leaf;
    struct piommu_table *table;
    gfn_t run = gfn;
    int rc = descend(space, _dfn(gfn_x(gfn)), level, false, &table);

    if ( rc || !table )
        return rc;
    piommu_table_get(table, index, &leaf);
    if ( leaf.kind != PIOMMU_ENTRY_LEAF ||
         host_p2m_next(space->domain, &run, &entry) ||
         gfn_x(run) > gfn_x(gfn) || entry.order < order ||
         !mfn_eq(mfn_add(entry.mfn, gfn_x(gfn) - gfn_x(run)), leaf.mfn) )
        return 0;
    *kept = true;
    if ( leaf.rights != rights_of(entry.type) )
    {
        leaf.rights = rights_of(entry.type);
        piommu_table_set(table, index, &leaf);
    }
    return 0;
}

int piommu_space_p2m_changed(struct piommu_space *space, gfn_t gfn,
                             unsigned int order)
{
    gfn_t end = gfn_add(gfn, UINT64_C(1) << order), at = gfn;
    bool kept = false;
    int rc = 0;

    if ( in_width(space, _dfn(gfn_x(gfn))) )
        rc = keep_frame(space, gfn, order, &kept);
    if ( rc || kept )
        return rc;
    rc = piommu_unmap(space, _dfn(gfn_x(gfn)), order);
    /* The rest is still to be populated. */
    if ( gfn_x(end) > gfn_x(space->populated) )
        end = space->populated;
    if ( !rc && gfn_x(at) < gfn_x(end) &&
         space->piommu->driver->break_before_make )
        rc = settle(space, gfn, order);
    while ( !rc && gfn_x(at) < gfn_x(end) )
        rc = map_from_p2m(space, &at, end);
    return rc;
}
