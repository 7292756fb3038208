/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The access of a device after its translation; requests that are refused. */
#include "expect.h"
#include "rig.h"

#include <string.h>

static struct response send(struct rig *rig, const struct request *request,
                            void *data)
{
    struct response response;

    smmuv3_access(rig->smmu, request, &rig->ram.port, data, &response);
    return response;
}

static void reads_and_writes_reach_the_translated_address(void **state)
{
    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config++ )
    {
        struct request request = rig_request(SID, IOVA + 0x10, REQUEST_WRITE);
        uint64_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, back[8];
        struct device device;
        struct rig rig;

        rig_stream(&rig, &device, config);
        request.size = 64;
        assert_int_equal(send(&rig, &request, data).status, RESPONSE_OK);
        assert_memory_equal(rig.ram.memory + device.page + 0x10, data, 64);
        request.access = REQUEST_READ;
        assert_int_equal(send(&rig, &request, back).status, RESPONSE_OK);
        assert_memory_equal(back, data, 64);
        rig_destroy(&rig);
    }
}

static void a_fault_leaves_memory_alone(void **state)
{
    struct request request = rig_request(SID, IOVA, REQUEST_WRITE);
    struct response response;
    struct device device;
    struct rig rig;
    uint32_t data = 5;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    rig_map(&rig, &device.s1, IOVA, device.page, AF | NG | AP(3), 3);
    response = send(&rig, &request, &data);
    assert_int_equal(response.status, RESPONSE_ABORT);
    assert_int_equal(response.reason, F_PERMISSION);
    assert_string_equal(response.condition, "F_PERMISSION");
    assert_int_equal(rig_load(&rig, device.page), 0);
    rig_destroy(&rig);
}

static void an_atomic_adds_and_returns_the_old_value(void **state)
{
    (void)state;
    for ( uint32_t size = 4; size <= 8; size += 4 )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_ATOMIC);
        uint64_t data = UINT64_C(0xffffffff), before = UINT64_C(0x500000002);
        struct device device;
        struct rig rig;

        rig_stream(&rig, &device, NESTED);
        request.size = size;
        rig_store(&rig, device.page, before);
        assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
        assert_int_equal(rig_load(&rig, device.page),
                         size == 4 ? UINT64_C(0x500000001) :
                                     UINT64_C(0x600000001));
        assert_memory_equal(&data, &before, size);
        rig_destroy(&rig);
    }
}

/* What the memory behind refuses is no event of this unit. */
static void a_refusal_of_the_bus_is_no_fault(void **state)
{
    static const enum request_access accesses[] = { REQUEST_READ,
                                                    REQUEST_WRITE,
                                                    REQUEST_ATOMIC };

    (void)state;
    for ( size_t i = 0; i < 3; i++ )
    {
        struct request request = rig_request(SID, IOVA, accesses[i]);
        struct response response;
        struct device device;
        struct event event;
        struct rig rig;
        uint32_t data = 0;

        rig_stream(&rig, &device, STAGE1);
        rig_refuse(&rig, device.page, 0x1000);
        response = send(&rig, &request, &data);
        assert_int_equal(response.status, RESPONSE_ABORT);
        assert_int_equal(response.reason, 0);
        assert_int_equal(rig_event(&rig, &event), 0);
        rig_destroy(&rig);
    }
}

static void malformed_accesses_are_refused_untouched(void **state)
{
    static const struct {
        const char *row;
        enum request_access access;
        uint32_t offset, size;
        bool refused;
    } rows[] = {
        { "65 bytes", REQUEST_READ, 0, 65, true },
        { "64 bytes", REQUEST_READ, 0, 64, false },
        { "none", REQUEST_READ, 0, 0, false },
        { "atomic of 2", REQUEST_ATOMIC, 0, 2, true },
        { "atomic of 4, unaligned", REQUEST_ATOMIC, 2, 4, true },
        { "atomic of 8, unaligned", REQUEST_ATOMIC, 4, 8, true },
        { "atomic of 4", REQUEST_ATOMIC, 4, 4, false },
    };
    uint8_t data[128] = { 0 };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct request request = rig_request(SID, IOVA + rows[i].offset,
                                             rows[i].access);
        struct device device;
        struct event event;
        struct rig rig;

        rig_stream(&rig, &device, STAGE1);
        request.size = rows[i].size;
        rig.ram.reads = rig.ram.writes = 0;
        expect_equal(rows[i].row, send(&rig, &request, data).status,
                     rows[i].refused ? RESPONSE_ABORT : RESPONSE_OK);
        if ( rows[i].refused )
            assert_int_equal(rig.ram.reads + rig.ram.writes, 0);
        assert_int_equal(rig_event(&rig, &event), 0);
        rig_destroy(&rig);
    }
}

/* IDR0.ATS = 0: no such request is served, nothing is looked up for it. */
static void ATS_requests_are_refused_in_silence(void **state)
{
    static const enum request_type types[] = { REQUEST_TRANSLATION,
                                               REQUEST_TRANSLATED };

    (void)state;
    for ( size_t i = 0; i < 2; i++ )
        for ( uint32_t smmuen = 0; smmuen < 2; smmuen++ )
        {
            struct request request = rig_request(SID, IOVA, REQUEST_READ);
            struct device device;
            struct event event;
            struct rig rig;

            rig_stream(&rig, &device, STAGE1);
            rig_set32(&rig, CR0, 0xc | smmuen);
            request.type = types[i];
            rig.ram.reads = 0;
            assert_int_equal(rig_go(&rig, &request), ABORTED);
            assert_int_equal(rig.ram.reads, 0);
            assert_int_equal(rig_event(&rig, &event), 0);
            rig_destroy(&rig);
        }
}

