/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XEN_DMOP_viommu_*: one function per sub-operation, each checking every field
 * that it uses before it changes anything.
 */
#include <viommu/vvtd/vvtd.h>

#define CAPABILITIES                                                          \
    (XEN_VIOMMU_CAPABILITY_l1_translation |                                   \
     XEN_VIOMMU_CAPABILITY_l2_translation |                                   \
     XEN_VIOMMU_CAPABILITY_interrupt_remapping)

#define GUEST_ADDRESS_MAX (UINT64_C(1) << 52)

/* What a sub-operation works on, found by the common part. */
struct call {
    struct viommu_registry *registry;
    struct domain *d;
    struct viommu_domain *vd; /* NULL: the domain has nothing yet */
    struct vvtd *v;           /* the one named, if there is such a one */
};

static int query(const struct call *call, struct xen_dmop_viommu_op *op)
{
    struct vvtd_offer offer;

    if ( op->u.query.type != XEN_VIOMMU_TYPE_vtd )
        return -XEN_EOPNOTSUPP;
    vvtd_offer(call->registry, &offer);
    op->u.query.capabilities = offer.capabilities;
    op->u.query.vtd_cap = offer.cap;
    op->u.query.vtd_ecap = offer.ecap;
    op->u.query.shadow_pages = call->vd ? call->vd->shadow_pages : 0;
    op->u.query.shadow_limit = call->vd ? call->vd->shadow_limit :
                                          VIOMMU_SHADOW_LIMIT;
    op->u.query.shadow_refused = call->vd ? call->vd->shadow_refused : 0;
    return 0;
}

static int create_check(const struct call *call,
                        const struct xen_dmop_viommu_op *op)
{
    struct vvtd_offer offer;
    bool replay = op->u.create.flags & XEN_VIOMMU_CREATE_replay;
    uint64_t base = op->u.create.base_address;

    if ( (op->u.create.flags & ~XEN_VIOMMU_CREATE_replay) ||
         (op->u.create.capabilities & ~CAPABILITIES) ||
         (base & (PAGE_SIZE - 1)) || base >= GUEST_ADDRESS_MAX )
        return -XEN_EINVAL;
    if ( op->u.create.type != XEN_VIOMMU_TYPE_vtd )
        return -XEN_EOPNOTSUPP;
    vvtd_offer(call->registry, &offer);
    if ( replay )
        offer.capabilities |= XEN_VIOMMU_CAPABILITY_interrupt_remapping;
    return op->u.create.capabilities & ~offer.capabilities ? -XEN_EOPNOTSUPP :
                                                             0;
}

/* Is there room for one more, and is its page free? */
static int place_check(const struct viommu_domain *vd, uint64_t base)
{
    const struct vvtd *v;
    unsigned int count = 0;

    for ( v = vd->viommus; v; v = v->next, count++ )
        if ( v->config.base == base )
            return -XEN_EEXIST;
    return count < VIOMMU_MAX_PER_DOMAIN ? 0 : -XEN_ENOSPC;
}

static int create(const struct call *call, struct xen_dmop_viommu_op *op)
{
    const struct vvtd_config config = {
        .base = op->u.create.base_address,
        .cap = op->u.create.vtd_cap,
        .ecap = op->u.create.vtd_ecap,
        .haw = op->u.create.address_width,
        .replay = op->u.create.flags & XEN_VIOMMU_CREATE_replay,
    };
    struct viommu_domain *vd;
    struct vvtd *v;
    int rc = create_check(call, op);

    if ( !rc )
        rc = vvtd_config_check(call->registry, &config);
    if ( !rc )
        rc = viommu_domain_make(call->registry, call->d, &vd);
    if ( !rc )
        rc = place_check(vd, config.base);
    if ( !rc )
        rc = vvtd_create(vd, &config, &v);
    if ( rc )
        return rc;

    host_lock(call->registry->host, &vd->lock);
    v->id = vd->next_id++;
    v->next = vd->viommus;
    vd->viommus = v;
    if ( op->u.create.shadow_limit )
        vd->shadow_limit = op->u.create.shadow_limit;
    host_unlock(call->registry->host, &vd->lock);
    op->u.create.viommu_id = v->id;
    return 0;
}

