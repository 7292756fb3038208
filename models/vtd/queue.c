/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queued invalidation (6.5.2).
 *
 * One engine executes the descriptors in order, each to its end: so a wait
 * descriptor finds all earlier ones complete, and a fence (FN) holds without
 * further measures.  A register write that arrives while the engine is inside
 * a port call changes the registers only; the engine reads them anew before
 * each descriptor.
 */
#include "cover.h"

static uint64_t queue_bytes(const struct vtd *vtd)
{
    return UINT64_C(4096) << IQA_QS(reg64(vtd, VTD_IQA));
}

static enum iqei execute_context(struct vtd *vtd, const uint64_t *descriptor)
{
    struct context_command command = {
        .granularity = (enum granularity)CC_DESC_G(descriptor[0]),
        .did = CC_DESC_DID(descriptor[0]),
        .sid = CC_DESC_SID(descriptor[0]),
        .fm = CC_DESC_FM(descriptor[0]),
    };

    cover_context_command("queue", &command);
    return invalidate_contexts(vtd, &command) ? IQEI_NONE : IQEI_RESERVED;
}

static enum iqei execute_iotlb(struct vtd *vtd, const uint64_t *descriptor)
{
    struct iotlb_command command = {
        .granularity = (enum granularity)IOTLB_DESC_G(descriptor[0]),
        .did = IOTLB_DESC_DID(descriptor[0]),
        .address = descriptor[1] & IVA_ADDR,
        .am = IVA_AM(descriptor[1]),
        .ih = descriptor[1] & IVA_IH,
        .drain_reads = descriptor[0] & IOTLB_DESC_DR,
        .drain_writes = descriptor[0] & IOTLB_DESC_DW,
    };

    cover_iotlb_command(vtd, "queue", &command);
    return invalidate_iotlb(vtd, &command) ? IQEI_NONE : IQEI_RESERVED;
}

/* Replay only: there is no interrupt entry cache. */
static enum iqei execute_iec(struct vtd *vtd, const uint64_t *descriptor)
{
    (void)vtd;
    (void)descriptor;
    return IQEI_NONE;
}

static void complete_with_interrupt(struct vtd *vtd)
{
    uint32_t ics = reg32(vtd, VTD_ICS);

    set_reg32(vtd, VTD_ICS, ics | ICS_IWC);
    if ( ics & ICS_IWC )
        cover_event(VTD_IECTL, "already");
    if ( !(ics & ICS_IWC) )
        event_raise(vtd, VTD_IECTL);
}

static enum iqei execute_wait(struct vtd *vtd, const uint64_t *descriptor)
{
    uint32_t data = WAIT_DESC_STDATA(descriptor[0]);
    uint64_t address = descriptor[1] & WAIT_DESC_STADDR;

    COVER("vtd.wait.%s%s%s", descriptor[0] & WAIT_DESC_SW ? "sw" : "-",
          descriptor[0] & WAIT_DESC_IF ? "if" : "-",
          descriptor[0] & WAIT_DESC_FN ? "fn" : "-");
    /* A wait that asks for nothing is taken as malformed. */
    if ( !(descriptor[0] & (WAIT_DESC_SW | WAIT_DESC_IF | WAIT_DESC_FN)) )
        return IQEI_RESERVED;
    if ( descriptor[0] & WAIT_DESC_SW )
    {
        spend(vtd, COST_STATUS_WRITE);
        /* A posted write: nobody learns that the bus refused it, as it does
         * beyond HAW.  (6.5.2.8 leaves open what becomes of an address that
         * is no memory; registers alone are said to ignore those bits.) */
        if ( !(address & ~vtd->haw_mask) )
            (void)port_write(&vtd->port, address, &data, sizeof(data),
                             sizeof(data));
    }
    if ( descriptor[0] & WAIT_DESC_IF )
        complete_with_interrupt(vtd);
    return IQEI_NONE;
}

/* clang-format off */
static const struct descriptor_info {
    enum descriptor_type type;
    uint64_t reserved_low, reserved_high;
    uint64_t needs; /* ECAP bits */
    enum iqei (*execute)(struct vtd *vtd, const uint64_t *descriptor);
} descriptors[] = {
    { DESCRIPTOR_CONTEXT, CC_DESC_RESERVED_LOW, CC_DESC_RESERVED_HIGH,
      0, execute_context },
    { DESCRIPTOR_IOTLB, IOTLB_DESC_RESERVED_LOW, IOTLB_DESC_RESERVED_HIGH,
      0, execute_iotlb },
    { DESCRIPTOR_IEC, IEC_DESC_RESERVED_LOW, IEC_DESC_RESERVED_HIGH,
      ECAP_IR, execute_iec },
    { DESCRIPTOR_WAIT, WAIT_DESC_RESERVED_LOW, WAIT_DESC_RESERVED_HIGH,
      0, execute_wait },
};
/* clang-format on */

