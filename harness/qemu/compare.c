/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the sides agree, and what explains it if they don't? */

#include <qemu/diff.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_OFFSET UINT64_C(0xfff)

/* What QEMU and a side of ours may hold differently from here on, having gone
 * different legal ways in a stale window. */
struct tolerance {
    bool faults;                  /* the fault log */
    bool offset[PAGE_OFFSET + 1]; /* marks at this offset in a page */
    bool events;
};

static bool is_dma(const struct operation *op)
{
    return op->code == OP_DMA;
}

static bool is_mark(const struct diff_marks *marks, uint64_t address)
{
    for ( unsigned int m = 0; m < marks->count; m++ )
        if ( marks->address[m] == address )
            return true;
    return false;
}

/* Is @data, as seen of a DMA, one of the legal results?  A write to where no
 * mark is can't be seen. */
static bool is_legal(const struct diff_case *c, const struct diff_dma *dma,
                     bool write, uint64_t data)
{
    for ( unsigned int i = 0; i < dma->legal.count; i++ )
    {
        const struct oracle_result *r = &dma->legal.result[i];

        if ( r->ok && data == (write ? r->gpa : dma->value[i]) )
            return true;
        if ( !data && (!r->ok || (write && !is_mark(&c->marks, r->gpa))) )
            return true;
    }
    return false;
}

/* A read that may go where programs have no memory: QEMU has devices there,
 * or nothing, which reads as all ones. */
static bool leaves_memory(const struct diff_case *c,
                          const struct diff_dma *dma)
{
    const struct region *ram = &c->target->machine.region[0];

    for ( unsigned int i = 0; i < dma->legal.count; i++ )
        if ( dma->legal.result[i].ok &&
             dma->legal.result[i].gpa - ram->base >= ram->size )
            return true;
    return false;
}

/* A write that may have gone to several places, to one of them unseen. */
static bool is_unseen(const struct diff_case *c, const struct diff_dma *dma)
{
    for ( unsigned int i = 0; dma->legal.count > 1 && i < dma->legal.count;
          i++ )
        if ( dma->legal.result[i].ok &&
             !is_mark(&c->marks, dma->legal.result[i].gpa) )
            return true;
    return false;
}

static bool compare_dma(const struct diff_case *c, struct difference *d,
                        struct tolerance *t)
{
    const struct operation *op = &c->program->op[d->operation];
    const struct diff_dma *dma = &c->dma[d->operation];
    bool write = op_arg(op, 1) == REQUEST_WRITE;
    uint64_t offset = op_arg(op, 2) & PAGE_OFFSET;
    bool exact = !dma->legal.open && dma->legal.count == 1;

    d->qemu = c->run[SIDE_QEMU].seen[d->operation].data;
    d->ours = c->run[d->side].seen[d->operation].data;
    if ( t->offset[offset] )
        return true;
    if ( write && is_unseen(c, dma) )
        t->offset[offset] = true;
    if ( d->qemu == d->ours || (!write && leaves_memory(c, dma)) )
        return true;
    if ( exact || (!dma->legal.open && !is_legal(c, dma, write, d->qemu)) )
        return false;
    /* Both are legal: so is everything that follows from it. */
    t->faults = t->events = true;
    t->offset[offset] = true;
    return true;
}

/* A stale window may end in different faults as well. */
static bool fault_log_may_differ(const struct diff_case *c, size_t operation)
{
    const struct diff_dma *dma = &c->dma[operation];

    return is_dma(&c->program->op[operation]) &&
           (dma->legal.open || dma->legal.count > 1);
}

static bool compare_registers(const struct diff_case *c, struct difference *d,
                              struct tolerance *t)
{
    const struct diff_seen *qemu = &c->run[SIDE_QEMU].seen[d->operation];
    const struct diff_seen *ours = &c->run[d->side].seen[d->operation];
    const struct diff_register *reg = c->target->arch->reg;

