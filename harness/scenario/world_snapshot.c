/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Back to the beginning: what a fuzzer does many times a second. */

#include <scenario/arch.h>
#include <scenario/world_private.h>

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct world_saved {
    struct world world;
    void *guest[2];
};

static void save_guest(struct world_saved *saved, unsigned int index)
{
    const struct world *world = &saved->world;
    size_t size = world->program->machine.arch->guest_size;

    saved->guest[index] = malloc(size);
    if ( !saved->guest[index] )
        abort();
    memcpy(saved->guest[index], world->domain[index].guest, size);
}

bool world_snapshot(struct world *world)
{
    struct world_saved *saved = calloc(1, sizeof(*saved));

    if ( !saved )
        abort();
    world_forget(world);
    saved->world = *world;
    for ( unsigned int i = 0; i < world->domains; i++ )
        save_guest(saved, i);
    world->saved = saved;
    return machine_snapshot(world->machine);
}

void world_forget(struct world *world)
{
    if ( !world->saved )
        return;
    for ( unsigned int i = 0; i < world->domains; i++ )
        free(world->saved->guest[i]);
    free(world->saved);
    world->saved = NULL;
}

/* What stands before the domains, and the program, stays. */
struct part {
    void *now;
    const void *saved;
    size_t size;
};

#define PARTS 5

static void world_parts(struct world *world, struct part part[PARTS])
{
    const struct world *saved = &world->saved->world;
    size_t guest_size = world->program->machine.arch->guest_size;
    unsigned int n = 0;

    part[n++] = (struct part) { world->domain, saved->domain,
                                world->domains * sizeof(*world->domain) };
    part[n++] = (struct part) { world->device, saved->device,
                                world->program->machine.devices *
                                    sizeof(*world->device) };
    part[n++] = (struct part) { &world->copy, &saved->copy,
                                sizeof(*world) -
                                    offsetof(struct world, copy) };
    for ( unsigned int i = 0; i < world->domains; i++ )
        part[n++] = (struct part) { world->domain[i].guest,
                                    world->saved->guest[i], guest_size };
    while ( n < PARTS )
        part[n++] = (struct part) { 0 };
}

uint64_t world_pieces(struct world *world, machine_piece *piece, void *context)
{
    struct part part[PARTS];

    world_parts(world, part);
    for ( unsigned int i = 0; i < PARTS; i++ )
        pieces_give(part[i].now, part[i].saved, part[i].size, piece, context);
    return machine_pieces(world->machine, piece, context);
}

static void bring_back(struct world *world,
                       void (*copy)(void *now, const void *saved, size_t size))
{
    struct world_saved *saved = world->saved;
    struct part part[PARTS];

    world_parts(world, part);
    for ( unsigned int i = 0; i < PARTS; i++ )
        if ( part[i].size )
            copy(part[i].now, part[i].saved, part[i].size);
    world->saved = saved;
}

void world_rewind(struct world *world, uint64_t mark)
{
    bring_back(world, pieces_take_back);
    machine_rewind(world->machine, mark);
}

static void copy_whole(void *now, const void *saved, size_t size)
{
    memcpy(now, saved, size);
}

void world_restore(struct world *world, const struct program *program)
{
    /* The last one may be gone. */
    world->program = program;
    bring_back(world, copy_whole);
    machine_restore(world->machine);
}

static void add_bytes(uint64_t hash[2], const void *data, size_t size)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(data, size, hash[1]);

    hash[0] ^= h.low64;
    hash[1] += h.high64;
}

void world_hash(struct world *world, uint64_t hash[2])
{
    struct world_saved *saved = world->saved;

    machine_hash_state(world->machine, hash);
    world->saved = NULL;
    add_bytes(hash, world, sizeof(*world));
    world->saved = saved;
    for ( unsigned int i = 0; i < world->domains; i++ )
        add_bytes(hash, world->domain[i].guest,
                  world->program->machine.arch->guest_size);
}
