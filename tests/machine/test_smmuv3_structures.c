/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SMMUv3 guest: page tables, stream tables and context descriptors against
 * the specification's figures spelt out once more. */
#include "guest_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <guest/smmuv3_guest.h>

#define MEMORY_SIZE (16 * 1024 * 1024)

struct world {
    struct guest_memory memory;
    uint64_t word[MEMORY_SIZE / 8];
};

static void write_register(void *context, uint32_t offset, unsigned int size,
                           uint64_t value)
{
    (void)context;
    (void)offset;
    (void)size;
    (void)value;
}

static uint64_t read_register(void *context, uint32_t offset,
                              unsigned int size)
{
    (void)context;
    (void)offset;
    (void)size;
    return 0;
}

static const struct guest_ops ops = {
    .store64 = guest_memory_store64,
    .read64 = guest_memory_read64,
    .write_register = write_register,
    .read_register = read_register,
    .alloc_page = guest_memory_alloc_page,
    .alloc_run = guest_memory_alloc_run,
};

static struct world world;

static struct smmuv3_guest start(void)
{
    struct smmuv3_guest guest;

    memset(&world, 0, sizeof(world));
    guest_memory_init(&world.memory, world.word, MEMORY_SIZE);
    smmuv3_guest_init(&guest, &ops, &world);
    return guest;
}

static uint64_t word(uint64_t gpa)
{
    assert_true(gpa && gpa < MEMORY_SIZE);
    return world.memory.word[gpa / 8];
}

static struct smmuv3_guest_space space_of(struct smmuv3_guest *guest,
                                          unsigned int stage,
                                          unsigned int granule,
                                          unsigned int input,
                                          unsigned int level)
{
    const struct smmuv3_guest_space_config config = { stage, granule, input,
                                                      level };
    struct smmuv3_guest_space space;

    assert_true(smmuv3_guest_space_init(guest, &space, &config));
    return space;
}

/* ---- page tables ---- */

