/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation as section 3 describes it: the decoders of root, context and
 * second-level entries, and the walk over what memory holds now.  The order of
 * the checks is that of section 7.1.3.
 */
#include "internal.h"

const struct fault_rule *vtd_fault_rule(enum fault_id id)
{
    static const struct fault_rule rules[FAULT_COUNT] = {
        [FAULT_LRT_1] = { 0x08, "LRT.1", false },
        [FAULT_LRT_2] = { 0x01, "LRT.2", false },
        [FAULT_LRT_3] = { 0x0a, "LRT.3", false },
        [FAULT_LCT_1] = { 0x09, "LCT.1", false },
        [FAULT_LCT_2] = { 0x02, "LCT.2", true },
        [FAULT_LCT_3] = { 0x0b, "LCT.3", true },
        [FAULT_LCT_4_1] = { 0x03, "LCT.4.1", true },
        [FAULT_LCT_4_2] = { 0x03, "LCT.4.2", true },
        [FAULT_LCT_4_3] = { 0x03, "LCT.4.3", true },
        [FAULT_LCT_5] = { 0x0d, "LCT.5", true },
        [FAULT_LGN_1] = { 0x04, "LGN.1", true },
        [FAULT_LGN_2] = { 0x05, "LGN.2", true },
        [FAULT_LGN_3] = { 0x06, "LGN.3", true },
        [FAULT_LGN_4] = { 0x0e, "LGN.4", true },
        [FAULT_LSL_1] = { 0x07, "LSL.1", true },
        [FAULT_LSL_2] = { 0x0c, "LSL.2", true },
        [FAULT_RTA_1] = { 0x30, "RTA.1", false },
        [FAULT_RTA_2] = { 0x31, "RTA.2", false },
    };

    return &rules[id];
}

static bool fail(struct context *context, enum fault_id id)
{
    context->fault = vtd_fault_rule(id);
    return false;
}

bool vtd_decode_rtaddr(const struct oracle *o, uint64_t rtaddr,
                       const struct query *q, struct context *context)
{
    *context = (struct context) { 0 };
    if ( RTADDR_TTM(rtaddr) == TTM_ABORT && ECAP_ADMS(vtd(o)->ecap) )
    {
        context->silent = true;
        return false;
    }
    if ( RTADDR_TTM(rtaddr) != TTM_LEGACY )
        return fail(context, FAULT_RTA_1);
    if ( q && q->pasid != UINT32_MAX )
        return fail(context, FAULT_RTA_2);
    return true;
}

uint64_t vtd_root_entry_at(uint64_t rtaddr, uint32_t source)
{
    return RTADDR_RTA(rtaddr) + 16 * ((source >> 8) & 0xff);
}

uint64_t vtd_context_entry_at(uint64_t ctp, uint32_t source)
{
    return ctp + 16 * (source & 0xff);
}

/* 9.1 */
bool vtd_decode_root(const struct oracle *o, const struct raw128 *root,
                     struct context *context, uint64_t *next)
{
    if ( !root->readable )
        return fail(context, FAULT_LRT_1);
    if ( !(root->low & ROOT_P) )
        return fail(context, FAULT_LRT_2);
    if ( (root->low & ROOT_RSVD_LOW) || (root->high & ROOT_RSVD_HIGH) ||
         above_haw(o, ROOT_CTP(root->low)) )
        return fail(context, FAULT_LRT_3);
    *next = ROOT_CTP(root->low);
    return true;
}

static unsigned int highest_sagaw(const struct oracle *o)
{
    unsigned int aw = 3;

    while ( aw && !(CAP_SAGAW(vtd(o)->cap) >> aw & 1) )
        aw--;
    return aw;
}

/* LCT.4: is this combination of TT and AW built? */
static enum fault_id context_invalid(const struct oracle *o,
                                     const struct context *c)
{
    if ( (c->tt == TT_DEVICE_TLB && !ECAP_DT(vtd(o)->ecap)) ||
         (c->tt == TT_PASS_THROUGH && !ECAP_PT(vtd(o)->ecap)) ||
         c->tt > TT_PASS_THROUGH )
        return FAULT_LCT_4_2;
    if ( c->aw < 1 || c->aw > 3 || !(CAP_SAGAW(vtd(o)->cap) >> c->aw & 1) ||
         (c->tt == TT_PASS_THROUGH && c->aw != highest_sagaw(o)) )
        return FAULT_LCT_4_1;
    return FAULT_COUNT;
}

/* 9.3 */
bool vtd_decode_context(const struct oracle *o, const struct raw128 *raw,
                        struct context *context)
{
    enum fault_id invalid;

