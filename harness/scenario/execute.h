/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to scenario/: one function an operation. */
#ifndef HARNESS_SCENARIO_EXECUTE_H
#define HARNESS_SCENARIO_EXECUTE_H

#include <guest/ops.h>
#include <scenario/suite.h>

struct execution {
    struct world *world;
    struct run_result *result;
    struct world_domain *wd; /* of the operation at hand */
    /* Operations [waiting, running) happen inside operation @running, or after
     * it. */
    size_t waiting, running;
    unsigned int accesses; /* of units to memory, in operation @running */
    unsigned int skip;     /* so many operations are left out */
    /* Told what each DMA became; or NULL. */
    void (*dma_ended)(struct execution *e, const struct operation *op,
                      const struct dma_transfer *transfer,
                      const struct dma_result *result);
    void *context; /* of whoever is told */
};

typedef void execute_fn(struct execution *e, const struct operation *op);

/* execute_session.c: what every recorded session expects */
execute_fn execute_expect_dma, execute_expect_fault;

/* execute_toolstack.c */
execute_fn execute_viommu_destroy, execute_assign, execute_deassign,
    execute_attach, execute_detach, execute_domain_destroy,
    execute_hypercall_field, execute_hypercall, execute_p2m_remove,
    execute_p2m_populate, execute_p2m_release, execute_fail, execute_shadow,
    execute_census;
/* An operation with an "error" field says which error it must give. */
void execute_error(struct execution *e, const struct operation *op, int rc);

/* execute_vdev.c */
execute_fn execute_translate, execute_access, execute_copy, execute_drop,
    execute_receive, execute_answer, execute_messages, execute_hold,
    execute_connect, execute_disconnect;

/* activity.c */
extern const struct op_spec activity_op[OP_ACTIVITY_END - OP_ACTIVITY];
execute_fn execute_lock, execute_unlock, execute_set, execute_await,
    execute_skip_if, execute_prefetch, execute_evict;

/* ---- guest_world.c: what a guest's driver may do; @context: wd ---- */

/* One atomic access of the guest's processor. */
void guest_store64(void *context, uint64_t gpa, uint64_t value);
uint64_t guest_read64(void *context, uint64_t gpa);
/* These, registers, and pages from the second half of the first RAM region. */
extern const struct guest_ops guest_ops;

/* !@ok: the unit did not do what the driver waits for (P5). */
void driver_must(struct execution *e, bool ok, const char *what);
/* !@ok: the program itself is to blame. */
void driver_possible(struct execution *e, bool ok, const char *what);

/* ---- execute.c ---- */

/* One operation, by itself. */
void execute_operation(struct execution *e, size_t index);
/* Everything settles, and the oracles look at all of it. */
void execute_check_all(struct world *world);

/* ---- execute_dma.c ---- */

execute_fn execute_dma;

/* What the guest's tables say of the beginning of a transfer. */
void walk_of(struct execution *e, unsigned int device,
             const struct dma_transfer *transfer, struct oracle_walk *walk);

/* The reason that the guest would read of a fault. */
unsigned int architected_reason(struct execution *e, unsigned int device,
                                const struct dma_transfer *transfer,
                                const struct response *response);

/* What a DMA became, for people: "fault 6 (LGN.3)". */
const char *response_text(const struct response *response, char *buffer,
                          size_t size);

/* The host-physical address of a guest's; false: not RAM or ROM. */
bool guest_to_host(struct world_domain *wd, uint64_t gpa, uint64_t *hpa);

#endif /* HARNESS_SCENARIO_EXECUTE_H */
