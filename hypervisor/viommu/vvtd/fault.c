/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primary fault logging towards the guest (7.2) and the two event interrupts
 * (7.3).
 */
#include <viommu/vvtd/vvtd.h>

_Static_assert(VVTD_R_FEUADDR == VVTD_R_FECTL + 3 &&
                   VVTD_R_IEUADDR == VVTD_R_IECTL + 3,
               "control, data, address, upper address");

#define FSTS_EVENTS ((uint64_t)(VTD_FSTS_PFO | VTD_FSTS_PPF | VTD_FSTS_IQE))

static void send(struct vvtd *v, enum vvtd_register_id control)
{
    uint64_t address = v->reg[control + 2] | v->reg[control + 3] << 32;

    v->reg[control] &= ~(uint64_t)VTD_EVENT_IP;
    host_inject_msi(v->viommu.vd->d, address, (uint32_t)v->reg[control + 1]);
}

/* The event has come: send it, or keep it pending while it is masked. */
void vvtd_event(struct vvtd *v, enum vvtd_register_id control)
{
    if ( v->reg[control] & VTD_EVENT_IM )
        v->reg[control] |= VTD_EVENT_IP;
    else
        send(v, control);
}

/* The control register was written: a pending event goes when unmasked. */
void vvtd_event_control(struct vvtd *v, enum vvtd_register_id control)
{
    if ( (v->reg[control] & VTD_EVENT_IP) &&
         !(v->reg[control] & VTD_EVENT_IM) )
        send(v, control);
}

/* The event is raised only when no status was set before (7.3). */
void vvtd_fault_set_status(struct vvtd *v, uint32_t bits)
{
    bool first = !(v->reg[VVTD_R_FSTS] & FSTS_EVENTS);

    v->reg[VVTD_R_FSTS] |= bits;
    if ( first )
        vvtd_event(v, VVTD_R_FECTL);
}

void vvtd_fault_status_cleared(struct vvtd *v)
{
    if ( !(v->reg[VVTD_R_FSTS] & FSTS_EVENTS) )
        v->reg[VVTD_R_FECTL] &= ~(uint64_t)VTD_EVENT_IP;
    vvtd_kick(v); /* IQE may have gone: the queue goes on */
}

void vvtd_frcd_clear(struct vvtd *v, unsigned int index)
{
    unsigned int i;

    v->frcd[index][1] &= ~VTD_FRCD_F;
    for ( i = 0; i < VTD_CAP_NFR(v->config.cap); i++ )
        if ( v->frcd[i][1] & VTD_FRCD_F )
            return;
    v->reg[VVTD_R_FSTS] &= ~(uint64_t)VTD_FSTS_PPF;
    vvtd_fault_status_cleared(v);
}

static bool pending_from(const struct vvtd *v, uint16_t sid)
{
    unsigned int i;

    for ( i = 0; i < VTD_CAP_NFR(v->config.cap); i++ )
        if ( (v->frcd[i][1] & VTD_FRCD_F) &&
             VTD_FRCD_SID(v->frcd[i][1]) == sid )
            return true;
    return false;
}

static uint64_t type_bits(enum piommu_access access)
{
    switch ( access )
    {
    case PIOMMU_ACCESS_READ:
        return VTD_FRCD_T1;
    case PIOMMU_ACCESS_ATOMIC:
        return VTD_FRCD_T1 | VTD_FRCD_T2;
    case PIOMMU_ACCESS_WRITE:
        break;
    }
    return 0;
}

/* T1, T2, AT; PV, EXE and PRIV only with PP (11.4.7.6). */
static uint64_t request_bits(const struct vvtd_fault *fault)
{
    uint64_t bits = type_bits(fault->access) | VTD_PUT(fault->type, 61, 60);

    if ( fault->pasid == PIOMMU_NO_PASID )
        return bits;
    return bits | VTD_FRCD_PP | VTD_PUT(fault->pasid, 59, 40) |
           (fault->execute ? VTD_FRCD_EXE : 0) |
           (fault->privileged ? VTD_FRCD_PRIV : 0);
}

