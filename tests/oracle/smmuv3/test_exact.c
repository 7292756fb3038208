/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P3: at quiescence a virtual unit has what the tables say. */
#include "world.h"

static struct world w;

static const struct options stage1_only = { .virtual_unit = true,
                                            .idr0_clear = 1 | BIT(9) };

static void start(void)
{
    world_start(&w, &stage1_only);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
}

static void check(void)
{
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
}

static struct oracle_outcome page(uint64_t gpa, unsigned int rights)
{
    return (struct oracle_outcome) {
        .ok = true, .hpa = HPA_OFFSET + gpa, .mask = 0xfff, .rights = rights
    };
}

static void every_page_is_looked_at(void **state)
{
    static const struct {
        const char *rule;
        struct oracle_outcome instead;
    } rows[] = {
        { "missing mapping", { .ok = false } },
        { "wrong mapping",
          { .ok = true,
            .hpa = HPA_OFFSET + DATA2,
            .mask = 0xfff,
            .rights = RW } },
        { "wrong mapping",
          { .ok = true,
            .hpa = HPA_OFFSET + DATA,
            .mask = 0xfff,
            .rights = R } },
        { "wrong mapping",
          { .ok = true,
            .hpa = HPA_OFFSET + DATA,
            .mask = 0x1fffff,
            .rights = RW } },
    };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start();
        w.exception = IOVA;
        w.instead = rows[i].instead;
        check();
        assert_true(reported(&w, "P3", rows[i].rule));
        world_end(&w);
    }
}

static void what_was_unmapped_is_looked_at(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, 0);
    command(&w, NH_VA(0, 1, IOVA, 1));
    w.exception = IOVA;
    w.instead = page(DATA, RW);
    check();
    assert_true(reported(&w, "P2", "stale translation"));
    world_end(&w);
}

static void what_never_was_is_extra(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA + 0x8000, DATA | (PAGE & ~BIT(0)));
    w.exception = IOVA + 0x8000;
    w.instead = page(DATA, RW);
    check();
    assert_true(reported(&w, "P3", "extra mapping"));
    world_end(&w);
}

static void the_upper_half_is_looked_at(void **state)
{
    uint64_t iova = (UINT64_MAX << 39) | IOVA;

    (void)state;
    start();
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    set_cd(&w, cd_at(DEV_A, 0),
           &(struct cd) {
               .asid = 1, .ttb0 = TABLES_A, .ttb1 = TABLES_B, .high = true });
    command(&w, CFGI_CD(DEV_A, 0, 1));
    command(&w, NH_ASID(0, 1));
    check();
    assert_int_equal(w.findings, 0);
    w.exception = iova;
    w.instead = blocked;
    check();
    assert_true(reported(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void substreams_that_were_seen_are_looked_at(void **state)
{
    struct oracle_dma dma = dma_of(DEV_A, IOVA, false);
    struct ste ste = ste_a;

    (void)state;
    start();
    ste.cdmax = 2;
    ste.dss = 2;
    set_ste(&w, DEV_A, &ste);
    set_cd(&w, cd_at(DEV_A, 1), &(struct cd) { .asid = 9, .ttb0 = TABLES_B });
    command(&w, CFGI_STE(DEV_A, 1));
    map_page(&w, TABLES_B, IOVA + 0x3000, DATA2 | PAGE);
    dma.pasid = 1;
    dma.iova = IOVA + 0x3000;
    assert_true(legal_dma(&w, &dma, to(DATA2, RW)));
    check();
    assert_int_equal(w.findings, 0);
    w.exception = IOVA + 0x3000;
    w.instead = blocked;
    check();
    assert_true(reported(&w, "P3", "missing mapping"));
    world_end(&w);
}

static void a_block_is_looked_at_at_both_ends(void **state)
{
    static const uint64_t offset[] = { 0, 0x1ff000 };

    (void)state;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        start();
        store(&w, TABLES_A + 0x1008, DATA2 | BLOCK);
        command(&w, NH_VA(0, 1, IOVA + 0x200000, 0));
        w.exception = IOVA + 0x200000 + offset[i];
        w.instead = blocked;
        check();
        assert_true(reported(&w, "P3", "missing mapping"));
        world_end(&w);
    }
}

static void rom_is_mapped_for_reading(void **state)
{
    (void)state;
    start();
    map_page(&w, TABLES_A, IOVA, ROM | PAGE);
    map_page(&w, TABLES_A, IOVA + 0x1000, HOLE | PAGE);
    command(&w, NH_ASID(0, 1));
    check();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void what_is_tolerated_is_counted(void **state)
{
    struct oracle_stats stats;

    (void)state;
    start();
    oracle_tolerate_missing(w.oracle, true);
    w.exception = IOVA;
    w.instead = blocked;
    check();
    assert_int_equal(w.findings, 0);
    oracle_stats(w.oracle, &stats);
    assert_true(stats.missing_tolerated > 0);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_looked_at),
        cmocka_unit_test(what_was_unmapped_is_looked_at),
        cmocka_unit_test(what_never_was_is_extra),
        cmocka_unit_test(the_upper_half_is_looked_at),
        cmocka_unit_test(substreams_that_were_seen_are_looked_at),
        cmocka_unit_test(a_block_is_looked_at_at_both_ends),
        cmocka_unit_test(rom_is_mapped_for_reading),
        cmocka_unit_test(what_is_tolerated_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
