/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual devices below a vvtd: translations, drains, device-TLBs. */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#define BIT(n) (UINT64_C(1) << (n))

#define VSID  0x0020u /* the virtual device */
#define DM    1u      /* its device model */
#define IOVA  UINT64_C(0x40000)
#define GPA   UINT64_C(0x123000)
#define DRAIN XEN_VIOMMU_VPDEV_drain
#define ATS   XEN_VIOMMU_VPDEV_ats
#define R     XEN_VIOMMU_ACCESS_read
#define W     XEN_VIOMMU_ACCESS_write

#define IOTLB_REG 0xf8u
#define IVT       BIT(63)
#define IQH       0x80u

/* IOTLB descriptors and the register's command: domain-selective. */
#define DESC_DOMAIN (UINT64_C(0x2) | 2u << 4 | DID << 16)
#define DESC_DW     BIT(6)
#define DESC_DR     BIT(7)
#define REG_DOMAIN  (IVT | UINT64_C(2) << 60 | (uint64_t)DID << 32)
#define REG_DR      BIT(49)
#define REG_DW      BIT(48)

static int attach_vpdev(struct guest *g, uint32_t vsbdf, uint32_t dm,
                        uint32_t flags)
{
    struct xen_dmop_viommu_op op = guest_op(g, XEN_DMOP_viommu_attach_vpdev);

    op.u.attach_vpdev.vsbdf = vsbdf;
    op.u.attach_vpdev.dm = dm;
    op.u.attach_vpdev.flags = flags;
    return guest_call(g, &op);
}

static int translate(struct guest *g, uint64_t iova, uint32_t access,
                     struct xen_dmop_viommu_op *op)
{
    *op = guest_op(g, XEN_DMOP_viommu_dma_translation_for_vpdev);
    op->u.translation.vsbdf = VSID;
    op->u.translation.dm = DM;
    op->u.translation.iova = iova;
    op->u.translation.access = access;
    return guest_call(g, op);
}

static int answer(struct guest *g, uint32_t dm, uint64_t sequence)
{
    struct xen_dmop_viommu_op op = guest_op(
        g, XEN_DMOP_viommu_dma_drain_completed);
    int rc;

    op.u.drain_completed.dm = dm;
    op.u.drain_completed.sequence = sequence;
    rc = guest_call(g, &op);
    fake_run(g->host);
    return rc;
}

/* The n-th message of all. */
static const struct host_dm_message *message(struct guest *g, unsigned int n)
{
    assert_true(n < g->d->messages);
    return &g->d->message[n].message;
}

/* A guest with translation on, and a virtual device below the same table. */
static void start(struct guest *g, uint64_t ecap, uint32_t flags)
{
    *g = (struct guest) { .base = BASE, .next_table = 4 };
    g->host = fake_host(true, fake_unit_cap(), 0x2);
    g->d = &g->host->domain;
    g->d->models = 1u << DM | 1u << (DM + 1);
    assert_int_equal(viommu_init(g->host, &g->registry), 0);
    guest_assign(g, PSID);
    assert_int_equal(guest_create(g, GUEST_CAP, GUEST_ECAP | ecap, 0, 0), 0);
    assert_int_equal(guest_attach(g, SID, PSID), 0);
    assert_int_equal(attach_vpdev(g, VSID, DM, flags), 0);
    guest_context(g, VSID, TOP | (flags & ATS ? 1u << 2 : 0) | 1,
                  2 | DID << 8);
    guest_map(g, IOVA, GPA, 1, 3);
    guest_enable(g);
}

/* ---- the hypercalls ----------------------------------------------------- */

