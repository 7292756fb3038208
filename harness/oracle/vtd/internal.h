/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the chapters of VT-d's rules share.
 */
#ifndef HARNESS_ORACLE_VTD_INTERNAL_H
#define HARNESS_ORACLE_VTD_INTERNAL_H

#include <oracle/internal.h>

#include "layout.h"
#include "vtd.h"

/* ---- walk.c ---- */

/* The fault reasons of legacy mode (7.1.3); qualified: FPD applies. */
enum fault_id {
    FAULT_LRT_1,
    FAULT_LRT_2,
    FAULT_LRT_3,
    FAULT_LCT_1,
    FAULT_LCT_2,
    FAULT_LCT_3,
    FAULT_LCT_4_1,
    FAULT_LCT_4_2,
    FAULT_LCT_4_3,
    FAULT_LCT_5,
    FAULT_LGN_1,
    FAULT_LGN_2,
    FAULT_LGN_3,
    FAULT_LGN_4,
    FAULT_LSL_1,
    FAULT_LSL_2,
    FAULT_RTA_1,
    FAULT_RTA_2,
    FAULT_COUNT
};
const struct fault_rule *vtd_fault_rule(enum fault_id id);

struct context {
    const struct fault_rule *fault; /* NULL: usable */
    bool silent;                    /* abort mode: blocked, no fault */
    bool fpd;
    unsigned int tt, aw;
    uint16_t did;
    uint64_t slptptr;
};

enum entry_kind { ENTRY_ABSENT, ENTRY_BAD, ENTRY_TABLE, ENTRY_LEAF };
struct entry {
    enum entry_kind kind;
    unsigned int rights;
    uint64_t address; /* of the table or page */
    bool disputed;    /* has a bit that sources treat differently */
};

/* A raw root or context entry, as one fetch gives it. */
struct raw128 {
    bool readable;
    uint64_t low, high;
};

/* The decoding steps; true: go on, @next is the address of what follows. */
bool vtd_decode_rtaddr(const struct oracle *o, uint64_t rtaddr,
                       const struct query *q, struct context *context);
bool vtd_decode_root(const struct oracle *o, const struct raw128 *root,
                     struct context *context, uint64_t *next);
bool vtd_decode_context(const struct oracle *o, const struct raw128 *raw,
                        struct context *context);
void vtd_decode_entry(const struct oracle *o, uint64_t value,
                      unsigned int level, struct entry *entry);

/* The addresses at which a source's entries stand. */
uint64_t vtd_root_entry_at(uint64_t rtaddr, uint32_t source);
uint64_t vtd_context_entry_at(uint64_t ctp, uint32_t source);

/* What a request needs of the rights, and the fault if it is not there. */
bool vtd_query_satisfied(const struct oracle *o, const struct query *q,
                         unsigned int rights);
enum fault_id vtd_query_denied(const struct query *q, unsigned int rights);
/* Is the next entry looked at?  A translation request is told which rights
 * there are: it stops where there are none (4.2.1). */
bool vtd_query_goes_on(const struct oracle *o, const struct query *q,
                       unsigned int rights);
/* Is it checked before the tables are walked?  FAULT_COUNT: it is fine. */
enum fault_id vtd_query_input(const struct oracle *o, const struct query *q,
                              const struct context *context);
bool vtd_in_interrupt_range(uint64_t address);
/* Answered, not blocked. */
bool vtd_query_is_told(const struct query *q, const struct fault_rule *fault);
/* The oracle has no opinion: interrupt requests; ATS, and requests with a
 * PASID, while TES may be 0. */
/* An interrupt request, not an access to memory (3.14). */
bool vtd_query_is_interrupt(const struct query *q);
bool vtd_query_is_unjudged(const struct oracle *o, const struct query *q);

