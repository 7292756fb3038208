/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host and guest memory, and who is told of stores. */
#include "support.h"

static void stores_are_told_by_aligned_word_with_old_and_new(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    const uint8_t bytes[4] = { 1, 2, 3, 4 };

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x1000, UINT64_MAX));
    r.count = 0;
    assert_true(domain_write(d, WRITER_VCPU, 0x1006, bytes, 4));
    assert_int_equal(r.count, 2);
    assert_int_equal(r.event[0].address, 0x1000);
    assert_int_equal(r.event[0].old, UINT64_MAX);
    assert_int_equal(r.event[0].value, UINT64_C(0x0201ffffffffffff));
    assert_int_equal(r.event[1].address, 0x1008);
    assert_int_equal(r.event[1].old, 0);
    assert_int_equal(r.event[1].value, 0x0403);
    machine_destroy(m);
}

static void writing_the_same_value_again_is_told(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x1000, 7));
    assert_true(domain_write64(d, WRITER_VCPU, 0x1000, 7));
    assert_int_equal(r.count, 2);
    assert_int_equal(r.event[1].old, 7);
    assert_int_equal(r.event[1].value, 7);
    machine_destroy(m);
}

static void a_store_of_the_hypervisor_is_told_before_its_unit_store(
    void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint32_t word;

    (void)state;
    assert_int_equal(host_guest_write32(d, 0x2004, 0xabcd), 0);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.event[0].kind, EVENT_STORE);
    assert_int_equal(r.event[0].who, WRITER_HYPERVISOR);
    assert_int_equal(r.event[0].address, 0x2000);
    assert_int_equal(r.event[1].kind, EVENT_UNIT_STORE);
    assert_int_equal(r.event[1].address, 0x2004);
    assert_int_equal(r.event[1].value, 4);
    memcpy(&word, r.event[1].text, 4);
    assert_int_equal(word, 0xabcd);
    machine_destroy(m);
}

static void stores_of_vcpus_and_devices_are_no_unit_stores(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x1000, 7));
    assert_true(domain_write64(d, WRITER_DEVICE, 0x1000, 8));
    assert_int_equal(r.count, 2);
    assert_int_equal(r.event[0].kind, EVENT_STORE);
    assert_int_equal(r.event[1].kind, EVENT_STORE);
    machine_destroy(m);
}

static void a_write_by_host_address_is_told_with_the_guest_address(
    void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    const uint64_t value = 5;
    struct p2m_entry entry;

    (void)state;
    p2m_lookup(d, 0x321, &entry);
    assert_true(
        memory_write(m, WRITER_DEVICE, (entry.mfn << 12) + 0x88, &value, 8));
    assert_int_equal(r.count, 1);
    assert_int_equal(r.event[0].who, WRITER_DEVICE);
    assert_ptr_equal(r.event[0].d, d);
    assert_int_equal(r.event[0].address, 0x321088);
    machine_destroy(m);
}

static void stores_to_hypervisor_tables_are_told_to_nobody(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct host *host = machine_host(m);
    mfn_t mfn;

    (void)state;
    assert_int_equal(host_table_alloc(host, NULL, &mfn), 0);
    host_table_write64(host, mfn, 8, 1);
    assert_int_equal(r.count, 0);
    assert_int_equal(host_table_read64(host, mfn, 8), 1);
    host_table_free(host, mfn);
    machine_destroy(m);
}

static void a_copy_crosses_scattered_pages(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    char in[9000], out[9000];

    (void)state;
    memset(in, 0x5a, sizeof(in));
    in[8999] = 1;
    assert_int_equal(host_guest_write(d, 0x200ff8, in, sizeof(in)), 0);
    assert_int_equal(host_guest_read(d, 0x200ff8, out, sizeof(out)), 0);
    assert_memory_equal(in, out, sizeof(in));
    machine_destroy(m);
}

/* ---- what is not RAM ---- */

static void only_ram_and_rom_can_be_read_only_ram_written(void **state)
{
    static const struct {
        uint64_t gpa;
        bool read, write;
    } rows[] = {
        { 0x9f000, true, true },   /* RAM */
        { 0xa0000, false, false }, /* hole */
        { 0xd0000, false, false }, /* MMIO */
        { 0xf0000, true, false },  /* ROM */
        { 64 * MIB, false, false }, { UINT64_MAX - 7, false, false },
    };
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t value;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        static const enum writer writers[] = { WRITER_VCPU, WRITER_DEVICE,
                                               WRITER_UNIT,
                                               WRITER_HYPERVISOR };
        unsigned int j;

        assert_int_equal(domain_read64(d, rows[i].gpa, &value), rows[i].read);
        for ( j = 0; j < ARRAY_SIZE(writers); j++ )
            assert_int_equal(domain_write64(d, writers[j], rows[i].gpa, 1),
                             rows[i].write);
        assert_int_equal(host_guest_read64(d, rows[i].gpa, &value),
                         rows[i].read ? 0 : -XEN_EFAULT);
        assert_int_equal(host_guest_write64(d, rows[i].gpa, 1),
                         rows[i].write ? 0 : -XEN_EFAULT);
    }
    machine_destroy(m);
}

