/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d as its fuzz targets see it. */

#include <fuzz/input.h>

#include <devices/dma.h>
#include <scenario/vtd/vtd.h>

/* clang-format off */
#define MEMORY \
    "title   An input of a fuzzer\n" \
    "ram 0 0x4000000\n" \
    "hole 0x1000000 0x200000\n" \
    "rom 0x1400000 0x10000\n" \
    "mmio 0x1800000 0x10000\n" \
    "table A\n" \
    "table B levels=3\n" \
    "table C\n" \
    "through stack\n"
#define MAPS \
    "map A 0x10000 0x200000 4k rw\n" \
    "map A 0x11000 0x201000 4k r\n" \
    "map B 0x10000 0x202000 4k rw\n" \
    "cc-global\n" \
    "iotlb-global\n" \
    "sync\n"
#define OTHER_DOMAIN \
    "b: start\n" \
    "b: context peer table=A did=1\n" \
    "b: map A 0x10000 0x200000 4k rw\n" \
    "b: cc-global\n" \
    "b: iotlb-global\n" \
    "b: sync\n"

static const char base[] =
    MEMORY
    "device nic 00:02.0\n"
    "device disk 00:03.1\n"
    "device gpu 01:00.0 unit=1\n"
    "device peer 00:02.0 b\n"
    "start\n"
    "context nic table=A did=1\n"
    "context disk table=B did=2\n"
    "context gpu table=A did=1\n"
    MAPS
    OTHER_DOMAIN;

static const char drain_base[] =
    MEMORY
    "ecap dt=1\n"
    "device nic 00:02.0\n"
    "vdevice net 00:04.0 drain answers\n"
    "vdevice blk 00:05.0 dm=1 ats answers\n"
    "vdevice snd 00:06.0 dm=1 drain ats answers\n"
    "vdevice peer 00:04.0 b drain answers\n"
    "start\n"
    "context nic table=A did=1\n"
    "context net table=A did=1\n"
    "context blk table=A did=5 tt=1\n"
    "context snd table=B did=6 tt=1\n"
    MAPS
    "hold 0\n"
    OTHER_DOMAIN;
/* clang-format on */

static const struct fuzz_change changes[] = {
    { "one fault recording register", VTD_ID_CAP, false, 40, 8, 0 },
    { "no caching mode", VTD_ID_CAP, false, 7, 1, 0 },
    { "domain-ids of 4 bits", VTD_ID_CAP, false, 0, 3, 0 },
    { "39 bits only", VTD_ID_CAP, false, 8, 5, 2 },
    { "no superpages", VTD_ID_CAP, false, 34, 4, 0 },
    { "no page-selective invalidation", VTD_ID_CAP, false, 39, 1, 0 },
    { "AM up to 4", VTD_ID_CAP, false, 48, 6, 4 },
    { "no drain", VTD_ID_CAP, false, 54, 2, 0 },
    { "zero-length reads", VTD_ID_CAP, false, 22, 1, 1 },
    { "no queue", VTD_ID_ECAP, false, 1, 1, 0 },
    { "no pass-through", VTD_ID_ECAP, false, 6, 1, 0 },
    { "a host without superpages", VTD_ID_CAP, true, 34, 4, 0 },
    { "a host with one fault record", VTD_ID_CAP, true, 40, 8, 0 },
    { "a host of 39 bits", VTD_ID_CAP, true, 8, 5, 2 },
    { "a host that does not snoop tables", VTD_ID_ECAP, true, 0, 1, 0 },
    { "ESRTPS", VTD_ID_CAP, false, 63, 1, 1 },
};

static void vary_tables(struct program_machine *machine, unsigned int n)
{
    static const uint32_t levels[4][3] = {
        { 4, 3, 4 }, { 3, 3, 3 }, { 4, 4, 3 }, { 3, 4, 5 }
    };

    for ( unsigned int i = 0; i < machine->tables && i < 3; i++ )
        machine->table[i].option[VTD_TABLE_LEVELS] = levels[n & 3][i];
}

static bool has_queue(const struct program_machine *machine)
{
    return machine->id[VTD_ID_ECAP] >> 1 & 1;
}

#define GCMD         0x18u
#define GSTS         0x1cu
#define CCMD         0x28u
#define IQT          0x88u
#define IQA          0x90u
#define IRO(ecap)    ((uint32_t)((ecap) >> 8 & 0x3ff) * 16)
#define GCMD_FIRST   23
#define GCMD_QIE     26
#define HAS_DT(ecap) ((ecap) >> 2 & 1)
#define PSI(cap)     ((cap) >> 39 & 1)
#define MAMV(cap)    ((cap) >> 48 & 0x3f)

