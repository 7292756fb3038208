/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the drivers of the physical units: what they share, and the table of
 * operations by which one of them is reached.  One lock, piommu->lock,
 * protects all of it; it is taken after a vIOMMU's lock and never held when
 * calling up.
 */
#ifndef PIOMMU_PRIVATE_H
#define PIOMMU_PRIVATE_H

#include <piommu.h>

/* Polls without an answer after which a unit is given up (-XEN_EIO). */
#define UNIT_PATIENCE 20000u

/* Commands of one flush for one unit, at most. */
#define FLUSH_COMMANDS 16u

/* Entries of a table page, and the order of what one spans, in pages. */
#define TABLE_ENTRIES      512u
#define TABLE_ORDER(level) (9u * ((level)-1))

/* A descriptor or command of a unit's queue, both 128 bits. */
struct piommu_command {
    uint64_t lo, hi;
};

struct piommu_device_state {
    struct piommu_device_state *next;
    uint32_t source_id;
    struct piommu_space *space;
};

/* What every unit has; the driver's own structure begins with it. */
struct piommu_unit {
    struct piommu *piommu;
    unsigned int index;
    struct host_unit *hw;
    struct piommu_device_state *devices;
    bool failed;                 /* it no longer answers */
    uint64_t faults_taken;       /* from the start */
    struct host_work fault_work; /* the rest of a flood of faults */
};

struct piommu {
    struct host *host;
    const struct piommu_driver *driver;
    struct piommu_events events;
    struct host_lock lock;
    struct piommu_capabilities capabilities;
    unsigned int units;
    struct piommu_unit *unit[PIOMMU_MAX_UNITS];
    struct piommu_space *spaces;
    struct piommu_nest *nests;
    uint32_t last_source; /* largest source-id that a device may have */
    bool writeback;       /* the walks of some unit do not snoop */
    unsigned int tags;    /* tags that every unit can hold */
    uint8_t *tags_used;   /* bit map; 0 is never given */
};

struct piommu_table {
    struct piommu *piommu;
    struct piommu_table *next; /* of the same p2m or mapped space */
    unsigned int level;
    mfn_t mfn;
    void *owner;
    struct piommu_table **child; /* by entry; NULL at level 1 */
};

struct piommu_space {
    struct piommu *piommu;
    struct piommu_space *next;
    enum piommu_space_kind kind;
    struct domain *domain;
    uint16_t tag; /* VT-d: DID, SMMUv3: VMID; 0: blocked, nested */
    struct piommu_table *root;
    struct piommu_table *top;    /* VT-d: above a 3-level root, for a unit that
                                  * has 4 levels only */
    struct piommu_table *tables; /* p2m, mapped: all that it owns */
    gfn_t populated;             /* p2m: done up to here */
    struct piommu_nest *nest;    /* nested: its tag and second stage */
    uint64_t configuration[2];   /* nested: as given */
    unsigned int attached[PIOMMU_MAX_UNITS];
};

struct piommu_nest {
    struct piommu *piommu;
    struct piommu_nest *next;
    struct piommu_space *p2m;
    uint16_t tag;
    unsigned int spaces;
    unsigned int attached[PIOMMU_MAX_UNITS]; /* of all its spaces */
};

/*
 * An architecture.  fault_*, prepare, change, plan_*, invalidate_check and
 * queue_* are called with the lock held.
 */
struct piommu_driver {
    /*
     * Take over the unit and enter it in piommu->unit; unit_destroy() gives
     * back what a failed one has got so far as well.
     */
    int (*unit_create)(struct piommu *piommu, unsigned int index);
    void (*unit_destroy)(struct piommu_unit *unit);
    /* What an interrupt has to say beside faults; NULL: nothing. */
    void (*interrupt)(struct piommu_unit *unit);
    /* The source of the oldest fault.  False: there is none, and what the unit
     * says of faults that it has lost is acknowledged. */
    bool (*fault_first)(struct piommu_unit *unit, uint32_t *source_id);
    bool (*fault_take)(struct piommu_unit *unit,
                       const struct piommu_sources *sources,
                       struct piommu_fault *fault);
    /* Faults that wait in the unit; NULL: nobody need wait for them. */
    uint64_t (*fault_count)(struct piommu_unit *unit);
    /* All units are there: what they can do together. */
    void (*intersect)(struct piommu *piommu);

    /* Complete a new space, whose root is there; NULL: nothing to do. */
    int (*space_complete)(struct piommu_space *space);

    /* Entries of table pages (9 bits of the address a level). */
    uint64_t (*encode)(unsigned int level, const struct piommu_entry *entry);
    /* Rights (0: not present) and, if it is a leaf, the frame. */
    void (*decode)(unsigned int level, uint64_t value,
                   struct piommu_entry *entry);
    /* A present entry must be seen absent before it gets another frame. */
    bool break_before_make;

    /* The structures that lead to the device's entry. */
    int (*prepare)(struct piommu_unit *unit, uint32_t source_id);
    /* Switch the device's entry; afterwards @old, or NULL, is in no cache. */
    int (*change)(struct piommu_unit *unit, uint32_t source_id,
                  const struct piommu_space *old,
                  const struct piommu_space *space);

    /* What a flush means for @unit: the number of commands (0: nothing). */
    unsigned int (*plan_flush)(struct piommu_unit *unit,
                               const struct piommu_flush *flush,
                               struct piommu_command *command);
    int (*queue_room)(struct piommu_unit *unit, unsigned int commands);
    /* Completion included; *sequence is never 0. */
    int (*queue_submit)(struct piommu_unit *unit,
                        const struct piommu_command *command,
                        unsigned int count, uint64_t *sequence);
    int (*queue_poll)(struct piommu_unit *unit, uint64_t sequence);

    /* Nesting: as plan_flush(); all NULL when the driver has none. */
    unsigned int (*plan_nest)(struct piommu_unit *unit,
                              const struct piommu_nest *nest,
                              struct piommu_command *command);
    int (*invalidate_check)(const struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate);
    unsigned int (*plan_invalidate)(
        struct piommu_unit *unit,
        const struct piommu_cache_invalidate *invalidate,
        struct piommu_command *command);
};

extern const struct piommu_driver vtd_driver, smmuv3_driver;

/* core.c: for unit_create() and unit_destroy(); @mfn may be INVALID_MFN */
void piommu_unit_enter(struct piommu *piommu, unsigned int index,
                       struct piommu_unit *unit);
void piommu_unit_free_page(const struct piommu_unit *unit, mfn_t mfn);

/* core.c: with the lock held */
int piommu_execute(struct piommu_unit *unit,
                   const struct piommu_command *command, unsigned int count);
int piommu_give_up(struct piommu_unit *unit, const char *why);

/* fault.c */
void piommu_fault_work(struct host_work *work);
/* All that there are, as far as the budget goes.  No locks held. */
void piommu_faults_report(struct piommu_unit *unit);

/* space.c */
bool piommu_owns_tables(const struct piommu_space *space);
void piommu_space_release(struct piommu_space *space);

/* map.c */
int piommu_new_table(struct piommu_space *space, unsigned int level,
                     struct piommu_table **table);

#endif /* PIOMMU_PRIVATE_H */
