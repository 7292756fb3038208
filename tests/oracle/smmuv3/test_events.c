/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P4: events in the queue, its overflow and aborts, and interrupts. */
#include "world.h"

static struct world w;

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SID(sid)    ((uint64_t)(sid) << 32)
#define SSV(ssid)   (BIT(11) | (uint64_t)(ssid) << 12)
#define PNU         BIT(33)
#define IND         BIT(34)
#define RNW         BIT(35)
#define S2          BIT(39)
#define CD          (UINT64_C(0) << 40)
#define TT          (UINT64_C(1) << 40)
#define IN          (UINT64_C(2) << 40)
#define NOWHERE     (IOVA + 0x5000)

static void quiescent(void)
{
    oracle_quiescent(w.oracle);
}

/* ---- one event for each reason ---- */

struct event_row {
    const char *what;
    struct ste ste;
    uint64_t cd_flip0;
    uint64_t leaf;              /* of stage 1 */
    uint64_t s2_first, s2_data; /* blocks of stage 2: 0: as they are */
    uint64_t iova;
    uint32_t ssid;
    bool write, privileged, execute;
    uint64_t word[4];
};

#define STAGE1 .config = 5, .cd = CDS + 0x400 * DEV_A
#define NESTED                                                                \
    .config = 7, .cd = CDS + 0x400 * DEV_A, .vmid = 7, .t0sz = 25, .sl0 = 1,  \
    .ps = 5, .ttb = TABLES_2, .s2r = true
#define STAGE2                                                                \
    .config = 6, .vmid = 7, .t0sz = 25, .sl0 = 1, .ps = 5, .ttb = TABLES_2,   \
    .s2r = true
#define A       SID(DEV_A)
#define S2BLOCK (S2PAGE & ~BIT(1))
#define CD_A    (CDS + 0x400 * DEV_A)
#define NO      NONE

/* clang-format off */
static const struct event_row event_rows[] = {
    { "C_BAD_STE", { .config = 8 }, 0, 0, 0, 0, IOVA, NO, false, false, false,
      { 0x04 | A, 0, 0, 0 } },
    { "C_BAD_STE with a substream", { .config = 8 }, 0, 0, 0, 0, IOVA, 5,
      false, false, false, { 0x04 | A | SSV(5), 0, 0, 0 } },
    { "F_STREAM_DISABLED", { STAGE1, .cdmax = 1 }, 0, 0, 0, 0, IOVA, NO,
      false, false, false, { 0x06 | A, 0, 0, 0 } },
    { "C_BAD_SUBSTREAMID", { STAGE1 }, 0, 0, 0, 0, IOVA, 5, false, false,
      false, { 0x08 | A | UINT64_C(5) << 12, 0, 0, 0 } },
    { "F_CD_FETCH", { .config = 5, .cd = HOLE }, 0, 0, 0, 0, IOVA, NO, false,
      false, false, { 0x09 | A, 0, 0, HOLE } },
    { "C_BAD_CD", { STAGE1 }, BIT(31), 0, 0, 0, IOVA, NO, false, false, false,
      { 0x0a | A, 0, 0, 0 } },
    { "F_TRANSLATION, read", { STAGE1 }, 0, 0, 0, 0, NOWHERE | 0x123, NO,
      false, false, false, { 0x10 | A, RNW | IN, NOWHERE | 0x123, 0 } },
    { "F_TRANSLATION, write", { STAGE1 }, 0, 0, 0, 0, NOWHERE, NO, true,
      false, false, { 0x10 | A, IN, NOWHERE, 0 } },
    { "F_TRANSLATION, privileged, executed", { STAGE1 }, 0, 0, 0, 0, NOWHERE,
      NO, false, true, true, { 0x10 | A, PNU | IND | RNW | IN, NOWHERE, 0 } },
    { "F_TRANSLATION, overridden", { STAGE1, .privcfg = 3, .instcfg = 2 }, 0,
      0, 0, 0, NOWHERE, NO, false, false, true,
      { 0x10 | A, PNU | RNW | IN, NOWHERE, 0 } },
    { "F_TRANSLATION with a substream", { STAGE1, .cdmax = 1, .dss = 2 },
      BIT(31), 0, 0, 0, NOWHERE, 1, false, false, false,
      { 0x0a | A | SSV(1), 0, 0, 0 } },
    { "F_TRANSLATION, out of the range", { STAGE1 }, 0, 0, 0, 0, BIT(45), NO,
      false, false, false, { 0x10 | A, RNW | IN, BIT(45), 0 } },
    { "F_ADDR_SIZE", { STAGE1 }, UINT64_C(5) << 32, BIT(40) | PAGE, 0, 0,
      IOVA, NO, false, false, false, { 0x11 | A, RNW | IN, IOVA, 0 } },
    { "F_ADDR_SIZE of bypass", { .config = 4 }, 0, 0, 0, 0, BIT(50), NO,
      false, false, false, { 0x11 | A, RNW | IN, BIT(50), 0 } },
    { "F_ACCESS", { STAGE1 }, 0, DATA | (PAGE & ~AF), 0, 0, IOVA, NO, true,
      false, false, { 0x12 | A, IN, IOVA, 0 } },
    { "F_PERMISSION", { STAGE1 }, 0, DATA | PAGE | RO, 0, 0, IOVA, NO, true,
      false, false, { 0x13 | A, IN, IOVA, 0 } },
    { "stage 2, CD", { NESTED }, 0, 0, 1, 0, IOVA, NO, false, false, false,
      { 0x10 | A, RNW | S2 | CD, IOVA, CD_A & ~UINT64_C(0xfff) } },
    { "stage 2, input", { NESTED }, 0, 0, 0, 1, IOVA | 4, NO, true, false,
      false, { 0x10 | A, S2 | IN, IOVA | 4, DATA } },
    { "stage 2, permission", { NESTED }, 0, 0, 0, DATA | (S2BLOCK & ~BIT(7)),
      IOVA, NO, true, false, false, { 0x13 | A, S2 | IN, IOVA, DATA } },
    { "stage 2, access flag", { NESTED }, 0, 0, 0, DATA | (S2BLOCK & ~AF),
      IOVA, NO, false, false, false, { 0x12 | A, RNW | S2 | IN, IOVA, DATA } },
    { "stage 2 alone", { STAGE2 }, 0, 0, 0, 1, DATA | 8, NO,
      false, false, false, { 0x10 | A, RNW | S2 | IN, DATA | 8, DATA } },
};
/* clang-format on */

