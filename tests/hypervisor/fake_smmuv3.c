/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_smmuv3.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The unit's layout is written down again here: the tests must not believe
 * the header that is under test. */
#define R_CR0             0x20
#define R_CR0ACK          0x24
#define R_GBPA            0x44
#define R_IRQ_CTRL        0x50
#define R_IRQ_CTRLACK     0x54
#define R_GERROR          0x60
#define R_GERRORN         0x64
#define R_STRTAB_BASE     0x80
#define R_STRTAB_BASE_CFG 0x88
#define R_CMDQ_BASE       0x90
#define R_CMDQ_PROD       0x98
#define R_CMDQ_CONS       0x9c
#define R_EVENTQ_BASE     0xa0
#define R_EVENTQ_PROD     0x100a8
#define R_EVENTQ_CONS     0x100ac

#define OP_SYNC 0x46

const uint32_t fake_smmuv3_idr[6] = {
    /* S2P, S1P, AArch64, COHACC, ASID16, VMID16, CD2L, LE, terminate only,
     * two levels */
    0x1 | 0x2 | 2 << 2 | 1 << 4 | 1 << 12 | 1 << 18 | 1 << 19 | 2 << 21 |
        1 << 24 | 1 << 27,
    /* SIDSIZE 16, SSIDSIZE 8, EVENTQS 7, CMDQS 8 */
    16 | 8 << 6 | 7 << 16 | 8 << 21,
    0,
    /* RIL, BBML 2 */
    1 << 10 | 2 << 11,
    0,
    /* 48 bits, 4 KiB, 16 KiB, 64 KiB */
    5 | 7 << 4,
};

static uint64_t reg64(const struct fake_smmuv3 *s, unsigned int offset)
{
    return s->reg[offset / 4] | (uint64_t)s->reg[offset / 4 + 1] << 32;
}

static uint64_t *word_at(struct fake_smmuv3 *s, uint64_t address)
{
    uint64_t mfn = address >> 12;

    assert(mfn < FAKE_TABLES && s->host->table[mfn]);
    return &s->host->table[mfn][s->host->incoherent][address % 4096 / 8];
}

static void trace(struct fake_smmuv3 *s, bool command, uint64_t lo,
                  uint64_t hi)
{
    assert(s->traced < FAKE_SMMUV3_LOG);
    s->trace[s->traced++] = (struct fake_smmuv3_trace) { command, lo, hi };
}

/* ---- commands ----------------------------------------------------------- */

static void fail(struct fake_smmuv3 *s, unsigned int code)
{
    uint32_t *cons = &s->reg[R_CMDQ_CONS / 4];

    *cons = (*cons & 0xfffff) | code << 24;
    s->reg[R_GERROR / 4] ^= 1;
}

static bool is_known(unsigned int op)
{
    static const uint8_t known[] = { 0x03, 0x04, 0x05,   0x06, 0x10,
                                     0x11, 0x12, 0x13,   0x20, 0x28,
                                     0x2a, 0x30, OP_SYNC };

    return memchr(known, (int)op, sizeof(known));
}

static bool execute(struct fake_smmuv3 *s, uint64_t lo, uint64_t hi)
{
    unsigned int op = lo & 0xff;

    if ( s->error || op == s->reject || !is_known(op) )
    {
        fail(s, s->error ? s->error : 1);
        s->error = 0;
        return false;
    }
    if ( op == OP_SYNC && s->hold )
        return false;
    trace(s, true, lo, hi);
    return true;
}

static void consume(struct fake_smmuv3 *s)
{
    uint64_t base = reg64(s, R_CMDQ_BASE);
    uint32_t entries = 1u << (base & 31), *cons = &s->reg[R_CMDQ_CONS / 4];
    uint32_t pointers = 2 * entries - 1;

    while ( (s->reg[R_CR0ACK / 4] & 8) &&
            !((s->reg[R_GERROR / 4] ^ s->reg[R_GERRORN / 4]) & 1) &&
            ((*cons ^ s->reg[R_CMDQ_PROD / 4]) & pointers) )
    {
        uint64_t at = (base & UINT64_C(0xffffffffffff) & ~UINT64_C(31)) +
                      (*cons & (entries - 1)) * 16;
        uint64_t lo = *word_at(s, at), hi = *word_at(s, at + 8);

        if ( !execute(s, lo, hi) )
            return;
        *cons = (*cons + 1) & pointers;
        if ( (lo & 0xff) == OP_SYNC && s->synced )
            s->synced(s->context);
    }
}

void fake_smmuv3_answer(struct fake_smmuv3 *s)
{
    s->hold = false;
    consume(s);
}

/* ---- registers ---------------------------------------------------------- */

void fake_smmuv3_write(struct fake_smmuv3 *s, unsigned int offset,
                       uint32_t value)
{
    assert(offset < sizeof(s->reg) && offset % 4 == 0);
    trace(s, false, offset, value);
    if ( offset == R_GBPA && !s->deaf )
        value &= ~(1u << 31);
    s->reg[offset / 4] = value;
    if ( offset == R_CR0 && !s->deaf )
        s->reg[R_CR0ACK / 4] = value;
    if ( offset == R_IRQ_CTRL && !s->deaf )
        s->reg[R_IRQ_CTRLACK / 4] = value;
    consume(s);
}

void fake_smmuv3_write64(struct fake_smmuv3 *s, unsigned int offset,
                         uint64_t value)
{
    trace(s, false, offset, value);
    s->reg[offset / 4] = (uint32_t)value;
    s->reg[offset / 4 + 1] = (uint32_t)(value >> 32);
}

