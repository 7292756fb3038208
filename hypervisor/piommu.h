/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piommu.h: between the virtual IOMMUs (viommu/) and the drivers of the
 * physical ones (piommu/).  The same for every architecture and for PV-IOMMU.
 *
 * An *address space* is what a device may be attached to.  Its kind says who
 * writes its tables:
 *
 *   blocked   nothing is mapped; every DMA is aborted and reported upwards
 *   p2m       the domain's own: device address = guest-physical address
 *   mapped    filled by piommu_map / piommu_unmap (PV-IOMMU contexts)
 *   shadow    a graph of table pages that the vIOMMU builds itself and may
 *             share between spaces (piommu_table_*)
 *   nested    the guest's own first stage on top of the domain's p2m
 *
 * Invariants that every vIOMMU keeps, and this interface is shaped for:
 *
 *   I1  an entry is written with one single-copy atomic store;
 *   I2  a frame is given back (host_p2m_put), and a table page freed, only
 *       after a flush that covers every address by which a device could reach
 *       it, submitted after the entry was cleared, has completed;
 *   I3  an invalidation of the guest is reported complete only after the
 *       flushes that its effects need have completed;
 *   I4  a device changes from one space to another without passing through a
 *       state in which it could reach more than the two of them together.
 *
 * Locking: every function may be called with the vIOMMU's lock held and takes
 * the driver's locks itself (order: viommu, then piommu).  The event callbacks
 * are called without any lock of the driver.  Errors: 0 or -XEN_E*.
 */
#ifndef HYPERVISOR_PIOMMU_H
#define HYPERVISOR_PIOMMU_H

#include <host.h>

struct piommu; /* all the physical IOMMUs of a host */
struct piommu_space;
struct piommu_table; /* one page of a shadow graph */
struct piommu_nest;  /* the tags of one guest unit, see "kind nested" */

#define PIOMMU_MAX_UNITS 4
#define PIOMMU_NO_PASID  UINT32_MAX

enum piommu_space_kind {
    PIOMMU_BLOCKED,
    PIOMMU_P2M,
    PIOMMU_MAPPED,
    PIOMMU_SHADOW,
    PIOMMU_NESTED,
};

/* Access rights of an entry, as a mask. */
#define PIOMMU_READ    0x1u
#define PIOMMU_WRITE   0x2u
#define PIOMMU_EXECUTE 0x4u

/* Events from the hardware, reported for the device that caused them. */
enum piommu_access {
    PIOMMU_ACCESS_READ,
    PIOMMU_ACCESS_WRITE,
    PIOMMU_ACCESS_ATOMIC
};

/* PCIe Address Type of the request. */
enum piommu_request_type {
    PIOMMU_UNTRANSLATED,
    PIOMMU_TRANSLATION_REQUEST,
    PIOMMU_TRANSLATED,
};

struct piommu_fault {
    unsigned int unit;
    uint32_t source_id; /* physical */
    uint32_t pasid;     /* or PIOMMU_NO_PASID */
    uint64_t address;   /* as the device issued it; page granular when
                         * the hardware records no more */
    enum piommu_access access;
    enum piommu_request_type type;
    bool privileged, execute; /* meaningful with a PASID only */
    uint32_t reason;          /* the hardware's code.  It speaks of our
                               * tables, not the guest's, unless the space
                               * is nested */
    uint64_t record[4];       /* the record as the hardware wrote it (SMMUv3:
                               * the event; VT-d: not used) */
};

struct piommu_page_request {
    unsigned int unit;
    uint32_t source_id;
    uint32_t pasid;
    uint64_t address;
    bool read, write, execute, privileged, last_in_group;
    uint32_t group;
};

struct piommu_device {
    unsigned int unit;
    uint32_t source_id;
};

struct piommu_events {
    /*
     * @device has met a fault that nobody has taken yet: one call of
     * piommu_fault_take_of(), with the lock of whoever has the device; what is
     * not taken is dropped.
     */
    void (*fault)(void *context, const struct piommu_device *device);
    void (*page_request)(void *context,
                         const struct piommu_page_request *request);
    void *context;
};

/* ---- the subsystem ---- */

/* Take over every unit of the host: reset, empty tables, queue, translation
 * on, all devices blocked. */
int piommu_init(struct host *host, const struct piommu_events *events,
                struct piommu **piommu);
/* Translation off.  Every space but blocked ones was destroyed before. */
void piommu_fini(struct piommu *piommu);

/* The interrupt of @unit (host_unit_msi) has arrived: drain its events. */
void piommu_interrupt(struct piommu *piommu, unsigned int unit);

/* Whose faults are asked for.  @mine is called with the driver's lock, and
 * only looks. */
