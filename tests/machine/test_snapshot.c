/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots and hashes. */
#include "support.h"

static void assert_hash(struct machine *m, const uint64_t expected[2],
                        bool equal)
{
    uint64_t hash[2];

    machine_hash(m, hash);
    assert_int_equal(!memcmp(hash, expected, sizeof(hash)), equal);
}

static void restore_brings_back_memory_heap_and_p2m(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    struct machine_stats before, after;
    uint64_t *word = machine_alloc(m, 8, 8), value, hash[2];
    uint64_t *heap = host_zalloc(machine_host(m), d, 64);
    unsigned int round;
    mfn_t mfn;

    (void)state;
    *word = 1;
    heap[3] = 2;
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 3));
    machine_stats(m, &before);
    machine_hash(m, hash);
    assert_true(machine_snapshot(m));

    for ( round = 0; round < 3; round++ )
    {
        *word = 10;
        heap[3] = 20;
        assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 30));
        assert_true(domain_write64(d, WRITER_VCPU, 0x600000, 40));
        assert_true(p2m_remove(d, 0x700));
        p2m_release(d);
        assert_int_equal(host_table_alloc(machine_host(m), d, &mfn), 0);
        host_table_write64(machine_host(m), mfn, 0, round);
        assert_non_null(host_zalloc(machine_host(m), d, 100));
        assert_hash(m, hash, false);

        machine_restore(m);
        assert_int_equal(*word, 1);
        assert_int_equal(heap[3], 2);
        assert_true(domain_read64(d, 0x5000, &value));
        assert_int_equal(value, 3);
        assert_true(domain_read64(d, 0x600000, &value));
        assert_int_equal(value, 0);
        assert_true(domain_read64(d, 0x700000, &value));
        assert_int_equal(value, 0);
        assert_hash(m, hash, true);
    }
    machine_restore(m);
    machine_stats(m, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    machine_destroy(m);
}

static uint64_t word_of(struct machine *m, mfn_t mfn)
{
    uint64_t value = 0;

    assert_true(memory_read(m, mfn_x(mfn) << 12 | 8, &value, sizeof(value)));
    return value;
}

/* Whether anybody looks at a frame while it is poisoned, or again zeroed, or
 * not, is all one. */
static void frames_given_back_come_back_with_a_restore(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    struct host *host = machine_host(m);
    mfn_t old, again, young;

    (void)state;
    assert_int_equal(host_table_alloc(host, d, &old), 0);
    assert_int_equal(word_of(m, old), 0);
    host_table_write64(host, old, 8, 7);
    assert_true(machine_snapshot(m));

    for ( unsigned int looks = 0; looks < 16; looks++ )
    {
        host_table_free(host, old);
        if ( looks & 1 )
            assert_int_equal(word_of(m, old), UINT64_C(0xdbdbdbdbdbdbdbdb));
        assert_int_equal(host_table_alloc(host, d, &again), 0);
        assert_int_equal(mfn_x(again), mfn_x(old));
        if ( looks & 2 )
            assert_int_equal(word_of(m, again), 0);
        if ( looks & 4 )
            host_table_write64(host, again, 8, 9);
        assert_int_equal(host_table_alloc(host, d, &young), 0);
        assert_int_equal(word_of(m, young), 0);
        host_table_write64(host, young, 8, 11);
        if ( looks & 8 )
            host_table_free(host, young);
        machine_restore(m);
        assert_int_equal(word_of(m, old), 7);
    }
    machine_destroy(m);
}

struct copies {
    struct {
        void *at;
        size_t size;
        uint8_t data[4096];
    } copy[64];
    unsigned int count;
};

static void copy_piece(void *context, void *at, size_t size)
{
    struct copies *c = context;

    assert_true(c->count < 64 && size <= sizeof(c->copy[0].data));
    c->copy[c->count].at = at;
    c->copy[c->count].size = size;
    memcpy(c->copy[c->count++].data, at, size);
}

/* Far apart, so that not all pages change. */
#define FAR 20000

static void write_all(struct domain *d, uint8_t *heap, uint8_t value)
{
    heap[0] = heap[FAR] = value;
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, value));
}

