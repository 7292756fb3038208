/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 as its fuzz targets see it. */

#include <fuzz/arch_smmuv3.h>

/* clang-format off */
#define MEMORY \
    "arch smmuv3\n" \
    "title   An input of a fuzzer\n" \
    "ram 0 0x4000000\n" \
    "hole 0x1000000 0x200000\n" \
    "rom 0x1400000 0x10000\n" \
    "mmio 0x1800000 0x10000\n" \
    "table A\n" \
    "table B t0sz=25\n" \
    "table C granule=64k\n" \
    "through stack\n"
#define MAPS \
    "map A 0x10000 0x200000 4k rw\n" \
    "map A 0x11000 0x201000 4k r\n" \
    "map B 0x10000 0x202000 4k rw\n" \
    "cfgi-all\n" \
    "tlbi-nh-all\n" \
    "sync\n"
#define OTHER_DOMAIN \
    "b: start\n" \
    "b: cd peer table=A asid=1\n" \
    "b: ste peer s1\n" \
    "b: map A 0x10000 0x200000 4k rw\n" \
    "b: cfgi-all\n" \
    "b: tlbi-nh-all\n" \
    "b: sync\n"

static const char base[] =
    MEMORY
    "device nic 00:02.0\n"
    "device disk 00:03.1\n"
    "device gpu 01:00.0 unit=1\n"
    "device peer 00:02.0 b\n"
    "start\n"
    "cd nic table=A asid=1\n"
    "ste nic s1\n"
    "cd disk table=B asid=2\n"
    "ste disk s1\n"
    "cd gpu table=A asid=5\n"
    "ste gpu s1\n"
    MAPS
    OTHER_DOMAIN;

static const char drain_base[] =
    MEMORY
    "idr0 ats=1\n"
    "device nic 00:02.0\n"
    "vdevice net 00:04.0 drain answers\n"
    "vdevice blk 00:05.0 dm=1 ats answers\n"
    "vdevice snd 00:06.0 dm=1 drain ats answers\n"
    "vdevice peer 00:04.0 b drain answers\n"
    "start\n"
    "cd nic table=A asid=1\n"
    "ste nic s1\n"
    "cd net table=A asid=1\n"
    "ste net s1\n"
    "cd blk table=A asid=1\n"
    "ste blk s1 eats=1\n"
    "cd snd table=B asid=2\n"
    "ste snd s1 eats=1\n"
    MAPS
    "hold 0\n"
    OTHER_DOMAIN;
/* clang-format on */

static const struct fuzz_change changes[] = {
    { "ASIDs of 8 bits", SMMUV3_ID_IDR0, false, 12, 1, 0 },
    { "CDs in one level", SMMUV3_ID_IDR0, false, 19, 1, 0 },
    { "STEs in one level", SMMUV3_ID_IDR0, false, 27, 2, 0 },
    { "terminate as RAZ/WI", SMMUV3_ID_IDR0, false, 26, 1, 0 },
    { "no SEV", SMMUV3_ID_IDR0, false, 14, 1, 0 },
    { "no substreams", SMMUV3_ID_IDR1, false, 6, 5, 0 },
    { "a command queue of 16 entries", SMMUV3_ID_IDR1, false, 21, 5, 4 },
    { "an event queue of 4 entries", SMMUV3_ID_IDR1, false, 16, 5, 2 },
    { "StreamIDs of 10 bits", SMMUV3_ID_IDR1, false, 0, 6, 10 },
    { "no range invalidation", SMMUV3_ID_IDR3, false, 10, 1, 0 },
    { "BBM level 0", SMMUV3_ID_IDR3, false, 11, 2, 0 },
    { "no HAD", SMMUV3_ID_IDR3, false, 2, 1, 0 },
    { "4K only", SMMUV3_ID_IDR5, false, 5, 2, 0 },
    { "a host without 64K and 16K", SMMUV3_ID_IDR5, true, 5, 2, 0 },
    { "a host with VMIDs of 8 bits", SMMUV3_ID_IDR0, true, 18, 1, 0 },
    { "a host that is not coherent", SMMUV3_ID_IDR0, true, 4, 1, 0 },
    { "a host without range invalidation", SMMUV3_ID_IDR3, true, 10, 1, 0 },
};