static void the_toolstack_writes_rom(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t value;

    (void)state;
    assert_true(domain_write64(d, WRITER_TOOLSTACK, 0xf0000, 9));
    assert_true(domain_read64(d, 0xf0000, &value));
    assert_int_equal(value, 9);
    machine_destroy(m);
}

static void a_copy_that_reaches_a_hole_writes_nothing(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    char bytes[64];
    uint64_t value;

    (void)state;
    memset(bytes, 1, sizeof(bytes));
    assert_int_equal(host_guest_write(d, 0x9fff0, bytes, sizeof(bytes)),
                     -XEN_EFAULT);
    assert_true(domain_read64(d, 0x9fff0, &value));
    assert_int_equal(value, 0);
    assert_int_equal(r.count, 0);
    machine_destroy(m);
}

static void host_addresses_without_memory_are_refused(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    uint64_t value = 0;

    (void)state;
    assert_false(memory_read(m, 0x1000, &value, 8));
    assert_false(memory_write(m, WRITER_UNIT, UINT64_C(1) << 45, &value, 8));
    assert_false(memory_read(m, UINT64_MAX - 3, &value, 8));
    machine_destroy(m);
}

/* ---- atomic accesses ---- */

static void cmpxchg_stores_only_over_the_expected_value(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t expected = 1, value;

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x1000, 5));
    assert_int_equal(host_guest_cmpxchg64(d, 0x1000, &expected, 6),
                     -XEN_EAGAIN);
    assert_int_equal(expected, 5);
    assert_int_equal(host_guest_cmpxchg64(d, 0x1000, &expected, 6), 0);
    assert_true(domain_read64(d, 0x1000, &value));
    assert_int_equal(value, 6);
    machine_destroy(m);
}

static void a_table_write_of_16_bytes_writes_both_halves(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct host *host = machine_host(m);
    mfn_t mfn;

    (void)state;
    assert_int_equal(host_table_alloc(host, NULL, &mfn), 0);
    host_table_write128(host, mfn, 0x20, 3, 4);
    assert_int_equal(host_table_read64(host, mfn, 0x20), 3);
    assert_int_equal(host_table_read64(host, mfn, 0x28), 4);
    host_table_free(host, mfn);
    machine_destroy(m);
}

static void a_freed_table_is_poisoned_and_zeroed_when_given_again(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct host *host = machine_host(m);
    mfn_t mfn, again;
    uint64_t value;

    (void)state;
    assert_int_equal(host_table_alloc(host, NULL, &mfn), 0);
    host_table_write64(host, mfn, 0, 1);
    host_table_free(host, mfn);
    assert_true(memory_read(m, mfn_to_maddr(mfn) + 8, &value, 8));
    assert_int_equal(value, UINT64_C(0xdbdbdbdbdbdbdbdb));

    assert_int_equal(host_table_alloc(host, NULL, &again), 0);
    assert_true(mfn_eq(mfn, again));
    assert_int_equal(host_table_read64(host, again, 0), 0);
    host_table_free(host, again);
    machine_destroy(m);
}

static void use_of_a_freed_table_is_reported(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct host *host = machine_host(m);
    mfn_t mfn;

    (void)state;
    assert_int_equal(host_table_alloc(host, NULL, &mfn), 0);
    host_table_free(host, mfn);
    host_table_write64(host, mfn, 0, 1);
    assert_int_equal(recorder_violations(&r, "P9", "allocated table"), 1);
    host_table_free(host, mfn);
    assert_int_equal(recorder_violations(&r, "P9", "allocated table"), 2);
    machine_destroy(m);
}

static void read128_takes_both_halves(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t value[2];

    (void)state;
    domain_write64(d, WRITER_VCPU, 0x1010, 1);
    domain_write64(d, WRITER_VCPU, 0x1018, 2);
    assert_int_equal(host_guest_read128(d, 0x1010, value), 0);
    assert_int_equal(value[0], 1);
    assert_int_equal(value[1], 2);
    machine_destroy(m);
}

static void write_back_stays_inside_an_allocated_table(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct host *host = machine_host(m);
    mfn_t mfn;

    (void)state;
    assert_int_equal(host_table_alloc(host, NULL, &mfn), 0);
    host_table_writeback(host, mfn, 8, 4088);
    assert_int_equal(r.count, 0);
    host_table_writeback(host, mfn, 16, 4088);
    assert_int_equal(recorder_violations(&r, "P9", "beyond the table"), 1);
    host_table_free(host, mfn);
    host_table_writeback(host, mfn, 0, 8);
    assert_int_equal(recorder_violations(&r, "P9", "allocated table"), 1);
    machine_destroy(m);
}

