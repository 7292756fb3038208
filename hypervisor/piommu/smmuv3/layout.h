/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts of SMMUv3, non-secure programming interface (Arm IHI 0070):
 * registers (chapter 6), structures in memory (5), commands (4), events (7).
 * Names are the specification's.  The driver of the physical unit and the
 * virtual unit both use this one description.
 *
 * Fields of 64 bits: SMMU_GET(v, hi, lo) within one 64-bit word.  A field that
 * the specification numbers 64 + n is bit n of word 1, and so on.
 */
#ifndef PIOMMU_SMMUV3_LAYOUT_H
#define PIOMMU_SMMUV3_LAYOUT_H

#include <types.h>

#define SMMU_BIT(n) (UINT64_C(1) << (n))
#define SMMU_MASK(hi, lo)                                                     \
    ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define SMMU_GET(v, hi, lo) (((v)&SMMU_MASK(hi, lo)) >> (lo))
#define SMMU_PUT(v, hi, lo) (((uint64_t)(v) << (lo)) & SMMU_MASK(hi, lo))

/* ---- registers (6.3) ---------------------------------------------------- */

#define SMMU_REGISTERS_SIZE 0x20000u /* two pages of 64 KiB */

#define SMMU_IDR0            0x00000
#define SMMU_IDR1            0x00004
#define SMMU_IDR2            0x00008
#define SMMU_IDR3            0x0000c
#define SMMU_IDR4            0x00010
#define SMMU_IDR5            0x00014
#define SMMU_IIDR            0x00018
#define SMMU_AIDR            0x0001c
#define SMMU_CR0             0x00020
#define SMMU_CR0ACK          0x00024
#define SMMU_CR1             0x00028
#define SMMU_CR2             0x0002c
#define SMMU_GBPA            0x00044
#define SMMU_IRQ_CTRL        0x00050
#define SMMU_IRQ_CTRLACK     0x00054
#define SMMU_GERROR          0x00060
#define SMMU_GERRORN         0x00064
#define SMMU_GERROR_IRQ_CFG0 0x00068
#define SMMU_GERROR_IRQ_CFG1 0x00070
#define SMMU_GERROR_IRQ_CFG2 0x00074
#define SMMU_STRTAB_BASE     0x00080
#define SMMU_STRTAB_BASE_CFG 0x00088
#define SMMU_CMDQ_BASE       0x00090
#define SMMU_CMDQ_PROD       0x00098
#define SMMU_CMDQ_CONS       0x0009c
#define SMMU_EVENTQ_BASE     0x000a0
#define SMMU_EVENTQ_IRQ_CFG0 0x000b0
#define SMMU_EVENTQ_IRQ_CFG1 0x000b8
#define SMMU_EVENTQ_IRQ_CFG2 0x000bc
#define SMMU_PRIQ_BASE       0x000c0
#define SMMU_PRIQ_IRQ_CFG0   0x000d0
#define SMMU_PRIQ_IRQ_CFG1   0x000d8
#define SMMU_PRIQ_IRQ_CFG2   0x000dc
#define SMMU_EVENTQ_PROD     0x100a8
#define SMMU_EVENTQ_CONS     0x100ac
#define SMMU_PRIQ_PROD       0x100c8
#define SMMU_PRIQ_CONS       0x100cc

