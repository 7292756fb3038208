/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P2: what each command removes, and what may be cached at all. */
#include "world.h"

static struct world w;

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct row {
    const char *what;
    uint64_t low, high;
    bool stale; /* the old translation is still legal afterwards */
};

/* After a change of what leads stream A from IOVA to DATA: now to DATA2. */
static void check_row(const struct row *row)
{
    print_message("%s\n", row->what);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    command(&w, row->low, row->high);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_int_equal(w.findings, 0);
    assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)), row->stale);
    assert_int_equal(found(&w, "P2", "stale translation"), !row->stale);
}

/* ---- leaves ---- */

#define VA(va, leaf) NH_VA(0, 1, va, leaf)
#define RANGE(asid, va, num, scale, tg, ttl)                                  \
    (UINT64_C(0x12) | (uint64_t)(asid) << 48 | NUM_SCALE(num, scale)),        \
        ((va) | TG_TTL(tg, ttl))

/* clang-format off */
static const struct row leaf_rows[] = {
    { "NH_ALL", NH_ALL(0), false },
    { "NH_ALL of another VMID", NH_ALL(9), true },
    { "NH_ASID", NH_ASID(0, 1), false },
    { "NH_ASID of another", NH_ASID(0, 2), true },
    { "NH_ASID of another VMID", NH_ASID(9, 1), true },
    { "NH_VA", VA(IOVA, 0), false },
    { "NH_VA, Leaf", VA(IOVA, 1), false },
    { "NH_VA of the page below", VA(IOVA - 0x1000, 0), true },
    { "NH_VA of the page above", VA(IOVA + 0x1000, 0), true },
    { "NH_VA of another ASID", NH_VA(0, 2, IOVA, 0), true },
    { "NH_VA of another VMID", NH_VA(9, 1, IOVA, 0), true },
    { "NH_VAA", NH_VAA(0, IOVA, 0), false },
    { "NH_VAA of another page", NH_VAA(0, IOVA + 0x1000, 0), true },
    { "NH_VAA of another VMID", NH_VAA(9, IOVA, 0), true },
    { "NSNH_ALL", NSNH_ALL, false },
    { "S12_VMALL", S12_VMALL(0), false },
    { "S12_VMALL of another VMID", S12_VMALL(9), true },
    { "S2_IPA", S2_IPA(0, IOVA, 0), true },
    { "EL2_ALL", EL2_ALL, true },
    { "EL2_VA", EL2_VA(1, IOVA), true },
    { "EL2_ASID", EL2_ASID(1), true },
    { "CFGI_STE", CFGI_STE(DEV_A, 0), true },
    { "CFGI_CD", CFGI_CD(DEV_A, 0, 0), true },
    { "CFGI_ALL", CFGI_ALL, true },
    { "a range of two", RANGE(1, IOVA - 0x1000, 1, 0, 1, 0), false },
    { "a range of two below", RANGE(1, IOVA - 0x2000, 1, 0, 1, 0), true },
    { "a range of 64 by scale", RANGE(1, IOVA - 0x3f000, 0, 6, 1, 0), false },
    { "a range of 63 by number", RANGE(1, IOVA - 0x3e000, 30, 1, 1, 0), true },
    { "a range with TTL 3", RANGE(1, IOVA, 0, 0, 1, 3), false },
    { "a range with TTL 2", RANGE(1, IOVA, 1, 0, 1, 2), true },
    { "a range of 64 KiB granules", RANGE(1, IOVA, 1, 0, 3, 0), true },
    { "a range that is not aligned to its TTL",
      RANGE(1, IOVA - 0x1000, 7, 9, 1, 2), true },
    { "TG 0: NUM and SCALE mean nothing", RANGE(1, IOVA, 9, 9, 0, 2), false },
};
/* clang-format on */

static void a_superseded_leaf_goes_with_what_covers_it(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(leaf_rows); i++ )
    {
        world_start(&w, NULL);
        map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
        check_row(&leaf_rows[i]);
        world_end(&w);
    }
}

static void without_ril_every_command_is_about_one_address(void **state)
{
    static const struct row row = { "NH_VA", RANGE(1, IOVA, 9, 9, 3, 2),
                                    false };

    (void)state;
    world_start(&w, &(struct options) { .idr3_clear = BIT(10) });
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    check_row(&row);
    world_end(&w);
}

