/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random SMMUv3 programs, stage 1: a start, then steps of changes,
 * invalidations and DMA in any order.
 */

#include <qemu/smmuv3/generate.h>

#include <stdlib.h>

#define STEPS_LEAST 8
#define STEPS_RANGE 28

void gen_smmuv3_handle_events(struct gen *g)
{
    GEN_PLAIN(g, SMMUV3_OP_HANDLE_EVENTS);
    g->events = false;
}

/* ---- invalidation ---- */

static void sync(struct gen *g)
{
    struct operation *op = GEN_PLAIN(g, SMMUV3_OP_SYNC);

    field_set(op, "irq", rng_chance(g->rng, 20));
}

static void flush_all(struct gen *g)
{
    GEN_PLAIN(g, SMMUV3_OP_CFGI_ALL);
    GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL);
    sync(g);
}

/* Without stage 2 there are no VMIDs: the field says nothing (4.4). */
static void any_vmid(struct gen *g, struct operation *op)
{
    if ( rng_chance(g->rng, 10) )
        field_set(op, "vmid", 1 + rng_below(g->rng, 0xffff));
}

/* IDR3.RIL: 2^scale * (num + 1) granules from an address on (4.4.1). */
struct range {
    unsigned int tg, scale, num;
};

/* One that reaches @iova from a place at or before it, into *@from. */
static struct range pick_range(struct gen *g, const struct gen_table *t,
                               uint64_t iova, uint64_t *from)
{
    struct range r = { (t->granule - 10) / 2, rng_below(g->rng, 4),
                       rng_below(g->rng, 32) };
    uint64_t before = iova >> t->granule;

    /* One granule, as a range: reserved, which QEMU does not mind. */
    if ( !r.scale && !r.num && rng_chance(g->rng, 90) )
        r.num = 1;
    if ( before >= (r.num + 1) << r.scale )
        before = ((r.num + 1) << r.scale) - 1;
    before = rng_below(g->rng, (unsigned int)before + 1);
    *from = iova - (before << t->granule);
    return r;
}

/* @level: of the leaf there, 0: not known. */
static void flush_address(struct gen *g, const struct gen_table *t,
                          uint64_t iova, unsigned int level)
{
    bool ril = g->target->machine.id[SMMUV3_ID_IDR3] >> 10 & 1;
    bool all_asids = rng_chance(g->rng, 25);
    struct range r = { 0 };
    struct operation *op;

    iova &= ~((UINT64_C(1) << t->granule) - 1);
    if ( ril && rng_chance(g->rng, 50) )
        r = pick_range(g, t, iova, &iova);
    op = all_asids ? GEN_EMIT(g, SMMUV3_OP_TLBI_NH_VAA, iova) :
                     GEN_EMIT(g, SMMUV3_OP_TLBI_NH_VA, t->asid, iova);
    field_set(op, "leaf", rng_chance(g->rng, 30));
    any_vmid(g, op);
    field_set(op, "tg", r.tg);
    field_set(op, "scale", r.scale);
    field_set(op, "num", r.num);
    if ( r.tg && rng_chance(g->rng, 30) )
        field_set(op, "ttl", level);
}

static void flush_map(struct gen *g, const struct gen_table *t,
                      const struct gen_map *m)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( m && what < 60 )
        flush_address(g, t, m->iova, gen_smmuv3_level(t, m));
    else if ( what < 85 )
        any_vmid(g, GEN_EMIT(g, SMMUV3_OP_TLBI_NH_ASID, t->asid));
    else
        any_vmid(g, GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL));
    sync(g);
}

static void flush_device(struct gen *g, unsigned int device)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( what < 50 )
    {
        GEN_EMIT(g, SMMUV3_OP_CFGI_STE, device);
        if ( rng_chance(g->rng, 50) )
            GEN_EMIT(g, SMMUV3_OP_CFGI_CD, device);
    }
    else if ( what < 75 )
        GEN_EMIT(g, SMMUV3_OP_CFGI_STE_RANGE, device, rng_below(g->rng, 12));
    else
        GEN_PLAIN(g, SMMUV3_OP_CFGI_ALL);
    sync(g);
}

