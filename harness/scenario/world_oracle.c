/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle of a world's domain, and what it may ask. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <assert.h>

void world_observe(struct world *world, bool on)
{
    world->observed += on ? 1 : -1u;
    machine_quiet(world->machine, on);
}

static bool oracle_read64(void *context, uint64_t gpa, uint64_t *value)
{
    struct world_domain *wd = context;

    return domain_read64(wd->domain, gpa, value);
}

static void oracle_looked(void *context, uint64_t gpa)
{
    world_page_look(context, gpa);
}

/* That it is empty is something to have looked at, too. */
static const void *oracle_page(void *context, uint64_t gpa)
{
    struct world_domain *wd = context;

    world_page_look(wd, gpa);
    return domain_page(wd->domain, gpa);
}

enum oracle_memory world_memory_of(enum region_type type)
{
    static const enum oracle_memory memory[] = {
        [REGION_RAM] = ORACLE_RAM,
        [REGION_ROM] = ORACLE_ROM,
        [REGION_HOLE] = ORACLE_HOLE,
        [REGION_MMIO] = ORACLE_MMIO,
    };

    return memory[type];
}

static enum oracle_memory oracle_p2m(void *context, uint64_t gpa,
                                     uint64_t *hpa)
{
    struct world_domain *wd = context;
    struct p2m_entry entry;

    p2m_lookup(wd->domain, gpa >> 12, &entry);
    *hpa = entry.mfn << 12 | (gpa & 0xfff);
    return world_memory_of(entry.type);
}

/* Activities stand in the middle of entries, and look for themselves. */
uint64_t world_entries(const struct world *world)
{
    if ( !world->dut || !world->ops->entries || world->interleave ||
         world->config.time )
        return UINT64_MAX;
    return world->ops->entries(world->dut);
}

static uint64_t peek_now(struct world_domain *wd, uint32_t offset,
                         unsigned int size)
{
    uint64_t value;

    world_observe(wd->world, true);
    value = world_read(wd, offset, size);
    world_observe(wd->world, false);
    return value;
}

/* An oracle looks at the same registers again and again. */
static uint64_t oracle_peek(void *context, uint32_t offset, unsigned int size)
{
    struct world_domain *wd = context;
    struct world_peek *known = &wd->peek[offset / 4 % WORLD_PEEKS];
    uint64_t entries = world_entries(wd->world);

    if ( entries == UINT64_MAX )
        return peek_now(wd, offset, size);
    if ( known->entries != entries || known->offset != offset ||
         known->size != size )
        *known = (struct world_peek) { entries, peek_now(wd, offset, size),
                                       offset, size };
    assert(known->value == peek_now(wd, offset, size));
    return known->value;
}

static void oracle_effective(void *context, const struct oracle_dma *dma,
                             bool hardware, struct oracle_outcome *outcome)
{
    struct world_domain *wd = context;
    struct world *world = wd->world;
    struct dut_mapping mapping = { 0 };

    world_observe(world, true);
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
    {
        const struct world_device *device = &world->device[i];
        struct dut_access access = { .psbdf = device->psbdf,
                                     .pasid = dma->pasid,
                                     .address = dma->iova,
                                     .write = dma->write,
                                     .privileged = dma->privileged,
                                     .execute = dma->execute };

        if ( device->owner == wd && device->source == dma->source )
            world->ops->effective_map(world->dut, &access, hardware, &mapping);
    }
    world_observe(world, false);
    *outcome = (struct oracle_outcome) { .ok = mapping.present,
                                         .hpa = mapping.hpa,
                                         .mask = mapping.mask,
                                         .rights = mapping.rights };
}

static bool oracle_moves(void *context, uint32_t source)
{
    const struct world_domain *wd = context;
    const struct world *world = wd->world;

    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        if ( world->device[i].owner == wd && world->device[i].moving &&
             world->device[i].source == source )
            return true;
    return false;
}

static void oracle_report(void *context, const struct oracle_finding *finding)
{
    struct world_domain *wd = context;

    if ( !wd->world->config.unjudged )
        world_find(wd->world, finding->property, "%s: %s", finding->rule,
                   finding->message);
}

/* In the machine's state, so that a snapshot has it. */
static void *oracle_memory_alloc(void *context, size_t bytes)
{
    struct world_domain *wd = context;

    return machine_block(wd->world->machine, bytes);
}

static void oracle_memory_free(void *context, void *p)
{
    struct world_domain *wd = context;

    machine_block_free(wd->world->machine, p);
}

const char *world_create_oracle(struct world_domain *wd, const uint64_t *id)
{
    const struct program_machine *m = &wd->world->program->machine;
    bool virtual_unit = wd->world->config.through == THROUGH_STACK;
    const char *reason = NULL;
    struct oracle_config config = {
        .arch = m->arch->oracle_arch,
        .haw = m->haw,
        .virtual_unit = virtual_unit,
        .span_pages = wd->world->config.span_pages,
        .few_registers = wd->world->config.few_registers,
        .world = {
            .context = wd,
            .read64 = oracle_read64,
            .looked = oracle_looked,
            .page = oracle_page,
            .p2m = oracle_p2m,
            .peek = oracle_peek,
            .effective = virtual_unit ? oracle_effective : NULL,
            .moves = oracle_moves,
            .report = oracle_report,
            .alloc = oracle_memory_alloc,
            .free = oracle_memory_free,
        },
    };

    m->arch->oracle(wd, id, &config);
    wd->oracle = oracle_create(&config, &reason);
    return reason;
}
