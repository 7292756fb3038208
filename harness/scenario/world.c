/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wiring a world together, and the ways into it. */

#include <scenario/world.h>

#include <machine/dut_umbra.h>
#include <public/viommu.h>
#include <vtd/vtd.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deferred work that is still not idle after so many items never will be. */
#define MANY_ITEMS 1000000

void world_find(struct world *world, const char *property, const char *fmt,
                ...)
{
    struct finding *f;
    va_list args;

    if ( world->findings == WORLD_MAX_FINDINGS )
        return;
    f = &world->finding[world->findings++];
    snprintf(f->property, sizeof(f->property), "%s", property);
    f->operation = world->operation;
    va_start(args, fmt);
    vsnprintf(f->message, sizeof(f->message), fmt, args);
    va_end(args);
}

/* ---- events ---- */

static void events_put(struct world_events *events, uint64_t address,
                       uint32_t data)
{
    unsigned int at;

    if ( events->count == WORLD_MAX_EVENTS )
    {
        events->lost++;
        return;
    }
    at = (events->first + events->count++) % WORLD_MAX_EVENTS;
    events->event[at] = (struct world_event) { address, data };
}

bool world_events_take(struct world_events *events, struct world_event *event)
{
    if ( !events->count )
        return false;
    *event = events->event[events->first];
    events->first = (events->first + 1) % WORLD_MAX_EVENTS;
    events->count--;
    return true;
}

/* ---- what the oracle may ask ---- */

static bool oracle_read64(void *context, uint64_t gpa, uint64_t *value)
{
    struct world_domain *wd = context;

    return domain_read64(wd->domain, gpa, value);
}

static enum oracle_memory memory_of(enum region_type type)
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
    return memory_of(entry.type);
}

static uint64_t oracle_peek(void *context, uint32_t offset, unsigned int size)
{
    return world_read(context, offset, size);
}

static void oracle_effective(void *context, uint32_t source, uint64_t iova,
                             bool write, bool hardware,
                             struct oracle_outcome *outcome)
{
    struct world_domain *wd = context;
    struct world *world = wd->world;
    struct dut_mapping mapping = { 0 };

    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
    {
        const struct world_device *device = &world->device[i];
        struct dut_access access = { .psbdf = device->psbdf,
                                     .pasid = UINT32_MAX,
                                     .address = iova,
                                     .write = write };

        if ( device->owner == wd && device->vsbdf == source )
            world->ops->effective_map(world->dut, &access, hardware, &mapping);
    }
    *outcome = (struct oracle_outcome) { .ok = mapping.present,
                                         .hpa = mapping.hpa,
                                         .mask = mapping.mask,
                                         .rights = mapping.rights };
}

static void oracle_report(void *context, const struct oracle_finding *finding)
{
    struct world_domain *wd = context;

    world_find(wd->world, finding->property, "%s: %s", finding->rule,
               finding->message);
}

/* ---- what the machine reports ---- */

static struct world_domain *find_domain(struct world *world, struct domain *d)
{
    return d ? &world->domain[domain_index(d)] : NULL;
}

static void on_store(void *context, enum writer who, struct domain *d,
                     uint64_t gpa, uint64_t old, uint64_t value)
{
    struct world_domain *wd = find_domain(context, d);

    (void)who;
    if ( wd && wd->oracle )
        oracle_store(wd->oracle, gpa, old, value);
}

static void on_unit_store(void *context, struct domain *d, uint64_t gpa,
                          const void *data, size_t len)
{
    struct world_domain *wd = find_domain(context, d);
    uint32_t word;

    if ( !wd )
        return;
    if ( len == sizeof(word) )
    {
        memcpy(&word, data, sizeof(word));
        events_put(&wd->statuses, gpa, word);
    }
    if ( wd->oracle )
        oracle_unit_store(wd->oracle, gpa, data, len);
}

static void on_interrupt(void *context, struct domain *d, uint64_t address,
                         uint32_t data)
{
    struct world_domain *wd = find_domain(context, d);

    if ( !wd )
        return;
    events_put(&wd->interrupts, address, data);
    if ( wd->oracle )
        oracle_interrupt(wd->oracle, address, data);
}

