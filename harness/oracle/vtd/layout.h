/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's own reading of VT-d's layouts, as far as legacy mode goes.
 * Section numbers: VT-d specification, revision 3.x.
 */
#ifndef HARNESS_ORACLE_VTD_LAYOUT_H
#define HARNESS_ORACLE_VTD_LAYOUT_H

#include <oracle/internal.h>

/* Untranslated writes here are interrupt requests (3.14). */
#define INTERRUPT_FIRST UINT64_C(0xfee00000)
#define INTERRUPT_LAST  UINT64_C(0xfeefffff)

/* ---- registers (11.4) ---- */
#define REG_VER     0x000u
#define REG_CAP     0x008u
#define REG_ECAP    0x010u
#define REG_GCMD    0x018u
#define REG_GSTS    0x01cu
#define REG_RTADDR  0x020u
#define REG_CCMD    0x028u
#define REG_FSTS    0x034u
#define REG_FECTL   0x038u
#define REG_FEDATA  0x03cu
#define REG_FEADDR  0x040u
#define REG_FEUADDR 0x044u
#define REG_IQH     0x080u
#define REG_IQT     0x088u
#define REG_IQA     0x090u
#define REG_ICS     0x09cu
#define REG_IECTL   0x0a0u
#define REG_IEDATA  0x0a4u
#define REG_IEADDR  0x0a8u
#define REG_IEUADDR 0x0acu
#define REG_IQERCD  0x0b0u
#define REG_IRTA    0x0b8u

/* CAP (11.4.2) */
#define CAP_ND(c)     ((unsigned int)BITS(c, 2, 0))
#define CAP_AFL(c)    BITS(c, 3, 3)
#define CAP_PLMR(c)   BITS(c, 5, 5)
#define CAP_PHMR(c)   BITS(c, 6, 6)
#define CAP_CM(c)     BITS(c, 7, 7)
#define CAP_SAGAW(c)  ((unsigned int)BITS(c, 12, 8))
#define CAP_MGAW(c)   ((unsigned int)BITS(c, 21, 16) + 1)
#define CAP_ZLR(c)    BITS(c, 22, 22)
#define CAP_FRO(c)    ((uint32_t)BITS(c, 33, 24) * 16)
#define CAP_SLLPS(c)  ((unsigned int)BITS(c, 37, 34))
#define CAP_PSI(c)    BITS(c, 39, 39)
#define CAP_NFR(c)    ((unsigned int)BITS(c, 47, 40) + 1)
#define CAP_MAMV(c)   ((unsigned int)BITS(c, 53, 48))
#define CAP_DWD(c)    BITS(c, 54, 54)
#define CAP_DRD(c)    BITS(c, 55, 55)
#define CAP_ESRTPS(c) BITS(c, 63, 63)

/* ECAP (11.4.3) */
#define ECAP_QI(e)   BITS(e, 1, 1)
#define ECAP_DT(e)   BITS(e, 2, 2)
#define ECAP_IR(e)   BITS(e, 3, 3)
#define ECAP_EIM(e)  BITS(e, 4, 4)
#define ECAP_PT(e)   BITS(e, 6, 6)
#define ECAP_SC(e)   BITS(e, 7, 7)
#define ECAP_IRO(e)  ((uint32_t)BITS(e, 17, 8) * 16)
#define ECAP_SMTS(e) BITS(e, 43, 43)
#define ECAP_ADMS(e) BITS(e, 52, 52)

#define VER_MAJOR(v) (((v) >> 4) & 0xfu)

/* GCMD, GSTS (11.4.4): the same positions */
#define G_TE    BIT64(31)
#define G_SRTP  BIT64(30)
#define G_SFL   BIT64(29)
#define G_EAFL  BIT64(28)
#define G_WBF   BIT64(27)
#define G_QIE   BIT64(26)
#define G_IRE   BIT64(25)
#define G_SIRTP BIT64(24)
#define G_CFI   BIT64(23)

