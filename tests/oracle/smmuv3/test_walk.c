/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over current values: what each structure and table leads to. */
#include "world.h"

#include <stdio.h>

static struct world w;

static struct oracle_walk walk(uint32_t sid, uint32_t ssid, uint64_t iova,
                               bool write)
{
    struct oracle_dma dma = dma_of(sid, iova, write);
    struct oracle_walk result;

    dma.pasid = ssid;
    oracle_walk(w.oracle, &dma, &result);
    return result;
}

static unsigned int reason(uint32_t sid, uint32_t ssid, uint64_t iova,
                           bool write)
{
    struct oracle_walk result = walk(sid, ssid, iova, write);

    return result.ok ? 0xff : result.reason;
}

#define OK 0xff

static void a_page_is_where_its_descriptor_says(void **state)
{
    struct oracle_walk result;

    (void)state;
    world_start(&w, NULL);
    result = walk(DEV_A, NONE, IOVA | 0x123, false);
    assert_true(result.ok);
    assert_int_equal(result.gpa, DATA | 0x123);
    assert_int_equal(result.mask, 0xfff);
    assert_int_equal(result.rights & RW, RW);
    assert_int_equal(result.level, 3);
    assert_int_equal(reason(DEV_A, NONE, IOVA + 0x1000, false), 0x10);
    world_end(&w);
}

/* ---- leaves ---- */

struct leaf_row {
    const char *what;
    uint64_t pte;
    bool write, privileged, execute;
    unsigned int reason;
};

/* clang-format off */
static const struct leaf_row leaf_rows[] = {
    { "a page", DATA | PAGE, true, false, false, OK },
    { "invalid", DATA | (PAGE & ~BIT(0)), false, false, false, 0x10 },
    { "a block at level 3", DATA | (PAGE & ~BIT(1)), false, false, false,
      0x10 },
    { "no access flag", DATA | (PAGE & ~AF), false, false, false, 0x12 },
    { "no access flag, and read only", DATA | ((PAGE | RO) & ~AF), true,
      false, false, 0x12 },
    { "read only", DATA | PAGE | RO, true, false, false, 0x13 },
    { "read only, a read", DATA | PAGE | RO, false, false, false, OK },
    { "read only, privileged", DATA | PAGE | RO, true, true, false, 0x13 },
    { "privileged only", DATA | (PAGE & ~PRIV), false, false, false, 0x13 },
    { "privileged only, by such", DATA | (PAGE & ~PRIV), true, true, false,
      OK },
    { "for all, by a privileged", DATA | PAGE, true, true, false, OK },
    { "executed", DATA | PAGE, false, false, true, OK },
    { "UXN", DATA | PAGE | BIT(54), false, false, true, 0x13 },
    { "UXN, by a privileged", DATA | PAGE | RO | BIT(54), false, true, true,
      OK },
    { "PXN, by a privileged", DATA | PAGE | RO | BIT(53), false, true, true,
      0x13 },
    { "PXN, by another", DATA | PAGE | BIT(53), false, false, true, OK },
    { "all can write, executed privileged", DATA | PAGE, false, true, true,
      0x13 },
    { "UXN, an executing write is data", DATA | PAGE | BIT(54), true, false,
      true, OK },
    { "beyond IPS", BIT(47) | PAGE, false, false, false, OK },
};
/* clang-format on */

static void a_leaf_grants_what_its_bits_say(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < sizeof(leaf_rows) / sizeof(leaf_rows[0]); i++ )
    {
        const struct leaf_row *row = &leaf_rows[i];
        struct oracle_dma dma = dma_of(DEV_A, IOVA, row->write);
        struct oracle_walk result;

        print_message("%s\n", row->what);
        map_page(&w, TABLES_A, IOVA, row->pte);
        dma.privileged = row->privileged;
        dma.execute = row->execute;
        oracle_walk(w.oracle, &dma, &result);
        assert_int_equal(result.ok ? OK : result.reason, row->reason);
    }
    world_end(&w);
}

