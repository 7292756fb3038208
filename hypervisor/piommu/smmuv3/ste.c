/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream table entries (5.2): what a space means in an STE, and how an STE is
 * changed while the unit may be reading it.
 *
 * The unit reads an STE of eight 64-bit words in no particular order, and only
 * a word is read at once.  So that it finds the old, the new or a blocked
 * (V = 0) STE and never a mixture (I1, I4):
 *
 *   1. bits that the old STE does not use take their new value;
 *   2. the words whose used bits change are written - if that is one word, or
 *      stage 2 alone leads from the one to the other (below).
 *      If it is not, V = 0 comes first, and everything is unused then;
 *   3. bits that the new STE does not use are cleared.
 *
 * CMD_CFGI_STE and CMD_SYNC follow each step, and each word of step 2, so that
 * no fetch sees words of two of them.
 */
#include <piommu/smmuv3/smmuv3.h>

static void compose(const struct smmuv3_unit *unit,
                    const struct piommu_space *space, struct smmuv3_ste *ste)
{
    *ste = (struct smmuv3_ste) { { 0 } };
    if ( space->kind == PIOMMU_BLOCKED )
        return;
    if ( space->nest )
        smmuv3_nest_stage1(unit, space, ste);
    else
        ste->word[0] = SMMU_STE0_V | SMMU_STE0_CONFIG_PUT(SMMU_STE_CONFIG_S2);
    if ( !(ste->word[0] & SMMU_STE0_V) )
        return;
    ste->word[1] |= SMMU_STE1_SHCFG_PUT(SMMU_STE_SHCFG_INCOMING);
    smmuv3_stage2(unit, space->nest ? space->nest->p2m : space,
                  smmuv3_vmid(space), ste);
}

/* The bits that decide what such an STE does, of those that we ever write. */
static void used_bits(const struct smmuv3_ste *ste, struct smmuv3_ste *used)
{
    uint64_t w0 = ste->word[0];

    *used = (struct smmuv3_ste) { { SMMU_STE0_V } };
    if ( !(w0 & SMMU_STE0_V) )
        return;
    used->word[0] |= SMMU_STE0_CONFIG_MASK;
    used->word[1] = ~(uint64_t)(SMMU_STE1_S1DSS_MASK | SMMU_STE1_S1CIR_MASK |
                                SMMU_STE1_S1COR_MASK | SMMU_STE1_S1CSH_MASK |
                                SMMU_STE1_STRW_MASK | SMMU_STE1_S1STALLD);
    used->word[2] = used->word[3] = ~UINT64_C(0);
    if ( SMMU_STE0_CONFIG(w0) != SMMU_STE_CONFIG_NESTED )
        return;
    used->word[0] = used->word[1] = ~UINT64_C(0);
    if ( !SMMU_STE0_S1CDMAX(w0) )
    {
        used->word[0] &= ~SMMU_STE0_S1FMT_MASK;
        used->word[1] &= ~SMMU_STE1_S1DSS_MASK;
    }
}

static bool is_stage2_alone(const struct smmuv3_ste *ste)
{
    return (ste->word[0] & SMMU_STE0_V) &&
           SMMU_STE0_CONFIG(ste->word[0]) == SMMU_STE_CONFIG_S2;
}

/* ---- writing ------------------------------------------------------------ */

struct update {
    struct smmuv3_unit *unit;
    uint32_t sid;
    mfn_t mfn;
    unsigned int offset;
    struct smmuv3_ste now;
};

static bool store(struct update *u, unsigned int i, uint64_t value)
{
    unsigned int offset = u->offset + i * (unsigned int)sizeof(value);

    if ( u->now.word[i] == value )
        return false;
    u->now.word[i] = value;
    host_table_write64(u->unit->common.piommu->host, u->mfn, offset, value);
    smmuv3_writeback(u->unit, u->mfn, offset, sizeof(value));
    return true;
}

static int synchronise(const struct update *u)
{
    const struct piommu_command flush = {
        SMMU_CMD_CFGI_STE | SMMU_CMD_SID_PUT(u->sid), SMMU_CMD_LEAF
    };

    return piommu_execute(&u->unit->common, &flush, 1);
}

/* What word @i is after step 1. */
static uint64_t filled(const struct update *u, const struct smmuv3_ste *used,
                       const struct smmuv3_ste *target, unsigned int i)
{
    return (u->now.word[i] & used->word[i]) |
           (target->word[i] & ~used->word[i]);
}

