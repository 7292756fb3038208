/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random tables, requests, and changes that are followed by what invalidates
 * them: whatever a cache holds, the answers and the events are those of a unit
 * without caches, under every retention.
 */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define DEVICES 5u
#define STEPS   3000u
#define PAGES   8u

/* Two units on memories of the same contents. */
struct pair {
    struct rig cached, plain;
    struct device device[DEVICES];
    uint64_t random;
};

static void store_both(struct pair *pair, uint64_t address, uint64_t value)
{
    rig_store(&pair->cached, address, value);
    rig_store(&pair->plain, address, value);
}

static void command_both(struct pair *pair, uint64_t low, uint64_t high)
{
    rig_command(&pair->cached, low, high);
    rig_command(&pair->plain, low, high);
}

/* A small pool of addresses, so that spans are shared. */
static uint64_t random_iova(uint64_t *random)
{
    uint64_t value = next_random(random);
    uint64_t iova = IOVA + (value & 3) * 0x200000 +
                    (value >> 2) % PAGES * 0x1000 + (value >> 8 & 0xffc);

    return one_in(random, 40) ? iova | UINT64_C(1) << (36 + value % 28) : iova;
}

/* A leaf with some chance of each defect. */
static uint64_t random_leaf(uint64_t *random, bool stage2, uint64_t output,
                            int level)
{
    uint64_t leaf = output | AF | (level == 3 ? 3 : 1);

    leaf |= stage2 ? S2AP(one_in(random, 3) ? next_random(random) & 3 : 3) :
                     AP(one_in(random, 3) ? next_random(random) & 3 : 1);
    if ( !stage2 && !one_in(random, 4) )
        leaf |= NG;
    if ( one_in(random, 6) )
        leaf |= (next_random(random) & 3) << 53;
    if ( one_in(random, 16) )
        leaf &= ~AF;
    if ( one_in(random, 16) )
        leaf &= ~UINT64_C(1);
    if ( one_in(random, 16) )
        leaf |= UINT64_C(1) << 45;
    return leaf;
}

static uint64_t own_vmid(unsigned int d)
{
    return 0x10 + d;
}

static void build(struct pair *pair, struct rig *rig, uint64_t seed)
{
    static const unsigned int configs[DEVICES] = { STAGE1, STAGE2, NESTED,
                                                   STAGE1, BYPASS };
    uint64_t random = seed * 2 + 1;

    for ( unsigned int d = 0; d < DEVICES; d++ )
    {
        struct device *device = &pair->device[d];

        *device = (struct device) { .sid = SID + d };
        if ( d == 3 )
            device->s1 = (struct tables) { .shift = 12, .bits = 48 };
        rig_device(rig, device, configs[d]);
        rig_patch(rig, device->ste, 143, 128, own_vmid(d));
        for ( unsigned int p = 0; p < PAGES * 4 && device->s1.base; p++ )
            rig_store(rig,
                      rig_entry(rig, &device->s1,
                                IOVA + p % 4 * 0x200000 + p / 4 * 0x1000, 3),
                      random_leaf(&random, false,
                                  (next_random(&random) & 0xfff000) +
                                      device->s1.moved,
                                  3));
        for ( unsigned int p = 0; p < PAGES * 4 && configs[d] == STAGE2; p++ )
            rig_store(rig,
                      rig_entry(rig, &device->s2,
                                IOVA + p % 4 * 0x200000 + p / 4 * 0x1000, 3),
                      random_leaf(&random, true,
                                  next_random(&random) & 0xfff000, 3));
        /* A block now and then. */
        if ( device->s1.base && one_in(&random, 2) )
            rig_store(
                rig, rig_entry(rig, &device->s1, IOVA + 0x600000, 2),
                random_leaf(&random, false, 0x600000 + device->s1.moved, 2));
    }
}

static void random_request(struct pair *pair, const char *row)
{
    uint64_t *random = &pair->random;
    struct request request = rig_request(
        SID + (uint32_t)(next_random(random) % (DEVICES + 1)),
        random_iova(random), (enum request_access)(next_random(random) % 3));
    struct response probed, got, want;

    request.privileged = one_in(random, 2);
    request.execute = one_in(random, 3);
    if ( one_in(random, 30) )
        request.pasid = (uint32_t)(next_random(random) & 7);
    probed = rig_probe(&pair->cached, &request);
    got = rig_send(&pair->cached, &request);
    want = rig_send(&pair->plain, &request);
    expect_equal(row, rig_result(&got), rig_result(&want));
    expect_equal(row, got.rights, want.rights);
    expect_equal(row, rig_result(&probed), rig_result(&want));
    if ( got.condition || want.condition )
        assert_string_equal(got.condition, want.condition);
}

static void compare_events(struct pair *pair, const char *row)
{
    for ( ;; )
    {
        struct event got, want;
        unsigned int type = rig_event(&pair->cached, &got);

        expect_equal(row, type, rig_event(&pair->plain, &want));
        for ( size_t i = 0; i < 4; i++ )
            expect_equal(row, got.word[i], want.word[i]);
        if ( !type )
            return;
    }
}

