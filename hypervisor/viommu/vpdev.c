/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices: those that a device model emulates.  Hardware never sees
 * their DMA; the device model asks where it goes, or has it done here.
 */
#include <viommu/private.h>

#define VPDEV_FLAGS (XEN_VIOMMU_VPDEV_drain | XEN_VIOMMU_VPDEV_ats)

#define READ_WRITE (XEN_VIOMMU_ACCESS_read | XEN_VIOMMU_ACCESS_write)
#define ACCESS_FLAGS                                                          \
    (READ_WRITE | XEN_VIOMMU_ACCESS_execute | XEN_VIOMMU_ACCESS_privileged |  \
     XEN_VIOMMU_ACCESS_pasid)

#define PASID_MAX ((UINT32_C(1) << 20) - 1)

/* Both arms begin alike: what is looked at before it is known which it is. */
#define OFFSET(field) offsetof(struct xen_dmop_viommu_op, u.field)
_Static_assert(OFFSET(copy.vsbdf) == OFFSET(translation.vsbdf) &&
                   OFFSET(copy.dm) == OFFSET(translation.dm) &&
                   OFFSET(copy.iova) == OFFSET(translation.iova) &&
                   OFFSET(copy.access) == OFFSET(translation.access) &&
                   OFFSET(copy.pasid) == OFFSET(translation.pasid) &&
                   OFFSET(copy.gpa) == OFFSET(translation.gpa),
               "copy is a translation and more");

/* ---- coming and going --------------------------------------------------- */

struct viommu_vpdev *viommu_vpdev_find(const struct viommu *viommu,
                                       xen_viommu_sbdf_t vsbdf)
{
    struct viommu_vpdev *vpdev = viommu->vpdevs;

    while ( vpdev && vpdev->vsbdf != vsbdf )
        vpdev = vpdev->next;
    return vpdev;
}

/* Is there room for one more of this device model? */
static bool has_room(const struct viommu *viommu, uint32_t dm)
{
    const struct viommu_vpdev *vpdev, *first;
    unsigned int devices = 0, models = 0;
    bool known = false;

    for ( vpdev = viommu->vpdevs; vpdev; vpdev = vpdev->next )
    {
        devices++;
        known |= vpdev->dm == dm;
        first = viommu->vpdevs;
        while ( first->dm != vpdev->dm )
            first = first->next;
        models += first == vpdev;
    }
    return devices < XEN_VIOMMU_MAX_DEVICES &&
           (known || models < XEN_VIOMMU_MAX_DEVICE_MODELS);
}

int viommu_vpdev_attach(struct viommu *viommu,
                        const struct viommu_vpdev *vpdev)
{
    struct viommu_vpdev *copy;

    if ( (vpdev->flags & ~VPDEV_FLAGS) ||
         vpdev->vsbdf > viommu->type->vsbdf_max )
        return -XEN_EINVAL;
    if ( !viommu->type->translate || ((vpdev->flags & XEN_VIOMMU_VPDEV_ats) &&
                                      !viommu->type->ats(viommu)) )
        return -XEN_EOPNOTSUPP;
    if ( viommu_vpdev_find(viommu, vpdev->vsbdf) )
        return -XEN_EEXIST;
    if ( !has_room(viommu, vpdev->dm) )
        return -XEN_ENOSPC;
    copy = host_zalloc(viommu_host(viommu), viommu->vd->d, sizeof(*copy));
    if ( !copy )
        return -XEN_ENOMEM;
    *copy = *vpdev;
    copy->next = viommu->vpdevs;
    viommu->vpdevs = copy;
    return 0;
}

void viommu_vpdev_detach(struct viommu *viommu, struct viommu_vpdev *vpdev)
{
    struct viommu_vpdev **at = &viommu->vpdevs;

    while ( *at != vpdev )
        at = &(*at)->next;
    *at = vpdev->next;
    host_free(viommu_host(viommu), vpdev);
}

/* ---- DMA ---------------------------------------------------------------- */

