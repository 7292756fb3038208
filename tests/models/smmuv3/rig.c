/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define B(n) (UINT32_C(1) << (n))

static void count_edge(struct rig *rig, unsigned int line, bool level)
{
    const struct smmuv3_wires *wires = &rig->config.wires;

    if ( level )
        rig->edges.other++; /* edges only (3.18) */
    else if ( line == wires->eventq )
        rig->edges.eventq++;
    else if ( line == wires->priq )
        rig->edges.priq++;
    else if ( line == wires->sync )
        rig->edges.sync++;
    else if ( line == wires->gerror )
        rig->edges.gerror++;
    else
        rig->edges.other++;
}

/* ---- life ---- */

void rig_config(struct smmuv3_config *config)
{
    smmuv3_config_default(config);
    /* S2P, S1P, TTF AArch64, HYP, ASID16, SEV, VMID16, CD2L, little-endian,
     * terminate only, two-level stream tables */
    config->idr[0] = B(0) | B(1) | 2u << 2 | B(9) | B(12) | B(14) | B(18) |
                     B(19) | 2u << 21 | 1u << 24 | 1u << 27;
    /* SIDSIZE 16, SSIDSIZE 20, EVENTQS 19, CMDQS 19, ATTR_PERMS_OVR */
    config->idr[1] = 16u | 20u << 6 | 19u << 16 | 19u << 21 | B(26);
    config->idr[2] = 0;
    /* HAD, XNX, RIL, BBML 2 */
    config->idr[3] = B(2) | B(4) | B(10) | 2u << 11;
    config->idr[4] = 0;
    /* OAS 48, all granules */
    config->idr[5] = 5u | B(4) | B(5) | B(6);
    config->aidr = 2; /* SMMUv3.2 */
    config->slots = 8;
    rig_caches(config, 64, CACHE_NORMAL);
}

void rig_caches(struct smmuv3_config *config, unsigned int entries,
                enum cache_retention retention)
{
    struct cache_config cache = {
        .entries = entries,
        .ways = entries,
        .retention = retention,
        .seed = 1,
    };

    config->ste_cache = config->cd_cache = cache;
    config->micro_tlb = config->main_tlb = cache;
    config->walk_cache[0] = config->walk_cache[1] = cache;
}

void rig_create(struct rig *rig, const struct smmuv3_config *config)
{
    static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48 };
    size_t size;

    memset(rig, 0, sizeof(*rig));
    if ( config )
        rig->config = *config;
    else
        rig_config(&rig->config);
    if ( smmuv3_config_check(&rig->config) )
        abort();
    ram_create(&rig->ram, rig, RIG_MEMORY);
    /* 3.4: what the unit or a device puts on the bus is within the OAS. */
    rig->ram.bits = sizes[rig->config.idr[5] & 7];
    rig->ram.wire = count_edge;
    size = (smmuv3_state_size(&rig->config) + 63) & ~(size_t)63;
    rig->smmu = smmuv3_init(aligned_alloc(64, size), &rig->config,
                            &rig->ram.port);
}

void rig_destroy(struct rig *rig)
{
    ram_destroy(&rig->ram);
    free(rig->smmu);
}

void rig_enable(struct rig *rig)
{
    rig_set64(rig, STRTAB_BASE, rig->strtab);
    rig_set32(rig, STRTAB_BASE_CFG, 6);
    rig_set64(rig, CMDQ_BASE, rig->cmdq | rig->cmdq_log2);
    rig_set64(rig, EVENTQ_BASE, rig->eventq | rig->eventq_log2);
    rig_set32(rig, IRQ_CTRL, 5); /* EVENTQ, GERROR */
    rig_set32(rig, CR0, 0xd);    /* CMDQEN, EVENTQEN, SMMUEN */
}

void rig_set_cr2(struct rig *rig, uint32_t value)
{
    rig_set32(rig, CR0, 0xc);
    rig_set32(rig, CR2, value);
    rig_set32(rig, CR0, 0xd);
}

void rig_start(struct rig *rig, const struct smmuv3_config *config)
{
    rig_create(rig, config);
    rig->strtab = rig_alloc(rig, 0x1000);
    rig->cmdq = rig_alloc(rig, 0x1000);
    rig->cmdq_log2 = 8;
    rig->eventq = rig_alloc(rig, 0x1000);
    rig->eventq_log2 = 7;
    rig_enable(rig);
}

/* ---- registers ---- */

uint32_t rig_get32(struct rig *rig, uint32_t offset)
{
    return (uint32_t)smmuv3_mmio_read(rig->smmu, offset, 4);
}

uint64_t rig_get64(struct rig *rig, uint32_t offset)
{
    return smmuv3_mmio_read(rig->smmu, offset, 8);
}

