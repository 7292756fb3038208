/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of a physical SMMUv3: stage 2, flushes, VMIDs, nesting. */
#include "smmuv3_rig.h"

/* ---- stream table ------------------------------------------------------- */

static void a_stream_table_has_as_many_levels_as_it_needs(void **state)
{
    static const struct {
        unsigned int sid_bits;
        bool two_levels; /* of the unit */
        uint32_t cfg, last;
        unsigned int pages, with_device;
    } rows[] = {
        { 16, true, 1 << 16 | 8 << 6 | 16, 0xffff, 1, 4 },
        { 16, false, 16, 0xffff, 1024, 0 },
        { 8, true, 8, 0xff, 4, 0 },
        { 0, true, 0, 0, 1, 0 },
        { 32, true, 1 << 16 | 8 << 6 | 24, 0xffffff, 128, 4 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct idr with = idr_with(1, 0x3f, rows[i].sid_bits);
        struct piommu_space *s;
        unsigned int before;
        struct rig r;

        with.word[0] &= rows[i].two_levels ? ~0u : ~(3u << 27);
        rig_start(&r, with.word);
        assert_int_equal(r.unit->reg[0x88 / 4], rows[i].cfg);
        assert_int_equal(r.host->tables, rows[i].pages + 2); /* queues */
        s = rig_space(&r, PIOMMU_MAPPED, 4);
        before = r.host->tables;
        assert_int_equal(rig_attach(&r, rows[i].last, s), 0);
        assert_int_equal(r.host->tables - before, rows[i].with_device);
        assert_int_equal(rig_vmid(&r, rows[i].last), 1);
        assert_int_equal(rig_attach(&r, rows[i].last + 1, s), -XEN_EINVAL);
        assert_int_equal(rig_attach(&r, rows[i].last, r.blocked), 0);
        assert_int_equal(piommu_space_destroy(s), 0);
        rig_stop(&r);
    }
}

static void a_new_second_level_is_made_known(void **state)
{
    struct fake_smmuv3_trace command[16];
    struct piommu_space *s;
    struct rig r;
    unsigned int from;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    s = rig_space(&r, PIOMMU_MAPPED, 4);
    from = r.unit->traced;
    assert_int_equal(rig_attach(&r, SID, s), 0);
    assert_true(rig_commands(&r, from, command, 16) >= 2);
    assert_int_equal(command[0].lo, OP_CFGI_STE | (uint64_t)SID << 32);
    assert_int_equal(command[0].hi, 0); /* Leaf 0: the L1STD as well */
    /* The neighbours are blocked, and have a table now. */
    assert_int_equal(rig_attach(&r, SID + 1, s), 0);
    assert_int_equal(rig_attach(&r, SID + 1, r.blocked), 0);
    rig_drop(&r, s);
    rig_stop(&r);
}

/* ---- stage 2 ------------------------------------------------------------ */

static void the_p2m_space_is_the_p2m_at_every_output_size(void **state)
{
    static const struct {
        unsigned int oas, t0sz, sl0, ps;
    } rows[] = {
        { 0, 32, 1, 0 }, { 1, 28, 1, 1 }, { 2, 25, 1, 2 }, { 3, 25, 1, 3 },
        { 4, 20, 2, 4 }, { 5, 16, 2, 5 }, { 6, 16, 2, 5 },
    };
    unsigned int i;
    uint64_t gfn;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct idr with = idr_with(5, 7, rows[i].oas);
        struct piommu_space *s;
        uint64_t ste[8], hpa;
        struct rig r;

        rig_start(&r, with.word);
        r.host->domain.p2m[0x321].type = HOST_P2M_RAM_RO;
        r.host->domain.p2m[0x322].type = HOST_P2M_MMIO;
        r.host->domain.p2m[0x323].type = HOST_P2M_HOLE;
        s = rig_space(&r, PIOMMU_P2M, 0);
        assert_int_equal(rig_attach(&r, SID, s), 0);
        assert_true(fake_smmuv3_ste(r.unit, SID, ste));
        assert_int_equal(ste[2] >> 32 & 63, rows[i].t0sz);
        assert_int_equal(ste[2] >> 38 & 3, rows[i].sl0);
        assert_int_equal(ste[2] >> 48 & 7, rows[i].ps);
        for ( gfn = 0; gfn < FAKE_PAGES; gfn++ )
        {
            bool ram = gfn != 0x322 && gfn != 0x323;

            assert_int_equal(
                fake_smmuv3_dma(r.unit, SID, gfn << 12, false, &hpa), ram);
            if ( ram )
                assert_int_equal(hpa, fake_hpa(r.host, gfn << 12));
            assert_int_equal(
                fake_smmuv3_dma(r.unit, SID, gfn << 12, true, NULL),
                ram && gfn != 0x321);
        }
        assert_false(
            fake_smmuv3_dma(r.unit, SID, FAKE_PAGES << 12, false, NULL));
        rig_drop(&r, s);
        rig_stop(&r);
    }
}

