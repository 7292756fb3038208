/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures in memory: stream table and context descriptor tables (chapter
 * 5), VMSAv8-64 descriptors, commands (chapter 4), event records (chapter 7).
 * Words are the 64-bit words of a structure, numbered from 0.
 */
#ifndef MODELS_SMMUV3_STRUCTURES_H
#define MODELS_SMMUV3_STRUCTURES_H

#include "registers.h"

/* ---- 5.1 L1STD ---- */

#define L1STD_SIZE    8u
#define L1STD_SPAN(v) ((unsigned int)FIELD(v, 4, 0))
#define L1STD_L2PTR   BITS64(55, 6)
#define SPAN_MAX      11u

/* ---- 5.2 STE: 64 bytes, of which this unit uses the first 32 ---- */

#define STE_SIZE  64u
#define STE_WORDS 4

/* word 0 */
#define STE_V            BIT64(0)
#define STE_CONFIG(w0)   ((unsigned int)FIELD(w0, 3, 1))
#define STE_S1FMT(w0)    ((unsigned int)FIELD(w0, 5, 4))
#define STE_S1CONTEXTPTR BITS64(55, 6)
#define STE_S1CDMAX(w0)  ((unsigned int)FIELD(w0, 63, 59))
/* word 1 */
#define STE_S1DSS(w1)   ((unsigned int)FIELD(w1, 1, 0))
#define STE_MEV         BIT64(19)
#define STE_S1STALLD    BIT64(27)
#define STE_STRW(w1)    ((unsigned int)FIELD(w1, 31, 30))
#define STE_PRIVCFG(w1) ((unsigned int)FIELD(w1, 49, 48))
#define STE_INSTCFG(w1) ((unsigned int)FIELD(w1, 51, 50))
/* word 2 */
#define STE_S2VMID(w2) ((uint32_t)FIELD(w2, 15, 0))
#define STE_S2T0SZ(w2) ((unsigned int)FIELD(w2, 37, 32))
#define STE_S2SL0(w2)  ((unsigned int)FIELD(w2, 39, 38))
#define STE_S2TG(w2)   ((unsigned int)FIELD(w2, 47, 46))
#define STE_S2PS(w2)   ((unsigned int)FIELD(w2, 50, 48))
#define STE_S2AA64     BIT64(51)
#define STE_S2ENDI     BIT64(52)
#define STE_S2AFFD     BIT64(53)
#define STE_S2HD       BIT64(55)
#define STE_S2HA       BIT64(56)
#define STE_S2S        BIT64(57)
#define STE_S2R        BIT64(58)
/* word 3 */
#define STE_S2TTB BITS64(51, 4)

/* Config: bit 2 set lets traffic pass, bits 1 and 0 are the stages. */
#define CONFIG_PASS 4u
#define CONFIG_S2   2u
#define CONFIG_S1   1u

enum s1fmt {
    S1FMT_LINEAR = 0, /* 3 acts as 0 */
    S1FMT_4K = 1,
    S1FMT_64K = 2,
};

enum s1dss {
    S1DSS_TERMINATE = 0, /* 3 acts as 0 */
    S1DSS_BYPASS = 1,
    S1DSS_CD0 = 2,
};

#define STRW_EL2 2u

/* PRIVCFG and INSTCFG; 0 and 1: as the device says */
#define PRIVCFG_UNPRIVILEGED 2u
#define PRIVCFG_PRIVILEGED   3u
#define INSTCFG_DATA         2u
#define INSTCFG_INSTRUCTION  3u

/* ---- 5.3 L1CD ---- */

#define L1CD_SIZE  8u
#define L1CD_V     BIT64(0)
#define L1CD_L2PTR BITS64(55, 12)

/* ---- 5.4 CD: 64 bytes, of which this unit uses the first 24 ---- */

#define CD_SIZE  64u
#define CD_WORDS 3

