/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the wrong one, or beyond what there is: it is refused, and
 * nothing happens. */
#include "guest.h"
#undef BASE
#undef SID
#include "smmuv3_rig.h"

static void start_vtd(struct rig *r)
{
    rig_start_on(r, fake_host(true, fake_unit_cap(), 0x2), 0x100);
    r->silent = &r->host->unit.silent;
}

static void an_attach_names_a_unit_and_a_source_that_exist(void **state)
{
    struct piommu_space *s;
    struct rig r;

    (void)state;
    start_vtd(&r);
    s = rig_space(&r, PIOMMU_MAPPED, 4);
    assert_int_equal(piommu_attach(r.piommu,
                                   &(struct piommu_device) { .unit = 1 },
                                   PIOMMU_NO_PASID, s),
                     -XEN_EINVAL);
    assert_int_equal(rig_attach(&r, 0x10000, s), -XEN_EINVAL);
    assert_int_equal(
        piommu_attach(r.piommu, &(struct piommu_device) { .unit = 0 }, 1, s),
        -XEN_EOPNOTSUPP);
    assert_int_equal(piommu_space_destroy(s), 0);
    rig_stop(&r);
}

static void events_of_no_unit_are_none(void **state)
{
    struct piommu_event_count count = { .recorded = 5 };
    struct rig r;

    (void)state;
    start_vtd(&r);
    piommu_interrupt(r.piommu, 7);
    piommu_event_count(r.piommu, 7, &count);
    assert_int_equal(count.recorded, 0);
    assert_int_equal(r.faults, 0);
    rig_stop(&r);
}

static void a_mapping_has_an_order_and_an_address_of_its_space(void **state)
{
    struct piommu_space *s;
    struct rig r;

    (void)state;
    start_vtd(&r);
    s = rig_space(&r, PIOMMU_MAPPED, 3);
    assert_int_equal(piommu_map(r.blocked, _dfn(0), _mfn(1), 0, PIOMMU_READ),
                     -XEN_EINVAL);
    assert_int_equal(piommu_map(s, _dfn(0), _mfn(0), 5, PIOMMU_READ),
                     -XEN_EINVAL);
    assert_int_equal(piommu_map(s, _dfn(0), _mfn(0), 27, PIOMMU_READ),
                     -XEN_EINVAL);
    assert_int_equal(
        piommu_map(s, _dfn(UINT64_C(1) << 27), _mfn(1), 0, PIOMMU_READ),
        -XEN_EINVAL);
    assert_int_equal(piommu_unmap(r.blocked, _dfn(0), 0), -XEN_EINVAL);
    assert_int_equal(piommu_unmap(s, _dfn(0), 5), -XEN_EINVAL);
    assert_int_equal(piommu_unmap(s, _dfn(0), 27), -XEN_EINVAL);
    /* Nothing is there. */
    assert_int_equal(piommu_unmap(s, _dfn(UINT64_C(1) << 27), 0), 0);
    assert_int_equal(piommu_unmap(s, _dfn(0), 0), 0);
    /* A table in the way of a larger page: its entries, one by one. */
    assert_int_equal(piommu_map(s, _dfn(3), _mfn(7), 0, PIOMMU_READ), 0);
    assert_int_equal(piommu_map(s, _dfn(0), _mfn(0x200), 9, PIOMMU_READ),
                     -XEN_EEXIST);
    assert_int_equal(piommu_unmap(s, _dfn(0), 9), 0);
    assert_int_equal(piommu_map(s, _dfn(0), _mfn(0x200), 9, PIOMMU_READ), 0);
    assert_int_equal(piommu_unmap(s, _dfn(0), 18), 0);
    assert_int_equal(piommu_space_destroy(s), 0);
    rig_stop(&r);
}

static void a_space_is_of_a_kind_that_the_units_have(void **state)
{
    static const struct piommu_space_config rows[] = {
        { .kind = PIOMMU_NESTED },
        { .kind = PIOMMU_SHADOW }, /* without a root */
        { .kind = PIOMMU_MAPPED, .levels = 2 },
        { .kind = PIOMMU_MAPPED, .levels = 32 },
    };
    struct piommu_space *s;
    struct rig r;
    unsigned int i;

    (void)state;
    start_vtd(&r);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
        assert_int_equal(piommu_space_create(r.piommu, &rows[i], &s),
                         -XEN_EOPNOTSUPP);
    rig_stop(&r);
    /* Break before make: no shadows. */
    rig_start(&r, fake_smmuv3_idr);
    assert_int_equal(piommu_space_create(r.piommu, &rows[1], &s),
                     -XEN_EOPNOTSUPP);
    assert_int_equal(piommu_space_create(r.piommu, &rows[0], &s),
                     -XEN_EOPNOTSUPP);
    rig_stop(&r);
}