/* clang-format off */
static const struct row global_rows[] = {
    { "NH_ASID leaves global entries", NH_ASID(0, 1), true },
    { "NH_VA of another ASID takes them", NH_VA(0, 2, IOVA, 1), false },
    { "NH_VAA", NH_VAA(0, IOVA, 1), false },
    { "NH_ALL", NH_ALL(0), false },
};
/* clang-format on */

static void a_global_leaf_knows_no_asid(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(global_rows); i++ )
    {
        world_start(&w, NULL);
        map_page(&w, TABLES_A, IOVA, DATA | (PAGE & ~NG));
        command(&w, NH_ALL(0));
        map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
        check_row(&global_rows[i]);
        world_end(&w);
    }
}

static void a_global_entry_serves_every_asid(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA | (PAGE & ~NG));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    map_page(&w, TABLES_A, IOVA, DATA | PAGE);
    command(&w, NH_ALL(0));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_false(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void streams_with_the_same_tags_share_entries(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_cd(&w, cd_at(DEV_B, 0), &cd_a);
    command(&w, CFGI_ALL);
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    /* A's STE goes away, its entries stay. */
    set_ste(&w, DEV_A, &ste_bypass);
    command(&w, CFGI_STE(DEV_A, 1));
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    oracle_device_remove(w.oracle, DEV_A);
    assert_true(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    command(&w, NH_ASID(0, 1));
    assert_false(legal(&w, DEV_B, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

/* ---- tables ---- */

/* clang-format off */
static const struct row table_rows[] = {
    { "NH_ALL", NH_ALL(0), false },
    { "NH_ASID", NH_ASID(0, 1), false },
    { "NH_VA", VA(IOVA, 0), false },
    { "NH_VA elsewhere below the same table", VA(IOVA + 0x5000, 0), true },
    { "NH_VA, Leaf", VA(IOVA, 1), true },
    { "NH_VAA", NH_VAA(0, IOVA, 0), false },
    { "NH_VAA, Leaf", NH_VAA(0, IOVA, 1), true },
    { "a range with TTL 3", RANGE(1, IOVA, 0, 0, 1, 3), false },
    { "CFGI_CD", CFGI_CD(DEV_A, 0, 0), true },
};
/* clang-format on */

static void a_superseded_table_stays_in_walk_caches(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(table_rows); i++ )
    {
        world_start(&w, NULL);
        store(&w, TABLES_B + 0x2000, DATA2 | PAGE);
        store(&w, TABLES_A + 0x1000, (TABLES_B + 0x2000) | TABLE);
        check_row(&table_rows[i]);
        world_end(&w);
    }
}

static void a_new_leaf_below_an_old_table_is_legal(void **state)
{
    (void)state;
    world_start(&w, NULL);
    store(&w, TABLES_A + 0x1000, 0);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    command(&w, VA(IOVA, 0));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    world_end(&w);
}

/* ---- structures ---- */

struct structure_row {
    const char *what;
    uint64_t low, high;
    bool ste, cd, l1std, l1cd; /* the old one is still legal afterwards */
};

/* clang-format off */
static const struct structure_row structure_rows[] = {
    { "CFGI_STE", CFGI_STE(DEV_A, 0), false, false, false, false },
    { "CFGI_STE, Leaf", CFGI_STE(DEV_A, 1), false, false, true, false },
    { "CFGI_STE of another", CFGI_STE(DEV_B, 0), true, true, false, true },
    { "CFGI_STE_RANGE of 4", CFGI_RANGE(0, 1), false, false, false, false },
    { "CFGI_STE_RANGE above", CFGI_RANGE(4, 1), true, true, false, true },
    { "CFGI_ALL", CFGI_ALL, false, false, false, false },
    { "CFGI_CD", CFGI_CD(DEV_A, 0, 0), true, false, true, false },
    { "CFGI_CD, Leaf", CFGI_CD(DEV_A, 0, 1), true, false, true, true },
    { "CFGI_CD of another substream", CFGI_CD(DEV_A, 1, 1), true, true, true,
      true },
    { "CFGI_CD of another, same L1CD", CFGI_CD(DEV_A, 1, 0), true, true, true,
      false },
    { "CFGI_CD of another stream", CFGI_CD(DEV_B, 0, 0), true, true, true,
      true },
    { "CFGI_CD_ALL", CFGI_CD_ALL(DEV_A), true, false, true, false },
    { "NH_ALL", NH_ALL(0), true, true, true, true },
    { "NSNH_ALL", NSNH_ALL, true, true, true, true },
};
/* clang-format on */

static void check_structure(const char *kind, const struct structure_row *row,
                            bool stale)
{
    print_message("%s, %s\n", row->what, kind);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    command(&w, row->low, row->high);
    /* Entries in the TLB stay in any case. */
    command(&w, NSNH_ALL);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_int_equal(w.findings, 0);
    assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)), stale);
}

static void an_ste_stays_until_its_command(void **state)
{
    struct ste ste = ste_a;

    (void)state;
    ste.cd = cd_at(DEV_B, 0);
    for ( size_t i = 0; i < COUNT(structure_rows); i++ )
    {
        world_start(&w, NULL);
        set_ste(&w, DEV_A, &ste);
        check_structure("STE", &structure_rows[i], structure_rows[i].ste);
        world_end(&w);
    }
}

static void a_cd_stays_until_its_command(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(structure_rows); i++ )
    {
        world_start(&w, NULL);
        set_cd(&w, cd_at(DEV_A, 0), &cd_b);
        check_structure("CD", &structure_rows[i], structure_rows[i].cd);
        world_end(&w);
    }
}