static void fields_are_checked_one_by_one(void **state)
{
    static const struct {
        size_t offset, size;
        uint64_t value;
        int rc;
    } rows[] = {
#define ROW(field, v, rc)                                                     \
    { offsetof(struct xen_dmop_viommu_op, u.field),                           \
      sizeof(((struct xen_dmop_viommu_op *)0)->u.field), v, rc }
        ROW(translation.access, R, 0),
        ROW(translation.vsbdf, VSID + 1, -XEN_ENOENT),
        ROW(translation.vsbdf, SID, -XEN_ENOENT), /* hardware's */
        ROW(translation.dm, DM + 1, -XEN_EPERM),
        ROW(translation.access, 0, -XEN_EINVAL),
        ROW(translation.access, R | 1u << 6, -XEN_EINVAL),
        ROW(translation.access, R | XEN_VIOMMU_ACCESS_ats, -XEN_EOPNOTSUPP),
        ROW(translation.pasid, 1, -XEN_EINVAL),
        ROW(translation.pad3, 1, -XEN_EINVAL),
#undef ROW
    };
    struct guest g;
    unsigned int i;

    (void)state;
    start(&g, 0, 0);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct xen_dmop_viommu_op op = guest_op(
            &g, XEN_DMOP_viommu_dma_translation_for_vpdev);

        op.u.translation.vsbdf = VSID;
        op.u.translation.dm = DM;
        op.u.translation.iova = IOVA;
        op.u.translation.access = R;
        memcpy((char *)&op + rows[i].offset, &rows[i].value, rows[i].size);
        assert_int_equal(guest_call(&g, &op), rows[i].rc);
    }
    guest_stop(&g);
}

static void a_virtual_device_has_a_number_of_its_own(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    assert_int_equal(attach_vpdev(&g, VSID, DM, 0), -XEN_EEXIST);
    assert_int_equal(attach_vpdev(&g, SID, DM, 0), -XEN_EEXIST);
    assert_int_equal(attach_vpdev(&g, 0x10000, DM, 0), -XEN_EINVAL);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM, 4), -XEN_EINVAL);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM, ATS), -XEN_EOPNOTSUPP);
    guest_assign(&g, PSID + 1);
    assert_int_equal(guest_attach(&g, VSID, PSID + 1), -XEN_EEXIST);
    assert_int_equal(guest_detach(&g, VSID), 0);
    assert_int_equal(guest_detach(&g, VSID), -XEN_ENOENT);
    assert_int_equal(guest_attach(&g, VSID, PSID + 1), 0);
    guest_stop(&g);
}

static void virtual_devices_and_their_models_are_bounded(void **state)
{
    struct guest g;
    uint32_t i;

    (void)state;
    start(&g, 0, 0);
    for ( i = 1; i < XEN_VIOMMU_MAX_DEVICE_MODELS; i++ )
        assert_int_equal(attach_vpdev(&g, VSID + i, DM + i, 0), 0);
    assert_int_equal(attach_vpdev(&g, VSID + i, DM + i, 0), -XEN_ENOSPC);
    for ( ; i < XEN_VIOMMU_MAX_DEVICES; i++ )
        assert_int_equal(attach_vpdev(&g, VSID + i, DM, 0), 0);
    assert_int_equal(attach_vpdev(&g, VSID + i, DM, 0), -XEN_ENOSPC);
    g.host->fail_alloc = 1;
    assert_int_equal(guest_detach(&g, VSID + 1), 0);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM, 0), -XEN_ENOMEM);
    guest_stop(&g);
}

/* ---- translations ------------------------------------------------------- */

static void a_translation_is_what_the_guests_tables_say(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    guest_map(&g, 0x600000, 0x400000, 2, 1);
    assert_int_equal(translate(&g, IOVA + 0x123, R | W, &op), 0);
    assert_int_equal(op.u.translation.gpa, GPA + 0x123);
    assert_int_equal(op.u.translation.mask, 0xfff);
    assert_int_equal(op.u.translation.rights, R | W);
    assert_int_equal(translate(&g, 0x612345, R, &op), 0);
    assert_int_equal(op.u.translation.gpa, 0x412345);
    assert_int_equal(op.u.translation.mask, 0x1fffff);
    assert_int_equal(op.u.translation.rights, R);
    /* TE off: where it says. */
    guest_write(&g, 0x18, 4, 1u << 26);
    fake_run(g.host);
    assert_int_equal(translate(&g, 0x77777, W, &op), 0);
    assert_int_equal(op.u.translation.gpa, 0x77777);
    guest_stop(&g);
}

