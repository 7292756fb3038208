/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual devices below a vsmmuv3: stage 1 in software, drains at CMD_SYNC. */
#include "vsmmu_vdev.h"

#define DRAIN  XEN_VIOMMU_VPDEV_drain
#define OP_ATC 0x40u

static int answer(struct guest *g, uint64_t sequence)
{
    struct xen_dmop_viommu_op op = guest_op(
        g, XEN_DMOP_viommu_dma_drain_completed);
    int rc;

    op.u.drain_completed.dm = DM;
    op.u.drain_completed.sequence = sequence;
    rc = guest_call(g, &op);
    fake_run(g->host);
    return rc;
}

static void stage_1_is_walked_for_virtual_devices(void **state)
{
    struct xen_dmop_viommu_op op;
    struct guest g;

    (void)state;
    vdev_start(&g, 0);
    assert_int_equal(vdev_translate(&g, INPUT, R | W, 0, &op), 0);
    assert_int_equal(op.u.translation.gpa, GPA + 0x678);
    assert_int_equal(op.u.translation.mask, 0xfff);
    assert_int_equal(op.u.translation.rights, R | W | X);
    /* A block of 2 MiB. */
    guest_store(&g, L0 + 0x2000 + 8, 0x400000 | 1 | AF | USER | RO);
    assert_int_equal(vdev_translate(&g, INPUT, R, 0, &op), 0);
    assert_int_equal(op.u.translation.gpa, 0x401678);
    assert_int_equal(op.u.translation.mask, 0x1fffff);
    assert_int_equal(op.u.translation.rights, R | X);
    guest_stop(&g);
}

