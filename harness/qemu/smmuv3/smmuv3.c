/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 in differential runs: the machine of both sides, what is compared. */

#include <qemu/smmuv3/smmuv3.h>

#include <qemu/fields.h>

#include <stdio.h>

#define MIB UINT64_C(0x100000)

/* As scenarios have it; what lies above is QEMU's alone. */
#define RAM_SIZE (64 * MIB)

/* IDR0 (6.3.1): S2P, S1P, TTF, COHACC, ASID16, SEV, VMID16, CD2L, TTENDIAN,
 * STALL_MODEL, TERM_MODEL, ST_LEVEL. */
#define IDR0_BUILT UINT32_C(0x1fec501f)
/* IDR3: HAD, RIL, BBML */
#define IDR3_BUILT UINT32_C(0x1c04)
/* IDR5: OAS, the granules */
#define IDR5_BUILT     UINT32_C(0x77)
#define IDR5_OAS(idr5) ((idr5)&7)
#define IDR5_GRAN4K    UINT64_C(0x10)
#define IDR5_GRAN16K   UINT64_C(0x20)
#define IDR5_GRAN64K   UINT64_C(0x40)

/* EVENTQ_PROD.OVFLG, EVENTQ_CONS.OVACKFLG */
#define QUEUE_OVERFLOW UINT64_C(0x80000000)

#define EVENT_BYTES 32
#define EVENT_WORDS 4

/* EVENTQ_BASE (6.3.30) */
#define QUEUE_LOG2(base) ((unsigned int)(base)&0x1f)
#define QUEUE_ADDRESS    UINT64_C(0x000fffffffffffe0)

#define CR0_EVENTQEN UINT64_C(4)

/* An event (7.3): its number, CLASS in the second word, the fourth. */
#define F_TRANSLATION 0x10
#define F_PERMISSION  0x13
#define EVENT_CLASS   (UINT64_C(3) << 40)
#define IPA_OFFSET    UINT64_C(0xfff)

#define DMA      REACHES_DMA
#define COMMANDS REACHES_COMMANDS
#define LOG      REACHES_LOG

/* clang-format off */
static const struct diff_register registers[] = {
    [REG_CR0] = { "CR0", 0x20, 4, UINT32_MAX, false, 0 },
    { "CR0ACK", 0x24, 4, UINT32_MAX, false, 0 },
    { "IRQ_CTRL", 0x50, 4, UINT32_MAX, false, 0 },
    { "IRQ_CTRLACK", 0x54, 4, UINT32_MAX, false, 0 },
    { "GERROR", 0x60, 4, UINT32_MAX, true, DMA | COMMANDS | LOG },
    { "GERRORN", 0x64, 4, UINT32_MAX, true, 0 },
    [REG_STRTAB_BASE] = { "STRTAB_BASE", 0x80, 8, UINT64_MAX, false, 0 },
    { "STRTAB_BASE_CFG", 0x88, 4, UINT32_MAX, false, 0 },
    { "CMDQ_BASE", 0x90, 8, UINT64_MAX, false, 0 },
    { "CMDQ_PROD", 0x98, 4, UINT32_MAX, false, COMMANDS },
    { "CMDQ_CONS", 0x9c, 4, UINT32_MAX, false, COMMANDS },
    [REG_EVENTQ_BASE] = { "EVENTQ_BASE", 0xa0, 8, UINT64_MAX, false, 0 },
    [REG_EVENTQ_PROD] = { "events pending", 0x100a8, 4, UINT32_MAX, true, DMA | COMMANDS | LOG },
    [REG_EVENTQ_CONS] = { "events lost", 0x100ac, 4, UINT32_MAX, true, LOG },
    [REG_EVENT] = { "event word 0", 0, 0, UINT64_MAX, true, 0 },
    { "event word 1", 0, 0, UINT64_MAX, true, 0 },
    { "event word 2", 0, 0, UINT64_MAX, true, 0 },
    { "event word 3", 0, 0, UINT64_MAX, true, 0 },
    { NULL, 0, 0, 0, false, 0 },
};
/* clang-format on */

#define PAGE_BIN(name, bits, granule)                                         \
    {                                                                         \
        name, DIFF_FIGURE(page[bits]), SMMUV3_ID_IDR5, granule                \
    }
#define EVENT_BIN(name, code)                                                 \
    {                                                                         \
        name, DIFF_FIGURE(reason[code]), 0, 0                                 \
    }
#define OPERATION_BIN(name, code)                                             \
    {                                                                         \
        name, DIFF_FIGURE(operation[code]), 0, 0                              \
    }
#define STAGE_2_BIN(name, code)                                               \
    {                                                                         \
        name, DIFF_FIGURE(operation[code]), SMMUV3_ID_IDR0, SMMUV3_IDR0_S2P   \
    }

