/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

const struct oracle_outcome zeroes = { .ok = true, .hpa = UINT64_MAX };

#define CD_TABLE(sid) (CDS + 0x400 * (uint64_t)(sid))

const struct ste ste_a = { .config = 5, .cd = CD_TABLE(DEV_A) };
const struct ste ste_b = { .config = 5, .cd = CD_TABLE(DEV_B) };
const struct ste ste_bypass = { .config = 4 };
const struct ste ste_stage2 = { .config = 6,
                                .vmid = 7,
                                .t0sz = 25,
                                .sl0 = 1,
                                .ps = 5,
                                .ttb = TABLES_2,
                                .s2r = true };
const struct ste ste_nested = { .config = 7,
                                .cd = CD_TABLE(DEV_A),
                                .vmid = 7,
                                .t0sz = 25,
                                .sl0 = 1,
                                .ps = 5,
                                .ttb = TABLES_2,
                                .s2r = true };
const struct cd cd_a = { .asid = 1, .ttb0 = TABLES_A };
const struct cd cd_b = { .asid = 2, .ttb0 = TABLES_B };

/* ---- structures ---- */

void set_ste_at(struct world *w, uint64_t at, const struct ste *ste)
{
    uint64_t word[4] = { ste->config == 8 ? 0 : 1, ste->dss, ste->vmid,
                         ste->ttb };

    word[0] |= (uint64_t)(ste->config & 7) << 1 | (uint64_t)ste->fmt << 4 |
               ste->cd | (uint64_t)ste->cdmax << 59;
    word[1] |= (uint64_t)ste->cont << 13 | (uint64_t)ste->mev << 19 |
               (uint64_t)ste->strw << 30 | (uint64_t)ste->privcfg << 48 |
               (uint64_t)ste->instcfg << 50;
    word[2] |= (uint64_t)ste->t0sz << 32 | (uint64_t)ste->sl0 << 38 |
               (uint64_t)ste->tg << 46 | (uint64_t)ste->ps << 48 | BIT(51) |
               (uint64_t)ste->affd << 53 | (uint64_t)ste->ptw << 54 |
               (uint64_t)ste->s2r << 58;
    store(w, at, 0);
    store(w, at + 8, word[1] ^ ste->flip1);
    store(w, at + 16, word[2] ^ ste->flip2);
    store(w, at + 24, word[3] ^ ste->flip3);
    store(w, at, word[0] ^ ste->flip0);
}

void set_ste(struct world *w, uint32_t sid, const struct ste *ste)
{
    set_ste_at(w, STRTAB + 64 * (uint64_t)sid, ste);
}

uint64_t cd_at(uint32_t sid, uint32_t ssid)
{
    return CD_TABLE(sid) + 64 * (uint64_t)ssid;
}

/* V, AA64, A, R; IPS 48 bits. */
void set_cd(struct world *w, uint64_t at, const struct cd *cd)
{
    uint64_t word = BIT(31) | BIT(41) | BIT(46) | BIT(45) | UINT64_C(5) << 32;

    word |= cd->t0sz ? cd->t0sz : 25;
    word |= (uint64_t)cd->tg0 << 6 | (uint64_t)cd->asid << 48;
    word |= (uint64_t)(cd->t1sz ? cd->t1sz : 25) << 16;
    word |= (uint64_t)(cd->tg1 ? cd->tg1 : 2) << 22;
    word |= cd->high ? 0 : BIT(30);
    store(w, at, 0);
    store(w, at + 8, cd->ttb0 | cd->or1);
    store(w, at + 16, cd->ttb1 | cd->or2);
    store(w, at, word ^ cd->flip0);
}

/* ---- life ---- */

/* Stage 2: everything below 8 MiB where it is, in blocks of 2 MiB. */
static void build_stage2(struct world *w)
{
    store(w, TABLES_2, (TABLES_2 + 0x1000) | TABLE);
    for ( uint64_t i = 0; i < 4; i++ )
        store(w, TABLES_2 + 0x1000 + 8 * i, i << 21 | (S2PAGE & ~BIT(1)));
}

