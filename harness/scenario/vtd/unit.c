/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The physical VT-d unit of a world, and the oracle of one. */

#include <scenario/vtd/vtd.h>

#include <oracle/vtd/vtd.h>
#include <vtd/vtd.h>

uint64_t vtd_unit_read(void *unit, uint32_t offset, unsigned int size)
{
    return vtd_mmio_read(unit, offset, size);
}

void vtd_unit_write(void *unit, uint32_t offset, unsigned int size,
                    uint64_t value)
{
    vtd_mmio_write(unit, offset, size, value);
}

static void set_hardware(struct vtd_config *config,
                         const struct world_hardware *hardware)
{
    config->costs = hardware->costs;
    config->slots = hardware->slots;
    arch_resize(&config->context_cache, &hardware->config_cache);
    arch_resize(&config->iotlb, &hardware->tlb);
    arch_resize(&config->paging_structure_cache, &hardware->walk_cache);
}

const char *vtd_create_unit(struct world *world, unsigned int index,
                            void **unit)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;
    const uint64_t *id = model ? m->id : m->host_id;
    struct vtd_config config;
    const char *reason;
    void *memory;

    vtd_config_default(&config);
    config.version = (uint32_t)m->id[VTD_ID_VERSION];
    config.cap = id[VTD_ID_CAP];
    config.ecap = id[VTD_ID_ECAP];
    config.haw = m->haw;
    config.replay = model && arch_has_option(world, VTD_OPTION_REPLAY);
    config.collapse_faults = model &&
                             arch_has_option(world, VTD_OPTION_COLLAPSE);
    if ( world->config.hardware )
        set_hardware(&config, world->config.hardware);
    arch_set_cache(&config.context_cache, world, 0);
    arch_set_cache(&config.iotlb, world, 1);
    arch_set_cache(&config.paging_structure_cache, world, 2);
    reason = vtd_config_check(&config);
    if ( reason )
        return reason;
    memory = machine_alloc(world->machine, vtd_state_size(&config), 64);
    if ( !memory )
        return "out of memory for the unit's state";
    *unit = vtd_init(memory, &config,
                     machine_unit_port(world->machine, index));
    return NULL;
}

void vtd_unit_access(void *unit, const struct request *request,
                     const struct port *device, void *data,
                     struct response *response)
{
    vtd_access(unit, request, device, data, response);
}

void vtd_unit_probe(const void *unit, const struct request *request,
                    bool (*read)(void *world, uint64_t address, void *buffer,
                                 unsigned int len),
                    void *world, struct response *response)
{
    vtd_probe(unit, request, read, world, response);
}

void vtd_unit_prefetch(void *unit, const struct request *request)
{
    vtd_prefetch(unit, request);
}

void vtd_unit_evict(void *unit, unsigned int caches)
{
    vtd_evict(unit,
              (caches & ARCH_CONTEXTS ? VTD_EVICT_CONTEXTS : 0) |
                  (caches & ARCH_TABLES ? VTD_EVICT_PAGING : 0) |
                  (caches & ARCH_TRANSLATIONS ? VTD_EVICT_TRANSLATIONS : 0));
}

void vtd_unit_stats(const void *unit, struct arch_stats *stats)
{
    const struct vtd_stats *from = vtd_stats(unit);

    *stats = (struct arch_stats) {
        .hits = from->iotlb_hits,
        .misses = from->iotlb_misses,
        .register_writes = from->register_writes,
    };
}

void vtd_oracle(struct world_domain *wd, const uint64_t *id,
                struct oracle_config *config)
{
    const struct world *world = wd->world;

    config->id[0] = id[VTD_ID_CAP];
    config->id[1] = id[VTD_ID_ECAP];
    config->id[2] = config->virtual_unit ? world_read(wd, 0, 4) :
                                           id[VTD_ID_VERSION];
    if ( config->virtual_unit || arch_has_option(world, VTD_OPTION_COLLAPSE) )
        config->options |= ORACLE_VTD_COLLAPSES_FAULTS;
    if ( arch_has_option(world, VTD_OPTION_REPLAY) )
        config->options |= ORACLE_VTD_REPLAY;
}

/* A plain write there is a message to an interrupt controller (3.14). */
#define INTERRUPT_RANGE(address) ((address) >> 20 == 0xfee)

bool vtd_is_interrupt(const struct request *request)
{
    return request->access == REQUEST_WRITE &&
           request->type == REQUEST_UNTRANSLATED &&
           request->pasid == REQUEST_NO_PASID &&
           INTERRUPT_RANGE(request->address);
}
