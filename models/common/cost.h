/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named costs, in cycles of the unit's clock.  Each has a default and a source
 * (cost.c); a timing file may override them by name.
 */
#ifndef MODELS_COMMON_COST_H
#define MODELS_COMMON_COST_H

#include <stdint.h>

/* name in timing files, enumerator */
#define COST_LIST(X)                                                          \
    X(config_lookup, COST_CONFIG_LOOKUP)                                      \
    X(tlb_lookup, COST_TLB_LOOKUP)                                            \
    X(walk_lookup, COST_WALK_LOOKUP)                                          \
    X(walk_start, COST_WALK_START)                                            \
    X(walk_step, COST_WALK_STEP)                                              \
    X(config_fetch, COST_CONFIG_FETCH)                                        \
    X(queue_fetch, COST_QUEUE_FETCH)                                          \
    X(invalidate, COST_INVALIDATE)                                            \
    X(fault_record, COST_FAULT_RECORD)                                        \
    X(status_write, COST_STATUS_WRITE)                                        \
    X(register_access, COST_REGISTER_ACCESS)

enum cost {
#define COST_ENUM(name, id) id,
    COST_LIST(COST_ENUM)
#undef COST_ENUM
        COST_COUNT
};

struct cost_table {
    uint32_t cycles[COST_COUNT];
};

/* The defaults, and what each is called and where it comes from. */
extern const struct cost_table cost_defaults;
const char *cost_name(enum cost cost);
const char *cost_source(enum cost cost);

#endif /* MODELS_COMMON_COST_H */
