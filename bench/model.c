/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations per second of the physical unit over plain memory, with a
 * 2048-entry 4-way IOTLB.  A hit comes from a working set that fits; for
 * misses the translation and paging-structure caches are off, so that every
 * request walks all levels.
 */

#include <bench.h>

#include <vtd/vtd.h>

#include <stdlib.h>
#include <string.h>

#define MEMORY     (UINT64_C(64) << 20)
#define ROOT       UINT64_C(0x1000)
#define CONTEXT    UINT64_C(0x2000)
#define TABLES     UINT64_C(0x3000)
#define PAGE       UINT64_C(0x1000)
#define IOVA       (UINT64_C(1) << 38) /* clear of the interrupt range */
#define BATCH      65536u
#define HIT_PAGES  1024u
#define MISS_PAGES 16384u

struct flat {
    uint8_t *memory;
    uint64_t next; /* free table page */
};

static bool flat_read(void *world, uint64_t address, void *buffer,
                      unsigned int len, unsigned int atom)
{
    const struct flat *flat = world;

    (void)atom;
    if ( address > MEMORY - len )
        return false;
    memcpy(buffer, flat->memory + address, len);
    return true;
}

static bool flat_write(void *world, uint64_t address, const void *buffer,
                       unsigned int len, unsigned int atom)
{
    const struct flat *flat = world;

    (void)atom;
    if ( address > MEMORY - len )
        return false;
    memcpy(flat->memory + address, buffer, len);
    return true;
}

static bool flat_cmpxchg(void *world, uint64_t address, void *expected,
                         const void *desired, unsigned int len, bool *swapped)
{
    const struct flat *flat = world;

    if ( address > MEMORY - len )
        return false;
    *swapped = !memcmp(flat->memory + address, expected, len);
    memcpy(*swapped ? (void *)(flat->memory + address) : expected,
           *swapped ? desired : flat->memory + address, len);
    return true;
}

static void flat_msi(void *world, uint64_t address, uint32_t data)
{
    (void)world;
    (void)address;
    (void)data;
}

static void flat_wire(void *world, unsigned int line, bool level)
{
    (void)world;
    (void)line;
    (void)level;
}

static void flat_spend(void *world, unsigned int cycles, enum cost what)
{
    (void)world;
    (void)cycles;
    (void)what;
}

static void flat_relax(void *world)
{
    (void)world;
}

static const struct port_ops flat_ops = {
    .read = flat_read,
    .write = flat_write,
    .cmpxchg = flat_cmpxchg,
    .msi = flat_msi,
    .wire = flat_wire,
    .spend = flat_spend,
    .relax = flat_relax,
};

static uint64_t *word(struct flat *flat, uint64_t address)
{
    return (uint64_t *)(void *)(flat->memory + address);
}

/* Map 2^order pages at @iova, read and write, one to one. */
static void map(struct flat *flat, uint64_t iova, unsigned int order)
{
    uint64_t table = TABLES;
    unsigned int leaf = order / 9 + 1;

    for ( unsigned int level = 4;; level-- )
    {
        uint64_t index = iova >> (12 + 9 * (level - 1)) & 0x1ff;
        uint64_t *entry = word(flat, table + 8 * index);

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

static void off(struct cache_config *cache)
{
    cache->entries = 0;
    cache->ways = 0;
}

/* Bring the unit up with everything mapped; NULL: the reason does not matter,
 * the configuration is the default one. */
static struct vtd *set_up(struct flat *flat, const struct port *port,
                          const struct bench *bench, void **state)
{
    struct vtd_config config;
    struct vtd *vtd;

    vtd_config_default(&config);
    config.iotlb = (struct cache_config) { .entries = 2048, .ways = 4 };
    if ( !bench->hit )
    {
        off(&config.iotlb);
        off(&config.paging_structure_cache);
    }
    if ( vtd_config_check(&config) ||
         posix_memalign(state, 64, vtd_state_size(&config)) )
        return NULL;
    flat->next = TABLES + PAGE;
    *word(flat, ROOT) = CONTEXT | 1;
    *word(flat, CONTEXT + 16 * 0x10) = TABLES | 1;
    *word(flat, CONTEXT + 16 * 0x10 + 8) = 2 | 1 << 8; /* AW 48, DID 1 */
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

static bool batch(struct vtd *vtd, unsigned int pages, unsigned int order,
                  uint64_t *state)
{
    struct request request = { .source = 0x10,
                               .pasid = REQUEST_NO_PASID,
                               .size = 8 };
    struct response response;
    bool ok = true;

    for ( unsigned int i = 0; i < BATCH; i++ )
    {
        /* xorshift: random pages, no division */
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        request.address = IOVA + ((*state & (pages - 1)) << (12 + order));
        vtd_translate(vtd, &request, &response);
        ok &= response.status == RESPONSE_OK;
    }
    return ok;
}

double bench_model(const struct bench *bench, double seconds)
{
    struct flat flat = { .memory = calloc(1, MEMORY) };
    const struct port port = { &flat_ops, &flat };
    unsigned int pages = page_count(bench);
    uint64_t state = 88172645463325252, done = 0;
    void *memory = NULL;
    double start, spent = -1;
    struct vtd *vtd;
    bool ok;

    if ( !flat.memory )
        return -1;
    vtd = set_up(&flat, &port, bench, &memory);
    for ( unsigned int i = 0; i < pages; i++ )
        map(&flat, IOVA + ((uint64_t)i << (12 + bench->order)), bench->order);
    ok = vtd && batch(vtd, pages, bench->order, &state);
    start = bench_cpu_seconds();
    while ( ok && (spent = bench_cpu_seconds() - start) < seconds )
    {
        ok = batch(vtd, pages, bench->order, &state);
        done += BATCH;
    }
    free(memory);
    free(flat.memory);
    return ok ? (double)done / spent : -1;
}
