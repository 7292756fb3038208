/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vsmmu_vdev.h"

int vdev_translate(struct guest *g, uint64_t input, uint32_t access,
                   uint32_t pasid, struct xen_dmop_viommu_op *op)
{
    *op = guest_op(g, XEN_DMOP_viommu_dma_translation_for_vpdev);
    op->u.translation.vsbdf = VSID;
    op->u.translation.dm = DM;
    op->u.translation.iova = input;
    op->u.translation.access = access;
    op->u.translation.pasid = pasid;
    return guest_call(g, op);
}

/* A walk to GPA for INPUT: four levels. */
static void map(struct guest *g)
{
    guest_store(g, L0, (L0 + 0x1000) | DESC);
    guest_store(g, L0 + 0x1000 + 8, (L0 + 0x2000) | DESC);
    guest_store(g, L0 + 0x2000 + 8, (L0 + 0x3000) | DESC);
    guest_store(g, L0 + 0x3000 + 8, GPA | DESC | AF | USER);
}

/* In the place of the unit that there is, one with ATS. */
static void create_with_ats(struct guest *g)
{
    struct xen_dmop_viommu_op op;

    assert_int_equal(guest_destroy(g), 0);
    op = vguest_create_op(g);
    op.u.create_smmuv3.idr0 |= (uint32_t)IDR0_ATS;
    assert_int_equal(guest_call(g, &op), 0);
    g->id = op.u.create_smmuv3.viommu_id;
    g->tail = 0;
    vguest_enable(g);
}

/* The device, its STE and its CD. */
static void attach(struct guest *g, uint32_t flags)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_attach_vpdev);

    g->d->models = 1u << DM;
    op.u.attach_vpdev.vsbdf = VSID;
    op.u.attach_vpdev.dm = DM;
    op.u.attach_vpdev.flags = flags;
    assert_int_equal(guest_call(g, &op), 0);
    vguest_ste(g, VSID, STE_S1 | CDS, flags & ATS ? EATS_FULL : 0);
    guest_store(g, CDS, CD0);
    guest_store(g, CDS + 8, L0);
    guest_store(g, CDS + 16, 0);
    map(g);
}

void vdev_start(struct guest *g, uint32_t flags)
{
    vguest_start_with(g, STE_S1 | CDS, 0);
    if ( flags & ATS )
        create_with_ats(g);
    attach(g, flags);
}

void vdev_start_on(struct guest *g, const uint32_t idr[6])
{
    vguest_start_on(g, fake_smmuv3_host(true, idr));
    vguest_ste(g, SID, STE_S1 | CDS, 0);
    vguest_enable(g);
    attach(g, 0);
}

const uint32_t *vdev_idr(unsigned int index, uint32_t set, uint32_t clear)
{
    static uint32_t idr[6];

    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[1] |= 1u << 26;
    idr[3] |= 1u << 2;
    idr[index] = (idr[index] | set) & ~clear;
    return idr;
}

unsigned int vdev_outcome(struct guest *g, uint64_t input, uint32_t access,
                          uint32_t pasid, struct xen_dmop_viommu_op *op)
{
    int rc = vdev_translate(g, input, access, pasid, op);
    uint64_t event[4];

    fake_run(g->host);
    if ( !vguest_take_event(g, event) )
    {
        assert_int_equal(rc, 0);
        return PASSES;
    }
    assert_int_equal(rc, -XEN_EFAULT);
    return (unsigned int)(event[0] & 0xff);
}
