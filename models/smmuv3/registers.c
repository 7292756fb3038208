/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register file (chapter 6) as one table.
 *
 * Accesses of 4 and 8 bytes, naturally aligned dwords; a 64-bit register may
 * be accessed by halves.  8 bytes over two 32-bit registers are both, low
 * first.  1 and 2 bytes, and unaligned ones: reads give the bytes, writes are
 * dropped.  Reserved registers and bits read 0: without IDR0.MSI and PRI that
 * includes all of *_IRQ_CFGn and PRIQ_*.
 */
#include "cover.h"

#include <string.h>

#define LOW  1u /* a write of this half has the side effect */
#define HIGH 2u

struct register_info {
    const char *name;
    uint32_t offset;
    uint8_t width;
    uint64_t rw;
    /* The bits that take no write now, of this value. */
    uint64_t (*guard)(const struct smmuv3 *smmu, uint64_t value);
    uint32_t queue; /* BASE of the queue that bounds the index read, or 0 */
    unsigned int trigger; /* LOW, HIGH */
    void (*written)(struct smmuv3 *smmu);
};

/* ---- guards: an enable counts until its Update is complete (6.3.9) ---- */

static bool enabled(const struct smmuv3 *smmu, uint32_t enables)
{
    return (reg32(smmu, SMMU_CR0) | reg32(smmu, SMMU_CR0ACK)) & enables;
}

static uint64_t by_smmuen(const struct smmuv3 *smmu, uint64_t value)
{
    (void)value;
    return enabled(smmu, CR0_SMMUEN) ? UINT64_MAX : 0;
}

static uint64_t by_cmdqen(const struct smmuv3 *smmu, uint64_t value)
{
    (void)value;
    return enabled(smmu, CR0_CMDQEN) ? UINT64_MAX : 0;
}

static uint64_t by_eventqen(const struct smmuv3 *smmu, uint64_t value)
{
    (void)value;
    return enabled(smmu, CR0_EVENTQEN) ? UINT64_MAX : 0;
}

static uint64_t cr1_guard(const struct smmuv3 *smmu, uint64_t value)
{
    (void)value;
    return (enabled(smmu, CR0_SMMUEN) ? CR1_TABLE : 0) |
           (enabled(smmu, CR0_CMDQEN | CR0_EVENTQEN) ? CR1_QUEUE : 0);
}

/* 6.3.12: E2H is RES0 without HYP. */
static uint64_t cr2_guard(const struct smmuv3 *smmu, uint64_t value)
{
    bool hyp = smmu->config.idr[0] & IDR0_HYP;

    return by_smmuen(smmu, value) | (hyp ? 0 : CR2_E2H);
}

/* 6.3.25: FMT and SPLIT are RES0 without two-level tables. */
static uint64_t strtab_cfg_guard(const struct smmuv3 *smmu, uint64_t value)
{
    bool two_level = IDR0_ST_LEVEL(smmu->config.idr[0]);

    return by_smmuen(smmu, value) | (two_level ? 0 : STRTAB_BASE_CFG_LEVELS);
}

/* 6.3.14.1: a write without Update is ignored. */
static uint64_t gbpa_guard(const struct smmuv3 *smmu, uint64_t value)
{
    (void)smmu;
    return value & GBPA_UPDATE ? 0 : UINT64_MAX;
}

/* ---- side effects ---- */

void smmu_registers_update_cr0ack(struct smmuv3 *smmu)
{
    uint32_t cr0 = reg32(smmu, SMMU_CR0), busy = 0;

    touch(smmu, LATCH_QUEUE, 1, false);
    touch(smmu, LATCH_RECORDING, 1, false);

    if ( smmu_invalidate_disabling(smmu) )
        busy |= CR0_SMMUEN;
    else
    {
        touch(smmu, LATCH_DISABLING, 1, smmu->disabling.mask != 0);
        smmu->disabling.mask = 0;
    }
    if ( smmu->queue_running )
        busy |= CR0_CMDQEN;
    if ( smmu->recording )
        busy |= CR0_EVENTQEN;
    set_reg32(smmu, SMMU_CR0ACK, cr0 | (reg32(smmu, SMMU_CR0ACK) & busy));
}

static void cr0_written(struct smmuv3 *smmu)
{
    /* 6.3.9.6: disabled, nothing is inserted into a cache, and no table is
     * read: the Update waits for the walks that began before. */
    if ( enabled(smmu, CR0_SMMUEN) && !(reg32(smmu, SMMU_CR0) & CR0_SMMUEN) )
        smmu_invalidate_disable(smmu);
    if ( !(reg32(smmu, SMMU_CR0) & CR0_EVENTQEN) )
        smmu_events_forget(smmu);
    smmu_registers_update_cr0ack(smmu);
    smmu_queue_run(smmu);
}

