/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow tables of one vvtd: pages, spaces, and the pass that brings them up
 * to date.
 *
 * A shadow page stands for one guest table page, at one level, whoever links
 * to it; a *split* page stands for a guest superpage that the p2m can't give
 * in one piece.  Both are shared, so memory is bounded by the number of
 * distinct guest pages, and by the domain's limit.
 */
#ifndef VVTD_SHADOW_H
#define VVTD_SHADOW_H

#include <piommu/vtd/layout.h>
#include <piommu.h>

struct vvtd;

enum vvtd_entry_kind {
    VVTD_ENTRY_NONE,
    VVTD_ENTRY_RESERVED, /* reserved bits are set */
    VVTD_ENTRY_LEAF,
    VVTD_ENTRY_TABLE,
};

/* A guest's entry. */
struct vvtd_entry {
    enum vvtd_entry_kind kind;
    unsigned int rights;
    gfn_t gfn;
};

/* What an entry of a shadow page stands for. */
enum shadow_state {
    SHADOW_ABSENT,     /* the guest's entry maps nothing */
    SHADOW_MAPPED,     /* leaf for leaf, or table for table */
    SHADOW_SPLIT,      /* the guest's leaf is a split page here */
    SHADOW_HOLE,       /* the guest's leaf leads to no usable memory */
    SHADOW_REFUSED,    /* no memory, or the limit */
    SHADOW_UNREADABLE, /* the guest's table is not in RAM */
};

struct shadow_key {
    gfn_t gfn;           /* of the guest table, or first of the superpage */
    unsigned int level;  /* 1..4 */
    unsigned int rights; /* split page: of the superpage; 0: guest table */
    unsigned int limit;  /* entries within the address width */
};

struct shadow_page {
    struct shadow_page *hash_next;
    struct shadow_page *next, **link; /* all pages in the hash */
    struct shadow_key key;
    struct piommu_table *table;
    unsigned int links;  /* entries and spaces that lead here */
    uint64_t generation; /* of the pass that read all of it last */
    bool incomplete;     /* split page: something below was refused */
    unsigned int drop;   /* dead: entries given back so far */
    uint64_t source[VTD_SL_ENTRIES]; /* guest entries as last read */
    uint8_t state[VTD_SL_ENTRIES];   /* enum shadow_state */
};

struct vvtd_space {
    struct vvtd_space *next;
    uint16_t did; /* the guest's */
    struct shadow_page *root;
    struct piommu_space *space;
    unsigned int devices;
    /* Changed since the last flush: first and last page. */
    bool dirty, leaf_only;
    uint64_t dirty_first, dirty_last;
};

#define SHADOW_BUCKETS 512u
#define SHADOW_RETIRED 128u
#define SHADOW_LINE    8u /* entries of the guest that are read together */
#define SHADOW_LINES   8u /* in one step, if nothing is new in them */

enum shadow_stage {
    SHADOW_IDLE,
    SHADOW_SYNC,  /* reading guest tables, changing entries */
    SHADOW_FLUSH, /* submitting what the changes need */
    SHADOW_POLL,  /* the physical units have not answered yet */
    SHADOW_DROP,  /* giving back references and pages */
};

/* A page that the pass is in.  Levels fall strictly, so four are enough. */
struct shadow_frame {
    struct shadow_page *page;
    unsigned int index, end;
    uint64_t base; /* device page of entry 0 */
    bool whole;    /* every entry of it, and all below */
    bool shared;   /* more than one way leads here: flush all spaces */
    /* The page below is being filled; then it is linked. */
    struct shadow_page *child;
    struct {
        uint64_t source;
        unsigned int rights;
        enum shadow_state state;
    } pending;
};

/* What an entry stands for, or stood for. */
struct shadow_entry {
    struct shadow_page *page;
    unsigned int index;
    enum shadow_state state;
    struct vvtd_entry guest;   /* nothing in a split page */
    unsigned int rights;       /* of a leaf that is mapped: what it gives */
    struct shadow_page *child; /* of a table, or split; or NULL */
};

#define SHADOW_FORMERS 16u

struct shadow {
    struct shadow_page *bucket[SHADOW_BUCKETS];
    struct shadow_page *pages;
    struct shadow_page *dead; /* no way leads there; see I2 */
    uint64_t generation;

