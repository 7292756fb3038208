/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine: host memory, domains with their p2m, physical IOMMUs and
 * devices, interrupt sinks, deferred work, budgets, failures on demand.
 *
 * It implements host.h for the code under test and the untimed port for the
 * models.  Everything that changes during a run lives in one arena, so that a
 * snapshot is a copy.  One thread; nothing here locks.
 *
 * Addresses: hpa host-physical, gpa guest-physical of a domain.
 */
#ifndef HARNESS_MACHINE_MACHINE_H
#define HARNESS_MACHINE_MACHINE_H

#include <common/port.h>
#include <machine/pieces.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct domain;
struct host;

#define MACHINE_MAX_DOMAINS 4
#define MACHINE_MAX_REGIONS 16
#define MACHINE_MAX_UNITS   4
#define MACHINE_MAX_PDEVS   96
#define MACHINE_MAX_DMS     4 /* device models of a domain */

/* ---- shape ---- */

enum p2m_shape {
    P2M_SCATTERED,  /* no two neighbours together: 4 KiB only */
    P2M_CONTIGUOUS, /* 2 MiB blocks contiguous and aligned, scattered */
    P2M_MIXED,      /* every other 2 MiB block scattered */
    P2M_BARE,       /* gpa == hpa: a bare-metal system without a host */
};

enum region_type { REGION_RAM, REGION_ROM, REGION_HOLE, REGION_MMIO };

/* A later region overrides an earlier one.  4 KiB granular. */
struct region {
    uint64_t base, size;
    enum region_type type;
};

struct domain_config {
    uint16_t id;
    enum p2m_shape shape;
    struct region region[MACHINE_MAX_REGIONS];
    unsigned int regions;
};

struct machine_config {
    uint64_t seed;    /* of the p2m permutations */
    unsigned int haw; /* host address width, bits */
    struct domain_config domain[MACHINE_MAX_DOMAINS];
    unsigned int domains;
    unsigned int budget;      /* host.h calls until host_preempt_check() */
    unsigned int hard_budget; /* more than this in one entry breaks P7 */
    uint64_t memory_limit;    /* bytes charged per domain; more breaks P7 */
    unsigned int lag;         /* host.h calls until a unit sees the tail of
                               * its queue move */
    bool incoherent;          /* the host's units don't snoop */
    bool alone;               /* nobody calls machine_interleave() */
};

void machine_config_default(struct machine_config *config);

/* NULL: out of memory. */
struct machine *machine_create(const struct machine_config *config);
void machine_destroy(struct machine *m);
const struct machine_config *machine_config(const struct machine *m);
struct host *machine_host(struct machine *m);
struct domain *machine_domain(struct machine *m, unsigned int index);

/* Zeroed memory that lives, and is copied, with the machine's state. */
void *machine_alloc(struct machine *m, size_t size, size_t align);

/* The same, 16-byte aligned, that can be given back; no part of any census. */
void *machine_block(struct machine *m, size_t size);
void machine_block_free(struct machine *m, void *p);
/* Bytes that were asked for; @p: of machine_block() or host_zalloc(). */
size_t machine_block_size(const void *p);

/* ---- memory ---- */

enum writer {
    WRITER_VCPU,
    WRITER_DEVICE,
    WRITER_UNIT,
    WRITER_HYPERVISOR,
    WRITER_TOOLSTACK
};

/* False: a byte of it is not memory.  Then nothing is read or written. */
bool memory_read(struct machine *m, uint64_t hpa, void *buffer, size_t len);
bool memory_write(struct machine *m, enum writer who, uint64_t hpa,
                  const void *buffer, size_t len);

/* Guest-physical, through the p2m.  @who other than the toolstack may not
 * write ROM. */
bool domain_read(struct domain *d, uint64_t gpa, void *buffer, size_t len);
bool domain_write(struct domain *d, enum writer who, uint64_t gpa,
                  const void *buffer, size_t len);
bool domain_read64(struct domain *d, uint64_t gpa, uint64_t *value);
/* The page around @gpa, to look at; NULL: neither RAM nor ROM.  Valid until
 * the p2m changes or a snapshot is restored. */
const uint8_t *domain_page(struct domain *d, uint64_t gpa);
bool domain_write64(struct domain *d, enum writer who, uint64_t gpa,
                    uint64_t value);

/* It has been destroyed: no domid names it any more. */
void domain_gone(struct domain *d);

unsigned int domain_index(const struct domain *d);
struct machine *domain_machine(const struct domain *d);

/* ---- p2m ---- */

struct p2m_entry {
    enum region_type type;
    uint64_t mfn; /* RAM, ROM */
};
void p2m_lookup(const struct domain *d, uint64_t gfn, struct p2m_entry *entry);

/* Whose frame, and which of his?  False: nobody's guest memory. */
bool m2p_lookup(const struct machine *m, uint64_t mfn, struct domain **d,
                uint64_t *gfn);