static void attributes_follow_coherency(void **state)
{
    unsigned int coherent;

    (void)state;
    for ( coherent = 0; coherent < 2; coherent++ )
    {
        struct idr with = idr_with(0, 1 << 4, coherent << 4);
        struct piommu_space *s;
        uint64_t ste[8];
        struct rig r;

        rig_start(&r, with.word);
        s = rig_mapped(&r);
        assert_true(fake_smmuv3_ste(r.unit, SID, ste));
        assert_int_equal(ste[0], 0xd);
        assert_int_equal(ste[1], UINT64_C(1) << 44);
        /* IR0, OR0, SH0, TG; then AA64, AFFD, R. */
        assert_int_equal(ste[2] >> 40 & 0xff, coherent ? 0x35 : 0x20);
        assert_int_equal(ste[2] >> 51, 1 << 0 | 1 << 2 | 1 << 7);
        assert_int_equal(r.unit->reg[0x28 / 4], coherent ? 0xd75 : 0x820);
        /* The unit sees what was written back only. */
        assert_int_equal(piommu_map(s, _dfn(5), _mfn(0x100000), 0, 3), 0);
        assert_true(fake_smmuv3_dma(r.unit, SID, 0x5000, true, NULL));
        assert_true(fake_smmuv3_ste(r.unit, SID + 1, ste));
        assert_int_equal(ste[0], 0);
        assert_false(fake_smmuv3_ste(r.unit, 1, ste));
        rig_drop(&r, s);
        rig_stop(&r);
    }
}

/* A block is split under DMA: at BBML level 2 only. */
static void blocks_are_used_where_they_can_be_split(void **state)
{
    unsigned int level;

    (void)state;
    for ( level = 0; level < 3; level++ )
    {
        struct idr with = idr_with(3, 3 << 11, level << 11);
        struct piommu_space *s;
        unsigned int before;
        struct rig r;
        uint64_t hpa;

        rig_start(&r, with.word);
        before = r.host->tables;
        s = rig_space(&r, PIOMMU_P2M, 0);
        /* Our levels 4, 3, 2; without blocks one table per 2 MiB more. */
        assert_int_equal(r.host->tables - before, level == 2 ? 3 : 3 + 8);
        assert_int_equal(rig_attach(&r, SID, s), 0);
        before = r.host->tables;
        r.host->domain.p2m[0x654].type = HOST_P2M_HOLE;
        assert_int_equal(piommu_space_p2m_changed(s, _gfn(0x654), 0), 0);
        assert_int_equal(r.host->tables - before, level == 2);
        assert_false(fake_smmuv3_dma(r.unit, SID, 0x654321, false, NULL));
        assert_true(fake_smmuv3_dma(r.unit, SID, 0x655321, true, &hpa));
        assert_int_equal(hpa, fake_hpa(r.host, 0x655321));
        rig_drop(&r, s);
        rig_stop(&r);
    }
}

struct making {
    struct rig *r;
    unsigned int set, cleared, synced_after_clear;
};

static void watch_entries(void *context, uint64_t mfn, unsigned int offset,
                          uint64_t value)
{
    struct making *m = context;
    unsigned int i = m->r->unit->traced;

    (void)mfn;
    (void)offset;
    /* Commands are stores, too: those to tables are 0 or descriptors. */
    if ( !value )
        m->cleared = i;
    if ( (value & 0x401) != 0x401 )
        return;
    m->set++;
    while ( i-- > m->cleared )
        if ( m->r->unit->trace[i].command &&
             m->r->unit->trace[i].lo == OP_SYNC )
            m->synced_after_clear = m->set;
}

