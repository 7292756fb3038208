/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where QEMU's smmuv3 is known to deviate from the specification.  Each
 * predicate looks at the program and at what our model met, never at what QEMU
 * answered alone; docs/differential.md has a reproducer of each row.
 */

#include <qemu/smmuv3/smmuv3.h>

#include <qemu/fields.h>

/* Events (7.3). */
#define C_BAD_STE    0x04
#define F_STE_FETCH  0x03
#define F_CD_FETCH   0x09
#define F_WALK_EABT  0x0b
#define F_ADDR_SIZE  0x11
#define F_ACCESS     0x12
#define F_PERMISSION 0x13

/* CLASS of an event: what was accessed when it came. */
#define EVENT_CLASS(word1) ((unsigned int)((word1) >> 40) & 3)
#define CLASS_IN           2

/* Descriptors of the tables. */
#define BLOCK     1
#define APTABLE_0 (UINT64_C(1) << 61)

/* 1G, as a mask; and the input size of a stage 2 that says none. */
#define LARGEST_BLOCK   UINT64_C(0x3fffffff)
#define STAGE_2_DEFAULT 40

#define WITH_STAGE_2 "8.1"
#define BEFORE_10    "9.99"

/* A record is added to others that were not taken out yet (3.5.3). */
static bool interrupt_for_each_event(const struct diff_case *c,
                                     const struct difference *d)
{
    const struct diff_seen *seen = c->run[d->side].seen;
    size_t i = d->operation;

    if ( d->kind != DIFFERENCE_EVENT ||
         c->program->op[d->operation].code != OP_DMA )
        return false;
    while ( i-- )
        if ( seen[i].looked )
            return seen[i].reg[REG_EVENTQ_PROD];
    return false;
}

/* TG is set, and neither NUM, SCALE nor TTL (4.4.1). */
static bool reserved_range(const struct diff_case *c,
                           const struct difference *d)
{
    for ( size_t i = 0; i <= d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( (op->code == SMMUV3_OP_TLBI_NH_VA ||
              op->code == SMMUV3_OP_TLBI_NH_VAA) &&
             field_get(op, "tg") && !field_get(op, "num") &&
             !field_get(op, "scale") && !field_get(op, "ttl") )
            return true;
    }
    return false;
}

static bool has_stage_2(const struct diff_case *c)
{
    return c->program->machine.id[SMMUV3_ID_IDR0] & SMMUV3_IDR0_S2P;
}

/* Commands that a unit without EL2, or without stage 2, does not have (4.1.3).
 */
static bool unknown_command(const struct diff_case *c,
                            const struct difference *d)
{
    for ( size_t i = 0; i <= d->operation; i++ )
        switch ( c->program->op[i].code )
        {
        case SMMUV3_OP_TLBI_S12_VMALL:
        case SMMUV3_OP_TLBI_S2_IPA:
            if ( !has_stage_2(c) )
                return true;
            break;
        case SMMUV3_OP_COMMAND:
        case SMMUV3_OP_TLBI_EL2_ALL:
        case SMMUV3_OP_TLBI_EL2_ASID:
        case SMMUV3_OP_TLBI_EL2_VA:
        case SMMUV3_OP_TLBI_EL2_VAA:
            return true;
        default:
            break;
        }
    return false;
}

static bool is_dma(const struct diff_case *c, const struct difference *d)
{
    return c->program->op[d->operation].code == OP_DMA;
}

static bool beyond_48_bits(const struct diff_case *c,
                           const struct difference *d)
{
    return is_dma(c, d) && op_arg(&c->program->op[d->operation], 2) >> 48;
}

static bool event_queue_overflow(const struct diff_case *c,
                                 const struct difference *d)
{
    return c->run[SIDE_MODEL].seen[d->operation].reg[REG_EVENTQ_CONS];
}

/* Is that what the DMA must end with, or, in a stale window, may? */
static bool may_end_with(const struct diff_case *c, const struct difference *d,
                         unsigned int reason)
{
    const struct diff_dma *dma = &c->dma[d->operation];

    if ( !is_dma(c, d) )
        return false;
    for ( unsigned int i = 0; i < dma->legal.count; i++ )
        if ( !dma->legal.result[i].ok &&
             dma->legal.result[i].reason == reason )
            return true;
    return dma->reason == reason;
}

static bool access_flag(const struct diff_case *c, const struct difference *d)
{
    return may_end_with(c, d, F_ACCESS);
}

static bool address_size(const struct diff_case *c, const struct difference *d)
{
    return may_end_with(c, d, F_ADDR_SIZE);
}

static bool fetch_address(const struct diff_case *c,
                          const struct difference *d)
{
    return may_end_with(c, d, F_CD_FETCH) || may_end_with(c, d, F_STE_FETCH);
}

