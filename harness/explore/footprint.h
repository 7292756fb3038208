/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a step has read and written: intervals of numbered resources.  Two
 * steps are dependent if one writes what the other reads or writes; steps that
 * are not may change places without any effect.
 */
#ifndef HARNESS_EXPLORE_FOOTPRINT_H
#define HARNESS_EXPLORE_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOOTPRINT_MAX 32

struct touch {
    uint32_t resource;
    bool write;
    uint64_t first, last; /* both included */
};

struct footprint {
    uint64_t reads, writes; /* a bit for each hash of what is touched */
    unsigned int count;
    bool everything; /* there was no room: it conflicts with all */
    struct touch touch[FOOTPRINT_MAX];
};

void footprint_clear(struct footprint *f);
void footprint_add(struct footprint *f, const struct touch *touch);
void footprint_merge(struct footprint *f, const struct footprint *other);
/* Bytes, up to its last touch: what lies behind means nothing. */
size_t footprint_size(const struct footprint *f);
/* As an assignment. */
void footprint_copy(struct footprint *f, const struct footprint *other);

bool footprints_dependent(const struct footprint *a,
                          const struct footprint *b);

/* Does a write of @writer meet a read of @reader?  Resources in @weak
 * (a mask of 1 << resource) do not count. */
bool footprint_disturbs(const struct footprint *writer,
                        const struct footprint *reader, uint32_t weak);

#endif /* HARNESS_EXPLORE_FOOTPRINT_H */
