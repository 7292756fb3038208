/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA remapping of a request (chapter 3): which context it has, whether that
 * context lets it pass, and where it goes.  The order of the checks is that of
 * the conditions in 7.1.3.
 */
#include "cover.h"

static void touch_latch(const struct walk *walk, enum latch latch)
{
    touch(walk->vtd, latch, 1, false);
}

/* ---- root and context entry (9.1, 9.3) ---- */

static enum condition read_root(struct walk *walk, uint64_t *context_table)
{
    uint64_t address = walk->vtd->root & RTADDR_RTA & walk->vtd->haw_mask;
    uint64_t entry[2];

    touch_latch(walk, LATCH_ROOT);
    address += SID_BUS(walk->request->source) * ROOT_ENTRY_SIZE;
    if ( !walk_fetch(walk, address, entry, ROOT_ENTRY_SIZE,
                     COST_CONFIG_FETCH) )
        return LRT_1;
    if ( !(entry[0] & ROOT_P) )
        return LRT_2;
    if ( entry[0] & ROOT_RESERVED_LOW )
        COVER("vtd.root.reserved.low");
    if ( entry[1] & ROOT_RESERVED_HIGH )
        COVER("vtd.root.reserved.high");
    if ( entry[0] & ROOT_CTP & ~walk->vtd->haw_mask )
        COVER("vtd.root.reserved.haw");
    if ( (entry[0] & ROOT_RESERVED_LOW) || (entry[1] & ROOT_RESERVED_HIGH) ||
         (entry[0] & ROOT_CTP & ~walk->vtd->haw_mask) )
        return LRT_3;
    *context_table = entry[0] & ROOT_CTP;
    return CONDITION_NONE;
}

/* LCT.4: what the entry asks for, and the unit does not have. */
static enum condition check_support(const struct vtd *vtd,
                                    const struct context *context)
{
    unsigned int aw = CONTEXT_AW(context->high);
    unsigned int sagaw = CAP_SAGAW(vtd->config.cap);

    switch ( CONTEXT_TT(context->low) )
    {
    case TT_UNTRANSLATED:
        return aw < 3 && (sagaw & BIT32(aw)) ? CONDITION_NONE : LCT_4_1;
    case TT_PASS_THROUGH:
        if ( !(vtd->config.ecap & ECAP_PT) )
            return LCT_4_2;
        return aw == (sagaw & SAGAW_48 ? AW_48 : AW_39) ? CONDITION_NONE :
                                                          LCT_4_1;
    default:
        return LCT_4_2; /* TT=1 needs ECAP.DT, which no such unit has */
    }
}
_Static_assert(SAGAW_39 == BIT32(AW_39) && SAGAW_48 == BIT32(AW_48),
               "AW numbers the bits of SAGAW");

static enum condition check_context(const struct vtd *vtd,
                                    const struct context *context)
{
    bool walks = CONTEXT_TT(context->low) != TT_PASS_THROUGH;

    if ( !(context->low & CONTEXT_P) )
        return LCT_2;
    cover_context(vtd, context);
    if ( (context->low & CONTEXT_RESERVED_LOW) ||
         (context->high & CONTEXT_RESERVED_HIGH) ||
         (walks && (context->low & CONTEXT_SLPTPTR & ~vtd->haw_mask)) )
        return LCT_3;
    return check_support(vtd, context);
}

/* False: an entry could not be read, and nothing is known. */
static bool read_context(struct walk *walk)
{
    struct context *context = &walk->context;
    uint64_t table, entry[2];

    *context = (struct context) { 0 };
    context->error = read_root(walk, &table);
    if ( context->error != CONDITION_NONE )
        return context->error != LRT_1;

    table += SID_DEVFN(walk->request->source) * CONTEXT_ENTRY_SIZE;
    if ( !walk_fetch(walk, table, entry, CONTEXT_ENTRY_SIZE,
                     COST_CONFIG_FETCH) )
    {
        context->error = LCT_1;
        return false;
    }
    context->low = entry[0];
    context->high = entry[1];
    context->error = check_context(walk->vtd, context);
    return true;
}

/* 6.2.2.1, 6.1: entries that fault are cached only with CM=1. */
static bool may_cache(const struct vtd *vtd, const struct context *context)
{
    return context->error == CONDITION_NONE || (vtd->config.cap & CAP_CM);
}

static enum condition get_context(struct walk *walk)
{
    const struct vtd *vtd = walk->vtd;
    struct cache_key key = context_key(walk->request->source);
    struct cache_value value;
    bool hit;

    if ( walk->live )
        spend(walk->live, COST_CONFIG_LOOKUP);
    hit = walk_lookup(walk, context_cache(vtd), &key, &value);
    if ( walk->live && !walk->silent )
    {
        walk->live->stats.context_hits += hit;
        walk->live->stats.context_misses += !hit;
    }
    cover_lookup(walk, "context", hit);
    if ( hit )
    {
        context_from(&value, &walk->context);
    }
    else if ( read_context(walk) && may_cache(vtd, &walk->context) )
    {
        value = context_value(vtd, &walk->context);
        walk_fill(walk, context_cache(vtd), &key, &value);
    }
    return walk->context.error;
}

/* ---- the request ---- */

/* The domain is known: invalidations of others need not wait any longer. */
static void tag_slot(struct walk *walk)
{
    struct inflight_slot *slot;

    if ( !walk->live )
        return;
    inflight_touch(&walk->live->inflight, walk->slot, true);
    slot = &walk->live->inflight.slot[walk->slot];
    slot->tagged = true;
    slot->tag = CONTEXT_DID(walk->context.high) & walk->vtd->did_mask;
}