/* RTADDR (11.4.5) */
#define RTADDR_TTM(r) ((unsigned int)BITS(r, 11, 10))
#define RTADDR_RTA(r) ((r)&MASK64(63, 12))
#define TTM_LEGACY    0u
#define TTM_ABORT     3u

/* CCMD (11.4.6.1) */
#define CCMD_ICC     BIT64(63)
#define CCMD_CIRG(v) ((unsigned int)BITS(v, 62, 61))
#define CCMD_CAIG(v) ((unsigned int)BITS(v, 60, 59))
#define CCMD_FM(v)   ((unsigned int)BITS(v, 33, 32))
#define CCMD_SID(v)  ((uint16_t)BITS(v, 31, 16))
#define CCMD_DID(v)  ((uint16_t)BITS(v, 15, 0))

/* IOTLB invalidate, invalidate address (11.4.6.2) */
#define IOTLB_IVT     BIT64(63)
#define IOTLB_IIRG(v) ((unsigned int)BITS(v, 61, 60))
#define IOTLB_IAIG(v) ((unsigned int)BITS(v, 58, 57))
#define IOTLB_DR(v)   BITS(v, 49, 49)
#define IOTLB_DW(v)   BITS(v, 48, 48)
#define IOTLB_DID(v)  ((uint16_t)BITS(v, 47, 32))
#define IVA_ADDR(v)   ((v)&MASK64(63, 12))
#define IVA_IH(v)     BITS(v, 6, 6)
#define IVA_AM(v)     ((unsigned int)BITS(v, 5, 0))

/* Granularities: CIRG, IIRG and the descriptors' G agree. */
#define G_RESERVED 0u
#define G_GLOBAL   1u
#define G_DOMAIN   2u
#define G_SELECT   3u /* device (context cache), page (IOTLB) */

/* FSTS, FECTL, IECTL, ICS (11.4.7, 11.4.9) */
#define FSTS_PFO   BIT64(0)
#define FSTS_PPF   BIT64(1)
#define FSTS_IQE   BIT64(4)
#define FSTS_ICE   BIT64(5)
#define FSTS_ITE   BIT64(6)
#define FSTS_FRI   MASK64(15, 8)
#define FSTS_EVENT (FSTS_PFO | FSTS_PPF | FSTS_IQE | FSTS_ICE | FSTS_ITE)
#define ECTL_IM    BIT64(31)
#define ECTL_IP    BIT64(30)
#define ICS_IWC    BIT64(0)

/* FRCD (11.4.7.6), the high qword */
#define FRCD_BYTES     16u
#define FRCD_F         BIT64(63)
#define FRCD_T1        BIT64(62)
#define FRCD_T2        BIT64(28)
#define FRCD_PP        BIT64(31)
#define FRCD_FR(r)     ((uint64_t)(r) << 32)
#define FRCD_AT(type)  ((uint64_t)(type) << 60)
#define FRCD_PV(pasid) ((uint64_t)((pasid)&0xfffff) << 40)
#define FRCD_SID(h)    ((uint16_t)BITS(h, 15, 0))
#define FRCD_EXE       BIT64(30)
#define FRCD_PRIV      BIT64(29)
/* PV, EXE and PRIV mean nothing while PP = 0. */
#define FRCD_WITHOUT_PP (MASK64(59, 40) | FRCD_EXE | FRCD_PRIV)

/* IQA, IQT (11.4.9) */
#define IQA_BASE(v) ((v)&MASK64(63, 12))
#define IQA_QS(v)   ((unsigned int)BITS(v, 2, 0))
#define IQA_DW      BIT64(11)
#define IQ_POINTER  MASK64(18, 4)
#define IQ_BYTES    16u /* of a descriptor, DW = 0 */

