/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of stage 1 for virtual devices below a vsmmuv3, rule by rule:
 * rights, granules, halves. */
#include "vsmmu_vdev.h"

#define WXN BIT(36)
#define PAN BIT(40)
#define PXN BIT(53)
#define UXN BIT(54)
/* Of table descriptors. */
#define PXN_TABLE BIT(59)
#define UXN_TABLE BIT(60)
#define NO_USER   BIT(61)
#define RO_TABLE  BIT(62)

#define HAD BIT(1) /* of the words with TTB0, TTB1 */

/* ---- rights (VMSAv8-64) ------------------------------------------------- */

static void rights_are_of_the_leaf_its_tables_and_the_CD(void **state)
{
    static const struct {
        uint64_t cd, ttb, table, leaf;
        uint32_t access, rights;
    } rows[] = {
        { 0, 0, 0, USER, R, R | W | X },
        { 0, 0, 0, USER | RO, R, R | X },
        { 0, 0, 0, 0, R, 0 },
        { 0, 0, 0, 0, R | X, X },
        { 0, 0, 0, UXN, R | X, 0 },
        { 0, 0, 0, USER | UXN, R, R | W },
        { 0, 0, 0, USER | PXN, R, R | W | X },
        { 0, 0, 0, 0, R | PRIV, R | W | X },
        { 0, 0, 0, RO, R | PRIV, R | X },
        { 0, 0, 0, RO, W | PRIV, 0 },
        { 0, 0, 0, USER, R | PRIV, R | W },
        { 0, 0, 0, USER | RO, R | PRIV, R | X },
        { 0, 0, 0, PXN, R | PRIV, R | W },
        { 0, 0, 0, UXN, R | PRIV, R | W | X },
        { WXN, 0, 0, USER, R, R | W },
        { WXN, 0, 0, USER | RO, R, R | X },
        { WXN, 0, 0, 0, R | X, X },
        { WXN, 0, 0, 0, R | PRIV, R | W },
        { WXN, 0, 0, RO, R | PRIV, R | X },
        { PAN, 0, 0, USER, R | PRIV, 0 },
        { PAN, 0, 0, 0, R | PRIV, R | W | X },
        { PAN, 0, 0, USER, R, R | W | X },
        { 0, 0, NO_USER, USER, R, 0 },
        { 0, 0, NO_USER, USER, R | PRIV, R | W | X },
        { 0, 0, RO_TABLE, USER, R, R | X },
        { 0, 0, UXN_TABLE, USER, R, R | W },
        { 0, 0, PXN_TABLE, 0, R | PRIV, R | W },
        { 0, HAD, NO_USER | RO_TABLE | UXN_TABLE, USER, R, R | W | X },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        guest_store(&g, CDS, CD0 | rows[i].cd);
        guest_store(&g, CDS + 8, L0 | rows[i].ttb);
        guest_store(&g, L0 + 0x1008, (L0 + 0x2000) | DESC | rows[i].table);
        guest_store(&g, L0 + 0x3008, GPA | DESC | AF | rows[i].leaf);
        assert_int_equal(vdev_outcome(&g, INPUT, rows[i].access, 0, &op),
                         rows[i].rights ? PASSES : F_PERMISSION);
        if ( rows[i].rights )
            assert_int_equal(op.u.translation.rights, rows[i].rights);
        guest_stop(&g);
    }
}

/* IDR3.HAD = 0: the bit of the CD means nothing. */
static void tables_count_without_HAD(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    vdev_start_on(&g, vdev_idr(3, 0, 1u << 2));
    guest_store(&g, CDS + 8, L0 | HAD);
    guest_store(&g, L0 + 0x1008, (L0 + 0x2000) | DESC | NO_USER);
    assert_int_equal(vdev_outcome(&g, INPUT, R, 0, &op), F_PERMISSION);
    guest_stop(&g);
}

/* 5.2 PRIVCFG, INSTCFG; what is written is data. */
static void an_STE_overrides_what_the_access_says_it_is(void **state)
{
    static const struct {
        unsigned int privcfg, instcfg;
        uint64_t leaf;
        uint32_t access;
        unsigned int type;
    } rows[] = {
        { 0, 0, 0, R, F_PERMISSION },
        { 3, 0, 0, R, PASSES },
        { 0, 0, 0, R | PRIV, PASSES },
        { 2, 0, 0, R | PRIV, F_PERMISSION },
        { 0, 0, USER | UXN, R | X, F_PERMISSION },
        { 0, 2, USER | UXN, R | X, PASSES },
        { 0, 3, USER | UXN, R, F_PERMISSION },
        { 0, 3, USER | UXN, W, PASSES },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        vguest_ste(&g, VSID, STE_S1 | CDS,
                   (uint64_t)rows[i].privcfg << 48 | (uint64_t)rows[i].instcfg
                                                         << 50);
        guest_store(&g, L0 + 0x3008, GPA | DESC | AF | rows[i].leaf);
        assert_int_equal(vdev_outcome(&g, INPUT, rows[i].access, 0, &op),
                         rows[i].type);
        guest_stop(&g);
    }
}

/* ---- granules and halves ------------------------------------------------ */

#define TABLE_A 0x60000u /* aligned for every granule */
#define TABLE_B 0x70000u
#define OUTPUT  UINT64_C(0x140000)
#define LEAF    (AF | USER)
#define T0SZ(n) ((uint64_t)(n))
#define TG0(n)  ((uint64_t)(n) << 6)
#define TG0_64K TG0(1)
#define TG0_16K TG0(2)
#define CD_OF   (CD0 & ~UINT64_C(0xff))