static void a_bypass_reaches_its_own_address(void **state)
{
    struct request request = rig_request(SID, 0x700000, REQUEST_WRITE);
    struct device device;
    struct rig rig;
    uint32_t data = 0x1234;

    (void)state;
    rig_stream(&rig, &device, BYPASS);
    for ( uint32_t smmuen = 0; smmuen < 2; smmuen++, data++ )
    {
        rig_set32(&rig, CR0, 0xc | smmuen);
        assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
        assert_int_equal(rig_load(&rig, 0x700000), data);
    }
    rig_destroy(&rig);
}

static void the_statistics_count_what_happened(void **state)
{
    const struct smmuv3_stats *stats;
    struct device device;
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    rig_read(&rig, SID, IOVA);
    stats = smmuv3_stats(rig.smmu);
    assert_int_equal(stats->requests, 1);
    assert_int_equal(stats->tlb_misses, 1);
    assert_int_equal(stats->micro_hits + stats->main_hits, 0);
    assert_int_equal(stats->ste_hits, 0);
    assert_int_equal(stats->ste_misses, 1);
    assert_int_equal(stats->cd_misses, 1);
    /* STE, CD, three levels */
    assert_int_equal(stats->walk_reads, 5);
    rig_read(&rig, SID, IOVA + 4);
    assert_int_equal(stats->micro_hits, 1);
    assert_int_equal(stats->ste_hits, 1);
    assert_int_equal(stats->cd_hits, 1);
    assert_int_equal(stats->walk_reads, 5);
    rig_read(&rig, SID + 1, IOVA);
    assert_int_equal(stats->events, 1);
    assert_int_equal(stats->requests, 3);
    rig_command(&rig, CFGI_ALL);
    assert_int_equal(stats->commands, 2);
    rig_destroy(&rig);
}

static void without_a_micro_TLB_the_main_one_is_counted(void **state)
{
    struct smmuv3_config unit;
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_config(&unit);
    unit.micro_tlb.entries = 0;
    rig_start(&rig, &unit);
    rig_device(&rig, &device, STAGE1);
    rig_read(&rig, SID, IOVA);
    rig_read(&rig, SID, IOVA);
    assert_int_equal(smmuv3_stats(rig.smmu)->main_hits, 1);
    assert_int_equal(smmuv3_stats(rig.smmu)->micro_hits, 0);
    rig_destroy(&rig);
}

/* A miss, a hit, a fault, a command, a register: what each is charged. */
static void each_step_has_its_cost(void **state)
{
    struct device device;
    const uint32_t *cost;
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    cost = rig.config.costs.cycles;
    memset(rig.ram.cycles, 0, sizeof(rig.ram.cycles));
    rig_read(&rig, SID, IOVA);
    assert_int_equal(rig.ram.cycles[COST_CONFIG_FETCH],
                     2 * cost[COST_CONFIG_FETCH]);
    assert_int_equal(rig.ram.cycles[COST_TLB_LOOKUP], cost[COST_TLB_LOOKUP]);
    assert_int_equal(rig.ram.cycles[COST_WALK_LOOKUP], cost[COST_WALK_LOOKUP]);
    assert_int_equal(rig.ram.cycles[COST_WALK_START], cost[COST_WALK_START]);
    assert_int_equal(rig.ram.cycles[COST_WALK_STEP], 3 * cost[COST_WALK_STEP]);
    assert_int_equal(rig.ram.cycles[COST_FAULT_RECORD], 0);
    memset(rig.ram.cycles, 0, sizeof(rig.ram.cycles));
    rig_read(&rig, SID, IOVA);
    assert_int_equal(rig.ram.cycles[COST_TLB_LOOKUP], cost[COST_TLB_LOOKUP]);
    assert_in_range(rig.ram.cycles[COST_CONFIG_LOOKUP], 1, 100);
    assert_int_equal(rig.ram.cycles[COST_WALK_START], 0);
    rig_read(&rig, SID + 1, IOVA);
    assert_int_equal(rig.ram.cycles[COST_FAULT_RECORD],
                     cost[COST_FAULT_RECORD]);
    memset(rig.ram.cycles, 0, sizeof(rig.ram.cycles));
    rig_submit(&rig, NSNH_ALL);
    assert_int_equal(rig.ram.cycles[COST_QUEUE_FETCH], cost[COST_QUEUE_FETCH]);
    assert_int_equal(rig.ram.cycles[COST_INVALIDATE], cost[COST_INVALIDATE]);
    /* PROD read and written */
    assert_int_equal(rig.ram.cycles[COST_REGISTER_ACCESS],
                     2 * cost[COST_REGISTER_ACCESS]);
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_reach_the_translated_address),
        cmocka_unit_test(a_fault_leaves_memory_alone),
        cmocka_unit_test(an_atomic_adds_and_returns_the_old_value),
        cmocka_unit_test(a_refusal_of_the_bus_is_no_fault),
        cmocka_unit_test(malformed_accesses_are_refused_untouched),
        cmocka_unit_test(ATS_requests_are_refused_in_silence),
        cmocka_unit_test(a_bypass_reaches_its_own_address),
        cmocka_unit_test(the_statistics_count_what_happened),
        cmocka_unit_test(without_a_micro_TLB_the_main_one_is_counted),
        cmocka_unit_test(each_step_has_its_cost),
    };

    return RUN(tests);
}
