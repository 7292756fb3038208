/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual VT-d unit comes and goes: which CAP and ECAP it may have (11.4.2,
 * 11.4.3), creation, teardown as a continuation.
 */
#include <viommu/vvtd/vvtd.h>

/* What is built, whatever values it has.  SAGAW depends on the hardware. */
#define CAP_BUILT                                                             \
    (VTD_MASK(2, 0) | VTD_CAP_CM | VTD_MASK(21, 16) | VTD_CAP_ZLR |           \
     VTD_MASK(33, 24) | VTD_CAP_SLLPS_2M | VTD_CAP_SLLPS_1G | VTD_CAP_PSI |   \
     VTD_MASK(47, 40) | VTD_MASK(53, 48) | VTD_CAP_DWD | VTD_CAP_DRD)
#define ECAP_BUILT                                                            \
    (VTD_ECAP_C | VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_PT | VTD_MASK(17, 8))
#define ECAP_REPLAY (VTD_ECAP_IR | VTD_ECAP_EIM | VTD_ECAP_MHMV)

/* Narrower than a 1 GiB leaf makes no sense; wider is only MGAW's own. */
#define MGAW_MIN 30u
#define MGAW_MAX 52u

/* Of guest-physical addresses. */
#define HAW_MIN 32u
#define HAW_MAX 52u

static uint64_t sagaw_built(const struct viommu_registry *registry)
{
    struct piommu_capabilities able;

    piommu_capabilities(registry->piommu, &able);
    return (able.widths & (1u << 3) && able.max_width >= 39 ?
                VTD_CAP_SAGAW_39 :
                0) |
           (able.widths & (1u << 4) && able.max_width >= 48 ?
                VTD_CAP_SAGAW_48 :
                0);
}

/* The hardware decides about zero-length reads: no unit may do otherwise than
 * CAP.ZLR says. */
static bool zlr_possible(const struct viommu_registry *registry, uint64_t cap)
{
    struct piommu_capabilities able;

    piommu_capabilities(registry->piommu, &able);
    return cap & VTD_CAP_ZLR ? able.zlr_all : !able.zlr_some;
}

void vvtd_offer(const struct viommu_registry *registry,
                struct vvtd_offer *offer)
{
    uint64_t sagaw = sagaw_built(registry);
    unsigned int width = sagaw & VTD_CAP_SAGAW_48 ? 48 : 39;

    offer->capabilities = XEN_VIOMMU_CAPABILITY_l2_translation;
    offer->cap = VTD_PUT(6, 2, 0) | VTD_CAP_CM | sagaw |
                 VTD_PUT(width - 1, 21, 16) |
                 (zlr_possible(registry, VTD_CAP_ZLR) ? VTD_CAP_ZLR : 0) |
                 VTD_PUT(0x22, 33, 24) | VTD_CAP_SLLPS_2M | VTD_CAP_SLLPS_1G |
                 VTD_CAP_PSI | VTD_PUT(18, 53, 48) | VTD_CAP_DWD | VTD_CAP_DRD;
    offer->ecap = VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_PT |
                  VTD_PUT(0xf, 17, 8);
}

