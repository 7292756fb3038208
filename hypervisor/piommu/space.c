/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: the tags by which hardware tells them apart, making and
 * unmaking them, and the nests that tag a guest's own first stages.
 */
#include <piommu/private.h>

/* ---- tags (VT-d: DID, SMMUv3: VMID): 0 is for nobody -------------------- */

/*
 * Tags are few, and one domain must not take those of another: each has the
 * right to a share, of which one is its p2m's.  (As long as there are no more
 * domains than shares.)
 */
#define TAG_SHARES 4

static bool within_share(const struct piommu *piommu, const struct domain *d)
{
    unsigned int share = (piommu->tags - 1) / TAG_SHARES, used = 1;
    const struct piommu_space *space;
    const struct piommu_nest *nest;

    for ( space = piommu->spaces; space; space = space->next )
        used += space->domain == d && space->tag && space->kind != PIOMMU_P2M;
    for ( nest = piommu->nests; nest; nest = nest->next )
        used += nest->p2m->domain == d;
    return used < share;
}

static uint16_t tag_get(struct piommu *piommu, const struct domain *d,
                        enum piommu_space_kind kind)
{
    unsigned int tag;

    if ( kind != PIOMMU_P2M && !within_share(piommu, d) )
        return 0;
    for ( tag = 1; tag < piommu->tags; tag++ )
        if ( !(piommu->tags_used[tag / 8] & (1u << (tag % 8))) )
        {
            piommu->tags_used[tag / 8] |= (uint8_t)(1u << (tag % 8));
            return (uint16_t)tag;
        }
    return 0;
}

static void tag_put(struct piommu *piommu, uint16_t tag)
{
    piommu->tags_used[tag / 8] &= (uint8_t) ~(1u << (tag % 8));
}

/* ---- creation ----------------------------------------------------------- */

bool piommu_owns_tables(const struct piommu_space *space)
{
    return space->kind == PIOMMU_P2M || space->kind == PIOMMU_MAPPED;
}

static int build(struct piommu_space *space, unsigned int levels)
{
    const struct piommu_driver *driver = space->piommu->driver;
    int rc = 0;

    if ( space->kind == PIOMMU_BLOCKED || space->kind == PIOMMU_NESTED )
        return 0;
    if ( space->kind == PIOMMU_P2M )
        levels = space->piommu->capabilities.widths & (1u << 4) ? 4 : 3;
    if ( piommu_owns_tables(space) )
        rc = piommu_new_table(space, levels, &space->root);
    if ( !rc && driver->space_complete )
        rc = driver->space_complete(space);
    return rc;
}

/* No unit can use it (any more). */
void piommu_space_release(struct piommu_space *space)
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

    switch ( config->kind )
    {
    case PIOMMU_BLOCKED:
    case PIOMMU_P2M:
        return true;
    case PIOMMU_NESTED:
        return piommu->capabilities.nested && config->stage1.nest &&
               config->stage1.nest->p2m->domain == config->domain;
    case PIOMMU_SHADOW:
        if ( piommu->driver->break_before_make )
            return false;
        levels = config->root ? config->root->level : 0;
        break;
    case PIOMMU_MAPPED:
        break;
    }
    return levels < 32 && (piommu->capabilities.widths & (1u << levels));
}

/* Give the space its tag and make it known. */
static int enter(struct piommu_space *space)
{
    struct piommu *piommu = space->piommu;

    if ( space->kind == PIOMMU_NESTED )
        space->nest->spaces++;
    else if ( space->kind != PIOMMU_BLOCKED )
    {
        space->tag = tag_get(piommu, space->domain, space->kind);
        if ( !space->tag )
            return -XEN_ENOSPC;
    }
    space->next = piommu->spaces;
    piommu->spaces = space;
    return 0;
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
    space->root = config->root;
    space->populated = _gfn(0);
    if ( space->kind == PIOMMU_NESTED )
    {
        space->nest = config->stage1.nest;
        space->configuration[0] = config->stage1.configuration[0];
        space->configuration[1] = config->stage1.configuration[1];
    }
    rc = build(space, config->levels);
    if ( !rc )
    {
        host_lock(piommu->host, &piommu->lock);
        rc = enter(space);
        host_unlock(piommu->host, &piommu->lock);
    }
    if ( rc )
    {
        piommu_space_release(space);
        return rc;
    }
    *result = space;
    return 0;
}

/* ---- the end ------------------------------------------------------------ */

/* A device is attached, or a nest uses the tables. */
static bool is_used(const struct piommu_space *space)
{
    const struct piommu_nest *nest;
    unsigned int i;

    for ( i = 0; i < PIOMMU_MAX_UNITS; i++ )
        if ( space->attached[i] )
            return true;
    for ( nest = space->piommu->nests; nest; nest = nest->next )
        if ( nest->p2m == space )
            return true;
    return false;
}

int piommu_space_destroy(struct piommu_space *space)
{
    struct piommu *piommu = space->piommu;
    struct piommu_space **link;

    if ( is_used(space) )
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
    if ( space->tag )
        tag_put(piommu, space->tag);
    if ( space->nest )
        space->nest->spaces--;
    host_unlock(piommu->host, &piommu->lock);
    piommu_space_release(space);
    return 0;
}

/* ---- nests -------------------------------------------------------------- */

int piommu_nest_create(struct piommu *piommu, struct piommu_space *p2m,
                       struct piommu_nest **result)
{
    struct piommu_nest *nest;
    int rc = -XEN_ENOSPC;

    if ( !piommu->capabilities.nested || p2m->kind != PIOMMU_P2M )
        return -XEN_EOPNOTSUPP;
    nest = host_zalloc(piommu->host, p2m->domain, sizeof(*nest));
    if ( !nest )
        return -XEN_ENOMEM;
    nest->piommu = piommu;
    nest->p2m = p2m;

    host_lock(piommu->host, &piommu->lock);
    nest->tag = tag_get(piommu, p2m->domain, PIOMMU_NESTED);
    if ( nest->tag )
    {
        nest->next = piommu->nests;
        piommu->nests = nest;
        rc = 0;
    }
    host_unlock(piommu->host, &piommu->lock);
    if ( rc )
        host_free(piommu->host, nest);
    else
        *result = nest;
    return rc;
}

/* All that any unit has cached under the tag of @nest. */
static int flush_nest(const struct piommu_nest *nest)
{
    struct piommu *piommu = nest->piommu;
    struct piommu_command command[FLUSH_COMMANDS];
    unsigned int i, count;
    int rc = 0;

    for ( i = 0; i < piommu->units && !rc; i++ )
    {
        count = piommu->driver->plan_nest(piommu->unit[i], nest, command);
        rc = piommu_execute(piommu->unit[i], command, count);
    }
    return rc;
}

int piommu_nest_destroy(struct piommu_nest *nest)
{
    struct piommu *piommu = nest->piommu;
    struct piommu_nest **link;
    int rc;

    if ( nest->spaces )
        return -XEN_EBUSY;
    host_lock(piommu->host, &piommu->lock);
    /* What could not be flushed keeps its tag, for ever. */
    rc = flush_nest(nest);
    if ( !rc )
    {
        for ( link = &piommu->nests; *link != nest; link = &(*link)->next )
            ;
        *link = nest->next;
        tag_put(piommu, nest->tag);
    }
    host_unlock(piommu->host, &piommu->lock);
    if ( !rc )
        host_free(piommu->host, nest);
    return rc;
}
