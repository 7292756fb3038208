/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register file (6.3), pages 0 and 1, as one table, and what writing does.
 *
 * All accesses come down to aligned double words: a quadword access is its two
 * halves, low first.  Writes of less than a double word, or not naturally
 * aligned, are dropped; reads give the bytes.  What is in no row is RES0: the
 * registers of features that no guest is offered (PRI, ATOS, MSI and others)
 * are among them.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

/* Bits that software writes, while none of these CR0 bits is set, neither in
 * CR0 nor in CR0ACK. */
struct writable {
    uint64_t bits;
    uint32_t unless;
};

struct register_row {
    uint32_t offset;
    uint8_t size;
    struct writable rw[2];
    void (*written)(struct vsmmuv3 *v, uint64_t old);
};

static void cr0_written(struct vsmmuv3 *v, uint64_t old);
static void gbpa_written(struct vsmmuv3 *v, uint64_t old);
static void irq_ctrl_written(struct vsmmuv3 *v, uint64_t old);
static void queue_written(struct vsmmuv3 *v, uint64_t old);

#define DWORD SMMU_MASK(31, 0)

#define CR0_BUILT                                                             \
    (SMMU_CR0_SMMUEN | SMMU_CR0_EVENTQEN | SMMU_CR0_CMDQEN | SMMU_CR0_ATSCHK)
#define IRQ_CTRL_BUILT (SMMU_IRQ_CTRL_GERROR | SMMU_IRQ_CTRL_EVENTQ)
#define GERRORN_BUILT                                                         \
    (SMMU_GERROR_CMDQ_ERR | SMMU_GERROR_EVENTQ_ABT | SMMU_GERROR_SFM)
#define GBPA_BUILT                                                            \
    (SMMU_GBPA_MEMATTR | SMMU_GBPA_MTCFG | SMMU_GBPA_ALLOCCFG |               \
     SMMU_GBPA_SHCFG | SMMU_GBPA_PRIVCFG | SMMU_GBPA_INSTCFG |                \
     SMMU_GBPA_ABORT | SMMU_GBPA_UPDATE)
#define QUEUE_BASE                                                            \
    (SMMU_QUEUE_BASE_ALLOC | SMMU_QUEUE_BASE_ADDR | SMMU_MASK(4, 0))

/* Rows: read-only, writable, with a consequence, unless an enable is set. */
/* clang-format off */
#define RO(o)            { .offset = o, .size = 4 }
#define RW(o, bits)      { .offset = o, .size = 4, .rw = { { bits, 0 } } }
#define RW_THEN(o, bits, fn)                                                  \
    { .offset = o, .size = 4, .rw = { { bits, 0 } }, .written = fn }
#define RW_UNLESS(o, n, bits, enable)                                         \
    { .offset = o, .size = n, .rw = { { bits, enable } } }

