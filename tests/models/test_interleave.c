/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two requests and one change of a structure word with its invalidation, in
 * every order of their port calls.  A port call that nobody else's can depend
 * on (the read of a word that does not change) is no place to switch: it
 * commutes with everything.  Once the invalidation is complete
 *
 *   - no cache answers with what it removed,
 *   - no request that begins uses it, and
 *   - where a drain was asked for, no access that used it is still to come.
 *
 * That these checks can fail is shown with units that forget to poison walks
 * or to wait for accesses: inflight_poison() and inflight_pending() are
 * wrapped by the linker.
 */
#include "expect.h"
#include "fibers.h"
#include "rig.h"

#include <common/inflight.h>

#include <string.h>

#define OLD_PAGE UINT64_C(0x700000)
#define NEW_PAGE UINT64_C(0x701000)
#define STATUS   UINT64_C(0x702000)

enum command {
    IOTLB_PAGE,
    IOTLB_DOMAIN,
    IOTLB_GLOBAL,
    QUEUE_PAGE,
    CONTEXT_DEVICE,
    CONTEXT_DOMAIN,
    CONTEXT_GLOBAL,
    ROOT_TABLE, /* SRTP of a unit with ESRTPS */
    TRANSLATION_OFF,
    COMMANDS
};

static bool changes_context(enum command command)
{
    return command >= CONTEXT_DEVICE && command <= ROOT_TABLE;
}

struct scene {
    enum command command;
    unsigned int level; /* of the paging entry that changes, 1 or 2 */
    bool dr, dw;
    uint64_t without; /* CAP bits taken away */
    uint32_t version; /* 0: the default */
};

#define CAP_DWD_BIT (UINT64_C(1) << 54)
#define CAP_DRD_BIT (UINT64_C(1) << 55)
#define CAP_ESRTPS  (UINT64_C(1) << 63)

struct world {
    struct rig rig;
    struct port port; /* the rig's, yielding */
    struct fibers *fibers;
    struct scene scene;
    uint64_t word; /* the structure word that changes */
    uint64_t old_value, new_value;
    bool complete;      /* the invalidation, as software sees it */
    const char *broken; /* what happened afterwards that must not */
    bool late[2];       /* a read, a write of the old page came after it */
    unsigned int runs;
};

/* ---- seeded twins ---- */

static bool forget_to_poison, forget_to_wait;

void __real_inflight_poison(struct inflight *inflight, inflight_match *match,
                            const void *context);
void __wrap_inflight_poison(struct inflight *inflight, inflight_match *match,
                            const void *context);
bool __real_inflight_pending(const struct inflight *inflight,
                             const struct inflight_set *set,
                             unsigned int phases);
bool __wrap_inflight_pending(const struct inflight *inflight,
                             const struct inflight_set *set,
                             unsigned int phases);

void __wrap_inflight_poison(struct inflight *inflight, inflight_match *match,
                            const void *context)
{
    if ( !forget_to_poison )
        __real_inflight_poison(inflight, match, context);
}

bool __wrap_inflight_pending(const struct inflight *inflight,
                             const struct inflight_set *set,
                             unsigned int phases)
{
    return !forget_to_wait && __real_inflight_pending(inflight, set, phases);
}

/* ---- the port: the rig's memory ----
 * A request yields after it has read the word that changes, and before it
 * reads or writes its page.
 */

static struct world *world_of(void *port_world)
{
    return ((struct rig *)port_world)->context;
}

static void yield(struct world *world, bool waits)
{
    if ( fibers_inside(world->fibers) )
        fibers_yield(world->fibers, waits);
}

/* 6.5.4: does the unit owe a drain of reads, of writes? */
static bool owes_drain(const struct scene *scene, bool write)
{
    if ( scene->command >= ROOT_TABLE || scene->version >= 0x60 )
        return true;
    return write ? scene->dw && !(scene->without & CAP_DWD_BIT) :
                   scene->dr && !(scene->without & CAP_DRD_BIT);
}

