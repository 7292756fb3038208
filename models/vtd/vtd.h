/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical VT-d remapping unit: legacy mode (Intel Virtualization Technology
 * for Directed I/O, Architecture Specification, revision 4.x).
 *
 * Seen from outside as on silicon: registers, memory through the port, message
 * signalled interrupts, and requests of devices.  All state is one block of
 * the caller's memory without outside pointers but the port.
 *
 * Concurrency: calls may interleave at port calls (see port.h), never run in
 * parallel.
 */
#ifndef MODELS_VTD_VTD_H
#define MODELS_VTD_VTD_H

#include <common/cache.h>
#include <common/cost.h>
#include <common/port.h>
#include <common/request.h>

#include <stddef.h>

struct vtd;

struct vtd_config {
    uint32_t version;   /* VER */
    uint64_t cap, ecap; /* CAP and ECAP as software reads them */
    unsigned int haw;   /* host address width, bits, 32..52 */
    struct cache_config context_cache;
    struct cache_config iotlb;
    struct cache_config paging_structure_cache;
    unsigned int slots;   /* requests in flight, 1..INFLIGHT_MAX */
    bool collapse_faults; /* 7.2.1: drop a fault of a source-id that has
                           * a pending record already (optional) */
    bool replay;          /* take interrupt-remapping capability bits,
                           * registers and descriptors and do nothing
                           * (recorded sessions only) */
    struct cost_table costs;
};

/* A usable configuration: legacy mode, all that is built, 39 and 48 bits. */
void vtd_config_default(struct vtd_config *config);

/* NULL, or a sentence that says which combination is impossible and why. */
const char *vtd_config_check(const struct vtd_config *config);

size_t vtd_state_size(const struct vtd_config *config);

/* @memory: vtd_state_size() bytes, 64-byte aligned.  @config was checked. */
struct vtd *vtd_init(void *memory, const struct vtd_config *config,
                     const struct port *port);

/* As at power-on: registers at reset values, caches empty. */
void vtd_reset(struct vtd *vtd);

/* Registers.  Any size of 1, 2, 4, 8 and any offset below 4096. */
uint64_t vtd_mmio_read(struct vtd *vtd, uint32_t offset, unsigned int size);
void vtd_mmio_write(struct vtd *vtd, uint32_t offset, unsigned int size,
                    uint64_t value);

/* Translate only; faults are recorded.  The request is in flight meanwhile. */
void vtd_translate(struct vtd *vtd, const struct request *request,
                   struct response *response);

/*
 * Translate and access memory: @data is read or written, request->size bytes
 * (1..64).  The data travels through @device, the device's own port: on a bus
 * it is the device's access, not the unit's.  In flight until it has ended.
 * REQUEST_ATOMIC: fetch-and-add of 4 or 8 bytes, @data holds the addend and
 * receives the old value.
 */
void vtd_access(struct vtd *vtd, const struct request *request,
                const struct port *device, void *data,
                struct response *response);

/*
 * What hardware may do by itself at any time: fetch ahead what a request would
 * use (nothing, if no slot is free), and lose what caches hold.
 */
void vtd_prefetch(struct vtd *vtd, const struct request *request);

#define VTD_EVICT_CONTEXTS     1u
#define VTD_EVICT_PAGING       2u
#define VTD_EVICT_TRANSLATIONS 4u
void vtd_evict(struct vtd *vtd, unsigned int caches);

/*
 * What vtd_translate() would answer now, caches included, without any effect:
 * nothing is filled, recorded, counted or spent.  @read is used in place of
 * the port for walks.
 */
void vtd_probe(const struct vtd *vtd, const struct request *request,
               bool (*read)(void *world, uint64_t address, void *buffer,
                            unsigned int len),
               void *world, struct response *response);

struct vtd_stats {
    uint64_t requests, iotlb_hits, iotlb_misses, context_hits, context_misses;
    uint64_t walk_reads, prefetches, faults, invalidations, register_writes;
};
const struct vtd_stats *vtd_stats(const struct vtd *vtd);

#endif /* MODELS_VTD_VTD_H */
