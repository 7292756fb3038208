/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calibrate.h"

#include <rtl/rtl_smmu.h>
#include <smmuv3/smmuv3.h>

#include <stdlib.h>

#define SID    0x10u
#define STRTAB UINT64_C(0x10000)
#define CD     UINT64_C(0x11000)
#define CMDQ   UINT64_C(0x12000)

struct tables {
    uint64_t root;
    unsigned int level; /* first */
    unsigned int size;  /* of pages */
    uint64_t rights;
};

#define STAGE1_LEAF (1u << 10 | 1u << 6) /* AF, AP = 01 */
#define STAGE2_LEAF (1u << 10 | 3u << 6) /* AF, S2AP = 11 */

static void map(struct cal_world *world, const struct tables *tables,
                uint64_t address)
{
    uint64_t table = tables->root;

    for ( unsigned int level = tables->level;; level++ )
    {
        uint64_t *entry = cal_word(
            world, table + (address >> (39 - 9 * level) & 511) * 8);

        if ( level == 3 - tables->size )
        {
            *entry = address | tables->rights | 1 | (level == 3 ? 2 : 0);
            return;
        }
        if ( !*entry )
            *entry = cal_page(world) | 3;
        table = *entry & ~UINT64_C(0xfff);
    }
}

static bool has_stage1(const struct cal_config *config)
{
    return config->unit != CAL_STAGE2;
}

static bool has_stage2(const struct cal_config *config)
{
    return config->unit != CAL_STAGE1;
}

/* T0SZ of a first level: all of its 512 entries. */
static uint64_t tsz(unsigned int level)
{
    return 64 - (48 - 9 * level);
}

static void write_config(struct cal_world *world,
                         const struct cal_config *config,
                         const struct tables *stage1,
                         const struct tables *stage2)
{
    uint64_t *ste = cal_word(world, STRTAB + 64 * SID);
    uint64_t *cd = cal_word(world, CD);
    unsigned int stages = (has_stage1(config) ? 1 : 0) |
                          (has_stage2(config) ? 2 : 0);

    /* V, Config, S1ContextPtr */
    ste[0] = CD | 1 | (4u | stages) << 1;
    /* S2VMID 1, S2T0SZ, S2SL0, S2PS 48 bits, S2AA64, S2R */
    ste[2] = 1 | tsz(stage2->level) << 32 |
             (uint64_t)(2 - stage2->level) << 38 | UINT64_C(5) << 48 |
             UINT64_C(1) << 51 | UINT64_C(1) << 58;
    ste[3] = stage2->root;
    /* T0SZ, EPD1, V, IPS 48 bits, AA64, R, A, ASID 1 */
    cd[0] = tsz(stage1->level) | 1 << 30 | UINT64_C(1) << 31 |
            UINT64_C(5) << 32 | UINT64_C(1) << 41 | UINT64_C(3) << 45 |
            UINT64_C(1) << 48;
    cd[1] = stage1->root;
}

static struct smmuv3 *start_c(struct cal_world *world,
                              struct smmuv3_config *config, void **state)
{
    struct port port = { &cal_port, world };
    struct smmuv3 *smmu;

    smmuv3_config_default(config);
    config->main_tlb = (struct cache_config) { .entries = 64, .ways = 4 };
    config->micro_tlb.entries = 0;
    config->walk_cache[0].entries = config->walk_cache[1].entries = 0;
    if ( posix_memalign(state, 64, smmuv3_state_size(config)) )
        return NULL;
    smmu = smmuv3_init(*state, config, &port);
    smmuv3_mmio_write(smmu, 0x80, 8, STRTAB);
    smmuv3_mmio_write(smmu, 0x88, 4, 5);
    smmuv3_mmio_write(smmu, 0x90, 8, CMDQ | 8);
    smmuv3_mmio_write(smmu, 0x20, 4, 9); /* CMDQEN, SMMUEN */
    return smmu;
}

static struct rtl_smmu *start_rtl(const struct rtl_memory *memory,
                                  const struct smmuv3_config *unit)
{
    struct rtl_smmu_config config = {
        .size = RTL_64X4,
        .idr0 = unit->idr[0],
        .idr1 = unit->idr[1],
        .idr3 = unit->idr[3],
        .idr5 = unit->idr[5],
    };

    return rtl_smmu_create(&config, memory);
}

static void one(struct cal_world *world, struct smmuv3 *smmu,
                struct rtl_smmu *rtl, uint64_t address)
{
    const struct request request = {
        .source = SID, .pasid = REQUEST_NO_PASID, .address = address, .size = 4
    };
    struct rtl_smmu_request wanted = { .address = address, .read = true };
    struct rtl_smmu_response answer;
    struct response response;

    for ( unsigned int i = 0; i < 4; i++ )
        wanted.ste[i] = cal_word(world, STRTAB + 64 * SID)[i];
    for ( unsigned int i = 0; i < 3; i++ )
        wanted.cd[i] = cal_word(world, CD)[i];
    smmuv3_translate(smmu, &request, &response);
    rtl_smmu_translate(rtl, &wanted, &answer);
    if ( response.status != RESPONSE_OK || response.reason ||
         response.address != answer.address || answer.fault ||
         (world->counting && response.hit != answer.hit) )
        world->sample->broken = "C model and RTL disagree";
    if ( !world->counting )
        return;
    world->sample->requests++;
    world->sample->hits += answer.hit;
    world->sample->cycles += answer.cycles;
}

/* The unit reads STE and CD: both are cached then, and the page of the CD is
 * in the main TLB; a command takes it out again. */
static void warm_up(struct cal_world *world, struct smmuv3 *smmu)
{
    const struct request request = { .source = SID,
                                     .pasid = REQUEST_NO_PASID,
                                     .address = CAL_IOVA,
                                     .size = 4 };
    struct response response;

    smmuv3_translate(smmu, &request, &response);
    cal_word(world, CMDQ)[0] = 0x30;
    smmuv3_mmio_write(smmu, 0x98, 4, 1);
}

void cal_smmuv3(const struct cal_config *config, struct cal_world *world)
{
    struct rtl_memory memory = cal_memory(config, world);
    struct tables stage1 = { cal_page(world), config->levels, config->size,
                             STAGE1_LEAF };
    struct tables stage2 = { cal_page(world), config->levels, 0, STAGE2_LEAF };
    unsigned int shift = 12 + 9 * config->size;
    uint64_t random = 88172645463325252u;
    struct smmuv3_config unit;
    void *state = NULL;
    struct smmuv3 *smmu = start_c(world, &unit, &state);
    struct rtl_smmu *rtl = start_rtl(&memory, &unit);

    if ( config->unit == CAL_STAGE2 )
        stage2.size = config->size;
    for ( uint64_t i = 0; i < config->pages; i++ )
    {
        uint64_t address = CAL_IOVA + (i << shift);

        if ( has_stage1(config) )
            map(world, &stage1, address);
        if ( has_stage2(config) )
            map(world, &stage2, address);
    }
    /* Nested: CD and tables of stage 1, wherever they are. */
    for ( uint64_t page = 0; config->unit == CAL_NESTED && page < world->next;
          page += 0x1000 )
        map(world, &stage2, page);
    write_config(world, config, &stage1, &stage2);
    warm_up(world, smmu);
    for ( unsigned int i = 0; i < 2 * CAL_REQUESTS; i++ )
    {
        uint64_t page = cal_next(config, &random);

        world->counting = i >= CAL_REQUESTS;
        one(world, smmu, rtl, CAL_IOVA + (page << shift));
    }
    rtl_smmu_destroy(rtl);
    free(state);
}
