/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation commands: what the software submits by register or queue, when,
 * and when it has completed (6.5).
 *
 * The oracle reads the queue itself, at the write of the tail.  Descriptors of
 * one batch get ticks of their own, in their order.
 */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- the log ---- */

static void complete(struct oracle *o, size_t index)
{
    if ( log_complete(o, index) )
        vtd_undefined_completed(o, vtd_log(o, index));
}

/* 6.5.2.3: 2^AM pages, aligned to that. */
static void set_range(struct invalidation *inv, uint64_t address,
                      unsigned int am)
{
    uint64_t mask = am > 51 ? UINT64_MAX : (PAGE_BYTES << am) - 1;

    inv->first = address & ~mask;
    inv->last = address | mask;
}

/* ---- registers (6.5.1) ---- */

void vtd_commands_ccmd(struct oracle *o, uint64_t value)
{
    struct invalidation inv = { .command = COMMAND_CONTEXT,
                                .granularity = CCMD_CIRG(value),
                                .did = CCMD_DID(value),
                                .sid = CCMD_SID(value),
                                .fm = CCMD_FM(value) };

    if ( vtd_undefined_event(o, ON_CCMD, value) )
        return;
    vtd(o)->ccmd = (struct pending) { true, log_submit(o, &inv.life),
                                      inv.granularity };
}

void vtd_commands_iotlb(struct oracle *o, uint64_t iva, uint64_t value)
{
    struct invalidation inv = { .command = COMMAND_IOTLB,
                                .granularity = IOTLB_IIRG(value),
                                .did = IOTLB_DID(value),
                                .ih = IVA_IH(iva),
                                .dr = IOTLB_DR(value),
                                .dw = IOTLB_DW(value) };

    if ( vtd_undefined_event(o, ON_IOTLB, value) )
        return;
    set_range(&inv, IVA_ADDR(iva), IVA_AM(iva));
    vtd(o)->iotlb = (struct pending) { true, log_submit(o, &inv.life),
                                       inv.granularity };
}

/* 11.4.6: what was done may be coarser than what was asked for. */
static void register_done(struct oracle *o, struct pending *pending,
                          unsigned int actual, const char *name)
{
    pending->active = false;
    if ( actual == G_RESERVED || actual > pending->granularity )
        oracle_report(o, "P10", "actual granularity",
                      "%s reports granularity %u for a request of %u", name,
                      actual, pending->granularity);
    complete(o, pending->index);
    vtd_exact_completed(o, vtd_log(o, pending->index));
}

static void registers_done(struct oracle *o)
{
    uint64_t value;

    if ( vtd(o)->ccmd.active )
    {
        value = peek(o, REG_CCMD, 8);
        if ( !(value & CCMD_ICC) )
            register_done(o, &vtd(o)->ccmd, CCMD_CAIG(value), "CCMD.CAIG");
    }
    if ( vtd(o)->iotlb.active )
    {
        value = peek(o, ECAP_IRO(vtd(o)->ecap) + 8, 8);
        if ( !(value & IOTLB_IVT) )
            register_done(o, &vtd(o)->iotlb, IOTLB_IAIG(value),
                          "IOTLB_REG.IAIG");
    }
}

/* 11.4.2: with CAP.ESRTPS the root pointer's latch invalidates all. */
void vtd_commands_root_latched(struct oracle *o)
{
    struct invalidation inv = { .granularity = G_GLOBAL };

    if ( !CAP_ESRTPS(vtd(o)->cap) )
        return;
    inv.command = COMMAND_CONTEXT;
    complete(o, log_submit(o, &inv.life));
    inv.command = COMMAND_IOTLB;
    complete(o, log_submit(o, &inv.life));
}

/* ---- the queue (6.5.2) ---- */

static bool submit_context(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .command = COMMAND_CONTEXT,
                                .granularity = DESC_G(low),
                                .queued = true,
                                .did = DESC_DID(low),
                                .sid = DESC_SID(low),
                                .fm = DESC_FM(low) };

    (void)high;
    if ( inv.granularity == G_RESERVED )
        return false;
    log_submit(o, &inv.life);
    return true;
}

static bool submit_iotlb(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .command = COMMAND_IOTLB,
                                .granularity = DESC_G(low),
                                .queued = true,
                                .did = DESC_DID(low),
                                .ih = IVA_IH(high),
                                .dr = DESC_DR(low),
                                .dw = DESC_DW(low) };

    if ( inv.granularity == G_RESERVED )
        return false;
    /* Coarser than asked for is all that a unit without PSI can do. */
    if ( inv.granularity == G_SELECT && !CAP_PSI(vtd(o)->cap) )
        inv.granularity = G_DOMAIN;
    if ( inv.granularity == G_SELECT && IVA_AM(high) > CAP_MAMV(vtd(o)->cap) )
        return false;
    set_range(&inv, IVA_ADDR(high), IVA_AM(high));
    log_submit(o, &inv.life);
    return true;
}

