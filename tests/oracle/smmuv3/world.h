/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world (common.h) of the oracle's SMMUv3. */
#ifndef TESTS_ORACLE_SMMUV3_WORLD_H
#define TESTS_ORACLE_SMMUV3_WORLD_H

#include "common.h"

#include <oracle/smmuv3/smmuv3.h>

/* Where the tests put things. */
#define STRTAB UINT64_C(0x4000) /* linear, 64 streams */
#define CDS    UINT64_C(0x8000) /* 16 for each stream */
#define CMDQ   UINT64_C(0x10000)
#define EVENTQ UINT64_C(0x11000)
#define L1TAB  UINT64_C(0x12000)
#define L2TAB  UINT64_C(0x14000)
/* Three levels of 4 KiB tables in a row: level 1, 2, 3. */
#define TABLES_A UINT64_C(0x20000)
#define TABLES_B UINT64_C(0x30000)
#define TABLES_2 UINT64_C(0x40000) /* of stage 2 */
#define BIG      UINT64_C(0x80000) /* tables of 16 and 64 KiB */
#define DATA     UINT64_C(0x200000)
#define DATA2    UINT64_C(0x400000)
#define HOLE     UINT64_C(0x700000)
#define ROM      UINT64_C(0x701000)

#define IOVA  UINT64_C(0x40000000) /* index 1 at level 1 */
#define DEV_A 3u
#define DEV_B 5u

/* All that is built: stages 1 and 2, 16-bit ASIDs and VMIDs, two levels, Hyp,
 * 8 bits of SIDs, 8 of SSIDs, queues up to 2^8, all granules, 48 bits. */
#define IDR0_BASE                                                             \
    (BIT(0) | BIT(1) | BIT(3) | BIT(9) | BIT(12) | BIT(18) | BIT(19) |        \
     BIT(22) | BIT(24) | BIT(27))
#define IDR1_BASE                                                             \
    (8 | 8 << 6 | UINT64_C(8) << 16 | UINT64_C(8) << 21 | BIT(26))
#define IDR3_BASE (BIT(2) | BIT(4) | BIT(10) | UINT64_C(2) << 11)
#define IDR5_BASE (5 | BIT(4) | BIT(5) | BIT(6))

#define X   4u
#define RWX 7u

/* Leaves of stage 1: a page, access flag, not global, open to all. */
#define PAGE  (UINT64_C(3) | BIT(10) | BIT(11) | BIT(6))
#define BLOCK (PAGE & ~BIT(1))
#define RO    BIT(7)
#define PRIV  BIT(6) /* taken away: privileged only */
#define NG    BIT(11)
#define AF    BIT(10)
#define TABLE UINT64_C(3)
/* Of stage 2. */
#define S2PAGE (UINT64_C(3) | BIT(10) | UINT64_C(15) << 2 | BIT(6) | BIT(7))

/* Two streams, A with ASID 1, B with ASID 2, both at stage 1 alone; A maps
 * IOVA to DATA. */
struct options {
    uint64_t idr0, idr0_clear, idr1, idr1_clear, idr3_clear;
    uint32_t options;
    bool virtual_unit;
    bool off; /* leave everything off */
};
void world_start(struct world *w, const struct options *options);

/* ---- structures ---- */
struct ste {
    unsigned int config; /* 4 bypass, 5, 6, 7; 8: V = 0 */
    uint64_t cd;
    unsigned int cdmax, fmt, dss, strw, privcfg, instcfg, cont;
    bool mev;
    uint16_t vmid;
    unsigned int t0sz, sl0, tg, ps; /* of stage 2 */
    uint64_t ttb;
    bool s2r, affd, ptw;
    uint64_t flip0, flip1, flip2, flip3; /* bits to be inverted */
};
void set_ste(struct world *w, uint32_t sid, const struct ste *ste);
void set_ste_at(struct world *w, uint64_t at, const struct ste *ste);

