/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMMUv3 as an architecture of the oracle.
 */
#include "internal.h"

#include <inttypes.h>

/* ---- life ---- */

static const char *unjudgeable_idr0(uint64_t idr0, bool virtual_unit)
{
    if ( IDR0_TTF(idr0) != 2 )
        return "tables other than AArch64's (IDR0.TTF) are not judged";
    if ( !IDR0_S1P(idr0) && !IDR0_S2P(idr0) )
        return "a unit without any stage is not judged";
    if ( IDR0_HTTU(idr0) )
        return "hardware updates of tables (IDR0.HTTU) are not judged";
    if ( IDR0_ATS(idr0) && !virtual_unit )
        return "ATS of physical units is not judged";
    if ( IDR0_PRI(idr0) || IDR0_ATOS(idr0) )
        return "PRI and ATOS are not judged";
    if ( IDR0_MSI(idr0) )
        return "message-signalled interrupts (IDR0.MSI) are not judged";
    if ( IDR0_BTM(idr0) || IDR0_VMW(idr0) )
        return "broadcast maintenance and VMID wildcards are not judged";
    if ( IDR0_TTENDIAN(idr0) != 2 )
        return "tables that may be big-endian (IDR0.TTENDIAN) are not judged";
    if ( IDR0_STALL_MODEL(idr0) != 1 )
        return "the stall model (IDR0.STALL_MODEL) is not judged";
    if ( IDR0_ST_LEVEL(idr0) > 1 )
        return "IDR0.ST_LEVEL is reserved";
    return IDR0_RME(idr0) ? "RME is not judged" : NULL;
}

static const char *unjudgeable(const struct oracle_config *c)
{
    static const unsigned int bits[8] = { 32, 36, 40, 42, 44, 48, 52, 56 };
    const char *reason = unjudgeable_idr0(c->id[0], c->virtual_unit);

    if ( reason )
        return reason;
    if ( IDR1_SIDSIZE(c->id[1]) > 32 || IDR1_SSIDSIZE(c->id[1]) > 20 ||
         IDR1_CMDQS(c->id[1]) > 19 || IDR1_EVENTQS(c->id[1]) > 19 )
        return "a size in IDR1 is reserved";
    if ( IDR1_TYPES_OVR(c->id[1]) || IDR1_PRESET(c->id[1]) ||
         IDR1_ECMDQ(c->id[1]) )
        return "preset tables, ATTR_TYPES_OVR and ECMDQ are not judged";
    if ( c->id[3] & IDR3_FOREIGN )
        return "a feature of IDR3 is not judged";
    if ( IDR5_OAS(c->id[5]) > 5 || IDR5_DS(c->id[5]) || IDR5_VAX(c->id[5]) )
        return "52-bit addresses are not judged";
    if ( !IDR5_GRANULES(c->id[5]) )
        return "IDR5 has no granule";
    if ( bits[IDR5_OAS(c->id[5])] != c->haw )
        return "haw is not the output size of IDR5.OAS";
    return NULL;
}

static void reset(struct oracle *o)
{
    struct smmu *m = smmu(o);

    for ( unsigned int i = 0; i < 6; i++ )
        m->idr[i] = (uint32_t)o->config.id[i];
    m->merges_events = o->config.options & ORACLE_SMMUV3_MERGES_EVENTS;
    m->frames = 0;
    log_reset(o, sizeof(struct invalidation));
    latch_reset(o, &m->enable, 0);
    smmu_p10_reset(o);
    latch_reset(o, &m->gbpa, smmu_register(o, REG_GBPA));
    smmu_commands_reset(o);
    smmu_undefined_reset(o);
    smmu_events_reset(o);
    smmu_streams_reset(o);
    structure_reset(o);
    exact_reset(o);
    smmu_watches_reset(o);
}

static void device_added(struct oracle *o, unsigned int index)
{
    smmu_watch(o, o->device[index].source, UINT32_MAX);
}

/* It is no longer in the list: who is not? */
static void device_left(struct oracle *o, unsigned int index)
{
    uint32_t sid = o->former[o->formers - 1].source;

    (void)index;
    smmu_streams_left(o, sid);
    smmu_watches_forget(o, sid);
}

