/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's stream table: what an STE does to the device. */
#include "vsmmu_guest.h"

/* What the hardware has for a device. */
enum outcome {
    BLOCKED,
    STAGE2, /* bypass */
    NESTED,
};

static enum outcome outcome(struct guest *g, uint32_t psid)
{
    uint64_t ste[8];

    vguest_physical_ste(g, psid, ste);
    if ( !(ste[0] & 1) )
        return BLOCKED;
    return (ste[0] >> 1 & 7) == 7 ? NESTED : STAGE2;
}

static void an_ste_is_legal_or_blocked(void **state)
{
    static const struct {
        uint64_t word0, word1;
        enum outcome outcome;
    } rows[] = {
        { 0, 0, BLOCKED },
        { ~UINT64_C(1) & STE_BYPASS, 0, BLOCKED }, /* V = 0 */
        { STE_ABORT, 0, BLOCKED },
        { 1 | 1 << 1, 0, BLOCKED },
        { 1 | 3 << 1, 0, BLOCKED },
        { STE_BYPASS, 0, STAGE2 },
        { STE_BYPASS | CDMAX(31) | S1FMT(3), ~UINT64_C(0), STAGE2 },
        { STE_S1 | CDS, 0, NESTED },
        { 1 | 6 << 1, 0, BLOCKED }, /* no stage 2 here */
        { 1 | 7 << 1 | CDS, 0, BLOCKED },
        { STE_S1 | CDS, 1 << 2 | 1 << 4 | 3 << 6, NESTED },
        { STE_S1 | CDS, 1u << 30, NESTED }, /* STRW: RES0 without EL2 */
        { STE_S1 | CDS, 2u << 30, NESTED },
        { STE_S1 | CDS, 3u << 30, NESTED },
        { STE_S1 | CDS, 1 << 27, BLOCKED },      /* S1STALLD */
        { STE_S1 | CDS | S1FMT(3), 3, NESTED },  /* ignored without ... */
        { STE_S1 | CDS | CDMAX(8), 0, NESTED },  /* ... substreams */
        { STE_S1 | CDS | CDMAX(9), 0, BLOCKED }, /* SSIDSIZE is 8 */
        { STE_S1 | CDS | CDMAX(31), 0, BLOCKED },
        { STE_S1 | CDS | CDMAX(8), 1, NESTED },
        { STE_S1 | CDS | CDMAX(8), 2, NESTED },
        { STE_S1 | CDS | CDMAX(8), 3, NESTED }, /* S1DSS: as 0 */
        { STE_S1 | CDS | CDMAX(8) | S1FMT(1), 0, NESTED },
        { STE_S1 | CDS | CDMAX(8) | S1FMT(2), 0, NESTED },
        { STE_S1 | CDS | CDMAX(8) | S1FMT(3), 0, NESTED },
        { STE_S1 | CDS, 2 << 28, NESTED }, /* EATS: there is no ATS */
    };
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_set_ste(&g, SID, rows[i].word0, rows[i].word1);
        assert_int_equal(outcome(&g, PSID), rows[i].outcome);
        vguest_set_ste(&g, SID, rows[i].outcome == STAGE2 ? 0 : STE_BYPASS, 0);
    }
    guest_stop(&g);
}

/* Whatever else the guest writes into its STE stays with us. */
static void only_fields_of_stage_1_reach_the_hardware(void **state)
{
    const uint64_t cds = UINT64_C(0xabcdef1000);
    uint64_t ste[8];
    struct guest g;
    unsigned int vmid;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    guest_store(&g, STRTAB + SID * 64 + 16, ~UINT64_C(0));
    guest_store(&g, STRTAB + SID * 64 + 24, ~UINT64_C(0));
    /* All ones but S1STALLD and a bit of S1DSS. */
    vguest_set_ste(&g, SID,
                   STE_S1 | cds | CDMAX(6) | S1FMT(1) | UINT64_C(7) << 56,
                   ~(BIT(27) | BIT(0)));
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0], 1 | 7 << 1 | cds | CDMAX(6) | S1FMT(1));
    /* S1DSS, S1CIR, S1COR, S1CSH; SHCFG is the driver's.  No PRIVCFG and
     * INSTCFG, because ATTR_PERMS_OVR is 0. */
    assert_int_equal(ste[1], 0xfe | UINT64_C(1) << 44);
    vmid = ste[2] & 0xffff;
    assert_int_not_equal(vmid, 0);
    assert_int_not_equal(vmid, 0xffff);
    assert_int_not_equal(ste[3], ~UINT64_C(0));
    guest_stop(&g);
}