/* word 0 */
#define CD_T0SZ(w0) ((unsigned int)FIELD(w0, 5, 0))
#define CD_TG0(w0)  ((unsigned int)FIELD(w0, 7, 6))
#define CD_EPD0     BIT64(14)
#define CD_ENDI     BIT64(15)
#define CD_T1SZ(w0) ((unsigned int)FIELD(w0, 21, 16))
#define CD_TG1(w0)  ((unsigned int)FIELD(w0, 23, 22))
#define CD_EPD1     BIT64(30)
#define CD_V        BIT64(31)
#define CD_IPS(w0)  ((unsigned int)FIELD(w0, 34, 32))
#define CD_AFFD     BIT64(35)
#define CD_WXN      BIT64(36)
#define CD_TBI0     BIT64(38)
#define CD_TBI1     BIT64(39)
#define CD_PAN      BIT64(40)
#define CD_AA64     BIT64(41)
#define CD_HD       BIT64(42)
#define CD_HA       BIT64(43)
#define CD_S        BIT64(44)
#define CD_R        BIT64(45)
#define CD_A        BIT64(46)
#define CD_ASET     BIT64(47)
#define CD_ASID(w0) ((uint32_t)FIELD(w0, 63, 48))
/* words 1 and 2: the two halves */
#define CD_HAD BIT64(1)
#define CD_TTB BITS64(51, 4)

/* Granules as page shifts, by TG0 or S2TG, and by TG1; 0: reserved */
#define TG0_SHIFTS                                                            \
    {                                                                         \
        12, 16, 14, 0                                                         \
    }
#define TG1_SHIFTS                                                            \
    {                                                                         \
        0, 14, 12, 16                                                         \
    }

/* IPS, S2PS, IDR5.OAS: bits.  6 and 7 are beyond this unit's OAS. */
#define ADDRESS_SIZES                                                         \
    {                                                                         \
        32, 36, 40, 42, 44, 48, 52, 56                                        \
    }

/* TxSZ without IDR3.STT and IDR5.VAX */
#define TXSZ_MIN 16u
#define TXSZ_MAX 39u

_Static_assert((CD_V & (CD_EPD1 | CD_TBI0)) == 0 && CD_V == BITS64(31, 31),
               "V is bit 31 of a CD");
_Static_assert((STE_S2TTB & BITS64(63, 56)) == 0,
               "the top byte of word 3 is free in a cached STE");

/* ---- VMSAv8-64 descriptors ---- */

#define DESCRIPTOR_SIZE 8u
#define LEVEL_LAST      3u
/* A table has 2^(granule - 3) entries. */
#define STRIDE(granule) ((granule)-3u)
#define LEVEL_SHIFT(granule, level)                                           \
    ((granule) + (3u - (level)) * STRIDE(granule))

#define TTD_VALID          BIT64(0)
#define TTD_TABLE          BIT64(1) /* at level 3: a page */
#define TTD_ADDRESS        BITS64(47, 12)
#define TTD_AF             BIT64(10)
#define TTD_NT             BIT64(16) /* blocks, with IDR3.BBML > 0 */
#define TTD_S1_AP_EL0      BIT64(6)
#define TTD_S1_AP_RO       BIT64(7)
#define TTD_S1_NG          BIT64(11)
#define TTD_S1_PXN         BIT64(53)
#define TTD_S1_UXN         BIT64(54) /* XN in a regime without EL0 */
#define TTD_S1_PXNTABLE    BIT64(59)
#define TTD_S1_UXNTABLE    BIT64(60)
#define TTD_S1_APTABLE_EL0 BIT64(61) /* no access by EL0 */
#define TTD_S1_APTABLE_RO  BIT64(62)
#define TTD_S1_HIERARCHY   BITS64(62, 59)
#define TTD_S2_R           BIT64(6)
#define TTD_S2_W           BIT64(7)
#define TTD_S2_XN(d)       ((unsigned int)FIELD(d, 54, 53))
_Static_assert((TTD_S1_PXNTABLE | TTD_S1_UXNTABLE | TTD_S1_APTABLE_EL0 |
                TTD_S1_APTABLE_RO) == TTD_S1_HIERARCHY,
               "what a table descriptor says of all below it");

/* ---- 4.1 Commands: 16 bytes ---- */