struct table_row {
    const char *what;
    uint64_t bits;
    bool write, privileged, execute;
    unsigned int reason, with_had;
};

/* clang-format off */
static const struct table_row table_rows[] = {
    { "APTable read only", BIT(62), true, false, false, 0x13, OK },
    { "APTable read only, a read", BIT(62), false, false, false, OK, OK },
    { "APTable no EL0", BIT(61), false, false, false, 0x13, OK },
    { "APTable no EL0, privileged", BIT(61), false, true, false, OK, OK },
    { "UXNTable", BIT(60), false, false, true, 0x13, OK },
    { "PXNTable", BIT(59), false, false, true, OK, OK },
};
/* clang-format on */

static void table_attributes_take_away_unless_had(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < sizeof(table_rows) / sizeof(table_rows[0]); i++ )
        for ( unsigned int had = 0; had < 2; had++ )
        {
            const struct table_row *row = &table_rows[i];
            struct oracle_dma dma = dma_of(DEV_A, IOVA, row->write);
            struct cd cd = cd_a;
            struct oracle_walk result;

            print_message("%s, HAD0 = %u\n", row->what, had);
            cd.or1 = had << 1;
            set_cd(&w, cd_at(DEV_A, 0), &cd);
            store(&w, TABLES_A + 8, (TABLES_A + 0x1000) | TABLE | row->bits);
            dma.privileged = row->privileged;
            dma.execute = row->execute;
            oracle_walk(w.oracle, &dma, &result);
            assert_int_equal(result.ok ? OK : result.reason,
                             had ? row->with_had : row->reason);
        }
    world_end(&w);
}

/* ---- granules and sizes ---- */

struct granule_row {
    const char *what;
    unsigned int tg0, tg1, shift, t0sz, start;
    unsigned int leaf; /* level of the leaf */
};

/* clang-format off */
static const struct granule_row granule_rows[] = {
    { "4K, 39 bits", 0, 2, 12, 25, 1, 3 },
    { "4K, 48 bits", 0, 2, 12, 16, 0, 3 },
    { "4K, 25 bits", 0, 2, 12, 39, 2, 3 },
    { "4K, 30 bits", 0, 2, 12, 34, 2, 3 },
    { "4K, 31 bits", 0, 2, 12, 33, 1, 3 },
    { "4K, 2M block", 0, 2, 12, 25, 1, 2 },
    { "4K, 1G block", 0, 2, 12, 25, 1, 1 },
    { "16K, 36 bits", 2, 1, 14, 28, 2, 3 },
    { "16K, 37 bits", 2, 1, 14, 27, 1, 3 },
    { "16K, 48 bits", 2, 1, 14, 16, 0, 3 },
    { "16K, 32M block", 2, 1, 14, 28, 2, 2 },
    { "64K, 42 bits", 1, 3, 16, 22, 2, 3 },
    { "64K, 48 bits", 1, 3, 16, 16, 1, 3 },
    { "64K, 512M block", 1, 3, 16, 22, 2, 2 },
};
/* clang-format on */

static void store_path(const struct granule_row *row, uint64_t iova,
                       uint64_t output)
{
    uint64_t table = BIG;

    for ( unsigned int level = row->start; level <= row->leaf; level++ )
    {
        unsigned int shift = row->shift + (3 - level) * (row->shift - 3);
        uint64_t index = iova >> shift &
                         ((UINT64_C(1) << (row->shift - 3)) - 1);

        if ( level == row->start )
            index = iova >> shift &
                    ((UINT64_C(1) << (64 - row->t0sz - shift)) - 1);
        store(&w, table + 8 * index,
              level < row->leaf ? (table + 0x10000) | TABLE :
              level == 3        ? output | PAGE :
                                  output | BLOCK);
        table += 0x10000;
    }
}