static void what_is_blocked_is_recorded(void **state)
{
    static const struct {
        uint64_t iova;
        uint32_t access;
        unsigned int reason;
        uint64_t type; /* T1, T2 */
    } rows[] = {
        { 0x900000, R, 0x06, BIT(62) },
        { 0x900000, W, 0x05, 0 },
        { 0x900000, R | W, 0x05, BIT(62) | BIT(28) },
        { 0x601000, W, 0x05, 0 },
        { BIT(48), R, 0x04, BIT(62) },
        { 0xfee00000, R, 0x0e, BIT(62) },
        { 0xa00000, R, 0x0c, BIT(62) },
        { 0xc00000, R, 0x07, BIT(62) },
        { 0xe00000, R, 0x0e, BIT(62) },
    };
    struct xen_dmop_viommu_op op;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, 0, 0);
        guest_map(&g, 0x600000, 0x400000, 2, 1);
        guest_map(&g, 0xa00000, 0x400000 | BIT(11), 2, 3); /* SNP */
        guest_store(&g, guest_entry(&g, 0xc00000, 2), BIT(40) | 3);
        guest_map(&g, 0xe00000, 0xfee00000, 1, 3);
        assert_int_equal(translate(&g, rows[i].iova, rows[i].access, &op),
                         -XEN_EFAULT);
        assert_int_equal(guest_read(&g, 0x220, 8),
                         rows[i].iova & ~UINT64_C(0xfff));
        assert_true(
            guest_read(&g, 0x228, 8) ==
            (BIT(63) | rows[i].type | (uint64_t)rows[i].reason << 32 | VSID));
        assert_int_equal(guest_read(&g, 0x34, 4) & 2, 2);
        guest_stop(&g);
    }
}

static void a_request_with_pasid_is_recorded_with_it(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    op = guest_op(&g, XEN_DMOP_viommu_dma_translation_for_vpdev);
    op.u.translation.vsbdf = VSID;
    op.u.translation.dm = DM;
    op.u.translation.iova = IOVA;
    op.u.translation.access = R | XEN_VIOMMU_ACCESS_pasid |
                              XEN_VIOMMU_ACCESS_privileged;
    op.u.translation.pasid = 0x12345;
    assert_int_equal(guest_call(&g, &op), -XEN_EFAULT);
    assert_true(guest_read(&g, 0x228, 8) ==
                (BIT(63) | BIT(62) | UINT64_C(0x12345) << 40 |
                 UINT64_C(0x31) << 32 | BIT(31) | BIT(29) | VSID));
    guest_stop(&g);
}

static void the_context_decides_before_the_tables(void **state)
{
    static const struct {
        uint64_t lo, hi;
        unsigned int reason; /* 0: the address is its own */
    } rows[] = {
        { 0, 2 | DID << 8, 0x02 },
        { TOP | 1, 7 | DID << 8, 0x03 },           /* AW */
        { TOP | 3u << 2 | 1, 2 | DID << 8, 0x03 }, /* TT */
        { TOP | 1, BIT(63) | 2 | DID << 8, 0x0b }, /* reserved */
        { BIT(38) | 1, 2 | DID << 8, 0x03 },       /* no memory */
        { TOP | 2u << 2 | 1, 2 | DID << 8, 0 },    /* pass-through */
    };
    struct xen_dmop_viommu_op op;
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;
        int rc;

        start(&g, 0, 0);
        guest_context(&g, VSID, rows[i].lo, rows[i].hi);
        rc = translate(&g, IOVA, R, &op);
        assert_int_equal(rc, rows[i].reason ? -XEN_EFAULT : 0);
        if ( rc )
            assert_true(
                guest_read(&g, 0x228, 8) ==
                (BIT(63) | BIT(62) | (uint64_t)rows[i].reason << 32 | VSID));
        else
            assert_int_equal(op.u.translation.gpa, IOVA);
        guest_stop(&g);
    }
}

static void an_interrupt_request_is_no_dma(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    assert_int_equal(translate(&g, 0xfee01000, W, &op), -XEN_EINVAL);
    assert_int_equal(guest_read(&g, 0x34, 4), 0);
    guest_stop(&g);
}

/* ---- copies ------------------------------------------------------------- */

static int copy(struct guest *g, uint64_t iova, uint32_t access, uint32_t size,
                uint64_t buffer)
{
    struct xen_dmop_viommu_op op = guest_op(
        g, XEN_DMOP_viommu_dma_copy_for_vpdev);

    op.u.copy.vsbdf = VSID;
    op.u.copy.dm = DM;
    op.u.copy.iova = iova;
    op.u.copy.access = access;
    op.u.copy.size = size;
    op.u.copy.buffer = buffer;
    return guest_call(g, &op);
}

