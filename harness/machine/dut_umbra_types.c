/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of vIOMMU in the hypercall: what dut_viommu's words mean for each.
 *
 *   type     id_register              options
 *   vtd      CAP, ECAP                bit 1: XEN_VIOMMU_CREATE_replay
 *   smmuv3   IDR0..IDR5, IIDR, AIDR   none
 */
#include <machine/dut_umbra.h>

/* ---- VT-d ---- */

static void vtd_create(const struct dut_viommu *viommu,
                       struct xen_dmop_viommu_op *op)
{
    op->u.create.type = XEN_VIOMMU_TYPE_vtd;
    op->u.create.capabilities = viommu->capabilities;
    op->u.create.base_address = viommu->base;
    op->u.create.vtd_cap = viommu->id_register[0];
    op->u.create.vtd_ecap = viommu->id_register[1];
    op->u.create.flags = viommu->options >> 1 & 1 ? XEN_VIOMMU_CREATE_replay :
                                                    0;
    op->u.create.shadow_limit = viommu->shadow_limit;
    op->u.create.address_width = viommu->haw;
}

static uint32_t vtd_created_id(const struct xen_dmop_viommu_op *op)
{
    return op->u.create.viommu_id;
}

static void vtd_query(const struct xen_dmop_viommu_op *op,
                      struct dut_query *query)
{
    *query = (struct dut_query) {
        .shadow_pages = op->u.query.shadow_pages,
        .shadow_limit = op->u.query.shadow_limit,
        .shadow_refused = op->u.query.shadow_refused,
        .id_register = { op->u.query.vtd_cap, op->u.query.vtd_ecap },
    };
}

/* ---- SMMUv3 ---- */

/* The wired interrupts that its guests have. */
#define VIRQ_EVENTQ 74
#define VIRQ_SYNC   76
#define VIRQ_GERROR 77

static void smmuv3_create(const struct dut_viommu *viommu,
                          struct xen_dmop_viommu_op *op)
{
    op->u.create_smmuv3.type = XEN_VIOMMU_TYPE_smmuv3;
    op->u.create_smmuv3.capabilities = viommu->capabilities;
    op->u.create_smmuv3.base_address = viommu->base;
    op->u.create_smmuv3.idr0 = (uint32_t)viommu->id_register[0];
    op->u.create_smmuv3.idr1 = (uint32_t)viommu->id_register[1];
    op->u.create_smmuv3.idr3 = (uint32_t)viommu->id_register[3];
    op->u.create_smmuv3.idr5 = (uint32_t)viommu->id_register[5];
    op->u.create_smmuv3.iidr = (uint32_t)viommu->id_register[6];
    op->u.create_smmuv3.aidr = (uint32_t)viommu->id_register[7];
    op->u.create_smmuv3.virq_eventq = VIRQ_EVENTQ;
    op->u.create_smmuv3.virq_gerror = VIRQ_GERROR;
    op->u.create_smmuv3.virq_sync = VIRQ_SYNC;
}

static uint32_t smmuv3_created_id(const struct xen_dmop_viommu_op *op)
{
    return op->u.create_smmuv3.viommu_id;
}

/* It shadows nothing: the guest's own tables are used. */
static void smmuv3_query(const struct xen_dmop_viommu_op *op,
                         struct dut_query *query)
{
    unsigned int i;

    *query = (struct dut_query) { .shadow_pages = 0 };
    for ( i = 0; i < 6; i++ )
        query->id_register[i] = op->u.query_smmuv3.idr[i];
    query->id_register[6] = op->u.query_smmuv3.iidr;
    query->id_register[7] = op->u.query_smmuv3.aidr;
}

/* ---- the table ---- */

const struct dut_umbra_type *dut_umbra_type(unsigned int type)
{
    static const struct dut_umbra_type types[] = {
        [XEN_VIOMMU_TYPE_vtd] = { vtd_create, vtd_created_id, vtd_query },
        [XEN_VIOMMU_TYPE_smmuv3] = { smmuv3_create, smmuv3_created_id,
                                     smmuv3_query },
    };

    return type < sizeof(types) / sizeof(types[0]) ? &types[type] : NULL;
}
