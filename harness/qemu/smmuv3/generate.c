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

/* IDR3.RIL: 2^scale * (num + 1) granules from an address on (4.4.1). */
static void range(struct gen *g, struct operation *op,
                  const struct gen_table *t)
{
    bool ril = g->target->machine.id[SMMUV3_ID_IDR3] >> 10 & 1;

    if ( !ril || rng_chance(g->rng, 50) )
        return;
    field_set(op, "tg", (t->granule - 10) / 2);
    field_set(op, "scale", rng_below(g->rng, 4));
    field_set(op, "num", rng_below(g->rng, 32));
    /* One granule, as a range: reserved, which QEMU does not mind. */
    if ( !field_get(op, "scale") && !field_get(op, "num") &&
         rng_chance(g->rng, 90) )
        field_set(op, "num", 1);
}

static void flush_address(struct gen *g, const struct gen_table *t,
                          uint64_t iova)
{
    bool all_asids = rng_chance(g->rng, 25);
    struct operation *op;

    iova &= ~((UINT64_C(1) << t->granule) - 1);
    op = all_asids ? GEN_EMIT(g, SMMUV3_OP_TLBI_NH_VAA, iova) :
                     GEN_EMIT(g, SMMUV3_OP_TLBI_NH_VA, t->asid, iova);
    field_set(op, "leaf", rng_chance(g->rng, 30));
    range(g, op, t);
}

static void flush_map(struct gen *g, const struct gen_table *t,
                      const struct gen_map *m)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( m && what < 60 )
        flush_address(g, t, m->iova);
    else if ( what < 85 )
        GEN_EMIT(g, SMMUV3_OP_TLBI_NH_ASID, t->asid);
    else
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL);
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
        flush_address(g, t,
                      t->maps ? t->map[rng_below(g->rng, t->maps)].iova : 0);
    }
    if ( rng_chance(g->rng, 70) )
        sync(g);
}

/* ---- streams ---- */

static void stream_stage_1(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct operation *op = GEN_EMIT(g, SMMUV3_OP_CD, device);

    d->kind = GEN_STAGE_1;
    d->table = rng_below(g->rng, g->tables);
    field_set(op, "table", d->table);
    field_set(op, "asid", g->table[d->table].asid);
    field_set(op, "no-r", rng_chance(g->rng, 10));
    GEN_EMIT(g, SMMUV3_OP_STE, device, 5);
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

static void step(struct gen *g)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( what < 45 )
        step_map(g);
    else if ( what < 62 )
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
    g->tables = 2 + rng_below(rng, GEN_TABLES - 1);
    program->machine.tables = g->tables;
    for ( unsigned int i = 0; i < g->tables; i++ )
        gen_smmuv3_table(g, i);
    start(g);
    while ( steps-- )
        step(g);
    free(g);
}