static void an_l1std_stays_until_its_command(void **state)
{
    struct ste ste = ste_a;

    (void)state;
    ste.cd = cd_at(DEV_B, 0);
    for ( size_t i = 0; i < COUNT(structure_rows); i++ )
    {
        world_start(&w, NULL);
        write_reg(&w, 0x20, 4, 0xc);
        write_reg(&w, 0x80, 8, L1TAB);
        write_reg(&w, 0x88, 4, 8 | 6 << 6 | 1 << 16);
        store(&w, L1TAB, L2TAB | 7);
        set_ste_at(&w, L2TAB + 64 * DEV_A, &ste_a);
        set_ste_at(&w, L2TAB + 0x1000 + 64 * DEV_A, &ste);
        write_reg(&w, 0x20, 4, 0xd);
        command(&w, CFGI_ALL);
        store(&w, L1TAB, (L2TAB + 0x1000) | 7);
        /* An STE that was cached goes first. */
        check_structure(
            "L1STD",
            &(struct structure_row) { .what = structure_rows[i].what,
                                      .low = structure_rows[i].low,
                                      .high = structure_rows[i].high },
            structure_rows[i].ste || structure_rows[i].l1std);
        world_end(&w);
    }
}

static void an_l1cd_stays_until_its_command(void **state)
{
    static const struct ste two_levels = {
        .config = 5, .cd = L1TAB, .cdmax = 8, .fmt = 1, .dss = 2
    };

    (void)state;
    for ( size_t i = 0; i < COUNT(structure_rows); i++ )
    {
        world_start(&w, NULL);
        store(&w, L1TAB, L2TAB | 1);
        set_cd(&w, L2TAB, &cd_a);
        set_cd(&w, L2TAB + 0x1000, &cd_b);
        set_ste(&w, DEV_A, &two_levels);
        command(&w, CFGI_ALL);
        store(&w, L1TAB, (L2TAB + 0x1000) | 1);
        check_structure("L1CD", &structure_rows[i],
                        structure_rows[i].cd || structure_rows[i].l1cd);
        world_end(&w);
    }
}