static enum iqei execute(struct vtd *vtd, const uint64_t *descriptor)
{
    for ( size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++ )
    {
        const struct descriptor_info *info = &descriptors[i];

        if ( info->type != DESCRIPTOR_TYPE(descriptor[0]) ||
             (info->needs & ~vtd->config.ecap) )
            continue;
        if ( (descriptor[0] & info->reserved_low) ||
             (descriptor[1] & info->reserved_high) )
        {
            COVER("vtd.desc.%u.reserved", (unsigned int)info->type);
            return IQEI_RESERVED;
        }
        COVER("vtd.desc.%u", (unsigned int)info->type);
        return info->execute(vtd, descriptor);
    }
    return IQEI_TYPE;
}

/* The descriptor at the head, from its fetch to its completion. */
static enum iqei step(struct vtd *vtd)
{
    uint64_t iqa = reg64(vtd, VTD_IQA), tail = reg64(vtd, VTD_IQT);
    uint64_t descriptor[2], head;
    enum iqei iqei;

    if ( (iqa & IQA_DW) && (tail & IQT_HALF) )
        return IQEI_TAIL_MISALIGNED;
    if ( tail >= queue_bytes(vtd) )
        return IQEI_TAIL;
    /* 256-bit descriptors come with scalable mode. */
    if ( iqa & IQA_DW )
        return IQEI_WIDTH;

    spend(vtd, COST_QUEUE_FETCH);
    head = reg64(vtd, VTD_IQH);
    if ( !port_read(&vtd->port, ((iqa & IQA_BASE) + head) & vtd->haw_mask,
                    descriptor, DESCRIPTOR_SIZE, DESCRIPTOR_SIZE) )
        return IQEI_FETCH;
    iqei = execute(vtd, descriptor);
    if ( iqei == IQEI_NONE )
    {
        head = reg64(vtd, VTD_IQH) + DESCRIPTOR_SIZE;
        if ( head == queue_bytes(vtd) )
            COVER("vtd.queue.wrap.qs%u", IQA_QS(iqa));
        set_reg64(vtd, VTD_IQH, head & (queue_bytes(vtd) - 1));
    }
    return iqei;
}

static bool work_to_do(const struct vtd *vtd)
{
    touch(vtd, LATCH_QUEUE, 1, false);
    return (reg32(vtd, VTD_GSTS) & GCMD_QIE) && !vtd->queue_stopping &&
           !(reg32(vtd, VTD_FSTS) & (FSTS_IQE | FSTS_ITE)) &&
           reg64(vtd, VTD_IQH) != reg64(vtd, VTD_IQT);
}

static void stop(struct vtd *vtd)
{
    touch(vtd, LATCH_QUEUE, 1, true);
    vtd->queue_stopping = false;
    set_reg64(vtd, VTD_IQH, 0);
    set_reg32(vtd, VTD_GSTS, reg32(vtd, VTD_GSTS) & ~GCMD_QIE);
}

void queue_run(struct vtd *vtd)
{
    touch(vtd, LATCH_QUEUE, 1, false);
    if ( vtd->queue_running )
    {
        COVER("vtd.queue.tail-while-running");
        return;
    }

    COVER("vtd.queue.%s", work_to_do(vtd) ? "work" : "nothing-to-do");
    if ( !work_to_do(vtd) )
        return; /* and nobody has asked it to stop: it did not run */
    touch(vtd, LATCH_QUEUE, 1, true);
    vtd->queue_running = true;
    while ( work_to_do(vtd) )
    {
        enum iqei iqei = step(vtd);

        if ( iqei != IQEI_NONE )
            fault_queue_error(vtd, iqei);
    }
    touch(vtd, LATCH_QUEUE, 1, true);
    vtd->queue_running = false;
    if ( vtd->queue_stopping )
        stop(vtd);
}

void queue_enable(struct vtd *vtd, bool enable)
{
    touch(vtd, LATCH_QUEUE, 1, true);
    if ( enable )
    {
        COVER("vtd.queue.enable.%s",
              reg64(vtd, VTD_IQT) ? "tail-set" : "empty");
        set_reg64(vtd, VTD_IQH, 0);
        set_reg32(vtd, VTD_GSTS, reg32(vtd, VTD_GSTS) | GCMD_QIE);
        queue_run(vtd);
    }
    else if ( vtd->queue_running )
    {
        COVER("vtd.queue.disable.running");
        vtd->queue_stopping = true; /* after the descriptor under way */
    }
    else
    {
        COVER("vtd.queue.disable.%s",
              reg64(vtd, VTD_IQH) == reg64(vtd, VTD_IQT) ? "empty" :
                                                           "not-empty");
        stop(vtd);
    }
}
