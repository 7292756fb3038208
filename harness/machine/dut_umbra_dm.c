/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercalls of device models.  None of them is a continuation. */
#include <machine/dut_umbra.h>

static int call(struct dut *dut, struct xen_dmop_viommu_op *op)
{
    return dut_umbra.hypercall(dut, op, sizeof(*op));
}

int dut_umbra_attach_vpdev(struct dut *dut, const struct dut_viommu *viommu,
                           const struct dut_vpdev *vpdev)
{
    struct xen_dmop_viommu_op op = dut_umbra_op(
        dut, XEN_DMOP_viommu_attach_vpdev, viommu);

    op.u.attach_vpdev.vsbdf = vpdev->vsbdf;
    op.u.attach_vpdev.dm = vpdev->dm;
    op.u.attach_vpdev.flags = (vpdev->drains ? XEN_VIOMMU_VPDEV_drain : 0) |
                              (vpdev->ats ? XEN_VIOMMU_VPDEV_ats : 0);
    return call(dut, &op);
}

static uint32_t access_flags(const struct dut_translation *t)
{
    return (t->read ? XEN_VIOMMU_ACCESS_read : 0) |
           (t->write ? XEN_VIOMMU_ACCESS_write : 0) |
           (t->execute ? XEN_VIOMMU_ACCESS_execute : 0) |
           (t->privileged ? XEN_VIOMMU_ACCESS_privileged : 0) |
           (t->pasid != UINT32_MAX ? XEN_VIOMMU_ACCESS_pasid : 0) |
           (t->ats ? XEN_VIOMMU_ACCESS_ats : 0);
}

static void set_access(struct xen_dmop_viommu_op *op,
                       const struct dut_translation *t)
{
    op->u.translation.vsbdf = t->vsbdf;
    op->u.translation.dm = t->dm;
    op->u.translation.iova = t->iova;
    op->u.translation.access = access_flags(t);
    op->u.translation.pasid = t->pasid != UINT32_MAX ? t->pasid : 0;
}

int dut_umbra_translate(struct dut *dut, const struct dut_viommu *viommu,
                        struct dut_translation *t)
{
    struct xen_dmop_viommu_op op = dut_umbra_op(
        dut, XEN_DMOP_viommu_dma_translation_for_vpdev, viommu);
    int rc;

    set_access(&op, t);
    rc = call(dut, &op);
    if ( rc )
        return rc;
    t->gpa = op.u.translation.gpa;
    t->mask = op.u.translation.mask;
    t->rights = op.u.translation.rights;
    return 0;
}

int dut_umbra_copy(struct dut *dut, const struct dut_viommu *viommu,
                   struct dut_translation *t, void *data, unsigned int size)
{
    struct xen_dmop_viommu_op op = dut_umbra_op(
        dut, XEN_DMOP_viommu_dma_copy_for_vpdev, viommu);
    struct machine *m = dut_umbra_machine(dut);
    int rc;

    set_access(&op, t);
    op.u.copy.size = size;
    machine_caller(m, data, size);
    rc = call(dut, &op);
    machine_caller(m, NULL, 0);
    if ( !rc )
        t->gpa = op.u.copy.gpa;
    return rc;
}

int dut_umbra_drain_completed(struct dut *dut, const struct dut_viommu *viommu,
                              unsigned int dm, uint64_t sequence)
{
    struct xen_dmop_viommu_op op = dut_umbra_op(
        dut, XEN_DMOP_viommu_dma_drain_completed, viommu);

    op.u.drain_completed.dm = dm;
    op.u.drain_completed.sequence = sequence;
    return call(dut, &op);
}
