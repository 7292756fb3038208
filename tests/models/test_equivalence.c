/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random tables that don't change: whatever a cache holds, the answer is that
 * of a walk without caches (6.2), under every retention and both CM.
 */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define DEVICES  4u
#define REQUESTS 4000u

/* A small pool of addresses, so that spans are shared. */
static uint64_t random_iova(uint64_t *random)
{
    uint64_t value = next_random(random);
    uint64_t iova = (value & 3) << 39 | (value >> 2 & 1) << 30 |
                    (value >> 3 & 3) << 21 | (value >> 5 & 7) << 12 |
                    (value >> 8 & 0xffc);

    if ( one_in(random, 40) )
        iova |= UINT64_C(1) << (38 + value % 12);
    return iova;
}

/* An entry with some chance of each defect. */
static uint64_t spoil(uint64_t *random, uint64_t entry)
{
    if ( one_in(random, 4) )
        entry &= ~(uint64_t)RW | next_random(random);
    if ( one_in(random, 12) )
        entry |= UINT64_C(1) << 62;
    if ( one_in(random, 20) )
        entry |= UINT64_C(1) << 51;
    return entry;
}

static void random_leaf(struct rig *rig, uint64_t *random, uint64_t table,
                        unsigned int levels)
{
    unsigned int level = 1 + (unsigned int)(next_random(random) % 3);
    uint64_t mask = (UINT64_C(0x1000) << 9 * (level - 1)) - 1;
    uint64_t iova = random_iova(random) & ((UINT64_C(1) << 41) - 1);
    uint64_t output = next_random(random) & ((UINT64_C(1) << 45) - 1) & ~mask;

    for ( unsigned int at = levels; at > level; at-- )
    {
        uint64_t above = rig_entry(rig, table, levels, iova, at);

        if ( rig_load(rig, above) & 0x80 )
            return; /* a large page is there already */
    }
    rig_store(rig, rig_entry(rig, table, levels, iova, level),
              spoil(random, output | RW | (level > 1 ? 0x80u : 0)));
}

/* Spoil some of the upper entries, when all are there. */
static void spoil_upper(struct rig *rig, uint64_t *random, uint64_t table,
                        unsigned int levels)
{
    for ( unsigned int i = 0; i < 4; i++ )
    {
        uint64_t entry = table + i * 8;

        if ( levels > 1 && rig_load(rig, entry) & RW &&
             !(rig_load(rig, entry) & 0x80) )
        {
            spoil_upper(rig, random,
                        rig_load(rig, entry) & UINT64_C(0xffffffff000),
                        levels - 1);
            if ( one_in(random, 6) )
                rig_store(rig, entry, spoil(random, rig_load(rig, entry)));
        }
    }
}

static void build(struct rig *rig, uint64_t seed)
{
    uint64_t random = seed * 2 + 1;

    for ( unsigned int i = 0; i < DEVICES; i++ )
    {
        unsigned int levels = i & 1 ? 3 : 4;
        struct rig_context context = {
            .sid = SID + i,
            .aw = levels - 2,
            .did = 1 + i,
            .fpd = i == 2,
        };
        uint64_t table = rig_set_context(rig, &context);

        for ( unsigned int leaf = 0; leaf < 40; leaf++ )
            random_leaf(rig, &random, table, levels);
        spoil_upper(rig, &random, table, levels);
    }
}

static struct request random_request(uint64_t *random)
{
    struct request request = rig_request(
        SID + (uint32_t)(next_random(random) % (DEVICES + 1)),
        random_iova(random), (enum request_access)(next_random(random) % 3));

    if ( request.access == REQUEST_READ && one_in(random, 5) )
        request.size = 0;
    return request;
}

static void compare(struct rig *cached, struct rig *plain, uint64_t seed)
{
    uint64_t random = seed * 2 + 1;

    for ( unsigned int i = 0; i < REQUESTS; i++ )
    {
        struct request request = random_request(&random);
        struct response probed = rig_probe(cached, &request);
        struct response got = rig_send(cached, &request);
        struct response want = rig_send(plain, &request);
        char row[64];

        snprintf(row, sizeof(row), "seed %u request %u sid %x iova %llx",
                 (unsigned int)seed, i, request.source,
                 (unsigned long long)request.address);
        expect_equal(row, got.status, want.status);
        expect_equal(row, got.address, want.address);
        expect_equal(row, got.reason, want.reason);
        expect_equal(row, got.rights, want.rights);
        expect_equal(row, probed.status, want.status);
        expect_equal(row, probed.address, want.address);
        expect_equal(row, probed.reason, want.reason);
        if ( got.condition || want.condition )
            assert_string_equal(got.condition, want.condition);
        /* The same faults are recorded, in the same order. */
        assert_int_equal(rig_get32(cached, 0x34), rig_get32(plain, 0x34));
        if ( one_in(&random, 8) )
            for ( uint32_t record = 0; record < 8; record++ )
            {
                uint32_t high = FRO + record * 16 + 8;

                assert_int_equal(rig_get64(cached, high),
                                 rig_get64(plain, high));
                rig_set32(cached, high + 4, 0x80000000);
                rig_set32(plain, high + 4, 0x80000000);
                rig_set32(cached, 0x34, 1);
                rig_set32(plain, 0x34, 1);
            }
    }
}

static void run(enum cache_retention retention, bool cm, uint64_t seed,
                uint64_t *hits)
{
    struct vtd_config config;
    struct rig cached, plain;

    vtd_config_default(&config);
    config.iotlb.entries = 64;
    config.paging_structure_cache.entries = 16;
    config.context_cache.entries = 4;
    config.context_cache.seed = config.iotlb.seed = seed;
    config.cap |= cm ? CAP_CM_BIT : 0;
    config.iotlb.retention = retention;
    config.context_cache.retention = retention;
    config.paging_structure_cache.retention = retention;
    rig_start(&cached, &config);
    config.iotlb.entries = 0;
    config.context_cache.entries = 0;
    config.paging_structure_cache.entries = 0;
    rig_start(&plain, &config);
    build(&cached, seed);
    build(&plain, seed);
    assert_memory_equal(cached.ram.memory, plain.ram.memory, RIG_MEMORY);
    compare(&cached, &plain, seed);
    *hits += vtd_stats(cached.vtd)->iotlb_hits;
    assert_int_equal(vtd_stats(plain.vtd)->iotlb_hits, 0);
    rig_destroy(&cached);
    rig_destroy(&plain);
}

static void hits_answer_as_misses_under_every_retention(void **state)
{
    (void)state;
    for ( enum cache_retention r = CACHE_NORMAL; r <= CACHE_RANDOM; r++ )
    {
        uint64_t hits = 0;

        for ( int cm = 0; cm < 2; cm++ )
            for ( uint64_t seed = 1; seed <= 6; seed++ )
                run(r, cm, seed, &hits);
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
