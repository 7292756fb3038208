/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual device below the guest's vsmmuv3: stage 1 leads from INPUT to GPA
 * by four levels of 4 KiB tables, whose descriptors tests change.
 */
#ifndef VSMMU_VDEV_H
#define VSMMU_VDEV_H

#include "vsmmu_guest.h"

#define VSID  0x20u
#define DM    1u
#define L0    0x50000u /* tables, a page each, from level 0 on */
#define INPUT UINT64_C(0x40201678)
#define GPA   UINT64_C(0x123000)
#define R     XEN_VIOMMU_ACCESS_read
#define W     XEN_VIOMMU_ACCESS_write
#define X     XEN_VIOMMU_ACCESS_execute
#define PRIV  XEN_VIOMMU_ACCESS_privileged
#define PASID XEN_VIOMMU_ACCESS_pasid

/* CD: V, AA64, A, R, AFFD 0, 4 KiB, 48 bits of input and output, ASID 5; the
 * upper half disabled. */
#define CD0                                                                   \
    (BIT(31) | BIT(41) | BIT(46) | BIT(45) | BIT(30) | UINT64_C(5) << 32 |    \
     16u | UINT64_C(5) << 48)

#define DESC 0x3u
#define AF   BIT(10)
#define USER BIT(6)
#define RO   BIT(7)

#define ATS       XEN_VIOMMU_VPDEV_ats
#define EATS_FULL BIT(28)

/* The device VSID of the model DM, attached with @flags; with ATS among them
 * the unit has it, too. */
void vdev_start(struct guest *g, uint32_t flags);

/* Likewise on a host with one unit that has these identification registers. */
void vdev_start_on(struct guest *g, const uint32_t idr[6]);
/* Those: fake_smmuv3_idr with HAD and ATTR_PERMS_OVR; one of them changed. */
const uint32_t *vdev_idr(unsigned int index, uint32_t set, uint32_t clear);

/* The model asks for a translation; @op has the answer. */
int vdev_translate(struct guest *g, uint64_t input, uint32_t access,
                   uint32_t pasid, struct xen_dmop_viommu_op *op);
/* Likewise; what becomes of the access: an event's type, or PASSES. */
unsigned int vdev_outcome(struct guest *g, uint64_t input, uint32_t access,
                          uint32_t pasid, struct xen_dmop_viommu_op *op);
#define PASSES 0u

#endif /* VSMMU_VDEV_H */