static void pieces_bring_back_what_was_between(void **state)
{
    static struct copies copies;

    (void)state;
    for ( int track = 0; track < 2; track++ )
    {
        struct recorder r;
        struct machine *m = small_machine(P2M_SCATTERED, &r);
        struct domain *d = machine_domain(m, 0);
        uint8_t *heap = machine_alloc(m, 3 * FAR, 16);
        uint64_t mark, hash[2], value;

        write_all(d, heap, 1);
        assert_true(machine_snapshot(m));
        if ( track )
            machine_track(m);
        write_all(d, heap, 2);
        machine_hash_state(m, hash);
        copies.count = 0;
        mark = machine_pieces(m, copy_piece, &copies);
        for ( uint8_t round = 3; round < 6; round++ )
        {
            uint64_t again[2];

            write_all(d, heap, round);
            heap[2 * FAR] = round;
            assert_true(domain_write64(d, WRITER_VCPU, 0x600000, round));
            machine_rewind(m, mark);
            for ( unsigned int i = 0; i < copies.count; i++ )
                memcpy(copies.copy[i].at, copies.copy[i].data,
                       copies.copy[i].size);
            machine_hash_state(m, again);
            assert_memory_equal(hash, again, sizeof(hash));
        }
        machine_restore(m);
        assert_int_equal(heap[0] + heap[FAR] + heap[2 * FAR], 2);
        assert_true(domain_read64(d, 0x5000, &value));
        assert_int_equal(value, 1);
        machine_destroy(m);
    }
}

static void memory_given_after_a_restore_is_zeroed_again(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    char *p, zero[256] = { 0 };

    (void)state;
    assert_true(machine_snapshot(m));
    p = machine_alloc(m, 256, 16);
    memset(p, 1, 256);
    machine_restore(m);
    p = machine_alloc(m, 256, 16);
    assert_memory_equal(p, zero, 256);
    machine_destroy(m);
}

static void a_second_snapshot_replaces_the_first(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t value;

    (void)state;
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 1));
    assert_true(machine_snapshot(m));
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 2));
    assert_true(machine_snapshot(m));
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 3));
    machine_restore(m);
    assert_true(domain_read64(d, 0x5000, &value));
    assert_int_equal(value, 2);
    machine_destroy(m);
}

static void the_hash_depends_on_content_and_place(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct domain *d = machine_domain(m, 0);
    uint64_t empty[2], first[2];

    (void)state;
    machine_hash(m, empty);
    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 1));
    machine_hash(m, first);
    assert_hash(m, empty, false);

    assert_true(domain_write64(d, WRITER_VCPU, 0x5000, 0));
    assert_true(domain_write64(d, WRITER_VCPU, 0x6000, 1));
    assert_hash(m, first, false);
    assert_true(domain_write64(d, WRITER_VCPU, 0x6000, 0));
    assert_hash(m, empty, true);
    machine_destroy(m);
}

static void the_hash_does_not_depend_on_the_order_of_touch_or_reads(
    void **state)
{
    struct recorder r;
    uint64_t hash[2], value;
    struct machine *m;

    (void)state;
    m = small_machine(P2M_SCATTERED, &r);
    domain_write64(machine_domain(m, 0), WRITER_VCPU, 0x5000, 1);
    domain_write64(machine_domain(m, 0), WRITER_VCPU, 0x6000, 2);
    machine_hash(m, hash);
    machine_destroy(m);

    m = small_machine(P2M_SCATTERED, &r);
    domain_read64(machine_domain(m, 0), 0x9000, &value);
    domain_write64(machine_domain(m, 0), WRITER_VCPU, 0x6000, 2);
    domain_write64(machine_domain(m, 0), WRITER_VCPU, 0x5000, 1);
    assert_hash(m, hash, true);
    machine_destroy(m);
}

static void two_machines_live_side_by_side(void **state)
{
    struct recorder r, s;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    struct machine *n = small_machine(P2M_SCATTERED, &s);
    uint64_t value, hash[2];

    (void)state;
    assert_true(domain_write64(machine_domain(m, 0), WRITER_VCPU, 0x5000, 1));
    assert_true(domain_read64(machine_domain(n, 0), 0x5000, &value));
    assert_int_equal(value, 0);

    /* And nothing in a state depends on where it lies. */
    assert_true(domain_write64(machine_domain(n, 0), WRITER_VCPU, 0x5000, 1));
    machine_hash(m, hash);
    assert_hash(n, hash, true);
    machine_destroy(m);
    machine_destroy(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_given_back_come_back_with_a_restore),
        cmocka_unit_test(restore_brings_back_memory_heap_and_p2m),
        cmocka_unit_test(pieces_bring_back_what_was_between),
        cmocka_unit_test(memory_given_after_a_restore_is_zeroed_again),
        cmocka_unit_test(a_second_snapshot_replaces_the_first),
        cmocka_unit_test(the_hash_depends_on_content_and_place),
        cmocka_unit_test(
            the_hash_does_not_depend_on_the_order_of_touch_or_reads),
        cmocka_unit_test(two_machines_live_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
