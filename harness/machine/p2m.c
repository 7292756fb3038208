/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The p2m: computed by the layout, but for the entries that were changed while
 * the machine runs.
 */
#include <machine/state.h>

#define KEY(d, gfn)  ((uint64_t)(gfn) << 2 | (d)->index)
#define PACK(e)      ((e)->mfn << 2 | (uint64_t)(e)->type)
#define PAGES(order) (UINT64_C(1) << (order))
#define PAGES_2M     PAGES(ORDER_2M)
#define BLOCK(gfn)   ((gfn) >> ORDER_2M)
#define NO_FRAME(e)  ((e)->type != REGION_RAM && (e)->type != REGION_ROM)

_Static_assert(MACHINE_MAX_DOMAINS <= 4, "two bits of domain in the keys");
_Static_assert(REGION_MMIO <= 3, "two bits of type in the values");

static void computed(const struct domain *d, uint64_t gfn,
                     struct p2m_entry *entry)
{
    entry->type = domain_type(d, gfn);
    entry->mfn = NO_FRAME(entry) ? NO_MFN : layout_mfn(&d->layout, gfn);
}

void p2m_lookup(const struct domain *d, uint64_t gfn, struct p2m_entry *entry)
{
    uint64_t value;

    touch_p2m(d, gfn, 1, false);
    if ( d->overrides && map_get(&d->machine->override, KEY(d, gfn), &value) )
    {
        entry->type = (enum region_type)(value & 3);
        entry->mfn = NO_FRAME(entry) ? NO_MFN : value >> 2;
        return;
    }
    computed(d, gfn, entry);
}

bool m2p_lookup(const struct machine *m, uint64_t mfn, struct domain **d,
                uint64_t *gfn)
{
    struct p2m_entry entry;
    uint64_t value;

    if ( map_get(&m->special, mfn, &value) )
    {
        if ( SPECIAL_STATE(value) != SPECIAL_MAPPED )
            return false;
        *d = (struct domain *)&m->domain[SPECIAL_OWNER(value)];
        *gfn = SPECIAL_NUMBER(value);
        return true;
    }

    *d = frame_home(m, mfn, gfn);
    if ( !*d )
        return false;
    p2m_lookup(*d, *gfn, &entry);
    return entry.mfn == mfn;
}

bool domain_owns(const struct domain *d, uint64_t mfn, bool write)
{
    const struct machine *m = d->machine;
    struct p2m_entry entry;
    struct domain *owner;
    uint64_t gfn, value = 0;

    touch((struct machine *)m, MACHINE_REFERENCES, mfn, mfn, false);
    if ( map_get(&m->special, mfn, &value) &&
         (SPECIAL_STATE(value) == SPECIAL_RETIRED ||
          SPECIAL_STATE(value) == SPECIAL_RELEASED) )
        return SPECIAL_OWNER(value) == d->index &&
               (!write || (value & SPECIAL_WRITABLE));

    if ( !m2p_lookup(m, mfn, &owner, &gfn) || owner != d )
        return false;
    p2m_lookup(d, gfn, &entry);
    return !write || entry.type == REGION_RAM || (value & SPECIAL_WRITABLE);
}

/* ---- runs ---- */

/* Has a page of the 2 MiB block been changed? */
static bool changed(const struct domain *d, uint64_t gfn)
{
    uint64_t count;

    return d->overrides &&
           map_get(&d->machine->changed, KEY(d, BLOCK(gfn)), &count);
}

/* Is the block at @first the run that starts with @entry? */
static bool block_contiguous(const struct domain *d, uint64_t first,
                             const struct p2m_entry *entry)
{
    struct p2m_entry e;
    uint64_t i, step = 1;

    /* Unchanged, its first page speaks for all. */
    if ( !changed(d, first) )
    {
        if ( layout_order(&d->layout, first) < ORDER_2M ||
             !domain_range_uniform(d, first, PAGES_2M) )
            return false;
        step = PAGES_2M;
    }

    for ( i = 0; i < PAGES_2M; i += step )
    {
        p2m_lookup(d, first + i, &e);
        if ( e.type != entry->type || e.mfn != entry->mfn + i )
            return false;
    }
    return true;
}

static bool contiguous(const struct domain *d, uint64_t gfn,
                       unsigned int order, const struct p2m_entry *entry)
{
    uint64_t inside = gfn & (PAGES(order) - 1), i;
    struct p2m_entry start = { entry->type, entry->mfn - inside };

    if ( (start.mfn & (PAGES(order) - 1)) )
        return false;
    gfn -= inside;
    if ( !d->overrides )
        return layout_order(&d->layout, gfn) >= order &&
               domain_range_uniform(d, gfn, PAGES(order));

    for ( i = 0; i < PAGES(order); i += PAGES_2M, start.mfn += PAGES_2M )
        if ( !block_contiguous(d, gfn + i, &start) )
            return false;
    return true;
}

static bool block_empty(const struct domain *d, uint64_t first)
{
    struct p2m_entry entry;
    uint64_t i;

    if ( !changed(d, first) )
        return domain_range_empty(d, first, PAGES_2M);
    for ( i = 0; i < PAGES_2M; i++ )
    {
        p2m_lookup(d, first + i, &entry);
        if ( !NO_FRAME(&entry) )
            return false;
    }
    return true;
}

