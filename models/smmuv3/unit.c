/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unit as a whole: its block of memory, reset, and requests from their
 * arrival to their end.
 */
#include "unit.h"

#include <common/access.h>

#define LINE 64u

static size_t place(size_t *end, const struct cache_config *config)
{
    size_t offset = *end;

    *end += cache_size(config);
    return offset;
}

/* Where the caches stand behind the state; returns the size of all. */
static size_t lay_out(const struct smmuv3_config *config, struct smmuv3 *smmu)
{
    size_t end = (sizeof(*smmu) + LINE - 1) & ~(size_t)(LINE - 1);

    smmu->ste_cache = place(&end, &config->ste_cache);
    smmu->cd_cache = place(&end, &config->cd_cache);
    smmu->micro_tlb = place(&end, &config->micro_tlb);
    smmu->main_tlb = place(&end, &config->main_tlb);
    for ( unsigned int i = 0; i < 2; i++ )
        smmu->walk_cache[i] = place(&end, &config->walk_cache[i]);
    return end;
}

size_t smmuv3_state_size(const struct smmuv3_config *config)
{
    struct smmuv3 scratch;

    return lay_out(config, &scratch);
}

static uint32_t granules(uint32_t idr5)
{
    return (idr5 & IDR5_GRAN4K ? BIT32(12) : 0) |
           (idr5 & IDR5_GRAN16K ? BIT32(14) : 0) |
           (idr5 & IDR5_GRAN64K ? BIT32(16) : 0);
}

static void watch(struct cache_config *cache, const struct port *port,
                  unsigned int number)
{
    cache->port = *port;
    cache->number = number;
}

struct smmuv3 *smmuv3_init(void *memory, const struct smmuv3_config *config,
                           const struct port *port)
{
    struct smmuv3 *smmu = memory;
    unsigned int oas = smmu_config_address_bits(config,
                                                IDR5_OAS(config->idr[5]));

    memset(smmu, 0, sizeof(*smmu));
    lay_out(config, smmu);
    smmu->config = *config;
    smmu->port = *port;
    watch(&smmu->config.ste_cache, port, 0);
    watch(&smmu->config.cd_cache, port, 1);
    watch(&smmu->config.micro_tlb, port, 2);
    watch(&smmu->config.main_tlb, port, 3);
    watch(&smmu->config.walk_cache[0], port, 4);
    watch(&smmu->config.walk_cache[1], port, 5);
    smmu->oas_mask = BITS64(oas - 1, 0);
    smmu->granules = granules(config->idr[5]);
    smmu_registers_place(smmu);
    cache_init(cache_at(smmu, smmu->ste_cache), &smmu->config.ste_cache);
    cache_init(cache_at(smmu, smmu->cd_cache), &smmu->config.cd_cache);
    cache_init(cache_at(smmu, smmu->micro_tlb), &smmu->config.micro_tlb);
    cache_init(cache_at(smmu, smmu->main_tlb), &smmu->config.main_tlb);
    for ( unsigned int i = 0; i < 2; i++ )
        cache_init(cache_at(smmu, smmu->walk_cache[i]),
                   &smmu->config.walk_cache[i]);
    smmuv3_reset(smmu);
    return smmu;
}

void smmuv3_reset(struct smmuv3 *smmu)
{
    smmu_registers_reset(smmu);
    cache_clear(cache_at(smmu, smmu->ste_cache));
    cache_clear(cache_at(smmu, smmu->cd_cache));
    smmu_tlb_clear(smmu);
    inflight_init(&smmu->inflight, smmu->config.slots, &smmu->port);
    memset(&smmu->owed, 0, sizeof(smmu->owed));
    memset(&smmu->disabling, 0, sizeof(smmu->disabling));
    memset(&smmu->stats, 0, sizeof(smmu->stats));
    smmu_events_forget(smmu);
    smmu->queue_running = false;
    smmu->recording = false;
    smmu->last_page = 0;
}

const struct smmuv3_stats *smmuv3_stats(const struct smmuv3 *smmu)
{
    return &smmu->stats;
}

/* ---- access of a live request or of a probe ---- */

bool smmu_walk_fetch(const struct walk *walk, uint64_t address, void *buffer,
                     unsigned int len, enum cost what)
{
    if ( !walk->live )
        return walk->read(walk->world, address, buffer, len);
    walk->live->stats.walk_reads++;
    spend(walk->live, what);
    /* Structures are read by 64-bit words (3.21.3). */
    return port_read(&walk->live->port, address, buffer, len, 8);
}

bool smmu_walk_fill(const struct walk *walk, size_t cache,
                    const struct cache_key *key,
                    const struct cache_value *value)
{
    if ( !walk->live )
        return false;
    inflight_touch(&walk->live->inflight, walk->slot, false);
    if ( walk->live->inflight.slot[walk->slot].poisoned )
        return false;
    cache_fill(cache_at(walk->live, cache), key, value);
    return true;
}

/* ---- requests ---- */

static void leave(struct smmuv3 *smmu, int slot)
{
    inflight_end(&smmu->inflight, slot);
    touch(smmu, LATCH_DISABLING, 1, false);
    if ( smmu->disabling.mask )
        smmu_registers_update_cr0ack(smmu);
}