#define IDR0_ASID16   UINT64_C(0x1000)
#define IDR3_HAD      UINT64_C(0x4)
#define IDR5_GRANULES UINT64_C(0x70)

/* Hardware reads CDs, and judges them by its own registers: it has nothing
 * that they need and the guest was not told of. */
static void lessen_host(struct program_machine *machine)
{
    static const uint64_t fields[] = { [SMMUV3_ID_IDR0] = IDR0_ASID16,
                                       [SMMUV3_ID_IDR3] = IDR3_HAD,
                                       [SMMUV3_ID_IDR5] = IDR5_GRANULES };

    for ( unsigned int i = 0; i < sizeof(fields) / sizeof(fields[0]); i++ )
        machine->host_id[i] &= machine->id[i] | ~fields[i];
}

struct shape {
    uint32_t granule, t0sz;
};

static void vary_tables(struct program_machine *machine, unsigned int n)
{
    static const struct shape shapes[4][3] = {
        { { 12, 0 }, { 12, 25 }, { 16, 0 } },
        { { 14, 0 }, { 14, 25 }, { 12, 16 } },
        { { 16, 0 }, { 16, 22 }, { 12, 32 } },
        { { 12, 16 }, { 14, 16 }, { 16, 16 } },
    };

    for ( unsigned int i = 0; i < machine->tables && i < 3; i++ )
    {
        machine->table[i].option[SMMUV3_TABLE_GRANULE] =
            shapes[n & 3][i].granule;
        machine->table[i].option[SMMUV3_TABLE_T0SZ] = shapes[n & 3][i].t0sz;
    }
}

#define MAP_GLOBAL 8 /* field of SMMUV3_OP_MAP */

/* Global leaves are for every ASID; raw words may be such, or lead to some. */
static bool shares(const struct operation *op)
{
    return op->code == SMMUV3_OP_ENTRY ||
           (op->code == SMMUV3_OP_MAP && op_arg(op, MAP_GLOBAL));
}

#define CMD_PREFETCH_CONFIG 0x1u
#define CMD_PREFETCH_ADDR   0x2u
#define CMD_SSV             (UINT64_C(1) << 11) /* of both */

/* Beyond the OAS of the guest, and not beyond that of the hardware: which
 * judges TTB0, TTB1 and descriptors by its own, and looks at no more of a CD
 * than it uses (docs/deviations.md). */
#define BEYOND_OAS UINT64_C(0xf00000000000)

static void keep_tables_near(struct operation *op)
{
    uint64_t word = op_arg(op, 1), bit = word;

    if ( op->code == OP_STORE ||
         (op->code == SMMUV3_OP_CD_RAW && (word == 1 || word == 2)) )
        op->arg[op->code == OP_STORE ? 1 : 2] &= ~BEYOND_OAS;
    else if ( op->code == SMMUV3_OP_MAP )
        fuzz_clear_nth(op, MAP_TARGET, BEYOND_OAS);
    else if ( op->code == SMMUV3_OP_ENTRY )
        fuzz_clear_nth(op, ENTRY_VALUE, BEYOND_OAS);
    else if ( op->code == SMMUV3_OP_CD_FLIP && bit >= 64 && bit < 192 &&
              (BEYOND_OAS >> bit % 64 & 1) )
        fuzz_set_nth(op, 1, bit - 4);
}

/* Word 1 of an STE may change beside word 0, without V = 0 between that the
 * hardware's goes through then (docs/deviations.md). */
static bool rewrites_word1(const struct operation *op)
{
    uint64_t at = op_arg(op, 1);

    return (op->code == SMMUV3_OP_STE_RAW && at == 1) ||
           (op->code == SMMUV3_OP_STE_FLIP && at / 64 == 1);
}

static void stay_outside(const struct program *program, struct operation *dma)
{
    for ( const struct operation *op = program->op; op < dma; op++ )
        if ( rewrites_word1(op) )
            dma->inside = 0;
}

/* Records that a physical unit loses are lost to the guest as well: DMAs that
 * meet one another are of one piece each, so that the log has room. */
