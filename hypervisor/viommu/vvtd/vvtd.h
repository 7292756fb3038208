/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vvtd: a virtual VT-d unit in legacy mode and caching mode.
 *
 * All state of one unit, protected by its domain's lock.  Registers are
 * changed by traps (registers.c); everything that takes time is done by the
 * engine (engine.c), a state machine that runs from deferred work in steps
 * that are short each.
 */
#ifndef VVTD_H
#define VVTD_H

#include <piommu/vtd/layout.h>
#include <viommu/private.h>
#include <viommu/vvtd/shadow.h>

/* What the guest's root and context entries say of a device. */
enum vvtd_context_kind {
    VVTD_CONTEXT_OFF,     /* translation is off: the p2m */
    VVTD_CONTEXT_NEW,     /* blocked: it has not been read yet */
    VVTD_CONTEXT_FAULT,   /* blocked; reason says why */
    VVTD_CONTEXT_REFUSED, /* blocked: no memory to shadow it */
    VVTD_CONTEXT_PASS,    /* pass-through: the p2m */
    VVTD_CONTEXT_SPACE,   /* translated */
};

struct vvtd_context {
    enum vvtd_context_kind kind;
    unsigned int reason; /* fault reason, VTD_FR_* */
    bool fpd;            /* fault processing disable */
    bool device_tlb;     /* TT = 01: ATS requests are taken */
    uint16_t did;        /* 0 if not present (CAP.CM = 1) */
    unsigned int levels;
    gfn_t root;
    struct vvtd_space *space;
};

struct vvtd_device {
    bool used;
    bool stale;   /* its context is to be read again */
    bool decided; /* it was: next is valid, not attached yet */
    uint16_t sid; /* virtual source-id */
    struct viommu_pdev *pdev;
    struct vvtd_context context, next;
};

struct vvtd_fault {
    uint16_t sid;
    uint64_t address;
    enum piommu_access access;
    enum piommu_request_type type;
    uint32_t pasid; /* or PIOMMU_NO_PASID */
    bool privileged, execute;
};

/* What the engine is doing, beside the shadow's own steps. */
enum vvtd_job_kind {
    VVTD_JOB_NONE,
    VVTD_JOB_CONTEXT,  /* read the contexts of the stale devices again */
    VVTD_JOB_TE_OFF,   /* all devices back to the p2m */
    VVTD_JOB_IOTLB,    /* synchronise spaces */
    VVTD_JOB_P2M,      /* frames of the p2m have changed */
    VVTD_JOB_REAP,     /* give back the spaces that nobody uses */
    VVTD_JOB_COMPLETE, /* tell who asked */
};

/* Who waits for the job. */
enum vvtd_asker {
    VVTD_ASKER_NONE,
    VVTD_ASKER_TE,
    VVTD_ASKER_CCMD,
    VVTD_ASKER_IOTLB,
    VVTD_ASKER_QUEUE,
};

/* An invalidation request, decoded from a register or a descriptor. */
struct vvtd_invalidate {
    unsigned int granularity; /* VTD_GRAN_* */
    uint16_t did, sid;
    unsigned int fm, am;
    dfn_t dfn;
    bool dr, dw; /* the drains that it asks for */
};

struct vvtd_job {
    enum vvtd_job_kind kind;
    enum vvtd_asker asker;
    struct vvtd_invalidate invalidate;
    struct vvtd_space *space; /* IOTLB: the next one */
    struct shadow_page *page; /* P2M: the one being looked at */
    unsigned int index;       /* P2M: its next entry */
    gfn_t gfn;                /* P2M: what has changed */
    unsigned int order;
};