/* A leaf of stage 1 or 2 gets another value; the least that makes it seen. */
static void change_leaf(struct pair *pair, unsigned int d)
{
    struct device *device = &pair->device[d];
    bool stage2 = device->config == STAGE2;
    const struct tables *tables = stage2 ? &device->s2 : &device->s1;
    uint64_t iova = IOVA + next_random(&pair->random) % 3 * 0x200000 +
                    next_random(&pair->random) % PAGES * 0x1000;
    uint64_t leaf = random_leaf(
        &pair->random, stage2,
        (next_random(&pair->random) & 0xfff000) + device->s1.moved, 3);

    store_both(pair, rig_entry(&pair->cached, tables, iova, 3), leaf);
    if ( stage2 )
        command_both(pair, CMD_TLBI(0x2a, own_vmid(d), 0), iova | LEAF);
    else if ( one_in(&pair->random, 2) )
        command_both(pair, CMD_TLBI(0x12, own_vmid(d), ASID), iova | LEAF);
    else
        command_both(pair, CMD_TLBI(0x13, own_vmid(d), 0), iova | LEAF);
}

/* Nested: a page of guest memory is taken away or given back. */
static void change_stage_2(struct pair *pair)
{
    struct device *device = &pair->device[2];
    uint64_t page = next_random(&pair->random) & 0xfff000;
    uint64_t at = rig_entry(&pair->cached, &device->s2, page + MOVED, 3);

    store_both(pair, at, rig_load(&pair->cached, at) ^ 1);
    command_both(pair, CMD_TLBI(0x2a, own_vmid(2), 0), (page + MOVED) | LEAF);
    command_both(pair, CMD_TLBI(0x10, own_vmid(2), 0), 0);
}

static void change_configuration(struct pair *pair, unsigned int d)
{
    struct device *device = &pair->device[d];

    if ( device->cd && one_in(&pair->random, 2) ) /* CD.V */
    {
        store_both(pair, device->cd,
                   rig_load(&pair->cached, device->cd) ^ UINT64_C(1) << 31);
        command_both(pair, CMD_CD(device->sid, 0), LEAF);
        return;
    }
    store_both(pair, device->ste, rig_load(&pair->cached, device->ste) ^ 1);
    command_both(pair, CMD_SID(0x03, device->sid), LEAF);
}

static void step(struct pair *pair, unsigned int number, uint64_t seed)
{
    unsigned int d = (unsigned int)(next_random(&pair->random) % DEVICES);
    char row[64];

    snprintf(row, sizeof(row), "seed %u step %u", (unsigned int)seed, number);
    switch ( next_random(&pair->random) % 32 )
    {
    case 0:
        if ( pair->device[d].config != BYPASS )
            change_leaf(pair, d);
        break;
    case 1:
        change_stage_2(pair);
        break;
    case 2:
        change_configuration(pair, d);
        break;
    default:
        random_request(pair, row);
        break;
    }
    compare_events(pair, row);
}

static void run(enum cache_retention retention, uint64_t seed, uint64_t *hits)
{
    struct smmuv3_config config;
    struct pair pair;

    rig_config(&config);
    rig_caches(&config, 16, retention);
    config.main_tlb.ways = 4;
    config.main_tlb.entries = 64;
    config.ste_cache.entries = config.ste_cache.ways = 2;
    config.main_tlb.seed = seed;
    rig_start(&pair.cached, &config);
    rig_caches(&config, 0, CACHE_NORMAL);
    rig_start(&pair.plain, &config);
    build(&pair, &pair.cached, seed);
    build(&pair, &pair.plain, seed);
    assert_memory_equal(pair.cached.ram.memory, pair.plain.ram.memory,
                        RIG_MEMORY);
    pair.random = seed * 2 + 1;
    for ( unsigned int i = 0; i < STEPS; i++ )
        step(&pair, i, seed);
    *hits += smmuv3_stats(pair.cached.smmu)->main_hits +
             smmuv3_stats(pair.cached.smmu)->micro_hits;
    assert_int_equal(smmuv3_stats(pair.plain.smmu)->main_hits, 0);
    assert_int_equal(smmuv3_stats(pair.plain.smmu)->micro_hits, 0);
    rig_destroy(&pair.cached);
    rig_destroy(&pair.plain);
}

static void hits_answer_as_misses_under_every_retention(void **state)
{
    (void)state;
    for ( enum cache_retention r = CACHE_NORMAL; r <= CACHE_RANDOM; r++ )
    {
        uint64_t hits = 0;

        for ( uint64_t seed = 1; seed <= 8; seed++ )
            run(r, seed, &hits);
        if ( r == CACHE_ALWAYS_MISS )
            assert_int_equal(hits, 0);
        else
            assert_in_range(hits, 1000, UINT32_MAX);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_answer_as_misses_under_every_retention),
    };

    return RUN(tests);
}
