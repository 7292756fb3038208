/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undefined programs: conditions U1..Un under which the architecture promises
 * nothing, or which issues of it read differently; what each suspends, and
 * until when.
 */
#include "internal.h"

enum scope {
    SCOPE_UNIT,    /* until CFGI_ALL, and then all TLBs are invalidated */
    SCOPE_ASID,    /* until the entries of the tag are invalidated */
    SCOPE_VMID,    /* likewise */
    SCOPE_ACCESS,  /* those alone that meet it; see contexts.c, stage2.c */
    SCOPE_FOLLOWED /* nothing: what the unit did is taken over */
};

struct condition {
    enum undefined number;
    const char *text, *citation;
    enum scope scope;
    enum trigger trigger;
    bool (*holds)(const struct oracle *o, uint64_t value);
};

/* ---- predicates ---- */

static bool still_open(const struct oracle *o, uint64_t value)
{
    return smmu(o)->registers.cr0_open & value;
}

static bool update_pending(const struct oracle *o, uint64_t value)
{
    (void)value;
    return smmu(o)->registers.gbpa_pending;
}

static bool acknowledges_nothing(const struct oracle *o, uint64_t value)
{
    const struct events *e = &smmu(o)->events;
    uint32_t toggled = (uint32_t)value ^ e->gerrorn;

    return toggled & ~(e->gerror ^ e->gerrorn);
}

/* More than the queue holds. */
static bool prod_beyond(const struct oracle *o, uint64_t value)
{
    const struct queue *q = &smmu(o)->queue;
    uint32_t mask = (2u << q->log2size) - 1;
    uint32_t cons = o->config.world.peek ?
                        (uint32_t)peek((struct oracle *)o, REG_CMDQ_CONS, 4) :
                        0;

    return (((uint32_t)value - cons) & mask) > 1u << q->log2size;
}

/* clang-format off */
static const struct condition conditions[] = {
    { U_ASID_SHARED,
      "one ASID of a VMID and StreamWorld with two translation tables or "
      "formats at one instant", "3.17.1", SCOPE_ASID, ON_DEMAND, NULL },
    { U_VMID_SHARED,
      "one VMID with two stage 2 tables or formats, or with and without "
      "stage 2, at one instant", "3.17", SCOPE_VMID, ON_DEMAND, NULL },
    { U_NOT_BROKEN,
      "a table descriptor and a block exchanged for each other without an "
      "invalid descriptor between, where IDR3.BBML < 2", "3.21.1",
      SCOPE_UNIT, ON_DEMAND, NULL },
    { U_DISPUTED,
      "a field or descriptor that issues of the specification treat "
      "differently; STE.CONT or a contiguous hint whose group disagrees",
      "5.2, 3.4",
      SCOPE_ACCESS, ON_DEMAND, NULL },
    { U_STRUCTURE_MEMORY,
      "the memory of a live structure is taken away or exchanged", "3.21",
      SCOPE_UNIT, ON_DEMAND, NULL },
    { U_CR0_BUSY,
      "a bit of CR0 changed again before CR0ACK shows it", "6.3.9",
      SCOPE_UNIT, ON_CR0, still_open },
    { U_GUARD_BUSY,
      "a guarded register written while its enable is changing", "6.3",
      SCOPE_FOLLOWED, ON_GUARDED, still_open },
    { U_GBPA_BUSY,
      "GBPA written while GBPA.UPDATE is 1", "6.3.15",
      SCOPE_FOLLOWED, ON_GBPA, update_pending },
    { U_ACCESS,
      "a register written with a size or alignment that it does not have",
      "6.2", SCOPE_FOLLOWED, ON_DEMAND, NULL },
    { U_ALIAS,
      "EVENTQ_PROD or EVENTQ_CONS written in page 0", "6.2",
      SCOPE_FOLLOWED, ON_DEMAND, NULL },
    { U_GERRORN,
      "GERRORN toggles a bit whose error is not active", "6.3.19",
      SCOPE_FOLLOWED, ON_GERRORN, acknowledges_nothing },
    { U_PROD,
      "CMDQ_PROD written with more commands than the queue holds", "3.5.1",
      SCOPE_UNIT, ON_PROD, prod_beyond },
    { U_COMMAND,
      "a command between CMDQ_CONS and CMDQ_PROD is changed", "3.5.1",
      SCOPE_UNIT, ON_DEMAND, NULL },
    { U_CONS,
      "EVENTQ_CONS written as if the queue held more records than it can",
      "3.5.1", SCOPE_FOLLOWED, ON_DEMAND, NULL },
    { U_RECORD,
      "the event queue is written by software while a record is due", "3.5.1",
      SCOPE_FOLLOWED, ON_DEMAND, NULL },
};
/* clang-format on */

#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

static const struct condition *condition_of(unsigned int number)
{
    for ( size_t i = 0; i < CONDITIONS; i++ )
        if ( conditions[i].number == number )
            return &conditions[i];
    return NULL;
}

const char *smmu_undefined_text(unsigned int number)
{
    const struct condition *condition = condition_of(number);

    return condition ? condition->text : NULL;
}

/* ---- suspensions ---- */

void smmu_undefined_meet(struct oracle *o, enum undefined number, uint32_t tag)
{
    struct smmu *m = smmu(o);
    const struct suspension now = { .number = number,
                                    .tag = tag,
                                    .since = o->tick };

    o->met |= BIT64(number);
    if ( condition_of(number)->scope >= SCOPE_ACCESS )
        return;
    for ( size_t i = 0; i < m->suspensions; i++ )
        if ( m->suspension[i].number == number && m->suspension[i].tag == tag )
        {
            m->suspension[i] = now;
            return;
        }
    m->suspension = oracle_grow(o, m->suspension, m->suspensions,
                                &m->suspension_room, sizeof(now));
    m->suspension[m->suspensions++] = now;
}

