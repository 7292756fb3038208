/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map of words, against a plain array. */
#include "support.h"

#include <machine/map.h>

#define KEYS   512
#define ROUNDS 200000

static void a_map_agrees_with_an_array_under_any_history(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    uint64_t value, random = 1, count = 0, plain[KEYS] = { 0 };
    struct map map;
    unsigned int i;

    (void)state;
    assert_true(map_init(&map, m, 16));
    for ( i = 0; i < ROUNDS; i++ )
    {
        uint64_t key;
        bool had;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        key = (random >> 33) % KEYS;
        had = map_get(&map, key, &value);
        assert_int_equal(had, plain[key] != 0);
        if ( had )
            assert_int_equal(value, plain[key]);

        /* Grow and shrink by turns. */
        if ( (random >> 50) % 4 < (i / 10000 % 2 ? 3u : 1u) )
        {
            assert_int_equal(map_remove(&map, key), had);
            plain[key] = 0;
            count -= had;
        }
        else
        {
            assert_true(map_set(&map, key, i + 1));
            plain[key] = i + 1;
            count += !had;
        }
        assert_int_equal(map.count, count);
    }
    for ( i = 0; i < KEYS; i++ )
        assert_int_equal(map_get(&map, i, &value), plain[i] != 0);
    machine_destroy(m);
}

static void a_visit_sees_each_key_once(void **state)
{
    struct recorder r;
    struct machine *m = small_machine(P2M_SCATTERED, &r);
    const struct map_slot *slot;
    uint64_t cursor = 0, seen = 0;
    struct map map;
    unsigned int i;

    (void)state;
    assert_true(map_init(&map, m, 16));
    for ( i = 0; i < 60; i++ )
        assert_true(map_set(&map, i, i * 2));
    while ( (slot = map_next(&map, &cursor)) )
    {
        assert_int_equal(slot->value, slot->key * 2);
        assert_false(seen & UINT64_C(1) << slot->key);
        seen |= UINT64_C(1) << slot->key;
    }
    assert_int_equal(seen, (UINT64_C(1) << 60) - 1);
    machine_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_agrees_with_an_array_under_any_history),
        cmocka_unit_test(a_visit_sees_each_key_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
