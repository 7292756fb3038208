/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation of translation caches (6.5.1), for the registers and for the
 * queue.
 *
 * Each command has the same three steps.  Poisoning and dropping are one step
 * without a port call in between, so that nothing old can be filled later;
 * then the command waits for what it owes: every walk that may have read an
 * old structure, and, where a drain is asked for, every access that may use
 * an old translation.
 */
#include "cover.h"

#define WAIT_ALL                                                              \
    (INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_READ | INFLIGHT_WAIT_WRITE)

/* The source-id bits that the function mask leaves, by FM. */
static const uint32_t fm_masks[4] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 };

static bool any_slot(const struct inflight_slot *slot, const void *argument)
{
    (void)slot;
    (void)argument;
    return true;
}

static bool slot_of_domain(const struct inflight_slot *slot,
                           const struct scope *scope)
{
    return !slot->tagged || slot->tag == scope->did;
}

static bool slot_uses_context(const struct inflight_slot *slot,
                              const void *argument)
{
    const struct scope *scope = argument;

    if ( scope->granularity == GRANULARITY_DOMAIN )
        return slot_of_domain(slot, scope);
    return scope->granularity == GRANULARITY_GLOBAL ||
           !((slot->source ^ scope->sid) & scope->sid_mask);
}

/*
 * Page-selective as well: a walk for a neighbour may fill a large page or a
 * paging structure that covers the range.
 */
static bool slot_uses_translation(const struct inflight_slot *slot,
                                  const void *argument)
{
    const struct scope *scope = argument;

    return scope->granularity == GRANULARITY_GLOBAL ||
           slot_of_domain(slot, scope);
}

static void wait_for(struct vtd *vtd, inflight_match *match,
                     const struct scope *scope, unsigned int phases)
{
    struct inflight_set set;

    inflight_collect(&vtd->inflight, match, scope, phases, &set);
    while ( inflight_pending(&vtd->inflight, &set, phases) )
        port_relax(&vtd->port);
}

/* 6.5.4: DR and DW ask for a drain that CAP must offer. */
static unsigned int drain_phases(const struct vtd *vtd, bool reads,
                                 bool writes)
{
    unsigned int phases = INFLIGHT_WAIT_WALK;

    if ( queue_only(&vtd->config) )
        return WAIT_ALL;
    if ( reads && (vtd->config.cap & CAP_DRD) )
        phases |= INFLIGHT_WAIT_READ;
    if ( writes && (vtd->config.cap & CAP_DWD) )
        phases |= INFLIGHT_WAIT_WRITE;
    return phases;
}

void drain_all(struct vtd *vtd)
{
    wait_for(vtd, any_slot, NULL, drain_phases(vtd, true, true));
}

enum granularity invalidate_contexts(struct vtd *vtd,
                                     const struct context_command *command)
{
    struct scope scope = {
        .granularity = command->granularity,
        .did = command->did & vtd->did_mask,
        .sid = command->sid,
        .sid_mask = fm_masks[command->fm],
    };

    if ( command->granularity == GRANULARITY_RESERVED )
        return GRANULARITY_RESERVED;

    spend(vtd, COST_INVALIDATE);
    vtd->stats.invalidations++;
    cover_inflight(&vtd->inflight, "context", scope.granularity);
    inflight_poison(&vtd->inflight, slot_uses_context, &scope);
    caches_drop_contexts(vtd, &scope);
    wait_for(vtd, slot_uses_context, &scope, INFLIGHT_WAIT_WALK);
    return scope.granularity;
}

/* False: an address mask that the unit does not support. */
static bool page_scope(const struct vtd *vtd,
                       const struct iotlb_command *command,
                       struct scope *scope)
{
    uint64_t offsets;

    if ( !(vtd->config.cap & CAP_PSI) )
    {
        /* Coarser than asked for is allowed, and all that is left. */
        scope->granularity = GRANULARITY_DOMAIN;
        return true;
    }
    if ( command->am > CAP_MAMV(vtd->config.cap) )
        return false;
    offsets = (UINT64_C(1) << (12 + command->am)) - 1;
    scope->first = command->address & vtd->mgaw_mask & ~offsets;
    scope->last = scope->first | offsets;
    return true;
}

