/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random programs on a small caching unit: one that does what the architecture
 * allows is never accused, one with a defect always is.
 */
#include "program.h"
#include "world.h"

static struct world w;

enum defect {
    NO_DEFECT,
    AM_IGNORED,
    IH_KEEPS_LEAVES,
    IH_IGNORED, /* removes more: legal */
    DOMAIN_AS_PAGE,
    CONTEXT_DROPPED,
    DID_IGNORED,
    PAGING_KEPT,
    SUPERPAGE_KEPT,
    DEVICE_IGNORES_FM,
    ALL_REMOVED, /* removes more: legal */
    ABSENT_CACHED,
    DEFECTS
};

struct entry {
    bool used, leaf, absent;
    unsigned int did, level, rights;
    uint64_t first, last, address;
};

static struct unit {
    enum defect defect;
    bool cm;
    struct {
        bool used;
        uint64_t low, high;
    } context[2];
    struct entry entry[64];
} unit;

/* ---- the unit: lookups ---- */

static struct entry *lookup(unsigned int did, uint64_t iova, bool leaf,
                            unsigned int level)
{
    for ( unsigned int i = 0; i < 64; i++ )
    {
        struct entry *e = &unit.entry[i];

        if ( e->used && e->leaf == leaf && (leaf || e->level == level) &&
             (e->did == did || unit.defect == DID_IGNORED) &&
             e->first <= iova && e->last >= iova )
            return e;
    }
    return NULL;
}

static void fill(const struct entry *entry)
{
    if ( random_below(4) )
        unit.entry[random_below(64)] = *entry;
}

static struct oracle_outcome answer(const struct entry *e, uint64_t iova,
                                    bool write)
{
    if ( !(e->rights & (write ? W : R)) )
        return blocked;
    return to(e->address | (iova & (e->last - e->first)), e->rights);
}

static struct oracle_outcome walk(unsigned int did, uint64_t table,
                                  uint64_t iova, bool write)
{
    unsigned int rights = RW;

    for ( unsigned int level = 3;; level-- )
    {
        unsigned int shift = 12 + 9 * (level - 1);
        uint64_t mask = (UINT64_C(1) << shift) - 1, pte;
        struct entry e = { .used = true,
                           .did = did,
                           .level = level,
                           .first = iova & ~mask,
                           .last = iova | mask };
        const struct entry *cached = lookup(did, iova, false, level);

        if ( cached && random_below(4) )
        {
            table = cached->address;
            rights = cached->rights;
            if ( cached->absent )
                return blocked;
            continue;
        }
        pte = load(&w, table + 8 * ((iova >> shift) & 511));
        rights &= (unsigned int)pte & 3;
        e.rights = rights;
        e.address = pte & UINT64_C(0xfffffffff000);
        e.leaf = level == 1 || (pte & PS);
        e.absent = !(pte & 3);
        if ( !rights )
            e.leaf = level == 1;
        if ( e.absent && !unit.cm && unit.defect != ABSENT_CACHED )
            return blocked;
        /* A lack of rights without absence is not kept. */
        if ( rights || e.absent )
            fill(&e);
        if ( e.leaf || !rights )
            return answer(&e, iova, write);
        table = e.address;
    }
}

static struct oracle_outcome translate(unsigned int device, uint64_t iova,
                                       bool write)
{
    uint64_t at = CONTEXTS + 16 * (device ? DEV_B : DEV_A);
    uint64_t low = load(&w, at), high = load(&w, at + 8);
    const struct entry *e;
    unsigned int did;

    if ( unit.context[device].used && random_below(4) )
    {
        low = unit.context[device].low;
        high = unit.context[device].high;
    }
    else if ( (low & 1) || unit.cm )
    {
        unit.context[device].used = true;
        unit.context[device].low = low;
        unit.context[device].high = high;
    }
    if ( !(low & 1) )
        return blocked;
    did = high >> 8 & 0xff;
    e = lookup(did, iova, true, 0);
    if ( e && random_below(4) )
        return answer(e, iova, write);
    return walk(did, low & ~UINT64_C(0xfff), iova, write);
}

/* ---- the unit: invalidations ---- */

static void invalidate_contexts(const struct program_command *c)
{
    static const unsigned int ignored[4] = { 0, 4, 6, 7 };
    unsigned int g = c->low >> 4 & 3, did = c->low >> 16 & 0xffff;
    unsigned int fm = unit.defect == DEVICE_IGNORES_FM ?
                          0 :
                          ignored[c->low >> 48 & 3];

    if ( unit.defect == CONTEXT_DROPPED && g != 1 )
        return;
    for ( unsigned int d = 0; d < 2; d++ )
    {
        unsigned int sid = d ? DEV_B : DEV_A;
        unsigned int tag = unit.context[d].low & 1 ?
                               unit.context[d].high >> 8 & 0xff :
                               0;

        if ( g == 1 || (tag == did &&
                        (g == 2 || !((sid ^ (c->low >> 32)) & 0xffff & ~fm))) )
            unit.context[d].used = false;
    }
}

