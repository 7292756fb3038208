/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SMMUv3 guest: commands, queues and start-up against a scripted unit. */
#include "guest_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <guest/smmuv3_guest.h>

#define MEMORY_SIZE (1024 * 1024)

/* A scripted unit: acknowledges, takes commands, and stumbles over the one
 * that it is told. */
struct world {
    struct guest_memory memory;
    uint64_t word[MEMORY_SIZE / 8];
    uint32_t idr0, idr1;
    uint32_t cr0, irq_ctrl, gbpa, gerror, gerrorn;
    uint64_t cmdq_base, strtab;
    uint32_t strtab_cfg, cmdq_prod, cmdq_cons, evtq_prod, evtq_cons;
    uint64_t stumble;     /* low half of the command that is an error */
    unsigned int error;   /* CERROR_* of it */
    bool dead;            /* takes nothing */
    uint8_t taken[16];    /* opcodes */
    unsigned int n_taken; /* the first ones are kept */
    char order[512];
};

static void run_queue(struct world *w)
{
    uint32_t wrap = (2u << (w->cmdq_base & 31)) - 1;

    while ( !w->dead && !((w->gerror ^ w->gerrorn) & 1) &&
            (w->cmdq_cons & 0xfffff) != w->cmdq_prod )
    {
        uint32_t index = w->cmdq_cons & wrap >> 1;
        uint64_t low =
            w->memory.word[((w->cmdq_base & 0xfffffffffe0) + index * 16) / 8];

        if ( w->stumble && low == w->stumble )
        {
            w->cmdq_cons |= w->error << 24;
            w->gerror ^= 1;
            return;
        }
        if ( w->n_taken < sizeof(w->taken) )
            w->taken[w->n_taken++] = (uint8_t)low;
        w->cmdq_cons = (w->cmdq_cons + 1) & wrap;
    }
}

static void write_register(void *context, uint32_t offset, unsigned int size,
                           uint64_t value)
{
    struct world *w = context;
    size_t used = strlen(w->order);

    (void)size;
    snprintf(w->order + used, sizeof(w->order) - used, "%x ", offset);
    switch ( offset )
    {
    case 0x20:
        w->cr0 = (uint32_t)value;
        break;
    case 0x44:
        w->gbpa = (uint32_t)value & ~(1u << 31);
        break;
    case 0x50:
        w->irq_ctrl = (uint32_t)value;
        break;
    case 0x64:
        w->gerrorn = (uint32_t)value;
        run_queue(w);
        break;
    case 0x80:
        w->strtab = value;
        break;
    case 0x88:
        w->strtab_cfg = (uint32_t)value;
        break;
    case 0x90:
        w->cmdq_base = value;
        break;
    case 0x98:
        w->cmdq_prod = (uint32_t)value;
        run_queue(w);
        break;
    case 0x9c:
        w->cmdq_cons = (uint32_t)value;
        break;
    case 0x100a8:
        w->evtq_prod = (uint32_t)value;
        break;
    case 0x100ac:
        w->evtq_cons = (uint32_t)value;
        break;
    default:
        break;
    }
}

