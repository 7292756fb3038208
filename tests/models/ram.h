/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rigs of all architectures stand on: flat memory behind a port, with
 * an allocator, counters and a log of messages.
 */
#ifndef TESTS_MODELS_RAM_H
#define TESTS_MODELS_RAM_H

#include <common/cost.h>
#include <common/port.h>
#include <common/request.h>

#include <stdbool.h>
#include <stdint.h>

#define RAM_MESSAGES 16

struct rig; /* an architecture's own */

struct ram {
    uint8_t *memory;
    uint64_t size;
    uint64_t next;                 /* of the allocator */
    uint64_t refused, refused_end; /* accesses here abort */
    unsigned int bits;             /* of addresses the unit may put out */
    struct port port;
    struct {
        uint64_t address;
        uint32_t data;
    } message[RAM_MESSAGES];
    unsigned int messages, reads, writes, relaxes;
    uint64_t cycles[COST_COUNT];
    struct rig *rig;
    /* Called before each read or write of the unit; NULL: nothing. */
    void (*before)(struct rig *rig, uint64_t address, bool write);
    /* A wire of the unit changes; NULL: nothing. */
    void (*wire)(struct rig *rig, unsigned int line, bool level);
    void *context; /* the test's */
};

void ram_create(struct ram *ram, struct rig *rig, uint64_t size);
void ram_destroy(struct ram *ram);

uint64_t ram_alloc(struct ram *ram, uint64_t size); /* aligned to its size */
uint64_t ram_load(const struct ram *ram, uint64_t address);
void ram_store(struct ram *ram, uint64_t address, uint64_t value);

/* For a model's probe, @world is the ram. */
bool ram_probe(void *world, uint64_t address, void *buffer, unsigned int len);

/* Of 4 bytes, without a PASID. */
struct request rig_request(uint32_t sid, uint64_t iova,
                           enum request_access access);

/* For random tests; the state is never 0. */
uint64_t next_random(uint64_t *random);
bool one_in(uint64_t *random, unsigned int n);

#endif /* TESTS_MODELS_RAM_H */
