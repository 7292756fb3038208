/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second-level mappings of random programs, and DMA to them. */

#include <qemu/vtd/generate.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)

#define PAGE_BYTES(order) (UINT64_C(0x1000) << (order))

/* Targets: the first half of memory is the programs', 2 MiB of it used by
 * nobody since firmware lives there on a PC. */
#define FIRST_TARGET (2 * MIB)
#define TARGETS      3 /* of 2 MiB each */

/* DMA stay out of the interrupt range, 3.14. */
#define INTERRUPT_RANGE(address) ((address) >> 20 == 0xfee)

static unsigned int width(const struct gen_table *t)
{
    return t->levels == 3 ? 39 : 48;
}

/* Few places, so that they are met again: three sizes side by side. */
static uint64_t pick_iova(struct gen *g, const struct gen_table *t,
                          unsigned int order)
{
    static const unsigned int page[] = { 0, 1, 2, 3, 7, 8, 511 };
    static const unsigned int region[] = { 0, 1, 2, 511 };
    uint64_t top = (UINT64_C(1) << width(t)) / GIB;
    const uint64_t gib[] = { 0, 1, 5, top - 1, top / 2 };
    uint64_t iova = gib[rng_below(g->rng, 5)] * GIB;

    if ( order == 18 )
        return gib[2 + rng_below(g->rng, 3)] * GIB;
    iova += region[rng_below(g->rng, 4)] * 2 * MIB;
    if ( order == 0 )
        iova += page[rng_below(g->rng, 7)] * 4 * KIB;
    return iova;
}

static uint64_t pick_target(struct gen *g, unsigned int order)
{
    static const unsigned int page[] = { 0, 1, 2, 5, 16, 511 };
    uint64_t target = FIRST_TARGET + rng_below(g->rng, TARGETS) * 2 * MIB;

    if ( order == 18 )
        return 0;
    return order ? target : target + page[rng_below(g->rng, 6)] * 4 * KIB;
}

static unsigned int pick_order(struct gen *g)
{
    unsigned int sllps = (unsigned int)(g->target->machine.id[VTD_ID_CAP] >>
                                            34 &
                                        3);
    unsigned int what = rng_below(g->rng, 100);

    if ( what < 8 && (sllps & 2) )
        return 18;
    return what < 35 && (sllps & 1) ? 9 : 0;
}

static unsigned int pick_rights(struct gen *g)
{
    static const unsigned int rights[] = { 3, 3, 3, 3, 3, 3, 1, 1, 2, 2 };

    return rights[rng_below(g->rng, 10)];
}

static bool overlap(const struct gen_map *m, uint64_t iova, unsigned int order)
{
    unsigned int larger = m->order > order ? m->order : order;

    return !((m->iova ^ iova) >> (12 + larger));
}

/* Larger leaves in the way are cleared; what lies below is gone with the new
 * one. */