static void keep_room(const struct program *program, struct operation *dma)
{
    uint64_t room = fuzz_dma_room(dma);

    if ( (dma->inside || (dma > program->op && dma[-1].inside)) &&
         op_arg(dma, DMA_SIZE) > room )
        fuzz_set_nth(dma, DMA_SIZE, room);
}

/* A virtual unit with SMMUEN = 0 aborts requests with a SubstreamID: nobody
 * names one in a request, or before it. */
static void avoid(const struct program *program, struct operation *op)
{
    unsigned int opcode = op->arg[0] & 0xff;

    if ( program->through != 1u << THROUGH_STACK )
        return;
    if ( op->code == OP_DMA )
    {
        stay_outside(program, op);
        keep_room(program, op);
        fuzz_set_nth(op, DMA_PASID, UINT32_MAX);
        /* A unit that has ATS has it for virtual devices only. */
        if ( HAS_ATS(&program->machine) )
            fuzz_set_nth(op, DMA_TYPE, 0);
    }
    keep_tables_near(op);
    if ( op->code == SMMUV3_OP_PREFETCH_CONFIG ||
         op->code == SMMUV3_OP_PREFETCH_ADDR )
        fuzz_set(op, "ssid", SMMUV3_NO_SSID);
    else if ( op->code == SMMUV3_OP_COMMAND &&
              (opcode == CMD_PREFETCH_CONFIG || opcode == CMD_PREFETCH_ADDR) )
        op->arg[0] &= ~CMD_SSV;
}

/* Commands, entries, register values. */
static const uint64_t words[] = {
    0x3,
    0x1,
    0x0,
    0x403,
    0x443,
    0x4c3,
    0x483,
    0x401,
    0x441,
    0x60000000000443,
    0xb,
    0x9,
    0x1d,
    0x80000001, /* STEs */
    0x8020351a3510,
    0xc000351a3510,
    UINT64_C(0x1000a2000000023), /* CDs */
    0x46,
    0x1046,
    0x2046,
    0x3,
    0x1f00000004,
    0x5,
    0x6, /* SYNC, CFGI */
    0x10,
    0x11,
    UINT64_C(0x1000000000011),
    0x12,
    0x13,
    0x18,
    0x20,
    0x22,
    0x28,
    0x2a,
    0x30,
    0x1,
    0x2,
    0x40,
    0x41,
    0xff, /* TLBI, PREFETCH, illegal */
    0x0,
    0xd,
    0xf,
    0x8,
    0x4, /* CR0, IRQ_CTRL */
    0x80000000,
    0x80100000,
    0x100000,
    0x10000,
    0x10210,
    0xd75,
    UINT64_C(0x4000000000000000),
    UINT64_C(0x4000000002004008),
};

/* Of the drain: commands that owe one, and those of device-TLBs. */
static const uint64_t drain_words[] = {
    UINT64_C(0x2000000040),
    UINT64_C(0x2800000040),
    UINT64_C(0x3000000040), /* CMD_ATC_INV */
    0x10000,
    0x10001,
    0x10004,
    0x34, /* what they name */
    0x46,
    0x1046,
    0x2046, /* SYNC */
    0x30,
    0x20,
    UINT64_C(0x1000000000011),
    UINT64_C(0x1000000000012),
    UINT64_C(0x2000000000012),
    0x3,
    0x1f00000004,
    0x5, /* TLBI, CFGI */
    0x403,
    0x1,
};

#define ARCH(text, list)                                                      \
    {                                                                         \
        .arch = &arch_smmuv3, .base = (text), .change = changes,              \
        .changes = sizeof(changes) / sizeof(changes[0]),                      \
        .vary_tables = vary_tables, .tame = fuzz_tame_smmuv3, .avoid = avoid, \
        .avoid_machine = lessen_host, .shares = shares,                       \
        .flush = "cfgi-all tlbi-nh-all sync", .word = (list),                 \
        .words = sizeof(list) / sizeof((list)[0]),                            \
    }

const struct fuzz_arch fuzz_smmuv3 = ARCH(base, words);
const struct fuzz_arch fuzz_smmuv3_drain = ARCH(drain_base, drain_words);
