/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no scenario says to the device under test, since a toolstack that can
 * count does not: each is refused, and nothing of it stays. */

#include <public/viommu.h>
#include <scenario/suite.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct program_list list;
    struct world *world;
};

static void start(struct fixture *f, const char *arch)
{
    const struct world_config config = { .through = THROUGH_STACK };
    struct program_error error = { 0 };
    const char *reason = "";
    char text[128];

    *f = (struct fixture) { .list = { 0 } };
    snprintf(text, sizeof(text),
             "arch %s\ntitle t\nthrough stack\ndevice nic 00:02.0\nstart\n",
             arch);
    if ( !program_parse_text(text, "x.scn", "x", &f->list, &error) )
        fail_msg("%s", error.text);
    f->world = world_create(f->list.program[0], &config, &reason);
    if ( !f->world )
        fail_msg("%s", reason);
}

static void stop(struct fixture *f)
{
    struct world *world = f->world;

    assert_int_equal(world->ops->domain_destroy(world->dut, 0), 0);
    machine_census(world->machine, world->domain[0].domain);
    assert_int_equal(world->findings, 0);
    world_destroy(world);
    program_list_free(&f->list);
}

static void a_device_is_assigned_to_its_owner_alone(void **state)
{
    struct fixture f;
    struct world *world;

    (void)state;
    start(&f, "vtd");
    world = f.world;
    machine_add_pdev(world->machine, 0x1234, 0, 0x1234, NULL);
    assert_int_equal(world->ops->assign(world->dut, 0, 0x1234), -XEN_EPERM);
    assert_int_equal(world->ops->assign(world->dut, 0, 0x4321), -XEN_ENODEV);
    assert_int_equal(world->ops->deassign(world->dut, 0, 0x1234), -XEN_ENOENT);
    stop(&f);
}

static void a_changed_range_is_aligned_to_its_order(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "vtd");
    assert_int_equal(f.world->ops->p2m_changed(f.world->dut, 0, 0x201, 9),
                     -XEN_EINVAL);
    assert_int_equal(f.world->ops->p2m_changed(f.world->dut, 0, 0, 41),
                     -XEN_EINVAL);
    stop(&f);
}

/* As many as the interface promises, and not one more. */
static void a_vIOMMU_has_room_for_so_many_devices(void **state)
{
    static const char *const archs[] = { "vtd", "smmuv3" };

    (void)state;
    for ( size_t a = 0; a < sizeof(archs) / sizeof(archs[0]); a++ )
    {
        struct fixture f;
        struct world_domain *wd;
        struct world *world;

        start(&f, archs[a]);
        world = f.world;
        wd = &world->domain[0];
        /* The scenario's own is one of them. */
        for ( uint32_t i = 1; i <= XEN_VIOMMU_MAX_DEVICES; i++ )
        {
            uint32_t psbdf = 0x8000 + i;

            assert_true(
                machine_add_pdev(world->machine, psbdf, 0, psbdf, wd->domain));
            assert_int_equal(world->ops->assign(world->dut, 0, psbdf), 0);
            assert_int_equal(
                world->ops->attach(world->dut, &wd->viommu, 0x100 + i, psbdf),
                i == XEN_VIOMMU_MAX_DEVICES ? -XEN_ENOSPC : 0);
        }
        stop(&f);
    }
}

static void an_unknown_command_has_no_padding_either(void **state)
{
    struct xen_dmop_viommu_op op = { .cmd = 99, .domid = 1 };
    struct fixture f;

    (void)state;
    start(&f, "vtd");
    assert_int_equal(f.world->ops->hypercall(f.world->dut, &op, sizeof(op)),
                     -XEN_EOPNOTSUPP);
    op.pad = 1;
    assert_int_equal(f.world->ops->hypercall(f.world->dut, &op, sizeof(op)),
                     -XEN_EINVAL);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_assigned_to_its_owner_alone),
        cmocka_unit_test(a_changed_range_is_aligned_to_its_order),
        cmocka_unit_test(a_vIOMMU_has_room_for_so_many_devices),
        cmocka_unit_test(an_unknown_command_has_no_padding_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
