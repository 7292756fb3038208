/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ram.h"

#include <stdlib.h>
#include <string.h>

/* ---- the port ---- */

static bool inside(const struct ram *ram, uint64_t address, unsigned int len)
{
    if ( address < ram->refused_end && address + len > ram->refused )
        return false;
    return address < ram->size && address + len <= ram->size;
}

static void begin(struct ram *ram, uint64_t address, unsigned int len,
                  unsigned int atom, bool write)
{
    if ( !len || len > 64 || len % atom )
        abort();
    if ( ram->bits < 64 && address >> ram->bits )
        abort();
    if ( ram->before )
        ram->before(ram->rig, address, write);
}

static bool ram_read(void *world, uint64_t address, void *buffer,
                     unsigned int len, unsigned int atom)
{
    struct ram *ram = world;

    ram->reads++;
    begin(ram, address, len, atom, false);
    if ( !inside(ram, address, len) )
        return false;
    memcpy(buffer, ram->memory + address, len);
    return true;
}

static bool ram_write(void *world, uint64_t address, const void *buffer,
                      unsigned int len, unsigned int atom)
{
    struct ram *ram = world;

    ram->writes++;
    begin(ram, address, len, atom, true);
    if ( !inside(ram, address, len) )
        return false;
    memcpy(ram->memory + address, buffer, len);
    return true;
}

static bool ram_cmpxchg(void *world, uint64_t address, void *expected,
                        const void *desired, unsigned int len, bool *swapped)
{
    struct ram *ram = world;

    begin(ram, address, len, len, true);
    if ( !inside(ram, address, len) )
        return false;
    *swapped = !memcmp(ram->memory + address, expected, len);
    if ( *swapped )
        memcpy(ram->memory + address, desired, len);
    else
        memcpy(expected, ram->memory + address, len);
    return true;
}

static void ram_msi(void *world, uint64_t address, uint32_t data)
{
    struct ram *ram = world;

    if ( ram->messages == RAM_MESSAGES )
        abort();
    ram->message[ram->messages].address = address;
    ram->message[ram->messages].data = data;
    ram->messages++;
}

static void ram_wire(void *world, unsigned int line, bool level)
{
    struct ram *ram = world;

    if ( ram->wire )
        ram->wire(ram->rig, line, level);
}

static void ram_spend(void *world, unsigned int cycles, enum cost what)
{
    struct ram *ram = world;

    ram->cycles[what] += cycles;
}

static void ram_relax(void *world)
{
    struct ram *ram = world;

    /* Nobody else runs here: a model that waits would wait for ever. */
    if ( ++ram->relaxes > 1000 )
        abort();
}

static const struct port_ops ram_ops = {
    .read = ram_read,
    .write = ram_write,
    .cmpxchg = ram_cmpxchg,
    .msi = ram_msi,
    .wire = ram_wire,
    .spend = ram_spend,
    .relax = ram_relax,
};

/* ---- life ---- */

void ram_create(struct ram *ram, struct rig *rig, uint64_t size)
{
    memset(ram, 0, sizeof(*ram));
    ram->memory = calloc(1, size);
    ram->size = size;
    ram->next = 0x1000;
    ram->bits = 64;
    ram->port = (struct port) { &ram_ops, ram };
    ram->rig = rig;
}

void ram_destroy(struct ram *ram)
{
    free(ram->memory);
}

/* ---- the software's side ---- */

uint64_t ram_alloc(struct ram *ram, uint64_t size)
{
    uint64_t block = (ram->next + size - 1) & ~(size - 1);

    ram->next = block + size;
    if ( ram->next > ram->size )
        abort();
    return block;
}

uint64_t ram_load(const struct ram *ram, uint64_t address)
{
    uint64_t value;

    memcpy(&value, ram->memory + address, 8);
    return value;
}

void ram_store(struct ram *ram, uint64_t address, uint64_t value)
{
    memcpy(ram->memory + address, &value, 8);
}

bool ram_probe(void *world, uint64_t address, void *buffer, unsigned int len)
{
    const struct ram *ram = world;

    if ( !inside(ram, address, len) )
        return false;
    memcpy(buffer, ram->memory + address, len);
    return true;
}

struct request rig_request(uint32_t sid, uint64_t iova,
                           enum request_access access)
{
    return (struct request) {
        .source = sid,
        .pasid = REQUEST_NO_PASID,
        .access = access,
        .address = iova,
        .size = 4,
    };
}

uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

bool one_in(uint64_t *random, unsigned int n)
{
    return next_random(random) % n == 0;
}
