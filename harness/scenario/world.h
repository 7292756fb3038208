/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world: everything that a program needs to run in one of the ways that it
 * may be run, wired together.
 *
 *   through the model   a bare-metal guest drives the physical unit itself
 *   through the stack   guest -> vIOMMU under test -> driver -> physical unit
 *
 * An oracle watches each guest's unit; devices always access memory through
 * the physical one.
 */
#ifndef HARNESS_SCENARIO_WORLD_H
#define HARNESS_SCENARIO_WORLD_H

#include <scenario/program.h>

#include <common/cache.h>
#include <common/request.h>
#include <devices/dma.h>
#include <devices/vdev.h>
#include <machine/dut.h>
#include <machine/interleave.h>
#include <oracle/oracle.h>

#define WORLD_MAX_FINDINGS 8
#define WORLD_MAX_EVENTS   64
#define WORLD_MAX_DOMAINS  2

struct world;
struct world_domain;

/*
 * Somebody else's machine in the place of ours, driven as bare metal: what the
 * guest's processor and the devices do happens there, and no oracle watches.
 * A DMA tells nothing: what became of it is for whoever has the machine.
 */
struct world_foreign {
    void (*store64)(void *context, uint64_t gpa, uint64_t value);
    uint64_t (*load64)(void *context, uint64_t gpa);
    void (*write_register)(void *context, uint32_t offset, unsigned int size,
                           uint64_t value);
    uint64_t (*read_register)(void *context, uint32_t offset,
                              unsigned int size);
    void (*dma)(void *context, size_t operation, unsigned int device,
                const struct dma_transfer *transfer);
};

/* Somebody who looks on, at what is not NULL.  What is written may be changed
 * before a DMA. */
struct world_watch {
    void (*dma_begins)(void *context, struct world *world, unsigned int device,
                       const struct dma_transfer *transfer);
    void (*dma_ended)(void *context, struct world *world, unsigned int device,
                      const struct dma_transfer *transfer,
                      const struct dma_result *result);
    void (*operation_done)(void *context, struct world *world,
                           size_t operation);
    void *context;
};

/* What the physical units are built of, beside what the program says. */
struct world_cache {
    unsigned int entries, ways; /* 0 entries: as the model has it */
};

struct world_hardware {
    struct cost_table costs;
    unsigned int slots; /* requests in flight */
    struct world_cache config_cache, tlb, walk_cache;
};

/* What a guest's processor does, and a device model. */
enum world_step {
    WORLD_LOAD,
    WORLD_STORE,
    WORLD_REGISTER_READ,
    WORLD_REGISTER_WRITE,   /* begins */
    WORLD_REGISTER_WRITTEN, /* with all that follows from it */
    WORLD_DM_CALL,          /* a hypercall */
    WORLD_DM_ACCESS,        /* to memory of the guest */
    WORLD_DM_MESSAGE,       /* it is told something, and looks at it */
};

/*
 * Simulated time (sim/).  Each of these may let it pass, and whatever devices
 * do meanwhile by themselves happens inside: world_request_begins() and
 * world_request_ended() around each of their requests.
 */
struct world_time {
    /* Instead of @own, for the model of a unit (counted from 0). */
    const struct port *(*unit_port)(void *context, unsigned int unit,
                                    const struct port *own,
                                    const struct port *below);
    /* Instead of arch->access(). */
    void (*access)(void *context, unsigned int device,
                   const struct request *request, void *data,
                   struct response *response);
    void (*step)(void *context, struct world_domain *wd, enum world_step step);
    void *context;
};

struct world_config {
    enum through through;
    enum p2m_shape shape; /* stack only */
    enum cache_retention retention;
    uint64_t seed;
    const struct dut_ops *dut;           /* NULL: our own */
    unsigned int span_pages;             /* of the oracles, see there */
    bool few_registers;                  /* likewise */
    const struct world_foreign *foreign; /* NULL: none; model only */
    void *foreign_context;
    const struct world_watch *watch;       /* NULL: nobody */
    const struct world_hardware *hardware; /* NULL: as the models have it */
    const struct world_time *time;         /* NULL: untimed */
    bool alone;    /* nobody explores it, machine_config.alone */
    bool unjudged; /* what the oracles object to is no finding */
};

struct finding {
    char property[8];
    char message[400];
    size_t operation; /* index in the program */
    bool expectation; /* the program's own, not the oracle's */
};

/* Something that the unit did towards its guest, until it is asked for; of too
 * many the oldest are forgotten. */
struct world_event {
    uint64_t address;
    uint32_t data;
};

struct world_events {
    struct world_event event[WORLD_MAX_EVENTS];
    unsigned int first, count;
};

/* What a register was, by the low bits of its offset, and at which entry into
 * the code under test: until the next it is that still. */
