/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's own reading of SMMUv3's layouts.  Section numbers: Arm System
 * Memory Management Unit Architecture Specification, IHI 0070.
 *
 * Structures are arrays of 64-bit words: ...0(w) is a field of word 0.
 */
#ifndef HARNESS_ORACLE_SMMUV3_LAYOUT_H
#define HARNESS_ORACLE_SMMUV3_LAYOUT_H

#include <oracle/internal.h>

#define FIELD(v, high, low) ((unsigned int)BITS(v, high, low))

/* ---- registers (6.3) ---- */
#define REG_IDR0            0x00000u
#define REG_IIDR            0x00018u
#define REG_AIDR            0x0001cu
#define REG_CR0             0x00020u
#define REG_CR0ACK          0x00024u
#define REG_CR1             0x00028u
#define REG_CR2             0x0002cu
#define REG_GBPA            0x00044u
#define REG_AGBPA           0x00048u
#define REG_IRQ_CTRL        0x00050u
#define REG_IRQ_CTRLACK     0x00054u
#define REG_GERROR          0x00060u
#define REG_GERRORN         0x00064u
#define REG_STRTAB_BASE     0x00080u
#define REG_STRTAB_BASE_CFG 0x00088u
#define REG_CMDQ_BASE       0x00090u
#define REG_CMDQ_PROD       0x00098u
#define REG_CMDQ_CONS       0x0009cu
#define REG_EVENTQ_BASE     0x000a0u
#define REG_EVENTQ_ALIAS    0x000a8u /* of EVENTQ_PROD, and CONS after it */
#define REG_PRIQ_ALIAS      0x000c8u
#define REG_IMPDEF          0x00e00u /* 6.1: to 0xeff */
#define REG_ID              0x00fd0u /* PIDR, CIDR: to 0xfff */
#define REG_EVENTQ_PROD     0x100a8u
#define REG_EVENTQ_CONS     0x100acu

#define CR0_SMMUEN    BIT64(0)
#define CR0_PRIQEN    BIT64(1)
#define CR0_EVENTQEN  BIT64(2)
#define CR0_CMDQEN    BIT64(3)
#define CR0_ATSCHK    BIT64(4)
#define CR1_QUEUE     MASK64(5, 0)
#define CR1_TABLE     MASK64(11, 6)
#define CR2_E2H       BIT64(0)
#define CR2_RECINVSID BIT64(1)
#define CR2_PTM       BIT64(2)
#define GBPA_ABORT    BIT64(20)
#define GBPA_UPDATE   BIT64(31)
#define GBPA_PERMS    MASK64(19, 16) /* PRIVCFG, INSTCFG */
#define GBPA_TYPES    (MASK64(4, 0) | MASK64(13, 8))
#define IRQ_GERROR    BIT64(0)
#define IRQ_EVENTQ    BIT64(2)

#define GERROR_CMDQ   BIT64(0)
#define GERROR_EVENTQ BIT64(2)

#define STRTAB_ADDR(v)     ((v)&MASK64(55, 6))
#define STRTAB_LOG2SIZE(c) FIELD(c, 5, 0)
#define STRTAB_SPLIT(c)    FIELD(c, 10, 6)
#define STRTAB_FMT(c)      FIELD(c, 17, 16)
#define STRTAB_TWO_LEVEL   1u

#define QUEUE_ADDR(v)     ((v)&MASK64(55, 5))
#define QUEUE_LOG2SIZE(v) FIELD(v, 4, 0)
#define QUEUE_POINTER     MASK64(19, 0)
#define QUEUE_OVFLG       BIT64(31) /* EVENTQ_PROD; OVACKFLG in CONS */
#define CMDQ_ERR(v)       FIELD(v, 30, 24)
#define CMDQ_ERR_FIELD    MASK64(30, 24)
#define CERROR_NONE       0u
#define CERROR_ILL        1u
#define CERROR_ABT        2u

