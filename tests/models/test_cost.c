/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <string.h>

static void every_cost_has_a_name_and_a_source(void **state)
{
    (void)state;
    for ( enum cost cost = 0; cost < COST_COUNT; cost++ )
    {
        assert_true(strlen(cost_name(cost)) > 0);
        assert_true(strlen(cost_source(cost)) > 0);
        assert_true(cost_defaults.cycles[cost] > 0);
    }
    assert_string_equal(cost_name(COST_WALK_STEP), "walk_step");
}

/* At memory latency 0: 3 + N reads, after 2 lookups. */
static void a_walk_costs_its_start_and_each_step(void **state)
{
    struct rig rig;
    uint64_t table;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    memset(rig.ram.cycles, 0, sizeof(rig.ram.cycles));
    assert_int_equal(rig_reason(&rig, SID, IOVA, REQUEST_READ), 0);
    assert_int_equal(rig.ram.cycles[COST_WALK_START], 3);
    assert_int_equal(rig.ram.cycles[COST_WALK_STEP], 4);
    assert_int_equal(rig.ram.cycles[COST_CONFIG_FETCH], 2 * 9);
    rig_destroy(&rig);
}

static void a_hit_costs_the_lookups_only(void **state)
{
    struct rig rig;
    uint64_t table, sum = 0;

    (void)state;
    rig_start(&rig, NULL);
    table = rig_simple_context(&rig, SID, DID);
    rig_map(&rig, table, IOVA, 0x5000, RW, 1);
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    memset(rig.ram.cycles, 0, sizeof(rig.ram.cycles));
    rig_reason(&rig, SID, IOVA, REQUEST_READ);
    for ( enum cost cost = 0; cost < COST_COUNT; cost++ )
        sum += rig.ram.cycles[cost];
    assert_int_equal(rig.ram.cycles[COST_TLB_LOOKUP], 2);
    assert_int_equal(sum, 2 + 3);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cost_has_a_name_and_a_source),
        cmocka_unit_test(a_walk_costs_its_start_and_each_step),
        cmocka_unit_test(a_hit_costs_the_lookups_only),
    };

    return RUN(tests);
}
