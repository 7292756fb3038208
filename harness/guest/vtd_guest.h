/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's VT-d driver in legacy mode: tables, invalidation queue, registers
 * and the order in which Linux uses them.
 *
 * It reaches the world through callbacks (ops.h).  Nothing here decides
 * whether what it writes is legal: tests ask for the illegal too.
 */
#ifndef HARNESS_GUEST_VTD_GUEST_H
#define HARNESS_GUEST_VTD_GUEST_H

#include "ops.h"

#include <stdbool.h>
#include <stdint.h>

struct vtd_guest {
    const struct guest_ops *ops;
    void *world;
    uint64_t cap, ecap;
    uint64_t root;           /* root table, 0: none yet */
    uint64_t queue;          /* invalidation queue, 0: not in use */
    uint64_t status;         /* page of status words */
    unsigned int queue_size; /* QS */
    uint32_t tail;           /* next free descriptor, index */
    uint32_t overdue;        /* the last command of IOTLB has not completed */
};

enum vtd_guest_result {
    VTD_GUEST_DONE,
    VTD_GUEST_ERROR,   /* invalidation queue error; the queue goes on */
    VTD_GUEST_TIMEOUT, /* it never came */
    VTD_GUEST_NO_PAGE, /* alloc_page had none */
};

/* Reads CAP and ECAP. */
void vtd_guest_init(struct vtd_guest *guest, const struct guest_ops *ops,
                    void *world);

/* ---- tables ---- */

#define VTD_GUEST_READ  1u
#define VTD_GUEST_WRITE 2u

enum vtd_guest_translation {
    VTD_GUEST_UNTRANSLATED = 0, /* the TT values of a context entry */
    VTD_GUEST_DEVICE_TLB = 1,
    VTD_GUEST_PASS_THROUGH = 2,
};

struct vtd_guest_context {
    bool present, fpd;
    enum vtd_guest_translation type;
    uint16_t did;
    uint64_t table;      /* second-level root */
    unsigned int levels; /* 3 or 4: AW = levels - 2 */
};

/* Address of the entry of @source (bus, device, function); allocates root and
 * context tables on the way.  0: no page. */
uint64_t vtd_guest_context_entry(struct vtd_guest *guest, uint16_t source);

/* Write it: present last, or not-present first.  False: no page. */
bool vtd_guest_set_context(struct vtd_guest *guest, uint16_t source,
                           const struct vtd_guest_context *context);

/* A second-level address space. */
struct vtd_guest_space {
    uint64_t root;
    unsigned int levels; /* 3 or 4 */
};

/* False: no page. */
bool vtd_guest_space_init(struct vtd_guest *guest,
                          struct vtd_guest_space *space, unsigned int levels);

/*
 * Address of the entry that translates @iova at @level (1: 4 KiB leaves).
 * @create: allocate missing tables on the way; otherwise 0 if there is none,
 * or a leaf above.
 */
uint64_t vtd_guest_entry(struct vtd_guest *guest,
                         const struct vtd_guest_space *space, uint64_t iova,
                         unsigned int level, bool create);

struct vtd_guest_mapping {
    uint64_t iova, gpa;
    unsigned int order;  /* 0: 4 KiB, 9: 2 MiB, 18: 1 GiB */
    unsigned int rights; /* VTD_GUEST_* */
};

/* No invalidation; false: no page, or a larger leaf is in the way. */
bool vtd_guest_map(struct vtd_guest *guest,
                   const struct vtd_guest_space *space,
                   const struct vtd_guest_mapping *mapping);

/* Clear the entry of that order; false: there is no such table. */
bool vtd_guest_unmap(struct vtd_guest *guest,
                     const struct vtd_guest_space *space, uint64_t iova,
                     unsigned int order);

/* Any value into the entry at @level, tables above it made as needed. */
bool vtd_guest_poke(struct vtd_guest *guest,
                    const struct vtd_guest_space *space, uint64_t iova,
                    unsigned int level, uint64_t value);

/* ---- invalidation ---- */

