/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of arrays for the oracle's tests: memory, a p2m, registers that the
 * test sets as the unit would, and the findings.
 */
#ifndef TESTS_ORACLE_WORLD_H
#define TESTS_ORACLE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <oracle/vtd/vtd.h>

#define MEMORY_BYTES UINT64_C(0x400000)
#define HPA_OFFSET   UINT64_C(0x700000000)
#define FINDINGS_MAX 64

/* Where the tests put things. */
#define ROOT     UINT64_C(0x1000)
#define CONTEXTS UINT64_C(0x2000)
#define QUEUE    UINT64_C(0x8000)
#define STATUS   UINT64_C(0x9000)
#define ROOT2    UINT64_C(0xa000)
#define CONTEXT2 UINT64_C(0xb000)
/* Three levels of tables in a row: level 3, 2, 1. */
#define TABLES_A UINT64_C(0x10000)
#define TABLES_B UINT64_C(0x20000)
#define DATA     UINT64_C(0x100000)
#define DATA2    UINT64_C(0x200000)
#define HOLE     UINT64_C(0x300000)
#define ROM      UINT64_C(0x301000)

#define IOVA  UINT64_C(0x40000000) /* index 1 at level 3 */
#define DEV_A 0x08u
#define DEV_B 0x10u

/* CAP: ND=2 (256), SAGAW 39 and 48, MGAW 48, 2M and 1G, PSI, MAMV=9, FRO=22h,
 * DRD and DWD. */
#define CAP_BASE                                                              \
    (UINT64_C(2) | UINT64_C(6) << 8 | UINT64_C(47) << 16 |                    \
     UINT64_C(0x22) << 24 | UINT64_C(3) << 34 | UINT64_C(1) << 39 |           \
     UINT64_C(9) << 48 | UINT64_C(3) << 54)
#define CAP_CM_BIT      (UINT64_C(1) << 7)
#define CAP_DRAIN_BITS  (UINT64_C(3) << 54)
#define CAP_ESRTPS_BIT  (UINT64_C(1) << 63)
#define CAP_NFR_BITS(n) ((uint64_t)((n)-1) << 40)
#define FRCD_AT         0x220u
/* ECAP: QI, PT, IRO=0Fh. */
#define ECAP_BASE (UINT64_C(2) | UINT64_C(0x40) | UINT64_C(0xf) << 8)
#define IVA_AT    0x0f0u
#define IOTLB_AT  0x0f8u

#define R    1u
#define W    2u
#define RW   3u
#define PS   UINT64_C(0x80)
#define NONE UINT32_MAX

struct world {
    struct oracle *oracle;
    struct oracle_config config;
    uint64_t *memory;
    uint8_t reg[4096];
    enum oracle_memory type[MEMORY_BYTES / 4096];
    uint64_t hpa[MEMORY_BYTES / 4096];
    struct {
        const char *property, *rule;
        char message[256];
    } finding[FINDINGS_MAX];
    unsigned int findings;
    uint64_t tail; /* of the queue, bytes */
    /* What P3 and P5 meet; by default what the tables say. */
    void (*effective)(struct world *w, const struct oracle_dma *dma,
                      bool hardware, struct oracle_outcome *outcome);
    uint64_t exception; /* a page, for the tests' own effective() */
    struct oracle_outcome instead;
};

/* Two devices with domain-ids 1 and 2; device A maps IOVA.. to DATA.. */
struct options {
    uint64_t cap; /* added to CAP_BASE */
    uint64_t cap_clear;
    uint64_t ecap;
    uint32_t version; /* 0: 1.0 */
    bool virtual_unit, collapses, replay;
    bool off; /* leave translation and queue off */
};
void world_start(struct world *w, const struct options *options);
void world_end(struct world *w);

/* The software. */
void store(struct world *w, uint64_t gpa, uint64_t value);
void set_context(struct world *w, uint64_t table, uint32_t source,
                 uint64_t low, uint64_t high);
uint64_t context_high(unsigned int aw, uint16_t did);
void map_page(struct world *w, uint64_t tables, uint64_t iova, uint64_t pte);
void write_reg(struct world *w, uint32_t offset, unsigned int size,
               uint64_t value);
void gcmd(struct world *w, uint32_t value); /* the unit follows at once */
void submit(struct world *w, uint64_t low, uint64_t high);
void tail(struct world *w); /* makes what was submitted visible */

/* The unit. */
void set_reg(struct world *w, uint32_t offset, unsigned int size,
             uint64_t value);
uint64_t get_reg(struct world *w, uint32_t offset, unsigned int size);
void status(struct world *w, uint64_t gpa, uint32_t value);
void follow_queue(struct world *w); /* IQH = tail */

/* A batch: one descriptor and a wait, completed at once. */
void invalidate(struct world *w, uint64_t low, uint64_t high);

/* Descriptors. */
#define CC_GLOBAL    UINT64_C(0x11), 0
#define CC_DOMAIN(d) (UINT64_C(0x21) | (uint64_t)(d) << 16), 0
#define CC_DEVICE(d, sid, fm)                                                 \
    (UINT64_C(0x31) | (uint64_t)(d) << 16 | (uint64_t)(sid) << 32 |           \
     (uint64_t)(fm) << 48),                                                   \
        0
#define IOTLB_GLOBAL    UINT64_C(0x12), 0
#define IOTLB_DOMAIN(d) (UINT64_C(0x22) | (uint64_t)(d) << 16), 0
#define IOTLB_PAGE(d, address, am)                                            \
    (UINT64_C(0x32) | (uint64_t)(d) << 16), ((address) | (uint64_t)(am))
#define IH        UINT64_C(0x40)
#define DESC_DRDW UINT64_C(0xc0)
#define WAIT(address, data)                                                   \
    (UINT64_C(0x25) | (uint64_t)(data) << 32), (address)

/* Devices. */
struct oracle_outcome to(uint64_t gpa, unsigned int rights); /* by the p2m */
extern const struct oracle_outcome blocked;
unsigned int begin(struct world *w, uint32_t source, uint64_t iova,
                   bool write);
/* The oracle has nothing against this outcome. */
bool legal(struct world *w, uint32_t source, uint64_t iova, bool write,
           struct oracle_outcome outcome);
bool end_legal(struct world *w, unsigned int id,
               struct oracle_outcome outcome);
/* The last finding is this one. */
bool found(const struct world *w, const char *property, const char *rule);
/* One of the findings is. */
bool reported(const struct world *w, const char *property, const char *rule);

#endif /* TESTS_ORACLE_WORLD_H */