/* A domain that has nothing, and an address where nothing is. */
static void registers_that_are_nobodys_are_the_device_models(void **state)
{
    uint64_t value = 0;
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    fake_second_domain(g.host);
    assert_false(viommu_mmio_accept(g.host->second, g.base));
    assert_int_equal(viommu_mmio_read(g.host->second, g.base, 4, &value),
                     VIOMMU_TO_DEVICE_MODEL);
    assert_true(value == UINT64_MAX);
    assert_int_equal(viommu_mmio_write(g.host->second, g.base, 4, 0),
                     VIOMMU_TO_DEVICE_MODEL);
    assert_true(viommu_mmio_accept(g.d, g.base + 0xfff));
    assert_false(viommu_mmio_accept(g.d, g.base + 0x1000));
    assert_int_equal(viommu_mmio_read(g.d, g.base + 0x1000, 4, &value),
                     VIOMMU_TO_DEVICE_MODEL);
    assert_int_equal(viommu_mmio_write(g.d, g.base - 4, 4, 0),
                     VIOMMU_TO_DEVICE_MODEL);
    assert_int_equal(viommu_deassign(g.registry, g.host->second, 0x102),
                     -XEN_ENOENT);
    assert_int_equal(
        viommu_p2m_changed(g.registry, g.host->second, _gfn(0), 0), 0);
    guest_stop(&g);
}

static void a_domain_that_has_nothing_may_ask_what_there_is(void **state)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_query_capability,
                                     .domid = FAKE_DOMID + 1 };
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    fake_second_domain(g.host);
    assert_int_equal(guest_call(&g, &op), 0);
    assert_int_equal(op.u.query.shadow_pages, 0);
    assert_int_not_equal(op.u.query.shadow_limit, 0);
    guest_stop(&g);
}

/* What is reserved in an operation is zero (public/viommu.h). */
static void what_is_reserved_is_zero(void **state)
{
    static const struct {
        uint32_t cmd;
        size_t pad3;
    } rows[] = {
#define ROW(name, field)                                                      \
    { XEN_DMOP_viommu_##name, offsetof(struct xen_dmop_viommu_op, u.field) }
        ROW(detach, detach.pad3),
        ROW(attach_vpdev, attach_vpdev.pad3),
        ROW(dma_translation_for_vpdev, translation.pad3),
        ROW(dma_drain_completed, drain_completed.pad3),
        ROW(dma_copy_for_vpdev, copy.pad3),
#undef ROW
    };
    struct guest g;
    unsigned int i;

    (void)state;
    guest_start(&g, true, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op = guest_op(&g, rows[i].cmd);

        *(uint32_t *)((char *)&op + rows[i].pad3) = 1;
        assert_int_equal(guest_call(&g, &op), -XEN_EINVAL);
    }
    guest_stop(&g);
}

/* Its teardown has begun: nobody gets anything from it any more. */
static void one_that_could_not_be_destroyed_is_nobodys(void **state)
{
    static const uint32_t cmds[] = { XEN_DMOP_viommu_attach,
                                     XEN_DMOP_viommu_detach,
                                     XEN_DMOP_viommu_attach_vpdev,
                                     XEN_DMOP_viommu_dma_translation_for_vpdev,
                                     XEN_DMOP_viommu_dma_drain_completed,
                                     XEN_DMOP_viommu_dma_copy_for_vpdev };
    struct guest g;
    uint64_t value;
    unsigned int i;

    (void)state;
    guest_start(&g, true, 0);
    guest_context(&g, 0x10, TOP | 1, 2 | DID << 8);
    guest_enable(&g);
    g.host->unit.silent = true;
    assert_int_equal(guest_destroy(&g), -XEN_EIO);
    for ( i = 0; i < ARRAY_SIZE(cmds); i++ )
    {
        struct xen_dmop_viommu_op op = guest_op(&g, cmds[i]);

        assert_int_equal(guest_call(&g, &op), -XEN_ENOENT);
    }
    assert_false(viommu_mmio_accept(g.d, g.base));
    assert_int_equal(viommu_mmio_read(g.d, g.base, 4, &value),
                     VIOMMU_TO_DEVICE_MODEL);
    assert_int_equal(guest_destroy(&g), -XEN_EIO);
    /* Nothing can be given back: no census. */
    fake_free(g.host);
}

/* Of a domain that has no vIOMMU, nor ever had one. */
static void a_device_model_asks_nothing_of_a_domain_without_any(void **state)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_dma_drain_completed, .domid = FAKE_DOMID + 1
    };
    struct guest g;

    (void)state;
    guest_start(&g, true, 0);
    fake_second_domain(g.host);
    assert_int_equal(guest_call(&g, &op), -XEN_ENOENT);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attach_names_a_unit_and_a_source_that_exist),
        cmocka_unit_test(events_of_no_unit_are_none),
        cmocka_unit_test(a_mapping_has_an_order_and_an_address_of_its_space),
        cmocka_unit_test(a_space_is_of_a_kind_that_the_units_have),
        cmocka_unit_test(registers_that_are_nobodys_are_the_device_models),
        cmocka_unit_test(a_domain_that_has_nothing_may_ask_what_there_is),
        cmocka_unit_test(what_is_reserved_is_zero),
        cmocka_unit_test(one_that_could_not_be_destroyed_is_nobodys),
        cmocka_unit_test(a_device_model_asks_nothing_of_a_domain_without_any),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