/* IDR0 (6.3.1) */
#define SMMU_IDR0_S2P            SMMU_BIT(0)
#define SMMU_IDR0_S1P            SMMU_BIT(1)
#define SMMU_IDR0_TTF(v)         ((unsigned int)SMMU_GET(v, 3, 2))
#define SMMU_TTF_AARCH32         1u /* a mask */
#define SMMU_TTF_AARCH64         2u
#define SMMU_IDR0_COHACC         SMMU_BIT(4)
#define SMMU_IDR0_BTM            SMMU_BIT(5)
#define SMMU_IDR0_DORMHINT       SMMU_BIT(8)
#define SMMU_IDR0_HYP            SMMU_BIT(9)
#define SMMU_IDR0_ATS            SMMU_BIT(10)
#define SMMU_IDR0_NS1ATS         SMMU_BIT(11)
#define SMMU_IDR0_ASID16         SMMU_BIT(12)
#define SMMU_IDR0_MSI            SMMU_BIT(13)
#define SMMU_IDR0_SEV            SMMU_BIT(14)
#define SMMU_IDR0_ATOS           SMMU_BIT(15)
#define SMMU_IDR0_PRI            SMMU_BIT(16)
#define SMMU_IDR0_VMW            SMMU_BIT(17)
#define SMMU_IDR0_VMID16         SMMU_BIT(18)
#define SMMU_IDR0_CD2L           SMMU_BIT(19)
#define SMMU_IDR0_VATOS          SMMU_BIT(20)
#define SMMU_IDR0_TTENDIAN(v)    ((unsigned int)SMMU_GET(v, 22, 21))
#define SMMU_TTENDIAN_MIXED      0u
#define SMMU_TTENDIAN_LITTLE     2u
#define SMMU_TTENDIAN_BIG        3u
#define SMMU_IDR0_ATSRECERR      SMMU_BIT(23)
#define SMMU_IDR0_STALL_MODEL(v) ((unsigned int)SMMU_GET(v, 25, 24))
#define SMMU_STALL_AND_TERMINATE 0u
#define SMMU_TERMINATE_ONLY      1u
#define SMMU_STALL_FORCED        2u
#define SMMU_IDR0_TERM_MODEL     SMMU_BIT(26)
#define SMMU_IDR0_ST_LEVEL(v)    ((unsigned int)SMMU_GET(v, 28, 27))

/* IDR1 (6.3.2) */
#define SMMU_IDR1_SIDSIZE(v)     ((unsigned int)SMMU_GET(v, 5, 0))
#define SMMU_IDR1_SSIDSIZE(v)    ((unsigned int)SMMU_GET(v, 10, 6))
#define SMMU_IDR1_EVENTQS(v)     ((unsigned int)SMMU_GET(v, 20, 16))
#define SMMU_IDR1_CMDQS(v)       ((unsigned int)SMMU_GET(v, 25, 21))
#define SMMU_IDR1_ATTR_PERMS_OVR SMMU_BIT(26)
#define SMMU_IDR1_ATTR_TYPES_OVR SMMU_BIT(27)
#define SMMU_IDR1_REL            SMMU_BIT(28)
#define SMMU_IDR1_QUEUES_PRESET  SMMU_BIT(29)
#define SMMU_IDR1_TABLES_PRESET  SMMU_BIT(30)
#define SMMU_IDR1_ECMDQ          SMMU_BIT(31)
#define SMMU_QUEUE_LOG2SIZE_MAX  19u

/* IDR3 (6.3.4) */
#define SMMU_IDR3_HAD     SMMU_BIT(2)
#define SMMU_IDR3_PBHA    SMMU_BIT(3)
#define SMMU_IDR3_XNX     SMMU_BIT(4)
#define SMMU_IDR3_PPS     SMMU_BIT(5)
#define SMMU_IDR3_MPAM    SMMU_BIT(7)
#define SMMU_IDR3_FWB     SMMU_BIT(8)
#define SMMU_IDR3_STT     SMMU_BIT(9)
#define SMMU_IDR3_RIL     SMMU_BIT(10)
#define SMMU_IDR3_BBML(v) ((unsigned int)SMMU_GET(v, 12, 11))
#define SMMU_IDR3_E0PD    SMMU_BIT(13)

/* IDR5 (6.3.6).  OAS is coded as S2PS and IPS are. */
#define SMMU_IDR5_OAS(v)  ((unsigned int)SMMU_GET(v, 2, 0))
#define SMMU_IDR5_GRAN4K  SMMU_BIT(4)
#define SMMU_IDR5_GRAN16K SMMU_BIT(5)
#define SMMU_IDR5_GRAN64K SMMU_BIT(6)
#define SMMU_OAS_48       5u

/* AIDR (6.3.8): the architecture's version */
#define SMMU_AIDR_MAJOR(v) ((unsigned int)SMMU_GET(v, 7, 4))

