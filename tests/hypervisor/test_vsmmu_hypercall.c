/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vsmmuv3 by its hypercalls: what may be created, who comes and goes when. */
#include "vsmmu_guest.h"

static bool blocked(struct guest *g, uint32_t psid)
{
    uint64_t ste[8];

    vguest_physical_ste(g, psid, ste);
    return !(ste[0] & 1);
}

static void fields_are_checked_one_by_one(void **state)
{
    static const struct {
        size_t offset, size;
        uint64_t value;
        int rc;
    } rows[] = {
#define ROW(field, v, rc)                                                     \
    { offsetof(struct xen_dmop_viommu_op, field),                             \
      sizeof(((struct xen_dmop_viommu_op *)0)->field), v, rc }
        ROW(u.create_smmuv3.type, XEN_VIOMMU_TYPE_vtd, -XEN_EOPNOTSUPP),
        ROW(u.create_smmuv3.type, 2, -XEN_EOPNOTSUPP),
        ROW(u.create_smmuv3.type, UINT32_MAX, -XEN_EOPNOTSUPP),
        ROW(u.create_smmuv3.capabilities, 8, -XEN_EINVAL),
        ROW(u.create_smmuv3.capabilities, XEN_VIOMMU_CAPABILITY_l2_translation,
            -XEN_EOPNOTSUPP),
        ROW(u.create_smmuv3.base_address, BASE, -XEN_EEXIST),
        ROW(u.create_smmuv3.base_address, BASE + 0x10000, -XEN_EEXIST),
        ROW(u.create_smmuv3.base_address, BASE - 0x10000, -XEN_EEXIST),
        ROW(u.create_smmuv3.base_address, BASE + 0x20000, 0),
        ROW(u.create_smmuv3.base_address, BASE + 0x21000, -XEN_EINVAL),
        ROW(u.create_smmuv3.base_address, BIT(52), -XEN_EINVAL),
        ROW(u.create_smmuv3.flags, 1, -XEN_EINVAL),
        ROW(u.create_smmuv3.pad3, 1, -XEN_EINVAL),
        ROW(u.create_smmuv3.aidr, 0x10, -XEN_EINVAL),
        ROW(u.create_smmuv3.aidr, 0x100, -XEN_EINVAL),
        ROW(u.create_smmuv3.iidr, 0x43b, 0),
        ROW(u.create_smmuv3.virq_eventq, 31, -XEN_EINVAL),
        ROW(u.create_smmuv3.virq_gerror, 1020, -XEN_EINVAL),
        ROW(u.create_smmuv3.virq_sync, UINT32_MAX, -XEN_EINVAL),
#undef ROW
    };
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;

        vguest_start(&g);
        op = vguest_create_op(&g);
        op.u.create_smmuv3.base_address = BASE + 0x40000;
        memcpy((char *)&op + rows[i].offset, &rows[i].value, rows[i].size);
        assert_int_equal(guest_call(&g, &op), rows[i].rc);
        guest_stop(&g);
    }
}

