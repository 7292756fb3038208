/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program: a machine, the operations of its actors, and what must hold.
 *
 * Scenarios (.scn), recorded sessions (.trace) and inputs of fuzzers are all
 * programs.  Text is read once into this form; running it parses nothing.
 * docs/scenario-language.md describes the text.
 */
#ifndef HARNESS_SCENARIO_PROGRAM_H
#define HARNESS_SCENARIO_PROGRAM_H

#include <machine/machine.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MAX_DEVICES 64
#define PROGRAM_MAX_TABLES  16
#define PROGRAM_NAME_LENGTH 24

/* Over what a program may run, as masks of 1 << value. */
enum through { THROUGH_MODEL, THROUGH_STACK, THROUGH_COUNT };

/* The retention policies in the order of enum cache_retention. */
#define RETENTION_COUNT 4
#define SHAPE_COUNT     3 /* scattered, contiguous, mixed */

enum program_kind { PROGRAM_SCENARIO, PROGRAM_SESSION, PROGRAM_LITMUS };

struct arch; /* arch.h */

struct program_device {
    char name[PROGRAM_NAME_LENGTH];
    uint32_t source; /* as the guest numbers it */
    uint8_t domain;  /* index */
    uint8_t unit;    /* the physical unit above it, behind a vIOMMU */
    uint8_t model;   /* a virtual one: 1 + the device model that has it */
    uint8_t options; /* of a virtual one: mask of VDEVICE_* */
};

#define VDEVICE_DRAIN   0x1u /* its device model drains */
#define VDEVICE_ATS     0x2u /* it has a device-TLB */
#define VDEVICE_ANSWERS 0x4u /* its device model answers by itself */
#define VDEVICE_OPTIONS 0x7u

#define PROGRAM_TABLE_OPTIONS 4

struct program_table {
    char name[PROGRAM_NAME_LENGTH];
    uint32_t option[PROGRAM_TABLE_OPTIONS]; /* as arch->table_option says */
};

#define PROGRAM_ID_WORDS  8
#define PROGRAM_MAX_UNITS 2

/* The machine, as far as a program says something about it. */
struct program_machine {
    const struct arch *arch;
    /* Identification registers, in the order of arch->id: of the unit that
     * the guest sees, and of the physical units below a vIOMMU. */
    uint64_t id[PROGRAM_ID_WORDS], host_id[PROGRAM_ID_WORDS];
    struct region region[MACHINE_MAX_REGIONS];
    unsigned int regions;
    struct program_device device[PROGRAM_MAX_DEVICES];
    unsigned int devices;
    struct program_table table[PROGRAM_MAX_TABLES];
    unsigned int tables;
    unsigned int domains;  /* 1 or 2 */
    uint32_t shadow_limit; /* pages, 0: the default */
    uint32_t budget;       /* host.h calls an entry, 0: the default */
    uint32_t lag;          /* host.h calls until a unit sees its tail move */
    uint32_t options;      /* mask of 1 << index of arch->option */
    uint8_t haw;
    bool manual; /* no vIOMMU is created and no device attached beforehand */
};

/* One operation.  The meaning of arg[] is given by its op_spec. */
struct operation {
    uint8_t code;    /* enum op, or from OP_ARCH on the architecture's */
    uint8_t domain;  /* index of the domain whose vcpu, device ... acts */
    uint8_t arch;    /* number in arch_table */
    uint8_t actor;   /* litmus: ACTOR_SETUP, from 1 on, ACTOR_FINALLY */
    uint16_t inside; /* it happens at that call of host.h inside the next
                      * operation for which this is 0; 0: by itself */
    bool at_access;  /* not a call, but an access of a unit to memory */
    uint32_t line;   /* in the source text, 0: none */
    uint64_t arg[4];
};

/* ---- litmus tests (docs/litmus.md) ---- */

#define PROGRAM_MAX_ACTORS     8
#define PROGRAM_MAX_VERDICTS   8
#define PROGRAM_MAX_CONDITIONS 4
#define ACTOR_SETUP            0
#define ACTOR_FINALLY          UINT8_MAX

/* The n-th DMA (from 1) of an actor became this. */
struct program_condition {
    uint8_t actor, index;
    uint8_t outcome; /* enum outcome */
    uint64_t value;  /* OUTCOME_TO: gpa; OUTCOME_FAULT: reason */
};

struct program_verdict {
    bool allow;       /* some order must come to it; else none may */
    bool finding;     /* to a finding, else to all of the conditions */
    char property[4]; /* of the finding; empty: any */
    struct program_condition condition[PROGRAM_MAX_CONDITIONS];
    unsigned int conditions;
};

#define PROGRAM_NO_BOUND UINT32_MAX