static void each_fault_has_its_event(void **state)
{
    static const struct {
        uint64_t at, value; /* stored */
        uint32_t access;
        unsigned int type;
        uint64_t word1;
        uint64_t fetch;
    } rows[] = {
        { L0 + 0x3008, 0, R, F_TRANSLATION, RNW | CLASS(IN), 0 },
        { L0 + 0x3008, GPA | 1 | AF | USER, R, F_TRANSLATION, RNW | CLASS(IN),
          0 },
        { L0, L0 | 1, W, F_TRANSLATION, CLASS(IN), 0 },
        { L0 + 0x3008, GPA | DESC | USER, R, 0x12, RNW | CLASS(IN), 0 },
        { L0 + 0x3008, GPA | DESC | AF, R, F_PERMISSION, RNW | CLASS(IN), 0 },
        { L0 + 0x3008, GPA | DESC | AF | USER | RO, W, F_PERMISSION, CLASS(IN),
          0 },
        { L0 + 0x3008, GPA | DESC | AF | USER | BIT(54), R | X, F_PERMISSION,
          RNW | IND | CLASS(IN), 0 },
        { L0 + 0x3008, GPA | DESC | AF | USER, R | X | PRIV, F_PERMISSION,
          RNW | IND | PNU | CLASS(IN), 0 },
        { L0 + 0x1008, (L0 + 0x2000) | DESC | BIT(61), R, F_PERMISSION,
          RNW | CLASS(IN), 0 },
        { L0 + 0x1008, (L0 + 0x2000) | DESC | BIT(62), W, F_PERMISSION,
          CLASS(IN), 0 },
        { L0 + 0x1008, NO_RAM | DESC, R, F_WALK_EABT, RNW | CLASS(TT),
          NO_RAM + 8 },
        { CDS, CD0 & ~BIT(31), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 & ~BIT(41), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 | BIT(44), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 | BIT(43), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 | BIT(15), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 & ~UINT64_C(0x3f), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 | 3u << 6, R, C_BAD_CD, 0, 0 },
        { CDS, (CD0 & ~(UINT64_C(7) << 32)), R, 0, 0, 0 }, /* IPS 32 */
        { CDS + 8, BIT(49), R, C_BAD_CD, 0, 0 },
        { CDS, CD0 | BIT(14), R, F_TRANSLATION, RNW | CLASS(IN), 0 },
        { CDS, (CD0 | BIT(14)) & ~BIT(45), R, ~0u, 0, 0 }, /* no record */
        { STRTAB + VSID * 64, 0, R, C_BAD_STE, 0, 0 },
        { STRTAB + VSID * 64, STE_S1 | NO_RAM, R, F_CD_FETCH, 0, NO_RAM },
        { STRTAB + VSID * 64, STE_ABORT, R, ~0u, 0, 0 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        bool input = rows[i].type >= F_WALK_EABT;
        struct xen_dmop_viommu_op op;
        uint64_t event[4];
        struct guest g;

        vdev_start(&g, 0);
        guest_store(&g, rows[i].at, rows[i].value);
        assert_int_equal(vdev_translate(&g, INPUT, rows[i].access, 0, &op),
                         rows[i].type ? -XEN_EFAULT : 0);
        fake_run(g.host);
        if ( rows[i].type && rows[i].type != ~0u )
        {
            assert_true(vguest_take_event(&g, event));
            assert_true(event[0] == ((uint64_t)VSID << 32 | rows[i].type));
            assert_true(event[1] == rows[i].word1);
            assert_true(event[2] == (input ? INPUT : 0));
            assert_true(event[3] == rows[i].fetch);
        }
        assert_false(vguest_take_event(&g, event));
        guest_stop(&g);
    }
}

static void a_substream_has_its_own_descriptor(void **state)
{
    struct xen_dmop_viommu_op op;
    uint64_t event[4];
    struct guest g;

    (void)state;
    vdev_start(&g, 0);
    vguest_ste(&g, VSID, STE_S1 | CDS | CDMAX(4), 2);
    guest_store(&g, CDS + 3 * 64, CD0);
    guest_store(&g, CDS + 3 * 64 + 8, L0 + 0x1000); /* one level less: 39 */
    guest_store(&g, CDS + 3 * 64, (CD0 & ~UINT64_C(0x3f)) | 25);
    assert_int_equal(vdev_translate(&g, INPUT, R | PASID, 3, &op), 0);
    assert_int_equal(op.u.translation.gpa, GPA + 0x678);
    assert_int_equal(vdev_translate(&g, INPUT, R | PASID, 16, &op),
                     -XEN_EFAULT);
    fake_run(g.host);
    assert_true(vguest_take_event(&g, event));
    assert_true(event[0] ==
                ((uint64_t)VSID << 32 | 16u << 12 | C_BAD_SUBSTREAMID));
    assert_int_equal(vdev_translate(&g, INPUT, R | PASID, 0, &op),
                     -XEN_EFAULT);
    fake_run(g.host);
    assert_true(vguest_take_event(&g, event));
    assert_true(event[0] ==
                ((uint64_t)VSID << 32 | BIT(11) | F_STREAM_DISABLED));
    guest_stop(&g);
}

static void bypass_and_disabled_are_where_the_address_says(void **state)
{
    struct xen_dmop_viommu_op op;
    uint64_t event[4];
    struct guest g;

    (void)state;
    vdev_start(&g, 0);
    vguest_ste(&g, VSID, STE_BYPASS, 0);
    assert_int_equal(vdev_translate(&g, INPUT, R, 0, &op), 0);
    assert_int_equal(op.u.translation.gpa, INPUT);
    assert_int_equal(vdev_translate(&g, BIT(48), R, 0, &op), -XEN_EFAULT);
    fake_run(g.host);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0] & 0xff, F_ADDR_SIZE);
    guest_write(&g, R_CR0, 4, CR0_EVENTQEN | CR0_CMDQEN);
    fake_run(g.host);
    assert_int_equal(vdev_translate(&g, INPUT, W, 0, &op), 0);
    assert_int_equal(op.u.translation.gpa, INPUT);
    guest_write(&g, R_GBPA, 4, GBPA_UPDATE | GBPA_ABORT);
    fake_run(g.host);
    assert_int_equal(vdev_translate(&g, INPUT, W, 0, &op), -XEN_EFAULT);
    fake_run(g.host);
    assert_false(vguest_take_event(&g, event));
    guest_stop(&g);
}

/* So many events are kept until the unit gets to them (vsmmuv3.h). */
#define RING 64u

