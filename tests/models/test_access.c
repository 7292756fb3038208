/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "rig.h"

#include <string.h>

static void start(struct rig *rig, unsigned int rights)
{
    uint64_t table;

    rig_start(rig, NULL);
    table = rig_simple_context(rig, SID, DID);
    rig_map(rig, table, IOVA, 0x700000, rights, 1);
}

static struct response send(struct rig *rig, const struct request *request,
                            void *data)
{
    struct response response;

    vtd_access(rig->vtd, request, &rig->ram.port, data, &response);
    return response;
}

static void reads_and_writes_reach_the_translated_address(void **state)
{
    struct request request = rig_request(SID, IOVA + 0x10, REQUEST_WRITE);
    struct rig rig;
    uint64_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, back[8];

    (void)state;
    start(&rig, RW);
    request.size = 64;
    assert_int_equal(send(&rig, &request, data).status, RESPONSE_OK);
    assert_memory_equal(rig.ram.memory + 0x700010, data, 64);
    request.access = REQUEST_READ;
    assert_int_equal(send(&rig, &request, back).status, RESPONSE_OK);
    assert_memory_equal(back, data, 64);
    rig_destroy(&rig);
}

static void a_fault_leaves_memory_alone(void **state)
{
    struct request request = rig_request(SID, IOVA, REQUEST_WRITE);
    struct response response;
    struct rig rig;
    uint32_t data = 5;

    (void)state;
    start(&rig, R);
    response = send(&rig, &request, &data);
    assert_int_equal(response.status, RESPONSE_ABORT);
    assert_int_equal(response.reason, 0x05);
    assert_int_equal(rig_load(&rig, 0x700000), 0);
    rig_destroy(&rig);
}

static void an_atomic_adds_and_returns_the_old_value(void **state)
{
    (void)state;
    for ( uint32_t size = 4; size <= 8; size += 4 )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_ATOMIC);
        uint64_t data = UINT64_C(0xffffffff), before = UINT64_C(0x500000002);
        uint64_t after = size == 4 ? UINT64_C(0x500000001) :
                                     UINT64_C(0x600000001);
        struct rig rig;

        start(&rig, RW);
        request.size = size;
        rig_store(&rig, 0x700000, before);
        assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
        assert_int_equal(rig_load(&rig, 0x700000), after);
        assert_memory_equal(&data, &before, size);
        rig_destroy(&rig);
    }
}

/* Somebody else writes between the read and the exchange, once. */
static void meddle(struct rig *rig, uint64_t address, bool write)
{
    if ( address != 0x700000 || !write )
        return;
    rig->ram.before = NULL;
    rig_store(rig, 0x700000, 100);
}

static void an_atomic_that_loses_the_race_tries_again(void **state)
{
    struct request request = rig_request(SID, IOVA, REQUEST_ATOMIC);
    struct rig rig;
    uint32_t data = 1;

    (void)state;
    start(&rig, RW);
    rig.ram.before = meddle;
    assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
    assert_int_equal(rig_load(&rig, 0x700000), 101);
    assert_int_equal(data, 100);
    rig_destroy(&rig);
}

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
        struct rig rig;
        uint32_t data = 0;

        start(&rig, RW);
        rig.ram.refused = 0x700000;
        rig.ram.refused_end = 0x701000;
        response = send(&rig, &request, &data);
        assert_int_equal(response.status, RESPONSE_ABORT);
        assert_int_equal(response.reason, 0);
        assert_int_equal(rig_get32(&rig, 0x34), 0);
        rig_destroy(&rig);
    }
}

static void a_zero_length_read_touches_no_memory(void **state)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);
    unsigned int reads;
    struct rig rig;

    (void)state;
    start(&rig, R);
    request.size = 0;
    send(&rig, &request, NULL);
    reads = rig.ram.reads;
    assert_int_equal(send(&rig, &request, NULL).status, RESPONSE_OK);
    assert_int_equal(rig.ram.reads, reads);
    rig_destroy(&rig);
}

static void with_TE_0_plain_requests_pass_unchanged(void **state)
{
    struct request request = rig_request(SID, 0x700000, REQUEST_WRITE);
    struct rig rig;
    uint32_t data = 7;

    (void)state;
    rig_create(&rig, NULL);
    assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
    assert_int_equal(rig_load(&rig, 0x700000), 7);
    rig_destroy(&rig);
}

static void with_TE_0_other_requests_are_refused_without_a_fault(void **state)
{
    struct request rows[3] = {
        rig_request(SID, 0x700000, REQUEST_READ),
        rig_request(SID, 0x700000, REQUEST_READ),
        rig_request(SID, 0x700000, REQUEST_READ),
    };

    (void)state;
    rows[0].pasid = 1;
    rows[1].type = REQUEST_TRANSLATION;
    rows[2].type = REQUEST_TRANSLATED;
    for ( size_t i = 0; i < 3; i++ )
    {
        struct response response;
        struct rig rig;

        rig_create(&rig, NULL);
        response = rig_send(&rig, &rows[i]);
        assert_int_equal(response.status, RESPONSE_ABORT);
        assert_int_equal(response.reason, 0);
        assert_int_equal(rig_get32(&rig, 0x34), 0);
        rig_destroy(&rig);
    }
}

