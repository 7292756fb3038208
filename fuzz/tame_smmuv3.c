/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations of SMMUv3 that stay on the architecture's defined ground: Un are
 * the conditions of docs/properties.md.
 */

#include <fuzz/arch_smmuv3.h>

#define GERROR    0x60u /* and GERRORN */
#define CMDQ_PROD 0x98u
#define S2TABLE   2 /* fields of SMMUV3_OP_STE */
#define S1DSS     4
#define STRW      5
#define EATS      6
#define CONT      9

/* ---- context descriptors: one ASID, one set of tables (U1) ---- */

/* Of SMMUV3_OP_CD: the device, its tables, these and their format; the
 * SubstreamID; the words that are written. */
#define CD_DEVICE UINT64_C(0xff) /* of arg[0] */
#define CD_TABLES UINT64_C(0xffff00)
#define CD_FORMAT UINT64_C(0x7fffffff00)
#define CD_SSID   UINT64_C(0xfffff00000000) /* of arg[1] */
#define CD_ASID   UINT64_C(0xffff)
#define WORDS_ALL 0xffu
#define WORD0     0x1u /* ASID, format */
#define WORDS_TTB 0x6u

static unsigned int words_of(const struct operation *cd)
{
    return (unsigned int)(cd->arg[0] >> 56);
}

/* Is it the same CD that they write? */
static bool same_place(const struct operation *a, const struct operation *b)
{
    return a->code == SMMUV3_OP_CD && b->code == SMMUV3_OP_CD &&
           a->domain == b->domain && !((a->arg[0] ^ b->arg[0]) & CD_DEVICE) &&
           !((a->arg[1] ^ b->arg[1]) & CD_SSID);
}

/* What @op writes over; NULL: nothing. */
static const struct operation *replaced_by(const struct operation *op,
                                           const struct program *program,
                                           size_t before)
{
    while ( before-- )
        if ( same_place(&program->op[before], op) )
            return &program->op[before];
    return NULL;
}

/* Has another CD, as they are when @op has been done, this ASID for other
 * tables? */
static bool clashes(const struct operation *op, uint64_t asid,
                    const struct program *program, size_t before)
{
    for ( size_t i = 0; i < before; i++ )
    {
        const struct operation *other = &program->op[i];
        size_t later = i + 1;

        if ( other->code != SMMUV3_OP_CD || other->domain != op->domain ||
             (other->arg[1] & CD_ASID) != asid || same_place(other, op) ||
             !((other->arg[0] ^ op->arg[0]) & CD_FORMAT) )
            continue;
        while ( later < before && !same_place(&program->op[later], other) )
            later++;
        if ( later == before )
            return true;
    }
    return false;
}

/* A CD is written as a whole, or its tables stay and it gets another ASID or
 * other flags, as by one store of its first word. */
static void tame_cd(const struct program *program, size_t before,
                    struct operation *op)
{
    const struct operation *old = replaced_by(op, program, before);
    unsigned int words = words_of(op);
    uint64_t asid = op->arg[1] & CD_ASID, next = 1;

    if ( !old || (words & WORDS_TTB) == WORDS_TTB )
        fuzz_set(op, "words", WORDS_ALL);
    else
    {
        fuzz_set(op, "words", (words & ~WORDS_TTB) | WORD0);
        op->arg[0] = (op->arg[0] & ~CD_TABLES) | (old->arg[0] & CD_TABLES);
    }
    while ( clashes(op, asid, program, before) )
        asid = next++;
    fuzz_set(op, "asid", asid);
}

/* ---- the others ---- */

/* More commands than the queue holds (U12), and a bit of GERRORN whose error
 * is not active (U11): the driver knows better. */