/* The access that @op asks for, if it may. */
static int access_of(const struct viommu *viommu,
                     const struct xen_dmop_viommu_op *op, uint32_t flags,
                     struct viommu_access *access)
{
    const struct viommu_vpdev *vpdev;

    *access = (struct viommu_access) { .vsbdf = op->u.translation.vsbdf,
                                       .iova = op->u.translation.iova,
                                       .access = op->u.translation.access,
                                       .pasid = op->u.translation.pasid };
    if ( (access->access & ~flags) || !(access->access & READ_WRITE) )
        return -XEN_EINVAL;
    if ( access->access & XEN_VIOMMU_ACCESS_pasid ? access->pasid > PASID_MAX :
                                                    access->pasid )
        return -XEN_EINVAL;
    vpdev = viommu_vpdev_find(viommu, access->vsbdf);
    if ( !vpdev )
        return -XEN_ENOENT;
    if ( vpdev->dm != op->u.translation.dm )
        return -XEN_EPERM;
    if ( (access->access & XEN_VIOMMU_ACCESS_ats) &&
         !(vpdev->flags & XEN_VIOMMU_VPDEV_ats) )
        return -XEN_EOPNOTSUPP;
    return 0;
}

int viommu_vpdev_translate(struct viommu *viommu,
                           struct xen_dmop_viommu_op *op)
{
    struct viommu_translation translation;
    struct viommu_access access;
    int rc;

    if ( op->u.translation.pad3 )
        return -XEN_EINVAL;
    rc = access_of(viommu, op, ACCESS_FLAGS | XEN_VIOMMU_ACCESS_ats, &access);
    if ( !rc )
        rc = viommu->type->translate(viommu, &access, &translation);
    if ( rc )
        return rc;
    op->u.translation.gpa = translation.gpa;
    op->u.translation.mask = translation.mask;
    op->u.translation.rights = translation.zeroes ? 0 : translation.rights;
    return 0;
}

static int copy_page(struct viommu *viommu,
                     const struct xen_dmop_viommu_op *op,
                     const struct viommu_translation *t)
{
    struct domain *d = viommu->vd->d;
    struct host *host = viommu_host(viommu);
    uint64_t buffer = op->u.copy.buffer;
    size_t done, size = op->u.copy.size;
    uint8_t piece[64] = { 0 };
    int rc = 0;

    for ( done = 0; !rc && done < size; done += sizeof(piece) )
    {
        size_t n = size - done < sizeof(piece) ? size - done : sizeof(piece);

        if ( op->u.copy.access & XEN_VIOMMU_ACCESS_write )
        {
            rc = host_caller_read(host, buffer + done, piece, n);
            if ( !rc && !t->zeroes )
                rc = host_guest_write(d, t->gpa + done, piece, n);
        }
        else
        {
            if ( !t->zeroes )
                rc = host_guest_read(d, t->gpa + done, piece, n);
            if ( !rc )
                rc = host_caller_write(host, buffer + done, piece, n);
        }
    }
    return rc;
}

/* The domain's lock is held from the translation to the last byte, and every
 * invalidation completes with that lock held. */
int viommu_vpdev_copy(struct viommu *viommu, struct xen_dmop_viommu_op *op)
{
    struct viommu_translation translation;
    struct viommu_access access;
    uint32_t size = op->u.copy.size;
    int rc;

    if ( op->u.copy.pad3 || !size ||
         size > PAGE_SIZE - (op->u.copy.iova & (PAGE_SIZE - 1)) ||
         (op->u.copy.access & READ_WRITE) == READ_WRITE )
        return -XEN_EINVAL;
    rc = access_of(viommu, op, ACCESS_FLAGS, &access);
    if ( !rc )
        rc = viommu->type->translate(viommu, &access, &translation);
    if ( !rc )
        rc = copy_page(viommu, op, &translation);
    if ( !rc )
        op->u.copy.gpa = translation.zeroes ? ~UINT64_C(0) : translation.gpa;
    return rc;
}
