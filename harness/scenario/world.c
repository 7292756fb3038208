/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways into a world of its processors. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <stdarg.h>
#include <stdio.h>

/* Deferred work that is still not idle after so many items never will be. */
#define MANY_ITEMS 1000000

/* ---- findings ---- */

static void find(struct world *world, bool expectation, const char *property,
                 const char *fmt, va_list args)
{
    struct finding *f;

    if ( world->findings == WORLD_MAX_FINDINGS )
        return;
    f = &world->finding[world->findings++];
    snprintf(f->property, sizeof(f->property), "%s", property);
    f->operation = world->operation;
    f->expectation = expectation;
    vsnprintf(f->message, sizeof(f->message), fmt, args);
}

void world_find(struct world *world, const char *property, const char *fmt,
                ...)
{
    va_list args;

    va_start(args, fmt);
    find(world, false, property, fmt, args);
    va_end(args);
}

void world_expect(struct world *world, const char *property, const char *fmt,
                  ...)
{
    va_list args;

    if ( world->program->oracle_only )
        return;
    va_start(args, fmt);
    find(world, true, property, fmt, args);
    va_end(args);
}

void world_refuse(struct world *world, const char *fmt, ...)
{
    va_list args;

    if ( *world->refused )
        return;
    /* Nobody reads why: it is left out. */
    if ( world->program->oracle_only )
        fmt = "left out";
    va_start(args, fmt);
    vsnprintf(world->refused, sizeof(world->refused), fmt, args);
    va_end(args);
}

/* ---- events ---- */

void world_events_put(struct world_events *events, uint64_t address,
                      uint32_t data)
{
    struct world_event oldest;
    unsigned int at;

    if ( events->count == WORLD_MAX_EVENTS )
        world_events_take(events, &oldest);
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

/* ---- ways in ---- */

/* What the oracle looks at takes no time. */
void world_step(struct world_domain *wd, enum world_step step)
{
    const struct world_time *time = wd->world->config.time;

    if ( time && !wd->world->observed )
        time->step(time->context, wd, step);
}

/*
 * A vIOMMU that was refused memory - by its limit, or because the program made
 * an allocation fail - leaves entries not-present and says so to the
 * toolstack. From then on what is missing is counted, not reported.  Sessions
 * have no such limits: there it stays a finding.
 */
static void notice_refusals(struct world_domain *wd)
{
    struct world *world = wd->world;
    struct dut_query query = { 0 };
    uint64_t entries = world_entries(world);

    if ( !wd->oracle || !wd->viommu_live ||
         world->program->kind == PROGRAM_SESSION ||
         (entries == wd->asked && entries != UINT64_MAX && !world->failing) )
        return;
    world_observe(world, true);
    if ( world->failing ||
         (!world->ops->query(world->dut, &wd->viommu, &query) &&
          query.shadow_refused) )
        oracle_tolerate_missing(wd->oracle, true);
    world_observe(world, false);
    wd->asked = world_entries(world);
}

/* Once is enough: it takes long, and nothing is to be had of it any more. */
static void never_idle(struct world *world, const char *what)
{
    world_find(world, "P5", "%s", what);
    world->restless = true;
}

void world_settle(struct world *world)
{
    if ( world->nested || world->interleave )
        return; /* the operation around it does, or whoever schedules */
    for ( unsigned int i = 0; i < world->domains; i++ )
        world_p2m_settle(&world->domain[i]);
    if ( world->restless )
        return;
    do
        if ( world->dut && !world->ops->run_deferred(world->dut) )
            never_idle(world, "deferred work does not become idle");
    while ( world->dut && !world->restless && world_dms_answer(world) );
    if ( !world->dut && !machine_run_until_idle(world->machine, MANY_ITEMS) )
        never_idle(world, "the unit's interrupts do not end");
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
    const struct world_foreign *foreign = world->config.foreign;
    enum dut_result result = DUT_DONE;

    if ( foreign )
    {
        foreign->write_register(world->config.foreign_context, offset, size,
                                value);
        return;
    }
    world_step(wd, WORLD_REGISTER_WRITE);
    world_others(world, "register write");
    if ( wd->oracle )
    {
        world_touch_ledger(wd, true);
        world->submitting = true;
        oracle_register_write(wd->oracle, offset, size, value);
        world->submitting = false;
    }
    if ( !world->dut )
        machine_mmio_write(world->machine, world->unit[0].number, offset, size,
                           value);
    else if ( wd->viommu_live )
        do
        {
            if ( result == DUT_RETRY && !world_wait(world) )
                world->ops->run_deferred(world->dut);
            result = world->ops->mmio_write(world->dut, &wd->viommu, offset,
                                            size, value);
        } while ( result == DUT_RETRY );
    if ( result == DUT_ERROR )
        world_find(world, "P7", "a register write was not accepted");
    if ( wd->oracle )
    {
        world_touch_ledger(wd, true);
        oracle_register_written(wd->oracle, offset, size, value);
    }
    world_look(world);
    world_settle(world);
    world_step(wd, WORLD_REGISTER_WRITTEN);
}

uint64_t world_read(struct world_domain *wd, uint32_t offset,
                    unsigned int size)
{
    struct world *world = wd->world;
    const struct world_foreign *foreign = world->config.foreign;
    uint64_t value = 0;

    if ( foreign )
        return foreign->read_register(world->config.foreign_context, offset,
                                      size);
    world_step(wd, WORLD_REGISTER_READ);
    world_others(world, "register read");
    if ( world->dut && !world->observed )
        world_touch(world, MACHINE_NEWS, 0, UINT64_MAX, false);
    if ( !world->dut )
        value = machine_mmio_read(world->machine, world->unit[0].number,
                                  offset, size);
    else if ( wd->viommu_live &&
              world->ops->mmio_read(world->dut, &wd->viommu, offset, size,
                                    &value) != DUT_DONE &&
              wd->oracle )
        world_find(world, "P7", "a register read was not answered");
    world_looked(wd);
    return value;
}

bool world_store64(struct world_domain *wd, uint64_t gpa, uint64_t value)
{
    const struct world_config *config = &wd->world->config;

    world_step(wd, WORLD_STORE);
    if ( config->foreign )
        config->foreign->store64(config->foreign_context, gpa, value);
    world_others(wd->world, "store");
    world_look(wd->world);
    /* Our memory is kept alike: it says where there is RAM. */
    return domain_write64(wd->domain, WRITER_VCPU, gpa, value);
}

bool world_load64(struct world_domain *wd, uint64_t gpa, uint64_t *value)
{
    const struct world_config *config = &wd->world->config;

    world_step(wd, WORLD_LOAD);
    world_others(wd->world, "load");
    if ( !domain_read64(wd->domain, gpa, value) )
        return false;
    if ( config->foreign )
        *value = config->foreign->load64(config->foreign_context, gpa);
    return true;
}
