/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dut_umbra: how it calls the vIOMMU core, here a scripted one. */
#include "support.h"

#include <machine/dut_umbra.h>
#include <viommu/viommu.h>

/* The core's state; its functions get it as registry or through the domain. */
struct viommu_registry {
    struct host *host;
    struct host_work work;
    unsigned int restarts; /* -XEN_ERESTART answers left */
    unsigned int works, calls, interrupts;
    enum viommu_result result;
    struct xen_dmop_viommu_op last;
    uint64_t gaddr;
    bool fail_init;
};

static struct viommu_registry core;

static void core_work(struct host_work *work)
{
    (void)work;
    core.works++;
}

int viommu_init(struct host *host, struct viommu_registry **registry)
{
    if ( core.fail_init )
        return -XEN_ENODEV;
    core.host = host;
    core.work.fn = core_work;
    *registry = &core;
    return 0;
}

void viommu_fini(struct viommu_registry *registry)
{
    registry->host = NULL;
}

static int answer(struct viommu_registry *registry)
{
    registry->calls++;
    if ( !registry->restarts )
        return 0;
    registry->restarts--;
    host_work_schedule(registry->host, &registry->work);
    return -XEN_ERESTART;
}

int viommu_assign(struct viommu_registry *registry, struct domain *d,
                  xen_viommu_sbdf_t psbdf)
{
    registry->gaddr = psbdf;
    return host_domain_id(d) == 1 ? answer(registry) : -XEN_EINVAL;
}

int viommu_deassign(struct viommu_registry *registry, struct domain *d,
                    xen_viommu_sbdf_t psbdf)
{
    return viommu_assign(registry, d, psbdf);
}

int viommu_hypercall(struct viommu_registry *registry,
                     struct xen_dmop_viommu_op *op)
{
    int rc = answer(registry);

    registry->last = *op;
    if ( !rc && op->cmd == XEN_DMOP_viommu_create )
        op->u.create.viommu_id = 7;
    if ( !rc && op->cmd == XEN_DMOP_viommu_query_capability )
        op->u.query.shadow_refused = 9;
    return rc;
}

bool viommu_mmio_accept(const struct domain *d, paddr_t gaddr)
{
    return host_domain_id(d) == 1 && gaddr >> 12 == 0xfed90;
}

enum viommu_result viommu_mmio_read(struct domain *d, paddr_t gaddr,
                                    unsigned int size, uint64_t *value)
{
    (void)d;
    *value = gaddr + size;
    return core.result;
}

enum viommu_result viommu_mmio_write(struct domain *d, paddr_t gaddr,
                                     unsigned int size, uint64_t value)
{
    (void)d;
    (void)size;
    (void)value;
    core.gaddr = gaddr;
    return core.result;
}

int viommu_p2m_changed(struct viommu_registry *registry, struct domain *d,
                       gfn_t gfn, unsigned int order)
{
    (void)d;
    registry->gaddr = gfn_x(gfn) << order;
    return answer(registry);
}

int viommu_dm_disconnect(struct viommu_registry *registry, struct domain *d,
                         uint32_t dm)
{
    (void)d;
    registry->gaddr = dm;
    return answer(registry);
}

void viommu_unit_interrupt(struct viommu_registry *registry, unsigned int unit)
{
    registry->interrupts += unit + 1;
}

int viommu_domain_destroy(struct viommu_registry *registry, struct domain *d)
{
    (void)d;
    return answer(registry);
}

/* ---- fixture ---- */

struct fixture {
    struct recorder recorder;
    struct machine *m;
    struct dut *dut;
    struct dut_viommu viommu;
};

static uint64_t no_read(void *unit, uint32_t offset, unsigned int size)
{
    (void)unit;
    return offset + size;
}

static void no_write(void *unit, uint32_t offset, unsigned int size,
                     uint64_t value)
{
    (void)unit;
    (void)offset;
    (void)size;
    (void)value;
}

static int setup(void **state)
{
    static const struct unit_ops ops = { no_read, no_write };
    static struct fixture f;
    const char *reason;

    memset(&core, 0, sizeof(core));
    f.m = small_machine(P2M_SCATTERED, &f.recorder);
    machine_set_unit(f.m, machine_add_unit(f.m, HOST_UNIT_VTD, -1), &ops,
                     NULL);
    f.dut = dut_umbra.create(&(struct dut_config) { f.m }, &reason);
    assert_non_null(f.dut);
    f.viommu = (struct dut_viommu) { .base = 0xfed90000,
                                     .type = XEN_VIOMMU_TYPE_vtd,
                                     .id_register = { 0x1111, 0x2222 },
                                     .capabilities = 2,
                                     .shadow_limit = 33,
                                     .haw = 46,
                                     .options = 2 };
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    dut_umbra.destroy(f->dut);
    machine_destroy(f->m);
    return 0;
}

/* ---- tests ---- */

static void create_fills_the_hypercall_and_returns_the_id(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(dut_umbra.viommu_create(f->dut, &f->viommu), 0);
    assert_int_equal(f->viommu.id, 7);
    assert_int_equal(core.last.cmd, XEN_DMOP_viommu_create);
    assert_int_equal(core.last.domid, 1);
    assert_int_equal(core.last.u.create.base_address, 0xfed90000);
    assert_int_equal(core.last.u.create.vtd_cap, 0x1111);
    assert_int_equal(core.last.u.create.vtd_ecap, 0x2222);
    assert_int_equal(core.last.u.create.flags, XEN_VIOMMU_CREATE_replay);
    assert_int_equal(core.last.u.create.shadow_limit, 33);
    assert_int_equal(core.last.u.create.address_width, 46);
}

