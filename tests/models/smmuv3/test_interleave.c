/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two requests and one change of a structure word with its invalidation and
 * CMD_SYNC, in every order of their port calls.  A port call that nobody
 * else's can depend on (the read of a word that does not change) is no place
 * to switch: it commutes with everything.  Once the SYNC is complete
 *
 *   - no cache answers with what was removed,
 *   - no request that begins uses it, and
 *   - no access that used it is still to come (4.7.3).
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

enum word { LEAF1, TABLE1, LEAF2, TABLE2, STE_WORD, CD_WORD, SMMUEN };

struct scene {
    const char *row;
    unsigned int config;
    enum word word;
    struct {
        uint64_t low, high;
    } command[2];
};

#define NONE                                                                  \
    {                                                                         \
        0, 0                                                                  \
    }
#define NH_ALL                                                                \
    {                                                                         \
        CMD_TLBI(0x10, VMID, 0), 0                                            \
    }
#define NH_ASID                                                               \
    {                                                                         \
        CMD_TLBI(0x11, VMID, ASID), 0                                         \
    }
#define NH_VA(leaf)                                                           \
    {                                                                         \
        CMD_TLBI(0x12, VMID, ASID), IOVA | (leaf)                             \
    }
#define NH_VAA(leaf)                                                          \
    {                                                                         \
        CMD_TLBI(0x13, VMID, 0), IOVA | (leaf)                                \
    }
#define S12_VMALL                                                             \
    {                                                                         \
        CMD_TLBI(0x28, VMID, 0), 0                                            \
    }
#define S2_IPA(ipa)                                                           \
    {                                                                         \
        CMD_TLBI(0x2a, VMID, 0), (ipa)                                        \
    }
#define EVERYTHING                                                            \
    {                                                                         \
        0x30, 0                                                               \
    }
#define NH_RANGE                                                              \
    {                                                                         \
        CMD_TLBI(0x12, VMID, ASID) | 3u << 12, IOVA | 1u << 10                \
    }
#define OLD_IPA (MOVED + 0x7f0000)

static const struct scene scenes[] = {
    { "leaf, NH_VA", STAGE1, LEAF1, { NH_VA(0), NONE } },
    { "leaf, NH_VA Leaf", STAGE1, LEAF1, { NH_VA(1), NONE } },
    { "leaf, NH_VAA Leaf", STAGE1, LEAF1, { NH_VAA(1), NONE } },
    { "leaf, range", STAGE1, LEAF1, { NH_RANGE, NONE } },
    { "leaf, NH_ASID", STAGE1, LEAF1, { NH_ASID, NONE } },
    { "leaf, NH_ALL", STAGE1, LEAF1, { NH_ALL, NONE } },
    { "leaf, S12_VMALL", STAGE1, LEAF1, { S12_VMALL, NONE } },
    { "leaf, NSNH_ALL", STAGE1, LEAF1, { EVERYTHING, NONE } },
    { "table, NH_VA", STAGE1, TABLE1, { NH_VA(0), NONE } },
    { "table, NH_VAA", STAGE1, TABLE1, { NH_VAA(0), NONE } },
    { "table, NH_ASID", STAGE1, TABLE1, { NH_ASID, NONE } },
    { "table, NH_ALL", STAGE1, TABLE1, { NH_ALL, NONE } },
    { "stage 2 leaf, S2_IPA", STAGE2, LEAF2, { S2_IPA(IOVA | 1), NONE } },
    { "stage 2 leaf, S12_VMALL", STAGE2, LEAF2, { S12_VMALL, NONE } },
    { "stage 2 table, S2_IPA", STAGE2, TABLE2, { S2_IPA(IOVA), NONE } },
    { "stage 2 table, NSNH_ALL", STAGE2, TABLE2, { EVERYTHING, NONE } },
    { "nested leaf, NH_VA", NESTED, LEAF1, { NH_VA(1), NONE } },
    { "nested table, NH_ALL", NESTED, TABLE1, { NH_ALL, NONE } },
    { "nested stage 2 leaf", NESTED, LEAF2, { S2_IPA(OLD_IPA), NH_ALL } },
    { "nested stage 2 leaf, NH_VAA",
      NESTED,
      LEAF2,
      { S2_IPA(OLD_IPA | 1), NH_VAA(1) } },
    { "nested stage 2 leaf, S12_VMALL", NESTED, LEAF2, { S12_VMALL, NONE } },
    { "STE, CFGI_STE", STAGE1, STE_WORD, { { CMD_SID(3, SID), 0 }, NONE } },
    { "STE, Leaf", STAGE1, STE_WORD, { { CMD_SID(3, SID), LEAF }, NONE } },
    { "STE, RANGE", STAGE1, STE_WORD, { { CMD_SID(4, SID), 3 }, NONE } },
    { "STE, CFGI_ALL", STAGE1, STE_WORD, { { 4, 31 }, NONE } },
    { "STE, nested", NESTED, STE_WORD, { { CMD_SID(3, SID), 0 }, NONE } },
    { "CD, CFGI_CD", STAGE1, CD_WORD, { { CMD_CD(SID, 0), LEAF }, NH_ASID } },
    { "CD, CFGI_CD_ALL", STAGE1, CD_WORD, { { CMD_SID(6, SID), 0 }, NH_ALL } },
    { "CD, CFGI_STE", STAGE1, CD_WORD, { { CMD_SID(3, SID), 0 }, NH_ASID } },
    { "CD, nested", NESTED, CD_WORD, { { CMD_CD(SID, 0), 0 }, NH_ASID } },
    { "SMMUEN", STAGE1, SMMUEN, { NONE, NONE } },
};
#define SCENES (sizeof(scenes) / sizeof(*scenes))