bool smmu_undefined_event(struct oracle *o, enum trigger trigger,
                          uint64_t value)
{
    bool any = false;

    for ( size_t i = 0; i < CONDITIONS; i++ )
        if ( conditions[i].trigger == trigger && conditions[i].holds &&
             conditions[i].holds(o, value) )
        {
            smmu_undefined_meet(o, conditions[i].number, 0);
            any = true;
        }
    return any;
}

static bool ends_tag(const struct suspension *s,
                     const struct invalidation *inv, bool vmid_only)
{
    uint16_t vmid = (uint16_t)(s->tag >> 16);

    if ( inv->op == OP_TLBI_NSNH_ALL || inv->op == OP_TLBI_EL2_ALL ||
         (inv->op == OP_TLBI_S12_VMALL && inv->vmid == vmid) )
        return true;
    if ( vmid_only )
        return false;
    return (inv->op == OP_TLBI_NH_ALL && inv->vmid == vmid) ||
           ((inv->op == OP_TLBI_NH_ASID || inv->op == OP_TLBI_EL2_ASID) &&
            inv->vmid == vmid && inv->asid == (uint16_t)s->tag);
}

/* Without stage 2 there are no VMIDs (4.4.2). */
static bool takes_all_tlbs(const struct oracle *o,
                           const struct invalidation *inv)
{
    return inv->op == OP_TLBI_NSNH_ALL ||
           (inv->op == OP_TLBI_NH_ALL && !inv->vmid &&
            !IDR0_S2P(smmu(o)->idr[0]));
}

static bool suspension_ends(const struct oracle *o, struct suspension *s,
                            const struct invalidation *inv)
{
    enum scope scope = condition_of(s->number)->scope;

    if ( inv->life.submit < s->since )
        return false;
    if ( scope != SCOPE_UNIT )
        return ends_tag(s, inv, scope == SCOPE_VMID);
    if ( inv->op == OP_CFGI_STE_RANGE && !inv->sid_mask )
        s->config_done = true;
    if ( takes_all_tlbs(o, inv) )
        s->tlb_done = s->config_done;
    return s->tlb_done;
}

void smmu_undefined_completed(struct oracle *o, const struct invalidation *inv)
{
    struct smmu *m = smmu(o);
    size_t kept = 0;

    for ( size_t i = 0; i < m->suspensions; i++ )
        if ( !suspension_ends(o, &m->suspension[i], inv) )
            m->suspension[kept++] = m->suspension[i];
    if ( kept == m->suspensions )
        return;
    m->suspensions = kept;
    smmu_undefined_contexts(o); /* does a condition hold still? */
}

bool smmu_undefined_suspends(const struct oracle *o, const struct legal *legal)
{
    const struct smmu *m = smmu(o);

    for ( size_t i = 0; i < m->suspensions; i++ )
    {
        const struct suspension *s = &m->suspension[i];
        enum scope scope = condition_of(s->number)->scope;

        if ( scope == SCOPE_UNIT ||
             (scope == SCOPE_ASID && legal->tagged && legal->tag == s->tag) ||
             (scope == SCOPE_VMID && legal->tagged &&
              legal->tag >> 16 == s->tag >> 16) )
            return true;
    }
    return false;
}

void smmu_undefined_reset(struct oracle *o)
{
    smmu(o)->suspensions = 0;
}

/* ---- contexts that clash ---- */

static bool stage1_clash(const struct context *a, const struct context *b)
{
    if ( !a->stage1 || !b->stage1 || a->ste.world != b->ste.world ||
         a->ste.vmid != b->ste.vmid || a->cd.asid != b->cd.asid )
        return false;
    for ( unsigned int i = 0; i < 2; i++ )
        if ( a->cd.enabled[i] != b->cd.enabled[i] ||
             (a->cd.enabled[i] &&
              !table_same(&a->cd.half[i], &b->cd.half[i])) )
            return true;
    return false;
}

static bool tagged(const struct context *c)
{
    return (c->ste.stage1 || c->ste.stage2) && c->ste.world == WORLD_EL1;
}

static bool stage2_clash(const struct context *a, const struct context *b)
{
    if ( !tagged(a) || !tagged(b) || a->ste.vmid != b->ste.vmid )
        return false;
    if ( a->ste.stage2 != b->ste.stage2 )
        return true;
    return a->ste.stage2 && !table_same(&a->ste.s2, &b->ste.s2);
}

/* The contexts have changed, or a suspension has ended. */
void smmu_undefined_contexts(struct oracle *o)
{
    const struct watches *w = &smmu(o)->watches;

    for ( unsigned int i = 0; i < w->count; i++ )
        for ( unsigned int j = 0; j < i; j++ )
        {
            const struct context *a = &w->watch[i].now;
            const struct context *b = &w->watch[j].now;

            if ( !w->watch[i].selects || !w->watch[j].selects )
                continue;
            if ( stage1_clash(a, b) )
                smmu_undefined_meet(o, U_ASID_SHARED,
                                    TAG(a->ste.vmid, a->cd.asid));
            if ( stage2_clash(a, b) )
                smmu_undefined_meet(o, U_VMID_SHARED, TAG(a->ste.vmid, 0));
        }
}
