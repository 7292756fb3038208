/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 in recorded sessions (FORMAT.md: L lines), and its create
 * hypercall. */

#include <scenario/smmuv3/smmuv3.h>

#include <string.h>

#define EVENT_WORDS 4

/* 6.3.31, 6.3.29, 6.3.30 */
#define EVENTQ_BASE        0xa0u
#define EVENTQ_PROD        0x100a8u
#define EVENTQ_BASE_ADDR   UINT64_C(0x00ffffffffffffe0)
#define EVENTQ_LOG2SIZE(v) ((unsigned int)((v)&0x1f))

/* What the recorder's emulator fills in: type and StreamID, RnW, the input
 * address (7.3). */
static const uint64_t recorded[EVENT_WORDS] = { UINT64_C(0xffffffff000000ff),
                                                UINT64_C(1) << 35, UINT64_MAX,
                                                0 };

static void replace(uint64_t *id, uint64_t value)
{
    if ( value != SMMUV3_OWN_IDR )
        *id = value;
}

void smmuv3_op_viommu_create(struct execution *e, const struct operation *op)
{
    uint64_t id[PROGRAM_ID_WORDS];

    memcpy(id, e->world->program->machine.id, sizeof(id));
    replace(&id[SMMUV3_ID_IDR0], op_arg(op, 0));
    replace(&id[SMMUV3_ID_IDR1], op_arg(op, 1));
    replace(&id[SMMUV3_ID_IDR3], op_arg(op, 2));
    replace(&id[SMMUV3_ID_IDR5], op_arg(op, 3));
    execute_error(e, op, world_viommu_create(e->wd, id));
}

/*
 * The event queue as a session's driver follows it.  Drivers differ in when
 * they write EVENTQ_CONS, so the records looked at are counted; a queue that
 * is set up anew begins anew.
 */
struct reader {
    uint64_t base;
    uint32_t index_mask, wrap_mask;
    uint32_t left; /* records that were not looked at */
};

static struct reader reader_of(struct world_domain *wd)
{
    struct smmuv3_driver *driver = wd->guest;
    struct reader r = { .base = world_read(wd, EVENTQ_BASE, 8) };
    uint32_t prod = (uint32_t)world_read(wd, EVENTQ_PROD, 4);

    r.index_mask = (1u << EVENTQ_LOG2SIZE(r.base)) - 1;
    r.wrap_mask = 2 * r.index_mask + 1;
    if ( r.base != driver->session_queue )
    {
        driver->session_queue = r.base;
        driver->session_events = 0;
    }
    r.left = (prod - driver->session_events) & r.wrap_mask;
    if ( r.left > r.index_mask + 1 )
    {
        driver->session_events = 0;
        r.left = prod & r.wrap_mask;
    }
    return r;
}

static bool next_event(struct world_domain *wd, uint64_t *event)
{
    struct smmuv3_driver *driver = wd->guest;
    struct reader r = reader_of(wd);
    uint64_t at = (r.base & EVENTQ_BASE_ADDR) +
                  (uint64_t)(driver->session_events & r.index_mask) *
                      EVENT_WORDS * 8;

    if ( !r.left )
        return false;
    driver->session_events++;
    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        if ( !domain_read64(wd->domain, at + 8 * i, &event[i]) )
            return false;
    return true;
}

void smmuv3_expect_event(struct execution *e, const struct operation *op)
{
    uint64_t event[EVENT_WORDS] = { 0 };
    bool same = next_event(e->wd, event);

    e->result->faults_expected++;
    for ( unsigned int i = 0; i < EVENT_WORDS && same; i++ )
        same = !((event[i] ^ op_arg(op, i)) & recorded[i]);
    if ( same )
        e->result->faults_equal++;
    else
        world_expect(
            e->world, "P4",
            "the session's next event was %016llx %016llx %016llx; "
            "here it is %016llx %016llx %016llx",
            (unsigned long long)op_arg(op, 0),
            (unsigned long long)op_arg(op, 1),
            (unsigned long long)op_arg(op, 2), (unsigned long long)event[0],
            (unsigned long long)event[1], (unsigned long long)event[2]);
}

void smmuv3_session_end(struct execution *e, struct world_domain *wd)
{
    if ( reader_of(wd).left )
        world_expect(e->world, "P4",
                     "an event was recorded that the session does not have");
}

/* ---- reading ---- */

void smmuv3_trace_register(struct program_machine *machine, uint64_t offset,
                           uint64_t value)
{
    if ( offset <= 0x1c && offset % 4 == 0 )
        machine->id[offset / 4] = value;
}

bool smmuv3_trace_line(struct trace *t, char kind, char *at)
{
    struct operation *op;
    uint64_t word[EVENT_WORDS];

    if ( kind != 'L' )
        return (t->why = "such a line is VT-d's"), false;
    t->why = "expected: L w0 w1 w2 w3";
    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        if ( !trace_hex(&at, &word[i]) )
            return false;
    if ( *at )
        return false;
    op = program_append(t->program, SMMUV3_OP_EXPECT_EVENT, t->line);
    for ( unsigned int i = 0; i < EVENT_WORDS; i++ )
        trace_set(op, i, word[i]);
    return true;
}

static bool in_region(const struct program_machine *m, uint64_t gpa)
{
    for ( unsigned int i = 0; i < m->regions; i++ )
        if ( gpa - m->region[i].base < m->region[i].size )
            return true;
    return false;
}

/*
 * Message-signalled interrupts of devices are translated like any write (there
 * is no interrupt range as on x86): their targets, the doorbell pages of the
 * interrupt controller, are no RAM of the session.  A hypervisor has a page
 * for them in its p2m; so has the machine.
 */
void smmuv3_trace_end(struct program *program)
{
    struct program_machine *m = &program->machine;

    for ( size_t i = 0; i < program->ops; i++ )
    {
        const struct operation *op = &program->op[i];

        if ( op->code == OP_EXPECT_DMA && m->regions < MACHINE_MAX_REGIONS &&
             !in_region(m, op_arg(op, 2)) )
            m->region[m->regions++] = (struct region) {
                op_arg(op, 2) & ~UINT64_C(0xfff), 0x1000, REGION_RAM
            };
    }
}
