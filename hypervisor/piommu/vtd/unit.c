/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical VT-d unit: what it can do, taking it over, giving it back
 * (10.4, 11.2 of the specification).
 */
#include <piommu/vtd/vtd.h>

void vtd_unit_writeback(const struct vtd_unit *unit, mfn_t mfn,
                        unsigned int offset, unsigned int len)
{
    if ( !(unit->ecap & VTD_ECAP_C) )
        host_table_writeback(unit->common.piommu->host, mfn, offset, len);
}

bool vtd_unit_has_levels(const struct vtd_unit *unit, unsigned int levels)
{
    return unit->cap & (levels == 3 ? VTD_CAP_SAGAW_39 : VTD_CAP_SAGAW_48);
}

/* One command a write; the one-shot bits are not repeated (11.4.4). */
static int command(const struct vtd_unit *unit, uint32_t bit, bool set)
{
    struct host *host = unit->common.piommu->host;
    uint32_t value = host_mmio_read32(unit->common.hw, VTD_GSTS) &
                     VTD_G_LEVELS;
    unsigned int patience;

    value = set ? value | bit : value & ~bit;
    host_mmio_write32(unit->common.hw, VTD_GCMD, value);
    for ( patience = UNIT_PATIENCE; patience; patience-- )
    {
        uint32_t status = host_mmio_read32(unit->common.hw, VTD_GSTS);

        if ( !!(status & bit) == set )
            return 0;
        host_relax(host);
    }
    host_log(host, HOST_LOG_ERROR, "vtd%u: command %#x not answered",
             unit->common.index, (unsigned int)bit);
    return -XEN_EIO;
}

/* Why this driver can't use the unit, or NULL. */
static const char *unsuitable(const struct vtd_unit *unit)
{
    if ( !(unit->ecap & VTD_ECAP_QI) )
        return "it has no invalidation queue";
    if ( unit->cap & VTD_CAP_CM )
        return "it is in caching mode, so not hardware";
    if ( unit->cap & VTD_CAP_RWBF )
        return "it needs write buffer flushes";
    if ( !(unit->cap & (VTD_CAP_SAGAW_39 | VTD_CAP_SAGAW_48)) )
        return "it has neither 3- nor 4-level tables";
    if ( VTD_CAP_ND(unit->cap) > 6 )
        return "its number of domain ids is reserved";
    return NULL;
}

static int quiesce(const struct vtd_unit *unit)
{
    uint32_t status = host_mmio_read32(unit->common.hw, VTD_GSTS);
    int rc = 0;

    if ( status & VTD_G_TE )
        rc = command(unit, VTD_G_TE, false);
    if ( !rc && (status & VTD_G_QIE) )
        rc = command(unit, VTD_G_QIE, false);
    if ( unit->cap & (VTD_CAP_PLMR | VTD_CAP_PHMR) )
        host_mmio_write32(unit->common.hw, VTD_PMEN, 0);
    return rc;
}

/* The reserved bits keep what is in them (11.4.7.2). */
static void mask_fault_event(const struct vtd_unit *unit, bool mask)
{
    uint32_t control = host_mmio_read32(unit->common.hw, VTD_FECTL);

    host_mmio_write32(unit->common.hw, VTD_FECTL,
                      mask ? control | VTD_EVENT_IM :
                             control & ~(uint32_t)VTD_EVENT_IM);
}

static void program_fault_event(const struct vtd_unit *unit)
{
    paddr_t address;
    uint32_t data;

    host_unit_msi(unit->common.hw, &address, &data);
    host_mmio_write32(unit->common.hw, VTD_FEDATA, data);
    host_mmio_write32(unit->common.hw, VTD_FEADDR, (uint32_t)address);
    host_mmio_write32(unit->common.hw, VTD_FEUADDR, (uint32_t)(address >> 32));
    mask_fault_event(unit, false);
}

/* Root table, queue, empty caches, translation on: all devices blocked. */
static int start(struct vtd_unit *unit)
{
    const struct piommu_command flush[] = {
        { VTD_DESC_CONTEXT | VTD_PUT(VTD_GRAN_GLOBAL, 5, 4), 0 },
        vtd_iotlb_descriptor(unit, VTD_GRAN_GLOBAL, 0),
    };
    int rc;

    host_mmio_write64(unit->common.hw, VTD_IQT, 0);
    host_mmio_write64(unit->common.hw, VTD_IQA, mfn_to_maddr(unit->queue));
    rc = command(unit, VTD_G_QIE, true);
    if ( rc )
        return rc;

    vtd_unit_writeback(unit, unit->root, 0, PAGE_SIZE);
    host_mmio_write64(unit->common.hw, VTD_RTADDR, mfn_to_maddr(unit->root));
    rc = command(unit, VTD_G_SRTP, true);
    if ( !rc )
        rc = piommu_execute(&unit->common, flush, ARRAY_SIZE(flush));
    if ( rc )
        return rc;

    piommu_faults_report(&unit->common);
    program_fault_event(unit);
    return command(unit, VTD_G_TE, true);
}

static int allocate(struct vtd_unit *unit)
{
    struct host *host = unit->common.piommu->host;
    int rc = host_table_alloc(host, NULL, &unit->root);

    if ( !rc )
        rc = host_table_alloc(host, NULL, &unit->queue);
    if ( !rc )
        rc = host_table_alloc(host, NULL, &unit->status);
    return rc;
}

int vtd_unit_create(struct piommu *piommu, unsigned int index)
{
    struct vtd_unit *unit = host_zalloc(piommu->host, NULL, sizeof(*unit));
    const char *why;
    unsigned int bus;
    int rc;

    if ( !unit )
        return -XEN_ENOMEM;
    piommu_unit_enter(piommu, index, &unit->common);
    unit->retried_head = QUEUE_ENTRIES;
    unit->root = unit->queue = unit->status = INVALID_MFN;
    for ( bus = 0; bus < ARRAY_SIZE(unit->context); bus++ )
        unit->context[bus] = INVALID_MFN;

    unit->cap = host_mmio_read64(unit->common.hw, VTD_CAP);
    unit->ecap = host_mmio_read64(unit->common.hw, VTD_ECAP);
    why = unsuitable(unit);
    if ( why )
    {
        host_log(piommu->host, HOST_LOG_ERROR, "vtd%u: %s", index, why);
        return -XEN_EOPNOTSUPP;
    }
    rc = quiesce(unit);
    if ( !rc )
        rc = allocate(unit);
    return rc ? rc : start(unit);
}

void vtd_unit_destroy(struct piommu_unit *common)
{
    struct vtd_unit *unit = vtd_unit(common);
    struct host *host = common->piommu->host;
    unsigned int bus;

    mask_fault_event(unit, true);
    /* A unit that does not stop keeps its tables: better lost than reused. */
    if ( !quiesce(unit) )
    {
        piommu_unit_free_page(common, unit->root);
        piommu_unit_free_page(common, unit->queue);
        piommu_unit_free_page(common, unit->status);
        for ( bus = 0; bus < ARRAY_SIZE(unit->context); bus++ )
            piommu_unit_free_page(common, unit->context[bus]);
    }
    host_free(host, unit);
}
