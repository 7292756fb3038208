/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command queue: what the software submits, when, and when it has
 * completed (3.5, 4.7.3, 7.1).
 *
 * The oracle reads the queue itself, at the write of CMDQ_PROD.  Commands of
 * one batch get ticks of their own, in their order.  Consumption says nothing
 * about completion; that a later CMD_SYNC has been consumed does (4.7.3).
 */
#include "internal.h"

#include <inttypes.h>

/* ---- submission ---- */

static void queue_stop(struct oracle *o, unsigned int error)
{
    smmu(o)->queue.stopped = true;
    smmu(o)->queue.error = error;
    smmu(o)->queue.ahead = models_may_hold(o);
    if ( !smmu(o)->queue.ahead )
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
        else if ( !smmu_command_submit(o, low, high) )
            queue_stop(o, CERROR_ILL);
        else
            q->head = (q->head + 1) & queue_pointer_mask(q);
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
    q->tail = prod & queue_pointer_mask(q);
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
    q->head = q->seen = cons & queue_pointer_mask(q);
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

/*
 * 3.5.1: what stands between CMDQ_CONS and CMDQ_PROD is the unit's, and may
 * have been read or not.
 */
void smmu_commands_stored(struct oracle *o, uint64_t gpa)
{
    struct queue *q = &smmu(o)->queue;
    uint64_t slot = (gpa - q->base) / COMMAND_BYTES;
    uint32_t mask = queue_pointer_mask(q);

    if ( !q->enabled || q->lost || slot >> q->log2size ||
         (((uint32_t)slot - q->seen) & (mask >> 1)) >=
             ((q->head - q->seen) & mask) )
        return;
    smmu_undefined_meet(o, U_COMMAND, 0);
    q->lost = true;
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

/* 7.1: a unit that device models may hold off, and do not, is at the erroneous
 * command. */
static void meet_error(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;
    uint32_t cons = (uint32_t)peek(o, REG_CMDQ_CONS, 4);

    if ( ((cons ^ q->head) & queue_pointer_mask(q)) ||
         !smmu_events_command_error(o) )
        return;
    q->ahead = false;
    smmu_events_error(o, GERROR_CMDQ);
}

void smmu_commands_poll(struct oracle *o)
{
    struct queue *q = &smmu(o)->queue;
    uint32_t now, moved;

    if ( !q->enabled || q->lost )
        return;
    if ( q->ahead )
        meet_error(o);
    now = (uint32_t)peek(o, REG_CMDQ_CONS, 4) & queue_pointer_mask(q);
    moved = (now - q->seen) & queue_pointer_mask(q);
    if ( moved > ((q->head - q->seen) & queue_pointer_mask(q)) )
    {
        oracle_report(o, "P5", "consumed what was not submitted",
                      "CMDQ_CONS went from %" PRIx32 " to %" PRIx32
                      ", commands are known up to %" PRIx32,
                      q->seen, now, q->head);
        q->seen = now;
        q->lost = true;
        return;
    }
    while ( q->next < q->syncs && ((q->sync[q->next].after - q->seen) &
                                   queue_pointer_mask(q)) <= moved )
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
