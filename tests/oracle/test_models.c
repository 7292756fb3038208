/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual devices and their device models: P2 of what they hold, P5 of what
 * they are owed. */
#include "world.h"

#define VDEV   0x18u
#define DID    3u
#define DM     1u
#define DEVTLB (UINT64_C(3) | (uint64_t)VDEV << 32)
#define TT_01  (UINT64_C(1) << 2)
#define DRAINS 1u
#define ATS    2u

static struct world w;

static void add(uint32_t source, unsigned int dm, unsigned int flags)
{
    const struct oracle_vdev vdev = { .source = source,
                                      .dm = dm,
                                      .drains = flags & DRAINS,
                                      .ats = flags & ATS };

    oracle_vdev_add(w.oracle, &vdev);
}

/* The unit of a guest; VDEV maps IOVA to DATA by tables of its own. */
static void start(unsigned int flags)
{
    const struct options options = { .cap = CAP_CM_BIT,
                                     .ecap = flags & ATS ? 4 : 0,
                                     .virtual_unit = true };

    world_start(&w, &options);
    build_tables(&w, TABLES_B, RW);
    map_page(&w, TABLES_B, IOVA, DATA | RW);
    set_context(&w, CONTEXTS, VDEV, TABLES_B | (flags & ATS ? TT_01 : 0) | 1,
                context_high(1, DID));
    invalidate(&w, CC_GLOBAL);
    invalidate(&w, IOTLB_GLOBAL);
    add(VDEV, DM, flags);
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
}

static struct oracle_dma access_of(unsigned int type, bool write)
{
    struct oracle_dma dma = dma_of(VDEV, IOVA, write);

    dma.type = type;
    return dma;
}

static struct oracle_outcome at(uint64_t gpa)
{
    return (struct oracle_outcome) {
        .ok = true, .guest = true, .hpa = gpa, .rights = RW
    };
}

/* A translation that stays in the hands of the device model. */
static unsigned int translated(unsigned int type, uint64_t gpa)
{
    const struct oracle_dma dma = access_of(type, true);
    const struct oracle_outcome outcome = at(gpa);
    unsigned int id = oracle_dma_begin(w.oracle, &dma);

    oracle_translation_end(w.oracle, id, &outcome);
    return id;
}

static void use(unsigned int id, uint64_t gpa)
{
    const struct oracle_dma dma = access_of(0, true);
    const struct oracle_outcome outcome = at(gpa);

    oracle_translation_used(w.oracle, id, &dma, &outcome);
}

static void tell(unsigned int dm, uint64_t sequence, bool invalidate,
                 uint64_t last)
{
    const struct oracle_dm_message message = { .dm = dm,
                                               .sequence = sequence,
                                               .invalidate = invalidate,
                                               .source = VDEV,
                                               .first = 0,
                                               .last = last };

    oracle_dm_told(w.oracle, &message);
}

static void answer(unsigned int dm, uint64_t sequence, bool taken)
{
    oracle_dm_answers(w.oracle, dm, sequence);
    oracle_dm_answered(w.oracle, dm, sequence, taken);
}

/* Unmap; an invalidation and a wait are submitted. */
static void unmap(uint64_t flags)
{
    map_page(&w, TABLES_B, IOVA, 0);
    submit(&w, UINT64_C(0x32) | DID << 16 | flags, IOVA);
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
}

static void complete(void)
{
    follow_queue(&w);
    status(&w, STATUS, 2);
}

/* ---- P2 ---- */