static void every_granule_and_size_walks_its_levels(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(granule_rows) / sizeof(granule_rows[0]);
          i++ )
        for ( unsigned int high = 0; high < 2; high++ )
        {
            const struct granule_row *row = &granule_rows[i];
            unsigned int bits = 64 - row->t0sz,
                         shift = row->shift +
                                 (3 - row->leaf) * (row->shift - 3);
            uint64_t size = UINT64_C(1) << shift, below = 0x1234 & (size - 1);
            uint64_t iova = (UINT64_C(0x5a5a5a5a5a5a) &
                             ((UINT64_C(1) << bits) - 1) & ~(size - 1)) |
                            below;
            struct cd cd = { .asid = 1,
                             .ttb0 = BIG,
                             .ttb1 = BIG,
                             .t0sz = row->t0sz,
                             .t1sz = row->t0sz,
                             .tg0 = row->tg0,
                             .tg1 = row->tg1,
                             .high = true };
            struct oracle_walk result;

            print_message("%s, %s half\n", row->what,
                          high ? "upper" : "lower");
            if ( high )
                iova |= UINT64_MAX << bits;
            world_start(&w, NULL);
            set_cd(&w, cd_at(DEV_A, 0), &cd);
            store_path(row, iova, size * 3);
            result = walk(DEV_A, NONE, iova, false);
            assert_true(result.ok);
            assert_int_equal(result.gpa, size * 3 + below);
            assert_int_equal(result.mask, size - 1);
            /* One bit above the range. */
            assert_int_equal(reason(DEV_A, NONE, iova ^ BIT(bits), false),
                             0x10);
            world_end(&w);
        }
}

static void blocks_stand_at_their_levels_only(void **state)
{
    struct cd cd = { .asid = 1, .ttb0 = BIG, .t0sz = 16 };

    (void)state;
    world_start(&w, NULL);
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    store(&w, BIG, DATA | BLOCK); /* level 0 */
    assert_int_equal(reason(DEV_A, NONE, 0, false), 0x10);
    cd.tg0 = 2;
    cd.t0sz = 27;
    set_cd(&w, cd_at(DEV_A, 0), &cd); /* 16K, level 1 */
    assert_int_equal(reason(DEV_A, NONE, 0, false), 0x10);
    world_end(&w);
}

static void an_output_beyond_ips_is_an_address_size_fault(void **state)
{
    struct cd cd = cd_a;

    (void)state;
    world_start(&w, NULL);
    cd.flip0 = UINT64_C(5) << 32; /* IPS 0: 32 bits */
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), OK);
    map_page(&w, TABLES_A, IOVA, BIT(32) | PAGE);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x11);
    map_page(&w, TABLES_A, IOVA, (BIT(32) | PAGE) & ~AF);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x11);
    store(&w, TABLES_A + 0x1000, BIT(33) | TABLE);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x11);
    world_end(&w);
}

static void tbi_leaves_the_top_byte_out(void **state)
{
    uint64_t tagged = IOVA | UINT64_C(0x5a) << 56;
    struct cd cd = cd_a;

    (void)state;
    world_start(&w, NULL);
    assert_int_equal(reason(DEV_A, NONE, tagged, false), 0x10);
    cd.flip0 = BIT(38);
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    assert_int_equal(reason(DEV_A, NONE, tagged, false), OK);
    assert_int_equal(reason(DEV_A, NONE, tagged | BIT(50), false), 0x10);
    world_end(&w);
}

/* ---- STE ---- */

struct ste_row {
    const char *what;
    struct ste ste;
    unsigned int reason;
};

#define S1   .config = 5, .cd = CDS + 0x400 * DEV_A
#define S2   .config = 6, .vmid = 7, .ps = 5, .ttb = TABLES_2
#define S2OK S2, .t0sz = 25, .sl0 = 1

