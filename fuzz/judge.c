/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running inputs: no world is made twice, none is forked. */

#include <fuzz/judge.h>

#include <stdlib.h>
#include <string.h>

/* In keys: no byte of a header has it. */
#define OTHER_CACHES (UINT64_C(1) << 63)

bool judge_init(struct judge *judge, const struct fuzz_target *target)
{
    memset(judge, 0, sizeof(*judge));
    return input_rules_init(&judge->rules, target);
}

static void forget(struct kept_world *kept)
{
    if ( kept->world )
        world_destroy(kept->world);
    program_free(kept->program);
}

void judge_free(struct judge *judge)
{
    for ( unsigned int i = 0; i < judge->worlds; i++ )
        forget(&judge->world[i]);
    input_rules_free(&judge->rules);
}

/* The one that was used least recently, when all are in use. */
static struct kept_world *place_for(struct judge *judge)
{
    struct kept_world *oldest = &judge->world[0];

    if ( judge->worlds < JUDGE_WORLDS )
        return &judge->world[judge->worlds++];
    for ( unsigned int i = 1; i < judge->worlds; i++ )
        if ( judge->world[i].used < oldest->used )
            oldest = &judge->world[i];
    forget(oldest);
    return oldest;
}

static void make_world(struct judge *judge, uint64_t key,
                       const struct verdict *verdict,
                       const struct world_config *config)
{
    struct kept_world *kept = place_for(judge);
    const char *reason;

    *kept = (struct kept_world) { .key = key, .used = ++judge->clock };
    kept->program = program_copy(verdict->program, verdict->program->ops);
    kept->world = world_create(kept->program, config, &reason);
    if ( !kept->world )
        return;
    world_begin(kept->world, verdict->prologue);
    if ( !world_snapshot(kept->world) )
        abort();
}

/* As new, for the verdict's program; NULL: there is no such machine. */
static struct world *world_for(struct judge *judge, uint64_t key,
                               const struct verdict *verdict,
                               const struct world_config *config)
{
    for ( unsigned int i = 0; i < judge->worlds; i++ )
    {
        struct kept_world *kept = &judge->world[i];

        if ( kept->key != key )
            continue;
        kept->used = ++judge->clock;
        if ( kept->world )
            world_restore(kept->world, verdict->program);
        return kept->world;
    }
    make_world(judge, key, verdict, config);
    return world_for(judge, key, verdict, config);
}

/* Returns how many accesses were suspended. */
static uint64_t run(struct judge *judge, struct world *world,
                    struct verdict *verdict)
{
    struct run_result result = { 0 };

    world_run(world, &result);
    judge->outcomes = result.outcomes;
    judge->total.operations += result.operations;
    judge->total.dma += result.dma;
    judge->total.suspended += result.suspended;
    for ( unsigned int n = 0; n < 64; n++ )
        judge->total.undefined[n] += result.undefined >> n & 1;
    if ( world->findings )
    {
        verdict->found = true;
        verdict->finding = world->finding[0];
        judge->total.findings++;
    }
    return result.suspended;
}

struct world_config judge_other_caches(const struct world_config *config)
{
    struct world_config other = *config;

    other.retention = other.retention == CACHE_ALWAYS_MISS ? CACHE_NORMAL :
                                                             CACHE_ALWAYS_MISS;
    return other;
}

/* The same program with another way to cache: the outcomes must be equal, if
 * it has kept to defined ground. */
static void compare(struct judge *judge, uint64_t key, struct verdict *verdict)
{
    uint64_t outcomes = judge->outcomes;
    struct world_config other = judge_other_caches(&verdict->config);
    struct world *world;
    bool defined;

    world = world_for(judge, key | OTHER_CACHES, verdict, &other);
    if ( !world )
        return;
    defined = !run(judge, world, verdict);
    if ( verdict->found )
        verdict->config = other;
    if ( verdict->found || !defined || outcomes == judge->outcomes )
        return;
    verdict->found = true;
    verdict->finding = (struct finding) {
        .property = "P2",
        .message = JUDGE_CACHES_MATTER ": DMAs end otherwise with others",
        .operation = verdict->program->ops - 1,
    };
    judge->total.findings++;
}

void judge_input(struct judge *judge, const uint8_t *data, size_t size,
                 struct verdict *verdict)
{
    uint64_t key = input_key(&judge->rules, data, size);
    struct world *world;
    bool defined = false;

    *verdict = (struct verdict) { .rules = &judge->rules };
    verdict->program = input_decode(&judge->rules, data, size,
                                    &verdict->config, &verdict->prologue);
    world = world_for(judge, key, verdict, &verdict->config);
    judge->total.executions++;
    if ( world )
        defined = !run(judge, world, verdict);
    else
        judge->total.refused++;
    if ( defined && !verdict->found &&
         judge->rules.target->kind == TARGET_EQUIVALENCE )
        compare(judge, key, verdict);
}
