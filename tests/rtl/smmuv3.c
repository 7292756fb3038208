/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMMUv3 in lockstep.  Each epoch has a random world; in it requests,
 * commands, and stores to the tables with and without a command.
 *
 * A store and a command may also come in the middle of a walk, just before
 * its k-th read of memory: the RTL runs first, its memory orders both; then
 * the old word is put back, and the C model runs to the same read.
 */
#include "lockstep.h"
#include "smmu_world.h"

#include <rtl/rtl_smmu.h>

#include <stdlib.h>
#include <string.h>

/* Transactions with one set of tables. */
#define EPOCH 20000u

/* What comes into the middle of a walk. */
struct meeting {
    unsigned int read; /* before it; 0: nothing does */
    struct change change;
    uint64_t old;
    struct rtl_smmu_command command;
    bool met;
};

struct run {
    struct world world;
    struct rtl_smmu *rtl;
    struct lockstep_result *result;
    const struct request *request;
    struct response response;
    struct event event;
    struct meeting meeting;
    bool commanding; /* the queue is read */
    struct trail rtl_trail, c_trail;
};

/* ---- memory, as both sides see it ---- */

static bool rtl_read(void *world, uint64_t address, uint64_t *value)
{
    struct run *run = world;
    struct meeting *meeting = &run->meeting;

    trail_follow(&run->rtl_trail, address);
    if ( run->rtl_trail.reads == meeting->read )
    {
        rig_store(&run->world.rig, meeting->change.address,
                  meeting->change.value);
        rtl_smmu_submit(run->rtl, &meeting->command);
        meeting->met = true;
    }
    return ram_probe(&run->world.rig.ram, address, value, 8);
}

/* STEs and CDs are in their caches: what is left is of walks and queues. */
static void before_c_read(struct rig *rig, uint64_t address, bool write)
{
    struct run *run = rig->ram.context;
    const struct meeting *meeting = &run->meeting;

    if ( write || run->commanding )
        return;
    trail_follow(&run->c_trail, address);
    if ( !meeting->met || run->c_trail.reads != meeting->read )
        return;
    rig_store(rig, meeting->change.address, meeting->change.value);
    run->commanding = true;
    rig_submit(rig, meeting->command.word[0], meeting->command.word[1]);
    run->commanding = false;
}

/* ---- one transaction on each side ---- */

static void c_translate(struct run *run)
{
    run->c_trail.reads = 0;
    run->c_trail.hash = 0;
    if ( run->meeting.met )
        rig_store(&run->world.rig, run->meeting.change.address,
                  run->meeting.old);
    smmuv3_translate(run->world.rig.smmu, run->request, &run->response);
    memset(&run->event, 0, sizeof(run->event));
    if ( run->response.reason )
        (void)rig_event(&run->world.rig, &run->event);
}

static void rtl_translate(struct run *run, const struct stream *stream,
                          struct rtl_smmu_response *answer)
{
    const struct request *request = run->request;
    struct rtl_smmu_request wanted = {
        .address = request->address,
        .read = request->access != REQUEST_WRITE,
        .write = request->access != REQUEST_READ,
        .privileged = request->privileged,
        .execute = request->execute,
    };

    for ( unsigned int i = 0; i < 4; i++ )
        wanted.ste[i] = rig_load(&run->world.rig, stream->ste + i * 8);
    for ( unsigned int i = 0; i < 3; i++ )
        wanted.cd[i] = rig_load(&run->world.rig, stream->cd + i * 8);
    run->rtl_trail.reads = 0;
    run->rtl_trail.hash = 0;
    rtl_smmu_translate(run->rtl, &wanted, answer);
}

/* True: CERROR_ILL; the command is replaced, as drivers do. */
static bool c_command(struct run *run, const struct rtl_smmu_command *command)
{
    struct rig *rig = &run->world.rig;

    rig_submit(rig, command->word[0], command->word[1]);
    if ( !rig_error_active(rig) )
        return false;
    rig_store(rig, rig->cmdq + (rig_cons_index(rig) & 0xff) * 16, CMD_SYNC);
    rig_acknowledge(rig);
    return true;
}

/* ---- comparing ---- */

enum { FETCH_ADDRESS = 0x0b, FIRST_FAULT = 0x10 };

static bool same_event(const struct event *event,
                       const struct rtl_smmu_response *rtl)
{
    uint64_t address = 0;

    if ( rtl->fault == FETCH_ADDRESS )
        address = rtl->fault_address & UINT64_C(0xfffffffffffff8);
    else if ( rtl->s2 )
        address = rtl->fault_address & UINT64_C(0xfffffffffff000);
    return rig_bits(event, 7, 0) == rtl->fault &&
           rig_bits(event, 103, 103) == rtl->s2 &&
           rig_bits(event, 105, 104) == rtl->fault_class &&
           rig_bits(event, 97, 97) == rtl->privileged &&
           rig_bits(event, 98, 98) == rtl->execute &&
           event->word[3] == address;
}

