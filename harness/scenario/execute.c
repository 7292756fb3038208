/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a program: the processor, the devices, what must hold. */

#include <scenario/arch.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *response_text(const struct response *response, char *buffer,
                          size_t size)
{
    if ( response_reached(response) )
        snprintf(buffer, size, "host address %#llx",
                 (unsigned long long)response->address);
    else if ( response->reason )
        snprintf(buffer, size, "fault %#x (%s)", response->reason,
                 response->condition ? response->condition : "?");
    else
        snprintf(buffer, size, "an abort");
    return buffer;
}

bool guest_to_host(struct world_domain *wd, uint64_t gpa, uint64_t *hpa)
{
    struct p2m_entry entry;

    p2m_lookup(wd->domain, gpa >> 12, &entry);
    *hpa = entry.mfn << 12 | (gpa & 0xfff);
    return entry.type == REGION_RAM || entry.type == REGION_ROM;
}

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

/* ---- devices ---- */

static enum outcome expected_outcome(const struct operation *op)
{
    if ( op_arg(op, 4) )
        return OUTCOME_FAULT;
    if ( op_arg(op, 5) )
        return OUTCOME_ABORT;
    return op_arg(op, 3) == UINT64_MAX ? OUTCOME_ANY : OUTCOME_TO;
}

void walk_of(struct execution *e, unsigned int device,
             const struct dma_transfer *transfer, struct oracle_walk *walk)
{
    const struct oracle_dma dma = {
        .source = e->world->device[device].source,
        .pasid = transfer->pasid,
        .iova = transfer->address,
        .size = transfer->size,
        .write = transfer->access != REQUEST_READ,
        .read = transfer->access != REQUEST_WRITE,
        .type = (unsigned int)transfer->type,
        .privileged = transfer->privileged,
        .execute = transfer->execute,
    };

    oracle_walk(e->wd->oracle, &dma, walk);
}

/*
 * The reason that the guest would read: the model says it itself; behind a
 * vIOMMU it is what the guest's tables give, and P4 compares the record.
 */
unsigned int architected_reason(struct execution *e, unsigned int device,
                                const struct dma_transfer *transfer,
                                const struct response *response)
{
    struct oracle_walk walk;

    if ( !e->world->dut || !e->wd->oracle )
        return response->reason;
    walk_of(e, device, transfer, &walk);
    /* Stale, yet allowed: as hardware that cached the absence reports it. */
    return walk.ok ? response->reason : walk.reason;
}

/* Every piece went where its part of the guest's range is. */
static bool went_to(struct execution *e, const struct dma_transfer *transfer,
                    const struct dma_result *result, uint64_t gpa)
{
    for ( unsigned int i = 0; i < result->pieces; i++ )
    {
        const struct dma_piece *piece = &result->piece[i];
        uint64_t hpa;

        if ( !response_reached(&piece->response) ||
             !guest_to_host(e->wd, gpa + (piece->address - transfer->address),
                            &hpa) ||
             piece->response.address != hpa )
            return false;
    }
    return true;
}

static bool outcome_agrees(struct execution *e, const struct operation *op,
                           const struct dma_transfer *transfer,
                           const struct dma_result *result)
{
    const struct response *first = &result->piece[0].response;

    switch ( expected_outcome(op) )
    {
    case OUTCOME_TO:
        return went_to(e, transfer, result, op_arg(op, 3));
    case OUTCOME_FAULT:
        return !response_reached(first) &&
               architected_reason(e, (unsigned int)op_arg(op, 0), transfer,
                                  first) == op_arg(op, 4);
    case OUTCOME_ABORT:
        return result->aborted == result->pieces;
    default:
        return true;
    }
}

static void execute_dma(struct execution *e, const struct operation *op)
{
    static const char *const properties[] = { "P2", "P2", "P4", "P1" };
    uint8_t data[DMA_MAX_SIZE] = { 1 };
    const struct dma_transfer transfer = {
        .access = (enum request_access)op_arg(op, 1),
        .address = op_arg(op, 2),
        .privileged = op_arg(op, 6),
        .execute = op_arg(op, 7),
        .size = (uint32_t)op_arg(op, 8),
        .pasid = (uint32_t)op_arg(op, 9),
        .type = (enum request_type)op_arg(op, 10),
        .data = data,
    };
    unsigned int before = e->world->findings;
    struct dma_result result;
    char text[64];

    if ( e->world->device[op_arg(op, 0)].is_virtual )
    {
        world_refuse(e->world, "a virtual device has 'translate' and "
                               "'access', or 'copy'");
        return;
    }

    if ( !world_dma(e->world, (unsigned int)op_arg(op, 0), &transfer,
                    &result) )
    {
        world_refuse(e->world, "no device makes such a transfer: up to 4096 "
                               "bytes, atomic ones 4 or 8 aligned");
        return;
    }
    e->result->dma += result.pieces;
    if ( e->dma_ended )
        e->dma_ended(e, op, &transfer, &result);
    if ( e->world->findings == before &&
         !outcome_agrees(e, op, &transfer, &result) )
        world_expect(
            e->world, properties[expected_outcome(op)], "the DMA became %s",
            response_text(&result.piece[0].response, text, sizeof(text)));
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

/* Those whose time has come, @calls calls into the operation that runs. */
static void run_waiting(struct execution *e, unsigned int calls)
{
    const struct operation *op = e->world->program->op;

    while ( e->waiting < e->running && op[e->waiting].inside <= calls &&
            goes_on(e) )
        execute_operation(e, e->waiting++);
}

static void on_switch(void *context, const char *where)
{
    struct execution *e = context;

    (void)where;
    if ( e->world->nested || e->world->observed )
        return;
    e->world->nested = true;
    run_waiting(e, ++e->calls);
    e->world->nested = false;
}

/* Operation @e->running, with those inside it that wait. */
static void run_around(struct execution *e)
{
    struct machine *machine = e->world->machine;
    bool waiting = e->waiting < e->running;

    e->world->operation = e->running;
    e->calls = 0;
    if ( waiting )
        machine_on_switch(machine, on_switch, e);
    execute_operation(e, e->running);
    if ( waiting )
        machine_on_switch(machine, NULL, NULL);
    run_waiting(e, UINT16_MAX);
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
    run_waiting(e, UINT16_MAX);
}

double wall_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
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
