/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What time on the platform is like, whatever the figures are. */
#include "rig.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNITS 2
static const enum platform_unit units[UNITS] = { PLATFORM_VTD,
                                                 PLATFORM_SMMUV3 };

static void every_request_arrives_once(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < UNITS; i++ )
    {
        struct rig rig;

        rig_default(&rig);
        rig.unit = units[i];
        rig.channels = 8;
        rig_run(&rig);
        assert_int_equal(rig.done, 1000);
        assert_int_equal(rig.stats.transactions, 1000);
        assert_int_equal(rig.stats.aborted, 0);
        assert_int_equal(rig.stats.bytes, 64000);
        assert_int_equal(rig.stats.latency[PLATFORM_DMA].count, 1000);
    }
}

static void a_hit_is_cheaper_than_a_miss(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < UNITS; i++ )
    {
        struct rig hit, miss;

        rig_default(&hit);
        hit.unit = units[i];
        miss = hit;
        miss.misses = true;
        rig_run(&hit);
        rig_run(&miss);
        assert_int_equal(hit.stats.hits, 1000 - RIG_PAGES);
        assert_int_equal(miss.stats.hits, 0);
        assert_true(hit.stats.latency[PLATFORM_DMA_HIT].max <
                    miss.stats.latency[PLATFORM_DMA_MISS].p50);
    }
}

/*
 * The law of cost.c, with L what a read of memory takes on this platform: a
 * hit is the lookups and the data, a walk 3 + N * (L + 1) more, and a lookup
 * of the walk cache a level.
 */
static void a_lone_request_takes_what_the_law_says(void **state)
{
    (void)state;
    for ( uint32_t latency = 1; latency <= 1000; latency *= 10 )
    {
        struct rig hit, miss;
        uint64_t word, line, lookups;
        struct timing *t;

        rig_default(&hit);
        t = &hit.timing;
        t->memory_latency = latency;
        miss = hit;
        miss.misses = true;
        rig_run(&hit);
        rig_run(&miss);
        /* A request is a beat, a response as many as it needs. */
        word = 1 + t->bus_request + latency + 1 + t->bus_response;
        line = 1 + t->bus_request + latency + 64 / t->bus_width +
               t->bus_response;
        lookups = t->costs.cycles[COST_CONFIG_LOOKUP] +
                  t->costs.cycles[COST_TLB_LOOKUP];
        assert_int_equal(hit.stats.latency[PLATFORM_DMA_HIT].p50,
                         lookups + line);
        assert_int_equal(miss.stats.latency[PLATFORM_DMA_MISS].p50,
                         lookups + t->costs.cycles[COST_WALK_LOOKUP] + 3 +
                             4 * (word + 1) + line);
    }
}

static void latency_is_monotone_in_that_of_memory(void **state)
{
    uint64_t last = 0;

    (void)state;
    for ( uint32_t latency = 1; latency <= 625; latency *= 5 )
    {
        struct rig rig;

        rig_default(&rig);
        rig.channels = 8;
        rig.misses = true;
        rig.timing.memory_latency = latency;
        rig_run(&rig);
        assert_true(rig.stats.latency[PLATFORM_DMA].p50 > last);
        last = rig.stats.latency[PLATFORM_DMA].p50;
    }
}

/* Occupancy is sampled from outside, latency and rate are measured inside. */
static void littles_law_holds(void **state)
{
    static const uint64_t gaps[] = { 0, 30, 200 };

    (void)state;
    for ( unsigned int i = 0; i < 2 * sizeof(gaps) / sizeof(gaps[0]); i++ )
    {
        struct rig rig;
        double expected;

        rig_default(&rig);
        rig.channels = 12;
        rig.gap = gaps[i / 2];
        rig.misses = i % 2;
        rig.requests = 20000;
        rig_run(&rig);
        expected = (double)rig.stats.transactions / (double)rig.stats.cycles *
                   rig.stats.latency[PLATFORM_DMA].mean;
        assert_true(rig.stats.occupancy > 0.97 * expected);
        assert_true(rig.stats.occupancy < 1.03 * expected);
    }
}

static void the_same_run_takes_the_same_cycles(void **state)
{
    static const enum platform_style styles[] = { PLATFORM_LOOSE,
                                                  PLATFORM_APPROXIMATE };

    (void)state;
    for ( unsigned int i = 0; i < 2 * UNITS; i++ )
    {
        struct rig one, two;

        rig_default(&one);
        one.style = styles[i % 2];
        one.unit = units[i / 2];
        one.channels = 16;
        one.misses = true;
        two = one;
        rig_run(&one);
        rig_run(&two);
        assert_memory_equal(&one.stats, &two.stats, sizeof(one.stats));
    }
}

