/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a request through the unit (3.3.3, chapter 15): SMMUEN and GBPA,
 * STE, substream, CD, TLBs, the stages, and the answer.  The order of the
 * checks is that of the events in 7.3.22.
 */
#include "cover.h"

/* ---- configuration ---- */

/* 5.2 PRIVCFG, INSTCFG; 13.1.2: only a read may be of an instruction. */
static void set_attributes(struct walk *walk)
{
    const struct request *request = walk->request;
    bool override = walk->smmu->config.idr[1] & IDR1_ATTR_PERMS_OVR;
    unsigned int privcfg = override ? STE_PRIVCFG(walk->ste.word[1]) : 0;
    unsigned int instcfg = override ? STE_INSTCFG(walk->ste.word[1]) : 0;

    walk->privileged = privcfg == PRIVCFG_PRIVILEGED ||
                       (privcfg != PRIVCFG_UNPRIVILEGED &&
                        request->privileged);
    walk->execute = request->access == REQUEST_READ &&
                    (instcfg == INSTCFG_INSTRUCTION ||
                     (instcfg != INSTCFG_DATA && request->execute));
    walk->need = walk->execute ? RIGHT_EXECUTE :
                                 request_needs(request->access);
    if ( walk->silent )
        walk->need = 0;
}

/* 3.3.4, 5.2 STRW and S2VMID: to whom the translations belong. */
static void set_regime(struct walk *walk)
{
    const struct smmuv3 *smmu = walk->smmu;

    walk->regime = walk->stage1 ? REGIME_EL1 : REGIME_STAGE2;
    if ( ste_el2(smmu, walk->ste.word) )
        walk->regime = reg32(smmu, SMMU_CR2) & CR2_E2H ? REGIME_EL2_E2H :
                                                         REGIME_EL2;
    else if ( smmu->config.idr[0] & IDR0_S2P )
        walk->vmid = STE_S2VMID(walk->ste.word[2]);
}

/* The owner is known: invalidations for others need not wait any longer. */
static void tag_slot(struct walk *walk)
{
    struct inflight_slot *slot;

    if ( !walk->live )
        return;
    inflight_touch(&walk->live->inflight, walk->slot, true);
    slot = &walk->live->inflight.slot[walk->slot];
    slot->tagged = true;
    slot->tag = walk->vmid;
    slot->tag2 = walk->regime;
}

static enum event configure(struct walk *walk)
{
    enum event error = smmu_ste_get(walk);
    uint32_t ssid;
    bool bypass;

    if ( walk->ste_valid )
        set_attributes(walk);
    if ( error != EVENT_NONE )
        return error;
    error = smmu_context_select(walk, &ssid, &bypass);
    if ( error != EVENT_NONE )
        return error;
    walk->stage1 = !bypass;
    walk->stage2 = STE_CONFIG(walk->ste.word[0]) & CONFIG_S2;
    set_regime(walk);
    COVER("smmuv3.stages.%s%s", walk->stage1 ? "1" : "-",
          walk->stage2 ? "2" : "-");
    tag_slot(walk);
    if ( !walk->stage1 )
        return EVENT_NONE;
    error = smmu_context_get(walk, ssid);
    if ( error == EVENT_NONE && walk->regime != REGIME_EL2 )
        walk->asid = CD_ASID(walk->cd.word[0]) |
                     (walk->cd.word[0] & CD_ASET ? TAG2_ASET : 0);
    return error;
}

/* ---- translation ---- */

static uint64_t page_offset(const struct walk *walk, unsigned int shift)
{
    return walk->request->address & (BIT64(shift) - 1);
}

static enum event check_stage1(struct walk *walk)
{
    uint32_t missing = walk->stage1 ?
                           missing_rights(walk, walk->translation.rights1) :
                           0;

    if ( !missing )
        return EVENT_NONE;
    walk->fault = (struct fault) {
        .event = F_PERMISSION,
        .class = CLASS_IN,
        .missing = missing,
    };
    return F_PERMISSION;
}

static enum event check_stage2(struct walk *walk)
{
    const struct translation *translation = &walk->translation;
    uint32_t missing = walk->stage2 ?
                           missing_rights(walk, translation->rights2) :
                           0;

    if ( !missing )
        return EVENT_NONE;
    return smmu_stage2_permission(
        walk, translation->ipa | page_offset(walk, translation->shift),
        CLASS_IN, missing);
}

/* The answer of both stages from that of stage 1: the smaller page. */
static enum event add_stage2(struct walk *walk)
{
    struct translation *both = &walk->translation, second;
    uint64_t ipa = both->output | page_offset(walk, both->shift);
    enum event error = smmu_stage2_translate(walk, ipa, CLASS_IN, &second);
    uint64_t offsets;

    if ( error != EVENT_NONE )
        return error;
    if ( second.shift < both->shift )
        both->shift = second.shift;
    offsets = BIT64(both->shift) - 1;
    both->output = (second.output | (ipa & (BIT64(second.shift) - 1))) &
                   ~offsets;
    both->ipa = ipa & ~offsets;
    both->shift2 = second.shift2;
    both->rights2 = second.rights2;
    both->no_fill |= second.no_fill;
    return EVENT_NONE;
}

static enum event walk_stages(struct walk *walk, uint64_t address)
{
    struct translation *translation = &walk->translation;
    enum event error;

    if ( !walk->stage1 )
        return smmu_stage2_walk(walk, address, CLASS_IN, translation);
    error = smmu_stage1_walk(walk);
    /* A stage-1 fault ends it before stage 2 is asked. */
    if ( error == EVENT_NONE && walk->stage2 )
    {
        error = check_stage1(walk);
        if ( error == EVENT_NONE )
            error = add_stage2(walk);
    }
    if ( error == EVENT_NONE )
        smmu_tlb_main_fill(walk, walk->regime, address, translation);
    return error;
}

