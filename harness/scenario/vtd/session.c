/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d in recorded sessions (FORMAT.md: L, S, E, I lines), its fault records
 * and its create hypercall. */

#include <scenario/vtd/vtd.h>

#include <string.h>

/* The fault event's message (VT-d 11.4.7). */
#define FEDATA  0x3cu
#define FEADDR  0x40u
#define FEUADDR 0x44u

/* Of a fault recording register's high word, as a session prints it: the
 * recorder's emulator fills PV though the request has no PASID. */
#define RECORD_IGNORED                                                        \
    (UINT64_C(1) << 63 /* F */ | UINT64_C(0xfffff) << 40 /* PV */)

void vtd_viommu_create(struct execution *e, const struct operation *op)
{
    uint64_t id[PROGRAM_ID_WORDS];

    memcpy(id, e->world->program->machine.id, sizeof(id));
    if ( op_arg(op, 0) )
        id[VTD_ID_CAP] = op_arg(op, 0);
    if ( op_arg(op, 1) )
        id[VTD_ID_ECAP] = op_arg(op, 1);
    execute_error(e, op, world_viommu_create(e->wd, id));
}

static void read_fault_record(struct execution *e, unsigned int index,
                              uint64_t *low, uint64_t *high)
{
    uint32_t at = vtd_frcd_offset(&e->world->program->machine, index);

    *low = world_read(e->wd, at, 8);
    *high = world_read(e->wd, at + 8, 8);
}

void vtd_fault_record(struct execution *e, const struct operation *op)
{
    /* {T1,T2}: bits 62 and 28 */
    static const uint64_t type_bits[] = { UINT64_C(1) << 62, 0,
                                          UINT64_C(1) << 62 | UINT64_C(1)
                                                                  << 28 };
    uint64_t low, high;
    uint64_t want = UINT64_C(1) << 63 | type_bits[op_arg(op, 2) % 3] |
                    op_arg(op, 4) << 32 |
                    e->world->device[op_arg(op, 1)].source;

    read_fault_record(e, (unsigned int)op_arg(op, 0), &low, &high);
    if ( low != (op_arg(op, 3) & ~UINT64_C(0xfff)) || high != want )
        world_expect(e->world, "P4",
                     "fault record %llu is %016llx %016llx, expected %016llx "
                     "%016llx",
                     (unsigned long long)op_arg(op, 0),
                     (unsigned long long)high, (unsigned long long)low,
                     (unsigned long long)want,
                     (unsigned long long)(op_arg(op, 3) & ~UINT64_C(0xfff)));
}

void vtd_expect_record(struct execution *e, const struct operation *op)
{
    uint64_t low, high;

    read_fault_record(e, (unsigned int)op_arg(op, 0), &low, &high);
    e->result->faults_expected++;
    if ( low == op_arg(op, 1) && high >> 63 &&
         !((high ^ op_arg(op, 2)) & ~RECORD_IGNORED) )
        e->result->faults_equal++;
    else
        world_expect(
            e->world, "P4",
            "fault record %llu was %016llx %016llx in the session, and "
            "is %016llx %016llx",
            (unsigned long long)op_arg(op, 0),
            (unsigned long long)op_arg(op, 2),
            (unsigned long long)op_arg(op, 1), (unsigned long long)high,
            (unsigned long long)low);
}

static bool is_event(const struct world_event *event,
                     const struct operation *op)
{
    return event->address == op_arg(op, 0) && event->data == op_arg(op, 1);
}

/*
 * The next fault event that reached the guest.  Sessions don't have the
 * unit's other interrupt, of invalidation waits: it is passed over.
 */
static bool next_fault_event(struct world_domain *wd,
                             struct world_event *event)
{
    uint64_t address = world_read(wd, FEADDR, 4) | world_read(wd, FEUADDR, 4)
                                                       << 32;
    uint32_t data = (uint32_t)world_read(wd, FEDATA, 4);

    while ( world_events_take(&wd->interrupts, event) )
        if ( event->address == address && event->data == data )
            return true;
    *event = (struct world_event) { 0 };
    return false;
}

