/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register offsets and fields (chapter 11).  Only what legacy mode needs.
 */
#ifndef MODELS_VTD_REGISTERS_H
#define MODELS_VTD_REGISTERS_H

#include <common/bits.h>

#define REGISTER_SPACE 4096u

#define VTD_VER     0x000u
#define VTD_CAP     0x008u
#define VTD_ECAP    0x010u
#define VTD_GCMD    0x018u
#define VTD_GSTS    0x01cu
#define VTD_RTADDR  0x020u
#define VTD_CCMD    0x028u
#define VTD_FSTS    0x034u
#define VTD_FECTL   0x038u
#define VTD_FEDATA  0x03cu
#define VTD_FEADDR  0x040u
#define VTD_FEUADDR 0x044u
#define VTD_IQH     0x080u
#define VTD_IQT     0x088u
#define VTD_IQA     0x090u
#define VTD_ICS     0x09cu
#define VTD_IECTL   0x0a0u
#define VTD_IEDATA  0x0a4u
#define VTD_IEADDR  0x0a8u
#define VTD_IEUADDR 0x0acu
#define VTD_IQERCD  0x0b0u
#define VTD_IRTA    0x0b8u
/* From ECAP.IRO. */
#define VTD_IVA   0x000u
#define VTD_IOTLB 0x008u
/* From CAP.FRO, every 16 bytes. */
#define VTD_FRCD_LOW  0x000u
#define VTD_FRCD_HIGH 0x008u
#define FRCD_STRIDE   16u

/* VER */
#define VER_MAJ(ver) FIELD(ver, 7, 4)

/* CAP */
#define CAP_ND(cap)    ((unsigned int)FIELD(cap, 2, 0))
#define CAP_AFL        BIT64(3)
#define CAP_RWBF       BIT64(4)
#define CAP_PLMR       BIT64(5)
#define CAP_PHMR       BIT64(6)
#define CAP_CM         BIT64(7)
#define CAP_SAGAW(cap) ((unsigned int)FIELD(cap, 12, 8))
#define CAP_MGAW(cap)  ((unsigned int)FIELD(cap, 21, 16))
#define CAP_ZLR        BIT64(22)
#define CAP_FRO(cap)   ((unsigned int)FIELD(cap, 33, 24))
#define CAP_SLLPS(cap) ((unsigned int)FIELD(cap, 37, 34))
#define CAP_PSI        BIT64(39)
#define CAP_NFR(cap)   ((unsigned int)FIELD(cap, 47, 40))
#define CAP_MAMV(cap)  ((unsigned int)FIELD(cap, 53, 48))
#define CAP_DWD        BIT64(54)
#define CAP_DRD        BIT64(55)
#define CAP_FL1GP      BIT64(56)
#define CAP_PI         BIT64(59)
#define CAP_FL5LP      BIT64(60)
#define CAP_ECMDS      BIT64(61)
#define CAP_ESIRTPS    BIT64(62)
#define CAP_ESRTPS     BIT64(63)
/* clang-format off */
#define CAP_RSVD                                                              \
    (BITS64(15, 13) | BIT64(23) | BIT64(38) | BITS64(58, 57))
/* clang-format on */

#define CAP_MAKE_SAGAW(v) ((uint64_t)(v) << 8)
#define CAP_MAKE_MGAW(v)  ((uint64_t)(v) << 16)
#define CAP_MAKE_FRO(v)   ((uint64_t)(v) << 24)
#define CAP_MAKE_SLLPS(v) ((uint64_t)(v) << 34)
#define CAP_MAKE_NFR(v)   ((uint64_t)(v) << 40)
#define CAP_MAKE_MAMV(v)  ((uint64_t)(v) << 48)

#define SAGAW_39  BIT32(1)
#define SAGAW_48  BIT32(2)
#define SAGAW_57  BIT32(3)
#define SLLPS_2M  BIT32(0)
#define SLLPS_1G  BIT32(1)
#define SLLPS_ALL (SLLPS_2M | SLLPS_1G)

/* ECAP */
#define ECAP_C         BIT64(0)
#define ECAP_QI        BIT64(1)
#define ECAP_DT        BIT64(2)
#define ECAP_IR        BIT64(3)
#define ECAP_EIM       BIT64(4)
#define ECAP_PT        BIT64(6)
#define ECAP_SC        BIT64(7)
#define ECAP_IRO(ecap) ((unsigned int)FIELD(ecap, 17, 8))
#define ECAP_MHMV_MASK BITS64(23, 20)
#define ECAP_MTS       BIT64(25)
#define ECAP_NEST      BIT64(26)
#define ECAP_PRS       BIT64(29)
#define ECAP_ERS       BIT64(30)
#define ECAP_SRS       BIT64(31)
#define ECAP_PASID     BIT64(40)
#define ECAP_DIT       BIT64(41)
#define ECAP_PDS       BIT64(42)
#define ECAP_SMTS      BIT64(43)
#define ECAP_VCS       BIT64(44)

