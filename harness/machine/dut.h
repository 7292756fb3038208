/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device under test: a vIOMMU, whoever wrote it, as a table of operations
 * on an instance.  Ours is dut_umbra (dut_umbra.c); a foreign Xen tree is
 * another.  An operation that an implementation does not have is NULL.
 */
#ifndef HARNESS_MACHINE_DUT_H
#define HARNESS_MACHINE_DUT_H

#include <machine/machine.h>

struct dut;

enum dut_result {
    DUT_DONE,
    DUT_RETRY,           /* run deferred work, then call again */
    DUT_TO_DEVICE_MODEL, /* the device model must complete it */
    DUT_ERROR,           /* dut_error() says what */
};

struct dut_config {
    struct machine *machine;
};

#define DUT_ID_WORDS 8

/* One virtual IOMMU of a domain. */
struct dut_viommu {
    unsigned int domain; /* index of the machine's domain */
    uint32_t id;         /* OUT of create */
    uint64_t base;       /* guest-physical, of its registers */
    unsigned int type;   /* XEN_VIOMMU_TYPE_* */
    /* Its identification registers, in the order of the type's row in
     * dut_umbra_types.c. */
    uint64_t id_register[DUT_ID_WORDS];
    uint32_t capabilities; /* XEN_VIOMMU_CAPABILITY_* */
    uint32_t shadow_limit; /* pages, 0: default */
    uint32_t haw;          /* width of guest-physical addresses, bits */
    uint32_t options;      /* of the type, likewise */
};

/* What a device would get now; what the implementation has shadowed. */
struct dut_mapping {
    bool present;
    uint64_t hpa;        /* of the address asked for */
    uint64_t mask;       /* page-offset bits of the entry */
    unsigned int rights; /* 1 read, 2 write, 4 execute */
};

struct dut_access {
    uint32_t psbdf;
    uint32_t pasid; /* or UINT32_MAX */
    uint64_t address;
    bool write, privileged, execute;
};

/* A virtual device: how its device model keeps from using what the guest has
 * invalidated. */
struct dut_vpdev {
    uint32_t vsbdf;
    unsigned int dm; /* the machine's */
    bool drains, ats;
};

/* An access of one, and where it goes. */
struct dut_translation {
    uint32_t vsbdf;
    unsigned int dm;
    uint64_t iova;
    uint32_t pasid; /* or UINT32_MAX */
    bool read, write, privileged, execute;
    bool ats; /* a translation request of a device with a device-TLB */
    /* OUT */
    uint64_t gpa, mask;
    unsigned int rights; /* 1 read, 2 write, 4 execute */
};

struct dut_query {
    uint32_t shadow_pages, shadow_limit;
    uint64_t shadow_refused;
    uint64_t id_register[DUT_ID_WORDS]; /* all that is built */
};

struct dut_ops {
    const char *name;

    /* NULL: impossible, *reason says why. */
    struct dut *(*create)(const struct dut_config *config,
                          const char **reason);
    void (*destroy)(struct dut *dut);

    /* Toolstack: the raw hypercall (@op: struct xen_dmop_viommu_op), returning
     * 0 or -XEN_E*, and the usual ones in convenient form. */
    int (*hypercall)(struct dut *dut, void *op, size_t size);
    int (*viommu_create)(struct dut *dut, struct dut_viommu *viommu);
    int (*viommu_destroy)(struct dut *dut, const struct dut_viommu *viommu);
    int (*query)(struct dut *dut, const struct dut_viommu *viommu,
                 struct dut_query *query);
    int (*assign)(struct dut *dut, unsigned int domain, uint32_t psbdf);
    int (*deassign)(struct dut *dut, unsigned int domain, uint32_t psbdf);
    int (*attach)(struct dut *dut, const struct dut_viommu *viommu,
                  uint32_t vsbdf, uint32_t psbdf);
    int (*detach)(struct dut *dut, const struct dut_viommu *viommu,
                  uint32_t vsbdf);
    int (*domain_destroy)(struct dut *dut, unsigned int domain);

    /* The guest's CPU.  @offset from the register base. */
    enum dut_result (*mmio_read)(struct dut *dut,
                                 const struct dut_viommu *viommu,
                                 uint32_t offset, unsigned int size,
                                 uint64_t *value);
    enum dut_result (*mmio_write)(struct dut *dut,
                                  const struct dut_viommu *viommu,
                                  uint32_t offset, unsigned int size,
                                  uint64_t value);

    /* The p2m of 2^order pages has changed. */
    int (*p2m_changed)(struct dut *dut, unsigned int domain, uint64_t gfn,
                       unsigned int order);

    /* Device models, for devices that they emulate: 0 or -XEN_E*, see
     * public/viommu.h.  copy(): @size bytes in one step with the translation,
     * inside 4 KiB.  drain_completed(): the answer to a message. */
    int (*attach_vpdev)(struct dut *dut, const struct dut_viommu *viommu,
                        const struct dut_vpdev *vpdev);
    int (*translate)(struct dut *dut, const struct dut_viommu *viommu,
                     struct dut_translation *translation);
    int (*copy)(struct dut *dut, const struct dut_viommu *viommu,
                struct dut_translation *translation, void *data,
                unsigned int size);
    int (*drain_completed)(struct dut *dut, const struct dut_viommu *viommu,
                           unsigned int dm, uint64_t sequence);
    /* The host cuts one off, or it has died. */
    int (*dm_disconnect)(struct dut *dut, unsigned int domain,
                         unsigned int dm);

    /* Hardware: events that a harness without physical models injects. */
    void (*physical_fault)(struct dut *dut, uint32_t psbdf, uint64_t address,
                           bool write);
    void (*page_request)(struct dut *dut, uint32_t psbdf, uint64_t address,
                         bool write);
    void (*page_response)(struct dut *dut, uint32_t vsbdf, uint32_t group,
                          uint32_t code);
    int (*interrupt_request)(struct dut *dut, uint32_t vsbdf, uint64_t address,
                             uint32_t data);

    /* Deferred work until idle; false: it does not become idle. */
    bool (*run_deferred)(struct dut *dut);

    /*
     * How often anything that may change it has entered the code under test:
     * while this stays as it is, so do its registers and counters.
     * UINT64_MAX: it is inside.  NULL: nobody knows.
     */
    uint64_t (*entries)(const struct dut *dut);

    /*
     * For P3 and P5: what a DMA of the device would meet now, hardware caches
     * included (@hardware) or by the tables alone.  Without side effects.
     */
    void (*effective_map)(struct dut *dut, const struct dut_access *access,
                          bool hardware, struct dut_mapping *mapping);

    /* Not built yet. */
    int (*save)(struct dut *dut, void *buffer, size_t *size);
    int (*load)(struct dut *dut, const void *buffer, size_t size);
};

/* Our own: hypervisor/ on the physical units that the machine has. */
extern const struct dut_ops dut_umbra;

#endif /* HARNESS_MACHINE_DUT_H */