/* CR0, CR0ACK (6.3.9, 6.3.10) */
#define SMMU_CR0_SMMUEN   (UINT32_C(1) << 0)
#define SMMU_CR0_PRIQEN   (UINT32_C(1) << 1)
#define SMMU_CR0_EVENTQEN (UINT32_C(1) << 2)
#define SMMU_CR0_CMDQEN   (UINT32_C(1) << 3)
#define SMMU_CR0_ATSCHK   (UINT32_C(1) << 4)

/* CR1 (6.3.11): attributes of accesses to tables and queues */
#define SMMU_CR1_TABLE_SH(v) ((uint32_t)SMMU_PUT(v, 11, 10))
#define SMMU_CR1_TABLE_OC(v) ((uint32_t)SMMU_PUT(v, 9, 8))
#define SMMU_CR1_TABLE_IC(v) ((uint32_t)SMMU_PUT(v, 7, 6))
#define SMMU_CR1_QUEUE_SH(v) ((uint32_t)SMMU_PUT(v, 5, 4))
#define SMMU_CR1_QUEUE_OC(v) ((uint32_t)SMMU_PUT(v, 3, 2))
#define SMMU_CR1_QUEUE_IC(v) ((uint32_t)SMMU_PUT(v, 1, 0))
#define SMMU_CR1_TABLE       ((uint32_t)SMMU_MASK(11, 6))
#define SMMU_CR1_QUEUE       ((uint32_t)SMMU_MASK(5, 0))
/* Shareability and cacheability, here and in STE, CD and TTD. */
#define SMMU_SH_NSH   0u
#define SMMU_SH_OSH   2u
#define SMMU_SH_ISH   3u
#define SMMU_CACHE_NC 0u
#define SMMU_CACHE_WB 1u
#define SMMU_CACHE_WT 2u

/* CR2 (6.3.12) */
#define SMMU_CR2_E2H       (UINT32_C(1) << 0)
#define SMMU_CR2_RECINVSID (UINT32_C(1) << 1)
#define SMMU_CR2_PTM       (UINT32_C(1) << 2)

/* GBPA (6.3.14) */
#define SMMU_GBPA_MEMATTR  ((uint32_t)SMMU_MASK(3, 0))
#define SMMU_GBPA_MTCFG    (UINT32_C(1) << 4)
#define SMMU_GBPA_ALLOCCFG ((uint32_t)SMMU_MASK(11, 8))
#define SMMU_GBPA_SHCFG    ((uint32_t)SMMU_MASK(13, 12))
#define SMMU_GBPA_PRIVCFG  ((uint32_t)SMMU_MASK(17, 16))
#define SMMU_GBPA_INSTCFG  ((uint32_t)SMMU_MASK(19, 18))
#define SMMU_GBPA_ABORT    (UINT32_C(1) << 20)
#define SMMU_GBPA_UPDATE   (UINT32_C(1) << 31)

/* IRQ_CTRL, IRQ_CTRLACK (6.3.16, 6.3.17) */
#define SMMU_IRQ_CTRL_GERROR (UINT32_C(1) << 0)
#define SMMU_IRQ_CTRL_PRIQ   (UINT32_C(1) << 1)
#define SMMU_IRQ_CTRL_EVENTQ (UINT32_C(1) << 2)

/* GERROR, GERRORN (6.3.18, 6.3.19): active where the two differ */
#define SMMU_GERROR_CMDQ_ERR       (UINT32_C(1) << 0)
#define SMMU_GERROR_EVENTQ_ABT     (UINT32_C(1) << 2)
#define SMMU_GERROR_PRIQ_ABT       (UINT32_C(1) << 3)
#define SMMU_GERROR_MSI_CMDQ_ABT   (UINT32_C(1) << 4)
#define SMMU_GERROR_MSI_EVENTQ_ABT (UINT32_C(1) << 5)
#define SMMU_GERROR_MSI_PRIQ_ABT   (UINT32_C(1) << 6)
#define SMMU_GERROR_MSI_GERROR_ABT (UINT32_C(1) << 7)
#define SMMU_GERROR_SFM            (UINT32_C(1) << 8)
#define SMMU_GERROR_ALL            UINT32_C(0x1fd)

