/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P4: the messages of the fault and the invalidation event (7.3, 6.5.2.8):
 * those that are due, and those that the unit has sent.
 */
#include "internal.h"

#include <inttypes.h>

static void messages_add(struct oracle *o, struct messages *messages,
                         const struct message *message)
{
    messages->item = oracle_grow(o, messages->item, messages->count,
                                 &messages->room, sizeof(messages->item[0]));
    messages->item[messages->count++] = *message;
}

/* ---- the two events ---- */

static struct event *event_of(struct oracle *o, uint32_t control)
{
    struct faults *f = &vtd(o)->faults;

    return control == REG_FECTL ? &f->fault : &f->invalidation;
}

/* Data, address and upper address follow each control register. */
static struct message message_of(const struct oracle *o, uint32_t control)
{
    return (struct message) { .address = vtd_registers_value64(o, control + 8),
                              .data = vtd_registers_value32(o, control + 4) };
}

static bool same_message(const struct message *a, const struct message *b)
{
    return a->address == b->address && a->data == b->data;
}

static void message_due(struct oracle *o, uint32_t control, bool open)
{
    const struct event *e = event_of(o, control);

    for ( unsigned int i = 0; i < (open ? e->ways : 1); i++ )
    {
        struct message message = e->message[i];

        message.open = open;
        messages_add(o, &vtd(o)->faults.due, &message);
    }
}

static void event_comes(struct oracle *o, uint32_t control)
{
    struct event *e = event_of(o, control);

    e->ip |= e->im;
    e->open |= e->writing;
    if ( !e->im || e->open )
        message_due(o, control, e->open);
}

void vtd_events_fault(struct oracle *o)
{
    event_comes(o, REG_FECTL);
}

/* 6.5.2.8: a wait with IF has completed. */
void vtd_events_wait_completed(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    f->waited = true;
    if ( !f->iwc || f->invalidation.open )
        event_comes(o, REG_IECTL);
    f->iwc = true;
}

static size_t messages_count(const struct messages *messages,
                             const struct message *message)
{
    size_t count = 0;

    for ( size_t i = 0; i < messages->count; i++ )
        count += same_message(&messages->item[i], message);
    return count;
}

static bool is_message_of(const struct oracle *o, uint32_t control,
                          const struct message *message)
{
    const struct message would = message_of(o, control);

    return same_message(&would, message);
}

/*
 * 6.5.2.8: the invalidation event says that a wait is complete, if
 * none is known that it could come of.
 */
void vtd_events_raised(struct oracle *o, uint64_t address, uint32_t data)
{
    const struct message message = { .address = address, .data = data };
    struct faults *f = &vtd(o)->faults;

    messages_add(o, &f->raised, &message);
    if ( !f->iwc && !f->invalidation.ip &&
         is_message_of(o, REG_IECTL, &message) &&
         !is_message_of(o, REG_FECTL, &message) &&
         messages_count(&f->raised, &message) >
             messages_count(&f->due, &message) )
        vtd_commands_interrupt(o);
}

/* ---- what software writes ---- */

static void write_control(struct oracle *o, uint32_t control, uint64_t value)
{
    struct event *e = event_of(o, control);

    e->im = value & ECTL_IM;
    if ( !e->im && (e->ip || e->open) )
    {
        e->ip = false;
        message_due(o, control, e->open);
    }
}

void vtd_events_write(struct oracle *o, uint32_t offset, uint64_t value)
{
    uint32_t control = offset < REG_FECTL + 16 ? REG_FECTL : REG_IECTL;
    struct event *e = event_of(o, control);

    if ( control == REG_FECTL )
        vtd_faults_settle(o, false);
    e->writing = true;
    if ( offset == control )
        write_control(o, control, value);
    else if ( e->ways < EVENT_WAYS )
        e->message[e->ways++] = message_of(o, control);
}

/* The unit that has completed a wait may set IWC behind this write. */
void vtd_events_write_ics(struct oracle *o, uint64_t value)
{
    struct faults *f = &vtd(o)->faults;

    if ( !(value & ICS_IWC) )
        return;
    f->invalidation.writing = true;
    f->iwc = f->invalidation.ip = false;
    if ( f->waited )
    {
        f->invalidation.open = true;
        message_due(o, REG_IECTL, true);
    }
}

static void written(struct oracle *o, uint32_t control)
{
    struct event *e = event_of(o, control);

    e->writing = false;
    e->message[0] = message_of(o, control);
    e->ways = 1;
}

void vtd_events_written(struct oracle *o)
{
    written(o, REG_FECTL);
    written(o, REG_IECTL);
}

void vtd_events_ask(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    if ( f->fault.open )
        f->fault.ip = peek(o, REG_FECTL, 4) & ECTL_IP;
    if ( f->invalidation.open )
    {
        f->invalidation.ip = peek(o, REG_IECTL, 4) & ECTL_IP;
        f->iwc = peek(o, REG_ICS, 4) & ICS_IWC;
    }
    f->fault.open = f->invalidation.open = f->waited = false;
}

void vtd_events_reset(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    f->fault = f->invalidation = (struct event) { .im = true };
    f->iwc = f->waited = false;
    f->due.count = f->raised.count = 0;
    vtd_events_written(o);
}

/* ---- due and sent ---- */

static bool take_raised(struct messages *raised, const struct message *due)
{
    for ( size_t i = 0; i < raised->count; i++ )
        if ( same_message(&raised->item[i], due) )
        {
            raised->item[i] = raised->item[--raised->count];
            return true;
        }
    return false;
}

void vtd_events_compare(struct oracle *o)
{
    struct messages *due = &vtd(o)->faults.due,
                    *raised = &vtd(o)->faults.raised;

    for ( size_t i = 0; i < due->count; i++ )
        if ( !due->item[i].open && !take_raised(raised, &due->item[i]) )
            oracle_report(o, "P4", "missing event interrupt",
                          "no message %" PRIx32 " to %" PRIx64,
                          due->item[i].data, due->item[i].address);
    for ( size_t i = 0; i < due->count; i++ )
        if ( due->item[i].open )
            take_raised(raised, &due->item[i]);
    for ( size_t j = 0; j < raised->count; j++ )
        oracle_report(o, "P4", "event interrupt nobody asked for",
                      "message %" PRIx32 " to %" PRIx64, raised->item[j].data,
                      raised->item[j].address);
    due->count = raised->count = 0;
    vtd_events_ask(o);
}
