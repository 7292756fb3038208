/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical SMMUv3: what it can do, taking it over, giving it back (3.11, 6.3
 * of the specification).
 */
#include <piommu/smmuv3/smmuv3.h>

void smmuv3_writeback(const struct smmuv3_unit *unit, mfn_t mfn,
                      unsigned int offset, unsigned int len)
{
    if ( !(unit->idr[0] & SMMU_IDR0_COHACC) )
        host_table_writeback(unit->common.piommu->host, mfn, offset, len);
}

/* ---- registers ---------------------------------------------------------- */

static int await(const struct smmuv3_unit *unit, unsigned int reg,
                 uint32_t mask, uint32_t value)
{
    struct host *host = unit->common.piommu->host;
    unsigned int patience;

    for ( patience = UNIT_PATIENCE; patience; patience-- )
    {
        if ( (host_mmio_read32(unit->common.hw, reg) & mask) == value )
            return 0;
        host_relax(host);
    }
    host_log(host, HOST_LOG_ERROR, "smmu%u: register %#x does not answer",
             unit->common.index, reg);
    return -XEN_EIO;
}

static int set_cr0(const struct smmuv3_unit *unit, uint32_t value)
{
    host_mmio_write32(unit->common.hw, SMMU_CR0, value);
    return await(unit, SMMU_CR0ACK, UINT32_MAX, value);
}

static int set_irq_ctrl(const struct smmuv3_unit *unit, uint32_t value)
{
    host_mmio_write32(unit->common.hw, SMMU_IRQ_CTRL, value);
    return await(unit, SMMU_IRQ_CTRLACK, UINT32_MAX, value);
}

/* While SMMUEN = 0 every DMA is aborted (6.3.14). */
static int abort_while_off(const struct smmuv3_unit *unit)
{
    int rc = await(unit, SMMU_GBPA, SMMU_GBPA_UPDATE, 0);
    uint32_t value;

    if ( rc )
        return rc;
    value = host_mmio_read32(unit->common.hw, SMMU_GBPA);
    host_mmio_write32(unit->common.hw, SMMU_GBPA,
                      value | SMMU_GBPA_ABORT | SMMU_GBPA_UPDATE);
    return await(unit, SMMU_GBPA, SMMU_GBPA_UPDATE, 0);
}

static int quiesce(const struct smmuv3_unit *unit)
{
    int rc = abort_while_off(unit);

    if ( !rc )
        rc = set_irq_ctrl(unit, 0);
    if ( !rc )
        rc = set_cr0(unit, 0);
    return rc;
}

/* ---- what it can do ----------------------------------------------------- */

/* Why this driver can't use the unit, or NULL. */
static const char *unsuitable(const struct smmuv3_unit *unit)
{
    uint32_t idr0 = unit->idr[0], idr1 = unit->idr[1];

    if ( !(idr0 & SMMU_IDR0_S2P) )
        return "it has no stage 2";
    if ( !(SMMU_IDR0_TTF(idr0) & SMMU_TTF_AARCH64) )
        return "it has no AArch64 tables";
    if ( SMMU_IDR0_TTENDIAN(idr0) == SMMU_TTENDIAN_BIG )
        return "its tables are big-endian";
    if ( SMMU_IDR0_STALL_MODEL(idr0) == SMMU_STALL_FORCED )
        return "it can't terminate a faulting transaction";
    if ( idr1 & (SMMU_IDR1_QUEUES_PRESET | SMMU_IDR1_TABLES_PRESET) )
        return "its tables or queues are fixed";
    if ( SMMU_IDR1_CMDQS(idr1) < CMDQ_LEAST )
        return "its command queue is too small";
    if ( !(unit->idr[5] & SMMU_IDR5_GRAN4K) )
        return "it has no granule of 4 KiB";
    if ( !SMMU_IDR0_ST_LEVEL(idr0) &&
         SMMU_IDR1_SIDSIZE(idr1) > STRTAB_LINEAR_BITS )
        return "it has too many StreamIDs for one level";
    return NULL;
}

/* ---- start -------------------------------------------------------------- */

static void program_attributes(const struct smmuv3_unit *unit)
{
    bool coherent = unit->idr[0] & SMMU_IDR0_COHACC;
    unsigned int cache = coherent ? SMMU_CACHE_WB : SMMU_CACHE_NC;
    unsigned int share = coherent ? SMMU_SH_ISH : SMMU_SH_OSH;

    host_mmio_write32(unit->common.hw, SMMU_CR1,
                      SMMU_CR1_TABLE_SH(share) | SMMU_CR1_TABLE_OC(cache) |
                          SMMU_CR1_TABLE_IC(cache) | SMMU_CR1_QUEUE_SH(share) |
                          SMMU_CR1_QUEUE_OC(cache) | SMMU_CR1_QUEUE_IC(cache));
    /* No broadcast invalidations; unknown StreamIDs are reported as well. */
    host_mmio_write32(unit->common.hw, SMMU_CR2,
                      SMMU_CR2_PTM | SMMU_CR2_RECINVSID);
}

