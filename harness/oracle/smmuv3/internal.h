/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the chapters of SMMUv3's rules share.
 */
#ifndef HARNESS_ORACLE_SMMUV3_INTERNAL_H
#define HARNESS_ORACLE_SMMUV3_INTERNAL_H

#include <oracle/internal.h>

#include "layout.h"
#include "smmuv3.h"

/* ---- decode.c: stream table entries and context descriptors ---- */

/* Why a request is blocked; qualified: CD.R or STE.S2R applies. */
enum event {
    EVENT_BAD_STREAMID,
    EVENT_STE_FETCH,
    EVENT_BAD_STE,
    EVENT_BAD_ATS_TREQ,
    EVENT_STREAM_DISABLED,
    EVENT_BAD_SUBSTREAMID,
    EVENT_CD_FETCH,
    EVENT_BAD_CD,
    EVENT_WALK_EABT,
    EVENT_TRANSLATION,
    EVENT_ADDR_SIZE,
    EVENT_ACCESS,
    EVENT_PERMISSION,
    EVENT_COUNT
};
const struct fault_rule *smmu_event(enum event event);

/* What is latched when translation is enabled. */
struct frame {
    uint64_t strtab;
    uint32_t cfg, cr2;
};

/* The geometry of a translation table. */
struct table {
    unsigned int shift;     /* of the granule */
    unsigned int start;     /* level of the first table */
    unsigned int bits, out; /* input, effective output size */
    uint64_t base;          /* as in the structure */
    bool stage2, flat;      /* flat: HAD, table attributes do nothing */
};

enum stream_world { WORLD_EL1, WORLD_EL2, WORLD_E2H };

struct ste {
    bool bad, silent, disputed;
    bool stage1, stage2, mev;
    enum stream_world world;
    uint64_t s1_context;
    unsigned int s1fmt, cdmax, s1dss;
    unsigned int privcfg, instcfg, cont, eats;
    uint16_t vmid; /* effective: 0 where it tags nothing */
    struct table s2;
    bool s2affd, s2ptw, s2r;
};

struct cd {
    bool bad;
    uint16_t asid; /* effective */
    bool enabled[2], tbi[2];
    struct table half[2];
    bool affd, wxn, pan, r, a;
};

/* True: the STE is at @at; or its L1STD, if @two_level.  False: out of range.
 */
bool smmu_ste_locate(const struct oracle *o, const struct frame *frame,
                     uint32_t sid, bool *two_level, uint64_t *at);
/* Bits of a StreamID that say which L1STD is its own. */
uint32_t smmu_l1std_streams(const struct frame *frame);
bool smmu_l1std_decode(const struct frame *frame, uint64_t l1std, uint32_t sid,
                       uint64_t *at);
void smmu_ste_decode(const struct oracle *o, const struct frame *frame,
                     const uint64_t *word, struct ste *ste);

/* Which way an STE that is good sends a request: to a CD of that index ... */
enum way { WAY_SILENT, WAY_FAIL, WAY_BYPASS_S1, WAY_CD };
enum way smmu_ste_way(const struct ste *ste, uint32_t pasid, uint32_t *index,
                      enum event *event);
/* ... that is at @at, or its L1CD if @two_level. */
void smmu_cd_locate(const struct ste *ste, uint32_t index, bool *two_level,
                    uint64_t *at);
bool smmu_l1cd_decode(const struct oracle *o, const struct ste *ste,
                      uint64_t l1cd, uint32_t index, uint64_t *at);
void smmu_cd_decode(const struct oracle *o, const struct ste *ste,
                    const uint64_t *word, struct cd *cd);

/* ---- descriptor.c: translation tables ---- */

struct context;
/* An address without the tag that the CD of @context ignores. */
uint64_t context_untagged(const struct context *context, uint64_t va);
/* False: it is out of the range of that CD; @half: of its tables. */
bool context_reaches(const struct context *context, uint64_t va,
                     unsigned int *half);
/* Likewise, of an address that may have a tag. */
bool tables_half(const struct context *context, uint64_t va,
                 unsigned int *half);

enum entry_kind { ENTRY_INVALID, ENTRY_TABLE, ENTRY_LEAF };
struct entry {
    enum entry_kind kind;
    uint64_t raw, address; /* of the table or page */
    bool disputed;         /* has bits that sources treat differently */
};

