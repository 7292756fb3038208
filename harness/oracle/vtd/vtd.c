/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-d in legacy mode as an architecture of the oracle.
 */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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
    if ( ECAP_DT(ecap) )
        return "device-TLBs (ECAP.DT) are not judged";
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
    vtd_commands_reset(o);
    vtd_undefined_reset(o);
    vtd_faults_reset(o);
    vtd_registers_reset(o);
    vtd_structure_reset(o);
    vtd_exact_reset(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        v->watch[i] = watch_new(o->device[i].source);
    vtd_structure_contexts(o);
}

static void release(struct oracle *o)
{
    free(vtd(o)->rtaddr.version);
    free(vtd(o)->tes.version);
    free(vtd(o)->suspension);
    vtd_commands_free(o);
    vtd_faults_free(o);
    vtd_structure_free(o);
    vtd_exact_free(o);
}

static void device_added(struct oracle *o, unsigned int index)
{
    vtd(o)->watch[index] = watch_new(o->device[index].source);
    vtd_structure_contexts(o);
}

static void device_left(struct oracle *o, unsigned int index)
{
    vtd(o)->watch[index] = vtd(o)->watch[o->devices];
    vtd_undefined_contexts(o);
}

/* ---- events ---- */

static void p2m_changes(struct oracle *o, uint64_t gpa)
{
    if ( vtd_structure_is_page(o, gpa) )
        vtd_undefined_meet(o, U_STRUCTURE_MEMORY, 0);
}

static void interrupt(struct oracle *o, uint64_t address, uint32_t data)
{
    /* A device's own message goes through the unit as it is (5.1). */
    for ( size_t i = 0; i < o->opens; i++ )
        if ( o->open[i].used && o->open[i].query.iova == address &&
             vtd_query_is_unjudged(o, &o->open[i].query) )
            return;
    vtd_faults_raised(o, address, data);
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
    vtd_exact_quiescent(o);
}

static void check(struct oracle *o)
{
    vtd_exact_check(o);
    vtd_faults_settle(o, true);
    vtd_registers_check(o);
}

/* ---- DMA ---- */

const char *vtd_walk_text(const struct walk *walk, struct phrase *phrase)
{
    if ( walk->ok )
        snprintf(phrase->text, sizeof(phrase->text),
                 "guest address %" PRIx64 "%s", walk->gpa,
                 rights_text(walk->rights));
    else
        snprintf(phrase->text, sizeof(phrase->text), "a fault, %s",
                 walk->fault ? walk->fault->condition : "not recorded");
    return phrase->text;
}

static void report_dma(struct oracle *o, const struct query *q,
                       const struct oracle_outcome *outcome,
                       const struct judgement *j)
{
    struct phrase got, said;

    oracle_report(o, j->property, j->rule,
                  "source %" PRIx32 ", a %s at %" PRIx64
                  " got %s; the tables say %s",
                  q->source, q->write ? "write" : "read", q->iova,
                  outcome_text(outcome, &got), vtd_walk_text(&j->walk, &said));
}

static void dma_ended(struct oracle *o, const struct query *q,
                      const struct oracle_outcome *outcome)
{
    struct judgement j;

    vtd_ledger_judge(o, q, outcome, &j);
    if ( j.walk.disputed )
        o->met |= BIT64(U_DISPUTED_BIT);
    switch ( j.verdict )
    {
    case VERDICT_SUSPENDED:
        o->stats.suspended++;
        break;
    case VERDICT_LEGAL:
        if ( j.tolerated )
            o->stats.missing_tolerated++;
        else if ( !j.fresh )
            o->stats.stale_allowed++;
        break;
    case VERDICT_ILLEGAL:
        report_dma(o, q, outcome, &j);
        break;
    }
    if ( !outcome->ok && !j.tolerated )
        vtd_faults_expect(o, q, &j);
}

/* ---- for people ---- */

static void walk(struct oracle *o, const struct query *q,
                 struct oracle_walk *walk)
{
    struct walk w;

    vtd_walk_now(o, q, &w);
    *walk = (struct oracle_walk) { .ok = w.ok, .level = w.level };
    if ( w.ok )
    {
        walk->gpa = w.gpa;
        walk->mask = w.mask;
        walk->rights = w.rights;
    }
    else if ( w.fault )
    {
        walk->reason = w.fault->reason;
        walk->condition = w.fault->condition;
    }
}

/* Until when a result is usable. */
static void explain_end(const struct oracle *o, const struct legal *l,
                        char *buffer, size_t size)
{
    const struct invalidation *inv;

    if ( l->removed_by )
    {
        inv = &vtd(o)->log[l->removed_by - 1];
        snprintf(buffer, size, "until invalidation #%zu%s (%s)",
                 l->removed_by - 1,
                 inv->complete == NEVER ? " which is pending" : "",
                 vtd_rule_citation(inv));
    }
    else if ( l->usable.end != NEVER )
        snprintf(buffer, size, "until tick %" PRIu64, l->usable.end);
    else
        snprintf(buffer, size, "from then on");
}

static int explain_one(const struct oracle *o, const struct legal *l,
                       char *buffer, size_t size)
{
    char until[128];

    explain_end(o, l, until, sizeof(until));
    if ( l->kind == LEGAL_SILENT )
        return snprintf(buffer, size, "blocked silently (abort mode)\n");
    if ( l->kind == LEGAL_FAULT )
        return snprintf(buffer, size,
                        "fault %02x %s%s at level %u, since tick %" PRIu64
                        ", %s\n",
                        l->fault->reason, l->fault->condition,
                        l->fpd_clear ? "" : " (not recorded: FPD)", l->level,
                        l->usable.start, until);
    return snprintf(buffer, size,
                    "gpa %" PRIx64 "%s %s (domain-id %x) since tick %" PRIu64
                    ", %s\n",
                    l->gpa, rights_text(l->rights),
                    l->off ? "with translation off" : "by the tables", l->did,
                    l->usable.start, until);
}

static void explain(struct oracle *o, const struct query *q, char *buffer,
                    size_t size)
{
    struct legal_set set;
    size_t used = 0;

    vtd_ledger_collect(o, q, false, &set);
    for ( unsigned int i = 0; i < set.count && used < size; i++ )
        used += (size_t)explain_one(o, &set.item[i], buffer + used,
                                    size - used);
    if ( set.open && used < size )
        snprintf(buffer + used, size - used, "and more\n");
}

const struct oracle_arch oracle_vtd = {
    .state_bytes = sizeof(struct vtd),
    .unjudgeable = unjudgeable,
    .reset = reset,
    .release = release,
    .device_added = device_added,
    .device_left = device_left,
    .stored = vtd_structure_store,
    .p2m_changes = p2m_changes,
    .register_write = vtd_registers_write,
    .register_read = vtd_registers_read,
    .unit_store = vtd_commands_status_store,
    .interrupt = interrupt,
    .poll = poll,
    .quiescent = quiescent,
    .check = check,
    .unjudged = vtd_query_is_unjudged,
    .dma_ended = dma_ended,
    .walk = walk,
    .explain = explain,
    .undefined_text = vtd_undefined_text,
};