static void count_lookup(const struct walk *walk, bool micro)
{
    struct smmuv3_stats *stats;

    if ( !walk->live || walk->silent )
        return;
    stats = &walk->live->stats;
    stats->micro_hits += micro;
    stats->main_hits += walk->hit && !micro;
    stats->tlb_misses += !walk->hit;
}

static enum event translate(struct walk *walk)
{
    uint64_t address = walk->stage1 ? smmu_stage1_canonical(walk) :
                                      walk->request->address;
    bool micro;
    enum event error;

    if ( walk->live )
        spend(walk->live, COST_TLB_LOOKUP);
    micro = smmu_tlb_micro_lookup(walk, address);
    walk->hit = micro || smmu_tlb_main_lookup(walk, walk->regime, address,
                                              &walk->translation);
    count_lookup(walk, micro);
    cover_lookup(walk, micro);
    if ( !walk->hit )
    {
        walk->missed = true;
        error = walk_stages(walk, address);
        if ( error != EVENT_NONE )
            return error;
    }
    if ( !walk->hit || (!micro && smmu_tlb_micro_wants(walk, address)) )
        smmu_tlb_micro_fill(walk, address);
    error = check_stage1(walk);
    return error != EVENT_NONE ? error : check_stage2(walk);
}

static struct translation identity(uint64_t address)
{
    return (struct translation) {
        .output = address & ~BITS64(11, 0),
        .shift = 12,
        .rights1 = BOTH(RIGHTS_ALL),
        .rights2 = BOTH(RIGHTS_ALL),
    };
}

static enum event serve(struct walk *walk)
{
    enum event error = configure(walk);

    if ( error != EVENT_NONE )
        return error;
    /* 3.4: stage 1 that is passed by checks the size of the address. */
    if ( !walk->stage1 && (walk->request->address & ~walk->smmu->oas_mask) )
    {
        walk->fault = (struct fault) { .class = CLASS_IN };
        return F_ADDR_SIZE;
    }
    if ( walk->stage1 || walk->stage2 )
        return translate(walk);
    walk->translation = identity(walk->request->address);
    return EVENT_NONE;
}

/* ---- the answer ---- */

static void respond_translated(const struct walk *walk,
                               struct response *response)
{
    const struct translation *translation = &walk->translation;
    uint32_t rights = BOTH(RIGHTS_ALL);

    if ( walk->stage1 )
        rights &= translation->rights1;
    if ( walk->stage2 )
        rights &= translation->rights2;
    *response = (struct response) {
        .status = RESPONSE_OK,
        .address = translation->output | page_offset(walk, translation->shift),
        .mask = BIT64(translation->shift) - 1,
        .rights = rights >> (walk->privileged ? 0 : USER) & RIGHTS_ALL,
        .hit = walk->hit,
    };
}

/* 5.5: a stage-1 fault, and CD.A = 0. */
static bool reads_as_zero(const struct walk *walk)
{
    return walk->cd_valid && !walk->fault.s2 &&
           smmu_event_is_translation_fault(walk->fault.event) &&
           !(walk->cd.word[0] & CD_A);
}

static void respond_fault(struct walk *walk, enum event event,
                          struct response *response)
{
    walk->fault.event = event;
    *response = (struct response) {
        .status = RESPONSE_ABORT,
        .reason = event == TERMINATED ? 0 : (uint32_t)event,
        .condition = smmu_event_name(event),
        .hit = walk->hit,
    };
    if ( reads_as_zero(walk) )
    {
        COVER("smmuv3.terminated.reads-as-zero");
        response->status = RESPONSE_OK;
        response->address = UINT64_MAX;
    }
    if ( walk->live )
        smmu_event_record(walk);
}

static void respond_aborted(struct response *response, const char *condition)
{
    *response = (struct response) {
        .status = RESPONSE_ABORT,
        .condition = condition,
    };
}

/* 6.3.9.6, 3.4: no table is read, no event is recorded. */
static void respond_disabled(struct walk *walk, struct response *response)
{
    COVER("smmuv3.gbpa.abort%d",
          (reg32(walk->smmu, SMMU_GBPA) & GBPA_ABORT) != 0);
    if ( reg32(walk->smmu, SMMU_GBPA) & GBPA_ABORT )
        respond_aborted(response, "GBPA.ABORT");
    else if ( walk->request->address & ~walk->smmu->oas_mask )
        respond_aborted(response, "address beyond the OAS");
    else
    {
        walk->translation = identity(walk->request->address);
        respond_translated(walk, response);
    }
}

void smmu_translate_request(struct walk *walk, struct response *response)
{
    enum event error;

    if ( walk->request->type != REQUEST_UNTRANSLATED )
    {
        respond_aborted(response, "IDR0.ATS=0");
        return;
    }
    if ( !(reg32(walk->smmu, SMMU_CR0) & CR0_SMMUEN) )
    {
        respond_disabled(walk, response);
        return;
    }
    error = serve(walk);
    if ( error != EVENT_NONE )
        respond_fault(walk, error, response);
    else
        respond_translated(walk, response);
}

void smmu_translate_prefetch(struct walk *walk)
{
    walk->live->stats.prefetches++;
    if ( reg32(walk->smmu, SMMU_CR0) & CR0_SMMUEN )
        (void)serve(walk);
}

void smmu_translate_prefetch_config(struct walk *walk)
{
    if ( reg32(walk->smmu, SMMU_CR0) & CR0_SMMUEN )
        (void)configure(walk);
}
