/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidation in random programs: what was changed, and anything else. */

#include <qemu/smmuv3/generate.h>

void gen_smmuv3_sync(struct gen *g)
{
    struct operation *op = GEN_PLAIN(g, SMMUV3_OP_SYNC);

    field_set(op, "irq", rng_chance(g->rng, 20));
}

void gen_smmuv3_flush_all(struct gen *g)
{
    GEN_PLAIN(g, SMMUV3_OP_CFGI_ALL);
    if ( g->tables2 )
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NSNH_ALL);
    else
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL);
    gen_smmuv3_sync(g);
}

/* Without stage 2 there are no VMIDs: the field says nothing (4.4). */
static void tag(struct gen *g, struct operation *op, uint16_t vmid)
{
    if ( g->tables2 )
        field_set(op, "vmid", vmid);
    else if ( rng_chance(g->rng, 10) )
        field_set(op, "vmid", 1 + rng_below(g->rng, 0xffff));
}

void gen_smmuv3_break(struct gen *g, const struct gen_table *table)
{
    if ( g->tables2 )
        GEN_PLAIN(g, SMMUV3_OP_TLBI_NSNH_ALL);
    else
        GEN_EMIT(g, SMMUV3_OP_TLBI_NH_ASID, table->asid);
    GEN_PLAIN(g, SMMUV3_OP_SYNC);
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
                          uint16_t vmid, uint64_t iova, unsigned int level)
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
    tag(g, op, vmid);
    field_set(op, "tg", r.tg);
    field_set(op, "scale", r.scale);
    field_set(op, "num", r.num);
    if ( r.tg && rng_chance(g->rng, 30) )
        field_set(op, "ttl", level);
}

static void flush_vmid(struct gen *g, const struct gen_table *t,
                       const struct gen_map *m, uint16_t vmid)
{
    unsigned int what = rng_below(g->rng, 100);

    if ( m && what < 60 )
        flush_address(g, t, vmid, m->iova, gen_smmuv3_level(t, m));
    else if ( what < 85 )
        tag(g, GEN_EMIT(g, SMMUV3_OP_TLBI_NH_ASID, t->asid), vmid);
    else
        tag(g, GEN_PLAIN(g, SMMUV3_OP_TLBI_NH_ALL), vmid);
}

void gen_smmuv3_flush_map(struct gen *g, unsigned int table,
                          const struct gen_map *m)
{
    const struct gen_table *t = &g->table[table];
    uint16_t vmid[GEN_DEVICES] = { 0 };
    unsigned int count = 1;

    if ( g->tables2 && t->stage == 1 )
        count = gen_smmuv3_vmids(g, table, vmid);
    if ( t->stage == 2 )
        gen_smmuv3_stage_2_flush(g, t, m);
    else
        for ( unsigned int i = 0; i < count; i++ )
            flush_vmid(g, t, m, vmid[i]);
    gen_smmuv3_sync(g);
}

void gen_smmuv3_flush_device(struct gen *g, unsigned int device)
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
    gen_smmuv3_sync(g);
}

/* Of stage 1, or of configuration. */
static void flush_something(struct gen *g, const struct gen_table *t,
                            unsigned int device)
{
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
            g, t, 0, t->maps ? t->map[rng_below(g->rng, t->maps)].iova : 0, 0);
    }
}

void gen_smmuv3_flush_any(struct gen *g)
{
    const struct gen_table *t = &g->table[rng_below(g->rng, g->tables)];
    unsigned int device = rng_below(g->rng, g->devices);

    if ( g->tables2 && rng_chance(g->rng, 30) )
        gen_smmuv3_stage_2_flush(
            g, &g->table[gen_stage_2(g, rng_below(g->rng, g->tables2))], NULL);
    else
        flush_something(g, t, device);
    if ( rng_chance(g->rng, 70) )
        gen_smmuv3_sync(g);
}
