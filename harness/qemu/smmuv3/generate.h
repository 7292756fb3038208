/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that draw SMMUv3 programs. */
#ifndef HARNESS_QEMU_SMMUV3_GENERATE_H
#define HARNESS_QEMU_SMMUV3_GENERATE_H

#include <qemu/draw.h>
#include <qemu/smmuv3/smmuv3.h>

#define GEN_TABLES  3
#define GEN_MAPS    12
#define GEN_DEVICES QEMU_MAX_DEVICES

/* A leaf that was written; where it led before. */
struct gen_map {
    uint64_t iova, target, old_target;
    unsigned int order; /* of 4 KiB */
    unsigned int rights;
    bool live;
};

struct gen_table {
    unsigned int granule; /* bits */
    unsigned int input;   /* bits */
    uint16_t asid;
    struct gen_map map[GEN_MAPS];
    unsigned int maps;
};

enum gen_stream { GEN_NONE, GEN_STAGE_1, GEN_BYPASS, GEN_ABORT };

struct gen_device {
    enum gen_stream kind;
    unsigned int table;
};

struct gen {
    struct program *program;
    struct rng *rng;
    const struct diff_target *target;
    struct gen_table table[GEN_TABLES];
    unsigned int tables;
    struct gen_device device[GEN_DEVICES];
    unsigned int devices;
    unsigned int offset; /* in a page, of the next DMA */
    uint32_t mark;       /* the next word of memory */
    bool events;         /* a DMA may have left a record */
};

void gen_smmuv3_handle_events(struct gen *g);

/* ---- mappings.c ---- */

/* What a new table is like: granule, width, ASID. */
void gen_smmuv3_table(struct gen *g, unsigned int table);
/* Both: the leaf that has changed, or NULL. */
const struct gen_map *gen_smmuv3_map(struct gen *g, unsigned int table);
const struct gen_map *gen_smmuv3_change(struct gen *g, unsigned int table);
/* At which level the leaf stands. */
unsigned int gen_smmuv3_level(const struct gen_table *table,
                              const struct gen_map *map);
/* A DMA of a device, and the marks that show where it went. */
void gen_smmuv3_dma(struct gen *g, unsigned int device);

#endif /* HARNESS_QEMU_SMMUV3_GENERATE_H */
