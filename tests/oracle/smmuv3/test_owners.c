/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P4: whose is an event, if several accesses could have made it? */
#include "world.h"

static struct world w;

#define A       ((uint64_t)DEV_A << 32)
#define RNW     BIT(35)
#define IN      (UINT64_C(2) << 40)
#define NOWHERE (IOVA + 0x5000)

static const struct ste aborts = { .config = 0 };

static struct oracle_dma access_of(unsigned int page)
{
    return dma_of(DEV_A, NOWHERE + 0x1000 * page, false);
}

static void miss(unsigned int page)
{
    const struct oracle_dma dma = access_of(page);

    assert_true(legal_dma(&w, &dma, blocked));
}

static void note(unsigned int page)
{
    record(&w, 0x10 | A, RNW | IN, NOWHERE + 0x1000 * page, 0);
}

static void settle(void)
{
    write_reg(&w, 0x100ac, 4, 0); /* EVENTQ_CONS: nothing is taken */
}

static void start(bool virtual_unit, const struct ste *ste)
{
    world_start(&w, &(struct options) { .virtual_unit = virtual_unit });
    set_ste(&w, DEV_A, ste);
    command(&w, CFGI_ALL);
}

/* 4.3.1: the invalidation completes behind the access, the virtual unit looks
 * at what the hardware says of it behind that. */
static void what_ended_before_an_invalidation_may_have_met_the_old(
    void **state)
{
    (void)state;
    for ( unsigned int virtual_unit = 0; virtual_unit < 2; virtual_unit++ )
    {
        start(virtual_unit, &aborts);
        set_ste(&w, DEV_A, &ste_a);
        miss(0);
        command(&w, CFGI_ALL);
        oracle_quiescent(w.oracle);
        assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

/* The first access may have aborted (5.2), the second has an event. */
static void the_event_of_a_silent_access_is_the_next_ones(void **state)
{
    static const char *const finding[] = { "missing event", NULL, NULL,
                                           "event nobody caused" };

    (void)state;
    for ( unsigned int notes = 0; notes < 4; notes++ )
    {
        start(false, &aborts);
        set_ste(&w, DEV_A, &ste_a);
        miss(0);
        command(&w, CFGI_ALL);
        miss(0);
        for ( unsigned int i = 0; i < notes; i++ )
            note(0);
        if ( notes )
            wire(&w, WIRE_EVENTQ);
        settle();
        oracle_quiescent(w.oracle);
        if ( finding[notes] )
            assert_true(found(&w, "P4", finding[notes]));
        else
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

/* Both have an event with the same words; that of the one that began first
 * comes last, behind another access of the second device. */
static void the_events_of_accesses_that_overlap_have_no_order(void **state)
{
    (void)state;
    for ( unsigned int last = 0; last < 2; last++ )
    {
        const struct oracle_dma dma = access_of(0);
        unsigned int first, second;

        start(false, &ste_a);
        first = oracle_dma_begin(w.oracle, &dma);
        second = oracle_dma_begin(w.oracle, &dma);
        note(0);
        wire(&w, WIRE_EVENTQ);
        settle(); /* nobody knows whose it is */
        oracle_dma_end(w.oracle, second, &blocked);
        miss(1);
        note(1);
        if ( last )
            note(0);
        oracle_dma_end(w.oracle, first, &blocked);
        oracle_quiescent(w.oracle);
        assert_int_equal(w.findings, !last);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_ended_before_an_invalidation_may_have_met_the_old),
        cmocka_unit_test(the_event_of_a_silent_access_is_the_next_ones),
        cmocka_unit_test(the_events_of_accesses_that_overlap_have_no_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
