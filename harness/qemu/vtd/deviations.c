/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where QEMU's intel-iommu is known to deviate from the specification.  Each
 * predicate looks at the program and at what our model met, never at what QEMU
 * answered alone; docs/differential.md has a reproducer of each row.
 */

#include <qemu/vtd/vtd.h>
#include <qemu/fields.h>

#define BEFORE_10 "9.99"

#define REASON_WRITE            0x5
#define REASON_READ             0x6
#define REASON_CONTEXT_RESERVED 0xb

#define GCMD       0x18
#define GCMD_IRE   UINT64_C(0x2000000)
#define GCMD_SIRTP UINT64_C(0x1000000)

#define FSTS     0x34
#define FSTS_IQE 0x10u

#define GSTS_QIES  (UINT64_C(1) << 26)
#define FECTL_IP   (UINT64_C(1) << 30)
#define FRCD_HIGH  0x228
#define RTADDR_TTM UINT64_C(0xc00)

#define TT_PASS_THROUGH 2
#define LARGEST_AW      2

#define INTERRUPT_RANGE UINT64_C(0xfee00000)

/* 1 GiB: where an access ended outside memory its page is not known. */
#define LARGEST_PAGE UINT64_C(0x3fffffff)

static bool is_dma(const struct diff_case *c, size_t operation)
{
    return c->program->op[operation].code == OP_DMA;
}

static bool translated(const struct diff_dma *dma)
{
    for ( unsigned int i = 0; i < dma->legal.count; i++ )
        if ( dma->legal.result[i].ok )
            return true;
    return false;
}

/* The access lacks a right, and an earlier one of the page was translated:
 * QEMU may have it in its IOTLB. */
static bool right_missing_on_hit(const struct diff_case *c,
                                 const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];
    const struct diff_dma *dma = &c->dma[d->operation];

    if ( !is_dma(c, d->operation) || !dma->made ||
         (dma->reason != REASON_WRITE && dma->reason != REASON_READ) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
        if ( is_dma(c, i) && translated(&c->dma[i]) &&
             !((op_arg(&c->program->op[i], 2) ^ op_arg(op, 2)) &
               ~(c->dma[i].reached ? c->dma[i].mask : LARGEST_PAGE)) )
            return true;
    return false;
}

/* QEMU does not count 0Bh among the faults that FPD suppresses. */
static bool reserved_context_with_fpd(const struct diff_case *c,
                                      const struct difference *d)
{
    const struct diff_dma *dma = &c->dma[d->operation];

    for ( unsigned int i = 0; i < dma->legal.count; i++ )
        if ( !dma->legal.result[i].ok &&
             dma->legal.result[i].reason == REASON_CONTEXT_RESERVED &&
             !dma->legal.result[i].recorded )
            return true;
    return false;
}

/* IQE is cleared while the queue is on: the unit reads on from the head. */
static bool queue_error_cleared(const struct diff_case *c,
                                const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return op->code == OP_WRITE && REG_OFFSET(op_arg(op, 0)) == FSTS &&
           op_arg(op, 1) & FSTS_IQE && d->operation &&
           c->run[SIDE_MODEL].seen[d->operation - 1].reg[REG_FSTS] & FSTS_IQE;
}

static bool had_descriptor(const struct diff_case *c,
                           const struct difference *d, uint32_t types)
{
    for ( size_t i = 0; i <= d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == VTD_OP_DESCRIPTOR &&
             types >> (op_arg(op, 0) & 0xf) & 1 )
            return true;
    }
    return false;
}

/* A device-TLB descriptor, and ECAP.DT = 0. */
static bool device_tlb_descriptor(const struct diff_case *c,
                                  const struct difference *d)
{
    return had_descriptor(c, d, 1u << 3);
}

/* A PASID-based IOTLB or PASID-cache descriptor, and ECAP.SMTS = 0. */
static bool pasid_descriptor(const struct diff_case *c,
                             const struct difference *d)
{
    return had_descriptor(c, d, 1u << 6 | 1u << 7);
}

static bool iqa_before_queue(const struct diff_case *c,
                             const struct difference *d)
{
    const struct diff_seen *seen = &c->run[SIDE_MODEL].seen[d->operation];

    return d->kind == DIFFERENCE_REGISTER && d->reg == REG_IQA &&
           !(seen->reg[REG_GSTS] & GSTS_QIES);
}

/* The last record is cleared by itself, FSTS not being written. */
static bool event_outlives_records(const struct diff_case *c,
                                   const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];
    const struct diff_seen *before;

    if ( op->code != OP_WRITE || !d->operation ||
         REG_OFFSET(op_arg(op, 0)) - FRCD_HIGH >= 8 )
        return false;
    before = &c->run[SIDE_MODEL].seen[d->operation - 1];
    return before->reg[REG_FECTL] & FECTL_IP;
}