/* *_IRQ_CFG0..2 (6.3.20 ff.) */
#define SMMU_IRQ_CFG0_ADDR SMMU_MASK(55, 2)

/* STRTAB_BASE, STRTAB_BASE_CFG (6.3.24, 6.3.25) */
#define SMMU_STRTAB_BASE_RA              SMMU_BIT(62)
#define SMMU_STRTAB_BASE_ADDR            SMMU_MASK(55, 6)
#define SMMU_STRTAB_BASE_CFG_FMT(v)      ((unsigned int)SMMU_GET(v, 17, 16))
#define SMMU_STRTAB_BASE_CFG_SPLIT(v)    ((unsigned int)SMMU_GET(v, 10, 6))
#define SMMU_STRTAB_BASE_CFG_LOG2SIZE(v) ((unsigned int)SMMU_GET(v, 5, 0))
#define SMMU_STRTAB_BASE_CFG_WRITABLE                                         \
    ((uint32_t)(SMMU_MASK(17, 16) | SMMU_MASK(10, 0)))
#define SMMU_STRTAB_BASE_CFG_PUT(fmt, split, log2size)                        \
    ((uint32_t)(SMMU_PUT(fmt, 17, 16) | SMMU_PUT(split, 10, 6) |              \
                SMMU_PUT(log2size, 5, 0)))
#define SMMU_STRTAB_LINEAR 0u
#define SMMU_STRTAB_2LEVEL 1u
#define SMMU_SID_MAX_BITS  32u

/* Queues (3.5; 6.3.26 ff.) */
#define SMMU_QUEUE_BASE_ALLOC       SMMU_BIT(62) /* RA or WA */
#define SMMU_QUEUE_BASE_ADDR        SMMU_MASK(55, 5)
#define SMMU_QUEUE_BASE_LOG2SIZE(v) ((unsigned int)SMMU_GET(v, 4, 0))
#define SMMU_QUEUE_POINTER          ((uint32_t)SMMU_MASK(19, 0))
#define SMMU_QUEUE_OVFLG            (UINT32_C(1) << 31) /* CONS: OVACKFLG */
#define SMMU_CMDQ_CONS_ERR(v)       ((unsigned int)SMMU_GET(v, 30, 24))
#define SMMU_CMDQ_CONS_ERR_PUT(v)   ((uint32_t)SMMU_PUT(v, 30, 24))
#define SMMU_CERROR_NONE            0u
#define SMMU_CERROR_ILL             1u
#define SMMU_CERROR_ABT             2u
#define SMMU_CERROR_ATC_INV_SYNC    3u

/* ---- stream table (5.1, 5.2) -------------------------------------------- */

#define SMMU_L1STD_SIZE    8u
#define SMMU_L1STD_SPAN(v) ((unsigned int)SMMU_GET(v, 4, 0))
#define SMMU_L1STD_L2PTR   SMMU_MASK(55, 6)

#define SMMU_STE_SIZE  64u
#define SMMU_STE_WORDS 8u

/* word 0 */
#define SMMU_STE0_V             SMMU_BIT(0)
#define SMMU_STE0_CONFIG(v)     ((unsigned int)SMMU_GET(v, 3, 1))
#define SMMU_STE0_CONFIG_PUT(v) SMMU_PUT(v, 3, 1)
#define SMMU_STE0_CONFIG_MASK   SMMU_MASK(3, 1)
#define SMMU_STE_CONFIG_BYPASS  4u /* below it: abort */
#define SMMU_STE_CONFIG_S1      5u
#define SMMU_STE_CONFIG_S2      6u
#define SMMU_STE_CONFIG_NESTED  7u
#define SMMU_STE0_S1FMT(v)      ((unsigned int)SMMU_GET(v, 5, 4))
#define SMMU_STE0_S1FMT_MASK    SMMU_MASK(5, 4)
#define SMMU_S1FMT_LINEAR       0u
#define SMMU_S1FMT_4K_L2        1u
#define SMMU_S1FMT_64K_L2       2u
#define SMMU_STE0_S1CONTEXTPTR  SMMU_MASK(55, 6)
#define SMMU_STE0_S1CDMAX(v)    ((unsigned int)SMMU_GET(v, 63, 59))
#define SMMU_STE0_S1CDMAX_MASK  SMMU_MASK(63, 59)