static void a_copy_moves_the_bytes(void **state)
{
    struct guest g;
    unsigned int i;

    (void)state;
    start(&g, 0, 0);
    for ( i = 0; i < FAKE_CALLER; i++ )
        g.host->caller[i] = (uint8_t)(i * 7);
    assert_int_equal(copy(&g, IOVA + 3, W, 301, 5), 0);
    assert_memory_equal((char *)g.d->ram[GPA >> 12] + 3, g.host->caller + 5,
                        301);
    assert_int_equal(copy(&g, IOVA + 3, R, 301, 2000), 0);
    assert_memory_equal(g.host->caller + 2000, g.host->caller + 5, 301);
    guest_stop(&g);
}

static void a_copy_is_inside_a_page_and_one_way(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    guest_map(&g, IOVA + 0x1000, 0x40000000, 1, 3); /* no memory there */
    assert_int_equal(copy(&g, IOVA, R, 0, 0), -XEN_EINVAL);
    assert_int_equal(copy(&g, IOVA + 1, R, 4096, 0), -XEN_EINVAL);
    assert_int_equal(copy(&g, IOVA, R | W, 8, 0), -XEN_EINVAL);
    assert_int_equal(copy(&g, IOVA, R | XEN_VIOMMU_ACCESS_ats, 8, 0),
                     -XEN_EINVAL);
    assert_int_equal(copy(&g, IOVA, R, 4096, 1), -XEN_EFAULT); /* buffer */
    assert_int_equal(copy(&g, IOVA + 0x1000, R, 8, 0), -XEN_EFAULT);
    assert_int_equal(guest_read(&g, 0x34, 4), 0); /* nothing is recorded */
    assert_int_equal(copy(&g, IOVA + 0x2000, R, 8, 0), -XEN_EFAULT);
    assert_int_equal(guest_read(&g, 0x34, 4) & 2, 2);
    guest_stop(&g);
}

/* ---- drains ------------------------------------------------------------- */

static void a_register_command_waits_for_the_drain(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    assert_int_equal(g.d->messages, 1);
    assert_int_equal(message(&g, 0)->kind, HOST_DM_DRAIN);
    assert_int_equal(message(&g, 0)->flags, HOST_DM_WRITES);
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    /* The guest goes on, and others too. */
    guest_write(&g, 0x38, 4, 0);
    assert_int_equal(guest_detach(&g, SID), 0);
    guest_assign(&g, PSID + 1);
    assert_int_equal(guest_attach(&g, SID, PSID + 1), 0);
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    assert_int_equal(answer(&g, DM, message(&g, 0)->sequence), 0);
    assert_true(guest_read(&g, IOTLB_REG, 8) ==
                ((REG_DOMAIN & ~IVT) | REG_DW | UINT64_C(2) << 57));
    guest_stop(&g);
}

static void the_status_is_written_after_the_drain(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 9);
    fake_run(g.host);
    assert_int_equal(guest_status(&g), 0);
    assert_int_equal(guest_read(&g, IQH, 8), 16);
    assert_int_equal(message(&g, 0)->flags, HOST_DM_READS);
    assert_int_equal(answer(&g, DM, message(&g, 0)->sequence), 0);
    assert_int_equal(guest_status(&g), 9);
    assert_int_equal(guest_read(&g, IQH, 8), 32);
    guest_stop(&g);
}

static void a_wait_descriptor_is_read_once(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 9);
    fake_run(g.host);
    guest_store(&g, QUEUE + 16, 0xf);
    assert_int_equal(answer(&g, DM, message(&g, 0)->sequence), 0);
    assert_int_equal(guest_status(&g), 9);
    assert_int_equal(guest_read(&g, 0x34, 4), 0);
    guest_stop(&g);
}

static void drains_are_owed_where_they_are_asked_for(void **state)
{
    static const struct {
        uint64_t bits; /* of the descriptor */
        uint64_t cap;  /* without these */
        unsigned int messages;
    } rows[] = {
        { 0, 0, 0 },
        { DESC_DR, 0, 1 },
        { DESC_DW, 0, 1 },
        { DESC_DR | DESC_DW, 0, 1 },
        { DESC_DR, BIT(55), 0 },
        { DESC_DW, BIT(54), 0 },
        { DESC_DR | DESC_DW, BIT(54), 1 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        struct guest g;

        start(&g, 0, DRAIN);
        assert_int_equal(guest_destroy(&g), 0);
        g.tail = 0;
        assert_int_equal(
            guest_create(&g, GUEST_CAP & ~rows[i].cap, GUEST_ECAP, 0, 0), 0);
        assert_int_equal(attach_vpdev(&g, VSID, DM, DRAIN), 0);
        guest_enable(&g);
        guest_queue(&g, DESC_DOMAIN | rows[i].bits, 0);
        guest_wait(&g, 3);
        fake_run(g.host);
        assert_int_equal(g.d->messages, rows[i].messages);
        assert_int_equal(guest_status(&g), rows[i].messages ? 0 : 3);
        guest_stop(&g);
    }
}

static void nobody_is_told_who_does_not_drain(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    g.d->models = 1u << DM;
    /* One that drains and is gone, for whoever asks. */
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM + 1, DRAIN), 0);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    fake_run(g.host);
    assert_int_equal(g.d->messages, 0);
    assert_int_equal(guest_status(&g), 3);
    guest_stop(&g);
}

