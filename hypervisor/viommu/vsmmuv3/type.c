/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vsmmuv3 as a type of vIOMMU: what the core and the hypercall ask of it. */
#include <viommu/vsmmuv3/vsmmuv3.h>

/* ---- hypercalls --------------------------------------------------------- */

static int query(const struct viommu_registry *registry,
                 const struct viommu_domain *vd, struct xen_dmop_viommu_op *op)
{
    struct vsmmuv3_offer offer;
    int rc = vsmmuv3_offer(registry, &offer);

    (void)vd;
    if ( rc )
        return rc;
    op->u.query_smmuv3.capabilities = offer.capabilities;
    memcpy(op->u.query_smmuv3.idr, offer.idr, sizeof(offer.idr));
    op->u.query_smmuv3.iidr = offer.iidr;
    op->u.query_smmuv3.aidr = offer.aidr;
    return 0;
}

static struct vsmmuv3_config config_of(const struct xen_dmop_viommu_op *op)
{
    return (struct vsmmuv3_config) {
        .idr0 = op->u.create_smmuv3.idr0,
        .idr1 = op->u.create_smmuv3.idr1,
        .idr3 = op->u.create_smmuv3.idr3,
        .idr5 = op->u.create_smmuv3.idr5,
        .iidr = op->u.create_smmuv3.iidr,
        .aidr = op->u.create_smmuv3.aidr,
        .virq_eventq = op->u.create_smmuv3.virq_eventq,
        .virq_gerror = op->u.create_smmuv3.virq_gerror,
        .virq_sync = op->u.create_smmuv3.virq_sync,
    };
}

static int create_check(const struct viommu_registry *registry,
                        const struct xen_dmop_viommu_op *op)
{
    const struct vsmmuv3_config config = config_of(op);

    if ( op->u.create_smmuv3.flags || op->u.create_smmuv3.pad3 )
        return -XEN_EINVAL;
    if ( op->u.create_smmuv3.capabilities &
         ~XEN_VIOMMU_CAPABILITY_l1_translation )
        return -XEN_EOPNOTSUPP;
    return vsmmuv3_config_check(registry, &config);
}

static int create(struct viommu_domain *vd, struct xen_dmop_viommu_op *op)
{
    const struct vsmmuv3_config config = config_of(op);
    struct vsmmuv3 *v;
    int rc = vsmmuv3_create(vd, &config, &v);

    if ( rc )
        return rc;
    v->viommu.base = op->u.create_smmuv3.base_address;
    viommu_add(vd, &v->viommu);
    op->u.create_smmuv3.viommu_id = v->viommu.id;
    return 0;
}

/* ---- the rest ----------------------------------------------------------- */

static int teardown(struct viommu *viommu)
{
    return vsmmuv3_teardown(vsmmuv3_of(viommu));
}

static void release(struct viommu *viommu)
{
    vsmmuv3_free(vsmmuv3_of(viommu));
}

static uint32_t read(const struct viommu *viommu, unsigned int offset)
{
    return vsmmuv3_read(container_of(viommu, const struct vsmmuv3, viommu),
                        offset);
}

static void write(struct viommu *viommu, unsigned int offset,
                  unsigned int size, uint64_t value)
{
    vsmmuv3_write(vsmmuv3_of(viommu), offset, size, value);
}

static int add(struct viommu *viommu, struct viommu_pdev *pdev)
{
    return vsmmuv3_device_add(vsmmuv3_of(viommu), pdev);
}

static int take_out(struct viommu *viommu, struct viommu_pdev *pdev,
                    struct piommu_space *space)
{
    struct vsmmuv3 *v = vsmmuv3_of(viommu);

    return vsmmuv3_device_remove(v, &v->device[pdev->index], space);
}

static void run(struct viommu *viommu)
{
    vsmmuv3_run(vsmmuv3_of(viommu));
}

static void fault(struct viommu *viommu, const struct viommu_pdev *pdev,
                  const struct piommu_fault *physical)
{
    vsmmuv3_fault(vsmmuv3_of(viommu), pdev->index, physical);
}

static void drained(struct viommu *viommu)
{
    vsmmuv3_drained(vsmmuv3_of(viommu));
}

static int translate(struct viommu *viommu, const struct viommu_access *access,
                     struct viommu_translation *translation)
{
    return vsmmuv3_translate(vsmmuv3_of(viommu), access, translation);
}

static bool ats(const struct viommu *viommu)
{
    return container_of(viommu, const struct vsmmuv3, viommu)->config.idr0 &
           SMMU_IDR0_ATS;
}

static void answered(struct viommu *viommu)
{
    vsmmuv3_kick(vsmmuv3_of(viommu));
}

/* Stage 2 is the p2m space itself: nothing of ours depends on the p2m. */
const struct viommu_type vsmmuv3_type = {
    .unit = HOST_UNIT_SMMUV3,
    .window = SMMU_REGISTERS_SIZE,
    .alignment = SMMU_REGISTERS_SIZE / 2,
    .vsbdf_max = UINT32_MAX,
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
    .drained = drained,
};
