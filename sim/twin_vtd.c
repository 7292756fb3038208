/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/twin_vtd.h>

struct rtl_vtd_config twin_vtd_config(const struct vtd_config *config)
{
    return (struct rtl_vtd_config) {
        .size = RTL_2048X4,
        .haw = config->haw,
        .mgaw = CAP_MGAW(config->cap) + 1,
        .sllps = CAP_SLLPS(config->cap),
        .sc = config->ecap & ECAP_SC,
        .cm = config->cap & CAP_CM,
    };
}

struct rtl_vtd_request twin_vtd_request(const struct walk *walk)
{
    return (struct rtl_vtd_request) {
        .did = (uint16_t)(CONTEXT_DID(walk->context.high) &
                          walk->vtd->did_mask),
        .slptptr = walk->context.low & CONTEXT_SLPTPTR,
        .aw48 = CONTEXT_AW(walk->context.high) == AW_48,
        .address = walk->request->address,
        .read = walk->need & RIGHT_READ,
        .write = walk->need & RIGHT_WRITE,
        .any = walk->need_any,
    };
}

struct rtl_vtd_invalidation twin_vtd_invalidation(const struct scope *scope)
{
    struct rtl_vtd_invalidation command = {
        .g = scope->granularity,
        .did = (uint16_t)scope->did,
        .address = scope->first,
    };

    while ( scope->granularity == GRANULARITY_SELECTIVE &&
            scope->first + (UINT64_C(0x1000) << command.am) - 1 !=
                scope->last )
        command.am++;
    return command;
}

/* What remap.c will make of it. */
unsigned int twin_vtd_reason(const struct walk *walk, enum condition fault)
{
    uint64_t address = walk->translation.base |
                       (walk->request->address &
                        SL_OFFSET_MASK(walk->translation.level));

    if ( fault != CONDITION_NONE )
        return condition_reason(fault);
    return IN_INTERRUPT_RANGE(address) ? condition_reason(LGN_4) : 0;
}

bool twin_vtd_same(const struct walk *walk, unsigned int reason,
                   const struct rtl_vtd_response *answer)
{
    if ( answer->fault != reason )
        return false;
    return reason || (answer->size + 1 == walk->translation.level &&
                      (answer->address & ~SL_OFFSET_MASK(answer->size + 1)) ==
                          walk->translation.base);
}
