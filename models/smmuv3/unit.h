/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a unit, and what its chapters ask of each other.
 */
#ifndef MODELS_SMMUV3_UNIT_H
#define MODELS_SMMUV3_UNIT_H

#include "structures.h"

#include <common/inflight.h>
#include <smmuv3/smmuv3.h>

#include <string.h>

/* What a TLB entry belongs to: the StreamWorld (3.3.4), or stage 2 alone. */
enum regime {
    REGIME_EL1,
    REGIME_EL2,
    REGIME_EL2_E2H,
    REGIME_STAGE2, /* IPA to PA, of a VMID */
    REGIME_COUNT
};

struct smmuv3 {
    struct smmuv3_config config;
    struct port port;
    struct smmuv3_stats stats;

    /* What follows from the configuration. */
    uint64_t oas_mask;     /* physical addresses */
    unsigned int granules; /* mask of page shifts */
    size_t ste_cache, cd_cache, micro_tlb, main_tlb, walk_cache[2];

    /* Registers (registers.c). */
    uint32_t file[REGISTER_WORDS];
    uint8_t map[REGISTER_WORDS]; /* 1 + row of the table, 0: reserved */

    /* Page sizes that the main TLB may hold since it was empty, as masks of
     * shifts: entries of one ASID, global entries. */
    uint64_t sizes[REGIME_COUNT], global_sizes[REGIME_COUNT];
    uint64_t last_page; /* that the main TLB was hit for */

    bool queue_running; /* the command engine is inside a port call */
    bool recording;     /* an event record is being written */
    uint64_t last_event[EVENT_WORDS]; /* what a next one may merge with */

    struct inflight inflight;
    struct inflight_set owed;      /* what the next CMD_SYNC waits for */
    struct inflight_set disabling; /* ... an Update of SMMUEN to 0 */
};

static inline struct cache *cache_at(const struct smmuv3 *smmu, size_t offset)
{
    return (struct cache *)((uintptr_t)smmu + offset);
}

static inline unsigned int register_word(uint32_t offset)
{
    return (offset / REGISTER_PAGE * REGISTER_PIECE + offset % REGISTER_PAGE) /
           4;
}

/* What is kept beside registers and caches is told of like registers beyond
 * their space. */
enum latch {
    LATCH_SIZES = SMMUV3_REGISTER_SPACE,
    LATCH_LAST_PAGE,
    LATCH_QUEUE,     /* running */
    LATCH_RECORDING, /* with the last event */
    LATCH_OWED,
    LATCH_DISABLING,
};

static inline void touch(const struct smmuv3 *smmu, uint32_t offset,
                         unsigned int size, bool write)
{
    port_touch(&smmu->port, PORT_REGISTER, offset, offset + size - 1, write);
}

static inline uint32_t reg32(const struct smmuv3 *smmu, uint32_t offset)
{
    touch(smmu, offset, 4, false);
    return smmu->file[register_word(offset)];
}

static inline uint64_t reg64(const struct smmuv3 *smmu, uint32_t offset)
{
    return reg32(smmu, offset) | (uint64_t)reg32(smmu, offset + 4) << 32;
}

static inline void set_reg32(struct smmuv3 *smmu, uint32_t offset,
                             uint32_t value)
{
    touch(smmu, offset, 4, true);
    smmu->file[register_word(offset)] = value;
}

static inline void set_reg64(struct smmuv3 *smmu, uint32_t offset,
                             uint64_t value)
{
    set_reg32(smmu, offset, (uint32_t)value);
    set_reg32(smmu, offset + 4, (uint32_t)(value >> 32));
}

static inline void spend(struct smmuv3 *smmu, enum cost what)
{
    port_spend(&smmu->port, &smmu->config.costs, what);
}

/* ---- registers.c ---- */

void smmu_registers_place(struct smmuv3 *smmu);
void smmu_registers_reset(struct smmuv3 *smmu);

/*
 * CR0ACK follows CR0, but for an enable that was cleared while what it enables
 * is still being used: that follows when the use has ended.
 */
void smmu_registers_update_cr0ack(struct smmuv3 *smmu);

/* ---- config.c ---- */

/* Bits of an address, by the code of IPS, S2PS and OAS; at most the OAS. */
unsigned int smmu_config_address_bits(const struct smmuv3_config *config,
                                      unsigned int code);

