/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The physical IOMMUs of a host together: start, the driver of their
 * architecture, flushes over all units that may hold a translation.
 */
#include <piommu/private.h>

/* ---- start and end ------------------------------------------------------ */

static const struct piommu_driver *driver_of(enum host_unit_type type)
{
    static const struct piommu_driver *const drivers[] = {
        [HOST_UNIT_VTD] = &vtd_driver,
        [HOST_UNIT_SMMUV3] = &smmuv3_driver,
    };

    return (unsigned int)type < ARRAY_SIZE(drivers) ? drivers[type] : NULL;
}

/* All units are of one type: a space has one format. */
static int choose_driver(struct piommu *piommu, unsigned int count)
{
    enum host_unit_type type = HOST_UNIT_VTD;
    unsigned int i;

    if ( count > PIOMMU_MAX_UNITS )
        return -XEN_ENOSPC;
    for ( i = 0; i < count; i++ )
    {
        enum host_unit_type t = host_unit_type(host_unit_get(piommu->host, i));

        if ( i && t != type )
        {
            host_log(piommu->host, HOST_LOG_ERROR,
                     "piommu: units of different architectures");
            return -XEN_EOPNOTSUPP;
        }
        type = t;
    }
    piommu->driver = driver_of(type);
    piommu->capabilities.type = type;
    return piommu->driver ? 0 : -XEN_EOPNOTSUPP;
}

void piommu_unit_enter(struct piommu *piommu, unsigned int index,
                       struct piommu_unit *unit)
{
    unit->piommu = piommu;
    unit->index = index;
    unit->hw = host_unit_get(piommu->host, index);
    unit->fault_work.fn = piommu_fault_work;
    piommu->unit[index] = unit;
    piommu->units = index + 1;
}

void piommu_unit_free_page(const struct piommu_unit *unit, mfn_t mfn)
{
    if ( !mfn_eq(mfn, INVALID_MFN) )
        host_table_free(unit->piommu->host, mfn);
}

int piommu_init(struct host *host, const struct piommu_events *events,
                struct piommu **result)
{
    struct piommu *piommu = host_zalloc(host, NULL, sizeof(*piommu));
    unsigned int count = host_unit_count(host), i;
    int rc;

    if ( !piommu )
        return -XEN_ENOMEM;
    piommu->host = host;
    piommu->events = *events;
    host_lock_init(&piommu->lock, "piommu");
    rc = choose_driver(piommu, count);
    for ( i = 0; !rc && i < count; i++ )
        rc = piommu->driver->unit_create(piommu, i);
    if ( !rc )
    {
        piommu->driver->intersect(piommu);
        piommu->tags_used = host_zalloc(host, NULL, piommu->tags / 8);
        rc = piommu->tags_used ? 0 : -XEN_ENOMEM;
    }
    if ( rc )
    {
        piommu_fini(piommu);
        return rc;
    }
    *result = piommu;
    return 0;
}

static void destroy_unit(struct piommu_unit *unit)
{
    struct host *host = unit->piommu->host;

    while ( unit->devices )
    {
        struct piommu_device_state *device = unit->devices;

        unit->devices = device->next;
        host_free(host, device);
    }
    host_work_cancel(host, &unit->fault_work);
    unit->piommu->driver->unit_destroy(unit);
}

void piommu_fini(struct piommu *piommu)
{
    unsigned int i;

    for ( i = 0; i < piommu->units; i++ )
        destroy_unit(piommu->unit[i]);
    while ( piommu->spaces )
    {
        struct piommu_space *space = piommu->spaces;

        piommu->spaces = space->next;
        piommu_space_release(space);
    }
    while ( piommu->nests )
    {
        struct piommu_nest *nest = piommu->nests;

        piommu->nests = nest->next;
        host_free(piommu->host, nest);
    }
    host_free(piommu->host, piommu->tags_used);
    host_free(piommu->host, piommu);
}

void piommu_capabilities(const struct piommu *piommu,
                         struct piommu_capabilities *capabilities)
{
    *capabilities = piommu->capabilities;
}

/* ---- queues ------------------------------------------------------------- */

int piommu_give_up(struct piommu_unit *unit, const char *why)
{
    host_log(unit->piommu->host, HOST_LOG_ERROR, "iommu%u: %s", unit->index,
             why);
    unit->failed = true;
    return -XEN_EIO;
}

