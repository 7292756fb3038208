/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P4: what the unit must record (7.2), and the status that says so.
 *
 * DMAs leave expectations; they are settled in order when the unit has had
 * time to record them: at quiescence all of them, before a write to the fault
 * registers as many as are there.
 */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- status ---- */

static bool any_record(const struct oracle *o)
{
    for ( unsigned int i = 0; i < CAP_NFR(vtd(o)->cap); i++ )
        if ( vtd(o)->faults.high[i] & FRCD_F )
            return true;
    return false;
}

uint64_t vtd_faults_fsts(const struct oracle *o)
{
    const struct faults *f = &vtd(o)->faults;

    return (f->pfo ? FSTS_PFO : 0) | (any_record(o) ? FSTS_PPF : 0) |
           (f->iqe ? FSTS_IQE : 0) |
           (f->fri_known ? (uint64_t)f->fri << 8 : 0);
}

static bool any_status(const struct oracle *o)
{
    return vtd_faults_fsts(o) & FSTS_EVENT;
}

void vtd_faults_queue_error(struct oracle *o)
{
    bool before = any_status(o);

    vtd(o)->faults.iqe = true;
    if ( !before )
        vtd_events_fault(o);
}

/* ---- what the unit has ---- */

static void read_record(struct oracle *o, unsigned int index,
                        uint64_t record[2])
{
    uint32_t at = CAP_FRO(vtd(o)->cap) + index * FRCD_BYTES;

    record[0] = peek(o, at, 8);
    record[1] = peek(o, at + 8, 8);
}

/* Take over the records that the unit has: in ring order, so that the slot
 * after the last new one is next. */
static void adopt_records(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;
    unsigned int slots = CAP_NFR(vtd(o)->cap), first = f->next;

    for ( unsigned int n = 0; n < slots; n++ )
    {
        unsigned int i = (first + n) % slots;
        uint64_t record[2];

        read_record(o, i, record);
        if ( (record[1] & FRCD_F) && !(f->high[i] & FRCD_F) )
            f->next = (i + 1) % slots;
        f->low[i] = record[0];
        f->high[i] = record[1];
    }
}

/* Take over what the unit has, after a difference was reported. */
static void adopt(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;
    uint64_t fsts = peek(o, REG_FSTS, 4);

    adopt_records(o);
    f->pfo = fsts & FSTS_PFO;
    f->iqe = fsts & FSTS_IQE;
    f->fri = (unsigned int)BITS(fsts, 15, 8);
    f->fri_known = fsts & FSTS_PPF;
    f->fault.open = true;
    vtd_events_ask(o);
    f->due.count = f->raised.count = 0;
    expected_reset(o);
}

/* ---- what software writes ---- */

static void status_cleared(struct oracle *o)
{
    if ( !any_status(o) )
        vtd(o)->faults.fault.ip = false;
}

void vtd_faults_write_fsts(struct oracle *o, uint64_t value)
{
    struct faults *f = &vtd(o)->faults;
    bool resume = f->iqe && (value & FSTS_IQE);

    vtd_faults_settle(o, false);
    f->fault.writing = true;
    f->cleared_pfo |= f->pfo && (value & FSTS_PFO);
    f->clears_pfo |= value & FSTS_PFO;
    if ( value & FSTS_PFO )
        f->pfo = false;
    if ( value & FSTS_IQE )
        f->iqe = false;
    status_cleared(o);
    if ( resume )
        vtd_commands_resume(o);
}

void vtd_faults_write_frcd(struct oracle *o, unsigned int index)
{
    struct faults *f = &vtd(o)->faults;

    vtd_faults_settle(o, false);
    /* Its word is taken for what it may have: see adopt(). */
    if ( o->expected.lost )
        adopt_records(o);
    f->fault.writing = true;
    f->cleared_room |= index == f->next && (f->high[index] & FRCD_F);
    f->cleared_high = f->high[index];
    f->high[index] &= ~FRCD_F;
    if ( index == f->fri )
        f->fri_known = false; /* which of the others is first is open */
    status_cleared(o);
}