static void permission_overrides_need_their_capability(void **state)
{
    static const struct {
        uint64_t guest, hardware; /* PRIVCFG, INSTCFG */
    } rows[] = {
        { 2 | 3 << 2, 2 | 3 << 2 },
        { 1 | 1 << 2, 0 }, /* reserved: use incoming */
        { 3 | 2 << 2, 3 | 2 << 2 },
    };
    uint32_t idr[6];
    uint64_t ste[8];
    struct guest g;
    unsigned int i;

    (void)state;
    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[1] |= 1u << 26;
    vguest_start_on(&g, fake_smmuv3_host(true, idr));
    vguest_enable(&g);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_set_ste(&g, SID, STE_S1 | CDS, rows[i].guest << 48);
        vguest_physical_ste(&g, PSID, ste);
        assert_int_equal(ste[1] >> 48 & 0xf, rows[i].hardware);
    }
    guest_stop(&g);
}

static void a_change_takes_effect_when_it_is_invalidated(void **state)
{
    static const struct {
        uint64_t lo, hi;
        bool hits;
    } rows[] = {
        { OP_CFGI_STE | CMD_SID(SID), 0, true },
        { OP_CFGI_STE | CMD_SID(SID), 1, true },
        { OP_CFGI_STE | CMD_SID(SID + 1), 1, false },
        { OP_CFGI_RANGE, 31, true },
        { OP_CFGI_RANGE | CMD_SID(SID + 3), 1, true },  /* 4 */
        { OP_CFGI_RANGE | CMD_SID(SID + 3), 0, false }, /* 2 */
        { OP_CFGI_RANGE | CMD_SID(SID - 1), 1, false },
        { OP_CFGI_RANGE | CMD_SID(0), 4, true },
        { OP_CFGI_RANGE | CMD_SID(0), 3, false },
        { OP_CFGI_CDS | CMD_SID(SID), 0, false },
        { OP_NSNH_ALL, 0, false },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_set_ste(&g, SID, STE_BYPASS, 0);
        vguest_ste(&g, SID, STE_S1 | CDS, 0);
        vguest_command(&g, rows[i].lo, rows[i].hi);
        vguest_sync(&g);
        assert_int_equal(outcome(&g, PSID), rows[i].hits ? NESTED : STAGE2);
    }
    guest_stop(&g);
}

/* Hardware that we do not know need not think of it as 0. */
static void reserved_values_reach_the_hardware_as_zero(void **state)
{
    uint64_t ste[8];
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_S1 | CDS | CDMAX(8) | S1FMT(3), 3);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0], 1 | 7 << 1 | CDS | CDMAX(8));
    assert_int_equal(ste[1] & 3, 0);
    guest_stop(&g);
}

static void without_substreams_s1cdmax_is_ignored(void **state)
{
    uint32_t idr[6];
    uint64_t ste[8];
    struct guest g;

    (void)state;
    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[1] &= ~(0x1fu << 6);
    vguest_start_on(&g, fake_smmuv3_host(true, idr));
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_S1 | CDS | CDMAX(8) | S1FMT(1), 2);
    vguest_physical_ste(&g, PSID, ste);
    assert_int_equal(ste[0], 1 | 7 << 1 | CDS);
    assert_int_equal(ste[1] & 3, 0);
    guest_stop(&g);
}

static void two_levels_of_cds_need_cd2l(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    vguest_start(&g);
    assert_int_equal(guest_destroy(&g), 0);
    op = vguest_create_op(&g);
    op.u.create_smmuv3.idr0 &= ~(1u << 19);
    assert_int_equal(guest_call(&g, &op), 0);
    g.id = op.u.create_smmuv3.viommu_id;
    assert_int_equal(guest_attach(&g, SID, PSID), 0);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_S1 | CDS | CDMAX(8) | S1FMT(1), 0);
    assert_int_equal(outcome(&g, PSID), BLOCKED);
    vguest_set_ste(&g, SID, STE_S1 | CDS | CDMAX(8), 0);
    assert_int_equal(outcome(&g, PSID), NESTED);
    guest_stop(&g);
}

/* The CDs below an STE go with it, even when it says what it said. */
static void an_unchanged_ste_still_invalidates_the_cds(void **state)
{
    struct fake_smmuv3_trace done[4];
    struct guest g;
    unsigned int from;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
    from = g.unit->traced;
    vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
    assert_int_equal(vguest_executed(&g, from, done, 4), 1);
    assert_int_equal(done[0].lo, OP_CFGI_CDS | CMD_SID(PSID));
    guest_stop(&g);
}

