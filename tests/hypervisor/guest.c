/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

int guest_call(struct guest *g, struct xen_dmop_viommu_op *op)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_hypercall(g->registry, op);
        assert_int_equal(g->host->locks, 0);
    } while ( rc == -XEN_ERESTART );
    return rc;
}

int guest_create(struct guest *g, uint64_t cap, uint64_t ecap, uint32_t flags,
                 uint32_t shadow_limit)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_create,
        .domid = FAKE_DOMID,
        .u.create = { .capabilities = XEN_VIOMMU_CAPABILITY_l2_translation,
                      .base_address = BASE,
                      .vtd_cap = cap,
                      .vtd_ecap = ecap,
                      .flags = flags,
                      .shadow_limit = shadow_limit },
    };
    int rc = guest_call(g, &op);

    if ( !rc )
        g->id = op.u.create.viommu_id;
    return rc;
}

int guest_attach(struct guest *g, uint32_t vsbdf, uint32_t psbdf)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_attach,
                                     .domid = FAKE_DOMID,
                                     .viommu_id = g->id,
                                     .u.attach = { vsbdf, psbdf } };

    return guest_call(g, &op);
}

int guest_detach(struct guest *g, uint32_t vsbdf)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_detach,
                                     .domid = FAKE_DOMID,
                                     .viommu_id = g->id,
                                     .u.detach = { vsbdf, 0 } };

    return guest_call(g, &op);
}

int guest_destroy(struct guest *g)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_destroy,
                                     .domid = FAKE_DOMID,
                                     .viommu_id = g->id };

    return guest_call(g, &op);
}

struct xen_dmop_viommu_op guest_query(struct guest *g)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_query_capability,
                                     .domid = FAKE_DOMID };

    assert_int_equal(guest_call(g, &op), 0);
    return op;
}

void guest_start(struct guest *g, bool contiguous, uint32_t shadow_limit)
{
    int rc;

    *g = (struct guest) { .next_table = 4 };
    g->host = fake_host(contiguous, fake_unit_cap(), 0x2);
    assert_int_equal(viommu_init(g->host, &g->registry), 0);
    do
    {
        g->host->used = 0;
        rc = viommu_assign(g->registry, &g->host->domain, PSID);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    assert_int_equal(guest_create(g, GUEST_CAP, GUEST_ECAP, 0, shadow_limit),
                     0);
    assert_int_equal(guest_attach(g, SID, PSID), 0);
}

void guest_stop(struct guest *g)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_domain_destroy(g->registry, &g->host->domain);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    assert_int_equal(fake_references(g->host), 0);
    viommu_fini(g->registry);
    assert_int_equal(g->host->tables, 0);
    assert_int_equal(g->host->allocations, 0);
    fake_free(g->host);
}

uint64_t guest_read(struct guest *g, unsigned int offset, unsigned int size)
{
    uint64_t value;

    g->host->used = 0;
    assert_int_equal(
        viommu_mmio_read(&g->host->domain, BASE + offset, size, &value),
        VIOMMU_DONE);
    return value;
}

void guest_write(struct guest *g, unsigned int offset, unsigned int size,
                 uint64_t value)
{
    g->host->used = 0;
    assert_int_equal(
        viommu_mmio_write(&g->host->domain, BASE + offset, size, value),
        VIOMMU_DONE);
    assert_true(g->host->used < 20); /* traps are short */
}

void guest_store(struct guest *g, uint64_t gpa, uint64_t value)
{
    g->host->domain.ram[gpa >> 12][gpa % 4096 / 8] = value;
}

static uint64_t load(struct guest *g, uint64_t gpa)
{
    return g->host->domain.ram[gpa >> 12][gpa % 4096 / 8];
}

void guest_context(struct guest *g, uint16_t sid, uint64_t lo, uint64_t hi)
{
    guest_store(g, ROOT + (sid >> 8) * 16u, BUS0 | 1);
    guest_store(g, BUS0 + (sid & 0xff) * 16u, lo);
    guest_store(g, BUS0 + (sid & 0xff) * 16u + 8, hi);
}

uint64_t guest_entry(struct guest *g, uint64_t iova, unsigned int level)
{
    uint64_t table = TOP;
    unsigned int at;

    for ( at = 4;; at-- )
    {
        uint64_t entry = table + (iova >> (12 + 9 * (at - 1))) % 512 * 8;

        if ( at == level )
            return entry;
        if ( !(load(g, entry) & 3) )
            guest_store(g, entry, (uint64_t)g->next_table++ << 12 | 3);
        table = load(g, entry) & ~UINT64_C(0xfff);
    }
}

void guest_map(struct guest *g, uint64_t iova, uint64_t gpa,
               unsigned int level, unsigned int rights)
{
    guest_store(g, guest_entry(g, iova, level),
                gpa | rights | (level > 1 ? 0x80 : 0));
}

void guest_enable(struct guest *g)
{
    guest_write(g, 0x90, 8, QUEUE);
    guest_write(g, 0x18, 4, 1u << 26);
    guest_write(g, 0x20, 8, ROOT);
    guest_write(g, 0x18, 4, 1u << 30 | 1u << 26);
    guest_write(g, 0x18, 4, 1u << 31 | 1u << 26);
    fake_run(g->host);
    assert_int_equal(guest_read(g, 0x1c, 4), 0xc4000000);
}

void guest_queue(struct guest *g, uint64_t lo, uint64_t hi)
{
    guest_store(g, QUEUE + g->tail, lo);
    guest_store(g, QUEUE + g->tail + 8, hi);
    g->tail = (g->tail + 16) % 4096;
    guest_write(g, 0x88, 8, g->tail);
}

void guest_iotlb_page(struct guest *g, uint64_t iova, unsigned int am)
{
    guest_queue(g, 0x2 | 3u << 4 | DID << 16, iova | am);
}

void guest_iotlb_domain(struct guest *g)
{
    guest_queue(g, 0x2 | 2u << 4 | DID << 16, 0);
}

void guest_context_global(struct guest *g)
{
    guest_queue(g, 0x1 | 1u << 4, 0);
}

void guest_wait(struct guest *g, uint32_t data)
{
    guest_queue(g, 0x5 | 0x20 | (uint64_t)data << 32, STATUS);
}

uint32_t guest_status(struct guest *g)
{
    return (uint32_t)load(g, STATUS);
}

void guest_fault_interrupt(struct guest *g)
{
    viommu_unit_interrupt(g->registry, 0);
    fake_run(g->host);
}
