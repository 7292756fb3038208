/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operation lines, by the table of operations. */

#include <scenario/arch.h>
#include <scenario/parse.h>

#include <string.h>

static bool find_declared(struct parser *p, enum field_kind kind,
                          const char *text, uint64_t *value)
{
    const struct program_machine *machine = &p->program->machine;
    bool device = kind == FIELD_DEVICE;
    unsigned int count = device ? machine->devices : machine->tables;

    for ( unsigned int i = 0; i < count; i++ )
        if ( !strcmp(device ? machine->device[i].name : machine->table[i].name,
                     text) )
        {
            *value = i;
            return true;
        }
    return parse_fail(p, "%s '%s' is not declared; write '%s %s ...' above",
                      device ? "device" : "table", text,
                      device ? "device" : "table", text);
}

/* NAME, or OFFSET/SIZE. */
static bool parse_register(struct parser *p, const char *text, uint64_t *value)
{
    const struct arch *arch = p->program->machine.arch;
    const char *slash = strchr(text, '/');
    char offset[64];
    uint64_t at, size;

    if ( arch->register_by_name(&p->program->machine, text, value) )
        return true;
    if ( !slash || (size_t)(slash - text) >= sizeof(offset) )
        return parse_fail(p,
                          "'%s' is no register; expected its name, or "
                          "OFFSET/SIZE",
                          text);
    memcpy(offset, text, (size_t)(slash - text));
    offset[slash - text] = 0;
    if ( !parse_number(p, offset, &at) || !parse_number(p, slash + 1, &size) )
        return false;
    if ( !program_register_exists(arch, at, size) )
        return parse_fail(p, "'%s': offset below %#x, size 1, 2, 4 or 8", text,
                          arch->register_space);
    *value = REG_ENCODE(at, size);
    return true;
}

static bool parse_field(struct parser *p, struct operation *op,
                        const struct op_field *field, const char *text)
{
    struct name_tables names;
    uint64_t value = 1;
    bool ok;

    switch ( field->kind )
    {
    case FIELD_NUMBER:
        ok = parse_number(p, text, &value);
        break;
    case FIELD_DEVICE:
    case FIELD_TABLE:
        ok = find_declared(p, field->kind, text, &value);
        break;
    case FIELD_REGISTER:
        ok = parse_register(p, text, &value);
        break;
    case FIELD_FLAG:
        ok = true;
        break;
    default:
        names = names_of(p->program->machine.arch, field->kind);
        ok = parse_name(p, text, &names, "value here", &value);
        break;
    }
    if ( ok && !op_field_set(op, field, value) )
        ok = parse_fail(p, "%#llx does not fit %u bits",
                        (unsigned long long)value, field->bits);
    return ok;
}

/* The keyed field or flag that token @i names, and its value. */
static const struct op_field *find_field(const struct parser *p,
                                         const struct op_spec *spec,
                                         unsigned int i, const char **text)
{
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
    {
        if ( !f->key )
            continue;
        if ( f->kind == FIELD_FLAG && !strcmp(p->token[i], f->key) )
            return f;
        if ( f->kind != FIELD_FLAG && (*text = parse_keyed(p, i, f->key)) )
            return f;
    }
    return NULL;
}

static bool parse_fields(struct parser *p, const struct op_spec *spec,
                         struct operation *op, unsigned int first)
{
    const struct op_field *positional = spec->field;
    uint32_t seen = 0;

    for ( unsigned int i = first; i < p->tokens; i++ )
    {
        const char *text = NULL;
        const struct op_field *field = find_field(p, spec, i, &text);

        if ( !field )
        {
            field = positional++;
            text = p->token[i];
            if ( field->kind == FIELD_END || field->key )
                return parse_fail(p, "'%s' means nothing to '%s' (%s)", text,
                                  spec->keyword, spec->help);
        }
        if ( !parse_field(p, op, field, text) )
            return false;
        seen |= 1u << (field - spec->field);
    }
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
        if ( f->required && !(seen & 1u << (f - spec->field)) )
            return parse_fail(p, "'%s' misses its %s: %s", spec->keyword,
                              f->key ? f->key : "next argument", spec->help);
    return true;
}

/* What follows the @ of an operation that happens inside the next one. */
static bool parse_inside(struct parser *p, const char *text, uint64_t *step,
                         bool *at_access)
{
    *at_access = *text == 'p';
    if ( !parse_number(p, text + *at_access, step) )
        return false;
    return *step && *step <= UINT16_MAX ?
               true :
               parse_fail(p, "@%s: %s is a number from 1 to %d", text,
                          *at_access ? "an access of the physical units" :
                                       "a call of host.h",
                          UINT16_MAX);
}

/* The operation that begins at token @first. */
static bool parse_one(struct parser *p, unsigned int first)
{
    const struct arch *arch = p->program->machine.arch;
    const struct op_spec *spec;
    unsigned int code = 0;
    struct operation *op;
    uint64_t inside = 0;
    bool at_access = false, second;

    if ( first < p->tokens && p->token[first][0] == '@' &&
         !parse_inside(p, p->token[first++] + 1, &inside, &at_access) )
        return false;
    second = first < p->tokens && !strcmp(p->token[first], "b:");
    first += second;
    if ( first >= p->tokens )
        return parse_fail(p, "an operation is missing here");
    while ( (spec = op_spec_of(arch, code)) &&
            strcmp(spec->keyword, p->token[first]) )
        code++;
    if ( !spec )
        for ( code = OP_ACTIVITY; (spec = op_spec_of(arch, code)) &&
                                  strcmp(spec->keyword, p->token[first]);
              code++ )
            ;
    if ( !spec )
        return parse_fail(p,
                          "'%s' is neither a header line nor an operation "
                          "of %s (docs/scenario-language.md lists them)",
                          p->token[first], arch->name);
    if ( p->program->through & ~spec->through )
        return parse_fail(p,
                          "'%s' has a meaning through the stack only; write "
                          "'through stack'",
                          p->token[first]);
    if ( p->program->ops == MAX_OPERATIONS )
        return parse_fail(p, "more than %d operations", MAX_OPERATIONS);
    op = program_append(p->program, code, p->line);
    op->domain = second;
    op->actor = p->actor;
    op->inside = (uint16_t)inside;
    op->at_access = at_access;
    if ( second )
        p->program->machine.domains = 2;
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
        op_field_set(op, f, f->initial);
    return parse_fields(p, spec, op, first + 1);
}

#define MAX_REPEAT 100000

/* OPERATION, or repeat N OPERATION, in which i counts from 0. */
bool parse_operation(struct parser *p)
{
    struct let *counter = &p->let[p->lets];
    uint64_t times;
    bool ok = true;

    if ( strcmp(p->token[0], "repeat") )
        return parse_one(p, 0);
    if ( p->tokens < 3 )
        return parse_fail(p, "expected: repeat NUMBER OPERATION");
    if ( !parse_number(p, p->token[1], &times) )
        return false;
    if ( !times || times > MAX_REPEAT )
        return parse_fail(p, "repeat: 1 to %d times", MAX_REPEAT);
    *counter = (struct let) { .name = "i" };
    p->lets++;
    for ( ; ok && counter->value < times; counter->value++ )
        ok = parse_one(p, 2);
    p->lets--;
    return ok;
}
