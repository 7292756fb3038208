/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The physical SMMUv3 over plain memory, with a 2048-entry 4-way main TLB.  A
 * hit comes from a working set that fits; for misses TLBs and walk caches are
 * off, so that every request walks all levels, nested ones those of both
 * stages.  STE and CD caches stay on.
 */

#include <flat.h>

#include <scenario/suite.h>
#include <smmuv3/smmuv3.h>

#include <stdlib.h>

#define SID        FLAT_SOURCE
#define STRTAB     UINT64_C(0x10000)
#define CD         UINT64_C(0x11000)
#define CMDQ       UINT64_C(0x12000)
#define TABLES     UINT64_C(0x100000)
#define IOVA       FLAT_IOVA
#define HIT_PAGES  1024u
#define MISS_PAGES 4096u

/* Registers, chapter 6. */
#define CR0             0x20u
#define STRTAB_BASE     0x80u
#define STRTAB_BASE_CFG 0x88u
#define CMDQ_BASE       0x90u
#define CMDQ_PROD       0x98u
#define CMDQ_CONS       0x9cu
#define CR0_SMMUEN      1u
#define CR0_CMDQEN      8u

/* One set of tables: granule by the order of its page, start at the level
 * that 48 bits of address need. */
struct tables {
    uint64_t root;
    unsigned int order;
    bool stage2;
};

static uint64_t take_table(struct flat *flat, unsigned int order)
{
    uint64_t size = UINT64_C(0x1000) << order, table;

    table = (flat->next + size - 1) & ~(size - 1);
    flat->next = table + size;
    return table;
}

/* One page at @address, to itself: read, write, AF. */
static void map(struct flat *flat, const struct tables *t, uint64_t address)
{
    unsigned int bits = 9 + t->order, shift = 12 + t->order;
    unsigned int level = 3 - (47 - shift) / bits;
    uint64_t table = t->root;

    for ( ;; level++ )
    {
        unsigned int at = shift + bits * (3 - level);
        uint64_t index = address >> at & ((UINT64_C(1) << bits) - 1);
        uint64_t *entry = flat_word(flat, table + 8 * index);

        if ( level == 3 )
        {
            /* stage 1: AP = 01; stage 2: S2AP = 11 */
            *entry = address | 3 | 1 << 10 | (t->stage2 ? 3 << 6 : 1 << 6);
            return;
        }
        if ( !*entry )
            *entry = take_table(flat, t->order) | 3;
        table = *entry & ~UINT64_C(0xfff);
    }
}

/* Every page of the tables, by which stage 1 is read. */
static void map_tables(struct flat *flat, const struct tables *stage2)
{
    map(flat, stage2, CD);
    for ( uint64_t page = TABLES; page < TABLES + 0x400000; page += 0x1000 )
        map(flat, stage2, page);
}

static void write_ste(struct flat *flat, const struct tables *stage2)
{
    uint64_t *ste = flat_word(flat, STRTAB + 64 * SID);

    /* V, Config stage 1, or both; S1ContextPtr */
    ste[0] = CD | 1 | (stage2 ? 7 : 5) << 1;
    ste[1] = 0;
    /* S2VMID 1; S2T0SZ 16, S2SL0 2, S2PS 48 bits, S2AA64, S2AFFD, S2R */
    ste[2] = !stage2 ? 1 :
                       1 | UINT64_C(16) << 32 | UINT64_C(2) << 38 |
                           UINT64_C(5) << 48 | UINT64_C(1) << 51 |
                           UINT64_C(1) << 53 | UINT64_C(1) << 58;
    ste[3] = stage2 ? stage2->root : 0;
}

static void write_cd(struct flat *flat, const struct tables *stage1)
{
    uint64_t *cd = flat_word(flat, CD);

    /* T0SZ 16, TG0, EPD1, V, IPS 48 bits, AA64, R, A, ASID 1 */
    cd[0] = 16 | (stage1->order ? 1 << 6 : 0) | 1 << 30 | UINT64_C(1) << 31 |
            UINT64_C(5) << 32 | UINT64_C(1) << 41 | UINT64_C(1) << 45 |
            UINT64_C(1) << 46 | UINT64_C(1) << 48;
    cd[1] = stage1->root;
}

static void enable(struct smmuv3 *smmu)
{
    smmuv3_mmio_write(smmu, STRTAB_BASE, 8, STRTAB);
    smmuv3_mmio_write(smmu, STRTAB_BASE_CFG, 4, 5);
    smmuv3_mmio_write(smmu, CMDQ_BASE, 8, CMDQ | 8); /* one page */
    smmuv3_mmio_write(smmu, CR0, 4, CR0_CMDQEN);
    smmuv3_mmio_write(smmu, CR0, 4, CR0_CMDQEN | CR0_SMMUEN);
}

