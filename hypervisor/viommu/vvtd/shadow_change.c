/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing one entry of the shadow: to a leaf, to a link, to nothing; and what
 * of it has to be flushed and given back then.
 *
 * A table that is newly linked is filled first and linked then, so that a
 * device never sees half of it.
 */
#include <viommu/vvtd/vvtd.h>

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
    shadow_enter(v, frame, child);
}

void shadow_change_link(struct vvtd *v, struct shadow_frame *frame)
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

/* ---- from the pass ------------------------------------------------------ */

void shadow_change_entry(struct vvtd *v, struct shadow_frame *frame,
                         uint64_t source)
{
    struct vvtd_entry guest = vvtd_entry_decode(v, frame->page->key.level,
                                                source);

    if ( guest.kind == VVTD_ENTRY_TABLE )
        link_table(v, frame, &guest, source);
    else if ( guest.kind == VVTD_ENTRY_LEAF )
        sync_leaf(v, frame, &guest, source);
    else
        set_none(v, frame, source, SHADOW_ABSENT);
}

void shadow_change_unreadable(struct vvtd *v, struct shadow_frame *frame)
{
    set_none(v, frame, 0, SHADOW_UNREADABLE);
}

/* An entry of a split page stands for a part of the superpage. */
void shadow_change_part(struct vvtd *v, struct shadow_frame *frame)
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
