/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands: which there are, and what they invalidate (4). */
#include "internal.h"

/* ---- the commands ---- */

enum needs { NEEDS_NOTHING, NEEDS_S1P, NEEDS_S2P, NEEDS_HYP, NEEDS_ATS };

struct command {
    unsigned int op;
    enum needs needs;
    bool (*submit)(struct oracle *o, uint64_t low, uint64_t high);
};

static void log_command(struct oracle *o, struct invalidation *inv,
                        uint64_t low)
{
    inv->op = CMD_OP(low);
    inv->e2h = smmu_register(o, REG_CR2) & CR2_E2H;
    log_submit(o, &inv->life);
}

static bool submit_prefetch(struct oracle *o, uint64_t low, uint64_t high)
{
    (void)high;
    smmu_stream_seen(o, CMD_SID(low),
                     CMD_SSV(low) ? CMD_SSID(low) : UINT32_MAX);
    return true;
}

static bool submit_ste(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .leaf = CMD_LEAF(high) };

    log_command(o, &inv, low);
    return true;
}

static bool submit_ste_range(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int range = CMD_RANGE(high);
    struct invalidation inv = { .sid = CMD_SID(low) };

    if ( range != RANGE_ALL )
        inv.sid_mask = UINT32_MAX << (range + 1);
    log_command(o, &inv, low);
    return true;
}

static bool submit_cd(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .ssid = CMD_SSID(low),
                                .leaf = CMD_LEAF(high) };

    log_command(o, &inv, low);
    return true;
}

static bool submit_all(struct oracle *o, uint64_t low, uint64_t high)
{
    struct invalidation inv = { .vmid = CMD_VMID(low), .asid = CMD_ASID(low) };

    (void)high;
    if ( CMD_OP(low) == OP_TLBI_EL2_ASID )
        inv.vmid = 0; /* has no such field */
    log_command(o, &inv, low);
    return true;
}

/* 4.4.1.1: bits of the address that TG and TTL want to be 0. */
static bool misaligned(uint64_t address, unsigned int granule,
                       unsigned int ttl)
{
    unsigned int level = ttl ? ttl : LEVEL_LAST;
    unsigned int bits = granule + (LEVEL_LAST - level) * (granule - 3);

    return address & (BIT64(bits) - 1);
}

/* False: a reserved encoding. */
static bool set_range(struct invalidation *inv, uint64_t low, uint64_t high,
                      uint64_t address)
{
    static const unsigned int granule[4] = { 0, 12, 14, 16 };
    uint64_t bytes;

    inv->granule = granule[CMD_TG(high)];
    inv->ttl = CMD_TTL(high);
    inv->range = true;
    if ( inv->granule == 14 && inv->ttl == 1 )
        inv->ttl = 0;
    if ( !CMD_NUM(low) && !CMD_SCALE(low) && !inv->ttl )
        return false;
    bytes = (uint64_t)(CMD_NUM(low) + 1) << inv->granule;
    bytes = CMD_SCALE(low) + 22 > 63 ? UINT64_MAX : bytes << CMD_SCALE(low);
    inv->first = address;
    inv->last = address + bytes - 1 < address ? UINT64_MAX :
                                                address + bytes - 1;
    /* Which range is UNPREDICTABLE: nothing is sure to go. */
    if ( misaligned(address, inv->granule, inv->ttl) )
    {
        inv->first = 1;
        inv->last = 0;
    }
    return true;
}

static bool submit_address(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int op = CMD_OP(low);
    bool el2 = op == OP_TLBI_EL2_VA || op == OP_TLBI_EL2_VAA;
    uint64_t address = op == OP_TLBI_S2_IPA ? CMD_IPA(high) :
                                              va_canonical(CMD_ADDR(high));
    struct invalidation inv = { .vmid = el2 ? 0 : CMD_VMID(low),
                                .asid = CMD_ASID(low),
                                .leaf = CMD_LEAF(high),
                                .first = address,
                                .last = address | PAGE_OFFSET };

    if ( IDR3_RIL(smmu(o)->idr[3]) && CMD_TG(high) &&
         !set_range(&inv, low, high, address) )
        return false;
    log_command(o, &inv, low);
    return true;
}

