/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register file (10.4) as one table, and what writing does.
 *
 * All accesses come down to aligned double words: a quadword access to a
 * 64-bit register is its two halves, low first, and one over two 32-bit
 * registers is both of them.  Commands therefore act when the half with their
 * go bit is written.  Writes of less than a double word, or not aligned to
 * one, are dropped; reads give the bytes.
 */
#include <viommu/vvtd/vvtd.h>

struct register_row {
    uint16_t offset; /* from 0, or from ECAP.IRO for IVA and IOTLB */
    uint8_t size;
    bool at_iro;
    uint64_t rw, w1c; /* bits that software writes, or clears with a 1 */
    uint64_t ecap;    /* capabilities without which it is reserved */
    enum vvtd_register_id lock; /* while (reg[lock] & locked) is set, writes */
    uint64_t locked;            /* are ignored */
    bool reads_zero;
    uint64_t reset;
    void (*written)(struct vvtd *v);
};

static void gcmd_written(struct vvtd *v);
static void queue_written(struct vvtd *v);
static void fectl_written(struct vvtd *v);
static void iectl_written(struct vvtd *v);
static void ics_written(struct vvtd *v);
static void fsts_written(struct vvtd *v);

#define DWORD VTD_MASK(31, 0)
#define QI    VTD_ECAP_QI

static const struct register_row rows[VVTD_R_COUNT] = {
    /* clang-format off */
    [VVTD_R_VER]     = { VTD_VER, 4, .reset = 0x10 },
    [VVTD_R_CAP]     = { .offset = VTD_CAP, .size = 8 },
    [VVTD_R_ECAP]    = { .offset = VTD_ECAP, .size = 8 },
    [VVTD_R_GCMD]    = { VTD_GCMD, 4, .rw = DWORD, .reads_zero = true,
                         .written = gcmd_written },
    [VVTD_R_GSTS]    = { .offset = VTD_GSTS, .size = 4 },
    [VVTD_R_RTADDR]  = { VTD_RTADDR, 8, .rw = VTD_MASK(63, 10) },
    [VVTD_R_CCMD]    = { VTD_CCMD, 8, .rw = VTD_MASK(63, 61) | VTD_MASK(33, 0),
                         .lock = VVTD_R_CCMD, .locked = VTD_CCMD_ICC,
                         .written = vvtd_kick },
    [VVTD_R_FSTS]    = { VTD_FSTS, 4, .w1c = VTD_FSTS_PFO | VTD_FSTS_IQE,
                         .written = fsts_written },
    [VVTD_R_FECTL]   = { VTD_FECTL, 4, .rw = VTD_EVENT_IM,
                         .reset = VTD_EVENT_IM, .written = fectl_written },
    [VVTD_R_FEDATA]  = { VTD_FEDATA, 4, .rw = VTD_MASK(15, 0) },
    [VVTD_R_FEADDR]  = { VTD_FEADDR, 4, .rw = VTD_MASK(31, 2) },
    [VVTD_R_FEUADDR] = { VTD_FEUADDR, 4, .rw = DWORD, .ecap = VTD_ECAP_EIM },
    [VVTD_R_IQH]     = { VTD_IQH, 8, .ecap = QI },
    [VVTD_R_IQT]     = { VTD_IQT, 8, .rw = VTD_MASK(18, 4), .ecap = QI,
                         .written = queue_written },
    [VVTD_R_IQA]     = { VTD_IQA, 8, .rw = VTD_MASK(63, 12) | VTD_MASK(2, 0),
                         .ecap = QI, .lock = VVTD_R_GSTS,
                         .locked = VTD_G_QIE },
    [VVTD_R_ICS]     = { VTD_ICS, 4, .w1c = VTD_ICS_IWC, .ecap = QI,
                         .written = ics_written },
    [VVTD_R_IECTL]   = { VTD_IECTL, 4, .rw = VTD_EVENT_IM, .ecap = QI,
                         .reset = VTD_EVENT_IM, .written = iectl_written },
    [VVTD_R_IEDATA]  = { VTD_IEDATA, 4, .rw = VTD_MASK(15, 0), .ecap = QI },
    [VVTD_R_IEADDR]  = { VTD_IEADDR, 4, .rw = VTD_MASK(31, 2), .ecap = QI },
    [VVTD_R_IEUADDR] = { VTD_IEUADDR, 4, .rw = DWORD,
                         .ecap = QI | VTD_ECAP_EIM },
    [VVTD_R_IQERCD]  = { VTD_IQERCD, 8, .ecap = QI },
    [VVTD_R_IRTA]    = { VTD_IRTA, 8, .ecap = VTD_ECAP_IR,
                         .rw = VTD_MASK(63, 11) | VTD_MASK(3, 0) },
    [VVTD_R_IVA]     = { 0, 8, .at_iro = true, .reads_zero = true,
                         .rw = VTD_MASK(63, 12) | VTD_MASK(6, 0),
                         .lock = VVTD_R_IOTLB, .locked = VTD_IOTLB_IVT },
    [VVTD_R_IOTLB]   = { 8, 8, .at_iro = true,
                         .rw = VTD_BIT(63) | VTD_MASK(61, 60) |
                               VTD_MASK(49, 48) | VTD_MASK(47, 32),
                         .lock = VVTD_R_IOTLB, .locked = VTD_IOTLB_IVT,
                         .written = vvtd_kick },
    /* clang-format on */
};

