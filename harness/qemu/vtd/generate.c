/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random VT-d programs in legacy mode: a start, then steps of changes,
 * invalidations and DMA in any order, and perhaps an end that breaks things.
 */

#include <qemu/vtd/generate.h>

#include <stdlib.h>

/* FEDATA, IEDATA: fixed delivery is 0. */
#define DELIVERY_MODE UINT64_C(0x700)

#define STEPS_LEAST 8
#define STEPS_RANGE 28

/* ---- contexts ---- */

static uint16_t fresh_did(struct gen *g)
{
    uint16_t did = (uint16_t)(1 + rng_below(g->rng, 0xfffe));

    for ( unsigned int i = 0; i < g->tables; i++ )
        if ( g->table[i].did == did )
            return fresh_did(g);
    return did;
}

static void context_table(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct operation *op = GEN_EMIT(g, VTD_OP_CONTEXT, device);

    d->kind = GEN_TABLE;
    d->table = rng_below(g->rng, g->tables);
    d->did = g->table[d->table].did;
    field_set(op, "table", d->table);
    field_set(op, "did", d->did);
    field_set(op, "fpd", rng_chance(g->rng, 10));
}

static void context_pass_through(struct gen *g, unsigned int device)
{
    struct gen_device *d = &g->device[device];
    struct operation *op = GEN_EMIT(g, VTD_OP_CONTEXT, device);

    d->kind = GEN_PASS_THROUGH;
    d->did = fresh_did(g);
    field_set(op, "did", d->did);
    field_set(op, "tt", 2);
}

/* One of the ways in which an entry can be no good. */
static void context_broken(struct gen *g, unsigned int device)
{
    static const uint64_t low[] = {
        0x1 | 1 << 4,                  /* reserved, 11:4 */
        0x1 | 1 << 11,                 /* reserved */
        0x1 | 3 << 2,                  /* TT 3 */
        0x1 | 1 << 2,                  /* TT 1, a device-TLB */
        0x1 | UINT64_C(1) << 50,       /* an address above the width */
        0x1 | UINT64_C(0x7ffff000000), /* where there is no memory */
        0x0,                           /* not present */
        0x2,                           /* FPD, and not present */
    };
    static const uint64_t high[] = {
        1,
        2,
        0,
        3,
        4,
        7,           /* AW */
        2 | 1 << 7,  /* reserved */
        2 | 1 << 24, /* reserved, 63:24 */
        2 | UINT64_C(1) << 63,
    };
    struct gen_device *d = &g->device[device];
    uint16_t did = fresh_did(g);

    d->kind = GEN_BROKEN;
    d->did = did;
    /* FPD with reserved bits: QEMU records that, so not often. */
    if ( !rng_below(g->rng, 200) )
    {
        GEN_EMIT(g, VTD_OP_CONTEXT_RAW, device, 0x23, 2 | (uint64_t)did << 8);
        return;
    }
    GEN_EMIT(g, VTD_OP_CONTEXT_RAW, device,
             low[rng_below(g->rng, sizeof(low) / sizeof(low[0]))],
             high[rng_below(g->rng, sizeof(high) / sizeof(high[0]))] |
                 (uint64_t)did << 8);
}

static void context_any(struct gen *g, unsigned int device)
{
    unsigned int what = rng_below(g->rng, 100);

    /* As drivers do: its two words can't be changed at once (9.3). */
    GEN_EMIT(g, VTD_OP_CONTEXT_RAW, device, 0, 0);

    if ( what < 65 )
        context_table(g, device);
    else if ( what < 78 )
        context_pass_through(g, device);
    else
        context_broken(g, device);
}

/* ---- registers ---- */

