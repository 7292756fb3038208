/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wiring a world together: who asks whom, who tells whom. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <machine/dut_umbra.h>

#include <stdlib.h>
#include <string.h>

/* ---- what the machine reports ---- */

static struct world_domain *find_domain(struct world *world, struct domain *d)
{
    return d ? &world->domain[domain_index(d)] : NULL;
}

static void on_store(void *context, enum writer who, struct domain *d,
                     uint64_t gpa, uint64_t old, uint64_t value)
{
    struct world_domain *wd = find_domain(context, d);

    if ( !wd || !wd->oracle )
        return;
    world_store_judged(wd, gpa);
    if ( who != WRITER_UNIT && who != WRITER_HYPERVISOR )
        oracle_software_store(wd->oracle, gpa);
    oracle_store(wd->oracle, gpa, old, value);
}

static void on_unit_store(void *context, struct domain *d, uint64_t gpa,
                          const void *data, size_t len)
{
    struct world *world = context;
    struct world_domain *wd = find_domain(world, d);
    uint64_t before;
    uint32_t word;

    if ( !wd )
        return;
    if ( world_is_copy(world, gpa, data, len) )
        return;
    if ( len == sizeof(word) )
    {
        memcpy(&word, data, sizeof(word));
        world_events_put(&wd->statuses, gpa, word);
    }
    before = world_completions(wd);
    if ( wd->oracle )
        oracle_unit_store(wd->oracle, gpa, data, len);
    world_completed(wd, before);
}

static void on_interrupt(void *context, struct domain *d, uint64_t address,
                         uint32_t data)
{
    struct world_domain *wd = find_domain(context, d);
    uint64_t before;

    if ( !wd )
        return;
    before = world_completions(wd);
    world_events_put(&wd->interrupts, address, data);
    if ( wd->oracle )
        oracle_interrupt(wd->oracle, address, data);
    world_completed(wd, before);
}

static void on_p2m_change(void *context, struct domain *d, uint64_t gfn,
                          const struct p2m_entry *old,
                          const struct p2m_entry *now)
{
    struct world_domain *wd = find_domain(context, d);

    if ( !wd || !wd->oracle )
        return;
    world_touch_ledger(wd, true);
    oracle_p2m_change(wd->oracle, gfn << 12, world_memory_of(old->type),
                      old->mfn << 12, world_memory_of(now->type),
                      now->mfn << 12);
}

static void on_dm_message(void *context, struct domain *d, unsigned int dm,
                          const struct machine_dm_message *message)
{
    struct world_domain *wd = find_domain(context, d);

    if ( !wd || !wd->oracle || wd->viommu.id != message->viommu_id )
        return;
    oracle_dm_told(wd->oracle, &(struct oracle_dm_message) {
                                   .dm = dm,
                                   .sequence = message->sequence,
                                   .invalidate = message->invalidate,
                                   .source = message->source,
                                   .first = message->first,
                                   .last = message->last });
}

static void on_dm_revoked(void *context, struct domain *d, unsigned int dm)
{
    struct world *world = context;
    struct world_domain *wd = find_domain(world, d);

    if ( !wd )
        return;
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
        if ( world_is_model_of(&world->device[i], wd, dm) )
            world->device[i].attached = false;
    if ( wd->oracle )
        oracle_dm_gone(wd->oracle, dm);
}

static void on_violation(void *context, const char *property,
                         const char *message)
{
    world_find(context, property, "%s", message);
}

/* ---- the physical units ---- */

static const char *create_unit(struct world *world)
{
    const struct arch *arch = world->program->machine.arch;
    bool model = world->config.through == THROUGH_MODEL;
    struct world_unit *unit = &world->unit[world->units];
    const char *reason;

    unit->number = machine_add_unit(world->machine, arch->unit_type,
                                    model ? 0 : -1);
    if ( world->config.time )
        machine_replace_port(
            world->machine, unit->number,
            world->config.time->unit_port(
                world->config.time->context, world->units,
                machine_unit_port(world->machine, unit->number),
                machine_device_port(world->machine, unit->number)));
    reason = arch->create_unit(world, unit->number, &unit->model);
    if ( reason )
        return reason;
    machine_set_unit(world->machine, unit->number, &arch->unit, unit->model);
    world->units++;
    return NULL;
}

