/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d in differential runs: the machine of both sides, what is compared. */

#include <qemu/vtd/vtd.h>

#include <qemu/fields.h>
#include <scenario/arch.h>

#include <stdio.h>

#define MIB UINT64_C(0x100000)

/* As scenarios have it; what lies above is QEMU's alone. */
#define RAM_SIZE (64 * MIB)

/* aw-bits=48 of the command line is QEMU's host address width as well. */
#define HOST_WIDTH 48

/* CAP, 11.4.2 */
#define CAP_RESERVED_WIDTHS UINT64_C(0x1900) /* SAGAW: 30, 57, 64 bits */
#define CAP_NFR             (UINT64_C(0xff) << 40)
#define CAP_FRO             (UINT64_C(0x3ff) << 24)
#define CAP_FRO_HERE        (UINT64_C(0x22) << 24)
#define CAP_2M              (UINT64_C(1) << 34)
#define CAP_1G              (UINT64_C(1) << 35)
/* What is built of it: ND, CM, SAGAW, MGAW, ZLR, FRO, SLLPS, PSI, MAMV, DWD,
 * DRD, ESRTPS */
#define CAP_BUILT UINT64_C(0x80ff008fff7fff87)
/* ECAP, 11.4.3: C, QI, PT, SC, IRO */
#define ECAP_BUILT UINT64_C(0x3ffc3)

/* FRCD's high half: PV says something only beside PP, which legacy mode
 * without PASIDs never sets (11.4.7.6). */
#define FRCD_HIGH_COMPARED UINT64_C(0xf00000ffffffffff)

/* The upper half of an event's data is optional (11.4.7.4). */
#define EVENT_DATA UINT32_C(0xffff)

#define DMA      REACHES_DMA
#define COMMANDS REACHES_COMMANDS
#define LOG      REACHES_LOG

/* clang-format off */
static const struct diff_register registers[] = {
    [REG_GSTS] = { "GSTS", 0x1c, 4, UINT32_MAX, false, 0 },
    [REG_RTADDR] = { "RTADDR", 0x20, 8, UINT64_MAX, false, 0 },
    [REG_FSTS] = { "FSTS", 0x34, 4, UINT32_MAX, true, DMA | COMMANDS | LOG },
    [REG_FECTL] = { "FECTL", 0x38, 4, UINT32_MAX, true, DMA | COMMANDS | LOG },
    { "FEDATA", 0x3c, 4, EVENT_DATA, false, 0 },
    { "FEADDR", 0x40, 4, UINT32_MAX, false, 0 },
    { "FEUADDR", 0x44, 4, UINT32_MAX, false, 0 },
    [REG_IQH] = { "IQH", 0x80, 8, UINT64_MAX, false, COMMANDS | LOG },
    [REG_IQT] = { "IQT", 0x88, 8, UINT64_MAX, false, COMMANDS },
    [REG_IQA] = { "IQA", 0x90, 8, UINT64_MAX, false, 0 },
    { "ICS", 0x9c, 4, UINT32_MAX, false, COMMANDS | LOG },
    { "IECTL", 0xa0, 4, UINT32_MAX, false, COMMANDS | LOG },
    { "IEDATA", 0xa4, 4, EVENT_DATA, false, 0 },
    { "IEADDR", 0xa8, 4, UINT32_MAX, false, 0 },
    { "IEUADDR", 0xac, 4, UINT32_MAX, false, 0 },
    [REG_FRCD_LOW] = { "FRCD0_LO", 0x220, 8, UINT64_MAX, true, DMA | LOG },
    [REG_FRCD_HIGH] = { "FRCD0_HI", 0x228, 8, FRCD_HIGH_COMPARED, true, DMA | LOG },
    { NULL, 0, 0, 0, false, 0 },
};
/* clang-format on */

#define PAGE_BIN(name, bits, id, feature)                                     \
    {                                                                         \
        name, DIFF_FIGURE(page[bits]), id, feature                            \
    }
#define FAULT_BIN(name, code)                                                 \
    {                                                                         \
        name, DIFF_FIGURE(reason[code]), 0, 0                                 \
    }
#define OPERATION_BIN(name, code)                                             \
    {                                                                         \
        name, DIFF_FIGURE(operation[code]), 0, 0                              \
    }

