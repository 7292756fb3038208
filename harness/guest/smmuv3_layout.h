/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMMUv3 as a guest's driver writes it: register offsets, structures,
 * commands, events, descriptors (Arm IHI 0070).  For the guest models only;
 * judges and models have decoders of their own.
 */
#ifndef HARNESS_GUEST_SMMUV3_LAYOUT_H
#define HARNESS_GUEST_SMMUV3_LAYOUT_H

#include <stdint.h>

/* clang-format off */

#define GUEST_BIT(n)        (UINT64_C(1) << (n))
#define GUEST_PUT(v, shift) ((uint64_t)(v) << (shift))
#define GUEST_GET(word, shift, bits) \
    ((word) >> (shift) & (GUEST_BIT(bits) - 1))

/* Registers (chapter 6), offsets in bytes; page 1 is 64 KiB above page 0. */
#define GUEST_IDR(n)            (0x00000u + 4 * (n))
#define GUEST_IIDR              0x00018
#define GUEST_CR0               0x00020
#define GUEST_CR0ACK            0x00024
#define GUEST_CR1               0x00028
#define GUEST_CR2               0x0002c
#define GUEST_GBPA              0x00044
#define GUEST_IRQ_CTRL          0x00050
#define GUEST_IRQ_CTRLACK       0x00054
#define GUEST_GERROR            0x00060
#define GUEST_GERRORN           0x00064
#define GUEST_GERROR_IRQ_CFG0   0x00068
#define GUEST_STRTAB_BASE       0x00080
#define GUEST_STRTAB_BASE_CFG   0x00088
#define GUEST_CMDQ_BASE         0x00090
#define GUEST_CMDQ_PROD         0x00098
#define GUEST_CMDQ_CONS         0x0009c
#define GUEST_EVENTQ_BASE       0x000a0
#define GUEST_EVENTQ_IRQ_CFG0   0x000b0
#define GUEST_EVENTQ_PROD       0x100a8
#define GUEST_EVENTQ_CONS       0x100ac

#define GUEST_IDR0_HYP          (1u << 9)
#define GUEST_IDR0_ST_LEVEL(v)  ((v) >> 27 & 3)
#define GUEST_IDR1_SIDSIZE(v)   ((v) & 0x3f)
#define GUEST_IDR1_EVENTQS(v)   ((v) >> 16 & 0x1f)
#define GUEST_IDR1_CMDQS(v)     ((v) >> 21 & 0x1f)
#define GUEST_IDR5_OAS(v)       ((v) & 7)

#define GUEST_CR0_SMMUEN        (1u << 0)
#define GUEST_CR0_EVENTQEN      (1u << 2)
#define GUEST_CR0_CMDQEN        (1u << 3)
/* Tables and queues: inner shareable, write-back inside and outside. */
#define GUEST_CR1_CACHED        0xd75u
#define GUEST_CR2_E2H           (1u << 0)
#define GUEST_CR2_RECINVSID     (1u << 1)
#define GUEST_CR2_PTM           (1u << 2)
#define GUEST_GBPA_ABORT        (1u << 20)
#define GUEST_GBPA_UPDATE       (1u << 31)
#define GUEST_IRQ_GERROR        (1u << 0)
#define GUEST_IRQ_EVENTQ        (1u << 2)
#define GUEST_GERROR_CMDQ_ERR   (1u << 0)

#define GUEST_BASE_RA           GUEST_BIT(62) /* WA of a queue written to */
#define GUEST_STRTAB_LOG2SIZE(n) (n)
#define GUEST_STRTAB_SPLIT(n)   ((n) << 6)
#define GUEST_STRTAB_2LVL       (1u << 16)

/* PROD and CONS (3.5.1): an index, the wrap bit above it; then the overflow
 * flag of an output queue, or the command queue's error. */
#define GUEST_INDEX_MASK        0xfffffu
#define GUEST_OVERFLOW_FLAG     (1u << 31)
#define GUEST_CONS_ERR(v)       ((v) >> 24 & 0x7f)
#define GUEST_CERROR_ILL        1u

/* Stream table (5.1, 5.2). */
#define GUEST_STE_SHIFT         6       /* log2 of bytes */
#define GUEST_L1STD_SHIFT       3
#define GUEST_L1STD_SPAN(n)     ((uint64_t)(n))
#define GUEST_L2PTR_MASK        UINT64_C(0x00ffffffffffffc0)

