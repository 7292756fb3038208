/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registry: which domain has which physical devices and vIOMMUs; where
 * traps, p2m changes and physical faults enter.
 */
#include <viommu/private.h>

/* ---- lists -------------------------------------------------------------- */

struct viommu_domain *viommu_domain_get(struct domain *d)
{
    return host_domain_slot(d);
}

int viommu_domain_make(struct viommu_registry *registry, struct domain *d,
                       struct viommu_domain **vd)
{
    *vd = viommu_domain_get(d);
    if ( *vd )
        return 0;
    *vd = host_zalloc(registry->host, d, sizeof(**vd));
    if ( !*vd )
        return -XEN_ENOMEM;
    (*vd)->registry = registry;
    (*vd)->d = d;
    (*vd)->shadow_limit = VIOMMU_SHADOW_LIMIT;
    host_lock_init(&(*vd)->lock, "viommu");
    (*vd)->next = registry->domains;
    registry->domains = *vd;
    host_domain_set_slot(d, *vd);
    return 0;
}

void viommu_add(struct viommu_domain *vd, struct viommu *viommu)
{
    host_lock(vd->registry->host, &vd->lock);
    viommu->id = vd->next_id++;
    viommu->next = vd->viommus;
    vd->viommus = viommu;
    host_unlock(vd->registry->host, &vd->lock);
}

struct viommu_pdev *viommu_pdev_find(struct viommu_domain *vd,
                                     xen_viommu_sbdf_t psbdf)
{
    struct viommu_pdev *pdev = vd->pdevs;

    while ( pdev && pdev->psbdf != psbdf )
        pdev = pdev->next;
    return pdev;
}

/* ---- physical faults ---------------------------------------------------- */

static struct viommu_pdev *faulting_device(struct viommu_domain *vd,
                                           const struct piommu_device *device)
{
    struct viommu_pdev *pdev = vd->pdevs;

    while ( pdev && (pdev->device.unit != device->unit ||
                     pdev->device.source_id != device->source_id) )
        pdev = pdev->next;
    return pdev;
}

/* One fault of the device goes to its vIOMMU, if it has one. */
static void physical_fault(void *context, const struct piommu_device *device)
{
    struct viommu_registry *registry = context;
    struct viommu_domain *vd;
    struct piommu_fault fault;

    host_lock(registry->host, &registry->lock);
    for ( vd = registry->domains; vd; vd = vd->next )
    {
        struct viommu_pdev *pdev;

        host_lock(registry->host, &vd->lock);
        pdev = faulting_device(vd, device);
        if ( pdev && pdev->viommu &&
             piommu_fault_take_of(registry->piommu, device, &fault) )
            pdev->viommu->type->fault(pdev->viommu, pdev, &fault);
        host_unlock(registry->host, &vd->lock);
        if ( pdev )
            break;
    }
    host_unlock(registry->host, &registry->lock);
}

void viommu_unit_interrupt(struct viommu_registry *registry, unsigned int unit)
{
    piommu_interrupt(registry->piommu, unit);
}

/* ---- the registry ------------------------------------------------------- */

int viommu_init(struct host *host, struct viommu_registry **result)
{
    const struct piommu_space_config blocked = { .kind = PIOMMU_BLOCKED };
    struct piommu_events events = { .fault = physical_fault };
    struct viommu_registry *registry = host_zalloc(host, NULL,
                                                   sizeof(*registry));
    int rc;

    if ( !registry )
        return -XEN_ENOMEM;
    registry->host = host;
    registry->drain.work.fn = viommu_drain_work;
    host_lock_init(&registry->lock, "viommu registry");
    events.context = registry;
    rc = piommu_init(host, &events, &registry->piommu);
    if ( !rc )
    {
        rc = piommu_space_create(registry->piommu, &blocked,
                                 &registry->blocked);
        if ( rc )
            piommu_fini(registry->piommu);
    }
    if ( rc )
    {
        host_free(host, registry);
        return rc;
    }
    *result = registry;
    return 0;
}

void viommu_fini(struct viommu_registry *registry)
{
    host_work_cancel(registry->host, &registry->drain.work);
    piommu_fini(registry->piommu); /* the blocked space with it */
    host_free(registry->host, registry);
}

/* ---- devices ------------------------------------------------------------ */

