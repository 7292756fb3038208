/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of a physical SMMUv3: VMIDs, a guest's stage 1 on our stage 2. */
#include "smmuv3_rig.h"

struct nested {
    struct rig r;
    struct piommu_space *p2m;
    struct piommu_nest *nest;
};

static void start(struct nested *n, const uint32_t idr[6])
{
    rig_start(&n->r, idr);
    n->p2m = rig_space(&n->r, PIOMMU_P2M, 0);
    assert_int_equal(piommu_nest_create(n->r.piommu, n->p2m, &n->nest), 0);
}

static void stop(struct nested *n)
{
    assert_int_equal(piommu_nest_destroy(n->nest), 0);
    assert_int_equal(piommu_space_destroy(n->p2m), 0);
    rig_stop(&n->r);
}

/* ---- what reaches the STE ----------------------------------------------- */

static void only_stage_1_of_a_guests_ste_reaches_the_hardware(void **state)
{
    static const struct {
        uint64_t guest[2], ste[2];
        bool second_stage;
    } rows[] = {
        /* everything at 1, Config 5 */
        { { ~UINT64_C(0x4), ~UINT64_C(0) },
          { UINT64_C(0xf8ffffffffffffff), UINT64_C(0xf1) << 44 | 0xff },
          true },
        { { 0x1000b, 0 }, { 0x1000f, UINT64_C(1) << 44 }, true },
        /* bypass, with a stage 1 that is not used */
        { { 0x10009, ~UINT64_C(0) }, { 0xd, UINT64_C(0xf1) << 44 }, true },
        /* abort; V = 0; what a guest without stage 2 must not ask for */
        { { 0x10001, ~UINT64_C(0) }, { 0, 0 }, false },
        { { 0x1000a, ~UINT64_C(0) }, { 0, 0 }, false },
        { { 0x1000d, ~UINT64_C(0) }, { 0, 0 }, false },
        { { 0x1000f, ~UINT64_C(0) }, { 0, 0 }, false },
    };
    uint64_t reference[8], ste[8];
    struct nested n;
    unsigned int i, own;

    (void)state;
    start(&n, fake_smmuv3_idr);
    assert_int_equal(rig_attach(&n.r, SID + 1, n.p2m), 0);
    assert_true(fake_smmuv3_ste(n.r.unit, SID + 1, reference));
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct piommu_space *s = rig_nested(&n.r, n.nest, rows[i].guest[0],
                                            rows[i].guest[1]);

        assert_int_equal(rig_attach(&n.r, SID, s), 0);
        assert_true(fake_smmuv3_ste(n.r.unit, SID, ste));
        assert_int_equal(ste[0], rows[i].ste[0]);
        assert_int_equal(ste[1], rows[i].ste[1]);
        own = (ste[2] ^ reference[2]) & 0xffff;
        if ( rows[i].second_stage )
        {
            /* The p2m's stage 2, under another VMID. */
            assert_int_not_equal(own, 0);
            assert_int_equal((ste[2] ^ reference[2]) & ~UINT64_C(0xffff), 0);
            assert_int_equal(ste[3], reference[3]);
        }
        else
            assert_int_equal(ste[2] | ste[3], 0);
        assert_int_equal(ste[4] | ste[5] | ste[6] | ste[7], 0);
        rig_drop(&n.r, s);
    }
    assert_int_equal(rig_attach(&n.r, SID + 1, n.r.blocked), 0);
    stop(&n);
}

/* S1STALLD is ILLEGAL where stalls are not optional (5.2). */
static void a_guests_fault_never_stalls(void **state)
{
    unsigned int model;

    (void)state;
    for ( model = 0; model < 2; model++ )
    {
        struct idr with = idr_with(0, 3 << 24, model << 24);
        struct piommu_space *s;
        struct nested n;
        uint64_t ste[8];

        start(&n, with.word);
        s = rig_nested(&n.r, n.nest, 0x1000b, ~UINT64_C(0));
        assert_int_equal(rig_attach(&n.r, SID, s), 0);
        assert_true(fake_smmuv3_ste(n.r.unit, SID, ste));
        assert_int_equal(ste[1] >> 27 & 1, !model);
        assert_int_equal(ste[2] >> 57 & 1, 0); /* S2S */
        rig_drop(&n.r, s);
        stop(&n);
    }
}

