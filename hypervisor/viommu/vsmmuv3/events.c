/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events towards the guest (7): what a physical event means for it, and its
 * event queue with the overflow protocol.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

#define EVENT_LOG2 5u
_Static_assert(SMMU_EVT_SIZE == 1u << EVENT_LOG2, "one entry");
_Static_assert(sizeof(struct vsmmuv3_event) == SMMU_EVT_SIZE, "one entry");

/* ---- the queue (7.2) ---------------------------------------------------- */

static struct vsmmuv3_queue eventq(const struct vsmmuv3 *v)
{
    return vsmmuv3_queue(v, v->reg[VSMMUV3_R_EVENTQ_BASE],
                         SMMU_IDR1_EVENTQS(v->config.idr1), EVENT_LOG2);
}

/* One record is lost: told once, until the guest has acknowledged it (7.4). */
static void overflow(struct vsmmuv3 *v)
{
    uint64_t differ = v->reg[VSMMUV3_R_EVENTQ_PROD] ^
                      v->reg[VSMMUV3_R_EVENTQ_CONS];

    if ( !(differ & SMMU_QUEUE_OVFLG) )
        v->reg[VSMMUV3_R_EVENTQ_PROD] ^= SMMU_QUEUE_OVFLG;
}

static void record(struct vsmmuv3 *v, const struct vsmmuv3_event *event)
{
    const struct vsmmuv3_queue q = eventq(v);
    uint64_t prod = v->reg[VSMMUV3_R_EVENTQ_PROD], index;
    uint64_t used = (prod ^ v->reg[VSMMUV3_R_EVENTQ_CONS]) & q.pointer_mask;

    if ( !(v->reg[VSMMUV3_R_CR0ACK] & SMMU_CR0_EVENTQEN) ||
         vsmmuv3_gerror_active(v, SMMU_GERROR_EVENTQ_ABT) )
        return;
    /* Full: the same index, the other lap. */
    if ( used == (q.pointer_mask >> 1) + 1 )
    {
        overflow(v);
        return;
    }
    index = prod & (q.pointer_mask >> 1);
    if ( host_guest_write(v->viommu.vd->d, q.base + index * SMMU_EVT_SIZE,
                          event->word, SMMU_EVT_SIZE) )
    {
        vsmmuv3_gerror(v, SMMU_GERROR_EVENTQ_ABT);
        return;
    }
    v->reg[VSMMUV3_R_EVENTQ_PROD] = (prod & SMMU_QUEUE_OVFLG) |
                                    ((prod + 1) & q.pointer_mask);
    if ( !used && (v->reg[VSMMUV3_R_IRQ_CTRL] & SMMU_IRQ_CTRL_EVENTQ) )
        host_inject_virq(v->viommu.vd->d, v->config.virq_eventq, false);
}

/* ---- from the physical event -------------------------------------------- */

/* Fields of word 1 of an event that the guest gets as they are, and whether
 * InputAddr is one.  Bits that an implementation defines are not. */
struct event_row {
    unsigned int type;
    uint64_t word1;
    bool input;
};

#define ACCESS VSMMUV3_EVENT_ACCESS

static const struct event_row rows[] = {
    /* clang-format off */
    { SMMU_F_UUT, ACCESS | SMMU_EVT1_STAG, true }, /* Reason */
    { SMMU_F_STREAM_DISABLED, 0, false },
    { SMMU_C_BAD_SUBSTREAMID, 0, false },
    { SMMU_F_CD_FETCH, 0, false },
    { SMMU_C_BAD_CD, 0, false },
    { SMMU_F_WALK_EABT, ACCESS | SMMU_EVT1_CLASS_MASK, true },
    { SMMU_F_TRANSLATION, ACCESS | SMMU_EVT1_CLASS_MASK, true },
    { SMMU_F_ADDR_SIZE, ACCESS | SMMU_EVT1_CLASS_MASK, true },
    { SMMU_F_ACCESS, ACCESS | SMMU_EVT1_CLASS_MASK, true },
    { SMMU_F_PERMISSION, ACCESS | SMMU_EVT1_CLASS_MASK, true },
    { SMMU_F_TLB_CONFLICT, ACCESS, true },
    { SMMU_F_CFG_CONFLICT, 0, false },
    /* clang-format on */
};

/* The event that the guest's unit has for what it read of its own tables. */
bool vsmmuv3_event_of_stream(const struct vsmmuv3 *v,
                             const struct vsmmuv3_stream *stream,
                             struct vsmmuv3_event *event)
{
    if ( stream->kind != VSMMUV3_STREAM_FAULT ||
         (stream->event == SMMU_C_BAD_STREAMID &&
          !(v->reg[VSMMUV3_R_CR2] & SMMU_CR2_RECINVSID)) )
        return false;
    event->word[0] |= stream->event;
    if ( stream->event == SMMU_F_STE_FETCH )
        event->word[3] = stream->fetch & SMMU_EVT3_FETCHADDR;
    return true;
}