static void cont_widens_no_invalidation(void **state)
{
    struct ste first = ste_a, second = ste_a;

    (void)state;
    world_start(&w, NULL);
    first.cont = second.cont = 1; /* streams 2 and 3 */
    second.cd = cd_at(DEV_B, 0);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    set_ste(&w, 2, &first);
    set_ste(&w, 3, &first);
    command(&w, CFGI_ALL);
    set_ste(&w, 2, &second);
    set_ste(&w, 3, &second);
    command(&w, CFGI_STE(2, 1));
    command(&w, NSNH_ALL);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    command(&w, CFGI_STE(3, 1));
    command(&w, NSNH_ALL);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

/* ---- what may be cached at all ---- */

static void an_invalid_descriptor_is_not_cached(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_true(legal(&w, DEV_A, IOVA + 0x1000, false, blocked));
    map_page(&w, TABLES_A, IOVA + 0x1000, DATA2 | PAGE);
    assert_false(legal(&w, DEV_A, IOVA + 0x1000, false, blocked));
    assert_true(found(&w, "P2", "stale fault"));
    world_end(&w);
}

static void faults_of_size_and_access_flag_are_not_cached(void **state)
{
    static const uint64_t before[] = { DATA | (PAGE & ~AF), BIT(47) | PAGE };

    (void)state;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        struct cd cd = cd_a;

        world_start(&w, NULL);
        cd.flip0 = UINT64_C(4) << 32; /* IPS 1: 36 bits */
        set_cd(&w, cd_at(DEV_A, 0), &cd);
        map_page(&w, TABLES_A, IOVA, before[i]);
        command(&w, CFGI_ALL);
        command(&w, NSNH_ALL);
        assert_true(legal(&w, DEV_A, IOVA, false, blocked));
        map_page(&w, TABLES_A, IOVA, DATA | PAGE);
        assert_false(legal(&w, DEV_A, IOVA, false, blocked));
        world_end(&w);
    }
}

static void a_leaf_without_the_right_is_cached(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA | PAGE | RO);
    command(&w, VA(IOVA, 1));
    map_page(&w, TABLES_A, IOVA, DATA | PAGE);
    assert_true(legal(&w, DEV_A, IOVA, true, blocked));
    assert_true(legal(&w, DEV_A, IOVA, true, to(DATA, RW)));
    command(&w, VA(IOVA, 1));
    assert_false(legal(&w, DEV_A, IOVA, true, blocked));
    assert_true(found(&w, "P2", "stale fault"));
    world_end(&w);
}

static void invalid_stes_and_cds_are_cached(void **state)
{
    struct cd invalid = cd_a;

    (void)state;
    invalid.flip0 = BIT(31);
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &(struct ste) { .config = 8 });
    command(&w, CFGI_ALL);
    set_ste(&w, DEV_A, &ste_a);
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    command(&w, CFGI_STE(DEV_A, 1));
    assert_false(legal(&w, DEV_A, IOVA, false, blocked));
    set_cd(&w, cd_at(DEV_A, 0), &invalid);
    command(&w, CFGI_ALL);
    set_cd(&w, cd_at(DEV_A, 0), &cd_a);
    assert_true(legal(&w, DEV_A, IOVA, false, blocked));
    command(&w, CFGI_CD(DEV_A, 0, 1));
    assert_false(legal(&w, DEV_A, IOVA, false, blocked));
    world_end(&w);
}

static void a_present_page_may_not_fault(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, IOVA, false, blocked));
    assert_true(found(&w, "P2", "lost translation"));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
    assert_true(found(&w, "P2", "wrong translation"));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, R)));
    assert_false(legal(&w, DEV_A, IOVA + 0x1000, false, to(DATA, RW)));
    assert_true(found(&w, "P2", "missing fault"));
    world_end(&w);
}

/* ---- time ---- */