static void a_space_is_nested_on_its_own_domain_only(void **state)
{
    struct piommu_space_config config = { .kind = PIOMMU_NESTED };
    struct piommu_space *s;
    struct nested n;

    (void)state;
    start(&n, fake_smmuv3_idr);
    config.stage1.nest = n.nest;
    assert_int_equal(piommu_space_create(n.r.piommu, &config, &s),
                     -XEN_EOPNOTSUPP);
    config.domain = &n.r.host->domain;
    config.stage1.nest = NULL;
    assert_int_equal(piommu_space_create(n.r.piommu, &config, &s),
                     -XEN_EOPNOTSUPP);
    stop(&n);
}

static void a_unit_without_stage_1_does_not_nest(void **state)
{
    struct idr with = idr_with(0, 2, 0);
    struct piommu_capabilities c;
    struct piommu_space *p2m;
    struct piommu_nest *nest;
    struct rig r;

    (void)state;
    rig_start(&r, with.word);
    piommu_capabilities(r.piommu, &c);
    assert_false(c.nested);
    p2m = rig_space(&r, PIOMMU_P2M, 0);
    assert_int_equal(piommu_nest_create(r.piommu, p2m, &nest),
                     -XEN_EOPNOTSUPP);
    assert_int_equal(piommu_space_destroy(p2m), 0);
    rig_stop(&r);
}

/* ---- VMIDs -------------------------------------------------------------- */

static void every_space_and_nest_has_a_vmid_of_its_own(void **state)
{
    struct piommu_space *mapped[3], *nested;
    unsigned int seen[5], i, j;
    struct nested n;

    (void)state;
    start(&n, fake_smmuv3_idr);
    for ( i = 0; i < ARRAY_SIZE(mapped); i++ )
    {
        mapped[i] = rig_space(&n.r, PIOMMU_MAPPED, 4);
        assert_int_equal(rig_attach(&n.r, SID, mapped[i]), 0);
        seen[i] = rig_vmid(&n.r, SID);
    }
    assert_int_equal(rig_attach(&n.r, SID, n.p2m), 0);
    seen[3] = rig_vmid(&n.r, SID);
    nested = rig_nested(&n.r, n.nest, 0x1000b, 0);
    assert_int_equal(rig_attach(&n.r, SID, nested), 0);
    seen[4] = rig_vmid(&n.r, SID);
    for ( i = 0; i < ARRAY_SIZE(seen); i++ )
        for ( j = 0, assert_int_not_equal(seen[i], 0); j < i; j++ )
            assert_int_not_equal(seen[i], seen[j]);
    rig_drop(&n.r, nested);
    for ( i = 0; i < ARRAY_SIZE(mapped); i++ )
        assert_int_equal(piommu_space_destroy(mapped[i]), 0);
    stop(&n);
}

static void a_domain_has_its_share_of_the_vmids(void **state)
{
    struct idr few = idr_with(0, 1 << 18, 0); /* 8 bits */
    struct piommu_nest *nest[256];
    struct nested n;
    unsigned int i = 0, count;
    int rc;

    (void)state;
    start(&n, few.word);
    while ( !(rc = piommu_nest_create(n.r.piommu, n.p2m, &nest[i])) )
        assert_true(++i < ARRAY_SIZE(nest));
    assert_int_equal(rc, -XEN_ENOSPC);
    /* A quarter, less the p2m's and the first nest's. */
    assert_int_equal(i, 255 / 4 - 2);
    for ( count = i, i = 0; i < count; i++ )
        assert_int_equal(piommu_nest_destroy(nest[i]), 0);
    assert_int_equal(piommu_nest_create(n.r.piommu, n.p2m, &nest[0]), 0);
    assert_int_equal(piommu_nest_destroy(nest[0]), 0);
    stop(&n);
}

