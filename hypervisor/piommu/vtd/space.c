/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces, and which device uses which: domain ids, root and context
 * tables (9.1, 9.3), maps of the p2m and mapped kinds.
 */
#include <piommu/private.h>

/* ---- domain ids: 0 is for nobody ---------------------------------------- */

static uint16_t did_get(struct piommu *piommu)
{
    unsigned int did;

    for ( did = 1; did < piommu->dids; did++ )
        if ( !(piommu->did_used[did / 8] & (1u << (did % 8))) )
        {
            piommu->did_used[did / 8] |= (uint8_t)(1u << (did % 8));
            return (uint16_t)did;
        }
    return 0;
}

static void did_put(struct piommu *piommu, uint16_t did)
{
    piommu->did_used[did / 8] &= (uint8_t) ~(1u << (did % 8));
}

/*
 * Domain ids are few, and one domain must not take those of another: each has
 * the right to a share, of which one is its p2m's.  (As long as there are no
 * more domains than shares.)
 */
#define DID_SHARES 4

static bool within_share(const struct piommu *piommu,
                         const struct piommu_space *space)
{
    unsigned int share = (piommu->dids - 1) / DID_SHARES, used = 1;
    const struct piommu_space *other;

    for ( other = piommu->spaces; other; other = other->next )
        used += other->domain == space->domain && other->kind != PIOMMU_P2M &&
                other->kind != PIOMMU_BLOCKED;
    return space->kind == PIOMMU_P2M || used < share;
}

/* ---- creation ----------------------------------------------------------- */

static bool needs_top(const struct piommu *piommu,
                      const struct piommu_table *root)
{
    unsigned int i;

    for ( i = 0; i < piommu->units; i++ )
        if ( !vtd_unit_has_levels(piommu->unit[i], root->level) )
            return true;
    return false;
}

/* A page of 4 levels above a root of 3: the first 512 GiB lead to it. */
static int add_top(struct piommu_space *space)
{
    const struct piommu_entry link = {
        .kind = PIOMMU_ENTRY_TABLE,
        .rights = PIOMMU_READ | PIOMMU_WRITE,
        .table = space->root,
    };
    int rc = piommu_table_create(space->piommu, space->domain,
                                 space->root->level + 1, &space->top);

    if ( !rc )
        piommu_table_set(space->top, 0, &link);
    return rc;
}

static bool owns_tables(const struct piommu_space *space)
{
    return space->kind == PIOMMU_P2M || space->kind == PIOMMU_MAPPED;
}

static int new_table(struct piommu_space *space, unsigned int level,
                     struct piommu_table **table)
{
    int rc = piommu_table_create(space->piommu, space->domain, level, table);

    if ( rc )
        return rc;
    (*table)->next = space->tables;
    space->tables = *table;
    return 0;
}

static int build(struct piommu_space *space,
                 const struct piommu_space_config *config)
{
    struct piommu *piommu = space->piommu;
    unsigned int levels = config->levels;
    int rc = 0;

    if ( space->kind == PIOMMU_BLOCKED )
        return 0;
    if ( space->kind == PIOMMU_P2M )
        levels = piommu->capabilities.widths & (1u << 4) ? 4 : 3;
    space->root = config->root;
    if ( owns_tables(space) )
        rc = new_table(space, levels, &space->root);
    if ( !rc && needs_top(piommu, space->root) )
        rc = add_top(space);
    return rc;
}

/* No unit can use it (any more). */
void vtd_space_release(struct piommu_space *space)
{
    struct host *host = space->piommu->host;

    while ( space->tables )
    {
        struct piommu_table *table = space->tables;

        space->tables = table->next;
        piommu_table_destroy(table);
    }
    if ( space->top )
        piommu_table_destroy(space->top);
    host_free(host, space);
}

static bool possible(const struct piommu *piommu,
                     const struct piommu_space_config *config)
{
    unsigned int levels = config->levels;

    if ( config->kind == PIOMMU_BLOCKED || config->kind == PIOMMU_P2M )
        return true;
    if ( config->kind == PIOMMU_SHADOW )
        levels = config->root ? config->root->level : 0;
    return config->kind != PIOMMU_NESTED && levels < 32 &&
           (piommu->capabilities.widths & (1u << levels));
}