struct cd {
    uint16_t asid;
    uint64_t ttb0, ttb1;
    unsigned int t0sz, t1sz, tg0, tg1; /* T0SZ 0: 25 */
    bool high;                         /* TTB1 too; else EPD1 = 1 */
    uint64_t flip0, or1, or2;          /* bits of word 0 to be inverted */
};
void set_cd(struct world *w, uint64_t at, const struct cd *cd);
uint64_t cd_at(uint32_t sid, uint32_t ssid);
/* The usual ones of the two streams. */
extern const struct ste ste_a, ste_b, ste_bypass, ste_stage2, ste_nested;
extern const struct cd cd_a, cd_b;

/* ---- the software ---- */
void submit(struct world *w, uint64_t low, uint64_t high);
void prod(struct world *w); /* makes what was submitted visible */

/* ---- the unit ---- */
void consume(struct world *w); /* CMDQ_CONS = CMDQ_PROD */
/* Writes an event as the unit would. */
void record(struct world *w, uint64_t w0, uint64_t w1, uint64_t w2,
            uint64_t w3);
void wire(struct world *w, unsigned int number);
#define WIRE_EVENTQ 74
#define WIRE_SYNC   76
#define WIRE_GERROR 77

/* One command and a SYNC, completed at once. */
void command(struct world *w, uint64_t low, uint64_t high);

#define CFGI_STE(sid, leaf) (UINT64_C(3) | (uint64_t)(sid) << 32), (leaf)
#define CFGI_ALL            UINT64_C(4), UINT64_C(31)
#define CFGI_RANGE(sid, n)  (UINT64_C(4) | (uint64_t)(sid) << 32), (n)
#define CFGI_CD(sid, ssid, leaf)                                              \
    (UINT64_C(5) | (uint64_t)(ssid) << 12 | (uint64_t)(sid) << 32), (leaf)
#define CFGI_CD_ALL(sid) (UINT64_C(6) | (uint64_t)(sid) << 32), 0
#define NH_ALL(vmid)     (UINT64_C(0x10) | (uint64_t)(vmid) << 32), 0
#define NH_ASID(vmid, asid)                                                   \
    (UINT64_C(0x11) | (uint64_t)(vmid) << 32 | (uint64_t)(asid) << 48), 0
#define NH_VA(vmid, asid, va, leaf)                                           \
    (UINT64_C(0x12) | (uint64_t)(vmid) << 32 | (uint64_t)(asid) << 48),       \
        ((va) | (leaf))
#define NH_VAA(vmid, va, leaf)                                                \
    (UINT64_C(0x13) | (uint64_t)(vmid) << 32), ((va) | (leaf))
#define EL2_ALL          UINT64_C(0x20), 0
#define EL2_ASID(asid)   (UINT64_C(0x21) | (uint64_t)(asid) << 48), 0
#define EL2_VA(asid, va) (UINT64_C(0x22) | (uint64_t)(asid) << 48), (va)
#define EL2_VAA(va)      UINT64_C(0x23), (va)
#define S12_VMALL(vmid)  (UINT64_C(0x28) | (uint64_t)(vmid) << 32), 0
#define S2_IPA(vmid, ipa, l)                                                  \
    (UINT64_C(0x2a) | (uint64_t)(vmid) << 32), ((ipa) | (l))
#define NSNH_ALL UINT64_C(0x30), 0
#define SYNC     UINT64_C(0x46), 0
#define SYNC_IRQ UINT64_C(0x1046), 0
/* Range invalidation: more bits of the two words. */
#define NUM_SCALE(num, scale) ((uint64_t)(num) << 12 | (uint64_t)(scale) << 20)
#define TG_TTL(tg, ttl)       ((uint64_t)(tg) << 10 | (uint64_t)(ttl) << 8)

/* What a terminated access answers that is read as zero. */
extern const struct oracle_outcome zeroes;

#endif /* TESTS_ORACLE_SMMUV3_WORLD_H */
