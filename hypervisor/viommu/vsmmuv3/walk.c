/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 1 for virtual devices: is the context descriptor legal (5.4), and what
 * do the tables say (3.4.1, VMSAv8-64)?
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

#define CD0_HTTU (SMMU_CD0_HD | SMMU_CD0_HA)

/* ---- the context descriptor --------------------------------------------- */

/* IPS, bounded by OAS; 48 bits at most (3.4). */
static uint64_t output_mask(const struct vsmmuv3 *v,
                            const struct vsmmuv3_cd *cd)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
    uint64_t mask = (UINT64_C(1) << bits[SMMU_CD0_IPS(cd->word[0])]) - 1;

    return mask & vsmmuv3_oas_mask(v);
}

static bool granule_built(const struct vsmmuv3 *v, unsigned int granule)
{
    return v->config.idr5 & (granule == 12 ? SMMU_IDR5_GRAN4K :
                             granule == 14 ? SMMU_IDR5_GRAN16K :
                                             SMMU_IDR5_GRAN64K);
}

static bool is_enabled(const struct vsmmuv3_cd *cd, bool upper)
{
    return !(cd->word[0] & (upper ? SMMU_CD0_EPD1 : SMMU_CD0_EPD0));
}

static bool half_legal(const struct vsmmuv3 *v, const struct vsmmuv3_cd *cd,
                       bool upper)
{
    uint64_t input = upper ? SMMU_MASK(63, 55) : 0;
    struct vsmmuv3_walk walk;

    if ( !is_enabled(cd, upper) )
        return true;
    return vsmmuv3_walk_begin(&walk, cd, input) &&
           granule_built(v, walk.granule) &&
           !(vsmmuv3_cd_table(cd, input) & ~output_mask(v, cd));
}

static bool cd_legal(const struct vsmmuv3 *v, const struct vsmmuv3_cd *cd)
{
    uint64_t word = cd->word[0];

    if ( !(word & SMMU_CD0_V) || !(word & SMMU_CD0_AA64) ||
         (word & (SMMU_CD0_S | CD0_HTTU)) )
        return false;
    if ( (v->config.idr0 & SMMU_IDR0_TERM_MODEL) && !(word & SMMU_CD0_A) )
        return false;
    if ( (word & SMMU_CD0_ENDI) &&
         (is_enabled(cd, false) || is_enabled(cd, true)) )
        return false;
    if ( !(v->config.idr0 & SMMU_IDR0_ASID16) && SMMU_CD0_ASID(word) >> 8 )
        return false;
    return half_legal(v, cd, false) && half_legal(v, cd, true);
}

/* ---- faults ------------------------------------------------------------- */

/* R: is it recorded; A: is it aborted (5.4).  A translation request is told
 * that there are no rights. */
static enum vsmmuv3_verdict fault(const struct vsmmuv3_cd *cd,
                                  struct vsmmuv3_access *access,
                                  unsigned int type)
{
    if ( access->ats )
    {
        access->translation = (struct viommu_translation) { .rights = 0 };
        return VSMMUV3_PASSES;
    }
    if ( cd->word[0] & SMMU_CD0_R )
    {
        access->event.word[1] |= SMMU_EVT1_CLASS_PUT(SMMU_CLASS_IN);
        access->event.word[2] = access->input;
        vsmmuv3_blocked(access, type);
    }
    return cd->word[0] & SMMU_CD0_A ? VSMMUV3_BLOCKED : VSMMUV3_ZEROES;
}

static enum vsmmuv3_verdict abort_of_walk(struct vsmmuv3_access *access,
                                          paddr_t address)
{
    access->event.word[1] |= SMMU_EVT1_CLASS_PUT(SMMU_CLASS_TT);
    access->event.word[2] = access->input;
    access->event.word[3] = address & SMMU_EVT3_FETCHADDR;
    return vsmmuv3_blocked(access, SMMU_F_WALK_EABT);
}

/* ---- rights ------------------------------------------------------------- */

/* What table descriptors take away: bits of a leaf. */
static uint64_t table_limits(uint64_t entry)
{
    return (entry & SMMU_TTD_APTABLE2 ? SMMU_TTD_AP2 : 0) |
           (entry & SMMU_TTD_PXNTABLE ? SMMU_TTD_PXN : 0) |
           (entry & SMMU_TTD_UXNTABLE ? SMMU_TTD_UXN : 0);
}