static int p2m_ready(struct viommu_domain *vd)
{
    const struct piommu_space_config p2m = { .kind = PIOMMU_P2M,
                                             .domain = vd->d };
    int rc = 0;

    if ( !vd->p2m )
        rc = piommu_space_create(vd->registry->piommu, &p2m, &vd->p2m);
    return rc ? rc : piommu_space_populate(vd->p2m);
}

/* Does any domain still have it? */
static bool is_assigned(const struct viommu_registry *registry,
                        xen_viommu_sbdf_t psbdf)
{
    struct viommu_domain *vd;

    for ( vd = registry->domains; vd; vd = vd->next )
        if ( viommu_pdev_find(vd, psbdf) )
            return true;
    return false;
}

static int assign(struct viommu_domain *vd, xen_viommu_sbdf_t psbdf,
                  const struct host_pdev *host_pdev)
{
    struct host *host = vd->registry->host;
    struct viommu_pdev *pdev;
    int rc = p2m_ready(vd);

    if ( rc )
        return rc;
    pdev = host_zalloc(host, vd->d, sizeof(*pdev));
    if ( !pdev )
        return -XEN_ENOMEM;
    pdev->psbdf = psbdf;
    pdev->device.unit = host_pdev->unit;
    pdev->device.source_id = host_pdev->source_id;
    rc = piommu_attach(vd->registry->piommu, &pdev->device, PIOMMU_NO_PASID,
                       vd->p2m);
    if ( rc )
    {
        host_free(host, pdev);
        return rc;
    }
    pdev->next = vd->pdevs;
    vd->pdevs = pdev;
    return 0;
}

int viommu_assign(struct viommu_registry *registry, struct domain *d,
                  xen_viommu_sbdf_t psbdf)
{
    struct host *host = registry->host;
    struct host_pdev host_pdev;
    struct viommu_domain *vd;
    int rc = host_pdev_get(host, psbdf, &host_pdev);

    if ( rc )
        return rc;
    if ( host_pdev.owner != d )
        return -XEN_EPERM;
    host_lock(host, &registry->lock);
    rc = viommu_domain_make(registry, d, &vd);
    if ( !rc )
    {
        host_lock(host, &vd->lock);
        rc = is_assigned(registry, psbdf) ? -XEN_EEXIST :
                                            assign(vd, psbdf, &host_pdev);
        host_unlock(host, &vd->lock);
    }
    host_unlock(host, &registry->lock);
    return rc;
}

/* Blocked, out of its vIOMMU, off the list. */
static int deassign(struct viommu_domain *vd, struct viommu_pdev *pdev)
{
    struct viommu_registry *registry = vd->registry;
    struct viommu_pdev **at = &vd->pdevs;
    int rc;

    if ( pdev->viommu )
        rc = pdev->viommu->type->remove(pdev->viommu, pdev, registry->blocked);
    else
        rc = piommu_attach(registry->piommu, &pdev->device, PIOMMU_NO_PASID,
                           registry->blocked);
    if ( rc )
        return rc;
    while ( *at != pdev )
        at = &(*at)->next;
    *at = pdev->next;
    host_free(registry->host, pdev);
    return 0;
}

int viommu_deassign(struct viommu_registry *registry, struct domain *d,
                    xen_viommu_sbdf_t psbdf)
{
    struct host *host = registry->host;
    struct viommu_domain *vd;
    struct viommu_pdev *pdev;
    int rc = -XEN_ENOENT;

    host_lock(host, &registry->lock);
    vd = viommu_domain_get(d);
    if ( vd )
    {
        host_lock(host, &vd->lock);
        pdev = viommu_pdev_find(vd, psbdf);
        if ( pdev )
            rc = deassign(vd, pdev);
        host_unlock(host, &vd->lock);
    }
    host_unlock(host, &registry->lock);
    return rc;
}

int viommu_attach(struct viommu *viommu, const struct viommu_pdev *pdev,
                  struct piommu_space *space)
{
    int rc = piommu_attach(viommu->vd->registry->piommu, &pdev->device,
                           PIOMMU_NO_PASID, space);

    if ( rc )
        viommu->failed = true;
    return rc;
}

/* ---- traps -------------------------------------------------------------- */

static struct viommu *viommu_at(const struct viommu_domain *vd, paddr_t gaddr)
{
    struct viommu *viommu = vd->viommus;

    while ( viommu &&
            (viommu->dying || gaddr - viommu->base >= viommu->type->window) )
        viommu = viommu->next;
    return viommu;
}