struct program_litmus {
    char actor[PROGRAM_MAX_ACTORS][PROGRAM_NAME_LENGTH]; /* number - 1 */
    unsigned int actors;
    struct program_verdict verdict[PROGRAM_MAX_VERDICTS];
    unsigned int verdicts;
    uint32_t bound;                 /* preemptions, or PROGRAM_NO_BOUND */
    bool exhaustive;                /* anything less is a failure */
    char twin[PROGRAM_NAME_LENGTH]; /* a defect is in it, which must show */
    char *schedule;                 /* of a counterexample, or NULL */
};

struct program {
    enum program_kind kind;
    char *name;    /* "vtd/psi-am[am=3]" */
    char *file;    /* source, for messages */
    char *title;   /* what it proves, a sentence */
    char *section; /* of the specification */
    char *needs;   /* a feature that is not built: skip; or NULL */
    /* Written by a machine: what the driver expects is no finding, and an
     * operation that can't be done is left out. */
    bool oracle_only;
    struct program_machine machine;
    uint32_t through;   /* mask of 1 << enum through */
    uint32_t retention; /* mask of 1 << enum cache_retention */
    uint32_t shapes;    /* mask of 1 << enum p2m_shape */
    struct program_litmus litmus;
    struct operation *op;
    size_t ops, room;
};

/* ---- operations ---- */

/* Those that every architecture has. */
enum op {
    /* the guest's processor */
    OP_WRITE,
    OP_READ,
    OP_STORE,
    OP_LOAD,
    /* devices */
    OP_DMA,
    /* toolstack */
    OP_VIOMMU_DESTROY,
    OP_ASSIGN,
    OP_DEASSIGN,
    OP_ATTACH,
    OP_DETACH,
    OP_DOMAIN_DESTROY,
    OP_HYPERCALL_FIELD,
    OP_HYPERCALL,
    OP_P2M_REMOVE,
    OP_P2M_POPULATE,
    OP_P2M_RELEASE,
    OP_FAIL,
    /* what must hold */
    OP_INTERRUPTS,
    OP_CHECK,
    OP_SHADOW,
    OP_UNDEFINED,
    OP_CENSUS,
    /* recorded sessions: what the original answered */
    OP_EXPECT_DMA,
    OP_EXPECT_FAULT,
    /* virtual devices and their device models */
    OP_TRANSLATE,
    OP_ACCESS,
    OP_COPY,
    OP_DROP,
    OP_RECEIVE,
    OP_ANSWER,
    OP_MESSAGES,
    OP_HOLD,
    OP_CONNECT,
    OP_DISCONNECT,
    OP_ARCH, /* the first of an architecture's own */

    /* Of litmus tests; beyond all that an architecture may add. */
    OP_ACTIVITY = 0xe0,
    OP_LOCK = OP_ACTIVITY,
    OP_UNLOCK,
    OP_SET,
    OP_AWAIT,
    OP_PREFETCH,
    OP_EVICT,
    OP_SKIP_IF,
    OP_ACTIVITY_END
};

/* How a field is written in text. */
enum field_kind {
    FIELD_END,
    FIELD_NUMBER,
    FIELD_DEVICE,    /* a declared device */
    FIELD_TABLE,     /* a declared page table */
    FIELD_SIZE,      /* 4k 2m 1g ..., as orders of 4 KiB pages */
    FIELD_RIGHTS,    /* none r w rw, stored as 0..3 */
    FIELD_ACCESS,    /* read write atomic */
    FIELD_TYPE,      /* untranslated translation translated */
    FIELD_REGISTER,  /* name or offset, stored with its size: see reg_encode */
    FIELD_FAILURE,   /* a call of host.h that is to fail */
    FIELD_HYPERCALL, /* name of a field of the hypercall's structure */
    FIELD_MESSAGE,   /* drain invalidate: what a device model is told */
    FIELD_FLAG,      /* present or not */
    FIELD_ARCH,      /* from here on: names of the architecture */
};

/* A field lives in bits [shift, shift + bits) of arg[slot]. */
struct op_field {
    const char *key;   /* NULL: positional */
    unsigned int kind; /* enum field_kind and beyond */
    uint8_t slot, shift, bits;
    bool required;
    uint64_t initial; /* when it is left out */
};

#define OP_MAX_FIELDS 24 /* the last one ends the row */

/* Beside the ways in op_spec.through: it does no more than access memory, so
 * that it may happen inside another operation. */
#define OP_INSIDE (1u << 31)

struct op_spec {
    const char *keyword;
    uint32_t through; /* mask: where it has a meaning; OP_INSIDE */
    const char *help;
    struct op_field field[OP_MAX_FIELDS];
};

/* NULL: there is no such operation. */
const struct op_spec *op_spec_of(const struct arch *arch, unsigned int code);
const struct op_spec *op_spec(const struct operation *op)
    __attribute__((pure));

/* The value of a field, and its inverse. */
static inline uint64_t op_field_mask(const struct op_field *field)
{
    return field->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << field->bits) - 1;
}

static inline uint64_t op_field_get(const struct operation *op,
                                    const struct op_field *field)
{
    return op->arg[field->slot] >> field->shift & op_field_mask(field);
}