static void walks_of_stage_1_start_where_the_size_says(void **state)
{
    static const struct {
        unsigned int granule, input, level;
    } rows[] = {
        { 12, 48, 0 }, { 12, 40, 0 }, { 12, 39, 1 }, { 12, 31, 1 },
        { 12, 30, 2 }, { 12, 25, 2 }, { 14, 48, 0 }, { 14, 47, 1 },
        { 14, 37, 1 }, { 14, 36, 2 }, { 14, 26, 2 }, { 14, 25, 3 },
        { 16, 48, 1 }, { 16, 43, 1 }, { 16, 42, 2 }, { 16, 30, 2 },
        { 16, 29, 3 }, { 16, 25, 3 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        assert_int_equal(
            smmuv3_guest_start_level(rows[i].granule, rows[i].input),
            rows[i].level);
}

static void stage_2_concatenates_before_it_takes_a_level_more(void **state)
{
    static const struct {
        unsigned int granule, input, level;
    } rows[] = {
        { 12, 34, 2 }, { 12, 35, 1 }, { 12, 43, 1 }, { 12, 44, 0 },
        { 14, 29, 3 }, { 14, 30, 2 }, { 14, 40, 2 }, { 14, 41, 1 },
        { 16, 33, 3 }, { 16, 34, 2 }, { 16, 46, 2 }, { 16, 47, 1 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        assert_int_equal(
            smmuv3_guest_stage2_level(rows[i].granule, rows[i].input),
            rows[i].level);
}

/* An address whose indexes at levels 0 to 3 are 1, 2, 3, 4 each. */
static uint64_t address_of(unsigned int granule)
{
    unsigned int stride = granule - 3;

    return UINT64_C(4) << granule | UINT64_C(3) << (granule + stride) |
           UINT64_C(2) << (granule + 2 * stride) |
           (granule == 16 ? 0 : UINT64_C(1) << (granule + 3 * stride));
}

static void mappings_stand_at_the_level_of_their_size(void **state)
{
    static const struct {
        unsigned int granule, bits, level, first;
    } rows[] = {
        { 12, 12, 3, 0 }, { 12, 21, 2, 0 }, { 12, 30, 1, 0 }, { 14, 14, 3, 0 },
        { 14, 25, 2, 0 }, { 14, 36, 1, 0 }, { 16, 16, 3, 1 }, { 16, 29, 2, 1 },
    };
    static const unsigned int index[] = { 1, 2, 3, 4 };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct smmuv3_guest guest = start();
        struct smmuv3_guest_space space = space_of(&guest, 1, rows[i].granule,
                                                   48, 0);
        const struct smmuv3_guest_mapping m = {
            .iova = address_of(rows[i].granule) & ~UINT64_C(0) << rows[i].bits,
            .target = UINT64_C(5) << rows[i].bits,
            .bits = rows[i].bits,
            .rights = SMMUV3_GUEST_READ | SMMUV3_GUEST_WRITE,
        };
        uint64_t table = space.root, leaf = rows[i].level == 3 ? 3 : 1;
        unsigned int at;

        assert_true(smmuv3_guest_map(&guest, &space, &m));
        for ( at = rows[i].first; at < rows[i].level; at++ )
        {
            uint64_t entry = word(table + index[at] * 8);

            assert_int_equal(entry & 0xfff, 3);
            table = entry & ~UINT64_C(0xfff);
            assert_int_equal(table & ((1u << rows[i].granule) - 1), 0);
        }
        /* nG, AF, inner shareable, AP 01 */
        assert_int_equal(word(table + index[at] * 8), m.target | 1 << 11 |
                                                          1 << 10 | 3 << 8 |
                                                          1 << 6 | leaf);
        assert_true(smmuv3_guest_unmap(&guest, &space, m.iova, m.bits));
        assert_int_equal(word(table + index[at] * 8), 0);
    }
}

static void sizes_that_a_granule_lacks_are_refused(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 16, 48, 0);
    struct smmuv3_guest_mapping m = { .bits = 12, .rights = 3 };
    unsigned int level;

    (void)state;
    assert_false(smmuv3_guest_map(&guest, &space, &m));
    m.bits = 21;
    assert_false(smmuv3_guest_map(&guest, &space, &m));
    assert_false(smmuv3_guest_leaf_level(&space, 25, &level));
    assert_true(smmuv3_guest_leaf_level(&space, 29, &level));
    assert_int_equal(level, 2);
}

struct attribute_row {
    struct smmuv3_guest_mapping m;
    uint64_t entry;
};

static void check_attributes(struct smmuv3_guest *guest,
                             struct smmuv3_guest_space *space,
                             const struct attribute_row *rows, size_t count)
{
    size_t i;

    for ( i = 0; i < count; i++ )
    {
        struct smmuv3_guest_mapping m = rows[i].m;

        m.bits = 12;
        assert_true(smmuv3_guest_map(guest, space, &m));
        assert_int_equal(word(smmuv3_guest_entry(guest, space, 0, 3, false)),
                         rows[i].entry);
    }
}

static void attributes_of_stage_1_are_encoded(void **state)
{
    static const struct attribute_row rows[] = {
        { { .rights = 1 }, 0xfc3 },
        { { .rights = 2 }, 0xf43 },
        { { .rights = 0 }, 0xfc2 },
        { { .override_ap = true, .ap = 0 }, 0xf03 },
        { { .override_ap = true, .ap = 2 }, 0xf83 },
        { { .rights = 3, .global = true }, 0x743 },
        { { .rights = 3, .no_access_flag = true }, 0xb43 },
        { { .rights = 3, .xn = 1 }, UINT64_C(1) << 54 | 0xf43 },
        { { .rights = 3, .pxn = true }, UINT64_C(1) << 53 | 0xf43 },
    };
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 12, 48, 0);

    (void)state;
    check_attributes(&guest, &space, rows, sizeof(rows) / sizeof(rows[0]));
}

static void attributes_of_stage_2_are_encoded(void **state)
{
    static const struct attribute_row rows[] = {
        { { .rights = 1 }, 0x77f },
        { { .rights = 2 }, 0x7bf },
        { { .rights = 0 }, 0x73f },
        { { .rights = 3, .xn = 3 }, UINT64_C(3) << 53 | 0x7ff },
        { { .rights = 3, .xn = 2 }, UINT64_C(1) << 54 | 0x7ff },
    };
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 2, 12, 40, 1);

    (void)state;
    check_attributes(&guest, &space, rows, sizeof(rows) / sizeof(rows[0]));
}

