/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smmu_world.h"

#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))
#define B(n)   (UINT32_C(1) << (n))

/* The entries of a table that addresses lead to. */
#define INDEXES 12u

uint64_t world_random(struct world *world)
{
    return next_random(&world->random);
}

unsigned int world_below(struct world *world, unsigned int n)
{
    return (unsigned int)((world_random(world) >> 33) % n);
}

bool world_one_in(struct world *world, unsigned int n)
{
    return !world_below(world, n);
}

static uint64_t any_index(struct world *world)
{
    unsigned int n = world_below(world, INDEXES);

    return n < INDEXES / 2 ? n : 512 - (n - INDEXES / 2) - 1;
}

static uint64_t any_bit(struct world *world, unsigned int bit, unsigned int n)
{
    return world_one_in(world, n) ? BIT(bit) : 0;
}

/* ---- addresses ---- */

/* All four indexes; in a small space the upper ones are 0. */
static uint64_t compose(struct world *world)
{
    static const uint8_t widths[] = { 48, 39, 36, 32, 30, 30, 25, 21 };
    uint64_t address = 0;

    for ( unsigned int level = 0; level < 4; level++ )
        address = address << 9 | any_index(world);
    return (address << 12) & (BIT(widths[world_below(world, 8)]) - 1);
}

static uint64_t fresh_address(struct world *world)
{
    uint64_t address = compose(world);

    if ( world_one_in(world, 4) ) /* the upper half */
        address |= UINT64_C(0xffff) << 48 | (~UINT64_C(0) << 39);
    if ( world_one_in(world, 8) ) /* a tag in the top byte */
        address ^= (world_random(world) & 0xff) << 56;
    return address;
}

uint64_t world_address(struct world *world, unsigned int stream)
{
    uint64_t offset = world_random(world) & 0xfff;

    world->last = &world->hot[stream][world_below(world, WORLD_HOT)];
    if ( world_one_in(world, 32) )
        *world->last = fresh_address(world);
    return *world->last ^ offset;
}

void world_forget(struct world *world)
{
    if ( !world_one_in(world, 4) )
        *world->last = fresh_address(world);
}

/* ---- descriptors ---- */

static uint64_t odd_descriptor(struct world *world, uint64_t descriptor)
{
    switch ( world_below(world, 6) )
    {
    case 0: /* not valid */
        return descriptor & ~UINT64_C(1);
    case 1: /* beyond an address size */
        return descriptor | BIT(32 + world_below(world, 16));
    case 2: /* outside memory: the bus aborts */
        return descriptor | BIT(25);
    case 3: /* a block, or reserved at level 3 */
        return descriptor & ~UINT64_C(2);
    case 4:
        return 0;
    default:
        return world_random(world);
    }
}

static uint64_t any_frame(struct world *world)
{
    static const uint8_t shift[] = { 12, 21, 30, 30 };
    unsigned int low = shift[world_below(world, 4)];
    uint64_t frame = compose(world) >> low << low;

    return world_one_in(world, 2) ? frame & (RIG_MEMORY - 1) : frame;
}

/* Attributes of both stages' leaves, and of the tables above. */
static uint64_t attributes(struct world *world, bool stage2)
{
    static const uint8_t ap2[] = { 3, 3, 3, 3, 3, 3, 1, 2, 0, 3, 3, 3 };
    uint64_t value = world_one_in(world, 24) ? 0 : AF;

    value |= stage2 ? AP(ap2[world_below(world, 12)]) :
                      AP(world_below(world, 4));
    value |= any_bit(world, 11, 2); /* nG */
    value |= any_bit(world, 16, 8); /* nT */
    value |= any_bit(world, 53, 4); /* PXN, XN[0] */
    value |= any_bit(world, 54, 4); /* UXN, XN[1] */
    for ( unsigned int bit = 59; bit < 63; bit++ )
        value |= any_bit(world, bit, 16); /* PXNTable to APTable */
    return value;
}

static uint64_t finish(struct world *world, uint64_t address, bool stage2)
{
    uint64_t value = address | attributes(world, stage2) | 3;

    if ( world_one_in(world, 8) ) /* a block */
    {
        value = any_frame(world);
        value |= attributes(world, stage2) | 1;
    }
    return world_one_in(world, 40) ? odd_descriptor(world, value) : value;
}

