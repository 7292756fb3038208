/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: the port, the RTL's clock, and who has the RTL. */
#include <sim/beside_unit.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD        8u
#define MAX_STRAYED 64u /* words that the RTL alone wants, of a request */

/* The wrapped functions are given nothing but their model: as there is one
 * simulation a process, there is one set of units. */
static struct {
    bool active;
    struct beside_unit unit[PLATFORM_MAX_UNITS];
    struct sim_rtl result;
} all;

bool beside_built(void)
{
    return true;
}

void beside_begin(struct timing *timing)
{
    memset(&all, 0, sizeof(all));
    all.active = true;
    timing->tlb = (struct timing_cache) { rtl_entries(RTL_2048X4),
                                          rtl_ways(RTL_2048X4) };
    timing->costs.cycles[COST_TLB_LOOKUP] = BESIDE_LOOKUP;
}

void beside_end(void)
{
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
    {
        if ( all.unit[i].vtd )
            rtl_vtd_destroy(all.unit[i].vtd);
        if ( all.unit[i].smmu )
            rtl_smmu_destroy(all.unit[i].smmu);
    }
    memset(&all, 0, sizeof(all));
}

void beside_result(struct sim_rtl *result)
{
    *result = all.result;
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].rtl )
            result->cycles += rtl_unit_cycles(all.unit[i].rtl);
}

bool beside_active(void)
{
    return all.active;
}

struct sim_rtl *beside_counts(void)
{
    return &all.result;
}

struct beside_unit *beside_of(const void *model)
{
    for ( unsigned int i = 0; model && i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].model == model && all.unit[i].rtl )
            return &all.unit[i];
    return NULL;
}

struct beside_unit *beside_at(const struct port *port)
{
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].behind && all.unit[i].port.ops == port->ops &&
             all.unit[i].port.world == port->world )
            return &all.unit[i];
    return NULL;
}

void beside_disagree(const char *format, ...)
{
    va_list arguments;

    all.result.disagreements++;
    if ( *all.result.disagreement )
        return;
    va_start(arguments, format);
    vsnprintf(all.result.disagreement, sizeof(all.result.disagreement), format,
              arguments);
    va_end(arguments);
}

/* ---- the RTL's clock ---- */

/* What it has ticked since: @cost only says that nobody waits for it. */
static void charge(struct beside_unit *unit)
{
    uint64_t now = rtl_unit_cycles(unit->rtl);

    if ( now > unit->charged )
        unit->behind->ops->spend(unit->behind->world,
                                 (unsigned int)(now - unit->charged),
                                 COST_WALK_STEP);
    unit->charged = now;
}

/* Its request goes on until it wants a word; others may have it when it has
 * answered. */
static void went_on(struct beside_unit *unit)
{
    struct beside_call *call = unit->owner;
    uint64_t address;

    charge(unit);
    if ( rtl_unit_wants(unit->rtl, &address) )
        return;
    if ( unit->vtd )
        rtl_vtd_answer(unit->vtd, &call->answer.vtd);
    else
        rtl_smmu_answer(unit->smmu, &call->answer.smmu);
    call->answered = true;
    unit->owner = NULL;
}

/* A word has been read in @latency cycles, which have passed already. */
static void give(struct beside_unit *unit, struct beside_call *call,
                 uint64_t address, uint64_t value, bool ok, uint64_t latency)
{
    uint64_t wanted;

    if ( call->answered || !rtl_unit_wants(unit->rtl, &wanted) ||
         wanted != address )
    {
        call->strayed = true;
        return;
    }
    all.result.reads++;
    unit->charged += latency;
    rtl_unit_word(unit->rtl, value, ok, latency ? (unsigned int)latency : 1);
    went_on(unit);
}

void beside_acquire(struct beside_unit *unit)
{
    while ( unit->owner )
        port_relax(&unit->port);
}

void beside_started(struct beside_unit *unit, struct beside_call *call,
                    unsigned int spent)
{
    call->started = true;
    unit->owner = call;
    unit->charged += spent;
    went_on(unit);
}

/* Words that the C model does not want: until the RTL wants that at @address,
 * or has answered. */
static void serve_alone(struct beside_unit *unit, struct beside_call *call,
                        uint64_t address)
{
    uint64_t wanted;

    for ( unsigned int i = 0; !call->answered; i++ )
    {
        uint64_t begin = platform_unit_now(unit->platform, unit->number);
        uint64_t value = 0;
        bool ok;

        if ( !rtl_unit_wants(unit->rtl, &wanted) || wanted == address )
            return;
        call->strayed = true;
        unit->call = NULL;
        ok = i < MAX_STRAYED &&
             unit->behind->ops->read(unit->behind->world, wanted, &value, WORD,
                                     WORD);
        unit->call = call;
        give(unit, call, wanted, value, ok,
             platform_unit_now(unit->platform, unit->number) - begin);
    }
}