int piommu_space_create(struct piommu *piommu,
                        const struct piommu_space_config *config,
                        struct piommu_space **result)
{
    struct piommu_space *space;
    int rc;

    if ( !possible(piommu, config) )
        return -XEN_EOPNOTSUPP;
    space = host_zalloc(piommu->host, config->domain, sizeof(*space));
    if ( !space )
        return -XEN_ENOMEM;
    space->piommu = piommu;
    space->kind = config->kind;
    space->domain = config->domain;
    space->populated = _gfn(0);
    rc = build(space, config);

    host_lock(piommu->host, &piommu->lock);
    if ( !rc && space->kind != PIOMMU_BLOCKED )
    {
        space->did = within_share(piommu, space) ? did_get(piommu) : 0;
        rc = space->did ? 0 : -XEN_ENOSPC;
    }
    if ( !rc )
    {
        space->next = piommu->spaces;
        piommu->spaces = space;
    }
    host_unlock(piommu->host, &piommu->lock);

    if ( rc )
    {
        vtd_space_release(space);
        return rc;
    }
    *result = space;
    return 0;
}

static bool is_attached(const struct piommu_space *space)
{
    unsigned int i;

    for ( i = 0; i < PIOMMU_MAX_UNITS; i++ )
        if ( space->attached[i] )
            return true;
    return false;
}

int piommu_space_destroy(struct piommu_space *space)
{
    struct piommu *piommu = space->piommu;
    struct piommu_space **link;

    if ( is_attached(space) )
        return -XEN_EBUSY;
    while ( space->tables )
    {
        struct piommu_table *table = space->tables;

        space->tables = table->next;
        piommu_table_destroy(table);
        if ( host_preempt_check(piommu->host) )
            return -XEN_ERESTART;
    }
    host_lock(piommu->host, &piommu->lock);
    for ( link = &piommu->spaces; *link != space; link = &(*link)->next )
        ;
    *link = space->next;
    if ( space->did )
        did_put(piommu, space->did);
    host_unlock(piommu->host, &piommu->lock);
    vtd_space_release(space);
    return 0;
}

/* ---- kinds p2m and mapped ----------------------------------------------- */

static unsigned int index_at(dfn_t dfn, unsigned int level)
{
    return (unsigned int)(dfn_x(dfn) >> VTD_SL_ORDER(level)) % VTD_SL_ENTRIES;
}

static bool in_width(const struct piommu_space *space, dfn_t dfn)
{
    return !(dfn_x(dfn) >> VTD_SL_ORDER(space->root->level + 1));
}