static unsigned int words_in_use_that_change(const struct update *u,
                                             const struct smmuv3_ste *target)
{
    struct smmuv3_ste before, after;
    unsigned int i, count = 0;

    used_bits(&u->now, &before);
    used_bits(target, &after);
    for ( i = 0; i < SMMU_STE_WORDS; i++ )
        count += !!((filled(u, &before, target, i) ^ target->word[i]) &
                    after.word[i]);
    return count;
}

static int fill_unused(struct update *u, const struct smmuv3_ste *target)
{
    struct smmuv3_ste used;
    unsigned int i;
    bool any = false;

    used_bits(&u->now, &used);
    for ( i = 0; i < SMMU_STE_WORDS; i++ )
        any |= store(u, i, filled(u, &used, target, i));
    return any ? synchronise(u) : 0;
}

/*
 * Between the p2m and a stage 1 on it, which has a tag of its own, is stage 2
 * alone under that tag: what the device is in already, or will be.  Overrides
 * mean nothing to it, for everybody may execute what the p2m maps.
 */
static bool stage2_leads_there(const struct smmuv3_ste *from,
                               const struct smmuv3_ste *to)
{
    const struct smmuv3_ste *alone = is_stage2_alone(from) ? from : to;
    struct smmuv3_ste used;

    used_bits(alone, &used);
    return is_stage2_alone(alone) &&
           ((from->word[0] & to->word[0]) & SMMU_STE0_V) &&
           !((from->word[1] ^ to->word[1]) & used.word[1] &
             ~SMMU_STE1_OVERRIDES) &&
           !((from->word[2] ^ to->word[2]) & ~SMMU_STE2_S2VMID_MASK) &&
           from->word[3] == to->word[3];
}

/* Stage 2 alone takes its new tag first, or is there before it does. */
static int write_used(struct update *u, const struct smmuv3_ste *target)
{
    bool tag_first = is_stage2_alone(&u->now), any = false;
    struct smmuv3_ste used;
    unsigned int n;
    int rc = 0;

    used_bits(target, &used);
    for ( n = 0; n < SMMU_STE_WORDS && !rc; n++ )
    {
        unsigned int i = tag_first ? SMMU_STE_WORDS - 1 - n : n;

        if ( !((u->now.word[i] ^ target->word[i]) & used.word[i]) )
            continue;
        any = true;
        store(u, i, target->word[i]);
        rc = synchronise(u);
    }
    /* Even if nothing is new: CDs of the StreamID may be cached (4.3.1). */
    return any ? rc : synchronise(u);
}

static int clear_unused(struct update *u, const struct smmuv3_ste *target)
{
    unsigned int i;
    bool any = false;

    for ( i = 0; i < SMMU_STE_WORDS; i++ )
        any |= store(u, i, target->word[i]);
    return any ? synchronise(u) : 0;
}

static int update(struct smmuv3_unit *unit, uint32_t sid,
                  const struct smmuv3_ste *target)
{
    struct update u = { .unit = unit, .sid = sid };
    unsigned int i;
    int rc = 0;

    u.mfn = smmuv3_ste_at(unit, sid, &u.offset);
    for ( i = 0; i < SMMU_STE_WORDS; i++ )
        u.now.word[i] = host_table_read64(
            unit->common.piommu->host, u.mfn,
            u.offset + i * (unsigned int)sizeof(uint64_t));
    if ( words_in_use_that_change(&u, target) > 1 &&
         !stage2_leads_there(&u.now, target) )
    {
        store(&u, 0, 0);
        rc = synchronise(&u);
    }
    if ( !rc )
        rc = fill_unused(&u, target);
    if ( !rc )
        rc = write_used(&u, target);
    if ( !rc )
        rc = clear_unused(&u, target);
    return rc;
}

int smmuv3_change(struct piommu_unit *common, uint32_t sid,
                  const struct piommu_space *old,
                  const struct piommu_space *space)
{
    struct piommu_command flush = { SMMU_CMD_TLBI_S12_VMALL, 0 };
    uint16_t vmid = old ? smmuv3_vmid(old) : 0;
    struct smmuv3_ste target;
    int rc;

    compose(smmuv3_unit(common), space, &target);
    rc = update(smmuv3_unit(common), sid, &target);
    if ( rc || !vmid || vmid == smmuv3_vmid(space) )
        return rc;
    flush.lo |= SMMU_CMD_VMID_PUT(vmid);
    return piommu_execute(common, &flush, 1);
}
