/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 2 of random programs.  Half of the programs for a machine that has it
 * use it: streams of stage 2 alone, and nested ones.  The driver's own pages,
 * in the second half of memory, are always where stage 1 looks for them.
 */

#include <qemu/smmuv3/generate.h>

#define MIB UINT64_C(0x100000)

/* The driver's memory, of which programs use less than this. */
#define DRIVER_OFFSET (32 * MIB)
#define DRIVER_SIZE   (16 * MIB)

/* An input size for which walks start in one of two tables at level 1. */
#define CONCATENATED 40

/* Addresses beyond memory. */
#define FAR UINT64_C(0x80000000)

#define READ  1u
#define WRITE 2u

/* IDR5.OAS (6.3.6) */
static const unsigned int oas_bits[] = { 32, 36, 40, 42, 44, 48 };

/* By granule: input sizes that begin with one table, and S2SL0 of each (5.2,
 * STE.S2SL0); the orders of blocks. */
static const struct {
    unsigned int granule;
    struct {
        unsigned int bits, sl0;
    } input[5];
    unsigned int inputs;
} forms[] = {
    { 12, { { 32, 1 }, { 36, 1 }, { 39, 1 }, { 40, 2 }, { 44, 2 } }, 5 },
    { 14, { { 32, 1 }, { 36, 1 }, { 40, 2 }, { 44, 2 } }, 4 },
    { 16, { { 32, 1 }, { 36, 1 }, { 40, 1 }, { 44, 2 } }, 4 },
};

bool gen_smmuv3_has_stage_2(const struct gen *g)
{
    return g->target->machine.id[SMMUV3_ID_IDR0] & SMMUV3_IDR0_S2P;
}

static uint64_t ram(const struct gen *g)
{
    return g->target->machine.region[0].base;
}

/* ---- tables ---- */

void gen_smmuv3_stage_2_table(struct gen *g, unsigned int table)
{
    uint64_t idr5 = g->target->machine.id[SMMUV3_ID_IDR5];
    unsigned int number = gen_stage_2(g, table);
    struct program_table *p = &g->program->machine.table[number];
    struct gen_table *t = &g->table[number];
    unsigned int form = rng_below(g->rng, 3), input;

    while ( !(idr5 >> (4 + form) & 1) )
        form = (form + 1) % 3;
    input = rng_below(g->rng, forms[form].inputs);
    while ( forms[form].input[input].bits > oas_bits[idr5 & 7] )
        input--;
    p->name[0] = (char)('S' + table);
    p->name[1] = '\0';
    t->stage = 2;
    t->granule = forms[form].granule;
    t->input = forms[form].input[input].bits;
    t->vmid = (uint16_t)(1 + table * 100 + rng_below(g->rng, 100));
    p->option[SMMUV3_TABLE_STAGE] = 2;
    p->option[SMMUV3_TABLE_SL0] = forms[form].input[input].sl0;
    /* Concatenated tables, of which QEMU finds one: not often. */
    if ( t->granule == 12 && oas_bits[idr5 & 7] >= CONCATENATED &&
         !rng_below(g->rng, 100) )
    {
        t->input = CONCATENATED;
        p->option[SMMUV3_TABLE_SL0] = SMMUV3_SL0_AUTO;
    }
    p->option[SMMUV3_TABLE_GRANULE] = t->granule;
    p->option[SMMUV3_TABLE_T0SZ] = 64 - t->input;
}

static void identity(struct gen *g, unsigned int number, uint64_t ipa,
                     unsigned int order)
{
    GEN_EMIT(g, SMMUV3_OP_MAP, number, ipa, ipa, order, READ | WRITE);
}

