/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded sessions ("umbra-trace 1") -> programs.
 *
 * M becomes a store, R a register write, and D, F, L, S, E, I what must be
 * observed.  G lines are a help for people and are left out.
 */

#include <scenario/program.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trace {
    const char *file;
    unsigned int line;
    struct program *program;
    struct program_error *error;
    const char *why; /* what is wrong with the present line */
};

/* One hexadecimal number, and the separator behind it. */
static bool get_hex(char **at, uint64_t *value)
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

/* The next word; empty at the end of the line. */
static char *get_word(char **at)
{
    char *word = *at, *end = word + strcspn(word, " ");

    *at = *end ? end + 1 : end;
    *end = 0;
    return word;
}

static bool get_rights(const char *word, uint64_t *value)
{
    for ( const struct name_value *n = names_of(FIELD_RIGHTS); n->name; n++ )
        if ( !strcmp(n->name, word) )
        {
            *value = n->value;
            return true;
        }
    return false;
}

/* Set the n-th field of @op. */
static void set(struct operation *op, unsigned int n, uint64_t value)
{
    op_field_set(op, &op_table[op->code].field[n], value);
}

static bool line_store(struct trace *t, char *at)
{
    uint64_t gpa, value;
    struct operation *op;

    if ( !get_hex(&at, &gpa) || !get_hex(&at, &value) || *at || gpa & 7 )
        return (t->why = "expected: M gpa value, gpa a multiple of 8"), false;
    op = program_append(t->program, OP_STORE, t->line);
    set(op, 0, gpa);
    set(op, 1, value);
    return true;
}

static bool line_write(struct trace *t, char *at)
{
    uint64_t offset, size, value;
    struct operation *op;

    if ( !get_hex(&at, &offset) || !get_hex(&at, &size) ||
         !get_hex(&at, &value) || *at || offset > 0xffff ||
         (size != 1 && size != 2 && size != 4 && size != 8) )
        return (t->why = "expected: R offset size value, size 1, 2, 4 or 8"),
               false;
    op = program_append(t->program, OP_WRITE, t->line);
    set(op, 0, reg_encode((uint32_t)offset, (unsigned int)size));
    set(op, 1, value);
    return true;
}

static bool line_dma(struct trace *t, char *at)
{
    uint64_t sid, iova, gpa, mask, rights;
    struct operation *op;
    const char *pasid;

    t->why = "expected: D sid pasid iova gpa mask perm";
    if ( !get_hex(&at, &sid) || sid > 0xffff )
        return false;
    pasid = get_word(&at);
    if ( !get_hex(&at, &iova) || !get_hex(&at, &gpa) || !get_hex(&at, &mask) ||
         !get_rights(get_word(&at), &rights) || *at )
        return false;
    if ( strcmp(pasid, "-") )
    {
        t->why = "a request with PASID needs scalable mode";
        return false;
    }
    op = program_append(t->program, OP_EXPECT_DMA, t->line);
    set(op, 0, sid);
    set(op, 1, iova);
    set(op, 2, gpa);
    set(op, 3, mask);
    set(op, 4, rights);
    return true;
}

/* LGN.2: where the direction was not recorded, the reason tells. */
#define REASON_WRITE 5

static bool line_fault(struct trace *t, char *at)
{
    uint64_t sid, iova = 0, reason;
    const char *pasid, *direction;
    struct operation *op;
    bool known;

    t->why = "expected: F sid pasid iova reason dir";
    if ( !get_hex(&at, &sid) || sid > 0xffff )
        return false;
    pasid = get_word(&at);
    known = strncmp(at, "- ", 2);
    if ( strcmp(pasid, "-") || (known && !get_hex(&at, &iova)) )
        return false;
    at += known ? 0 : 2;
    if ( !get_hex(&at, &reason) || reason > 0xff )
        return false;
    direction = get_word(&at);
    if ( (strcmp(direction, "r") && strcmp(direction, "w") &&
          strcmp(direction, "-")) ||
         *at )
        return false;
    if ( !known )
        return true; /* an access to nobody knows where can't be repeated */
    op = program_append(t->program, OP_EXPECT_FAULT, t->line);
    set(op, 0, sid);
    set(op, 1, iova);
    set(op, 2, reason);
    set(op, 3,
        *direction == 'w' || (*direction == '-' && reason == REASON_WRITE));
    return true;
}

