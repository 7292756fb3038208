/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that are one byte all over: new ones, and those that were given back
 * and are poisoned.  Most of them nobody looks at before a snapshot is brought
 * back, so the bytes are written when somebody does.
 */
#include <machine/state.h>

#include <string.h>

static bool waits(const struct control *c, const struct frame *frame)
{
    return frame->filled == c->fills;
}

void frame_settle(struct machine *m, uint64_t index)
{
    struct control *c = &m->control;
    struct frame *frame = &c->frame[index];
    uint8_t *data = c->frames + index * PAGE_SIZE;

    if ( !waits(c, frame) )
        return;
    frame->filled = 0;
    frame_keep(c, index);
    if ( !frame->fill && !(c->snapshot && index < c->saved_count) )
    {
        /* Its other lines are zero still. */
        frame_lines(data, NULL, frame->lines);
        frame->lines = 0;
        return;
    }
    memset(data, frame->fill, PAGE_SIZE);
    frame->lines = UINT64_MAX;
}

void frames_settle(struct machine *m)
{
    for ( uint64_t i = 0; i < m->frame_count; i++ )
        frame_settle(m, i);
}

void frames_unfill(struct control *c)
{
    c->fills++;
}

bool frame_fill(struct machine *m, uint64_t mfn, uint8_t byte)
{
    struct control *c = &m->control;
    struct frame *frame;
    uint64_t index;

    touch(m, MACHINE_MEMORY, mfn << PAGE_SHIFT,
          (mfn << PAGE_SHIFT) + PAGE_SIZE - 1, true);
    if ( !frame_find(m, mfn, &index) )
        return false;
    frame = &c->frame[index];
    frame->fill = byte;
    frame->filled = c->fills;
    frame->hashed = false;
    m->hint[mfn % FRAME_CACHE].mfn = NO_MFN;
    return true;
}