static bool global_entries(const struct diff_case *c,
                           const struct difference *d)
{
    if ( !is_dma(c, d) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
        if ( c->program->op[i].code == SMMUV3_OP_MAP &&
             field_get(&c->program->op[i], "global") )
            return true;
    return false;
}

/* AP[1] = 0 of a leaf, or APTable[0] = 1 above it. */
static bool privileged_only(const struct diff_case *c,
                            const struct difference *d)
{
    if ( !is_dma(c, d) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( (op->code == SMMUV3_OP_MAP && !(field_get(op, "ap") & 1) &&
              field_get(op, "ap") != SMMUV3_AP_OF_RIGHTS) ||
             (op->code == SMMUV3_OP_ENTRY && op_arg(op, 3) & APTABLE_0) )
            return true;
    }
    return false;
}

/* A block descriptor at a level that has none. */
static bool block_level(const struct diff_case *c, const struct difference *d)
{
    if ( !is_dma(c, d) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == SMMUV3_OP_ENTRY && op_arg(op, 2) < 2 &&
             (op_arg(op, 3) & 3) == BLOCK )
            return true;
    }
    return false;
}

static bool wrote_before(const struct diff_case *c, const struct difference *d,
                         unsigned int code)
{
    for ( size_t i = 0; i <= d->operation; i++ )
        if ( c->program->op[i].code == code )
            return true;
    return false;
}

/* Registers that the program writes itself: reserved bits, and those that are
 * guarded by an enable (6.3). */
static bool guarded_registers(const struct diff_case *c,
                              const struct difference *d)
{
    return d->kind == DIFFERENCE_REGISTER && wrote_before(c, d, OP_WRITE);
}

static bool span(const struct diff_case *c, const struct difference *d)
{
    return is_dma(c, d) && wrote_before(c, d, SMMUV3_OP_L1STD);
}

/* Beside a second table the first is not taken for its half alone. */
static bool second_table(const struct diff_case *c, const struct difference *d)
{
    if ( !is_dma(c, d) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
        if ( c->program->op[i].code == SMMUV3_OP_CD &&
             field_get(&c->program->op[i], "table1") != SMMUV3_NO_TABLE )
            return true;
    return false;
}

/* Where programs have no memory QEMU's machine has flash and devices. */
static bool table_outside_memory(const struct diff_case *c,
                                 const struct difference *d)
{
    return may_end_with(c, d, F_WALK_EABT);
}

/* ---- stage 2 ---- */

/* The last entry that the program has written for the device of the DMA, if it
 * has stage 2; else NULL. */
static const struct operation *stage_2_entry(const struct diff_case *c,
                                             const struct difference *d)
{
    const struct operation *dma = &c->program->op[d->operation];

    if ( !is_dma(c, d) )
        return NULL;
    for ( size_t i = d->operation; i--; )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == SMMUV3_OP_STE && op_arg(op, 0) == op_arg(dma, 0) )
            return op_arg(op, 1) >= SMMUV3_CONFIG_STAGE_2 ? op : NULL;
    }
    return NULL;
}