static void each_granule_has_its_levels_and_blocks(void **state)
{
    static const struct {
        uint64_t cd, input, first, second;
        unsigned int type;
        uint64_t gpa, mask;
    } rows[] = {
        { TG0_16K | T0SZ(28), 0x2004123, TABLE_B | DESC, OUTPUT | DESC | LEAF,
          PASSES, OUTPUT | 0x123, 0x3fff },
        { TG0_16K | T0SZ(28), 0x2004123, 0x4000000 | 1 | LEAF, 0, PASSES,
          0x4004123, 0x1ffffff },
        { TG0_64K | T0SZ(28), 0x20010123, TABLE_B | DESC, OUTPUT | DESC | LEAF,
          PASSES, OUTPUT | 0x123, 0xffff },
        { TG0_64K | T0SZ(28), 0x20010123, 0x20000000 | 1 | LEAF, 0, PASSES,
          0x20010123, 0x1fffffff },
        { T0SZ(25), 0x40201678, 0x40000000 | 1 | LEAF, 0, PASSES, 0x40201678,
          0x3fffffff },
        /* No blocks at level 1 but with 4 KiB. */
        { TG0_16K | T0SZ(25), BIT(36), 1 | LEAF, 0, F_TRANSLATION, 0, 0 },
        { TG0_64K | T0SZ(16), BIT(42), 1 | LEAF, 0, F_TRANSLATION, 0, 0 },
        /* Beyond the range. */
        { T0SZ(25), BIT(39) | 0x40201678, 0x40000000 | 1 | LEAF, 0,
          F_TRANSLATION, 0, 0 },
        { TG0_16K | T0SZ(15), 0, 0, 0, C_BAD_CD, 0, 0 },
        { TG0_16K | T0SZ(40), 0, 0, 0, C_BAD_CD, 0, 0 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        guest_store(&g, CDS, CD_OF | rows[i].cd);
        guest_store(&g, CDS + 8, TABLE_A);
        guest_store(&g, TABLE_A + 8, rows[i].first);
        guest_store(&g, TABLE_B + 8, rows[i].second);
        assert_int_equal(vdev_outcome(&g, rows[i].input, R, 0, &op),
                         rows[i].type);
        if ( rows[i].type == PASSES )
        {
            assert_true(op.u.translation.gpa == rows[i].gpa);
            assert_true(op.u.translation.mask == rows[i].mask);
        }
        guest_stop(&g);
    }
}

static void a_granule_that_is_not_built_makes_the_CD_illegal(void **state)
{
    static const struct {
        unsigned int idr5;
        uint64_t tg0;
    } rows[] = { { 5, TG0_16K }, { 6, TG0_64K } };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(5, 0, 1u << rows[i].idr5));
        guest_store(&g, CDS, CD_OF | T0SZ(16) | rows[i].tg0);
        assert_int_equal(vdev_outcome(&g, INPUT, R, 0, &op), C_BAD_CD);
        guest_stop(&g);
    }
}

#define EPD0      BIT(14)
#define EPD1      BIT(30)
#define TBI0      BIT(38)
#define TBI1      BIT(39)
#define T1SZ(n)   ((uint64_t)(n) << 16)
#define TG1(n)    ((uint64_t)(n) << 22)
#define UPPER     (UINT64_C(0xffff) << 48)
#define UPPER_TBI (UINT64_C(0xab) << 56)

static void each_half_has_its_tables(void **state)
{
    static const struct {
        uint64_t cd, input;
        unsigned int type;
    } rows[] = {
        { T1SZ(16) | TG1(2), UPPER | INPUT, PASSES },
        { T1SZ(16) | TG1(2), UPPER_TBI | BIT(55) | INPUT, F_TRANSLATION },
        { T1SZ(16) | TG1(2) | TBI1,
          (UPPER & ~(UINT64_C(0xff) << 56)) | UPPER_TBI | INPUT, PASSES },
        { T1SZ(25) | TG1(2), UPPER | INPUT, F_TRANSLATION },
        { EPD1, UPPER | INPUT, F_TRANSLATION },
        { EPD1 | TBI0, UPPER_TBI | INPUT, PASSES },
        { EPD1, BIT(56) | INPUT, F_TRANSLATION },
        { EPD1 | TBI0, BIT(56) | INPUT, PASSES },
        /* A half that is enabled is legal, or the CD is not. */
        { T1SZ(16) | TG1(0), INPUT, C_BAD_CD },
        { T1SZ(0) | TG1(2), INPUT, C_BAD_CD },
        { T1SZ(16) | TG1(2) | EPD0, INPUT, F_TRANSLATION },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        guest_store(&g, CDS, (CD0 & ~EPD1) | rows[i].cd);
        guest_store(&g, CDS + 16, L0);
        assert_int_equal(vdev_outcome(&g, rows[i].input, R, 0, &op),
                         rows[i].type);
        if ( rows[i].type == PASSES )
            assert_int_equal(op.u.translation.gpa, GPA + 0x678);
        guest_stop(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_are_of_the_leaf_its_tables_and_the_CD),
        cmocka_unit_test(tables_count_without_HAD),
        cmocka_unit_test(an_STE_overrides_what_the_access_says_it_is),
        cmocka_unit_test(each_granule_has_its_levels_and_blocks),
        cmocka_unit_test(a_granule_that_is_not_built_makes_the_CD_illegal),
        cmocka_unit_test(each_half_has_its_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