void beside_serve_alone(struct beside_unit *unit, struct beside_call *call)
{
    serve_alone(unit, call, UINT64_MAX);
}

bool beside_ended(struct beside_unit *unit, struct beside_call *call, bool hit,
                  bool rtl_hit)
{
    bool same;

    if ( !call->started )
    {
        unit->apart = true;
        return false;
    }
    same = hit == rtl_hit && !call->strayed;
    if ( rtl_unit_broken(unit->rtl) )
        beside_disagree("an assertion of the RTL has failed");
    else if ( !same && !unit->apart )
        beside_disagree("the C model hit %d, the RTL %d%s", hit, rtl_hit,
                        call->strayed ? ", and they read other words" : "");
    all.result.apart += !same && unit->apart;
    return same;
}

void beside_invalidated(struct beside_unit *unit)
{
    all.result.invalidations++;
    while ( rtl_unit_invalidating(unit->rtl) )
    {
        if ( unit->owner )
        {
            port_relax(&unit->port);
            continue;
        }
        rtl_unit_finish(unit->rtl);
        charge(unit);
    }
}

/* ---- the port ---- */

static bool own_read(void *world, uint64_t address, void *buffer,
                     unsigned int len, unsigned int atom)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    uint64_t begin = platform_unit_now(unit->platform, unit->number);
    uint64_t latency, value = 0;
    bool ok;

    if ( call && call->started && len == WORD )
    {
        serve_alone(unit, call, address);
        begin = platform_unit_now(unit->platform, unit->number);
    }
    unit->call = NULL;
    ok = unit->behind->ops->read(unit->behind->world, address, buffer, len,
                                 atom);
    unit->call = call;
    if ( !call || !call->started || len != WORD )
        return ok;
    latency = platform_unit_now(unit->platform, unit->number) - begin;
    if ( ok )
        memcpy(&value, buffer, WORD);
    give(unit, call, address, value, ok, latency);
    return ok;
}

static bool own_write(void *world, uint64_t address, const void *buffer,
                      unsigned int len, unsigned int atom)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    bool ok;

    unit->call = NULL;
    ok = unit->behind->ops->write(unit->behind->world, address, buffer, len,
                                  atom);
    unit->call = call;
    return ok;
}

static bool own_cmpxchg(void *world, uint64_t address, void *expected,
                        const void *desired, unsigned int len, bool *swapped)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    bool ok;

    unit->call = NULL;
    ok = unit->behind->ops->cmpxchg(unit->behind->world, address, expected,
                                    desired, len, swapped);
    unit->call = call;
    return ok;
}

static void own_msi(void *world, uint64_t address, uint32_t data)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->msi(unit->behind->world, address, data);
    unit->call = call;
}

static void own_wire(void *world, unsigned int line, bool level)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->wire(unit->behind->world, line, level);
    unit->call = call;
}

/* Lookup and walk are the RTL's, and so is what they cost. */
static bool is_translation(enum cost what)
{
    return what == COST_TLB_LOOKUP || what == COST_WALK_LOOKUP ||
           what == COST_WALK_START || what == COST_WALK_STEP;
}

static void own_spend(void *world, unsigned int cycles, enum cost what)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    if ( call && call->started && is_translation(what) )
        return;
    /* A CD is fetched through stage 2: the C model's TLB is filled with what
     * the RTL, which is given the CD, has never seen. */
    if ( call && what == COST_WALK_STEP )
        unit->apart = true;
    unit->call = NULL;
    unit->behind->ops->spend(unit->behind->world, cycles, what);
    unit->call = call;
}

static void own_relax(void *world)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->relax(unit->behind->world);
    unit->call = call;
}

static const struct port_ops own_ops = {
    .read = own_read,
    .write = own_write,
    .cmpxchg = own_cmpxchg,
    .msi = own_msi,
    .wire = own_wire,
    .spend = own_spend,
    .relax = own_relax,
};

const struct port *beside_port(struct platform *platform, unsigned int number,
                               const struct port *port)
{
    struct beside_unit *unit = &all.unit[number];

    *unit = (struct beside_unit) { .platform = platform,
                                   .number = number,
                                   .behind = port,
                                   .port = { &own_ops, unit } };
    return &unit->port;
}
