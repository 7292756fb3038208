/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <stdio.h>
#include <string.h>

const struct oracle_outcome blocked = { .ok = false };

/* ---- callbacks ---- */

static bool on_read(void *context, uint64_t gpa, uint64_t *value)
{
    struct world *w = context;

    if ( gpa >= MEMORY_BYTES || w->type[gpa >> 12] == ORACLE_HOLE )
        return false;
    *value = w->memory[gpa / 8];
    return true;
}

static enum oracle_memory on_p2m(void *context, uint64_t gpa, uint64_t *hpa)
{
    struct world *w = context;

    if ( gpa >= MEMORY_BYTES )
        return ORACLE_HOLE;
    *hpa = w->hpa[gpa >> 12] | (gpa & 0xfff);
    return w->type[gpa >> 12];
}

static uint64_t on_peek(void *context, uint32_t offset, unsigned int size)
{
    return get_reg(context, offset, size);
}

static void on_effective(void *context, const struct oracle_dma *dma,
                         bool hardware, struct oracle_outcome *outcome)
{
    struct world *w = context;
    struct oracle_walk walk;
    uint64_t hpa = 0;

    if ( w->effective )
    {
        w->effective(w, dma, hardware, outcome);
        return;
    }
    oracle_walk(w->oracle, dma, &walk);
    *outcome = (struct oracle_outcome) { .ok = false };
    if ( walk.ok && on_p2m(w, walk.gpa, &hpa) == ORACLE_RAM )
        *outcome = (struct oracle_outcome) { true, hpa, 0xfff, walk.rights };
}

static void on_report(void *context, const struct oracle_finding *finding)
{
    struct world *w = context;
    unsigned int i = w->findings < FINDINGS_MAX ? w->findings++ : 0;

    w->finding[i].property = finding->property;
    w->finding[i].rule = finding->rule;
    snprintf(w->finding[i].message, sizeof(w->finding[i].message), "%s",
             finding->message);
}

/* ---- life ---- */

static void build_tables(struct world *w, uint64_t tables)
{
    store(w, tables + 8, (tables + 0x1000) | RW);
    store(w, tables + 0x1000, (tables + 0x2000) | RW);
}

static void switch_on(struct world *w)
{
    write_reg(w, 0x20, 8, ROOT);
    gcmd(w, 0x40000000);
    write_reg(w, 0x90, 8, QUEUE);
    gcmd(w, 0x04000000);
    gcmd(w, 0x84000000);
}

void world_start(struct world *w, const struct options *options)
{
    static const struct options none;
    const struct options *o = options ? options : &none;
    const char *reason;

    memset(w, 0, sizeof(*w));
    w->exception = UINT64_MAX;
    w->memory = calloc(MEMORY_BYTES / 8, 8);
    assert_non_null(w->memory);
    for ( uint64_t i = 0; i < MEMORY_BYTES / 4096; i++ )
    {
        w->type[i] = ORACLE_RAM;
        w->hpa[i] = HPA_OFFSET + (i << 12);
    }
    w->type[HOLE >> 12] = ORACLE_HOLE;
    w->type[ROM >> 12] = ORACLE_ROM;
    w->config = (struct oracle_config) {
        .arch = &oracle_vtd,
        .id = { (CAP_BASE | o->cap) & ~o->cap_clear, ECAP_BASE | o->ecap,
                o->version ? o->version : 0x10 },
        .haw = 48,
        .virtual_unit = o->virtual_unit,
        .options = (o->collapses ? ORACLE_VTD_COLLAPSES_FAULTS : 0) |
                   (o->replay ? ORACLE_VTD_REPLAY : 0),
        .world = { w, on_read, on_p2m, on_peek,
                   o->virtual_unit ? on_effective : NULL, on_report }
    };
    w->oracle = oracle_create(&w->config, &reason);
    assert_non_null(w->oracle);
    set_reg(w, 0x00, 4, w->config.id[2]);
    set_reg(w, 0x08, 8, w->config.id[0]);
    set_reg(w, 0x10, 8, w->config.id[1]);
    set_reg(w, 0x38, 4, 0x80000000);
    set_reg(w, 0xa0, 4, 0x80000000);
    oracle_device_add(w->oracle, DEV_A);
    oracle_device_add(w->oracle, DEV_B);
    store(w, ROOT, CONTEXTS | 1);
    build_tables(w, TABLES_A);
    build_tables(w, TABLES_B);
    set_context(w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 1));
    set_context(w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 2));
    map_page(w, TABLES_A, IOVA, DATA | RW);
    if ( !o->off )
        switch_on(w);
}

