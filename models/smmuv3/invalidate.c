/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation and its completion (3.21, 4.7.3).
 *
 * An invalidation poisons the walks that might have read what it removes and
 * drops the entries, in one step without a port call in between: so nothing
 * old is filled later.  The same requests are what it owes: a CMD_SYNC is
 * complete when each of them, to the end of its access to memory, has ended.
 */
#include "cover.h"

#define WAIT_ALL                                                              \
    (INFLIGHT_WAIT_WALK | INFLIGHT_WAIT_READ | INFLIGHT_WAIT_WRITE)

static bool any_slot(const struct inflight_slot *slot, const void *argument)
{
    (void)slot;
    (void)argument;
    return true;
}

static bool slot_uses_config(const struct inflight_slot *slot,
                             const void *argument)
{
    const struct config_scope *scope = argument;

    return slot->source >= scope->first && slot->source <= scope->last;
}

/*
 * Whatever the address: a walk for a neighbour may fill a large page or a
 * table that covers the range.  A nested walk of EL1 uses stage 2 as well.
 */
static bool slot_uses_translation(const struct inflight_slot *slot,
                                  const void *argument)
{
    const struct tlb_scope *scope = argument;
    unsigned int regimes = BIT32(slot->tag2);

    if ( !slot->tagged )
        return true;
    if ( slot->tag2 == REGIME_EL1 )
        regimes |= BIT32(REGIME_STAGE2);
    return (regimes & scope->regimes) &&
           (!scope->by_vmid || slot->tag == scope->vmid);
}

/* Add the requests that @match accepts to what CMD_SYNC waits for. */
static void owe(struct smmuv3 *smmu, const char *what, inflight_match *match,
                const void *argument)
{
    struct inflight_set set;

    inflight_poison(&smmu->inflight, match, argument);
    inflight_collect(&smmu->inflight, match, argument, WAIT_ALL, &set);
    touch(smmu, LATCH_OWED, 1, true);
    cover_owed(&smmu->inflight, what, &set);
    for ( unsigned int i = 0; i < INFLIGHT_MAX; i++ )
        if ( set.mask >> i & 1 )
            smmu->owed.generation[i] = set.generation[i];
    smmu->owed.mask |= set.mask;
}

/* ---- STEs and CDs (4.3) ---- */

static bool in_range(uint32_t sid, const struct config_scope *scope)
{
    return sid >= scope->first && sid <= scope->last;
}

/* tag2 of a first-level entry: bits of the StreamIDs or SubstreamIDs below it.
 */
static bool ste_matches(const struct cache_key *key,
                        const struct cache_value *value, const void *argument)
{
    const struct config_scope *scope = argument;

    (void)value;
    if ( key->kind == CONFIG_LEAF )
        return in_range(key->tag, scope);
    return !scope->leaf_only && key->address >= scope->first >> key->tag2 &&
           key->address <= scope->last >> key->tag2;
}

static bool cd_matches(const struct cache_key *key,
                       const struct cache_value *value, const void *argument)
{
    const struct config_scope *scope = argument;

    (void)value;
    if ( !in_range(key->tag, scope) )
        return false;
    if ( scope->stes || scope->all_cds )
        return true;
    if ( key->kind == CONFIG_LEAF )
        return key->tag2 == scope->ssid;
    return !scope->leaf_only && key->address == scope->ssid >> key->tag2;
}

void smmu_invalidate_config(struct smmuv3 *smmu,
                            const struct config_scope *scope)
{
    owe(smmu, scope->stes ? "ste" : "cd", slot_uses_config, scope);
    if ( scope->stes )
        cache_remove_if(cache_at(smmu, smmu->ste_cache), ste_matches, scope);
    cache_remove_if(cache_at(smmu, smmu->cd_cache), cd_matches, scope);
}

/* ---- translations (4.4) ---- */

void smmu_invalidate_tlb(struct smmuv3 *smmu, const struct tlb_scope *scope)
{
    owe(smmu, scope->by_address ? "tlb-address" : "tlb", slot_uses_translation,
        scope);
    smmu_tlb_drop(smmu, scope);
}

/* ---- completion ---- */

void smmu_invalidate_disable(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_DISABLING, 1, true);
    inflight_poison(&smmu->inflight, any_slot, NULL);
    inflight_collect(&smmu->inflight, any_slot, NULL, INFLIGHT_WAIT_WALK,
                     &smmu->disabling);
}

bool smmu_invalidate_disabling(const struct smmuv3 *smmu)
{
    touch(smmu, LATCH_DISABLING, 1, false);
    return inflight_pending(&smmu->inflight, &smmu->disabling,
                            INFLIGHT_WAIT_WALK);
}

void smmu_invalidate_wait(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_OWED, 1, false);
    COVER("smmuv3.sync.%s",
          inflight_pending(&smmu->inflight, &smmu->owed, WAIT_ALL) ?
              "waits" :
              "at-once");
    while ( inflight_pending(&smmu->inflight, &smmu->owed, WAIT_ALL) )
        port_relax(&smmu->port);
    touch(smmu, LATCH_OWED, 1, true);
    smmu->owed.mask = 0;
}
