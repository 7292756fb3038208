/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded sessions ("umbra-trace 1") -> programs.
 *
 * M becomes a store, R a register write, and D, F, L, S, E, I what must be
 * observed.  G lines are a help for people and are left out.
 */

#include <scenario/arch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool trace_hex(char **at, uint64_t *value)
{
    char *end;

    if ( **at == ' ' || **at == '-' || **at == '+' )
        return false;
    *value = strtoull(*at, &end, 16);
    if ( end == *at || end - *at > 16 || (*end && *end != ' ') )
        return false;
    *at = *end ? end + 1 : end;
    return true;
}

char *trace_word(char **at)
{
    char *word = *at, *end = word + strcspn(word, " ");

    *at = *end ? end + 1 : end;
    *end = 0;
    return word;
}

void trace_set(struct operation *op, unsigned int n, uint64_t value)
{
    op_field_set(op, &op_spec(op)->field[n], value);
}

static bool line_store(struct trace *t, char *at)
{
    uint64_t gpa, value;
    struct operation *op;

    if ( !trace_hex(&at, &gpa) || !trace_hex(&at, &value) || *at || gpa & 7 )
        return (t->why = "expected: M gpa value, gpa a multiple of 8"), false;
    op = program_append(t->program, OP_STORE, t->line);
    trace_set(op, 0, gpa);
    trace_set(op, 1, value);
    return true;
}

static bool line_write(struct trace *t, char *at)
{
    uint64_t offset, size, value;
    struct operation *op;

    if ( !trace_hex(&at, &offset) || !trace_hex(&at, &size) ||
         !trace_hex(&at, &value) || *at ||
         !program_register_exists(t->program->machine.arch, offset, size) )
        return (t->why = "expected: R offset size value, size 1, 2, 4 or 8, "
                         "offset inside the registers"),
               false;
    op = program_append(t->program, OP_WRITE, t->line);
    trace_set(op, 0, REG_ENCODE(offset, size));
    trace_set(op, 1, value);
    return true;
}

static bool source_fits(const struct trace *t, uint64_t sid)
{
    return !(sid >> t->program->machine.arch->source_bits);
}

static bool line_dma(struct trace *t, char *at)
{
    const struct name_tables names = names_of(t->program->machine.arch,
                                              FIELD_RIGHTS);
    uint64_t sid, iova, gpa, mask, rights;
    struct operation *op;
    const char *pasid;

    t->why = "expected: D sid pasid iova gpa mask perm";
    if ( !trace_hex(&at, &sid) || !source_fits(t, sid) )
        return false;
    pasid = trace_word(&at);
    if ( !trace_hex(&at, &iova) || !trace_hex(&at, &gpa) ||
         !trace_hex(&at, &mask) ||
         !name_find(&names, trace_word(&at), &rights) || *at )
        return false;
    if ( strcmp(pasid, "-") )
    {
        t->why = "requests with PASID are not read yet";
        return false;
    }
    op = program_append(t->program, OP_EXPECT_DMA, t->line);
    trace_set(op, 0, sid);
    trace_set(op, 1, iova);
    trace_set(op, 2, gpa);
    trace_set(op, 3, mask);
    trace_set(op, 4, rights);
    return true;
}

static bool get_reason(char **at, uint64_t *reason)
{
    if ( !strncmp(*at, "abort ", 6) )
    {
        trace_word(at);
        *reason = 0;
        return true;
    }
    return trace_hex(at, reason) && *reason <= 0xff;
}

static bool line_fault(struct trace *t, char *at)
{
    uint64_t sid, iova = 0, reason;
    const char *pasid, *direction;
    struct operation *op;
    bool known, by_reason;

    t->why = "expected: F sid pasid iova reason dir";
    if ( !trace_hex(&at, &sid) || !source_fits(t, sid) )
        return false;
    pasid = trace_word(&at);
    known = strncmp(at, "- ", 2);
    if ( strcmp(pasid, "-") || (known && !trace_hex(&at, &iova)) )
        return false;
    at += known ? 0 : 2;
    if ( !get_reason(&at, &reason) )
        return false;
    direction = trace_word(&at);
    if ( (strcmp(direction, "r") && strcmp(direction, "w") &&
          strcmp(direction, "-")) ||
         *at )
        return false;
    by_reason = reason && reason == t->program->machine.arch->write_reason;
    if ( !known )
        return true; /* an access to nobody knows where can't be repeated */
    op = program_append(t->program, OP_EXPECT_FAULT, t->line);
    trace_set(op, 0, sid);
    trace_set(op, 1, iova);
    trace_set(op, 2, reason);
    trace_set(op, 3, *direction == 'w' || (*direction == '-' && by_reason));
    return true;
}

