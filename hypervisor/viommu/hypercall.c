/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XEN_DMOP_viommu_*: one function per sub-operation, each checking every field
 * that it uses before it changes anything.
 */
#include <viommu/private.h>

#define CAPABILITIES                                                          \
    (XEN_VIOMMU_CAPABILITY_l1_translation |                                   \
     XEN_VIOMMU_CAPABILITY_l2_translation |                                   \
     XEN_VIOMMU_CAPABILITY_interrupt_remapping)

#define GUEST_ADDRESS_MAX (UINT64_C(1) << 52)

/* Every arm of query and of create begins with these. */
#define OFFSET(field) offsetof(struct xen_dmop_viommu_op, u.field)
_Static_assert(OFFSET(query.type) == OFFSET(query_smmuv3.type) &&
                   OFFSET(create.type) == OFFSET(create_smmuv3.type) &&
                   OFFSET(create.capabilities) ==
                       OFFSET(create_smmuv3.capabilities) &&
                   OFFSET(create.base_address) ==
                       OFFSET(create_smmuv3.base_address),
               "fields that are looked at before the type is known");

/* What a sub-operation works on, found by the common part. */
struct call {
    struct viommu_registry *registry;
    struct domain *d;
    struct viommu_domain *vd; /* NULL: the domain has nothing yet */
    struct viommu *viommu;    /* the one named, if there is such a one */
};

/* The registry of types. */
static const struct viommu_type *const types[] = {
    [XEN_VIOMMU_TYPE_vtd] = &vvtd_type,
    [XEN_VIOMMU_TYPE_smmuv3] = &vsmmuv3_type,
};

/* The type, if the physical units of this host can carry it, or NULL. */
static const struct viommu_type *type_on(
    const struct viommu_registry *registry, uint32_t number)
{
    struct piommu_capabilities able;

    piommu_capabilities(registry->piommu, &able);
    return number < ARRAY_SIZE(types) && types[number]->unit == able.type ?
               types[number] :
               NULL;
}

