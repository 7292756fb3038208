/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vsmmuv3: a virtual SMMUv3 with stage 1 only (IHI 0070).
 *
 * The guest's context descriptors and stage-1 tables are walked by the
 * hardware, nested on the domain's p2m.  What is emulated: registers, the
 * command queue, the stream table, the event queue.
 *
 * All state of one unit, protected by its domain's lock.  Traps change
 * registers only (registers.c); everything that takes time is done by the
 * engine (engine.c) from deferred work, in steps that are short each.
 */
#ifndef VSMMUV3_H
#define VSMMUV3_H

#include <piommu/smmuv3/layout.h>
#include <viommu/private.h>

#define VSMMUV3_EVENT_RING 64u

/* What the guest wants of the DMA of a device. */
enum vsmmuv3_stream_kind {
    VSMMUV3_STREAM_OFF,     /* SMMUEN = 0, GBPA.ABORT = 0: the p2m */
    VSMMUV3_STREAM_ABORT,   /* blocked, silent */
    VSMMUV3_STREAM_FAULT,   /* blocked, with the event below */
    VSMMUV3_STREAM_REFUSED, /* blocked, silent: no memory to carry it out */
    VSMMUV3_STREAM_BYPASS,  /* Config = 4 */
    VSMMUV3_STREAM_STAGE1,  /* Config = 5 */
};

struct vsmmuv3_stream {
    enum vsmmuv3_stream_kind kind;
    unsigned int event; /* FAULT: its number */
    paddr_t fetch;      /* FAULT with F_STE_FETCH: FetchAddr */
    uint64_t ste[2];    /* BYPASS, STAGE1: words 0 and 1, what we allow */
    bool ats;           /* STAGE1: translation requests are answered */
};

struct vsmmuv3_device {
    bool used;
    bool stale;   /* its STE is to be read again */
    bool decided; /* it was: next is valid, not attached yet */
    uint32_t sid; /* virtual StreamID */
    struct viommu_pdev *pdev;
    struct vsmmuv3_stream stream, next;
    /* Nested, of what the two say, if that is BYPASS or STAGE1. */
    struct piommu_space *space, *next_space;
    struct piommu_space *old; /* left, to be given back */
    /*
     * The one before this one, unless that was silent.  Until the physical
     * events have been drained once more, a DMA that met it may still be
     * reported.
     */
    struct vsmmuv3_stream before;
    bool changed; /* there is one */
};

/* A record of the guest's event queue (7.2). */
struct vsmmuv3_event {
    uint64_t word[SMMU_EVT_WORDS];
};
/* What the access was, in word 1. */
#define VSMMUV3_EVENT_ACCESS (SMMU_EVT1_PNU | SMMU_EVT1_IND | SMMU_EVT1_RNW)

/* Index into vsmmuv3.reg, in the order of the table in registers.c. */
enum vsmmuv3_register_id {
    VSMMUV3_R_IDR0,
    VSMMUV3_R_IDR1,
    VSMMUV3_R_IDR3,
    VSMMUV3_R_IDR5,
    VSMMUV3_R_IIDR,
    VSMMUV3_R_AIDR,
    VSMMUV3_R_CR0,
    VSMMUV3_R_CR0ACK,
    VSMMUV3_R_CR1,
    VSMMUV3_R_CR2,
    VSMMUV3_R_GBPA,
    VSMMUV3_R_IRQ_CTRL,
    VSMMUV3_R_IRQ_CTRLACK,
    VSMMUV3_R_GERROR,
    VSMMUV3_R_GERRORN,
    VSMMUV3_R_STRTAB_BASE,
    VSMMUV3_R_STRTAB_BASE_CFG,
    VSMMUV3_R_CMDQ_BASE,
    VSMMUV3_R_CMDQ_PROD,
    VSMMUV3_R_CMDQ_CONS,
    VSMMUV3_R_EVENTQ_BASE,
    VSMMUV3_R_EVENTQ_PROD,
    VSMMUV3_R_EVENTQ_CONS,
    VSMMUV3_R_COUNT
};

struct vsmmuv3_config {
    uint32_t idr0, idr1, idr3, idr5, iidr, aidr;
    unsigned int virq_eventq, virq_gerror, virq_sync;
};

