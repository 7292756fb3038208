/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands (4) of a unit with stage 1 only.  Invalidations of what the
 * hardware caches are forwarded in the guest's own words, as far as a table
 * here allows them; the driver puts in its own VMID and StreamID.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

/* Submit a command that the next CMD_SYNC waits for.  Without a nest nothing
 * of this guest is cached under any of its tags. */
int vsmmuv3_forward(struct vsmmuv3 *v, const struct vsmmuv3_device *device,
                    uint64_t lo, uint64_t hi)
{
    const struct piommu_cache_invalidate invalidate = {
        .nest = v->nest,
        .device = device ? &device->pdev->device : NULL,
        .command = { lo, hi },
    };

    if ( !v->nest )
        return 0;
    return piommu_cache_invalidate(v->viommu.vd->registry->piommu, &invalidate,
                                   &v->token);
}

/* Fields of TLBI_NH_* that hardware may see. */
struct tlbi_fields {
    uint64_t lo, hi;
};
#define TLBI_RANGE_LO (SMMU_CMD_NUM_MASK | SMMU_CMD_SCALE_MASK)
#define TLBI_RANGE_HI (SMMU_CMD_TTL_MASK | SMMU_CMD_TG_MASK)
#define TLBI_ADDRESS  (SMMU_CMD_LEAF | SMMU_CMD_ADDR)

#define ASID_HIGH SMMU_MASK(63, 56)

struct command_row {
    unsigned int opcode;
    bool ssec; /* has that field, which must be 0 (4.1.6) */
    int (*execute)(struct vsmmuv3 *v, const struct command_row *row);
    unsigned int forwarded; /* as this one */
    struct tlbi_fields allowed;
};

/* ---- configuration (4.3) ------------------------------------------------ */

/* The engine reads the STEs before it goes on with the queue. */
static int cfgi_ste(struct vsmmuv3 *v, const struct command_row *row)
{
    (void)row;
    v->invalidated = true;
    vsmmuv3_make_stale(v, SMMU_CMD_SID(v->command[0]), 0);
    return 0;
}

/* 2^(Range + 1) STEs, aligned; 31: CFGI_ALL. */
static int cfgi_ste_range(struct vsmmuv3 *v, const struct command_row *row)
{
    (void)row;
    v->invalidated = true;
    vsmmuv3_make_stale(v, SMMU_CMD_SID(v->command[0]),
                       SMMU_CMD_RANGE(v->command[1]) + 1);
    return 0;
}

/* A CD is cached of a device with stage 1 only; one that the guest names
 * without having it is nobody's. */
static int cfgi_cd(struct vsmmuv3 *v, const struct command_row *row)
{
    const struct vsmmuv3_device *device = vsmmuv3_device_find(
        v, SMMU_CMD_SID(v->command[0]));

    v->invalidated = true;
    if ( !device || device->stream.kind != VSMMUV3_STREAM_STAGE1 ||
         SMMU_CMD_SSID(v->command[0] & row->allowed.lo) >>
             SMMU_IDR1_SSIDSIZE(v->config.idr1) )
        return 0;
    return vsmmuv3_forward(v, device,
                           row->forwarded | (v->command[0] & row->allowed.lo),
                           v->command[1] & row->allowed.hi);
}

/* ---- TLB (4.4) ---------------------------------------------------------- */

/* Level 1 of 16 KiB tables is not a leaf: TTL 1 acts as 0 (4.4.1.1). */
static uint64_t ttl_normal(uint64_t hi)
{
    return SMMU_CMD_TG(hi) == SMMU_CMD_TG_16K && SMMU_CMD_TTL(hi) == 1 ?
               hi & ~SMMU_CMD_TTL_MASK :
               hi;
}

/* A range without extent is reserved (4.4.1.1). */
static bool range_reserved(uint64_t lo, uint64_t hi)
{
    return SMMU_CMD_TG(hi) != SMMU_CMD_TG_NONE && !SMMU_CMD_NUM(lo) &&
           !SMMU_CMD_SCALE(lo) && !SMMU_CMD_TTL(hi);
}

static int tlbi(struct vsmmuv3 *v, const struct command_row *row)
{
    struct tlbi_fields allowed = row->allowed;
    bool range = (allowed.hi & SMMU_CMD_TG_MASK) &&
                 (v->config.idr3 & SMMU_IDR3_RIL);
    uint64_t lo = v->command[0], hi = ttl_normal(v->command[1]);

    if ( range && range_reserved(lo, hi) )
        return -XEN_EINVAL;
    v->invalidated = true;
    /* One entry: NUM, SCALE, TTL have no meaning. */
    if ( !range || SMMU_CMD_TG(hi) == SMMU_CMD_TG_NONE )
    {
        allowed.lo &= ~TLBI_RANGE_LO;
        allowed.hi &= ~TLBI_RANGE_HI;
    }
    if ( !(v->config.idr0 & SMMU_IDR0_ASID16) )
        allowed.lo &= ~ASID_HIGH;
    return vsmmuv3_forward(v, NULL, row->forwarded | (lo & allowed.lo),
                           hi & allowed.hi);
}