static inline unsigned int table_shift(const struct table *t,
                                       unsigned int level)
{
    return t->shift + (LEVEL_LAST - level) * (t->shift - 3);
}

/* Offset bits below an entry of @level. */
static inline uint64_t table_mask(const struct table *t, unsigned int level)
{
    return BIT64(table_shift(t, level)) - 1;
}

uint64_t table_first(const struct table *t); /* the first table's address */
uint64_t table_entry_at(const struct table *t, uint64_t table,
                        unsigned int level, uint64_t address);
unsigned int table_entries(const struct table *t, unsigned int level);
void table_decode(const struct table *t, unsigned int level, uint64_t raw,
                  struct entry *entry);
/* Bytes that one entry answers for with its contiguous hint. */
uint64_t table_contiguous(const struct table *t, unsigned int level);

/* What the tables above have taken away (stage 1). */
struct limits {
    bool no_el0, read_only, pxn, uxn;
};
void limits_add(struct limits *limits, const struct table *t, uint64_t raw);
unsigned int stage1_rights(const struct ste *ste, const struct cd *cd,
                           const struct limits *limits, uint64_t raw,
                           bool privileged);
unsigned int stage2_rights(const struct oracle *o, uint64_t raw,
                           bool privileged);

#define RIGHT_R   1u
#define RIGHT_W   2u
#define RIGHT_X   4u
#define RIGHT_ALL 7u

/* ---- rules.c: what an invalidation removes ---- */

struct invalidation {
    struct logged life;
    unsigned int op;
    uint32_t sid, sid_mask, ssid; /* sid_mask: bits that are compared */
    uint16_t vmid, asid;
    bool leaf, range;
    bool ssv, any_ssid;        /* ATC_INV */
    unsigned int ttl, granule; /* 0: any; granule: its shift */
    uint64_t first, last;
    bool e2h; /* CR2.E2H at submission */
};

enum cache_class {
    CACHE_L1STD,
    CACHE_STE,
    CACHE_L1CD,
    CACHE_CD,
    CACHE_WALK1, /* walk caches of stage 1 */
    CACHE_TLB1,  /* stage 1 and combined translations */
    CACHE_WALK2,
    CACHE_TLB2, /* stage 2 alone, tagged by IPA */
    CACHE_ATC,  /* in the device */
    CACHE_COUNT
};

/* What stands in a cache: its tag and the addresses that it answers for. */
struct cached {
    enum cache_class class;
    uint32_t sid, sid_mask; /* sid_mask: bits that tell it from others */
    uint32_t ssid, ssid_mask;
    enum stream_world world;
    uint16_t vmid, asid;
    bool global;
    unsigned int granule, level;
    uint64_t first, last;
};
bool smmu_rule_covers(const struct oracle *o, const struct logged *logged,
                      const void *what);
const char *smmu_rule_citation(const struct logged *logged);
bool smmu_rule_device_tlb(const struct logged *inv, uint32_t source,
                          uint64_t *first, uint64_t *last);
/* What the device-TLB of a requester holds of [first, last]. */
struct cached smmu_atc(const struct query *q, uint64_t first, uint64_t last);
/* Virtual addresses of one page that differ in ignored bits are the same. */
uint64_t va_canonical(uint64_t va);

/* ---- ledger.c: which results are legal ---- */

/* legal->detail */
#define DETAIL_S2          1u
#define DETAIL_CLASS(c)    ((uint32_t)(c) << 1)
#define DETAIL_PRIV        8u
#define DETAIL_INST        16u
#define DETAIL_MEV         32u
#define DETAIL_READS       64u /* RnW = 1 of an atomic access */
#define DETAIL_CLASS_OF(d) (((d) >> 1) & 3u)

/* The context that a stream selects. */
struct context {
    bool stage1; /* through the CD; else stage 1 is bypassed */
    struct ste ste;
    struct cd cd;
};

bool context_same(const struct context *a, const struct context *b);
bool table_same(const struct table *a, const struct table *b);

static inline uint16_t context_asid(const struct context *c)
{
    return c->stage1 ? c->cd.asid : 0;
}

/* Why and how a request ends. */
struct failure {
    enum event event;
    bool silent;
    bool recorded, zeroes;
    unsigned int level;
    uint32_t detail;       /* DETAIL_* but those of the request */
    uint64_t address;      /* FetchAddr, or IPA */
    const struct ste *ste; /* whose overrides apply; NULL: those selected */
};