bool viommu_mmio_accept(const struct domain *d, paddr_t gaddr)
{
    struct viommu_domain *vd = host_domain_slot(d);
    bool accept;

    if ( !vd )
        return false;
    host_lock(vd->registry->host, &vd->lock);
    accept = viommu_at(vd, gaddr);
    host_unlock(vd->registry->host, &vd->lock);
    return accept;
}

/* What the guest reads where no unit answers (any more). */
#define MMIO_NOBODY (~UINT64_C(0))

/* Each double word is looked at once. */
static uint64_t read_bytes(const struct viommu *viommu, unsigned int offset,
                           unsigned int size)
{
    uint64_t value = 0, dword;
    unsigned int done = 0, at, count;

    while ( done < size )
    {
        at = (offset + done) % 4;
        count = 4 - at < size - done ? 4 - at : size - done;
        dword = viommu->type->read(viommu, (offset + done) & ~3u) >> at * 8;
        value |= (dword & (UINT64_MAX >> (64 - count * 8))) << done * 8;
        done += count;
    }
    return value;
}

enum viommu_result viommu_mmio_read(struct domain *d, paddr_t gaddr,
                                    unsigned int size, uint64_t *value)
{
    struct viommu_domain *vd = host_domain_slot(d);
    struct viommu *viommu;

    *value = MMIO_NOBODY;
    if ( !vd )
        return VIOMMU_TO_DEVICE_MODEL;
    host_lock(vd->registry->host, &vd->lock);
    viommu = viommu_at(vd, gaddr);
    if ( viommu )
        *value = read_bytes(viommu, (unsigned int)(gaddr - viommu->base),
                            size);
    host_unlock(vd->registry->host, &vd->lock);
    return viommu ? VIOMMU_DONE : VIOMMU_TO_DEVICE_MODEL;
}

enum viommu_result viommu_mmio_write(struct domain *d, paddr_t gaddr,
                                     unsigned int size, uint64_t value)
{
    struct viommu_domain *vd = host_domain_slot(d);
    struct viommu *viommu;

    if ( !vd )
        return VIOMMU_TO_DEVICE_MODEL;
    host_lock(vd->registry->host, &vd->lock);
    viommu = viommu_at(vd, gaddr);
    if ( viommu )
        viommu->type->write(viommu, (unsigned int)(gaddr - viommu->base), size,
                            value);
    host_unlock(vd->registry->host, &vd->lock);
    return viommu ? VIOMMU_DONE : VIOMMU_TO_DEVICE_MODEL;
}

/* ---- the end ------------------------------------------------------------ */

int viommu_destroy(struct viommu_domain *vd, struct viommu *viommu)
{
    struct host *host = vd->registry->host;
    struct viommu **at = &vd->viommus;
    int rc;

    host_lock(host, &vd->lock);
    rc = viommu->type->teardown(viommu);
    if ( !rc )
    {
        /* Answers that are still to come find nothing to complete. */
        while ( viommu->vpdevs )
            viommu_vpdev_detach(viommu, viommu->vpdevs);
        while ( *at != viommu )
            at = &(*at)->next;
        *at = viommu->next;
        if ( !vd->viommus )
            vd->shadow_limit = VIOMMU_SHADOW_LIMIT;
    }
    host_unlock(host, &vd->lock);
    if ( !rc )
        viommu->type->free(viommu);
    return rc;
}

static int destroy_contents(struct viommu_domain *vd)
{
    struct host *host = vd->registry->host;
    int rc;

    while ( vd->viommus )
    {
        rc = viommu_destroy(vd, vd->viommus);
        if ( rc )
            return rc;
    }
    while ( vd->pdevs )
    {
        host_lock(host, &vd->lock);
        rc = deassign(vd, vd->pdevs);
        host_unlock(host, &vd->lock);
        if ( rc )
            return rc;
        if ( host_preempt_check(host) )
            return -XEN_ERESTART;
    }
    return vd->p2m ? piommu_space_destroy(vd->p2m) : 0;
}

int viommu_domain_destroy(struct viommu_registry *registry, struct domain *d)
{
    struct host *host = registry->host;
    struct viommu_domain *vd, **at;
    int rc = 0;

    host_lock(host, &registry->lock);
    vd = viommu_domain_get(d);
    if ( vd )
        rc = destroy_contents(vd);
    if ( vd && !rc )
    {
        for ( at = &registry->domains; *at != vd; at = &(*at)->next )
            ;
        *at = vd->next;
        host_domain_set_slot(d, NULL);
        host_free(host, vd);
    }
    host_unlock(host, &registry->lock);
    return rc;
}