static void each_device_model_is_told_once_and_all_must_answer(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM, DRAIN), 0);
    assert_int_equal(attach_vpdev(&g, VSID + 2, DM + 1, DRAIN), 0);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    fake_run(g.host);
    assert_int_equal(g.d->messages, 2);
    assert_int_not_equal(g.d->message[0].dm, g.d->message[1].dm);
    /* In any order among them. */
    assert_int_equal(answer(&g, g.d->message[1].dm, message(&g, 1)->sequence),
                     0);
    assert_int_equal(guest_status(&g), 0);
    assert_int_equal(answer(&g, g.d->message[0].dm, message(&g, 0)->sequence),
                     0);
    assert_int_equal(guest_status(&g), 3);
    guest_stop(&g);
}

static void only_the_right_answer_counts(void **state)
{
    struct xen_dmop_viommu_op op = { .cmd = XEN_DMOP_viommu_create,
                                     .domid = FAKE_DOMID,
                                     .u.create = { .vtd_cap = GUEST_CAP,
                                                   .vtd_ecap = GUEST_ECAP } };
    struct guest g, other;
    uint64_t first, second;

    (void)state;
    start(&g, 0, DRAIN);
    op.u.create.base_address = BASE + 0x1000;
    assert_int_equal(guest_call(&g, &op), 0);
    other = g;
    other.id = op.u.create.viommu_id;
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    fake_run(g.host);
    first = message(&g, 0)->sequence;
    second = message(&g, 1)->sequence;
    assert_int_equal(answer(&g, DM, second + 1), -XEN_ENOENT); /* unknown */
    assert_int_equal(answer(&g, DM, 0), -XEN_ENOENT);
    assert_int_equal(answer(&g, DM + 1, first), -XEN_EPERM); /* another's */
    assert_int_equal(answer(&other, DM, first), -XEN_EPERM);
    assert_int_equal(answer(&g, DM, second), -XEN_EBUSY); /* out of order */
    assert_int_equal(guest_status(&g), 0);
    assert_int_equal(answer(&g, DM, first), 0);
    assert_int_equal(answer(&g, DM, first), -XEN_ENOENT); /* twice */
    assert_int_equal(guest_status(&g), 0);
    assert_int_equal(answer(&g, DM, second), 0);
    assert_int_equal(guest_status(&g), 3);
    guest_stop(&g);
}

static void unanswered_messages_are_bounded(void **state)
{
    struct guest g;
    unsigned int i, sent;

    (void)state;
    start(&g, 0, DRAIN);
    for ( i = 0; i < 20; i++ )
        guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    fake_run(g.host);
    sent = g.d->messages;
    assert_true(sent > 4 && sent <= 16);
    /* Nor is a register's command begun, which would have one more. */
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    assert_int_equal(g.d->messages, sent);
    for ( i = 0; i < 21; i++ )
        assert_int_equal(answer(&g, DM, message(&g, i)->sequence), 0);
    assert_int_equal(g.d->messages, 21);
    assert_int_equal(guest_status(&g), 3);
    assert_false(guest_read(&g, IOTLB_REG, 8) & IVT);
    guest_stop(&g);
}

static void a_queue_that_waits_can_be_disabled(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    fake_run(g.host);
    guest_write(&g, 0x18, 4, 1u << 31);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0x1c, 4) & 1u << 26, 0);
    assert_int_equal(answer(&g, DM, message(&g, 0)->sequence), 0);
    assert_int_equal(guest_status(&g), 0);
    guest_stop(&g);
}

