/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a unit, and what its chapters ask of each other.
 */
#ifndef MODELS_VTD_UNIT_H
#define MODELS_VTD_UNIT_H

#include "structures.h"

#include <common/inflight.h>
#include <vtd/vtd.h>

struct vtd {
    struct vtd_config config;
    struct port port;
    struct vtd_stats stats;

    /* What follows from the configuration. */
    uint64_t haw_mask;         /* host addresses */
    uint64_t mgaw_mask;        /* device addresses */
    uint32_t did_mask;         /* implemented bits of a domain-id */
    unsigned int page_levels;  /* mask of levels that the IOTLB may hold */
    uint64_t sl_leaf_reserved; /* beside the address bits below the page */
    size_t context_cache, iotlb, paging; /* offsets of the caches */

    /* Registers (registers.c). */
    uint32_t file[REGISTER_SPACE / 4];
    uint8_t map[REGISTER_SPACE / 4]; /* 1 + row of the table, 0: reserved */

    /* What is latched from them. */
    uint64_t root;    /* RTADDR at the last SRTP */
    bool translating; /* TE for requests that begin now */
    unsigned int next_frcd;
    bool queue_running;  /* the engine is inside a port call */
    bool queue_stopping; /* QIE was cleared meanwhile */

    struct inflight inflight;
};

static inline struct cache *context_cache(const struct vtd *vtd)
{
    return (struct cache *)((uintptr_t)vtd + vtd->context_cache);
}

static inline struct cache *iotlb(const struct vtd *vtd)
{
    return (struct cache *)((uintptr_t)vtd + vtd->iotlb);
}

static inline struct cache *paging_cache(const struct vtd *vtd)
{
    return (struct cache *)((uintptr_t)vtd + vtd->paging);
}

/* What is latched is told of like registers beyond their space. */
enum latch {
    LATCH_ROOT = REGISTER_SPACE,
    LATCH_TRANSLATING,
    LATCH_NEXT_FRCD,
    LATCH_QUEUE, /* running, stopping */
};

static inline void touch(const struct vtd *vtd, uint32_t offset,
                         unsigned int size, bool write)
{
    port_touch(&vtd->port, PORT_REGISTER, offset, offset + size - 1, write);
}

static inline uint32_t reg32(const struct vtd *vtd, uint32_t offset)
{
    touch(vtd, offset, 4, false);
    return vtd->file[offset / 4];
}

static inline uint64_t reg64(const struct vtd *vtd, uint32_t offset)
{
    touch(vtd, offset, 8, false);
    return vtd->file[offset / 4] | (uint64_t)vtd->file[offset / 4 + 1] << 32;
}

static inline void set_reg32(struct vtd *vtd, uint32_t offset, uint32_t value)
{
    touch(vtd, offset, 4, true);
    vtd->file[offset / 4] = value;
}

static inline void set_reg64(struct vtd *vtd, uint32_t offset, uint64_t value)
{
    touch(vtd, offset, 8, true);
    vtd->file[offset / 4] = (uint32_t)value;
    vtd->file[offset / 4 + 1] = (uint32_t)(value >> 32);
}

static inline void spend(struct vtd *vtd, enum cost what)
{
    port_spend(&vtd->port, &vtd->config.costs, what);
}

static inline uint32_t iotlb_registers(const struct vtd_config *config)
{
    return ECAP_IRO(config->ecap) * 16u;
}

static inline uint32_t frcd_registers(const struct vtd_config *config)
{
    return CAP_FRO(config->cap) * 16u;
}

/* From major version 6 on invalidation is by the queue only, and drains. */
static inline bool queue_only(const struct vtd_config *config)
{
    return VER_MAJ(config->version) >= 6;
}

/* ---- registers.c ---- */

/* Fills @map; false: two registers overlap or one is outside the space. */
bool registers_place(const struct vtd_config *config,
                     uint8_t map[REGISTER_SPACE / 4]);
void registers_reset(struct vtd *vtd);

/* ---- fault.c ---- */

/* Conditions, by the specification's names (7.1.3). */
enum condition {
    CONDITION_NONE,
    RTA_1,
    RTA_2,
    LRT_1,
    LRT_2,
    LRT_3,
    LCT_1,
    LCT_2,
    LCT_3,
    LCT_4_1,
    LCT_4_2,
    LCT_4_3,
    LCT_5,
    LGN_1,
    LGN_2,
    LGN_3,
    LGN_4,
    LSL_1,
    LSL_2,
    CONDITION_COUNT
};

const char *condition_name(enum condition condition);
unsigned int condition_reason(enum condition condition);
/* FPD suppresses only qualified faults. */
bool condition_qualified(enum condition condition);

void fault_record(struct vtd *vtd, const struct request *request,
                  enum condition condition);
void fault_queue_error(struct vtd *vtd, enum iqei iqei);

