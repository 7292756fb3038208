/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DMA engines: how a transfer becomes requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <devices/dma.h>

/* A unit that aborts one page, and otherwise has plain memory. */
struct unit {
    uint64_t abort_page; /* number; UINT64_MAX: none */
    unsigned int count;
    struct request request[DMA_MAX_PIECES];
    unsigned char memory[16384];
};

static void unit_access(void *context, const struct request *request,
                        void *data, struct response *response)
{
    struct unit *unit = context;

    unit->request[unit->count++] = *request;
    *response = (struct response) { .status = RESPONSE_OK,
                                    .address = request->address };
    if ( request->address >> 12 == unit->abort_page )
        *response = (struct response) { .status = RESPONSE_ABORT };
    else if ( request->access == REQUEST_READ && request->size )
        memcpy(data, unit->memory + request->address, request->size);
    else if ( request->access == REQUEST_WRITE )
        memcpy(unit->memory + request->address, data, request->size);
}

static struct dma_device device_of(struct unit *unit)
{
    memset(unit, 0, sizeof(*unit));
    unit->abort_page = UINT64_MAX;
    return (struct dma_device) { .target = { unit_access, unit },
                                 .unit = 3,
                                 .source = 0x18 };
}

static void pieces_cover_the_transfer_and_cross_no_boundary(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t size;
        unsigned int pieces;
    } rows[] = {
        { 0, 1, 1 },         { 63, 1, 1 },       { 63, 2, 2 },
        { 0, 64, 1 },        { 1, 64, 2 },       { 0x1000, 4096, 64 },
        { 0xfff, 4096, 65 }, { 0x1fc0, 128, 2 },
    };
    struct unit unit;
    struct dma_device device = device_of(&unit);
    struct dma_result result;
    unsigned char data[4096];
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct dma_transfer t = { .access = REQUEST_READ,
                                  .pasid = REQUEST_NO_PASID,
                                  .address = rows[i].address,
                                  .size = rows[i].size,
                                  .data = data };
        uint64_t next = rows[i].address;

        unit.count = 0;
        assert_true(dma_run(&device, &t, &result));
        assert_int_equal(result.pieces, rows[i].pieces);
        for ( j = 0; j < unit.count; j++ )
        {
            const struct request *request = &unit.request[j];

            assert_int_equal(request->address, next);
            assert_int_equal(request->address / 64,
                             (request->address + request->size - 1) / 64);
            assert_int_equal(request->source, 0x18);
            assert_int_equal(request->unit, 3);
            next += request->size;
        }
        assert_int_equal(next, rows[i].address + rows[i].size);
    }
}

static void data_arrives_in_place(void **state)
{
    struct unit unit;
    struct dma_device device = device_of(&unit);
    unsigned char in[300], out[300];
    struct dma_transfer t = { .access = REQUEST_WRITE,
                              .address = 0x1f7f,
                              .size = sizeof(in),
                              .data = in };
    struct dma_result result;
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(in); i++ )
        in[i] = (unsigned char)(i * 7);
    assert_true(dma_run(&device, &t, &result));
    t.access = REQUEST_READ;
    t.data = out;
    assert_true(dma_run(&device, &t, &result));
    assert_memory_equal(in, out, sizeof(in));
}

static void each_piece_has_its_own_response(void **state)
{
    struct unit unit;
    struct dma_device device = device_of(&unit);
    unsigned char data[256];
    struct dma_transfer t = {
        .access = REQUEST_READ, .address = 0xf80, .size = 256, .data = data
    };
    struct dma_result result;

    (void)state;
    unit.abort_page = 1;
    assert_true(dma_run(&device, &t, &result));
    assert_int_equal(result.pieces, 4);
    assert_int_equal(result.aborted, 2);
    assert_int_equal(result.piece[1].response.status, RESPONSE_OK);
    assert_int_equal(result.piece[2].response.status, RESPONSE_ABORT);
    assert_int_equal(result.piece[2].address, 0x1000);
}

static void a_device_may_stop_at_the_first_abort(void **state)
{
    struct unit unit;
    struct dma_device device = device_of(&unit);
    unsigned char data[256];
    struct dma_transfer t = { .access = REQUEST_READ,
                              .address = 0xfc0,
                              .size = 256,
                              .data = data,
                              .stop_on_abort = true };
    struct dma_result result;

    (void)state;
    unit.abort_page = 1;
    assert_true(dma_run(&device, &t, &result));
    assert_int_equal(result.pieces, 2);
    assert_int_equal(result.aborted, 1);
}

static void a_zero_length_read_is_one_request(void **state)
{
    struct unit unit;
    struct dma_device device = device_of(&unit);
    struct dma_transfer t = { .access = REQUEST_READ, .address = 0x1000 };
    struct dma_result result;

    (void)state;
    assert_true(dma_run(&device, &t, &result));
    assert_int_equal(unit.count, 1);
    assert_int_equal(unit.request[0].size, 0);
}

static void impossible_transfers_are_refused(void **state)
{
    static const struct dma_transfer rows[] = {
        { .access = REQUEST_READ, .size = 4097 },
        { .access = REQUEST_WRITE, .size = 0 },
        { .access = REQUEST_ATOMIC, .size = 2 },
        { .access = REQUEST_ATOMIC, .size = 8, .address = 4 },
        { .access = REQUEST_READ, .size = 16, .address = UINT64_MAX - 7 },
    };
    struct unit unit;
    struct dma_device device = device_of(&unit);
    struct dma_result result;
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        assert_false(dma_run(&device, &rows[i], &result));
    assert_int_equal(unit.count, 0);
}

static void an_atomic_access_is_one_request(void **state)
{
    struct unit unit;
    struct dma_device device = device_of(&unit);
    uint64_t data = 1;
    struct dma_transfer t = {
        .access = REQUEST_ATOMIC, .address = 0x38, .size = 8, .data = &data
    };
    struct dma_result result;

    (void)state;
    assert_true(dma_run(&device, &t, &result));
    assert_int_equal(unit.count, 1);
    assert_int_equal(unit.request[0].access, REQUEST_ATOMIC);
    assert_int_equal(unit.request[0].size, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_cover_the_transfer_and_cross_no_boundary),
        cmocka_unit_test(data_arrives_in_place),
        cmocka_unit_test(each_piece_has_its_own_response),
        cmocka_unit_test(a_device_may_stop_at_the_first_abort),
        cmocka_unit_test(a_zero_length_read_is_one_request),
        cmocka_unit_test(impossible_transfers_are_refused),
        cmocka_unit_test(an_atomic_access_is_one_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
