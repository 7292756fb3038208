/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: what the software submits, when, and when it has completed
 * (4, 7.1).
 *
 * The oracle reads the queue itself, at the write of CMDQ_PROD.  Commands of
 * one batch get ticks of their own, in their order.  Consumption says nothing
 * about completion; that a later CMD_SYNC has been consumed does (4.7.3).
 */
#include "internal.h"

#include <inttypes.h>

/* ---- the commands ---- */

enum needs { NEEDS_NOTHING, NEEDS_S1P, NEEDS_S2P, NEEDS_HYP, NEEDS_ATS };

struct command {
    unsigned int op;
    enum needs needs;
    bool (*submit)(struct oracle *o, uint64_t low, uint64_t high);
};

static void log_command(struct oracle *o, struct invalidation *inv,
                        uint64_t low)
{
    inv->op = CMD_OP(low);
    inv->e2h = smmu_register(o, REG_CR2) & CR2_E2H;
    log_submit(o, &inv->life);
}

static bool submit_prefetch(struct oracle *o, uint64_t low, uint64_t high)
{
    (void)high;
    smmu_stream_seen(o, CMD_SID(low),
                     CMD_SSV(low) ? CMD_SSID(low) : UINT32_MAX);
    return true;
}

static bool submit_ste(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .leaf = CMD_LEAF(high) };

    log_command(o, &inv, low);
    return true;
}

static bool submit_ste_range(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int range = CMD_RANGE(high);
    struct invalidation inv = { .sid = CMD_SID(low) };

    if ( range != RANGE_ALL )
        inv.sid_mask = UINT32_MAX << (range + 1);
    log_command(o, &inv, low);
    return true;
}

static bool submit_cd(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .ssid = CMD_SSID(low),
                                .leaf = CMD_LEAF(high) };

    log_command(o, &inv, low);
    return true;
}

static bool submit_all(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .vmid = CMD_VMID(low), .asid = CMD_ASID(low) };

    (void)high;
    if ( CMD_OP(low) == OP_TLBI_EL2_ASID )
        inv.vmid = 0; /* has no such field */
    log_command(o, &inv, low);
    return true;
}

/* 4.4.1.1: bits of the address that TG and TTL want to be 0. */
static bool misaligned(uint64_t address, unsigned int granule,
                       unsigned int ttl)
{
    unsigned int level = ttl ? ttl : LEVEL_LAST;
    unsigned int bits = granule + (LEVEL_LAST - level) * (granule - 3);

    return address & (BIT64(bits) - 1);
}

/* False: a reserved encoding. */
static bool set_range(struct invalidation *inv, uint64_t low, uint64_t high,
                      uint64_t address)
{
    static const unsigned int granule[4] = { 0, 12, 14, 16 };
    uint64_t bytes;

    inv->granule = granule[CMD_TG(high)];
    inv->ttl = CMD_TTL(high);
    inv->range = true;
    if ( inv->granule == 14 && inv->ttl == 1 )
        inv->ttl = 0;
    if ( !CMD_NUM(low) && !CMD_SCALE(low) && !inv->ttl )
        return false;
    bytes = (uint64_t)(CMD_NUM(low) + 1) << inv->granule;
    bytes = CMD_SCALE(low) + 22 > 63 ? UINT64_MAX : bytes << CMD_SCALE(low);
    inv->first = address;
    inv->last = address + bytes - 1 < address ? UINT64_MAX :
                                                address + bytes - 1;
    /* Which range is UNPREDICTABLE: nothing is sure to go. */
    if ( misaligned(address, inv->granule, inv->ttl) )
    {
        inv->first = 1;
        inv->last = 0;
    }
    return true;
}