/* How far the command under way is. */
enum vsmmuv3_command_stage {
    VSMMUV3_COMMAND_NONE,    /* the next one is to be fetched */
    VSMMUV3_COMMAND_FETCHED, /* to be executed */
    VSMMUV3_COMMAND_SYNC,    /* CMD_SYNC: the hardware has not answered */
    VSMMUV3_COMMAND_DRAINS,  /* CMD_SYNC: a device model has not answered */
    VSMMUV3_COMMAND_EVENTS,  /* CMD_SYNC: its events are being drained */
};

#define VSMMUV3_NAMED_BYTES 0x100u /* of either page, with all registers */

struct vsmmuv3 {
    struct viommu viommu;
    struct vsmmuv3_config config;
    uint64_t reg[VSMMUV3_R_COUNT];
    /* vsmmuv3_register_id by page and double word; 0: or RES0 */
    uint8_t row_at[2][VSMMUV3_NAMED_BYTES / 4];

    /* What is, or is just becoming, true for the devices; CR0ACK and
     * GBPA.UPDATE follow when it is so for all. */
    bool enabled;
    bool abort; /* GBPA.ABORT */

    struct vsmmuv3_device device[XEN_VIOMMU_MAX_DEVICES];
    struct piommu_nest *nest; /* made when it is needed */

    enum vsmmuv3_command_stage stage;
    uint64_t command[2];
    struct piommu_token token; /* of all that was forwarded */
    bool drained;              /* since it was last made false */
    bool invalidated;          /* and device models have not been told */

    /* From the physical interrupt to the guest's queue. */
    struct vsmmuv3_event event[VSMMUV3_EVENT_RING];
    unsigned int event_first, events;
    struct host_work work;
};

static inline struct vsmmuv3 *vsmmuv3_of(struct viommu *viommu)
{
    return container_of(viommu, struct vsmmuv3, viommu);
}

/*
 * No STE was read: there is none, or it is no memory.  That is never
 * remembered: an L1STD that becomes valid need not be invalidated by itself,
 * and one that is goes with the CFGI of any stream below it.  So it is looked
 * at again whenever there is occasion.
 */
static inline bool vsmmuv3_without_ste(const struct vsmmuv3_device *device)
{
    return device->stream.kind == VSMMUV3_STREAM_FAULT &&
           (device->stream.event == SMMU_C_BAD_STREAMID ||
            device->stream.event == SMMU_F_STE_FETCH);
}

static inline void vsmmuv3_kick(struct vsmmuv3 *v)
{
    host_work_schedule(viommu_host(&v->viommu), &v->work);
}

/* Written and effective: what a register that is locked by it goes by. */
static inline uint64_t vsmmuv3_cr0(const struct vsmmuv3 *v)
{
    return v->reg[VSMMUV3_R_CR0] | v->reg[VSMMUV3_R_CR0ACK];
}

static inline bool vsmmuv3_gerror_active(const struct vsmmuv3 *v,
                                         uint32_t error)
{
    return (v->reg[VSMMUV3_R_GERROR] ^ v->reg[VSMMUV3_R_GERRORN]) & error;
}

/* create.c */
struct vsmmuv3_offer {
    uint32_t capabilities, idr[6], iidr, aidr;
};
int vsmmuv3_offer(const struct viommu_registry *registry,
                  struct vsmmuv3_offer *offer);
int vsmmuv3_config_check(const struct viommu_registry *registry,
                         const struct vsmmuv3_config *config);
int vsmmuv3_create(struct viommu_domain *vd,
                   const struct vsmmuv3_config *config, struct vsmmuv3 **v);
/* Continuation; with the domain's lock held.  0: it may be freed. */
int vsmmuv3_teardown(struct vsmmuv3 *v);
/* Without the domain's lock. */
void vsmmuv3_free(struct vsmmuv3 *v);

/* registers.c */
void vsmmuv3_reset(struct vsmmuv3 *v);
uint32_t vsmmuv3_read(const struct vsmmuv3 *v, unsigned int offset);
void vsmmuv3_write(struct vsmmuv3 *v, unsigned int offset, unsigned int size,
                   uint64_t value);

