/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sparse host memory: a frame is there from its first touch, zeroed. */
#include <machine/state.h>

#include <string.h>

bool memory_init(struct machine *m)
{
    unsigned int i;

    for ( i = 0; i < FRAME_CACHE; i++ )
        m->hint[i].mfn = NO_MFN;
    return map_init(&m->frame_by_mfn, m, 256);
}

static bool frame_create(struct machine *m, uint64_t mfn)
{
    struct control *c = &m->control;
    uint64_t index = m->frame_count;

    if ( index == FRAMES_MAX || !frame_exists(m, mfn) ||
         !map_set(&m->frame_by_mfn, mfn, index) )
        return false;

    if ( index < c->high_water )
        frame_lines(c->frames + index * PAGE_SIZE, NULL,
                    c->frame[index].lines);
    else
        c->high_water = index + 1;
    c->frame[index] = (struct frame) { .mfn = mfn };
    m->frame_count++;
    return true;
}

bool frame_find(struct machine *m, uint64_t mfn, uint64_t *index)
{
    if ( map_get(&m->frame_by_mfn, mfn, index) )
        return true;
    *index = m->frame_count;
    return frame_create(m, mfn);
}

static inline uint8_t *frame_data(struct machine *m, uint64_t mfn)
{
    struct frame_hint *hint = &m->hint[mfn % FRAME_CACHE];
    uint64_t index;

    if ( hint->mfn == mfn )
        return hint->data;
    if ( !frame_find(m, mfn, &index) )
        return NULL;
    frame_settle(m, index);
    *hint = (struct frame_hint) {
        .mfn = mfn, .data = m->control.frames + index * PAGE_SIZE
    };
    return hint->data;
}

const uint8_t *frame_read(struct machine *m, uint64_t mfn)
{
    return frame_data(m, mfn);
}

void frame_lines(uint8_t *to, const uint8_t *from, uint64_t lines)
{
    unsigned int at, count;

    while ( lines )
    {
        at = (unsigned int)__builtin_ctzll(lines);
        count = ~(lines >> at) ?
                    (unsigned int)__builtin_ctzll(~(lines >> at)) :
                    64;
        if ( from )
            memcpy(to + at * FRAME_LINE, from + at * FRAME_LINE,
                   count * FRAME_LINE);
        else
            memset(to + at * FRAME_LINE, 0, count * FRAME_LINE);
        lines &= at + count < 64 ? UINT64_MAX << (at + count) : 0;
    }
}

void frame_keep(struct control *c, uint64_t index)
{
    if ( !c->snapshot || c->frame[index].saved || index >= c->saved_count )
        return;
    memcpy(c->saved_frames.base + c->undo_count * PAGE_SIZE,
           c->frames + index * PAGE_SIZE, PAGE_SIZE);
    c->undo[c->undo_count++] = index;
    c->frame[index].saved = true;
}

static uint64_t lines_of(unsigned int offset, size_t len)
{
    unsigned int first = offset / FRAME_LINE,
                 last = (unsigned int)(offset + len - 1) / FRAME_LINE;

    return (UINT64_MAX << first) & (UINT64_MAX >> (63 - last));
}

uint8_t *frame_write(struct machine *m, uint64_t mfn, unsigned int offset,
                     size_t len)
{
    struct control *c = &m->control;
    uint8_t *data = frame_data(m, mfn);
    struct frame *frame;
    uint64_t index;

    if ( !data )
        return NULL;
    index = (uint64_t)(data - c->frames) / PAGE_SIZE;
    frame = &c->frame[index];
    frame_keep(c, index);
    frame->hashed = false;
    frame->lines |= lines_of(offset, len);
    return data;
}

static void touch_memory(struct machine *m, uint64_t hpa, size_t len,
                         bool write)
{
    if ( len )
        touch(m, MACHINE_MEMORY, hpa, hpa + len - 1, write);
}

/* ---- stores and who watches them ---- */

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