/* False: does not fit. */
static inline bool op_field_set(struct operation *op,
                                const struct op_field *field, uint64_t value)
{
    uint64_t mask = op_field_mask(field);

    if ( value & ~mask )
        return false;
    op->arg[field->slot] &= ~(mask << field->shift);
    op->arg[field->slot] |= value << field->shift;
    return true;
}

/* The n-th field of an operation, in the order of its row. */
static inline uint64_t op_arg(const struct operation *op, unsigned int n)
{
    return op_field_get(op, &op_spec(op)->field[n]);
}

/* FIELD_REGISTER: offset and access size in bytes. */
#define REG_ENCODE(offset, size) ((offset) | (uint64_t)(size) << 24)
#define REG_OFFSET(value)        ((uint32_t)((value)&0xffffff))
#define REG_SIZE(value)          ((unsigned int)((value) >> 24 & 0xff))

/* An access of 1, 2, 4 or 8 bytes inside the registers. */
bool program_register_exists(const struct arch *arch, uint64_t offset,
                             uint64_t size);

/* Outcomes of OP_DMA. */
enum outcome { OUTCOME_ANY, OUTCOME_TO, OUTCOME_FAULT, OUTCOME_ABORT };

/* ---- life ---- */

/* Of the first architecture, until something else is said. */
struct program *program_new(enum program_kind kind, const char *name);
void program_free(struct program *program);
void program_set_arch(struct program *program, const struct arch *arch);
const char *program_arch_name(const struct program *program);
struct operation *program_append(struct program *program, unsigned int code,
                                 uint32_t line);
/*
 * NULL, or why no world can be made of @program, or an operation can't be done
 * in it: whoever reads programs from outside asks this.  *line: of the source,
 * where it is one operation's fault, else 0.
 */
const char *program_check(const struct program *program, uint32_t *line);
struct program *program_copy(const struct program *program, size_t ops);

/* ---- text, binary, sessions ---- */

/* Where and why reading failed. */
struct program_error {
    char text[512]; /* "file:line: what was expected; what to do" */
    size_t good;    /* sessions: operations before the error */
};

struct program_list {
    struct program **program;
    size_t count;
};
void program_list_free(struct program_list *list);

/*
 * Read any of the forms, told apart by content: text (all cases of its
 * matrix), binary, a recorded session (plain or gzip).  A truncated session is
 * returned as far as it goes *and* an error.  @name: of the case, without the
 * matrix values; NULL: the file name.
 */
bool program_read(const char *path, const char *name,
                  struct program_list *list, struct program_error *error);

bool program_parse_text(const char *text, const char *file, const char *name,
                        struct program_list *list,
                        struct program_error *error);
bool program_parse_binary(const void *data, size_t size, const char *file,
                          const char *name, struct program_list *list,
                          struct program_error *error);
bool program_parse_trace(char *text, size_t size, const char *file,
                         const char *name, struct program_list *list,
                         struct program_error *error);

/* Text or binary, by the extension of @path (.scn, .bin); false: errno. */
bool program_write(const struct program *program, const char *path);
char *program_text(const struct program *program); /* to be freed */
void *program_binary(const struct program *program, size_t *size);
char *operation_text(const struct program *program, const struct operation *op,
                     char *buffer, size_t size);

/* ---- names ---- */

/* A number, with the operators + - * | & << >> and names resolved by @lookup;
 * no spaces.  Returns what is wrong, or NULL. */
const char *expression_parse(const char *text,
                             bool (*lookup)(void *context, const char *name,
                                            size_t length, uint64_t *value),
                             void *context, uint64_t *value);

struct name_value {
    const char *name;
    uint64_t value;
};

/* A field of struct xen_dmop_viommu_op: byte offset | size << 8. */
#define NAME_HYPERCALL(name, member, size)                                    \
    {                                                                         \
        name, offsetof(struct xen_dmop_viommu_op, member) | (size) << 8       \
    }

/* Names of a kind: the architecture's own table, which goes first, and the
 * common one; each ended by a NULL name, or NULL.  Found by name; by value,
 * NULL: it has none. */
struct name_tables {
    const struct name_value *table[2];
};
struct name_tables names_of(const struct arch *arch, unsigned int kind);
/* In one table, or NULL. */
bool value_of(const struct name_value *table, const char *name,
              uint64_t *value);
const char *name_in(const struct name_value *table, uint64_t value);

bool name_find(const struct name_tables *names, const char *name,
               uint64_t *value);
const char *name_of(const struct arch *arch, unsigned int kind,
                    uint64_t value);

extern const char *const through_names[THROUGH_COUNT + 1];
extern const char *const retention_names[RETENTION_COUNT + 1];
extern const char *const shape_names[SHAPE_COUNT + 1];

/* A register's name, or OFFSET/SIZE in @buffer. */
const char *register_name(const struct program_machine *machine,
                          uint64_t encoded, char *buffer, size_t size);

#endif /* HARNESS_SCENARIO_PROGRAM_H */
