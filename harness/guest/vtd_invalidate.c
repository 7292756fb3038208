/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: invalidation by queue and by registers. */
#include <guest/vtd_guest.h>
#include <guest/vtd_layout.h>
#include <guest/vtd_private.h>

#include <stddef.h>

/* What a status word says, as in Linux; eight bytes for each, because the
 * guest's stores are that wide. */
#define IN_USE       1
#define DONE         2
#define STATUS_BYTES 8
#define STATUS_WORDS (4096 / STATUS_BYTES)
#define STATUS_MASK  UINT64_C(0xffffffff)

/* ---- descriptors ---- */

struct vtd_guest_descriptor vtd_guest_context_descriptor(
    const struct vtd_guest_context_flush *flush)
{
    return (struct vtd_guest_descriptor) {
        .low = GUEST_IQ_CONTEXT | GUEST_IQ_G(flush->granularity) |
               GUEST_IQ_DID(flush->did) | GUEST_IQ_SID(flush->source) |
               GUEST_IQ_FM(flush->function_mask),
    };
}

static uint64_t invalidate_address(const struct vtd_guest_iotlb_flush *flush)
{
    return flush->address | GUEST_IVA_AM(flush->am) |
           (flush->leaf_only ? GUEST_IVA_IH : 0);
}

struct vtd_guest_descriptor vtd_guest_iotlb_descriptor(
    const struct vtd_guest_iotlb_flush *flush)
{
    return (struct vtd_guest_descriptor) {
        .low = GUEST_IQ_IOTLB | GUEST_IQ_G(flush->granularity) |
               GUEST_IQ_DID(flush->did) |
               (flush->drain_reads ? GUEST_IQ_DR : 0) |
               (flush->drain_writes ? GUEST_IQ_DW : 0),
        .high = invalidate_address(flush),
    };
}

struct vtd_guest_descriptor vtd_guest_wait_descriptor(
    const struct vtd_guest_wait *wait)
{
    return (struct vtd_guest_descriptor) {
        .low = GUEST_IQ_WAIT | (wait->interrupt ? GUEST_IQ_IF : 0) |
               (wait->status_write ? GUEST_IQ_SW : 0) |
               (wait->fence ? GUEST_IQ_FN : 0) | GUEST_IQ_STDATA(wait->data),
        .high = wait->address,
    };
}

/* ---- queue ---- */

static void put(struct vtd_guest *guest, uint32_t index,
                const struct vtd_guest_descriptor *descriptor)
{
    uint64_t gpa = guest->queue + ((uint64_t)index << GUEST_IQ_SHIFT);

    guest->ops->store64(guest->world, gpa, descriptor->low);
    guest->ops->store64(guest->world, gpa + 8, descriptor->high);
}

void vtd_guest_enqueue(struct vtd_guest *guest,
                       const struct vtd_guest_descriptor *descriptor)
{
    put(guest, guest->tail, descriptor);
    guest->tail = (guest->tail + 1) % GUEST_IQ_ENTRIES(guest->queue_size);
}

void vtd_guest_ring(struct vtd_guest *guest)
{
    guest_write(guest, GUEST_IQT, 4, guest->tail << GUEST_IQ_SHIFT);
}

/* The unit stands at a descriptor that it does not understand: let it find
 * something harmless there, and go on. */
static void recover(struct vtd_guest *guest,
                    const struct vtd_guest_descriptor *wait)
{
    uint64_t head = guest_read(guest, GUEST_IQH, 8) >> GUEST_IQ_SHIFT;

    put(guest, (uint32_t)head, wait);
    guest_write(guest, GUEST_FSTS, 4, GUEST_FSTS_IQE);
}

static enum vtd_guest_result await_status(struct vtd_guest *guest,
                                          const struct vtd_guest_wait *wait,
                                          const struct vtd_guest_descriptor *d)
{
    enum vtd_guest_result result = VTD_GUEST_DONE;
    unsigned int i;

    guest_look(guest);
    for ( i = 0; i < GUEST_PATIENCE; i++ )
    {
        uint64_t word = guest->ops->read64(guest->world, wait->address);

        if ( (word & STATUS_MASK) == wait->data )
            return result;
        if ( guest_read(guest, GUEST_FSTS, 4) & GUEST_FSTS_IQE )
        {
            result = VTD_GUEST_ERROR;
            recover(guest, d);
        }
        guest_idle(guest);
    }
    return VTD_GUEST_TIMEOUT;
}