/* ---- where the STE is --------------------------------------------------- */

#define L1      0x60000u
#define L2      0x70000u
#define SPAN(n) ((uint64_t)(n))

static void a_two_level_table_leads_to_the_ste(void **state)
{
    static const struct {
        unsigned int split, log2size;
        uint64_t l1std;
        unsigned int at; /* of the STE in L2 */
        enum outcome outcome;
    } rows[] = {
        { 6, 10, L2 | SPAN(7), 0x12, NESTED },
        { 6, 10, L2 | SPAN(6), 0x12, NESTED },  /* 32 */
        { 6, 10, L2 | SPAN(5), 0x12, BLOCKED }, /* 16 */
        { 6, 10, L2 | SPAN(0), 0x12, BLOCKED },
        { 6, 10, L2 | SPAN(8), 0x12, BLOCKED }, /* reserved */
        { 6, 10, L2 | SPAN(31), 0x12, BLOCKED },
        { 8, 10, L2 | SPAN(9), 0x92, NESTED },
        { 10, 12, L2 | SPAN(11), 0x292, NESTED },
        { 7, 10, L2 | SPAN(7), 0x12, NESTED }, /* reserved SPLIT: 6 */
        { 6, 9, L2 | SPAN(7), 0x12, BLOCKED }, /* SID beyond the table */
        { 6, 10, L2 | SPAN(7) | 0x7c0, 0x12,
          NESTED }, /* aligned to its size */
        { 6, 10, NO_RAM | SPAN(7), 0x12, BLOCKED },
    };
    const uint32_t sid = 0x292;
    struct guest g;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        vguest_start(&g);
        assert_int_equal(guest_detach(&g, SID), 0);
        assert_int_equal(guest_attach(&g, sid, PSID), 0);
        vguest_queues_on(&g);
        guest_store(&g,
                    L1 + (sid >> (rows[i].split == 7 ? 6 : rows[i].split)) * 8,
                    rows[i].l1std);
        guest_store(&g, L2 + rows[i].at * 64, STE_S1 | CDS);
        guest_write(&g, R_STRTAB_BASE, 8, L1);
        guest_write(&g, R_STRTAB_BASE_CFG, 4,
                    1u << 16 | rows[i].split << 6 | rows[i].log2size);
        guest_write(&g, R_CR0, 4, CR0_ALL);
        fake_run(g.host);
        assert_int_equal(outcome(&g, PSID), rows[i].outcome);
        guest_stop(&g);
    }
}

static void the_base_is_aligned_to_the_table(void **state)
{
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_queues_on(&g);
    vguest_ste(&g, SID, STE_S1 | CDS, 0);
    guest_write(&g, R_STRTAB_BASE, 8, BIT(62) | STRTAB | 0x3fc0);
    guest_write(&g, R_CR0, 4, CR0_ALL);
    fake_run(g.host);
    assert_int_equal(outcome(&g, PSID), NESTED);
    guest_stop(&g);
}

static void sidsize_limits_the_table(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;
    uint32_t sid;

    (void)state;
    for ( sid = 0xff; sid <= 0x100; sid++ )
    {
        vguest_start(&g);
        assert_int_equal(guest_destroy(&g), 0);
        op = vguest_create_op(&g);
        op.u.create_smmuv3.idr1 = (op.u.create_smmuv3.idr1 & ~0x3fu) | 8;
        assert_int_equal(guest_call(&g, &op), 0);
        g.id = op.u.create_smmuv3.viommu_id;
        assert_int_equal(guest_attach(&g, sid, PSID), 0);
        vguest_ste(&g, sid, STE_S1 | CDS, 0);
        vguest_queues_on(&g);
        guest_write(&g, R_STRTAB_BASE_CFG, 4, 10);
        guest_write(&g, R_CR0, 4, CR0_ALL);
        fake_run(g.host);
        assert_int_equal(outcome(&g, PSID), sid > 0xff ? BLOCKED : NESTED);
        guest_stop(&g);
    }
}

static void stream_ids_have_32_bits(void **state)
{
    const uint64_t physical[4] = { 0x04 | CMD_SID(PSID) };
    const uint32_t sid = 0xfffffff7;
    uint64_t event[4];
    struct guest g;

    (void)state;
    vguest_start(&g);
    assert_int_equal(guest_detach(&g, SID), 0);
    assert_int_equal(guest_attach(&g, sid, PSID), 0);
    vguest_queues_on(&g);
    /* 2^22 descriptors of level 1: the last is beyond the guest's memory. */
    guest_write(&g, R_STRTAB_BASE_CFG, 4, 1u << 16 | 10 << 6 | 32);
    guest_write(&g, R_STRTAB_BASE, 8, 0);
    guest_write(&g, R_CR0, 4, CR0_ALL);
    fake_run(g.host);
    assert_int_equal(outcome(&g, PSID), BLOCKED);
    vguest_physical_event(&g, physical);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0], 0x03 | CMD_SID(sid));
    assert_int_equal(event[3], 0x1fffff8);
    guest_stop(&g);
}

