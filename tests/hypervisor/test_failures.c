/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fails in the middle: each allocation, and the physical unit at each
 * access to its registers, in the life of a domain with one vIOMMU.
 */
#include "guest.h"
#undef BASE
#undef SID
#undef PSID
#include "vsmmu_guest.h"

#include <stdlib.h>

/* More than any operation needs, with the patience that a unit is owed. */
#define MOST_TURNS 100000u

struct life {
    struct guest g;
    int rc; /* of what has failed first */
};

/* ---- the operations, each to its end ------------------------------------ */

static int call(struct guest *g, struct xen_dmop_viommu_op *op)
{
    unsigned int turns = MOST_TURNS;
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_hypercall(g->registry, op);
        assert_int_equal(g->host->locks, 0);
        fake_run_some(g->host, 1);
    } while ( rc == -XEN_ERESTART && --turns );
    assert_int_not_equal(turns, 0);
    return rc;
}

static int assign(struct guest *g, uint32_t psbdf)
{
    unsigned int turns = MOST_TURNS;
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_assign(g->registry, g->d, psbdf);
    } while ( rc == -XEN_ERESTART && --turns );
    assert_int_not_equal(turns, 0);
    return rc;
}

static int p2m_changed(struct guest *g, uint64_t gfn, unsigned int order)
{
    unsigned int turns = MOST_TURNS;
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_p2m_changed(g->registry, g->d, _gfn(gfn), order);
        fake_run_some(g->host, 1);
    } while ( rc == -XEN_ERESTART && --turns );
    assert_int_not_equal(turns, 0);
    return rc;
}

static int domain_destroy(struct guest *g)
{
    unsigned int turns = MOST_TURNS;
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_domain_destroy(g->registry, g->d);
        assert_int_equal(g->host->locks, 0);
    } while ( rc == -XEN_ERESTART && --turns );
    assert_int_not_equal(turns, 0);
    return rc;
}

static int attach(struct guest *g, uint32_t virtual, uint32_t physical)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_attach);

    op.u.attach.vsbdf = virtual;
    op.u.attach.psbdf = physical;
    return call(g, &op);
}

/* ---- what a guest does -------------------------------------------------- */

static int vtd_create(struct guest *g)
{
    g->next_table = 4;
    return guest_create(g, GUEST_CAP, GUEST_ECAP, 0, 0);
}

static void vtd_use(struct guest *g)
{
    unsigned int i;

    guest_map(g, 0x40200000, 0x400000, 2, 3);
    for ( i = 0; i < 3; i++ )
        guest_map(g, 0x1000 + 0x40000000 * i, 0x200000 + 0x1000 * i, 1, 3);
    guest_context(g, 0x10, TOP | 1, DID << 8 | 2);
    guest_context(g, 0x11, 1 | 2 << 2, DID << 8 | 2); /* pass-through */
    guest_write(g, 0x90, 8, QUEUE);
    guest_write(g, 0x18, 4, 1u << 26);
    guest_write(g, 0x20, 8, ROOT);
    guest_write(g, 0x18, 4, 1u << 30 | 1u << 26);
    guest_write(g, 0x18, 4, 1u << 31 | 1u << 26);
    fake_run(g->host);
    guest_map(g, 0x80200000, 0x201000, 1, 3);
    guest_iotlb_page(g, 0x80200000, 0);
    guest_wait(g, 1);
    fake_run(g->host);
    guest_store(g, guest_entry(g, 0x40200000, 2), 0);
    guest_context(g, 0x10, 0, 0);
    guest_context_global(g);
    guest_iotlb_domain(g);
    guest_wait(g, 2);
    fake_run(g->host);
    guest_write(g, 0x18, 4, 0);
    fake_run(g->host);
}

static int smmu_create(struct guest *g)
{
    struct xen_dmop_viommu_op op = vguest_create_op(g);
    int rc = call(g, &op);

    if ( !rc )
        g->id = op.u.create_smmuv3.viommu_id;
    return rc;
}