uint32_t fake_smmuv3_read(const struct fake_smmuv3 *s, unsigned int offset)
{
    assert(offset < sizeof(s->reg) && offset % 4 == 0);
    return s->reg[offset / 4];
}

void fake_smmuv3_gerror(struct fake_smmuv3 *s, uint32_t bit)
{
    s->reg[R_GERROR / 4] ^= bit;
}

void fake_smmuv3_event(struct fake_smmuv3 *s, const uint64_t event[4])
{
    uint64_t base = reg64(s, R_EVENTQ_BASE);
    uint32_t entries = 1u << (base & 31);
    uint32_t *prod = &s->reg[R_EVENTQ_PROD / 4];
    uint32_t differ = *prod ^ s->reg[R_EVENTQ_CONS / 4];
    uint64_t at;

    if ( !(s->reg[R_CR0ACK / 4] & 4) )
        return;
    if ( (differ & (2 * entries - 1)) == entries )
    {
        if ( !(differ >> 31) )
            *prod ^= 1u << 31;
        return;
    }
    at = (base & UINT64_C(0xffffffffffff) & ~UINT64_C(31)) +
         (*prod & (entries - 1)) * 32;
    /* The processor reads this past its caches. */
    memcpy((char *)s->host->table[at >> 12][0] + at % 4096, event, 32);
    *prod = (*prod & 1u << 31) | ((*prod + 1) & (2 * entries - 1));
}

/* ---- walks -------------------------------------------------------------- */

uint64_t fake_smmuv3_ste_address(struct fake_smmuv3 *s, uint32_t sid)
{
    uint64_t base = reg64(s, R_STRTAB_BASE) & UINT64_C(0xffffffffffffc0);
    uint32_t cfg = s->reg[R_STRTAB_BASE_CFG / 4];
    unsigned int split = cfg >> 6 & 31;
    uint64_t l1std;

    if ( (cfg & 63) < 32 && sid >> (cfg & 63) )
        return 0;
    if ( !(cfg >> 16 & 3) )
        return base + (uint64_t)sid * 64;
    l1std = *word_at(s, base + (uint64_t)(sid >> split) * 8);
    if ( !(l1std & 31) )
        return 0;
    assert((l1std & 31) == split + 1);
    assert(!(l1std & 0xffffffffffffc0 & ((64u << split) - 1)));
    return (l1std & UINT64_C(0xffffffffffffc0)) +
           (sid & ((1u << split) - 1)) * 64;
}

bool fake_smmuv3_ste(struct fake_smmuv3 *s, uint32_t sid, uint64_t ste[8])
{
    uint64_t address = fake_smmuv3_ste_address(s, sid);

    if ( !address )
        return false;
    memcpy(ste, word_at(s, address), 64);
    return true;
}

bool fake_smmuv3_stage2(struct fake_smmuv3 *s, const uint64_t ste[8],
                        uint64_t ipa, bool write, uint64_t *hpa)
{
    unsigned int size = 64 - (unsigned int)(ste[2] >> 32 & 63);
    unsigned int level = 2 - (unsigned int)(ste[2] >> 38 & 3);
    uint64_t table = ste[3] & UINT64_C(0xfffffffffffff0), entry;

    assert((ste[2] >> 46 & 3) == 0 && (ste[2] >> 51 & 1) == 1);
    /* No concatenated tables: the start level resolves what is left. */
    assert(size <= 39 + 9 * (1 - level) && size > 39 - 9 * level);
    if ( size < 64 && ipa >> size )
        return false;
    for ( ;; level++ )
    {
        unsigned int shift = 12 + 9 * (3 - level);
        uint64_t mask = (UINT64_C(1) << shift) - 1;

        entry = *word_at(s, table + (ipa >> shift) % 512 * 8);
        if ( !(entry & 1) || (level == 3 && !(entry & 2)) )
            return false;
        table = entry & UINT64_C(0xfffffffff000);
        if ( level < 3 && (entry & 2) )
            continue;
        assert(level > 0 && !(table & mask & ~UINT64_C(0xfff)));
        assert(entry & 1 << 10); /* AF */
        *hpa = (table & ~mask) | (ipa & mask);
        return entry >> (write ? 7 : 6) & 1;
    }
}

bool fake_smmuv3_dma(struct fake_smmuv3 *s, uint32_t sid, uint64_t address,
                     bool write, uint64_t *hpa)
{
    uint64_t ste[8], where = 0;
    bool ok = fake_smmuv3_ste(s, sid, ste) && (ste[0] & 1) &&
              (ste[0] >> 1 & 7) == 6 &&
              fake_smmuv3_stage2(s, ste, address, write, &where);

    if ( hpa )
        *hpa = where;
    return ok;
}

/* ---- making ------------------------------------------------------------- */

static struct fake_smmuv3 *make(struct host *host, const uint32_t idr[6])
{
    struct fake_smmuv3 *s = calloc(1, sizeof(*s));

    s->host = host;
    memcpy(s->reg, idr, 6 * sizeof(*idr));
    return s;
}

struct host *fake_smmuv3_host(bool contiguous, const uint32_t idr[6])
{
    struct host *host = fake_host(contiguous, 0, 0);

    host->unit.smmu = make(host, idr);
    host->incoherent = !(idr[0] & 1 << 4);
    return host;
}

void fake_smmuv3_second(struct host *host, const uint32_t idr[6])
{
    host->units = 2;
    host->other.smmu = make(host, idr);
}