#define OLD_PAGE UINT64_C(0x7f0000)
#define NEW_PAGE UINT64_C(0x7f1000)

struct world {
    struct rig rig;
    struct port_ops ops;
    struct port port; /* the rig's, yielding */
    struct fibers *fibers;
    const struct scene *scene;
    bool everywhere; /* one request only, that yields at every port call */
    uint64_t word;   /* the structure word that changes */
    uint64_t old_value, new_value;
    bool complete;      /* the invalidation, as software sees it */
    const char *broken; /* what happened afterwards that must not */
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

static void note_access(struct world *world, uint64_t address)
{
    /* What began before SMMUEN = 0 may end behind it (6.3.9.6). */
    if ( address == OLD_PAGE && world->complete &&
         world->scene->word != SMMUEN )
        world->broken = "an access that should have been waited for";
}

static bool yielding_read(void *port_world, uint64_t address, void *buffer,
                          unsigned int len, unsigned int atom)
{
    struct world *world = world_of(port_world);

    (void)atom;
    if ( address == OLD_PAGE || address == NEW_PAGE )
        yield(world, false);
    note_access(world, address);
    if ( world->complete && world->scene->word == SMMUEN &&
         address != OLD_PAGE && address < RIG_MEMORY )
        world->broken = "a table that is read by a disabled unit";
    if ( address + len > RIG_MEMORY )
        return false; /* bypass */
    memcpy(buffer, world->rig.memory + address, len);
    if ( world->everywhere ||
         (address <= world->word && world->word < address + len) )
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
    note_access(world, address);
    if ( address + len > RIG_MEMORY )
        return false;
    memcpy(world->rig.memory + address, buffer, len);
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

    smmuv3_access(world->rig.smmu, &request, &world->port, &data, &response);
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

/* The commands and a SYNC behind them, by one write of PROD. */
static void invalidate(struct world *world)
{
    struct rig *rig = &world->rig;
    uint32_t prod = 0;

    if ( world->scene->word == SMMUEN )
    {
        rig_set32(rig, CR0, 0xc);
        while ( rig_get32(rig, CR0ACK) & 1 )
            yield(world, true);
        return;
    }
    for ( size_t i = 0; i < 2 && world->scene->command[i].low; i++, prod++ )
    {
        rig_store(rig, rig->cmdq + prod * 16, world->scene->command[i].low);
        rig_store(rig, rig->cmdq + prod * 16 + 8,
                  world->scene->command[i].high);
    }
    rig_store(rig, rig->cmdq + prod * 16, CMD_SYNC);
    rig_set32(rig, CMDQ_PROD, prod + 1);
    while ( rig_get32(rig, CMDQ_CONS) != prod + 1 )
        yield(world, true);
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
    world->ops = *world->rig.port.ops;
    world->ops.read = yielding_read;
    world->ops.write = yielding_write;
    world->ops.spend = yielding_spend;
    world->ops.relax = yielding_relax;
    world->port = (struct port) { &world->ops, &world->rig };
    smmuv3_init(world->rig.smmu, &world->rig.config, &world->port);
}

/* IOVA leads to the old page, and to the new one with the other word. */
static void build_tables(struct world *world)
{
    const struct scene *scene = world->scene;
    struct rig *rig = &world->rig;
    struct device old = { 0 }, new;
    unsigned int level;

    rig_device(rig, &old, scene->config);
    new = old;
    if ( old.s1.base )
    {
        rig_tables(rig, &new.s1);
        rig_map(rig, &old.s1, IOVA, OLD_PAGE + old.s1.moved, S1_LEAF, 3);
        rig_map(rig, &new.s1, IOVA, NEW_PAGE + old.s1.moved, S1_LEAF, 3);
    }
    if ( scene->config == STAGE2 )
    {
        rig_tables(rig, &new.s2);
        rig_map(rig, &old.s2, IOVA, OLD_PAGE, S2_LEAF, 3);
        rig_map(rig, &new.s2, IOVA, NEW_PAGE, S2_LEAF, 3);
    }
    level = scene->word == LEAF1 || scene->word == LEAF2 ? 3 : 2;
    switch ( scene->word )
    {
    case LEAF1:
    case TABLE1:
        world->word = rig_entry(rig, &old.s1, IOVA, (int)level);
        world->new_value = rig_load(rig,
                                    rig_entry(rig, &new.s1, IOVA, (int)level));
        break;
    case LEAF2:
    case TABLE2:
        if ( scene->config == NESTED )
        {
            world->word = rig_entry(rig, &old.s2, OLD_IPA, 3);
            world->new_value = NEW_PAGE | S2_LEAF | 3;
            break;
        }
        world->word = rig_entry(rig, &old.s2, IOVA, (int)level);
        world->new_value = rig_load(rig,
                                    rig_entry(rig, &new.s2, IOVA, (int)level));
        break;
    case STE_WORD:
        world->word = old.ste;
        world->new_value = 1 | BYPASS << 1;
        break;
    case CD_WORD:
        world->word = old.cd + 8;
        world->new_value = new.s1.base + new.s1.moved;
        break;
    case SMMUEN:
        world->word = old.ste;
        world->new_value = rig_load(rig, old.ste);
        break;
    }
    world->old_value = rig_load(rig, world->word);
}

static void world_create(struct world *world, const struct scene *scene)
{
    struct smmuv3_config config;

    memset(world, 0, sizeof(*world));
    rig_config(&config);
    rig_caches(&config, 8, CACHE_NORMAL);
    config.slots = 4;
    rig_start(&world->rig, &config);
    world->rig.context = world;
    world->fibers = fibers_create();
    world->scene = scene;
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
    world->complete = false;
    smmuv3_reset(world->rig.smmu);
    rig_store(&world->rig, world->word, world->old_value);
    rig_enable(&world->rig);
}

/* What broke in the first run in which something did; NULL: nothing. */
static const char *explore(const struct scene *scene, bool everywhere,
                           struct world *result)
{
    static fiber_fn *const actors[] = { writer, invalidator, reader };
    struct choices choices = { .length = 0 };
    struct world world;

    world_create(&world, scene);
    world.everywhere = everywhere;
    do
    {
        world_reset(&world);
        if ( !fibers_run(world.fibers, actors, everywhere ? 2 : 3, &world,
                         &choices) )
            world.broken = "everybody waits";
        look(&world);
        world.runs++;
    } while ( !world.broken && choices_next(&choices) );
    *result = world;
    world_destroy(&world);
    return result->broken;
}

static void nothing_old_is_used_after_the_SYNC(void **state)
{
    (void)state;
    for ( size_t i = 0; i < SCENES; i++ )
    {
        struct world result;

        if ( explore(&scenes[i], false, &result) )
            fail_msg("%s, run %u: %s", scenes[i].row, result.runs,
                     result.broken);
        assert_in_range(result.runs, 100, UINT32_MAX);
    }
}

/* For one request, without the assumption about what commutes; nested walks
 * have too many port calls for that. */
static void nothing_old_is_used_whichever_port_calls_mix(void **state)
{
    (void)state;
    for ( size_t i = 0; i < SCENES; i++ )
    {
        struct world result;

        if ( scenes[i].config == NESTED )
            continue;
        if ( explore(&scenes[i], true, &result) )
            fail_msg("%s, run %u: %s", scenes[i].row, result.runs,
                     result.broken);
        assert_in_range(result.runs, scenes[i].word == SMMUEN ? 10 : 500,
                        UINT32_MAX);
    }
}

static void a_unit_that_fills_after_an_invalidation_is_caught(void **state)
{
    (void)state;
    forget_to_poison = true;
    for ( size_t i = 0; i < SCENES; i++ )
    {
        struct world result;

        if ( scenes[i].word != SMMUEN && !explore(&scenes[i], false, &result) )
            fail_msg("%s: not caught", scenes[i].row);
    }
    forget_to_poison = false;
}

static void a_unit_that_does_not_wait_is_caught(void **state)
{
    (void)state;
    forget_to_wait = true;
    for ( size_t i = 0; i < SCENES; i++ )
    {
        struct world result;

        if ( scenes[i].word != SMMUEN && !explore(&scenes[i], false, &result) )
            fail_msg("%s: not caught", scenes[i].row);
    }
    forget_to_wait = false;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_old_is_used_after_the_SYNC),
        cmocka_unit_test(nothing_old_is_used_whichever_port_calls_mix),
        cmocka_unit_test(a_unit_that_fills_after_an_invalidation_is_caught),
        cmocka_unit_test(a_unit_that_does_not_wait_is_caught),
    };

    return RUN(tests);
}
