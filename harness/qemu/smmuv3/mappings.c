/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of random programs, and DMA to them. */

#include <qemu/smmuv3/generate.h>

#define MIB UINT64_C(0x100000)

/* The first half of memory is the programs'. */
#define TARGET_OFFSET (2 * MIB)
#define TARGETS       14 /* of 2 MiB each */

#define READ  1u
#define WRITE 2u

/* Leaf sizes by granule, as orders of 4 KiB: pages first. */
static const struct {
    unsigned int granule, order[3], orders;
} sizes[] = {
    { 12, { 0, 9, 18 }, 3 },
    { 14, { 2, 13 }, 2 },
    { 16, { 4, 17 }, 2 },
};

static unsigned int form_of(const struct gen_table *t)
{
    return (t->granule - 12) / 2;
}

void gen_smmuv3_table(struct gen *g, unsigned int table)
{
    /* IDR5: 4K, 16K, 64K in bits 4 to 6 */
    unsigned int granules =
        (unsigned int)(g->target->machine.id[SMMUV3_ID_IDR5] >> 4 & 7);
    struct program_table *p = &g->program->machine.table[table];
    struct gen_table *t = &g->table[table];
    unsigned int form = rng_below(g->rng, 3);

    while ( !(granules >> form & 1) )
        form = (form + 1) % 3;
    p->name[0] = (char)('A' + table);
    p->name[1] = '\0';
    t->stage = 1;
    t->granule = sizes[form].granule;
    t->input = 32 + 4 * rng_below(g->rng, 5);
    t->asid = (uint16_t)(1 + table * 0x1111 + rng_below(g->rng, 0x1000));
    p->option[SMMUV3_TABLE_STAGE] = 1;
    p->option[SMMUV3_TABLE_GRANULE] = t->granule;
    p->option[SMMUV3_TABLE_T0SZ] = 64 - t->input;
    p->option[SMMUV3_TABLE_SL0] = SMMUV3_SL0_AUTO;
}

unsigned int gen_smmuv3_level(const struct gen_table *table,
                              const struct gen_map *map)
{
    unsigned int form = form_of(table), i = 0;

    while ( sizes[form].order[i] != map->order )
        i++;
    return 3 - i;
}

/* ---- mappings ---- */

static uint64_t bytes_of(unsigned int order)
{
    return UINT64_C(0x1000) << order;
}

/* An order of the table's granule: pages are likeliest. */
static unsigned int pick_order(struct gen *g, const struct gen_table *t)
{
    unsigned int form = form_of(t), what = rng_below(g->rng, 100);

    if ( what < 65 )
        return sizes[form].order[0];
    return sizes[form].order[1 + rng_below(g->rng, sizes[form].orders - 1)];
}

/* Few places, so that they are met again: all sizes side by side. */
static uint64_t pick_iova(struct gen *g, const struct gen_table *t,
                          unsigned int order)
{
    static const unsigned int page[] = { 0, 1, 2, 3, 7, 31 };
    uint64_t size = bytes_of(order), limit = UINT64_C(1) << t->input;
    const uint64_t base[] = { 0, UINT64_C(1) << 30, limit / 2,
                              limit - (UINT64_C(1) << 30) };
    uint64_t iova = base[rng_below(g->rng, 4)] & ~(size - 1);

    if ( order < 9 )
        iova += page[rng_below(g->rng, 6)] * size;
    else if ( order < 18 )
        iova += rng_below(g->rng, 2) * size;
    return iova < limit ? iova : 0;
}

static uint64_t ram(const struct gen *g)
{
    return g->target->machine.region[0].base;
}

/* Of a large page the beginning of memory. */
uint64_t gen_smmuv3_target(struct gen *g, unsigned int order)
{
    static const unsigned int page[] = { 0, 1, 2, 5, 16, 31 };
    uint64_t target = ram(g) + TARGET_OFFSET +
                      rng_below(g->rng, TARGETS) * 2 * MIB;

    if ( order > 9 )
        return ram(g);
    if ( order < 9 )
        target += page[rng_below(g->rng, 6)] * bytes_of(order);
    return target;
}

