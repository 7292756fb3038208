/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a blocked DMA makes the guest see. */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define FRCD       0x220u
#define FSTS       0x34u
#define CONTEXT_LO (TOP | 1)
#define CONTEXT_HI (2 | DID << 8)
#define IOVA       UINT64_C(0x40201000)

static void start(struct guest *g, uint64_t cap)
{
    guest_start(g, true, 0);
    if ( cap != GUEST_CAP )
    {
        assert_int_equal(guest_destroy(g), 0);
        assert_int_equal(guest_create(g, cap, GUEST_ECAP, 0, 0), 0);
        assert_int_equal(guest_attach(g, SID, PSID), 0);
    }
    guest_context(g, SID, CONTEXT_LO, CONTEXT_HI);
    guest_map(g, IOVA, 0x300000, 1, 3);
}

static void blocked(struct guest *g, uint64_t address, bool write)
{
    assert_false(fake_dma(g->host, PSID, address, write, NULL));
    guest_fault_interrupt(g);
}

static unsigned int reason_of(uint64_t high)
{
    return (unsigned int)(high >> 32) & 0xff;
}

enum damage {
    ROOT_ABSENT,
    ROOT_RESERVED,
    ROOT_UNREADABLE,
    TABLE_MODE,
    CONTEXT_ABSENT,
    CONTEXT_RESERVED,
    CONTEXT_UNREADABLE,
    CONTEXT_WIDTH,
    CONTEXT_TYPE,
    TOP_UNREADABLE,
    LOWER_UNREADABLE,
    LEAF_ABSENT,
    LEAF_READ_ONLY,
    LEAF_WRITE_ONLY,
    UPPER_READ_ONLY,
    LEAF_RESERVED,
    LEAF_INTERRUPT_RANGE,
};

static void damage(struct guest *g, enum damage what)
{
    uint64_t leaf = guest_entry(g, IOVA, 1), upper = guest_entry(g, IOVA, 2);

    switch ( what )
    {
    case ROOT_ABSENT:
        guest_store(g, ROOT, 0);
        break;
    case ROOT_RESERVED:
        guest_store(g, ROOT, BUS0 | 3);
        break;
    case ROOT_UNREADABLE:
        g->host->domain.p2m[ROOT >> 12].type = HOST_P2M_HOLE;
        break;
    case TABLE_MODE:
        guest_write(g, 0x20, 8, ROOT | 1u << 10);
        guest_write(g, 0x18, 4, 1u << 30);
        break;
    case CONTEXT_ABSENT:
        guest_context(g, SID, 0, 0);
        break;
    case CONTEXT_RESERVED:
        guest_context(g, SID, CONTEXT_LO | 0x10, CONTEXT_HI);
        break;
    case CONTEXT_UNREADABLE:
        g->host->domain.p2m[BUS0 >> 12].type = HOST_P2M_HOLE;
        break;
    case CONTEXT_WIDTH:
        guest_context(g, SID, CONTEXT_LO, 3 | DID << 8);
        break;
    case CONTEXT_TYPE:
        guest_context(g, SID, CONTEXT_LO | 1u << 2, CONTEXT_HI);
        break;
    case TOP_UNREADABLE:
        guest_context(g, SID, UINT64_C(0x7000000) | 1, CONTEXT_HI);
        break;
    case LOWER_UNREADABLE:
        guest_store(g, upper, UINT64_C(0x7000000) | 3);
        break;
    case LEAF_ABSENT:
        guest_store(g, leaf, 0);
        break;
    case LEAF_READ_ONLY:
        guest_store(g, leaf, 0x300001);
        break;
    case LEAF_WRITE_ONLY:
        guest_store(g, leaf, 0x300002);
        break;
    case UPPER_READ_ONLY:
        guest_store(g, upper,
                    g->host->domain.ram[upper >> 12][upper % 4096 / 8] &
                        ~UINT64_C(2));
        break;
    case LEAF_RESERVED:
        guest_store(g, leaf, 0x300003 | UINT64_C(1) << 50);
        break;
    case LEAF_INTERRUPT_RANGE:
        guest_store(g, leaf, 0xfee00003);
        break;
    }
}

