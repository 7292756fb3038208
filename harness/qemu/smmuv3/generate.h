/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that draw SMMUv3 programs. */
#ifndef HARNESS_QEMU_SMMUV3_GENERATE_H
#define HARNESS_QEMU_SMMUV3_GENERATE_H

#include <qemu/draw.h>
#include <qemu/smmuv3/smmuv3.h>

#define GEN_TABLES  5 /* up to 3 of stage 1, then up to 2 of stage 2 */
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
    unsigned int stage;
    uint16_t asid; /* stage 1 */
    uint16_t vmid; /* stage 2 */
    struct gen_map map[GEN_MAPS];
    unsigned int maps;
};

enum gen_stream {
    GEN_NONE,
    GEN_STAGE_1,
    GEN_STAGE_2,
    GEN_NESTED,
    GEN_BYPASS,
    GEN_ABORT
};

struct gen_device {
    enum gen_stream kind;
    unsigned int table;  /* of stage 1 */
    unsigned int table2; /* of stage 2 */
};

struct gen {
    struct program *program;
    struct rng *rng;
    const struct diff_target *target;
    struct gen_table table[GEN_TABLES];
    unsigned int tables; /* of stage 1 */
    unsigned int tables2;
    struct gen_device device[GEN_DEVICES];
    unsigned int devices;
    unsigned int offset; /* in a page, of the next DMA */
    uint32_t mark;       /* the next word of memory */
    bool events;         /* a DMA may have left a record */
};

/* That of stage 2 number @table, from 0 on; its number among all. */
static inline unsigned int gen_stage_2(const struct gen *g, unsigned int table)
{
    return g->tables + table;
}

void gen_smmuv3_handle_events(struct gen *g);

/* ---- invalidate.c ---- */

void gen_smmuv3_sync(struct gen *g);
/* Each with a CMD_SYNC: everything; a device's configuration; a leaf of a
 * table, or NULL: all of it; something, perhaps without one. */
void gen_smmuv3_flush_all(struct gen *g);
void gen_smmuv3_flush_device(struct gen *g, unsigned int device);
void gen_smmuv3_flush_map(struct gen *g, unsigned int table,
                          const struct gen_map *m);
void gen_smmuv3_flush_any(struct gen *g);
/* Break before make: nothing of the table stays in a TLB. */
void gen_smmuv3_break(struct gen *g, const struct gen_table *table);

/* ---- mappings.c ---- */

/* What a new table is like: granule, width, ASID. */
void gen_smmuv3_table(struct gen *g, unsigned int table);
/* Both: the leaf that has changed, or NULL. */
const struct gen_map *gen_smmuv3_map(struct gen *g, unsigned int table);
const struct gen_map *gen_smmuv3_change(struct gen *g, unsigned int table);
/* At which level the leaf stands. */
unsigned int gen_smmuv3_level(const struct gen_table *table,
                              const struct gen_map *map);
/* Somewhere in the memory that programs use. */
uint64_t gen_smmuv3_target(struct gen *g, unsigned int order);
/* Memory that shows where a DMA went, if it is the programs'. */
void gen_smmuv3_mark(struct gen *g, uint64_t address);
/* A DMA of a device, and the marks that show where it went. */
void gen_smmuv3_dma(struct gen *g, unsigned int device);

/* ---- stage2.c ---- */

/* What the machine has not is not drawn. */
bool gen_smmuv3_has_stage_2(const struct gen *g);
/* What a table of stage 2 is like, and what it maps at the start. */
void gen_smmuv3_stage_2_table(struct gen *g, unsigned int table);
void gen_smmuv3_stage_2_start(struct gen *g, unsigned int table);
/* An address at which such a table has, or gets, a leaf. */
uint64_t gen_smmuv3_ipa(struct gen *g, const struct gen_table *t,
                        unsigned int order);
unsigned int gen_smmuv3_stage_2_rights(struct gen *g);
/* Marks where @ipa leads to, or has led to. */
void gen_smmuv3_stage_2_marks(struct gen *g, unsigned int table, uint64_t ipa);
/* Invalidate after a change of a leaf, or NULL: of whatever. */
void gen_smmuv3_stage_2_flush(struct gen *g, const struct gen_table *t,
                              const struct gen_map *m);
/* The VMIDs that @table of stage 1 is used with: how many. */
unsigned int gen_smmuv3_vmids(const struct gen *g, unsigned int table,
                              uint16_t vmid[GEN_DEVICES]);

#endif /* HARNESS_QEMU_SMMUV3_GENERATE_H */