/* ---- events ---- */

static void stored(struct oracle *o, uint64_t gpa, uint64_t value)
{
    smmu_commands_stored(o, gpa);
    smmu_watches_store(o, gpa, value);
}

static void p2m_changes(struct oracle *o, uint64_t gpa)
{
    if ( smmu_watches_is_page(o, gpa) )
        smmu_undefined_meet(o, U_STRUCTURE_MEMORY, 0);
}

/* Without MSIs and HTTU events are all that a unit writes. */
static void unit_store(struct oracle *o, uint64_t gpa, const void *data,
                       size_t len)
{
    (void)data;
    if ( !smmu_events_are_at(o, gpa, len) )
        oracle_report(o, "P4", "store nobody asked for",
                      "the unit stored %zu bytes at %" PRIx64, len, gpa);
}

static void poll(struct oracle *o)
{
    smmu_registers_poll(o);
    smmu_commands_poll(o);
}

static void quiescent(struct oracle *o)
{
    smmu_commands_quiescent(o);
    smmu_events_settle(o, true);
    smmu_registers_quiescent(o);
    exact_quiescent(o, NULL);
}

static void check(struct oracle *o)
{
    smmu_exact_check(o);
    smmu_events_settle(o, true);
    smmu_registers_check(o);
}

/* ---- DMA ---- */

static bool unjudged(const struct oracle *o, const struct query *q)
{
    const struct history *enable = &smmu(o)->enable;

    if ( q->type == AT_UNTRANSLATED )
        return false;
    if ( !IDR0_ATS(smmu(o)->idr[0]) || !vdev_find(o, q->source) )
        return true;
    /* While SMMUEN may be 0. */
    for ( unsigned int i = 0; i < enable->count; i++ )
        if ( !enable->version[i].value && enable->version[i].span.end > q->t0 )
            return true;
    return false;
}

static void dma_ended(struct oracle *o, const struct query *q,
                      const struct oracle_outcome *outcome)
{
    struct judgement j;

    smmu_stream_seen(o, q->source, q->pasid);
    judge_dma(o, q, outcome, &j);
    if ( j.now.disputed )
        o->met |= BIT64(U_DISPUTED);
    if ( (!outcome->ok || outcome_is_zeroes(outcome)) && !j.tolerated )
        expected_add(o, q, &j);
}

/* 4.7.3: accesses that use what was invalidated end before CMD_SYNC does. */
/* A device answers for its own device-TLB alone. */
static bool drains(const struct oracle *o, const struct logged *logged,
                   const struct query *q)
{
    const struct invalidation *inv = (const struct invalidation *)logged;

    (void)o;
    return inv->op != OP_ATC_INV || inv->sid == q->source;
}

const struct oracle_arch oracle_smmuv3 = {
    .state_bytes = sizeof(struct smmu),
    .unjudgeable = unjudgeable,
    .reset = reset,
    .device_added = device_added,
    .device_left = device_left,
    .stored = stored,
    .software_stores = smmu_events_written_over,
    .p2m_changes = p2m_changes,
    .register_write = smmu_registers_write,
    .register_read = smmu_registers_read,
    .unit_store = unit_store,
    .interrupt = smmu_events_raised,
    .poll = poll,
    .quiescent = quiescent,
    .check = check,
    .unjudged = unjudged,
    .dma_ended = dma_ended,
    .fresh = smmu_fresh,
    .collect = smmu_collect,
    .suspends = smmu_undefined_suspends,
    .record_step = smmu_events_record_step,
    .record_of = smmu_events_record_of,
    .record_take = smmu_events_record_take,
    .record_equal = record_equal,
    .record_missed = smmu_events_record_missed,
    .records_follow = true,
    .covers = smmu_rule_covers,
    .drains = drains,
    .citation = smmu_rule_citation,
    .device_tlb = smmu_rule_device_tlb,
    .entry_shift = smmu_entry_shift,
    .entries = smmu_entries,
    .entry = smmu_entry,
    .name = "smmuv3",
    .tag_name = "VMID and ASID",
    .undefined_text = smmu_undefined_text,
};