static void a_nest_ends_with_its_vmid_flushed(void **state)
{
    struct fake_smmuv3_trace command[8];
    struct piommu_space *s;
    struct nested n;
    unsigned int from;
    uint64_t vmid;

    (void)state;
    start(&n, fake_smmuv3_idr);
    s = rig_nested(&n.r, n.nest, 0x1000b, 0);
    assert_int_equal(rig_attach(&n.r, SID, s), 0);
    vmid = rig_vmid(&n.r, SID);
    assert_int_equal(piommu_nest_destroy(n.nest), -XEN_EBUSY);
    rig_drop(&n.r, s);
    assert_int_equal(piommu_space_destroy(n.p2m), -XEN_EBUSY);
    from = n.r.unit->traced;
    assert_int_equal(piommu_nest_destroy(n.nest), 0);
    assert_int_equal(rig_commands(&n.r, from, command, 8), 2);
    assert_int_equal(command[0].lo, OP_S12_VMALL | VMID(vmid));
    assert_int_equal(command[1].lo, OP_SYNC);
    assert_int_equal(piommu_space_destroy(n.p2m), 0);
    rig_stop(&n.r);
}

/* ---- flushes of the p2m ------------------------------------------------- */

static void a_flush_of_the_p2m_covers_the_nests_on_it(void **state)
{
    struct fake_smmuv3_trace command[8];
    struct piommu_flush flush = { .dfn = _dfn(5), .leaf_only = true };
    struct piommu_space *a, *b;
    struct nested n;
    uint64_t vmid, own;

    (void)state;
    start(&n, fake_smmuv3_idr);
    flush.space = n.p2m;
    a = rig_nested(&n.r, n.nest, 0x1000b, 0);
    b = rig_nested(&n.r, n.nest, 0x2000b, 0);
    assert_int_equal(rig_attach(&n.r, SID, a), 0);
    assert_int_equal(rig_attach(&n.r, SID + 1, b), 0);
    vmid = rig_vmid(&n.r, SID);

    /* Nobody is in the p2m space itself; two in the nest count once. */
    assert_int_equal(rig_flush(&n.r, &flush, command, 8), 2);
    assert_int_equal(command[0].lo, OP_S2_IPA | VMID(vmid));
    assert_int_equal(command[0].hi, 0x5001);
    assert_int_equal(command[1].lo, OP_NH_ALL | VMID(vmid));

    assert_int_equal(rig_attach(&n.r, SID + 2, n.p2m), 0);
    own = rig_vmid(&n.r, SID + 2);
    assert_int_equal(rig_flush(&n.r, &flush, command, 8), 3);
    assert_int_equal(command[0].lo, OP_S2_IPA | VMID(own));
    assert_int_equal(command[1].lo, OP_S2_IPA | VMID(vmid));
    flush.all = true;
    assert_int_equal(rig_flush(&n.r, &flush, command, 8), 2);
    assert_int_equal(command[1].lo, OP_S12_VMALL | VMID(vmid));
    flush = (struct piommu_flush) { .domain = &n.r.host->domain };
    assert_int_equal(rig_flush(&n.r, &flush, command, 8), 2);

    assert_int_equal(rig_attach(&n.r, SID + 2, n.r.blocked), 0);
    assert_int_equal(rig_attach(&n.r, SID + 1, n.r.blocked), 0);
    rig_drop(&n.r, a);
    flush = (struct piommu_flush) { .space = n.p2m, .all = true };
    assert_int_equal(rig_flush(&n.r, &flush, command, 8), 0);
    assert_int_equal(piommu_space_destroy(b), 0);
    stop(&n);
}

/* More than the driver plans for, or than the queue has room for beside the
 * CMD_SYNC. */