struct piommu_sources {
    bool (*mine)(const void *context, uint32_t source_id);
    const void *context;
};

/* Records of faults that a unit has at a time, at most, where they need not be
 * taken in order (VT-d). */
#define PIOMMU_FAULTS 256u

/*
 * Take the oldest fault of these devices that their unit has recorded.  False:
 * there is none, or (SMMUv3) it is not the first of the unit's queue.
 *
 * A fault stays with the unit until it is taken, so nobody else has one on its
 * way.  With VT-d, what a device met while it was in a space is had by
 * PIOMMU_FAULTS calls before the piommu_attach() that takes it out, and what
 * it met meanwhile by as many right after that.
 */
bool piommu_fault_take(struct piommu *piommu, unsigned int unit,
                       const struct piommu_sources *sources,
                       struct piommu_fault *fault);
/* The oldest of one device. */
bool piommu_fault_take_of(struct piommu *piommu,
                          const struct piommu_device *device,
                          struct piommu_fault *fault);

/*
 * Events that @unit has recorded up to now, and those of them that have been
 * taken, counted from the start; both are the same where nobody need wait for
 * them (VT-d), or hardware is gone.
 */
struct piommu_event_count {
    uint64_t recorded, taken;
};
void piommu_event_count(struct piommu *piommu, unsigned int unit,
                        struct piommu_event_count *count);

/* What all the units together can do. */
struct piommu_capabilities {
    unsigned int max_width;   /* bits of device address of a space */
    unsigned int widths;      /* mask: bit n set: n-level tables */
    unsigned int superpages;  /* mask of orders: bit 9: 2 MiB, bit 18: 1 GiB */
    bool zlr_some, zlr_all;   /* units that let a zero-length read of a
                               * write-only page pass */
    bool nested;              /* first stage of the guest on our second */
    enum host_unit_type type; /* of all the units */
    uint32_t smmuv3_idr[6];   /* SMMUv3: what all the units have of
                               * IDR0..IDR5 */
};
void piommu_capabilities(const struct piommu *piommu,
                         struct piommu_capabilities *capabilities);

/* ---- address spaces ---- */

struct piommu_space_config {
    enum piommu_space_kind kind;
    struct domain *domain;     /* NULL: the host's (blocked only) */
    unsigned int levels;       /* mapped: levels of the tables, 3 or 4 */
    struct piommu_table *root; /* shadow: its root, whose level gives the
                                * width; the space holds a link to it */
    struct {                   /* nested: the guest's own first stage */
        struct piommu_nest *nest;
        /*
         * Meaning given by the architecture.  SMMUv3: words 0 and 1 of the
         * guest's STE, checked by the caller; of these the driver takes only
         * V, Config, the fields of stage 1 (S1Fmt, S1ContextPtr, S1CDMax,
         * S1DSS, S1CIR, S1COR, S1CSH), PRIVCFG and INSTCFG, all others are its
         * own.  Config: stage 1; or bypass, which is stage 2 alone under the
         * nest's tags, so that a guest's change between the two is one store;
         * else blocked.
         */
        uint64_t configuration[2];
    } stage1;
};

int piommu_space_create(struct piommu *piommu,
                        const struct piommu_space_config *config,
                        struct piommu_space **space);

/*
 * Kind p2m: map what the domain has, as far as the budget goes, before the
 * space is attached for the first time.  -XEN_ERESTART: call again.
 */
int piommu_space_populate(struct piommu_space *space);

/*
 * Kind p2m: the p2m of 2^order aligned pages (0, 9, 18) has changed: follow
 * it.  Does not flush: say piommu_flush() afterwards.
 */
int piommu_space_p2m_changed(struct piommu_space *space, gfn_t gfn,
                             unsigned int order);

/* -XEN_EBUSY while a device is attached.  The caller has flushed it.
 * -XEN_ERESTART: call again. */
int piommu_space_destroy(struct piommu_space *space);

/*
 * Switch a device to @space (never NULL: use the blocked space).  One atomic
 * store per entry; the configuration and translation caches of the old state
 * are flushed before it returns, so that afterwards no new access uses the old
 * space and none that did is in flight.
 */
int piommu_attach(struct piommu *piommu, const struct piommu_device *device,
                  uint32_t pasid, struct piommu_space *space);

/* ---- kinds p2m and mapped ---- */

/*
 * Map or unmap 2^order aligned pages.  Neither flushes: say piommu_flush()
 * afterwards.  Map refuses (-XEN_EEXIST) to replace a present entry; unmap of
 * part of a larger page splits it.
 */
