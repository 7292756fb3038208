/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical SMMUv3 (Arm System Memory Management Unit Architecture
 * Specification, IHI 0070): Non-secure programming interface, AArch64 tables,
 * stage 1, stage 2 and both, terminate fault model, wired interrupts.
 *
 * Seen from outside as on silicon: registers, memory through the port, wired
 * interrupts, and requests of devices.  All state is one block of the caller's
 * memory without outside pointers but the port.
 *
 * Requests: source is the StreamID, pasid the SubstreamID; privileged and
 * execute are the PnU and InD attributes as the device issues them.  In a
 * response reason is the event number (10h: F_TRANSLATION) whether or not a
 * record could be written, 0 where the architecture defines no event, and
 * condition its name.
 *
 * RAZ/WI: a stage-1 translation fault with CD.A = 0 (IDR0.TERM_MODEL = 0)
 * terminates the request with success (5.5).  The response is RESPONSE_OK
 * with rights 0, address UINT64_MAX, and reason and condition as of the fault;
 * smmuv3_access() reads zeros and writes nothing.
 *
 * Concurrency: calls may interleave at port calls (see port.h), never run in
 * parallel.
 */
#ifndef MODELS_SMMUV3_SMMUV3_H
#define MODELS_SMMUV3_SMMUV3_H

#include <common/cache.h>
#include <common/cost.h>
#include <common/port.h>
#include <common/request.h>

#include <stddef.h>

struct smmuv3;

#define SMMUV3_REGISTER_SPACE 0x20000u /* page 0 and page 1, 64 KiB each */

/* Lines of the port for the wired interrupts (3.18); edges. */
struct smmuv3_wires {
    unsigned int eventq, priq, sync, gerror;
};

struct smmuv3_config {
    uint32_t idr[6], iidr, aidr; /* as software reads them */
    struct cache_config ste_cache;
    struct cache_config cd_cache;
    struct cache_config micro_tlb;
    struct cache_config main_tlb;
    struct cache_config walk_cache[2]; /* of stage 1, of stage 2 */
    unsigned int slots;                /* requests in flight,
                                        * 1..INFLIGHT_MAX */
    bool merge_events;                 /* 7.3.1: merge what may be merged */
    bool gbpa_abort;                   /* reset value of GBPA.ABORT */
    struct smmuv3_wires wires;
    struct cost_table costs;
};

/* A usable configuration: all that is built, caches as in cost.c's sources,
 * wires 74 to 77. */
void smmuv3_config_default(struct smmuv3_config *config);

/* NULL, or a sentence that says which combination is impossible and why. */
const char *smmuv3_config_check(const struct smmuv3_config *config);

size_t smmuv3_state_size(const struct smmuv3_config *config);

/* @memory: smmuv3_state_size() bytes, 64-byte aligned.  @config was checked.
 */
struct smmuv3 *smmuv3_init(void *memory, const struct smmuv3_config *config,
                           const struct port *port);

/* As at power-on: registers at reset values, caches empty. */
void smmuv3_reset(struct smmuv3 *smmu);

/* Registers.  Any size of 1, 2, 4, 8 and any offset below
 * SMMUV3_REGISTER_SPACE. */
uint64_t smmuv3_mmio_read(struct smmuv3 *smmu, uint32_t offset,
                          unsigned int size);
void smmuv3_mmio_write(struct smmuv3 *smmu, uint32_t offset, unsigned int size,
                       uint64_t value);

/* Translate only; faults are recorded.  The request is in flight meanwhile. */
void smmuv3_translate(struct smmuv3 *smmu, const struct request *request,
                      struct response *response);

/*
 * Translate and access memory: @data is read or written, request->size bytes
 * (1..64).  The data travels through @device, the device's own port.  In
 * flight until it has ended.  REQUEST_ATOMIC: fetch-and-add of 4 or 8 bytes,
 * @data holds the addend and receives the old value.
 */
void smmuv3_access(struct smmuv3 *smmu, const struct request *request,
                   const struct port *device, void *data,
                   struct response *response);

/*
 * What hardware may do by itself at any time: fetch ahead what a request would
 * use (nothing, if no slot is free), and lose what caches hold.
 */
void smmuv3_prefetch(struct smmuv3 *smmu, const struct request *request);

#define SMMUV3_EVICT_CONFIG 1u
#define SMMUV3_EVICT_TABLES 2u
#define SMMUV3_EVICT_TLB    4u
void smmuv3_evict(struct smmuv3 *smmu, unsigned int caches);

/*
 * What smmuv3_translate() would answer now, caches included, without any
 * effect: nothing is filled, recorded, counted or spent.  @read is used in
 * place of the port for walks.
 */
void smmuv3_probe(const struct smmuv3 *smmu, const struct request *request,
                  bool (*read)(void *world, uint64_t address, void *buffer,
                               unsigned int len),
                  void *world, struct response *response);

struct smmuv3_stats {
    uint64_t requests, micro_hits, main_hits, tlb_misses;
    uint64_t ste_hits, ste_misses, cd_hits, cd_misses;
    uint64_t walk_reads, prefetches, events, events_lost, commands;
    uint64_t register_writes;
};
/* Is an event record being written?  A request that faults waits for it. */
bool smmuv3_is_recording(const struct smmuv3 *smmu);
const struct smmuv3_stats *smmuv3_stats(const struct smmuv3 *smmu);

#endif /* MODELS_SMMUV3_SMMUV3_H */
