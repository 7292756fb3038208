/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs in memory: the table of operations, and their life. */

#include <scenario/arch.h>
#include <scenario/op_rows.h>

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct op_spec op_table[OP_ARCH] = {
    [OP_WRITE] = { "write", BOTH, "write a register",
        { POS(REGISTER, 0, 0, 32), POS(NUMBER, 1, 0, 64) } },
    [OP_READ] = { "read", BOTH, "read a register",
        { POS(REGISTER, 0, 0, 32), REQ("is", NUMBER, 1, 0, 64),
          OPT("mask", NUMBER, 2, 0, 64, UINT64_MAX) } },
    [OP_STORE] = { "store", ANYWHERE, "store an 8-byte word",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 64) } },
    [OP_LOAD] = { "load", BOTH, "load an 8-byte word",
        { POS(NUMBER, 0, 0, 64), REQ("is", NUMBER, 1, 0, 64),
          OPT("mask", NUMBER, 2, 0, 64, UINT64_MAX) } },
    [OP_DMA] = { "dma", ANYWHERE, "a device reads or writes",
        { POS(DEVICE, 0, 0, 8), POS(ACCESS, 0, 8, 4),
          POS(NUMBER, 1, 0, 64), OPT("to", NUMBER, 2, 0, 64, UINT64_MAX),
          OPT("fault", NUMBER, 0, 16, 8, 0), FLAG("abort", 0, 24),
          FLAG("priv", 0, 25), FLAG("exec", 0, 26),
          OPT("size", NUMBER, 0, 32, 16, 8),
          OPT("pasid", NUMBER, 3, 0, 32, UINT32_MAX),
          OPT("type", TYPE, 0, 28, 4, 0) } },
    [OP_VIOMMU_DESTROY] = { "viommu-destroy", STACK,
        "destroy the domain's vIOMMU",
        { OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_ASSIGN] = { "assign", STACK, "give a device to the domain",
        { POS(DEVICE, 0, 0, 8), OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_DEASSIGN] = { "deassign", STACK, "take a device from the domain",
        { POS(DEVICE, 0, 0, 8), OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_ATTACH] = { "attach", STACK, "put a device under the vIOMMU",
        { POS(DEVICE, 0, 0, 8), OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_DETACH] = { "detach", STACK, "take a device from under the vIOMMU",
        { POS(DEVICE, 0, 0, 8), OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_DOMAIN_DESTROY] = { "domain-destroy", STACK, "destroy the domain",
        { OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_HYPERCALL_FIELD] = { "hypercall-field", STACK,
        "set a field of the next raw hypercall",
        { POS(HYPERCALL, 0, 0, 16), POS(NUMBER, 1, 0, 64) } },
    [OP_HYPERCALL] = { "hypercall", STACK, "make the raw hypercall",
        { OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_P2M_REMOVE] = { "p2m-remove", STACK | OP_INSIDE,
        "take a page of the guest away",
        { POS(NUMBER, 0, 0, 64), OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_P2M_POPULATE] = { "p2m-populate", STACK | OP_INSIDE,
        "give the guest a page",
        { POS(NUMBER, 0, 0, 64), FLAG("rom", 1, 0),
          OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_P2M_RELEASE] = { "p2m-release", STACK,
        "let the removed pages go when nobody holds them", { { 0 } } },
    [OP_FAIL] = { "fail", STACK, "make the k-th call of a kind fail",
        { POS(FAILURE, 0, 0, 8), POS(NUMBER, 0, 8, 32) } },
    [OP_INTERRUPTS] = { "interrupts", BOTH,
        "so many interrupts reached the guest since the last time",
        { POS(NUMBER, 0, 0, 32), OPT("address", NUMBER, 1, 0, 64, 0),
          OPT("data", NUMBER, 0, 32, 32, 0) } },
    [OP_CHECK] = { "check", BOTH,
        "compare everything with what the guest's tables say", { { 0 } } },
    [OP_SHADOW] = { "shadow", STACK, "bounds of the shadow's size",
        { OPT("max-pages", NUMBER, 0, 0, 32, UINT32_MAX),
          OPT("min-pages", NUMBER, 0, 32, 32, 0),
          OPT("min-refused", NUMBER, 1, 0, 32, 0),
          OPT("max-refused", NUMBER, 1, 32, 32, UINT32_MAX) } },
    [OP_UNDEFINED] = { "undefined", BOTH,
        "the program has left the defined ground in this way (U number)",
        { POS(NUMBER, 0, 0, 8) } },
    [OP_CENSUS] = { "census", STACK,
        "everything held for the domain must have been given back",
        { { 0 } } },
    [OP_EXPECT_DMA] = { "expect-dma", BOTH, "session: a DMA as recorded",
        { POS(NUMBER, 0, 0, 32), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 64), POS(NUMBER, 3, 0, 64),
          POS(RIGHTS, 0, 32, 2) } },
    [OP_EXPECT_FAULT] = { "expect-fault", BOTH,
        "session: a DMA that faults as recorded",
        { POS(NUMBER, 0, 0, 32), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 32), POS(ACCESS, 0, 32, 4) } },
    [OP_TRANSLATE] = { "translate", STACK,
        "a device model asks where an access of a virtual device goes",
        { POS(DEVICE, 0, 0, 8), POS(ACCESS, 0, 8, 4), POS(NUMBER, 1, 0, 64),
          OPT("slot", NUMBER, 0, 12, 4, 0), OPT("fault", NUMBER, 0, 16, 8, 0),
          FLAG("priv", 0, 24), FLAG("exec", 0, 25), FLAG("ats", 0, 26),
          FLAG("none", 0, 27), OPT("rights", RIGHTS, 0, 32, 3, 4),
          OPT("to", NUMBER, 2, 0, 64, UINT64_MAX),
          OPT("pasid", NUMBER, 3, 0, 32, UINT32_MAX),
          OPT("error", NUMBER, 3, 32, 16, 0) } },
    [OP_ACCESS] = { "access", STACK | OP_INSIDE,
        "a device model accesses memory by a translation that it has",
        { POS(DEVICE, 0, 0, 8), POS(ACCESS, 0, 8, 4),
          OPT("slot", NUMBER, 0, 12, 4, 0), FLAG("refused", 0, 24),
          FLAG("any", 0, 25),
          OPT("size", NUMBER, 0, 32, 16, 8),
          OPT("offset", NUMBER, 1, 0, 32, 0),
          OPT("value", NUMBER, 2, 0, 64, UINT64_MAX),
          OPT("to", NUMBER, 3, 0, 64, UINT64_MAX) } },
    [OP_COPY] = { "copy", STACK,
        "a device model has bytes copied, translation and access in one step",
        { POS(DEVICE, 0, 0, 8), POS(ACCESS, 0, 8, 4), POS(NUMBER, 1, 0, 64),
          OPT("fault", NUMBER, 0, 16, 8, 0), FLAG("priv", 0, 24),
          FLAG("exec", 0, 25), FLAG("abort", 0, 26),
          OPT("size", NUMBER, 0, 32, 16, 8), OPT("error", NUMBER, 0, 48, 16, 0),
          OPT("to", NUMBER, 2, 0, 64, UINT64_MAX),
          OPT("value", NUMBER, 3, 0, 64, UINT64_MAX) } },
    [OP_DROP] = { "drop", STACK | OP_INSIDE,
        "a device model has done with a translation",
        { POS(DEVICE, 0, 0, 8), OPT("slot", NUMBER, 0, 12, 4, 0) } },
    [OP_RECEIVE] = { "receive", STACK | OP_INSIDE,
        "a device model takes the oldest message for it",
        { POS(NUMBER, 0, 0, 8), OPT("kind", MESSAGE, 0, 8, 4, 15),
          FLAG("none", 0, 12), OPT("first", NUMBER, 1, 0, 64, 1),
          OPT("last", NUMBER, 2, 0, 64, 0) } },
    [OP_ANSWER] = { "answer", STACK,
        "a device model ends what a message concerns, and answers it",
        { POS(NUMBER, 0, 0, 8), OPT("nth", NUMBER, 0, 8, 8, 0),
          OPT("of", NUMBER, 0, 16, 8, 255), FLAG("early", 0, 24),
          FLAG("again", 0, 25), OPT("sequence", NUMBER, 1, 0, 64, 0),
          OPT("error", NUMBER, 2, 0, 16, 0) } },
    [OP_MESSAGES] = { "messages", STACK,
        "so many messages wait for a device model",
        { POS(NUMBER, 0, 0, 8), POS(NUMBER, 1, 0, 32) } },
    [OP_HOLD] = { "hold", STACK,
        "a device model no longer answers by itself (off: it does again)",
        { POS(NUMBER, 0, 0, 8), FLAG("off", 0, 8) } },
    [OP_CONNECT] = { "connect", STACK, "a device model connects (again)",
        { POS(NUMBER, 0, 0, 8) } },
    [OP_DISCONNECT] = { "disconnect", STACK, "a device model is cut off",
        { POS(NUMBER, 0, 0, 8), OPT("error", NUMBER, 2, 0, 16, 0) } },
};
/* clang-format on */

const struct op_spec *op_spec_of(const struct arch *arch, unsigned int code)
{
    if ( code < OP_ARCH )
        return &op_table[code];
    if ( code >= OP_ACTIVITY )
        return code < OP_ACTIVITY_END ? &activity_op[code - OP_ACTIVITY] :
                                        NULL;
    return code - OP_ARCH < arch->ops ? &arch->op[code - OP_ARCH] : NULL;
}

const struct op_spec *op_spec(const struct operation *op)
{
    return op_spec_of(arch_table[op->arch], op->code);
}

struct program *program_new(enum program_kind kind, const char *name)
{
    struct program *program = calloc(1, sizeof(*program));

    if ( !program )
        abort();
    program->kind = kind;
    program->name = strdup(name);
    program->through = BOTH;
    program->retention = (1u << RETENTION_COUNT) - 1;
    program->shapes = (1u << SHAPE_COUNT) - 1;
    program->litmus.bound = PROGRAM_NO_BOUND;
    program_set_arch(program, arch_table[0]);
    return program;
}

void program_set_arch(struct program *program, const struct arch *arch)
{
    program->machine = (struct program_machine) { .arch = arch, .domains = 1 };
    arch->defaults(&program->machine);
}

const char *program_arch_name(const struct program *program)
{
    return program->machine.arch->name;
}

void program_free(struct program *program)
{
    if ( !program )
        return;
    free(program->name);
    free(program->file);
    free(program->title);
    free(program->section);
    free(program->needs);
    free(program->litmus.schedule);
    free(program->op);
    free(program);
}

void program_list_free(struct program_list *list)
{
    for ( size_t i = 0; i < list->count; i++ )
        program_free(list->program[i]);
    free(list->program);
    *list = (struct program_list) { 0 };
}

struct operation *program_append(struct program *program, unsigned int code,
                                 uint32_t line)
{
    struct operation *op;

    if ( program->ops == program->room )
    {
        program->room = program->room ? 2 * program->room : 32;
        program->op = realloc(program->op,
                              program->room * sizeof(*program->op));
        if ( !program->op )
            abort();
    }
    op = &program->op[program->ops++];
    *op = (struct operation) {
        .code = (uint8_t)code,
        .arch = (uint8_t)arch_number(program->machine.arch),
        .line = line,
    };
    return op;
}

static char *copy_string(const char *s)
{
    return s ? strdup(s) : NULL;
}

struct program *program_copy(const struct program *program, size_t ops)
{
    struct program *copy = program_new(program->kind, program->name);
    char *name = copy->name;

    *copy = *program;
    copy->name = name;
    copy->file = copy_string(program->file);
    copy->title = copy_string(program->title);
    copy->section = copy_string(program->section);
    copy->needs = copy_string(program->needs);
    copy->litmus.schedule = copy_string(program->litmus.schedule);
    copy->ops = copy->room = ops < program->ops ? ops : program->ops;
    copy->op = calloc(copy->room ? copy->room : 1, sizeof(*copy->op));
    if ( !copy->op )
        abort();
    if ( copy->ops )
        memcpy(copy->op, program->op, copy->ops * sizeof(*copy->op));
    return copy;
}

/* ---- what can run ---- */

static const char *check_ways(const struct program *program)
{
    if ( !program->through || program->through & ~BOTH )
        return "it must run through model or stack";
    if ( !program->retention || program->retention >> RETENTION_COUNT )
        return "it needs a retention policy";
    if ( !program->shapes || program->shapes >> SHAPE_COUNT )
        return "it needs a p2m shape";
    return NULL;
}

static const char *check_devices(const struct program_machine *m)
{
    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        if ( m->device[i].domain >= m->domains )
            return "a device belongs to a domain that is not there";
        if ( m->device[i].unit >= PROGRAM_MAX_UNITS )
            return "a device is below a unit that is not there";
        if ( m->device[i].model > MACHINE_MAX_DMS ||
             m->device[i].options & ~VDEVICE_OPTIONS ||
             (m->device[i].options && !m->device[i].model) )
            return "a virtual device has a device model that is not there";
        if ( m->arch->source_bits < 32 &&
             m->device[i].source >> m->arch->source_bits )
            return "a device has a number that no requester has";
        for ( unsigned int j = 0; j < i; j++ )
            if ( m->device[i].source == m->device[j].source &&
                 m->device[i].domain == m->device[j].domain )
                return "two devices of a domain have the same number";
    }
    return NULL;
}

static bool tables_possible(const struct program_machine *m)
{
    for ( unsigned int i = 0; i < m->tables; i++ )
        for ( unsigned int n = 0; m->arch->table_option[n].key; n++ )
            if ( m->table[i].option[n] < m->arch->table_option[n].least ||
                 m->table[i].option[n] > m->arch->table_option[n].most )
                return false;
    return true;
}

static bool has_vdevices(const struct program_machine *m)
{
    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( m->device[i].model )
            return true;
    return false;
}

static const char *check_machine(const struct program_machine *m)
{
    if ( m->domains < 1 || m->domains > 2 )
        return "a machine has one or two domains";
    if ( m->haw < 32 || m->haw > 52 )
        return "the host address width is 32 to 52 bits";
    if ( !m->regions )
        return "the machine has no memory";
    for ( unsigned int i = 0; i < m->regions; i++ )
    {
        const struct region *r = &m->region[i];

        if ( (r->base | r->size) & 0xfff || !r->size ||
             r->base + r->size - 1 < r->base ||
             (r->base + r->size - 1) >> m->haw )
            return "a memory region is empty, not made of pages, or beyond "
                   "the host address width";
    }
    if ( !tables_possible(m) )
        return "a table is of a kind that there is not";
    if ( m->arch->check_machine(m) )
        return m->arch->check_machine(m);
    return check_devices(m);
}

bool program_register_exists(const struct arch *arch, uint64_t offset,
                             uint64_t size)
{
    return (size == 1 || size == 2 || size == 4 || size == 8) &&
           offset <= arch->register_space &&
           size <= arch->register_space - offset;
}

/* A device, a table or a register that an operation names must exist. */
static bool references_exist(const struct program_machine *m,
                             const struct operation *op)
{
    for ( const struct op_field *f = op_spec(op)->field; f->kind != FIELD_END;
          f++ )
    {
        uint64_t value = op_field_get(op, f);

        if ( f->kind == FIELD_DEVICE && value >= m->devices )
            return false;
        if ( f->kind == FIELD_REGISTER &&
             !program_register_exists(m->arch, REG_OFFSET(value),
                                      REG_SIZE(value)) )
            return false;
        if ( f->kind == FIELD_TABLE && value >= m->tables &&
             (f->required || value != f->initial) )
            return false;
    }
    return true;
}

/* What has names in the text has no other values. */
static bool names_exist(const struct program_machine *m,
                        const struct operation *op)
{
    for ( const struct op_field *f = op_spec(op)->field; f->kind != FIELD_END;
          f++ )
    {
        uint64_t value = op_field_get(op, f);
        bool named = f->kind >= FIELD_SIZE && f->kind != FIELD_REGISTER &&
                     f->kind != FIELD_FLAG;

        if ( named && (f->required || value != f->initial) &&
             !name_of(m->arch, f->kind, value) )
            return false;
    }
    return true;
}

static const char *check_operation(const struct program *program,
                                   const struct operation *op)
{
    const struct op_spec *spec = op_spec(op);

    if ( !spec )
        return "an operation has an unknown code";
    if ( program->through & ~spec->through )
        return "an operation has a meaning through the stack only";
    if ( op->inside && !(spec->through & OP_INSIDE) )
        return "an operation that does more than access memory can't happen "
               "inside another";
    if ( op->domain >= program->machine.domains )
        return "an operation is of a domain that is not there";
    if ( !references_exist(&program->machine, op) )
        return "an operation names a device, table or register that is not "
               "there";
    if ( !names_exist(&program->machine, op) )
        return "a field of an operation has a value without a name";
    if ( program->kind == PROGRAM_LITMUS && op->inside )
        return "an actor of a litmus test runs beside others anyway: no @";
    return op->code < OP_ARCH || op->code >= OP_ACTIVITY ?
               NULL :
               program->machine.arch->check_operation(op);
}

const char *program_check(const struct program *program, uint32_t *line)
{
    const char *why = check_ways(program);

    *line = 0;
    if ( !why )
        why = check_machine(&program->machine);
    if ( !why && has_vdevices(&program->machine) && program->through != STACK )
        why = "virtual devices are below a vIOMMU: write 'through stack'";
    for ( size_t i = 0; !why && i < program->ops; i++ )
    {
        why = check_operation(program, &program->op[i]);
        *line = why ? program->op[i].line : 0;
    }
    return why;
}