/* ---- identification (6.3.1 to 6.3.6) ---- */
#define IDR0_S2P(r)         BITS(r, 0, 0)
#define IDR0_S1P(r)         BITS(r, 1, 1)
#define IDR0_TTF(r)         FIELD(r, 3, 2)
#define IDR0_BTM(r)         BITS(r, 5, 5)
#define IDR0_HTTU(r)        FIELD(r, 7, 6)
#define IDR0_HYP(r)         BITS(r, 9, 9)
#define IDR0_ATS(r)         BITS(r, 10, 10)
#define IDR0_ASID16(r)      BITS(r, 12, 12)
#define IDR0_MSI(r)         BITS(r, 13, 13)
#define IDR0_ATOS(r)        BITS(r, 15, 15)
#define IDR0_PRI(r)         BITS(r, 16, 16)
#define IDR0_VMW(r)         BITS(r, 17, 17)
#define IDR0_VMID16(r)      BITS(r, 18, 18)
#define IDR0_CD2L(r)        BITS(r, 19, 19)
#define IDR0_TTENDIAN(r)    FIELD(r, 22, 21)
#define IDR0_STALL_MODEL(r) FIELD(r, 25, 24)
#define IDR0_TERM_MODEL(r)  BITS(r, 26, 26)
#define IDR0_ST_LEVEL(r)    FIELD(r, 28, 27)
#define IDR0_RME(r)         BITS(r, 30, 30)
#define IDR1_SIDSIZE(r)     FIELD(r, 5, 0)
#define IDR1_SSIDSIZE(r)    FIELD(r, 10, 6)
#define IDR1_EVENTQS(r)     FIELD(r, 20, 16)
#define IDR1_CMDQS(r)       FIELD(r, 25, 21)
#define IDR1_PERMS_OVR(r)   BITS(r, 26, 26)
#define IDR1_TYPES_OVR(r)   BITS(r, 27, 27)
#define IDR1_PRESET(r)      FIELD(r, 30, 28)
#define IDR1_ECMDQ(r)       BITS(r, 31, 31)
#define IDR3_HAD(r)         BITS(r, 2, 2)
#define IDR3_XNX(r)         BITS(r, 4, 4)
#define IDR3_RIL(r)         BITS(r, 10, 10)
#define IDR3_BBML(r)        FIELD(r, 12, 11)
/* PBHA, MPAM, FWB, STT, E0PD and all above: not judged. */
#define IDR3_FOREIGN                                                          \
    (BIT64(3) | BIT64(7) | BIT64(8) | BIT64(9) | MASK64(31, 13))
#define IDR5_OAS(r)      FIELD(r, 2, 0)
#define IDR5_GRANULES(r) FIELD(r, 6, 4) /* 4K, 16K, 64K */
#define IDR5_DS(r)       BITS(r, 7, 7)
#define IDR5_VAX(r)      FIELD(r, 11, 10)

/* ---- stream table (5.1, 5.2) ---- */
#define STE_BYTES        64u
#define STE_WORDS        4u /* of eight; the others say nothing that is judged */
#define L1STD_SPAN(w)    FIELD(w, 4, 0)
#define L1STD_L2PTR(w)   ((w)&MASK64(55, 6))
#define STE0_V(w)        BITS(w, 0, 0)
#define STE0_CONFIG(w)   FIELD(w, 3, 1)
#define STE0_S1FMT(w)    FIELD(w, 5, 4)
#define STE0_S1CTXPTR(w) ((w)&MASK64(55, 6))
#define STE0_S1CDMAX(w)  FIELD(w, 63, 59)
#define STE1_S1DSS(w)    FIELD(w, 1, 0)
#define STE1_CONT(w)     FIELD(w, 16, 13)
#define STE1_MEV(w)      BITS(w, 19, 19)
#define STE1_S1STALLD(w) BITS(w, 27, 27)
#define STE1_EATS(w)     FIELD(w, 29, 28)
#define EATS_FULL        1u
#define STE1_STRW(w)     FIELD(w, 31, 30)
#define STE1_PRIVCFG(w)  FIELD(w, 49, 48)
#define STE1_INSTCFG(w)  FIELD(w, 51, 50)
#define STE2_S2VMID(w)   ((uint16_t)BITS(w, 15, 0))
#define STE2_S2T0SZ(w)   FIELD(w, 37, 32)
#define STE2_S2SL0(w)    FIELD(w, 39, 38)
#define STE2_S2TG(w)     FIELD(w, 47, 46)
#define STE2_S2PS(w)     FIELD(w, 50, 48)
#define STE2_S2AA64(w)   BITS(w, 51, 51)
#define STE2_S2ENDI(w)   BITS(w, 52, 52)
#define STE2_S2AFFD(w)   BITS(w, 53, 53)
#define STE2_S2PTW(w)    BITS(w, 54, 54)
#define STE2_S2HD_HA(w)  FIELD(w, 56, 55)
#define STE2_S2S(w)      BITS(w, 57, 57)
#define STE2_S2R(w)      BITS(w, 58, 58)
#define STE3_S2TTB(w)    ((w)&MASK64(51, 4))

