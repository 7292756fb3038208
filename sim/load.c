/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages that a load may read, and the order in which it does. */
#include <sim/load.h>

#include <scenario/arch.h>

#define LINES 64u /* of a page */
#define LINE  64u /* bytes */

/* ---- finding them ---- */

static struct request request_for(const struct world *world,
                                  const struct load_page *page, uint32_t line)
{
    return (struct request) {
        .source = world->device[page->device].psbdf,
        .pasid = REQUEST_NO_PASID,
        .access = REQUEST_READ,
        .privileged = page->privileged,
        .address = page->iova + line * LINE,
        .size = LINE,
    };
}

static bool find(const struct load_pages *pages, unsigned int device,
                 uint64_t iova)
{
    for ( unsigned int i = 0; i < pages->count; i++ )
        if ( pages->page[i].device == device && pages->page[i].iova == iova &&
             pages->page[i].until == SIZE_MAX )
            return true;
    return false;
}

void load_saw(struct load_pages *pages, struct world *world,
              unsigned int device, const struct dma_transfer *transfer,
              const struct dma_result *result)
{
    const struct response *response = &result->piece[0].response;
    uint64_t iova = transfer->address & ~UINT64_C(0xfff);

    if ( pages->count == LOAD_MAX_PAGES || !transfer->size ||
         transfer->type != REQUEST_UNTRANSLATED || transfer->execute ||
         transfer->pasid != REQUEST_NO_PASID || !response_reached(response) ||
         !(response->rights & RIGHT_READ) || find(pages, device, iova) )
        return;
    pages->page[pages->count++] = (struct load_page) {
        .device = device,
        .iova = iova,
        .privileged = transfer->privileged,
        .address = response->address & ~UINT64_C(0xfff),
        .from = world->operation,
        .until = SIZE_MAX,
    };
}

static bool probe_read(void *context, uint64_t address, void *buffer,
                       unsigned int len)
{
    const struct world *world = context;

    return world->config.through == THROUGH_MODEL ?
               domain_read(world->domain[0].domain, address, buffer, len) :
               memory_read(world->machine, address, buffer, len);
}

/* Would a read arrive there, by the caches and by the guest's tables? */
static bool readable(struct world *world, const struct load_page *page)
{
    const struct arch *arch = world->program->machine.arch;
    const struct world_device *device = &world->device[page->device];
    const struct request request = request_for(world, page, 0);
    struct response response;
    const struct oracle_dma dma = {
        .source = device->source,
        .pasid = REQUEST_NO_PASID,
        .iova = page->iova,
        .size = LINE,
        .read = true,
        .privileged = page->privileged,
    };
    struct oracle_walk walk = { .ok = true };
    uint8_t byte;

    arch->probe(world->unit[device->unit].model, &request, probe_read, world,
                &response);
    if ( device->attached && device->owner->oracle )
        oracle_walk(device->owner->oracle, &dma, &walk);
    return !device->owner->destroyed && walk.ok &&
           response_reached(&response) && (response.rights & RIGHT_READ) &&
           response.address == page->address &&
           probe_read(world, response.address, &byte, 1);
}

void load_check(struct load_pages *pages, struct world *world,
                size_t operation)
{
    for ( unsigned int i = 0; i < pages->count; i++ )
        if ( pages->page[i].until == SIZE_MAX &&
             !readable(world, &pages->page[i]) )
            pages->page[i].until = operation;
}

void load_finish(struct load_pages *pages, size_t operations)
{
    for ( unsigned int i = 0; i < pages->count; i++ )
        if ( pages->page[i].until == SIZE_MAX )
            pages->page[i].until = operations;
}

/* ---- using them ---- */

void load_cursor_init(struct load_cursor *cursor, struct load_pages *pages,
                      const size_t *operation, enum sim_pattern pattern,
                      unsigned int device, uint64_t seed)
{
    *cursor = (struct load_cursor) {
        .pages = pages,
        .operation = operation,
        .pattern = pattern,
        .device = device,
        /* xorshift must not begin with 0 */
        .random = (seed + device + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1,
    };
}

static bool usable(const struct load_cursor *cursor, unsigned int index)
{
    const struct load_page *page = &cursor->pages->page[index];

    return page->device == cursor->device && page->from < *cursor->operation &&
           *cursor->operation < page->until;
}

static uint64_t draw(struct load_cursor *cursor)
{
    cursor->random ^= cursor->random << 13;
    cursor->random ^= cursor->random >> 7;
    cursor->random ^= cursor->random << 17;
    return cursor->random >> 20;
}

/* From the one at hand on; false: none. */
static bool find_usable(struct load_cursor *cursor)
{
    const unsigned int count = cursor->pages->count;

    for ( unsigned int i = 0; i < count; i++ )
    {
        unsigned int index = (cursor->page + i) % count;

        if ( !usable(cursor, index) )
            continue;
        if ( i )
            cursor->line = 0;
        cursor->page = index;
        return true;
    }
    return false;
}

static void advance(struct load_cursor *cursor)
{
    if ( cursor->pattern == SIM_RANDOM )
    {
        cursor->page = (unsigned int)(draw(cursor) % LOAD_MAX_PAGES);
        cursor->line = (uint32_t)(draw(cursor) % LINES);
    }
    else if ( ++cursor->line == LINES )
    {
        cursor->line = 0;
        cursor->page++;
    }
    if ( cursor->pages->count )
        cursor->page %= cursor->pages->count;
}

bool load_next(struct load_cursor *cursor, struct request *request,
               uint64_t *page)
{
    if ( !find_usable(cursor) )
        return false;
    *page = cursor->page;
    cursor->pages->page[cursor->page].in_flight++;
    *request = (struct request) {
        .pasid = REQUEST_NO_PASID,
        .access = REQUEST_READ,
        .privileged = cursor->pages->page[cursor->page].privileged,
        .address = cursor->pages->page[cursor->page].iova +
                   cursor->line * LINE,
        .size = LINE,
    };
    advance(cursor);
    return true;
}

#define PAUSE 64u /* cycles */

uint64_t load_pause(struct load_cursor *cursor)
{
    return draw(cursor) % PAUSE;
}

void load_done(struct load_pages *pages, uint64_t page)
{
    pages->page[page].in_flight--;
}

bool load_clear(const struct load_pages *pages, size_t operation)
{
    for ( unsigned int i = 0; i < pages->count; i++ )
        if ( pages->page[i].in_flight && pages->page[i].until <= operation )
            return false;
    return true;
}

bool load_has_device(const struct load_pages *pages, unsigned int device)
{
    for ( unsigned int i = 0; i < pages->count; i++ )
        if ( pages->page[i].device == device &&
             pages->page[i].until > pages->page[i].from + 1 )
            return true;
    return false;
}