/* ---- side effects ------------------------------------------------------- */

static void gsts_follow(struct vvtd *v, uint32_t command, uint32_t bit)
{
    v->reg[VVTD_R_GSTS] &= ~(uint64_t)bit;
    v->reg[VVTD_R_GSTS] |= command & bit;
}

static void interrupt_remapping(struct vvtd *v, uint32_t command)
{
    /* Taken, and nothing done: see XEN_VIOMMU_CREATE_replay. */
    if ( command & VTD_G_SIRTP )
        v->reg[VVTD_R_GSTS] |= VTD_G_SIRTP;
    gsts_follow(v, command, VTD_G_IRE);
    gsts_follow(v, command, VTD_G_CFI);
}

static void queue_command(struct vvtd *v, bool enable)
{
    v->qie_wanted = enable;
    if ( enable == !!(v->reg[VVTD_R_GSTS] & VTD_G_QIE) )
        return;
    if ( enable )
        vvtd_queue_enable(v);
    else if ( v->job.kind == VVTD_JOB_NONE ||
              v->job.asker != VVTD_ASKER_QUEUE )
        vvtd_queue_disable(v);
    /* Otherwise QIES falls when the descriptor under way has completed. */
}

static void gcmd_written(struct vvtd *v)
{
    uint32_t command = (uint32_t)v->reg[VVTD_R_GCMD];

    v->reg[VVTD_R_GCMD] = 0;
    if ( command & VTD_G_SRTP )
    {
        v->root = vvtd_below_haw(v, v->reg[VVTD_R_RTADDR]);
        v->root_changes = vvtd_translating(v);
        gsts_follow(v, v->root_changes ? 0 : VTD_G_SRTP, VTD_G_SRTP);
    }
    if ( v->config.ecap & VTD_ECAP_IR )
        interrupt_remapping(v, command);
    if ( v->config.ecap & VTD_ECAP_QI )
        queue_command(v, command & VTD_G_QIE);
    v->te_wanted = command & VTD_G_TE;
    if ( v->te_wanted != vvtd_translating(v) || v->root_changes )
        vvtd_kick(v);
}

static void queue_written(struct vvtd *v)
{
    if ( v->reg[VVTD_R_GSTS] & VTD_G_QIE )
        vvtd_kick(v);
}

static void fectl_written(struct vvtd *v)
{
    vvtd_event_control(v, VVTD_R_FECTL);
}

static void iectl_written(struct vvtd *v)
{
    vvtd_event_control(v, VVTD_R_IECTL);
}

static void ics_written(struct vvtd *v)
{
    if ( !(v->reg[VVTD_R_ICS] & VTD_ICS_IWC) )
        v->reg[VVTD_R_IECTL] &= ~(uint64_t)VTD_EVENT_IP;
}

