/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-d in legacy mode as an architecture of the oracle.
 */
#include "internal.h"

/* ---- life ---- */

static const char *unjudgeable(const struct oracle_config *c)
{
    uint64_t cap = c->id[0], ecap = c->id[1];

    if ( c->haw < 32 || c->haw > 52 )
        return "HAW must be 32 to 52";
    if ( CAP_ND(cap) == 7 )
        return "CAP.ND is reserved";
    if ( !(CAP_SAGAW(cap) & 0xe) )
        return "CAP.SAGAW has no width that can be judged";
    if ( CAP_AFL(cap) )
        return "advanced fault logging (CAP.AFL) is not judged";
    if ( CAP_PLMR(cap) || CAP_PHMR(cap) )
        return "protected memory (CAP.PLMR, PHMR) is not judged";
    if ( ECAP_SMTS(ecap) )
        return "scalable mode (ECAP.SMTS) is not judged";
    if ( ECAP_DT(ecap) && !c->virtual_unit )
        return "device-TLBs (ECAP.DT) of physical units are not judged";
    if ( ECAP_IR(ecap) && !(c->options & ORACLE_VTD_REPLAY) )
        return "interrupt remapping (ECAP.IR) is not judged";
    if ( CAP_FRO(cap) + CAP_NFR(cap) * FRCD_BYTES > REGISTER_BYTES ||
         ECAP_IRO(ecap) + 16 > REGISTER_BYTES )
        return "FRCD or IOTLB registers lie beyond the first page";
    return NULL;
}

static struct watch watch_new(uint32_t source)
{
    const struct context none = { .fault = vtd_fault_rule(FAULT_LCT_2) };

    return (struct watch) { .source = source,
                            .context = none,
                            .before = none,
                            .context_page = NEVER };
}

