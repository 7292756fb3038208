/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens inside the unit's own port calls: register writes while the
 * engine of the queue or the recording of an event is at work, requests that
 * wait for a slot or for each other's record.
 */
#include "expect.h"
#include "fibers.h"
#include "rig.h"

#include <string.h>

#define CS_IRQ (UINT64_C(1) << 12)

/* ---- register writes ---- */

/* Once, when the unit comes to @at. */
struct meddler {
    uint64_t at;
    uint32_t offset, value;
    uint32_t cr0ack; /* as it is read just behind the write */
    unsigned int times;
};

static void meddle(struct rig *rig, uint64_t address, bool write)
{
    struct meddler *meddler = rig->ram.context;

    (void)write;
    if ( address != meddler->at || meddler->times++ )
        return;
    rig_set32(rig, meddler->offset, meddler->value);
    meddler->cr0ack = rig_get32(rig, CR0ACK);
}

/* 6.3.9: the Update of CMDQEN ends when the command in hand has ended. */
static void CMDQEN_is_acknowledged_when_the_engine_rests(void **state)
{
    struct meddler meddler = { .offset = CR0, .value = 0x5 };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    rig_set32(&rig, CR0, 0x5);
    rig_submit(&rig, CMD_SYNC, 0);
    rig_submit(&rig, CMD_SYNC, 0);
    meddler.at = rig.cmdq;
    rig.ram.context = &meddler;
    rig.ram.before = meddle;
    rig_set32(&rig, CR0, 0xd);
    assert_int_equal(meddler.times, 1);
    assert_int_equal(meddler.cr0ack, 0xd);
    assert_int_equal(rig_get32(&rig, CR0ACK), 0x5);
    assert_int_equal(rig_get32(&rig, CMDQ_CONS), 1);
    rig_destroy(&rig);
}

/* Guarded by CMDQEN until its Update has ended. */
static void CMDQ_BASE_is_guarded_until_then(void **state)
{
    struct meddler meddler = { .offset = CMDQ_BASE + 4, .value = 0x12 };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    meddler.at = rig.cmdq;
    rig.ram.context = &meddler;
    rig.ram.before = meddle;
    rig_submit(&rig, CMD_SYNC, 0);
    assert_int_equal(meddler.times, 1);
    assert_int_equal(rig_get64(&rig, CMDQ_BASE), rig.cmdq | rig.cmdq_log2);
    rig_destroy(&rig);
}

/* The engine goes on to the new PROD; nobody starts a second one. */
static void PROD_may_move_while_the_engine_runs(void **state)
{
    struct meddler meddler = { .offset = CMDQ_PROD, .value = 3 };
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    for ( uint64_t i = 0; i < 3; i++ )
        rig_store(&rig, rig.cmdq + i * 16, CMD_SYNC | CS_IRQ);
    meddler.at = rig.cmdq;
    rig.ram.context = &meddler;
    rig.ram.before = meddle;
    rig_set32(&rig, CMDQ_PROD, 1);
    assert_int_equal(rig.edges.sync, 3);
    assert_int_equal(rig_get32(&rig, CMDQ_CONS), 3);
    rig_destroy(&rig);
}

/* 6.3.9: a record that is being written becomes visible before the Update. */
static void EVENTQEN_is_acknowledged_when_the_record_is_there(void **state)
{
    struct meddler meddler = { .offset = CR0, .value = 0x9 };
    struct event event;
    struct rig rig;

    (void)state;
    rig_start(&rig, NULL);
    meddler.at = rig.eventq;
    rig.ram.context = &meddler;
    rig.ram.before = meddle;
    assert_int_equal(rig_read(&rig, 1, IOVA), ABORTED | C_BAD_STE);
    assert_int_equal(meddler.times, 1);
    assert_int_equal(meddler.cr0ack, 0xd);
    assert_int_equal(rig_get32(&rig, CR0ACK), 0x9);
    assert_int_equal(rig_event(&rig, &event), C_BAD_STE);
    rig_destroy(&rig);
}

/* ---- several requests ---- */

struct world {
    struct rig rig;
    struct port_ops ops;
    struct port port;
    struct fibers *fibers;
    struct device device;
    uint64_t result[3];
};

static struct world *world_of(void *port_world)
{
    return ((struct ram *)port_world)->context;
}