#define GUEST_V                 GUEST_BIT(0)
#define GUEST_STE_CONFIG(v)     GUEST_PUT(v, 1)
#define GUEST_STE_S1FMT(v)      GUEST_PUT(v, 4)
#define GUEST_STE_S1CDMAX(v)    GUEST_PUT(v, 59)
/* word 1 */
#define GUEST_STE_S1DSS(v)      GUEST_PUT(v, 0)
#define GUEST_STE_S1CACHED      UINT64_C(0xd4) /* CIR, COR WB-RA; CSH ISH */
#define GUEST_STE_CONT(v)       GUEST_PUT(v, 13)
#define GUEST_STE_MEV           GUEST_BIT(19)
#define GUEST_STE_S1STALLD      GUEST_BIT(27)
#define GUEST_STE_EATS(v)       GUEST_PUT(v, 28)
#define GUEST_STE_STRW(v)       GUEST_PUT(v, 30)
#define GUEST_STE_SHCFG(v)      GUEST_PUT(v, 44)
#define GUEST_STE_PRIVCFG(v)    GUEST_PUT(v, 48)
#define GUEST_STE_INSTCFG(v)    GUEST_PUT(v, 50)
/* word 2 */
#define GUEST_STE_S2VMID(v)     GUEST_PUT(v, 0)
#define GUEST_STE_S2T0SZ(v)     GUEST_PUT(v, 32)
#define GUEST_STE_S2SL0(v)      GUEST_PUT(v, 38)
#define GUEST_STE_S2CACHED      GUEST_PUT(0x35, 40) /* IR0, OR0, SH0 */
#define GUEST_STE_S2TG(v)       GUEST_PUT(v, 46)
#define GUEST_STE_S2PS(v)       GUEST_PUT(v, 48)
#define GUEST_STE_S2AA64        GUEST_BIT(51)
#define GUEST_STE_S2AFFD        GUEST_BIT(53)
#define GUEST_STE_S2PTW         GUEST_BIT(54)
#define GUEST_STE_S2S           GUEST_BIT(57)
#define GUEST_STE_S2R           GUEST_BIT(58)

/* Context descriptors (5.3, 5.4). */
#define GUEST_CD_SHIFT          6
#define GUEST_L1CD_SHIFT        3
#define GUEST_L1CD_PTR_MASK     UINT64_C(0x00fffffffffff000)
#define GUEST_CD_T0SZ(v)        GUEST_PUT(v, 0)
#define GUEST_CD_TG0(v)         GUEST_PUT(v, 6)
#define GUEST_CD_CACHED0        GUEST_PUT(0x35, 8)  /* IR0, OR0, SH0 */
#define GUEST_CD_EPD0           GUEST_BIT(14)
#define GUEST_CD_T1SZ(v)        GUEST_PUT(v, 16)
#define GUEST_CD_TG1(v)         GUEST_PUT(v, 22)
#define GUEST_CD_CACHED1        GUEST_PUT(0x35, 24) /* IR1, OR1, SH1 */
#define GUEST_CD_EPD1           GUEST_BIT(30)
#define GUEST_CD_V              GUEST_BIT(31)
#define GUEST_CD_IPS(v)         GUEST_PUT(v, 32)
#define GUEST_CD_AFFD           GUEST_BIT(35)
#define GUEST_CD_WXN            GUEST_BIT(36)
#define GUEST_CD_UWXN           GUEST_BIT(37)
#define GUEST_CD_TBI0           GUEST_BIT(38)
#define GUEST_CD_TBI1           GUEST_BIT(39)
#define GUEST_CD_PAN            GUEST_BIT(40)
#define GUEST_CD_AA64           GUEST_BIT(41)
#define GUEST_CD_S              GUEST_BIT(44)
#define GUEST_CD_R              GUEST_BIT(45)
#define GUEST_CD_A              GUEST_BIT(46)
#define GUEST_CD_ASET           GUEST_BIT(47)
#define GUEST_CD_ASID(v)        GUEST_PUT(v, 48)
#define GUEST_CD_HAD            GUEST_BIT(1) /* words 1 and 2 */
/* Attribute 0: normal memory, write-back; what AttrIndx 0 names. */
#define GUEST_CD_MAIR           UINT64_C(0xff)

