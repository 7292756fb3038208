/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest with one vIOMMU and two devices, for unit tests: builds its tables
 * in RAM, writes registers, queues descriptors.
 */
#ifndef GUEST_H
#define GUEST_H

#include "vm.h"

#define BASE      UINT64_C(0xfed90000)
#define GUEST_CAP UINT64_C(0xd2008c222f0686) /* as recorded sessions have */
#define GUEST_ECAP                                                            \
    (UINT64_C(0xf00f4a) & ~(UINT64_C(0xf) << 20 | UINT64_C(1) << 3))
#define ROOT   0x1000u /* where the guest has its structures */
#define BUS0   0x2000u
#define TOP    0x3000u
#define QUEUE  0x20000u
#define STATUS 0x21000u
#define SID    0x0010u /* the first device: virtual, physical */
#define PSID   0x0100u
#define DID    5u

int guest_create(struct guest *g, uint64_t cap, uint64_t ecap, uint32_t flags,
                 uint32_t shadow_limit);
struct xen_dmop_viommu_op guest_query(struct guest *g);

/* Host, registry, one device assigned, vIOMMU, the device attached. */
void guest_start(struct guest *g, bool contiguous, uint32_t shadow_limit);

/* The context entry of SID: translated by the 4-level table at TOP. */
void guest_context(struct guest *g, uint16_t sid, uint64_t lo, uint64_t hi);

/* Map one page of 2^(12 + 9 * (level - 1)) bytes, building the path. */
void guest_map(struct guest *g, uint64_t iova, uint64_t gpa,
               unsigned int level, unsigned int rights);
/* Where the entry of @iova at @level is. */
uint64_t guest_entry(struct guest *g, uint64_t iova, unsigned int level);

/* Root pointer, queue, translation on: as a driver does it. */
void guest_enable(struct guest *g);

/* Queue descriptors without and with letting deferred work run. */
void guest_queue(struct guest *g, uint64_t lo, uint64_t hi);
void guest_iotlb_page(struct guest *g, uint64_t iova, unsigned int am);
void guest_iotlb_domain(struct guest *g);
void guest_context_global(struct guest *g);
void guest_wait(struct guest *g, uint32_t data);
uint32_t guest_status(struct guest *g);

/* The physical fault interrupt, and what follows. */
void guest_fault_interrupt(struct guest *g);

#endif /* GUEST_H */
