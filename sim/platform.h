/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in simulated time: a processor, devices, IOMMUs, an interconnect,
 * memory - SystemC modules with TLM-2.0 sockets - for C code to live in.
 *
 *   processor --+                         +-- memory
 *               +--> interconnect --------+
 *   IOMMU ------+                         +-- registers of the IOMMUs
 *     ^ device sockets
 *   devices
 *
 * One platform a process: SystemC has one simulation, and elaborates it once.
 * What runs on a thread of the platform may be interrupted by the others at
 * every call below that says "takes time", and nowhere else.
 */
#ifndef SIM_PLATFORM_H
#define SIM_PLATFORM_H

#include <sim/timing.h>

#include <common/port.h>
#include <common/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct platform;

#define PLATFORM_MAX_UNITS   4
#define PLATFORM_MAX_DEVICES 64

enum platform_unit { PLATFORM_VTD, PLATFORM_SMMUV3 };

/* docs/timing.md says what each of them leaves out. */
enum platform_style { PLATFORM_LOOSE, PLATFORM_APPROXIMATE };

struct platform_device {
    const char *name;
    unsigned int unit;
};

struct platform_config {
    struct timing timing;
    enum platform_style style;
    uint64_t quantum; /* cycles; loosely timed only */
    enum platform_unit unit[PLATFORM_MAX_UNITS];
    unsigned int units;
    struct platform_device device[PLATFORM_MAX_DEVICES];
    unsigned int devices;
    /* Of memory that nobody else says the contents of; NULL: none. */
    const struct port *contents;
    /* A thread is left, goes on: around whatever takes time; NULL: nobody
     * asks.  Not told of thread 0. */
    void (*left)(void *context, unsigned int thread);
    void (*resumed)(void *context, unsigned int thread);
    void *context;
    const char *trace; /* Chrome trace events (Perfetto); NULL: none */
    const char *wave;  /* VCD, of this name without ".vcd"; NULL: none */
};

struct platform *platform_create(const struct platform_config *config);
/* Writes what trace and wave still have; false: they could not be written. */
bool platform_destroy(struct platform *p);

/*
 * The port for the model of a unit in place of @own, which with @below says
 * what memory holds as the unit and the devices below it see it.
 */
const struct port *platform_unit_port(struct platform *p, unsigned int unit,
                                      const struct port *own,
                                      const struct port *below);

/* An sc_trace_file, for whoever adds modules of his own; NULL: no waves. */
void *platform_wave(const struct platform *p);

/* From a port call of the unit's model: cycles since the beginning, of the
 * thread that is inside. */
uint64_t platform_unit_now(const struct platform *p, unsigned int unit);

/* From a port call of the unit's model: something else that takes time,
 * SystemC's, from the time of the thread that is inside on.  False: none
 * is, and nothing was done. */
bool platform_unit_outside(struct platform *p, unsigned int unit,
                           void (*run)(void *argument), void *argument);

/* @model: struct vtd or struct smmuv3, made with that port. */
void platform_set_model(struct platform *p, unsigned int unit, void *model);

/*
 * Run @cpu on the processor's thread, in simulated time, and everything else
 * beside it, until it has returned and all the others have ended.
 */
void platform_run(struct platform *p, void (*cpu)(void *context),
                  void *context);

/*
 * One more thread beside the running one, from its time on: @number counts
 * from 1 (0 is platform_run()'s), and may be used again when @run has
 * returned.  Threads share the timing file's processors.
 */
#define PLATFORM_MAX_THREADS 32
void platform_spawn(struct platform *p, unsigned int number, const char *name,
                    void (*run)(void *argument), void *argument);
/* Likewise, for a write of a register that is posted: returns when it has
 * reached its unit, whatever that goes on to do. */
void platform_post(struct platform *p, unsigned int number, const char *name,
                   void (*run)(void *argument), void *argument);

/* ---- on a thread of the processor ---- */

/* Which one. */
unsigned int platform_thread(const struct platform *p);

