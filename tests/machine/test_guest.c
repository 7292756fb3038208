/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VT-d guest: what it writes where, against the specification's figures
 * spelt out once more, and in which order. */
#include "guest_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <guest/vtd_guest.h>

#define MEMORY_SIZE (256 * 1024)

/*
 * A scripted unit: GSTS follows GCMD, ICC and IVT clear, the queue completes
 * waits and, if told so, stumbles over one descriptor.
 */
struct world {
    struct guest_memory memory;
    uint64_t word[MEMORY_SIZE / 8];
    uint32_t gsts, fsts;
    uint64_t rtaddr, ccmd, iva, iotlb, iqa, head, tail;
    uint64_t stumble; /* low half of the descriptor that is an error */
    bool dead;        /* completes nothing */
    char order[512];  /* of register writes and structure stores */
};

static void note(struct world *w, const char *what)
{
    strncat(w->order, what, sizeof(w->order) - strlen(w->order) - 1);
    strncat(w->order, " ", sizeof(w->order) - strlen(w->order) - 1);
}

static void run_queue(struct world *w)
{
    while ( !w->dead && !(w->fsts & 0x10) && w->head != w->tail )
    {
        const uint64_t *d =
            &w->memory.word[((w->iqa & ~0xfffULL) + w->head) / 8];

        if ( w->stumble && d[0] == w->stumble )
        {
            w->fsts |= 0x10;
            return;
        }
        if ( (d[0] & 0x2f) == 0x25 )
            w->memory.word[d[1] / 8] = d[0] >> 32;
        w->head = (w->head + 16) % (0x1000ULL << (w->iqa & 7));
    }
}

static void write_register(void *context, uint32_t offset, unsigned int size,
                           uint64_t value)
{
    struct world *w = context;
    char name[16];

    (void)size;
    snprintf(name, sizeof(name), "%x", offset);
    note(w, name);
    switch ( offset )
    {
    case 0x18:
        w->gsts = (uint32_t)value;
        break;
    case 0x20:
        w->rtaddr = value;
        break;
    case 0x28:
        w->ccmd = value & ~(UINT64_C(1) << 63);
        w->ccmd |= (value >> 61 & 3) << 59;
        break;
    case 0x34:
        w->fsts &= ~(uint32_t)value;
        run_queue(w);
        break;
    case 0x88:
        w->tail = value;
        run_queue(w);
        break;
    case 0x90:
        w->iqa = value;
        w->head = w->tail = 0;
        break;
    case 0xf0:
        w->iva = value;
        break;
    case 0xf8:
        w->iotlb = value & ~(UINT64_C(1) << 63);
        w->iotlb |= (value >> 60 & 3) << 57;
        break;
    }
}

static uint64_t read_register(void *context, uint32_t offset,
                              unsigned int size)
{
    struct world *w = context;

    (void)size;
    switch ( offset )
    {
    case 0x08:
        return UINT64_C(0xd2008c222f0686);
    case 0x10:
        return UINT64_C(0xf00f4a);
    case 0x1c:
        return w->gsts;
    case 0x28:
        return w->ccmd;
    case 0x34:
        return w->fsts;
    case 0x80:
        return w->head;
    case 0xf8:
        return w->iotlb;
    default:
        return 0;
    }
}

static const struct guest_ops ops = {
    .store64 = guest_memory_store64,
    .read64 = guest_memory_read64,
    .write_register = write_register,
    .read_register = read_register,
    .alloc_page = guest_memory_alloc_page,
};

static struct world world;

static struct vtd_guest start(unsigned int pages)
{
    struct vtd_guest guest;

    memset(&world, 0, sizeof(world));
    guest_memory_init(&world.memory, world.word, MEMORY_SIZE);
    world.memory.limit = (1 + pages) * UINT64_C(0x1000);
    vtd_guest_init(&guest, &ops, &world);
    return guest;
}

/* ---- tables ---- */

static void a_context_is_found_by_bus_and_devfn(void **state)
{
    struct vtd_guest guest = start(8);
    const struct vtd_guest_context context = { .present = true,
                                               .type = VTD_GUEST_UNTRANSLATED,
                                               .did = 0x1234,
                                               .table = 0x7000,
                                               .levels = 4 };
    uint64_t root;

    (void)state;
    assert_true(vtd_guest_set_context(&guest, 0x0218, &context));
    root = world.memory.word[(guest.root + 2 * 16) / 8];
    assert_int_equal(root & 0xfff, 1);
    root &= ~UINT64_C(0xfff);
    assert_int_equal(world.memory.word[(root + 0x18 * 16) / 8], 0x7001);
    assert_int_equal(world.memory.word[(root + 0x18 * 16) / 8 + 1],
                     0x1234 << 8 | 2);
}

