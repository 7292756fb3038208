/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's machine, driven over qtest. */

#include "support.h"

#include <dirent.h>

#define VTD_VER    0x00
#define VTD_FECTL  0x38
#define VTD_FEDATA 0x3c

/* From the beginning of memory. */
#define HERE    UINT64_C(0x200000)
#define THERE   UINT64_C(0x300000)
#define SCRATCH UINT64_C(0x3f00000)

/* A register that a reset clears, of each. */
#define SMMUV3_IRQ_CTRL 0x50

static struct qemu_machine the_machine;

static int start_x86(void **state)
{
    *state = start_machine(&the_machine, &qemu_x86) ? &the_machine : NULL;
    return 0;
}

static int start_arm(void **state)
{
    *state = start_machine(&the_machine, &qemu_arm) ? &the_machine : NULL;
    return 0;
}

static uint64_t at(const struct qemu_machine *m, uint64_t offset)
{
    return m->arch->ram_base + offset;
}

static int stop(void **state)
{
    if ( *state )
        qemu_stop(*state);
    return 0;
}

static struct qemu_machine *machine(void **state)
{
    if ( !*state )
        skip();
    return *state;
}

static void every_device_writes_where_it_is_told(void **state)
{
    struct qemu_machine *m = machine(state);

    for ( unsigned int d = 0; d < m->arch->devices; d++ )
    {
        edu_write(m, d, at(m, THERE + 8 * d), (uint16_t)(0x1230 + d));
        assert_int_equal(qemu_load(m, at(m, THERE + 8 * d), 4), 0x1230 + d);
    }
}

static void reads_are_told_after_the_reset(void **state)
{
    struct qemu_machine *m = machine(state);
    uint32_t value[EDU_SLOTS];
    unsigned int slots;

    for ( unsigned int d = 0; d < m->arch->devices; d++ )
    {
        qemu_store(m, at(m, HERE), 4, 0xabcd0000 + d);
        qemu_store(m, at(m, HERE + 4), 4, 0x12340000 + d);
        assert_int_equal(edu_read(m, d, at(m, HERE)), 0);
        assert_int_equal(edu_read(m, d, at(m, HERE + 4)), 1);
        slots = m->device[d].slots;
        qemu_reset(m);
        m->device[d].slots = slots;
        edu_take_reads(m, d, at(m, SCRATCH), value);
        assert_int_equal(value[0], 0xabcd0000 + d);
        assert_int_equal(value[1], 0x12340000 + d);
        assert_int_equal(m->device[d].slots, 0);
    }
}

static void a_reset_clears_registers_and_keeps_memory(void **state)
{
    struct qemu_machine *m = machine(state);
    uint32_t offset = m->arch == &qemu_x86 ? VTD_FEDATA : SMMUV3_IRQ_CTRL;

    qemu_store(m, at(m, HERE), 8, 0x1122334455667788);
    qemu_unit_write(m, offset, 4, 5);
    assert_int_equal(qemu_unit_read(m, offset, 4), 5);
    qemu_reset(m);
    assert_int_equal(qemu_unit_read(m, offset, 4), 0);
    assert_int_equal(qemu_load(m, at(m, HERE), 8), 0x1122334455667788);
}

/* CMD_SYNC that asks for its interrupt. */
static void a_wire_of_the_unit_is_an_event(void **state)
{
    struct qemu_machine *m = machine(state);
    struct qemu_event event;

    qemu_reset(m);
    qemu_unit_write(m, 0x90, 8, at(m, HERE) | 3); /* CMDQ_BASE: 8 */
    qemu_store(m, at(m, HERE), 8, 0x1046);        /* CMD_SYNC, by interrupt */
    qemu_unit_write(m, SMMUV3_IRQ_CTRL, 4, 5);
    qemu_unit_write(m, 0x20, 4, 8); /* CR0.CMDQEN */
    assert_false(qemu_event_take(m, &event));
    qemu_unit_write(m, 0x98, 4, 1); /* CMDQ_PROD */
    assert_true(qemu_event_take(m, &event));
    assert_int_equal(event.address, 0);
    assert_int_equal(event.data, 76);
    assert_false(qemu_event_take(m, &event));
}

/* 7.2 asserts on an access of 8 bytes to FECTL. */
static void a_qemu_that_dies_is_noticed_and_started_anew(void **state)
{
    struct qemu_machine *m = machine(state);

    qemu_unit_write(m, VTD_FECTL, 8, 0);
    client_sync(&m->client);
    if ( qemu_alive(m) )
        skip();
    assert_true(*m->client.diagnosis);
    assert_int_equal(qemu_unit_read(m, VTD_VER, 4), 0);
    qemu_stop(m);
    assert_true(start_machine(m, &qemu_x86));
    assert_int_equal(qemu_unit_read(m, VTD_VER, 4), 0x10);
}

static void a_program_that_is_no_qemu_is_refused(void **state)
{
    struct qemu_machine m;
    char version[64];

    (void)state;
    assert_false(qemu_version("/bin/true", version, sizeof(version)));
    assert_false(qemu_start(&m, &qemu_x86, "/bin/true"));
    qemu_stop(&m);
}

/* Those that this process has open. */
static unsigned int descriptors(void)
{
    DIR *open = opendir("/proc/self/fd");
    unsigned int count = 0;

    assert_non_null(open);
    while ( readdir(open) )
        count++;
    closedir(open);
    return count;
}

static void a_stopped_machine_keeps_no_descriptor_and_no_memory(void **state)
{
    struct qemu_machine m;
    unsigned int before = descriptors();

    (void)state;
    assert_false(qemu_start(&m, &qemu_x86, "/bin/true"));
    assert_non_null(m.ram);
    qemu_stop(&m);
    assert_null(m.ram);
    assert_int_equal(descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest x86[] = {
        cmocka_unit_test(every_device_writes_where_it_is_told),
        cmocka_unit_test(reads_are_told_after_the_reset),
        cmocka_unit_test(a_reset_clears_registers_and_keeps_memory),
        cmocka_unit_test(a_qemu_that_dies_is_noticed_and_started_anew),
        cmocka_unit_test(a_program_that_is_no_qemu_is_refused),
        cmocka_unit_test(a_stopped_machine_keeps_no_descriptor_and_no_memory),
    };
    const struct CMUnitTest arm[] = {
        cmocka_unit_test(every_device_writes_where_it_is_told),
        cmocka_unit_test(reads_are_told_after_the_reset),
        cmocka_unit_test(a_reset_clears_registers_and_keeps_memory),
        cmocka_unit_test(a_wire_of_the_unit_is_an_event),
    };

    return cmocka_run_group_tests(x86, start_x86, stop) +
           cmocka_run_group_tests(arm, start_arm, stop);
}