static void no_more_is_told_than_hardware_and_code_can_do(void **state)
{
    static const struct {
        unsigned int word; /* 0, 1, 3, 5 */
        uint32_t clear, set;
        int rc;
    } rows[] = {
        { 0, 0, 0, 0 },
        { 0, 1 << 4 | 1 << 12 | 1 << 19, 0, 0 }, /* less is fine */
        { 0, 0, 1, -XEN_EOPNOTSUPP },            /* S2P */
        { 0, 2, 0, -XEN_EOPNOTSUPP },            /* no S1P */
        { 0, 3 << 2, 1 << 2, -XEN_EOPNOTSUPP },  /* TTF: AArch32 */
        { 0, 0, 1 << 2, -XEN_EOPNOTSUPP },
        { 0, 0, 1 << 5, -XEN_EOPNOTSUPP },  /* BTM */
        { 0, 0, 1 << 6, -XEN_EOPNOTSUPP },  /* HTTU */
        { 0, 0, 1 << 9, -XEN_EOPNOTSUPP },  /* HYP */
        { 0, 0, 1 << 10, 0 },               /* ATS: of virtual devices */
        { 0, 0, 1 << 13, -XEN_EOPNOTSUPP }, /* MSI */
        { 0, 0, 1 << 14, -XEN_EOPNOTSUPP }, /* SEV: hardware has none */
        { 0, 0, 1 << 16, -XEN_EOPNOTSUPP }, /* PRI */
        { 0, 0, 1 << 18, -XEN_EOPNOTSUPP }, /* VMID16 */
        { 0, 3 << 21, 0, -XEN_EOPNOTSUPP }, /* TTENDIAN */
        { 0, 0, 1 << 21, -XEN_EOPNOTSUPP },
        { 0, 3 << 24, 0, -XEN_EOPNOTSUPP }, /* STALL_MODEL */
        { 0, 0, 1 << 26, -XEN_EOPNOTSUPP }, /* TERM_MODEL as hardware's */
        { 0, 0, 2 << 27, -XEN_EOPNOTSUPP }, /* ST_LEVEL */
        { 0, 3 << 27, 0, -XEN_EINVAL },     /* two levels are mandatory */
        { 0, 0, 1u << 31, -XEN_EOPNOTSUPP },
        { 1, 0x3f, 6, 0 }, /* SIDSIZE */
        { 1, 0x3f, 33, -XEN_EOPNOTSUPP },
        { 1, 0x1f << 6, 0, 0 }, /* SSIDSIZE */
        { 1, 0x1f << 6, 9 << 6, -XEN_EOPNOTSUPP },
        { 1, 0, 1 << 11, -XEN_EOPNOTSUPP }, /* PRIQS */
        { 1, 0x1f << 16, 20 << 16, -XEN_EOPNOTSUPP },
        { 1, 0x1f << 21, 20 << 21, -XEN_EOPNOTSUPP },
        { 1, 0x1f << 21, 1 << 21, 0 },
        { 1, 0, 1 << 26, -XEN_EOPNOTSUPP }, /* ATTR_PERMS_OVR */
        { 1, 0, 1 << 27, -XEN_EOPNOTSUPP },
        { 1, 0, 1u << 31, -XEN_EOPNOTSUPP }, /* ECMDQ */
        { 3, 0, 1 << 2, -XEN_EOPNOTSUPP },   /* HAD: hardware has none */
        { 3, 0, 1 << 4, -XEN_EOPNOTSUPP },   /* XNX */
        { 3, 0, 1 << 9, -XEN_EOPNOTSUPP },   /* STT */
        { 3, 1 << 10 | 3 << 11, 0, 0 },
        { 3, 0, 3 << 11, -XEN_EOPNOTSUPP }, /* BBML */
        { 5, 7, 2, 0 },                     /* OAS */
        { 5, 7, 6, -XEN_EOPNOTSUPP },
        { 5, 7 << 4, 1 << 4, 0 },
        { 5, 7 << 4, 0, -XEN_EINVAL },      /* no granule */
        { 5, 0, 1 << 7, -XEN_EOPNOTSUPP },  /* DS */
        { 5, 0, 1 << 16, -XEN_EOPNOTSUPP }, /* STALL_MAX */
    };
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op;
        uint32_t *idr[] = { &op.u.create_smmuv3.idr0,
                            &op.u.create_smmuv3.idr1,
                            NULL,
                            &op.u.create_smmuv3.idr3,
                            NULL,
                            &op.u.create_smmuv3.idr5 };

        vguest_start(&g);
        op = vguest_create_op(&g);
        op.u.create_smmuv3.base_address = BASE + 0x20000;
        *idr[rows[i].word] = (*idr[rows[i].word] & ~rows[i].clear) |
                             rows[i].set;
        if ( rows[i].word == 1 && rows[i].clear == 0x3f && !rows[i].rc )
            op.u.create_smmuv3.idr0 &= ~(3u << 27); /* one level will do */
        assert_int_equal(guest_call(&g, &op), rows[i].rc);
        guest_stop(&g);
    }
}

static void the_type_is_that_of_the_physical_units(void **state)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_query_capability,
        .domid = FAKE_DOMID,
    };
    struct viommu_registry *registry;
    struct host *host;
    struct guest g;

    (void)state;
    vguest_start(&g);
    op.u.query.type = XEN_VIOMMU_TYPE_vtd;
    assert_int_equal(guest_call(&g, &op), -XEN_EOPNOTSUPP);
    guest_stop(&g);

    host = fake_host(true, fake_unit_cap(), 0x2);
    assert_int_equal(viommu_init(host, &registry), 0);
    op.u.query.type = XEN_VIOMMU_TYPE_smmuv3;
    assert_int_equal(viommu_hypercall(registry, &op), -XEN_EOPNOTSUPP);
    op.cmd = XEN_DMOP_viommu_create;
    assert_int_equal(viommu_hypercall(registry, &op), -XEN_EOPNOTSUPP);
    viommu_fini(registry);
    fake_free(host);
}

static void a_unit_that_stalls_can_not_carry_it(void **state)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_query_capability,
        .domid = FAKE_DOMID,
        .u.query_smmuv3.type = XEN_VIOMMU_TYPE_smmuv3,
    };
    struct viommu_registry *registry;
    struct host *host;
    uint32_t idr[6];

    (void)state;
    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[0] &= ~(3u << 24);
    host = fake_smmuv3_host(true, idr);
    assert_int_equal(viommu_init(host, &registry), 0);
    assert_int_equal(viommu_hypercall(registry, &op), -XEN_EOPNOTSUPP);
    viommu_fini(registry);
    fake_free(host);
}