enum vtd_guest_granularity {
    VTD_GUEST_GLOBAL = 1,
    VTD_GUEST_DOMAIN = 2,
    VTD_GUEST_SELECTIVE = 3, /* device, or pages */
};

struct vtd_guest_context_flush {
    enum vtd_guest_granularity granularity;
    uint16_t did, source;
    unsigned int function_mask; /* FM, 0..3 */
};

struct vtd_guest_iotlb_flush {
    enum vtd_guest_granularity granularity;
    uint16_t did;
    uint64_t address;
    unsigned int am; /* 2^am pages */
    bool leaf_only;  /* IH */
    bool drain_reads, drain_writes;
};

struct vtd_guest_wait {
    bool status_write, interrupt, fence; /* SW, IF, FN */
    uint64_t address;                    /* of the status word */
    uint32_t data;
};

struct vtd_guest_descriptor {
    uint64_t low, high;
};

struct vtd_guest_descriptor vtd_guest_context_descriptor(
    const struct vtd_guest_context_flush *flush);
struct vtd_guest_descriptor vtd_guest_iotlb_descriptor(
    const struct vtd_guest_iotlb_flush *flush);
struct vtd_guest_descriptor vtd_guest_wait_descriptor(
    const struct vtd_guest_wait *wait);

/* Put one into the queue without telling the unit; then tell it. */
void vtd_guest_enqueue(struct vtd_guest *guest,
                       const struct vtd_guest_descriptor *descriptor);
void vtd_guest_ring(struct vtd_guest *guest);

/*
 * As Linux: the descriptors, a wait with status write behind them, one write
 * of IQT, then look at the status word, and at FSTS on each pass.  After an
 * invalidation queue error the offending descriptor becomes the wait, and
 * FSTS.IQE is cleared.  @count < entries of the queue - 1.
 */
enum vtd_guest_result vtd_guest_submit(
    struct vtd_guest *guest, const struct vtd_guest_descriptor *descriptor,
    unsigned int count);

/* Through CCMD, IVA and IOTLB; *actual: CAIG or IAIG, may be NULL.  One that
 * was given up is waited for before the next is written. */
enum vtd_guest_result vtd_guest_context_register(
    struct vtd_guest *guest, const struct vtd_guest_context_flush *flush,
    unsigned int *actual);
enum vtd_guest_result vtd_guest_iotlb_register(
    struct vtd_guest *guest, const struct vtd_guest_iotlb_flush *flush,
    unsigned int *actual);

/* By the queue if it is in use, else by the registers. */
enum vtd_guest_result vtd_guest_flush_context(
    struct vtd_guest *guest, const struct vtd_guest_context_flush *flush);
enum vtd_guest_result vtd_guest_flush_iotlb(
    struct vtd_guest *guest, const struct vtd_guest_iotlb_flush *flush);

/* ---- start-up ---- */

/* IQT = 0, IQA with a new queue of 256 << @qs entries, QIE. */
enum vtd_guest_result vtd_guest_queue_enable(struct vtd_guest *guest,
                                             unsigned int qs);
/* RTADDR and SRTP; a root table is made if there is none. */
enum vtd_guest_result vtd_guest_set_root(struct vtd_guest *guest);
/* Context cache and IOTLB, global. */
enum vtd_guest_result vtd_guest_flush_all(struct vtd_guest *guest);
/* The fault event's message, unmasked. */
void vtd_guest_fault_event(struct vtd_guest *guest, uint64_t address,
                           uint32_t data);
enum vtd_guest_result vtd_guest_translation(struct vtd_guest *guest, bool on);

struct vtd_guest_setup {
    bool queue; /* if ECAP.QI */
    uint64_t fault_address;
    uint32_t fault_data;
};

/* Everything up to TE = 1 in the order of Linux's dmar and intel-iommu. */
enum vtd_guest_result vtd_guest_start(struct vtd_guest *guest,
                                      const struct vtd_guest_setup *setup);

#endif /* HARNESS_GUEST_VTD_GUEST_H */
