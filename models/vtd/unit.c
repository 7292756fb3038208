/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unit as a whole: its block of memory, reset, and requests from their
 * arrival to their end.
 */
#include "cover.h"

#include <common/access.h>

#include <string.h>

#define LINE 64u

static size_t place(size_t *end, const struct cache_config *config)
{
    size_t offset = *end;

    *end += cache_size(config);
    return offset;
}

/* Where the caches stand behind the state; returns the size of all. */
static size_t lay_out(const struct vtd_config *config, struct vtd *vtd)
{
    size_t end = (sizeof(*vtd) + LINE - 1) & ~(size_t)(LINE - 1);

    vtd->context_cache = place(&end, &config->context_cache);
    vtd->iotlb = place(&end, &config->iotlb);
    vtd->paging = place(&end, &config->paging_structure_cache);
    return end;
}

size_t vtd_state_size(const struct vtd_config *config)
{
    struct vtd scratch;

    return lay_out(config, &scratch);
}

static unsigned int page_levels(uint64_t cap)
{
    unsigned int levels = BIT32(1);

    if ( CAP_SLLPS(cap) & SLLPS_2M )
        levels |= BIT32(2);
    if ( CAP_SLLPS(cap) & SLLPS_1G )
        levels |= BIT32(3);
    /* Entries of any level that are not present. */
    if ( cap & CAP_CM )
        levels |= BIT32(2) | BIT32(3) | BIT32(4);
    return levels;
}

static void watch(struct cache_config *cache, const struct port *port,
                  unsigned int number)
{
    cache->port = *port;
    cache->number = number;
}

struct vtd *vtd_init(void *memory, const struct vtd_config *config,
                     const struct port *port)
{
    struct vtd *vtd = memory;

    memset(vtd, 0, sizeof(*vtd));
    cover_config(config);
    lay_out(config, vtd);
    vtd->config = *config;
    vtd->port = *port;
    watch(&vtd->config.context_cache, port, 0);
    watch(&vtd->config.iotlb, port, 1);
    watch(&vtd->config.paging_structure_cache, port, 2);
    vtd->haw_mask = BITS64(config->haw - 1, 0);
    vtd->mgaw_mask = BITS64(CAP_MGAW(config->cap), 0);
    vtd->did_mask = BIT32(4 + 2 * CAP_ND(config->cap)) - 1;
    vtd->page_levels = page_levels(config->cap);
    vtd->sl_leaf_reserved = SL_TM | (config->ecap & ECAP_SC ? 0 : SL_SNP);
    registers_place(config, vtd->map);
    cache_init(context_cache(vtd), &vtd->config.context_cache);
    cache_init(iotlb(vtd), &vtd->config.iotlb);
    cache_init(paging_cache(vtd), &vtd->config.paging_structure_cache);
    vtd_reset(vtd);
    return vtd;
}

void vtd_reset(struct vtd *vtd)
{
    registers_reset(vtd);
    caches_clear(vtd);
    inflight_init(&vtd->inflight, vtd->config.slots, &vtd->port);
    memset(&vtd->stats, 0, sizeof(vtd->stats));
    vtd->root = 0;
    vtd->translating = false;
    vtd->next_frcd = 0;
    vtd->queue_running = false;
    vtd->queue_stopping = false;
}

const struct vtd_stats *vtd_stats(const struct vtd *vtd)
{
    return &vtd->stats;
}

/* ---- requests ---- */

static struct walk begin(struct vtd *vtd, const struct request *request)
{
    struct walk walk = { .vtd = vtd, .live = vtd, .request = request };

    vtd->stats.requests++;
    while ( (walk.slot = inflight_begin(&vtd->inflight, request->source,
                                        request->address)) < 0 )
    {
        COVER("vtd.slots.full");
        port_relax(&vtd->port);
    }
    return walk;
}