/* An access that stage 2 forbids, near one that it may have let through. */
static bool stage_2_right_on_hit(const struct diff_case *c,
                                 const struct difference *d)
{
    uint64_t iova = op_arg(&c->program->op[d->operation], 2);

    if ( !stage_2_entry(c, d) || !may_end_with(c, d, F_PERMISSION) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
        if ( c->dma[i].made &&
             !((op_arg(&c->program->op[i], 2) ^ iova) & ~LARGEST_BLOCK) )
            for ( unsigned int n = 0; n < c->dma[i].legal.count; n++ )
                if ( c->dma[i].legal.result[n].ok )
                    return true;
    return false;
}

static bool stage_2_address_size(const struct diff_case *c,
                                 const struct difference *d)
{
    return stage_2_entry(c, d) && may_end_with(c, d, F_ADDR_SIZE);
}

/* What QEMU 10 has left of that: without stage 2. */
static bool address_size_rest(const struct diff_case *c,
                              const struct difference *d)
{
    return address_size(c, d) && !stage_2_entry(c, d);
}

/* RnW of what was fetched for a write. */
static bool stage_2_walk_access(const struct diff_case *c,
                                const struct difference *d)
{
    const struct diff_seen *seen = &c->run[SIDE_MODEL].seen[d->operation];

    return stage_2_entry(c, d) && d->kind == DIFFERENCE_REGISTER &&
           d->reg == REG_EVENT + 1 &&
           op_arg(&c->program->op[d->operation], 1) == REQUEST_WRITE &&
           EVENT_CLASS(seen->reg[REG_EVENT + 1]) != CLASS_IN;
}

/* How many bits one table at the level where walks start resolves, those below
 * included. */
static unsigned int start_bits(const struct program_table *t)
{
    unsigned int granule = (unsigned int)t->option[SMMUV3_TABLE_GRANULE];
    unsigned int last = granule == 12 ? 2 : 3;
    unsigned int sl0 = (unsigned int)t->option[SMMUV3_TABLE_SL0];
    unsigned int level = sl0 > last ? 0 : last - sl0;

    return granule + (4 - level) * (granule - 3);
}

static unsigned int input_bits(const struct program_table *t)
{
    unsigned int t0sz = (unsigned int)t->option[SMMUV3_TABLE_T0SZ];

    return t0sz ? 64 - t0sz : STAGE_2_DEFAULT;
}

static const struct program_table *stage_2_table(const struct diff_case *c,
                                                 const struct difference *d)
{
    const struct operation *ste = stage_2_entry(c, d);
    uint64_t table = ste ? field_get(ste, "s2table") : SMMUV3_NO_TABLE;

    return table == SMMUV3_NO_TABLE ? NULL : &c->program->machine.table[table];
}

/* Without S2SL0 the fewest levels are taken, which means several tables. */
static bool concatenated(const struct diff_case *c, const struct difference *d)
{
    const struct program_table *t = stage_2_table(c, d);

    return t && (t->option[SMMUV3_TABLE_SL0] == SMMUV3_SL0_AUTO ||
                 input_bits(t) > start_bits(t));
}

/* Less than two entries are left of the table at the start. */
static bool start_level(const struct diff_case *c, const struct difference *d)
{
    const struct program_table *t = stage_2_table(c, d);

    return t && t->option[SMMUV3_TABLE_SL0] != SMMUV3_SL0_AUTO &&
           may_end_with(c, d, C_BAD_STE);
}

/* clang-format off */
const struct deviation smmuv3_deviations[] = {
    { "interrupt-for-each-event", NULL, NULL, "3.5.3",
      "the event queue interrupts for each record, not only for the first",
      interrupt_for_each_event },
    { "reserved-range", NULL, NULL, "4.4.1",
      "TLBI by range with TG but no NUM, SCALE or TTL is no CERROR_ILL",
      reserved_range },
    { "unknown-command", NULL, NULL, "4.1.3",
      "commands that the unit does not have are no CERROR_ILL",
      unknown_command },
    { "beyond-48-bits", NULL, BEFORE_10, "3.4.1",
      "a DMA at 2^48 or above ends without an event", beyond_48_bits },
    { "event-queue-overflow", NULL, NULL, "7.4",
      "a full event queue raises EVENTQ_ABT_ERR, not OVFLG",
      event_queue_overflow },
    { "access-flag", NULL, BEFORE_10, "7.3.15",
      "AF = 0 is no F_ACCESS", access_flag },
    { "address-size", NULL, BEFORE_10, "7.3.14",
      "output addresses are not compared with IPS and OAS", address_size },
    { "address-size-rest", "10", NULL, "7.3.14",
      "beyond OAS bypass ends without an event, a table is F_WALK_EABT, a leaf "
      "without AF is F_ACCESS", address_size_rest },
    { "fetch-address", NULL, NULL, "7.3.10",
      "FetchAddr stands in the third word of a record, not in the fourth",
      fetch_address },
    { "global-entries", NULL, NULL, "4.4.2.4",
      "a global entry is not removed by a TLBI with another ASID",
      global_entries },
    { "privileged-only", NULL, NULL, "3.13",
      "AP[1] and APTable[0] don't keep unprivileged accesses off",
      privileged_only },
    { "block-level", NULL, NULL, "3.4",
      "a block is taken at any level above 3", block_level },
    { "guarded-registers", NULL, NULL, "6.3",
      "reserved bits of registers can be written, and what an enable guards",
      guarded_registers },
    { "span", NULL, NULL, "5.1.1",
      "L1STD.Span is taken as 2^Span entries, 0 and reserved values as some",
      span },
    { "second-table", NULL, BEFORE_10, "5.4",
      "with TTB1 in use, EPD0 and the half of an address are misjudged",
      second_table },
    { "table-outside-memory", NULL, NULL, "7.3.12",
      "the machine has flash and devices where programs have no memory: a "
      "table there is no F_WALK_EABT", table_outside_memory },
    { "stage-2-right-on-hit", WITH_STAGE_2, NULL, "3.13, 7.3.16",
      "on a hit a missing right of stage 2 is let through, or its event is "
      "missing or has no IPA", stage_2_right_on_hit },
    { "stage-2-address-size", WITH_STAGE_2, NULL, "3.4.1, 7.3.14",
      "addresses beyond OAS or S2PS are no F_ADDR_SIZE", stage_2_address_size },
    { "stage-2-walk-access", WITH_STAGE_2, NULL, "7.3.13",
      "RnW of a fault of CLASS CD or TT is that of the fetch",
      stage_2_walk_access },
    { "concatenated-tables", WITH_STAGE_2, NULL, "5.2",
      "of the tables that stage 2 starts with only the first is found",
      concatenated },
    { "stage-2-start-level", WITH_STAGE_2, NULL, "5.2",
      "an S2SL0 that starts too early for S2T0SZ is no C_BAD_STE",
      start_level },
    { NULL, NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */
