/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a program: the processor, what must hold. */

#include <scenario/arch.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- the processor ---- */

static void execute_write(struct execution *e, const struct operation *op)
{
    uint64_t reg = op_arg(op, 0);

    world_write(e->wd, REG_OFFSET(reg), REG_SIZE(reg), op_arg(op, 1));
}

static void execute_read(struct execution *e, const struct operation *op)
{
    uint64_t reg = op_arg(op, 0), mask = op_arg(op, 2), value;
    unsigned int bits = 8 * REG_SIZE(reg);
    char name[32];

    value = world_read(e->wd, REG_OFFSET(reg), REG_SIZE(reg));
    if ( e->wd->oracle )
        oracle_register_read(e->wd->oracle, REG_OFFSET(reg), REG_SIZE(reg),
                             value);
    if ( bits < 64 )
        mask &= (UINT64_C(1) << bits) - 1;
    if ( (value ^ op_arg(op, 1)) & mask )
        world_expect(e->world, "P10", "%s reads %#llx, expected %#llx (%#llx)",
                     register_name(&e->world->program->machine, reg, name,
                                   sizeof(name)),
                     (unsigned long long)value,
                     (unsigned long long)op_arg(op, 1),
                     (unsigned long long)mask);
}

static void execute_store(struct execution *e, const struct operation *op)
{
    if ( !world_store64(e->wd, op_arg(op, 0), op_arg(op, 1)) )
        world_refuse(e->world, "there is no RAM at %#llx to store to",
                     (unsigned long long)op_arg(op, 0));
}

static void execute_load(struct execution *e, const struct operation *op)
{
    uint64_t value = 0;

    if ( !world_load64(e->wd, op_arg(op, 0), &value) ||
         (value ^ op_arg(op, 1)) & op_arg(op, 2) )
        world_expect(
            e->world, "P2", "memory at %#llx is %#llx, expected %#llx",
            (unsigned long long)op_arg(op, 0), (unsigned long long)value,
            (unsigned long long)op_arg(op, 1));
}

/* ---- what must hold ---- */

static void execute_interrupts(struct execution *e, const struct operation *op)
{
    struct world_event event;
    uint64_t count = 0, address = op_arg(op, 1);

    while ( world_events_take(&e->wd->interrupts, &event) )
    {
        count++;
        if ( (address || op_arg(op, 2)) &&
             (event.address != address || event.data != op_arg(op, 2)) )
            world_expect(e->world, "P4",
                         "an interrupt was %#x to %#llx, expected %#llx to "
                         "%#llx",
                         event.data, (unsigned long long)event.address,
                         (unsigned long long)op_arg(op, 2),
                         (unsigned long long)address);
    }
    if ( count != op_arg(op, 0) )
        world_expect(e->world, "P4", "%llu interrupts came, expected %llu",
                     (unsigned long long)count,
                     (unsigned long long)op_arg(op, 0));
}

void execute_check_all(struct world *world)
{
    world_settle(world);
    for ( unsigned int i = 0; i < world->domains; i++ )
        if ( world->domain[i].oracle )
            oracle_check(world->domain[i].oracle);
}

static void execute_check(struct execution *e, const struct operation *op)
{
    (void)op;
    execute_check_all(e->world);
}

static void execute_undefined(struct execution *e, const struct operation *op)
{
    unsigned int number = (unsigned int)op_arg(op, 0);

    if ( !oracle_undefined_text(e->world->program->machine.arch->oracle_arch,
                                number) )
        world_refuse(e->world, "there is no condition U%u", number);
    else if ( !e->wd->oracle ||
              !(oracle_undefined(e->wd->oracle) >> number & 1) )
        world_expect(e->world, "P2", "condition U%u was not noticed", number);
}

/* ---- the program ---- */

static execute_fn *const handlers[OP_ARCH] = {
    [OP_WRITE] = execute_write,
    [OP_READ] = execute_read,
    [OP_STORE] = execute_store,
    [OP_LOAD] = execute_load,
    [OP_DMA] = execute_dma,
    [OP_VIOMMU_DESTROY] = execute_viommu_destroy,
    [OP_ASSIGN] = execute_assign,
    [OP_DEASSIGN] = execute_deassign,
    [OP_ATTACH] = execute_attach,
    [OP_DETACH] = execute_detach,
    [OP_DOMAIN_DESTROY] = execute_domain_destroy,
    [OP_HYPERCALL_FIELD] = execute_hypercall_field,
    [OP_HYPERCALL] = execute_hypercall,
    [OP_P2M_REMOVE] = execute_p2m_remove,
    [OP_P2M_POPULATE] = execute_p2m_populate,
    [OP_P2M_RELEASE] = execute_p2m_release,
    [OP_FAIL] = execute_fail,
    [OP_INTERRUPTS] = execute_interrupts,
    [OP_CHECK] = execute_check,
    [OP_SHADOW] = execute_shadow,
    [OP_UNDEFINED] = execute_undefined,
    [OP_CENSUS] = execute_census,
    [OP_EXPECT_DMA] = execute_expect_dma,
    [OP_EXPECT_FAULT] = execute_expect_fault,
    [OP_TRANSLATE] = execute_translate,
    [OP_ACCESS] = execute_access,
    [OP_COPY] = execute_copy,
    [OP_DROP] = execute_drop,
    [OP_RECEIVE] = execute_receive,
    [OP_ANSWER] = execute_answer,
    [OP_MESSAGES] = execute_messages,
    [OP_HOLD] = execute_hold,
    [OP_CONNECT] = execute_connect,
    [OP_DISCONNECT] = execute_disconnect,
};

/* The domain goes, and everything must have been given back (P9). */
static void destroy_domains(struct world *world)
{
    if ( !world->dut )
        return;
    for ( unsigned int i = 0; i < world->domains; i++ )
    {
        struct world_domain *wd = &world->domain[i];

        /* What a dead unit may still use is never given back. */
        if ( machine_units_dead(world->machine) )
            continue;
        if ( !wd->destroyed && world_domain_destroy(wd) )
            world_find(world, "P9", "the domain could not be destroyed");
        machine_census(world->machine, wd->domain);
    }
}

static void add_oracle_stats(struct execution *e)
{
    for ( unsigned int i = 0; i < e->world->domains; i++ )
    {
        struct oracle *oracle = e->world->domain[i].oracle;
        struct oracle_stats stats;

        if ( !oracle )
            continue;
        oracle_stats(oracle, &stats);
        e->result->suspended += stats.suspended;
        e->result->invalidations += stats.invalidations;
        e->result->undefined |= oracle_undefined(oracle);
    }
}

static void add_machine_stats(struct execution *e)
{
    const struct arch *arch = e->world->program->machine.arch;
    struct world_domain *wd = &e->world->domain[0];
    struct dut_query query;

    for ( unsigned int i = 0; i < e->world->units; i++ )
    {
        struct arch_stats unit;

        arch->stats(e->world->unit[i].model, &unit);
        e->result->iotlb_hits += unit.hits;
        e->result->iotlb_misses += unit.misses;
        e->result->physical_register_writes += unit.register_writes;
    }
    if ( wd->viommu_live && e->world->ops &&
         !e->world->ops->query(e->world->dut, &wd->viommu, &query) )
        e->result->shadow_entries = query.shadow_pages;
}

static execute_fn *const activities[OP_ACTIVITY_END - OP_ACTIVITY] = {
    [OP_LOCK - OP_ACTIVITY] = execute_lock,
    [OP_UNLOCK - OP_ACTIVITY] = execute_unlock,
    [OP_SET - OP_ACTIVITY] = execute_set,
    [OP_AWAIT - OP_ACTIVITY] = execute_await,
    [OP_SKIP_IF - OP_ACTIVITY] = execute_skip_if,
    [OP_PREFETCH - OP_ACTIVITY] = execute_prefetch,
    [OP_EVICT - OP_ACTIVITY] = execute_evict,
};

static execute_fn *handler_of(const struct operation *op)
{
    if ( op->code >= OP_ACTIVITY )
        return activities[op->code - OP_ACTIVITY];
    return op->code < OP_ARCH ?
               handlers[op->code] :
               arch_table[op->arch]->execute[op->code - OP_ARCH];
}

static bool goes_on(const struct execution *e)
{
    return !e->world->findings && !*e->world->refused;
}

void execute_operation(struct execution *e, size_t index)
{
    const struct operation *op = &e->world->program->op[index];
    struct world_domain *outer = e->wd;

    if ( e->skip )
    {
        e->skip--;
        return;
    }
    e->wd = &e->world->domain[op->domain];
    if ( e->world->nested && op->code >= OP_ARCH && !e->wd->driver_ready )
        world_refuse(e->world, "the driver can't read its unit's registers "
                               "inside another operation");
    else
        handler_of(op)(e, op);
    e->wd = outer;
    e->result->operations++;
    if ( e->world->program->oracle_only )
        *e->world->refused = 0;
}

/* Those that wait until the operation that runs has ended. */
static void run_waiting(struct execution *e)
{
    while ( e->waiting < e->running && goes_on(e) )
        execute_operation(e, e->waiting++);
}

/* A DMA inside what it would have to wait for would do so for ever. */
static bool is_held(const struct world *world, const struct operation *op)
{
    const struct arch *arch = world->program->machine.arch;
    bool held = false;

    for ( unsigned int i = 0; i < world->units && op->code == OP_DMA; i++ )
        held |= arch->holds_dma && arch->holds_dma(world->unit[i].model);
    return held;
}