/* The walk over current values. */
struct walk {
    bool translated; /* TES = 1 */
    bool ok, silent, disputed;
    const struct fault_rule *fault;
    struct context context; /* valid if it got that far: level or ok */
    uint64_t gpa, mask;     /* mask: of the entry at which it ended */
    unsigned int rights, level;
};
void vtd_walk_now(struct oracle *o, const struct query *q, struct walk *walk);
void vtd_context_now(struct oracle *o, uint32_t source,
                     struct context *context);

/* ---- commands.c, queue.c ---- */

enum command { COMMAND_CONTEXT, COMMAND_IOTLB, COMMAND_DEVICE_TLB };

struct invalidation {
    struct logged life;
    enum command command;
    unsigned int granularity;
    bool queued;
    uint16_t did, sid;
    unsigned int fm;
    uint64_t first, last; /* bytes; page granularity, and device-TLB */
    bool ih, dr, dw;
};

struct wait {
    bool status, interrupt, done;
    uint64_t address;
    uint32_t data;
    uint64_t head;     /* IQH once it has been fetched */
    size_t upto;       /* invalidations submitted before it */
    uint64_t sequence; /* counts descriptors, for texts */
};

struct queue {
    bool enabled;
    uint64_t iqa, base, bytes;
    uint64_t head; /* next descriptor to be read by the oracle */
    uint64_t tail;
    uint64_t iqh;  /* when last looked at */
    uint64_t seen; /* likewise, when no wait was outstanding */
    bool stopped;  /* at an erroneous descriptor */
    bool ahead;    /* and the unit may still be held off before it */
    bool lost;     /* on undefined ground: not followed until QIE = 0 */
    uint64_t sequence;
    struct wait *wait;
    size_t waits, room, next; /* next: first that is not done */
    size_t completed;         /* invalidations of the log looked at */
    struct wait last;         /* the one whose status was stored last */
};

/* A register command that is under way. */
struct pending {
    bool active;
    size_t index; /* in the log */
    unsigned int granularity;
};

void vtd_commands_complete(struct oracle *o, size_t index);
/* False: it is erroneous. */
bool vtd_commands_descriptor(struct oracle *o, uint64_t low, uint64_t high);
void vtd_commands_queue_poll(struct oracle *o);
void vtd_commands_queue_quiescent(struct oracle *o);
void vtd_commands_queue_reset(struct oracle *o);
void vtd_commands_enable_queue(struct oracle *o);
void vtd_commands_disable_queue(struct oracle *o);
void vtd_commands_stored(struct oracle *o, uint64_t gpa);
void vtd_commands_tail(struct oracle *o, uint64_t tail);
void vtd_commands_resume(struct oracle *o);
void vtd_commands_ccmd(struct oracle *o, uint64_t value);
void vtd_commands_iotlb(struct oracle *o, uint64_t iva, uint64_t value);
void vtd_commands_status_store(struct oracle *o, uint64_t gpa,
                               const void *data, size_t len);
void vtd_commands_poll(struct oracle *o);
void vtd_commands_interrupt(struct oracle *o);
void vtd_commands_quiescent(struct oracle *o);
/* A device model holds off the queue. */
bool vtd_commands_queue_held(const struct oracle *o);
void vtd_commands_root_latched(struct oracle *o);
void vtd_commands_reset(struct oracle *o);

/* ---- rules.c: what an invalidation removes ---- */

enum cache_class {
    CLASS_CONTEXT, /* context cache */
    CLASS_PAGING,  /* paging-structure caches */
    CLASS_IOTLB,
    CLASS_DEVICE_TLB /* in the device */
};

/* What stands in a cache: its tag and the addresses that it answers for. */
struct cached {
    enum cache_class class;
    uint16_t did, sid;
    uint64_t first, last;
};
bool vtd_rule_covers(const struct oracle *o, const struct logged *inv,
                     const void *cached);
bool vtd_rule_device_tlb(const struct logged *inv, uint32_t source,
                         uint64_t *first, uint64_t *last);
/* What it removes, for people. */
const char *vtd_rule_citation(const struct logged *inv);

/* ---- ledger.c ---- */

void vtd_ledger_collect(struct oracle *o, const struct query *q,
                        bool with_dead, struct legal_set *set);