/* Side effects of registers. */
void fault_fsts_written(struct vtd *vtd);
void fault_frcd_written(struct vtd *vtd);

/* The event of @control (FECTL, IECTL) has occurred; control was written. */
void event_raise(struct vtd *vtd, uint32_t control);
void event_control_written(struct vtd *vtd, uint32_t control, uint32_t old);

/* ---- caches.c ---- */

/* A context entry as read or as cached. */
struct context {
    uint64_t low, high;
    enum condition error; /* CONDITION_NONE: usable */
};

/*
 * What the IOTLB holds for the page or, with CM=1, for the span of a paging
 * entry that is not present or erroneous.
 */
struct translation {
    uint64_t base;
    uint32_t rights;      /* ANDed from the root of the tables on */
    unsigned int level;   /* of the entry */
    enum condition error; /* found after the rights were checked */
};

/* A paging-structure cache entry: the table below an entry. */
struct table {
    uint64_t address;
    uint32_t rights;    /* ANDed from the root of the tables on */
    unsigned int level; /* of the entries in it */
};

struct cache_key context_key(uint32_t sid);
struct cache_value context_value(const struct vtd *vtd,
                                 const struct context *context);
void context_from(const struct cache_value *value, struct context *context);

struct cache_key iotlb_key(uint32_t did, uint64_t address, unsigned int level);
struct cache_value iotlb_value(const struct translation *translation);
void iotlb_from(const struct cache_value *value,
                struct translation *translation);

struct cache_key paging_key(uint32_t did, uint64_t address,
                            unsigned int level);
struct cache_value paging_value(const struct table *table);
void paging_from(const struct cache_value *value, struct table *table);

/* What an invalidation covers. */
struct scope {
    enum granularity granularity;
    uint32_t did;
    uint32_t sid, sid_mask; /* device-selective */
    uint64_t first, last;   /* page-selective: first and last byte */
};
void caches_drop_contexts(struct vtd *vtd, const struct scope *scope);
void caches_drop_translations(struct vtd *vtd, const struct scope *scope,
                              bool leaf_only);
void caches_clear(struct vtd *vtd);

/* ---- invalidate.c ---- */

struct context_command {
    enum granularity granularity;
    uint32_t did, sid;
    unsigned int fm;
};
struct iotlb_command {
    enum granularity granularity;
    uint32_t did;
    uint64_t address;
    unsigned int am;
    bool ih, drain_reads, drain_writes;
};

/* Both return when complete, with the granularity that was performed;
 * GRANULARITY_RESERVED: the command is incorrect, nothing was done. */
enum granularity invalidate_contexts(struct vtd *vtd,
                                     const struct context_command *command);
enum granularity invalidate_iotlb(struct vtd *vtd,
                                  const struct iotlb_command *command);
void invalidate_everything(struct vtd *vtd);

/* Wait until all requests that began before now are served. */
void drain_all(struct vtd *vtd);

void invalidate_ccmd_written(struct vtd *vtd);
void invalidate_iotlb_written(struct vtd *vtd);

/* ---- queue.c ---- */

/* Fetch and execute until there is nothing to do or an error. */
void queue_run(struct vtd *vtd);
void queue_enable(struct vtd *vtd, bool enable);

/* ---- remap.c, walk.c ---- */

typedef bool probe_read(void *world, uint64_t address, void *buffer,
                        unsigned int len);

/* One request on its way through the unit. */
struct walk {
    const struct vtd *vtd;
    struct vtd *live; /* NULL: a probe, nothing may change */
    probe_read *read; /* a probe's way to memory */
    void *world;
    const struct request *request;
    int slot;
    bool silent; /* a prefetch: no fault, no response to anybody */

    uint32_t need; /* rights, all of them, or */
    bool need_any; /* any right at all */

    struct context context;
    struct translation translation;
    bool hit;    /* of the IOTLB */
    bool missed; /* the tables were walked */
};

/* 3.14: such a write is an interrupt request, whatever TE says. */
bool remap_is_interrupt(const struct request *request);

/* Into @response; a fault is recorded. */
void remap_request(struct walk *walk, struct response *response);
/* Walk for the page at @address, fill what may be filled, tell nobody. */
void remap_prefetch(struct walk *walk);

/* Second-level translation of walk->request->address. */
enum condition walk_second_level(struct walk *walk);

/* Access to memory and to the caches, as a live request or as a probe. */
bool walk_fetch(struct walk *walk, uint64_t address, void *buffer,
                unsigned int len, enum cost what);
bool walk_lookup(struct walk *walk, struct cache *cache,
                 const struct cache_key *key, struct cache_value *value);
/* Not when the walk is poisoned. */
void walk_fill(struct walk *walk, struct cache *cache,
               const struct cache_key *key, const struct cache_value *value);

#endif /* MODELS_VTD_UNIT_H */