static void switch_on(struct world *w)
{
    write_reg(w, 0x2c, 4, 2); /* RECINVSID */
    write_reg(w, 0x80, 8, STRTAB);
    write_reg(w, 0x88, 4, 6);
    write_reg(w, 0x90, 8, CMDQ | 6);
    write_reg(w, 0x98, 4, 0);
    write_reg(w, 0x9c, 4, 0);
    write_reg(w, 0xa0, 8, EVENTQ | 3);
    write_reg(w, 0x100a8, 4, 0);
    write_reg(w, 0x100ac, 4, 0);
    write_reg(w, 0x50, 4, 5);
    write_reg(w, 0x20, 4, 0xc);
    write_reg(w, 0x20, 4, 0xd);
}

static void build(struct world *w)
{
    build_tables(w, TABLES_A, TABLE);
    build_tables(w, TABLES_B, TABLE);
    build_stage2(w);
    map_page(w, TABLES_A, IOVA, DATA | PAGE);
    set_cd(w, cd_at(DEV_A, 0), &cd_a);
    set_cd(w, cd_at(DEV_B, 0), &cd_b);
    set_ste(w, DEV_A, &ste_a);
    set_ste(w, DEV_B, &ste_b);
}

/* A unit that takes everything at once. */
static void follow(struct world *w, uint32_t offset, uint64_t value)
{
    if ( offset == 0x20 )
        set_reg(w, 0x24, 4, value);
    else if ( offset == 0x50 )
        set_reg(w, 0x54, 4, value);
    else if ( offset == 0x44 )
        set_reg(w, 0x44, 4, value & ~BIT(31));
}

void world_start(struct world *w, const struct options *options)
{
    static const struct options none;
    const struct options *o = options ? options : &none;

    world_create(
        w, &(struct oracle_config) {
               .arch = &oracle_smmuv3,
               .id = { (IDR0_BASE | o->idr0) & ~o->idr0_clear,
                       (IDR1_BASE | o->idr1) & ~o->idr1_clear, 0,
                       IDR3_BASE & ~o->idr3_clear, 0, IDR5_BASE, 0x43b, 3 },
               .haw = 48,
               .virtual_unit = o->virtual_unit,
               .options = o->options });
    w->follow = follow;
    w->type[HOLE >> 12] = ORACLE_HOLE;
    w->type[ROM >> 12] = ORACLE_ROM;
    for ( unsigned int i = 0; i < 8; i++ )
        set_reg(w, 4 * i, 4, w->config.id[i]);
    if ( o->options & ORACLE_SMMUV3_GBPA_ABORT )
        set_reg(w, 0x44, 4, BIT(20));
    oracle_device_add(w->oracle, DEV_A);
    oracle_device_add(w->oracle, DEV_B);
    build(w);
    if ( !o->off )
        switch_on(w);
}

/* ---- the software ---- */

void submit(struct world *w, uint64_t low, uint64_t high)
{
    uint64_t at = CMDQ + 16 * (uint64_t)(w->tail & 0x3f);

    store(w, at, low);
    store(w, at + 8, high);
    w->tail = (w->tail + 1) & 0x7f;
}

void prod(struct world *w)
{
    write_reg(w, 0x98, 4, w->tail);
}

/* ---- the unit ---- */

void consume(struct world *w)
{
    set_reg(w, 0x9c, 4, w->tail);
    oracle_poll(w->oracle);
}

void record(struct world *w, uint64_t w0, uint64_t w1, uint64_t w2,
            uint64_t w3)
{
    uint64_t event[4] = { w0, w1, w2, w3 };
    uint64_t at = EVENTQ + 32 * (uint64_t)(w->event & 7);

    for ( unsigned int i = 0; i < 4; i++ )
        store(w, at + 8 * i, event[i]);
    oracle_unit_store(w->oracle, at, event, sizeof(event));
    w->event = (w->event + 1) & 0xf;
    set_reg(w, 0x100a8, 4, w->event | (get_reg(w, 0x100a8, 4) & BIT(31)));
}

void wire(struct world *w, unsigned int number)
{
    oracle_interrupt(w->oracle, 0, number);
}

void command(struct world *w, uint64_t low, uint64_t high)
{
    submit(w, low, high);
    submit(w, SYNC);
    prod(w);
    consume(w);
}
