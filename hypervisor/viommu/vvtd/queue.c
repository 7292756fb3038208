/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's invalidation queue (6.5.2): one descriptor at a time, read once,
 * IQH moving past it when its effects are complete.
 */
#include <viommu/vvtd/vvtd.h>

struct descriptor {
    uint64_t lo, hi;
};

/* Invalidation queue error (6.5.2.10): nothing more until IQE is cleared. */
static void queue_error(struct vvtd *v, unsigned int code)
{
    v->reg[VVTD_R_IQERCD] = code;
    vvtd_fault_set_status(v, VTD_FSTS_IQE);
}

void vvtd_queue_enable(struct vvtd *v)
{
    v->iqa = vvtd_below_haw(v, v->reg[VVTD_R_IQA]);
    v->reg[VVTD_R_IQH] = 0;
    v->reg[VVTD_R_GSTS] |= VTD_G_QIE;
    vvtd_kick(v);
}

void vvtd_queue_disable(struct vvtd *v)
{
    v->held = false;
    v->reg[VVTD_R_IQH] = 0;
    v->reg[VVTD_R_GSTS] &= ~(uint64_t)VTD_G_QIE;
}

static uint64_t queue_size(const struct vvtd *v)
{
    return UINT64_C(4096) << VTD_IQA_QS(v->iqa);
}

void vvtd_queue_advance(struct vvtd *v)
{
    v->reg[VVTD_R_IQH] = (v->reg[VVTD_R_IQH] + VTD_ENTRY_SIZE) % queue_size(v);
}

/* ---- descriptors: each reports its error, 0 if there is none ------------ */

/* It waits for answers of device models: tried again when one has come. */
#define HOLD (~0u)

static unsigned int context_cache(struct vvtd *v, const struct descriptor *d)
{
    const struct vvtd_invalidate invalidate = {
        .granularity = VTD_DESC_G(d->lo),
        .did = VTD_DESC_DID(d->lo),
        .sid = VTD_DESC_SID(d->lo),
        .fm = VTD_DESC_FM(d->lo),
    };

    if ( !invalidate.granularity )
        return VTD_IQE_RESERVED;
    vvtd_begin_context(v, VVTD_ASKER_QUEUE, &invalidate);
    return 0;
}

static unsigned int iotlb(struct vvtd *v, const struct descriptor *d)
{
    struct vvtd_invalidate invalidate = {
        .granularity = VTD_DESC_G(d->lo),
        .did = VTD_DESC_DID(d->lo),
        .am = VTD_IVA_AM(d->hi),
        .dfn = _dfn(d->hi >> PAGE_SHIFT),
        .dr = d->lo & VTD_DESC_DR,
        .dw = d->lo & VTD_DESC_DW,
    };

    if ( !invalidate.granularity )
        return VTD_IQE_RESERVED;
    if ( invalidate.granularity == VTD_GRAN_PAGE )
    {
        if ( !(v->config.cap & VTD_CAP_PSI) )
            invalidate.granularity = VTD_GRAN_DOMAIN;
        else if ( invalidate.am > VTD_CAP_MAMV(v->config.cap) )
            return VTD_IQE_RESERVED;
    }
    if ( !viommu_dm_room(&v->viommu) )
        return HOLD;
    vvtd_begin_iotlb(v, VVTD_ASKER_QUEUE, &invalidate);
    return 0;
}

/* 6.5.2.5: with S, the lowest 0 from bit 12 on gives the size. */
static unsigned int device_tlb(struct vvtd *v, const struct descriptor *d)
{
    uint64_t address = d->hi & VTD_ADDRESS, span = PAGE_SIZE - 1;

    if ( !viommu_dm_room(&v->viommu) )
        return HOLD;
    if ( d->hi & VTD_DESC_S )
        span = ((address | span) + 1) ^ (address | span);
    viommu_dm_invalidate(&v->viommu, VTD_DESC_SID(d->lo), address & ~span,
                         address | span);
    vvtd_queue_advance(v);
    return 0;
}

/* Everything before it is complete when the device models have answered: jobs
 * run one after the other.  So FN is kept by itself, and the status is written
 * before the interrupt. */