static bool overlap(unsigned int a, unsigned int a_size, unsigned int b,
                    unsigned int b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* IVA, IOTLB and the FRCDs lie where CAP and ECAP say. */
static bool places_possible(uint64_t cap, uint64_t ecap)
{
    unsigned int iro = VTD_ECAP_IRO(ecap), fro = VTD_CAP_FRO(cap);
    unsigned int frcds = VTD_CAP_NFR(cap) * VTD_ENTRY_SIZE;

    return iro >= VVTD_FIXED_END && iro + 16 <= PAGE_SIZE &&
           fro >= VVTD_FIXED_END && fro + frcds <= PAGE_SIZE &&
           !overlap(iro, 16, fro, frcds);
}

int vvtd_config_check(const struct viommu_registry *registry,
                      const struct vvtd_config *config)
{
    uint64_t sagaw = VTD_CAP_SAGAW_39 | VTD_CAP_SAGAW_48;
    uint64_t cap = config->cap, ecap = config->ecap;
    uint64_t ecap_built = ECAP_BUILT | (config->replay ? ECAP_REPLAY : 0);

    if ( cap & ~(CAP_BUILT | sagaw_built(registry)) )
        return -XEN_EOPNOTSUPP;
    if ( ecap & ~ecap_built )
        return -XEN_EOPNOTSUPP;
    /* A guest that does not tell of new mappings can't be shadowed. */
    if ( !(cap & VTD_CAP_CM) || !zlr_possible(registry, cap) )
        return -XEN_EOPNOTSUPP;
    if ( !(cap & sagaw) || VTD_CAP_ND(cap) > 6 )
        return -XEN_EINVAL;
    if ( VTD_CAP_MGAW(cap) < MGAW_MIN || VTD_CAP_MGAW(cap) > MGAW_MAX )
        return -XEN_EINVAL;
    if ( config->haw && (config->haw < HAW_MIN || config->haw > HAW_MAX) )
        return -XEN_EINVAL;
    /* EIM and MHMV are parts of interrupt remapping. */
    if ( (ecap & (VTD_ECAP_EIM | VTD_ECAP_MHMV)) && !(ecap & VTD_ECAP_IR) )
        return -XEN_EINVAL;
    /* Device-TLBs are invalidated by the queue alone (6.5.2.5). */
    if ( (ecap & VTD_ECAP_DT) && !(ecap & VTD_ECAP_QI) )
        return -XEN_EINVAL;
    return places_possible(cap, ecap) ? 0 : -XEN_EINVAL;
}

int vvtd_create(struct viommu_domain *vd, const struct vvtd_config *config,
                struct vvtd **result)
{
    struct host *host = vd->registry->host;
    struct vvtd *v = host_zalloc(host, vd->d, sizeof(*v));

    if ( !v )
        return -XEN_ENOMEM;
    v->viommu = (struct viommu) { .type = &vvtd_type, .vd = vd };
    v->config = *config;
    v->haw = config->haw ? config->haw : VTD_CAP_MGAW(config->cap);
    v->width = VTD_CAP_MGAW(config->cap) < 48 ? VTD_CAP_MGAW(config->cap) : 48;
    v->work.fn = vvtd_work;
    v->frcd = host_zalloc(host, vd->d,
                          VTD_CAP_NFR(config->cap) * sizeof(*v->frcd));
    if ( !v->frcd )
    {
        host_free(host, v);
        return -XEN_ENOMEM;
    }
    vvtd_reset(v);
    *result = v;
    return 0;
}

static int remove_devices(struct vvtd *v)
{
    unsigned int i;
    int rc;

    for ( i = 0; i < v->devices; i++ )
    {
        if ( !v->device[i].used )
            continue;
        rc = vvtd_device_remove(v, i, v->viommu.vd->p2m);
        if ( rc )
            return rc;
        if ( host_preempt_check(vvtd_host(v)) )
            return -XEN_ERESTART;
    }
    return 0;
}

/* Devices to the p2m first: then nothing reaches a shadow table any more and
 * all of it is given back without further flushes. */
int vvtd_teardown(struct vvtd *v)
{
    int rc;

    v->viommu.dying = true;
    rc = remove_devices(v);
    if ( rc )
        return rc;
    if ( !v->aborted )
        shadow_abort(v);
    v->aborted = true;
    do
    {
        if ( v->shadow.stage != SHADOW_IDLE )
            shadow_step(v);
        else if ( vvtd_space_reap(v) )
            shadow_finish(v);
        else
            return v->spaces ? -XEN_EIO : 0;
    } while ( !host_preempt_check(vvtd_host(v)) );
    return -XEN_ERESTART;
}

void vvtd_free(struct vvtd *v)
{
    struct host *host = vvtd_host(v);

    host_work_cancel(host, &v->work);
    host_free(host, v->frcd);
    host_free(host, v);
}