static void each_defect_has_its_reason(void **state)
{
    static const struct {
        enum damage what;
        bool write;
        uint64_t address;
        unsigned int reason;
    } rows[] = {
        { ROOT_ABSENT, false, IOVA, 0x01 },
        { CONTEXT_ABSENT, false, IOVA, 0x02 },
        { CONTEXT_WIDTH, false, IOVA, 0x03 },
        { CONTEXT_TYPE, true, IOVA, 0x03 },
        { TOP_UNREADABLE, false, IOVA, 0x03 },
        { LEAF_ABSENT, false, UINT64_C(1) << 48, 0x04 },
        { LEAF_ABSENT, true, IOVA, 0x05 },
        { LEAF_READ_ONLY, true, IOVA, 0x05 },
        { UPPER_READ_ONLY, true, IOVA, 0x05 },
        { LEAF_ABSENT, false, IOVA, 0x06 },
        { LEAF_WRITE_ONLY, false, IOVA, 0x06 },
        { LOWER_UNREADABLE, true, IOVA, 0x07 },
        { ROOT_UNREADABLE, false, IOVA, 0x08 },
        { CONTEXT_UNREADABLE, false, IOVA, 0x09 },
        { ROOT_RESERVED, false, IOVA, 0x0a },
        { CONTEXT_RESERVED, false, IOVA, 0x0b },
        { LEAF_RESERVED, true, IOVA, 0x0c },
        { LEAF_INTERRUPT_RANGE, true, IOVA, 0x0e },
        { TABLE_MODE, false, IOVA, 0x30 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, GUEST_CAP);
        guest_write(&g, 0x20, 8, ROOT);
        guest_write(&g, 0x18, 4, 1u << 30);
        damage(&g, rows[i].what);
        guest_write(&g, 0x18, 4, 1u << 31);
        fake_run(g.host);
        blocked(&g, rows[i].address, rows[i].write);
        assert_int_equal(guest_read(&g, FSTS, 4), 2);
        assert_int_equal(guest_read(&g, FRCD, 8),
                         rows[i].address & ~UINT64_C(0xfff));
        assert_int_equal(guest_read(&g, FRCD + 8, 8),
                         SID | (uint64_t)rows[i].reason << 32 |
                             UINT64_C(1) << 63 |
                             (rows[i].write ? 0 : UINT64_C(1) << 62));
        guest_stop(&g);
    }
}

static void fpd_suppresses_qualified_faults(void **state)
{
    static const struct {
        uint64_t lo;
        uint64_t hi;
    } rows[] = { { 2, 0 }, { CONTEXT_LO | 2, CONTEXT_HI } };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, GUEST_CAP);
        guest_context(&g, SID, rows[i].lo, rows[i].hi);
        guest_enable(&g);
        blocked(&g, 0x999000, true);
        assert_int_equal(guest_read(&g, FSTS, 4), 0);
        guest_stop(&g);
    }
}

static void a_target_that_is_no_memory_aborts_without_a_record(void **state)
{
    static const enum host_p2m_type types[] = { HOST_P2M_HOLE, HOST_P2M_MMIO,
                                                HOST_P2M_RAM_RO };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(types); i++ )
    {
        struct guest g;

        start(&g, GUEST_CAP);
        g.host->domain.p2m[0x300].type = types[i];
        guest_enable(&g);
        blocked(&g, IOVA, true);
        assert_int_equal(guest_read(&g, FSTS, 4), 0);
        guest_stop(&g);
    }
}

static void what_the_limit_refused_aborts_without_a_record(void **state)
{
    struct guest g;

    (void)state;
    guest_start(&g, true, 2);
    guest_context(&g, SID, CONTEXT_LO, CONTEXT_HI);
    guest_map(&g, IOVA, 0x300000, 1, 3);
    guest_enable(&g);
    blocked(&g, IOVA, true);
    assert_int_equal(guest_read(&g, FSTS, 4), 0);
    guest_stop(&g);
}

static void a_stale_shadow_reports_what_it_was_made_from(void **state)
{
    static const struct {
        uint64_t before;
        unsigned int reason;
    } rows[] = { { 0, 6 }, { 0x300003 | UINT64_C(1) << 50, 0xc } };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, GUEST_CAP);
        guest_store(&g, guest_entry(&g, IOVA, 1), rows[i].before);
        guest_enable(&g);
        guest_store(&g, guest_entry(&g, IOVA, 1), 0x300003);
        blocked(&g, IOVA, false);
        assert_int_equal(reason_of(guest_read(&g, FRCD + 8, 8)),
                         rows[i].reason);
        guest_stop(&g);
    }
}

