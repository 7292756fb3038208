/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules of every architecture are built on.  Nothing outside this
 * directory includes it.
 */
#ifndef HARNESS_ORACLE_INTERNAL_H
#define HARNESS_ORACLE_INTERNAL_H

#include "oracle.h"

#define BIT64(n) (UINT64_C(1) << (n))
#define MASK64(high, low)                                                     \
    ((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))
#define BITS(v, high, low) (((v)&MASK64(high, low)) >> (low))

#define PAGE_BYTES  UINT64_C(4096)
#define PAGE_OFFSET (PAGE_BYTES - 1)

#define NEVER UINT64_MAX

/* ---- memory.c ---- */

#define MEMORY_CLASSES 128 /* quarters of powers of two */

struct memory_chunk;
struct memory_block;

struct memory {
    struct memory_chunk *chunk; /* the newest */
    uint8_t *next;              /* what it has left */
    size_t left;
    struct memory_block *free[MEMORY_CLASSES];
};

/* Zeroed, 16-byte aligned; aborts when there is none: a test program has
 * nothing better to do. */
void *memory_take(struct memory *m, const struct oracle_world *world,
                  size_t bytes);
/* @bytes: as it was taken; @p may be NULL. */
void memory_give(struct memory *m, void *p, size_t bytes);
/* Everything is given back. */
void memory_end(struct memory *m, const struct oracle_world *world);

/* The same for the parts of an oracle. */
void *oracle_alloc(struct oracle *o, size_t bytes);
void oracle_free(struct oracle *o, void *p, size_t bytes);
/* Room for one more in a growing array of @size elements. */
void *oracle_grow(struct oracle *o, void *array, size_t count, size_t *room,
                  size_t size);

/* Ticks [start, end). */
struct span {
    uint64_t start, end;
};

static inline struct span span_meet(struct span a, struct span b)
{
    return (struct span) { a.start > b.start ? a.start : b.start,
                           a.end < b.end ? a.end : b.end };
}

static inline bool span_empty(struct span s)
{
    return s.start >= s.end;
}

/* ---- history.c ---- */

struct version {
    uint64_t value;
    struct span span;
    bool readable; /* there was memory */
};

/* Of one word, page or register, oldest first; the last is the current. */
struct history {
    uint64_t key;
    struct version *version;
    unsigned int count, room;
};

struct history_map {
    struct history **slot;
    size_t capacity, used;
};

struct history *history_find(const struct history_map *map, uint64_t key);
struct history *history_get(struct oracle *o, struct history_map *map,
                            uint64_t key);
void history_append(struct oracle *o, struct history *history,
                    const struct version *version);
void history_map_clear(struct oracle *o, struct history_map *map);
const struct version *history_last(const struct history *history);

/*
 * A register that takes effect late: from the write (begin) until the unit
 * shows it (end), the old and the new value are both usable.
 */
void latch_reset(struct oracle *o, struct history *latched, uint64_t value);
void latch_begin(struct oracle *o, struct history *latched, uint64_t value);
void latch_end(struct oracle *o, struct history *latched);

/* The versions of a word of guest memory; @only is used for a word that never
 * changed.  Ends: the number of versions. */
struct word {
    const struct version *version;
    unsigned int count;
    struct version only;
};
void word_versions(struct oracle *o, uint64_t gpa, struct word *word);
bool word_now(struct oracle *o, uint64_t gpa, uint64_t *value);
void history_store(struct oracle *o, uint64_t gpa, uint64_t old,
                   uint64_t value);
void history_p2m_change(struct oracle *o, uint64_t gpa,
                        enum oracle_memory old_type, uint64_t old_hpa,
                        enum oracle_memory type, uint64_t hpa);
/* Words of pages that were exchanged are looked at again. */
void history_refresh(struct oracle *o);
/* Superseded p2m entries are no longer usable. */
void history_p2m_settle(struct oracle *o);

/* Could the p2m have led @gpa to @hpa in @window?  Could it refuse it? */
bool p2m_leads(struct oracle *o, uint64_t gpa, uint64_t hpa, bool write,
               struct span window);
bool p2m_refuses(struct oracle *o, uint64_t gpa, bool write,
                 struct span window);

/* ---- accesses ---- */

/*
 * A request as the oracle judges it: in [t0, t1], both included.  A virtual
 * unit decides on the record of an access that is over: then @t1 is the
 * instant of that, and @ended (else 0) when the access itself had ended.
 */