    for ( unsigned int r = 0; reg[r].name; r++ )
    {
        if ( qemu->reg[r] == ours->reg[r] || (reg[r].fault_log && t->faults) )
            continue;
        if ( reg[r].fault_log && fault_log_may_differ(c, d->operation) )
        {
            t->faults = t->events = true;
            continue;
        }
        d->kind = DIFFERENCE_REGISTER;
        d->reg = r;
        d->qemu = qemu->reg[r];
        d->ours = ours->reg[r];
        return false;
    }
    return true;
}

static bool events_equal(const struct diff_seen *a, const struct diff_seen *b)
{
    if ( a->events != b->events )
        return false;
    for ( unsigned int i = 0; i < a->events; i++ )
        if ( a->event[i].address != b->event[i].address ||
             a->event[i].data != b->event[i].data )
            return false;
    return true;
}

static bool compare_events(const struct diff_case *c, struct difference *d,
                           const struct tolerance *t)
{
    const struct diff_seen *qemu = &c->run[SIDE_QEMU].seen[d->operation];
    const struct diff_seen *ours = &c->run[d->side].seen[d->operation];

    if ( t->events || events_equal(qemu, ours) )
        return true;
    d->kind = DIFFERENCE_EVENT;
    d->qemu = qemu->events;
    d->ours = ours->events;
    return false;
}

static bool compare_operation(const struct diff_case *c, struct difference *d,
                              struct tolerance *t)
{
    const struct operation *op = &c->program->op[d->operation];

    if ( !c->run[SIDE_QEMU].seen[d->operation].looked )
        return true;
    d->kind = DIFFERENCE_DATA;
    if ( is_dma(op) && !compare_dma(c, d, t) )
        return false;
    if ( !compare_registers(c, d, t) )
        return false;
    if ( c->target->arch->empties(op) && t->faults )
    {
        /* Cleared on both sides: from here on they are alike again. */
        t->faults = t->events = false;
        return compare_registers(c, d, t);
    }
    return compare_events(c, d, t);
}

static bool compare_marks(const struct diff_case *c, struct difference *d,
                          const struct tolerance *t)
{
    d->kind = DIFFERENCE_MEMORY;
    for ( unsigned int m = 0; m < c->marks.count; m++ )
    {
        d->reg = m;
        d->qemu = c->run[SIDE_QEMU].mark[m];
        d->ours = c->run[d->side].mark[m];
        if ( d->qemu != d->ours &&
             !t->offset[c->marks.address[m] & PAGE_OFFSET] )
            return false;
    }
    return true;
}

/* Our own oracle objects, or a driver has waited in vain. */
static bool compare_findings(const struct diff_case *c, struct difference *d)
{
    const struct diff_run *qemu = &c->run[SIDE_QEMU];
    const struct diff_run *ours = &c->run[d->side];

    if ( !ours->found && !qemu->found )
        return true;
    /* The driver waits in vain on both. */
    if ( ours->found && qemu->found &&
         ours->finding.operation == qemu->finding.operation &&
         !strcmp(ours->finding.message, qemu->finding.message) )
        return true;
    d->kind = DIFFERENCE_FINDING;
    d->operation = ours->found ? ours->finding.operation :
                                 qemu->finding.operation;
    return false;
}

static bool compare_side(const struct diff_case *c, struct difference *d)
{
    const struct diff_run *qemu = &c->run[SIDE_QEMU];
    const struct diff_run *ours = &c->run[d->side];
    size_t done = qemu->done < ours->done ? qemu->done : ours->done;
    struct tolerance *t = calloc(1, sizeof(*t));
    bool equal = true;

    if ( !t )
        abort();
    for ( size_t i = 0; equal && i < done; i++ )
    {
        d->operation = i;
        equal = compare_operation(c, d, t);
    }
    equal = equal && compare_findings(c, d) && compare_marks(c, d, t);
    free(t);
    return equal;
}