static void on_p2m_change(void *context, struct domain *d, uint64_t gfn,
                          const struct p2m_entry *old,
                          const struct p2m_entry *now)
{
    struct world_domain *wd = find_domain(context, d);

    if ( wd && wd->oracle )
        oracle_p2m_change(wd->oracle, gfn << 12, memory_of(old->type),
                          old->mfn << 12, memory_of(now->type),
                          now->mfn << 12);
}

static void on_violation(void *context, const char *property,
                         const char *message)
{
    world_find(context, property, "%s", message);
}

/* ---- the physical unit ---- */

static uint64_t unit_read(void *unit, uint32_t offset, unsigned int size)
{
    return vtd_mmio_read(unit, offset, size);
}

static void unit_write(void *unit, uint32_t offset, unsigned int size,
                       uint64_t value)
{
    vtd_mmio_write(unit, offset, size, value);
}

static const struct unit_ops unit_ops = { unit_read, unit_write };

static const char *create_unit(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;
    struct vtd_config config;
    const char *reason;
    unsigned int index;
    void *memory;

    vtd_config_default(&config);
    config.version = m->version;
    config.cap = model ? m->cap : m->host_cap;
    config.ecap = model ? m->ecap : m->host_ecap;
    config.haw = m->haw;
    config.replay = model && m->replay;
    config.collapse_faults = model && m->collapse_faults;
    config.context_cache.retention = world->config.retention;
    config.iotlb.retention = world->config.retention;
    config.paging_structure_cache.retention = world->config.retention;
    config.context_cache.seed = world->config.seed;
    config.iotlb.seed = world->config.seed + 1;
    config.paging_structure_cache.seed = world->config.seed + 2;
    reason = vtd_config_check(&config);
    if ( reason )
        return reason;
    index = machine_add_unit(world->machine, UNIT_VTD, model ? 0 : -1);
    memory = machine_alloc(world->machine, vtd_state_size(&config), 64);
    if ( !memory )
        return "out of memory for the unit's state";
    world->unit = vtd_init(memory, &config,
                           machine_unit_port(world->machine, index));
    machine_set_unit(world->machine, index, &unit_ops, world->unit);
    return NULL;
}

static bool probe_read(void *context, uint64_t address, void *buffer,
                       unsigned int len)
{
    return memory_read(context, address, buffer, len);
}

/* dut_umbra's view of the hardware: what a DMA would meet. */
static void probe(void *context, const struct dut_access *access,
                  bool hardware, struct dut_mapping *mapping)
{
    struct world *world = context;
    struct request request = {
        .source = access->psbdf,
        .pasid = access->pasid,
        .access = access->write ? REQUEST_WRITE : REQUEST_READ,
        .address = access->address,
        .size = 1,
    };
    struct response response;

    (void)hardware;
    vtd_probe(world->unit, &request, probe_read, world->machine, &response);
    mapping->present = response.status == RESPONSE_OK;
    mapping->hpa = response.address;
    mapping->mask = response.mask;
    mapping->rights = response.rights & (RIGHT_READ | RIGHT_WRITE);
}

/* ---- building ---- */

static bool create_machine(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;
    struct machine_config config;
    const struct machine_observer observer = {
        .store = on_store,
        .unit_store = on_unit_store,
        .interrupt = on_interrupt,
        .p2m_change = on_p2m_change,
        .violation = on_violation,
        .context = world,
    };

    machine_config_default(&config);
    config.seed = world->config.seed;
    config.haw = m->haw;
    if ( m->budget )
    {
        /* What one step needs beyond its budget stays as it was. */
        config.hard_budget = config.hard_budget - config.budget + m->budget;
        config.budget = m->budget;
    }
    config.domains = world->domains;
    for ( unsigned int i = 0; i < world->domains; i++ )
    {
        struct domain_config *d = &config.domain[i];

        d->id = (uint16_t)(i + 1);
        d->shape = model ? P2M_BARE : world->config.shape;
        d->regions = m->regions;
        memcpy(d->region, m->region, sizeof(d->region));
    }
    world->machine = machine_create(&config);
    if ( world->machine )
        machine_observe(world->machine, &observer);
    return world->machine != NULL;
}