static bool is_context(const struct operation *op, uint64_t device)
{
    return (op->code == VTD_OP_CONTEXT || op->code == VTD_OP_CONTEXT_RAW) &&
           op_arg(op, 0) == device;
}

/* The device's context entry has changed, and no IOTLB invalidation came
 * after that: QEMU finds translations by the source, before the entry. */
static bool hit_before_context(const struct diff_case *c,
                               const struct difference *d)
{
    uint64_t device = op_arg(&c->program->op[d->operation], 0);

    if ( !is_dma(c, d->operation) )
        return false;
    for ( size_t i = d->operation; i--; )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == VTD_OP_IOTLB_GLOBAL ||
             op->code == VTD_OP_IOTLB_DOMAIN )
            return false;
        if ( is_context(op, device) )
            return true;
    }
    return false;
}

static bool superpage_over_interrupts(const struct diff_case *c,
                                      const struct difference *d)
{
    if ( !is_dma(c, d->operation) )
        return false;
    for ( size_t i = 0; i < d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == VTD_OP_MAP && op_arg(op, 3) &&
             !((op_arg(op, 2) ^ INTERRUPT_RANGE) >> (12 + op_arg(op, 3))) )
            return true;
    }
    return false;
}

static bool status_write_outside_memory(const struct diff_case *c,
                                        const struct difference *d)
{
    const struct region *ram = &c->program->machine.region[0];

    for ( size_t i = 0; i <= d->operation; i++ )
        if ( c->program->op[i].code == VTD_OP_WAIT &&
             field_get(&c->program->op[i], "at") >= ram->base + ram->size )
            return true;
    return false;
}

#define DESCRIPTOR_TYPE(low) ((low)&0xf)
#define WAIT                 5
#define WAIT_IF_SW           UINT64_C(0x30)

static bool wait_that_only_fences(const struct diff_case *c,
                                  const struct difference *d)
{
    for ( size_t i = 0; i <= d->operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == VTD_OP_WAIT && field_get(op, "no-status") &&
             !field_get(op, "interrupt") && field_get(op, "fence") )
            return true;
        if ( op->code == VTD_OP_DESCRIPTOR &&
             DESCRIPTOR_TYPE(op_arg(op, 0)) == WAIT &&
             !(op_arg(op, 0) & WAIT_IF_SW) )
            return true;
    }
    return false;
}

/* A pass-through entry with another width than the largest. */
static bool pass_through_address_width(const struct diff_case *c,
                                       const struct difference *d)
{
    uint64_t device = op_arg(&c->program->op[d->operation], 0);

    if ( !is_dma(c, d->operation) )
        return false;
    for ( size_t i = d->operation; i--; )
    {
        const struct operation *op = &c->program->op[i];

        if ( !is_context(op, device) )
            continue;
        if ( op->code == VTD_OP_CONTEXT_RAW )
            return (op_arg(op, 1) >> 2 & 3) == TT_PASS_THROUGH;
        return field_get(op, "tt") == TT_PASS_THROUGH &&
               field_get(op, "aw") != LARGEST_AW;
    }
    return false;
}

/* RTADDR.TTM, 11.4.5. */
static bool table_type(const struct diff_case *c, const struct difference *d)
{
    const struct diff_seen *seen = &c->run[SIDE_MODEL].seen[d->operation];

    return is_dma(c, d->operation) && seen->reg[REG_RTADDR] & RTADDR_TTM;
}

static bool read_of_interrupt_range(const struct diff_case *c,
                                    const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return is_dma(c, d->operation) && op_arg(op, 1) == REQUEST_READ &&
           op_arg(op, 2) >> 20 == INTERRUPT_RANGE >> 20;
}

/* Has the device had a pass-through entry before this operation? */
static bool was_pass_through(const struct diff_case *c, size_t operation,
                             uint64_t device)
{
    for ( size_t i = 0; i < operation; i++ )
    {
        const struct operation *op = &c->program->op[i];

        if ( op->code == VTD_OP_CONTEXT && op_arg(op, 0) == device &&
             op_arg(op, 3) == TT_PASS_THROUGH )
            return true;
    }
    return false;
}

/* A pass-through DMA beyond the host address width. */
static bool pass_through_width(const struct diff_case *c,
                               const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return is_dma(c, d->operation) &&
           op_arg(op, 2) >> c->program->machine.haw &&
           was_pass_through(c, d->operation, op_arg(op, 0));
}

/* What edu writes there is an interrupt, which shows in no memory. */
static bool interrupt_request(const struct diff_case *c,
                              const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return is_dma(c, d->operation) && op_arg(op, 1) == REQUEST_WRITE &&
           op_arg(op, 2) >> 20 == INTERRUPT_RANGE >> 20;
}

/* QEMU's unit has it, ours have not yet: IRE and SIRTP, descriptors of its
 * cache. */
