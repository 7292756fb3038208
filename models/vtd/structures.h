/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures in memory: root and context entries, second-level paging entries
 * (chapters 3 and 9), invalidation descriptors (6.5.2).
 */
#ifndef MODELS_VTD_STRUCTURES_H
#define MODELS_VTD_STRUCTURES_H

#include "registers.h"

/* 9.1 Root entry: 16 bytes, indexed by bus */
#define ROOT_ENTRY_SIZE    16u
#define ROOT_P             BIT64(0)
#define ROOT_CTP           BITS64(63, 12)
#define ROOT_RESERVED_LOW  BITS64(11, 1)
#define ROOT_RESERVED_HIGH BITS64(63, 0)
#define SID_BUS(sid)       ((uint32_t)FIELD(sid, 15, 8))
#define SID_DEVFN(sid)     ((uint32_t)FIELD(sid, 7, 0))

/* 9.3 Context entry: 16 bytes, indexed by device and function */
#define CONTEXT_ENTRY_SIZE    16u
#define CONTEXT_P             BIT64(0)
#define CONTEXT_FPD           BIT64(1)
#define CONTEXT_TT(low)       ((unsigned int)FIELD(low, 3, 2))
#define CONTEXT_RESERVED_LOW  BITS64(11, 4)
#define CONTEXT_SLPTPTR       BITS64(63, 12)
#define CONTEXT_AW(high)      ((unsigned int)FIELD(high, 2, 0))
#define CONTEXT_DID(high)     ((uint32_t)FIELD(high, 23, 8))
#define CONTEXT_RESERVED_HIGH (BIT64(7) | BITS64(63, 24))
_Static_assert((ROOT_P | ROOT_CTP | ROOT_RESERVED_LOW) == ~UINT64_C(0),
               "every bit of a root entry has a meaning");
_Static_assert((CONTEXT_P | CONTEXT_FPD | BITS64(3, 2) | CONTEXT_RESERVED_LOW |
                CONTEXT_SLPTPTR) == ~UINT64_C(0),
               "every bit of a context entry has a meaning");

enum context_tt {
    TT_UNTRANSLATED = 0, /* untranslated requests only */
    TT_DEVICE_TLB = 1,   /* needs ECAP.DT */
    TT_PASS_THROUGH = 2, /* needs ECAP.PT */
};

/* AW: 1 = 39 bits and 3 levels, 2 = 48 bits and 4 levels */
#define AW_39         1u
#define AW_48         2u
#define AW_LEVELS(aw) ((aw) + 2u)
#define AW_WIDTH(aw)  (30u + 9u * (aw))

/* 9.8 Second-level paging entry: 8 bytes, 512 per table */
#define SL_ENTRY_SIZE 8u
#define SL_R          BIT64(0)
#define SL_W          BIT64(1)
#define SL_PS         BIT64(7)
#define SL_SNP        BIT64(11)
#define SL_TM         BIT64(62)
#define SL_ADDR       BITS64(51, 12)

/* First address bit that an entry of @level translates by itself. */
#define SL_SHIFT(level)          (12u + 9u * ((level)-1u))
#define SL_INDEX(address, level) (((address) >> SL_SHIFT(level)) & 0x1ffu)
#define SL_OFFSET_MASK(level)    ((UINT64_C(1) << SL_SHIFT(level)) - 1)

/* 3.14 Interrupt address range */
#define IN_INTERRUPT_RANGE(address) ((address) >> 20 == 0xfee)

/* 6.5.2 Descriptors: type in bits 11:9 and 3:0 of the low quadword */
#define DESCRIPTOR_SIZE 16u
#define DESCRIPTOR_TYPE(low)                                                  \
    ((unsigned int)(FIELD(low, 11, 9) << 4 | FIELD(low, 3, 0)))
enum descriptor_type {
    DESCRIPTOR_CONTEXT = 1,
    DESCRIPTOR_IOTLB = 2,
    DESCRIPTOR_IEC = 4,
    DESCRIPTOR_WAIT = 5,
};

#define CC_DESC_G(low)        ((unsigned int)FIELD(low, 5, 4))
#define CC_DESC_DID(low)      ((uint32_t)FIELD(low, 31, 16))
#define CC_DESC_SID(low)      ((uint32_t)FIELD(low, 47, 32))
#define CC_DESC_FM(low)       ((unsigned int)FIELD(low, 49, 48))
#define CC_DESC_RESERVED_LOW  (BITS64(63, 50) | BITS64(15, 12) | BITS64(8, 6))
#define CC_DESC_RESERVED_HIGH BITS64(63, 0)

#define IOTLB_DESC_G(low)        ((unsigned int)FIELD(low, 5, 4))
#define IOTLB_DESC_DW            BIT64(6)
#define IOTLB_DESC_DR            BIT64(7)
#define IOTLB_DESC_DID(low)      ((uint32_t)FIELD(low, 31, 16))
#define IOTLB_DESC_RESERVED_LOW  (BITS64(63, 32) | BITS64(15, 12) | BIT64(8))
#define IOTLB_DESC_RESERVED_HIGH BITS64(11, 7)

#define IEC_DESC_RESERVED_LOW  (BITS64(63, 48) | BITS64(26, 12) | BITS64(8, 5))
#define IEC_DESC_RESERVED_HIGH BITS64(63, 0)

#define WAIT_DESC_IF            BIT64(4)
#define WAIT_DESC_SW            BIT64(5)
#define WAIT_DESC_FN            BIT64(6)
#define WAIT_DESC_STDATA(low)   ((uint32_t)FIELD(low, 63, 32))
#define WAIT_DESC_STADDR        BITS64(63, 2)
#define WAIT_DESC_RESERVED_LOW  (BITS64(31, 12) | BITS64(8, 7))
#define WAIT_DESC_RESERVED_HIGH BITS64(1, 0)

/* Granularities: the registers' and the descriptors' codes are the same. */
enum granularity {
    GRANULARITY_RESERVED = 0,
    GRANULARITY_GLOBAL = 1,
    GRANULARITY_DOMAIN = 2,
    GRANULARITY_SELECTIVE = 3, /* device, or page in domain */
};

#endif /* MODELS_VTD_STRUCTURES_H */
