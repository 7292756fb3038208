/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that load their units: requests of the platform, judged by the
 * world. */
#include <sim/timed.h>

#include <stdlib.h>

#define BURST 16u /* requests */

/* One of its requests: the cookie of the platform points at it. */
struct load_request {
    uint64_t page;
    struct world_request watched;
};

static bool load_wants(void *context, struct request *request,
                       uint64_t *cookie)
{
    const struct source *source = context;
    struct timed *t = source->timed;
    struct load_request *one;
    uint64_t page;

    if ( !load_next(&t->cursor[source->device], request, &page) )
        return false;
    request->source = t->world->device[source->device].psbdf;
    request->unit = t->world->device[source->device].unit;
    one = calloc(1, sizeof(*one));
    if ( !one )
        abort();
    one->page = page;
    *cookie = (uintptr_t)one;
    return true;
}

static void load_begins(void *context, const struct request *request,
                        uint64_t *cookie)
{
    const struct source *source = context;
    struct load_request *one = (struct load_request *)(uintptr_t)*cookie;

    world_request_begins(source->timed->world, source->device, request,
                         &one->watched);
}

static void load_ended(void *context, const struct request *request,
                       const struct response *response, uint64_t cookie)
{
    const struct source *source = context;
    struct load_request *one = (struct load_request *)(uintptr_t)cookie;
    struct timed *t = source->timed;

    world_request_ended(t->world, source->device, &one->watched, request,
                        response);
    load_done(t->pages, one->page);
    free(one);
    t->result->load_requests++;
    t->result->load_aborted += !response_reached(response);
}

static uint64_t load_pauses(void *context)
{
    const struct source *source = context;

    return load_pause(&source->timed->cursor[source->device]);
}

void timed_add_load(struct timed *t, unsigned int device)
{
    const struct sim_load *load = &t->config->load;
    bool burst = load->pattern == SIM_BURST;
    const struct platform_load one = {
        .device = device,
        .channels = load->channels ? load->channels :
                                     t->config->timing.device_channels,
        .gap = load->gap,
        .burst = burst ? BURST : 1,
        .next = load_wants,
        .began = load_begins,
        .ended = load_ended,
        .pause = load->pattern == SIM_RANDOM ? load_pauses : NULL,
        .context = &t->source[device],
    };

    if ( !load_has_device(t->pages, device) )
        return;
    t->source[device] = (struct source) { t, device };
    load_cursor_init(&t->cursor[device], t->pages, &t->thread[0].operation,
                     load->pattern, device, t->config->world.seed);
    platform_add_load(t->platform, &one);
}
