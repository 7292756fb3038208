/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See session.h: what a VT-d unit does in a session. */
#include "session.h"

#include <rtl/rtl_vtd.h>
#include <vtd/unit.h>

static struct rtl_vtd *rtl;
static const struct vtd *unit; /* that it runs beside */

/* clang-format off */
struct vtd *__real_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
enum condition __real_walk_second_level(struct walk *walk);
enum condition __wrap_walk_second_level(struct walk *walk);
void __real_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope,
                                     bool leaf_only);
void __wrap_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope,
                                     bool leaf_only);
void __real_caches_clear(struct vtd *vtd);
void __wrap_caches_clear(struct vtd *vtd);
/* clang-format on */

void session_vtd_end(void)
{
    if ( rtl )
        rtl_vtd_destroy(rtl);
    rtl = NULL;
    unit = NULL;
}

/* Only what the RTL has: an IOTLB of its geometry, no other cache. */
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port)
{
    struct rtl_memory replay = { .read = session_replay, .latency_min = 1 };
    struct vtd_config changed = *config;
    struct port recording = *port;
    struct rtl_vtd_config same = {
        .size = RTL_2048X4,
        .haw = config->haw,
        .mgaw = CAP_MGAW(config->cap) + 1,
        .sllps = CAP_SLLPS(config->cap),
        .sc = config->ecap & ECAP_SC,
        .cm = config->cap & CAP_CM,
    };
    struct vtd *vtd;

    changed.iotlb = (struct cache_config) { .entries = 2048, .ways = 4 };
    changed.paging_structure_cache.entries = 0;
    session_port(&recording);
    vtd = __real_vtd_init(memory, &changed, &recording);
    if ( unit )
        return vtd; /* the first one is enough */
    unit = vtd;
    rtl = rtl_vtd_create(&same, &replay);
    return vtd;
}

/* What remap.c will make of it. */
static unsigned int reason_of(const struct walk *walk, enum condition fault)
{
    uint64_t address = walk->translation.base |
                       (walk->request->address &
                        SL_OFFSET_MASK(walk->translation.level));

    if ( fault != CONDITION_NONE )
        return condition_reason(fault);
    return IN_INTERRUPT_RANGE(address) ? condition_reason(LGN_4) : 0;
}

static void compare(const struct walk *walk, enum condition fault)
{
    const struct request *request = walk->request;
    struct rtl_vtd_request wanted = {
        .did = (uint16_t)(CONTEXT_DID(walk->context.high) & unit->did_mask),
        .slptptr = walk->context.low & CONTEXT_SLPTPTR,
        .aw48 = CONTEXT_AW(walk->context.high) == AW_48,
        .address = request->address,
        .read = walk->need & RIGHT_READ,
        .write = walk->need & RIGHT_WRITE,
        .any = walk->need_any,
    };
    unsigned int reason = reason_of(walk, fault);
    struct rtl_vtd_response answer;

    rtl_vtd_translate(rtl, &wanted, &answer);
    session.translations++;
    session.hits += answer.hit;
    session.faults += answer.fault != 0;
    session.reads += session_reads.count;
    if ( rtl_unit_broken(rtl_vtd_unit(rtl)) || session_reads.strayed ||
         session_reads.taken != session_reads.count ||
         answer.hit != walk->hit || answer.fault != reason ||
         (!reason && (answer.size + 1 != walk->translation.level ||
                      (answer.address & ~SL_OFFSET_MASK(answer.size + 1)) !=
                          walk->translation.base)) )
        session_disagree("%llx: the C model hit %d, fault %x; the RTL hit %d, "
                         "fault %x, address %llx",
                         (unsigned long long)request->address, walk->hit,
                         reason, answer.hit, answer.fault,
                         (unsigned long long)answer.address);
}

enum condition __wrap_walk_second_level(struct walk *walk)
{
    bool ours = walk->live && walk->live == unit;
    enum condition fault;

    if ( ours )
        session_record(true);
    fault = __real_walk_second_level(walk);
    if ( !ours )
        return fault;
    session_record(false);
    compare(walk, fault);
    return fault;
}

void __wrap_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope, bool leaf_only)
{
    struct rtl_vtd_invalidation command = {
        .g = scope->granularity,
        .did = (uint16_t)scope->did,
        .address = scope->first,
    };

    __real_caches_drop_translations(vtd, scope, leaf_only);
    if ( vtd != unit )
        return;
    while ( scope->granularity == GRANULARITY_SELECTIVE &&
            scope->first + (UINT64_C(0x1000) << command.am) - 1 !=
                scope->last )
        command.am++;
    rtl_vtd_invalidate(rtl, &command);
    session.invalidations++;
}

void __wrap_caches_clear(struct vtd *vtd)
{
    static const struct rtl_vtd_invalidation all = { .g = 1 };

    __real_caches_clear(vtd);
    if ( vtd == unit )
        rtl_vtd_invalidate(rtl, &all);
}
