/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual SMMUv3 comes and goes: which identification registers it may have
 * (6.3.1 to 6.3.6), creation, teardown as a continuation.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

/* Shared peripheral interrupts of a GIC. */
#define VIRQ_MIN 32u
#define VIRQ_MAX 1019u

#define AIDR_3_2 0x02u /* range invalidation and BBML are of SMMUv3.2 */

/* From this SIDSIZE on two levels are mandatory (6.3.2). */
#define SIDSIZE_2LEVEL 7u

/* How a field of a guest may differ from what is offered. */
enum idr_rule {
    IDR_EQUAL,   /* hardware, or what is built, knows one value only */
    IDR_AT_MOST, /* less may be told */
};

struct idr_field {
    uint8_t idr, hi, lo;
    enum idr_rule rule;
};

/* All that is built.  Whatever is in no row must be 0. */
static const struct idr_field idr_fields[] = {
    { 0, 1, 1, IDR_EQUAL },     /* S1P */
    { 0, 3, 2, IDR_EQUAL },     /* TTF */
    { 0, 4, 4, IDR_AT_MOST },   /* COHACC */
    { 0, 10, 10, IDR_AT_MOST }, /* ATS: of virtual devices */
    { 0, 12, 12, IDR_AT_MOST }, /* ASID16 */
    { 0, 14, 14, IDR_AT_MOST }, /* SEV */
    { 0, 19, 19, IDR_AT_MOST }, /* CD2L */
    { 0, 22, 21, IDR_EQUAL },   /* TTENDIAN */
    { 0, 25, 24, IDR_EQUAL },   /* STALL_MODEL */
    { 0, 26, 26, IDR_EQUAL },   /* TERM_MODEL */
    { 0, 28, 27, IDR_AT_MOST }, /* ST_LEVEL */
    { 1, 5, 0, IDR_AT_MOST },   /* SIDSIZE */
    { 1, 10, 6, IDR_AT_MOST },  /* SSIDSIZE */
    { 1, 20, 16, IDR_AT_MOST }, /* EVENTQS */
    { 1, 25, 21, IDR_AT_MOST }, /* CMDQS */
    { 1, 26, 26, IDR_AT_MOST }, /* ATTR_PERMS_OVR */
    { 3, 2, 2, IDR_AT_MOST },   /* HAD */
    { 3, 10, 10, IDR_AT_MOST }, /* RIL */
    { 3, 12, 11, IDR_AT_MOST }, /* BBML */
    { 5, 2, 0, IDR_AT_MOST },   /* OAS */
    { 5, 4, 4, IDR_AT_MOST },   /* GRAN4K */
    { 5, 5, 5, IDR_AT_MOST },   /* GRAN16K */
    { 5, 6, 6, IDR_AT_MOST },   /* GRAN64K */
};

/* What a physical unit must be like to carry a virtual one. */
static bool suitable(const struct piommu_capabilities *able)
{
    uint32_t idr0 = able->smmuv3_idr[0];

    return able->nested && (idr0 & SMMU_IDR0_S1P) &&
           (SMMU_IDR0_TTF(idr0) & SMMU_TTF_AARCH64) &&
           SMMU_IDR0_TTENDIAN(idr0) != SMMU_TTENDIAN_BIG &&
           SMMU_IDR0_STALL_MODEL(idr0) == SMMU_TERMINATE_ONLY;
}

