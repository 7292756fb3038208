/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Default costs.  Those with a measured source follow its law: a hit costs
 * 2 cycles end to end, a walk of N reads at memory latency L costs
 * 3 + N * (L + 1), a context fetch L + 9 more (L itself is the memory's).
 */
#include <common/cost.h>

#define RTL      "measured on the RTL of the Zero-day Labs RISC-V IOMMU"
#define GEM5     "gem5, SMMUv3.py"
#define ESTIMATE "estimate, no published figure"

/* enumerator, cycles, source */
#define DEFAULTS(X)                                                           \
    X(COST_CONFIG_LOOKUP, 3, GEM5)                                            \
    X(COST_TLB_LOOKUP, 2, RTL)                                                \
    X(COST_WALK_LOOKUP, 4, GEM5)                                              \
    X(COST_WALK_START, 3, RTL)                                                \
    X(COST_WALK_STEP, 1, RTL)                                                 \
    X(COST_CONFIG_FETCH, 9, RTL)                                              \
    X(COST_QUEUE_FETCH, 4, ESTIMATE)                                          \
    X(COST_INVALIDATE, 8, ESTIMATE)                                           \
    X(COST_FAULT_RECORD, 4, ESTIMATE)                                         \
    X(COST_STATUS_WRITE, 4, ESTIMATE)                                         \
    X(COST_REGISTER_ACCESS, 4, ESTIMATE)

#define COUNT(id, cycles, source) +1
_Static_assert(0 DEFAULTS(COUNT) == COST_COUNT, "every cost has a default");

const struct cost_table cost_defaults = {
    .cycles = {
#define CYCLES(id, value, source) [id] = value,
        DEFAULTS(CYCLES)
    },
};

static const char *const cost_sources[COST_COUNT] = {
#define SOURCE(id, value, source) [id] = source,
    DEFAULTS(SOURCE)
};

static const char *const cost_names[COST_COUNT] = {
#define NAME(name, id) [id] = #name,
    COST_LIST(NAME)
};

const char *cost_name(enum cost cost)
{
    return cost_names[cost];
}

const char *cost_source(enum cost cost)
{
    return cost_sources[cost];
}