static void random_flush(struct gen *g)
{
    const struct gen_table *t = &g->table[rng_below(g->rng, g->tables)];
    unsigned int device = rng_below(g->rng, g->devices);

    switch ( rng_below(g->rng, 7) )
    {
    case 0:
        GEN_EMIT(g, SMMUV3_OP_CFGI_STE, device);
        break;
    case 1:
        GEN_EMIT(g, SMMUV3_OP_CFGI_CD, device);
        break;
    case 2:
        GEN_PLAIN(g, SMMUV3_OP_CFGI_ALL);
        break;
    case 3:
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL);
        break;
    case 4:
        GEN_EMIT(g, SMMUV3_OP_TLBI_NH_ASID,
                 rng_chance(g->rng, 80) ? t->asid : rng_next(g->rng) & 0xffff);
        break;
    case 5:
        GEN_EMIT(g, SMMUV3_OP_CFGI_CD_ALL, device);
        break;
    default:
        flush_address(
            g, t, t->maps ? t->map[rng_below(g->rng, t->maps)].iova : 0, 0);
    }
    if ( rng_chance(g->rng, 70) )
        sync(g);
}

/* ---- streams ---- */

static void context(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct operation *op = GEN_EMIT(g, SMMUV3_OP_CD, device);

    d->table = rng_below(g->rng, g->tables);
    field_set(op, "table", d->table);
    field_set(op, "asid", g->table[d->table].asid);
    field_set(op, "no-r", rng_chance(g->rng, 10));
}

static void stream_stage_1(struct gen *g, unsigned int device)
{
    context(g, device);
    GEN_EMIT(g, SMMUV3_OP_STE, device, 5);
    g->device[device].kind = GEN_STAGE_1;
}

static void stream_any(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    unsigned int what = rng_below(g->rng, 100);
    struct operation *op;

    if ( what < 60 )
        stream_stage_1(g, device);
    else if ( what < 75 )
    {
        GEN_EMIT(g, SMMUV3_OP_STE, device, 4);
        d->kind = GEN_BYPASS;
    }
    else if ( what < 85 )
    {
        GEN_EMIT(g, SMMUV3_OP_STE, device, 0);
        d->kind = GEN_ABORT;
    }
    else if ( what < 93 )
    {
        op = GEN_EMIT(g, SMMUV3_OP_STE, device, 5);
        field_set(op, "absent", 1);
        d->kind = GEN_NONE;
    }
    else
    {
        op = GEN_EMIT(g, SMMUV3_OP_CD, device);
        field_set(op, "absent", 1);
        GEN_EMIT(g, SMMUV3_OP_STE, device, 5);
        d->kind = GEN_NONE;
    }
}

/* ---- steps ---- */

static void some_dma(struct gen *g, unsigned int device)
{
    unsigned int count = 1 + rng_below(g->rng, 3);

    while ( count-- )
        gen_smmuv3_dma(g, device);
}

/* A device that uses the table, if there is one. */
static unsigned int device_of(struct gen *g, unsigned int table)
{
    unsigned int first = rng_below(g->rng, g->devices);

    for ( unsigned int i = 0; i < g->devices; i++ )
    {
        unsigned int device = (first + i) % g->devices;

        if ( g->device[device].kind == GEN_STAGE_1 &&
             g->device[device].table == table )
            return device;
    }
    return first;
}

static void stale_window(struct gen *g, unsigned int device)
{
    gen_smmuv3_handle_events(g);
    gen_smmuv3_dma(g, device);
    gen_smmuv3_handle_events(g);
}

