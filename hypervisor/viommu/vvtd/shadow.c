/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pass that brings shadow pages up to date.
 *
 * Depth first, with a stack of at most four frames: a link leads one level
 * down, so a guest table that links to itself ends after four.  A page that is
 * read whole is read once in a pass, however many ways lead there: that makes
 * the work O(pages).
 *
 * Stages: SYNC changes entries and remembers what they held; FLUSH and POLL
 * have the physical units forget it; DROP gives it back.  When there is no
 * room to remember more, the three come in the middle of a pass.
 */
#include <viommu/vvtd/vvtd.h>

unsigned int shadow_limit(unsigned int level, unsigned int width)
{
    unsigned int shift = PAGE_SHIFT + VTD_SL_ORDER(level);

    if ( width <= shift )
        return 1;
    return width >= shift + 9 ? VTD_SL_ENTRIES : 1u << (width - shift);
}

static struct shadow_frame *top_frame(struct shadow *s)
{
    return &s->frame[s->depth - 1];
}

static void push(struct shadow *s, struct shadow_page *page, uint64_t base,
                 bool whole, bool shared)
{
    struct shadow_frame *frame = &s->frame[s->depth++];
    unsigned int order = VTD_SL_ORDER(page->key.level), run;

    *frame = (struct shadow_frame) {
        .page = page,
        .end = page->key.limit,
        .base = base,
        .whole = whole,
        .shared = shared || page->links > 1,
    };
    if ( whole )
    {
        page->generation = s->generation;
        page->incomplete = false;
        return;
    }
    /* The entries that the block touches: one, or an aligned run. */
    run = 1u << (s->order > order ? s->order - order : 0);
    frame->index = (unsigned int)(s->dfn >> order) % VTD_SL_ENTRIES;
    if ( frame->index + run < frame->end )
        frame->end = frame->index + run;
}

void shadow_enter(struct vvtd *v, struct shadow_frame *frame,
                  struct shadow_page *child)
{
    struct shadow *s = &v->shadow;
    unsigned int order = VTD_SL_ORDER(frame->page->key.level);

    if ( child->generation != s->generation )
        push(s, child, frame->base + ((uint64_t)frame->index << order), true,
             frame->shared);
}

/* ---- one entry ---------------------------------------------------------- */

/* An entry that says what it said before: only what is below may differ. */
static void descend(struct vvtd *v, struct shadow_frame *frame)
{
    struct shadow *s = &v->shadow;
    struct shadow_page *page = frame->page, *child;
    unsigned int order = VTD_SL_ORDER(page->key.level), index = frame->index;
    uint64_t base = frame->base + ((uint64_t)index << order);
    struct vvtd_entry guest = vvtd_entry_decode(v, page->key.level,
                                                page->source[index]);

    frame->index++;
    if ( page->state[index] == SHADOW_SPLIT )
    {
        child = shadow_page_child(page, index);
        if ( child->incomplete && child->generation != s->generation )
            push(s, child, base, true, frame->shared);
    }
    else if ( guest.kind == VVTD_ENTRY_TABLE )
    {
        child = shadow_page_child(page, index);
        if ( child->generation != s->generation )
            push(s, child, base, frame->whole || order <= s->order,
                 frame->shared);
    }
}

/* The guest's entry says what it said, and nothing is below that could differ:
 * as most of a table do. */
static bool settled(const struct shadow_page *page, unsigned int index,
                    uint64_t source)
{
    if ( source != page->source[index] )
        return false;
    switch ( page->state[index] )
    {
    case SHADOW_ABSENT:
    case SHADOW_HOLE:
        return true;
    case SHADOW_MAPPED:
        return page->key.level == 1;
    default:
        return false;
    }
}

/* Entry frame->index of the guest's table. */
static void sync_entry(struct vvtd *v, struct shadow_frame *frame,
                       uint64_t source)
{
    const struct shadow_page *page = frame->page;
    unsigned int index = frame->index;

    if ( source == page->source[index] && !v->shadow.from_source &&
         page->state[index] != SHADOW_REFUSED &&
         page->state[index] != SHADOW_UNREADABLE )
        descend(v, frame);
    else
        shadow_change_entry(v, frame, source);
}

/* Read on, as far as the line goes, and up to the first entry that is not
 * settled; true: there was none.  What was read behind it is read again in its
 * turn, so that no entry waits between its reading and its use. */
static bool sync_line(struct vvtd *v, struct shadow_frame *frame)
{
    struct shadow_page *page = frame->page;
    unsigned int count = SHADOW_LINE - frame->index % SHADOW_LINE, i = 0;
    uint64_t line[SHADOW_LINE];

    if ( count > frame->end - frame->index )
        count = frame->end - frame->index;
    if ( host_guest_read(v->viommu.vd->d,
                         gfn_to_gaddr(page->key.gfn) +
                             frame->index * sizeof(line[0]),
                         line, count * sizeof(line[0])) )
    {
        shadow_change_unreadable(v, frame);
        return false;
    }
    while ( i < count && settled(page, frame->index, line[i]) )
    {
        frame->index++;
        i++;
    }
    if ( i == count )
        return true;
    sync_entry(v, frame, line[i]);
    return false;
}

