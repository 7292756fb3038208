/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running inputs in worlds that are kept, and what is found. */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include <fuzz/target.h>

#include <scenario/suite.h>

#define JUDGE_WORLDS 160

struct judge_totals {
    uint64_t executions, operations, dma, suspended, refused, findings;
    uint64_t undefined[64]; /* executions that met condition U<index> */
};

/* A world that is restored for each input that wants such a one: to behind its
 * prologue. */
struct kept_world {
    uint64_t key, used;
    struct program *program; /* that made it */
    struct world *world;     /* NULL: the machine is impossible */
};

struct judge {
    struct input_rules rules;
    struct kept_world world[JUDGE_WORLDS];
    unsigned int worlds;
    uint64_t clock;
    uint64_t outcomes; /* of the world that ran last */
    struct judge_totals total;
};

/* What one input gave. */
struct verdict {
    struct program *program; /* owned by whoever asked */
    struct world_config config;
    size_t prologue;
    const struct input_rules *rules;
    struct finding finding; /* if @found */
    bool found;
};

bool judge_init(struct judge *judge, const struct fuzz_target *target);
void judge_free(struct judge *judge);

void judge_input(struct judge *judge, const uint8_t *data, size_t size,
                 struct verdict *verdict);

/* The way to run it once more where caches must not matter, and the finding
 * that they do. */
struct world_config judge_other_caches(const struct world_config *config);
#define JUDGE_CACHES_MATTER "caches matter"

/* Findings with the same name are one: "P2 stale translation". */
#define GROUP_LENGTH 80
void finding_group(const struct finding *finding, char *group);

/*
 * The fewest operations that still give a finding of @group (NULL: that still
 * end the process); each try is a process of its own.  @verdict->program
 * becomes that program, pinned to its way.  False: it does not happen again.
 */
bool finding_shrink(struct verdict *verdict, const char *group);

/* The finding as a scenario DIR/TARGET-GROUP.scn; its path into @path. */
bool finding_write(const struct verdict *verdict, const char *target,
                   const char *group, const char *directory, char *path,
                   size_t size);

#endif /* FUZZ_JUDGE_H */
