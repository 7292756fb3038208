/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hypervisor/ with real threads: the processors of two guests, a device, a
 * device model, the toolstack, the physical interrupt and two workers, all at
 * once.  What is looked for is found by ThreadSanitizer, in hypervisor/ alone:
 * a private access that no host_lock orders.
 *
 * Usage: test_threads [ROUNDS].  Exit status 66: a race was reported.
 */
#include "guest.h"
#include "host_threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS   64u  /* of each processor */
#define WATCHDOG 240u /* seconds, after which nobody gets any further */

#define VSID   0x0020u /* of a virtual device */
#define DM     1u
#define IOVA   UINT64_C(0x40000)
#define FIRST  UINT64_C(0x123000) /* where it is mapped in turn */
#define SECOND UINT64_C(0x124000)
#define OTHER  UINT64_C(0xfed91000) /* the toolstack's vIOMMU */

#define GCMD  0x18u
#define GSTS  0x1cu
#define FECTL 0x38u
#define FSTS  0x34u
#define IQT   0x88u
#define IOTLB 0xf8u
#define QIE   (UINT64_C(1) << 26)
#define TE    (UINT64_C(1) << 31)
#define IVT   (UINT64_C(1) << 63)
#define DRAIN (UINT64_C(3) << 6) /* of a descriptor: DR, DW */

struct threads {
    struct guest guest[2];
    unsigned int rounds;
    int stop; /* those that go on as long as the others do */
};

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "exitcode=66 history_size=4";
}

static bool stopped(struct threads *t)
{
    hidden_pause();
    return __atomic_load_n(&t->stop, __ATOMIC_RELAXED);
}

static void fail(const char *what)
{
    fprintf(stderr, "test_threads: %s\n", what);
    _exit(2);
}

/* ---- what a guest does ---- */

static void store(struct guest *g, uint64_t gpa, uint64_t value)
{
    hidden_begin();
    guest_store(g, gpa, value);
    hidden_end();
}

static uint64_t load(struct guest *g, uint64_t gpa)
{
    uint64_t value;

    hidden_begin();
    value = guest_load(g, gpa);
    hidden_end();
    return value;
}

static void write_register(struct guest *g, uint64_t base, unsigned int offset,
                           unsigned int size, uint64_t value)
{
    threads_entry();
    if ( viommu_mmio_write(g->d, base + offset, size, value) != VIOMMU_DONE )
        fail("a register is not there");
}

static uint64_t read_register(struct guest *g, uint64_t base,
                              unsigned int offset, unsigned int size)
{
    uint64_t value;

    threads_entry();
    if ( viommu_mmio_read(g->d, base + offset, size, &value) != VIOMMU_DONE )
        fail("a register is not there");
    return value;
}

static void queue(struct guest *g, uint64_t lo, uint64_t hi)
{
    store(g, QUEUE + g->tail, lo);
    store(g, QUEUE + g->tail + 8, hi);
    g->tail = (g->tail + 16) % 4096;
    write_register(g, BASE, IQT, 8, g->tail);
}

/* Until bits of a register are as they are wanted. */
static void await(struct guest *g, unsigned int offset, unsigned int size,
                  uint64_t mask, uint64_t wanted)
{
    while ( (read_register(g, BASE, offset, size) & mask) != wanted )
        hidden_pause();
}

static void invalidate(struct guest *g, unsigned int round)
{
    queue(g, 0x1 | 1u << 4, 0);
    queue(g, 0x2 | 3u << 4 | DRAIN | DID << 16, IOVA);
    queue(g, 0x5 | 0x20 | (uint64_t)round << 32, STATUS);
    while ( (uint32_t)load(g, STATUS) != round )
        hidden_pause();
}

static void processor(struct guest *g, unsigned int rounds)
{
    for ( unsigned int i = 1; i <= rounds; i++ )
    {
        hidden_begin();
        guest_map(g, IOVA, i & 1 ? FIRST : SECOND, 1, i % 5 ? 3 : 0);
        hidden_end();
        invalidate(g, i);
        if ( i % 8 == 4 )
        {
            write_register(g, BASE, IOTLB, 8, IVT | UINT64_C(1) << 60);
            await(g, IOTLB, 8, IVT, 0);
        }
        if ( i % 8 == 0 )
        {
            write_register(g, BASE, GCMD, 4, QIE);
            await(g, GSTS, 4, TE, 0);
            write_register(g, BASE, GCMD, 4, QIE | TE);
            await(g, GSTS, 4, TE, TE);
        }
    }
}

