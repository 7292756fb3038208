/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calibrate.h"

#include <rtl/rtl_vtd.h>
#include <vtd/vtd.h>

#include <stdlib.h>

#define SID     0x10u
#define DID     1u
#define ROOT    UINT64_C(0x1000)
#define CONTEXT UINT64_C(0x2000)

/* A page of the configured size at @iova, to itself. */
static void map(struct cal_world *world, const struct cal_config *config,
                uint64_t table, uint64_t iova)
{
    for ( unsigned int level = config->levels;; level-- )
    {
        uint64_t *entry = cal_word(
            world, table + (iova >> (3 + 9 * level) & 511) * 8);

        if ( level == config->size + 1 )
        {
            *entry = iova | 3 | (config->size ? 0x80 : 0);
            return;
        }
        if ( !*entry )
            *entry = cal_page(world) | 3;
        table = *entry & ~UINT64_C(0xfff);
    }
}

static struct vtd *start_c(struct cal_world *world, void **state)
{
    struct port port = { &cal_port, world };
    struct vtd_config config;
    struct vtd *vtd;

    vtd_config_default(&config);
    config.iotlb = (struct cache_config) { .entries = 64, .ways = 4 };
    config.paging_structure_cache.entries = 0;
    if ( posix_memalign(state, 64, vtd_state_size(&config)) )
        return NULL;
    vtd = vtd_init(*state, &config, &port);
    vtd_mmio_write(vtd, 0x20, 8, ROOT);
    vtd_mmio_write(vtd, 0x18, 4, 1u << 30);
    vtd_mmio_write(vtd, 0x18, 4, 1u << 31);
    return vtd;
}

static struct rtl_vtd *start_rtl(const struct rtl_memory *memory,
                                 enum rtl_size size)
{
    struct rtl_vtd_config config = {
        .size = size,
        .haw = 46,
        .mgaw = 48,
        .sllps = 3,
        .sc = true,
    };

    return rtl_vtd_create(&config, memory);
}

static void one(const struct cal_config *config, struct cal_world *world,
                struct vtd *vtd, struct rtl_vtd *rtl, uint64_t table,
                uint64_t iova)
{
    const struct request request = {
        .source = SID, .pasid = REQUEST_NO_PASID, .address = iova, .size = 4
    };
    struct rtl_vtd_request wanted = { .did = DID,
                                      .slptptr = table,
                                      .aw48 = config->levels == 4,
                                      .address = iova,
                                      .read = true };
    struct rtl_vtd_response answer;
    struct response response;

    vtd_translate(vtd, &request, &response);
    rtl_vtd_translate(rtl, &wanted, &answer);
    if ( response.status != RESPONSE_OK || response.hit != answer.hit ||
         response.address != answer.address )
        world->sample->broken = "C model and RTL disagree";
    if ( !world->counting )
        return;
    world->sample->requests++;
    world->sample->hits += answer.hit;
    world->sample->cycles += answer.cycles;
}

void cal_vtd(const struct cal_config *config, struct cal_world *world)
{
    struct rtl_memory memory = cal_memory(config, world);
    uint64_t table = cal_page(world), random = 88172645463325252u;
    unsigned int shift = 12 + 9 * config->size;
    struct rtl_vtd *rtl = start_rtl(&memory, RTL_64X4);
    void *state = NULL;
    struct vtd *vtd = start_c(world, &state);

    *cal_word(world, ROOT) = CONTEXT | 1;
    *cal_word(world, CONTEXT + SID * 16) = table | 1;
    *cal_word(world, CONTEXT + SID * 16 + 8) = (config->levels - 2) | DID << 8;
    for ( uint64_t i = 0; i < config->pages; i++ )
        map(world, config, table, CAL_IOVA + (i << shift));
    for ( unsigned int i = 0; i < 2 * CAL_REQUESTS; i++ )
    {
        uint64_t page = cal_next(config, &random);

        world->counting = i >= CAL_REQUESTS;
        one(config, world, vtd, rtl, table, CAL_IOVA + (page << shift));
    }
    rtl_vtd_destroy(rtl);
    free(state);
}

static bool no_memory(void *world, uint64_t address, uint64_t *value)
{
    (void)world;
    (void)address;
    *value = 0;
    return false;
}

uint64_t cal_vtd_invalidation(enum rtl_size size)
{
    struct rtl_memory memory = { .read = no_memory, .latency_min = 1 };
    struct rtl_vtd *rtl = start_rtl(&memory, size);
    struct rtl_vtd_invalidation all = { .g = 1 };
    uint64_t cycles = rtl_vtd_invalidate(rtl, &all);

    rtl_vtd_destroy(rtl);
    return cycles;
}