static bool submit_address(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int op = CMD_OP(low);
    bool el2 = op == OP_TLBI_EL2_VA || op == OP_TLBI_EL2_VAA;
    uint64_t address = op == OP_TLBI_S2_IPA ? CMD_IPA(high) :
                                              va_canonical(CMD_ADDR(high));
    struct invalidation inv = { .vmid = el2 ? 0 : CMD_VMID(low),
                                .asid = CMD_ASID(low),
                                .leaf = CMD_LEAF(high),
                                .first = address,
                                .last = address | PAGE_OFFSET };

    if ( IDR3_RIL(smmu(o)->idr[3]) && CMD_TG(high) &&
         !set_range(&inv, low, high, address) )
        return false;
    log_command(o, &inv, low);
    return true;
}

/* 4.5.1: 2^Size pages, aligned to that; from 52 on all of them. */
static bool submit_atc(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int size = CMD_SIZE(high);
    uint64_t mask = size > 51 ? UINT64_MAX : (PAGE_BYTES << size) - 1;
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .ssid = CMD_SSID(low),
                                .ssv = CMD_SSV(low),
                                .any_ssid = CMD_SSV(low) && CMD_GLOBAL(low),
                                .first = CMD_ADDR(high) & ~mask,
                                .last = CMD_ADDR(high) | mask };

    log_command(o, &inv, low);
    return true;
}

static uint32_t pointer_mask(const struct queue *q)
{
    return (1u << (q->log2size + 1)) - 1;
}

static bool submit_sync(struct oracle *o, uint64_t low, uint64_t high)
{
    struct queue *q = &smmu(o)->queue;

    (void)high;
    if ( CMD_CS(low) == CS_RESERVED )
        return false;
    q->sync = oracle_grow(o, q->sync, q->syncs, &q->room, sizeof(q->sync[0]));
    q->sync[q->syncs++] = (struct sync) { .after = (q->head + 1) &
                                                   pointer_mask(q),
                                          .interrupt = CMD_CS(low) == CS_IRQ,
                                          .upto = o->log.count,
                                          .sequence = q->sequence };
    return true;
}

/* clang-format off */
static const struct command commands[] = {
    { OP_PREFETCH_CONFIG, NEEDS_NOTHING, submit_prefetch },
    { OP_PREFETCH_ADDR, NEEDS_NOTHING, submit_prefetch },
    { OP_CFGI_STE, NEEDS_NOTHING, submit_ste },
    { OP_CFGI_STE_RANGE, NEEDS_NOTHING, submit_ste_range },
    { OP_CFGI_CD, NEEDS_S1P, submit_cd },
    { OP_CFGI_CD_ALL, NEEDS_S1P, submit_cd },
    { OP_TLBI_NH_ALL, NEEDS_S1P, submit_all },
    { OP_TLBI_NH_ASID, NEEDS_S1P, submit_all },
    { OP_TLBI_NH_VA, NEEDS_S1P, submit_address },
    { OP_TLBI_NH_VAA, NEEDS_S1P, submit_address },
    { OP_TLBI_EL2_ALL, NEEDS_HYP, submit_all },
    { OP_TLBI_EL2_ASID, NEEDS_HYP, submit_all },
    { OP_TLBI_EL2_VA, NEEDS_HYP, submit_address },
    { OP_TLBI_EL2_VAA, NEEDS_HYP, submit_address },
    { OP_TLBI_S12_VMALL, NEEDS_S2P, submit_all },
    { OP_TLBI_S2_IPA, NEEDS_S2P, submit_address },
    { OP_TLBI_NSNH_ALL, NEEDS_NOTHING, submit_all },
    { OP_ATC_INV, NEEDS_ATS, submit_atc },
    { OP_SYNC, NEEDS_NOTHING, submit_sync },
};
/* clang-format on */

static bool is_built(const struct oracle *o, enum needs needs)
{
    uint32_t idr0 = smmu(o)->idr[0];

    switch ( needs )
    {
    case NEEDS_S1P:
        return IDR0_S1P(idr0);
    case NEEDS_S2P:
        return IDR0_S2P(idr0);
    case NEEDS_HYP:
        return IDR0_HYP(idr0);
    case NEEDS_ATS:
        return IDR0_ATS(idr0);
    case NEEDS_NOTHING:
        break;
    }
    return true;
}