/* ---- events.c ---- */

/* By their numbers (7.3). */
enum event {
    EVENT_NONE = 0,
    C_BAD_STREAMID = 0x02,
    F_STE_FETCH = 0x03,
    C_BAD_STE = 0x04,
    F_STREAM_DISABLED = 0x06,
    C_BAD_SUBSTREAMID = 0x08,
    F_CD_FETCH = 0x09,
    C_BAD_CD = 0x0a,
    F_WALK_EABT = 0x0b,
    F_TRANSLATION = 0x10,
    F_ADDR_SIZE = 0x11,
    F_ACCESS = 0x12,
    F_PERMISSION = 0x13,
    EVENT_COUNT,
    TERMINATED, /* aborted, and the architecture defines no event */
};

/* Of a fault, beside its number. */
struct fault {
    enum event event;
    enum event_class class;
    bool s2;
    uint32_t missing; /* F_PERMISSION: the RIGHT_* */
    uint64_t address; /* IPA or FetchAddr, whichever the event has */
};

struct walk;

const char *smmu_event_name(enum event event);
/* 5.5: one of the four that CD.{R,A} and STE.S2R act on. */
bool smmu_event_is_translation_fault(enum event event);

/* Record walk->fault, if its kind and the registers let it be recorded. */
void smmu_event_record(const struct walk *walk);

/* The queue was disabled: nothing merges with its last record. */
void smmu_events_forget(struct smmuv3 *smmu);

/* ---- gerror.c ---- */

/* Make @error active; nothing if it is. */
void smmu_gerror_activate(struct smmuv3 *smmu, uint32_t error);
bool smmu_gerror_active(const struct smmuv3 *smmu, uint32_t error);

/* ---- queue.c ---- */

/* Of the queue at @base: its effective log2 size, and the index with its wrap
 * bit in a PROD or CONS. */
unsigned int smmu_queue_log2size(const struct smmuv3 *smmu, uint32_t base);
uint32_t smmu_queue_index(const struct smmuv3 *smmu, uint32_t base,
                          uint32_t value);
uint64_t smmu_queue_entry(const struct smmuv3 *smmu, uint32_t base,
                          uint32_t index, unsigned int entry_size);

/* Fetch and execute commands until there is nothing to do or an error. */
void smmu_queue_run(struct smmuv3 *smmu);

/* ---- commands.c ---- */

/*
 * Execute one command.  False: CERROR_ILL, nothing was done.  *signal: what
 * its completion owes once CMDQ_CONS has moved past it.
 */
bool smmu_command_execute(struct smmuv3 *smmu, const uint64_t command[2],
                          enum completion_signal *signal);

/* ---- invalidate.c ---- */

struct config_scope {
    uint32_t first, last; /* StreamIDs */
    bool stes;            /* with them their CDs; else CDs only */
    bool all_cds;
    uint32_t ssid;
    bool leaf_only;
};

struct tlb_scope {
    unsigned int regimes; /* mask of 1 << enum regime */
    bool by_vmid, by_asid, by_address;
    bool globals; /* by_asid: global entries as well */
    uint32_t vmid, asid;
    uint64_t first, last;    /* first and last byte */
    unsigned int granule;    /* only entries of this granule; 0: any */
    unsigned int leaf_shift; /* only leaves of this size; 0: any */
    bool leaf_only;
};

void smmu_invalidate_config(struct smmuv3 *smmu,
                            const struct config_scope *scope);
void smmu_invalidate_tlb(struct smmuv3 *smmu, const struct tlb_scope *scope);

/* SMMUEN was cleared: walks under way fill no cache any more. */
void smmu_invalidate_disable(struct smmuv3 *smmu);
/* Some of them have not ended yet. */
bool smmu_invalidate_disabling(const struct smmuv3 *smmu);

/* CMD_SYNC: until all that invalidations owe has ended. */
void smmu_invalidate_wait(struct smmuv3 *smmu);

/* ---- translate.c ---- */

typedef bool probe_read(void *world, uint64_t address, void *buffer,
                        unsigned int len);

/* Rights of both privilege levels: RIGHT_* of privileged accesses, and the
 * same shifted by USER for unprivileged ones. */
#define USER         3u
#define RIGHTS_ALL   (RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE)
#define BOTH(rights) ((uint32_t)(rights) | (uint32_t)(rights) << USER)

