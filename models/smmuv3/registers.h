/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register offsets and fields (chapter 6).  Only what this unit has.
 */
#ifndef MODELS_SMMUV3_REGISTERS_H
#define MODELS_SMMUV3_REGISTERS_H

#include <common/bits.h>

#include <stdint.h>

/*
 * All registers are in the first 256 bytes of page 0 and of page 1; the rest
 * of both pages is reserved.  The file holds these two pieces.
 */
#define REGISTER_PAGE  0x10000u
#define REGISTER_PIECE 0x100u
#define REGISTER_WORDS (2 * REGISTER_PIECE / 4)

#define SMMU_IDR0            0x000u
#define SMMU_IDR1            0x004u
#define SMMU_IDR2            0x008u
#define SMMU_IDR3            0x00cu
#define SMMU_IDR4            0x010u
#define SMMU_IDR5            0x014u
#define SMMU_IIDR            0x018u
#define SMMU_AIDR            0x01cu
#define SMMU_CR0             0x020u
#define SMMU_CR0ACK          0x024u
#define SMMU_CR1             0x028u
#define SMMU_CR2             0x02cu
#define SMMU_STATUSR         0x040u
#define SMMU_GBPA            0x044u
#define SMMU_IRQ_CTRL        0x050u
#define SMMU_IRQ_CTRLACK     0x054u
#define SMMU_GERROR          0x060u
#define SMMU_GERRORN         0x064u
#define SMMU_STRTAB_BASE     0x080u
#define SMMU_STRTAB_BASE_CFG 0x088u
#define SMMU_CMDQ_BASE       0x090u
#define SMMU_CMDQ_PROD       0x098u
#define SMMU_CMDQ_CONS       0x09cu
#define SMMU_EVENTQ_BASE     0x0a0u
#define SMMU_EVENTQ_PROD     (REGISTER_PAGE + 0x0a8u)
#define SMMU_EVENTQ_CONS     (REGISTER_PAGE + 0x0acu)

/* IDR0 */
#define IDR0_S2P            BIT32(0)
#define IDR0_S1P            BIT32(1)
#define IDR0_TTF(v)         ((unsigned int)FIELD(v, 3, 2))
#define IDR0_COHACC         BIT32(4)
#define IDR0_BTM            BIT32(5)
#define IDR0_HTTU_MASK      ((uint32_t)BITS64(7, 6))
#define IDR0_DORMHINT       BIT32(8)
#define IDR0_HYP            BIT32(9)
#define IDR0_ATS            BIT32(10)
#define IDR0_NS1ATS         BIT32(11)
#define IDR0_ASID16         BIT32(12)
#define IDR0_MSI            BIT32(13)
#define IDR0_SEV            BIT32(14)
#define IDR0_ATOS           BIT32(15)
#define IDR0_PRI            BIT32(16)
#define IDR0_VMW            BIT32(17)
#define IDR0_VMID16         BIT32(18)
#define IDR0_CD2L           BIT32(19)
#define IDR0_VATOS          BIT32(20)
#define IDR0_TTENDIAN(v)    ((unsigned int)FIELD(v, 22, 21))
#define IDR0_ATSRECERR      BIT32(23)
#define IDR0_STALL_MODEL(v) ((unsigned int)FIELD(v, 25, 24))
#define IDR0_TERM_MODEL     BIT32(26)
#define IDR0_ST_LEVEL(v)    ((unsigned int)FIELD(v, 28, 27))
#define IDR0_RME_IMPL       BIT32(30)
#define IDR0_RESERVED       (BIT32(29) | BIT32(31))

#define TTF_AARCH64     2u
#define TTENDIAN_LITTLE 2u
#define STALL_TERMINATE 1u
#define ST_LEVEL_TWO    1u

#define IDR0_MAKE_TTF(v)         ((uint32_t)(v) << 2)
#define IDR0_MAKE_TTENDIAN(v)    ((uint32_t)(v) << 21)
#define IDR0_MAKE_STALL_MODEL(v) ((uint32_t)(v) << 24)
#define IDR0_MAKE_ST_LEVEL(v)    ((uint32_t)(v) << 27)

