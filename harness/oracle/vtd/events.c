/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P4: the messages of the fault and the invalidation event (7.3, 6.5.2.8):
 * those that are due, and those that the unit has sent.
 */
#include "internal.h"

#include <inttypes.h>

static void messages_add(struct oracle *o, struct messages *messages,
                         uint64_t address, uint32_t data, bool open)
{
    messages->item = oracle_grow(o, messages->item, messages->count,
                                 &messages->room, sizeof(messages->item[0]));
    messages->item[messages->count++] = (struct message) { address, data,
                                                           open };
}

/* Data, address and upper address follow each control register. */
static void message_due(struct oracle *o, uint32_t control, bool open)
{
    uint64_t address = vtd_registers_value64(o, control + 8);

    messages_add(o, &vtd(o)->faults.due, address,
                 vtd_registers_value32(o, control + 4), open);
}

void vtd_events_fault(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    if ( f->im )
    {
        f->ip = true;
        f->ip_open = f->writing;
    }
    if ( !f->im || f->writing )
        message_due(o, REG_FECTL, f->writing);
}

/* 6.5.2.8: a wait with IF has completed. */
void vtd_events_wait_completed(struct oracle *o)
{
    struct faults *f = &vtd(o)->faults;

    if ( f->iwc )
        return;
    f->iwc = true;
    if ( f->invalidation_im )
        f->invalidation_ip = true;
    else
        message_due(o, REG_IECTL, false);
}

static size_t messages_count(const struct messages *messages, uint64_t address,
                             uint32_t data)
{
    size_t count = 0;

    for ( size_t i = 0; i < messages->count; i++ )
        count += messages->item[i].address == address &&
                 messages->item[i].data == data;
    return count;
}

static bool is_message_of(const struct oracle *o, uint32_t control,
                          uint64_t address, uint32_t data)
{
    return vtd_registers_value64(o, control + 8) == address &&
           vtd_registers_value32(o, control + 4) == data;
}

/*
 * 6.5.2.8: the invalidation event says that a wait is complete, if
 * none is known that it could come of.
 */
void vtd_events_raised(struct oracle *o, uint64_t address, uint32_t data)
{
    struct faults *f = &vtd(o)->faults;

    messages_add(o, &f->raised, address, data, false);
    if ( !f->iwc && !f->invalidation_ip &&
         is_message_of(o, REG_IECTL, address, data) &&
         !is_message_of(o, REG_FECTL, address, data) &&
         messages_count(&f->raised, address, data) >
             messages_count(&f->due, address, data) )
        vtd_commands_interrupt(o);
}

/* ---- what software writes ---- */

void vtd_events_write_control(struct oracle *o, uint32_t offset,
                              uint64_t value)
{
    struct faults *f = &vtd(o)->faults;
    bool fault = offset == REG_FECTL;
    bool *im = fault ? &f->im : &f->invalidation_im;
    bool *ip = fault ? &f->ip : &f->invalidation_ip;

    vtd_faults_settle(o, false);
    vtd(o)->faults.writing |= fault;
    *im = value & ECTL_IM;
    if ( !*im && *ip )
    {
        *ip = false;
        message_due(o, offset, fault && vtd(o)->faults.ip_open);
    }
}

void vtd_events_write_ics(struct oracle *o, uint64_t value)
{
    if ( !(value & ICS_IWC) )
        return;
    vtd(o)->faults.iwc = false;
    vtd(o)->faults.invalidation_ip = false;
}

/* ---- due and sent ---- */

static bool take_raised(struct messages *raised, const struct message *due)
{
    for ( size_t i = 0; i < raised->count; i++ )
        if ( raised->item[i].address == due->address &&
             raised->item[i].data == due->data )
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
}