static void step_map(struct gen *g)
{
    unsigned int table = rng_below(g->rng, g->tables);
    unsigned int device = device_of(g, table);
    const struct gen_map *m;

    if ( rng_chance(g->rng, 60) )
        some_dma(g, device);
    m = rng_chance(g->rng, 50) ? gen_smmuv3_map(g, table) :
                                 gen_smmuv3_change(g, table);
    if ( rng_chance(g->rng, 25) )
        stale_window(g, device);
    if ( rng_chance(g->rng, 15) )
        random_flush(g);
    flush_map(g, &g->table[table], m);
    some_dma(g, device);
}

static void step_stream(struct gen *g)
{
    unsigned int device = rng_below(g->rng, g->devices);

    if ( rng_chance(g->rng, 50) )
        gen_smmuv3_dma(g, device);
    stream_any(g, device);
    if ( rng_chance(g->rng, 25) )
        stale_window(g, device);
    flush_device(g, device);
    some_dma(g, device);
}

/* Another context descriptor under the same entry. */
static void step_context(struct gen *g)
{
    unsigned int device = rng_below(g->rng, g->devices);

    if ( g->device[device].kind != GEN_STAGE_1 )
        return;
    if ( rng_chance(g->rng, 70) )
        some_dma(g, device);
    context(g, device);
    if ( rng_chance(g->rng, 25) )
        stale_window(g, device);
    if ( rng_chance(g->rng, 70) )
        GEN_EMIT(g, SMMUV3_OP_CFGI_CD, device);
    else
        GEN_EMIT(g, SMMUV3_OP_CFGI_CD_ALL, device);
    sync(g);
    some_dma(g, device);
}

static void step(struct gen *g)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( what < 45 )
        step_map(g);
    else if ( what < 55 )
        step_context(g);
    else if ( what < 67 )
        step_stream(g);
    else if ( what < 82 )
        some_dma(g, rng_below(g->rng, g->devices));
    else if ( what < 90 )
        gen_smmuv3_handle_events(g);
    else
        random_flush(g);
}

/* ---- the program ---- */

static void start(struct gen *g)
{
    struct operation *op = GEN_PLAIN(g, SMMUV3_OP_START);
    bool levels = g->target->machine.id[SMMUV3_ID_IDR0] >> 27 & 3;

    field_set(op, "sid-bits", 9);
    /* Small, so that they wrap. */
    field_set(op, "evtq", 2 + rng_below(g->rng, 4));
    field_set(op, "cmdq", 5 + rng_below(g->rng, 4));
    field_set(op, "strtab",
              levels && rng_chance(g->rng, 50) ? SMMUV3_STRTAB_2LVL :
                                                 SMMUV3_STRTAB_LINEAR);
    field_set(op, "split", 6 + 2 * rng_below(g->rng, 2));
    for ( unsigned int i = 0; i < g->tables; i++ )
        for ( unsigned int n = rng_below(g->rng, 5); n; n-- )
            gen_smmuv3_map(g, i);
    for ( unsigned int i = 0; i < g->devices; i++ )
        if ( rng_chance(g->rng, 85) )
            stream_stage_1(g, i);
        else
            stream_any(g, i);
    flush_all(g);
}

void smmuv3_generate(const struct diff_target *target, struct rng *rng,
                     struct program *program)
{
    struct gen *g = calloc(1, sizeof(*g));
    unsigned int steps = STEPS_LEAST + rng_below(rng, STEPS_RANGE);

    if ( !g )
        abort();
    *g = (struct gen) { .program = program,
                        .rng = rng,
                        .target = target,
                        .devices = program->machine.devices };
    program->machine.id[SMMUV3_ID_IDR0] &= ~(uint64_t)(SMMUV3_IDR0_S2P |
                                                       SMMUV3_IDR0_VMID16);
    g->tables = 2 + rng_below(rng, GEN_TABLES - 1);
    program->machine.tables = g->tables;
    for ( unsigned int i = 0; i < g->tables; i++ )
        gen_smmuv3_table(g, i);
    start(g);
    while ( steps-- )
        step(g);
    free(g);
}