/* 6.5.2.5: with S the lowest 0 from bit 12 on gives the size. */
static bool submit_device_tlb(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .command = COMMAND_DEVICE_TLB,
                                .granularity = G_SELECT,
                                .queued = true,
                                .sid = DESC_SID(low) };
    uint64_t mask = PAGE_OFFSET;

    if ( !ECAP_DT(vtd(o)->ecap) )
        return false;
    if ( DESC_DEVTLB_S(high) )
    {
        unsigned int bit = 12;

        while ( bit < 64 && (high >> bit & 1) )
            bit++;
        mask = bit >= 63 ? UINT64_MAX : (BIT64(bit) << 1) - 1;
    }
    inv.first = high & ~PAGE_OFFSET & ~mask;
    inv.last = inv.first | mask;
    log_submit(o, &inv.life);
    return true;
}

static bool submit_iec(struct oracle *o, uint64_t low, uint64_t high)
{
    (void)low;
    (void)high;
    return vtd(o)->replay; /* nothing is cached that it could remove */
}

static bool submit_wait(struct oracle *o, uint64_t low, uint64_t high)
{
    struct queue *q = &vtd(o)->queue;
    struct wait wait = { .status = DESC_WAIT_SW(low),
                         .interrupt = DESC_WAIT_IF(low),
                         .address = DESC_WAIT_ADDR(high),
                         .data = DESC_WAIT_DATA(low),
                         .upto = o->log.count,
                         .sequence = q->sequence };

    if ( !wait.status && !wait.interrupt && !DESC_WAIT_FN(low) )
        return false;
    wait.head = (q->head + IQ_BYTES) % q->bytes;
    q->wait = oracle_grow(o, q->wait, q->waits, &q->room, sizeof(q->wait[0]));
    q->wait[q->waits++] = wait;
    return true;
}

struct descriptor {
    unsigned int type;
    uint64_t reserved_low, reserved_high;
    bool (*submit)(struct oracle *o, uint64_t low, uint64_t high);
};

/* clang-format off */
static const struct descriptor descriptors[] = {
    { DESC_CONTEXT, UINT64_C(0xfffc00000000f1c0), UINT64_MAX, submit_context },
    { DESC_IOTLB, UINT64_C(0xffffffff0000f100), 0xf80, submit_iotlb },
    { DESC_DEVTLB, UINT64_C(0xffff0000ffe0f1f0), 0xffe, submit_device_tlb },
    { DESC_IEC, UINT64_C(0xffff000007fff1e0), UINT64_MAX, submit_iec },
    { DESC_WAIT, UINT64_C(0xfffff180), 0x3, submit_wait },
};
/* clang-format on */

static bool submit_descriptor(struct oracle *o, uint64_t low, uint64_t high)
{
    for ( size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++ )
    {
        const struct descriptor *d = &descriptors[i];

        if ( d->type == DESC_TYPE(low) )
            return !(low & d->reserved_low) && !(high & d->reserved_high) &&
                   d->submit(o, low, high);
    }
    return false;
}

/* Read on until the tail, or an erroneous descriptor: the head stays there. */
static void queue_read(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;

    while ( q->enabled && !q->stopped && !q->lost && q->head != q->tail )
    {
        uint64_t low = 0, high = 0;

        q->sequence++;
        if ( !word_now(o, q->base + q->head, &low) ||
             !word_now(o, q->base + q->head + 8, &high) ||
             !submit_descriptor(o, low, high) )
        {
            q->stopped = true;
            q->ahead = models_may_hold(o);
            if ( !q->ahead )
                vtd_faults_queue_error(o);
            return;
        }
        q->head = (q->head + IQ_BYTES) % q->bytes;
    }
}

void vtd_commands_enable_queue(struct oracle *o)
{
    uint64_t iqa = vtd_registers_value64(o, REG_IQA);
    uint64_t tail = vtd_registers_value64(o, REG_IQT) & IQ_POINTER;
    struct queue *q = &vtd(o)->queue;

    q->enabled = true;
    q->iqa = iqa;
    q->base = below_haw(o, IQA_BASE(iqa)); /* 11.4.9.3: those are ignored */
    q->bytes = PAGE_BYTES << IQA_QS(iqa);
    q->head = q->tail = q->seen = q->iqh = 0;
    /* Written while the queue was enabled (U5), IQA may hold anything. */
    q->lost = vtd_undefined_event(o, ON_QIE, iqa) ||
              vtd(o)->registers.iqa_open;
    vtd_commands_tail(o, tail);
}

