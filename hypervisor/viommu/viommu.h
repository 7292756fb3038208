/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vIOMMU core as the hypervisor sees it: where traps, hypercalls, p2m
 * changes and physical interrupts enter.  One registry per host.
 *
 * Locking: called without locks; each function takes what it needs.  A guest's
 * input never reaches an assertion.
 */
#ifndef HYPERVISOR_VIOMMU_H
#define HYPERVISOR_VIOMMU_H

#include <host.h>

struct viommu_registry;

/* What became of a trapped access. */
enum viommu_result {
    VIOMMU_DONE,
    VIOMMU_RETRY,           /* run deferred work, then trap again */
    VIOMMU_TO_DEVICE_MODEL, /* X86EMUL_UNHANDLEABLE: to the device model */
};

int viommu_init(struct host *host, struct viommu_registry **registry);

/* Every domain has been destroyed before. */
void viommu_fini(struct viommu_registry *registry);

/*
 * The toolstack gives a physical device to a domain, or takes it away: its DMA
 * then goes to the domain's p2m, or is blocked.  -XEN_ERESTART: call again
 * (the first assignment builds the device page tables of the domain).
 */
int viommu_assign(struct viommu_registry *registry, struct domain *d,
                  xen_viommu_sbdf_t psbdf);
int viommu_deassign(struct viommu_registry *registry, struct domain *d,
                    xen_viommu_sbdf_t psbdf);

/* The hypercall.  @op is a private copy; OUT fields are written on success. */
int viommu_hypercall(struct viommu_registry *registry,
                     struct xen_dmop_viommu_op *op);

/* Is @gaddr inside the register page of a vIOMMU of @d? */
bool viommu_mmio_accept(const struct domain *d, paddr_t gaddr);

/* Trapped accesses, 1 to 8 bytes, not crossing a page. */
enum viommu_result viommu_mmio_read(struct domain *d, paddr_t gaddr,
                                    unsigned int size, uint64_t *value);
enum viommu_result viommu_mmio_write(struct domain *d, paddr_t gaddr,
                                     unsigned int size, uint64_t value);

/*
 * The p2m of [gfn, gfn + 2^order) has been changed (the new state is what
 * host_p2m_get answers), and whoever changed it may give the old frames away
 * only when this has returned 0.  -XEN_ERESTART: call again.  Changes of one
 * domain are serialised by the caller, as Xen's p2m lock does.
 */
int viommu_p2m_changed(struct viommu_registry *registry, struct domain *d,
                       gfn_t gfn, unsigned int order);

/*
 * A device model of @d is gone, or is to go: it loses its access to guest
 * memory; then what it was told counts as answered, and its devices leave.
 * -XEN_ERESTART: call again.
 */
int viommu_dm_disconnect(struct viommu_registry *registry, struct domain *d,
                         uint32_t dm);

/* The physical interrupt of a unit. */
void viommu_unit_interrupt(struct viommu_registry *registry,
                           unsigned int unit);

/*
 * The domain goes away: every vIOMMU is destroyed, every device blocked, every
 * reference dropped.  -XEN_ERESTART: call again.
 */
int viommu_domain_destroy(struct viommu_registry *registry, struct domain *d);

#endif /* HYPERVISOR_VIOMMU_H */