static void start_tables_are_aligned_to_all_of_them(void **state)
{
    struct smmuv3_guest guest = start();
    /* 43 bits from level 1 are 16 tables of 4 KiB. */
    struct smmuv3_guest_space space = space_of(&guest, 2, 12, 43, 1);
    uint64_t gpa;

    (void)state;
    assert_int_equal(space.root & 0xffff, 0);
    gpa = smmuv3_guest_entry(&guest, &space, UINT64_C(0x7ffc0000000), 1, true);
    assert_int_equal(gpa, space.root + 0x10000 - 8);
}

static void the_upper_half_is_indexed_by_its_low_bits(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 12, 39, 0);

    (void)state;
    assert_int_equal(smmuv3_guest_entry(&guest, &space,
                                        UINT64_C(0xffffff8040000000), 1,
                                        false),
                     space.root + 8);
}

static void nothing_is_mapped_below_a_block(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 12, 48, 0);
    struct smmuv3_guest_mapping m = { .bits = 21, .rights = 3 };

    (void)state;
    assert_true(smmuv3_guest_map(&guest, &space, &m));
    m.bits = 12;
    assert_false(smmuv3_guest_map(&guest, &space, &m));
    assert_false(smmuv3_guest_unmap(&guest, &space, 0x1000, 12));
}

static void a_poke_writes_any_value_at_any_level(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 12, 48, 0);
    unsigned int level;

    (void)state;
    for ( level = 0; level <= 3; level++ )
    {
        uint64_t iova = UINT64_C(0x123456789000) + ((uint64_t)level << 40);

        assert_true(
            smmuv3_guest_poke(&guest, &space, iova, level, UINT64_MAX));
        assert_int_equal(
            word(smmuv3_guest_entry(&guest, &space, iova, level, false)),
            UINT64_MAX);
    }
    assert_false(smmuv3_guest_poke(&guest, &space, 0, 4, 0));
}

static void running_out_of_memory_is_told(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_space space = space_of(&guest, 1, 12, 48, 0);
    const struct smmuv3_guest_mapping m = { .bits = 12, .rights = 3 };
    struct smmuv3_guest_cd_table cds;

    (void)state;
    world.memory.limit = world.memory.next + 0x1000;
    assert_false(smmuv3_guest_map(&guest, &space, &m));
    assert_false(smmuv3_guest_cd_table_init(&guest, &cds, 0, 8));
}

/* ---- stream table entries ---- */

static void an_ste_of_stage_1_is_encoded(void **state)
{
    const struct smmuv3_guest_cd_table cds = { .base = 0x4000,
                                               .fmt = 2,
                                               .max = 12 };
    const struct smmuv3_guest_ste ste = { .valid = true,
                                          .config = 5,
                                          .cds = &cds,
                                          .s1dss = 2,
                                          .strw = 2,
                                          .eats = 1,
                                          .cont = 3,
                                          .privcfg = 2,
                                          .instcfg = 3,
                                          .s1stalld = true,
                                          .mev = true };
    uint64_t w[SMMUV3_GUEST_STE_WORDS];

    (void)state;
    smmuv3_guest_ste_words(&ste, w);
    assert_int_equal(w[0], UINT64_C(12) << 59 | 0x4000 | 2 << 4 | 5 << 1 | 1);
    assert_int_equal(w[1], UINT64_C(3) << 50 | UINT64_C(2) << 48 |
                               UINT64_C(2) << 30 | 1 << 28 | 1 << 27 |
                               1 << 19 | 3 << 13 | 3 << 6 | 1 << 4 | 1 << 2 |
                               2);
    assert_int_equal(w[2] | w[3] | w[4] | w[5] | w[6] | w[7], 0);
}

