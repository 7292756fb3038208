/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state by value, for whoever asks whether two of them are equal. */
#include <machine/state.h>

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void add(uint64_t hash[2], uint64_t seed, const void *data, size_t size)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(data, size, seed);

    hash[0] += h.low64;
    hash[1] += h.high64;
}

/* ---- of what is touched ---- */

static uint64_t bytes(struct machine *m, uint64_t first, uint64_t last)
{
    uint64_t hash = 0;

    while ( first <= last )
    {
        uint64_t page_end = first | (PAGE_SIZE - 1);
        uint64_t end = page_end < last ? page_end : last;
        const uint8_t *data = frame_read(m, first >> PAGE_SHIFT);

        if ( data )
            hash = XXH3_64bits_withSeed(data + first % PAGE_SIZE,
                                        end - first + 1, hash);
        first = end + 1;
    }
    return hash;
}

static uint64_t works(const struct machine *m, uint64_t first, uint64_t last)
{
    uint64_t state = 0;

    for ( unsigned int i = 0; i < MACHINE_MAX_WORKS; i++ )
    {
        const struct work_slot *slot = &m->work[i];

        if ( slot->work && key_of(m, slot->work) >= first &&
             key_of(m, slot->work) <= last )
            state |=
                (uint64_t)(1 | slot->work->queued << 1 | slot->running << 2)
                << 4 * i;
    }
    return state;
}

bool machine_has_contents(const struct machine *m)
{
    return !m->hidden && !m->config.lag;
}

uint64_t machine_content(struct machine *m, enum machine_resource resource,
                         uint64_t first, uint64_t last, bool write)
{
    switch ( resource )
    {
    case MACHINE_MEMORY:
        /* Nobody sees what he overwrites. */
        return write ? 0 : bytes(m, first, last);
    case MACHINE_WORK:
        return works(m, first, last);
    case MACHINE_TABLES:
        return m->free_frame << 32 ^ m->pool_next;
    case MACHINE_FAILURES:
        return m->fail[first];
    case MACHINE_INTERRUPT:
        return first < m->units && m->unit[first].pending;
    default:
        return 0;
    }
}

void machine_contents(struct machine *m, uint64_t hash[2])
{
    uint64_t rest[] = {
        works(m, 0, UINT64_MAX), m->free_frame, m->pool_next, m->released,
        m->units_dead,
    };

    machine_hash(m, hash);
    add(hash, 1, rest, sizeof(rest));
    add(hash, 2, m->fail, sizeof(m->fail));
    for ( unsigned int i = 0; i < m->units; i++ )
        hash[0] += (uint64_t)m->unit[i].pending << i;
}

/* ---- of what locks guard ---- */

struct links {
    struct host_work *next[MACHINE_MAX_WORKS];
    bool queued[MACHINE_MAX_WORKS];
};

/* Where work stands in the queue is no matter of the locks. */
static void take_links(struct machine *m, struct links *links)
{
    for ( unsigned int i = 0; i < MACHINE_MAX_WORKS; i++ )
    {
        struct host_work *work = m->work[i].work;

        if ( !work || !work->queued )
            continue;
        links->queued[i] = true;
        links->next[i] = work->next;
        work->queued = false;
        work->next = NULL;
    }
}

static void put_links(struct machine *m, const struct links *links)
{
    for ( unsigned int i = 0; i < MACHINE_MAX_WORKS; i++ )
        if ( links->queued[i] )
        {
            m->work[i].work->queued = true;
            m->work[i].work->next = links->next[i];
        }
}

void machine_private_contents(struct machine *m, uint64_t hash[2])
{
    struct links links = { 0 };

    hash[0] = hash[1] = 0;
    take_links(m, &links);
    heap_visit(m, add, hash);
    put_links(m, &links);
    for ( unsigned int i = 0; i < m->config.domains; i++ )
        add(hash, 3 + i, &m->domain[i].slot, sizeof(m->domain[i].slot));
}
