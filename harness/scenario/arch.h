/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An architecture, as far as programs and worlds differ by it: one table each,
 * in a directory of its own (vtd/, smmuv3/).  Everything else in scenario/
 * asks the table.
 */
#ifndef HARNESS_SCENARIO_ARCH_H
#define HARNESS_SCENARIO_ARCH_H

#include <scenario/execute.h>
#include <scenario/trace.h>

#include <common/port.h>
#include <common/request.h>

/*
 * An identification register of the unit, that a header line sets: "NAME
 * FIELD=NUMBER ..." or "NAME value=NUMBER".
 */
struct arch_id {
    const char *name;
    /* shift | bits << 8; NULL: the line is "NAME NUMBER" */
    const struct name_value *field;
    /* "host-NAME" sets it for the physical unit below a vIOMMU. */
    bool host;
};

/* Something that a "table" line may say: "KEY=NUMBER" or one of @names. */
struct arch_table_option {
    const char *key;
    const struct name_value *names; /* NULL: a number */
    uint32_t initial, least, most;
};

/* A behaviour of the unit that a header line of one word chooses. */
struct arch_option {
    const char *word;
};

struct arch_stats {
    uint64_t hits, misses, register_writes;
};

/* Kinds of caches. */
#define ARCH_CONTEXTS     1u
#define ARCH_TABLES       2u
#define ARCH_TRANSLATIONS 4u

struct arch {
    const char *name;         /* of its directory, in reports, in sessions */
    unsigned int unit_type;   /* host.h: enum host_unit_type */
    unsigned int viommu_type; /* public/viommu.h: XEN_VIOMMU_TYPE_* */
    uint32_t capabilities;    /* XEN_VIOMMU_CAPABILITY_* of its vIOMMU */
    unsigned int source_bits; /* of a requester's number */
    uint64_t unit_base;       /* guest-physical, of its registers */
    /* The bit of which identification word says that a unit snoops. */
    uint8_t coherent_id, coherent_bit;
    uint32_t register_space; /* bytes */

    /* ---- programs ---- */

    const struct op_spec *op;         /* from OP_ARCH on */
    execute_fn *const *execute;       /* likewise */
    unsigned int ops;                 /* of them */
    const struct arch_id *id;         /* PROGRAM_ID_WORDS at most, NULL name */
    const struct arch_option *option; /* ended by a NULL word */
    const struct arch_table_option *table_option; /* by a NULL key */

    void (*defaults)(struct program_machine *machine);
    /* Its names of a kind, before the common ones; NULL: none. */
    const struct name_value *(*names)(unsigned int kind);
    bool (*register_by_name)(const struct program_machine *machine,
                             const char *name, uint64_t *encoded);
    /* NULL: it has no name. */
    const char *(*register_name)(const struct program_machine *machine,
                                 uint64_t encoded, char *buffer, size_t size);
    /* NULL, or why a machine or an operation is impossible. */
    const char *(*check_machine)(const struct program_machine *machine);
    const char *(*check_operation)(const struct operation *op);

    /* ---- worlds ---- */

    struct unit_ops unit;
    /* The physical unit, whose number in the machine is @index; NULL, or why
     * it is impossible. */
    const char *(*create_unit)(struct world *world, unsigned int index,
                               void **unit);
    void (*access)(void *unit, const struct request *request,
                   const struct port *device, void *data,
                   struct response *response);
    void (*probe)(const void *unit, const struct request *request,
                  bool (*read)(void *world, uint64_t address, void *buffer,
                               unsigned int len),
                  void *world, struct response *response);
    /* Is it at something that a DMA would have to wait for?  NULL: never. */
    bool (*holds_dma)(const void *unit);
    /* Hardware that fetches ahead, or loses some of what it holds. */
    void (*prefetch)(void *unit, const struct request *request);
    void (*evict)(void *unit, unsigned int caches); /* ARCH_* */
    void (*stats)(const void *unit, struct arch_stats *stats);
    const struct oracle_arch *oracle_arch;
    /* What is special in the oracle of a domain's unit. */
    void (*oracle)(struct world_domain *wd, const uint64_t *id,
                   struct oracle_config *config);
    /* A message to an interrupt controller, no access to memory; or NULL. */
    bool (*is_interrupt)(const struct request *request);
    size_t guest_size; /* of the guest driver's state, in wd->guest */

    /* ---- recorded sessions ---- */

    bool pages_recorded; /* D lines tell the size of the page */
    /* What tells a write where an F line's direction is not known; 0: none. */
    uint32_t write_reason;
    void (*trace_register)(struct program_machine *machine, uint64_t offset,
                           uint64_t value);
    /* L, S, E, I lines.  False: t->why says what is wrong. */
    bool (*trace_line)(struct trace *t, char kind, char *at);
    void (*trace_end)(struct program *program);
    /* What a session did not say must not have happened. */
    void (*session_end)(struct execution *e, struct world_domain *wd);
};

/* arch.c */
extern const struct arch *const arch_table[]; /* ended by NULL */
const struct arch *arch_by_name(const char *name);
unsigned int arch_number(const struct arch *arch);

/* What units of both have: an option of the program's machine, and a cache by
 * its number; as large as the world's hardware says, if it does. */
bool arch_has_option(const struct world *world, unsigned int option);
void arch_set_cache(struct cache_config *cache, const struct world *world,
                    unsigned int number);
void arch_resize(struct cache_config *cache, const struct world_cache *size);

#endif /* HARNESS_SCENARIO_ARCH_H */