static void present_is_written_last_and_cleared_first(void **state)
{
    struct vtd_guest guest = start(8);
    struct vtd_guest_context context = { .present = true, .levels = 4 };
    uint64_t gpa;

    (void)state;
    assert_true(vtd_guest_set_context(&guest, 0x18, &context));
    gpa = vtd_guest_context_entry(&guest, 0x18);
    assert_int_equal(world.memory.last_store, gpa);
    context.present = false;
    assert_true(vtd_guest_set_context(&guest, 0x18, &context));
    assert_int_equal(world.memory.last_store, gpa + 8);
}

static void translation_types_and_fpd_are_encoded(void **state)
{
    struct vtd_guest guest = start(8);
    const struct vtd_guest_context context = { .fpd = true,
                                               .type = VTD_GUEST_PASS_THROUGH,
                                               .levels = 3 };
    uint64_t gpa;

    (void)state;
    assert_true(vtd_guest_set_context(&guest, 0x18, &context));
    gpa = vtd_guest_context_entry(&guest, 0x18);
    assert_int_equal(world.memory.word[gpa / 8], 2 << 2 | 1 << 1);
    assert_int_equal(world.memory.word[gpa / 8 + 1], 1);
}

static void mappings_are_encoded_at_the_level_of_their_size(void **state)
{
    static const struct {
        unsigned int levels, order, rights;
        uint64_t iova, gpa, entry;
        unsigned int index[4]; /* from the root */
    } rows[] = {
        { 4, 0, 3, 0x8080604000, 0x5000, 0x5003, { 1, 2, 3, 4 } },
        { 4, 9, 1, 0x8080600000, 0x600000, 0x600081, { 1, 2, 3 } },
        { 4, 18, 2, 0x8080000000, 0x40000000, 0x40000082, { 1, 2 } },
        { 3, 0, 3, 0x80604000, 0x5000, 0x5003, { 2, 3, 4 } },
        { 3, 18, 3, 0x80000000, 0x40000000, 0x40000083, { 2 } },
    };
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct vtd_guest guest = start(16);
        struct vtd_guest_space space;
        const struct vtd_guest_mapping mapping = { .iova = rows[i].iova,
                                                   .gpa = rows[i].gpa,
                                                   .order = rows[i].order,
                                                   .rights = rows[i].rights };
        unsigned int depth = rows[i].levels - rows[i].order / 9;
        uint64_t table;

        assert_true(vtd_guest_space_init(&guest, &space, rows[i].levels));
        assert_true(vtd_guest_map(&guest, &space, &mapping));
        table = space.root;
        for ( j = 0; j < depth - 1; j++ )
        {
            uint64_t entry = world.memory.word[table / 8 + rows[i].index[j]];

            assert_int_equal(entry & 0xfff, 3);
            table = entry & ~UINT64_C(0xfff);
        }
        assert_int_equal(world.memory.word[table / 8 + rows[i].index[j]],
                         rows[i].entry);
        assert_true(
            vtd_guest_unmap(&guest, &space, rows[i].iova, rows[i].order));
        assert_int_equal(world.memory.word[table / 8 + rows[i].index[j]], 0);
    }
}

static void tables_are_shared_between_mappings(void **state)
{
    struct vtd_guest guest = start(16);
    struct vtd_guest_space space;
    struct vtd_guest_mapping mapping = { .gpa = 0x5000, .rights = 3 };
    uint64_t next;

    (void)state;
    assert_true(vtd_guest_space_init(&guest, &space, 4));
    assert_true(vtd_guest_map(&guest, &space, &mapping));
    next = world.memory.next;
    mapping.iova = 0x1ff000;
    assert_true(vtd_guest_map(&guest, &space, &mapping));
    assert_int_equal(world.memory.next, next);
    mapping.iova = 0x200000;
    assert_true(vtd_guest_map(&guest, &space, &mapping));
    assert_int_equal(world.memory.next, next + 0x1000);
}

