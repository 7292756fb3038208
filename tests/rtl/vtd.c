/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-d in lockstep.  Each epoch has a random world; in it requests,
 * invalidations, and stores to the tables with and without an invalidation.
 *
 * A store and an invalidation may also come in the middle of a walk, after
 * its k-th read of memory: the RTL runs first, its memory orders both; then
 * the old word is put back, and the C model runs to the same read, in a
 * coroutine.
 */
#include "lockstep.h"
#include "vtd_world.h"

#include <explore/coroutine.h>
#include <rtl/rtl_vtd.h>

#include <stdlib.h>
#include <string.h>

/* Transactions with one set of tables. */
#define EPOCH 20000u

/* What comes into the middle of a walk. */
struct meeting {
    unsigned int read; /* after it; 0: nothing does */
    uint64_t address, old, new;
    struct rtl_vtd_invalidation command;
    bool met;
};

struct run {
    struct world world;
    struct rtl_vtd *rtl;
    struct lockstep_result *result;
    struct coroutine *walker;
    struct port_ops ops;
    const struct request *request;
    struct response response;
    struct meeting meeting;
    struct trail rtl_trail, c_trail;
};

/* ---- memory, as both sides see it ---- */

static bool rtl_read(void *world, uint64_t address, uint64_t *value)
{
    struct run *run = world;
    struct meeting *meeting = &run->meeting;
    bool ok = ram_probe(&run->world.rig.ram, address, value, 8);

    trail_follow(&run->rtl_trail, address);
    if ( run->rtl_trail.reads == meeting->read )
    {
        rig_store(&run->world.rig, meeting->address, meeting->new);
        rtl_vtd_submit(run->rtl, &meeting->command);
        meeting->met = true;
    }
    return ok;
}

static struct run *running; /* the port's world is the ram */

static bool c_read(void *world, uint64_t address, void *buffer,
                   unsigned int len, unsigned int atom)
{
    struct run *run = running;
    const struct port_ops *ram = run->world.rig.ram.port.ops;
    bool ok = ram->read(world, address, buffer, len, atom);

    if ( len != 8 ) /* root and context entries */
        return ok;
    trail_follow(&run->c_trail, address);
    if ( run->meeting.met && run->c_trail.reads == run->meeting.read )
        coroutine_yield(run->walker);
    return ok;
}

/* The invalidation waits for the walk. */
static void c_relax(void *world)
{
    (void)world;
    coroutine_resume(running->walker);
}

/* ---- one transaction on each side ---- */

static void c_walk(struct coroutine *self, void *argument)
{
    struct run *run = argument;

    (void)self;
    vtd_translate(run->world.rig.vtd, run->request, &run->response);
}

static void c_invalidate(struct run *run,
                         const struct rtl_vtd_invalidation *command)
{
    rig_iotlb(&run->world.rig, command->g, command->did,
              command->address & ~UINT64_C(0xfff), command->am, false);
}

static void c_translate(struct run *run)
{
    struct meeting *meeting = &run->meeting;

    run->c_trail.reads = 0;
    run->c_trail.hash = 0;
    if ( !meeting->met )
    {
        vtd_translate(run->world.rig.vtd, run->request, &run->response);
        return;
    }
    rig_store(&run->world.rig, meeting->address, meeting->old);
    coroutine_restart(run->walker);
    coroutine_resume(run->walker);
    rig_store(&run->world.rig, meeting->address, meeting->new);
    c_invalidate(run, &meeting->command);
    while ( !coroutine_finished(run->walker) )
        coroutine_resume(run->walker);
}

static void rtl_translate(struct run *run, const struct domain *domain,
                          struct rtl_vtd_response *answer)
{
    const struct request *request = run->request;
    bool any = request->access == REQUEST_READ && !request->size &&
               run->world.zlr;
    struct rtl_vtd_request wanted = {
        .did = (uint16_t)domain->did,
        .slptptr = domain->slptptr,
        .aw48 = domain->aw48,
        .address = request->address,
        .read = request->access != REQUEST_WRITE,
        .write = request->access != REQUEST_READ,
        .any = any,
    };

    run->rtl_trail.reads = 0;
    run->rtl_trail.hash = 0;
    rtl_vtd_translate(run->rtl, &wanted, answer);
}

/* ---- comparing ---- */

