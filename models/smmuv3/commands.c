/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands (chapter 4).  Each is executed when it is consumed; what it has not
 * waited for is owed to the next CMD_SYNC.  Reserved fields are ignored.
 */
#include "cover.h"

/* ---- 4.2 prefetch ---- */

/* What a CMD_PREFETCH_ADDR asks for beyond this is not prefetched. */
#define PREFETCH_MAX 16u

static struct request prefetch_request(const uint64_t command[2])
{
    return (struct request) {
        .source = COMMAND_SID(command[0]),
        .pasid = command[0] & COMMAND_SSV ? COMMAND_SSID(command[0]) :
                                            REQUEST_NO_PASID,
        .access = REQUEST_READ,
        .address = command[1] & COMMAND_VA,
    };
}

static bool prefetch_config(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct request request = prefetch_request(command);

    (void)smmu_unit_prefetch(smmu, &request, smmu_translate_prefetch_config);
    return true;
}

static bool prefetch_addr(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct request request = prefetch_request(command);
    uint64_t stride = BIT64(12 + COMMAND_STRIDE(command[1]));
    uint64_t count = BIT64(COMMAND_SIZE_OF(command[1]));

    for ( unsigned int i = 0; i < count && i < PREFETCH_MAX; i++ )
    {
        (void)smmu_unit_prefetch(smmu, &request, smmu_translate_prefetch);
        request.address += stride;
    }
    return true;
}

/* ---- 4.3 configuration ---- */

static bool cfgi(struct smmuv3 *smmu, const struct config_scope *scope)
{
    spend(smmu, COST_INVALIDATE);
    smmu_invalidate_config(smmu, scope);
    return true;
}

static bool cfgi_ste(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct config_scope scope = {
        .first = COMMAND_SID(command[0]),
        .last = COMMAND_SID(command[0]),
        .stes = true,
        .leaf_only = command[1] & COMMAND_LEAF,
    };

    return cfgi(smmu, &scope);
}

/* Range = 31 is CMD_CFGI_ALL. */
static bool cfgi_ste_range(struct smmuv3 *smmu, const uint64_t command[2])
{
    uint32_t offsets = (uint32_t)(BIT64(COMMAND_RANGE(command[1]) + 1) - 1);
    struct config_scope scope = {
        .first = COMMAND_SID(command[0]) & ~offsets,
        .last = COMMAND_SID(command[0]) | offsets,
        .stes = true,
    };

    return cfgi(smmu, &scope);
}

static bool cfgi_cd(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct config_scope scope = {
        .first = COMMAND_SID(command[0]),
        .last = COMMAND_SID(command[0]),
        .ssid = COMMAND_SSID(command[0]),
        .leaf_only = command[1] & COMMAND_LEAF,
    };

    return cfgi(smmu, &scope);
}

static bool cfgi_cd_all(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct config_scope scope = {
        .first = COMMAND_SID(command[0]),
        .last = COMMAND_SID(command[0]),
        .all_cds = true,
    };

    return cfgi(smmu, &scope);
}

/* ---- 4.4 translations ---- */

/* The size of a leaf at the hinted level; 0: any. */
static unsigned int hinted_leaf(unsigned int granule, unsigned int ttl)
{
    /* With 16 KiB there is no block at level 1. */
    if ( !ttl || (granule == 14 && ttl == 1) )
        return 0;
    return LEVEL_SHIFT(granule, ttl);
}

