/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event records (7.3): what one must be, and how one that is there compares.
 */
#include "internal.h"

/* Which fields an event has. */
#define HAS_SUBSTREAM 1u /* SSV and SSID */
#define HAS_INDEX     2u /* SSID without SSV */
#define HAS_ACCESS    4u /* PnU, InD, RnW, S2, CLASS, InputAddr */
#define HAS_IPA       8u /* if S2 */
#define HAS_FETCH     16u
#define HAS_REASON    32u /* IMPLEMENTATION DEFINED */

static unsigned int fields_of(unsigned int event)
{
    switch ( event )
    {
    case 0x06:
        return 0;
    case 0x08:
        return HAS_INDEX;
    case 0x03:
    case 0x09:
        return HAS_SUBSTREAM | HAS_FETCH | HAS_REASON;
    case 0x0b:
        return HAS_SUBSTREAM | HAS_ACCESS | HAS_FETCH | HAS_REASON;
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13:
        return HAS_SUBSTREAM | HAS_ACCESS | HAS_IPA;
    default:
        return HAS_SUBSTREAM;
    }
}

static void make_access(const struct query *q, const struct legal *l,
                        struct record *r)
{
    r->word[1] |= EVENT1_CLASS(DETAIL_CLASS_OF(l->detail)) |
                  (l->detail & DETAIL_S2 ? EVENT1_S2 : 0) |
                  (l->detail & DETAIL_PRIV ? EVENT1_PNU : 0) |
                  (l->detail & DETAIL_INST ? EVENT1_IND : 0) |
                  (q->write && !(l->detail & DETAIL_READS) ? 0 : EVENT1_RNW);
    r->word[2] = q->iova;
    if ( l->fault->reason == 0x13 && DETAIL_CLASS_OF(l->detail) == CLASS_TT )
        r->word[1] |= EVENT1_TTRNW;
}

void record_make(const struct query *q, const struct legal *l,
                 struct record *r)
{
    unsigned int fields = fields_of(l->fault->reason);
    bool substream = q->pasid != UINT32_MAX;

    *r = (struct record) { { l->fault->reason | EVENT0_SID(q->source) } };
    if ( (fields & HAS_SUBSTREAM) && substream )
        r->word[0] |= EVENT0_SSV | EVENT0_SSID(q->pasid);
    if ( (fields & HAS_INDEX) && substream )
        r->word[0] |= EVENT0_SSID(q->pasid);
    if ( fields & HAS_ACCESS )
        make_access(q, l, r);
    if ( fields & HAS_FETCH )
        r->word[3] = l->address & EVENT3_FETCH;
    if ( (fields & HAS_IPA) && (l->detail & DETAIL_S2) )
        r->word[3] = l->address & EVENT3_IPA;
}

bool record_read(struct oracle *o, uint64_t at, struct record *r)
{
    const struct oracle_world *world = &o->config.world;
    bool readable = true;

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        readable &= world->read64(world->context, at + 8 * i, &r->word[i]);
    return readable;
}

/* Fields that are UNKNOWN, or that sources lay out differently. */
void record_mask(const struct oracle *o, const struct record *want,
                 struct record *mask)
{
    unsigned int fields = fields_of(EVENT0_TYPE(want->word[0]));

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        mask->word[i] = UINT64_MAX;
    if ( !(fields & HAS_SUBSTREAM) )
        mask->word[0] &= ~EVENT0_SSV;
    else if ( !(want->word[0] & EVENT0_SSV) )
        mask->word[0] &= ~EVENT0_SSID(UINT32_MAX);
    if ( fields & HAS_REASON )
        mask->word[1] &= ~EVENT1_REASON;
    if ( EVENT0_TYPE(want->word[0]) == 0x13 &&
         !(want->word[1] & EVENT1_TTRNW) )
        mask->word[1] &= ~EVENT1_TTRNW;
    if ( (fields & HAS_IPA) && !(want->word[1] & EVENT1_S2) )
        mask->word[3] = 0;
    /* What a unit shows of an address that is wider than its own is open. */
    if ( (fields & HAS_FETCH) && above_haw(o, want->word[3]) )
        mask->word[3] = below_haw(o, UINT64_MAX);
    /* A stage 2 event, from which it is made, tells the page alone. */
    if ( o->config.virtual_unit && EVENT0_TYPE(want->word[0]) == 0x0b )
        mask->word[3] &= EVENT3_IPA;
}

bool record_same(const struct record *want, const struct record *have,
                 const struct record *mask)
{
    uint64_t differ = 0;

    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        differ |= (want->word[i] ^ have->word[i]) & mask->word[i];
    return !differ;
}

bool record_equal(struct oracle *o, const struct query *a,
                  const struct legal *l, const struct query *b,
                  const struct legal *m)
{
    struct record one, other, mask;

    record_make(a, l, &one);
    record_make(b, m, &other);
    record_mask(o, &one, &mask);
    return record_same(&one, &other, &mask);
}
