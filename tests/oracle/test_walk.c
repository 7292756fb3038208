/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk and its fault reasons, in the specification's order of checks. */
#include "world.h"

static struct world w;

#define TABLE2  (TABLES_A + 0x1000)
#define TABLE1  (TABLES_A + 0x2000)
#define LEAF    (TABLE1)
#define CONTEXT (CONTEXTS + 16 * DEV_A)
#define BIT(n)  (UINT64_C(1) << (n))

struct walk_row {
    const char *what;
    uint64_t at, value; /* one word is set to this */
    uint64_t iova;
    bool write;
    unsigned int reason; /* 0: ok */
    const char *condition;
};

/* clang-format off */
static const struct walk_row rows[] = {
    { "as built", LEAF, DATA | RW, IOVA, true, 0, NULL },
    { "TTM scalable", 0, 0x400, IOVA, false, 0x30, "RTA.1" },
    { "TTM reserved", 0, 0x800, IOVA, false, 0x30, "RTA.1" },
    { "TTM abort without ADMS", 0, 0xc00, IOVA, false, 0x30, "RTA.1" },
    { "root fetch", 0, HOLE - ROOT, IOVA, false, 0x08, "LRT.1" },
    { "root P", ROOT, CONTEXTS, IOVA, false, 0x01, "LRT.2" },
    { "root P before reserved", ROOT, CONTEXTS | 4, IOVA, false, 0x01,
      "LRT.2" },
    { "root reserved low", ROOT, CONTEXTS | 3, IOVA, false, 0x0a, "LRT.3" },
    { "root reserved high", ROOT + 8, 1, IOVA, false, 0x0a, "LRT.3" },
    { "root beyond HAW", ROOT, BIT(48) | 1, IOVA, false, 0x0a, "LRT.3" },
    { "context fetch", ROOT, HOLE | 1, IOVA, false, 0x09, "LCT.1" },
    { "context P", CONTEXT, TABLES_A, IOVA, false, 0x02, "LCT.2" },
    { "context reserved low", CONTEXT, TABLES_A | 0x11, IOVA, false, 0x0b,
      "LCT.3" },
    { "context reserved 71", CONTEXT + 8, 0x181, IOVA, false, 0x0b, "LCT.3" },
    { "context reserved high", CONTEXT + 8, 0x101 | BIT(24), IOVA, false,
      0x0b, "LCT.3" },
    { "context ignored bits", CONTEXT + 8, 0x179, IOVA, false, 0, NULL },
    { "SLPTPTR beyond HAW", CONTEXT, BIT(48) | 1, IOVA, false, 0x0b,
      "LCT.3" },
    { "AW 0", CONTEXT + 8, 0x100, IOVA, false, 0x03, "LCT.4.1" },
    { "AW not in SAGAW", CONTEXT + 8, 0x103, IOVA, false, 0x03, "LCT.4.1" },
    { "AW reserved", CONTEXT + 8, 0x107, IOVA, false, 0x03, "LCT.4.1" },
    { "TT reserved", CONTEXT, TABLES_A | 0xd, IOVA, false, 0x03, "LCT.4.2" },
    { "TT 1 without DT", CONTEXT, TABLES_A | 0x5, IOVA, false, 0x03,
      "LCT.4.2" },
    { "pass-through, not the widest AW", CONTEXT, 0x9, IOVA, false, 0x03,
      "LCT.4.1" },
    { "top-level fetch", CONTEXT, HOLE | 1, IOVA, false, 0x03, "LCT.4.3" },
    { "beyond AW", LEAF, DATA | RW, BIT(39), false, 0x04, "LGN.1" },
    { "interrupt range", LEAF, DATA | RW, 0xfee00000, false, 0x0e, "LGN.4" },
    { "level 2 fetch", TABLES_A + 8, HOLE | RW, IOVA, false, 0x07, "LSL.1" },
    { "level 1 fetch", TABLE2, HOLE | RW, IOVA, false, 0x07, "LSL.1" },
    { "level 3 not present", TABLES_A + 8, 0, IOVA, true, 0x05, "LGN.2" },
    { "level 2 not present", TABLE2, TABLE1, IOVA, false, 0x06, "LGN.3" },
    { "leaf not writable", LEAF, DATA | R, IOVA, true, 0x05, "LGN.2" },
    { "leaf not readable", LEAF, DATA | W, IOVA, false, 0x06, "LGN.3" },
    { "leaf writable only", LEAF, DATA | W, IOVA, true, 0, NULL },
    { "level 2 not writable", TABLE2, TABLE1 | R, IOVA, true, 0x05, "LGN.2" },
    { "level 2 readable", TABLE2, TABLE1 | R, IOVA, false, 0, NULL },
    { "right before reserved", LEAF, DATA | BIT(49) | R, IOVA, true, 0x05,
      "LGN.2" },
    { "leaf beyond HAW", LEAF, DATA | BIT(48) | RW, IOVA, false, 0x0c,
      "LSL.2" },
    { "leaf SNP without SC", LEAF, DATA | 0x800 | RW, IOVA, false, 0x0c,
      "LSL.2" },
    { "leaf ignored bits", LEAF, DATA | 0x7fc | UINT64_C(0xbff) << 52 | RW,
      IOVA, false, 0, NULL },
    { "2 MiB leaf reserved", TABLE2, DATA | PS | RW, IOVA, false, 0x0c,
      "LSL.2" },
    { "2 MiB leaf", TABLE2, DATA2 | PS | RW, IOVA, false, 0, NULL },
    { "1 GiB leaf reserved", TABLES_A + 8, DATA2 | PS | RW, IOVA, false, 0x0c,
      "LSL.2" },
    { "1 GiB leaf", TABLES_A + 8, PS | RW, IOVA, false, 0, NULL },
    { "output in the interrupt range", LEAF, 0xfee00000 | RW, IOVA, false,
      0x0e, "LGN.4" },
};
/* clang-format on */