static void consumption_is_not_completion(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    submit(&w, VA(IOVA, 0));
    prod(&w);
    consume(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    submit(&w, SYNC);
    prod(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    consume(&w);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void a_value_superseded_after_submission_stays(void **state)
{
    (void)state;
    world_start(&w, NULL);
    submit(&w, VA(IOVA, 0));
    submit(&w, SYNC);
    prod(&w);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    consume(&w);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void a_sync_waits_for_accesses_that_use_the_old(void **state)
{
    unsigned int id;

    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    id = begin(&w, DEV_A, IOVA, false);
    submit(&w, VA(IOVA, 0));
    submit(&w, SYNC);
    prod(&w);
    assert_true(end_legal(&w, id, to(DATA, RW)));
    id = begin(&w, DEV_A, IOVA, false);
    consume(&w);
    assert_false(end_legal(&w, id, to(DATA, RW)));
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void one_batch_may_be_filled_between_its_commands(void **state)
{
    (void)state;
    /* TLB first: it may be filled again through the old CD. */
    world_start(&w, NULL);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    set_cd(&w, cd_at(DEV_A, 0), &(struct cd) { .asid = 1, .ttb0 = TABLES_B });
    submit(&w, NH_ASID(0, 1));
    command(&w, CFGI_CD(DEV_A, 0, 1));
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    command(&w, NH_ASID(0, 1));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
    /* CD first: it may not. */
    world_start(&w, NULL);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    set_cd(&w, cd_at(DEV_A, 0), &(struct cd) { .asid = 1, .ttb0 = TABLES_B });
    submit(&w, CFGI_CD(DEV_A, 0, 1));
    command(&w, NH_ASID(0, 1));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void the_switch_leaves_caches_alone(void **state)
{
    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    write_reg(&w, 0x20, 4, 0xc);
    assert_true(legal(&w, DEV_A, DATA, false, to(DATA, 0)));
    write_reg(&w, 0x20, 4, 0xd);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    command(&w, VA(IOVA, 0));
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void while_cr0ack_lags_both_are_legal(void **state)
{
    (void)state;
    world_start(&w, NULL);
    w.deaf = true;
    write_reg(&w, 0x20, 4, 0xc);
    assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    assert_true(legal(&w, DEV_A, DATA, false, to(DATA, 0)));
    set_reg(&w, 0x24, 4, 0xc);
    oracle_poll(w.oracle);
    assert_false(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
    world_end(&w);
}

static void while_update_is_set_both_are_legal(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x20, 4, 0xc);
    w.deaf = true;
    write_reg(&w, 0x44, 4, BIT(31) | BIT(20));
    assert_true(legal(&w, DEV_A, DATA, false, to(DATA, 0)));
    assert_true(legal(&w, DEV_A, DATA, false, blocked));
    set_reg(&w, 0x44, 4, BIT(20));
    oracle_poll(w.oracle);
    assert_false(legal(&w, DEV_A, DATA, false, to(DATA, 0)));
    world_end(&w);
}

/* ---- stage 2 ---- */

#define S2BLOCK (S2PAGE & ~BIT(1))

/* clang-format off */
static const struct row stage2_rows[] = {
    { "S2_IPA", S2_IPA(7, DATA, 0), false },
    { "S2_IPA, Leaf", S2_IPA(7, DATA, 1), false },
    { "S2_IPA of another VMID", S2_IPA(8, DATA, 0), true },
    { "S2_IPA elsewhere", S2_IPA(7, DATA2, 0), true },
    { "S12_VMALL", S12_VMALL(7), false },
    { "NSNH_ALL", NSNH_ALL, false },
    { "NH_ALL", NH_ALL(7), true },
    { "NH_VAA", NH_VAA(7, DATA, 0), true },
};
/* clang-format on */

static void stage_2_goes_by_ipa(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(stage2_rows); i++ )
    {
        const struct row *row = &stage2_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        set_ste(&w, DEV_A, &ste_stage2);
        command(&w, CFGI_ALL);
        store(&w, TABLES_2 + 0x1008, DATA2 | S2BLOCK);
        assert_true(legal(&w, DEV_A, DATA, false, to(DATA, RW)));
        command(&w, row->low, row->high);
        assert_true(legal(&w, DEV_A, DATA, false, to(DATA2, RW)));
        assert_int_equal(legal(&w, DEV_A, DATA, false, to(DATA, RW)),
                         row->stale);
        world_end(&w);
    }
}

struct nested_row {
    const char *what;
    uint64_t first[2], second[2];
    bool stale;
};

/* clang-format off */
static const struct nested_row nested_rows[] = {
    { "S2_IPA alone leaves the combined", { S2_IPA(7, DATA, 0) }, { SYNC },
      true },
    { "S2_IPA, NH_ALL", { S2_IPA(7, DATA, 0) }, { NH_ALL(7) }, false },
    { "S2_IPA, NH_VAA", { S2_IPA(7, DATA, 0) }, { NH_VAA(7, IOVA, 1) },
      false },
    { "NH_ALL, S2_IPA: filled between", { NH_ALL(7) }, { S2_IPA(7, DATA, 0) },
      true },
    { "S12_VMALL", { S12_VMALL(7) }, { SYNC }, false },
    { "S12_VMALL of another", { S12_VMALL(8) }, { SYNC }, true },
};
/* clang-format on */

static void combined_entries_need_both(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(nested_rows); i++ )
    {
        const struct nested_row *row = &nested_rows[i];

        print_message("%s\n", row->what);
        world_start(&w, NULL);
        set_ste(&w, DEV_A, &ste_nested);
        command(&w, CFGI_ALL);
        store(&w, TABLES_2 + 0x1008, DATA2 | S2BLOCK);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA, RW)));
        submit(&w, row->first[0], row->first[1]);
        command(&w, row->second[0], row->second[1]);
        assert_true(legal(&w, DEV_A, IOVA, false, to(DATA2, RW)));
        assert_int_equal(legal(&w, DEV_A, IOVA, false, to(DATA, RW)),
                         row->stale);
        world_end(&w);
    }
}

/* One reason, two records: stage 2 fails behind the old leaf, stage 1 at the
 * new one. */
static void faults_of_either_stage_are_two_results(void **state)
{
    const struct oracle_dma dma = dma_of(DEV_A, IOVA, false);
    struct oracle_legal set;

    (void)state;
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &ste_nested);
    command(&w, CFGI_ALL);
    store(&w, TABLES_2 + 0x1008, 0);
    command(&w, S12_VMALL(7));
    oracle_legal(w.oracle, &dma, &set);
    assert_int_equal(set.count, 1);
    map_page(&w, TABLES_A, IOVA, 0);
    oracle_legal(w.oracle, &dma, &set);
    assert_int_equal(set.count, 2);
    assert_int_equal(set.result[0].reason, set.result[1].reason);
    assert_int_not_equal(set.result[0].detail, set.result[1].detail);
    world_end(&w);
}

static void explain_names_what_ends_each_result(void **state)
{
    const struct oracle_dma dma = dma_of(DEV_A, IOVA, false);
    char text[1024];

    (void)state;
    world_start(&w, NULL);
    map_page(&w, TABLES_A, IOVA, DATA2 | PAGE);
    submit(&w, VA(IOVA, 0));
    prod(&w);
    oracle_explain(w.oracle, &dma, text, sizeof(text));
    assert_non_null(strstr(text, "gpa 400000 rwx"));
    assert_non_null(strstr(text, "gpa 200000 rwx"));
    assert_non_null(strstr(text, "which is pending (4.4.2.4"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_superseded_leaf_goes_with_what_covers_it),
        cmocka_unit_test(without_ril_every_command_is_about_one_address),
        cmocka_unit_test(a_global_leaf_knows_no_asid),
        cmocka_unit_test(a_global_entry_serves_every_asid),
        cmocka_unit_test(streams_with_the_same_tags_share_entries),
        cmocka_unit_test(a_superseded_table_stays_in_walk_caches),
        cmocka_unit_test(a_new_leaf_below_an_old_table_is_legal),
        cmocka_unit_test(an_ste_stays_until_its_command),
        cmocka_unit_test(a_cd_stays_until_its_command),
        cmocka_unit_test(an_l1std_stays_until_its_command),
        cmocka_unit_test(an_l1cd_stays_until_its_command),
        cmocka_unit_test(cont_widens_no_invalidation),
        cmocka_unit_test(an_invalid_descriptor_is_not_cached),
        cmocka_unit_test(faults_of_size_and_access_flag_are_not_cached),
        cmocka_unit_test(a_leaf_without_the_right_is_cached),
        cmocka_unit_test(invalid_stes_and_cds_are_cached),
        cmocka_unit_test(a_present_page_may_not_fault),
        cmocka_unit_test(consumption_is_not_completion),
        cmocka_unit_test(a_value_superseded_after_submission_stays),
        cmocka_unit_test(a_sync_waits_for_accesses_that_use_the_old),
        cmocka_unit_test(one_batch_may_be_filled_between_its_commands),
        cmocka_unit_test(the_switch_leaves_caches_alone),
        cmocka_unit_test(while_cr0ack_lags_both_are_legal),
        cmocka_unit_test(while_update_is_set_both_are_legal),
        cmocka_unit_test(stage_2_goes_by_ipa),
        cmocka_unit_test(combined_entries_need_both),
        cmocka_unit_test(faults_of_either_stage_are_two_results),
        cmocka_unit_test(explain_names_what_ends_each_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