/* Alone there is nobody to wait for: both styles agree. */
static void the_styles_agree_about_a_lone_request(void **state)
{
    (void)state;
    for ( uint64_t quantum = 0; quantum <= 10000; quantum += 2500 )
    {
        struct rig loose, approximate;

        rig_default(&approximate);
        approximate.misses = true;
        loose = approximate;
        loose.style = PLATFORM_LOOSE;
        loose.quantum = quantum;
        rig_run(&approximate);
        rig_run(&loose);
        assert_int_equal(loose.stats.latency[PLATFORM_DMA].p50,
                         approximate.stats.latency[PLATFORM_DMA].p50);
        assert_int_equal(loose.stats.latency[PLATFORM_DMA].max,
                         approximate.stats.latency[PLATFORM_DMA].max);
    }
}

/* ---- registers ---- */

#define VTD_CAP 0x08u

static void read_registers(struct platform *p, struct rig *rig)
{
    rig->value[0] = platform_register_peek(p, 0, VTD_CAP, 8);
    rig->value[1] = platform_now(p);
    rig->value[2] = platform_register_read(p, 0, VTD_CAP, 8);
    rig->value[3] = platform_now(p);
}

static void an_observer_reads_registers_in_no_time(void **state)
{
    struct rig rig;

    (void)state;
    rig_default(&rig);
    rig.program = read_registers;
    rig_run(&rig);
    assert_int_equal(rig.value[0], rig.value[2]);
    assert_int_not_equal(rig.value[0], 0);
    assert_int_equal(rig.value[1], 0);
    assert_true(rig.value[3] >= rig.timing.cpu_register);
}

/* ---- records ---- */

static char *scratch(const char *suffix)
{
    static char path[64];

    snprintf(path, sizeof(path), "/tmp/umbra-sim-%d%s", (int)getpid(), suffix);
    return path;
}

/* Events of a lane: each begins when the one before it has ended. */
static void the_lanes_of_a_device_do_not_overlap(void **state)
{
    double end[256] = { 0 };
    json_error_t error;
    struct rig rig;
    json_t *top, *event;
    size_t i, spans = 0;

    (void)state;
    rig_default(&rig);
    rig.channels = 8;
    rig.trace = scratch(".json");
    rig_run(&rig);
    top = json_load_file(rig.trace, 0, &error);
    unlink(rig.trace);
    assert_non_null(top);
    json_array_foreach(json_object_get(top, "traceEvents"), i, event)
    {
        json_int_t lane = json_integer_value(json_object_get(event, "tid"));
        double at = json_number_value(json_object_get(event, "ts"));

        if ( strcmp(json_string_value(json_object_get(event, "ph")), "X") ||
             lane < 100 )
            continue;
        assert_true(lane < 256);
        assert_true(at >= end[lane]);
        end[lane] = at + json_number_value(json_object_get(event, "dur"));
        spans++;
    }
    json_decref(top);
    assert_int_equal(spans, 1000);
}

static void a_wave_shows_requests_inside(void **state)
{
    char path[80], line[256];
    struct rig rig;
    FILE *stream;
    bool named = false, changes = false;

    (void)state;
    rig_default(&rig);
    rig.channels = 4;
    rig.wave = scratch("");
    rig_run(&rig);
    snprintf(path, sizeof(path), "%s.vcd", rig.wave);
    stream = fopen(path, "r");
    assert_non_null(stream);
    while ( fgets(line, sizeof(line), stream) )
    {
        named |= strstr(line, "requests_inside") != NULL;
        changes |= !strncmp(line, "b100 ", 5);
    }
    fclose(stream);
    unlink(path);
    assert_true(named);
    assert_true(changes); /* four of them */
}

static void a_trace_that_cannot_be_written_is_told(void **state)
{
    const struct platform_config config = { .units = 1,
                                            .trace = "/nonexistent/t.json",
                                            .timing.period = 1000,
                                            .timing.walkers = 1,
                                            .timing.tlb_ports = 1,
                                            .timing.bus_width = 1,
                                            .timing.memory_width = 1,
                                            .timing.memory_channels = 1 };

    (void)state;
    assert_false(platform_destroy(platform_create(&config)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_arrives_once),
        cmocka_unit_test(a_hit_is_cheaper_than_a_miss),
        cmocka_unit_test(a_lone_request_takes_what_the_law_says),
        cmocka_unit_test(latency_is_monotone_in_that_of_memory),
        cmocka_unit_test(littles_law_holds),
        cmocka_unit_test(the_same_run_takes_the_same_cycles),
        cmocka_unit_test(the_styles_agree_about_a_lone_request),
        cmocka_unit_test(an_observer_reads_registers_in_no_time),
        cmocka_unit_test(the_lanes_of_a_device_do_not_overlap),
        cmocka_unit_test(a_wave_shows_requests_inside),
        cmocka_unit_test(a_trace_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests_name("sim/platform", tests, NULL, NULL);
}
