/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P4: what the unit must record and signal (7.2 to 7.5, 3.18).
 *
 * DMAs leave expectations; they are settled in order when the unit has had
 * time to record them: at quiescence all of them, before a write to a register
 * of the queue as many as are there.  The records are read from memory.
 */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

enum wire { WIRE_EVENTQ, WIRE_PRIQ, WIRE_SYNC, WIRE_GERROR };

/* ---- global errors and interrupts ---- */

bool smmu_events_active(const struct oracle *o, uint32_t error)
{
    const struct events *e = &smmu(o)->events;

    return (e->gerror ^ e->gerrorn) & error;
}

/* 7.5: a bit is toggled only while it is inactive. */
void smmu_events_error(struct oracle *o, uint32_t error)
{
    struct events *e = &smmu(o)->events;

    if ( smmu_events_active(o, error) )
        return;
    e->gerror ^= error;
    if ( smmu_register(o, REG_IRQ_CTRL) & IRQ_GERROR )
        e->due[WIRE_GERROR]++;
}

bool smmu_events_take_command_error(struct oracle *o)
{
    struct events *e = &smmu(o)->events;

    e->gerror &= ~(uint32_t)GERROR_CMDQ;
    e->gerror |= (uint32_t)(peek(o, REG_GERROR, 4) & GERROR_CMDQ);
    return smmu_events_active(o, GERROR_CMDQ);
}

bool smmu_events_command_error(struct oracle *o)
{
    return (peek(o, REG_GERROR, 4) ^ smmu(o)->events.gerror) & GERROR_CMDQ;
}

void smmu_events_sync(struct oracle *o)
{
    smmu(o)->events.due[WIRE_SYNC]++;
}

void smmu_events_raised(struct oracle *o, uint64_t address, uint32_t data)
{
    uint32_t wire = data - ORACLE_SMMUV3_WIRE_EVENTQ;
    struct events *e = &smmu(o)->events;

    if ( address || wire >= WIRES )
        oracle_report(o, "P4", "interrupt nobody asked for",
                      "interrupt %" PRIu32 " at address %" PRIx64, data,
                      address);
    else
        e->raised[wire]++;
    if ( !address && wire == WIRE_SYNC && e->raised[wire] > e->due[wire] )
        smmu_commands_interrupt(o, e->raised[wire] - e->due[wire]);
}

void smmu_events_acknowledge(struct oracle *o, uint32_t gerrorn)
{
    struct events *e = &smmu(o)->events;
    bool stopped = smmu_events_active(o, GERROR_CMDQ);

    smmu_events_settle(o, false);
    if ( smmu_undefined_event(o, ON_GERRORN, gerrorn) )
        o->expected.lost = true;
    e->gerrorn = gerrorn;
    if ( stopped && !smmu_events_active(o, GERROR_CMDQ) )
        smmu_commands_resume(o);
    else if ( !stopped && smmu_events_active(o, GERROR_CMDQ) )
        smmu_commands_lose(o); /* an error without a cause */
}

/* ---- the queue ---- */

static uint32_t pointer_mask(const struct events *e)
{
    return (1u << (e->log2size + 1)) - 1;
}

static uint64_t slot_of(const struct events *e, uint32_t pointer)
{
    return e->base +
           EVENT_BYTES * (uint64_t)(pointer & ((1u << e->log2size) - 1));
}

static bool is_full(const struct events *e)
{
    return ((e->prod ^ e->cons) & pointer_mask(e)) == 1u << e->log2size;
}

/* 3.5.1: of a queue that holds more than its entries records are written over
 * one another. */
static bool is_overfull(const struct events *e)
{
    return ((e->prod - e->cons) & pointer_mask(e)) > 1u << e->log2size;
}

static bool is_empty(const struct events *e)
{
    return !((e->prod ^ e->cons) & pointer_mask(e));
}

void smmu_events_enable(struct oracle *o)
{
    uint64_t base = smmu_register64(o, REG_EVENTQ_BASE);
    unsigned int most = IDR1_EVENTQS(smmu(o)->idr[1]);
    struct events *e = &smmu(o)->events;

    smmu_events_settle(o, false);
    e->enabled = true;
    e->log2size = QUEUE_LOG2SIZE(base) < most ? QUEUE_LOG2SIZE(base) : most;
    e->base = below_haw(o, QUEUE_ADDR(base)) & ~(BIT64(e->log2size + 5) - 1);
    e->prod = smmu_register(o, REG_EVENTQ_PROD);
    e->cons = smmu_register(o, REG_EVENTQ_CONS);
}

void smmu_events_disable(struct oracle *o)
{
    smmu_events_settle(o, false);
    smmu(o)->events.enabled = false;
}

void smmu_events_consumed(struct oracle *o, uint32_t cons)
{
    struct events *e = &smmu(o)->events;

    smmu_events_settle(o, false);
    e->cons = cons;
    if ( e->enabled && is_overfull(e) )
        smmu_undefined_meet(o, U_CONS, 0);
}