/* clang-format off */
static const struct ste_row ste_rows[] = {
    { "invalid", { .config = 8 }, 0x04 },
    { "abort", { .config = 0 }, 0 },
    { "abort, all else ones", { .config = 3, .flip1 = UINT64_MAX }, 0 },
    { "bypass", { .config = 4 }, OK },
    { "stage 1", { S1 }, OK },
    { "stage 1, S1STALLD", { S1, .flip1 = BIT(27) }, 0x04 },
    { "stage 1, S1CDMax beyond SSIDSIZE", { S1, .cdmax = 9 }, 0x04 },
    { "stage 1, STRW reserved", { S1, .strw = 1 }, 0x04 },
    { "stage 1, S1ContextPtr beyond OAS", { S1, .flip0 = BIT(50) }, 0x04 },
    { "bypass, STRW reserved", { .config = 4, .strw = 1 }, OK },
    { "S1DSS terminates", { S1, .cdmax = 4, .dss = 0 }, 0x06 },
    { "S1DSS bypasses", { S1, .cdmax = 4, .dss = 1 }, OK },
    { "S1DSS selects CD 0", { S1, .cdmax = 4, .dss = 2 }, OK },
    { "S1DSS without substreams", { S1, .dss = 0 }, OK },
    { "stage 2", { S2OK }, OK },
    { "stage 2, S2AA64 = 0", { S2OK, .flip2 = BIT(51) }, 0x04 },
    { "stage 2, S2TG reserved", { S2OK, .tg = 3 }, 0x04 },
    { "stage 2, S2ENDI", { S2OK, .flip2 = BIT(52) }, 0x04 },
    { "stage 2, S2HA", { S2OK, .flip2 = BIT(55) }, 0x04 },
    { "stage 2, S2HD", { S2OK, .flip2 = BIT(56) }, 0x04 },
    { "stage 2, S2S", { S2OK, .flip2 = BIT(57) }, 0x04 },
    { "stage 2, S2SL0 reserved", { S2, .t0sz = 25, .sl0 = 3 }, 0x04 },
    { "stage 2, S2TTB beyond OAS", { S2OK, .flip3 = BIT(50) }, 0x04 },
    { "stage 2, T0SZ 15", { S2, .t0sz = 15, .sl0 = 2 }, 0x04 },
    { "stage 2, T0SZ 40", { S2, .t0sz = 40, .sl0 = 1 }, 0x04 },
    { "stage 2, 4K from level 1: 43 bits", { S2, .t0sz = 21, .sl0 = 1 }, OK },
    { "stage 2, 4K from level 1: 44 bits", { S2, .t0sz = 20, .sl0 = 1 }, 0x04 },
    { "stage 2, 4K from level 1: 31 bits", { S2, .t0sz = 33, .sl0 = 1 }, OK },
    { "stage 2, 4K from level 1: 30 bits", { S2, .t0sz = 34, .sl0 = 1 }, 0x04 },
};
/* clang-format on */

static void an_ste_is_used_as_it_says_or_is_bad(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < sizeof(ste_rows) / sizeof(ste_rows[0]); i++ )
    {
        const struct ste *ste = &ste_rows[i].ste;
        uint64_t iova = ste->config == 5 && ste->dss != 1 ? IOVA : DATA;

        print_message("%s\n", ste_rows[i].what);
        set_ste(&w, DEV_A, ste);
        assert_int_equal(reason(DEV_A, NONE, iova, false), ste_rows[i].reason);
    }
    world_end(&w);
}

static void stages_that_are_not_built_make_an_ste_bad(void **state)
{
    static const struct {
        uint64_t clear;
        unsigned int config, reason;
    } rows[] = { { 1, 6, 0x04 },
                 { 1, 7, 0x04 },
                 { 2, 5, 0x04 },
                 { 2, 7, 0x04 },
                 { 2, 6, OK } };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct ste ste = ste_nested;

        world_start(&w, &(struct options) { .idr0_clear = rows[i].clear });
        ste.config = rows[i].config;
        set_ste(&w, DEV_A, &ste);
        assert_int_equal(reason(DEV_A, NONE, DATA, false), rows[i].reason);
        world_end(&w);
    }
}

static void streams_beyond_the_table_are_bad(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_int_equal(reason(64, NONE, IOVA, false), 0x02);
    assert_int_equal(reason(256, NONE, IOVA, false), 0x02);
    assert_int_equal(reason(63, NONE, IOVA, false), 0x04);
    world_end(&w);
}