static void an_ste_of_stage_2_is_encoded(void **state)
{
    static const struct {
        unsigned int granule, input, level, tg, sl0;
    } rows[] = {
        { 12, 40, 1, 0, 1 }, { 12, 48, 0, 0, 2 }, { 12, 32, 2, 0, 0 },
        { 14, 40, 2, 2, 1 }, { 16, 48, 1, 1, 2 }, { 16, 30, 3, 1, 0 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        const struct smmuv3_guest_space space = {
            .config = { 2, rows[i].granule, rows[i].input, rows[i].level },
            .root = 0x80000,
        };
        const struct smmuv3_guest_ste ste = { .valid = true,
                                              .config = 6,
                                              .stage2 = &space,
                                              .s2vmid = 0x1234,
                                              .s2ps = 5,
                                              .s2affd = true,
                                              .s2r = true };
        uint64_t w[SMMUV3_GUEST_STE_WORDS];

        smmuv3_guest_ste_words(&ste, w);
        assert_int_equal(w[0], 6 << 1 | 1);
        assert_int_equal(
            w[2], UINT64_C(1) << (186 - 128) | UINT64_C(1) << (181 - 128) |
                      UINT64_C(1) << (179 - 128) | UINT64_C(5) << (176 - 128) |
                      (uint64_t)rows[i].tg << (174 - 128) |
                      UINT64_C(3) << (172 - 128) | UINT64_C(1) << (170 - 128) |
                      UINT64_C(1) << (168 - 128) |
                      (uint64_t)rows[i].sl0 << (166 - 128) |
                      (uint64_t)(64 - rows[i].input) << 32 | 0x1234);
        assert_int_equal(w[3], 0x80000);
    }
}

/* ---- context descriptors ---- */

static void a_cd_is_encoded(void **state)
{
    const struct smmuv3_guest_space low = { .config = { 1, 16, 42, 2 },
                                            .root = 0x30000 };
    const struct smmuv3_guest_space high = { .config = { 1, 14, 39, 1 },
                                             .root = 0x8000 };
    const struct smmuv3_guest_cd cd = { .valid = true,
                                        .table = { &low, &high },
                                        .asid = 0xbeef,
                                        .ips = 5,
                                        .had = { false, true },
                                        .tbi = { true, false },
                                        .affd = true,
                                        .wxn = true,
                                        .pan = true,
                                        .r = true,
                                        .a = true,
                                        .aset = true };
    uint64_t w[SMMUV3_GUEST_CD_WORDS];

    (void)state;
    smmuv3_guest_cd_words(&cd, w);
    assert_int_equal(
        w[0], UINT64_C(0xbeef) << 48 | UINT64_C(1) << 47 | UINT64_C(1) << 46 |
                  UINT64_C(1) << 45 | UINT64_C(1) << 41 | UINT64_C(1) << 40 |
                  UINT64_C(1) << 38 | UINT64_C(1) << 36 | UINT64_C(1) << 35 |
                  UINT64_C(5) << 32 | UINT64_C(1) << 31 | 3 << 28 | 1 << 26 |
                  1 << 24 | 1 << 22 | 25 << 16 | 3 << 12 | 1 << 10 | 1 << 8 |
                  1 << 6 | 22);
    assert_int_equal(w[1], 0x30000);
    assert_int_equal(w[2], 0x8002);
    assert_int_equal(w[3], 0xff);
}

static void a_half_without_a_table_is_disabled(void **state)
{
    const struct smmuv3_guest_cd cd = { .valid = true };
    uint64_t w[SMMUV3_GUEST_CD_WORDS];

    (void)state;
    smmuv3_guest_cd_words(&cd, w);
    assert_int_equal(w[0] & (1 << 14 | 1 << 30), 1 << 14 | 1 << 30);
}

static void tg1_has_an_encoding_of_its_own(void **state)
{
    static const unsigned int tg1[][2] = { { 12, 2 }, { 14, 1 }, { 16, 3 } };
    size_t i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        const struct smmuv3_guest_space space = { .config = { 1, tg1[i][0], 40,
                                                              1 } };
        const struct smmuv3_guest_cd cd = { .table = { NULL, &space } };
        uint64_t w[SMMUV3_GUEST_CD_WORDS];

        smmuv3_guest_cd_words(&cd, w);
        assert_int_equal(w[0] >> 22 & 3, tg1[i][1]);
    }
}

