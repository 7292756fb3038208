/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain memory under a physical unit, and the loop that measures one. */

#include <flat.h>

#include <scenario/suite.h>

#include <string.h>

/* Translations between two looks at the clock. */
#define BATCH 65536u

static bool flat_read(void *world, uint64_t address, void *buffer,
                      unsigned int len, unsigned int atom)
{
    const struct flat *flat = world;

    (void)atom;
    if ( address > FLAT_MEMORY - len )
        return false;
    memcpy(buffer, flat->memory + address, len);
    return true;
}

static bool flat_write(void *world, uint64_t address, const void *buffer,
                       unsigned int len, unsigned int atom)
{
    const struct flat *flat = world;

    (void)atom;
    if ( address > FLAT_MEMORY - len )
        return false;
    memcpy(flat->memory + address, buffer, len);
    return true;
}

static bool flat_cmpxchg(void *world, uint64_t address, void *expected,
                         const void *desired, unsigned int len, bool *swapped)
{
    const struct flat *flat = world;

    if ( address > FLAT_MEMORY - len )
        return false;
    *swapped = !memcmp(flat->memory + address, expected, len);
    memcpy(*swapped ? (void *)(flat->memory + address) : expected,
           *swapped ? desired : flat->memory + address, len);
    return true;
}

static void flat_msi(void *world, uint64_t address, uint32_t data)
{
    (void)world;
    (void)address;
    (void)data;
}

static void flat_wire(void *world, unsigned int line, bool level)
{
    (void)world;
    (void)line;
    (void)level;
}

static void flat_spend(void *world, unsigned int cycles, enum cost what)
{
    (void)world;
    (void)cycles;
    (void)what;
}

static void flat_relax(void *world)
{
    (void)world;
}

const struct port_ops flat_ops = {
    .read = flat_read,
    .write = flat_write,
    .cmpxchg = flat_cmpxchg,
    .msi = flat_msi,
    .wire = flat_wire,
    .spend = flat_spend,
    .relax = flat_relax,
};

uint64_t *flat_word(struct flat *flat, uint64_t address)
{
    return (uint64_t *)(void *)(flat->memory + address);
}

void bench_cache_off(struct cache_config *cache)
{
    cache->entries = 0;
    cache->ways = 0;
}

static bool run_batch(const struct bench_batch *b, uint64_t *state)
{
    bool ok = true;

    for ( unsigned int i = 0; i < BATCH; i++ )
    {
        /* xorshift: random pages, no division */
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        ok &= b->translate(b->unit, *state & (b->pages - 1), b->order);
    }
    return ok;
}

double bench_translations(const struct bench_batch *b, double seconds)
{
    uint64_t state = 88172645463325252, done = 0;
    bool ok = run_batch(b, &state);
    double start = cpu_seconds(), spent = -1;

    while ( ok && (spent = cpu_seconds() - start) < seconds )
    {
        ok = run_batch(b, &state);
        done += BATCH;
    }
    return ok ? (double)done / spent : -1;
}
