/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical events, and what of them the guest sees. */
#include "vsmmu_guest.h"

/* Event types. */
#define F_UUT             0x01u
#define C_BAD_STREAMID    0x02u
#define F_STE_FETCH       0x03u
#define C_BAD_STE         0x04u
#define F_STREAM_DISABLED 0x06u
#define C_BAD_SUBSTREAMID 0x08u
#define F_CD_FETCH        0x09u
#define C_BAD_CD          0x0au
#define F_WALK_EABT       0x0bu
#define F_TRANSLATION     0x10u
#define F_PERMISSION      0x13u

/* Word 1. */
#define PNU      BIT(33)
#define IND      BIT(34)
#define RNW      BIT(35)
#define S2       BIT(39)
#define CLASS(n) ((uint64_t)(n) << 40)
#define CD       0
#define TT       1
#define IN       2
#define ALL_ONES ~UINT64_C(0)

#define SSV_SSID(n) (BIT(11) | (uint64_t)(n) << 12)
#define VA          UINT64_C(0x40201678)

/* SSIDSIZE is 12. */
static void start_with(struct vguest *g, uint64_t word0, uint64_t word1)
{
    uint32_t idr[6];

    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[1] = (idr[1] & ~(0x1fu << 6)) | 12 << 6;
    vguest_start_on(g, fake_smmuv3_host(true, idr));
    vguest_ste(g, SID, word0, word1);
    vguest_enable(g);
}

/* Report @physical; true: the guest has exactly one event. */
static bool report(struct vguest *g, uint64_t w0, uint64_t w1, uint64_t w2,
                   uint64_t w3, uint64_t event[4])
{
    const uint64_t physical[4] = { w0 | CMD_SID(PSID), w1, w2, w3 };
    uint64_t second[4];
    bool one;

    vguest_physical_event(g, physical);
    one = vguest_take_event(g, event);
    assert_false(vguest_take_event(g, second));
    return one;
}

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
    struct vguest g;
    unsigned int i;
    bool one;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start(&g);
        vguest_ste(&g, SID, rows[i].word0, 0);
        vguest_queues_on(&g);
        vguest_write(&g, R_STRTAB_BASE, 8, rows[i].base);
        vguest_write(&g, R_STRTAB_BASE_CFG, 4, rows[i].log2size);
        vguest_write(&g, R_CR2, 4, rows[i].cr2);
        vguest_write(&g, R_CR0, 4, CR0_ALL);
        fake_run(g.host);
        one = report(&g, C_BAD_STE | SSV_SSID(0x5678), ALL_ONES & ~S2,
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
        vguest_stop(&g);
    }
}

static void while_disabled_there_are_no_events(void **state)
{
    uint64_t event[4];
    struct vguest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    assert_false(report(&g, F_TRANSLATION, RNW | CLASS(IN), VA, 0, event));
    vguest_write(&g, R_GBPA, 4, GBPA_ABORT | GBPA_UPDATE);
    fake_run(g.host);
    assert_false(report(&g, C_BAD_STE, 0, 0, 0, event));
    vguest_stop(&g);
}

/* What the device met before its STE changed is told as it was. */
static void an_event_before_the_change_is_of_the_old_ste(void **state)
{
    const uint64_t physical[4] = { C_BAD_STE | CMD_SID(PSID) };
    uint64_t event[4];
    struct vguest g;

    (void)state;
    start_with(&g, 0, 0);
    /* Recorded, the interrupt has not come yet. */
    fake_smmuv3_event(g.unit, physical);
    vguest_set_ste(&g, SID, STE_ABORT, 0);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    /* From now on it is silent. */
    assert_false(report(&g, C_BAD_STE, 0, 0, 0, event));
    vguest_stop(&g);
}

/* Records an event at the first store to the physical STE of the device. */
struct late {
    struct vguest *g;
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
    struct vguest g;
    struct late late = { .g = &g };

    (void)state;
    start_with(&g, 0, 0);
    late.ste = fake_smmuv3_ste_address(g.unit, PSID);
    g.host->watch.store = record_late;
    g.host->watch.context = &late;
    vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], C_BAD_STE | CMD_SID(SID));
    /* That was the last that can have met it. */
    assert_false(report(&g, C_BAD_STE, 0, 0, 0, event));
    vguest_stop(&g);
}

