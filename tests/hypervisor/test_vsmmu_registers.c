/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register file of vsmmuv3. */
#include "vsmmu_guest.h"

#define FULL ~UINT64_C(0)

static void every_register_keeps_what_it_may(void **state)
{
    static const struct guest_register rows[] = {
        { 0x00008, 4, 0, 0 }, /* IDR2 */
        { 0x00010, 4, 0, 0 }, /* IDR4 */
        { 0x00018, 4, 0, 0 }, /* IIDR */
        { 0x0001c, 4, 2, 2 }, /* AIDR */
        { 0x00024, 4, 0, 0 }, /* CR0ACK */
        { 0x00028, 4, 0, 0xfff },
        { 0x0002c, 4, 0, 0x6 }, /* CR2: no E2H */
        { 0x00040, 4, 0, 0 },   /* STATUSR */
        { 0x00048, 4, 0, 0 },   /* AGBPA */
        { 0x00050, 4, 0, 0x5 }, /* IRQ_CTRL: no PRIQ */
        { 0x00054, 4, 0x5, 0x5 },
        { 0x00060, 4, 0, 0 },
        { 0x00068, 8, 0, 0 }, /* GERROR_IRQ_CFG0: no MSI */
        { 0x00070, 8, 0, 0 },
        { 0x00080, 8, 0, BIT(62) | UINT64_C(0xffffffffffffc0) },
        { 0x00088, 4, 0, 0x307ff },
        { 0x00090, 8, 0, BIT(62) | UINT64_C(0xffffffffffffff) },
        { 0x0009c, 4, 0, 0x7f0fffff },
        { 0x000a0, 8, 0, BIT(62) | UINT64_C(0xffffffffffffff) },
        { 0x000a8, 8, 0, 0 }, /* in page 1 only */
        { 0x000b0, 8, 0, 0 },
        { 0x000c0, 8, 0, 0 }, /* PRIQ */
        { 0x000c8, 8, 0, 0 },
        { 0x00100, 8, 0, 0 }, /* GATOS */
        { 0x00fe0, 8, 0, 0 },
        { 0x08000, 8, 0, 0 }, /* Secure */
        { 0x0fff8, 8, 0, 0 },
        { 0x10000, 8, 0, 0 },
        { 0x100a8, 4, 0, 0x800fffff },
        { 0x100ac, 4, 0, 0x800fffff },
        { 0x100c8, 8, 0, 0 },
        { 0x1fff8, 8, 0, 0 },
        { 0x00098, 4, 0, 0xfffff },
        { 0x00064, 4, 0, 0x105 }, /* GERRORN: what can be an error */
    };
    struct guest g;
    unsigned int half;

    (void)state;
    for ( half = 0; half < 2; half++ )
    {
        vguest_start(&g);
        guest_check_registers(&g, rows, ARRAY_SIZE(rows), half);
        guest_stop(&g);
    }
}

static void small_and_crooked_writes_are_dropped(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    guest_write(&g, R_CMDQ_BASE, 2, 0xffff);
    guest_write(&g, R_CMDQ_BASE, 1, 0xff);
    guest_write(&g, R_CMDQ_BASE + 2, 4, FULL);
    guest_write(&g, R_CMDQ_BASE - 4, 8, FULL);
    assert_int_equal(guest_read(&g, R_CMDQ_BASE, 8), 0);
    guest_stop(&g);
}

static void reads_of_any_size_give_the_bytes(void **state)
{
    const uint64_t value = UINT64_C(0x40123456789abc00);
    struct guest g;

    (void)state;
    vguest_start(&g);
    guest_write(&g, R_STRTAB_BASE, 8, value);
    guest_check_bytes(&g, R_STRTAB_BASE,
                      value & ~(UINT64_C(0xff) << 56 & ~BIT(62)));
    guest_stop(&g);
}

