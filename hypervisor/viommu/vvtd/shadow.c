/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pass that brings shadow pages up to date.
 *
 * Depth first, with a stack of at most four frames: a link leads one level
 * down, so a guest table that links to itself ends after four.  A page that is
 * read whole is read once in a pass, however many ways lead there: that makes
 * the work O(pages).  A table that is newly linked is filled first and linked
 * then, so that a device never sees half of it.
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

/* ---- changing one entry ------------------------------------------------- */

static void note_dirty(struct shadow *s, const struct shadow_frame *frame,
                       bool leaf)
{
    unsigned int order = VTD_SL_ORDER(frame->page->key.level);
    uint64_t first = frame->base + ((uint64_t)frame->index << order);
    uint64_t last = first + (UINT64_C(1) << order) - 1;
    struct vvtd_space *space = s->space;

    if ( frame->shared )
    {
        s->flush_domain = true;
        return;
    }
    if ( !space->dirty )
    {
        space->dirty = space->leaf_only = true;
        space->dirty_first = first;
        space->dirty_last = last;
    }
    if ( first < space->dirty_first )
        space->dirty_first = first;
    if ( last > space->dirty_last )
        space->dirty_last = last;
    space->leaf_only &= leaf;
}

static void retire(struct vvtd *v, const struct piommu_entry *old,
                   unsigned int order)
{
    struct shadow *s = &v->shadow;

    if ( old->kind == PIOMMU_ENTRY_TABLE )
    {
        shadow_page_put(v, piommu_table_owner(old->table));
        return;
    }
    s->retired[s->retired_count].mfn = old->mfn;
    s->retired[s->retired_count++].order = order;
}

/* Write the entry, which is @old; @entry brings its reference or link with it.
 * True: what it was may be cached, and is flushed. */
static bool set_entry(struct vvtd *v, struct shadow_frame *frame,
                      const struct piommu_entry *old,
                      const struct piommu_entry *entry)
{
    struct shadow_page *page = frame->page;
    unsigned int order = VTD_SL_ORDER(page->key.level);

    if ( old->kind == PIOMMU_ENTRY_LEAF && entry->kind == old->kind &&
         mfn_eq(old->mfn, entry->mfn) && old->rights == entry->rights )
    {
        host_p2m_put(v->viommu.vd->d, old->mfn, order); /* held already */
        return false;
    }
    if ( old->kind == PIOMMU_ENTRY_NONE && entry->kind == old->kind )
        return false;
    piommu_table_set(page->table, frame->index, entry);
    if ( old->kind == PIOMMU_ENTRY_NONE )
        return false;
    note_dirty(&v->shadow, frame,
               old->kind == PIOMMU_ENTRY_LEAF &&
                   entry->kind != PIOMMU_ENTRY_TABLE);
    retire(v, old, order);
    return true;
}

/* The entry becomes @entry, which stands for @source. */
static void change(struct vvtd *v, struct shadow_frame *frame,
                   const struct piommu_entry *entry, uint64_t source,
                   enum shadow_state state)
{
    struct shadow_page *page = frame->page;
    unsigned int index = frame->index;
    struct piommu_entry old;
    bool noted;

    piommu_table_get(page->table, index, &old);
    noted = (page->source[index] != source || page->state[index] != state ||
             old.rights != entry->rights) &&
            shadow_former_note(v, page, index, old.rights);
    if ( !set_entry(v, frame, &old, entry) && noted )
        note_dirty(&v->shadow, frame, false);
    page->source[index] = source;
    page->state[index] = (uint8_t)state;
    if ( state == SHADOW_REFUSED )
    {
        v->viommu.vd->shadow_refused++;
        page->incomplete = true;
    }
    frame->index++;
}

static void set_none(struct vvtd *v, struct shadow_frame *frame,
                     uint64_t source, enum shadow_state state)
{
    const struct piommu_entry none = { .kind = PIOMMU_ENTRY_NONE };

    change(v, frame, &none, source, state);
}

/* ---- links -------------------------------------------------------------- */

/* Go below, into all of @child; it is linked when that is done. */
static void enter(struct vvtd *v, struct shadow_frame *frame,
                  struct shadow_page *child)
{
    struct shadow *s = &v->shadow;
    unsigned int order = VTD_SL_ORDER(frame->page->key.level);

    if ( child->generation != s->generation )
        push(s, child, frame->base + ((uint64_t)frame->index << order), true,
             frame->shared);
}

static void link_new(struct vvtd *v, struct shadow_frame *frame,
                     const struct shadow_key *key, unsigned int rights,
                     uint64_t source, enum shadow_state state)
{
    struct shadow_page *child;
    int rc = shadow_page_get(v, key, &child);

    if ( rc == -XEN_EAGAIN )
    {
        v->shadow.stage = SHADOW_FLUSH; /* make room, then try again */
        return;
    }
    if ( rc )
    {
        set_none(v, frame, source, SHADOW_REFUSED);
        return;
    }
    frame->child = child;
    frame->pending.source = source;
    frame->pending.rights = rights;
    frame->pending.state = state;
    enter(v, frame, child);
}

