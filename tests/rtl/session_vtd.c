/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See session.h: what a VT-d unit does in a session. */
#include "session.h"

#include <sim/twin_vtd.h>

static struct rtl_vtd *rtl;
static const struct vtd *unit; /* that it runs beside */

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
    struct rtl_vtd_config same = twin_vtd_config(config);
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

static void compare(const struct walk *walk, enum condition fault)
{
    struct rtl_vtd_request wanted = twin_vtd_request(walk);
    unsigned int reason = twin_vtd_reason(walk, fault);
    struct rtl_vtd_response answer;

    rtl_vtd_translate(rtl, &wanted, &answer);
    session.translations++;
    session.hits += answer.hit;
    session.faults += answer.fault != 0;
    session.reads += session_reads.count;
    if ( rtl_unit_broken(rtl_vtd_unit(rtl)) || session_reads.strayed ||
         session_reads.taken != session_reads.count ||
         answer.hit != walk->hit || !twin_vtd_same(walk, reason, &answer) )
        session_disagree("%llx: the C model hit %d, fault %x; the RTL hit %d, "
                         "fault %x, address %llx",
                         (unsigned long long)walk->request->address, walk->hit,
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
    struct rtl_vtd_invalidation command;

    __real_caches_drop_translations(vtd, scope, leaf_only);
    if ( vtd != unit )
        return;
    command = twin_vtd_invalidation(scope);
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