/* engine.c */
enum vsmmuv3_progress {
    VSMMUV3_IDLE,    /* there is nothing to do */
    VSMMUV3_WORKED,  /* a step was made, there may be more */
    VSMMUV3_LATER,   /* the hardware is not ready yet */
    VSMMUV3_WAITING, /* vsmmuv3_drained(), or an answer, will go on */
};
/* True: run it again, later. */
bool vsmmuv3_run(struct vsmmuv3 *v);
void vsmmuv3_work(struct host_work *work);
/* Has all been reported that the hardware has seen?  If not, it is asked for,
 * and the answer is VSMMUV3_WAITING. */
enum vsmmuv3_progress vsmmuv3_drain(struct vsmmuv3 *v);
void vsmmuv3_drained(struct vsmmuv3 *v);
/* What is under way does not count. */
void vsmmuv3_undrained(struct vsmmuv3 *v);

/* device.c */
int vsmmuv3_device_add(struct vsmmuv3 *v, struct viommu_pdev *pdev);
int vsmmuv3_device_remove(struct vsmmuv3 *v, struct vsmmuv3_device *device,
                          struct piommu_space *space);
struct vsmmuv3_device *vsmmuv3_device_find(struct vsmmuv3 *v, uint32_t sid);
/* The physical units that they are on, as a mask. */
unsigned int vsmmuv3_units(const struct vsmmuv3 *v);
/* One that is not yet where its STE wants it, or NULL. */
struct vsmmuv3_device *vsmmuv3_device_stale(struct vsmmuv3 *v);
/* Those whose StreamID is @sid but for its low @ignored bits, 32: all.  Called
 * only when none is stale. */
void vsmmuv3_make_stale(struct vsmmuv3 *v, uint32_t sid, unsigned int ignored);
enum vsmmuv3_progress vsmmuv3_device_refresh(struct vsmmuv3 *v,
                                             struct vsmmuv3_device *device);

/* stream_table.c */
void vsmmuv3_stream_read(struct vsmmuv3 *v, uint32_t sid,
                         struct vsmmuv3_stream *stream);

/* queue.c */
enum vsmmuv3_progress vsmmuv3_queue_step(struct vsmmuv3 *v);
void vsmmuv3_gerror(struct vsmmuv3 *v, uint32_t error);

/* A queue of the guest. */
struct vsmmuv3_queue {
    paddr_t base;
    uint32_t pointer_mask; /* index and wrap bit */
};
struct vsmmuv3_queue vsmmuv3_queue(const struct vsmmuv3 *v, uint64_t base,
                                   unsigned int log2_max,
                                   unsigned int log2_entry);

/* commands.c.  0: taken; -XEN_EAGAIN: the hardware's queue is full;
 * -XEN_EINVAL: CERROR_ILL; -XEN_EIO. */
int vsmmuv3_command(struct vsmmuv3 *v);
int vsmmuv3_forward(struct vsmmuv3 *v, const struct vsmmuv3_device *device,
                    uint64_t lo, uint64_t hi);

/* events.c */
bool vsmmuv3_event_of_stream(const struct vsmmuv3 *v,
                             const struct vsmmuv3_stream *stream,
                             struct vsmmuv3_event *event);
void vsmmuv3_event_report(struct vsmmuv3 *v,
                          const struct vsmmuv3_event *event);
void vsmmuv3_fault(struct vsmmuv3 *v, unsigned int index,
                   const struct piommu_fault *fault);
bool vsmmuv3_events_deliver(struct vsmmuv3 *v);

/* fetch.c: addresses of the guest's structures that the hardware could not
 * read.  @page: what it asked stage 2 for, or VSMMUV3_NO_PAGE. */
#define VSMMUV3_NO_PAGE (~UINT64_C(0))
paddr_t vsmmuv3_cd_address(const struct vsmmuv3_stream *stream, uint32_t ssid,
                           paddr_t page);
/* Is one of its CDs there, or its L1CD, as far as the guest's tables tell? */
bool vsmmuv3_cd_is_in(const struct vsmmuv3 *v,
                      const struct vsmmuv3_stream *stream, uint32_t ssid,
                      paddr_t page);
paddr_t vsmmuv3_walk_address(const struct vsmmuv3 *v,
                             const struct vsmmuv3_stream *stream,
                             uint32_t ssid, uint64_t input, paddr_t page);

/* Words 0 to 3 of the guest's CD; false: it can't be read.  And the table that
 * it has for @input. */