/* Those that may be written at any time without a consequence. */
static void write_a_register(struct gen *g)
{
    static const struct {
        uint32_t offset;
        unsigned int size;
    } reg[] = {
        { 0x3c, 4 }, { 0x40, 4 }, { 0x44, 4 }, { 0x38, 4 },
        { 0xa0, 4 }, { 0xa4, 4 }, { 0xa8, 4 }, { 0xac, 4 },
        { 0x9c, 4 }, { 0x34, 4 }, { 0x08, 8 }, { 0x10, 8 },
        { 0x1c, 4 }, { 0x00, 4 }, { 0x80, 8 }, { 0x24, 4 },
    };
    unsigned int i = rng_below(g->rng, sizeof(reg) / sizeof(reg[0]));
    uint64_t value = rng_next(g->rng);

    /* Often what masks an event, or lets it through. */
    if ( (reg[i].offset == 0x38 || reg[i].offset == 0xa0) &&
         rng_chance(g->rng, 70) )
        value &= UINT64_C(0x80000000);
    /* An SMI, NMI or INIT would wake QEMU's processor, and virtual time would
     * jump no more. */
    if ( reg[i].offset == 0x3c || reg[i].offset == 0xa4 )
        value &= ~DELIVERY_MODE;
    if ( reg[i].size == 4 )
        value &= UINT32_MAX;
    GEN_EMIT(g, OP_WRITE, REG_ENCODE(reg[i].offset, reg[i].size), value);
}

/* ---- steps ---- */

static void handle_faults(struct gen *g)
{
    GEN_EMIT(g, VTD_OP_HANDLE_FAULTS, 0xffff);
    g->faults = false;
}

static void some_dma(struct gen *g, unsigned int device)
{
    unsigned int count = 1 + rng_below(g->rng, 3);

    while ( count-- )
        gen_dma(g, device);
}

/* A DMA whose device uses the table, if there is one. */
static unsigned int device_of(struct gen *g, unsigned int table)
{
    unsigned int first = rng_below(g->rng, g->devices);

    for ( unsigned int i = 0; i < g->devices; i++ )
    {
        unsigned int device = (first + i) % g->devices;

        if ( g->device[device].kind == GEN_TABLE &&
             g->device[device].table == table )
            return device;
    }
    return first;
}

static void step_map(struct gen *g)
{
    unsigned int table = rng_below(g->rng, g->tables);
    unsigned int device = device_of(g, table);
    uint64_t iova;

    if ( rng_chance(g->rng, 60) )
        some_dma(g, device);
    iova = rng_chance(g->rng, 50) ? gen_map(g, table) :
                                    gen_change_map(g, table);
    if ( rng_chance(g->rng, 25) )
    {
        /* A stale window. */
        handle_faults(g);
        gen_dma(g, device);
        handle_faults(g);
    }
    if ( rng_chance(g->rng, 15) )
        gen_random_flush(g);
    gen_flush_table(g, table, iova);
    some_dma(g, device);
}

static void step_context(struct gen *g)
{
    unsigned int device = rng_below(g->rng, g->devices);
    uint16_t old_did = g->device[device].did;

    if ( rng_chance(g->rng, 50) )
        gen_dma(g, device);
    context_any(g, device);
    if ( rng_chance(g->rng, 25) )
    {
        handle_faults(g);
        gen_dma(g, device);
        handle_faults(g);
    }
    gen_flush_context(g, device, old_did);
    some_dma(g, device);
}

static void step_enable(struct gen *g)
{
    static const unsigned int te = 31, srtp = 30;
    struct operation *op = GEN_EMIT(g, VTD_OP_GCMD, te);

    field_set(op, "off", 1);
    if ( rng_chance(g->rng, 50) )
        gen_dma(g, rng_below(g->rng, g->devices));
    if ( rng_chance(g->rng, 30) )
        GEN_EMIT(g, VTD_OP_GCMD, srtp);
    GEN_EMIT(g, VTD_OP_GCMD, te);
    gen_flush_all(g);
}

static void step(struct gen *g)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( what < 38 )
        step_map(g);
    else if ( what < 54 )
        step_context(g);
    else if ( what < 74 )
        some_dma(g, rng_below(g->rng, g->devices));
    else if ( what < 82 )
        handle_faults(g);
    else if ( what < 88 )
        gen_queue_traffic(g);
    else if ( what < 92 )
        gen_random_flush(g);
    else if ( what < 97 )
        write_a_register(g);
    else
        step_enable(g);
}

/* ---- ends ---- */

