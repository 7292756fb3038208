/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calibration: the cost law of the C models against measured cycles of the
 * RTL.  A sample is one configuration and its traffic, the same on both: the
 * RTL is clocked, the C model counts what it spends.
 */
#ifndef TESTS_RTL_CALIBRATE_H
#define TESTS_RTL_CALIBRATE_H

#include <common/cost.h>
#include <rtl/rtl.h>

#include <stdbool.h>
#include <stdint.h>

enum cal_unit { CAL_VTD, CAL_STAGE1, CAL_STAGE2, CAL_NESTED };

/* What is measured. */
struct cal_config {
    const char *name;
    enum cal_unit unit;
    bool fit;            /* the law is fitted to it, else only judged by it */
    unsigned int levels; /* VT-d: 3 or 4; else the start level */
    unsigned int size;   /* of the pages: 0 4 KiB, 1 2 MiB, 2 1 GiB */
    unsigned int pages;  /* of the working set: with the TLB's 64 entries this
                          * is the share of hits */
    unsigned int latency_min, latency_max; /* of memory, cycles */
};

struct cal_sample {
    unsigned int requests, hits;
    uint64_t count[COST_COUNT]; /* of the C model's spending */
    uint64_t reads;             /* of memory, for tables */
    uint64_t cycles;            /* of the RTL */
    const char *broken;         /* the two disagreed; NULL: no */
};

#define CAL_REQUESTS 4000u
#define CAL_MEMORY   (UINT64_C(128) << 20)
#define CAL_IOVA     (UINT64_C(1) << 33)

/* Memory of both, and what the C model's port counts. */
struct cal_world {
    uint8_t *memory;
    uint64_t next; /* page of the allocator */
    bool counting;
    struct cal_sample *sample;
};
uint64_t *cal_word(const struct cal_world *world, uint64_t address);
uint64_t cal_page(struct cal_world *world);
/* The page of the n-th request. */
unsigned int cal_next(const struct cal_config *config, uint64_t *random);
struct rtl_memory cal_memory(const struct cal_config *config,
                             struct cal_world *world);

struct port_ops;
extern const struct port_ops cal_port;

void cal_vtd(const struct cal_config *config, struct cal_world *world);
void cal_smmuv3(const struct cal_config *config, struct cal_world *world);

/* Cycles of one invalidation of everything, an idle unit of @size. */
uint64_t cal_vtd_invalidation(enum rtl_size size);

#endif /* TESTS_RTL_CALIBRATE_H */