static unsigned int least(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

/* What the guest's structures may contain is up to the hardware that walks
 * them; queues and the stream table are ours. */
int vsmmuv3_offer(const struct viommu_registry *registry,
                  struct vsmmuv3_offer *offer)
{
    struct piommu_capabilities able;
    const uint32_t *idr = able.smmuv3_idr;

    piommu_capabilities(registry->piommu, &able);
    if ( !suitable(&able) )
        return -XEN_EOPNOTSUPP;
    *offer = (struct vsmmuv3_offer) {
        .capabilities = XEN_VIOMMU_CAPABILITY_l1_translation,
        .aidr = AIDR_3_2,
    };
    offer->idr[0] = (uint32_t)((idr[0] & (SMMU_IDR0_COHACC | SMMU_IDR0_ASID16 |
                                          SMMU_IDR0_SEV | SMMU_IDR0_CD2L |
                                          SMMU_IDR0_TERM_MODEL)) |
                               SMMU_IDR0_S1P | SMMU_IDR0_ATS |
                               SMMU_PUT(SMMU_TTF_AARCH64, 3, 2) |
                               SMMU_PUT(SMMU_TTENDIAN_LITTLE, 22, 21) |
                               SMMU_PUT(SMMU_TERMINATE_ONLY, 25, 24) |
                               SMMU_PUT(1, 28, 27));
    offer->idr[1] = (uint32_t)(SMMU_PUT(SMMU_SID_MAX_BITS, 5, 0) |
                               SMMU_PUT(SMMU_IDR1_SSIDSIZE(idr[1]), 10, 6) |
                               SMMU_PUT(SMMU_QUEUE_LOG2SIZE_MAX, 20, 16) |
                               SMMU_PUT(SMMU_QUEUE_LOG2SIZE_MAX, 25, 21) |
                               (idr[1] & SMMU_IDR1_ATTR_PERMS_OVR));
    offer->idr[3] = (uint32_t)((idr[3] & (SMMU_IDR3_HAD | SMMU_IDR3_RIL)) |
                               SMMU_PUT(SMMU_IDR3_BBML(idr[3]), 12, 11));
    offer->idr[5] = (uint32_t)((idr[5] &
                                (SMMU_IDR5_GRAN4K | SMMU_IDR5_GRAN16K |
                                 SMMU_IDR5_GRAN64K)) |
                               least(SMMU_IDR5_OAS(idr[5]), SMMU_OAS_48));
    return 0;
}

static bool idr_possible(const uint32_t idr[6], const uint32_t offer[6])
{
    uint32_t rest[6];
    unsigned int i;

    memcpy(rest, idr, sizeof(rest));
    for ( i = 0; i < ARRAY_SIZE(idr_fields); i++ )
    {
        const struct idr_field *f = &idr_fields[i];
        uint64_t value = SMMU_GET(idr[f->idr], f->hi, f->lo);
        uint64_t best = SMMU_GET(offer[f->idr], f->hi, f->lo);

        if ( f->rule == IDR_EQUAL ? value != best : value > best )
            return false;
        rest[f->idr] &= (uint32_t)~SMMU_MASK(f->hi, f->lo);
    }
    for ( i = 0; i < ARRAY_SIZE(rest); i++ )
        if ( rest[i] )
            return false;
    return true;
}

static bool virq_possible(unsigned int virq)
{
    return virq >= VIRQ_MIN && virq <= VIRQ_MAX;
}

int vsmmuv3_config_check(const struct viommu_registry *registry,
                         const struct vsmmuv3_config *config)
{
    const uint32_t idr[6] = { config->idr0, config->idr1, 0, config->idr3, 0,
                              config->idr5 };
    struct vsmmuv3_offer offer;
    int rc = vsmmuv3_offer(registry, &offer);

    if ( rc )
        return rc;
    if ( !idr_possible(idr, offer.idr) )
        return -XEN_EOPNOTSUPP;
    if ( SMMU_IDR1_SIDSIZE(config->idr1) >= SIDSIZE_2LEVEL &&
         !SMMU_IDR0_ST_LEVEL(config->idr0) )
        return -XEN_EINVAL;
    if ( !(config->idr5 &
           (SMMU_IDR5_GRAN4K | SMMU_IDR5_GRAN16K | SMMU_IDR5_GRAN64K)) )
        return -XEN_EINVAL;
    if ( SMMU_AIDR_MAJOR(config->aidr) || config->aidr >> 8 )
        return -XEN_EINVAL;
    return virq_possible(config->virq_eventq) &&
                   virq_possible(config->virq_gerror) &&
                   virq_possible(config->virq_sync) ?
               0 :
               -XEN_EINVAL;
}

int vsmmuv3_create(struct viommu_domain *vd,
                   const struct vsmmuv3_config *config,
                   struct vsmmuv3 **result)
{
    struct vsmmuv3 *v = host_zalloc(vd->registry->host, vd->d, sizeof(*v));

    if ( !v )
        return -XEN_ENOMEM;
    v->viommu = (struct viommu) { .type = &vsmmuv3_type, .vd = vd };
    v->config = *config;
    v->work.fn = vsmmuv3_work;
    vsmmuv3_reset(v);
    *result = v;
    return 0;
}

/* Devices to the p2m first: then nothing uses the nest's tags any more. */
int vsmmuv3_teardown(struct vsmmuv3 *v)
{
    unsigned int i;
    int rc;

    v->viommu.dying = true;
    for ( i = 0; i < ARRAY_SIZE(v->device); i++ )
    {
        if ( !v->device[i].used )
            continue;
        rc = vsmmuv3_device_remove(v, &v->device[i], v->viommu.vd->p2m);
        if ( rc )
            return rc;
        if ( host_preempt_check(viommu_host(&v->viommu)) )
            return -XEN_ERESTART;
    }
    rc = v->nest ? piommu_nest_destroy(v->nest) : 0;
    if ( !rc )
        v->nest = NULL;
    return rc;
}

void vsmmuv3_free(struct vsmmuv3 *v)
{
    struct host *host = viommu_host(&v->viommu);

    host_work_cancel(host, &v->work);
    host_free(host, v);
}