static void two_level(unsigned int split)
{
    write_reg(&w, 0x20, 4, 0xc);
    write_reg(&w, 0x80, 8, L1TAB);
    write_reg(&w, 0x88, 4, 8 | split << 6 | 1 << 16);
    write_reg(&w, 0x20, 4, 0xd);
}

static void a_span_says_how_many_streams_there_are(void **state)
{
    (void)state;
    world_start(&w, NULL);
    two_level(6);
    assert_int_equal(reason(3, NONE, IOVA, false), 0x02);
    store(&w, L1TAB, L2TAB | 3); /* four STEs */
    set_ste_at(&w, L2TAB + 64 * DEV_A, &ste_a);
    assert_int_equal(reason(3, NONE, IOVA, false), OK);
    assert_int_equal(reason(4, NONE, IOVA, false), 0x02);
    store(&w, L1TAB, L2TAB | 7);
    assert_int_equal(reason(63, NONE, IOVA, false), 0x04);
    store(&w, L1TAB, L2TAB | 8); /* more than SPLIT + 1 */
    assert_int_equal(reason(3, NONE, IOVA, false), 0x02);
    store(&w, L1TAB + 8, L2TAB | 7);
    set_ste_at(&w, L2TAB + 64, &ste_a);
    assert_int_equal(reason(65, NONE, IOVA, false), OK);
    store(&w, L1TAB, HOLE | 3);
    assert_int_equal(reason(3, NONE, IOVA, false), 0x03);
    world_end(&w);
}

/* ---- CD ---- */

struct cd_row {
    const char *what;
    uint64_t flip0, or1;
    unsigned int reason;
};

/* clang-format off */
static const struct cd_row cd_rows[] = {
    { "as it should be", 0, 0, OK },
    { "V = 0", BIT(31), 0, 0x0a },
    { "AA64 = 0", BIT(41), 0, 0x0a },
    { "S", BIT(44), 0, 0x0a },
    { "HA", BIT(43), 0, 0x0a },
    { "HD", BIT(42), 0, 0x0a },
    { "ENDI", BIT(15), 0, 0x0a },
    { "TG0 reserved", BIT(6) | BIT(7), 0, 0x0a },
    { "T0SZ 15", 25 ^ 15, 0, 0x0a },
    { "T0SZ 40", 25 ^ 40, 0, 0x0a },
    { "TTB0 beyond IPS", 0, BIT(50), 0x0a },
    { "EPD0", BIT(14), 0, 0x10 },
    { "EPD0 and T0SZ 40", BIT(14) | (25 ^ 40), 0, 0x10 },
    { "A = 0 where it may be", BIT(46), 0, OK },
};
/* clang-format on */

static void a_cd_is_used_as_it_says_or_is_bad(void **state)
{
    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < sizeof(cd_rows) / sizeof(cd_rows[0]); i++ )
    {
        struct cd cd = cd_a;

        print_message("%s\n", cd_rows[i].what);
        cd.flip0 = cd_rows[i].flip0;
        cd.or1 = cd_rows[i].or1;
        set_cd(&w, cd_at(DEV_A, 0), &cd);
        assert_int_equal(reason(DEV_A, NONE, IOVA, false), cd_rows[i].reason);
    }
    world_end(&w);
    world_start(&w,
                &(struct options) { .idr0 = BIT(26), .idr0_clear = BIT(12) });
    set_cd(&w, cd_at(DEV_A, 0),
           &(struct cd) { .ttb0 = TABLES_A, .flip0 = BIT(46) });
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x0a);
    set_cd(&w, cd_at(DEV_A, 0),
           &(struct cd) { .ttb0 = TABLES_A, .asid = 0x100 });
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x0a);
    world_end(&w);
}