struct vsmmuv3_cd {
    uint64_t word[4];
};
bool vsmmuv3_cd_read(const struct vsmmuv3 *v,
                     const struct vsmmuv3_stream *stream, uint32_t ssid,
                     struct vsmmuv3_cd *cd);
paddr_t vsmmuv3_cd_table(const struct vsmmuv3_cd *cd, uint64_t input);

/* Of the first descriptor that is read, L1CD or CD; SubstreamID bits that a
 * leaf of a two-level table is indexed with, 0: it is linear. */
paddr_t vsmmuv3_cd_first(const struct vsmmuv3_stream *stream, uint32_t ssid);
unsigned int vsmmuv3_cd_leaf_bits(const struct vsmmuv3_stream *stream);
/* By the L1CD. */
paddr_t vsmmuv3_cd_below(const struct vsmmuv3_stream *stream, uint64_t l1cd,
                         uint32_t ssid);

/* A walk of stage 1: where it is.  False: the CD has no such tables. */
#define VSMMUV3_LAST_LEVEL 3u
#define VSMMUV3_VA_UPPER   SMMU_BIT(55) /* which half of the address range */
struct vsmmuv3_walk {
    uint64_t input;
    unsigned int granule; /* bits of a page's offset */
    unsigned int size;    /* bits of the input */
    unsigned int level, bits;
    paddr_t table;
};
bool vsmmuv3_walk_begin(struct vsmmuv3_walk *walk, const struct vsmmuv3_cd *cd,
                        uint64_t input);
/* Where its descriptor is, and the bits below what that maps. */
paddr_t vsmmuv3_walk_entry(const struct vsmmuv3_walk *walk);
uint64_t vsmmuv3_walk_span(const struct vsmmuv3_walk *walk);
/* It leads to a table, or maps; neither: it is invalid. */
bool vsmmuv3_walk_is_table(const struct vsmmuv3_walk *walk, uint64_t entry);
bool vsmmuv3_walk_is_leaf(const struct vsmmuv3_walk *walk, uint64_t entry);
/* The table that a descriptor leads to; and go there. */
paddr_t vsmmuv3_walk_next(const struct vsmmuv3_walk *walk, uint64_t entry);
void vsmmuv3_walk_down(struct vsmmuv3_walk *walk, uint64_t entry);

/* An access of a virtual device: what is known of it, and what becomes of it.
 */
enum vsmmuv3_verdict {
    VSMMUV3_PASSES,  /* translation says where */
    VSMMUV3_ZEROES,  /* RAZ/WI (CD.A = 0) */
    VSMMUV3_BLOCKED, /* with an event, if that has a type */
};
struct vsmmuv3_access {
    uint64_t input;
    uint32_t ssid; /* 0 without one */
    bool has_ssid, read, write, privileged, instruction;
    bool ats; /* a translation request: told which rights there are */
    struct vsmmuv3_event event; /* of the guest; type 0: none */
    struct viommu_translation translation;
};

/* vpdev.c: virtual devices */
int vsmmuv3_translate(struct vsmmuv3 *v, const struct viommu_access *access,
                      struct viommu_translation *translation);
/* Have device models drain what may use what was invalidated. */
void vsmmuv3_tell(struct vsmmuv3 *v);
/* walk.c: by the CD that @access has selected */
enum vsmmuv3_verdict vsmmuv3_walk(const struct vsmmuv3 *v,
                                  const struct vsmmuv3_cd *cd,
                                  struct vsmmuv3_access *access);
/* With this event. */
enum vsmmuv3_verdict vsmmuv3_blocked(struct vsmmuv3_access *access,
                                     unsigned int type);

/* address_size.c */
uint64_t vsmmuv3_oas_mask(const struct vsmmuv3 *v);
bool vsmmuv3_address_size(const struct vsmmuv3 *v,
                          const struct vsmmuv3_stream *stream,
                          const uint64_t physical[4],
                          struct vsmmuv3_event *event);
/* Does stage 1 lead @input beyond the guest's OAS? */
bool vsmmuv3_output_beyond(const struct vsmmuv3 *v,
                           const struct vsmmuv3_stream *stream, uint32_t ssid,
                           uint64_t input);

#endif /* VSMMUV3_H */