static void record(struct vvtd *v, const struct vvtd_fault *fault,
                   unsigned int reason)
{
    uint64_t *frcd = v->frcd[v->frcd_next];
    unsigned int slot = v->frcd_next;

    /* Dropped: on overflow, and (collapse, 7.2.1) when a record of the same
     * source is still pending. */
    if ( (v->reg[VVTD_R_FSTS] & VTD_FSTS_PFO) || pending_from(v, fault->sid) )
        return;
    if ( frcd[1] & VTD_FRCD_F )
    {
        vvtd_fault_set_status(v, VTD_FSTS_PFO);
        return;
    }
    frcd[0] = fault->address & VTD_ADDRESS;
    frcd[1] = fault->sid | VTD_PUT(reason, 39, 32) | request_bits(fault) |
              VTD_FRCD_F;
    v->frcd_next = (slot + 1) % VTD_CAP_NFR(v->config.cap);
    if ( v->reg[VVTD_R_FSTS] & VTD_FSTS_PPF )
        return;
    v->reg[VVTD_R_FSTS] &= ~VTD_MASK(15, 8);
    v->reg[VVTD_R_FSTS] |= VTD_PUT(slot, 15, 8);
    vvtd_fault_set_status(v, VTD_FSTS_PPF);
}

/* RTA.2 comes before the context is looked at: FPD has no say. */
void vvtd_fault_record(struct vvtd *v, const struct vvtd_fault *fault,
                       const struct vvtd_context *context, unsigned int reason)
{
    if ( reason && (!context->fpd || reason == VTD_FR_RTA_2) )
        record(v, fault, reason);
}

/*
 * What the device met is one of two contexts, if it is on its way from one to
 * the other (@next is NULL otherwise): the one that explains the fault.  None
 * of them may: then what is there now was put in after the access, which found
 * it absent.
 */
static void explain(struct vvtd *v, const struct vvtd_context *context,
                    const struct vvtd_context *next,
                    const struct vvtd_fault *fault)
{
    unsigned int reason = vvtd_fault_reason(v, context, fault), other;

    if ( next && (!reason || reason == VVTD_UNEXPLAINED) )
    {
        other = vvtd_fault_reason(v, next, fault);
        if ( other != VVTD_UNEXPLAINED )
        {
            context = next;
            reason = other;
        }
    }
    if ( reason == VVTD_UNEXPLAINED )
        reason = vvtd_missing_right(fault, 0);
    vvtd_fault_record(v, fault, context, reason);
}

static void report(struct vvtd *v, const struct vvtd_device *device,
                   const struct vvtd_context *next,
                   const struct piommu_fault *physical)
{
    const struct vvtd_fault fault = {
        .sid = device->sid,
        .address = physical->address,
        .access = physical->access,
        .type = physical->type,
        .pasid = physical->pasid,
        .privileged = physical->privileged,
        .execute = physical->execute,
    };

    if ( !v->viommu.dying )
        explain(v, &device->context, next, &fault);
}

/* A physical unit has reported a fault of a device below this one. */
void vvtd_fault_report(struct vvtd *v, unsigned int index,
                       const struct piommu_fault *physical)
{
    report(v, &v->device[index], NULL, physical);
}

/* ---- what the physical units have ---------------------------------------- */

struct below {
    struct vvtd *v;
    unsigned int unit;
};

static const struct vvtd_device *device_of(const struct below *below,
                                           uint32_t source_id)
{
    const struct vvtd *v = below->v;
    const struct vvtd_device *device;

    for ( device = v->device; device < v->device + v->devices; device++ )
        if ( device->used && device->pdev->device.unit == below->unit &&
             device->pdev->device.source_id == source_id )
            return device;
    return NULL;
}

static bool is_below(const void *context, uint32_t source_id)
{
    return device_of(context, source_id);
}

static bool has_devices(const struct below *below)
{
    const struct vvtd *v = below->v;
    unsigned int i;

    for ( i = 0; i < v->devices; i++ )
        if ( v->device[i].used &&
             v->device[i].pdev->device.unit == below->unit )
            return true;
    return false;
}

static void collect(const struct below *below,
                    const struct vvtd_device *moving,
                    const struct vvtd_context *next)
{
    const struct piommu_sources sources = { is_below, below };
    struct piommu *piommu = below->v->viommu.vd->registry->piommu;
    struct piommu_fault fault;
    unsigned int n;

    for ( n = 0; n < PIOMMU_FAULTS; n++ )
    {
        const struct vvtd_device *device;

        if ( !piommu_fault_take(piommu, below->unit, &sources, &fault) )
            return;
        device = device_of(below, fault.source_id);
        report(below->v, device, device == moving ? next : NULL, &fault);
    }
}

/*
 * All that the devices have met up to now, before what explains it changes.
 * @moving, or NULL: may have met what @next says instead of its context.
 */
void vvtd_faults_collect(struct vvtd *v, const struct vvtd_device *moving,
                         const struct vvtd_context *next)
{
    struct below below = { .v = v };

    for ( ; below.unit < host_unit_count(vvtd_host(v)); below.unit++ )
        if ( has_devices(&below) )
            collect(&below, moving, next);
}