static uint64_t plain_descriptor(struct world *world)
{
    uint64_t address = world->plain[world_below(world, WORLD_POOL)];

    return finish(world, address, false);
}

static uint64_t nested_descriptor(struct world *world)
{
    uint64_t address = compose(world);

    return finish(world, address, false);
}

/* The last level leads to what stage 1 takes for its tables. */
static uint64_t s2_descriptor(struct world *world, unsigned int level)
{
    uint64_t address;

    if ( level < 3 )
        address = world->s2[level + 1][world_below(world, 2)];
    else if ( world_one_in(world, 8) )
        address = any_frame(world);
    else
        address = world->nested[world_below(world, WORLD_POOL)];
    return finish(world, address, true);
}

static struct change change_of(struct world *world, unsigned int kind)
{
    uint64_t at = any_index(world) * 8;
    unsigned int n = world_below(world, WORLD_POOL);

    if ( kind < 2 )
        return (struct change) { world->plain[n] + at,
                                 plain_descriptor(world) };
    if ( kind < 4 )
        return (struct change) { world->nested[n] + at,
                                 nested_descriptor(world) };
    kind = world_below(world, WORLD_LEVELS);
    return (struct change) { world->s2[kind][n % 2] + at,
                             s2_descriptor(world, kind) };
}

struct change world_any_change(struct world *world)
{
    return change_of(world, world_below(world, 6));
}

/* ---- tables ---- */

static void take_pages(struct world *world)
{
    struct rig *rig = &world->rig;

    world->start = rig_alloc(rig, WORLD_START * 0x1000);
    for ( unsigned int i = 0; i < WORLD_POOL; i++ )
    {
        world->plain[i] = rig_alloc(rig, 0x1000);
        world->nested[i] = rig_alloc(rig, 0x1000);
    }
    for ( unsigned int level = 0; level < WORLD_LEVELS; level++ )
        for ( unsigned int i = 0; i < 2; i++ )
            world->s2[level][i] = rig_alloc(rig, 0x1000);
}

static void fill_page(struct world *world, uint64_t page,
                      uint64_t (*descriptor)(struct world *world))
{
    for ( unsigned int i = 0; i < 512; i++ )
        if ( i < INDEXES / 2 || i >= 512 - INDEXES / 2 )
            rig_store(&world->rig, page + i * 8, descriptor(world));
}

static void fill_s2(struct world *world, uint64_t page, unsigned int level)
{
    for ( unsigned int i = 0; i < 512; i++ )
        if ( i < INDEXES / 2 || i >= 512 - INDEXES / 2 )
            rig_store(&world->rig, page + i * 8, s2_descriptor(world, level));
}

/* Sixteen pages in a row. */
static void contiguous_run(struct world *world)
{
    uint64_t page = world->plain[world_below(world, WORLD_POOL)];
    uint64_t frame = any_frame(world);

    for ( unsigned int i = 0; i < 16; i++ )
        rig_store(&world->rig, page + i * 8,
                  frame + ((uint64_t)i << 12) + (S1_LEAF | 3));
}

static void fill_tables(struct world *world)
{
    for ( unsigned int i = 0; i < WORLD_POOL; i++ )
    {
        fill_page(world, world->plain[i], plain_descriptor);
        fill_page(world, world->nested[i], nested_descriptor);
    }
    for ( unsigned int level = 0; level < WORLD_LEVELS; level++ )
        for ( unsigned int i = 0; i < 2; i++ )
            fill_s2(world, world->s2[level][i], level);
    contiguous_run(world);
}

/* ---- streams ---- */

/* S2T0SZ, start level: legal with any OAS from 40 bits on, but the last. */
static const struct {
    uint8_t bits, level;
} s2_shapes[] = { { 40, 1 }, { 36, 1 }, { 32, 1 },
                  { 32, 2 }, { 39, 1 }, { 48, 0 } };