static struct smmuv3 *create(const struct port *port,
                             const struct bench *bench, void **state)
{
    struct smmuv3_config config;

    smmuv3_config_default(&config);
    config.main_tlb = (struct cache_config) { .entries = 2048, .ways = 4 };
    if ( !bench->hit )
    {
        bench_cache_off(&config.micro_tlb);
        bench_cache_off(&config.main_tlb);
        bench_cache_off(&config.walk_cache[0]);
        bench_cache_off(&config.walk_cache[1]);
    }
    if ( smmuv3_config_check(&config) ||
         posix_memalign(state, 64, smmuv3_state_size(&config)) )
        return NULL;
    return smmuv3_init(*state, &config, port);
}

static bool translate(void *unit, uint64_t page, unsigned int order)
{
    const struct request request = { .source = SID,
                                     .pasid = REQUEST_NO_PASID,
                                     .address = IOVA + (page << (12 + order)),
                                     .size = 8 };
    struct response response;

    smmuv3_translate(unit, &request, &response);
    return response.status == RESPONSE_OK;
}

struct smmuv3 *flat_smmuv3(struct flat *flat, const struct port *port,
                           const struct bench *bench, unsigned int pages,
                           void **state)
{
    struct tables stage1 = { .order = bench->order },
                  stage2 = { .stage2 = true };
    struct smmuv3 *smmu = create(port, bench, state);

    flat->next = TABLES;
    stage1.root = take_table(flat, stage1.order);
    stage2.root = take_table(flat, 0);
    for ( unsigned int i = 0; i < pages; i++ )
    {
        uint64_t address = IOVA + ((uint64_t)i << (12 + bench->order));

        map(flat, &stage1, address);
        if ( bench->nested )
            map(flat, &stage2, address);
    }
    if ( bench->nested )
        map_tables(flat, &stage2);
    write_ste(flat, bench->nested ? &stage2 : NULL);
    write_cd(flat, &stage1);
    if ( smmu )
        enable(smmu);
    return smmu;
}

double bench_smmuv3(const struct bench *bench, double seconds)
{
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port port = { &flat_ops, &flat };
    struct bench_batch batch = {
        .translate = translate,
        .pages = bench->hit ? HIT_PAGES : MISS_PAGES,
        .order = bench->order,
    };
    void *memory = NULL;
    double rate;

    if ( !flat.memory )
        return -1;
    batch.unit = flat_smmuv3(&flat, &port, bench, batch.pages, &memory);
    rate = batch.unit ? bench_translations(&batch, seconds) : -1;
    free(memory);
    free(flat.memory);
    return rate;
}

/* ---- commands ---- */

#define COMMANDS 64u /* as drivers batch them: the last one is a SYNC */

/* CMD_TLBI_NH_VA of the n-th page, VMID 1, ASID 1, Leaf; CMD_SYNC last. */
static void write_commands(struct flat *flat)
{
    for ( unsigned int i = 0; i < COMMANDS; i++ )
    {
        uint64_t *command = flat_word(flat, CMDQ + 16 * i);
        bool sync = i == COMMANDS - 1;

        command[0] = sync ? 0x46 :
                            0x12 | UINT64_C(1) << 32 | UINT64_C(1) << 48;
        command[1] = sync ? 0 : (IOVA + ((uint64_t)i << 12)) | 1;
    }
}

/* The queue has 256 entries: the same 64 four times, one batch after another.
 */
static void copy_commands(struct flat *flat)
{
    for ( unsigned int i = 2 * COMMANDS; i < 8 * COMMANDS; i++ )
        flat_word(flat, CMDQ)[i] = flat_word(flat, CMDQ)[i - 2 * COMMANDS];
}

double bench_smmuv3_tlbi(const struct bench *bench, double seconds)
{
    const struct bench hits = { .hit = true, .order = bench->order };
    struct flat flat = { .memory = calloc(1, FLAT_MEMORY) };
    const struct port port = { &flat_ops, &flat };
    double start, spent = -1;
    void *memory = NULL;
    struct smmuv3 *smmu;
    uint64_t done = 0;
    bool ok;

    if ( !flat.memory )
        return -1;
    smmu = flat_smmuv3(&flat, &port, &hits, HIT_PAGES, &memory);
    write_commands(&flat);
    copy_commands(&flat);
    ok = smmu;
    start = cpu_seconds();
    while ( ok && (spent = cpu_seconds() - start) < seconds )
        for ( unsigned int i = 0; ok && i < 1024; i++ )
        {
            /* The page that the batch drops first is there to be dropped. */
            ok = translate(smmu, 0, bench->order);
            done += COMMANDS;
            smmuv3_mmio_write(smmu, CMDQ_PROD, 4, done & 0x1ff);
            ok &= smmuv3_mmio_read(smmu, CMDQ_CONS, 4) == (done & 0x1ff);
        }
    free(memory);
    free(flat.memory);
    return ok ? (double)done / spent : -1;
}
