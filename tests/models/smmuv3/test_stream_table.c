/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an STE is found (3.3.1, 5.1, 6.3.24, 6.3.25). */
#include "expect.h"
#include "rig.h"

/* STEs are told apart: Config 4 passes, an STE of zeroes is C_BAD_STE. */
static void put_bypass(struct rig *rig, uint64_t ste)
{
    rig_store(rig, ste, 1 | BYPASS << 1);
}

/* The unit with another stream table. */
static void use_table(struct rig *rig, uint64_t base, uint32_t cfg)
{
    rig_set32(rig, CR0, 0xc);
    rig_set64(rig, STRTAB_BASE, base);
    rig_set32(rig, STRTAB_BASE_CFG, cfg);
    rig_set32(rig, CR2, 2); /* RECINVSID */
    rig_set32(rig, CR0, 0xd);
    rig_command(rig, CFGI_ALL);
}

#define TWO_LEVEL        (1u << 16)
#define SPLIT(n)         ((uint32_t)(n) << 6)
#define L1STD(ptr, span) ((ptr) | (span))

static void linear_streams_are_at_64_bytes_each(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( uint32_t sid = 0; sid < 64; sid++ )
    {
        assert_int_equal(rig_read(&rig, sid, IOVA), ABORTED | C_BAD_STE);
        put_bypass(&rig, rig.strtab + sid * 64);
        rig_command(&rig, CFGI_ALL);
        assert_int_equal(rig_read(&rig, sid, IOVA), IOVA);
        rig_store(&rig, rig.strtab + sid * 64, 0);
        rig_command(&rig, CFGI_ALL);
    }
    rig_destroy(&rig);
}

static void streams_beyond_LOG2SIZE_or_SIDSIZE_are_bad(void **state)
{
    static const struct {
        const char *row;
        uint32_t log2size, sidsize, sid;
        bool bad;
    } rows[] = {
        { "the only one", 0, 16, 0, false },
        { "one too many", 0, 16, 1, true },
        { "the last of 64", 6, 16, 63, false },
        { "the first beyond 64", 6, 16, 64, true },
        { "far beyond", 6, 16, UINT32_MAX, true },
        { "the last of SIDSIZE", 12, 8, 255, false },
        { "the first beyond SIDSIZE", 12, 8, 256, true },
        { "LOG2SIZE over 32", 63, 8, 255, false },
        { "64 bits of table", 58, 8, 255, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct smmuv3_config config;
        struct rig rig;
        uint64_t base;

        rig_config(&config);
        config.idr[1] = (config.idr[1] & ~0x3fu) | rows[i].sidsize;
        rig_start(&rig, &config);
        base = rows[i].log2size > 32 ? 0 : rig_alloc(&rig, 1u << 18);
        if ( rows[i].sid < 4096 )
            put_bypass(&rig, base + rows[i].sid * UINT64_C(64));
        use_table(&rig, base, rows[i].log2size);
        expect_equal(rows[i].row, rig_read(&rig, rows[i].sid, IOVA),
                     rows[i].bad ? ABORTED | C_BAD_STREAMID : IOVA);
        rig_destroy(&rig);
    }
}

/* 6.3.12.2 */
static void C_BAD_STREAMID_is_recorded_with_RECINVSID_only(void **state)
{
    (void)state;
    for ( uint32_t rec = 0; rec < 2; rec++ )
    {
        struct event event;
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set_cr2(&rig, rec << 1);
        assert_int_equal(rig_read(&rig, 64, IOVA), ABORTED | C_BAD_STREAMID);
        assert_int_equal(rig_event(&rig, &event), rec ? C_BAD_STREAMID : 0);
        assert_int_equal(rig_bits(&event, 63, 32), rec ? 64 : 0);
        rig_destroy(&rig);
    }
}

/* Base + 64 * index for every size: the low bits of ADDR are ignored. */
static void a_linear_base_is_aligned_to_the_table(void **state)
{
    (void)state;
    for ( uint32_t log2 = 0; log2 <= 10; log2++ )
    {
        uint64_t size = UINT64_C(64) << log2;
        struct rig rig;
        uint64_t base;

        rig_start(&rig, NULL);
        base = rig_alloc(&rig, size < 0x1000 ? 0x1000 : size);
        put_bypass(&rig, base + size - 64);
        use_table(&rig, base | (size - 64), log2);
        assert_int_equal(rig_read(&rig, (1u << log2) - 1, IOVA), IOVA);
        rig_destroy(&rig);
    }
}

/* Index and pointer of both levels, for each SPLIT. */
static void two_levels_split_the_StreamID(void **state)
{
    static const struct {
        uint32_t field, split;
    } rows[] = { { 6, 6 }, { 8, 8 }, { 10, 10 }, { 0, 6 },
                 { 7, 6 }, { 9, 6 }, { 31, 6 } };
    const uint32_t sid = 0x2a73;

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        uint32_t split = rows[i].split;
        struct rig rig;
        uint64_t l1, l2;

        rig_start(&rig, NULL);
        l1 = rig_alloc(&rig, UINT64_C(8) << (14 - split));
        l2 = rig_alloc(&rig, UINT64_C(64) << split);
        rig_store(&rig, l1 + (sid >> split) * 8, L1STD(l2, split + 1));
        put_bypass(&rig, l2 + (sid & ((1u << split) - 1)) * 64);
        use_table(&rig, l1, TWO_LEVEL | SPLIT(rows[i].field) | 14);
        expect_equal("found", rig_read(&rig, sid, IOVA), IOVA);
        expect_equal("neighbour", rig_read(&rig, sid ^ 1, IOVA),
                     ABORTED | C_BAD_STE);
        expect_equal("no table", rig_read(&rig, sid ^ (1u << split), IOVA),
                     ABORTED | C_BAD_STREAMID);
        expect_equal("beyond", rig_read(&rig, 1u << 14, IOVA),
                     ABORTED | C_BAD_STREAMID);
        rig_destroy(&rig);
    }
}

