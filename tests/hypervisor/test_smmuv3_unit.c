/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of a physical SMMUv3: taking it over. */
#include "smmuv3_rig.h"

#define CR0      0x20
#define CR2      0x2c
#define GBPA     0x44
#define IRQ_CTRL 0x50

static int init(struct host *host, struct piommu **piommu)
{
    const struct piommu_events events = { .fault = NULL };

    return piommu_init(host, &events, piommu);
}

/* Registers and commands in the order of 3.11 and 6.3.9. */
static void the_unit_is_started_in_the_order_of_the_specification(void **state)
{
    static const struct fake_smmuv3_trace expected[] = {
        { false, GBPA, 1u << 31 | 1u << 20 },
        { false, IRQ_CTRL, 0 },
        { false, CR0, 0 },
        { false, CR2, 0x6 }, /* PTM, RECINVSID */
        { false, CR0, 0x8 },
        { true, OP_CFGI_ALL, 31 },
        { true, OP_NSNH_ALL, 0 },
        { true, OP_SYNC, 0 },
        { false, CR0, 0xc },
        { false, IRQ_CTRL, 0x5 },
        { false, CR0, 0xd },
    };
    struct rig r;
    unsigned int i, at = 0;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    for ( i = 0; i < r.unit->traced && at < ARRAY_SIZE(expected); i++ )
        at += rig_is(&r.unit->trace[i], &expected[at]);
    assert_int_equal(at, ARRAY_SIZE(expected));
    /* Base registers are written while what uses them is off. */
    for ( i = 0, at = 0; i < r.unit->traced; i++ )
    {
        const struct fake_smmuv3_trace *t = &r.unit->trace[i];

        if ( t->command )
            continue;
        if ( t->lo == CR0 )
            at = (unsigned int)t->hi;
        if ( t->lo == 0x80 || t->lo == 0x88 || t->lo == 0x28 || t->lo == CR2 )
            assert_int_equal(at, 0);
        if ( t->lo == 0x90 )
            assert_false(at & 0x8);
        if ( t->lo == 0xa0 || t->lo == 0x100a8 )
            assert_false(at & 0x4);
    }
    rig_stop(&r);
}

static unsigned int count_of(const struct rig *r, bool command, uint64_t lo,
                             uint64_t hi)
{
    const struct fake_smmuv3_trace wanted = { command, lo, hi };
    unsigned int i, n = 0;

    for ( i = 0; i < r->unit->traced; i++ )
        n += rig_is(&r->unit->trace[i], &wanted);
    return n;
}

static void features_ask_for_more_at_the_start(void **state)
{
    static const struct {
        uint32_t idr0;
        struct fake_smmuv3_trace wanted;
    } rows[] = {
        { 1 << 9, { true, OP_EL2_ALL, 0 } },      /* HYP */
        { 1 << 10, { false, CR0, 0x1d } },        /* ATS: ATSCHK */
        { 1 << 13, { false, 0xb0, 0xfee01000 } }, /* MSI: EVENTQ */
        { 1 << 13, { false, 0x70, 0x40 } },       /* GERROR */
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        const struct fake_smmuv3_trace *w = &rows[i].wanted;
        struct idr with = idr_with(0, 0, rows[i].idr0);
        struct rig r;

        rig_start(&r, with.word);
        assert_int_equal(count_of(&r, w->command, w->lo, w->hi), 1);
        rig_stop(&r);
        rig_start(&r, fake_smmuv3_idr);
        assert_int_equal(count_of(&r, w->command, w->lo, w->hi), 0);
        rig_stop(&r);
    }
}

static void unsuitable_units_are_refused_untouched(void **state)
{
    static const struct {
        unsigned int index;
        uint32_t clear, set;
    } rows[] = {
        { 0, 1, 0 },               /* no stage 2 */
        { 0, 0xc, 0x4 },           /* AArch32 only */
        { 0, 3 << 21, 3u << 21 },  /* big endian */
        { 0, 3 << 24, 2 << 24 },   /* stall forced */
        { 1, 0, 1u << 29 },        /* queues preset */
        { 1, 0, 1u << 30 },        /* tables preset */
        { 1, 31u << 21, 3 << 21 }, /* 8 commands */
        { 5, 1 << 4, 0 },          /* no 4 KiB */
        { 0, 3 << 27, 0 },         /* linear only: 16 bits are fine, */
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct idr with = idr_with(rows[i].index, rows[i].clear, rows[i].set);
        struct piommu *piommu;
        struct host *host;

        if ( rows[i].clear == 3 << 27 )
            with.word[1]++; /* 17 are not */
        host = fake_smmuv3_host(true, with.word);
        assert_int_equal(init(host, &piommu), -XEN_EOPNOTSUPP);
        assert_int_equal(host->unit.smmu->traced, 0);
        assert_int_equal(host->tables + host->allocations, 0);
        fake_free(host);
    }
}