static void what_is_in_use_is_read_only(void **state)
{
    static const struct {
        uint32_t cr0;
        unsigned int offset, size;
        uint64_t value, kept; /* of an attempt to set it to 0 */
    } rows[] = {
        { CR0_SMMUEN, R_STRTAB_BASE, 8, 0x7000, 0x7000 },
        { CR0_SMMUEN, R_STRTAB_BASE_CFG, 4, 0x8, 0x8 },
        { CR0_SMMUEN, R_CR1, 4, 0xfff, 0xfc0 },
        { CR0_SMMUEN, R_CR2, 4, 0x6, 0x6 },
        { CR0_SMMUEN, R_CMDQ_BASE, 8, 0x7000, 0 },
        { CR0_CMDQEN, R_CMDQ_BASE, 8, 0x7000, 0x7000 },
        { CR0_CMDQEN, R_CMDQ_CONS, 4, 0x3, 0x3 },
        { CR0_CMDQEN, R_CR1, 4, 0xfff, 0x03f },
        { CR0_CMDQEN, R_EVENTQ_BASE, 8, 0x7000, 0 },
        { CR0_EVENTQEN, R_EVENTQ_BASE, 8, 0x7000, 0x7000 },
        { CR0_EVENTQEN, R_EVENTQ_PROD, 4, 0x3, 0x3 },
        { CR0_EVENTQEN, R_EVENTQ_CONS, 4, 0x3, 0 },
        { CR0_EVENTQEN, R_CR1, 4, 0xfff, 0x03f },
        { CR0_EVENTQEN, R_CR2, 4, 0x6, 0 },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start(&g);
        guest_write(&g, R_CMDQ_PROD, 4, 0x3);
        guest_write(&g, rows[i].offset, rows[i].size, rows[i].value);
        guest_write(&g, R_CR0, 4, rows[i].cr0);
        guest_write(&g, rows[i].offset, rows[i].size, 0);
        assert_int_equal(guest_read(&g, rows[i].offset, rows[i].size),
                         rows[i].kept);
        fake_run(g.host);
        guest_write(&g, R_CR0, 4, 0);
        fake_run(g.host);
        guest_write(&g, rows[i].offset, rows[i].size, 0);
        assert_int_equal(guest_read(&g, rows[i].offset, rows[i].size), 0);
        guest_stop(&g);
    }
}

/* The device has to be out of the p2m before the guest is told so. */
static void smmuen_is_acknowledged_when_the_devices_follow(void **state)
{
    uint64_t ste[8];
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    guest_write(&g, R_CR0, 4, CR0_ALL);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), CR0_CMDQEN | CR0_EVENTQEN);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 0xf, 0xd); /* stage 2 */
    fake_run(g.host);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 1, 0);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), CR0_ALL);

    guest_write(&g, R_CR0, 4, 0);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), CR0_SMMUEN);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), 0);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 0xf, 0xd);
    guest_stop(&g);
}

static void gbpa_changes_with_update_only(void **state)
{
    uint64_t ste[8];
    struct guest g;

    (void)state;
    vguest_start(&g);
    guest_write(&g, R_GBPA, 4, GBPA_ABORT);
    assert_int_equal(guest_read(&g, R_GBPA, 4), 0x1000);
    guest_write(&g, R_GBPA, 4, GBPA_ABORT | GBPA_UPDATE);
    assert_int_equal(guest_read(&g, R_GBPA, 4), GBPA_ABORT | GBPA_UPDATE);
    guest_write(&g, R_GBPA, 4, GBPA_UPDATE | 0x2000); /* too early */
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GBPA, 4), GBPA_ABORT);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 1, 0);

    /* A device that comes now is blocked as well. */
    assert_int_equal(guest_detach(&g, SID), 0);
    assert_int_equal(guest_attach(&g, SID, PSID), 0);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 1, 0);

    guest_write(&g, R_GBPA, 4, GBPA_UPDATE);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GBPA, 4), 0);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 0xf, 0xd);
    guest_stop(&g);
}

static void gbpa_changes_while_enabled_count_afterwards(void **state)
{
    uint64_t ste[8];
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    vguest_ste(&g, SID, 0, 0); /* and not invalidated */
    guest_write(&g, R_GBPA, 4, GBPA_ABORT | GBPA_UPDATE);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GBPA, 4), GBPA_ABORT);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 0xf, 0xd);
    guest_write(&g, R_CR0, 4, 0);
    fake_run(g.host);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0] & 1, 0);
    guest_stop(&g);
}

static void an_unacknowledged_error_is_not_told_twice(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    vguest_command(&g, 0xff, 0);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
    vguest_command(&g, 0xff, 0);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
    /* Acknowledged: it stands at the same command, and fails again. */
    guest_write(&g, R_GERRORN, 4, CMDQ_ERR);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_GERROR, 4), 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 2);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_keeps_what_it_may),
        cmocka_unit_test(small_and_crooked_writes_are_dropped),
        cmocka_unit_test(reads_of_any_size_give_the_bytes),
        cmocka_unit_test(what_is_in_use_is_read_only),
        cmocka_unit_test(smmuen_is_acknowledged_when_the_devices_follow),
        cmocka_unit_test(gbpa_changes_with_update_only),
        cmocka_unit_test(gbpa_changes_while_enabled_count_afterwards),
        cmocka_unit_test(an_unacknowledged_error_is_not_told_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