#define WORLD_PEEKS 32
struct world_peek {
    uint64_t entries, value;
    uint32_t offset;
    unsigned int size; /* 0: none */
};

struct world_domain {
    struct world *world;
    unsigned int index;
    struct domain *domain;
    struct oracle *oracle;
    struct dut_viommu viommu;
    bool viommu_live;
    unsigned int viommus; /* that it has had */
    bool destroyed;
    uint64_t next_page;    /* of the guest's own page allocator */
    bool driver_ready;     /* it has read its unit's registers */
    uint32_t locks, flags; /* of the guest's processors among themselves */
    void *guest; /* the state of its driver, arch->guest_size bytes */
    struct world_events interrupts; /* messages that reached the guest */
    struct world_events statuses;   /* 4-byte words written by it */
    struct dm dm[MACHINE_MAX_DMS];
    struct world_peek peek[WORLD_PEEKS];
    uint64_t asked;  /* entries, when its vIOMMU was asked for refusals last */
    bool p2m_locked; /* a change of its p2m is under way, ... */
    bool p2m_late;   /* ... of which the vIOMMU is told later: */
    uint64_t p2m_gfn;
};

struct world_device {
    struct world_domain *owner;
    uint32_t source; /* as the guest numbers it */
    uint32_t psbdf;  /* as the host does */
    unsigned int unit;
    bool assigned, attached;
    bool is_virtual;    /* then psbdf, unit and assigned mean nothing */
    bool lost;          /* nobody knows any more what it is under */
    bool moving;        /* an operation changes the unit that it is under */
    unsigned int moves; /* so often one has begun or ended to */
    struct vdev vdev;
};

/* A physical unit. */
struct world_unit {
    unsigned int number; /* the machine's */
    void *model;
};

/* A copy into guest memory that is under way; data is NULL: none. */
struct world_copy {
    const uint8_t *data;
    uint64_t iova;
    unsigned int size;
};

struct world {
    const struct program *program;
    struct world_config config;
    struct machine *machine;
    struct world_unit unit[PROGRAM_MAX_UNITS];
    unsigned int units;
    struct dut *dut;
    const struct dut_ops *ops;
    struct world_domain domain[WORLD_MAX_DOMAINS];
    unsigned int domains;
    struct world_device device[PROGRAM_MAX_DEVICES];
    struct world_copy copy;
    uint8_t hypercall[128]; /* the raw hypercall in preparation */
    size_t operation;       /* the one that runs */
    size_t begun;           /* operations done before world_run() */
    bool failing;           /* the program has made calls of host.h fail */
    /* Activities run, of which this is one; NULL: one thing at a time. */
    const struct machine_interleave *interleave;
    struct world_pages *judged; /* pages that the oracle looks at, or NULL */
    bool submitting;            /* what it looks at now is the queue */
    bool nested;                /* an operation runs inside another */
    bool restless;              /* deferred work has not become idle */
    unsigned int observed;      /* an oracle looks: nobody may interfere */
    uint64_t outcomes;          /* hash of what all DMAs so far became */
    struct finding finding[WORLD_MAX_FINDINGS];
    unsigned int findings;
    char refused[200]; /* why the program is at fault; empty: it isn't */
    struct world_saved *saved; /* by world_snapshot(), or NULL */
};

/* NULL: *reason says why this program cannot run so. */
struct world *world_create(const struct program *program,
                           const struct world_config *config,
                           const char **reason);
void world_destroy(struct world *world);

/*
 * As it is now is how world_restore() makes it again, for another program
 * whose machine is the same.  What the oracles remember is part of it, so it
 * may be taken behind some operations.  False: out of memory.
 */
bool world_snapshot(struct world *world);
void world_restore(struct world *world, const struct program *program);

/* As of the machine, which is included. */
uint64_t world_pieces(struct world *world, machine_piece *piece,
                      void *context);
void world_rewind(struct world *world, uint64_t mark);

/* 128 bits of all that a snapshot keeps, see machine_hash_state(). */
void world_hash(struct world *world, uint64_t hash[2]);