static void reset(struct oracle *o)
{
    struct vtd *v = vtd(o);

    v->cap = o->config.id[0];
    v->ecap = o->config.id[1];
    v->version = (uint32_t)o->config.id[2];
    v->collapses_faults = o->config.options & ORACLE_VTD_COLLAPSES_FAULTS;
    v->replay = o->config.options & ORACLE_VTD_REPLAY;
    latch_reset(o, &v->rtaddr, 0);
    latch_reset(o, &v->tes, 0);
    log_reset(o, sizeof(struct invalidation));
    vtd_commands_reset(o);
    vtd_undefined_reset(o);
    vtd_registers_reset(o);
    vtd_faults_reset(o);
    structure_reset(o);
    exact_reset(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        v->watch[i] = watch_new(o->device[i].source);
    vtd_contexts_changed(o);
}

static void device_added(struct oracle *o, unsigned int index)
{
    vtd(o)->watch[index] = watch_new(o->device[index].source);
    vtd_contexts_changed(o);
}

static void device_left(struct oracle *o, unsigned int index)
{
    vtd(o)->watch[index] = vtd(o)->watch[o->devices];
    vtd_undefined_contexts(o);
}

/* ---- events ---- */

static void p2m_changes(struct oracle *o, uint64_t gpa)
{
    if ( vtd_contexts_is_page(o, gpa) )
        vtd_undefined_meet(o, U_STRUCTURE_MEMORY, 0);
}

static void stored(struct oracle *o, uint64_t gpa, uint64_t value)
{
    vtd_commands_stored(o, gpa);
    vtd_contexts_store(o, gpa, value);
}

static void interrupt(struct oracle *o, uint64_t address, uint32_t data)
{
    /* A device's own message goes through the unit as it is (5.1). */
    for ( size_t i = 0; i < o->opens; i++ )
        if ( o->open[i].used && o->open[i].query.iova == address &&
             vtd_query_is_interrupt(&o->open[i].query) )
            return;
    vtd_events_raised(o, address, data);
}

static void poll(struct oracle *o)
{
    vtd_registers_poll(o);
    vtd_commands_poll(o);
}

static void quiescent(struct oracle *o)
{
    vtd_commands_quiescent(o);
    vtd_faults_settle(o, true);
    vtd_registers_quiescent(o);
    exact_quiescent(o, vtd_in_interrupt_range);
}

static void check(struct oracle *o)
{
    vtd_exact_check(o);
    vtd_faults_settle(o, true);
    vtd_registers_check(o);
}

/* ---- DMA ---- */

static void dma_ended(struct oracle *o, const struct query *q,
                      const struct oracle_outcome *outcome)
{
    struct judgement j;

    judge_dma(o, q, outcome, &j);
    if ( j.now.disputed )
        o->met |= BIT64(U_DISPUTED_BIT);
    if ( !outcome->ok && !j.tolerated )
        expected_add(o, q, &j);
}

static void fresh(struct oracle *o, const struct query *q, struct legal *legal)
{
    bool fpd;
    struct walk w;

    vtd_walk_now(o, q, &w);
    fpd = w.fault && (vtd_query_is_told(q, w.fault) ||
                      (w.fault->qualified && w.context.fpd));
    *legal = (struct legal) { .kind = w.ok ? LEGAL_MAP : LEGAL_FAULT,
                              .disputed = w.disputed,
                              .gpa = w.gpa,
                              .mask = w.mask,
                              .rights = w.rights,
                              .fault = w.fault,
                              .recorded = w.fault && !fpd,
                              .unrecorded = fpd,
                              .level = w.level,
                              .tagged = w.translated && !w.context.fault,
                              .tag = w.context.did };
}

static bool suspends(const struct oracle *o, const struct legal *legal)
{
    uint16_t did = (uint16_t)legal->tag;

    return vtd_undefined_suspends(o, legal->tagged ? &did : NULL);
}

/* ---- tables ---- */

static unsigned int entry_shift(const struct oracle *o, uint32_t format,
                                unsigned int level)
{
    (void)o;
    (void)format;
    return LEVEL_SHIFT(level);
}

static unsigned int entries(const struct oracle *o, uint32_t format,
                            unsigned int level)
{
    (void)o;
    (void)format;
    (void)level;
    return 512;
}

static enum below table_entry(const struct oracle *o, uint32_t format,
                              unsigned int level, uint64_t value,
                              uint64_t *address)
{
    struct entry entry;

    (void)format;
    vtd_decode_entry(o, value, level, &entry);
    *address = entry.address;
    if ( entry.kind == ENTRY_TABLE )
        return BELOW_TABLE;
    return entry.kind == ENTRY_LEAF ? BELOW_LEAF : BELOW_NOTHING;
}

const struct oracle_arch oracle_vtd = {
    .state_bytes = sizeof(struct vtd),
    .unjudgeable = unjudgeable,
    .reset = reset,
    .device_added = device_added,
    .device_left = device_left,
    .stored = stored,
    .p2m_changes = p2m_changes,
    .register_write = vtd_registers_write,
    .registers_written = vtd_faults_written,
    .register_read = vtd_registers_read,
    .unit_store = vtd_commands_status_store,
    .interrupt = interrupt,
    .poll = poll,
    .quiescent = quiescent,
    .check = check,
    .unjudged = vtd_query_is_unjudged,
    .dma_ended = dma_ended,
    .fresh = fresh,
    .collect = vtd_ledger_collect,
    .suspends = suspends,
    .record_step = vtd_faults_record_step,
    .record_drops = vtd_faults_record_drops,
    .record_of = vtd_faults_record_of,
    .record_take = vtd_faults_record_take,
    .record_equal = vtd_faults_record_equal,
    .record_missed = vtd_faults_record_missed,
    .covers = vtd_rule_covers,
    .drains = vtd_ledger_drains,
    .citation = vtd_rule_citation,
    .device_tlb = vtd_rule_device_tlb,
    .entry_shift = entry_shift,
    .entries = entries,
    .entry = table_entry,
    .name = "vtd",
    .tag_name = "domain-id",
    .undefined_text = vtd_undefined_text,
};