static enum condition pass_through(struct walk *walk)
{
    uint64_t address = walk->request->address;

    if ( address & ~walk->vtd->haw_mask )
        return LGN_1;
    COVER("vtd.request.pass-through.%s", cover_access(walk->request));
    walk->translation = (struct translation) {
        .base = address & ~SL_OFFSET_MASK(1),
        .rights = RIGHT_READ | RIGHT_WRITE,
        .level = 1,
    };
    return IN_INTERRUPT_RANGE(address) ? LGN_4 : CONDITION_NONE;
}

static uint64_t output_address(const struct walk *walk)
{
    return walk->translation.base |
           (walk->request->address & SL_OFFSET_MASK(walk->translation.level));
}

static enum condition translate(struct walk *walk)
{
    uint64_t address = walk->request->address;
    uint64_t width_mask = (UINT64_C(1)
                           << AW_WIDTH(CONTEXT_AW(walk->context.high))) -
                          1;
    enum condition fault;

    if ( address & ~(walk->vtd->mgaw_mask & width_mask) )
        return LGN_1;
    if ( IN_INTERRUPT_RANGE(address) )
        return LGN_4;
    fault = walk_second_level(walk);
    if ( fault != CONDITION_NONE )
        return fault;
    return IN_INTERRUPT_RANGE(output_address(walk)) ? LGN_4 : CONDITION_NONE;
}

static enum condition remap(struct walk *walk)
{
    enum condition fault;

    touch_latch(walk, LATCH_ROOT);
    COVER("vtd.rtaddr.ttm.%u", RTADDR_TTM(walk->vtd->root));
    if ( RTADDR_TTM(walk->vtd->root) != TTM_LEGACY )
        return RTA_1;
    if ( walk->request->pasid != REQUEST_NO_PASID )
        return RTA_2;
    fault = get_context(walk);
    if ( fault != CONDITION_NONE )
        return fault;
    tag_slot(walk);
    if ( walk->request->type != REQUEST_UNTRANSLATED )
        return LCT_5;
    return CONTEXT_TT(walk->context.low) == TT_PASS_THROUGH ?
               pass_through(walk) :
               translate(walk);
}

static void set_need(struct walk *walk)
{
    const struct request *request = walk->request;

    walk->need = request_needs(request->access);
    walk->need_any = request->access == REQUEST_READ && !request->size &&
                     (walk->vtd->config.cap & CAP_ZLR);
    if ( request->access == REQUEST_READ && !request->size )
        COVER("vtd.request.zero-length.zlr%d", walk->need_any);
}

static void respond_unchanged(const struct walk *walk, uint32_t rights,
                              struct response *response)
{
    *response = (struct response) {
        .status = RESPONSE_OK,
        .address = walk->request->address,
        .mask = SL_OFFSET_MASK(1),
        .rights = rights,
    };
}

bool remap_is_interrupt(const struct request *request)
{
    return request->type == REQUEST_UNTRANSLATED &&
           request->pasid == REQUEST_NO_PASID &&
           request->access == REQUEST_WRITE &&
           IN_INTERRUPT_RANGE(request->address);
}

/* TE=0: only plain requests are served, without a fault for the others. */
static void respond_disabled(const struct walk *walk,
                             struct response *response)
{
    const struct request *request = walk->request;

    if ( request->type == REQUEST_UNTRANSLATED &&
         request->pasid == REQUEST_NO_PASID )
        respond_unchanged(walk, RIGHT_READ | RIGHT_WRITE, response);
    else
        *response = (struct response) {
            .status = RESPONSE_ABORT,
            .condition = "TE=0",
        };
}

static void respond_fault(struct walk *walk, enum condition fault,
                          struct response *response)
{
    bool suppressed = condition_qualified(fault) &&
                      (walk->context.low & CONTEXT_FPD);

    *response = (struct response) {
        .status = RESPONSE_ABORT,
        .reason = condition_reason(fault),
        .condition = condition_name(fault),
        .hit = walk->hit,
    };
    if ( suppressed )
        COVER("vtd.fault.%s.suppressed", condition_name(fault));
    if ( walk->live && !suppressed )
        fault_record(walk->live, walk->request, fault);
}

void remap_request(struct walk *walk, struct response *response)
{
    enum condition fault;

    if ( remap_is_interrupt(walk->request) )
    {
        COVER("vtd.request.interrupt.te%d", walk->vtd->translating);
        respond_unchanged(walk, RIGHT_WRITE, response);
        return;
    }
    touch_latch(walk, LATCH_TRANSLATING);
    if ( !walk->vtd->translating )
    {
        COVER("vtd.request.te-off.at%u.%s", (unsigned int)walk->request->type,
              walk->request->pasid == REQUEST_NO_PASID ? "no-pasid" : "pasid");
        respond_disabled(walk, response);
        return;
    }
    set_need(walk);
    fault = remap(walk);
    if ( fault != CONDITION_NONE )
    {
        respond_fault(walk, fault, response);
        return;
    }
    *response = (struct response) {
        .status = RESPONSE_OK,
        .address = output_address(walk),
        .mask = SL_OFFSET_MASK(walk->translation.level),
        .rights = walk->translation.rights,
        .hit = walk->hit,
    };
}

void remap_prefetch(struct walk *walk)
{
    walk->silent = true;
    walk->need_any = true;
    touch_latch(walk, LATCH_TRANSLATING);
    if ( walk->vtd->translating )
        (void)remap(walk);
}
