/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-d in every order of the port calls of two requests and an invalidation
 * (race.h).  Where a drain was asked for, no access that used what the
 * invalidation removed is still to come once it is complete.
 */
#include "expect.h"
#include "race.h"
#include "rig.h"

#include <string.h>

#define STATUS UINT64_C(0x7f2000)

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
    struct race race;
    struct scene scene;
    bool late[2]; /* a read, a write of the old page came after completion */
};

/* 6.5.4: does the unit owe a drain of reads, of writes? */
static bool owes_drain(const struct scene *scene, bool write)
{
    if ( scene->command >= ROOT_TABLE || scene->version >= 0x60 )
        return true;
    return write ? scene->dw && !(scene->without & CAP_DWD_BIT) :
                   scene->dr && !(scene->without & CAP_DRD_BIT);
}

/* ---- the unit ---- */

static void late(struct race *race, uint64_t address, bool write)
{
    struct world *world = race->world;

    if ( address != OLD_PAGE )
        return;
    world->late[write] = true;
    if ( owes_drain(&world->scene, write) )
        race->broken = "an access that should have been drained";
}

static struct response access_page(struct race *race,
                                   const struct request *request)
{
    struct response response;
    uint32_t data = 1;

    vtd_access(race->ram->rig->vtd, request, &race->port, &data, &response);
    return response;
}

static struct response probe(struct race *race, const struct request *request)
{
    return rig_probe(race->ram->rig, request);
}

static void invalidate(struct race *race)
{
    struct rig *rig = race->ram->rig;
    const struct world *world = race->world;
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

/* Translation on, and the queue where it is used. */
static void restart(struct race *race)
{
    const struct world *world = race->world;
    struct rig *rig = race->ram->rig;

    vtd_reset(rig->vtd);
    rig_set_root(rig, rig->root);
    if ( world->scene.command == QUEUE_PAGE )
    {
        rig_set64(rig, 0x90, rig->queue);
        rig_gcmd(rig, 1u << 26, true);
    }
    rig_gcmd(rig, 1u << 31, true);
}

static const struct race_unit unit = {
    .access = access_page,
    .probe = probe,
    .restart = restart,
    .invalidate = invalidate,
    .late = late,
};

/* IOVA maps to the old page, and to the new one by way of the other word. */
static void build_tables(struct world *world)
{
    struct rig *rig = &world->rig;
    struct race *race = &world->race;
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
        race->word = rig_context_entry(rig, SID);
        race->new_value = new | 1;
    }
    else
    {
        race->word = rig_entry(rig, old, 3, IOVA, level);
        race->new_value = rig_load(rig, rig_entry(rig, new, 3, IOVA, level));
    }
    race->old_value = rig_load(rig, race->word);
    /* The word stays, and TE goes, where that is what changes. */
    if ( world->scene.command == TRANSLATION_OFF )
        race->new_value = race->old_value;
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
    world->scene = *scene;
    race_create(&world->race, &world->rig.ram, &unit);
    world->race.world = world;
    world->race.sid = SID;
    world->race.iova = IOVA;
    world->race.status = STATUS;
    vtd_init(world->rig.vtd, &world->rig.config, &world->race.port);
    build_tables(world);
}

static const char *explore(const struct scene *scene, struct world *result)
{
    const char *broken;
    struct world world;

    world_create(&world, scene);
    broken = race_explore(&world.race);
    *result = world;
    race_destroy(&world.race);
    rig_destroy(&world.rig);
    return broken;
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
                             scene.command, scene.level, drain,
                             result.race.runs, result.race.broken);
                assert_in_range(result.race.runs, 100, UINT32_MAX);
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
    race_forget_to_poison = true;
    for ( scene.command = 0; scene.command < TRANSLATION_OFF; scene.command++ )
        for ( scene.level = 1; scene.level <= 2; scene.level++ )
        {
            struct world result;

            assert_non_null(explore(&scene, &result));
        }
    race_forget_to_poison = false;
}

static void a_unit_that_does_not_wait_is_caught(void **state)
{
    struct scene scene = { .dr = true, .dw = true, .level = 1 };

    (void)state;
    race_forget_to_wait = true;
    for ( scene.command = 0; scene.command < COMMANDS; scene.command++ )
    {
        struct world result;

        assert_non_null(explore(&scene, &result));
    }
    race_forget_to_wait = false;
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
