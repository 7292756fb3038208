/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations per second of the physical unit over plain memory, with a
 * 2048-entry 4-way IOTLB.  A hit comes from a working set that fits; for
 * misses the translation and paging-structure caches are off, so that every
 * request walks all levels.
 */

#include <flat.h>

#include <vtd/vtd.h>

#include <stdlib.h>

#define ROOT       UINT64_C(0x1000)
#define CONTEXT    UINT64_C(0x2000)
#define TABLES     UINT64_C(0x3000)
#define PAGE       UINT64_C(0x1000)
#define IOVA       FLAT_IOVA
#define HIT_PAGES  1024u
#define MISS_PAGES 16384u

/* Map 2^order pages at @iova, read and write, one to one. */
static void map(struct flat *flat, uint64_t iova, unsigned int order)
{
    uint64_t table = TABLES;
    unsigned int leaf = order / 9 + 1;

    for ( unsigned int level = 4;; level-- )
    {
        uint64_t index = iova >> (12 + 9 * (level - 1)) & 0x1ff;
        uint64_t *entry = flat_word(flat, table + 8 * index);

        if ( level == leaf )
        {
            /* R, W, PS above level 1 */
            *entry = iova | 3 | (leaf > 1 ? 0x80 : 0);
            return;
        }
        if ( !*entry )
        {
            *entry = flat->next | 3;
            flat->next += PAGE;
        }
        table = *entry & ~UINT64_C(0xfff);
    }
}

struct vtd *flat_vtd(struct flat *flat, const struct port *port,
                     const struct bench *bench, unsigned int pages,
                     void **state)
{
    struct vtd_config config;
    struct vtd *vtd;

    vtd_config_default(&config);
    config.iotlb = (struct cache_config) { .entries = 2048, .ways = 4 };
    if ( !bench->hit )
    {
        bench_cache_off(&config.iotlb);
        bench_cache_off(&config.paging_structure_cache);
    }
    if ( vtd_config_check(&config) ||
         posix_memalign(state, 64, vtd_state_size(&config)) )
        return NULL;
    flat->next = TABLES + PAGE;
    for ( unsigned int i = 0; i < pages; i++ )
        map(flat, IOVA + ((uint64_t)i << (12 + bench->order)), bench->order);
    *flat_word(flat, ROOT) = CONTEXT | 1;
    *flat_word(flat, CONTEXT + 16 * FLAT_SOURCE) = TABLES | 1;
    *flat_word(flat,
               CONTEXT + 16 * FLAT_SOURCE + 8) = 2 | 1 << 8; /* AW 48, DID 1 */
    vtd = vtd_init(*state, &config, port);
    vtd_mmio_write(vtd, 0x20, 8, ROOT);
    vtd_mmio_write(vtd, 0x18, 4, 1u << 30); /* SRTP */
    vtd_mmio_write(vtd, 0x18, 4, 1u << 31); /* TE */
    return vtd;
}

/* Pages of the working set: 1 GiB pages are few. */
static unsigned int page_count(const struct bench *bench)
{
    unsigned int pages = bench->hit ? HIT_PAGES : MISS_PAGES;

    return bench->order == 18 && pages > 64 ? 64 : pages;
}

static bool translate(void *unit, uint64_t page, unsigned int order)
{
    const struct request request = { .source = FLAT_SOURCE,
                                     .pasid = REQUEST_NO_PASID,
                                     .address = IOVA + (page << (12 + order)),
                                     .size = 8 };
    struct response response;

    vtd_translate(unit, &request, &response);
    return response.status == RESPONSE_OK;
}

double bench_vtd(const struct bench *bench, double seconds)
{
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port port = { &flat_ops, &flat };
    struct bench_batch batch = { .translate = translate,
                                 .pages = page_count(bench),
                                 .order = bench->order };
    void *memory = NULL;
    double rate;

    if ( !flat.memory )
        return -1;
    batch.unit = flat_vtd(&flat, &port, bench, batch.pages, &memory);
    rate = batch.unit ? bench_translations(&batch, seconds) : -1;
    free(memory);
    free(flat.memory);
    return rate;
}