static const struct register_row rows[VSMMUV3_R_COUNT] = {
    [VSMMUV3_R_IDR0] = RO(SMMU_IDR0),
    [VSMMUV3_R_IDR1] = RO(SMMU_IDR1),
    [VSMMUV3_R_IDR3] = RO(SMMU_IDR3),
    [VSMMUV3_R_IDR5] = RO(SMMU_IDR5),
    [VSMMUV3_R_IIDR] = RO(SMMU_IIDR),
    [VSMMUV3_R_AIDR] = RO(SMMU_AIDR),
    [VSMMUV3_R_CR0] = RW_THEN(SMMU_CR0, CR0_BUILT, cr0_written),
    [VSMMUV3_R_CR0ACK] = RO(SMMU_CR0ACK),
    [VSMMUV3_R_CR1] = { .offset = SMMU_CR1, .size = 4,
                        .rw = { { SMMU_CR1_TABLE, SMMU_CR0_SMMUEN },
                                { SMMU_CR1_QUEUE,
                                  SMMU_CR0_EVENTQEN | SMMU_CR0_CMDQEN } } },
    [VSMMUV3_R_CR2] = RW_UNLESS(SMMU_CR2, 4, SMMU_CR2_RECINVSID | SMMU_CR2_PTM,
                                SMMU_CR0_SMMUEN),
    [VSMMUV3_R_GBPA] = RW_THEN(SMMU_GBPA, GBPA_BUILT, gbpa_written),
    [VSMMUV3_R_IRQ_CTRL] = RW_THEN(SMMU_IRQ_CTRL, IRQ_CTRL_BUILT,
                                   irq_ctrl_written),
    [VSMMUV3_R_IRQ_CTRLACK] = RO(SMMU_IRQ_CTRLACK),
    [VSMMUV3_R_GERROR] = RO(SMMU_GERROR),
    [VSMMUV3_R_GERRORN] = RW_THEN(SMMU_GERRORN, GERRORN_BUILT, queue_written),
    [VSMMUV3_R_STRTAB_BASE] = RW_UNLESS(
        SMMU_STRTAB_BASE, 8, SMMU_STRTAB_BASE_RA | SMMU_STRTAB_BASE_ADDR,
        SMMU_CR0_SMMUEN),
    [VSMMUV3_R_STRTAB_BASE_CFG] = RW_UNLESS(
        SMMU_STRTAB_BASE_CFG, 4, SMMU_STRTAB_BASE_CFG_WRITABLE,
        SMMU_CR0_SMMUEN),
    [VSMMUV3_R_CMDQ_BASE] = RW_UNLESS(SMMU_CMDQ_BASE, 8, QUEUE_BASE,
                                      SMMU_CR0_CMDQEN),
    [VSMMUV3_R_CMDQ_PROD] = RW_THEN(SMMU_CMDQ_PROD, SMMU_QUEUE_POINTER,
                                    queue_written),
    [VSMMUV3_R_CMDQ_CONS] = RW_UNLESS(
        SMMU_CMDQ_CONS, 4, SMMU_QUEUE_POINTER | SMMU_MASK(30, 24),
        SMMU_CR0_CMDQEN),
    [VSMMUV3_R_EVENTQ_BASE] = RW_UNLESS(SMMU_EVENTQ_BASE, 8, QUEUE_BASE,
                                        SMMU_CR0_EVENTQEN),
    [VSMMUV3_R_EVENTQ_PROD] = RW_UNLESS(
        SMMU_EVENTQ_PROD, 4, SMMU_QUEUE_POINTER | SMMU_QUEUE_OVFLG,
        SMMU_CR0_EVENTQEN),
    [VSMMUV3_R_EVENTQ_CONS] = RW(SMMU_EVENTQ_CONS,
                                 SMMU_QUEUE_POINTER | SMMU_QUEUE_OVFLG),
};
/* clang-format on */

/* ---- side effects ------------------------------------------------------- */

/* The queues follow at once: between two steps of the engine nothing is half
 * done.  A command that was not taken yet is not executed (6.3.9.3). */
static void cr0_written(struct vsmmuv3 *v, uint64_t old)
{
    /* ATSCHK: device models access memory themselves, nothing is checked. */
    const uint64_t queues = SMMU_CR0_EVENTQEN | SMMU_CR0_CMDQEN |
                            SMMU_CR0_ATSCHK;

    (void)old;
    if ( !(v->config.idr0 & SMMU_IDR0_ATS) )
        v->reg[VSMMUV3_R_CR0] &= ~(uint64_t)SMMU_CR0_ATSCHK;
    v->reg[VSMMUV3_R_CR0ACK] &= ~queues;
    v->reg[VSMMUV3_R_CR0ACK] |= v->reg[VSMMUV3_R_CR0] & queues;
    if ( !(v->reg[VSMMUV3_R_CR0] & SMMU_CR0_CMDQEN) )
        v->stage = VSMMUV3_COMMAND_NONE;
    vsmmuv3_kick(v);
}