/* Submit and wait: for changes that must be complete before they return. */
int piommu_execute(struct piommu_unit *unit,
                   const struct piommu_command *command, unsigned int count)
{
    const struct piommu_driver *driver = unit->piommu->driver;
    unsigned int patience = UNIT_PATIENCE;
    uint64_t sequence;
    int rc;

    while ( (rc = driver->queue_submit(unit, command, count, &sequence)) ==
            -XEN_EAGAIN )
    {
        if ( !patience-- )
            return piommu_give_up(unit, "its queue stays full");
        host_relax(unit->piommu->host);
    }
    if ( rc )
        return rc;
    while ( (rc = driver->queue_poll(unit, sequence)) == -XEN_EAGAIN )
        host_relax(unit->piommu->host);
    return rc;
}

/* What is to be done on every unit: one of the driver's plan_*(). */
struct job {
    const struct piommu_flush *flush;
    const struct piommu_cache_invalidate *invalidate;
};

static unsigned int plan(struct piommu_unit *unit, const struct job *job,
                         struct piommu_command *command)
{
    const struct piommu_driver *driver = unit->piommu->driver;

    return job->flush ?
               driver->plan_flush(unit, job->flush, command) :
               driver->plan_invalidate(unit, job->invalidate, command);
}

static int submit(struct piommu *piommu, const struct job *job,
                  struct piommu_token *token)
{
    struct piommu_command command[FLUSH_COMMANDS];
    unsigned int i, count;
    int rc = 0;

    /* All or nothing: first see that every queue has room. */
    for ( i = 0; i < piommu->units && !rc; i++ )
    {
        count = plan(piommu->unit[i], job, command);
        if ( count )
            rc = piommu->driver->queue_room(piommu->unit[i], count);
    }
    for ( i = 0; i < piommu->units && !rc; i++ )
    {
        count = plan(piommu->unit[i], job, command);
        if ( count )
            rc = piommu->driver->queue_submit(piommu->unit[i], command, count,
                                              &token->sequence[i]);
    }
    return rc;
}

int piommu_flush(struct piommu *piommu, const struct piommu_flush *flush,
                 struct piommu_token *token)
{
    const struct job job = { .flush = flush };
    int rc;

    host_lock(piommu->host, &piommu->lock);
    rc = submit(piommu, &job, token);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_cache_invalidate(struct piommu *piommu,
                            const struct piommu_cache_invalidate *invalidate,
                            struct piommu_token *token)
{
    const struct job job = { .invalidate = invalidate };
    int rc;

    if ( !piommu->driver->plan_invalidate )
        return -XEN_EOPNOTSUPP;
    host_lock(piommu->host, &piommu->lock);
    rc = piommu->driver->invalidate_check(piommu, invalidate);
    if ( !rc )
        rc = submit(piommu, &job, token);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_sync(struct piommu *piommu, unsigned int units,
                struct piommu_token *token)
{
    const struct piommu_driver *driver = piommu->driver;
    unsigned int i;
    int rc = 0;

    host_lock(piommu->host, &piommu->lock);
    for ( i = 0; i < piommu->units && !rc; i++ )
        if ( units & (1u << i) )
            rc = driver->queue_room(piommu->unit[i], 0);
    for ( i = 0; i < piommu->units && !rc; i++ )
        if ( units & (1u << i) )
            rc = driver->queue_submit(piommu->unit[i], NULL, 0,
                                      &token->sequence[i]);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_flush_poll(struct piommu *piommu, const struct piommu_token *token)
{
    unsigned int i;
    int rc = 0;

    host_lock(piommu->host, &piommu->lock);
    for ( i = 0; i < piommu->units && !rc; i++ )
        if ( token->sequence[i] )
            rc = piommu->driver->queue_poll(piommu->unit[i],
                                            token->sequence[i]);
    host_unlock(piommu->host, &piommu->lock);
    return rc;
}

int piommu_flush_wait(struct piommu *piommu, const struct piommu_token *token)
{
    int rc;

    while ( (rc = piommu_flush_poll(piommu, token)) == -XEN_EAGAIN )
        host_relax(piommu->host);
    return rc;
}