/* All take time. */
void platform_spend(struct platform *p, uint64_t cycles);
uint64_t platform_register_read(struct platform *p, unsigned int unit,
                                uint32_t offset, unsigned int size);
void platform_register_write(struct platform *p, unsigned int unit,
                             uint32_t offset, unsigned int size,
                             uint64_t value);
void platform_access(struct platform *p, unsigned int device,
                     const struct request *request, void *data,
                     struct response *response);
/* Until @done says so, which is asked after every change of a load and every
 * platform_notify(). */
void platform_wait(struct platform *p, bool (*done)(void *context),
                   void *context);

/* Whoever waits looks again. */
void platform_notify(struct platform *p);

/* As an observer: takes no time (transport_dbg). */
uint64_t platform_register_peek(struct platform *p, unsigned int unit,
                                uint32_t offset, unsigned int size);

/* Cycles since the beginning, of the thread that asks. */
uint64_t platform_now(const struct platform *p);

/* A span of the running thread for the trace: nested exactly. */
void platform_span_begin(struct platform *p, const char *name);
void platform_span_end(struct platform *p);

/* ---- traffic of devices ---- */

/* A device that makes requests by itself, until it is told to stop or the
 * processor has ended. */
struct platform_load {
    unsigned int device;
    unsigned int channels; /* requests at once */
    uint64_t gap;          /* cycles from one request to the next, at least */
    unsigned int burst;    /* requests without a gap; then burst * gap */
    /*
     * The next request: false if there is none before platform_wake_loads().
     * @cookie goes to began() and ended(), which are called around it, on the
     * device's thread; both may be NULL.
     */
    bool (*next)(void *context, struct request *request, uint64_t *cookie);
    void (*began)(void *context, const struct request *request,
                  uint64_t *cookie);
    void (*ended)(void *context, const struct request *request,
                  const struct response *response, uint64_t cookie);
    /* Cycles for which the channel pauses after a request; NULL: none. */
    uint64_t (*pause)(void *context);
    void *context;
};

/* Before platform_run(). */
void platform_add_load(struct platform *p, const struct platform_load *load);
void platform_stop_loads(struct platform *p);
/* There may be requests again. */
void platform_wake_loads(struct platform *p);

/* ---- what was measured ---- */

struct platform_latency {
    uint64_t count, p50, p90, p99, max; /* cycles */
    double mean;
};

/* Log-linear bins of a distribution: PLATFORM_BINS_OCTAVE to a power of 2. */
#define PLATFORM_BINS_OCTAVE 8
#define PLATFORM_BINS        (PLATFORM_BINS_OCTAVE * 40)
/* The first value that belongs to a bin. */
uint64_t platform_bin_start(unsigned int bin);

enum platform_measure {
    PLATFORM_DMA,          /* request of a device, until data has moved */
    PLATFORM_DMA_HIT,      /* those that a translation cache answered */
    PLATFORM_DMA_MISS,     /* the others */
    PLATFORM_INVALIDATION, /* as software waits for it: platform_sample() */
    PLATFORM_HARDWARE,     /* as the unit works on it: registers' batches */
    PLATFORM_DRAIN,        /* of which it waits for requests in flight */
    PLATFORM_MEASURES
};

struct platform_stats {
    uint64_t cycles;
    uint64_t transactions, hits, aborted, bytes; /* of devices */
    uint64_t register_writes, invalidations, fetches;
    uint64_t memory_accesses;
    struct platform_latency latency[PLATFORM_MEASURES];
    uint64_t bins[PLATFORM_MEASURES][PLATFORM_BINS];
    double occupancy;         /* requests inside, sampled: the mean */
    double walkers_busy;      /* of those there are, 0..1 */
    double memory_busy;       /* likewise channels */
    double bus_busy;          /* likewise, towards memory */
    uint64_t slot_wait;       /* cycles, of all requests together */
    unsigned int most_inside; /* requests at once */
};

/* One more of PLATFORM_INVALIDATION. */
void platform_sample(struct platform *p, enum platform_measure measure,
                     uint64_t cycles);
void platform_stats(struct platform *p, struct platform_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* SIM_PLATFORM_H */