static void write_ste(struct world *world, struct stream *stream)
{
    struct rig *rig = &world->rig;
    uint64_t ste = stream->ste, table;
    unsigned int shapes = (rig->config.idr[5] & 7) == 5 ? 6 : 5;
    unsigned int shape = world_below(world, shapes), bits, level;

    bits = s2_shapes[shape].bits;
    level = s2_shapes[shape].level;
    memset(rig->ram.memory + ste, 0, 64);
    rig_patch(rig, ste, 0, 0, 1);
    rig_patch(rig, ste, 3, 1, stream->config);
    rig_patch(rig, ste, 113, 112, world_below(world, 4)); /* PRIVCFG */
    rig_patch(rig, ste, 115, 114, world_below(world, 4)); /* INSTCFG */
    rig_patch(rig, ste, 143, 128, 1 + world_below(world, 3));
    if ( stream->config != STAGE2 )
        rig_patch(rig, ste, 55, 6, stream->cd >> 6);
    if ( stream->config == STAGE1 )
    {
        if ( (rig->config.idr[0] & B(9)) && world_one_in(world, 3) )
            rig_patch(rig, ste, 95, 94, 2); /* STRW */
        return;
    }
    /* More entries than one table has: the start tables are in a row. */
    table = 39 - 9 * level + 9 < bits ?
                world->start :
                world->s2[level][world_below(world, 2)];
    rig_patch(rig, ste, 165, 160, 64 - bits);
    rig_patch(rig, ste, 167, 166, 2 - level);
    rig_patch(rig, ste, 178, 176, world_below(world, 8));  /* S2PS */
    rig_patch(rig, ste, 179, 179, 1);                      /* S2AA64 */
    rig_patch(rig, ste, 181, 181, world_one_in(world, 6)); /* S2AFFD */
    rig_patch(rig, ste, 186, 186, 1);                      /* S2R */
    rig_patch(rig, ste, 247, 196, table >> 4);
    if ( table == world->start )
        for ( unsigned int i = 0; i < WORLD_START; i++ )
            fill_s2(world, table + i * 0x1000, level);
}

static void write_cd(struct world *world, const struct stream *stream)
{
    static const uint8_t tsz[] = { 16, 16, 25, 25, 28, 32, 39, 21 };
    const uint64_t *pool = stream->config == NESTED ? NULL : world->plain;
    struct rig *rig = &world->rig;
    bool always = rig->config.idr[0] & B(26); /* TERM_MODEL */

    memset(rig->ram.memory + stream->cd, 0, 64);
    rig_patch(rig, stream->cd, 5, 0, tsz[world_below(world, 8)]);
    rig_patch(rig, stream->cd, 21, 16, tsz[world_below(world, 8)]);
    rig_patch(rig, stream->cd, 23, 22, 2); /* TG1: 4 KiB */
    rig_patch(rig, stream->cd, 14, 14, world_one_in(world, 16)); /* EPD0 */
    rig_patch(rig, stream->cd, 30, 30, world_one_in(world, 3));  /* EPD1 */
    rig_patch(rig, stream->cd, 31, 31, 1);
    rig_patch(rig, stream->cd, 34, 32, world_below(world, 8)); /* IPS */
    for ( unsigned int bit = 35; bit < 41; bit++ ) /* AFFD to PAN */
        if ( bit != 37 )
            rig_patch(rig, stream->cd, bit, bit, world_one_in(world, 4));
    rig_patch(rig, stream->cd, 41, 41, 1);
    rig_patch(rig, stream->cd, 45, 45, 1); /* R */
    rig_patch(rig, stream->cd, 46, 46, always || world_below(world, 4));
    rig_patch(rig, stream->cd, 47, 47, world_one_in(world, 2)); /* ASET */
    rig_patch(rig, stream->cd, 63, 48, 1 + world_below(world, 3));
    for ( unsigned int half = 0; half < 2; half++ )
    {
        uint64_t ttb = pool ? pool[world_below(world, WORLD_POOL)] :
                              compose(world) & 0xfffff000;

        rig_patch(rig, stream->cd, 65 + 64 * half, 65 + 64 * half,
                  world_one_in(world, 4)); /* HAD */
        rig_patch(rig, stream->cd, 119 + 64 * half, 68 + 64 * half, ttb >> 4);
    }
}

/* So that the CD can be read through stage 2: all memory to itself, for as
 * long as the unit needs to cache it. */
