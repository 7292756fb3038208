/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random SMMUv3 programs: a start, then steps of changes, invalidations and
 * DMA in any order.
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

/* Stage 2, alone or behind stage 1. */
static void stream_stage_2(struct gen *g, unsigned int device, bool nested)
{
    struct gen_device *d = &g->device[device];
    struct operation *op;

    d->table2 = gen_stage_2(g, rng_below(g->rng, g->tables2));
    if ( nested )
        context(g, device);
    op = GEN_EMIT(g, SMMUV3_OP_STE, device,
                  nested ? SMMUV3_CONFIG_NESTED : SMMUV3_CONFIG_STAGE_2);
    field_set(op, "s2table", d->table2);
    field_set(op, "vmid", g->table[d->table2].vmid);
    field_set(op, "no-s2r", rng_chance(g->rng, 10));
    field_set(op, "s2affd", rng_chance(g->rng, 10));
    d->kind = nested ? GEN_NESTED : GEN_STAGE_2;
}

static void stream_translated(struct gen *g, unsigned int device)
{
    if ( g->tables2 && rng_chance(g->rng, 70) )
        stream_stage_2(g, device, rng_chance(g->rng, 70));
    else
        stream_stage_1(g, device);
}

static void stream_any(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    unsigned int what = rng_below(g->rng, 100);
    struct operation *op;

    if ( what < 60 )
        stream_translated(g, device);
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

static bool uses(const struct gen_device *d, unsigned int table)
{
    return ((d->kind == GEN_STAGE_1 || d->kind == GEN_NESTED) &&
            d->table == table) ||
           ((d->kind == GEN_STAGE_2 || d->kind == GEN_NESTED) &&
            d->table2 == table);
}

/* A device that uses the table, if there is one. */
static unsigned int device_of(struct gen *g, unsigned int table)
{
    unsigned int first = rng_below(g->rng, g->devices);

    for ( unsigned int i = 0; i < g->devices; i++ )
    {
        unsigned int device = (first + i) % g->devices;

        if ( uses(&g->device[device], table) )
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
    unsigned int table = rng_below(g->rng, g->tables + g->tables2);
    unsigned int device = device_of(g, table);
    const struct gen_map *m;

    if ( rng_chance(g->rng, 60) )
        some_dma(g, device);
    m = rng_chance(g->rng, 50) ? gen_smmuv3_map(g, table) :
                                 gen_smmuv3_change(g, table);
    if ( rng_chance(g->rng, 25) )
        stale_window(g, device);
    if ( rng_chance(g->rng, 15) )
        gen_smmuv3_flush_any(g);
    gen_smmuv3_flush_map(g, table, m);
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
    gen_smmuv3_flush_device(g, device);
    some_dma(g, device);
}

/* Another context descriptor under the same entry. */
static void step_context(struct gen *g)
{
    unsigned int device = rng_below(g->rng, g->devices);

    if ( g->device[device].kind != GEN_STAGE_1 &&
         g->device[device].kind != GEN_NESTED )
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
    gen_smmuv3_sync(g);
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
        gen_smmuv3_flush_any(g);
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
    for ( unsigned int i = 0; i < g->tables2; i++ )
        gen_smmuv3_stage_2_start(g, i);
    for ( unsigned int i = 0; i < g->devices; i++ )
        if ( rng_chance(g->rng, 85) )
            stream_translated(g, i);
        else
            stream_any(g, i);
    gen_smmuv3_flush_all(g);
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
    g->tables = 2 + rng_below(rng, 2);
    if ( gen_smmuv3_has_stage_2(g) && rng_chance(rng, 50) )
        g->tables2 = 1 + rng_below(rng, 2);
    else
        program->machine.id[SMMUV3_ID_IDR0] &= ~(uint64_t)(SMMUV3_IDR0_S2P |
                                                           SMMUV3_IDR0_VMID16);
    program->machine.tables = g->tables + g->tables2;
    for ( unsigned int i = 0; i < g->tables; i++ )
        gen_smmuv3_table(g, i);
    for ( unsigned int i = 0; i < g->tables2; i++ )
        gen_smmuv3_stage_2_table(g, i);
    start(g);
    while ( steps-- )
        step(g);
    free(g);
}
