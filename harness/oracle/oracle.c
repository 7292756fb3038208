/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's outside: events in, findings out.
 */
#include "internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void oracle_report(struct oracle *o, const char *property, const char *rule,
                   const char *format, ...)
{
    char text[512];
    struct oracle_finding finding = { property, rule, text };
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    o->config.world.report(o->config.world.context, &finding);
}

/* ---- life ---- */

static const char *unjudgeable(const struct oracle_config *c)
{
    if ( c->arch != ORACLE_VTD )
        return "only VT-d can be judged";
    if ( !c->world.read64 || !c->world.p2m || !c->world.peek ||
         !c->world.report )
        return "the world lacks a callback";
    if ( c->haw < 32 || c->haw > 52 )
        return "HAW must be 32 to 52";
    if ( CAP_ND(c->cap) == 7 )
        return "CAP.ND is reserved";
    if ( !(CAP_SAGAW(c->cap) & 0xe) )
        return "CAP.SAGAW has no width that can be judged";
    if ( CAP_AFL(c->cap) )
        return "advanced fault logging (CAP.AFL) is not judged";
    if ( CAP_PLMR(c->cap) || CAP_PHMR(c->cap) )
        return "protected memory (CAP.PLMR, PHMR) is not judged";
    if ( ECAP_SMTS(c->ecap) )
        return "scalable mode (ECAP.SMTS) is not judged";
    if ( ECAP_DT(c->ecap) )
        return "device-TLBs (ECAP.DT) are not judged";
    if ( ECAP_IR(c->ecap) && !c->replay )
        return "interrupt remapping (ECAP.IR) is not judged";
    if ( CAP_FRO(c->cap) + CAP_NFR(c->cap) * FRCD_BYTES > REGISTER_BYTES ||
         ECAP_IRO(c->ecap) + 16 > REGISTER_BYTES )
        return "FRCD or IOTLB registers lie beyond the first page";
    return NULL;
}

struct oracle *oracle_create(const struct oracle_config *config,
                             const char **reason)
{
    struct oracle *o;

    *reason = unjudgeable(config);
    if ( *reason )
        return NULL;
    o = calloc(1, sizeof(*o));
    if ( !o )
    {
        *reason = "out of memory";
        return NULL;
    }
    o->config = *config;
    oracle_reset(o);
    return o;
}

void oracle_destroy(struct oracle *o)
{
    if ( !o )
        return;
    history_map_free(&o->words);
    history_map_free(&o->p2m);
    free(o->exchanged);
    free(o->zombie);
    free(o->rtaddr.version);
    free(o->tes.version);
    free(o->suspension);
    free(o->open);
    free(o->former);
    commands_free(o);
    faults_free(o);
    structure_free(o);
    exact_free(o);
    free(o);
}

/* Every event: time goes on, and exchanged pages are looked at again. */
static void event(struct oracle *o)
{
    o->tick++;
    o->registers.quiet = false;
    if ( o->exchanges )
        history_refresh(o);
}

static void latch_reset(struct oracle *o, struct history *latched)
{
    latched->count = 0;
    history_append(latched, &(struct version) { .span = { o->tick, NEVER } });
}

static struct device device_new(const struct oracle *o, uint32_t source)
{
    const struct context none = { .fault = fault_rule(FAULT_LCT_2) };

    return (struct device) { .source = source,
                             .since = o->tick,
                             .context = none,
                             .before = none,
                             .context_page = NEVER };
}