bool trace_pair(struct trace *t, unsigned int code, char *at)
{
    uint64_t address, value;
    struct operation *op;

    if ( !trace_hex(&at, &address) || !trace_hex(&at, &value) || *at ||
         value > UINT32_MAX )
        return (t->why = "expected: an address and a value of 4 bytes"), false;
    op = program_append(t->program, code, t->line);
    trace_set(op, 0, address);
    trace_set(op, 1, value);
    return true;
}

static bool header(struct trace *t, char *text)
{
    struct program_machine *m = &t->program->machine;
    uint64_t a, b, c;
    char *word = trace_word(&text);

    if ( !strcmp(word, "arch") )
    {
        const struct arch *arch = arch_by_name(text);

        if ( t->program->ops )
            return (t->why = "'# arch' stands before the first line"), false;
        if ( arch )
            program_set_arch(t->program, arch);
        t->foreign = !arch;
        if ( !arch )
            t->program->needs = strdup("needs an architecture that is not "
                                       "built");
    }
    if ( !strcmp(word, "workload") )
    {
        free(t->program->title);
        t->program->title = strdup(text);
    }
    if ( !strcmp(word, "mem") )
    {
        if ( m->regions == MACHINE_MAX_REGIONS || !trace_hex(&text, &a) ||
             !trace_hex(&text, &b) || *text )
            return (t->why = "expected: # mem base size"), false;
        m->region[m->regions++] = (struct region) {
            a, (b + 0xfff) & ~UINT64_C(0xfff), REGION_RAM
        };
    }
    if ( !strcmp(word, "reg") )
    {
        if ( !trace_hex(&text, &a) || !trace_hex(&text, &b) ||
             !trace_hex(&text, &c) )
            return (t->why = "expected: # reg offset size value name"), false;
        m->arch->trace_register(m, a, c);
    }
    return true;
}

static bool parse_line(struct trace *t, char *line)
{
    char kind = line[0];

    t->why = "expected one of M R G D F L I S E, a space, and its fields";
    if ( kind == 0 || t->foreign )
        return true;
    if ( kind == '#' )
        return line[1] != ' ' || header(t, line + 2);
    if ( line[1] != ' ' )
        return false;
    switch ( kind )
    {
    case 'M':
        return line_store(t, line + 2);
    case 'R':
        return line_write(t, line + 2);
    case 'D':
        return line_dma(t, line + 2);
    case 'F':
        return line_fault(t, line + 2);
    case 'L':
    case 'S':
    case 'E':
    case 'I':
        return t->program->machine.arch->trace_line(t, kind, line + 2);
    case 'G':
        return true;
    default:
        return false;
    }
}

/* Devices are what the session names. */
static void find_devices(struct program *program)
{
    struct program_machine *m = &program->machine;

    for ( size_t i = 0; i < program->ops; i++ )
    {
        const struct operation *op = &program->op[i];
        unsigned int d = 0;

        if ( op->code != OP_EXPECT_DMA && op->code != OP_EXPECT_FAULT )
            continue;
        while ( d < m->devices && m->device[d].source != op_arg(op, 0) )
            d++;
        if ( d < m->devices || d == PROGRAM_MAX_DEVICES )
            continue;
        m->device[d].source = (uint32_t)op_arg(op, 0);
        snprintf(m->device[d].name, PROGRAM_NAME_LENGTH, "sid%x",
                 m->device[d].source);
        m->devices++;
    }
}

static void classify(struct program *program)
{
    program->machine.arch->trace_end(program);
    program->retention &= 0x7; /* the first three */
    find_devices(program);
}

bool program_parse_trace(char *text, size_t size, const char *file,
                         const char *name, struct program_list *list,
                         struct program_error *error)
{
    struct trace t = { .file = file, .error = error };
    char *end = text + size;
    bool ok = true, whole = size && end[-1] == '\n';

    t.program = program_new(PROGRAM_SESSION, name);
    t.program->file = strdup(file);
    while ( ok && text < end )
    {
        char *next = memchr(text, '\n', (size_t)(end - text));

        t.line++;
        if ( !next )
            break; /* a line without its end may be half a line */
        *next = 0;
        ok = parse_line(&t, text);
        text = next + 1;
    }
    if ( !ok )
        snprintf(error->text, sizeof(error->text), "%s:%u: %s", file, t.line,
                 t.why);
    else if ( !whole )
        snprintf(error->text, sizeof(error->text),
                 "%s:%u: the session ends in the middle of a line: it is "
                 "truncated; fetch it anew",
                 file, t.line);
    error->good = t.program->ops;
    classify(t.program);
    list->program = malloc(sizeof(*list->program));
    if ( !list->program )
        abort();
    list->program[0] = t.program;
    list->count = 1;
    return ok && whole;
}
