/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's outside: events in, findings out, for every architecture.
 */
#include "internal.h"

#include <coverage/cover.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
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
    if ( !c->world.read64 || !c->world.p2m || !c->world.peek ||
         !c->world.report )
        return "the world lacks a callback";
    return c->arch->unjudgeable(c);
}

struct oracle *oracle_create(const struct oracle_config *config,
                             const char **reason)
{
    struct memory memory = { 0 };
    struct oracle *o;

    *reason = unjudgeable(config);
    if ( *reason )
        return NULL;
    o = memory_take(&memory, &config->world, sizeof(*o));
    o->memory = memory;
    o->config = *config;
    o->state = oracle_alloc(o, config->arch->state_bytes);
    oracle_reset(o);
    return o;
}

/* Which of the undefined conditions a program has met. */
static void cover_undefined(const struct oracle *o)
{
    for ( unsigned int i = 0; i < 64; i++ )
        if ( o->met >> i & 1 )
            COVER("oracle.%s.U%u", o->config.arch->name, i);
}

void oracle_destroy(struct oracle *o)
{
    struct oracle_world world;
    struct memory memory;

    if ( !o )
        return;
    cover_undefined(o);
    memory = o->memory; /* it holds the oracle itself */
    world = o->config.world;
    memory_end(&memory, &world);
}

/* Every event: time goes on, and exchanged pages are looked at again. */
static void event(struct oracle *o)
{
    o->tick++;
    o->quiet = false;
    if ( o->exchanges )
        history_refresh(o);
}

