/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: registers and the order of start-up. */
#include <guest/smmuv3_guest.h>
#include <guest/smmuv3_layout.h>
#include <guest/smmuv3_private.h>

/* What fits a page, in entries. */
#define PAGE_COMMANDS_LOG2 (12 - GUEST_CMD_SHIFT)
#define PAGE_EVENTS_LOG2   (12 - GUEST_EVENT_SHIFT)
#define LINUX_SPLIT        8

uint32_t smmuv3_guest_read(const struct smmuv3_guest *guest, uint32_t offset)
{
    return (uint32_t)guest->ops->read_register(guest->world, offset, 4);
}

void smmuv3_guest_write(const struct smmuv3_guest *guest, uint32_t offset,
                        uint32_t value)
{
    guest->ops->write_register(guest->world, offset, 4, value);
}

void smmuv3_guest_write64(const struct smmuv3_guest *guest, uint32_t offset,
                          uint64_t value)
{
    guest->ops->write_register(guest->world, offset, 8, value);
}

void smmuv3_guest_look(const struct smmuv3_guest *guest)
{
    if ( guest->ops->look )
        guest->ops->look(guest->world);
}

void smmuv3_guest_idle(const struct smmuv3_guest *guest)
{
    if ( guest->ops->idle )
        guest->ops->idle(guest->world);
}

/* Until register & mask == value. */
static enum smmuv3_guest_result await(const struct smmuv3_guest *guest,
                                      uint32_t offset, uint32_t mask,
                                      uint32_t value)
{
    unsigned int i;

    smmuv3_guest_look(guest);
    for ( i = 0; i < GUEST_PATIENCE; i++ )
    {
        if ( (smmuv3_guest_read(guest, offset) & mask) == value )
            return SMMUV3_GUEST_DONE;
        smmuv3_guest_idle(guest);
    }
    return SMMUV3_GUEST_TIMEOUT;
}

/* A write that another register acknowledges. */
static enum smmuv3_guest_result acknowledged(const struct smmuv3_guest *guest,
                                             uint32_t offset, uint32_t ack,
                                             uint32_t value)
{
    smmuv3_guest_write(guest, offset, value);
    return await(guest, ack, UINT32_MAX, value);
}

void smmuv3_guest_init(struct smmuv3_guest *guest, const struct guest_ops *ops,
                       void *world)
{
    unsigned int i;

    *guest = (struct smmuv3_guest) { .ops = ops, .world = world };
    for ( i = 0; i < 6; i++ )
        guest->idr[i] = smmuv3_guest_read(guest, GUEST_IDR(i));
}

