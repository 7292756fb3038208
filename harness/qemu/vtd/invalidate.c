/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidations of random programs, by queue or by registers. */

#include <qemu/vtd/generate.h>

static struct operation *command(struct gen *g, struct operation *op)
{
    field_set(op, "register", !g->queue);
    return op;
}

/* DR and DW, as drivers set them or not. */
static struct operation *iotlb(struct gen *g, struct operation *op)
{
    field_set(op, "dr", rng_chance(g->rng, 50));
    field_set(op, "dw", rng_chance(g->rng, 50));
    return command(g, op);
}

void gen_sync(struct gen *g)
{
    if ( g->queue )
        GEN_PLAIN(g, VTD_OP_SYNC);
}

void gen_flush_all(struct gen *g)
{
    command(g, GEN_PLAIN(g, VTD_OP_CC_GLOBAL));
    iotlb(g, GEN_PLAIN(g, VTD_OP_IOTLB_GLOBAL));
    gen_sync(g);
    for ( unsigned int t = 0; t < g->tables; t++ )
        for ( unsigned int i = 0; i < g->table[t].maps; i++ )
            g->table[t].map[i].warm = false;
}

static void flush_page(struct gen *g, uint16_t did, uint64_t iova,
                       unsigned int am)
{
    struct operation *op;

    iova &= ~((UINT64_C(0x1000) << am) - 1);
    op = GEN_EMIT(g, VTD_OP_IOTLB_PAGE, did, iova, am);
    field_set(op, "ih", rng_chance(g->rng, 10));
    iotlb(g, op);
}

/* @iova is where something changed, 0: anywhere in it. */
void gen_flush_table(struct gen *g, unsigned int table, uint64_t iova)
{
    struct gen_table *t = &g->table[table];
    unsigned int what = rng_below(g->rng, 100);
    bool psi = g->target->machine.id[VTD_ID_CAP] >> 39 & 1;

    if ( what < 40 && psi && iova )
        flush_page(g, t->did, iova, rng_below(g->rng, 10));
    else if ( what < 75 )
        iotlb(g, GEN_EMIT(g, VTD_OP_IOTLB_DOMAIN, t->did));
    else
        iotlb(g, GEN_PLAIN(g, VTD_OP_IOTLB_GLOBAL));
    if ( rng_chance(g->rng, 95) )
        gen_sync(g);
}

void gen_flush_context(struct gen *g, unsigned int device, uint16_t old_did)
{
    unsigned int what = rng_below(g->rng, 100);
    struct operation *op;

    if ( what < 25 )
    {
        /* What was not present, or no good, is cached under domain 0. */
        op = GEN_EMIT(g, VTD_OP_CC_DEVICE, device);
        field_set(op, "did", rng_chance(g->rng, 80) ? old_did : 0);
        field_set(op, "fm", rng_chance(g->rng, 70) ? 0 : rng_below(g->rng, 4));
        command(g, op);
    }
    else if ( what < 45 )
        command(g, GEN_EMIT(g, VTD_OP_CC_DOMAIN, old_did));
    else
        command(g, GEN_PLAIN(g, VTD_OP_CC_GLOBAL));
    if ( rng_chance(g->rng, 60) )
        iotlb(g, GEN_PLAIN(g, VTD_OP_IOTLB_GLOBAL));
    else
        iotlb(g, GEN_EMIT(g, VTD_OP_IOTLB_DOMAIN, old_did));
    gen_sync(g);
}

void gen_random_flush(struct gen *g)
{
    unsigned int device = rng_below(g->rng, g->devices);
    const struct gen_table *t = &g->table[rng_below(g->rng, g->tables)];
    uint16_t did = rng_chance(g->rng, 80) ? t->did :
                                            (uint16_t)rng_next(g->rng);
    uint64_t iova = t->maps ? t->map[rng_below(g->rng, t->maps)].iova : 0;
    unsigned int mamv = (unsigned int)(g->target->machine.id[VTD_ID_CAP] >>
                                           48 &
                                       0x3f);

    switch ( rng_below(g->rng, 6) )
    {
    case 0:
        command(g, GEN_PLAIN(g, VTD_OP_CC_GLOBAL));
        break;
    case 1:
        command(g, GEN_EMIT(g, VTD_OP_CC_DOMAIN, did));
        break;
    case 2:
        command(g, GEN_EMIT(g, VTD_OP_CC_DEVICE, device));
        break;
    case 3:
        iotlb(g, GEN_EMIT(g, VTD_OP_IOTLB_DOMAIN, did));
        break;
    case 4:
        iotlb(g, GEN_PLAIN(g, VTD_OP_IOTLB_GLOBAL));
        break;
    default:
        flush_page(g, did, iova, rng_below(g->rng, mamv + 1));
    }
    if ( rng_chance(g->rng, 70) )
        gen_sync(g);
}

/* ---- traffic ---- */

#define STATUS_PAGE UINT64_C(0x7ff000) /* the last of the programs' */
/* Two of them are more than the queue of 256 has. */
#define BURST 130

/* A wait whose status word is seen at the end, or one that interrupts. */
static void wait(struct gen *g)
{
    uint64_t at = STATUS_PAGE + g->status++ % 512 * 8;
    struct operation *op;

    if ( rng_chance(g->rng, 60) )
    {
        GEN_EMIT(g, OP_STORE, at, 0);
        op = GEN_PLAIN(g, VTD_OP_WAIT);
        field_set(op, "at", at);
        field_set(op, "status", 1 + rng_below(g->rng, 0xffff));
    }
    else
    {
        op = GEN_PLAIN(g, VTD_OP_WAIT);
        field_set(op, "no-status", 1);
        field_set(op, "interrupt", 1);
    }
    field_set(op, "fence", rng_chance(g->rng, 30));
}

/* What the completion event says, and to whom. */
static void completion_event(struct gen *g)
{
    GEN_EMIT(g, OP_WRITE, REG_ENCODE(0xa4, 4), 0x30 + rng_below(g->rng, 16));
    GEN_EMIT(g, OP_WRITE, REG_ENCODE(0xa8, 4), 0xfee00000u);
    GEN_EMIT(g, OP_WRITE, REG_ENCODE(0xac, 4), 0);
    GEN_EMIT(g, OP_WRITE, REG_ENCODE(0xa0, 4), 0);
}

void gen_queue_traffic(struct gen *g)
{
    unsigned int count = 1 + rng_below(g->rng, 4);

    if ( !g->queue )
        return;
    if ( rng_chance(g->rng, 40) )
        completion_event(g);
    if ( rng_chance(g->rng, 6) )
    {
        for ( count = BURST; count; count-- )
            wait(g);
        GEN_PLAIN(g, VTD_OP_SUBMIT);
        count = BURST;
    }
    while ( count-- )
        wait(g);
    GEN_PLAIN(g, VTD_OP_SUBMIT);
    if ( rng_chance(g->rng, 50) )
        GEN_EMIT(g, OP_WRITE, REG_ENCODE(0x9c, 4), 1);
}
