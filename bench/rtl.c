/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lookups per second in lockstep: the Verilated VT-d unit and the C model get
 * the same requests, and must answer the same.  A hit comes from a working
 * set that fits the 64-entry IOTLB of both.
 */

#include <flat.h>

#include <rtl/rtl_vtd.h>
#include <vtd/vtd.h>

#include <stdlib.h>

#define ROOT    UINT64_C(0x1000)
#define CONTEXT UINT64_C(0x2000)
#define TABLES  UINT64_C(0x3000)
#define SID     0x10u
#define PAGES   32u
#define IOVA    (UINT64_C(1) << 30)

struct pair {
    struct rtl_vtd *rtl;
    struct vtd *model;
};

static bool rtl_read(void *world, uint64_t address, uint64_t *value)
{
    if ( address > FLAT_MEMORY - 8 )
        return false;
    *value = *flat_word(world, address);
    return true;
}

static bool translate(void *unit, uint64_t page, unsigned int order)
{
    const struct pair *pair = unit;
    const struct request request = { .source = SID,
                                     .pasid = REQUEST_NO_PASID,
                                     .address = IOVA + (page << (12 + order)),
                                     .size = 8 };
    const struct rtl_vtd_request same = { .did = 1,
                                          .slptptr = TABLES,
                                          .aw48 = true,
                                          .address = request.address,
                                          .read = true };
    struct response response;
    struct rtl_vtd_response answer;

    vtd_translate(pair->model, &request, &response);
    rtl_vtd_translate(pair->rtl, &same, &answer);
    return response.status == RESPONSE_OK && !answer.fault &&
           response.address == answer.address && response.hit == answer.hit;
}

/* One table a level: the pages are neighbours. */
static void map_all(struct flat *flat)
{
    *flat_word(flat, ROOT) = CONTEXT | 1;
    *flat_word(flat, CONTEXT + 16 * SID) = TABLES | 1;
    *flat_word(flat, CONTEXT + 16 * SID + 8) = 2 | 1 << 8; /* AW 48, DID 1 */
    *flat_word(flat, TABLES) = (TABLES + 0x1000) | 3;
    *flat_word(flat, TABLES + 0x1000 + 8) = (TABLES + 0x2000) | 3;
    *flat_word(flat, TABLES + 0x2000) = (TABLES + 0x3000) | 3;
    for ( uint64_t i = 0; i < PAGES; i++ )
        *flat_word(flat, TABLES + 0x3000 + 8 * i) = (IOVA + (i << 12)) | 3;
}

static struct vtd *start_model(const struct port *port, void **state)
{
    struct vtd_config config;
    struct vtd *vtd;

    vtd_config_default(&config);
    config.iotlb = (struct cache_config) { .entries = 64, .ways = 4 };
    bench_cache_off(&config.paging_structure_cache);
    if ( posix_memalign(state, 64, vtd_state_size(&config)) )
        return NULL;
    vtd = vtd_init(*state, &config, port);
    vtd_mmio_write(vtd, 0x20, 8, ROOT);
    vtd_mmio_write(vtd, 0x18, 4, 1u << 30); /* SRTP */
    vtd_mmio_write(vtd, 0x18, 4, 1u << 31); /* TE */
    return vtd;
}

double bench_rtl(const struct bench *bench, double seconds)
{
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port port = { &flat_ops, &flat };
    const struct rtl_memory memory = { .read = rtl_read,
                                       .world = &flat,
                                       .latency_min = 1 };
    const struct rtl_vtd_config config = {
        .size = RTL_64X4, .haw = 46, .mgaw = 48, .sllps = 3, .sc = true
    };
    struct pair pair;
    const struct bench_batch batch = { .translate = translate,
                                       .unit = &pair,
                                       .pages = PAGES };
    void *state = NULL;
    double rate = -1;

    (void)bench;
    if ( !flat.memory )
        return -1;
    map_all(&flat);
    pair.model = start_model(&port, &state);
    pair.rtl = rtl_vtd_create(&config, &memory);
    if ( pair.model && pair.rtl )
        rate = bench_translations(&batch, seconds);
    if ( pair.rtl )
        rtl_vtd_destroy(pair.rtl);
    free(state);
    free(flat.memory);
    return rate;
}
