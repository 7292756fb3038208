/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P10: the register map (11.4) as a table, what software may expect to read
 * back, and what its writes set off.
 *
 * 64-bit registers are two cells: what a write of 8 bytes does is what two of
 * 4 bytes do, the low one first.
 */
#include "internal.h"

#include <inttypes.h>

enum present {
    ALWAYS,
    WITH_QI,
    WITH_IR,  /* replay only */
    WITH_EIM, /* likewise */
    WITH_IOTLB
};

/*
 * @writable: bits that keep what is written.  @predicted: bits whose value at
 * a read follows from that and from the reset value; the others are the
 * hardware's, or undefined, and are judged elsewhere or not at all.
 */
struct row {
    const char *name;
    uint32_t offset;
    unsigned int size;
    enum present present;
    uint64_t writable, predicted, reset;
};

#define ALL32        UINT64_C(0xffffffff)
#define ADDRESS_MASK UINT64_C(0xfffffffffffff000)

/* clang-format off */
static const struct row rows[] = {
    { "GCMD", REG_GCMD, 4, ALWAYS, 0, ALL32, 0 },
    { "GSTS", REG_GSTS, 4, ALWAYS, 0, 0, 0 },            /* dynamic() */
    { "RTADDR", REG_RTADDR, 8, ALWAYS,
      ADDRESS_MASK | 0xc00, UINT64_MAX, 0 },
    { "CCMD", REG_CCMD, 8, ALWAYS,
      UINT64_C(0x60000003ffffffff), UINT64_C(0x07fffffc0000ffff), 0 },
    { "FSTS", REG_FSTS, 4, ALWAYS, 0, UINT64_C(0xffff0000), 0 },
    { "FECTL", REG_FECTL, 4, ALWAYS,
      ECTL_IM, UINT64_C(0xbfffffff), ECTL_IM },
    { "FEDATA", REG_FEDATA, 4, ALWAYS, 0xffff, UINT64_C(0xffff01ff), 0 },
    { "FEADDR", REG_FEADDR, 4, ALWAYS, UINT64_C(0xfffffffc), ALL32, 0 },
    { "FEUADDR", REG_FEUADDR, 4, WITH_EIM, ALL32, ALL32, 0 },
    { "IQH", REG_IQH, 8, WITH_QI, 0, ~IQ_POINTER, 0 },
    { "IQT", REG_IQT, 8, WITH_QI, IQ_POINTER, UINT64_MAX, 0 },
    { "IQA", REG_IQA, 8, WITH_QI,
      ADDRESS_MASK | 7 | IQA_DW, ~IQA_DW, 0 },
    { "ICS", REG_ICS, 4, WITH_QI, 0, UINT64_C(0xfffffffe), 0 },
    { "IECTL", REG_IECTL, 4, WITH_QI,
      ECTL_IM, UINT64_C(0xbfffffff), ECTL_IM },
    { "IEDATA", REG_IEDATA, 4, WITH_QI, 0xffff, UINT64_C(0xffff01ff), 0 },
    { "IEADDR", REG_IEADDR, 4, WITH_QI, UINT64_C(0xfffffffc), ALL32, 0 },
    { "IEUADDR", REG_IEUADDR, 4, WITH_EIM, ALL32, ALL32, 0 },
    { "IQERCD", REG_IQERCD, 8, WITH_QI, 0, 0, 0 },
    { "IRTA", REG_IRTA, 8, WITH_IR,
      ADDRESS_MASK | 0x80f, ~UINT64_C(0x800), 0 },
    /* The offsets of these come from ECAP.IRO. */
    { "IVA", 0, 8, WITH_IOTLB, UINT64_MAX, 0, 0 },
    { "IOTLB_REG", 8, 8, WITH_IOTLB,
      UINT64_C(0x7003ffff00000000), UINT64_C(0x0003ffff00000000), 0 },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool row_present(const struct oracle *o, const struct row *row)
{
    uint64_t ecap = vtd(o)->ecap;

    switch ( row->present )
    {
    case WITH_QI:
        return ECAP_QI(ecap);
    case WITH_IR:
        return ECAP_IR(ecap);
    case WITH_EIM:
        return ECAP_EIM(ecap);
    default:
        return true;
    }
}

/* NULL: behind all registers.  It reads as 0, and is not written. */
static struct register_cell *cell_at(const struct oracle *o, uint32_t offset)
{
    const struct registers *r = &vtd(o)->registers;

    return offset < r->held ? &r->cell[offset / 4] : NULL;
}

static bool is_writable(const struct oracle *o, uint32_t offset)
{
    const struct register_cell *cell = cell_at(o, offset);

    return cell && cell->writable;
}

static void set_cells(struct oracle *o, uint32_t offset, unsigned int size,
                      const struct row *row)
{
    for ( unsigned int i = 0; i < size / 4; i++ )
    {
        struct register_cell *cell = cell_at(o, offset + 4 * i);

        if ( !cell )
            return;
        *cell = (struct register_cell) {
            .writable = (uint32_t)(row->writable >> (32 * (i & 1))),
            .predicted = (uint32_t)(row->predicted >> (32 * (i & 1))),
            .value = (uint32_t)(row->reset >> (32 * (i & 1)))
        };
    }
}

static void set_constant(struct oracle *o, uint32_t offset, unsigned int size,
                         uint64_t value)
{
    const struct row row = { .predicted = UINT64_MAX, .reset = value };

    set_cells(o, offset, size, &row);
}

static bool is_frcd(const struct oracle *o, uint32_t offset)
{
    uint32_t base = CAP_FRO(vtd(o)->cap);

    return offset >= base && offset < base + CAP_NFR(vtd(o)->cap) * FRCD_BYTES;
}

static uint32_t row_offset(const struct oracle *o, const struct row *row)
{
    return row->offset +
           (row->present == WITH_IOTLB ? ECAP_IRO(vtd(o)->ecap) : 0);
}

/* Most of the page is reserved. */
static void hold_cells(struct oracle *o)
{
    struct registers *r = &vtd(o)->registers;
    uint32_t end = CAP_FRO(vtd(o)->cap) + CAP_NFR(vtd(o)->cap) * FRCD_BYTES;

    for ( size_t i = 0; i < ROWS; i++ )
        if ( row_offset(o, &rows[i]) + rows[i].size > end )
            end = row_offset(o, &rows[i]) + rows[i].size;
    oracle_free(o, r->cell, r->held / 4 * sizeof(*r->cell));
    r->held = end;
    r->cell = oracle_alloc(o, end / 4 * sizeof(*r->cell));
}

void vtd_registers_reset(struct oracle *o)
{
    const struct row frcd = { 0 }; /* see faults.c */

    hold_cells(o);
    set_constant(o, 0, vtd(o)->registers.held, 0); /* reserved: reads as 0 */
    set_constant(o, REG_VER, 4, vtd(o)->version);
    set_constant(o, REG_CAP, 8, vtd(o)->cap);
    set_constant(o, REG_ECAP, 8, vtd(o)->ecap);
    for ( size_t i = 0; i < ROWS; i++ )
        if ( row_present(o, &rows[i]) )
            set_cells(o, row_offset(o, &rows[i]), rows[i].size, &rows[i]);
    set_cells(o, CAP_FRO(vtd(o)->cap), CAP_NFR(vtd(o)->cap) * FRCD_BYTES,
              &frcd);
    vtd(o)->registers.target = vtd(o)->registers.pending = 0;
    vtd(o)->registers.iqa_open = false;
}

uint32_t vtd_registers_value32(const struct oracle *o, uint32_t offset)
{
    const struct register_cell *cell = cell_at(o, offset);

    return cell ? cell->value : 0;
}

uint64_t vtd_registers_value64(const struct oracle *o, uint32_t offset)
{
    return (uint64_t)vtd_registers_value32(o, offset + 4) << 32 |
           vtd_registers_value32(o, offset);
}

/* ---- GCMD, GSTS (11.4.4) ---- */

static uint64_t gsts_built(const struct oracle *o)
{
    uint64_t built = G_TE | G_SRTP;

    if ( ECAP_QI(vtd(o)->ecap) )
        built |= G_QIE;
    if ( vtd(o)->replay )
        built |= G_IRE | G_SIRTP | G_CFI;
    return built;
}

static void write_gcmd(struct oracle *o, uint64_t value)
{
    const uint64_t level = G_TE | G_QIE | G_IRE | G_CFI;
    uint64_t built = gsts_built(o);
    uint64_t old = vtd(o)->registers.target;
    uint64_t change = (value ^ old) & level & built;

    vtd_undefined_event(o, ON_GCMD, value);
    vtd(o)->registers.target = (old & ~level) | (value & level & built);
    vtd(o)->registers.target |= value & built & (G_SRTP | G_SIRTP);
    vtd(o)->registers.pending |= change | (value & built & (G_SRTP | G_SIRTP));
    if ( change & G_TE )
        latch_begin(o, &vtd(o)->tes, (value & G_TE) != 0);
    if ( value & G_SRTP )
        /* 11.4.5: bits beyond HAW are ignored. */
        latch_begin(o, &vtd(o)->rtaddr,
                    below_haw(o, vtd_registers_value64(o, REG_RTADDR)));
    if ( (change & G_QIE) && (value & G_QIE) )
        vtd_commands_enable_queue(o);
    else if ( change & G_QIE )
        vtd_commands_disable_queue(o);
}

/* Has GSTS followed the commands? */
void vtd_registers_poll(struct oracle *o)
{
    uint64_t done;

    if ( !vtd(o)->registers.pending )
        return;
    done = vtd(o)->registers.pending &
           ~(peek(o, REG_GSTS, 4) ^ vtd(o)->registers.target);
    vtd(o)->registers.pending &= ~done;
    if ( done & G_TE )
        latch_end(o, &vtd(o)->tes);
    if ( done & G_SRTP )
    {
        latch_end(o, &vtd(o)->rtaddr);
        vtd_commands_root_latched(o);
        vtd_contexts_changed(o);
    }
}

void vtd_registers_quiescent(struct oracle *o)
{
    if ( vtd(o)->registers.pending )
        oracle_report(o, "P5", "never completed",
                      "GSTS does not follow GCMD: bits %" PRIx64
                      " of %" PRIx64,
                      vtd(o)->registers.pending, vtd(o)->registers.target);
}

/* One half.  While the queue is enabled (U5) the unit may follow the old one,
 * or what is written. */
static void write_iqa(struct oracle *o, uint32_t offset, uint32_t value)
{
    struct queue *q = &vtd(o)->queue;
    uint32_t half = (uint32_t)(offset == REG_IQA ? q->iqa : q->iqa >> 32);
    bool open = vtd_undefined_event(o, ON_IQA, value) &&
                (value != half || vtd(o)->registers.iqa_open);

    vtd(o)->registers.iqa_open = open;
    q->lost |= open;
}

/* ---- writes ---- */

static bool write_32(struct oracle *o, uint32_t offset, uint32_t value)
{
    switch ( offset )
    {
    case REG_GCMD:
        write_gcmd(o, value);
        return true;
    case REG_FSTS:
        vtd_faults_write_fsts(o, value);
        return true;
    case REG_FECTL:
    case REG_FECTL + 4:
    case REG_FECTL + 8:
    case REG_FECTL + 12:
        vtd_events_write(o, offset, value);
        return true;
    case REG_IECTL:
    case REG_IECTL + 4:
    case REG_IECTL + 8:
    case REG_IECTL + 12:
    case REG_ICS:
        if ( !ECAP_QI(vtd(o)->ecap) )
            return false;
        if ( offset == REG_ICS )
            vtd_events_write_ics(o, value);
        else
            vtd_events_write(o, offset, value);
        return true;
    case REG_IQT:
        vtd_commands_tail(o, value);
        return true;
    case REG_IQA:
    case REG_IQA + 4:
        write_iqa(o, offset, value);
        return true;
    default:
        return false;
    }
}

/* The commands whose go bit lies in the high half. */
static void write_go(struct oracle *o, uint32_t offset, uint32_t value)
{
    uint32_t iva = ECAP_IRO(vtd(o)->ecap);
    uint64_t high = (uint64_t)value << 32;

    if ( offset == REG_CCMD + 4 && (high & CCMD_ICC) )
        vtd_commands_ccmd(o, high | vtd_registers_value32(o, REG_CCMD));
    else if ( offset == iva + 12 && (high & IOTLB_IVT) )
        vtd_commands_iotlb(o, vtd_registers_value64(o, iva), high);
    else if ( is_frcd(o, offset) && offset % FRCD_BYTES == 12 &&
              (high & FRCD_F) )
        vtd_faults_write_frcd(o, (offset - CAP_FRO(vtd(o)->cap)) / FRCD_BYTES);
}

/* What a write does while the last command is under way is undefined (U3),
 * whatever ground that one was on (U2). */
static bool is_busy(struct oracle *o, uint32_t offset)
{
    uint32_t iva = ECAP_IRO(vtd(o)->ecap);

    if ( offset >= iva && offset < iva + 16 )
        return vtd(o)->iotlb.active ||
               (models_may_hold(o) &&
                peek(o, iva + 12, 4) & (uint32_t)(IOTLB_IVT >> 32));
    return vtd(o)->ccmd.active && (offset & ~7u) == REG_CCMD;
}

/* What reaches the unit are double words, whatever pair of them a quadword
 * is. */
static bool judged_access(uint32_t offset, unsigned int size)
{
    return (size == 4 || size == 8) && offset % 4 == 0 &&
           offset + size <= REGISTER_BYTES;
}

/* Other sizes and alignments have no effect. */
void vtd_registers_write(struct oracle *o, uint32_t offset, unsigned int size,
                         uint64_t value)
{
    if ( !judged_access(offset, size) )
        return;
    for ( unsigned int i = 0; i < size / 4; i++ )
    {
        uint32_t at = offset + 4 * i;
        uint32_t half = (uint32_t)(value >> (32 * i));
        struct register_cell *cell = cell_at(o, at);

        if ( cell )
        {
            cell->open = is_busy(o, at);
            cell->value = (cell->value & ~cell->writable) |
                          (half & cell->writable);
        }
        if ( !write_32(o, at, half) )
            write_go(o, at, half);
    }
}

/* ---- reads ---- */

/* Bits that events decide.  Most are the hardware's own until it is quiet. */
static void dynamic(const struct oracle *o, uint32_t offset, uint32_t *value,
                    uint32_t *mask)
{
    const struct faults *f = &vtd(o)->faults;
    bool quiet = o->quiet && !o->expected.lost;

    switch ( offset )
    {
    case REG_GSTS:
        *value = (uint32_t)vtd(o)->registers.target;
        *mask = (uint32_t)~vtd(o)->registers.pending;
        break;
    case REG_FSTS:
        *value |= (uint32_t)vtd_faults_fsts(o);
        if ( quiet && !vtd(o)->queue.lost )
            *mask |= (uint32_t)(f->fri_known ? ALL32 : ~FSTS_FRI);
        break;
    case REG_FECTL:
        *value |= f->fault.ip ? (uint32_t)ECTL_IP : 0;
        *mask |= quiet ? (uint32_t)ECTL_IP : 0;
        break;
    case REG_IECTL:
        *value |= f->invalidation.ip ? (uint32_t)ECTL_IP : 0;
        *mask |= quiet && !vtd(o)->queue.lost ? (uint32_t)ECTL_IP : 0;
        break;
    case REG_ICS:
        *value |= f->iwc ? (uint32_t)ICS_IWC : 0;
        *mask |= quiet && !vtd(o)->queue.lost ? (uint32_t)ICS_IWC : 0;
        break;
    case REG_IQH:
        *value = (uint32_t)vtd(o)->queue.head;
        *mask |= quiet && !vtd(o)->queue.lost && !vtd_commands_queue_held(o) ?
                     (uint32_t)IQ_POINTER :
                     0;
        break;
    case REG_IQA:
    case REG_IQA + 4:
        *mask &= vtd(o)->registers.iqa_open ? 0 : (uint32_t)ALL32;
        break;
    case REG_CCMD + 4:
        *mask |= quiet && !vtd(o)->ccmd.active ? 0x80000000u : 0;
        break;
    default:
        break;
    }
}

static const char *name_of(const struct oracle *o, uint32_t offset)
{
    for ( size_t i = 0; i < ROWS; i++ )
        if ( row_present(o, &rows[i]) &&
             offset - row_offset(o, &rows[i]) < rows[i].size )
            return rows[i].name;
    return offset < REG_GCMD ? "an identification register" :
                               "a reserved register";
}

static void check_cell(struct oracle *o, uint32_t offset, uint32_t value)
{
    const struct register_cell *cell = cell_at(o, offset);
    uint32_t expected = cell ? cell->value : 0;
    uint32_t mask = !cell ? UINT32_MAX : cell->open ? 0 : cell->predicted;

    /* The IQ registers and their like are reserved without ECAP.QI. */
    if ( ECAP_QI(vtd(o)->ecap) || offset < REG_IQH || offset > REG_IECTL )
        dynamic(o, offset, &expected, &mask);
    if ( (value ^ expected) & mask )
        oracle_report(o, "P10", "register value",
                      "%s (offset %" PRIx32 ") reads %" PRIx32
                      ", expected %" PRIx32 " in the bits %" PRIx32,
                      name_of(o, offset), offset, value, expected, mask);
}

void vtd_registers_read(struct oracle *o, uint32_t offset, unsigned int size,
                        uint64_t value)
{
    if ( !judged_access(offset, size) )
        return;
    for ( unsigned int i = 0; i < size / 4; i++ )
        check_cell(o, offset + 4 * i, (uint32_t)(value >> (32 * i)));
}

/* Behind here units have few registers, if any. */
#define MOSTLY_EMPTY 0x100u

#define EMPTY_TURNS 64

/* Whoever looks at many orders sees a sixteenth of all at a time; who looks
 * very often, one line of the emptiness. */
static bool left_out(const struct oracle *o, uint32_t offset)
{
    if ( o->config.few_registers )
        return oracle_not_its_turn(o, offset);
    return o->config.span_pages && offset >= MOSTLY_EMPTY &&
           (offset / 64 + o->tick) % EMPTY_TURNS && !is_writable(o, offset) &&
           !is_writable(o, offset | 4);
}

void vtd_registers_check(struct oracle *o)
{
    unsigned int size = o->config.span_pages ? 8 : 4;

    for ( uint32_t offset = 0; offset < REGISTER_BYTES; offset += size )
        if ( !left_out(o, offset) )
            vtd_registers_read(o, offset, size, peek(o, offset, size));
    for ( unsigned int i = 0; i < o->writes && i < WRITTEN_MAX; i++ )
        if ( o->written[i] < REGISTER_BYTES && left_out(o, o->written[i]) )
            check_cell(o, o->written[i], (uint32_t)peek(o, o->written[i], 4));
}