static void smmu_ste(struct guest *g, uint32_t sid, uint64_t word0)
{
    vguest_ste(g, sid, word0, 0);
    vguest_command(g, OP_CFGI_STE | CMD_SID(sid), 1);
    vguest_command(g, OP_SYNC, 0);
    fake_run(g->host);
}

static void smmu_use(struct guest *g)
{
    vguest_ste(g, 0x10, STE_S1 | CDS, 0);
    vguest_ste(g, 0x11, STE_BYPASS, 0);
    guest_write(g, R_STRTAB_BASE, 8, STRTAB);
    guest_write(g, R_STRTAB_BASE_CFG, 4, SID_BITS);
    guest_write(g, R_CMDQ_BASE, 8, CMDQ | CMDQ_LOG2);
    guest_write(g, R_EVENTQ_BASE, 8, EVENTQ | EVENT_LOG2);
    guest_write(g, R_CR0, 4, CR0_ALL);
    fake_run(g->host);
    vguest_command(g, OP_NH_ASID | (uint64_t)5 << 48, 0);
    vguest_command(g, OP_SYNC, 0);
    fake_run(g->host);
    smmu_ste(g, 0x10, STE_BYPASS);
    smmu_ste(g, 0x11, STE_S1 | CDS | 16);
    vguest_command(g, OP_CFGI_CDS | CMD_SID(0x11), 0);
    vguest_command(g, OP_NSNH_ALL, 0);
    vguest_command(g, OP_SYNC, 0);
    fake_run(g->host);
    smmu_ste(g, 0x11, STE_ABORT);
    guest_write(g, R_CR0, 4, 0);
    fake_run(g->host);
}

static const struct arch {
    uint64_t base;
    bool smmu;
    int (*create)(struct guest *g);
    void (*use)(struct guest *g);
} archs[] = {
    { UINT64_C(0xfed90000), false, vtd_create, vtd_use },
    { UINT64_C(0x09050000), true, smmu_create, smmu_use },
};

/* ---- a life ------------------------------------------------------------- */

static struct host *make_host(const struct arch *arch)
{
    return arch->smmu ? fake_smmuv3_host(true, fake_smmuv3_idr) :
                        fake_host(true, fake_unit_cap(), 0x2);
}

/* What a toolstack does; up to what fails first. */
static int live(struct guest *g, const struct arch *arch)
{
    struct domain *d = g->d;
    int rc = assign(g, 0x100);

    if ( !rc )
        rc = assign(g, 0x101);
    if ( !rc )
        rc = arch->create(g);
    if ( !rc )
        rc = attach(g, 0x10, 0x100);
    if ( !rc )
        rc = attach(g, 0x11, 0x101);
    if ( rc )
        return rc;
    arch->use(g);
    d->p2m[0x201].type = HOST_P2M_HOLE;
    rc = p2m_changed(g, 0x201, 0);
    d->p2m[0x201].type = HOST_P2M_RAM_RW;
    if ( !rc )
        rc = p2m_changed(g, 0x200, 9);
    if ( !rc )
        rc = guest_detach(g, 0x10);
    if ( !rc )
        rc = viommu_deassign(g->registry, d, 0x100);
    if ( !rc )
        rc = guest_destroy(g);
    return rc;
}

static void begin(struct guest *g, const struct arch *arch)
{
    *g = (struct guest) { .host = make_host(arch),
                          .base = arch->base,
                          .works_between = true };
    g->d = &g->host->domain;
    g->unit = g->host->unit.smmu;
}

/* ---- tests -------------------------------------------------------------- */

static void check_nothing_is_left(const struct host *host)
{
    assert_int_equal(fake_references(host), 0);
    assert_null(host->work);
    assert_int_equal(host->tables, 0);
    assert_int_equal(host->allocations, 0);
}