/* FMT: only 1 has two levels. */
static void reserved_formats_are_linear(void **state)
{
    (void)state;
    for ( uint32_t fmt = 2; fmt < 4; fmt++ )
    {
        struct rig rig;

        rig_start(&rig, NULL);
        put_bypass(&rig, rig.strtab + 3 * 64);
        use_table(&rig, rig.strtab, fmt << 16 | SPLIT(8) | 6);
        assert_int_equal(rig_read(&rig, 3, IOVA), IOVA);
        rig_destroy(&rig);
    }
}

/* 5.1: 2^(Span-1) STEs; 0 and more than SPLIT + 1 are no table. */
static void Span_limits_the_second_level(void **state)
{
    (void)state;
    for ( uint32_t span = 0; span < 32; span++ )
    {
        uint32_t count = span == 0 || span > 9 ? 0 : 1u << (span - 1);
        struct rig rig;
        uint64_t l1, l2;

        rig_start(&rig, NULL);
        l1 = rig_alloc(&rig, 0x1000);
        l2 = rig_alloc(&rig, 64 << 8);
        for ( uint32_t sid = 0; sid < 256; sid++ )
            put_bypass(&rig, l2 + sid * 64);
        rig_store(&rig, l1, L1STD(l2, span));
        use_table(&rig, l1, TWO_LEVEL | SPLIT(8) | 10);
        for ( uint32_t sid = 0; sid < 256; sid++ )
            expect_equal("span", rig_read(&rig, sid, IOVA),
                         sid < count ? IOVA : ABORTED | C_BAD_STREAMID);
        rig_destroy(&rig);
    }
}

static void L2Ptr_is_aligned_to_what_Span_says(void **state)
{
    (void)state;
    for ( uint32_t span = 1; span <= 9; span++ )
    {
        uint64_t size = UINT64_C(64) << (span - 1);
        struct rig rig;
        uint64_t l1, l2;

        rig_start(&rig, NULL);
        l1 = rig_alloc(&rig, 0x1000);
        l2 = rig_alloc(&rig, size);
        put_bypass(&rig, l2 + size - 64);
        rig_store(&rig, l1, L1STD(l2 | (size - 64), span));
        use_table(&rig, l1, TWO_LEVEL | SPLIT(8) | 10);
        assert_int_equal(rig_read(&rig, (1u << (span - 1)) - 1, IOVA), IOVA);
        rig_destroy(&rig);
    }
}

/* 6.3.24: to the larger of 64 bytes and the first level. */
static void a_two_level_base_is_aligned_to_the_first_level(void **state)
{
    (void)state;
    for ( uint32_t log2 = 6; log2 <= 16; log2++ )
    {
        uint64_t size = UINT64_C(8) << (log2 - 6);
        uint32_t sid = (1u << log2) - 1;
        struct rig rig;
        uint64_t l1, l2;

        rig_start(&rig, NULL);
        l1 = rig_alloc(&rig, 0x10000);
        l2 = rig_alloc(&rig, 0x1000);
        rig_store(&rig, l1 + (sid >> 6) * 8, L1STD(l2, 7));
        put_bypass(&rig, l2 + 63 * 64);
        use_table(&rig, l1 | ((size - 1) & ~UINT64_C(63)),
                  TWO_LEVEL | SPLIT(6) | log2);
        assert_int_equal(rig_read(&rig, sid, IOVA), IOVA);
        rig_destroy(&rig);
    }
}