/* Replace a leaf by a table that says the same: one store, no gap. */
static int split(struct piommu_space *space, struct piommu_table *table,
                 unsigned int index, const struct piommu_entry *leaf)
{
    struct piommu_entry link = { .kind = PIOMMU_ENTRY_TABLE,
                                 .rights = PIOMMU_READ | PIOMMU_WRITE };
    struct piommu_entry part = *leaf;
    unsigned int i;
    int rc = new_table(space, table->level - 1, &link.table);

    if ( rc )
        return rc;
    for ( i = 0; i < VTD_SL_ENTRIES; i++ )
    {
        part.mfn = mfn_add(leaf->mfn,
                           (uint64_t)i << VTD_SL_ORDER(table->level - 1));
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
            rc = new_table(space, t->level - 1, &entry.table);
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

    for ( i = 0; i < VTD_SL_ENTRIES && !rc; i++ )
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

    if ( !owns_tables(space) || order % 9 || order > 18 ||
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

    if ( !owns_tables(space) || order % 9 || order > 18 )
        return -XEN_EINVAL;
    if ( !in_width(space, dfn) )
        return 0;
    rc = descend(space, dfn, level, false, &table);
    if ( rc || !table )
        return rc;
    piommu_table_get(table, index_at(dfn, level), &old);
    /* A table stays, empty: hardware may still walk it until the flush. */
    if ( old.kind == PIOMMU_ENTRY_TABLE )
        for ( i = 0; i < VTD_SL_ENTRIES && !rc; i++ )
            rc = piommu_unmap(space, dfn_add(dfn, (uint64_t)i << (order - 9)),
                              order - 9);
    else if ( old.kind == PIOMMU_ENTRY_LEAF )
        piommu_table_set(table, index_at(dfn, level), &none);
    return rc;
}

static unsigned int rights_of(enum host_p2m_type type)
{
    return type == HOST_P2M_RAM_RW ? PIOMMU_READ | PIOMMU_WRITE : PIOMMU_READ;
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
    const gfn_t end = _gfn(UINT64_C(1)
                           << VTD_SL_ORDER(space->root->level + 1));
    int rc = 0;

    while ( !rc && gfn_x(space->populated) < gfn_x(end) )
    {
        rc = map_from_p2m(space, &space->populated, end);
        if ( !rc && host_preempt_check(space->piommu->host) )
            return -XEN_ERESTART;
    }
    return rc;
}

int piommu_space_p2m_changed(struct piommu_space *space, gfn_t gfn,
                             unsigned int order)
{
    gfn_t end = gfn_add(gfn, UINT64_C(1) << order), at = gfn;
    int rc = piommu_unmap(space, _dfn(gfn_x(gfn)), order);

    /* The rest is still to be populated. */
    if ( gfn_x(end) > gfn_x(space->populated) )
        end = space->populated;
    while ( !rc && gfn_x(at) < gfn_x(end) )
        rc = map_from_p2m(space, &at, end);
    return rc;
}

/* ---- devices ------------------------------------------------------------ */

static struct piommu_device_state *find_device(const struct vtd_unit *unit,
                                               uint32_t source_id)
{
    struct piommu_device_state *device = unit->devices;

    while ( device && device->source_id != source_id )
        device = device->next;
    return device;
}

static int add_device(struct vtd_unit *unit, uint32_t source_id,
                      struct piommu_device_state **device)
{
    *device = host_zalloc(unit->piommu->host, NULL, sizeof(**device));
    if ( !*device )
        return -XEN_ENOMEM;
    (*device)->source_id = source_id;
    (*device)->next = unit->devices;
    unit->devices = *device;
    return 0;
}

static int context_table(struct vtd_unit *unit, unsigned int bus)
{
    struct host *host = unit->piommu->host;
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
        hi = VTD_CONTEXT_HI(root->level, space->did);
    }
    host_table_write128(unit->piommu->host, mfn, offset, lo, hi);
    vtd_unit_writeback(unit, mfn, offset, VTD_ENTRY_SIZE);
}

static int flush_old(struct vtd_unit *unit, uint32_t source_id, uint16_t did)
{
    const struct vtd_descriptor flush[] = {
        { VTD_DESC_CONTEXT | VTD_PUT(VTD_GRAN_PAGE, 5, 4) |
              VTD_PUT(did, 31, 16) | VTD_PUT(source_id, 47, 32),
          0 },
        vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN, did),
    };

    /* Not present was never cached by a unit with CAP.CM = 0. */
    return did ? vtd_queue_execute(unit, flush, ARRAY_SIZE(flush)) : 0;
}

static int attach_locked(struct vtd_unit *unit, uint32_t source_id,
                         struct piommu_space *space)
{
    struct piommu_device_state *device = find_device(unit, source_id);
    struct piommu_space *old = device ? device->space : NULL;
    int rc = 0;

    if ( old == space || (!device && space->kind == PIOMMU_BLOCKED) )
        return 0;
    if ( unit->failed )
        return -XEN_EIO;
    if ( !device )
        rc = add_device(unit, source_id, &device);
    if ( !rc )
        rc = context_table(unit, source_id >> 8);
    if ( rc )
        return rc;

    write_context(unit, source_id, space);
    device->space = space;
    space->attached[unit->index]++;
    rc = flush_old(unit, source_id, old ? old->did : 0);
    /* If it was not flushed, the old space must never be taken apart. */
    if ( old && !rc )
        old->attached[unit->index]--;
    return rc;
}

int piommu_attach(struct piommu *piommu, const struct piommu_device *device,
                  uint32_t pasid, struct piommu_space *space)
{
    int rc;

    if ( pasid != PIOMMU_NO_PASID )
        return -XEN_EOPNOTSUPP;
    if ( device->unit >= piommu->units || device->source_id > 0xffff )
        return -XEN_EINVAL;
    host_lock(piommu->host, &piommu->lock);
    rc = attach_locked(piommu->unit[device->unit], device->source_id, space);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}