void world_end(struct world *w)
{
    oracle_destroy(w->oracle);
    free(w->memory);
}

/* ---- the software ---- */

void store(struct world *w, uint64_t gpa, uint64_t value)
{
    uint64_t old = w->memory[gpa / 8];

    w->memory[gpa / 8] = value;
    oracle_store(w->oracle, gpa, old, value);
}

void set_context(struct world *w, uint64_t table, uint32_t source,
                 uint64_t low, uint64_t high)
{
    store(w, table + 16 * source + 8, high);
    store(w, table + 16 * source, low);
}

uint64_t context_high(unsigned int aw, uint16_t did)
{
    return aw | (uint64_t)did << 8;
}

void map_page(struct world *w, uint64_t tables, uint64_t iova, uint64_t pte)
{
    store(w, tables + 0x2000 + 8 * (iova >> 12 & 0x1ff), pte);
}

void write_reg(struct world *w, uint32_t offset, unsigned int size,
               uint64_t value)
{
    oracle_register_write(w->oracle, offset, size, value);
    set_reg(w, offset, size, value);
    oracle_register_written(w->oracle, offset, size, value);
}

void gcmd(struct world *w, uint32_t value)
{
    uint32_t gsts = (uint32_t)get_reg(w, 0x1c, 4);

    oracle_register_write(w->oracle, 0x18, 4, value);
    /* TE and QIE follow, RTPS stays once set. */
    set_reg(w, 0x1c, 4, (gsts & 0x40000000) | (value & 0xc4000000));
    oracle_register_written(w->oracle, 0x18, 4, value);
}

void submit(struct world *w, uint64_t low, uint64_t high)
{
    store(w, QUEUE + w->tail, low);
    store(w, QUEUE + w->tail + 8, high);
    w->tail = (w->tail + 16) & 0xfff;
}

void tail(struct world *w)
{
    write_reg(w, 0x88, 8, w->tail);
}

/* ---- the unit ---- */

void set_reg(struct world *w, uint32_t offset, unsigned int size,
             uint64_t value)
{
    memcpy(w->reg + offset, &value, size);
}

uint64_t get_reg(struct world *w, uint32_t offset, unsigned int size)
{
    uint64_t value = 0;

    memcpy(&value, w->reg + offset, size);
    return value;
}

void status(struct world *w, uint64_t gpa, uint32_t value)
{
    oracle_unit_store(w->oracle, gpa, &value, sizeof(value));
}

void follow_queue(struct world *w)
{
    set_reg(w, 0x80, 8, w->tail);
}

void invalidate(struct world *w, uint64_t low, uint64_t high)
{
    submit(w, low, high);
    submit(w, WAIT(STATUS, 2));
    tail(w);
    follow_queue(w);
    status(w, STATUS, 2);
}

/* ---- devices ---- */

struct oracle_outcome to(uint64_t gpa, unsigned int rights)
{
    return (struct oracle_outcome) { true, HPA_OFFSET + gpa, 0, rights };
}

unsigned int begin(struct world *w, uint32_t source, uint64_t iova, bool write)
{
    const struct oracle_dma dma = { .source = source,
                                    .pasid = NONE,
                                    .iova = iova,
                                    .size = 4,
                                    .write = write,
                                    .read = !write };

    return oracle_dma_begin(w->oracle, &dma);
}

bool end_legal(struct world *w, unsigned int id, struct oracle_outcome outcome)
{
    unsigned int before = w->findings;

    oracle_dma_end(w->oracle, id, &outcome);
    return w->findings == before;
}

bool legal(struct world *w, uint32_t source, uint64_t iova, bool write,
           struct oracle_outcome outcome)
{
    return end_legal(w, begin(w, source, iova, write), outcome);
}

bool found(const struct world *w, const char *property, const char *rule)
{
    return w->findings &&
           !strcmp(w->finding[w->findings - 1].property, property) &&
           !strcmp(w->finding[w->findings - 1].rule, rule);
}

bool reported(const struct world *w, const char *property, const char *rule)
{
    for ( unsigned int i = 0; i < w->findings; i++ )
        if ( !strcmp(w->finding[i].property, property) &&
             !strcmp(w->finding[i].rule, rule) )
            return true;
    return false;
}
