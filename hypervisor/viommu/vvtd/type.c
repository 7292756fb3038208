/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vvtd as a type of vIOMMU: what the core and the hypercall ask of it. */
#include <viommu/vvtd/vvtd.h>

/* ---- hypercalls --------------------------------------------------------- */

static int query(const struct viommu_registry *registry,
                 const struct viommu_domain *vd, struct xen_dmop_viommu_op *op)
{
    struct vvtd_offer offer;

    vvtd_offer(registry, &offer);
    op->u.query.capabilities = offer.capabilities;
    op->u.query.vtd_cap = offer.cap;
    op->u.query.vtd_ecap = offer.ecap;
    op->u.query.shadow_pages = vd ? vd->shadow_pages : 0;
    op->u.query.shadow_limit = vd ? vd->shadow_limit : VIOMMU_SHADOW_LIMIT;
    op->u.query.shadow_refused = vd ? vd->shadow_refused : 0;
    return 0;
}

static struct vvtd_config config_of(const struct xen_dmop_viommu_op *op)
{
    return (struct vvtd_config) {
        .cap = op->u.create.vtd_cap,
        .ecap = op->u.create.vtd_ecap,
        .haw = op->u.create.address_width,
        .replay = op->u.create.flags & XEN_VIOMMU_CREATE_replay,
    };
}

static int create_check(const struct viommu_registry *registry,
                        const struct xen_dmop_viommu_op *op)
{
    const struct vvtd_config config = config_of(op);
    struct vvtd_offer offer;

    if ( op->u.create.flags & ~XEN_VIOMMU_CREATE_replay )
        return -XEN_EINVAL;
    vvtd_offer(registry, &offer);
    if ( config.replay )
        offer.capabilities |= XEN_VIOMMU_CAPABILITY_interrupt_remapping;
    if ( op->u.create.capabilities & ~offer.capabilities )
        return -XEN_EOPNOTSUPP;
    return vvtd_config_check(registry, &config);
}

static int create(struct viommu_domain *vd, struct xen_dmop_viommu_op *op)
{
    const struct vvtd_config config = config_of(op);
    struct host *host = vd->registry->host;
    struct vvtd *v;
    int rc = vvtd_create(vd, &config, &v);

    if ( rc )
        return rc;
    v->viommu.base = op->u.create.base_address;
    viommu_add(vd, &v->viommu);
    op->u.create.viommu_id = v->viommu.id;
    host_lock(host, &vd->lock);
    if ( op->u.create.shadow_limit )
        vd->shadow_limit = op->u.create.shadow_limit;
    host_unlock(host, &vd->lock);
    return 0;
}

/* ---- the rest ----------------------------------------------------------- */

static int teardown(struct viommu *viommu)
{
    return vvtd_teardown(vvtd_of(viommu));
}

static void release(struct viommu *viommu)
{
    vvtd_free(vvtd_of(viommu));
}

static uint32_t read(const struct viommu *viommu, unsigned int offset)
{
    return vvtd_read(container_of(viommu, const struct vvtd, viommu), offset);
}

static void write(struct viommu *viommu, unsigned int offset,
                  unsigned int size, uint64_t value)
{
    vvtd_write(vvtd_of(viommu), offset, size, value);
}

static int add(struct viommu *viommu, struct viommu_pdev *pdev)
{
    return vvtd_device_add(vvtd_of(viommu), pdev);
}

static int take_out(struct viommu *viommu, struct viommu_pdev *pdev,
                    struct piommu_space *space)
{
    return vvtd_device_remove(vvtd_of(viommu), pdev->index, space);
}

static void run(struct viommu *viommu)
{
    vvtd_run(vvtd_of(viommu));
}

static void fault(struct viommu *viommu, const struct viommu_pdev *pdev,
                  const struct piommu_fault *physical)
{
    vvtd_fault_report(vvtd_of(viommu), pdev->index, physical);
}

static int translate(struct viommu *viommu, const struct viommu_access *access,
                     struct viommu_translation *translation)
{
    return vvtd_translate(vvtd_of(viommu), access, translation);
}

static bool ats(const struct viommu *viommu)
{
    return container_of(viommu, const struct vvtd, viommu)->config.ecap &
           VTD_ECAP_DT;
}

static void answered(struct viommu *viommu)
{
    vvtd_kick(vvtd_of(viommu));
}

static void p2m_changed(struct viommu *viommu)
{
    struct vvtd *v = vvtd_of(viommu);

    v->p2m_changed = true;
    vvtd_kick(v);
}

static bool p2m_pending(const struct viommu *viommu)
{
    const struct vvtd *v = container_of(viommu, const struct vvtd, viommu);

    return v->p2m_changed || v->job.kind == VVTD_JOB_P2M;
}

const struct viommu_type vvtd_type = {
    .unit = HOST_UNIT_VTD,
    .window = PAGE_SIZE,
    .alignment = PAGE_SIZE,
    .vsbdf_max = 0xffff,
    .query = query,
    .create_check = create_check,
    .create = create,
    .teardown = teardown,
    .free = release,
    .read = read,
    .write = write,
    .add = add,
    .remove = take_out,
    .run = run,
    .fault = fault,
    .translate = translate,
    .ats = ats,
    .answered = answered,
    .p2m_changed = p2m_changed,
    .p2m_pending = p2m_pending,
};