static unsigned int wait(struct vvtd *v, const struct descriptor *d)
{
    /* One that asks for nothing could never be noticed: taken as malformed. */
    if ( !(d->lo & (VTD_DESC_SW | VTD_DESC_IF | VTD_DESC_FN)) )
        return VTD_IQE_RESERVED;
    if ( viommu_dm_waiting(&v->viommu, true) )
        return HOLD;
    /* A status address that can't be written loses the status, no more. */
    if ( (d->lo & VTD_DESC_SW) &&
         host_guest_write32(v->viommu.vd->d, d->hi & VTD_DESC_STADDR,
                            (uint32_t)(d->lo >> 32)) )
        host_log(vvtd_host(v), HOST_LOG_DEBUG,
                 "vvtd: no status written at %#llx",
                 (unsigned long long)d->hi);
    if ( (d->lo & VTD_DESC_IF) && !(v->reg[VVTD_R_ICS] & VTD_ICS_IWC) )
    {
        v->reg[VVTD_R_ICS] |= VTD_ICS_IWC;
        vvtd_event(v, VVTD_R_IECTL);
    }
    vvtd_queue_advance(v);
    return 0;
}

/* Interrupt remapping is not built: there is no cache to invalidate. */
static unsigned int interrupt_entry_cache(struct vvtd *v,
                                          const struct descriptor *d)
{
    (void)d;
    vvtd_queue_advance(v);
    return 0;
}

static const struct descriptor_type {
    unsigned int type;
    uint64_t ecap; /* capability that it needs */
    struct descriptor reserved;
    unsigned int (*start)(struct vvtd *v, const struct descriptor *d);
} types[] = {
    /* clang-format off */
    { VTD_DESC_CONTEXT, 0,
      { UINT64_C(0xfffc00000000f1c0), ~UINT64_C(0) }, context_cache },
    { VTD_DESC_IOTLB, 0,
      { UINT64_C(0xffffffff0000f100), UINT64_C(0xf80) }, iotlb },
    { VTD_DESC_DEVTLB, VTD_ECAP_DT,
      { UINT64_C(0xffff0000ffe0f1f0), UINT64_C(0xffe) }, device_tlb },
    { VTD_DESC_IEC, VTD_ECAP_IR,
      { UINT64_C(0xffff000007fff1e0), ~UINT64_C(0) }, interrupt_entry_cache },
    { VTD_DESC_WAIT, 0,
      { UINT64_C(0xfffff180), UINT64_C(0x3) }, wait },
    /* clang-format on */
};

static unsigned int execute(struct vvtd *v, const struct descriptor *d)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(types); i++ )
    {
        const struct descriptor_type *t = &types[i];

        if ( t->type != VTD_DESC_TYPE(d->lo) ||
             (v->config.ecap & t->ecap) != t->ecap )
            continue;
        if ( (d->lo & t->reserved.lo) || (d->hi & t->reserved.hi) )
            return VTD_IQE_RESERVED;
        return t->start(v, d);
    }
    return VTD_IQE_TYPE;
}

/* Read the descriptor at the head, once.  Its error, or 0. */
static unsigned int fetch(struct vvtd *v)
{
    if ( v->held )
        return 0;
    if ( v->reg[VVTD_R_IQT] >= queue_size(v) )
        return VTD_IQE_TAIL;
    if ( host_guest_read128(v->viommu.vd->d,
                            (v->iqa & VTD_ADDRESS) + v->reg[VVTD_R_IQH],
                            v->descriptor) )
        return VTD_IQE_FETCH;
    v->held = true;
    return 0;
}

/* Start on the next descriptor.  False: there is none, or it may not be. */
bool vvtd_queue_start(struct vvtd *v)
{
    unsigned int error;

    if ( !(v->reg[VVTD_R_GSTS] & VTD_G_QIE) )
        return false;
    if ( !v->qie_wanted )
    {
        vvtd_queue_disable(v);
        return true;
    }
    if ( v->reg[VVTD_R_IQH] == v->reg[VVTD_R_IQT] ||
         (v->reg[VVTD_R_FSTS] & VTD_FSTS_IQE) )
        return false;
    error = fetch(v);
    if ( !error )
        error = execute(
            v, &(struct descriptor) { v->descriptor[0], v->descriptor[1] });
    if ( error == HOLD )
        return false;
    v->held = false;
    if ( error )
        queue_error(v, error);
    return true;
}
