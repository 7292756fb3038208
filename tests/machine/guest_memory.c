/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

void guest_memory_init(struct guest_memory *memory, uint64_t *word,
                       uint64_t size)
{
    *memory = (struct guest_memory) {
        .word = word, .size = size, .next = 0x1000, .limit = size
    };
}

void guest_memory_store64(void *world, uint64_t gpa, uint64_t value)
{
    struct guest_memory *memory = world;

    assert_true(gpa % 8 == 0 && gpa < memory->size);
    memory->word[gpa / 8] = value;
    memory->last_store = gpa;
}

uint64_t guest_memory_read64(void *world, uint64_t gpa)
{
    const struct guest_memory *memory = world;

    assert_true(gpa % 8 == 0 && gpa < memory->size);
    return memory->word[gpa / 8];
}

uint64_t guest_memory_alloc_run(void *world, uint64_t bytes, uint64_t align)
{
    struct guest_memory *memory = world;
    uint64_t gpa = (memory->next + align - 1) & ~(align - 1);

    if ( gpa + bytes > memory->limit )
        return 0;
    memory->next = gpa + bytes;
    return gpa;
}

uint64_t guest_memory_alloc_page(void *world)
{
    return guest_memory_alloc_run(world, 4096, 4096);
}
