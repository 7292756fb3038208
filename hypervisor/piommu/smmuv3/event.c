/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event queue of a physical unit (7.2 to 7.4) and its global errors (7.5):
 * events are reported upwards in the order of the queue.
 */
#include <piommu/smmuv3/smmuv3.h>

static void decode(const struct smmuv3_unit *unit,
                   const uint64_t record[SMMU_EVT_WORDS],
                   struct piommu_fault *fault)
{
    unsigned int i;

    *fault = (struct piommu_fault) {
        .unit = unit->common.index,
        .source_id = SMMU_EVT0_SID(record[0]),
        .pasid = record[0] & SMMU_EVT0_SSV ? SMMU_EVT0_SSID(record[0]) :
                                             PIOMMU_NO_PASID,
        .address = record[2],
        .access = record[1] & SMMU_EVT1_RNW ? PIOMMU_ACCESS_READ :
                                              PIOMMU_ACCESS_WRITE,
        .privileged = record[1] & SMMU_EVT1_PNU,
        .execute = record[1] & SMMU_EVT1_IND,
        .reason = SMMU_EVT0_TYPE(record[0]),
    };
    for ( i = 0; i < SMMU_EVT_WORDS; i++ )
        fault->record[i] = record[i];
}

/* Take one event out of the queue; false: there is none. */
static bool take(struct smmuv3_unit *unit, struct piommu_fault *fault)
{
    uint32_t pointers = (UINT32_C(2) << unit->eventq_log2size) - 1;
    uint32_t prod = host_mmio_read32(unit->common.hw, SMMU_EVENTQ_PROD);
    uint32_t cons = unit->event_cons;
    uint64_t record[SMMU_EVT_WORDS];
    unsigned int i, at;

    if ( prod == UINT32_MAX ) /* the unit is gone */
        return false;
    if ( !((prod ^ cons) & pointers) )
    {
        /* Drained: what was lost since the last time is known now (7.4). */
        if ( (prod ^ cons) & SMMU_QUEUE_OVFLG )
        {
            host_log(unit->common.piommu->host, HOST_LOG_WARN,
                     "smmu%u: events were lost", unit->common.index);
            unit->event_cons = cons ^ SMMU_QUEUE_OVFLG;
            host_mmio_write32(unit->common.hw, SMMU_EVENTQ_CONS,
                              unit->event_cons);
        }
        return false;
    }
    at = (cons & (pointers >> 1)) * SMMU_EVT_SIZE;
    for ( i = 0; i < SMMU_EVT_WORDS; i++ )
        record[i] = host_table_read64(unit->common.piommu->host, unit->eventq,
                                      at + i * (unsigned int)sizeof(*record));
    unit->events_taken++;
    unit->event_cons = (cons & SMMU_QUEUE_OVFLG) | ((cons + 1) & pointers);
    host_mmio_write32(unit->common.hw, SMMU_EVENTQ_CONS, unit->event_cons);
    decode(unit, record, fault);
    return true;
}

/*
 * Interrupts, the rest of a flood, and whoever wants to have seen all events
 * may meet here.  The first takes one after the other, so that they are
 * reported in order; what arrives before it has found the queue empty is its.
 */
static bool drain_begin(struct smmuv3_unit *unit)
{
    struct piommu *piommu = unit->common.piommu;
    bool alone;

    host_lock(piommu->host, &piommu->lock);
    alone = !unit->draining;
    unit->draining = true;
    host_unlock(piommu->host, &piommu->lock);
    return alone;
}

/* The event before it, if there is one, has been reported. */
static bool drain_next(struct smmuv3_unit *unit, struct piommu_fault *fault,
                       bool more)
{
    struct piommu *piommu = unit->common.piommu;

    host_lock(piommu->host, &piommu->lock);
    unit->events_reported = unit->events_taken;
    unit->draining = more && take(unit, fault);
    more = unit->draining;
    host_unlock(piommu->host, &piommu->lock);
    return more;
}

static void drain(struct smmuv3_unit *unit)
{
    struct piommu *piommu = unit->common.piommu;
    struct piommu_fault fault;
    bool more = true;

    if ( !drain_begin(unit) )
        return;
    while ( drain_next(unit, &fault, more) )
    {
        if ( piommu->events.fault )
            piommu->events.fault(piommu->events.context, &fault);
        more = !host_preempt_check(piommu->host);
        if ( !more )
            host_work_schedule(piommu->host, &unit->event_work);
    }
}

void smmuv3_event_work(struct host_work *work)
{
    drain(container_of(work, struct smmuv3_unit, event_work));
}

void smmuv3_event_count(struct piommu_unit *common,
                        struct piommu_event_count *count)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    struct piommu *piommu = common->piommu;
    uint32_t pointers = (UINT32_C(2) << unit->eventq_log2size) - 1;
    uint32_t prod;

    host_lock(piommu->host, &piommu->lock);
    prod = host_mmio_read32(common->hw, SMMU_EVENTQ_PROD);
    count->reported = unit->events_reported;
    count->recorded = unit->events_taken +
                      ((prod - unit->event_cons) & pointers);
    if ( prod == UINT32_MAX ) /* gone */
        count->recorded = count->reported;
    host_unlock(piommu->host, &piommu->lock);
}

static void global_errors(struct smmuv3_unit *unit)
{
    uint32_t active = host_mmio_read32(unit->common.hw, SMMU_GERROR) ^
                      host_mmio_read32(unit->common.hw, SMMU_GERRORN);
    uint32_t others = active & SMMU_GERROR_ALL & ~SMMU_GERROR_CMDQ_ERR;

    if ( active & SMMU_GERROR_CMDQ_ERR )
        smmuv3_queue_error(unit);
    if ( !others )
        return;
    host_log(unit->common.piommu->host, HOST_LOG_ERROR,
             "smmu%u: global errors %#x", unit->common.index,
             (unsigned int)others);
    /* Service failure mode: it translates and invalidates no more. */
    if ( others & SMMU_GERROR_SFM )
        piommu_give_up(&unit->common, "service failure");
    smmuv3_gerror_acknowledge(unit, others);
}

void smmuv3_interrupt(struct piommu_unit *common)
{
    struct piommu *piommu = common->piommu;

    host_lock(piommu->host, &piommu->lock);
    if ( !common->failed )
        global_errors(smmuv3_unit(common));
    host_unlock(piommu->host, &piommu->lock);
    drain(smmuv3_unit(common));
}
