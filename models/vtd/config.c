/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities (11.4.2, 11.4.3): which combinations are a unit that this
 * model is, and why the others are not.
 */
#include "unit.h"

#define LEGACY "this unit is built for legacy mode only: "

/* A set bit of the register that makes the configuration impossible. */
struct refusal {
    uint64_t bits;
    const char *reason;
};

static const struct refusal cap_refusals[] = {
    { CAP_RSVD, "CAP has a reserved bit set" },
    { CAP_AFL, "CAP.AFL: the advanced fault log is not built" },
    { CAP_RWBF, "CAP.RWBF: write buffers that need a flush are not built" },
    { CAP_PLMR | CAP_PHMR,
      "CAP.PLMR, CAP.PHMR: protected memory regions are not built" },
    { CAP_FL1GP | CAP_FL5LP, LEGACY "CAP.FL1GP and CAP.FL5LP speak of "
                                    "first-stage tables" },
    { CAP_PI, "CAP.PI: posted interrupts are not built" },
    { CAP_ECMDS, "CAP.ECMDS: enhanced commands are not built" },
};

static const struct refusal ecap_refusals[] = {
    { BIT64(5) | BIT64(18) | BIT64(19) | BIT64(24) | BIT64(27) | BIT64(28) |
          BIT64(32) | BIT64(50) | BITS64(63, 54),
      "ECAP has a reserved or deprecated bit set" },
    { ECAP_DT | ECAP_DIT | ECAP_PRS | ECAP_PDS | BIT64(33),
      "ECAP.DT, DIT, PRS, PDS, NWFS: device-TLBs and page requests are not "
      "built" },
    { ECAP_SMTS | BITS64(49, 45) | BIT64(53) | ECAP_NEST | ECAP_VCS,
      LEGACY "ECAP.SMTS and what depends on it (NEST, VCS, SLADS, SLTS, FLTS, "
             "SMPWCS, RPS, RPRIVS) must be 0" },
    { ECAP_PASID | BITS64(39, 34) | ECAP_ERS | ECAP_SRS,
      LEGACY "ECAP.PASID, PSS, EAFS, ERS and SRS need scalable mode" },
    { ECAP_MTS, "ECAP.MTS: memory types are not built" },
    { BIT64(51), "ECAP.PMS: performance monitoring is not built" },
    { BIT64(52), "ECAP.ADMS: abort-DMA mode is not built" },
};

static const char *refused(const struct refusal *refusals, size_t count,
                           uint64_t value)
{
    for ( size_t i = 0; i < count; i++ )
        if ( value & refusals[i].bits )
            return refusals[i].reason;
    return NULL;
}

#define REFUSED(refusals, value)                                              \
    refused(refusals, sizeof(refusals) / sizeof(*(refusals)), value)

static unsigned int widest(unsigned int sagaw)
{
    return sagaw & SAGAW_48 ? AW_WIDTH(AW_48) : AW_WIDTH(AW_39);
}

static const char *check_widths(const struct vtd_config *config)
{
    unsigned int sagaw = CAP_SAGAW(config->cap);
    unsigned int mgaw = CAP_MGAW(config->cap) + 1;

    if ( config->haw < 32 || config->haw > 52 )
        return "the host address width must be 32 to 52 bits";
    if ( sagaw & SAGAW_57 )
        return "CAP.SAGAW: 5-level tables are not built";
    if ( !sagaw || (sagaw & ~(SAGAW_39 | SAGAW_48)) )
        return "CAP.SAGAW must name 39 or 48 bits, its other bits are "
               "reserved";
    if ( mgaw < 32 || mgaw > widest(sagaw) )
        return "CAP.MGAW + 1 must be 32 or more and at most the largest "
               "width of CAP.SAGAW";
    if ( CAP_SLLPS(config->cap) & ~SLLPS_ALL )
        return "CAP.SLLPS has a reserved bit set";
    return NULL;
}

static const char *check_interrupts(const struct vtd_config *config)
{
    uint64_t remapping = config->ecap & (ECAP_IR | ECAP_EIM | ECAP_MHMV_MASK);

    if ( !config->replay && (config->cap & CAP_ESIRTPS) )
        return "CAP.ESIRTPS: interrupt remapping is not built; a recorded "
               "session may set 'replay'";
    if ( !config->replay && remapping )
        return "ECAP.IR, EIM, MHMV: interrupt remapping is not built; a "
               "recorded session may set 'replay'";
    if ( remapping && !(config->ecap & ECAP_IR) )
        return "ECAP.EIM and ECAP.MHMV need ECAP.IR";
    if ( remapping && !(config->ecap & ECAP_QI) )
        return "ECAP.IR needs ECAP.QI: its cache is invalidated by the queue";
    return NULL;
}

static const char *check_registers(const struct vtd_config *config)
{
    uint8_t map[REGISTER_SPACE / 4];

    if ( config->version > 0xff )
        return "VER has a reserved bit set";
    if ( queue_only(config) && !(config->ecap & ECAP_QI) )
        return "from major version 6 on there are no invalidation registers, "
               "ECAP.QI must be 1";
    if ( CAP_ND(config->cap) == 7 )
        return "CAP.ND: 7 is reserved";
    if ( CAP_MAMV(config->cap) > 51 )
        return "CAP.MAMV: an address has no more than 52 page bits";
    if ( !registers_place(config, map) )
        return "CAP.FRO with CAP.NFR, or ECAP.IRO, puts registers over "
               "others or beyond the 4096 bytes of the register page";
    return NULL;
}

static const char *check_caches(const struct vtd_config *config)
{
    const char *reason = cache_config_check(&config->context_cache);

    if ( !reason )
        reason = cache_config_check(&config->iotlb);
    if ( !reason )
        reason = cache_config_check(&config->paging_structure_cache);
    if ( !reason && (config->slots < 1 || config->slots > INFLIGHT_MAX) )
        reason = "the number of requests in flight must be 1 to 64";
    return reason;
}
_Static_assert(INFLIGHT_MAX == 64, "the sentence above says so");

const char *vtd_config_check(const struct vtd_config *config)
{
    const char *reason = REFUSED(cap_refusals, config->cap);

    if ( !reason )
        reason = REFUSED(ecap_refusals, config->ecap);
    if ( !reason )
        reason = check_widths(config);
    if ( !reason )
        reason = check_interrupts(config);
    if ( !reason )
        reason = check_registers(config);
    if ( !reason )
        reason = check_caches(config);
    return reason;
}

void vtd_config_default(struct vtd_config *config)
{
    *config = (struct vtd_config) {
        .version = 0x10,
        .cap = 6 /* ND: 64K domains */ | CAP_MAKE_SAGAW(SAGAW_39 | SAGAW_48) |
               CAP_MAKE_MGAW(AW_WIDTH(AW_48) - 1) | CAP_ZLR |
               CAP_MAKE_FRO(0x220 / 16) | CAP_MAKE_SLLPS(SLLPS_ALL) | CAP_PSI |
               CAP_MAKE_NFR(7) | CAP_MAKE_MAMV(18) | CAP_DWD | CAP_DRD,
        .ecap = ECAP_C | ECAP_QI | ECAP_PT | ECAP_SC | ECAP_MAKE_IRO(0xf),
        .haw = 46,
        .context_cache = { .entries = 64, .ways = 4 },
        .iotlb = { .entries = 2048, .ways = 4 },
        .paging_structure_cache = { .entries = 256, .ways = 4 },
        .slots = 16,
        .costs = cost_defaults,
    };
}