#define SELECTIONS_MAX 16
#define ROOTS_MAX      64

/* A context that the access may have selected, or an error before that. */
struct selection {
    struct context context;
    bool alive, privileged, instruction;
    /* What was obsolete then is gone; @cut_local: but for global leaves. */
    uint64_t cut, cut_local;
};

/* Stage 2 tables that requests under a VMID may be led through. */
struct root {
    struct composite composite;
    struct ste ste;
};

/*
 * The search for legal results.  @now: over the current values alone, where
 * everything has just come into being; that is the fresh walk.
 */
struct search {
    struct oracle *o;
    const struct query *q;
    struct legal_set *set;
    bool now, with_dead;
    bool notes; /* which pages the structures are read from */
    unsigned int visits;
    struct selection selected[SELECTIONS_MAX];
    unsigned int selections;
    struct root root[ROOTS_MAX];
    unsigned int roots;
};

/* As composite(), @cached NULL: it is not kept.  In a search over current
 * values everything is alive. */
struct composite search_life(const struct search *s, struct span formed,
                             uint64_t obsolete, const struct cached *cached);
void search_versions(struct search *s, uint64_t gpa, struct word *word);
bool search_exhausted(struct search *s);
/* @selection: whose attributes apply; NULL before there is one. */
void search_fail(struct search *s, const struct composite *c,
                 const struct selection *selection,
                 const struct failure *failure);

/* With the overrides of @ste, which may be NULL. */
bool query_privileged(const struct query *q, const struct ste *ste);
bool query_instruction(const struct query *q, const struct ste *ste);

/* ---- contexts.c: what structures can be formed for a stream ---- */

struct visit {
    uint32_t sid, pasid;
    struct span present; /* the stream, under the unit */
    bool only_ste;       /* not on to the CD; found() gets no stage 1 */
    void (*found)(struct search *s, const struct visit *v,
                  const struct composite *c, const struct context *context);
    /* NULL: of no interest */
    void (*failed)(struct search *s, const struct visit *v,
                   const struct composite *c, const struct failure *failure);
    unsigned int selected; /* for found() */
};
void contexts_visit(struct search *s, const struct visit *visit);

/* ---- selection.c: for visits: of the stream itself, and of those that may
 * have let something form for what it selects ---- */

void selection_found(struct search *s, const struct visit *v,
                     const struct composite *c, const struct context *context);
void selection_failed(struct search *s, const struct visit *v,
                      const struct composite *c,
                      const struct failure *failure);
void selection_form(struct search *s, const struct visit *v,
                    const struct composite *c, const struct context *context);

/* ---- stage1.c, stage2.c: what translations ---- */

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Offset bits that a leaf at @pa answers for, with its contiguous hint. */
uint64_t tables_leaf_mask(struct search *s, const struct table *t,
                          unsigned int level, uint64_t pa, uint64_t raw);
/* Do the rights suffice for the request? */
bool tables_satisfied(const struct query *q, const struct selection *selection,
                      unsigned int rights);

/* A request to stage 2. */
struct stage2 {
    uint64_t ipa;
    unsigned int class;
    const struct ste *ste; /* of the requester: VMID, and the way now */
    const struct composite *parent;    /* of the requester */
    const struct selection *selection; /* CLASS_IN: whose rights */
    const void *cookie;
    void (*done)(struct search *s, const struct stage2 *r,
                 const struct composite *c, uint64_t pa, uint64_t mask,
                 unsigned int rights, unsigned int level);
    void (*failed)(struct search *s, const struct stage2 *r,
                   const struct composite *c, const struct failure *failure);
};
void stage2_translate(struct search *s, const struct stage2 *r);
struct composite stage2_refusal(const struct search *s, const struct stage2 *r,
                                const struct composite *c,
                                const struct cached *cached);
/* All that @context lets form for the request, as seen under @selection; what
 * is below a table descriptor perhaps under @below, which may be NULL. */
void tables_form(struct search *s, const struct composite *c,
                 const struct context *context, const struct context *below,
                 const struct selection *selection);