static bool entry_hit(const struct entry *e, const struct program_command *c)
{
    unsigned int g = c->low >> 4 & 3, did = c->low >> 16 & 0xffff;
    unsigned int am = unit.defect == AM_IGNORED ? 0 : c->high & 0x3f;
    uint64_t mask = (UINT64_C(0x1000) << am) - 1;
    uint64_t first = c->high & ~UINT64_C(0xfff) & ~mask;
    bool ih = c->high & IH;

    if ( unit.defect == PAGING_KEPT && !e->leaf )
        return false;
    if ( g == 1 || unit.defect == ALL_REMOVED )
        return true;
    if ( e->did != did )
        return false;
    if ( g == 2 )
        return unit.defect != DOMAIN_AS_PAGE || e->first == IOVA;
    if ( ih && (e->leaf ? unit.defect == IH_KEEPS_LEAVES :
                          unit.defect != IH_IGNORED) )
        return false;
    if ( unit.defect == SUPERPAGE_KEPT && e->leaf && e->level > 1 )
        return first <= e->first && (first | mask) >= e->last;
    return first <= e->last && (first | mask) >= e->first;
}

static void execute(const struct program_command *c)
{
    if ( (c->low & 0xf) == 1 )
        invalidate_contexts(c);
    else
        for ( unsigned int i = 0; i < 64; i++ )
            if ( entry_hit(&unit.entry[i], c) )
                unit.entry[i].used = false;
}

/* ---- the program ---- */

static uint64_t some_iova(void)
{
    /* One draw a statement: the order of operands is the compiler's. */
    uint64_t page = random_below(4) * UINT64_C(0x1000);
    uint64_t block = random_below(2) * UINT64_C(0x200000);

    return IOVA + page + block;
}

static void do_dma(void)
{
    unsigned int device = random_below(2);
    uint64_t iova = some_iova();
    bool write = random_below(2);
    unsigned int id = begin(&w, device ? DEV_B : DEV_A, iova, write);

    end_legal(&w, id, translate(device, iova, write));
}

static void do_store(void)
{
    uint64_t tables = random_below(2) ? TABLES_A : TABLES_B;
    uint64_t slot = random_below(2), leaves = 0x2000 + 0x1000 * slot;
    unsigned int rights = random_below(4);

    switch ( random_below(8) )
    {
    case 0:
        store(&w, tables + 0x1000 + 8 * slot, (tables + leaves) | rights);
        break;
    case 1:
        store(&w, tables + 0x1000 + 8 * slot,
              random_below(2) ? DATA2 | PS | RW : 0);
        break;
    case 2:
        store(&w, tables + 8,
              random_below(4) ? (tables + 0x1000) | rights : 0);
        break;
    default:
        leaves += 8ULL * random_below(4);
        store(&w, tables + leaves,
              (DATA + 0x1000ULL * random_below(16)) | rights);
        break;
    }
}

static void do_context(void)
{
    unsigned int device = random_below(2), which = random_below(3);
    uint64_t at = CONTEXTS + 16 * (device ? DEV_B : DEV_A);

    store(&w, at, 0);
    if ( !which )
        return;
    store(&w, at + 8, context_high(1, which == 1 ? 1 : 2));
    store(&w, at, (which == 1 ? TABLES_A : TABLES_B) | 1);
}

static struct program_command some_command(void)
{
    unsigned int did = random_below(3);
    uint64_t page = some_iova();
    unsigned int source;

    page |= random_below(2) ? IH : 0;

    switch ( random_below(8) )
    {
    case 0:
        return (struct program_command) { CC_GLOBAL };
    case 1:
        return (struct program_command) { CC_DOMAIN(did) };
    case 2:
        source = random_below(2) ? DEV_A : DEV_B;
        source += random_below(8);
        return (struct program_command) { CC_DEVICE(did, source,
                                                    random_below(4)) };
    case 3:
        return (struct program_command) { IOTLB_DOMAIN(did) };
    case 4:
        return (struct program_command) { IOTLB_GLOBAL };
    default:
        return (
            struct program_command) { IOTLB_PAGE(did, page, random_below(3)) };
    }
}

static void do_submit(const struct program_command *c)
{
    submit(&w, c->low, c->high);
}

static void go(void)
{
    submit(&w, WAIT(STATUS, 2));
    tail(&w);
}

static void complete(void)
{
    follow_queue(&w);
    status(&w, STATUS, 2);
}

static void start(unsigned int defect, bool cm)
{
    memset(&unit, 0, sizeof(unit));
    unit.defect = (enum defect)defect;
    unit.cm = cm;
    world_start(&w, &(struct options) { .cap = cm ? CAP_CM_BIT : 0 });
}

static bool is_defect(unsigned int defect, bool cm)
{
    return defect != NO_DEFECT && defect != IH_IGNORED &&
           defect != ALL_REMOVED && !(defect == ABSENT_CACHED && cm);
}

static const struct program_unit caching_unit = {
    .defects = DEFECTS,
    .programs = 40,
    .patience = 200,
    .operations = 1500,
    .is_defect = is_defect,
    .start = start,
    .store = do_store,
    .structure = do_context,
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