static void fsts_written(struct vvtd *v)
{
    vvtd_fault_status_cleared(v);
}

/* ---- access ------------------------------------------------------------- */

static unsigned int offset_of(const struct vvtd *v,
                              const struct register_row *row)
{
    return row->offset + (row->at_iro ? VTD_ECAP_IRO(v->config.ecap) : 0);
}

/* The register at a double word, or VVTD_R_COUNT: reserved. */
static unsigned int find(const struct vvtd *v, unsigned int offset)
{
    unsigned int id;

    if ( offset < VVTD_FIXED_END )
        id = v->row_at[offset / 4];
    else
        id = offset < offset_of(v, &rows[VVTD_R_IOTLB]) ? VVTD_R_IVA :
                                                          VVTD_R_IOTLB;
    if ( offset - offset_of(v, &rows[id]) >= rows[id].size ||
         (v->config.ecap & rows[id].ecap) != rows[id].ecap )
        return VVTD_R_COUNT;
    return id;
}

static bool in_frcd(const struct vvtd *v, unsigned int offset)
{
    unsigned int start = VTD_CAP_FRO(v->config.cap);

    return offset >= start &&
           offset < start + VTD_CAP_NFR(v->config.cap) * VTD_ENTRY_SIZE;
}

uint32_t vvtd_read(const struct vvtd *v, unsigned int offset)
{
    unsigned int id;

    if ( in_frcd(v, offset) )
    {
        unsigned int at = offset - VTD_CAP_FRO(v->config.cap);

        return (uint32_t)(v->frcd[at / 16][at / 8 % 2] >> at % 8 * 8);
    }
    id = find(v, offset);
    if ( id == VVTD_R_COUNT || rows[id].reads_zero )
        return 0;
    return (uint32_t)(v->reg[id] >> (offset - offset_of(v, &rows[id])) * 8);
}

/* Bit 127 of a record, F, is all that can be written: a 1 clears it. */
static void write_frcd(struct vvtd *v, unsigned int at, uint32_t value)
{
    if ( at % 16 == 12 && (value >> 31) && (v->frcd[at / 16][1] & VTD_FRCD_F) )
        vvtd_frcd_clear(v, at / 16);
}

static void write_dword(struct vvtd *v, unsigned int offset, uint32_t value)
{
    const struct register_row *row;
    unsigned int id, shift;
    uint64_t rw, w1c;

    if ( in_frcd(v, offset) )
    {
        write_frcd(v, offset - VTD_CAP_FRO(v->config.cap), value);
        return;
    }
    id = find(v, offset);
    if ( id == VVTD_R_COUNT )
        return;
    row = &rows[id];
    if ( v->reg[row->lock] & row->locked )
        return;
    shift = (offset - offset_of(v, row)) * 8;
    rw = row->rw & (DWORD << shift);
    w1c = row->w1c & (DWORD << shift);
    v->reg[id] = (v->reg[id] & ~rw) | (((uint64_t)value << shift) & rw);
    v->reg[id] &= ~(((uint64_t)value << shift) & w1c);
    if ( row->written )
        row->written(v);
}

void vvtd_write(struct vvtd *v, unsigned int offset, unsigned int size,
                uint64_t value)
{
    if ( size < 4 || offset % 4 )
        return;
    write_dword(v, offset, (uint32_t)value);
    if ( size == 8 )
        write_dword(v, offset + 4, (uint32_t)(value >> 32));
}

void vvtd_reset(struct vvtd *v)
{
    unsigned int id, at;

    for ( id = 0; id < VVTD_R_COUNT; id++ )
    {
        v->reg[id] = rows[id].reset;
        for ( at = 0; !rows[id].at_iro && at < rows[id].size; at += 4 )
            v->row_at[(rows[id].offset + at) / 4] = (uint8_t)id;
    }
    v->reg[VVTD_R_CAP] = v->config.cap;
    v->reg[VVTD_R_ECAP] = v->config.ecap;
}