static bool agree(const struct run *run, const struct rtl_smmu_response *rtl)
{
    static const uint64_t mask[4] = { 0xfff, 0x1fffff, 0x3fffffff, 0 };
    const struct response *c = &run->response;

    if ( rtl_unit_broken(rtl_smmu_unit(run->rtl)) || c->hit != rtl->hit ||
         run->c_trail.reads != run->rtl_trail.reads ||
         run->c_trail.hash != run->rtl_trail.hash )
        return false;
    if ( c->reason || c->status != RESPONSE_OK )
        return rtl->fault == c->reason && same_event(&run->event, rtl);
    return !rtl->fault && c->address == rtl->address &&
           c->mask == mask[rtl->size] && c->rights == rtl->rights;
}

#define LLU(x) ((unsigned long long)(x))

static void tell_answers(const struct run *run,
                         const struct rtl_smmu_response *rtl)
{
    const struct response *c = &run->response;

    lockstep_tell(run->result,
                  "  C model: event %x (%s), words %llx %llx, hit %d, "
                  "address %llx, mask %llx, rights %x\n",
                  c->reason, c->condition ? c->condition : "none",
                  LLU(run->event.word[1]), LLU(run->event.word[3]), c->hit,
                  LLU(c->address), LLU(c->mask), c->rights);
    lockstep_tell(run->result,
                  "  RTL:     event %x, S2 %d, CLASS %u, address %llx, hit "
                  "%d, address %llx, size %u, rights %x\n",
                  rtl->fault, rtl->s2, rtl->fault_class,
                  LLU(rtl->fault_address), rtl->hit, LLU(rtl->address),
                  rtl->size, rtl->rights);
}

static void tell(const struct run *run, const struct stream *stream,
                 const struct rtl_smmu_response *rtl)
{
    static const char *const access[] = { "read", "write", "atomic" };
    const struct meeting *meeting = &run->meeting;
    const struct request *request = run->request;

    lockstep_tell(run->result,
                  "transaction %llu: %s%s%s at %llx, StreamID %u, Config "
                  "%u\n",
                  LLU(run->result->transactions), access[request->access],
                  request->privileged ? ", privileged" : "",
                  request->execute ? ", execute" : "", LLU(request->address),
                  stream->sid, stream->config);
    tell_answers(run, rtl);
    if ( rtl_unit_broken(rtl_smmu_unit(run->rtl)) )
        lockstep_tell(run->result, "  an assertion of the RTL has failed\n");
    lockstep_tell_trails(run->result, &run->c_trail, &run->rtl_trail);
    if ( meeting->met )
        lockstep_tell(run->result,
                      "  before read %u: %llx becomes %llx (was %llx), "
                      "command %llx %llx\n",
                      meeting->read, LLU(meeting->change.address),
                      LLU(meeting->change.value), LLU(meeting->old),
                      LLU(meeting->command.word[0]),
                      LLU(meeting->command.word[1]));
}

/* ---- traffic ---- */

/* @legal: no CERROR_ILL. */
static struct rtl_smmu_command any_command(struct world *world, bool legal)
{
    static const uint8_t opcodes[] = { 0x10, 0x11, 0x12, 0x12, 0x12, 0x13,
                                       0x20, 0x21, 0x22, 0x23, 0x28, 0x2a,
                                       0x2a, 0x30, 0x12, 0x13 };
    uint64_t opcode = opcodes[world_below(world, 16)];
    bool hyp = world->rig.config.idr[0] & 1u << 9;
    struct rtl_smmu_command command;
    uint64_t range;

    /* Everything of a kind goes: seldom, or nothing is ever hit. */
    if ( (opcode & 0xf) < 2 && !world_one_in(world, 4) )
        opcode = 0x12;
    if ( legal && !hyp && (opcode & 0xf0) == 0x20 && opcode < 0x28 )
        opcode = 0x12;
    command.word[0] = opcode | (uint64_t)(1 + world_below(world, 4)) << 32;
    command.word[0] |= (uint64_t)(1 + world_below(world, 4)) << 48;
    command.word[1] = world_address(world, world_below(world, WORLD_STREAMS)) &
                      ~UINT64_C(0xfff);
    command.word[1] |= world_below(world, 2); /* Leaf */
    if ( world_one_in(world, 2) )
        return command;
    range = world_below(world, 4) << 10; /* TG */
    range |= world_below(world, 4) << 8; /* TTL */
    command.word[1] |= range;
    range = world_one_in(world, 2) ? 0 : world_below(world, 32) << 12;
    command.word[0] |= range; /* NUM */
    range = world_one_in(world, 2) ? 0 :
                                     (uint64_t)world_below(world, 32) << 20;
    command.word[0] |= range; /* SCALE */
    if ( legal )
        command.word[0] |= 1u << 12;
    return command;
}

