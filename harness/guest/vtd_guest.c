/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: registers and the order of start-up. */
#include <guest/vtd_guest.h>
#include <guest/vtd_layout.h>
#include <guest/vtd_private.h>

#include <stddef.h>

uint64_t guest_read(const struct vtd_guest *guest, uint32_t offset,
                    unsigned int size)
{
    return guest->ops->read_register(guest->world, offset, size);
}

void guest_write(const struct vtd_guest *guest, uint32_t offset,
                 unsigned int size, uint64_t value)
{
    guest->ops->write_register(guest->world, offset, size, value);
}

void guest_look(const struct vtd_guest *guest)
{
    if ( guest->ops->look )
        guest->ops->look(guest->world);
}

void guest_idle(const struct vtd_guest *guest)
{
    if ( guest->ops->idle )
        guest->ops->idle(guest->world);
}

enum vtd_guest_result guest_await(const struct vtd_guest *guest,
                                  const struct guest_await *await,
                                  uint64_t *value)
{
    unsigned int i;

    guest_look(guest);
    for ( i = 0; i < GUEST_PATIENCE; i++ )
    {
        *value = guest_read(guest, await->offset, await->size);
        if ( (*value & await->mask) == await->value )
            return VTD_GUEST_DONE;
        guest_idle(guest);
    }
    return VTD_GUEST_TIMEOUT;
}

void vtd_guest_init(struct vtd_guest *guest, const struct guest_ops *ops,
                    void *world)
{
    *guest = (struct vtd_guest) { .ops = ops, .world = world };
    guest->cap = guest_read(guest, GUEST_CAP, 8);
    guest->ecap = guest_read(guest, GUEST_ECAP, 8);
}

/* One command a write: the others keep what GSTS says. */
static enum vtd_guest_result command(struct vtd_guest *guest, uint32_t bit,
                                     bool on, bool expect)
{
    uint32_t now = (uint32_t)guest_read(guest, GUEST_GSTS, 4) & GUEST_G_KEEP;
    struct guest_await await = {
        .offset = GUEST_GSTS, .size = 4, .mask = bit, .value = expect ? bit : 0
    };
    uint64_t status;

    guest_write(guest, GUEST_GCMD, 4, on ? now | bit : now & ~bit);
    return guest_await(guest, &await, &status);
}

enum vtd_guest_result vtd_guest_queue_enable(struct vtd_guest *guest,
                                             unsigned int qs)
{
    uint64_t page;

    /* One page holds 256 descriptors; a larger queue takes the following
     * pages, which alloc_page has to hand out in a row. */
    unsigned int pages = 1u << qs;

    guest->queue = page = guest->ops->alloc_page(guest->world);
    while ( page && --pages )
    {
        uint64_t next = guest->ops->alloc_page(guest->world);

        page = next == page + 4096 ? next : 0;
    }
    guest->status = guest->ops->alloc_page(guest->world);
    if ( !page || !guest->status )
    {
        guest->queue = 0;
        return VTD_GUEST_NO_PAGE;
    }
    guest->queue_size = qs;
    guest->tail = 0;

    guest_read(guest, GUEST_FSTS, 4);
    guest_write(guest, GUEST_IQT, 4, 0);
    guest_write(guest, GUEST_IQA, 8, guest->queue | qs);
    return command(guest, GUEST_G_QIE, true, true);
}

enum vtd_guest_result vtd_guest_set_root(struct vtd_guest *guest)
{
    if ( !guest->root )
        guest->root = guest->ops->alloc_page(guest->world);
    if ( !guest->root )
        return VTD_GUEST_NO_PAGE;
    guest_write(guest, GUEST_RTADDR, 8, guest->root);
    return command(guest, GUEST_G_SRTP, true, true);
}

void vtd_guest_fault_event(struct vtd_guest *guest, uint64_t address,
                           uint32_t data)
{
    guest_write(guest, GUEST_FEDATA, 4, data);
    guest_write(guest, GUEST_FEADDR, 4, (uint32_t)address);
    guest_write(guest, GUEST_FEUADDR, 4, address >> 32);
    guest_write(guest, GUEST_FECTL, 4, 0);
    guest_read(guest, GUEST_FECTL, 4); /* posts the write */
}

enum vtd_guest_result vtd_guest_translation(struct vtd_guest *guest, bool on)
{
    return command(guest, GUEST_G_TE, on, on);
}

/* WBF is pending as long as WBFS reads 1 (11.4.4.2). */
static enum vtd_guest_result flush_write_buffer(struct vtd_guest *guest)
{
    if ( !(guest->cap & GUEST_CAP_RWBF) )
        return VTD_GUEST_DONE;
    return command(guest, GUEST_G_WBF, true, false);
}

static void protected_memory_off(struct vtd_guest *guest)
{
    if ( guest->cap & (GUEST_CAP_PLMR | GUEST_CAP_PHMR) )
        guest_write(guest, GUEST_PMEN, 4, 0);
}

enum vtd_guest_result vtd_guest_start(struct vtd_guest *guest,
                                      const struct vtd_guest_setup *setup)
{
    enum vtd_guest_result result = VTD_GUEST_DONE;

    guest_read(guest, GUEST_VER, 4);
    guest_read(guest, GUEST_GSTS, 4);

    if ( setup->queue && (guest->ecap & GUEST_ECAP_QI) )
        result = vtd_guest_queue_enable(guest, 0);
    if ( result == VTD_GUEST_DONE )
        result = flush_write_buffer(guest);
    if ( result == VTD_GUEST_DONE )
        result = vtd_guest_set_root(guest);
    if ( result == VTD_GUEST_DONE )
        result = vtd_guest_flush_all(guest);
    if ( result != VTD_GUEST_DONE )
        return result;

    vtd_guest_fault_event(guest, setup->fault_address, setup->fault_data);
    result = vtd_guest_translation(guest, true);
    protected_memory_off(guest);
    return result;
}