/* word 1 */
#define SMMU_STE1_S1DSS(v)      ((unsigned int)SMMU_GET(v, 1, 0))
#define SMMU_STE1_S1DSS_MASK    SMMU_MASK(1, 0)
#define SMMU_S1DSS_TERMINATE    0u
#define SMMU_S1DSS_BYPASS       1u
#define SMMU_S1DSS_SSID0        2u
#define SMMU_STE1_S1CIR_MASK    SMMU_MASK(3, 2)
#define SMMU_STE1_S1COR_MASK    SMMU_MASK(5, 4)
#define SMMU_STE1_S1CSH_MASK    SMMU_MASK(7, 6)
#define SMMU_STE1_CONT(v)       ((unsigned int)SMMU_GET(v, 16, 13))
#define SMMU_STE1_S1STALLD      SMMU_BIT(27)
#define SMMU_STE1_EATS(v)       ((unsigned int)SMMU_GET(v, 29, 28))
#define SMMU_EATS_NONE          0u
#define SMMU_EATS_FULL          1u
#define SMMU_STE1_STRW(v)       ((unsigned int)SMMU_GET(v, 31, 30))
#define SMMU_STE1_STRW_MASK     SMMU_MASK(31, 30)
#define SMMU_STRW_NSEL1         0u
#define SMMU_STE1_SHCFG_PUT(v)  SMMU_PUT(v, 45, 44)
#define SMMU_STE_SHCFG_INCOMING 1u
#define SMMU_STE1_PRIVCFG_MASK  SMMU_MASK(49, 48)
#define SMMU_STE1_INSTCFG_MASK  SMMU_MASK(51, 50)
/* What IDR1.ATTR_PERMS_OVR allows. */
#define SMMU_STE1_OVERRIDES (SMMU_STE1_PRIVCFG_MASK | SMMU_STE1_INSTCFG_MASK)

/* word 2 */
#define SMMU_STE2_S2VMID_PUT(v) SMMU_PUT(v, 15, 0)
#define SMMU_STE2_S2VMID_MASK   SMMU_MASK(15, 0)
#define SMMU_STE2_S2T0SZ_PUT(v) SMMU_PUT(v, 37, 32)
#define SMMU_STE2_S2SL0_PUT(v)  SMMU_PUT(v, 39, 38)
#define SMMU_STE2_S2IR0_PUT(v)  SMMU_PUT(v, 41, 40)
#define SMMU_STE2_S2OR0_PUT(v)  SMMU_PUT(v, 43, 42)
#define SMMU_STE2_S2SH0_PUT(v)  SMMU_PUT(v, 45, 44)
#define SMMU_STE2_S2TG_PUT(v)   SMMU_PUT(v, 47, 46)
#define SMMU_STE_S2TG_4K        0u
#define SMMU_STE2_S2PS_PUT(v)   SMMU_PUT(v, 50, 48)
#define SMMU_STE2_S2AA64        SMMU_BIT(51)
#define SMMU_STE2_S2AFFD        SMMU_BIT(53)
#define SMMU_STE2_S2R           SMMU_BIT(58)

/* word 3 */
#define SMMU_STE3_S2TTB SMMU_MASK(55, 4)

/* ---- context descriptors (5.3, 5.4) ------------------------------------- */

