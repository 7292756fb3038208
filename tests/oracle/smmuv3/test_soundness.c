/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random programs on a small caching unit: one that does what the architecture
 * allows is never accused, one with a defect always is.
 *
 * Two streams; A is at stage 1, or nested; B at stage 1, or at stage 2 alone
 * under the VMID of A.
 */
#include "program.h"
#include "world.h"

static struct world w;

enum defect {
    NO_DEFECT,
    ASID_IGNORED,
    GLOBAL_BY_ASID, /* NH_ASID removes global entries: legal */
    GLOBAL_KEPT,    /* NH_VA of another ASID leaves them */
    LEAF_TAKES_ALL, /* Leaf removes walk caches: legal */
    TABLES_KEPT,    /* NH_VA leaves walk caches */
    RANGE_SHORT,    /* of NUM + 1 pages the last is forgotten */
    CD_KEPT,        /* CFGI_CD does nothing */
    CD_KEPT_BY_STE, /* CFGI_STE leaves the CDs */
    STE_KEPT,
    CFGI_TAKES_TLB, /* legal */
    ABSENT_CACHED,
    ALL_REMOVED,     /* by every TLBI: legal */
    COMBINED_BY_IPA, /* S2_IPA removes combined entries: legal */
    IPA_KEPT,        /* S2_IPA does nothing */
    COMBINED_KEPT,   /* NH_ALL leaves combined entries */
    DEFECTS
};

enum kind { TLB1, WALK1, TLB2, WALK2 };

struct entry {
    bool used, global, absent;
    enum kind kind;
    unsigned int asid, level, rights;
    uint64_t first, last, address;
};

static struct unit {
    enum defect defect;
    bool nested;
    struct {
        bool used;
        uint64_t word[4];
    } ste[2], cd[2];
    struct entry entry[64];
} unit;

/* ---- the unit: lookups ---- */

static const struct entry *lookup(enum kind kind, unsigned int asid,
                                  uint64_t address, unsigned int level)
{
    for ( unsigned int i = 0; i < 64; i++ )
    {
        const struct entry *e = &unit.entry[i];

        if ( e->used && e->kind == kind && e->first <= address &&
             e->last >= address && (e->level == level || !level) &&
             (kind >= TLB2 || e->asid == asid || e->global ||
              unit.defect == ASID_IGNORED) &&
             random_below(4) )
            return e;
    }
    return NULL;
}

static void fill(const struct entry *entry)
{
    if ( random_below(4) )
        unit.entry[random_below(64)] = *entry;
}

static unsigned int shift_of(unsigned int level)
{
    return 12 + 9 * (3 - level);
}

static struct entry entry_for(enum kind kind, unsigned int asid,
                              uint64_t address, unsigned int level)
{
    uint64_t mask = (UINT64_C(1) << shift_of(level)) - 1;

    return (struct entry) { .used = true,
                            .kind = kind,
                            .asid = asid,
                            .level = level,
                            .first = address & ~mask,
                            .last = address | mask };
}

/* Stage 2; the tables are two levels, of blocks.  False: blocked. */
static bool translate2(uint64_t ipa, bool write, uint64_t *pa,
                       unsigned int *rights)
{
    const struct entry *cached = lookup(TLB2, 0, ipa, 2);
    struct entry e = entry_for(TLB2, 0, ipa, 2);
    uint64_t table = TABLES_2 + 0x1000, pte;

    if ( cached )
        e = *cached;
    else
    {
        cached = lookup(WALK2, 0, ipa, 1);
        if ( cached )
            table = cached->address;
        else
        {
            struct entry walk = entry_for(WALK2, 0, ipa, 1);

            pte = load(&w, TABLES_2);
            if ( !(pte & 1) )
                return false;
            walk.address = table = pte & UINT64_C(0xfffffffff000);
            fill(&walk);
        }
        pte = load(&w, table + 8 * (ipa >> 21 & 0x1ff));
        e.absent = !(pte & 1);
        e.address = pte & UINT64_C(0xffffffe00000);
        e.rights = (unsigned int)(pte >> 6) & 3;
        if ( !e.absent || unit.defect == ABSENT_CACHED )
            fill(&e);
    }
    if ( e.absent )
        return false;
    *pa = e.address | (ipa & 0x1fffff);
    *rights = e.rights;
    return e.rights & (write ? W : R);
}

static bool read_descriptor(uint64_t at, uint64_t *pte)
{
    unsigned int rights;

    if ( unit.nested && !translate2(at, false, &at, &rights) )
        return false;
    *pte = load(&w, at);
    return true;
}