static void yield(struct world *world, bool waits)
{
    if ( fibers_inside(world->fibers) )
        fibers_yield(world->fibers, waits);
}

static bool yielding_read(void *port_world, uint64_t address, void *buffer,
                          unsigned int len, unsigned int atom)
{
    struct world *world = world_of(port_world);

    (void)atom;
    if ( address + len > RIG_MEMORY )
        return false;
    memcpy(buffer, world->rig.ram.memory + address, len);
    yield(world, false);
    return true;
}

static bool yielding_write(void *port_world, uint64_t address,
                           const void *buffer, unsigned int len,
                           unsigned int atom)
{
    struct world *world = world_of(port_world);

    (void)atom;
    yield(world, false);
    memcpy(world->rig.ram.memory + address, buffer, len);
    yield(world, false);
    return true;
}

static void yielding_relax(void *port_world)
{
    yield(world_of(port_world), true);
}

static void world_create(struct world *world, unsigned int slots)
{
    struct smmuv3_config config;

    memset(world, 0, sizeof(*world));
    rig_config(&config);
    config.slots = slots;
    rig_start(&world->rig, &config);
    rig_device(&world->rig, &world->device, STAGE1);
    world->rig.ram.context = world;
    world->fibers = fibers_create();
    world->ops = *world->rig.ram.port.ops;
    world->ops.read = yielding_read;
    world->ops.write = yielding_write;
    world->ops.relax = yielding_relax;
    world->port = (struct port) { &world->ops, &world->rig.ram };
    smmuv3_init(world->rig.smmu, &world->rig.config, &world->port);
}

static void world_reset(struct world *world)
{
    smmuv3_reset(world->rig.smmu);
    rig_enable(&world->rig);
    memset(world->rig.ram.memory + world->rig.eventq, 0, 0x1000);
}

static void world_destroy(struct world *world)
{
    fibers_destroy(world->fibers);
    rig_destroy(&world->rig);
}

/* Streams 1 and 2 have STEs of zeroes. */
static void fault_1(void *argument)
{
    struct world *world = argument;

    world->result[1] = rig_read(&world->rig, 1, IOVA);
}

static void fault_2(void *argument)
{
    struct world *world = argument;

    world->result[2] = rig_read(&world->rig, 2, IOVA);
}

/* Both records are whole and in the queue; one edge, or two. */
static void records_of_two_faults_do_not_mix(void **state)
{
    static fiber_fn *const actors[] = { fault_1, fault_2 };
    struct choices choices = { .length = 0 };
    unsigned int runs = 0;
    struct world world;

    (void)state;
    world_create(&world, 4);
    do
    {
        struct event event;
        uint64_t sids = 0;

        world_reset(&world);
        assert_true(fibers_run(world.fibers, actors, 2, &world, &choices));
        for ( unsigned int i = 0; i < 2; i++ )
        {
            assert_int_equal(rig_event(&world.rig, &event), C_BAD_STE);
            sids |= 1u << rig_bits(&event, 63, 32);
        }
        assert_int_equal(sids, 6);
        assert_int_equal(rig_event(&world.rig, &event), 0);
        runs++;
    } while ( choices_next(&choices) );
    assert_in_range(runs, 10, UINT32_MAX);
    world_destroy(&world);
}

static void good(void *argument)
{
    struct world *world = argument;

    world->result[0] = rig_read(&world->rig, SID, IOVA);
}

/* With one slot a request waits until the other one has ended. */
static void requests_wait_for_a_slot(void **state)
{
    static fiber_fn *const actors[] = { good, fault_1 };
    struct choices choices = { .length = 0 };
    struct world world;

    (void)state;
    world_create(&world, 1);
    do
    {
        world_reset(&world);
        memset(world.result, 0, sizeof(world.result));
        assert_true(fibers_run(world.fibers, actors, 2, &world, &choices));
        assert_int_equal(world.result[0], world.device.page);
        assert_int_equal(world.result[1], ABORTED | C_BAD_STE);
    } while ( choices_next(&choices) );
    world_destroy(&world);
}

static void prefetch(void *argument)
{
    struct world *world = argument;

    rig_submit(&world->rig, CMD_SID(0x02, SID), IOVA);
}

/* A prefetch without a slot is given up: it may not wait for a request that
 * may be waiting for the queue. */
