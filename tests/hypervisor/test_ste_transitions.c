/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an STE changes under a unit that reads it (IHI 0070, 3.21.3): 64-bit
 * words, in any order, and from before as long as no CMD_SYNC has followed.
 * Between two SYNCs a walk may therefore find each word with any value that it
 * had in that time.
 */
#include "smmuv3_rig.h"

#define VALUES 4u /* of one word between two SYNCs */

enum state {
    BLOCKED,
    P2M,
    OTHER, /* of another domain */
    NESTED_A,
    NESTED_B,
    NESTED_C,
    NESTED_D,
    NESTED_E,
    BYPASS,
    STATES
};

struct watch {
    struct rig *r;
    uint64_t address; /* of the STE */
    uint64_t value[8][VALUES];
    unsigned int values[8];
    uint64_t old[8], new[8];
    unsigned int stores, mixed;
};

/* ---- what an STE means -------------------------------------------------- */

/*
 * The bits that count: none if it is blocked, stage 1 only where it is used,
 * S1Fmt and S1DSS only with substreams (5.2).
 */
static void meaning(const uint64_t ste[8], uint64_t out[4])
{
    unsigned int config = ste[0] >> 1 & 7;

    memset(out, 0, 4 * sizeof(*out));
    if ( !(ste[0] & 1) )
        return;
    out[0] = ste[0] & 0xf;
    out[1] = ste[1] & UINT64_C(0xffffffff00000000);
    out[2] = ste[2];
    out[3] = ste[3];
    if ( !(config & 1) )
        return;
    out[0] |= ste[0] & UINT64_C(0x00ffffffffffffc0); /* S1ContextPtr */
    out[0] |= ste[0] & UINT64_C(0xf800000000000000); /* S1CDMax */
    out[1] |= ste[1] & UINT64_C(0x00000000f80000fc); /* CIR, COR, CSH, STRW */
    if ( ste[0] >> 59 )
    {
        out[0] |= ste[0] & 0x30;
        out[1] |= ste[1] & 0x3;
    }
}

static bool same(const uint64_t a[8], const uint64_t b[8])
{
    uint64_t ma[4], mb[4];

    meaning(a, ma);
    meaning(b, mb);
    return !memcmp(ma, mb, sizeof(ma));
}

/*
 * Stage 2 alone, of the same tables and under the tag of either, on the way
 * between two of which one is that: it is the p2m, as the one of them.
 */
static bool leads_there(const uint64_t ste[8], const uint64_t a[8],
                        const uint64_t b[8])
{
    static const uint64_t vmid = 0xffff, overrides = UINT64_C(0xf) << 48;
    unsigned int i;

    if ( (ste[0] & 0xf) != 0xd ||
         ((a[0] & 0xf) != 0xd && (b[0] & 0xf) != 0xd) )
        return false;
    for ( i = 2; i < 4; i++ )
        if ( (a[i] ^ b[i]) & ~(i == 2 ? vmid : 0) )
            return false;
    return (ste[2] == a[2] || ste[2] == b[2]) && ste[3] == a[3] &&
           !((ste[1] ^ a[1]) & UINT64_C(0xffffffff00000000) & ~overrides);
}

/* ---- what a walk may find ----------------------------------------------- */

static void check_mixtures(struct watch *w)
{
    static const uint64_t blocked[8] = { 0 };
    unsigned int total = 1, n, i, rest;

    for ( i = 0; i < 8; i++ )
        total *= w->values[i];
    for ( n = 0; n < total; n++ )
    {
        uint64_t ste[8];

        for ( i = 0, rest = n; i < 8; i++ )
        {
            ste[i] = w->value[i][rest % w->values[i]];
            rest /= w->values[i];
        }
        assert_true(same(ste, w->old) || same(ste, w->new) ||
                    same(ste, blocked) || leads_there(ste, w->old, w->new));
        w->mixed++;
    }
}

/* From now on nobody has words that are older. */
static void begin_window(struct watch *w)
{
    uint64_t ste[8];
    unsigned int i;

    assert_true(fake_smmuv3_ste(w->r->unit, SID, ste));
    for ( i = 0; i < 8; i++ )
    {
        w->value[i][0] = ste[i];
        w->values[i] = 1;
    }
}

static void on_store(void *context, uint64_t mfn, unsigned int offset,
                     uint64_t value)
{
    struct watch *w = context;
    uint64_t at = (mfn << 12) + offset;
    unsigned int word = (unsigned int)(at - w->address) / 8;

    if ( at < w->address || at >= w->address + 64 )
        return;
    assert_true(w->values[word] < VALUES);
    w->value[word][w->values[word]++] = value;
    w->stores++;
    check_mixtures(w);
}