static void note_access(struct world *world, uint64_t address, bool write)
{
    if ( address != OLD_PAGE || !world->complete )
        return;
    world->late[write] = true;
    if ( owes_drain(&world->scene, write) )
        world->broken = "an access that should have been drained";
}

static bool yielding_read(void *port_world, uint64_t address, void *buffer,
                          unsigned int len, unsigned int atom)
{
    struct world *world = world_of(port_world);

    (void)atom;
    if ( address >= OLD_PAGE )
        yield(world, false);
    note_access(world, address, false);
    if ( address + len > RIG_MEMORY )
        return false; /* untranslated */
    memcpy(buffer, world->rig.memory + address, len);
    if ( address == world->word )
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
    note_access(world, address, true);
    if ( address + len > RIG_MEMORY )
        return false;
    memcpy(world->rig.memory + address, buffer, len);
    if ( address == STATUS )
        world->complete = true;
    return true;
}

static void yielding_spend(void *port_world, unsigned int cycles,
                           enum cost what)
{
    (void)cycles;
    /* The walks yield at their reads; this is where a command begins. */
    if ( what == COST_INVALIDATE )
        yield(world_of(port_world), false);
}

static void yielding_relax(void *port_world)
{
    yield(world_of(port_world), true);
}

/* ---- actors ---- */

/* What the caches and tables answer now; after completion never the old. */
static void look(struct world *world)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);

    if ( world->complete &&
         rig_probe(&world->rig, &request).address == OLD_PAGE )
        world->broken = "a cache that answers with the old translation";
}

static void one_request(struct world *world, enum request_access access)
{
    struct request request = rig_request(SID, IOVA, access);
    bool began_after = world->complete;
    struct response response;
    uint32_t data = 1;

    vtd_access(world->rig.vtd, &request, &world->port, &data, &response);
    if ( began_after && response.address == OLD_PAGE )
        world->broken = "a request that began after the completion";
    look(world);
}

static void writer(void *argument)
{
    one_request(argument, REQUEST_WRITE);
}

static void reader(void *argument)
{
    one_request(argument, REQUEST_READ);
}

static void invalidate(struct world *world)
{
    struct rig *rig = &world->rig;
    const struct scene *scene = &world->scene;
    uint64_t go = UINT64_C(1) << 63 | (uint64_t)scene->dr << 49 |
                  (uint64_t)scene->dw << 48 | (uint64_t)DID << 32;
    static const uint64_t iirg[] = { [IOTLB_PAGE] = UINT64_C(3) << 60,
                                     [IOTLB_DOMAIN] = UINT64_C(2) << 60,
                                     [IOTLB_GLOBAL] = UINT64_C(1) << 60 };

    switch ( scene->command )
    {
    case QUEUE_PAGE:
        rig_store(rig, rig->queue,
                  0x32 | (uint64_t)DID << 16 | (scene->dr ? 0x80u : 0) |
                      (scene->dw ? 0x40u : 0));
        rig_store(rig, rig->queue + 8, IOVA);
        rig_store(rig, rig->queue + 16, UINT64_C(0x100000025));
        rig_store(rig, rig->queue + 24, STATUS);
        rig_set32(rig, 0x88, 0x20);
        break;
    case CONTEXT_DEVICE:
    case CONTEXT_DOMAIN:
    case CONTEXT_GLOBAL:
        rig_ccmd(rig, 3 - (scene->command - CONTEXT_DEVICE), DID, SID, 0);
        /* The translations of the old table as well (6.5.1.1). */
        rig_set64(rig, IRO + 8, go | iirg[IOTLB_DOMAIN]);
        break;
    case ROOT_TABLE:
        rig_set32(rig, 0x18, 3u << 30); /* SRTP, and TE stays */
        break;
    case TRANSLATION_OFF:
        rig_gcmd(rig, 1u << 31, false);
        break;
    default:
        rig_set64(rig, IRO, IOVA);
        rig_set64(rig, IRO + 8, go | iirg[scene->command]);
        break;
    }
}

