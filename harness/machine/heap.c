/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's heap inside the machine's state: blocks in four size
 * classes per power of two, charged to their owner, with a canary behind them
 * and poisoned when they are free.
 */
#include <machine/state.h>

#include <string.h>

#define BLOCK_LIVE 0x6d756272u
#define BLOCK_FREE 0x66726565u
#define CANARY     UINT64_C(0x7d3c91a5e4f20b68)
#define MIN_SHIFT  6 /* the smallest class: 64 bytes */

struct heap_block {
    uint32_t magic;
    uint16_t class, owner;
    uint64_t size; /* as asked for */
    struct heap_block *next;
    struct heap_block *older; /* of all that have ever been made */
};

_Static_assert(sizeof(struct heap_block) % 16 == 0, "alignment of payloads");

/* Bytes of a block of @class: 4..7 quarters of a power of two. */
static size_t class_size(unsigned int class)
{
    return (size_t)(4 + class % 4) << (class / 4 + MIN_SHIFT - 2);
}

static unsigned int class_of(size_t bytes)
{
    unsigned int class = 0;

    while ( class < HEAP_CLASSES && class_size(class) < bytes )
        class ++;
    return class;
}

static void *payload(struct heap_block *block)
{
    return block + 1;
}

static bool canary_intact(struct heap_block *block)
{
    uint64_t canary;

    memcpy(&canary, (char *)payload(block) + block->size, sizeof(canary));
    return canary == CANARY;
}

void charge(struct machine *m, unsigned int owner, uint64_t bytes)
{
    m->charged[owner] += bytes;
    if ( m->charged[owner] > m->most_charged[owner] )
        m->most_charged[owner] = m->charged[owner];
    if ( owner >= HOST_INDEX || m->domain[owner].over_limit ||
         !m->config.memory_limit ||
         m->charged[owner] <= m->config.memory_limit )
        return;
    m->domain[owner].over_limit = true;
    violation(m, "P7", "domain %u is charged %llu bytes, more than %llu",
              m->domain[owner].config->id,
              (unsigned long long)m->charged[owner],
              (unsigned long long)m->config.memory_limit);
}

void uncharge(struct machine *m, unsigned int owner, uint64_t bytes)
{
    m->charged[owner] -= bytes;
}

static struct heap_block *block_create(struct machine *m, unsigned int class)
{
    struct heap_block *block = machine_alloc(m, class_size(class), 16);

    if ( block )
    {
        block->older = m->heap.newest;
        m->heap.newest = block;
    }
    return block;
}

void *heap_alloc(struct machine *m, unsigned int owner, size_t size)
{
    unsigned int class;
    struct heap_block *block;
    const uint64_t canary = CANARY;

    if ( size > STATE_SIZE )
        return NULL;
    class = class_of(sizeof(*block) + size + sizeof(canary));

    block = m->heap.free[class];
    if ( block )
        m->heap.free[class] = block->next;
    else
        block = block_create(m, class);
    if ( !block )
        return NULL;

    *block = (struct heap_block) { .magic = BLOCK_LIVE,
                                   .older = block->older,
                                   .class = (uint16_t) class,
                                   .owner = (uint16_t)owner,
                                   .size = size };
    memset(payload(block), 0, size);
    memcpy((char *)payload(block) + size, &canary, sizeof(canary));
    m->allocations[owner]++;
    charge(m, owner, size);
    return payload(block);
}

void heap_visit(struct machine *m, heap_visitor *visit, uint64_t hash[2])
{
    for ( struct heap_block *b = m->heap.newest; b; b = b->older )
        if ( b->magic == BLOCK_LIVE && b->owner != NOBODY_INDEX )
            visit(hash, key_of(m, b), payload(b), b->size);
}

void *machine_block(struct machine *m, size_t size)
{
    return heap_alloc(m, NOBODY_INDEX, size);
}

void machine_block_free(struct machine *m, void *p)
{
    heap_free(m, p);
}

size_t machine_block_size(const void *p)
{
    return ((const struct heap_block *)p - 1)->size;
}

void heap_free(struct machine *m, void *p)
{
    struct heap_block *block;

    if ( !p )
        return;
    block = (struct heap_block *)p - 1;
    if ( block->magic != BLOCK_LIVE )
    {
        violation(m, "P9", "free of memory that is not allocated%s",
                  block->magic == BLOCK_FREE ? ": freed twice" : "");
        return;
    }
    if ( !canary_intact(block) )
        violation(m, "P9", "write beyond an allocation of %llu bytes",
                  (unsigned long long)block->size);

    m->allocations[block->owner]--;
    uncharge(m, block->owner, block->size);
    memset(p, POISON_BYTE, block->size);
    block->magic = BLOCK_FREE;
    block->next = m->heap.free[block->class];
    m->heap.free[block->class] = block;
}