#define SMMU_CD_SIZE     64u
#define SMMU_L1CD_SIZE   8u
#define SMMU_L1CD_V      SMMU_BIT(0)
#define SMMU_L1CD_L2PTR  SMMU_MASK(55, 12)
#define SMMU_CD0_T0SZ(v) ((unsigned int)SMMU_GET(v, 5, 0))
#define SMMU_CD0_TG0(v)  ((unsigned int)SMMU_GET(v, 7, 6))
#define SMMU_CD0_T1SZ(v) ((unsigned int)SMMU_GET(v, 21, 16))
#define SMMU_CD0_TG1(v)  ((unsigned int)SMMU_GET(v, 23, 22))
#define SMMU_CD0_EPD0    SMMU_BIT(14)
#define SMMU_CD0_ENDI    SMMU_BIT(15)
#define SMMU_CD0_EPD1    SMMU_BIT(30)
#define SMMU_CD0_V       SMMU_BIT(31)
#define SMMU_CD0_IPS(v)  ((unsigned int)SMMU_GET(v, 34, 32))
#define SMMU_CD0_AFFD    SMMU_BIT(35)
#define SMMU_CD0_WXN     SMMU_BIT(36)
#define SMMU_CD0_TBI0    SMMU_BIT(38)
#define SMMU_CD0_TBI1    SMMU_BIT(39)
#define SMMU_CD0_PAN     SMMU_BIT(40)
#define SMMU_CD0_AA64    SMMU_BIT(41)
#define SMMU_CD0_HD      SMMU_BIT(42)
#define SMMU_CD0_HA      SMMU_BIT(43)
#define SMMU_CD0_S       SMMU_BIT(44)
#define SMMU_CD0_R       SMMU_BIT(45)
#define SMMU_CD0_A       SMMU_BIT(46)
#define SMMU_CD0_ASID(v) ((unsigned int)SMMU_GET(v, 63, 48))
#define SMMU_CD_HAD      SMMU_BIT(1)      /* of words 1 and 2 */
#define SMMU_CD_TTB      SMMU_MASK(51, 4) /* of words 1 and 2 */

/* ---- stage 2 descriptors, 4 KiB granule (VMSAv8-64) --------------------- */

#define SMMU_TTD_VALID      SMMU_BIT(0)
#define SMMU_TTD_TABLE      SMMU_BIT(1) /* level 3: page */
#define SMMU_TTD_MEMATTR(v) SMMU_PUT(v, 5, 2)
#define SMMU_TTD_MEMATTR_WB 0xfu
#define SMMU_TTD_S2AP_R     SMMU_BIT(6)
#define SMMU_TTD_S2AP_W     SMMU_BIT(7)
#define SMMU_TTD_SH(v)      SMMU_PUT(v, 9, 8)
#define SMMU_TTD_AF         SMMU_BIT(10)
#define SMMU_TTD_XN         SMMU_BIT(54) /* with XNX as without: nobody */
#define SMMU_TTD_ADDRESS    SMMU_MASK(47, 12)
/* of stage 1 */
#define SMMU_TTD_AP1      SMMU_BIT(6) /* unprivileged, too */
#define SMMU_TTD_AP2      SMMU_BIT(7) /* read-only */
#define SMMU_TTD_PXN      SMMU_BIT(53)
#define SMMU_TTD_UXN      SMMU_BIT(54)
#define SMMU_TTD_PXNTABLE SMMU_BIT(59)
#define SMMU_TTD_UXNTABLE SMMU_BIT(60)
#define SMMU_TTD_APTABLE1 SMMU_BIT(61) /* not unprivileged */
#define SMMU_TTD_APTABLE2 SMMU_BIT(62) /* read-only */

/* ---- commands (4.1): words 0 and 1 -------------------------------------- */

#define SMMU_CMD_SIZE   16u
#define SMMU_CMD_OP(lo) ((unsigned int)SMMU_GET(lo, 7, 0))
#define SMMU_CMD_SSEC   SMMU_BIT(10)

