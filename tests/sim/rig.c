/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <flat.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void rig_default(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    timing_default(&rig->timing);
    rig->style = PLATFORM_APPROXIMATE;
    rig->quantum = 1000;
    rig->channels = 1;
    rig->burst = 1;
    rig->requests = 1000;
    rig->size = 64;
}

static bool next(void *context, struct request *request, uint64_t *cookie)
{
    struct rig *rig = context;

    (void)cookie;
    if ( rig->requests && rig->issued == rig->requests )
        return false;
    *request = (struct request) {
        .source = FLAT_SOURCE,
        .pasid = REQUEST_NO_PASID,
        .access = rig->access,
        .address = FLAT_IOVA + (rig->issued % RIG_PAGES) * 0x1000 +
                   rig->issued / RIG_PAGES % 64 * 64,
        .size = rig->size,
    };
    rig->issued++;
    return true;
}

static void ended(void *context, const struct request *request,
                  const struct response *response, uint64_t cookie)
{
    struct rig *rig = context;

    (void)request;
    (void)cookie;
    rig->done += response->status == RESPONSE_OK;
}

struct context {
    struct platform *platform;
    struct rig *rig;
};

static bool all_done(void *argument)
{
    const struct context *c = argument;

    return c->rig->done == c->rig->requests;
}

static void run_program(void *argument)
{
    struct context *c = argument;

    if ( c->rig->program )
        c->rig->program(c->platform, c->rig);
    if ( c->rig->requests )
        platform_wait(c->platform, all_done, c);
}

/* Data lies where there is none: reads give what is there, modulo. */
static bool data_read(void *world, uint64_t address, void *buffer,
                      unsigned int len, unsigned int atom)
{
    return flat_ops.read(world, address % FLAT_MEMORY, buffer, len, atom);
}

static bool data_write(void *world, uint64_t address, const void *buffer,
                       unsigned int len, unsigned int atom)
{
    (void)world;
    (void)address;
    (void)buffer;
    (void)len;
    (void)atom;
    return true;
}

static void simulate(struct rig *rig)
{
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port own = { &flat_ops, &flat };
    struct port_ops data = flat_ops;
    const struct port below = { &data, &flat };
    const struct bench shape = { .hit = !rig->misses };
    const struct platform_config config = {
        .timing = rig->timing,
        .style = rig->style,
        .quantum = rig->quantum,
        .units = 1,
        .unit = { rig->unit },
        .devices = 1,
        .device = { { "device", 0 } },
        .trace = rig->trace,
        .wave = rig->wave,
    };
    const struct platform_load load = {
        .channels = rig->channels,
        .gap = rig->gap,
        .burst = rig->burst,
        .next = next,
        .ended = ended,
        .context = rig,
    };
    struct context context = { platform_create(&config), rig };
    const struct port *port = platform_unit_port(context.platform, 0, &own,
                                                 &below);
    void *state;

    data.read = data_read;
    data.write = data_write;
    platform_set_model(
        context.platform, 0,
        rig->unit == PLATFORM_VTD ?
            (void *)flat_vtd(&flat, port, &shape, RIG_PAGES, &state) :
            (void *)flat_smmuv3(&flat, port, &shape, RIG_PAGES, &state));
    platform_add_load(context.platform, &load);
    platform_run(context.platform, run_program, &context);
    platform_stats(context.platform, &rig->stats);
    if ( !platform_destroy(context.platform) )
        _exit(3);
}

void rig_run(struct rig *rig)
{
    struct rig *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    pid_t child;

    assert_ptr_not_equal(shared, MAP_FAILED);
    *shared = *rig;
    fflush(NULL);
    child = fork();
    if ( !child )
    {
        simulate(shared);
#ifdef __SANITIZE_ADDRESS__
        _exit(0);
#else
        exit(0);
#endif
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    *rig = *shared;
    munmap(shared, sizeof(*shared));
}
