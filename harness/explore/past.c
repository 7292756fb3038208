/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <explore/past.h>
#include <explore/sched_state.h>

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { STEP = 1, SPAWN, JOIN, STAND, READ, CELL };

static bool in(uint32_t mask, uint64_t resource)
{
    return resource < 32 && mask >> resource & 1;
}

/* ---- hashes ---- */

struct mixed {
    uint64_t hash[2];
    uint64_t what, a, b, c, d;
};

static void mix(uint64_t hash[2], const struct mixed *with)
{
    struct mixed all = *with;
    XXH128_hash_t h;

    memcpy(all.hash, hash, sizeof(all.hash));
    h = XXH3_128bits(&all, sizeof(all));
    hash[0] = h.low64;
    hash[1] = h.high64;
}

static void add(uint64_t sum[2], const uint64_t hash[2])
{
    sum[0] += hash[0];
    sum[1] += hash[1];
}

/* ---- cells ---- */

/* The first cell that ends at or behind @first. */
static unsigned int find_cell(const struct past *h, uint64_t resource,
                              uint64_t first)
{
    unsigned int low = 0, high = h->cells;

    while ( low < high )
    {
        unsigned int middle = (low + high) / 2;
        const struct cell *c = &h->cell[middle];

        if ( c->resource < resource ||
             (c->resource == resource && c->last < first) )
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool meets(const struct past *h, unsigned int at, uint64_t resource,
                  uint64_t last)
{
    return at < h->cells && h->cell[at].resource == resource &&
           h->cell[at].first <= last;
}

/* Room for @count cells at @at in place of those up to @end. */
static struct cell *make_room(struct past *h, unsigned int at,
                              unsigned int end, unsigned int count)
{
    if ( h->cells - (end - at) + count > PAST_CELLS )
    {
        h->lost = true;
        return NULL;
    }
    memmove(&h->cell[at + count], &h->cell[end],
            (h->cells - end) * sizeof(h->cell[0]));
    h->cells = h->cells - (end - at) + count;
    return &h->cell[at];
}

static void write_cell(struct past *h, const struct cell *written)
{
    unsigned int at = find_cell(h, written->resource, written->first);
    unsigned int end = at, count = 0;
    struct cell cell[3], *to;

    while ( meets(h, end, written->resource, written->last) )
        end++;
    if ( end > at && h->cell[at].first < written->first )
    {
        cell[count] = h->cell[at];
        cell[count++].last = written->first - 1;
    }
    cell[count++] = *written;
    if ( end > at && h->cell[end - 1].last > written->last )
    {
        cell[count] = h->cell[end - 1];
        cell[count++].first = written->last + 1;
    }
    to = make_room(h, at, end, count);
    if ( to )
        memcpy(to, cell, count * sizeof(cell[0]));
}

/* Into @hash: what is known of the cells that are touched. */
static void read_cells(const struct past *h, const struct touch *t,
                       uint64_t hash[2])
{
    unsigned int at = find_cell(h, t->resource, t->first);

    for ( ; meets(h, at, t->resource, t->last); at++ )
    {
        const struct cell *c = &h->cell[at];

        mix(hash,
            &(struct mixed) { .what = CELL,
                              .a = c->first > t->first ? c->first : t->first,
                              .b = c->last < t->last ? c->last : t->last,
                              .c = c->name[0],
                              .d = c->name[1] });
    }
}

/* What @actor writes it may have known before. */
static void drop(struct past *h, unsigned int actor)
{
    const struct known *k = &h->known[actor];

    mix(h->dropped,
        &(struct mixed) {
            .what = STAND, .a = actor, .b = k->hash[0], .c = k->hash[1] });
}

/* What @actor has written last. */
static void name_cell(struct past *h, unsigned int actor, uint64_t resource,
                      uint64_t first, uint64_t last)
{
    const uint64_t *knows = h->known[actor].hash;
    struct cell cell = { resource, first, last, { knows[0], knows[1] } };

    mix(cell.name, &(struct mixed) { .what = CELL,
                                     .a = resource,
                                     .b = first,
                                     .c = last,
                                     .d = h->dropped[0] ^ h->dropped[1] });
    write_cell(h, &cell);
}

/* ---- locks that are held ---- */

static void toggle_hold(struct past *h, unsigned int actor,
                        const struct touch *t)
{
    for ( unsigned int i = 0; i < h->holds; i++ )
        if ( h->hold[i].actor == actor && !h->hold[i].released &&
             h->hold[i].resource == t->resource && h->hold[i].key == t->first )
        {
            h->hold[i].released = true;
            return;
        }
    if ( h->holds == PAST_HOLDS )
        h->lost = true;
    else
        h->hold[h->holds++] = (struct hold) { .actor = actor,
                                              .resource = t->resource,
                                              .key = t->first };
}

/* Something private has changed: whoever reads it takes one of these first. */
static void name_guarded(struct past *h, unsigned int actor)
{
    bool any = false;

    for ( unsigned int i = 0; i < h->holds; i++ )
        if ( h->hold[i].actor == actor )
        {
            name_cell(h, actor, h->hold[i].resource, h->hold[i].key,
                      h->hold[i].key);
            any = true;
        }
    for ( unsigned int r = 0; r < 32 && !any; r++ )
        if ( in(h->values->guards, r) )
            name_cell(h, actor, r, 0, UINT64_MAX);
}

static void forget_released(struct past *h)
{
    unsigned int left = 0;

    for ( unsigned int i = 0; i < h->holds; i++ )
        if ( !h->hold[i].released )
            h->hold[left++] = h->hold[i];
    h->holds = left;
}

struct past *past_create(const struct explore_values *values, void *context)
{
    struct past *h = calloc(1, sizeof(*h));

    if ( !h )
        abort();
    h->values = values;
    h->context = context;
    return h;
}

void past_destroy(struct past *h)
{
    free(h);
}

void past_begin(struct past *h)
{
    h->lost = false;
    memset(h->witnessed, 0, sizeof(h->witnessed));
    h->cells = h->holds = 0;
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        past_stands(h, i, UINT64_MAX);
    memset(h->dropped, 0, sizeof(h->dropped));
    h->values->guarded(h->context, h->guarded);
}

void past_save(struct past *h, struct image *image)
{
    image_add(image, &h->lost,
              offsetof(struct past, cell) - offsetof(struct past, lost) +
                  h->cells * sizeof(h->cell[0]));
}

/* ---- during a step ---- */

static void witness(struct past *h, unsigned int actor, const struct touch *t)
{
    struct known *k = &h->known[actor];
    uint64_t hash[2] = { k->place[0], k->place[1] };

    mix(hash, &(struct mixed) {
                  .what = READ, .a = t->resource, .b = k->witnessed++ });
    read_cells(h, t, hash);
    add(h->witnessed, hash);
}

void past_touched(struct past *h, unsigned int actor, const struct touch *t)
{
    const struct explore_values *v = h->values;
    struct known *k = &h->known[actor];
    struct mixed read = { .what = READ,
                          .a = t->resource << 1 | t->write,
                          .b = t->first,
                          .c = t->last };

    if ( in(v->empty, t->resource) )
        return;
    if ( in(v->guards, t->resource) && t->write )
        toggle_hold(h, actor, t);
    else
        k->wrote |= t->write;
    if ( in(v->valued, t->resource) )
        read.d = v->content(h->context, t);
    mix(k->hash, &read);
    if ( in(v->valued, t->resource) )
        return;
    read_cells(h, t, k->hash);
    if ( in(v->witness, t->resource) && !t->write )
        witness(h, actor, t);
}

void past_spawned(struct past *h, unsigned int parent, unsigned int child)
{
    h->known[child] = h->known[parent];
    mix(h->known[child].hash, &(struct mixed) { .what = SPAWN, .a = child });
    memcpy(h->known[child].place, h->known[child].hash,
           sizeof(h->known[child].place));
    h->known[child].witnessed = 0;
}

void past_joined(struct past *h, unsigned int parent, unsigned int child)
{
    mix(h->known[parent].hash,
        &(struct mixed) { .what = JOIN,
                          .a = h->known[child].hash[0],
                          .b = h->known[child].hash[1] });
}

void past_stands(struct past *h, unsigned int actor, uint64_t place)
{
    struct known *k = &h->known[actor];

    drop(h, actor);
    *k = (struct known) { { 0, 0 }, { 0, 0 }, { 0, 0 }, 0, false };
    mix(k->hash, &(struct mixed) { .what = STAND, .a = actor, .b = place });
    memcpy(k->mark, k->hash, sizeof(k->mark));
    memcpy(k->place, k->hash, sizeof(k->place));
}

void past_looked(struct past *h, unsigned int actor)
{
    struct known *k = &h->known[actor];

    memcpy(k->mark, k->hash, sizeof(k->mark));
    k->wrote = false;
}

/* A turn that has written may have remembered that it did. */
void past_turned(struct past *h, unsigned int actor)
{
    struct known *k = &h->known[actor];

    if ( k->wrote )
        past_looked(h, actor);
    else
    {
        drop(h, actor);
        memcpy(k->hash, k->mark, sizeof(k->hash));
    }
}

/* ---- its end ---- */

static void name_written(struct past *h, unsigned int actor,
                         const struct footprint *f)
{
    const struct explore_values *v = h->values;
    const uint32_t no_cells = v->valued | v->guards | v->empty;

    for ( unsigned int r = 0; r < RESOURCE_SPAWNED && f->everything; r++ )
        if ( !in(no_cells, r) )
            name_cell(h, actor, r, 0, UINT64_MAX);
    for ( unsigned int i = 0; i < f->count && !f->everything; i++ )
        if ( f->touch[i].write && f->touch[i].resource < RESOURCE_SPAWNED &&
             !in(no_cells, f->touch[i].resource) )
            name_cell(h, actor, f->touch[i].resource, f->touch[i].first,
                      f->touch[i].last);
}

void past_stepped(struct past *h, unsigned int actor,
                  const struct footprint *footprint, const uint64_t *guarded)
{
    uint64_t now[2];

    if ( guarded )
        memcpy(now, guarded, sizeof(now));
    else
        h->values->guarded(h->context, now);
    mix(h->known[actor].hash, &(struct mixed) { .what = STEP });
    name_written(h, actor, footprint);
    if ( memcmp(now, h->guarded, sizeof(now)) )
        name_guarded(h, actor);
    forget_released(h);
    memcpy(h->guarded, now, sizeof(now));
    memset(h->dropped, 0, sizeof(h->dropped));
}

/* ---- the name ---- */

bool past_name(const struct past *h, const struct sched *s, uint64_t name[2])
{
    const struct explore_values *v = h->values;
    uint64_t part[2];

    if ( h->lost )
        return false;
    v->shared(h->context, name);
    mix(name, &(struct mixed) { .what = STEP,
                                .a = h->guarded[0],
                                .b = h->guarded[1],
                                .c = h->witnessed[0],
                                .d = h->witnessed[1] });
    for ( unsigned int i = 0; i < h->cells; i++ )
    {
        const struct cell *c = &h->cell[i];

        if ( in(v->guards, c->resource) )
            continue;
        memcpy(part, c->name, sizeof(part));
        mix(part,
            &(struct mixed) {
                .what = CELL, .a = c->resource, .b = c->first, .c = c->last });
        add(name, part);
    }
    for ( uint32_t left = sched_used(s); left; )
    {
        unsigned int i = sched_take(&left);

        /* Who has ended knows nothing. */
        if ( !sched_standing(s, i, part) )
            mix(part, &(struct mixed) { .what = STAND,
                                        .b = h->known[i].hash[0],
                                        .c = h->known[i].hash[1] });
        mix(part, &(struct mixed) { .what = STAND, .a = i });
        add(name, part);
    }
    return true;
}