/* 6.3.14: without UPDATE, or while one is under way, the write is ignored. */
static void gbpa_written(struct vsmmuv3 *v, uint64_t old)
{
    if ( (old & SMMU_GBPA_UPDATE) ||
         !(v->reg[VSMMUV3_R_GBPA] & SMMU_GBPA_UPDATE) )
        v->reg[VSMMUV3_R_GBPA] = old;
    else
        vsmmuv3_kick(v);
}

static void irq_ctrl_written(struct vsmmuv3 *v, uint64_t old)
{
    (void)old;
    v->reg[VSMMUV3_R_IRQ_CTRLACK] = v->reg[VSMMUV3_R_IRQ_CTRL];
}

/* There may be a command, or an error of the queue has been acknowledged. */
static void queue_written(struct vsmmuv3 *v, uint64_t old)
{
    (void)old;
    if ( v->reg[VSMMUV3_R_CR0ACK] & SMMU_CR0_CMDQEN )
        vsmmuv3_kick(v);
}

/* ---- access ------------------------------------------------------------- */

#define PAGE_BYTES 0x10000u /* of a page of registers (6.1) */

/* The register at a double word, or VSMMUV3_R_COUNT: RES0. */
static unsigned int find(const struct vsmmuv3 *v, unsigned int offset)
{
    unsigned int page = offset / PAGE_BYTES, at = offset % PAGE_BYTES, id;

    if ( page > 1 || at >= VSMMUV3_NAMED_BYTES )
        return VSMMUV3_R_COUNT;
    id = v->row_at[page][at / 4];
    return offset - rows[id].offset < rows[id].size ? id : VSMMUV3_R_COUNT;
}

uint32_t vsmmuv3_read(const struct vsmmuv3 *v, unsigned int offset)
{
    unsigned int id = find(v, offset);

    return id == VSMMUV3_R_COUNT ?
               0 :
               (uint32_t)(v->reg[id] >> (offset - rows[id].offset) * 8);
}

static void write_dword(struct vsmmuv3 *v, unsigned int offset, uint32_t value)
{
    unsigned int id = find(v, offset), shift, i;
    uint64_t writable = 0, old;

    if ( id == VSMMUV3_R_COUNT )
        return;
    for ( i = 0; i < ARRAY_SIZE(rows[id].rw); i++ )
        if ( !(vsmmuv3_cr0(v) & rows[id].rw[i].unless) )
            writable |= rows[id].rw[i].bits;
    shift = (offset - rows[id].offset) * 8;
    writable &= DWORD << shift;
    old = v->reg[id];
    v->reg[id] = (old & ~writable) | (((uint64_t)value << shift) & writable);
    if ( rows[id].written )
        rows[id].written(v, old);
}

void vsmmuv3_write(struct vsmmuv3 *v, unsigned int offset, unsigned int size,
                   uint64_t value)
{
    if ( size < 4 || offset % size )
        return;
    write_dword(v, offset, (uint32_t)value);
    if ( size == 8 )
        write_dword(v, offset + 4, (uint32_t)(value >> 32));
}

static void find_rows(struct vsmmuv3 *v)
{
    unsigned int id, at;

    for ( id = 0; id < VSMMUV3_R_COUNT; id++ )
        for ( at = rows[id].offset; at < rows[id].offset + rows[id].size;
              at += 4 )
            v->row_at[at / PAGE_BYTES][at % PAGE_BYTES / 4] = (uint8_t)id;
}

void vsmmuv3_reset(struct vsmmuv3 *v)
{
    find_rows(v);
    v->reg[VSMMUV3_R_IDR0] = v->config.idr0;
    v->reg[VSMMUV3_R_IDR1] = v->config.idr1;
    v->reg[VSMMUV3_R_IDR3] = v->config.idr3;
    v->reg[VSMMUV3_R_IDR5] = v->config.idr5;
    v->reg[VSMMUV3_R_IIDR] = v->config.iidr;
    v->reg[VSMMUV3_R_AIDR] = v->config.aidr;
    v->reg[VSMMUV3_R_GBPA] = SMMU_PUT(SMMU_STE_SHCFG_INCOMING, 13, 12);
}