bool smmu_events_are_at(const struct oracle *o, uint64_t gpa, size_t len)
{
    const struct events *e = &smmu(o)->events;
    uint64_t bytes = (uint64_t)EVENT_BYTES << e->log2size;

    return e->base <= gpa && gpa + len <= e->base + bytes;
}

/* The unit has made more records than were taken. */
static bool has_new(struct oracle *o)
{
    const struct events *e = &smmu(o)->events;

    return (peek(o, REG_EVENTQ_PROD, 4) ^ e->prod) & pointer_mask(e);
}

/* ---- merging ---- */

/* 7.3.1: of an event that stands in the queue; the page is what counts. */
static bool is_merged(struct oracle *o, const struct query *q,
                      const struct legal *l)
{
    const struct events *e = &smmu(o)->events;
    struct record want, have, mask;

    if ( !smmu(o)->merges_events || !(l->detail & DETAIL_MEV) )
        return false;
    record_make(q, l, &want);
    record_mask(o, &want, &mask);
    mask.word[2] &= ~PAGE_OFFSET;
    for ( uint32_t p = e->cons; (p ^ e->prod) & pointer_mask(e); p++ )
        if ( record_read(o, slot_of(e, p), &have) &&
             record_same(&want, &have, &mask) )
            return true;
    return false;
}

/* ---- settling ---- */

/* 7.4: a record is lost since the queue is full. */
static enum step overflow_step(struct oracle *o)
{
    struct events *e = &smmu(o)->events;
    uint32_t prod;

    if ( (e->prod ^ e->cons) & QUEUE_OVFLG )
        return STEP_DROPPED; /* without a trace */
    prod = (uint32_t)peek(o, REG_EVENTQ_PROD, 4);
    if ( !((prod ^ e->prod) & QUEUE_OVFLG) )
        return STEP_NOT_YET;
    e->prod ^= (uint32_t)QUEUE_OVFLG;
    return STEP_DONE;
}

/* 7.2.2: the queue is not memory that can be written. */
static enum step abort_step(struct oracle *o)
{
    uint32_t gerror = (uint32_t)peek(o, REG_GERROR, 4);

    if ( !((gerror ^ smmu(o)->events.gerror) & GERROR_EVENTQ) )
        return STEP_NOT_YET;
    smmu_events_error(o, GERROR_EVENTQ);
    return STEP_DONE;
}

static bool writable(struct oracle *o, uint64_t gpa)
{
    const struct oracle_world *world = &o->config.world;
    uint64_t hpa;

    return world->p2m(world->context, gpa, &hpa) == ORACLE_RAM;
}

/*
 * A record that the unit has made, and that was not told whose it is: is it
 * one of this access?
 */
bool smmu_events_record_of(struct oracle *o, const struct query *q)
{
    const struct events *e = &smmu(o)->events;
    struct record have;

    return e->enabled && !smmu_events_active(o, GERROR_EVENTQ) &&
           !is_full(e) && has_new(o) &&
           record_read(o, slot_of(e, e->prod), &have) &&
           !((have.word[0] ^ EVENT0_SID(q->source)) >> 32);
}

bool smmu_events_record_take(struct oracle *o, const struct query *q,
                             const struct legal *l)
{
    struct events *e = &smmu(o)->events;
    struct record want, have, mask;

    record_make(q, l, &want);
    record_mask(o, &want, &mask);
    if ( !record_read(o, slot_of(e, e->prod), &have) ||
         !record_same(&want, &have, &mask) )
        return false;
    if ( is_empty(e) && (smmu_register(o, REG_IRQ_CTRL) & IRQ_EVENTQ) )
        e->due[WIRE_EVENTQ]++;
    e->prod = (e->prod & (uint32_t)QUEUE_OVFLG) |
              ((e->prod + 1) & pointer_mask(e));
    return true;
}

static enum step record_step(struct oracle *o, const struct expected *x,
                             const struct legal *l)
{
    const struct events *e = &smmu(o)->events;

    if ( !e->enabled || smmu_events_active(o, GERROR_EVENTQ) )
        return STEP_DROPPED; /* 7.2.1 */
    if ( is_full(e) )
        return is_merged(o, &x->query, l) ? STEP_DONE : overflow_step(o);
    if ( !writable(o, slot_of(e, e->prod)) )
        return abort_step(o);
    if ( has_new(o) && smmu_events_record_take(o, &x->query, l) )
        return STEP_DONE;
    if ( is_merged(o, &x->query, l) )
        return STEP_DONE;
    return has_new(o) ? STEP_WRONG : STEP_NOT_YET;
}

enum step smmu_events_record_step(struct oracle *o, const struct expected *x,
                                  const struct legal *l)
{
    enum step step = record_step(o, x, l);

    return x->query.dropped && step != STEP_DONE ? STEP_DROPPED : step;
}

