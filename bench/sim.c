/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests per second of CPU time on the platform in simulated time: one VT-d
 * unit over plain memory, a device that reads random lines of its pages.
 */

#include <flat.h>

#include <scenario/suite.h>
#include <sim/platform.h>
#include <vtd/vtd.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIT_PAGES  1024u
#define MISS_PAGES 16384u
#define QUANTUM    1000u   /* cycles */
#define LOOK       200000u /* cycles between two looks at the clock */

struct run {
    struct platform *platform;
    uint64_t state; /* of the draws */
    unsigned int pages;
    double seconds;
    /* The result. */
    double spent;
    uint64_t done, failed;
};

static bool next(void *context, struct request *request, uint64_t *cookie)
{
    struct run *run = context;

    (void)cookie;
    run->state ^= run->state << 13;
    run->state ^= run->state >> 7;
    run->state ^= run->state << 17;
    *request = (struct request) {
        .source = FLAT_SOURCE,
        .pasid = REQUEST_NO_PASID,
        .address = FLAT_IOVA + ((run->state & (run->pages - 1)) << 12),
        .size = 8,
    };
    return true;
}

static void ended(void *context, const struct request *request,
                  const struct response *response, uint64_t cookie)
{
    struct run *run = context;

    (void)request;
    (void)cookie;
    run->done++;
    run->failed += response->status != RESPONSE_OK;
}

/* What the processor does: wait, and look at the clock. */
static void wait_and_look(void *context)
{
    struct run *run = context;
    double start = cpu_seconds();

    while ( (run->spent = cpu_seconds() - start) < run->seconds )
        platform_spend(run->platform, LOOK);
}

/* Memory holds what the benchmark's tables say; data is not looked at, and
 * lies elsewhere. */
static bool data_read(void *world, uint64_t address, void *buffer,
                      unsigned int len, unsigned int atom)
{
    return flat_ops.read(world, address % FLAT_MEMORY, buffer, len, atom);
}

static void measure(const struct bench *bench, struct run *run)
{
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port own = { &flat_ops, &flat };
    struct port_ops ops = flat_ops;
    const struct port below = { &ops, &flat };
    struct platform_config config = {
        .style = bench->at ? PLATFORM_APPROXIMATE : PLATFORM_LOOSE,
        .quantum = QUANTUM,
        .units = 1,
        .unit = { PLATFORM_VTD },
        .devices = 1,
        .device = { { "device", 0 } },
    };
    const struct platform_load load = {
        .channels = bench->at ? 8 : 1,
        .burst = 1,
        .next = next,
        .ended = ended,
        .context = run,
    };
    void *state = NULL;

    if ( !flat.memory )
        return;
    ops.read = data_read;
    timing_default(&config.timing);
    run->platform = platform_create(&config);
    platform_set_model(
        run->platform, 0,
        flat_vtd(&flat, platform_unit_port(run->platform, 0, &own, &below),
                 bench, run->pages, &state));
    platform_add_load(run->platform, &load);
    if ( state )
        platform_run(run->platform, wait_and_look, run);
}

/* SystemC has one simulation a process. */
double bench_sim(const struct bench *bench, double seconds)
{
    struct run *run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    double rate = -1;
    pid_t child;

    if ( run == MAP_FAILED )
        return -1;
    *run = (struct run) { .state = 88172645463325252,
                          .pages = bench->hit ? HIT_PAGES : MISS_PAGES,
                          .seconds = seconds };
    child = fork();
    if ( !child )
    {
        measure(bench, run);
        _exit(0);
    }
    if ( child > 0 && waitpid(child, &status, 0) == child && !status &&
         run->done && !run->failed )
        rate = (double)run->done / run->spent;
    munmap(run, sizeof(*run));
    return rate;
}