static void cds_are_found_by_substream(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_cd_table linear, small, large;
    uint64_t gpa;

    (void)state;
    assert_true(smmuv3_guest_cd_table_init(&guest, &linear, 0, 4));
    assert_int_equal(smmuv3_guest_cd_address(&guest, &linear, 15),
                     linear.base + 15 * 64);
    assert_int_equal(smmuv3_guest_cd_address(&guest, &linear, 16), 0);

    assert_true(smmuv3_guest_cd_table_init(&guest, &small, 1, 10));
    gpa = smmuv3_guest_cd_address(&guest, &small, 0x2a5);
    assert_int_equal(smmuv3_guest_l1cd(&small, 0x2a5),
                     small.base + (0x2a5 >> 6) * 8);
    assert_int_equal(word(small.base + (0x2a5 >> 6) * 8),
                     (gpa - (0x2a5 & 63) * 64) | 1);

    assert_true(smmuv3_guest_cd_table_init(&guest, &large, 2, 12));
    gpa = smmuv3_guest_cd_address(&guest, &large, 0x7ff);
    assert_int_equal(word(large.base + 8), (gpa - 0x3ff * 64) | 1);
    assert_int_equal((gpa - 0x3ff * 64) & 0xffff, 0);
}

static void v_is_written_last_and_cleared_first(void **state)
{
    struct smmuv3_guest guest = start();
    struct smmuv3_guest_cd cd = { .valid = true };
    struct smmuv3_guest_cd_table cds;

    (void)state;
    assert_true(smmuv3_guest_cd_table_init(&guest, &cds, 0, 0));
    assert_true(smmuv3_guest_set_cd(&guest, &cds, 0, &cd));
    assert_int_equal(world.memory.last_store, cds.base);
    assert_int_equal(word(cds.base) >> 31 & 1, 1);
    cd.valid = false;
    assert_true(smmuv3_guest_set_cd(&guest, &cds, 0, &cd));
    assert_int_equal(word(cds.base) >> 31 & 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_of_stage_1_start_where_the_size_says),
        cmocka_unit_test(stage_2_concatenates_before_it_takes_a_level_more),
        cmocka_unit_test(mappings_stand_at_the_level_of_their_size),
        cmocka_unit_test(sizes_that_a_granule_lacks_are_refused),
        cmocka_unit_test(attributes_of_stage_1_are_encoded),
        cmocka_unit_test(attributes_of_stage_2_are_encoded),
        cmocka_unit_test(start_tables_are_aligned_to_all_of_them),
        cmocka_unit_test(the_upper_half_is_indexed_by_its_low_bits),
        cmocka_unit_test(nothing_is_mapped_below_a_block),
        cmocka_unit_test(a_poke_writes_any_value_at_any_level),
        cmocka_unit_test(running_out_of_memory_is_told),
        cmocka_unit_test(an_ste_of_stage_1_is_encoded),
        cmocka_unit_test(an_ste_of_stage_2_is_encoded),
        cmocka_unit_test(a_cd_is_encoded),
        cmocka_unit_test(a_half_without_a_table_is_disabled),
        cmocka_unit_test(tg1_has_an_encoding_of_its_own),
        cmocka_unit_test(cds_are_found_by_substream),
        cmocka_unit_test(v_is_written_last_and_cleared_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
