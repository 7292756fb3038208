/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of the rig: structures, translation tables, streams. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

uint64_t rig_alloc(struct rig *rig, uint64_t size)
{
    return ram_alloc(&rig->ram, size);
}

uint64_t rig_load(const struct rig *rig, uint64_t address)
{
    return ram_load(&rig->ram, address);
}

void rig_store(struct rig *rig, uint64_t address, uint64_t value)
{
    ram_store(&rig->ram, address, value);
}

void rig_patch(struct rig *rig, uint64_t address, unsigned int high,
               unsigned int low, uint64_t value)
{
    uint64_t at = address + low / 64 * 8;
    uint64_t mask = UINT64_MAX >> (63 - (high - low));

    if ( low / 64 != high / 64 || value > mask )
        abort();
    rig_store(rig, at,
              (rig_load(rig, at) & ~(mask << low % 64)) | value << low % 64);
}

void rig_refuse(struct rig *rig, uint64_t address, unsigned int len)
{
    rig->ram.refused = address;
    rig->ram.refused_end = address + len;
}

/* ---- tables ---- */

int rig_first_level(unsigned int shift, unsigned int bits)
{
    return 3 - (int)((bits - 1 - shift) / (shift - 3));
}

uint64_t rig_low_bits(unsigned int n)
{
    return (UINT64_C(1) << n) - 1;
}

unsigned int rig_level_shift(const struct tables *tables, int level)
{
    return tables->shift + (unsigned int)(3 - level) * (tables->shift - 3);
}

void rig_tables(struct rig *rig, struct tables *tables)
{
    unsigned int first = rig_level_shift(tables, tables->start);

    tables->base = rig_alloc(rig, tables->bits > first + 3 ?
                                      UINT64_C(8) << (tables->bits - first) :
                                      64);
}

uint64_t rig_entry(struct rig *rig, const struct tables *tables,
                   uint64_t input, int level)
{
    uint64_t table = tables->base;
    uint64_t mask = (UINT64_C(1) << tables->bits) - 1;

    input &= mask;
    for ( int at = tables->start;; at++ )
    {
        uint64_t index = input >> rig_level_shift(tables, at);
        uint64_t entry;

        if ( at != tables->start )
            index &= (UINT64_C(1) << (tables->shift - 3)) - 1;
        entry = table + index * 8;
        if ( at == level )
            return entry;
        if ( !(rig_load(rig, entry) & 1) )
            rig_store(rig, entry,
                      (rig_alloc(rig, UINT64_C(1) << tables->shift) +
                       tables->moved) |
                          3);
        table = (rig_load(rig, entry) & UINT64_C(0xfffffffff000)) -
                tables->moved;
    }
}

void rig_map(struct rig *rig, const struct tables *tables, uint64_t input,
             uint64_t output, uint64_t attributes, int level)
{
    rig_store(rig, rig_entry(rig, tables, input, level),
              output | attributes | (level == 3 ? 3u : 1u));
}

/* ---- streams ---- */

/* CD.TG0, STE.S2TG; CD.TG1 is coded otherwise. */
static unsigned int tg(unsigned int shift)
{
    return shift == 12 ? 0 : shift == 16 ? 1 : 2;
}

void rig_cd(struct rig *rig, const struct device *device)
{
    uint64_t cd = device->cd;

    memset(rig->ram.memory + cd, 0, 64);
    rig_patch(rig, cd, 5, 0, 64 - device->s1.bits);
    rig_patch(rig, cd, 7, 6, tg(device->s1.shift));
    rig_patch(rig, cd, 30, 30, 1); /* EPD1 */
    rig_patch(rig, cd, 31, 31, 1); /* V */
    rig_patch(rig, cd, 34, 32, 5); /* IPS 48 */
    rig_patch(rig, cd, 41, 41, 1); /* AA64 */
    rig_patch(rig, cd, 46, 45, 3); /* A, R */
    rig_patch(rig, cd, 63, 48, ASID);
    rig_patch(rig, cd, 119, 68, (device->s1.base + device->s1.moved) >> 4);
}

/* S2SL0 of a start level (5.2). */
static unsigned int sl0(const struct tables *s2)
{
    return (unsigned int)((s2->shift == 12 ? 2 : 3) - s2->start);
}

