/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DMA of a program, and what it becomes. */

#include <scenario/execute.h>

#include <stdio.h>
#include <string.h>

const char *response_text(const struct response *response, char *buffer,
                          size_t size)
{
    if ( response_reached(response) )
        snprintf(buffer, size, "host address %#llx",
                 (unsigned long long)response->address);
    else if ( response->reason )
        snprintf(buffer, size, "fault %#x (%s)", response->reason,
                 response->condition ? response->condition : "?");
    else
        snprintf(buffer, size, "an abort");
    return buffer;
}

bool guest_to_host(struct world_domain *wd, uint64_t gpa, uint64_t *hpa)
{
    struct p2m_entry entry;

    p2m_lookup(wd->domain, gpa >> 12, &entry);
    *hpa = entry.mfn << 12 | (gpa & 0xfff);
    return entry.type == REGION_RAM || entry.type == REGION_ROM;
}

static enum outcome expected_outcome(const struct operation *op)
{
    if ( op_arg(op, 4) )
        return OUTCOME_FAULT;
    if ( op_arg(op, 5) )
        return OUTCOME_ABORT;
    return op_arg(op, 3) == UINT64_MAX ? OUTCOME_ANY : OUTCOME_TO;
}

void walk_of(struct execution *e, unsigned int device,
             const struct dma_transfer *transfer, struct oracle_walk *walk)
{
    const struct oracle_dma dma = {
        .source = e->world->device[device].source,
        .pasid = transfer->pasid,
        .iova = transfer->address,
        .size = transfer->size,
        .write = transfer->access != REQUEST_READ,
        .read = transfer->access != REQUEST_WRITE,
        .type = (unsigned int)transfer->type,
        .privileged = transfer->privileged,
        .execute = transfer->execute,
    };

    oracle_walk(e->wd->oracle, &dma, walk);
}

/*
 * The reason that the guest would read: the model says it itself; behind a
 * vIOMMU it is what the guest's tables give, and P4 compares the record.
 */
unsigned int architected_reason(struct execution *e, unsigned int device,
                                const struct dma_transfer *transfer,
                                const struct response *response)
{
    struct oracle_walk walk;

    if ( !e->world->dut || !e->wd->oracle )
        return response->reason;
    walk_of(e, device, transfer, &walk);
    /* Stale, yet allowed: as hardware that cached the absence reports it. */
    return walk.ok ? response->reason : walk.reason;
}

/* Every piece went where its part of the guest's range is. */
static bool went_to(struct execution *e, const struct dma_transfer *transfer,
                    const struct dma_result *result, uint64_t gpa)
{
    for ( unsigned int i = 0; i < result->pieces; i++ )
    {
        const struct dma_piece *piece = &result->piece[i];
        uint64_t hpa;

        if ( !response_reached(&piece->response) ||
             !guest_to_host(e->wd, gpa + (piece->address - transfer->address),
                            &hpa) ||
             piece->response.address != hpa )
            return false;
    }
    return true;
}

static bool outcome_agrees(struct execution *e, const struct operation *op,
                           const struct dma_transfer *transfer,
                           const struct dma_result *result)
{
    const struct response *first = &result->piece[0].response;

    switch ( expected_outcome(op) )
    {
    case OUTCOME_TO:
        return went_to(e, transfer, result, op_arg(op, 3));
    case OUTCOME_FAULT:
        return !response_reached(first) &&
               architected_reason(e, (unsigned int)op_arg(op, 0), transfer,
                                  first) == op_arg(op, 4);
    case OUTCOME_ABORT:
        return result->aborted == result->pieces;
    default:
        return true;
    }
}

void execute_dma(struct execution *e, const struct operation *op)
{
    static const char *const properties[] = { "P2", "P2", "P4", "P1" };
    uint8_t data[DMA_MAX_SIZE];
    const struct dma_transfer transfer = {
        .access = (enum request_access)op_arg(op, 1),
        .address = op_arg(op, 2),
        .privileged = op_arg(op, 6),
        .execute = op_arg(op, 7),
        .size = (uint32_t)op_arg(op, 8),
        .pasid = (uint32_t)op_arg(op, 9),
        .type = (enum request_type)op_arg(op, 10),
        .data = data,
    };
    unsigned int before = e->world->findings;
    struct dma_result result;
    char text[64];

    memset(data, 0,
           transfer.size < DMA_MAX_SIZE ? transfer.size : DMA_MAX_SIZE);
    data[0] = 1;
    if ( e->world->device[op_arg(op, 0)].is_virtual )
    {
        world_refuse(e->world, "a virtual device has 'translate' and "
                               "'access', or 'copy'");
        return;
    }

    if ( !world_dma(e->world, (unsigned int)op_arg(op, 0), &transfer,
                    &result) )
    {
        world_refuse(e->world, "no device makes such a transfer: up to 4096 "
                               "bytes, atomic ones 4 or 8 aligned");
        return;
    }
    e->result->dma += result.pieces;
    if ( e->dma_ended )
        e->dma_ended(e, op, &transfer, &result);
    if ( e->world->findings == before &&
         !outcome_agrees(e, op, &transfer, &result) )
        world_expect(
            e->world, properties[expected_outcome(op)], "the DMA became %s",
            response_text(&result.piece[0].response, text, sizeof(text)));
}