/* IDR1 */
#define IDR1_SIDSIZE(v)       ((unsigned int)FIELD(v, 5, 0))
#define IDR1_SSIDSIZE(v)      ((unsigned int)FIELD(v, 10, 6))
#define IDR1_PRIQS_MASK       ((uint32_t)BITS64(15, 11))
#define IDR1_EVENTQS(v)       ((unsigned int)FIELD(v, 20, 16))
#define IDR1_CMDQS(v)         ((unsigned int)FIELD(v, 25, 21))
#define IDR1_ATTR_PERMS_OVR   BIT32(26)
#define IDR1_ATTR_TYPES_OVR   BIT32(27)
#define IDR1_REL              BIT32(28)
#define IDR1_QUEUES_PRESET    BIT32(29)
#define IDR1_TABLES_PRESET    BIT32(30)
#define IDR1_ECMDQ            BIT32(31)
#define IDR1_MAKE_SSIDSIZE(v) ((uint32_t)(v) << 6)
#define IDR1_MAKE_EVENTQS(v)  ((uint32_t)(v) << 16)
#define IDR1_MAKE_CMDQS(v)    ((uint32_t)(v) << 21)

/* IDR3 */
#define IDR3_HAD          BIT32(2)
#define IDR3_PBHA         BIT32(3)
#define IDR3_XNX          BIT32(4)
#define IDR3_PPS          BIT32(5)
#define IDR3_MPAM         BIT32(7)
#define IDR3_FWB          BIT32(8)
#define IDR3_STT          BIT32(9)
#define IDR3_RIL          BIT32(10)
#define IDR3_BBML(v)      ((unsigned int)FIELD(v, 12, 11))
#define IDR3_E0PD         BIT32(13)
#define IDR3_PTWNNC       BIT32(14)
#define IDR3_MAKE_BBML(v) ((uint32_t)(v) << 11)

/* IDR5 */
#define IDR5_OAS(v)         ((unsigned int)FIELD(v, 2, 0))
#define IDR5_GRAN4K         BIT32(4)
#define IDR5_GRAN16K        BIT32(5)
#define IDR5_GRAN64K        BIT32(6)
#define IDR5_DS             BIT32(7)
#define IDR5_D128           BIT32(8)
#define IDR5_VAX_MASK       ((uint32_t)BITS64(11, 10))
#define IDR5_STALL_MAX_MASK ((uint32_t)BITS64(31, 16))
#define OAS_48              5u

/* CR0, CR0ACK */
#define CR0_SMMUEN   BIT32(0)
#define CR0_EVENTQEN BIT32(2)
#define CR0_CMDQEN   BIT32(3)

/* CR1: memory attributes, kept and without effect here */
#define CR1_QUEUE ((uint32_t)BITS64(5, 0))
#define CR1_TABLE ((uint32_t)BITS64(11, 6))

/* CR2 */
#define CR2_E2H       BIT32(0)
#define CR2_RECINVSID BIT32(1)
#define CR2_PTM       BIT32(2)

/* GBPA: the memory attributes have no effect here */
#define GBPA_SHCFG_INCOMING BIT32(12)
#define GBPA_ABORT          BIT32(20)
#define GBPA_UPDATE         BIT32(31)
#define GBPA_FIELDS         ((uint32_t)(BITS64(20, 16) | BITS64(13, 8) | BITS64(4, 0)))

/* IRQ_CTRL, IRQ_CTRLACK */
#define IRQ_CTRL_GERROR BIT32(0)
#define IRQ_CTRL_EVENTQ BIT32(2)

/* GERROR, GERRORN: those that this unit can meet */
#define GERROR_CMDQ_ERR   BIT32(0)
#define GERROR_EVENTQ_ABT BIT32(2)

/* STRTAB_BASE, STRTAB_BASE_CFG */
#define STRTAB_BASE_ADDR         BITS64(55, 6)
#define BASE_HINT                BIT64(62) /* RA or WA */
#define STRTAB_BASE_CFG_SIZE(v)  ((unsigned int)FIELD(v, 5, 0))
#define STRTAB_BASE_CFG_SPLIT(v) ((unsigned int)FIELD(v, 10, 6))
#define STRTAB_BASE_CFG_LEVELS   (BITS64(17, 16) | BITS64(10, 6))
#define STRTAB_BASE_CFG_FMT(v)   ((unsigned int)FIELD(v, 17, 16))
#define FMT_2LEVEL               1u

/* Queues: BASE, PROD, CONS */
#define QUEUE_BASE_ADDR     BITS64(55, 5)
#define QUEUE_BASE_SIZE(v)  ((unsigned int)FIELD(v, 4, 0))
#define QUEUE_INDEX         ((uint32_t)BITS64(19, 0))
#define CMDQ_CONS_ERR_MASK  ((uint32_t)BITS64(30, 24))
#define CMDQ_CONS_ERR_SHIFT 24
#define EVENTQ_OVERFLOW     BIT32(31) /* OVFLG, OVACKFLG */

enum cerror {
    CERROR_NONE = 0,
    CERROR_ILL = 1, /* unknown command, or an illegal field */
    CERROR_ABT = 2, /* the bus refused the fetch */
};

#endif /* MODELS_SMMUV3_REGISTERS_H */