static void program_queues(struct smmuv3_unit *unit)
{
    struct host_unit *hw = unit->common.hw;

    host_mmio_write64(hw, SMMU_CMDQ_BASE,
                      SMMU_QUEUE_BASE_ALLOC | mfn_to_maddr(unit->cmdq.mfn) |
                          unit->cmdq.log2size);
    host_mmio_write32(hw, SMMU_CMDQ_PROD, 0);
    host_mmio_write32(hw, SMMU_CMDQ_CONS, 0);
    host_mmio_write64(hw, SMMU_EVENTQ_BASE,
                      SMMU_QUEUE_BASE_ALLOC | mfn_to_maddr(unit->eventq) |
                          unit->eventq_log2size);
    host_mmio_write32(hw, SMMU_EVENTQ_PROD, 0);
    host_mmio_write32(hw, SMMU_EVENTQ_CONS, 0);
    smmuv3_gerror_acknowledge(unit, SMMU_GERROR_ALL);
}

/* Without IDR0.MSI the interrupts are wires, which lead to the same place. */
static void program_interrupts(const struct smmuv3_unit *unit)
{
    static const uint32_t cfg0[] = { SMMU_EVENTQ_IRQ_CFG0,
                                     SMMU_GERROR_IRQ_CFG0 };
    struct host_unit *hw = unit->common.hw;
    paddr_t address;
    uint32_t data;
    unsigned int i;

    if ( !(unit->idr[0] & SMMU_IDR0_MSI) )
        return;
    host_unit_msi(hw, &address, &data);
    for ( i = 0; i < ARRAY_SIZE(cfg0); i++ )
    {
        host_mmio_write64(hw, cfg0[i], address & SMMU_IRQ_CFG0_ADDR);
        host_mmio_write32(hw, cfg0[i] + 8, data); /* CFG1 */
        host_mmio_write32(hw, cfg0[i] + 12, 0);   /* CFG2: nGnRnE */
    }
}

static int empty_caches(struct smmuv3_unit *unit)
{
    static const struct piommu_command flush[] = {
        { SMMU_CMD_CFGI_STE_RANGE, SMMU_CMD_RANGE_ALL },
        { SMMU_CMD_TLBI_NSNH_ALL, 0 },
        { SMMU_CMD_TLBI_EL2_ALL, 0 },
    };
    bool hyp = unit->idr[0] & SMMU_IDR0_HYP;

    return piommu_execute(&unit->common, flush,
                          ARRAY_SIZE(flush) - (hyp ? 0 : 1));
}

/* Empty tables and caches, queues, translation on: all devices blocked. */
static int start(struct smmuv3_unit *unit)
{
    /* Without ATSCHK a device could bypass all by saying "translated". */
    uint32_t ats = unit->idr[0] & SMMU_IDR0_ATS ? SMMU_CR0_ATSCHK : 0;
    uint32_t on = SMMU_CR0_CMDQEN;
    int rc;

    program_attributes(unit);
    smmuv3_strtab_program(unit);
    program_queues(unit);
    rc = set_cr0(unit, on);
    if ( !rc )
        rc = empty_caches(unit);
    on |= SMMU_CR0_EVENTQEN | ats;
    if ( !rc )
        rc = set_cr0(unit, on);
    if ( rc )
        return rc;
    program_interrupts(unit);
    rc = set_irq_ctrl(unit, SMMU_IRQ_CTRL_EVENTQ | SMMU_IRQ_CTRL_GERROR);
    return rc ? rc : set_cr0(unit, on | SMMU_CR0_SMMUEN);
}

static unsigned int at_most(unsigned int value, unsigned int most)
{
    return value < most ? value : most;
}

static int allocate(struct smmuv3_unit *unit)
{
    struct host *host = unit->common.piommu->host;
    int rc = smmuv3_strtab_alloc(unit);

    unit->cmdq.log2size = at_most(SMMU_IDR1_CMDQS(unit->idr[1]),
                                  CMDQ_LOG2SIZE);
    unit->eventq_log2size = at_most(SMMU_IDR1_EVENTQS(unit->idr[1]),
                                    EVENTQ_LOG2SIZE);
    if ( !rc )
        rc = host_table_alloc(host, NULL, &unit->cmdq.mfn);
    if ( !rc )
        rc = host_table_alloc(host, NULL, &unit->eventq);
    return rc;
}

int smmuv3_unit_create(struct piommu *piommu, unsigned int index)
{
    struct smmuv3_unit *unit = host_zalloc(piommu->host, NULL, sizeof(*unit));
    const char *why;
    unsigned int i;
    int rc;

    if ( !unit )
        return -XEN_ENOMEM;
    piommu_unit_enter(piommu, index, &unit->common);
    unit->strtab = unit->cmdq.mfn = unit->eventq = INVALID_MFN;

    for ( i = 0; i < ARRAY_SIZE(unit->idr); i++ )
        unit->idr[i] = host_mmio_read32(unit->common.hw, SMMU_IDR0 + 4 * i);
    why = unsuitable(unit);
    if ( why )
    {
        host_log(piommu->host, HOST_LOG_ERROR, "smmu%u: %s", index, why);
        return -XEN_EOPNOTSUPP;
    }
    unit->taken = true;
    rc = quiesce(unit);
    if ( !rc )
        rc = allocate(unit);
    return rc ? rc : start(unit);
}

/* ---- end ---------------------------------------------------------------- */

void smmuv3_unit_destroy(struct piommu_unit *common)
{
    struct smmuv3_unit *unit = smmuv3_unit(common);
    struct host *host = common->piommu->host;

    /* A unit that does not stop keeps its tables: better lost than reused. */
    if ( unit->taken && !quiesce(unit) )
    {
        smmuv3_strtab_free(unit);
        piommu_unit_free_page(common, unit->cmdq.mfn);
        piommu_unit_free_page(common, unit->eventq);
    }
    host_free(host, unit);
}
