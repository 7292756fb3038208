/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "race.h"

#include <common/inflight.h>

#include <string.h>

/* ---- seeded twins ---- */

bool race_forget_to_poison, race_forget_to_wait;

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
    if ( !race_forget_to_poison )
        __real_inflight_poison(inflight, match, context);
}

bool __wrap_inflight_pending(const struct inflight *inflight,
                             const struct inflight_set *set,
                             unsigned int phases)
{
    return !race_forget_to_wait &&
           __real_inflight_pending(inflight, set, phases);
}

/* ---- the port: the rig's memory ----
 * A request yields after it has read the word that changes, and before it
 * reads or writes its page.
 */

static struct race *race_of(void *port_world)
{
    return ((struct ram *)port_world)->context;
}

void race_yield(struct race *race, bool waits)
{
    if ( fibers_inside(race->fibers) )
        fibers_yield(race->fibers, waits);
}

static bool yielding_read(void *port_world, uint64_t address, void *buffer,
                          unsigned int len, unsigned int atom)
{
    struct race *race = race_of(port_world);

    (void)atom;
    if ( address >= OLD_PAGE )
        race_yield(race, false);
    if ( race->complete )
        race->unit->late(race, address, false);
    if ( address + len > race->ram->size )
        return false; /* untranslated */
    memcpy(buffer, race->ram->memory + address, len);
    if ( race->everywhere ||
         (address <= race->word && race->word < address + len) )
        race_yield(race, false);
    return true;
}

static bool yielding_write(void *port_world, uint64_t address,
                           const void *buffer, unsigned int len,
                           unsigned int atom)
{
    struct race *race = race_of(port_world);

    (void)atom;
    race_yield(race, false);
    if ( race->complete )
        race->unit->late(race, address, true);
    if ( address + len > race->ram->size )
        return false;
    memcpy(race->ram->memory + address, buffer, len);
    if ( race->status && address == race->status )
        race->complete = true;
    return true;
}

static void yielding_spend(void *port_world, unsigned int cycles,
                           enum cost what)
{
    (void)cycles;
    /* The walks yield at their reads; this is where a command begins. */
    if ( what == COST_INVALIDATE )
        race_yield(race_of(port_world), false);
}

static void yielding_relax(void *port_world)
{
    race_yield(race_of(port_world), true);
}

/* ---- actors ---- */

/* What the caches and tables answer now; after completion never the old. */
static void look(struct race *race)
{
    struct request request = rig_request(race->sid, race->iova, REQUEST_READ);

    if ( race->complete &&
         race->unit->probe(race, &request).address == OLD_PAGE )
        race->broken = "a cache that answers with the old translation";
}

static void one_request(struct race *race, enum request_access access)
{
    struct request request = rig_request(race->sid, race->iova, access);
    bool began_after = race->complete;
    struct response response = race->unit->access(race, &request);

    if ( began_after && response.address == OLD_PAGE )
        race->broken = "a request that began after the completion";
    look(race);
}

static void writer(void *argument)
{
    one_request(argument, REQUEST_WRITE);
}

static void reader(void *argument)
{
    one_request(argument, REQUEST_READ);
}

static void invalidator(void *argument)
{
    struct race *race = argument;

    ram_store(race->ram, race->word, race->new_value);
    race_yield(race, false);
    race->unit->invalidate(race);
    race->complete = true;
    look(race);
}

/* ---- one run, and all of them ---- */

void race_create(struct race *race, struct ram *ram,
                 const struct race_unit *unit)
{
    memset(race, 0, sizeof(*race));
    race->ram = ram;
    race->unit = unit;
    race->ops = *ram->port.ops;
    race->ops.read = yielding_read;
    race->ops.write = yielding_write;
    race->ops.spend = yielding_spend;
    race->ops.relax = yielding_relax;
    race->port = (struct port) { &race->ops, ram };
    race->fibers = fibers_create();
    ram->context = race;
}

void race_destroy(struct race *race)
{
    fibers_destroy(race->fibers);
}

const char *race_explore(struct race *race)
{
    static fiber_fn *const actors[] = { writer, invalidator, reader };
    struct choices choices = { .length = 0 };

    do
    {
        race->complete = false;
        ram_store(race->ram, race->word, race->old_value);
        race->unit->restart(race);
        if ( !fibers_run(race->fibers, actors, race->everywhere ? 2 : 3, race,
                         &choices) )
            race->broken = "everybody waits";
        look(race);
        race->runs++;
    } while ( !race->broken && choices_next(&choices) );
    return race->broken;
}
