/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See session.h: what an SMMUv3 does in a session. */
#include "session.h"

#include <sim/twin_smmuv3.h>

static struct rtl_smmu *rtl;
static const struct smmuv3 *unit; /* that it runs beside */
static bool translated;           /* the TLBs were asked */
static bool e2h;                  /* CR2.E2H, as the RTL has it */

void session_smmuv3_end(void)
{
    if ( rtl )
        rtl_smmu_destroy(rtl);
    rtl = NULL;
    unit = NULL;
}

/* Only what the RTL has: a main TLB of its geometry, no micro TLB and no walk
 * caches. */
struct smmuv3 *__wrap_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port)
{
    struct rtl_memory replay = { .read = session_replay, .latency_min = 1 };
    struct smmuv3_config changed = *config;
    struct port recording = *port;
    struct rtl_smmu_config same;
    struct smmuv3 *smmu;

    changed.main_tlb = (struct cache_config) { .entries = 2048, .ways = 4 };
    changed.micro_tlb.entries = 0;
    changed.walk_cache[0].entries = changed.walk_cache[1].entries = 0;
    session_port(&recording);
    smmu = __real_smmuv3_init(memory, &changed, &recording);
    if ( unit )
        return smmu; /* the first one is enough */
    unit = smmu;
    same = twin_smmuv3_config(smmu);
    e2h = same.e2h;
    rtl = rtl_smmu_create(&same, &replay);
    return smmu;
}

/* From here on descriptors are read. */
bool __wrap_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address)
{
    if ( walk->live && walk->live == unit )
    {
        translated = true;
        session_record(true);
    }
    return __real_smmu_tlb_micro_lookup(walk, address);
}

/* @response NULL: a prefetch, that nobody is told of. */
static void compare(const struct walk *walk, const struct response *response)
{
    struct rtl_smmu_request wanted = twin_smmuv3_request(walk);
    struct rtl_smmu_response answer;

    if ( twin_smmuv3_config(unit).e2h != e2h )
        session_disagree("CR2.E2H has changed: the RTL does not follow");
    rtl_smmu_translate(rtl, &wanted, &answer);
    session.translations++;
    session.hits += answer.hit;
    session.faults += answer.fault != 0;
    session.reads += session_reads.count;
    if ( rtl_unit_broken(rtl_smmu_unit(rtl)) || session_reads.strayed ||
         session_reads.taken != session_reads.count ||
         answer.hit != walk->hit )
        session_disagree("%llx: the C model hit %d with %u reads; the RTL hit "
                         "%d with %u",
                         (unsigned long long)walk->request->address, walk->hit,
                         session_reads.count, answer.hit, session_reads.taken);
    if ( response && !twin_smmuv3_same(walk, response, &answer) )
        session_disagree("%llx: the C model event %x, address %llx; the RTL "
                         "event %x, address %llx",
                         (unsigned long long)walk->request->address,
                         response->reason,
                         (unsigned long long)response->address, answer.fault,
                         (unsigned long long)answer.address);
}

void __wrap_smmu_translate_request(struct walk *walk,
                                   struct response *response)
{
    translated = false;
    __real_smmu_translate_request(walk, response);
    session_record(false);
    if ( translated )
        compare(walk, response);
}

void __wrap_smmu_translate_prefetch(struct walk *walk)
{
    translated = false;
    __real_smmu_translate_prefetch(walk);
    session_record(false);
    if ( translated )
        compare(walk, NULL);
}

bool __wrap_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal)
{
    struct rtl_smmu_command same = { { command[0], command[1] } };
    bool legal = __real_smmu_command_execute(smmu, command, signal);
    uint64_t cycles;

    if ( smmu != unit || !twin_smmuv3_command(command) )
        return legal;
    session.invalidations++;
    if ( rtl_smmu_invalidate(rtl, &same, &cycles) != legal )
        session_disagree("command %llx %llx: only one finds it legal",
                         (unsigned long long)command[0],
                         (unsigned long long)command[1]);
    return legal;
}

void __wrap_smmu_tlb_clear(struct smmuv3 *smmu)
{
    struct rtl_smmu_config config;

    __real_smmu_tlb_clear(smmu);
    if ( smmu != unit )
        return;
    config = twin_smmuv3_config(smmu);
    e2h = config.e2h;
    rtl_smmu_reset(rtl, &config);
}