static uint32_t rights_of(const struct vsmmuv3_cd *cd,
                          const struct vsmmuv3_access *access, uint64_t leaf)
{
    bool writable = !(leaf & SMMU_TTD_AP2), user = leaf & SMMU_TTD_AP1;
    bool wxn = (cd->word[0] & SMMU_CD0_WXN) && writable;
    bool data, never;

    if ( access->privileged )
    {
        /* What the unprivileged can write is never executed here. */
        never = (leaf & SMMU_TTD_PXN) || wxn || (user && writable);
        data = !(user && (cd->word[0] & SMMU_CD0_PAN));
    }
    else
    {
        never = (leaf & SMMU_TTD_UXN) || (wxn && user);
        data = user;
    }
    return (data ? XEN_VIOMMU_ACCESS_read : 0) |
           (data && writable ? XEN_VIOMMU_ACCESS_write : 0) |
           (never ? 0 : XEN_VIOMMU_ACCESS_execute);
}

static bool satisfied(const struct vsmmuv3_access *access, uint32_t rights)
{
    if ( access->instruction )
        return rights & XEN_VIOMMU_ACCESS_execute;
    return !(access->read && !(rights & XEN_VIOMMU_ACCESS_read)) &&
           !(access->write && !(rights & XEN_VIOMMU_ACCESS_write));
}

/* ---- the walk ----------------------------------------------------------- */

/* In this order: address size, access flag, permission. */
static enum vsmmuv3_verdict at_leaf(const struct vsmmuv3 *v,
                                    const struct vsmmuv3_cd *cd,
                                    const struct vsmmuv3_walk *walk,
                                    struct vsmmuv3_access *access,
                                    uint64_t leaf)
{
    uint64_t mask = vsmmuv3_walk_span(walk);
    paddr_t output = (leaf & SMMU_TTD_ADDRESS & ~mask) |
                     (access->input & mask);
    uint32_t rights = rights_of(cd, access, leaf);

    if ( output & ~output_mask(v, cd) )
        return fault(cd, access, SMMU_F_ADDR_SIZE);
    if ( !(leaf & SMMU_TTD_AF) && !(cd->word[0] & SMMU_CD0_AFFD) )
        return fault(cd, access, SMMU_F_ACCESS);
    if ( !access->ats && !satisfied(access, rights) )
        return fault(cd, access, SMMU_F_PERMISSION);
    access->translation = (struct viommu_translation) { .gpa = output,
                                                        .mask = mask,
                                                        .rights = rights };
    return VSMMUV3_PASSES;
}

/* The bits above the range are all like VA[55]; TBI leaves out 63:56. */
static bool in_range(const struct vsmmuv3_cd *cd,
                     const struct vsmmuv3_walk *walk, uint64_t input,
                     bool upper)
{
    uint64_t above;

    if ( cd->word[0] & (upper ? SMMU_CD0_TBI1 : SMMU_CD0_TBI0) )
        input = upper ? input | SMMU_MASK(63, 56) : input & SMMU_MASK(55, 0);
    above = input >> walk->size;
    return above == (upper ? ~UINT64_C(0) >> walk->size : 0);
}

enum vsmmuv3_verdict vsmmuv3_walk(const struct vsmmuv3 *v,
                                  const struct vsmmuv3_cd *cd,
                                  struct vsmmuv3_access *access)
{
    bool upper = access->input & VSMMUV3_VA_UPPER, flat;
    uint64_t entry, set = 0, user = SMMU_TTD_AP1;
    struct vsmmuv3_walk walk;
    paddr_t at;

    if ( !cd_legal(v, cd) )
        return vsmmuv3_blocked(access, SMMU_C_BAD_CD);
    if ( !is_enabled(cd, upper) ||
         !vsmmuv3_walk_begin(&walk, cd, access->input) ||
         !in_range(cd, &walk, access->input, upper) )
        return fault(cd, access, SMMU_F_TRANSLATION);
    flat = (cd->word[upper ? 2 : 1] & SMMU_CD_HAD) &&
           (v->config.idr3 & SMMU_IDR3_HAD);
    for ( ;; vsmmuv3_walk_down(&walk, entry) )
    {
        at = vsmmuv3_walk_entry(&walk);
        if ( host_guest_read64(v->viommu.vd->d, at, &entry) )
            return abort_of_walk(access, at);
        if ( vsmmuv3_walk_is_leaf(&walk, entry) )
            return at_leaf(v, cd, &walk, access,
                           (entry & (user | ~SMMU_TTD_AP1)) | set);
        if ( !vsmmuv3_walk_is_table(&walk, entry) )
            return fault(cd, access, SMMU_F_TRANSLATION);
        if ( vsmmuv3_walk_next(&walk, entry) & ~output_mask(v, cd) )
            return fault(cd, access, SMMU_F_ADDR_SIZE);
        if ( flat )
            continue;
        set |= table_limits(entry);
        if ( entry & SMMU_TTD_APTABLE1 )
            user = 0;
    }
}
