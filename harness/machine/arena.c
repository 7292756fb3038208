/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reservation of address space. */
#define _GNU_SOURCE
#include <machine/arena.h>

#include <sys/mman.h>

#define PROT  (PROT_READ | PROT_WRITE)
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

bool arena_reserve(struct arena *arena, uint64_t where, size_t size)
{
    void *p = MAP_FAILED;

    if ( where )
        p = mmap((void *)(uintptr_t)where, size, PROT,
                 FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
    if ( p == MAP_FAILED )
        p = mmap(NULL, size, PROT, FLAGS, -1, 0);
    if ( p == MAP_FAILED )
        return false;

    arena->base = p;
    arena->size = size;
    return true;
}

void arena_release(struct arena *arena)
{
    if ( arena->base )
        munmap(arena->base, arena->size);
    arena->base = NULL;
    arena->size = 0;
}
