/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that draw VT-d programs. */
#ifndef HARNESS_QEMU_VTD_GENERATE_H
#define HARNESS_QEMU_VTD_GENERATE_H

#include <qemu/draw.h>
#include <qemu/vtd/vtd.h>

#define GEN_TABLES  3
#define GEN_MAPS    12
#define GEN_DEVICES QEMU_MAX_DEVICES

/* A leaf that was written; where it led before. */
struct gen_map {
    uint64_t iova, target, old_target;
    unsigned int order; /* 0, 9, 18 */
    unsigned int rights;
    bool live;
    bool warm; /* perhaps in an IOTLB */
};

struct gen_table {
    unsigned int levels;
    uint16_t did;
    struct gen_map map[GEN_MAPS];
    unsigned int maps;
};

enum gen_context { GEN_TABLE, GEN_PASS_THROUGH, GEN_BROKEN };

struct gen_device {
    enum gen_context kind;
    unsigned int table;
    uint16_t did;
};

struct gen {
    struct program *program;
    struct rng *rng;
    const struct diff_target *target;
    struct gen_table table[GEN_TABLES];
    unsigned int tables;
    struct gen_device device[GEN_DEVICES];
    unsigned int devices;
    bool queue;          /* in use, else registers */
    unsigned int offset; /* in a page, of the next DMA */
    unsigned int status; /* word of the next wait */
    uint32_t mark;       /* the next word of memory */
    bool faults;         /* a DMA may have left a record */
};

/* ---- mappings.c ---- */

/* Both: the IOVA at which something changed, or 0. */
uint64_t gen_map(struct gen *g, unsigned int table);
/* Change one that is there: unmap, remap, rights, reserved bits, a table. */
uint64_t gen_change_map(struct gen *g, unsigned int table);
/* A DMA of a device, and the marks that show where it went. */
void gen_dma(struct gen *g, unsigned int device);

/* ---- invalidate.c ---- */

void gen_sync(struct gen *g);
/* All that a change of a table, or of a device's context, calls for. */
void gen_flush_table(struct gen *g, unsigned int table, uint64_t iova);
void gen_flush_context(struct gen *g, unsigned int device, uint16_t old_did);
void gen_flush_all(struct gen *g);
/* Any command, whether it helps or not. */
void gen_random_flush(struct gen *g);
/* Waits, interrupts, bursts. */
void gen_queue_traffic(struct gen *g);

#endif /* HARNESS_QEMU_VTD_GENERATE_H */