void gen_smmuv3_stage_2_start(struct gen *g, unsigned int table)
{
    unsigned int number = gen_stage_2(g, table);
    uint64_t driver = ram(g) + DRIVER_OFFSET;

    switch ( g->table[number].granule )
    {
    case 12:
        for ( uint64_t at = 0; at < DRIVER_SIZE; at += 2 * MIB )
            identity(g, number, driver + at, 9);
        break;
    case 14: /* 32M */
        identity(g, number, driver, 13);
        break;
    default: /* 512M: all memory */
        identity(g, number, ram(g), 17);
        break;
    }
    for ( unsigned int n = 4 + rng_below(g->rng, 8); n; n-- )
        gen_smmuv3_map(g, number);
}

/* ---- mappings ---- */

/* What stage 1 puts out, and beyond; never the driver's own. */
uint64_t gen_smmuv3_ipa(struct gen *g, const struct gen_table *t,
                        unsigned int order)
{
    static const unsigned int page[] = { 0, 1, 2, 5, 16, 31 };
    uint64_t size = UINT64_C(0x1000) << order;
    bool near = rng_chance(g->rng, 80) && order < 17;

    if ( near && order == 13 )
        return ram(g);
    if ( near && t->granule != 16 )
        return gen_smmuv3_target(g, order);
    if ( order < 9 )
        return FAR + page[rng_below(g->rng, 6)] * size;
    return FAR + rng_below(g->rng, 2) * size;
}

unsigned int gen_smmuv3_stage_2_rights(struct gen *g)
{
    /* Steer away from rights that QEMU forgets on a hit. */
    unsigned int what = rng_below(g->rng, 300);

    return what < 2 ? READ : what < 4 ? WRITE : what < 12 ? 0 : READ | WRITE;
}

void gen_smmuv3_stage_2_marks(struct gen *g, unsigned int table, uint64_t ipa)
{
    const struct gen_table *t = &g->table[table];

    for ( unsigned int i = 0; i < t->maps; i++ )
    {
        const struct gen_map *m = &t->map[i];
        uint64_t offset = ipa - m->iova;

        if ( offset >> (12 + m->order) )
            continue;
        gen_smmuv3_mark(g, m->target + offset);
        if ( m->old_target != m->target )
            gen_smmuv3_mark(g, m->old_target + offset);
    }
    if ( t->granule == 16 )
        gen_smmuv3_mark(g, ipa);
}

/* ---- invalidation ---- */

static void tagged(struct operation *op, const struct gen_table *t)
{
    field_set(op, "vmid", t->vmid);
}

/* Of stage 2 alone (4.4.3): what was combined with stage 1 stays, so that the
 * second is owed as well. */
static void flush_address(struct gen *g, const struct gen_table *t,
                          const struct gen_map *m)
{
    uint64_t granule = UINT64_C(1) << t->granule;
    struct operation *op = GEN_EMIT(g, SMMUV3_OP_TLBI_S2_IPA,
                                    m->iova & ~(granule - 1));

    tagged(op, t);
    field_set(op, "leaf", rng_chance(g->rng, 30));
    if ( rng_chance(g->rng, 60) )
        tagged(GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL), t);
}

void gen_smmuv3_stage_2_flush(struct gen *g, const struct gen_table *t,
                              const struct gen_map *m)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( m && what < 45 )
        flush_address(g, t, m);
    else if ( what < 85 )
        tagged(GEN_PLAIN(g, SMMUV3_OP_TLBI_S12_VMALL), t);
    else
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NSNH_ALL);
}

unsigned int gen_smmuv3_vmids(const struct gen *g, unsigned int table,
                              uint16_t vmid[GEN_DEVICES])
{
    unsigned int count = 0;

    for ( unsigned int i = 0; i < g->devices; i++ )
    {
        const struct gen_device *d = &g->device[i];
        uint16_t id = d->kind == GEN_NESTED ? g->table[d->table2].vmid : 0;
        unsigned int n = 0;

        if ( (d->kind != GEN_STAGE_1 && d->kind != GEN_NESTED) ||
             d->table != table )
            continue;
        while ( n < count && vmid[n] != id )
            n++;
        if ( n == count )
            vmid[count++] = id;
    }
    return count;
}