/* Index into vvtd.reg, in the order of the table in registers.c. */
enum vvtd_register_id {
    VVTD_R_VER,
    VVTD_R_CAP,
    VVTD_R_ECAP,
    VVTD_R_GCMD,
    VVTD_R_GSTS,
    VVTD_R_RTADDR,
    VVTD_R_CCMD,
    VVTD_R_FSTS,
    VVTD_R_FECTL,
    VVTD_R_FEDATA,
    VVTD_R_FEADDR,
    VVTD_R_FEUADDR,
    VVTD_R_IQH,
    VVTD_R_IQT,
    VVTD_R_IQA,
    VVTD_R_ICS,
    VVTD_R_IECTL,
    VVTD_R_IEDATA,
    VVTD_R_IEADDR,
    VVTD_R_IEUADDR,
    VVTD_R_IQERCD,
    VVTD_R_IRTA,
    VVTD_R_IVA,
    VVTD_R_IOTLB,
    VVTD_R_COUNT
};

struct vvtd_config {
    uint64_t cap, ecap;
    unsigned int haw; /* guest-physical width, bits; 0: CAP.MGAW */
    bool replay;
};

#define VVTD_FIXED_END (VTD_IRTA + 8) /* of the registers at fixed places */

struct vvtd {
    struct viommu viommu;
    struct vvtd_config config;
    unsigned int width; /* min(MGAW, 48): limits input addresses */
    unsigned int haw;   /* guest-physical width, bits */

    uint64_t reg[VVTD_R_COUNT];
    uint8_t row_at[VVTD_FIXED_END / 4]; /* vvtd_register_id; 0: or reserved */
    uint64_t (*frcd)[2];                /* CAP.NFR of them */
    unsigned int frcd_next;
    uint64_t root;     /* RTADDR as latched by SRTP */
    bool root_changes; /* RTPS is still to say so */
    uint64_t iqa;      /* IQA as sampled when QIE was set */
    bool te_wanted;    /* GCMD.TE; TES follows when all is done */
    bool qie_wanted;

    struct vvtd_device device[XEN_VIOMMU_MAX_DEVICES];
    unsigned int devices; /* slots that have ever been used */
    struct vvtd_space *spaces;
    struct shadow shadow;
    struct vvtd_job job;
    bool reap;        /* a space lost its last device */
    bool p2m_changed; /* vd->change is to be followed */
    bool aborted;     /* dying, and the engine was stopped */

    /* IOTLB_REG: done, but for the answers of device models. */
    bool draining;
    unsigned int drained; /* its granularity, VTD_GRAN_* */

    /* The descriptor at the head, read but not begun: it waits for them. */
    bool held;
    uint64_t descriptor[2];

    struct host_work work;
};

static inline struct vvtd *vvtd_of(struct viommu *viommu)
{
    return container_of(viommu, struct vvtd, viommu);
}

static inline struct host *vvtd_host(const struct vvtd *v)
{
    return viommu_host(&v->viommu);
}

static inline void vvtd_kick(struct vvtd *v)
{
    host_work_schedule(vvtd_host(v), &v->work);
}

/* An address in a register, of which bits beyond HAW are ignored (10.4). */
static inline uint64_t vvtd_below_haw(const struct vvtd *v, uint64_t value)
{
    return value & ((UINT64_C(1) << v->haw) - 1);
}

static inline bool vvtd_translating(const struct vvtd *v)
{
    return v->reg[VVTD_R_GSTS] & VTD_G_TE;
}

/* create.c */
struct vvtd_offer {
    uint64_t cap, ecap;
    uint32_t capabilities;
};
void vvtd_offer(const struct viommu_registry *registry,
                struct vvtd_offer *offer);
int vvtd_config_check(const struct viommu_registry *registry,
                      const struct vvtd_config *config);
int vvtd_create(struct viommu_domain *vd, const struct vvtd_config *config,
                struct vvtd **v);
/* Continuation; with the domain's lock held.  0: it may be freed. */
int vvtd_teardown(struct vvtd *v);
/* No locks held. */
void vvtd_free(struct vvtd *v);