static void a_host_with_both_architectures_is_refused(void **state)
{
    struct host *host = fake_host(true, fake_unit_cap(), 0x2);
    struct piommu *piommu;

    (void)state;
    fake_smmuv3_second(host, fake_smmuv3_idr);
    assert_int_equal(init(host, &piommu), -XEN_EOPNOTSUPP);
    assert_int_equal(host->tables + host->allocations, 0);
    fake_free(host);
}

static void a_unit_that_does_not_acknowledge_is_given_up(void **state)
{
    struct host *host = fake_smmuv3_host(true, fake_smmuv3_idr);
    struct piommu *piommu;

    (void)state;
    host->unit.smmu->deaf = true;
    assert_int_equal(init(host, &piommu), -XEN_EIO);
    assert_int_equal(host->allocations, 0);
    fake_free(host);
}

static void a_start_without_memory_gives_all_back(void **state)
{
    int n, rc = -XEN_ENOMEM;

    (void)state;
    for ( n = 1; rc; n++ )
    {
        struct host *host = fake_smmuv3_host(true, fake_smmuv3_idr);
        struct piommu *piommu;

        host->fail_alloc = n;
        rc = init(host, &piommu);
        assert_true(!rc || rc == -XEN_ENOMEM);
        if ( !rc )
            piommu_fini(piommu);
        assert_int_equal(host->tables + host->allocations, 0);
        fake_free(host);
    }
    assert_true(n > 5);
}

static void capabilities_are_what_all_units_have(void **state)
{
    struct idr a = idr_with(0, 0, 1u << 14), b = idr_with(5, 7, 2);
    struct piommu_capabilities c;
    struct piommu *piommu;
    struct host *host;

    (void)state;
    a.word[0] &= ~(1u << 19);                     /* no CD2L, SEV */
    b.word[0] |= 1u << 26;                        /* TERM_MODEL */
    b.word[1] = 20 | 4 << 6 | 10 << 16 | 5 << 21; /* more SIDs, fewer SSIDs */
    b.word[3] = 1 << 11;                          /* BBML 1, no RIL */
    host = fake_smmuv3_host(true, a.word);
    fake_smmuv3_second(host, b.word);
    assert_int_equal(init(host, &piommu), 0);
    piommu_capabilities(piommu, &c);
    assert_int_equal(c.type, HOST_UNIT_SMMUV3);
    assert_true(c.nested);
    assert_int_equal(c.smmuv3_idr[0],
                     (fake_smmuv3_idr[0] & ~(1u << 19)) | 1u << 26);
    assert_int_equal(c.smmuv3_idr[1], 16 | 4 << 6 | 7 << 16 | 5 << 21);
    assert_int_equal(c.smmuv3_idr[3], 1 << 11);
    assert_int_equal(c.smmuv3_idr[5], 2 | 7 << 4);
    assert_int_equal(c.max_width, 39); /* 40 bits of output, level 1 */
    assert_int_equal(c.widths, 1u << 3);
    assert_int_equal(c.superpages, 0);
    piommu_fini(piommu);
    assert_int_equal(host->tables + host->allocations, 0);
    fake_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_unit_is_started_in_the_order_of_the_specification),
        cmocka_unit_test(features_ask_for_more_at_the_start),
        cmocka_unit_test(unsuitable_units_are_refused_untouched),
        cmocka_unit_test(a_host_with_both_architectures_is_refused),
        cmocka_unit_test(a_unit_that_does_not_acknowledge_is_given_up),
        cmocka_unit_test(a_start_without_memory_gives_all_back),
        cmocka_unit_test(capabilities_are_what_all_units_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