/*
 * Change the p2m: take a page away, give a fresh one, change its type.  The
 * old frame stays owned (P1) until p2m_release() *and* the last reference that
 * the hypervisor holds on it is gone; then it is poisoned and may be reused.
 * A p2m is as wide as host addresses: no page is populated beyond.
 */
bool p2m_remove(struct domain *d, uint64_t gfn);
bool p2m_populate(struct domain *d, uint64_t gfn, enum region_type type);
void p2m_release(struct domain *d); /* frames removed so far may go */

/* P1: may a device of @d access this host page now, so? */
bool domain_owns(const struct domain *d, uint64_t mfn, bool write);

/* ---- device models ---- */

/* What one is told (host.h: struct host_dm_message): to end the accesses that
 * are under way; or those of device @source by its device-TLB, and to drop
 * what that holds of [first, last]. */
struct machine_dm_message {
    bool invalidate; /* the device-TLB */
    bool reads, writes;
    uint32_t viommu_id, source;
    uint64_t sequence;
    uint64_t first, last;
};

/* @dm < MACHINE_MAX_DMS.  Nobody is connected at the beginning; the code under
 * test cuts one off. */
void machine_dm_connect(struct domain *d, unsigned int dm);
bool machine_dm_connected(const struct domain *d, unsigned int dm);
/* Those that it has not taken yet; the oldest of them, false: none. */
unsigned int machine_dm_messages(const struct domain *d, unsigned int dm);
bool machine_dm_receive(struct domain *d, unsigned int dm,
                        struct machine_dm_message *message);
/* One access of it to guest memory; false: no memory, ROM, or cut off. */
bool machine_dm_access(struct domain *d, unsigned int dm, bool write,
                       uint64_t gpa, void *buffer, size_t len);

/* The memory of who makes the next hypercalls: handles are offsets into it.
 * Not part of the state; size 0: nobody's. */
void machine_caller(struct machine *m, void *memory, size_t size);

/* ---- who watches ---- */

/*
 * Called by the machine while it works.  Any may be NULL.  @d is NULL for
 * memory that is no domain's.
 */
struct machine_observer {
    /* An aligned 8-byte word of guest memory changes, or is written again. */
    void (*store)(void *context, enum writer who, struct domain *d,
                  uint64_t gpa, uint64_t old, uint64_t value);
    /* The unit or the hypervisor has written to guest memory, in one piece. */
    void (*unit_store)(void *context, struct domain *d, uint64_t gpa,
                       const void *data, size_t len);
    /* The guest got an interrupt. */
    void (*interrupt)(void *context, struct domain *d, uint64_t address,
                      uint32_t data);
    /* The p2m entry of @gfn changes. */
    void (*p2m_change)(void *context, struct domain *d, uint64_t gfn,
                       const struct p2m_entry *old,
                       const struct p2m_entry *now);
    /* A device model was told something; it was cut off, once more perhaps. */
    void (*dm_message)(void *context, struct domain *d, unsigned int dm,
                       const struct machine_dm_message *message);
    void (*dm_revoked)(void *context, struct domain *d, unsigned int dm);
    /* A rule of the machine itself was broken (P1, P7, P9). */
    void (*violation)(void *context, const char *property,
                      const char *message);
    /* The code under test logs. */
    void (*log)(void *context, unsigned int level, const char *message);
    void *context;
};
void machine_observe(struct machine *m,
                     const struct machine_observer *observer);

/* ---- physical units and devices ---- */

struct unit_ops {
    uint64_t (*mmio_read)(void *unit, uint32_t offset, unsigned int size);
    void (*mmio_write)(void *unit, uint32_t offset, unsigned int size,
                       uint64_t value);
};

/*
 * Reserve a unit of @type (host.h: enum host_unit_type) and get its port; then
 * give the model.  A unit with
 * @domain >= 0 belongs to that domain (a bare-metal guest): its memory
 * accesses are that domain's gpa and its interrupts the domain's.
 */
unsigned int machine_add_unit(struct machine *m, unsigned int type,
                              int domain);
const struct port *machine_unit_port(struct machine *m, unsigned int unit);
/* The port of the devices below it: the same memory, other writers. */
const struct port *machine_device_port(struct machine *m, unsigned int unit);
void machine_set_unit(struct machine *m, unsigned int unit,
                      const struct unit_ops *ops, void *model);

/* Put @port in the place of machine_unit_port(), for a model that is made
 * after that; it may use the one that it replaces. */
void machine_replace_port(struct machine *m, unsigned int unit,
                          const struct port *port);

/*
 * Registers of a unit: what the software of a bare-metal domain does.  A read
 * has no side effects, so that it serves observers as well.
 */
uint64_t machine_mmio_read(struct machine *m, unsigned int unit,
                           uint32_t offset, unsigned int size);
void machine_mmio_write(struct machine *m, unsigned int unit, uint32_t offset,
                        unsigned int size, uint64_t value);

/* A physical device below @unit, given to @d (or NULL). */
bool machine_add_pdev(struct machine *m, uint32_t psbdf, unsigned int unit,
                      uint32_t source_id, struct domain *d);