void frame_store(struct machine *m, const struct store *store, uint8_t *at,
                 const void *data, size_t len)
{
    const struct machine_observer *o = &m->control.observer;
    unsigned int skew = store->gpa % 8;
    uint64_t old[PAGE_SIZE / 8];
    uint8_t *word = at - skew;
    size_t words = (skew + len + 7) / 8, i;

    if ( !o->store || !store->d )
    {
        memcpy(at, data, len);
        return;
    }

    memcpy(old, word, words * 8);
    memcpy(at, data, len);
    for ( i = 0; i < words; i++ )
        o->store(o->context, store->who, store->d, store->gpa - skew + i * 8,
                 old[i], word_at(word + i * 8));
}

void observe_unit_store(struct machine *m, const struct store *store,
                        const void *data, size_t len)
{
    const struct machine_observer *o = &m->control.observer;

    if ( o->unit_store && store->d &&
         (store->who == WRITER_UNIT || store->who == WRITER_HYPERVISOR) )
        o->unit_store(o->context, store->d, store->gpa, data, len);
}

/* ---- by host-physical address ---- */

/* Bytes of [address, address + len) up to the end of its page. */
static size_t in_page(uint64_t address, size_t len)
{
    size_t rest = PAGE_SIZE - address % PAGE_SIZE;

    return len < rest ? len : rest;
}

static bool is_memory(struct machine *m, uint64_t hpa, size_t len)
{
    uint64_t mfn, last;

    if ( hpa + len < hpa )
        return false;
    last = (hpa + len - 1) >> PAGE_SHIFT;
    for ( mfn = hpa >> PAGE_SHIFT; mfn <= last; mfn++ )
        if ( !frame_read(m, mfn) )
            return false;
    return true;
}

bool memory_read(struct machine *m, uint64_t hpa, void *buffer, size_t len)
{
    uint8_t *to = buffer;
    const uint8_t *page;
    size_t n;

    touch_memory(m, hpa, len, false);
    if ( len == 8 && hpa % PAGE_SIZE <= PAGE_SIZE - 8 )
    {
        page = frame_read(m, hpa >> PAGE_SHIFT);
        if ( !page )
            return false;
        memcpy(buffer, page + hpa % PAGE_SIZE, 8);
        return true;
    }

    if ( len && !is_memory(m, hpa, len) )
        return false;
    for ( ; len; len -= n, hpa += n, to += n )
    {
        n = in_page(hpa, len);
        page = frame_read(m, hpa >> PAGE_SHIFT);
        memcpy(to, page + hpa % PAGE_SIZE, n);
    }
    return true;
}

bool memory_write(struct machine *m, enum writer who, uint64_t hpa,
                  const void *buffer, size_t len)
{
    const uint8_t *from = buffer;
    struct store store = { .who = who };
    uint8_t *page;
    uint64_t gfn;
    size_t n;

    touch_memory(m, hpa, len, true);
    if ( len && !is_memory(m, hpa, len) )
        return false;
    for ( ; len; len -= n, hpa += n, from += n )
    {
        n = in_page(hpa, len);
        if ( m2p_lookup(m, hpa >> PAGE_SHIFT, &store.d, &gfn) )
            store.gpa = gfn << PAGE_SHIFT | hpa % PAGE_SIZE;
        else
            store.d = NULL;
        page = frame_write(m, hpa >> PAGE_SHIFT, hpa % PAGE_SIZE, n);
        frame_store(m, &store, page + hpa % PAGE_SIZE, from, n);
        observe_unit_store(m, &store, from, n);
    }
    return true;
}

/* ---- by guest-physical address ---- */

static bool permitted(const struct p2m_entry *entry, bool rom)
{
    return entry->type == REGION_RAM || (rom && entry->type == REGION_ROM);
}

/* All of a range that crosses pages, before the first byte moves. */
static bool is_guest_memory(const struct domain *d, uint64_t gpa, size_t len,
                            bool rom)
{
    struct p2m_entry entry;
    uint64_t gfn, last;

    if ( in_page(gpa, len) == len )
        return true; /* the one look-up of the access itself will do */
    if ( gpa + len < gpa )
        return false;
    last = (gpa + len - 1) >> PAGE_SHIFT;
    for ( gfn = gpa >> PAGE_SHIFT; gfn <= last; gfn++ )
    {
        p2m_lookup(d, gfn, &entry);
        if ( !permitted(&entry, rom) )
            return false;
    }
    return true;
}

