/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register file (chapter 11) as one table.
 *
 * Accesses of 4 and 8 bytes, naturally aligned dwords; a 64-bit register may
 * be written by halves.  8 bytes over two 32-bit registers are both, low
 * first.  1 and 2 bytes, and unaligned ones: reads give the bytes, writes are
 * dropped.  Reserved registers and bits read 0.
 */
#include "cover.h"

#include <string.h>

#define LOW  1u /* a write of this half has the side effect */
#define HIGH 2u

enum place { FIXED, AT_IRO, AT_FRO };

struct register_info {
    const char *name;
    uint16_t offset; /* from the place */
    uint8_t width;
    enum place place;
    bool (*present)(const struct vtd_config *config); /* NULL: always */
    uint64_t reset;
    uint64_t rw, rw1c;
    bool write_only;
    bool (*locked)(const struct vtd *vtd); /* true: writes are ignored */
    unsigned int trigger;                  /* LOW, HIGH */
    void (*written)(struct vtd *vtd, uint64_t old, uint64_t value);
};

/* ---- presence ---- */

static bool has_register_invalidation(const struct vtd_config *config)
{
    return !queue_only(config);
}

static bool has_queue(const struct vtd_config *config)
{
    return config->ecap & ECAP_QI;
}

static bool has_upper_address(const struct vtd_config *config)
{
    return config->ecap & ECAP_EIM;
}

static bool has_queue_upper_address(const struct vtd_config *config)
{
    return has_queue(config) && has_upper_address(config);
}

static bool has_interrupt_remapping(const struct vtd_config *config)
{
    return config->ecap & ECAP_IR;
}

/* ---- registers that are read-only at times ---- */

static bool context_command_busy(const struct vtd *vtd)
{
    return reg64(vtd, VTD_CCMD) & CCMD_ICC;
}

static bool iotlb_command_busy(const struct vtd *vtd)
{
    return reg64(vtd, iotlb_registers(&vtd->config) + VTD_IOTLB) & IOTLB_IVT;
}

static bool queue_enabled(const struct vtd *vtd)
{
    return reg32(vtd, VTD_GSTS) & GCMD_QIE;
}

/* ---- side effects ---- */

static void change_gsts(struct vtd *vtd, uint32_t bit, bool set)
{
    uint32_t gsts = reg32(vtd, VTD_GSTS);

    set_reg32(vtd, VTD_GSTS, set ? gsts | bit : gsts & ~bit);
}

static void set_root_table_pointer(struct vtd *vtd)
{
    change_gsts(vtd, GCMD_SRTP, false);
    touch(vtd, LATCH_ROOT, 1, true);
    vtd->root = reg64(vtd, VTD_RTADDR);
    if ( vtd->config.cap & CAP_ESRTPS )
        invalidate_everything(vtd);
    change_gsts(vtd, GCMD_SRTP, true);
}

/* New requests see the change at once; TES follows when the old are served. */
static void enable_translation(struct vtd *vtd, bool enable)
{
    touch(vtd, LATCH_TRANSLATING, 1, true);
    vtd->translating = enable;
    drain_all(vtd);
    touch(vtd, LATCH_TRANSLATING, 1, false);
    change_gsts(vtd, GCMD_TE, vtd->translating);
}

/* Recorded sessions only: the commands are taken, nothing is remapped. */
static void replay_interrupt_commands(struct vtd *vtd, uint32_t command)
{
    if ( command & GCMD_SIRTP )
        change_gsts(vtd, GCMD_SIRTP, true);
    change_gsts(vtd, GCMD_IRE, command & GCMD_IRE);
    change_gsts(vtd, GCMD_CFI, command & GCMD_CFI);
}

/* 11.4.4: one-shot commands are bits set, the others bits changed. */
static void gcmd_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    uint32_t command = (uint32_t)value;
    bool enable_queue = command & GCMD_QIE;
    bool translate = command & GCMD_TE;

    (void)old;
    cover_gcmd(vtd, command);
    if ( command & GCMD_SRTP )
        set_root_table_pointer(vtd);
    if ( has_interrupt_remapping(&vtd->config) )
        replay_interrupt_commands(vtd, command);
    if ( has_queue(&vtd->config) && enable_queue != queue_enabled(vtd) )
        queue_enable(vtd, enable_queue);
    touch(vtd, LATCH_TRANSLATING, 1, false);
    if ( translate != vtd->translating )
        enable_translation(vtd, translate);
}

static void ccmd_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)old;
    (void)value;
    invalidate_ccmd_written(vtd);
}

static void iotlb_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)old;
    (void)value;
    invalidate_iotlb_written(vtd);
}

static void fsts_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    fault_fsts_written(vtd);
    if ( (old & value & FSTS_IQE) && queue_enabled(vtd) )
        COVER("vtd.queue.resume");
    queue_run(vtd); /* it resumes when IQE has been cleared */
}

static void frcd_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)old;
    (void)value;
    fault_frcd_written(vtd);
}

static void fectl_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)value;
    event_control_written(vtd, VTD_FECTL, (uint32_t)old);
}

static void iectl_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)value;
    event_control_written(vtd, VTD_IECTL, (uint32_t)old);
}

static void ics_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)old;
    (void)value;
    if ( !(reg32(vtd, VTD_ICS) & ICS_IWC) &&
         (reg32(vtd, VTD_IECTL) & EVENT_IP) )
        cover_event(VTD_IECTL, "withdrawn");
    if ( !(reg32(vtd, VTD_ICS) & ICS_IWC) )
        set_reg32(vtd, VTD_IECTL, reg32(vtd, VTD_IECTL) & ~EVENT_IP);
}

static void iqt_written(struct vtd *vtd, uint64_t old, uint64_t value)
{
    (void)old;
    (void)value;
    queue_run(vtd);
}

/* ---- the table ---- */

#define EVENT_DATA_RW    UINT64_C(0xffff)
#define EVENT_ADDRESS_RW UINT64_C(0xfffffffc)
#define EVENT_UPPER_RW   UINT64_C(0xffffffff)
#define FSTS_RW1C        (FSTS_PFO | FSTS_IQE | FSTS_ICE | FSTS_ITE)
#define RTADDR_RW        BITS64(63, 10)
#define CCMD_RW          (BITS64(63, 61) | BITS64(33, 0))
#define IOTLB_RW         (IOTLB_IVT | BITS64(61, 60) | BITS64(49, 32))
#define IVA_RW           (BITS64(63, 12) | BITS64(6, 0))
#define IQA_RW           (BITS64(63, 11) | BITS64(2, 0))
#define IRTA_RW          (BITS64(63, 11) | BITS64(3, 0))

/* What a row does not say is 0: fixed place, present, reset to 0, read-only.
 */
