/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical events, and what of them the guest sees; its event queue. */
#include "vsmmu_guest.h"

/* ---- blocked by us ------------------------------------------------------ */

static void a_blocked_stream_is_told_as_its_ste_says(void **state)
{
    static const struct {
        uint64_t word0;
        unsigned int cr2, log2size;
        uint64_t base;
        unsigned int type; /* 0: none */
        uint64_t fetch;
    } rows[] = {
        { 0, 0, SID_BITS, STRTAB, C_BAD_STE, 0 },
        { 1 | 7 << 1, 0, SID_BITS, STRTAB, C_BAD_STE, 0 },
        { STE_ABORT, 0, SID_BITS, STRTAB, 0, 0 },
        { 0, 0, 4, STRTAB, 0, 0 },
        { 0, 2, 4, STRTAB, C_BAD_STREAMID, 0 }, /* RECINVSID */
        { 0, 0, SID_BITS, NO_RAM, F_STE_FETCH, NO_RAM + SID * 64 },
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;
    bool one;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start(&g);
        vguest_ste(&g, SID, rows[i].word0, 0);
        vguest_queues_on(&g);
        guest_write(&g, R_STRTAB_BASE, 8, rows[i].base);
        guest_write(&g, R_STRTAB_BASE_CFG, 4, rows[i].log2size);
        guest_write(&g, R_CR2, 4, rows[i].cr2);
        guest_write(&g, R_CR0, 4, CR0_ALL);
        fake_run(g.host);
        one = vguest_report(&g, C_BAD_STE | SSV_SSID(0x5678), ALL_ONES & ~S2,
                            ALL_ONES, ALL_ONES, event);
        assert_int_equal(one, rows[i].type != 0);
        if ( one )
        {
            assert_int_equal(event[0],
                             rows[i].type | SSV_SSID(0x5678) | CMD_SID(SID));
            assert_int_equal(event[1], 0);
            assert_int_equal(event[2], 0);
            assert_int_equal(event[3], rows[i].fetch);
        }
        guest_stop(&g);
    }
}

/* Linux makes an STE where there was none without a word. */
#define LEVEL_2 (STRTAB + 0x1000)