/* ---- descriptors (6.5.2) ---- */
#define DESC_TYPE(lo)      ((unsigned int)(BITS(lo, 11, 9) << 4 | ((lo)&0xf)))
#define DESC_CONTEXT       1u
#define DESC_IOTLB         2u
#define DESC_DEVTLB        3u
#define DESC_IEC           4u
#define DESC_WAIT          5u
#define DESC_G(lo)         ((unsigned int)BITS(lo, 5, 4))
#define DESC_DID(lo)       ((uint16_t)BITS(lo, 31, 16))
#define DESC_SID(lo)       ((uint16_t)BITS(lo, 47, 32))
#define DESC_FM(lo)        ((unsigned int)BITS(lo, 49, 48))
#define DESC_DW(lo)        BITS(lo, 6, 6)
#define DESC_DR(lo)        BITS(lo, 7, 7)
#define DESC_DEVTLB_S(hi)  ((hi)&1)
#define DESC_WAIT_IF(lo)   BITS(lo, 4, 4)
#define DESC_WAIT_SW(lo)   BITS(lo, 5, 5)
#define DESC_WAIT_FN(lo)   BITS(lo, 6, 6)
#define DESC_WAIT_DATA(lo) ((uint32_t)BITS(lo, 63, 32))
#define DESC_WAIT_ADDR(hi) ((hi)&MASK64(63, 2))

/* ---- structures (9.1, 9.3, 9.8) ---- */
#define ROOT_P         BIT64(0)
#define ROOT_CTP(lo)   ((lo)&MASK64(63, 12))
#define ROOT_RSVD_LOW  MASK64(11, 1)
#define ROOT_RSVD_HIGH MASK64(63, 0)

#define CONTEXT_P           BIT64(0)
#define CONTEXT_FPD         BIT64(1)
#define CONTEXT_TT(lo)      ((unsigned int)BITS(lo, 3, 2))
#define CONTEXT_SLPTPTR(lo) ((lo)&MASK64(63, 12))
#define CONTEXT_AW(hi)      ((unsigned int)BITS(hi, 2, 0))
#define CONTEXT_DID(hi)     ((uint16_t)BITS(hi, 23, 8))
#define CONTEXT_RSVD_LOW    MASK64(11, 4)
#define CONTEXT_RSVD_HIGH   (BIT64(7) | MASK64(63, 24))
#define TT_DEVICE_TLB       1u
#define TT_PASS_THROUGH     2u

#define ENTRY_PS      BIT64(7)
#define ENTRY_SNP     BIT64(11)
#define ENTRY_TM      BIT64(62)
#define ENTRY_ADDR    MASK64(51, 12)
#define ENTRY_RW(e)   ((unsigned int)((e)&3))
#define RIGHT_R       1u
#define RIGHT_W       2u
#define LEVEL_LEAF    1u
#define LEVEL_2M      2u
#define LEVEL_1G      3u
#define AW_LEVELS(aw) ((aw) + 2)
#define AW_BITS(aw)   (30 + 9 * (aw))

/* Offset bits below an entry of @level (1 = 4 KiB). */
#define LEVEL_SHIFT(level) (12u + 9u * ((level)-1u))
#define LEVEL_MASK(level)  (BIT64(LEVEL_SHIFT(level)) - 1)
#define LEVEL_INDEX(a, l)  (((a) >> LEVEL_SHIFT(l)) & 0x1ffu)

_Static_assert(MASK64(63, 12) == UINT64_C(0xfffffffffffff000), "MASK64");
_Static_assert(LEVEL_MASK(LEVEL_2M) == 0x1fffff, "2 MiB pages");
_Static_assert(LEVEL_MASK(LEVEL_1G) == 0x3fffffff, "1 GiB pages");
_Static_assert(AW_BITS(1) == 39 && AW_BITS(2) == 48, "address widths");
_Static_assert(CONTEXT_RSVD_HIGH == UINT64_C(0xffffffffff000080), "context");
_Static_assert(FRCD_FR(0xff) == MASK64(39, 32), "FRCD.FR");

#endif /* HARNESS_ORACLE_VTD_LAYOUT_H */
