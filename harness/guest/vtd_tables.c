/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: root, context and second-level tables. */
#include <guest/vtd_guest.h>
#include <guest/vtd_layout.h>

#define INDEX_BITS 9
#define PAGE_BITS  12

static uint64_t load(const struct vtd_guest *guest, uint64_t gpa)
{
    return guest->ops->read64(guest->world, gpa);
}

static void store(const struct vtd_guest *guest, uint64_t gpa, uint64_t value)
{
    guest->ops->store64(guest->world, gpa, value);
}

/* The table that the entry at @gpa points to, made if it is not present. */
static uint64_t table_below(struct vtd_guest *guest, uint64_t gpa,
                            uint64_t present)
{
    uint64_t entry = load(guest, gpa), table;

    if ( entry & present )
        return entry & GUEST_FRAME_MASK;
    table = guest->ops->alloc_page(guest->world);
    if ( table )
        store(guest, gpa, table | present);
    return table;
}

uint64_t vtd_guest_context_entry(struct vtd_guest *guest, uint16_t source)
{
    unsigned int bus = source >> 8, devfn = source & 0xff;
    uint64_t table;

    if ( !guest->root )
        guest->root = guest->ops->alloc_page(guest->world);
    if ( !guest->root )
        return 0;
    table = table_below(guest, guest->root + bus * GUEST_ENTRY_SIZE,
                        GUEST_PRESENT);
    return table ? table + devfn * GUEST_ENTRY_SIZE : 0;
}

bool vtd_guest_set_context(struct vtd_guest *guest, uint16_t source,
                           const struct vtd_guest_context *context)
{
    uint64_t gpa = vtd_guest_context_entry(guest, source), low, high;

    if ( !gpa )
        return false;
    low = context->table | GUEST_CONTEXT_TT(context->type) |
          (context->fpd ? GUEST_CONTEXT_FPD : 0) |
          (context->present ? GUEST_PRESENT : 0);
    high = GUEST_CONTEXT_AW(context->levels - 2) |
           GUEST_CONTEXT_DID(context->did);

    /* P is in the low half: a unit must never see it with an old high one. */
    if ( context->present )
    {
        store(guest, gpa + 8, high);
        store(guest, gpa, low);
    }
    else
    {
        store(guest, gpa, low);
        store(guest, gpa + 8, high);
    }
    return true;
}

/* ---- second-level tables ---- */

bool vtd_guest_space_init(struct vtd_guest *guest,
                          struct vtd_guest_space *space, unsigned int levels)
{
    space->levels = levels;
    space->root = guest->ops->alloc_page(guest->world);
    return space->root != 0;
}

static uint64_t slot(uint64_t table, uint64_t iova, unsigned int level)
{
    unsigned int shift = PAGE_BITS + INDEX_BITS * (level - 1);

    return table + ((iova >> shift) & ((1u << INDEX_BITS) - 1)) * 8;
}

uint64_t vtd_guest_entry(struct vtd_guest *guest,
                         const struct vtd_guest_space *space, uint64_t iova,
                         unsigned int level, bool create)
{
    const uint64_t rights = GUEST_SL_READ | GUEST_SL_WRITE;
    uint64_t table = space->root;
    unsigned int at;

    for ( at = space->levels; table && at > level; at-- )
    {
        uint64_t gpa = slot(table, iova, at), entry = load(guest, gpa);

        if ( (entry & rights) && (entry & GUEST_SL_PS) )
            return 0;
        if ( !(entry & rights) && !create )
            return 0;
        table = entry & rights ? entry & GUEST_FRAME_MASK :
                                 table_below(guest, gpa, rights);
    }
    return table ? slot(table, iova, level) : 0;
}

bool vtd_guest_poke(struct vtd_guest *guest,
                    const struct vtd_guest_space *space, uint64_t iova,
                    unsigned int level, uint64_t value)
{
    uint64_t gpa = vtd_guest_entry(guest, space, iova, level, true);

    if ( gpa )
        store(guest, gpa, value);
    return gpa != 0;
}

static unsigned int level_of(unsigned int order)
{
    return order / INDEX_BITS + 1;
}

bool vtd_guest_map(struct vtd_guest *guest,
                   const struct vtd_guest_space *space,
                   const struct vtd_guest_mapping *mapping)
{
    uint64_t entry = mapping->gpa;

    if ( mapping->rights & VTD_GUEST_READ )
        entry |= GUEST_SL_READ;
    if ( mapping->rights & VTD_GUEST_WRITE )
        entry |= GUEST_SL_WRITE;
    if ( mapping->order )
        entry |= GUEST_SL_PS;
    return vtd_guest_poke(guest, space, mapping->iova,
                          level_of(mapping->order), entry);
}

bool vtd_guest_unmap(struct vtd_guest *guest,
                     const struct vtd_guest_space *space, uint64_t iova,
                     unsigned int order)
{
    uint64_t gpa = vtd_guest_entry(guest, space, iova, level_of(order), false);

    if ( gpa )
        store(guest, gpa, 0);
    return gpa != 0;
}
