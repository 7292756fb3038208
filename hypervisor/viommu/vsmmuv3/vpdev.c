/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual devices below a vsmmuv3.  Hardware walks the guest's tables for
 * physical devices; for these it is done here, by the structures as they are
 * now (3.3, 3.4, 5).  Nothing is cached for them.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

enum vsmmuv3_verdict vsmmuv3_blocked(struct vsmmuv3_access *access,
                                     unsigned int type)
{
    access->event.word[0] |= type;
    return VSMMUV3_BLOCKED;
}

static enum vsmmuv3_verdict fetch_failed(struct vsmmuv3_access *access,
                                         paddr_t address)
{
    access->event.word[3] = address & SMMU_EVT3_FETCHADDR;
    return vsmmuv3_blocked(access, SMMU_F_CD_FETCH);
}

/* ---- stage 1 does nothing ----------------------------------------------- */

static enum vsmmuv3_verdict identity(struct vsmmuv3_access *access)
{
    access->translation = (struct viommu_translation) {
        .gpa = access->input,
        .mask = PAGE_SIZE - 1,
        .rights = XEN_VIOMMU_ACCESS_read | XEN_VIOMMU_ACCESS_write |
                  XEN_VIOMMU_ACCESS_execute,
    };
    return VSMMUV3_PASSES;
}

/* 3.4: beyond OAS; without a CD nothing says that it is not recorded. */
static enum vsmmuv3_verdict bypass(const struct vsmmuv3 *v,
                                   struct vsmmuv3_access *access)
{
    if ( !(access->input & ~vsmmuv3_oas_mask(v)) )
        return identity(access);
    access->event.word[1] |= SMMU_EVT1_CLASS_PUT(SMMU_CLASS_IN);
    access->event.word[2] = access->input;
    return vsmmuv3_blocked(access, SMMU_F_ADDR_SIZE);
}

/* SMMUEN = 0: no event. */
static enum vsmmuv3_verdict off(const struct vsmmuv3 *v,
                                struct vsmmuv3_access *access)
{
    return access->input & ~vsmmuv3_oas_mask(v) ? VSMMUV3_BLOCKED :
                                                  identity(access);
}

/* ---- the context descriptor --------------------------------------------- */

/* Where the CD is; false: *verdict says what becomes of the access. */
static bool cd_locate(const struct vsmmuv3 *v,
                      const struct vsmmuv3_stream *stream,
                      struct vsmmuv3_access *access, paddr_t *address,
                      enum vsmmuv3_verdict *verdict)
{
    uint64_t l1cd;

    *address = vsmmuv3_cd_first(stream, access->ssid);
    if ( !vsmmuv3_cd_leaf_bits(stream) )
        return true;
    if ( host_guest_read64(v->viommu.vd->d, *address, &l1cd) )
    {
        *verdict = fetch_failed(access, *address);
        return false;
    }
    if ( !(l1cd & SMMU_L1CD_V) ||
         (l1cd & SMMU_L1CD_L2PTR & ~vsmmuv3_oas_mask(v)) )
    {
        *verdict = vsmmuv3_blocked(access, SMMU_C_BAD_SUBSTREAMID);
        return false;
    }
    *address = vsmmuv3_cd_below(stream, l1cd, access->ssid);
    return true;
}

static enum vsmmuv3_verdict by_cd(struct vsmmuv3 *v,
                                  const struct vsmmuv3_stream *stream,
                                  struct vsmmuv3_access *access)
{
    struct domain *d = v->viommu.vd->d;
    enum vsmmuv3_verdict verdict;
    struct vsmmuv3_cd cd;
    paddr_t address;

    if ( !cd_locate(v, stream, access, &address, &verdict) )
        return verdict;
    if ( host_guest_read128(d, address, cd.word) ||
         host_guest_read128(d, address + 16, cd.word + 2) )
        return fetch_failed(access, address);
    return vsmmuv3_walk(v, &cd, access);
}

/* 3.9, 5.2: what a SubstreamID, or none, selects. */
static enum vsmmuv3_verdict stage1(struct vsmmuv3 *v,
                                   const struct vsmmuv3_stream *stream,
                                   struct vsmmuv3_access *access)
{
    unsigned int cdmax = SMMU_STE0_S1CDMAX(stream->ste[0]);
    unsigned int dss = SMMU_STE1_S1DSS(stream->ste[1]);

    if ( access->has_ssid && (!cdmax || access->ssid >> cdmax) )
        return vsmmuv3_blocked(access, SMMU_C_BAD_SUBSTREAMID);
    if ( access->has_ssid ? dss == SMMU_S1DSS_SSID0 && !access->ssid :
                            cdmax && dss == SMMU_S1DSS_TERMINATE )
        return vsmmuv3_blocked(access, SMMU_F_STREAM_DISABLED);
    if ( !access->has_ssid && cdmax && dss == SMMU_S1DSS_BYPASS )
        return bypass(v, access);
    return by_cd(v, stream, access);
}

