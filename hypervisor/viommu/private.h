/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the vIOMMU core.
 *
 * Lock order: registry, domain, piommu.  The registry's lock protects the
 * lists of domains and of assigned devices and serialises the toolstack; a
 * domain's lock protects all of its vIOMMUs.
 */
#ifndef VIOMMU_PRIVATE_H
#define VIOMMU_PRIVATE_H

#include <piommu.h>
#include <viommu/viommu.h>

#define VIOMMU_MAX_PER_DOMAIN 8u
#define VIOMMU_SHADOW_LIMIT   4096u /* default, pages */

struct viommu_registry {
    struct host *host;
    struct piommu *piommu;
    struct piommu_space *blocked;
    struct host_lock lock;
    struct viommu_domain *domains;
    struct { /* see viommu_drain() */
        struct host_work work;
        bool running;
        uint64_t upto[PIOMMU_MAX_UNITS]; /* count of events, by unit */
    } drain;
};

struct viommu;

/* A physical device that a domain has. */
struct viommu_pdev {
    struct viommu_pdev *next;
    xen_viommu_sbdf_t psbdf;
    struct piommu_device device;
    struct viommu *viommu; /* the vIOMMU that it is under, or NULL */
    unsigned int index;    /* in the table of devices of its type */
    xen_viommu_sbdf_t vsbdf;
    bool attaching; /* the hypercall has not ended yet */
    bool attached;  /* it has been where the guest wants it, once */
};

/* A device that a device model emulates. */
struct viommu_vpdev {
    struct viommu_vpdev *next;
    xen_viommu_sbdf_t vsbdf;
    uint32_t dm;    /* the device model */
    uint32_t flags; /* XEN_VIOMMU_VPDEV_* */
};

/* A message to a device model that is not answered yet. */
struct viommu_dm_message {
    bool outstanding;
    bool queued; /* the guest's queue waits for it, not a register */
    uint32_t dm;
    uint64_t sequence;
};
#define VIOMMU_DM_MESSAGES (4 * XEN_VIOMMU_MAX_DEVICE_MODELS)

/* An access of a virtual device, and where it goes. */
struct viommu_access {
    xen_viommu_sbdf_t vsbdf;
    uint64_t iova;
    uint32_t access; /* XEN_VIOMMU_ACCESS_* */
    uint32_t pasid;
};

struct viommu_translation {
    paddr_t gpa;
    uint64_t mask;
    uint32_t rights; /* XEN_VIOMMU_ACCESS_read, _write, _execute */
    /* No memory is accessed: reads give zeroes, writes are ignored. */
    bool zeroes;
};

/* What a type of vIOMMU does.  With the domain's lock held unless it says
 * otherwise; NULL where it says so. */
struct viommu_type {
    enum host_unit_type unit;    /* the physical units that it needs */
    uint64_t window, alignment;  /* of the registers, bytes */
    xen_viommu_sbdf_t vsbdf_max; /* largest id of a device below it */

    /* The hypercall's, with the registry's lock alone; query() with @vd's too.
     * create() makes the unit, gives it to viommu_add() and writes what is
     * OUT. */
    int (*query)(const struct viommu_registry *registry,
                 const struct viommu_domain *vd, /* or NULL */
                 struct xen_dmop_viommu_op *op);
    int (*create_check)(const struct viommu_registry *registry,
                        const struct xen_dmop_viommu_op *op);
    int (*create)(struct viommu_domain *vd, struct xen_dmop_viommu_op *op);

    /* A continuation: afterwards nothing of the hardware knows it. */
    int (*teardown)(struct viommu *viommu);
    void (*free)(struct viommu *viommu); /* without the domain's lock */

    /* read(): a double word, core.c puts together what is read otherwise.
     * write(): 1 to 8 bytes at any offset in the window. */
    uint32_t (*read)(const struct viommu *viommu, unsigned int offset);
    void (*write)(struct viommu *viommu, unsigned int offset,
                  unsigned int size, uint64_t value);

    /* Devices.  add() fills in pdev->index.  When what the guest wants is
     * still to be found out it sets pdev->attaching and answers
     * -XEN_ERESTART; run() goes on with that.  remove() leaves the device at
     * @space. */
    int (*add)(struct viommu *viommu, struct viommu_pdev *pdev);
    int (*remove)(struct viommu *viommu, struct viommu_pdev *pdev,
                  struct piommu_space *space);
    void (*run)(struct viommu *viommu); /* as far as the budget goes */

    void (*fault)(struct viommu *viommu, const struct viommu_pdev *pdev,
                  const struct piommu_fault *fault);
    void (*drained)(struct viommu *viommu); /* NULL: never asks for it */

