/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the worlds of all architectures have in common: a world of arrays for
 * the oracle's tests: memory, a p2m, registers that the test sets as the unit
 * would, and the findings.
 */
#ifndef TESTS_ORACLE_COMMON_H
#define TESTS_ORACLE_COMMON_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <oracle/oracle.h>

#define MEMORY_BYTES   UINT64_C(0x800000)
#define REGISTER_BYTES 0x20000u
#define HPA_OFFSET     UINT64_C(0x700000000)
#define FINDINGS_MAX   64
#define BIT(n)         (UINT64_C(1) << (n))

#define R    1u
#define W    2u
#define RW   3u
#define NONE UINT32_MAX

struct world {
    struct oracle *oracle;
    struct oracle_config config;
    uint64_t *memory;
    uint8_t *reg;
    enum oracle_memory type[MEMORY_BYTES / 4096];
    uint64_t hpa[MEMORY_BYTES / 4096];
    struct {
        const char *property, *rule;
        char message[400];
    } finding[FINDINGS_MAX];
    unsigned int findings;
    uint32_t tail;  /* of the queue of commands, as the register has it */
    uint32_t event; /* SMMUv3: EVENTQ_PROD */
    /* What the unit does at once when a register was written; NULL: nothing.
     */
    void (*follow)(struct world *w, uint32_t offset, uint64_t value);
    bool deaf; /* follow() is left to the test */
    /* What P3 and P5 meet: what the tables say, but for one page. */
    uint64_t exception;
    uint32_t exception_of; /* this device's; NONE: every device's */
    struct oracle_outcome instead;
};

/* All of the memory is RAM; @config lacks the world's callbacks.  A virtual
 * unit's effective translations are those of above. */
void world_create(struct world *w, const struct oracle_config *config);
void world_end(struct world *w);

/* ---- the software ---- */
void store(struct world *w, uint64_t gpa, uint64_t value);
uint64_t load(const struct world *w, uint64_t gpa);
/* Tables in a row, @attributes in the pointers: the entry for IOVA's GiB, and
 * the first below it. */
void build_tables(struct world *w, uint64_t tables, uint64_t attributes);
/* In the last of them. */
void map_page(struct world *w, uint64_t tables, uint64_t iova, uint64_t pte);
void write_reg(struct world *w, uint32_t offset, unsigned int size,
               uint64_t value);

/* ---- the unit ---- */
void set_reg(struct world *w, uint32_t offset, unsigned int size,
             uint64_t value);
uint64_t get_reg(struct world *w, uint32_t offset, unsigned int size);

/* ---- devices ---- */
struct oracle_outcome to(uint64_t gpa, unsigned int rights); /* by the p2m */
extern const struct oracle_outcome blocked;
struct oracle_dma dma_of(uint32_t source, uint64_t iova, bool write);
unsigned int begin(struct world *w, uint32_t source, uint64_t iova,
                   bool write);
/* The oracle has nothing against this outcome. */
bool legal(struct world *w, uint32_t source, uint64_t iova, bool write,
           struct oracle_outcome outcome);
bool legal_dma(struct world *w, const struct oracle_dma *dma,
               struct oracle_outcome outcome);
bool end_legal(struct world *w, unsigned int id,
               struct oracle_outcome outcome);
/* The last finding is this one. */
bool found(const struct world *w, const char *property, const char *rule);
/* One of the findings is. */
bool reported(const struct world *w, const char *property, const char *rule);

#endif /* TESTS_ORACLE_COMMON_H */