bool machine_pdev_give(struct machine *m, uint32_t psbdf, struct domain *d);

/* What is called when a unit's interrupt arrives (deferred, not nested); @unit
 * as host_unit_get() counts. */
void machine_on_unit_interrupt(struct machine *m,
                               void (*handler)(void *context,
                                               unsigned int unit),
                               void *context);

/* ---- running the code under test ---- */

/*
 * Bracket every entry into it (trap, hypercall, work item): host.h calls are
 * counted in between, and P7 is checked at the end.
 */
void machine_enter(struct machine *m, const char *what);
void machine_leave(struct machine *m);
/* It changes nothing that the software of a guest can see. */
void machine_enter_look(struct machine *m, const char *what);
/* Entries of the other kind so far; UINT64_MAX: inside of one. */
uint64_t machine_entries(const struct machine *m);

/*
 * Called at every call of host.h that may switch (@where: its name without
 * "host_"), and when a model waits ("port_relax").  Whatever others do, they
 * do there.  NULL: nobody else runs.
 */
void machine_on_switch(struct machine *m,
                       void (*yield)(void *context, const char *where),
                       void *context);
/* Not before the n-th of them; and how many there were.  Those that an
 * observer makes don't count, nor do those while they are held off. */
void machine_switch_from(struct machine *m, uint64_t n);
uint64_t machine_switches(const struct machine *m);
void machine_hold_switches(struct machine *m, bool hold);

/* The same before every access of a physical unit, or of a device below it, to
 * memory: between the atoms of one, too. */
void machine_on_access(struct machine *m, void (*yield)(void *context),
                       void *context);

/* Simulated time: whoever lets it pass, beside the count that the machine
 * keeps itself.  Others may run meanwhile. */
struct machine_clock {
    void (*called)(void *context); /* a call of host.h */
    void (*dispatched)(
        void *context); /* deferred work, an interrupt: begins */
    uint64_t (*now_ns)(void *context);
    void *context;
};
/* NULL: back to counting. */
void machine_set_clock(struct machine *m, const struct machine_clock *clock);

/* One pending work item or physical interrupt; false: idle. */
bool machine_run_one(struct machine *m);

/* Until idle; false: not idle after @limit items (P7/P5: it never ends). */
bool machine_run_until_idle(struct machine *m, unsigned int limit);

/* Fail the k-th following call (1 = the next one) of a kind; 0 cancels. */
enum failure {
    FAIL_ALLOC,
    FAIL_TABLE_ALLOC,
    FAIL_P2M_GET,
    FAIL_GUEST_READ,
    FAIL_GUEST_WRITE,
    FAIL_UNIT, /* an access to registers; the units are dead from then on */
    FAILURE_COUNT
};
void machine_fail(struct machine *m, enum failure failure, unsigned int k);
/* While activities run somebody may call that at any time, for these kinds (a
 * mask): others may run before each of their calls. */
void machine_may_fail(struct machine *m, uint32_t kinds);

/* FAIL_UNIT has come true: no unit takes a store or answers any more. */
bool machine_units_dead(const struct machine *m);

struct machine_stats {
    uint64_t host_calls, most_calls_in_an_entry, work_items;
    uint64_t frames;                       /* host pages touched */
    uint64_t charged[MACHINE_MAX_DOMAINS]; /* bytes now */
    uint64_t most_charged[MACHINE_MAX_DOMAINS];
    uint64_t tables, allocations, references, locks_held; /* outstanding */
};
void machine_stats(const struct machine *m, struct machine_stats *stats);

/* P9: everything charged to or held for @d (all if NULL) has been given back;
 * reports a violation for each kind that was not. */
void machine_census(struct machine *m, const struct domain *d);

/* ---- snapshots ---- */

/* Memory pages by dirty tracking, all other state whole.  One snapshot at a
 * time; restore may be repeated. */
bool machine_snapshot(struct machine *m);
void machine_restore(struct machine *m);

/*
 * From now on, until the next snapshot is tracked, note which pages of the
 * state change, so that those below look at these only; one machine of a
 * process at a time, and only where nobody else needs SIGSEGV.
 */
void machine_track(struct machine *m);
void machine_untrack(struct machine *m);

/*
 * What has changed since the snapshot, in pieces for whoever keeps copies of
 * them.  To have it again: machine_rewind() with what machine_pieces() has
 * returned, then the copies are put back.  It may be repeated until the
 * machine has been restored, or rewound to something earlier.
 */
uint64_t machine_pieces(struct machine *m, machine_piece *piece,
                        void *context);
void machine_rewind(struct machine *m, uint64_t mark);

/* 128-bit hash of the memory of @d and of all hypervisor tables. */
void machine_hash(struct machine *m, uint64_t hash[2]);

/*
 * Of everything that a snapshot keeps: states with equal hashes go on alike.
 * Those that differ may do so as well, since counters and what is remembered
 * only for speed are part of it.  Comparable within a process.
 */
void machine_hash_state(struct machine *m, uint64_t hash[2]);

#endif /* HARNESS_MACHINE_MACHINE_H */