/* 4.5.1: 2^Size pages, aligned to that; from 52 on all of them. */
static bool submit_atc(struct oracle *o, uint64_t low, uint64_t high)
{
    unsigned int size = CMD_SIZE(high);
    uint64_t mask = size > 51 ? UINT64_MAX : (PAGE_BYTES << size) - 1;
    struct invalidation inv = { .sid = CMD_SID(low),
                                .sid_mask = UINT32_MAX,
                                .ssid = CMD_SSID(low),
                                .ssv = CMD_SSV(low),
                                .any_ssid = CMD_SSV(low) && CMD_GLOBAL(low),
                                .first = CMD_ADDR(high) & ~mask,
                                .last = CMD_ADDR(high) | mask };

    log_command(o, &inv, low);
    return true;
}

static bool submit_sync(struct oracle *o, uint64_t low, uint64_t high)
{
    struct queue *q = &smmu(o)->queue;

    (void)high;
    if ( CMD_CS(low) == CS_RESERVED )
        return false;
    q->sync = oracle_grow(o, q->sync, q->syncs, &q->room, sizeof(q->sync[0]));
    q->sync[q->syncs++] = (struct sync) { .after = (q->head + 1) &
                                                   queue_pointer_mask(q),
                                          .interrupt = CMD_CS(low) == CS_IRQ,
                                          .upto = o->log.count,
                                          .sequence = q->sequence };
    return true;
}

/* clang-format off */
static const struct command commands[] = {
    { OP_PREFETCH_CONFIG, NEEDS_NOTHING, submit_prefetch },
    { OP_PREFETCH_ADDR, NEEDS_NOTHING, submit_prefetch },
    { OP_CFGI_STE, NEEDS_NOTHING, submit_ste },
    { OP_CFGI_STE_RANGE, NEEDS_NOTHING, submit_ste_range },
    { OP_CFGI_CD, NEEDS_S1P, submit_cd },
    { OP_CFGI_CD_ALL, NEEDS_S1P, submit_cd },
    { OP_TLBI_NH_ALL, NEEDS_S1P, submit_all },
    { OP_TLBI_NH_ASID, NEEDS_S1P, submit_all },
    { OP_TLBI_NH_VA, NEEDS_S1P, submit_address },
    { OP_TLBI_NH_VAA, NEEDS_S1P, submit_address },
    { OP_TLBI_EL2_ALL, NEEDS_HYP, submit_all },
    { OP_TLBI_EL2_ASID, NEEDS_HYP, submit_all },
    { OP_TLBI_EL2_VA, NEEDS_HYP, submit_address },
    { OP_TLBI_EL2_VAA, NEEDS_HYP, submit_address },
    { OP_TLBI_S12_VMALL, NEEDS_S2P, submit_all },
    { OP_TLBI_S2_IPA, NEEDS_S2P, submit_address },
    { OP_TLBI_NSNH_ALL, NEEDS_NOTHING, submit_all },
    { OP_ATC_INV, NEEDS_ATS, submit_atc },
    { OP_SYNC, NEEDS_NOTHING, submit_sync },
};
/* clang-format on */

static bool is_built(const struct oracle *o, enum needs needs)
{
    uint32_t idr0 = smmu(o)->idr[0];

    switch ( needs )
    {
    case NEEDS_S1P:
        return IDR0_S1P(idr0);
    case NEEDS_S2P:
        return IDR0_S2P(idr0);
    case NEEDS_HYP:
        return IDR0_HYP(idr0);
    case NEEDS_ATS:
        return IDR0_ATS(idr0);
    case NEEDS_NOTHING:
        break;
    }
    return true;
}

/* False: CERROR_ILL (7.1). */
bool smmu_command_submit(struct oracle *o, uint64_t low, uint64_t high)
{
    /* The commands that name a stream have SSec; it must be 0 here. */
    if ( (CMD_OP(low) < OP_TLBI_NH_ALL || CMD_OP(low) == OP_ATC_INV) &&
         CMD_SSEC(low) )
        return false;
    for ( size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++ )
        if ( commands[i].op == CMD_OP(low) )
            return is_built(o, commands[i].needs) &&
                   commands[i].submit(o, low, high);
    return false;
}