/* ---- actors ---- */

static void *first_processor(void *context)
{
    struct threads *t = context;

    processor(&t->guest[0], t->rounds);
    return NULL;
}

static void *second_guest(void *context)
{
    struct threads *t = context;

    processor(&t->guest[1], t->rounds);
    return NULL;
}

/* Of the same guest: looks at faults, and masks their event. */
static void *second_processor(void *context)
{
    struct threads *t = context;
    struct guest *g = &t->guest[0];
    unsigned int frcd = (unsigned int)((GUEST_CAP >> 24 & 0x3ff) * 16);

    for ( unsigned int i = 0; !stopped(t); i++ )
    {
        read_register(g, BASE, FSTS, 4);
        read_register(g, BASE, frcd, 8);
        write_register(g, BASE, frcd + 12, 4, UINT64_C(1) << 31);
        write_register(g, BASE, FECTL, 4, (uint64_t)(i & 1) << 31);
        write_register(g, BASE, FSTS, 4, 1);
    }
    return NULL;
}

/* A page that is mapped at times, and one that never is. */
static void *device(void *context)
{
    struct threads *t = context;
    struct host *host = t->guest[0].host;

    for ( unsigned int i = 0; !stopped(t); i++ )
    {
        hidden_begin();
        fake_dma(host, PSID, IOVA, i & 1, NULL);
        fake_dma(host, PSID, 0x99000, true, NULL);
        hidden_end();
    }
    return NULL;
}

static void *interrupt(void *context)
{
    struct threads *t = context;

    while ( !stopped(t) )
    {
        threads_entry();
        viommu_unit_interrupt(t->guest[0].registry, 0);
    }
    return NULL;
}

static void *worker(void *context)
{
    struct threads *t = context;

    while ( !stopped(t) )
        while ( threads_work(t->guest[0].host) )
            ;
    return NULL;
}

/* ---- hypercalls ---- */

static int call(struct guest *g, struct xen_dmop_viommu_op *op)
{
    int rc;

    do
    {
        threads_entry();
        rc = viommu_hypercall(g->registry, op);
        hidden_pause();
    } while ( rc == -XEN_ERESTART );
    return rc;
}

static bool receive(struct domain *d, uint64_t *sequence)
{
    bool any;

    hidden_begin();
    any = d->messages;
    if ( any )
        *sequence = d->message[--d->messages].message.sequence;
    hidden_end();
    return any;
}

/* Its accesses end before it answers: nothing is under way then. */
static void *device_model(void *context)
{
    struct threads *t = context;
    struct guest *g = &t->guest[0];
    uint64_t sequence;

    while ( !stopped(t) )
    {
        struct xen_dmop_viommu_op op = guest_op(
            g, XEN_DMOP_viommu_dma_translation_for_vpdev);

        op.u.translation.vsbdf = VSID;
        op.u.translation.dm = DM;
        op.u.translation.iova = IOVA;
        op.u.translation.access = XEN_VIOMMU_ACCESS_read;
        call(g, &op);
        while ( receive(g->d, &sequence) )
        {
            op = guest_op(g, XEN_DMOP_viommu_dma_drain_completed);
            op.u.drain_completed.dm = DM;
            op.u.drain_completed.sequence = sequence;
            if ( call(g, &op) )
                fail("an answer is not taken");
        }
    }
    return NULL;
}

/* Another vIOMMU of the first guest comes, works and goes. */
static void second_viommu(struct guest *g)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_create,
        .domid = FAKE_DOMID,
        .u.create = { .capabilities = XEN_VIOMMU_CAPABILITY_l2_translation,
                      .base_address = OTHER,
                      .vtd_cap = GUEST_CAP,
                      .vtd_ecap = GUEST_ECAP },
    };
    uint32_t id;

    if ( call(g, &op) )
        fail("no second vIOMMU");
    id = op.u.create.viommu_id;
    write_register(g, OTHER, IOTLB, 8, IVT | UINT64_C(1) << 60);
    op = guest_op(g, XEN_DMOP_viommu_destroy);
    op.viommu_id = id;
    if ( call(g, &op) )
        fail("the second vIOMMU stays");
}

static void change_p2m(struct guest *g, unsigned int i)
{
    int rc;

    hidden_begin();
    g->d->p2m[SECOND >> 12].type = i & 1 ? HOST_P2M_RAM_RO : HOST_P2M_RAM_RW;
    hidden_end();
    do
    {
        threads_entry();
        rc = viommu_p2m_changed(g->registry, g->d, _gfn(SECOND >> 12), 0);
        hidden_pause();
    } while ( rc == -XEN_ERESTART );
    if ( rc )
        fail("a change of the p2m is not followed");
}