/* ---- the RAM map and domains ---- */

static void the_later_region_wins_and_gaps_are_holes(void **state)
{
    static const struct {
        uint64_t gfn;
        enum region_type type;
    } rows[] = {
        { 0, REGION_RAM },
        { 0xf, REGION_RAM },
        { 0x10, REGION_ROM },
        { 0x1f, REGION_ROM },
        { 0x20, REGION_RAM },
        { 0x3f, REGION_RAM },
        { 0x40, REGION_HOLE },
        { 0xff, REGION_HOLE },
        { 0x100, REGION_RAM },
        { 0x110, REGION_HOLE },
        { UINT64_C(1) << 40, REGION_HOLE },
        { UINT64_MAX >> 12, REGION_MMIO },
    };
    struct machine_config config = small_config(P2M_SCATTERED, 0);
    struct p2m_entry entry;
    struct machine *m;
    unsigned int i;

    (void)state;
    config.domain[0] = (struct domain_config) {
        .id = 1,
        .regions = 5,
        .region = { { 0, 0x20000, REGION_RAM },
                    { 0x20000, 0x20000, REGION_RAM },
                    { 0x10000, 0x10000, REGION_ROM },
                    { 0x100000, 0x10000, REGION_RAM },
                    /* to the very end of the address space */
                    { UINT64_MAX - 0xfffff, 0x100000, REGION_MMIO } },
    };
    m = machine_create(&config);
    assert_non_null(m);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        p2m_lookup(machine_domain(m, 0), rows[i].gfn, &entry);
        assert_int_equal(entry.type, rows[i].type);
    }
    machine_destroy(m);
}

static void domains_are_found_by_id_and_keep_their_slot(void **state)
{
    struct machine_config config = small_config(P2M_SCATTERED, 32 * MIB);
    struct machine *m;
    struct domain *d;
    int slot;

    (void)state;
    config.domains = 2;
    config.domain[1] = config.domain[0];
    config.domain[1].id = 77;
    m = machine_create(&config);
    d = host_domain_by_id(machine_host(m), 77);
    assert_ptr_equal(d, machine_domain(m, 1));
    assert_int_equal(domain_index(d), 1);
    assert_ptr_equal(domain_machine(d), m);
    assert_ptr_equal(host_of(d), machine_host(m));
    assert_null(host_domain_by_id(machine_host(m), 5));
    host_domain_set_slot(d, &slot);
    assert_ptr_equal(host_domain_slot(d), &slot);
    assert_null(host_domain_slot(machine_domain(m, 0)));
    machine_destroy(m);
}

static void on_log(void *context, unsigned int level, const char *message)
{
    *(unsigned int *)context = level;
    assert_string_equal(message, "value 7");
}

static void the_log_reaches_the_observer(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    unsigned int level = 0;
    const struct machine_observer observer = { .log = on_log,
                                               .context = &level };

    (void)state;
    machine_observe(m, &observer);
    host_log(machine_host(m), HOST_LOG_WARN, "value %d", 7);
    assert_int_equal(level, HOST_LOG_WARN);
    machine_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_are_told_by_aligned_word_with_old_and_new),
        cmocka_unit_test(writing_the_same_value_again_is_told),
        cmocka_unit_test(
            a_store_of_the_hypervisor_is_told_before_its_unit_store),
        cmocka_unit_test(stores_of_vcpus_and_devices_are_no_unit_stores),
        cmocka_unit_test(
            a_write_by_host_address_is_told_with_the_guest_address),
        cmocka_unit_test(stores_to_hypervisor_tables_are_told_to_nobody),
        cmocka_unit_test(a_copy_crosses_scattered_pages),
        cmocka_unit_test(only_ram_and_rom_can_be_read_only_ram_written),
        cmocka_unit_test(the_toolstack_writes_rom),
        cmocka_unit_test(a_copy_that_reaches_a_hole_writes_nothing),
        cmocka_unit_test(host_addresses_without_memory_are_refused),
        cmocka_unit_test(cmpxchg_stores_only_over_the_expected_value),
        cmocka_unit_test(a_table_write_of_16_bytes_writes_both_halves),
        cmocka_unit_test(
            a_freed_table_is_poisoned_and_zeroed_when_given_again),
        cmocka_unit_test(use_of_a_freed_table_is_reported),
        cmocka_unit_test(read128_takes_both_halves),
        cmocka_unit_test(write_back_stays_inside_an_allocated_table),
        cmocka_unit_test(the_later_region_wins_and_gaps_are_holes),
        cmocka_unit_test(domains_are_found_by_id_and_keep_their_slot),
        cmocka_unit_test(the_log_reaches_the_observer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
