/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices' contexts as they are, and their tables: where P3 looks.
 */
#include "internal.h"

static void touch_whole(struct oracle *o, const struct context *context)
{
    if ( !context->fault && !context->silent )
        structure_touch(o, context->slptptr, 0, UINT64_MAX);
}

static bool same_context(const struct context *a, const struct context *b)
{
    return a->fault == b->fault && a->silent == b->silent && a->tt == b->tt &&
           a->aw == b->aw && a->did == b->did && a->slptptr == b->slptptr;
}

static uint64_t context_page_now(struct oracle *o, uint32_t source)
{
    uint64_t rtaddr = history_last(&vtd(o)->rtaddr)->value;
    struct context context = { 0 };
    struct raw128 raw = { .high = 0 };
    uint64_t ctp, at = vtd_root_entry_at(rtaddr, source);

    raw.readable = word_now(o, at, &raw.low);
    return vtd_decode_root(o, &raw, &context, &ctp) ? ctp : NEVER;
}

void vtd_contexts_changed(struct oracle *o)
{
    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        struct watch *device = &vtd(o)->watch[i];
        struct context now;

        device->context_page = context_page_now(o, device->source);
        vtd_context_now(o, device->source, &now);
        if ( same_context(&now, &device->context) )
            continue;
        touch_whole(o, &device->context);
        touch_whole(o, &now);
        if ( !device->context.fault && !device->context.silent )
            device->before = device->context;
        device->context = now;
        if ( !now.fault && !now.silent && now.tt != TT_PASS_THROUGH )
        {
            const struct walk_table top = { now.slptptr, 0,
                                            AW_LEVELS(now.aw) };

            structure_discover(o, &top, 0);
        }
    }
    vtd_undefined_contexts(o);
}

static void entry_changed(struct oracle *o, uint32_t format,
                          unsigned int level, uint64_t gpa, uint64_t value)
{
    struct entry entry;

    (void)format;
    (void)gpa;
    vtd_decode_entry(o, value, level, &entry);
    if ( entry.disputed )
        o->met |= BIT64(U_DISPUTED_BIT);
}

static bool is_context_page(const struct oracle *o, uint64_t page)
{
    if ( RTADDR_RTA(history_last(&vtd(o)->rtaddr)->value) == page )
        return true;
    for ( unsigned int i = 0; i < o->devices; i++ )
        if ( vtd(o)->watch[i].context_page == page )
            return true;
    return false;
}

void vtd_contexts_store(struct oracle *o, uint64_t gpa, uint64_t value)
{
    if ( is_context_page(o, gpa & ~PAGE_OFFSET) )
        vtd_contexts_changed(o);
    structure_store(o, gpa, value, entry_changed);
}

bool vtd_contexts_is_page(const struct oracle *o, uint64_t gpa)
{
    return history_last(&vtd(o)->tes)->value &&
           (is_context_page(o, gpa & ~PAGE_OFFSET) ||
            structure_is_table(o, gpa));
}
