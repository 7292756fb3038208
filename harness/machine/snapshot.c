/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots: the state is copied whole, memory frame by frame, each before its
 * first change, and brought back line by line; and the hash that says whether
 * two states agree.
 */
#include <machine/state.h>

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define STATE_START offsetof(struct machine, config)

/* ---- snapshots ---- */

static uint8_t *frame_at(struct control *c, uint64_t index)
{
    return c->frames + index * PAGE_SIZE;
}

static const uint8_t *saved_at(struct control *c, uint64_t n)
{
    return c->saved_frames.base + n * PAGE_SIZE;
}

static bool reserve(struct control *c)
{
    if ( c->saved_state.base )
        return true;
    if ( !arena_reserve(&c->saved_state, 0,
                        STATE_SIZE + FRAMES_MAX * sizeof(*c->undo) +
                            STATE_SIZE / PAGE_SIZE * sizeof(*c->changed)) )
        return false;
    if ( !arena_reserve(&c->saved_frames, 0, FRAMES_MAX * PAGE_SIZE) )
    {
        arena_release(&c->saved_state);
        return false;
    }
    c->undo = (uint64_t *)(c->saved_state.base + STATE_SIZE);
    c->changed = (uint32_t *)(c->undo + FRAMES_MAX);
    return true;
}

bool machine_snapshot(struct machine *m)
{
    struct control *c = &m->control;
    uint64_t i;

    if ( !reserve(c) )
        return false;
    machine_untrack(m);
    frames_settle(m);
    frames_unfill(c);
    c->snapshot = true;
    for ( i = 0; i < m->frame_count; i++ )
    {
        c->frame[i].lines = 0;
        c->frame[i].saved = false;
    }
    c->undo_count = 0;
    c->saved_used = m->used;
    c->saved_count = m->frame_count;
    memcpy(c->saved_state.base, (char *)m + STATE_START,
           m->used - STATE_START);
    return true;
}

/* The n-th part of the state that may have changed; size 0: there are no more.
 */
struct part {
    char *now, *saved;
    size_t size;
};

static struct part part_of_state(struct machine *m, uint64_t n)
{
    struct control *c = &m->control;
    uint64_t first = STATE_START, end = c->saved_used;

    if ( c->tracked_end && n < c->changed_count )
    {
        first = c->changed[n] * PAGE_SIZE;
        end = first + PAGE_SIZE < end ? first + PAGE_SIZE : end;
        first = first < STATE_START ? STATE_START : first;
    }
    else if ( n || c->tracked_end )
        end = first;
    return (struct part) { (char *)m + first,
                           (char *)c->saved_state.base + (first - STATE_START),
                           end - first };
}

/* As the snapshot has them; only those below @mark are known to it then. */
static void restore_frames(struct control *c, uint64_t mark)
{
    frames_unfill(c);
    for ( uint64_t i = 0; i < c->undo_count; i++ )
    {
        struct frame *frame = &c->frame[c->undo[i]];

        frame->saved = i < mark;
        if ( !frame->lines )
            continue;
        frame_lines(frame_at(c, c->undo[i]), saved_at(c, i), frame->lines);
        frame->lines = 0;
        frame->hashed = false;
    }
    c->undo_count = mark;
}

/* Copies that are put back may change all of these; lines don't tell, unless
 * they are put back themselves. */
static void expect_copies(struct machine *m)
{
    struct control *c = &m->control;

    for ( uint64_t i = 0; i < c->undo_count; i++ )
    {
        c->frame[c->undo[i]].lines = UINT64_MAX;
        c->frame[c->undo[i]].hashed = false;
    }
    for ( uint64_t i = c->saved_count; i < m->frame_count; i++ )
    {
        c->frame[i].lines = UINT64_MAX;
        c->frame[i].hashed = false;
    }
}

