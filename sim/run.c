/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program untimed, then in simulated time, and whether both did the same. */
#include <sim/load.h>

#include <scenario/arch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const sim_pattern_names[] = { "none", "stream", "random", "burst",
                                          NULL };

#define BURST 16u /* requests */

/* ---- untimed ---- */

static void reference_dma_begins(void *context, struct world *world,
                                 unsigned int device,
                                 const struct dma_transfer *transfer)
{
    (void)context;
    (void)world;
    (void)device;
    (void)transfer;
}

static void reference_dma_ended(void *context, struct world *world,
                                unsigned int device,
                                const struct dma_transfer *transfer,
                                const struct dma_result *result)
{
    load_saw(context, world, device, transfer, result);
}

static void reference_operation_done(void *context, struct world *world,
                                     size_t operation)
{
    load_check(context, world, operation);
}

static struct world_hardware hardware_of(const struct timing *t)
{
    return (struct world_hardware) {
        .costs = t->costs,
        .slots = t->slots,
        .config_cache = { t->config_cache.entries, t->config_cache.ways },
        .tlb = { t->tlb.entries, t->tlb.ways },
        .walk_cache = { t->walk_cache.entries, t->walk_cache.ways },
    };
}

static bool run_untimed(const struct program *program,
                        const struct sim_config *config,
                        struct load_pages *pages, struct sim_result *result)
{
    const struct world_watch watch = {
        .dma_begins = reference_dma_begins,
        .dma_ended = reference_dma_ended,
        .operation_done = reference_operation_done,
        .context = pages,
    };
    const struct world_hardware hardware = hardware_of(&config->timing);
    struct world_config world = config->world;
    bool ran;

    world.hardware = &hardware;
    if ( config->load.pattern != SIM_NONE )
        world.watch = &watch;
    ran = program_run(program, &world, &result->untimed, result->finding,
                      &result->findings);
    load_finish(pages, program->ops);
    if ( !ran )
        snprintf(result->why, sizeof(result->why), "%s", result->untimed.why);
    return ran;
}

/* ---- timed ---- */

struct timed {
    const struct sim_config *config;
    const struct program *program;
    struct platform *platform;
    struct world *world;
    struct load_pages *pages;
    struct load_cursor cursor[PROGRAM_MAX_DEVICES];
    struct unit {
        struct timed *timed;
        unsigned int number;
    } unit[PROGRAM_MAX_UNITS];
    struct source {
        struct timed *timed;
        unsigned int device;
    } source[PROGRAM_MAX_DEVICES];
    size_t operation; /* the one that runs */
    uint64_t began;   /* when it did */
    uint64_t write_began, invalidations;
    unsigned int depth; /* of register writes in each other */
    struct sim_result *result;
};

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

    return platform_unit_port(t->platform, unit, own, below);
}

static void timed_access(void *context, unsigned int device,
                         const struct request *request, void *data,
                         struct response *response)
{
    const struct timed *t = context;

    platform_access(t->platform, device, request, data, response);
}

static uint64_t count_invalidations(const struct world_domain *wd)
{
    struct oracle_stats stats = { 0 };

    if ( wd->oracle )
        oracle_stats(wd->oracle, &stats);
    return stats.invalidations;
}

/* Behind a vIOMMU each access to a register is a trap. */
static void trap(struct timed *t)
{
    if ( t->world->dut )
        platform_spend(t->platform, t->config->timing.cpu_trap);
}

static void write_begins(struct timed *t, const struct world_domain *wd)
{
    if ( t->depth++ )
        return;
    t->write_began = platform_now(t->platform);
    t->invalidations = count_invalidations(wd);
    platform_span_begin(t->platform, t->world->dut ? "trap" : "register");
    trap(t);
}

static void write_ended(struct timed *t, const struct world_domain *wd)
{
    if ( --t->depth )
        return;
    platform_span_end(t->platform);
    if ( count_invalidations(wd) > t->invalidations )
        platform_sample(t->platform, PLATFORM_INVALIDATION,
                        platform_now(t->platform) - t->write_began);
}

static void timed_step(void *context, struct world_domain *wd,
                       enum world_step step)
{
    struct timed *t = context;

