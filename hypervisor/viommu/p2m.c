/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a domain's p2m: its own device address space follows, and what
 * the vIOMMUs have derived from it.
 */
#include <viommu/private.h>

/* Order of one step in the p2m space, which knows 0, 9 and 18. */
static unsigned int chunk_order(const struct viommu_p2m_change *change)
{
    return change->order < 9 ? 0 : 9;
}

static void change_begin(struct viommu_domain *vd, gfn_t gfn,
                         unsigned int order)
{
    struct viommu *viommu;

    vd->change = (struct viommu_p2m_change) { .active = true,
                                              .gfn = gfn,
                                              .order = order };
    for ( viommu = vd->viommus; viommu; viommu = viommu->next )
        if ( viommu->type->p2m_changed )
            viommu->type->p2m_changed(viommu);
}

/* The p2m space follows, and is flushed. */
static int change_p2m_space(struct viommu_domain *vd)
{
    struct viommu_p2m_change *change = &vd->change;
    struct piommu *piommu = vd->registry->piommu;
    const struct piommu_flush flush = { .space = vd->p2m,
                                        .dfn = _dfn(gfn_x(change->gfn)),
                                        .order = change->order };
    int rc = 0;

    if ( !vd->p2m )
        return 0;
    while ( !rc && change->done < UINT64_C(1) << change->order )
    {
        rc = piommu_space_p2m_changed(
            vd->p2m, gfn_add(change->gfn, change->done), chunk_order(change));
        if ( !rc )
            change->done += UINT64_C(1) << chunk_order(change);
        if ( !rc && host_preempt_check(vd->registry->host) )
            return -XEN_ERESTART;
    }
    if ( !rc && !change->flushed )
    {
        rc = piommu_flush(piommu, &flush, &change->token);
        change->flushed = !rc;
    }
    if ( !rc )
        rc = piommu_flush_poll(piommu, &change->token);
    return rc == -XEN_EAGAIN ? -XEN_ERESTART : rc;
}

static bool change_pending(const struct viommu *viommu)
{
    return !viommu->dying && viommu->type->p2m_pending &&
           viommu->type->p2m_pending(viommu);
}

static int change_shadows(struct viommu_domain *vd)
{
    struct viommu *viommu;

    for ( viommu = vd->viommus; viommu; viommu = viommu->next )
    {
        if ( change_pending(viommu) )
            viommu->type->run(viommu);
        if ( viommu->failed )
            return -XEN_EIO;
        if ( change_pending(viommu) )
            return -XEN_ERESTART;
    }
    return 0;
}

static int change_step(struct viommu_domain *vd)
{
    int rc = change_p2m_space(vd);

    if ( !rc )
        rc = change_shadows(vd);
    if ( rc != -XEN_ERESTART )
        vd->change.active = false;
    return rc;
}

int viommu_p2m_changed(struct viommu_registry *registry, struct domain *d,
                       gfn_t gfn, unsigned int order)
{
    struct viommu_domain *vd = viommu_domain_get(d);
    bool own;
    int rc;

    if ( !vd )
        return 0;
    if ( order > 40 || (gfn_x(gfn) & ((UINT64_C(1) << order) - 1)) )
        return -XEN_EINVAL;
    host_lock(registry->host, &vd->lock);
    if ( !vd->change.active )
        change_begin(vd, gfn, order);
    /* Another's change that is under way is helped to its end first. */
    own = gfn_eq(vd->change.gfn, gfn) && vd->change.order == order;
    rc = change_step(vd);
    if ( !rc && !own )
        rc = -XEN_ERESTART;
    host_unlock(registry->host, &vd->lock);
    return rc;
}
