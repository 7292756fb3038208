/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: what a VT-d unit does. */
#include <sim/beside_unit.h>

#include <vtd/unit.h>

/* clang-format off */
struct vtd *__real_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
void __real_remap_request(struct walk *walk, struct response *response);
void __wrap_remap_request(struct walk *walk, struct response *response);
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

/* The RTL's only cache is the IOTLB, and of its geometry. */
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port)
{
    const struct rtl_memory elsewhere = { .latency_min = 1 };
    const struct rtl_vtd_config same = {
        .size = RTL_2048X4,
        .haw = config->haw,
        .mgaw = CAP_MGAW(config->cap) + 1,
        .sllps = CAP_SLLPS(config->cap),
        .sc = config->ecap & ECAP_SC,
        .cm = config->cap & CAP_CM,
    };
    struct beside_unit *unit = beside_at(port);
    struct vtd_config changed = *config;
    struct vtd *vtd;

    if ( beside_active() )
        changed.paging_structure_cache.entries = 0;
    vtd = __real_vtd_init(memory, &changed, port);
    if ( !unit || config->iotlb.retention != CACHE_NORMAL )
        return vtd;
    unit->vtd = rtl_vtd_create(&same, &elsewhere);
    if ( !unit->vtd )
        return vtd;
    unit->rtl = rtl_vtd_unit(unit->vtd);
    unit->charged = rtl_unit_cycles(unit->rtl);
    unit->model = vtd;
    return vtd;
}

static bool covered(const struct walk *walk)
{
    unsigned int aw = CONTEXT_AW(walk->context.high);

    return (aw == AW_48 || aw == AW_39) &&
           !walk->live->inflight.slot[walk->slot].poisoned;
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

static void start(struct beside_unit *unit, struct beside_call *call,
                  const struct walk *walk)
{
    const struct rtl_vtd_request wanted = {
        .did = (uint16_t)(CONTEXT_DID(walk->context.high) &
                          walk->vtd->did_mask),
        .slptptr = walk->context.low & CONTEXT_SLPTPTR,
        .aw48 = CONTEXT_AW(walk->context.high) == AW_48,
        .address = walk->request->address,
        .read = walk->need & RIGHT_READ,
        .write = walk->need & RIGHT_WRITE,
        .any = walk->need_any,
    };

    rtl_vtd_begin(unit->vtd, &wanted);
    beside_started(unit, call, 0);
}

static void compare(struct beside_unit *unit, struct beside_call *call,
                    const struct walk *walk, enum condition fault)
{
    const struct rtl_vtd_response *answer = &call->answer.vtd;
    unsigned int reason = reason_of(walk, fault);

    if ( call->started )
        beside_serve_alone(unit, call);
    if ( !beside_ended(unit, call, walk->hit, answer->hit) )
        return;
    if ( answer->fault != reason ||
         (!reason && (answer->size + 1 != walk->translation.level ||
                      (answer->address & ~SL_OFFSET_MASK(answer->size + 1)) !=
                          walk->translation.base)) )
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
    beside_acquire(unit);
    unit->call = &call;
    if ( covered(walk) )
        start(unit, &call, walk);
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
        beside_counts()->left_to_c++;
}

void __wrap_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope, bool leaf_only)
{
    struct beside_unit *unit = beside_of(vtd);
    struct rtl_vtd_invalidation command = {
        .g = scope->granularity,
        .did = (uint16_t)scope->did,
        .address = scope->first,
    };

    __real_caches_drop_translations(vtd, scope, leaf_only);
    if ( !unit )
        return;
    while ( scope->granularity == GRANULARITY_SELECTIVE &&
            scope->first + (UINT64_C(0x1000) << command.am) - 1 !=
                scope->last )
        command.am++;
    rtl_vtd_submit(unit->vtd, &command);
    beside_invalidated(unit);
}

void __wrap_caches_clear(struct vtd *vtd)
{
    static const struct rtl_vtd_invalidation everything = { .g = 1 };
    struct beside_unit *unit = beside_of(vtd);

    __real_caches_clear(vtd);
    if ( !unit )
        return;
    rtl_vtd_submit(unit->vtd, &everything);
    beside_invalidated(unit);
}
