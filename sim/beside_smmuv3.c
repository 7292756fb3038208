/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: what an SMMUv3 does. */
#include <sim/beside_unit.h>

#include <smmuv3/unit.h>

/* clang-format off */
struct smmuv3 *__real_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port);
struct smmuv3 *__wrap_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port);
bool __real_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address);
bool __wrap_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address);
void __real_smmu_translate_request(struct walk *walk,
                                   struct response *response);
void __wrap_smmu_translate_request(struct walk *walk,
                                   struct response *response);
void __real_smmu_translate_prefetch(struct walk *walk);
void __wrap_smmu_translate_prefetch(struct walk *walk);
bool __real_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal);
bool __wrap_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal);
/* clang-format on */

static bool e2h_of(const struct smmuv3 *smmu)
{
    return reg32(smmu, SMMU_CR2) & CR2_E2H;
}

static void make_rtl(struct beside_unit *unit, const struct smmuv3 *smmu)
{
    const struct rtl_memory elsewhere = { .latency_min = 1 };
    const struct rtl_smmu_config same = {
        .size = RTL_2048X4,
        .idr0 = smmu->config.idr[0],
        .idr1 = smmu->config.idr[1],
        .idr3 = smmu->config.idr[3],
        .idr5 = smmu->config.idr[5],
        .e2h = e2h_of(smmu),
    };

    unit->smmu = rtl_smmu_create(&same, &elsewhere);
    if ( !unit->smmu )
        return;
    unit->rtl = rtl_smmu_unit(unit->smmu);
    unit->charged = rtl_unit_cycles(unit->rtl);
    unit->e2h = same.e2h;
    unit->model = smmu;
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
static bool covered(const struct beside_unit *unit, const struct walk *walk)
{
    uint64_t cd = walk->cd.word[0];

    if ( walk->live->inflight.slot[walk->slot].poisoned ||
         unit->e2h != e2h_of(walk->live) )
        return false;
    if ( walk->stage2 && STE_S2TG(walk->ste.word[2]) )
        return false;
    if ( !walk->stage1 )
        return true;
    return ((cd & CD_EPD0) || !CD_TG0(cd)) &&
           (walk->regime == REGIME_EL2 || (cd & CD_EPD1) || CD_TG1(cd) == 2);
}

static void start(struct beside_unit *unit, const struct walk *walk)
{
    const struct request *request = walk->request;
    struct rtl_smmu_request wanted = {
        .address = request->address,
        .read = !walk->silent && request->access != REQUEST_WRITE,
        .write = !walk->silent && request->access != REQUEST_READ,
        .privileged = request->privileged,
        .execute = !walk->silent && request->execute,
    };

    for ( unsigned int i = 0; i < 4; i++ )
        wanted.ste[i] = walk->ste.word[i];
    for ( unsigned int i = 0; walk->stage1 && i < 3; i++ )
        wanted.cd[i] = walk->cd.word[i];
    rtl_smmu_begin(unit->smmu, &wanted);
    /* translate() has paid for its lookup before it came here. */
    beside_started(unit, unit->call, BESIDE_LOOKUP);
}

/* From here on descriptors are read. */
bool __wrap_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address)
{
    struct beside_unit *unit = beside_of(walk->live);

    if ( unit && unit->call )
    {
        beside_acquire(unit);
        if ( covered(unit, walk) )
            start(unit, walk);
        else
            unit->apart = true;
    }
    return __real_smmu_tlb_micro_lookup(walk, address);
}

/* @response NULL: a prefetch, that nobody is told of. */
static void compare(struct beside_unit *unit, struct beside_call *call,
                    const struct walk *walk, const struct response *response)
{
    static const uint64_t mask[4] = { 0xfff, 0x1fffff, 0x3fffffff, 0 };
    const struct rtl_smmu_response *answer = &call->answer.smmu;
    bool same;

    beside_serve_alone(unit, call);
    if ( !beside_ended(unit, call, walk->hit, answer->hit) || !response )
        return;
    same = answer->fault == response->reason;
    if ( same && !response->reason )
        same = answer->address == response->address &&
               mask[answer->size & 3] == response->mask &&
               answer->rights == response->rights;
    else if ( same )
        same = answer->s2 == walk->fault.s2 &&
               answer->fault_class == walk->fault.class;
    if ( !same )
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
        beside_counts()->left_to_c++;
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
    const struct rtl_smmu_command same = { { command[0], command[1] } };
    struct beside_unit *unit = beside_of(smmu);
    unsigned int opcode = COMMAND_OPCODE(command[0]);

    /* First: while the C model waits for requests the RTL must not fill. */
    if ( unit && opcode >= CMD_TLBI_NH_ALL && opcode <= CMD_TLBI_NSNH_ALL )
    {
        rtl_smmu_submit(unit->smmu, &same);
    }
    else
        unit = NULL;
    if ( !__real_smmu_command_execute(smmu, command, signal) )
        return false;
    if ( unit )
        beside_invalidated(unit);
    return true;
}