#define SMMU_CMD_PREFETCH_CONFIG 0x01u
#define SMMU_CMD_PREFETCH_ADDR   0x02u
#define SMMU_CMD_CFGI_STE        0x03u
#define SMMU_CMD_CFGI_STE_RANGE  0x04u /* Range 31: CFGI_ALL */
#define SMMU_CMD_CFGI_CD         0x05u
#define SMMU_CMD_CFGI_CD_ALL     0x06u
#define SMMU_CMD_TLBI_NH_ALL     0x10u
#define SMMU_CMD_TLBI_NH_ASID    0x11u
#define SMMU_CMD_TLBI_NH_VA      0x12u
#define SMMU_CMD_TLBI_NH_VAA     0x13u
#define SMMU_CMD_TLBI_EL2_ALL    0x20u
#define SMMU_CMD_TLBI_EL2_ASID   0x21u
#define SMMU_CMD_TLBI_EL2_VA     0x22u
#define SMMU_CMD_TLBI_EL2_VAA    0x23u
#define SMMU_CMD_TLBI_S12_VMALL  0x28u
#define SMMU_CMD_TLBI_S2_IPA     0x2au
#define SMMU_CMD_TLBI_NSNH_ALL   0x30u
#define SMMU_CMD_ATC_INV         0x40u
#define SMMU_CMD_PRI_RESP        0x41u
#define SMMU_CMD_RESUME          0x44u
#define SMMU_CMD_STALL_TERM      0x45u
#define SMMU_CMD_SYNC            0x46u

/* CFGI_*, PREFETCH_* */
#define SMMU_CMD_SID(lo)    ((uint32_t)SMMU_GET(lo, 63, 32))
#define SMMU_CMD_SID_PUT(v) SMMU_PUT(v, 63, 32)
#define SMMU_CMD_SSID(lo)   ((uint32_t)SMMU_GET(lo, 31, 12))
#define SMMU_CMD_SSID_MASK  SMMU_MASK(31, 12)
#define SMMU_CMD_RANGE(hi)  ((unsigned int)SMMU_GET(hi, 4, 0))
#define SMMU_CMD_RANGE_ALL  31u
#define SMMU_CMD_LEAF       SMMU_BIT(0) /* of word 1, as in TLBI_* */

/* ATC_INV: words 0 and 1; the address is that of TLBI_* */
#define SMMU_CMD_ATC_SIZE(hi) ((unsigned int)SMMU_GET(hi, 5, 0))
#define SMMU_ATC_SIZE_ALL     52u

/* TLBI_*: word 0 */
#define SMMU_CMD_NUM(lo)      ((unsigned int)SMMU_GET(lo, 16, 12))
#define SMMU_CMD_NUM_MASK     SMMU_MASK(16, 12)
#define SMMU_CMD_SCALE(lo)    ((unsigned int)SMMU_GET(lo, 24, 20))
#define SMMU_CMD_SCALE_MASK   SMMU_MASK(24, 20)
#define SMMU_CMD_SCALE_PUT(v) SMMU_PUT(v, 24, 20)
#define SMMU_CMD_SCALE_MAX    31u
#define SMMU_CMD_VMID_PUT(v)  SMMU_PUT(v, 47, 32)
#define SMMU_CMD_ASID_MASK    SMMU_MASK(63, 48)
/* TLBI_*: word 1 */
#define SMMU_CMD_TTL(hi)   ((unsigned int)SMMU_GET(hi, 9, 8))
#define SMMU_CMD_TTL_MASK  SMMU_MASK(9, 8)
#define SMMU_CMD_TG(hi)    ((unsigned int)SMMU_GET(hi, 11, 10))
#define SMMU_CMD_TG_MASK   SMMU_MASK(11, 10)
#define SMMU_CMD_TG_PUT(v) SMMU_PUT(v, 11, 10)
#define SMMU_CMD_TG_NONE   0u
#define SMMU_CMD_TG_4K     1u
#define SMMU_CMD_TG_16K    2u
#define SMMU_CMD_TG_64K    3u
#define SMMU_CMD_ADDR      SMMU_MASK(63, 12)
#define SMMU_CMD_IPA       SMMU_MASK(51, 12)

/* SYNC */
#define SMMU_CMD_SYNC_CS(lo) ((unsigned int)SMMU_GET(lo, 13, 12))
#define SMMU_SYNC_SIG_NONE   0u
#define SMMU_SYNC_SIG_IRQ    1u
#define SMMU_SYNC_SIG_SEV    2u