static void make_room(struct gen *g, unsigned int table, uint64_t iova,
                      unsigned int order)
{
    struct gen_table *t = &g->table[table];

    for ( unsigned int i = 0; i < t->maps; i++ )
    {
        struct gen_map *m = &t->map[i];

        if ( !m->live || m->order == order || !overlap(m, iova, order) )
            continue;
        if ( m->order > order )
            GEN_EMIT(g, VTD_OP_UNMAP, table, m->iova, m->order);
        m->live = false;
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

static uint64_t write_map(struct gen *g, unsigned int table, struct gen_map *m)
{
    make_room(g, table, m->iova, m->order);
    GEN_EMIT(g, VTD_OP_MAP, table, m->iova, m->target, m->order, m->rights);
    m->live = true;
    return m->iova;
}

uint64_t gen_map(struct gen *g, unsigned int table)
{
    struct gen_table *t = &g->table[table];
    unsigned int order = pick_order(g);
    uint64_t iova = pick_iova(g, t, order), target = pick_target(g, order);
    struct gen_map *m = map_at(t, iova, order);

    if ( !m && t->maps == GEN_MAPS )
        return 0;
    if ( !m )
    {
        m = &t->map[t->maps++];
        m->target = target;
    }
    m->iova = iova;
    m->order = order;
    m->old_target = m->target;
    m->target = target;
    m->rights = pick_rights(g);
    return write_map(g, table, m);
}

/* ---- changes ---- */

static void clear_table(struct gen *g, unsigned int table,
                        const struct gen_map *m)
{
    struct gen_table *t = &g->table[table];

    GEN_EMIT(g, VTD_OP_ENTRY, table, m->iova, 2, 0);
    for ( unsigned int i = 0; i < t->maps; i++ )
        if ( overlap(&t->map[i], m->iova, 9) && t->map[i].order <= 9 )
            t->map[i].live = false;
}

/* A leaf that no unit takes; it stays until something is mapped there. */
static void spoil(struct gen *g, unsigned int table, struct gen_map *m)
{
    /* Above the width. */
    uint64_t value = m->target | m->rights | UINT64_C(1) << 51 |
                     (m->order ? 0x80 : 0);

    if ( m->order == 9 && rng_chance(g->rng, 50) )
        value = m->target | 0x1000 | m->rights | 0x80; /* not aligned */
    GEN_EMIT(g, VTD_OP_ENTRY, table, m->iova, m->order / 9 + 1, value);
}

uint64_t gen_change_map(struct gen *g, unsigned int table)
{
    struct gen_table *t = &g->table[table];
    struct gen_map *m;
    unsigned int what = rng_below(g->rng, 100);

    if ( !t->maps )
        return gen_map(g, table);
    m = &t->map[rng_below(g->rng, t->maps)];
    if ( !m->live || what < 25 )
    {
        m->old_target = m->target;
        m->target = pick_target(g, m->order);
        write_map(g, table, m);
    }
    else if ( what < 45 )
    {
        m->rights = pick_rights(g);
        write_map(g, table, m);
    }
    else if ( what < 80 )
    {
        GEN_EMIT(g, VTD_OP_UNMAP, table, m->iova, m->order);
        m->live = false;
    }
    else if ( what < 90 && !m->order )
        clear_table(g, table, m);
    else
        spoil(g, table, m);
    return m->iova;
}

/* ---- DMA ---- */

static void put_mark(struct gen *g, uint64_t address)
{
    if ( address < FIRST_TARGET ||
         address >= FIRST_TARGET + TARGETS * 2 * MIB )
        return;
    GEN_EMIT(g, OP_STORE, address, 0xa0000000u | g->mark++);
}

/* What an IOTLB may have from now on. */
static void warm_up(struct gen *g, uint64_t iova)
{
    for ( unsigned int t = 0; t < g->tables; t++ )
        for ( unsigned int i = 0; i < g->table[t].maps; i++ )
            g->table[t].map[i].warm |= overlap(&g->table[t].map[i], iova, 0);
}

/* What QEMU is known to do otherwise: steer away from it. */
static bool hits_without_right(const struct gen *g, unsigned int device,
                               bool write, uint64_t iova)
{
    const struct gen_table *t = &g->table[g->device[device].table];

    for ( unsigned int i = 0; i < t->maps; i++ )
        if ( t->map[i].warm && t->map[i].live &&
             !(t->map[i].rights & (write ? 2 : 1)) &&
             overlap(&t->map[i], iova, 0) )
            return true;
    return false;
}

static void emit_dma(struct gen *g, unsigned int device, bool write,
                     uint64_t iova)
{
    struct operation *op;

    if ( INTERRUPT_RANGE(iova) )
        return;
    if ( hits_without_right(g, device, write, iova) && rng_below(g->rng, 800) )
        gen_flush_all(g);
    op = GEN_EMIT(g, OP_DMA, device, write ? REQUEST_WRITE : REQUEST_READ,
                  iova);
    field_set(op, "size", 4);
    g->faults = true;
    warm_up(g, iova);
}

/* Somewhere in the page of a mapping, at an offset of its own. */
static uint64_t offset_in(struct gen *g, const struct gen_map *m)
{
    static const unsigned int page[] = { 0, 1, 5, 511 };
    uint64_t offset = g->offset;

    g->offset = (g->offset + 8) & 0xff8;
    if ( m->order == 9 )
        offset += page[rng_below(g->rng, 4)] * 4 * KIB;
    else if ( m->order == 18 )
        offset += pick_target(g, 0);
    return offset;
}

static void mapped_dma(struct gen *g, unsigned int device, struct gen_map *m)
{
    bool write = rng_chance(g->rng, 50);
    uint64_t offset = offset_in(g, m);
    put_mark(g, m->target + offset);
    if ( m->old_target != m->target )
        put_mark(g, m->old_target + offset);
    emit_dma(g, device, write, m->iova + offset);
}

/* Anywhere: where nothing is mapped, beyond the width, out of bounds. */
static void wild_dma(struct gen *g, unsigned int device,
                     const struct gen_table *t)
{
    uint64_t iova = pick_iova(g, t, 0) + g->offset;
    unsigned int what = rng_below(g->rng, 10);

    if ( what < 2 )
        iova |= UINT64_C(1) << width(t);
    else if ( what < 3 )
        iova = (rng_next(g->rng) & ~UINT64_C(0xfff)) | g->offset;
    else if ( what < 4 )
        iova = (UINT64_C(1) << width(t)) - 8;
    g->offset = (g->offset + 8) & 0xff8;
    emit_dma(g, device, rng_chance(g->rng, 50), iova);
}

/* The address itself, with or without translation. */
static void plain_dma(struct gen *g, unsigned int device)
{
    uint64_t target = pick_target(g, 0) + g->offset;

    g->offset = (g->offset + 8) & 0xff8;
    put_mark(g, target);
    emit_dma(g, device, rng_chance(g->rng, 50), target);
}

void gen_dma(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct gen_table *t = &g->table[d->kind == GEN_TABLE ? d->table : 0];

    if ( g->faults && rng_chance(g->rng, 40) )
    {
        GEN_EMIT(g, VTD_OP_HANDLE_FAULTS, 0xffff);
        g->faults = false;
    }
    if ( d->kind == GEN_PASS_THROUGH && rng_chance(g->rng, 98) )
        plain_dma(g, device);
    else if ( t->maps && rng_chance(g->rng, 85) )
        mapped_dma(g, device, &t->map[rng_below(g->rng, t->maps)]);
    else
        wild_dma(g, device, t);
}