bool smmu_unit_prefetch(struct smmuv3 *smmu, const struct request *request,
                        void (*prefetch)(struct walk *walk))
{
    struct walk walk;

    walk_begin(&walk, smmu, request);
    walk.live = smmu;
    walk.slot = inflight_begin(&smmu->inflight, request->source,
                               request->address);
    if ( walk.slot < 0 )
        return false;
    walk.silent = true;
    prefetch(&walk);
    leave(smmu, walk.slot);
    return true;
}

void smmuv3_prefetch(struct smmuv3 *smmu, const struct request *request)
{
    (void)smmu_unit_prefetch(smmu, request, smmu_translate_prefetch);
}

void smmuv3_evict(struct smmuv3 *smmu, unsigned int caches)
{
    if ( caches & SMMUV3_EVICT_CONFIG )
    {
        cache_clear(cache_at(smmu, smmu->ste_cache));
        cache_clear(cache_at(smmu, smmu->cd_cache));
    }
    if ( caches & SMMUV3_EVICT_TABLES )
        for ( unsigned int i = 0; i < 2; i++ )
            cache_clear(cache_at(smmu, smmu->walk_cache[i]));
    if ( caches & SMMUV3_EVICT_TLB )
    {
        cache_clear(cache_at(smmu, smmu->micro_tlb));
        cache_clear(cache_at(smmu, smmu->main_tlb));
    }
}

static void begin(struct walk *walk, struct smmuv3 *smmu,
                  const struct request *request)
{
    walk_begin(walk, smmu, request);
    walk->live = smmu;
    smmu->stats.requests++;
    while (
        (walk->slot = inflight_begin(&smmu->inflight, walk->request->source,
                                     walk->request->address)) < 0 )
        port_relax(&smmu->port);
}

/* 5.5: terminated with success, RAZ/WI. */
static bool read_as_zero(const struct response *translated)
{
    return translated->status == RESPONSE_OK && translated->reason;
}

/*
 * Retention never-evict: hardware that fetches ahead.  16.2, 3.21.3: any page
 * that has a translation, any structure that can be reached.
 */
static void fetch_ahead(const struct walk *walk,
                        const struct response *translated)
{
    const struct smmuv3_config *config = &walk->smmu->config;
    struct request next = *walk->request;

    if ( walk->ste_missed && config->ste_cache.retention == CACHE_NEVER_EVICT )
    {
        next.source++;
        (void)smmu_unit_prefetch(walk->live, &next,
                                 smmu_translate_prefetch_config);
    }
    if ( walk->missed && translated->status == RESPONSE_OK &&
         !read_as_zero(translated) &&
         config->main_tlb.retention == CACHE_NEVER_EVICT )
    {
        next.source = walk->request->source;
        next.address = (next.address | translated->mask) + 1;
        (void)smmu_unit_prefetch(walk->live, &next, smmu_translate_prefetch);
    }
}

/* @translated: as smmu_translate_request() answered. */
static void end(const struct walk *walk, const struct response *translated)
{
    leave(walk->live, walk->slot);
    if ( walk->ste_missed || walk->missed )
        fetch_ahead(walk, translated);
}

void smmuv3_translate(struct smmuv3 *smmu, const struct request *request,
                      struct response *response)
{
    struct walk walk;

    begin(&walk, smmu, request);
    smmu_translate_request(&walk, response);
    end(&walk, response);
}

static void perform(const struct walk *walk, const struct port *device,
                    void *data, struct response *response)
{
    const struct request *request = walk->request;

    inflight_touch(&walk->live->inflight, walk->slot, true);
    walk->live->inflight.slot[walk->slot].phase = request->access ==
                                                          REQUEST_READ ?
                                                      INFLIGHT_READ :
                                                      INFLIGHT_WRITE;
    if ( access_memory(device, request, response->address, data) )
        return;
    *response = (struct response) {
        .status = RESPONSE_ABORT,
        .condition = "refused by the bus",
        .hit = response->hit,
    };
}

void smmuv3_access(struct smmuv3 *smmu, const struct request *request,
                   const struct port *device, void *data,
                   struct response *response)
{
    struct walk walk;
    const char *reason = access_malformed(request);
    struct response translated;

    if ( reason )
    {
        *response = (struct response) {
            .status = RESPONSE_ABORT,
            .condition = reason,
        };
        return;
    }
    begin(&walk, smmu, request);
    smmu_translate_request(&walk, &translated);
    *response = translated;
    if ( read_as_zero(&translated) )
    {
        if ( request->access != REQUEST_WRITE )
            memset(data, 0, request->size);
    }
    else if ( translated.status == RESPONSE_OK )
        perform(&walk, device, data, response);
    end(&walk, &translated);
}

void smmuv3_probe(const struct smmuv3 *smmu, const struct request *request,
                  bool (*read)(void *world, uint64_t address, void *buffer,
                               unsigned int len),
                  void *world, struct response *response)
{
    struct walk walk;

    walk_begin(&walk, smmu, request);
    walk.read = read;
    walk.world = world;
    smmu_translate_request(&walk, response);
}