/* ---- events (7.2, 7.3): words 0 to 3 ------------------------------------ */

#define SMMU_EVT_SIZE          32u
#define SMMU_EVT_WORDS         4u
#define SMMU_EVT0_TYPE(v)      ((unsigned int)SMMU_GET(v, 7, 0))
#define SMMU_EVT0_SSV          SMMU_BIT(11)
#define SMMU_EVT0_SSID(v)      ((uint32_t)SMMU_GET(v, 31, 12))
#define SMMU_EVT0_SSID_PUT(v)  SMMU_PUT(v, 31, 12)
#define SMMU_EVT0_SID(v)       ((uint32_t)SMMU_GET(v, 63, 32))
#define SMMU_EVT0_SID_PUT(v)   SMMU_PUT(v, 63, 32)
#define SMMU_EVT1_STAG         SMMU_MASK(15, 0) /* or Reason */
#define SMMU_EVT1_STALL        SMMU_BIT(31)
#define SMMU_EVT1_PNU          SMMU_BIT(33)
#define SMMU_EVT1_IND          SMMU_BIT(34)
#define SMMU_EVT1_RNW          SMMU_BIT(35)
#define SMMU_EVT1_S2           SMMU_BIT(39)
#define SMMU_EVT1_CLASS(v)     ((unsigned int)SMMU_GET(v, 41, 40))
#define SMMU_EVT1_CLASS_MASK   SMMU_MASK(41, 40)
#define SMMU_EVT1_CLASS_PUT(v) SMMU_PUT(v, 41, 40)
#define SMMU_CLASS_CD          0u
#define SMMU_CLASS_TT          1u
#define SMMU_CLASS_IN          2u
/* Word 2: InputAddr.  Word 3: */
#define SMMU_EVT3_IPA       SMMU_MASK(55, 12)
#define SMMU_EVT3_FETCHADDR SMMU_MASK(55, 3)

#define SMMU_F_UUT              0x01u
#define SMMU_C_BAD_STREAMID     0x02u
#define SMMU_F_STE_FETCH        0x03u
#define SMMU_C_BAD_STE          0x04u
#define SMMU_F_BAD_ATS_TREQ     0x05u
#define SMMU_F_STREAM_DISABLED  0x06u
#define SMMU_F_TRANSL_FORBIDDEN 0x07u
#define SMMU_C_BAD_SUBSTREAMID  0x08u
#define SMMU_F_CD_FETCH         0x09u
#define SMMU_C_BAD_CD           0x0au
#define SMMU_F_WALK_EABT        0x0bu
#define SMMU_F_TRANSLATION      0x10u
#define SMMU_F_ADDR_SIZE        0x11u
#define SMMU_F_ACCESS           0x12u
#define SMMU_F_PERMISSION       0x13u
#define SMMU_F_TLB_CONFLICT     0x20u
#define SMMU_F_CFG_CONFLICT     0x21u
#define SMMU_E_PAGE_REQUEST     0x24u

_Static_assert(SMMU_MASK(63, 0) == ~UINT64_C(0), "whole word");
_Static_assert(SMMU_STE0_CONFIG_PUT(7) == 0xe, "bits 3:1");
_Static_assert(SMMU_STE2_S2SL0_PUT(2) == SMMU_BIT(39), "bits 167:166");
_Static_assert(SMMU_STE1_S1STALLD == SMMU_BIT(91 - 64), "bit 91");
_Static_assert(SMMU_STE1_SHCFG_PUT(3) == SMMU_MASK(109 - 64, 108 - 64),
               "bits 109:108");
_Static_assert(SMMU_STE2_S2R == SMMU_BIT(186 - 128), "bit 186");
_Static_assert(SMMU_EVT1_S2 == SMMU_BIT(103 - 64) &&
                   SMMU_EVT1_RNW == SMMU_BIT(99 - 64),
               "bits 103 and 99");
_Static_assert(SMMU_STRTAB_BASE_CFG_PUT(1, 8, 16) == 0x10210,
               "FMT, SPLIT, SIZE");

#endif /* PIOMMU_SMMUV3_LAYOUT_H */