/* clang-format off */
static const struct diff_bin bins[] = {
    PAGE_BIN("pages of 4K", 12, 0, 0),
    PAGE_BIN("pages of 2M", 21, VTD_ID_CAP, CAP_2M),
    PAGE_BIN("pages of 1G", 30, VTD_ID_CAP, CAP_1G),
    FAULT_BIN("fault 01h", 0x1), FAULT_BIN("fault 02h", 0x2),
    FAULT_BIN("fault 03h", 0x3), FAULT_BIN("fault 04h", 0x4),
    FAULT_BIN("fault 05h", 0x5), FAULT_BIN("fault 06h", 0x6),
    FAULT_BIN("fault 08h", 0x8), FAULT_BIN("fault 09h", 0x9),
    FAULT_BIN("fault 0Ah", 0xa), FAULT_BIN("fault 0Bh", 0xb),
    FAULT_BIN("fault 0Ch", 0xc),
    OPERATION_BIN("context invalidation, global", VTD_OP_CC_GLOBAL),
    OPERATION_BIN("context invalidation by domain", VTD_OP_CC_DOMAIN),
    OPERATION_BIN("context invalidation by device", VTD_OP_CC_DEVICE),
    OPERATION_BIN("IOTLB invalidation, global", VTD_OP_IOTLB_GLOBAL),
    OPERATION_BIN("IOTLB invalidation by domain", VTD_OP_IOTLB_DOMAIN),
    OPERATION_BIN("IOTLB invalidation by page", VTD_OP_IOTLB_PAGE),
    OPERATION_BIN("waits", VTD_OP_WAIT),
    OPERATION_BIN("other descriptors", VTD_OP_DESCRIPTOR),
    OPERATION_BIN("writes of registers", OP_WRITE),
    OPERATION_BIN("changes of GCMD", VTD_OP_GCMD),
    OPERATION_BIN("changes of root entries", VTD_OP_ROOT_RAW),
    OPERATION_BIN("changes of context entries", VTD_OP_CONTEXT),
    OPERATION_BIN("raw context entries", VTD_OP_CONTEXT_RAW),
    OPERATION_BIN("raw entries of tables", VTD_OP_ENTRY),
    OPERATION_BIN("unmapping", VTD_OP_UNMAP),
    OPERATION_BIN("handling of faults", VTD_OP_HANDLE_FAULTS),
    { NULL, 0, 0, 0 },
};
/* clang-format on */

/* A record without F is none; an old one may stand there, or zeros. */
static void settle(const struct diff_target *target, struct diff_seen *seen)
{
    (void)target;
    if ( !(seen->reg[REG_FRCD_HIGH] >> 63) )
        seen->reg[REG_FRCD_LOW] = seen->reg[REG_FRCD_HIGH] = 0;
    for ( unsigned int i = 0; i < seen->events; i++ )
        seen->event[i].data &= EVENT_DATA;
}

/* What both have; a feature joins when both advertise it. */
static const char *machine(struct qemu_machine *m,
                           struct program_machine *machine)
{
    uint64_t cap = qemu_unit_read(m, 0x08, 8);
    uint64_t ecap = qemu_unit_read(m, 0x10, 8);

    if ( (cap & CAP_FRO) != CAP_FRO_HERE )
        return "the fault recording registers are not at 220h";
    machine->arch = &arch_vtd;
    machine->arch->defaults(machine);
    machine->id[VTD_ID_CAP] = cap & CAP_BUILT & ~CAP_RESERVED_WIDTHS &
                              ~CAP_NFR;
    machine->id[VTD_ID_ECAP] = ecap & ECAP_BUILT;
    machine->id[VTD_ID_VERSION] = qemu_unit_read(m, 0x00, 4);
    machine->haw = HOST_WIDTH;
    machine->domains = 1;
    /* 7.2.1: a fault of a source that has a record pending is dropped. */
    machine->options = 1u << VTD_OPTION_COLLAPSE;
    machine->region[0] = (struct region) { 0, RAM_SIZE, REGION_RAM };
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

/* Those that only change memory or what the driver remembers don't. */
static unsigned int reaches(const struct operation *op)
{
    switch ( op->code )
    {
    case OP_STORE:
    case OP_LOAD:
    case VTD_OP_CONTEXT:
    case VTD_OP_CONTEXT_RAW:
    case VTD_OP_ROOT_RAW:
    case VTD_OP_MAP:
    case VTD_OP_UNMAP:
    case VTD_OP_ENTRY:
    case VTD_OP_DESCRIPTOR:
    case VTD_OP_WAIT:
        return REACHES_NOT;
    case VTD_OP_CC_GLOBAL:
    case VTD_OP_CC_DOMAIN:
    case VTD_OP_CC_DEVICE:
    case VTD_OP_IOTLB_GLOBAL:
    case VTD_OP_IOTLB_DOMAIN:
    case VTD_OP_IOTLB_PAGE:
        return op->arg[3] & 1 ? REACHES_COMMANDS : REACHES_NOT; /* register */
    case VTD_OP_SUBMIT:
    case VTD_OP_SYNC:
        return REACHES_COMMANDS;
    case VTD_OP_HANDLE_FAULTS:
        return REACHES_LOG;
    case OP_DMA:
        return REACHES_DMA;
    default:
        return REACHES_ALL;
    }
}

/* All is built both ways. */
static const char *impossible(const struct diff_target *target,
                              const struct program *program)
{
    (void)target;
    (void)program;
    return NULL;
}

static void narrow(struct program_machine *machine,
                   const struct program_machine *asked)
{
    (void)machine;
    (void)asked;
}

static bool physical(const struct program_machine *machine)
{
    (void)machine;
    return false;
}

static bool empties(const struct operation *op)
{
    return op->code == VTD_OP_HANDLE_FAULTS;
}

static bool adapt(struct operation *op)
{
    if ( op->code == VTD_OP_HANDLE_FAULTS )
        field_set(op, "records", UINT16_MAX);
    return op->code != VTD_OP_FAULT_RECORD;
}

const struct diff_arch diff_vtd = {
    .qemu = &qemu_x86,
    .arch = &arch_vtd,
    .reg = registers,
    .deviation = vtd_deviations,
    .bin = bins,
    .machine = machine,
    .impossible = impossible,
    .narrow = narrow,
    .physical = physical,
    .generate = vtd_generate,
    .settle = settle,
    .reaches = reaches,
    .empties = empties,
    .adapt = adapt,
};