#define COMMAND_SIZE        16u
#define COMMAND_OPCODE(w0)  ((unsigned int)FIELD(w0, 7, 0))
#define COMMAND_SSEC        BIT64(10)
#define COMMAND_SSV         BIT64(11)
#define COMMAND_SSID(w0)    ((uint32_t)FIELD(w0, 31, 12))
#define COMMAND_SID(w0)     ((uint32_t)FIELD(w0, 63, 32))
#define COMMAND_VMID(w0)    ((uint32_t)FIELD(w0, 47, 32))
#define COMMAND_ASID(w0)    ((uint32_t)FIELD(w0, 63, 48))
#define COMMAND_NUM(w0)     ((unsigned int)FIELD(w0, 16, 12))
#define COMMAND_SCALE(w0)   ((unsigned int)FIELD(w0, 24, 20))
#define COMMAND_CS(w0)      ((unsigned int)FIELD(w0, 13, 12))
#define COMMAND_LEAF        BIT64(0) /* word 1 */
#define COMMAND_RANGE(w1)   ((unsigned int)FIELD(w1, 4, 0))
#define COMMAND_SIZE_OF(w1) ((unsigned int)FIELD(w1, 4, 0))
#define COMMAND_STRIDE(w1)  ((unsigned int)FIELD(w1, 9, 5))
#define COMMAND_TTL(w1)     ((unsigned int)FIELD(w1, 9, 8))
#define COMMAND_TG(w1)      ((unsigned int)FIELD(w1, 11, 10))
#define COMMAND_VA          BITS64(63, 12)
#define COMMAND_IPA         BITS64(51, 12)

enum opcode {
    CMD_PREFETCH_CONFIG = 0x01,
    CMD_PREFETCH_ADDR = 0x02,
    CMD_CFGI_STE = 0x03,
    CMD_CFGI_STE_RANGE = 0x04,
    CMD_CFGI_CD = 0x05,
    CMD_CFGI_CD_ALL = 0x06,
    CMD_TLBI_NH_ALL = 0x10,
    CMD_TLBI_NH_ASID = 0x11,
    CMD_TLBI_NH_VA = 0x12,
    CMD_TLBI_NH_VAA = 0x13,
    CMD_TLBI_EL2_ALL = 0x20,
    CMD_TLBI_EL2_ASID = 0x21,
    CMD_TLBI_EL2_VA = 0x22,
    CMD_TLBI_EL2_VAA = 0x23,
    CMD_TLBI_S12_VMALL = 0x28,
    CMD_TLBI_S2_IPA = 0x2a,
    CMD_TLBI_NSNH_ALL = 0x30,
    CMD_SYNC = 0x46,
};

enum completion_signal {
    CS_NONE = 0,
    CS_IRQ = 1,
    CS_SEV = 2,
    CS_RESERVED = 3
};

/* Page shift of a command's TG */
#define COMMAND_TG_SHIFTS                                                     \
    {                                                                         \
        0, 12, 14, 16                                                         \
    }

/* ---- 7.3 Event records: 32 bytes ---- */

#define EVENT_SIZE  32u
#define EVENT_WORDS 4

/* word 0 */
#define EVENT_SSV        BIT64(11)
#define EVENT_SSID_SHIFT 12
#define EVENT_SID_SHIFT  32
/* word 1 */
#define EVENT_PNU         BIT64(33)
#define EVENT_IND         BIT64(34)
#define EVENT_RNW         BIT64(35)
#define EVENT_S2          BIT64(39)
#define EVENT_CLASS_SHIFT 40
#define EVENT_TTRNW       BIT64(44)
/* word 3 */
#define EVENT_IPA       BITS64(55, 12)
#define EVENT_FETCHADDR BITS64(55, 3)

enum event_class {
    CLASS_CD = 0, /* fetch of a CD or L1CD */
    CLASS_TT = 1, /* fetch of a stage-1 descriptor */
    CLASS_IN = 2, /* the address of the request itself */
};

#endif /* MODELS_SMMUV3_STRUCTURES_H */
