/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What our own device under test needs beyond dut.h. */
#ifndef HARNESS_MACHINE_DUT_UMBRA_H
#define HARNESS_MACHINE_DUT_UMBRA_H

#include <machine/dut.h>

#include <public/viommu.h>

/*
 * What a DMA of the device would meet in the physical unit above it, caches
 * included (@hardware) or by the tables alone, without side effects.  Whoever
 * builds the world knows the models and answers; until there is one nothing is
 * present.
 */
typedef void dut_probe(void *context, const struct dut_access *access,
                       bool hardware, struct dut_mapping *mapping);

void dut_umbra_set_probe(struct dut *dut, dut_probe *probe, void *context);

/*
 * How a type of vIOMMU is created and asked: its part of the hypercall.
 * dut_umbra_types.c; NULL: there is no such type.
 */
struct dut_umbra_type {
    void (*create)(const struct dut_viommu *viommu,
                   struct xen_dmop_viommu_op *op);
    /* OUT of create. */
    uint32_t (*created_id)(const struct xen_dmop_viommu_op *op);
    void (*query)(const struct xen_dmop_viommu_op *op,
                  struct dut_query *query);
};
const struct dut_umbra_type *dut_umbra_type(unsigned int type);

/* A hypercall on @viommu, but for its arguments. */
struct xen_dmop_viommu_op dut_umbra_op(struct dut *dut, uint32_t cmd,
                                       const struct dut_viommu *viommu);
struct machine *dut_umbra_machine(struct dut *dut);

/* dut_umbra_dm.c: what the table of operations has for device models. */
int dut_umbra_attach_vpdev(struct dut *dut, const struct dut_viommu *viommu,
                           const struct dut_vpdev *vpdev);
int dut_umbra_translate(struct dut *dut, const struct dut_viommu *viommu,
                        struct dut_translation *translation);
int dut_umbra_copy(struct dut *dut, const struct dut_viommu *viommu,
                   struct dut_translation *translation, void *data,
                   unsigned int size);
int dut_umbra_drain_completed(struct dut *dut, const struct dut_viommu *viommu,
                              unsigned int dm, uint64_t sequence);

#endif /* HARNESS_MACHINE_DUT_UMBRA_H */
