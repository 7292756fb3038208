/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory under a guest's driver, for the tests of its struct guest_ops. */
#ifndef TESTS_MACHINE_GUEST_MEMORY_H
#define TESTS_MACHINE_GUEST_MEMORY_H

#include <stdint.h>

/* The first member of what the driver has as its world. */
struct guest_memory {
    uint64_t *word;
    uint64_t size;
    uint64_t next;  /* free from here */
    uint64_t limit; /* to here */
    uint64_t last_store;
};

/* @size zeroed bytes at @word, all of them free but the first page. */
void guest_memory_init(struct guest_memory *memory, uint64_t *word,
                       uint64_t size);

/* Of struct guest_ops. */
void guest_memory_store64(void *world, uint64_t gpa, uint64_t value);
uint64_t guest_memory_read64(void *world, uint64_t gpa);
uint64_t guest_memory_alloc_page(void *world);
uint64_t guest_memory_alloc_run(void *world, uint64_t bytes, uint64_t align);

#endif /* TESTS_MACHINE_GUEST_MEMORY_H */