enum vtd_guest_result vtd_guest_submit(
    struct vtd_guest *guest, const struct vtd_guest_descriptor *descriptor,
    unsigned int count)
{
    struct vtd_guest_wait wait = { .status_write = true, .data = DONE };
    struct vtd_guest_descriptor last;
    unsigned int i;

    for ( i = 0; i < count; i++ )
        vtd_guest_enqueue(guest, &descriptor[i]);
    wait.address = guest->status + guest->tail % STATUS_WORDS * STATUS_BYTES;
    guest->ops->store64(guest->world, wait.address, IN_USE);
    last = vtd_guest_wait_descriptor(&wait);
    vtd_guest_enqueue(guest, &last);
    vtd_guest_ring(guest);
    return await_status(guest, &wait, &last);
}

/* ---- registers ---- */

/* Is the IOTLB command that was given up still under way? */
static bool is_busy(struct vtd_guest *guest)
{
    const struct guest_await await = { .offset = GUEST_IOTLB(guest->ecap),
                                       .size = 8,
                                       .mask = GUEST_IOTLB_IVT };
    uint64_t value;

    if ( guest->overdue )
        guest->overdue = guest_await(guest, &await, &value) != VTD_GUEST_DONE;
    return guest->overdue;
}

enum vtd_guest_result vtd_guest_context_register(
    struct vtd_guest *guest, const struct vtd_guest_context_flush *flush,
    unsigned int *actual)
{
    struct guest_await await = { .offset = GUEST_CCMD,
                                 .size = 8,
                                 .mask = GUEST_CCMD_ICC };
    enum vtd_guest_result result;
    uint64_t value;

    if ( is_busy(guest) )
        return VTD_GUEST_TIMEOUT;
    guest_write(guest, GUEST_CCMD, 8,
                GUEST_CCMD_ICC | GUEST_CCMD_CIRG(flush->granularity) |
                    GUEST_CCMD_FM(flush->function_mask) |
                    GUEST_CCMD_SID(flush->source) | flush->did);
    result = guest_await(guest, &await, &value);
    if ( actual )
        *actual = GUEST_CCMD_CAIG(value);
    return result;
}

enum vtd_guest_result vtd_guest_iotlb_register(
    struct vtd_guest *guest, const struct vtd_guest_iotlb_flush *flush,
    unsigned int *actual)
{
    struct guest_await await = { .offset = GUEST_IOTLB(guest->ecap),
                                 .size = 8,
                                 .mask = GUEST_IOTLB_IVT };
    enum vtd_guest_result result;
    uint64_t value;

    if ( is_busy(guest) )
        return VTD_GUEST_TIMEOUT;
    if ( flush->granularity == VTD_GUEST_SELECTIVE )
        guest_write(guest, GUEST_IVA(guest->ecap), 8,
                    invalidate_address(flush));
    guest_write(guest, GUEST_IOTLB(guest->ecap), 8,
                GUEST_IOTLB_IVT | GUEST_IOTLB_IIRG(flush->granularity) |
                    (flush->drain_reads ? GUEST_IOTLB_DR : 0) |
                    (flush->drain_writes ? GUEST_IOTLB_DW : 0) |
                    GUEST_IOTLB_DID(flush->did));
    result = guest_await(guest, &await, &value);
    guest->overdue = result != VTD_GUEST_DONE;
    if ( actual )
        *actual = GUEST_IOTLB_IAIG(value);
    return result;
}

enum vtd_guest_result vtd_guest_flush_context(
    struct vtd_guest *guest, const struct vtd_guest_context_flush *flush)
{
    struct vtd_guest_descriptor d = vtd_guest_context_descriptor(flush);

    return guest->queue ? vtd_guest_submit(guest, &d, 1) :
                          vtd_guest_context_register(guest, flush, NULL);
}

enum vtd_guest_result vtd_guest_flush_iotlb(
    struct vtd_guest *guest, const struct vtd_guest_iotlb_flush *flush)
{
    struct vtd_guest_descriptor d = vtd_guest_iotlb_descriptor(flush);

    return guest->queue ? vtd_guest_submit(guest, &d, 1) :
                          vtd_guest_iotlb_register(guest, flush, NULL);
}

enum vtd_guest_result vtd_guest_flush_all(struct vtd_guest *guest)
{
    const struct vtd_guest_context_flush context = {
        .granularity = VTD_GUEST_GLOBAL
    };
    const struct vtd_guest_iotlb_flush iotlb = {
        .granularity = VTD_GUEST_GLOBAL
    };
    enum vtd_guest_result result = vtd_guest_flush_context(guest, &context);

    return result == VTD_GUEST_DONE ? vtd_guest_flush_iotlb(guest, &iotlb) :
                                      result;
}
