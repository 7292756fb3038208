/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queues in memory (3.5), and the engine of the command queue (4.1, 7.1).
 *
 * One engine executes the commands in order, each to its end.  A register
 * write that arrives while it is inside a port call changes the registers
 * only; the engine reads them anew before each command.
 */
#include "cover.h"

unsigned int smmu_queue_log2size(const struct smmuv3 *smmu, uint32_t base)
{
    unsigned int size = QUEUE_BASE_SIZE(reg32(smmu, base));
    unsigned int max = base == SMMU_CMDQ_BASE ?
                           IDR1_CMDQS(smmu->config.idr[1]) :
                           IDR1_EVENTQS(smmu->config.idr[1]);

    return size < max ? size : max;
}

uint32_t smmu_queue_index(const struct smmuv3 *smmu, uint32_t base,
                          uint32_t value)
{
    return value & (BIT32(smmu_queue_log2size(smmu, base) + 1) - 1);
}

/* The base is aligned to the queue's size or 32 bytes; 3.4.3: truncated. */
uint64_t smmu_queue_entry(const struct smmuv3 *smmu, uint32_t base,
                          uint32_t index, unsigned int entry_size)
{
    uint64_t entries = BIT64(smmu_queue_log2size(smmu, base));
    uint64_t address = reg64(smmu, base) & QUEUE_BASE_ADDR & smmu->oas_mask;

    return (address & ~(entries * entry_size - 1)) +
           (index & (entries - 1)) * entry_size;
}

static uint32_t index_of(const struct smmuv3 *smmu, uint32_t offset)
{
    return smmu_queue_index(smmu, SMMU_CMDQ_BASE, reg32(smmu, offset));
}

/* 7.1: CONS stays at the command, ERR tells why, then the error is active. */
static void fail(struct smmuv3 *smmu, enum cerror error)
{
    uint32_t cons = reg32(smmu, SMMU_CMDQ_CONS) & ~CMDQ_CONS_ERR_MASK;

    COVER("smmuv3.cmdq.cerror%u", (unsigned int)error);
    set_reg32(smmu, SMMU_CMDQ_CONS,
              cons | (uint32_t)error << CMDQ_CONS_ERR_SHIFT);
    smmu_gerror_activate(smmu, GERROR_CMDQ_ERR);
}

static void consume(struct smmuv3 *smmu)
{
    uint32_t error = reg32(smmu, SMMU_CMDQ_CONS) & CMDQ_CONS_ERR_MASK;
    uint32_t index = index_of(smmu, SMMU_CMDQ_CONS) + 1;

    if ( !(index & (BIT32(smmu_queue_log2size(smmu, SMMU_CMDQ_BASE)) - 1)) )
        COVER("smmuv3.cmdq.wrap");
    set_reg32(smmu, SMMU_CMDQ_CONS,
              error | smmu_queue_index(smmu, SMMU_CMDQ_BASE, index));
}

/* The command at CONS, from its fetch to its consumption. */
static void step(struct smmuv3 *smmu)
{
    enum completion_signal signal = CS_NONE;
    uint64_t command[2];

    spend(smmu, COST_QUEUE_FETCH);
    if ( !port_read(&smmu->port,
                    smmu_queue_entry(smmu, SMMU_CMDQ_BASE,
                                     index_of(smmu, SMMU_CMDQ_CONS),
                                     COMMAND_SIZE),
                    command, COMMAND_SIZE, 8) )
    {
        fail(smmu, CERROR_ABT);
        return;
    }
    if ( !smmu_command_execute(smmu, command, &signal) )
    {
        fail(smmu, CERROR_ILL);
        return;
    }
    smmu->stats.commands++;
    consume(smmu);
    /* 4.7.3: who sees the interrupt sees the command consumed. */
    if ( signal == CS_IRQ )
        port_wire(&smmu->port, smmu->config.wires.sync, false);
}

static bool work_to_do(const struct smmuv3 *smmu)
{
    return (reg32(smmu, SMMU_CR0) & CR0_CMDQEN) &&
           !smmu_gerror_active(smmu, GERROR_CMDQ_ERR) &&
           index_of(smmu, SMMU_CMDQ_CONS) != index_of(smmu, SMMU_CMDQ_PROD);
}

void smmu_queue_run(struct smmuv3 *smmu)
{
    bool work;

    touch(smmu, LATCH_QUEUE, 1, false);
    if ( smmu->queue_running )
    {
        COVER("smmuv3.cmdq.prod-while-running");
        return;
    }
    work = work_to_do(smmu);
    COVER("smmuv3.cmdq.%s", work ? "work" : "nothing-to-do");
    if ( work )
    {
        touch(smmu, LATCH_QUEUE, 1, true);
        smmu->queue_running = true;
        while ( work_to_do(smmu) )
            step(smmu);
        touch(smmu, LATCH_QUEUE, 1, true);
        smmu->queue_running = false;
    }
    smmu_registers_update_cr0ack(smmu);
}
