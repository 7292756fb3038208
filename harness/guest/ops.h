/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the drivers of all architectures reach their world, so that they drive a
 * model or the whole stack alike.  Addresses are guest-physical of that world.
 */
#ifndef HARNESS_GUEST_OPS_H
#define HARNESS_GUEST_OPS_H

#include <stdint.h>

struct guest_ops {
    /* One atomic, aligned 8-byte access of the guest's CPU. */
    void (*store64)(void *world, uint64_t gpa, uint64_t value);
    uint64_t (*read64)(void *world, uint64_t gpa);
    /* @size: 4 or 8. */
    void (*write_register)(void *world, uint32_t offset, unsigned int size,
                           uint64_t value);
    uint64_t (*read_register)(void *world, uint32_t offset, unsigned int size);
    /* A zeroed 4 KiB page for a structure; 0: there is none. */
    uint64_t (*alloc_page)(void *world);
    /* @bytes of zeroed memory in a row, aligned to @align, a power of 2; 0:
     * there is none.  Not called for VT-d, whose structures are pages. */
    uint64_t (*alloc_run)(void *world, uint64_t bytes, uint64_t align);
    /* What is awaited is looked at from here on, and called between two looks
     * at it; both may be NULL. */
    void (*look)(void *world);
    void (*idle)(void *world);
};

#endif /* HARNESS_GUEST_OPS_H */