static void destroy_does_not_wait_for_an_answer(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_queue(&g, DESC_DOMAIN | DESC_DR, 0);
    guest_wait(&g, 3);
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    assert_int_equal(guest_destroy(&g), 0);
    assert_int_equal(answer(&g, DM, message(&g, 0)->sequence), -XEN_ENOENT);
    assert_int_equal(guest_status(&g), 0);
    guest_stop(&g);
}

static void a_change_of_the_p2m_does_not_wait_for_an_answer(void **state)
{
    struct guest g;
    int rc;

    (void)state;
    start(&g, 0, DRAIN);
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    do
    {
        g.host->used = 0;
        rc = viommu_p2m_changed(g.registry, g.d, _gfn(GPA >> 12), 0);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    guest_stop(&g);
}

static void one_that_is_cut_off_loses_memory_before_its_drain_ends(
    void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM + 1, DRAIN), 0);
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    assert_int_equal(g.d->messages, 2);
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM), 0);
    assert_int_equal(g.d->models & 1u << DM, 0);
    fake_run(g.host);
    /* The other one has still to answer. */
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    assert_int_equal(translate(&g, IOVA, R, &op), -XEN_ENOENT);
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM + 1), 0);
    fake_run(g.host);
    assert_false(guest_read(&g, IOTLB_REG, 8) & IVT);
    guest_stop(&g);
}

static void nothing_completes_while_memory_is_being_taken_away(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, DRAIN);
    guest_write(&g, IOTLB_REG, 8, REG_DOMAIN | REG_DW);
    fake_run(g.host);
    g.d->revoke_restarts = 2;
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM), -XEN_ERESTART);
    fake_run(g.host);
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM), -XEN_ERESTART);
    fake_run(g.host);
    assert_true(guest_read(&g, IOTLB_REG, 8) & IVT);
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM), 0);
    fake_run(g.host);
    assert_false(guest_read(&g, IOTLB_REG, 8) & IVT);
    guest_stop(&g);
}

/* ---- device-TLBs -------------------------------------------------------- */

#define DESC_DEVTLB (UINT64_C(3) | (uint64_t)VSID << 32)

static void a_device_tlb_is_invalidated_in_the_range_named(void **state)
{
    static const struct {
        uint64_t high, first, last;
    } rows[] = {
        { 0x40000, 0x40000, 0x40fff },
        { 0x40000 | 1, 0x40000, 0x41fff },
        { 0x41000 | 1, 0x40000, 0x43fff },
        { 0x47000 | 1, 0x40000, 0x4ffff },
        { UINT64_C(0x7ffffffffffff000) | 1, 0, UINT64_MAX },
        { UINT64_C(0xfffffffffffff000) | 1, 0, UINT64_MAX },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    start(&g, BIT(2), ATS);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        const struct host_dm_message *m;

        guest_queue(&g, DESC_DEVTLB, rows[i].high);
        guest_wait(&g, i + 1);
        fake_run(g.host);
        m = message(&g, i);
        assert_int_equal(m->kind, HOST_DM_INVALIDATE);
        assert_int_equal(m->vsbdf, VSID);
        assert_true(m->first == rows[i].first && m->last == rows[i].last);
        assert_int_equal(guest_status(&g), i);
        assert_int_equal(answer(&g, DM, m->sequence), 0);
        assert_int_equal(guest_status(&g), i + 1);
    }
    guest_stop(&g);
}

static void what_has_no_device_tlb_has_none_to_invalidate(void **state)
{
    struct guest g;

    (void)state;
    start(&g, BIT(2), ATS);
    assert_int_equal(attach_vpdev(&g, VSID + 1, DM, DRAIN), 0);
    guest_queue(&g, UINT64_C(3) | (uint64_t)(VSID + 1) << 32, 0);
    guest_queue(&g, UINT64_C(3) | UINT64_C(0x777) << 32, 0);
    guest_queue(&g, DESC_DOMAIN, 0);
    guest_wait(&g, 1);
    fake_run(g.host);
    assert_int_equal(g.d->messages, 0);
    assert_int_equal(guest_status(&g), 1);
    guest_stop(&g);
}

static void a_device_tlb_descriptor_needs_the_capability(void **state)
{
    struct guest g;

    (void)state;
    start(&g, 0, 0);
    guest_queue(&g, DESC_DEVTLB, 0);
    fake_run(g.host);
    assert_int_equal(guest_read(&g, 0x34, 4) & 0x10, 0x10);
    guest_stop(&g);
}

