/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: command queue, event queue, global errors (3.5, 7). */
#include <guest/smmuv3_guest.h>
#include <guest/smmuv3_layout.h>
#include <guest/smmuv3_private.h>

/* The index after @index: it wraps at twice the entries (3.5.1). */
static uint32_t next(const struct smmuv3_guest_queue *queue)
{
    return (queue->index + 1) & ((2u << queue->log2) - 1);
}

static uint64_t slot(const struct smmuv3_guest_queue *queue, uint32_t index,
                     unsigned int shift)
{
    return queue->base +
           ((uint64_t)(index & ((1u << queue->log2) - 1)) << shift);
}

/* ---- commands ---- */

static void put(struct smmuv3_guest *guest, uint32_t index,
                const struct smmuv3_guest_command *command)
{
    uint64_t gpa = slot(&guest->cmdq, index, GUEST_CMD_SHIFT);

    guest_store(guest, gpa, command->low);
    guest_store(guest, gpa + 8, command->high);
}

void smmuv3_guest_ring(struct smmuv3_guest *guest)
{
    smmuv3_guest_write(guest, GUEST_CMDQ_PROD, guest->cmdq.index);
}

uint32_t smmuv3_guest_gerror_ack(struct smmuv3_guest *guest)
{
    uint32_t gerror = smmuv3_guest_read(guest, GUEST_GERROR);
    uint32_t active = gerror ^ smmuv3_guest_read(guest, GUEST_GERRORN);

    if ( active )
        smmuv3_guest_write(guest, GUEST_GERRORN, gerror);
    return active;
}

/* The queue stands at a command that is none: let the unit find a harmless one
 * there, and go on.  Nothing mends what it can't read.  False: no error. */
static bool recover(struct smmuv3_guest *guest, bool *mended)
{
    const struct smmuv3_guest_command sync = smmuv3_guest_sync_command(
        SMMUV3_GUEST_SIG_NONE);
    uint32_t cons = smmuv3_guest_read(guest, GUEST_CMDQ_CONS);
    uint32_t active = smmuv3_guest_read(guest, GUEST_GERROR) ^
                      smmuv3_guest_read(guest, GUEST_GERRORN);

    if ( !(active & GUEST_GERROR_CMDQ_ERR) )
        return false;
    *mended = GUEST_CONS_ERR(cons) == GUEST_CERROR_ILL;
    if ( *mended )
        put(guest, cons, &sync);
    smmuv3_guest_gerror_ack(guest);
    return true;
}

/* CMDQ_CONS, which says how far the unit is. */
static uint32_t look(struct smmuv3_guest *guest)
{
    uint32_t cons = smmuv3_guest_read(guest, GUEST_CMDQ_CONS);

    guest->cmdq.consumed = cons & GUEST_INDEX_MASK;
    return cons;
}

enum smmuv3_guest_result smmuv3_guest_drain(struct smmuv3_guest *guest)
{
    enum smmuv3_guest_result result = SMMUV3_GUEST_DONE;
    bool mended = true;
    unsigned int i;

    smmuv3_guest_look(guest);
    for ( i = 0; i < GUEST_PATIENCE && mended; i++ )
    {
        uint32_t cons = look(guest);

        if ( guest->cmdq.consumed == guest->cmdq.index )
            return result;
        /* 6.3.28: without a reason there has been no error. */
        if ( GUEST_CONS_ERR(cons) && recover(guest, &mended) )
            result = SMMUV3_GUEST_ERROR;
        smmuv3_guest_idle(guest);
    }
    return mended ? SMMUV3_GUEST_TIMEOUT : result;
}

/* 3.5.1: never more than the queue has entries. */
static bool has_room(const struct smmuv3_guest_queue *queue)
{
    uint32_t used = (queue->index - queue->consumed) &
                    ((2u << queue->log2) - 1);

    return used < 1u << queue->log2;
}

static bool make_room(struct smmuv3_guest *guest)
{
    if ( has_room(&guest->cmdq) )
        return true;
    look(guest);
    if ( has_room(&guest->cmdq) )
        return true;
    smmuv3_guest_ring(guest);
    smmuv3_guest_drain(guest);
    return has_room(&guest->cmdq);
}

bool smmuv3_guest_enqueue(struct smmuv3_guest *guest,
                          const struct smmuv3_guest_command *command)
{
    if ( !make_room(guest) )
        return false;
    put(guest, guest->cmdq.index, command);
    guest->cmdq.index = next(&guest->cmdq);
    return true;
}

enum smmuv3_guest_result smmuv3_guest_submit(
    struct smmuv3_guest *guest, const struct smmuv3_guest_command *command,
    unsigned int count)
{
    const struct smmuv3_guest_command sync = smmuv3_guest_sync_command(
        SMMUV3_GUEST_SIG_NONE);
    unsigned int i;

    for ( i = 0; i < count; i++ )
        smmuv3_guest_enqueue(guest, &command[i]);
    smmuv3_guest_enqueue(guest, &sync);
    smmuv3_guest_ring(guest);
    return smmuv3_guest_drain(guest);
}

/* ---- events ---- */

static void decode(struct smmuv3_guest_event *event)
{
    const uint64_t *w = event->word;

    event->type = (unsigned int)GUEST_EVENT_TYPE(w[0]);
    event->ssv = GUEST_EVENT_SSV(w[0]);
    event->ssid = (uint32_t)GUEST_EVENT_SSID(w[0]);
    event->sid = (uint32_t)GUEST_EVENT_SID(w[0]);
    event->stall = GUEST_EVENT_STALL(w[1]);
    event->pnu = GUEST_EVENT_PNU(w[1]);
    event->ind = GUEST_EVENT_IND(w[1]);
    event->rnw = GUEST_EVENT_RNW(w[1]);
    event->s2 = GUEST_EVENT_S2(w[1]);
    event->class = (unsigned int)GUEST_EVENT_CLASS(w[1]);
    event->input = w[2];
    event->address = w[3] & GUEST_EVENT_ADDRESS;
}

static void put_cons(struct smmuv3_guest *guest)
{
    smmuv3_guest_write(guest, GUEST_EVENTQ_CONS,
                       guest->evtq.index |
                           (guest->evtq.overflow ? GUEST_OVERFLOW_FLAG : 0));
}

bool smmuv3_guest_next_event(struct smmuv3_guest *guest,
                             struct smmuv3_guest_event *event)
{
    uint32_t prod = smmuv3_guest_read(guest, GUEST_EVENTQ_PROD);
    uint64_t gpa = slot(&guest->evtq, guest->evtq.index, GUEST_EVENT_SHIFT);
    unsigned int i;

    if ( (prod & GUEST_INDEX_MASK) == guest->evtq.index )
        return false;
    for ( i = 0; i < 4; i++ )
        event->word[i] = guest_load(guest, gpa + 8 * i);
    decode(event);
    guest->evtq.index = next(&guest->evtq);
    put_cons(guest);
    return true;
}

bool smmuv3_guest_event_overflow(struct smmuv3_guest *guest)
{
    uint32_t prod = smmuv3_guest_read(guest, GUEST_EVENTQ_PROD);
    bool flag = prod & GUEST_OVERFLOW_FLAG;

    if ( flag == guest->evtq.overflow )
        return false;
    guest->evtq.overflow = flag;
    put_cons(guest);
    return true;
}