    /* Virtual devices.  translate(): 0; or -XEN_EFAULT, the
     * fault having been recorded; or -XEN_EINVAL, it is no access to memory.
     * ats(): can the guest see devices with ATS?  answered(): messages to
     * device models have been. */
    int (*translate)(struct viommu *viommu, const struct viommu_access *access,
                     struct viommu_translation *translation);
    bool (*ats)(const struct viommu *viommu);
    void (*answered)(struct viommu *viommu);

    /* The p2m has changed (vd->change): NULL when nothing depends on it but
     * the p2m space.  p2m_pending(): run() has still to follow. */
    void (*p2m_changed)(struct viommu *viommu);
    bool (*p2m_pending)(const struct viommu *viommu);
};

/* hypercall.c has the table of all types. */
extern const struct viommu_type vvtd_type;
extern const struct viommu_type vsmmuv3_type;

enum viommu_drain_state {
    VIOMMU_DRAIN_NONE,
    VIOMMU_DRAIN_WANTED,
    VIOMMU_DRAIN_RUNNING,
};

/* What all types have: the first member of their structure. */
struct viommu {
    struct viommu *next;
    struct viommu_domain *vd;
    const struct viommu_type *type;
    uint32_t id;
    uint64_t base; /* of the register window */
    bool failed;   /* a physical unit is gone: nothing completes */
    bool dying;    /* teardown has begun */
    enum viommu_drain_state drain;
    struct viommu_vpdev *vpdevs;
    struct viommu_dm_message message[VIOMMU_DM_MESSAGES];
};

/* A change of the p2m that is being followed. */
struct viommu_p2m_change {
    bool active;
    gfn_t gfn;
    unsigned int order;
    uint64_t done; /* pages of the p2m space already changed */
    bool flushed;  /* the flush of the p2m space was submitted */
    struct piommu_token token;
};

struct viommu_domain {
    struct viommu_domain *next;
    struct viommu_registry *registry;
    struct domain *d;
    struct host_lock lock;
    struct piommu_space *p2m;
    struct viommu_pdev *pdevs;
    struct viommu *viommus;
    uint32_t next_id;
    struct viommu_p2m_change change;
    unsigned int shadow_pages, shadow_limit;
    uint64_t shadow_refused;
    uint64_t dm_sequence; /* of the last message to a device model */
};

/* core.c: with the registry's lock held. */
struct viommu_domain *viommu_domain_get(struct domain *d);
int viommu_domain_make(struct viommu_registry *registry, struct domain *d,
                       struct viommu_domain **vd);
struct viommu_pdev *viommu_pdev_find(struct viommu_domain *vd,
                                     xen_viommu_sbdf_t psbdf);

/* Both take the domain's lock; destroy is a continuation. */
void viommu_add(struct viommu_domain *vd, struct viommu *viommu);
int viommu_destroy(struct viommu_domain *vd, struct viommu *viommu);

/* A device below @viommu gets to @space, or the unit has failed.  With the
 * domain's lock held. */
int viommu_attach(struct viommu *viommu, const struct viommu_pdev *pdev,
                  struct piommu_space *space);

/*
 * Have every event reported that the physical units have recorded up to now;
 * then drained() is called.  With the domain's lock held.
 */
void viommu_drain(struct viommu *viommu);
void viommu_drain_work(struct host_work *work);

/* vpdev.c: virtual devices.  With the domain's lock held. */
struct viommu_vpdev *viommu_vpdev_find(const struct viommu *viommu,
                                       xen_viommu_sbdf_t vsbdf);
int viommu_vpdev_attach(struct viommu *viommu,
                        const struct viommu_vpdev *vpdev);
void viommu_vpdev_detach(struct viommu *viommu, struct viommu_vpdev *vpdev);
int viommu_vpdev_translate(struct viommu *viommu,
                           struct xen_dmop_viommu_op *op);
int viommu_vpdev_copy(struct viommu *viommu, struct xen_dmop_viommu_op *op);

/* dm.c: messages to device models.  With the domain's lock held. */

/* What they are told; sequence number and viommu_id are filled in. */
struct viommu_dm_order {
    struct host_dm_message message;
    bool queued; /* see struct viommu_dm_message */
};
/* Can one invalidation's messages be sent? */
bool viommu_dm_room(const struct viommu *viommu);
/* To each device model that has drained devices below @viommu. */
void viommu_dm_drain(struct viommu *viommu,
                     const struct viommu_dm_order *order);
/* To the one that has the device, of addresses in its device-TLB, inclusive;
 * only a queue asks for it. */
void viommu_dm_invalidate(struct viommu *viommu, xen_viommu_sbdf_t vsbdf,
                          uint64_t first, uint64_t last);
/* Does the guest's queue, or a register, still wait for an answer? */
bool viommu_dm_waiting(const struct viommu *viommu, bool queued);
int viommu_dm_answer(struct viommu *viommu, uint32_t dm, uint64_t sequence);

static inline struct host *viommu_host(const struct viommu *viommu)
{
    return viommu->vd->registry->host;
}

#endif /* VIOMMU_PRIVATE_H */