void domain_forget_hints(struct domain *d)
{
    for ( unsigned int i = 0; i < PAGE_HINTS; i++ )
        d->page[i] = (struct page_hint) { .gfn = NO_GFN };
}

static const struct page_hint *find_page(struct domain *d, uint64_t gpa)
{
    uint64_t gfn = gpa >> PAGE_SHIFT;
    struct page_hint *hint = &d->page[gfn % PAGE_HINTS];
    struct p2m_entry entry;
    const uint8_t *data;

    if ( hint->gfn == gfn )
    {
        /* Whoever explores sees each look into the p2m. */
        touch_p2m(d, gfn, 1, false);
        return hint;
    }
    p2m_lookup(d, gfn, &entry);
    data = permitted(&entry, true) ? frame_read(d->machine, entry.mfn) : NULL;
    if ( !data )
        return NULL;
    *hint = (struct page_hint) { gfn, entry.mfn, data };
    return hint;
}

const uint8_t *domain_page(struct domain *d, uint64_t gpa)
{
    const struct page_hint *page = find_page(d, gpa);

    if ( page )
        touch_memory(d->machine, page->mfn << PAGE_SHIFT, PAGE_SIZE, false);
    return page ? page->data : NULL;
}

/* Inside one page. */
static bool read_page(struct domain *d, uint64_t gpa, void *to, size_t len)
{
    const struct page_hint *page = find_page(d, gpa);

    if ( !page )
        return false;
    touch_memory(d->machine, page->mfn << PAGE_SHIFT | gpa % PAGE_SIZE, len,
                 false);
    memcpy(to, page->data + gpa % PAGE_SIZE, len);
    return true;
}

bool domain_read(struct domain *d, uint64_t gpa, void *buffer, size_t len)
{
    uint8_t *to = buffer;
    size_t n = in_page(gpa, len);

    if ( n == len )
        return !len || read_page(d, gpa, to, len);
    if ( !is_guest_memory(d, gpa, len, true) )
        return false;
    for ( ; len; len -= n, gpa += n, to += n )
    {
        n = in_page(gpa, len);
        if ( !read_page(d, gpa, to, n) )
            return false;
    }
    return true;
}

bool domain_write(struct domain *d, enum writer who, uint64_t gpa,
                  const void *buffer, size_t len)
{
    struct store store = { .who = who, .d = d, .gpa = gpa };
    const uint8_t *from = buffer;
    struct p2m_entry entry;
    bool rom = who == WRITER_TOOLSTACK;
    size_t n, left;

    if ( !is_guest_memory(d, gpa, len, rom) )
        return false;
    for ( left = len; left; left -= n, from += n, store.gpa += n )
    {
        uint8_t *page;

        n = in_page(store.gpa, left);
        p2m_lookup(d, store.gpa >> PAGE_SHIFT, &entry);
        page = permitted(&entry, rom) ? frame_write(d->machine, entry.mfn,
                                                    store.gpa % PAGE_SIZE, n) :
                                        NULL;
        if ( !page )
            return false;
        touch_memory(d->machine,
                     entry.mfn << PAGE_SHIFT | store.gpa % PAGE_SIZE, n, true);
        frame_store(d->machine, &store, page + store.gpa % PAGE_SIZE, from, n);
    }
    store.gpa = gpa;
    observe_unit_store(d->machine, &store, buffer, len);
    return true;
}

bool domain_read64(struct domain *d, uint64_t gpa, uint64_t *value)
{
    return domain_read(d, gpa, value, sizeof(*value));
}

bool domain_write64(struct domain *d, enum writer who, uint64_t gpa,
                    uint64_t value)
{
    return domain_write(d, who, gpa, &value, sizeof(value));
}