/* The unit has cleared it: what came meanwhile is there to be seen. */
static void clear_ended(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    vtd_faults_settle(o, false);
    if ( f->cleared_room && !f->pfo && (peek(o, REG_FSTS, 4) & FSTS_PFO) )
    {
        if ( !any_status(o) )
            vtd_events_fault(o);
        f->pfo = true;
    }
    f->cleared_pfo = f->clears_pfo = f->cleared_room = false;
    f->cleared_high = 0;
}

void vtd_faults_written(struct oracle *o)
{
    if ( vtd(o)->faults.fault.writing )
        clear_ended(o);
    vtd_events_written(o);
}

/* ---- records ---- */

/* 11.4.7.6: {T1,T2} = 0 write, 2 read, 3 atomic. */
static uint64_t record_type(const struct query *q)
{
    if ( !q->write )
        return FRCD_T1;
    return q->read ? FRCD_T1 | FRCD_T2 : 0;
}

static void make_record(const struct query *q, const struct fault_rule *fault,
                        uint64_t record[2])
{
    record[0] = q->iova & ~PAGE_OFFSET;
    record[1] = FRCD_F | FRCD_FR(fault->reason) | record_type(q) |
                FRCD_AT(q->type & 3) | (q->source & 0xffff);
    if ( q->pasid != UINT32_MAX )
        record[1] |= FRCD_PP | FRCD_PV(q->pasid) |
                     (q->execute ? FRCD_EXE : 0) |
                     (q->privileged ? FRCD_PRIV : 0);
}

static bool same_record(const uint64_t a[2], const uint64_t b[2])
{
    uint64_t ignored = (a[1] | b[1]) & FRCD_PP ? 0 : FRCD_WITHOUT_PP;

    return a[0] == b[0] && !((a[1] ^ b[1]) & ~ignored);
}

/* ---- settling ---- */

static bool is_pending_of(uint64_t high, const struct query *q)
{
    return (high & FRCD_F) && FRCD_SID(high) == (q->source & 0xffff);
}

static bool collapses(const struct oracle *o, const struct query *q)
{
    if ( !vtd(o)->collapses_faults )
        return false;
    for ( unsigned int i = 0; i < CAP_NFR(vtd(o)->cap); i++ )
        if ( is_pending_of(vtd(o)->faults.high[i], q) )
            return true;
    return false;
}

/* May the records that are still due fill the log? */
static bool may_overflow(const struct oracle *o)
{
    size_t room = 0, due = o->expected.count;

    for ( unsigned int i = 0; i < CAP_NFR(vtd(o)->cap); i++ )
        room += !(vtd(o)->faults.high[i] & FRCD_F);
    for ( size_t i = 0; i < o->opens; i++ )
        due += o->open[i].used;
    return due > room;
}

/* Without a trace. */
static bool drops(const struct oracle *o, const struct query *q)
{
    return vtd(o)->faults.pfo || collapses(o, q);
}

bool vtd_faults_record_drops(const struct oracle *o, const struct query *q)
{
    const struct faults *f = &vtd(o)->faults;

    return drops(o, q) || f->cleared_pfo || f->cleared_room ||
           (f->clears_pfo && may_overflow(o)) ||
           (vtd(o)->collapses_faults && is_pending_of(f->cleared_high, q));
}

/* 7.2.1 */
enum step vtd_faults_record_step(struct oracle *o, const struct expected *e,
                                 const struct legal *l)
{
    struct faults *f = &vtd(o)->faults;
    bool before = any_status(o), first = !any_record(o);
    uint64_t want[2], have[2];

    if ( drops(o, &e->query) )
        return STEP_DROPPED;
    if ( f->high[f->next] & FRCD_F )
    {
        if ( !(peek(o, REG_FSTS, 4) & FSTS_PFO) )
            return e->query.dropped ? STEP_DROPPED : STEP_NOT_YET;
        f->pfo = true;
    }
    else
    {
        make_record(&e->query, l->fault, want);
        read_record(o, f->next, have);
        if ( !(have[1] & FRCD_F) )
            return e->query.dropped ? STEP_DROPPED : STEP_NOT_YET;
        if ( !same_record(want, have) )
            return e->query.dropped ? STEP_DROPPED : STEP_WRONG;
        f->low[f->next] = have[0];
        f->high[f->next] = have[1];
        if ( first )
        {
            f->fri = f->next;
            f->fri_known = !f->fault.writing;
        }
        f->next = (f->next + 1) % CAP_NFR(vtd(o)->cap);
    }
    if ( !before )
        vtd_events_fault(o);
    return STEP_DONE;
}