static bool interrupt_remapping(const struct diff_case *c,
                                const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    if ( op->code == OP_WRITE && REG_OFFSET(op_arg(op, 0)) == GCMD )
        return op_arg(op, 1) & (GCMD_IRE | GCMD_SIRTP);
    return had_descriptor(c, d, 1u << 4);
}

/* It is software's duty to let the queue run empty before (6.5.2). */
static bool queue_off_with_work(const struct diff_case *c,
                                const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];
    size_t i = d->operation;

    if ( op->code != VTD_OP_GCMD || !field_get(op, "off") )
        return false;
    while ( i-- )
        if ( c->run[SIDE_MODEL].seen[i].looked )
            return c->run[SIDE_MODEL].seen[i].reg[REG_IQH] !=
                       c->run[SIDE_MODEL].seen[i].reg[REG_IQT] ||
                   c->run[SIDE_MODEL].seen[i].reg[REG_FSTS] & FSTS_IQE;
    return false;
}

/* By register while the queue is on, which is against software's duty. */
static bool register_beside_queue(const struct diff_case *c,
                                  const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return op->code >= VTD_OP_CC_GLOBAL && op->code <= VTD_OP_IOTLB_PAGE &&
           field_get(op, "register");
}

static bool unaligned_registers(const struct diff_case *c,
                                const struct difference *d)
{
    const struct operation *op = &c->program->op[d->operation];

    return op->code == OP_WRITE && REG_OFFSET(op_arg(op, 0)) % 4;
}

/* clang-format off */
const struct deviation vtd_deviations[] = {
    { "right-missing-on-hit", NULL, NULL, "7.1.3",
      "an access without the right that hits the IOTLB is dropped without a "
      "fault record", right_missing_on_hit },
    { "reserved-context-with-fpd", NULL, NULL, "7.1.3",
      "reserved bits of a context entry (0Bh) are recorded in spite of FPD",
      reserved_context_with_fpd },
    { "queue-error-cleared", NULL, NULL, "6.5.2.9",
      "when IQE is cleared the queue goes on at the next write of IQT only",
      queue_error_cleared },
    { "device-tlb-descriptor", NULL, NULL, "6.5.2.9",
      "a device-TLB descriptor is taken although ECAP.DT is 0",
      device_tlb_descriptor },
    { "pasid-descriptor", NULL, BEFORE_10, "6.5.2.9",
      "descriptors of types 6 and 7 are taken without scalable mode",
      pasid_descriptor },
    { "pass-through-width", NULL, NULL, "3.9",
      "a pass-through DMA beyond the host address width leaves no fault 04h",
      pass_through_width },
    { "iqa-before-queue", NULL, NULL, "11.4.9.3",
      "IQA reads 0 until QIE has taken it over", iqa_before_queue },
    { "event-outlives-records", NULL, NULL, "11.4.7.2",
      "FECTL.IP stays when the last F is cleared, until FSTS is written",
      event_outlives_records },
    { "hit-before-context", NULL, NULL, "6.2.1",
      "the IOTLB is looked up by source-id before the context entry",
      hit_before_context },
    { "superpage-over-interrupts", NULL, NULL, "3.14",
      "all of a superpage faults that has FEEx_xxxx in it",
      superpage_over_interrupts },
    { "status-write-outside-memory", NULL, NULL, "6.5.2.8",
      "a status write that the bus aborts stops the queue",
      status_write_outside_memory },
    { "wait-that-only-fences", NULL, NULL, "6.5.2.8",
      "a wait descriptor with FN alone stops the queue",
      wait_that_only_fences },
    { "pass-through-address-width", NULL, NULL, "9.3",
      "AW of a pass-through entry is not looked at",
      pass_through_address_width },
    { "table-type", NULL, NULL, "11.4.5",
      "reserved values of RTADDR.TTM are not looked at", table_type },
    { "read-of-interrupt-range", NULL, NULL, "3.14",
      "reads of FEEx_xxxx are not translated", read_of_interrupt_range },
    { "interrupt-request", NULL, NULL, "3.14",
      "it is delivered, which is no deviation: that is not seen in QEMU",
      interrupt_request },
    { "interrupt-remapping", NULL, NULL, "5.1",
      "it is there, which is no deviation: it is not built here yet",
      interrupt_remapping },
    { "queue-off-with-work", NULL, NULL, "6.5.2",
      "switching off a queue that is not empty, which is undefined, does "
      "nothing", queue_off_with_work },
    { "register-beside-queue", NULL, NULL, "6.5.2",
      "an invalidation by register while the queue is on never completes",
      register_beside_queue },
    { "unaligned-registers", NULL, NULL, "11.2",
      "writes of registers that are not aligned to 4 bytes have effects",
      unaligned_registers },
    { NULL, NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */
