/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine from inside: shared by the files of this directory only.
 *
 * The arena has three parts: the state (struct machine first, then whatever
 * machine_alloc() gave away, copied whole by a snapshot), the descriptions of
 * the frames, and the frames themselves.
 */
#ifndef HARNESS_MACHINE_STATE_H
#define HARNESS_MACHINE_STATE_H

#include <machine/arena.h>
#include <machine/interleave.h>
#include <machine/layout.h>
#include <machine/machine.h>
#include <machine/map.h>

#include <host.h>

#include <signal.h>

#define STATE_SIZE   (UINT64_C(1) << 30)
#define FRAMES_MAX   (UINT64_C(1) << 22)
#define FRAME_CACHE  64 /* recently used frames, direct mapped */
#define FRAME_LINE   64 /* bytes; as many as a frame has are bits of a word */
#define POISON_BYTE  0xdb
#define NO_MFN       UINT64_MAX
#define NO_GFN       UINT64_MAX
#define PAGE_HINTS   32
#define LOCKS_MAX    16
#define SEGMENTS_MAX (2 * MACHINE_MAX_REGIONS + 1)
#define HEAP_CLASSES 128

/* What host_relax() may be called in one entry before P7 is broken. */
#define RELAX_LIMIT 100000

/* Index of the host in arrays by domain. */
#define HOST_INDEX MACHINE_MAX_DOMAINS
/* Who is charged for nothing: what watches the hypervisor. */
#define NOBODY_INDEX (MACHINE_MAX_DOMAINS + 1)
#define OWNERS       (MACHINE_MAX_DOMAINS + 2)

/* ---- memory ---- */

/* A frame of host memory that has been touched; its place in the array is its
 * place in the arena. */
struct frame {
    uint64_t mfn;
    uint64_t hash[2]; /* of the content, if @hashed */
    /* Lines that were written since the snapshot, bit by bit; of a frame that
     * is younger: since they were zero. */
    uint64_t lines;
    uint64_t filled; /* control.fills: with @fill, see fill.c */
    uint8_t fill;
    bool saved; /* the snapshot has its content */
    bool hashed;
};

struct frame_hint {
    uint64_t mfn; /* NO_MFN: none */
    uint8_t *data;
};

/*
 * A frame that is not, or not only, what the computed p2m says: value of
 * machine.special.  NUMBER is a gfn, or the next frame of the free list.
 */
enum special {
    SPECIAL_FREE,     /* nobody's, poisoned */
    SPECIAL_TABLE,    /* the hypervisor's; OWNER is charged */
    SPECIAL_MAPPED,   /* at gfn NUMBER of OWNER */
    SPECIAL_RETIRED,  /* taken out of the p2m of OWNER, still his */
    SPECIAL_RELEASED, /* likewise, waiting for the last reference only */
};
#define SPECIAL_STATE(v)  ((enum special)((v)&0x7))
#define SPECIAL_OWNER(v)  ((unsigned int)(((v) >> 3) & 0x7))
#define SPECIAL_WRITABLE  (UINT64_C(1) << 6) /* was, until p2m_release() */
#define SPECIAL_NUMBER(v) ((v) >> 8)
#define SPECIAL(state, owner, number)                                         \
    ((uint64_t)(state) | (uint64_t)(owner) << 3 | (uint64_t)(number) << 8)

/* ---- parts ---- */

struct segment {
    uint64_t first, end; /* frames */
    enum region_type type;
};

/* A page of a domain that was read lately; forgotten when its p2m changes. */
struct page_hint {
    uint64_t gfn; /* NO_GFN: none */
    uint64_t mfn;
    const uint8_t *data;
};

struct domain {
    struct machine *machine;
    unsigned int index;
    const struct domain_config *config;
    struct layout layout;
    struct segment segment[SEGMENTS_MAX]; /* sorted, without gaps from 0 */
    unsigned int segments, hint;
    uint64_t limit;     /* no RAM at or above this frame */
    uint64_t overrides; /* entries that differ from the computed ones */
    struct page_hint page[PAGE_HINTS]; /* by the low bits of gfn */
    void *slot;                        /* host_domain_slot() */
    bool over_limit;                   /* memory_limit was reported */
    bool gone;                         /* destroyed */
};