static void a_stream_without_an_ste_is_told_as_it_is_now(void **state)
{
    static const struct {
        uint64_t word0;
        unsigned int type; /* 0: none */
    } rows[] = {
        { STE_ABORT, 0 },
        { 0, C_BAD_STE },
        { STE_BYPASS, C_BAD_STREAMID }, /* usable: it was not yet */
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;
    bool one;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start(&g);
        vguest_queues_on(&g);
        guest_write(&g, R_STRTAB_BASE, 8, STRTAB);
        guest_write(&g, R_STRTAB_BASE_CFG, 4, 6 << 6 | 1 << 16 | SID_BITS);
        guest_write(&g, R_CR2, 4, 2); /* RECINVSID */
        guest_write(&g, R_CR0, 4, CR0_ALL);
        fake_run(g.host);
        assert_true(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
        assert_int_equal(event[0], C_BAD_STREAMID | CMD_SID(SID));
        guest_store(&g, STRTAB + SID / 64 * 8, LEVEL_2 | 7); /* Span */
        guest_store(&g, LEVEL_2 + SID % 64 * 64, rows[i].word0);
        one = vguest_report(&g, C_BAD_STE, 0, 0, 0, event);
        assert_int_equal(one, rows[i].type != 0);
        if ( one )
            assert_int_equal(event[0], rows[i].type | CMD_SID(SID));
        guest_stop(&g);
    }
}

static void while_disabled_there_are_no_events(void **state)
{
    uint64_t event[4];
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    assert_false(
        vguest_report(&g, F_TRANSLATION, RNW | CLASS(IN), VA, 0, event));
    guest_write(&g, R_GBPA, 4, GBPA_ABORT | GBPA_UPDATE);
    fake_run(g.host);
    assert_false(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    guest_stop(&g);
}

/* What the device met before its STE changed is told as it was. */
static void an_event_before_the_change_is_of_the_old_ste(void **state)
{
    const uint64_t physical[4] = { C_BAD_STE | CMD_SID(PSID) };
    uint64_t event[4];
    struct guest g;

    (void)state;
    vguest_start_with(&g, 0, 0);
    /* Recorded, the interrupt has not come yet. */
    fake_smmuv3_event(g.unit, physical);
    vguest_set_ste(&g, SID, STE_ABORT, 0);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    /* From now on it is silent. */
    assert_false(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    guest_stop(&g);
}

/* Records an event at the first store to the physical STE of the device. */
struct late {
    struct guest *g;
    uint64_t ste;
};

static void record_late(void *context, uint64_t mfn, unsigned int offset,
                        uint64_t value)
{
    const uint64_t physical[4] = { C_BAD_STE | CMD_SID(PSID) };
    struct late *late = context;

    (void)value;
    if ( (mfn << 12 | offset) - late->ste >= 64 )
        return;
    late->g->host->watch.store = NULL;
    fake_smmuv3_event(late->g->unit, physical);
}

static void an_event_during_the_change_is_of_the_old_ste(void **state)
{
    uint64_t event[4];
    struct guest g;
    struct late late = { .g = &g };

    (void)state;
    vguest_start_with(&g, 0, 0);
    late.ste = fake_smmuv3_ste_address(g.unit, PSID);
    g.host->watch.store = record_late;
    g.host->watch.context = &late;
    vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    /* That was the last that can have met it. */
    assert_false(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    guest_stop(&g);
}

/* Two words: the hardware's STE is not valid between, as the guest's was. */
static void an_event_between_two_valid_stes_is_bad_ste(void **state)
{
    uint64_t event[4];
    struct guest g;
    struct late late = { .g = &g };

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    late.ste = fake_smmuv3_ste_address(g.unit, PSID);
    g.host->watch.store = record_late;
    g.host->watch.context = &late;
    vguest_set_ste(&g, SID, STE_S1 | (CDS + 0x1000), 0x40); /* S1COR */
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    assert_false(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    guest_stop(&g);
}

/* CMD_SYNC: the events of what came before are in the queue (4.7.3). */
static void sync_completes_after_the_events(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    uint64_t event[4];
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < 5; i++ )
        fake_smmuv3_event(g.unit, physical);
    vguest_command(&g, OP_CFGI_CDS | CMD_SID(SID), 0);
    vguest_sync(&g);
    for ( i = 0; i < 5; i++ )
        assert_true(vguest_take_event(&g, event));
    assert_false(vguest_take_event(&g, event));
    guest_stop(&g);
}

/* ---- stage 1 ------------------------------------------------------------ */

static void events_of_stage_1_are_the_guests_own(void **state)
{
    const uint64_t access = PNU | IND | RNW;
    const struct {
        unsigned int type;
        uint64_t word1; /* what is left of all ones */
        bool input;
    } rows[] = {
        { F_UUT, access | 0xffff, true },
        { F_STREAM_DISABLED, 0, false },
        { C_BAD_SUBSTREAMID, 0, false },
        { C_BAD_CD, 0, false },
        { F_WALK_EABT, access | CLASS(3), true },
        { F_TRANSLATION, access | CLASS(3), true },
        { 0x11, access | CLASS(3), true },
        { 0x12, access | CLASS(3), true },
        { F_PERMISSION, access | CLASS(3), true },
        { 0x20, access, true },
        { 0x21, 0, false },
    };
    uint64_t event[4];
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        assert_true(vguest_report(&g, rows[i].type | SSV_SSID(0x12345),
                                  ALL_ONES & ~S2, VA, ALL_ONES, event));
        assert_int_equal(event[0],
                         rows[i].type | SSV_SSID(0x12345) | CMD_SID(SID));
        assert_int_equal(event[1], rows[i].word1);
        assert_int_equal(event[2], rows[i].input ? VA : 0);
        assert_int_equal(event[3], 0); /* no address of the host */
    }
    /* Not of a unit like the guest's, or nothing that it knows. */
    assert_false(vguest_report(&g, 0x05, 0, VA, 0, event));
    assert_false(vguest_report(&g, 0x24, 0, VA, 0, event));
    assert_false(vguest_report(&g, 0xe0, 0, VA, 0, event));
    assert_false(vguest_report(&g, C_BAD_STE, 0, 0, 0, event));
    guest_stop(&g);
}

/* ---- the queue ---------------------------------------------------------- */

static void overflow_is_told_once_until_acknowledged(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    uint64_t event[4];
    struct guest g;
    unsigned int i, n = 1u << EVENT_LOG2;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < n; i++ )
        vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), n);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 1);
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), n | BIT(31));
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), n | BIT(31));
    for ( i = 0; i < n; i++ )
        assert_true(vguest_take_event(&g, event));
    /* There is room: recorded, though not acknowledged. */
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), (n + 1) | BIT(31));
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 2);
    guest_write(&g, R_EVENTQ_CONS, 4, n | BIT(31));
    for ( i = 0; i < n; i++ )
        vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), 0);
    assert_int_equal(guest_read(&g, R_GERROR, 4), 0);
    guest_stop(&g);
}