static void continuations_are_called_again_with_work_in_between(void **state)
{
    struct fixture *f = *state;

    core.restarts = 3;
    assert_int_equal(dut_umbra.viommu_create(f->dut, &f->viommu), 0);
    assert_int_equal(core.calls, 4);
    assert_int_equal(core.works, 3);
    core.restarts = 1;
    assert_int_equal(dut_umbra.p2m_changed(f->dut, 0, 5, 9), 0);
    assert_int_equal(core.gaddr, 5 << 9);
    core.restarts = 1;
    assert_int_equal(dut_umbra.domain_destroy(f->dut, 0), 0);
    core.restarts = 1;
    assert_int_equal(dut_umbra.assign(f->dut, 0, 0x18), 0);
    core.restarts = 1;
    assert_int_equal(dut_umbra.detach(f->dut, &f->viommu, 0x18), 0);
    assert_int_equal(core.last.cmd, XEN_DMOP_viommu_detach);
}

static void a_continuation_without_end_is_given_up(void **state)
{
    struct fixture *f = *state;

    core.restarts = 1000000;
    assert_int_equal(dut_umbra.deassign(f->dut, 0, 0x18), -XEN_ERESTART);
}

static void the_raw_hypercall_is_not_repeated(void **state)
{
    struct fixture *f = *state;
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_destroy };

    core.restarts = 1;
    assert_int_equal(dut_umbra.hypercall(f->dut, &op, sizeof(op)),
                     -XEN_ERESTART);
    assert_int_equal(core.calls, 1);
    assert_int_equal(dut_umbra.hypercall(f->dut, &op, 8), -XEN_EINVAL);
    assert_int_equal(core.calls, 1);
}

static void query_returns_what_the_hypercall_says(void **state)
{
    struct fixture *f = *state;
    struct dut_query query;

    assert_int_equal(dut_umbra.query(f->dut, &f->viommu, &query), 0);
    assert_int_equal(query.shadow_refused, 9);
}

static void trapped_accesses_go_to_the_register_page(void **state)
{
    static const struct {
        enum viommu_result result;
        enum dut_result expected;
    } rows[] = {
        { VIOMMU_DONE, DUT_DONE },
        { VIOMMU_RETRY, DUT_RETRY },
        { VIOMMU_TO_DEVICE_MODEL, DUT_TO_DEVICE_MODEL },
    };
    struct fixture *f = *state;
    uint64_t value;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        core.result = rows[i].result;
        assert_int_equal(
            dut_umbra.mmio_read(f->dut, &f->viommu, 0x10, 8, &value),
            rows[i].expected);
        assert_int_equal(value, 0xfed90018);
        assert_int_equal(dut_umbra.mmio_write(f->dut, &f->viommu, 0x18, 4, 1),
                         rows[i].expected);
        assert_int_equal(core.gaddr, 0xfed90018);
    }
    core.result = VIOMMU_DONE;
    assert_int_equal(dut_umbra.mmio_write(f->dut, &f->viommu, 0x1000, 4, 1),
                     DUT_TO_DEVICE_MODEL);
}

static void unit_interrupts_reach_the_core_as_deferred_work(void **state)
{
    struct fixture *f = *state;
    uint64_t address;
    uint32_t data;

    host_unit_msi(host_unit_get(machine_host(f->m), 0), &address, &data);
    port_msi(machine_unit_port(f->m, 0), address, data);
    assert_int_equal(core.interrupts, 0);
    assert_true(dut_umbra.run_deferred(f->dut));
    assert_int_equal(core.interrupts, 1);
}

static void probe(void *context, const struct dut_access *access,
                  bool hardware, struct dut_mapping *mapping)
{
    mapping->present = true;
    mapping->hpa = access->address + *(uint64_t *)context + hardware;
}

static void effective_map_asks_the_world(void **state)
{
    struct fixture *f = *state;
    const struct dut_access access = { .address = 0x1000 };
    struct dut_mapping mapping = { .present = true };
    uint64_t offset = 0x100;

    dut_umbra.effective_map(f->dut, &access, true, &mapping);
    assert_false(mapping.present);
    dut_umbra_set_probe(f->dut, probe, &offset);
    dut_umbra.effective_map(f->dut, &access, true, &mapping);
    assert_true(mapping.present);
    assert_int_equal(mapping.hpa, 0x1101);
    dut_umbra.effective_map(f->dut, &access, false, &mapping);
    assert_int_equal(mapping.hpa, 0x1100);
}

static void a_core_that_refuses_the_units_is_told(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    const char *reason = NULL;

    (void)state;
    core.fail_init = true;
    assert_null(dut_umbra.create(&(struct dut_config) { m }, &reason));
    assert_non_null(reason);
    core.fail_init = false;
    machine_destroy(m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create_fills_the_hypercall_and_returns_the_id),
        TEST(continuations_are_called_again_with_work_in_between),
        TEST(a_continuation_without_end_is_given_up),
        TEST(the_raw_hypercall_is_not_repeated),
        TEST(query_returns_what_the_hypercall_says),
        TEST(trapped_accesses_go_to_the_register_page),
        TEST(unit_interrupts_reach_the_core_as_deferred_work),
        TEST(effective_map_asks_the_world),
        TEST(a_core_that_refuses_the_units_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