struct host {
    struct machine *machine;
};

/* A port's world: which unit, and who writes through it. */
struct unit_port {
    struct host_unit *unit;
    enum writer writer;
    struct port port;
};

struct host_unit {
    struct machine *machine;
    struct unit_port own, device;
    const struct port *replaced; /* in place of own.port, or NULL */
    const struct unit_ops *ops;
    void *model;
    enum host_unit_type type;
    int domain; /* bare metal: its index, else -1 */
    unsigned int index;
    bool pending; /* its interrupt */
    /* A store to the tail of its queue that is on its way. */
    bool late;
    unsigned int late_size;
    uint64_t late_value, late_until; /* a host.h call */
};

struct pdev {
    uint32_t psbdf, source_id;
    unsigned int unit;
    struct domain *owner;
};

/* As many messages as the vIOMMUs of a domain may have unanswered: 8 of them,
 * 16 each. */
#define MACHINE_MAIL 128

struct device_model {
    bool connected;
    unsigned int first, messages;    /* that it has not taken */
    struct machine_dm_message *mail; /* MACHINE_MAIL, from its first connection
                                      * on */
};

/* What runs between machine_enter() and machine_leave(). */
struct entry {
    const char *what;
    unsigned int depth;
    uint64_t calls, relaxes;
    bool exhausted; /* host_preempt_check() has said so */
    bool looks;     /* it changes nothing */
};

/* A work item that has been scheduled, and whether it runs. */
struct work_slot {
    struct host_work *work;
    bool running;
};

struct heap {
    struct heap_block *free[HEAP_CLASSES], *newest;
};

/* What a snapshot needs; not part of it. */
struct control {
    struct arena arena;
    struct frame *frame; /* FRAMES_MAX descriptions */
    uint8_t *frames;     /* their contents */
    uint64_t high_water; /* frames ever used: those above are zero */
    uint64_t fills;      /* bringing back a snapshot ends those before */
    struct machine_observer observer;
    void (*on_switch)(void *context, const char *where);
    void *switch_context;
    uint64_t switches, switch_from; /* since machine_on_switch() */
    bool switch_held;
    void (*on_access)(void *context);
    void *access_context;
    const struct machine_clock *clock; /* NULL: none */
    uint8_t *caller;                   /* see machine_caller() */
    size_t caller_size;
    const struct machine_interleave *interleave;
    unsigned int quiet;
    bool snapshot;
    struct arena saved_state, saved_frames;
    uint64_t saved_used;  /* bytes of state */
    uint64_t saved_count; /* frames at the time of the snapshot */
    uint64_t undo_count;  /* frames in saved_frames */
    uint64_t *undo;       /* which */
    /* See machine_track(). */
    uint64_t tracked_end; /* page of the state; 0: it is not tracked */
    uint32_t *changed;    /* pages */
    uint64_t changed_count;
    struct sigaction untracked;
};

struct machine {
    struct control control;

    /* From here on: the state. */
    struct machine_config config;
    uint64_t used; /* bytes of the state part of the arena */

    uint64_t frame_count;
    struct frame_hint hint[FRAME_CACHE];
    struct map frame_by_mfn; /* index */

    struct domain domain[MACHINE_MAX_DOMAINS];
    struct map override;   /* p2m entries that differ from the computed */
    struct map changed;    /* 2 MiB blocks with such entries: how many */
    struct map special;    /* frames: enum special */
    struct map references; /* how often */
    uint64_t pool, pool_next,
        pool_end;        /* spare frames, never used from next */
    uint64_t free_frame; /* list of free ones, or 0 */
    uint64_t released;   /* frames in SPECIAL_RELEASED */

    struct host host;
    struct host_unit unit[MACHINE_MAX_UNITS];
    unsigned int units;
    struct pdev pdev[MACHINE_MAX_PDEVS];
    unsigned int pdevs;
    void (*interrupt)(void *context, unsigned int unit);
    void *interrupt_context;

    struct device_model dm[MACHINE_MAX_DOMAINS][MACHINE_MAX_DMS];

    struct heap heap;
    uint64_t tables[OWNERS], allocations[OWNERS], held[OWNERS];
    uint64_t charged[OWNERS], most_charged[OWNERS];