static void irq_ctrl_written(struct smmuv3 *smmu)
{
    set_reg32(smmu, SMMU_IRQ_CTRLACK, reg32(smmu, SMMU_IRQ_CTRL));
}

/* ---- the table ---- */

#define CR0_RW             (CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN)
#define CR1_RW             (CR1_QUEUE | CR1_TABLE)
#define IRQ_CTRL_RW        (IRQ_CTRL_GERROR | IRQ_CTRL_EVENTQ)
#define GERRORN_RW         (GERROR_CMDQ_ERR | GERROR_EVENTQ_ABT)
#define STRTAB_BASE_RW     (BASE_HINT | STRTAB_BASE_ADDR)
#define STRTAB_BASE_CFG_RW (STRTAB_BASE_CFG_LEVELS | BITS64(5, 0))
#define QUEUE_BASE_RW      (BASE_HINT | QUEUE_BASE_ADDR | BITS64(4, 0))
#define EVENTQ_RW          (EVENTQ_OVERFLOW | QUEUE_INDEX)

/*
 * What a row does not say is 0: read-only, not guarded, no side effect.
 * CR2.PTM is kept although there is no broadcast to keep out (RES0 without
 * IDR0.BTM, and a RES0 field may read as written).
 */
/* clang-format off */
static const struct register_info table[] = {
    { "IDR0",            SMMU_IDR0,            4, .rw = 0 },
    { "IDR1",            SMMU_IDR1,            4, .rw = 0 },
    { "IDR2",            SMMU_IDR2,            4, .rw = 0 },
    { "IDR3",            SMMU_IDR3,            4, .rw = 0 },
    { "IDR4",            SMMU_IDR4,            4, .rw = 0 },
    { "IDR5",            SMMU_IDR5,            4, .rw = 0 },
    { "IIDR",            SMMU_IIDR,            4, .rw = 0 },
    { "AIDR",            SMMU_AIDR,            4, .rw = 0 },
    { "CR0",             SMMU_CR0,             4, .rw = CR0_RW,
                         .trigger = LOW, .written = cr0_written },
    { "CR0ACK",          SMMU_CR0ACK,          4, .rw = 0 },
    { "CR1",             SMMU_CR1,             4, .rw = CR1_RW,
                         .guard = cr1_guard },
    { "CR2",             SMMU_CR2,             4,
                         .rw = CR2_E2H | CR2_RECINVSID | CR2_PTM,
                         .guard = cr2_guard },
    { "STATUSR",         SMMU_STATUSR,         4, .rw = 0 },
    { "GBPA",            SMMU_GBPA,            4, .rw = GBPA_FIELDS,
                         .guard = gbpa_guard },
    { "IRQ_CTRL",        SMMU_IRQ_CTRL,        4, .rw = IRQ_CTRL_RW,
                         .trigger = LOW, .written = irq_ctrl_written },
    { "IRQ_CTRLACK",     SMMU_IRQ_CTRLACK,     4, .rw = 0 },
    { "GERROR",          SMMU_GERROR,          4, .rw = 0 },
    { "GERRORN",         SMMU_GERRORN,         4, .rw = GERRORN_RW,
                         .trigger = LOW, .written = smmu_queue_run },
    { "STRTAB_BASE",     SMMU_STRTAB_BASE,     8, .rw = STRTAB_BASE_RW,
                         .guard = by_smmuen },
    { "STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, 4, .rw = STRTAB_BASE_CFG_RW,
                         .guard = strtab_cfg_guard },
    { "CMDQ_BASE",       SMMU_CMDQ_BASE,       8, .rw = QUEUE_BASE_RW,
                         .guard = by_cmdqen },
    { "CMDQ_PROD",       SMMU_CMDQ_PROD,       4, .rw = QUEUE_INDEX,
                         .queue = SMMU_CMDQ_BASE,
                         .trigger = LOW, .written = smmu_queue_run },
    { "CMDQ_CONS",       SMMU_CMDQ_CONS,       4,
                         .rw = CMDQ_CONS_ERR_MASK | QUEUE_INDEX,
                         .guard = by_cmdqen, .queue = SMMU_CMDQ_BASE },
    { "EVENTQ_BASE",     SMMU_EVENTQ_BASE,     8, .rw = QUEUE_BASE_RW,
                         .guard = by_eventqen },
    { "EVENTQ_PROD",     SMMU_EVENTQ_PROD,     4, .rw = EVENTQ_RW,
                         .guard = by_eventqen, .queue = SMMU_EVENTQ_BASE },
    { "EVENTQ_CONS",     SMMU_EVENTQ_CONS,     4, .rw = EVENTQ_RW,
                         .queue = SMMU_EVENTQ_BASE },
};
/* clang-format on */