/* The request's own result, and those of the ledger. */
void smmu_fresh(struct oracle *o, const struct query *q, struct legal *legal);
void smmu_collect(struct oracle *o, const struct query *q, bool with_dead,
                  struct legal_set *set);

/* ---- streams.c ---- */

/* The request's own stream, also of before it left and came back, and every
 * stream beside it.  They fill in visit.sid, .pasid and .present. */
void streams_visit_own(struct search *s, struct visit *visit);
void streams_visit(struct search *s, struct visit *visit);
/* A device may issue requests with this SubstreamID. */
void smmu_stream_seen(struct oracle *o, uint32_t sid, uint32_t pasid);
void smmu_streams_reset(struct oracle *o);
void smmu_streams_left(struct oracle *o, uint32_t sid);

/* The context that a stream selects by the structures as they are; false: it
 * selects none. */
bool smmu_context_now(struct oracle *o, uint32_t sid, uint32_t pasid,
                      struct context *context);

struct stream {
    uint32_t sid, pasid;
    struct span present; /* under the unit, and seen */
};

/* ---- commands.c, queue.c ---- */

/* False: CERROR_ILL (7.1). */
bool smmu_command_submit(struct oracle *o, uint64_t low, uint64_t high);

struct sync {
    uint32_t after; /* CMDQ_CONS once it has been consumed */
    bool interrupt, done;
    size_t upto; /* invalidations submitted before it */
    uint64_t sequence;
};

struct queue {
    bool enabled;
    uint64_t base;
    unsigned int log2size;
    uint32_t head, tail; /* with the wrap bit; head: next to be read */
    uint32_t seen;       /* CMDQ_CONS.RD when last looked at */
    bool stopped;        /* at an erroneous command */
    bool ahead;          /* and the unit may still be held off before it */
    bool lost;           /* on undefined ground: not followed until CMDQEN */
    unsigned int error;  /* CMDQ_CONS.ERR */
    uint64_t sequence;
    struct sync *sync;
    size_t syncs, room, next; /* next: first that is not done */
    size_t completed;         /* invalidations of the log looked at */
};

/* Index and wrap bit. */
static inline uint32_t queue_pointer_mask(const struct queue *q)
{
    return (1u << (q->log2size + 1)) - 1;
}

void smmu_commands_reset(struct oracle *o);
void smmu_commands_enable(struct oracle *o);
void smmu_commands_disable(struct oracle *o);
void smmu_commands_prod(struct oracle *o, uint32_t prod);
void smmu_commands_resume(struct oracle *o); /* CMDQ_ERR is acknowledged */
void smmu_commands_stored(struct oracle *o, uint64_t gpa);
void smmu_commands_lose(struct oracle *o); /* undefined ground: not followed */
void smmu_commands_poll(struct oracle *o);
void smmu_commands_interrupt(struct oracle *o, uint32_t ahead);
void smmu_commands_quiescent(struct oracle *o);
/* A device model holds off the queue. */
bool smmu_commands_held(const struct oracle *o);

/* ---- records.c ---- */

struct record {
    uint64_t word[EVENT_WORDS];
};
/* The record of a legal fault. */
void record_make(const struct query *q, const struct legal *l,
                 struct record *r);
/* From the queue; false: it is not memory. */
bool record_read(struct oracle *o, uint64_t at, struct record *r);
/* Bits that count; fields that are UNKNOWN, or that sources lay out
 * differently, don't. */
void record_mask(const struct oracle *o, const struct record *want,
                 struct record *mask);
bool record_equal(struct oracle *o, const struct query *a,
                  const struct legal *l, const struct query *b,
                  const struct legal *m);
bool record_same(const struct record *want, const struct record *have,
                 const struct record *mask);

/* ---- events.c ---- */

#define WIRES 4

struct events {
    bool enabled;
    uint64_t base;
    unsigned int log2size;
    uint32_t prod, cons; /* predicted, and as software wrote it; with flags */
    uint32_t gerror, gerrorn; /* predicted, and as software wrote it */
    uint32_t due[WIRES], raised[WIRES]; /* edges, from EVENTQ's on */
};

void smmu_events_reset(struct oracle *o);
/* The architecture's part of expected.c. */
enum step smmu_events_record_step(struct oracle *o, const struct expected *x,
                                  const struct legal *l);
bool smmu_events_record_of(struct oracle *o, const struct query *q);
bool smmu_events_record_take(struct oracle *o, const struct query *q,
                             const struct legal *l);