/* ---- the rest ----------------------------------------------------------- */

/* A hint. */
static int prefetch(struct vsmmuv3 *v, const struct command_row *row)
{
    (void)v;
    (void)row;
    return 0;
}

/* 2^Size pages of the device-TLB; of any SubstreamID. */
static int atc_inv(struct vsmmuv3 *v, const struct command_row *row)
{
    unsigned int size = SMMU_CMD_ATC_SIZE(v->command[1]);
    uint64_t address = v->command[1] & SMMU_CMD_ADDR, span = ~UINT64_C(0);

    (void)row;
    if ( !(v->config.idr0 & SMMU_IDR0_ATS) )
        return -XEN_EINVAL;
    if ( size < SMMU_ATC_SIZE_ALL )
        span = (PAGE_SIZE << size) - 1;
    viommu_dm_invalidate(&v->viommu, SMMU_CMD_SID(v->command[0]),
                         address & ~span, address | span);
    return 0;
}

/*
 * The hardware's own CMD_SYNC makes the events of what it has terminated up to
 * now visible (4.7.3), whether there is an invalidation to wait for or not.
 * SIG_SEV: a vcpu that waits for an event has been trapped, and runs on.
 */
static int sync(struct vsmmuv3 *v, const struct command_row *row)
{
    int rc;

    (void)row;
    if ( SMMU_CMD_SYNC_CS(v->command[0]) > SMMU_SYNC_SIG_SEV )
        return -XEN_EINVAL;
    rc = piommu_sync(v->viommu.vd->registry->piommu, vsmmuv3_units(v),
                     &v->token);
    if ( !rc )
        v->stage = VSMMUV3_COMMAND_SYNC;
    return rc;
}

/*
 * All that there are.  Others need what a unit with stage 1 only does not
 * have: stage 2, EL2, PRI, stalls.  Global invalidation of what is not
 * EL2's is that of our own VMID: hardware must never see NSNH_ALL.
 */
static const struct command_row rows[] = {
    /* clang-format off */
    { SMMU_CMD_PREFETCH_CONFIG, true, prefetch, 0, { 0, 0 } },
    { SMMU_CMD_PREFETCH_ADDR, true, prefetch, 0, { 0, 0 } },
    { SMMU_CMD_CFGI_STE, true, cfgi_ste, 0, { 0, 0 } },
    { SMMU_CMD_CFGI_STE_RANGE, true, cfgi_ste_range, 0, { 0, 0 } },
    { SMMU_CMD_CFGI_CD, true, cfgi_cd, SMMU_CMD_CFGI_CD,
      { SMMU_CMD_SSID_MASK, SMMU_CMD_LEAF } },
    { SMMU_CMD_CFGI_CD_ALL, true, cfgi_cd, SMMU_CMD_CFGI_CD_ALL, { 0, 0 } },
    { SMMU_CMD_TLBI_NH_ALL, false, tlbi, SMMU_CMD_TLBI_NH_ALL, { 0, 0 } },
    { SMMU_CMD_TLBI_NH_ASID, false, tlbi, SMMU_CMD_TLBI_NH_ASID,
      { SMMU_CMD_ASID_MASK, 0 } },
    { SMMU_CMD_TLBI_NH_VA, false, tlbi, SMMU_CMD_TLBI_NH_VA,
      { SMMU_CMD_ASID_MASK | TLBI_RANGE_LO, TLBI_ADDRESS | TLBI_RANGE_HI } },
    { SMMU_CMD_TLBI_NH_VAA, false, tlbi, SMMU_CMD_TLBI_NH_VAA,
      { TLBI_RANGE_LO, TLBI_ADDRESS | TLBI_RANGE_HI } },
    { SMMU_CMD_TLBI_NSNH_ALL, false, tlbi, SMMU_CMD_TLBI_NH_ALL, { 0, 0 } },
    { SMMU_CMD_ATC_INV, true, atc_inv, 0, { 0, 0 } },
    { SMMU_CMD_SYNC, false, sync, 0, { 0, 0 } },
    /* clang-format on */
};

int vsmmuv3_command(struct vsmmuv3 *v)
{
    unsigned int opcode = SMMU_CMD_OP(v->command[0]), i;

    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
        if ( rows[i].opcode == opcode )
            return rows[i].ssec && (v->command[0] & SMMU_CMD_SSEC) ?
                       -XEN_EINVAL :
                       rows[i].execute(v, &rows[i]);
    return -XEN_EINVAL;
}