/* registers.c: a double word is read, 1 to 8 bytes are written at any offset.
 */
void vvtd_reset(struct vvtd *v);
uint32_t vvtd_read(const struct vvtd *v, unsigned int offset);
void vvtd_write(struct vvtd *v, unsigned int offset, unsigned int size,
                uint64_t value);

/* engine.c */
enum vvtd_progress { VVTD_IDLE, VVTD_MORE };
enum vvtd_progress vvtd_run(struct vvtd *v);
void vvtd_work(struct host_work *work);
void vvtd_begin_context(struct vvtd *v, enum vvtd_asker asker,
                        const struct vvtd_invalidate *invalidate);
void vvtd_begin_iotlb(struct vvtd *v, enum vvtd_asker asker,
                      const struct vvtd_invalidate *invalidate);

/* device.c */
int vvtd_device_add(struct vvtd *v, struct viommu_pdev *pdev);
int vvtd_device_remove(struct vvtd *v, unsigned int index,
                       struct piommu_space *space);
int vvtd_device_park(struct vvtd *v, struct vvtd_device *device,
                     struct piommu_space *space);
/* Contexts that it covers are stale: to be read again. */
void vvtd_devices_invalidate(struct vvtd *v,
                             const struct vvtd_invalidate *invalidate);
/* Likewise of those that RTADDR.TTM refused.  False: there are none. */
bool vvtd_devices_refused(struct vvtd *v);
/* One that is stale, or NULL; and one step towards its new context. */
struct vvtd_device *vvtd_device_stale(struct vvtd *v);
void vvtd_device_refresh(struct vvtd *v, struct vvtd_device *device);

/* queue.c */
bool vvtd_queue_start(struct vvtd *v);
void vvtd_queue_advance(struct vvtd *v);
void vvtd_queue_enable(struct vvtd *v);
void vvtd_queue_disable(struct vvtd *v);

/* context.c */
void vvtd_context_read(struct vvtd *v, uint16_t sid,
                       struct vvtd_context *context);
int vvtd_space_get(struct vvtd *v, struct vvtd_context *context, bool *made);
bool vvtd_space_reap(struct vvtd *v);

/* walk.c */
/* Is an address beyond what the context translates? */
bool vvtd_too_wide(const struct vvtd *v, const struct vvtd_context *context,
                   uint64_t address);
/* LGN.2, LGN.3, or 0: @rights (PIOMMU_READ, WRITE) are enough. */
unsigned int vvtd_missing_right(const struct vvtd_fault *fault,
                                unsigned int rights);
/* A reason; 0: no record; VVTD_UNEXPLAINED: it would be let through. */
#define VVTD_UNEXPLAINED UINT32_MAX
unsigned int vvtd_fault_reason(struct vvtd *v,
                               const struct vvtd_context *context,
                               const struct vvtd_fault *fault);

/* vpdev.c: virtual devices */
int vvtd_translate(struct vvtd *v, const struct viommu_access *access,
                   struct viommu_translation *translation);
void vvtd_drain(struct vvtd *v, const struct vvtd_invalidate *invalidate,
                bool queued);

/* fault.c */
void vvtd_fault_record(struct vvtd *v, const struct vvtd_fault *fault,
                       const struct vvtd_context *context,
                       unsigned int reason);
void vvtd_fault_report(struct vvtd *v, unsigned int index,
                       const struct piommu_fault *physical);
void vvtd_faults_collect(struct vvtd *v, const struct vvtd_device *moving,
                         const struct vvtd_context *next);
void vvtd_fault_set_status(struct vvtd *v, uint32_t bits);
void vvtd_fault_status_cleared(struct vvtd *v);
void vvtd_frcd_clear(struct vvtd *v, unsigned int index);
void vvtd_event(struct vvtd *v, enum vvtd_register_id control);
void vvtd_event_control(struct vvtd *v, enum vvtd_register_id control);

#endif /* VVTD_H */