bool vtd_ledger_drains(const struct oracle *o, const struct logged *inv,
                       const struct query *q);

/* ---- undefined.c ---- */

enum undefined {
    U_DID_SHARED = 1,
    U_QUEUED_AND_REGISTER,
    U_COMMAND_BUSY,
    U_TWO_COMMANDS,
    U_IQA_ENABLED,
    U_TAIL,
    U_GRANULARITY,
    U_ADDRESS_MASK,
    U_DID_WIDTH,
    U_DISPUTED_BIT,
    U_STRUCTURE_MEMORY,
    U_QUEUE_BUSY,
    U_DESCRIPTOR_WIDTH,
    U_REGISTER_GONE,
    U_DESCRIPTOR,
    U_COUNT
};

struct suspension {
    enum undefined number;
    uint16_t did;
    uint64_t since; /* a global invalidation submitted later ends it */
    bool context_done, iotlb_done;
};

/* What a condition is looked at upon; @value: what is written. */
enum trigger {
    ON_CCMD,
    ON_IOTLB,
    ON_GCMD,
    ON_IQA,
    ON_IQT,
    ON_QIE,
    ON_QIE_CLEAR,
    ON_DEMAND /* by vtd_undefined_meet() */
};

const char *vtd_undefined_text(unsigned int number);
/* True: a condition holds, and its suspension has begun. */
bool vtd_undefined_event(struct oracle *o, enum trigger trigger,
                         uint64_t value);
void vtd_undefined_meet(struct oracle *o, enum undefined number, uint16_t did);
void vtd_undefined_completed(struct oracle *o, const struct invalidation *inv);
/* @did: NULL if none is known. */
bool vtd_undefined_suspends(const struct oracle *o, const uint16_t *did);
void vtd_undefined_contexts(struct oracle *o);
void vtd_undefined_reset(struct oracle *o);

/* ---- faults.c ---- */

#define FRCD_MAX 256

struct message {
    uint64_t address;
    uint32_t data;
    bool open; /* may be due, or not */
};

struct messages {
    struct message *item;
    size_t count, room;
};

#define EVENT_WAYS 4

/*
 * What FECTL, or IECTL, and the three registers behind it say.  While software
 * writes one of them, or what it clears the condition with, what comes may
 * come before that or after it: then it is open whether a message is sent,
 * which, and what is pending; the unit is asked when it is quiet.
 */
struct event {
    bool im, ip;
    bool writing, open;
    struct message message[EVENT_WAYS]; /* before such writes, and by each */
    unsigned int ways;
};

struct faults {
    uint64_t low[FRCD_MAX], high[FRCD_MAX]; /* predicted contents */
    unsigned int next, fri;
    bool fri_known;
    bool pfo, iqe;
    struct messages due, raised; /* interrupts of the unit */
    struct event fault, invalidation;
    bool iwc;
    bool waited; /* a wait with IF has completed since it was quiet */

    /*
     * A write to FSTS or to a record is under way.  A fault may come before
     * the unit has cleared what is cleared here already: an F, PFO, or the
     * only room that there is; PFO may even be set and cleared meanwhile.  It
     * need not be the first then (7.3), and may be dropped.
     */
    bool cleared_pfo, clears_pfo, cleared_room;
    uint64_t cleared_high;
};

void vtd_faults_reset(struct oracle *o);
/* The architecture's part of expected.c. */
enum step vtd_faults_record_step(struct oracle *o, const struct expected *e,
                                 const struct legal *l);
bool vtd_faults_record_drops(const struct oracle *o, const struct query *q);
bool vtd_faults_record_of(struct oracle *o, const struct query *q);
bool vtd_faults_record_take(struct oracle *o, const struct query *q,
                            const struct legal *l);
bool vtd_faults_record_equal(struct oracle *o, const struct query *a,
                             const struct legal *l, const struct query *b,
                             const struct legal *m);
