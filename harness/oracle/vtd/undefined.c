/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undefined programs: conditions U1..Un under which the architecture promises
 * nothing, what each suspends, and until when.
 */
#include "internal.h"

enum scope {
    SCOPE_UNIT,   /* until a global invalidation of both caches */
    SCOPE_DOMAIN, /* until the domain's IOTLB entries are invalidated */
    SCOPE_PAGE    /* while the entry stands; see ledger.c */
};

struct condition {
    const char *text, *citation;
    enum scope scope;
    enum trigger trigger;
    bool (*holds)(const struct oracle *o, uint64_t value);
};

/* ---- predicates ---- */

static bool queue_enabled(const struct oracle *o, uint64_t value)
{
    (void)value;
    return vtd(o)->queue.enabled;
}

static bool command_busy(const struct oracle *o, uint64_t value)
{
    (void)value;
    return vtd(o)->ccmd.active || vtd(o)->iotlb.active;
}

static bool register_gone(const struct oracle *o, uint64_t value)
{
    (void)value;
    return VER_MAJOR(vtd(o)->version) >= 6;
}

static bool ccmd_granularity(const struct oracle *o, uint64_t value)
{
    (void)o;
    return CCMD_CIRG(value) == G_RESERVED;
}

static bool iotlb_granularity(const struct oracle *o, uint64_t value)
{
    (void)o;
    return IOTLB_IIRG(value) == G_RESERVED;
}

static bool iotlb_mask(const struct oracle *o, uint64_t value)
{
    uint64_t iva = vtd_registers_value64(o, ECAP_IRO(vtd(o)->ecap));

    return IOTLB_IIRG(value) == G_SELECT &&
           (!CAP_PSI(vtd(o)->cap) || IVA_AM(iva) > CAP_MAMV(vtd(o)->cap));
}

/* Level bits act on a change, one-shot bits when they are 1. */
static bool two_commands(const struct oracle *o, uint64_t value)
{
    const uint64_t level = G_TE | G_EAFL | G_QIE | G_IRE | G_CFI;
    const uint64_t once = G_SRTP | G_SFL | G_WBF | G_SIRTP;
    uint64_t commands = ((value ^ vtd(o)->registers.target) & level) |
                        (value & once);

    return (commands & (commands - 1)) ||
           (commands && vtd(o)->registers.pending);
}

static bool tail_beyond(const struct oracle *o, uint64_t value)
{
    return vtd(o)->queue.enabled &&
           (value & IQ_POINTER) >= vtd(o)->queue.bytes;
}

static bool queue_busy(const struct oracle *o, uint64_t value)
{
    (void)value;
    return !vtd(o)->queue.lost && (vtd(o)->queue.head != vtd(o)->queue.tail ||
                                   vtd(o)->queue.next != vtd(o)->queue.waits);
}

static bool wide_descriptors(const struct oracle *o, uint64_t value)
{
    (void)o;
    return value & IQA_DW;
}

/* A condition with several triggers has several rows. */
struct row {
    enum undefined number;
    struct condition condition;
};