static bool empty(const struct domain *d, uint64_t gfn, unsigned int order)
{
    uint64_t i;

    gfn &= ~(PAGES(order) - 1);
    if ( !d->overrides )
        return domain_range_empty(d, gfn, PAGES(order));
    for ( i = 0; i < PAGES(order); i += PAGES_2M )
        if ( !block_empty(d, gfn + i) )
            return false;
    return true;
}

unsigned int p2m_order(const struct domain *d, uint64_t gfn,
                       unsigned int max_order, const struct p2m_entry *entry)
{
    static const unsigned int orders[] = { ORDER_1G, ORDER_2M };
    unsigned int i;

    if ( max_order )
        touch_p2m(d, gfn & ~(PAGES(max_order) - 1), PAGES(max_order), false);
    for ( i = 0; i < ARRAY_SIZE(orders); i++ )
        if ( orders[i] <= max_order &&
             (NO_FRAME(entry) ? empty(d, gfn, orders[i]) :
                                contiguous(d, gfn, orders[i], entry)) )
            return orders[i];
    return ORDER_4K;
}

/* ---- changes ---- */

static bool count_change(struct domain *d, uint64_t gfn, bool more)
{
    struct map *map = &d->machine->changed;
    uint64_t key = KEY(d, BLOCK(gfn)), count = 0;

    map_get(map, key, &count);
    if ( more )
    {
        d->overrides++;
        return map_set(map, key, count + 1);
    }
    d->overrides--;
    return count > 1 ? map_set(map, key, count - 1) : map_remove(map, key);
}

/* Record @now and tell the observer; the entry was @old. */
static bool p2m_set(struct domain *d, uint64_t gfn,
                    const struct p2m_entry *old, const struct p2m_entry *now)
{
    struct machine *m = d->machine;
    const struct machine_observer *o = &m->control.observer;
    struct p2m_entry usual;
    uint64_t value;
    bool ok = true, had = map_get(&m->override, KEY(d, gfn), &value);

    domain_forget_hints(d);
    touch_p2m(d, gfn, 1, true);
    computed(d, gfn, &usual);
    if ( usual.type == now->type && usual.mfn == now->mfn )
    {
        if ( had )
            ok = map_remove(&m->override, KEY(d, gfn)) &&
                 count_change(d, gfn, false);
    }
    else
        ok = map_set(&m->override, KEY(d, gfn), PACK(now)) &&
             (had || count_change(d, gfn, true));

    if ( gfn >= d->limit && !NO_FRAME(now) )
        d->limit = gfn + 1;
    if ( ok && o->p2m_change )
        o->p2m_change(o->context, d, gfn, old, now);
    return ok;
}

/* The frame of @old leaves the p2m, and waits for p2m_release(). */
static bool retire(struct domain *d, uint64_t gfn, const struct p2m_entry *old)
{
    uint64_t value = 0;

    touch(d->machine, MACHINE_REFERENCES, old->mfn, old->mfn, true);
    map_get(&d->machine->special, old->mfn, &value);
    value &= SPECIAL_WRITABLE;
    if ( old->type == REGION_RAM )
        value |= SPECIAL_WRITABLE;
    return map_set(&d->machine->special, old->mfn,
                   SPECIAL(SPECIAL_RETIRED, d->index, gfn) | value);
}

bool p2m_remove(struct domain *d, uint64_t gfn)
{
    struct p2m_entry old, now = { REGION_HOLE, NO_MFN };

    p2m_lookup(d, gfn, &old);
    if ( NO_FRAME(&old) || !retire(d, gfn, &old) )
        return false;
    return p2m_set(d, gfn, &old, &now);
}

/* RAM becomes ROM or the other way round, in place. */
static bool retype(struct domain *d, uint64_t gfn, const struct p2m_entry *old,
                   enum region_type type)
{
    struct p2m_entry now = { type, old->mfn };

    /* What was writable is so until the flush, as for retired frames. */
    if ( old->type == REGION_RAM && type == REGION_ROM &&
         !map_set(&d->machine->special, old->mfn,
                  SPECIAL(SPECIAL_MAPPED, d->index, gfn) | SPECIAL_WRITABLE) )
        return false;
    return p2m_set(d, gfn, old, &now);
}

/* A frame for @gfn: bare metal has but one, others get a spare one. */
static uint64_t fresh(struct domain *d, uint64_t gfn)
{
    struct machine *m = d->machine;
    uint64_t value;

    if ( d->config->shape != P2M_BARE )
        return frame_take(m, SPECIAL_MAPPED, d->index, gfn);
    if ( gfn >= d->layout.pages )
        return NO_MFN;
    if ( map_get(&m->special, gfn, &value) )
    {
        m->released -= SPECIAL_STATE(value) == SPECIAL_RELEASED;
        map_remove(&m->special, gfn);
        frame_fill(m, gfn, 0);
    }
    return gfn;
}

bool p2m_populate(struct domain *d, uint64_t gfn, enum region_type type)
{
    struct p2m_entry old, now = { type, NO_MFN };

    if ( gfn >> (d->machine->config.haw - PAGE_SHIFT) )
        return false;
    p2m_lookup(d, gfn, &old);
    if ( !NO_FRAME(&now) && !NO_FRAME(&old) )
        return retype(d, gfn, &old, type);
    if ( !NO_FRAME(&old) && !retire(d, gfn, &old) )
        return false;
    if ( !NO_FRAME(&now) )
    {
        now.mfn = fresh(d, gfn);
        if ( now.mfn == NO_MFN )
            return false;
    }
    return p2m_set(d, gfn, &old, &now);
}