static void warm_up(struct world *world, const struct stream *stream)
{
    struct rig *rig = &world->rig;
    uint64_t table = (rig_load(rig, stream->ste + 24) & 0xffffffffff0u);
    uint64_t sl0 = rig_load(rig, stream->ste + 16) >> 38 & 3;
    uint64_t below = rig_alloc(rig, 0x1000), old[8];
    struct event event;

    for ( unsigned int i = 0; i < 8; i++ )
        old[i] = rig_load(rig, table + i * 8);
    if ( stream->config == NESTED && sl0 == 2 )
        rig_store(rig, table, below | 3);
    rig_store(rig, below, AF | S2AP(3) | 1);
    if ( stream->config == NESTED && sl0 == 1 )
        rig_store(rig, table, AF | S2AP(3) | 1);
    for ( unsigned int i = 0; stream->config == NESTED && !sl0 && i < 8; i++ )
        rig_store(rig, table + i * 8, (uint64_t)i << 21 | AF | S2AP(3) | 1);
    /* Another stream of the VMID may have put something else there. */
    rig_command(rig, NSNH_ALL);
    (void)rig_read(rig, stream->sid, 0);
    while ( rig_event(rig, &event) )
        ;
    for ( unsigned int i = 0; stream->config == NESTED && i < 8; i++ )
        rig_store(rig, table + i * 8, old[i]);
}

static void any_stream(struct world *world, unsigned int n)
{
    static const unsigned int configs[WORLD_STREAMS] = {
        STAGE1, STAGE1, STAGE1, STAGE2, NESTED, NESTED,
    };
    struct stream *stream = &world->stream[n];

    stream->sid = 1 + n;
    stream->config = configs[n];
    stream->ste = world->rig.strtab + stream->sid * 64;
    stream->cd = rig_alloc(&world->rig, 0x1000);
    write_ste(world, stream);
    if ( stream->config != STAGE2 )
        write_cd(world, stream);
}

/* ---- life ---- */

static void any_config(struct world *world, struct smmuv3_config *config,
                       unsigned int entries, unsigned int ways)
{
    static const uint8_t oas[] = { 5, 5, 4, 3, 2, 5 };
    uint32_t idr3 = config->idr[3] & ~(B(2) | B(4) | B(10) | 3u << 11);

    rig_config(config);
    idr3 |= world_one_in(world, 3) ? 0 : B(2);  /* HAD */
    idr3 |= world_one_in(world, 3) ? 0 : B(4);  /* XNX */
    idr3 |= world_one_in(world, 3) ? 0 : B(10); /* RIL */
    idr3 |= world_below(world, 3) << 11;        /* BBML */
    config->idr[3] = idr3;
    config->idr[5] = (config->idr[5] & ~7u) | oas[world_below(world, 6)];
    if ( world_one_in(world, 2) )
        config->idr[0] |= B(26); /* TERM_MODEL */
    if ( world_one_in(world, 4) )
        config->idr[0] &= ~B(9); /* HYP */
    if ( world_one_in(world, 4) )
        config->idr[1] &= ~B(26); /* ATTR_PERMS_OVR */
    rig_caches(config, 0, CACHE_NORMAL);
    config->ste_cache = (struct cache_config) { .entries = 64, .ways = 4 };
    config->cd_cache = config->ste_cache;
    config->main_tlb.entries = entries;
    config->main_tlb.ways = ways;
}

void world_create(struct world *world, uint64_t seed, unsigned int entries,
                  unsigned int ways)
{
    struct smmuv3_config config = { 0 };

    *world = (struct world) { .random = seed * 2654435761u + 1 };
    any_config(world, &config, entries, ways);
    rig_start(&world->rig, &config);
    world->e2h = world_one_in(world, 2);
    rig_set_cr2(&world->rig, world->e2h);
    take_pages(world);
    fill_tables(world);
    for ( unsigned int i = 0; i < WORLD_STREAMS; i++ )
        any_stream(world, i);
    for ( unsigned int i = 0; i < WORLD_STREAMS; i++ )
        warm_up(world, &world->stream[i]);
    rig_command(&world->rig, NSNH_ALL);
    if ( config.idr[0] & B(9) )
        rig_command(&world->rig, 0x20, 0);
    for ( unsigned int i = 0; i < WORLD_STREAMS; i++ )
        for ( unsigned int j = 0; j < WORLD_HOT; j++ )
            world->hot[i][j] = fresh_address(world);
}

void world_destroy(struct world *world)
{
    rig_destroy(&world->rig);
}