void oracle_reset(struct oracle *o)
{
    event(o);
    o->epoch = o->tick;
    o->formers = 0;
    latch_reset(o, &o->rtaddr);
    latch_reset(o, &o->tes);
    commands_reset(o);
    undefined_reset(o);
    faults_reset(o);
    p10_reset(o);
    structure_reset(o);
    exact_reset(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        o->device[i] = device_new(o, o->device[i].source);
    structure_contexts(o);
}

void oracle_device_add(struct oracle *o, uint32_t source)
{
    event(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
            return;
    if ( o->devices == ORACLE_MAX_DEVICES )
        return;
    o->device[o->devices++] = device_new(o, source);
    structure_contexts(o);
}

static void device_leaves(struct oracle *o, const struct device *device)
{
    o->former = oracle_grow(o->former, o->formers, &o->former_room,
                            sizeof(o->former[0]));
    o->former[o->formers++] = (struct former_device) {
        .source = device->source,
        .present = { device->since, o->tick },
    };
}

void oracle_device_remove(struct oracle *o, uint32_t source)
{
    event(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
        {
            device_leaves(o, &o->device[i]);
            o->device[i] = o->device[--o->devices];
            break;
        }
    undefined_contexts(o);
}

void oracle_tolerate_missing(struct oracle *o, bool tolerate)
{
    o->tolerate_missing = tolerate;
}

/* ---- events ---- */

void oracle_store(struct oracle *o, uint64_t gpa, uint64_t old, uint64_t value)
{
    event(o);
    if ( old == value )
        return;
    history_store(o, gpa, old, value);
    structure_store(o, gpa, value);
}

void oracle_p2m_change(struct oracle *o, uint64_t gpa,
                       enum oracle_memory old_type, uint64_t old_hpa,
                       enum oracle_memory type, uint64_t hpa)
{
    event(o);
    if ( structure_is_page(o, gpa) )
        undefined_meet(o, U_STRUCTURE_MEMORY, 0);
    history_p2m_change(o, gpa, old_type, old_hpa, type, hpa);
}

void oracle_register_write(struct oracle *o, uint32_t offset,
                           unsigned int size, uint64_t value)
{
    event(o);
    registers_write(o, offset, size, value);
}

void oracle_register_written(struct oracle *o, uint32_t offset,
                             unsigned int size, uint64_t value)
{
    (void)offset;
    (void)size;
    (void)value;
    oracle_poll(o);
}

void oracle_register_read(struct oracle *o, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    registers_read(o, offset, size, value);
}

void oracle_unit_store(struct oracle *o, uint64_t gpa, const void *data,
                       size_t len)
{
    event(o);
    commands_status_store(o, gpa, data, len);
}

void oracle_interrupt(struct oracle *o, uint64_t address, uint32_t data)
{
    event(o);
    /* A device's own message goes through the unit as it is (5.1). */
    for ( size_t i = 0; i < o->opens; i++ )
        if ( o->open[i].used && o->open[i].query.iova == address &&
             query_is_unjudged(o, &o->open[i].query) )
            return;
    faults_raised(o, address, data);
}

void oracle_poll(struct oracle *o)
{
    event(o);
    registers_poll(o);
    commands_poll(o);
}

void oracle_quiescent(struct oracle *o)
{
    oracle_poll(o);
    history_p2m_settle(o);
    commands_quiescent(o);
    faults_settle(o, true);
    registers_quiescent(o);
    exact_quiescent(o);
}

void oracle_check(struct oracle *o)
{
    exact_check(o);
    faults_settle(o, true);
    registers_check(o);
}

/* ---- DMA ---- */

static struct query query_of(const struct oracle *o,
                             const struct oracle_dma *dma)
{
    return (struct query) { .source = dma->source,
                            .pasid = dma->pasid,
                            .iova = dma->iova,
                            .size = dma->size,
                            .type = dma->type,
                            .read = dma->read || !dma->write,
                            .write = dma->write,
                            .t0 = o->tick,
                            .t1 = o->tick };
}

unsigned int oracle_dma_begin(struct oracle *o, const struct oracle_dma *dma)
{
    size_t room = o->opens;
    unsigned int id = 0;

    event(o);
    while ( id < o->opens && o->open[id].used )
        id++;
    if ( id == o->opens )
    {
        o->open = oracle_grow(o->open, id, &room, sizeof(o->open[0]));
        memset(o->open + id, 0, (room - id) * sizeof(o->open[0]));
        o->opens = room;
    }
    o->open[id] = (struct open_dma) { true, query_of(o, dma) };
    return id;
}

static const char *rights_text(unsigned int rights)
{
    static const char *const names[] = { "", " r", " w", " rw" };

    return names[rights & 3];
}

const char *outcome_text(const struct oracle_outcome *outcome,
                         struct phrase *phrase)
{
    if ( !outcome->ok )
        return "nothing";
    snprintf(phrase->text, sizeof(phrase->text), "host address %" PRIx64 "%s",
             outcome->hpa, rights_text(outcome->rights));
    return phrase->text;
}

const char *walk_text(const struct walk *walk, struct phrase *phrase)
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
                  outcome_text(outcome, &got), walk_text(&j->walk, &said));
}

void oracle_dma_end(struct oracle *o, unsigned int id,
                    const struct oracle_outcome *outcome)
{
    struct judgement j;
    struct query q;

    event(o);
    if ( id >= o->opens || !o->open[id].used )
        return;
    q = o->open[id].query;
    q.t1 = o->tick;
    o->open[id].used = false;
    o->stats.dma++;
    if ( query_is_unjudged(o, &q) )
        return;
    ledger_judge(o, &q, outcome, &j);
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
        report_dma(o, &q, outcome, &j);
        break;
    }
    if ( !outcome->ok && !j.tolerated )
        faults_expect(o, &q, &j);
}

/* ---- for people ---- */

void oracle_walk(struct oracle *o, const struct oracle_dma *dma,
                 struct oracle_walk *walk)
{
    struct query q = query_of(o, dma);
    struct walk w;

    walk_now(o, &q, &w);
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
        inv = &o->log[l->removed_by - 1];
        snprintf(buffer, size, "until invalidation #%zu%s (%s)",
                 l->removed_by - 1,
                 inv->complete == NEVER ? " which is pending" : "",
                 rule_citation(inv));
    }
    else if ( l->usable.end != NEVER )
        snprintf(buffer, size, "until tick %" PRIu64, l->usable.end);
    else
        snprintf(buffer, size, "from then on");
}

static int explain_one(const struct oracle *o, const struct legal *l,
                       char *buffer, size_t size)
{
    static const char *const rights[4] = { "-", "r", "w", "rw" };
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
                    "gpa %" PRIx64 " %s %s (domain-id %x) since tick %" PRIu64
                    ", %s\n",
                    l->gpa, rights[l->rights & 3],
                    l->off ? "with translation off" : "by the tables", l->did,
                    l->usable.start, until);
}

void oracle_explain(struct oracle *o, const struct oracle_dma *dma,
                    char *buffer, size_t size)
{
    struct query q = query_of(o, dma);
    struct legal_set set;
    size_t used = 0;

    if ( !size )
        return;
    buffer[0] = '\0';
    ledger_collect(o, &q, false, &set);
    for ( unsigned int i = 0; i < set.count && used < size; i++ )
        used += (size_t)explain_one(o, &set.item[i], buffer + used,
                                    size - used);
    if ( set.open && used < size )
        snprintf(buffer + used, size - used, "and more\n");
}

void oracle_stats(const struct oracle *o, struct oracle_stats *stats)
{
    *stats = o->stats;
}