static void too_many_vmids_are_flushed_as_one(void **state)
{
    static const struct {
        unsigned int cmdqs, most;
    } rows[] = { { 8, 16 }, { 4, 15 } };
    struct fake_smmuv3_trace command[64];
    struct piommu_space *s[17];
    unsigned int row, i;

    (void)state;
    for ( row = 0; row < ARRAY_SIZE(rows); row++ )
    {
        struct idr with = idr_with(1, 0x1f << 21, rows[row].cmdqs << 21);
        struct piommu_flush flush = { 0 };
        struct nested n;

        start(&n, with.word);
        flush.domain = &n.r.host->domain;
        for ( i = 0; i <= rows[row].most; i++ )
        {
            s[i] = rig_space(&n.r, PIOMMU_MAPPED, 4);
            assert_int_equal(rig_attach(&n.r, SID + i, s[i]), 0);
            if ( i < rows[row].most )
                assert_int_equal(rig_flush(&n.r, &flush, command, 64), i + 1);
        }
        assert_int_equal(rig_flush(&n.r, &flush, command, 64), 1);
        assert_int_equal(command[0].lo, OP_NSNH_ALL);
        while ( i-- )
        {
            assert_int_equal(rig_attach(&n.r, SID + i, n.r.blocked), 0);
            assert_int_equal(piommu_space_destroy(s[i]), 0);
        }
        stop(&n);
    }
}

/* ---- a guest's invalidations -------------------------------------------- */

#define ONES (~UINT64_C(0))

struct forward_row {
    uint64_t guest[2];
    uint64_t lo, hi; /* of ours, without VMID or StreamID */
    bool device;     /* StreamID, else VMID */
    int rc;
};

static const struct forward_row forward_rows[] = {
    { { OP_CFGI_CD | ONES << 8, ONES }, OP_CFGI_CD | 0xfffff000, 1, true, 0 },
    { { OP_CFGI_CDS | ONES << 8, ONES }, OP_CFGI_CDS, 0, true, 0 },
    { { OP_NH_ALL | ONES << 8, ONES }, OP_NH_ALL, 0, false, 0 },
    { { OP_NH_ASID | ONES << 8, ONES }, OP_NH_ASID | ONES << 48, 0, false, 0 },
    /* one address: the fields of ranges are left out */
    { { OP_NH_VA | ONES << 8, ONES & ~UINT64_C(0xc00) },
      OP_NH_VA | ONES << 48,
      ONES << 12 | 1,
      false,
      0 },
    { { OP_NH_VAA | ONES << 8, ONES & ~UINT64_C(0xc01) },
      OP_NH_VAA,
      ONES << 12,
      false,
      0 },
    /* a range */
    { { OP_NH_VA | ONES << 8, ONES },
      OP_NH_VA | ONES << 48 | 31 << 20 | 31 << 12,
      ONES << 12 | 0xf01,
      false,
      0 },
    /* the reserved one; what is not a guest's to send */
    { { OP_NH_VA, 0x401 }, 0, 0, false, -XEN_EINVAL },
    { { OP_CFGI_STE, 0 }, 0, 0, true, -XEN_EINVAL },
    { { OP_CFGI_ALL, 31 }, 0, 0, true, -XEN_EINVAL },
    { { OP_NSNH_ALL, 0 }, 0, 0, false, -XEN_EINVAL },
    { { OP_S12_VMALL, 0 }, 0, 0, false, -XEN_EINVAL },
    { { OP_S2_IPA, 0 }, 0, 0, false, -XEN_EINVAL },
    { { OP_EL2_ALL, 0 }, 0, 0, false, -XEN_EINVAL },
    { { OP_SYNC, 0 }, 0, 0, false, -XEN_EINVAL },
    { { 0xff, 0 }, 0, 0, false, -XEN_EINVAL },
};

