/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <explore/footprint.h>

#include <string.h>

#define GRAIN 6 /* neighbours of 64 share a bit */

void footprint_clear(struct footprint *f)
{
    f->reads = f->writes = 0;
    f->count = 0;
    f->everything = false;
}

/* The bits of a touch; of a long interval all. */
static uint64_t bits_of(const struct touch *t)
{
    uint64_t first = t->first >> GRAIN, last = t->last >> GRAIN, bits = 0;

    if ( last - first > 4 )
        return UINT64_MAX;
    for ( uint64_t g = first; g <= last; g++ )
        bits |= UINT64_C(1)
                << ((g * UINT64_C(0x9e3779b97f4a7c15) + t->resource * 7) >>
                        32 &
                    63);
    return bits;
}

/* Is it in, or right beside, what is known of the same kind? */
static bool extend(struct touch *known, const struct touch *t)
{
    if ( known->resource != t->resource || known->write != t->write ||
         (t->first > known->last && t->first - known->last > 1) ||
         (known->first > t->last && known->first - t->last > 1) )
        return false;
    if ( t->first < known->first )
        known->first = t->first;
    if ( t->last > known->last )
        known->last = t->last;
    return true;
}

void footprint_add(struct footprint *f, const struct touch *t)
{
    if ( f->everything )
        return;
    *(t->write ? &f->writes : &f->reads) |= bits_of(t);
    for ( unsigned int i = 0; i < f->count; i++ )
        if ( extend(&f->touch[i], t) )
            return;
    if ( f->count == FOOTPRINT_MAX )
        f->everything = true;
    else
        f->touch[f->count++] = *t;
}

void footprint_merge(struct footprint *f, const struct footprint *other)
{
    for ( unsigned int i = 0; i < other->count; i++ )
        footprint_add(f, &other->touch[i]);
    f->everything |= other->everything;
}

size_t footprint_size(const struct footprint *f)
{
    return offsetof(struct footprint, touch) + f->count * sizeof(f->touch[0]);
}

void footprint_copy(struct footprint *f, const struct footprint *other)
{
    memcpy(f, other, footprint_size(other));
}

static bool meet(const struct touch *a, const struct touch *b)
{
    return a->resource == b->resource && (a->write || b->write) &&
           a->first <= b->last && b->first <= a->last;
}

bool footprints_dependent(const struct footprint *a, const struct footprint *b)
{
    if ( a->everything || b->everything )
        return true;
    if ( !(a->writes & (b->reads | b->writes)) && !(a->reads & b->writes) )
        return false;
    for ( unsigned int i = 0; i < a->count; i++ )
        for ( unsigned int j = 0; j < b->count; j++ )
            if ( meet(&a->touch[i], &b->touch[j]) )
                return true;
    return false;
}

bool footprint_disturbs(const struct footprint *writer,
                        const struct footprint *reader, uint32_t weak)
{
    if ( writer->everything || reader->everything )
        return true;
    if ( !(writer->writes & reader->reads) )
        return false;
    for ( unsigned int i = 0; i < writer->count; i++ )
    {
        const struct touch *t = &writer->touch[i];

        if ( !t->write || weak >> t->resource & 1 )
            continue;
        for ( unsigned int j = 0; j < reader->count; j++ )
            if ( !reader->touch[j].write && meet(t, &reader->touch[j]) )
                return true;
    }
    return false;
}