/* One stage's answer, or that of both; as it stands in a TLB. */
struct translation {
    uint64_t output; /* of the page of 2^shift bytes */
    uint64_t ipa;    /* of the same page; with both stages */
    uint8_t shift;
    uint8_t shift1, shift2; /* of the leaves; 0: no such stage */
    uint8_t rights1, rights2;
    bool global;  /* any ASID */
    bool no_fill; /* 3.21.1: nT, not for a TLB */
    uint8_t pad;
    uint64_t unused;
};
_Static_assert(sizeof(struct translation) == sizeof(struct cache_value),
               "a TLB holds translations as they are");

/* One request on its way through the unit. */
struct walk {
    const struct smmuv3 *smmu;
    struct smmuv3 *live; /* NULL: a probe, nothing may change */
    probe_read *read;    /* a probe's way to memory */
    void *world;
    const struct request *request;
    int slot;
    bool silent; /* a prefetch: no event, no response to anybody */

    bool privileged, execute; /* after the STE's overrides */
    uint32_t need;            /* RIGHT_*, all of them */

    bool stage1, stage2;
    enum regime regime; /* of the request's address */
    uint32_t vmid;
    uint32_t asid;            /* and TAG2_ASET */
    bool ste_valid, cd_valid; /* they are there and legal */
    bool hit;                 /* of a TLB */
    bool missed;              /* tables were walked */
    bool ste_missed;          /* the stream table was read */
    struct fault fault;

    /* Set when they are read: not cleared by walk_begin(). */
    struct cache_value ste, cd; /* words, and whether they are legal */
    struct translation translation;
};

/* A request that has not begun yet. */
static inline void walk_begin(struct walk *walk, const struct smmuv3 *smmu,
                              const struct request *request)
{
    memset(walk, 0, offsetof(struct walk, ste));
    walk->smmu = smmu;
    walk->request = request;
    walk->slot = -1;
}

/* Into @response; a fault is recorded. */
void smmu_translate_request(struct walk *walk, struct response *response);
/* Walk for the request, fill what may be filled, tell nobody. */
void smmu_translate_prefetch(struct walk *walk);
/* Likewise STE and CD only. */
void smmu_translate_prefetch_config(struct walk *walk);

/* The RIGHT_* that the request misses in @rights of both levels. */
static inline uint32_t missing_rights(const struct walk *walk, uint32_t rights)
{
    return walk->need & ~(rights >> (walk->privileged ? 0 : USER));
}

/* ---- unit.c ---- */

/* Access to memory and to the caches, as a live request or as a probe. */
bool smmu_walk_fetch(const struct walk *walk, uint64_t address, void *buffer,
                     unsigned int len, enum cost what);
static inline bool smmu_walk_lookup(const struct walk *walk, size_t cache,
                                    const struct cache_key *key,
                                    struct cache_value *value)
{
    return walk->live ? cache_lookup(cache_at(walk->live, cache), key, value) :
                        cache_peek(cache_at(walk->smmu, cache), key, value);
}
/* Not when the walk is poisoned. */
bool smmu_walk_fill(const struct walk *walk, size_t cache,
                    const struct cache_key *key,
                    const struct cache_value *value);

/* A silent request for the sake of the caches.  False: no slot was free. */
bool smmu_unit_prefetch(struct smmuv3 *smmu, const struct request *request,
                        void (*prefetch)(struct walk *walk));

/* ---- stream_table.c, ste.c, context.c ---- */

/* 5.2 STRW: a StreamWorld of EL2.  The field is used by stage 1 alone, and
 * only where there is an EL2; what is neither 0 nor EL2 is ILLEGAL. */
static inline bool ste_el2(const struct smmuv3 *smmu, const uint64_t *ste)
{
    return STE_STRW(ste[1]) &&
           STE_CONFIG(ste[0]) == (CONFIG_PASS | CONFIG_S1) &&
           (smmu->config.idr[0] & IDR0_HYP);
}

/* Into walk->ste; legal and not an abort. */
enum event smmu_ste_get(struct walk *walk);
/* Where the STE is.  Errors carry their address in walk->fault. */
enum event smmu_stream_table_locate(struct walk *walk, uint64_t *address);

/* The Substream of the request, by S1DSS; *ssid: the CD to be used.
 * *bypass: stage 1 is passed by. */