void vtd_faults_record_missed(struct oracle *o, const struct query *q,
                              const struct legal *l, bool wrong);
/* Follow what has been recorded; @force: all of it must have been by now. */
void vtd_faults_settle(struct oracle *o, bool force);
void vtd_faults_queue_error(struct oracle *o);
void vtd_faults_write_fsts(struct oracle *o, uint64_t value);
void vtd_faults_write_frcd(struct oracle *o, unsigned int index);
void vtd_faults_written(struct oracle *o);
uint64_t vtd_faults_fsts(const struct oracle *o);

/* ---- events.c ---- */

/* A condition of FSTS has come, and none was there (7.3). */
void vtd_events_fault(struct oracle *o);
void vtd_events_wait_completed(struct oracle *o);
void vtd_events_raised(struct oracle *o, uint64_t address, uint32_t data);
/* One of the registers of an event is written; none is any more. */
void vtd_events_write(struct oracle *o, uint32_t offset, uint64_t value);
void vtd_events_write_ics(struct oracle *o, uint64_t value);
void vtd_events_written(struct oracle *o);
/* What is open is as the unit says. */
void vtd_events_ask(struct oracle *o);
void vtd_events_reset(struct oracle *o);
/* All that were due have been sent, and no others. */
void vtd_events_compare(struct oracle *o);

/* ---- registers.c ---- */

#define REGISTER_BYTES 4096u

struct register_cell {
    uint32_t writable, predicted, value;
    bool open; /* written on undefined ground */
};

struct registers {
    struct register_cell *cell; /* by double word, of the first @held bytes */
    uint32_t held;
    uint64_t target;  /* GSTS that the commands so far ask for */
    uint64_t pending; /* GSTS bits not seen to have followed */
    bool iqa_open;    /* IQA was written on undefined ground */
};

void vtd_registers_reset(struct oracle *o);
void vtd_registers_write(struct oracle *o, uint32_t offset, unsigned int size,
                         uint64_t value);
void vtd_registers_read(struct oracle *o, uint32_t offset, unsigned int size,
                        uint64_t value);
void vtd_registers_check(struct oracle *o);
void vtd_registers_poll(struct oracle *o);
void vtd_registers_quiescent(struct oracle *o);
uint64_t vtd_registers_value64(const struct oracle *o, uint32_t offset);
uint32_t vtd_registers_value32(const struct oracle *o, uint32_t offset);

/* ---- contexts.c: the devices' contexts, as they are ---- */

void vtd_contexts_store(struct oracle *o, uint64_t gpa, uint64_t value);
/* The devices' context entries may have changed. */
void vtd_contexts_changed(struct oracle *o);
bool vtd_contexts_is_page(const struct oracle *o, uint64_t gpa);

/* ---- exact.c ---- */

void vtd_exact_completed(struct oracle *o, const struct invalidation *inv);
void vtd_exact_check(struct oracle *o);

/* ---- the state ---- */

/* A device of the oracle, with its index there. */
struct watch {
    uint32_t source;
    struct context context, before; /* now, and before the last change */
    uint64_t context_page;          /* where the entry stands, or NEVER */
};

struct vtd {
    uint64_t cap, ecap;
    uint32_t version;
    bool collapses_faults, replay;

    struct history rtaddr, tes; /* latched; versions may overlap */

    struct queue queue;
    struct pending ccmd, iotlb;

    struct suspension *suspension;
    size_t suspensions, suspension_room;

    struct faults faults;
    struct registers registers;
    struct watch watch[ORACLE_MAX_DEVICES];
};

static inline struct vtd *vtd(const struct oracle *o)
{
    return o->state;
}

static inline const struct invalidation *vtd_log(const struct oracle *o,
                                                 size_t index)
{
    return (const struct invalidation *)log_at(o, index);
}

/* ---- capabilities ---- */

static inline bool caching_mode(const struct oracle *o)
{
    return CAP_CM(vtd(o)->cap);
}

#endif /* HARNESS_ORACLE_VTD_INTERNAL_H */