static void a_translation_request_is_told_its_rights(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    start(&g, BIT(2), ATS);
    guest_map(&g, IOVA + 0x1000, GPA, 1, 1);
    assert_int_equal(translate(&g, IOVA, R | XEN_VIOMMU_ACCESS_ats, &op), 0);
    assert_int_equal(op.u.translation.gpa, GPA);
    assert_int_equal(op.u.translation.rights, R | W);
    assert_int_equal(
        translate(&g, IOVA + 0x1000, W | XEN_VIOMMU_ACCESS_ats, &op), 0);
    assert_int_equal(op.u.translation.rights, R);
    assert_int_equal(
        translate(&g, IOVA + 0x2000, W | XEN_VIOMMU_ACCESS_ats, &op), 0);
    assert_int_equal(op.u.translation.rights, 0);
    /* Rights that a table and its leaf have nothing of in common. */
    guest_store(&g, guest_entry(&g, IOVA, 2),
                (guest_load(&g, guest_entry(&g, IOVA, 2)) & ~UINT64_C(3)) | 2);
    assert_int_equal(
        translate(&g, IOVA + 0x1000, R | XEN_VIOMMU_ACCESS_ats, &op), 0);
    assert_int_equal(op.u.translation.rights, 0);
    guest_store(&g, guest_entry(&g, IOVA, 2),
                guest_load(&g, guest_entry(&g, IOVA, 2)) | 3);
    assert_int_equal(guest_read(&g, 0x34, 4), 0);
    /* TT = 00 takes untranslated requests alone: LCT.5, AT = 01. */
    guest_context(&g, VSID, TOP | 1, 2 | DID << 8);
    assert_int_equal(translate(&g, IOVA, R, &op), 0);
    assert_int_equal(translate(&g, IOVA, R | XEN_VIOMMU_ACCESS_ats, &op),
                     -XEN_EFAULT);
    assert_true(guest_read(&g, 0x228, 8) ==
                (BIT(63) | BIT(62) | BIT(60) | UINT64_C(0xd) << 32 | VSID));
    /* Translation is off: refused, and no fault (4.2.1). */
    guest_write(&g, 0x18, 4, 1u << 26);
    fake_run(g.host);
    assert_int_equal(translate(&g, IOVA, R | XEN_VIOMMU_ACCESS_ats, &op),
                     -XEN_EFAULT);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_checked_one_by_one),
        cmocka_unit_test(a_virtual_device_has_a_number_of_its_own),
        cmocka_unit_test(virtual_devices_and_their_models_are_bounded),
        cmocka_unit_test(a_translation_is_what_the_guests_tables_say),
        cmocka_unit_test(what_is_blocked_is_recorded),
        cmocka_unit_test(a_request_with_pasid_is_recorded_with_it),
        cmocka_unit_test(the_context_decides_before_the_tables),
        cmocka_unit_test(an_interrupt_request_is_no_dma),
        cmocka_unit_test(a_copy_moves_the_bytes),
        cmocka_unit_test(a_copy_is_inside_a_page_and_one_way),
        cmocka_unit_test(a_register_command_waits_for_the_drain),
        cmocka_unit_test(the_status_is_written_after_the_drain),
        cmocka_unit_test(a_wait_descriptor_is_read_once),
        cmocka_unit_test(drains_are_owed_where_they_are_asked_for),
        cmocka_unit_test(nobody_is_told_who_does_not_drain),
        cmocka_unit_test(each_device_model_is_told_once_and_all_must_answer),
        cmocka_unit_test(only_the_right_answer_counts),
        cmocka_unit_test(unanswered_messages_are_bounded),
        cmocka_unit_test(a_queue_that_waits_can_be_disabled),
        cmocka_unit_test(destroy_does_not_wait_for_an_answer),
        cmocka_unit_test(a_change_of_the_p2m_does_not_wait_for_an_answer),
        cmocka_unit_test(
            one_that_is_cut_off_loses_memory_before_its_drain_ends),
        cmocka_unit_test(nothing_completes_while_memory_is_being_taken_away),
        cmocka_unit_test(a_device_tlb_is_invalidated_in_the_range_named),
        cmocka_unit_test(what_has_no_device_tlb_has_none_to_invalidate),
        cmocka_unit_test(a_device_tlb_descriptor_needs_the_capability),
        cmocka_unit_test(a_translation_request_is_told_its_rights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