static unsigned int rights_of(uint64_t pte)
{
    return pte & BIT(6) ? (pte & RO ? R : RW) : 0;
}

static struct oracle_outcome answer(const struct entry *e, uint64_t iova,
                                    bool write)
{
    if ( e->absent || !(e->rights & (write ? W : R)) )
        return blocked;
    return to(e->address | (iova & (e->last - e->first)), e->rights);
}

static struct oracle_outcome leaf(struct entry *e, uint64_t pte, uint64_t iova,
                                  bool write)
{
    uint64_t mask = e->last - e->first;
    unsigned int rights;

    e->kind = TLB1;
    e->global = !(pte & NG);
    e->rights = rights_of(pte);
    e->address = pte & UINT64_C(0xfffffffff000) & ~mask;
    if ( !(e->rights & (write ? W : R)) || !unit.nested )
    {
        if ( !unit.nested )
            fill(e);
        return answer(e, iova, write);
    }
    /* Combined, as small as the smaller of both: a page of stage 1. */
    if ( !translate2(e->address | (iova & mask), write, &e->address, &rights) )
        return blocked;
    e->address &= ~mask;
    e->rights &= rights;
    fill(e);
    return answer(e, iova, write);
}

static struct oracle_outcome walk(unsigned int asid, uint64_t table,
                                  uint64_t iova, bool write)
{
    for ( unsigned int level = 1;; level++ )
    {
        const struct entry *cached = lookup(WALK1, asid, iova, level);
        struct entry e = entry_for(WALK1, asid, iova, level);
        uint64_t pte;

        if ( cached )
        {
            table = cached->address;
            continue;
        }
        if ( !read_descriptor(table + 8 * (iova >> shift_of(level) & 0x1ff),
                              &pte) )
            return blocked;
        e.absent = !(pte & 1);
        if ( e.absent )
        {
            e.kind = TLB1;
            if ( unit.defect == ABSENT_CACHED )
                fill(&e);
            return blocked;
        }
        if ( level == 3 || !(pte & 2) )
            return leaf(&e, pte, iova, write);
        e.address = table = pte & UINT64_C(0xfffffffff000);
        fill(&e);
    }
}

static void fetch(uint64_t *into, uint64_t at)
{
    for ( unsigned int i = 0; i < 4; i++ )
        into[i] = load(&w, at + 8 * i);
}

static bool cd_of(unsigned int device, uint64_t *cd)
{
    uint64_t at = unit.ste[device].word[0] & UINT64_C(0xffffffffffffc0);
    unsigned int rights;

    if ( unit.cd[device].used && random_below(4) )
    {
        memcpy(cd, unit.cd[device].word, sizeof(unit.cd[device].word));
        return true;
    }
    if ( unit.nested && !translate2(at, false, &at, &rights) )
        return false;
    fetch(cd, at);
    memcpy(unit.cd[device].word, cd, sizeof(unit.cd[device].word));
    unit.cd[device].used = true;
    return true;
}

static struct oracle_outcome translate(unsigned int device, uint64_t iova,
                                       bool write)
{
    uint64_t cd[4], pa;
    const struct entry *e;
    unsigned int config, rights;

    if ( !unit.ste[device].used || !random_below(4) )
        fetch(unit.ste[device].word,
              STRTAB + 64 * (uint64_t)(device ? DEV_B : DEV_A));
    unit.ste[device].used = true;
    config = (unsigned int)unit.ste[device].word[0] & 0xf;
    if ( !(config & 1) )
        return blocked;
    config >>= 1;
    if ( config == 4 )
        return to(iova, 0);
    if ( config == 6 )
        return translate2(iova, write, &pa, &rights) ? to(pa, rights) :
                                                       blocked;
    if ( !cd_of(device, cd) || !(cd[0] & BIT(31)) )
        return blocked;
    e = lookup(TLB1, (unsigned int)(cd[0] >> 48), iova, 0);
    if ( e )
        return answer(e, iova, write);
    return walk((unsigned int)(cd[0] >> 48), cd[1] & UINT64_C(0xfffffffff000),
                iova, write);
}

/* ---- the unit: invalidations ---- */

static void invalidate_config(const struct program_command *c)
{
    unsigned int op = c->low & 0xff;

    for ( unsigned int d = 0; d < 2; d++ )
    {
        if ( op != 4 && c->low >> 32 != (d ? DEV_B : DEV_A) )
            continue;
        if ( op != 5 && unit.defect != STE_KEPT )
            unit.ste[d].used = false;
        if ( op == 5 ? unit.defect != CD_KEPT : unit.defect != CD_KEPT_BY_STE )
            unit.cd[d].used = false;
    }
    if ( unit.defect == CFGI_TAKES_TLB )
        memset(unit.entry, 0, sizeof(unit.entry));
}