enum event smmu_context_select(struct walk *walk, uint32_t *ssid,
                               bool *bypass);
/* Into walk->cd. */
enum event smmu_context_get(struct walk *walk, uint32_t ssid);

/* Kinds of entries of the STE and CD caches */
#define CONFIG_LEAF   0u /* STE, CD */
#define CONFIG_LEVEL1 1u /* L1STD, L1CD */

/* ---- walk.c, stage1.c, stage2.c ---- */

/* The tables of one stage on the way down. */
struct tables {
    bool s2;              /* of stage 2 */
    uint64_t input;       /* address to translate */
    uint64_t table;       /* the next table, */
    unsigned int level;   /* of its entries, */
    unsigned int bits;    /* and the bits of the input that it translates */
    unsigned int granule; /* page shift */
    uint64_t output_mask; /* addresses beyond it fault (3.4) */
    bool ignore_af;
    uint64_t hierarchy;      /* TTD_S1_HIERARCHY of the tables so far, */
    uint64_t hierarchy_mask; /* and what of it counts; stage 1 */
    enum event_class class;  /* stage 2: for what */
};

/* Down to the leaf: *leaf, and tables->level is its level. */
enum event smmu_walk_tables(struct walk *walk, struct tables *tables,
                            uint64_t *leaf);
/* Of the first table: @base is aligned to its size. */
void smmu_walk_start(struct tables *tables, uint64_t base, unsigned int level,
                     unsigned int bits);
uint64_t smmu_walk_output(const struct tables *tables, uint64_t leaf);
/* The first address of the page of that leaf around @input. */
uint64_t smmu_walk_page(const struct tables *tables, uint64_t input);
/* 3.21.1: a block with nT is not for a TLB. */
bool smmu_walk_no_fill(const struct walk *walk, const struct tables *tables,
                       uint64_t leaf);
/* Sets walk->fault; returns @event. */
enum event smmu_walk_fault(struct walk *walk, const struct tables *tables,
                           enum event event);

/* The VA as the TLBs know it: with TBI the top byte is the sign. */
uint64_t smmu_stage1_canonical(const struct walk *walk);
/* Of the request's address, into walk->translation; rights not checked. */
enum event smmu_stage1_walk(struct walk *walk);

/* By the tables of walk->ste, into @translation; rights not checked. */
enum event smmu_stage2_walk(struct walk *walk, uint64_t ipa,
                            enum event_class class,
                            struct translation *translation);
/* Likewise, by the TLB first. */
enum event smmu_stage2_translate(struct walk *walk, uint64_t ipa,
                                 enum event_class class,
                                 struct translation *translation);
/* PA of @ipa for a read by the unit itself, of a CD or of a descriptor. */
enum event smmu_stage2_read(struct walk *walk, uint64_t ipa,
                            enum event_class class, uint64_t *pa);
/* Sets walk->fault; returns F_PERMISSION. */
enum event smmu_stage2_permission(struct walk *walk, uint64_t ipa,
                                  enum event_class class, uint32_t missing);

/* ---- tlb.c ---- */

/* cache_key.tag2: of an ASID, or global */
#define TAG2_ASID   0xffffu
#define TAG2_ASET   BIT32(16)
#define TAG2_GLOBAL BIT32(17)

/* Of the request's own regime. */
bool smmu_tlb_micro_lookup(struct walk *walk, uint64_t address);
void smmu_tlb_micro_fill(const struct walk *walk, uint64_t address);
/* After a hit of the main TLB: has the page earned a place? */
bool smmu_tlb_micro_wants(const struct walk *walk, uint64_t address);

bool smmu_tlb_main_lookup(const struct walk *walk, enum regime regime,
                          uint64_t address, struct translation *translation);
void smmu_tlb_main_fill(const struct walk *walk, enum regime regime,
                        uint64_t address,
                        const struct translation *translation);

/* The lowest table that a walk cache knows; none: @tables stays. */
void smmu_tlb_table_lookup(const struct walk *walk, struct tables *tables);
void smmu_tlb_table_fill(const struct walk *walk, const struct tables *tables);

void smmu_tlb_drop(struct smmuv3 *smmu, const struct tlb_scope *scope);
void smmu_tlb_clear(struct smmuv3 *smmu);

#endif /* MODELS_SMMUV3_UNIT_H */