static void a_prefetch_does_not_wait_for_a_slot(void **state)
{
    static fiber_fn *const actors[] = { good, prefetch };
    struct choices choices = { .length = 0 };
    struct world world;

    (void)state;
    world_create(&world, 1);
    do
    {
        world_reset(&world);
        assert_true(fibers_run(world.fibers, actors, 2, &world, &choices));
        assert_int_equal(world.result[0], world.device.page);
        assert_int_equal(rig_get32(&world.rig, CMDQ_CONS), 1);
    } while ( choices_next(&choices) );
    world_destroy(&world);
}

/* 6.3.9.6: a request that began before ends as it would, and fills nothing. */
static void a_walk_that_SMMUEN_interrupts_fills_nothing(void **state)
{
    struct meddler meddler = { .offset = CR0, .value = 0xc };
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, STAGE1);
    meddler.at = rig_entry(&rig, &device.s1, IOVA, 3);
    rig.ram.context = &meddler;
    rig.ram.before = meddle;
    assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
    assert_int_equal(meddler.times, 1);
    assert_int_equal(meddler.cr0ack, 0xd);
    assert_int_equal(rig_get32(&rig, CR0ACK), 0xc);
    rig_set32(&rig, CR0, 0xd);
    assert_false(rig_hits(&rig, SID, IOVA));
    rig_destroy(&rig);
}

/* ---- who is waited for ---- */

struct command {
    uint64_t at, low, high;
    bool done;
};

static void command_and_sync(struct rig *rig, uint64_t address, bool write)
{
    struct command *command = rig->ram.context;

    (void)write;
    if ( address != command->at || command->done )
        return;
    command->done = true;
    rig_command(rig, command->low, command->high);
}

/* A SYNC waits for nobody whom its invalidations do not concern. */
static void a_SYNC_does_not_wait_for_others(void **state)
{
    static const struct {
        const char *row;
        unsigned int config;
        uint64_t low, high;
    } rows[] = {
        { "SYNC alone", STAGE1, CMD_SYNC, 0 },
        { "CFGI_STE", STAGE1, CMD_SID(0x03, SID + 1), 0 },
        { "CFGI_CD", STAGE1, CMD_CD(SID + 1, 0), 0 },
        { "RANGE", STAGE1, CMD_SID(0x04, SID + 1), 0 },
        { "NH_ALL", STAGE1, CMD_TLBI(0x10, VMID + 1, 0), 0 },
        { "NH_VAA", STAGE1, CMD_TLBI(0x13, VMID + 1, 0), IOVA },
        { "S12_VMALL", NESTED, CMD_TLBI(0x28, VMID + 1, 0), 0 },
        { "S2_IPA", STAGE1, CMD_TLBI(0x2a, VMID + 1, 0), IOVA },
        { "EL2_ALL", NESTED, 0x20, 0 },
        { "EL2_VAA", STAGE2, 0x23, IOVA },
        { "NH_ALL, stage 2 alone", STAGE2, CMD_TLBI(0x10, VMID, 0), 0 },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_READ);
        struct command command = { .low = rows[i].low, .high = rows[i].high };
        struct response response;
        struct device device = { 0 };
        struct rig rig;
        uint32_t data;

        rig_start(&rig, NULL);
        rig_device(&rig, &device, rows[i].config);
        command.at = device.page;
        rig.ram.context = &command;
        rig.ram.before = command_and_sync;
        smmuv3_access(rig.smmu, &request, &rig.ram.port, &data, &response);
        assert_int_equal(response.status, RESPONSE_OK);
        assert_true(command.done);
        expect_equal(rows[i].row, rig.ram.relaxes, 0);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(CMDQEN_is_acknowledged_when_the_engine_rests),
        cmocka_unit_test(CMDQ_BASE_is_guarded_until_then),
        cmocka_unit_test(PROD_may_move_while_the_engine_runs),
        cmocka_unit_test(EVENTQEN_is_acknowledged_when_the_record_is_there),
        cmocka_unit_test(records_of_two_faults_do_not_mix),
        cmocka_unit_test(requests_wait_for_a_slot),
        cmocka_unit_test(a_prefetch_does_not_wait_for_a_slot),
        cmocka_unit_test(a_walk_that_SMMUEN_interrupts_fills_nothing),
        cmocka_unit_test(a_SYNC_does_not_wait_for_others),
    };

    return RUN(tests);
}