static void without_translation_no_fault_is_recorded(void **state)
{
    struct guest g;

    (void)state;
    start(&g, GUEST_CAP);
    blocked(&g, UINT64_C(0x7000000), true);
    assert_int_equal(guest_read(&g, FSTS, 4), 0);
    guest_stop(&g);
}

static void records_of_one_source_collapse(void **state)
{
    struct guest g;

    (void)state;
    start(&g, GUEST_CAP | UINT64_C(1) << 40); /* two records */
    guest_enable(&g);
    blocked(&g, 0x1000, true);
    blocked(&g, 0x2000, true);
    assert_int_equal(guest_read(&g, FRCD, 8), 0x1000);
    assert_int_equal(guest_read(&g, FRCD + 24, 8), 0);
    assert_int_equal(guest_read(&g, FSTS, 4), 2);
    guest_stop(&g);
}

static void assign_and_attach(struct guest *g, uint32_t vsbdf, uint32_t psbdf)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_assign(g->registry, &g->host->domain, psbdf);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    assert_int_equal(guest_attach(g, vsbdf, psbdf), 0);
}

static void a_full_ring_overflows(void **state)
{
    struct guest g;

    (void)state;
    start(&g, GUEST_CAP); /* one record */
    assign_and_attach(&g, SID + 8, PSID + 1);
    guest_enable(&g);
    blocked(&g, 0x1000, true);
    assert_false(fake_dma(g.host, PSID + 1, 0x2000, true, NULL));
    guest_fault_interrupt(&g);
    assert_int_equal(guest_read(&g, FSTS, 4), 3);
    /* F by a 1 to bit 127, PFO by a 1. */
    guest_write(&g, FRCD + 12, 4, 1u << 31);
    assert_int_equal(guest_read(&g, FSTS, 4), 1);
    guest_write(&g, FSTS, 4, 1);
    assert_int_equal(guest_read(&g, FSTS, 4), 0);
    /* The next one is recorded again: a context fault of the second. */
    assert_false(fake_dma(g.host, PSID + 1, 0x2000, true, NULL));
    guest_fault_interrupt(&g);
    assert_int_equal(guest_read(&g, FRCD + 8, 8),
                     (SID + 8) | UINT64_C(2) << 32 | UINT64_C(1) << 63);
    guest_stop(&g);
}

static void the_event_comes_once_and_waits_while_masked(void **state)
{
    struct guest g;

    (void)state;
    start(&g, GUEST_CAP | UINT64_C(1) << 40);
    assign_and_attach(&g, SID + 8, PSID + 1);
    guest_write(&g, 0x3c, 4, 0x4021);
    guest_write(&g, 0x40, 4, 0xfee00000);
    guest_enable(&g);
    blocked(&g, 0x1000, true);
    assert_int_equal(g.host->domain.msis, 0);
    assert_int_equal(guest_read(&g, 0x38, 4), 0xc0000000);
    guest_write(&g, 0x38, 4, 0);
    assert_int_equal(g.host->domain.msis, 1);
    assert_int_equal(g.host->domain.msi_address, 0xfee00000);
    assert_int_equal(g.host->domain.msi_data, 0x4021);
    assert_int_equal(guest_read(&g, 0x38, 4), 0);
    /* PPF was set already: no second event. */
    assert_false(fake_dma(g.host, PSID + 1, 0x2000, true, NULL));
    guest_fault_interrupt(&g);
    assert_int_equal(guest_read(&g, FRCD + 24, 8) >> 63, 1);
    assert_int_equal(g.host->domain.msis, 1);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_defect_has_its_reason),
        cmocka_unit_test(fpd_suppresses_qualified_faults),
        cmocka_unit_test(a_target_that_is_no_memory_aborts_without_a_record),
        cmocka_unit_test(what_the_limit_refused_aborts_without_a_record),
        cmocka_unit_test(a_stale_shadow_reports_what_it_was_made_from),
        cmocka_unit_test(without_translation_no_fault_is_recorded),
        cmocka_unit_test(records_of_one_source_collapse),
        cmocka_unit_test(a_full_ring_overflows),
        cmocka_unit_test(the_event_comes_once_and_waits_while_masked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
