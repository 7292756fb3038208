/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the vIOMMU core.
 *
 * Lock order: registry, domain, piommu.  The registry's lock protects the
 * lists of domains and of assigned devices and serialises the toolstack; a
 * domain's lock protects all of its vIOMMUs.
 */
#ifndef VIOMMU_PRIVATE_H
#define VIOMMU_PRIVATE_H

#include <piommu.h>
#include <viommu/viommu.h>

struct vvtd;

#define VIOMMU_MAX_PER_DOMAIN 8u
#define VIOMMU_SHADOW_LIMIT   4096u /* default, pages */

struct viommu_registry {
    struct host *host;
    struct piommu *piommu;
    struct piommu_space *blocked;
    struct host_lock lock;
    struct viommu_domain *domains;
};

/* A physical device that a domain has. */
struct viommu_pdev {
    struct viommu_pdev *next;
    xen_viommu_sbdf_t psbdf;
    struct piommu_device device;
    struct vvtd *vvtd;  /* the vIOMMU that it is under, or NULL */
    unsigned int index; /* in its table of devices */
};

/* A change of the p2m that is being followed. */
struct viommu_p2m_change {
    bool active;
    gfn_t gfn;
    unsigned int order;
    uint64_t done; /* pages of the p2m space already changed */
    bool flushed;  /* the flush of the p2m space was submitted */
    struct piommu_token token;
};

struct viommu_domain {
    struct viommu_domain *next;
    struct viommu_registry *registry;
    struct domain *d;
    struct host_lock lock;
    struct piommu_space *p2m;
    struct viommu_pdev *pdevs;
    struct vvtd *viommus;
    uint32_t next_id;
    struct viommu_p2m_change change;
    unsigned int shadow_pages, shadow_limit;
    uint64_t shadow_refused;
};

/* core.c: with the registry's lock held. */
struct viommu_domain *viommu_domain_get(struct domain *d);
int viommu_domain_make(struct viommu_registry *registry, struct domain *d,
                       struct viommu_domain **vd);
struct viommu_pdev *viommu_pdev_find(struct viommu_domain *vd,
                                     xen_viommu_sbdf_t psbdf);

/* Continuation; takes the domain's lock. */
int viommu_destroy(struct viommu_domain *vd, struct vvtd *v);

#endif /* VIOMMU_PRIVATE_H */