    struct host_lock *lock[LOCKS_MAX];
    unsigned int locks;

    struct host_work *work_head, *work_tail;
    struct work_slot work[MACHINE_MAX_WORKS];
    struct entry entry;
    unsigned int fail[FAILURE_COUNT];
    uint32_t may_fail;          /* kinds */
    bool units_dead;            /* FAIL_UNIT */
    struct hidden_line *hidden; /* NULL: units snoop */
    uint64_t host_calls, most_calls, work_items;
    uint64_t entries; /* but those that look only */
    uint64_t now_ns;
};

/* ---- memory.c ---- */

bool memory_init(struct machine *m);

/* The content of a frame, to read; NULL: no memory there.  Valid until the
 * next restore. */
const uint8_t *frame_read(struct machine *m, uint64_t mfn);

/* The same to write @len bytes, more than none, from @offset on: the snapshot
 * and the hash know. */
uint8_t *frame_write(struct machine *m, uint64_t mfn, unsigned int offset,
                     size_t len);
/* Its place among the frames, which it takes if it has none; false: no memory
 * there. */
bool frame_find(struct machine *m, uint64_t mfn, uint64_t *index);
/* For each line of @lines: zeros, or what @from has there. */
void frame_lines(uint8_t *to, const uint8_t *from, uint64_t lines);

void domain_forget_hints(struct domain *d);

/* Remember what the snapshot has of a frame, before its first change. */
void frame_keep(struct control *c, uint64_t index);

/* ---- fill.c ---- */

/* False: no memory there. */
bool frame_fill(struct machine *m, uint64_t mfn, uint8_t byte);
/* Whoever wants the bytes of a frame, or of all. */
void frame_settle(struct machine *m, uint64_t index);
void frames_settle(struct machine *m);
/* Frames are what their bytes are. */
void frames_unfill(struct control *c);

/* Store inside one page and tell the observers.  @d NULL: nobody's memory. */
struct store {
    enum writer who;
    struct domain *d;
    uint64_t gpa;
};
void frame_store(struct machine *m, const struct store *store, uint8_t *at,
                 const void *data, size_t len);
void observe_unit_store(struct machine *m, const struct store *store,
                        const void *data, size_t len);

/* ---- domain.c, p2m.c, frames.c ---- */

bool domain_init(struct machine *m, unsigned int index, uint64_t base);
/* Size of its part of host memory, in frames: a power of two. */
uint64_t domain_pages(const struct domain_config *config);
enum region_type domain_type(const struct domain *d, uint64_t gfn);

/* Is there no RAM of the configuration in [first, first + pages)? */
bool domain_range_empty(const struct domain *d, uint64_t first,
                        uint64_t pages);
bool domain_range_uniform(const struct domain *d, uint64_t first,
                          uint64_t pages);

/* The order of the run around @gfn, as host_p2m_get() defines it. */
unsigned int p2m_order(const struct domain *d, uint64_t gfn,
                       unsigned int max_order, const struct p2m_entry *entry);

/* A spare frame in @state; NO_MFN: none left.  Zeroed. */
uint64_t frame_take(struct machine *m, enum special state, unsigned int owner,
                    uint64_t gfn);
/* Poison it and make it free. */
/* 2^order fresh frames in one aligned run. */
uint64_t frame_take_run(struct machine *m, enum special state,
                        unsigned int owner, unsigned int order);
void frame_give(struct machine *m, uint64_t mfn);

/* The computed p2m maps it, or has a spare frame been given at it? */
bool frame_exists(const struct machine *m, uint64_t mfn);
struct domain *frame_home(const struct machine *m, uint64_t mfn,
                          uint64_t *gfn);

void reference_take(struct domain *d, uint64_t mfn, unsigned int order);
void reference_drop(struct domain *d, uint64_t mfn, unsigned int order);
bool frame_referenced(const struct domain *d, uint64_t mfn);

/* Parts of a key of machine.references. */
uint64_t reference_mfn(uint64_t key);
unsigned int reference_order(uint64_t key);
unsigned int reference_owner(uint64_t key);

/* ---- incoherent.c ---- */

