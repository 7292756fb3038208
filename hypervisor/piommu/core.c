/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The physical IOMMUs of a host together: start, common capabilities, flushes
 * over all units that may hold a translation.
 */
#include <piommu/private.h>

static void intersect(struct piommu *piommu)
{
    struct piommu_capabilities *c = &piommu->capabilities;
    unsigned int i, nd = 6;

    c->widths = (1u << 3) | (1u << 4);
    c->superpages = (1u << 9) | (1u << 18);
    c->zlr_all = true;
    for ( i = 0; i < piommu->units; i++ )
    {
        uint64_t cap = piommu->unit[i]->cap;

        /* 3 levels are had below a top page where there are only 4. */
        if ( !(cap & VTD_CAP_SAGAW_48) )
            c->widths &= ~(1u << 4);
        if ( !(cap & VTD_CAP_SLLPS_2M) )
            c->superpages &= ~(1u << 9);
        if ( !(cap & VTD_CAP_SLLPS_1G) )
            c->superpages &= ~(1u << 18);
        c->zlr_some |= cap & VTD_CAP_ZLR;
        c->zlr_all &= !!(cap & VTD_CAP_ZLR);
        if ( VTD_CAP_ND(cap) < nd )
            nd = VTD_CAP_ND(cap);
    }
    c->max_width = c->widths & (1u << 4) ? 48 : 39;
    for ( i = 0; i < piommu->units; i++ )
        if ( VTD_CAP_MGAW(piommu->unit[i]->cap) < c->max_width )
            c->max_width = VTD_CAP_MGAW(piommu->unit[i]->cap);
    piommu->dids = 1u << (4 + 2 * nd);
}

int piommu_init(struct host *host, const struct piommu_events *events,
                struct piommu **result)
{
    struct piommu *piommu = host_zalloc(host, NULL, sizeof(*piommu));
    unsigned int count = host_unit_count(host), i;
    int rc = 0;

    if ( !piommu )
        return -XEN_ENOMEM;
    piommu->host = host;
    piommu->events = *events;
    host_lock_init(&piommu->lock, "piommu");
    if ( count > PIOMMU_MAX_UNITS )
        rc = -XEN_ENOSPC;
    for ( i = 0; !rc && i < count; i++ )
    {
        rc = -XEN_EOPNOTSUPP;
        if ( host_unit_type(host_unit_get(host, i)) == HOST_UNIT_VTD )
            rc = vtd_unit_create(piommu, i);
    }
    if ( !rc )
    {
        intersect(piommu);
        piommu->did_used = host_zalloc(host, NULL, piommu->dids / 8);
        rc = piommu->did_used ? 0 : -XEN_ENOMEM;
    }
    if ( rc )
    {
        piommu_fini(piommu);
        return rc;
    }
    *result = piommu;
    return 0;
}

void piommu_fini(struct piommu *piommu)
{
    unsigned int i;

    for ( i = 0; i < piommu->units; i++ )
        vtd_unit_destroy(piommu->unit[i]);
    while ( piommu->spaces )
    {
        struct piommu_space *space = piommu->spaces;

        piommu->spaces = space->next;
        vtd_space_release(space);
    }
    host_free(piommu->host, piommu->did_used);
    host_free(piommu->host, piommu);
}

void piommu_interrupt(struct piommu *piommu, unsigned int unit)
{
    if ( unit < piommu->units )
        vtd_fault_drain(piommu->unit[unit]);
}

void piommu_capabilities(const struct piommu *piommu,
                         struct piommu_capabilities *capabilities)
{
    *capabilities = piommu->capabilities;
}

/* ---- flushes ------------------------------------------------------------ */

static struct vtd_descriptor space_flush(const struct vtd_unit *unit,
                                         const struct piommu_flush *flush,
                                         uint16_t did)
{
    struct vtd_descriptor d;

    if ( flush->all || !(unit->cap & VTD_CAP_PSI) ||
         flush->order > VTD_CAP_MAMV(unit->cap) )
        return vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN, did);
    d = vtd_iotlb_descriptor(unit, VTD_GRAN_PAGE, did);
    d.hi = (dfn_x(flush->dfn) << PAGE_SHIFT) | flush->order;
    if ( flush->leaf_only )
        d.hi |= VTD_IVA_IH;
    return d;
}

/* What @flush means for one unit: how many descriptors, and which. */
static unsigned int plan(const struct piommu *piommu,
                         const struct piommu_flush *flush,
                         const struct vtd_unit *unit,
                         struct vtd_descriptor *descriptor)
{
    const struct piommu_space *s;
    unsigned int count = 0;

    if ( flush->space )
    {
        if ( !flush->space->attached[unit->index] || !flush->space->did )
            return 0;
        descriptor[0] = space_flush(unit, flush, flush->space->did);
        return 1;
    }
    for ( s = piommu->spaces; s; s = s->next )
    {
        if ( s->domain != flush->domain || !s->did ||
             !s->attached[unit->index] )
            continue;
        if ( count == FLUSH_SPACES )
        {
            descriptor[0] = vtd_iotlb_descriptor(unit, VTD_GRAN_GLOBAL, 0);
            return 1;
        }
        descriptor[count++] = vtd_iotlb_descriptor(unit, VTD_GRAN_DOMAIN,
                                                   s->did);
    }
    return count;
}

static int submit(struct piommu *piommu, const struct piommu_flush *flush,
                  struct piommu_token *token)
{
    struct vtd_descriptor descriptor[FLUSH_SPACES];
    unsigned int i, count;
    int rc = 0;

    /* All or nothing: first see that every queue has room. */
    for ( i = 0; i < piommu->units && !rc; i++ )
    {
        count = plan(piommu, flush, piommu->unit[i], descriptor);
        if ( count )
            rc = vtd_queue_room(piommu->unit[i], count);
    }
    for ( i = 0; i < piommu->units && !rc; i++ )
    {
        count = plan(piommu, flush, piommu->unit[i], descriptor);
        if ( count )
            rc = vtd_queue_submit(piommu->unit[i], descriptor, count,
                                  &token->sequence[i]);
    }
    return rc;
}

int piommu_flush(struct piommu *piommu, const struct piommu_flush *flush,
                 struct piommu_token *token)
{
    int rc;

    host_lock(piommu->host, &piommu->lock);
    rc = submit(piommu, flush, token);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_flush_poll(struct piommu *piommu, const struct piommu_token *token)
{
    unsigned int i;
    int rc = 0;

    host_lock(piommu->host, &piommu->lock);
    for ( i = 0; i < piommu->units && !rc; i++ )
        if ( token->sequence[i] )
            rc = vtd_queue_poll(piommu->unit[i], token->sequence[i]);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_flush_wait(struct piommu *piommu, const struct piommu_token *token)
{
    int rc;

    while ( (rc = piommu_flush_poll(piommu, token)) == -XEN_EAGAIN )
        host_relax(piommu->host);
    return rc;
}

/* No unit that is driven today can nest. */
int piommu_cache_invalidate(struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate,
                            struct piommu_token *token)
{
    (void)piommu;
    (void)invalidate;
    (void)token;
    return -XEN_EOPNOTSUPP;
}