    if ( !t->world )
        return; /* it is being made: before time begins */
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

/* ---- the load ---- */

/* One of its requests: the cookie of the platform points at it. */
struct load_request {
    uint64_t page;
    struct world_request watched;
};

static bool load_wants(void *context, struct request *request,
                       uint64_t *cookie)
{
    const struct source *source = context;
    struct timed *t = source->timed;
    struct load_request *one;
    uint64_t page;

    if ( !load_next(&t->cursor[source->device], request, &page) )
        return false;
    request->source = t->world->device[source->device].psbdf;
    request->unit = t->world->device[source->device].unit;
    one = calloc(1, sizeof(*one));
    if ( !one )
        abort();
    one->page = page;
    *cookie = (uintptr_t)one;
    return true;
}

static void load_begins(void *context, const struct request *request,
                        uint64_t *cookie)
{
    const struct source *source = context;
    struct load_request *one = (struct load_request *)(uintptr_t)*cookie;

    world_request_begins(source->timed->world, source->device, request,
                         &one->watched);
}

static void load_ended(void *context, const struct request *request,
                       const struct response *response, uint64_t cookie)
{
    const struct source *source = context;
    struct load_request *one = (struct load_request *)(uintptr_t)cookie;
    struct timed *t = source->timed;

    world_request_ended(t->world, source->device, &one->watched, request,
                        response);
    load_done(t->pages, one->page);
    free(one);
    t->result->load_requests++;
    t->result->load_aborted += !response_reached(response);
}

static uint64_t load_pauses(void *context)
{
    const struct source *source = context;

    return load_pause(&source->timed->cursor[source->device]);
}

static void add_load(struct timed *t, unsigned int device)
{
    const struct sim_load *load = &t->config->load;
    bool burst = load->pattern == SIM_BURST;
    const struct platform_load one = {
        .device = device,
        .channels = load->channels ? load->channels :
                                     t->config->timing.device_channels,
        .gap = load->gap,
        .burst = burst ? BURST : 1,
        .next = load_wants,
        .began = load_begins,
        .ended = load_ended,
        .pause = load->pattern == SIM_RANDOM ? load_pauses : NULL,
        .context = &t->source[device],
    };

    t->source[device] = (struct source) { t, device };
    load_cursor_init(&t->cursor[device], t->pages, &t->operation,
                     load->pattern, device, t->config->world.seed);
    platform_add_load(t->platform, &one);
}

static bool all_clear(void *context)
{
    const struct timed *t = context;

    return load_clear(t->pages, t->operation);
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

static void begin_span(struct timed *t)
{
    char text[256] = "the end";

    if ( t->config->trace && t->operation < t->program->ops )
        operation_text(t->program, &t->program->op[t->operation], text,
                       sizeof(text));
    platform_span_begin(t->platform, text);
}

/* Before the next one, what it could break must have ended. */
static void timed_operation_done(void *context, struct world *world,
                                 size_t operation)
{
    struct timed *t = context;

    (void)world;
    platform_span_end(t->platform);
    if ( t->config->took )
        t->config->took[operation] = platform_now(t->platform) - t->began;
    t->operation = next_operation(t->program, operation);
    platform_wake_loads(t->platform);
    platform_wait(t->platform, all_clear, t);
    t->began = platform_now(t->platform);
    begin_span(t);
}

static void timed_dma_ended(void *context, struct world *world,
                            unsigned int device,
                            const struct dma_transfer *transfer,
                            const struct dma_result *result)
{
    (void)context;
    (void)world;
    (void)device;
    (void)transfer;
    (void)result;
}

/* ---- the run ---- */

static void run_program(void *context)
{
    struct timed *t = context;

    begin_span(t);
    if ( world_run(t->world, &t->result->timed) )
        t->result->findings = t->world->findings;
    else
        snprintf(t->result->why, sizeof(t->result->why), "%s",
                 t->result->timed.why);
    platform_span_end(t->platform);
    memcpy(t->result->finding, t->world->finding, sizeof(t->world->finding));
}

static struct platform *make_platform(const struct timed *t)
{
    const struct program_machine *m = &t->program->machine;
    struct platform_config config = {
        .timing = t->config->timing,
        .style = t->config->style,
        .quantum = t->config->quantum,
        .units = 1,
        .devices = m->devices,
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

static void run_timed(struct timed *t)
{
    const struct world_watch watch = {
        .dma_begins = reference_dma_begins,
        .dma_ended = timed_dma_ended,
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
    const struct world_hardware hardware = hardware_of(&t->config->timing);
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
            if ( load_has_device(t->pages, i) )
                add_load(t, i);
    platform_run(t->platform, run_program, t);
    platform_stats(t->platform, &t->result->stats);
    t->result->seconds = wall_seconds() - start;
    if ( !platform_destroy(t->platform) && t->config->trace )
        snprintf(t->result->why, sizeof(t->result->why),
                 "%.200s: the timeline could not be written",
                 t->config->trace);
}

/* SystemC has one simulation a process: each run has one of its own. */
static void run_in_child(struct timed *t)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if ( !child )
    {
        run_timed(t);
        fflush(NULL);
#ifdef __SANITIZE_ADDRESS__
        _exit(0); /* LeakSanitizer dies on the stacks of SC_THREADs */
#else
        exit(0);
#endif
    }
    if ( child < 0 || waitpid(child, &status, 0) < 0 || status )
        snprintf(t->result->why, sizeof(t->result->why),
                 "the simulation ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static bool same_results(const struct run_result *a,
                         const struct run_result *b)
{
    return a->outcomes == b->outcomes && a->operations == b->operations &&
           a->dma == b->dma && a->expected == b->expected &&
           a->equal == b->equal && a->faults_equal == b->faults_equal &&
           a->interrupts_equal == b->interrupts_equal &&
           a->statuses_equal == b->statuses_equal &&
           a->invalidations == b->invalidations;
}

bool sim_run(const struct program *program, const struct sim_config *config,
             struct sim_result *result)
{
    struct sim_result *shared = mmap(NULL, sizeof(*shared),
                                     PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct load_pages *pages = calloc(1, sizeof(*pages));
    struct timed *t = calloc(1, sizeof(*t));

    if ( shared == MAP_FAILED || !pages || !t )
        abort();
    *t = (struct timed) {
        .config = config, .program = program, .pages = pages, .result = shared
    };
    if ( run_untimed(program, config, pages, shared) )
    {
        shared->load_pages = pages->count;
        run_in_child(t);
    }
    *result = *shared;
    result->same = same_results(&result->untimed, &result->timed);
    free(t);
    free(pages);
    munmap(shared, sizeof(*shared));
    return !*result->why;
}