void rig_set32(struct rig *rig, uint32_t offset, uint32_t value)
{
    smmuv3_mmio_write(rig->smmu, offset, 4, value);
}

void rig_set64(struct rig *rig, uint32_t offset, uint64_t value)
{
    smmuv3_mmio_write(rig->smmu, offset, 8, value);
}

/* ---- queues ---- */

void rig_submit(struct rig *rig, uint64_t low, uint64_t high)
{
    uint32_t prod = rig_get32(rig, CMDQ_PROD);
    uint32_t mask = (1u << rig->cmdq_log2) - 1;
    uint64_t at = rig->cmdq + (prod & mask) * 16;

    rig_store(rig, at, low);
    rig_store(rig, at + 8, high);
    rig_set32(rig, CMDQ_PROD, (prod + 1) & (mask * 2 + 1));
}

void rig_command(struct rig *rig, uint64_t low, uint64_t high)
{
    rig_submit(rig, low, high);
    rig_submit(rig, CMD_SYNC, 0);
    if ( rig_get32(rig, CMDQ_CONS) != rig_get32(rig, CMDQ_PROD) )
        abort();
}

void rig_flush(struct rig *rig)
{
    rig_command(rig, CFGI_ALL);
    rig_command(rig, NSNH_ALL);
    if ( rig->config.idr[0] & B(9) )
        rig_command(rig, 0x20, 0); /* TLBI_EL2_ALL */
}

uint32_t rig_cons_index(struct rig *rig)
{
    return rig_get32(rig, CMDQ_CONS) & 0xfffff;
}

uint32_t rig_cons_error(struct rig *rig)
{
    return rig_get32(rig, CMDQ_CONS) >> 24 & 0x7f;
}

bool rig_error_active(struct rig *rig)
{
    return (rig_get32(rig, GERROR) ^ rig_get32(rig, GERRORN)) & CMDQ_ERR;
}

void rig_acknowledge(struct rig *rig)
{
    rig_set32(rig, GERRORN, rig_get32(rig, GERROR));
}

unsigned int rig_event(struct rig *rig, struct event *event)
{
    uint32_t cons = rig_get32(rig, EVENTQ_CONS);
    uint32_t mask = (1u << rig->eventq_log2) - 1;
    uint64_t at = rig->eventq + (cons & mask) * 32;
    uint32_t wrap = mask * 2 + 1;

    memset(event, 0, sizeof(*event));
    if ( (rig_get32(rig, EVENTQ_PROD) & wrap) == (cons & wrap) )
        return 0;
    memcpy(event, rig->ram.memory + at, 32);
    rig_set32(rig, EVENTQ_CONS,
              (cons & UINT32_C(0x80000000)) | (((cons & wrap) + 1) & wrap));
    return (unsigned int)(event->word[0] & 0xff);
}

uint64_t rig_bits(const struct event *event, unsigned int high,
                  unsigned int low)
{
    return event->word[low / 64] >> low % 64 &
           (UINT64_MAX >> (63 - (high - low)));
}

/* ---- requests ---- */

struct response rig_send(struct rig *rig, const struct request *request)
{
    struct response response;

    smmuv3_translate(rig->smmu, request, &response);
    return response;
}

struct response rig_probe(struct rig *rig, const struct request *request)
{
    struct response response;

    smmuv3_probe(rig->smmu, request, ram_probe, &rig->ram, &response);
    return response;
}

uint64_t rig_result(const struct response *response)
{
    return response->status == RESPONSE_OK ? response->address :
                                             ABORTED | response->reason;
}

uint64_t rig_go(struct rig *rig, const struct request *request)
{
    struct response response = rig_send(rig, request);

    return rig_result(&response);
}

uint64_t rig_read(struct rig *rig, uint32_t sid, uint64_t iova)
{
    struct request request = rig_request(sid, iova, REQUEST_READ);

    return rig_go(rig, &request);
}

uint64_t rig_write(struct rig *rig, uint32_t sid, uint64_t iova)
{
    struct request request = rig_request(sid, iova, REQUEST_WRITE);

    return rig_go(rig, &request);
}

bool rig_hits(struct rig *rig, uint32_t sid, uint64_t iova)
{
    struct request request = rig_request(sid, iova, REQUEST_READ);

    return rig_send(rig, &request).hit;
}

const struct attempt rig_attempts[RIG_ATTEMPTS] = {
    { false, false, false }, { true, false, false }, { false, true, false },
    { true, true, false },   { false, false, true }, { true, false, true },
};

struct response rig_try(struct rig *rig, const struct attempt *attempt)
{
    struct request request = rig_request(
        SID, IOVA, attempt->write ? REQUEST_WRITE : REQUEST_READ);

    request.privileged = attempt->privileged;
    request.execute = attempt->execute;
    return rig_send(rig, &request);
}