/* 4.4.1.1.  False: the reserved combination. */
static bool set_range(const struct smmuv3 *smmu, const uint64_t command[2],
                      uint64_t address_bits, struct tlb_scope *scope)
{
    static const uint8_t granules[4] = COMMAND_TG_SHIFTS;
    unsigned int granule = smmu->config.idr[3] & IDR3_RIL ?
                               granules[COMMAND_TG(command[1])] :
                               0;
    unsigned int scale = COMMAND_SCALE(command[0]);
    uint64_t pages = COMMAND_NUM(command[0]) + 1;

    scope->by_address = true;
    scope->leaf_only = command[1] & COMMAND_LEAF;
    scope->first = command[1] & address_bits;
    /* A VA: bits 63:56 are a tag (3.4.1), or say the same as bit 55. */
    if ( address_bits >> 56 )
        scope->first = scope->first & BIT64(55) ?
                           scope->first | BITS64(63, 56) :
                           scope->first & BITS64(55, 0);
    scope->last = scope->first;
    scope->granule = granule;
    cover_range(command, scope);
    if ( !granule )
        return true;
    scope->leaf_shift = hinted_leaf(granule, COMMAND_TTL(command[1]));
    if ( pages == 1 && !scale && !scope->leaf_shift )
        return false;
    scope->last = scope->first + ((pages << scale) << granule) - 1;
    /* A range does not wrap. */
    if ( scope->last < scope->first )
        scope->last = UINT64_MAX;
    return true;
}

static bool tlbi(struct smmuv3 *smmu, const struct tlb_scope *scope)
{
    spend(smmu, COST_INVALIDATE);
    smmu_invalidate_tlb(smmu, scope);
    return true;
}

/* 4.4.2: without stage 2 there is no VMID to match. */
static struct tlb_scope el1_scope(const struct smmuv3 *smmu,
                                  const uint64_t command[2])
{
    return (struct tlb_scope) {
        .regimes = BIT32(REGIME_EL1),
        .by_vmid = smmu->config.idr[0] & IDR0_S2P,
        .vmid = COMMAND_VMID(command[0]),
    };
}

static bool tlbi_nh_all(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    return tlbi(smmu, &scope);
}

static bool tlbi_nh_asid(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    scope.by_asid = true;
    scope.asid = COMMAND_ASID(command[0]);
    return tlbi(smmu, &scope);
}

static bool tlbi_nh_va(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    scope.by_asid = true;
    scope.globals = true;
    scope.asid = COMMAND_ASID(command[0]);
    return set_range(smmu, command, COMMAND_VA, &scope) && tlbi(smmu, &scope);
}

static bool tlbi_nh_vaa(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    return set_range(smmu, command, COMMAND_VA, &scope) && tlbi(smmu, &scope);
}

static bool tlbi_el2_all(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = {
        .regimes = BIT32(REGIME_EL2) | BIT32(REGIME_EL2_E2H),
    };

    (void)command;
    return tlbi(smmu, &scope);
}

static bool tlbi_el2_asid(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = {
        .regimes = BIT32(REGIME_EL2_E2H),
        .by_asid = true,
        .asid = COMMAND_ASID(command[0]),
    };

    return tlbi(smmu, &scope);
}

/* CR2.E2H says which of the two regimes is meant. */
static struct tlb_scope el2_scope(const struct smmuv3 *smmu)
{
    bool e2h = reg32(smmu, SMMU_CR2) & CR2_E2H;

    return (struct tlb_scope) {
        .regimes = BIT32(e2h ? REGIME_EL2_E2H : REGIME_EL2),
    };
}

static bool tlbi_el2_va(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el2_scope(smmu);

    if ( scope.regimes == BIT32(REGIME_EL2_E2H) )
    {
        scope.by_asid = true;
        scope.globals = true;
        scope.asid = COMMAND_ASID(command[0]);
    }
    return set_range(smmu, command, COMMAND_VA, &scope) && tlbi(smmu, &scope);
}

static bool tlbi_el2_vaa(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el2_scope(smmu);

    return set_range(smmu, command, COMMAND_VA, &scope) && tlbi(smmu, &scope);
}

static bool tlbi_s12_vmall(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    scope.regimes |= BIT32(REGIME_STAGE2);
    return tlbi(smmu, &scope);
}

static bool tlbi_s2_ipa(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = el1_scope(smmu, command);

    scope.regimes = BIT32(REGIME_STAGE2);
    return set_range(smmu, command, COMMAND_IPA, &scope) && tlbi(smmu, &scope);
}

