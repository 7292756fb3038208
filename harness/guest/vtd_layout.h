/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-d as a guest's driver writes it: register offsets, structures,
 * descriptors (Intel Virtualization Technology for Directed I/O).  Encoders
 * only, for the guest models; judges and models have decoders of their own.
 */
#ifndef HARNESS_GUEST_VTD_LAYOUT_H
#define HARNESS_GUEST_VTD_LAYOUT_H

#include <stdint.h>

/* clang-format off */

/* Registers (chapter 11), offsets in bytes. */
#define GUEST_VER       0x000
#define GUEST_CAP       0x008
#define GUEST_ECAP      0x010
#define GUEST_GCMD      0x018
#define GUEST_GSTS      0x01c
#define GUEST_RTADDR    0x020
#define GUEST_CCMD      0x028
#define GUEST_FSTS      0x034
#define GUEST_FECTL     0x038
#define GUEST_FEDATA    0x03c
#define GUEST_FEADDR    0x040
#define GUEST_FEUADDR   0x044
#define GUEST_PMEN      0x064
#define GUEST_IQH       0x080
#define GUEST_IQT       0x088
#define GUEST_IQA       0x090
#define GUEST_ICS       0x09c
#define GUEST_IECTL     0x0a0
#define GUEST_IEDATA    0x0a4
#define GUEST_IEADDR    0x0a8
#define GUEST_IEUADDR   0x0ac

/* ECAP.IRO: IVA, and IOTLB 8 bytes behind it, in units of 16 bytes. */
#define GUEST_IVA(ecap)   ((uint32_t)(((ecap) >> 8) & 0x3ff) * 16)
#define GUEST_IOTLB(ecap) (GUEST_IVA(ecap) + 8)

#define GUEST_CAP_RWBF  (UINT64_C(1) << 4)
#define GUEST_CAP_PLMR  (UINT64_C(1) << 5)
#define GUEST_CAP_PHMR  (UINT64_C(1) << 6)
#define GUEST_ECAP_QI   (UINT64_C(1) << 1)

/* GCMD and GSTS have the same bits (11.4.4); one-shot commands must not be
 * repeated when another bit is changed. */
#define GUEST_G_TE      (1u << 31)
#define GUEST_G_SRTP    (1u << 30)
#define GUEST_G_WBF     (1u << 27)
#define GUEST_G_QIE     (1u << 26)
#define GUEST_G_KEEP    0x96ffffffu

#define GUEST_FSTS_IQE  (1u << 4)
#define GUEST_FECTL_IM  (1u << 31)

/* Root entry (9.1) and context entry (9.3), 16 bytes each. */
#define GUEST_ENTRY_SIZE        16
#define GUEST_PRESENT           UINT64_C(1)
#define GUEST_CONTEXT_FPD       (UINT64_C(1) << 1)
#define GUEST_CONTEXT_TT(tt)    ((uint64_t)(tt) << 2)
#define GUEST_CONTEXT_AW(aw)    ((uint64_t)(aw))        /* high half */
#define GUEST_CONTEXT_DID(did)  ((uint64_t)(did) << 8)  /* high half */
#define GUEST_FRAME_MASK        UINT64_C(0x000ffffffffff000)

/* Second-level entries (9.8). */
#define GUEST_SL_READ   (UINT64_C(1) << 0)
#define GUEST_SL_WRITE  (UINT64_C(1) << 1)
#define GUEST_SL_PS     (UINT64_C(1) << 7)

/* Invalidation descriptors (6.5.2): low half. */
#define GUEST_IQ_CONTEXT        UINT64_C(1)
#define GUEST_IQ_IOTLB          UINT64_C(2)
#define GUEST_IQ_WAIT           UINT64_C(5)
#define GUEST_IQ_G(g)           ((uint64_t)(g) << 4)
#define GUEST_IQ_DID(did)       ((uint64_t)(did) << 16)
#define GUEST_IQ_SID(sid)       ((uint64_t)(sid) << 32)
#define GUEST_IQ_FM(fm)         ((uint64_t)(fm) << 48)
#define GUEST_IQ_DW             (UINT64_C(1) << 6)
#define GUEST_IQ_DR             (UINT64_C(1) << 7)
#define GUEST_IQ_IF             (UINT64_C(1) << 4)
#define GUEST_IQ_SW             (UINT64_C(1) << 5)
#define GUEST_IQ_FN             (UINT64_C(1) << 6)
#define GUEST_IQ_STDATA(data)   ((uint64_t)(data) << 32)
/* High half of an IOTLB descriptor; the same fields make up IVA. */
#define GUEST_IVA_AM(am)        ((uint64_t)(am))
#define GUEST_IVA_IH            (UINT64_C(1) << 6)
#define GUEST_IQ_SHIFT          4       /* log2 of a descriptor's bytes */
#define GUEST_IQ_ENTRIES(qs)    (256u << (qs))

/* CCMD (11.4.6.1) and IOTLB (11.4.6.2) registers. */
#define GUEST_CCMD_ICC          (UINT64_C(1) << 63)
#define GUEST_CCMD_CIRG(g)      ((uint64_t)(g) << 61)
#define GUEST_CCMD_CAIG(v)      ((unsigned int)((v) >> 59) & 3)
#define GUEST_CCMD_FM(fm)       ((uint64_t)(fm) << 32)
#define GUEST_CCMD_SID(sid)     ((uint64_t)(sid) << 16)
#define GUEST_IOTLB_IVT         (UINT64_C(1) << 63)
#define GUEST_IOTLB_IIRG(g)     ((uint64_t)(g) << 60)
#define GUEST_IOTLB_IAIG(v)     ((unsigned int)((v) >> 57) & 3)
#define GUEST_IOTLB_DR          (UINT64_C(1) << 49)
#define GUEST_IOTLB_DW          (UINT64_C(1) << 48)
#define GUEST_IOTLB_DID(did)    ((uint64_t)(did) << 32)

/* clang-format on */

_Static_assert(GUEST_IVA(UINT64_C(0xf00f4a)) == 0xf0,
               "ECAP.IRO of the recorded sessions");

#endif /* HARNESS_GUEST_VTD_LAYOUT_H */