/*
 * There was no STE for this stream.  A driver that makes one above an L1STD
 * that was not valid need not say so before it invalidates the STE: what
 * stands there now is what such a DMA met, unless it can be used.
 */
static bool no_ste(struct vsmmuv3 *v, const struct vsmmuv3_device *device,
                   struct vsmmuv3_event *event)
{
    struct vsmmuv3_stream now;

    vsmmuv3_stream_read(v, device->sid, &now);
    return vsmmuv3_event_of_stream(v,
                                   now.kind == VSMMUV3_STREAM_FAULT ||
                                           now.kind == VSMMUV3_STREAM_ABORT ?
                                       &now :
                                       &device->stream,
                                   event);
}

#define KIND(kind) (1u << VSMMUV3_STREAM_##kind)

/*
 * The streams that an event may be of: as it is, as it was until the events of
 * that time have been drained, and as it is becoming just now.  The @n-th of
 * one of @kinds, or NULL.
 */
static const struct vsmmuv3_stream *candidate(
    const struct vsmmuv3_device *device, unsigned int kinds, unsigned int n)
{
    const struct vsmmuv3_stream *const all[] = {
        &device->stream,
        device->changed ? &device->before : NULL,
        device->decided ? &device->next : NULL,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(all); i++ )
        if ( all[i] && (kinds >> all[i]->kind & 1) && !n-- )
            return all[i];
    return NULL;
}

static const struct vsmmuv3_stream *met(const struct vsmmuv3_device *device,
                                        unsigned int kinds)
{
    const struct vsmmuv3_stream *stream = candidate(device, kinds, 0);

    return stream ? stream : &device->stream;
}

/*
 * Blocked by us; silently, if it is no FAULT.  One that is neither met an STE
 * that was not valid between two that are: the guest changes more than a word
 * of it, and has made it invalid itself meanwhile (3.21.3.1).
 */
static bool blocked(struct vsmmuv3 *v, const struct vsmmuv3_device *device,
                    struct vsmmuv3_event *event)
{
    const struct vsmmuv3_stream *stream = met(
        device, KIND(FAULT) | KIND(ABORT) | KIND(REFUSED));

    if ( stream == &device->stream && vsmmuv3_without_ste(device) )
        return no_ste(v, device, event);
    if ( stream->kind == VSMMUV3_STREAM_STAGE1 &&
         candidate(device, KIND(STAGE1), 1) )
    {
        event->word[0] |= SMMU_C_BAD_STE;
        return true;
    }
    return vsmmuv3_event_of_stream(v, stream, event);
}

/* The one whose CD, or L1CD, is in that page. */
static const struct vsmmuv3_stream *met_cd(const struct vsmmuv3 *v,
                                           const struct vsmmuv3_device *device,
                                           uint32_t ssid, paddr_t page)
{
    const struct vsmmuv3_stream *stream;
    unsigned int n;

    for ( n = 0; (stream = candidate(device, KIND(STAGE1), n)); n++ )
        if ( vsmmuv3_cd_is_in(v, stream, ssid, page) )
            return stream;
    return met(device, KIND(STAGE1));
}

/*
 * The one that let an access through to an address, which is the guest's own
 * (@input) or that of its stage 1.  Without SMMUEN, and beyond the OAS, it has
 * no event.
 */
static const struct vsmmuv3_stream *met_in(const struct vsmmuv3_device *device,
                                           uint64_t input, paddr_t page)
{
    const struct vsmmuv3_stream *stream = NULL;

    if ( (input & SMMU_EVT3_IPA) == page )
        stream = candidate(device, KIND(OFF), 0);
    if ( !stream && (input & SMMU_EVT3_IPA) == page )
        stream = candidate(device, KIND(BYPASS), 0);
    return stream ? stream : met(device, KIND(STAGE1));
}

static const struct vsmmuv3_stream *met_by_stage2(
    const struct vsmmuv3 *v, const struct vsmmuv3_device *device,
    const uint64_t physical[4])
{
    paddr_t page = physical[3] & SMMU_EVT3_IPA;

    switch ( SMMU_EVT1_CLASS(physical[1]) )
    {
    case SMMU_CLASS_CD:
        return met_cd(v, device, SMMU_EVT0_SSID(physical[0]), page);
    case SMMU_CLASS_IN:
        return met_in(device, physical[2], page);
    default:
        return met(device, KIND(STAGE1));
    }
}

/*
 * Stage 2 stopped it: the guest's structure, or its target, is not memory that
 * it has.  Towards the guest that is an external abort: of a fetch it has an
 * event, of the access itself none.
 */