static void nothing_is_mapped_below_a_superpage(void **state)
{
    struct vtd_guest guest = start(16);
    struct vtd_guest_space space;
    struct vtd_guest_mapping mapping = { .order = 9, .rights = 3 };

    (void)state;
    assert_true(vtd_guest_space_init(&guest, &space, 4));
    assert_true(vtd_guest_map(&guest, &space, &mapping));
    mapping.order = 0;
    assert_false(vtd_guest_map(&guest, &space, &mapping));
    assert_false(vtd_guest_unmap(&guest, &space, 0x1000, 0));
}

static void a_poke_writes_any_value_at_any_level(void **state)
{
    struct vtd_guest guest = start(16);
    struct vtd_guest_space space;
    unsigned int level;

    (void)state;
    assert_true(vtd_guest_space_init(&guest, &space, 4));
    for ( level = 1; level <= 4; level++ )
    {
        uint64_t iova = UINT64_C(0x123456789000) + level * 0x1000, gpa;

        assert_true(vtd_guest_poke(&guest, &space, iova, level, UINT64_MAX));
        gpa = vtd_guest_entry(&guest, &space, iova, level, false);
        assert_int_equal(world.memory.word[gpa / 8], UINT64_MAX);
        assert_true(vtd_guest_poke(&guest, &space, iova, level, 0));
    }
}

static void running_out_of_pages_is_told(void **state)
{
    struct vtd_guest guest = start(2);
    struct vtd_guest_space space;
    const struct vtd_guest_mapping mapping = { .rights = 3 };
    const struct vtd_guest_setup setup = { .queue = true };

    (void)state;
    assert_true(vtd_guest_space_init(&guest, &space, 4));
    assert_false(vtd_guest_map(&guest, &space, &mapping));
    assert_int_equal(vtd_guest_start(&guest, &setup), VTD_GUEST_NO_PAGE);
}

/* ---- invalidation ---- */

static void descriptors_are_encoded(void **state)
{
    const struct vtd_guest_context_flush context = {
        .granularity = VTD_GUEST_SELECTIVE,
        .did = 0x1122,
        .source = 0x3344,
        .function_mask = 3
    };
    const struct vtd_guest_iotlb_flush iotlb = {
        .granularity = VTD_GUEST_SELECTIVE,
        .did = 0x1122,
        .address = 0x12345000,
        .am = 5,
        .leaf_only = true,
        .drain_reads = true,
        .drain_writes = true
    };
    const struct vtd_guest_wait wait = { .status_write = true,
                                         .interrupt = true,
                                         .fence = true,
                                         .address = 0x9004,
                                         .data = 0xcafe };
    struct vtd_guest_descriptor d;

    (void)state;
    d = vtd_guest_context_descriptor(&context);
    assert_int_equal(d.low, UINT64_C(0x0003334411220031));
    assert_int_equal(d.high, 0);
    d = vtd_guest_iotlb_descriptor(&iotlb);
    assert_int_equal(d.low, UINT64_C(0x112200f2));
    assert_int_equal(d.high, UINT64_C(0x12345045));
    d = vtd_guest_wait_descriptor(&wait);
    assert_int_equal(d.low, UINT64_C(0x0000cafe00000075));
    assert_int_equal(d.high, 0x9004);
}

static void the_queue_wraps(void **state)
{
    const struct vtd_guest_iotlb_flush flush = {
        .granularity = VTD_GUEST_GLOBAL
    };
    struct vtd_guest guest = start(8);
    unsigned int i;

    (void)state;
    assert_int_equal(vtd_guest_queue_enable(&guest, 0), VTD_GUEST_DONE);
    for ( i = 0; i < 300; i++ )
        assert_int_equal(vtd_guest_flush_iotlb(&guest, &flush),
                         VTD_GUEST_DONE);
    assert_int_equal(world.tail, 600 % 256 * 16);
}

static void an_error_in_the_queue_is_told_and_overcome(void **state)
{
    const struct vtd_guest_descriptor bad = { .low = 0xf };
    const struct vtd_guest_iotlb_flush flush = {
        .granularity = VTD_GUEST_GLOBAL
    };
    struct vtd_guest guest = start(8);

    (void)state;
    assert_int_equal(vtd_guest_queue_enable(&guest, 0), VTD_GUEST_DONE);
    world.stumble = 0xf;
    assert_int_equal(vtd_guest_submit(&guest, &bad, 1), VTD_GUEST_ERROR);
    assert_int_equal(world.fsts, 0);
    assert_int_equal(vtd_guest_flush_iotlb(&guest, &flush), VTD_GUEST_DONE);
}

