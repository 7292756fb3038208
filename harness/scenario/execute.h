/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to scenario/: one function an operation. */
#ifndef HARNESS_SCENARIO_EXECUTE_H
#define HARNESS_SCENARIO_EXECUTE_H

#include <scenario/suite.h>

struct execution {
    struct world *world;
    struct run_result *result;
    struct world_domain *wd; /* of the operation at hand */
};

typedef void execute_fn(struct execution *e, const struct operation *op);

/* execute_guest.c: the guest's driver */
execute_fn execute_start, execute_context, execute_context_raw,
    execute_root_raw, execute_map, execute_unmap, execute_entry,
    execute_cc_global, execute_cc_domain, execute_cc_device,
    execute_iotlb_global, execute_iotlb_domain, execute_iotlb_page,
    execute_descriptor, execute_wait, execute_submit, execute_sync,
    execute_gcmd, execute_handle_faults;

/* execute_session.c: what a recorded session expects */
execute_fn execute_expect_dma, execute_expect_fault, execute_expect_record,
    execute_expect_status, execute_expect_event, execute_expect_interrupt;

/* execute_toolstack.c */
execute_fn execute_viommu_create, execute_viommu_destroy, execute_assign,
    execute_deassign, execute_attach, execute_detach, execute_domain_destroy,
    execute_hypercall_field, execute_hypercall, execute_p2m_remove,
    execute_p2m_populate, execute_p2m_release, execute_fail, execute_shadow,
    execute_census;

/* What a fault recording register holds. */
void read_fault_record(struct execution *e, unsigned int index, uint64_t *low,
                       uint64_t *high);

/*
 * The next fault event that reached the guest.  Sessions don't have the
 * unit's other interrupt, of invalidation waits: it is passed over.
 */
bool session_next_fault_event(struct world_domain *wd,
                              struct world_event *event);

/* What the guest's tables say of the beginning of a transfer. */
void walk_of(struct execution *e, unsigned int device,
             const struct dma_transfer *transfer, struct oracle_walk *walk);

/* What a DMA became, for people: "fault 6 (LGN.3)". */
const char *response_text(const struct response *response, char *buffer,
                          size_t size);

/* The host-physical address of a guest's; false: not RAM or ROM. */
bool guest_to_host(struct world_domain *wd, uint64_t gpa, uint64_t *hpa);

#endif /* HARNESS_SCENARIO_EXECUTE_H */
