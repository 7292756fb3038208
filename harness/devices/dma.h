/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DMA engine of a passed-through device: one transfer becomes requests of
 * at most 64 bytes that cross no 64-byte boundary, hence no page, in ascending
 * order of address.
 */
#ifndef HARNESS_DEVICES_DMA_H
#define HARNESS_DEVICES_DMA_H

#include <common/request.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMA_MAX_SIZE   4096 /* bytes of a transfer */
#define DMA_PIECE      64   /* bytes of a request */
#define DMA_MAX_PIECES (DMA_MAX_SIZE / DMA_PIECE + 1)

/* The unit above the device. */
struct dma_target {
    void (*access)(void *unit, const struct request *request, void *data,
                   struct response *response);
    void *unit;
};

struct dma_device {
    struct dma_target target;
    uint32_t unit;   /* goes into the requests */
    uint32_t source; /* requester id below the unit */
};

struct dma_transfer {
    enum request_type type;
    enum request_access access;
    uint32_t pasid; /* or REQUEST_NO_PASID */
    bool privileged, execute;
    uint64_t address;
    uint32_t size;      /* 1..DMA_MAX_SIZE; 0: one zero-length read;
                         * an atomic access: 4 or 8, naturally aligned */
    void *data;         /* read into, written from; may be NULL if size is 0 */
    bool stop_on_abort; /* issue nothing after the first abort */
};

struct dma_piece {
    uint64_t address;
    uint32_t size;
    struct response response;
};

struct dma_result {
    unsigned int pieces;  /* issued */
    unsigned int aborted; /* of them */
    struct dma_piece piece[DMA_MAX_PIECES];
};

/* False: an impossible transfer; nothing was issued. */
bool dma_run(const struct dma_device *device,
             const struct dma_transfer *transfer, struct dma_result *result);

#endif /* HARNESS_DEVICES_DMA_H */
