/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The invalidation queue (6.5.2).
 *
 * The oracle reads it itself, at the write of the tail.  Descriptors of one
 * batch get ticks of their own, in their order.
 */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

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
             !vtd_commands_descriptor(o, low, high) )
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
            vtd_commands_complete(o, i);
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
void vtd_commands_queue_poll(struct oracle *o)
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

/* The oldest invalidation that is not complete is held off. */
bool vtd_commands_queue_held(const struct oracle *o)
{
    for ( size_t i = vtd(o)->queue.completed; i < o->log.count; i++ )
        if ( vtd_log(o, i)->queued && vtd_log(o, i)->life.complete == NEVER )
            return models_hold(o, vtd_log(o, i)->life.submit);
    return false;
}

/* Nothing more happens by itself: what is not done never will be. */
void vtd_commands_queue_quiescent(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;
    bool held = vtd_commands_queue_held(o);

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

void vtd_commands_queue_reset(struct oracle *o)
{
    struct queue *q = &vtd(o)->queue;

    q->waits = q->next = 0;
    q->enabled = q->stopped = q->lost = q->ahead = false;
    q->head = q->tail = q->seen = q->iqh = 0;
    q->completed = 0;
}