struct query {
    uint32_t source, pasid;
    uint64_t iova;
    unsigned int size, type, unit;
    bool read, write, privileged, execute;
    bool recorded; /* its fault has been seen in the records already */
    bool moved;    /* meanwhile its device came under the unit, or left it */
    bool told;     /* a device model makes it by rights that it was told of */
    /* It may have met a full log, one that is off, or a record of its source,
     * which software has changed since: when the unit looked is not known. */
    bool dropped;
    uint64_t t0, t1, ended;
};

/* AT of a request (query.type). */
#define AT_UNTRANSLATED        0u
#define AT_TRANSLATION_REQUEST 1u
#define AT_TRANSLATED          2u

struct open_dma {
    bool used;
    struct query query;
};
struct query query_of(const struct oracle *o, const struct oracle_dma *dma);

/* ---- life.c: the log of invalidations, and the life of what they remove */

/* How an architecture's record of an invalidation begins. */
struct logged {
    uint64_t submit, complete; /* complete: NEVER while pending */
};

struct log {
    void *item; /* of @size bytes each */
    size_t count, room, size;
};

struct logged *log_at(const struct oracle *o, size_t index);
/* Takes a copy, with a tick of its own; returns its index. */
size_t log_submit(struct oracle *o, struct logged *entry);
bool log_complete(struct oracle *o, size_t index); /* false: was before */
void log_reset(struct oracle *o, size_t size);

/*
 * A composite: its life, and from when on it is obsolete.  What is made of an
 * obsolete composite is obsolete too: an invalidation that removes both does
 * so at one instant, so nothing made of the old parent survives it.
 */
struct composite {
    struct span usable;
    uint64_t obsolete;
    uint64_t removal; /* submission of what removes it; NEVER */
    size_t removed_by;
    bool alive;
};

/*
 * The life of what can be formed in @formed and is obsolete from @obsolete on.
 * @cached: the architecture's description of it, for arch->covers().
 * @cacheable: may be kept; otherwise it must be formed during the access.
 */
struct composite composite(const struct oracle *o, const struct query *q,
                           struct span formed, uint64_t obsolete,
                           const void *cached, bool cacheable);

/* ---- judge.c ---- */

/* A reason for which a request is blocked. */
struct fault_rule {
    unsigned int reason;
    const char *condition;
    bool qualified; /* software can turn its record off */
};

enum legal_kind { LEGAL_MAP, LEGAL_FAULT, LEGAL_SILENT };

/* A result that is legal, or was. */
struct legal {
    enum legal_kind kind;
    bool alive;    /* usable in the window of the query */
    bool off;      /* translation is off */
    bool disputed; /* made with something that sources read differently */
    uint64_t gpa;  /* of the address asked for */
    uint64_t mask; /* of the page */
    unsigned int rights;
    const struct fault_rule *fault;
    bool recorded, unrecorded; /* whether its record may be made, left out */
    bool zeroes;               /* the device is answered with zeroes */
    unsigned int level;
    bool tagged;
    uint32_t tag;     /* under which it was, or would be, cached */
    uint32_t detail;  /* the architecture's own, of the record */
    uint64_t address; /* likewise */
    struct span usable;
    size_t removed_by; /* index in the log + 1, 0: by none */
};