static void substreams_select_their_cd(void **state)
{
    struct ste ste = ste_a;

    (void)state;
    world_start(&w, NULL);
    assert_int_equal(reason(DEV_A, 0, IOVA, false), 0x08);
    ste.cdmax = 2;
    ste.dss = 2;
    set_ste(&w, DEV_A, &ste);
    set_cd(&w, cd_at(DEV_A, 1), &cd_b);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), OK);
    assert_int_equal(reason(DEV_A, 0, IOVA, false), 0x06);
    assert_int_equal(reason(DEV_A, 1, IOVA, false), 0x10);
    map_page(&w, TABLES_B, IOVA, DATA2 | PAGE);
    assert_int_equal(walk(DEV_A, 1, IOVA, false).gpa, DATA2);
    assert_int_equal(reason(DEV_A, 2, IOVA, false), 0x0a);
    assert_int_equal(reason(DEV_A, 4, IOVA, false), 0x08);
    set_ste(&w, DEV_A, &ste_bypass);
    assert_int_equal(reason(DEV_A, 1, IOVA, false), 0x08);
    set_ste(&w, DEV_A, &ste_stage2);
    assert_int_equal(reason(DEV_A, 1, IOVA, false), 0x08);
    world_end(&w);
}

static void two_levels_of_cds(void **state)
{
    struct ste ste = { .config = 5, .cd = L1TAB, .cdmax = 8, .fmt = 1 };

    (void)state;
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &ste);
    assert_int_equal(reason(DEV_A, 70, IOVA, false), 0x08);
    store(&w, L1TAB + 8, L2TAB | 1);
    set_cd(&w, L2TAB + 64 * 6, &cd_a);
    assert_int_equal(reason(DEV_A, 70, IOVA, false), OK);
    store(&w, L1TAB + 8, BIT(50) | 1);
    assert_int_equal(reason(DEV_A, 70, IOVA, false), 0x08);
    store(&w, L1TAB + 8, HOLE | 1);
    assert_int_equal(reason(DEV_A, 70, IOVA, false), 0x09);
    ste.fmt = 2; /* leaves of 64 KiB: 1024 CDs in one */
    set_ste(&w, DEV_A, &ste);
    store(&w, L1TAB, BIG | 1);
    set_cd(&w, BIG + 64 * 70, &cd_a);
    assert_int_equal(reason(DEV_A, 70, IOVA, false), OK);
    world_end(&w);
}

/* ---- overrides, worlds ---- */

static void ste_overrides_decide_privilege_and_instruction(void **state)
{
    static const struct {
        unsigned int privcfg, instcfg;
        bool privileged, execute;
        unsigned int reason;
        uint64_t pte;
    } rows[] = {
        { 0, 0, false, false, 0x13, PAGE & ~PRIV },
        { 3, 0, false, false, OK, PAGE & ~PRIV },
        { 2, 0, true, false, 0x13, PAGE & ~PRIV },
        { 0, 0, false, true, 0x13, PAGE | BIT(54) },
        { 0, 2, false, true, OK, PAGE | BIT(54) },
        { 0, 3, false, false, 0x13, PAGE | BIT(54) },
    };

    (void)state;
    world_start(&w, NULL);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct oracle_dma dma = dma_of(DEV_A, IOVA, false);
        struct ste ste = ste_a;
        struct oracle_walk result;

        ste.privcfg = rows[i].privcfg;
        ste.instcfg = rows[i].instcfg;
        set_ste(&w, DEV_A, &ste);
        map_page(&w, TABLES_A, IOVA, DATA | rows[i].pte);
        dma.privileged = rows[i].privileged;
        dma.execute = rows[i].execute;
        oracle_walk(w.oracle, &dma, &result);
        assert_int_equal(result.ok ? OK : result.reason, rows[i].reason);
    }
    world_end(&w);
}

