/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What entries of the shadow stood for before they were changed, until nobody
 * meets that any more: a fault of then is explained by it.
 *
 * Most entries need not be remembered.  One that maps nothing says no more
 * than that a right is missing, which the access tells; one that maps memory
 * with all the rights of the guest's leaf stops nobody else.
 */
#include <viommu/vvtd/vvtd.h>

static bool explains(const struct shadow_entry *entry)
{
    const struct vvtd_entry *guest = &entry->guest;

    switch ( entry->state )
    {
    case SHADOW_ABSENT:
        return guest->kind == VVTD_ENTRY_RESERVED;
    case SHADOW_MAPPED:
        return guest->kind == VVTD_ENTRY_TABLE ||
               entry->rights != (entry->page->key.rights ?
                                     entry->page->key.rights :
                                     guest->rights);
    default:
        return true;
    }
}

static bool has_child(enum vvtd_entry_kind kind, enum shadow_state state)
{
    return state == SHADOW_SPLIT ||
           (state == SHADOW_MAPPED && kind == VVTD_ENTRY_TABLE);
}

static struct shadow_entry entry_of(const struct vvtd *v,
                                    struct shadow_page *page,
                                    unsigned int index, unsigned int rights)
{
    struct shadow_entry entry = { .page = page,
                                  .index = index,
                                  .state = page->state[index],
                                  .guest = vvtd_entry_decode(
                                      v, page->key.level, page->source[index]),
                                  .rights = rights };

    if ( has_child(entry.guest.kind, entry.state) )
        entry.child = shadow_page_child(page, index);
    return entry;
}

struct shadow_entry shadow_entry_now(const struct vvtd *v,
                                     struct shadow_page *page,
                                     unsigned int index)
{
    struct shadow_entry entry = entry_of(v, page, index, 0);
    struct piommu_entry shadow;

    if ( entry.state == SHADOW_MAPPED && !entry.child )
    {
        piommu_table_get(page->table, index, &shadow);
        entry.rights = shadow.rights;
    }
    return entry;
}

bool shadow_former_note(struct vvtd *v, struct shadow_page *page,
                        unsigned int index, unsigned int rights)
{
    struct shadow *s = &v->shadow;
    const struct shadow_entry entry = entry_of(v, page, index, rights);

    if ( !explains(&entry) )
        return false;
    s->former[s->formers++] = entry;
    return true;
}

struct shadow_entry shadow_entry_former(const struct vvtd *v,
                                        struct shadow_page *page,
                                        unsigned int index)
{
    const struct shadow *s = &v->shadow;
    unsigned int i;

    for ( i = 0; i < s->formers; i++ )
        if ( s->former[i].page == page && s->former[i].index == index )
            return s->former[i];
    return shadow_entry_now(v, page, index);
}

void shadow_former_forget(struct vvtd *v)
{
    if ( !v->shadow.formers )
        return;
    vvtd_faults_collect(v, NULL, NULL);
    v->shadow.formers = 0;
}