/* Mostly of the walk's own VMID. */
static void plan_meeting(struct run *run, const struct stream *stream)
{
    uint64_t vmid = rig_load(&run->world.rig, stream->ste + 16) & 0xffff;
    struct world *world = &run->world;
    struct meeting *meeting = &run->meeting;

    meeting->read = 1 + world_below(world, world_one_in(world, 2) ? 4 : 20);
    meeting->change = world_any_change(world);
    meeting->old = rig_load(&world->rig, meeting->change.address);
    meeting->command = any_command(world, true);
    if ( !world_one_in(world, 4) )
        meeting->command.word[0] = (meeting->command.word[0] &
                                    ~(UINT64_C(0xffff) << 32)) |
                                   vmid << 32;
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
    unsigned int n = world_below(world, WORLD_STREAMS);
    const struct stream *stream = &world->stream[n];
    struct request request = rig_request(stream->sid, world_address(world, n),
                                         REQUEST_READ);
    struct rtl_smmu_response answer;

    request.access = any_access(world);
    request.privileged = world_one_in(world, 2);
    request.execute = world_one_in(world, 4);
    run->request = &request;
    run->meeting = (struct meeting) { 0 };
    if ( !calm && world_one_in(world, 24) )
    {
        uint64_t *last = world->last;

        plan_meeting(run, stream);
        world->last = last;
    }

    rtl_translate(run, stream, &answer);
    c_translate(run);
    if ( answer.fault )
        world_forget(world);
    run->result->hits += answer.hit;
    run->result->walks += run->rtl_trail.reads != 0;
    run->result->reads += run->rtl_trail.reads;
    run->result->faults += answer.fault != 0;
    run->result->met += run->meeting.met;
    if ( !agree(run, &answer) )
        tell(run, stream, &answer);
}

static void one_invalidation(struct run *run)
{
    struct world *world = &run->world;
    struct rtl_smmu_command command = any_command(world, false);
    uint64_t cycles;
    bool illegal;

    if ( !world_one_in(world, 4) )
    {
        struct change change = world_any_change(world);

        rig_store(&world->rig, change.address, change.value);
    }
    illegal = c_command(run, &command);
    if ( rtl_smmu_invalidate(run->rtl, &command, &cycles) == illegal )
        snprintf(run->result->disagreement, sizeof(run->result->disagreement),
                 "transaction %llu: command %llx %llx: the C model finds it "
                 "%s, the RTL does not\n",
                 LLU(run->result->transactions), LLU(command.word[0]),
                 LLU(command.word[1]), illegal ? "illegal" : "legal");
    run->result->invalidations++;
}

static void one_store(struct run *run)
{
    struct change change = world_any_change(&run->world);

    rig_store(&run->world.rig, change.address, change.value);
}

/* ---- runs ---- */

static void start_rtl(struct run *run, const struct lockstep_options *options)
{
    const struct world *world = &run->world;
    struct rtl_smmu_config config = {
        .size = options->size,
        .idr0 = world->rig.config.idr[0],
        .idr1 = world->rig.config.idr[1],
        .idr3 = world->rig.config.idr[3],
        .idr5 = world->rig.config.idr[5],
        .e2h = world->e2h,
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
        rtl_smmu_reset(run->rtl, &config);
        return;
    }
    run->rtl = rtl_smmu_create(&config, &memory);
    if ( options->waves &&
         !rtl_unit_trace(rtl_smmu_unit(run->rtl), options->waves) )
        snprintf(
            run->result->disagreement, sizeof(run->result->disagreement),
            "%s: can't be written, or this size has no waves (--size 1 has)\n",
            options->waves);
}

static void epoch(struct run *run, const struct lockstep_options *options,
                  uint64_t seed)
{
    struct lockstep_result *result = run->result;
    struct ram *ram = &run->world.rig.ram;

    world_create(&run->world, seed, rtl_entries(options->size),
                 rtl_ways(options->size));
    ram->context = run;
    ram->before = before_c_read;
    start_rtl(run, options);
    /* In every third, walks that outlast the sweep of an invalidation. */
    rtl_unit_set_latency(rtl_smmu_unit(run->rtl), 1, seed % 3 ? 3 : 24);
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
    for ( uint64_t seed = options->seed;
          result->transactions < options->transactions &&
          !*result->disagreement;
          seed++ )
    {
        epoch(run, options, seed);
        if ( lockstep_progress )
            lockstep_progress(result);
    }
    result->cycles = rtl_unit_cycles(rtl_smmu_unit(run->rtl));
    rtl_smmu_destroy(run->rtl);
    free(run);
}

const struct lockstep lockstep_unit = { "smmuv3", run_units };