static bool in_range(const struct entry *e, const struct program_command *c)
{
    uint64_t first = c->high & ~UINT64_C(0xfff), last = first | 0xfff;
    unsigned int num = c->low >> 12 & 0x1f;

    if ( c->high >> 10 & 3 )
    {
        if ( unit.defect == RANGE_SHORT )
            num--;
        last = first + 0x1000 * (uint64_t)(num + 1) - 1;
    }
    return first <= e->last && last >= e->first;
}

static bool hit1(const struct entry *e, const struct program_command *c)
{
    unsigned int asid = (unsigned int)(c->low >> 48);
    bool table = e->kind == WALK1;

    switch ( c->low & 0xff )
    {
    case 0x10:
        return !(unit.nested && unit.defect == COMBINED_KEPT);
    case 0x28:
    case 0x30:
        return true;
    case 0x11:
        return e->asid == asid &&
               (!e->global || unit.defect == GLOBAL_BY_ASID);
    case 0x12:
        if ( table ? unit.defect == TABLES_KEPT ||
                         ((c->high & 1) && unit.defect != LEAF_TAKES_ALL) :
                     false )
            return false;
        return (e->asid == asid ||
                (e->global && unit.defect != GLOBAL_KEPT)) &&
               in_range(e, c);
    case 0x13:
        return !(table && (c->high & 1)) && in_range(e, c);
    case 0x2a:
        return unit.defect == COMBINED_BY_IPA;
    default:
        return false;
    }
}

static bool hit2(const struct entry *e, const struct program_command *c)
{
    switch ( c->low & 0xff )
    {
    case 0x28:
    case 0x30:
        return true;
    case 0x2a:
        return unit.defect != IPA_KEPT &&
               !(e->kind == WALK2 && (c->high & 1)) && in_range(e, c);
    default:
        return false;
    }
}

static void execute(const struct program_command *c)
{
    if ( (c->low & 0xff) < 0x10 )
    {
        invalidate_config(c);
        return;
    }
    for ( unsigned int i = 0; i < 64; i++ )
    {
        struct entry *e = &unit.entry[i];

        if ( unit.defect == ALL_REMOVED ||
             (e->kind <= WALK1 ? hit1(e, c) : hit2(e, c)) )
            e->used = false;
    }
}

/*
 * ---- the program ----
 *
 * One draw a statement: the order in which operands are evaluated is the
 * compiler's, and a seed must be the same program for all of them.
 */

static uint64_t some_iova(void)
{
    uint64_t page = random_below(4) * UINT64_C(0x1000);
    uint64_t block = random_below(2) * UINT64_C(0x200000);

    return IOVA + page + block;
}

/* @bit with a probability of 1 / @n. */
static uint64_t bit_sometimes(unsigned int n, uint64_t bit)
{
    return random_below(n) ? 0 : bit;
}

static void do_dma(void)
{
    unsigned int device = random_below(2);
    uint64_t iova = some_iova();
    bool write = random_below(2);
    unsigned int id;

    if ( unit.nested && device )
        iova = DATA + random_below(2) * UINT64_C(0x200000);
    id = begin(&w, device ? DEV_B : DEV_A, iova, write);
    end_legal(&w, id, translate(device, iova, write));
}

static uint64_t some_attributes(void)
{
    uint64_t attributes = PAGE;

    attributes ^= bit_sometimes(4, RO);
    attributes ^= bit_sometimes(4, NG);
    attributes ^= bit_sometimes(4, BIT(0));
    attributes ^= bit_sometimes(8, BIT(6));
    return attributes;
}

static void store_stage2(void)
{
    uint64_t pte = (random_below(2) ? DATA : DATA2) | (S2PAGE & ~BIT(1));

    pte ^= bit_sometimes(4, BIT(7));
    pte ^= bit_sometimes(4, BIT(0));
    store(&w, TABLES_2 + 0x1008 + 8 * random_below(2), pte);
}

