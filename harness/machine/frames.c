/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose a frame is: spare frames, references of the hypervisor on guest
 * frames, and the way of a frame out of a domain.
 */
#include <machine/state.h>

#define REFERENCE(d, mfn, order)                                              \
    ((uint64_t)(mfn) << 4 | (uint64_t)((order) / ORDER_2M) << 2 | (d)->index)
#define START(mfn, order) ((mfn) & ~((UINT64_C(1) << (order)) - 1))

struct domain *frame_home(const struct machine *m, uint64_t mfn, uint64_t *gfn)
{
    unsigned int i;

    for ( i = 0; i < m->config.domains; i++ )
    {
        const struct domain *d = &m->domain[i];

        if ( mfn - d->layout.base < d->layout.pages )
        {
            *gfn = layout_gfn(&d->layout, mfn);
            return (struct domain *)d;
        }
    }
    return NULL;
}

bool frame_exists(const struct machine *m, uint64_t mfn)
{
    uint64_t gfn;
    struct domain *d = frame_home(m, mfn, &gfn);
    enum region_type type;

    if ( !d )
        return mfn >= m->pool && mfn < m->pool_next;
    type = domain_type(d, gfn);
    if ( type == REGION_RAM || type == REGION_ROM )
        return true;
    /* Bare metal finds a frame wherever one was plugged in. */
    return m2p_lookup(m, mfn, &d, &gfn);
}

/* Nobody's from now on, and the first to be used again. */
static void frame_link_free(struct machine *m, uint64_t mfn)
{
    map_set(&m->special, mfn,
            SPECIAL(SPECIAL_FREE, HOST_INDEX, m->free_frame));
    m->free_frame = mfn;
}

static bool frame_begin(struct machine *m, enum special state,
                        unsigned int owner, uint64_t mfn, uint64_t gfn)
{
    return map_set(&m->special, mfn, SPECIAL(state, owner, gfn)) &&
           frame_fill(m, mfn, 0);
}

uint64_t frame_take(struct machine *m, enum special state, unsigned int owner,
                    uint64_t gfn)
{
    uint64_t mfn = m->free_frame, value;

    touch(m, MACHINE_TABLES, 0, 0, true);
    if ( mfn )
    {
        map_get(&m->special, mfn, &value);
        m->free_frame = SPECIAL_NUMBER(value);
    }
    else if ( m->pool_next < m->pool_end )
        mfn = m->pool_next++;
    else
        return NO_MFN;
    return frame_begin(m, state, owner, mfn, gfn) ? mfn : NO_MFN;
}

uint64_t frame_take_run(struct machine *m, enum special state,
                        unsigned int owner, unsigned int order)
{
    uint64_t count = UINT64_C(1) << order, i;
    uint64_t first = (m->pool_next + count - 1) & ~(count - 1);

    touch(m, MACHINE_TABLES, 0, 0, true);
    if ( first + count > m->pool_end )
        return NO_MFN;
    while ( m->pool_next < first )
        frame_link_free(m, m->pool_next++);
    m->pool_next = first + count;
    for ( i = 0; i < count; i++ )
        if ( !frame_begin(m, state, owner, first + i, 0) )
            return NO_MFN;
    return first;
}

void frame_give(struct machine *m, uint64_t mfn)
{
    uint64_t gfn;
    struct domain *home = frame_home(m, mfn, &gfn);

    touch(m, MACHINE_TABLES, 0, 0, true);
    frame_fill(m, mfn, POISON_BYTE);

    /* Bare metal's frames are good for one address only. */
    if ( home && home->config->shape == P2M_BARE )
    {
        map_set(&m->special, mfn, SPECIAL(SPECIAL_FREE, HOST_INDEX, 0));
        return;
    }
    frame_link_free(m, mfn);
}

/* ---- references ---- */

uint64_t reference_mfn(uint64_t key)
{
    return key >> 4;
}

unsigned int reference_order(uint64_t key)
{
    return (unsigned int)((key >> 2) & 3) * ORDER_2M;
}

unsigned int reference_owner(uint64_t key)
{
    return (unsigned int)(key & 3);
}

void reference_take(struct domain *d, uint64_t mfn, unsigned int order)
{
    struct machine *m = d->machine;
    uint64_t key = REFERENCE(d, mfn, order), count = 0;

    touch(m, MACHINE_REFERENCES, mfn, mfn + (UINT64_C(1) << order) - 1, true);
    map_get(&m->references, key, &count);
    map_set(&m->references, key, count + 1);
    m->held[d->index]++;
}

bool frame_referenced(const struct domain *d, uint64_t mfn)
{
    const struct map *map = &d->machine->references;
    uint64_t count;

    return map_get(map, REFERENCE(d, mfn, ORDER_4K), &count) ||
           map_get(map, REFERENCE(d, START(mfn, ORDER_2M), ORDER_2M),
                   &count) ||
           map_get(map, REFERENCE(d, START(mfn, ORDER_1G), ORDER_1G), &count);
}

/* Give away what waits for its last reference only. */
static void sweep(struct machine *m)
{
    const struct map_slot *slot;
    uint64_t cursor = 0;

    while ( m->released && (slot = map_next(&m->special, &cursor)) )
    {
        uint64_t mfn = slot->key;

        if ( SPECIAL_STATE(slot->value) != SPECIAL_RELEASED ||
             frame_referenced(&m->domain[SPECIAL_OWNER(slot->value)], mfn) )
            continue;
        m->released--;
        frame_give(m, mfn);
    }
}

void reference_drop(struct domain *d, uint64_t mfn, unsigned int order)
{
    struct machine *m = d->machine;
    uint64_t key = REFERENCE(d, mfn, order), count;

    touch(m, MACHINE_REFERENCES, mfn, mfn + (UINT64_C(1) << order) - 1, true);
    if ( !map_get(&m->references, key, &count) )
    {
        violation(m, "P9",
                  "reference dropped that is not held: mfn %#llx order %u",
                  (unsigned long long)mfn, order);
        return;
    }
    m->held[d->index]--;
    if ( count > 1 )
    {
        map_set(&m->references, key, count - 1);
        return;
    }
    map_remove(&m->references, key);
    if ( m->released )
        touch(m, MACHINE_REFERENCES, 0, UINT64_MAX, true);
    sweep(m);
}

void p2m_release(struct domain *d)
{
    struct machine *m = d->machine;
    uint64_t cursor = 0;
    const struct map_slot *slot;

    touch(m, MACHINE_REFERENCES, 0, UINT64_MAX, true);
    while ( (slot = map_next(&m->special, &cursor)) )
    {
        if ( SPECIAL_OWNER(slot->value) != d->index )
            continue;
        if ( SPECIAL_STATE(slot->value) == SPECIAL_RETIRED )
        {
            map_set(&m->special, slot->key,
                    SPECIAL(SPECIAL_RELEASED, d->index,
                            SPECIAL_NUMBER(slot->value)) |
                        (slot->value & SPECIAL_WRITABLE));
            m->released++;
        }
        else if ( SPECIAL_STATE(slot->value) == SPECIAL_MAPPED )
            map_set(&m->special, slot->key, slot->value & ~SPECIAL_WRITABLE);
    }
    sweep(m);
}