static bool tlbi_nsnh_all(struct smmuv3 *smmu, const uint64_t command[2])
{
    struct tlb_scope scope = {
        .regimes = BIT32(REGIME_EL1) | BIT32(REGIME_STAGE2),
    };

    (void)command;
    return tlbi(smmu, &scope);
}

/* ---- 4.7.3 ---- */

static bool sync(struct smmuv3 *smmu, const uint64_t command[2])
{
    if ( COMMAND_CS(command[0]) == CS_RESERVED )
        return false;
    smmu_invalidate_wait(smmu);
    return true;
}

/* ---- the table (4.1.1) ---- */

/* Opcodes of features that this unit never has are not in it: CERROR_ILL. */
struct command_info {
    enum opcode opcode;
    uint32_t needs; /* IDR0 bits */
    bool ssec;      /* has SSec, which must be 0 in this queue */
    bool (*execute)(struct smmuv3 *smmu, const uint64_t command[2]);
};

/* clang-format off */
static const struct command_info commands[] = {
    { CMD_PREFETCH_CONFIG, 0,        true,  prefetch_config },
    { CMD_PREFETCH_ADDR,   0,        true,  prefetch_addr },
    { CMD_CFGI_STE,        0,        true,  cfgi_ste },
    { CMD_CFGI_STE_RANGE,  0,        true,  cfgi_ste_range },
    { CMD_CFGI_CD,         IDR0_S1P, true,  cfgi_cd },
    { CMD_CFGI_CD_ALL,     IDR0_S1P, true,  cfgi_cd_all },
    { CMD_TLBI_NH_ALL,     IDR0_S1P, false, tlbi_nh_all },
    { CMD_TLBI_NH_ASID,    IDR0_S1P, false, tlbi_nh_asid },
    { CMD_TLBI_NH_VA,      IDR0_S1P, false, tlbi_nh_va },
    { CMD_TLBI_NH_VAA,     IDR0_S1P, false, tlbi_nh_vaa },
    { CMD_TLBI_EL2_ALL,    IDR0_HYP, false, tlbi_el2_all },
    { CMD_TLBI_EL2_ASID,   IDR0_HYP, false, tlbi_el2_asid },
    { CMD_TLBI_EL2_VA,     IDR0_HYP, false, tlbi_el2_va },
    { CMD_TLBI_EL2_VAA,    IDR0_HYP, false, tlbi_el2_vaa },
    { CMD_TLBI_S12_VMALL,  IDR0_S2P, false, tlbi_s12_vmall },
    { CMD_TLBI_S2_IPA,     IDR0_S2P, false, tlbi_s2_ipa },
    { CMD_TLBI_NSNH_ALL,   0,        false, tlbi_nsnh_all },
    { CMD_SYNC,            0,        false, sync },
};
/* clang-format on */

bool smmu_command_execute(struct smmuv3 *smmu, const uint64_t command[2],
                          enum completion_signal *signal)
{
    for ( size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++ )
    {
        const struct command_info *info = &commands[i];

        if ( info->opcode != COMMAND_OPCODE(command[0]) )
            continue;
        if ( (info->needs & ~smmu->config.idr[0]) ||
             (info->ssec && (command[0] & COMMAND_SSEC)) )
        {
            COVER("smmuv3.cmd.%02x.%s", (unsigned int)info->opcode,
                  info->needs & ~smmu->config.idr[0] ? "not-implemented" :
                                                       "ssec");
            return false;
        }
        COVER("smmuv3.cmd.%02x", (unsigned int)info->opcode);
        if ( info->opcode == CMD_SYNC )
            COVER("smmuv3.sync.cs%u", (unsigned int)COMMAND_CS(command[0]));
        if ( info->opcode == CMD_SYNC )
            *signal = (enum completion_signal)COMMAND_CS(command[0]);
        return info->execute(smmu, command);
    }
    return false;
}
