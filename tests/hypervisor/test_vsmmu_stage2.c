/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of stage 2, of which the guest must not know. */
#include "vsmmu_guest.h"

static void a_cd_that_is_no_memory_could_not_be_fetched(void **state)
{
    static const struct {
        uint64_t word0, ssid, page, fetch;
    } rows[] = {
        { NO_RAM | 0xfc0, 0, NO_RAM, NO_RAM | 0xfc0 },
        { NO_RAM | CDMAX(8), SSV_SSID(0x41), NO_RAM + 0x1000,
          NO_RAM + 0x1040 },
        /* of two levels: the descriptor of the first ... */
        { NO_RAM | CDMAX(8) | S1FMT(1), SSV_SSID(0xc5), NO_RAM,
          NO_RAM + 0x18 },
        { NO_RAM | CDMAX(8) | S1FMT(2), SSV_SSID(0xc5), NO_RAM, NO_RAM },
        /* 64 descriptors are aligned to 512 bytes, 4096 CDs to 256 KiB */
        { NO_RAM | 0x3c0 | CDMAX(12) | S1FMT(1), SSV_SSID(0xc5), NO_RAM,
          NO_RAM + 0x200 + 0x18 },
        { NO_RAM | 0x3ffc0 | CDMAX(12), SSV_SSID(0x40), NO_RAM + 0x1000,
          NO_RAM + 0x1000 },
        /* ... or the CD itself */
        { CDS | CDMAX(8) | S1FMT(1), SSV_SSID(0xc5), NO_RAM, NO_RAM + 0x140 },
        { CDS | CDMAX(8) | S1FMT(2), SSV_SSID(0xc5), NO_RAM + 0x3000,
          NO_RAM + 0x3140 },
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start_with(&g, STE_S1 | rows[i].word0, 0);
        assert_true(vguest_report(&g, F_TRANSLATION | rows[i].ssid,
                                  S2 | RNW | CLASS(CD), VA, rows[i].page,
                                  event));
        assert_int_equal(event[0], F_CD_FETCH | rows[i].ssid | CMD_SID(SID));
        assert_int_equal(event[1], 0);
        assert_int_equal(event[2], 0);
        assert_int_equal(event[3], rows[i].fetch);
        guest_stop(&g);
    }
}

/* A CD: T0SZ 25 (39 bits), T1SZ 16 (48 bits), both 4 KiB. */
static void store_cd(struct guest *g, uint64_t at, uint64_t ttb0,
                     uint64_t ttb1, uint64_t tg)
{
    guest_store(g, at, 25 | 16 << 16 | tg | BIT(31) | BIT(41));
    guest_store(g, at + 8, ttb0);
    guest_store(g, at + 16, ttb1);
}

#define TG_4K  (UINT64_C(2) << 22)
#define TG_16K (UINT64_C(2) << 6 | UINT64_C(1) << 22)
#define TG_64K (UINT64_C(1) << 6 | UINT64_C(3) << 22)
#define T1     UINT64_C(0x50000)
#define T2     UINT64_C(0x54000)
#define UPPER  UINT64_C(0xffff000040201678)

static void a_table_that_is_no_memory_ends_the_walk(void **state)
{
    static const struct {
        uint64_t tg, ttb0, ttb1, input;
        uint64_t link, at; /* a table descriptor, and where */
        uint64_t page, fetch;
    } rows[] = {
        /* 39 bits, 4 KiB: levels 1, 2, 3 */
        { TG_4K, NO_RAM, 0, VA, 0, 0, NO_RAM, NO_RAM + 1 * 8 },
        { TG_4K, T1, 0, VA, NO_RAM | 3, T1 + 1 * 8, NO_RAM, NO_RAM + 1 * 8 },
        /* 48 bits: from level 0 */
        { TG_4K, 0, NO_RAM, UPPER, 0, 0, NO_RAM, NO_RAM + 0 * 8 },
        { TG_4K, 0, T1, UPPER, NO_RAM | 3, T1, NO_RAM, NO_RAM + 1 * 8 },
        /* 16 KiB: 39 bits from level 1 (3 bits of index), 64 KiB */
        { TG_16K, T1, 0, VA, NO_RAM | 3, T1, NO_RAM, NO_RAM + 0x20 * 8 },
        { TG_64K, T1, 0, VA, NO_RAM | 3, T1 + 2 * 8, NO_RAM,
          NO_RAM + 0x20 * 8 },
        /* A table of 8 entries is aligned to its size. */
        { TG_16K, T1 | 0x40, 0, VA, NO_RAM | 3, T1 + 0x40, NO_RAM,
          NO_RAM + 0x20 * 8 },
        /* The guest has changed it: as hardware has told it. */
        { TG_4K, T1, 0, VA, T2 | 3, T1 + 1 * 8, NO_RAM, NO_RAM },
        { TG_4K, T1, 0, VA, NO_RAM | 1, T1 + 1 * 8, NO_RAM, NO_RAM },
        { 3 << 6, NO_RAM, 0, VA, 0, 0, NO_RAM, NO_RAM },
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start_with(&g, STE_S1 | CDS, 0);
        store_cd(&g, CDS, rows[i].ttb0, rows[i].ttb1, rows[i].tg);
        guest_store(&g, rows[i].at, rows[i].link);
        if ( !rows[i].at )
            guest_store(&g, 0, 0);
        assert_true(vguest_report(&g, F_TRANSLATION,
                                  S2 | PNU | CLASS(TT) | BIT(44),
                                  rows[i].input, rows[i].page, event));
        assert_int_equal(event[0], F_WALK_EABT | CMD_SID(SID));
        assert_int_equal(event[1], PNU | CLASS(TT));
        assert_int_equal(event[2], rows[i].input);
        assert_int_equal(event[3], rows[i].fetch);
        guest_stop(&g);
    }
}

