/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vsmmu_guest.h"

/* ---- hypercalls --------------------------------------------------------- */

struct xen_dmop_viommu_op vguest_create_op(struct guest *g)
{
    struct xen_dmop_viommu_op offer = guest_op(
        g, XEN_DMOP_viommu_query_capability);
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_create);

    offer.viommu_id = op.viommu_id = 0;
    offer.u.query_smmuv3.type = XEN_VIOMMU_TYPE_smmuv3;
    assert_int_equal(guest_call(g, &offer), 0);
    op.u.create_smmuv3.type = XEN_VIOMMU_TYPE_smmuv3;
    op.u.create_smmuv3.capabilities = offer.u.query_smmuv3.capabilities;
    op.u.create_smmuv3.base_address = BASE;
    op.u.create_smmuv3.idr0 = offer.u.query_smmuv3.idr[0] &
                              ~(uint32_t)IDR0_ATS;
    op.u.create_smmuv3.idr1 = offer.u.query_smmuv3.idr[1];
    op.u.create_smmuv3.idr3 = offer.u.query_smmuv3.idr[3];
    op.u.create_smmuv3.idr5 = offer.u.query_smmuv3.idr[5];
    op.u.create_smmuv3.iidr = offer.u.query_smmuv3.iidr;
    op.u.create_smmuv3.aidr = offer.u.query_smmuv3.aidr;
    op.u.create_smmuv3.virq_eventq = VIRQ_EVENTQ;
    op.u.create_smmuv3.virq_gerror = VIRQ_GERROR;
    op.u.create_smmuv3.virq_sync = VIRQ_SYNC;
    return op;
}

int vguest_create(struct guest *g)
{
    struct xen_dmop_viommu_op op = vguest_create_op(g);
    int rc = guest_call(g, &op);

    if ( !rc )
        g->id = op.u.create_smmuv3.viommu_id;
    g->tail = 0;
    return rc;
}

/* ---- coming and going --------------------------------------------------- */

void vguest_start_on(struct guest *g, struct host *host)
{
    *g = (struct guest) { .host = host,
                          .unit = host->unit.smmu,
                          .d = &host->domain,
                          .base = BASE,
                          .works_between = true };
    assert_int_equal(viommu_init(host, &g->registry), 0);
    guest_assign(g, PSID);
    assert_int_equal(vguest_create(g), 0);
    assert_int_equal(guest_attach(g, SID, PSID), 0);
}

void vguest_start(struct guest *g)
{
    vguest_start_on(g, fake_smmuv3_host(true, fake_smmuv3_idr));
}

void vguest_second(struct guest *second, const struct guest *g)
{
    fake_second_domain(g->host);
    *second = *g;
    second->d = g->host->second;
    guest_assign(second, PSID + 2);
    assert_int_equal(vguest_create(second), 0);
    assert_int_equal(guest_attach(second, SID, PSID + 2), 0);
}

/* ---- registers and memory ----------------------------------------------- */

void vguest_ste(struct guest *g, uint32_t sid, uint64_t word0, uint64_t word1)
{
    guest_store(g, STRTAB + sid * 64u, word0);
    guest_store(g, STRTAB + sid * 64u + 8, word1);
}

void vguest_queues_on(struct guest *g)
{
    guest_write(g, R_STRTAB_BASE, 8, STRTAB);
    guest_write(g, R_STRTAB_BASE_CFG, 4, SID_BITS);
    guest_write(g, R_CMDQ_BASE, 8, CMDQ | CMDQ_LOG2);
    guest_write(g, R_EVENTQ_BASE, 8, EVENTQ | EVENT_LOG2);
    guest_write(g, R_IRQ_CTRL, 4, 0x5);
    guest_write(g, R_CR0, 4, CR0_CMDQEN | CR0_EVENTQEN);
    assert_int_equal(guest_read(g, R_CR0ACK, 4), CR0_CMDQEN | CR0_EVENTQEN);
}