static void an_event_queue_outside_memory_aborts(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct guest g;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    guest_write(&g, R_CR0, 4, CR0_SMMUEN | CR0_CMDQEN);
    guest_write(&g, R_EVENTQ_BASE, 8, NO_RAM | EVENT_LOG2);
    vguest_physical_event(&g, physical); /* lost: it is off */
    guest_write(&g, R_CR0, 4, CR0_ALL);
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_GERROR, 4), EVENTQ_ABT);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 0);
    /* Lost as well, without a word. */
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_GERROR, 4), EVENTQ_ABT);
    guest_write(&g, R_GERRORN, 4, EVENTQ_ABT);
    vguest_physical_event(&g, physical);
    assert_int_equal(guest_read(&g, R_GERROR, 4), 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 2);
    guest_stop(&g);
}

static void interrupts_come_when_they_are_enabled(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct guest g;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    guest_write(&g, R_IRQ_CTRL, 4, 0);
    vguest_physical_event(&g, physical);
    vguest_command(&g, 0xff, 0);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4), 1);
    assert_int_equal(guest_read(&g, R_GERROR, 4), CMDQ_ERR);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 0);
    guest_stop(&g);
}

static void a_flood_costs_a_bounded_piece_of_work_a_time(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < 128; i++ ) /* all that its queue takes */
        fake_smmuv3_event(g.unit, physical);
    viommu_unit_interrupt(g.registry, 0);
    vguest_command(&g, OP_NH_ALL, 0);
    vguest_command(&g, OP_SYNC, 0);
    while ( !vguest_queue_empty(&g) )
    {
        fake_run_some(g.host, 1);
        assert_true(g.host->used < g.host->budget + 100);
    }
    /* Nothing is left of what was there before CMD_SYNC. */
    assert_int_equal(g.unit->reg[R_EVENTQ_PROD / 4],
                     g.unit->reg[R_EVENTQ_CONS / 4]);
    assert_int_equal(guest_read(&g, R_EVENTQ_PROD, 4),
                     1u << EVENT_LOG2 | BIT(31));
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_stream_is_told_as_its_ste_says),
        cmocka_unit_test(a_stream_without_an_ste_is_told_as_it_is_now),
        cmocka_unit_test(while_disabled_there_are_no_events),
        cmocka_unit_test(an_event_before_the_change_is_of_the_old_ste),
        cmocka_unit_test(an_event_during_the_change_is_of_the_old_ste),
        cmocka_unit_test(an_event_between_two_valid_stes_is_bad_ste),
        cmocka_unit_test(sync_completes_after_the_events),
        cmocka_unit_test(events_of_stage_1_are_the_guests_own),
        cmocka_unit_test(overflow_is_told_once_until_acknowledged),
        cmocka_unit_test(an_event_queue_outside_memory_aborts),
        cmocka_unit_test(interrupts_come_when_they_are_enabled),
        cmocka_unit_test(a_flood_costs_a_bounded_piece_of_work_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