void vtd_commands_disable_queue(struct oracle *o)
{
    vtd_undefined_event(o, ON_QIE_CLEAR, 0);
    /* An error outlives the queue until FSTS.IQE is cleared (6.5.2.10); one
     * that could not be followed is read there. */
    if ( vtd(o)->queue.lost )
        vtd(o)->queue.stopped = peek(o, REG_FSTS, 4) & FSTS_IQE;
    if ( vtd(o)->queue.ahead )
        vtd(o)->queue.stopped = vtd(o)->queue.ahead = false;
    vtd(o)->queue.enabled = vtd(o)->queue.lost = false;
    vtd(o)->queue.head = vtd(o)->queue.tail = vtd(o)->queue.seen = 0;
    vtd(o)->queue.iqh = 0;
    vtd(o)->queue.waits = vtd(o)->queue.next = 0;
    vtd(o)->queue.completed = o->log.count;
}

/*
 * 6.5.2: what stands between IQH and IQT is the unit's, and may have been read
 * or not.  Is @offset there?  An error that was met is software's to mend.
 */
static bool is_outstanding(const struct oracle *o, uint64_t offset)
{
    const struct queue *q = &vtd(o)->queue;
    uint64_t end = q->ahead ? q->tail : q->head;

    return ((offset - q->iqh) & (q->bytes - 1)) <
           ((end - q->iqh) & (q->bytes - 1));
}

static void descriptor_changes(struct oracle *o)
{
    vtd_undefined_meet(o, U_DESCRIPTOR, 0);
    vtd(o)->queue.lost = true;
}

void vtd_commands_stored(struct oracle *o, uint64_t gpa)
{
    const struct queue *q = &vtd(o)->queue;

    if ( q->enabled && !q->lost && gpa - q->base < q->bytes &&
         is_outstanding(o, gpa - q->base) )
        descriptor_changes(o);
}

void vtd_commands_tail(struct oracle *o, uint64_t tail)
{
    if ( !vtd(o)->queue.enabled || vtd(o)->queue.lost )
        return;
    if ( vtd_undefined_event(o, ON_IQT, tail) )
    {
        vtd(o)->queue.lost = true;
        return;
    }
    vtd(o)->queue.iqh = peek(o, REG_IQH, 8) & IQ_POINTER;
    if ( is_outstanding(o, tail & IQ_POINTER) )
    {
        descriptor_changes(o);
        return;
    }
    vtd(o)->queue.tail = tail & IQ_POINTER;
    if ( vtd(o)->queue.next == vtd(o)->queue.waits )
        vtd(o)->queue.seen = vtd(o)->queue.iqh;
    queue_read(o);
}

/* FSTS.IQE has been cleared: the same slot is fetched again. */
void vtd_commands_resume(struct oracle *o)
{
    vtd(o)->queue.stopped = false;
    queue_read(o);
}

/* ---- completion ---- */

/*
 * All that was queued before @upto has completed.  First all of it, then the
 * look at what devices meet: they complete together.
 */
static void complete_upto(struct oracle *o, size_t upto)
{
    size_t from = vtd(o)->queue.completed;

    for ( size_t i = from; i < upto; i++ )
        if ( vtd_log(o, i)->queued )
            complete(o, i);
    if ( upto > from )
        vtd(o)->queue.completed = upto;
    for ( size_t i = from; i < upto; i++ )
        if ( vtd_log(o, i)->queued )
            vtd_exact_completed(o, vtd_log(o, i));
}

static bool status_can_be_stored(struct oracle *o, const struct wait *wait)
{
    const struct oracle_world *world = &o->config.world;
    uint64_t hpa;

    return wait->status &&
           world->p2m(world->context, wait->address, &hpa) == ORACLE_RAM;
}

static void wait_done(struct oracle *o, struct wait *wait)
{
    wait->done = true;
    complete_upto(o, wait->upto);
    if ( wait->interrupt )
        vtd_events_wait_completed(o);
}

/* Waits complete in order. */
static void waits_done_upto(struct oracle *o, size_t index)
{
    struct queue *q = &vtd(o)->queue;

    while ( q->next <= index )
    {
        struct wait *wait = &q->wait[q->next++];

        if ( !wait->done )
            wait_done(o, wait);
    }
}

static bool is_status(const struct wait *wait, uint64_t gpa, const void *data,
                      size_t len)
{
    return wait->status && wait->address == gpa && len == 4 &&
           !memcmp(&wait->data, data, 4);
}