static int query(const struct call *call, struct xen_dmop_viommu_op *op)
{
    const struct viommu_type *type = type_on(call->registry, op->u.query.type);
    struct host *host = call->registry->host;
    int rc;

    if ( !type )
        return -XEN_EOPNOTSUPP;
    if ( !call->vd )
        return type->query(call->registry, NULL, op);
    host_lock(host, &call->vd->lock);
    rc = type->query(call->registry, call->vd, op);
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int create_check(const struct call *call,
                        const struct viommu_type *type,
                        const struct xen_dmop_viommu_op *op)
{
    uint64_t base = op->u.create.base_address;

    if ( (op->u.create.capabilities & ~CAPABILITIES) ||
         (base & (type->alignment - 1)) || base >= GUEST_ADDRESS_MAX )
        return -XEN_EINVAL;
    return type->create_check(call->registry, op);
}

/* Is there room for one more, and are its pages free? */
static int place_check(const struct viommu_domain *vd,
                       const struct viommu_type *type, uint64_t base)
{
    const struct viommu *other;
    unsigned int count = 0;

    for ( other = vd->viommus; other; other = other->next, count++ )
        if ( base < other->base + other->type->window &&
             other->base < base + type->window )
            return -XEN_EEXIST;
    return count < VIOMMU_MAX_PER_DOMAIN ? 0 : -XEN_ENOSPC;
}

static int create(const struct call *call, struct xen_dmop_viommu_op *op)
{
    const struct viommu_type *type = type_on(call->registry,
                                             op->u.create.type);
    struct viommu_domain *vd;
    int rc;

    if ( !type )
        return -XEN_EOPNOTSUPP;
    rc = create_check(call, type, op);
    if ( !rc )
        rc = viommu_domain_make(call->registry, call->d, &vd);
    if ( !rc )
        rc = place_check(vd, type, op->u.create.base_address);
    return rc ? rc : type->create(vd, op);
}

static int destroy(const struct call *call, struct xen_dmop_viommu_op *op)
{
    (void)op;
    return call->viommu ? viommu_destroy(call->vd, call->viommu) : -XEN_ENOENT;
}

/* The device that the guest knows as @vsbdf. */
static struct viommu_pdev *find_below(const struct viommu *viommu,
                                      xen_viommu_sbdf_t vsbdf)
{
    struct viommu_pdev *pdev = viommu->vd->pdevs;

    while ( pdev && (pdev->viommu != viommu || pdev->vsbdf != vsbdf) )
        pdev = pdev->next;
    return pdev;
}

static int attach_begin(struct viommu *viommu, struct viommu_pdev *pdev,
                        xen_viommu_sbdf_t vsbdf)
{
    int rc;

    if ( find_below(viommu, vsbdf) || viommu_vpdev_find(viommu, vsbdf) )
        return -XEN_EEXIST;
    pdev->vsbdf = vsbdf;
    pdev->attaching = pdev->attached = false;
    rc = viommu->type->add(viommu, pdev);
    if ( !rc || rc == -XEN_ERESTART )
        pdev->viommu = viommu;
    return rc;
}

/* The rest of an attach that takes longer. */
static int attach_continue(struct viommu *viommu, struct viommu_pdev *pdev)
{
    /* Once is enough: the guest may ask for it to be done again for ever. */
    if ( !pdev->attached )
        viommu->type->run(viommu);
    if ( viommu->failed )
        return -XEN_EIO;
    if ( !pdev->attached )
        return -XEN_ERESTART;
    pdev->attaching = false;
    return 0;
}

static int attach_locked(struct viommu *viommu, struct viommu_pdev *pdev,
                         xen_viommu_sbdf_t vsbdf)
{
    int rc;

    if ( !pdev )
        return -XEN_EPERM;
    if ( !pdev->viommu )
    {
        rc = attach_begin(viommu, pdev, vsbdf);
        if ( rc != -XEN_ERESTART )
            return rc;
    }
    if ( pdev->viommu != viommu || pdev->vsbdf != vsbdf || !pdev->attaching )
        return -XEN_EEXIST;
    return attach_continue(viommu, pdev);
}

static int attach(const struct call *call, struct xen_dmop_viommu_op *op)
{
    struct host *host = call->registry->host;
    struct viommu *viommu = call->viommu;
    struct host_pdev host_pdev;
    int rc;

    if ( !viommu || viommu->dying )
        return -XEN_ENOENT;
    if ( op->u.attach.vsbdf > viommu->type->vsbdf_max )
        return -XEN_EINVAL;
    if ( host_pdev_get(host, op->u.attach.psbdf, &host_pdev) )
        return -XEN_ENOENT;
    if ( host_pdev.owner != call->d )
        return -XEN_EPERM;
    host_lock(host, &call->vd->lock);
    rc = attach_locked(viommu, viommu_pdev_find(call->vd, op->u.attach.psbdf),
                       op->u.attach.vsbdf);
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int attach_vpdev(const struct call *call, struct xen_dmop_viommu_op *op)
{
    const struct viommu_vpdev vpdev = { .vsbdf = op->u.attach_vpdev.vsbdf,
                                        .dm = op->u.attach_vpdev.dm,
                                        .flags = op->u.attach_vpdev.flags };
    struct host *host = call->registry->host;
    struct viommu *viommu = call->viommu;
    int rc;

    if ( op->u.attach_vpdev.pad3 )
        return -XEN_EINVAL;
    if ( !viommu || viommu->dying )
        return -XEN_ENOENT;
    host_lock(host, &call->vd->lock);
    rc = find_below(viommu, vpdev.vsbdf) ? -XEN_EEXIST :
                                           viommu_vpdev_attach(viommu, &vpdev);
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int detach(const struct call *call, struct xen_dmop_viommu_op *op)
{
    struct host *host = call->registry->host;
    struct viommu *viommu = call->viommu;
    struct viommu_vpdev *vpdev;
    struct viommu_pdev *pdev;
    int rc = -XEN_ENOENT;

    if ( op->u.detach.pad3 )
        return -XEN_EINVAL;
    if ( !viommu || viommu->dying )
        return -XEN_ENOENT;
    if ( op->u.detach.vsbdf > viommu->type->vsbdf_max )
        return -XEN_EINVAL;
    host_lock(host, &call->vd->lock);
    pdev = find_below(viommu, op->u.detach.vsbdf);
    vpdev = viommu_vpdev_find(viommu, op->u.detach.vsbdf);
    if ( pdev )
        rc = viommu->type->remove(viommu, pdev, call->vd->p2m);
    else if ( vpdev )
    {
        viommu_vpdev_detach(viommu, vpdev);
        rc = 0;
    }
    host_unlock(host, &call->vd->lock);
    return rc;
}

/* ---- the device model's: with the domain's lock held, alive ------------- */

static int translation(const struct call *call, struct xen_dmop_viommu_op *op)
{
    return viommu_vpdev_translate(call->viommu, op);
}

static int copy(const struct call *call, struct xen_dmop_viommu_op *op)
{
    return viommu_vpdev_copy(call->viommu, op);
}

static int drain_completed(const struct call *call,
                           struct xen_dmop_viommu_op *op)
{
    if ( op->u.drain_completed.pad3 )
        return -XEN_EINVAL;
    return viommu_dm_answer(call->viommu, op->u.drain_completed.dm,
                            op->u.drain_completed.sequence);
}

/* ---- the table ---------------------------------------------------------- */

static const struct sub_operation {
    int (*run)(const struct call *call, struct xen_dmop_viommu_op *op);
    /* Part of every access of a virtual device: domains are not to wait for
     * each other there. */
    bool device_model;
} sub_operations[] = {
    [XEN_DMOP_viommu_query_capability] = { query, false },
    [XEN_DMOP_viommu_create] = { create, false },
    [XEN_DMOP_viommu_destroy] = { destroy, false },
    [XEN_DMOP_viommu_dma_translation_for_vpdev] = { translation, true },
    [XEN_DMOP_viommu_dma_drain_completed] = { drain_completed, true },
    [XEN_DMOP_viommu_attach] = { attach, false },
    [XEN_DMOP_viommu_detach] = { detach, false },
    [XEN_DMOP_viommu_attach_vpdev] = { attach_vpdev, false },
    [XEN_DMOP_viommu_dma_copy_for_vpdev] = { copy, true },
};

static struct viommu *find(const struct viommu_domain *vd, uint32_t id)
{
    struct viommu *viommu = vd ? vd->viommus : NULL;

    while ( viommu && viommu->id != id )
        viommu = viommu->next;
    return viommu;
}

static int run_device_model(struct call *call,
                            const struct sub_operation *operation,
                            struct xen_dmop_viommu_op *op)
{
    struct host *host = call->registry->host;
    int rc = -XEN_ENOENT;

    call->vd = viommu_domain_get(call->d);
    if ( !call->vd )
        return rc;
    host_lock(host, &call->vd->lock);
    call->viommu = find(call->vd, op->viommu_id);
    if ( call->viommu && !call->viommu->dying )
        rc = operation->run(call, op);
    host_unlock(host, &call->vd->lock);
    return rc;
}

static int run_toolstack(struct call *call,
                         const struct sub_operation *operation,
                         struct xen_dmop_viommu_op *op)
{
    struct viommu_registry *registry = call->registry;
    int rc;

    host_lock(registry->host, &registry->lock);
    call->vd = viommu_domain_get(call->d);
    call->viommu = find(call->vd, op->viommu_id);
    rc = operation->run(call, op);
    host_unlock(registry->host, &registry->lock);
    return rc;
}

int viommu_hypercall(struct viommu_registry *registry,
                     struct xen_dmop_viommu_op *op)
{
    struct call call = { .registry = registry };
    const struct sub_operation *operation;

    if ( op->pad || op->pad2 )
        return -XEN_EINVAL;
    if ( op->cmd >= ARRAY_SIZE(sub_operations) )
        return -XEN_EOPNOTSUPP;
    operation = &sub_operations[op->cmd];
    call.d = host_domain_by_id(registry->host, op->domid);
    if ( !call.d )
        return -XEN_EINVAL;
    return operation->device_model ? run_device_model(&call, operation, op) :
                                     run_toolstack(&call, operation, op);
}
