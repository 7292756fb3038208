/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vIOMMU hypercall: XEN_DMOP_viommu_*.
 *
 * Used by the toolstack and by the device model of a domain to create and
 * destroy virtual IOMMUs, to put devices under them and, for devices that the
 * device model emulates, to translate and to report a finished drain
 * (high level design document V3, section 3.1).
 *
 * Every field is explicitly sized, padding is named and must be zero, and the
 * layout is the same for 32- and 64-bit callers.  The hypervisor reads the
 * structure once, and writes back only the fields marked OUT, only on success.
 *
 * Errors (negative, Xen's numbers): -XEN_EINVAL a field is out of range or a
 * padding or flag bit is set that this version does not define, -XEN_ENOENT no
 * such vIOMMU or device, -XEN_EEXIST already there, -XEN_EBUSY still in use,
 * -XEN_ENOMEM, -XEN_ENOSPC no room for another vIOMMU or device,
 * -XEN_EOPNOTSUPP the operation or a requested capability is not built,
 * -XEN_EIO a physical unit no longer answers,
 * -XEN_EPERM the device, or the message, is not the caller's, -XEN_EFAULT an
 * access is blocked (dma_*), -XEN_ERESTART call again: the operation is a
 * continuation and keeps its progress.
 */
#ifndef PUBLIC_VIOMMU_H
#define PUBLIC_VIOMMU_H

#include <stdint.h>

#define XEN_EPERM      1
#define XEN_ENOENT     2
#define XEN_EIO        5
#define XEN_EAGAIN     11
#define XEN_ENOMEM     12
#define XEN_EFAULT     14
#define XEN_EBUSY      16
#define XEN_EEXIST     17
#define XEN_ENODEV     19
#define XEN_EINVAL     22
#define XEN_ENOSPC     28
#define XEN_ERESTART   85
#define XEN_EOPNOTSUPP 95
#define XEN_ETIMEDOUT  110

/* Sub-operations. */
#define XEN_DMOP_viommu_query_capability          0
#define XEN_DMOP_viommu_create                    1
#define XEN_DMOP_viommu_destroy                   2
#define XEN_DMOP_viommu_dma_translation_for_vpdev 3
#define XEN_DMOP_viommu_dma_drain_completed       4
#define XEN_DMOP_viommu_attach                    5
#define XEN_DMOP_viommu_detach                    6
#define XEN_DMOP_viommu_attach_vpdev              7
#define XEN_DMOP_viommu_dma_copy_for_vpdev        8

/* Capabilities of a vIOMMU, as a bit mask. */
#define XEN_VIOMMU_CAPABILITY_l1_translation      (1U << 0)
#define XEN_VIOMMU_CAPABILITY_l2_translation      (1U << 1)
#define XEN_VIOMMU_CAPABILITY_interrupt_remapping (1U << 2)

/* Kinds of vIOMMU. */
#define XEN_VIOMMU_TYPE_vtd    0
#define XEN_VIOMMU_TYPE_smmuv3 1

/*
 * create.flags: take capability bits whose behaviour is not built (today
 * ECAP.IR, ECAP.EIM and ECAP.MHMV), accept the registers, commands and
 * descriptors that belong to them, and do nothing.  For replaying recorded
 * sessions only; without it create answers -XEN_EOPNOTSUPP.
 */
#define XEN_VIOMMU_CREATE_replay (1U << 0)

/* Devices under one vIOMMU: so many physical, and so many virtual ones; and
 * the device models that may have virtual ones there. */
#define XEN_VIOMMU_MAX_DEVICES       64
#define XEN_VIOMMU_MAX_DEVICE_MODELS 4

/*
 * How the device model of a virtual device (one that it emulates) keeps from
 * using a translation that the guest has invalidated.  Neither bit: it uses
 * none later (it copies by dma_copy_for_vpdev), or takes the risk.
 */
#define XEN_VIOMMU_VPDEV_drain (1U << 0) /* it is told, drains, answers */
#define XEN_VIOMMU_VPDEV_ats   (1U << 1) /* it has a device-TLB */

/* An access of a virtual device. */
#define XEN_VIOMMU_ACCESS_read       (1U << 0)
#define XEN_VIOMMU_ACCESS_write      (1U << 1) /* with read: atomic */
#define XEN_VIOMMU_ACCESS_execute    (1U << 2)
#define XEN_VIOMMU_ACCESS_privileged (1U << 3)
#define XEN_VIOMMU_ACCESS_pasid      (1U << 4) /* it has a PASID */
#define XEN_VIOMMU_ACCESS_ats        (1U << 5) /* an ATS translation request */

/*
 * A PCI source in the guest's or in the host's numbering: 15:0 are the BDF.
 * Under a virtual SMMUv3 the guest's is a StreamID of up to 32 bits.
 */
typedef uint32_t xen_viommu_sbdf_t;

struct xen_dmop_viommu_op {
    uint32_t cmd;   /* IN: XEN_DMOP_viommu_* */
    uint16_t domid; /* IN: the domain that has, or gets, it */
    uint16_t pad;
    uint32_t viommu_id; /* IN, but for query and create */
    uint32_t pad2;
    union {
        struct {
            uint32_t type;           /* IN: XEN_VIOMMU_TYPE_* */
            uint32_t capabilities;   /* OUT */
            uint64_t vtd_cap;        /* OUT: CAP with all that is built */
            uint64_t vtd_ecap;       /* OUT: likewise ECAP */
            uint32_t shadow_pages;   /* OUT: shadow pages now in use */
            uint32_t shadow_limit;   /* OUT: the domain's limit, pages */
            uint64_t shadow_refused; /* OUT: entries left not-present
                                      * because the limit was reached */
        } query;
        /* create, XEN_VIOMMU_TYPE_vtd */
        struct {
            uint32_t type;          /* IN: XEN_VIOMMU_TYPE_* */
            uint32_t capabilities;  /* IN: wanted, all must be built */
            uint64_t base_address;  /* IN: guest address, 4 KiB aligned */
            uint64_t vtd_cap;       /* IN: value of the CAP register */
            uint64_t vtd_ecap;      /* IN: value of the ECAP register */
            uint32_t flags;         /* IN: XEN_VIOMMU_CREATE_* */
            uint32_t shadow_limit;  /* IN: pages, 0: the default */
            uint32_t viommu_id;     /* OUT */
            uint32_t address_width; /* IN: bits of guest-physical addresses
                                     * (HAW of the guest's DMAR table), 32 to
                                     * 52; 0: as CAP.MGAW */
        } create;
        /* query, XEN_VIOMMU_TYPE_smmuv3 */
        struct {
            uint32_t type;         /* IN */
            uint32_t capabilities; /* OUT */
            uint32_t idr[6];       /* OUT: IDR0..IDR5 with all that is built */
            uint32_t iidr, aidr;   /* OUT */
        } query_smmuv3;
        /* create, XEN_VIOMMU_TYPE_smmuv3: the first three fields and
         * viommu_id are those of create in meaning */
        struct {
            uint32_t type;         /* IN */
            uint32_t capabilities; /* IN: wanted, all must be built */
            uint64_t base_address; /* IN: guest address, 64 KiB aligned; two
                                    * pages of 64 KiB */
            uint32_t idr0, idr1;   /* IN: values of the registers; IDR2 and */
            uint32_t idr3, idr5;   /* IDR4 are 0 */
            uint32_t iidr, aidr;   /* IN */
            uint32_t virq_eventq;  /* IN: wired interrupts of the guest */
            uint32_t virq_gerror;  /* IN */
            uint32_t virq_sync;    /* IN: CMD_SYNC with CS = SIG_IRQ */
            uint32_t flags;        /* IN: must be 0 */
            uint32_t viommu_id;    /* OUT */
            uint32_t pad3;
        } create_smmuv3;
        struct {
            xen_viommu_sbdf_t vsbdf; /* IN: as the guest sees it */
            xen_viommu_sbdf_t psbdf; /* IN: as the host sees it */
        } attach;
        struct {
            xen_viommu_sbdf_t vsbdf; /* IN: of a physical or virtual device */
            uint32_t pad3;
        } detach;
        struct {
            xen_viommu_sbdf_t vsbdf; /* IN: as the guest sees it */
            uint32_t dm;             /* IN: the device model that has it */
            uint32_t flags;          /* IN: XEN_VIOMMU_VPDEV_* */
            uint32_t pad3;
        } attach_vpdev;
        /*
         * Where is @iova?  An access that is blocked is recorded as the
         * architecture says, and answered with -XEN_EFAULT.  With
         * XEN_VIOMMU_ACCESS_ats a missing right is no fault: the rights that
         * there are come back.  Without it no rights at all mean that reads
         * give zeroes and writes are ignored (SMMUv3, CD.A = 0).
         */
        struct {
            xen_viommu_sbdf_t vsbdf; /* IN */
            uint32_t dm;             /* IN */
            uint64_t iova;           /* IN */
            uint32_t access;         /* IN: XEN_VIOMMU_ACCESS_* */
            uint32_t pasid;          /* IN: 0 without XEN_.._pasid */
            uint64_t gpa;            /* OUT: of @iova */
            uint64_t mask;           /* OUT: bits that stay within the page */
            uint32_t rights;         /* OUT: of read, write and execute */
            uint32_t pad3;
        } translation;
        /*
         * Translate and copy in one step: no invalidation completes between.
         * The first seven fields are those of translation; within 4 KiB.
         */
        struct {
            xen_viommu_sbdf_t vsbdf;
            uint32_t dm;
            uint64_t iova;
            uint32_t access; /* IN: read or write, not ats */
            uint32_t pasid;
            uint64_t gpa;    /* OUT; ~0: nowhere, zeroes */
            uint64_t buffer; /* IN: a handle of the caller's memory */
            uint32_t size;   /* IN: bytes, 1 to 4096 */
            uint32_t pad3;
        } copy;
        /*
         * The answer to a message.  Errors: -XEN_ENOENT never sent, or
         * answered before; -XEN_EPERM sent to another device model or by
         * another vIOMMU; -XEN_EBUSY an older one to this device model is
         * not answered yet.
         */
        struct {
            uint64_t sequence; /* IN: of the message */
            uint32_t dm;       /* IN */
            uint32_t pad3;
        } drain_completed;
        uint64_t reserved[8]; /* size of the union for ever */
    } u;
};

_Static_assert(sizeof(struct xen_dmop_viommu_op) == 80,
               "the ABI's size is fixed");

#endif /* PUBLIC_VIOMMU_H */
