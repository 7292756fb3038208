/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guests of all architectures have in common: a domain with one vIOMMU,
 * its hypercalls, registers and memory.
 */
#ifndef VM_H
#define VM_H

#include "fake_host.h"

#include <viommu/viommu.h>

struct guest {
    struct host *host;
    struct viommu_registry *registry;
    struct domain *d;
    uint64_t base; /* of the vIOMMU's registers */
    uint32_t id;
    uint32_t tail;            /* of its queue, as the register has it */
    struct fake_smmuv3 *unit; /* SMMUv3: the hardware */
    unsigned int next_table;  /* VT-d: page */
    bool works_between;       /* deferred work goes on in continuations */
};

/* Until it is no longer to be continued; fails when a lock is left. */
int guest_call(struct guest *g, struct xen_dmop_viommu_op *op);
/* For this vIOMMU. */
struct xen_dmop_viommu_op guest_op(const struct guest *g, uint32_t cmd);
int guest_attach(struct guest *g, uint32_t virtual, uint32_t physical);
int guest_detach(struct guest *g, uint32_t virtual);
int guest_destroy(struct guest *g);
void guest_assign(struct guest *g, uint32_t physical);

/* Its domain goes; everything goes, and fails unless all was given back. */
void guest_domain_end(struct guest *g);
void guest_stop(struct guest *g);

uint64_t guest_read(struct guest *g, unsigned int offset, unsigned int size);
void guest_write(struct guest *g, unsigned int offset, unsigned int size,
                 uint64_t value);
void guest_store(struct guest *g, uint64_t gpa, uint64_t value);
uint64_t guest_load(const struct guest *g, uint64_t gpa);

/* ---- the register file ---- */

struct guest_register {
    unsigned int offset, size;
    uint64_t reset, ones; /* after reset; after writing all ones */
};

/* Written whole, or by @halves. */
void guest_check_registers(struct guest *g, const struct guest_register *rows,
                           unsigned int count, bool halves);
/* Reads of any size at the quadword at @offset, which is @value. */
void guest_check_bytes(struct guest *g, unsigned int offset, uint64_t value);

#endif /* VM_H */