/* A SYNC counts if a CFGI of this StreamID was submitted with it. */
static void on_sync(void *context)
{
    struct watch *w = context;
    const struct fake_smmuv3 *unit = w->r->unit;
    unsigned int i = unit->traced;

    while ( i && unit->trace[--i].command )
        if ( (unit->trace[i].lo & 0xff) == OP_CFGI_STE &&
             unit->trace[i].lo >> 32 == SID )
            begin_window(w);
}

/* ---- the transitions ---------------------------------------------------- */

struct world {
    struct rig r;
    struct piommu_nest *nest;
    struct piommu_space *space[STATES];
};

static void make(struct world *w)
{
    struct rig *r = &w->r;

    rig_start(r, fake_smmuv3_idr);
    w->space[BLOCKED] = r->blocked;
    w->space[P2M] = rig_space(r, PIOMMU_P2M, 0);
    w->space[OTHER] = rig_space(r, PIOMMU_P2M, 0);
    assert_int_equal(piommu_nest_create(r->piommu, w->space[P2M], &w->nest),
                     0);
    /* One CD; then a table of them elsewhere, with other attributes. */
    w->space[NESTED_A] = rig_nested(r, w->nest, 0x1000b, 0);
    w->space[NESTED_B] = rig_nested(r, w->nest, 0x2001b | UINT64_C(8) << 59,
                                    0x2 | 0xd4);
    /* As A, but for the CD: one word. */
    w->space[NESTED_C] = rig_nested(r, w->nest, 0x3000b, 0);
    /* As A, but with substreams: S1DSS in word 1 counts as well. */
    w->space[NESTED_D] = rig_nested(r, w->nest, 0x1000b | UINT64_C(8) << 59,
                                    0x2);
    /* As A, but for everybody as if privileged. */
    w->space[NESTED_E] = rig_nested(r, w->nest, 0x1000b, UINT64_C(3) << 48);
    w->space[BYPASS] = rig_nested(r, w->nest, 0x9, 0);
}

static void unmake(struct world *w)
{
    unsigned int i;

    assert_int_equal(rig_attach(&w->r, SID, w->r.blocked), 0);
    for ( i = NESTED_A; i < STATES; i++ )
        assert_int_equal(piommu_space_destroy(w->space[i]), 0);
    assert_int_equal(piommu_nest_destroy(w->nest), 0);
    assert_int_equal(piommu_space_destroy(w->space[P2M]), 0);
    assert_int_equal(piommu_space_destroy(w->space[OTHER]), 0);
    rig_stop(&w->r);
}

/* Change, with every intermediate value checked; was it one store? */
static bool change(struct world *w, enum state from, enum state to)
{
    struct watch watch = { .r = &w->r };
    struct host *host = w->r.host;
    uint64_t scratch[8];
    unsigned int i;

    /* What the STE is at last is known by doing it once before. */
    assert_int_equal(rig_attach(&w->r, SID, w->space[to]), 0);
    assert_true(fake_smmuv3_ste(w->r.unit, SID, watch.new));
    assert_int_equal(rig_attach(&w->r, SID, w->space[from]), 0);
    assert_true(fake_smmuv3_ste(w->r.unit, SID, watch.old));
    watch.address = fake_smmuv3_ste_address(w->r.unit, SID);
    w->r.unit->traced = 0;

    begin_window(&watch);
    host->watch = (struct fake_watch) { on_store, &watch };
    w->r.unit->synced = on_sync;
    w->r.unit->context = &watch;
    assert_int_equal(rig_attach(&w->r, SID, w->space[to]), 0);
    host->watch = (struct fake_watch) { NULL, NULL };
    w->r.unit->synced = NULL;

    assert_true(fake_smmuv3_ste(w->r.unit, SID, scratch));
    assert_memory_equal(scratch, watch.new, sizeof(scratch));
    assert_true(watch.stores > 0 && watch.mixed > 0);
    /* Nobody has anything of the old one any more. */
    for ( i = 0; i < 8; i++ )
        assert_int_equal(watch.values[i], 1);
    return watch.stores == 1;
}

static void a_walk_finds_the_old_the_new_or_a_blocked_ste(void **state)
{
    struct world w;
    enum state from, to;

    (void)state;
    make(&w);
    for ( from = BLOCKED; from < STATES; from++ )
        for ( to = BLOCKED; to < STATES; to++ )
            if ( from != to )
                change(&w, from, to);
    unmake(&w);
}

