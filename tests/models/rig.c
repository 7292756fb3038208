/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

void rig_create(struct rig *rig, const struct vtd_config *config)
{
    memset(rig, 0, sizeof(*rig));
    if ( config )
        rig->config = *config;
    else
        vtd_config_default(&rig->config);
    if ( vtd_config_check(&rig->config) )
        abort();
    ram_create(&rig->ram, rig, RIG_MEMORY);
    rig->vtd = vtd_init(aligned_alloc(64, vtd_state_size(&rig->config)),
                        &rig->config, &rig->ram.port);
    rig->root = rig_page(rig);
}

void rig_destroy(struct rig *rig)
{
    ram_destroy(&rig->ram);
    free(rig->vtd);
}

void rig_start(struct rig *rig, const struct vtd_config *config)
{
    rig_create(rig, config);
    rig_set_root(rig, rig->root);
    rig_gcmd(rig, 1u << 31, true);
}

/* ---- memory and tables ---- */

uint64_t rig_page(struct rig *rig)
{
    return ram_alloc(&rig->ram, 0x1000);
}

uint64_t rig_load(const struct rig *rig, uint64_t address)
{
    return ram_load(&rig->ram, address);
}

void rig_store(struct rig *rig, uint64_t address, uint64_t value)
{
    ram_store(&rig->ram, address, value);
}

uint64_t rig_root_entry(const struct rig *rig, uint32_t sid)
{
    return rig->root + (sid >> 8) * 16u;
}

uint64_t rig_context_entry(struct rig *rig, uint32_t sid)
{
    uint64_t entry = rig_root_entry(rig, sid);

    if ( !(rig_load(rig, entry) & 1) )
        rig_store(rig, entry, rig_page(rig) | 1);
    return (rig_load(rig, entry) & ~UINT64_C(0xfff)) + (sid & 0xff) * 16u;
}

uint64_t rig_set_context(struct rig *rig, const struct rig_context *context)
{
    uint64_t entry = rig_context_entry(rig, context->sid);
    uint64_t table = context->slptptr ? context->slptptr : rig_page(rig);

    rig_store(rig, entry,
              table | context->tt << 2 | (context->fpd ? 2u : 0) |
                  (context->not_present ? 0 : 1u));
    rig_store(rig, entry + 8, context->aw | (uint64_t)context->did << 8);
    return table;
}

uint64_t rig_simple_context(struct rig *rig, uint32_t sid, unsigned int did)
{
    struct rig_context context = { .sid = sid, .aw = 2, .did = did };

    return rig_set_context(rig, &context);
}

uint64_t rig_entry(struct rig *rig, uint64_t table, unsigned int levels,
                   uint64_t iova, unsigned int level)
{
    for ( unsigned int at = levels;; at-- )
    {
        uint64_t entry = table + ((iova >> (3 + 9 * at)) & 511) * 8;

        if ( at == level )
            return entry;
        if ( !(rig_load(rig, entry) & RW) )
            rig_store(rig, entry, rig_page(rig) | RW);
        table = rig_load(rig, entry) & UINT64_C(0xffffffffff000);
    }
}

void rig_map(struct rig *rig, uint64_t table, uint64_t iova, uint64_t output,
             unsigned int rights, unsigned int level)
{
    rig_store(rig, rig_entry(rig, table, 4, iova, level),
              output | rights | (level > 1 ? 0x80u : 0));
}

/* ---- registers ---- */

uint32_t rig_get32(struct rig *rig, uint32_t offset)
{
    return (uint32_t)vtd_mmio_read(rig->vtd, offset, 4);
}

uint64_t rig_get64(struct rig *rig, uint32_t offset)
{
    return vtd_mmio_read(rig->vtd, offset, 8);
}

void rig_set32(struct rig *rig, uint32_t offset, uint32_t value)
{
    vtd_mmio_write(rig->vtd, offset, 4, value);
}

void rig_set64(struct rig *rig, uint32_t offset, uint64_t value)
{
    vtd_mmio_write(rig->vtd, offset, 8, value);
}

void rig_gcmd(struct rig *rig, uint32_t bit, bool set)
{
    uint32_t status = rig_get32(rig, 0x1c) & 0x96ffffffu;

    rig_set32(rig, 0x18, set ? status | bit : status & ~bit);
}

void rig_set_root(struct rig *rig, uint64_t rtaddr)
{
    rig_set64(rig, 0x20, rtaddr);
    rig_gcmd(rig, 1u << 30, true);
}

void rig_unmask_faults(struct rig *rig)
{
    rig_set32(rig, 0x3c, 0x21);
    rig_set32(rig, 0x40, 0xfee01004);
    rig_set32(rig, 0x38, 0);
}

unsigned int rig_ccmd(struct rig *rig, unsigned int cirg, uint32_t did,
                      uint32_t sid, unsigned int fm)
{
    uint64_t value = UINT64_C(1) << 63 | (uint64_t)cirg << 61 |
                     (uint64_t)fm << 32 | (uint64_t)sid << 16 | did;

    rig_set64(rig, 0x28, value);
    return (unsigned int)(rig_get64(rig, 0x28) >> 59 & 3);
}

unsigned int rig_iotlb(struct rig *rig, unsigned int iirg, uint32_t did,
                       uint64_t iova, unsigned int am, bool ih)
{
    uint64_t value = UINT64_C(1) << 63 | (uint64_t)iirg << 60 |
                     UINT64_C(3) << 48 | (uint64_t)did << 32;

    rig_set64(rig, IRO, iova | (ih ? 0x40u : 0) | am);
    rig_set64(rig, IRO + 8, value);
    return (unsigned int)(rig_get64(rig, IRO + 8) >> 57 & 3);
}

void rig_flush(struct rig *rig)
{
    rig_ccmd(rig, 1, 0, 0, 0);
    rig_iotlb(rig, 1, 0, 0, 0, false);
}

void rig_queue_start(struct rig *rig, unsigned int qs)
{
    rig->queue = ram_alloc(&rig->ram, UINT64_C(0x1000) << qs);
    rig_set64(rig, 0x90, rig->queue | qs);
    rig_gcmd(rig, 1u << 26, true);
}

void rig_submit(struct rig *rig, uint64_t low, uint64_t high)
{
    uint64_t tail = rig_get64(rig, 0x88);
    uint64_t size = UINT64_C(0x1000) << (rig_get64(rig, 0x90) & 7);

    rig_store(rig, rig->queue + tail, low);
    rig_store(rig, rig->queue + tail + 8, high);
    rig_set32(rig, 0x88, (uint32_t)((tail + 16) & (size - 1)));
}

/* ---- requests ---- */

struct response rig_send(struct rig *rig, const struct request *request)
{
    struct response response;

    vtd_translate(rig->vtd, request, &response);
    return response;
}

struct response rig_translate(struct rig *rig, uint32_t sid, uint64_t iova,
                              enum request_access access)
{
    struct request request = rig_request(sid, iova, access);

    return rig_send(rig, &request);
}

struct response rig_probe(struct rig *rig, const struct request *request)
{
    struct response response;

    vtd_probe(rig->vtd, request, ram_probe, &rig->ram, &response);
    return response;
}

unsigned int rig_reason(struct rig *rig, uint32_t sid, uint64_t iova,
                        enum request_access access)
{
    struct response response = rig_translate(rig, sid, iova, access);

    return response.status == RESPONSE_OK ? 0 : response.reason;
}
