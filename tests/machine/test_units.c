/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units: the port, register routing, interrupts, devices. */
#include "support.h"

/* A model of eight registers that writes down what arrives. */
struct fake {
    uint64_t value;
    uint32_t offset;
    unsigned int size;
};

static uint64_t fake_read(void *unit, uint32_t offset, unsigned int size)
{
    const struct fake *fake = unit;

    return fake->value + offset + size;
}

static void fake_write(void *unit, uint32_t offset, unsigned int size,
                       uint64_t value)
{
    *(struct fake *)unit = (struct fake) { value, offset, size };
}

static const struct unit_ops fake_ops = { fake_read, fake_write };

struct fixture {
    struct recorder recorder;
    struct machine *m;
    struct host *host;
    struct domain *d;
    unsigned int bare, unit; /* the bare-metal one comes first */
    const struct port *bare_port, *port;
    struct fake bare_model, model;
    unsigned int interrupts, interrupt_unit;
};

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.m = small_machine(P2M_SCATTERED, &f.recorder);
    f.host = machine_host(f.m);
    f.d = machine_domain(f.m, 0);
    f.bare = machine_add_unit(f.m, HOST_UNIT_VTD, 0);
    f.unit = machine_add_unit(f.m, HOST_UNIT_VTD, -1);
    machine_set_unit(f.m, f.bare, &fake_ops, &f.bare_model);
    machine_set_unit(f.m, f.unit, &fake_ops, &f.model);
    f.bare_port = machine_unit_port(f.m, f.bare);
    f.port = machine_unit_port(f.m, f.unit);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    machine_destroy(f->m);
    return 0;
}

/* ---- the port ---- */

static uint64_t host_address(struct fixture *f, uint64_t gpa)
{
    struct p2m_entry entry;

    p2m_lookup(f->d, gpa >> 12, &entry);
    return entry.mfn << 12 | (gpa & 0xfff);
}

static void a_host_unit_sees_host_addresses(void **state)
{
    struct fixture *f = *state;
    uint64_t value;

    domain_write64(f->d, WRITER_VCPU, 0x3000, 77);
    assert_true(port_read(f->port, host_address(f, 0x3000), &value, 8, 8));
    assert_int_equal(value, 77);
    assert_false(port_read(f->port, 0x3000, &value, 8, 8));
}

static void a_bare_metal_unit_sees_addresses_of_its_domain(void **state)
{
    struct fixture *f = *state;
    uint64_t value = 5;

    assert_true(port_write(f->bare_port, 0x3000, &value, 8, 8));
    assert_true(domain_read64(f->d, 0x3000, &value));
    assert_int_equal(value, 5);
    assert_false(port_read(f->bare_port, 0xa0000, &value, 8, 8));
    assert_false(port_write(f->bare_port, 0xf0000, &value, 8, 8));
    assert_true(port_read(f->bare_port, 0xf0000, &value, 8, 8));
}

static void pieces_before_the_one_that_fails_are_written(void **state)
{
    struct fixture *f = *state;
    uint64_t data[4] = { 1, 2, 3, 4 }, value;

    assert_false(port_write(f->bare_port, 0x9fff0, data, 32, 8));
    assert_true(domain_read64(f->d, 0x9fff0, &value));
    assert_int_equal(value, 1);
    assert_true(domain_read64(f->d, 0x9fff8, &value));
    assert_int_equal(value, 2);
}

static void port_cmpxchg_swaps_or_tells(void **state)
{
    struct fixture *f = *state;
    uint64_t expected[2] = { 0, 0 }, desired[2] = { 1, 2 }, value;
    bool swapped;

    assert_true(
        port_cmpxchg(f->bare_port, 0x3000, expected, desired, 16, &swapped));
    assert_true(swapped);
    assert_true(domain_read64(f->d, 0x3008, &value));
    assert_int_equal(value, 2);

    assert_true(
        port_cmpxchg(f->bare_port, 0x3000, expected, desired, 16, &swapped));
    assert_false(swapped);
    assert_int_equal(expected[0], 1);
    assert_int_equal(expected[1], 2);
    assert_false(
        port_cmpxchg(f->bare_port, 0xa0000, expected, desired, 8, &swapped));
}

static void data_of_devices_is_told_apart_from_the_units_own(void **state)
{
    struct fixture *f = *state;
    uint32_t word = 1;

    port_write(f->bare_port, 0x3000, &word, 4, 4);
    assert_int_equal(f->recorder.count, 2);
    assert_int_equal(f->recorder.event[0].who, WRITER_UNIT);
    assert_int_equal(f->recorder.event[1].kind, EVENT_UNIT_STORE);

    port_write(machine_device_port(f->m, f->bare), 0x3000, &word, 4, 4);
    assert_int_equal(f->recorder.count, 3);
    assert_int_equal(f->recorder.event[2].who, WRITER_DEVICE);
}

/* ---- registers and interrupts ---- */

static void register_accesses_reach_the_model_of_the_unit(void **state)
{
    struct fixture *f = *state;
    struct host_unit *unit = host_unit_get(f->host, 0);

    host_mmio_write32(unit, 0x18, 0x1234);
    assert_int_equal(f->model.value, 0x1234);
    assert_int_equal(f->model.offset, 0x18);
    assert_int_equal(f->model.size, 4);
    assert_int_equal(host_mmio_read64(unit, 0x20), 0x1234 + 0x20 + 8);
    assert_int_equal(f->bare_model.size, 0);

    machine_mmio_write(f->m, f->bare, 0x28, 8, 3);
    assert_int_equal(f->bare_model.size, 8);
    assert_int_equal(machine_mmio_read(f->m, f->bare, 0, 4), 3 + 4);
}

