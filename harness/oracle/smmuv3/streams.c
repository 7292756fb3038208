/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams: the StreamIDs and SubstreamIDs that requests, or prefetch commands,
 * have named.  Each lets things form under its tags, one that has left what
 * it had formed before.
 */
#include "internal.h"

/* From when on a device has been under the unit. */
static uint64_t streams_since(const struct oracle *o, uint32_t source)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( o->device[i].source == source )
            return o->device[i].since;
    return o->epoch;
}

static bool stream_is(const struct stream *stream, uint32_t sid,
                      uint32_t pasid)
{
    return stream->sid == sid && stream->pasid == pasid &&
           stream->present.end == NEVER;
}

void smmu_stream_seen(struct oracle *o, uint32_t sid, uint32_t pasid)
{
    struct smmu *m = smmu(o);

    if ( m->last_stream < m->streams &&
         stream_is(&m->stream[m->last_stream], sid, pasid) )
        return;
    for ( m->last_stream = 0; m->last_stream < m->streams; m->last_stream++ )
        if ( stream_is(&m->stream[m->last_stream], sid, pasid) )
            return;
    m->stream = oracle_grow(o, m->stream, m->streams, &m->stream_room,
                            sizeof(m->stream[0]));
    m->stream[m->streams++] = (struct stream) {
        sid, pasid, { streams_since(o, sid), NEVER }
    };
    smmu_watch(o, sid, pasid);
}

/* What its streams let form under their tags stays. */
void smmu_streams_left(struct oracle *o, uint32_t sid)
{
    for ( size_t i = 0; i < smmu(o)->streams; i++ )
    {
        struct stream *stream = &smmu(o)->stream[i];

        if ( stream->sid == sid && stream->present.end == NEVER )
            stream->present.end = o->tick;
    }
}

void smmu_streams_reset(struct oracle *o)
{
    smmu(o)->streams = smmu(o)->last_stream = 0;
}

static void own_now(struct search *s, struct visit *visit)
{
    visit->sid = s->q->source;
    visit->pasid = s->q->pasid;
    visit->present = (struct span) { streams_since(s->o, visit->sid), NEVER };
    contexts_visit(s, visit);
}

/* One that has left, and come back, may still have begun the request then. */
static void own_before(struct search *s, struct visit *visit)
{
    const struct oracle *o = s->o;

    visit->sid = s->q->source;
    visit->pasid = s->q->pasid;
    for ( size_t i = 0; i < o->formers; i++ )
    {
        visit->present = o->former[i].present;
        if ( o->former[i].source == visit->sid &&
             visit->present.end > s->q->t0 )
            contexts_visit(s, visit);
    }
}

void streams_visit_own(struct search *s, struct visit *visit)
{
    own_now(s, visit);
    own_before(s, visit);
}

void streams_visit(struct search *s, struct visit *visit)
{
    const struct smmu *m = smmu(s->o);
    bool known = false;

    for ( size_t i = 0; i < m->streams; i++ )
    {
        const struct stream *stream = &m->stream[i];

        visit->sid = stream->sid;
        visit->pasid = stream->pasid;
        visit->present = stream->present;
        known |= stream_is(stream, s->q->source, s->q->pasid);
        contexts_visit(s, visit);
    }
    if ( !known )
        own_now(s, visit);
    own_before(s, visit);
}