/* clang-format off */
static const struct diff_bin bins[] = {
    PAGE_BIN("pages of 4K", 12, IDR5_GRAN4K),
    PAGE_BIN("blocks of 2M", 21, IDR5_GRAN4K),
    PAGE_BIN("blocks of 1G", 30, IDR5_GRAN4K),
    PAGE_BIN("pages of 16K", 14, IDR5_GRAN16K),
    PAGE_BIN("blocks of 32M", 25, IDR5_GRAN16K),
    PAGE_BIN("pages of 64K", 16, IDR5_GRAN64K),
    PAGE_BIN("blocks of 512M", 29, IDR5_GRAN64K),
    EVENT_BIN("C_BAD_STE", 0x04), EVENT_BIN("C_BAD_CD", 0x0a),
    EVENT_BIN("F_TRANSLATION", 0x10), EVENT_BIN("F_PERMISSION", 0x13),
    EVENT_BIN("F_ACCESS", 0x12),
    OPERATION_BIN("CMD_CFGI_STE", SMMUV3_OP_CFGI_STE),
    OPERATION_BIN("CMD_CFGI_STE_RANGE", SMMUV3_OP_CFGI_STE_RANGE),
    OPERATION_BIN("CMD_CFGI_ALL", SMMUV3_OP_CFGI_ALL),
    OPERATION_BIN("CMD_CFGI_CD", SMMUV3_OP_CFGI_CD),
    OPERATION_BIN("CMD_CFGI_CD_ALL", SMMUV3_OP_CFGI_CD_ALL),
    OPERATION_BIN("CMD_TLBI_NH_ALL", SMMUV3_OP_TLBI_NH_ALL),
    OPERATION_BIN("CMD_TLBI_NH_ASID", SMMUV3_OP_TLBI_NH_ASID),
    OPERATION_BIN("CMD_TLBI_NH_VA", SMMUV3_OP_TLBI_NH_VA),
    OPERATION_BIN("CMD_TLBI_NH_VAA", SMMUV3_OP_TLBI_NH_VAA),
    OPERATION_BIN("CMD_SYNC", SMMUV3_OP_SYNC),
    OPERATION_BIN("changes of STEs", SMMUV3_OP_STE),
    OPERATION_BIN("changes of CDs", SMMUV3_OP_CD),
    OPERATION_BIN("unmapping", SMMUV3_OP_UNMAP),
    OPERATION_BIN("handling of events", SMMUV3_OP_HANDLE_EVENTS),
    STAGE_2_BIN("CMD_TLBI_S2_IPA", SMMUV3_OP_TLBI_S2_IPA),
    STAGE_2_BIN("CMD_TLBI_S12_VMALL", SMMUV3_OP_TLBI_S12_VMALL),
    STAGE_2_BIN("CMD_TLBI_NSNH_ALL", SMMUV3_OP_TLBI_NSNH_ALL),
    { NULL, 0, 0, 0 },
};
/* clang-format on */

/* The newest record, if there is one. */
static void records(const struct operation *op, struct diff_seen *seen,
                    uint64_t (*load64)(void *context, uint64_t gpa),
                    void *context)
{
    uint64_t base = seen->reg[REG_EVENTQ_BASE];
    uint32_t mask = (2u << QUEUE_LOG2(base)) - 1;
    uint32_t prod = (uint32_t)seen->reg[REG_EVENTQ_PROD] & mask;
    uint32_t cons = (uint32_t)seen->reg[REG_EVENTQ_CONS] & mask;
    uint64_t at;

    if ( op->code != OP_DMA || prod == cons ||
         !(seen->reg[REG_CR0] & CR0_EVENTQEN) )
        return;
    at = (base & QUEUE_ADDRESS) +
         ((prod - 1) & (mask >> 1)) * (uint64_t)EVENT_BYTES;
    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        seen->reg[REG_EVENT + i] = load64(context, at + 8 * i);
}

/* The newest record has an IPA, of which QEMU fills in the offset in the page
 * as well, where the specification has zeros (7.3.13). */
static bool has_ipa(const struct diff_seen *seen)
{
    unsigned int event = (unsigned int)seen->reg[REG_EVENT] & 0xff;

    return event >= F_TRANSLATION && event <= F_PERMISSION;
}

/*
 * Indices depend on how many events there were since the start, which stale
 * windows leave open: how many are pending is compared, and whether some were
 * lost.
 */
static void settle(const struct diff_target *target, struct diff_seen *seen)
{
    uint32_t mask = (2u << QUEUE_LOG2(seen->reg[REG_EVENTQ_BASE])) - 1;
    uint64_t prod = seen->reg[REG_EVENTQ_PROD];
    uint64_t cons = seen->reg[REG_EVENTQ_CONS];

    /* Before anything is enabled they hold anything (6.3). */
    for ( unsigned int r = REG_STRTAB_BASE; r <= REG_EVENTQ_BASE; r++ )
        if ( !seen->reg[REG_CR0] )
            seen->reg[r] = 0;
    seen->reg[REG_EVENTQ_PROD] = (prod - cons) & mask;
    seen->reg[REG_EVENTQ_CONS] = (prod ^ cons) & QUEUE_OVERFLOW;
    if ( version_before(target->version, VERSION_WITH_CLASS) )
        seen->reg[REG_EVENT + 1] &= ~EVENT_CLASS;
    if ( has_ipa(seen) )
        seen->reg[REG_EVENT + 3] &= ~IPA_OFFSET;
}

