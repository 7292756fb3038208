/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest may be told a smaller OAS than the hardware has.  Addresses between
 * the two end at stage 2, where the guest has no memory: what its own unit
 * says to them (3.4.3) is found out here.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

uint64_t vsmmuv3_oas_mask(const struct vsmmuv3 *v)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

    return (UINT64_C(1) << bits[SMMU_IDR5_OAS(v->config.idr5)]) - 1;
}

/* Does stage 1 let it pass?  Without SubstreamID, by S1DSS. */
static bool passes(const struct vsmmuv3_stream *stream,
                   const uint64_t physical[4])
{
    if ( stream->kind == VSMMUV3_STREAM_BYPASS )
        return true;
    return SMMU_STE0_S1CDMAX(stream->ste[0]) &&
           SMMU_STE1_S1DSS(stream->ste[1]) == SMMU_S1DSS_BYPASS &&
           !(physical[0] & SMMU_EVT0_SSV);
}

/* The event, or 0: none is recorded. */
static unsigned int type_of(const struct vsmmuv3 *v,
                            const struct vsmmuv3_stream *stream,
                            const uint64_t physical[4])
{
    unsigned int class = SMMU_EVT1_CLASS(physical[1]);
    struct vsmmuv3_cd cd;

    if ( passes(stream, physical) )
        return SMMU_F_ADDR_SIZE;
    if ( stream->kind != VSMMUV3_STREAM_STAGE1 )
        return 0;
    /* S1ContextPtr is within the OAS: it is the L2Ptr of an L1CD. */
    if ( class == SMMU_CLASS_CD )
        return SMMU_C_BAD_SUBSTREAMID;
    if ( !vsmmuv3_cd_read(v, stream, SMMU_EVT0_SSID(physical[0]), &cd) )
        return 0;
    if ( class == SMMU_CLASS_TT &&
         (vsmmuv3_cd_table(&cd, physical[2]) & ~vsmmuv3_oas_mask(v)) )
        return SMMU_C_BAD_CD;
    return cd.word[0] & SMMU_CD0_R ? SMMU_F_ADDR_SIZE : 0;
}

/* Is the output of stage 1 beyond the guest's OAS?  That comes before access
 * flag and rights (VMSAv8-64), which are all that the hardware looks at. */
bool vsmmuv3_output_beyond(const struct vsmmuv3 *v,
                           const struct vsmmuv3_stream *stream, uint32_t ssid,
                           uint64_t input)
{
    struct vsmmuv3_walk walk;
    struct vsmmuv3_cd cd;
    uint64_t entry;

    if ( !vsmmuv3_cd_read(v, stream, ssid, &cd) ||
         !vsmmuv3_walk_begin(&walk, &cd, input) )
        return false;
    for ( ;; vsmmuv3_walk_down(&walk, entry) )
    {
        if ( host_guest_read64(v->viommu.vd->d, vsmmuv3_walk_entry(&walk),
                               &entry) )
            return false;
        if ( vsmmuv3_walk_is_leaf(&walk, entry) )
            return entry & SMMU_TTD_ADDRESS & ~vsmmuv3_walk_span(&walk) &
                   ~vsmmuv3_oas_mask(v);
        if ( !vsmmuv3_walk_is_table(&walk, entry) )
            return false;
    }
}

/* False: nothing is recorded. */
bool vsmmuv3_address_size(const struct vsmmuv3 *v,
                          const struct vsmmuv3_stream *stream,
                          const uint64_t physical[4],
                          struct vsmmuv3_event *event)
{
    unsigned int type = type_of(v, stream, physical);

    event->word[0] |= type;
    if ( type == SMMU_F_ADDR_SIZE )
    {
        event->word[1] = (physical[1] & VSMMUV3_EVENT_ACCESS) |
                         SMMU_EVT1_CLASS_PUT(SMMU_CLASS_IN);
        event->word[2] = physical[2];
    }
    return type;
}
