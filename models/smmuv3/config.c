/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ID registers (6.3.1 to 6.3.6): which combinations are a unit that this model
 * is, and why the others are not.
 */
#include "unit.h"

/* Bits of an ID register that make the configuration impossible. */
struct refusal {
    unsigned int idr;
    uint32_t bits;
    const char *reason;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { 0, IDR0_RESERVED, "IDR0 has a reserved bit set" },
    { 0, IDR0_ATS | IDR0_NS1ATS | IDR0_ATSRECERR,
      "IDR0.ATS, NS1ATS, ATSRECERR: address translation service is not "
      "built" },
    { 0, IDR0_PRI, "IDR0.PRI: the page request interface is not built" },
    { 0, IDR0_HTTU_MASK,
      "IDR0.HTTU: hardware updates of translation tables are not built" },
    { 0, IDR0_MSI,
      "IDR0.MSI: interrupts are wired, messages are not built" },
    { 0, IDR0_BTM, "IDR0.BTM: broadcast TLB maintenance is not built" },
    { 0, IDR0_ATOS | IDR0_VATOS,
      "IDR0.ATOS, VATOS: address translation operations are not built" },
    { 0, IDR0_VMW, "IDR0.VMW: VMID wildcards are not built" },
    { 0, IDR0_DORMHINT, "IDR0.DORMHINT: the dormant hint is not built" },
    { 0, IDR0_RME_IMPL, "IDR0.RME_IMPL: realms are not built" },
    { 1, IDR1_ATTR_TYPES_OVR,
      "IDR1.ATTR_TYPES_OVR: memory types are not built" },
    { 1, IDR1_REL | IDR1_QUEUES_PRESET | IDR1_TABLES_PRESET,
      "IDR1.REL, QUEUES_PRESET, TABLES_PRESET: tables and queues stand in "
      "memory, where software puts them" },
    { 1, IDR1_ECMDQ, "IDR1.ECMDQ: enhanced command queues are not built" },
    { 1, IDR1_PRIQS_MASK, "IDR1.PRIQS must be 0 without IDR0.PRI" },
    { 2, UINT32_MAX, "IDR2 must be 0 without IDR0.VATOS" },
    { 3, IDR3_PBHA | IDR3_PPS | IDR3_MPAM | IDR3_FWB | IDR3_PTWNNC,
      "IDR3.PBHA, PPS, MPAM, FWB, PTWNNC: memory attributes and page "
      "responses are not built" },
    { 3, IDR3_STT, "IDR3.STT: small translation tables are not built" },
    { 3, IDR3_E0PD, "IDR3.E0PD is not built" },
    { 3, (uint32_t)BITS64(23, 15),
      "IDR3.DPT, PASIDTT, EPAN, S1PI, S2PI, S2PO, THE, MTEPERM, AIE are of "
      "later architectures and not built" },
    { 3, (uint32_t)BITS64(31, 24) | BIT32(0) | BIT32(1) | BIT32(6),
      "IDR3 has a reserved bit set" },
    { 5, IDR5_DS | IDR5_VAX_MASK,
      "IDR5.DS, VAX: addresses of 52 bits are not built" },
    { 5, IDR5_D128, "IDR5.D128: 128-bit descriptors are not built" },
    { 5, IDR5_STALL_MAX_MASK,
      "IDR5.STALL_MAX must be 0: no request stalls" },
    { 5, BIT32(3) | BIT32(9) | (uint32_t)BITS64(15, 12),
      "IDR5 has a reserved bit set" },
};
/* clang-format on */

static const char *refused(const struct smmuv3_config *config)
{
    for ( size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++ )
        if ( config->idr[refusals[i].idr] & refusals[i].bits )
            return refusals[i].reason;
    return NULL;
}

static const char *check_stages(const struct smmuv3_config *config)
{
    uint32_t idr0 = config->idr[0];

    if ( !(idr0 & (IDR0_S1P | IDR0_S2P)) )
        return "IDR0.S1P, S2P: a unit has at least one stage";
    if ( IDR0_TTF(idr0) != TTF_AARCH64 )
        return "IDR0.TTF must be 2: only AArch64 tables are built";
    if ( IDR0_TTENDIAN(idr0) != TTENDIAN_LITTLE )
        return "IDR0.TTENDIAN must be 2: only little-endian tables are built";
    if ( IDR0_STALL_MODEL(idr0) != STALL_TERMINATE )
        return "IDR0.STALL_MODEL must be 1: the stall model is not built";
    if ( (idr0 & (IDR0_HYP | IDR0_CD2L)) && !(idr0 & IDR0_S1P) )
        return "IDR0.HYP and CD2L need IDR0.S1P";
    if ( IDR3_BBML(config->idr[3]) > 2 )
        return "IDR3.BBML: 3 is reserved";
    return NULL;
}

