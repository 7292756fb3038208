/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Verilated units for C: what is common to them.
 *
 * A unit serves one request at a time.  A call clocks it until the answer is
 * there; memory is a callback and a latency.  Nothing here is thread-safe.
 */
#ifndef MODELS_RTL_RTL_H
#define MODELS_RTL_RTL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Geometries of the translation cache that are built. */
enum rtl_size {
    RTL_16X2, /* entries x ways: small, for replacement and conflicts */
    RTL_64X4,
    RTL_2048X4, /* the C models' default */
    RTL_SIZES
};
unsigned int rtl_entries(enum rtl_size size);
unsigned int rtl_ways(enum rtl_size size);

/* Memory as a unit sees it. */
struct rtl_memory {
    /* An aligned word; false: the bus aborts the read.  Called when the
     * request is taken, in the middle of a clock cycle. */
    bool (*read)(void *world, uint64_t address, uint64_t *value);
    void *world;
    unsigned int latency_min, latency_max; /* cycles, 1 or more */
    unsigned int busy;                     /* not ready one cycle in so many
                                            * (2 or more); 0: never */
    uint64_t seed;                         /* of both */
};

struct rtl_memory_stats {
    uint64_t reads;
};

/* What both kinds of unit have: rtl_vtd_unit(), rtl_smmu_unit(). */
struct rtl_unit;

void rtl_unit_set_latency(struct rtl_unit *unit, unsigned int min,
                          unsigned int max);
uint64_t rtl_unit_cycles(const struct rtl_unit *unit);
/* An assertion of the RTL has failed; it was printed. */
bool rtl_unit_broken(const struct rtl_unit *unit);
/* Waves from now on; false: the file can't be written, or it is not RTL_64X4,
 * the only size that is built with waves. */
bool rtl_unit_trace(struct rtl_unit *unit, const char *file);

#ifdef __cplusplus
}
#endif

#endif /* MODELS_RTL_RTL_H */
