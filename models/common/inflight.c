/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <common/inflight.h>

#include <string.h>

static void touch_all(const struct inflight *inflight, bool write)
{
    port_touch(&inflight->port, PORT_SLOT, 0, INFLIGHT_MAX - 1, write);
}

void inflight_init(struct inflight *inflight, unsigned int slots,
                   const struct port *port)
{
    memset(inflight, 0, sizeof(*inflight));
    inflight->slots = slots;
    if ( port )
        inflight->port = *port;
}

int inflight_begin(struct inflight *inflight, uint32_t source,
                   uint64_t address)
{
    for ( unsigned int i = 0; i < inflight->slots; i++ )
    {
        struct inflight_slot *slot = &inflight->slot[i];

        if ( slot->phase != INFLIGHT_FREE )
            continue;
        /* Which of the free ones it is makes no difference. */
        inflight_touch(inflight, (int)i, true);
        slot->phase = INFLIGHT_WALK;
        slot->poisoned = false;
        slot->tagged = false;
        slot->source = source;
        slot->tag = 0;
        slot->tag2 = 0;
        slot->address = address;
        slot->generation++;
        return (int)i;
    }
    touch_all(inflight, false);
    return -1;
}

void inflight_end(struct inflight *inflight, int slot)
{
    inflight_touch(inflight, slot, true);
    inflight->slot[slot].phase = INFLIGHT_FREE;
}

void inflight_poison(struct inflight *inflight, inflight_match *match,
                     const void *context)
{
    touch_all(inflight, true);
    for ( unsigned int i = 0; i < inflight->slots; i++ )
    {
        struct inflight_slot *slot = &inflight->slot[i];

        if ( slot->phase == INFLIGHT_WALK && match(slot, context) )
            slot->poisoned = true;
    }
}

static bool in_phase(const struct inflight_slot *slot, unsigned int phases)
{
    return phases & (1u << slot->phase);
}

void inflight_collect(const struct inflight *inflight, inflight_match *match,
                      const void *context, unsigned int phases,
                      struct inflight_set *set)
{
    touch_all(inflight, false);
    set->mask = 0;
    for ( unsigned int i = 0; i < inflight->slots; i++ )
    {
        const struct inflight_slot *slot = &inflight->slot[i];

        if ( !in_phase(slot, phases) || !match(slot, context) )
            continue;
        set->mask |= UINT64_C(1) << i;
        set->generation[i] = slot->generation;
    }
}

bool inflight_pending(const struct inflight *inflight,
                      const struct inflight_set *set, unsigned int phases)
{
    for ( unsigned int i = 0; i < inflight->slots; i++ )
    {
        const struct inflight_slot *slot = &inflight->slot[i];

        if ( set->mask >> i & 1 )
            inflight_touch(inflight, (int)i, false);
        if ( (set->mask >> i & 1) && slot->generation == set->generation[i] &&
             in_phase(slot, phases) )
            return true;
    }
    return false;
}