static void el2_has_one_range_and_one_privilege(void **state)
{
    struct ste ste = ste_a;
    struct cd cd = cd_a;

    (void)state;
    world_start(&w, NULL);
    ste.strw = 2;
    set_ste(&w, DEV_A, &ste);
    map_page(&w, TABLES_A, IOVA, DATA | (PAGE & ~PRIV));
    assert_int_equal(reason(DEV_A, NONE, IOVA, true), OK);
    cd.high = true;
    cd.ttb1 = TABLES_A;
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    assert_int_equal(reason(DEV_A, NONE, IOVA | UINT64_MAX << 39, true), 0x10);
    cd.flip0 = BIT(14); /* EPD0 is ignored */
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    assert_int_equal(reason(DEV_A, NONE, IOVA, true), OK);
    write_reg(&w, 0x20, 4, 0xc);
    write_reg(&w, 0x2c, 4, 3); /* E2H */
    write_reg(&w, 0x20, 4, 0xd);
    cd.flip0 = 0;
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    assert_int_equal(reason(DEV_A, NONE, IOVA, true), 0x13);
    map_page(&w, TABLES_A, IOVA, DATA | PAGE);
    assert_int_equal(reason(DEV_A, NONE, IOVA | UINT64_MAX << 39, true), OK);
    world_end(&w);
}

static void wxn_and_pan_take_away(void **state)
{
    struct oracle_dma dma = dma_of(DEV_A, IOVA, false);
    struct cd cd = cd_a;
    struct oracle_walk result;

    (void)state;
    world_start(&w, NULL);
    cd.flip0 = BIT(36);
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    dma.execute = true;
    oracle_walk(w.oracle, &dma, &result);
    assert_int_equal(result.reason, 0x13);
    map_page(&w, TABLES_A, IOVA, DATA | PAGE | RO);
    oracle_walk(w.oracle, &dma, &result);
    assert_true(result.ok);
    cd.flip0 = BIT(40);
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    dma.execute = false;
    dma.privileged = true;
    oracle_walk(w.oracle, &dma, &result);
    assert_int_equal(result.reason, 0x13);
    dma.privileged = false;
    oracle_walk(w.oracle, &dma, &result);
    assert_true(result.ok);
    world_end(&w);
}

/* ---- stage 2 ---- */

static void stage_2_alone_translates_the_input(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &ste_stage2);
    assert_int_equal(walk(DEV_A, NONE, DATA | 0x321, false).gpa, DATA | 0x321);
    assert_int_equal(walk(DEV_A, NONE, DATA, false).mask, 0x1fffff);
    assert_int_equal(reason(DEV_A, NONE, 0x1000000, false), 0x10);
    assert_int_equal(reason(DEV_A, NONE, BIT(39), false), 0x10);
    assert_int_equal(reason(DEV_A, NONE, BIT(48), false), 0x11);
    store(&w, TABLES_2 + 0x1008, DATA | (S2PAGE & ~(BIT(1) | BIT(7))));
    assert_int_equal(reason(DEV_A, NONE, DATA, true), 0x13);
    assert_int_equal(reason(DEV_A, NONE, DATA, false), OK);
    world_end(&w);
}

static void xn_of_stage_2_depends_on_xnx(void **state)
{
    /* [XN][privileged]: may execute, with XNX. */
    static const bool with[4][2] = {
        { true, true }, { true, false }, { false, false }, { false, true }
    };

    (void)state;
    for ( unsigned int xnx = 0; xnx < 2; xnx++ )
        for ( unsigned int xn = 0; xn < 4; xn++ )
            for ( unsigned int privileged = 0; privileged < 2; privileged++ )
            {
                struct oracle_dma dma = dma_of(DEV_A, DATA, false);
                struct oracle_walk result;

                world_start(
                    &w, &(struct options) { .idr3_clear = xnx ? 0 : BIT(4) });
                set_ste(&w, DEV_A, &ste_stage2);
                store(&w, TABLES_2 + 0x1008,
                      DATA | (S2PAGE & ~BIT(1)) | (uint64_t)xn << 53);
                dma.execute = true;
                dma.privileged = privileged;
                oracle_walk(w.oracle, &dma, &result);
                assert_int_equal(result.ok,
                                 xnx ? with[xn][privileged] : xn < 2);
                world_end(&w);
            }
}

