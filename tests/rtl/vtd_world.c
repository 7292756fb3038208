/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtd_world.h"

#define BIT(n) (UINT64_C(1) << (n))

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

/* ---- entries ---- */

static uint64_t any_table(struct world *world)
{
    return world->table[world_below(world, WORLD_TABLES)];
}

/* A page frame: mostly of a size that fits a level. */
static uint64_t any_frame(struct world *world)
{
    static const uint8_t shift[] = { 12, 12, 21, 21, 30, 39 };
    uint64_t address = world_random(world) & (BIT(world->rig.config.haw) - 1) &
                       ~UINT64_C(0xfff);

    unsigned int low = shift[world_below(world, 6)];

    return address >> low << low;
}

/* One that something is wrong with, or that is only odd. */
static uint64_t odd_value(struct world *world)
{
    uint64_t value = any_table(world) | RW;

    switch ( world_below(world, 8) )
    {
    case 0: /* beyond the host address width */
        return value | BIT(51 - world_below(world, 52 - 40));
    case 1: /* TM */
        return value | BIT(62);
    case 2: /* SNP */
        return value | BIT(11);
    case 3: /* ignored bits */
        return value | (world_random(world) & (BIT(61) | BIT(54) | BIT(9)));
    case 4: /* outside memory: the bus aborts */
        return (world_random(world) & 0x3ffffffff000) | BIT(36) | RW;
    case 5: /* a page of the interrupt range */
        return 0xfee00000 | RW | (world_one_in(world, 2) ? BIT(7) : 0);
    case 6: /* a frame that fits no size */
        return (world_random(world) & 0x3fffffffffff) | BIT(7) | RW;
    default:
        return world_random(world);
    }
}

uint64_t world_any_value(struct world *world)
{
    static const uint8_t rights[] = { RW, RW, RW, RW, RW, R, W, 0 };
    unsigned int kind = world_below(world, 32);
    uint64_t right = rights[world_below(world, 8)];

    if ( kind < 2 )
        return odd_value(world);
    if ( kind < 4 )
        return world_random(world) & ~(uint64_t)RW; /* not present */
    if ( kind < 10 )
        return any_frame(world) | BIT(7) | right;
    return any_table(world) | right;
}

uint64_t world_any_entry(struct world *world)
{
    uint64_t index = any_index(world);

    return any_table(world) + index * 8;
}

/* Sixteen pages in a row. */
static void contiguous_run(struct world *world)
{
    uint64_t table = any_table(world), frame = any_frame(world);
    unsigned int first = world_one_in(world, 2) ? 0 : 496;

    for ( unsigned int i = 0; i < 16; i++ )
        rig_store(&world->rig, table + (first + i) * 8,
                  frame + ((uint64_t)i << 12) + RW);
}

/* ---- addresses ---- */

static uint64_t fresh_address(struct world *world)
{
    uint64_t address = 0;

    if ( world_one_in(world, 64) )
    {
        address = world_random(world);
        return address >> world_below(world, 40);
    }
    if ( world_one_in(world, 64) )
        return 0xfee00000 | (world_random(world) & 0xfffff);
    for ( unsigned int level = 0; level < 4; level++ )
        address = address << 9 | any_index(world);
    /* Top index 0, or the address is too wide for three levels. */
    if ( !world_one_in(world, 4) )
        address &= BIT(27) - 1;
    return address << 12;
}

uint64_t world_address(struct world *world, unsigned int domain)
{
    uint64_t offset = world_random(world) & 0xfff;

    world->last = &world->hot[domain][world_below(world, WORLD_HOT)];
    if ( world_one_in(world, 32) )
        *world->last = fresh_address(world);
    return *world->last ^ offset;
}

void world_forget(struct world *world)
{
    if ( !world_one_in(world, 4) )
        *world->last = fresh_address(world);
}

/* ---- life ---- */

static void any_config(struct world *world, unsigned int entries,
                       unsigned int ways)
{
    struct vtd_config *config = &world->rig.config;
    static const uint8_t haw[] = { 46, 46, 39, 52 };
    static const uint8_t mgaw[] = { 47, 47, 38, 41 };

    vtd_config_default(config);
    config->haw = haw[world_below(world, 4)];
    world->sllps = world_one_in(world, 2) ? 3 : world_below(world, 4);
    world->sc = !world_one_in(world, 4);
    world->cm = world_one_in(world, 3);
    world->zlr = !world_one_in(world, 4);
    config->cap &= ~(UINT64_C(0xf) << 34 | UINT64_C(0x3f) << 16 | BIT(22) |
                     BIT(7));
    config->cap |= (uint64_t)world->sllps << 34 |
                   (uint64_t)mgaw[world_below(world, 4)] << 16 |
                   (world->zlr ? BIT(22) : 0) | (world->cm ? BIT(7) : 0);
    if ( !world->sc )
        config->ecap &= ~BIT(7);
    config->iotlb.entries = entries;
    config->iotlb.ways = ways;
    config->paging_structure_cache.entries = 0;
}

static void any_domain(struct world *world, unsigned int n)
{
    struct domain *domain = &world->domain[n];
    struct rig_context context;

    domain->sid = 0x10 + n;
    /* Two may share one domain-id. */
    domain->did = world_one_in(world, 4) ? 1 : 0x100 * n + 3;
    /* Now and then outside memory (LCT.4.3). */
    domain->slptptr = any_table(world);
    if ( world_one_in(world, 16) )
        domain->slptptr |= BIT(36);
    domain->aw48 = !world_one_in(world, 3);
    context = (struct rig_context) {
        .sid = domain->sid,
        .slptptr = domain->slptptr,
        .aw = domain->aw48 ? 2 : 1,
        .did = domain->did,
    };
    rig_set_context(&world->rig, &context);
}

void world_create(struct world *world, uint64_t seed, unsigned int entries,
                  unsigned int ways)
{
    struct vtd_config config;

    *world = (struct world) { .random = seed * 2654435761u + 1 };
    any_config(world, entries, ways);
    config = world->rig.config;
    rig_start(&world->rig, &config);
    for ( unsigned int i = 0; i < WORLD_TABLES; i++ )
        world->table[i] = rig_page(&world->rig);
    for ( unsigned int i = 0; i < WORLD_TABLES; i++ )
        for ( unsigned int j = 0; j < 2 * INDEXES; j++ )
        {
            uint64_t index = any_index(world);

            rig_store(&world->rig, world->table[i] + index * 8,
                      world_any_value(world));
        }
    contiguous_run(world);
    contiguous_run(world);
    for ( unsigned int i = 0; i < WORLD_DOMAINS; i++ )
        any_domain(world, i);
    for ( unsigned int i = 0; i < WORLD_DOMAINS; i++ )
        for ( unsigned int j = 0; j < WORLD_HOT; j++ )
            world->hot[i][j] = fresh_address(world);
}

void world_destroy(struct world *world)
{
    rig_destroy(&world->rig);
}