static void become_read(struct operation *op)
{
    op->code = OP_READ;
    op->arg[1] = op->arg[2] = 0;
}

/* One command, the others as GSTS has them. */
static void become_command(struct operation *op)
{
    uint64_t value = op->arg[1];
    unsigned int bit = GCMD_FIRST;

    while ( bit < 32 && !(value >> bit & 1) )
        bit++;
    if ( bit == 32 )
    {
        become_read(op);
        return;
    }
    *op = (struct operation) { .code = VTD_OP_GCMD,
                               .domain = op->domain,
                               .arch = op->arch,
                               .arg = { bit | (value & 1) << 8 } };
}

/* A page-selective invalidation by register needs PSI, and an AM that there is
 * (U8); a driver that has not started its queue uses the registers. */
static void tame_pages(const struct program_machine *machine,
                       struct operation *op)
{
    uint64_t cap = machine->id[VTD_ID_CAP];

    if ( !PSI(cap) )
    {
        op->code = VTD_OP_IOTLB_DOMAIN;
        op->arg[0] &= 0xffff;
        op->arg[1] = 0;
        op->arg[2] &= 3;
    }
    else
    {
        /* What is below the page would be taken for a part of the AM. */
        op_field_set(op, &op_spec(op)->field[1],
                     op_arg(op, 1) & ~UINT64_C(0xfff));
        if ( op_arg(op, 2) > MAMV(cap) )
            op_field_set(op, &op_spec(op)->field[2], MAMV(cap));
    }
}

/* Commands of registers beside the queue (U2), two at a time (U4), a queue
 * that is moved (U5) or overrun (U6), or one that waits for a device model and
 * is written over when the driver goes on at its own tail (U15). */
static void tame_write(const struct program_machine *machine,
                       struct operation *op)
{
    uint32_t offset = REG_OFFSET(op->arg[0]) & ~7u,
             iotlb = IRO(machine->id[VTD_ID_ECAP]) + 8;
    bool command = offset == CCMD || offset == iotlb;

    if ( offset == GCMD && !(REG_OFFSET(op->arg[0]) & 4) )
        become_command(op);
    else if ( offset == IQT && !fuzz_has_models(machine) )
        op->arg[1] &= 0xff0;
    else if ( offset == IQT || offset == IQA ||
              (command && has_queue(machine)) )
        become_read(op);
}

#define MAP_TARGET  2 /* field of VTD_OP_MAP */
#define ENTRY_LEVEL 2 /* fields of VTD_OP_ENTRY */
#define ENTRY_VALUE 3
#define SL_PS       (UINT64_C(1) << 7)
#define SL_SNP      (UINT64_C(1) << 11)
#define SL_TM       (UINT64_C(1) << 62)

/* Bits that revisions treat differently (U10): TM, and SNP where there is no
 * leaf, as PS makes none above the third level. */
static void tame_entry(struct operation *op)
{
    uint64_t value = op_arg(op, ENTRY_VALUE) & ~SL_TM,
             level = op_arg(op, ENTRY_LEVEL);

    if ( level > 1 && (level > 3 || !(value & SL_PS)) )
        value &= ~SL_SNP;
    fuzz_set_nth(op, ENTRY_VALUE, value);
}

/* One table a domain-id (U1), the queue or the registers and not both (U2).
 */
static void tame(const struct program *program, size_t before,
                 struct operation *op)
{
    const struct program_machine *machine = &program->machine;

    (void)before;
    if ( op->code == VTD_OP_CONTEXT )
    {
        uint64_t table = op_arg(op, 1) % (machine->tables + 1);

        fuzz_set(op, "did", table + 1 + 4 * op_arg(op, 3));
        fuzz_set(op, "aw", 15);
        fuzz_set(op, "torn", 0);
    }
    else if ( op->code >= VTD_OP_CC_GLOBAL && op->code <= VTD_OP_IOTLB_PAGE )
    {
        fuzz_set(op, "register", !has_queue(machine));
        if ( op->code == VTD_OP_IOTLB_PAGE )
            tame_pages(machine, op);
    }
    else if ( op->code == VTD_OP_ENTRY )
        tame_entry(op);
    else if ( op->code == VTD_OP_MAP )
        fuzz_clear_nth(op, MAP_TARGET, SL_TM);
    else if ( op->code == OP_WRITE )
        tame_write(machine, op);
    else if ( op->code == OP_DMA )
    {
        fuzz_set_nth(op, DMA_PASID, UINT32_MAX);
        fuzz_set_nth(op, DMA_TYPE, 0);
    }
    /* A queue that waits for a device model is not quiescent (U12). */
    if ( op->code == VTD_OP_GCMD && op_arg(op, 0) == GCMD_QIE &&
         fuzz_has_models(machine) )
        *op = (struct operation) { .code = OP_READ,
                                   .domain = op->domain,
                                   .arch = op->arch,
                                   .arg = { REG_ENCODE(GSTS, UINT64_C(4)) } };
}