void vguest_enable(struct guest *g)
{
    vguest_queues_on(g);
    guest_write(g, R_CR0, 4, CR0_ALL);
    fake_run(g->host);
    assert_int_equal(guest_read(g, R_CR0ACK, 4), CR0_ALL);
}

void vguest_start_with(struct guest *g, uint64_t word0, uint64_t word1)
{
    uint32_t idr[6];

    memcpy(idr, fake_smmuv3_idr, sizeof(idr));
    idr[1] = (idr[1] & ~(0x1fu << 6)) | 12 << 6;
    vguest_start_on(g, fake_smmuv3_host(true, idr));
    vguest_ste(g, SID, word0, word1);
    vguest_enable(g);
}

/* ---- commands ----------------------------------------------------------- */

void vguest_command(struct guest *g, uint64_t lo, uint64_t hi)
{
    uint64_t at = CMDQ + (g->tail & ((1u << CMDQ_LOG2) - 1)) * 16u;

    guest_store(g, at, lo);
    guest_store(g, at + 8, hi);
    g->tail = (g->tail + 1) & ((2u << CMDQ_LOG2) - 1);
    guest_write(g, R_CMDQ_PROD, 4, g->tail);
}

bool vguest_queue_empty(struct guest *g)
{
    return guest_read(g, R_CMDQ_CONS, 4) == g->tail;
}

void vguest_sync(struct guest *g)
{
    vguest_command(g, OP_SYNC, 0);
    fake_run(g->host);
    assert_true(vguest_queue_empty(g));
}

void vguest_set_ste(struct guest *g, uint32_t sid, uint64_t word0,
                    uint64_t word1)
{
    vguest_ste(g, sid, word0, word1);
    vguest_command(g, OP_CFGI_STE | CMD_SID(sid), 1);
    vguest_sync(g);
}

/* ---- events ------------------------------------------------------------- */

void vguest_physical_event(struct guest *g, const uint64_t event[4])
{
    fake_smmuv3_event(g->unit, event);
    viommu_unit_interrupt(g->registry, 0);
    fake_run(g->host);
}

bool vguest_take_event(struct guest *g, uint64_t event[4])
{
    uint64_t prod = guest_read(g, R_EVENTQ_PROD, 4);
    uint64_t cons = guest_read(g, R_EVENTQ_CONS, 4), mask = 1u << EVENT_LOG2;
    unsigned int i;

    if ( !((prod ^ cons) & (2 * mask - 1)) )
        return false;
    for ( i = 0; i < 4; i++ )
        event[i] = guest_load(g, EVENTQ + (cons & (mask - 1)) * 32u + i * 8u);
    guest_write(g, R_EVENTQ_CONS, 4,
                (cons & BIT(31)) | ((cons + 1) & (2 * mask - 1)));
    return true;
}

bool vguest_report(struct guest *g, uint64_t w0, uint64_t w1, uint64_t w2,
                   uint64_t w3, uint64_t event[4])
{
    const uint64_t physical[4] = { w0 | CMD_SID(PSID), w1, w2, w3 };
    uint64_t second[4];
    bool one;

    vguest_physical_event(g, physical);
    one = vguest_take_event(g, event);
    assert_false(vguest_take_event(g, second));
    return one;
}

/* ---- the hardware ------------------------------------------------------- */

void vguest_physical_ste(struct guest *g, uint32_t psid, uint64_t ste[8])
{
    assert_true(fake_smmuv3_ste(g->unit, psid, ste));
}

unsigned int vguest_vmid(struct guest *g, uint32_t psid)
{
    uint64_t ste[8];

    vguest_physical_ste(g, psid, ste);
    return ste[2] & 0xffff;
}

unsigned int vguest_executed(const struct guest *g, unsigned int from,
                             struct fake_smmuv3_trace *command,
                             unsigned int most)
{
    unsigned int count = 0;

    for ( ; from < g->unit->traced; from++ )
    {
        if ( !g->unit->trace[from].command ||
             (g->unit->trace[from].lo & 0xff) == OP_SYNC )
            continue;
        assert_true(count < most);
        command[count++] = g->unit->trace[from];
    }
    return count;
}
