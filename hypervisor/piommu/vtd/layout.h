/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts of VT-d, legacy mode: registers, structures in memory, descriptors,
 * fault reasons.  Names are the specification's.  The driver of the physical
 * unit and the virtual unit both use this one description.
 */
#ifndef PIOMMU_VTD_LAYOUT_H
#define PIOMMU_VTD_LAYOUT_H

#include <types.h>

#define VTD_BIT(n) (UINT64_C(1) << (n))
#define VTD_MASK(hi, lo)                                                      \
    ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define VTD_GET(v, hi, lo) (((v)&VTD_MASK(hi, lo)) >> (lo))
#define VTD_PUT(v, hi, lo) (((uint64_t)(v) << (lo)) & VTD_MASK(hi, lo))

/* ---- registers (10.4) --------------------------------------------------- */

#define VTD_VER     0x000
#define VTD_CAP     0x008
#define VTD_ECAP    0x010
#define VTD_GCMD    0x018
#define VTD_GSTS    0x01c
#define VTD_RTADDR  0x020
#define VTD_CCMD    0x028
#define VTD_FSTS    0x034
#define VTD_FECTL   0x038
#define VTD_FEDATA  0x03c
#define VTD_FEADDR  0x040
#define VTD_FEUADDR 0x044
#define VTD_PMEN    0x064
#define VTD_IQH     0x080
#define VTD_IQT     0x088
#define VTD_IQA     0x090
#define VTD_ICS     0x09c
#define VTD_IECTL   0x0a0
#define VTD_IEDATA  0x0a4
#define VTD_IEADDR  0x0a8
#define VTD_IEUADDR 0x0ac
#define VTD_IQERCD  0x0b0
#define VTD_IRTA    0x0b8

/* CAP (11.4.2) */
#define VTD_CAP_ND(v)    ((unsigned int)VTD_GET(v, 2, 0))
#define VTD_CAP_AFL      VTD_BIT(3)
#define VTD_CAP_RWBF     VTD_BIT(4)
#define VTD_CAP_PLMR     VTD_BIT(5)
#define VTD_CAP_PHMR     VTD_BIT(6)
#define VTD_CAP_CM       VTD_BIT(7)
#define VTD_CAP_SAGAW_39 VTD_BIT(9)
#define VTD_CAP_SAGAW_48 VTD_BIT(10)
#define VTD_CAP_MGAW(v)  ((unsigned int)VTD_GET(v, 21, 16) + 1)
#define VTD_CAP_ZLR      VTD_BIT(22)
#define VTD_CAP_FRO(v)   ((unsigned int)VTD_GET(v, 33, 24) * 16)
#define VTD_CAP_SLLPS_2M VTD_BIT(34)
#define VTD_CAP_SLLPS_1G VTD_BIT(35)
#define VTD_CAP_PSI      VTD_BIT(39)
#define VTD_CAP_NFR(v)   ((unsigned int)VTD_GET(v, 47, 40) + 1)
#define VTD_CAP_MAMV(v)  ((unsigned int)VTD_GET(v, 53, 48))
#define VTD_CAP_DWD      VTD_BIT(54)
#define VTD_CAP_DRD      VTD_BIT(55)

/* ECAP (11.4.3) */
#define VTD_ECAP_C      VTD_BIT(0)
#define VTD_ECAP_QI     VTD_BIT(1)
#define VTD_ECAP_DT     VTD_BIT(2)
#define VTD_ECAP_IR     VTD_BIT(3)
#define VTD_ECAP_EIM    VTD_BIT(4)
#define VTD_ECAP_PT     VTD_BIT(6)
#define VTD_ECAP_IRO(v) ((unsigned int)VTD_GET(v, 17, 8) * 16)
#define VTD_ECAP_MHMV   VTD_MASK(23, 20)

/* GCMD, GSTS (11.4.4): the same positions */
#define VTD_G_TE    (UINT32_C(1) << 31)
#define VTD_G_SRTP  (UINT32_C(1) << 30)
#define VTD_G_QIE   (UINT32_C(1) << 26)
#define VTD_G_IRE   (UINT32_C(1) << 25)
#define VTD_G_SIRTP (UINT32_C(1) << 24)
#define VTD_G_CFI   (UINT32_C(1) << 23)
/* What of GSTS is repeated in the next command: not the one-shot bits. */
#define VTD_G_LEVELS UINT32_C(0x96ffffff)

/* RTADDR (11.4.5) */
#define VTD_RTADDR_TTM(v) ((unsigned int)VTD_GET(v, 11, 10))

