/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The physical SMMUv3 of a world, and the oracle of one. */

#include <scenario/smmuv3/smmuv3.h>

#include <oracle/smmuv3/smmuv3.h>
#include <smmuv3/smmuv3.h>

uint64_t smmuv3_unit_read(void *unit, uint32_t offset, unsigned int size)
{
    return smmuv3_mmio_read(unit, offset, size);
}

void smmuv3_unit_write(void *unit, uint32_t offset, unsigned int size,
                       uint64_t value)
{
    smmuv3_mmio_write(unit, offset, size, value);
}

static void set_hardware(struct smmuv3_config *config,
                         const struct world_hardware *hardware)
{
    config->costs = hardware->costs;
    config->slots = hardware->slots;
    arch_resize(&config->ste_cache, &hardware->config_cache);
    arch_resize(&config->cd_cache, &hardware->config_cache);
    arch_resize(&config->main_tlb, &hardware->tlb);
    arch_resize(&config->walk_cache[0], &hardware->walk_cache);
    arch_resize(&config->walk_cache[1], &hardware->walk_cache);
}

static void configure(const struct world *world, struct smmuv3_config *config)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;
    const uint64_t *id = model ? m->id : m->host_id;
    struct cache_config *const caches[] = {
        &config->ste_cache, &config->cd_cache,      &config->micro_tlb,
        &config->main_tlb,  &config->walk_cache[0], &config->walk_cache[1],
    };

    smmuv3_config_default(config);
    for ( unsigned int i = 0; i < 6; i++ )
        config->idr[i] = (uint32_t)id[SMMUV3_ID_IDR0 + i];
    config->iidr = (uint32_t)id[SMMUV3_ID_IIDR];
    config->aidr = (uint32_t)id[SMMUV3_ID_AIDR];
    if ( world->config.hardware )
        set_hardware(config, world->config.hardware);
    config->merge_events = model &&
                           arch_has_option(world, SMMUV3_OPTION_MERGE);
    config->gbpa_abort = model && arch_has_option(world, SMMUV3_OPTION_ABORT);
    for ( unsigned int i = 0; i < sizeof(caches) / sizeof(caches[0]); i++ )
        arch_set_cache(caches[i], world, i);
}

const char *smmuv3_create_unit(struct world *world, unsigned int index,
                               void **unit)
{
    struct smmuv3_config config;
    const char *reason;
    void *memory;

    configure(world, &config);
    reason = smmuv3_config_check(&config);
    if ( reason )
        return reason;
    memory = machine_alloc(world->machine, smmuv3_state_size(&config), 64);
    if ( !memory )
        return "out of memory for the unit's state";
    *unit = smmuv3_init(memory, &config,
                        machine_unit_port(world->machine, index));
    return NULL;
}

void smmuv3_unit_access(void *unit, const struct request *request,
                        const struct port *device, void *data,
                        struct response *response)
{
    smmuv3_access(unit, request, device, data, response);
}

void smmuv3_unit_probe(const void *unit, const struct request *request,
                       bool (*read)(void *world, uint64_t address,
                                    void *buffer, unsigned int len),
                       void *world, struct response *response)
{
    smmuv3_probe(unit, request, read, world, response);
}

void smmuv3_unit_prefetch(void *unit, const struct request *request)
{
    smmuv3_prefetch(unit, request);
}

/* Its events keep their order: one record at a time. */
bool smmuv3_unit_holds_dma(const void *unit)
{
    return smmuv3_is_recording(unit);
}

void smmuv3_unit_evict(void *unit, unsigned int caches)
{
    smmuv3_evict(unit,
                 (caches & ARCH_CONTEXTS ? SMMUV3_EVICT_CONFIG : 0) |
                     (caches & ARCH_TABLES ? SMMUV3_EVICT_TABLES : 0) |
                     (caches & ARCH_TRANSLATIONS ? SMMUV3_EVICT_TLB : 0));
}

void smmuv3_unit_stats(const void *unit, struct arch_stats *stats)
{
    const struct smmuv3_stats *from = smmuv3_stats(unit);

    *stats = (struct arch_stats) {
        .hits = from->micro_hits + from->main_hits,
        .misses = from->tlb_misses,
        .register_writes = from->register_writes,
    };
}

/* IDR5.OAS as bits. */
static unsigned int output_bits(uint64_t idr5)
{
    static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 52, 56 };

    return bits[idr5 & 7];
}

void smmuv3_oracle(struct world_domain *wd, const uint64_t *id,
                   struct oracle_config *config)
{
    const struct world *world = wd->world;

    for ( unsigned int i = 0; i <= SMMUV3_ID_AIDR; i++ )
        config->id[i] = id[i];
    config->haw = output_bits(id[SMMUV3_ID_IDR5]);
    if ( arch_has_option(world, SMMUV3_OPTION_MERGE) && !config->virtual_unit )
        config->options |= ORACLE_SMMUV3_MERGES_EVENTS;
    if ( arch_has_option(world, SMMUV3_OPTION_ABORT) && !config->virtual_unit )
        config->options |= ORACLE_SMMUV3_GBPA_ABORT;
}