/* clang-format off */
static const struct row rows[] = {
    { U_DID_SHARED, {
      "one domain-id with two translation types, address widths or "
      "second-level tables at one instant", "6.2.1, 9.3",
      SCOPE_DOMAIN, ON_DEMAND, NULL } },
    { U_QUEUED_AND_REGISTER, {
      "CCMD used for an invalidation while QIES = 1", "6.5.2",
      SCOPE_UNIT, ON_CCMD, queue_enabled } },
    { U_QUEUED_AND_REGISTER, {
      "IOTLB_REG used for an invalidation while QIES = 1", "6.5.2",
      SCOPE_UNIT, ON_IOTLB, queue_enabled } },
    { U_COMMAND_BUSY, {
      "CCMD written while ICC or IVT is 1", "11.4.6.1",
      SCOPE_UNIT, ON_CCMD, command_busy } },
    { U_COMMAND_BUSY, {
      "IOTLB_REG written while ICC or IVT is 1", "11.4.6.2",
      SCOPE_UNIT, ON_IOTLB, command_busy } },
    { U_TWO_COMMANDS, {
      "GCMD changes more than one command, or a command before the last one "
      "shows in GSTS", "11.4.4.1",
      SCOPE_UNIT, ON_GCMD, two_commands } },
    { U_IQA_ENABLED, {
      "IQA written while QIES = 1", "6.5.2, 11.4.9.3",
      SCOPE_UNIT, ON_IQA, queue_enabled } },
    { U_TAIL, {
      "IQT written with a value beyond the queue", "11.4.9.2",
      SCOPE_UNIT, ON_IQT, tail_beyond } },
    { U_GRANULARITY, {
      "CCMD with a reserved granularity", "11.4.6.1",
      SCOPE_UNIT, ON_CCMD, ccmd_granularity } },
    { U_GRANULARITY, {
      "IOTLB_REG with a reserved granularity", "11.4.6.2",
      SCOPE_UNIT, ON_IOTLB, iotlb_granularity } },
    { U_ADDRESS_MASK, {
      "page-selective invalidation by register without CAP.PSI or with AM "
      "beyond CAP.MAMV", "11.4.6.2",
      SCOPE_UNIT, ON_IOTLB, iotlb_mask } },
    { U_DID_WIDTH, {
      "a context entry with a domain-id beyond CAP.ND", "9.3, 11.4.2",
      SCOPE_DOMAIN, ON_DEMAND, NULL } },
    { U_DISPUTED_BIT, {
      "a second-level entry with a bit that revisions treat differently "
      "(TM, or SNP in a non-leaf entry)", "9.8",
      SCOPE_PAGE, ON_DEMAND, NULL } },
    { U_STRUCTURE_MEMORY, {
      "the memory of a live structure is taken away or exchanged", "3.4",
      SCOPE_UNIT, ON_DEMAND, NULL } },
    { U_QUEUE_BUSY, {
      "QIE cleared while the queue is not quiescent", "6.5.2",
      SCOPE_UNIT, ON_QIE_CLEAR, queue_busy } },
    { U_DESCRIPTOR_WIDTH, {
      "QIE set with 256-bit descriptors without scalable mode", "11.4.9.3",
      SCOPE_UNIT, ON_QIE, wide_descriptors } },
    { U_REGISTER_GONE, {
      "CCMD used in a unit of major version 6 or later", "6.5",
      SCOPE_UNIT, ON_CCMD, register_gone } },
    { U_REGISTER_GONE, {
      "IOTLB_REG used in a unit of major version 6 or later", "6.5",
      SCOPE_UNIT, ON_IOTLB, register_gone } },
    { U_DESCRIPTOR, {
      "a descriptor between IQH and IQT is changed, or taken back by IQT",
      "6.5.2", SCOPE_UNIT, ON_DEMAND, NULL } },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct condition *condition_of(unsigned int number)
{
    for ( size_t i = 0; i < ROWS; i++ )
        if ( rows[i].number == number )
            return &rows[i].condition;
    return NULL;
}

const char *vtd_undefined_text(unsigned int number)
{
    const struct condition *condition = condition_of(number);

    return condition ? condition->text : NULL;
}

/* ---- suspensions ---- */

void vtd_undefined_meet(struct oracle *o, enum undefined number, uint16_t did)
{
    o->met |= BIT64(number);
    for ( size_t i = 0; i < vtd(o)->suspensions; i++ )
        if ( vtd(o)->suspension[i].number == number &&
             vtd(o)->suspension[i].did == did )
        {
            vtd(o)->suspension[i] = (struct suspension) { .number = number,
                                                          .did = did,
                                                          .since = o->tick };
            return;
        }
    vtd(o)->suspension = oracle_grow(
        o, vtd(o)->suspension, vtd(o)->suspensions, &vtd(o)->suspension_room,
        sizeof(vtd(o)->suspension[0]));
    vtd(o)->suspension[vtd(o)->suspensions++] = (struct suspension) {
        .number = number, .did = did, .since = o->tick
    };
}

bool vtd_undefined_event(struct oracle *o, enum trigger trigger,
                         uint64_t value)
{
    bool any = false;

    for ( size_t i = 0; i < ROWS; i++ )
        if ( rows[i].condition.trigger == trigger &&
             rows[i].condition.holds(o, value) )
        {
            vtd_undefined_meet(o, rows[i].number, 0);
            any = true;
        }
    return any;
}

static bool suspension_ends(struct suspension *s,
                            const struct invalidation *inv)
{
    if ( inv->life.submit < s->since )
        return false;
    if ( condition_of(s->number)->scope == SCOPE_DOMAIN )
        return inv->command == COMMAND_IOTLB &&
               (inv->granularity == G_GLOBAL ||
                (inv->granularity == G_DOMAIN && inv->did == s->did));
    if ( inv->granularity == G_GLOBAL && inv->command == COMMAND_CONTEXT )
        s->context_done = true;
    if ( inv->granularity == G_GLOBAL && inv->command == COMMAND_IOTLB )
        s->iotlb_done = s->context_done;
    return s->iotlb_done;
}

void vtd_undefined_completed(struct oracle *o, const struct invalidation *inv)
{
    size_t kept = 0;

    for ( size_t i = 0; i < vtd(o)->suspensions; i++ )
        if ( !suspension_ends(&vtd(o)->suspension[i], inv) )
            vtd(o)->suspension[kept++] = vtd(o)->suspension[i];
    if ( kept == vtd(o)->suspensions )
        return;
    vtd(o)->suspensions = kept;
    vtd_undefined_contexts(o); /* does a condition hold still? */
}

bool vtd_undefined_suspends(const struct oracle *o, const uint16_t *did)
{
    for ( size_t i = 0; i < vtd(o)->suspensions; i++ )
        if ( condition_of(vtd(o)->suspension[i].number)->scope == SCOPE_UNIT ||
             (did && vtd(o)->suspension[i].did == *did) )
            return true;
    return false;
}

static bool contexts_clash(const struct context *a, const struct context *b)
{
    if ( a->fault || a->silent || b->fault || b->silent || a->did != b->did )
        return false;
    return a->tt != b->tt || a->aw != b->aw ||
           (a->tt != TT_PASS_THROUGH && a->slptptr != b->slptptr);
}

/* The context entries have changed, or a suspension has ended. */
void vtd_undefined_contexts(struct oracle *o)
{
    unsigned int width = 4 + 2 * CAP_ND(vtd(o)->cap);

    for ( unsigned int i = 0; i < o->devices; i++ )
    {
        const struct context *c = &vtd(o)->watch[i].context;

        if ( !c->fault && !c->silent && width < 16 && c->did >> width )
            vtd_undefined_meet(o, U_DID_WIDTH, c->did);
        for ( unsigned int j = 0; j < i; j++ )
            if ( contexts_clash(c, &vtd(o)->watch[j].context) )
                vtd_undefined_meet(o, U_DID_SHARED, c->did);
    }
}

void vtd_undefined_reset(struct oracle *o)
{
    vtd(o)->suspensions = 0;
}