struct legal_set {
    struct legal *item; /* room for so many: the caller's */
    unsigned int room, count;
    bool open; /* too many, or disputed: more may be legal */
};
#define LEGAL_MAX 128
#define LEGAL_SET(name, most)                                                 \
    struct legal name##_item[most];                                           \
    struct legal_set name = { .item = name##_item, .room = (most) }
void legal_add(struct legal_set *set, const struct legal *legal);

enum verdict { VERDICT_LEGAL, VERDICT_SUSPENDED, VERDICT_ILLEGAL };

struct judgement {
    enum verdict verdict;
    bool fresh;       /* it is what the tables say now */
    struct legal now; /* what they say */
    bool tolerated;   /* missing, but that is tolerated */
    const char *property, *rule;
};
void judge(struct oracle *o, const struct query *q,
           const struct oracle_outcome *outcome, struct judgement *j);
/* Is it one way in which such a result may show? */
bool outcome_fits(struct oracle *o, const struct query *q,
                  const struct oracle_outcome *outcome,
                  const struct legal *legal);
/* The same of an access that has ended: counted, and reported if illegal. */
void judge_dma(struct oracle *o, const struct query *q,
               const struct oracle_outcome *outcome, struct judgement *j);
/* @verb: it "got" this, or "would meet" it. */
void judge_report(struct oracle *o, const struct query *q,
                  const struct oracle_outcome *outcome,
                  const struct judgement *j, const char *property,
                  const char *rule, const char *verb);
void judge_legal(struct oracle *o, const struct query *q,
                 struct oracle_legal *legal);
void judge_explain(struct oracle *o, const struct query *q, char *buffer,
                   size_t size);
/* Ended without an access, yet the device saw success. */
bool outcome_is_zeroes(const struct oracle_outcome *outcome);

/* ---- expected.c: what the unit has to record ---- */

/* An access that was blocked, of which no record has been seen yet. */
struct expected {
    struct query query;
    const struct fault_rule *fault; /* by the fresh walk; NULL: a stale one */
    uint64_t address;               /* likewise, as struct legal has them */
    uint32_t detail;
    bool recorded; /* likewise: a record of it is due */
    bool waits;    /* no record need come, but one may */
};

#define EXPECTED_TAKEN 8

struct expectations {
    struct expected *item;
    size_t count, room;
    struct expected taken[EXPECTED_TAKEN]; /* those that had a record last */
    size_t takens;
    bool lost; /* an access on undefined ground: take the unit's word */
};

/* Has the unit made a record?  Dropped: none was due, without a trace; silent:
 * none is there, and none need be (expected.c alone says so). */
enum step { STEP_NOT_YET, STEP_DONE, STEP_DROPPED, STEP_SILENT, STEP_WRONG };

/* A DMA was blocked. */
void expected_add(struct oracle *o, const struct query *q,
                  const struct judgement *j);
/* Follow what has been recorded; @force: all of it must have been by now. */
void expected_settle(struct oracle *o, bool force);
/* Nobody needs to be told any more what a device has done that has left. */
void expected_device_left(struct oracle *o, uint32_t source);
/* Is a record due, or an access under way that may want one? */
bool expected_any(const struct oracle *o);
void expected_reset(struct oracle *o);

/* ---- models.c: virtual devices and their device models ---- */

struct vdev {
    struct oracle_vdev is;
    uint64_t since;
};

struct told {
    struct oracle_dm_message message;
    uint64_t sent, answered; /* NEVER: not yet */
    bool answering;          /* the answer is under way */
};

struct models {
    struct vdev *vdev;
    size_t vdevs, vdev_room;
    struct told *told;
    size_t tolds, told_room;
};

/* NULL: it is none. */
const struct vdev *vdev_find(const struct oracle *o, uint32_t source);
/* P5: has it had the drains that it owes? */
void models_completed(struct oracle *o, const struct logged *inv);
/* Is a message unanswered that was sent after @submit? */
bool models_hold(const struct oracle *o, uint64_t submit);
/* May one be sent, or is one unanswered, whoever has left since? */
bool models_may_hold(const struct oracle *o);
void models_reset(struct oracle *o);

/* ---- structure.c: which words belong to whose tables ---- */

/*
 * A translation table as it stands.  Levels count from 1, the leaves, up;
 * @format is the architecture's.
 */
struct walk_table {
    uint64_t at;
    uint32_t format;
    unsigned int level;
};
enum below { BELOW_NOTHING, BELOW_LEAF, BELOW_TABLE };
/* Offset bits below an entry. */
uint64_t walk_table_span(const struct oracle *o, const struct walk_table *t);
/* What the entry for @address leads to; false: it can't be read. */
bool walk_table_below(struct oracle *o, const struct walk_table *t,
                      uint64_t address, struct walk_table *next,
                      enum below *below);
/* The first entry from @entry on that may lead somewhere: one that is 0 does
 * not, in every architecture.  At most the number of entries. */
uint64_t walk_table_skip(struct oracle *o, const struct walk_table *t,
                         uint64_t entry);

#define LINKS_MAX 6

/* A table, where it hangs below a top-level table. */
struct link {
    struct walk_table top;
    uint64_t prefix; /* first address that it answers for */
    uint64_t at;
    unsigned int level;
};

struct table_page {
    uint64_t gpa;
    struct link link[LINKS_MAX];
    unsigned int links;
};

/* Addresses below a top-level table that the software has changed. */
struct touched {
    uint64_t top, first, last;
};

struct structure {
    struct table_page *page;
    size_t capacity, used;
    struct touched *touched;
    size_t count, room;
};

/* A table is used from now on; its first entry is for @prefix. */
void structure_discover(struct oracle *o, const struct walk_table *top,
                        uint64_t prefix);
void structure_touch(struct oracle *o, uint64_t top, uint64_t first,
                     uint64_t last);
/* A word changes: the current value is already in the histories.  @changed is
 * called for each table whose entry it is. */
typedef void structure_entry_fn(struct oracle *o, uint32_t format,
                                unsigned int level, uint64_t gpa,
                                uint64_t value);
void structure_store(struct oracle *o, uint64_t gpa, uint64_t value,
                     structure_entry_fn *changed);
bool structure_is_table(const struct oracle *o, uint64_t gpa);
void structure_reset(struct oracle *o);

/* ---- exact.c ---- */

/* A page that was looked at, and is as the tables say. */
struct looked {
    uint64_t tick; /* when; 0: never */
    uint64_t iova, mask;
    uint32_t source, pasid;
    bool hardware;
};

#define LOOKED_PAGES 64 /* a power of two */

struct exact {
    struct query *early; /* wrong when the invalidation completed */
    size_t count, room;
    uint64_t random;
    struct looked looked[LOOKED_PAGES];
};

/* A look at what a requester would meet. */
struct sweep {
    struct oracle *o;
    uint32_t source, pasid;
    bool hardware;     /* caches included */
    bool early;        /* remember what is wrong, judge it at quiescence */
    unsigned int left; /* pages */
    bool (*skips)(uint64_t iova); /* not judged; NULL: all are */
};

/* Look at the page of @iova for reading and writing; returns the offset mask
 * of what this look has answered for. */
uint64_t exact_look(struct sweep *s, uint64_t iova);
/* All pages of a span, or its ends and some between. */
void exact_look_span(struct sweep *s, uint64_t first, uint64_t last);
/* Everything that is present below a table. */
void exact_look_table(struct sweep *s, const struct walk_table *table,
                      uint64_t prefix);
void exact_look_identity(struct sweep *s);
void exact_quiescent(struct oracle *o, bool (*skips)(uint64_t iova));
void exact_reset(struct oracle *o);

/* For messages. */
struct phrase {
    char text[64];
};
const char *rights_text(unsigned int rights);
const char *outcome_text(const struct oracle_outcome *outcome,
                         struct phrase *phrase);
const char *legal_text(const struct legal *legal, struct phrase *phrase);

/* ---- the architecture's part ---- */

struct oracle_arch {
    size_t state_bytes; /* oracle->state, zeroed */
    /* Why it can't judge such a unit; NULL: it can. */
    const char *(*unjudgeable)(const struct oracle_config *config);
    void (*reset)(struct oracle *o); /* after creation too */

    /* The last one is new; the last one has taken the place of @index. */
    void (*device_added)(struct oracle *o, unsigned int index);
    void (*device_left)(struct oracle *o, unsigned int index);

    /* The events of oracle.h; the histories know of them already. */
    void (*stored)(struct oracle *o, uint64_t gpa, uint64_t value);
    void (*software_stores)(struct oracle *o, uint64_t gpa); /* or NULL */
    void (*p2m_changes)(struct oracle *o, uint64_t gpa);
    void (*register_write)(struct oracle *o, uint32_t offset,
                           unsigned int size, uint64_t value);
    /* No write is under way any more.  NULL: nothing to do. */
    void (*registers_written)(struct oracle *o);
    void (*register_read)(struct oracle *o, uint32_t offset, unsigned int size,
                          uint64_t value);
    void (*unit_store)(struct oracle *o, uint64_t gpa, const void *data,
                       size_t len);
    void (*interrupt)(struct oracle *o, uint64_t address, uint32_t data);
    void (*poll)(struct oracle *o);
    void (*quiescent)(struct oracle *o);
    void (*check)(struct oracle *o);

    /* It has no opinion on such a request; otherwise: judge it. */
    bool (*unjudged)(const struct oracle *o, const struct query *q);
    void (*dma_ended)(struct oracle *o, const struct query *q,
                      const struct oracle_outcome *outcome);

    /* The result by the tables as they are now: no caches. */
    void (*fresh)(struct oracle *o, const struct query *q,
                  struct legal *legal);
    /* Adds every legal result; @with_dead: also those that were legal. */
    void (*collect)(struct oracle *o, const struct query *q, bool with_dead,
                    struct legal_set *set);
    /* Undefined ground: of the unit, or of what has this result's tag. */
    bool (*suspends)(const struct oracle *o, const struct legal *legal);

    /* P4, expected.c.  A record of @l is due: has the unit made it?  Then it
     * is taken, and the next one is looked at. */
    enum step (*record_step)(struct oracle *o, const struct expected *e,
                             const struct legal *l);
    /* Would none be made of this access now, without a trace?  NULL: never. */
    bool (*record_drops)(const struct oracle *o, const struct query *q);
    /* There is a new record, and it may come of this access; and if it is that
     * of @l, it is taken. */
    bool (*record_of)(struct oracle *o, const struct query *q);
    bool (*record_take)(struct oracle *o, const struct query *q,
                        const struct legal *l);
    /* Is the record of @l, of @a, as good as that of @m, of @b? */
    bool (*record_equal)(struct oracle *o, const struct query *a,
                         const struct legal *l, const struct query *b,
                         const struct legal *m);
    /* Reports that it was not made, or @wrong; @l->fault: NULL if which it
     * should have been is not known. */
    void (*record_missed)(struct oracle *o, const struct query *q,
                          const struct legal *l, bool wrong);
    /* On undefined ground one may follow where none is yet. */
    bool records_follow;

    /* Does this invalidation remove what is cached so? */
    bool (*covers)(const struct oracle *o, const struct logged *inv,
                   const void *cached);
    /* Does its completion wait for accesses that use the old? */
    bool (*drains)(const struct oracle *o, const struct logged *inv,
                   const struct query *q);
    const char *(*citation)(const struct logged *inv);
    /* Is it an invalidation of this device's device-TLB?  Then, of which
     * addresses. */
    bool (*device_tlb)(const struct logged *inv, uint32_t source,
                       uint64_t *first, uint64_t *last);

    /* Translation tables, see struct walk_table: offset bits below an entry,
     * entries of a table, and what an entry leads to. */
    unsigned int (*entry_shift)(const struct oracle *o, uint32_t format,
                                unsigned int level);
    unsigned int (*entries)(const struct oracle *o, uint32_t format,
                            unsigned int level);
    enum below (*entry)(const struct oracle *o, uint32_t format,
                        unsigned int level, uint64_t value, uint64_t *address);

    const char *name; /* of the architecture, in coverage/oracle.points */
    const char *tag_name;
    const char *(*undefined_text)(unsigned int number);
};

/* ---- the oracle ---- */

struct device {
    uint32_t source;
    uint64_t since;
};

/* A requester that has left: what it let form under its tags stays. */
struct former_device {
    uint32_t source;
    struct span present;
};

#define WRITTEN_MAX 16

struct oracle {
    struct oracle_config config;
    struct memory memory;
    void *state; /* the architecture's */
    uint64_t tick, epoch;
    bool quiet; /* nothing has happened since the last quiescence */

    struct history_map words, p2m;
    uint64_t *exchanged; /* pages whose p2m entry has changed */
    size_t exchanges, exchange_room;
    uint64_t *zombie; /* p2m pages with a superseded usable version */
    size_t zombies, zombie_room;

    struct log log;
    struct structure structure;
    struct exact exact;

    struct device device[ORACLE_MAX_DEVICES];
    unsigned int devices;
    struct former_device *former;
    size_t formers, former_room;
    struct open_dma *open;
    size_t opens;
    struct expectations expected;
    struct models models;

    /* Double words that software wrote last: P10 looks at them each time. */
    uint32_t written[WRITTEN_MAX];
    unsigned int writes;  /* ever */
    unsigned int writing; /* under way */

    uint64_t met; /* undefined conditions, as bits */
    bool tolerate_missing;
    struct oracle_stats stats;
};

/* Report a finding; the text as printf. */
void oracle_report(struct oracle *o, const char *property, const char *rule,
                   const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline bool above_haw(const struct oracle *o, uint64_t address)
{
    return o->config.haw < 64 && address >> o->config.haw;
}

static inline uint64_t below_haw(const struct oracle *o, uint64_t address)
{
    return o->config.haw < 64 ? address & (BIT64(o->config.haw) - 1) : address;
}

/* P10 of who looks very often: a sixteenth of the registers' lines, of 64
 * bytes, at a time; another with each event. */
static inline bool oracle_not_its_turn(const struct oracle *o, uint32_t offset)
{
    return (offset / 64 + o->tick) % 16;
}

static inline uint64_t peek(struct oracle *o, uint32_t offset,
                            unsigned int size)
{
    return o->config.world.peek(o->config.world.context, offset, size);
}

#endif /* HARNESS_ORACLE_INTERNAL_H */