/* The host numbers a device differently from the guest, in every byte. */
static uint16_t host_sbdf(unsigned int index, uint16_t vsbdf)
{
    unsigned int bus = 0x40 + index, device = (vsbdf >> 3 & 0x1f) ^ 0x11,
                 function = (vsbdf & 7) ^ 5;

    return (uint16_t)(bus << 8 | device << 3 | function);
}

static void create_devices(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;

    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        struct world_device *device = &world->device[i];

        device->owner = &world->domain[m->device[i].domain];
        device->vsbdf = m->device[i].vsbdf;
        device->psbdf = model ? device->vsbdf : host_sbdf(i, device->vsbdf);
        if ( !model )
            machine_add_pdev(world->machine, device->psbdf, 0, device->psbdf,
                             NULL);
    }
}

static const char *create_oracle(struct world_domain *wd, uint64_t cap,
                                 uint64_t ecap)
{
    const struct program_machine *m = &wd->world->program->machine;
    bool virtual_unit = wd->world->config.through == THROUGH_STACK;
    const char *reason = NULL;
    const struct oracle_config config = {
        .arch = ORACLE_VTD,
        .cap = cap,
        .ecap = ecap,
        .version = m->version,
        .haw = m->haw,
        .virtual_unit = virtual_unit,
        .collapses_faults = virtual_unit || m->collapse_faults,
        .replay = m->replay,
        .world = {
            .context = wd,
            .read64 = oracle_read64,
            .p2m = oracle_p2m,
            .peek = oracle_peek,
            .effective = virtual_unit ? oracle_effective : NULL,
            .report = oracle_report,
        },
    };

    wd->oracle = oracle_create(&config, &reason);
    return reason;
}

static const char *create_model(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    const char *reason = create_oracle(&world->domain[0], m->cap, m->ecap);

    for ( unsigned int i = 0; !reason && i < m->devices; i++ )
    {
        world->device[i].assigned = world->device[i].attached = true;
        oracle_device_add(world->domain[0].oracle, world->device[i].vsbdf);
    }
    return reason;
}

static const char *create_stack(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    const struct dut_config config = { .machine = world->machine };
    const char *reason = NULL;

    world->ops = world->config.dut ? world->config.dut : &dut_umbra;
    world->dut = world->ops->create(&config, &reason);
    if ( !world->dut )
        return reason;
    if ( world->ops == &dut_umbra )
        dut_umbra_set_probe(world->dut, probe, world);
    if ( m->manual )
        return NULL;
    for ( unsigned int i = 0; i < world->domains; i++ )
        if ( world_viommu_create(&world->domain[i], m->cap, m->ecap) )
            return "the vIOMMU refuses these capabilities";
    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( world_assign(world, i) || world_attach(world, i) )
            return "a device can't be attached";
    return NULL;
}

struct world *world_create(const struct program *program,
                           const struct world_config *config,
                           const char **reason)
{
    struct world *world = calloc(1, sizeof(*world));
    bool model = config->through == THROUGH_MODEL;

    if ( !world )
        abort();
    world->program = program;
    world->config = *config;
    world->domains = program->machine.domains;
    *reason = "out of memory";
    if ( model && world->domains > 1 )
        *reason = "two domains need the stack";
    else if ( create_machine(world) )
        *reason = NULL;
    for ( unsigned int i = 0; !*reason && i < world->domains; i++ )
    {
        struct world_domain *wd = &world->domain[i];

        wd->world = world;
        wd->index = i;
        wd->domain = machine_domain(world->machine, i);
    }
    if ( !*reason )
        *reason = create_unit(world);
    if ( !*reason )
    {
        create_devices(world);
        *reason = model ? create_model(world) : create_stack(world);
    }
    if ( !*reason )
        return world;
    world_destroy(world);
    return NULL;
}

void world_destroy(struct world *world)
{
    if ( world->dut )
        world->ops->destroy(world->dut);
    for ( unsigned int i = 0; i < world->domains; i++ )
        if ( world->domain[i].oracle )
            oracle_destroy(world->domain[i].oracle);
    if ( world->machine )
        machine_destroy(world->machine);
    free(world);
}

/* ---- ways in ---- */