static void a_page_changes_by_break_then_make(void **state)
{
    struct making making = { 0 };
    struct piommu_space *s;
    struct rig r;
    uint64_t hpa;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    s = rig_space(&r, PIOMMU_P2M, 0);
    assert_int_equal(rig_attach(&r, SID, s), 0);
    r.host->domain.p2m[0x321].type = HOST_P2M_HOLE;
    assert_int_equal(piommu_space_p2m_changed(s, _gfn(0x321), 0), 0);
    r.host->domain.p2m[0x322].mfn = 0x99999;
    making.r = &r;
    r.host->watch = (struct fake_watch) { watch_entries, &making };
    assert_int_equal(piommu_space_p2m_changed(s, _gfn(0x322), 0), 0);
    r.host->watch = (struct fake_watch) { NULL, NULL };
    assert_int_equal(making.set, 1);
    assert_int_equal(making.synced_after_clear, 1);
    assert_true(fake_smmuv3_dma(r.unit, SID, 0x322456, true, &hpa));
    assert_int_equal(hpa, 0x99999456);
    rig_drop(&r, s);
    rig_stop(&r);
}

/* Its old translation may still be in use: nothing is put in its place. */
static void a_page_that_can_not_be_flushed_is_not_made(void **state)
{
    struct piommu_token token = { { 0 } };
    struct piommu_flush flush = { .all = true };
    unsigned int n = 0;
    struct rig r;
    uint64_t hpa;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    flush.space = rig_space(&r, PIOMMU_P2M, 0);
    assert_int_equal(rig_attach(&r, SID, flush.space), 0);
    *r.silent = true;
    while ( !piommu_flush(r.piommu, &flush, &token) )
        assert_true(++n < 1000);
    r.host->domain.p2m[0x322].mfn = 0x99999;
    assert_int_equal(piommu_space_p2m_changed(flush.space, _gfn(0x322), 0),
                     -XEN_EIO);
    assert_false(fake_smmuv3_dma(r.unit, SID, 0x322456, true, &hpa));
    /* It keeps its tables. */
    piommu_fini(r.piommu);
    fake_free(r.host);
}