bool incoherent_init(struct machine *m);
void incoherent_store(struct machine *m, uint64_t hpa);
void incoherent_zeroed(struct machine *m, uint64_t hpa);
void incoherent_settle(struct machine *m, uint64_t hpa, size_t len);
void incoherent_read(struct machine *m, uint64_t hpa, void *buffer,
                     size_t len);

/* ---- heap.c ---- */

void *heap_alloc(struct machine *m, unsigned int owner, size_t size);
void heap_free(struct machine *m, void *p);
/* All that the hypervisor has allocated; @seed: where it lies. */
typedef void heap_visitor(uint64_t hash[2], uint64_t seed, const void *data,
                          size_t size);
void heap_visit(struct machine *m, heap_visitor *visit, uint64_t hash[2]);
void charge(struct machine *m, unsigned int owner, uint64_t bytes);
void uncharge(struct machine *m, unsigned int owner, uint64_t bytes);

/* ---- interleave.c ---- */

static inline bool interleaved(const struct machine *m)
{
    return m->control.interleave && !m->control.quiet;
}

/* An observer looks while activities stand somewhere. */
static inline bool observed(const struct machine *m)
{
    return m->control.interleave && m->control.quiet;
}

void interleave_yield(struct machine *m, const char *where,
                      const struct machine_await *await);
void interleave_wait(struct machine *m, const char *where);
void interleave_look(struct machine *m);
/* Around an entry. */
void interleave_entered(struct machine *m, struct host_work *work);
void interleave_returned(struct machine *m);
void interleave_touch(struct machine *m, enum machine_resource resource,
                      uint64_t first, uint64_t last, bool write);

/* The running activity stands before @where, and others may run. */
static inline void others(struct machine *m, const char *where)
{
    if ( interleaved(m) )
        interleave_yield(m, where, NULL);
}

static inline void touch(struct machine *m, enum machine_resource resource,
                         uint64_t first, uint64_t last, bool write)
{
    if ( m->control.interleave )
        interleave_touch(m, resource, first, last, write);
}

/* Something of the machine's, by where it lies. */
static inline uint64_t key_of(const struct machine *m, const void *what)
{
    return (uint64_t)((uintptr_t)what - (uintptr_t)m);
}

static inline void touch_p2m(const struct domain *d, uint64_t gfn,
                             uint64_t pages, bool write)
{
    uint64_t first = (uint64_t)d->index << 52 | gfn;

    touch(d->machine, MACHINE_P2M, first, first + pages - 1, write);
}

/* The slot of a work item, or NULL; without @work: one that is free. */
struct work_slot *work_slot(struct machine *m, const struct host_work *work);
/* The first that is free, unless it has one already. */
void work_take_slot(struct machine *m, struct host_work *work);
/* Now.  True: it has used up its budget; it may have been freed. */
bool run_work(struct machine *m, struct host_work *work);
void run_interrupt(struct machine *m, struct host_unit *unit);

/* ---- units.c, work.c ---- */

/* Of machines where others may act, and of those where nobody does. */
extern const struct port_ops untimed_port, lonely_port;
/* Its number as host_unit_get() counts, which leaves out bare-metal units. */
unsigned int host_unit_index(const struct host_unit *unit);
void inject_msi(struct domain *d, uint64_t address, uint32_t data);
/* Stores to tails whose time has come reach their units. */
void units_catch_up(struct machine *m);

/* One call of host.h that may switch: counted, and others may run. */
void host_call(struct machine *m, const char *name);
/* Others may run at one of the next @n places of this call. */
bool switches_within(const struct machine *m, uint64_t n);
/* So many were passed. */
void switches_pass(struct machine *m, uint64_t n);
/* A place inside a call that has been counted. */
void switch_here(struct machine *m, const char *name);
void switch_now(struct machine *m, const char *name);
bool fails_now(struct machine *m, enum failure failure);
static inline bool fails(struct machine *m, enum failure failure)
{
    return (m->may_fail >> failure & 1 || m->fail[failure]) &&
           fails_now(m, failure);
}
void violation(struct machine *m, const char *property, const char *format,
               ...) __attribute__((format(printf, 3, 4)));

#endif /* HARNESS_MACHINE_STATE_H */
