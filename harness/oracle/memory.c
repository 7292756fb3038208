/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that an oracle remembers, itself included, stands in chunks that its
 * world provides: so the world can save and restore it with everything else.
 * What outgrows its place goes into a list for others of its size.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* At least, and a world has room for a little more in 8 KiB; a large block has
 * one of its own. */
#define CHUNK_BYTES 8064
#define MIN_SHIFT   4 /* the smallest class: 16 bytes */
#define FINE        2 /* the first class of those in steps of a quarter */

/* Followed by its blocks. */
struct memory_chunk {
    struct memory_chunk *next;
    uint64_t pad;
};

struct memory_block {
    struct memory_block *next;
};

_Static_assert(sizeof(struct memory_chunk) % 16 == 0, "alignment of blocks");
_Static_assert(sizeof(struct memory_block) <= 1u << MIN_SHIFT, "free blocks");

/* 16, 32, then 4..7 quarters of each power of two. */
static size_t class_bytes(unsigned int class)
{
    if ( class < FINE )
        return (size_t)1 << (class + MIN_SHIFT);
    return (size_t)(4 + (class - FINE) % 4)
           << ((class - FINE) / 4 + MIN_SHIFT);
}

static unsigned int class_of(size_t bytes)
{
    unsigned int class = 0;

    while ( class_bytes(class) < bytes )
        class ++;
    return class;
}

static void more(struct memory *m, const struct oracle_world *world,
                 size_t bytes)
{
    size_t size = sizeof(struct memory_chunk) + bytes;
    struct memory_chunk *chunk;

    if ( size < CHUNK_BYTES )
        size = CHUNK_BYTES;
    chunk = world->alloc ? world->alloc(world->context, size) :
                           calloc(1, size);
    if ( !chunk )
        abort(); /* out of memory in a test program */
    chunk->next = m->chunk;
    m->chunk = chunk;
    m->next = (uint8_t *)(chunk + 1);
    m->left = size - sizeof(*chunk);
}

void *memory_take(struct memory *m, const struct oracle_world *world,
                  size_t bytes)
{
    unsigned int class = class_of(bytes);
    size_t size = class_bytes(class);
    struct memory_block *block = m->free[class];
    void *p;

    if ( block )
    {
        m->free[class] = block->next;
        block->next = NULL;
        return block;
    }
    if ( m->left < size )
        more(m, world, size);
    p = m->next;
    m->next += size;
    m->left -= size;
    return p;
}

void memory_give(struct memory *m, void *p, size_t bytes)
{
    struct memory_block *block = p;
    unsigned int class = class_of(bytes);

    if ( !p )
        return;
    memset(p, 0, bytes);
    block->next = m->free[class];
    m->free[class] = block;
}

void memory_end(struct memory *m, const struct oracle_world *world)
{
    struct memory_chunk *chunk = m->chunk, *next;

    for ( ; chunk; chunk = next )
    {
        next = chunk->next;
        if ( world->alloc )
            world->free(world->context, chunk);
        else
            free(chunk);
    }
}

void *oracle_alloc(struct oracle *o, size_t bytes)
{
    return memory_take(&o->memory, &o->config.world, bytes);
}

void oracle_free(struct oracle *o, void *p, size_t bytes)
{
    memory_give(&o->memory, p, bytes);
}

void *oracle_grow(struct oracle *o, void *array, size_t count, size_t *room,
                  size_t size)
{
    size_t old = *room * size;
    void *bigger;

    if ( count < *room )
        return array;
    *room = *room ? *room * 2 : 4;
    bigger = oracle_alloc(o, *room * size);
    if ( old )
        memcpy(bigger, array, old);
    oracle_free(o, array, old);
    return bigger;
}
