/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to sim/: the pages that a load may read, found in an untimed run,
 * and the order in which it does.
 */
#ifndef SIM_LOAD_H
#define SIM_LOAD_H

#include <sim/sim.h>

#define LOAD_MAX_PAGES 256

/*
 * Some DMA of the program has arrived at it in operation @from; after
 * operation @until it can't be read any more, or lies elsewhere.  Strictly
 * between them it is certain.
 */
struct load_page {
    unsigned int device;
    uint64_t iova;
    bool privileged;
    uint64_t address; /* of the host */
    size_t from, until;
    unsigned int in_flight;
};

struct load_pages {
    struct load_page page[LOAD_MAX_PAGES];
    unsigned int count;
};

/* ---- finding them: parts of a world_watch ---- */

void load_saw(struct load_pages *pages, struct world *world,
              unsigned int device, const struct dma_transfer *transfer,
              const struct dma_result *result);
void load_check(struct load_pages *pages, struct world *world,
                size_t operation);
/* The program has ended: what is still there stays until then. */
void load_finish(struct load_pages *pages, size_t operations);

/* ---- using them ---- */

/* What a device does with them. */
struct load_cursor {
    struct load_pages *pages;
    const size_t *operation; /* the one that runs */
    enum sim_pattern pattern;
    unsigned int device;
    unsigned int page; /* at hand */
    uint32_t line;     /* in it */
    uint64_t random;
};

void load_cursor_init(struct load_cursor *cursor, struct load_pages *pages,
                      const size_t *operation, enum sim_pattern pattern,
                      unsigned int device, uint64_t seed);

/* The next request; false: there is no page now.  Its page is in flight until
 * load_done() with the number in *page. */
bool load_next(struct load_cursor *cursor, struct request *request,
               uint64_t *page);
void load_done(struct load_pages *pages, uint64_t page);

/* Is nothing in flight that @operation could break? */
bool load_clear(const struct load_pages *pages, size_t operation);

/* Cycles before the next request of a channel: without them everything would
 * keep step with everything else. */
uint64_t load_pause(struct load_cursor *cursor);

bool load_has_device(const struct load_pages *pages, unsigned int device);

#endif /* SIM_LOAD_H */
