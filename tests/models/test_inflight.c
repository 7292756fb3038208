/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"

#include <common/inflight.h>

static bool of_tag(const struct inflight_slot *slot, const void *context)
{
    const uint32_t *tag = context;

    return !slot->tagged || slot->tag == *tag;
}

static void give_tag(struct inflight *inflight, int slot, uint32_t tag)
{
    inflight->slot[slot].tagged = true;
    inflight->slot[slot].tag = tag;
}

static void a_full_table_refuses(void **state)
{
    struct inflight inflight;

    (void)state;
    inflight_init(&inflight, 2, NULL);
    assert_int_equal(inflight_begin(&inflight, 1, 0), 0);
    assert_int_equal(inflight_begin(&inflight, 1, 0), 1);
    assert_int_equal(inflight_begin(&inflight, 1, 0), -1);
    inflight_end(&inflight, 0);
    assert_int_equal(inflight_begin(&inflight, 1, 0), 0);
}

static void poison_hits_matching_walks_only(void **state)
{
    struct inflight inflight;
    uint32_t tag = 5;
    int match, other, untagged, reading;

    (void)state;
    inflight_init(&inflight, 8, NULL);
    match = inflight_begin(&inflight, 1, 0);
    other = inflight_begin(&inflight, 1, 0);
    untagged = inflight_begin(&inflight, 1, 0);
    reading = inflight_begin(&inflight, 1, 0);
    give_tag(&inflight, match, 5);
    give_tag(&inflight, other, 6);
    inflight.slot[reading].phase = INFLIGHT_READ;

    inflight_poison(&inflight, of_tag, &tag);
    assert_true(inflight.slot[match].poisoned);
    assert_false(inflight.slot[other].poisoned);
    assert_true(inflight.slot[untagged].poisoned);
    assert_false(inflight.slot[reading].poisoned);
}

static void a_new_use_of_a_slot_is_not_poisoned(void **state)
{
    struct inflight inflight;
    uint32_t tag = 0;
    int slot;

    (void)state;
    inflight_init(&inflight, 1, NULL);
    slot = inflight_begin(&inflight, 1, 0);
    inflight_poison(&inflight, of_tag, &tag);
    inflight_end(&inflight, slot);
    slot = inflight_begin(&inflight, 1, 0);
    assert_false(inflight.slot[slot].poisoned);
}

static void a_reused_slot_is_no_longer_waited_for(void **state)
{
    struct inflight inflight;
    struct inflight_set set;
    uint32_t tag = 0;

    (void)state;
    inflight_init(&inflight, 1, NULL);
    inflight_begin(&inflight, 1, 0);
    inflight_collect(&inflight, of_tag, &tag, INFLIGHT_WAIT_WALK, &set);
    assert_true(inflight_pending(&inflight, &set, INFLIGHT_WAIT_WALK));
    inflight_end(&inflight, 0);
    assert_false(inflight_pending(&inflight, &set, INFLIGHT_WAIT_WALK));
    inflight_begin(&inflight, 1, 0);
    assert_false(inflight_pending(&inflight, &set, INFLIGHT_WAIT_WALK));
}

static void a_walk_that_became_an_access_is_waited_for_only_with_a_drain(
    void **state)
{
    static const struct {
        enum inflight_phase phase;
        unsigned int phases;
        bool pending;
    } rows[] = {
        { INFLIGHT_READ, INFLIGHT_WAIT_WALK, false },
        { INFLIGHT_READ, INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_READ, true },
        { INFLIGHT_READ, INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_WRITE, false },
        { INFLIGHT_WRITE, INFLIGHT_WAIT_WALK, false },
        { INFLIGHT_WRITE, INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_WRITE, true },
        { INFLIGHT_WRITE, INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_READ, false },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct inflight inflight;
        struct inflight_set set;
        uint32_t tag = 0;

        inflight_init(&inflight, 1, NULL);
        inflight_begin(&inflight, 1, 0);
        inflight_collect(&inflight, of_tag, &tag, rows[i].phases, &set);
        inflight.slot[0].phase = rows[i].phase;
        assert_int_equal(inflight_pending(&inflight, &set, rows[i].phases),
                         rows[i].pending);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_table_refuses),
        cmocka_unit_test(poison_hits_matching_walks_only),
        cmocka_unit_test(a_new_use_of_a_slot_is_not_poisoned),
        cmocka_unit_test(a_reused_slot_is_no_longer_waited_for),
        cmocka_unit_test(
            a_walk_that_became_an_access_is_waited_for_only_with_a_drain),
    };

    return RUN(tests);
}