void smmu_events_record_missed(struct oracle *o, const struct query *q,
                               const struct legal *l, bool wrong);
/* Software stores there. */
void smmu_events_written_over(struct oracle *o, uint64_t gpa);
/* Follow what has been recorded; @force: all of it must have been by now. */
void smmu_events_settle(struct oracle *o, bool force);
void smmu_events_enable(struct oracle *o);
void smmu_events_disable(struct oracle *o);
void smmu_events_error(struct oracle *o, uint32_t error); /* GERROR bit */
/* The command queue was not followed: its error is as the unit shows it.
 * True: it is active. */
bool smmu_events_take_command_error(struct oracle *o);
/* The unit shows an error of the command queue that was not expected yet. */
bool smmu_events_command_error(struct oracle *o);
void smmu_events_acknowledge(struct oracle *o, uint32_t gerrorn);
void smmu_events_consumed(struct oracle *o, uint32_t cons);
bool smmu_events_active(const struct oracle *o, uint32_t error);
void smmu_events_sync(struct oracle *o); /* a SYNC with an interrupt */
void smmu_events_raised(struct oracle *o, uint64_t address, uint32_t data);
bool smmu_events_are_at(const struct oracle *o, uint64_t gpa, size_t len);

/* ---- registers.c, readback.c ---- */

#define PAGE_BYTES_HELD 0x400u /* of each page; what is beyond is reserved */
/* All with a name are below, in either page. */
#define PAGE_BYTES_NAMED 0x100u
#define PAGE_1           0x10000u /* where the second begins */
#define REGISTER_CELLS   (2 * PAGE_BYTES_HELD / 4)

/* @open: what it holds is not known; the unit is asked. */
struct register_cell {
    uint32_t writable, predicted, value;
    bool open;
};

struct registers {
    struct register_cell cell[REGISTER_CELLS];
    uint32_t odd_offset;         /* an access of undefined effect, ... */
    unsigned int odd_size;       /* ... until it was looked at; else 0 */
    uint32_t sweep;              /* where the check of reserved ones goes on */
    uint32_t cr0_open, irq_open; /* bits that have not been acknowledged */
    bool gbpa_pending;
};

/* Which enable makes a register read-only. */
enum guard {
    GUARD_NONE,
    GUARD_SMMUEN,
    GUARD_CMDQEN,
    GUARD_EVENTQEN,
    GUARD_CR1 /* TABLE_* by SMMUEN, QUEUE_* by those of the queues */
};

/*
 * @writable: bits that keep what is written.  @predicted: bits whose value at
 * a read follows from that; the others are the hardware's, or may be stored or
 * not.  @known: the reset value is 0, not UNKNOWN.
 */
struct register_row {
    const char *name;
    uint32_t offset;
    unsigned int size;
    enum guard guard;
    bool known;
    uint64_t writable, predicted;
};

struct register_cell *register_cell(const struct oracle *o, uint32_t offset);
const struct register_row *register_row(uint32_t offset);
/* 6.2: an access of a size and alignment that the register has. */
bool register_access(uint32_t offset, unsigned int size);

void smmu_p10_reset(struct oracle *o);
void smmu_registers_write(struct oracle *o, uint32_t offset, unsigned int size,
                          uint64_t value);
void smmu_registers_read(struct oracle *o, uint32_t offset, unsigned int size,
                         uint64_t value);
void smmu_registers_check(struct oracle *o);
void smmu_registers_poll(struct oracle *o);
void smmu_registers_quiescent(struct oracle *o);
uint32_t smmu_register(const struct oracle *o, uint32_t offset);
uint64_t smmu_register64(const struct oracle *o, uint32_t offset);

/* ---- undefined.c ---- */

enum undefined {
    U_ASID_SHARED = 1,
    U_VMID_SHARED,
    U_NOT_BROKEN,
    U_DISPUTED,
    U_STRUCTURE_MEMORY,
    U_CR0_BUSY,
    U_GUARD_BUSY,
    U_GBPA_BUSY,
    U_ACCESS,
    U_ALIAS,
    U_GERRORN,
    U_PROD,
    U_COMMAND,
    U_CONS,
    U_RECORD,
    U_COUNT
};