/* False: CERROR_ILL (7.1). */
static bool submit_command(struct oracle *o, uint64_t low, uint64_t high)
{
    /* The commands that name a stream have SSec; it must be 0 here. */
    if ( (CMD_OP(low) < OP_TLBI_NH_ALL || CMD_OP(low) == OP_ATC_INV) &&
         CMD_SSEC(low) )
        return false;
    for ( size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++ )
        if ( commands[i].op == CMD_OP(low) )
            return is_built(o, commands[i].needs) &&
                   commands[i].submit(o, low, high);
    return false;
}

/* ---- the queue ---- */

static void queue_stop(struct oracle *o, unsigned int error)
{
    smmu(o)->queue.stopped = true;
    smmu(o)->queue.error = error;
    smmu(o)->queue.ahead = o->models.vdevs;
    if ( !o->models.vdevs )
        smmu_events_error(o, GERROR_CMDQ);
}

/* Read on until PROD, or an erroneous command: CONS stays there. */
static void queue_read(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;

    while ( q->enabled && !q->stopped && !q->lost && q->head != q->tail )
    {
        uint64_t at = q->base +
                      COMMAND_BYTES *
                          (uint64_t)(q->head & ((1u << q->log2size) - 1));
        uint64_t low, high;

        q->sequence++;
        if ( !word_now(o, at, &low) || !word_now(o, at + 8, &high) )
            queue_stop(o, CERROR_ABT);
        else if ( !submit_command(o, low, high) )
            queue_stop(o, CERROR_ILL);
        else
            q->head = (q->head + 1) & pointer_mask(q);
    }
}

void smmu_commands_prod(struct oracle *o, uint32_t prod)
{
    struct queue *q = &smmu(o)->queue;

    if ( !q->enabled )
        return;
    if ( smmu_undefined_event(o, ON_PROD, prod) )
    {
        q->lost = true;
        return;
    }
    q->tail = prod & pointer_mask(q);
    queue_read(o);
}

void smmu_commands_enable(struct oracle *o)
{
    uint64_t base = smmu_register64(o, REG_CMDQ_BASE);
    unsigned int most = IDR1_CMDQS(smmu(o)->idr[1]);
    struct queue *q = &smmu(o)->queue;
    unsigned int bits;
    uint32_t cons;

    q->enabled = true;
    q->log2size = QUEUE_LOG2SIZE(base) < most ? QUEUE_LOG2SIZE(base) : most;
    bits = q->log2size + 4 > 5 ? q->log2size + 4 : 5;
    /* Bits above the output size need not be there (6.3.26). */
    q->base = below_haw(o, QUEUE_ADDR(base)) & ~(BIT64(bits) - 1);
    cons = (uint32_t)peek(o, REG_CMDQ_CONS, 4);
    q->head = q->seen = cons & pointer_mask(q);
    q->tail = q->head;
    /* ERR is software's too while the queue is disabled (6.3.28). */
    if ( q->stopped )
        q->error = cons >> 24 & 0x7f;
    q->lost = !q->stopped && smmu_events_active(o, GERROR_CMDQ);
    smmu_commands_prod(o, smmu_register(o, REG_CMDQ_PROD));
}

void smmu_commands_lose(struct oracle *o)
{
    smmu(o)->queue.lost = smmu(o)->queue.enabled;
}

/* What has not been synchronised may or may not take effect. */
void smmu_commands_disable(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;

    if ( q->ahead )
        q->stopped = q->ahead = false;
    /* An error stays active, and the queue stopped, until it is acknowledged
     * (7.5); one that could not be followed is read there. */
    if ( q->lost )
        q->stopped = smmu_events_take_command_error(o);
    q->enabled = q->lost = false;
    q->syncs = q->next = 0;
    q->completed = o->log.count;
}