void vtd_commands_status_store(struct oracle *o, uint64_t gpa,
                               const void *data, size_t len)
{
    struct queue *q = &vtd(o)->queue;
    size_t oldest = q->next;
    uint32_t word = 0;

    if ( q->lost )
        return;
    while ( oldest < q->waits && !status_can_be_stored(o, &q->wait[oldest]) )
        oldest++;
    if ( oldest < q->waits && is_status(&q->wait[oldest], gpa, data, len) )
    {
        q->last = q->wait[oldest];
        waits_done_upto(o, oldest);
        return;
    }
    memcpy(&word, data, len < 4 ? len : 4);
    for ( size_t i = oldest; i < q->waits; i++ )
        if ( is_status(&q->wait[i], gpa, data, len) )
        {
            oracle_report(o, "P5", "status out of order",
                          "the status of wait descriptor %" PRIu64
                          " was stored before that of %" PRIu64,
                          q->wait[i].sequence, q->wait[oldest].sequence);
            waits_done_upto(o, i);
            return;
        }
    oracle_report(
        o, "P5",
        is_status(&q->last, gpa, data, len) ? "status stored twice" :
                                              "status nobody asked for",
        "the unit stored %" PRIx32 " (%zu bytes) at %" PRIx64, word, len, gpa);
}

/*
 * 6.5.2.8: the event says that the oldest wait with IF is complete, also where
 * nobody looks at IQH; its status may still follow.
 */
void vtd_commands_interrupt(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;
    size_t i = q->next;

    while ( i < q->waits && (q->wait[i].done || !q->wait[i].interrupt) )
        i++;
    if ( q->lost || i == q->waits )
        return;
    if ( i > q->next || status_can_be_stored(o, &q->wait[i]) )
        complete_upto(o, q->wait[i].upto);
    else
        waits_done_upto(o, i);
}

/* IQH beyond a wait: all before it is done; its status may still follow. */
static void queue_poll(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;
    uint64_t now, moved;

    if ( !q->enabled || q->lost || q->next == q->waits )
        return;
    now = q->iqh = peek(o, REG_IQH, 8) & IQ_POINTER;
    moved = (now - q->seen) & (q->bytes - 1);
    for ( size_t i = q->next; i < q->waits; i++ )
    {
        struct wait *wait = &q->wait[i];

        if ( ((wait->head - q->seen) & (q->bytes - 1)) > moved || !moved )
            break;
        if ( status_can_be_stored(o, wait) )
            complete_upto(o, wait->upto);
        else if ( i == q->next )
            waits_done_upto(o, i);
    }
}

void vtd_commands_poll(struct oracle *o)
{
    registers_done(o);
    queue_poll(o);
}

/* A device model holds off the register command, or the queue from the oldest
 * invalidation on that is not complete. */
static bool register_held(const struct oracle *o)
{
    return vtd(o)->iotlb.active &&
           models_hold(o, log_at(o, vtd(o)->iotlb.index)->submit);
}

bool vtd_commands_queue_held(const struct oracle *o)
{
    for ( size_t i = vtd(o)->queue.completed; i < o->log.count; i++ )
        if ( vtd_log(o, i)->queued && vtd_log(o, i)->life.complete == NEVER )
            return models_hold(o, vtd_log(o, i)->life.submit);
    return false;
}

/* Nothing more happens by itself: what is not done never will be. */
void vtd_commands_quiescent(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;
    bool held;

    if ( vtd(o)->ccmd.active )
        oracle_report(o, "P5", "never completed", "CCMD.ICC stays 1");
    vtd(o)->ccmd.active = false;
    if ( vtd(o)->iotlb.active && !register_held(o) )
    {
        oracle_report(o, "P5", "never completed", "IOTLB_REG.IVT stays 1");
        vtd(o)->iotlb.active = false;
    }
    held = vtd_commands_queue_held(o);
    /* Nothing but a wait keeps what is behind it from being looked at
     * (6.5.2.8).
     */
    if ( q->ahead && (!held || (q->next == q->waits &&
                                (peek(o, REG_FSTS, 4) & FSTS_IQE))) )
    {
        vtd_faults_queue_error(o);
        q->ahead = false;
    }
    if ( held )
        return;
    for ( size_t i = q->next; i < q->waits && !q->lost; i++ )
        oracle_report(o, "P5", "never completed",
                      "wait descriptor %" PRIu64 " (status %" PRIx32
                      " at %" PRIx64 ") has not completed",
                      q->wait[i].sequence, q->wait[i].data,
                      q->wait[i].address);
    q->waits = q->next = 0;
    q->seen = q->iqh = q->head;
}

void vtd_commands_reset(struct oracle *o)
{
    vtd(o)->queue.waits = vtd(o)->queue.next = 0;
    vtd(o)->queue.enabled = vtd(o)->queue.stopped = vtd(o)->queue.lost = false;
    vtd(o)->queue.ahead = false;
    vtd(o)->queue.head = vtd(o)->queue.tail = vtd(o)->queue.seen = 0;
    vtd(o)->queue.iqh = 0;
    vtd(o)->queue.completed = 0;
    vtd(o)->ccmd.active = vtd(o)->iotlb.active = false;
}