/* ---- changes while the device runs -------------------------------------- */

struct watch {
    struct guest *g;
    uint64_t ste; /* address of the physical STE */
    unsigned int stores, unsafe;
};

/* After every store to the device's STE: blocked, or one of the guest's. */
static void store_seen(void *context, uint64_t mfn, unsigned int offset,
                       uint64_t value)
{
    struct watch *w = context;
    uint64_t ste[8];

    (void)value;
    if ( (mfn << 12 | offset) - w->ste >= 64 )
        return;
    w->stores++;
    vguest_physical_ste(w->g, PSID, ste);
    if ( !(ste[0] & 1) )
        return;
    w->unsafe += (ste[0] >> 1 & 7) < 6; /* stage 2 is always on */
    w->unsafe += !(ste[2] & 0xffff) || !(ste[2] >> 51 & 1) || !ste[3];
}

static void no_transition_leaves_stage_2(void **state)
{
    static const uint64_t stes[] = { 0, STE_ABORT, STE_BYPASS, STE_S1 | CDS,
                                     STE_S1 | (CDS + 0x1000) | CDMAX(6) };
    struct watch w = { 0 };
    struct guest g;
    unsigned int from, to;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    w.g = &g;
    w.ste = fake_smmuv3_ste_address(g.unit, PSID);
    g.host->watch.store = store_seen;
    g.host->watch.context = &w;
    for ( from = 0; from < ARRAY_SIZE(stes); from++ )
        for ( to = 0; to < ARRAY_SIZE(stes); to++ )
        {
            vguest_set_ste(&g, SID, stes[from], 0);
            vguest_set_ste(&g, SID, stes[to], 0);
        }
    assert_true(w.stores > 20);
    assert_int_equal(w.unsafe, 0);
    g.host->watch.store = NULL;
    guest_stop(&g);
}

/* Both under the unit's own tags: a guest that changes one word is never
 * blocked in between. */
static void bypass_and_stage_1_change_by_one_store(void **state)
{
    uint64_t bypass[8], nested[8];
    struct guest g;

    (void)state;
    vguest_start(&g);
    vguest_enable(&g);
    vguest_set_ste(&g, SID, STE_BYPASS, 0);
    vguest_physical_ste(&g, PSID, bypass);
    vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
    vguest_physical_ste(&g, PSID, nested);
    assert_int_not_equal(bypass[0], nested[0]);
    assert_memory_equal(bypass + 1, nested + 1, 7 * 8);
    guest_stop(&g);
}

static void without_memory_the_device_is_blocked(void **state)
{
    struct guest g;
    int fail;

    (void)state;
    for ( fail = 1; fail <= 2; fail++ )
    {
        vguest_start(&g);
        vguest_enable(&g);
        g.host->fail_alloc = fail;
        vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
        assert_int_equal(outcome(&g, PSID), BLOCKED);
        /* The next invalidation tries again. */
        vguest_set_ste(&g, SID, STE_S1 | CDS, 0);
        assert_int_equal(outcome(&g, PSID), NESTED);
        guest_stop(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ste_is_legal_or_blocked),
        cmocka_unit_test(only_fields_of_stage_1_reach_the_hardware),
        cmocka_unit_test(permission_overrides_need_their_capability),
        cmocka_unit_test(a_change_takes_effect_when_it_is_invalidated),
        cmocka_unit_test(reserved_values_reach_the_hardware_as_zero),
        cmocka_unit_test(without_substreams_s1cdmax_is_ignored),
        cmocka_unit_test(two_levels_of_cds_need_cd2l),
        cmocka_unit_test(an_unchanged_ste_still_invalidates_the_cds),
        cmocka_unit_test(a_two_level_table_leads_to_the_ste),
        cmocka_unit_test(the_base_is_aligned_to_the_table),
        cmocka_unit_test(sidsize_limits_the_table),
        cmocka_unit_test(stream_ids_have_32_bits),
        cmocka_unit_test(no_transition_leaves_stage_2),
        cmocka_unit_test(bypass_and_stage_1_change_by_one_store),
        cmocka_unit_test(without_memory_the_device_is_blocked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
