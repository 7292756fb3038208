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
#include <stdlib.h>
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

void smmu_events_sync(struct oracle *o)
{
    smmu(o)->events.due[WIRE_SYNC]++;
}

void smmu_events_raised(struct oracle *o, uint64_t address, uint32_t data)
{
    uint32_t wire = data - ORACLE_SMMUV3_WIRE_EVENTQ;

    if ( address || wire >= WIRES )
        oracle_report(o, "P4", "interrupt nobody asked for",
                      "interrupt %" PRIu32 " at address %" PRIx64, data,
                      address);
    else
        smmu(o)->events.raised[wire]++;
}

void smmu_events_acknowledge(struct oracle *o, uint32_t gerrorn)
{
    struct events *e = &smmu(o)->events;
    bool stopped = smmu_events_active(o, GERROR_CMDQ);

    smmu_events_settle(o, false);
    if ( smmu_undefined_event(o, ON_GERRORN, gerrorn) )
        e->lost = true;
    e->gerrorn = gerrorn;
    if ( stopped && !smmu_events_active(o, GERROR_CMDQ) )
        smmu_commands_resume(o);
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

static bool is_empty(const struct events *e)
{
    return !((e->prod ^ e->cons) & pointer_mask(e));
}

void smmu_events_enable(struct oracle *o)
{
    uint64_t base = smmu_register64(o, REG_EVENTQ_BASE);
    unsigned int most = IDR1_EVENTQS(smmu(o)->idr[1]);
    struct events *e = &smmu(o)->events;

    e->enabled = true;
    e->log2size = QUEUE_LOG2SIZE(base) < most ? QUEUE_LOG2SIZE(base) : most;
    e->base = QUEUE_ADDR(base) & ~(BIT64(e->log2size + 5) - 1);
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
    smmu_events_settle(o, false);
    smmu(o)->events.cons = cons;
}

bool smmu_events_are_at(const struct oracle *o, uint64_t gpa, size_t len)
{
    const struct events *e = &smmu(o)->events;
    uint64_t bytes = (uint64_t)EVENT_BYTES << e->log2size;

    return e->base <= gpa && gpa + len <= e->base + bytes;
}

/* ---- records ---- */

struct record {
    uint64_t word[EVENT_WORDS];
};

/* Which fields an event has. */
#define HAS_SUBSTREAM 1u /* SSV and SSID */
#define HAS_INDEX     2u /* SSID without SSV */
#define HAS_ACCESS    4u /* PnU, InD, RnW, S2, CLASS, InputAddr */
#define HAS_IPA       8u /* if S2 */
#define HAS_FETCH     16u
#define HAS_REASON    32u /* IMPLEMENTATION DEFINED */

static unsigned int fields_of(unsigned int event)
{
    switch ( event )
    {
    case 0x06:
        return 0;
    case 0x08:
        return HAS_INDEX;
    case 0x03:
    case 0x09:
        return HAS_SUBSTREAM | HAS_FETCH | HAS_REASON;
    case 0x0b:
        return HAS_SUBSTREAM | HAS_ACCESS | HAS_FETCH | HAS_REASON;
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13:
        return HAS_SUBSTREAM | HAS_ACCESS | HAS_IPA;
    default:
        return HAS_SUBSTREAM;
    }
}

static void make_access(const struct query *q, const struct legal *l,
                        struct record *r)
{
    r->word[1] |= EVENT1_CLASS(DETAIL_CLASS_OF(l->detail)) |
                  (l->detail & DETAIL_S2 ? EVENT1_S2 : 0) |
                  (l->detail & DETAIL_PRIV ? EVENT1_PNU : 0) |
                  (l->detail & DETAIL_INST ? EVENT1_IND : 0) |
                  (q->write && !(l->detail & DETAIL_READS) ? 0 : EVENT1_RNW);
    r->word[2] = q->iova;
    if ( l->fault->reason == 0x13 && DETAIL_CLASS_OF(l->detail) == CLASS_TT )
        r->word[1] |= EVENT1_TTRNW;
}

static void make_record(const struct query *q, const struct legal *l,
                        struct record *r)
{
    unsigned int fields = fields_of(l->fault->reason);
    bool substream = q->pasid != UINT32_MAX;

    *r = (struct record) { { l->fault->reason | EVENT0_SID(q->source) } };
    if ( (fields & HAS_SUBSTREAM) && substream )
        r->word[0] |= EVENT0_SSV | EVENT0_SSID(q->pasid);
    if ( (fields & HAS_INDEX) && substream )
        r->word[0] |= EVENT0_SSID(q->pasid);
    if ( fields & HAS_ACCESS )
        make_access(q, l, r);
    if ( fields & HAS_FETCH )
        r->word[3] = l->address & EVENT3_FETCH;
    if ( (fields & HAS_IPA) && (l->detail & DETAIL_S2) )
        r->word[3] = l->address & EVENT3_IPA;
}

static bool read_record(struct oracle *o, uint64_t at, struct record *r)
{
    const struct oracle_world *world = &o->config.world;
    bool readable = true;

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        readable &= world->read64(world->context, at + 8 * i, &r->word[i]);
    return readable;
}

/* Fields that are UNKNOWN, or that sources lay out differently. */
static void mask_unknown(const struct oracle *o, const struct record *want,
                         struct record *mask)
{
    unsigned int fields = fields_of(EVENT0_TYPE(want->word[0]));

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        mask->word[i] = UINT64_MAX;
    if ( !(fields & HAS_SUBSTREAM) )
        mask->word[0] &= ~EVENT0_SSV;
    else if ( !(want->word[0] & EVENT0_SSV) )
        mask->word[0] &= ~EVENT0_SSID(UINT32_MAX);
    if ( fields & HAS_REASON )
        mask->word[1] &= ~EVENT1_REASON;
    if ( EVENT0_TYPE(want->word[0]) == 0x13 &&
         !(want->word[1] & EVENT1_TTRNW) )
        mask->word[1] &= ~EVENT1_TTRNW;
    if ( (fields & HAS_IPA) && !(want->word[1] & EVENT1_S2) )
        mask->word[3] = 0;
    /* A stage 2 event, from which it is made, tells the page alone. */
    if ( o->config.virtual_unit && EVENT0_TYPE(want->word[0]) == 0x0b )
        mask->word[3] &= EVENT3_IPA;
}

static bool same_record(const struct record *want, const struct record *have,
                        const struct record *mask)
{
    uint64_t differ = 0;

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        differ |= (want->word[i] ^ have->word[i]) & mask->word[i];
    return !differ;
}

/* 7.3.1: of an event that stands in the queue; the page is what counts. */
static bool is_merged(struct oracle *o, const struct legal *l,
                      const struct record *want)
{
    const struct events *e = &smmu(o)->events;
    struct record have, mask;

    if ( !smmu(o)->merges_events || !(l->detail & DETAIL_MEV) )
        return false;
    mask_unknown(o, want, &mask);
    mask.word[2] &= ~PAGE_OFFSET;
    for ( uint32_t p = e->cons; (p ^ e->prod) & pointer_mask(e); p++ )
        if ( read_record(o, slot_of(e, p), &have) &&
             same_record(want, &have, &mask) )
            return true;
    return false;
}

/* ---- expectations ---- */

void smmu_events_expect(struct oracle *o, const struct query *q,
                        const struct judgement *j)
{
    struct events *e = &smmu(o)->events;

    if ( j->verdict != VERDICT_LEGAL )
    {
        e->lost = true; /* nothing to go by */
        return;
    }
    if ( j->fresh && j->now.recorded )
        o->stats.faults_expected++;
    e->expected = oracle_grow(e->expected, e->count, &e->room,
                              sizeof(e->expected[0]));
    e->expected[e->count++] = (struct expected_event) { *q, j->now, j->fresh };
}

/* ---- settling ---- */

enum step { STEP_NOT_YET, STEP_DONE, STEP_WRONG };

/* 7.4: a record is lost since the queue is full. */
static enum step overflow_step(struct oracle *o)
{
    struct events *e = &smmu(o)->events;
    uint32_t prod;

    if ( (e->prod ^ e->cons) & QUEUE_OVFLG )
        return STEP_DONE;
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

/* A record of @legal is due; has the unit made it? */
static enum step record_step(struct oracle *o, const struct query *q,
                             const struct legal *legal)
{
    struct events *e = &smmu(o)->events;
    struct record want, have, mask;

    if ( !e->enabled || smmu_events_active(o, GERROR_EVENTQ) )
        return STEP_DONE; /* discarded without a trace: 7.2.1 */
    make_record(q, legal, &want);
    if ( is_full(e) )
        return is_merged(o, legal, &want) ? STEP_DONE : overflow_step(o);
    if ( !writable(o, slot_of(e, e->prod)) )
        return abort_step(o);
    if ( !((peek(o, REG_EVENTQ_PROD, 4) ^ e->prod) & pointer_mask(e)) )
        return is_merged(o, legal, &want) ? STEP_DONE : STEP_NOT_YET;
    mask_unknown(o, &want, &mask);
    if ( !read_record(o, slot_of(e, e->prod), &have) ||
         !same_record(&want, &have, &mask) )
        return is_merged(o, legal, &want) ? STEP_DONE : STEP_WRONG;
    if ( is_empty(e) && (smmu_register(o, REG_IRQ_CTRL) & IRQ_EVENTQ) )
        e->due[WIRE_EVENTQ]++;
    e->prod = (e->prod & (uint32_t)QUEUE_OVFLG) |
              ((e->prod + 1) & pointer_mask(e));
    return STEP_DONE;
}

/*
 * The unit may have met older values, and a virtual one decides on an error of
 * an STE when it gets to it: is what it did one of the legal alternatives?
 */
static enum step alternative_step(struct oracle *o,
                                  const struct expected_event *x)
{
    const struct span window = { x->query.t0, o->tick + 1 };
    struct query q = x->query;
    struct legal_set set;
    enum step step = STEP_NOT_YET;
    /* What was refused memory aborts, and says nothing. */
    bool silent = o->tolerate_missing;

    if ( o->config.virtual_unit )
        q.t1 = o->tick;
    smmu_collect(o, &q, false, &set);
    for ( unsigned int i = 0; i < set.count; i++ )
    {
        const struct legal *l = &set.item[i];

        if ( l->kind == LEGAL_FAULT && l->recorded )
        {
            step = record_step(o, &x->query, l);
            if ( step == STEP_DONE )
                return step;
        }
        silent |= l->kind == LEGAL_SILENT || l->unrecorded ||
                  (l->kind == LEGAL_MAP &&
                   p2m_refuses(o, l->gpa, q.write, window));
    }
    return silent || set.open ? STEP_DONE : step;
}

static enum step expected_step(struct oracle *o,
                               const struct expected_event *x)
{
    enum step step = STEP_NOT_YET;

    if ( x->fresh && x->now.kind == LEGAL_FAULT && x->now.recorded )
        step = record_step(o, &x->query, &x->now);
    if ( step == STEP_DONE )
        return step;
    return alternative_step(o, x);
}

static void report_record(struct oracle *o, const struct expected_event *x,
                          enum step step)
{
    const struct events *e = &smmu(o)->events;
    struct record want = { { 0 } }, have = { { 0 } };
    const char *what = "one of several events";

    if ( x->fresh && x->now.fault )
    {
        make_record(&x->query, &x->now, &want);
        what = x->now.fault->condition;
    }
    read_record(o, slot_of(e, e->prod), &have);
    oracle_report(
        o, "P4", step == STEP_WRONG ? "wrong event" : "missing event",
        "stream %" PRIx32 " at %" PRIx64 ": expected %s, %016" PRIx64
        " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "; slot %" PRIu32
        " has %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64,
        x->query.source, x->query.iova, what, want.word[0], want.word[1],
        want.word[2], want.word[3], e->prod & pointer_mask(e), have.word[0],
        have.word[1], have.word[2], have.word[3]);
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
    read_record(o, slot_of(e, e->prod), &have);
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
    e->count = 0;
    memset(e->due, 0, sizeof(e->due));
    memset(e->raised, 0, sizeof(e->raised));
    e->lost = false;
}

void smmu_events_settle(struct oracle *o, bool force)
{
    struct events *e = &smmu(o)->events;
    size_t i;

    for ( i = 0; i < e->count && !e->lost; i++ )
    {
        enum step step = expected_step(o, &e->expected[i]);

        if ( step == STEP_DONE )
            continue;
        if ( !force )
            break;
        report_record(o, &e->expected[i], step);
        e->lost = true;
    }
    if ( !e->lost && i )
    {
        memmove(e->expected, e->expected + i,
                (e->count - i) * sizeof(e->expected[0]));
        e->count -= i;
    }
    if ( !force )
        return;
    if ( !e->lost && queue_agrees(o) && errors_agree(o) )
        compare_wires(o);
    else
        adopt(o);
}

void smmu_events_reset(struct oracle *o)
{
    struct events *e = &smmu(o)->events;

    e->enabled = e->lost = false;
    e->base = e->prod = e->cons = e->gerror = e->gerrorn = 0;
    e->log2size = 0;
    e->count = 0;
    memset(e->due, 0, sizeof(e->due));
    memset(e->raised, 0, sizeof(e->raised));
}

void smmu_events_free(struct oracle *o)
{
    free(smmu(o)->events.expected);
}