#define ROWS (sizeof(table) / sizeof(*table))
_Static_assert(ROWS < UINT8_MAX, "a row's number fits the map");

void smmu_registers_place(struct smmuv3 *smmu)
{
    memset(smmu->map, 0, sizeof(smmu->map));
    for ( size_t row = 0; row < ROWS; row++ )
        for ( unsigned int i = 0; i < table[row].width / 4u; i++ )
            smmu->map[register_word(table[row].offset) + i] = (uint8_t)(row +
                                                                        1);
}

void smmu_registers_reset(struct smmuv3 *smmu)
{
    const struct smmuv3_config *config = &smmu->config;

    memset(smmu->file, 0, sizeof(smmu->file));
    for ( uint32_t i = 0; i < 6; i++ )
        set_reg32(smmu, SMMU_IDR0 + 4 * i, config->idr[i]);
    set_reg32(smmu, SMMU_IIDR, config->iidr);
    set_reg32(smmu, SMMU_AIDR, config->aidr);
    set_reg32(smmu, SMMU_GBPA,
              GBPA_SHCFG_INCOMING | (config->gbpa_abort ? GBPA_ABORT : 0));
}

/* ---- accesses ---- */

static const struct register_info *find(const struct smmuv3 *smmu,
                                        uint32_t offset)
{
    uint8_t row;

    if ( offset >= SMMUV3_REGISTER_SPACE ||
         offset % REGISTER_PAGE >= REGISTER_PIECE )
        return NULL;
    row = smmu->map[register_word(offset)];
    return row ? &table[row - 1] : NULL;
}

static uint32_t read_dword(const struct smmuv3 *smmu, uint32_t offset)
{
    const struct register_info *info = find(smmu, offset);
    uint32_t value;

    COVER("smmuv3.reg.%s.read", info ? info->name : "reserved");
    if ( !info )
        return 0;
    value = reg32(smmu, offset);
    /* 6.3.27, 6.3.28: index bits above the wrap bit read 0. */
    if ( info->queue )
        value = (value & ~QUEUE_INDEX) |
                smmu_queue_index(smmu, info->queue, value);
    return value;
}

uint64_t smmuv3_mmio_read(struct smmuv3 *smmu, uint32_t offset,
                          unsigned int size)
{
    uint64_t value = 0;

    spend(smmu, COST_REGISTER_ACCESS);
    cover_size("read", offset, size);
    for ( uint32_t i = 0; i < size; i++ )
    {
        uint32_t dword = read_dword(smmu, (offset + i) & ~3u);
        uint64_t byte = dword >> ((offset + i) % 4 * 8) & 0xff;

        value |= byte << (i * 8);
    }
    return value;
}

/* Write the bits @lanes of the register at @offset. */
static void write_register(struct smmuv3 *smmu,
                           const struct register_info *info, uint32_t offset,
                           uint64_t value, uint64_t lanes)
{
    unsigned int halves = (lanes & UINT32_MAX ? LOW : 0) |
                          (lanes >> 32 ? HIGH : 0);
    uint64_t old = info->width == 8 ? reg64(smmu, offset) :
                                      reg32(smmu, offset);
    uint64_t rw = info->rw & lanes;

    cover_written(info->name, info->width, lanes,
                  info->guard && (rw & info->guard(smmu, value)));
    if ( info->guard )
        rw &= ~info->guard(smmu, value);
    value = (old & ~rw) | (value & rw);
    if ( info->width == 8 )
        set_reg64(smmu, offset, value);
    else
        set_reg32(smmu, offset, (uint32_t)value);
    if ( info->trigger & halves )
        info->written(smmu);
}

static void write_dword(struct smmuv3 *smmu, uint32_t offset, uint32_t value)
{
    const struct register_info *info = find(smmu, offset);
    unsigned int shift;

    if ( !info )
        COVER("smmuv3.reg.reserved.write");
    if ( !info )
        return;
    shift = info->width == 8 && (offset & 4) ? 32 : 0;
    write_register(smmu, info, offset & ~(info->width - 1u),
                   (uint64_t)value << shift, (uint64_t)UINT32_MAX << shift);
}

void smmuv3_mmio_write(struct smmuv3 *smmu, uint32_t offset, unsigned int size,
                       uint64_t value)
{
    const struct register_info *info;

    spend(smmu, COST_REGISTER_ACCESS);
    smmu->stats.register_writes++;
    cover_size("write", offset, size);
    if ( size < 4 || offset % 4 )
        return;
    info = find(smmu, offset);
    if ( size == 8 && !(offset % 8) && info && info->width == 8 )
    {
        write_register(smmu, info, offset, value, UINT64_MAX);
        return;
    }
    write_dword(smmu, offset, (uint32_t)value);
    if ( size == 8 )
        write_dword(smmu, offset + 4, (uint32_t)(value >> 32));
}
