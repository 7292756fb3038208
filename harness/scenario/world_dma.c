/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways into a world of its devices: requests, each judged when it has
 * ended. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

bool response_reached(const struct response *response)
{
    return response->status == RESPONSE_OK &&
           !(response->reason && !response->rights);
}

/* P1 for every access to memory, whatever the oracle says. */
static void check_containment(struct world *world,
                              const struct world_device *device,
                              const struct request *request,
                              const struct response *response)
{
    const struct arch *arch = world->program->machine.arch;
    bool write = request->access != REQUEST_READ;
    struct domain *owner;
    uint64_t gfn;

    if ( !response_reached(response) || !world->dut ||
         (arch->is_interrupt && arch->is_interrupt(request)) )
        return;
    if ( !device->assigned ||
         !domain_owns(device->owner->domain, response->address >> 12, write) )
        world_find(
            world, "P1",
            "a DMA of %s at %#llx reached host address %#llx, which "
            "is %s",
            world->program->machine.device[device - world->device].name,
            (unsigned long long)request->address,
            (unsigned long long)response->address,
            m2p_lookup(world->machine, response->address >> 12, &owner, &gfn) ?
                "not that domain's, or not so" :
                "no guest's");
}

/* P2 of a device that is the domain's and under none of its vIOMMUs: it meets
 * its own address, or nothing. */
static void check_free(struct world *world, const struct world_device *device,
                       const struct request *request,
                       const struct response *response)
{
    struct domain *owner;
    uint64_t gfn;

    if ( !response_reached(response) || !world->dut || !device->assigned ||
         request->type != REQUEST_UNTRANSLATED ||
         !m2p_lookup(world->machine, response->address >> 12, &owner, &gfn) ||
         owner != device->owner->domain || gfn == request->address >> 12 )
        return;
    world_find(world, "P2",
               "a DMA of %s at %#llx, which is under no vIOMMU, reached guest "
               "address %#llx",
               world->program->machine.device[device - world->device].name,
               (unsigned long long)request->address,
               (unsigned long long)(gfn << 12));
}

/* The unit above a device, watched. */
struct watched {
    struct world *world;
    unsigned int device;
};

void world_request_begins(struct world *world, unsigned int index,
                          const struct request *request,
                          struct world_request *watched)
{
    const struct world_device *device = &world->device[index];
    struct world_domain *wd = device->owner;
    const struct oracle_dma dma = {
        .source = device->source,
        .pasid = request->pasid,
        .iova = request->address,
        .size = request->size,
        .write = request->access != REQUEST_READ,
        .read = request->access != REQUEST_WRITE,
        .type = (unsigned int)request->type,
        .privileged = request->privileged,
        .execute = request->execute,
        .unit = device->unit,
    };

    *watched = (struct world_request) { .moves = device->moves,
                                        .moving = device->moving,
                                        .free = !device->attached &&
                                                !device->lost,
                                        .unit = wd->viommus };
    if ( (!device->attached && !device->moving) || !wd->oracle )
        return;
    world_touch_ledger(wd, false);
    watched->judged = true;
    watched->number = oracle_dma_begin(wd->oracle, &dma);
}

void world_request_ended(struct world *world, unsigned int index,
                         const struct world_request *watched,
                         const struct request *request,
                         const struct response *response)
{
    const struct world_device *device = &world->device[index];
    struct world_domain *wd = device->owner;
    const struct oracle_outcome outcome = {
        .ok = response->status == RESPONSE_OK,
        .hpa = response->address,
        .mask = response->mask,
        .rights = response->rights,
    };

    if ( watched->judged && wd->oracle && !wd->destroyed &&
         watched->unit == wd->viommus )
    {
        world_touch_ledger(wd, false);
        if ( watched->moving || device->moves != watched->moves )
            oracle_dma_end_moved(wd->oracle, watched->number, &outcome);
        else
            oracle_dma_end(wd->oracle, watched->number, &outcome);
    }
    if ( watched->free && !watched->moving && device->moves == watched->moves )
        check_free(world, device, request, response);
    check_containment(world, device, request, response);
}

static void watched_access(void *context, const struct request *request,
                           void *data, struct response *response)
{
    const struct watched *watched = context;
    struct world *world = watched->world;
    const struct world_time *time = world->config.time;
    const struct world_unit *unit =
        &world->unit[world->device[watched->device].unit];
    struct world_request watch;

    world_others(world, "dma");
    world_request_begins(world, watched->device, request, &watch);
    if ( time )
        time->access(time->context, watched->device, request, data, response);
    else
        world->program->machine.arch->access(
            unit->model, request,
            machine_device_port(world->machine, unit->number), data, response);
    world_request_ended(world, watched->device, &watch, request, response);
}

#define FNV_PRIME UINT64_C(0x100000001b3)

void world_add_outcome(struct world *world, uint64_t what)
{
    world->outcomes = (world->outcomes ^ what) * FNV_PRIME;
}

static void add_outcomes(struct world *world, const struct dma_result *result)
{
    for ( unsigned int i = 0; i < result->pieces; i++ )
    {
        const struct response *r = &result->piece[i].response;
        bool reached = response_reached(r);

        world_add_outcome(world, reached + 1u);
        world->outcomes ^= reached ? r->address : r->reason;
    }
}

/* It went to somebody else: nothing is known of it. */
static void foreign_dma(struct world *world, unsigned int index,
                        const struct dma_transfer *transfer,
                        struct dma_result *result)
{
    result->pieces = 1;
    result->aborted = 0;
    result->piece[0] = (struct dma_piece) { .address = transfer->address,
                                            .size = transfer->size };
    world->config.foreign->dma(world->config.foreign_context, world->operation,
                               index, transfer);
}

static bool own_dma(struct world *world, unsigned int index,
                    const struct dma_transfer *transfer,
                    struct dma_result *result)
{
    const struct world_device *device = &world->device[index];
    struct watched watched = { world, index };
    const struct dma_device engine = {
        .target = { watched_access, &watched },
        .source = device->psbdf,
    };
    bool possible = dma_run(&engine, transfer, result);

    if ( possible )
        add_outcomes(world, result);
    world_settle(world);
    return possible;
}

bool world_dma(struct world *world, unsigned int index,
               const struct dma_transfer *transfer, struct dma_result *result)
{
    const struct world_watch *watch = world->config.watch;
    bool possible = true;

    if ( watch && watch->dma_begins )
        watch->dma_begins(watch->context, world, index, transfer);
    if ( world->config.foreign )
        foreign_dma(world, index, transfer, result);
    else
        possible = own_dma(world, index, transfer, result);
    if ( watch && watch->dma_ended && possible )
        watch->dma_ended(watch->context, world, index, transfer, result);
    return possible;
}