void rig_ste(struct rig *rig, const struct device *device)
{
    uint64_t ste = device->ste;

    memset(rig->ram.memory + ste, 0, 64);
    rig_patch(rig, ste, 0, 0, 1);
    rig_patch(rig, ste, 3, 1, device->config);
    if ( device->config == STAGE1 || device->config == NESTED )
        rig_patch(rig, ste, 55, 6, (device->cd + device->s1.moved) >> 6);
    rig_patch(rig, ste, 143, 128, VMID);
    if ( device->config != STAGE2 && device->config != NESTED )
        return;
    rig_patch(rig, ste, 165, 160, 64 - device->s2.bits);
    rig_patch(rig, ste, 167, 166, sl0(&device->s2));
    rig_patch(rig, ste, 175, 174, tg(device->s2.shift));
    rig_patch(rig, ste, 178, 176, 5); /* S2PS 48 */
    rig_patch(rig, ste, 179, 179, 1); /* S2AA64 */
    rig_patch(rig, ste, 186, 186, 1); /* S2R */
    rig_patch(rig, ste, 247, 196, device->s2.base >> 4);
}

static void default_tables(struct device *device)
{
    if ( !device->s1.shift )
        device->s1 = (struct tables) { .shift = 12, .bits = 39, .start = 1 };
    if ( !device->s2.shift )
        device->s2 = (struct tables) { .shift = 12, .bits = 40, .start = 1 };
    device->s1.moved = device->config == NESTED ? MOVED : 0;
}

/* All memory as pages. */
static void map_memory(struct rig *rig, const struct tables *s2)
{
    uint64_t page = UINT64_C(1) << s2->shift;

    for ( uint64_t pa = 0; pa < RIG_MEMORY; pa += page )
        rig_map(rig, s2, pa + MOVED, pa, S2_LEAF, 3);
}

void rig_device(struct rig *rig, struct device *device, unsigned int config)
{
    device->config = config;
    device->sid = device->sid ? device->sid : SID;
    device->ste = rig->strtab + device->sid * 64;
    default_tables(device);
    device->page = config == ABORT || config == BYPASS ?
                       IOVA :
                       rig_alloc(rig, 0x10000);
    if ( config == STAGE2 || config == NESTED )
        rig_tables(rig, &device->s2);
    if ( config == STAGE2 )
        rig_map(rig, &device->s2, IOVA, device->page, S2_LEAF, 3);
    if ( config == NESTED )
        map_memory(rig, &device->s2);
    if ( config == STAGE1 || config == NESTED )
    {
        device->cd = rig_alloc(rig, 0x1000);
        rig_tables(rig, &device->s1);
        rig_map(rig, &device->s1, IOVA, device->page + device->s1.moved,
                S1_LEAF, 3);
        rig_cd(rig, device);
    }
    rig_ste(rig, device);
}

void rig_stream(struct rig *rig, struct device *device, unsigned int config)
{
    *device = (struct device) { 0 };
    rig_start(rig, NULL);
    rig_device(rig, device, config);
}

void rig_second_cd(struct rig *rig, const struct device *device, uint64_t cd,
                   uint64_t page)
{
    struct device second = *device;

    second.cd = cd;
    rig_tables(rig, &second.s1);
    rig_map(rig, &second.s1, IOVA, page + second.s1.moved, S1_LEAF, 3);
    rig_cd(rig, &second);
}

void rig_second_stream(struct rig *rig, const struct device *device,
                       struct device *second)
{
    *second = *device;
    second->sid++;
    second->ste += 64;
    if ( second->config & 1 )
    {
        second->cd = rig_alloc(rig, 0x1000);
        rig_cd(rig, second);
    }
    rig_ste(rig, second);
}

void rig_cached(struct rig *rig, struct device *device, unsigned int config,
                enum cache_retention retention)
{
    struct smmuv3_config unit;

    rig_config(&unit);
    rig_caches(&unit, 64, retention);
    *device = (struct device) { 0 };
    rig_start(rig, &unit);
    rig_device(rig, device, config);
}

void rig_remap(struct rig *rig, const struct device *device, uint64_t to)
{
    rig_map(rig, &device->s1, IOVA, to, S1_LEAF, 3);
}