/* A guest that changes one word sees one store: nothing is blocked between. */
static void a_change_of_one_word_in_use_has_no_gap(void **state)
{
    static const enum state rows[][2] = { { NESTED_A, NESTED_C },
                                          { NESTED_C, NESTED_A } };
    struct world w;
    unsigned int i;

    (void)state;
    make(&w);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
        assert_true(change(&w, rows[i][0], rows[i][1]));
    unmake(&w);
}

/* ---- gaps --------------------------------------------------------------- */

struct gap {
    uint64_t address;
    unsigned int invalid;
};

static void look_for_gap(void *context, uint64_t mfn, unsigned int offset,
                         uint64_t value)
{
    struct gap *g = context;

    if ( (mfn << 12) + offset == g->address )
        g->invalid += !(value & 1);
}

/* How often is the STE not valid, on that way? */
static unsigned int gaps(struct world *w, enum state from, enum state to)
{
    struct gap gap = { .invalid = 0 };

    assert_int_equal(rig_attach(&w->r, SID, w->space[from]), 0);
    gap.address = fake_smmuv3_ste_address(w->r.unit, SID);
    w->r.host->watch = (struct fake_watch) { look_for_gap, &gap };
    assert_int_equal(rig_attach(&w->r, SID, w->space[to]), 0);
    w->r.host->watch = (struct fake_watch) { NULL, NULL };
    return gap.invalid;
}

static void fields_that_are_not_in_use_make_no_gap(void **state)
{
    static const enum state rows[][2] = { { BYPASS, NESTED_A },
                                          { BYPASS, NESTED_B },
                                          { NESTED_A, NESTED_D } };
    struct world w;
    unsigned int i;

    (void)state;
    make(&w);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        assert_int_equal(gaps(&w, rows[i][0], rows[i][1]), 0);
        assert_int_equal(gaps(&w, rows[i][1], rows[i][0]), 0);
    }
    unmake(&w);
}

/* A guest turns its unit on and off: the p2m, and stage 1 on it. */
static void between_the_p2m_and_stage_1_on_it_is_no_gap(void **state)
{
    struct world w;
    enum state to;

    (void)state;
    make(&w);
    for ( to = NESTED_A; to < STATES; to++ )
    {
        assert_int_equal(gaps(&w, P2M, to), 0);
        assert_int_equal(gaps(&w, to, P2M), 0);
    }
    unmake(&w);
}

/* Two stages 2 are never mixed. */
static void to_another_p2m_there_is_a_gap(void **state)
{
    struct world w;

    (void)state;
    make(&w);
    assert_true(gaps(&w, P2M, OTHER) > 0);
    assert_true(gaps(&w, OTHER, NESTED_A) > 0);
    assert_true(gaps(&w, NESTED_A, OTHER) > 0);
    unmake(&w);
}

/* The tags of a space that nobody is in are in no cache. */
static void what_a_device_leaves_is_flushed_unless_the_vmid_stays(void **state)
{
    struct fake_smmuv3_trace command[16];
    struct world w;
    enum state from, to;

    (void)state;
    make(&w);
    for ( from = P2M; from < STATES; from++ )
        for ( to = BLOCKED; to < STATES; to++ )
        {
            unsigned int n, i, start, vmid, flushed = 0;
            bool nested = from >= NESTED_A && to >= NESTED_A;

            if ( from == to )
                continue;
            assert_int_equal(rig_attach(&w.r, SID, w.space[from]), 0);
            vmid = rig_vmid(&w.r, SID);
            start = w.r.unit->traced = 0;
            assert_int_equal(rig_attach(&w.r, SID, w.space[to]), 0);
            n = rig_commands(&w.r, start, command, 16);
            for ( i = 0; i < n; i++ )
                if ( command[i].lo == (OP_S12_VMALL | VMID(vmid)) )
                    flushed = i;
            assert_int_equal(!!flushed, !nested);
            if ( flushed )
                assert_int_equal(flushed, n - 2); /* after all CFGIs, SYNC */
        }
    unmake(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_finds_the_old_the_new_or_a_blocked_ste),
        cmocka_unit_test(a_change_of_one_word_in_use_has_no_gap),
        cmocka_unit_test(fields_that_are_not_in_use_make_no_gap),
        cmocka_unit_test(between_the_p2m_and_stage_1_on_it_is_no_gap),
        cmocka_unit_test(to_another_p2m_there_is_a_gap),
        cmocka_unit_test(
            what_a_device_leaves_is_flushed_unless_the_vmid_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