static void a_translation_may_be_used_until_its_drained_invalidation(
    void **state)
{
    unsigned int id;

    (void)state;
    start(0);
    id = translated(0, DATA);
    unmap(DESC_DRDW);
    use(id, DATA);
    assert_int_equal(w.findings, 0);
    complete();
    assert_int_equal(w.findings, 0);
    use(id, DATA);
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void without_a_drain_what_has_begun_may_end(void **state)
{
    unsigned int id;

    (void)state;
    start(0);
    id = translated(0, DATA);
    unmap(0);
    complete();
    use(id, DATA);
    assert_int_equal(w.findings, 0);
    /* A later one may not. */
    translated(0, DATA);
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void a_translation_must_be_right_when_it_is_given(void **state)
{
    (void)state;
    start(0);
    translated(0, DATA2);
    assert_true(found(&w, "P2", "wrong translation"));
    world_end(&w);
}

static void what_was_dropped_is_not_used(void **state)
{
    unsigned int id;

    (void)state;
    start(0);
    id = translated(0, DATA);
    oracle_translation_drop(w.oracle, id);
    use(id, DATA2);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

/* ---- P5 ---- */

static void a_drain_that_is_owed_comes_before_the_completion(void **state)
{
    static const struct {
        unsigned int flags; /* of the device */
        uint64_t asked;     /* DR, DW */
        bool before, after, answered;
        bool early; /* a finding */
    } rows[] = {
        { DRAINS, DESC_DRDW, false, true, true, false },
        { DRAINS, DESC_DRDW, false, false, false, true },
        { DRAINS, DESC_DRDW, false, true, false, true },
        { DRAINS, DESC_DRDW, true, false, true, true },
        { DRAINS, 0x40, false, false, false, true },
        { DRAINS, 0x80, false, false, false, true },
        { DRAINS, 0, false, false, false, false },
        { 0, DESC_DRDW, false, false, false, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start(rows[i].flags);
        if ( rows[i].before )
            tell(DM, 1, false, UINT64_MAX);
        unmap(rows[i].asked);
        if ( rows[i].after )
            tell(DM, 1, false, UINT64_MAX);
        if ( rows[i].answered )
            answer(DM, 1, true);
        complete();
        assert_int_equal(reported(&w, "P5", "completed before its drain"),
                         rows[i].early);
        if ( !rows[i].early )
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

static void every_device_model_has_to_drain(void **state)
{
    (void)state;
    start(DRAINS);
    add(VDEV + 8, DM + 1, DRAINS);
    unmap(DESC_DRDW);
    tell(DM, 1, false, UINT64_MAX);
    tell(DM + 1, 2, false, UINT64_MAX);
    answer(DM, 1, true);
    complete();
    assert_true(found(&w, "P5", "completed before its drain"));
    world_end(&w);
}

static void one_that_came_later_owes_nothing(void **state)
{
    (void)state;
    start(0);
    unmap(DESC_DRDW);
    add(VDEV + 8, DM + 1, DRAINS);
    complete();
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void an_unanswered_message_holds_off_the_queue(void **state)
{
    (void)state;
    start(DRAINS);
    unmap(DESC_DRDW);
    tell(DM, 1, false, UINT64_MAX);
    oracle_quiescent(w.oracle);
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    answer(DM, 1, true);
    oracle_quiescent(w.oracle);
    assert_true(reported(&w, "P5", "never completed"));
    world_end(&w);
}

static void an_older_message_holds_off_nothing(void **state)
{
    (void)state;
    start(DRAINS);
    tell(DM, 1, false, UINT64_MAX);
    unmap(DESC_DRDW);
    oracle_quiescent(w.oracle);
    assert_true(reported(&w, "P5", "never completed"));
    world_end(&w);
}

static void one_that_is_gone_has_answered(void **state)
{
    (void)state;
    start(DRAINS);
    unmap(DESC_DRDW);
    tell(DM, 1, false, UINT64_MAX);
    oracle_dm_gone(w.oracle, DM);
    complete();
    oracle_quiescent(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

static void an_answer_is_taken_when_it_is_due(void **state)
{
    static const struct {
        unsigned int dm;
        uint64_t sequence;
        bool again, taken;
        const char *rule; /* NULL: it is right so */
    } rows[] = {
        { DM, 1, false, true, NULL },
        { DM, 1, false, false, "answer refused" },
        { DM, 2, false, false, NULL }, /* out of order */
        { DM, 9, false, false, NULL },
        { DM, 9, false, true, "answer that was not due" },
        { DM + 1, 1, false, false, NULL },
        { DM + 1, 1, false, true, "answer that was not due" },
        { DM, 1, true, false, NULL },
        { DM, 1, true, true, "answer that was not due" },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start(DRAINS);
        tell(DM, 1, false, UINT64_MAX);
        tell(DM, 2, false, UINT64_MAX);
        if ( rows[i].again )
            answer(DM, 1, true);
        answer(rows[i].dm, rows[i].sequence, rows[i].taken);
        if ( rows[i].rule )
            assert_true(found(&w, "P5", rows[i].rule));
        else
            assert_int_equal(w.findings, 0);
        world_end(&w);
    }
}

/* ---- device-TLBs ---- */

static void a_device_tlb_keeps_what_the_iotlb_has_lost(void **state)
{
    unsigned int id;

    (void)state;
    start(ATS);
    id = translated(1, DATA);
    unmap(DESC_DRDW);
    complete();
    use(id, DATA);
    assert_int_equal(w.findings, 0);
    /* But it was answered at a time: not what never stood there. */
    use(id, DATA2);
    assert_int_equal(w.findings, 1);
    world_end(&w);
}

static void a_device_tlb_goes_with_its_own_invalidation(void **state)
{
    unsigned int id;

    (void)state;
    start(ATS);
    id = translated(1, DATA);
    map_page(&w, TABLES_B, IOVA, 0);
    submit(&w, IOTLB_DOMAIN(DID));
    submit(&w, DEVTLB, IOVA);
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
    tell(DM, 1, true, UINT64_MAX);
    use(id, DATA);
    answer(DM, 1, true);
    complete();
    assert_int_equal(w.findings, 0);
    use(id, DATA);
    assert_true(found(&w, "P2", "stale translation"));
    world_end(&w);
}

static void a_device_tlb_is_told_of_the_whole_range(void **state)
{
    static const struct {
        bool told, invalidate;
        uint64_t last;
        bool fine;
    } rows[] = {
        { false, false, 0, false },
        { true, false, UINT64_MAX, false },
        { true, true, IOVA + 0xfff, false },
        { true, true, IOVA + 0x1fff, true },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        start(ATS);
        submit(&w, DEVTLB, IOVA | 1); /* 8 KiB */
        submit(&w, WAIT(STATUS, 2));
        tail(&w);
        if ( rows[i].told )
            tell(DM, 1, rows[i].invalidate, rows[i].last);
        if ( rows[i].told )
            answer(DM, 1, true);
        complete();
        assert_int_equal(!w.findings, rows[i].fine);
        if ( !rows[i].fine )
            assert_true(found(&w, "P5", "completed before its drain"));
        world_end(&w);
    }
}

static void a_missing_right_is_told_and_not_recorded(void **state)
{
    (void)state;
    for ( unsigned int type = 0; type < 2; type++ )
    {
        const struct oracle_dma dma = access_of(type, true);
        unsigned int id;

        start(ATS);
        unmap(0);
        complete();
        id = oracle_dma_begin(w.oracle, &dma);
        oracle_dma_end(w.oracle, id, &blocked);
        oracle_quiescent(w.oracle);
        assert_int_equal(reported(&w, "P4", "missing fault record"), !type);
        world_end(&w);
    }
}

static void nothing_is_shadowed_for_a_virtual_device(void **state)
{
    (void)state;
    start(0);
    w.exception = IOVA;
    w.exception_of = VDEV;
    w.instead = blocked;
    oracle_check(w.oracle);
    assert_int_equal(w.findings, 0);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_translation_may_be_used_until_its_drained_invalidation),
        cmocka_unit_test(without_a_drain_what_has_begun_may_end),
        cmocka_unit_test(a_translation_must_be_right_when_it_is_given),
        cmocka_unit_test(what_was_dropped_is_not_used),
        cmocka_unit_test(a_drain_that_is_owed_comes_before_the_completion),
        cmocka_unit_test(every_device_model_has_to_drain),
        cmocka_unit_test(one_that_came_later_owes_nothing),
        cmocka_unit_test(an_unanswered_message_holds_off_the_queue),
        cmocka_unit_test(an_older_message_holds_off_nothing),
        cmocka_unit_test(one_that_is_gone_has_answered),
        cmocka_unit_test(an_answer_is_taken_when_it_is_due),
        cmocka_unit_test(a_device_tlb_keeps_what_the_iotlb_has_lost),
        cmocka_unit_test(a_device_tlb_goes_with_its_own_invalidation),
        cmocka_unit_test(a_device_tlb_is_told_of_the_whole_range),
        cmocka_unit_test(a_missing_right_is_told_and_not_recorded),
        cmocka_unit_test(nothing_is_shadowed_for_a_virtual_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