/* A descriptor that no unit takes: the queue stops there. */
static void end_by_descriptor(struct gen *g)
{
    static const uint64_t low[] = {
        0x0,
        0x8,
        0xe,
        0xf, /* types */
        0x01,
        0x02,                             /* granularity 0 */
        0x05,                             /* a wait for nothing */
        0x5 | 1 << 5 | 1 << 8,            /* reserved bits of a wait */
        0x2 | 1 << 4 | 1 << 8,            /* of an IOTLB invalidation */
        0x1 | 1 << 4 | UINT64_C(1) << 52, /* of a context one */
    };
    static const uint64_t not_built[] = { 0x3, 0x6, 0x7 };
    uint64_t descriptor = low[rng_below(g->rng, sizeof(low) / sizeof(low[0]))];

    /* Steer away from what QEMU takes, or does not do. */
    if ( rng_chance(g->rng, 3) )
        descriptor = not_built[rng_below(g->rng, 3)];
    GEN_EMIT(g, VTD_OP_DESCRIPTOR, descriptor, 0);
    GEN_EMIT(g, VTD_OP_IOTLB_GLOBAL, 0);
    GEN_PLAIN(g, VTD_OP_SUBMIT);
    if ( rng_chance(g->rng, 50) )
        gen_dma(g, rng_below(g->rng, g->devices));
    if ( rng_chance(g->rng, 5) )
        GEN_EMIT(g, OP_WRITE, REG_ENCODE(0x34, 4), 0x10);
}

/* The queue is drained, and switched off. */
static void end_by_queue_off(struct gen *g)
{
    static const unsigned int qie = 26;
    struct operation *op;

    gen_sync(g);
    op = GEN_EMIT(g, VTD_OP_GCMD, qie);
    field_set(op, "off", 1);
    some_dma(g, rng_below(g->rng, g->devices));
}

/* A root entry goes: nothing on that bus is reached any more. */
static void end_by_root(struct gen *g)
{
    static const uint64_t low[] = { 0, 0x3, 1 << 11 | 1, 1 | UINT64_C(1) << 50,
                                    1 | UINT64_C(0x7ffff000000) };
    unsigned int device = rng_below(g->rng, g->devices);
    unsigned int bus = g->program->machine.device[device].source >> 8;

    GEN_EMIT(g, VTD_OP_ROOT_RAW, bus,
             low[rng_below(g->rng, sizeof(low) / sizeof(low[0]))],
             rng_chance(g->rng, 20));
    gen_flush_all(g);
    handle_faults(g);
    some_dma(g, device);
}

/* ---- the program ---- */

static void make_tables(struct gen *g)
{
    unsigned int sagaw = (unsigned int)(g->target->machine.id[VTD_ID_CAP] >>
                                            8 &
                                        0x1f);

    g->tables = 2 + rng_below(g->rng, GEN_TABLES - 1);
    g->program->machine.tables = g->tables;
    for ( unsigned int i = 0; i < g->tables; i++ )
    {
        struct program_table *t = &g->program->machine.table[i];
        bool three = (sagaw & 2) && (!(sagaw & 4) || rng_chance(g->rng, 40));

        t->name[0] = (char)('A' + i);
        t->name[1] = '\0';
        g->table[i].levels = three ? 3 : 4;
        t->option[VTD_TABLE_LEVELS] = g->table[i].levels;
        g->table[i].did = fresh_did(g);
    }
}

static void start(struct gen *g)
{
    bool qi = g->target->machine.id[VTD_ID_ECAP] >> 1 & 1;
    struct operation *op = GEN_PLAIN(g, VTD_OP_START);

    g->queue = qi && rng_chance(g->rng, 75);
    field_set(op, "no-queue", !g->queue);
    for ( unsigned int i = 0; i < g->tables; i++ )
        for ( unsigned int n = rng_below(g->rng, 5); n; n-- )
            gen_map(g, i);
    for ( unsigned int i = 0; i < g->devices; i++ )
        if ( rng_chance(g->rng, 90) )
            context_table(g, i);
        else
            context_any(g, i);
    gen_flush_all(g);
}

void vtd_generate(const struct diff_target *target, struct rng *rng,
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
    make_tables(g);
    start(g);
    while ( steps-- )
        step(g);
    if ( g->queue && rng_chance(rng, 20) )
        end_by_descriptor(g);
    else if ( g->queue && rng_chance(rng, 10) )
        end_by_queue_off(g);
    else if ( rng_chance(rng, 15) )
        end_by_root(g);
    free(g);
}