#define ECAP_MAKE_IRO(v) ((uint64_t)(v) << 8)

/* GCMD, GSTS: same positions */
#define GCMD_TE    BIT32(31)
#define GCMD_SRTP  BIT32(30)
#define GCMD_QIE   BIT32(26)
#define GCMD_IRE   BIT32(25)
#define GCMD_SIRTP BIT32(24)
#define GCMD_CFI   BIT32(23)

/* RTADDR */
#define RTADDR_TTM(v) ((unsigned int)FIELD(v, 11, 10))
#define RTADDR_RTA    BITS64(63, 12)
#define TTM_LEGACY    0u

/* CCMD */
#define CCMD_ICC        BIT64(63)
#define CCMD_CIRG(v)    ((unsigned int)FIELD(v, 62, 61))
#define CCMD_CAIG_MASK  BITS64(60, 59)
#define CCMD_CAIG_SHIFT 59
#define CCMD_FM(v)      ((unsigned int)FIELD(v, 33, 32))
#define CCMD_SID(v)     ((uint32_t)FIELD(v, 31, 16))
#define CCMD_DID(v)     ((uint32_t)FIELD(v, 15, 0))

/* IVA */
#define IVA_AM(v) ((unsigned int)FIELD(v, 5, 0))
#define IVA_IH    BIT64(6)
#define IVA_ADDR  BITS64(63, 12)

/* IOTLB */
#define IOTLB_IVT        BIT64(63)
#define IOTLB_IIRG(v)    ((unsigned int)FIELD(v, 61, 60))
#define IOTLB_IAIG_MASK  BITS64(58, 57)
#define IOTLB_IAIG_SHIFT 57
#define IOTLB_DR         BIT64(49)
#define IOTLB_DW         BIT64(48)
#define IOTLB_DID(v)     ((uint32_t)FIELD(v, 47, 32))

/* FSTS */
#define FSTS_PFO       BIT32(0)
#define FSTS_PPF       BIT32(1)
#define FSTS_IQE       BIT32(4)
#define FSTS_ICE       BIT32(5)
#define FSTS_ITE       BIT32(6)
#define FSTS_FRI_MASK  ((uint32_t)BITS64(15, 8))
#define FSTS_FRI_SHIFT 8
#define FSTS_EVENTS    (FSTS_PFO | FSTS_PPF | FSTS_IQE | FSTS_ICE | FSTS_ITE)

/* FECTL and IECTL; data, address and upper address follow it */
#define EVENT_IM       BIT32(31)
#define EVENT_IP       BIT32(30)
#define EVENT_DATA     4u
#define EVENT_ADDRESS  8u
#define EVENT_UADDRESS 12u
_Static_assert(VTD_FEDATA == VTD_FECTL + EVENT_DATA &&
                   VTD_IEDATA == VTD_IECTL + EVENT_DATA,
               "both events have one layout");
_Static_assert(VTD_FEADDR == VTD_FECTL + EVENT_ADDRESS &&
                   VTD_IEADDR == VTD_IECTL + EVENT_ADDRESS,
               "both events have one layout");
_Static_assert(VTD_FEUADDR == VTD_FECTL + EVENT_UADDRESS &&
                   VTD_IEUADDR == VTD_IECTL + EVENT_UADDRESS,
               "both events have one layout");

/* FRCD, low and high quadword */
#define FRCD_FI       BITS64(63, 12)
#define FRCD_F        BIT64(63)
#define FRCD_T1       BIT64(62)
#define FRCD_AT_SHIFT 60
#define FRCD_PV_SHIFT 40
#define FRCD_PV_MASK  BITS64(59, 40)
#define FRCD_FR_SHIFT 32
#define FRCD_PP       BIT64(31)
#define FRCD_EXE      BIT64(30)
#define FRCD_PRIV     BIT64(29)
#define FRCD_T2       BIT64(28)
#define FRCD_SID_MASK BITS64(15, 0)

/* IQT, IQH, IQA, ICS, IQERCD */
#define IQ_OFFSET        BITS64(18, 4)
#define IQT_HALF         BIT64(4) /* rsvd with 256-bit descriptors */
#define IQA_BASE         BITS64(63, 12)
#define IQA_DW           BIT64(11)
#define IQA_QS(v)        ((unsigned int)FIELD(v, 2, 0))
#define ICS_IWC          BIT32(0)
#define IQERCD_IQEI_MASK BITS64(3, 0)

enum iqei {
    IQEI_NONE = 0,
    IQEI_TAIL = 1,            /* tail outside the queue */
    IQEI_FETCH = 2,           /* error while a descriptor was fetched */
    IQEI_TYPE = 3,            /* type not supported */
    IQEI_RESERVED = 4,        /* reserved field or reserved value */
    IQEI_WIDTH = 5,           /* descriptor width not supported */
    IQEI_TAIL_MISALIGNED = 6, /* tail splits a 256-bit descriptor */
};

#endif /* MODELS_VTD_REGISTERS_H */