/* A queue that nobody has set up, so that the driver uses registers (U2). */
static bool driver_first(const struct operation *op)
{
    return op->code == VTD_OP_GCMD && op_arg(op, 0) == GCMD_QIE &&
           !op_arg(op, 1);
}

#define NFR(cap) ((unsigned int)((cap) >> 40 & 0xff))

static bool crosses_page(const struct operation *dma)
{
    return op_arg(dma, DMA_IOVA) % 0x1000 + op_arg(dma, DMA_SIZE) > 0x1000;
}

/*
 * Records that the physical unit loses are lost to the guest as well: faults
 * that meet one another must have room in its log, and those of the pieces of
 * a DMA where they may have different reasons.
 */
static void keep_room(const struct program_machine *machine,
                      struct operation *dma, bool meets)
{
    unsigned int others = NFR(machine->host_id[VTD_ID_CAP]);
    uint64_t room = fuzz_dma_room(dma);

    if ( meets && !others )
        dma->inside = 0;
    if ( !meets )
        room += others * DMA_PIECE;
    if ( op_arg(dma, DMA_SIZE) > room && (meets || crosses_page(dma)) )
        fuzz_set_nth(dma, DMA_SIZE, room);
}

static void avoid(const struct program *program, struct operation *op)
{
    /* A unit that has device-TLBs has them for virtual devices only. */
    if ( op->code == OP_DMA && HAS_DT(program->machine.id[VTD_ID_ECAP]) )
        fuzz_set_nth(op, DMA_TYPE, 0);
    if ( op->code == OP_DMA && program->through == 1u << THROUGH_STACK )
        keep_room(&program->machine, op,
                  op->inside || (op > program->op && op[-1].inside));
}

/* Descriptors, entries, register values. */
static const uint64_t words[] = {
    0x3,
    0x1,
    0x2,
    0x0,
    0x83,
    0x81,
    0x7,
    0x203,
    0x803, /* entries */
    0x5,
    0x9,
    0xd,
    0x10001,
    0x20001, /* contexts */
    0x11,
    0x10021,
    0x21,
    0x31, /* context-cache descriptors */
    0x12,
    0x10022,
    0x22,
    0x10032,
    0xd2,
    0x100f2, /* IOTLB descriptors */
    0x25,
    0x35,
    0x75,
    0x15,
    UINT64_C(0x500000025), /* waits */
    0x4,
    0x6,
    0x7,
    0xf,
    0x8000000f, /* others, reserved */
    0x80000000,
    0xc0000000,
    0x40000000,
    0x84000000,
    0x4000000, /* GCMD */
    UINT64_C(0xa000000000000000),
    UINT64_C(0x9000000100000000),
    UINT64_C(0x8b00000100000000), /* CCMD, IOTLB */
    UINT64_C(0x8000000000000000),
    UINT64_C(0x7ff0000000000000),
    0xfee00000,
    0xfee01004,
    0x1000,
    0x807,
};

/* Of the drain: descriptors that owe one, and what is done without. */
static const uint64_t drain_words[] = {
    0xd2,
    0x100e2,
    0x100f2,
    0x500e2,
    0x500f2,
    0x600f2,
    0x12,
    0x100b2, /* IOTLB descriptors: DR and DW, none, one of them */
    UINT64_C(0x2000000003),
    UINT64_C(0x2800000003),
    UINT64_C(0x3000000003), /* device-TLB descriptors */
    0x10000,
    0x10001,
    0x11001,
    UINT64_C(0x7ffffffffffff001), /* what they name */
    0x25,
    0x35,
    0x15,
    0x45,
    UINT64_C(0x500000025), /* waits */
    0x11,
    0x10021,
    0x31,
    0x5,
    0x3,
    0x7,
    0x203,
};

#define ARCH(text, list)                                                      \
    {                                                                         \
        .arch = &arch_vtd, .base = (text), .change = changes,                 \
        .changes = sizeof(changes) / sizeof(changes[0]),                      \
        .vary_tables = vary_tables, .tame = tame, .avoid = avoid,             \
        .driver_first = driver_first, .flush = "cc-global iotlb-global sync", \
        .word = (list), .words = sizeof(list) / sizeof((list)[0]),            \
    }

const struct fuzz_arch fuzz_vtd = ARCH(base, words);
const struct fuzz_arch fuzz_vtd_drain = ARCH(drain_base, drain_words);
