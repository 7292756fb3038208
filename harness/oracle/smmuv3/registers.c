/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P10: the register map (6.3) as a table, what software may expect to read
 * back, and what its writes set off.
 *
 * 64-bit registers are two cells: what a write of 8 bytes does is what two of
 * 4 bytes do, the low one first.
 */
#include "internal.h"

#include <inttypes.h>

#define ALL32               UINT64_C(0xffffffff)
#define BASE_PREDICTED(low) (MASK64(47, low) | MASK64(63, 56))

/* clang-format off */
static const struct register_row rows[] = {
    { "CR0", REG_CR0, 4, GUARD_NONE, true,
      CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN, ALL32 },
    { "CR0ACK", REG_CR0ACK, 4, GUARD_NONE, true, 0, 0 },   /* dynamic() */
    { "CR1", REG_CR1, 4, GUARD_CR1, false, CR1_QUEUE | CR1_TABLE, ALL32 },
    { "CR2", REG_CR2, 4, GUARD_SMMUEN, false,
      CR2_E2H | CR2_RECINVSID | CR2_PTM, ALL32 & ~(CR2_PTM | CR2_E2H) },
    { "GBPA", REG_GBPA, 4, GUARD_NONE, true,
      GBPA_ABORT | GBPA_PERMS | GBPA_TYPES,
      ALL32 & ~(GBPA_PERMS | GBPA_TYPES | GBPA_UPDATE) },
    { "AGBPA", REG_AGBPA, 4, GUARD_NONE, true, 0, 0 },
    { "IRQ_CTRL", REG_IRQ_CTRL, 4, GUARD_NONE, true,
      IRQ_GERROR | IRQ_EVENTQ, ALL32 },
    { "IRQ_CTRLACK", REG_IRQ_CTRLACK, 4, GUARD_NONE, true, 0, 0 },
    { "GERROR", REG_GERROR, 4, GUARD_NONE, true, 0, 0 },
    { "GERRORN", REG_GERRORN, 4, GUARD_NONE, true,
      MASK64(8, 0), ALL32 & ~(MASK64(8, 3) | BIT64(1)) },
    { "STRTAB_BASE", REG_STRTAB_BASE, 8, GUARD_SMMUEN, false,
      BIT64(62) | MASK64(55, 6), BASE_PREDICTED(6) | 0x3f },
    { "STRTAB_BASE_CFG", REG_STRTAB_BASE_CFG, 4, GUARD_SMMUEN, false,
      MASK64(17, 16) | MASK64(10, 0), ALL32 },
    { "CMDQ_BASE", REG_CMDQ_BASE, 8, GUARD_CMDQEN, false,
      BIT64(62) | MASK64(55, 5) | 0x1f, BASE_PREDICTED(5) },
    { "CMDQ_PROD", REG_CMDQ_PROD, 4, GUARD_NONE, false,
      QUEUE_POINTER, MASK64(31, 20) },
    { "CMDQ_CONS", REG_CMDQ_CONS, 4, GUARD_CMDQEN, false,
      QUEUE_POINTER | CMDQ_ERR_FIELD, BIT64(31) | MASK64(23, 20) },
    { "EVENTQ_BASE", REG_EVENTQ_BASE, 8, GUARD_EVENTQEN, false,
      BIT64(62) | MASK64(55, 5) | 0x1f, BASE_PREDICTED(5) },
    { "EVENTQ_PROD alias", REG_EVENTQ_ALIAS, 8, GUARD_NONE, true, 0, 0 },
    { "PRIQ_PROD alias", REG_PRIQ_ALIAS, 8, GUARD_NONE, true, 0, 0 },
    { "EVENTQ_PROD", REG_EVENTQ_PROD, 4, GUARD_EVENTQEN, false,
      QUEUE_POINTER | QUEUE_OVFLG, MASK64(30, 20) },
    { "EVENTQ_CONS", REG_EVENTQ_CONS, 4, GUARD_NONE, false,
      QUEUE_POINTER | QUEUE_OVFLG, MASK64(30, 20) },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct register_cell *register_cell(const struct oracle *o, uint32_t offset)
{
    uint32_t page = offset >> 16, at = offset & 0xffff;

    if ( page > 1 || at >= PAGE_BYTES_HELD )
        return NULL;
    return &smmu(o)->registers.cell[(page * PAGE_BYTES_HELD + at) / 4];
}

const struct register_row *register_row(uint32_t offset)
{
    /* They are sorted. */
    for ( size_t i = 0; i < ROWS && offset >= rows[i].offset; i++ )
        if ( offset < rows[i].offset + rows[i].size )
            return &rows[i];
    return NULL;
}

uint32_t smmu_register(const struct oracle *o, uint32_t offset)
{
    const struct register_cell *cell = register_cell(o, offset);
    const struct oracle_world *world = &o->config.world;

    return cell->open ? (uint32_t)world->peek(world->context, offset, 4) :
                        cell->value;
}

uint64_t smmu_register64(const struct oracle *o, uint32_t offset)
{
    return (uint64_t)smmu_register(o, offset + 4) << 32 |
           smmu_register(o, offset);
}

static void set_row(struct oracle *o, const struct register_row *row)
{
    for ( unsigned int i = 0; i < row->size / 4; i++ )
        *register_cell(o, row->offset + 4 * i) = (struct register_cell) {
            .writable = (uint32_t)(row->writable >> (32 * i)),
            .predicted = (uint32_t)(row->predicted >> (32 * i)),
            .open = !row->known
        };
}

static void set_constant(struct oracle *o, uint32_t offset, uint32_t value)
{
    *register_cell(o,
                   offset) = (struct register_cell) { .predicted = UINT32_MAX,
                                                      .value = value };
}

void smmu_p10_reset(struct oracle *o)
{
    struct registers *r = &smmu(o)->registers;
    const uint32_t *idr = smmu(o)->idr;

    for ( unsigned int i = 0; i < REGISTER_CELLS; i++ )
        r->cell[i] = (struct register_cell) { .predicted = UINT32_MAX };
    for ( size_t i = 0; i < ROWS; i++ )
        set_row(o, &rows[i]);
    for ( unsigned int i = 0; i < 6; i++ )
        set_constant(o, REG_IDR0 + 4 * i, idr[i]);
    set_constant(o, REG_IIDR, (uint32_t)o->config.id[6]);
    set_constant(o, REG_AIDR, (uint32_t)o->config.id[7]);
    if ( IDR0_ATS(idr[0]) )
        register_cell(o, REG_CR0)->writable |= (uint32_t)CR0_ATSCHK;
    if ( IDR0_HYP(idr[0]) )
        register_cell(o, REG_CR2)->predicted |= (uint32_t)CR2_E2H;
    if ( IDR1_PERMS_OVR(idr[1]) )
        register_cell(o, REG_GBPA)->predicted |= (uint32_t)GBPA_PERMS;
    if ( IDR0_ST_LEVEL(idr[0]) != 1 )
        register_cell(o, REG_STRTAB_BASE_CFG)->predicted &= 0xfffcf83f;
    if ( o->config.options & ORACLE_SMMUV3_GBPA_ABORT )
        register_cell(o, REG_GBPA)->value = (uint32_t)GBPA_ABORT;
    r->odd_size = 0;
    r->sweep = PAGE_BYTES_HELD;
    r->cr0_open = r->irq_open = 0;
    r->gbpa_pending = false;
}

/* ---- CR0, GBPA, IRQ_CTRL ---- */

static void enable(struct oracle *o, bool on)
{
    struct smmu *m = smmu(o);
    uint64_t value = 0;

    if ( on )
    {
        m->frame = oracle_grow(o, m->frame, m->frames, &m->frame_room,
                               sizeof(m->frame[0]));
        m->frame[m->frames] = (struct frame) {
            .strtab = smmu_register64(o, REG_STRTAB_BASE),
            .cfg = smmu_register(o, REG_STRTAB_BASE_CFG),
            .cr2 = smmu_register(o, REG_CR2),
        };
        value = ++m->frames;
    }
    latch_begin(o, &m->enable, value);
}

static void write_cr0(struct oracle *o, uint32_t value)
{
    struct registers *r = &smmu(o)->registers;
    struct register_cell *cell = register_cell(o, REG_CR0);
    uint32_t change = (value ^ cell->value) & cell->writable;

    smmu_undefined_event(o, ON_CR0, change);
    r->cr0_open |= change;
    cell->value = value & cell->writable;
    if ( change & CR0_EVENTQEN )
        (value & CR0_EVENTQEN ? smmu_events_enable : smmu_events_disable)(o);
    if ( change & CR0_CMDQEN )
    {
        register_cell(o, REG_CMDQ_CONS)->open = true;
        (value & CR0_CMDQEN ? smmu_commands_enable : smmu_commands_disable)(o);
    }
    if ( change & CR0_EVENTQEN )
        register_cell(o, REG_EVENTQ_PROD)->open = true;
    if ( change & CR0_SMMUEN )
        enable(o, value & CR0_SMMUEN);
}

/* 6.3.15: fields are taken with UPDATE alone. */
static void write_gbpa(struct oracle *o, uint32_t value)
{
    struct registers *r = &smmu(o)->registers;
    struct register_cell *cell = register_cell(o, REG_GBPA);

    if ( !(value & GBPA_UPDATE) )
        return;
    if ( smmu_undefined_event(o, ON_GBPA, value) )
        cell->open = true;
    cell->value = value & cell->writable;
    latch_begin(o, &smmu(o)->gbpa, value);
    r->gbpa_pending = true;
}

static void write_irq_ctrl(struct oracle *o, uint32_t value)
{
    struct register_cell *cell = register_cell(o, REG_IRQ_CTRL);
    uint32_t change = (value ^ cell->value) & cell->writable;

    smmu_events_settle(o, false);
    smmu(o)->registers.irq_open |= change;
    cell->value = value & cell->writable;
}

static void poll_gbpa(struct oracle *o)
{
    struct register_cell *cell = register_cell(o, REG_GBPA);
    uint32_t now = (uint32_t)peek(o, REG_GBPA, 4);

    if ( now & GBPA_UPDATE )
        return;
    smmu(o)->registers.gbpa_pending = false;
    if ( cell->open ) /* two updates at once: which it was */
        latch_begin(o, &smmu(o)->gbpa, now);
    cell->open = false;
    cell->value = now & cell->writable;
    latch_end(o, &smmu(o)->gbpa);
}

/* ---- writes ---- */

/* CR0 and what of it still holds as CR0ACK. */
static uint32_t enabled(const struct oracle *o)
{
    return register_cell(o, REG_CR0)->value | smmu(o)->registers.cr0_open;
}

static uint32_t guard_bits(enum guard guard)
{
    static const uint32_t bits[] = {
        [GUARD_NONE] = 0,
        [GUARD_SMMUEN] = CR0_SMMUEN,
        [GUARD_CMDQEN] = CR0_CMDQEN,
        [GUARD_EVENTQEN] = CR0_EVENTQEN,
        [GUARD_CR1] = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN,
    };

    return bits[guard];
}

/* Bits that a write may change now. */
static uint32_t unguarded(const struct oracle *o, enum guard guard)
{
    uint32_t on = enabled(o) & guard_bits(guard);

    if ( guard != GUARD_CR1 )
        return on ? 0 : UINT32_MAX;
    return (uint32_t)((on & CR0_SMMUEN ? 0 : CR1_TABLE) |
                      (on & ~CR0_SMMUEN ? 0 : CR1_QUEUE));
}

static void write_plain(struct oracle *o, const struct register_row *row,
                        uint32_t offset, uint32_t value)
{
    struct register_cell *cell = register_cell(o, offset);
    uint32_t mask = unguarded(o, row->guard) & cell->writable;

    if ( smmu_undefined_event(o, ON_GUARDED, guard_bits(row->guard)) )
        cell->open = true;
    if ( !mask )
        return;
    if ( mask == cell->writable )
        cell->open = false;
    cell->value = (cell->value & ~mask) | (value & mask);
}

static void word_write(struct oracle *o, uint32_t offset, uint32_t value)
{
    const struct register_row *row = register_row(offset);

    if ( !row || !register_cell(o, offset)->writable )
        return;
    switch ( offset )
    {
    case REG_CR0:
        write_cr0(o, value);
        return;
    case REG_GBPA:
        write_gbpa(o, value);
        return;
    case REG_IRQ_CTRL:
        write_irq_ctrl(o, value);
        return;
    default:
        break;
    }
    write_plain(o, row, offset, value);
    value = smmu_register(o, offset);
    if ( offset == REG_GERRORN )
        smmu_events_acknowledge(o, value);
    else if ( offset == REG_CMDQ_PROD )
        smmu_commands_prod(o, value);
    else if ( offset == REG_EVENTQ_CONS )
        smmu_events_consumed(o, value);
}

/* 6.2: 32 bits, and 64 for registers of 64. */
bool register_access(uint32_t offset, unsigned int size)
{
    const struct register_row *row = register_row(offset);

    if ( offset % size || offset + size > 0x20000 )
        return false;
    return size == 4 || (size == 8 && row && row->size == 8);
}

void smmu_registers_write(struct oracle *o, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    struct registers *r = &smmu(o)->registers;

    if ( offset >= REG_EVENTQ_ALIAS && offset < REG_EVENTQ_ALIAS + 8 )
    {
        /* The unit may take it for the register of page 1. */
        smmu_undefined_meet(o, U_ALIAS, 0);
        r->odd_offset = REG_EVENTQ_PROD;
        r->odd_size = 8;
    }
    else if ( register_access(offset, size) )
        for ( unsigned int i = 0; i < size / 4; i++ )
            word_write(o, offset + 4 * i, (uint32_t)(value >> (32 * i)));
    else
    {
        r->odd_offset = offset & ~UINT32_C(3);
        r->odd_size = (offset & 3) + size;
    }
}

/* What has an access done whose effect is open?  It is followed from there. */
static void poll_odd(struct oracle *o)
{
    struct registers *r = &smmu(o)->registers;
    uint32_t offset = r->odd_offset, end = offset + r->odd_size;

    for ( r->odd_size = 0; offset < end; offset += 4 )
    {
        struct register_cell *cell = register_cell(o, offset);
        uint32_t now;

        if ( !cell || !cell->writable )
            continue;
        smmu_undefined_meet(o, U_ACCESS, 0);
        now = (uint32_t)peek(o, offset, 4);
        if ( (now ^ cell->value) & cell->writable )
            word_write(o, offset, now);
    }
}

void smmu_registers_poll(struct oracle *o)
{
    struct registers *r = &smmu(o)->registers;
    uint32_t done, ack;

    if ( r->odd_size )
        poll_odd(o);
    if ( r->gbpa_pending )
        poll_gbpa(o);
    if ( r->irq_open )
    {
        ack = (uint32_t)peek(o, REG_IRQ_CTRLACK, 4);
        r->irq_open &= ack ^ register_cell(o, REG_IRQ_CTRL)->value;
    }
    if ( !r->cr0_open )
        return;
    ack = (uint32_t)peek(o, REG_CR0ACK, 4);
    done = r->cr0_open & ~(ack ^ register_cell(o, REG_CR0)->value);
    r->cr0_open &= ~done;
    if ( done & CR0_SMMUEN )
    {
        latch_end(o, &smmu(o)->enable);
        smmu_watches_changed(o);
    }
}

void smmu_registers_quiescent(struct oracle *o)
{
    const struct registers *r = &smmu(o)->registers;

    if ( r->cr0_open )
        oracle_report(o, "P5", "never completed",
                      "CR0ACK does not follow CR0: bits %" PRIx32,
                      r->cr0_open);
    if ( r->irq_open )
        oracle_report(o, "P5", "never completed",
                      "IRQ_CTRLACK does not follow IRQ_CTRL: bits %" PRIx32,
                      r->irq_open);
    if ( r->gbpa_pending )
        oracle_report(o, "P5", "never completed", "GBPA.UPDATE stays 1");
}
