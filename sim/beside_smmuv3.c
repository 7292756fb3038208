/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: what an SMMUv3 does. */
#include <sim/beside_unit.h>
#include <sim/twin_smmuv3.h>

static void make_rtl(struct beside_unit *unit, const struct smmuv3 *smmu)
{
    const struct rtl_smmu_config same = twin_smmuv3_config(smmu);
    const struct rtl_sc_config config = beside_config(unit);

    unit->e2h = same.e2h;
    beside_made(unit, smmu, rtl_sc_smmu(&config, &same));
}

/* The RTL's only cache is the main TLB, and of its geometry. */
struct smmuv3 *__wrap_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port)
{
    struct beside_unit *unit = beside_at(port);
    struct smmuv3_config changed = *config;
    struct smmuv3 *smmu;

    if ( beside_active() )
    {
        changed.micro_tlb.entries = 0;
        changed.walk_cache[0].entries = changed.walk_cache[1].entries = 0;
    }
    smmu = __real_smmuv3_init(memory, &changed, port);
    if ( unit && config->main_tlb.retention == CACHE_NORMAL )
        make_rtl(unit, smmu);
    return smmu;
}

/* ---- translations ---- */

/* 4 KiB granules; TG0 and S2TG 0b00, TG1 0b10 (5.2, 5.4). */
static bool covered(const void *what)
{
    const struct walk *walk = what;
    const struct beside_unit *unit = beside_of(walk->live);
    uint64_t cd = walk->cd.word[0];

    if ( walk->live->inflight.slot[walk->slot].poisoned ||
         unit->e2h != twin_smmuv3_config(walk->live).e2h )
        return false;
    if ( walk->stage2 && STE_S2TG(walk->ste.word[2]) )
        return false;
    if ( !walk->stage1 )
        return true;
    return ((cd & CD_EPD0) || !CD_TG0(cd)) &&
           (walk->regime == REGIME_EL2 || (cd & CD_EPD1) || CD_TG1(cd) == 2);
}

/* From here on descriptors are read. */
bool __wrap_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address)
{
    struct beside_unit *unit = beside_of(walk->live);

    if ( unit && unit->call )
    {
        if ( covered(walk) )
            beside_run(
                unit, unit->call,
                &(union rtl_sc_request) { .smmu = twin_smmuv3_request(walk) },
                &(struct rtl_sc_wish) { covered, walk });
        if ( !unit->call->started )
            unit->apart = true;
    }
    return __real_smmu_tlb_micro_lookup(walk, address);
}

/* @response NULL: a prefetch, that nobody is told of. */
static void compare(struct beside_unit *unit, struct beside_call *call,
                    const struct walk *walk, const struct response *response)
{
    const struct rtl_smmu_response *answer = &call->answer.smmu;

    if ( !beside_ended(unit, call, walk->hit, answer->hit) || !response )
        return;
    if ( !twin_smmuv3_same(walk, response, answer) )
        beside_disagree("%llx: the C model event %x, address %llx; the RTL "
                        "event %x, address %llx",
                        (unsigned long long)walk->request->address,
                        response->reason,
                        (unsigned long long)response->address, answer->fault,
                        (unsigned long long)answer->address);
}

void __wrap_smmu_translate_request(struct walk *walk,
                                   struct response *response)
{
    struct beside_unit *unit = beside_of(walk->live);
    struct beside_call call = { 0 };

    if ( unit )
        unit->call = &call;
    __real_smmu_translate_request(walk, response);
    if ( !unit )
        return;
    if ( call.started )
    {
        beside_counts()->requests++;
        compare(unit, &call, walk, response);
    }
    else
        beside_alone(unit, &call);
    unit->call = NULL;
}

void __wrap_smmu_translate_prefetch(struct walk *walk)
{
    struct beside_unit *unit = beside_of(walk->live);
    struct beside_call call = { 0 };

    if ( unit )
        unit->call = &call;
    __real_smmu_translate_prefetch(walk);
    if ( !unit )
        return;
    if ( call.started )
        compare(unit, &call, walk, NULL);
    unit->call = NULL;
}

/* ---- invalidations ---- */

bool __wrap_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal)
{
    const union rtl_sc_command same = { .smmu = {
                                            { command[0], command[1] } } };
    struct beside_unit *unit = beside_of(smmu);

    /* First: while the C model waits for requests the RTL must not fill. */
    if ( unit && !twin_smmuv3_command(command) )
        unit = NULL;
    if ( unit )
    {
        beside_catch_up(unit);
        rtl_sc_submit(unit->rtl, &same);
    }
    if ( !__real_smmu_command_execute(smmu, command, signal) )
        return false;
    if ( unit )
        beside_invalidated(unit);
    return true;
}