static void invalidations_are_forwarded_under_our_names(void **state)
{
    const struct piommu_device device = { .source_id = SID };
    struct piommu_space *s;
    struct nested n;
    unsigned int i;
    uint64_t vmid;

    (void)state;
    start(&n, fake_smmuv3_idr);
    s = rig_nested(&n.r, n.nest, 0x1000b, 0);
    assert_int_equal(rig_attach(&n.r, SID, s), 0);
    vmid = rig_vmid(&n.r, SID);
    for ( i = 0; i < ARRAY_SIZE(forward_rows); i++ )
    {
        const struct forward_row *row = &forward_rows[i];
        const struct piommu_cache_invalidate invalidate = {
            .nest = n.nest,
            .device = row->device ? &device : NULL,
            .command = { row->guest[0], row->guest[1] },
        };
        struct piommu_token token = { { 0 } };
        struct fake_smmuv3_trace command[4];
        unsigned int from = n.r.unit->traced;

        assert_int_equal(
            piommu_cache_invalidate(n.r.piommu, &invalidate, &token), row->rc);
        assert_int_equal(rig_commands(&n.r, from, command, 4),
                         row->rc ? 0 : 2);
        if ( row->rc )
            continue;
        assert_int_equal(command[0].lo,
                         row->lo |
                             (row->device ? (uint64_t)SID << 32 : VMID(vmid)));
        assert_int_equal(command[0].hi, row->hi);
        assert_int_equal(piommu_flush_poll(n.r.piommu, &token), 0);
    }
    rig_drop(&n.r, s);
    stop(&n);
}

static void a_range_needs_units_that_have_it(void **state)
{
    const struct piommu_cache_invalidate invalidate = {
        .command = { OP_NH_VA | 1 << 12, 0x400 },
    };
    struct piommu_cache_invalidate ours = invalidate;
    struct idr without = idr_with(3, 1 << 10, 0);
    struct piommu_token token = { { 0 } };
    struct nested n;

    (void)state;
    start(&n, without.word);
    ours.nest = n.nest;
    assert_int_equal(piommu_cache_invalidate(n.r.piommu, &ours, &token),
                     -XEN_EINVAL);
    stop(&n);
}

static void an_invalidation_that_names_no_device_is_refused(void **state)
{
    const struct piommu_device beyond = { .unit = 1 };
    struct piommu_cache_invalidate invalidate = {
        .command = { OP_CFGI_CDS, 0 },
    };
    struct piommu_token token = { { 0 } };
    struct nested n;

    (void)state;
    start(&n, fake_smmuv3_idr);
    invalidate.nest = n.nest;
    assert_int_equal(piommu_cache_invalidate(n.r.piommu, &invalidate, &token),
                     -XEN_EINVAL);
    invalidate.device = &beyond;
    assert_int_equal(piommu_cache_invalidate(n.r.piommu, &invalidate, &token),
                     -XEN_EINVAL);
    /* Nobody uses the nest: there is nothing to invalidate. */
    invalidate.command[0] = OP_NH_ALL;
    assert_int_equal(piommu_cache_invalidate(n.r.piommu, &invalidate, &token),
                     0);
    assert_int_equal(token.sequence[0], 0);
    stop(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_stage_1_of_a_guests_ste_reaches_the_hardware),
        cmocka_unit_test(a_guests_fault_never_stalls),
        cmocka_unit_test(a_space_is_nested_on_its_own_domain_only),
        cmocka_unit_test(a_unit_without_stage_1_does_not_nest),
        cmocka_unit_test(every_space_and_nest_has_a_vmid_of_its_own),
        cmocka_unit_test(a_domain_has_its_share_of_the_vmids),
        cmocka_unit_test(a_nest_ends_with_its_vmid_flushed),
        cmocka_unit_test(a_flush_of_the_p2m_covers_the_nests_on_it),
        cmocka_unit_test(too_many_vmids_are_flushed_as_one),
        cmocka_unit_test(invalidations_are_forwarded_under_our_names),
        cmocka_unit_test(a_range_needs_units_that_have_it),
        cmocka_unit_test(an_invalidation_that_names_no_device_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