static bool overlap(const struct gen_map *m, uint64_t iova, unsigned int order)
{
    unsigned int larger = m->order > order ? m->order : order;

    return !((m->iova ^ iova) >> (12 + larger));
}

/*
 * Break before make (3.21.1): a table takes the place of a leaf, or a leaf
 * that of a table, only after nothing was there.  BBML 2 would allow more.
 */
static void make_room(struct gen *g, unsigned int table, uint64_t iova,
                      unsigned int order)
{
    struct gen_table *t = &g->table[table];

    for ( unsigned int i = 0; i < t->maps; i++ )
    {
        struct gen_map *m = &t->map[i];

        if ( !m->live || m->order == order || !overlap(m, iova, order) )
            continue;
        GEN_EMIT(g, SMMUV3_OP_UNMAP, table, m->iova, m->order);
        m->live = false;
        gen_smmuv3_break(g, t);
    }
}

static struct gen_map *map_at(struct gen_table *t, uint64_t iova,
                              unsigned int order)
{
    for ( unsigned int i = 0; i < t->maps; i++ )
        if ( t->map[i].iova == iova && t->map[i].order == order )
            return &t->map[i];
    return NULL;
}

/* A live leaf is not changed to another output without a break. */
static void break_map(struct gen *g, unsigned int table, struct gen_map *m)
{
    if ( !m->live )
        return;
    GEN_EMIT(g, SMMUV3_OP_UNMAP, table, m->iova, m->order);
    gen_smmuv3_break(g, &g->table[table]);
    m->live = false;
}

static void write_map(struct gen *g, unsigned int table, struct gen_map *m)
{
    struct operation *op;

    make_room(g, table, m->iova, m->order);
    op = GEN_EMIT(g, SMMUV3_OP_MAP, table, m->iova, m->target, m->order,
                  m->rights);
    /* QEMU does otherwise: not often. */
    field_set(op, "global",
              g->table[table].stage == 1 && !rng_below(g->rng, 300));
    field_set(op, "no-af", !rng_below(g->rng, 2000));
    m->live = true;
}

static unsigned int pick_rights(struct gen *g, const struct gen_table *t)
{
    if ( t->stage == 2 )
        return gen_smmuv3_stage_2_rights(g);
    return rng_chance(g->rng, 70) ? READ | WRITE : READ;
}

const struct gen_map *gen_smmuv3_map(struct gen *g, unsigned int table)
{
    struct gen_table *t = &g->table[table];
    unsigned int order = pick_order(g, t);
    uint64_t iova = t->stage == 2 ? gen_smmuv3_ipa(g, t, order) :
                                    pick_iova(g, t, order);
    uint64_t target = gen_smmuv3_target(g, order);
    struct gen_map *m = map_at(t, iova, order);

    if ( !m && t->maps == GEN_MAPS )
        return NULL;
    if ( !m )
    {
        m = &t->map[t->maps++];
        *m = (struct gen_map) { iova, target, target, order, 0, false };
    }
    break_map(g, table, m);
    m->old_target = m->target;
    m->target = target;
    m->rights = pick_rights(g, t);
    write_map(g, table, m);
    return m;
}

const struct gen_map *gen_smmuv3_change(struct gen *g, unsigned int table)
{
    struct gen_table *t = &g->table[table];
    struct gen_map *m;

    if ( !t->maps )
        return gen_smmuv3_map(g, table);
    m = &t->map[rng_below(g->rng, t->maps)];
    if ( !m->live )
        write_map(g, table, m);
    else if ( rng_chance(g->rng, 40) )
    {
        /* Rights may change without a break. */
        m->rights = pick_rights(g, t);
        write_map(g, table, m);
    }
    else
    {
        GEN_EMIT(g, SMMUV3_OP_UNMAP, table, m->iova, m->order);
        m->live = false;
    }
    return m;
}