/* What a condition is looked at upon; @value: what is written. */
enum trigger { ON_CR0, ON_GUARDED, ON_GBPA, ON_GERRORN, ON_PROD, ON_DEMAND };

struct suspension {
    enum undefined number;
    uint32_t tag; /* TAG(), or a VMID */
    uint64_t since;
    bool config_done, tlb_done;
};

/* True: a condition holds, and its suspension has begun. */
bool smmu_undefined_event(struct oracle *o, enum trigger trigger,
                          uint64_t value);
void smmu_undefined_meet(struct oracle *o, enum undefined number,
                         uint32_t tag);
void smmu_undefined_completed(struct oracle *o,
                              const struct invalidation *inv);
bool smmu_undefined_suspends(const struct oracle *o,
                             const struct legal *legal);
void smmu_undefined_contexts(struct oracle *o);
void smmu_undefined_reset(struct oracle *o);
const char *smmu_undefined_text(unsigned int number);

/* The tag of a result: VMID, and ASID where there is one. */
#define TAG(vmid, asid) ((uint32_t)(vmid) << 16 | (asid))

/* ---- watches.c: the contexts that streams select, as they are ---- */

/* A stream's context, and what it was before the last change. */
struct watch {
    uint32_t sid, pasid;
    bool selects; /* @now is one */
    struct context now, before;
};

#define WATCHES_MAX 256

struct watches {
    struct watch *watch;
    size_t count, room;
    struct history_map config; /* pages that hold STEs and CDs of streams */
    struct table *format;      /* of walk_table.format */
    size_t formats, format_room;
};

void smmu_watch(struct oracle *o, uint32_t sid, uint32_t pasid);
void smmu_watches_forget(struct oracle *o, uint32_t sid);
void smmu_watches_changed(struct oracle *o);
void smmu_watches_store(struct oracle *o, uint64_t gpa, uint64_t value);
/* A walk to a context has read this page. */
void smmu_config_page(struct oracle *o, uint64_t gpa);
bool smmu_watches_is_page(const struct oracle *o, uint64_t gpa);
void smmu_watches_reset(struct oracle *o);
/* The table of a half; false: there is none that is looked at. */
bool smmu_context_top(struct oracle *o, const struct context *context,
                      unsigned int half, struct walk_table *top,
                      uint64_t *prefix);
unsigned int smmu_entry_shift(const struct oracle *o, uint32_t format,
                              unsigned int level);
unsigned int smmu_entries(const struct oracle *o, uint32_t format,
                          unsigned int level);
enum below smmu_entry(const struct oracle *o, uint32_t format,
                      unsigned int level, uint64_t value, uint64_t *address);

/* ---- exact.c ---- */

void smmu_exact_completed(struct oracle *o, const struct invalidation *inv);
void smmu_exact_check(struct oracle *o);

/* ---- the state ---- */

/* The context that a stream selects at an instant, to which P3 comes back
 * page by page. */
struct selected {
    uint64_t tick; /* 0: none */
    uint32_t sid, pasid;
    struct context context;
};

struct smmu {
    uint32_t idr[6];
    bool merges_events;

    struct frame *frame; /* of each time that SMMUEN was set */
    size_t frames, frame_room;
    struct history enable; /* 0, or 1 + index of the frame; latched */
    struct history gbpa;   /* latched */

    struct stream *stream;
    size_t streams, stream_room, last_stream;

    struct queue queue;
    struct events events;
    struct registers registers;
    struct suspension *suspension;
    size_t suspensions, suspension_room;
    struct watches watches;
    struct selected selected;
};

static inline struct smmu *smmu(const struct oracle *o)
{
    return o->state;
}

static inline const struct invalidation *smmu_log(const struct oracle *o,
                                                  size_t index)
{
    return (const struct invalidation *)log_at(o, index);
}

/* Output sizes as encoded in IPS, S2PS and OAS; not beyond OAS, nor 48. */
static inline unsigned int output_bits(const struct oracle *o,
                                       unsigned int encoded)
{
    static const unsigned int bits[8] = { 32, 36, 40, 42, 44, 48, 52, 56 };
    unsigned int most = o->config.haw < 48 ? o->config.haw : 48;

    return bits[encoded & 7] < most ? bits[encoded & 7] : most;
}

#endif /* HARNESS_ORACLE_SMMUV3_INTERNAL_H */
