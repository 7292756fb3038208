/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: what a VT-d unit does. */
#include <sim/beside_unit.h>
#include <sim/twin_vtd.h>

/* The RTL's only cache is the IOTLB, and of its geometry. */
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port)
{
    const struct rtl_vtd_config same = twin_vtd_config(config);
    struct beside_unit *unit = beside_at(port);
    struct vtd_config changed = *config;
    struct rtl_sc_config rtl;
    struct vtd *vtd;

    if ( beside_active() )
        changed.paging_structure_cache.entries = 0;
    vtd = __real_vtd_init(memory, &changed, port);
    if ( !unit || config->iotlb.retention != CACHE_NORMAL )
        return vtd;
    rtl = beside_config(unit);
    beside_made(unit, vtd, rtl_sc_vtd(&rtl, &same));
    return vtd;
}

static bool covered(const void *what)
{
    const struct walk *walk = what;
    unsigned int aw = CONTEXT_AW(walk->context.high);

    return (aw == AW_48 || aw == AW_39) &&
           !walk->live->inflight.slot[walk->slot].poisoned;
}

static void compare(struct beside_unit *unit, struct beside_call *call,
                    const struct walk *walk, enum condition fault)
{
    const struct rtl_vtd_response *answer = &call->answer.vtd;
    unsigned int reason = twin_vtd_reason(walk, fault);

    if ( !beside_ended(unit, call, walk->hit, answer->hit) )
        return;
    if ( !twin_vtd_same(walk, reason, answer) )
        beside_disagree("%llx: the C model fault %x, address %llx; the RTL "
                        "fault %x, address %llx",
                        (unsigned long long)walk->request->address, reason,
                        (unsigned long long)walk->translation.base,
                        answer->fault, (unsigned long long)answer->address);
}

enum condition __wrap_walk_second_level(struct walk *walk)
{
    struct beside_unit *unit = beside_of(walk->live);
    struct beside_call call = { 0 }, *outer;
    enum condition fault;

    if ( !unit )
        return __real_walk_second_level(walk);
    outer = unit->call;
    unit->call = &call;
    if ( covered(walk) )
        beside_run(unit, &call,
                   &(union rtl_sc_request) { .vtd = twin_vtd_request(walk) },
                   &(struct rtl_sc_wish) { covered, walk });
    fault = __real_walk_second_level(walk);
    compare(unit, &call, walk, fault);
    unit->call = outer;
    if ( outer )
        outer->started = call.started;
    return fault;
}

/* Counts; what the RTL serves begins further inside. */
void __wrap_remap_request(struct walk *walk, struct response *response)
{
    struct beside_unit *unit = beside_of(walk->live);
    struct beside_call call = { 0 };

    if ( unit )
        unit->call = &call;
    __real_remap_request(walk, response);
    if ( !unit )
        return;
    unit->call = NULL;
    if ( call.started )
        beside_counts()->requests++;
    else
        beside_alone(unit, &call);
}

/* The requests in flight have been poisoned: no time may pass until both have
 * it. */
void __wrap_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope, bool leaf_only)
{
    struct beside_unit *unit = beside_of(vtd);
    union rtl_sc_command command;

    if ( unit )
    {
        command.vtd = twin_vtd_invalidation(scope);
        rtl_sc_submit(unit->rtl, &command);
    }
    __real_caches_drop_translations(vtd, scope, leaf_only);
    if ( unit )
        beside_invalidated(unit);
}

void __wrap_caches_clear(struct vtd *vtd)
{
    static const union rtl_sc_command everything = { .vtd = { .g = 1 } };
    struct beside_unit *unit = beside_of(vtd);

    if ( unit )
        rtl_sc_submit(unit->rtl, &everything);
    __real_caches_clear(vtd);
    if ( unit )
        beside_invalidated(unit);
}