static void sync_lines(struct vvtd *v, struct shadow_frame *frame)
{
    unsigned int lines = SHADOW_LINES;

    while ( lines-- && sync_line(v, frame) && frame->index < frame->end )
        ;
}

static void sync_step(struct vvtd *v)
{
    struct shadow *s = &v->shadow;
    struct shadow_frame *frame;

    if ( !s->depth || s->retired_count == SHADOW_RETIRED ||
         s->formers == SHADOW_FORMERS )
    {
        s->stage = SHADOW_FLUSH;
        return;
    }
    frame = top_frame(s);
    if ( frame->child )
        shadow_change_link(v, frame);
    else if ( frame->index >= frame->end )
        s->depth--;
    else if ( frame->page->key.rights )
        shadow_change_part(v, frame);
    else if ( s->from_source )
        sync_entry(v, frame, frame->page->source[frame->index]);
    else
        sync_lines(v, frame);
}

/* ---- flush, poll, drop -------------------------------------------------- */

/* The smallest aligned block around what was changed. */
static void flush_of(const struct vvtd_space *space,
                     struct piommu_flush *flush)
{
    *flush = (struct piommu_flush) {
        .space = space->space,
        .leaf_only = space->leaf_only,
    };
    while ( space->dirty_first >> flush->order !=
            space->dirty_last >> flush->order )
        flush->order++;
    flush->dfn = _dfn(space->dirty_first >> flush->order << flush->order);
}

static int flush_step(struct vvtd *v)
{
    struct piommu *piommu = v->viommu.vd->registry->piommu;
    struct shadow *s = &v->shadow;
    struct piommu_flush flush = { .domain = v->viommu.vd->d, .all = true };
    struct vvtd_space *space;
    int rc;

    if ( s->flush_domain )
    {
        rc = piommu_flush(piommu, &flush, &s->token);
        if ( rc )
            return rc;
        s->flush_domain = false;
        for ( space = v->spaces; space; space = space->next )
            space->dirty = false;
    }
    for ( space = v->spaces; space; space = space->next )
    {
        if ( !space->dirty )
            continue;
        flush_of(space, &flush);
        rc = piommu_flush(piommu, &flush, &s->token);
        if ( rc )
            return rc;
        space->dirty = false;
    }
    s->stage = SHADOW_POLL;
    return 0;
}

static void drop_step(struct vvtd *v)
{
    struct shadow *s = &v->shadow;

    if ( s->retired_count )
    {
        s->retired_count--;
        host_p2m_put(v->viommu.vd->d, s->retired[s->retired_count].mfn,
                     s->retired[s->retired_count].order);
    }
    else if ( !shadow_page_drop(v) )
        s->stage = s->depth ? SHADOW_SYNC : SHADOW_IDLE;
}

int shadow_step(struct vvtd *v)
{
    struct shadow *s = &v->shadow;
    int rc = 0;

    switch ( s->stage )
    {
    case SHADOW_IDLE:
        break;
    case SHADOW_SYNC:
        sync_step(v);
        break;
    case SHADOW_FLUSH:
        rc = flush_step(v);
        break;
    case SHADOW_POLL:
        rc = piommu_flush_poll(v->viommu.vd->registry->piommu, &s->token);
        if ( rc )
            break;
        shadow_former_forget(v);
        s->stage = SHADOW_DROP;
        break;
    case SHADOW_DROP:
        drop_step(v);
        break;
    }
    return rc;
}

/* ---- entry points ------------------------------------------------------- */

void shadow_pass(struct vvtd *v)
{
    v->shadow.generation++;
}

void shadow_sync(struct vvtd *v, struct vvtd_space *space, uint64_t dfn,
                 unsigned int order)
{
    struct shadow *s = &v->shadow;
    struct shadow_page *root = space->root;
    unsigned int width = VTD_SL_ORDER(root->key.level + 1);

    s->space = space;
    s->from_source = false;
    s->order = order < width ? order : width;
    s->dfn = dfn & ~((UINT64_C(1) << s->order) - 1);
    /* Beyond the space's width nothing is mapped. */
    if ( (s->order < width && dfn >> width) ||
         root->generation == s->generation )
        return;
    push(s, root, 0, s->order == width, false);
    s->stage = SHADOW_SYNC;
}

void shadow_resolve(struct vvtd *v, struct shadow_page *page,
                    unsigned int index)
{
    struct shadow *s = &v->shadow;

    s->from_source = true;
    s->dfn = s->order = 0;
    push(s, page, 0, false, true);
    s->frame[0].index = index;
    s->frame[0].end = index + 1;
    s->stage = SHADOW_SYNC;
}

void shadow_finish(struct vvtd *v)
{
    v->shadow.stage = SHADOW_FLUSH;
}

void shadow_abort(struct vvtd *v)
{
    struct shadow *s = &v->shadow;

    while ( s->depth )
    {
        struct shadow_frame *frame = top_frame(s);

        if ( frame->child )
            shadow_page_put(v, frame->child);
        s->depth--;
    }
    s->formers = 0;
    s->stage = SHADOW_DROP;
}