static void the_cd_of_a_walk_may_be_in_two_levels(void **state)
{
    uint64_t event[4];
    struct guest g;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS | CDMAX(8) | S1FMT(1), 0);
    guest_store(&g, CDS + 3 * 8, T2 | 1);
    store_cd(&g, T2 + 5 * 64, NO_RAM, 0, TG_4K);
    assert_true(vguest_report(&g, F_TRANSLATION | SSV_SSID(0xc5),
                              S2 | RNW | CLASS(TT), VA, NO_RAM, event));
    assert_int_equal(event[3], NO_RAM + 8);
    guest_stop(&g);
}

/* The bus aborts it: nobody tells. */
static void a_target_that_is_no_memory_makes_no_event(void **state)
{
    uint64_t event[4];
    struct guest g;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    assert_false(vguest_report(&g, F_TRANSLATION, S2 | RNW | CLASS(IN), VA,
                               NO_RAM, event));
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    assert_false(vguest_report(&g, F_PERMISSION, S2 | CLASS(IN), NO_RAM,
                               NO_RAM, event));
    /* There is no table that hardware could have walked. */
    assert_false(
        vguest_report(&g, F_PERMISSION, S2 | CLASS(TT), VA, NO_RAM, event));
    guest_stop(&g);
}

/* ---- a smaller OAS than that of the hardware ---------------------------- */

#define WIDE (BIT(44) | UINT64_C(0x1000)) /* within 48 bits, not 44 */
#define CD_R BIT(45)

static void start_44_bits(struct guest *g, uint64_t word0, uint64_t word1)
{
    struct xen_dmop_viommu_op op;

    vguest_start(g);
    assert_int_equal(guest_destroy(g), 0);
    op = vguest_create_op(g);
    op.u.create_smmuv3.idr5 = (op.u.create_smmuv3.idr5 & ~7u) | 4;
    assert_int_equal(guest_call(g, &op), 0);
    g->id = op.u.create_smmuv3.viommu_id;
    assert_int_equal(guest_attach(g, SID, PSID), 0);
    vguest_ste(g, SID, word0, word1);
    vguest_enable(g);
}

static void addresses_beyond_the_guests_oas_are_told_so(void **state)
{
    static const struct {
        uint64_t ste[2], ttb0, cd_r;
        uint64_t ssid, class;
        unsigned int type;
    } rows[] = {
        { { STE_S1 | CDS, 0 }, T1, CD_R, 0, IN, F_ADDR_SIZE },
        { { STE_S1 | CDS, 0 }, T1, 0, 0, IN, 0 }, /* not recorded */
        { { STE_S1 | CDS, 0 }, T1, CD_R, 0, TT, F_ADDR_SIZE },
        { { STE_S1 | CDS, 0 }, T1, 0, 0, TT, 0 },
        { { STE_S1 | CDS, 0 }, WIDE, 0, 0, TT, C_BAD_CD },
        { { STE_S1 | CDS | CDMAX(8) | S1FMT(1), 0 },
          T1,
          0,
          SSV_SSID(0x41),
          CD,
          C_BAD_SUBSTREAMID },
        { { STE_S1 | CDS | CDMAX(8), 1 }, T1, 0, 0, IN, F_ADDR_SIZE },
        { { STE_S1 | CDS | CDMAX(8), 1 }, T1, 0, SSV_SSID(0), IN, 0 },
        { { STE_BYPASS, 0 }, T1, 0, 0, IN, F_ADDR_SIZE },
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;
    bool one;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        start_44_bits(&g, rows[i].ste[0], rows[i].ste[1]);
        store_cd(&g, CDS, rows[i].ttb0, 0, TG_4K | rows[i].cd_r);
        one = vguest_report(&g, F_TRANSLATION | rows[i].ssid,
                            S2 | RNW | CLASS(rows[i].class), VA, WIDE, event);
        assert_int_equal(one, rows[i].type != 0);
        if ( one )
        {
            bool full = rows[i].type == F_ADDR_SIZE;

            assert_int_equal(event[0],
                             rows[i].type | rows[i].ssid | CMD_SID(SID));
            assert_int_equal(event[1], full ? RNW | CLASS(IN) : 0);
            assert_int_equal(event[2], full ? VA : 0);
            assert_int_equal(event[3], 0);
        }
        guest_stop(&g);
    }
}

static void a_cd_table_beyond_the_oas_makes_the_ste_illegal(void **state)
{
    uint64_t event[4];
    struct guest g;

    (void)state;
    start_44_bits(&g, STE_S1 | WIDE, 0);
    assert_true(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cd_that_is_no_memory_could_not_be_fetched),
        cmocka_unit_test(a_table_that_is_no_memory_ends_the_walk),
        cmocka_unit_test(the_cd_of_a_walk_may_be_in_two_levels),
        cmocka_unit_test(a_target_that_is_no_memory_makes_no_event),
        cmocka_unit_test(addresses_beyond_the_guests_oas_are_told_so),
        cmocka_unit_test(a_cd_table_beyond_the_oas_makes_the_ste_illegal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