static bool agree(const struct run *run, const struct rtl_vtd_response *rtl)
{
    static const uint64_t mask[4] = { 0xfff, 0x1fffff, 0x3fffffff, 0 };
    const struct response *c = &run->response;

    if ( rtl_unit_broken(rtl_vtd_unit(run->rtl)) || c->hit != rtl->hit ||
         run->c_trail.reads != run->rtl_trail.reads ||
         run->c_trail.hash != run->rtl_trail.hash )
        return false;
    if ( c->status != RESPONSE_OK )
        return rtl->fault == c->reason;
    return !rtl->fault && c->address == rtl->address &&
           c->mask == mask[rtl->size] &&
           c->rights == (rtl->read | (uint32_t)rtl->write << 1);
}

#define LLU(x) ((unsigned long long)(x))

static void tell_answers(const struct run *run,
                         const struct rtl_vtd_response *rtl)
{
    const struct response *c = &run->response;

    lockstep_tell(run->result,
                  "  C model: fault %x (%s), hit %d, address %llx, mask "
                  "%llx, rights %x\n",
                  c->reason, c->condition ? c->condition : "none", c->hit,
                  LLU(c->address), LLU(c->mask), c->rights);
    lockstep_tell(run->result,
                  "  RTL:     fault %x, hit %d, address %llx, size %u, "
                  "rights %x\n",
                  rtl->fault, rtl->hit, LLU(rtl->address), rtl->size,
                  rtl->read | (unsigned int)rtl->write << 1);
}

static void tell(const struct run *run, const struct domain *domain,
                 const struct rtl_vtd_response *rtl)
{
    static const char *const access[] = { "read", "write", "atomic" };
    const struct meeting *meeting = &run->meeting;

    lockstep_tell(run->result,
                  "transaction %llu: %s of %u bytes at %llx, DID %x, "
                  "SLPTPTR %llx, AW %d\n",
                  LLU(run->result->transactions), access[run->request->access],
                  run->request->size, LLU(run->request->address), domain->did,
                  LLU(domain->slptptr), domain->aw48 ? 48 : 39);
    tell_answers(run, rtl);
    if ( rtl_unit_broken(rtl_vtd_unit(run->rtl)) )
        lockstep_tell(run->result, "  an assertion of the RTL has failed\n");
    lockstep_tell_trails(run->result, &run->c_trail, &run->rtl_trail);
    if ( meeting->met )
        lockstep_tell(run->result,
                      "  after read %u: %llx becomes %llx (was %llx), "
                      "invalidation G %u DID %x address %llx AM %u\n",
                      meeting->read, LLU(meeting->address), LLU(meeting->new),
                      LLU(meeting->old), meeting->command.g,
                      meeting->command.did, LLU(meeting->command.address),
                      meeting->command.am);
}

/* ---- traffic ---- */

static struct rtl_vtd_invalidation any_command(struct world *world)
{
    struct rtl_vtd_invalidation command = { .g = 3 };

    if ( world_one_in(world, 64) )
        command.g = 1;
    else if ( world_one_in(world, 6) )
        command.g = 2;
    command.did = (uint16_t)(world_one_in(world, 16) ?
                                 world_below(world, 0x400) :
                                 world->domain[world_below(world, 4)].did);
    command.address = world_address(world, world_below(world, WORLD_DOMAINS)) &
                      ~UINT64_C(0xfff);
    /* CAP.MAMV is 18 */
    command.am = world_one_in(world, 2) ? 0 : world_below(world, 19);
    return command;
}

static void plan_meeting(struct run *run)
{
    struct world *world = &run->world;
    struct meeting *meeting = &run->meeting;

    meeting->read = 1 + world_below(world, 4);
    meeting->address = world_any_entry(world);
    meeting->old = rig_load(&world->rig, meeting->address);
    meeting->new = world_any_value(world);
    meeting->command = any_command(world);
}

static enum request_access any_access(struct world *world)
{
    static const enum request_access access[] = { REQUEST_READ, REQUEST_READ,
                                                  REQUEST_READ, REQUEST_WRITE,
                                                  REQUEST_ATOMIC };

    return access[world_below(world, 5)];
}

