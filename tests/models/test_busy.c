/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What another processor or device finds while the unit is busy: a register
 * whose command is under way takes no write (11.4.6), and a request waits for
 * a slot.  In every order of the port calls.
 */
#include "expect.h"
#include "fibers.h"
#include "rig.h"

#include <string.h>

#define CCMD 0x28u
#define GO   (UINT64_C(1) << 63)

struct scene {
    struct rig rig;
    struct port_ops ops; /* the ram's, but it lets others run */
    struct fibers *fibers;
    uint64_t command; /* of the register at @offset */
    uint32_t offset;
    unsigned int busy; /* times that it was found so */
    unsigned int relaxed;
};

static struct scene *scene_of(const struct rig *rig)
{
    return rig->ram.context;
}

static void before(struct rig *rig, uint64_t address, bool write)
{
    (void)address;
    (void)write;
    if ( fibers_inside(scene_of(rig)->fibers) )
        fibers_yield(scene_of(rig)->fibers, false);
}

static void relax(void *world)
{
    struct ram *ram = world;

    scene_of(ram->rig)->relaxed++;
    fibers_yield(scene_of(ram->rig)->fibers, true);
}

static void create(struct scene *s, unsigned int slots)
{
    struct vtd_config config;
    uint64_t table;

    vtd_config_default(&config);
    config.slots = slots;
    memset(s, 0, sizeof(*s));
    rig_create(&s->rig, &config);
    s->fibers = fibers_create();
    s->ops = *s->rig.ram.port.ops;
    s->ops.relax = relax;
    s->rig.ram.port.ops = &s->ops;
    s->rig.ram.context = s;
    s->rig.ram.before = before;
    vtd_init(s->rig.vtd, &config, &s->rig.ram.port);
    rig_set_root(&s->rig, s->rig.root);
    table = rig_simple_context(&s->rig, SID, DID);
    rig_map(&s->rig, table, IOVA, 0x400000, RW, 1);
    rig_gcmd(&s->rig, 1u << 31, true);
}

static void destroy(struct scene *s)
{
    fibers_destroy(s->fibers);
    rig_destroy(&s->rig);
}

static void request(void *argument)
{
    struct scene *s = argument;
    struct response response = rig_translate(&s->rig, SID, IOVA, REQUEST_READ);

    assert_int_equal(response.address, 0x400000);
}

static void invalidate(void *argument)
{
    struct scene *s = argument;

    rig_set64(&s->rig, s->offset, s->command);
}

/* While the command is under way nothing is written; else it is. */
static void interfere(void *argument)
{
    struct scene *s = argument;
    bool busy = rig_get64(&s->rig, s->offset) & GO;
    uint64_t iva = rig_get64(&s->rig, IRO);

    if ( !busy )
        return;
    s->busy++;
    rig_set64(&s->rig, s->offset, s->command & ~GO & ~UINT64_C(0xff));
    assert_true(rig_get64(&s->rig, s->offset) & GO);
    if ( s->offset == CCMD )
        return;
    rig_set64(&s->rig, IRO, iva ^ 0x1000);
    assert_int_equal(rig_get64(&s->rig, IRO), iva);
}

static void a_register_takes_no_write_while_its_command_runs(void **state)
{
    static const struct {
        uint32_t offset;
        uint64_t command;
    } rows[] = {
        { CCMD, GO | UINT64_C(1) << 61 },
        { IRO + 8, GO | UINT64_C(1) << 60 },
    };
    fiber_fn *const all[] = { request, invalidate, interfere };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct choices choices = { .length = 0 };
        unsigned int busy = 0;

        do
        {
            struct scene s;

            create(&s, 16);
            s.offset = rows[i].offset;
            s.command = rows[i].command;
            assert_true(fibers_run(s.fibers, all, 3, &s, &choices));
            assert_false(rig_get64(&s.rig, s.offset) & GO);
            busy += s.busy;
            destroy(&s);
        } while ( choices_next(&choices) );
        assert_true(busy > 0);
    }
}

static void a_request_waits_for_a_slot(void **state)
{
    fiber_fn *const all[] = { request, request };
    struct choices choices = { .length = 0 };
    unsigned int relaxed = 0;

    (void)state;
    do
    {
        struct scene s;

        create(&s, 1);
        assert_true(fibers_run(s.fibers, all, 2, &s, &choices));
        relaxed += s.relaxed;
        destroy(&s);
    } while ( choices_next(&choices) );
    assert_true(relaxed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_takes_no_write_while_its_command_runs),
        cmocka_unit_test(a_request_waits_for_a_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