static bool is_due(const struct execution *e, const struct operation *op)
{
    return op->inside <= (op->at_access ?
                              e->accesses :
                              machine_switches(e->world->machine)) &&
           !is_held(e->world, op);
}

/* The first that waits, if it waits for a call of host.h, says at which we
 * must be called. */
static void expect_next(const struct execution *e)
{
    const struct operation *op = &e->world->program->op[e->waiting];
    bool call = e->waiting < e->running && !op->at_access;

    machine_switch_from(e->world->machine, call ? op->inside : UINT64_MAX);
}

/* Those whose time has come, but none before an earlier one.  What they do
 * themselves is no step of the operation around. */
static void run_due(struct execution *e)
{
    const struct operation *op = e->world->program->op;

    e->world->nested = true;
    machine_hold_switches(e->world->machine, true);
    while ( e->waiting < e->running && is_due(e, &op[e->waiting]) &&
            goes_on(e) )
        execute_operation(e, e->waiting++);
    machine_hold_switches(e->world->machine, false);
    e->world->nested = false;
    expect_next(e);
}

static void on_switch(void *context, const char *where)
{
    (void)where;
    run_due(context);
}

static void on_access(void *context)
{
    struct execution *e = context;

    if ( e->world->nested || e->world->observed )
        return;
    e->accesses++;
    run_due(e);
}

static void listen(struct execution *e, bool on)
{
    struct machine *machine = e->world->machine;

    e->accesses = 0;
    machine_on_switch(machine, on ? on_switch : NULL, e);
    machine_on_access(machine, on ? on_access : NULL, e);
    expect_next(e);
}

/* Operation @e->running, with those inside it that wait. */
static void run_around(struct execution *e)
{
    bool waiting = e->waiting < e->running;

    e->world->operation = e->running;
    if ( waiting )
        listen(e, true);
    execute_operation(e, e->running);
    if ( waiting )
        listen(e, false);
    /* Not every operation has done so behind what happened inside it. */
    if ( waiting )
        world_settle(e->world);
    run_waiting(e);
    e->waiting = e->running + 1;
}

/* Up to, not including, operation @end. */
static void run_operations(struct execution *e, size_t end)
{
    const struct program *program = e->world->program;
    const struct world_watch *watch = e->world->config.watch;

    for ( ; e->running < end && goes_on(e); e->running++ )
    {
        if ( program->op[e->running].inside )
            continue;
        run_around(e);
        if ( watch && watch->operation_done )
            watch->operation_done(watch->context, e->world, e->running);
    }
    run_waiting(e);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double wall_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double cpu_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* The program itself is at fault: where, and how. */
static void tell_refusal(const struct execution *e)
{
    const struct program *program = e->world->program;
    const struct operation *op = &program->op[e->world->operation];

    snprintf(e->result->why, sizeof(e->result->why), "%s:%u: %s",
             program->file, op->line, e->world->refused);
}

void world_begin(struct world *world, size_t operations)
{
    struct run_result result = { .operations = 0 };
    struct execution e = { .world = world, .result = &result };

    run_operations(&e, operations);
    world->begun = operations;
}

bool world_run(struct world *world, struct run_result *result)
{
    const struct program *program = world->program;
    struct execution e = { .world = world,
                           .result = result,
                           .waiting = world->begun,
                           .running = world->begun };
    bool ran;

    run_operations(&e, program->ops);
    ran = !*world->refused;
    if ( !ran )
        tell_refusal(&e);
    else if ( !world->findings )
        execute_check_all(world);
    if ( ran && !world->findings && program->kind == PROGRAM_SESSION )
        for ( unsigned int i = 0; i < world->domains; i++ )
            program->machine.arch->session_end(&e, &world->domain[i]);
    add_oracle_stats(&e);
    add_machine_stats(&e);
    result->outcomes = world->outcomes;
    if ( ran && !world->findings )
        destroy_domains(world);
    return ran;
}

bool program_run(const struct program *program,
                 const struct world_config *config, struct run_result *result,
                 struct finding *findings, unsigned int *count)
{
    const char *reason = NULL;
    double start = wall_seconds();
    struct world *world;
    bool ran;

    *result = (struct run_result) { .through = config->through,
                                    .shape = config->shape,
                                    .retention = config->retention };
    *count = 0;
    world = world_create(program, config, &reason);
    if ( !world )
    {
        snprintf(result->why, sizeof(result->why), "%s", reason);
        return false;
    }
    ran = world_run(world, result);
    *count = ran ? world->findings : 0;
    memcpy(findings, world->finding, sizeof(*findings) * WORLD_MAX_FINDINGS);
    world_destroy(world);
    result->seconds = wall_seconds() - start;
    return ran;
}