static void the_oldest_event_goes_first_where_no_more_can_be_kept(void **state)
{
    struct xen_dmop_viommu_op op;
    uint64_t event[4];
    struct guest g;
    unsigned int i;

    (void)state;
    vdev_start(&g, 0);
    guest_store(&g, L0 + 0x3008, 0);
    for ( i = 0; i <= RING; i++ )
    {
        assert_false(vguest_take_event(&g, event));
        assert_int_equal(vdev_translate(&g, INPUT + 8 * i, R, 0, &op),
                         -XEN_EFAULT);
    }
    assert_true(vguest_take_event(&g, event));
    assert_true(event[2] == INPUT);
    fake_run(g.host);
    assert_true(vguest_take_event(&g, event));
    assert_true(event[2] == INPUT + 8);
    guest_stop(&g);
}

/* ---- drains ------------------------------------------------------------- */

static void sync_waits_for_the_drain_of_what_was_invalidated(void **state)
{
    static const uint64_t commands[][2] = {
        { OP_NH_ALL, 0 },
        { OP_NH_ASID | UINT64_C(5) << 48, 0 },
        { OP_NH_VA | UINT64_C(5) << 48, INPUT & ~UINT64_C(0xfff) },
        { OP_NH_VAA, INPUT & ~UINT64_C(0xfff) },
        { OP_NSNH_ALL, 0 },
        { OP_CFGI_STE | CMD_SID(VSID), 0 },
        { OP_CFGI_RANGE, 31 },
        { OP_CFGI_CD | CMD_SID(VSID), 0 },
        { OP_CFGI_CDS | CMD_SID(VSID), 0 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < ARRAY_SIZE(commands); i++ )
    {
        struct guest g;

        vdev_start(&g, DRAIN);
        g.d->messages = 0;
        vguest_command(&g, commands[i][0], commands[i][1]);
        fake_run(g.host);
        assert_int_equal(g.d->messages, 0);
        assert_true(vguest_queue_empty(&g));
        vguest_command(&g, OP_SYNC | 1u << 12, 0);
        fake_run(g.host);
        assert_int_equal(g.d->messages, 1);
        assert_false(vguest_queue_empty(&g));
        assert_int_equal(g.d->virqs[VIRQ_SYNC], 0);
        assert_int_equal(answer(&g, g.d->message[0].message.sequence), 0);
        assert_true(vguest_queue_empty(&g));
        assert_int_equal(g.d->virqs[VIRQ_SYNC], 1);
        /* Once. */
        vguest_sync(&g);
        assert_int_equal(g.d->messages, 1);
        guest_stop(&g);
    }
}

static void destroy_does_not_wait_for_an_answer(void **state)
{
    struct guest g;

    (void)state;
    vdev_start(&g, DRAIN);
    vguest_command(&g, OP_NH_ALL, 0);
    vguest_command(&g, OP_SYNC, 0);
    fake_run(g.host);
    assert_false(vguest_queue_empty(&g));
    assert_int_equal(guest_detach(&g, SID), 0);
    assert_int_equal(guest_destroy(&g), 0);
    guest_stop(&g);
}

static void one_that_is_cut_off_owes_nothing(void **state)
{
    struct guest g;

    (void)state;
    vdev_start(&g, DRAIN);
    vguest_command(&g, OP_NH_ALL, 0);
    vguest_command(&g, OP_SYNC, 0);
    fake_run(g.host);
    assert_false(vguest_queue_empty(&g));
    assert_int_equal(viommu_dm_disconnect(g.registry, g.d, DM), 0);
    fake_run(g.host);
    assert_true(vguest_queue_empty(&g));
    guest_stop(&g);
}

/* ---- device-TLBs -------------------------------------------------------- */

static void a_device_tlb_is_invalidated_in_the_range_named(void **state)
{
    static const struct {
        uint64_t hi, first, last;
    } rows[] = {
        { 0x40000, 0x40000, 0x40fff },
        { 0x43000 | 2, 0x40000, 0x43fff },
        { 0x43000 | 32, 0, UINT64_C(0xfffffffffff) },
        { 52, 0, UINT64_MAX },
        { 0x43000 | 63, 0, UINT64_MAX },
    };
    struct guest g;
    unsigned int i;

    (void)state;
    vdev_start(&g, ATS);
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        const struct host_dm_message *m = &g.d->message[i].message;

        vguest_command(&g, OP_ATC | CMD_SID(VSID), rows[i].hi);
        vguest_command(&g, OP_SYNC, 0);
        fake_run(g.host);
        assert_int_equal(g.d->messages, i + 1);
        assert_int_equal(m->kind, HOST_DM_INVALIDATE);
        assert_int_equal(m->vsbdf, VSID);
        assert_true(m->first == rows[i].first && m->last == rows[i].last);
        assert_false(vguest_queue_empty(&g));
        assert_int_equal(answer(&g, m->sequence), 0);
        assert_true(vguest_queue_empty(&g));
    }
    /* Nobody has one there. */
    vguest_command(&g, OP_ATC | CMD_SID(SID), 0);
    vguest_sync(&g);
    assert_int_equal(g.d->messages, i);
    guest_stop(&g);
}

