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
struct history *history_get(struct history_map *map, uint64_t key);
void history_append(struct history *history, const struct version *version);
void history_map_free(struct history_map *map);
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

/* A request as the oracle judges it: in [t0, t1], both included. */
struct query {
    uint32_t source, pasid;
    uint64_t iova;
    unsigned int size, type;
    bool read, write, privileged, execute;
    uint64_t t0, t1;
};

struct open_dma {
    bool used;
    struct query query;
};

enum verdict { VERDICT_LEGAL, VERDICT_SUSPENDED, VERDICT_ILLEGAL };

/* For messages. */
struct phrase {
    char text[64];
};
const char *rights_text(unsigned int rights);
/* What a device met. */
const char *outcome_text(const struct oracle_outcome *outcome,
                         struct phrase *phrase);

/* ---- the architecture's part ---- */

struct oracle_arch {
    size_t state_bytes; /* oracle->state, zeroed */
    /* Why it can't judge such a unit; NULL: it can. */
    const char *(*unjudgeable)(const struct oracle_config *config);
    void (*reset)(struct oracle *o); /* after creation too */
    void (*release)(struct oracle *o);

    /* The last one is new; the last one has taken the place of @index. */
    void (*device_added)(struct oracle *o, unsigned int index);
    void (*device_left)(struct oracle *o, unsigned int index);

    /* The events of oracle.h; the histories know of them already. */
    void (*stored)(struct oracle *o, uint64_t gpa, uint64_t value);
    void (*p2m_changes)(struct oracle *o, uint64_t gpa);
    void (*register_write)(struct oracle *o, uint32_t offset,
                           unsigned int size, uint64_t value);
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

    void (*walk)(struct oracle *o, const struct query *q,
                 struct oracle_walk *walk);
    void (*explain)(struct oracle *o, const struct query *q, char *buffer,
                    size_t size);
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

struct oracle {
    struct oracle_config config;
    void *state; /* the architecture's */
    uint64_t tick, epoch;
    bool quiet; /* nothing has happened since the last quiescence */

    struct history_map words, p2m;
    uint64_t *exchanged; /* pages whose p2m entry has changed */
    size_t exchanges, exchange_room;
    uint64_t *zombie; /* p2m pages with a superseded usable version */
    size_t zombies, zombie_room;

    struct device device[ORACLE_MAX_DEVICES];
    unsigned int devices;
    struct former_device *former;
    size_t formers, former_room;
    struct open_dma *open;
    size_t opens;

    uint64_t met; /* undefined conditions, as bits */
    bool tolerate_missing;
    struct oracle_stats stats;
};

/* Report a finding; the text as printf. */
void oracle_report(struct oracle *o, const char *property, const char *rule,
                   const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Room for one more in a growing array of @size elements; aborts when there is
 * no memory: a test program has nothing better to do. */
void *oracle_grow(void *array, size_t count, size_t *room, size_t size);

static inline bool above_haw(const struct oracle *o, uint64_t address)
{
    return o->config.haw < 64 && address >> o->config.haw;
}

static inline uint64_t peek(struct oracle *o, uint32_t offset,
                            unsigned int size)
{
    return o->config.world.peek(o->config.world.context, offset, size);
}

#endif /* HARNESS_ORACLE_INTERNAL_H */