int piommu_map(struct piommu_space *space, dfn_t dfn, mfn_t mfn,
               unsigned int order, unsigned int rights);
int piommu_unmap(struct piommu_space *space, dfn_t dfn, unsigned int order);

/* ---- kind shadow: table pages ---- */

/*
 * A page of 512 entries.  Level 1 holds leaves; a level-n entry spans
 * 2^(9*(n-1)) pages.  Pages are shared: an entry links to a page, several
 * entries and spaces may link to the same one.  The vIOMMU counts the links.
 */
struct piommu_entry {
    enum { PIOMMU_ENTRY_NONE, PIOMMU_ENTRY_LEAF, PIOMMU_ENTRY_TABLE } kind;
    unsigned int rights;        /* PIOMMU_READ | WRITE | EXECUTE */
    mfn_t mfn;                  /* leaf: first frame, aligned to its span */
    struct piommu_table *table; /* link: of the next lower level */
};

int piommu_table_create(struct piommu *piommu, struct domain *d,
                        unsigned int level, struct piommu_table **table);
/* See I2.  The caller has cleared every link to it. */
void piommu_table_destroy(struct piommu_table *table);

/* Write one entry, atomically (I1).  Old and new may be of any kind. */
void piommu_table_set(struct piommu_table *table, unsigned int index,
                      const struct piommu_entry *entry);
void piommu_table_get(const struct piommu_table *table, unsigned int index,
                      struct piommu_entry *entry);

/* An opaque word that the vIOMMU may keep with a table page. */
void piommu_table_set_owner(struct piommu_table *table, void *owner);
void *piommu_table_owner(const struct piommu_table *table);

/* ---- flushes ---- */

struct piommu_flush {
    struct piommu_space *space; /* NULL: every space of @domain */
    struct domain *domain;      /* used when space is NULL */
    dfn_t dfn;                  /* first page; ignored when @all */
    unsigned int order;         /* 2^order pages, dfn aligned to it */
    bool all;                   /* the whole space */
    bool leaf_only;             /* only leaf entries were changed */
};

/* Completion of the flushes submitted so far, per unit. */
struct piommu_token {
    uint64_t sequence[PIOMMU_MAX_UNITS];
};

/*
 * Submit a flush to every unit that may hold something of the space.  It
 * drains reads and writes in flight.  @token, zero at first, may collect
 * several flushes: it is complete when all of them are.  -XEN_EAGAIN: the
 * queue is full, nothing was submitted: try again later.  -XEN_EIO: a unit no
 * longer answers.
 */
int piommu_flush(struct piommu *piommu, const struct piommu_flush *flush,
                 struct piommu_token *token);

/*
 * The same without an invalidation: every event of an access that the units in
 * the mask @units have terminated by now is recorded when @token is complete.
 */
int piommu_sync(struct piommu *piommu, unsigned int units,
                struct piommu_token *token);

/* 0: complete; -XEN_EAGAIN: not yet; -XEN_EIO: a unit no longer answers. */
int piommu_flush_poll(struct piommu *piommu, const struct piommu_token *token);

/* Poll, with host_relax() in between, until it is complete or has failed. */
int piommu_flush_wait(struct piommu *piommu, const struct piommu_token *token);

/* ---- kind nested ---- */

/*
 * The guest's first stages of one virtual unit share a set of tags on every
 * physical unit (SMMUv3: a VMID), so that the guest's own tags (ASIDs) mean
 * what they mean to it, and nothing to anybody else.  Second stage: @p2m.
 */
int piommu_nest_create(struct piommu *piommu, struct piommu_space *p2m,
                       struct piommu_nest **nest);

/* -XEN_EBUSY while a space uses it.  Flushes all that is cached under it, and
 * waits for that, before the tags may be given to another. */
int piommu_nest_destroy(struct piommu_nest *nest);

/*
 * Forward an invalidation of the guest to all the units that may hold what it
 * names; completion as for piommu_flush().  -XEN_EAGAIN: the queue is full,
 * nothing was submitted.
 */
struct piommu_cache_invalidate {
    struct piommu_nest *nest;
    const struct piommu_device *device; /* the one it names, or NULL */
    /*
     * Meaning given by the architecture.  SMMUv3: a command of the guest
     * (CFGI_CD, CFGI_CD_ALL, TLBI_NH_*), checked by the caller; the driver
     * puts in its own VMID and StreamID.  -XEN_EINVAL: another command, or a
     * range (TG != 0) that is reserved or that some unit has not (IDR3.RIL).
     */
    uint64_t command[2];
};
int piommu_cache_invalidate(struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate,
                            struct piommu_token *token);

#endif /* HYPERVISOR_PIOMMU_H */