static void one_request(struct run *run, bool calm)
{
    struct world *world = &run->world;
    unsigned int n = world_below(world, WORLD_DOMAINS);
    const struct domain *domain = &world->domain[n];
    struct request request = rig_request(domain->sid, world_address(world, n),
                                         REQUEST_READ);
    struct rtl_vtd_response answer;

    if ( request.address >> 20 != 0xfee )
        request.access = any_access(world);
    if ( world_one_in(world, 32) )
        request.size = 0;
    run->request = &request;
    run->meeting = (struct meeting) { 0 };
    if ( !calm && world_one_in(world, 24) )
    {
        uint64_t *last = world->last;

        plan_meeting(run);
        world->last = last;
    }

    rtl_translate(run, domain, &answer);
    c_translate(run);
    if ( answer.fault )
        world_forget(world);
    run->result->hits += answer.hit;
    run->result->walks += run->rtl_trail.reads != 0;
    run->result->reads += run->rtl_trail.reads;
    run->result->faults += answer.fault != 0;
    run->result->met += run->meeting.met;
    if ( !agree(run, &answer) )
        tell(run, domain, &answer);
}

static void one_invalidation(struct run *run)
{
    struct rtl_vtd_invalidation command = any_command(&run->world);

    if ( !world_one_in(&run->world, 4) )
    {
        uint64_t entry = world_any_entry(&run->world);

        rig_store(&run->world.rig, entry, world_any_value(&run->world));
    }
    c_invalidate(run, &command);
    rtl_vtd_invalidate(run->rtl, &command);
    run->result->invalidations++;
}

static void one_store(struct run *run)
{
    uint64_t entry = world_any_entry(&run->world);

    rig_store(&run->world.rig, entry, world_any_value(&run->world));
}

/* ---- runs ---- */

static void start_rtl(struct run *run, const struct lockstep_options *options)
{
    const struct world *world = &run->world;
    struct rtl_vtd_config config = {
        .size = options->size,
        .haw = world->rig.config.haw,
        .mgaw = (unsigned int)(world->rig.config.cap >> 16 & 0x3f) + 1,
        .sllps = world->sllps,
        .sc = world->sc,
        .cm = world->cm,
    };
    struct rtl_memory memory = {
        .read = rtl_read,
        .world = run,
        .latency_min = 1,
        .latency_max = 3,
        .busy = 5,
        .seed = options->seed,
    };

    if ( run->rtl )
    {
        rtl_vtd_reset(run->rtl, &config);
        return;
    }
    run->rtl = rtl_vtd_create(&config, &memory);
    if ( options->waves &&
         !rtl_unit_trace(rtl_vtd_unit(run->rtl), options->waves) )
        snprintf(
            run->result->disagreement, sizeof(run->result->disagreement),
            "%s: can't be written, or this size has no waves (--size 1 has)\n",
            options->waves);
}

static void epoch(struct run *run, const struct lockstep_options *options,
                  uint64_t seed)
{
    struct lockstep_result *result = run->result;
    struct port *port;

    world_create(&run->world, seed, rtl_entries(options->size),
                 rtl_ways(options->size));
    /* The unit has copied the port: it is made anew on ours. */
    run->ops = *run->world.rig.ram.port.ops;
    run->ops.read = c_read;
    run->ops.relax = c_relax;
    port = &(struct port) { &run->ops, &run->world.rig.ram };
    run->world.rig.vtd = vtd_init(run->world.rig.vtd, &run->world.rig.config,
                                  port);
    running = run;
    rig_set_root(&run->world.rig, run->world.rig.root);
    rig_gcmd(&run->world.rig, 1u << 31, true);
    start_rtl(run, options);
    /* In every third, walks that outlast the sweep of an invalidation. */
    rtl_unit_set_latency(rtl_vtd_unit(run->rtl), 1, seed % 3 ? 3 : 24);
    for ( unsigned int i = 0; i < EPOCH && !*result->disagreement &&
                              result->transactions < options->transactions;
          i++, result->transactions++ )
    {
        unsigned int kind = world_below(&run->world, 64);

        if ( kind == 0 )
            one_invalidation(run);
        else if ( kind == 1 )
            one_store(run);
        else
            one_request(run, options->calm);
    }
    world_destroy(&run->world);
}

static void run_units(const struct lockstep_options *options,
                      struct lockstep_result *result)
{
    struct run *run = calloc(1, sizeof(*run));

    *result = (struct lockstep_result) { 0 };
    run->result = result;
    run->walker = coroutine_create(c_walk, run, COROUTINE_STACK);
    for ( uint64_t seed = options->seed;
          result->transactions < options->transactions &&
          !*result->disagreement;
          seed++ )
    {
        epoch(run, options, seed);
        if ( lockstep_progress )
            lockstep_progress(result);
    }
    result->cycles = rtl_unit_cycles(rtl_vtd_unit(run->rtl));
    rtl_vtd_destroy(run->rtl);
    coroutine_destroy(run->walker);
    free(run);
}

const struct lockstep lockstep_unit = { "vtd", run_units };