void machine_rewind(struct machine *m, uint64_t mark)
{
    struct part part;

    restore_frames(&m->control, mark);
    expect_copies(m);
    for ( uint64_t n = 0; (part = part_of_state(m, n)).size; n++ )
        pieces_take_back(part.now, part.saved, part.size);
}

void machine_restore(struct machine *m)
{
    struct control *c = &m->control;

    if ( !c->snapshot )
        return;
    if ( c->tracked_end )
    {
        machine_rewind(m, 0);
        return;
    }
    restore_frames(c, c->undo_count);
    memcpy((char *)m + STATE_START, c->saved_state.base,
           c->saved_used - STATE_START);
}

uint64_t machine_pieces(struct machine *m, machine_piece *piece, void *context)
{
    struct control *c = &m->control;
    struct part part;

    frames_settle(m);
    for ( uint64_t n = 0; (part = part_of_state(m, n)).size; n++ )
        pieces_give(part.now, part.saved, part.size, piece, context);
    if ( m->used > c->saved_used )
        piece(context, (char *)m + c->saved_used, m->used - c->saved_used);
    for ( uint64_t i = 0; i < c->undo_count; i++ )
    {
        struct frame *frame = &c->frame[c->undo[i]];

        piece(context, frame, sizeof(*frame));
        if ( frame->lines )
            pieces_give(frame_at(c, c->undo[i]), saved_at(c, i), PAGE_SIZE,
                        piece, context);
    }
    for ( uint64_t i = c->saved_count; i < m->frame_count; i++ )
    {
        piece(context, &c->frame[i], sizeof(c->frame[i]));
        piece(context, frame_at(c, i), PAGE_SIZE);
    }
    return c->undo_count;
}

/* ---- hash ---- */

static bool all_zero(const uint8_t *data)
{
    return !data[0] && !memcmp(data, data + 1, PAGE_SIZE - 1);
}

/*
 * A sum over frames, so that the order in which they were touched does not
 * matter.  A frame of zeros counts as one never touched.
 */
static void hash_frame(struct control *c, uint64_t index)
{
    struct frame *frame = &c->frame[index];
    const uint8_t *data = c->frames + index * PAGE_SIZE;
    XXH128_hash_t hash = { 0, 0 };

    if ( !all_zero(data) )
        hash = XXH3_128bits_withSeed(data, PAGE_SIZE, frame->mfn);
    frame->hash[0] = hash.low64;
    frame->hash[1] = hash.high64;
    frame->hashed = true;
}

static void add(uint64_t hash[2], uint64_t low, uint64_t high)
{
    hash[0] += low;
    hash[1] += high;
}

/* Changed p2m entries and the standing of frames are state as well. */
static void hash_map(const struct map *map, uint64_t seed, uint64_t hash[2])
{
    const struct map_slot *slot;
    uint64_t cursor = 0;

    while ( (slot = map_next(map, &cursor)) )
    {
        XXH128_hash_t h = XXH3_128bits_withSeed(slot, sizeof(*slot), seed);

        add(hash, h.low64, h.high64);
    }
}

void machine_hash(struct machine *m, uint64_t hash[2])
{
    struct control *c = &m->control;
    uint64_t i, special;

    hash[0] = hash[1] = 0;
    frames_settle(m);
    for ( i = 0; i < m->frame_count; i++ )
    {
        if ( map_get(&m->special, c->frame[i].mfn, &special) &&
             SPECIAL_STATE(special) == SPECIAL_FREE )
            continue;
        if ( !c->frame[i].hashed )
            hash_frame(c, i);
        add(hash, c->frame[i].hash[0], c->frame[i].hash[1]);
    }
    hash_map(&m->override, 1, hash);
    hash_map(&m->special, 2, hash);
}

void machine_hash_state(struct machine *m, uint64_t hash[2])
{
    XXH128_hash_t state = XXH3_128bits((char *)m + STATE_START,
                                       m->used - STATE_START);

    machine_hash(m, hash);
    add(hash, state.low64, state.high64);
}
