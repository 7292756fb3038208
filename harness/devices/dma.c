/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transfers of devices. */
#include <devices/dma.h>

static bool possible(const struct dma_transfer *t)
{
    /* The last byte may be that of the address space, not one beyond. */
    if ( t->size && t->address + t->size - 1 < t->address )
        return false;
    switch ( t->access )
    {
    case REQUEST_READ:
        return t->size <= DMA_MAX_SIZE;
    case REQUEST_WRITE:
        return t->size && t->size <= DMA_MAX_SIZE;
    case REQUEST_ATOMIC:
        return (t->size == 4 || t->size == 8) && t->address % t->size == 0;
    }
    return false;
}

static uint32_t piece_size(uint64_t address, uint32_t left)
{
    uint32_t rest = DMA_PIECE - (uint32_t)(address % DMA_PIECE);

    return left < rest ? left : rest;
}

static void issue(const struct dma_device *device,
                  const struct dma_transfer *t, uint32_t offset,
                  struct dma_piece *piece)
{
    struct request request = {
        .unit = device->unit,
        .source = device->source,
        .pasid = t->pasid,
        .type = t->type,
        .access = t->access,
        .privileged = t->privileged,
        .execute = t->execute,
        .address = t->address + offset,
        .size = piece_size(t->address + offset, t->size - offset),
    };
    char *data = t->data;

    *piece = (struct dma_piece) { .address = request.address,
                                  .size = request.size };
    device->target.access(device->target.unit, &request,
                          data ? data + offset : NULL, &piece->response);
}

bool dma_run(const struct dma_device *device,
             const struct dma_transfer *transfer, struct dma_result *result)
{
    uint32_t offset = 0;

    result->pieces = result->aborted = 0;
    if ( !possible(transfer) )
        return false;

    do
    {
        struct dma_piece *piece = &result->piece[result->pieces++];

        issue(device, transfer, offset, piece);
        offset += piece->size;
        if ( piece->response.status != RESPONSE_ABORT )
            continue;
        result->aborted++;
        if ( transfer->stop_on_abort )
            break;
    } while ( offset < transfer->size );
    return true;
}