static int destroy(const struct call *call, struct xen_dmop_viommu_op *op)
{
    (void)op;
    return call->v ? viommu_destroy(call->vd, call->v) : -XEN_ENOENT;
}

/* The second and later calls of an attach that takes longer. */
static int attach_continue(struct vvtd *v, struct vvtd_device *device)
{
    /* Once is enough: the guest may make its context stale for ever. */
    if ( !device->attached )
        vvtd_run(v);
    if ( v->failed )
        return -XEN_EIO;
    if ( !device->attached )
        return -XEN_ERESTART;
    device->attaching = false;
    return 0;
}

static int attach_locked(struct vvtd *v, struct viommu_pdev *pdev,
                         uint16_t sid)
{
    struct vvtd_device *device;
    int rc;

    if ( !pdev )
        return -XEN_EPERM;
    if ( !pdev->vvtd )
    {
        rc = vvtd_device_add(v, pdev, sid);
        if ( rc != -XEN_ERESTART )
            return rc;
    }
    if ( pdev->vvtd != v )
        return -XEN_EEXIST;
    device = &v->device[pdev->index];
    if ( device->sid != sid || !device->attaching )
        return -XEN_EEXIST;
    return attach_continue(v, device);
}

static int attach(const struct call *call, struct xen_dmop_viommu_op *op)
{
    struct host *host = call->registry->host;
    struct host_pdev host_pdev;
    int rc;

    if ( op->u.attach.vsbdf > 0xffff )
        return -XEN_EINVAL;
    if ( !call->v || call->v->dying ||
         host_pdev_get(host, op->u.attach.psbdf, &host_pdev) )
        return -XEN_ENOENT;
    if ( host_pdev.owner != call->d )
        return -XEN_EPERM;
    host_lock(host, &call->vd->lock);
    rc = attach_locked(call->v, viommu_pdev_find(call->vd, op->u.attach.psbdf),
                       (uint16_t)op->u.attach.vsbdf);
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int detach(const struct call *call, struct xen_dmop_viommu_op *op)
{
    struct host *host = call->registry->host;
    struct vvtd *v = call->v;
    unsigned int i;
    int rc = -XEN_ENOENT;

    if ( op->u.detach.vsbdf > 0xffff || op->u.detach.pad3 )
        return -XEN_EINVAL;
    if ( !v || v->dying )
        return -XEN_ENOENT;
    host_lock(host, &call->vd->lock);
    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
        if ( v->device[i].used && v->device[i].sid == op->u.detach.vsbdf )
        {
            rc = vvtd_device_remove(v, i, call->vd->p2m);
            break;
        }
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int (*const sub_operations[])(const struct call *call,
                                     struct xen_dmop_viommu_op *op) = {
    [XEN_DMOP_viommu_query_capability] = query,
    [XEN_DMOP_viommu_create] = create,
    [XEN_DMOP_viommu_destroy] = destroy,
    [XEN_DMOP_viommu_attach] = attach,
    [XEN_DMOP_viommu_detach] = detach,
};

static struct vvtd *find(const struct viommu_domain *vd, uint32_t id)
{
    struct vvtd *v = vd ? vd->viommus : NULL;

    while ( v && v->id != id )
        v = v->next;
    return v;
}

int viommu_hypercall(struct viommu_registry *registry,
                     struct xen_dmop_viommu_op *op)
{
    struct call call = { .registry = registry };
    int rc;

    if ( op->pad || op->pad2 )
        return -XEN_EINVAL;
    if ( op->cmd >= ARRAY_SIZE(sub_operations) || !sub_operations[op->cmd] )
        return -XEN_EOPNOTSUPP;
    call.d = host_domain_by_id(registry->host, op->domid);
    if ( !call.d )
        return -XEN_EINVAL;
    host_lock(registry->host, &registry->lock);
    call.vd = viommu_domain_get(call.d);
    call.v = find(call.vd, op->viommu_id);
    rc = sub_operations[op->cmd](&call, op);
    host_unlock(registry->host, &registry->lock);
    return rc;
}
