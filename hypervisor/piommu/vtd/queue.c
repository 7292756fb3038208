/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The invalidation queue of a physical unit (6.5.2).
 *
 * Each submission ends with a wait descriptor that writes the low half of its
 * sequence number to the one status word.  The queue executes in order, so the
 * word only grows: a late completion of an earlier wait is a smaller number
 * and satisfies nobody who waits for a later one.
 */
#include <piommu/vtd/vtd.h>

struct piommu_command vtd_iotlb_descriptor(const struct vtd_unit *unit,
                                           unsigned int granularity,
                                           uint16_t did)
{
    struct piommu_command d = {
        .lo = VTD_DESC_IOTLB | VTD_PUT(granularity, 5, 4) |
              VTD_PUT(did, 31, 16),
    };

    if ( unit->cap & VTD_CAP_DRD )
        d.lo |= VTD_DESC_DR;
    if ( unit->cap & VTD_CAP_DWD )
        d.lo |= VTD_DESC_DW;
    return d;
}

static unsigned int head_of(const struct vtd_unit *unit)
{
    return (unsigned int)VTD_GET(host_mmio_read64(unit->common.hw, VTD_IQH),
                                 18, 4) %
           QUEUE_ENTRIES;
}

int vtd_queue_room(struct piommu_unit *common, unsigned int descriptors)
{
    const struct vtd_unit *unit = vtd_unit(common);
    unsigned int used;

    if ( common->failed )
        return -XEN_EIO;
    /* One entry stays free (full and empty differ), one is for the wait. */
    used = (unit->tail - head_of(unit)) % QUEUE_ENTRIES;
    return used + descriptors + 2 <= QUEUE_ENTRIES ? 0 : -XEN_EAGAIN;
}

static void put(struct vtd_unit *unit, const struct piommu_command *d)
{
    host_table_write128(unit->common.piommu->host, unit->queue,
                        unit->tail * VTD_ENTRY_SIZE, d->lo, d->hi);
    unit->tail = (unit->tail + 1) % QUEUE_ENTRIES;
}

int vtd_queue_submit(struct piommu_unit *common,
                     const struct piommu_command *descriptor,
                     unsigned int count, uint64_t *sequence)
{
    struct vtd_unit *unit = vtd_unit(common);
    struct piommu_command wait;
    unsigned int i;
    int rc = vtd_queue_room(common, count);

    if ( rc )
        return rc;
    if ( unit->completed == unit->submitted )
        unit->polls = 0;
    for ( i = 0; i < count; i++ )
        put(unit, &descriptor[i]);
    *sequence = ++unit->submitted;
    wait.lo = VTD_DESC_WAIT | VTD_DESC_SW | VTD_PUT(unit->submitted, 63, 32);
    wait.hi = mfn_to_maddr(unit->status);
    put(unit, &wait);
    host_mmio_write64(unit->common.hw, VTD_IQT,
                      (uint64_t)unit->tail * VTD_ENTRY_SIZE);
    return 0;
}

/*
 * Invalidation queue error (6.5.2.10): the unit stands at a descriptor that it
 * could not fetch or decode.  Clearing IQE makes it fetch the same entry
 * again.  None is ever skipped: a lost invalidation is worse than a lost unit.
 */
static int queue_error(struct vtd_unit *unit)
{
    unsigned int head = head_of(unit);

    host_log(unit->common.piommu->host, HOST_LOG_ERROR,
             "vtd%u: invalidation queue error %#llx at entry %u",
             unit->common.index,
             (unsigned long long)host_mmio_read64(unit->common.hw, VTD_IQERCD),
             head);
    if ( unit->retried_head == head )
        return piommu_give_up(&unit->common,
                              "the invalidation queue is stuck");
    unit->retried_head = head;
    host_mmio_write32(unit->common.hw, VTD_FSTS, VTD_FSTS_IQE);
    return 0;
}

static void look(struct vtd_unit *unit)
{
    uint32_t word = (uint32_t)host_table_read64(unit->common.piommu->host,
                                                unit->status, 0);
    uint32_t behind = (uint32_t)unit->submitted - word;
    uint64_t done = unit->submitted - behind;

    if ( done > unit->completed )
    {
        unit->completed = done;
        unit->polls = 0;
        unit->retried_head = QUEUE_ENTRIES;
    }
}

int vtd_queue_poll(struct piommu_unit *common, uint64_t sequence)
{
    struct vtd_unit *unit = vtd_unit(common);
    int rc = 0;

    if ( unit->completed < sequence )
        look(unit);
    if ( unit->completed >= sequence )
        return 0;
    if ( common->failed )
        return -XEN_EIO;
    if ( host_mmio_read32(unit->common.hw, VTD_FSTS) & VTD_FSTS_IQE )
        rc = queue_error(unit);
    else if ( ++unit->polls > UNIT_PATIENCE )
        rc = piommu_give_up(&unit->common, "an invalidation is not answered");
    return rc ? rc : -XEN_EAGAIN;
}