/* ---- the stream --------------------------------------------------------- */

static enum vsmmuv3_verdict by_stream(struct vsmmuv3 *v,
                                      const struct vsmmuv3_stream *stream,
                                      struct vsmmuv3_access *access)
{
    switch ( stream->kind )
    {
    case VSMMUV3_STREAM_OFF:
        return off(v, access);
    case VSMMUV3_STREAM_BYPASS:
        return access->has_ssid ?
                   vsmmuv3_blocked(access, SMMU_C_BAD_SUBSTREAMID) :
                   bypass(v, access);
    case VSMMUV3_STREAM_STAGE1:
        return stage1(v, stream, access);
    case VSMMUV3_STREAM_FAULT:
        vsmmuv3_event_of_stream(v, stream, &access->event);
        break;
    case VSMMUV3_STREAM_ABORT:
    case VSMMUV3_STREAM_REFUSED:
        break;
    }
    return VSMMUV3_BLOCKED;
}

/* PRIVCFG and INSTCFG of the STE; a write is always data (13.1.2). */
static void set_attributes(const struct vsmmuv3_stream *stream,
                           const struct viommu_access *asked,
                           struct vsmmuv3_access *access)
{
    unsigned int privcfg = (unsigned int)SMMU_GET(stream->ste[1], 49, 48);
    unsigned int instcfg = (unsigned int)SMMU_GET(stream->ste[1], 51, 50);

    access->privileged = privcfg ?
                             privcfg == 3 :
                             asked->access & XEN_VIOMMU_ACCESS_privileged;
    access->instruction = instcfg ? instcfg == 3 :
                                    asked->access & XEN_VIOMMU_ACCESS_execute;
    access->instruction &= !access->write;
    access->ats = asked->access & XEN_VIOMMU_ACCESS_ats;
}

static void access_of(const struct viommu_access *asked,
                      const struct vsmmuv3_stream *stream,
                      struct vsmmuv3_access *access)
{
    *access = (struct vsmmuv3_access) {
        .input = asked->iova,
        .ssid = asked->pasid,
        .has_ssid = asked->access & XEN_VIOMMU_ACCESS_pasid,
        .read = asked->access & XEN_VIOMMU_ACCESS_read,
        .write = asked->access & XEN_VIOMMU_ACCESS_write,
    };
    set_attributes(stream, asked, access);
    access->event.word[0] = SMMU_EVT0_SID_PUT(asked->vsbdf) |
                            (access->has_ssid ?
                                 SMMU_EVT0_SSV |
                                     SMMU_EVT0_SSID_PUT(access->ssid) :
                                 0);
}

/* What the access was is told with the faults of translation alone. */
static void set_access_bits(struct vsmmuv3_access *access)
{
    unsigned int type = SMMU_EVT0_TYPE(access->event.word[0]);

    /* It always has a SubstreamID, and no SSV (7.3.9). */
    if ( type == SMMU_C_BAD_SUBSTREAMID )
        access->event.word[0] &= ~SMMU_EVT0_SSV;
    if ( type < SMMU_F_WALK_EABT )
        return;
    access->event.word[1] |= (access->privileged ? SMMU_EVT1_PNU : 0) |
                             (access->instruction ? SMMU_EVT1_IND : 0) |
                             (access->write ? 0 : SMMU_EVT1_RNW);
}

int vsmmuv3_translate(struct vsmmuv3 *v, const struct viommu_access *asked,
                      struct viommu_translation *translation)
{
    struct vsmmuv3_stream stream;
    enum vsmmuv3_verdict verdict;
    struct vsmmuv3_access access;

    vsmmuv3_stream_read(v, asked->vsbdf, &stream);
    access_of(asked, &stream, &access);
    verdict = access.ats && !stream.ats ? VSMMUV3_BLOCKED :
                                          by_stream(v, &stream, &access);
    /* Errors of translation requests are told to the device (ATSRECERR = 0).
     */
    if ( !access.ats && SMMU_EVT0_TYPE(access.event.word[0]) )
    {
        set_access_bits(&access);
        vsmmuv3_event_report(v, &access.event);
    }
    *translation = access.translation;
    translation->zeroes = verdict == VSMMUV3_ZEROES;
    return verdict == VSMMUV3_BLOCKED ? -XEN_EFAULT : 0;
}

/* ---- invalidations ------------------------------------------------------ */

/* Commands name ASIDs and VMIDs: device models know neither, and drain all. */
void vsmmuv3_tell(struct vsmmuv3 *v)
{
    const struct viommu_dm_order order = {
        .message = { .kind = HOST_DM_DRAIN,
                     .last = ~UINT64_C(0),
                     .flags = HOST_DM_READS | HOST_DM_WRITES },
        .queued = true,
    };

    if ( v->invalidated )
        viommu_dm_drain(&v->viommu, &order);
    v->invalidated = false;
}