static void a_translation_request_is_told_its_rights(void **state)
{
    struct xen_dmop_viommu_op op;
    uint64_t event[4];
    struct guest g;

    (void)state;
    vdev_start(&g, ATS);
    guest_store(&g, L0 + 0x3010, GPA | DESC | AF | USER | RO);
    assert_int_equal(
        vdev_translate(&g, INPUT, W | XEN_VIOMMU_ACCESS_ats, 0, &op), 0);
    assert_int_equal(op.u.translation.gpa, GPA + 0x678);
    assert_int_equal(
        vdev_translate(&g, INPUT + 0x1000, W | XEN_VIOMMU_ACCESS_ats, 0, &op),
        0);
    assert_int_equal(op.u.translation.rights, R | X);
    assert_int_equal(
        vdev_translate(&g, INPUT + 0x2000, R | XEN_VIOMMU_ACCESS_ats, 0, &op),
        0);
    assert_int_equal(op.u.translation.rights, 0);
    /* Without EATS it is refused. */
    vguest_ste(&g, VSID, STE_S1 | CDS, 0);
    assert_int_equal(
        vdev_translate(&g, INPUT, R | XEN_VIOMMU_ACCESS_ats, 0, &op),
        -XEN_EFAULT);
    fake_run(g.host);
    assert_false(vguest_take_event(&g, event));
    /* Split-stage ATS is ILLEGAL with one stage. */
    vguest_ste(&g, VSID, STE_S1 | CDS, EATS_FULL << 1);
    assert_int_equal(vdev_translate(&g, INPUT, R, 0, &op), -XEN_EFAULT);
    fake_run(g.host);
    assert_true(vguest_take_event(&g, event));
    assert_int_equal(event[0] & 0xff, C_BAD_STE);
    guest_stop(&g);
}

static void atschk_is_there_with_ats(void **state)
{
    struct guest g;

    (void)state;
    vdev_start(&g, 0);
    guest_write(&g, R_CR0, 4, CR0_ALL | 0x10);
    assert_int_equal(guest_read(&g, R_CR0, 4), CR0_ALL);
    guest_stop(&g);
    vdev_start(&g, ATS);
    guest_write(&g, R_CR0, 4, CR0_ALL | 0x10);
    assert_int_equal(guest_read(&g, R_CR0ACK, 4), CR0_ALL | 0x10);
    guest_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_1_is_walked_for_virtual_devices),
        cmocka_unit_test(each_fault_has_its_event),
        cmocka_unit_test(a_substream_has_its_own_descriptor),
        cmocka_unit_test(bypass_and_disabled_are_where_the_address_says),
        cmocka_unit_test(
            the_oldest_event_goes_first_where_no_more_can_be_kept),
        cmocka_unit_test(sync_waits_for_the_drain_of_what_was_invalidated),
        cmocka_unit_test(destroy_does_not_wait_for_an_answer),
        cmocka_unit_test(one_that_is_cut_off_owes_nothing),
        cmocka_unit_test(a_device_tlb_is_invalidated_in_the_range_named),
        cmocka_unit_test(a_translation_request_is_told_its_rights),
        cmocka_unit_test(atschk_is_there_with_ats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