static void tame_write(struct operation *op)
{
    uint32_t at = REG_OFFSET(op->arg[0]) & ~7u;

    if ( at == CMDQ_PROD )
    {
        op->code = OP_READ;
        op->arg[1] = op->arg[2] = 0;
    }
    else if ( at == GERROR )
        *op = (struct operation) { .code = SMMUV3_OP_GERROR_ACK,
                                   .domain = op->domain,
                                   .arch = op->arch,
                                   .arg = { UINT32_MAX } };
}

#define CONTIGUOUS      (UINT64_C(1) << 52)
#define IS_BLOCK(value) (((value)&3) == 1)
#define BBML(machine)   ((machine)->id[SMMUV3_ID_IDR3] >> 11 & 3)
#define BBML_WITHOUT    2 /* a table becomes a block without a break */

/* Bits 15:12 of a descriptor of 64K tables are an address in some issues of
 * the specification, and nothing in others; the neighbours of a contiguous one
 * are not (U4).  A raw block may stand where a table is (U3). */
static void tame_entry(const struct program_machine *machine,
                       struct operation *op)
{
    unsigned int field = op->code == SMMUV3_OP_MAP ? MAP_TARGET : ENTRY_VALUE;
    uint64_t table = op_arg(op, 0);
    uint64_t value = op_arg(op, field) & ~CONTIGUOUS;

    if ( table < machine->tables &&
         machine->table[table].option[SMMUV3_TABLE_GRANULE] == 16 )
        value &= ~UINT64_C(0xf000);
    if ( op->code == SMMUV3_OP_ENTRY && IS_BLOCK(value) &&
         BBML(machine) < BBML_WITHOUT )
        value = 0;
    fuzz_set_nth(op, field, value);
}

/* No feature that is not there, and none that issues of the specification read
 * differently (U4). */
static void tame_ste(const struct program_machine *machine,
                     struct operation *op)
{
    fuzz_set_nth(op, EATS, HAS_ATS(machine) ? op_arg(op, EATS) & 1 : 0);
    fuzz_set_nth(op, S2TABLE, SMMUV3_NO_TABLE);
    fuzz_set_nth(op, STRW, 0);
    /* Its neighbours have other STEs, or none. */
    fuzz_set_nth(op, CONT, 0);
    if ( op_arg(op, S1DSS) == 3 )
        fuzz_set_nth(op, S1DSS, 0);
}

/* Raw words of an STE: CONT and STRW are those of word 1. */
#define STE1_CONT_STRW UINT64_C(0xc001e000)
#define STE_WORD2      128 /* its bits mean nothing without stage 2 */

static void tame_ste_word(struct operation *op)
{
    uint64_t at = op_arg(op, 1);

    if ( op->code == SMMUV3_OP_STE_RAW && at == 1 )
        op->arg[1] &= ~STE1_CONT_STRW;
    else if ( op->code == SMMUV3_OP_STE_FLIP && at / 64 == 1 &&
              (STE1_CONT_STRW >> at % 64 & 1) )
        fuzz_set_nth(op, 1, STE_WORD2 + at % 64);
}

void fuzz_tame_smmuv3(const struct program *program, size_t before,
                      struct operation *op)
{
    const struct program_machine *machine = &program->machine;

    if ( op->code == SMMUV3_OP_CD )
        tame_cd(program, before, op);
    else if ( op->code == SMMUV3_OP_STE )
        tame_ste(machine, op);
    else if ( op->code == SMMUV3_OP_STE_RAW || op->code == SMMUV3_OP_STE_FLIP )
        tame_ste_word(op);
    else if ( op->code == OP_DMA )
    {
        fuzz_set_nth(op, DMA_PASID, UINT32_MAX);
        fuzz_set_nth(op, DMA_TYPE, 0);
    }
    else if ( op->code == SMMUV3_OP_START )
        fuzz_set(op, "e2h", 0);
    else if ( op->code == OP_WRITE )
        tame_write(op);
    else if ( op->code == SMMUV3_OP_MAP || op->code == SMMUV3_OP_ENTRY )
        tame_entry(machine, op);
}