static void bare_metal_units_are_hidden_from_the_host(void **state)
{
    struct fixture *f = *state;
    struct host_pdev pdev;

    assert_int_equal(host_unit_count(f->host), 1);
    assert_null(host_unit_get(f->host, 1));
    assert_true(machine_add_pdev(f->m, 0x10, f->bare, 0x10, f->d));
    assert_true(machine_add_pdev(f->m, 0x18, f->unit, 0x118, f->d));
    assert_int_equal(host_pdev_get(f->host, 0x10, &pdev), -XEN_ENODEV);
    assert_int_equal(host_pdev_get(f->host, 0x18, &pdev), 0);
    assert_int_equal(pdev.unit, 0);
    assert_int_equal(pdev.source_id, 0x118);
    assert_ptr_equal(pdev.owner, f->d);
}

static void a_device_changes_hands(void **state)
{
    struct fixture *f = *state;
    struct host_pdev pdev;

    assert_true(machine_add_pdev(f->m, 0x18, f->unit, 0x18, f->d));
    assert_false(machine_add_pdev(f->m, 0x18, f->unit, 0x20, NULL));
    assert_true(machine_pdev_give(f->m, 0x18, NULL));
    assert_int_equal(host_pdev_get(f->host, 0x18, &pdev), 0);
    assert_null(pdev.owner);
    assert_false(machine_pdev_give(f->m, 0x99, f->d));
}

static void on_interrupt(void *context, unsigned int unit)
{
    struct fixture *f = context;

    f->interrupts++;
    f->interrupt_unit = unit;
}

static void the_interrupt_of_a_host_unit_is_deferred_and_merged(void **state)
{
    struct fixture *f = *state;
    uint64_t address;
    uint32_t data;

    machine_on_unit_interrupt(f->m, on_interrupt, f);
    host_unit_msi(host_unit_get(f->host, 0), &address, &data);
    port_msi(f->port, address, data);
    port_msi(f->port, address, data);
    assert_int_equal(f->interrupts, 0);
    assert_true(machine_run_one(f->m));
    assert_int_equal(f->interrupts, 1);
    assert_int_equal(f->interrupt_unit, 0);
    assert_false(machine_run_one(f->m));
    assert_int_equal(f->recorder.count, 0);
}

static void a_foreign_message_is_no_interrupt_of_the_unit(void **state)
{
    struct fixture *f = *state;
    uint64_t address;
    uint32_t data;

    machine_on_unit_interrupt(f->m, on_interrupt, f);
    host_unit_msi(host_unit_get(f->host, 0), &address, &data);
    port_msi(f->port, address, data + 1);
    assert_false(machine_run_one(f->m));
}

static void the_interrupt_of_a_bare_metal_unit_goes_to_the_guest(void **state)
{
    struct fixture *f = *state;

    port_msi(f->bare_port, 0xfee01000, 0x41);
    assert_int_equal(f->recorder.count, 1);
    assert_int_equal(f->recorder.event[0].kind, EVENT_INTERRUPT);
    assert_ptr_equal(f->recorder.event[0].d, f->d);
    assert_int_equal(f->recorder.event[0].address, 0xfee01000);
    assert_int_equal(f->recorder.event[0].value, 0x41);
}

static void an_injected_message_reaches_the_guest(void **state)
{
    struct fixture *f = *state;

    host_inject_msi(f->d, 0xfee02000, 0x42);
    assert_int_equal(f->recorder.count, 1);
    assert_int_equal(f->recorder.event[0].address, 0xfee02000);
}

static void wires_reach_the_same_place_as_messages(void **state)
{
    struct fixture *f = *state;

    machine_on_unit_interrupt(f->m, on_interrupt, f);
    port_wire(f->port, 1, false);
    assert_true(machine_run_one(f->m));
    assert_int_equal(f->interrupts, 1);
    port_wire(f->bare_port, 9, false);
    host_inject_virq(f->d, 10, true);
    assert_int_equal(f->recorder.count, 2);
    assert_int_equal(f->recorder.event[0].value, 9);
    assert_int_equal(f->recorder.event[1].value, 10);
}

static void time_passes_with_what_the_unit_spends(void **state)
{
    struct fixture *f = *state;
    const struct cost_table costs = { { [COST_WALK_STEP] = 123 } };
    uint64_t before = host_now_ns(f->host);

    port_spend(f->port, &costs, COST_WALK_STEP);
    assert_int_equal(host_now_ns(f->host), before + 123);
}

static void on_switch(void *context, const char *where)
{
    struct fixture *f = context;

    f->interrupts += !strcmp(where, "port_relax");
}

static void a_waiting_unit_lets_others_run(void **state)
{
    struct fixture *f = *state;

    machine_on_switch(f->m, on_switch, f);
    port_relax(f->port);
    assert_int_equal(f->interrupts, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_host_unit_sees_host_addresses),
        TEST(a_bare_metal_unit_sees_addresses_of_its_domain),
        TEST(pieces_before_the_one_that_fails_are_written),
        TEST(port_cmpxchg_swaps_or_tells),
        TEST(data_of_devices_is_told_apart_from_the_units_own),
        TEST(register_accesses_reach_the_model_of_the_unit),
        TEST(bare_metal_units_are_hidden_from_the_host),
        TEST(a_device_changes_hands),
        TEST(the_interrupt_of_a_host_unit_is_deferred_and_merged),
        TEST(a_foreign_message_is_no_interrupt_of_the_unit),
        TEST(the_interrupt_of_a_bare_metal_unit_goes_to_the_guest),
        TEST(an_injected_message_reaches_the_guest),
        TEST(wires_reach_the_same_place_as_messages),
        TEST(time_passes_with_what_the_unit_spends),
        TEST(a_waiting_unit_lets_others_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
