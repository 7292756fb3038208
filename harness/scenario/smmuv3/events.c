/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's interrupt handlers: event queue and global errors. */

#include <scenario/smmuv3/smmuv3.h>

#include <guest/smmuv3_layout.h>

static bool has_queue(struct execution *e)
{
    bool there = smmuv3_guest_of(e)->guest.evtq.base != 0;

    driver_possible(e, there, "there is no event queue: 'start' makes it");
    return there;
}

/* What one record must be; UINT64_MAX and the like: anything. */
struct wanted {
    uint64_t type, sid, address, ipa, ssid, class;
    bool read, write, priv, exec, s2;
};

static bool is_or_any(uint64_t wanted, uint64_t any, uint64_t value)
{
    return wanted == any || wanted == value;
}

/* C_BAD_SUBSTREAMID always has a SubstreamID, and no SSV (7.3.9). */
static bool substream_agrees(const struct wanted *w,
                             const struct smmuv3_guest_event *event)
{
    if ( w->ssid == SMMUV3_NO_SSID )
        return !event->ssv;
    return event->ssv == (w->type != GUEST_C_BAD_SUBSTREAMID) &&
           event->ssid == w->ssid;
}

static bool agrees(const struct wanted *w,
                   const struct smmuv3_guest_event *event)
{
    return event->type == w->type && event->sid == w->sid &&
           is_or_any(w->address, UINT64_MAX, event->input) &&
           is_or_any(w->ipa, UINT64_MAX, event->address) &&
           substream_agrees(w, event) &&
           is_or_any(w->class, SMMUV3_ANY_CLASS, event->class) &&
           (!w->read || event->rnw) && (!w->write || !event->rnw) &&
           event->pnu == w->priv && event->ind == w->exec &&
           event->s2 == w->s2 && !event->stall;
}

void smmuv3_op_event(struct execution *e, const struct operation *op)
{
    const struct wanted wanted = {
        .type = op_arg(op, 0),
        .sid = e->world->device[op_arg(op, 1)].source,
        .address = op_arg(op, 2),
        .ipa = op_arg(op, 3),
        .ssid = op_arg(op, 4),
        .class = op_arg(op, 5),
        .read = op_arg(op, 6),
        .write = op_arg(op, 7),
        .priv = op_arg(op, 8),
        .exec = op_arg(op, 9),
        .s2 = op_arg(op, 10),
    };
    struct smmuv3_guest_event event;

    if ( !has_queue(e) )
        return;
    if ( !smmuv3_guest_next_event(&smmuv3_guest_of(e)->guest, &event) )
        world_expect(e->world, "P4", "the event queue is empty");
    else if ( !agrees(&wanted, &event) )
        world_expect(e->world, "P4",
                     "the event is %016llx %016llx %016llx %016llx, expected "
                     "type %#llx of StreamID %#llx",
                     (unsigned long long)event.word[0],
                     (unsigned long long)event.word[1],
                     (unsigned long long)event.word[2],
                     (unsigned long long)event.word[3],
                     (unsigned long long)wanted.type,
                     (unsigned long long)wanted.sid);
}

void smmuv3_op_events(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_queue *queue = &smmuv3_guest_of(e)->guest.evtq;
    uint32_t prod, count;

    if ( !has_queue(e) )
        return;
    prod = (uint32_t)world_read(e->wd, GUEST_EVENTQ_PROD, 4);
    count = ((prod & GUEST_INDEX_MASK) - queue->index) &
            ((2u << queue->log2) - 1);
    if ( count != op_arg(op, 0) )
        world_expect(e->world, "P4", "%u events are pending, expected %u",
                     count, (unsigned int)op_arg(op, 0));
}

void smmuv3_op_handle_events(struct execution *e, const struct operation *op)
{
    struct smmuv3_guest *guest = &smmuv3_guest_of(e)->guest;
    uint64_t expected = op_arg(op, 0);
    struct smmuv3_guest_event event;
    unsigned int count = 0;
    bool lost;

    if ( !has_queue(e) )
        return;
    while ( count >> guest->evtq.log2 < 2 &&
            smmuv3_guest_next_event(guest, &event) )
        count++;
    lost = smmuv3_guest_event_overflow(guest);
    if ( expected != UINT32_MAX && count != expected )
        world_expect(e->world, "P4", "%u events were pending, expected %u",
                     count, (unsigned int)expected);
    if ( lost != (bool)op_arg(op, 1) )
        world_expect(e->world, "P4", "the event queue had %s",
                     lost ? "an overflow" : "no overflow");
}

void smmuv3_op_gerror_ack(struct execution *e, const struct operation *op)
{
    uint32_t active = smmuv3_guest_gerror_ack(&smmuv3_guest_of(e)->guest);
    uint64_t expected = op_arg(op, 0);

    if ( expected != UINT32_MAX && active != expected )
        world_expect(e->world, "P4",
                     "the active global errors were %#x, expected %#x", active,
                     (unsigned int)expected);
}