#define CONFIG_BYPASS   4u
#define CONFIG_S1       1u /* bits, while CONFIG_BYPASS is set */
#define CONFIG_S2       2u
#define S1FMT_LINEAR    0u
#define S1FMT_4K        1u
#define S1FMT_64K       2u
#define S1DSS_TERMINATE 0u
#define S1DSS_BYPASS    1u
#define S1DSS_SSID0     2u
#define STRW_EL1        0u
#define STRW_EL2        2u
#define OVERRIDE_OFF    0u
#define OVERRIDE_LOW    2u /* unprivileged, data */
#define OVERRIDE_HIGH   3u /* privileged, instruction */

/* ---- context descriptors (5.3, 5.4) ---- */
#define CD_BYTES      64u
#define CD_WORDS      3u /* of eight; the others are attributes */
#define L1CD_V(w)     BITS(w, 0, 0)
#define L1CD_L2PTR(w) ((w)&MASK64(55, 12))
#define CD0_T0SZ(w)   FIELD(w, 5, 0)
#define CD0_TG0(w)    FIELD(w, 7, 6)
#define CD0_EPD0(w)   BITS(w, 14, 14)
#define CD0_ENDI(w)   BITS(w, 15, 15)
#define CD0_T1SZ(w)   FIELD(w, 21, 16)
#define CD0_TG1(w)    FIELD(w, 23, 22)
#define CD0_EPD1(w)   BITS(w, 30, 30)
#define CD0_V(w)      BITS(w, 31, 31)
#define CD0_IPS(w)    FIELD(w, 34, 32)
#define CD0_AFFD(w)   BITS(w, 35, 35)
#define CD0_WXN(w)    BITS(w, 36, 36)
#define CD0_TBI0(w)   BITS(w, 38, 38)
#define CD0_TBI1(w)   BITS(w, 39, 39)
#define CD0_PAN(w)    BITS(w, 40, 40)
#define CD0_AA64(w)   BITS(w, 41, 41)
#define CD0_HD_HA(w)  FIELD(w, 43, 42)
#define CD0_S(w)      BITS(w, 44, 44)
#define CD0_R(w)      BITS(w, 45, 45)
#define CD0_A(w)      BITS(w, 46, 46)
#define CD0_ASID(w)   ((uint16_t)BITS(w, 63, 48))
#define CD1_HAD0(w)   BITS(w, 1, 1)
#define CD1_TTB0(w)   ((w)&MASK64(51, 4))
#define CD2_HAD1(w)   BITS(w, 1, 1)
#define CD2_TTB1(w)   ((w)&MASK64(51, 4))

/* ---- descriptors (VMSAv8-64) ---- */
#define DESC_VALID       BIT64(0)
#define DESC_TYPE        BIT64(1) /* a table, or a page at level 3 */
#define DESC_AP1         BIT64(6) /* stage 1: unprivileged access */
#define DESC_AP2         BIT64(7) /* stage 1: read only */
#define DESC_S2R         BIT64(6)
#define DESC_S2W         BIT64(7)
#define DESC_S2ATTR(d)   FIELD(d, 5, 2)
#define DESC_AF          BIT64(10)
#define DESC_NG          BIT64(11)
#define DESC_CONTIG      BIT64(52)
#define DESC_PXN         BIT64(53)
#define DESC_UXN         BIT64(54) /* XN at EL2 */
#define DESC_S2XN(d)     FIELD(d, 54, 53)
#define TABLE_PXN        BIT64(59)
#define TABLE_UXN        BIT64(60)
#define TABLE_AP1        BIT64(61) /* no unprivileged access */
#define TABLE_AP2        BIT64(62) /* read only */
#define S2ATTR_DEVICE(a) ((a) < 4)
#define LEVEL_LAST       3u