static void stream_ids_are_unique_in_a_unit(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    guest_assign(&g, PSID + 1);
    assert_int_equal(guest_attach(&g, SID, PSID + 1), -XEN_EEXIST);
    assert_int_equal(guest_attach(&g, SID + 1, PSID), -XEN_EEXIST);
    assert_int_equal(guest_attach(&g, UINT32_MAX, PSID + 1), 0);
    assert_int_equal(guest_detach(&g, UINT32_MAX - 1), -XEN_ENOENT);
    assert_int_equal(guest_detach(&g, UINT32_MAX), 0);
    guest_stop(&g);
}

/* ---- coming and going while it runs ------------------------------------- */

static void a_device_that_comes_is_where_its_ste_says(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    guest_assign(&g, PSID + 1);
    assert_false(blocked(&g, PSID + 1));
    assert_int_equal(guest_attach(&g, SID + 1, PSID + 1), 0);
    assert_true(blocked(&g, PSID + 1));
    assert_int_equal(guest_detach(&g, SID + 1), 0);
    assert_false(blocked(&g, PSID + 1));
    vguest_ste(&g, SID + 1, STE_S1 | CDS, 0);
    assert_int_equal(guest_attach(&g, SID + 1, PSID + 1), 0);
    assert_int_equal(vguest_vmid(&g, PSID + 1) != 0, 1);
    assert_false(blocked(&g, PSID + 1));
    guest_stop(&g);
}

static void everything_may_go_in_the_middle_of_a_command(void **state)
{
    struct guest g;
    unsigned int what;

    (void)state;
    for ( what = 0; what < 4; what++ )
    {
        vguest_start(&g);
        vguest_ste(&g, SID, STE_S1 | CDS, 0);
        vguest_enable(&g);
        g.unit->hold = true;
        vguest_command(&g, OP_NH_ALL, 0);
        vguest_command(&g, OP_CFGI_STE | CMD_SID(SID), 1);
        vguest_command(&g, OP_SYNC, 0);
        fake_run_some(g.host, 3 + what % 2);
        fake_smmuv3_answer(g.unit);
        if ( what < 2 )
            assert_int_equal(guest_destroy(&g), 0);
        else
            assert_int_equal(guest_detach(&g, SID), 0);
        fake_run(g.host);
        assert_false(blocked(&g, PSID));
        guest_stop(&g);
    }
}

static void with_little_budget_all_is_done_all_the_same(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    g.host->budget = 1;
    vguest_ste(&g, SID, STE_S1 | CDS, 0);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    guest_assign(&g, PSID + 1);
    assert_int_equal(guest_attach(&g, SID + 1, PSID + 1), 0);
    assert_int_equal(guest_destroy(&g), 0);
    guest_stop(&g);
}

/* ---- others ------------------------------------------------------------- */

static void two_domains_never_share_a_tag(void **state)
{
    const uint64_t physical[4] = { 0x0a | CMD_SID(PSID + 2) };
    struct fake_smmuv3_trace done[8];
    struct guest a, b;
    uint64_t event[4];
    unsigned int from;

    (void)state;
    vguest_start(&a);
    vguest_second(&b, &a);
    vguest_ste(&a, SID, STE_S1 | CDS, 0);
    vguest_ste(&b, SID, STE_S1 | CDS, 0);
    vguest_enable(&a);
    vguest_enable(&b);
    assert_int_not_equal(vguest_vmid(&a, PSID), vguest_vmid(&b, PSID + 2));

    /* The same StreamID, the same ASID, the same VMID that it asks for. */
    from = a.unit->traced;
    vguest_command(&a, OP_NH_ASID | UINT64_C(1) << 48, 0);
    vguest_command(&a, OP_CFGI_CDS | CMD_SID(SID), 0);
    vguest_sync(&a);
    assert_int_equal(vguest_executed(&a, from, done, 8), 2);
    assert_int_equal(done[0].lo >> 32 & 0xffff, vguest_vmid(&a, PSID));
    assert_int_equal(done[1].lo >> 32, PSID);

    vguest_physical_event(&a, physical);
    assert_false(vguest_take_event(&a, event));
    assert_true(vguest_take_event(&b, event));
    assert_int_equal(event[0], 0x0a | CMD_SID(SID));
    guest_stop(&a);
}