static uint64_t read_register(void *context, uint32_t offset,
                              unsigned int size)
{
    const struct world *w = context;

    assert_int_equal(size, 4);
    switch ( offset )
    {
    case 0x00:
        return w->idr0;
    case 0x04:
        return w->idr1;
    case 0x20:
    case 0x24:
        return w->cr0;
    case 0x44:
        return w->gbpa;
    case 0x50:
    case 0x54:
        return w->irq_ctrl;
    case 0x60:
        return w->gerror;
    case 0x64:
        return w->gerrorn;
    case 0x98:
        return w->cmdq_prod;
    case 0x9c:
        return w->cmdq_cons;
    case 0x100a8:
        return w->evtq_prod;
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
    .alloc_run = guest_memory_alloc_run,
};

static struct world world;

#define HYP (1u << 9)
/* SIDSIZE 10, queues of 2^4 and 2^5 */
#define IDR1 (4u << 21 | 5u << 16 | 10)

static struct smmuv3_guest start(uint32_t idr0)
{
    struct smmuv3_guest guest;

    memset(&world, 0, sizeof(world));
    guest_memory_init(&world.memory, world.word, MEMORY_SIZE);
    world.idr0 = idr0;
    world.idr1 = IDR1;
    smmuv3_guest_init(&guest, &ops, &world);
    return guest;
}

static struct smmuv3_guest started(void)
{
    struct smmuv3_guest guest = start(1u << 27);
    struct smmuv3_guest_setup setup;

    smmuv3_guest_setup_default(&guest, &setup);
    assert_int_equal(smmuv3_guest_start(&guest, &setup), SMMUV3_GUEST_DONE);
    return guest;
}

/* ---- commands ---- */

static void configuration_commands_are_encoded(void **state)
{
    struct smmuv3_guest_cfgi cfgi = { .opcode = SMMUV3_GUEST_CFGI_STE,
                                      .sid = 0x12345678,
                                      .ssid = 0xabcde,
                                      .leaf = true };
    struct smmuv3_guest_command c = smmuv3_guest_cfgi_command(&cfgi);

    (void)state;
    assert_int_equal(c.low, UINT64_C(0x1234567800000003));
    assert_int_equal(c.high, 1);
    cfgi.opcode = SMMUV3_GUEST_CFGI_CD;
    c = smmuv3_guest_cfgi_command(&cfgi);
    assert_int_equal(c.low, UINT64_C(0x12345678abcde005));
    cfgi.opcode = SMMUV3_GUEST_CFGI_STE_RANGE;
    cfgi.range = 7;
    c = smmuv3_guest_cfgi_command(&cfgi);
    assert_int_equal(c.low, UINT64_C(0x1234567800000004));
    assert_int_equal(c.high, 7);
    c = smmuv3_guest_cfgi_all_command();
    assert_int_equal(c.low, 4);
    assert_int_equal(c.high, 31);
}

static void tlb_commands_are_encoded(void **state)
{
    const struct smmuv3_guest_tlbi tlbi = { .opcode = SMMUV3_GUEST_TLBI_NH_VA,
                                            .vmid = 0x1234,
                                            .asid = 0xbeef,
                                            .address = 0x123456789fff,
                                            .leaf = true,
                                            .tg = 3,
                                            .ttl = 2,
                                            .scale = 5,
                                            .num = 9 };
    struct smmuv3_guest_command c = smmuv3_guest_tlbi_command(&tlbi);

    (void)state;
    assert_int_equal(c.low,
                     UINT64_C(0xbeef123400000000) | 5 << 20 | 9 << 12 | 0x12);
    assert_int_equal(c.high, UINT64_C(0x123456789000) | 3 << 10 | 2 << 8 | 1);
}

static void other_commands_are_encoded(void **state)
{
    const struct smmuv3_guest_prefetch prefetch = {
        .stream = { .sid = 5, .ssid = 3, .ssv = true },
        .address = 0x7000,
        .size = 4,
        .stride = 2
    };
    struct smmuv3_guest_command c;

    (void)state;
    c = smmuv3_guest_prefetch_addr_command(&prefetch);
    assert_int_equal(c.low, UINT64_C(0x500003802));
    assert_int_equal(c.high, 0x7000 | 2 << 5 | 4);
    c = smmuv3_guest_prefetch_config_command(&prefetch.stream);
    assert_int_equal(c.low, UINT64_C(0x500003801));
    assert_int_equal(c.high, 0);
    c = smmuv3_guest_sync_command(SMMUV3_GUEST_SIG_SEV);
    assert_int_equal(c.low, 0x2046);
    assert_int_equal(c.high, 0);
}

/* ---- queues ---- */

static void the_command_queue_wraps(void **state)
{
    const struct smmuv3_guest_command c = smmuv3_guest_cfgi_all_command();
    struct smmuv3_guest guest = started();
    unsigned int i;

    (void)state;
    for ( i = 0; i < 50; i++ )
        assert_int_equal(smmuv3_guest_submit(&guest, &c, 1),
                         SMMUV3_GUEST_DONE);
    assert_int_equal(world.cmdq_prod, (4 + 100) % 32);
    assert_int_equal(world.cmdq_cons, (4 + 100) % 32);
}

static void a_command_that_is_none_is_replaced(void **state)
{
    const struct smmuv3_guest_command bad = { .low = 0xff };
    const struct smmuv3_guest_command good = smmuv3_guest_cfgi_all_command();
    struct smmuv3_guest guest = started();

    (void)state;
    world.stumble = 0xff;
    world.error = 1;
    assert_int_equal(smmuv3_guest_submit(&guest, &bad, 1), SMMUV3_GUEST_ERROR);
    assert_int_equal(world.gerror, world.gerrorn);
    assert_int_equal(world.memory.word[(guest.cmdq.base + 4 * 16) / 8], 0x46);
    assert_int_equal(smmuv3_guest_submit(&guest, &good, 1), SMMUV3_GUEST_DONE);
}

static void a_queue_that_can_not_be_read_is_no_endless_loop(void **state)
{
    const struct smmuv3_guest_command bad = { .low = 0xff };
    struct smmuv3_guest guest = started();

    (void)state;
    world.stumble = 0xff;
    world.error = 2;
    assert_int_equal(smmuv3_guest_submit(&guest, &bad, 1), SMMUV3_GUEST_ERROR);
    assert_int_equal(world.memory.word[(guest.cmdq.base + 4 * 16) / 8], 0xff);
}

static void silence_is_a_time_out(void **state)
{
    const struct smmuv3_guest_command c = smmuv3_guest_cfgi_all_command();
    struct smmuv3_guest guest = started();

    (void)state;
    world.dead = true;
    assert_int_equal(smmuv3_guest_submit(&guest, &c, 1), SMMUV3_GUEST_TIMEOUT);
}

static void an_event_is_taken_and_decoded(void **state)
{
    struct smmuv3_guest guest = started();
    struct smmuv3_guest_event event;
    uint64_t *w = &world.memory.word[guest.evtq.base / 8];

    (void)state;
    assert_false(smmuv3_guest_next_event(&guest, &event));
    w[0] = UINT64_C(0x18) << 32 | 0x5 << 12 | 1 << 11 | 0x10;
    w[1] = UINT64_C(2) << 40 | UINT64_C(1) << 39 | UINT64_C(1) << 35 |
           UINT64_C(1) << 33;
    w[2] = 0x123456;
    w[3] = 0x7000;
    world.evtq_prod = 1;
    assert_true(smmuv3_guest_next_event(&guest, &event));
    assert_int_equal(world.evtq_cons, 1);
    assert_int_equal(event.type, 0x10);
    assert_int_equal(event.sid, 0x18);
    assert_true(event.ssv && event.ssid == 5);
    assert_true(event.s2 && event.rnw && event.pnu && !event.ind);
    assert_false(event.stall);
    assert_int_equal(event.class, 2);
    assert_int_equal(event.input, 0x123456);
    assert_int_equal(event.address, 0x7000);
    assert_false(smmuv3_guest_next_event(&guest, &event));
}

static void the_event_queue_wraps(void **state)
{
    struct smmuv3_guest guest = started();
    struct smmuv3_guest_event event;
    unsigned int i;

    (void)state;
    for ( i = 1; i <= 100; i++ )
    {
        world.evtq_prod = i % 64;
        assert_true(smmuv3_guest_next_event(&guest, &event));
        assert_int_equal(world.evtq_cons, i % 64);
    }
}

static void an_overflow_is_acknowledged_once_and_kept(void **state)
{
    struct smmuv3_guest guest = started();
    struct smmuv3_guest_event event;

    (void)state;
    assert_false(smmuv3_guest_event_overflow(&guest));
    world.evtq_prod = 1u << 31;
    assert_true(smmuv3_guest_event_overflow(&guest));
    assert_int_equal(world.evtq_cons, 1u << 31);
    assert_false(smmuv3_guest_event_overflow(&guest));
    world.evtq_prod = 1u << 31 | 1;
    assert_true(smmuv3_guest_next_event(&guest, &event));
    assert_int_equal(world.evtq_cons, 1u << 31 | 1);
    world.evtq_prod = 1;
    assert_true(smmuv3_guest_event_overflow(&guest));
    assert_int_equal(world.evtq_cons, 1);
}

static void an_active_error_is_acknowledged_by_copying_it(void **state)
{
    struct smmuv3_guest guest = started();

    (void)state;
    assert_int_equal(smmuv3_guest_gerror_ack(&guest), 0);
    world.gerror = 5;
    world.gerrorn = 1;
    assert_int_equal(smmuv3_guest_gerror_ack(&guest), 4);
    assert_int_equal(world.gerrorn, 5);
}

/* ---- start-up ---- */

static void start_up_takes_the_order_of_linux(void **state)
{
    static const uint8_t opcodes[] = { 0x04, 0x46, 0x20, 0x46, 0x30, 0x46 };
    struct smmuv3_guest guest = start(HYP | 1u << 27);
    struct smmuv3_guest_setup setup;

    (void)state;
    smmuv3_guest_setup_default(&guest, &setup);
    assert_int_equal(smmuv3_guest_start(&guest, &setup), SMMUV3_GUEST_DONE);
    assert_string_equal(world.order, "20 28 2c 80 88 90 98 9c 20 98 98 98 "
                                     "a0 100a8 100ac 20 50 68 b0 50 20 ");
    assert_int_equal(world.n_taken, sizeof(opcodes));
    assert_memory_equal(world.taken, opcodes, sizeof(opcodes));
    assert_int_equal(world.cr0, 0xd);
    assert_int_equal(world.irq_ctrl, 5);
}

static void a_unit_that_runs_is_stopped_with_gbpa_aborting(void **state)
{
    struct smmuv3_guest guest = start(0);
    struct smmuv3_guest_setup setup;

    (void)state;
    smmuv3_guest_setup_default(&guest, &setup);
    world.cr0 = 1;
    assert_int_equal(smmuv3_guest_start(&guest, &setup), SMMUV3_GUEST_DONE);
    assert_memory_equal(world.order, "44 20 28 ", 9);
    assert_int_equal(world.gbpa, 1u << 20);
}

static void without_smmuen_all_else_is_done(void **state)
{
    struct smmuv3_guest guest = start(0);
    struct smmuv3_guest_setup setup;

    (void)state;
    smmuv3_guest_setup_default(&guest, &setup);
    setup.no_enable = true;
    assert_int_equal(smmuv3_guest_start(&guest, &setup), SMMUV3_GUEST_DONE);
    assert_int_equal(world.cr0, 0xc);
}

static void a_linear_stream_table_is_indexed_by_stream(void **state)
{
    struct smmuv3_guest guest = start(0);
    struct smmuv3_guest_setup setup;

    (void)state;
    smmuv3_guest_setup_default(&guest, &setup);
    setup.sid_bits = 6;
    assert_int_equal(smmuv3_guest_start(&guest, &setup), SMMUV3_GUEST_DONE);
    assert_int_equal(world.strtab_cfg, 6);
    assert_int_equal(world.strtab, UINT64_C(1) << 62 | guest.strtab);
    assert_int_equal(guest.strtab & 0xfff, 0);
    assert_int_equal(smmuv3_guest_ste_address(&guest, 63),
                     guest.strtab + 63 * 64);
    assert_int_equal(smmuv3_guest_ste_address(&guest, 64), 0);
    assert_int_equal(smmuv3_guest_l1std(&guest, 0), 0);
}

static void a_two_level_stream_table_has_the_span_of_its_split(void **state)
{
    struct smmuv3_guest guest = started();
    uint64_t gpa = smmuv3_guest_ste_address(&guest, 0x234);
    uint64_t l2 = gpa - 0x34 * 64;

    (void)state;
    assert_int_equal(world.strtab_cfg, 1 << 16 | 8 << 6 | 10);
    assert_int_equal(smmuv3_guest_l1std(&guest, 0x234), guest.strtab + 2 * 8);
    assert_int_equal(world.memory.word[guest.strtab / 8 + 2], l2 | 9);
    assert_int_equal(l2 & 0x3fff, 0);
    assert_int_equal(smmuv3_guest_ste_address(&guest, 0x2ff), l2 + 255 * 64);
    assert_int_equal(smmuv3_guest_ste_address(&guest, 0x400), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_commands_are_encoded),
        cmocka_unit_test(tlb_commands_are_encoded),
        cmocka_unit_test(other_commands_are_encoded),
        cmocka_unit_test(the_command_queue_wraps),
        cmocka_unit_test(a_command_that_is_none_is_replaced),
        cmocka_unit_test(a_queue_that_can_not_be_read_is_no_endless_loop),
        cmocka_unit_test(silence_is_a_time_out),
        cmocka_unit_test(an_event_is_taken_and_decoded),
        cmocka_unit_test(the_event_queue_wraps),
        cmocka_unit_test(an_overflow_is_acknowledged_once_and_kept),
        cmocka_unit_test(an_active_error_is_acknowledged_by_copying_it),
        cmocka_unit_test(start_up_takes_the_order_of_linux),
        cmocka_unit_test(a_unit_that_runs_is_stopped_with_gbpa_aborting),
        cmocka_unit_test(without_smmuen_all_else_is_done),
        cmocka_unit_test(a_linear_stream_table_is_indexed_by_stream),
        cmocka_unit_test(a_two_level_stream_table_has_the_span_of_its_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