/* ---- commands (4.1) ---- */
#define COMMAND_BYTES  16u
#define CMD_OP(lo)     FIELD(lo, 7, 0)
#define CMD_SSEC(lo)   BITS(lo, 10, 10)
#define CMD_SSV(lo)    BITS(lo, 11, 11)
#define CMD_GLOBAL(lo) BITS(lo, 9, 9)
#define CMD_SIZE(hi)   FIELD(hi, 5, 0)
#define CMD_SSID(lo)   ((uint32_t)BITS(lo, 31, 12))
#define CMD_SID(lo)    ((uint32_t)BITS(lo, 63, 32))
#define CMD_NUM(lo)    FIELD(lo, 16, 12)
#define CMD_SCALE(lo)  FIELD(lo, 24, 20)
#define CMD_VMID(lo)   ((uint16_t)BITS(lo, 47, 32))
#define CMD_ASID(lo)   ((uint16_t)BITS(lo, 63, 48))
#define CMD_CS(lo)     FIELD(lo, 13, 12)
#define CMD_LEAF(hi)   BITS(hi, 0, 0)
#define CMD_RANGE(hi)  FIELD(hi, 4, 0)
#define CMD_TTL(hi)    FIELD(hi, 9, 8)
#define CMD_TG(hi)     FIELD(hi, 11, 10)
#define CMD_ADDR(hi)   ((hi)&MASK64(63, 12))
#define CMD_IPA(hi)    ((hi)&MASK64(51, 12))
#define CS_IRQ         1u
#define CS_RESERVED    3u
#define RANGE_ALL      31u

#define OP_PREFETCH_CONFIG 0x01u
#define OP_PREFETCH_ADDR   0x02u
#define OP_CFGI_STE        0x03u
#define OP_CFGI_STE_RANGE  0x04u
#define OP_CFGI_CD         0x05u
#define OP_CFGI_CD_ALL     0x06u
#define OP_TLBI_NH_ALL     0x10u
#define OP_TLBI_NH_ASID    0x11u
#define OP_TLBI_NH_VA      0x12u
#define OP_TLBI_NH_VAA     0x13u
#define OP_TLBI_EL2_ALL    0x20u
#define OP_TLBI_EL2_ASID   0x21u
#define OP_TLBI_EL2_VA     0x22u
#define OP_TLBI_EL2_VAA    0x23u
#define OP_TLBI_S12_VMALL  0x28u
#define OP_TLBI_S2_IPA     0x2au
#define OP_TLBI_NSNH_ALL   0x30u
#define OP_ATC_INV         0x40u
#define OP_SYNC            0x46u

/* ---- events (7.3) ---- */
#define EVENT_BYTES     32u
#define EVENT_WORDS     4u
#define EVENT0_SSV      BIT64(11)
#define EVENT0_SSID(s)  ((uint64_t)((s)&0xfffff) << 12)
#define EVENT0_SID(s)   ((uint64_t)(s) << 32)
#define EVENT0_TYPE(w)  FIELD(w, 7, 0)
#define EVENT1_REASON   MASK64(15, 0)
#define EVENT1_PNU      BIT64(33)
#define EVENT1_IND      BIT64(34)
#define EVENT1_RNW      BIT64(35)
#define EVENT1_S2       BIT64(39)
#define EVENT1_CLASS(c) ((uint64_t)(c) << 40)
#define EVENT1_TTRNW    BIT64(44)
#define EVENT3_IPA      MASK64(55, 12)
#define EVENT3_FETCH    MASK64(55, 3)
#define CLASS_CD        0u
#define CLASS_TT        1u
#define CLASS_IN        2u

_Static_assert(STE1_STRW(BIT64(31)) == STRW_EL2, "STE bits 95:94");
_Static_assert(STE1_INSTCFG(BIT64(115 - 64)) == 2, "STE bits 115:114");
_Static_assert(STE2_S2PS(BIT64(178 - 128)) == 4, "STE bits 178:176");
_Static_assert(STE3_S2TTB(BIT64(243 - 192)) == BIT64(51), "STE bits 243:196");
_Static_assert(CD2_TTB1(BIT64(179 - 128)) == BIT64(51), "CD bits 179:132");
_Static_assert(CMD_TG(MASK64(75 - 64, 74 - 64)) == 3, "command bits 75:74");
_Static_assert(EVENT1_S2 == BIT64(103 - 64), "event bit 103");
_Static_assert(EVENT1_TTRNW == BIT64(108 - 64), "event bit 108");
_Static_assert(EVENT1_CLASS(3) == MASK64(105 - 64, 104 - 64), "CLASS");

#endif /* HARNESS_ORACLE_SMMUV3_LAYOUT_H */