static bool line_record(struct trace *t, char *at)
{
    uint64_t index, low, high;
    struct operation *op;

    if ( !get_hex(&at, &index) || !get_hex(&at, &low) ||
         !get_hex(&at, &high) || *at || index > 0xff )
        return (t->why = "expected: L index low high"), false;
    op = program_append(t->program, OP_EXPECT_RECORD, t->line);
    set(op, 0, index);
    set(op, 1, low);
    set(op, 2, high);
    return true;
}

/* S gpa value, E address data. */
static bool line_pair(struct trace *t, enum op code, char *at)
{
    uint64_t address, value;
    struct operation *op;

    if ( !get_hex(&at, &address) || !get_hex(&at, &value) || *at ||
         value > UINT32_MAX )
        return (t->why = "expected: an address and a value of 4 bytes"), false;
    op = program_append(t->program, code, t->line);
    set(op, 0, address);
    set(op, 1, value);
    return true;
}

static bool line_interrupt(struct trace *t, char *at)
{
    uint64_t sid, address, data;
    char *word = get_word(&at);
    struct operation *op;

    if ( (strcmp(word, "-") && !get_hex(&word, &sid)) ||
         !get_hex(&at, &address) || !get_hex(&at, &data) || data > UINT32_MAX )
        return (t->why = "expected: I sid address data ..."), false;
    op = program_append(t->program, OP_EXPECT_INTERRUPT, t->line);
    set(op, 0, address);
    set(op, 1, data);
    return true;
}

static bool header(struct trace *t, char *text)
{
    struct program_machine *m = &t->program->machine;
    uint64_t a, b, c;
    char *word = get_word(&text);

    if ( !strcmp(word, "arch") && strcmp(text, "vtd") )
    {
        t->program->needs = strdup("needs the SMMUv3 models");
        return true;
    }
    if ( !strcmp(word, "workload") )
        t->program->title = strdup(text);
    if ( !strcmp(word, "mem") )
    {
        if ( m->regions == MACHINE_MAX_REGIONS || !get_hex(&text, &a) ||
             !get_hex(&text, &b) || *text )
            return (t->why = "expected: # mem base size"), false;
        m->region[m->regions++] = (struct region) {
            a, (b + 0xfff) & ~UINT64_C(0xfff), REGION_RAM
        };
    }
    if ( !strcmp(word, "reg") )
    {
        if ( !get_hex(&text, &a) || !get_hex(&text, &b) ||
             !get_hex(&text, &c) )
            return (t->why = "expected: # reg offset size value name"), false;
        if ( a == 0x00 )
            m->version = (uint32_t)c;
        if ( a == 0x08 )
            m->cap = c;
        if ( a == 0x10 )
            m->ecap = c;
    }
    return true;
}

static bool parse_line(struct trace *t, char *line)
{
    char kind = line[0];

    t->why = "expected one of M R G D F L I S E, a space, and its fields";
    if ( kind == 0 )
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
        return line_record(t, line + 2);
    case 'S':
        return line_pair(t, OP_EXPECT_STATUS, line + 2);
    case 'E':
        return line_pair(t, OP_EXPECT_EVENT, line + 2);
    case 'I':
        return line_interrupt(t, line + 2);
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
        while ( d < m->devices && m->device[d].vsbdf != op_arg(op, 0) )
            d++;
        if ( d < m->devices || d == PROGRAM_MAX_DEVICES )
            continue;
        m->device[d].vsbdf = (uint16_t)op_arg(op, 0);
        snprintf(m->device[d].name, PROGRAM_NAME_LENGTH, "sid%x",
                 m->device[d].vsbdf);
        m->devices++;
    }
}

#define CAP_CM_BIT    (UINT64_C(1) << 7)
#define ECAP_SMTS_BIT (UINT64_C(1) << 43)

static void classify(struct program *program)
{
    struct program_machine *m = &program->machine;

    m->replay = true;
    m->collapse_faults = true;
    program_host_defaults(m);
    if ( !program->needs && m->ecap & ECAP_SMTS_BIT )
        program->needs = strdup("needs scalable mode");
    if ( !(m->cap & CAP_CM_BIT) )
        program->through = 1u << THROUGH_MODEL;
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
