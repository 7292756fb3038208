/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world on the platform: what takes time, and who may run meanwhile. */
#include <sim/beside.h>
#include <sim/timed.h>

#include <scenario/arch.h>

#include <stdio.h>
#include <string.h>

struct world_hardware timed_hardware(const struct timing *timing)
{
    return (struct world_hardware) {
        .costs = timing->costs,
        .slots = timing->slots,
        .config_cache = { timing->config_cache.entries,
                          timing->config_cache.ways },
        .tlb = { timing->tlb.entries, timing->tlb.ways },
        .walk_cache = { timing->walk_cache.entries, timing->walk_cache.ways },
    };
}

/* ---- registers ---- */

/* The registers, as the machine asks for them. */
static uint64_t unit_read(void *context, uint32_t offset, unsigned int size)
{
    const struct unit *unit = context;
    struct timed *t = unit->timed;

    return t->world->observed ?
               platform_register_peek(t->platform, unit->number, offset,
                                      size) :
               platform_register_read(t->platform, unit->number, offset, size);
}

static void unit_write(void *context, uint32_t offset, unsigned int size,
                       uint64_t value)
{
    const struct unit *unit = context;

    platform_register_write(unit->timed->platform, unit->number, offset, size,
                            value);
}

static const struct unit_ops unit_ops = { unit_read, unit_write };

/* ---- world_time ---- */

static const struct port *timed_port(void *context, unsigned int unit,
                                     const struct port *own,
                                     const struct port *below)
{
    const struct timed *t = context;
    const struct port *port = platform_unit_port(t->platform, unit, own,
                                                 below);

    return t->config->rtl ? beside_port(t->platform, unit, port) : port;
}

static void timed_access(void *context, unsigned int device,
                         const struct request *request, void *data,
                         struct response *response)
{
    const struct timed *t = context;

    platform_access(t->platform, device, request, data, response);
}

static struct oracle_stats stats_of(const struct world_domain *wd)
{
    struct oracle_stats stats = { 0 };

    if ( wd->oracle )
        oracle_stats(wd->oracle, &stats);
    return stats;
}

/* Behind a vIOMMU each access to a register is a trap. */
static void trap(struct timed *t)
{
    if ( t->world->dut )
        platform_spend(t->platform, t->config->timing.cpu_trap);
}

static void write_begins(struct timed *t, const struct world_domain *wd)
{
    struct timed_thread *th = timed_thread(t);

    if ( th->depth++ )
        return;
    th->write_began = platform_now(t->platform);
    th->invalidations = stats_of(wd).invalidations;
    platform_span_begin(t->platform, t->world->dut ? "trap" : "register");
    trap(t);
}

/* Those that have completed by now. */
static void pay(struct timed *t, const struct world_domain *wd)
{
    struct timed_owed *owed = t->owed[wd->index];
    unsigned int *owing = &t->owing[wd->index];

    while ( *owing && stats_of(wd).completions >= owed->upto )
    {
        platform_sample(t->platform, PLATFORM_INVALIDATION,
                        platform_now(t->platform) - owed->began);
        memmove(owed, owed + 1, --*owing * sizeof(*owed));
    }
}

/* Where activities run, what the write has handed over goes on behind it. */
static void write_ended(struct timed *t, const struct world_domain *wd)
{
    struct timed_thread *th = timed_thread(t);
    uint64_t handed = stats_of(wd).invalidations;

    if ( --th->depth )
        return;
    platform_span_end(t->platform);
    if ( handed <= th->invalidations )
        return;
    if ( !t->world->interleave )
        platform_sample(t->platform, PLATFORM_INVALIDATION,
                        platform_now(t->platform) - th->write_began);
    else if ( t->owing[wd->index] < TIMED_MAX_OWED )
        t->owed[wd->index][t->owing[wd->index]++] = (struct timed_owed) {
            th->write_began, handed
        };
}

static void timed_step(void *context, struct world_domain *wd,
                       enum world_step step)
{
    struct timed *t = context;

    if ( !t->world )
        return; /* it is being made: before time begins */
    pay(t, wd);
    switch ( step )
    {
    case WORLD_LOAD:
    case WORLD_STORE:
        platform_spend(t->platform, t->config->timing.cpu_access);
        break;
    case WORLD_REGISTER_READ:
        trap(t);
        break;
    case WORLD_REGISTER_WRITE:
        write_begins(t, wd);
        break;
    case WORLD_REGISTER_WRITTEN:
        write_ended(t, wd);
        break;
    case WORLD_DM_CALL:
        platform_spend(t->platform, t->config->timing.dm_call);
        break;
    case WORLD_DM_ACCESS:
        platform_spend(t->platform, t->config->timing.dm_access);
        break;
    case WORLD_DM_MESSAGE:
        platform_spend(t->platform, t->config->timing.dm_message);
        break;
    }
}

/* ---- machine_clock ---- */

static void clock_called(void *context)
{
    struct timed *t = context;

    if ( !t->world->observed )
        platform_spend(t->platform, t->config->timing.cpu_call);
}

static void clock_dispatched(void *context)
{
    struct timed *t = context;

    platform_spend(t->platform, t->config->timing.cpu_dispatch);
}

