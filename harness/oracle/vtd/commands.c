/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation commands: what a register (6.5.1) or a descriptor (6.5.2) asks
 * for, and when that of a register has completed.
 */
#include "internal.h"

void vtd_commands_complete(struct oracle *o, size_t index)
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
    vtd_commands_complete(o, pending->index);
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
    vtd_commands_complete(o, log_submit(o, &inv.life));
    inv.command = COMMAND_IOTLB;
    vtd_commands_complete(o, log_submit(o, &inv.life));
}

/* ---- descriptors (6.5.2) ---- */

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

bool vtd_commands_descriptor(struct oracle *o, uint64_t low, uint64_t high)
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

/* ---- completion ---- */

void vtd_commands_poll(struct oracle *o)
{
    registers_done(o);
    vtd_commands_queue_poll(o);
}

/* A device model holds it off. */
static bool register_held(const struct oracle *o)
{
    return vtd(o)->iotlb.active &&
           models_hold(o, log_at(o, vtd(o)->iotlb.index)->submit);
}

/* Nothing more happens by itself: what is not done never will be. */
void vtd_commands_quiescent(struct oracle *o)
{
    if ( vtd(o)->ccmd.active )
        oracle_report(o, "P5", "never completed", "CCMD.ICC stays 1");
    vtd(o)->ccmd.active = false;
    if ( vtd(o)->iotlb.active && !register_held(o) )
    {
        oracle_report(o, "P5", "never completed", "IOTLB_REG.IVT stays 1");
        vtd(o)->iotlb.active = false;
    }
    vtd_commands_queue_quiescent(o);
}

void vtd_commands_reset(struct oracle *o)
{
    vtd_commands_queue_reset(o);
    vtd(o)->ccmd.active = vtd(o)->iotlb.active = false;
}