    enum shadow_stage stage;
    struct shadow_frame frame[4];
    unsigned int depth;
    struct vvtd_space *space;
    bool from_source; /* the p2m changed: entries as they were last read */
    uint64_t dfn;     /* the block to be synchronised */
    unsigned int order;

    bool flush_domain;
    struct piommu_token token;
    struct {
        mfn_t mfn;
        unsigned int order;
    } retired[SHADOW_RETIRED]; /* references to drop after the flush */
    unsigned int retired_count;

    /* Changed, and not flushed yet: see shadow_former.c. */
    struct shadow_entry former[SHADOW_FORMERS];
    unsigned int formers;
};

/* ---- guest entries (walk.c) --------------------------------------------- */

struct vvtd_entry vvtd_entry_decode(const struct vvtd *v, unsigned int level,
                                    uint64_t value);

/* Does the run touch the interrupt address range? */
bool vvtd_msi_range(gfn_t gfn, unsigned int order);

/* ---- pages (shadow_page.c) ---------------------------------------------- */

/* The page of @key with one more link; made if there is none.  -XEN_EAGAIN:
 * dead pages must be given back first; -XEN_ENOMEM: refused. */
int shadow_page_get(struct vvtd *v, const struct shadow_key *key,
                    struct shadow_page **page);
void shadow_page_put(struct vvtd *v, struct shadow_page *page);

/* Give back one entry or one page of the dead; false: there are none. */
bool shadow_page_drop(struct vvtd *v);

/* The page that a table entry leads to. */
struct shadow_page *shadow_page_child(const struct shadow_page *page,
                                      unsigned int index);

/* ---- what faults are explained by (shadow_former.c) ---------------------- */

struct shadow_entry shadow_entry_now(const struct vvtd *v,
                                     struct shadow_page *page,
                                     unsigned int index);
/* Before it was changed, if the hardware may still meet that. */
struct shadow_entry shadow_entry_former(const struct vvtd *v,
                                        struct shadow_page *page,
                                        unsigned int index);

/* It gives @rights, and is about to change.  True: it must be flushed, and
 * then forgotten; there is room for SHADOW_FORMERS. */
bool shadow_former_note(struct vvtd *v, struct shadow_page *page,
                        unsigned int index, unsigned int rights);

/* It was flushed: record what was met, then forget it. */
void shadow_former_forget(struct vvtd *v);

/* ---- one entry (shadow_change.c) ---------------------------------------- */

/* The entry that a frame is at becomes what the guest's @source says, or a
 * part of a superpage; what can't be read; or the link to the child that has
 * been filled.  The frame goes on, unless a child is to be filled first. */
void shadow_change_entry(struct vvtd *v, struct shadow_frame *frame,
                         uint64_t source);
void shadow_change_part(struct vvtd *v, struct shadow_frame *frame);
void shadow_change_unreadable(struct vvtd *v, struct shadow_frame *frame);
void shadow_change_link(struct vvtd *v, struct shadow_frame *frame);

/* ---- passes (shadow.c) -------------------------------------------------- */

/* A new pass: pages that were read in an earlier one are read again. */
void shadow_pass(struct vvtd *v);

/* Synchronise 2^order pages of a space, or all of it; then flush and drop. */
void shadow_sync(struct vvtd *v, struct vvtd_space *space, uint64_t dfn,
                 unsigned int order);
#define SHADOW_ALL 63u

/* Go below, into all of @child, before it is linked. */
void shadow_enter(struct vvtd *v, struct shadow_frame *frame,
                  struct shadow_page *child);

/* Look up the target of one entry again: the p2m has changed. */
void shadow_resolve(struct vvtd *v, struct shadow_page *page,
                    unsigned int index);

/* Flush and drop what was released outside a pass. */
void shadow_finish(struct vvtd *v);

/* One step.  0: go on (or idle); -XEN_EAGAIN: the hardware is not ready;
 * -XEN_EIO: it never will be. */
int shadow_step(struct vvtd *v);

/* No device can reach anything any more: forget the pass. */
void shadow_abort(struct vvtd *v);

/* Entries of a page of @level below 2^width. */
unsigned int shadow_limit(unsigned int level, unsigned int width);

#endif /* VVTD_SHADOW_H */
