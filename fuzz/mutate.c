/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mutations of lists of operations, in place of mutations of bytes. */

#include <fuzz/draw.h>
#include <fuzz/input.h>

#include <string.h>

/* An input as a list: @data has room for @most records. */
struct list {
    uint8_t *data;
    unsigned int count, most;
};

static uint8_t *record(const struct list *l, unsigned int n)
{
    return l->data + INPUT_HEADER + n * INPUT_RECORD;
}

static void random_record(struct list *l, unsigned int n, struct draw *d)
{
    uint8_t *r = record(l, n);

    for ( unsigned int i = 0; i < INPUT_RECORD; i++ )
        r[i] = (uint8_t)draw(d, 256);
    /* Most fields that may be left out are. */
    if ( draw(d, 4) )
        r[2] = r[3] = 0;
}

static bool open_gap(struct list *l, unsigned int at, unsigned int count)
{
    if ( l->count + count > l->most )
        return false;
    memmove(record(l, at + count), record(l, at),
            (l->count - at) * INPUT_RECORD);
    l->count += count;
    return true;
}

static void insert(struct list *l, struct draw *d)
{
    unsigned int at = draw(d, l->count + 1);

    if ( open_gap(l, at, 1) )
        random_record(l, at, d);
}

#define LONG 40 /* operations: no extension beyond */

/* Several at once: in long programs more meets. */
static void extend(struct list *l, struct draw *d)
{
    unsigned int at = draw(d, l->count + 1), count = 2 + draw(d, 15);

    if ( l->count >= LONG || !open_gap(l, at, count) )
        return;
    while ( count-- )
        random_record(l, at + count, d);
}

static void delete (struct list *l, struct draw *d)
{
    unsigned int at = draw(d, l->count), count = 1 + draw(d, 4) / 3 * 3;

    if ( count > l->count - at )
        count = l->count - at;
    memmove(record(l, at), record(l, at + count),
            (l->count - at - count) * INPUT_RECORD);
    l->count -= count;
}

static void swap(struct list *l, struct draw *d)
{
    uint8_t *a = record(l, draw(d, l->count)),
            *b = record(l, draw(d, l->count)), t[INPUT_RECORD];

    memcpy(t, a, INPUT_RECORD);
    memmove(a, b, INPUT_RECORD);
    memcpy(b, t, INPUT_RECORD);
}

static void duplicate(struct list *l, struct draw *d)
{
    unsigned int from = draw(d, l->count), to = draw(d, l->count + 1),
                 count = 1 + draw(d, 4);
    uint8_t block[4 * INPUT_RECORD];

    if ( count > l->count - from )
        count = l->count - from;
    memcpy(block, record(l, from), count * INPUT_RECORD);
    if ( open_gap(l, to, count) )
        memcpy(record(l, to), block, count * INPUT_RECORD);
}

static void change(struct list *l, struct draw *d)
{
    uint8_t *r = record(l, draw(d, l->count));

    for ( unsigned int n = 1 + draw(d, 3); n; n-- )
        r[draw(d, INPUT_RECORD)] = (uint8_t)draw(d, 256);
}

/* Another operation on the same values, or the same on another's. */
static void borrow(struct list *l, struct draw *d)
{
    uint8_t *to = record(l, draw(d, l->count));
    const uint8_t *from = record(l, draw(d, l->count));
    unsigned int first = draw(d, INPUT_RECORD);

    memmove(to + first, from + first, INPUT_RECORD - first);
}

static void inside(struct list *l, struct draw *d)
{
    record(l, draw(d, l->count))[1] = (uint8_t)(0x80 | draw(d, 128));
}

static void machine(struct list *l, struct draw *d)
{
    static const uint8_t bytes[] = { INPUT_WAY,    INPUT_WAY,
                                     INPUT_ID,     INPUT_MACHINE,
                                     INPUT_TABLES, INPUT_PROLOGUE,
                                     INPUT_GROUND, INPUT_LAG };

    l->data[bytes[draw(d, sizeof(bytes))]] = (uint8_t)draw(d, 256);
}

typedef void mutation(struct list *l, struct draw *d);
static mutation *const mutations[] = {
    insert,    insert, insert, extend, extend, delete, swap,   duplicate,
    duplicate, change, change, change, change, borrow, inside,
};

static struct list list_of(uint8_t *data, size_t size, size_t room)
{
    struct list l = { .data = data };

    if ( size < INPUT_HEADER )
    {
        memset(data + size, 0, INPUT_HEADER - size);
        size = INPUT_HEADER;
    }
    l.count = (unsigned int)((size - INPUT_HEADER) / INPUT_RECORD);
    l.most = (unsigned int)((room - INPUT_HEADER) / INPUT_RECORD);
    if ( l.most > INPUT_MOST )
        l.most = INPUT_MOST;
    if ( l.count > l.most )
        l.count = l.most;
    return l;
}

size_t input_mutate(uint8_t *data, size_t size, size_t room, unsigned int seed)
{
    struct draw d = draw_from(seed);
    struct list l;

    if ( room < INPUT_HEADER + INPUT_RECORD )
        return size;
    l = list_of(data, size, room);
    /* Half of what comes of an input that leaves the ground does not. */
    if ( draw(&d, 2) )
        data[INPUT_GROUND] = 0;
    if ( !draw(&d, 10) )
        machine(&l, &d);
    for ( unsigned int n = 1 + draw(&d, 4) / 2 * draw(&d, 4); n; n-- )
        if ( l.count )
            mutations[draw(&d, sizeof(mutations) / sizeof(mutations[0]))](&l,
                                                                          &d);
        else
            insert(&l, &d);
    return INPUT_HEADER + l.count * INPUT_RECORD;
}

/* The machine of one, the beginning of it, and the end of the other. */
size_t input_cross(const uint8_t *a, size_t a_size, const uint8_t *b,
                   size_t b_size, uint8_t *out, size_t room, unsigned int seed)
{
    struct draw d = draw_from(seed);
    size_t head, tail, skip;

    if ( a_size < INPUT_HEADER || b_size < INPUT_HEADER ||
         room < INPUT_HEADER )
        return 0;
    head = draw(&d,
                (unsigned int)((a_size - INPUT_HEADER) / INPUT_RECORD) + 1) *
           INPUT_RECORD;
    skip = draw(&d,
                (unsigned int)((b_size - INPUT_HEADER) / INPUT_RECORD) + 1) *
           INPUT_RECORD;
    tail = (b_size - INPUT_HEADER - skip) / INPUT_RECORD * INPUT_RECORD;
    if ( head > room - INPUT_HEADER )
        head = (room - INPUT_HEADER) / INPUT_RECORD * INPUT_RECORD;
    if ( tail > room - INPUT_HEADER - head )
        tail = (room - INPUT_HEADER - head) / INPUT_RECORD * INPUT_RECORD;
    memcpy(out, a, INPUT_HEADER + head);
    memcpy(out + INPUT_HEADER + head, b + INPUT_HEADER + skip, tail);
    return INPUT_HEADER + head + tail;
}
