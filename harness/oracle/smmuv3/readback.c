/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P10: what registers read, judged as it happens and at each check.
 */
#include "internal.h"

#include <inttypes.h>

/* A pointer has one bit more than the queue's size. */
static uint32_t pointer_bits(const struct oracle *o, uint32_t base,
                             unsigned int most)
{
    unsigned int log2size = QUEUE_LOG2SIZE(smmu_register(o, base));

    return (2u << (log2size < most ? log2size : most)) - 1;
}

static uint32_t command_bits(const struct oracle *o)
{
    return pointer_bits(o, REG_CMDQ_BASE, IDR1_CMDQS(smmu(o)->idr[1]));
}

static uint32_t event_bits(const struct oracle *o)
{
    return pointer_bits(o, REG_EVENTQ_BASE, IDR1_EVENTQS(smmu(o)->idr[1])) |
           (uint32_t)QUEUE_OVFLG;
}

static void dynamic_queues(const struct oracle *o, uint32_t offset,
                           uint32_t *value, uint32_t *mask)
{
    const struct events *e = &smmu(o)->events;
    const struct queue *q = &smmu(o)->queue;
    uint32_t idr1 = smmu(o)->idr[1];
    bool known = !register_cell(o, offset)->open;

    switch ( offset )
    {
    case REG_CMDQ_PROD:
        *mask |= known ? command_bits(o) : 0;
        break;
    case REG_CMDQ_CONS:
        if ( q->enabled )
            *value = q->head | (q->stopped ? q->error << 24 : 0);
        if ( q->enabled ? o->quiet && !q->lost && !smmu_commands_held(o) :
                          known )
            /* ERR is UNKNOWN unless CMDQ_ERR is active (6.3.28). */
            *mask |= command_bits(o) |
                     (q->stopped ? (uint32_t)CMDQ_ERR_FIELD : 0);
        break;
    case REG_EVENTQ_PROD:
        if ( e->enabled )
            *value = e->prod;
        if ( e->enabled ? o->quiet && !o->expected.lost : known )
            *mask |= event_bits(o);
        break;
    case REG_EVENTQ_CONS:
        *mask |= known ? event_bits(o) : 0;
        break;
    case REG_CMDQ_BASE:
    case REG_EVENTQ_BASE:
        if ( QUEUE_LOG2SIZE(*value) <= (offset == REG_CMDQ_BASE ?
                                            IDR1_CMDQS(idr1) :
                                            IDR1_EVENTQS(idr1)) )
            *mask |= 0x1f;
        break;
    default:
        break;
    }
}

/* Bits that events decide.  Most are the hardware's own until it is quiet. */
static void dynamic(const struct oracle *o, uint32_t offset, uint32_t *value,
                    uint32_t *mask)
{
    const struct registers *r = &smmu(o)->registers;
    const struct events *e = &smmu(o)->events;

    switch ( offset )
    {
    case REG_CR0ACK:
        *value = register_cell(o, REG_CR0)->value;
        *mask = ~r->cr0_open;
        break;
    case REG_IRQ_CTRLACK:
        *value = register_cell(o, REG_IRQ_CTRL)->value;
        *mask = ~r->irq_open;
        break;
    case REG_GBPA:
        *mask = r->gbpa_pending ? 0 : *mask | (uint32_t)GBPA_UPDATE;
        break;
    case REG_GERROR:
        *value = e->gerror;
        *mask = ~(uint32_t)(GERROR_CMDQ | GERROR_EVENTQ);
        if ( o->quiet && !o->expected.lost && !smmu(o)->queue.lost )
            *mask = UINT32_MAX;
        break;
    default:
        dynamic_queues(o, offset, value, mask);
        break;
    }
}

/* Address bits that need not be stored: above the output size. */
static uint32_t unstored(const struct oracle *o, uint32_t offset)
{
    const struct register_row *row = register_row(offset);
    uint64_t above = o->config.haw < 56 ? MASK64(55, o->config.haw) : 0;

    return row && row->size == 8 ? (uint32_t)(above >> (offset & 4 ? 32 : 0)) :
                                   0;
}

static const char *name_of(uint32_t offset)
{
    const struct register_row *row = register_row(offset);

    return row              ? row->name :
           offset < REG_CR0 ? "an identification register" :
                              "a reserved register";
}

static void check_word(struct oracle *o, uint32_t offset, uint32_t value)
{
    const struct register_cell *cell = register_cell(o, offset);
    uint32_t expected = 0, mask = UINT32_MAX;

    if ( !cell )
        mask = (offset >= REG_IMPDEF && offset < REG_IMPDEF + 0x100) ||
                       (offset >= REG_ID && offset < REG_ID + 0x30) ?
                   0 :
                   UINT32_MAX;
    else
    {
        expected = cell->value;
        mask = cell->predicted & ~(cell->open ? cell->writable : 0);
        dynamic(o, offset, &expected, &mask);
        if ( cell->writable )
            mask &= ~unstored(o, offset);
    }
    if ( (value ^ expected) & mask )
        oracle_report(o, "P10", "register value",
                      "%s (offset %" PRIx32 ") reads %" PRIx32
                      ", expected %" PRIx32 " in the bits %" PRIx32,
                      name_of(offset), offset, value, expected, mask);
}

void smmu_registers_read(struct oracle *o, uint32_t offset, unsigned int size,
                         uint64_t value)
{
    if ( !register_access(offset, size) )
        return;
    for ( unsigned int i = 0; i < size / 4; i++ )
        check_word(o, offset + 4 * i, (uint32_t)(value >> (32 * i)));
}

/* Of reserved registers, at each check; of one who looks very often. */
#define SWEEP_BYTES 0x1000u
#define SWEEP_OFTEN 0x20u

/* One who looks at many orders sees a sixteenth at a time; one who looks very
 * often, of the second page, which has two queues' pointers in it. */
static bool left_out(const struct oracle *o, uint32_t offset)
{
    if ( !oracle_not_its_turn(o, offset) )
        return false;
    return o->config.few_registers ||
           (o->config.span_pages && offset >= PAGE_1 &&
            !register_cell(o, offset)->writable);
}

static void check_now(struct oracle *o, uint32_t offset)
{
    check_word(o, offset, (uint32_t)peek(o, offset, 4));
}

static void check_reserved(struct oracle *o, uint32_t bytes)
{
    struct registers *r = &smmu(o)->registers;

    for ( uint32_t i = 0; i < bytes; i += 4 )
    {
        check_now(o, r->sweep);
        r->sweep = (r->sweep + 4) & 0x1ffff;
    }
}

void smmu_registers_check(struct oracle *o)
{
    bool often = o->config.span_pages;
    uint32_t dense = often ? PAGE_BYTES_NAMED : PAGE_BYTES_HELD;

    for ( uint32_t page = 0; page <= PAGE_1; page += PAGE_1 )
        for ( uint32_t at = page; at < page + dense; at += 4 )
            if ( !left_out(o, at) )
                check_now(o, at);
    /* Who begins at the same state again and again begins elsewhere. */
    if ( often )
        smmu(o)->registers.sweep = (uint32_t)(o->tick * SWEEP_OFTEN) & 0x1fffc;
    check_reserved(o, often ? SWEEP_OFTEN : SWEEP_BYTES);
    for ( unsigned int i = 0; often && i < o->writes && i < WRITTEN_MAX; i++ )
        if ( o->written[i] < 0x20000 )
            check_now(o, o->written[i]);
}