/* The session and this run differ in what the unit did next. */
static void find_event(struct execution *e, const struct operation *op,
                       const struct world_event *event, const char *property,
                       const char *what)
{
    world_expect(e->world, property,
                 "the session's next %s was %#llx to %#llx; here it is %#x to "
                 "%#llx",
                 what, (unsigned long long)op_arg(op, 1),
                 (unsigned long long)op_arg(op, 0), event->data,
                 (unsigned long long)event->address);
}

void vtd_expect_status(struct execution *e, const struct operation *op)
{
    struct world_event event = { 0 };

    e->result->statuses_expected++;
    if ( world_events_take(&e->wd->statuses, &event) && is_event(&event, op) )
        e->result->statuses_equal++;
    else
        find_event(e, op, &event, "P5", "status word");
}

void vtd_expect_event(struct execution *e, const struct operation *op)
{
    struct world_event event = { 0 };

    e->result->interrupts_expected++;
    if ( next_fault_event(e->wd, &event) && is_event(&event, op) )
        e->result->interrupts_equal++;
    else
        find_event(e, op, &event, "P4", "fault event");
}

void vtd_expect_interrupt(struct execution *e, const struct operation *op)
{
    (void)op;
    e->result->not_modelled++;
}

void vtd_session_end(struct execution *e, struct world_domain *wd)
{
    struct world_event event;

    if ( world_events_take(&wd->statuses, &event) )
        world_expect(e->world, "P5",
                     "a status word was written to %#llx that the session "
                     "does not have",
                     (unsigned long long)event.address);
    if ( next_fault_event(wd, &event) )
        world_expect(e->world, "P4",
                     "an event interrupt came that the session does not have");
}

/* ---- reading ---- */

void vtd_trace_register(struct program_machine *machine, uint64_t offset,
                        uint64_t value)
{
    if ( offset == 0x00 )
        machine->id[VTD_ID_VERSION] = value;
    if ( offset == 0x08 )
        machine->id[VTD_ID_CAP] = value;
    if ( offset == 0x10 )
        machine->id[VTD_ID_ECAP] = value;
}

static bool line_record(struct trace *t, char *at)
{
    uint64_t index, low, high;
    struct operation *op;

    if ( !trace_hex(&at, &index) || !trace_hex(&at, &low) ||
         !trace_hex(&at, &high) || *at || index > 0xff )
        return (t->why = "expected: L index low high"), false;
    op = program_append(t->program, VTD_OP_EXPECT_RECORD, t->line);
    trace_set(op, 0, index);
    trace_set(op, 1, low);
    trace_set(op, 2, high);
    return true;
}

static bool line_interrupt(struct trace *t, char *at)
{
    uint64_t sid, address, data;
    char *word = trace_word(&at);
    struct operation *op;

    if ( (strcmp(word, "-") && !trace_hex(&word, &sid)) ||
         !trace_hex(&at, &address) || !trace_hex(&at, &data) ||
         data > UINT32_MAX )
        return (t->why = "expected: I sid address data ..."), false;
    op = program_append(t->program, VTD_OP_EXPECT_INTERRUPT, t->line);
    trace_set(op, 0, address);
    trace_set(op, 1, data);
    return true;
}

bool vtd_trace_line(struct trace *t, char kind, char *at)
{
    switch ( kind )
    {
    case 'L':
        return line_record(t, at);
    case 'S':
        return trace_pair(t, VTD_OP_EXPECT_STATUS, at);
    case 'E':
        return trace_pair(t, VTD_OP_EXPECT_EVENT, at);
    case 'I':
        return line_interrupt(t, at);
    default:
        return false;
    }
}

#define CAP_CM_BIT    (UINT64_C(1) << 7)
#define ECAP_SMTS_BIT (UINT64_C(1) << 43)

void vtd_trace_end(struct program *program)
{
    struct program_machine *m = &program->machine;

    m->options = 1u << VTD_OPTION_REPLAY | 1u << VTD_OPTION_COLLAPSE;
    if ( !program->needs && m->id[VTD_ID_ECAP] & ECAP_SMTS_BIT )
        program->needs = strdup("needs scalable mode");
    if ( !(m->id[VTD_ID_CAP] & CAP_CM_BIT) )
        program->through = 1u << THROUGH_MODEL;
}
