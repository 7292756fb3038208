/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h: all that the vIOMMU code asks of the hypervisor around it.
 *
 * The one seam below hypervisor/.  In Xen these functions are a single file of
 * thin wrappers; here harness/machine implements them, and every call is a
 * place where the harness may switch actors, inject a failure, or let a guest
 * change its memory.
 *
 * Conventions.  Functions return 0 or a negative XEN_E* number unless they say
 * otherwise.  "May switch" functions may let other actors run before they
 * return: nothing read before such a call is still true after it unless a lock
 * protects it.  All functions here may switch, but for those marked [pure].
 * Locks may be held across every call here; handlers called from outside
 * (traps, hypercalls, deferred work, physical interrupts) are entered without.
 */
#ifndef HYPERVISOR_HOST_H
#define HYPERVISOR_HOST_H

#include <types.h>
#include <public/viommu.h>

struct host;      /* the hypervisor instance */
struct domain;    /* a guest */
struct host_unit; /* a physical IOMMU: its registers and its interrupt */

/* ---- domains [pure] ---- */

domid_t host_domain_id(const struct domain *d);
struct host *host_of(const struct domain *d);
struct domain *host_domain_by_id(struct host *host, domid_t domid);

/* One pointer per domain that belongs to the vIOMMU core (d->viommu in Xen).
 */
void *host_domain_slot(const struct domain *d);
void host_domain_set_slot(struct domain *d, void *slot);

/* ---- guest memory ---- */

/*
 * Copy from or to guest-physical memory.  Any length and alignment; the copy
 * may cross pages.  -XEN_EFAULT when a byte is not RAM (a hole, MMIO, beyond
 * the end) or, for writes, read-only: then nothing has been written.
 * Not atomic, but each aligned 64-bit word within is; others may run between
 * two of them.  A guest may change the memory between two reads: read once.
 */
int host_guest_read(struct domain *d, paddr_t gaddr, void *buf, size_t len);
int host_guest_write(struct domain *d, paddr_t gaddr, const void *buf,
                     size_t len);

/* One single-copy atomic access; @gaddr is naturally aligned. */
int host_guest_read64(struct domain *d, paddr_t gaddr, uint64_t *value);
int host_guest_write32(struct domain *d, paddr_t gaddr, uint32_t value);
int host_guest_write64(struct domain *d, paddr_t gaddr, uint64_t value);

/* 16 bytes, 16-byte aligned, single-copy atomic: value[0] is the low half. */
int host_guest_read128(struct domain *d, paddr_t gaddr, uint64_t value[2]);

/* If *gaddr == *expected store @desired and return 0, else *expected = *gaddr
 * and -XEN_EAGAIN. */
int host_guest_cmpxchg64(struct domain *d, paddr_t gaddr, uint64_t *expected,
                         uint64_t desired);

/* ---- p2m ---- */

enum host_p2m_type {
    HOST_P2M_HOLE, /* nothing there */
    HOST_P2M_RAM_RW,
    HOST_P2M_RAM_RO,
    HOST_P2M_MMIO, /* emulated or passed through: never a DMA target */
};

struct host_p2m_entry {
    enum host_p2m_type type;
    mfn_t mfn;          /* of the frame asked for; INVALID_MFN if not RAM */
    unsigned int order; /* see host_p2m_get */
};

/*
 * Look up @gfn.  For RAM, entry->order is the largest of 0, 9, 18 that is
 * <= @max_order such that the naturally aligned run of 2^order frames around
 * @gfn is RAM of one type, contiguous in the host and equally aligned there.
 * A reference is taken on that run, to be dropped with
 * host_p2m_put(d, mfn & ~((1 << order) - 1), order): as long as it is held the
 * frames are not given to anybody else.  Non-RAM: no reference, order is the
 * largest aligned run without RAM, return value 0.
 */
int host_p2m_get(struct domain *d, gfn_t gfn, unsigned int max_order,
                 struct host_p2m_entry *entry);
void host_p2m_put(struct domain *d, mfn_t mfn, unsigned int order);

/*
 * For the domain's own address space: the first RAM run at or after *gfn as in
 * host_p2m_get, *gfn becoming its first frame, without taking a reference (the
 * p2m itself owns it, see viommu_p2m_changed).  -XEN_ENOENT: no more RAM.
 */
int host_p2m_next(struct domain *d, gfn_t *gfn, struct host_p2m_entry *entry);

/* ---- memory of the hypervisor ---- */

/*
 * Zeroed memory, 16-byte aligned, charged to @d if not NULL.  NULL when there
 * is none left.  host_free(NULL) is allowed.
 */
void *host_zalloc(struct host *host, struct domain *d, size_t size);
void host_free(struct host *host, void *p);

/* A zeroed page that hardware may read, charged to @d if not NULL. */
int host_table_alloc(struct host *host, struct domain *d, mfn_t *mfn);
void host_table_free(struct host *host, mfn_t mfn);

/* 2^order such pages in one run, aligned to its size, for tables and queues
 * that hardware wants in one piece; freed with the same order. */
int host_table_alloc_run(struct host *host, struct domain *d,
                         unsigned int order, mfn_t *mfn);
void host_table_free_run(struct host *host, mfn_t mfn, unsigned int order);

/*
 * Access to such a page, at byte @offset, naturally aligned, single-copy
 * atomic as seen by hardware.  host_table_write128 writes both halves at once.
 */
uint64_t host_table_read64(struct host *host, mfn_t mfn, unsigned int offset);
void host_table_write64(struct host *host, mfn_t mfn, unsigned int offset,
                        uint64_t value);
void host_table_write128(struct host *host, mfn_t mfn, unsigned int offset,
                         uint64_t low, uint64_t high);

