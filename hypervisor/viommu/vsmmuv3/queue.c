/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's command queue (3.5, 4): one command at a time, fetched once.
 * CMDQ_CONS moves past a command when it has been taken; past CMD_SYNC when
 * everything before it is complete, in the hardware as well, and the events of
 * the transactions terminated until then are in the guest's queue (4.7.3).
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

#define CMD_LOG2 4u
_Static_assert(SMMU_CMD_SIZE == 1u << CMD_LOG2, "one entry");

/* Size and address are limited by the unit's IDRs; the base is aligned to the
 * size of the queue, or 32 bytes (3.5, 3.4.3). */
struct vsmmuv3_queue vsmmuv3_queue(const struct vsmmuv3 *v, uint64_t base,
                                   unsigned int log2_max,
                                   unsigned int log2_entry)
{
    unsigned int log2 = SMMU_QUEUE_BASE_LOG2SIZE(base), align;

    log2 = log2 < log2_max ? log2 : log2_max;
    align = log2 + log2_entry > 5 ? log2 + log2_entry : 5;
    return (struct vsmmuv3_queue) {
        .base = base & SMMU_QUEUE_BASE_ADDR & vsmmuv3_oas_mask(v) &
                ~((UINT64_C(1) << align) - 1),
        .pointer_mask = (UINT32_C(2) << log2) - 1,
    };
}

static struct vsmmuv3_queue cmdq(const struct vsmmuv3 *v)
{
    return vsmmuv3_queue(v, v->reg[VSMMUV3_R_CMDQ_BASE],
                         SMMU_IDR1_CMDQS(v->config.idr1), CMD_LOG2);
}

/* Errors are told by a difference between two registers (7.5): one that is
 * active already can't be told once more. */
void vsmmuv3_gerror(struct vsmmuv3 *v, uint32_t error)
{
    if ( vsmmuv3_gerror_active(v, error) )
        return;
    v->reg[VSMMUV3_R_GERROR] ^= error;
    if ( v->reg[VSMMUV3_R_IRQ_CTRL] & SMMU_IRQ_CTRL_GERROR )
        host_inject_virq(v->viommu.vd->d, v->config.virq_gerror, false);
}

/* Nothing more is taken until the guest has acknowledged it (7.1). */
static void queue_error(struct vsmmuv3 *v, unsigned int error)
{
    v->reg[VSMMUV3_R_CMDQ_CONS] &= SMMU_QUEUE_POINTER;
    v->reg[VSMMUV3_R_CMDQ_CONS] |= SMMU_CMDQ_CONS_ERR_PUT(error);
    v->stage = VSMMUV3_COMMAND_NONE;
    vsmmuv3_gerror(v, SMMU_GERROR_CMDQ_ERR);
}

static void advance(struct vsmmuv3 *v)
{
    uint32_t mask = cmdq(v).pointer_mask;
    uint64_t cons = v->reg[VSMMUV3_R_CMDQ_CONS];

    v->reg[VSMMUV3_R_CMDQ_CONS] = (cons & ~(uint64_t)SMMU_QUEUE_POINTER) |
                                  ((cons + 1) & mask);
    v->stage = VSMMUV3_COMMAND_NONE;
}

static enum vsmmuv3_progress fetch(struct vsmmuv3 *v)
{
    const struct vsmmuv3_queue q = cmdq(v);
    uint64_t cons = v->reg[VSMMUV3_R_CMDQ_CONS] & q.pointer_mask;
    uint64_t index = cons & (q.pointer_mask >> 1);

    if ( !(v->reg[VSMMUV3_R_CR0ACK] & SMMU_CR0_CMDQEN) ||
         vsmmuv3_gerror_active(v, SMMU_GERROR_CMDQ_ERR) ||
         cons == (v->reg[VSMMUV3_R_CMDQ_PROD] & q.pointer_mask) )
        return VSMMUV3_IDLE;
    if ( host_guest_read128(v->viommu.vd->d, q.base + index * SMMU_CMD_SIZE,
                            v->command) )
        queue_error(v, SMMU_CERROR_ABT);
    else
        v->stage = VSMMUV3_COMMAND_FETCHED;
    return VSMMUV3_WORKED;
}

static enum vsmmuv3_progress execute(struct vsmmuv3 *v)
{
    int rc;

    /* Whatever it tells device models, there is room for it. */
    if ( !viommu_dm_room(&v->viommu) )
        return VSMMUV3_WAITING;
    rc = vsmmuv3_command(v);

    if ( rc == -XEN_EAGAIN )
        return VSMMUV3_LATER;
    if ( rc == -XEN_EINVAL )
        queue_error(v, SMMU_CERROR_ILL);
    else if ( rc )
        v->viommu.failed = true;
    else if ( v->stage == VSMMUV3_COMMAND_FETCHED )
        advance(v);
    return VSMMUV3_WORKED;
}

/* All that was forwarded has to be complete. */
static enum vsmmuv3_progress sync_hardware(struct vsmmuv3 *v)
{
    int rc = piommu_flush_poll(v->viommu.vd->registry->piommu, &v->token);

    if ( rc == -XEN_EAGAIN )
        return VSMMUV3_LATER;
    if ( rc )
        v->viommu.failed = true;
    v->token = (struct piommu_token) { { 0 } };
    vsmmuv3_tell(v);
    v->stage = VSMMUV3_COMMAND_DRAINS;
    return VSMMUV3_WORKED;
}

/* Accesses of device models that use what was invalidated have ended (4.7.3).
 */
static enum vsmmuv3_progress sync_drains(struct vsmmuv3 *v)
{
    if ( viommu_dm_waiting(&v->viommu, true) )
        return VSMMUV3_WAITING;
    vsmmuv3_undrained(v);
    v->stage = VSMMUV3_COMMAND_EVENTS;
    return VSMMUV3_WORKED;
}

static enum vsmmuv3_progress sync_events(struct vsmmuv3 *v)
{
    if ( !v->drained )
        return vsmmuv3_drain(v);
    if ( v->events )
        return VSMMUV3_LATER; /* vsmmuv3_work() delivers them first */
    advance(v);
    if ( SMMU_CMD_SYNC_CS(v->command[0]) == SMMU_SYNC_SIG_IRQ )
        host_inject_virq(v->viommu.vd->d, v->config.virq_sync, false);
    return VSMMUV3_WORKED;
}

/* One step for the command under way, or the next one. */
enum vsmmuv3_progress vsmmuv3_queue_step(struct vsmmuv3 *v)
{
    switch ( v->stage )
    {
    case VSMMUV3_COMMAND_FETCHED:
        return execute(v);
    case VSMMUV3_COMMAND_SYNC:
        return sync_hardware(v);
    case VSMMUV3_COMMAND_DRAINS:
        return sync_drains(v);
    case VSMMUV3_COMMAND_EVENTS:
        return sync_events(v);
    case VSMMUV3_COMMAND_NONE:
        break;
    }
    return fetch(v);
}