/* clang-format off */
static const struct register_info table[] = {
    { "VER",     VTD_VER,     4, .rw = 0 },
    { "CAP",     VTD_CAP,     8, .rw = 0 },
    { "ECAP",    VTD_ECAP,    8, .rw = 0 },
    { "GCMD",    VTD_GCMD,    4, .write_only = true,
                              .trigger = LOW, .written = gcmd_written },
    { "GSTS",    VTD_GSTS,    4, .rw = 0 },
    { "RTADDR",  VTD_RTADDR,  8, .rw = RTADDR_RW },
    { "CCMD",    VTD_CCMD,    8, .rw = CCMD_RW,
                              .present = has_register_invalidation,
                              .locked = context_command_busy,
                              .trigger = HIGH, .written = ccmd_written },
    { "FSTS",    VTD_FSTS,    4, .rw1c = FSTS_RW1C,
                              .trigger = LOW, .written = fsts_written },
    { "FECTL",   VTD_FECTL,   4, .reset = EVENT_IM, .rw = EVENT_IM,
                              .trigger = LOW, .written = fectl_written },
    { "FEDATA",  VTD_FEDATA,  4, .rw = EVENT_DATA_RW },
    { "FEADDR",  VTD_FEADDR,  4, .rw = EVENT_ADDRESS_RW },
    { "FEUADDR", VTD_FEUADDR, 4, .rw = EVENT_UPPER_RW,
                              .present = has_upper_address },
    { "IQH",     VTD_IQH,     8, .present = has_queue },
    { "IQT",     VTD_IQT,     8, .rw = IQ_OFFSET, .present = has_queue,
                              .trigger = LOW, .written = iqt_written },
    { "IQA",     VTD_IQA,     8, .rw = IQA_RW, .present = has_queue,
                              .locked = queue_enabled },
    { "ICS",     VTD_ICS,     4, .rw1c = ICS_IWC, .present = has_queue,
                              .trigger = LOW, .written = ics_written },
    { "IECTL",   VTD_IECTL,   4, .reset = EVENT_IM, .rw = EVENT_IM,
                              .present = has_queue,
                              .trigger = LOW, .written = iectl_written },
    { "IEDATA",  VTD_IEDATA,  4, .rw = EVENT_DATA_RW, .present = has_queue },
    { "IEADDR",  VTD_IEADDR,  4, .rw = EVENT_ADDRESS_RW,
                              .present = has_queue },
    { "IEUADDR", VTD_IEUADDR, 4, .rw = EVENT_UPPER_RW,
                              .present = has_queue_upper_address },
    { "IQERCD",  VTD_IQERCD,  8, .present = has_queue },
    { "IRTA",    VTD_IRTA,    8, .rw = IRTA_RW,
                              .present = has_interrupt_remapping },
    { "IVA",     VTD_IVA,     8, .place = AT_IRO, .rw = IVA_RW,
                              .write_only = true,
                              .present = has_register_invalidation,
                              .locked = iotlb_command_busy },
    { "IOTLB",   VTD_IOTLB,   8, .place = AT_IRO, .rw = IOTLB_RW,
                              .present = has_register_invalidation,
                              .locked = iotlb_command_busy,
                              .trigger = HIGH, .written = iotlb_written },
    { "FRCD.low",  VTD_FRCD_LOW,  8, .place = AT_FRO },
    { "FRCD.high", VTD_FRCD_HIGH, 8, .place = AT_FRO, .rw1c = FRCD_F,
                              .trigger = HIGH, .written = frcd_written },
};
/* clang-format on */

#define ROWS (sizeof(table) / sizeof(*table))
_Static_assert(ROWS < UINT8_MAX, "a row's number fits the map");

static bool place_one(uint8_t map[REGISTER_SPACE / 4], uint32_t offset,
                      size_t row)
{
    if ( offset + table[row].width > REGISTER_SPACE )
        return false;
    for ( uint32_t i = offset / 4; i < (offset + table[row].width) / 4; i++ )
    {
        if ( map[i] )
            return false;
        map[i] = (uint8_t)(row + 1);
    }
    return true;
}

static bool place_row(const struct vtd_config *config,
                      uint8_t map[REGISTER_SPACE / 4], size_t row)
{
    const struct register_info *info = &table[row];

    if ( info->place == FIXED )
        return place_one(map, info->offset, row);
    if ( info->place == AT_IRO )
        return place_one(map, iotlb_registers(config) + info->offset, row);
    for ( unsigned int i = 0; i <= CAP_NFR(config->cap); i++ )
        if ( !place_one(
                 map, frcd_registers(config) + info->offset + i * FRCD_STRIDE,
                 row) )
            return false;
    return true;
}

bool registers_place(const struct vtd_config *config,
                     uint8_t map[REGISTER_SPACE / 4])
{
    memset(map, 0, REGISTER_SPACE / 4);
    for ( size_t row = 0; row < ROWS; row++ )
        if ( (!table[row].present || table[row].present(config)) &&
             !place_row(config, map, row) )
            return false;
    return true;
}