/* CMD_SYNC: the events of what came before are in the queue (4.6.3). */
static void sync_completes_after_the_events(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    uint64_t event[4];
    struct vguest g;
    unsigned int i;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < 5; i++ )
        fake_smmuv3_event(g.unit, physical);
    vguest_command(&g, OP_CFGI_CDS | CMD_SID(SID), 0);
    vguest_sync(&g);
    for ( i = 0; i < 5; i++ )
        assert_true(vguest_take_event(&g, event));
    assert_false(vguest_take_event(&g, event));
    vguest_stop(&g);
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
    struct vguest g;
    unsigned int i;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        assert_true(report(&g, rows[i].type | SSV_SSID(0x12345),
                           ALL_ONES & ~S2, VA, ALL_ONES, event));
        assert_int_equal(event[0],
                         rows[i].type | SSV_SSID(0x12345) | CMD_SID(SID));
        assert_int_equal(event[1], rows[i].word1);
        assert_int_equal(event[2], rows[i].input ? VA : 0);
        assert_int_equal(event[3], 0); /* no address of the host */
    }
    /* Not of a unit like the guest's, or nothing that it knows. */
    assert_false(report(&g, 0x05, 0, VA, 0, event));
    assert_false(report(&g, 0x24, 0, VA, 0, event));
    assert_false(report(&g, 0xe0, 0, VA, 0, event));
    assert_false(report(&g, C_BAD_STE, 0, 0, 0, event));
    vguest_stop(&g);
}

/* ---- stage 2 ------------------------------------------------------------ */

#define CDMAX(n) ((uint64_t)(n) << 59)
#define S1FMT(n) ((uint64_t)(n) << 4)

static void a_cd_that_is_no_memory_could_not_be_fetched(void **state)
{
    static const struct {
        uint64_t word0, ssid, page, fetch;
    } rows[] = {
        { NO_RAM | 0xfc0, 0, NO_RAM, NO_RAM | 0xfc0 },
        { NO_RAM | CDMAX(8), SSV_SSID(0x41), NO_RAM + 0x1000,
          NO_RAM + 0x1040 },
        /* of two levels: the descriptor of the first ... */
        { NO_RAM | CDMAX(8) | S1FMT(1), SSV_SSID(0xc5), NO_RAM,
          NO_RAM + 0x18 },
        { NO_RAM | CDMAX(8) | S1FMT(2), SSV_SSID(0xc5), NO_RAM, NO_RAM },
        /* 64 descriptors are aligned to 512 bytes, 4096 CDs to 256 KiB */
        { NO_RAM | 0x3c0 | CDMAX(12) | S1FMT(1), SSV_SSID(0xc5), NO_RAM,
          NO_RAM + 0x200 + 0x18 },
        { NO_RAM | 0x3ffc0 | CDMAX(12), SSV_SSID(0x40), NO_RAM + 0x1000,
          NO_RAM + 0x1000 },
        /* ... or the CD itself */
        { CDS | CDMAX(8) | S1FMT(1), SSV_SSID(0xc5), NO_RAM, NO_RAM + 0x140 },
        { CDS | CDMAX(8) | S1FMT(2), SSV_SSID(0xc5), NO_RAM + 0x3000,
          NO_RAM + 0x3140 },
    };
    uint64_t event[4];
    struct vguest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        start_with(&g, STE_S1 | rows[i].word0, 0);
        assert_true(report(&g, F_TRANSLATION | rows[i].ssid,
                           S2 | RNW | CLASS(CD), VA, rows[i].page, event));
        assert_int_equal(event[0], F_CD_FETCH | rows[i].ssid | CMD_SID(SID));
        assert_int_equal(event[1], 0);
        assert_int_equal(event[2], 0);
        assert_int_equal(event[3], rows[i].fetch);
        vguest_stop(&g);
    }
}

/* A CD: T0SZ 25 (39 bits), T1SZ 16 (48 bits), both 4 KiB. */
static void store_cd(struct vguest *g, uint64_t at, uint64_t ttb0,
                     uint64_t ttb1, uint64_t tg)
{
    vguest_store(g, at, 25 | 16 << 16 | tg | BIT(31) | BIT(41));
    vguest_store(g, at + 8, ttb0);
    vguest_store(g, at + 16, ttb1);
}