bool vtd_faults_record_equal(struct oracle *o, const struct query *a,
                             const struct legal *l, const struct query *b,
                             const struct legal *m)
{
    uint64_t one[2], other[2];

    (void)o;
    make_record(a, l->fault, one);
    make_record(b, m->fault, other);
    return same_record(one, other);
}

/* Is the next record, which is new, one of this access? */
bool vtd_faults_record_of(struct oracle *o, const struct query *q)
{
    const struct faults *f = &vtd(o)->faults;
    uint64_t have[2];

    if ( (f->high[f->next] & FRCD_F) || drops(o, q) )
        return false;
    read_record(o, f->next, have);
    return (have[1] & FRCD_F) && have[0] == (q->iova & ~PAGE_OFFSET) &&
           FRCD_SID(have[1]) == (q->source & 0xffff);
}

bool vtd_faults_record_take(struct oracle *o, const struct query *q,
                            const struct legal *l)
{
    const struct expected e = { .query = *q };

    return vtd_faults_record_step(o, &e, l) == STEP_DONE;
}

void vtd_faults_record_missed(struct oracle *o, const struct query *q,
                              const struct legal *l, bool wrong)
{
    unsigned int next = vtd(o)->faults.next;
    uint64_t want[2] = { 0 }, have[2];

    if ( l->fault )
        make_record(q, l->fault, want);
    read_record(o, next, have);
    oracle_report(
        o, "P4", wrong ? "wrong fault record" : "missing fault record",
        "source %" PRIx32 " at %" PRIx64 ": expected %s, FRCD %u = %016" PRIx64
        " %016" PRIx64 ", it is %016" PRIx64 " %016" PRIx64,
        q->source, q->iova, l->fault ? l->fault->condition : "no fault", next,
        want[1], want[0], have[1], have[0]);
}

static bool records_agree(struct oracle *o)
{
    const struct faults *f = &vtd(o)->faults;
    bool agree = true;

    if ( !any_record(o) && !(peek(o, REG_FSTS, 4) & FSTS_PPF) )
        return true;
    for ( unsigned int i = 0; i < CAP_NFR(vtd(o)->cap); i++ )
    {
        uint64_t have[2], want[2] = { f->low[i], f->high[i] };

        read_record(o, i, have);
        if ( !((have[1] | want[1]) & FRCD_F) || same_record(have, want) )
            continue;
        agree = false;
        oracle_report(o, "P4",
                      want[1] & FRCD_F ? "fault record changed" :
                                         "fault record nobody caused",
                      "FRCD %u = %016" PRIx64 " %016" PRIx64
                      ", expected %016" PRIx64 " %016" PRIx64,
                      i, have[1], have[0], want[1], want[0]);
    }
    return agree;
}

static bool status_agrees(struct oracle *o)
{
    uint64_t mask = vtd(o)->faults.fri_known ? FSTS_EVENT | FSTS_FRI :
                                               FSTS_EVENT;
    uint64_t have = peek(o, REG_FSTS, 4), want = vtd_faults_fsts(o);

    if ( !((have ^ want) & mask) )
        return true;
    oracle_report(o, "P4", "fault status",
                  "FSTS is %" PRIx64 ", expected %" PRIx64, have, want);
    return false;
}

void vtd_faults_settle(struct oracle *o, bool force)
{
    expected_settle(o, force);
    if ( !force )
        return;
    /* A queue that is not followed may have had any error. */
    if ( !o->expected.lost && records_agree(o) && !vtd(o)->queue.lost &&
         status_agrees(o) )
        vtd_events_compare(o);
    else
        adopt(o);
}

void vtd_faults_reset(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    memset(f->low, 0, sizeof(f->low));
    memset(f->high, 0, sizeof(f->high));
    f->next = f->fri = 0;
    f->fri_known = f->pfo = f->iqe = false;
    f->cleared_pfo = f->clears_pfo = f->cleared_room = false;
    f->cleared_high = 0;
    vtd_events_reset(o);
}