void smmu_events_record_missed(struct oracle *o, const struct query *q,
                               const struct legal *l, bool wrong)
{
    const struct events *e = &smmu(o)->events;
    struct record want = { { 0 } }, have = { { 0 } };

    if ( l->fault )
        record_make(q, l, &want);
    record_read(o, slot_of(e, e->prod), &have);
    oracle_report(
        o, "P4", wrong ? "wrong event" : "missing event",
        "stream %" PRIx32 " at %" PRIx64 ": expected %s, %016" PRIx64
        " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "; slot %" PRIu32
        " has %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64,
        q->source, q->iova,
        l->fault ? l->fault->condition : "one of several events", want.word[0],
        want.word[1], want.word[2], want.word[3], e->prod & pointer_mask(e),
        have.word[0], have.word[1], have.word[2], have.word[3]);
}

static bool queue_agrees(struct oracle *o)
{
    const struct events *e = &smmu(o)->events;
    uint32_t prod = (uint32_t)peek(o, REG_EVENTQ_PROD, 4);
    uint32_t differ = (prod ^ e->prod) &
                      (pointer_mask(e) | (uint32_t)QUEUE_OVFLG);
    struct record have = { { 0 } };

    if ( !e->enabled || !differ )
        return true;
    record_read(o, slot_of(e, e->prod), &have);
    oracle_report(o, "P4",
                  differ & pointer_mask(e) ? "event nobody caused" :
                                             "event queue overflow",
                  "EVENTQ_PROD is %" PRIx32 ", expected %" PRIx32
                  "; the slot there has %016" PRIx64 " %016" PRIx64
                  " %016" PRIx64 " %016" PRIx64,
                  prod, e->prod, have.word[0], have.word[1], have.word[2],
                  have.word[3]);
    return false;
}

static bool errors_agree(struct oracle *o)
{
    const struct smmu *m = smmu(o);
    uint32_t have = (uint32_t)peek(o, REG_GERROR, 4);

    if ( m->queue.lost || have == m->events.gerror )
        return true;
    oracle_report(o, "P4", "global error",
                  "GERROR is %" PRIx32 ", expected %" PRIx32, have,
                  m->events.gerror);
    return false;
}

static void compare_wires(struct oracle *o)
{
    static const char *const name[WIRES] = { "event queue", "PRI queue",
                                             "CMD_SYNC", "GERROR" };
    struct events *e = &smmu(o)->events;

    for ( unsigned int i = 0; i < WIRES; i++ )
    {
        /* Of a queue that is not followed anything may be told. */
        bool open = i != WIRE_EVENTQ && smmu(o)->queue.lost;

        if ( e->due[i] != e->raised[i] && !open )
            oracle_report(o, "P4",
                          e->due[i] > e->raised[i] ?
                              "missing interrupt" :
                              "interrupt nobody asked for",
                          "the %s interrupt was raised %" PRIu32
                          " times, expected %" PRIu32,
                          name[i], e->raised[i], e->due[i]);
        e->due[i] = e->raised[i] = 0;
    }
}

/* Take over what the unit has, after a difference. */
static void adopt(struct oracle *o)
{
    struct events *e = &smmu(o)->events;

    if ( e->enabled )
        e->prod = (uint32_t)peek(o, REG_EVENTQ_PROD, 4);
    e->gerror = (uint32_t)peek(o, REG_GERROR, 4);
    memset(e->due, 0, sizeof(e->due));
    memset(e->raised, 0, sizeof(e->raised));
    expected_reset(o);
}

void smmu_events_settle(struct oracle *o, bool force)
{
    const struct events *e = &smmu(o)->events;

    /* A hypervisor that was refused memory may have lost anything. */
    o->expected.lost |= o->tolerate_missing || (e->enabled && is_overfull(e));
    expected_settle(o, force);
    if ( !force )
        return;
    if ( !o->expected.lost && queue_agrees(o) && errors_agree(o) )
        compare_wires(o);
    else
        adopt(o);
}

/* 3.5.1: who writes over a record that is due, or is just being made, does not
 * find it: what is read there says nothing. */
void smmu_events_written_over(struct oracle *o, uint64_t gpa)
{
    const struct events *e = &smmu(o)->events;

    if ( !e->enabled || (gpa - e->base) / EVENT_BYTES >> e->log2size ||
         !expected_any(o) )
        return;
    smmu_undefined_meet(o, U_RECORD, 0);
    o->expected.lost = true;
}

void smmu_events_reset(struct oracle *o)
{
    struct events *e = &smmu(o)->events;

    e->enabled = false;
    e->base = e->prod = e->cons = e->gerror = e->gerrorn = 0;
    e->log2size = 0;
    memset(e->due, 0, sizeof(e->due));
    memset(e->raised, 0, sizeof(e->raised));
}
