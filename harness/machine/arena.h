/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address space for the machine's state, reserved once and filled page by page
 * as it is touched.
 */
#ifndef HARNESS_MACHINE_ARENA_H
#define HARNESS_MACHINE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
    uint8_t *base;
    size_t size; /* bytes, a multiple of the page size */
};

/*
 * The first machine of a process lies here, so that pointers in snapshots and
 * reports agree between runs; a second one lies elsewhere.  The address is
 * free under the address space layouts of ASan (above its shadow) and of TSan
 * (in its middle range, below position-independent programs).
 */
#define ARENA_ADDRESS UINT64_C(0x550000000000)

/* @where: wanted address or 0.  False: no address space of that size. */
bool arena_reserve(struct arena *arena, uint64_t where, size_t size);
void arena_release(struct arena *arena);

#endif /* HARNESS_MACHINE_ARENA_H */