static void commit_link(struct vvtd *v, struct shadow_frame *frame)
{
    const struct piommu_entry entry = {
        .kind = PIOMMU_ENTRY_TABLE,
        .rights = frame->pending.rights,
        .table = frame->child->table,
    };

    if ( frame->child->incomplete && frame->page->key.rights )
        frame->page->incomplete = true;
    frame->child = NULL;
    change(v, frame, &entry, frame->pending.source, frame->pending.state);
}

static void link_table(struct vvtd *v, struct shadow_frame *frame,
                       const struct vvtd_entry *guest, uint64_t source)
{
    unsigned int level = frame->page->key.level;
    const struct shadow_key key = {
        .gfn = guest->gfn,
        .level = level - 1,
        /* Below the only entry of a page wider than the address width. */
        .limit = frame->page->key.limit == 1 &&
                         v->width < PAGE_SHIFT + VTD_SL_ORDER(level) ?
                     shadow_limit(level - 1, v->width) :
                     VTD_SL_ENTRIES,
    };

    link_new(v, frame, &key, guest->rights, source, SHADOW_MAPPED);
}

/* ---- leaves ------------------------------------------------------------- */

static bool is_ram(const struct host_p2m_entry *target)
{
    return target->type == HOST_P2M_RAM_RW || target->type == HOST_P2M_RAM_RO;
}

static mfn_t run_start(const struct host_p2m_entry *target)
{
    return _mfn(mfn_x(target->mfn) & ~((UINT64_C(1) << target->order) - 1));
}

/* The host has it in one piece, and the units can map such a piece. */
static void map_leaf(struct vvtd *v, struct shadow_frame *frame,
                     const struct vvtd_entry *guest, uint64_t source,
                     const struct host_p2m_entry *target)
{
    struct piommu_entry entry = {
        .kind = PIOMMU_ENTRY_LEAF,
        .rights = guest->rights,
        .mfn = target->mfn,
    };

    if ( target->type == HOST_P2M_RAM_RO )
        entry.rights &= ~PIOMMU_WRITE;
    if ( !entry.rights )
    {
        host_p2m_put(v->viommu.vd->d, run_start(target), target->order);
        set_none(v, frame, source, SHADOW_HOLE);
        return;
    }
    change(v, frame, &entry, source, SHADOW_MAPPED);
}

static void split_leaf(struct vvtd *v, struct shadow_frame *frame,
                       const struct vvtd_entry *guest, uint64_t source)
{
    const struct shadow_key key = {
        .gfn = guest->gfn,
        .level = frame->page->key.level - 1,
        .rights = guest->rights,
        .limit = VTD_SL_ENTRIES,
    };

    link_new(v, frame, &key, PIOMMU_READ | PIOMMU_WRITE, source, SHADOW_SPLIT);
}

static void sync_leaf(struct vvtd *v, struct shadow_frame *frame,
                      const struct vvtd_entry *guest, uint64_t source)
{
    unsigned int order = VTD_SL_ORDER(frame->page->key.level);
    struct piommu_capabilities able;
    struct host_p2m_entry target;

    if ( vvtd_msi_range(guest->gfn, order) )
    {
        if ( order )
            split_leaf(v, frame, guest, source);
        else
            set_none(v, frame, source, SHADOW_HOLE);
        return;
    }
    if ( host_p2m_get(v->viommu.vd->d, guest->gfn, order, &target) )
    {
        set_none(v, frame, source, SHADOW_REFUSED);
        return;
    }
    piommu_capabilities(v->viommu.vd->registry->piommu, &able);
    if ( !is_ram(&target) && target.order >= order )
        set_none(v, frame, source, SHADOW_HOLE);
    else if ( is_ram(&target) && target.order == order &&
              (!order || (able.superpages & (1u << order))) )
        map_leaf(v, frame, guest, source, &target);
    else
    {
        if ( is_ram(&target) )
            host_p2m_put(v->viommu.vd->d, run_start(&target), target.order);
        split_leaf(v, frame, guest, source);
    }
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
    struct shadow_page *page = frame->page;
    unsigned int index = frame->index;
    struct vvtd_entry guest;

    if ( source == page->source[index] && !v->shadow.from_source &&
         page->state[index] != SHADOW_REFUSED &&
         page->state[index] != SHADOW_UNREADABLE )
    {
        descend(v, frame);
        return;
    }
    guest = vvtd_entry_decode(v, page->key.level, source);
    if ( guest.kind == VVTD_ENTRY_TABLE )
        link_table(v, frame, &guest, source);
    else if ( guest.kind == VVTD_ENTRY_LEAF )
        sync_leaf(v, frame, &guest, source);
    else
        set_none(v, frame, source, SHADOW_ABSENT);
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
        set_none(v, frame, 0, SHADOW_UNREADABLE);
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

/* An entry of a split page stands for a part of the superpage. */
static void sync_split_entry(struct vvtd *v, struct shadow_frame *frame)
{
    const struct shadow_key *key = &frame->page->key;
    const struct vvtd_entry part = {
        .kind = VVTD_ENTRY_LEAF,
        .rights = key->rights,
        .gfn = gfn_add(key->gfn,
                       (uint64_t)frame->index << VTD_SL_ORDER(key->level)),
    };

    sync_leaf(v, frame, &part, 0);
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
        commit_link(v, frame);
    else if ( frame->index >= frame->end )
        s->depth--;
    else if ( frame->page->key.rights )
        sync_split_entry(v, frame);
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
