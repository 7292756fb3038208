/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device models: what they are told, and what they reach. */
#include "support.h"

#include <devices/vdev.h>
#include <host.h>

#include <string.h>

static int setup(void **state)
{
    return small_setup(state, P2M_SCATTERED);
}

#define DM 2u

static const struct host_dm_message drain = { .kind = HOST_DM_DRAIN,
                                              .viommu_id = 3,
                                              .sequence = 11,
                                              .first = 0x1000,
                                              .last = 0x1fff,
                                              .flags = HOST_DM_WRITES };

static void nobody_is_told_before_he_connects(void **state)
{
    struct small *s = *state;

    assert_false(machine_dm_connected(s->d, DM));
    assert_int_equal(host_dm_send(s->d, DM, &drain), -XEN_ENODEV);
    assert_int_equal(host_dm_send(s->d, 99, &drain), -XEN_ENODEV);
    assert_int_equal(machine_dm_messages(s->d, DM), 0);
}

static void messages_arrive_in_their_order(void **state)
{
    struct small *s = *state;
    struct host_dm_message second = drain;
    struct machine_dm_message got;

    second.kind = HOST_DM_INVALIDATE;
    second.sequence = 12;
    second.vsbdf = 0x20;
    machine_dm_connect(s->d, DM);
    assert_int_equal(host_dm_send(s->d, DM, &drain), 0);
    assert_int_equal(host_dm_send(s->d, DM, &second), 0);
    assert_int_equal(machine_dm_messages(s->d, DM), 2);
    assert_int_equal(machine_dm_messages(s->d, DM + 1), 0);
    assert_true(machine_dm_receive(s->d, DM, &got));
    assert_int_equal(got.sequence, 11);
    assert_false(got.invalidate || got.reads);
    assert_true(got.writes && got.viommu_id == 3 && got.first == 0x1000 &&
                got.last == 0x1fff);
    assert_true(machine_dm_receive(s->d, DM, &got));
    assert_true(got.invalidate && got.source == 0x20 && got.sequence == 12);
    assert_false(machine_dm_receive(s->d, DM, &got));
}

static void too_many_messages_break_p7(void **state)
{
    struct small *s = *state;
    unsigned int i;

    machine_dm_connect(s->d, DM);
    for ( i = 0; i < 128; i++ )
        assert_int_equal(host_dm_send(s->d, DM, &drain), 0);
    assert_int_equal(recorder_violations(&s->recorder, "P7", "messages"), 0);
    host_dm_send(s->d, DM, &drain);
    assert_int_equal(recorder_violations(&s->recorder, "P7", "messages"), 1);
}

static void one_that_is_cut_off_reaches_nothing(void **state)
{
    struct small *s = *state;
    uint64_t word = 0x1234, read = 0;

    machine_dm_connect(s->d, DM);
    assert_true(machine_dm_access(s->d, DM, true, 0x3000, &word, 8));
    assert_true(machine_dm_access(s->d, DM, false, 0x3000, &read, 8));
    assert_int_equal(read, 0x1234);
    /* ROM, a hole. */
    assert_true(machine_dm_access(s->d, DM, false, 0xf0000, &read, 8));
    assert_false(machine_dm_access(s->d, DM, true, 0xf0000, &word, 8));
    assert_false(machine_dm_access(s->d, DM, false, 0xa0000, &read, 8));
    assert_int_equal(host_dm_send(s->d, DM, &drain), 0);
    assert_int_equal(host_dm_revoke(s->d, DM), 0);
    assert_false(machine_dm_access(s->d, DM, false, 0x3000, &read, 8));
    assert_int_equal(machine_dm_messages(s->d, DM), 0);
    assert_int_equal(host_dm_send(s->d, DM, &drain), -XEN_ENODEV);
    assert_int_equal(host_dm_revoke(s->d, DM), 0);
}

static void handles_are_of_the_callers_memory(void **state)
{
    struct small *s = *state;
    uint8_t memory[16] = { 0, 1, 2, 3 }, got[4];

    assert_int_equal(host_caller_read(s->host, 0, got, 1), -XEN_EFAULT);
    machine_caller(s->m, memory, sizeof(memory));
    assert_int_equal(host_caller_read(s->host, 1, got, 3), 0);
    assert_memory_equal(got, memory + 1, 3);
    assert_int_equal(host_caller_write(s->host, 12, memory, 4), 0);
    assert_memory_equal(memory + 12, memory, 4);
    assert_int_equal(host_caller_write(s->host, 13, memory, 4), -XEN_EFAULT);
    assert_int_equal(host_caller_read(s->host, UINT64_MAX, got, 2),
                     -XEN_EFAULT);
}

/* ---- harness/devices/vdev.c ---- */

static void a_message_concerns_what_its_range_touches(void **state)
{
    static const struct {
        bool drains, ats_entry, invalidate;
        uint32_t source;
        uint64_t first, last;
        bool concerned;
    } rows[] = {
        { true, false, false, 5, 0, UINT64_MAX, true },
        { true, false, false, 9, 0x1fffff, 0x1fffff, false },
        { true, false, false, 9, 0x200000, 0x200fff, true },
        { true, false, false, 9, 0x3ff000, 0x7fffff, true },
        { true, false, false, 9, 0x400000, 0x7fffff, false },
        { false, false, false, 5, 0, UINT64_MAX, false },
        { true, true, false, 5, 0, UINT64_MAX, false },
        { false, true, true, 5, 0, UINT64_MAX, true },
        { false, true, true, 6, 0, UINT64_MAX, false },
        { true, false, true, 5, 0, UINT64_MAX, false },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        const struct vdev vdev = { .drains = rows[i].drains };
        const struct vdev_translation t = {
            .used = true,
            .request = { .ats = rows[i].ats_entry, .iova = 0x212345 },
            .mask = 0x1fffff
        };
        const struct dm_message m = { .invalidate = rows[i].invalidate,
                                      .source = rows[i].source,
                                      .first = rows[i].first,
                                      .last = rows[i].last };

        assert_int_equal(vdev_concerns(&vdev, 5, &t, &m), rows[i].concerned);
    }
}

static void messages_are_answered_in_any_order(void **state)
{
    struct dm dm = { .count = 0 };
    uint64_t i;

    (void)state;
    for ( i = 1; i <= DM_RECEIVED; i++ )
        assert_true(dm_take(&dm, &(struct dm_message) { .sequence = i }));
    assert_false(dm_take(&dm, &(struct dm_message) { .sequence = i }));
    dm_answered(&dm, 1);
    assert_int_equal(dm.last, 2);
    assert_int_equal(dm.count, DM_RECEIVED - 1);
    assert_int_equal(dm.received[0].sequence, 1);
    assert_int_equal(dm.received[1].sequence, 3);
    assert_int_equal(dm.received[DM_RECEIVED - 2].sequence, DM_RECEIVED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, small_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_told_before_he_connects),
        TEST(messages_arrive_in_their_order),
        TEST(too_many_messages_break_p7),
        TEST(one_that_is_cut_off_reaches_nothing),
        TEST(handles_are_of_the_callers_memory),
        cmocka_unit_test(a_message_concerns_what_its_range_touches),
        cmocka_unit_test(messages_are_answered_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
