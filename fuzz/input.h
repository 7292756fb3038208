/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that a fuzzer makes, as a program.
 *
 *   INPUT_HEADER bytes   the machine: way, capabilities, memory, tables
 *   INPUT_RECORD bytes   an operation, again and again
 *
 * Every byte string means something.  The operations and their fields are
 * those of the tables of harness/scenario (struct op_spec), so that whatever
 * an architecture gains is fuzzed from then on; what their numbers are drawn
 * from is pool.c's.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <scenario/arch.h>
#include <scenario/world.h>

#define INPUT_HEADER 8
#define INPUT_RECORD 16
#define INPUT_MOST   128 /* operations of an input; the rest is ignored */
#define INPUT_SPAN   8   /* pages: larger ones are sampled at each check */

/* Bytes of the header. */
enum {
    INPUT_WAY,      /* retention, p2m shape, through */
    INPUT_ID,       /* identification registers: struct fuzz_arch.change */
    INPUT_MACHINE,  /* domains, units, limits */
    INPUT_TABLES,   /* shape of the page tables */
    INPUT_PROLOGUE, /* 3: none; else the architecture's */
    INPUT_GROUND,   /* 7: wild operations are; else all are tamed */
    INPUT_LAG,      /* how late physical units see their queue's tail */
};

/* A field of an identification register, of the guest's unit or the host's. */
struct fuzz_change {
    const char *why; /* for readers of the table */
    uint8_t word;    /* of the architecture's program_machine.id */
    bool host;
    uint8_t shift, bits;
    uint16_t value;
};

/* What a fuzzer must know of an architecture beyond its table. */
struct fuzz_arch {
    const struct arch *arch;
    /* A scenario whose machine is that of all inputs, and whose operations
     * begin those that want a prologue. */
    const char *base;
    /* Each makes a machine out of that of the base; counted from 1. */
    const struct fuzz_change *change;
    unsigned int changes;
    void (*vary_tables)(struct program_machine *machine, unsigned int n);
    /* Keep an operation on the architecture's defined ground, where the whole
     * oracle judges; may be NULL.  Not called for wild ones.  The first
     * @before operations of the program come before it. */
    void (*tame)(const struct program *program, size_t before,
                 struct operation *op);
    /* Is it for a driver that has started?  May be NULL. */
    bool (*driver_first)(const struct operation *op);
    /* Change what is known to deviate (docs/deviations.md) and would be found
     * again and again; may be NULL. */
    void (*avoid)(const struct program *program, struct operation *op);
    void (*avoid_machine)(struct program_machine *machine); /* likewise */
    /* May a translation come of it that holds for other tags than those of
     * its table?  May be NULL. */
    bool (*shares)(const struct operation *op);
    /* Keywords of what makes a unit forget everything. */
    const char *flush;
    /* Words that mean something: descriptors, entries, register values. */
    const uint64_t *word;
    unsigned int words;
};

extern const struct fuzz_arch fuzz_vtd, fuzz_smmuv3;
/* With virtual devices, whose device models keep a protocol. */
extern const struct fuzz_arch fuzz_vtd_drain, fuzz_smmuv3_drain;

struct fuzz_target; /* target.h */

/* What a number of 64 bits is; the size of an access, a device model. */
enum role {
    ROLE_IOVA,
    ROLE_GPA,
    ROLE_WORD,
    ROLE_SIZE,
    ROLE_COUNT,
    ROLE_MODEL
};

/* Which devices an operation is for. */
enum device_kind { DEVICE_ANY, DEVICE_REAL, DEVICE_VIRTUAL };

/* What an operation's row says, so that decoding compares no strings. */
struct op_plan {
    uint64_t initial[4];          /* operation.arg with all fields left out */
    const struct op_field *named; /* the device that it is of, or NULL */
    enum device_kind device;
    bool start;                  /* programs a unit */
    bool stores;                 /* the driver stores, perhaps into tables */
    uint32_t outcome;            /* fields that inputs don't have, by number */
    uint8_t role[OP_MAX_FIELDS]; /* enum role */
};

/* The pages that operations of an input have named, the latest last: later
 * ones are often about the same. */
#define SAID_MOST 16

struct said {
    struct {
        uint64_t page;
        enum role role;
    } page[SAID_MOST];
    unsigned int count;
};