static unsigned int at_most(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

void smmuv3_guest_setup_default(const struct smmuv3_guest *guest,
                                struct smmuv3_guest_setup *setup)
{
    unsigned int sid_bits = GUEST_IDR1_SIDSIZE(guest->idr[1]);
    bool levels = GUEST_IDR0_ST_LEVEL(guest->idr[0]) != 0;

    *setup = (struct smmuv3_guest_setup) {
        .cmdq_log2 = at_most(PAGE_COMMANDS_LOG2,
                             GUEST_IDR1_CMDQS(guest->idr[1])),
        .evtq_log2 = at_most(PAGE_EVENTS_LOG2,
                             GUEST_IDR1_EVENTQS(guest->idr[1])),
        .sid_bits = sid_bits,
        .split = levels ? LINUX_SPLIT : 0,
    };
}

enum smmuv3_guest_result smmuv3_guest_enable(struct smmuv3_guest *guest,
                                             uint32_t value)
{
    return acknowledged(guest, GUEST_CR0, GUEST_CR0ACK, value);
}

/* ---- the steps of start-up ---- */

static enum smmuv3_guest_result update_gbpa(struct smmuv3_guest *guest)
{
    enum smmuv3_guest_result result = await(guest, GUEST_GBPA,
                                            GUEST_GBPA_UPDATE, 0);
    uint32_t gbpa = smmuv3_guest_read(guest, GUEST_GBPA);

    if ( result != SMMUV3_GUEST_DONE )
        return result;
    smmuv3_guest_write(guest, GUEST_GBPA,
                       gbpa | GUEST_GBPA_ABORT | GUEST_GBPA_UPDATE);
    return await(guest, GUEST_GBPA, GUEST_GBPA_UPDATE, 0);
}

/* Someone may have left it running: then nothing must pass meanwhile. */
static enum smmuv3_guest_result disable(struct smmuv3_guest *guest)
{
    enum smmuv3_guest_result result = SMMUV3_GUEST_DONE;

    if ( smmuv3_guest_read(guest, GUEST_CR0) & GUEST_CR0_SMMUEN )
        result = update_gbpa(guest);
    return result == SMMUV3_GUEST_DONE ? smmuv3_guest_enable(guest, 0) :
                                         result;
}

static enum smmuv3_guest_result set_strtab(
    struct smmuv3_guest *guest, const struct smmuv3_guest_setup *setup)
{
    uint32_t config;

    if ( !smmuv3_guest_strtab_init(guest, setup->sid_bits, setup->split) )
        return SMMUV3_GUEST_NO_PAGE;
    config = GUEST_STRTAB_LOG2SIZE(guest->sid_bits);
    if ( guest->split )
        config |= GUEST_STRTAB_2LVL | GUEST_STRTAB_SPLIT(guest->split);
    smmuv3_guest_write64(guest, GUEST_STRTAB_BASE,
                         guest->strtab | GUEST_BASE_RA);
    smmuv3_guest_write(guest, GUEST_STRTAB_BASE_CFG, config);
    return SMMUV3_GUEST_DONE;
}

static bool queue_init(struct smmuv3_guest *guest,
                       struct smmuv3_guest_queue *queue, unsigned int log2,
                       unsigned int shift)
{
    *queue = (struct smmuv3_guest_queue) { .log2 = log2 };
    queue->base = guest_alloc(guest, GUEST_BIT(log2 + shift));
    return queue->base != 0;
}

static enum smmuv3_guest_result set_command_queue(struct smmuv3_guest *guest,
                                                  unsigned int log2)
{
    if ( !queue_init(guest, &guest->cmdq, log2, GUEST_CMD_SHIFT) )
        return SMMUV3_GUEST_NO_PAGE;
    smmuv3_guest_write64(guest, GUEST_CMDQ_BASE,
                         guest->cmdq.base | GUEST_BASE_RA | log2);
    smmuv3_guest_write(guest, GUEST_CMDQ_PROD, 0);
    smmuv3_guest_write(guest, GUEST_CMDQ_CONS, 0);
    return smmuv3_guest_enable(guest, GUEST_CR0_CMDQEN);
}

/* Each with a CMD_SYNC of its own. */
static enum smmuv3_guest_result invalidate_all(struct smmuv3_guest *guest)
{
    const struct smmuv3_guest_tlbi el2 = {
        .opcode = SMMUV3_GUEST_TLBI_EL2_ALL
    };
    const struct smmuv3_guest_tlbi nsnh = {
        .opcode = SMMUV3_GUEST_TLBI_NSNH_ALL
    };
    struct smmuv3_guest_command command = smmuv3_guest_cfgi_all_command();
    enum smmuv3_guest_result result = smmuv3_guest_submit(guest, &command, 1);

    if ( result == SMMUV3_GUEST_DONE && (guest->idr[0] & GUEST_IDR0_HYP) )
    {
        command = smmuv3_guest_tlbi_command(&el2);
        result = smmuv3_guest_submit(guest, &command, 1);
    }
    if ( result == SMMUV3_GUEST_DONE )
    {
        command = smmuv3_guest_tlbi_command(&nsnh);
        result = smmuv3_guest_submit(guest, &command, 1);
    }
    return result;
}

static enum smmuv3_guest_result set_event_queue(struct smmuv3_guest *guest,
                                                unsigned int log2)
{
    if ( !queue_init(guest, &guest->evtq, log2, GUEST_EVENT_SHIFT) )
        return SMMUV3_GUEST_NO_PAGE;
    smmuv3_guest_write64(guest, GUEST_EVENTQ_BASE,
                         guest->evtq.base | GUEST_BASE_RA | log2);
    smmuv3_guest_write(guest, GUEST_EVENTQ_PROD, 0);
    smmuv3_guest_write(guest, GUEST_EVENTQ_CONS, 0);
    return smmuv3_guest_enable(guest, GUEST_CR0_CMDQEN | GUEST_CR0_EVENTQEN);
}

/* Wired ones: no address for a message. */
static enum smmuv3_guest_result set_interrupts(struct smmuv3_guest *guest)
{
    enum smmuv3_guest_result result = acknowledged(guest, GUEST_IRQ_CTRL,
                                                   GUEST_IRQ_CTRLACK, 0);

    if ( result != SMMUV3_GUEST_DONE )
        return result;
    smmuv3_guest_write64(guest, GUEST_GERROR_IRQ_CFG0, 0);
    smmuv3_guest_write64(guest, GUEST_EVENTQ_IRQ_CFG0, 0);
    return acknowledged(guest, GUEST_IRQ_CTRL, GUEST_IRQ_CTRLACK,
                        GUEST_IRQ_EVENTQ | GUEST_IRQ_GERROR);
}

enum smmuv3_guest_result smmuv3_guest_start(
    struct smmuv3_guest *guest, const struct smmuv3_guest_setup *setup)
{
    enum smmuv3_guest_result result = disable(guest);

    if ( result != SMMUV3_GUEST_DONE )
        return result;
    smmuv3_guest_write(guest, GUEST_CR1, GUEST_CR1_CACHED);
    smmuv3_guest_write(guest, GUEST_CR2,
                       GUEST_CR2_PTM | GUEST_CR2_RECINVSID | setup->cr2);

    result = set_strtab(guest, setup);
    if ( result == SMMUV3_GUEST_DONE )
        result = set_command_queue(guest, setup->cmdq_log2);
    if ( result == SMMUV3_GUEST_DONE )
        result = invalidate_all(guest);
    if ( result == SMMUV3_GUEST_DONE )
        result = set_event_queue(guest, setup->evtq_log2);
    if ( result == SMMUV3_GUEST_DONE )
        result = set_interrupts(guest);
    if ( result != SMMUV3_GUEST_DONE || setup->no_enable )
        return result;
    return smmuv3_guest_enable(guest, GUEST_CR0_CMDQEN | GUEST_CR0_EVENTQEN |
                                          GUEST_CR0_SMMUEN);
}