static bool stage2(const struct vsmmuv3 *v,
                   const struct vsmmuv3_device *device,
                   const uint64_t physical[4], struct vsmmuv3_event *event)
{
    const struct vsmmuv3_stream *stream = met_by_stage2(v, device, physical);
    uint32_t ssid = SMMU_EVT0_SSID(event->word[0]);
    paddr_t page = physical[3] & SMMU_EVT3_IPA, fetch;

    if ( page & ~vsmmuv3_oas_mask(v) )
        return vsmmuv3_address_size(v, stream, physical, event);
    if ( stream->kind != VSMMUV3_STREAM_STAGE1 )
        return false;
    switch ( SMMU_EVT1_CLASS(physical[1]) )
    {
    case SMMU_CLASS_CD:
        event->word[0] |= SMMU_F_CD_FETCH;
        fetch = vsmmuv3_cd_address(stream, ssid, page);
        break;
    case SMMU_CLASS_TT:
        event->word[0] |= SMMU_F_WALK_EABT;
        event->word[1] = (physical[1] & ACCESS) |
                         SMMU_EVT1_CLASS_PUT(SMMU_CLASS_TT);
        event->word[2] = physical[2];
        fetch = vsmmuv3_walk_address(v, stream, ssid, physical[2], page);
        break;
    default:
        return false;
    }
    event->word[3] = fetch & SMMU_EVT3_FETCHADDR;
    return true;
}

/* Stage 1 is the guest's own: its events are, too.  But FetchAddr is an
 * address of the host. */
static bool stage1(const struct vsmmuv3 *v,
                   const struct vsmmuv3_device *device,
                   const uint64_t physical[4], struct vsmmuv3_event *event)
{
    const struct vsmmuv3_stream *stream = met(device,
                                              KIND(STAGE1) | KIND(BYPASS));
    unsigned int type = SMMU_EVT0_TYPE(physical[0]), i;

    /* No events while SMMUEN = 0, where the hardware has but that of an
     * address beyond the OAS: also if the stream aborts by now. */
    if ( (stream->kind != VSMMUV3_STREAM_STAGE1 &&
          stream->kind != VSMMUV3_STREAM_BYPASS) ||
         (type == SMMU_F_ADDR_SIZE && (physical[2] & ~vsmmuv3_oas_mask(v)) &&
          candidate(device, KIND(OFF), 0)) )
        return false;
    if ( (type == SMMU_F_ACCESS || type == SMMU_F_PERMISSION) &&
         vsmmuv3_output_beyond(v, stream, SMMU_EVT0_SSID(physical[0]),
                               physical[2]) )
        type = SMMU_F_ADDR_SIZE;
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        if ( rows[i].type != type )
            continue;
        event->word[0] |= type;
        event->word[1] = physical[1] & rows[i].word1;
        event->word[2] = rows[i].input ? physical[2] : 0;
        if ( type == SMMU_F_CD_FETCH )
            event->word[3] = vsmmuv3_cd_address(
                stream, SMMU_EVT0_SSID(event->word[0]), VSMMUV3_NO_PAGE);
        return true;
    }
    return false;
}

static bool translate(struct vsmmuv3 *v, const struct vsmmuv3_device *device,
                      const uint64_t physical[4], struct vsmmuv3_event *event)
{
    *event = (struct vsmmuv3_event) {
        .word[0] = (physical[0] & SMMU_EVT0_SSV) |
                   SMMU_EVT0_SSID_PUT(SMMU_EVT0_SSID(physical[0])) |
                   SMMU_EVT0_SID_PUT(device->sid),
    };
    if ( SMMU_EVT0_TYPE(physical[0]) == SMMU_C_BAD_STE )
        return blocked(v, device, event);
    if ( physical[1] & SMMU_EVT1_S2 )
        return stage2(v, device, physical, event);
    return stage1(v, device, physical, event);
}

/* ---- from interrupt to engine ------------------------------------------- */

static void deliver_oldest(struct vsmmuv3 *v)
{
    record(v, &v->event[v->event_first]);
    v->event_first = (v->event_first + 1) % VSMMUV3_EVENT_RING;
    v->events--;
}

/* The ring is bounded; when it is full the oldest goes first. */
void vsmmuv3_event_report(struct vsmmuv3 *v, const struct vsmmuv3_event *event)
{
    if ( v->events == VSMMUV3_EVENT_RING )
        deliver_oldest(v);
    v->event[(v->event_first + v->events++) % VSMMUV3_EVENT_RING] = *event;
    vsmmuv3_kick(v);
}

/*
 * A physical unit has reported an event of a device below this one.  It is
 * translated at once: what the device's STE says now may change before the
 * engine runs.
 */
void vsmmuv3_fault(struct vsmmuv3 *v, unsigned int index,
                   const struct piommu_fault *fault)
{
    struct vsmmuv3_event event;

    if ( !v->viommu.dying &&
         translate(v, &v->device[index], fault->record, &event) )
        vsmmuv3_event_report(v, &event);
}

/* False: the budget is used, there are more. */
bool vsmmuv3_events_deliver(struct vsmmuv3 *v)
{
    while ( v->events )
    {
        deliver_oldest(v);
        if ( v->events && host_preempt_check(viommu_host(&v->viommu)) )
            return false;
    }
    return true;
}