    if ( !raw->readable )
        return fail(context, FAULT_LCT_1);
    context->fpd = raw->low & CONTEXT_FPD;
    if ( !(raw->low & CONTEXT_P) )
        return fail(context, FAULT_LCT_2);
    context->tt = CONTEXT_TT(raw->low);
    context->aw = CONTEXT_AW(raw->high);
    context->slptptr = CONTEXT_SLPTPTR(raw->low);
    if ( (raw->low & CONTEXT_RSVD_LOW) || (raw->high & CONTEXT_RSVD_HIGH) ||
         (context->tt != TT_PASS_THROUGH && above_haw(o, context->slptptr)) )
        return fail(context, FAULT_LCT_3);
    invalid = context_invalid(o, context);
    if ( invalid != FAULT_COUNT )
        return fail(context, invalid);
    context->did = CONTEXT_DID(raw->high);
    return true;
}

/* 9.8: reserved bits of an entry that is present. */
static bool entry_reserved(const struct oracle *o, uint64_t value,
                           unsigned int level, bool leaf)
{
    uint64_t reserved = 0;

    if ( o->config.haw < 52 )
        reserved |= MASK64(51, o->config.haw);
    if ( leaf )
        reserved |= LEVEL_MASK(level) & ENTRY_ADDR;
    if ( leaf && !ECAP_SC(vtd(o)->ecap) )
        reserved |= ENTRY_SNP;
    if ( level > LEVEL_1G ||
         (level > LEVEL_LEAF &&
          !(CAP_SLLPS(vtd(o)->cap) >> (level - LEVEL_2M) & 1)) )
        reserved |= ENTRY_PS;
    return value & reserved;
}

void vtd_decode_entry(const struct oracle *o, uint64_t value,
                      unsigned int level, struct entry *entry)
{
    bool leaf = level == LEVEL_LEAF ||
                (level <= LEVEL_1G && (value & ENTRY_PS));

    *entry = (struct entry) { .rights = ENTRY_RW(value) };
    if ( !entry->rights )
        return;
    entry->disputed = (value & ENTRY_TM) || (!leaf && (value & ENTRY_SNP));
    entry->address = value & ENTRY_ADDR;
    if ( entry_reserved(o, value, level, leaf) )
        entry->kind = ENTRY_BAD;
    else
        entry->kind = leaf ? ENTRY_LEAF : ENTRY_TABLE;
}

/* ---- the request ---- */

bool vtd_in_interrupt_range(uint64_t address)
{
    return address >= INTERRUPT_FIRST && address <= INTERRUPT_LAST;
}

/* A translation request is told which rights there are: no fault (4.2.1). */
bool vtd_query_is_told(const struct query *q, const struct fault_rule *fault)
{
    return q->type == AT_TRANSLATION_REQUEST &&
           (fault == vtd_fault_rule(FAULT_LGN_2) ||
            fault == vtd_fault_rule(FAULT_LGN_3));
}

bool vtd_query_is_unjudged(const struct oracle *o, const struct query *q)
{
    /* ATS of a physical device is not offered, and not stopped by the guest's
     * tables alone. */
    if ( q->type != AT_UNTRANSLATED && ECAP_DT(vtd(o)->ecap) &&
         !vdev_find(o, q->source) )
        return true;
    /* A write there is an interrupt request (3.14); without translation what
     * else is sent there meets no memory of the platform's. */
    if ( q->type == AT_UNTRANSLATED && q->pasid == UINT32_MAX )
    {
        if ( !vtd_in_interrupt_range(q->iova) )
            return false;
        if ( q->write && !q->read )
            return true;
    }
    for ( unsigned int i = 0; i < vtd(o)->tes.count; i++ )
        if ( !vtd(o)->tes.version[i].value &&
             vtd(o)->tes.version[i].span.end > q->t0 )
            return true;
    return false;
}

bool vtd_query_satisfied(const struct oracle *o, const struct query *q,
                         unsigned int rights)
{
    if ( q->write && !(rights & RIGHT_W) )
        return false;
    if ( !q->read )
        return rights != 0;
    /* A read of no bytes may go to a page that can only be written. */
    if ( !q->size && CAP_ZLR(vtd(o)->cap) && rights )
        return true;
    return rights & RIGHT_R;
}

bool vtd_query_goes_on(const struct oracle *o, const struct query *q,
                       unsigned int rights)
{
    return q->type == AT_TRANSLATION_REQUEST ?
               rights != 0 :
               vtd_query_satisfied(o, q, rights);
}