static void translation_can_be_switched_off_again(void **state)
{
    struct rig rig;

    (void)state;
    start(&rig, RW);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     0x700000);
    rig_gcmd(&rig, 1u << 31, false);
    assert_int_equal(rig_translate(&rig, SID, IOVA, REQUEST_READ).address,
                     IOVA);
    rig_destroy(&rig);
}

/* Whatever TE says, and without any translation. */
static void a_write_to_the_interrupt_range_is_a_message(void **state)
{
    (void)state;
    for ( int translating = 0; translating < 2; translating++ )
    {
        struct request request = rig_request(SID, 0xfee01004, REQUEST_WRITE);
        uint32_t data = 0x31;
        struct rig rig;

        rig_create(&rig, NULL);
        if ( translating )
            rig_gcmd(&rig, 1u << 31, true);
        assert_int_equal(send(&rig, &request, &data).status, RESPONSE_OK);
        assert_int_equal(rig.ram.messages, 1);
        assert_int_equal(rig.ram.message[0].address, 0xfee01004);
        assert_int_equal(rig.ram.message[0].data, 0x31);
        assert_int_equal(rig.ram.writes, 0);
        rig_destroy(&rig);
    }
}

static void other_accesses_to_the_interrupt_range_are_LGN_4(void **state)
{
    static const struct {
        uint64_t address;
        enum request_access access;
        unsigned int reason;
    } rows[] = {
        { 0xfee00000, REQUEST_READ, 0x0e },
        { 0xfeeffffc, REQUEST_READ, 0x0e },
        { 0xfee00000, REQUEST_ATOMIC, 0x0e },
        { 0xfedffffc, REQUEST_READ, 0x06 },
        { 0xfef00000, REQUEST_READ, 0x06 },
        { UINT64_C(0x1fee00000), REQUEST_READ, 0x06 },
    };
    struct rig rig;

    (void)state;
    start(&rig, RW);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        assert_int_equal(
            rig_reason(&rig, SID, rows[i].address, rows[i].access),
            rows[i].reason);
    rig_destroy(&rig);
}

static void malformed_accesses_are_refused_untouched(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t size;
        enum request_access access;
    } rows[] = {
        { IOVA, 65, REQUEST_WRITE },      { IOVA, 2, REQUEST_ATOMIC },
        { IOVA + 2, 4, REQUEST_ATOMIC },  { IOVA + 4, 8, REQUEST_ATOMIC },
        { 0xfee00000, 8, REQUEST_WRITE }, { 0xfee00002, 4, REQUEST_WRITE },
    };
    struct rig rig;
    uint8_t data[128];

    (void)state;
    memset(data, 1, sizeof(data));
    start(&rig, RW);
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct request request = rig_request(SID, rows[i].address,
                                             rows[i].access);
        struct response response;

        request.size = rows[i].size;
        response = send(&rig, &request, data);
        assert_int_equal(response.status, RESPONSE_ABORT);
        assert_int_equal(response.reason, 0);
        assert_non_null(response.condition);
    }
    assert_int_equal(rig.ram.messages, 0);
    assert_int_equal(rig_load(&rig, 0x700000), 0);
    rig_destroy(&rig);
}

/* A probe answers as the unit would, and nothing changes. */
static void a_probe_has_no_effect(void **state)
{
    struct request rows[3] = {
        rig_request(SID, IOVA, REQUEST_READ),
        rig_request(SID, IOVA, REQUEST_WRITE),
        rig_request(SID, IOVA + 0x1000, REQUEST_READ),
    };

    (void)state;
    for ( int warm = 0; warm < 2; warm++ )
    {
        struct rig rig;
        size_t size;
        void *before;

        start(&rig, R);
        size = vtd_state_size(&rig.config);
        if ( warm )
            rig_reason(&rig, SID, IOVA, REQUEST_READ);
        before = test_malloc(size);
        memcpy(before, rig.vtd, size);
        rig.ram.reads = rig.ram.writes = 0;
        for ( size_t i = 0; i < 3; i++ )
        {
            struct response probed = rig_probe(&rig, &rows[i]);

            assert_memory_equal(before, rig.vtd, size);
            assert_int_equal(probed.hit, warm && i < 2);
            assert_int_equal(probed.status, i ? RESPONSE_ABORT : RESPONSE_OK);
            assert_int_equal(probed.reason, i == 0 ? 0 : i == 1 ? 0x05 : 0x06);
        }
        assert_int_equal(rig.ram.reads + rig.ram.writes, 0);
        test_free(before);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_reach_the_translated_address),
        cmocka_unit_test(a_fault_leaves_memory_alone),
        cmocka_unit_test(an_atomic_adds_and_returns_the_old_value),
        cmocka_unit_test(an_atomic_that_loses_the_race_tries_again),
        cmocka_unit_test(a_refusal_of_the_bus_is_no_fault),
        cmocka_unit_test(a_zero_length_read_touches_no_memory),
        cmocka_unit_test(with_TE_0_plain_requests_pass_unchanged),
        cmocka_unit_test(with_TE_0_other_requests_are_refused_without_a_fault),
        cmocka_unit_test(translation_can_be_switched_off_again),
        cmocka_unit_test(a_write_to_the_interrupt_range_is_a_message),
        cmocka_unit_test(other_accesses_to_the_interrupt_range_are_LGN_4),
        cmocka_unit_test(malformed_accesses_are_refused_untouched),
        cmocka_unit_test(a_probe_has_no_effect),
    };

    return RUN(tests);
}
