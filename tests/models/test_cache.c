/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"

#include <common/cache.h>

#include <stdlib.h>
#include <string.h>

static struct cache *make(unsigned int entries, unsigned int ways,
                          enum cache_retention retention)
{
    struct cache_config config = {
        .entries = entries, .ways = ways, .retention = retention, .seed = 1
    };

    assert_null(cache_config_check(&config));
    return cache_init(aligned_alloc(64, cache_size(&config)), &config);
}

static struct cache_key key_of(uint64_t address)
{
    return (struct cache_key) { .address = address };
}

static void put(struct cache *cache, uint64_t address, uint64_t word)
{
    struct cache_key key = key_of(address);
    struct cache_value value = { { word } };

    cache_fill(cache, &key, &value);
}

/* The first word, or ~0 on a miss. */
static uint64_t get(struct cache *cache, uint64_t address)
{
    struct cache_key key = key_of(address);
    struct cache_value value;

    return cache_lookup(cache, &key, &value) ? value.word[0] : UINT64_MAX;
}

static void a_fill_is_found_and_replaced(void **state)
{
    struct cache *cache = make(16, 4, CACHE_NORMAL);

    (void)state;
    put(cache, 5, 1);
    assert_int_equal(get(cache, 5), 1);
    put(cache, 5, 2);
    assert_int_equal(get(cache, 5), 2);
    assert_int_equal(cache_count(cache), 1);
    free(cache);
}

static void every_word_of_the_key_counts(void **state)
{
    static const struct cache_key others[] = {
        { .address = 1 }, { .tag = 1 }, { .tag2 = 1 }, { .kind = 1 }
    };
    struct cache *cache = make(4, 4, CACHE_NORMAL);
    struct cache_value value;

    (void)state;
    put(cache, 0, 1);
    for ( size_t i = 0; i < sizeof(others) / sizeof(*others); i++ )
        assert_false(cache_lookup(cache, &others[i], &value));
    free(cache);
}

static void the_least_recently_used_entry_goes(void **state)
{
    struct cache *cache = make(4, 4, CACHE_NORMAL);

    (void)state;
    for ( uint64_t i = 0; i < 4; i++ )
        put(cache, i, i);
    get(cache, 0);
    put(cache, 9, 9);
    assert_int_equal(get(cache, 0), 0);
    assert_int_equal(get(cache, 1), UINT64_MAX);
    assert_int_equal(get(cache, 9), 9);
    free(cache);
}

static void a_peek_does_not_change_the_order(void **state)
{
    struct cache *cache = make(4, 4, CACHE_NORMAL);
    struct cache_key key = key_of(0);
    struct cache_value value;

    (void)state;
    for ( uint64_t i = 0; i < 4; i++ )
        put(cache, i, i);
    assert_true(cache_peek(cache, &key, &value));
    put(cache, 9, 9);
    assert_int_equal(get(cache, 0), UINT64_MAX);
    free(cache);
}

static void never_evict_keeps_what_it_has(void **state)
{
    struct cache *cache = make(4, 4, CACHE_NEVER_EVICT);

    (void)state;
    for ( uint64_t i = 0; i < 5; i++ )
        put(cache, i, i);
    for ( uint64_t i = 0; i < 4; i++ )
        assert_int_equal(get(cache, i), i);
    assert_int_equal(get(cache, 4), UINT64_MAX);
    put(cache, 2, 7);
    assert_int_equal(get(cache, 2), 7);
    free(cache);
}

static void always_miss_and_size_0_hold_nothing(void **state)
{
    struct cache *miss = make(4, 4, CACHE_ALWAYS_MISS);
    struct cache *off = make(0, 0, CACHE_NORMAL);

    (void)state;
    put(miss, 1, 1);
    put(off, 1, 1);
    assert_int_equal(get(miss, 1), UINT64_MAX);
    assert_int_equal(get(off, 1), UINT64_MAX);
    assert_int_equal(cache_count(miss) + cache_count(off), 0);
    free(miss);
    free(off);
}