/* As many as devices are below. */
static const char *create_units(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    const char *reason = NULL;
    unsigned int count = 1;

    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( m->device[i].unit >= count )
            count = m->device[i].unit + 1u;
    if ( count > 1 && world->config.through == THROUGH_MODEL )
        return "a bare-metal guest drives one unit: write 'through stack'";
    while ( !reason && world->units < count )
        reason = create_unit(world);
    return reason;
}

static bool probe_read(void *context, uint64_t address, void *buffer,
                       unsigned int len)
{
    return memory_read(context, address, buffer, len);
}

static const struct world_unit *unit_above(const struct world *world,
                                           uint32_t psbdf)
{
    unsigned int i = 0;

    while ( world->device[i].psbdf != psbdf )
        i++;
    return &world->unit[world->device[i].unit];
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
        .privileged = access->privileged,
        .execute = access->execute,
        .address = access->address,
        .size = 1,
    };
    struct response response;

    (void)hardware;
    world->program->machine.arch->probe(
        unit_above(world, access->psbdf)->model, &request, probe_read,
        world->machine, &response);
    mapping->present = response.status == RESPONSE_OK;
    mapping->hpa = response.address;
    mapping->mask = response.mask;
    mapping->rights = response.rights;
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
        .dm_message = on_dm_message,
        .dm_revoked = on_dm_revoked,
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
    config.lag = m->lag;
    config.alone = world->config.alone;
    config.incoherent = !model && !(m->host_id[m->arch->coherent_id] >>
                                        m->arch->coherent_bit &
                                    1);
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
static uint32_t host_sbdf(unsigned int index, uint32_t source)
{
    unsigned int bus = 0x40 + index, device = (source >> 3 & 0x1f) ^ 0x11,
                 function = (source & 7) ^ 5;

    return bus << 8 | device << 3 | function;
}

static void create_vdevice(struct world_device *device,
                           const struct program_device *declared)
{
    device->is_virtual = true;
    device->vdev = (struct vdev) {
        .dm = declared->model - 1u,
        .drains = declared->options & VDEVICE_DRAIN,
        .ats = declared->options & VDEVICE_ATS,
    };
    device->owner->dm[device->vdev.dm].answers |= declared->options &
                                                  VDEVICE_ANSWERS;
    machine_dm_connect(device->owner->domain, device->vdev.dm);
}

static void create_devices(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    bool model = world->config.through == THROUGH_MODEL;

    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        struct world_device *device = &world->device[i];

        device->owner = &world->domain[m->device[i].domain];
        device->source = m->device[i].source;
        if ( m->device[i].model )
        {
            create_vdevice(device, &m->device[i]);
            continue;
        }
        device->unit = m->device[i].unit;
        device->psbdf = model ? device->source : host_sbdf(i, device->source);
        if ( !model )
            machine_add_pdev(world->machine, device->psbdf,
                             world->unit[device->unit].number, device->psbdf,
                             NULL);
    }
}

static const char *create_model(struct world *world)
{
    const struct program_machine *m = &world->program->machine;
    const char *reason = NULL;

    if ( world->config.foreign )
        return NULL;
    reason = world_create_oracle(&world->domain[0], m->id);
    for ( unsigned int i = 0; !reason && i < m->devices; i++ )
    {
        world->device[i].assigned = world->device[i].attached = true;
        oracle_device_add(world->domain[0].oracle, world->device[i].source);
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
        if ( world_viommu_create(&world->domain[i], m->id) )
            return "the vIOMMU refuses these capabilities";
    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( (!world->device[i].is_virtual && world_assign(world, i)) ||
             world_attach(world, i) )
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
        wd->guest = calloc(1, program->machine.arch->guest_size);
        if ( !wd->guest )
            abort();
    }
    if ( !*reason )
        *reason = create_units(world);
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
    {
        if ( world->domain[i].oracle )
            oracle_destroy(world->domain[i].oracle);
        free(world->domain[i].guest);
    }
    world_forget(world);
    if ( world->machine )
        machine_destroy(world->machine);
    free(world);
}