void world_find(struct world *world, const char *property, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* A program's own expectation was not met: a finding, unless the oracle alone
 * is to judge. */
void world_expect(struct world *world, const char *property, const char *fmt,
                  ...) __attribute__((format(printf, 3, 4)));

/* The program asks for what can't be done: it ends, and is at fault itself. */
void world_refuse(struct world *world, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- activities: nothing happens without world->interleave ---- */

/* The running activity stands before @where. */
void world_others(struct world *world, const char *where);
/* What is looked at from here on is what a following wait waits for. */
void world_look(struct world *world);
/* Nothing to do before others have changed something; false: there are none.
 */
bool world_wait(struct world *world);
/* The same in a loop that began with world_look() and remembers nothing of its
 * turns. */
bool world_idle(struct world *world);
void world_touch(struct world *world, enum machine_resource resource,
                 uint64_t first, uint64_t last, bool write);
/*
 * Pages of guest memory whose words the oracle has looked at to decide what is
 * legal, by domain.  What is stored elsewhere makes no difference to it.
 */
#define WORLD_MAX_PAGES 256
struct world_pages {
    uint64_t key[WORLD_MAX_PAGES]; /* domain << 52 | page */
    unsigned int count;
    bool grown; /* since somebody has cleared this */
    bool full;  /* more than it can hold: any page may be one */
};

/* The guest's processor. */
void world_write(struct world_domain *wd, uint32_t offset, unsigned int size,
                 uint64_t value);
uint64_t world_read(struct world_domain *wd, uint32_t offset,
                    unsigned int size);

/* One atomic, aligned 8-byte access of it; false: there is no RAM. */
bool world_store64(struct world_domain *wd, uint64_t gpa, uint64_t value);
bool world_load64(struct world_domain *wd, uint64_t gpa, uint64_t *value);

/* Everything deferred happens, and the oracles look at the result. */
void world_settle(struct world *world);

/* False: it was stopped, whether the device was told so or not. */
bool response_reached(const struct response *response);

/* A DMA of a device, up to and including everything that follows from it.
 * False: an impossible transfer. */
bool world_dma(struct world *world, unsigned int device,
               const struct dma_transfer *transfer, struct dma_result *result);

/* Around a request that a device makes by itself: judged as any other, but
 * no part of the program.  What is known of it goes from one to the other. */
struct world_request {
    bool judged;         /* an oracle knows of it */
    unsigned int number; /* there */
    unsigned int moves;  /* of the device, when it began */
    bool moving;         /* it was about to */
    bool free;           /* it was under no unit */
    unsigned int unit;   /* of the domain, which it was judged by */
};
void world_request_begins(struct world *world, unsigned int device,
                          const struct request *request,
                          struct world_request *watched);
void world_request_ended(struct world *world, unsigned int device,
                         const struct world_request *watched,
                         const struct request *request,
                         const struct response *response);

/* The toolstack; 0 or -XEN_E*. */
int world_viommu_create(struct world_domain *wd, const uint64_t *id);
int world_viommu_destroy(struct world_domain *wd);
int world_attach(struct world *world, unsigned int device);
int world_detach(struct world *world, unsigned int device);
int world_assign(struct world *world, unsigned int device);
int world_deassign(struct world *world, unsigned int device);
int world_domain_destroy(struct world_domain *wd);
/*
 * The p2m of one page becomes @type, REGION_HOLE for none: false if it can't,
 * or another change of it is under way.  Inside another operation memory
 * changes at once, and the vIOMMU is told when that has ended: it holds the
 * lock that whoever tells it waits for.  *rc: what it answered.
 */
bool world_p2m_change(struct world_domain *wd, uint64_t gfn,
                      enum region_type type, int *rc);
/* Not the toolstack's: from here on some call of host.h fails. */
void world_fail(struct world *world, enum failure failure, unsigned int k);

/* ---- virtual devices: the steps of a device model ---- */

/* 0: @slot holds the translation, unless the rights don't suffice (ATS);
 * -XEN_EFAULT: it is blocked; -XEN_E*. */
int world_vdev_translate(struct world *world, unsigned int device,
                         unsigned int slot,
                         const struct vdev_request *request);

/* One access by a translation in @slot, inside its page. */
struct vdev_access {
    bool write;
    uint64_t offset; /* from the address that was asked for */
    void *data;
    unsigned int size;
};
/* False: there is no memory, or the device model is cut off. */
bool world_vdev_access(struct world *world, unsigned int device,
                       unsigned int slot, const struct vdev_access *access);
void world_vdev_drop(struct world *world, unsigned int device,
                     unsigned int slot);

/* Translation and access in one step; *gpa if it is 0. */
int world_vdev_copy(struct world *world, unsigned int device,
                    const struct vdev_request *request, void *data,
                    unsigned int size, uint64_t *gpa);

/* Take a message: wd->dm[dm].received has one more; false: there is none. */
bool world_dm_receive(struct world_domain *wd, unsigned int dm);
/* It drops the translations that the message is to end. */
void world_dm_end(struct world_domain *wd, unsigned int dm,
                  const struct dm_message *message);
int world_dm_answer(struct world_domain *wd, unsigned int dm,
                    uint64_t sequence);
int world_dm_disconnect(struct world_domain *wd, unsigned int dm);
void world_dm_connect(struct world_domain *wd, unsigned int dm);

bool world_events_take(struct world_events *events, struct world_event *event);

#endif /* HARNESS_SCENARIO_WORLD_H */
