/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

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

struct xen_dmop_viommu_op guest_query(struct guest *g)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_query_capability,
                                     .domid = FAKE_DOMID };

    assert_int_equal(guest_call(g, &op), 0);
    return op;
}

void guest_start(struct guest *g, bool contiguous, uint32_t shadow_limit)
{
    *g = (struct guest) { .base = BASE, .next_table = 4 };
    g->host = fake_host(contiguous, fake_unit_cap(), 0x2);
    g->d = &g->host->domain;
    assert_int_equal(viommu_init(g->host, &g->registry), 0);
    guest_assign(g, PSID);
    assert_int_equal(guest_create(g, GUEST_CAP, GUEST_ECAP, 0, shadow_limit),
                     0);
    assert_int_equal(guest_attach(g, SID, PSID), 0);
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
        if ( !(guest_load(g, entry) & 3) )
            guest_store(g, entry, (uint64_t)g->next_table++ << 12 | 3);
        table = guest_load(g, entry) & ~UINT64_C(0xfff);
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
    return (uint32_t)guest_load(g, STATUS);
}

void guest_fault_interrupt(struct guest *g)
{
    viommu_unit_interrupt(g->registry, 0);
    fake_run(g->host);
}