static void invalidator(void *argument)
{
    struct world *world = argument;

    rig_store(&world->rig, world->word, world->new_value);
    yield(world, false);
    invalidate(world);
    world->complete = true;
    look(world);
}

/* ---- one run, and all of them ---- */

static void use_yielding_port(struct world *world)
{
    static struct port_ops ops;

    ops = *world->rig.port.ops;
    ops.read = yielding_read;
    ops.write = yielding_write;
    ops.spend = yielding_spend;
    ops.relax = yielding_relax;
    world->port = (struct port) { &ops, &world->rig };
    vtd_init(world->rig.vtd, &world->rig.config, &world->port);
}

/* IOVA maps to the old page, and to the new one by way of the other word. */
static void build_tables(struct world *world)
{
    struct rig *rig = &world->rig;
    uint64_t old = rig_page(rig), new = rig_page(rig);
    struct rig_context context = {
        .sid = SID, .aw = 1, .did = DID, .slptptr = old
    };
    unsigned int level = world->scene.level;

    rig_set_context(rig, &context);
    rig_store(rig, rig_entry(rig, old, 3, IOVA, 1), OLD_PAGE | RW);
    rig_store(rig, rig_entry(rig, new, 3, IOVA, 1), NEW_PAGE | RW);
    if ( changes_context(world->scene.command) )
    {
        world->word = rig_context_entry(rig, SID);
        world->new_value = new | 1;
    }
    else
    {
        world->word = rig_entry(rig, old, 3, IOVA, level);
        world->new_value = rig_load(rig, rig_entry(rig, new, 3, IOVA, level));
    }
    world->old_value = rig_load(rig, world->word);
    /* The word stays, and TE goes, where that is what changes. */
    if ( world->scene.command == TRANSLATION_OFF )
        world->new_value = world->old_value;
    rig->queue = rig_page(rig);
}

static void world_create(struct world *world, const struct scene *scene)
{
    struct vtd_config config;

    memset(world, 0, sizeof(*world));
    vtd_config_default(&config);
    config.iotlb = (struct cache_config) { .entries = 8, .ways = 8 };
    config.context_cache = config.iotlb;
    config.paging_structure_cache = config.iotlb;
    config.slots = 4;
    config.cap &= ~scene->without;
    if ( scene->command == ROOT_TABLE )
        config.cap |= CAP_ESRTPS;
    if ( scene->version )
        config.version = scene->version;
    rig_create(&world->rig, &config);
    world->rig.context = world;
    world->fibers = fibers_create();
    world->scene = *scene;
    use_yielding_port(world);
    build_tables(world);
}

static void world_destroy(struct world *world)
{
    fibers_destroy(world->fibers);
    rig_destroy(&world->rig);
}

/* Power-on, the old word, empty caches, translation on. */
static void world_reset(struct world *world)
{
    struct rig *rig = &world->rig;

    world->complete = false;
    vtd_reset(rig->vtd);
    rig_store(rig, world->word, world->old_value);
    rig_set_root(rig, rig->root);
    if ( world->scene.command == QUEUE_PAGE )
    {
        rig_set64(rig, 0x90, rig->queue);
        rig_gcmd(rig, 1u << 26, true);
    }
    rig_gcmd(rig, 1u << 31, true);
}

/* What broke in the first run in which something did; NULL: nothing. */
static const char *explore(const struct scene *scene, struct world *result)
{
    static fiber_fn *const actors[] = { writer, reader, invalidator };
    struct choices choices = { .length = 0 };
    struct world world;

    world_create(&world, scene);
    do
    {
        world_reset(&world);
        if ( !fibers_run(world.fibers, actors, 3, &world, &choices) )
            world.broken = "everybody waits";
        look(&world);
        world.runs++;
    } while ( !world.broken && choices_next(&choices) );
    *result = world;
    world_destroy(&world);
    return result->broken;
}