enum fault_id vtd_query_denied(const struct query *q, unsigned int rights)
{
    return q->write && !(rights & RIGHT_W) ? FAULT_LGN_2 : FAULT_LGN_3;
}

/* 3.6: the type, the width of the input, and the interrupt range. */
enum fault_id vtd_query_input(const struct oracle *o, const struct query *q,
                              const struct context *context)
{
    unsigned int width = AW_BITS(context->aw);

    if ( q->type != AT_UNTRANSLATED && context->tt != TT_DEVICE_TLB )
        return FAULT_LCT_5;
    if ( vtd_in_interrupt_range(q->iova) )
        return FAULT_LGN_4;
    if ( context->tt == TT_PASS_THROUGH )
        return above_haw(o, q->iova) ? FAULT_LGN_1 : FAULT_COUNT;
    if ( CAP_MGAW(vtd(o)->cap) < width )
        width = CAP_MGAW(vtd(o)->cap);
    return width < 64 && q->iova >> width ? FAULT_LGN_1 : FAULT_COUNT;
}

/* ---- the walk over current values ---- */

static void raw_now(struct oracle *o, uint64_t gpa, struct raw128 *raw)
{
    raw->low = raw->high = 0;
    raw->readable = word_now(o, gpa, &raw->low) &&
                    word_now(o, gpa + 8, &raw->high);
}

static bool context_step(struct oracle *o, const struct query *q,
                         uint32_t source, struct context *context)
{
    uint64_t rtaddr = history_last(&vtd(o)->rtaddr)->value;
    struct raw128 raw;
    uint64_t ctp;

    if ( !vtd_decode_rtaddr(o, rtaddr, q, context) )
        return false;
    raw_now(o, vtd_root_entry_at(rtaddr, source), &raw);
    if ( !vtd_decode_root(o, &raw, context, &ctp) )
        return false;
    raw_now(o, vtd_context_entry_at(ctp, source), &raw);
    return vtd_decode_context(o, &raw, context);
}

void vtd_context_now(struct oracle *o, uint32_t source,
                     struct context *context)
{
    context_step(o, NULL, source, context);
}

static void walk_fail(struct walk *walk, enum fault_id id)
{
    walk->fault = vtd_fault_rule(id);
}

static void walk_tables(struct oracle *o, const struct query *q,
                        struct walk *w)
{
    unsigned int top = AW_LEVELS(w->context.aw);
    uint64_t table = w->context.slptptr;

    for ( w->level = top;; w->level-- )
    {
        struct entry entry;
        uint64_t value;

        w->mask = LEVEL_MASK(w->level);
        if ( !word_now(o, table + 8 * LEVEL_INDEX(q->iova, w->level), &value) )
        {
            walk_fail(w, w->level == top ? FAULT_LCT_4_3 : FAULT_LSL_1);
            return;
        }
        vtd_decode_entry(o, value, w->level, &entry);
        w->disputed |= entry.disputed;
        w->rights &= entry.rights;
        if ( !vtd_query_goes_on(o, q, w->rights) )
        {
            walk_fail(w, vtd_query_denied(q, w->rights));
            return;
        }
        if ( entry.kind == ENTRY_BAD )
        {
            walk_fail(w, FAULT_LSL_2);
            return;
        }
        table = entry.address;
        if ( entry.kind == ENTRY_LEAF )
            break;
    }
    w->gpa = table | (q->iova & w->mask);
    if ( vtd_in_interrupt_range(w->gpa) )
        walk_fail(w, FAULT_LGN_4);
    else if ( !vtd_query_satisfied(o, q, w->rights) )
        walk_fail(w, vtd_query_denied(q, w->rights));
    else
        w->ok = true;
}

void vtd_walk_now(struct oracle *o, const struct query *q, struct walk *w)
{
    enum fault_id fault;

    *w = (struct walk) { .gpa = q->iova,
                         .mask = UINT64_MAX,
                         .rights = RIGHT_R | RIGHT_W };
    w->translated = history_last(&vtd(o)->tes)->value;
    if ( !w->translated )
    {
        w->ok = true;
        return;
    }
    if ( !context_step(o, q, q->source, &w->context) )
    {
        w->silent = w->context.silent;
        w->fault = w->context.fault;
        return;
    }
    fault = vtd_query_input(o, q, &w->context);
    if ( fault != FAULT_COUNT )
        walk_fail(w, fault);
    else if ( w->context.tt == TT_PASS_THROUGH )
        w->ok = true;
    else
        walk_tables(o, q, w);
}