static void nested_goes_through_both(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &ste_nested);
    assert_int_equal(walk(DEV_A, NONE, IOVA | 5, false).gpa, DATA | 5);
    assert_int_equal(walk(DEV_A, NONE, IOVA, false).mask, 0xfff);
    /* Stage 2 moves the data elsewhere. */
    store(&w, TABLES_2 + 0x1008, DATA2 | (S2PAGE & ~BIT(1)));
    assert_int_equal(walk(DEV_A, NONE, IOVA | 5, false).gpa, DATA2 | 5);
    store(&w, TABLES_2 + 0x1008, 0);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x10);
    /* Neither tables nor CD can be reached. */
    store(&w, TABLES_2 + 0x1000, 0);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x10);
    assert_int_equal(walk(DEV_A, NONE, IOVA, false).level, 2);
    world_end(&w);
}

static void s2ptw_forbids_tables_in_device_memory(void **state)
{
    struct ste ste = ste_nested;

    (void)state;
    world_start(&w, NULL);
    ste.ptw = true;
    set_ste(&w, DEV_A, &ste);
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), OK);
    store(&w, TABLES_2 + 0x1000, S2PAGE & ~(BIT(1) | UINT64_C(15) << 2));
    assert_int_equal(reason(DEV_A, NONE, IOVA, false), 0x13);
    world_end(&w);
}

/* ---- off ---- */

static void while_it_is_off_gbpa_decides(void **state)
{
    struct oracle_walk result;

    (void)state;
    world_start(&w, &(struct options) { .off = true });
    result = walk(DEV_A, NONE, DATA, true);
    assert_true(result.ok);
    assert_int_equal(result.gpa, DATA);
    assert_false(walk(DEV_A, NONE, BIT(48), true).ok);
    write_reg(&w, 0x44, 4, BIT(20)); /* without UPDATE */
    assert_true(walk(DEV_A, NONE, DATA, true).ok);
    write_reg(&w, 0x44, 4, BIT(31) | BIT(20));
    result = walk(DEV_A, NONE, DATA, true);
    assert_false(result.ok);
    assert_int_equal(result.reason, 0);
    world_end(&w);
    world_start(&w, &(struct options) { .off = true,
                                        .options = ORACLE_SMMUV3_GBPA_ABORT });
    assert_false(walk(DEV_A, NONE, DATA, true).ok);
    world_end(&w);
}

static void bypass_beyond_the_output_size_faults(void **state)
{
    (void)state;
    world_start(&w, NULL);
    set_ste(&w, DEV_A, &ste_bypass);
    assert_int_equal(walk(DEV_A, NONE, DATA, true).gpa, DATA);
    assert_int_equal(reason(DEV_A, NONE, BIT(48), true), 0x11);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_where_its_descriptor_says),
        cmocka_unit_test(a_leaf_grants_what_its_bits_say),
        cmocka_unit_test(table_attributes_take_away_unless_had),
        cmocka_unit_test(every_granule_and_size_walks_its_levels),
        cmocka_unit_test(blocks_stand_at_their_levels_only),
        cmocka_unit_test(an_output_beyond_ips_is_an_address_size_fault),
        cmocka_unit_test(tbi_leaves_the_top_byte_out),
        cmocka_unit_test(an_ste_is_used_as_it_says_or_is_bad),
        cmocka_unit_test(stages_that_are_not_built_make_an_ste_bad),
        cmocka_unit_test(streams_beyond_the_table_are_bad),
        cmocka_unit_test(a_span_says_how_many_streams_there_are),
        cmocka_unit_test(a_cd_is_used_as_it_says_or_is_bad),
        cmocka_unit_test(substreams_select_their_cd),
        cmocka_unit_test(two_levels_of_cds),
        cmocka_unit_test(ste_overrides_decide_privilege_and_instruction),
        cmocka_unit_test(el2_has_one_range_and_one_privilege),
        cmocka_unit_test(wxn_and_pan_take_away),
        cmocka_unit_test(stage_2_alone_translates_the_input),
        cmocka_unit_test(xn_of_stage_2_depends_on_xnx),
        cmocka_unit_test(nested_goes_through_both),
        cmocka_unit_test(s2ptw_forbids_tables_in_device_memory),
        cmocka_unit_test(while_it_is_off_gbpa_decides),
        cmocka_unit_test(bypass_beyond_the_output_size_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