/* CCMD (11.4.6.1) */
#define VTD_CCMD_ICC     VTD_BIT(63)
#define VTD_CCMD_CIRG(v) ((unsigned int)VTD_GET(v, 62, 61))
#define VTD_CCMD_CAIG(g) VTD_PUT(g, 60, 59)
#define VTD_CCMD_FM(v)   ((unsigned int)VTD_GET(v, 33, 32))
#define VTD_CCMD_SID(v)  ((uint16_t)VTD_GET(v, 31, 16))
#define VTD_CCMD_DID(v)  ((uint16_t)VTD_GET(v, 15, 0))

/* IVA and IOTLB (11.4.6.2): at ECAP.IRO and 8 bytes on */
#define VTD_IVA_AM(v)     ((unsigned int)VTD_GET(v, 5, 0))
#define VTD_IVA_IH        VTD_BIT(6)
#define VTD_IOTLB_IVT     VTD_BIT(63)
#define VTD_IOTLB_IIRG(v) ((unsigned int)VTD_GET(v, 61, 60))
#define VTD_IOTLB_IAIG(g) VTD_PUT(g, 58, 57)
#define VTD_IOTLB_DR      VTD_BIT(49)
#define VTD_IOTLB_DW      VTD_BIT(48)
#define VTD_IOTLB_DID(v)  ((uint16_t)VTD_GET(v, 47, 32))

/* Granularities of context-cache and IOTLB invalidations, everywhere. */
#define VTD_GRAN_GLOBAL 1
#define VTD_GRAN_DOMAIN 2
#define VTD_GRAN_PAGE   3 /* context cache: device */

/* FSTS (11.4.7.1), the event controls (11.4.7.2, 11.4.9.5), ICS (11.4.9.4) */
#define VTD_FSTS_PFO    UINT32_C(0x01)
#define VTD_FSTS_PPF    UINT32_C(0x02)
#define VTD_FSTS_IQE    UINT32_C(0x10)
#define VTD_FSTS_FRI(v) ((unsigned int)VTD_GET(v, 15, 8))
#define VTD_EVENT_IM    (UINT32_C(1) << 31)
#define VTD_EVENT_IP    (UINT32_C(1) << 30)
#define VTD_ICS_IWC     UINT32_C(1)

/* Fault recording registers (11.4.7.6): the low and the high quadword */
#define VTD_FRCD_F      VTD_BIT(63)
#define VTD_FRCD_T1     VTD_BIT(62)
#define VTD_FRCD_T2     VTD_BIT(28)
#define VTD_FRCD_PP     VTD_BIT(31)
#define VTD_FRCD_EXE    VTD_BIT(30)
#define VTD_FRCD_PRIV   VTD_BIT(29)
#define VTD_FRCD_AT(v)  ((unsigned int)VTD_GET(v, 61, 60))
#define VTD_FRCD_PV(v)  ((uint32_t)VTD_GET(v, 59, 40))
#define VTD_FRCD_FR(v)  ((unsigned int)VTD_GET(v, 39, 32))
#define VTD_FRCD_SID(v) ((uint16_t)VTD_GET(v, 15, 0))

/* IQA, IQT, IQERCD (11.4.9) */
#define VTD_IQA_QS(v)      ((unsigned int)VTD_GET(v, 2, 0))
#define VTD_IQA_DW         VTD_BIT(11)
#define VTD_IQE_TAIL       1
#define VTD_IQE_FETCH      2
#define VTD_IQE_TYPE       3
#define VTD_IQE_RESERVED   4
#define VTD_IQE_WIDTH      5
#define VTD_IQE_MISALIGNED 6

/* ---- structures (9.1, 9.3, 9.8) ----------------------------------------- */

#define VTD_ADDRESS    VTD_MASK(63, 12)
#define VTD_ENTRY_SIZE 16 /* root and context entries, descriptors */
#define VTD_PRESENT    VTD_BIT(0)

#define VTD_ROOT_RSVD_LO VTD_MASK(11, 1)

#define VTD_CONTEXT_FPD     VTD_BIT(1)
#define VTD_CONTEXT_TT(lo)  ((unsigned int)VTD_GET(lo, 3, 2))
#define VTD_CONTEXT_RSVD_LO VTD_MASK(11, 4)
#define VTD_CONTEXT_AW(hi)  ((unsigned int)VTD_GET(hi, 2, 0))
#define VTD_CONTEXT_RSVD_HI (VTD_BIT(7) | VTD_MASK(63, 24))
#define VTD_CONTEXT_DID(hi) ((uint16_t)VTD_GET(hi, 23, 8))
#define VTD_CONTEXT_HI(levels, did)                                           \
    (VTD_PUT((levels)-2, 2, 0) | VTD_PUT(did, 23, 8))
