/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Context descriptors for virtual devices below a vsmmuv3: legal ones, and
 * which one a substream has. */
#include "vsmmu_vdev.h"

#define F_ACCESS 0x12u
#define AFFD     BIT(35)
#define EPD0     BIT(14)
#define EPD1     BIT(30)
#define L2       0x60000u /* CDs */

static void a_CD_is_legal_by_what_the_unit_has(void **state)
{
    static const struct {
        uint32_t set, clear; /* of IDR0 */
        uint64_t or, and_not;
        uint64_t at, value; /* stored as well */
        unsigned int type;
    } rows[] = {
        /* TERM_MODEL: A = 0 is illegal. */
        { 1u << 26, 0, 0, BIT(46), CDS + 24, 0, C_BAD_CD },
        { 1u << 26, 0, 0, 0, CDS + 24, 0, PASSES },
        { 0, 0, 0, BIT(46), CDS + 24, 0, PASSES },
        /* Without ASID16 the upper half of the ASID is zero. */
        { 0, 1u << 12, BIT(56), 0, CDS + 24, 0, C_BAD_CD },
        { 0, 1u << 12, 0, 0, CDS + 24, 0, PASSES },
        { 0, 0, BIT(56), 0, CDS + 24, 0, PASSES },
        /* Big-endian tables that nobody reads. */
        { 0, 0, BIT(15) | EPD0, 0, CDS + 24, 0, F_TRANSLATION },
        { 0, 0, BIT(15), 0, CDS + 24, 0, C_BAD_CD },
        { 0, 0, BIT(15) | EPD0, EPD1, CDS + 24, 0, C_BAD_CD },
        /* Beyond IPS: the table, the next one, what is found. */
        { 0, 0, 0, UINT64_C(7) << 32, CDS + 8, BIT(32), C_BAD_CD },
        { 0, 0, 0, UINT64_C(7) << 32, L0 + 0x1008, BIT(32) | DESC,
          F_ADDR_SIZE },
        { 0, 0, 0, UINT64_C(7) << 32, L0 + 0x3008, BIT(32) | DESC | AF | USER,
          F_ADDR_SIZE },
        { 0, 0, 0, 0, L0 + 0x3008, BIT(32) | DESC | AF | USER, PASSES },
        /* The access flag, and its fault switched off. */
        { 0, 0, 0, 0, L0 + 0x3008, GPA | DESC | USER, F_ACCESS },
        { 0, 0, AFFD, 0, L0 + 0x3008, GPA | DESC | USER, PASSES },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, rows[i].set, rows[i].clear));
        guest_store(&g, CDS, (CD0 | rows[i].or) & ~rows[i].and_not);
        guest_store(&g, rows[i].at, rows[i].value);
        assert_int_equal(vdev_outcome(&g, INPUT, R, 0, &op), rows[i].type);
        guest_stop(&g);
    }
}

/* 3.3.2: a table of tables of CDs. */
static void a_substream_is_found_through_two_levels(void **state)
{
    static const struct {
        uint64_t l1cd;
        uint32_t ssid;
        unsigned int type;
    } rows[] = {
        { L2 | 1, 3, PASSES },
        { L2, 3, C_BAD_SUBSTREAMID },
        { L2 | BIT(48) | 1, 3, C_BAD_SUBSTREAMID },
        { NO_RAM | 1, 3, F_CD_FETCH },
        { L2 | 1, 4, C_BAD_CD },
        { L2 | 1, 64, C_BAD_SUBSTREAMID },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        vguest_ste(&g, VSID, STE_S1 | CDS | S1FMT(1) | CDMAX(8), 0);
        guest_store(&g, CDS, rows[i].l1cd);
        guest_store(&g, CDS + 8, 0);
        guest_store(&g, L2 + 3 * 64, CD0);
        guest_store(&g, L2 + 3 * 64 + 8, L0);
        assert_int_equal(vdev_outcome(&g, INPUT, R | PASID, rows[i].ssid, &op),
                         rows[i].type);
        guest_stop(&g);
    }
}

static void without_a_CD_table_in_memory_the_fetch_fails(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    vdev_start_on(&g, vdev_idr(0, 0, 0));
    vguest_ste(&g, VSID, STE_S1 | NO_RAM | S1FMT(1) | CDMAX(8), 0);
    assert_int_equal(vdev_outcome(&g, INPUT, R | PASID, 3, &op), F_CD_FETCH);
    guest_stop(&g);
}

/* 3.9, 5.2 S1DSS. */
static void what_has_no_substream_goes_where_S1DSS_says(void **state)
{
    static const struct {
        uint64_t word0;
        unsigned int dss;
        bool has_ssid;
        unsigned int type;
        uint64_t gpa;
    } rows[] = {
        { CDMAX(4), 0, false, F_STREAM_DISABLED, 0 },
        { CDMAX(4), 1, false, PASSES, INPUT },
        { CDMAX(4), 2, false, PASSES, GPA + 0x678 },
        { CDMAX(4), 0, true, PASSES, GPA + 0x678 },
        { CDMAX(4), 1, true, PASSES, GPA + 0x678 },
        { CDMAX(4), 2, true, F_STREAM_DISABLED, 0 },
        { 0, 0, false, PASSES, GPA + 0x678 },
        { 0, 1, false, PASSES, GPA + 0x678 },
        { 0, 0, true, C_BAD_SUBSTREAMID, 0 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        uint32_t access = R | (rows[i].has_ssid ? PASID : 0);
        struct xen_dmop_viommu_op op;
        struct guest g;

        vdev_start_on(&g, vdev_idr(0, 0, 0));
        vguest_ste(&g, VSID, STE_S1 | CDS | rows[i].word0, rows[i].dss);
        assert_int_equal(vdev_outcome(&g, INPUT, access, 0, &op),
                         rows[i].type);
        if ( rows[i].type == PASSES )
            assert_true(op.u.translation.gpa == rows[i].gpa);
        guest_stop(&g);
    }
}

static void bypass_has_no_substreams(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    vdev_start_on(&g, vdev_idr(0, 0, 0));
    vguest_ste(&g, VSID, STE_BYPASS, 0);
    assert_int_equal(vdev_outcome(&g, INPUT, R | PASID, 3, &op),
                     C_BAD_SUBSTREAMID);
    guest_stop(&g);
}

/* Beyond OAS with SMMUEN = 0: aborted, and nothing is recorded (3.11). */
static void nothing_is_recorded_while_the_unit_is_off(void **state)
{
    struct xen_dmop_viommu_op op;
    uint64_t event[4];
    struct guest g;

    (void)state;
    vdev_start_on(&g, vdev_idr(0, 0, 0));
    guest_write(&g, R_CR0, 4, CR0_EVENTQEN | CR0_CMDQEN);
    fake_run(g.host);
    assert_int_equal(vdev_translate(&g, BIT(48), R, 0, &op), -XEN_EFAULT);
    fake_run(g.host);
    assert_false(vguest_take_event(&g, event));
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_CD_is_legal_by_what_the_unit_has),
        cmocka_unit_test(a_substream_is_found_through_two_levels),
        cmocka_unit_test(without_a_CD_table_in_memory_the_fetch_fails),
        cmocka_unit_test(what_has_no_substream_goes_where_S1DSS_says),
        cmocka_unit_test(bypass_has_no_substreams),
        cmocka_unit_test(nothing_is_recorded_while_the_unit_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