static void two_units_of_one_domain_have_their_own_tags(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g, other;

    (void)state;
    vguest_start(&g);
    vguest_ste(&g, SID, STE_S1 | CDS, 0);
    vguest_enable(&g);
    guest_assign(&g, PSID + 1);
    other = g;
    op = vguest_create_op(&g);
    op.u.create_smmuv3.base_address = BASE + 0x20000;
    assert_int_equal(guest_call(&g, &op), 0);
    other.id = op.u.create_smmuv3.viommu_id;
    assert_int_equal(guest_attach(&other, SID, PSID + 1), 0);
    assert_int_equal(
        viommu_mmio_write(g.d, BASE + 0x20000 + R_STRTAB_BASE, 8, STRTAB),
        VIOMMU_DONE);
    assert_int_equal(viommu_mmio_write(g.d, BASE + 0x20000 + R_STRTAB_BASE_CFG,
                                       4, SID_BITS),
                     VIOMMU_DONE);
    assert_int_equal(
        viommu_mmio_write(g.d, BASE + 0x20000 + R_CR0, 4, CR0_SMMUEN),
        VIOMMU_DONE);
    fake_run(g.host);
    assert_false(blocked(&g, PSID + 1));
    assert_int_not_equal(vguest_vmid(&g, PSID), vguest_vmid(&g, PSID + 1));
    guest_stop(&g);
}

static void devices_may_be_on_several_physical_units(void **state)
{
    const uint64_t physical[4] = { 0x0a | CMD_SID(PSID + 1) };
    struct fake_smmuv3_trace first[4], second[4];
    unsigned int from, other_from;
    struct guest g, other;
    uint64_t event[4];
    struct host *host = fake_smmuv3_host(true, fake_smmuv3_idr);

    (void)state;
    fake_smmuv3_second(host, fake_smmuv3_idr);
    host->pdev_unit[1] = 1;
    vguest_start_on(&g, host);
    guest_assign(&g, PSID + 1);
    assert_int_equal(guest_attach(&g, SID + 1, PSID + 1), 0);
    vguest_ste(&g, SID, STE_S1 | CDS, 0);
    vguest_ste(&g, SID + 1, STE_S1 | CDS, 0);
    vguest_enable(&g);
    other = g;
    other.unit = host->other.smmu;

    from = g.unit->traced;
    other_from = other.unit->traced;
    vguest_command(&g, OP_NH_ALL, 0);
    vguest_command(&g, OP_CFGI_CDS | CMD_SID(SID + 1), 0);
    other.unit->hold = true;
    vguest_command(&g, OP_SYNC, 0);
    fake_run_some(host, 50);
    assert_false(vguest_queue_empty(&g)); /* all of them must answer */
    fake_smmuv3_answer(other.unit);
    fake_run(host);
    assert_true(vguest_queue_empty(&g));
    assert_int_equal(vguest_executed(&g, from, first, 4), 1);
    assert_int_equal(vguest_executed(&other, other_from, second, 4), 2);
    assert_int_equal(second[0].lo & 0xff, OP_NH_ALL);
    assert_int_equal(second[1].lo, OP_CFGI_CDS | CMD_SID(PSID + 1));

    fake_smmuv3_event(other.unit, physical);
    viommu_unit_interrupt(g.registry, 1);
    fake_run(host);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], 0x0a | CMD_SID(SID + 1));
    guest_stop(&g);
}

/* The k-th allocation fails, for every k: refused, or done, and nothing lost.
 */
static void a_failed_allocation_leaves_nothing_behind(void **state)
{
    struct guest g;
    int fail, rc = -XEN_ENOMEM;

    (void)state;
    for ( fail = 1; rc; fail++ )
    {
        struct xen_dmop_viommu_op op;

        vguest_start(&g);
        assert_int_equal(guest_destroy(&g), 0);
        op = vguest_create_op(&g);
        g.host->fail_alloc = fail;
        rc = guest_call(&g, &op);
        g.host->fail_alloc = 0;
        assert_true(!rc || rc == -XEN_ENOMEM);
        guest_stop(&g);
    }
    assert_int_equal(fail, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_checked_one_by_one),
        cmocka_unit_test(no_more_is_told_than_hardware_and_code_can_do),
        cmocka_unit_test(the_type_is_that_of_the_physical_units),
        cmocka_unit_test(a_unit_that_stalls_can_not_carry_it),
        cmocka_unit_test(stream_ids_are_unique_in_a_unit),
        cmocka_unit_test(a_device_that_comes_is_where_its_ste_says),
        cmocka_unit_test(everything_may_go_in_the_middle_of_a_command),
        cmocka_unit_test(with_little_budget_all_is_done_all_the_same),
        cmocka_unit_test(two_domains_never_share_a_tag),
        cmocka_unit_test(two_units_of_one_domain_have_their_own_tags),
        cmocka_unit_test(devices_may_be_on_several_physical_units),
        cmocka_unit_test(a_failed_allocation_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