#define TG_4K  (UINT64_C(2) << 22)
#define TG_16K (UINT64_C(2) << 6 | UINT64_C(1) << 22)
#define TG_64K (UINT64_C(1) << 6 | UINT64_C(3) << 22)
#define T1     UINT64_C(0x50000)
#define T2     UINT64_C(0x54000)
#define UPPER  UINT64_C(0xffff000040201678)

static void a_table_that_is_no_memory_ends_the_walk(void **state)
{
    static const struct {
        uint64_t tg, ttb0, ttb1, input;
        uint64_t link, at; /* a table descriptor, and where */
        uint64_t page, fetch;
    } rows[] = {
        /* 39 bits, 4 KiB: levels 1, 2, 3 */
        { TG_4K, NO_RAM, 0, VA, 0, 0, NO_RAM, NO_RAM + 1 * 8 },
        { TG_4K, T1, 0, VA, NO_RAM | 3, T1 + 1 * 8, NO_RAM, NO_RAM + 1 * 8 },
        /* 48 bits: from level 0 */
        { TG_4K, 0, NO_RAM, UPPER, 0, 0, NO_RAM, NO_RAM + 0 * 8 },
        { TG_4K, 0, T1, UPPER, NO_RAM | 3, T1, NO_RAM, NO_RAM + 1 * 8 },
        /* 16 KiB: 39 bits from level 1 (3 bits of index), 64 KiB */
        { TG_16K, T1, 0, VA, NO_RAM | 3, T1, NO_RAM, NO_RAM + 0x20 * 8 },
        { TG_64K, T1, 0, VA, NO_RAM | 3, T1 + 2 * 8, NO_RAM,
          NO_RAM + 0x20 * 8 },
        /* A table of 8 entries is aligned to its size. */
        { TG_16K, T1 | 0x40, 0, VA, NO_RAM | 3, T1 + 0x40, NO_RAM,
          NO_RAM + 0x20 * 8 },
        /* The guest has changed it: as hardware has told it. */
        { TG_4K, T1, 0, VA, T2 | 3, T1 + 1 * 8, NO_RAM, NO_RAM },
        { TG_4K, T1, 0, VA, NO_RAM | 1, T1 + 1 * 8, NO_RAM, NO_RAM },
        { 3 << 6, NO_RAM, 0, VA, 0, 0, NO_RAM, NO_RAM },
    };
    uint64_t event[4];
    struct vguest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        start_with(&g, STE_S1 | CDS, 0);
        store_cd(&g, CDS, rows[i].ttb0, rows[i].ttb1, rows[i].tg);
        vguest_store(&g, rows[i].at, rows[i].link);
        if ( !rows[i].at )
            vguest_store(&g, 0, 0);
        assert_true(report(&g, F_TRANSLATION, S2 | PNU | CLASS(TT) | BIT(44),
                           rows[i].input, rows[i].page, event));
        assert_int_equal(event[0], F_WALK_EABT | CMD_SID(SID));
        assert_int_equal(event[1], PNU | CLASS(TT));
        assert_int_equal(event[2], rows[i].input);
        assert_int_equal(event[3], rows[i].fetch);
        vguest_stop(&g);
    }
}

static void the_cd_of_a_walk_may_be_in_two_levels(void **state)
{
    uint64_t event[4];
    struct vguest g;

    (void)state;
    start_with(&g, STE_S1 | CDS | CDMAX(8) | S1FMT(1), 0);
    vguest_store(&g, CDS + 3 * 8, T2 | 1);
    store_cd(&g, T2 + 5 * 64, NO_RAM, 0, TG_4K);
    assert_true(report(&g, F_TRANSLATION | SSV_SSID(0xc5),
                       S2 | RNW | CLASS(TT), VA, NO_RAM, event));
    assert_int_equal(event[3], NO_RAM + 8);
    vguest_stop(&g);
}

