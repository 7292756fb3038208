/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain memory under a physical unit, and the loop that measures one. */
#ifndef BENCH_FLAT_H
#define BENCH_FLAT_H

#include <bench.h>

#include <common/cache.h>
#include <common/port.h>
#include <common/request.h>

#define FLAT_MEMORY (UINT64_C(64) << 20)

struct flat {
    uint8_t *memory; /* FLAT_MEMORY bytes */
    uint64_t next;   /* free table page */
};

/* Memory only: interrupts, costs and waits go nowhere. */
extern const struct port_ops flat_ops;

uint64_t *flat_word(struct flat *flat, uint64_t address);

void bench_cache_off(struct cache_config *cache);

struct bench_batch {
    void *unit;
    /* Of the n-th page of the working set; false: it failed. */
    bool (*translate)(void *unit, uint64_t page, unsigned int order);
    unsigned int pages; /* a power of two */
    unsigned int order; /* of a page */
};

/* Random translations per second of CPU time; negative: one failed. */
double bench_translations(const struct bench_batch *batch, double seconds);

/*
 * A unit over that memory with the pages of the benchmark mapped one to one,
 * from FLAT_IOVA on, for requests of FLAT_SOURCE.  @port: what it sees memory
 * through.  NULL: out of memory.  *state is to be freed.
 */
#define FLAT_IOVA   (UINT64_C(1) << 38) /* clear of the interrupt range */
#define FLAT_SOURCE 0x10u

struct vtd *flat_vtd(struct flat *flat, const struct port *port,
                     const struct bench *bench, unsigned int pages,
                     void **state);
struct smmuv3 *flat_smmuv3(struct flat *flat, const struct port *port,
                           const struct bench *bench, unsigned int pages,
                           void **state);

#endif /* BENCH_FLAT_H */