/*
 * A vIOMMU that was refused memory - by its limit, or because the program made
 * an allocation fail - leaves entries not-present and says so to the
 * toolstack. From then on what is missing is counted, not reported.  Sessions
 * have no such limits: there it stays a finding.
 */
static void notice_refusals(struct world_domain *wd)
{
    struct world *world = wd->world;
    struct dut_query query;

    if ( !wd->oracle || !wd->viommu_live ||
         world->program->kind == PROGRAM_SESSION )
        return;
    if ( world->failing ||
         (!world->ops->query(world->dut, &wd->viommu, &query) &&
          query.shadow_refused) )
        oracle_tolerate_missing(wd->oracle, true);
}

void world_settle(struct world *world)
{
    if ( world->dut && !world->ops->run_deferred(world->dut) )
        world_find(world, "P5", "deferred work does not become idle");
    if ( !world->dut && !machine_run_until_idle(world->machine, MANY_ITEMS) )
        world_find(world, "P5", "the unit's interrupts do not end");
    for ( unsigned int i = 0; i < world->domains; i++ )
        if ( world->domain[i].oracle )
        {
            notice_refusals(&world->domain[i]);
            oracle_poll(world->domain[i].oracle);
            oracle_quiescent(world->domain[i].oracle);
        }
}

void world_write(struct world_domain *wd, uint32_t offset, unsigned int size,
                 uint64_t value)
{
    struct world *world = wd->world;
    enum dut_result result = DUT_DONE;

    world->register_writes++;
    if ( wd->oracle )
        oracle_register_write(wd->oracle, offset, size, value);
    if ( !world->dut )
        vtd_mmio_write(world->unit, offset, size, value);
    else if ( wd->viommu_live )
        do
        {
            if ( result == DUT_RETRY )
                world->ops->run_deferred(world->dut);
            result = world->ops->mmio_write(world->dut, &wd->viommu, offset,
                                            size, value);
        } while ( result == DUT_RETRY );
    if ( result == DUT_ERROR )
        world_find(world, "P7", "a register write was not accepted");
    if ( wd->oracle )
        oracle_register_written(wd->oracle, offset, size, value);
    world_settle(world);
}

uint64_t world_read(struct world_domain *wd, uint32_t offset,
                    unsigned int size)
{
    struct world *world = wd->world;
    uint64_t value = 0;

    if ( !world->dut )
        return vtd_mmio_read(world->unit, offset, size);
    if ( wd->viommu_live &&
         world->ops->mmio_read(world->dut, &wd->viommu, offset, size,
                               &value) != DUT_DONE )
        world_find(world, "P7", "a register read was not answered");
    return value;
}

/* P1 for every access, whatever the oracle says. */
static void check_containment(struct world *world,
                              const struct world_device *device,
                              const struct request *request,
                              const struct response *response)
{
    bool write = request->access != REQUEST_READ;
    struct domain *owner;
    uint64_t gfn;

    if ( response->status != RESPONSE_OK || !world->dut )
        return;
    if ( !device->assigned ||
         !domain_owns(device->owner->domain, response->address >> 12, write) )
        world_find(
            world, "P1",
            "a DMA of %s at %#llx reached host address %#llx, which "
            "is %s",
            world->program->machine.device[device - world->device].name,
            (unsigned long long)request->address,
            (unsigned long long)response->address,
            m2p_lookup(world->machine, response->address >> 12, &owner, &gfn) ?
                "not that domain's, or not so" :
                "no guest's");
}

/* The unit above a device, watched. */
struct watched {
    struct world *world;
    const struct world_device *device;
};

static void watched_access(void *context, const struct request *request,
                           void *data, struct response *response)
{
    const struct watched *watched = context;
    const struct world_device *device = watched->device;
    struct world *world = watched->world;
    struct oracle *oracle = device->attached ? device->owner->oracle : NULL;
    const struct oracle_dma dma = {
        .source = device->vsbdf,
        .pasid = request->pasid,
        .iova = request->address,
        .size = request->size,
        .write = request->access != REQUEST_READ,
        .read = request->access != REQUEST_WRITE,
        .type = (unsigned int)request->type,
    };
    struct oracle_outcome outcome;
    unsigned int id = 0;

    if ( oracle )
        id = oracle_dma_begin(oracle, &dma);
    vtd_access(world->unit, request, machine_device_port(world->machine, 0),
               data, response);
    outcome = (struct oracle_outcome) {
        .ok = response->status == RESPONSE_OK,
        .hpa = response->address,
        .mask = response->mask,
        .rights = response->rights & (RIGHT_READ | RIGHT_WRITE),
    };
    if ( oracle )
        oracle_dma_end(oracle, id, &outcome);
    check_containment(world, device, request, response);
}