void registers_reset(struct vtd *vtd)
{
    memset(vtd->file, 0, sizeof(vtd->file));
    for ( size_t row = 0; row < ROWS; row++ )
        if ( table[row].reset && vtd->map[table[row].offset / 4] == row + 1 )
            set_reg32(vtd, table[row].offset, (uint32_t)table[row].reset);
    set_reg32(vtd, VTD_VER, vtd->config.version);
    set_reg64(vtd, VTD_CAP, vtd->config.cap);
    set_reg64(vtd, VTD_ECAP, vtd->config.ecap);
}

/* ---- accesses ---- */

static const struct register_info *find(const struct vtd *vtd, uint32_t offset)
{
    uint8_t row = vtd->map[offset / 4];

    return row ? &table[row - 1] : NULL;
}

static uint32_t read_dword(const struct vtd *vtd, uint32_t offset)
{
    const struct register_info *info = find(vtd, offset);

    COVER("vtd.reg.%s.read", info ? info->name : "reserved");
    return info && !info->write_only ? reg32(vtd, offset) : 0;
}

uint64_t vtd_mmio_read(struct vtd *vtd, uint32_t offset, unsigned int size)
{
    uint64_t value = 0;

    spend(vtd, COST_REGISTER_ACCESS);
    cover_size("read", offset, size);
    for ( uint32_t i = 0; i < size && offset + i < REGISTER_SPACE; i++ )
    {
        uint32_t dword = read_dword(vtd, (offset + i) & ~3u);
        uint64_t byte = dword >> ((offset + i) % 4 * 8) & 0xff;

        value |= byte << (i * 8);
    }
    return value;
}

/* Write the bits @lanes of the register at @offset. */
static void write_register(struct vtd *vtd, const struct register_info *info,
                           uint32_t offset, uint64_t value, uint64_t lanes)
{
    unsigned int halves = (lanes & UINT32_MAX ? LOW : 0) |
                          (lanes >> 32 ? HIGH : 0);
    uint64_t old = info->width == 8 ? reg64(vtd, offset) : reg32(vtd, offset);
    uint64_t rw = info->rw & lanes;
    uint64_t new = (old & ~rw) | (value & rw);

    cover_written(info->name, info->width, lanes,
                  info->locked && info->locked(vtd));
    if ( info->locked && info->locked(vtd) )
        return;
    new &= ~(value & info->rw1c & lanes);
    if ( info->width == 8 )
        set_reg64(vtd, offset, new);
    else
        set_reg32(vtd, offset, (uint32_t) new);
    if ( info->trigger & halves )
        info->written(vtd, old, value);
}

static void write_dword(struct vtd *vtd, uint32_t offset, uint32_t value)
{
    const struct register_info *info = find(vtd, offset);
    unsigned int shift;

    if ( !info )
    {
        COVER("vtd.reg.reserved.write");
        return;
    }
    shift = info->width == 8 && (offset & 4) ? 32 : 0;
    write_register(vtd, info, offset & ~(info->width - 1u),
                   (uint64_t)value << shift, (uint64_t)UINT32_MAX << shift);
}

void vtd_mmio_write(struct vtd *vtd, uint32_t offset, unsigned int size,
                    uint64_t value)
{
    spend(vtd, COST_REGISTER_ACCESS);
    vtd->stats.register_writes++;
    cover_size("write", offset, size);
    if ( size < 4 || offset % 4 || offset + size > REGISTER_SPACE )
        return;
    if ( size == 8 && !(offset % 8) && find(vtd, offset) &&
         find(vtd, offset)->width == 8 )
    {
        write_register(vtd, find(vtd, offset), offset, value, UINT64_MAX);
        return;
    }
    write_dword(vtd, offset, (uint32_t)value);
    if ( size == 8 )
        write_dword(vtd, offset + 4, (uint32_t)(value >> 32));
}