/*
 * A virtual unit has stage 1 only.  So has the machine of a file that asks for
 * no more; QEMU's has stage 2 as well, which nobody uses then.
 */
static void narrow(struct program_machine *machine,
                   const struct program_machine *asked)
{
    if ( !(asked->id[SMMUV3_ID_IDR0] & SMMUV3_IDR0_S2P) )
        machine->id[SMMUV3_ID_IDR0] &= ~(uint64_t)(SMMUV3_IDR0_S2P |
                                                   SMMUV3_IDR0_VMID16);
}

/* QEMU's unit can't be told that it has no stage 2. */
static const char *impossible(const struct diff_target *target,
                              const struct program *program)
{
    uint64_t has = target->machine.id[SMMUV3_ID_IDR0];

    if ( !(has & ~program->machine.id[SMMUV3_ID_IDR0] & SMMUV3_IDR0_S2P) )
        return NULL;
    for ( size_t i = 0; i < program->ops; i++ )
        if ( program->op[i].code == SMMUV3_OP_STE &&
             op_arg(&program->op[i], 1) >= SMMUV3_CONFIG_STAGE_2 )
            return "it uses a stage 2 that its unit has not";
    return NULL;
}

static bool physical(const struct program_machine *machine)
{
    return machine->id[SMMUV3_ID_IDR0] & SMMUV3_IDR0_S2P;
}

/* What both have; a feature joins when both advertise it. */
static const char *machine(struct qemu_machine *m,
                           struct program_machine *machine)
{
    static const unsigned int oas_bits[] = { 32, 36, 40, 42, 44, 48 };
    static const uint32_t built[] = {
        [SMMUV3_ID_IDR0] = IDR0_BUILT,
        [SMMUV3_ID_IDR1] = UINT32_MAX,
        [SMMUV3_ID_IDR3] = IDR3_BUILT,
        [SMMUV3_ID_IDR5] = IDR5_BUILT,
    };

    machine->arch = &arch_smmuv3;
    machine->arch->defaults(machine);
    for ( unsigned int i = 0; i < sizeof(built) / sizeof(built[0]); i++ )
        machine->id[i] = qemu_unit_read(m, 4 * i, 4) & built[i];
    if ( IDR5_OAS(machine->id[SMMUV3_ID_IDR5]) > 5 )
        return "an output size of more than 48 bits";
    machine->haw = (uint8_t)oas_bits[IDR5_OAS(machine->id[SMMUV3_ID_IDR5])];
    machine->domains = 1;
    machine->region[0] = (struct region) { m->arch->ram_base, RAM_SIZE,
                                           REGION_RAM };
    machine->regions = 1;
    machine->devices = m->arch->devices;
    for ( unsigned int i = 0; i < machine->devices; i++ )
    {
        struct program_device *d = &machine->device[i];

        snprintf(d->name, sizeof(d->name), "edu%u", i);
        d->source = m->arch->source[i];
    }
    return NULL;
}

/* Those that only change memory, or what the driver remembers, don't; commands
 * do when they are submitted. */
static unsigned int reaches(const struct operation *op)
{
    switch ( op->code )
    {
    case SMMUV3_OP_SUBMIT:
    case SMMUV3_OP_SYNC:
        return REACHES_COMMANDS;
    case SMMUV3_OP_HANDLE_EVENTS:
        return REACHES_LOG;
    case OP_DMA:
        return REACHES_DMA;
    case SMMUV3_OP_GERROR_ACK:
    case SMMUV3_OP_START:
    case OP_WRITE:
    case OP_READ:
        return REACHES_ALL;
    default:
        return REACHES_NOT;
    }
}

static bool empties(const struct operation *op)
{
    return op->code == SMMUV3_OP_HANDLE_EVENTS;
}

static bool adapt(struct operation *op)
{
    if ( op->code == SMMUV3_OP_HANDLE_EVENTS )
        field_set(op, "records", UINT32_MAX);
    if ( op->code == SMMUV3_OP_GERROR_ACK )
        field_set(op, "is", UINT32_MAX);
    return op->code != SMMUV3_OP_EVENT && op->code != SMMUV3_OP_EVENTS;
}

const struct diff_arch diff_smmuv3 = {
    .qemu = &qemu_arm,
    .arch = &arch_smmuv3,
    .reg = registers,
    .deviation = smmuv3_deviations,
    .bin = bins,
    .machine = machine,
    .impossible = impossible,
    .narrow = narrow,
    .physical = physical,
    .generate = smmuv3_generate,
    .records = records,
    .settle = settle,
    .reaches = reaches,
    .empties = empties,
    .adapt = adapt,
};
