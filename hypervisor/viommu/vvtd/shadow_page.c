/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow pages: found by key, counted by links, given back after the flush
 * that follows the loss of the last link (piommu.h, I2).
 */
#include <viommu/vvtd/vvtd.h>

static struct shadow_page **bucket_of(struct shadow *shadow,
                                      const struct shadow_key *key)
{
    uint64_t hash = gfn_x(key->gfn) * UINT64_C(0x9e3779b97f4a7c15);

    return &shadow->bucket[((hash >> 32) + key->level) % SHADOW_BUCKETS];
}

static bool same_key(const struct shadow_key *a, const struct shadow_key *b)
{
    return gfn_eq(a->gfn, b->gfn) && a->level == b->level &&
           a->rights == b->rights && a->limit == b->limit;
}

static struct shadow_page *find(struct shadow *shadow,
                                const struct shadow_key *key)
{
    struct shadow_page *page = *bucket_of(shadow, key);

    while ( page && !same_key(&page->key, key) )
        page = page->hash_next;
    return page;
}

static void insert(struct shadow *shadow, struct shadow_page *page)
{
    struct shadow_page **bucket = bucket_of(shadow, &page->key);

    page->hash_next = *bucket;
    *bucket = page;
    page->next = shadow->pages;
    page->link = &shadow->pages;
    if ( page->next )
        page->next->link = &page->next;
    shadow->pages = page;
}

static void take_out(struct shadow *shadow, struct shadow_page *page)
{
    struct shadow_page **at = bucket_of(shadow, &page->key);

    while ( *at != page )
        at = &(*at)->hash_next;
    *at = page->hash_next;
    *page->link = page->next;
    if ( page->next )
        page->next->link = page->link;
}

static int make(struct vvtd *v, const struct shadow_key *key,
                struct shadow_page **page)
{
    struct viommu_domain *vd = v->viommu.vd;
    int rc;

    if ( vd->shadow_pages >= vd->shadow_limit )
        return v->shadow.dead ? -XEN_EAGAIN : -XEN_ENOMEM;
    *page = host_zalloc(vvtd_host(v), vd->d, sizeof(**page));
    if ( !*page )
        return -XEN_ENOMEM;
    rc = piommu_table_create(vd->registry->piommu, vd->d, key->level,
                             &(*page)->table);
    if ( rc )
    {
        host_free(vvtd_host(v), *page);
        return -XEN_ENOMEM;
    }
    piommu_table_set_owner((*page)->table, *page);
    (*page)->key = *key;
    insert(&v->shadow, *page);
    vd->shadow_pages++;
    return 0;
}

int shadow_page_get(struct vvtd *v, const struct shadow_key *key,
                    struct shadow_page **page)
{
    int rc = 0;

    *page = find(&v->shadow, key);
    if ( !*page )
        rc = make(v, key, page);
    if ( !rc )
        (*page)->links++;
    return rc;
}

void shadow_page_put(struct vvtd *v, struct shadow_page *page)
{
    if ( --page->links )
        return;
    take_out(&v->shadow, page);
    page->next = v->shadow.dead;
    v->shadow.dead = page;
}

struct shadow_page *shadow_page_child(const struct shadow_page *page,
                                      unsigned int index)
{
    struct piommu_entry entry;

    piommu_table_get(page->table, index, &entry);
    return piommu_table_owner(entry.table);
}

/* What one entry of a dead page holds: a reference, or a link. */
static void drop_entry(struct vvtd *v, struct shadow_page *page,
                       unsigned int index)
{
    struct piommu_entry entry;

    if ( page->state[index] != SHADOW_MAPPED &&
         page->state[index] != SHADOW_SPLIT )
        return;
    piommu_table_get(page->table, index, &entry);
    if ( entry.kind == PIOMMU_ENTRY_LEAF )
        host_p2m_put(v->viommu.vd->d, entry.mfn,
                     VTD_SL_ORDER(page->key.level));
    else if ( entry.kind == PIOMMU_ENTRY_TABLE )
        shadow_page_put(v, piommu_table_owner(entry.table));
}

/* The next entry from page->drop on that may hold something: most of a page
 * were never anything, and that is seen of eight at once. */
static bool next_entry(struct shadow_page *page)
{
    uint64_t states;

    _Static_assert(SHADOW_ABSENT == 0, "a page begins with it");
    while ( page->drop < VTD_SL_ENTRIES && page->drop % sizeof(states) == 0 )
    {
        memcpy(&states, &page->state[page->drop], sizeof(states));
        if ( states )
            return true;
        page->drop += sizeof(states);
    }
    return page->drop < VTD_SL_ENTRIES;
}

bool shadow_page_drop(struct vvtd *v)
{
    struct shadow_page *page = v->shadow.dead;
    unsigned int done = 0;

    if ( !page )
        return false;
    v->shadow.dead = page->next;
    while ( next_entry(page) )
    {
        if ( done && !(done % 8) && host_preempt_check(vvtd_host(v)) )
        {
            page->next = v->shadow.dead;
            v->shadow.dead = page;
            return true;
        }
        drop_entry(v, page, page->drop++);
        done++;
    }
    piommu_table_destroy(page->table);
    host_free(vvtd_host(v), page);
    v->viommu.vd->shadow_pages--;
    return true;
}