enum granularity invalidate_iotlb(struct vtd *vtd,
                                  const struct iotlb_command *command)
{
    struct scope scope = {
        .granularity = command->granularity,
        .did = command->did & vtd->did_mask,
    };
    bool leaf_only;

    if ( command->granularity == GRANULARITY_RESERVED )
        return GRANULARITY_RESERVED;
    if ( command->granularity == GRANULARITY_SELECTIVE &&
         !page_scope(vtd, command, &scope) )
        return GRANULARITY_RESERVED;

    spend(vtd, COST_INVALIDATE);
    vtd->stats.invalidations++;
    leaf_only = scope.granularity == GRANULARITY_SELECTIVE && command->ih;
    cover_inflight(&vtd->inflight, "iotlb", scope.granularity);
    inflight_poison(&vtd->inflight, slot_uses_translation, &scope);
    caches_drop_translations(vtd, &scope, leaf_only);
    wait_for(vtd, slot_uses_translation, &scope,
             drain_phases(vtd, command->drain_reads, command->drain_writes));
    return scope.granularity;
}

void invalidate_everything(struct vtd *vtd)
{
    cover_inflight(&vtd->inflight, "srtp", GRANULARITY_GLOBAL);
    inflight_poison(&vtd->inflight, any_slot, NULL);
    caches_clear(vtd);
    drain_all(vtd);
}

/* ---- registers (11.4.6) ----
 * The command was copied when it was submitted: until it is complete the
 * registers take no write (6.5.1).  With the queue enabled they must not be
 * used, and the request is ignored.
 */

static bool registers_usable(const struct vtd *vtd)
{
    return !(reg32(vtd, VTD_GSTS) & GCMD_QIE);
}

void invalidate_ccmd_written(struct vtd *vtd)
{
    uint64_t ccmd = reg64(vtd, VTD_CCMD);
    struct context_command command = {
        .granularity = (enum granularity)CCMD_CIRG(ccmd),
        .did = CCMD_DID(ccmd),
        .sid = CCMD_SID(ccmd),
        .fm = CCMD_FM(ccmd),
    };
    uint64_t done = GRANULARITY_RESERVED;

    if ( !(ccmd & CCMD_ICC) )
        return;
    if ( registers_usable(vtd) )
        cover_context_command("register", &command);
    else
        COVER("vtd.inv.context.unusable");
    if ( registers_usable(vtd) )
        done = invalidate_contexts(vtd, &command);
    ccmd = reg64(vtd, VTD_CCMD) & ~(CCMD_ICC | CCMD_CAIG_MASK);
    set_reg64(vtd, VTD_CCMD, ccmd | done << CCMD_CAIG_SHIFT);
}

void invalidate_iotlb_written(struct vtd *vtd)
{
    uint32_t base = iotlb_registers(&vtd->config);
    uint64_t value = reg64(vtd, base + VTD_IOTLB);
    uint64_t iva = reg64(vtd, base + VTD_IVA);
    struct iotlb_command command = {
        .granularity = (enum granularity)IOTLB_IIRG(value),
        .did = IOTLB_DID(value),
        .address = iva & IVA_ADDR,
        .am = IVA_AM(iva),
        .ih = iva & IVA_IH,
        .drain_reads = value & IOTLB_DR,
        .drain_writes = value & IOTLB_DW,
    };
    uint64_t done = GRANULARITY_RESERVED;

    if ( !(value & IOTLB_IVT) )
        return;
    if ( registers_usable(vtd) )
        cover_iotlb_command(vtd, "register", &command);
    else
        COVER("vtd.inv.iotlb.unusable");
    if ( registers_usable(vtd) )
        done = invalidate_iotlb(vtd, &command);
    value = reg64(vtd, base + VTD_IOTLB) & ~(IOTLB_IVT | IOTLB_IAIG_MASK);
    set_reg64(vtd, base + VTD_IOTLB, value | done << IOTLB_IAIG_SHIFT);
}