/* ---- DMA ---- */

void gen_smmuv3_mark(struct gen *g, uint64_t address)
{
    uint64_t first = ram(g) + TARGET_OFFSET;

    if ( address >= first && address < first + TARGETS * 2 * MIB )
        GEN_EMIT(g, OP_STORE, address, 0xa0000000u | g->mark++);
}

static unsigned int next_offset(struct gen *g)
{
    unsigned int offset = g->offset;

    g->offset = (g->offset + 8) & 0xff8;
    return offset;
}

static void emit_dma(struct gen *g, unsigned int device, bool write,
                     uint64_t iova)
{
    struct operation *op = GEN_EMIT(
        g, OP_DMA, device, write ? REQUEST_WRITE : REQUEST_READ, iova);

    field_set(op, "size", 4);
    g->events = true;
}

/* Where it may end: at stage 2 of a nested stream what stage 1 puts out goes
 * on. */
static void marks(struct gen *g, const struct gen_device *d, uint64_t output)
{
    if ( d->kind == GEN_NESTED )
        gen_smmuv3_stage_2_marks(g, d->table2, output);
    else
        gen_smmuv3_mark(g, output);
}

static void mapped_dma(struct gen *g, unsigned int device,
                       const struct gen_map *m)
{
    static const unsigned int page[] = { 0, 1, 5, 511 };
    const struct gen_device *d = &g->device[device];
    uint64_t offset = next_offset(g);

    if ( m->order > 9 )
        offset += gen_smmuv3_target(g, 0) - ram(g);
    else if ( m->order == 9 )
        offset += page[rng_below(g->rng, 4)] * UINT64_C(0x1000);
    marks(g, d, m->target + offset);
    if ( m->old_target != m->target )
        marks(g, d, m->old_target + offset);
    emit_dma(g, device, rng_chance(g->rng, 50), m->iova + offset);
}

/* Where nothing is mapped, or beyond the width. */
static void wild_dma(struct gen *g, unsigned int device,
                     const struct gen_table *t)
{
    unsigned int order = sizes[form_of(t)].order[0];
    uint64_t iova = t->stage == 2 ? gen_smmuv3_ipa(g, t, order) :
                                    pick_iova(g, t, order);

    /* Stage 2 of QEMU looks at no address beyond OAS: not often. */
    bool steer = t->stage == 2 && t->input >= g->target->machine.haw &&
                 rng_below(g->rng, 1000);

    if ( !steer && t->input < 48 && rng_chance(g->rng, 25) )
        iova |= UINT64_C(1) << t->input;
    else if ( !rng_below(g->rng, 2000) )
        iova |= UINT64_C(1) << 48;
    emit_dma(g, device, rng_chance(g->rng, 50), iova + next_offset(g));
}

static void plain_dma(struct gen *g, unsigned int device)
{
    uint64_t target = gen_smmuv3_target(g, 0) + next_offset(g);

    gen_smmuv3_mark(g, target);
    emit_dma(g, device, rng_chance(g->rng, 50), target);
}

/* The table that a request meets first. */
static struct gen_table *first_table(struct gen *g, const struct gen_device *d)
{
    switch ( d->kind )
    {
    case GEN_STAGE_1:
    case GEN_NESTED:
        return &g->table[d->table];
    case GEN_STAGE_2:
        return &g->table[d->table2];
    default:
        return &g->table[0];
    }
}

void gen_smmuv3_dma(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct gen_table *t = first_table(g, d);

    /* Steer away from what QEMU does otherwise: an interrupt for each. */
    if ( g->events && rng_below(g->rng, 8000) )
        gen_smmuv3_handle_events(g);
    if ( d->kind == GEN_BYPASS )
        plain_dma(g, device);
    else if ( t->maps && rng_chance(g->rng, 85) )
        mapped_dma(g, device, &t->map[rng_below(g->rng, t->maps)]);
    else
        wild_dma(g, device, t);
}