static const char *check_sizes(const struct smmuv3_config *config)
{
    uint32_t idr1 = config->idr[1], idr5 = config->idr[5];

    if ( IDR0_ST_LEVEL(config->idr[0]) > ST_LEVEL_TWO )
        return "IDR0.ST_LEVEL: 2 and 3 are reserved";
    if ( IDR1_SIDSIZE(idr1) > 32 )
        return "IDR1.SIDSIZE must be at most 32";
    if ( IDR1_SIDSIZE(idr1) >= 7 && !IDR0_ST_LEVEL(config->idr[0]) )
        return "IDR1.SIDSIZE of 7 and more needs two-level stream tables, "
               "IDR0.ST_LEVEL = 1";
    if ( IDR1_SSIDSIZE(idr1) > 20 )
        return "IDR1.SSIDSIZE must be at most 20";
    if ( IDR1_SSIDSIZE(idr1) && !(config->idr[0] & IDR0_S1P) )
        return "IDR1.SSIDSIZE must be 0 without IDR0.S1P";
    if ( IDR1_CMDQS(idr1) > 19 || IDR1_EVENTQS(idr1) > 19 )
        return "IDR1.CMDQS and EVENTQS must be at most 19";
    if ( IDR5_OAS(idr5) > OAS_48 )
        return "IDR5.OAS: addresses of 52 bits and more are not built";
    if ( !(idr5 & (IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K)) )
        return "IDR5: a unit has at least one granule";
    if ( config->aidr > 0x0f )
        return "AIDR: this is an SMMUv3.x, its major number is 0";
    return NULL;
}

static const char *check_caches(const struct smmuv3_config *config)
{
    const struct cache_config *caches[] = {
        &config->ste_cache, &config->cd_cache,      &config->micro_tlb,
        &config->main_tlb,  &config->walk_cache[0], &config->walk_cache[1],
    };

    for ( size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++ )
    {
        const char *reason = cache_config_check(caches[i]);

        if ( reason )
            return reason;
    }
    if ( config->slots < 1 || config->slots > INFLIGHT_MAX )
        return "the number of requests in flight must be 1 to 64";
    return NULL;
}
_Static_assert(INFLIGHT_MAX == 64, "the sentence above says so");

const char *smmuv3_config_check(const struct smmuv3_config *config)
{
    const char *reason = refused(config);

    if ( !reason )
        reason = check_stages(config);
    if ( !reason )
        reason = check_sizes(config);
    if ( !reason )
        reason = check_caches(config);
    return reason;
}

unsigned int smmu_config_address_bits(const struct smmuv3_config *config,
                                      unsigned int code)
{
    static const uint8_t sizes[8] = ADDRESS_SIZES;
    unsigned int oas = IDR5_OAS(config->idr[5]);

    return sizes[code < oas ? code : oas];
}

void smmuv3_config_default(struct smmuv3_config *config)
{
    *config = (struct smmuv3_config) {
        .idr = {
            [0] = IDR0_S2P | IDR0_S1P | IDR0_MAKE_TTF(TTF_AARCH64) |
                  IDR0_COHACC | IDR0_HYP | IDR0_ASID16 | IDR0_SEV |
                  IDR0_VMID16 | IDR0_CD2L |
                  IDR0_MAKE_TTENDIAN(TTENDIAN_LITTLE) |
                  IDR0_MAKE_STALL_MODEL(STALL_TERMINATE) | IDR0_TERM_MODEL |
                  IDR0_MAKE_ST_LEVEL(ST_LEVEL_TWO),
            [1] = 16 /* SIDSIZE */ | IDR1_MAKE_SSIDSIZE(16) |
                  IDR1_MAKE_EVENTQS(10) | IDR1_MAKE_CMDQS(10) |
                  IDR1_ATTR_PERMS_OVR,
            [3] = IDR3_HAD | IDR3_XNX | IDR3_RIL | IDR3_MAKE_BBML(1),
            [5] = OAS_48 | IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K,
        },
        .aidr = 2, /* SMMUv3.2 */
        .ste_cache = { .entries = 64, .ways = 4 },
        .cd_cache = { .entries = 64, .ways = 4 },
        .micro_tlb = { .entries = 64, .ways = 4 },
        .main_tlb = { .entries = 2048, .ways = 4 },
        .walk_cache = { { .entries = 256, .ways = 4 },
                        { .entries = 256, .ways = 4 } },
        .slots = 16,
        .wires = { .eventq = 74, .priq = 75, .sync = 76, .gerror = 77 },
        .costs = cost_defaults,
    };
}
