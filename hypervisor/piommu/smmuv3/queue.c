/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command queue of a physical unit (3.5, 4.8, 7.1).
 *
 * Commands are counted from the start.  Each submission ends with a CMD_SYNC,
 * which the unit consumes when it has completed: a submission is done when
 * CMDQ_CONS has moved past its SYNC, so its sequence number is the count of
 * commands up to there.
 */
#include <piommu/smmuv3/smmuv3.h>

#define ENTRIES(queue) (UINT32_C(1) << (queue)->log2size)
/* Index and wrap bit, as in the registers. */
#define POINTER(queue, count) ((uint32_t)(count) & (2 * ENTRIES(queue) - 1))

void smmuv3_gerror_acknowledge(const struct smmuv3_unit *unit, uint32_t bits)
{
    uint32_t error = host_mmio_read32(unit->common.hw, SMMU_GERROR);
    uint32_t acknowledged = host_mmio_read32(unit->common.hw, SMMU_GERRORN);

    host_mmio_write32(unit->common.hw, SMMU_GERRORN,
                      (acknowledged & ~bits) | (error & bits));
}

/* Take over how far the unit has got. */
static void look(struct smmuv3_unit *unit)
{
    struct smmuv3_cmdq *q = &unit->cmdq;
    uint32_t cons = host_mmio_read32(unit->common.hw, SMMU_CMDQ_CONS);
    uint32_t by = POINTER(q, cons - (uint32_t)q->consumed);

    /* All ones, or beyond PROD: this is no pointer, the unit is gone. */
    if ( cons == UINT32_MAX || !by || by > q->produced - q->consumed )
        return;
    q->consumed += by;
    q->polls = 0;
    q->bad = 0;
}

static void write_entry(const struct smmuv3_unit *unit, uint64_t count,
                        const struct piommu_command *command)
{
    unsigned int offset = (unsigned int)(count % ENTRIES(&unit->cmdq)) *
                          SMMU_CMD_SIZE;

    host_table_write128(unit->common.piommu->host, unit->cmdq.mfn, offset,
                        command->lo, command->hi);
    smmuv3_writeback(unit, unit->cmdq.mfn, offset, SMMU_CMD_SIZE);
}

/*
 * CERROR_ILL: what the unit does not understand becomes the command that
 * invalidates all that it can have meant.
 */
static void replace(const struct smmuv3_unit *unit)
{
    const struct smmuv3_cmdq *q = &unit->cmdq;
    struct piommu_command command = { SMMU_CMD_TLBI_NSNH_ALL, 0 };
    uint64_t lo = host_table_read64(unit->common.piommu->host, q->mfn,
                                    (unsigned int)(q->consumed % ENTRIES(q)) *
                                        SMMU_CMD_SIZE);
    unsigned int op = SMMU_CMD_OP(lo);

    if ( op == SMMU_CMD_SYNC )
        command.lo = SMMU_CMD_SYNC;
    else if ( op >= SMMU_CMD_CFGI_STE && op <= SMMU_CMD_CFGI_CD_ALL )
        command = (struct piommu_command) { SMMU_CMD_CFGI_STE_RANGE,
                                            SMMU_CMD_RANGE_ALL };
    write_entry(unit, q->consumed, &command);
}

/*
 * Command queue error (7.1): the unit stands at a command that it could not
 * fetch or decode, and fetches the same entry again when the error has been
 * acknowledged.  None is ever skipped: a lost invalidation is worse than a
 * lost unit.
 */
int smmuv3_queue_error(struct smmuv3_unit *unit)
{
    struct smmuv3_cmdq *q = &unit->cmdq;
    unsigned int reason;

    look(unit);
    reason = SMMU_CMDQ_CONS_ERR(
        host_mmio_read32(unit->common.hw, SMMU_CMDQ_CONS));
    host_log(unit->common.piommu->host, HOST_LOG_ERROR,
             "smmu%u: command queue error %u", unit->common.index, reason);
    if ( q->bad == q->consumed + 1 )
        return piommu_give_up(&unit->common, "the command queue is stuck");
    q->bad = q->consumed + 1;
    if ( reason == SMMU_CERROR_ILL )
        replace(unit);
    smmuv3_gerror_acknowledge(unit, SMMU_GERROR_CMDQ_ERR);
    return 0;
}

/* Somebody waits and nothing moves: is it an error, or has it been too long?
 */
static int attend(struct smmuv3_unit *unit)
{
    uint32_t error, active;
    int rc = 0;

    if ( unit->common.failed )
        return -XEN_EIO;
    error = host_mmio_read32(unit->common.hw, SMMU_GERROR);
    active = error ^ host_mmio_read32(unit->common.hw, SMMU_GERRORN);
    /* No unit has all bits of it: nobody is there to be waited for. */
    if ( error == UINT32_MAX )
        rc = piommu_give_up(&unit->common, "its registers read as all ones");
    else if ( active & SMMU_GERROR_CMDQ_ERR )
        rc = smmuv3_queue_error(unit);
    else if ( ++unit->cmdq.polls > UNIT_PATIENCE )
        rc = piommu_give_up(&unit->common, "a command is not answered");
    return rc ? rc : -XEN_EAGAIN;
}

int smmuv3_queue_room(struct piommu_unit *common, unsigned int commands)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    const struct smmuv3_cmdq *q = &unit->cmdq;

    if ( common->failed )
        return -XEN_EIO;
    look(unit);
    /* One more for the SYNC. */
    if ( q->produced - q->consumed + commands + 1 <= ENTRIES(q) )
        return 0;
    return attend(unit);
}

int smmuv3_queue_submit(struct piommu_unit *common,
                        const struct piommu_command *command,
                        unsigned int count, uint64_t *sequence)
{
    static const struct piommu_command sync = { SMMU_CMD_SYNC, 0 };
    struct smmuv3_unit *unit = smmuv3_unit(common);
    struct smmuv3_cmdq *q = &unit->cmdq;
    unsigned int i;
    int rc = smmuv3_queue_room(common, count);

    if ( rc )
        return rc;
    for ( i = 0; i < count; i++ )
        write_entry(unit, q->produced++, &command[i]);
    write_entry(unit, q->produced++, &sync);
    *sequence = q->produced;
    host_mmio_write32(common->hw, SMMU_CMDQ_PROD, POINTER(q, q->produced));
    return 0;
}

int smmuv3_queue_poll(struct piommu_unit *common, uint64_t sequence)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);

    if ( unit->cmdq.consumed < sequence )
        look(unit);
    return unit->cmdq.consumed >= sequence ? 0 : attend(unit);
}