bool world_dma(struct world *world, unsigned int index,
               const struct dma_transfer *transfer, struct dma_result *result)
{
    const struct world_device *device = &world->device[index];
    struct watched watched = { world, device };
    const struct dma_device engine = {
        .target = { watched_access, &watched },
        .source = device->psbdf,
    };
    bool possible = dma_run(&engine, transfer, result);

    world_settle(world);
    return possible;
}

/* ---- the toolstack ---- */

int world_viommu_create(struct world_domain *wd, uint64_t cap, uint64_t ecap)
{
    const struct program_machine *m = &wd->world->program->machine;
    struct world *world = wd->world;
    int rc;

    wd->viommu = (struct dut_viommu) {
        .domain = wd->index,
        .base = WORLD_UNIT_BASE,
        .cap = cap,
        .ecap = ecap,
        .capabilities = XEN_VIOMMU_CAPABILITY_l2_translation,
        .shadow_limit = m->shadow_limit,
        .haw = m->haw,
        .replay = m->replay,
    };
    rc = world->ops->viommu_create(world->dut, &wd->viommu);
    if ( rc )
        return rc;
    wd->viommu_live = true;
    if ( create_oracle(wd, cap, ecap) )
        world_find(world, "P10",
                   "the vIOMMU took capabilities that the oracle can't judge");
    return 0;
}

int world_viommu_destroy(struct world_domain *wd)
{
    struct world *world = wd->world;
    int rc = world->ops->viommu_destroy(world->dut, &wd->viommu);

    if ( rc )
        return rc;
    wd->viommu_live = false;
    if ( wd->oracle )
        oracle_destroy(wd->oracle);
    wd->oracle = NULL;
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        if ( world->device[i].owner == wd )
            world->device[i].attached = false;
    world_settle(world);
    return 0;
}

int world_assign(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc;

    machine_pdev_give(world->machine, device->psbdf, device->owner->domain);
    rc = world->ops->assign(world->dut, device->owner->index, device->psbdf);
    if ( !rc )
        device->assigned = true;
    world_settle(world);
    return rc;
}

int world_deassign(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc = world->ops->deassign(world->dut, device->owner->index,
                                  device->psbdf);

    if ( !rc )
    {
        machine_pdev_give(world->machine, device->psbdf, NULL);
        device->assigned = device->attached = false;
        if ( device->owner->oracle )
            oracle_device_remove(device->owner->oracle, device->vsbdf);
    }
    world_settle(world);
    return rc;
}

int world_attach(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc = world->ops->attach(world->dut, &device->owner->viommu,
                                device->vsbdf, device->psbdf);

    if ( !rc )
    {
        device->attached = true;
        if ( device->owner->oracle )
            oracle_device_add(device->owner->oracle, device->vsbdf);
    }
    world_settle(world);
    return rc;
}

int world_detach(struct world *world, unsigned int index)
{
    struct world_device *device = &world->device[index];
    int rc = world->ops->detach(world->dut, &device->owner->viommu,
                                device->vsbdf);

    if ( !rc )
    {
        device->attached = false;
        if ( device->owner->oracle )
            oracle_device_remove(device->owner->oracle, device->vsbdf);
    }
    world_settle(world);
    return rc;
}

int world_domain_destroy(struct world_domain *wd)
{
    struct world *world = wd->world;
    int rc;

    if ( wd->oracle )
        oracle_destroy(wd->oracle);
    wd->oracle = NULL;
    rc = world->ops->domain_destroy(world->dut, wd->index);
    wd->viommu_live = false;
    wd->destroyed = true;
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        if ( world->device[i].owner == wd )
            world->device[i].attached = world->device[i].assigned = false;
    world_settle(world);
    return rc;
}