/* What decoding needs, prepared once for a target. */
struct input_rules {
    const struct fuzz_target *target;
    const struct fuzz_arch *arch;
    struct program *base;     /* owned */
    uint8_t code[256];        /* operation by the first byte of a record */
    struct op_plan plan[256]; /* by operation */
    uint8_t flush[4];         /* fuzz_arch.flush; as many as @flushes */
    unsigned int flushes;
    uint64_t *reg; /* REG_ENCODE of every register with a name */
    unsigned int regs;
    struct said said;               /* by the prologue */
    struct world_hardware hardware; /* small: it is restored for each input */
};

bool input_rules_init(struct input_rules *rules,
                      const struct fuzz_target *target);
void input_rules_free(struct input_rules *rules);

/*
 * The program of an input, to be freed, and the way to run it.  The first
 * *prologue operations are not the input's.
 */
struct program *input_decode(const struct input_rules *rules,
                             const uint8_t *data, size_t size,
                             struct world_config *config, size_t *prologue);

/* In an input of an equivalence target all is flushed before a DMA, and from
 * there to it no table changes, nor does another device meet what is shared:
 * does that hold still? */
bool input_flushed(const struct input_rules *rules,
                   const struct program *program);

/* Two inputs with equal keys have the same machine, way and prologue. */
uint64_t input_key(const struct input_rules *rules, const uint8_t *data,
                   size_t size);

/*
 * The other way round, for seeds: an input that decodes to something like
 * @program from operation @first on.  Values that can't be said become others.
 * Returns its size.
 */
size_t input_encode(const struct input_rules *rules,
                    const struct program *program, size_t first, uint8_t *data,
                    size_t room);

/* Keys of fields that say what must come of an operation: inputs have none. */
bool input_is_outcome(const char *key);

/* Bits of a record's second byte: it happens inside the next operation; all of
 * WILD: it is not kept on defined ground, in inputs that allow that. */
#define INPUT_INSIDE 0x80u
#define INPUT_WILD   0x3fu

/* ---- arch.c ---- */

/* Make machine number @n, from 1 to fuzz_arch.changes. */
void fuzz_vary(const struct fuzz_arch *arch, unsigned int n,
               struct program_machine *machine);

/* A field by its key: one that the operation does not have, or a value that
 * does not fit, is left alone. */
void fuzz_set(struct operation *op, const char *key, uint64_t value);
/* The n-th, of operations that there are many of. */
void fuzz_set_nth(struct operation *op, unsigned int n, uint64_t value);
void fuzz_clear_nth(struct operation *op, unsigned int n, uint64_t bits);

/* Fields of OP_DMA. */
#define DMA_DEVICE 0
#define DMA_ACCESS 1
#define DMA_IOVA   2
#define DMA_SIZE   8
#define DMA_PASID  9
#define DMA_TYPE   10

/* Bytes of its first request: a DMA of more is several. */
uint64_t fuzz_dma_room(const struct operation *dma);

/* Are there virtual devices?  Then queues may wait. */
bool fuzz_has_models(const struct program_machine *machine);

/* A device model that breaks its own protocol is no finding: it asks for what
 * its device drains or holds, and does not answer before it has ended. */
void fuzz_keep_protocol(const struct program_machine *machine,
                        struct operation *op);

/* To take the memory of live structures away is no defined ground: it is
 * taken from the data in place of them. */
void fuzz_keep_tables(struct operation *op);

/* ---- pool.c ---- */

/* Bytes of a record that are left, and what has been said before it; NULL:
 * nothing. */
struct choices {
    const uint8_t *byte;
    unsigned int left;
    const struct said *said;
};

unsigned int choice(struct choices *c); /* 0 when none is left */

bool device_fits(const struct program_machine *machine, unsigned int device,
                 enum device_kind kind);

/* A value of @field of operation @code. */
uint64_t pool_value(const struct input_rules *rules,
                    const struct program_machine *machine, unsigned int code,
                    unsigned int field, struct choices *c);
/* It has been chosen: is it a page that later operations may name? */
void pool_said(const struct input_rules *rules, unsigned int code,
               unsigned int field, uint64_t value, struct said *said);

/* ---- rules.c ---- */

/* Is @word one of @words, between which are spaces? */
bool fuzz_in_words(const char *words, const char *word);

/* ---- roles.c ---- */

void pool_plan(const struct op_spec *spec, struct op_plan *plan);

/* ---- mutate.c ---- */

size_t input_mutate(uint8_t *data, size_t size, size_t room,
                    unsigned int seed);
size_t input_cross(const uint8_t *a, size_t a_size, const uint8_t *b,
                   size_t b_size, uint8_t *out, size_t room,
                   unsigned int seed);

#endif /* FUZZ_INPUT_H */