/* Write back the range for a unit whose walks do not snoop (ECAP.C = 0). */
void host_table_writeback(struct host *host, mfn_t mfn, unsigned int offset,
                          unsigned int len);

/* ---- locks ---- */

struct host_lock {
    const char *name; /* what it protects, for reports */
    uint32_t state;   /* the host's */
};

void host_lock_init(struct host_lock *lock, const char *name); /* [pure] */
void host_lock(struct host *host, struct host_lock *lock);
void host_unlock(struct host *host, struct host_lock *lock);

/* ---- deferred work and budgets ---- */

/*
 * Work that runs later, outside the trap that asked for it.  @fn is entered
 * without locks.  When host_preempt_check() says so it must schedule itself
 * again and return.
 */
struct host_work {
    void (*fn)(struct host_work *work);
    struct host_work *next; /* the host's */
    bool queued;            /* the host's */
};

void host_work_schedule(struct host *host, struct host_work *work);

/* Afterwards @work is neither queued nor running. */
void host_work_cancel(struct host *host, struct host_work *work);

/*
 * True when the running trap, hypercall or work item has used its budget (each
 * call of host.h costs one unit; the harness bounds what is used beyond it).
 */
bool host_preempt_check(struct host *host);

/* Let others run while waiting for something that they must do. */
void host_relax(struct host *host);

uint64_t host_now_ns(struct host *host); /* [pure] monotonic, nanoseconds */

/* ---- interrupts, device model ---- */

/* Deliver an MSI as if a device of the guest had written it (vLAPIC). */
void host_inject_msi(struct domain *d, paddr_t address, uint32_t data);

/* Raise a virtual wired interrupt (vGIC); level-triggered if @level. */
void host_inject_virq(struct domain *d, unsigned int virq, bool level);

/*
 * What a device model is told.  It answers each message, in their order, by
 * XEN_DMOP_viommu_dma_drain_completed with the message's sequence number:
 *
 * HOST_DM_DRAIN       no access is under way any more that uses a translation
 *                     from before the message
 * HOST_DM_INVALIDATE  likewise for what the device-TLB of one device holds of
 *                     a range, and it holds nothing of it any more
 *
 * Addresses are inclusive; 0 and ~0: everything.
 */
struct host_dm_message {
    uint32_t kind; /* HOST_DM_* */
    uint32_t viommu_id;
    uint64_t sequence;    /* to be given back with the answer, not 0 */
    uint64_t first, last; /* device addresses */
    uint32_t vsbdf;       /* INVALIDATE: the device */
    uint32_t flags;       /* HOST_DM_READS, HOST_DM_WRITES */
};
#define HOST_DM_DRAIN      1
#define HOST_DM_INVALIDATE 2
#define HOST_DM_READS      (1U << 0) /* it is about reads */
#define HOST_DM_WRITES     (1U << 1) /* it is about writes */

/*
 * To device model @dm of @d (an ioreq server).  Never waits: at most
 * VIOMMU_DM_MESSAGES of a vIOMMU are unanswered at a time.  -XEN_ENODEV: there
 * is no such device model (any more), and nobody accesses guest memory in its
 * name.
 */
int host_dm_send(struct domain *d, uint32_t dm,
                 const struct host_dm_message *message);

/*
 * Take the memory of @d away from a device model: when this returns 0 no
 * access of it is under way, and none will begin.  -XEN_ERESTART: call again.
 */
int host_dm_revoke(struct domain *d, uint32_t dm);

/* The memory of who makes the hypercall that runs, by a handle that it has
 * given (copy_from_guest, copy_to_guest).  -XEN_EFAULT: there is none. */
int host_caller_read(struct host *host, uint64_t handle, void *buf,
                     size_t len);
int host_caller_write(struct host *host, uint64_t handle, const void *buf,
                      size_t len);

/* ---- physical IOMMUs ---- */

unsigned int host_unit_count(const struct host *host); /* [pure] */
struct host_unit *host_unit_get(struct host *host, unsigned int index);

enum host_unit_type { HOST_UNIT_VTD, HOST_UNIT_SMMUV3 };
enum host_unit_type host_unit_type(const struct host_unit *unit); /* [pure] */

/* Registers; naturally aligned. */
uint32_t host_mmio_read32(struct host_unit *unit, unsigned int offset);
uint64_t host_mmio_read64(struct host_unit *unit, unsigned int offset);
void host_mmio_write32(struct host_unit *unit, unsigned int offset,
                       uint32_t value);
void host_mmio_write64(struct host_unit *unit, unsigned int offset,
                       uint64_t value);

/*
 * The message that makes the host call piommu_interrupt() for this unit, to be
 * programmed into the unit's interrupt registers.  A unit's wired interrupts
 * do the same. [pure]
 */
void host_unit_msi(const struct host_unit *unit, paddr_t *address,
                   uint32_t *data);

/* A physical device: the unit above it, its requester id there, its owner. */
struct host_pdev {
    unsigned int unit;
    uint32_t source_id;
    struct domain *owner; /* NULL: the host's */
};
int host_pdev_get(struct host *host, xen_viommu_sbdf_t psbdf,
                  struct host_pdev *pdev); /* [pure] -XEN_ENODEV */

/* ---- logging ---- */

enum host_log_level {
    HOST_LOG_ERROR,
    HOST_LOG_WARN,
    HOST_LOG_INFO,
    HOST_LOG_DEBUG
};
void host_log(struct host *host, enum host_log_level level, const char *fmt,
              ...) __attribute__((format(printf, 3, 4))); /* [pure] */

#endif /* HYPERVISOR_HOST_H */