static void set_word(const struct walk_row *row)
{
    if ( row->at )
    {
        store(&w, row->at, row->value);
        return;
    }
    write_reg(&w, 0x20, 8, ROOT + row->value);
    gcmd(&w, 0xc4000000);
}

static void each_check_has_its_reason(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        const struct walk_row *row = &rows[i];
        const struct oracle_dma dma = { DEV_A, NONE,       row->iova,
                                        4,     row->write, !row->write,
                                        0,     false,      false,
                                        0 };
        struct oracle_walk walk;

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        set_word(row);
        oracle_walk(w.oracle, &dma, &walk);
        assert_int_equal(walk.ok, row->reason == 0);
        if ( !walk.ok )
        {
            assert_int_equal(walk.reason, row->reason);
            assert_string_equal(walk.condition, row->condition);
        }
        world_end(&w);
    }
}

static void a_request_with_pasid_is_refused(void **state)
{
    const struct oracle_dma dma = { DEV_A, 5, IOVA,  4,     false,
                                    true,  0, false, false, 0 };
    struct oracle_walk walk;

    (void)state;
    world_start(&w, NULL);
    oracle_walk(w.oracle, &dma, &walk);
    assert_int_equal(walk.reason, 0x31);
    world_end(&w);
}

static void a_translation_request_is_refused(void **state)
{
    (void)state;
    for ( unsigned int type = 1; type <= 2; type++ )
    {
        const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     false,
                                        true,  type, false, false, 0 };
        struct oracle_walk walk;

        world_start(&w, NULL);
        oracle_walk(w.oracle, &dma, &walk);
        assert_int_equal(walk.reason, 0x0d);
        world_end(&w);
    }
}