static uint64_t clock_now_ns(void *context)
{
    const struct timed *t = context;

    return platform_now(t->platform) * t->config->timing.period / 1000;
}

static bool all_clear(void *context)
{
    const struct timed *t = context;

    return load_clear(t->pages, t->thread[0].operation);
}

/* ---- world_watch ---- */

/* The next that does not happen inside another one. */
static size_t next_operation(const struct program *program, size_t operation)
{
    do
        operation++;
    while ( operation < program->ops && program->op[operation].inside );
    return operation;
}

void timed_begins(struct timed *t, size_t operation)
{
    struct timed_thread *th = timed_thread(t);
    char text[256] = "the end";

    if ( t->config->trace && operation < t->program->ops )
        operation_text(t->program, &t->program->op[operation], text,
                       sizeof(text));
    th->operation = operation;
    th->began = platform_now(t->platform);
    platform_span_begin(t->platform, text);
}

void timed_ended(struct timed *t)
{
    const struct timed_thread *th = timed_thread(t);

    platform_span_end(t->platform);
    if ( t->config->took && th->operation < t->program->ops )
        t->config->took[th->operation] = platform_now(t->platform) - th->began;
}

/* Before the next one, what it could break must have ended. */
static void timed_operation_done(void *context, struct world *world,
                                 size_t operation)
{
    struct timed *t = context;

    (void)world;
    timed_ended(t);
    t->thread[0].operation = next_operation(t->program, operation);
    platform_wake_loads(t->platform);
    platform_wait(t->platform, all_clear, t);
    timed_begins(t, t->thread[0].operation);
}

/* ---- the run ---- */

struct timed_thread *timed_thread(struct timed *t)
{
    return &t->thread[platform_thread(t->platform)];
}

static void run_program(void *context)
{
    struct timed *t = context;

    if ( t->config->rtl_wave && !beside_waves(t->config->rtl_wave) )
    {
        snprintf(t->result->why, sizeof(t->result->why),
                 "%.200s: the waves could not be written",
                 t->config->rtl_wave);
        return;
    }
    if ( t->program->kind == PROGRAM_LITMUS )
    {
        timed_run_litmus(t);
        return;
    }
    timed_begins(t, 0);
    if ( world_run(t->world, &t->result->timed) )
        t->result->findings = t->world->findings;
    else
        snprintf(t->result->why, sizeof(t->result->why), "%s",
                 t->result->timed.why);
    platform_span_end(t->platform);
    memcpy(t->result->finding, t->world->finding, sizeof(t->world->finding));
}

static struct platform *make_platform(struct timed *t)
{
    const struct program_machine *m = &t->program->machine;
    struct platform_config config = {
        .timing = t->config->timing,
        .style = t->config->style,
        .quantum = t->config->quantum,
        .units = 1,
        .devices = m->devices,
        .left = timed_left,
        .resumed = timed_resumed,
        .context = t,
        .trace = t->config->trace,
        .wave = t->config->wave,
    };

    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        config.device[i] = (struct platform_device) { m->device[i].name,
                                                      m->device[i].unit };
        if ( m->device[i].unit >= config.units )
            config.units = m->device[i].unit + 1u;
    }
    for ( unsigned int i = 0; i < config.units; i++ )
        config.unit[i] = strcmp(m->arch->name, "vtd") ? PLATFORM_SMMUV3 :
                                                        PLATFORM_VTD;
    return platform_create(&config);
}

static void connect_units(struct timed *t)
{
    for ( unsigned int i = 0; i < t->world->units; i++ )
    {
        t->unit[i] = (struct unit) { t, i };
        platform_set_model(t->platform, i, t->world->unit[i].model);
        machine_set_unit(t->world->machine, t->world->unit[i].number,
                         &unit_ops, &t->unit[i]);
    }
}

void timed_run(struct timed *t)
{
    const struct world_watch watch = {
        .operation_done = timed_operation_done,
        .context = t,
    };
    const struct world_time time = {
        .unit_port = timed_port,
        .access = timed_access,
        .step = timed_step,
        .context = t,
    };
    const struct machine_clock clock = {
        .called = clock_called,
        .dispatched = clock_dispatched,
        .now_ns = clock_now_ns,
        .context = t,
    };
    const struct world_hardware hardware = timed_hardware(&t->config->timing);
    struct world_config world = t->config->world;
    const char *reason = NULL;
    double start = wall_seconds();

    world.watch = &watch;
    world.time = &time;
    world.hardware = &hardware;
    t->platform = make_platform(t);
    t->world = world_create(t->program, &world, &reason);
    if ( !t->world )
    {
        snprintf(t->result->why, sizeof(t->result->why), "%s", reason);
        return;
    }
    connect_units(t);
    machine_set_clock(t->world->machine, &clock);
    if ( t->config->load.pattern != SIM_NONE )
        for ( unsigned int i = 0; i < t->program->machine.devices; i++ )
            timed_add_load(t, i);
    platform_run(t->platform, run_program, t);
    platform_stats(t->platform, &t->result->stats);
    beside_result(&t->result->rtl);
    t->result->seconds = wall_seconds() - start;
    if ( !platform_destroy(t->platform) && t->config->trace )
        snprintf(t->result->why, sizeof(t->result->why),
                 "%.200s: the timeline could not be written",
                 t->config->trace);
    beside_end();
}