/* SPLIT >= LOG2SIZE: one L1STD; StreamIDs still end at 2^LOG2SIZE. */
static void a_split_above_the_size_leaves_one_descriptor(void **state)
{
    struct rig rig;
    uint64_t l1, l2;

    (void)state;
    rig_start(&rig, NULL);
    l1 = rig_alloc(&rig, 0x1000);
    l2 = rig_alloc(&rig, 0x10000);
    rig_store(&rig, l1, L1STD(l2, 11));
    put_bypass(&rig, l2 + 31 * 64);
    put_bypass(&rig, l2 + 32 * 64);
    use_table(&rig, l1, TWO_LEVEL | SPLIT(10) | 5);
    assert_int_equal(rig_read(&rig, 31, IOVA), IOVA);
    assert_int_equal(rig_read(&rig, 32, IOVA), ABORTED | C_BAD_STREAMID);
    rig_destroy(&rig);
}

/* 7.3.4: FetchAddr is that of what could not be read. */
static void an_abort_of_either_fetch_is_F_STE_FETCH(void **state)
{
    struct event event;
    struct rig rig;
    uint64_t l1, l2, fetched[2];

    (void)state;
    rig_start(&rig, NULL);
    l1 = rig_alloc(&rig, 0x1000);
    l2 = rig_alloc(&rig, 64 << 8);
    rig_store(&rig, l1 + 2 * 8, L1STD(l2, 9));
    put_bypass(&rig, l2 + 7 * 64);
    fetched[0] = l1 + 2 * 8;
    fetched[1] = l2 + 7 * 64;
    use_table(&rig, l1, TWO_LEVEL | SPLIT(8) | 10);
    for ( int i = 0; i < 2; i++ )
    {
        rig_command(&rig, CFGI_ALL);
        rig_refuse(&rig, fetched[i], 8);
        assert_int_equal(rig_read(&rig, 0x207, IOVA), ABORTED | F_STE_FETCH);
        assert_int_equal(rig_event(&rig, &event), F_STE_FETCH);
        assert_int_equal(rig_bits(&event, 63, 32), 0x207);
        assert_int_equal(event.word[3], fetched[i]);
        /* A fetch that failed is not cached. */
        rig_refuse(&rig, 0, 0);
        assert_int_equal(rig_read(&rig, 0x207, IOVA), IOVA);
    }
    rig_destroy(&rig);
}

/* 3.4.3: both are truncated or cannot be fetched. */
static void an_STE_beyond_OAS_is_F_STE_FETCH(void **state)
{
    (void)state;
    for ( int level = 0; level < 2; level++ )
    {
        struct smmuv3_config config;
        struct rig rig;
        uint64_t l1;

        rig_config(&config);
        config.idr[5] = (config.idr[5] & ~7u) | 4; /* 44 bits */
        rig_start(&rig, &config);
        l1 = rig_alloc(&rig, 0x1000);
        rig_store(&rig, l1, L1STD(UINT64_C(1) << 44, 7));
        if ( level )
            use_table(&rig, l1, TWO_LEVEL | SPLIT(6) | 8);
        else
            use_table(&rig, UINT64_C(1) << 44, 6);
        assert_int_equal(rig_read(&rig, 3, IOVA), ABORTED | F_STE_FETCH);
        rig_destroy(&rig);
    }
}

/* ST_LEVEL = 0: FMT and SPLIT are RES0; kept or not, they say nothing. */
static void a_unit_without_two_levels_ignores_FMT(void **state)
{
    struct smmuv3_config config;
    struct rig rig;

    (void)state;
    rig_config(&config);
    config.idr[0] &= ~(3u << 27);
    config.idr[1] = (config.idr[1] & ~0x3fu) | 6;
    rig_start(&rig, &config);
    put_bypass(&rig, rig.strtab + 3 * 64);
    use_table(&rig, rig.strtab, TWO_LEVEL | SPLIT(8) | 6);
    assert_int_equal(rig_read(&rig, 3, IOVA), IOVA);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_streams_are_at_64_bytes_each),
        cmocka_unit_test(streams_beyond_LOG2SIZE_or_SIDSIZE_are_bad),
        cmocka_unit_test(C_BAD_STREAMID_is_recorded_with_RECINVSID_only),
        cmocka_unit_test(a_linear_base_is_aligned_to_the_table),
        cmocka_unit_test(two_levels_split_the_StreamID),
        cmocka_unit_test(reserved_formats_are_linear),
        cmocka_unit_test(Span_limits_the_second_level),
        cmocka_unit_test(L2Ptr_is_aligned_to_what_Span_says),
        cmocka_unit_test(a_two_level_base_is_aligned_to_the_first_level),
        cmocka_unit_test(a_split_above_the_size_leaves_one_descriptor),
        cmocka_unit_test(an_abort_of_either_fetch_is_F_STE_FETCH),
        cmocka_unit_test(an_STE_beyond_OAS_is_F_STE_FETCH),
        cmocka_unit_test(a_unit_without_two_levels_ignores_FMT),
    };

    return RUN(tests);
}