void oracle_reset(struct oracle *o)
{
    event(o);
    o->epoch = o->tick;
    o->formers = 0;
    models_reset(o);
    expected_reset(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        o->device[i].since = o->tick;
    o->config.arch->reset(o);
    o->quiet = true;
}

void oracle_device_add(struct oracle *o, uint32_t source)
{
    event(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
            return;
    if ( o->devices == ORACLE_MAX_DEVICES )
        return;
    o->device[o->devices] = (struct device) { source, o->tick };
    o->config.arch->device_added(o, o->devices++);
}

static void device_leaves(struct oracle *o, unsigned int index)
{
    const struct device *device = &o->device[index];

    o->former = oracle_grow(o, o->former, o->formers, &o->former_room,
                            sizeof(o->former[0]));
    o->former[o->formers++] = (struct former_device) {
        .source = device->source,
        .present = { device->since, o->tick },
    };
    expected_device_left(o, device->source);
    o->device[index] = o->device[--o->devices];
    o->config.arch->device_left(o, index);
}

void oracle_device_remove(struct oracle *o, uint32_t source)
{
    event(o);
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
        {
            device_leaves(o, i);
            return;
        }
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
    o->config.arch->stored(o, gpa, value);
}

void oracle_software_store(struct oracle *o, uint64_t gpa)
{
    if ( o->config.arch->software_stores )
        o->config.arch->software_stores(o, gpa);
}

void oracle_p2m_change(struct oracle *o, uint64_t gpa,
                       enum oracle_memory old_type, uint64_t old_hpa,
                       enum oracle_memory type, uint64_t hpa)
{
    event(o);
    o->config.arch->p2m_changes(o, gpa);
    history_p2m_change(o, gpa, old_type, old_hpa, type, hpa);
}

void oracle_register_write(struct oracle *o, uint32_t offset,
                           unsigned int size, uint64_t value)
{
    event(o);
    for ( unsigned int i = 0; i < size; i += 4 )
        o->written[o->writes++ % WRITTEN_MAX] = (offset + i) & ~3u;
    o->writing++;
    o->config.arch->register_write(o, offset, size, value);
}

void oracle_register_written(struct oracle *o, uint32_t offset,
                             unsigned int size, uint64_t value)
{
    (void)offset;
    (void)size;
    (void)value;
    if ( o->writing && !--o->writing && o->config.arch->registers_written )
        o->config.arch->registers_written(o);
    oracle_poll(o);
}

void oracle_register_read(struct oracle *o, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    o->config.arch->register_read(o, offset, size, value);
}

void oracle_unit_store(struct oracle *o, uint64_t gpa, const void *data,
                       size_t len)
{
    event(o);
    o->config.arch->unit_store(o, gpa, data, len);
}

void oracle_interrupt(struct oracle *o, uint64_t address, uint32_t data)
{
    event(o);
    o->config.arch->interrupt(o, address, data);
}

/* While a write is under way registers may say what they said before it. */
void oracle_poll(struct oracle *o)
{
    event(o);
    if ( !o->writing )
        o->config.arch->poll(o);
}

void oracle_quiescent(struct oracle *o)
{
    oracle_poll(o);
    history_p2m_settle(o);
    o->config.arch->quiescent(o);
    o->quiet = true;
}

void oracle_check(struct oracle *o)
{
    o->tick++; /* what has happened since the last event, nobody told it */
    o->config.arch->check(o);
}

/* ---- DMA ---- */

struct query query_of(const struct oracle *o, const struct oracle_dma *dma)
{
    return (struct query) { .source = dma->source,
                            .pasid = dma->pasid,
                            .iova = dma->iova,
                            .size = dma->size,
                            .type = dma->type,
                            .unit = dma->unit,
                            .read = dma->read || !dma->write,
                            .write = dma->write,
                            .privileged = dma->privileged,
                            .execute = dma->execute,
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
        o->open = oracle_grow(o, o->open, id, &room, sizeof(o->open[0]));
        o->opens = room;
    }
    o->open[id] = (struct open_dma) { true, query_of(o, dma) };
    return id;
}

static void dma_end(struct oracle *o, unsigned int id,
                    const struct oracle_outcome *outcome, bool moved)
{
    struct query q;

    event(o);
    if ( id >= o->opens || !o->open[id].used )
        return;
    q = o->open[id].query;
    q.t1 = o->tick;
    q.moved = moved;
    o->open[id].used = false;
    o->stats.dma++;
    if ( !o->config.arch->unjudged(o, &q) )
        o->config.arch->dma_ended(o, &q, outcome);
}

void oracle_dma_end(struct oracle *o, unsigned int id,
                    const struct oracle_outcome *outcome)
{
    dma_end(o, id, outcome, false);
}

void oracle_dma_end_moved(struct oracle *o, unsigned int id,
                          const struct oracle_outcome *outcome)
{
    dma_end(o, id, outcome, true);
}

/* ---- for people ---- */

void oracle_walk(struct oracle *o, const struct oracle_dma *dma,
                 struct oracle_walk *walk)
{
    const struct query q = query_of(o, dma);
    struct legal legal;

    o->config.arch->fresh(o, &q, &legal);
    *walk = (struct oracle_walk) { .ok = legal.kind == LEGAL_MAP,
                                   .level = legal.level };
    if ( walk->ok )
    {
        walk->gpa = legal.gpa;
        walk->mask = legal.mask;
        walk->rights = legal.rights;
    }
    else if ( legal.fault )
    {
        walk->reason = legal.fault->reason;
        walk->condition = legal.fault->condition;
    }
}

void oracle_legal(struct oracle *o, const struct oracle_dma *dma,
                  struct oracle_legal *legal)
{
    const struct query q = query_of(o, dma);

    judge_legal(o, &q, legal);
}

void oracle_explain(struct oracle *o, const struct oracle_dma *dma,
                    char *buffer, size_t size)
{
    const struct query q = query_of(o, dma);

    if ( !size )
        return;
    buffer[0] = '\0';
    judge_explain(o, &q, buffer, size);
}

uint64_t oracle_undefined(const struct oracle *o)
{
    return o->met;
}

const char *oracle_undefined_text(const struct oracle_arch *arch,
                                  unsigned int number)
{
    return arch->undefined_text(number);
}

void oracle_stats(const struct oracle *o, struct oracle_stats *stats)
{
    *stats = o->stats;
}