/* The command at CONS is fetched again, with what stands there now. */
void smmu_commands_resume(struct oracle *o)
{
    smmu(o)->queue.stopped = false;
    queue_read(o);
}

/* ---- completion ---- */

/* First all of it, then the look at what devices meet: they complete
 * together. */
static void complete_upto(struct oracle *o, size_t upto)
{
    struct queue *q = &smmu(o)->queue;
    size_t from = q->completed;

    for ( size_t i = from; i < upto; i++ )
        if ( log_complete(o, i) )
            smmu_undefined_completed(o, smmu_log(o, i));
    if ( upto > from )
        q->completed = upto;
    for ( size_t i = from; i < upto; i++ )
        smmu_exact_completed(o, smmu_log(o, i));
}

static void sync_done(struct oracle *o, struct sync *sync)
{
    complete_upto(o, sync->upto);
    if ( sync->interrupt )
        smmu_events_sync(o);
}

void smmu_commands_poll(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;
    uint32_t now, moved;

    if ( !q->enabled || q->lost )
        return;
    now = (uint32_t)peek(o, REG_CMDQ_CONS, 4) & pointer_mask(q);
    moved = (now - q->seen) & pointer_mask(q);
    if ( moved > ((q->head - q->seen) & pointer_mask(q)) )
    {
        oracle_report(o, "P5", "consumed what was not submitted",
                      "CMDQ_CONS went from %" PRIx32 " to %" PRIx32
                      ", commands are known up to %" PRIx32,
                      q->seen, now, q->head);
        q->seen = now;
        q->lost = true;
        return;
    }
    while ( q->next < q->syncs &&
            ((q->sync[q->next].after - q->seen) & pointer_mask(q)) <= moved )
        sync_done(o, &q->sync[q->next++]);
    q->seen = now;
    if ( q->next == q->syncs )
        q->next = q->syncs = 0;
}

/*
 * 4.7.3: the interrupt says that its CMD_SYNC is complete, also where nobody
 * looks at CMDQ_CONS: all the @ahead oldest ones are of which that was not
 * seen.
 */
void smmu_commands_interrupt(struct oracle *o, uint32_t ahead)
{
    const struct queue *q = &smmu(o)->queue;

    for ( size_t i = q->next; ahead && !q->lost && i < q->syncs; i++ )
        if ( q->sync[i].interrupt )
        {
            complete_upto(o, q->sync[i].upto);
            ahead--;
        }
}

bool smmu_commands_held(const struct oracle *o)
{
    const struct queue *q = &smmu(o)->queue;

    /* A CMD_SYNC also waits for what was told before its queue was disabled.
     */
    if ( q->next < q->syncs && models_hold(o, 0) )
        return true;
    for ( size_t i = q->completed; i < o->log.count; i++ )
        if ( smmu_log(o, i)->life.complete == NEVER )
            return models_hold(o, smmu_log(o, i)->life.submit);
    return false;
}

/* Nothing more happens by itself: what is not done never will be. */
void smmu_commands_quiescent(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;

    if ( !q->enabled || q->lost || smmu_commands_held(o) )
        return;
    if ( q->ahead )
        smmu_events_error(o, GERROR_CMDQ);
    q->ahead = false;
    if ( q->seen != q->head )
        oracle_report(o, "P5", "never completed",
                      "CMDQ_CONS stays at %" PRIx32 ", %s is at %" PRIx32,
                      q->seen, q->stopped ? "the bad command" : "CMDQ_PROD",
                      q->head);
    for ( size_t i = q->next; i < q->syncs; i++ )
        oracle_report(o, "P5", "never completed",
                      "CMD_SYNC, command %" PRIu64 ", has not completed",
                      q->sync[i].sequence);
    q->syncs = q->next = 0;
    q->seen = q->head;
}

void smmu_commands_reset(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;

    q->enabled = q->stopped = q->lost = q->ahead = false;
    q->head = q->tail = q->seen = 0;
    q->syncs = q->next = q->completed = 0;
}
