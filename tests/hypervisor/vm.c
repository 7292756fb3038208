/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

/* ---- hypercalls --------------------------------------------------------- */

int guest_call(struct guest *g, struct xen_dmop_viommu_op *op)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_hypercall(g->registry, op);
        assert_int_equal(g->host->locks, 0);
        if ( rc == -XEN_ERESTART && g->works_between )
            fake_run_some(g->host, 1);
    } while ( rc == -XEN_ERESTART );
    return rc;
}

struct xen_dmop_viommu_op guest_op(const struct guest *g, uint32_t cmd)
{
    return (struct xen_dmop_viommu_op) { .cmd = cmd,
                                         .domid = host_domain_id(g->d),
                                         .viommu_id = g->id };
}

int guest_attach(struct guest *g, uint32_t virtual, uint32_t physical)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_attach);

    op.u.attach.vsbdf = virtual;
    op.u.attach.psbdf = physical;
    return guest_call(g, &op);
}

int guest_detach(struct guest *g, uint32_t virtual)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_detach);

    op.u.detach.vsbdf = virtual;
    return guest_call(g, &op);
}

int guest_destroy(struct guest *g)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_destroy);

    return guest_call(g, &op);
}

void guest_assign(struct guest *g, uint32_t physical)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_assign(g->registry, g->d, physical);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
}

/* ---- the end ------------------------------------------------------------ */

void guest_domain_end(struct guest *g)
{
    int rc;

    do
    {
        g->host->used = 0;
        rc = viommu_domain_destroy(g->registry, g->d);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
}

void guest_stop(struct guest *g)
{
    struct host *host = g->host;

    if ( host->second )
    {
        struct guest second = *g;

        second.d = host->second;
        guest_domain_end(&second);
    }
    guest_domain_end(g);
    assert_int_equal(fake_references(host), 0);
    viommu_fini(g->registry);
    assert_null(host->work);
    assert_int_equal(host->tables, 0);
    assert_int_equal(host->allocations, 0);
    fake_free(host);
}

/* ---- registers and memory ----------------------------------------------- */

uint64_t guest_read(struct guest *g, unsigned int offset, unsigned int size)
{
    uint64_t value;

    g->host->used = 0;
    assert_int_equal(viommu_mmio_read(g->d, g->base + offset, size, &value),
                     VIOMMU_DONE);
    return value;
}

void guest_write(struct guest *g, unsigned int offset, unsigned int size,
                 uint64_t value)
{
    g->host->used = 0;
    assert_int_equal(viommu_mmio_write(g->d, g->base + offset, size, value),
                     VIOMMU_DONE);
    assert_true(g->host->used < 20); /* traps are short */
}

void guest_store(struct guest *g, uint64_t gpa, uint64_t value)
{
    g->d->ram[gpa >> 12][gpa % 4096 / 8] = value;
}

uint64_t guest_load(const struct guest *g, uint64_t gpa)
{
    return g->d->ram[gpa >> 12][gpa % 4096 / 8];
}

/* ---- the register file -------------------------------------------------- */

#define FULL (~UINT64_C(0))

void guest_check_registers(struct guest *g, const struct guest_register *rows,
                           unsigned int count, bool halves)
{
    unsigned int i;

    for ( i = 0; i < count; i++ )
    {
        unsigned int offset = rows[i].offset, size = rows[i].size;

        assert_int_equal(guest_read(g, offset, size), rows[i].reset);
        if ( !halves || size == 4 )
            guest_write(g, offset, size, FULL);
        else
        {
            guest_write(g, offset, 4, FULL);
            guest_write(g, offset + 4, 4, FULL);
        }
        assert_int_equal(guest_read(g, offset, size), rows[i].ones);
    }
}

void guest_check_bytes(struct guest *g, unsigned int offset, uint64_t value)
{
    unsigned int i, size;

    for ( size = 1; size <= 8; size *= 2 )
        for ( i = 0; i + size <= 8; i++ )
            assert_int_equal(guest_read(g, offset + i, size),
                             value >> i * 8 & FULL >> (64 - size * 8));
}