static void prepare(const struct event_row *row)
{
    struct cd cd = cd_a;

    world_start(&w, NULL);
    cd.flip0 = row->cd_flip0;
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    set_ste(&w, DEV_A, &row->ste);
    if ( row->leaf )
        map_page(&w, TABLES_A, IOVA, row->leaf);
    if ( row->s2_first )
        store(&w, TABLES_2 + 0x1000, row->s2_first & ~UINT64_C(1));
    if ( row->s2_data )
        store(&w, TABLES_2 + 0x1008, row->s2_data == 1 ? 0 : row->s2_data);
    command(&w, CFGI_ALL);
    command(&w, NSNH_ALL);
}

static void fault(const struct event_row *row)
{
    struct oracle_dma dma = dma_of(DEV_A, row->iova, row->write);

    dma.pasid = row->ssid;
    dma.privileged = row->privileged;
    dma.execute = row->execute;
    assert_true(legal_dma(&w, &dma, blocked));
}

static void every_reason_has_its_event(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(event_rows); i++ )
    {
        const struct event_row *row = &event_rows[i];

        print_message("%s\n", row->what);
        prepare(row);
        fault(row);
        record(&w, row->word[0], row->word[1], row->word[2], row->word[3]);
        wire(&w, WIRE_EVENTQ);
        quiescent();
        oracle_check(w.oracle);
        assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

/* Of each event each bit that means something. */
static void every_bit_of_an_event_counts(void **state)
{
    (void)state;
    for ( size_t i = 0; i < COUNT(event_rows); i++ )
        for ( unsigned int bit = 0; bit < 256; bit++ )
        {
            const struct event_row *row = &event_rows[i];
            unsigned int type = row->word[0] & 0xff, at = bit % 64;
            uint64_t word[4];
            bool ignored =
                /* SSID without SSV, SSV where it is none, Reason, TTRnW, IPA
                 * of a fault of stage 1 */
                (bit >= 12 && bit < 32 && !(row->word[0] & BIT(11)) &&
                 type != 6 && type != 8) ||
                (bit == 11 && (type == 6 || type == 8)) ||
                (bit >= 64 && bit < 80 && type == 9) ||
                (bit == 108 && type == 0x13) ||
                (bit >= 192 && type >= 0x10 && !(row->word[1] & S2));

            memcpy(word, row->word, sizeof(word));
            word[bit / 64] ^= BIT(at);
            prepare(row);
            fault(row);
            record(&w, word[0], word[1], word[2], word[3]);
            wire(&w, WIRE_EVENTQ);
            quiescent();
            if ( w.findings != !ignored )
                print_message("%s, bit %u\n", row->what, bit);
            assert_int_equal(w.findings, !ignored);
            assert_int_equal(found(&w, "P4", "wrong event"), !ignored);
            world_end(&w);
        }
}

static void an_external_abort_names_the_descriptor(void **state)
{
    uint64_t at = HOLE + 8 * (IOVA >> 12 & 0x1ff);

    (void)state;
    world_start(&w, NULL);
    store(&w, TABLES_A + 0x1000, HOLE | TABLE);
    command(&w, NSNH_ALL);
    assert_true(legal(&w, DEV_A, IOVA + 0x7000, false, blocked));
    record(&w, 0x0b | A, RNW | TT, IOVA + 0x7000, at + 0x38);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* What stage 2 tells has the page alone. */
static void a_virtual_unit_names_the_page_of_the_descriptor(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        world_start(&w, &(struct options) { .virtual_unit = true,
                                            .idr0_clear = 1 | BIT(9) });
        store(&w, TABLES_A + 0x1000, HOLE | TABLE);
        command(&w, NSNH_ALL);
        assert_true(legal(&w, DEV_A, IOVA + 0x7000, false, blocked));
        record(&w, 0x0b | A, RNW | TT, IOVA + 0x7000, HOLE + 0x1000 * i);
        wire(&w, WIRE_EVENTQ);
        quiescent();
        assert_int_equal(w.findings, i);
        world_end(&w);
    }
}

/* ---- when there is none ---- */

static void a_missing_event_is_found(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    quiescent();
    assert_int_equal(w.findings, 1);
    assert_true(found(&w, "P4", "missing event"));
    world_end(&w);
}

/* A virtual unit decides on the event when it gets to it.  By then the STE by
 * which the access was aborted in silence may have been invalidated. */
static void what_was_aborted_before_the_invalidation_needs_no_event(
    void **state)
{
    static const struct ste abort = { .config = 0 };

    (void)state;
    for ( unsigned int late = 0; late < 2; late++ )
    {
        world_start(&w, &(struct options) { .virtual_unit = true,
                                            .idr0_clear = 1 | BIT(9) });
        set_ste(&w, DEV_A, &abort);
        command(&w, CFGI_ALL);
        set_ste(&w, DEV_A, &ste_a);
        submit(&w, CFGI_STE(DEV_A, 1));
        submit(&w, SYNC);
        w.deaf = true;
        prod(&w);
        if ( late )
            consume(&w);
        assert_int_equal(legal(&w, DEV_A, IOVA, false, blocked), !late);
        if ( !late )
            consume(&w);
        quiescent();
        assert_int_equal(w.findings, late);
        world_end(&w);
    }
}

static void an_event_nobody_caused_is_found(void **state)
{
    (void)state;
    world_start(&w, NULL);
    record(&w, 0x10 | A, RNW | IN, IOVA, 0);
    quiescent();
    assert_true(found(&w, "P4", "event nobody caused"));
    world_end(&w);
}

static void what_may_not_be_recorded_is_not(void **state)
{
    static const struct {
        const char *what;
        struct ste ste;
        uint64_t cd_flip0;
        uint64_t iova;
        bool no_recinvsid;
        uint32_t sid;
    } rows[] = {
        { "Config abort", { .config = 0 }, 0, IOVA, false, DEV_A },
        { "CD.R = 0", { STAGE1 }, BIT(45), NOWHERE, false, DEV_A },
        { "C_BAD_STREAMID", { STAGE1 }, 0, IOVA, true, 99 },
        { "a hole", { .config = 4 }, 0, HOLE, false, DEV_A },
    };

    (void)state;
    for ( size_t i = 0; i < COUNT(rows); i++ )
    {
        struct cd cd = cd_a;

        print_message("%s\n", rows[i].what);
        world_start(&w, NULL);
        cd.flip0 = rows[i].cd_flip0;
        set_cd(&w, cd_at(DEV_A, 0), &cd);
        set_ste(&w, DEV_A, &rows[i].ste);
        command(&w, CFGI_ALL);
        if ( rows[i].no_recinvsid )
        {
            write_reg(&w, 0x20, 4, 0xc);
            write_reg(&w, 0x2c, 4, 0);
            write_reg(&w, 0x20, 4, 0xd);
        }
        assert_true(legal(&w, rows[i].sid, rows[i].iova, false, blocked));
        quiescent();
        assert_int_equal(w.findings, 0);
        assert_true(legal(&w, rows[i].sid, rows[i].iova, false, blocked));
        record(&w, 0x10 | SID(rows[i].sid), RNW | IN, rows[i].iova, 0);
        wire(&w, WIRE_EVENTQ);
        quiescent();
        assert_true(found(&w, "P4", "event nobody caused"));
        world_end(&w);
    }
}

static void an_unrecorded_sid_is_recorded_with_recinvsid(void **state)
{
    (void)state;
    world_start(&w, NULL);
    assert_true(legal(&w, 99, IOVA, false, blocked));
    record(&w, 0x02 | SID(99), 0, 0, 0);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void without_eventqen_events_are_lost(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x20, 4, 0x9);
    assert_true(legal(&w, DEV_A, NOWHERE, false, blocked));
    quiescent();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* ---- zeroes ---- */

static void raz_wi_is_success_with_an_event(void **state)
{
    struct cd cd = cd_a;

    (void)state;
    world_start(&w, NULL);
    cd.flip0 = BIT(46);
    set_cd(&w, cd_at(DEV_A, 0), &cd);
    command(&w, CFGI_ALL);
    assert_true(legal(&w, DEV_A, NOWHERE, false, zeroes));
    record(&w, 0x10 | A, RNW | IN, NOWHERE, 0);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_int_equal(w.findings, 0);
    assert_false(legal(&w, DEV_A, NOWHERE, false, blocked));
    world_end(&w);
    world_start(&w, NULL);
    assert_false(legal(&w, DEV_A, NOWHERE, false, zeroes));
    world_end(&w);
}

/* ---- the queue ---- */

static void miss(unsigned int i)
{
    assert_true(legal(&w, DEV_A, NOWHERE + 0x1000 * i, false, blocked));
}

static void note(unsigned int i)
{
    record(&w, 0x10 | A, RNW | IN, NOWHERE + 0x1000 * i, 0);
}

static void the_interrupt_is_for_a_queue_that_was_empty(void **state)
{
    (void)state;
    world_start(&w, NULL);
    miss(0);
    note(0);
    wire(&w, WIRE_EVENTQ);
    miss(1);
    note(1);
    quiescent();
    assert_int_equal(w.findings, 0);
    write_reg(&w, 0x100ac, 4, 1);
    miss(2);
    note(2);
    quiescent();
    assert_int_equal(w.findings, 0);
    write_reg(&w, 0x100ac, 4, 3);
    miss(3);
    note(3);
    quiescent();
    assert_true(found(&w, "P4", "missing interrupt"));
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_true(found(&w, "P4", "interrupt nobody asked for"));
    world_end(&w);
}

static void without_irq_ctrl_there_is_no_interrupt(void **state)
{
    (void)state;
    world_start(&w, NULL);
    write_reg(&w, 0x50, 4, 0);
    miss(0);
    note(0);
    quiescent();
    assert_int_equal(w.findings, 0);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_true(found(&w, "P4", "interrupt nobody asked for"));
    wire(&w, 12);
    assert_true(found(&w, "P4", "interrupt nobody asked for"));
    world_end(&w);
}

static void fill(void)
{
    for ( unsigned int i = 0; i < 8; i++ )
    {
        miss(i);
        note(i);
    }
    wire(&w, WIRE_EVENTQ);
}

static void an_event_lost_in_a_full_queue_toggles_ovflg(void **state)
{
    (void)state;
    world_start(&w, NULL);
    fill();
    miss(8);
    set_reg(&w, 0x100a8, 4, w.event | BIT(31));
    miss(9); /* no further toggle */
    quiescent();
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    /* Acknowledged and emptied: it goes on. */
    write_reg(&w, 0x100ac, 4, w.event | BIT(31));
    miss(0);
    note(0);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_int_equal(w.findings, 0);
    world_end(&w);
    world_start(&w, NULL);
    fill();
    miss(8);
    quiescent();
    assert_true(found(&w, "P4", "missing event"));
    world_end(&w);
    world_start(&w, NULL);
    set_reg(&w, 0x100a8, 4, BIT(31));
    quiescent();
    assert_true(found(&w, "P4", "event queue overflow"));
    world_end(&w);
}

static void a_queue_that_is_no_memory_is_a_global_error(void **state)
{
    (void)state;
    for ( unsigned int reported = 0; reported < 2; reported++ )
    {
        world_start(&w, NULL);
        write_reg(&w, 0x20, 4, 0x9);
        write_reg(&w, 0xa0, 8, HOLE | 3);
        write_reg(&w, 0x20, 4, 0xd);
        miss(0);
        if ( reported )
        {
            set_reg(&w, 0x60, 4, 4);
            wire(&w, WIRE_GERROR);
        }
        quiescent();
        assert_int_equal(w.findings, !reported);
        if ( reported )
        {
            miss(1); /* lost until it is acknowledged */
            quiescent();
            write_reg(&w, 0x64, 4, 4);
            miss(2);
            set_reg(&w, 0x60, 4, 0);
            wire(&w, WIRE_GERROR);
            quiescent();
            assert_int_equal(w.findings, 0);
        }
        world_end(&w);
    }
}

static void events_come_in_the_order_of_their_accesses(void **state)
{
    (void)state;
    world_start(&w, NULL);
    miss(0);
    miss(1);
    note(1);
    note(0);
    wire(&w, WIRE_EVENTQ);
    quiescent();
    assert_true(found(&w, "P4", "wrong event"));
    world_end(&w);
}

static void only_what_may_be_merged_may_be_missing(void **state)
{
    (void)state;
    for ( unsigned int option = 0; option < 2; option++ )
        for ( unsigned int mev = 0; mev < 2; mev++ )
            for ( unsigned int page = 0; page < 2; page++ )
            {
                struct ste ste = ste_a;

                world_start(
                    &w,
                    &(struct options) {
                        .options = option ? ORACLE_SMMUV3_MERGES_EVENTS : 0 });
                ste.mev = mev;
                set_ste(&w, DEV_A, &ste);
                command(&w, CFGI_ALL);
                miss(0);
                note(0);
                wire(&w, WIRE_EVENTQ);
                assert_true(legal(&w, DEV_A, NOWHERE + 8 + 0x1000 * page,
                                  false, blocked));
                quiescent();
                assert_int_equal(w.findings, !(option && mev && !page));
                world_end(&w);
            }
}

static void any_reason_that_the_ledger_allows_will_do(void **state)
{
    (void)state;
    for ( unsigned int which = 0; which < 3; which++ )
    {
        world_start(&w, NULL);
        set_ste(&w, DEV_A, &(struct ste) { .config = 8 });
        command(&w, CFGI_ALL);
        set_ste(&w, DEV_A, &ste_a); /* not invalidated */
        miss(0);
        if ( which == 0 )
            note(0);
        else
            record(&w, which == 1 ? 0x04 | A : 0x0a | A, 0, 0, 0);
        wire(&w, WIRE_EVENTQ);
        quiescent();
        assert_int_equal(w.findings, which == 2);
        world_end(&w);
    }
}

static void a_store_elsewhere_is_nobodys(void **state)
{
    uint32_t data = 0;

    (void)state;
    world_start(&w, NULL);
    oracle_unit_store(w.oracle, DATA, &data, 4);
    assert_true(found(&w, "P4", "store nobody asked for"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_its_event),
        cmocka_unit_test(every_bit_of_an_event_counts),
        cmocka_unit_test(an_external_abort_names_the_descriptor),
        cmocka_unit_test(a_virtual_unit_names_the_page_of_the_descriptor),
        cmocka_unit_test(a_missing_event_is_found),
        cmocka_unit_test(
            what_was_aborted_before_the_invalidation_needs_no_event),
        cmocka_unit_test(an_event_nobody_caused_is_found),
        cmocka_unit_test(what_may_not_be_recorded_is_not),
        cmocka_unit_test(an_unrecorded_sid_is_recorded_with_recinvsid),
        cmocka_unit_test(without_eventqen_events_are_lost),
        cmocka_unit_test(raz_wi_is_success_with_an_event),
        cmocka_unit_test(the_interrupt_is_for_a_queue_that_was_empty),
        cmocka_unit_test(without_irq_ctrl_there_is_no_interrupt),
        cmocka_unit_test(an_event_lost_in_a_full_queue_toggles_ovflg),
        cmocka_unit_test(a_queue_that_is_no_memory_is_a_global_error),
        cmocka_unit_test(events_come_in_the_order_of_their_accesses),
        cmocka_unit_test(only_what_may_be_merged_may_be_missing),
        cmocka_unit_test(any_reason_that_the_ledger_allows_will_do),
        cmocka_unit_test(a_store_elsewhere_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