static void random_retention_loses_entries_at_lookups(void **state)
{
    struct cache *cache = make(4, 4, CACHE_RANDOM);
    unsigned int lookups = 0;

    (void)state;
    put(cache, 1, 1);
    while ( get(cache, 1) == 1 && lookups < 100000 )
        lookups++;
    assert_in_range(lookups, 1, 99999);
    free(cache);
}

static bool is_odd(const struct cache_key *key,
                   const struct cache_value *value, const void *context)
{
    (void)value;
    (void)context;
    return key->address & 1;
}

static void remove_if_takes_what_matches_and_nothing_else(void **state)
{
    struct cache *cache = make(16, 4, CACHE_NORMAL);

    (void)state;
    for ( uint64_t i = 0; i < 16; i++ )
        put(cache, i, i);
    assert_int_equal(cache_remove_if(cache, is_odd, NULL), 8);
    assert_int_equal(cache_count(cache), 8);
    for ( uint64_t i = 0; i < 16; i++ )
        assert_int_equal(get(cache, i), i & 1 ? UINT64_MAX : i);
    free(cache);
}

static void remove_takes_one(void **state)
{
    struct cache *cache = make(16, 4, CACHE_NORMAL);
    struct cache_key key = key_of(3);

    (void)state;
    put(cache, 3, 3);
    put(cache, 4, 4);
    assert_true(cache_remove(cache, &key));
    assert_false(cache_remove(cache, &key));
    assert_int_equal(get(cache, 4), 4);
    cache_clear(cache);
    assert_int_equal(get(cache, 4), UINT64_MAX);
    free(cache);
}

static void add_word(const struct cache_key *key,
                     const struct cache_value *value, void *context)
{
    uint64_t *sum = context;

    (void)key;
    *sum += value->word[0];
}

static void visit_sees_every_entry_once(void **state)
{
    struct cache *cache = make(16, 4, CACHE_NORMAL);
    uint64_t sum = 0;

    (void)state;
    for ( uint64_t i = 0; i < 10; i++ )
        put(cache, i, 1u << i);
    cache_visit(cache, add_word, &sum);
    assert_int_equal(sum, 1023);
    free(cache);
}

static void the_state_is_one_block_that_may_be_copied(void **state)
{
    struct cache_config config = { .entries = 16,
                                   .ways = 4,
                                   .retention = CACHE_NORMAL };
    struct cache *cache = make(16, 4, CACHE_NORMAL);
    void *copy = aligned_alloc(64, cache_size(&config));

    (void)state;
    put(cache, 1, 1);
    memcpy(copy, cache, cache_size(&config));
    cache_clear(cache);
    assert_int_equal(get(copy, 1), 1);
    free(cache);
    free(copy);
}

static void impossible_shapes_are_refused(void **state)
{
    static const struct cache_config bad[] = {
        { .entries = 3, .ways = 1 },
        { .entries = 4, .ways = 3 },
        { .entries = 4, .ways = 8 },
        { .entries = 4, .ways = 0 },
        { .entries = 4, .ways = 4, .retention = (enum cache_retention)9 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++ )
        assert_non_null(cache_config_check(&bad[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fill_is_found_and_replaced),
        cmocka_unit_test(every_word_of_the_key_counts),
        cmocka_unit_test(the_least_recently_used_entry_goes),
        cmocka_unit_test(a_peek_does_not_change_the_order),
        cmocka_unit_test(never_evict_keeps_what_it_has),
        cmocka_unit_test(always_miss_and_size_0_hold_nothing),
        cmocka_unit_test(random_retention_loses_entries_at_lookups),
        cmocka_unit_test(remove_if_takes_what_matches_and_nothing_else),
        cmocka_unit_test(remove_takes_one),
        cmocka_unit_test(visit_sees_every_entry_once),
        cmocka_unit_test(the_state_is_one_block_that_may_be_copied),
        cmocka_unit_test(impossible_shapes_are_refused),
    };

    return RUN(tests);
}