#define VTD_TT_UNTRANSLATED 0
#define VTD_TT_DEVICE_TLB   1
#define VTD_TT_PASS_THROUGH 2

/* Second-level paging entries: 9 bits of the address a level. */
#define VTD_SL_R            VTD_BIT(0)
#define VTD_SL_W            VTD_BIT(1)
#define VTD_SL_PS           VTD_BIT(7)
#define VTD_SL_SNP          VTD_BIT(11)
#define VTD_SL_ADDRESS      VTD_MASK(51, 12)
#define VTD_SL_ENTRIES      512u
#define VTD_SL_ORDER(level) (9u * ((level)-1)) /* of an entry, in pages */

/* Interrupt address range (3.14): never an address of memory for DMA. */
#define VTD_MSI_FIRST UINT64_C(0xfee00000)
#define VTD_MSI_LAST  UINT64_C(0xfeefffff)

/* ---- descriptors (6.5.2) ------------------------------------------------ */

#define VTD_DESC_TYPE(lo)                                                     \
    ((unsigned int)(VTD_GET(lo, 11, 9) << 4 | VTD_GET(lo, 3, 0)))
#define VTD_DESC_CONTEXT 1
#define VTD_DESC_IOTLB   2
#define VTD_DESC_DEVTLB  3
#define VTD_DESC_IEC     4
#define VTD_DESC_WAIT    5
#define VTD_DESC_G(lo)   ((unsigned int)VTD_GET(lo, 5, 4))
#define VTD_DESC_DID(lo) ((uint16_t)VTD_GET(lo, 31, 16))
#define VTD_DESC_SID(lo) ((uint16_t)VTD_GET(lo, 47, 32))
#define VTD_DESC_FM(lo)  ((unsigned int)VTD_GET(lo, 49, 48))
#define VTD_DESC_DW      VTD_BIT(6)
#define VTD_DESC_DR      VTD_BIT(7)
#define VTD_DESC_S       VTD_BIT(0) /* device-TLB, in the high quadword */
#define VTD_DESC_IF      VTD_BIT(4)
#define VTD_DESC_SW      VTD_BIT(5)
#define VTD_DESC_FN      VTD_BIT(6)
#define VTD_DESC_STADDR  VTD_MASK(63, 2)

/* ---- fault reasons (7.1.3, legacy mode) --------------------------------- */

#define VTD_FR_LRT_2 0x01 /* root not present */
#define VTD_FR_LCT_2 0x02 /* context not present */
#define VTD_FR_LCT_4 0x03 /* context invalid, top table unreadable */
#define VTD_FR_LGN_1 0x04 /* address beyond the width */
#define VTD_FR_LGN_2 0x05 /* write not allowed */
#define VTD_FR_LGN_3 0x06 /* read not allowed */
#define VTD_FR_LSL_1 0x07 /* lower table unreadable */
#define VTD_FR_LRT_1 0x08 /* root unreadable */
#define VTD_FR_LCT_1 0x09 /* context unreadable */
#define VTD_FR_LRT_3 0x0a /* root reserved bits */
#define VTD_FR_LCT_3 0x0b /* context reserved bits */
#define VTD_FR_LSL_2 0x0c /* paging entry reserved bits */
#define VTD_FR_LCT_5 0x0d /* request type blocked by TT */
#define VTD_FR_LGN_4 0x0e /* interrupt address range */
#define VTD_FR_RTA_1 0x30 /* root table mode */
#define VTD_FR_RTA_2 0x31 /* legacy mode, request with PASID */

_Static_assert(VTD_MASK(63, 0) == ~UINT64_C(0), "whole word");
_Static_assert(VTD_MASK(11, 4) == 0xff0, "bits 11 to 4");
_Static_assert(VTD_CONTEXT_HI(4, 5) == 0x502, "AW 2, DID 5");
_Static_assert(VTD_CONTEXT_RSVD_HI == UINT64_C(0xffffffffff000080),
               "bits 71 and 127:88 of a context entry");
_Static_assert((VTD_G_LEVELS & (VTD_G_SRTP | VTD_G_SIRTP)) == 0,
               "one-shot bits are not repeated");

#endif /* PIOMMU_VTD_LAYOUT_H */