/* The bus aborts it: nobody tells. */
static void a_target_that_is_no_memory_makes_no_event(void **state)
{
    uint64_t event[4];
    struct vguest g;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    assert_false(
        report(&g, F_TRANSLATION, S2 | RNW | CLASS(IN), VA, NO_RAM, event));
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    assert_false(
        report(&g, F_PERMISSION, S2 | CLASS(IN), NO_RAM, NO_RAM, event));
    /* There is no table that hardware could have walked. */
    assert_false(report(&g, F_PERMISSION, S2 | CLASS(TT), VA, NO_RAM, event));
    vguest_stop(&g);
}

/* ---- the queue ---------------------------------------------------------- */

static void overflow_is_told_once_until_acknowledged(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    uint64_t event[4];
    struct vguest g;
    unsigned int i, n = 1u << EVENT_LOG2;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    for ( i = 0; i < n; i++ )
        vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), n);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 1);
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), n | BIT(31));
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), n | BIT(31));
    for ( i = 0; i < n; i++ )
        assert_true(vguest_take_event(&g, event));
    /* There is room: recorded, though not acknowledged. */
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), (n + 1) | BIT(31));
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 2);
    vguest_write(&g, R_EVENTQ_CONS, 4, n | BIT(31));
    for ( i = 0; i < n; i++ )
        vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), 0);
    assert_int_equal(vguest_read(&g, R_GERROR, 4), 0);
    vguest_stop(&g);
}

static void an_event_queue_outside_memory_aborts(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct vguest g;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    vguest_write(&g, R_CR0, 4, CR0_SMMUEN | CR0_CMDQEN);
    vguest_write(&g, R_EVENTQ_BASE, 8, NO_RAM | EVENT_LOG2);
    vguest_physical_event(&g, physical); /* lost: it is off */
    vguest_write(&g, R_CR0, 4, CR0_ALL);
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_GERROR, 4), EVENTQ_ABT);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 1);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 0);
    /* Lost as well, without a word. */
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_GERROR, 4), EVENTQ_ABT);
    vguest_write(&g, R_GERRORN, 4, EVENTQ_ABT);
    vguest_physical_event(&g, physical);
    assert_int_equal(vguest_read(&g, R_GERROR, 4), 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 2);
    vguest_stop(&g);
}

static void interrupts_come_when_they_are_enabled(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct vguest g;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
    vguest_write(&g, R_IRQ_CTRL, 4, 0);
    vguest_physical_event(&g, physical);
    vguest_command(&g, 0xff, 0);
    fake_run(g.host);
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4), 1);
    assert_int_equal(vguest_read(&g, R_GERROR, 4), CMDQ_ERR);
    assert_int_equal(g.d->virqs[VIRQ_EVENTQ], 0);
    assert_int_equal(g.d->virqs[VIRQ_GERROR], 0);
    vguest_stop(&g);
}

static void a_flood_costs_a_bounded_piece_of_work_a_time(void **state)
{
    const uint64_t physical[4] = { C_BAD_CD | CMD_SID(PSID) };
    struct vguest g;
    unsigned int i;

    (void)state;
    start_with(&g, STE_S1 | CDS, 0);
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
    assert_int_equal(vguest_read(&g, R_EVENTQ_PROD, 4),
                     1u << EVENT_LOG2 | BIT(31));
    vguest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_stream_is_told_as_its_ste_says),
        cmocka_unit_test(while_disabled_there_are_no_events),
        cmocka_unit_test(an_event_before_the_change_is_of_the_old_ste),
        cmocka_unit_test(an_event_during_the_change_is_of_the_old_ste),
        cmocka_unit_test(sync_completes_after_the_events),
        cmocka_unit_test(events_of_stage_1_are_the_guests_own),
        cmocka_unit_test(a_cd_that_is_no_memory_could_not_be_fetched),
        cmocka_unit_test(a_table_that_is_no_memory_ends_the_walk),
        cmocka_unit_test(the_cd_of_a_walk_may_be_in_two_levels),
        cmocka_unit_test(a_target_that_is_no_memory_makes_no_event),
        cmocka_unit_test(overflow_is_told_once_until_acknowledged),
        cmocka_unit_test(an_event_queue_outside_memory_aborts),
        cmocka_unit_test(interrupts_come_when_they_are_enabled),
        cmocka_unit_test(a_flood_costs_a_bounded_piece_of_work_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