/*
 * Retention never-evict: hardware that fetches ahead.  The walk is a request
 * of its own, so that invalidations know of it; without a free slot it does
 * not take place.
 */
static void prefetch(struct vtd *vtd, const struct request *served,
                     const struct response *response)
{
    struct request next = *served;

    next.address = (served->address | response->mask) + 1;
    vtd_prefetch(vtd, &next);
}

void vtd_prefetch(struct vtd *vtd, const struct request *request)
{
    struct walk walk = { .vtd = vtd, .live = vtd, .request = request };

    walk.slot = inflight_begin(&vtd->inflight, request->source,
                               request->address);
    if ( walk.slot < 0 )
        return;
    vtd->stats.prefetches++;
    COVER("vtd.prefetch");
    remap_prefetch(&walk);
    inflight_end(&vtd->inflight, walk.slot);
}

void vtd_evict(struct vtd *vtd, unsigned int caches)
{
    if ( caches & VTD_EVICT_CONTEXTS )
        cache_clear(context_cache(vtd));
    if ( caches & VTD_EVICT_PAGING )
        cache_clear(paging_cache(vtd));
    if ( caches & VTD_EVICT_TRANSLATIONS )
        cache_clear(iotlb(vtd));
}

/* @translated: as remap_request() answered. */
static void end(const struct walk *walk, const struct response *translated)
{
    struct vtd *vtd = walk->live;

    inflight_end(&vtd->inflight, walk->slot);
    if ( walk->missed && translated->status == RESPONSE_OK &&
         vtd->config.iotlb.retention == CACHE_NEVER_EVICT )
        prefetch(vtd, walk->request, translated);
}

void vtd_translate(struct vtd *vtd, const struct request *request,
                   struct response *response)
{
    struct walk walk = begin(vtd, request);

    remap_request(&walk, response);
    end(&walk, response);
}

/* What this interface does not carry (vtd.h), and why; NULL: fine. */
static const char *malformed(const struct request *request)
{
    const char *reason = access_malformed(request);

    if ( !reason && remap_is_interrupt(request) &&
         (request->size != 4 || request->address % 4) )
        reason = "interrupt request that is not an aligned 4 bytes";
    return reason;
}

/* False: the bus refused. */
static bool perform(const struct port *device, const struct request *request,
                    uint64_t address, void *data)
{
    uint32_t message;

    if ( !remap_is_interrupt(request) )
        return access_memory(device, request, address, data);
    /* Without interrupt remapping it goes where the device said. */
    memcpy(&message, data, sizeof(message));
    port_msi(device, address, message);
    return true;
}

void vtd_access(struct vtd *vtd, const struct request *request,
                const struct port *device, void *data,
                struct response *response)
{
    const char *reason = malformed(request);
    struct response translated;
    struct walk walk;

    if ( reason )
    {
        *response = (struct response) {
            .status = RESPONSE_ABORT,
            .condition = reason,
        };
        return;
    }
    walk = begin(vtd, request);
    remap_request(&walk, &translated);
    *response = translated;
    if ( translated.status == RESPONSE_OK )
    {
        inflight_touch(&vtd->inflight, walk.slot, true);
        vtd->inflight.slot[walk.slot].phase = request->access == REQUEST_READ ?
                                                  INFLIGHT_READ :
                                                  INFLIGHT_WRITE;
        if ( !perform(device, request, translated.address, data) )
            *response = (struct response) {
                .status = RESPONSE_ABORT,
                .condition = "refused by the bus",
                .hit = translated.hit,
            };
    }
    end(&walk, &translated);
}

void vtd_probe(const struct vtd *vtd, const struct request *request,
               bool (*read)(void *world, uint64_t address, void *buffer,
                            unsigned int len),
               void *world, struct response *response)
{
    struct walk walk = {
        .vtd = vtd,
        .read = read,
        .world = world,
        .request = request,
        .slot = -1,
    };

    remap_request(&walk, response);
}