/* VMSAv8-64 descriptors. */
#define GUEST_PTE_VALID         GUEST_BIT(0)
#define GUEST_PTE_TABLE         GUEST_BIT(1) /* or a page at level 3 */
#define GUEST_PTE_MEMATTR_WB    GUEST_PUT(0xf, 2) /* stage 2 */
#define GUEST_PTE_AP(v)         GUEST_PUT(v, 6)   /* S2AP at stage 2 */
#define GUEST_PTE_ISH           GUEST_PUT(3, 8)
#define GUEST_PTE_AF            GUEST_BIT(10)
#define GUEST_PTE_NG            GUEST_BIT(11)
#define GUEST_PTE_PXN           GUEST_BIT(53)
#define GUEST_PTE_XN            GUEST_BIT(54)
#define GUEST_PTE_S2XN(v)       GUEST_PUT(v, 53)
#define GUEST_PTE_ADDRESS       UINT64_C(0x0000fffffffff000)

/* Commands (chapter 4): low half, then high half. */
#define GUEST_CMD_SHIFT         4
#define GUEST_CMD_SSV           GUEST_BIT(11)
#define GUEST_CMD_SSID(v)       GUEST_PUT(v, 12)
#define GUEST_CMD_SID(v)        GUEST_PUT(v, 32)
#define GUEST_CMD_NUM(v)        GUEST_PUT(v, 12)
#define GUEST_CMD_SCALE(v)      GUEST_PUT(v, 20)
#define GUEST_CMD_VMID(v)       GUEST_PUT(v, 32)
#define GUEST_CMD_ASID(v)       GUEST_PUT(v, 48)
#define GUEST_CMD_CS(v)         GUEST_PUT(v, 12)
#define GUEST_CMD_LEAF          GUEST_BIT(0)
#define GUEST_CMD_RANGE(v)      GUEST_PUT(v, 0)
#define GUEST_CMD_RANGE_ALL     31u
#define GUEST_CMD_SIZE(v)       GUEST_PUT(v, 0)
#define GUEST_CMD_STRIDE(v)     GUEST_PUT(v, 5)
#define GUEST_CMD_TTL(v)        GUEST_PUT(v, 8)
#define GUEST_CMD_TG(v)         GUEST_PUT(v, 10)
#define GUEST_CMD_ADDRESS       (~UINT64_C(0xfff))

/* Event records (7.3). */
#define GUEST_C_BAD_SUBSTREAMID 0x08
#define GUEST_EVENT_SHIFT       5
#define GUEST_EVENT_TYPE(w0)    GUEST_GET(w0, 0, 8)
#define GUEST_EVENT_SSV(w0)     GUEST_GET(w0, 11, 1)
#define GUEST_EVENT_SSID(w0)    GUEST_GET(w0, 12, 20)
#define GUEST_EVENT_SID(w0)     GUEST_GET(w0, 32, 32)
#define GUEST_EVENT_STALL(w1)   GUEST_GET(w1, 31, 1)
#define GUEST_EVENT_PNU(w1)     GUEST_GET(w1, 33, 1)
#define GUEST_EVENT_IND(w1)     GUEST_GET(w1, 34, 1)
#define GUEST_EVENT_RNW(w1)     GUEST_GET(w1, 35, 1)
#define GUEST_EVENT_S2(w1)      GUEST_GET(w1, 39, 1)
#define GUEST_EVENT_CLASS(w1)   GUEST_GET(w1, 40, 2)
/* Of word 3: an IPA (55:12) or a fetch address (55:3). */
#define GUEST_EVENT_ADDRESS     UINT64_C(0x00fffffffffffff8)

/* clang-format on */

_Static_assert(GUEST_CR1_CACHED ==
                   (3 << 10 | 1 << 8 | 1 << 6 | 3 << 4 | 1 << 2 | 1),
               "TABLE_SH, OC, IC; QUEUE_SH, OC, IC");
_Static_assert(GUEST_STE_S1CACHED == (3 << 6 | 1 << 4 | 1 << 2),
               "S1CSH, S1COR, S1CIR");
_Static_assert(GUEST_STE_S2R == GUEST_BIT(186 - 128) &&
                   GUEST_STE_STRW(3) == GUEST_PUT(3, 95 - 1 - 64),
               "bit numbers of the STE");

#endif /* HARNESS_GUEST_SMMUV3_LAYOUT_H */