static void offsets_and_masks_follow_the_level(void **state)
{
    static const struct {
        uint64_t at, value, gpa, mask;
        unsigned int level;
    } pages[] = {
        { LEAF, DATA | RW, DATA | 0x123, 0xfff, 1 },
        { TABLE2, DATA2 | PS | RW, DATA2 | 0x123, 0x1fffff, 2 },
        { TABLES_A + 8, PS | RW, 0x123, 0x3fffffff, 3 },
    };
    const struct oracle_dma dma = { DEV_A, NONE, IOVA | 0x123, 4,     false,
                                    true,  0,    false,        false, 0 };

    (void)state;
    for ( size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++ )
    {
        struct oracle_walk walk;

        world_start(&w, NULL);
        store(&w, pages[i].at, pages[i].value);
        oracle_walk(w.oracle, &dma, &walk);
        assert_true(walk.ok);
        assert_int_equal(walk.gpa, pages[i].gpa);
        assert_int_equal(walk.mask, pages[i].mask);
        assert_int_equal(walk.level, pages[i].level);
        assert_int_equal(walk.rights, RW);
        world_end(&w);
    }
}

static void four_levels_reach_48_bits(void **state)
{
    uint64_t iova = UINT64_C(0x800000000000) | IOVA;
    const struct oracle_dma dma = { DEV_A, NONE, iova,  4,     false,
                                    true,  0,    false, false, 0 };
    struct oracle_walk walk;

    (void)state;
    world_start(&w, NULL);
    store(&w, 0x30000 + 8 * 256, TABLES_A | RW);
    set_context(&w, CONTEXTS, DEV_A, 0x30000 | 1, context_high(2, 1));
    oracle_walk(w.oracle, &dma, &walk);
    assert_true(walk.ok);
    assert_int_equal(walk.gpa, DATA);
    store(&w, 0x30000 + 8 * 256, TABLES_A | PS | RW);
    oracle_walk(w.oracle, &dma, &walk);
    assert_int_equal(walk.reason, 0x0c); /* PS at level 4 */
    world_end(&w);
}

static void a_read_of_nothing_needs_any_right_with_zlr(void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, IOVA,  0,     false,
                                    true,  0,    false, false, 0 };

    (void)state;
    for ( unsigned int zlr = 0; zlr < 2; zlr++ )
    {
        struct oracle_walk walk;

        world_start(&w, &(struct options) { .cap = (uint64_t)zlr << 22 });
        map_page(&w, TABLES_A, IOVA, DATA | W);
        oracle_walk(w.oracle, &dma, &walk);
        assert_int_equal(walk.ok, zlr);
        world_end(&w);
    }
}

static void an_atomic_access_needs_both_rights(void **state)
{
    static const unsigned int reasons[4] = { 5, 5, 6, 0 };

    (void)state;
    for ( unsigned int rights = 0; rights < 4; rights++ )
    {
        const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     true,
                                        true,  0,    false, false, 0 };
        struct oracle_walk walk;

        world_start(&w, NULL);
        map_page(&w, TABLES_A, IOVA, DATA | rights);
        oracle_walk(w.oracle, &dma, &walk);
        assert_int_equal(walk.ok ? 0 : walk.reason, reasons[rights]);
        world_end(&w);
    }
}

static void superpages_need_sllps(void **state)
{
    const struct oracle_dma dma = { DEV_A, NONE, IOVA,  4,     false,
                                    true,  0,    false, false, 0 };
    struct oracle_walk walk;

    (void)state;
    world_start(&w, &(struct options) { .cap_clear = UINT64_C(3) << 34 });
    store(&w, TABLE2, DATA2 | PS | RW);
    oracle_walk(w.oracle, &dma, &walk);
    assert_int_equal(walk.reason, 0x0c);
    world_end(&w);
}

static void an_interrupt_request_is_not_judged(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_true(legal(&w, DEV_A, 0xfee00000, true, blocked));
    assert_true(legal(&w, DEV_A, 0xfee00000, true, to(DATA, RW)));
    assert_false(legal(&w, DEV_A, 0xfee00000, false, to(DATA, RW)));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_has_its_reason),
        cmocka_unit_test(a_request_with_pasid_is_refused),
        cmocka_unit_test(a_translation_request_is_refused),
        cmocka_unit_test(offsets_and_masks_follow_the_level),
        cmocka_unit_test(four_levels_reach_48_bits),
        cmocka_unit_test(a_read_of_nothing_needs_any_right_with_zlr),
        cmocka_unit_test(an_atomic_access_needs_both_rights),
        cmocka_unit_test(superpages_need_sllps),
        cmocka_unit_test(an_interrupt_request_is_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
