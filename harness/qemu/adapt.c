/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of files -> programs that QEMU's machine can run as well. */

#include <qemu/diff.h>
#include <qemu/fields.h>

#include <string.h>

/* What a file asks for, and the machine of both sides can't do; or NULL. */
const char *diff_impossible(const struct diff_target *target,
                            const struct program *program)
{
    const struct program_machine *m = &program->machine;

    if ( program->kind != PROGRAM_SCENARIO || m->arch != target->arch->arch )
        return "it is no scenario of this architecture";
    if ( m->devices > target->machine.devices || m->domains > 1 || m->manual )
        return "it has more devices, or domains, than QEMU's machine";
    for ( unsigned int i = 0; i < m->regions; i++ )
        if ( m->region[i].type != REGION_RAM )
            return "it has memory that is no RAM";
    if ( program->oracle_only )
        return "it leaves defined ground";
    for ( size_t i = 0; i < program->ops; i++ )
        if ( !(op_spec(&program->op[i])->through & 1u << THROUGH_MODEL) )
            return "it needs the stack";
    for ( size_t i = 0; i < program->ops; i++ )
        if ( program->op[i].code == OP_DMA &&
             (op_arg(&program->op[i], 1) == REQUEST_ATOMIC ||
              op_arg(&program->op[i], 2) % 4 ||
              field_get(&program->op[i], "priv") ||
              field_get(&program->op[i], "exec") ||
              field_get(&program->op[i], "pasid") != REQUEST_NO_PASID ||
              field_get(&program->op[i], "type") != REQUEST_UNTRANSLATED) )
            return "edu makes no such DMA";
    return target->arch->impossible(target, program);
}

/* The machine of both, with the names and tables of the program. */
static void adapt_machine(const struct diff_target *target,
                          struct program_machine *machine)
{
    struct program_machine m = target->machine;

    m.tables = machine->tables;
    memcpy(m.table, machine->table, sizeof(m.table));
    for ( unsigned int i = 0; i < machine->devices; i++ )
        memcpy(m.device[i].name, machine->device[i].name,
               sizeof(m.device[i].name));
    m.devices = machine->devices;
    target->arch->narrow(&m, machine);
    *machine = m;
}

/* Without what it must become: that is for the comparison to say.  False:
 * nothing is left of it. */
static bool adapt_operation(const struct diff_target *target,
                            struct operation *op)
{
    switch ( op->code )
    {
    case OP_DMA:
        field_set(op, "size", 4);
        field_set(op, "to", UINT64_MAX);
        field_set(op, "fault", 0);
        field_set(op, "abort", 0);
        return true;
    case OP_READ:
    case OP_LOAD:
        field_set(op, "mask", 0);
        return true;
    case OP_INTERRUPTS:
    case OP_CHECK:
    case OP_UNDEFINED:
        return false;
    default:
        return target->arch->adapt(op);
    }
}

/* A program as all sides can run it. */
void diff_adapt(const struct diff_target *target, struct program *program)
{
    size_t ops = 0;

    adapt_machine(target, &program->machine);
    for ( size_t i = 0; i < program->ops && ops < DIFF_MAX_OPS; i++ )
        if ( adapt_operation(target, &program->op[i]) )
        {
            program->op[ops] = program->op[i];
            program->op[ops].line = (uint32_t)ops + 1;
            ops++;
        }
    program->ops = ops;
}