static void query(struct guest *g)
{
    for ( unsigned int i = 0; i < 4; i++ )
    {
        struct xen_dmop_viommu_op op = guest_op(
            g, XEN_DMOP_viommu_query_capability);

        if ( call(g, &op) )
            fail("a query is refused");
    }
}

static void *toolstack(void *context)
{
    struct threads *t = context;
    struct guest *g = &t->guest[0];

    for ( unsigned int i = 1; !stopped(t); i++ )
    {
        struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_detach);

        query(g);
        op.u.detach.vsbdf = SID;
        if ( call(g, &op) )
            fail("a device can't be detached");
        op = guest_op(g, XEN_DMOP_viommu_attach);
        op.u.attach.vsbdf = SID;
        op.u.attach.psbdf = PSID;
        if ( call(g, &op) )
            fail("a device can't be attached");
        change_p2m(g, i);
        second_viommu(g);
    }
    return NULL;
}

/* ---- all of them ---- */

static void attach_vpdev(struct guest *g)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_attach_vpdev);

    op.u.attach_vpdev.vsbdf = VSID;
    op.u.attach_vpdev.dm = DM;
    op.u.attach_vpdev.flags = XEN_VIOMMU_VPDEV_drain;
    g->d->models = 1u << DM;
    if ( call(g, &op) )
        fail("no virtual device");
}

/* The same vIOMMU in a domain of its own. */
static void second_start(const struct guest *first, struct guest *g)
{
    struct xen_dmop_viommu_op op = {
        .cmd = XEN_DMOP_viommu_create,
        .domid = FAKE_DOMID + 1,
        .u.create = { .capabilities = XEN_VIOMMU_CAPABILITY_l2_translation,
                      .base_address = BASE,
                      .vtd_cap = GUEST_CAP,
                      .vtd_ecap = GUEST_ECAP },
    };

    *g = (struct guest) { .host = first->host,
                          .registry = first->registry,
                          .base = BASE,
                          .next_table = 4 };
    fake_second_domain(g->host);
    g->d = g->host->second;
    guest_assign(g, 0x102);
    if ( call(g, &op) )
        fail("no vIOMMU for the second guest");
    g->id = op.u.create.viommu_id;
    if ( guest_attach(g, SID, 0x102) )
        fail("no device for the second guest");
}

static void enable(struct guest *g)
{
    guest_context(g, SID, TOP | 1, 2 | DID << 8);
    guest_context(g, VSID, TOP | 1, 2 | DID << 8);
    write_register(g, BASE, 0x90, 8, QUEUE);
    write_register(g, BASE, GCMD, 4, QIE);
    write_register(g, BASE, 0x20, 8, ROOT);
    write_register(g, BASE, GCMD, 4, UINT64_C(1) << 30 | QIE);
    write_register(g, BASE, GCMD, 4, TE | QIE);
    while ( threads_work(g->host) )
        ;
}

static void *(*const actors[])(void *context) = {
    /* Those that come to an end, then those that go on until they have. */
    first_processor, second_guest, second_processor, device,    interrupt,
    worker,          worker,       device_model,     toolstack,
};
#define ACTORS (sizeof(actors) / sizeof(actors[0]))
#define FINITE 2u

int main(int argc, char **argv)
{
    struct threads t = { .rounds = argc > 1 ? (unsigned int)atoi(argv[1]) :
                                              ROUNDS };
    pthread_t thread[ACTORS];

    alarm(WATCHDOG);
    guest_start(&t.guest[0], false, 0);
    attach_vpdev(&t.guest[0]);
    second_start(&t.guest[0], &t.guest[1]);
    enable(&t.guest[0]);
    enable(&t.guest[1]);
    for ( unsigned int i = 0; i < ACTORS; i++ )
        if ( pthread_create(&thread[i], NULL, actors[i], &t) )
            fail("no threads");
    for ( unsigned int i = 0; i < ACTORS; i++ )
    {
        if ( i == FINITE )
            __atomic_store_n(&t.stop, 1, __ATOMIC_RELAXED);
        pthread_join(thread[i], NULL);
    }
    while ( threads_work(t.guest[0].host) )
        ;
    guest_stop(&t.guest[0]);
    printf("%u rounds\n", t.rounds);
    return 0;
}
