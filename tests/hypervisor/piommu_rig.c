/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "piommu_rig.h"

static void on_fault(void *context, const struct piommu_device *device)
{
    struct rig *r = context;
    bool nested = r->nested_interrupt;

    assert_int_equal(r->host->locks, 0);
    r->nested_interrupt = false;
    if ( nested )
        piommu_interrupt(r->piommu, 0);
    if ( !r->nobody &&
         piommu_fault_take_of(r->piommu, device,
                              &r->fault[r->faults % ARRAY_SIZE(r->fault)]) )
        r->faults++;
}

void rig_start_on(struct rig *r, struct host *host, uint32_t sid)
{
    const struct piommu_space_config blocked = { .kind = PIOMMU_BLOCKED };
    const struct piommu_events events = { .fault = on_fault, .context = r };

    *r = (struct rig) { .host = host, .sid = sid };
    host->budget = 1000000000;
    assert_int_equal(piommu_init(host, &events, &r->piommu), 0);
    assert_int_equal(piommu_space_create(r->piommu, &blocked, &r->blocked), 0);
}

void rig_stop(struct rig *r)
{
    piommu_fini(r->piommu);
    assert_int_equal(r->host->tables, 0);
    assert_int_equal(r->host->allocations, 0);
    fake_free(r->host);
}

struct piommu_space *rig_space(struct rig *r, enum piommu_space_kind kind,
                               unsigned int levels)
{
    const struct piommu_space_config config = { .kind = kind,
                                                .domain = &r->host->domain,
                                                .levels = levels };
    struct piommu_space *s;

    assert_int_equal(piommu_space_create(r->piommu, &config, &s), 0);
    if ( kind == PIOMMU_P2M )
        assert_int_equal(piommu_space_populate(s), 0);
    return s;
}

int rig_attach(struct rig *r, uint32_t sid, struct piommu_space *s)
{
    const struct piommu_device device = { .source_id = sid };

    return piommu_attach(r->piommu, &device, PIOMMU_NO_PASID, s);
}

void rig_drop(struct rig *r, struct piommu_space *s)
{
    assert_int_equal(rig_attach(r, r->sid, r->blocked), 0);
    assert_int_equal(piommu_space_destroy(s), 0);
}

struct piommu_space *rig_mapped(struct rig *r)
{
    struct piommu_space *s = rig_space(r, PIOMMU_MAPPED, 4);

    assert_int_equal(rig_attach(r, r->sid, s), 0);
    return s;
}

void rig_check_full_queue(struct rig *r, unsigned int flushes)
{
    const struct piommu_flush flush = { .space = rig_mapped(r), .all = true };
    struct piommu_token token = { { 0 } };
    unsigned int n = 0;
    int rc;

    *r->silent = true;
    while ( !(rc = piommu_flush(r->piommu, &flush, &token)) )
        assert_true(++n <= flushes);
    assert_int_equal(rc, -XEN_EAGAIN);
    assert_int_equal(n, flushes);
    assert_int_equal(piommu_flush_poll(r->piommu, &token), -XEN_EAGAIN);
    r->answer(r);
    assert_int_equal(piommu_flush_poll(r->piommu, &token), 0);
    rig_drop(r, flush.space);
}

void rig_check_no_room(struct rig *r)
{
    const struct piommu_flush flush = { .space = rig_mapped(r), .all = true };
    struct piommu_token token = { { 0 } };
    unsigned int n = 0;

    *r->silent = true;
    while ( !piommu_flush(r->piommu, &flush, &token) )
        assert_true(++n < 1000);
    assert_int_equal(rig_attach(r, r->sid, r->blocked), -XEN_EIO);
    assert_int_equal(piommu_space_destroy(flush.space), -XEN_EBUSY);
}

void rig_check_silence(struct rig *r)
{
    const struct piommu_flush flush = { .space = rig_mapped(r), .all = true };
    struct piommu_token token = { { 0 } };

    *r->silent = true;
    assert_int_equal(piommu_flush(r->piommu, &flush, &token), 0);
    assert_int_equal(piommu_flush_wait(r->piommu, &token), -XEN_EIO);
    assert_int_equal(piommu_flush(r->piommu, &flush, &token), -XEN_EIO);
    /* What may still be in use is never taken apart. */
    assert_int_equal(rig_attach(r, r->sid, r->blocked), -XEN_EIO);
    assert_int_equal(piommu_space_destroy(flush.space), -XEN_EBUSY);
}