static void populating_is_a_continuation(void **state)
{
    const struct piommu_space_config config = { .kind = PIOMMU_P2M };
    struct piommu_space_config own = config;
    struct idr pages = idr_with(3, 3 << 11, 0);
    struct piommu_space *s;
    struct rig r;
    unsigned int calls = 0;
    int rc;

    (void)state;
    rig_start(&r, pages.word);
    own.domain = &r.host->domain;
    assert_int_equal(piommu_space_create(r.piommu, &own, &s), 0);
    r.host->budget = 4000;
    do
    {
        r.host->used = 0;
        rc = piommu_space_populate(s);
        calls++;
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    assert_true(calls > 4);
    r.host->budget = 1000000000;
    assert_int_equal(rig_attach(&r, SID, s), 0);
    assert_true(fake_smmuv3_dma(r.unit, SID, 0xffffff, true, NULL));
    rig_drop(&r, s);
    rig_stop(&r);
}

static void rights_of_a_mapping_are_those_of_its_descriptor(void **state)
{
    struct piommu_space *s;
    struct rig r;
    unsigned int rights;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    s = rig_mapped(&r);
    for ( rights = 1; rights < 4; rights++ )
    {
        const uint64_t at = (uint64_t)rights << 12;

        assert_int_equal(
            piommu_map(s, _dfn(rights), _mfn(0x100000), 0, rights), 0);
        assert_int_equal(
            piommu_map(s, _dfn(rights), _mfn(0x100001), 0, rights),
            -XEN_EEXIST);
        assert_int_equal(fake_smmuv3_dma(r.unit, SID, at, false, NULL),
                         rights & PIOMMU_READ);
        assert_int_equal(fake_smmuv3_dma(r.unit, SID, at, true, NULL),
                         !!(rights & PIOMMU_WRITE));
        assert_int_equal(piommu_unmap(s, _dfn(rights), 0), 0);
        assert_false(fake_smmuv3_dma(r.unit, SID, at, false, NULL));
    }
    rig_drop(&r, s);
    rig_stop(&r);
}

static void last_store(void *context, uint64_t mfn, unsigned int offset,
                       uint64_t value)
{
    (void)mfn;
    (void)offset;
    *(uint64_t *)context = value;
}

/* Fetches of instructions: the p2m's pages allow them, others if asked to. */
static void execution_is_a_right_of_its_own(void **state)
{
    static const uint64_t xn = UINT64_C(1) << 54;
    const struct piommu_entry with = { .kind = PIOMMU_ENTRY_LEAF,
                                       .rights = PIOMMU_READ | PIOMMU_EXECUTE,
                                       .mfn = { 0x100000 } };
    struct piommu_entry without = with, got;
    struct piommu_table *table;
    uint64_t stored = 0;
    struct rig r;

    (void)state;
    rig_start(&r, fake_smmuv3_idr);
    without.rights = PIOMMU_READ;
    assert_int_equal(piommu_table_create(r.piommu, &r.host->domain, 1, &table),
                     0);
    r.host->watch = (struct fake_watch) { last_store, &stored };
    piommu_table_set(table, 0, &with);
    assert_false(stored & xn);
    piommu_table_get(table, 0, &got);
    assert_int_equal(got.rights, with.rights);
    piommu_table_set(table, 0, &without);
    assert_true(stored & xn);
    piommu_table_get(table, 0, &got);
    assert_int_equal(got.rights, without.rights);
    r.host->watch = (struct fake_watch) { NULL, NULL };
    piommu_table_destroy(table);
    rig_stop(&r);
}

/* ---- flushes ------------------------------------------------------------ */

#define IPA   UINT64_C(0x400000)
#define RANGE ((uint64_t)1 << 10) /* TG: 4 KiB */

static void flushes_are_as_fine_as_the_unit_allows(void **state)
{
    static const struct {
        bool ril;
        unsigned int order;
        bool all, leaf_only;
        uint64_t lo, hi; /* without the VMID */
    } rows[] = {
        { true, 0, false, true, OP_S2_IPA, IPA | 1 },
        { false, 0, false, false, OP_S2_IPA, IPA },
        { true, 9, false, false, OP_S2_IPA | 9 << 20, IPA | RANGE },
        { true, 10, false, true, OP_S2_IPA | 10 << 20, IPA | RANGE | 1 },
        { false, 9, false, false, OP_S12_VMALL, 0 },
        { true, 32, false, false, OP_S12_VMALL, 0 },
        { true, 0, true, true, OP_S12_VMALL, 0 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct idr with = idr_with(3, 1 << 10, rows[i].ril ? 1 << 10 : 0);
        struct fake_smmuv3_trace command[8];
        struct piommu_flush flush = { .dfn = _dfn(0x400),
                                      .order = rows[i].order,
                                      .all = rows[i].all,
                                      .leaf_only = rows[i].leaf_only };
        uint64_t vmid;
        struct rig r;

        rig_start(&r, with.word);
        flush.space = rig_space(&r, PIOMMU_P2M, 0);
        assert_int_equal(rig_flush(&r, &flush, command, 8), 0);
        assert_int_equal(rig_attach(&r, SID, flush.space), 0);
        vmid = rig_vmid(&r, SID);
        assert_int_equal(rig_flush(&r, &flush, command, 8), 1);
        assert_int_equal(command[0].lo, rows[i].lo | VMID(vmid));
        assert_int_equal(command[0].hi, rows[i].hi);
        rig_drop(&r, flush.space);
        rig_stop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_table_has_as_many_levels_as_it_needs),
        cmocka_unit_test(a_new_second_level_is_made_known),
        cmocka_unit_test(the_p2m_space_is_the_p2m_at_every_output_size),
        cmocka_unit_test(attributes_follow_coherency),
        cmocka_unit_test(blocks_are_used_where_they_can_be_split),
        cmocka_unit_test(a_page_changes_by_break_then_make),
        cmocka_unit_test(a_page_that_can_not_be_flushed_is_not_made),
        cmocka_unit_test(populating_is_a_continuation),
        cmocka_unit_test(rights_of_a_mapping_are_those_of_its_descriptor),
        cmocka_unit_test(execution_is_a_right_of_its_own),
        cmocka_unit_test(flushes_are_as_fine_as_the_unit_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