static void do_store(void)
{
    uint64_t tables = random_below(2) ? TABLES_A : TABLES_B;
    uint64_t slot = random_below(2), leaves = 0x2000 + 0x1000 * slot;
    uint64_t page;

    switch ( random_below(unit.nested ? 10 : 8) )
    {
    case 0:
        store(&w, tables + 0x1000 + 8 * slot, (tables + leaves) | TABLE);
        break;
    case 1:
        store(&w, tables + 0x1000 + 8 * slot,
              random_below(2) ? DATA2 | (some_attributes() & ~BIT(1)) : 0);
        break;
    case 2:
        store(&w, tables + 8, random_below(4) ? (tables + 0x1000) | TABLE : 0);
        break;
    case 8:
    case 9:
        store_stage2();
        break;
    default:
        leaves += 8ULL * random_below(4);
        page = DATA + 0x1000ULL * random_below(16);
        store(&w, tables + leaves, page | some_attributes());
        break;
    }
}

static void do_structure(void)
{
    unsigned int which = random_below(3);
    struct cd cd = which == 1 ? cd_b : cd_a;
    uint32_t sid = random_below(2) || unit.nested ? DEV_A : DEV_B;
    struct ste ste = sid == DEV_A ? ste_a : ste_b;

    if ( random_below(2) )
    {
        cd.flip0 = which == 2 ? BIT(31) : 0;
        set_cd(&w, cd_at(sid, 0), &cd);
        return;
    }
    if ( unit.nested )
        ste = ste_nested;
    if ( which == 1 )
        ste.config = 8;
    set_ste(&w, sid, &ste);
}

static struct program_command some_command(void)
{
    unsigned int asid = 1 + random_below(2), leaf_only = random_below(2);
    unsigned int vmid = unit.nested ? 7 : 0,
                 sid = random_below(2) ? DEV_A : DEV_B;
    uint64_t page = some_iova();

    switch ( random_below(unit.nested ? 14 : 11) )
    {
    case 0:
        return (struct program_command) { CFGI_STE(sid, leaf_only) };
    case 1:
        return (struct program_command) { CFGI_CD(sid, 0, leaf_only) };
    case 2:
        return (struct program_command) { CFGI_ALL };
    case 3:
        return (struct program_command) { NH_ALL(vmid) };
    case 4:
        return (struct program_command) { NH_ASID(vmid, asid) };
    case 5:
        return (struct program_command) { NH_VAA(vmid, page, leaf_only) };
    case 6:
        return (struct program_command) { NSNH_ALL };
    case 7:
        return (struct program_command) {
            (UINT64_C(0x12) | (uint64_t)vmid << 32 | (uint64_t)asid << 48 |
             NUM_SCALE(1 + random_below(3), 0)),
            page | TG_TTL(1, 0) | leaf_only
        };
    case 11:
    case 12:
        return (struct program_command) { S2_IPA(
            vmid, DATA + random_below(2) * UINT64_C(0x200000), leaf_only) };
    case 13:
        return (struct program_command) { S12_VMALL(vmid) };
    default:
        return (struct program_command) { NH_VA(vmid, asid, page, leaf_only) };
    }
}

static void do_submit(const struct program_command *c)
{
    submit(&w, c->low, c->high);
}

static void go(void)
{
    submit(&w, SYNC);
    prod(&w);
}

static void complete(void)
{
    consume(&w);
}

static void start(unsigned int defect, bool nested)
{
    memset(&unit, 0, sizeof(unit));
    unit.defect = (enum defect)defect;
    unit.nested = nested;
    world_start(&w, NULL);
    if ( !nested )
        return;
    set_ste(&w, DEV_A, &ste_nested);
    set_ste(&w, DEV_B, &ste_stage2);
    command(&w, CFGI_ALL);
}

static bool is_defect(unsigned int defect, bool nested)
{
    switch ( defect )
    {
    case NO_DEFECT:
    case GLOBAL_BY_ASID:
    case LEAF_TAKES_ALL:
    case CFGI_TAKES_TLB:
    case ALL_REMOVED:
    case COMBINED_BY_IPA:
        return false;
    case IPA_KEPT:
    case COMBINED_KEPT:
        return nested;
    default:
        return true;
    }
}

static const struct program_unit caching_unit = {
    .defects = DEFECTS,
    .programs = 12,
    .patience = 1000,
    .operations = 800,
    .is_defect = is_defect,
    .start = start,
    .store = do_store,
    .structure = do_structure,
    .dma = do_dma,
    .command = some_command,
    .submit = do_submit,
    .go = go,
    .execute = execute,
    .complete = complete,
};

static void a_legal_unit_is_never_accused(void **state)
{
    (void)state;
    program_legal(&caching_unit, &w);
}

static void every_defect_is_found(void **state)
{
    (void)state;
    program_defects(&caching_unit, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_legal_unit_is_never_accused),
        cmocka_unit_test(every_defect_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