static void whichever_allocation_fails_nothing_is_lost(void **state)
{
    const struct arch *arch;

    (void)state;
    for ( arch = archs; arch < archs + ARRAY_SIZE(archs); arch++ )
    {
        struct guest g;
        int k, left;

        for ( k = 1, left = 0; !left; k++ )
        {
            int rc;

            begin(&g, arch);
            g.host->fail_alloc = k;
            rc = viommu_init(g.host, &g.registry);
            assert_true(!rc || rc == -XEN_ENOMEM);
            if ( !rc )
            {
                rc = live(&g, arch);
                assert_true(!rc || rc == -XEN_ENOMEM);
                left = g.host->fail_alloc;
                g.host->fail_alloc = 0;
                assert_int_equal(domain_destroy(&g), 0);
                viommu_fini(g.registry);
            }
            check_nothing_is_left(g.host);
            fake_free(g.host);
        }
        assert_true(k > 20);
    }
}

/* Dead: every answer is an error, there is an end to everything, and what the
 * unit may still read is not given to anybody else. */
static void live_with_a_unit_that_dies(const struct arch *arch, unsigned int k,
                                       bool *survived)
{
    struct guest g;
    int rc;

    begin(&g, arch);
    g.host->dies_in = k / 2;
    g.host->dead_reads = k & 1;
    rc = viommu_init(g.host, &g.registry);
    if ( rc )
    {
        /* All ones are also what no unit says that it can. */
        assert_true(rc == -XEN_EIO || rc == -XEN_EOPNOTSUPP);
        assert_int_equal(g.host->allocations, 0);
        fake_free(g.host);
        return;
    }
    rc = live(&g, arch);
    assert_true(!rc || rc == -XEN_EIO);
    rc = domain_destroy(&g);
    assert_true(!rc || rc == -XEN_EIO || rc == -XEN_EBUSY);
    /* Again: the same, not less. */
    assert_int_equal(domain_destroy(&g), rc);
    *survived = g.host->dies_in;
    if ( !rc )
    {
        assert_int_equal(fake_references(g.host), 0);
        viommu_fini(g.registry);
        assert_int_equal(g.host->allocations, 0);
    }
    fake_free(g.host);
}

static void whenever_a_unit_dies_there_is_an_end_to_it(void **state)
{
    const struct arch *arch;

    (void)state;
    for ( arch = archs; arch < archs + ARRAY_SIZE(archs); arch++ )
    {
        bool survived = false;
        unsigned int k;

        /* each access as it stood and as all ones */
        for ( k = 2; !survived; k++ )
            live_with_a_unit_that_dies(arch, k, &survived);
        assert_true(k > 60);
    }
}

/* A change of the p2m whose flush found the queue full is not done without. */
static void a_flush_that_found_no_room_is_made_later(void **state)
{
    struct guest g;
    struct host_unit *unit;
    unsigned int before;
    uint64_t tail;

    (void)state;
    begin(&g, &archs[0]);
    unit = &g.host->unit;
    assert_int_equal(viommu_init(g.host, &g.registry), 0);
    assert_int_equal(assign(&g, 0x100), 0);
    unit->silent = true;
    tail = unit->reg[0x88 / 8];
    unit->reg[0x80 / 8] = (tail + 16) % 4096;
    before = unit->logged;
    g.d->p2m[0x201].type = HOST_P2M_HOLE;
    assert_int_equal(viommu_p2m_changed(g.registry, g.d, _gfn(0x201), 0),
                     -XEN_ERESTART);
    assert_int_equal(viommu_p2m_changed(g.registry, g.d, _gfn(0x201), 0),
                     -XEN_ERESTART);
    unit->reg[0x80 / 8] = tail;
    unit->silent = false;
    assert_int_equal(p2m_changed(&g, 0x201, 0), 0);
    assert_int_equal(unit->logged, before + 2);
    assert_int_equal(unit->log[before][0] & 0xf, 2); /* IOTLB */
    assert_int_equal(domain_destroy(&g), 0);
    viommu_fini(g.registry);
    check_nothing_is_left(g.host);
    fake_free(g.host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whichever_allocation_fails_nothing_is_lost),
        cmocka_unit_test(a_flush_that_found_no_room_is_made_later),
        cmocka_unit_test(whenever_a_unit_dies_there_is_an_end_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