static void silence_is_a_time_out(void **state)
{
    const struct vtd_guest_iotlb_flush flush = {
        .granularity = VTD_GUEST_GLOBAL
    };
    struct vtd_guest guest = start(8);

    (void)state;
    assert_int_equal(vtd_guest_queue_enable(&guest, 0), VTD_GUEST_DONE);
    world.dead = true;
    assert_int_equal(vtd_guest_flush_iotlb(&guest, &flush), VTD_GUEST_TIMEOUT);
}

static void invalidation_registers_are_encoded_and_report(void **state)
{
    const struct vtd_guest_context_flush context = {
        .granularity = VTD_GUEST_DOMAIN, .did = 0x1122
    };
    const struct vtd_guest_iotlb_flush iotlb = {
        .granularity = VTD_GUEST_SELECTIVE,
        .did = 0x1122,
        .address = 0x12344000,
        .am = 2,
        .drain_writes = true
    };
    struct vtd_guest guest = start(8);
    unsigned int actual;

    (void)state;
    assert_int_equal(vtd_guest_context_register(&guest, &context, &actual),
                     VTD_GUEST_DONE);
    assert_int_equal(actual, 2);
    assert_int_equal(world.ccmd & 0xffff, 0x1122);
    assert_int_equal(vtd_guest_iotlb_register(&guest, &iotlb, &actual),
                     VTD_GUEST_DONE);
    assert_int_equal(actual, 3);
    assert_int_equal(world.iva, 0x12344002);
    assert_int_equal(world.iotlb >> 32 & 0xffff, 0x1122);
    assert_int_equal(world.iotlb >> 48 & 3, 1);
}

/* ---- start-up ---- */

static void start_up_takes_the_order_of_linux(void **state)
{
    const struct vtd_guest_setup setup = { .queue = true,
                                           .fault_address = 0xfee01000,
                                           .fault_data = 0x41 };
    struct vtd_guest guest = start(8);

    (void)state;
    assert_int_equal(vtd_guest_start(&guest, &setup), VTD_GUEST_DONE);
    assert_string_equal(world.order, "88 90 18 20 18 88 88 3c 40 44 38 18 ");
    assert_int_equal(world.rtaddr, guest.root);
    assert_int_equal(world.gsts & 0x84000000, 0x84000000);
}

static void start_up_without_queue_uses_the_registers(void **state)
{
    const struct vtd_guest_setup setup = { .queue = false };
    struct vtd_guest guest = start(8);

    (void)state;
    assert_int_equal(vtd_guest_start(&guest, &setup), VTD_GUEST_DONE);
    assert_string_equal(world.order, "20 18 28 f8 3c 40 44 38 18 ");
}

static void a_command_repeats_no_one_shot_bit(void **state)
{
    struct vtd_guest guest = start(8);

    (void)state;
    assert_int_equal(vtd_guest_set_root(&guest), VTD_GUEST_DONE);
    assert_int_equal(vtd_guest_translation(&guest, true), VTD_GUEST_DONE);
    assert_int_equal(world.gsts, 0x80000000);
    assert_int_equal(vtd_guest_translation(&guest, false), VTD_GUEST_DONE);
    assert_int_equal(world.gsts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_is_found_by_bus_and_devfn),
        cmocka_unit_test(present_is_written_last_and_cleared_first),
        cmocka_unit_test(translation_types_and_fpd_are_encoded),
        cmocka_unit_test(mappings_are_encoded_at_the_level_of_their_size),
        cmocka_unit_test(tables_are_shared_between_mappings),
        cmocka_unit_test(nothing_is_mapped_below_a_superpage),
        cmocka_unit_test(a_poke_writes_any_value_at_any_level),
        cmocka_unit_test(running_out_of_pages_is_told),
        cmocka_unit_test(descriptors_are_encoded),
        cmocka_unit_test(the_queue_wraps),
        cmocka_unit_test(an_error_in_the_queue_is_told_and_overcome),
        cmocka_unit_test(silence_is_a_time_out),
        cmocka_unit_test(invalidation_registers_are_encoded_and_report),
        cmocka_unit_test(start_up_takes_the_order_of_linux),
        cmocka_unit_test(start_up_without_queue_uses_the_registers),
        cmocka_unit_test(a_command_repeats_no_one_shot_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