/* "7.2.22" against "10.0": by numbers, as far as the bound goes. */
static int compare_versions(const char *version, const char *bound)
{
    while ( *bound )
    {
        char *v, *b;
        long x = strtol(version, &v, 10), y = strtol(bound, &b, 10);

        if ( x != y )
            return x < y ? -1 : 1;
        version = *v == '.' ? v + 1 : v;
        bound = *b == '.' ? b + 1 : b;
        if ( b == bound && *b )
            break;
    }
    return 0;
}

bool version_before(const char *version, const char *bound)
{
    return compare_versions(version, bound) < 0;
}

bool deviation_concerns(const struct deviation *deviation, const char *version)
{
    return (!deviation->first ||
            compare_versions(version, deviation->first) >= 0) &&
           (!deviation->last ||
            compare_versions(version, deviation->last) <= 0);
}

static const struct deviation *explain(const struct diff_case *c,
                                       const struct difference *d)
{
    if ( c->target->strict )
        return NULL;
    for ( const struct deviation *e = c->target->arch->deviation; e->id; e++ )
        if ( deviation_concerns(e, c->target->version) && e->applies(c, d) )
            return e;
    return NULL;
}

void diff_compare(const struct diff_case *c, struct difference *difference)
{
    *difference = (struct difference) { 0 };
    for ( enum diff_side side = SIDE_MODEL; side < c->sides; side++ )
    {
        struct difference d = { .side = side };

        if ( compare_side(c, &d) )
            continue;
        d.deviation = explain(c, &d);
        if ( difference->kind == DIFFERENCE_NONE || !d.deviation )
            *difference = d;
        if ( !d.deviation )
            return;
    }
}

/* ---- for people ---- */

static const char *result_text(bool write, uint64_t data, char *buffer,
                               size_t size)
{
    if ( !data )
        return "nothing";
    snprintf(buffer, size, write ? "address %#" PRIx64 : "%#" PRIx64, data);
    return buffer;
}

static void finding_text(const struct diff_case *c, const struct difference *d,
                         char *buffer, size_t size)
{
    enum diff_side side = c->run[d->side].found ? d->side : SIDE_QEMU;
    const struct finding *f = &c->run[side].finding;

    snprintf(buffer, size, "on the side of %s alone: %s: %s", side_names[side],
             f->property, f->message);
}

void difference_text(const struct diff_case *c, const struct difference *d,
                     char *buffer, size_t size)
{
    const char *side = side_names[d->side];
    const struct operation *op = &c->program->op[d->operation];
    bool write = is_dma(op) && op_arg(op, 1) == REQUEST_WRITE;
    char qemu[40], ours[40];

    switch ( d->kind )
    {
    case DIFFERENCE_DATA:
        snprintf(buffer, size, "the DMA %s %s in QEMU, %s in the %s",
                 write ? "reached" : "read",
                 result_text(write, d->qemu, qemu, sizeof(qemu)),
                 result_text(write, d->ours, ours, sizeof(ours)), side);
        break;
    case DIFFERENCE_REGISTER:
        snprintf(buffer, size,
                 "%s is %#" PRIx64 " in QEMU, %#" PRIx64 " in the %s",
                 c->target->arch->reg[d->reg].name, d->qemu, d->ours, side);
        break;
    case DIFFERENCE_EVENT:
        snprintf(buffer, size,
                 "%" PRIu64 " interrupts in QEMU, %" PRIu64
                 " in the %s, or others",
                 d->qemu, d->ours, side);
        break;
    case DIFFERENCE_MEMORY:
        snprintf(buffer, size,
                 "at the end memory at %#" PRIx64 " is %#" PRIx64
                 " in QEMU, %#" PRIx64 " in the %s",
                 c->marks.address[d->reg], d->qemu, d->ours, side);
        break;
    case DIFFERENCE_FINDING:
        finding_text(c, d, buffer, size);
        break;
    default:
        snprintf(buffer, size, "no difference");
    }
}
