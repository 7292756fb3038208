/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event queue of a physical unit (7.2 to 7.4) and its global errors (7.5):
 * events are taken in the order of the queue.
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

/* Events in the queue, oldest first; none when the unit is gone. */
static uint32_t waiting(const struct smmuv3_unit *unit, uint32_t prod)
{
    uint32_t pointers = (UINT32_C(2) << unit->eventq_log2size) - 1;

    return prod == UINT32_MAX ? 0 : (prod - unit->event_cons) & pointers;
}

static uint64_t word(const struct smmuv3_unit *unit, unsigned int i)
{
    uint32_t index = (UINT32_C(1) << unit->eventq_log2size) - 1;

    return host_table_read64(unit->common.piommu->host, unit->eventq,
                             (unit->event_cons & index) * SMMU_EVT_SIZE +
                                 i * (unsigned int)sizeof(uint64_t));
}

static void consume(struct smmuv3_unit *unit, uint32_t cons)
{
    unit->event_cons = cons;
    host_mmio_write32(unit->common.hw, SMMU_EVENTQ_CONS, cons);
}

bool smmuv3_event_first(struct piommu_unit *common, uint32_t *source_id)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    uint32_t prod = host_mmio_read32(common->hw, SMMU_EVENTQ_PROD);

    if ( waiting(unit, prod) )
    {
        *source_id = SMMU_EVT0_SID(word(unit, 0));
        return true;
    }
    /* Drained: what was lost since the last time is known now (7.4). */
    if ( prod != UINT32_MAX && ((prod ^ unit->event_cons) & SMMU_QUEUE_OVFLG) )
    {
        host_log(common->piommu->host, HOST_LOG_WARN,
                 "smmu%u: events were lost", common->index);
        consume(unit, unit->event_cons ^ SMMU_QUEUE_OVFLG);
    }
    return false;
}

bool smmuv3_event_take(struct piommu_unit *common,
                       const struct piommu_sources *sources,
                       struct piommu_fault *fault)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    uint32_t pointers = (UINT32_C(2) << unit->eventq_log2size) - 1;
    uint32_t cons = unit->event_cons;
    uint64_t record[SMMU_EVT_WORDS];
    unsigned int i;

    if ( !waiting(unit, host_mmio_read32(common->hw, SMMU_EVENTQ_PROD)) )
        return false;
    for ( i = 0; i < SMMU_EVT_WORDS; i++ )
        record[i] = word(unit, i);
    if ( !sources->mine(sources->context, SMMU_EVT0_SID(record[0])) )
        return false;
    consume(unit, (cons & SMMU_QUEUE_OVFLG) | ((cons + 1) & pointers));
    decode(unit, record, fault);
    return true;
}

uint64_t smmuv3_event_count(struct piommu_unit *common)
{
    return waiting(smmuv3_unit(common),
                   host_mmio_read32(common->hw, SMMU_EVENTQ_PROD));
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
}
