/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"

#include <stdio.h>

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
    enum oracle_memory type;

    (void)hardware;
    *outcome = (struct oracle_outcome) { .ok = false };
    if ( (dma->iova & ~UINT64_C(0xfff)) == w->exception &&
         (w->exception_of == NONE || w->exception_of == dma->source) )
    {
        *outcome = w->instead;
        return;
    }
    oracle_walk(w->oracle, dma, &walk);
    if ( !walk.ok )
        return;
    type = on_p2m(w, walk.gpa, &hpa);
    if ( type == ORACLE_RAM )
        *outcome = (struct oracle_outcome) {
            .ok = true, .hpa = hpa, .mask = 0xfff, .rights = walk.rights
        };
    if ( type == ORACLE_ROM && !dma->write )
        *outcome = (struct oracle_outcome) {
            .ok = true, .hpa = hpa, .mask = 0xfff, .rights = walk.rights & ~W
        };
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

void world_create(struct world *w, const struct oracle_config *config)
{
    const char *reason = NULL;

    memset(w, 0, sizeof(*w));
    w->exception = UINT64_MAX;
    w->exception_of = NONE;
    w->memory = calloc(MEMORY_BYTES / 8, 8);
    w->reg = calloc(REGISTER_BYTES, 1);
    assert_non_null(w->memory);
    assert_non_null(w->reg);
    for ( uint64_t i = 0; i < MEMORY_BYTES / 4096; i++ )
    {
        w->type[i] = ORACLE_RAM;
        w->hpa[i] = HPA_OFFSET + (i << 12);
    }
    w->config = *config;
    w->config.world = (struct oracle_world) {
        .context = w,
        .read64 = on_read,
        .p2m = on_p2m,
        .peek = on_peek,
        .effective = config->virtual_unit ? on_effective : NULL,
        .report = on_report,
    };
    w->oracle = oracle_create(&w->config, &reason);
    assert_null(reason);
    assert_non_null(w->oracle);
}

void world_end(struct world *w)
{
    oracle_destroy(w->oracle);
    free(w->memory);
    free(w->reg);
}

/* ---- the software ---- */

void store(struct world *w, uint64_t gpa, uint64_t value)
{
    uint64_t old = w->memory[gpa / 8];

    w->memory[gpa / 8] = value;
    oracle_store(w->oracle, gpa, old, value);
}

uint64_t load(const struct world *w, uint64_t gpa)
{
    return w->memory[gpa / 8];
}

void build_tables(struct world *w, uint64_t tables, uint64_t attributes)
{
    store(w, tables + 8, (tables + 0x1000) | attributes);
    store(w, tables + 0x1000, (tables + 0x2000) | attributes);
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
    if ( w->follow && !w->deaf )
        w->follow(w, offset, value);
    oracle_register_written(w->oracle, offset, size, value);
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

/* ---- devices ---- */

struct oracle_outcome to(uint64_t gpa, unsigned int rights)
{
    return (struct oracle_outcome) {
        .ok = true, .hpa = HPA_OFFSET + gpa, .mask = 0, .rights = rights
    };
}

struct oracle_dma dma_of(uint32_t source, uint64_t iova, bool write)
{
    return (struct oracle_dma) { .source = source,
                                 .pasid = NONE,
                                 .iova = iova,
                                 .size = 4,
                                 .write = write,
                                 .read = !write };
}

unsigned int begin(struct world *w, uint32_t source, uint64_t iova, bool write)
{
    const struct oracle_dma dma = dma_of(source, iova, write);

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

bool legal_dma(struct world *w, const struct oracle_dma *dma,
               struct oracle_outcome outcome)
{
    return end_legal(w, oracle_dma_begin(w->oracle, dma), outcome);
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
