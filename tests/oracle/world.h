/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world (common.h) of the oracle's VT-d. */
#ifndef TESTS_ORACLE_WORLD_H
#define TESTS_ORACLE_WORLD_H

#include "common.h"

#include <oracle/vtd/vtd.h>

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

#define PS UINT64_C(0x80)

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

/* The software. */
void set_context(struct world *w, uint64_t table, uint32_t source,
                 uint64_t low, uint64_t high);
uint64_t context_high(unsigned int aw, uint16_t did);
void gcmd(struct world *w, uint32_t value); /* the unit follows at once */
void submit(struct world *w, uint64_t low, uint64_t high);
void tail(struct world *w); /* makes what was submitted visible */

/* The unit. */
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

#endif /* TESTS_ORACLE_WORLD_H */