static void nothing_old_is_used_after_the_completion(void **state)
{
    struct scene scene = { 0 };

    (void)state;
    for ( scene.command = 0; scene.command < COMMANDS; scene.command++ )
        for ( scene.level = 1; scene.level <= 2; scene.level++ )
            for ( int drain = 0; drain < 2; drain++ )
            {
                struct world result;

                scene.dr = scene.dw = drain;
                if ( explore(&scene, &result) )
                    fail_msg("command %u level %u drain %d, run %u: %s",
                             scene.command, scene.level, drain, result.runs,
                             result.broken);
                assert_in_range(result.runs, 100, UINT32_MAX);
            }
}

/* Owed: never late.  Not owed: late in some order, so nothing waits for it. */
static void accesses_are_drained_as_DR_DW_and_CAP_say(void **state)
{
    static const struct {
        const char *row;
        struct scene scene;
    } rows[] = {
        { "neither", { .level = 1 } },
        { "DR", { .level = 1, .dr = true } },
        { "DW", { .level = 1, .dw = true } },
        { "both", { .level = 1, .dr = true, .dw = true } },
        { "both, no DRD",
          { .level = 1, .dr = true, .dw = true, .without = CAP_DRD_BIT } },
        { "both, no DWD",
          { .level = 1, .dr = true, .dw = true, .without = CAP_DWD_BIT } },
        { "neither, by descriptor", { .level = 1, .command = QUEUE_PAGE } },
        { "DR, by descriptor",
          { .level = 1, .command = QUEUE_PAGE, .dr = true } },
        { "DW, by descriptor",
          { .level = 1, .command = QUEUE_PAGE, .dw = true } },
        { "neither, version 6",
          { .level = 1, .command = QUEUE_PAGE, .version = 0x60 } },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
        for ( int write = 0; write < 2; write++ )
        {
            struct world result;

            assert_null(explore(&rows[i].scene, &result));
            expect_equal(rows[i].row, result.late[write],
                         !owes_drain(&rows[i].scene, write));
        }
}

static void a_unit_that_fills_after_an_invalidation_is_caught(void **state)
{
    struct scene scene = { .dr = true, .dw = true };

    (void)state;
    forget_to_poison = true;
    for ( scene.command = 0; scene.command < TRANSLATION_OFF; scene.command++ )
        for ( scene.level = 1; scene.level <= 2; scene.level++ )
        {
            struct world result;

            assert_non_null(explore(&scene, &result));
        }
    forget_to_poison = false;
}

static void a_unit_that_does_not_wait_is_caught(void **state)
{
    struct scene scene = { .dr = true, .dw = true, .level = 1 };

    (void)state;
    forget_to_wait = true;
    for ( scene.command = 0; scene.command < COMMANDS; scene.command++ )
    {
        struct world result;

        assert_non_null(explore(&scene, &result));
    }
    forget_to_wait = false;
}

/* Two actors of a and b steps: (a + b)! / (a! b!) orders. */
static void steps_of_3(void *argument)
{
    for ( unsigned int i = 0; i < 2; i++ )
        fibers_yield(argument, false);
}

static void every_interleaving_is_visited_once(void **state)
{
    static fiber_fn *const actors[] = { steps_of_3, steps_of_3 };
    struct fibers *fibers = fibers_create();
    struct choices choices = { .length = 0 };
    unsigned int runs = 0;

    (void)state;
    do
    {
        assert_true(fibers_run(fibers, actors, 2, fibers, &choices));
        runs++;
    } while ( choices_next(&choices) );
    assert_int_equal(runs, 20);
    fibers_destroy(fibers);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interleaving_is_visited_once),
        cmocka_unit_test(nothing_old_is_used_after_the_completion),
        cmocka_unit_test(accesses_are_drained_as_DR_DW_and_CAP_say),
        cmocka_unit_test(a_unit_that_fills_after_an_invalidation_is_caught),
        cmocka_unit_test(a_unit_that_does_not_wait_is_caught),
    };

    return RUN(tests);
}
